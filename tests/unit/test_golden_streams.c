/*
 * test_golden_streams.c: networks of bones and of motions, several of them fused before the
 * softmax, and the ablations of the paper's tables, at small dimensions against tests/golden:
 * results; losses, all gradients and the statistics of a training run.  Also graphs of bones
 * against the reference's, and models fused from files against scores fused by hand.  Prints the
 * largest errors.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_model.h"
#include "zoo/inference.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static golden_worst worst;

static const char *const cases[] = {"stream_bone",     "stream_joint_motion", "stream_bone_motion",
                                    "stream_fused",    "stream_four",         "variant_only_js",
                                    "variant_only_ja", "variant_only_part",   "variant_no_part",
                                    "variant_no_pred", "variant_no_recg"};

/* The case's model in a net, parameters and poses by rule, run forward. */
static golden_net forward(const golden *g, bool training)
{
    char of[96];
    zoo_model *m = golden_model(g);
    golden_model_options(m, g);
    golden_net n = golden_net_open(g->name, m, (size_t)golden_number(g, "batch"), training);
    golden_rule_params(m->params);
    snprintf(of, sizeof of, "%s/%s", g->name, golden_text(g, "draw"));
    golden_net_poses(&n, of);
    if (n.ports.labels.id >= 0)
        golden_net_set(&n, n.ports.labels, g, "labels");
    golden_net_forward(&n);
    return n;
}

/* The model has exactly the results of the case, with equal values. */
static void expect(const golden_net *n, const golden *g, const char *name, gop_var v,
                   golden_worst *w)
{
    ck_assert_msg((v.id >= 0) == (golden_find(g, "out", name) != NULL), "%s: %s", g->name, name);
    if (v.id >= 0)
        golden_net_expect(n, g, name, v, w);
}

START_TEST(answers)
{
    golden *g = golden_open(cases[_i]);
    golden_net n = forward(g, false);
    golden_worst w = {0, 0, "", ""};
    expect(&n, g, "scores", n.ports.scores, &w);
    expect(&n, g, "poses", n.ports.poses, &w);
    ck_assert_int_eq(zoo_model_recognises(n.model), n.ports.scores.id >= 0);
    ck_assert_uint_eq(zoo_model_predicted(n.model), n.ports.poses.id >= 0 ? 3 : 0);
    golden_keep(&worst, cases[_i], &w);
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

START_TEST(gradients)
{
    golden *g = golden_open(cases[_i]);
    golden_net n = forward(g, true);
    golden_worst w = {0, 0, "", ""};
    golden_net_backward(&n, golden_number(g, "lam"));
    expect(&n, g, "loss_recg", n.ports.loss_recognition, &w);
    expect(&n, g, "loss_pred", n.ports.loss_prediction, &w);
    /* The terms of a bias's gradient.  In float it is 9e-5 to 1.4e-4 off with AVX2, whose kernel sums
     * in another order than the others. */
    const bool cancels = strcmp(cases[_i], "variant_only_ja") == 0;
    ck_assert_uint_eq(
        golden_net_expect_params(&n, g, cancels ? GOLDEN_CANCELLED : GOLDEN_GRADIENT, &w),
        gop_params_count(n.model->params));
    golden_keep(&worst, cases[_i], &w);
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

/* ------------------------------------------------------------------ graphs of bones */

enum { MAX_NODES = 32 };

static const golden_tensor *get(const golden *g, const char *kind, const char *of, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s.%s", of, what);
    return golden_get(g, kind, name);
}

static size_t read_edges(gop_edge *e, const golden_tensor *t)
{
    for (size_t i = 0; i < t->size / 2; i++)
        e[i] = (gop_edge){(uint32_t)t->v[2 * i], (uint32_t)t->v[2 * i + 1]};
    return t->size / 2;
}

static void expect_bones(const golden *g, const char *name, const zoo_layout *l)
{
    const golden_tensor *bones = get(g, "out", name, "bones"), *part = get(g, "out", name, "part");
    const golden_tensor *adjacency = get(g, "out", name, "adjacency");
    static gop_real A[MAX_NODES * MAX_NODES], B[MAX_NODES * MAX_NODES];
    const size_t E = l->n_edges;
    gop_error err = {GOP_OK, ""};
    gop_graph *joints = NULL, *dual = NULL;
    OK(err, zoo_layout_graph(&joints, l, &err));
    OK(err, zoo_layout_bone_graph(&dual, l, &err));
    ck_assert_uint_eq(gop_graph_nodes(dual), E);
    OK(err, gop_graph_fill(B, joints, (gop_graph_data){GOP_GRAPH_BONES, .root = l->centre}, &err));
    OK(err, gop_graph_fill(A, dual, (gop_graph_data){GOP_GRAPH_ADJACENCY, .loops = true}, &err));
    for (size_t e = 0; e < E; e++) {
        ck_assert(B[e * l->nodes + (size_t)bones->v[2 * e]] == -1);
        ck_assert(B[e * l->nodes + (size_t)bones->v[2 * e + 1]] == 1);
        ck_assert_msg(gop_graph_part_of(dual, e) == (size_t)part->v[e],
                      "%s: bone %zu is in part "
                      "%zu",
                      name, e, gop_graph_part_of(dual, e));
        for (size_t f = 0; f < E; f++)
            ck_assert(A[e * E + f] == (gop_real)adjacency->v[e * E + f]);
    }
    gop_graph_free(joints);
    gop_graph_free(dual);
}

START_TEST(graphs_of_bones)
{
    static const char *const word[MAX_NODES] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
        "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "A", "B", "C", "D", "E", "F"};
    golden *g = golden_open("bone_graphs");
    char names[128];
    size_t seen = 0;
    snprintf(names, sizeof names, "%s", golden_text(g, "skeletons"));
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ","), seen++) {
        const golden_tensor *part = get(g, "in", name, "joint_to_part");
        gop_edge edges[MAX_NODES], part_edges[MAX_NODES];
        uint32_t of[MAX_NODES], column[3 * MAX_NODES];
        char centre[64];
        snprintf(centre, sizeof centre, "%s.center", name);
        zoo_layout l = {.name = name,
                        .feature = ZOO_POSITION,
                        .nodes = (uint32_t)part->size,
                        .channels = 3,
                        .columns = 3 * MAX_NODES,
                        .centre = (uint32_t)golden_number(g, centre),
                        .node_name = word,
                        .column = column,
                        .edges = edges,
                        .part_name = word,
                        .part = of,
                        .part_edges = part_edges};
        ck_assert_uint_le(l.nodes, MAX_NODES);
        for (uint32_t i = 0; i < 3 * l.nodes; i++)
            column[i] = i;
        for (uint32_t i = 0; i < l.nodes; i++) {
            of[i] = (uint32_t)part->v[i];
            l.parts = of[i] >= l.parts ? of[i] + 1 : l.parts;
        }
        l.n_edges = (uint32_t)read_edges(edges, get(g, "in", name, "edges"));
        l.n_part_edges = (uint32_t)read_edges(part_edges, get(g, "in", name, "part_edges"));
        expect_bones(g, name, &l);
    }
    ck_assert_uint_eq(seen, 6);
    golden_close(g);
}
END_TEST

