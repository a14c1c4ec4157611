/*
 * test_stepper.c: nets that were recorded for windows, run frame by frame, against the same nets on
 * the whole stream as one window; what cannot step; state; times; many frames.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "net_fixture.h"

#include <math.h>
#include <stdlib.h>

enum { N = 2, M = 3, C = 4, WINDOW = 26, STREAM = 40, FRAME = N * M * C };

static const double near = sizeof(gop_real) == sizeof(double) ? 1e-12 : 1e-5;

typedef gop_var builder(gop_net *net, gop_var x);

/* ------------------------------------------------------------------------- networks */

static gop_var conv(gop_net *net, const char *name, gop_var x, size_t taps, gop_conv how)
{
    return gop_layer_temporal_conv(net, name, x, 5, taps, how, true);
}

static gop_var same_length(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 3, (gop_conv){.pad = 1});
}

static gop_var dilated(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 5, (gop_conv){.pad = 4, .dilation = 2, .stride = 2});
}

static gop_var unpadded(gop_net *net, gop_var x)
{
    return conv(net, "c", x, 4, (gop_conv){.dilation = 3, .stride = 3});
}

static gop_var causal(gop_net *net, gop_var x)
{
    x = conv(net, "a", x, 9, (gop_conv){.pad = 8, .causal = true, .stride = 2});
    return conv(net, "b", x, 3, (gop_conv){.pad = 2, .causal = true});
}

static gop_var depthwise(gop_net *net, gop_var x)
{
    gop_var W = gop_param(net, "W", gop_shape3(C, 3, 1), gop_init_uniform(1));
    return gop_temporal_conv(net, x, W, (gop_conv){.pad = 1, .groups = C});
}

/* A block with a residual, which waits in a ring. */
static gop_var block(gop_net *net, const char *name, gop_var x, size_t stride)
{
    gop_net_push(net, "%s", name);
    gop_var y = conv(net, "conv", x, 7, (gop_conv){.stride = stride, .pad = 3});
    y = gop_layer_batch_norm(net, "bn", y, 1e-5, 0.1);
    gop_var r = conv(net, "res", x, 1, (gop_conv){.stride = stride});
    y = gop_relu(net, gop_add(net, y, r));
    gop_net_pop(net);
    return y;
}

static gop_var residuals(gop_net *net, gop_var x)
{
    x = block(net, "one", x, 1);
    x = block(net, "two", x, 2);
    return block(net, "three", x, 3);
}

/* Branches that look ahead differently far, at times that the stride does not divide. */
static gop_var branches(gop_net *net, gop_var x)
{
    gop_var y[4] = {
        conv(net, "a", x, 3, (gop_conv){.stride = 2, .pad = 1}),
        conv(net, "b", x, 3, (gop_conv){.stride = 2, .pad = 4, .dilation = 4}),
        gop_temporal_pool(net, x, 3, 2, 1, GOP_REDUCE_MAX),
        conv(net, "c", x, 1, (gop_conv){.stride = 2}),
    };
    x = gop_concat(net, y, 4, 3);
    return conv(net, "d", x, 3, (gop_conv){.pad = 1});
}

static gop_var pools(gop_net *net, gop_var x)
{
    gop_var y[2] = {gop_temporal_pool(net, x, 4, 2, 2, GOP_REDUCE_MEAN),
                    gop_temporal_pool(net, x, 4, 2, 2, GOP_REDUCE_SUM)};
    return gop_concat(net, y, 2, -1);
}

/* A crop that aligns a residual with a convolution without padding. */
static gop_var cropped(gop_net *net, gop_var x)
{
    const size_t frames = gop_net_dim(net, x, 2);
    gop_var y = conv(net, "conv", x, 5, (gop_conv){0});
    return gop_add(net, y, conv(net, "res", gop_slice(net, x, 2, 2, frames - 4), 1, (gop_conv){0}));
}

