/*
 * roll_out.c: records a step repeatedly, with the results of each as the inputs of the next.  A
 * composite: it records other operators and has no forward or backward of its own, so that
 * gradients flow back through all steps.
 *
 *     (x_{t+1}, h_{t+1}) = step(x_t, h_t),   t = 0 .. steps-1
 *     y = [x_1, ..., x_steps]    along the frames
 *
 * Source: Sym-GNN eq. 10, where x is the pose, h the hidden state and step the
 * three lines 10a to 10c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/op.h"

#include <stdlib.h>

/*: One step of gop_roll_out: records *x_next and *h_next from x and h at time t.  `user` is the
 * pointer passed to gop_roll_out.
 */
typedef void (*gop_roll_step)(gop_net *net, void *user, size_t t, gop_var x, gop_var h,
                              gop_var *x_next, gop_var *h_next);

/*: A roll-out with feedback.
 *
 *     (x_{t+1}, h_{t+1}) = step(x_t, h_t),   t = 0 .. steps-1
 *     y = [x_1, ..., x_steps]
 *
 * x [N, M, C] or [N, M, 1, C]; y [N, M, steps, C].  h has any shape that `step` takes.  `step` must
 * not change the shapes of x and h.  It is called only while recording.
 * Errors: GOP_EINVAL for 0 steps or no `step`, GOP_ESHAPE if a shape changes.
 * Source: Sym-GNN eq. 10.
 */
GOP_API gop_var gop_roll_out(gop_net *net, gop_var x, gop_var h, size_t steps, gop_roll_step step,
                             void *user)
{
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const gop_var in[2] = {x, h};
    gop_shape xs = gop_net_shape(net, x), hs = gop_net_shape(net, h);
    if (steps == 0 || steps > INT32_MAX || step == NULL)
        return gop_net_refuse(net, "roll_out", in, 2, GOP_EINVAL,
                              "the step function is NULL, or %zu steps are out of range", steps);
    if (xs.rank != 3 && !(xs.rank == 4 && xs.dim[2] == 1))
        return gop_net_refuse(net, "roll_out", in, 2, GOP_ESHAPE,
                              "x is neither [N, M, C] nor [N, M, 1, C]");
    gop_var *frames = calloc(steps, sizeof *frames);
    if (frames == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "roll_out: out of memory for %zu steps", steps);

    for (size_t t = 0; t < steps && gop_net_status(net) == GOP_OK; t++) {
        gop_var x_next = gop_none(), h_next = gop_none();
        step(net, user, t, x, h, &x_next, &h_next);
        if (!gop_shape_equal(gop_net_shape(net, x_next), xs) ||
            !gop_shape_equal(gop_net_shape(net, h_next), hs))
            gop_net_fail(net, GOP_ESHAPE, "roll_out: step %zu changes the shape of x or h", t);
        x = x_next;
        h = h_next;
        frames[t] = xs.rank == 4
                        ? x
                        : gop_reshape(net, x, gop_shape4(xs.dim[0], xs.dim[1], 1, xs.dim[2]));
    }
    gop_var y = gop_concat(net, frames, steps, 2);
    free(frames);
    return y;
}

/* ------------------------------------------------------------------------- cases */

/* h' = h + of_xh x h,   x' = x + of_h h' */
typedef struct factors {
    size_t steps;
    double of_xh, of_h;
} factors;

static void build_step(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                       gop_var *h_next)
{
    const factors *f = user;
    (void)t;
    *h_next = gop_axpby(net, 1, h, f->of_xh, gop_mul(net, x, h));
    *x_next = gop_axpby(net, 1, x, f->of_h, *h_next);
}

static gop_var build(gop_net *net, const gop_var *in, const void *attr)
{
    factors f = *(const factors *)attr;
    return gop_roll_out(net, in[0], in[1], f.steps, build_step, &f);
}

static void naive(gop_tensor y, const gop_tensor *in, const void *attr)
{
    const factors *f = attr;
    const size_t width = y.shape.dim[3];
    for (size_t i = 0; i < gop_shape_size(in[0].shape); i++) {
        gop_real x = in[0].v[i], h = in[1].v[i];
        for (size_t t = 0; t < f->steps; t++) {
            h = h + (gop_real)f->of_xh * x * h;
            x = x + (gop_real)f->of_h * h;
            y.v[(i / width * f->steps + t) * width + i % width] = x;
        }
    }
}

static const gop_case cases[] = {
    {"three steps", .in = {{3, {2, 3, 5}}, {3, {2, 3, 5}}}, .attr = &(factors){3, -0.5, 0.25},
     .build = build},
    {"with a frame axis", .in = {{4, {2, 3, 1, 5}}, {4, {2, 3, 1, 5}}},
     .attr = &(factors){3, -0.5, 0.25}, .build = build},
    {0},
};

const gop_op gop_op_roll_out = {
    .name = "roll_out",
    .flags = GOP_OP_COMPOSITE,
    .cases = cases,
    .naive = naive,
};
