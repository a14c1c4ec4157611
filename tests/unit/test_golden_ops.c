/*
 * test_golden_ops.c: single operators, graphs, losses and optimisers against tests/golden, forward
 * and gradients.  Uses only the public interface, like a user who writes a custom network.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_run.h"
#include "zoo/skeleton/layout.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-5

static golden_worst worst;

static void check(golden_run *r)
{
    golden_run_check(r, TOLERANCE, TOLERANCE, &worst);
    golden_run_close(r);
}

START_TEST(linear)
{
    golden_run r = golden_run_open("linear", true);
    gop_var x = golden_leaf(&r, "in", "x");
    gop_var w = golden_leaf(&r, "par", "w"), b = golden_leaf(&r, "par", "b");
    golden_out(&r, "y", gop_linear(r.net, x, w, b));
    check(&r);
}
END_TEST

START_TEST(edge)
{
    golden_run r = golden_run_open("edge", true);
    gop_var x = golden_leaf(&r, "in", "x");
    gop_var w = golden_leaf(&r, "par", "w"), b = golden_leaf(&r, "par", "b");
    gop_var q = gop_edge_linear(r.net, x, w, b, false);
    golden_out(&r, "q", q);
    golden_out(&r, "mean", gop_edge_reduce(r.net, q, 5, false, GOP_REDUCE_MEAN));
    check(&r);
}
END_TEST

START_TEST(softmax_adjacency)
{
    golden_run r = golden_run_open("softmax_adjacency", true);
    gop_var f = golden_leaf(&r, "in", "f"), g = golden_leaf(&r, "in", "g");
    golden_out(&r, "A", gop_softmax_adjacency(r.net, f, g));
    check(&r);
}
END_TEST

START_TEST(graph_product)
{
    golden_run r = golden_run_open("graph_product", true);
    gop_var x = golden_leaf(&r, "in", "x");
    gop_var shared = golden_leaf(&r, "in", "shared"), sample = golden_leaf(&r, "in", "sample");
    golden_out(&r, "y_shared", gop_graph_product(r.net, shared, x));
    golden_out(&r, "y_sample", gop_graph_product(r.net, sample, x));
    check(&r);
}
END_TEST

/* The structural, the actional and both graph convolutions, eqs. (3) to (5). */
static const char *const graph_convolutions[] = {"sgc", "agc", "jgc"};

START_TEST(graph_convolution)
{
    golden_run r = golden_run_open(graph_convolutions[_i], true);
    gop_var x = golden_leaf(&r, "in", "x"), a_act = golden_leaf(&r, "in", "a_act");
    gop_var powers = golden_constant(&r, "buf", "a_pow");
    gop_var A[2] = {gop_mul(r.net, powers, golden_leaf(&r, "par", "mask")), a_act};
    gop_var W[2] = {golden_leaf(&r, "par", "w_str"), golden_leaf(&r, "par", "w_act")};
    double scale[2] = {1, golden_number(r.g, "lambda_act")};
    golden_out(&r, "y", gop_graph_conv(r.net, x, A, W, scale, 2));
    check(&r);
}
END_TEST

/* Eq. (7): one shared adjacency. */
START_TEST(part_convolution)
{
    golden_run r = golden_run_open("pgc", true);
    gop_var x = golden_leaf(&r, "in", "x");
    gop_var A = gop_mul(r.net, golden_constant(&r, "buf", "a_part"),
                        golden_leaf(&r, "par", "mask"));
    gop_var W = golden_leaf(&r, "par", "w");
    golden_out(&r, "y", gop_graph_conv(r.net, x, &A, &W, NULL, 1));
    check(&r);
}
END_TEST

static const char *const convolutions[] = {"tc_t12_k9_s1", "tc_t12_k9_s2", "tc_t13_k9_s2",
                                           "tc_t13_k7_s2", "tc_t3_k9_s1",  "tc_t1_k9_s2"};

