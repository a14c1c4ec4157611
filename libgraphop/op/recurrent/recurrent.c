/*
 * recurrent.c: recurrent cells over the frames of a sequence, and the two halves of an LSTM's
 * state.  Composites: they record other operators, step by step, and gradients flow back through
 * all steps.
 *
 *     s_{t+1} = step(x_t, s_t),   y_t = h of s_{t+1},   t = 0 .. T-1
 *
 * Source: Hochreiter & Schmidhuber 1997 (LSTM), Cho et al. 2014 (GRU).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/recurrent/cells.h"

#include <stdlib.h>

/* One half of a state's last axis. */
static gop_var half(gop_net *net, const char *name, gop_var state, size_t which)
{
    char a[80];
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    gop_shape s = gop_net_shape(net, state);
    if (s.rank < 1 || s.dim[s.rank - 1] % 2 != 0)
        return gop_net_refuse(net, name, &state, 1, GOP_ESHAPE, "state %s must be [..., 2 H]",
                              gop_shape_text(a, sizeof a, s));
    size_t h = s.dim[s.rank - 1] / 2;
    return gop_slice(net, state, s.rank - 1, which * h, h);
}

/* Zeros of a shape, the default initial state. */
static gop_var zeros(gop_net *net, const char *name, gop_shape shape)
{
    gop_real *data = calloc(gop_shape_size(shape), sizeof *data);
    if (data == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "%s: out of memory for an initial state", name);
    gop_var v = gop_constant(net, "zero_state", shape, data);
    free(data);
    return v;
}

typedef struct cell {
    const char *name;
    bool lstm;
    gop_var w_ih, w_hh, b_ih, b_hh;
} cell;

static gop_var step(gop_net *net, const cell *c, gop_var x, gop_var state)
{
    return c->lstm ? gop_lstm_step(net, x, state, c->w_ih, c->w_hh, c->b_ih, c->b_hh)
                   : gop_gru_step(net, x, state, state, c->w_ih, c->w_hh, c->b_ih, c->b_hh);
}

static gop_var run(gop_net *net, const cell *c, gop_var x, gop_var state)
{
    char a[80];
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    gop_shape xs = gop_net_shape(net, x), us = gop_net_shape(net, c->w_hh);
    const gop_var in[] = {x, state, c->w_ih, c->w_hh, c->b_ih, c->b_hh};
    const size_t n_in = sizeof in / sizeof *in;
    if (xs.rank != 4)
        return gop_net_refuse(net, c->name, in, n_in, GOP_ESHAPE, "x %s must be [N, M, T, C]",
                              gop_shape_text(a, sizeof a, xs));
    if (us.rank != 2)
        return gop_net_refuse(net, c->name, in, n_in, GOP_ESHAPE, "w_hh %s must have rank 2",
                              gop_shape_text(a, sizeof a, us));
    size_t n = xs.dim[0], m = xs.dim[1], frames = xs.dim[2], h = us.dim[1];
    if (state.id < 0)
        state = zeros(net, c->name, gop_shape3(n, m, c->lstm ? 2 * h : h));
    gop_var *y = calloc(frames, sizeof *y);
    if (y == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "%s: out of memory for %zu frames", c->name, frames);
    for (size_t t = 0; t < frames && gop_net_status(net) == GOP_OK; t++) {
        gop_var frame = gop_reshape(net, gop_slice(net, x, 2, t, 1), gop_shape3(n, m, xs.dim[3]));
        state = step(net, c, frame, state);
        y[t] = gop_reshape(net, c->lstm ? gop_lstm_hidden(net, state) : state,
                           gop_shape4(n, m, 1, h));
    }
    gop_var all = gop_net_status(net) == GOP_OK ? gop_concat(net, y, frames, 2) : gop_none();
    free(y);
    return all;
}

/*: An LSTM's state from its halves: h and c [..., H] give [..., 2H]. */
GOP_API gop_var gop_lstm_state(gop_net *net, gop_var h, gop_var c)
{
    gop_var both[2] = {h, c};
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const gop_shape s = gop_net_shape(net, h);
    if (s.rank < 1 || !gop_shape_equal(s, gop_net_shape(net, c)))
        return gop_net_refuse(net, "lstm_state", both, 2, GOP_ESHAPE,
                              "h and c must have the same shape [..., H]");
    return gop_concat(net, both, 2, s.rank - 1);
}

/*: The hidden state h of an LSTM's state: the first half of the last axis, [..., H]. */
GOP_API gop_var gop_lstm_hidden(gop_net *net, gop_var state)
{
    return half(net, "lstm_hidden", state, 0);
}

/*: The cell c of an LSTM's state: the second half of the last axis, [..., H]. */
GOP_API gop_var gop_lstm_cell(gop_net *net, gop_var state)
{
    return half(net, "lstm_cell", state, 1);
}

