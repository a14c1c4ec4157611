/*
 * shape.c: making shapes; sizes, comparison and text of shapes.
 *
 * Reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"

#include <stdio.h>

GOP_API gop_shape gop_shape0(void)
{
    return (gop_shape){0, {1, 1, 1, 1}};
}

GOP_API gop_shape gop_shape1(size_t a)
{
    return (gop_shape){1, {a, 1, 1, 1}};
}

GOP_API gop_shape gop_shape2(size_t a, size_t b)
{
    return (gop_shape){2, {a, b, 1, 1}};
}

GOP_API gop_shape gop_shape3(size_t a, size_t b, size_t c)
{
    return (gop_shape){3, {a, b, c, 1}};
}

GOP_API gop_shape gop_shape4(size_t a, size_t b, size_t c, size_t d)
{
    return (gop_shape){4, {a, b, c, d}};
}

/* An absent input (rank -1) and an impossible rank have no elements.  A product that does not fit
 * into a size_t is SIZE_MAX, which no allocation can satisfy. */
GOP_API size_t gop_shape_size(gop_shape s)
{
    size_t size = 1;

    if (s.rank < 0 || s.rank > GOP_MAX_RANK)
        return 0;
    for (int i = 0; i < s.rank; i++)
        if (s.dim[i] == 0)
            return 0;
    for (int i = 0; i < s.rank; i++) {
        if (size > SIZE_MAX / s.dim[i])
            return SIZE_MAX;
        size *= s.dim[i];
    }
    return size;
}

GOP_API bool gop_shape_equal(gop_shape a, gop_shape b)
{
    if (a.rank != b.rank || a.rank > GOP_MAX_RANK)
        return false;
    for (int i = 0; i < a.rank; i++)
        if (a.dim[i] != b.dim[i])
            return false;
    return true;
}

GOP_API char *gop_shape_text(char *buf, size_t size, gop_shape s)
{
    size_t used = 0;

    if (buf == NULL || size == 0)
        return buf;
    if (s.rank < 0) {
        snprintf(buf, size, "none");
        return buf;
    }
    if (s.rank > GOP_MAX_RANK) {
        snprintf(buf, size, "of rank %d", s.rank);
        return buf;
    }
    snprintf(buf, size, "[");
    used = 1;
    for (int i = 0; i < s.rank && used < size; i++) {
        int n = snprintf(buf + used, size - used, i > 0 ? ", %zu" : "%zu", s.dim[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    if (used < size)
        snprintf(buf + used, size - used, "]");
    return buf;
}
