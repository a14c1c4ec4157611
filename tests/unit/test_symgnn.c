/*
 * test_symgnn.c: the options of Sym-GNN that are not the paper's, by their definitions: prediction
 * of all poses at once, cosine transforms of the observed frames, residuals to the last pose.  The
 * paper's form is in test_golden_model.c and test_golden_readings.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "trainer_fixture.h"

#include <math.h>
#include <stdlib.h>

enum { N = 2, M = 22, T = 16, S = 3, D = 3, HIDDEN = 8 };

typedef struct recorded_model {
    zoo_model *m;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports p;
} recorded_model;

static gop_real draw(size_t k)
{
    return (gop_real)sin(1.7 * (double)k + 0.3 * (double)(k % 7));
}

/* A tiny model in a net, with drawn poses of N clips. */
static recorded_model open_model(const char *settings, bool training, uint32_t bodies)
{
    recorded_model r = {.m = tiny_model(1)};
    CHECK(zoo_settings_apply(r.m->type->options, r.m->config.bytes, "symgnn", settings, &err));
    r.m->view.bodies = bodies;
    CHECK(gop_ctx_new(&r.ctx, 1, 0, &err));
    CHECK(gop_net_new(&r.net, r.ctx, r.m->params, training ? GOP_TRAINING : GOP_INFERENCE, &err));
    CHECK(zoo_model_record(r.m, r.net, &(zoo_use){.batch = N}, &r.p, &err));
    gop_real *x = gop_net_value(r.net, r.p.x);
    for (size_t i = 0; i < (size_t)N * bodies * M * T * D; i++)
        x[i] = draw(i);
    for (size_t i = 0; r.p.bodies.id >= 0 && i < (size_t)N * bodies; i++)
        gop_net_value(r.net, r.p.bodies)[i] = 1;
    return r;
}

static void close_model(recorded_model *r)
{
    gop_net_free(r->net);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->m);
}

static gop_param_info param(const recorded_model *r, const char *name)
{
    const size_t i = gop_params_find(r->m->params, name);
    ck_assert_msg(i < gop_params_count(r->m->params), "no parameter is called %s", name);
    return gop_params_info(r->m->params, i);
}

static void fill(const recorded_model *r, const char *name, double value)
{
    const gop_param_info p = param(r, name);
    for (size_t i = 0; i < gop_shape_size(p.shape); i++)
        p.data[i] = (gop_real)value;
    gop_params_changed(r->m->params);
}

static const gop_real *run(recorded_model *r)
{
    CHECK(gop_net_forward(r->net, &err));
    return gop_net_value(r->net, r->p.poses);
}

/* An observed value of body row n, from the end: back = 0 is the last frame. */
static double seen(const recorded_model *r, size_t n, size_t m, size_t back, size_t c)
{
    return (double)gop_net_value(r->net, r->p.x)[((n * M + m) * T + T - 1 - back) * D + c];
}

/* D[k, t] of `frames` frames. */
static double cosine(size_t k, size_t t, size_t frames)
{
    return sqrt((k > 0 ? 2.0 : 1.0) / (double)frames) *
           cos(acos(-1.0) * (double)k * ((double)t + 0.5) / (double)frames);
}

/* ------------------------------------------------------------------------- decoder */

static const struct {
    const char *settings;
    uint32_t bodies;
} forms[] = {
    {"decoder=dct", 1},
    {"decoder=dct", 2},
    {"decoder=dct coefficients=2 dec_trajectory=1", 1},
    {"decoder=dct dec_differences=none out_hidden_layers=0", 1},
    {"decoder=dct dec_differences=frozen heads=prediction input=dct", 1},
    {"decoder=dct scales=part", 1},
    {"decoder=dct scales=joint joint_graphs=structural", 1},
    {"decoder=dct stream=joint+bone yhat_from=own", 1},
    {"dec_trajectory=1 residual=last", 1},
    {"input=dct agim_per=branch", 1},
};
enum { FORMS = sizeof forms / sizeof *forms };

