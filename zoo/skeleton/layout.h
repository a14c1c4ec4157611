/*
 * layout.h: what the numbers of a pose are: nodes, edges, parts, columns.
 *
 * A layout is plain data.  Built-in ones are const tables, one file each; ones
 * read from a file own one block of memory.  Both are the same struct, written
 * in full into data sets and models, so that those files stand alone.
 * May use graphop.h only.
 */
#ifndef ZOO_SKELETON_LAYOUT_H
#define ZOO_SKELETON_LAYOUT_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest name of a layout, node, part, action or sequence, with its terminator. */
#define ZOO_NAME_SIZE 64
/* Limits on what a file may declare. */
#define ZOO_MAX_NODES 1024
#define ZOO_MAX_CHANNELS 16
#define ZOO_MAX_COLUMNS 65536

/* What the channels of a node mean. */
typedef enum zoo_feature {
    ZOO_EXPMAP = 1,  /* 3 channels: rotation axis times angle, radians */
    ZOO_POSITION = 2 /* 3 channels: x, y, z in metres */
} zoo_feature;

typedef struct zoo_layout {
    const char *name;
    zoo_feature feature;
    uint32_t nodes;                 /* M */
    uint32_t channels;              /* D, of one node */
    uint32_t columns;               /* of one frame of raw data */
    uint32_t centre;                /* the node bones point away from */
    const char *const *node_name;   /* [nodes] */
    const uint32_t *column;         /* [nodes, channels]: column of each channel */
    uint32_t n_edges;
    const gop_edge *edges;          /* a tree on the nodes */
    uint32_t parts;                 /* P */
    const char *const *part_name;   /* [parts] */
    const uint32_t *part;           /* [nodes]: part of each node */
    uint32_t n_part_edges;
    const gop_edge *part_edges;     /* connects the parts */
    uint32_t n_pairs;
    const gop_edge *pairs;          /* a: left node, b: its right counterpart */
    void *memory;                   /* owned block, NULL for a built-in table */
} zoo_layout;

/* A built-in layout by name ("cmu26", "ntu25", "procedural22", "tiny5"), or NULL. */
GOP_API const zoo_layout *zoo_layout_find(const char *name);
/* All of them, NULL at the end. */
GOP_API const zoo_layout *const *zoo_layout_list(void);

/* Checks that names are there and not too long, columns are below `columns` and
 * used once, edges are a connected tree, part edges connect all parts, every
 * part has a node, the centre and the pairs exist.  GOP_EINVAL names what is
 * wrong. */
GOP_API gop_status zoo_layout_check(const zoo_layout *layout, gop_error *err);
/* Makes *copy own a deep copy of `layout`, to be cleared. */
GOP_API gop_status zoo_layout_copy(zoo_layout *copy, const zoo_layout *layout, gop_error *err);
/* Frees what a copied or read layout owns and zeroes it. */
GOP_API void zoo_layout_clear(zoo_layout *layout);
/* The same nodes, channels, columns, edges, parts and feature (names apart). */
GOP_API bool zoo_layout_equal(const zoo_layout *a, const zoo_layout *b);

/* The layout's nodes, edges, parts, their names and the centre as a graph.  GOP_EINVAL as
 * zoo_layout_check, for two nodes or parts with one name, and for NULL; GOP_ENOMEM. */
GOP_API gop_status zoo_layout_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err);
/* The same for its parts and part edges, of which none may be there twice; the centre is
 * the part of the layout's. */
GOP_API gop_status zoo_layout_part_graph(gop_graph **graph, const zoo_layout *layout,
                                         gop_error *err);

/* The dual of zoo_layout_graph: a node for each edge, as gop_graph_dual from the centre, in
 * the part of its outer end.  A part without such an edge gets the first that begins in it
 * and whose own part has another.  GOP_EINVAL also where a part has none of either. */
GOP_API gop_status zoo_layout_bone_graph(gop_graph **graph, const zoo_layout *layout,
                                         gop_error *err);

/* As one map; reading checks as zoo_layout_check does.  After a failed read the
 * layout is zero and the reader's status is sticky. */
GOP_API void zoo_layout_write(gop_writer *w, const zoo_layout *layout);
GOP_API void zoo_layout_read(gop_reader *r, zoo_layout *layout);

#ifdef __cplusplus
}
#endif
#endif
