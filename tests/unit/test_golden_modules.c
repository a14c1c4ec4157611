/*
 * test_golden_modules.c: the modules of Sym-GNN against tests/golden, one by one, and intermediate
 * values of the whole network.  Uses the internal interface of zoo/symgnn.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_model.h"
#include "zoo/symgnn/symgnn.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* Single modules in float, as GOLDEN_FORWARD for whole models. */
#ifdef GOP_REAL_IS_DOUBLE
#define FORWARD 2e-7
#else
#define FORWARD 1e-5
#endif

static golden_worst worst;

/* The context of a module: configuration, domain, constant graphs; no A_act. */
static symgnn around(gop_net *net, const zoo_model *m, size_t batch)
{
    const zoo_layout *l = &m->domain.layout;
    const symgnn_config *c = (const symgnn_config *)(const void *)m->config.bytes;
    size_t M = l->nodes, P = l->parts, G = c->gamma;
    static const zoo_view view = {.bodies = 1};
    static zoo_use use;
    static zoo_ports ports;
    use = (zoo_use){.domain = &m->domain, .view = &view, .batch = batch};
    ports = zoo_ports_none();
    symgnn s = {.net = net,
                .c = c,
                .use = &use,
                .ports = &ports,
                .domain = &m->domain,
                .batch = batch,
                .M = M,
                .P = P,
                .D = l->channels,
                .bones = {-1},
                .A_act = {-1}};
    gop_graph_data mean = {GOP_GRAPH_ADJACENCY, .norm = GOP_GRAPH_ROWS, .loops = true};
    gop_graph_data powers = mean;
    gop_graph *nodes, *parts;
    powers.kind = GOP_GRAPH_POWERS;
    powers.hops = G;
    ck_assert_int_eq(zoo_layout_graph(&nodes, l, NULL), GOP_OK);
    ck_assert_int_eq(zoo_layout_part_graph(&parts, l, NULL), GOP_OK);
    s.hops = gop_graph_constant(net, "hops", nodes, powers);
    s.part_norm = gop_graph_constant(net, "part_norm", parts, mean);
    s.part = gop_graph_constant(net, "part", nodes,
                                (gop_graph_data){.kind = GOP_GRAPH_PART_NUMBERS});
    gop_graph_free(nodes);
    gop_graph_free(parts);
    return s;
}

static zoo_model *tiny_model(void)
{
    golden *g = golden_open("tiny_params");
    zoo_model *m = golden_model(g);
    golden_close(g);
    return m;
}

static void check(golden_run *r, zoo_model *m)
{
    golden_run_check(r, FORWARD, GOLDEN_GRADIENT, &worst);
    golden_run_close(r);
    zoo_model_free(m);
}

/* Loop tests: 0 inference, 1 training. */

START_TEST(agim)
{
    golden_run r = golden_run_open(_i ? "agim_train" : "agim_eval", _i == 1);
    zoo_model *m = tiny_model();
    symgnn s = around(r.net, m, 2);
    r.prefix = "agim.";
    golden_out(&r, "A", symgnn_agim(&s, golden_leaf(&r, "in", "x")));
    check(&r, m);
}
END_TEST

START_TEST(joint_block)
{
    golden_run r = golden_run_open(_i ? "block_joint_train" : "block_joint_eval", _i == 1);
    zoo_model *m = tiny_model();
    symgnn s = around(r.net, m, 2);
    r.prefix = "joint.1.";
    s.A_act = golden_leaf(&r, "in", "a_act");
    golden_out(&r, "y", symgnn_joint_block(&s, 1, golden_leaf(&r, "in", "x")));
    check(&r, m);
}
END_TEST

START_TEST(branch)
{
    golden_run r = golden_run_open(_i ? "branch_train" : "branch_eval", _i == 1);
    zoo_model *m = tiny_model();
    golden_model_set(m, "orders", "0");
    symgnn s = around(r.net, m, 2);
    r.prefix = "branch.0.";
    s.A_act = golden_leaf(&r, "in", "a_act");
    s.x = golden_leaf(&r, "in", "x");
    golden_out(&r, "h", symgnn_backbone(&s));
    check(&r, m);
}
END_TEST

/* 0: the GRU carries JGC(H), 1: H. */
START_TEST(prediction_head)
{
    golden_run r = golden_run_open(_i ? "decoder_hidden" : "decoder_jgc", true);
    zoo_model *m = tiny_model();
    golden_model_set(m, "gru_carry", golden_text(r.g, "gru_carry"));
    symgnn s = around(r.net, m, 2);
    s.A_act = golden_leaf(&r, "in", "a_act");
    s.H = golden_leaf(&r, "in", "H");
    s.x = golden_leaf(&r, "in", "x");
    golden_out(&r, "pred", symgnn_predict(&s, golden_leaf(&r, "in", "logits")));
    check(&r, m);
}
END_TEST

/* An inference net of the whole network that keeps every value. */
typedef struct whole {
    gop_var x, A_act, H, logits, pred;
} whole;

