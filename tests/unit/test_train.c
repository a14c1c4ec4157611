/*
 * test_train.c: initial values of parameters, optimisers, schedules, clipping, and checkpoints of
 * parameters and optimisers.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "graphop.h"
#include "io/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef GOP_REAL_IS_DOUBLE
static const double TOLERANCE = 1e-12;
#else
static const double TOLERANCE = 2e-6;
#endif

static gop_ctx *ctx;
static char file[64];

static void setup(void)
{
    ck_assert_int_eq(gop_ctx_new(&ctx, 2, 0, NULL), GOP_OK);
    snprintf(file, sizeof file, "test_train-%lu.tmp", (unsigned long)getpid());
}

static void teardown(void)
{
    gop_ctx_free(ctx);
    remove(file);
}

/* Makes parameters as nets do, by the letters of `names` in order: 'u' is uniform, 'n' normal, 'c'
 * constant, 's' a statistic. */
static gop_params *make_params(uint64_t seed, const char *names, size_t size)
{
    gop_params *params;
    gop_net *net;

    ck_assert_int_eq(gop_params_new(&params, seed, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, params, GOP_TRAINING, NULL), GOP_OK);
    for (const char *c = names; *c != 0; c++) {
        const char name[2] = {*c, 0};
        if (*c == 's')
            gop_stat(net, name, gop_shape1(3), 0.5);
        else
            gop_param(net, name, gop_shape2(size, 2),
                      *c == 'u'   ? gop_init_uniform(0.3)
                      : *c == 'n' ? gop_init_normal(2)
                                  : gop_init_constant(1.5));
    }
    ck_assert_int_eq(gop_net_status(net), GOP_OK);
    gop_net_free(net);
    return params;
}

static gop_param_info get(const gop_params *params, const char *name)
{
    const size_t i = gop_params_find(params, name);
    ck_assert_uint_ne(i, SIZE_MAX);
    return gop_params_info(params, i);
}

/* ------------------------------------------------------------------ params */

START_TEST(first_values_by_kind)
{
    gop_params *params = make_params(1, "uncs", 5000);
    const gop_real *u = get(params, "u").data, *n = get(params, "n").data;
    const gop_real *c = get(params, "c").data, *s = get(params, "s").data;
    double u2 = 0, n2 = 0;

    for (size_t i = 0; i < 10000; i++) {
        ck_assert(u[i] >= (gop_real)-0.3 && u[i] <= (gop_real)0.3);
        ck_assert(c[i] == (gop_real)1.5);
        u2 += (double)u[i] * (double)u[i];
        n2 += (double)n[i] * (double)n[i];
    }
    ck_assert_double_eq_tol(u2 / 10000, 0.3 * 0.3 / 3, 0.002);
    ck_assert_double_eq_tol(n2 / 10000, 4, 0.25);
    for (size_t i = 0; i < 3; i++)
        ck_assert(s[i] == (gop_real)0.5);
    gop_params_free(params);
    gop_params_free(NULL);
}
END_TEST

START_TEST(first_values_do_not_depend_on_order)
{
    gop_params *a = make_params(7, "ucn", 11), *b = make_params(7, "nsu", 11);
    gop_params *other = make_params(8, "un", 11);
    static const char *const names[] = {"u", "n"};

    for (int i = 0; i < 2; i++) {
        const size_t bytes = 22 * sizeof(gop_real);
        ck_assert_int_eq(memcmp(get(a, names[i]).data, get(b, names[i]).data, bytes), 0);
        ck_assert_int_ne(memcmp(get(a, names[i]).data, get(other, names[i]).data, bytes), 0);
    }
    ck_assert_int_ne(memcmp(get(a, "u").data, get(a, "n").data, 22 * sizeof(gop_real)), 0);
    gop_params_free(a);
    gop_params_free(b);
    gop_params_free(other);
}
END_TEST

START_TEST(flat_vectors_hold_the_tensors)
{
    gop_params *params = make_params(1, "usn", 6);
    const gop_param_info n = get(params, "n"), s = get(params, "s");

    ck_assert_uint_eq(gop_params_count(params), 3);
    ck_assert_uint_eq(gop_params_size(params), 24);
    ck_assert_uint_eq(gop_params_stats_size(params), 3);
    ck_assert_uint_eq(n.offset, 12);
    ck_assert_uint_eq(s.offset, 0);
    ck_assert(n.trained && !s.trained);
    ck_assert_ptr_eq(n.data, gop_params_values(params) + 12);
    ck_assert_ptr_eq(s.data, gop_params_stats(params));
    ck_assert_uint_eq(gop_params_find(params, "absent"), SIZE_MAX);
    gop_params_free(params);
}
END_TEST

static gop_status record_again(gop_params *params, bool stat, gop_shape shape, gop_error *err)
{
    gop_status status;
    gop_net *net;

    ck_assert_int_eq(gop_net_new(&net, ctx, params, GOP_TRAINING, NULL), GOP_OK);
    if (stat)
        gop_stat(net, "u", shape, 0);
    else
        gop_param(net, "u", shape, gop_init_constant(9));
    status = gop_net_plan(net, err);
    gop_net_free(net);
    return status;
}

START_TEST(a_name_is_one_tensor)
{
    gop_params *params = make_params(1, "un", 6);
    const gop_real before = get(params, "u").data[3];
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(record_again(params, false, gop_shape2(6, 2), &err), GOP_OK);
    ck_assert(get(params, "u").data[3] == before);
    ck_assert_int_eq(record_again(params, false, gop_shape2(2, 6), &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "[6, 2]"));
    ck_assert_ptr_nonnull(strstr(err.message, "[2, 6]"));
    ck_assert_int_eq(record_again(params, true, gop_shape2(6, 2), &err), GOP_EINVAL);
    ck_assert_uint_eq(gop_params_count(params), 2);
    gop_params_free(params);
}
END_TEST