/*: A long short-term memory over the frames of each node, with one gop_lstm_step per frame.
 *
 *     s_{t+1} = lstm_step(x[n, m, t, :], s_t),   y[n, m, t, :] = h of s_{t+1}
 *
 * x [N, M, T, C]; state = s_0 [N, M, 2H], or gop_none() for zeros; weights and biases as for
 * gop_lstm_step; y [N, M, T, H].  A state is a single value, h and c side by side, so that
 * gop_roll_out and layers handle it like the state of a GRU.
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_lstm(gop_net *net, gop_var x, gop_var state, gop_var w_ih, gop_var w_hh,
                         gop_var b_ih, gop_var b_hh)
{
    cell c = {"lstm", true, w_ih, w_hh, b_ih, b_hh};
    return run(net, &c, x, state);
}

/*: A gated recurrent unit over the frames of each node, with one gop_gru_step per frame.
 *
 *     h_{t+1} = gru_step(x[n, m, t, :], h_t),   y[n, m, t, :] = h_{t+1}
 *
 * x [N, M, T, C]; h = h_0 [N, M, H], or gop_none() for zeros; weights and biases as for
 * gop_gru_step; y [N, M, T, H].
 * Errors: GOP_ESHAPE if a shape does not fit.
 */
GOP_API gop_var gop_gru(gop_net *net, gop_var x, gop_var h, gop_var w_ih, gop_var w_hh,
                        gop_var b_ih, gop_var b_hh)
{
    cell c = {"gru", false, w_ih, w_hh, b_ih, b_hh};
    return run(net, &c, x, h);
}

/* ------------------------------------------------------------------------- cases */

enum { X, STATE, W, U, B, C };
enum { WIDEST = 16 }; /* states of cases */

static gop_var build_lstm(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_lstm(net, in[X], in[STATE], in[W], in[U], in[B], in[C]);
}

static gop_var build_gru(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_gru(net, in[X], in[STATE], in[W], in[U], in[B], in[C]);
}

/* y has the h of each frame. */
static void naive(gop_tensor y, const gop_tensor *in, bool lstm)
{
    static const gop_real zeros[2 * WIDEST] = {0};
    const size_t frames = in[X].shape.dim[2], ni = in[X].shape.dim[3], n = in[U].shape.dim[1];
    for (size_t node = 0; node < y.shape.dim[0] * y.shape.dim[1]; node++) {
        const gop_real *h = in[STATE].v == NULL ? zeros : in[STATE].v + node * (lstm ? 2 * n : n);
        double c[WIDEST];
        for (size_t k = 0; k < n && lstm; k++)
            c[k] = (double)h[n + k];
        for (size_t t = 0; t < frames; t++) {
            const gop_real *x = in[X].v + (node * frames + t) * ni;
            gop_real *next = y.v + (node * frames + t) * n;
            for (size_t k = 0; k < n; k++)
                next[k] = (gop_real)(lstm ? gop_plain_lstm(in + W, k, x, h, &c[k])
                                          : gop_plain_gru(in + W, k, x, h, (double)h[k]));
            h = next;
        }
    }
}

static void naive_lstm(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    naive(y, in, true);
}

static void naive_gru(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    naive(y, in, false);
}

static const gop_case lstm_cases[] = {
    {"sequence",
     .in = {{4, {2, 3, 4, 2}}, {3, {2, 3, 6}}, {2, {12, 2}}, {2, {12, 3}}, {1, {12}}, {1, {12}}},
     .build = build_lstm},
    {"sequence from zero",
     .in = {{4, {2, 3, 4, 2}}, {-1, {0}}, {2, {12, 2}}, {2, {12, 3}}, {-1, {0}}, {-1, {0}}},
     .build = build_lstm},
    {0},
};

static const gop_case gru_cases[] = {
    {"sequence",
     .in = {{4, {2, 3, 4, 2}}, {3, {2, 3, 3}}, {2, {9, 2}}, {2, {9, 3}}, {1, {9}}, {1, {9}}},
     .build = build_gru},
    {"sequence from zero",
     .in = {{4, {2, 3, 4, 2}}, {-1, {0}}, {2, {9, 2}}, {2, {9, 3}}, {-1, {0}}, {-1, {0}}},
     .build = build_gru},
    {0},
};

const gop_op gop_op_lstm = {
    .name = "lstm",
    .flags = GOP_OP_COMPOSITE,
    .cases = lstm_cases,
    .naive = naive_lstm,
};

const gop_op gop_op_gru = {
    .name = "gru",
    .flags = GOP_OP_COMPOSITE,
    .cases = gru_cases,
    .naive = naive_gru,
};
