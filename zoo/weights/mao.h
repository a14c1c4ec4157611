/*
 * mao.h: rows of tables (zoo_import_row) that the programs of LTD, HisRep and MSR-GCN have in
 * common.  Internal to the zoo.
 */
#ifndef ZOO_WEIGHTS_MAO_H
#define ZOO_WEIGHTS_MAO_H

/* A graph convolution, whose weight is [in, out]. */
#define MAO_GC(theirs, ours)                                                       \
    {theirs ".weight", ours ".weight", "graph"}, {theirs ".att", ours ".A", NULL}, \
    {                                                                              \
        theirs ".bias", ours ".bias", NULL                                         \
    }

/* A block of two. */
#define MAO_BLOCK(theirs, ours)                                             \
    MAO_GC(theirs ".gc1", ours ".gc1"), {theirs ".bn1", ours ".bn1", NULL}, \
        MAO_GC(theirs ".gc2", ours ".gc2"),                                 \
    {                                                                       \
        theirs ".bn2", ours ".bn2", NULL                                    \
    }

/* The network of graph convolutions, zoo_residual_gcn, with a prefix. */
#define MAO_GCN(prefix)                                           \
    MAO_GC(prefix "gc1", "in.gc"), {prefix "bn1", "in.bn", NULL}, \
        MAO_BLOCK(prefix "gcbs.#", "block.#"), MAO_GC(prefix "gc7", "out.gc")

/* Its options. */
#define MAO_SIZES(prefix)                                                   \
    {"hidden", ZOO_IMPORT_SIZE, prefix "gc1.weight", 1, NULL, 0},           \
    {                                                                       \
        "blocks", ZOO_IMPORT_BLOCKS, prefix "gcbs.#.gc1.weight", 0, NULL, 0 \
    }

#endif
