/*
 * test_steps_models.c: models that recognise, frame by frame, against the same models with the
 * stream so far as one window; how far they look ahead; models that cannot step.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/zoo.h"

enum { STREAM = 60 };

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

static gop_error err;

typedef struct world {
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model;
    size_t frame, pose, nodes, classes; /* elements of a frame, of a node's pose */
    gop_real *x;                        /* [nodes, STREAM, pose] */
} world;

static void set(zoo_model *m, const char *key, const char *value)
{
    ck_assert_msg(zoo_model_set(m, key, value, &err) == GOP_OK, "%s=%s: %s", key, value,
                  err.message);
}

static world world_new(const char *type, const char *padding)
{
    world w;
    memset(&w, 0, sizeof w);
    CHECK(zoo_synth(&w.data, NULL, 1, &err));
    CHECK(gop_ctx_new(&w.ctx, 1, 0, &err));
    CHECK(zoo_model_new(&w.model, zoo_model_type_find(NULL, type), NULL, &w.data->domain, 1, &err));
    set(w.model, "widths", "8,8,12,12");
    set(w.model, "strides", "1,2,1,2");
    if (strcmp(type, "stgcn") == 0)
        set(w.model, "taps", "5");
    set(w.model, "observed", "64");
    if (padding != NULL)
        set(w.model, "padding", padding);
    w.nodes = w.model->domain.layout.nodes;
    w.pose = w.model->domain.layout.channels;
    w.classes = w.model->domain.actions;
    w.frame = w.nodes * w.pose;
    w.x = malloc(w.frame * STREAM * sizeof *w.x);
    ck_assert_ptr_nonnull(w.x);
    gop_rng rng = gop_rng_new(4, 1);
    for (size_t i = 0; i < w.frame * STREAM; i++)
        w.x[i] = (gop_real)(2 * gop_rng_uniform(&rng) - 1);
    /* A net that is recorded creates the parameters; statistics get other values than 0 and 1. */
    zoo_inference *inference;
    CHECK(zoo_inference_new(&inference, w.ctx, w.model, 1, &err));
    zoo_inference_free(inference);
    gop_real *stats = gop_params_stats(w.model->params);
    for (size_t i = 0; i < gop_params_stats_size(w.model->params); i++)
        stats[i] = (gop_real)(0.04 + 0.01 * (double)(i % 7));
    return w;
}

static void world_free(world *w)
{
    zoo_model_free(w->model);
    zoo_dataset_free(w->data);
    gop_ctx_free(w->ctx);
    free(w->x);
}

static void push(const world *w, gop_stepper *s, size_t t)
{
    gop_real frame[26 * 4];
    ck_assert_uint_le(w->frame, sizeof frame / sizeof *frame);
    for (size_t i = 0; i < w->nodes; i++)
        memcpy(frame + i * w->pose, w->x + (i * STREAM + t) * w->pose, w->pose * sizeof *frame);
    CHECK(gop_stepper_push(s, frame, w->frame, &err));
}

enum { FEATURES = 12 };

/* The model's scores and features of frames [0, T). */
static void run(const world *w, size_t T, gop_real *scores, gop_real *features)
{
    const zoo_use use = {.batch = 1, .features = true};
    char text[24];
    zoo_inference *inference;
    gop_real *x = malloc(w->frame * T * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < w->nodes; i++)
        memcpy(x + i * T * w->pose, w->x + i * STREAM * w->pose, T * w->pose * sizeof *x);
    snprintf(text, sizeof text, "%zu", T);
    set(w->model, "observed", text);
    CHECK(zoo_inference_new_for(&inference, w->ctx, w->model, &use, &err));
    CHECK(zoo_inference_run(inference, x, NULL, scores, NULL, &err));
    ck_assert_uint_eq(zoo_inference_n_features(inference), FEATURES);
    CHECK(zoo_inference_features(inference, features, &err));
    zoo_inference_free(inference);
    free(x);
}

/* The largest difference of n numbers, of the largest of them. */
static double difference(const gop_real *is, const gop_real *want, size_t n)
{
    double worst = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        const double off = fabs((double)is[i] - (double)want[i]);
        worst = off <= worst ? worst : off;
        most = fmax(most, fabs((double)want[i]));
    }
    ck_assert_double_gt(most, 0);
    return worst / most;
}

static const struct {
    const char *type, *padding;
    uint64_t ahead;

} models[] = {
    {"stgcn", "causal", 0},
    {"stgcn", "none", 24},
    {"stgcnpp", "causal", 0},
    {"stgcnpp", "none", 48},
};