START_TEST(temporal_convolution)
{
    golden_run r = golden_run_open(convolutions[_i], true);
    gop_var x = golden_leaf(&r, "in", "x"), w = golden_leaf(&r, "par", "w");
    gop_conv options = {.stride = (size_t)golden_number(r.g, "stride"),
                        .pad = (size_t)golden_number(r.g, "pad")};
    golden_out(&r, "y", gop_temporal_conv(r.net, x, w, options));
    check(&r);
}
END_TEST

START_TEST(batch_norm)
{
    bool training = _i == 1;
    golden_run r = golden_run_open(training ? "batchnorm_train" : "batchnorm_eval", training);
    gop_var x = golden_leaf(&r, "in", "x");
    gop_var w = golden_leaf(&r, "par", "weight"), b = golden_leaf(&r, "par", "bias");
    gop_var mean = gop_stat(r.net, "running_mean", gop_shape1(4), 0);
    gop_var var = gop_stat(r.net, "running_var", gop_shape1(4), 1);
    golden_out(&r, "y",
               gop_batch_norm(r.net, x, w, b, mean, var, golden_number(r.g, "eps"),
                              golden_number(r.g, "momentum")));
    check(&r);
}
END_TEST

START_TEST(scales)
{
    golden_run r = golden_run_open("joint2part", true);
    gop_var h = golden_leaf(&r, "in", "h");
    golden_out(&r, "p",
               gop_pool(r.net, h, golden_constant(&r, "buf", "joint_to_part"), 3, GOP_REDUCE_MEAN));
    check(&r);
    r = golden_run_open("part2joint", true);
    gop_var p = golden_leaf(&r, "in", "p");
    golden_out(&r, "h", gop_match(r.net, p, golden_constant(&r, "buf", "joint_to_part")));
    check(&r);
}
END_TEST

START_TEST(difference)
{
    golden_run r = golden_run_open("difference", true);
    gop_var x = golden_leaf(&r, "in", "x");
    /* A separate result: the first order is the input itself. */
    gop_var d1 = gop_difference(r.net, x);
    golden_out(&r, "d0", gop_scale(r.net, x, 1));
    golden_out(&r, "d1", d1);
    golden_out(&r, "d2", gop_difference(r.net, d1));
    check(&r);
}
END_TEST

START_TEST(gru_step)
{
    bool apart = _i == 1;
    golden_run r = golden_run_open(apart ? "gru_step_carry" : "gru_step", true);
    gop_var x = golden_leaf(&r, "in", "x"), h = golden_leaf(&r, "in", "h");
    gop_var carry = apart ? golden_leaf(&r, "in", "carry") : h;
    gop_var w_ih = golden_leaf(&r, "par", "weight_ih"), w_hh = golden_leaf(&r, "par", "weight_hh");
    gop_var b_ih = golden_leaf(&r, "par", "bias_ih"), b_hh = golden_leaf(&r, "par", "bias_hh");
    golden_out(&r, "h", gop_gru_step(r.net, x, h, carry, w_ih, w_hh, b_ih, b_hh));
    check(&r);
}
END_TEST

START_TEST(recognition_loss)
{
    golden_run r = golden_run_open("loss_recg", true);
    gop_var logits = golden_leaf(&r, "in", "logits");
    gop_var labels = golden_constant(&r, "in", "labels");
    golden_out(&r, "loss", gop_cross_entropy(r.net, logits, labels, gop_none(), 0));
    golden_out(&r, "prob", gop_softmax(r.net, logits, -1));
    check(&r);
}
END_TEST

START_TEST(prediction_loss)
{
    bool mean = _i == 1;
    golden_run r = golden_run_open(mean ? "loss_pred_mean" : "loss_pred_sum", true);
    gop_var p = golden_leaf(&r, "in", "pred"), t = golden_leaf(&r, "in", "target");
    golden_out(&r, "loss", gop_l1(r.net, p, t, mean ? GOP_PER_ELEMENT : GOP_PER_SAMPLE));
    check(&r);
}
END_TEST

