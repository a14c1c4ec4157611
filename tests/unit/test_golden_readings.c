/*
 * test_golden_readings.c: Sym-GNN's named variants, and its options for other readings of
 * what the paper leaves open, at small dimensions against tests/golden: what they answer;
 * losses, all gradients and the statistics of a training run.  Also what the options
 * refuse, and that those at their defaults change neither parameters nor files.  Prints
 * the largest errors.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "golden_model.h"
#include "golden_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In double, what float32 text holds.  In float, what the reference itself reaches in
 * float32 (make_golden.py prints it), times a few. */
#ifdef GOP_REAL_IS_DOUBLE
#  define FORWARD 2e-7
#  define GRADIENT 2e-7
#else
#  define FORWARD 2e-5
#  define GRADIENT 1e-4
#endif

enum { BATCH = 2, MAX_PARAMS = 1024 };

static golden_worst worst;

#define OK(err, call) ck_assert_msg((call) == GOP_OK, "%s", (err).message)

/* Sets the options of a variant of the model's type. */
static void set_variant(zoo_model *m, const char *name)
{
    const zoo_preset *v = m->type->variants;
    while (v->name != NULL && strcmp(v->name, name) != 0)
        v++;
    ck_assert_msg(v->name != NULL, "there is no variant %s", name);
    golden_model_set_all(m, v->settings);
}

/* One case of a file: "DRAW KEY=VALUE ...". */
typedef struct one_case {
    golden *g;
    const char *name, *draw;
    char text[192];
    zoo_model *model;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
} one_case;

static void rule_poses(const one_case *c, gop_var v, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s/%s/%s", c->name, c->draw, what);
    golden_rule_poses(gop_value(c->net, v), gop_shape_of(c->net, v), name);
}

/* The model in a net, parameters and poses by rule, run forward. */
static one_case forward(golden *g, const golden_attr *a, bool variants, bool training)
{
    gop_error err = {GOP_OK, ""};
    one_case c = {.g = g, .name = strchr(a->name, '.') + 1};
    snprintf(c.text, sizeof c.text, "%s", a->value);
    char *options = strchr(c.text, ' ');
    ck_assert_ptr_nonnull(options);
    *options++ = '\0';
    c.draw = c.text;
    c.model = golden_model(g);
    if (variants)
        set_variant(c.model, c.name);
    else
        golden_model_set_all(c.model, options);
    OK(err, gop_ctx_new(&c.ctx, 2, 0, &err));
    OK(err, gop_net_new(&c.net, c.ctx, c.model->params, training, &err));
    ck_assert_msg(zoo_model_record(c.model, c.net, BATCH, &c.ports, &err) == GOP_OK, "%s: %s",
                  c.name, err.message);
    golden_rule_params(c.model->params);
    rule_poses(&c, c.ports.x, "x");
    if (c.ports.target.id >= 0)
        rule_poses(&c, c.ports.target, "target");
    if (c.ports.labels.id >= 0)
        for (int i = 0; i < BATCH; i++)
            gop_value(c.net, c.ports.labels)[i] = (gop_real)(i * 3 % 4);
    OK(err, gop_forward_checked(c.net, &err));
    return c;
}

static void release(one_case *c)
{
    gop_net_free(c->net);
    gop_ctx_free(c->ctx);
    zoo_model_free(c->model);
}

static const golden_tensor *tensor_of(const one_case *c, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s:%s", c->name, what);
    return golden_find(c->g, "out", name);
}

static void note(double e, double tolerance, const one_case *c, const char *what, golden_worst *w)
{
    const bool gradient = tolerance == GRADIENT && strncmp(what, "gradient", 8) == 0;
    ck_assert_msg(e <= tolerance, "%s: %s is off by %.2g, at most %.0g is allowed", c->name, what,
                  e, tolerance);
    if (gradient && e > w->gradient) {
        w->gradient = e;
        snprintf(w->gradient_at, sizeof w->gradient_at, "%s: %s", c->name, what);
    } else if (!gradient && e > w->forward) {
        w->forward = e;
        snprintf(w->forward_at, sizeof w->forward_at, "%s: %s", c->name, what);
    }
}

