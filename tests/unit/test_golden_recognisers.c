/*
 * test_golden_recognisers.c: ST-GCN and 2s-AGCN at small dimensions against
 * tests/golden, through the zoo's public interface: scores of an inference run; scores,
 * loss, all gradients and the statistics of a training run.  Prints the largest errors.
 * Also on layouts of other shapes, and where dropout begins.
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
 * float32 (make_recognisers.py prints it), times a few. */
#ifdef GOP_REAL_IS_DOUBLE
#  define FORWARD 2e-7
#  define GRADIENT 2e-7
#else
#  define FORWARD 2e-5
#  define GRADIENT 1e-4
#endif

static golden_worst worst;

#define OK(err, call) ck_assert_msg((call) == GOP_OK, "%s", (err).message)

static const char *const cases[] = {"stgcn_tiny", "stgcn_plain", "stgcn_ntu25", "agcn_joint",
                                    "agcn_bone",  "agcn_both",   "agcn_ntu25"};

typedef struct recorded {
    golden *g;
    zoo_model *model;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
} recorded;

/* The case's model in a net, parameters and poses by rule, run forward. */
static recorded forward(const char *name, bool training)
{
    gop_error err = {GOP_OK, ""};
    recorded r = {.g = golden_open(name)};
    char x[80];
    r.model = golden_recogniser(r.g);
    if (r.model->type == zoo_model_type_find("stgcn"))
        golden_model_set(r.model, "dropout", "0");
    OK(err, gop_ctx_new(&r.ctx, 2, 0, &err));
    OK(err, gop_net_new(&r.net, r.ctx, r.model->params, training, &err));
    OK(err, zoo_model_record(r.model, r.net, (size_t)golden_number(r.g, "batch"), &r.ports, &err));
    golden_rule_params(r.model->params);
    snprintf(x, sizeof x, "%s/x", name);
    golden_rule_poses(gop_value(r.net, r.ports.x), gop_shape_of(r.net, r.ports.x), x);
    if (training)
        golden_copy(gop_value(r.net, r.ports.labels), gop_shape_of(r.net, r.ports.labels), r.g,
                    "in", "labels");
    OK(err, gop_forward_checked(r.net, &err));
    return r;
}

static void release(recorded *r)
{
    gop_net_free(r->net);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->model);
    golden_close(r->g);
}

static void expect(const recorded *r, const char *name, gop_var v, golden_worst *w)
{
    golden_expect_worst(r->g, "out", name, gop_value(r->net, v), gop_shape_of(r->net, v), FORWARD,
                        w);
}

static void keep_worst(const char *what, const golden_worst *w)
{
    golden_report(what, w);
    golden_keep(&worst, w);
}

START_TEST(answers)
{
    recorded r = forward(cases[_i], false);
    golden_worst w = {0, 0, "", ""};
    expect(&r, "scores", r.ports.scores, &w);
    ck_assert_int_lt(r.ports.poses.id, 0);
    keep_worst(cases[_i], &w);
    release(&r);
}
END_TEST

/* The gradient on one parameter, or what the file holds of it. */
static void expect_gradient(const recorded *r, gop_param_info p, const gop_real *grad,
                            golden_worst *w)
{
    gop_real some[4];
    if (golden_find(r->g, "gpar", p.name) != NULL) {
        golden_expect_worst(r->g, "gpar", p.name, grad, p.shape, GRADIENT, w);
        return;
    }
    golden_project(some, p.name, grad, gop_shape_size(p.shape));
    golden_expect_worst(r->g, "gdot", p.name, some, gop_shape1(4), GRADIENT, w);
}

/* Results of the case that a training run has beside scores and loss. */
static size_t count_tensors(const golden *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_tensors; i++)
        n += strcmp(g->tensor[i].kind, "out") != 0 && strcmp(g->tensor[i].kind, "in") != 0;
    return n;
}

START_TEST(gradients)
{
    const gop_real one = 1;
    gop_error err = {GOP_OK, ""};
    recorded r = forward(cases[_i], true);
    golden_worst w = {0, 0, "", ""};
    gop_params *params = r.model->params;
    gop_real *grads = calloc(gop_params_size(params), sizeof *grads);
    ck_assert_ptr_nonnull(grads);
    ck_assert_int_lt(r.ports.loss_prediction.id, 0);
    expect(&r, "train_scores", r.ports.scores, &w);
    expect(&r, "loss", r.ports.loss_recognition, &w);
    OK(err, gop_backward(r.net, &r.ports.loss_recognition, &one, 1, NULL, 0, grads, &err));
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_get(params, i);
        if (p.trained)
            expect_gradient(&r, p, grads + p.offset, &w);
        else
            golden_expect_worst(r.g, "aft", p.name, p.data, p.shape, FORWARD, &w);
    }
    ck_assert_uint_eq(gop_params_count(params), count_tensors(r.g));
    keep_worst(cases[_i], &w);
    free(grads);
    release(&r);
}
END_TEST