/* -------------------------------------------------------------- optimisers */

enum { STEPS = 5 };

/* More elements than one chunk, and no round number. */
enum { HALF = 20003, SIZE = 2 * HALF };

static void draw_grads(gop_real *g, size_t n, uint64_t step)
{
    gop_rng rng = gop_rng_new(99, step);
    for (size_t i = 0; i < n; i++)
        g[i] = (gop_real)gop_rng_normal(&rng);
}

static void expect_close(gop_params *params, const double *want)
{
    const gop_real *p = gop_params_values(params);
    for (size_t i = 0; i < gop_params_size(params); i++)
        ck_assert_msg(fabs((double)p[i] - want[i]) <= TOLERANCE, "element %zu is %g, not %g", i,
                      (double)p[i], want[i]);
}

START_TEST(adam_by_formula)
{
    const gop_adam o = {0.9, 0.99, 1e-8, .weight_decay = _i ? 0.02 : 0};
    const double b1 = o.beta1, b2 = o.beta2, lr = 1e-2;
    gop_params *params = make_params(2, "u", HALF);
    gop_real *g = malloc(SIZE * sizeof *g);
    double *p = malloc(SIZE * sizeof *p);
    double *m = calloc(SIZE, sizeof *m), *v = calloc(SIZE, sizeof *v);
    gop_optimiser *opt;

    ck_assert_int_eq(gop_adam_new(&opt, ctx, params, &o, NULL), GOP_OK);
    for (size_t i = 0; i < SIZE; i++)
        p[i] = (double)gop_params_values(params)[i];
    for (int t = 1; t <= STEPS; t++) {
        draw_grads(g, SIZE, (uint64_t)t);
        gop_optimiser_step(opt, g, 1, lr / t);
        for (size_t i = 0; i < SIZE; i++) {
            const double d = (double)g[i] + o.weight_decay * p[i];
            m[i] = b1 * m[i] + (1 - b1) * d;
            v[i] = b2 * v[i] + (1 - b2) * d * d;
            p[i] -= lr / t * (m[i] / (1 - pow(b1, t))) / (sqrt(v[i] / (1 - pow(b2, t))) + o.eps);
        }
    }
    expect_close(params, p);
    ck_assert_uint_eq(gop_optimiser_steps(opt), STEPS);
    gop_optimiser_free(opt);
    gop_params_free(params);
    free(g);
    free(p);
    free(m);
    free(v);
}
END_TEST

