/*
 * test_validation.c: held-out training sequences: their choice, that they are not trained on, the
 * measurements, and that measuring does not affect the run.  Writes its files to the current folder
 * and removes them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "trainer_fixture.h"

/* The procedural set has 20 training sequences of 80 frames of each of its actions. */
enum { OBSERVED = 16, PREDICTED = 3, OF_ACTION = 20, SEQUENCES = 208 };

static zoo_training validated_run(void)
{
    zoo_training t = short_run(GOP_MGDA_FIXED);
    t.lambda.number = 0.3;
    t.validate = 0.2;
    t.validate_every = 2;
    return t;
}

START_TEST(a_share_of_each_action_is_held_out)
{
    static const struct {
        double share;
        size_t each;
    } cases[] = {{0, 0}, {0.001, 1}, {0.2, 4}, {0.22, 4}, {0.23, 5}, {0.99, 19}};
    bool held[SEQUENCES], other[SEQUENCES];
    size_t n = 0, actions = data->domain.actions;
    ck_assert_uint_eq(data->sequences, SEQUENCES);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        size_t of[8] = {0};
        CHECK(
            zoo_dataset_hold_out(&n, held, data, 80, cases[k].share, ZOO_HOLD_SEQUENCES, 5, &err));
        ck_assert_uint_eq(n, cases[k].each * actions);
        for (size_t i = 0; i < SEQUENCES; i++) {
            ck_assert(!held[i] || data->sequence[i].split == ZOO_TRAIN);
            of[data->sequence[i].action] += held[i];
        }
        for (size_t a = 0; a < actions; a++)
            ck_assert_uint_eq(of[a], cases[k].each);
    }
    CHECK(zoo_dataset_hold_out(&n, held, data, 80, 0.5, ZOO_HOLD_SEQUENCES, 5, &err));
    CHECK(zoo_dataset_hold_out(&n, other, data, 80, 0.5, ZOO_HOLD_SEQUENCES, 5, &err));
    ck_assert_mem_eq(held, other, sizeof held);
    CHECK(zoo_dataset_hold_out(&n, other, data, 80, 0.5, ZOO_HOLD_SEQUENCES, 6, &err));
    ck_assert(memcmp(held, other, sizeof held) != 0);
    CHECK(zoo_dataset_hold_out(&n, NULL, data, 81, 0.5, ZOO_HOLD_SEQUENCES, 5, &err));
    ck_assert_uint_eq(n, 0); /* no sequence is that long */
}
END_TEST

START_TEST(wrong_shares_are_refused)
{
    static const double wrong[] = {-0.1, 1, NAN, INFINITY};
    zoo_windows w = {.observed = OBSERVED, .predicted = PREDICTED};
    zoo_sampler *s;
    size_t n;
    for (size_t i = 0; i < 4; i++) {
        w.held_out = wrong[i];
        ck_assert_int_eq(recorded(zoo_dataset_hold_out(&n, NULL, data, 80, wrong[i],
                                                       ZOO_HOLD_SEQUENCES, 5, &err),
                                  &err),
                         GOP_EINVAL);
        ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_EINVAL);
        ck_assert_ptr_null(s);
    }
    ck_assert_int_eq(
        recorded(zoo_dataset_hold_out(NULL, NULL, data, 80, 0.5, ZOO_HOLD_SEQUENCES, 5, &err),
                 &err),
        GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_dataset_hold_out(&n, NULL, NULL, 80, 0.5, ZOO_HOLD_SEQUENCES, 5, &err), &err),
        GOP_EINVAL);
    w.held_out = 0;
    w.only_held_out = true;
    ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "no training sequence can be held out"), "%s", err.message);
    /* One sequence of each action remains. */
    bool seen[8] = {false};
    for (size_t i = 0; i < SEQUENCES; i++) {
        bool *before = &seen[data->sequence[i].action];
        data->sequence[i].split = *before ? ZOO_TEST : ZOO_TRAIN;
        *before = true;
    }
    w.held_out = 0.5;
    w.only_held_out = false;
    ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "no action of data set"), "%s", err.message);
}
END_TEST

/* Every value of a sequence is the sequence's number, in normalised units. */
static void number_sequences(void)
{
    const zoo_domain *d = &data->domain;
    const size_t columns = d->layout.columns;
    for (size_t i = 0; i < SEQUENCES; i++)
        for (size_t k = 0; k < data->sequence[i].frames * columns; k++)
            data->sequence[i].data[k] = (float)((double)d->mean[k % columns] +
                                                (double)d->std[k % columns] * (double)i);
}

