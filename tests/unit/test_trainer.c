/*
 * test_trainer.c: promises of training: the same bytes at any number of threads and after any
 * interruption, also with noise and frozen parts; parameters from another model; messages about
 * NaN; refused files.  Writes its files to the current folder and removes them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "trainer_fixture.h"
#include "zoo/fingerprint.h"

/* A run with all settings that a file has only if used. */
static zoo_training rich_run(gop_mgda_mode mode)
{
    zoo_training t = short_run(mode);
    t.noisy_labels = 0.3;
    t.noisy_targets = 0.6;
    t.clip_frames = 24;
    t.weight_decay = 0.01;
    snprintf(t.freeze, sizeof t.freeze, "branch.0,dec.cell,cls.bias,agim:3");
    return t;
}

static bool is_under(const char *name, const char *under)
{
    return strncmp(name, under, strlen(under)) == 0;
}

/* A run whose file has parameters beside its model. */
static zoo_training averaged_run(void)
{
    zoo_training t = short_run(GOP_MGDA_UB);
    t.optimiser = ZOO_ADAMW;
    t.weight_decay = 0.02;
    t.batch = 5;
    t.accumulate = 2;
    t.average = 0.75;
    t.validate = 0.2;
    t.validate_every = 1;
    snprintf(t.factor, sizeof t.factor, "*.bias=1:0,branch.?=0.5,cls=0.5:2");
    return t;
}

/* A run of `steps` without interruption on `threads`, saved as `path`. */
static void run_whole(const char *path, int threads, const zoo_training *settings, uint64_t steps)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    const zoo_training c = *settings;
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, threads, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, steps);
    CHECK(zoo_trainer_save(t, path, &err));
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}

static void whole_run(const char *path, int threads, gop_mgda_mode mode, uint64_t steps)
{
    const zoo_training c = short_run(mode);
    run_whole(path, threads, &c, steps);
}

/* A run is resumed on a machine of another byte order. */
START_TEST(hashes_are_of_numbers)
{
    static const float v[3] = {1.5F, -2.25F, 3};
    ck_assert_uint_eq(zoo_hash_floats(GOP_HASH_START, v, 3), UINT64_C(0x86752bab9a1993d5));
}
END_TEST

START_TEST(threads_do_not_matter)
{
    static const gop_mgda_mode modes[] = {GOP_MGDA_FIXED, GOP_MGDA_EXACT, GOP_MGDA_UB,
                                          GOP_MGDA_UB_NORMALISED};
    gop_mgda_mode mode = modes[_i];
    whole_run("threads-1.gop", 1, mode, 4);
    whole_run("threads-n.gop", 2, mode, 4);
    assert_same_file("threads-1.gop", "threads-n.gop");
    whole_run("threads-n.gop", 4, mode, 4);
    assert_same_file("threads-1.gop", "threads-n.gop");
    remove("threads-1.gop");
    remove("threads-n.gop");
}
END_TEST

