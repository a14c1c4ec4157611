/*
 * test_inference.c: a run must not allocate, free or take a lock.  Counts the calls of malloc and
 * related functions and of pthread mutexes in the whole program by interposing them.  Under a
 * sanitizer, which interposes them itself, nothing is counted.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* RTLD_NEXT */
#endif
#include "suite.h"
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "model_file.h"
#include "scratch.h"
#include "zoo/dataset/prepare.h"
#include "zoo/inference.h"
#include "zoo/stream/stream.h"
#include "zoo/trainer/trainer.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define COUNTS 0
#endif
#endif
#ifndef COUNTS
#define COUNTS 1
#endif

/* ------------------------------------------------------------ standing in front */

static atomic_bool counting;
static atomic_ulong allocations, locks;

#if COUNTS /* exported, so that shared libraries call these too */

static void note(atomic_ulong *count)
{
    if (atomic_load(&counting))
        atomic_fetch_add(count, 1);
}

/* The interposed function; C has no cast from dlsym's object pointer. */
#define NEXT(fn, name)                        \
    do {                                      \
        void *found = dlsym(RTLD_NEXT, name); \
        memcpy(&(fn), &found, sizeof found);  \
    } while (0)

/* dlsym may allocate before calloc is found. */
static _Alignas(64) char early[4096];
static size_t early_used;

static bool is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void *take_early(size_t bytes)
{
    char *p = early + early_used;
    if (bytes > sizeof early - early_used)
        return NULL;
    early_used += (bytes + 63) / 64 * 64;
    return p;
}

GOP_API void *malloc(size_t bytes)
{
    static void *(*next)(size_t bytes);
    if (next == NULL)
        NEXT(next, "malloc");
    note(&allocations);
    return next(bytes);
}

GOP_API void *calloc(size_t n, size_t bytes)
{
    static void *(*next)(size_t n, size_t bytes);
    static bool looking;
    if (next == NULL) {
        if (looking)
            return take_early(n * bytes);
        looking = true;
        NEXT(next, "calloc");
    }
    note(&allocations);
    return next(n, bytes);
}

GOP_API void *realloc(void *p, size_t bytes)
{
    static void *(*next)(void *p, size_t bytes);
    if (next == NULL)
        NEXT(next, "realloc");
    note(&allocations);
    return next(p, bytes);
}

GOP_API void *aligned_alloc(size_t align, size_t bytes)
{
    static void *(*next)(size_t align, size_t bytes);
    if (next == NULL)
        NEXT(next, "aligned_alloc");
    note(&allocations);
    return next(align, bytes);
}

GOP_API int posix_memalign(void **p, size_t align, size_t bytes)
{
    static int (*next)(void **p, size_t align, size_t bytes);
    if (next == NULL)
        NEXT(next, "posix_memalign");
    note(&allocations);
    return next(p, align, bytes);
}

GOP_API void free(void *p)
{
    static void (*next)(void *p);
    if (p == NULL || is_early(p))
        return;
    if (next == NULL)
        NEXT(next, "free");
    note(&allocations);
    next(p);
}

GOP_API int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*next)(pthread_mutex_t * mutex);
    if (next == NULL)
        NEXT(next, "pthread_mutex_lock");
    note(&locks);
    return next(mutex);
}

GOP_API int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    static int (*next)(pthread_mutex_t * mutex);
    if (next == NULL)
        NEXT(next, "pthread_mutex_trylock");
    note(&locks);
    return next(mutex);
}

GOP_API int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    static int (*next)(pthread_mutex_t * mutex);
    if (next == NULL)
        NEXT(next, "pthread_mutex_unlock");
    note(&locks);
    return next(mutex);
}

#endif

/* Check allocates for each assertion, so none stands between these two. */
static void count_from_here(void)
{
    atomic_store(&allocations, 0);
    atomic_store(&locks, 0);
    atomic_store(&counting, true);
}

static void count_to_here(void)
{
    atomic_store(&counting, false);
}

static void assert_none(const atomic_ulong *count, const char *what, const char *when)
{
    ck_assert_msg(atomic_load(count) == 0, "%lu calls that %s in %s", atomic_load(count), what,
                  when);
}

