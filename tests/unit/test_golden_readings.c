/*
 * test_golden_readings.c: Sym-GNN's named variants, and its options for other readings of ambiguous
 * passages of the paper, at small dimensions against tests/golden: results; losses, all gradients
 * and the statistics of a training run.  Also values that the options refuse, and defaults, which
 * change neither parameters nor files.  Prints the largest errors.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 2, MAX_PARAMS = 1024 };

static golden_worst worst;

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
    const char *name;
    golden_net n;
} one_case;

/* The model in a net, parameters and poses by rule, run forward. */
static one_case forward(golden *g, const golden_attr *a, bool variants, bool training)
{
    one_case c = {.g = g, .name = strchr(a->name, '.') + 1};
    char of[96];
    const char *options = strchr(a->value, ' ');
    ck_assert_ptr_nonnull(options);
    zoo_model *m = golden_model(g);
    if (variants)
        set_variant(m, c.name);
    else
        golden_model_set_all(m, options + 1);
    c.n = golden_net_open(c.name, m, BATCH, training);
    golden_rule_params(m->params);
    snprintf(of, sizeof of, "%s/%.*s", c.name, (int)(options - a->value), a->value);
    golden_net_poses(&c.n, of);
    if (c.n.ports.labels.id >= 0)
        for (int i = 0; i < BATCH; i++)
            gop_net_value(c.n.net, c.n.ports.labels)[i] = (gop_real)(i * 3 % 4);
    golden_net_forward(&c.n);
    return c;
}

/* A case's tensor is called CASE:WHAT. */
static const char *name_of(char name[96], const one_case *c, const char *what)
{
    snprintf(name, 96, "%s:%s", c->name, what);
    return name;
}

/* The model has exactly the results of the case, with equal values. */
static void expect(const one_case *c, const char *what, gop_var v, golden_worst *w)
{
    char name[96];
    ck_assert_msg((v.id >= 0) == (golden_find(c->g, "out", name_of(name, c, what)) != NULL), "%s",
                  name);
    if (v.id >= 0)
        golden_net_expect(&c->n, c->g, name, v, w);
}

/* Compares the losses. */
static void expect_losses(const one_case *c, golden_worst *w)
{
    const gop_var loss[2] = {c->n.ports.loss_recognition, c->n.ports.loss_prediction};
    gop_real got[2];
    size_t n = 0;
    char name[96];
    for (int i = 0; i < 2; i++)
        if (loss[i].id >= 0)
            got[n++] = *gop_net_value(c->n.net, loss[i]);
    golden_expect(c->g, "out", name_of(name, c, "losses"), got, gop_shape1(n), GOLDEN_FORWARD, w);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gop_param_info *)a)->name, ((const gop_param_info *)b)->name);
}

/* A projection of each parameter's gradient, or of each statistic, against those of `what`, in the
 * order of names.  Errors are relative to the gradient's norm, or absolute if it is zero by
 * algebra. */
static void expect_each(const one_case *c, const char *what, const gop_real *grads, golden_worst *w)
{
    static gop_param_info p[MAX_PARAMS];
    const gop_params *params = c->n.model->params;
    char name[96];
    const golden_tensor *t = golden_get(c->g, "out", name_of(name, c, what));
    size_t n = 0;
    ck_assert_uint_le(gop_params_count(params), MAX_PARAMS);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        p[n] = gop_params_info(params, i);
        n += p[n].trained == (grads != NULL);
    }
    qsort(p, n, sizeof *p, by_name);
    ck_assert_msg(t->size == n, "%s: %zu of %s, not %zu", c->name, n, what, t->size);
    for (size_t i = 0; i < n; i++) {
        const gop_real *v = grads != NULL ? grads + p[i].offset : p[i].data;
        const size_t size = gop_shape_size(p[i].shape);
        gop_real projection[4];
        double norm = 0;
        for (size_t k = 0; k < size; k++)
            norm += (double)v[k] * (double)v[k];
        golden_project(projection, p[i].name, v, size);
        double e = fabs((double)projection[0] - t->v[i]) / (t->v[i] == 0 ? 1 : sqrt(norm));
        golden_hold(c->name, grads != NULL ? "gradient" : "statistic", p[i].name,
                    isnan(e) ? INFINITY : e, grads != NULL ? GOLDEN_GRADIENT : GOLDEN_FORWARD, w);
    }
}

/* Lambda by MGDA's upper bound on the model's shared values. */
static void expect_lambda(one_case *c, golden_worst *w)
{
    char name[96];
    const golden_tensor *t = golden_find(c->g, "out", name_of(name, c, "lambda"));
    const zoo_ports *p = &c->n.ports;
    double lambda = 0;
    ck_assert_msg((t != NULL) == (p->loss_recognition.id >= 0 && p->loss_prediction.id >= 0), "%s",
                  name);
    if (t == NULL)
        return;
    golden_net_mgda(&c->n, GOP_MGDA_UB, &lambda);
    golden_hold(c->name, "out", "lambda", fabs(lambda - t->v[0]), GOLDEN_GRADIENT, w);
}