/* _i 0: the settings of every run; 1, 2: also settings that only some runs have. */
START_TEST(interruptions_do_not_matter)
{
    const zoo_training settings = _i == 0   ? short_run(GOP_MGDA_UB)
                                  : _i == 1 ? rich_run(GOP_MGDA_EXACT)
                                            : averaged_run();
    run_whole("whole.gop", 2, &settings, 6);
    run_whole("parts.gop", 2, &settings, 1);
    static const uint64_t stop[] = {2, 5, 6};
    for (size_t i = 0; i < 3; i++) {
        gop_ctx *ctx;
        zoo_trainer *t;
        zoo_model *m;
        zoo_training c;
        CHECK(gop_ctx_new(&ctx, 1 + (int)i, 0, &err));
        CHECK(zoo_trainer_resume(&t, &m, NULL, ctx, "parts.gop", data, &c, &err));
        ck_assert_uint_eq(c.batch, 5);
        ck_assert_str_eq(c.freeze, settings.freeze);
        ck_assert_str_eq(c.factor, settings.factor);
        ck_assert(c.average == settings.average && c.accumulate == settings.accumulate);
        ck_assert(c.noisy_labels == settings.noisy_labels &&
                  c.noisy_targets == settings.noisy_targets &&
                  c.clip_frames == settings.clip_frames && c.init == 0);
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

/* The values of a model's trained parameters in a file. */
static double *saved_values(const char *path, size_t size)
{
    zoo_model *m;
    double *v = calloc(size, sizeof *v);
    CHECK(zoo_model_load(&m, NULL, path, &err));
    ck_assert_uint_eq(gop_params_size(m->params), size);
    for (size_t i = 0; i < size; i++)
        v[i] = (double)gop_params_values(m->params)[i];
    zoo_model_free(m);
    return v;
}

/* average = 3/4 average + 1/4 p after each step is validated and saved; the run's own parameters
 * are untouched. */
START_TEST(the_average_is_saved)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = averaged_run();
    zoo_validation v, raw;
    snprintf(c.freeze, sizeof c.freeze, "agim");
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    const size_t n = gop_params_size(m->params);
    double *average = calloc(n, sizeof *average), worst = 0;
    gop_real *before = calloc(n, sizeof *before);
    for (size_t i = 0; i < n; i++)
        average[i] = (double)gop_params_values(m->params)[i];
    for (int step = 0; step < 4; step++) {
        CHECK(zoo_trainer_step(t, NULL, &err));
        for (size_t i = 0; i < n; i++)
            average[i] += 0.25 * ((double)gop_params_values(m->params)[i] - average[i]);
    }
    memcpy(before, gop_params_values(m->params), n * sizeof *before);
    CHECK(zoo_trainer_save(t, "average.gop", &err));
    CHECK(zoo_trainer_validate(t, &v, NULL, &err));
    ck_assert_mem_eq(before, gop_params_values(m->params), n * sizeof *before);
    double *saved = saved_values("average.gop", n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_double_eq_tol(saved[i], average[i], 1e-6);
        worst = fmax(worst, fabs(saved[i] - (double)before[i]));
    }
    ck_assert(worst > 1e-4);
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        for (size_t k = 0; k < gop_shape_size(p.shape) && is_under(p.name, "agim."); k++)
            ck_assert(!p.trained || saved[p.offset + k] == (double)p.data[k]);
    }
    zoo_trainer_free(t);
    zoo_model_free(m);

    /* The same run without an average has the same parameters and another validation. */
    c.average = 0;
    m = tiny_model(c.seed);
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    train_to(t, 4);
    ck_assert_mem_eq(before, gop_params_values(m->params), n * sizeof *before);
    CHECK(zoo_trainer_validate(t, &raw, NULL, &err));
    ck_assert(raw.loss != v.loss);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    free(average);
    free(before);
    free(saved);
    remove("average.gop");
}
END_TEST

