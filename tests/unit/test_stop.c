/*
 * test_stop.c: a gop_stop ends nets, checks, training, measuring and preparing at every place where
 * it is called, and afterwards everything is as if the call had not been made.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "net_fixture.h"
#include "scratch.h"
#include "trainer_fixture.h"

/* Stops at one call of `asked`, counted from 0. */
typedef struct countdown {
    long calls, stops;
} countdown;

static bool count_down(void *user)
{
    countdown *c = user;
    return c->calls++ == c->stops;
}

#define NEVER (-1)

static gop_stop at(countdown *c, long stops)
{
    *c = (countdown){0, stops};
    return (gop_stop){count_down, c};
}

/* ------------------------------------------------------------------------- nets */

/* A block with dropout, statistics that move and operators that run together. */
typedef struct block {
    fixture f;
    gop_var x, y, loss;
} block;

static block block_new(bool training)
{
    block b = {.f = fixture_new(training)};
    gop_net *n = b.f.net;
    gop_var h;

    b.x = gop_input(n, "x", gop_shape2(6, 5));
    h = gop_relu(n,
                 gop_layer_batch_norm(n, "bn", gop_layer_linear(n, "a", b.x, 8, true), 1e-5, 0.3));
    h = gop_dropout(n, h, 0.25, GOP_DROP_ELEMENTS);
    h = gop_relu(n,
                 gop_layer_batch_norm(n, "bn2", gop_layer_linear(n, "b", h, 8, true), 1e-5, 0.3));
    /* Settled in an inference net: of parameters alone. */
    gop_var s = gop_softmax(n, gop_param(n, "s", gop_shape1(8), gop_init_normal(1)), 0);
    b.y = gop_mul(n, h, s);
    gop_net_keep(n, b.y);
    b.loss = gop_sum(n, gop_sum(n, b.y, 0), 0);
    gop_net_keep(n, b.loss);
    assert_ok(b.f, gop_net_plan(n, &b.f.err));
    gop_rng rng = gop_rng_new(3, 4);
    for (size_t i = 0; i < 30; i++)
        gop_net_value(n, b.x)[i] = (gop_real)gop_rng_normal(&rng);
    gop_net_random(n, 5, 6);
    return b;
}

static gop_status backward(block *b, gop_real *grads)
{
    const gop_real one = 1;
    memset(grads, 0, gop_params_size(b->f.params) * sizeof *grads);
    return recorded(gop_net_backward(b->f.net,
                                     &(gop_pass){.from = &b->loss, .seed = &one, .n_from = 1},
                                     grads, &b->f.err),
                    &b->f.err);
}

enum { Y = 48 };

/* _i: bit 0, a training net; bit 1, closed parameters; bit 2, runs that check each value. */
START_TEST(nets_run_on_after_a_stop)
{
    block b = block_new(_i & 1), other = block_new(_i & 1);
    gop_status (*const run)(gop_net *, gop_error *) = _i & 4 ? gop_net_forward_finite
                                                             : gop_net_forward;
    countdown c;
    gop_stop stop = at(&c, NEVER);
    gop_real y[Y];

    if (_i & 2) {
        gop_params_close(b.f.params);
        gop_params_close(other.f.params);
    }
    assert_ok(other.f, run(other.f.net, &other.f.err));
    memcpy(y, gop_net_value(other.f.net, other.y), sizeof y);
    gop_ctx_stop(b.f.ctx, &stop);
    assert_ok(b.f, run(b.f.net, &b.f.err));
    ck_assert_mem_eq(gop_net_value(b.f.net, b.y), y, sizeof y);
    ck_assert_int_gt(c.calls, 2);

    const long calls = c.calls;
    for (long k = 0; k < calls; k++) {
        /* A stopped run may have settled nothing of what has changed. */
        gop_params_values(b.f.params)[0] += (gop_real)0.5;
        gop_params_values(other.f.params)[0] += (gop_real)0.5;
        stop = at(&c, k);
        ck_assert_int_eq(recorded(run(b.f.net, &b.f.err), &b.f.err), GOP_ESTOPPED);
        assert_says(&b.f, "gop_net_forward was stopped by the caller");
        ck_assert_int_eq(c.calls, k + 1);
        if (_i & 1)
            ck_assert_int_eq(
                recorded(gop_net_backward(b.f.net, &(gop_pass){.n_from = 0}, NULL, &b.f.err),
                         &b.f.err),
                GOP_ESTATE);
        assert_ok(b.f, run(b.f.net, &b.f.err));
        assert_ok(other.f, run(other.f.net, &other.f.err));
        ck_assert_mem_eq(gop_net_value(b.f.net, b.y), gop_net_value(other.f.net, other.y),
                         sizeof y);
    }
    fixture_free(&b.f);
    fixture_free(&other.f);
}
END_TEST