/* A result that the case has is there and equal; one that it has not is not there. */
static void expect(const one_case *c, const char *what, gop_var v, golden_worst *w)
{
    const golden_tensor *t = tensor_of(c, what);
    ck_assert_msg((v.id >= 0) == (t != NULL), "%s: %s", c->name, what);
    if (t == NULL)
        return;
    ck_assert(gop_shape_equal(t->shape, gop_shape_of(c->net, v)));
    note(golden_error(gop_value(c->net, v), t->v, t->size), FORWARD, c, what, w);
}

/* lambda L_recg + (1 - lambda) L_pred where there are both, else the one there is. */
static gop_real *backward(const one_case *c, golden_worst *w)
{
    gop_error err = {GOP_OK, ""};
    const gop_real lambda = (gop_real)golden_number(c->g, "lam");
    const golden_tensor *losses = tensor_of(c, "losses");
    gop_real weight[2] = {lambda, 1 - lambda}, got[2];
    gop_var loss[2];
    size_t n = 0;
    if (c->ports.loss_recognition.id >= 0)
        loss[n++] = c->ports.loss_recognition;
    if (c->ports.loss_prediction.id >= 0)
        loss[n++] = c->ports.loss_prediction;
    ck_assert_uint_eq(losses->size, n);
    for (size_t i = 0; i < n; i++)
        got[i] = *gop_value(c->net, loss[i]);
    note(golden_error(got, losses->v, n), FORWARD, c, "losses", w);
    if (n == 1)
        weight[0] = 1;
    gop_real *grads = calloc(gop_params_size(c->model->params), sizeof *grads);
    ck_assert_ptr_nonnull(grads);
    OK(err, gop_backward(c->net, loss, weight, n, NULL, 0, grads, &err));
    return grads;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gop_param_info *)a)->name, ((const gop_param_info *)b)->name);
}

/* A projection of each parameter's gradient, or of each statistic, against those of `what`,
 * which are in the order of names.  Errors are relative to the gradient's norm, or absolute
 * where it is nought by algebra. */
static void expect_each(const one_case *c, const char *what, const gop_real *grads,
                        golden_worst *w)
{
    static gop_param_info p[MAX_PARAMS];
    const gop_params *params = c->model->params;
    const golden_tensor *t = tensor_of(c, what);
    size_t n = 0;
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_le(gop_params_count(params), MAX_PARAMS);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        p[n] = gop_params_get(params, i);
        n += p[n].trained == (grads != NULL);
    }
    qsort(p, n, sizeof *p, by_name);
    ck_assert_msg(t->size == n, "%s: %zu of %s, not %zu", c->name, n, what, t->size);
    for (size_t i = 0; i < n; i++) {
        const gop_real *v = grads != NULL ? grads + p[i].offset : p[i].data;
        const size_t size = gop_shape_size(p[i].shape);
        gop_real projection[4];
        double norm = 0;
        char at[128];
        for (size_t k = 0; k < size; k++)
            norm += (double)v[k] * (double)v[k];
        golden_project(projection, p[i].name, v, size);
        double e = fabs((double)projection[0] - t->v[i]) / (t->v[i] == 0 ? 1 : sqrt(norm));
        snprintf(at, sizeof at, "%s %s", grads != NULL ? "gradient" : "statistic", p[i].name);
        note(isnan(e) ? INFINITY : e, grads != NULL ? GRADIENT : FORWARD, c, at, w);
    }
}

/* Lambda by MGDA's upper bound, on what the model says is shared. */
static void expect_lambda(const one_case *c, gop_real *grads, golden_worst *w)
{
    gop_error err = {GOP_OK, ""};
    gop_mgda_work *mgda = NULL;
    const golden_tensor *t = tensor_of(c, "lambda");
    double lambda = 0;
    ck_assert((t != NULL) ==
              (c->ports.loss_recognition.id >= 0 && c->ports.loss_prediction.id >= 0));
    if (t == NULL)
        return;
    OK(err, gop_mgda_new(&mgda, c->ctx, c->net, c->ports.shared, c->ports.n_shared, &err));
    OK(err, gop_mgda_backward(mgda, c->net, GOP_MGDA_UB, c->ports.loss_recognition,
                              c->ports.loss_prediction, &lambda, grads, &err));
    gop_mgda_free(mgda);
    note(fabs(lambda - t->v[0]), GRADIENT, c, "lambda", w);
}

