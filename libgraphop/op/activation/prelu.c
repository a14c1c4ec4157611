/*
 * prelu.c: the rectified linear unit with a trained slope for negative x.
 *
 *     y  = x where x >= 0, else a x
 *     dx = dy where x >= 0, else a dy
 *     da = sum of x dy where x < 0, over everything, or over everything but the last axis
 *
 * x [..., C], the slope a [1] or [C]; y has the shape of x.  A NaN passes through.
 *
 * da is summed over groups of rows first, then over the groups in order.
 *
 * Source: He et al. 2015.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/partial.h"
#include "op/per_frame.h"

typedef struct sizes {
    size_t rows, c;      /* x is [rows, c] */
    size_t groups, part; /* of rows; of one da */
    bool each;           /* one slope for each channel */
} sizes;

static sizes measure(const gop_shape *in)
{
    sizes s = {.c = in[0].dim[in[0].rank - 1]};
    s.rows = gop_shape_size(in[0]) / s.c;
    s.groups = gop_parts(s.rows, gop_rows(s.c), 16);
    s.part = gop_line(s.c);
    s.each = in[1].dim[0] == s.c;
    return s;
}

static gop_status plan(gop_op_plan *p)
{
    char a[80], x[80];
    gop_try(gop_op_count(p, 2, 2));
    p->out = p->in[0];
    if (p->out.rank < 1 || p->in[1].rank != 1 ||
        (p->in[1].dim[0] != 1 && p->in[1].dim[0] != p->out.dim[p->out.rank - 1]))
        return gop_fail(p->err, GOP_ESHAPE, "the slope %s must be [1] or [C] for x %s = [..., C]",
                        gop_shape_text(a, sizeof a, p->in[1]), gop_shape_text(x, sizeof x, p->out));
    const sizes s = measure(p->in);
    p->work = p->training ? (s.groups + 1) * s.part : 0;
    return GOP_OK;
}

/* to = from where x >= 0, else the slope times from; the slopes are those of a row. */
GOP_VECTOR static void bend_rows(gop_real *to, const gop_real *from, const gop_real *x,
                                 const gop_real *slope, size_t rows, size_t c, bool add)
{
    for (size_t r = 0; r < rows; r++, to += c, from += c, x += c) {
        GOP_INDEPENDENT
        for (size_t i = 0; i < c; i++) {
            const gop_real v = from[i], low = slope[i] * v;
            GOP_PUT(to[i], add, x[i] < 0 ? low : v);
        }
    }
}

GOP_VECTOR static void bend_all(gop_real *to, const gop_real *from, const gop_real *x,
                                gop_real slope, size_t n, bool add)
{
    GOP_INDEPENDENT
    for (size_t i = 0; i < n; i++) {
        const gop_real v = from[i], low = slope * v;
        GOP_PUT(to[i], add, x[i] < 0 ? low : v);
    }
}

static void bend(const gop_run *r, gop_real *to, const gop_real *from, size_t at, size_t n,
                 bool add)
{
    const sizes s = measure(r->in_shape);
    const gop_real *x = r->in[0] + at;
    if (s.each)
        bend_rows(to + at, from + at, x, r->in[1], n / s.c, s.c, add);
    else
        bend_all(to + at, from + at, x, r->in[1][0], n, add);
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    bend(r, r->out, r->in[0], from, to - from, false);
}

typedef struct job {
    const gop_run *r;
    sizes s;
} job;

static void pass_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t rows = gop_rows(j->s.c), from = i * rows;
    bend(j->r, j->r->din[0], j->r->dout, from * j->s.c,
         gop_size_min(rows, j->s.rows - from) * j->s.c, j->r->add[0]);
}

GOP_VECTOR static void sum_rows(gop_real *restrict da, const gop_real *restrict x,
                                const gop_real *restrict dy, size_t rows, size_t c)
{
    memset(da, 0, c * sizeof *da);
    for (size_t r = 0; r < rows; r++, x += c, dy += c)
        for (size_t i = 0; i < c; i++) {
            const gop_real v = x[i] * dy[i];
            da[i] += x[i] < 0 ? v : 0;
        }
}

/* Part 0 is for the sum of the groups. */
static void sum_chunk(void *arg, size_t i)
{
    const job *j = arg;
    const sizes *s = &j->s;
    const size_t from = gop_cut(s->rows, s->groups, i), to = gop_cut(s->rows, s->groups, i + 1);
    sum_rows(j->r->work + (i + 1) * s->part, j->r->in[0] + from * s->c, j->r->dout + from * s->c,
             to - from, s->c);
}

static void backward(const gop_run *r)
{
    job j = {r, measure(r->in_shape)};
    const sizes *s = &j.s;
    if (r->din[1] != NULL) {
        gop_parallel(r->ctx, s->groups, sum_chunk, &j);
        for (size_t c = 0; c < s->c; c++) {
            double sum = 0;
            for (size_t g = 0; g < s->groups; g++)
                sum += (double)r->work[(g + 1) * s->part + c];
            if (s->each)
                gop_put_sum(r, 1, c, sum);
            else
                r->work[c] = (gop_real)sum;
        }
        double sum = 0;
        for (size_t c = 0; c < s->c && !s->each; c++)
            sum += (double)r->work[c];
        if (!s->each)
            gop_put_sum(r, 1, 0, sum);
    }
    if (r->din[0] != NULL)
        gop_parallel(r->ctx, gop_pieces(s->rows, gop_rows(s->c)), pass_chunk, &j);
}

/* ------------------------------------------------------------------------- cases */

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const size_t c = y.shape.dim[y.shape.rank - 1], slopes = in[1].shape.dim[0];
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(y.shape); i++)
        y.v[i] = (in[0].v[i] < 0 ? in[1].v[i % c % slopes] : 1) * in[0].v[i];
}

static const gop_case cases[] = {
    {"a slope for each channel", .in = {{4, {2, 3, 5, 7}}, {1, {7}}},
     .bench = {{4, {32, 26, 25, 64}}, {1, {64}}}},
    {"one slope", .in = {{3, {3, 5, 7}}, {1, {1}}}},
    {"one channel", .in = {{2, {13, 1}}, {1, {1}}}},
    {"several groups", .in = {{2, {9000, 5}}, {1, {5}}}},
    {0},
};

const gop_op gop_op_prelu = {
    .name = "prelu",
    .flags = GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE,
    .plan = plan,
    .rows = rows,
    .backward = backward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_rows,
};

/*: Rectified linear unit with a trained slope for negative x (He et al. 2015).
 *
 *     y[..., c] = x[..., c] where x[..., c] >= 0, else slope[c] x[..., c]
 *
 * x [..., C]; the slope is [C], or [1] for all channels, and usually a parameter that starts at 0.25;
 * y has the shape of x.  A NaN passes through.
 * Errors: GOP_ESHAPE if the slope does not fit x.
 */
GOP_API gop_var gop_prelu(gop_net *net, gop_var x, gop_var slope)
{
    const gop_var in[2] = {x, slope};
    return gop_apply(net, &gop_op_prelu, NULL, in, 2);
}
