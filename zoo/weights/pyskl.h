/*
 * pyskl.h: rows of tables (zoo_import_row) that several networks of pyskl have in common.  Internal to
 * the zoo.
 */
#ifndef ZOO_WEIGHTS_PYSKL_H
#define ZOO_WEIGHTS_PYSKL_H

/* The joints' batch norm, the classifier (in mmaction fc), and the graph from which those of blocks began. */
#define PYSKL_ENDS                                                          \
    {"backbone.data_bn", "data_bn", NULL}, {"cls_head.fc_cls", "fc", NULL}, \
        {"cls_head.fc", "fc", NULL},                                        \
    {                                                                       \
        "backbone.A", NULL, NULL                                            \
    }

/* A projection inside the spatial part, and the one of the block. */
#define PYSKL_PROJECTIONS                                           \
    {"backbone.gcn.#.gcn.down.0", "block.#.gcn.down.conv", "tc"},   \
        {"backbone.gcn.#.gcn.down.1", "block.#.gcn.down.bn", NULL}, \
        {"backbone.gcn.#.residual.conv", "block.#.res.conv", "tc"}, \
    {                                                               \
        "backbone.gcn.#.residual.bn", "block.#.res.bn", NULL        \
    }

/* Six temporal branches, which are mixed. */
#define PYSKL_BRANCHES                                                               \
    {"backbone.gcn.#.tcn.branches.$.0", "block.#.tcn.branch.$.in", NULL},            \
        {"backbone.gcn.#.tcn.branches.$.1", "block.#.tcn.branch.$.bn1", NULL},       \
        {"backbone.gcn.#.tcn.branches.$.3.conv", "block.#.tcn.branch.$.conv", "tc"}, \
        {"backbone.gcn.#.tcn.branches.5", "block.#.tcn.branch.5.conv", "tc"},        \
        {"backbone.gcn.#.tcn.transform.0", "block.#.tcn.mix_bn", NULL},              \
        {"backbone.gcn.#.tcn.transform.2", "block.#.tcn.mix", NULL},                 \
    {                                                                                \
        "backbone.gcn.#.tcn.bn", "block.#.tcn.bn", NULL                              \
    }

/* The options of these networks. */
#define PYSKL_WIDTHS                                                                     \
    {"widths", ZOO_IMPORT_SIZE, "backbone.gcn.#.tcn.bn.weight", 0, NULL, 0},             \
    {                                                                                    \
        "strides", ZOO_IMPORT_STRIDES, "backbone.gcn.#.residual.conv.weight", 0, NULL, 0 \
    }

#endif
