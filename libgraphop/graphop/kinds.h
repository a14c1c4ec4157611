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

/* How gop_edge_scatter brings edges together. */
typedef enum gop_scatter_kind {
    GOP_SCATTER_SUM,
    GOP_SCATTER_MEAN,
    GOP_SCATTER_MAX
} gop_scatter_kind;

#ifdef __cplusplus
}
#endif
#endif
