/*
 * layout.h: the meaning of a pose's numbers: nodes, edges, parts, columns.
 *
 * A layout is plain data.  Built-in layouts are const tables that the build generates from
 * layouts/NAME.json; a layout read from a file owns one block of memory.  Data sets and models
 * contain their layout in full, so that these files stand alone.
 * May use graphop.h only.
 */
#ifndef ZOO_SKELETON_LAYOUT_H
#define ZOO_SKELETON_LAYOUT_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Size of the longest name of a layout, node, part, action or sequence, with the terminator. */
#define ZOO_NAME_SIZE    64
/* Limits on what a file may declare. */
#define ZOO_MAX_NODES    1024
#define ZOO_MAX_CHANNELS 16
#define ZOO_MAX_COLUMNS  65536
#define ZOO_MAX_EDGES    8192

/* The meaning of a node's channels. */
typedef enum zoo_feature {
    ZOO_EXPMAP = 1,     /* 3 channels: rotation axis times angle, radians */
    ZOO_POSITION = 2,   /* 3 channels: x, y, z in metres */
    ZOO_SCORED = 3,     /* 3 channels: x, y as shares of the image's size, detector score */
    ZOO_IMAGE = 4,      /* 2 channels: x, y as shares of the image's size */
    ZOO_QUATERNION = 5, /* 4 channels: a rotation as w, x, y, z */
    ZOO_ROTATION6D = 6, /* 6 channels: the first two columns of a rotation matrix
                         * (Zhou et al., CVPR 2019) */
    ZOO_FREE = 7        /* 1 to ZOO_MAX_CHANNELS channels of any meaning */
} zoo_feature;

/* A direction along a coordinate axis. */
typedef enum zoo_axis {
    ZOO_AXIS_UNSET = 0, /* unset; up is then +y, ahead +z */
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
    zoo_axis ahead;               /* where the subject looks; unset in an image */
    uint32_t nodes;               /* M */
    uint32_t channels;            /* D, of one node */
    uint32_t columns;             /* of one frame of raw data */
    uint32_t centre;              /* the node that bones point away from */
    const char *const *node_name; /* [nodes] */
    const uint32_t *column;       /* [nodes, channels]: column of each channel */
    uint32_t n_edges;
    const gop_edge *edges;        /* each pair of nodes once; cycles and pieces are allowed */
    uint32_t n_parents;           /* nodes - 1; 0: bones follow the edges */
    const gop_edge *parents;      /* a: node, b: its parent; a tree whose root is the centre */
    uint32_t parts;               /* P */
    const char *const *part_name; /* [parts] */
    const uint32_t *part;         /* [nodes]: part of each node */
    uint32_t n_part_edges;
    const gop_edge *part_edges; /* connects the parts if the edges connect the nodes */
    uint32_t n_pairs;
    const gop_edge *pairs; /* a: left node, b: its right counterpart */
    const float *draw;     /* [nodes, 2]: positions in drawings, seen from the front: right, up;
                            * NULL: none.  Not in data sets and models. */
    void *memory;          /* owned block, NULL for a built-in table */
} zoo_layout;

/* A built-in layout by name ("cmu26"), or NULL; graphop-layout(5) describes them.  "openpose18" is
 * another name of "kinetics18". */
GOP_API const zoo_layout *zoo_layout_find(const char *name);
/* All built-in layouts, NULL at the end. */
GOP_API const zoo_layout *const *zoo_layout_list(void);

/* A feature's name in layout files ("expmap", "position", "scored", ...), or NULL. */
GOP_API const char *zoo_feature_name(zoo_feature feature);
/* Its number of channels; 0 for any number, and for no such feature. */
GOP_API uint32_t zoo_feature_channels(zoo_feature feature);
/* Whether it is a place in an image. */
GOP_API bool zoo_feature_in_image(zoo_feature feature);

/* The axes up and ahead, +y and +z if unset; an image has no ahead. */
GOP_API zoo_axis zoo_layout_up(const zoo_layout *layout);
GOP_API zoo_axis zoo_layout_ahead(const zoo_layout *layout);

/* Checks that names are set and not too long, columns are below `columns` and used once, no edge
 * occurs twice, parents form a tree to the centre, part edges connect all parts if the edges connect
 * all nodes, every part has a node, the centre and the pairs exist, and up is not along ahead.
 * GOP_EINVAL names the fault. */