static void check_case(golden *g, const golden_attr *a, bool variants)
{
    golden_worst w = {0, 0, "", ""};
    one_case c = forward(g, a, variants, false);
    expect(&c, "scores", c.n.ports.scores, &w);
    expect(&c, "poses", c.n.ports.poses, &w);
    golden_net_close(&c.n);
    c = forward(g, a, variants, true);
    expect_losses(&c, &w);
    golden_net_backward(&c.n, golden_number(g, "lam"));
    expect_each(&c, "grads", c.n.grads, &w);
    expect_each(&c, "stats", NULL, &w);
    expect_lambda(&c, &w);
    golden_keep(&worst, c.name, &w);
    golden_net_close(&c.n);
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

/* Parameters that the prediction head shares with the backbone, besides H. */
static const char *const in_common[] = {
    "edge_masks=network", "edge_masks=network scales=part",
    "agim_per=branch",    "edge_masks=network agim_per=branch stream=joint+bone",
    "shared=features",    "edge_masks=network shared=features"};

/* A computed lambda gives the same gradient as the same lambda given. */
START_TEST(lambda_keeps_gradients)
{
    static const gop_mgda_mode mode[] = {GOP_MGDA_EXACT, GOP_MGDA_UB, GOP_MGDA_UB_NORMALISED};
    golden *g = golden_open("symgnn_readings");
    golden_attr a = {.name = "case.lambda"};
    snprintf(a.value, sizeof a.value, "0 %s", in_common[_i]);
    one_case c = forward(g, &a, false, true);
    const size_t size = gop_params_size(c.n.model->params);
    gop_real *found = calloc(size, sizeof *found);
    ck_assert_ptr_nonnull(found);
    for (size_t k = 0; k < sizeof mode / sizeof *mode; k++) {
        double lambda = 0.5, most = 0, apart = 0;
        golden_net_mgda(&c.n, mode[k], &lambda);
        memcpy(found, c.n.grads, size * sizeof *found);
        golden_net_mgda(&c.n, GOP_MGDA_FIXED, &lambda);
        for (size_t i = 0; i < size; i++) {
            most = fmax(most, fabs((double)c.n.grads[i]));
            apart = fmax(apart, fabs((double)c.n.grads[i] - (double)found[i]));
        }
        ck_assert_msg(apart <= GOLDEN_GRADIENT * most, "%s: %.2g", in_common[_i], apart / most);
    }
    /* Masks that both heads read are among the shared values. */
    size_t graphs = strstr(in_common[_i], "shared=features") == NULL;
    size_t masks = strncmp(in_common[_i], "edge_masks", 10) == 0;
    size_t networks = strchr(in_common[_i], '+') != NULL ? 2 : 1;
    size_t actional = strstr(in_common[_i], "part") == NULL;
    ck_assert_uint_eq(c.n.ports.n_shared, networks + graphs * (actional + masks));
    free(found);
    golden_net_close(&c.n);
    golden_close(g);
}
END_TEST

/* ------------------------------------------------------------------ what is refused */

static const struct {
    const char *options, *message;
} refused[] = {
    {"recg_mean=before heads=prediction", "recg_mean=before: the model has no recognition head"},
    {"yhat_from=own", "yhat_from=own: the model has only one network"},
    {"yhat_from=own yhat_input=0 stream=joint+bone",
     "yhat_from=own: the prediction head gets no class probabilities"},
    {"difference_edge=copy orders=0", "difference_edge: the model has no differences"},
    {"difference_edge=pose observed=3 orders=0,3",
     "difference_edge: no frame has a true difference"},
    {"dec_differences=frozen heads=recognition",
     "dec_differences: the model has no prediction head"},
    {"dec_differences=none stream=bone-motion",
     "dec_differences: the model has no prediction head"},
    {"hop_graphs=exact scales=part", "hop_graphs: the model has no structural graph"},
    {"hop_graphs=within joint_graphs=actional", "hop_graphs: the model has no structural graph"},
    {"edge_masks=none joint_graphs=actional scales=joint",
     "edge_masks: the model has no structural graph"},
    {"agim_per=branch joint_graphs=structural", "agim_per=branch: no graph is inferred"},
    {"agim_shared=1 scales=part", "agim_shared: no graph is inferred"},
    {"agim_shared=1 agim_k=1", "agim_shared: sharing needs at least two iterations"},
    {"agim_bn=0 scales=part", "agim_bn=0: no graph is inferred"},
    {"agim_frames=3 joint_graphs=structural", "agim_frames: no graph is inferred"},
    {"agim_frames=9", "agim_frames: fewer frames are observed"},
    {"gc_repeat=2 scales=part", "gc_repeat: the model has no joint scale"},
    {"residual_after=1 widths=4 graph_widths=4 strides=1 kernels=3 fuse_after=",
     "residual_after=1: the model has no residuals"},
    {"part_from=input scales=part", "part_from=input: the model has only one scale"},
    {"fuse_from=after scales=joint", "fuse_from=after: the model has only one scale"},
    {"fuse_from=after fuse_after=", "fuse_from=after: the model has no fusion"},
    {"fuse_from=after widths=4,6 graph_widths= strides=1,1 kernels=3,3 fuse_after=2",
     "fuse_from=after: fusing after the last block leaves different widths; join=add cannot add them"},
    {"join=concat scales=joint", "join=concat: the model has only one scale"},
    {"shared=features heads=recognition", "shared=features: the model has only one loss"},
    {"decoder=dct dec_differences=restart",
     "dec_differences=restart: decoder=dct predicts all poses at once"},
    {"decoder=dct coefficients=9 predicted=8", "coefficients: fewer frames are predicted"},
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
    OK(err, gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err));
    ck_assert_int_eq(recorded(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, &err), &err),
                     GOP_EINVAL);
    ck_assert_str_eq(err.message, refused[_i].message);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
    golden_close(g);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("readings");
    tcase_add_test(c, variants);
    tcase_add_test(c, readings);
    tcase_add_loop_test(c, lambda_keeps_gradients, 0, COUNT(in_common));
    tcase_add_loop_test(c, refuses, 0, COUNT(refused));
    return golden_main("variants and readings", c, &worst);
}
