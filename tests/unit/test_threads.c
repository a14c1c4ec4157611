/*
 * test_threads.c: several threads at the same time load one file, plan and run inference nets over
 * shared parameters, and train their own nets.  Each gets the same bytes as alone.  Built with
 * clang's ThreadSanitizer it also shows that there are no data races.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "model_file.h"
#include "scratch.h"
#include "zoo/inference.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 8, WINDOWS = 6, BATCH = 2, ROUNDS = 2 };

/* The result of one thread; the main thread asserts. */
typedef struct worker {
    const zoo_model *model; /* shared */
    const char *path;       /* to load the model from instead */
    const gop_real *x;      /* shared, [WINDOWS, BATCH] windows */
    gop_real *scores, *poses;
    int threads; /* of its context */
    gop_error err;
} worker;

static pthread_barrier_t together;

static gop_status answer_all(worker *w, const zoo_model *m)
{
    gop_ctx *ctx = NULL;
    zoo_inference *inf = NULL;
    const size_t in = BATCH * model_window(m), out = BATCH * model_poses(m);
    gop_status s = recorded(gop_ctx_new(&ctx, w->threads, 0, &w->err), &w->err);
    for (int round = 0; round < ROUNDS && s == GOP_OK; round++) {
        s = zoo_inference_new(&inf, ctx, m, BATCH, &w->err);
        for (size_t i = 0; i < WINDOWS && s == GOP_OK; i++)
            s = zoo_inference_run(inf, w->x + i * in, NULL, w->scores + i * BATCH * MODEL_CLASSES,
                                  w->poses + i * out, &w->err);
        zoo_inference_free(inf);
        inf = NULL;
    }
    gop_ctx_free(ctx);
    return s;
}

static void *answer(void *arg)
{
    worker *w = arg;
    zoo_model *own = NULL;
    if (w->path != NULL && zoo_model_load(&own, NULL, w->path, &w->err) != GOP_OK)
        return NULL;
    (void)answer_all(w, own != NULL ? own : w->model);
    zoo_model_free(own);
    return NULL;
}

static void *answer_together(void *arg)
{
    (void)pthread_barrier_wait(&together);
    return answer(arg);
}

static void start_all(void *(*run)(void *arg), void *arg, size_t size, size_t n)
{
    pthread_t thread[THREADS];
    ck_assert_int_eq(pthread_barrier_init(&together, NULL, (unsigned)n), 0);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, run, (char *)arg + i * size), 0);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
    pthread_barrier_destroy(&together);
}

static void worker_room(worker *w, const zoo_model *m)
{
    w->scores = calloc(WINDOWS * BATCH * MODEL_CLASSES, sizeof *w->scores);
    w->poses = calloc(WINDOWS * BATCH * model_poses(m), sizeof *w->poses);
    ck_assert(w->scores != NULL && w->poses != NULL);
}

static void assert_same(const worker *a, const worker *b, const zoo_model *m)
{
    ck_assert_msg(a->err.status == GOP_OK, "%s", a->err.message);
    ck_assert(memcmp(a->scores, b->scores, WINDOWS * BATCH * MODEL_CLASSES * sizeof *a->scores) ==
              0);
    ck_assert(memcmp(a->poses, b->poses, WINDOWS * BATCH * model_poses(m) * sizeof *a->poses) == 0);
}

/* Eight threads with one model, or each with its own from one file. */
static void run_answers(int threads, bool share)
{
    zoo_model *m;
    const char *path = scratch_path("model.gop");
    model_write(path);
    MODEL_OK(zoo_model_load(&m, NULL, path, &model_error));
    const size_t n = WINDOWS * BATCH * model_window(m);
    gop_real *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    model_fill(x, n, 1);

    worker alone = {.model = m, .x = x, .threads = 1}, all[THREADS];
    worker_room(&alone, m);
    for (size_t i = 0; i < THREADS; i++) {
        all[i] = (worker){.model = m, .x = x, .threads = threads, .path = share ? NULL : path};
        worker_room(&all[i], m);
    }
    answer(&alone);
    ck_assert_msg(alone.err.status == GOP_OK, "%s", alone.err.message);
    ck_assert(alone.scores[0] > 0 && alone.scores[0] < 1 && alone.poses[1] != 0);
    start_all(answer_together, all, sizeof *all, THREADS);
    for (size_t i = 0; i < THREADS; i++) {
        assert_same(&all[i], &alone, m);
        free(all[i].scores);
        free(all[i].poses);
    }
    free(alone.scores);
    free(alone.poses);
    free(x);
    zoo_model_free(m);
}

START_TEST(one_model_serves_eight_threads)
{
    run_answers(1 + _i, true);
}
END_TEST

