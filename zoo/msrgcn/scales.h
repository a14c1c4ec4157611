/*
 * scales.h: the scales of MSR-GCN: which joints of a scale are a joint of the next one.  Internal
 * to this folder.
 */
#ifndef ZOO_MSRGCN_SCALES_H
#define ZOO_MSRGCN_SCALES_H

#include "zoo/skeleton/layout.h"

#define MSRGCN_SCALES 8

/* Scale s + 1 from scale s: mean[i * from + j] is 1 / n if joint j is one of the n of joint i. */
typedef struct msrgcn_scale {
    size_t from, to;
    gop_real *mean; /* [to, from] */
} msrgcn_scale;

/* Fills scale[0 .. n - 2] for a layout, n <= MSRGCN_SCALES.  The text has scales separated by ";",
 * their joints by "," and the joints of each by "/".  An empty text stands for the parts of the
 * layout, and for pairs of neighbours in number from the next scale on.  GOP_EINVAL for a text that
 * does not fit; GOP_ENOMEM.  Nothing is left to free then. */
gop_status msrgcn_scales(msrgcn_scale *scale, size_t n, const char *text, const zoo_layout *layout,
                         gop_error *err);
void msrgcn_scales_free(msrgcn_scale *scale, size_t n);

#endif
