/*
 * cells.h: steps of recurrent cells in plain loops and double, for the references of steps and
 * sequences.  Static inline only.
 */
#ifndef GOP_OP_RECURRENT_CELLS_H
#define GOP_OP_RECURRENT_CELLS_H

#include "op/op.h"

#include <math.h>

static inline double gop_plain_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* Row `row` of W x + b; b may be absent. */
static inline double gop_plain_row(gop_tensor W, gop_tensor b, size_t row, const gop_real *x)
{
    double sum = b.v != NULL ? (double)b.v[row] : 0;
    for (size_t c = 0; c < W.shape.dim[1]; c++)
        sum += (double)W.v[row * W.shape.dim[1] + c] * (double)x[c];
    return sum;
}

/* Unit k of the next h of a GRU with w = w_ih, w_hh, b_ih, b_hh; see gru_step.c. */
static inline double gop_plain_gru(const gop_tensor *w, size_t k, const gop_real *x,
                                   const gop_real *h, double carry)
{
    const size_t n = w[1].shape.dim[1];
    double a[3], m[3];
    for (size_t gate = 0; gate < 3; gate++) {
        a[gate] = gop_plain_row(w[0], w[2], gate * n + k, x);
        m[gate] = gop_plain_row(w[1], w[3], gate * n + k, h);
    }
    const double r = gop_plain_sigmoid(a[0] + m[0]), z = gop_plain_sigmoid(a[1] + m[1]);
    return (1 - z) * tanh(a[2] + r * m[2]) + z * carry;
}

/* Unit k of the next h of an LSTM; updates *c, unit k of c; see lstm_step.c. */
static inline double gop_plain_lstm(const gop_tensor *w, size_t k, const gop_real *x,
                                    const gop_real *h, double *c)
{
    const size_t n = w[1].shape.dim[1];
    double a[4];
    for (size_t gate = 0; gate < 4; gate++)
        a[gate] = gop_plain_row(w[0], w[2], gate * n + k, x) +
                  gop_plain_row(w[1], w[3], gate * n + k, h);
    *c = gop_plain_sigmoid(a[1]) * *c + gop_plain_sigmoid(a[0]) * tanh(a[2]);
    return gop_plain_sigmoid(a[3]) * tanh(*c);
}

#endif