/* Frames change places with nodes and are a part of an axis; graphs; a bias for each node. */
static gop_var axes(gop_net *net, gop_var x)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    const size_t frames = gop_net_dim(net, x, 2);
    x = gop_reshape(net, gop_permute(net, x, by_frame), gop_shape2(N * frames, M * C));
    x = gop_layer_batch_norm(net, "bn", x, 1e-5, 0.1);
    x = gop_scale(net, x, 0.5);
    x = gop_permute(net, gop_reshape(net, x, gop_shape4(N, frames, M, C)), by_frame);
    gop_var A = gop_param(net, "A", gop_shape2(M, M), gop_init_uniform(1));
    x = gop_graph_product(net, gop_softmax(net, A, 1), x);
    x = gop_layer_graph_conv(net, "gcn", x, A, 6, true);
    x = gop_bias(net, x, gop_param(net, "b", gop_shape2(M, 6), gop_init_uniform(1)));
    gop_var centre = gop_reshape(net, gop_mean(net, x, 1), gop_shape4(N, 1, frames, 6));
    return gop_softmax(net, gop_sub(net, x, centre), -1);
}

/* Frames and nodes each attend within a frame. */
static gop_var attention_in_frames(gop_net *net, gop_var x)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    gop_var y = gop_permute(net, x, by_frame); /* [N, T, M, C] */
    gop_var p = gop_softmax(net, gop_matmul(net, y, y, GOP_TRANSPOSE_B), -1);
    return gop_permute(net, gop_matmul(net, p, y, 0), by_frame);
}

/* ------------------------------------------------------------------------- a stream */

static void fill(gop_real *v, size_t n, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, 1);
    for (size_t i = 0; i < n; i++)
        v[i] = (gop_real)(2 * gop_rng_uniform(&rng) - 1);
}

/* Frame t [N, M, C] of a stream [N, M, STREAM, C]. */
static void frame_of(gop_real *to, const gop_real *stream, size_t t)
{
    for (size_t i = 0; i < N * M; i++)
        memcpy(to + i * C, stream + (i * STREAM + t) * C, C * sizeof *to);
}

/* Parameters with numbers, and a stream. */
typedef struct world {
    gop_ctx *ctx;
    gop_params *params;
    gop_error err;
    gop_real stream[N * M * STREAM * C], frame[FRAME];
} world;

#define OK(w, call) ck_assert_msg((call) == GOP_OK, "line %d: %s", __LINE__, (w)->err.message)

static world *world_new(int threads)
{
    world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    OK(w, gop_ctx_new(&w->ctx, threads, 0, &w->err));
    OK(w, gop_params_new(&w->params, 3, &w->err));
    fill(w->stream, N * M * STREAM * C, 7);
    return w;
}

static void world_free(world *w)
{
    gop_params_free(w->params);
    gop_ctx_free(w->ctx);
    free(w);
}

/* Statistics of batch norms are 0 and 1 at first; all get other values. */
static void stir(world *w)
{
    gop_real *stats = gop_params_stats(w->params);
    for (size_t i = 0; i < gop_params_stats_size(w->params); i++)
        stats[i] = (gop_real)(0.04 + 0.01 * (double)(i % 7));
}

static gop_net *record(world *w, builder *build, size_t frames, gop_var *x, gop_var *y)
{
    gop_net *net;
    OK(w, gop_net_new(&net, w->ctx, w->params, GOP_INFERENCE, &w->err));
    *x = gop_input(net, "x", gop_shape4(N, M, frames, C));
    *y = build(net, *x);
    return net;
}

/* The net of the whole stream, run. */
static gop_net *whole(world *w, builder *build, gop_var *y)
{
    gop_var x;
    gop_net *net = record(w, build, STREAM, &x, y);
    gop_net_keep(net, *y);
    OK(w, gop_net_plan(net, &w->err));
    stir(w);
    memcpy(gop_net_value(net, x), w->stream, sizeof w->stream);
    OK(w, gop_net_forward(net, &w->err));
    return net;
}

/* A stepper of a net that is recorded for `frames` frames and freed. */
static gop_stepper *stepper(world *w, builder *build, size_t frames, size_t window)
{
    gop_var x, y;
    gop_stepper *s;
    gop_net *net = record(w, build, frames, &x, &y);
    OK(w, gop_stepper_plan(&s, net, &(gop_stepping){x, &y, 1, window}, &w->err));
    gop_net_free(net);
    return s;
}

