/*
 * tuning.h: thresholds at which work is cut, packed or done by another method.  Each trades the
 * time of one method against another's; any value gives correct results.
 *
 * Chosen on 2 cores of an AMD EPYC (Zen 5; 48 KiB of first-level and 1 MiB of second-level
 * cache a core), in float, on 22 November 2026.  [bytes] marks values that decide where sums are
 * cut: another value rounds differently.  Constants of a single method are in its file.
 */
#ifndef GOP_CORE_TUNING_H
#define GOP_CORE_TUNING_H

enum {
    /* Elements of a chunk of an element-wise loop.  Longer means fewer calls; shorter keeps three
     * operands in the second-level cache until the next operator reads them.  A multiple of every
     * vector's width, so that chunks start aligned.  [bytes] */
    GOP_CHUNK = 16384,

    /* Elements of a matrix that stay in the second-level cache, in float a fifth of it, while
     * panels of another pass. */
    GOP_NEAR = 49152,

    /* Elements up to which the calling thread packs a matrix alone: it finishes before another
     * thread wakes up. */
    GOP_PACK_ALONE = 65536,

    /* Rows from which packing weights for a gradient pays if they are used once. */
    GOP_PACK_ROWS = 208,

    /* Rows of a tile that is multiplied with packed weights: enough for the kernel's full speed,
     * few enough for the tile to stay in a near cache.  Half of it if a tile has several such
     * products.  [bytes] */
    GOP_TILE_ROWS = 208,
    GOP_HALF_TILE_ROWS = GOP_TILE_ROWS / 2,

    /* Multiply-adds below which a product is not shared among threads, 13 us of work: a spinning
     * thread takes its share in about 1 us, a sleeping one in 20 us.  [bytes] */
    GOP_SHARE_MADDS = 1500000,

    /* linear: rows of y whose bias is laid down before their product. */
    GOP_BIAS_ROWS = 56,

    /* graph_conv: elements of aggregates that a slab may have; pieces that a forward run is
     * cut into where each has so many rows. */
    GOP_SLAB = 98304,
    GOP_SLAB_PIECES = 4,
    GOP_SLAB_PIECE_ROWS = GOP_TILE_ROWS / 4,

    /* group_norm: samples from which on each is one piece of work. */
    GOP_NORM_SAMPLES = 8,

    /* Convolutions along frames: pieces that any product of some size is cut into;
     * multiply-adds from which it is; rows of the result and elements read that a batch should
     * have; elements of all shares of dW.  [bytes] */
    GOP_CONV_PIECES = 8,
    GOP_CONV_SMALL = 400000,
    GOP_CONV_ROWS = 192,
    GOP_CONV_READ = 65536,
    GOP_CONV_PARTS = 1 << 20
};

#endif