/* A template whose batch norms are fixed, after some steps of the windows of `accumulate` batches. */
static double *accumulated(uint32_t batch, uint32_t accumulate, double *norm, size_t *n)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_model *m;
    zoo_progress p;
    zoo_training c = zoo_training_default();
    c.steps = 8;
    c.warmup = 0;
    c.batch = batch;
    c.accumulate = accumulate;
    c.optimiser = ZOO_SGD;
    snprintf(c.freeze, sizeof c.freeze, "bn?");
    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, "template"), NULL, &data->domain, 1, &err));
    CHECK(zoo_model_set(m, "observed", "10", &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    for (int i = 0; i < 5; i++)
        CHECK(zoo_trainer_step(t, &p, &err));
    *norm = p.gradient_norm;
    *n = gop_params_size(m->params);
    double *v = calloc(*n, sizeof *v);
    for (size_t i = 0; i < *n; i++)
        v[i] = (double)gop_params_values(m->params)[i];
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    return v;
}

START_TEST(batches_accumulate)
{
    double norm[3];
    size_t n;
    double *one = accumulated(12, 0, &norm[0], &n), *four = accumulated(3, 4, &norm[1], &n);
    double *same = accumulated(12, 1, &norm[2], &n);
    ck_assert_mem_eq(one, same, n * sizeof *one);
    ck_assert(norm[0] == norm[2]);
    ck_assert_double_eq_tol(norm[0], norm[1], 1e-4 * norm[0]);
    for (size_t i = 0; i < n; i++)
        ck_assert_double_eq_tol(one[i], four[i], 1e-5);
    const zoo_training t = {.batch = 12, .accumulate = 4}, u = {.batch = 12};
    ck_assert_uint_eq(zoo_training_windows(&t), 48);
    ck_assert_uint_eq(zoo_training_windows(&u), 12);
    ck_assert_uint_eq(zoo_training_windows(NULL), 0);
    free(one);
    free(four);
    free(same);
}
END_TEST

/* Without decay AdamW is Adam; with it, both differ. */
START_TEST(adamw_is_another_optimiser)
{
    for (int decays = 0; decays < 2; decays++) {
        double *v[2];
        size_t n = 0;
        for (int k = 0; k < 2; k++) {
            zoo_training c = short_run(GOP_MGDA_FIXED);
            c.optimiser = k == 0 ? ZOO_ADAM : ZOO_ADAMW;
            c.weight_decay = decays ? 0.1 : 0;
            zoo_model *m = tiny_model(c.seed);
            gop_ctx *ctx;
            zoo_trainer *t;
            CHECK(gop_ctx_new(&ctx, 1, 0, &err));
            CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
            train_to(t, 3);
            n = gop_params_size(m->params);
            CHECK(zoo_trainer_save(t, "w.gop", &err));
            v[k] = saved_values("w.gop", n);
            zoo_trainer_free(t);
            zoo_model_free(m);
            gop_ctx_free(ctx);
        }
        ck_assert_int_eq(memcmp(v[0], v[1], n * sizeof *v[0]) == 0, !decays);
        free(v[0]);
        free(v[1]);
    }
    remove("w.gop");
}
END_TEST

START_TEST(factors_of_names)
{
    static const struct {
        const char *factor, *words;
    } wrong[] = {
        {"agim", "'agim' must be NAME=RATE"},
        {"agim=", "must have factors from 0 to 1e+06"},
        {"agim=-1", "must have factors"},
        {"agim=1:", "must have factors"},
        {"agim=1,", "a comma is the last"},
        {"agim=1:0", "'agim=1:0' has a factor of the decay, but weight_decay is 0"},
        {"=1", "no parameter to give a factor has the name or prefix ''"},
        {"agim=1,bench=2", "no parameter to give a factor has the name or prefix 'bench'"}};
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(c.factor, sizeof c.factor, "%s", wrong[i].factor);
        ck_assert_int_eq(recorded(zoo_trainer_new(&t, ctx, m, data, &c, &err), &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, wrong[i].words) != NULL, "%s", err.message);
        zoo_model_free(m);
        m = tiny_model(c.seed);
    }
    snprintf(c.factor, sizeof c.factor, "agim=0,*.bias=0.5");
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    const size_t n = gop_params_size(m->params);
    gop_real *before = calloc(n, sizeof *before);
    memcpy(before, gop_params_values(m->params), n * sizeof *before);
    train_to(t, 2);
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        const size_t size = gop_shape_size(p.shape) * sizeof *before;
        if (p.trained && is_under(p.name, "agim."))
            ck_assert_mem_eq(p.data, before + p.offset, size);
        else if (p.trained && strcmp(p.name, "cls.bias") == 0)
            ck_assert_mem_ne(p.data, before + p.offset, size);
    }
    free(before);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
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

START_TEST(rich_runs_on_threads)
{
    const zoo_training c = rich_run(_i == 0 ? GOP_MGDA_EXACT : GOP_MGDA_UB_NORMALISED);
    run_whole("rich-1.gop", 1, &c, 4);
    run_whole("rich-n.gop", 3, &c, 4);
    assert_same_file("rich-1.gop", "rich-n.gop");
    remove("rich-1.gop");
    remove("rich-n.gop");
}
END_TEST

