/*
 * test_samples.c: predictions drawn by dropout, ensembles of models that predict, and the mean and
 * spread of both, against plain loops over single runs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "scratch.h"
#include "trainer_fixture.h"

#include <math.h>
#include <stdlib.h>

enum { OBSERVED = 10, PREDICTED = 4, M = 22, C = 3, X = M * OBSERVED * C, Y = M * PREDICTED * C };
enum { RUNS = 7, MEMBERS = 3, CLASSES = 8 };

static gop_real x[X];

static void open_data(void)
{
    scratch_open();
    setup();
    ck_assert_uint_eq(data->domain.actions, CLASSES);
    for (size_t i = 0; i < X; i++)
        x[i] = (gop_real)sin(0.7 * (double)i);
}

static void close_data(void)
{
    teardown();
    scratch_close();
}

static void set(zoo_model *m, const char *key, const char *value)
{
    CHECK(zoo_model_set(m, key, value, &err));
}

/* Moves all parameters: some types begin with weights that are almost 0. */
static void shake(zoo_model *m, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, 1);
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        for (size_t k = 0; k < gop_shape_size(p.shape) && p.trained; k++)
            p.data[k] += (gop_real)(0.1 * gop_rng_uniform(&rng));
    }
    gop_params_changed(m->params);
}

/* A model of OBSERVED to PREDICTED frames whose parameters are made. */
static zoo_model *model_of(const char *type, const char *dropout, uint64_t seed)
{
    gop_ctx *ctx;
    zoo_inference *inf;
    zoo_model *m;
    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, type), NULL, &data->domain, seed, &err));
    set(m, "observed", "10");
    set(m, "predicted", "4");
    if (strcmp(type, "ltd") == 0) {
        set(m, "coefficients", "9");
        set(m, "hidden", "6");
        set(m, "blocks", "1");
        set(m, "dropout", dropout);
    } else if (strcmp(type, "ressup") == 0) {
        set(m, "hidden", "6");
        set(m, "actions", "1");
    } else if (strcmp(type, "symgnn") == 0) {
        set(m, "widths", "4,6,8,8");
        set(m, "kernels", "5,5,3,3");
        set(m, "hidden", "8");
        set(m, "agim_dim", "6");
    }
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inf, ctx, m, 1, &err));
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
    shake(m, seed);
    return m;
}

typedef struct ready {
    gop_ctx *ctx;
    zoo_inference *inference;
} ready;

static ready use(const zoo_model *m, int threads, size_t member, bool samples)
{
    const zoo_use how = {.batch = 1, .member = member, .samples = samples};
    ready r;
    CHECK(gop_ctx_new(&r.ctx, threads, 0, &err));
    CHECK(zoo_inference_new_for(&r.inference, r.ctx, m, &how, &err));
    return r;
}

static void unuse(ready *r)
{
    zoo_inference_free(r->inference);
    gop_ctx_free(r->ctx);
}

/* The answer of a model, or of a member of an ensemble, to x. */
static void answer(gop_real *poses, gop_real *scores, const zoo_model *m, size_t member)
{
    ready r = use(m, 1, member, false);
    CHECK(zoo_inference_run(r.inference, x, NULL, scores, poses, &err));
    unuse(&r);
}

/* Mean and deviation of n values y[0], y[stride], .. */
static void by_hand(double *mean, double *deviation, const gop_real *y, size_t stride, size_t n)
{
    double square = 0;
    *mean = 0;
    for (size_t i = 0; i < n; i++)
        *mean += (double)y[i * stride] / (double)n;
    for (size_t i = 0; i < n; i++)
        square += pow((double)y[i * stride] - *mean, 2);
    *deviation = sqrt(square / (double)n);
}

/* Compares with the n answers y [n, size]; returns the greatest deviation. */
static double compare(const gop_real *mean, const gop_real *deviation, const gop_real *y,
                      size_t size, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < size; i++) {
        double m, d;
        by_hand(&m, &d, y + i, size, n);
        const double close = 2e-6 * (1 + fabs(m));
        ck_assert_double_eq_tol((double)mean[i], m, close);
        if (deviation != NULL)
            ck_assert_double_eq_tol((double)deviation[i], d, close);
        most = d > most ? d : most;
    }
    return most;
}

static void sample(const ready *r, size_t n_by, size_t n, uint64_t seed, gop_real *poses,
                   gop_real *deviation)
{
    zoo_predictor by[MEMBERS];
    for (size_t k = 0; k < n_by; k++) {
        CHECK(zoo_inference_seed(r[k].inference, seed, &err));
        by[k] = zoo_inference_predictor(r[k].inference);
    }
    CHECK(zoo_sample(by, n_by, n, x, NULL, NULL, poses, deviation, &err));
}

/* ------------------------------------------------------------------------- dropout */

