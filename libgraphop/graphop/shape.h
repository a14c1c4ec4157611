/*
 * shape.h: shapes of values.
 */
#ifndef GRAPHOP_SHAPE_H
#define GRAPHOP_SHAPE_H

#include "graphop/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GOP_MAX_RANK 4

typedef struct gop_shape {
    int rank; /* 0 for a scalar */
    size_t dim[GOP_MAX_RANK];
} gop_shape;

static inline gop_shape gop_shape0(void)
{
    gop_shape s = {0, {1, 1, 1, 1}};
    return s;
}
static inline gop_shape gop_shape1(size_t a)
{
    gop_shape s = {1, {a, 1, 1, 1}};
    return s;
}
static inline gop_shape gop_shape2(size_t a, size_t b)
{
    gop_shape s = {2, {a, b, 1, 1}};
    return s;
}
static inline gop_shape gop_shape3(size_t a, size_t b, size_t c)
{
    gop_shape s = {3, {a, b, c, 1}};
    return s;
}
static inline gop_shape gop_shape4(size_t a, size_t b, size_t c, size_t d)
{
    gop_shape s = {4, {a, b, c, d}};
    return s;
}
/* Number of elements. */
GOP_API size_t gop_shape_size(gop_shape s);
GOP_API bool gop_shape_equal(gop_shape a, gop_shape b);
/* Writes "[2, 26, 50, 3]" into buf, truncated to `size`; returns buf. */
GOP_API char *gop_shape_text(char *buf, size_t size, gop_shape s);

#ifdef __cplusplus
}
#endif
#endif