/* Frozen parameters and the statistics under their names keep their bytes with each optimiser and
 * each lambda, also under weight decay; the others change. */
START_TEST(frozen_is_frozen)
{
    static const gop_mgda_mode modes[] = {GOP_MGDA_FIXED, GOP_MGDA_EXACT, GOP_MGDA_UB,
                                          GOP_MGDA_UB_NORMALISED};
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = rich_run(modes[_i % 4]);
    c.optimiser = _i < 4 ? ZOO_ADAM : ZOO_SGD;
    c.weight_decay = _i % 2 == 0 ? 0.1 : 0;
    c.clip = _i % 2 == 0 ? 0.5 : 0;
    zoo_model *m = tiny_model(c.seed), *before;
    size_t still = 0, moved = 0, still_statistics = 0, moved_statistics = 0;
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    CHECK(zoo_trainer_save(t, "before.gop", &err));
    train_to(t, 5);
    CHECK(zoo_model_load(&before, NULL, "before.gop", &err));
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        const gop_param_info q = gop_params_info(before->params, i);
        const bool same = memcmp(p.data, q.data, gop_shape_size(p.shape) * sizeof *p.data) == 0;
        const bool frozen = is_under(p.name, "branch.0.") || is_under(p.name, "dec.cell.") ||
                            strcmp(p.name, "cls.bias") == 0;
        ck_assert_str_eq(p.name, q.name);
        ck_assert_msg(!frozen || same, "%s has moved", p.name);
        still += p.trained && frozen;
        still_statistics += !p.trained && frozen;
        moved += p.trained && !same;
        moved_statistics += !p.trained && !same;
    }
    ck_assert_uint_gt(still, 10);
    ck_assert_uint_gt(still_statistics, 10);
    ck_assert_uint_gt(moved, 50);
    ck_assert_uint_gt(moved_statistics, 10);
    zoo_trainer_free(t);
    zoo_model_free(m);
    zoo_model_free(before);
    gop_ctx_free(ctx);
    remove("before.gop");
}
END_TEST

/* The values that both heads read, as a training net computes them from the windows of one seed. */
static gop_real *shared_values(zoo_model *m, gop_ctx *ctx, const char *fixed, size_t *size)
{
    enum { BATCH = 4 };
    gop_net *net;
    zoo_ports p;
    zoo_sampler *sampler;
    gop_real *h;
    CHECK(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err));
    for (; *fixed != '\0'; fixed += strlen(fixed) + 1)
        gop_net_fix_stats(net, fixed);
    CHECK(zoo_model_record(m, net, &(zoo_use){.batch = BATCH}, &p, &err));
    CHECK(zoo_sampler_new(&sampler, data,
                          &(zoo_windows){.observed = zoo_model_observed(m),
                                         .predicted = zoo_model_predicted(m),
                                         .seed = 3},
                          &err));
    ck_assert_int_eq(zoo_sampler_next(sampler, BATCH,
                                      &(zoo_batch){.x = gop_net_value(net, p.x),
                                                   .target = gop_net_value(net, p.target),
                                                   .labels = gop_net_value(net, p.labels)},
                                      NULL),
                     GOP_OK);
    CHECK(gop_net_forward(net, &err));
    ck_assert_uint_ge(p.n_shared, 1);
    ck_assert_ptr_nonnull(gop_net_value(net, p.shared[0]));
    *size = gop_shape_size(gop_net_shape(net, p.shared[0])) * sizeof *h;
    h = malloc(*size);
    ck_assert_ptr_nonnull(h);
    memcpy(h, gop_net_value(net, p.shared[0]), *size);
    zoo_sampler_free(sampler);
    gop_net_free(net);
    return h;
}