START_TEST(mgda_lambda)
{
    golden *g = golden_open("mgda_lambda");
    const golden_tensor *a = golden_get(g, "in", "g_recg"), *b = golden_get(g, "in", "g_pred");
    const golden_tensor *want = golden_get(g, "out", "lambda");
    size_t n = a->shape.dim[1];
    ck_assert_uint_eq(want->size, a->shape.dim[0]);
    for (size_t i = 0; i < want->size; i++) {
        double s[3] = {0, 0, 0};
        for (size_t k = i * n; k < (i + 1) * n; k++) {
            s[0] += a->v[k] * a->v[k];
            s[1] += a->v[k] * b->v[k];
            s[2] += b->v[k] * b->v[k];
        }
        double lambda = gop_mgda_lambda(s[0], s[1], s[2]);
        ck_assert_msg(fabs(lambda - want->v[i]) <= 1e-7, "pair %zu: %.9g, not %.9g", i, lambda,
                      want->v[i]);
    }
    golden_close(g);
}
END_TEST

/* Adjacency, powers and parts, from the case's edges and from the built-in layout. */
START_TEST(graphs)
{
    golden *g = golden_open("graph_cmu26");
    const zoo_layout *layout = zoo_layout_find("cmu26");
    const golden_tensor *e = golden_get(g, "buf", "edges");
    const golden_tensor *pe = golden_get(g, "buf", "part_edges");
    size_t M = (size_t)golden_number(g, "joints"), P = (size_t)golden_number(g, "parts");
    size_t n = e->shape.dim[0], pn = pe->shape.dim[0];
    gop_error err = {GOP_OK, ""};
    gop_edge *edges = calloc(n + pn, sizeof *edges);
    gop_real *A = calloc(M * M + P * P, sizeof *A), *powers = calloc(4 * M * M, sizeof *powers);
    ck_assert(edges != NULL && A != NULL && powers != NULL);
    for (size_t i = 0; i < n + pn; i++) {
        const double *v = i < n ? e->v + 2 * i : pe->v + 2 * (i - n);
        edges[i].a = (uint32_t)v[0];
        edges[i].b = (uint32_t)v[1];
    }
    ck_assert_ptr_nonnull(layout);
    ck_assert_uint_eq(layout->nodes, M);
    ck_assert_uint_eq(layout->parts, P);
    for (int k = 0; k < 2; k++) {
        const gop_edge *from = k == 0 ? edges : layout->edges;
        const gop_edge *part_from = k == 0 ? edges + n : layout->part_edges;
        gop_graph_data what = {GOP_GRAPH_ADJACENCY, .loops = true};
        gop_graph *nodes, *parts;
        ck_assert_int_eq(gop_graph_new(&nodes, M, from, k == 0 ? n : layout->n_edges, &err),
                         GOP_OK);
        ck_assert_int_eq(
            gop_graph_new(&parts, P, part_from, k == 0 ? pn : layout->n_part_edges, &err), GOP_OK);
        ck_assert_int_eq(gop_graph_fill(A, nodes, what, &err), GOP_OK);
        golden_expect(g, "out", "adjacency", A, gop_shape2(M, M), 0, NULL);
        what.norm = GOP_GRAPH_ROWS;
        ck_assert_int_eq(gop_graph_fill(A, parts, what, &err), GOP_OK);
        golden_expect(g, "out", "part_normalized", A, gop_shape2(P, P), 1e-7, NULL);
        what.kind = GOP_GRAPH_POWERS;
        what.hops = 4;
        ck_assert_int_eq(gop_graph_fill(powers, nodes, what, &err), GOP_OK);
        golden_expect(g, "out", "powers", powers, gop_shape3(4, M, M), 1e-6, NULL);
        gop_graph_free(nodes);
        gop_graph_free(parts);
    }
    for (size_t i = 0; i < M; i++)
        A[i] = (gop_real)layout->part[i];
    golden_expect(g, "buf", "joint_to_part", A, gop_shape1(M), 0, NULL);
    ck_assert_uint_eq(layout->centre, (uint32_t)golden_number(g, "center"));
    free(powers);
    free(A);
    free(edges);
    golden_close(g);
}
END_TEST