/* Checks that the counters work, or cannot work here. */
static bool counts(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    void *volatile p;
    if (!COUNTS) {
        printf("calls are not counted under a sanitizer\n");
        return false;
    }
    count_from_here();
    p = malloc(10);
    p = realloc(p, 2000);
    free(p);
    p = aligned_alloc(64, 64);
    free(p);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    count_to_here();
    ck_assert_uint_ge(atomic_load(&allocations), 5);
    ck_assert_uint_ge(atomic_load(&locks), 2);
    return true;
}

/* ---------------------------------------------------------------------- inference */

typedef struct ready {
    gop_ctx *ctx;
    zoo_model *model;
    zoo_inference *inference;
    gop_real *x, scores[MODEL_CLASSES], *poses;
} ready;

static ready ready_new(int threads)
{
    ready r;
    const char *path = scratch_path("model.gop");
    model_write(path);
    MODEL_OK(zoo_model_load(&r.model, NULL, path, &model_error));
    MODEL_OK(gop_ctx_new(&r.ctx, threads, 0, &model_error));
    MODEL_OK(zoo_inference_new(&r.inference, r.ctx, r.model, 1, &model_error));
    r.x = malloc(model_window(r.model) * sizeof *r.x);
    r.poses = malloc(model_poses(r.model) * sizeof *r.poses);
    ck_assert(r.x != NULL && r.poses != NULL);
    model_fill(r.x, model_window(r.model), 1);
    return r;
}

static void ready_free(ready *r)
{
    zoo_inference_free(r->inference);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->model);
    free(r->x);
    free(r->poses);
}

static void run(ready *r)
{
    MODEL_OK(zoo_inference_run(r->inference, r->x, NULL, r->scores, r->poses, &model_error));
}

static bool run_well(ready *r)
{
    return zoo_inference_run(r->inference, r->x, NULL, r->scores, r->poses, &model_error) == GOP_OK;
}

/* With three threads or more, some loops have fewer chunks than threads. */
static const int teams[] = {1, 2, 4};
enum { TEAMS = sizeof teams / sizeof *teams };

/* BLIS allocates where it computes whole products; a kernel with a size is only its tile. */
static void assert_no_memory(const gop_ctx *ctx, const char *when)
{
    const char *kernel = gop_ctx_kernel(ctx);
    int rows, cols;
    if (strncmp(kernel, "blis/", 5) == 0 && sscanf(kernel, "blis/%*s %dx%d", &rows, &cols) != 2)
        printf("%s: products are BLIS's, and may take memory\n", kernel);
    else
        assert_none(&allocations, "take or give back memory", when);
}

START_TEST(runs_take_no_memory)
{
    if (!counts())
        return;
    /* This includes the first run, because gop_ctx_new makes OpenMP's team. */
    ready r = ready_new(teams[_i]);
    count_from_here();
    bool well = run_well(&r) && run_well(&r);
    count_to_here();
    ck_assert(well);
    assert_no_memory(r.ctx, "zoo_inference_run");

    gop_net *net = zoo_inference_net(r.inference);
    count_from_here();
    well = gop_net_forward(net, &model_error) == GOP_OK &&
           gop_net_forward_finite(net, &model_error) == GOP_OK;
    count_to_here();
    ck_assert(well);
    assert_no_memory(r.ctx, "gop_net_forward");

    /* Changed weights are folded and packed again in the same memory. */
    gop_params_changed(r.model->params);
    count_from_here();
    well = gop_net_forward(net, &model_error) == GOP_OK;
    count_to_here();
    ck_assert(well);
    assert_no_memory(r.ctx, "a run with other weights");
    ready_free(&r);
}
END_TEST

START_TEST(runs_take_no_lock)
{
    if (!counts())
        return;
    ready r = ready_new(1);
    if (strncmp(gop_ctx_kernel(r.ctx), "graphop/", 8) != 0) {
        printf("%s: products are not our own, and may take locks\n", gop_ctx_kernel(r.ctx));
    } else {
        count_from_here();
        bool well = run_well(&r) && run_well(&r);
        gop_params_changed(r.model->params);
        well = well && run_well(&r);
        count_to_here();
        ck_assert(well);
        assert_none(&locks, "lock or unlock", "zoo_inference_run");
    }
    ready_free(&r);
}
END_TEST

