/*
 * elementwise.h: what operators on each element of one value have in common, which is all but
 * their two formulas.  Internal.
 *
 *     y  = value(x, a)
 *     dx = gradient(x, dy, a)  or  gradient(y, dy, a)
 *
 * x of any shape; y has the same shape and may overwrite x if backward reads only y.  `a` are the
 * attributes.  Everything here is static inline and has no state.
 */
#ifndef GOP_OP_ELEMENTWISE_H
#define GOP_OP_ELEMENTWISE_H

#include "op/op.h"
#include "op/per_frame.h"

/* The attributes of a function that has none. */
typedef struct gop_no_attributes {
    char none;
} gop_no_attributes;

static inline gop_status gop_elementwise_plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return gop_op_count(p, 1, 1);
}

#define GOP_BACK_READS_x GOP_OP_NEEDS_IN
#define GOP_BACK_READS_y GOP_OP_NEEDS_OUT
#define GOP_BACK_FROM_x  r->in[0]
#define GOP_BACK_FROM_y  r->out

/* A loop for each `add`: the compiler would not make two of one that is long. */
#define GOP_GRADIENT_LOOP(v, value)               \
    GOP_INDEPENDENT                               \
    for (size_t i = 0; i < n; i++) {              \
        const gop_real v = from[i], dy = down[i]; \
        (void)v;                                  \
        to[i] = value;                            \
    }

/* Defines rows and rows_back.  `value` is an expression in x and a, `gradient` one in v, dy and a,
 * where v is either x or y. */
#define GOP_ELEMENTWISE(attributes, v, value, gradient)                                           \
    GOP_VECTOR static void value_row(gop_real *to, const gop_real *from, const attributes a,      \
                                     size_t n)                                                    \
    {                                                                                             \
        (void)a;                                                                                  \
        GOP_INDEPENDENT                                                                           \
        for (size_t i = 0; i < n; i++) {                                                          \
            const gop_real x = from[i];                                                           \
            to[i] = value;                                                                        \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    GOP_VECTOR static void gradient_row(gop_real *to, const gop_real *from, const gop_real *down, \
                                        const attributes a, size_t n, bool add)                   \
    {                                                                                             \
        (void)a;                                                                                  \
        if (add)                                                                                  \
            GOP_GRADIENT_LOOP(v, to[i] + (gradient))                                              \
        else                                                                                      \
            GOP_GRADIENT_LOOP(v, gradient)                                                        \
    }                                                                                             \
                                                                                                  \
    static attributes attributes_of(const gop_run *r)                                             \
    {                                                                                             \
        return r->attr != NULL ? *(const attributes *)r->attr : (attributes){0};                  \
    }                                                                                             \
                                                                                                  \
    static void rows(const gop_run *r, size_t from, size_t to)                                    \
    {                                                                                             \
        value_row(r->out + from, r->in[0] + from, attributes_of(r), to - from);                   \
    }                                                                                             \
                                                                                                  \
    static void rows_back(const gop_run *r, size_t from, size_t to)                               \
    {                                                                                             \
        if (r->din[0] != NULL)                                                                    \
            gradient_row(r->din[0] + from, GOP_BACK_FROM_##v + from, r->dout + from,              \
                         attributes_of(r), to - from, r->add[0]);                                 \
    }

/* The members of the operator's table that follow from these. */
#define GOP_ELEMENTWISE_TABLE(v)                                                             \
    .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE | GOP_OP_INPLACE_GRAD | GOP_BACK_READS_##v, \
    .rows = rows, .rows_back = rows_back, .step = gop_step_elements

/* Defines naive, the reference: y is an expression in x, a double, and in the attributes `a`. */
#define GOP_ELEMENTWISE_NAIVE(attributes, y)                                  \
    static void naive(gop_tensor out, const gop_tensor *in, const void *attr) \
    {                                                                         \
        const attributes *a = attr;                                           \
        (void)a;                                                              \
        for (size_t i = 0; i < gop_shape_size(out.shape); i++) {              \
            const double x = (double)in[0].v[i];                              \
            out.v[i] = (gop_real)(y);                                         \
        }                                                                     \
    }

#endif