/* Two parameters, the second with factors of rate and decay that two patterns set. */
START_TEST(adamw_by_formula_with_factors)
{
    enum { N = 4 * (HALF / 2) };
    const gop_adam o = {0.9, 0.99, 1e-8, .weight_decay = 0.3};
    const double b1 = o.beta1, b2 = o.beta2, lr = 1e-2;
    gop_params *params = make_params(2, "un", HALF / 2);
    gop_real *g = malloc(N * sizeof *g);
    double *p = malloc(N * sizeof *p);
    double *m = calloc(N, sizeof *m), *v = calloc(N, sizeof *v);
    gop_optimiser *opt;
    gop_error err = {GOP_OK, ""};

    ck_assert_uint_eq(gop_params_size(params), N);
    ck_assert_int_eq(gop_adamw_new(&opt, ctx, params, &o, NULL), GOP_OK);
    ck_assert_int_eq(gop_optimiser_factor(opt, "n", 0.5, 2, NULL), GOP_OK);
    ck_assert_int_eq(gop_optimiser_factor(opt, "?*", 1, 0.25, NULL), GOP_OK);
    ck_assert_int_eq(recorded(gop_optimiser_factor(opt, "n?", 1, 1, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "no trained parameter matches n?"));
    ck_assert_int_eq(gop_optimiser_factor(opt, "*", -1, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_optimiser_factor(opt, "*", 1, INFINITY, NULL), GOP_EINVAL);
    for (size_t i = 0; i < N; i++)
        p[i] = (double)gop_params_values(params)[i];
    for (int t = 1; t <= STEPS; t++) {
        draw_grads(g, N, (uint64_t)t);
        gop_optimiser_step(opt, g, 1, lr / t);
        for (size_t i = 0; i < N; i++) {
            const double rate = lr / t * (i < N / 2 ? 1 : 0.5);
            m[i] = b1 * m[i] + (1 - b1) * (double)g[i];
            v[i] = b2 * v[i] + (1 - b2) * (double)g[i] * (double)g[i];
            p[i] *= 1 - rate * o.weight_decay * (i < N / 2 ? 0.25 : 0.5);
            p[i] -= rate * (m[i] / (1 - pow(b1, t))) / (sqrt(v[i] / (1 - pow(b2, t))) + o.eps);
        }
    }
    expect_close(params, p);
    gop_optimiser_free(opt);
    gop_params_free(params);
    free(g);
    free(p);
    free(m);
    free(v);
}
END_TEST

/* A net of one layer on n of four samples, from sample `from` on. */
static void add_grads(gop_params *params, gop_real *grads, size_t from, size_t n)
{
    static const gop_real x[4][3] = {{1, 2, 3}, {-1, 0.5, 2}, {0.25, -2, 1}, {3, 1, -1}};
    const gop_real one = 1;
    gop_net *net;

    ck_assert_int_eq(gop_net_new(&net, ctx, params, GOP_TRAINING, NULL), GOP_OK);
    gop_var in = gop_input(net, "x", gop_shape2(n, 3));
    gop_var w = gop_param(net, "w", gop_shape2(2, 3), gop_init_uniform(1));
    gop_var y = gop_square(net, gop_linear(net, in, w, gop_none()));
    gop_var loss = gop_mean(net, gop_mean(net, y, 0), 0);
    gop_net_keep(net, loss);
    ck_assert_int_eq(gop_net_plan(net, NULL), GOP_OK);
    memcpy(gop_net_value(net, in), x[from], n * sizeof x[0]);
    ck_assert_int_eq(gop_net_forward(net, NULL), GOP_OK);
    ck_assert_int_eq(
        gop_net_backward(net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads, NULL),
        GOP_OK);
    gop_net_free(net);
}

START_TEST(accumulated_batches_step_as_one)
{
    gop_params *params[2];
    for (size_t way = 0; way < 2; way++) {
        gop_real grads[6] = {0};
        gop_optimiser *opt;
        ck_assert_int_eq(gop_params_new(&params[way], 3, NULL), GOP_OK);
        for (size_t from = 0; from < 4; from += way ? 2 : 4)
            add_grads(params[way], grads, from, way ? 2 : 4);
        ck_assert_int_eq(gop_sgd_new(&opt, ctx, params[way], NULL, NULL), GOP_OK);
        gop_optimiser_step(opt, grads, way ? 0.5 : 1, 0.1);
        gop_optimiser_free(opt);
    }
    for (size_t i = 0; i < 6; i++)
        ck_assert_double_eq_tol((double)gop_params_values(params[0])[i],
                                (double)gop_params_values(params[1])[i], 1e-6);
    gop_params_free(params[0]);
    gop_params_free(params[1]);
}
END_TEST

START_TEST(average_by_formula)
{
    enum { N = 40000 };
    gop_params *params = make_params(2, "un", N / 4), *other = make_params(4, "un", N / 4);
    gop_real *old = malloc(N * sizeof *old), *p = gop_params_values(params);
    double *want = malloc(N * sizeof *want);
    gop_error err = {GOP_OK, ""};
    gop_ema *ema, *again;
    gop_writer *w;
    gop_reader *r;

    ck_assert_int_eq(gop_ema_new(&ema, ctx, params, 1, NULL), GOP_EINVAL);
    ck_assert_ptr_null(ema);
    ck_assert_int_eq(gop_ema_new(&ema, ctx, params, 0.75, NULL), GOP_OK);
    for (size_t i = 0; i < N; i++)
        want[i] = (double)p[i];
    for (int t = 0; t < 3; t++) {
        for (size_t i = 0; i < N; i++) {
            p[i] += (gop_real)0.125;
            want[i] = 0.75 * want[i] + 0.25 * (double)p[i];
        }
        gop_ema_update(ema);
    }
    memcpy(old, p, N * sizeof *old);
    gop_ema_swap(ema);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol((double)p[i], want[i], 1e-6);
    gop_ema_swap(ema);
    ck_assert_int_eq(memcmp(p, old, N * sizeof *old), 0);

    ck_assert_int_eq(gop_writer_open(&w, file, "TST1", 1, NULL), GOP_OK);
    gop_write_ema(w, ema);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
    ck_assert_int_eq(gop_ema_new(&again, ctx, other, 0.75, NULL), GOP_OK);
    ck_assert_int_eq(gop_reader_open(&r, file, "TST1", 1, NULL), GOP_OK);
    gop_read_ema(r, again);
    ck_assert_int_eq(gop_reader_status(r, NULL), GOP_OK);
    gop_reader_free(r);
    gop_ema_swap(again);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol((double)gop_params_values(other)[i], want[i], 1e-6);
    gop_ema_free(again);
    gop_params_free(other);

    other = make_params(4, "u", 4);
    ck_assert_int_eq(gop_ema_new(&again, ctx, other, 0.75, NULL), GOP_OK);
    ck_assert_int_eq(gop_reader_open(&r, file, "TST1", 1, NULL), GOP_OK);
    gop_read_ema(r, again);
    ck_assert_int_eq(gop_reader_status(r, &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "the average is of 40000 parameters, not 8"));
    gop_reader_free(r);
    gop_ema_free(again);
    gop_ema_free(ema);
    gop_params_free(other);
    gop_params_free(params);
    free(old);
    free(want);
}
END_TEST

/* x -> linear -> batch norm -> relu, or tanh -> linear -> mean square. */
static double worst_gradient(bool kinks, uint64_t seed, size_t *param)
{
    gop_params *params;
    gop_net *net;
    gop_error err = {GOP_OK, ""};
    double worst;

    ck_assert_int_eq(gop_params_new(&params, seed, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, params, GOP_TRAINING, NULL), GOP_OK);
    gop_var in = gop_input(net, "x", gop_shape2(400, 8));
    gop_var y = gop_layer_batch_norm(net, "bn", gop_layer_linear(net, "l", in, 16, true), 1e-5,
                                     0.1);
    y = gop_dropout(net, kinks ? gop_relu(net, y) : gop_tanh(net, y), 0.25, 0);
    y = gop_square(net, gop_layer_linear(net, "head", y, 5, true));
    gop_var loss = gop_mean(net, gop_mean(net, y, 0), 0);
    gop_net_keep(net, loss);
    ck_assert_msg(gop_net_plan(net, &err) == GOP_OK, "%s", err.message);
    draw_grads(gop_net_value(net, in), 3200, seed);
    gop_net_random(net, seed, 1);
    const size_t n = gop_params_size(params);
    gop_real *old = malloc(n * sizeof *old);
    memcpy(old, gop_params_values(params), n * sizeof *old);
    const gop_real mean = get(params, "bn.running_mean").data[0];
    ck_assert_msg(gop_net_gradcheck(&worst, param, net, loss, seed, &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_int_eq(memcmp(old, gop_params_values(params), n * sizeof *old), 0);
    ck_assert(get(params, "bn.running_mean").data[0] == mean);
    ck_assert_int_eq(gop_net_gradcheck(&worst, param, net, y, seed, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_net_gradcheck(&worst, NULL, net, loss, seed, NULL), GOP_OK);
    gop_param_check *each = calloc(gop_params_count(params), sizeof *each);
    ck_assert_int_eq(gop_net_gradcheck_each(each, net, loss, seed, &err), GOP_OK);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_check c = each[i];
        ck_assert(c.error <= worst && (i != *param || c.error == worst));
        ck_assert((c.name != NULL) == gop_params_info(params, i).trained);
        ck_assert(c.name == NULL || c.error == fabs(c.slope - c.gradient) / c.norm);
    }
    ck_assert_int_eq(gop_net_gradcheck_each(each, net, y, seed, NULL), GOP_EINVAL);
    free(each);
    free(old);
    gop_net_free(net);
    gop_params_free(params);
    return worst;
}

START_TEST(gradients_need_a_training_net)
{
    gop_params *params;
    gop_net *net;
    gop_error err = {GOP_OK, ""};
    double worst;

    ck_assert_int_eq(gop_params_new(&params, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, params, GOP_INFERENCE, NULL), GOP_OK);
    gop_var y = gop_layer_linear(net, "l", gop_input(net, "x", gop_shape1(8)), 1, true);
    gop_net_keep(net, y);
    ck_assert_int_eq(gop_net_plan(net, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_gradcheck(&worst, NULL, net, y, 1, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "gop_net_gradcheck: the net does not train; record it into a net "
                                  "of mode GOP_TRAINING");
    gop_net_free(net);
    gop_params_free(params);
}
END_TEST

START_TEST(gradients_of_a_whole_net)
{
    size_t param = SIZE_MAX;
    const double worst = worst_gradient(_i & 1, (uint64_t)_i + 1, &param);
    ck_assert_msg(worst < (_i & 1 ? 5e-2 : 1e-2), "the worst error is %g, of parameter %zu", worst,
                  param);
}
END_TEST

START_TEST(sgd_by_formula)
{
    const gop_sgd o = {_i & 4 ? 0.9 : 0, _i & 1, .weight_decay = _i & 2 ? 0.05 : 0};
    const double lr = 1e-2;
    gop_params *params = make_params(2, "u", HALF);
    gop_real *g = malloc(SIZE * sizeof *g);
    double *p = malloc(SIZE * sizeof *p), *v = calloc(SIZE, sizeof *v);
    gop_optimiser *opt;

    ck_assert_int_eq(gop_sgd_new(&opt, ctx, params, &o, NULL), GOP_OK);
    for (size_t i = 0; i < SIZE; i++)
        p[i] = (double)gop_params_values(params)[i];
    for (int t = 1; t <= STEPS; t++) {
        draw_grads(g, SIZE, (uint64_t)t);
        gop_optimiser_step(opt, g, 1, lr);
        for (size_t i = 0; i < SIZE; i++) {
            const double d = (double)g[i] + o.weight_decay * p[i];
            v[i] = o.momentum * v[i] + d;
            p[i] -= lr * (o.nesterov ? d + o.momentum * v[i] : v[i]);
        }
    }
    expect_close(params, p);
    gop_optimiser_free(opt);
    gop_params_free(params);
    free(g);
    free(p);
    free(v);
}
END_TEST

START_TEST(optimisers_refuse_nonsense)
{
    gop_params *params = make_params(2, "u", 4);
    gop_optimiser *opt;
    gop_error err = {GOP_OK, ""};

    static const struct {
        gop_adam adam;
        const char *words;
    } adam[] = {{{1, 0.9, 1e-8, 0}, "beta1 must be in [0, 1), not 1"},
                {{0.9, -0.1, 1e-8, 0}, "beta2 must be in [0, 1), not -0.1"},
                {{0.9, 0.99, 0, 0}, "Adam's eps must be positive, not 0"},
                {{0.9, 0.99, 1e-8, -1}, "weight decay must be 0 or positive, not -1"}};
    static const struct {
        gop_sgd sgd;
        const char *words;
    } sgd[] = {{{NAN, false, 0}, "momentum must be in [0, 1), not nan"},
               {{0.9, false, INFINITY}, "weight decay must be 0 or positive, not inf"}};

    for (size_t i = 0; i < 4; i++) {
        opt = (gop_optimiser *)&err;
        ck_assert_int_eq(recorded(gop_adam_new(&opt, ctx, params, &adam[i].adam, &err), &err),
                         GOP_EINVAL);
        ck_assert_ptr_null(opt);
        ck_assert_ptr_nonnull(strstr(err.message, adam[i].words));
        ck_assert_int_eq(recorded(gop_adamw_new(&opt, ctx, params, &adam[i].adam, &err), &err),
                         GOP_EINVAL);
        ck_assert_ptr_nonnull(strstr(err.message, i < 3 ? "AdamW's " : adam[i].words));
    }
    for (size_t i = 0; i < 2; i++) {
        opt = (gop_optimiser *)&err;
        ck_assert_int_eq(recorded(gop_sgd_new(&opt, ctx, params, &sgd[i].sgd, &err), &err),
                         GOP_EINVAL);
        ck_assert_ptr_null(opt);
        ck_assert_ptr_nonnull(strstr(err.message, sgd[i].words));
    }
    gop_optimiser_free(NULL);
    gop_params_free(params);
}
END_TEST

START_TEST(options_have_defaults)
{
    const gop_adam a = gop_adam_default(), decoupled = gop_adamw_default();
    ck_assert(decoupled.weight_decay == 0.01 && decoupled.beta1 == a.beta1);
    const gop_sgd s = gop_sgd_default();

    ck_assert(a.beta1 == 0.9 && a.beta2 == 0.999 && a.eps == 1e-8 && a.weight_decay == 0);
    ck_assert(s.momentum == 0.9 && s.nesterov && s.weight_decay == 0);
}
END_TEST

START_TEST(steps_are_the_same_at_any_thread_count)
{
    gop_real *g = malloc(SIZE * sizeof *g), *first = malloc(SIZE * sizeof *first);

    for (int threads = 1; threads <= 3; threads++) {
        gop_params *params = make_params(2, "n", HALF);
        gop_optimiser *opt;
        gop_ctx *c;
        double norm;
        ck_assert_int_eq(gop_ctx_new(&c, threads, 0, NULL), GOP_OK);
        ck_assert_int_eq(gop_adam_new(&opt, c, params, NULL, NULL), GOP_OK);
        for (int t = 0; t < STEPS; t++) {
            draw_grads(g, SIZE, (uint64_t)t);
            norm = gop_clip(c, g, SIZE, 1);
            ck_assert(norm > 1);
            gop_optimiser_step(opt, g, 1, 1e-3);
        }
        if (threads == 1)
            memcpy(first, gop_params_values(params), SIZE * sizeof *first);
        else
            ck_assert_int_eq(memcmp(first, gop_params_values(params), SIZE * sizeof *first), 0);
        gop_optimiser_free(opt);
        gop_params_free(params);
        gop_ctx_free(c);
    }
    free(g);
    free(first);
}
END_TEST

/* Without weight decay, with which a compiler might round the sum differently. */
START_TEST(a_scaled_step_is_scaling_and_stepping)
{
    gop_real *g = malloc(SIZE * sizeof *g), *half = malloc(SIZE * sizeof *half);
    gop_params *params[2];

    for (int way = 0; way < 2; way++) {
        gop_optimiser *opt;
        params[way] = make_params(2, "n", HALF);
        ck_assert_int_eq(_i == 0 ? gop_adam_new(&opt, ctx, params[way], NULL, NULL)
                                 : gop_sgd_new(&opt, ctx, params[way], NULL, NULL),
                         GOP_OK);
        for (int t = 0; t < STEPS; t++) {
            draw_grads(g, SIZE, (uint64_t)t);
            for (size_t i = 0; i < SIZE; i++)
                half[i] = (gop_real)0.3 * g[i];
            if (way == 0)
                gop_optimiser_step(opt, half, 1, 1e-3);
            else
                gop_optimiser_step(opt, g, (double)(gop_real)0.3, 1e-3);
        }
        ck_assert_uint_eq(gop_optimiser_steps(opt), STEPS);
        gop_optimiser_free(opt);
    }
    ck_assert_mem_eq(gop_params_values(params[0]), gop_params_values(params[1]), SIZE * sizeof *g);
    gop_params_free(params[0]);
    gop_params_free(params[1]);
    free(g);
    free(half);
}
END_TEST

/* Frozen elements and their moments keep their bytes, and all others get those of a run without
 * freezing.  The ranges overlap, cross chunks and are unordered.  Thawed elements move. */
START_TEST(frozen_elements_stay)
{
    static const size_t range[][2] = {{30000, 7},   {16000, 900},  {0, 3}, {16383, 2},
                                      {16500, 600}, {SIZE - 1, 1}, {5, 0}};
    const bool adam = _i & 1;
    gop_params *moved = make_params(2, "n", HALF), *still = make_params(2, "n", HALF);
    gop_params *before = make_params(2, "n", HALF);
    gop_optimiser *all, *some;
    gop_real *g = malloc(SIZE * sizeof *g);
    bool *frozen = calloc(SIZE, sizeof *frozen);
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(
        adam ? gop_adam_new(&all, ctx, moved, &(gop_adam){.9, .99, 1e-8, .weight_decay = .1}, NULL)
             : gop_sgd_new(&all, ctx, moved, &(gop_sgd){.9, .weight_decay = .1}, NULL),
        GOP_OK);
    ck_assert_int_eq(
        adam ? gop_adam_new(&some, ctx, still, &(gop_adam){.9, .99, 1e-8, .weight_decay = .1}, NULL)
             : gop_sgd_new(&some, ctx, still, &(gop_sgd){.9, .weight_decay = .1}, NULL),
        GOP_OK);
    for (size_t k = 0; k < sizeof range / sizeof *range; k++) {
        ck_assert_int_eq(gop_optimiser_freeze(some, range[k][0], range[k][1], &err), GOP_OK);
        for (size_t i = range[k][0]; i < range[k][0] + range[k][1]; i++)
            frozen[i] = true;
    }
    ck_assert_int_eq(recorded(gop_optimiser_freeze(some, SIZE - 1, 2, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(
        strstr(err.message, "2 elements from 40005 are not among the 40006 trained ones"));
    for (int t = 0; t < STEPS; t++) {
        draw_grads(g, SIZE, (uint64_t)t);
        gop_optimiser_step(all, g, 1, 1e-3);
        gop_optimiser_step(some, g, 1, 1e-3);
    }
    gop_optimiser_mask(all, g);
    ck_assert(g[0] != 0);
    gop_optimiser_mask(some, g);
    for (size_t i = 0; i < SIZE; i++) {
        const gop_real want = gop_params_values(frozen[i] ? before : moved)[i];
        ck_assert_msg(gop_params_values(still)[i] == want, "element %zu", i);
        ck_assert(gop_params_values(before)[i] != gop_params_values(moved)[i]);
        ck_assert((g[i] == 0) == frozen[i]);
    }
    gop_optimiser_thaw(some);
    draw_grads(g, SIZE, STEPS);
    gop_optimiser_step(some, g, 1, 1e-3);
    gop_optimiser_mask(some, g);
    for (size_t i = 0; i < SIZE; i++)
        ck_assert(gop_params_values(still)[i] != gop_params_values(before)[i] && g[i] != 0);
    gop_optimiser_free(all);
    gop_optimiser_free(some);
    gop_params_free(moved);
    gop_params_free(still);
    gop_params_free(before);
    free(g);
    free(frozen);
}
END_TEST

/* --------------------------------------------------- clipping and schedules */

START_TEST(clip_measures_and_scales)
{
    gop_real *g = malloc(SIZE * sizeof *g), *before = malloc(SIZE * sizeof *g);
    double sum = 0, norm;

    draw_grads(g, SIZE, 3);
    memcpy(before, g, SIZE * sizeof *g);
    for (size_t i = 0; i < SIZE; i++)
        sum += (double)g[i] * (double)g[i];
    norm = sqrt(sum);

    ck_assert_double_eq_tol(gop_norm(ctx, g, SIZE), norm, 1e-9 * norm);
    ck_assert_double_eq_tol(gop_clip(ctx, g, SIZE, 0), norm, 1e-9 * norm);
    ck_assert_double_eq_tol(gop_clip(ctx, g, SIZE, 2 * norm), norm, 1e-9 * norm);
    ck_assert_int_eq(memcmp(g, before, SIZE * sizeof *g), 0);
    ck_assert_double_eq_tol(gop_clip(ctx, g, SIZE, 5), norm, 1e-9 * norm);
    for (size_t i = 0; i < SIZE; i++)
        ck_assert_double_eq_tol((double)g[i], (double)before[i] * 5 / norm, 1e-7);
    ck_assert_double_eq_tol(gop_norm(ctx, g, SIZE), 5, 1e-4);
    ck_assert(gop_clip(ctx, g, 0, 1) == 0);
    free(g);
    free(before);
}
END_TEST

START_TEST(clip_shows_what_is_not_finite)
{
    gop_real g[3] = {3, NAN, 4};

    ck_assert(isnan(gop_clip(ctx, g, 3, 1)));
    ck_assert(g[0] == 3 && g[2] == 4);
    g[1] = INFINITY;
    ck_assert(isinf(gop_clip(ctx, g, 3, 1)));
    ck_assert(g[0] == 3 && g[2] == 4);
}
END_TEST

START_TEST(schedules)
{
    double last = 0;

    ck_assert_double_eq_tol(gop_schedule_step(0.1, 0, 10, 0.5), 0.1, 1e-15);
    ck_assert_double_eq_tol(gop_schedule_step(0.1, 9, 10, 0.5), 0.1, 1e-15);
    ck_assert_double_eq_tol(gop_schedule_step(0.1, 10, 10, 0.5), 0.05, 1e-15);
    ck_assert_double_eq_tol(gop_schedule_step(0.1, 35, 10, 0.5), 0.0125, 1e-15);
    ck_assert(gop_schedule_step(0.1, 35, 0, 0.5) == 0.1);

    for (uint64_t s = 0; s < 10; s++) {
        const double lr = gop_schedule_cosine(2, s, 10, 110, 0.1);
        ck_assert(lr > last && lr < 2);
        last = lr;
    }
    ck_assert_double_eq_tol(gop_schedule_cosine(2, 10, 10, 110, 0.1), 2, 1e-12);
    ck_assert_double_eq_tol(gop_schedule_cosine(2, 60, 10, 110, 0.1), 1.1, 1e-12);
    ck_assert_double_eq_tol(gop_schedule_cosine(2, 110, 10, 110, 0.1), 0.2, 1e-12);
    ck_assert_double_eq_tol(gop_schedule_cosine(2, 9999, 10, 110, 0.1), 0.2, 1e-12);
    ck_assert_double_eq_tol(gop_schedule_cosine(2, 0, 0, 0, 0.1), 0.2, 1e-12);
}
END_TEST

/* ------------------------------------------------------------- checkpoints */

static gop_status write_both(const gop_params *params, const gop_optimiser *opt, gop_error *err)
{
    gop_writer *w;

    ck_assert_int_eq(gop_writer_open(&w, file, "TST1", 1, err), GOP_OK);
    gop_write_map(w, 2);
    gop_write_key(w, "params");
    gop_write_params(w, params);
    gop_write_key(w, "optimiser");
    gop_write_optimiser(w, opt);
    return gop_writer_commit(w, err);
}

static void save(const gop_params *params, const gop_optimiser *opt)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(write_both(params, opt, &err) == GOP_OK, "%s", err.message);
}

static gop_status load(gop_params *params, gop_optimiser *opt, gop_error *err)
{
    gop_reader *r;
    gop_status status;

    ck_assert_int_eq(gop_reader_open(&r, file, "TST1", 1, err), GOP_OK);
    ck_assert_uint_eq(gop_read_map(r), 2);
    gop_read_key(r, "params");
    gop_read_params(r, params);
    if (opt != NULL) {
        gop_read_key(r, "optimiser");
        gop_read_optimiser(r, opt);
    }
    status = gop_reader_status(r, err);
    gop_reader_free(r);
    return status;
}

static gop_optimiser *make_optimiser(gop_params *params, bool adam)
{
    gop_optimiser *opt;
    if (adam)
        ck_assert_int_eq(gop_adam_new(&opt, ctx, params, &(gop_adam){0.9, 0.99, 1e-8, 0}, NULL),
                         GOP_OK);
    else
        ck_assert_int_eq(gop_sgd_new(&opt, ctx, params, &(gop_sgd){.momentum = 0.9}, NULL), GOP_OK);
    return opt;
}

static void train(gop_params *params, gop_optimiser *opt, int steps)
{
    const size_t n = gop_params_size(params);
    gop_real *g = malloc(n * sizeof *g);

    for (int t = 0; t < steps; t++) {
        draw_grads(g, n, gop_optimiser_steps(opt));
        gop_optimiser_step(opt, g, 1, 1e-2);
    }
    free(g);
}

/* Files have float32, so the double build is only approximately equal. */
static void expect_same(const gop_params *a, const gop_params *b)
{
    ck_assert_uint_eq(gop_params_count(a), gop_params_count(b));
    for (size_t i = 0; i < gop_params_count(a); i++) {
        const gop_param_info x = gop_params_info(a, i), y = gop_params_info(b, i);
        ck_assert_str_eq(x.name, y.name);
        ck_assert(gop_shape_equal(x.shape, y.shape));
        ck_assert(x.trained == y.trained && x.offset == y.offset);
        for (size_t e = 0; e < gop_shape_size(x.shape); e++)
            if (sizeof(gop_real) == sizeof(float))
                ck_assert(x.data[e] == y.data[e]);
            else
                ck_assert_double_eq_tol((double)x.data[e], (double)y.data[e], 1e-5);
    }
}

/* Stopping, saving, loading and continuing gives the same as not stopping; `_i` & 1: Adam; & 2:
 * into empty parameters, else into recorded ones. */
START_TEST(resuming_changes_nothing)
{
    gop_params *whole = make_params(5, "nsuc", 50), *part = make_params(5, "nsuc", 50);
    gop_params *again = make_params(6, _i & 2 ? "" : "nsuc", 50);
    gop_optimiser *whole_opt = make_optimiser(whole, _i & 1);
    gop_optimiser *part_opt = make_optimiser(part, _i & 1), *again_opt;
    gop_error err = {GOP_OK, ""};

    train(whole, whole_opt, 7);
    train(part, part_opt, 4);
    save(part, part_opt);
    if (_i & 2)
        ck_assert_msg(load(again, NULL, &err) == GOP_OK, "%s", err.message);
    again_opt = make_optimiser(again, _i & 1);
    ck_assert_msg(load(again, again_opt, &err) == GOP_OK, "%s", err.message);
    expect_same(part, again);
    ck_assert_uint_eq(gop_optimiser_steps(again_opt), 4);
    train(again, again_opt, 3);
    expect_same(whole, again);

    gop_optimiser_free(whole_opt);
    gop_optimiser_free(part_opt);
    gop_optimiser_free(again_opt);
    gop_params_free(whole);
    gop_params_free(part);
    gop_params_free(again);
}
END_TEST

static void expect_refusal(const char *names, size_t size, bool adam, const char *words)
{
    gop_params *params = make_params(5, names, size);
    gop_optimiser *opt = make_optimiser(params, adam);
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(load(params, opt, &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, words) != NULL, "\"%s\" does not say \"%s\"", err.message,
                  words);
    ck_assert_ptr_nonnull(strstr(err.message, file));
    gop_optimiser_free(opt);
    gop_params_free(params);
}

START_TEST(another_model_is_refused)
{
    gop_params *params = make_params(5, "nsu", 8);
    gop_optimiser *opt = make_optimiser(params, true);

    save(params, opt);
    expect_refusal("ns", 8, true, "the file has 3 parameters, but the model has 2");
    expect_refusal("nus", 8, true, "parameter 2 is s, but the model has u");
    expect_refusal("nsu", 9, true, "shape [8, 2], but the model has [9, 2]");
    expect_refusal("nsu", 8, false, "adam, not sgd");
    gop_optimiser_free(opt);
    gop_params_free(params);
}
END_TEST

/* Writes as gop_write_params and gop_write_optimiser do for Adam, but any numbers. */
static void save_by_hand(const gop_params *params, const gop_real *moment)
{
    const size_t n = gop_params_size(params);
    gop_writer *w;

    ck_assert_int_eq(gop_writer_open(&w, file, "TST1", 1, NULL), GOP_OK);
    gop_write_map(w, 2);
    gop_write_key(w, "params");
    gop_write_array(w, gop_params_count(params));
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        gop_write_map(w, 4);
        gop_write_key(w, "name");
        gop_write_text(w, p.name);
        gop_write_key(w, "trained");
        gop_write_bool(w, p.trained);
        gop_write_key(w, "shape");
        gop_write_array(w, (size_t)p.shape.rank);
        for (int d = 0; d < p.shape.rank; d++)
            gop_write_uint(w, p.shape.dim[d]);
        gop_write_key(w, "data");
        gop_write_reals(w, p.data, gop_shape_size(p.shape));
    }
    gop_write_key(w, "optimiser");
    gop_write_map(w, 5);
    gop_write_key(w, "kind");
    gop_write_text(w, "adam");
    gop_write_key(w, "steps");
    gop_write_uint(w, 1);
    gop_write_key(w, "size");
    gop_write_uint(w, n);
    gop_write_key(w, "first");
    gop_write_reals(w, moment, n);
    gop_write_key(w, "second");
    gop_write_reals(w, moment, n);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
}

/* A NaN must not be read as a model. */
START_TEST(not_finite_is_refused)
{
    gop_params *params = make_params(5, "nsu", 8);
    gop_real *u = get(params, "u").data;
    gop_real moment[32] = {0};

    ck_assert_uint_eq(gop_params_size(params), 32);
    save_by_hand(params, moment);
    u[3] = NAN;
    save_by_hand(params, moment);
    expect_refusal("nsu", 8, true, "u holds a NaN");
    u[3] = 0;
    moment[30] = INFINITY;
    save_by_hand(params, moment);
    expect_refusal("nsu", 8, true, "moment holds a NaN or an infinity");
    gop_params_free(params);
}
END_TEST

static void expect_unwritten(const gop_params *params, const gop_optimiser *opt, const char *words)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(write_both(params, opt, &err), GOP_ENUMERIC);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
}

/* A NaN must not replace a readable model either. */
START_TEST(not_finite_is_not_written)
{
    gop_params *params = make_params(5, "nsu", 8);
    gop_optimiser *opt = make_optimiser(params, true);
    gop_real *u = get(params, "u").data, *s = get(params, "s").data;
    const gop_real kept = u[3];
    gop_error err = {GOP_OK, ""};
    gop_real g[32];

    save(params, opt);
    u[3] = NAN;
    expect_unwritten(params, opt, "parameter u holds a NaN or an infinity");
    u[3] = kept;
    s[2] = -INFINITY;
    expect_unwritten(params, opt, "parameter s holds a NaN or an infinity");
    s[2] = 0.5;
    draw_grads(g, 32, 1);
    g[30] = INFINITY;
    gop_optimiser_step(opt, g, 1, 0);
    for (size_t i = 0; i < 16; i++)
        u[i] = kept;
    expect_unwritten(params, opt, "the optimiser's first moment holds a NaN or an infinity");
    gop_optimiser_free(opt);
    opt = make_optimiser(params, true);
    ck_assert_msg(load(params, opt, &err) == GOP_OK, "%s", err.message);
    gop_optimiser_free(opt);
    gop_params_free(params);
}
END_TEST

/* One parameter "x" of the given shape, followed by `data` elements. */
static void save_one(size_t rank, const uint64_t *dim, size_t copies, size_t data)
{
    const gop_real x[8] = {0};
    gop_writer *w;

    ck_assert_int_eq(gop_writer_open(&w, file, "TST1", 1, NULL), GOP_OK);
    gop_write_map(w, 2);
    gop_write_key(w, "params");
    gop_write_array(w, copies);
    for (size_t c = 0; c < copies; c++) {
        gop_write_map(w, 4);
        gop_write_key(w, "name");
        gop_write_text(w, "x");
        gop_write_key(w, "trained");
        gop_write_bool(w, true);
        gop_write_key(w, "shape");
        gop_write_array(w, rank);
        for (size_t d = 0; d < rank; d++)
            gop_write_uint(w, dim[d]);
        gop_write_key(w, "data");
        gop_write_reals(w, x, data);
    }
    gop_write_key(w, "optimiser");
    gop_write_bool(w, false);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
}

START_TEST(lies_about_size_are_caught)
{
    static const struct {
        size_t rank, copies, data;
        uint64_t dim[5];
        const char *words;
    } lie[] = {
        {1, 1, 8, {1000000}, "larger than the rest of the file"},
        {2, 1, 8, {UINT64_C(1) << 33, UINT64_C(1) << 33}, "larger than the rest of the file"},
        {4, 1, 8, {UINT64_MAX, UINT64_MAX, UINT64_MAX, 2}, "larger than the rest of the file"},
        {5, 1, 1, {1, 1, 1, 1, 1}, "5 axes"},
        {1, 2, 8, {8}, "x is listed twice"},
        {1, 1, 8, {7}, ""},
    };
    gop_params *params;
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_params_new(&params, 0, NULL), GOP_OK);
    save_one(lie[_i].rank, lie[_i].dim, lie[_i].copies, lie[_i].data);
    ck_assert_int_eq(load(params, NULL, &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, lie[_i].words) != NULL, "%s", err.message);
    gop_params_free(params);
}
END_TEST

TEST_MAIN("train")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, first_values_by_kind);
    tcase_add_test(t, first_values_do_not_depend_on_order);
    tcase_add_test(t, flat_vectors_hold_the_tensors);
    tcase_add_test(t, a_name_is_one_tensor);
    tcase_add_loop_test(t, adam_by_formula, 0, 2);
    tcase_add_loop_test(t, sgd_by_formula, 0, 8);
    tcase_add_test(t, adamw_by_formula_with_factors);
    tcase_add_test(t, accumulated_batches_step_as_one);
    tcase_add_test(t, average_by_formula);
    tcase_add_loop_test(t, gradients_of_a_whole_net, 0, 6);
    tcase_add_test(t, gradients_need_a_training_net);
    tcase_add_test(t, optimisers_refuse_nonsense);
    tcase_add_test(t, options_have_defaults);
    tcase_add_test(t, steps_are_the_same_at_any_thread_count);
    tcase_add_loop_test(t, a_scaled_step_is_scaling_and_stepping, 0, 2);
    tcase_add_loop_test(t, frozen_elements_stay, 0, 2);
    tcase_add_test(t, clip_measures_and_scales);
    tcase_add_test(t, clip_shows_what_is_not_finite);
    tcase_add_test(t, schedules);
    tcase_add_loop_test(t, resuming_changes_nothing, 0, 4);
    tcase_add_test(t, another_model_is_refused);
    tcase_add_test(t, not_finite_is_refused);
    tcase_add_test(t, not_finite_is_not_written);
    tcase_add_loop_test(t, lies_about_size_are_caught, 0, 6);
}
