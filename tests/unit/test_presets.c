/*
 * test_presets.c: the models' presets at their usual shapes: numbers of parameters, multiply-adds
 * and memory of inference.  Plans nets; runs none.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "zoo/model.h"

/* Counted from Tables 16 to 18 by an independent program (the reference of tests/golden), with the
 * edge networks' first layer applied to nodes and every graph convolution aggregating first.  In a
 * block that narrows, the product comes first and fewer channels are aggregated, over Gamma + 1
 * graphs of joints and one of parts: the full network's blocks 4 (256 to 128 channels, 145 frames)
 * and 7 (512 to 256, 73 frames), in three branches. */
#define NARROWER (UINT64_C(3) * (145 * 128 + 73 * 256) * (5 * 25 * 25 + 10 * 10))

/* ST-GCN has the 3.10 M parameters of the authors' program.  2s-AGCN has 3.47 M per stream: the
 * usual 3.45 M do not count the 18,750 of B, and the authors' first batch norm has 150 more for a
 * second body.  The others have the numbers of the reference of tests/golden
 * (count_parameters.py), for clips of two bodies. */
static const struct {
    const char *type, *preset, *layout, *observed;
    size_t classes;
    uint32_t bodies;
    size_t parameters;
    uint64_t madds;   /* 0: not counted */
    double billions;  /* of the tables, aggregating first; 0: not counted */
    size_t megabytes; /* for one window's values, without the packed copy of the weights */
} sizes[] = {
    {"symgnn", "light", "cmu26", "50", 8, 1, 6871051, UINT64_C(1440056352), 1.44, 4},
    {"symgnn", "full", "ntu25", "290", 60, 1, 23836751, UINT64_C(39854301530) - NARROWER, 39.85,
     24},
    {"stgcn", "published", "ntu25", "300", 60, 1, 3098832, 0, 0, 24},
    {"stgcn", "paper", "ntu25", "300", 60, 1, 3098832 - 51539, 0, 0, 24},
    {"agcn", "published", "ntu25", "300", 60, 1, 3469510 - 150, 0, 0, 32},
    {"aagcn", "published", "ntu25", "300", 60, 2, 3781668, 0, 0, 64},
    {"ctrgcn", "published", "ntu25", "64", 60, 2, 1446672, 0, 0, 64},
    {"ctrgcn", "pyskl", "ntu25", "100", 60, 2, 1446672, 0, 0, 64},
    {"msg3d", "published", "ntu25", "300", 60, 2, 3194595, 0, 0, 200},
    {"msg3d", "pyskl", "ntu25", "100", 60, 2, 3194595, 0, 0, 100},
    {"stgcnpp", "published", "ntu25", "100", 60, 2, 1403144, 0, 0, 64},
    {"dgstgcn", "published", "ntu25", "100", 60, 2, 1701032, 0, 0, 64},
    {"protogcn", "published", "ntu25", "100", 60, 2, 3728406, 0, 0, 64},
    {"simlpe", "published", "smpl22", "50", 15, 1, 137580, 0, 0, 16},
    {"ltd", "published", "smpl22", "10", 15, 1, 2555275, 0, 0, 16},
    {"ltd", "short", "smpl22", "10", 15, 1, 2545015, 0, 0, 16},
    {"hisrep", "published", "smpl22", "50", 15, 1, 3415952, 0, 0, 16},
    {"msrgcn", "published", "h36m22", "10", 15, 1, 6298185, 0, 0, 32},
    {"msrgcn", "published", "cmu25", "10", 15, 1, 6367791, 0, 0, 32},
    {"ressup", "published", "kinetics18", "50", 15, 1, 3370038, 0, 0, 16},
    {"ressup", "supervised", "kinetics18", "50", 15, 1, 3431493, 0, 0, 16},
};

static zoo_model *model(const char *type, const char *preset, const char *layout_name,
                        size_t classes)
{
    const zoo_layout *layout = zoo_layout_find(layout_name);
    char action[64][ZOO_NAME_SIZE];
    zoo_domain domain = {0};
    gop_error err = {GOP_OK, ""};
    zoo_model *m;

    ck_assert_ptr_nonnull(layout);
    ck_assert_uint_le(classes, 64);
    float *numbers = calloc(2 * layout->columns, sizeof *numbers);
    uint8_t *constant = calloc(layout->columns, 1);
    ck_assert(numbers != NULL && constant != NULL);
    snprintf(domain.name, sizeof domain.name, "sizes");
    domain.layout = *layout;
    domain.rate = 25;
    domain.factor = 1;
    domain.actions = classes;
    domain.action = action;
    domain.mean = numbers;
    domain.std = numbers + layout->columns;
    domain.constant = constant;
    for (size_t i = 0; i < classes; i++)
        snprintf(action[i], ZOO_NAME_SIZE, "action %zu", i);
    for (uint32_t i = 0; i < layout->columns; i++)
        domain.std[i] = 1;
    ck_assert_msg(zoo_model_new(&m, zoo_model_type_find(NULL, type), preset, &domain, 1, &err) ==
                      GOP_OK,
                  "%s", err.message);
    free(numbers);
    free(constant);
    return m;
}

