/*
 * dynamic_names.h: the names that pyskl gives the parts of DG-STGCN's spatial part, for the tables of
 * the models that use it.  Internal to the zoo.
 */
#ifndef ZOO_DGSTGCN_DYNAMIC_NAMES_H
#define ZOO_DGSTGCN_DYNAMIC_NAMES_H

#include "zoo/weights/pyskl.h"

/* Rows of a table; alpha's sign is that of the differences in S. */
#define DYNAMIC_ROWS                                                 \
    {"backbone.gcn.#.gcn.A", "block.#.gcn.A", "graph"},              \
        {"backbone.gcn.#.gcn.alpha", "block.#.gcn.alpha", "-first"}, \
        {"backbone.gcn.#.gcn.beta", "block.#.gcn.beta", "first"},    \
        {"backbone.gcn.#.gcn.pre.0", "block.#.gcn.pre", NULL},       \
        {"backbone.gcn.#.gcn.pre.1", "block.#.gcn.pre_bn", NULL},    \
        {"backbone.gcn.#.gcn.conv2", "block.#.gcn.theta", NULL},     \
        {"backbone.gcn.#.gcn.conv1", "block.#.gcn.phi", NULL},       \
        {"backbone.gcn.#.gcn.post", "block.#.gcn.post", NULL},       \
        {"backbone.gcn.#.gcn.bn", "block.#.gcn.bn", NULL}, PYSKL_PROJECTIONS, PYSKL_BRANCHES

/* The options of these models. */
#define DYNAMIC_RULES                                                 \
    PYSKL_WIDTHS,                                                     \
    {                                                                 \
        "groups", ZOO_IMPORT_SIZE, "backbone.gcn.#.gcn.A", 0, NULL, 0 \
    }

#endif