/* A frozen backbone computes the same bytes while the heads learn. */
START_TEST(frozen_computes_the_same)
{
    static const char backbone[] = "agim\0branch\0";
    static const char *const off[] = {"p_tc", "p_agim", "p_out"};
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(_i ? GOP_MGDA_UB : GOP_MGDA_EXACT);
    size_t size, moved = 0;
    /* Moments that differ from a new model's. */
    whole_run("old.gop", 1, GOP_MGDA_FIXED, 4);
    zoo_model *old, *m = tiny_model(5);
    CHECK(zoo_model_load(&old, NULL, "old.gop", &err));
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        CHECK(zoo_model_set(m, off[i], "0", &err));
    snprintf(c.freeze, sizeof c.freeze, "agim,branch");
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    CHECK(zoo_trainer_init_from(t, old, NULL, &err));
    gop_real *before = shared_values(m, ctx, backbone, &size);
    train_to(t, 3);
    /* A resumed run keeps it. */
    CHECK(zoo_trainer_save(t, "frozen.gop", &err));
    zoo_trainer_free(t);
    zoo_model_free(m);
    CHECK(zoo_trainer_resume(&t, &m, NULL, ctx, "frozen.gop", data, NULL, &err));
    train_to(t, 5);
    gop_real *after = shared_values(m, ctx, backbone, &size);
    gop_real *by_batch = shared_values(m, ctx, "", &size);
    ck_assert_mem_eq(before, after, size);
    ck_assert_mem_ne(before, by_batch, size);
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        moved += p.trained && !is_under(p.name, "agim.") && !is_under(p.name, "branch.") &&
                 memcmp(p.data, gop_params_info(old->params, i).data,
                        gop_shape_size(p.shape) * sizeof *p.data) != 0;
    }
    ck_assert_uint_gt(moved, 10);
    free(before);
    free(after);
    free(by_batch);
    zoo_trainer_free(t);
    zoo_model_free(m);
    zoo_model_free(old);
    gop_ctx_free(ctx);
    remove("old.gop");
    remove("frozen.gop");
}
END_TEST

/* Clipping and exact lambda count only parameters that are not frozen; with all shared parameters
 * frozen they have nothing to count. */
START_TEST(frozen_does_not_count)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_EXACT);
    zoo_progress free_run, half, none;
    /* The second name has no statistics under it; those would change the losses. */
    static const char *const frozen[] = {"", "branch.0.joint.1.gc,branch.0.joint.2.gc",
                                         "branch,agim"};
    zoo_progress *p[] = {&free_run, &half, &none};
    c.seed = 2; /* a batch whose lambda is neither 0 nor 1 */
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (size_t i = 0; i < 3; i++) {
        zoo_model *m = tiny_model(c.seed);
        snprintf(c.freeze, sizeof c.freeze, "%s", frozen[i]);
        CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
        CHECK(zoo_trainer_step(t, p[i], &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
    }
    ck_assert(free_run.loss_recognition == half.loss_recognition);
    ck_assert(half.lambda != free_run.lambda);
    ck_assert(none.lambda == 0.5);
    ck_assert(half.gradient_norm != free_run.gradient_norm);
    gop_ctx_free(ctx);
}
END_TEST

/* Whether the parameters below `name` have the same bytes in both. */
static bool same_below(const gop_params *params, const gop_real *before, const char *name)
{
    bool same = true;
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        if (p.trained && gop_name_matches(name, p.name))
            same = same &&
                   memcmp(p.data, before + p.offset, gop_shape_size(p.shape) * sizeof *before) == 0;
    }
    return same;
}