START_TEST(backward_runs_on_after_a_stop)
{
    block b = block_new(true);
    countdown c;
    gop_stop stop = at(&c, NEVER);
    gop_real want[256], grads[256];

    ck_assert_uint_lt(gop_params_size(b.f.params), 256);
    assert_ok(b.f, gop_net_forward(b.f.net, &b.f.err));
    gop_ctx_stop(b.f.ctx, &stop);
    ck_assert_int_eq(backward(&b, want), GOP_OK);
    const long calls = c.calls;
    ck_assert_int_gt(calls, 2);
    for (long k = 0; k < calls; k++) {
        stop = at(&c, k);
        ck_assert_int_eq(backward(&b, grads), GOP_ESTOPPED);
        assert_says(&b.f, "gop_net_backward was stopped by the caller");
        ck_assert_int_eq(backward(&b, grads), GOP_OK);
        ck_assert_mem_eq(grads, want, gop_params_size(b.f.params) * sizeof *want);
    }
    /* Without it nothing is called. */
    gop_ctx_stop(b.f.ctx, NULL);
    c.calls = 0;
    ck_assert_int_eq(backward(&b, grads), GOP_OK);
    ck_assert_int_eq(c.calls, 0);
    fixture_free(&b.f);
}
END_TEST

START_TEST(a_gradient_check_stops)
{
    block b = block_new(true);
    const size_t size = gop_params_size(b.f.params) * sizeof(gop_real);
    const size_t stats = gop_params_stats_size(b.f.params) * sizeof(gop_real);
    gop_real values[256], moments[64];
    countdown c;
    gop_stop stop = at(&c, NEVER);
    double worst, again;

    ck_assert(size <= sizeof values && stats <= sizeof moments);
    memcpy(values, gop_params_values(b.f.params), size);
    memcpy(moments, gop_params_stats(b.f.params), stats);
    gop_ctx_stop(b.f.ctx, &stop);
    assert_ok(b.f, gop_net_gradcheck(&worst, NULL, b.f.net, b.loss, 1, &b.f.err));
    const long calls = c.calls;
    for (long k = 0; k < calls; k += 7) {
        stop = at(&c, k);
        ck_assert_int_eq(
            recorded(gop_net_gradcheck(&again, NULL, b.f.net, b.loss, 1, &b.f.err), &b.f.err),
            GOP_ESTOPPED);
        ck_assert_mem_eq(values, gop_params_values(b.f.params), size);
        ck_assert_mem_eq(moments, gop_params_stats(b.f.params), stats);
    }
    assert_ok(b.f, gop_net_gradcheck(&again, NULL, b.f.net, b.loss, 1, &b.f.err));
    ck_assert(worst == again);
    fixture_free(&b.f);
}
END_TEST

