/*
 * stepper.c: planning, pushing and the state of a stepper.  Writes `due` of its own net's running.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/step.h"

#include <stdlib.h>

void gop_stepper_free(gop_stepper *s)
{
    if (s == NULL)
        return;
    gop_net_free(s->net);
    free(s->times);
    free(s->due);
    free(s->states);
    free(s->out);
    free(s->inputs);
    free(s);
}

/* ----------------------------------------------------------------------------- planning */

static gop_status check(const gop_net *net, const gop_stepping *how, gop_error *err)
{
    char text[80];
    if (net == NULL || how == NULL || how->out == NULL || how->n_out == 0)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_plan: a net and results are needed");
    if (net->err.status != GOP_OK)
        return gop_fail(err, net->err.status, "%s", net->err.message);
    if (net->draws || net->sizing)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_plan: only an inference net can step");
    const net_var *x = gop_net_var(net, how->x);
    if (x == NULL || x->kind != VAR_INPUT)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_plan: x is not an input of this net");
    if (x->shape.rank != 4)
        return gop_fail(err, GOP_ESHAPE, "gop_stepper_plan: x %s must be [N, M, T, C]",
                        gop_shape_text(text, sizeof text, x->shape));
    for (size_t i = 0; i < how->n_out; i++)
        if (gop_net_var(net, how->out[i]) == NULL)
            return gop_fail(err, GOP_EINVAL,
                            "gop_stepper_plan: result %zu is not a value of this net", i);
    return gop_net_complete(net, err);
}

static uint64_t hash(uint64_t h, uint64_t v)
{
    return gop_hash(h, &v, sizeof v);
}

static uint64_t hash_of(const gop_stepper *s)
{
    uint64_t h = hash(0, sizeof(gop_real));
    for (size_t i = 0; i < s->n_nodes; i++) {
        const net_node *n = &s->net->nodes[i];
        const gop_op *op = n->folded != NULL ? n->folded : n->op;
        h = gop_hash(h, op->name, strlen(op->name));
        for (int k = 0; k < 2; k++)
            h = hash(hash(h, s->times[i][k].first), s->times[i][k].every);
        const gop_shape y = s->net->vars[n->out].shape;
        for (int k = 0; k < y.rank; k++)
            h = hash(h, y.dim[k]);
    }
    for (size_t i = 0; i < s->n_states; i++)
        h = hash(h, s->states[i].size);
    return h;
}

