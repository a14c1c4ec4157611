/*
 * difference.c: differences of successive frames.
 *
 *     y[n, m, t, c]  = x[n, m, t, c] - x[n, m, t-1, c],   y[n, m, 0, c] = 0
 *     dx[n, m, t, c] = (t > 0) dy[n, m, t, c] - (t < T-1) dy[n, m, t+1, c]
 *
 * x [N, M, T, C], y has the same shape.  Higher orders apply it again.
 *
 * Source: Sym-GNN eq. 9.  The paper pads with zeros; here only the first frame
 * of each order is zero, as a padded x would make the pose itself a velocity.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

typedef struct job {
    const gop_run *r;
    size_t rows, at_once, frames, channels; /* a row is a node's history [T, C] */
} job;

static gop_status plan(gop_op_plan *p)
{
    gop_status s = gop_op_count(p, 1, 1);
    p->out = p->in[0];
    return s == GOP_OK ? gop_op_rank(p, 0, 4) : s;
}

GOP_VECTOR static void subtract(gop_real *restrict y, const gop_real *a, const gop_real *b,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] - b[i];
}

GOP_VECTOR static void subtract_add(gop_real *restrict y, const gop_real *a, const gop_real *b,
                                    size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a[i] - b[i];
}

GOP_VECTOR static void add(gop_real *restrict y, const gop_real *restrict a, gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += by * a[i];
}

static job prepare(const gop_run *r)
{
    gop_shape s = r->out_shape;
    job j = {.r = r, .rows = s.dim[0] * s.dim[1], .frames = s.dim[2], .channels = s.dim[3]};
    j.at_once = gop_rows(j.frames * j.channels);
    return j;
}

static void differ(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    size_t c = j->channels, row = j->frames * c;
    for (size_t o = begin; o < end; o++) {
        const gop_real *x = j->r->in[0] + o * row;
        gop_real *y = j->r->out + o * row;
        memset(y, 0, c * sizeof *y);
        subtract(y + c, x + c, x, row - c);
    }
}

static void back(void *arg, size_t i)
{
    const job *j = arg;
    size_t begin = i * j->at_once, end = gop_size_min(begin + j->at_once, j->rows);
    size_t c = j->channels, row = j->frames * c;
    for (size_t o = begin; o < end; o++) {
        const gop_real *dy = j->r->dout + o * row;
        gop_real *dx = j->r->din[0] + o * row;
        if (!j->r->add[0])
            memset(dx, 0, row * sizeof *dx);
        if (j->frames < 2)
            continue;
        add(dx, dy + c, -1, c);
        (j->r->add[0] ? subtract_add : subtract)(dx + c, dy + c, dy + 2 * c, row - 2 * c);
        add(dx + row - c, dy + row - c, 1, c);
    }
}

static void forward(const gop_run *r)
{
    job j = prepare(r);
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), differ, &j);
}

static void backward(const gop_run *r)
{
    job j = prepare(r);
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), back, &j);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_difference(net, in[0]);
}

static void naive(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 2 * 3; row++)
        for (int t = 1; t < 5; t++)
            for (int c = 0; c < 7; c++) {
                int i = (row * 5 + t) * 7 + c;
                out[i] = in[0][i] - in[0][i - 7];
            }
}

static gop_var build_second(gop_net *net, const gop_var *in)
{
    return gop_difference(net, gop_difference(net, in[0]));
}

static void naive_second(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < 3; row++) {
        const gop_real *x = in[0] + row * 5;
        out[row * 5 + 1] = x[1] - x[0];
        for (int t = 2; t < 5; t++)
            out[row * 5 + t] = (x[t] - x[t - 1]) - (x[t - 1] - x[t - 2]);
    }
}

/* One frame has no predecessor: zeros, which out holds already. */
static void naive_one(gop_real *out, const gop_real *const *in)
{
    (void)out;
    (void)in;
}

static const gop_case cases[] = {
    {.name = "first order", .in = {{4, {2, 3, 5, 7}}}, .build_old = build, .naive_old = naive},
    {.name = "second order",
     .in = {{4, {1, 3, 5, 1}}},
     .build_old = build_second,
     .naive_old = naive_second},
    {.name = "one frame", .in = {{4, {2, 3, 1, 7}}}, .build_old = build, .naive_old = naive_one},
    {.name = NULL},
};

const gop_op gop_op_difference = {
    .name = "difference",
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
};

/*: Differences of successive frames.
 *
 *     y[n, m, t, c] = x[n, m, t, c] - x[n, m, t-1, c],   y[n, m, 0, c] = 0
 *
 * x [N, M, T, C]; y has the same shape.  Source: Sym-GNN eq. 9.
 */
GOP_API gop_var gop_difference(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_difference, NULL, &x, 1);
}