/* More parts than bones, one node in each: one part gets no bone. */
START_TEST(parts_without_bones)
{
    static const char *const word[] = {"a", "b", "c"};
    static const uint32_t number[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    static const gop_edge edges[] = {{0, 1}, {1, 2}};
    zoo_layout l = {.name = "short",
                    .feature = ZOO_POSITION,
                    .nodes = 3,
                    .channels = 3,
                    .columns = 9,
                    .centre = 1,
                    .node_name = word,
                    .column = number,
                    .n_edges = 2,
                    .edges = edges,
                    .parts = 3,
                    .part_name = word,
                    .part = number,
                    .n_part_edges = 2,
                    .part_edges = edges};
    gop_error err = {GOP_OK, ""};
    gop_graph *dual = NULL;
    ck_assert_int_eq(recorded(zoo_layout_bone_graph(&dual, &l, &err), &err), GOP_EINVAL);
    ck_assert_ptr_null(dual);
    ck_assert_str_eq(err.message, "layout short: part b has no bone");
}
END_TEST

/* ------------------------------------------------------------------- models in one */

/* One network of the fused case, with its parameters: its results for poses by rule. */
static zoo_model *part_of(const golden *g, const char *stream)
{
    zoo_model *m = golden_model(g);
    golden_model_set(m, "stream", stream);
    golden_net n = golden_net_open(stream, m, 1, false);
    golden_rule_params(m->params);
    n.model = NULL; /* which stays */
    golden_net_close(&n);
    return m;
}

/* Runs a model on two windows. */
static void ask(const zoo_model *m, gop_real *scores, gop_real *poses)
{
    gop_error err = {GOP_OK, ""};
    const gop_shape s = gop_shape4(2, 5, 8, 3);
    gop_real x[2 * 5 * 8 * 3];
    gop_ctx *ctx = NULL;
    zoo_inference *inf = NULL;
    golden_rule_poses(x, s, "fused/x");
    OK(err, gop_ctx_new(&ctx, 1, 0, &err));
    OK(err, zoo_inference_new(&inf, ctx, m, 2, &err));
    OK(err, zoo_inference_run(inf, x, NULL, scores, poses, &err));
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
}

enum { CLASSES = 4, POSES = 2 * 5 * 3 * 3 };

/* Fused scores are the softmax of the weighted sum of the logs of the scores, since a softmax
 * ignores a number added to all classes. */
START_TEST(fused_as_by_hand)
{
    static const char *const stream[] = {"bone-motion", "joint", "bone"};
    const double weight[] = {0.375 * 0.25, 0.625, 0.375 * 0.75};
    golden *g = golden_open("stream_fused");
    gop_real scores[3][2 * CLASSES], all[2 * CLASSES], poses[POSES], joint[POSES];
    gop_error err = {GOP_OK, ""};
    zoo_model *m[3], *fused = NULL, *other = NULL;
    const zoo_model *of[3], *turned[3];
    size_t which;
    for (int i = 0; i < 3; i++) {
        of[i] = turned[2 - i] = m[i] = part_of(g, stream[i]);
        golden_model_set(m[i], "bone_weight", "0.375");
        golden_model_set(m[i], "motion_weight", "0.25");
        ask(m[i], scores[i], i == 1 ? joint : NULL);
    }
    OK(err, zoo_model_fuse(&fused, of, 3, &which, &err));
    ck_assert_uint_eq(which, 1); /* joints predict */
    ask(fused, all, poses);
    for (int n = 0; n < 2; n++) {
        double y[CLASSES], sum = 0;
        for (int k = 0; k < CLASSES; k++) {
            y[k] = 0;
            for (int i = 0; i < 3; i++)
                y[k] += weight[i] * log((double)scores[i][n * CLASSES + k]);
            sum += exp(y[k]);
        }
        for (int k = 0; k < CLASSES; k++)
            ck_assert(fabs(exp(y[k]) / sum - (double)all[n * CLASSES + k]) < 1e-6);
    }
    /* The poses are the joints' network's, with other probabilities as input. */
    double most = 0, apart = 0;
    for (int k = 0; k < POSES; k++) {
        most = fmax(most, fabs((double)joint[k]));
        apart = fmax(apart, fabs((double)joint[k] - (double)poses[k]));
    }
    ck_assert(apart > 0 && apart < 0.1 * most);
    /* The other networks' prediction heads are left out. */
    ck_assert_uint_eq(gop_params_find(fused->params, "bone.mlp_pred.weight"), SIZE_MAX);
    ck_assert_uint_lt(gop_params_find(fused->params, "joint.mlp_pred.weight"), SIZE_MAX);
    /* The order does not matter. */
    OK(err, zoo_model_fuse(&other, turned, 3, NULL, &err));
    ck_assert_uint_eq(gop_params_size(fused->params), gop_params_size(other->params));
    ck_assert_mem_eq(gop_params_values(fused->params), gop_params_values(other->params),
                     gop_params_size(fused->params) * sizeof(gop_real));
    for (int i = 0; i < 3; i++)
        zoo_model_free(m[i]);
    zoo_model_free(fused);
    zoo_model_free(other);
    golden_close(g);
}
END_TEST

START_TEST(fuse_refuses)
{
    golden *g = golden_open("stream_fused");
    zoo_model *joint = part_of(g, "joint"), *bone = part_of(g, "bone"), *fused = NULL;
    const zoo_model *of[ZOO_FUSE_MAX + 1] = {joint, bone};
    gop_error err = {GOP_OK, ""};
    size_t which = 9;
    ck_assert_int_eq(recorded(zoo_model_fuse(NULL, of, 2, &which, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, NULL, 2, &which, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, 1, &which, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, 3, &which, &err), &err), GOP_EINVAL);
    ck_assert_uint_eq(which, 2);
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, ZOO_FUSE_MAX + 1, &which, &err), &err),
                     GOP_EINVAL);
    golden_model_set(bone, "lambda_act", "0.25");
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, 2, &which, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "lambda_act differs from the first model's");
    golden_model_set(bone, "lambda_act", golden_text(g, "lambda_act"));
    golden_model_set(bone, "heads", "prediction");
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, 2, &which, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "it gives no class scores to fuse");
    golden_model_set(bone, "heads", "both");
    bone->domain.std[0] = 2;
    ck_assert_int_eq(recorded(zoo_model_fuse(&fused, of, 2, &which, &err), &err), GOP_ESHAPE);
    bone->domain.std[0] = 1;
    ck_assert_int_eq(zoo_model_fuse(&fused, of, 2, &which, &err), GOP_OK);
    zoo_model_free(fused);
    zoo_model_free(joint);
    zoo_model_free(bone);
    golden_close(g);
}
END_TEST