START_TEST(a_stop_is_kept_by_its_context)
{
    gop_ctx *ctx = NULL;
    gop_error bad = {GOP_OK, ""};
    countdown c;
    gop_stop stop = at(&c, 1);

    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &bad), GOP_OK);
    const gop_stop *of = gop_ctx_stopper(ctx);
    ck_assert_int_eq(gop_stopped(of, "it", &bad), GOP_OK);
    gop_ctx_stop(ctx, &stop);
    stop.asked = NULL; /* the context has a copy */
    ck_assert_int_eq(gop_stopped(of, "it", &bad), GOP_OK);
    ck_assert_int_eq(recorded(gop_stopped(of, "it", &bad), &bad), GOP_ESTOPPED);
    ck_assert_str_eq(bad.message, "it was stopped by the caller");
    ck_assert_str_eq(gop_status_string(bad.status), "stopped by the caller");
    c.stops = c.calls;
    ck_assert_int_eq(gop_stopped(of, NULL, &bad), GOP_ESTOPPED);
    ck_assert_str_eq(bad.message, "the call was stopped by the caller");
    gop_ctx_stop(ctx, NULL);
    ck_assert_int_eq(gop_stopped(of, "it", &bad), GOP_OK);
    ck_assert_int_eq(c.calls, 3);
    gop_ctx_free(ctx);
}
END_TEST

/* --------------------------------------------------------------------- training */

/* _i: one pass backward; or two batches with several each, and an average.  Stops the third step at each of its places. */
START_TEST(a_stopped_step_was_not_made)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_model *m;
    countdown c;
    gop_stop stop = at(&c, NEVER);
    zoo_training settings = short_run(_i == 0 ? GOP_MGDA_FIXED : GOP_MGDA_UB);

    settings.validate = 0.1;
    settings.validate_every = 2;
    settings.accumulate = _i == 1 ? 2 : 1;
    settings.average = _i == 1 ? 0.9 : 0;
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (int stopped = 0; stopped < 2; stopped++) {
        zoo_progress progress = {.step = 77};
        long calls = c.calls;
        bool better;
        zoo_validation v;

        m = tiny_model(settings.seed);
        CHECK(zoo_trainer_new(&t, ctx, m, data, &settings, &err));
        train_to(t, 2);
        CHECK(zoo_trainer_validate(t, &v, &better, &err));
        stop = at(&c, NEVER);
        gop_ctx_stop(ctx, &stop);
        for (long k = 0; stopped && k < calls; k++) {
            stop = at(&c, k);
            gop_ctx_stop(ctx, &stop);
            ck_assert_int_eq(recorded(zoo_trainer_step(t, &progress, &err), &err), GOP_ESTOPPED);
            ck_assert_uint_eq(zoo_trainer_steps(t), 2);
            ck_assert_uint_eq(progress.step, 77);
            if (k != 0 && k != calls / 2)
                continue;
            /* Saved as if it had not been tried. */
            CHECK(zoo_trainer_save(t, "stop-a.gop", &err));
            assert_same_file("stop-a.gop", "stop-b.gop");
        }
        if (!stopped)
            CHECK(zoo_trainer_save(t, "stop-b.gop", &err));
        CHECK(zoo_trainer_step(t, &progress, &err));
        gop_ctx_stop(ctx, NULL);
        train_to(t, 5);
        CHECK(zoo_trainer_save(t, stopped ? "stop-2.gop" : "stop-1.gop", &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
    }
    assert_same_file("stop-1.gop", "stop-2.gop");
    gop_ctx_free(ctx);
    remove("stop-1.gop");
    remove("stop-2.gop");
    remove("stop-a.gop");
    remove("stop-b.gop");
}
END_TEST

START_TEST(a_stopped_validation_changes_nothing)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_model *m;
    countdown c;
    gop_stop stop = at(&c, NEVER);
    zoo_training settings = short_run(GOP_MGDA_FIXED);
    zoo_validation want, v = {.step = 77};
    bool better = false;

    settings.validate = 0.1;
    settings.validate_every = 2;
    m = tiny_model(settings.seed);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    gop_ctx_stop(ctx, &stop);
    CHECK(zoo_trainer_new(&t, ctx, m, data, &settings, &err));
    zoo_trainer_free(t);
    const long calls = c.calls;
    for (long k = 0; k < calls; k += 50) {
        zoo_model_free(m);
        m = tiny_model(settings.seed);
        stop = at(&c, k);
        gop_ctx_stop(ctx, &stop);
        ck_assert_int_eq(recorded(zoo_trainer_new(&t, ctx, m, data, &settings, &err), &err),
                         GOP_ESTOPPED);
        ck_assert_ptr_null(t);
    }
    zoo_model_free(m);
    m = tiny_model(settings.seed);
    CHECK(zoo_trainer_new(&t, ctx, m, data, &settings, &err));
    for (long k = 0; k < 200; k += 60) {
        stop = at(&c, k);
        gop_ctx_stop(ctx, &stop);
        ck_assert_int_eq(recorded(zoo_trainer_validate(t, &v, &better, &err), &err), GOP_ESTOPPED);
        ck_assert_uint_eq(v.step, 77);
        ck_assert(!better);
        ck_assert_uint_eq(zoo_trainer_best(t).step, 0);
    }
    train_to(t, 1);
    CHECK(zoo_trainer_validate(t, &v, &better, &err));
    ck_assert(better);
    CHECK(zoo_trainer_validate(t, &want, NULL, &err));
    ck_assert(v.loss == want.loss);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(a_sampler_stops)
{
    countdown c;
    gop_stop stop = at(&c, 100);
    const zoo_windows w = {.observed = 16, .predicted = 3, .stop = &stop};
    zoo_sampler *s;

    ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_ESTOPPED);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(c.calls, 101);
    CHECK(zoo_sampler_new(&s, data, &w, &err)); /* the count has passed */
    zoo_sampler_free(s);
}
END_TEST