static void push(world *w, gop_stepper *s, size_t t)
{
    frame_of(w->frame, w->stream, t);
    OK(w, gop_stepper_push(s, w->frame, FRAME, &w->err));
}

/* Frame t of y [N, M', T', C'], as [N M', C']. */
static double error_of(const gop_step_answer *a, const gop_real *y, gop_shape shape)
{
    double worst = 0, most = 0;
    const size_t c = shape.dim[3];
    for (size_t i = 0; i < shape.dim[0] * shape.dim[1] * c; i++) {
        const double is = (double)a->value[i];
        const double want = (double)y[(i / c * shape.dim[2] + a->index) * c + i % c];
        worst = fmax(worst, fabs(is - want));
        most = fmax(most, fabs(want));
    }
    return worst / fmax(most, 1e-3);
}

typedef struct network {
    const char *name;
    builder *build;
    int64_t from;
    uint64_t ahead, every;
} network;

static const network networks[] = {
    {"same length", same_length, -1, 1, 1},
    {"dilated", dilated, -4, 4, 2},
    {"unpadded", unpadded, 0, 9, 3},
    {"causal", causal, -12, 0, 2},
    {"depthwise", depthwise, -1, 1, 1},
    {"residuals", residuals, -12, 12, 6},
    {"branches", branches, -6, 6, 2},
    {"pools", pools, -2, 1, 2},
    {"cropped", cropped, 0, 4, 1},
    {"axes", axes, 0, 0, 1},
    {"attention within frames", attention_in_frames, 0, 0, 1},
};

/* Every frame of every result is the whole stream's. */
START_TEST(steps_are_the_windows)
{
    const network *n = &networks[_i];
    world *w = world_new(1);
    gop_var y;
    gop_net *net = whole(w, n->build, &y);
    gop_stepper *s = stepper(w, n->build, WINDOW, 0);
    const gop_shape shape = gop_net_shape(net, y);
    const gop_step_reach reach = gop_stepper_reach(s, 0);
    ck_assert_msg(reach.from == n->from && reach.ahead == n->ahead && reach.every == n->every,
                  "%s reads %d to %d, every %d", n->name, (int)reach.from, (int)reach.ahead,
                  (int)reach.every);
    ck_assert_uint_eq(gop_stepper_shape(s, 0).dim[3], shape.dim[3]);
    uint64_t results = 0;
    for (size_t t = 0; t < STREAM; t++) {
        push(w, s, t);
        const gop_step_answer a = gop_stepper_answer(s, 0);
        ck_assert_uint_eq(gop_stepper_frames(s), t + 1);
        ck_assert(a.fresh == (t >= n->ahead && (t - n->ahead) % n->every == 0));
        ck_assert((a.value != NULL) == (t >= n->ahead));
        if (!a.fresh)
            continue;
        ck_assert_uint_eq(a.index, results++);
        ck_assert_uint_eq(a.last, t);
        const int64_t first = (int64_t)(a.index * n->every) + n->from;
        ck_assert_uint_eq(a.first, first > 0 ? (uint64_t)first : 0);
        const double error = error_of(&a, gop_net_value(net, y), shape);
        ck_assert_msg(error < near, "%s: frame %zu is %g off", n->name, t, error);
    }
    ck_assert_uint_gt(results, 2);
    const gop_step_cost cost = gop_stepper_costs(s);
    ck_assert_uint_eq(cost.bytes, gop_net_costs(gop_stepper_net(s)).bytes);
    ck_assert_uint_gt(cost.bytes, cost.state);
    ck_assert(cost.madds <= (double)cost.madds_most);
    gop_stepper_free(s);
    gop_net_free(net);
    world_free(w);
}
END_TEST

/* --------------------------------------------------------------- the whole window */

static gop_var scores(gop_net *net, gop_var x)
{
    x = causal(net, x);
    x = gop_mean(net, gop_mean(net, x, 2), 1);
    return gop_softmax(net, gop_layer_linear(net, "fc", x, 3, true), -1);
}

/* As long as the window is not full, the answer is that of the net recorded for the frames so far;
 * with the whole stream, always. */