START_TEST(mean_and_deviation_are_those_of_the_runs)
{
    zoo_model *m = model_of("ltd", "0.3", 1);
    ready r = use(m, 1, 0, true);
    static gop_real y[RUNS][Y], mean[Y], deviation[Y];
    ck_assert(zoo_inference_draws(r.inference));
    CHECK(zoo_inference_seed(r.inference, 5, &err));
    for (size_t i = 0; i < RUNS; i++)
        CHECK(zoo_inference_run(r.inference, x, NULL, NULL, y[i], &err));
    ck_assert(memcmp(y[0], y[1], sizeof y[0]) != 0);
    sample(&r, 1, RUNS, 5, mean, deviation);
    ck_assert_double_gt(compare(mean, deviation, y[0], Y, RUNS), 1e-3);

    sample(&r, 1, 1, 5, mean, deviation);
    ck_assert(memcmp(mean, y[0], sizeof mean) == 0);
    for (size_t i = 0; i < Y; i++)
        ck_assert(deviation[i] == 0);
    sample(&r, 1, 1, 6, mean, deviation);
    ck_assert(memcmp(mean, y[0], sizeof mean) != 0);
    unuse(&r);
    zoo_model_free(m);
}
END_TEST

START_TEST(draws_do_not_depend_on_threads)
{
    zoo_model *m = model_of("ltd", "0.5", 1);
    static gop_real mean[2][Y], deviation[2][Y];
    for (int threads = 1; threads <= 2; threads++) {
        ready r = use(m, threads, 0, true);
        sample(&r, 1, 5, 9, mean[threads - 1], deviation[threads - 1]);
        unuse(&r);
    }
    ck_assert(memcmp(mean[0], mean[1], sizeof mean[0]) == 0);
    ck_assert(memcmp(deviation[0], deviation[1], sizeof deviation[0]) == 0);
    zoo_model_free(m);
}
END_TEST

/* Inferences that draw nothing: not made for samples, of a rate of 0, of a type without dropout. */
START_TEST(without_dropout_nothing_draws)
{
    static const char *const type[] = {"ltd", "ltd", "simlpe"};
    static const char *const rate[] = {"0.3", "0", ""};
    for (size_t k = 0; k < 3; k++) {
        zoo_model *m = model_of(type[k], rate[k], 1);
        ready r = use(m, 1, 0, k > 0);
        gop_real a[Y], b[Y];
        ck_assert(!zoo_inference_draws(r.inference));
        CHECK(zoo_inference_run(r.inference, x, NULL, NULL, a, &err));
        CHECK(zoo_inference_run(r.inference, x, NULL, NULL, b, &err));
        ck_assert(memcmp(a, b, sizeof a) == 0);
        unuse(&r);
        zoo_model_free(m);
    }
}
END_TEST

/* A value that depends on parameters alone is computed once, unless it is drawn. */
START_TEST(a_sampling_net_draws_in_each_run)
{
    static const gop_net_mode modes[] = {GOP_SAMPLING, GOP_INFERENCE, GOP_TRAINING};
    gop_ctx *ctx;
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (size_t k = 0; k < 3; k++) {
        gop_params *params;
        gop_net *net;
        gop_real first[64];
        CHECK(gop_params_new(&params, 1, &err));
        CHECK(gop_net_new(&net, ctx, params, modes[k], &err));
        ck_assert(gop_net_draws(net) == (modes[k] != GOP_INFERENCE));
        ck_assert(gop_net_training(net) == (modes[k] == GOP_TRAINING));
        const gop_var w = gop_param(net, "w", gop_shape2(1, 64), gop_init_constant(1));
        const gop_var y = gop_scale(net, gop_dropout(net, w, 0.5, GOP_DROP_ELEMENTS), 3);
        gop_net_keep(net, y);
        CHECK(gop_net_plan(net, &err));
        gop_params_close(params);
        ck_assert(!gop_net_drawn(net, w));
        ck_assert(gop_net_drawn(net, y) == (modes[k] != GOP_INFERENCE));
        ck_assert(!gop_net_drawn(net, gop_none()));
        for (uint64_t i = 0; i < 2; i++) {
            gop_net_random(net, 1, i);
            CHECK(gop_net_forward(net, &err));
            if (i == 0)
                memcpy(first, gop_net_value(net, y), sizeof first);
        }
        ck_assert((memcmp(first, gop_net_value(net, y), sizeof first) != 0) ==
                  (modes[k] != GOP_INFERENCE));
        gop_net_free(net);
        gop_params_free(params);
    }
    gop_ctx_free(ctx);
}
END_TEST

/* ----------------------------------------------------------------------- ensembles */

static const char *const types[] = {"ltd", "simlpe", "ressup", "symgnn"};
enum { TYPES = sizeof types / sizeof *types };

