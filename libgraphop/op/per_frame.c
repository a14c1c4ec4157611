/*
 * per_frame.c: see per_frame.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/per_frame.h"

/* The elements of the axes [from, to). */
static size_t extent(gop_shape s, int from, int to)
{
    size_t n = 1;
    for (int i = from; i < to; i++)
        n *= s.dim[i];
    return n;
}

static gop_status across(const gop_op_step *s)
{
    return gop_fail(s->err, GOP_EINVAL, "it computes across the frames of its window");
}

/* Whether no input but the first has frames. */
static gop_status only_first(const gop_op_step *s)
{
    for (size_t i = 1; i < s->n_in; i++)
        if (s->at[i].frames > 0)
            return gop_fail(s->err, GOP_EINVAL, "its input %zu changes from frame to frame", i + 1);
    return s->at[0].frames > 0 ? GOP_OK : across(s);
}

bool gop_step_find_axis(gop_frame_axis *a, gop_shape shape, gop_frames at)
{
    /* An axis that is the frames and nothing else comes first: with one frame others fit, too. */
    for (int k = 0; k < shape.rank; k++)
        if (shape.dim[k] == at.frames && extent(shape, 0, k) == at.before) {
            *a = (gop_frame_axis){k, 1, 1};
            return true;
        }
    for (int k = 0; k < shape.rank; k++) {
        const size_t before = extent(shape, 0, k), after = extent(shape, k + 1, shape.rank);
        if (at.before % before != 0 || at.after % after != 0)
            continue;
        *a = (gop_frame_axis){k, at.before / before, at.after / after};
        if (a->outer * at.frames * a->inner == shape.dim[k])
            return true;
    }
    return false;
}

bool gop_step_is_axis(const gop_op_step *s, size_t i, int axis)
{
    return s->at[i].frames == s->in[i].dim[axis] && s->at[i].before == extent(s->in[i], 0, axis);
}

/* ------------------------------------------------------------------------ elements */

gop_status gop_step_elements(gop_op_step *s)
{
    gop_frame_axis a = {0, 1, 1};
    int from_end = 0; /* the axis of the frames, counted from the last one */
    for (size_t i = 0; i < s->n_in; i++) {
        gop_frame_axis b;
        if (s->at[i].frames == 0)
            continue;
        if (!gop_step_find_axis(&b, s->in[i], s->at[i]) ||
            (from_end > 0 &&
             (from_end != s->in[i].rank - b.axis || a.outer != b.outer || a.inner != b.inner)))
            return across(s);
        from_end = s->in[i].rank - b.axis;
        a = b;
    }
    for (size_t i = 0; i < s->n_in; i++)
        if (s->at[i].frames == 0 && s->in[i].rank >= from_end &&
            s->in[i].dim[s->in[i].rank - from_end] != 1)
            return gop_fail(s->err, GOP_EINVAL,
                            "its input %zu has numbers of its own for each frame of the window",
                            i + 1);
    const int axis = s->out_shape.rank - from_end;
    s->out.before = extent(s->out_shape, 0, axis) * a.outer;
    s->out.after = extent(s->out_shape, axis + 1, s->out_shape.rank) * a.inner;
    return GOP_OK;
}

/* ---------------------------------------------------------------------------- axes */

gop_status gop_step_along(gop_op_step *s, int axis)
{
    const gop_frames x = s->at[0];
    gop_try(only_first(s));
    const size_t before = extent(s->in[0], 0, axis);
    const size_t size = gop_shape_size(s->out_shape) / x.frames;
    if (gop_step_is_axis(s, 0, axis))
        return across(s);
    s->out = x;
    if (before % (x.before * x.frames) == 0) /* the frames lie before the axis */
        s->out.after = size / x.before;
    else if (x.before % (before * s->in[0].dim[axis]) == 0)
        s->out.before = size / x.after;
    else
        return across(s);
    return GOP_OK;
}

gop_status gop_step_rows(gop_op_step *s)
{
    return gop_step_along(s, s->in[0].rank - 1);
}

gop_status gop_step_nodes(gop_op_step *s)
{
    return gop_step_along(s, 1);
}

gop_status gop_step_reduce(gop_op_step *s, int axis, gop_reduce kind)
{
    if (!gop_step_is_axis(s, 0, axis))
        return gop_step_along(s, axis);
    gop_try(only_first(s));
    s->out = (gop_frames){0, 0, 0};
    s->kind = GOP_STEP_WINDOW;
    s->reduce = kind;
    return GOP_OK;
}

/* --------------------------------------------------------------------------- clips */

gop_status gop_step_clip(gop_op_step *s)
{
    const gop_shape y = s->out_shape;
    for (size_t i = 0; i < s->n_in; i++)
        if (s->at[i].frames > 0 && (s->in[i].rank != 4 || !gop_step_is_axis(s, i, 2)))
            return across(s);
    s->out.before = y.dim[0] * y.dim[1];
    s->out.after = y.dim[3];
    return GOP_OK;
}

gop_status gop_step_taps(gop_op_step *s, size_t taps, size_t stride, size_t dilation, size_t pad)
{
    gop_try(gop_step_clip(s));
    if (taps > 1 && dilation > GOP_MOST_ELEMENTS / (taps - 1))
        return gop_fail(s->err, GOP_EINVAL, "its taps are too far apart");
    s->kind = GOP_STEP_TAPS;
    s->taps = taps;
    s->stride = stride;
    s->dilation = dilation;
    s->pad = pad;
    return GOP_OK;
}
