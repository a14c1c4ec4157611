/*
 * difference.c: differences of successive frames.
 *
 *     y[n, m, t, c]  = x[n, m, t, c] - x[n, m, t-1, c],   y[n, m, 0, c] = 0
 *     dx[n, m, t, c] = (t > 0) dy[n, m, t, c] - (t < T-1) dy[n, m, t+1, c]
 *
 * x [N, M, T, C]; y has the same shape.  For higher orders it is applied repeatedly.
 *
 * Source: Sym-GNN eq. 9.  The paper pads with zeros; here only the first frame
 * of each order is zero, as a padded x would make the pose itself a velocity.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"

typedef struct sizes {
    size_t rows, at_once, frames, c; /* a row is a node's history [T, C] */
} sizes;

static gop_status plan(gop_op_plan *p)
{
    gop_try(gop_op_count(p, 1, 1));
    p->out = p->in[0];
    return gop_op_rank(p, 0, 4);
}

static sizes measure(gop_shape x)
{
    return (sizes){x.dim[0] * x.dim[1], gop_rows(x.dim[2] * x.dim[3]), x.dim[2], x.dim[3]};
}

GOP_VECTOR static void subtract(gop_real *restrict y, const gop_real *a, const gop_real *b,
                                size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] - b[i];
}

GOP_VECTOR static void add_difference(gop_real *restrict y, const gop_real *a, const gop_real *b,
                                      size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a[i] - b[i];
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static void forward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t end = gop_size_min((i + 1) * s->at_once, s->rows), row = s->frames * s->c;
    for (size_t o = i * s->at_once; o < end; o++) {
        const gop_real *x = j->r->in[0] + o * row;
        gop_real *y = j->r->out + o * row;
        memset(y, 0, s->c * sizeof *y);
        subtract(y + s->c, x + s->c, x, row - s->c);
    }
}

static void backward_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const bool add = j->r->add[0];
    const size_t end = gop_size_min((i + 1) * s->at_once, s->rows), c = s->c, row = s->frames * c;
    for (size_t o = i * s->at_once; o < end; o++) {
        const gop_real *dy = j->r->dout + o * row;
        gop_real *dx = j->r->din[0] + o * row;
        if (!add)
            memset(dx, 0, row * sizeof *dx);
        if (s->frames < 2)
            continue;
        gop_add_scaled(dx, -1, dy + c, c);
        (add ? add_difference : subtract)(dx + c, dy + c, dy + 2 * c, row - 2 * c);
        gop_add_scaled(dx + row - c, 1, dy + row - c, c);
    }
}

static void run(const gop_run *r, void (*chunk)(void *arg, size_t i))
{
    job j = {r, measure(r->out_shape)};
    gop_parallel(r->ctx, gop_pieces(j.s.rows, j.s.at_once), chunk, &j);
}

static void forward(const gop_run *r)
{
    run(r, forward_chunk);
}

static void backward(const gop_run *r)
{
    if (r->din[0] != NULL)
        run(r, backward_chunk);
}

/* ------------------------------------------------------------------------- cases */

/* The difference of frame t at x; frames are c elements apart. */
static gop_real change(const gop_real *x, size_t t, size_t c)
{
    return t > 0 ? *x - *(x - c) : 0;
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    const size_t frames = y.shape.dim[2], c = y.shape.dim[3];
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = change(in[0].v + i, i / c % frames, c);
}

static gop_var build_twice(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_difference(net, gop_difference(net, in[0]));
}

static void naive_twice(gop_tensor y, const gop_tensor *in, const void *attr)
{
    (void)attr;
    const size_t frames = y.shape.dim[2], c = y.shape.dim[3];
    for (size_t i = 0; i < gop_shape_size(y.shape); i++) {
        const size_t t = i / c % frames;
        if (t > 0)
            y.v[i] = change(in[0].v + i, t, c) - change(in[0].v + i - c, t - 1, c);
    }
}

static const gop_case cases[] = {
    {"first order", .in = {{4, {2, 3, 5, 7}}}},
    {"second order", .in = {{4, {1, 3, 5, 1}}}, .build = build_twice, .naive = naive_twice},
    {"one frame", .in = {{4, {2, 3, 1, 7}}}},
    {0},
};

const gop_op gop_op_difference = {
    .name = "difference",
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .cases = cases,
    .naive = naive,
};

/*: Differences of successive frames.
 *
 *     y[n, m, t, c] = x[n, m, t, c] - x[n, m, t-1, c],   y[n, m, 0, c] = 0
 *
 * x [N, M, T, C]; y has the same shape.
 * Source: Sym-GNN eq. 9.
 */
GOP_API gop_var gop_difference(gop_net *net, gop_var x)
{
    return gop_apply(net, &gop_op_difference, NULL, &x, 1);
}
