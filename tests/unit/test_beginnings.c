/*
 * test_beginnings.c: how the networks that recognise begin: the graphs of tests/golden, gates and
 * residual branches that are closed, weights of the published deviation.  Also the names of streams
 * and their weights.  Runs no net.
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

#include "zoo/zoo.h"

/* A model of a case with parameters as they begin. */
static golden_net begin(const char *name, const char *settings)
{
    golden *g = golden_open(name);
    zoo_model *m = golden_network(g);
    golden_model_set_all(m, settings);
    golden_close(g);
    return golden_net_open(name, m, 1, true);
}

static gop_param_info param(const golden_net *n, const char *name)
{
    const size_t i = gop_params_find(n->model->params, name);
    ck_assert_msg(i != SIZE_MAX, "%s has no %s", n->name, name);
    return gop_params_info(n->model->params, i);
}

/* The greatest magnitude. */
static double most(const golden_net *n, const char *name)
{
    const gop_param_info p = param(n, name);
    double max = 0;
    for (size_t i = 0; i < gop_shape_size(p.shape); i++)
        max = fmax(max, fabs((double)p.data[i]));
    return max;
}

/* sqrt(mean of squares) within a tenth of `want`; for a thousand elements or more. */
static void deviates(const golden_net *n, const char *name, double want)
{
    const gop_param_info p = param(n, name);
    const size_t size = gop_shape_size(p.shape);
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)p.data[i] * (double)p.data[i];
    const double got = sqrt(sum / (double)size);
    ck_assert_msg(size >= 1000 && fabs(got / want - 1) < 0.1, "%s: %g, not %g, of %zu", name, got,
                  want, size);
}

static const struct {
    const char *model, *settings, *graph, *begins;
} graphs[] = {
    {"aagcn_ntu25", "", "block.1.B", "spatial_rows"},
    {"ctrgcn_ntu25", "", "block.1.gcn.A", "spatial_columns"},
    {"ctrgcn_ntu25", "partition=rows", "block.1.gcn.A", "spatial_rows"},
};

START_TEST(graphs_begin_as_the_skeleton)
{
    golden *g = golden_open("graphs_ntu25");
    golden_net n = begin(graphs[_i].model, graphs[_i].settings);
    const gop_param_info p = param(&n, graphs[_i].graph);
    ck_assert_double_le(golden_compare(g, "out", graphs[_i].begins, p.data, p.shape), 1e-6);
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

/* Refinements count for nothing at first, and a block begins as its residual. */
START_TEST(gates_begin_closed)
{
    golden_net n = begin("aagcn_ntu25", "widths=12,96,96");
    ck_assert_double_eq(most(&n, "block.0.alpha"), 0);
    ck_assert_double_eq(most(&n, "block.0.att.frame.weight"), 0);
    ck_assert_double_eq(most(&n, "block.0.att.excite.weight"), 0);
    ck_assert_double_gt(most(&n, "block.0.att.joint.weight"), 0);
    ck_assert_double_le(most(&n, "block.0.bn1.weight"), 1.01e-6);
    deviates(&n, "block.2.conv.0.weight", sqrt(2.0 / (3 * 96 * 96)));
    deviates(&n, "block.2.graph.0.theta.weight", sqrt(2.0 / 24));
    deviates(&n, "block.2.tcn.weight", sqrt(2.0 / (9 * 96)));
    golden_net_close(&n);

    n = begin("ctrgcn_ntu25", "widths=16,128,128");
    ck_assert_double_eq(most(&n, "block.0.gcn.alpha"), 0);
    ck_assert_double_le(most(&n, "block.0.gcn.bn.weight"), 1.01e-6);
    deviates(&n, "block.2.gcn.0.theta.weight", sqrt(2.0 / 16));
    deviates(&n, "block.2.gcn.1.value.weight", sqrt(2.0 / 128));
    deviates(&n, "block.2.tcn.branch.0.in.weight", sqrt(2.0 / 32));
    golden_net_close(&n);

    n = begin("msg3d_two", "widths=48,48,96");
    ck_assert_double_le(most(&n, "block.0.gcn.B"), 1.01e-6);
    ck_assert_double_gt(most(&n, "block.0.g3d.1.B"), 0);
    ck_assert_double_le(most(&n, "block.0.g3d.1.B"), 1.01e-6);
    deviates(&n, "block.2.gcn.conv.weight", sqrt(1.0 / (3 * 4 * 48)));
    deviates(&n, "block.2.g3d.0.out.weight", sqrt(1.0 / (3 * 3 * 48)));
    golden_net_close(&n);
}
END_TEST

START_TEST(streams_have_names_and_weights)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_str_eq(zoo_stream_name(1), "joint");
    ck_assert_str_eq(zoo_stream_name(8), "bone_motion");
    ck_assert_ptr_null(zoo_stream_name(3));
    ck_assert_ptr_null(zoo_stream_name(1u << 30));

    golden_net motion = begin("stgcn_two", "stream=joint_motion"), joint = begin("stgcn_two", "");
    golden_net bone = begin("stgcn_two", "stream=bone"), fixed = begin("agcn_two", "");
    const zoo_model *parts[3] = {motion.model, joint.model, bone.model};
    zoo_model *all = NULL;
    char text[64];
    size_t which;
    ck_assert_msg(zoo_model_fuse(&all, parts, 3, &which, &err) == GOP_OK, "%s", err.message);
    const zoo_list in_order = {3, {1, 2, 3}}, too_few = {2, {1, 2}}, nought = {3, {0, 0, 0}};
    ck_assert_int_eq(zoo_weigh_streams(all, parts, &in_order, &err), GOP_OK);
    ck_assert_int_eq(zoo_weigh_streams(all, parts, &too_few, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_weigh_streams(all, parts, &nought, &err), GOP_EINVAL);
    parts[1] = fixed.model; /* of the same stream, but none is a network of the third */
    parts[2] = NULL;
    ck_assert_int_eq(zoo_weigh_streams(all, parts, &in_order, &err), GOP_EINVAL);
    zoo_model_get(all, zoo_setting_find(all->type->options, "stream"), text, sizeof text);
    ck_assert_str_eq(text, "joint+bone+joint_motion");
    zoo_model_get(all, zoo_setting_find(all->type->options, "stream_weights"), text, sizeof text);
    ck_assert_str_eq(text, "2,3,1");
    zoo_model_free(all);
    golden_net_close(&motion);
    golden_net_close(&joint);
    golden_net_close(&bone);
    golden_net_close(&fixed);
}
END_TEST

int main(void)
{
    golden_worst worst = {0, 0, "", ""};
    TCase *c = tcase_create("beginnings");
    tcase_add_loop_test(c, graphs_begin_as_the_skeleton, 0, COUNT(graphs));
    tcase_add_test(c, gates_begin_closed);
    tcase_add_test(c, streams_have_names_and_weights);
    return golden_main("how networks begin", c, &worst);
}
