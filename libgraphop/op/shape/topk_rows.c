/*
 * topk_rows.c: the indices of the largest elements of each row.
 *
 *     y[..., r] = the index of the r-th largest of x[..., :]
 *
 * x [..., L], y [..., k], k <= L, indices as reals.  Among equal elements the lower index comes
 * first; a NaN is larger than any number, so that it is seen.  No gradient: dx = 0.
 * Source: the nearest neighbours of Wang et al. 2019 (DGCNN), section 3.1.
 *
 * A row's chosen elements form a heap whose root is the least of them; most elements of a long row
 * are only compared with it.  The heap is then sorted.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"
#include "op/per_frame.h"

typedef struct attributes {
    size_t k;
} attributes;

typedef struct job {
    const gop_run *r;
    size_t rows, length, k, at_once;
} job;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    char x[80];
    gop_try(gop_op_count(p, 1, 1));
    p->out = p->in[0];
    if (p->out.rank < 1)
        return gop_fail(p->err, GOP_ESHAPE, "x is a scalar");
    size_t *last = &p->out.dim[p->out.rank - 1];
    if (*last > 1 << 24)
        return gop_fail(p->err, GOP_ESHAPE, "rows of x %s are longer than 2^24",
                        gop_shape_text(x, sizeof x, p->in[0]));
    if (a->k < 1 || a->k > *last)
        return gop_fail(p->err, GOP_EINVAL, "k must be 1 to %zu, not %zu", *last, a->k);
    *last = a->k;
    return GOP_OK;
}

/* Whether element i comes after element j. */
static inline bool after(const gop_real *x, size_t i, size_t j)
{
    const gop_real a = x[i], b = x[j];
    const bool a_nan = a != a, b_nan = b != b;
    if (a_nan || b_nan)
        return a_nan == b_nan ? i > j : b_nan;
    return a < b || (a == b && i > j);
}

/* Moves heap[at] down to its place among n: a parent comes after its children. */
static void sink(gop_real *heap, size_t n, size_t at, const gop_real *x)
{
    const gop_real moved = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && after(x, (size_t)heap[child + 1], (size_t)heap[child]))
            child++;
        if (!after(x, (size_t)heap[child], (size_t)moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static void choose(gop_real *y, const gop_real *x, size_t length, size_t k)
{
    for (size_t i = 0; i < k; i++)
        y[i] = (gop_real)i;
    for (size_t i = k / 2; i-- > 0;)
        sink(y, k, i, x);
    gop_real least = x[(size_t)y[0]];
    for (size_t i = k; i < length; i++) {
        if (x[i] <= least || !after(x, (size_t)y[0], i))
            continue;
        y[0] = (gop_real)i;
        sink(y, k, 0, x);
        least = x[(size_t)y[0]];
    }
    for (size_t n = k; n-- > 1;) {
        const gop_real last = y[0];
        y[0] = y[n];
        y[n] = last;
        sink(y, n, 0, x);
    }
}

static void chunk(void *arg, size_t i)
{
    const job *j = arg;
    const size_t end = gop_size_min((i + 1) * j->at_once, j->rows);
    for (size_t row = i * j->at_once; row < end; row++)
        choose(j->r->out + row * j->k, j->r->in[0] + row * j->length, j->length, j->k);
}

static void forward(const gop_run *r)
{
    const attributes *a = r->attr;
    const size_t length = r->in_shape[0].dim[r->in_shape[0].rank - 1];
    job j = {r, gop_shape_size(r->in_shape[0]) / length, length, a->k, gop_rows(length)};
    gop_parallel(r->ctx, gop_pieces(j.rows, j.at_once), chunk, &j);
}

/* ------------------------------------------------------------------------- cases */

/* The element with r elements before it. */
static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const attributes *a = attr;
    const size_t length = in[0].shape.dim[in[0].shape.rank - 1];
    for (size_t row = 0; row < gop_shape_size(in[0].shape) / length; row++)
        for (size_t n = 0, last = 0; n < a->k; n++) { /* the largest of those behind the last one */
            const gop_real *x = in[0].v + row * length;
            size_t best = length;
            for (size_t l = 0; l < length; l++) {
                const bool behind = n == 0 || x[l] < x[last] || (x[l] == x[last] && l > last);
                if (behind && (best == length || x[l] > x[best]))
                    best = l;
            }
            y.v[row * a->k + n] = (gop_real)best;
            last = best;
        }
}

static const gop_case cases[] = {
    {"some", .in = {{3, {3, 5, 11}}}, .fixed = 1, .attr = &(attributes){4},
     .bench = {{3, {32, 64, 512}}}},
    {"ties", .in = {{2, {7, 20}}}, .range = {{0, 4}}, .integers = 1, .attr = &(attributes){9}},
    {"all", .in = {{2, {3, 13}}}, .range = {{-2, 2}}, .integers = 1, .attr = &(attributes){13}},
    {"the largest", .in = {{1, {30}}}, .fixed = 1, .attr = &(attributes){1}},
    {0},
};

const gop_op gop_op_topk = {
    .name = "topk",
    .attr_size = sizeof(attributes),
    .plan = plan,
    .forward = forward,
    .cases = cases,
    .naive = naive,
    .step = gop_step_rows,
};

/*: The indices of the k largest elements of each row, largest first.
 *
 *     y[..., r] = the index of the r-th largest of x[..., :]
 *
 * x [..., L] of rank 1 or more, 1 <= k <= L <= 2^24; y [..., k], indices as reals, such as an index
 * of gop_gather for each sample.  Among equal elements the lower index comes first.  A NaN is larger
 * than any number.  No gradient.
 * Errors: GOP_ESHAPE for a scalar and for longer rows, GOP_EINVAL for k out of range.
 */
GOP_API gop_var gop_topk(gop_net *net, gop_var x, size_t k)
{
    attributes a = {k};
    return gop_apply(net, &gop_op_topk, &a, &x, 1);
}
