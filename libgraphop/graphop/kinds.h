/*
 * kinds.h: choices that several operators share.
 */
#ifndef GRAPHOP_KINDS_H
#define GRAPHOP_KINDS_H

#ifdef __cplusplus
extern "C" {
#endif

/* How gop_khop_adjacency normalises. */
typedef enum gop_khop_kind { GOP_KHOP_ROWS, GOP_KHOP_SYMMETRIC } gop_khop_kind;

/* How a reduction makes one value of several.  The maximum of values with a NaN is NaN. */
typedef enum gop_reduce { GOP_REDUCE_SUM, GOP_REDUCE_MEAN, GOP_REDUCE_MAX } gop_reduce;

#ifdef __cplusplus
}
#endif
#endif