static void check_case(golden *g, const golden_attr *a, bool variants)
{
    golden_worst w = {0, 0, "", ""};
    one_case c = forward(g, a, variants, false);
    expect(&c, "scores", c.ports.scores, &w);
    expect(&c, "poses", c.ports.poses, &w);
    release(&c);
    c = forward(g, a, variants, true);
    gop_real *grads = backward(&c, &w);
    expect_each(&c, "grads", grads, &w);
    expect_each(&c, "stats", NULL, &w);
    expect_lambda(&c, grads, &w);
    golden_report(c.name, &w);
    golden_keep(&worst, &w);
    free(grads);
    release(&c);
}

static size_t check_file(const char *name, bool variants)
{
    golden *g = golden_open(name);
    size_t n = 0;
    for (size_t i = 0; i < g->n_attrs; i++)
        if (strncmp(g->attr[i].name, "case.", 5) == 0) {
            check_case(g, &g->attr[i], variants);
            n++;
        }
    golden_close(g);
    return n;
}

START_TEST(variants)
{
    ck_assert_uint_eq(check_file("symgnn_variants", true), 18);
}
END_TEST

START_TEST(readings)
{
    ck_assert_uint_eq(check_file("symgnn_readings", false), 33);
}
END_TEST

/* ------------------------------------------------------------------------- lambda */

/* What the prediction head has in common with the backbone beside H. */
static const char *const in_common[] = {
    "edge_masks=network", "edge_masks=network scales=part", "agim_per=branch",
    "edge_masks=network agim_per=branch stream=joint+bone", "shared=features",
    "edge_masks=network shared=features"};

/* The gradient for a lambda that was found is that for the same lambda given. */
START_TEST(lambda_keeps_gradients)
{
    static const gop_mgda mode[] = {GOP_MGDA_EXACT, GOP_MGDA_UB, GOP_MGDA_UB_NORMALISED};
    gop_error err = {GOP_OK, ""};
    golden *g = golden_open("symgnn_readings");
    golden_attr a = {.name = "case.lambda"};
    snprintf(a.value, sizeof a.value, "0 %s", in_common[_i]);
    one_case c = forward(g, &a, false, true);
    const size_t n = gop_params_size(c.model->params);
    gop_real *found = calloc(n, sizeof *found), *given = calloc(n, sizeof *given);
    gop_mgda_work *mgda = NULL;
    ck_assert(found != NULL && given != NULL);
    OK(err, gop_mgda_new(&mgda, c.ctx, c.net, c.ports.shared, c.ports.n_shared, &err));
    for (size_t k = 0; k < sizeof mode / sizeof *mode; k++) {
        double lambda = 0.5, most = 0, apart = 0;
        OK(err, gop_mgda_backward(mgda, c.net, mode[k], c.ports.loss_recognition,
                                  c.ports.loss_prediction, &lambda, found, &err));
        OK(err, gop_mgda_backward(mgda, c.net, GOP_MGDA_FIXED, c.ports.loss_recognition,
                                  c.ports.loss_prediction, &lambda, given, &err));
        for (size_t i = 0; i < n; i++) {
            most = fmax(most, fabs((double)given[i]));
            apart = fmax(apart, fabs((double)given[i] - (double)found[i]));
        }
        ck_assert_msg(apart <= GRADIENT * most, "%s: %.2g", in_common[_i], apart / most);
    }
    /* Masks that both heads read are among what is shared. */
    size_t graphs = strstr(in_common[_i], "shared=features") == NULL;
    size_t masks = strncmp(in_common[_i], "edge_masks", 10) == 0;
    size_t networks = strchr(in_common[_i], '+') != NULL ? 2 : 1;
    size_t actional = strstr(in_common[_i], "part") == NULL;
    ck_assert_uint_eq(c.ports.n_shared, networks + graphs * (actional + masks));
    gop_mgda_free(mgda);
    free(found);
    free(given);
    release(&c);
    golden_close(g);
}
END_TEST

/* -------------------------------------------------------------------------- files */