/* Before training, all poses are the last one. */
START_TEST(the_first_prediction_is_the_last_pose)
{
    recorded_model r = open_model(forms[_i].settings, false, forms[_i].bodies);
    const size_t rows = N * forms[_i].bodies;
    const gop_real *y = run(&r);
    double most = 0;
    ck_assert(gop_shape_equal(gop_net_shape(r.net, r.p.poses), gop_shape4(rows, M, S, D)));
    for (size_t i = 0; i < rows * M * S * D; i++)
        most = fmax(most, fabs((double)y[i] - seen(&r, i / D / S / M, i / D / S % M, 0, i % D)));
    if (strstr(forms[_i].settings, "decoder=dct") != NULL)
        ck_assert(most == 0);
    else
        ck_assert_double_gt(most, 1e-3);
    close_model(&r);
}
END_TEST

START_TEST(a_network_of_bones_begins_with_the_last_pose_too)
{
    recorded_model r = open_model("decoder=dct stream=bone", false, 1);
    const gop_real *y = run(&r);
    for (size_t i = 0; i < (size_t)N * M * S * D; i++)
        ck_assert_double_eq_tol((double)y[i], seen(&r, i / D / S / M, i / D / S % M, 0, i % D),
                                1e-4);
    close_model(&r);
}
END_TEST

/* Few kinks: they disturb differences. */
static const char small[] =
    "widths=6,6 strides=2,2 kernels=5,3 fuse_after= orders=0,1 agim_k=0 loss=squared velocity=1";

START_TEST(gradients_are_those_of_the_losses)
{
    char settings[256];
    snprintf(settings, sizeof settings, "%s %s", small, forms[_i].settings);
    recorded_model r = open_model(settings, true, forms[_i].bodies);
    gop_rng rng = gop_rng_new(1, 1);
    for (size_t i = 0; i < gop_params_count(r.m->params); i++) {
        const gop_param_info p = gop_params_info(r.m->params, i);
        for (size_t k = 0; k < gop_shape_size(p.shape) && p.trained; k++)
            p.data[k] += (gop_real)(0.1 * gop_rng_normal(&rng));
    }
    gop_params_changed(r.m->params);
    gop_real *target = gop_net_value(r.net, r.p.target);
    for (size_t i = 0; i < gop_shape_size(gop_net_shape(r.net, r.p.target)); i++)
        target[i] = draw(2 * i + 1);
    if (r.p.mask.id >= 0)
        for (size_t i = 0; i < gop_shape_size(gop_net_shape(r.net, r.p.mask)); i++)
            gop_net_value(r.net, r.p.mask)[i] = 1;
    for (size_t i = 0; r.p.labels.id >= 0 && i < N; i++)
        gop_net_value(r.net, r.p.labels)[i] = (gop_real)i;
    gop_net_random(r.net, 1, 1);
    gop_param_check *each = calloc(gop_params_count(r.m->params), sizeof *each);
    ck_assert_ptr_nonnull(each);
    CHECK(gop_net_gradcheck_each(each, r.net, r.p.loss_prediction, 3, &err));
    for (size_t i = 0; i < gop_params_count(r.m->params); i++)
        ck_assert_msg(each[i].name == NULL || each[i].error < 0.12, "%s: %s is off by %.2g",
                      settings, each[i].name, each[i].error);
    free(each);
    close_model(&r);
}
END_TEST

/* A bias of the last layer is a coefficient: the prediction is the last pose and a cosine. */
START_TEST(outputs_are_coefficients)
{
    const size_t K = _i == 0 ? S : 2;
    recorded_model r = open_model(_i == 0 ? "decoder=dct" : "decoder=dct coefficients=2", false, 1);
    const gop_param_info b = param(&r, "dec.out.bias");
    ck_assert(gop_shape_equal(b.shape, gop_shape1(D * K)));
    for (size_t i = 0; i < D * K; i++)
        b.data[i] = draw(i);
    gop_params_changed(r.m->params);
    const gop_real *y = run(&r);
    for (size_t i = 0; i < (size_t)N * M * S * D; i++) {
        const size_t c = i % D, t = i / D % S;
        double want = seen(&r, i / D / S / M, i / D / S % M, 0, c);
        for (size_t k = 0; k < K; k++)
            want += (double)draw(c * K + k) * cosine(k, t, S);
        ck_assert_double_eq_tol((double)y[i], want, 1e-5);
    }
    close_model(&r);
}
END_TEST

/* One weight of the last layer, which has no other layer before it, picks coefficient 2 of the
 * observed places of a node in direction 1, less the last one. */
