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

GOP_API gop_shape gop_shape0(void);
GOP_API gop_shape gop_shape1(size_t a);
GOP_API gop_shape gop_shape2(size_t a, size_t b);
GOP_API gop_shape gop_shape3(size_t a, size_t b, size_t c);
GOP_API gop_shape gop_shape4(size_t a, size_t b, size_t c, size_t d);
/* Number of elements. */
GOP_API size_t gop_shape_size(gop_shape s);
GOP_API bool gop_shape_equal(gop_shape a, gop_shape b);
/* Writes "[2, 26, 50, 3]" into buf, truncated to `size`; returns buf. */
GOP_API char *gop_shape_text(char *buf, size_t size, gop_shape s);

#ifdef __cplusplus
}
#endif
#endif