/* At every frame with a result, scores and features are those of the stream so far as one window. */
START_TEST(scores_are_those_of_the_stream_so_far)
{
    world w = world_new(models[_i].type, models[_i].padding);
    gop_stepper *s;
    gop_real *want = calloc(w.classes, sizeof *want), features[FEATURES];
    size_t results = 0;
    ck_assert_ptr_nonnull(want);
    CHECK(zoo_inference_stepper(&s, NULL, w.ctx, w.model, &(zoo_use){.batch = 1, .features = true},
                                GOP_WHOLE_STREAM, &err));
    ck_assert_uint_eq(gop_stepper_reach(s, 0).every, 4);
    ck_assert_msg(gop_stepper_reach(s, 0).ahead == models[_i].ahead, "%s %s looks %d ahead",
                  models[_i].type, models[_i].padding, (int)gop_stepper_reach(s, 0).ahead);
    ck_assert_uint_eq(gop_stepper_shape(s, 1).dim[1], FEATURES);
    for (size_t t = 0; t < STREAM; t++) {
        push(&w, s, t);
        const gop_step_answer a = gop_stepper_answer(s, 0);
        if (!a.fresh)
            continue;
        results++;
        run(&w, t + 1, want, features);
        ck_assert_double_le(difference(a.value, want, w.classes), 1e-5);
        ck_assert_double_le(difference(gop_stepper_answer(s, 1).value, features, FEATURES), 1e-5);
    }
    ck_assert_uint_ge(results, 3);
    gop_stepper_free(s);
    free(want);
    world_free(&w);
}
END_TEST

/* Steps of centred weights differ from the window by what the window's end lacks: they wait for
 * frames that it takes for zeros.  The numbers are those of this network; the difference is no
 * rounding. */
START_TEST(centred_weights_differ_at_the_end_of_the_window)
{
    world w = world_new("stgcn", NULL);
    gop_stepper *s;
    gop_real *want = calloc(w.classes, sizeof *want), features[FEATURES];
    ck_assert_ptr_nonnull(want);
    CHECK(zoo_inference_stepper(&s, NULL, w.ctx, w.model, &(zoo_use){.batch = 1, .features = true},
                                GOP_WHOLE_STREAM, &err));
    ck_assert_uint_eq(gop_stepper_reach(s, 0).ahead, 2 + 2 + 4 + 4);
    for (size_t t = 0; t < STREAM; t++)
        push(&w, s, t);
    /* As many results as of this window. */
    const gop_step_answer a = gop_stepper_answer(s, 1);
    run(&w, (size_t)a.index * 4 + 1, want, features);
    ck_assert_double_gt(difference(a.value, features, FEATURES), 1e-3);
    gop_stepper_free(s);
    free(want);
    world_free(&w);
}
END_TEST

/* ST-GCN as published looks 76 frames ahead. */
START_TEST(published_looks_76_frames_ahead)
{
    static const char *const types[] = {"stgcn", "stgcnpp"};
    static const char *const paddings[] = {"centred", "causal"};
    zoo_dataset *data;
    zoo_model *m;
    gop_ctx *ctx;
    gop_stepper *s;
    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (int i = 0; i < 4; i++) {
        CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, types[i / 2]), NULL, &data->domain, 1,
                            &err));
        set(m, "widths", "8,8,8,8,8,8,8,8,8,8");
        set(m, "padding", paddings[i % 2]);
        set(m, "observed", "100");
        CHECK(zoo_inference_stepper(&s, NULL, ctx, m, &(zoo_use){.batch = 1}, 1, &err));
        const gop_step_reach reach = gop_stepper_reach(s, 0);
        ck_assert_uint_eq(reach.ahead, i % 2 == 0 ? 76 : 0);
        ck_assert_int_eq(reach.from, i % 2 == 0 ? -76 : -152);
        ck_assert_uint_eq(reach.every, 4);
        gop_stepper_free(s);
        set(m, "padding", "none");
        ck_assert_int_eq(zoo_inference_stepper(&s, NULL, ctx, m, &(zoo_use){.batch = 1}, 1, &err),
                         GOP_EINVAL);
        ck_assert_msg(strstr(err.message, "at least 153") != NULL, "%s", err.message);
        zoo_model_free(m);
    }
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(models_that_cannot_step_say_why)
{
    static const struct {
        const char *type, *says;
    } refused[] = {
        {"agcn", "cannot step"}, {"ctrgcn", "cannot step"}, {"simlpe", "no class scores"}};
    world w = world_new("stgcn", NULL);
    gop_stepper *s;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        zoo_model *m;
        CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, refused[i].type), NULL, &w.data->domain,
                            1, &err));
        const gop_status status = zoo_inference_stepper(&s, NULL, w.ctx, m, &(zoo_use){.batch = 1},
                                                        0, &err);
        ck_assert_int_eq(status, GOP_EINVAL);
        ck_assert_ptr_null(s);
        ck_assert_msg(strstr(err.message, refused[i].says) != NULL, "%s", err.message);
        zoo_model_free(m);
    }
    world_free(&w);
}
END_TEST

TEST_MAIN("steps_models")
{
    tcase_add_loop_test(t, scores_are_those_of_the_stream_so_far, 0,
                        (int)(sizeof models / sizeof *models));
    tcase_add_test(t, centred_weights_differ_at_the_end_of_the_window);
    tcase_add_test(t, published_looks_76_frames_ahead);
    tcase_add_test(t, models_that_cannot_step_say_why);
}