/* Convolutions, a residual that waits, and a mean, frame by frame. */
START_TEST(steps_take_no_memory_and_no_lock)
{
    enum { FRAMES = 20, FRAME = 5 * 4 };
    if (!counts())
        return;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    gop_stepper *s;
    gop_real frame[FRAME] = {1, 2, 3};
    MODEL_OK(gop_ctx_new(&ctx, 1, 0, &model_error));
    MODEL_OK(gop_params_new(&params, 1, &model_error));
    MODEL_OK(gop_net_new(&net, ctx, params, GOP_INFERENCE, &model_error));
    gop_var x = gop_input(net, "x", gop_shape4(1, 5, 16, 4));
    gop_var y = gop_layer_temporal_conv(net, "conv", x, 4, 9, (gop_conv){.pad = 4}, true);
    y = gop_relu(net, gop_add(net, gop_layer_batch_norm(net, "bn", y, 1e-5, 0.1), x));
    y = gop_mean(net, gop_mean(net, y, 2), 1);
    gop_params_close(params);
    MODEL_OK(gop_stepper_plan(&s, net, &(gop_stepping){x, &y, 1, 0}, &model_error));
    count_from_here();
    bool well = true;
    for (int t = 0; t < FRAMES; t++)
        well = well && gop_stepper_push(s, frame, FRAME, &model_error) == GOP_OK;
    count_to_here();
    ck_assert(well && gop_stepper_answer(s, 0).fresh);
    assert_no_memory(ctx, "gop_stepper_push");
    if (strncmp(gop_ctx_kernel(ctx), "graphop/", 8) == 0)
        assert_none(&locks, "lock or unlock", "gop_stepper_push");
    gop_stepper_free(s);
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
}
END_TEST

/* The first run does not prepare weights again that gop_net_plan prepared from a file. */
START_TEST(the_first_answer_is_the_second)
{
    ready r = ready_new(1), again = ready_new(1);
    gop_real first[MODEL_CLASSES];
    run(&r);
    memcpy(first, r.scores, sizeof first);
    run(&r);
    ck_assert(memcmp(first, r.scores, sizeof first) == 0);
    gop_params_changed(again.model->params);
    run(&again);
    ck_assert(memcmp(first, again.scores, sizeof first) == 0);
    ready_free(&r);
    ready_free(&again);
}
END_TEST

START_TEST(nothing_is_an_error)
{
    ready r = ready_new(1);
    zoo_inference *inf = r.inference;
    ck_assert_int_eq(
        recorded(zoo_inference_new(NULL, r.ctx, r.model, 1, &model_error), &model_error),
        GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_inference_new(&inf, NULL, r.model, 1, &model_error), &model_error),
        GOP_EINVAL);
    ck_assert_ptr_null(inf);
    ck_assert_int_eq(recorded(zoo_inference_new(&inf, r.ctx, NULL, 1, &model_error), &model_error),
                     GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_inference_new(&inf, r.ctx, r.model, 0, &model_error), &model_error),
        GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_inference_run(NULL, r.x, NULL, NULL, NULL, &model_error), &model_error),
        GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_inference_run(r.inference, NULL, NULL, NULL, NULL, &model_error),
                              &model_error),
                     GOP_EINVAL);
    ck_assert_ptr_null(zoo_inference_net(NULL));
    ck_assert_uint_eq(zoo_inference_stats(NULL).ops, 0);
    ck_assert_uint_eq(zoo_inference_predictor(NULL).batch, 0);
    ck_assert_int_eq(zoo_inference_predictor(NULL).run(NULL, r.x, NULL, NULL, NULL, NULL),
                     GOP_EINVAL);
    zoo_inference_free(NULL);
    MODEL_OK(zoo_inference_run(r.inference, r.x, NULL, NULL, NULL, &model_error));
    ready_free(&r);
}
END_TEST

/* ------------------------------------------------------------------------- training */