GOP_API gop_status zoo_layout_check(const zoo_layout *layout, gop_error *err);
/* Makes *copy a deep copy of `layout`.  Free it with zoo_layout_clear. */
GOP_API gop_status zoo_layout_copy(zoo_layout *copy, const zoo_layout *layout, gop_error *err);
/* Changes a copied or read layout of ZOO_SCORED into one of ZOO_IMAGE: a node keeps the columns of x
 * and y, and that of its score belongs to no node.  GOP_EINVAL for other layouts, GOP_ENOMEM. */
GOP_API gop_status zoo_layout_drop_scores(zoo_layout *layout, gop_error *err);
/* Frees the memory of a copied or read layout and zeroes the struct. */
GOP_API void zoo_layout_clear(zoo_layout *layout);
/* Whether nodes, channels, columns, edges, parents, parts, pairs, centre, feature and axes are the same.
 * Names and drawings are not compared. */
GOP_API bool zoo_layout_equal(const zoo_layout *a, const zoo_layout *b);
/* Writes which of these differ, separated by commas: "edges, centre"; empty if none. */
GOP_API void zoo_layout_difference(char *text, size_t size, const zoo_layout *a,
                                   const zoo_layout *b);

/* The layout's nodes, edges, parts, their names and the centre as a graph.  GOP_EINVAL as for
 * zoo_layout_check, for two nodes or parts with the same name, and for NULL; GOP_ENOMEM. */
GOP_API gop_status zoo_layout_graph(gop_graph **graph, const zoo_layout *layout, gop_error *err);
/* The layout's parts and part edges as a graph; its centre is the part of the layout's centre.
 * GOP_EINVAL also for a duplicate part edge. */
GOP_API gop_status zoo_layout_part_graph(gop_graph **graph, const zoo_layout *layout,
                                         gop_error *err);

/* The tree that bones follow, with the names, parts and centre of zoo_layout_graph: the layout's
 * parents or, without them, its edges.  GOP_EINVAL if these edges form no tree. */
GOP_API gop_status zoo_layout_bones(gop_graph **tree, const zoo_layout *layout, gop_error *err);
/* The dual of zoo_layout_bones, as gop_graph_dual makes it from the centre: a node for each bone,
 * in the part of the bone's outer end.  A part without such a bone gets the first bone that begins
 * in it and whose own part has another bone.  GOP_EINVAL also if a part has neither. */
GOP_API gop_status zoo_layout_bone_graph(gop_graph **graph, const zoo_layout *layout,
                                         gop_error *err);

/* Write and read a layout as one map.  Reading checks as zoo_layout_check does.  After a failed
 * read the layout is zero and the reader keeps the error. */
GOP_API void zoo_layout_write(gop_writer *w, const zoo_layout *layout);
GOP_API void zoo_layout_read(gop_reader *r, zoo_layout *layout);

/* ------------------------------------------------------------- layout files */

/* Layouts as JSON, see graphop-layout(5).  People write them in any form; zoo_layout_save writes
 * one canonical form, so that equal layouts give equal files. */

/* Maximum size of a layout file in bytes. */
#define ZOO_LAYOUT_FILE_SIZE 1048576

/* Reads a layout file if `name` has a slash or ends with ".json", else copies the built-in layout
 * of that name.  Free *layout with zoo_layout_clear.  GOP_EINVAL for an unknown name, else as
 * zoo_layout_load. */
GOP_API gop_status zoo_layout_open(zoo_layout *layout, const char *name, gop_error *err);
/* Reads a layout file.  Free *layout with zoo_layout_clear.  The layout passes zoo_layout_check;
 * also, names and part edges are unique and the nodes of each part are connected.  GOP_EFORMAT
 * names file and place; GOP_ESYSTEM if the file cannot be read; GOP_ENOMEM. */
GOP_API gop_status zoo_layout_load(zoo_layout *layout, const char *path, gop_error *err);
/* Writes a file that zoo_layout_load reads, replacing an existing one.  GOP_EINVAL if
 * zoo_layout_load would refuse it; GOP_ESYSTEM, GOP_ENOMEM. */
GOP_API gop_status zoo_layout_save(const zoo_layout *layout, const char *path, gop_error *err);

/* Receives one finding as a sentence; `wrong`: the layout cannot be used; false: it is only odd. */
typedef void (*zoo_layout_finding)(void *user, bool wrong, const char *sentence);
/* As zoo_layout_open, but reports every error, not only the first, and oddities: a node in two
 * pairs, an edge between paired nodes without a mirror image.  Free *layout with
 * zoo_layout_clear. */
GOP_API gop_status zoo_layout_inspect(zoo_layout *layout, const char *name, zoo_layout_finding tell,
                                      void *user, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
