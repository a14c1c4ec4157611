/*
 * tiny5.c: a chain of five nodes in three parts, for tests.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {"a", "b", "c", "d", "e"};
static const uint32_t column[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
static const gop_edge edges[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}};
static const char *const part_name[] = {"ab", "cd", "e"};
static const uint32_t part[] = {0, 0, 1, 1, 2};
static const gop_edge part_edges[] = {{0, 1}, {1, 2}};
static const gop_edge pairs[] = {{0, 4}, {1, 3}};

const zoo_layout zoo_layout_tiny5 = {
    .name = "tiny5",
    .feature = ZOO_POSITION,
    .nodes = 5,
    .channels = 3,
    .columns = 15,
    .centre = 2,
    .node_name = node_name,
    .column = column,
    .n_edges = ZOO_COUNT(edges),
    .edges = edges,
    .parts = 3,
    .part_name = part_name,
    .part = part,
    .n_part_edges = ZOO_COUNT(part_edges),
    .part_edges = part_edges,
    .n_pairs = ZOO_COUNT(pairs),
    .pairs = pairs,
    .memory = NULL,
};
