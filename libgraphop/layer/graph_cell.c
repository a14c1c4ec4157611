/*
 * graph_cell.c: recurrent cells whose linear maps are graph convolutions, and the loops over frames.
 *
 * As layer.c: creates parameters and records operators by their public functions; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "graphop.h"

#include <stdlib.h>

typedef struct graph_cell {
    const char *layer; /* for messages */
    size_t parts;      /* of the state: h, or h and c */
    gop_var (*step)(gop_net *net, gop_var x, gop_var state, gop_var A, size_t hidden);
} graph_cell;

/* graph_conv of [x, h] with weights and biases called `name`: [N, M, C] and [N, M, H] to
 * [N, M, out]. */
static gop_var convolve(gop_net *net, const char *name, gop_var x, gop_var h, gop_var A, size_t out)
{
    const gop_var both[2] = {x, h};
    const gop_var xh = gop_concat(net, both, 2, 2);
    const gop_shape s = gop_net_shape(net, xh);
    if (s.rank != 3)
        return gop_none();
    const gop_var frame = gop_reshape(net, xh, gop_shape4(s.dim[0], s.dim[1], 1, s.dim[2]));
    const gop_var y = gop_layer_graph_conv(net, name, frame, A, out, true);
    const gop_shape r = gop_net_shape(net, y);
    return gop_reshape(net, y, gop_shape3(r.dim[0], r.dim[1], out));
}

static gop_var part(gop_net *net, gop_var x, size_t i, size_t hidden)
{
    return gop_slice(net, x, 2, i * hidden, hidden);
}

/* r, u = sigmoid(gates * [x, h]),  n = tanh(candidate * [x, r h]),  h' = n + u (h - n) */
static gop_var gru_step(gop_net *net, gop_var x, gop_var h, gop_var A, size_t hidden)
{
    const gop_var gates = gop_sigmoid(net, convolve(net, "gates", x, h, A, 2 * hidden));
    const gop_var r = part(net, gates, 0, hidden), u = part(net, gates, 1, hidden);
    const gop_var n = gop_tanh(net, convolve(net, "candidate", x, gop_mul(net, r, h), A, hidden));
    return gop_add(net, n, gop_mul(net, u, gop_sub(net, h, n)));
}

/* i, f, g, o from gates * [x, h],  c' = f c + i g,  h' = o tanh(c'),  y = [h', c'] */
static gop_var lstm_step(gop_net *net, gop_var x, gop_var state, gop_var A, size_t hidden)
{
    const gop_var h = gop_lstm_hidden(net, state), c = gop_lstm_cell(net, state);
    const gop_var gates = convolve(net, "gates", x, h, A, 4 * hidden);
    const gop_var i = gop_sigmoid(net, part(net, gates, 0, hidden));
    const gop_var f = gop_sigmoid(net, part(net, gates, 1, hidden));
    const gop_var g = gop_tanh(net, part(net, gates, 2, hidden));
    const gop_var o = gop_sigmoid(net, part(net, gates, 3, hidden));
    const gop_var next = gop_add(net, gop_mul(net, f, c), gop_mul(net, i, g));
    return gop_lstm_state(net, gop_mul(net, o, gop_tanh(net, next)), next);
}

