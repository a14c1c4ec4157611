/*
 * temporal.h: the temporal parts of models that recognise: convolutions in branches of several
 * dilations, and what a block needs beside them: convolutions by the way their weights begin, and
 * projections of residuals.  Models of plugins use them, too.
 * May use graphop.h and zoo/settings.h.
 */
#ifndef ZOO_TEMPORAL_H
#define ZOO_TEMPORAL_H

#include "zoo/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/* These functions record operators and create parameters under `name`.  Errors are sticky, as for
 * all recording functions: GOP_EINVAL for NULL, for too few channels and for what an operator
 * refuses, GOP_ESHAPE if x is not [N, M, T, C]. */

/* How weights begin. */
typedef enum zoo_beginning {
    ZOO_FAN_IN, /* weight and bias uniform within 1 / sqrt(summed inputs) */
    ZOO_HE      /* weight normal with variance 2 / (taps out) (He et al. 2015), bias 0 */
} zoo_beginning;

/* Where a temporal part reads beside the frames that there are. */
typedef enum zoo_padding {
    ZOO_CENTRED, /* zeros on both sides: frame t of the result looks as far ahead as back */
    ZOO_CAUSAL,  /* zeros before the first frame only: frame t reads no later one */
    ZOO_UNPADDED /* no zeros: the result has fewer frames, and residuals are cropped to them */
} zoo_padding;
/* The choices of an option of this enum, in its order. */
#define ZOO_PADDING_CHOICES "centred|causal|none"
/* The row of the option `padding` of a configuration of this type, whose field is a uint32_t. */
#define ZOO_PADDING_OPTION(type, field)                                                           \
    {                                                                                             \
        "padding", ZOO_SETTING_CHOICE, offsetof(type, field), 0, 0, ZOO_PADDING_CHOICES,          \
            "centred", "zeros of temporal parts: on both sides, before the first frame, or none", \
            NULL                                                                                  \
    }

/* `options` with the padding of a convolution of `taps`, of its dilation. */
GOP_API gop_conv zoo_padded(gop_conv options, size_t taps, zoo_padding padding);
/* x [N, M, T, C] without `before` frames and without `after` ones at its end. */
GOP_API gop_var zoo_crop(gop_net *net, gop_var x, size_t before, size_t after);
/* x without half of span - 1 frames on each side if there is no padding, else x: what a residual
 * takes beside a temporal part that spans so many frames. */
GOP_API gop_var zoo_beside(gop_net *net, gop_var x, size_t span, zoo_padding padding);
/* Checks that `observed` frames suffice for temporal parts one after the other, of these strides,
 * each spanning `span` frames: GOP_EINVAL. */
GOP_API gop_status zoo_check_padding(zoo_padding padding, const zoo_list *strides, size_t span,
                                     size_t observed, gop_error *err);

/* gop_temporal_conv with weight [out, taps, C] and bias [out]: gop_layer_temporal_conv by the way
 * its weights begin. */
GOP_API gop_var zoo_temporal_conv(gop_net *net, const char *name, gop_var x, size_t out,
                                  size_t taps, gop_conv options, zoo_beginning begin);
/* x itself if it has `out` channels and the stride is 1; otherwise a convolution `conv` of one tap
 * with that stride, and a batch norm `bn`. */
GOP_API gop_var zoo_project(gop_net *net, const char *name, gop_var x, size_t out, size_t stride,
                            zoo_beginning begin);

/* A branch.  With more than one tap: linear `in`, batch norm `bn1`, ReLU, convolution `conv` padded
 * to x's frames.  With one tap: `conv` alone.  With 0 taps: in, bn1, ReLU, the maximum of three
 * frames.  The stride is that of conv or of the maximum. */
typedef struct zoo_branch {
    size_t taps, dilation; /* a dilation of 0 is 1 */
} zoo_branch;

#define ZOO_BRANCHES_MAX 16

typedef struct zoo_branches {
    const zoo_branch *branch;
    size_t n;       /* at most ZOO_BRANCHES_MAX */
    size_t out;     /* channels: each branch has out / n, and one has what is left over, too */
    size_t stride;  /* of frames */
    bool rest_last; /* the last branch has what is left over, not the first */
    bool closing;   /* each branch ends with a batch norm `bn2` */
    bool mix; /* the branches' result passes batch norm `mix_bn`, ReLU, linear `mix`, and batch
                     * norm `bn` */
    bool mean_node; /* the mean over the nodes passes the branches as one more node; node m of the
                     * result gets gamma[m] times it, before the mixing */
    zoo_beginning begin;
    zoo_padding padding;
} zoo_branches;

/* The frames that the widest branch spans; 0 for NULL. */
GOP_API size_t zoo_branches_span(const zoo_branches *branches);

/* Branches side by side: x [N, M, T, C], result [N, M, (T - 1) / stride + 1, out]; without padding
 * T - zoo_branches_span + 1 in place of T.  The parameters of branch b are under "branch.b"; gamma [M] begins at 0.
 * Source: MS-G3D, Liu et al. 2020, section 3.4 (closing); ST-GCN++, Duan et al. 2022, section 3.2
 * (mix); DG-STGCN, Duan et al. 2022, section 3.3 (mean_node). */
GOP_API gop_var zoo_temporal_branches(gop_net *net, const char *name, gop_var x,
                                      const zoo_branches *branches);

#ifdef __cplusplus
}
#endif
#endif
