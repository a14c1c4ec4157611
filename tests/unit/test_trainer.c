/*
 * test_trainer.c: training as its users rely on it: the same bytes at any number
 * of threads and after any interruption, a NaN that is named, files that are
 * refused.  Writes its files to the current folder and removes them.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "zoo/zoo.h"

#define CHECK(call) \
    ck_assert_msg((call) == GOP_OK, "%s: %s", #call, err.message)

static gop_error err;
static zoo_dataset *data;

static void setup(void)
{
    zoo_report report = {0};
    memset(&err, 0, sizeof err);
    CHECK(zoo_synth(&data, &report, 7, &err));
    zoo_report_clear(&report);
}

static void teardown(void)
{
    zoo_dataset_free(data);
    data = NULL;
}

/* A network with every part of the light one, at a fraction of the size. */
static zoo_model *tiny_model(uint64_t seed)
{
    static const char *const set[][2] = {
        {"observed", "16"}, {"predicted", "3"}, {"widths", "4,6,8,8"}, {"kernels", "5,5,3,3"},
        {"hidden", "8"}, {"agim_dim", "6"},
    };
    zoo_model *m;
    CHECK(zoo_model_new(&m, zoo_model_type_find("symgnn"), "small", &data->domain, seed, &err));
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        CHECK(zoo_model_set(m, set[i][0], set[i][1], &err));
    return m;
}

static zoo_training short_run(gop_mgda mode)
{
    zoo_training t = zoo_training_default();
    t.steps = 6;
    t.batch = 5;
    t.warmup = 2;
    t.lambda_mode = mode;
    return t;
}

static void train_to(zoo_trainer *t, uint64_t steps)
{
    while (zoo_trainer_steps(t) < steps)
        CHECK(zoo_trainer_step(t, NULL, &err));
}

/* A run of `steps` in one go on `threads`, saved as `path`. */
static void whole_run(const char *path, int threads, gop_mgda mode, uint64_t steps)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(mode);
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, threads, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, steps);
    CHECK(zoo_trainer_save(t, path, &err));
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}

static unsigned char *slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
    long n = ftell(f);
    ck_assert_int_gt(n, 0);
    rewind(f);
    unsigned char *bytes = malloc((size_t)n);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)n, f), (size_t)n);
    fclose(f);
    *size = (size_t)n;
    return bytes;
}

static void assert_same_file(const char *a, const char *b)
{
    size_t na, nb;
    unsigned char *pa = slurp(a, &na), *pb = slurp(b, &nb);
    ck_assert_uint_eq(na, nb);
    for (size_t i = 0; i < na; i++)
        ck_assert_msg(pa[i] == pb[i], "%s and %s differ from byte %zu of %zu on", a, b, i, na);
    free(pa);
    free(pb);
}

START_TEST(threads_do_not_matter)
{
    static const gop_mgda modes[] = {GOP_MGDA_FIXED, GOP_MGDA_EXACT, GOP_MGDA_UB,
                                     GOP_MGDA_UB_NORMALISED};
    gop_mgda mode = modes[_i];
    whole_run("threads-1.gop", 1, mode, 4);
    whole_run("threads-n.gop", 2, mode, 4);
    assert_same_file("threads-1.gop", "threads-n.gop");
    whole_run("threads-n.gop", 4, mode, 4);
    assert_same_file("threads-1.gop", "threads-n.gop");
    remove("threads-1.gop");
    remove("threads-n.gop");
}
END_TEST

START_TEST(interruptions_do_not_matter)
{
    whole_run("whole.gop", 2, GOP_MGDA_UB, 6);
    whole_run("parts.gop", 2, GOP_MGDA_UB, 1);
    static const uint64_t stop[] = {2, 5, 6};
    for (size_t i = 0; i < 3; i++) {
        gop_ctx *ctx;
        zoo_trainer *t;
        zoo_model *m;
        zoo_training c;
        CHECK(gop_ctx_new(&ctx, 1 + (int)i, 0, &err));
        CHECK(zoo_trainer_resume(&t, &m, ctx, "parts.gop", data, &c, &err));
        ck_assert_uint_eq(c.batch, 5);
        ck_assert_str_eq(zoo_trainer_kernel(t), gop_ctx_kernel(ctx));
        train_to(t, stop[i]);
        CHECK(zoo_trainer_save(t, "parts.gop", &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
        gop_ctx_free(ctx);
    }
    assert_same_file("whole.gop", "parts.gop");
    remove("whole.gop");
    remove("parts.gop");
}
END_TEST

START_TEST(seeds_do_matter)
{
    size_t na, nb;
    whole_run("seed-a.gop", 1, GOP_MGDA_FIXED, 1);
    zoo_training c = short_run(GOP_MGDA_FIXED);
    c.seed = 2;
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, 1);
    CHECK(zoo_trainer_save(t, "seed-b.gop", &err));
    unsigned char *a = slurp("seed-a.gop", &na), *b = slurp("seed-b.gop", &nb);
    ck_assert(na != nb || memcmp(a, b, na) != 0);
    free(a);
    free(b);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    remove("seed-a.gop");
    remove("seed-b.gop");
}
END_TEST

START_TEST(learning_lowers_the_losses)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    c.steps = 60;
    c.batch = 16;
    zoo_model *m = tiny_model(c.seed);
    zoo_progress p;
    double first = 0, last = 0;
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    for (int i = 0; i < 60; i++) {
        CHECK(zoo_trainer_step(t, &p, &err));
        double sum = p.loss_recognition + p.loss_prediction;
        first += i < 10 ? sum : 0;
        last += i >= 50 ? sum : 0;
    }
    ck_assert_msg(last < 0.95 * first, "ten steps' losses went from %g to %g", first, last);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(not_a_number_is_named)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    size_t i = gop_params_find(m->params, "cls.bias");
    ck_assert_uint_ne(i, SIZE_MAX);
    gop_params_get(m->params, i).data[1] = NAN;
    ck_assert_int_eq(zoo_trainer_step(t, NULL, &err), GOP_ENUMERIC);
    ck_assert_msg(strstr(err.message, "step 1") && strstr(err.message, "cls.bias"), "%s",
                  err.message);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(other_data_are_refused)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_model *m;
    whole_run("other.gop", 1, GOP_MGDA_FIXED, 1);
    data->sequence[0].data[5] += 1;
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    ck_assert_int_eq(zoo_trainer_resume(&t, &m, ctx, "other.gop", data, NULL, &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "other data"), "%s", err.message);
    ck_assert_ptr_null(t);
    ck_assert_ptr_null(m);
    gop_ctx_free(ctx);
    remove("other.gop");
}
END_TEST

