/*
 * stepper.h: running a net that was recorded for windows of frames one frame at a time.
 */
#ifndef GRAPHOP_STEPPER_H
#define GRAPHOP_STEPPER_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a net on a stream of frames: each push of one frame costs one frame's work.  Operators that
 * read several frames get them from state: rings of the frames that they still need.
 *
 * Every value of the recorded net with frames on an axis becomes a stream of frames t = 0, 1, ...:
 * the one that the recorded net would compute from the whole stream, as one window of any length.
 * Zeros of padding, at every convolution, therefore stand before the stream's first frame only;
 * there is none at the beginning of a window, as the true frames are there, and none at an end,
 * as there is none: a result waits for the later frames that it reads.
 *
 *     temporal_conv    y_t = sum_k W_k x_(stride t + dilation k - pad), with x_t = 0 for t < 0
 *     temporal_pool    likewise, without the frames t < 0
 *     slice            of frames: y_t = x_(start + t), whatever its length
 *     sum, mean, max   over the frames: y_t of x_(t-L+1) to x_t, L the length of the window; while
 *                      there are fewer frames, of those
 *
 * Frame t of a value reads frames of the input up to every t + ahead, and appears when that one is
 * pushed; `every` is the product of the strides.  Where branches meet that look ahead differently
 * far, the nearer one waits in a ring.  What has no frames, such as class scores, is a stream, too:
 * its t is that of the last frame that a sum, mean or maximum over frames has read.
 *
 * A causal net (all padding before the frames) and one without padding thus give, at every frame,
 * what the recorded net gives for the stream so far as one window, as long as the stream is no
 * longer than the window, or with GOP_WHOLE_STREAM; features before a mean over frames are the same
 * in any case.  A net whose padding stands on both sides gives this `ahead` frames later; a window's
 * last frames, which padding reaches there, have other values than in the stream.  A sliding window
 * has zeros at its first frames in every layer, where a stream has history: the results of the two
 * differ, and those of the stream are the ones of the longer window.
 *
 * Which operators can step stands in their tables (gop_op.step).  Inputs without frames keep their
 * values.  A stepper uses the context and the params of the net that it was planned from; two
 * steppers with different contexts may run at the same time, as nets may. */
typedef struct gop_stepper gop_stepper;

/* For gop_stepping.window: since the last reset. */
#define GOP_WHOLE_STREAM SIZE_MAX

typedef struct gop_stepping {
    gop_var x;          /* the input [N, M, T, C] whose frames are pushed; N streams in step */
    const gop_var *out; /* the values to compute */
    size_t n_out;
    /* Frames of the input that sums, means and maxima over all frames cover: window / every of
     * their own, rounded up.  0: as many as the net was recorded for.  GOP_WHOLE_STREAM: all; a NaN
     * then stays. */
    size_t window;
} gop_stepping;

/* Plans a recorded inference net for steps, and allocates all memory.  The net is not changed, need
 * not be planned, and may be freed afterwards.  Its T is any with which it can be recorded.
 * GOP_EINVAL for NULL, for a net that does not infer, for values that are not of the net, for x that
 * is no input, for results that do not depend on x, and for an operator that cannot step: the
 * sentence names it and its result.  GOP_ESHAPE if x is not [N, M, T, C]; GOP_ENOMEM; the net's own
 * failure.  *s is then NULL.
 * Source: Hedegaard & Iosifidis 2022, Continual Inference; Hedegaard et al. 2023, Continual
 * Spatio-Temporal Graph Convolutional Networks. */
GOP_API gop_status gop_stepper_plan(gop_stepper **s, const gop_net *net,
                                    const gop_stepping *stepping, gop_error *err);
GOP_API void gop_stepper_free(gop_stepper *s);

/* Computes all results that the next frame [N, M, C], n elements, completes.  NULL with n = 0: the
 * frame has been written to gop_stepper_value(s, x).  Allocates nothing, and with a context of one
 * thread takes no lock.  NaNs pass through as in a net, and leave with the windows that hold them.
 * GOP_ESHAPE for another n; GOP_ESTOPPED by the context's gop_stop: push the same frame again. */
GOP_API gop_status gop_stepper_push(gop_stepper *s, const gop_real *frame, size_t n,
                                    gop_error *err);
/* The frames pushed since the last reset. */
GOP_API uint64_t gop_stepper_frames(const gop_stepper *s);
/* The data of an input of the recorded net: for x one frame [N, M, C], for others all.  NULL for
 * other values and for inputs that the results do not depend on. */
GOP_API gop_real *gop_stepper_value(const gop_stepper *s, gop_var v);

/* The newest frame of result i, and the time that it is about. */
typedef struct gop_step_answer {
    const gop_real *value; /* gop_stepper_shape; NULL while there is none, and for no such i */
    bool fresh;            /* the last push completed it */
    uint64_t index;        /* its t */
    uint64_t first, last;  /* the frames of the stream that it reads, counted from 0 */
} gop_step_answer;
GOP_API gop_step_answer gop_stepper_answer(const gop_stepper *s, size_t i);
/* The shape of one frame of result i, with 1 for the frames; rank -1 for no such i. */
GOP_API gop_shape gop_stepper_shape(const gop_stepper *s, size_t i);

/* The frames of the input that frame t of a result reads: every t + from to every t + ahead.  A
 * result is `ahead` frames late. */
typedef struct gop_step_reach {
    int64_t from; /* INT64_MIN: all frames since the last reset */
    uint64_t ahead;
    uint64_t every; /* there is a result every so many frames; 0 for no such i */
} gop_step_reach;
GOP_API gop_step_reach gop_stepper_reach(const gop_stepper *s, size_t i);

typedef struct gop_step_cost {
    double madds;        /* multiply-adds of one frame, on average (products only) */
    uint64_t madds_most; /* of the frame that completes most results */
    size_t state;        /* bytes of rings and sums */
    size_t bytes;        /* of all memory of the stepper's net, with the state */
} gop_step_cost;
GOP_API gop_step_cost gop_stepper_costs(const gop_stepper *s);
/* The stepper's own net, for its profile; NULL for NULL. */
GOP_API gop_net *gop_stepper_net(const gop_stepper *s);

/* Forgets all frames. */
GOP_API void gop_stepper_reset(gop_stepper *s);
/* Gives `to` the frames of `from`, a stepper that was planned alike: both then give the same bytes.
 * Values of other inputs are not copied.  GOP_EINVAL for NULL and for other plans. */
GOP_API gop_status gop_stepper_copy(gop_stepper *to, const gop_stepper *from, gop_error *err);
/* The bytes that gop_stepper_save writes; 0 for NULL. */
GOP_API size_t gop_stepper_size(const gop_stepper *s);
/* Writes the state to n bytes, gop_stepper_size, and reads it into a stepper that was planned alike,
 * by the same build.  GOP_EINVAL for NULL and another n; gop_stepper_load: GOP_EFORMAT for bytes that
 * are no state, damaged, or of another plan; the state is then as before. */
GOP_API gop_status gop_stepper_save(const gop_stepper *s, void *bytes, size_t n, gop_error *err);
GOP_API gop_status gop_stepper_load(gop_stepper *s, const void *bytes, size_t n, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
