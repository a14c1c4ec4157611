/*
 * stepper_run.h: a stream, networks of several kinds recorded for windows of it, and steppers of
 * them, for the tests of steppers.  Static inline only.
 */
#ifndef GOP_TESTS_STEPPER_RUN_H
#define GOP_TESTS_STEPPER_RUN_H

#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 2, M = 3, C = 4, WINDOW = 26, STREAM = 40, FRAME = N * M * C };

static const double near = sizeof(gop_real) == sizeof(double) ? 1e-12 : 1e-5;

typedef gop_var builder(gop_net *net, gop_var x);

/* ------------------------------------------------------------------------- networks */

static inline gop_var conv(gop_net *net, const char *name, gop_var x, size_t taps, gop_conv how)
{
    return gop_layer_temporal_conv(net, name, x, 5, taps, how, true);
}

static inline gop_var causal(gop_net *net, gop_var x)
{
    x = conv(net, "a", x, 9, (gop_conv){.pad = 8, .causal = true, .stride = 2});
    return conv(net, "b", x, 3, (gop_conv){.pad = 2, .causal = true});
}

/* A block with a residual, which waits in a ring. */
static inline gop_var block(gop_net *net, const char *name, gop_var x, size_t stride)
{
    gop_net_push(net, "%s", name);
    gop_var y = conv(net, "conv", x, 7, (gop_conv){.stride = stride, .pad = 3});
    y = gop_layer_batch_norm(net, "bn", y, 1e-5, 0.1);
    gop_var r = conv(net, "res", x, 1, (gop_conv){.stride = stride});
    y = gop_relu(net, gop_add(net, y, r));
    gop_net_pop(net);
    return y;
}

static inline gop_var residuals(gop_net *net, gop_var x)
{
    x = block(net, "one", x, 1);
    x = block(net, "two", x, 2);
    return block(net, "three", x, 3);
}

/* Branches that look ahead differently far, at times that the stride does not divide. */
static inline gop_var branches(gop_net *net, gop_var x)
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

static inline gop_var depthwise(gop_net *net, gop_var x)
{
    gop_var W = gop_param(net, "W", gop_shape3(C, 3, 1), gop_init_uniform(1));
    return gop_temporal_conv(net, x, W, (gop_conv){.pad = 1, .groups = C});
}

static inline gop_var scores(gop_net *net, gop_var x)
{
    x = causal(net, x);
    x = gop_mean(net, gop_mean(net, x, 2), 1);
    return gop_softmax(net, gop_layer_linear(net, "fc", x, 3, true), -1);
}

static inline gop_var sums(gop_net *net, gop_var x)
{
    gop_var y[3] = {gop_mean(net, x, 2), gop_sum(net, x, 2), gop_max(net, x, 2)};
    return gop_concat(net, y, 3, 2);
}

/* ------------------------------------------------------------------------- a stream */

static inline void fill(gop_real *v, size_t n, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, 1);
    for (size_t i = 0; i < n; i++)
        v[i] = (gop_real)(2 * gop_rng_uniform(&rng) - 1);
}

/* Frame t [N, M, C] of a stream [N, M, STREAM, C]. */
static inline void frame_of(gop_real *to, const gop_real *stream, size_t t)
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

static inline world *world_new(int threads)
{
    world *w = calloc(1, sizeof *w);
    ck_assert_ptr_nonnull(w);
    OK(w, gop_ctx_new(&w->ctx, threads, 0, &w->err));
    OK(w, gop_params_new(&w->params, 3, &w->err));
    fill(w->stream, N * M * STREAM * C, 7);
    return w;
}

static inline void world_free(world *w)
{
    gop_params_free(w->params);
    gop_ctx_free(w->ctx);
    free(w);
}

/* Statistics of batch norms are 0 and 1 at first; all get other values. */
static inline void stir(world *w)
{
    gop_real *stats = gop_params_stats(w->params);
    for (size_t i = 0; i < gop_params_stats_size(w->params); i++)
        stats[i] = (gop_real)(0.04 + 0.01 * (double)(i % 7));
}

static inline gop_net *record(world *w, builder *build, size_t frames, gop_var *x, gop_var *y)
{
    gop_net *net;
    OK(w, gop_net_new(&net, w->ctx, w->params, GOP_INFERENCE, &w->err));
    *x = gop_input(net, "x", gop_shape4(N, M, frames, C));
    *y = build(net, *x);
    return net;
}

/* The net of the whole stream, run. */
static inline gop_net *whole(world *w, builder *build, gop_var *y)
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
static inline gop_stepper *stepper(world *w, builder *build, size_t frames, size_t window)
{
    gop_var x, y;
    gop_stepper *s;
    gop_net *net = record(w, build, frames, &x, &y);
    OK(w, gop_stepper_plan(&s, net, &(gop_stepping){x, &y, 1, window}, &w->err));
    gop_net_free(net);
    return s;
}

static inline void push(world *w, gop_stepper *s, size_t t)
{
    frame_of(w->frame, w->stream, t);
    OK(w, gop_stepper_push(s, w->frame, FRAME, &w->err));
}

#define LENGTH(a) ((int)(sizeof(a) / sizeof *(a)))

#endif