/* -------------------------------------------------------------------- measuring */

START_TEST(a_stopped_evaluation_makes_no_table)
{
    gop_ctx *ctx;
    zoo_model *m = tiny_model(1);
    zoo_inference *inference;
    zoo_table *table, *again;
    countdown c;
    gop_stop stop = at(&c, NEVER);
    const zoo_protocol *p = NULL;

    for (const zoo_protocol *q = zoo_protocol_list(); q->name != NULL && p == NULL; q++)
        if (q->task == ZOO_RECOGNITION && zoo_protocol_usual(q, &data->domain))
            p = q;
    ck_assert_ptr_nonnull(p);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inference, ctx, m, 8, &err));
    zoo_predictor predictor = zoo_inference_predictor(inference);
    gop_ctx_stop(ctx, &stop); /* the predictor has the context's stop */
    CHECK(zoo_evaluate(&table, p, data, &predictor, NULL, &err));
    const long calls = c.calls;
    ck_assert_int_gt(calls, 200);
    for (long k = 0; k < calls; k += 1 + calls / 20) {
        stop = at(&c, k);
        ck_assert_int_eq(recorded(zoo_evaluate(&again, p, data, &predictor, NULL, &err), &err),
                         GOP_ESTOPPED);
        ck_assert_ptr_null(again);
    }
    CHECK(zoo_evaluate(&again, p, data, &predictor, NULL, &err));
    ck_assert_uint_eq(again->rows, table->rows);
    ck_assert_mem_eq(again->row, table->row, table->rows * sizeof *table->row);
    zoo_table_free(again);
    zoo_table_free(table);
    /* Zero velocity alone. */
    for (p = zoo_protocol_list();
         p->task != ZOO_PREDICTION || !zoo_protocol_usual(p, &data->domain);)
        p++;
    stop = at(&c, 3);
    const zoo_predictor nobody = {.batch = 1, .observed = 50, .predicted = 10, .stop = &stop};
    ck_assert_int_eq(recorded(zoo_evaluate(&table, p, data, &nobody, NULL, &err), &err),
                     GOP_ESTOPPED);
    ck_assert_str_eq(err.message, "zoo_evaluate was stopped by the caller");
    ck_assert_ptr_null(table);
    zoo_inference_free(inference);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(a_stopped_inference_writes_nothing)
{
    gop_ctx *ctx;
    zoo_model *m = tiny_model(1);
    zoo_inference *inference;
    countdown c;
    gop_stop stop = at(&c, 4);
    gop_real scores[ZOO_MAX_ACTIONS], want[ZOO_MAX_ACTIONS];
    gop_real *x = calloc(16 * data->domain.layout.columns, sizeof *x);

    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inference, ctx, m, 1, &err));
    CHECK(zoo_inference_run(inference, x, NULL, want, NULL, &err));
    gop_ctx_stop(ctx, &stop);
    scores[0] = -7;
    ck_assert_int_eq(recorded(zoo_inference_run(inference, x, NULL, scores, NULL, &err), &err),
                     GOP_ESTOPPED);
    ck_assert(scores[0] == -7);
    CHECK(zoo_inference_run(inference, x, NULL, scores, NULL, &err));
    ck_assert_mem_eq(scores, want, data->domain.actions * sizeof *want);
    zoo_inference_free(inference);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    free(x);
}
END_TEST