/* Whether two training runs of a net drop the same values. */
static bool same_twice(recorded *r)
{
    gop_real first[64];
    const size_t n = gop_shape_size(gop_shape_of(r->net, r->ports.scores));
    ck_assert_uint_le(n, 64);
    gop_net_random(r->net, 1, 1);
    ck_assert_int_eq(gop_forward(r->net, NULL), GOP_OK);
    memcpy(first, gop_value(r->net, r->ports.scores), n * sizeof *first);
    gop_net_random(r->net, 1, 2);
    ck_assert_int_eq(gop_forward(r->net, NULL), GOP_OK);
    return memcmp(first, gop_value(r->net, r->ports.scores), n * sizeof *first) == 0;
}

/* As published, ST-GCN's first block has no dropout; all others have. */
START_TEST(dropout_begins_at_the_second_block)
{
    for (int blocks = 1; blocks <= 2; blocks++) {
        gop_error err = {GOP_OK, ""};
        recorded r = {.g = golden_open("stgcn_tiny")};
        r.model = golden_recogniser(r.g);
        golden_model_set(r.model, "widths", blocks == 1 ? "4" : "4,4");
        golden_model_set(r.model, "strides", blocks == 1 ? "1" : "1,1");
        golden_model_set(r.model, "dropout", "0.5");
        OK(err, gop_ctx_new(&r.ctx, 1, 0, &err));
        OK(err, gop_net_new(&r.net, r.ctx, r.model->params, true, &err));
        OK(err, zoo_model_record(r.model, r.net, 2, &r.ports, &err));
        golden_rule_poses(gop_value(r.net, r.ports.x), gop_shape_of(r.net, r.ports.x), "x");
        ck_assert_int_eq(same_twice(&r), blocks == 1);
        release(&r);
    }
}
END_TEST

/* Layouts that no file here has: a star about a leaf, a chain from its end, one node. */
START_TEST(any_tree_will_do)
{
    static const gop_edge star[] = {{0, 1}, {0, 2}, {3, 0}, {4, 0}};
    for (int k = 0; k < 3; k++) {
        const gop_real one = 1;
        gop_error err = {GOP_OK, ""};
        recorded r = {.g = golden_open(cases[_i])};
        r.model = golden_recogniser(r.g);
        zoo_layout *l = &r.model->domain.layout;
        l->edges = k == 0 ? star : l->edges;
        l->centre = k == 0 ? 3 : 0;
        l->nodes = k == 2 ? 1 : k == 0 ? 5 : l->nodes;
        l->n_edges = l->nodes - 1;
        OK(err, gop_ctx_new(&r.ctx, 1, 0, &err));
        OK(err, gop_net_new(&r.net, r.ctx, r.model->params, true, &err));
        OK(err, zoo_model_record(r.model, r.net, 2, &r.ports, &err));
        golden_rule_poses(gop_value(r.net, r.ports.x), gop_shape_of(r.net, r.ports.x), "x");
        OK(err, gop_forward_checked(r.net, &err));
        gop_real *grads = calloc(gop_params_size(r.model->params), sizeof *grads);
        ck_assert_ptr_nonnull(grads);
        OK(err, gop_backward(r.net, &r.ports.loss_recognition, &one, 1, NULL, 0, grads, &err));
        for (size_t i = 0; i < gop_params_size(r.model->params); i++)
            ck_assert(isfinite(grads[i]));
        free(grads);
        release(&r);
    }
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *s = suite_create("golden values of the recognisers");
    TCase *c = tcase_create("recognisers");
    tcase_add_loop_test(c, answers, 0, COUNT(cases));
    tcase_add_loop_test(c, gradients, 0, COUNT(cases));
    tcase_add_loop_test(c, any_tree_will_do, 0, COUNT(cases));
    tcase_add_test(c, dropout_begins_at_the_second_block);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_set_fork_status(runner, CK_NOFORK); /* the largest error is kept in memory */
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    golden_report("recognisers, worst of all:", &worst);
    return failed == 0 ? 0 : 1;
}