START_TEST(scores_are_those_of_the_stream_so_far)
{
    world *w = world_new(1);
    gop_var y;
    gop_net_free(whole(w, scores, &y));
    gop_stepper *window = stepper(w, scores, WINDOW, 0),
                *all = stepper(w, scores, 9, GOP_WHOLE_STREAM);
    ck_assert_int_eq(gop_stepper_reach(all, 0).from, INT64_MIN);
    ck_assert_int_eq(gop_stepper_reach(window, 0).from, -12 - (WINDOW / 2 - 1) * 2);
    for (size_t t = 0; t < STREAM; t++) {
        push(w, window, t);
        push(w, all, t);
        if (t % 2 != 0)
            continue;
        gop_var x;
        gop_net *net = record(w, scores, t + 1, &x, &y);
        gop_net_keep(net, y);
        OK(w, gop_net_plan(net, &w->err));
        for (size_t i = 0; i < N * M; i++)
            memcpy(gop_net_value(net, x) + i * (t + 1) * C, w->stream + i * STREAM * C,
                   (t + 1) * C * sizeof(gop_real));
        OK(w, gop_net_forward(net, &w->err));
        const gop_step_answer a = gop_stepper_answer(all, 0), b = gop_stepper_answer(window, 0);
        ck_assert_uint_eq(a.first, 0);
        ck_assert_uint_eq(a.last, t);
        ck_assert(a.fresh && b.fresh);
        for (size_t i = 0; i < N * 3; i++) {
            const double want = (double)gop_net_value(net, y)[i];
            ck_assert_double_eq_tol((double)a.value[i], want, near);
            if (t < WINDOW)
                ck_assert_double_eq_tol((double)b.value[i], want, near);
        }
        gop_net_free(net);
    }
    gop_stepper_free(window);
    gop_stepper_free(all);
    world_free(w);
}
END_TEST

static gop_var sums(gop_net *net, gop_var x)
{
    gop_var y[3] = {gop_mean(net, x, 2), gop_sum(net, x, 2), gop_max(net, x, 2)};
    return gop_concat(net, y, 3, 2);
}

/* Windows of 5 frames, by hand; a NaN leaves with its frame. */
START_TEST(windows_slide)
{
    world *w = world_new(1);
    gop_stepper *s = stepper(w, sums, WINDOW, 5);
    w->stream[3 * C + 1] = (gop_real)NAN;
    for (size_t t = 0; t < STREAM; t++) {
        push(w, s, t);
        const gop_step_answer a = gop_stepper_answer(s, 0);
        const size_t first = t < 4 ? 0 : t - 4;
        ck_assert_uint_eq(a.first, first);
        for (size_t i = 0; i < N * M * C; i++) {
            double sum = 0, most = -HUGE_VAL;
            const gop_real *row = w->stream + i / C * STREAM * C + i % C;
            for (size_t k = first; k <= t; k++) {
                sum += (double)row[k * C];
                most = fmax(most, (double)row[k * C]);
            }
            const gop_real *y = a.value + i / C * 3 * C + i % C;
            if (i == 1 && first <= 3 && t >= 3) {
                ck_assert(isnan(y[0]) && isnan(y[C]) && isnan(y[2 * C]));
                continue;
            }
            ck_assert_double_eq_tol((double)y[0], sum / (double)(t - first + 1), near);
            ck_assert_double_eq_tol((double)y[C], sum, near);
            ck_assert_double_eq((double)y[2 * C], most);
        }
    }
    gop_stepper_free(s);
    world_free(w);
}
END_TEST

/* 100,000 frames: means of a window and of the whole stream do not drift. */
START_TEST(means_do_not_drift)
{
    world *w = world_new(1);
    gop_stepper *window = stepper(w, sums, WINDOW, 16);
    gop_stepper *all = stepper(w, sums, WINDOW, GOP_WHOLE_STREAM);
    gop_rng rng = gop_rng_new(1, 1);
    double total = 0, last[16] = {0};
    enum { FRAMES = 100000 };
    for (size_t t = 0; t < FRAMES; t++) {
        const double v = 1000 + gop_rng_uniform(&rng);
        for (size_t i = 0; i < FRAME; i++)
            w->frame[i] = (gop_real)v;
        total += (double)w->frame[0];
        last[t % 16] = (double)w->frame[0];
        OK(w, gop_stepper_push(window, w->frame, FRAME, &w->err));
        OK(w, gop_stepper_push(all, w->frame, FRAME, &w->err));
    }
    double sum = 0;
    for (int i = 0; i < 16; i++)
        sum += last[i];
    ck_assert_double_eq_tol((double)gop_stepper_answer(window, 0).value[0], sum / 16, 1000 * near);
    ck_assert_double_eq_tol((double)gop_stepper_answer(all, 0).value[0], total / FRAMES,
                            1000 * near);
    ck_assert_uint_eq(gop_stepper_answer(all, 0).last, FRAMES - 1);
    gop_stepper_free(window);
    gop_stepper_free(all);
    world_free(w);
}
END_TEST