START_TEST(loaded_model_answers_as_the_trained_one)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *m = tiny_model(c.seed), *n;
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, 3);
    CHECK(zoo_trainer_save(t, "loaded.gop", &err));
    CHECK(zoo_model_load(&n, "loaded.gop", &err));

    size_t x_size = 2 * data->domain.layout.nodes * 16 * 3, p_size = x_size / 16 * 3;
    size_t classes = data->domain.actions;
    gop_real *x = calloc(x_size, sizeof *x), *poses[2], *scores[2];
    zoo_sampler *s;
    CHECK(zoo_sampler_new(&s, data, 16, 3, 99, &err));
    zoo_sampler_next(s, 2, x, NULL, NULL);
    const zoo_model *both[2] = {m, n};
    for (int k = 0; k < 2; k++) {
        zoo_inference *inf;
        poses[k] = calloc(p_size, sizeof **poses);
        scores[k] = calloc(2 * classes, sizeof **scores);
        CHECK(zoo_inference_new(&inf, ctx, both[k], 2, &err));
        CHECK(zoo_inference_run(inf, x, scores[k], poses[k], &err));
        zoo_inference_free(inf);
    }
    ck_assert_mem_eq(poses[0], poses[1], p_size * sizeof **poses);
    ck_assert_mem_eq(scores[0], scores[1], 2 * classes * sizeof **scores);
    for (size_t i = 0; i < 2; i++) {
        double sum = 0;
        for (size_t k = 0; k < classes; k++)
            sum += (double)scores[0][i * classes + k];
        ck_assert_double_eq_tol(sum, 1, 1e-5);
    }
    for (int k = 0; k < 2; k++) {
        free(poses[k]);
        free(scores[k]);
    }
    free(x);
    zoo_sampler_free(s);
    zoo_trainer_free(t);
    zoo_model_free(m);
    zoo_model_free(n);
    gop_ctx_free(ctx);
    remove("loaded.gop");
}
END_TEST

START_TEST(options_say_what_is_wrong)
{
    zoo_model *m = tiny_model(1);
    static const char *const bad[][3] = {
        {"gama", "3", "gamma"},       {"gamma", "0", "gamma=0"},    {"gamma", "3x", "gamma=3x"},
        {"p_tc", "nan", "p_tc=nan"},  {"gru_carry", "no", "jgc|hidden"},
        {"widths", "8,,8", "widths"}, {"widths", "8,", "widths"},   {"gamma", "-1", "gamma=-1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(zoo_model_set(m, bad[i][0], bad[i][1], &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, bad[i][2]), "%s=%s: %s", bad[i][0], bad[i][1],
                      err.message);
    }
    CHECK(zoo_model_set(m, "strides", "1,2", &err));
    ck_assert_int_eq(m->type->check(m->config.bytes, &m->domain, &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "strides"), "%s", err.message);
    char text[64];
    for (const zoo_option *o = m->type->options; o->key != NULL; o++) {
        zoo_model_get(m, o, text, sizeof text);
        CHECK(zoo_model_set(m, o->key, text, &err)); /* what is written can be read */
    }
    zoo_model_free(m);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trainer");
    TCase *tc = tcase_create("trainer");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, threads_do_not_matter, 0, 4);
    tcase_add_test(tc, interruptions_do_not_matter);
    tcase_add_test(tc, seeds_do_matter);
    tcase_add_test(tc, learning_lowers_the_losses);
    tcase_add_test(tc, not_a_number_is_named);
    tcase_add_test(tc, other_data_are_refused);
    tcase_add_test(tc, loaded_model_answers_as_the_trained_one);
    tcase_add_test(tc, options_say_what_is_wrong);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
