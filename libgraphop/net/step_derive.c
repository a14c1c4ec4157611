/*
 * step_derive.c: records the net of a stepper from a net for windows.
 *
 * Values that do not depend on the frames are recorded as they were.  Of others, each is one frame:
 * the operator's `step` says where the frames of its result lie and how it computes one.  Values
 * without frames that depend on frames (class scores) are recorded as they were, too, and computed
 * when there is a new one.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/sizes.h"
#include "net/step.h"

#include <stdio.h>
#include <stdlib.h>

/* The most frames that a value may lie behind or ahead; far from overflow. */
#define MOST_FRAMES (UINT64_C(1) << 48)

/* A value of the recorded net as it is in the stepper's. */
typedef struct value {
    gop_var v;
    bool moves; /* depends on the frames */
    gop_frames at;
    step_times times;
    int64_t from;
} value;

typedef struct derivation {
    gop_stepper *s;
    const gop_net *net;
    size_t window;
    bool *needed;
    value *of; /* each var of the recorded net */
    gop_error *err;
} derivation;

/* ---------------------------------------------------------------------------- recording */

static gop_status recorded(const derivation *d)
{
    const gop_error *e = &d->s->net->err;
    return e->status == GOP_OK ? GOP_OK
                               : gop_fail(d->err, e->status, "gop_stepper_plan: %s", e->message);
}