/* Two parts of a network thaw after two steps and after an epoch, which is four; a third does not. */
START_TEST(names_thaw)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *m = tiny_model(c.seed);
    snprintf(c.freeze, sizeof c.freeze, "cls:2,dec:1e,agim");
    c.batch = 5;
    zoo_training_count_epochs(&c, 20);
    ck_assert_str_eq(c.freeze, "cls:2,dec:4,agim");
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    const size_t size = gop_params_size(m->params) * sizeof(gop_real);
    gop_real *before = malloc(size);
    ck_assert_ptr_nonnull(before);
    memcpy(before, gop_params_values(m->params), size);
    for (uint64_t step = 1; step <= 5; step++) {
        CHECK(zoo_trainer_step(t, NULL, &err));
        ck_assert(same_below(m->params, before, "cls") == (step <= 2));
        ck_assert(same_below(m->params, before, "dec") == (step <= 4));
        ck_assert(same_below(m->params, before, "agim"));
    }
    free(before);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(frozen_names_are_checked)
{
    static const char *const bad[][2] = {
        {"branch.7", "branch.7"},
        {"cl", "'cl'"},
        {"cls,", "''"},
        {"cls:5e", "a number of steps or epochs behind a colon"},
        {"cls:", "not 'cls:'"},
        {"cls:0", "not 'cls:0'"},
        {"cls:7,agim:x", "not 'cls:7,agim:x'"},
        {",cls", "''"},
        {"branch.0.joint.1.bn1.running_mean", "running_mean"},
        {"agim,branch,mlp_recg,cls,mlp_pred,dec", "nothing is left"},
    };
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(GOP_MGDA_FIXED);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        zoo_model *m = tiny_model(c.seed);
        snprintf(c.freeze, sizeof c.freeze, "%s", bad[i][0]);
        ck_assert_int_eq(recorded(zoo_trainer_new(&t, ctx, m, data, &c, &err), &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, bad[i][1]), "%s: %s", bad[i][0], err.message);
        ck_assert_ptr_null(t);
        zoo_model_free(m);
    }
    gop_ctx_free(ctx);
}
END_TEST

/* The fingerprint as files of version 1 hold it; converted runs keep it as their init. */
static uint64_t stored_fingerprint(const zoo_model *model)
{
    uint64_t h = GOP_HASH_START;
    for (size_t i = 0; i < gop_params_count(model->params); i++) {
        const gop_param_info p = gop_params_info(model->params, i);
        h = (h ^ gop_hash(GOP_HASH_START, p.name, strlen(p.name))) * UINT64_C(0x100000001b3);
        for (size_t k = 0; k < gop_shape_size(p.shape); k++) {
            uint32_t word;
            memcpy(&word, &p.data[k], sizeof word);
            h = (h ^ word) * UINT64_C(0x100000001b3);
            h ^= h >> 29;
        }
    }
    return h;
}