/* The parts of the light network at a fraction of their size. */
static zoo_model *trained_model(const zoo_dataset *data)
{
    static const char *const set[][2] = {
        {"observed", "16"},     {"predicted", "3"}, {"widths", "4,6,8,8"},
        {"kernels", "5,5,3,3"}, {"hidden", "8"},    {"agim_dim", "6"},
    };
    zoo_model *m;
    MODEL_OK(zoo_model_new(&m, zoo_model_type_find(NULL, "symgnn"), "small", &data->domain, 1,
                           &model_error));
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        MODEL_OK(zoo_model_set(m, set[i][0], set[i][1], &model_error));
    return m;
}

START_TEST(training_steps_take_no_memory)
{
    static const gop_mgda_mode modes[] = {GOP_MGDA_FIXED, GOP_MGDA_EXACT, GOP_MGDA_UB_NORMALISED};
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_trainer *t;
    zoo_report report = {0};
    zoo_training c = zoo_training_default();
    if (!counts())
        return;
    MODEL_OK(zoo_synth(&data, &report, 7, &model_error));
    zoo_report_clear(&report);
    zoo_model *m = trained_model(data);
    c.steps = 4;
    c.batch = 3;
    c.lambda.choice = modes[_i / TEAMS];
    c.optimiser = _i % 2 ? ZOO_SGD : ZOO_ADAM;
    MODEL_OK(gop_ctx_new(&ctx, teams[_i % TEAMS], 0, &model_error));
    MODEL_OK(zoo_trainer_new(&t, ctx, m, data, &c, &model_error));
    MODEL_OK(zoo_trainer_step(t, NULL, &model_error));
    count_from_here();
    bool well = true;
    for (int i = 0; i < 3 && well; i++)
        well = zoo_trainer_step(t, NULL, &model_error) == GOP_OK;
    count_to_here();
    ck_assert(well);
    assert_no_memory(ctx, "zoo_trainer_step");
    zoo_trainer_free(t);
    zoo_model_free(m);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
}
END_TEST

/* Pushes frame t of two bodies, one of them without an id, and passes the items. */
static bool stream_well(zoo_stream *s, size_t t, size_t *answers)
{
    enum { COLUMNS = 15 };
    const zoo_stream_item *item = NULL;
    float values[2 * COLUMNS];
    for (size_t i = 0; i < 2 * COLUMNS; i++)
        values[i] = (float)((3 * t + i) % 11) + (i < COLUMNS ? 0 : 100);
    const zoo_frame f = {
        .time = 0.03 * (double)t, .bodies = 2, .id = (int64_t[]){-1, 5}, .values = values};
    if (zoo_stream_push(s, &f, &model_error) != GOP_OK)
        return false;
    do {
        if (zoo_stream_next(s, &item, &model_error) != GOP_OK)
            return false;
        *answers += item != NULL && item->kind == ZOO_STREAM_ANSWER;
    } while (item != NULL);
    return true;
}

START_TEST(streams_take_no_memory_and_no_lock)
{
    if (!counts())
        return;
    ready r = ready_new(1);
    zoo_stream *s;
    size_t answers = 0;
    bool well = true;
    MODEL_OK(zoo_stream_new(&s, r.ctx, r.model, NULL, &model_error));
    count_from_here();
    for (size_t t = 0; t < 60; t++)
        well = well && stream_well(s, t, &answers);
    count_to_here();
    ck_assert(well);
    ck_assert_uint_ge(answers, 20);
    assert_no_memory(r.ctx, "zoo_stream_push and zoo_stream_next");
    if (strncmp(gop_ctx_kernel(r.ctx), "graphop/", 8) == 0)
        assert_none(&locks, "lock or unlock", "zoo_stream_push and zoo_stream_next");
    zoo_stream_free(s);
    ready_free(&r);
}
END_TEST

TEST_MAIN("inference")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, runs_take_no_memory, 0, TEAMS);
    tcase_add_test(t, runs_take_no_lock);
    tcase_add_test(t, steps_take_no_memory_and_no_lock);
    tcase_add_test(t, the_first_answer_is_the_second);
    tcase_add_test(t, nothing_is_an_error);
    tcase_add_loop_test(t, training_steps_take_no_memory, 0, 3 * TEAMS);
    tcase_add_test(t, streams_take_no_memory_and_no_lock);
}
