/*
 * layout.h: what the numbers of a pose are: nodes, edges, parts, columns.
 *
 * A layout is plain data.  Built-in ones are const tables that the build makes of
 * layouts/NAME.json; ones read from a file own one block of memory.  Both are the same
 * struct, written in full into data sets and models, so that those files stand alone.
 * May use graphop.h only.
 */
#ifndef ZOO_SKELETON_LAYOUT_H
#define ZOO_SKELETON_LAYOUT_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Longest name of a layout, node, part, action or sequence, with its terminator. */
#define ZOO_NAME_SIZE    64
/* Limits on what a file may declare. */
#define ZOO_MAX_NODES    1024
#define ZOO_MAX_CHANNELS 16
#define ZOO_MAX_COLUMNS  65536

/* What the channels of a node mean. */
typedef enum zoo_feature {
    ZOO_EXPMAP = 1,   /* 3 channels: rotation axis times angle, radians */
    ZOO_POSITION = 2, /* 3 channels: x, y, z in metres */
    ZOO_SCORED = 3    /* 3 channels: x, y in the image's width and height, score of the detector */
} zoo_feature;

/* A direction along one of the numbers of a position. */
typedef enum zoo_axis {
    ZOO_AXIS_UNSAID = 0, /* up: y; ahead: z */
    ZOO_PLUS_X = 1,
    ZOO_PLUS_Y = 2,
    ZOO_PLUS_Z = 3,
    ZOO_MINUS_X = 4,
    ZOO_MINUS_Y = 5,
    ZOO_MINUS_Z = 6
} zoo_axis;

typedef struct zoo_layout {
    const char *name;
    zoo_feature feature;
    zoo_axis up;                  /* away from the ground */
    zoo_axis ahead;               /* where the subject looks; unsaid for ZOO_SCORED */
    uint32_t nodes;               /* M */
    uint32_t channels;            /* D, of one node */
    uint32_t columns;             /* of one frame of raw data */
    uint32_t centre;              /* the node bones point away from */
    const char *const *node_name; /* [nodes] */
    const uint32_t *column;       /* [nodes, channels]: column of each channel */
    uint32_t n_edges;
    const gop_edge *edges;        /* a tree on the nodes */
    uint32_t parts;               /* P */
    const char *const *part_name; /* [parts] */
    const uint32_t *part;         /* [nodes]: part of each node */
    uint32_t n_part_edges;
    const gop_edge *part_edges; /* connects the parts */
    uint32_t n_pairs;
    const gop_edge *pairs; /* a: left node, b: its right counterpart */
    const float *draw;     /* [nodes, 2]: where drawings have it, seen from the front:
                                     * to the right, up; NULL: nowhere in particular.  No part
                                     * of data sets and models. */
    void *memory;          /* owned block, NULL for a built-in table */
} zoo_layout;

/* A built-in layout by name ("cmu26"), or NULL; graphop-layout(5) describes them. */
GOP_API const zoo_layout *zoo_layout_find(const char *name);
/* All of them, NULL at the end. */
GOP_API const zoo_layout *const *zoo_layout_list(void);

/* What a feature is called in layout files ("expmap", "position", "scored"), or NULL. */
GOP_API const char *zoo_feature_name(zoo_feature feature);

/* Which way is up and ahead, y and z where unsaid; ZOO_SCORED has no ahead. */
GOP_API zoo_axis zoo_layout_up(const zoo_layout *layout);
GOP_API zoo_axis zoo_layout_ahead(const zoo_layout *layout);

/* Checks that names are there and not too long, columns are below `columns` and
 * used once, edges are a connected tree, part edges connect all parts, every
 * part has a node, the centre and the pairs exist, up is not along ahead.
 * GOP_EINVAL names what is wrong. */
GOP_API gop_status zoo_layout_check(const zoo_layout *layout, gop_error *err);
/* Makes *copy own a deep copy of `layout`, to be cleared. */
GOP_API gop_status zoo_layout_copy(zoo_layout *copy, const zoo_layout *layout, gop_error *err);
/* Frees what a copied or read layout owns and zeroes it. */
GOP_API void zoo_layout_clear(zoo_layout *layout);
/* The same nodes, channels, columns, edges, parts, feature and axes (names and drawings
 * apart). */
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

/* ------------------------------------------------------------- layout files */

/* Layouts as JSON, see graphop-layout(5): made by hand, checked, and written in one way
 * only, so that equal layouts are equal files. */

/* No file of a layout is larger. */
#define ZOO_LAYOUT_FILE_SIZE 1048576

/* A layout by its name where one is built in, or from a file where `name` has a slash or
 * ends with ".json"; owned by *layout, to be cleared.  GOP_EINVAL for an unknown name,
 * else as zoo_layout_load. */
GOP_API gop_status zoo_layout_open(zoo_layout *layout, const char *name, gop_error *err);
/* Reads a file; *layout is to be cleared.  It passes zoo_layout_check, no name is there
 * twice, no two part edges are the same, and the nodes of each part hang together.
 * GOP_EFORMAT names file and place; GOP_ESYSTEM where it cannot be read; GOP_ENOMEM. */
GOP_API gop_status zoo_layout_load(zoo_layout *layout, const char *path, gop_error *err);
/* Writes a file that zoo_layout_load reads, in place of what was there.  GOP_EINVAL where
 * it would not be read; GOP_ESYSTEM, GOP_ENOMEM. */
GOP_API gop_status zoo_layout_save(const zoo_layout *layout, const char *path, gop_error *err);

/* Called with one sentence; `wrong`: the layout cannot be used, else it is only odd. */
typedef void (*zoo_layout_tell)(void *user, bool wrong, const char *sentence);
/* zoo_layout_open that tells of everything that is wrong, not of the first alone, and of
 * what is odd: a node in two pairs, an edge without a mirror image between paired nodes.
 * *layout is to be cleared. */
GOP_API gop_status zoo_layout_inspect(zoo_layout *layout, const char *name, zoo_layout_tell tell,
                                      void *user, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
