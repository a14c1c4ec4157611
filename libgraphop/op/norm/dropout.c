/*
 * dropout.c: sets elements to zero at random while training.
 *
 *     y  = keep * x / (1 - p),   keep = 0 with probability p, else 1
 *     dx = keep * dy / (1 - p)
 *
 * x of any shape, y has the same and may be written over x.  The mask is not
 * stored: element i of chunk c draws from a hash of i under two words that the
 * counter-based generator gives for (key, c), so that backward finds the same
 * mask and any number of threads draws the same.  The probability is p to
 * within 2^-32.
 *
 * Source: Srivastava et al. 2014.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/norm/dropout.h"

typedef struct attributes {
    double p;
} attributes;

static gop_status plan(gop_op_plan *p)
{
    const attributes *a = p->attr;
    gop_status s = gop_op_count(p, 1, 1);
    p->out = p->in[0];
    return s == GOP_OK ? gop_dropout_chance(p, a->p) : s;
}

GOP_VECTOR static void mask(gop_real *y, const gop_real *x, gop_real scale, int32_t below,
                            uint32_t k0, uint32_t k1, uint32_t first, size_t n)
{
    GOP_INDEPENDENT
    for (uint32_t i = 0; i < (uint32_t)n; i++) {
        gop_real v = x[i] * scale;
        y[i] = gop_draw(first + i, k0, k1) < below ? 0 : v;
    }
}

GOP_VECTOR static void mask_add(gop_real *y, const gop_real *x, gop_real scale, int32_t below,
                                uint32_t k0, uint32_t k1, uint32_t first, size_t n)
{
    GOP_INDEPENDENT
    for (uint32_t i = 0; i < (uint32_t)n; i++) {
        gop_real v = x[i] * scale;
        y[i] += gop_draw(first + i, k0, k1) < below ? 0 : v;
    }
}

void gop_dropout_mask(const gop_dropout_draw *d, gop_real *y, const gop_real *x, uint32_t first,
                      size_t n, bool add)
{
    (add ? mask_add : mask)(y, x, d->scale, d->below, d->k0, d->k1, first, n);
}

static void run(const gop_run *r, gop_real *y, const gop_real *x, bool add, size_t from, size_t to)
{
    const attributes *a = r->attr;
    gop_dropout_draw d = gop_dropout_take(r, a->p);

    while (from < to) {
        const size_t chunk = from / GOP_CHUNK, first = from % GOP_CHUNK;
        const size_t n = gop_size_min(to - from, GOP_CHUNK - first);
        gop_dropout_stream(&d, r, chunk);
        gop_dropout_mask(&d, y + from, x + from, (uint32_t)first, n, add);
        from += n;
    }
}

static void rows(const gop_run *r, size_t from, size_t to)
{
    run(r, r->out, r->in[0], false, from, to);
}

static void rows_back(const gop_run *r, size_t from, size_t to)
{
    if (r->din[0] != NULL)
        run(r, r->din[0], r->dout, r->add[0], from, to);
}

/* ------------------------------------------------------------------------- cases */

static gop_var build(gop_net *net, const gop_var *in)
{
    return gop_dropout(net, in[0], 0.4);
}

/* So rarely that the mask is known: the formula with keep = 1. */
static gop_var build_rare(gop_net *net, const gop_var *in)
{
    return gop_dropout(net, in[0], 1e-12);
}

static void naive_rare(gop_real *out, const gop_real *const *in)
{
    for (int i = 0; i < 5 * 7; i++)
        out[i] = in[0][i] / (gop_real)(1 - 1e-12);
}

static const gop_case cases[] = {
    {.name = "p = 0.4", .in = {{4, {2, 3, 5, 7}}}, .build_old = build, .training = true},
    {.name = "p = 1e-12",
     .in = {{2, {5, 7}}},
     .build_old = build_rare,
     .naive_old = naive_rare,
     .training = true},
    {.name = NULL},
};

const gop_op gop_op_dropout = {
    .name = "dropout",
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD,
    .attr_size = sizeof(attributes),
    .plan = plan,
    .rows = rows,
    .rows_back = rows_back,
    .cases = cases,
};

/*: Dropout.
 *
 *     y = keep * x / (1 - p),   keep = 0 with probability p, else 1
 *
 * x of any shape; y has the same.  0 <= p < 1.  In an inference net, and with
 * p = 0, nothing is recorded and y is x.  gop_net_random decides the draws.
 */
GOP_API gop_var gop_dropout(gop_net *net, gop_var x, double p)
{
    attributes a = {p};
    if (gop_dropout_idle(net, x, p))
        return x;
    return gop_apply(net, &gop_op_dropout, &a, &x, 1);
}