/* Draws many windows; drawn[i] counts those of sequence i. */
static void draw(bool *drawn, const zoo_windows *w)
{
    const size_t pose = (size_t)data->domain.layout.nodes * data->domain.layout.channels;
    gop_real *x = calloc(pose * OBSERVED, sizeof *x), label;
    zoo_sampler *s;
    CHECK(zoo_sampler_new(&s, data, w, &err));
    memset(drawn, 0, SEQUENCES * sizeof *drawn);
    for (int k = 0; k < 4000; k++) {
        ck_assert_int_eq(zoo_sampler_next(s, 1, &(zoo_batch){.x = x, .labels = &label}, NULL),
                         GOP_OK);
        const long i = lround((double)x[pose * OBSERVED - 1]);
        ck_assert(i >= 0 && i < SEQUENCES);
        drawn[i] = true;
        if (w->only_held_out) /* without noise */
            ck_assert_uint_eq((size_t)label, data->sequence[i].action);
    }
    zoo_sampler_free(s);
    free(x);
}

START_TEST(what_is_held_out_is_not_drawn)
{
    zoo_windows w = {.observed = OBSERVED,
                     .predicted = PREDICTED,
                     .noisy_labels = 1,
                     .seed = 3,
                     .held_out = 0.25};
    bool held[SEQUENCES], drawn[SEQUENCES];
    size_t n = 0;
    number_sequences();
    CHECK(zoo_dataset_hold_out(&n, held, data, OBSERVED + PREDICTED, 0.25, ZOO_HOLD_SEQUENCES, 3,
                               &err));
    draw(drawn, &w);
    for (size_t i = 0; i < SEQUENCES; i++)
        ck_assert(drawn[i] == (data->sequence[i].split == ZOO_TRAIN && !held[i]));
    w.only_held_out = true;
    draw(drawn, &w);
    ck_assert_mem_eq(drawn, held, sizeof held);
}
END_TEST

/* Computes the losses again from a saved model and separately drawn windows. */
static zoo_validation by_hand(const char *path, const zoo_training *c)
{
    enum { BATCH = 5, WINDOWS = 260 }; /* the run's batch: 256 and more */
    const zoo_windows w = {.observed = OBSERVED,
                           .predicted = PREDICTED,
                           .seed = c->seed,
                           .held_out = c->validate,
                           .only_held_out = true};
    const size_t pose = (size_t)data->domain.layout.nodes * data->domain.layout.channels;
    const size_t actions = data->domain.actions, off = BATCH * pose * PREDICTED;
    gop_real *x = calloc(BATCH * pose * OBSERVED, sizeof *x), label[BATCH];
    gop_real *y = calloc(off, sizeof *y), *poses = calloc(off, sizeof *poses);
    gop_real *scores = calloc(BATCH * actions, sizeof *scores);
    zoo_validation v = {0, 0, 0, 0, 0};
    zoo_model *m;
    gop_ctx *ctx;
    zoo_inference *inf;
    zoo_sampler *s;
    CHECK(zoo_model_load(&m, NULL, path, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inf, ctx, m, BATCH, &err));
    CHECK(zoo_sampler_new(&s, data, &w, &err));
    for (size_t k = 0; k < WINDOWS; k += BATCH) {
        ck_assert_int_eq(
            zoo_sampler_next(s, BATCH, &(zoo_batch){.x = x, .target = y, .labels = label}, NULL),
            GOP_OK);
        CHECK(zoo_inference_run(inf, x, NULL, scores, poses, &err));
        for (size_t i = 0; i < BATCH; i++) {
            const gop_real *of = scores + i * actions;
            size_t best = 0;
            for (size_t a = 1; a < actions; a++)
                best = of[a] > of[best] ? a : best;
            v.top1 += best == (size_t)label[i];
            v.loss_recognition -= log((double)of[(size_t)label[i]]);
        }
        for (size_t i = 0; i < off; i++)
            v.loss_prediction += fabs((double)(poses[i] - y[i])) / (double)(pose * PREDICTED);
    }
    v.top1 /= WINDOWS;
    v.loss_recognition /= WINDOWS;
    v.loss_prediction /= WINDOWS;
    zoo_sampler_free(s);
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
    zoo_model_free(m);
    free(x);
    free(y);
    free(scores);
    free(poses);
    return v;
}

static void assert_near(double a, double b)
{
    ck_assert_msg(fabs(a - b) <= 1e-5 * fabs(b), "%.9g is not %.9g", a, b);
}

