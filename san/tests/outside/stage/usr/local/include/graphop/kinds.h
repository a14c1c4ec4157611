/*
 * kinds.h: choices that several operators share.
 */
#ifndef GRAPHOP_KINDS_H
#define GRAPHOP_KINDS_H

#ifdef __cplusplus
extern "C" {
#endif

/* How a reduction combines values.  A maximum over values with a NaN is NaN. */
typedef enum gop_reduce { GOP_REDUCE_SUM, GOP_REDUCE_MEAN, GOP_REDUCE_MAX } gop_reduce;

/* What a loss is averaged over: all elements, or the samples of its first axis. */
typedef enum gop_average { GOP_PER_ELEMENT, GOP_PER_SAMPLE } gop_average;

#ifdef __cplusplus
}
#endif
#endif