static const char *const optimisers[] = {"adam", "sgd", "sgd_nesterov"};

static gop_optimiser *make_optimiser(const golden *g, gop_ctx *ctx, gop_params *params)
{
    gop_error err = {GOP_OK, ""};
    gop_optimiser *opt = NULL;
    double decay = golden_number(g, "weight_decay");
    gop_status s;
    if (strcmp(g->name, "adam") == 0)
        s = gop_adam_new(&opt, ctx, params,
                         &(gop_adam){.beta1 = golden_number(g, "beta1"),
                                     .beta2 = golden_number(g, "beta2"),
                                     .eps = golden_number(g, "eps"),
                                     .weight_decay = decay},
                         &err);
    else
        s = gop_sgd_new(&opt, ctx, params,
                        &(gop_sgd){.momentum = golden_number(g, "momentum"),
                                   .nesterov = golden_number(g, "nesterov") != 0,
                                   .weight_decay = decay},
                        &err);
    ck_assert_msg(s == GOP_OK, "%s", err.message);
    return opt;
}

START_TEST(optimiser)
{
    golden_run r = golden_run_open(optimisers[_i], true);
    gop_real grads[40];
    gop_init zero = gop_init_constant(0);
    gop_param(r.net, "w", golden_get(r.g, "par", "w")->shape, zero);
    gop_param(r.net, "b", golden_get(r.g, "par", "b")->shape, zero);
    ck_assert_uint_eq(gop_params_size(r.params), 40);
    golden_set_params(r.g, r.params, "");
    gop_optimiser *opt = make_optimiser(r.g, r.ctx, r.params);
    for (int step = 0; step < 3; step++) {
        char name[16];
        for (size_t i = 0; i < 2; i++) {
            gop_param_info p = gop_params_info(r.params, i);
            snprintf(name, sizeof name, "g%d.%s", step, p.name);
            golden_copy(grads + p.offset, p.shape, r.g, "in", name);
        }
        gop_optimiser_step(opt, grads, 1, golden_number(r.g, "lr"));
        for (size_t i = 0; i < 2; i++) {
            gop_param_info p = gop_params_info(r.params, i);
            snprintf(name, sizeof name, "%s%d", p.name, step);
            golden_expect(r.g, "aft", name, p.data, p.shape, 1e-6, &worst);
        }
    }
    ck_assert_uint_eq(gop_optimiser_steps(opt), 3);
    gop_optimiser_free(opt);
    golden_run_close(&r);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("operators");
    tcase_add_test(c, linear);
    tcase_add_test(c, edge);
    tcase_add_test(c, softmax_adjacency);
    tcase_add_test(c, graph_product);
    tcase_add_loop_test(c, graph_convolution, 0, COUNT(graph_convolutions));
    tcase_add_test(c, part_convolution);
    tcase_add_loop_test(c, temporal_convolution, 0, COUNT(convolutions));
    tcase_add_loop_test(c, batch_norm, 0, 2);
    tcase_add_test(c, scales);
    tcase_add_test(c, difference);
    tcase_add_loop_test(c, gru_step, 0, 2);
    tcase_add_test(c, recognition_loss);
    tcase_add_loop_test(c, prediction_loss, 0, 2);
    tcase_add_test(c, mgda_lambda);
    tcase_add_test(c, graphs);
    tcase_add_loop_test(c, optimiser, 0, COUNT(optimisers));
    return golden_main("operators", c, &worst);
}