START_TEST(eight_threads_load_one_file)
{
    run_answers(1, false);
}
END_TEST

/* ------------------------------------------------------------------------ training */

enum { STEPS = 5 };

typedef struct trainee {
    uint64_t seed;
    int threads;
    size_t size;
    gop_real *values; /* after the last step */
    gop_error err;
} trainee;

static gop_var record(gop_net *net, gop_var *x)
{
    const gop_shape c = gop_shape1(32);
    const gop_init w = gop_init_uniform(0.2);
    *x = gop_input(net, "x", gop_shape4(4, 5, 30, 8));
    gop_var y = gop_temporal_conv(net, *x, gop_param(net, "W", gop_shape3(32, 5, 8), w),
                                  (gop_conv){.pad = 2});
    y = gop_batch_norm(net, y, gop_param(net, "w", c, gop_init_constant(1)), gop_none(),
                       gop_stat(net, "mean", c, 0), gop_stat(net, "var", c, 1), 1e-3, 0.1);
    y = gop_dropout(net, gop_relu(net, y), 0.2, GOP_DROP_ELEMENTS);
    y = gop_linear(net, y, gop_param(net, "v", gop_shape2(8, 32), w), gop_none());
    return gop_l2(net, y, *x, GOP_PER_ELEMENT);
}

static gop_status train_net(trainee *t, gop_net *net, gop_params *params, gop_optimiser *opt,
                            gop_var x, gop_var loss)
{
    gop_real one = 1, *grads = malloc(gop_params_size(params) * sizeof *grads);
    gop_status s = grads == NULL ? GOP_ENOMEM : GOP_OK;
    for (uint64_t step = 0; step < STEPS && s == GOP_OK; step++) {
        model_fill(gop_net_value(net, x), gop_shape_size(gop_net_shape(net, x)), t->seed + step);
        gop_net_random(net, t->seed, step);
        memset(grads, 0, gop_params_size(params) * sizeof *grads);
        s = gop_net_forward(net, &t->err);
        if (s == GOP_OK)
            s = gop_net_backward(net, &(gop_pass){.from = &loss, .seed = &one, .n_from = 1}, grads,
                                 &t->err);
        gop_optimiser_step(opt, grads, 1, 1e-2);
    }
    free(grads);
    t->size = gop_params_size(params);
    t->values = malloc(t->size * sizeof *t->values);
    if (t->values == NULL)
        return GOP_ENOMEM;
    memcpy(t->values, gop_params_values(params), t->size * sizeof *t->values);
    return s;
}

static void *train(void *arg)
{
    trainee *t = arg;
    gop_ctx *ctx = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_optimiser *opt = NULL;
    gop_var x, loss;
    gop_status s = recorded(gop_ctx_new(&ctx, t->threads, 0, &t->err), &t->err);
    if (s == GOP_OK)
        s = gop_params_new(&params, t->seed, &t->err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, params, GOP_TRAINING, &t->err);
    if (s == GOP_OK) {
        loss = record(net, &x);
        s = gop_net_plan(net, &t->err);
    }
    if (s == GOP_OK)
        s = gop_adam_new(&opt, ctx, params, NULL, &t->err);
    if (s == GOP_OK)
        s = train_net(t, net, params, opt, x, loss);
    t->err.status = s;
    gop_optimiser_free(opt);
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return NULL;
}

static void *train_together(void *arg)
{
    (void)pthread_barrier_wait(&together);
    return train(arg);
}

START_TEST(nets_train_side_by_side)
{
    trainee alone[2] = {{.seed = 1, .threads = 1}, {.seed = 2, .threads = 1}}, both[2];
    memcpy(both, alone, sizeof both);
    for (size_t i = 0; i < 2; i++) {
        train(&alone[i]);
        both[i].threads = 1 + _i;
    }
    start_all(train_together, both, sizeof *both, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_msg(both[i].err.status == GOP_OK && alone[i].err.status == GOP_OK, "%s%s",
                      both[i].err.message, alone[i].err.message);
        ck_assert(
            memcmp(both[i].values, alone[i].values, alone[i].size * sizeof *alone[i].values) == 0);
    }
    ck_assert(memcmp(alone[0].values, alone[1].values, alone[0].size * sizeof *alone[0].values) !=
              0);
    for (size_t i = 0; i < 2; i++) {
        free(alone[i].values);
        free(both[i].values);
    }
}
END_TEST

TEST_MAIN("threads")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, one_model_serves_eight_threads, 0, 2);
    tcase_add_test(t, eight_threads_load_one_file);
    tcase_add_loop_test(t, nets_train_side_by_side, 0, 2);
}