static whole record_whole(gop_net *net, const zoo_model *m, size_t batch)
{
    gop_error err = {GOP_OK, ""};
    symgnn s = around(net, m, batch);
    whole w;
    w.x = s.x = gop_input(net, "x", gop_shape4(batch, s.M, s.c->observed, s.D));
    w.A_act = s.A_act = symgnn_agim(&s, w.x);
    w.H = s.H = symgnn_backbone(&s);
    w.logits = symgnn_recognise(&s);
    w.pred = symgnn_predict(&s, w.logits);
    gop_net_keep(net, w.A_act);
    gop_net_keep(net, w.H);
    gop_net_keep(net, w.logits);
    gop_net_keep(net, w.pred);
    ck_assert_msg(gop_net_plan(net, &err) == GOP_OK, "%s", err.message);
    return w;
}

/* Every `nodes`-th node's and every `channels`-th channel's values of [N, M, ..., C]. */
static gop_real *some_of(const gop_net *net, gop_var v, size_t nodes, size_t channels,
                         gop_shape *shape)
{
    gop_shape s = gop_net_shape(net, v);
    const gop_real *from = gop_net_value(net, v);
    size_t last = s.dim[s.rank - 1], inner = gop_shape_size(s) / s.dim[0] / s.dim[1], n = 0;
    gop_real *to = malloc(gop_shape_size(s) * sizeof *to);
    ck_assert_ptr_nonnull(to);
    for (size_t i = 0; i < s.dim[0] * s.dim[1]; i++)
        for (size_t k = 0; k < inner; k++)
            if (i % s.dim[1] % nodes == 0 && k % last % channels == 0)
                to[n++] = from[i * inner + k];
    s.dim[1] = (s.dim[1] + nodes - 1) / nodes;
    s.dim[s.rank - 1] = (last + channels - 1) / channels;
    *shape = s;
    return to;
}

static void expect_some(const golden_run *r, const char *name, gop_var v, size_t nodes,
                        size_t channels, golden_worst *w)
{
    gop_shape shape = gop_net_shape(r->net, v);
    if (nodes == 1 && channels == 1) {
        golden_expect(r->g, "out", name, gop_net_value(r->net, v), shape, GOLDEN_FORWARD, w);
        return;
    }
    gop_real *part = some_of(r->net, v, nodes, channels, &shape);
    golden_expect(r->g, "out", name, part, shape, GOLDEN_FORWARD, w);
    free(part);
}

/* Runs it and compares the case's tensors: every `rows`-th row of A_act, every `nodes`-th node and
 * `channels`-th channel of H, every `poses`-th node of pred. */
static void check_whole(const golden_run *r, const whole *v, size_t rows, size_t nodes,
                        size_t channels, size_t poses, const char *what)
{
    golden_worst w = {0, 0, "", ""};
    ck_assert_int_eq(gop_net_forward_finite(r->net, NULL), GOP_OK);
    expect_some(r, "A_act", v->A_act, rows, 1, &w);
    expect_some(r, "H", v->H, nodes, channels, &w);
    expect_some(r, "logits", v->logits, 1, 1, &w);
    expect_some(r, "pred", v->pred, poses, 1, &w);
    golden_keep(&worst, what, &w);
}

START_TEST(tiny_network)
{
    golden_run r = golden_run_open("model_eval", false);
    golden *p = golden_open("tiny_params");
    zoo_model *m = golden_model(p);
    whole v = record_whole(r.net, m, 2);
    golden_set_params(p, r.params, "");
    golden_copy(gop_net_value(r.net, v.x), gop_net_shape(r.net, v.x), r.g, "in", "x");
    check_whole(&r, &v, 1, 1, 1, 1, "tiny network");
    golden_run_close(&r);
    golden_close(p);
    zoo_model_free(m);
}
END_TEST

START_TEST(light_network)
{
    golden_run r = golden_run_open("light_digest", false);
    zoo_model *m = golden_model(r.g);
    whole v = record_whole(r.net, m, 2);
    ck_assert_uint_eq(gop_params_size(r.params), (size_t)golden_number(r.g, "parameters"));
    golden_rule_params(r.params);
    golden_rule_poses(gop_net_value(r.net, v.x), gop_net_shape(r.net, v.x), "light/x");
    check_whole(&r, &v, (size_t)golden_number(r.g, "A_act_rows_every"),
                (size_t)golden_number(r.g, "H_nodes_every"),
                (size_t)golden_number(r.g, "H_channels_every"),
                (size_t)golden_number(r.g, "pred_nodes_every"), "light network");
    golden_run_close(&r);
    zoo_model_free(m);
}
END_TEST

START_TEST(full_network)
{
    golden_run r = golden_run_open("full_digest", false);
    zoo_model *m = golden_model(r.g);
    whole v = record_whole(r.net, m, 2);
    golden_rule_params(r.params);
    golden_rule_poses(gop_net_value(r.net, v.x), gop_net_shape(r.net, v.x), "full/x120");
    check_whole(&r, &v, 1, 1, 1, 1, "full network");
    golden_run_close(&r);
    zoo_model_free(m);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("modules");
    tcase_add_loop_test(c, agim, 0, 2);
    tcase_add_loop_test(c, joint_block, 0, 2);
    tcase_add_loop_test(c, branch, 0, 2);
    tcase_add_loop_test(c, prediction_head, 0, 2);
    tcase_add_test(c, tiny_network);
    tcase_add_test(c, light_network);
    tcase_add_test(c, full_network);
    return golden_main("modules", c, &worst);
}