/* Measured after each step: the losses of the current model. */
START_TEST(losses_are_those_of_the_model)
{
    zoo_training c = validated_run();
    if (_i == 1)
        c.lambda.choice = GOP_MGDA_UB;
    const double lambda = _i == 0 ? 0.3 : 0.5;
    zoo_model *m = tiny_model(c.seed);
    gop_ctx *ctx;
    zoo_trainer *t;
    double least = INFINITY;
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    ck_assert_uint_eq(zoo_trainer_best(t).step, 0);
    for (uint64_t step = 1; step <= 3; step++) {
        zoo_validation v;
        bool best = false;
        train_to(t, step);
        CHECK(zoo_trainer_validate(t, &v, &best, &err));
        CHECK(zoo_trainer_save(t, "held.gop", &err));
        const zoo_validation hand = by_hand("held.gop", &c);
        ck_assert_uint_eq(v.step, step);
        assert_near(v.loss_recognition, hand.loss_recognition);
        assert_near(v.loss_prediction, hand.loss_prediction);
        ck_assert(v.top1 == hand.top1);
        assert_near(v.loss, lambda * v.loss_recognition + (1 - lambda) * v.loss_prediction);
        ck_assert(best == (v.loss < least));
        least = best ? v.loss : least;
        ck_assert(zoo_trainer_best(t).loss == least);
    }
    zoo_provenance p;
    CHECK(zoo_provenance_load(&p, NULL, "held.gop", &err));
    ck_assert(p.best.step == zoo_trainer_best(t).step && p.best.loss == least &&
              p.best.top1 == zoo_trainer_best(t).top1 && p.training.validate == 0.2 &&
              p.training.validate_every == 2);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    remove("held.gop");
}
END_TEST

/* The offset of the value after the first such key after `from`. */
static size_t behind(const unsigned char *bytes, size_t n, size_t from, const char *key)
{
    const size_t k = strlen(key);
    for (size_t i = from; i + k < n; i++)
        if (bytes[i] == (0xa0 | k) && memcmp(bytes + i + 1, key, k) == 0)
            return i + 1 + k;
    ck_abort_msg("there is no key %s", key);
    return 0;
}

/* Validation states that no run writes: a text as long as the file's, a float's eight bytes, or a
 * small number. */
static const struct {
    const char *map, *key, *says, *text;
    double number;
    unsigned char count;
} spoilt[] = {
    {"settings", "validate", "settings.validate, ", "nan", 0, 0},
    {"settings", "validate", "validate=0.0: a number from 1e-06 to 0.9 is needed", "0.0", 0, 0},
    {"settings", "validate", "validate=1.0: ", "1.0", 0, 0},
    {"settings", "validate_every", "validate_every=0: a whole number of steps from 1", "0", 0, 0},
    {"best", "step", "a number from 0 to 1 was expected", NULL, 0, 2},
    {"best", "loss_recognition", "this model cannot have", NULL, NAN, 0},
    {"best", "loss_recognition", "this model cannot have", NULL, -1, 0},
    {"best", "loss_prediction", "this model cannot have", NULL, INFINITY, 0},
    {"best", "top1", "this model cannot have", NULL, 1.5, 0},
};

START_TEST(what_no_run_writes_is_not_read)
{
    zoo_training c = validated_run();
    zoo_model *m = tiny_model(c.seed);
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_validation v;
    zoo_provenance p;
    size_t n;
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, 1);
    CHECK(zoo_trainer_validate(t, &v, NULL, &err));
    CHECK(zoo_trainer_save(t, "held.gop", &err));
    zoo_trainer_free(t);
    zoo_model_free(m);
    unsigned char *bytes = slurp("held.gop", &n);
    unsigned char *at = bytes +
                        behind(bytes, n, behind(bytes, n, 32, spoilt[_i].map), spoilt[_i].key);
    if (spoilt[_i].text != NULL) {
        ck_assert_uint_eq(*at, 0xa0 | strlen(spoilt[_i].text));
        memcpy(at + 1, spoilt[_i].text, strlen(spoilt[_i].text));
    } else if (*at == 0xcb) {
        uint64_t bits;
        memcpy(&bits, &spoilt[_i].number, sizeof bits);
        for (int i = 0; i < 8; i++)
            at[1 + i] = (unsigned char)(bits >> (56 - 8 * i));
    } else {
        ck_assert_uint_lt(*at, 0x80);
        *at = spoilt[_i].count;
    }
    put_sums(bytes, n);
    spill("held.gop", bytes, n);
    ck_assert_int_eq(recorded(zoo_provenance_load(&p, NULL, "held.gop", &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, spoilt[_i].says) != NULL, "%s", err.message);
    ck_assert_int_eq(
        recorded(zoo_trainer_resume(&t, &m, NULL, ctx, "held.gop", data, NULL, &err), &err),
        GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, spoilt[_i].says) != NULL, "%s", err.message);
    gop_ctx_free(ctx);
    free(bytes);
    remove("held.gop");
}
END_TEST