static gop_status make(gop_stepper *s, const gop_net *net, const gop_stepping *how, gop_error *err)
{
    s->mark = net->mark;
    s->x = how->x;
    s->n_out = how->n_out;
    s->out = calloc(how->n_out, sizeof *s->out);
    s->inputs = calloc(net->n_vars, sizeof *s->inputs);
    if (s->out == NULL || s->inputs == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
    gop_try(gop_net_new(&s->net, net->ctx, net->params, GOP_INFERENCE, err));
    gop_try(gop_step_derive(s, net, how, err));
    s->due = calloc(s->n_nodes + 1, sizeof *s->due);
    if (s->due == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
    gop_try(gop_net_plan(s->net, err));
    s->net->running.due = s->due;
    s->plan = hash_of(s);
    const gop_shape x = gop_net_shape(net, how->x);
    s->frame = x.dim[0] * x.dim[1] * x.dim[3];
    return GOP_OK;
}

gop_status gop_stepper_plan(gop_stepper **out, const gop_net *net, const gop_stepping *stepping,
                            gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_plan: the result pointer is NULL");
    *out = NULL;
    gop_try(check(net, stepping, err));
    gop_stepper *s = calloc(1, sizeof *s);
    if (s == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_stepper_plan: out of memory");
    const gop_status status = make(s, net, stepping, err);
    if (status != GOP_OK) {
        gop_stepper_free(s);
        return status;
    }
    *out = s;
    return GOP_OK;
}

/* ------------------------------------------------------------------------------ running */

gop_real *gop_stepper_value(const gop_stepper *s, gop_var v)
{
    for (size_t i = 0; s != NULL && i < s->n_inputs; i++)
        if (v.net == s->mark && v.id == s->inputs[i].id)
            return gop_net_value(s->net, s->inputs[i].v);
    return NULL;
}

/* Which nodes run at this push. */
static void find_due(gop_stepper *s)
{
    for (size_t i = 0; i < s->n_nodes; i++) {
        uint64_t t;
        s->due[i] = (s->times[i][0].every == 0 && s->times[i][1].every == 0) ||
                    gop_step_due(s->times[i][0], s->now, &t) ||
                    gop_step_due(s->times[i][1], s->now, &t);
    }
}

gop_status gop_stepper_push(gop_stepper *s, const gop_real *frame, size_t n, gop_error *err)
{
    if (s == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_push: no stepper");
    gop_real *x = gop_stepper_value(s, s->x);
    if (frame != NULL || n != 0) {
        if (n != s->frame)
            return gop_fail(err, GOP_ESHAPE, "gop_stepper_push: a frame has %zu elements, not %zu",
                            s->frame, n);
        if (frame == NULL)
            return gop_fail(err, GOP_EINVAL, "gop_stepper_push: the frame is NULL");
        if (frame != x)
            memcpy(x, frame, n * sizeof *x);
    }
    find_due(s);
    gop_try(gop_net_forward(s->net, err));
    s->now++;
    return GOP_OK;
}

uint64_t gop_stepper_frames(const gop_stepper *s)
{
    return s == NULL ? 0 : s->now;
}

gop_step_answer gop_stepper_answer(const gop_stepper *s, size_t i)
{
    gop_step_answer a = {NULL, false, 0, 0, 0};
    if (s == NULL || i >= s->n_out || s->now <= s->out[i].times.first)
        return a;
    const step_out *o = &s->out[i];
    const uint64_t since = s->now - 1 - o->times.first;
    a.value = gop_net_value(s->net, o->v);
    a.fresh = since % o->times.every == 0;
    a.index = since / o->times.every;
    a.last = o->times.first + a.index * o->times.every;
    const uint64_t at = a.index * o->times.every; /* plus `from`, which may be negative */
    if (o->from >= 0)
        a.first = at + (uint64_t)o->from;
    else if (o->from != INT64_MIN && at > (uint64_t)-o->from)
        a.first = at - (uint64_t)-o->from;
    return a;
}

gop_shape gop_stepper_shape(const gop_stepper *s, size_t i)
{
    return gop_net_shape(s == NULL ? NULL : s->net,
                         s == NULL || i >= s->n_out ? gop_none() : s->out[i].v);
}

gop_step_reach gop_stepper_reach(const gop_stepper *s, size_t i)
{
    if (s == NULL || i >= s->n_out)
        return (gop_step_reach){0, 0, 0};
    return (gop_step_reach){s->out[i].from, s->out[i].times.first, s->out[i].times.every};
}

gop_step_cost gop_stepper_costs(const gop_stepper *s)
{
    gop_step_cost c = {0, 0, 0, 0};
    if (s == NULL)
        return c;
    for (size_t i = 0; i < s->n_nodes; i++)
        if (s->times[i][1].every > 0) {
            c.madds += (double)s->net->nodes[i].madds / (double)s->times[i][1].every;
            c.madds_most += s->net->nodes[i].madds;
        }
    for (size_t i = 0; i < s->n_states; i++)
        c.state += s->states[i].size * sizeof(gop_real);
    c.bytes = gop_net_costs(s->net).bytes;
    return c;
}

gop_net *gop_stepper_net(const gop_stepper *s)
{
    return s == NULL ? NULL : s->net;
}

/* -------------------------------------------------------------------------------- state */

static gop_real *state_of(const gop_stepper *s, size_t i)
{
    return gop_net_value(s->net, s->states[i].v);
}

void gop_stepper_reset(gop_stepper *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n_states; i++)
        memset(state_of(s, i), 0, s->states[i].size * sizeof(gop_real));
    s->now = 0;
}

/* What precedes the rings in saved bytes. */
typedef struct head {
    uint64_t magic, plan, now, sum; /* sum: a hash of the rest */
} head;

/* "GPOSTEP1" where bytes have this order. */
static const uint64_t magic = UINT64_C(0x31504554534f5047);

/* The newest results, too, so that an answer is the same after a copy. */
static size_t out_size(const gop_stepper *s, size_t i)
{
    return gop_shape_size(gop_stepper_shape(s, i));
}

size_t gop_stepper_size(const gop_stepper *s)
{
    size_t n = 0;
    if (s == NULL)
        return 0;
    for (size_t i = 0; i < s->n_states; i++)
        n += s->states[i].size;
    for (size_t i = 0; i < s->n_out; i++)
        n += out_size(s, i);
    return sizeof(head) + n * sizeof(gop_real);
}

/* Calls move(arg, memory, bytes) for every part of the state. */
static void each_part(const gop_stepper *s, void (*move)(void *arg, void *memory, size_t n),
                      void *arg)
{
    for (size_t i = 0; i < s->n_states; i++)
        move(arg, state_of(s, i), s->states[i].size * sizeof(gop_real));
    for (size_t i = 0; i < s->n_out; i++)
        move(arg, gop_net_value(s->net, s->out[i].v), out_size(s, i) * sizeof(gop_real));
}

static void write_part(void *arg, void *memory, size_t n)
{
    unsigned char **to = arg;
    memcpy(*to, memory, n);
    *to += n;
}

static void read_part(void *arg, void *memory, size_t n)
{
    const unsigned char **from = arg;
    memcpy(memory, *from, n);
    *from += n;
}

gop_status gop_stepper_copy(gop_stepper *to, const gop_stepper *from, gop_error *err)
{
    if (to == NULL || from == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_copy: two steppers are needed");
    if (to->plan != from->plan)
        return gop_fail(err, GOP_EINVAL, "gop_stepper_copy: the steppers have other plans");
    if (to == from)
        return GOP_OK;
    for (size_t i = 0; i < from->n_states; i++)
        memcpy(state_of(to, i), state_of(from, i), from->states[i].size * sizeof(gop_real));
    for (size_t i = 0; i < from->n_out; i++)
        memcpy(gop_net_value(to->net, to->out[i].v), gop_net_value(from->net, from->out[i].v),
               out_size(from, i) * sizeof(gop_real));
    to->now = from->now;
    return GOP_OK;
}

static gop_status check_size(const gop_stepper *s, const void *bytes, size_t n, const char *what,
                             gop_error *err)
{
    if (s == NULL || bytes == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: a stepper and bytes are needed", what);
    if (n != gop_stepper_size(s))
        return gop_fail(err, GOP_EINVAL, "%s: the state has %zu bytes, not %zu", what,
                        gop_stepper_size(s), n);
    return GOP_OK;
}

gop_status gop_stepper_save(const gop_stepper *s, void *bytes, size_t n, gop_error *err)
{
    gop_try(check_size(s, bytes, n, "gop_stepper_save", err));
    unsigned char *rest = (unsigned char *)bytes + sizeof(head), *at = rest;
    each_part(s, write_part, &at);
    const head h = {magic, s->plan, s->now, gop_hash(0, rest, n - sizeof(head))};
    memcpy(bytes, &h, sizeof h);
    return GOP_OK;
}

gop_status gop_stepper_load(gop_stepper *s, const void *bytes, size_t n, gop_error *err)
{
    gop_try(check_size(s, bytes, n, "gop_stepper_load", err));
    head h;
    memcpy(&h, bytes, sizeof h);
    const unsigned char *rest = (const unsigned char *)bytes + sizeof h;
    if (h.magic != magic)
        return gop_fail(err, GOP_EFORMAT, "gop_stepper_load: the bytes are no state of a stepper");
    if (h.plan != s->plan)
        return gop_fail(err, GOP_EFORMAT, "gop_stepper_load: the state is of another plan");
    if (h.sum != gop_hash(0, rest, n - sizeof h))
        return gop_fail(err, GOP_EFORMAT, "gop_stepper_load: the state is damaged");
    each_part(s, read_part, &rest);
    s->now = h.now;
    return GOP_OK;
}
