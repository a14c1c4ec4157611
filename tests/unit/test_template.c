/*
 * test_template.c: the model `template` learns, is saved, and gives the same results after loading.
 * Copy it with the model and put your model's name in MODEL.  It assumes that the model recognises
 * actions and, in its second test, that it refuses an even number of taps: replace this by what
 * your check refuses, or remove the test.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/zoo.h"

#define MODEL     "template"
#define FILE_NAME "test_" MODEL ".gop"

/* Enough to distinguish eight actions of procedural motion. */
enum { STEPS = 400, BATCH = 16 };

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

static gop_error err;

/* The share of drawn training windows that the model recognises. */
static double accuracy(gop_ctx *ctx, const zoo_model *m, const zoo_dataset *data)
{
    const size_t actions = m->domain.actions, observed = zoo_model_observed(m);
    const size_t pose = (size_t)m->domain.layout.nodes * m->domain.layout.channels;
    gop_real *x = calloc(BATCH * observed * pose, sizeof *x);
    gop_real *scores = calloc(BATCH * actions, sizeof *scores);
    gop_real labels[BATCH];
    zoo_inference *inference;
    zoo_sampler *sampler;
    size_t hits = 0;

    ck_assert(x != NULL && scores != NULL);
    CHECK(zoo_inference_new(&inference, ctx, m, BATCH, &err));
    CHECK(zoo_sampler_new(&sampler, data, &(zoo_windows){.observed = observed, .seed = 99}, &err));
    for (int round = 0; round < 4; round++) {
        ck_assert_int_eq(
            zoo_sampler_next(sampler, BATCH, &(zoo_batch){.x = x, .labels = labels}, NULL), GOP_OK);
        CHECK(zoo_inference_run(inference, x, NULL, scores, NULL, &err));
        for (size_t n = 0; n < BATCH; n++) {
            size_t best = 0;
            for (size_t c = 1; c < actions; c++)
                if (scores[n * actions + c] > scores[n * actions + best])
                    best = c;
            hits += (gop_real)best == labels[n];
        }
    }
    zoo_sampler_free(sampler);
    zoo_inference_free(inference);
    free(x);
    free(scores);
    return (double)hits / (4 * BATCH);
}

START_TEST(it_learns_and_is_saved)
{
    zoo_training c = zoo_training_default();
    zoo_progress first, last;
    zoo_dataset *data;
    zoo_model *m, *loaded;
    zoo_trainer *t;
    gop_ctx *ctx;

    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, MODEL), NULL, &data->domain, 1, &err));
    c.steps = STEPS;
    c.batch = BATCH;
    c.lr = 1e-2;
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    CHECK(zoo_trainer_step(t, &first, &err));
    for (last = first; last.step < STEPS;)
        CHECK(zoo_trainer_step(t, &last, &err));
    CHECK(zoo_trainer_save(t, FILE_NAME, &err));

    const double learned = accuracy(ctx, m, data);
    printf("loss %.3f at first, %.3f at last; %.0f %% recognised\n", first.loss_recognition,
           last.loss_recognition, 100 * learned);
    ck_assert_double_lt(last.loss_recognition, first.loss_recognition / 2);
    ck_assert_double_ge(learned, 0.7);

    CHECK(zoo_model_load(&loaded, NULL, FILE_NAME, &err));
    ck_assert_double_eq(accuracy(ctx, loaded, data), learned);

    ck_assert_int_eq(remove(FILE_NAME), 0);
    zoo_model_free(loaded);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(options_that_make_no_sense_are_refused)
{
    zoo_dataset *data;
    zoo_model *m;
    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, MODEL), NULL, &data->domain, 1, &err));
    CHECK(zoo_model_set(m, "taps", "4", &err));
    gop_status s = m->type->check(m->config.bytes, &m->domain, &err);
    ck_assert_int_eq(s, GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "taps") != NULL, "%s", err.message);
    zoo_model_free(m);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN(MODEL)
{
    tcase_add_test(t, it_learns_and_is_saved);
    tcase_add_test(t, options_that_make_no_sense_are_refused);
}