/* With one head the loss is that head's. */
START_TEST(one_head_has_one_loss)
{
    zoo_training c = validated_run();
    zoo_model *m = tiny_model(c.seed);
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_validation v;
    CHECK(zoo_model_set(m, "heads", _i == 0 ? "recognition" : "prediction", &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, 1);
    CHECK(zoo_trainer_validate(t, &v, NULL, &err));
    ck_assert(isnan(v.loss_prediction) == (_i == 0) && isnan(v.loss_recognition) == (_i == 1) &&
              isnan(v.top1) == (_i == 1));
    ck_assert(v.loss == (_i == 0 ? v.loss_recognition : v.loss_prediction) && v.loss > 0);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

/* A run to `steps` in pieces of `piece` steps, measured after each piece or not, saved as
 * `path`. */
static void run_in_pieces(const char *path, uint64_t steps, uint64_t piece, bool measured)
{
    const zoo_training c = validated_run();
    for (uint64_t to = piece; to <= steps; to += piece) {
        zoo_model *m = to == piece ? tiny_model(c.seed) : NULL;
        gop_ctx *ctx;
        zoo_trainer *t;
        CHECK(gop_ctx_new(&ctx, to % 2 == 0 ? 1 : 3, 0, &err));
        if (m != NULL)
            CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
        else
            CHECK(zoo_trainer_resume(&t, &m, NULL, ctx, path, data, NULL, &err));
        while (zoo_trainer_steps(t) < to) {
            zoo_validation v;
            train_to(t, zoo_trainer_steps(t) + 1);
            if (measured)
                CHECK(zoo_trainer_validate(t, &v, NULL, &err));
        }
        CHECK(zoo_trainer_save(t, path, &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
        gop_ctx_free(ctx);
    }
}

START_TEST(measuring_changes_nothing)
{
    zoo_model *a, *b;
    run_in_pieces("held-a.gop", 3, 3, true);
    run_in_pieces("held-b.gop", 3, 3, false);
    CHECK(zoo_model_load(&a, NULL, "held-a.gop", &err));
    CHECK(zoo_model_load(&b, NULL, "held-b.gop", &err));
    ck_assert_mem_eq(gop_params_values(a->params), gop_params_values(b->params),
                     gop_params_size(a->params) * sizeof(gop_real));
    ck_assert_mem_eq(gop_params_stats(a->params), gop_params_stats(b->params),
                     gop_params_stats_size(a->params) * sizeof(gop_real));
    zoo_model_free(a);
    zoo_model_free(b);
    remove("held-a.gop");
    remove("held-b.gop");
}
END_TEST

START_TEST(interruptions_do_not_matter)
{
    run_in_pieces("held-whole.gop", 4, 4, true);
    run_in_pieces("held-parts.gop", 4, 1, true);
    assert_same_file("held-whole.gop", "held-parts.gop");
    remove("held-whole.gop");
    remove("held-parts.gop");
}
END_TEST

START_TEST(runs_without_say_so)
{
    zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *m = tiny_model(c.seed);
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_validation v;
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    ck_assert_int_eq(recorded(zoo_trainer_validate(t, &v, NULL, &err), &err), GOP_ESTATE);
    ck_assert_int_eq(recorded(zoo_trainer_validate(NULL, &v, NULL, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_trainer_validate(t, NULL, NULL, &err), &err), GOP_EINVAL);
    ck_assert_uint_eq(zoo_trainer_best(NULL).step, 0);
    zoo_trainer_free(t);
    c.validate = 0.2; /* never measured */
    ck_assert_int_eq(recorded(zoo_trainer_new(&t, ctx, m, data, &c, &err), &err), GOP_EINVAL);
    c.validate_every = 1;
    c.validate = 1;
    ck_assert_int_eq(recorded(zoo_trainer_new(&t, ctx, m, data, &c, &err), &err), GOP_EINVAL);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

TEST_MAIN("validation")
{
    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_share_of_each_action_is_held_out);
    tcase_add_test(t, wrong_shares_are_refused);
    tcase_add_test(t, what_is_held_out_is_not_drawn);
    tcase_add_loop_test(t, losses_are_those_of_the_model, 0, 2);
    tcase_add_loop_test(t, what_no_run_writes_is_not_read, 0, sizeof spoilt / sizeof *spoilt);
    tcase_add_loop_test(t, one_head_has_one_loss, 0, 2);
    tcase_add_test(t, measuring_changes_nothing);
    tcase_add_test(t, interruptions_do_not_matter);
    tcase_add_test(t, runs_without_say_so);
}
