/*
 * test_golden_recognisers.c: the models that recognise at small dimensions, of one body and of two,
 * against tests/golden, through the zoo's public interface: scores of an inference run; scores, loss, all
 * gradients and the statistics of a training run.  Prints the largest errors.  Also on layouts of
 * other shapes, and the blocks with dropout.
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

static golden_worst worst;

static const char *const cases[] = {
    "stgcn_tiny",  "stgcn_plain",   "stgcn_ntu25",  "agcn_joint",   "agcn_bone",     "agcn_both",
    "agcn_ntu25",  "stgcn_two",     "agcn_two",     "stgcnpp_two",  "stgcnpp_ntu25", "aagcn_two",
    "aagcn_ntu25", "ctrgcn_two",    "ctrgcn_pyskl", "ctrgcn_ntu25", "msg3d_two",     "msg3d_pyskl",
    "dgstgcn_two", "dgstgcn_ntu25", "protogcn_two"};

/* The case's model in a net, parameters and poses by rule, run forward. */
static golden_net forward(const golden *g, bool training)
{
    zoo_model *m = golden_network(g);
    static const char *const dropouts[] = {"dropout", "memory_dropout"};
    for (int i = 0; i < 2; i++)
        if (zoo_setting_find(m->type->options, dropouts[i]) != NULL)
            golden_model_set(m, dropouts[i], "0");
    golden_net n = golden_net_open(g->name, m, (size_t)golden_number(g, "batch"), training);
    golden_rule_params(m->params);
    golden_net_poses(&n, g->name);
    if (training)
        golden_net_set(&n, n.ports.labels, g, "labels");
    golden_net_forward(&n);
    return n;
}

/* The class scores before the softmax, from the logarithms of the probabilities: large differences
 * that the probabilities hide.  Those that are too small for a float are left out. */
static void expect_logits(const golden_net *n, const golden *g)
{
    const golden_tensor *t = golden_find(g, "out", "logits");
    const gop_real *p = gop_net_value(n->net, n->ports.scores);
    const size_t classes = t == NULL ? 0 : t->shape.dim[t->shape.rank - 1];
    for (size_t i = 0; t != NULL && i < t->size; i += classes) {
        size_t best = i;
        for (size_t k = i; k < i + classes; k++)
            best = t->v[k] > t->v[best] ? k : best;
        for (size_t k = i; k < i + classes; k++) {
            const double want = t->v[k] - t->v[best], got = log((double)p[k] / (double)p[best]);
            ck_assert_msg(p[k] < 1e-30 || fabs(got - want) <= 2 * GOLDEN_FORWARD * (1 - want),
                          "%s: logit %zu is %g, not %g", g->name, k, got, want);
        }
    }
}

START_TEST(answers)
{
    golden *g = golden_open(cases[_i]);
    golden_net n = forward(g, false);
    golden_worst w = {0, 0, "", ""};
    golden_net_expect(&n, g, "scores", n.ports.scores, &w);
    expect_logits(&n, g);
    ck_assert_int_lt(n.ports.poses.id, 0);
    golden_keep(&worst, cases[_i], &w);
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

/* The tolerance of the case's gradients.  CTR-GCN and MS-G3D have batch norms behind others with
 * only a ReLU, a maximum or a sum between, so that most of the gradient of the first cancels: in
 * float up to 9e-5 off.  In protogcn_two a gradient of one element is a thousandth of its neighbours'. */
static double tolerance(const golden *g)
{
    const char *model = golden_text(g, "model");
    const bool cancels = strcmp(model, "ctrgcn") == 0 || strcmp(model, "msg3d") == 0 ||
                         strcmp(model, "protogcn") == 0;
    return cancels ? GOLDEN_CANCELLED : GOLDEN_GRADIENT;
}

START_TEST(gradients)
{
    golden *g = golden_open(cases[_i]);
    golden_net n = forward(g, true);
    golden_worst w = {0, 0, "", ""};
    ck_assert_int_lt(n.ports.loss_prediction.id, 0);
    golden_net_expect(&n, g, "train_scores", n.ports.scores, &w);
    golden_net_expect(&n, g, "loss", n.ports.loss_recognition, &w);
    golden_net_backward(&n, 1);
    ck_assert_uint_eq(golden_net_expect_params(&n, g, tolerance(g), &w),
                      gop_params_count(n.model->params));
    golden_keep(&worst, cases[_i], &w);
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

/* Whether two training runs of a net drop the same values. */
static bool same_twice(golden_net *r)
{
    gop_real first[64];
    const gop_real *scores = gop_net_value(r->net, r->ports.scores);
    const size_t n = gop_shape_size(gop_net_shape(r->net, r->ports.scores));
    ck_assert_uint_le(n, 64);
    gop_net_random(r->net, 1, 1);
    ck_assert_int_eq(gop_net_forward(r->net, NULL), GOP_OK);
    memcpy(first, scores, n * sizeof *first);
    gop_net_random(r->net, 1, 2);
    ck_assert_int_eq(gop_net_forward(r->net, NULL), GOP_OK);
    return memcmp(first, scores, n * sizeof *first) == 0;
}

/* As published, ST-GCN's first block has no dropout; all others have. */
START_TEST(dropout_begins_at_the_second_block)
{
    golden *g = golden_open("stgcn_tiny");
    for (int blocks = 1; blocks <= 2; blocks++) {
        zoo_model *m = golden_network(g);
        golden_model_set(m, "widths", blocks == 1 ? "4" : "4,4");
        golden_model_set(m, "strides", blocks == 1 ? "1" : "1,1");
        golden_model_set(m, "dropout", "0.5");
        golden_net n = golden_net_open(g->name, m, 2, true);
        golden_net_poses(&n, "x");
        ck_assert_int_eq(same_twice(&n), blocks == 1);
        golden_net_close(&n);
    }
    golden_close(g);
}
END_TEST

/* Layouts that no golden file has: a star with a leaf as centre, a chain with its end as centre,
 * one node. */
START_TEST(any_tree_will_do)
{
    static const gop_edge star[] = {{0, 1}, {0, 2}, {3, 0}, {4, 0}};
    static const uint32_t one_part[64] = {0};
    golden *g = golden_open(cases[_i]);
    for (int k = 0; k < 3; k++) {
        zoo_model *m = golden_network(g);
        zoo_layout *l = &m->domain.layout;
        l->edges = k == 0 ? star : l->edges;
        l->centre = k == 0 ? 3 : 0;
        l->nodes = k == 2 ? 1 : k == 0 ? 5 : l->nodes;
        l->n_edges = l->nodes - 1;
        l->parts = 1;
        l->part = one_part;
        l->n_part_edges = 0;
        l->n_pairs = 0;
        golden_net n = golden_net_open(g->name, m, 2, true);
        golden_net_poses(&n, "x");
        golden_net_forward(&n);
        golden_net_backward(&n, 1);
        for (size_t i = 0; i < gop_params_size(m->params); i++)
            ck_assert(isfinite(n.grads[i]));
        golden_net_close(&n);
    }
    golden_close(g);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("recognisers");
    tcase_add_loop_test(c, answers, 0, COUNT(cases));
    tcase_add_loop_test(c, gradients, 0, COUNT(cases));
    tcase_add_loop_test(c, any_tree_will_do, 0, COUNT(cases));
    tcase_add_test(c, dropout_begins_at_the_second_block);
    return golden_main("the recognisers", c, &worst);
}