/* --------------------------------------------------------------------------- state */

/* The answer to frames [from, to) of the stream. */
static void answer(world *w, gop_stepper *s, size_t from, size_t to, gop_real *y, size_t n)
{
    for (size_t t = from; t < to; t++)
        push(w, s, t);
    memcpy(y, gop_stepper_answer(s, 0).value, n * sizeof *y);
}

START_TEST(state_is_copied_and_saved)
{
    static builder *const builders[] = {residuals, scores, sums, branches};
    world *w = world_new(1);
    gop_stepper *s = stepper(w, builders[_i], WINDOW, 11);
    gop_stepper *t = stepper(w, builders[_i], WINDOW, 11);
    const size_t n = gop_shape_size(gop_stepper_shape(s, 0)), size = gop_stepper_size(s);
    gop_real a[3 * N * M * 20], b[3 * N * M * 20];
    unsigned char *bytes = malloc(size);
    ck_assert(bytes != NULL && n <= sizeof a / sizeof *a);
    answer(w, s, 0, 17, a, n);
    OK(w, gop_stepper_copy(t, s, &w->err));
    OK(w, gop_stepper_save(s, bytes, size, &w->err));
    memcpy(b, gop_stepper_answer(t, 0).value, n * sizeof *b);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);
    answer(w, s, 17, STREAM, a, n);
    answer(w, t, 17, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    gop_stepper_reset(t);
    ck_assert_uint_eq(gop_stepper_frames(t), 0);
    ck_assert_ptr_null(gop_stepper_answer(t, 0).value);
    answer(w, t, 0, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    answer(w, t, 3, 9, b, n);
    OK(w, gop_stepper_load(t, bytes, size, &w->err));
    ck_assert_uint_eq(gop_stepper_frames(t), 17);
    answer(w, t, 17, STREAM, b, n);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);

    /* Bytes of another length, damaged, of another plan. */
    ck_assert_int_eq(recorded(gop_stepper_load(t, bytes, size - 1, &w->err), &w->err), GOP_EINVAL);
    ck_assert_int_eq(recorded(gop_stepper_save(t, bytes, size + 1, &w->err), &w->err), GOP_EINVAL);
    for (size_t at = 0; at < size; at += 1 + size / 50) {
        if (at >= 16 && at < 24) /* the number of frames pushed: any is right */
            continue;
        bytes[at] ^= 4;
        ck_assert_int_eq(recorded(gop_stepper_load(t, bytes, size, &w->err), &w->err), GOP_EFORMAT);
        bytes[at] ^= 4;
    }
    gop_stepper *other = stepper(w, depthwise, WINDOW, 0);
    ck_assert_int_eq(recorded(gop_stepper_copy(other, s, &w->err), &w->err), GOP_EINVAL);
    gop_stepper_free(other);
    gop_stepper_free(s);
    gop_stepper_free(t);
    free(bytes);
    world_free(w);
}
END_TEST

START_TEST(threads_give_the_same_bytes)
{
    gop_real a[N * M * 20], b[N * M * 20];
    for (int threads = 1; threads <= 4; threads += 3) {
        world *w = world_new(threads);
        gop_stepper *s = stepper(w, branches, WINDOW, 0);
        answer(w, s, 0, STREAM, threads == 1 ? a : b, gop_shape_size(gop_stepper_shape(s, 0)));
        gop_stepper_free(s);
        world_free(w);
    }
    ck_assert(memcmp(a, b, N * M * 5 * sizeof *a) == 0);
}
END_TEST