/* Notes when the node that was recorded last runs. */
static gop_status note(derivation *d, step_times in, step_times out)
{
    gop_stepper *s = d->s;
    gop_try(recorded(d));
    if (s->n_nodes == s->cap_nodes) {
        const size_t cap = s->cap_nodes > 0 ? 2 * s->cap_nodes : 64;
        step_times(*grown)[2] = realloc(s->times, cap * sizeof *grown);
        if (grown == NULL)
            return gop_fail(d->err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
        s->times = grown;
        s->cap_nodes = cap;
    }
    s->times[s->n_nodes][0] = in;
    s->times[s->n_nodes++][1] = out;
    return GOP_OK;
}

/* Records the operator of node n on these inputs. */
static gop_status apply(derivation *d, const net_node *n, const gop_op *op, const void *attr,
                        const gop_var *in, step_times times, gop_var *out)
{
    *out = gop_apply(d->s->net, op, attr, in, n->n_in);
    gop_net_name(d->s->net, *out, "%s", d->net->vars[n->out].name);
    return note(d, times, times);
}

/* Puts a ring behind x. */
static gop_status keep(derivation *d, const value *x, step_ring r, step_times out, gop_var *y)
{
    gop_stepper *s = d->s;
    char name[40];
    r.now = &s->now;
    r.in = x->times;
    r.out = out;
    const size_t size = gop_step_ring_size(&r);
    step_state *grown = realloc(s->states, (s->n_states + 1) * sizeof *grown);
    if (grown == NULL)
        return gop_fail(d->err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
    s->states = grown;
    if (size > GOP_MOST_ELEMENTS)
        return gop_fail(d->err, GOP_ENOMEM, "gop_stepper_plan: %zu frames of %s are too many",
                        r.length, s->net->vars[x->v.id].name);
    snprintf(name, sizeof name, "ring %zu", s->n_states);
    const gop_var state = gop_input(s->net, name, gop_shape1(size));
    const gop_var in[2] = {x->v, state};
    s->states[s->n_states++] = (step_state){state, size};
    *y = gop_apply(s->net, &gop_step_ring, &r, in, 2);
    return note(d, x->times, out);
}

/* ------------------------------------------------------------------------------- leaves */

static gop_status leaf(derivation *d, int32_t id)
{
    const net_var *v = &d->net->vars[id];
    gop_net *to = d->s->net;
    value *x = &d->of[id];
    const bool frames = id == d->s->x.id;
    gop_shape shape = v->shape;
    if (frames) {
        x->moves = true;
        x->at = (gop_frames){shape.dim[0] * shape.dim[1], shape.dim[2], shape.dim[3]};
        x->times = (step_times){0, 1};
        shape.dim[2] = 1;
    }
    switch (v->kind) {
    case VAR_INPUT:
        x->v = gop_input(to, v->name, shape);
        d->s->inputs[d->s->n_inputs++] = (step_input){id, x->v};
        break;
    case VAR_CONSTANT:
        x->v = gop_constant(to, v->name, shape, v->constant);
        break;
    case VAR_PARAM:
        x->v = gop_param(to, v->name, shape, gop_init_constant(0));
        break;
    case VAR_STAT:
        x->v = gop_stat(to, v->name, shape, 0);
        break;
    default:
        break;
    }
    return recorded(d);
}

/* ---------------------------------------------------------------------------- operators */

/* "NAME: the operator OP cannot step: WHY". */
static gop_status refuse(const derivation *d, const net_node *n, const gop_op *op, const char *why)
{
    return gop_fail(d->err, GOP_EINVAL, "gop_stepper_plan: %s: the operator %s cannot step: %s",
                    d->net->vars[n->out].name, op->name, why);
}

static bool too_far(uint64_t n, uint64_t times)
{
    return times != 0 && n > MOST_FRAMES / times;
}

/* Delays the inputs that move until the latest of them.  `all` is their common time. */
static gop_status align(derivation *d, const net_node *n, const gop_op *op, value *in, value *all)
{
    for (size_t k = 0; k < n->n_in; k++) {
        if (!in[k].moves)
            continue;
        if (!all->moves) {
            *all = in[k];
            continue;
        }
        if (in[k].times.every != all->times.every)
            return refuse(d, n, op, "its inputs have frames at different rates");
        all->times.first = all->times.first > in[k].times.first ? all->times.first
                                                                : in[k].times.first;
        all->from = all->from < in[k].from ? all->from : in[k].from;
    }
    for (size_t k = 0; k < n->n_in; k++) {
        if (!in[k].moves || in[k].times.first == all->times.first)
            continue;
        const gop_shape shape = gop_net_shape(d->s->net, in[k].v);
        const uint64_t late = (all->times.first - in[k].times.first) / all->times.every;
        step_ring r = {.before = 1,
                       .after = gop_shape_size(shape),
                       .length = (size_t)late + 1,
                       .taps = 1,
                       .stride = 1,
                       .dilation = 1,
                       .shape = shape};
        gop_try(keep(d, &in[k], r, all->times, &in[k].v));
        in[k].times = all->times;
    }
    return GOP_OK;
}

/* The window's frames side by side, or reduced. */
static gop_status taps(derivation *d, const net_node *n, const gop_op *op, const gop_op_step *how,
                       value *in, value *out)
{
    const uint64_t every = in[0].times.every, span = (uint64_t)how->dilation * (how->taps - 1);
    const gop_shape x = n->in_shape[0];
    if (how->taps == 0 || how->stride == 0 || how->pad > span || x.rank != 4)
        return refuse(d, n, op, "its table's step gives no window");
    if (too_far(span, every) || too_far(how->stride, every))
        return refuse(d, n, op, "its window is too long");
    out->times.first += (span - how->pad) * every;
    out->times.every = every * how->stride;
    out->from -= (int64_t)(how->pad * every);
    step_ring r = {.before = x.dim[0] * x.dim[1],
                   .after = x.dim[3],
                   .length = (size_t)span + 1,
                   .taps = how->taps,
                   .stride = how->stride,
                   .dilation = how->dilation,
                   .pad = how->pad,
                   .reduces = how->excludes,
                   .reduce = (gop_reduce)how->reduce,
                   .shape = x};
    r.shape.dim[2] = how->excludes ? 1 : how->taps;
    gop_var v[GOP_MAX_INPUTS];
    for (size_t k = 0; k < n->n_in; k++)
        v[k] = in[k].v;
    if (how->excludes)
        return keep(d, &in[0], r, out->times, &out->v);
    if (span > 0) /* a single tap reads the frame that has just come */
        gop_try(keep(d, &in[0], r, out->times, &v[0]));
    return apply(d, n, op, how->one, v, out->times, &out->v);
}

/* The reduction of all frames. */
static gop_status window(derivation *d, const net_node *n, const gop_op *op, const gop_op_step *how,
                         value *in, value *out)
{
    const gop_frames x = in[0].at;
    const uint64_t every = in[0].times.every;
    const bool whole = d->window == GOP_WHOLE_STREAM;
    const size_t length = whole            ? 1
                          : d->window == 0 ? x.frames
                                           : (size_t)((d->window - 1) / every + 1);
    if (too_far(length, every))
        return refuse(d, n, op, "its window is too long");
    out->at = (gop_frames){0, 0, 0};
    out->from = whole ? INT64_MIN : out->from - (int64_t)((length - 1) * every);
    step_ring r = {.before = x.before,
                   .after = x.after,
                   .length = length,
                   .taps = length,
                   .stride = 1,
                   .dilation = 1,
                   .pad = length - 1,
                   .reduces = true,
                   .whole = whole,
                   .reduce = (gop_reduce)how->reduce,
                   .shape = d->net->vars[n->out].shape};
    return keep(d, &in[0], r, out->times, &out->v);
}

/* An operator with an input that has frames. */
static gop_status step(derivation *d, const net_node *n, const gop_op *op, value *in, value *out,
                       void *one)
{
    gop_error why = {GOP_OK, ""};
    gop_frames at[GOP_MAX_INPUTS] = {{0, 0, 0}};
    gop_op_step how = {.attr = n->attr,
                       .n_in = n->n_in,
                       .in = n->in_shape,
                       .at = at,
                       .one = one,
                       .out_shape = d->net->vars[n->out].shape,
                       .err = &why};
    for (size_t k = 0; k < n->n_in; k++) {
        at[k] = in[k].at;
        if (in[k].moves && at[k].frames == 0)
            return refuse(d, n, op, "it joins frames with a value of the whole window");
        if (how.out.frames == 0)
            how.out = at[k];
    }
    if (op->step == NULL)
        return refuse(d, n, op, "it takes windows only");
    if (op->step(&how) != GOP_OK)
        return refuse(d, n, op, why.message);
    if (how.kind == GOP_STEP_WINDOW)
        return window(d, n, op, &how, in, out);

    const size_t frame = gop_times(how.out.before, how.out.after);
    const size_t size = gop_shape_size(how.out_shape);
    if (frame == 0 || size % frame != 0)
        return refuse(d, n, op, "the frames of its result lie on no axis");
    out->at = how.out;
    out->at.frames = size / frame;
    if (how.kind == GOP_STEP_SHIFT) {
        if (too_far(how.pad, out->times.every))
            return refuse(d, n, op, "it skips too many frames");
        out->v = in[0].v;
        out->times.first += how.pad * out->times.every;
        out->from += (int64_t)(how.pad * out->times.every);
        return GOP_OK;
    }
    if (how.kind == GOP_STEP_TAPS) {
        gop_try(taps(d, n, op, &how, in, out));
    } else {
        gop_var v[GOP_MAX_INPUTS];
        for (size_t k = 0; k < n->n_in; k++)
            v[k] = in[k].v;
        gop_try(apply(d, n, op, one, v, out->times, &out->v));
    }
    if (gop_shape_size(gop_net_shape(d->s->net, out->v)) != frame)
        return refuse(d, n, op, "one frame of its result has another size than in the window");
    return GOP_OK;
}

static gop_status derive_node(derivation *d, const net_node *n)
{
    const gop_op *op = n->folded != NULL ? n->folded : n->op;
    value in[GOP_MAX_INPUTS] = {{.v = {-1, 0}}}, all = {.v = {-1, 0}};
    gop_var v[GOP_MAX_INPUTS];
    bool frames = false;
    for (size_t k = 0; k < n->n_in; k++) {
        in[k].v = gop_none();
        if (n->in[k] >= 0)
            in[k] = d->of[n->in[k]];
        frames = frames || in[k].at.frames > 0;
    }
    gop_try(align(d, n, op, in, &all));
    for (size_t k = 0; k < n->n_in; k++)
        v[k] = in[k].v;
    if (!frames) {
        all.at = (gop_frames){0, 0, 0};
        gop_try(apply(d, n, op, n->attr, v, all.times, &all.v));
    } else {
        void *one = malloc(op->attr_size + 1);
        if (one == NULL)
            return gop_fail(d->err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
        if (op->attr_size > 0)
            memcpy(one, n->attr, op->attr_size);
        const gop_status status = step(d, n, op, in, &all, one);
        free(one);
        gop_try(status);
        if (too_far(all.times.first, 1) || too_far(all.times.every, 1))
            return refuse(d, n, op, "its result is too late");
    }
    d->of[n->out] = all;
    return GOP_OK;
}

/* ---------------------------------------------------------------------------- the whole */

static void find_needed(const derivation *d)
{
    for (size_t i = d->net->n_vars; i-- > 0;) {
        const net_var *v = &d->net->vars[i];
        if (!d->needed[i] || v->kind != VAR_RESULT)
            continue;
        const net_node *n = &d->net->nodes[v->node];
        for (size_t k = 0; k < n->n_in; k++)
            if (n->in[k] >= 0)
                d->needed[n->in[k]] = true;
    }
}

static gop_status derive_all(derivation *d, const gop_stepping *stepping)
{
    gop_stepper *s = d->s;
    for (size_t i = 0; i < stepping->n_out; i++)
        d->needed[stepping->out[i].id] = true;
    find_needed(d);
    for (size_t i = 0; i < d->net->n_vars; i++) {
        const net_var *v = &d->net->vars[i];
        if (d->needed[i])
            gop_try(v->kind == VAR_RESULT ? derive_node(d, &d->net->nodes[v->node])
                                          : leaf(d, (int32_t)i));
    }
    for (size_t i = 0; i < stepping->n_out; i++) {
        const value *x = &d->of[stepping->out[i].id];
        if (!x->moves)
            return gop_fail(d->err, GOP_EINVAL,
                            "gop_stepper_plan: the result %s does not depend on %s",
                            d->net->vars[stepping->out[i].id].name, d->net->vars[s->x.id].name);
        s->out[i] = (step_out){x->v, x->times, x->from};
        gop_net_keep(s->net, x->v);
    }
    return recorded(d);
}

gop_status gop_step_derive(gop_stepper *s, const gop_net *net, const gop_stepping *stepping,
                           gop_error *err)
{
    derivation d = {.s = s, .net = net, .window = stepping->window, .err = err};
    d.needed = calloc(net->n_vars + 1, sizeof *d.needed);
    d.of = calloc(net->n_vars + 1, sizeof *d.of);
    const gop_status status = d.needed == NULL || d.of == NULL
                                  ? gop_fail(err, GOP_ENOMEM, "gop_stepper_plan: out of memory")
                                  : derive_all(&d, stepping);
    free(d.needed);
    free(d.of);
    return status;
}