/* The names that the options for readings have. */
static const char *const named[] = {
    "recg_mean",   "head_layers", "gc_repeat",       "gc_bias",         "agim_per",
    "agim_shared", "agim_bn",     "agim_frames",     "hop_graphs",      "edge_masks",
    "dec_differences",            "difference_edge", "residual_bn",     "yhat_from",
    "residual_after",             "part_from",       "fuse_from",       "join",
    "shared"};

/* Files of models without other readings are what they were: the options that they list
 * end before these. */
START_TEST(defaults_are_not_written)
{
    golden *g = golden_open("symgnn_readings");
    zoo_model *m = golden_model(g);
    size_t first = 0, n = 0;
    while (strcmp(m->type->options[first].key, "recg_mean") != 0)
        first++;
    for (; m->type->options[first + n].key != NULL; n++)
        ck_assert_str_eq(m->type->options[first + n].key, named[n]);
    ck_assert_uint_eq(n, sizeof named / sizeof *named);
    ck_assert_uint_le(m->type->options_always, first);
    zoo_model_free(m);
    golden_close(g);
}
END_TEST

/* ------------------------------------------------------------------ what is refused */

static const struct {
    const char *options, *message;
} refused[] = {
    {"recg_mean=before heads=prediction", "recg_mean=before: there is no recognition head"},
    {"yhat_from=own", "yhat_from=own: there is one network only"},
    {"yhat_from=own yhat_input=0 stream=joint+bone",
     "yhat_from=own: the prediction head is given no class probabilities"},
    {"difference_edge=copy orders=0", "difference_edge: there are no differences"},
    {"difference_edge=pose observed=3 orders=0,3",
     "difference_edge: no frame has a true difference"},
    {"dec_differences=frozen heads=recognition",
     "dec_differences: there is no prediction head"},
    {"dec_differences=none stream=bone-motion", "dec_differences: there is no prediction head"},
    {"hop_graphs=exact scales=part", "hop_graphs: there is no structural graph"},
    {"hop_graphs=within joint_graphs=actional", "hop_graphs: there is no structural graph"},
    {"edge_masks=none joint_graphs=actional scales=joint",
     "edge_masks: there is no structural graph"},
    {"agim_per=branch joint_graphs=structural", "agim_per=branch: no graph is inferred"},
    {"agim_shared=1 scales=part", "agim_shared: no graph is inferred"},
    {"agim_shared=1 agim_k=1", "agim_shared: there are not two iterations to share"},
    {"agim_bn=0 scales=part", "agim_bn=0: no graph is inferred"},
    {"agim_frames=3 joint_graphs=structural", "agim_frames: no graph is inferred"},
    {"agim_frames=9", "agim_frames: there are not so many frames observed"},
    {"gc_repeat=2 scales=part", "gc_repeat: there is no joint scale"},
    {"residual_after=1 widths=4 graph_widths=4 strides=1 kernels=3 fuse_after=",
     "residual_after=1: there are no residuals"},
    {"part_from=input scales=part", "part_from=input: there is one scale only"},
    {"fuse_from=after scales=joint", "fuse_from=after: there is one scale only"},
    {"fuse_from=after fuse_after=", "fuse_from=after: there is no fusion"},
    {"join=concat scales=joint", "join=concat: there is one scale only"},
    {"shared=features heads=recognition", "shared=features: there is one loss only"},
};

START_TEST(refuses)
{
    gop_error err = {GOP_OK, ""};
    golden *g = golden_open("symgnn_readings");
    zoo_model *m = golden_model(g);
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    golden_model_set_all(m, refused[_i].options);
    OK(err, gop_ctx_new(&ctx, 1, 0, &err));
    OK(err, gop_net_new(&net, ctx, m->params, false, &err));
    ck_assert_int_eq(zoo_model_record(m, net, 1, &ports, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, refused[_i].message);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
    golden_close(g);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *s = suite_create("golden values of variants and readings");
    TCase *c = tcase_create("readings");
    tcase_add_test(c, variants);
    tcase_add_test(c, readings);
    tcase_add_loop_test(c, lambda_keeps_gradients, 0, COUNT(in_common));
    tcase_add_test(c, defaults_are_not_written);
    tcase_add_loop_test(c, refuses, 0, COUNT(refused));
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_set_fork_status(runner, CK_NOFORK); /* the largest error is kept in memory */
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    golden_report("readings, worst of all:", &worst);
    return failed == 0 ? 0 : 1;
}