/* A push that is stopped and repeated changes nothing. */
static bool stops(void *user)
{
    int *left = user;
    return *left >= 0 && (*left)-- == 0;
}

START_TEST(a_stopped_push_is_repeated)
{
    static builder *const builders[] = {residuals, sums, branches};
    world *w = world_new(1);
    gop_real a[3 * N * M * 20], b[3 * N * M * 20];
    gop_stepper *s = stepper(w, builders[_i], WINDOW, GOP_WHOLE_STREAM);
    const size_t n = gop_shape_size(gop_stepper_shape(s, 0));
    answer(w, s, 0, STREAM, a, n);
    gop_stepper_reset(s);
    int left = -1, stopped = 0;
    gop_ctx_stop(w->ctx, &(gop_stop){stops, &left});
    for (size_t t = 0; t < STREAM; t++) {
        frame_of(w->frame, w->stream, t);
        left = (int)(t % 9);
        while (gop_stepper_push(s, w->frame, FRAME, &w->err) != GOP_OK) {
            ck_assert_int_eq(w->err.status, GOP_ESTOPPED);
            stopped++;
        }
        left = -1;
    }
    memcpy(b, gop_stepper_answer(s, 0).value, n * sizeof *b);
    ck_assert_int_gt(stopped, 3);
    ck_assert(memcmp(a, b, n * sizeof *a) == 0);
    gop_ctx_stop(w->ctx, NULL);
    gop_stepper_free(s);
    world_free(w);
}
END_TEST

/* ------------------------------------------------------------------- what cannot step */

static gop_var attention(gop_net *net, gop_var x)
{
    gop_var p = gop_softmax(net, gop_matmul(net, x, x, GOP_TRANSPOSE_B), -1);
    gop_net_push(net, "layer");
    gop_var y = gop_matmul(net, p, x, 0);
    gop_net_pop(net);
    return y;
}

static gop_var over_frames(gop_net *net, gop_var x)
{
    gop_var y = gop_softmax(net, x, 2);
    gop_net_name(net, y, "weights");
    return y;
}

static gop_var flattened(gop_net *net, gop_var x)
{
    x = gop_reshape(net, x, gop_shape2(N, M * gop_net_dim(net, x, 2) * C));
    return gop_layer_linear(net, "fc", x, 3, true);
}

static gop_var positions(gop_net *net, gop_var x)
{
    gop_var p = gop_param(net, "p", gop_shape2(gop_net_dim(net, x, 2), C), gop_init_uniform(1));
    return gop_add(net, x, p);
}

static gop_var squeezed(gop_net *net, gop_var x)
{
    gop_var m = gop_reshape(net, gop_mean(net, x, 2), gop_shape4(N, M, 1, C));
    return gop_mul(net, x, m);
}

static gop_var at_two_rates(gop_net *net, gop_var x)
{
    const size_t frames = gop_net_dim(net, x, 2);
    gop_var y = gop_temporal_pool(net, x, 2, 2, 0, GOP_REDUCE_MAX);
    return gop_add(net, y, gop_slice(net, x, 2, 0, frames / 2));
}

static gop_var joined(gop_net *net, gop_var x)
{
    gop_var y[2] = {x, x};
    return gop_concat(net, y, 2, 2);
}

static gop_var differences(gop_net *net, gop_var x)
{
    return gop_difference(net, x);
}

static gop_var spread(gop_net *net, gop_var x)
{
    return gop_reshape(net, x, gop_shape4(N * M, 2, gop_net_dim(net, x, 2) / 2, C));
}

static gop_var constant(gop_net *net, gop_var x)
{
    (void)x;
    return gop_zeros(net, "zeros", gop_shape1(3));
}

static const struct {
    builder *build;
    const char *says[2];
} refused[] = {
    {attention, {"matmul", "an axis of its matrices"}},
    {over_frames, {"weights: the operator softmax cannot step", "across the frames"}},
    {flattened, {"linear", "across the frames"}},
    {positions, {"add", "for each frame"}},
    {squeezed, {"mul", "whole window"}},
    {at_two_rates, {"add", "different rates"}},
    {joined, {"concat", "across the frames"}},
    {differences, {"difference", "takes windows only"}},
    {spread, {"reshape", "several axes"}},
    {constant, {"zeros", "does not depend on x"}},
};