/* -------------------------------------------------------------------- preparing */

/* Twelve files of text, every third of which is bad; the last has the frames of the first. */
static void write_files(void)
{
    for (int i = 0; i < 12; i++) {
        char name[32], text[2048] = "";
        snprintf(name, sizeof name, "f%02d.csv", i);
        for (int t = 0; t < 8 && i % 3 != 2; t++)
            for (int k = 0; k < 66; k++) {
                const size_t used = strlen(text);
                snprintf(text + used, sizeof text - used, "%d%c", (t * k + i % 9) % 7,
                         k == 65 ? '\n' : ',');
            }
        scratch_text(name, i % 3 == 2 ? "no,numbers\n" : text);
    }
}

START_TEST(a_stopped_preparation_leaves_nothing)
{
    zoo_dataset *index;
    zoo_report report;
    countdown c;
    gop_stop stop = at(&c, NEVER);
    zoo_raw raw = {.source = _i == 0 ? "synth" : "csv", .stop = &stop};
    char out[64], before[64];
    zoo_layout layout = {0};

    scratch_open();
    snprintf(out, sizeof out, "prepared-%ld.gds", (long)getpid());
    snprintf(before, sizeof before, "undisturbed-%ld.gds", (long)getpid());
    if (_i == 1) {
        char classes[1024] = "";
        write_files();
        for (int i = 0; i < 12; i++)
            snprintf(classes + strlen(classes), sizeof classes - strlen(classes), "f%02d,walk,%s\n",
                     i, i < 6 ? "train" : "test");
        CHECK(zoo_layout_open(&layout, "procedural22", &err));
        scratch_write("classes.tmp", classes, strlen(classes));
        raw.dir = scratch_folder;
        raw.layout = &layout;
        raw.rate = 25;
        raw.labels = "classes.tmp";
    }
    CHECK(zoo_prepare(&index, NULL, &raw, before, &err));
    zoo_dataset_free(index);
    const long calls = c.calls;
    ck_assert_int_gt(calls, 12);
    const size_t entries = scratch_entries();
    for (long k = 0; k < calls; k += _i == 0 ? 37 : 1) {
        stop = at(&c, k);
        ck_assert_int_eq(recorded(zoo_prepare(&index, &report, &raw, out, &err), &err),
                         GOP_ESTOPPED);
        ck_assert_str_eq(err.message, "zoo_prepare was stopped by the caller");
        ck_assert_ptr_null(index);
        ck_assert_uint_eq(report.findings, 0);
        ck_assert(access(out, F_OK) != 0);
        ck_assert_uint_eq(scratch_entries(), entries);
    }
    CHECK(zoo_prepare(&index, &report, &raw, out, &err));
    assert_same_file(out, before);
    zoo_dataset_free(index);
    zoo_report_clear(&report);
    zoo_layout_clear(&layout);
    remove(out);
    remove(before);
    remove("classes.tmp");
    scratch_close();
}
END_TEST

TEST_MAIN("stop")
{
    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, nets_run_on_after_a_stop, 0, 8);
    tcase_add_test(t, backward_runs_on_after_a_stop);
    tcase_add_test(t, a_gradient_check_stops);
    tcase_add_test(t, a_stop_is_kept_by_its_context);
    tcase_add_loop_test(t, a_stopped_step_was_not_made, 0, 2);
    tcase_add_test(t, a_stopped_validation_changes_nothing);
    tcase_add_test(t, a_sampler_stops);
    tcase_add_test(t, a_stopped_evaluation_makes_no_table);
    tcase_add_test(t, a_stopped_inference_writes_nothing);
    tcase_add_loop_test(t, a_stopped_preparation_leaves_nothing, 0, 2);
}