START_TEST(sizes_are_as_counted)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    zoo_model *m = model(sizes[_i].type, sizes[_i].preset, sizes[_i].layout, sizes[_i].classes);

    m->view.bodies = sizes[_i].bodies;
    ck_assert_int_eq(zoo_model_set(m, "observed", sizes[_i].observed, &err), GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &err), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err), GOP_OK);
    ck_assert_msg(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, &err) == GOP_OK, "%s",
                  err.message);
    gop_net_cost s = gop_net_costs(net);
    printf("%s %s: %zu parameters, %.0f multiply-adds, %zu bytes\n", sizes[_i].type,
           sizes[_i].preset, gop_params_size(m->params), (double)s.madds, s.bytes);
    ck_assert_uint_eq(gop_params_size(m->params), sizes[_i].parameters);
    if (sizes[_i].madds != 0)
        ck_assert_uint_eq(s.madds, sizes[_i].madds);
    if (sizes[_i].billions != 0) /* within a per cent, whichever product comes first */
        ck_assert(fabs((double)s.madds / 1e9 - sizes[_i].billions) <= 0.01 * sizes[_i].billions);
    /* Toom-Cook keeps 25 numbers for 9 weights */
    size_t copy = sizes[_i].parameters * sizeof(gop_real) / 9 * 25;
    ck_assert_uint_le(s.bytes, copy + (sizes[_i].megabytes << 20));
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}
END_TEST

/* A training net of ProtoGCN has prototypes and the contrast of classes besides. */
START_TEST(training_may_have_parameters_of_its_own)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    zoo_model *m = model("protogcn", "published", "ntu25", 60);

    ck_assert_int_eq(zoo_model_set(m, "observed", "8", &err), GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &err), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err), GOP_OK);
    ck_assert_msg(zoo_model_record(m, net, &(zoo_use){.batch = 2}, &ports, &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(gop_params_size(m->params), 4344470);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}
END_TEST

static bool joined(const zoo_layout *l, size_t a, size_t b)
{
    for (size_t e = 0; e < l->n_edges; e++)
        if ((l->edges[e].a == a && l->edges[e].b == b) ||
            (l->edges[e].a == b && l->edges[e].b == a))
            return true;
    return a == b;
}

/* Trained graphs begin with the edges of the data's layout, whatever the preset. */
START_TEST(graphs_begin_as_the_layout)
{
    static const struct {
        const char *type, *preset, *graph;
    } of[] = {{"ctrgcn", "published", "block.0.gcn.A"},
              {"ctrgcn", "pyskl", "block.0.gcn.A"},
              {"aagcn", "published", "block.0.B"},
              {"aagcn", "pyskl", "block.0.B"}};
    static const char *const layouts[] = {"coco17", "ntu25", "tiny5"};
    for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++) {
        gop_error err = {GOP_OK, ""};
        gop_ctx *ctx;
        gop_net *net;
        zoo_ports ports;
        zoo_model *m = model(of[_i].type, of[_i].preset, layouts[k], 2);
        const zoo_layout *l = &m->domain.layout;

        ck_assert_int_eq(zoo_model_set(m, "widths", "4", &err), GOP_OK);
        ck_assert_int_eq(zoo_model_set(m, "strides", "1", &err), GOP_OK);
        ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &err), GOP_OK);
        ck_assert_int_eq(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err), GOP_OK);
        ck_assert_msg(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, &err) == GOP_OK,
                      "%s", err.message);
        const size_t M = l->nodes, at = gop_params_find(m->params, of[_i].graph);
        ck_assert_uint_ne(at, SIZE_MAX);
        const gop_param_info A = gop_params_info(m->params, at);
        ck_assert_uint_eq(gop_shape_size(A.shape), 3 * M * M);
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < M; j++) {
                const size_t e = i * M + j;
                const double sum = (double)(A.data[e] + A.data[M * M + e] + A.data[2 * M * M + e]);
                ck_assert_msg((sum > 0) == joined(l, i, j), "%s: %zu to %zu", layouts[k], i, j);
            }
        gop_net_free(net);
        gop_ctx_free(ctx);
        zoo_model_free(m);
    }
}
END_TEST

TEST_MAIN("presets")
{
    tcase_add_loop_test(t, graphs_begin_as_the_layout, 0, 4);
    tcase_add_test(t, training_may_have_parameters_of_its_own);
    tcase_add_loop_test(t, sizes_are_as_counted, 0, sizeof sizes / sizeof sizes[0]);
}
