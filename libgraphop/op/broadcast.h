/*
 * broadcast.h: element-wise operators of one or two values whose shapes are broadcast: their plan,
 * their loops and their gradients.  Internal to the operators.
 *
 *     y[k] = f(a[k'], b[k''])
 *
 * Shapes are aligned at the last axis.  An axis that an input lacks, or has with size 1, repeats.
 * The gradient of a repeated input is the sum over the repeated axes, in double and in an order
 * that depends on the shapes only.
 *
 * An operator gives its formula and its slopes as loops over tiles, written by GOP_TILE_LOOP.
 */
#ifndef GOP_OP_BROADCAST_H
#define GOP_OP_BROADCAST_H

#include "op/op.h"

/* Rows of the result that are next to each other, and beside them those of a and b. */
typedef struct gop_tile {
    size_t rows, n;    /* elements of a row */
    size_t a, b;       /* from row to row of a, of b: 0 where all rows of the tile are the same */
    bool a_one, b_one; /* a row of a, of b is one element */
    bool add;
} gop_tile;

/* to = (or with `add` +=) a function of dy, a and b; dy is NULL in a forward run, b with one
 * input. */
typedef void (*gop_tile_fn)(gop_real *to, const gop_real *dy, const gop_real *a, const gop_real *b,
                            const gop_tile *t);

/* Defines a gop_tile_fn.  `value` is an expression in a, b and dy[i]. */
#define GOP_TILE_ROW(value, a_at, b_at)            \
    GOP_INDEPENDENT                                \
    for (size_t i = 0; i < n; i++) {               \
        const gop_real a = pa[a_at], b = pb[b_at]; \
        (void)a, (void)b;                          \
        GOP_PUT(to[i], t->add, value);             \
    }
#define GOP_TILE_LOOP(name, value)                                                    \
    GOP_VECTOR static void name(gop_real *to, const gop_real *dy, const gop_real *pa, \
                                const gop_real *pb, const gop_tile *t)                \
    {                                                                                 \
        const size_t n = t->n;                                                        \
        (void)dy;                                                                     \
        for (size_t r = 0; r < t->rows; r++, to += n, pa += t->a, pb += t->b) {       \
            if (t->a_one) {                                                           \
                GOP_TILE_ROW(value, 0, i)                                             \
            } else if (t->b_one) {                                                    \
                GOP_TILE_ROW(value, i, 0)                                             \
            } else {                                                                  \
                GOP_TILE_ROW(value, i, i)                                             \
            }                                                                         \
            dy = dy != NULL ? dy + n : NULL;                                          \
        }                                                                             \
    }

/* Sets out, flags and work from the shapes of the one or two inputs; with two, out is their
 * broadcast shape, with one it is already set. */
gop_status gop_broadcast_plan(gop_op_plan *p);

/* Elements [from, to) of the result. */
void gop_broadcast_rows(const gop_run *r, size_t from, size_t to, gop_tile_fn value);
/* Elements [from, to) of the gradients, if no input is repeated.  slope[i]: dy times the derivative
 * by input i. */
void gop_broadcast_rows_back(const gop_run *r, size_t from, size_t to, const gop_tile_fn *slope);
/* All gradients, if one is. */
void gop_broadcast_backward(const gop_run *r, const gop_tile_fn *slope);

/* For references: the element of an input of this shape that belongs to element k of out. */
size_t gop_broadcast_at(gop_shape in, gop_shape out, size_t k);

/* Defines what an operator of two values consists of beside its table.  `formula` is an expression
 * in a and b; by_a and by_b are those of the slopes, in a, b and dy[i]. */
#define GOP_BROADCAST_TWO(formula, by_a, by_b)              \
    GOP_TILE_LOOP(value, formula)                           \
    GOP_TILE_LOOP(slope_a, by_a)                            \
    GOP_TILE_LOOP(slope_b, by_b)                            \
    static const gop_tile_fn slope[2] = {slope_a, slope_b}; \
    GOP_BROADCAST_RUNS                                      \
    static gop_status plan(gop_op_plan *p)                  \
    {                                                       \
        gop_try(gop_op_count(p, 2, 2));                     \
        return gop_broadcast_plan(p);                       \
    }

/* Defines rows, rows_back and backward by `value` and `slope`. */
#define GOP_BROADCAST_RUNS                                          \
    static void rows(const gop_run *r, size_t from, size_t to)      \
    {                                                               \
        gop_broadcast_rows(r, from, to, value);                     \
    }                                                               \
    static void rows_back(const gop_run *r, size_t from, size_t to) \
    {                                                               \
        gop_broadcast_rows_back(r, from, to, slope);                \
    }                                                               \
    static void backward(const gop_run *r)                          \
    {                                                               \
        gop_broadcast_backward(r, slope);                           \
    }

/* The members of the operator's table that follow from these; `reads` is GOP_OP_NEEDS_IN or 0. */
#define GOP_BROADCAST_TABLE(reads)                                                              \
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD | (reads), .plan = plan, \
    .rows = rows, .rows_back = rows_back, .backward = backward

/* Defines naive, the reference: `formula` is an expression in a and b. */
#define GOP_BROADCAST_NAIVE(formula)                                               \
    static void naive(gop_tensor y, const gop_tensor *in, const void *attr)        \
    {                                                                              \
        (void)attr;                                                                \
        for (size_t k = 0; k < gop_shape_size(y.shape); k++) {                     \
            const gop_real a = in[0].v[gop_broadcast_at(in[0].shape, y.shape, k)]; \
            const gop_real b = in[1].v[gop_broadcast_at(in[1].shape, y.shape, k)]; \
            y.v[k] = formula;                                                      \
        }                                                                          \
    }

#endif