/* Whether the arguments fit; the failure is the net's. */
static bool fits(gop_net *net, const graph_cell *cell, const char *name, gop_var x, gop_var state,
                 gop_var A, size_t hidden, int rank)
{
    const gop_shape s = gop_net_shape(net, x), h = gop_net_shape(net, state);
    const gop_shape a = gop_net_shape(net, A);
    const gop_var in[3] = {x, state, A};
    if (gop_net_status(net) != GOP_OK)
        return false;
    if (name == NULL || *name == '\0' || hidden == 0 || hidden > SIZE_MAX / 8)
        gop_net_fail(net, GOP_EINVAL, "%s: the name is missing, or `hidden` is 0 or too large",
                     cell->layer);
    else if (s.rank != rank)
        gop_net_refuse(net, cell->layer, in, 3, GOP_ESHAPE, "x must be [N, M, %sC]",
                       rank == 4 ? "T, " : "");
    else if (h.rank >= 0 &&
             !gop_shape_equal(h, gop_shape3(s.dim[0], s.dim[1], cell->parts * hidden)))
        gop_net_refuse(net, cell->layer, in, 3, GOP_ESHAPE, "the state must be [%zu, %zu, %zu]",
                       s.dim[0], s.dim[1], cell->parts * hidden);
    else if ((a.rank != 2 && a.rank != 3) || a.dim[a.rank - 2] != s.dim[1] ||
             a.dim[a.rank - 1] != s.dim[1])
        gop_net_refuse(net, cell->layer, in, 3, GOP_ESHAPE,
                       "A must be [%zu, %zu] or a stack [G, %zu, %zu]", s.dim[1], s.dim[1],
                       s.dim[1], s.dim[1]);
    return gop_net_status(net) == GOP_OK;
}

static gop_var zeros(gop_net *net, const graph_cell *cell, gop_shape x, size_t hidden)
{
    return gop_zeros(net, "zeros", gop_shape3(x.dim[0], x.dim[1], cell->parts * hidden));
}

static gop_var step(gop_net *net, const graph_cell *cell, const char *name, gop_var x,
                    gop_var state, gop_var A, size_t hidden)
{
    if (!fits(net, cell, name, x, state, A, hidden, 3))
        return gop_none();
    gop_net_push(net, "%s", name);
    if (state.id < 0)
        state = zeros(net, cell, gop_net_shape(net, x), hidden);
    const gop_var y = cell->step(net, x, state, A, hidden);
    gop_net_pop(net);
    return y;
}

static gop_var frames(gop_net *net, const graph_cell *cell, const char *name, gop_var x,
                      gop_var state, gop_var A, size_t hidden)
{
    if (!fits(net, cell, name, x, state, A, hidden, 4))
        return gop_none();
    const gop_shape s = gop_net_shape(net, x);
    gop_var *h = calloc(s.dim[2], sizeof *h), y;
    if (h == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "%s %s: out of memory", cell->layer, name);
    for (size_t t = 0; t < s.dim[2] && gop_net_status(net) == GOP_OK; t++) {
        const gop_var frame = gop_reshape(net, gop_slice(net, x, 2, t, 1),
                                          gop_shape3(s.dim[0], s.dim[1], s.dim[3]));
        state = step(net, cell, name, frame, state, A, hidden);
        h[t] = gop_reshape(net, cell->parts == 2 ? gop_lstm_hidden(net, state) : state,
                           gop_shape4(s.dim[0], s.dim[1], 1, hidden));
    }
    y = gop_concat(net, h, s.dim[2], 2);
    free(h);
    return y;
}

static const graph_cell gru_cell = {"gop_layer_graph_gru", 1, gru_step};
static const graph_cell lstm_cell = {"gop_layer_graph_lstm", 2, lstm_step};

gop_var gop_layer_graph_gru_step(gop_net *net, const char *name, gop_var x, gop_var state,
                                 gop_var A, size_t hidden)
{
    return step(net, &gru_cell, name, x, state, A, hidden);
}

gop_var gop_layer_graph_lstm_step(gop_net *net, const char *name, gop_var x, gop_var state,
                                  gop_var A, size_t hidden)
{
    return step(net, &lstm_cell, name, x, state, A, hidden);
}

gop_var gop_layer_graph_gru(gop_net *net, const char *name, gop_var x, gop_var state, gop_var A,
                            size_t hidden)
{
    return frames(net, &gru_cell, name, x, state, A, hidden);
}

gop_var gop_layer_graph_lstm(gop_net *net, const char *name, gop_var x, gop_var state, gop_var A,
                             size_t hidden)
{
    return frames(net, &lstm_cell, name, x, state, A, hidden);
}