START_TEST(what_cannot_step_is_named)
{
    world *w = world_new(1);
    gop_var x, y;
    gop_stepper *s = (gop_stepper *)1;
    gop_net *net = record(w, refused[_i].build, WINDOW, &x, &y);
    const gop_stepping how = {x, &y, 1, 0};
    ck_assert_int_eq(recorded(gop_stepper_plan(&s, net, &how, &w->err), &w->err), GOP_EINVAL);
    ck_assert_ptr_null(s);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(w->err.message, refused[_i].says[i]) != NULL,
                      "\"%s\" does not say \"%s\"", w->err.message, refused[_i].says[i]);
    gop_net_free(net);
    world_free(w);
}
END_TEST

START_TEST(wrong_arguments)
{
    world *w = world_new(1);
    gop_var x, y, held;
    gop_stepper *s;
    gop_net *net = record(w, same_length, WINDOW, &x, &y);
    held = gop_input(net, "held", gop_shape1(5));
    y = gop_mul(net, y, held);
    gop_stepping how = {y, &y, 1, 0};
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    how.x = held;
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_ESHAPE);
    how.x = x;
    how.out = &(gop_var){9999, x.net};
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    how.out = &y;
    OK(w, gop_stepper_plan(&s, net, &how, &w->err));

    /* A planned net steps, too, and an input without frames keeps its value. */
    gop_net_keep(net, y);
    OK(w, gop_net_plan(net, &w->err));
    gop_stepper *again;
    OK(w, gop_stepper_plan(&again, net, &how, &w->err));
    for (int i = 0; i < 5; i++)
        gop_stepper_value(s, held)[i] = gop_stepper_value(again, held)[i] = 2;
    ck_assert_ptr_null(gop_stepper_value(s, y));
    ck_assert_int_eq(gop_stepper_push(s, w->frame, FRAME - 1, &w->err), GOP_ESHAPE);
    ck_assert_int_eq(gop_stepper_push(s, NULL, FRAME, &w->err), GOP_EINVAL);
    for (size_t t = 0; t < 9; t++) {
        push(w, s, t);
        frame_of(gop_stepper_value(again, x), w->stream, t);
        OK(w, gop_stepper_push(again, NULL, 0, &w->err));
    }
    ck_assert(memcmp(gop_stepper_answer(s, 0).value, gop_stepper_answer(again, 0).value,
                     N * M * 5 * sizeof(gop_real)) == 0);
    ck_assert(gop_stepper_answer(s, 0).value[0] != 0);
    ck_assert_ptr_null(gop_stepper_answer(s, 1).value);
    ck_assert_int_eq(gop_stepper_shape(s, 1).rank, -1);
    ck_assert_uint_eq(gop_stepper_reach(s, 1).every, 0);
    gop_stepper_free(s);
    gop_stepper_free(again);
    gop_net_free(net);

    OK(w, gop_net_new(&net, w->ctx, w->params, GOP_TRAINING, &w->err));
    how.x = gop_input(net, "x", gop_shape4(N, M, WINDOW, C));
    y = same_length(net, how.x);
    ck_assert_int_eq(gop_stepper_plan(&s, net, &how, &w->err), GOP_EINVAL);
    gop_net_free(net);
    world_free(w);
}
END_TEST

#define LENGTH(a) ((int)(sizeof(a) / sizeof *(a)))

TEST_MAIN("stepper")
{
    tcase_add_loop_test(t, steps_are_the_windows, 0, LENGTH(networks));
    tcase_add_test(t, scores_are_those_of_the_stream_so_far);
    tcase_add_test(t, windows_slide);
    tcase_add_test(t, means_do_not_drift);
    tcase_add_loop_test(t, state_is_copied_and_saved, 0, 4);
    tcase_add_test(t, threads_give_the_same_bytes);
    tcase_add_loop_test(t, a_stopped_push_is_repeated, 0, 3);
    tcase_add_loop_test(t, what_cannot_step_is_named, 0, LENGTH(refused));
    tcase_add_test(t, wrong_arguments);
}
