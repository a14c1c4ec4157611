/*
 * per_frame.h: how an operator steps (gop_op.step): what operators of one kind have in common.  A value's
 * frames are an axis, or a factor of one: [before, frames, after] in row-major order.
 * Internal to the operators; no state.
 */
#ifndef GOP_OP_PER_FRAME_H
#define GOP_OP_PER_FRAME_H

#include "op/op.h"

/* One element by itself, or one of each of several values whose shapes are broadcast: the frames may
 * be any axis. */
gop_status gop_step_elements(gop_op_step *s);
/* One row of the last axis of the first input by itself; the other inputs have no frames. */
gop_status gop_step_rows(gop_op_step *s);
/* One frame of [N, M, T, C] by itself, of every input that has frames and of the result. */
gop_status gop_step_clip(gop_op_step *s);
/* Along axis 1 of the first input, the nodes or edges; the other inputs have no frames. */
gop_status gop_step_nodes(gop_op_step *s);
/* Along an axis of the first input that is not that of its frames. */
gop_status gop_step_along(gop_op_step *s, int axis);
/* The reduction of an axis: that of the frames becomes the reduction of a window of them. */
gop_status gop_step_reduce(gop_op_step *s, int axis, gop_reduce kind);

/* Whether the frames of input i are all of the axis. */
bool gop_step_is_axis(const gop_op_step *s, size_t i, int axis);
/* The axis of a shape that holds the frames, and the elements of that axis before and after them:
 * the axis has the size outer frames inner.  False if they are spread over several axes. */
typedef struct gop_frame_axis {
    int axis;
    size_t outer, inner;
} gop_frame_axis;
bool gop_step_find_axis(gop_frame_axis *a, gop_shape shape, gop_frames at);

/* The frames of a window: frame t of the result is computed from the frames stride t + dilation k -
 * pad, k < taps, of x [N, M, T, C].  GOP_EINVAL if they are too many. */
gop_status gop_step_taps(gop_op_step *s, size_t taps, size_t stride, size_t dilation, size_t pad);

#endif