/* The tensors that a run with other classes takes from a model, and those it initialises. */
START_TEST(another_model_begins)
{
    gop_ctx *ctx;
    zoo_trainer *t, *stopped;
    const zoo_training c = short_run(GOP_MGDA_FIXED);
    zoo_model *old, *m = NULL, *fresh;
    zoo_domain fewer;
    size_t taken = 0, anew = 0;
    whole_run("old.gop", 1, GOP_MGDA_FIXED, 2);
    CHECK(zoo_model_load(&old, NULL, "old.gop", &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    data->domain.actions--;
    for (size_t i = 0; i < data->sequences; i++)
        data->sequence[i].action %= (uint32_t)data->domain.actions;
    m = tiny_model(9);
    fresh = tiny_model(9);
    CHECK(zoo_trainer_new(&stopped, ctx, fresh, data, &c, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    CHECK(zoo_trainer_init_from(t, old, &taken, &err));
    for (size_t i = 0; i < gop_params_count(m->params); i++) {
        const gop_param_info p = gop_params_info(m->params, i);
        const size_t at = zoo_model_match(m, i, old);
        const gop_param_info from = at == SIZE_MAX ? gop_params_info(fresh->params, i)
                                                   : gop_params_info(old->params, at);
        ck_assert_str_eq(p.name, from.name);
        ck_assert_mem_eq(p.data, from.data, gop_shape_size(p.shape) * sizeof *p.data);
        anew += at == SIZE_MAX;
        const bool end = is_under(p.name, "cls.") || strcmp(p.name, "dec.cell.weight_ih") == 0;
        ck_assert_msg((at == SIZE_MAX) == end, "%s", p.name);
    }
    ck_assert_uint_eq(anew, 3);
    ck_assert_uint_eq(taken + anew, gop_params_count(m->params));

    /* A begun run cannot begin again; the file has the fingerprint of its initial model. */
    train_to(t, 1);
    ck_assert_int_eq(recorded(zoo_trainer_init_from(t, old, NULL, &err), &err), GOP_ESTATE);
    CHECK(zoo_trainer_save(t, "new.gop", &err));
    zoo_provenance p;
    CHECK(zoo_provenance_load(&p, NULL, "new.gop", &err));
    ck_assert(p.training.init == zoo_model_fingerprint(old));
    ck_assert(zoo_model_fingerprint(old) != zoo_model_fingerprint(m));
    ck_assert(zoo_model_fingerprint(old) == stored_fingerprint(old));
    data->domain.actions++;

    /* Another layout, another type, nothing in common. */
    CHECK(zoo_domain_copy(&fewer, &old->domain, &err));
    zoo_layout_clear(&old->domain.layout);
    CHECK(zoo_layout_copy(&old->domain.layout, zoo_layout_find("ntu25"), &err));
    ck_assert_int_eq(recorded(zoo_trainer_init_from(stopped, old, NULL, &err), &err), GOP_ESHAPE);
    ck_assert_msg(strstr(err.message, "ntu25"), "%s", err.message);
    zoo_layout_clear(&old->domain.layout);
    CHECK(zoo_layout_copy(&old->domain.layout, &fewer.layout, &err));
    const zoo_model_type *type = old->type;
    old->type = zoo_model_type_find(NULL, "stgcn");
    ck_assert_int_eq(recorded(zoo_trainer_init_from(stopped, old, NULL, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "stgcn"), "%s", err.message);
    old->type = type;
    gop_params_free(old->params);
    CHECK(gop_params_new(&old->params, 1, &err));
    ck_assert_int_eq(recorded(zoo_trainer_init_from(stopped, old, NULL, &err), &err), GOP_EINVAL);
    zoo_domain_clear(&fewer);
    zoo_trainer_free(t);
    zoo_trainer_free(stopped);
    zoo_model_free(m);
    zoo_model_free(fresh);
    zoo_model_free(old);
    gop_ctx_free(ctx);
    remove("old.gop");
    remove("new.gop");
}
END_TEST

/* A window longer than its clip is drawn as it is, and the setting is kept. */
START_TEST(long_windows_are_drawn)
{
    zoo_progress last[2];
    for (int i = 0; i < 2; i++) {
        gop_ctx *ctx;
        zoo_trainer *t;
        zoo_training c = short_run(GOP_MGDA_FIXED), back;
        zoo_model *m = tiny_model(c.seed);
        c.clip_frames = i == 0 ? 0 : 7; /* a window has 19 */
        CHECK(gop_ctx_new(&ctx, 1, 0, &err));
        CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
        train_to(t, 2);
        CHECK(zoo_trainer_step(t, &last[i], &err));
        CHECK(zoo_trainer_save(t, "long.gop", &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
        CHECK(zoo_trainer_resume(&t, &m, NULL, ctx, "long.gop", data, &back, &err));
        ck_assert_uint_eq(back.clip_frames, c.clip_frames);
        zoo_trainer_free(t);
        zoo_model_free(m);
        gop_ctx_free(ctx);
    }
    ck_assert(last[0].loss_recognition == last[1].loss_recognition &&
              last[0].loss_prediction == last[1].loss_prediction &&
              last[0].gradient_norm == last[1].gradient_norm);
    remove("long.gop");
}
END_TEST

START_TEST(epochs_are_counted)
{
    ck_assert_uint_eq(zoo_epoch_steps(100, 40320, 48), 84000);
    ck_assert_uint_eq(zoo_epoch_steps(1, 160, 48), 4); /* 3 1/3, rounded up */
    ck_assert_uint_eq(zoo_epoch_steps(3, 160, 48), 10);
    ck_assert_uint_eq(zoo_epoch_steps(0, 160, 48), 0);
    ck_assert_uint_eq(zoo_epoch_steps(1, 0, 48), 0);
    ck_assert_uint_eq(zoo_epoch_steps(1, 160, 0), 0);
    ck_assert_uint_eq(zoo_epoch_steps(UINT64_MAX, 2, 1), UINT64_MAX);
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
    gop_params_info(m->params, i).data[1] = NAN;
    ck_assert_int_eq(recorded(zoo_trainer_step(t, NULL, &err), &err), GOP_ENUMERIC);
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
    if (_i == 0)
        data->sequence[0].data[5] += 1;
    else
        data->sequence[0].subject = "another";
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    ck_assert_int_eq(
        recorded(zoo_trainer_resume(&t, &m, NULL, ctx, "other.gop", data, NULL, &err), &err),
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
    CHECK(zoo_model_load(&n, NULL, "loaded.gop", &err));

    size_t x_size = 2 * data->domain.layout.nodes * 16 * 3, p_size = x_size / 16 * 3;
    size_t classes = data->domain.actions;
    gop_real *x = calloc(x_size, sizeof *x), *poses[2], *scores[2];
    zoo_sampler *s;
    CHECK(zoo_sampler_new(&s, data, &(zoo_windows){.observed = 16, .predicted = 3, .seed = 99},
                          &err));
    ck_assert_int_eq(zoo_sampler_next(s, 2, &(zoo_batch){.x = x}, NULL), GOP_OK);
    const zoo_model *both[2] = {m, n};
    for (int k = 0; k < 2; k++) {
        zoo_inference *inf;
        poses[k] = calloc(p_size, sizeof **poses);
        scores[k] = calloc(2 * classes, sizeof **scores);
        CHECK(zoo_inference_new(&inf, ctx, both[k], 2, &err));
        CHECK(zoo_inference_run(inf, x, NULL, scores[k], poses[k], &err));
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
        {"gama", "3", "gamma"},
        {"gamma", "0", "gamma=0"},
        {"gamma", "3x", "gamma=3x"},
        {"p_tc", "nan", "p_tc=nan"},
        {"gru_carry", "no", "jgc|hidden"},
        {"widths", "8,,8", "widths"},
        {"widths", "8,", "widths"},
        {"gamma", "-1", "gamma=-1"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(recorded(zoo_model_set(m, bad[i][0], bad[i][1], &err), &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, bad[i][2]), "%s=%s: %s", bad[i][0], bad[i][1],
                      err.message);
    }
    CHECK(zoo_model_set(m, "strides", "1,2", &err));
    ck_assert_int_eq(m->type->check(m->config.bytes, &m->domain, &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, "strides"), "%s", err.message);
    char text[64];
    for (const zoo_setting *o = m->type->options; o->key != NULL; o++) {
        zoo_model_get(m, o, text, sizeof text);
        CHECK(zoo_model_set(m, o->key, text, &err)); /* the written text reads back */
    }
    zoo_model_free(m);
}
END_TEST

TEST_MAIN("trainer")
{
    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, threads_do_not_matter, 0, 4);
    tcase_add_loop_test(t, interruptions_do_not_matter, 0, 3);
    tcase_add_loop_test(t, rich_runs_on_threads, 0, 2);
    tcase_add_loop_test(t, frozen_is_frozen, 0, 8);
    tcase_add_loop_test(t, frozen_computes_the_same, 0, 2);
    tcase_add_test(t, hashes_are_of_numbers);
    tcase_add_test(t, frozen_does_not_count);
    tcase_add_test(t, names_thaw);
    tcase_add_test(t, frozen_names_are_checked);
    tcase_add_test(t, another_model_begins);
    tcase_add_test(t, long_windows_are_drawn);
    tcase_add_test(t, epochs_are_counted);
    tcase_add_test(t, seeds_do_matter);
    tcase_add_test(t, the_average_is_saved);
    tcase_add_test(t, batches_accumulate);
    tcase_add_test(t, adamw_is_another_optimiser);
    tcase_add_test(t, factors_of_names);
    tcase_add_test(t, learning_lowers_the_losses);
    tcase_add_test(t, not_a_number_is_named);
    tcase_add_loop_test(t, other_data_are_refused, 0, 2);
    tcase_add_test(t, loaded_model_answers_as_the_trained_one);
    tcase_add_test(t, options_say_what_is_wrong);
}