START_TEST(an_ensemble_answers_the_mean)
{
    static gop_real y[MEMBERS][Y], p[MEMBERS][CLASSES], mean[Y], deviation[Y], scores[CLASSES];
    zoo_model *m[MEMBERS], *fused, *copy;
    const zoo_model *of[MEMBERS];
    ready r[MEMBERS];
    const char *path = scratch_path("mean.gop");
    for (size_t k = 0; k < MEMBERS; k++) {
        of[k] = m[k] = model_of(types[_i], "0.3", k + 1);
        answer(y[k], p[k], m[k], 0);
    }
    CHECK(zoo_model_fuse(&fused, of, MEMBERS, NULL, &err));
    ck_assert_uint_eq(fused->members, MEMBERS);
    answer(mean, scores, fused, 0);
    ck_assert_double_gt(compare(mean, NULL, y[0], Y, MEMBERS), 1e-4);
    if (zoo_model_recognises(fused))
        compare(scores, NULL, p[0], CLASSES, MEMBERS);

    CHECK(zoo_model_save(fused, path, &err));
    CHECK(zoo_model_load(&copy, NULL, path, &err));
    ck_assert_uint_eq(copy->members, MEMBERS);
    for (size_t k = 0; k < MEMBERS; k++) {
        answer(mean, NULL, copy, k + 1);
        ck_assert(memcmp(mean, y[k], sizeof mean) == 0);
        r[k] = use(copy, 1, k + 1, false);
    }
    sample(r, MEMBERS, MEMBERS, 0, mean, deviation);
    compare(mean, deviation, y[0], Y, MEMBERS);
    for (size_t k = 0; k < MEMBERS; k++) {
        unuse(&r[k]);
        zoo_model_free(m[k]);
    }
    zoo_model_free(fused);
    zoo_model_free(copy);
}
END_TEST

static void assert_refused(const zoo_model *const *of, size_t n, size_t which, const char *why)
{
    zoo_model *m;
    size_t at;
    ck_assert_int_eq(recorded(zoo_model_fuse(&m, of, n, &at, &err), &err), GOP_EINVAL);
    ck_assert_ptr_null(m);
    ck_assert_uint_eq(at, which);
    ck_assert_msg(strstr(err.message, why) != NULL, "%s", err.message);
}

START_TEST(what_is_no_ensemble)
{
    zoo_model *a = model_of("ltd", "0.3", 1), *b = model_of("ltd", "0.3", 2), *fused;
    zoo_model *other = model_of("ltd", "0.2", 3);
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    zoo_inference *inf;
    assert_refused((const zoo_model *[]){a, other}, 2, 1, "dropout differs");
    assert_refused((const zoo_model *[]){a, b, a}, 3, 2, "the same parameters as model 1");
    CHECK(zoo_model_fuse(&fused, (const zoo_model *[]){a, b}, 2, NULL, &err));
    assert_refused((const zoo_model *[]){fused, other}, 2, 0, "already is an ensemble");

    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    ck_assert_int_eq(
        recorded(zoo_inference_new_for(&inf, ctx, fused, &(zoo_use){.batch = 1, .member = 3}, &err),
                 &err),
        GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_inference_new_for(&inf, ctx, a, &(zoo_use){.batch = 1, .member = 1}, &err),
                 &err),
        GOP_EINVAL);
    CHECK(gop_net_new(&net, ctx, fused->params, GOP_TRAINING, &err));
    ck_assert_int_eq(
        recorded(zoo_model_record(fused, net, &(zoo_use){.batch = 1}, &ports, &err), &err),
        GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "cannot be trained") != NULL, "%s", err.message);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(a);
    zoo_model_free(b);
    zoo_model_free(other);
    zoo_model_free(fused);
}
END_TEST

START_TEST(samples_check_their_arguments)
{
    zoo_model *m = model_of("simlpe", "", 1);
    ready r = use(m, 1, 0, false);
    const zoo_predictor by = zoo_inference_predictor(r.inference);
    zoo_predictor bad[2] = {by, by};
    gop_real y[Y];
#define REFUSED(...) \
    ck_assert_int_eq(recorded(zoo_sample(__VA_ARGS__, NULL, NULL, y, NULL, &err), &err), GOP_EINVAL)
    REFUSED(NULL, 1, 1, x);
    REFUSED(&by, 0, 1, x);
    REFUSED(&by, 1, 0, x);
    REFUSED(&by, 1, ZOO_MAX_SAMPLES + 1, x);
    REFUSED(&by, 1, 1, NULL);
    bad[1].predicted = 1;
    REFUSED(bad, 2, 2, x);
    bad[1] = by;
    bad[1].domain = NULL;
    REFUSED(bad, 2, 2, x);
    bad[1] = by;
    bad[1].run = NULL;
    REFUSED(bad, 2, 2, x);
    CHECK(zoo_sample(&by, 1, 1, x, NULL, NULL, NULL, NULL, &err));
    unuse(&r);
    zoo_model_free(m);
}
END_TEST

TEST_MAIN("samples")
{
    tcase_add_checked_fixture(t, open_data, close_data);
    tcase_add_test(t, mean_and_deviation_are_those_of_the_runs);
    tcase_add_test(t, draws_do_not_depend_on_threads);
    tcase_add_test(t, without_dropout_nothing_draws);
    tcase_add_test(t, a_sampling_net_draws_in_each_run);
    tcase_add_loop_test(t, an_ensemble_answers_the_mean, 0, TYPES);
    tcase_add_test(t, what_is_no_ensemble);
    tcase_add_test(t, samples_check_their_arguments);
}