START_TEST(the_head_takes_the_observed_poses)
{
    recorded_model r = open_model(
        "decoder=dct dec_trajectory=1 out_hidden_layers=0 heads=prediction", false, 1);
    const size_t before = 2 * HIDDEN + 3 * D; /* JGC(F), h, the pose and its differences */
    const gop_param_info w = param(&r, "dec.out.weight");
    ck_assert(gop_shape_equal(w.shape, gop_shape2(D * S, before + T * D)));
    w.data[before + 2 * D + 1] = 1;
    gop_params_changed(r.m->params);
    const gop_real *y = run(&r);
    for (size_t n = 0; n < N; n++)
        for (size_t m = 0; m < M; m++) {
            double of = 0;
            for (size_t t = 0; t < T; t++)
                of += (seen(&r, n, m, T - 1 - t, 1) - seen(&r, n, m, 0, 1)) * cosine(2, t, T);
            for (size_t t = 0; t < S; t++)
                ck_assert_double_eq_tol((double)y[((n * M + m) * S + t) * D],
                                        seen(&r, n, m, 0, 0) + of * cosine(0, t, S), 1e-4);
        }
    close_model(&r);
}
END_TEST

/* With a constant result of the output network, poses add up, or do not. */
START_TEST(residuals_are_to_the_pose_that_is_named)
{
    recorded_model r = open_model(_i == 0 ? "residual=previous" : "residual=last", false, 1);
    fill(&r, "dec.out.weight", 0);
    fill(&r, "dec.out.bias", 0.25);
    const gop_real *y = run(&r);
    for (size_t i = 0; i < (size_t)N * M * S * D; i++) {
        const size_t t = i / D % S;
        ck_assert_double_eq_tol((double)y[i],
                                seen(&r, i / D / S / M, i / D / S % M, 0, i % D) +
                                    0.25 * (double)(_i == 0 ? t + 1 : 1),
                                1e-5);
    }
    close_model(&r);
}
END_TEST

/* --------------------------------------------------------------------------- input */

/* The class scores of input=dct are those of frames that are coefficients. */
START_TEST(branches_take_coefficients)
{
    static const char plain[] = "heads=recognition joint_graphs=structural orders=0";
    recorded_model a = open_model("heads=recognition joint_graphs=structural orders=0 input=dct",
                                  false, 1);
    recorded_model b = open_model(plain, false, 1);
    gop_real *to = gop_net_value(b.net, b.p.x);
    for (size_t n = 0; n < N; n++)
        for (size_t m = 0; m < M; m++)
            for (size_t k = 0; k < T; k++)
                for (size_t c = 0; c < D; c++) {
                    double sum = 0;
                    for (size_t t = 0; t < T; t++)
                        sum += cosine(k, t, T) * seen(&a, n, m, T - 1 - t, c);
                    to[((n * M + m) * T + k) * D + c] = (gop_real)sum;
                }
    CHECK(gop_net_forward(a.net, &err));
    CHECK(gop_net_forward(b.net, &err));
    const size_t classes = data->domain.actions;
    for (size_t i = 0; i < N * classes; i++)
        ck_assert_double_eq_tol((double)gop_net_value(a.net, a.p.scores)[i],
                                (double)gop_net_value(b.net, b.p.scores)[i], 1e-5);
    close_model(&a);
    close_model(&b);
}
END_TEST

/* ------------------------------------------------------------------------- presets */

static size_t size_of(const char *preset)
{
    zoo_model *m;
    gop_ctx *ctx;
    zoo_inference *inf;
    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, "symgnn"), preset, &data->domain, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inf, ctx, m, 1, &err));
    const size_t n = gop_params_size(m->params);
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
    zoo_model_free(m);
    return n;
}

START_TEST(modern_is_smaller_than_light)
{
    ck_assert_uint_lt(size_of("modern"), size_of("light") / 2);
}
END_TEST

TEST_MAIN("symgnn")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, the_first_prediction_is_the_last_pose, 0, FORMS);
    tcase_add_test(t, a_network_of_bones_begins_with_the_last_pose_too);
    tcase_add_loop_test(t, gradients_are_those_of_the_losses, 0, FORMS);
    tcase_add_loop_test(t, outputs_are_coefficients, 0, 2);
    tcase_add_test(t, the_head_takes_the_observed_poses);
    tcase_add_loop_test(t, residuals_are_to_the_pose_that_is_named, 0, 2);
    tcase_add_test(t, branches_take_coefficients);
    tcase_add_test(t, modern_is_smaller_than_light);
}