/* ----------------------------------------------------------------------------- MGDA */

/* Every way to compute lambda gives a finite gradient on every network. */
START_TEST(lambda_of_several_networks)
{
    static const gop_mgda_mode mode[] = {GOP_MGDA_EXACT, GOP_MGDA_UB, GOP_MGDA_UB_NORMALISED};
    golden *g = golden_open("stream_four");
    golden_net n = forward(g, true);
    for (size_t k = 0; k < sizeof mode / sizeof *mode; k++) {
        double lambda = 0.5, sum = 0;
        golden_net_mgda(&n, mode[k], &lambda);
        ck_assert(lambda >= 0 && lambda <= 1);
        for (size_t i = 0; i < gop_params_size(n.model->params); i++)
            sum += fabs((double)n.grads[i]);
        ck_assert(isfinite(sum) && sum > 0);
    }
    golden_net_close(&n);
    golden_close(g);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("streams");
    tcase_add_loop_test(c, answers, 0, COUNT(cases));
    tcase_add_loop_test(c, gradients, 0, COUNT(cases));
    tcase_add_test(c, graphs_of_bones);
    tcase_add_test(c, parts_without_bones);
    tcase_add_test(c, fused_as_by_hand);
    tcase_add_test(c, fuse_refuses);
    tcase_add_test(c, lambda_of_several_networks);
    return golden_main("streams and variants", c, &worst);
}
