/*
 * plan.c: the memory of a recorded net.  Decides which values need gradients, which may share
 * memory and how long each buffer lives, and allocates everything at once.  Runs nothing.
 *
 * Values that backward reads live until the end, not only until their first use there, because
 * backward may run several times after one forward run (as in MGDA).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/ctx.h"
#include "net/net.h"
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

typedef struct span {
    uint32_t from, to;
    bool used;
} span;

static void include(span *s, uint32_t t)
{
    if (!s->used || t < s->from)
        s->from = t;
    if (!s->used || t > s->to)
        s->to = t;
    s->used = true;
}

static void find_wanted_gradients(gop_net *net)
{
    for (size_t i = 0; i < net->n_vars; i++) {
        net_var *v = &net->vars[i];
        if (!net->training) {
            v->wants_grad = false;
        } else if (v->kind != VAR_RESULT) {
            v->wants_grad = v->kind == VAR_PARAM || (v->kind == VAR_INPUT && v->keep);
        } else {
            const net_node *n = &net->nodes[v->node];
            v->wants_grad = false;
            if (n->op->backward != NULL || (n->flags & GOP_OP_VIEW) ||
                ((n->flags & GOP_OP_ELEMENTWISE) && n->op->rows_back != NULL))
                for (size_t k = 0; k < n->n_in; k++)
                    if (n->in[k] >= 0 && net->vars[n->in[k]].wants_grad)
                        v->wants_grad = true;
        }
    }
}

/* In an inference net, the nodes that depend on parameters, statistics and constants alone.  run.c
 * computes them again only where these may have changed.  Their results that other nodes read stay
 * in memory of their own. */
static void find_settled(gop_net *net)
{
    for (size_t i = 0; i < net->n_nodes; i++) {
        net_node *n = &net->nodes[i];
        n->settled = !net->training && !net->vars[n->out].drawn;
        for (size_t k = 0; k < n->n_in && n->settled; k++)
            if (n->in[k] >= 0) {
                const net_var *v = &net->vars[n->in[k]];
                n->settled = v->kind == VAR_RESULT ? net->nodes[v->node].settled
                                                   : v->kind != VAR_INPUT;
            }
        for (size_t k = 0; k < n->n_in && !n->settled; k++)
            if (n->in[k] >= 0) {
                net_var *v = &net->vars[n->in[k]];
                v->stays = v->stays || (v->kind == VAR_RESULT && net->nodes[v->node].settled);
            }
    }
}

/* last[v]: the last node that reads v forward; needed[v]: backward reads v. */
static void find_uses(const gop_net *net, int64_t *last, bool *needed)
{
    for (size_t i = 0; i < net->n_vars; i++) {
        last[i] = net->vars[i].node;
        needed[i] = false;
    }
    for (size_t i = 0; i < net->n_nodes; i++) {
        const net_node *n = &net->nodes[i];
        bool back = net->vars[n->out].wants_grad && !(n->flags & GOP_OP_VIEW);
        if (back && (n->flags & GOP_OP_NEEDS_OUT))
            needed[n->out] = true;
        for (size_t k = 0; k < n->n_in; k++) {
            if (n->in[k] < 0)
                continue;
            last[n->in[k]] = (int64_t)i;
            if (back && (n->flags & GOP_OP_NEEDS_IN))
                needed[n->in[k]] = true;
        }
    }
}

/* Whether node i may write its result over the memory of its first input: no other var in that
 * memory may be alive then. */
static bool may_overwrite(const gop_net *net, size_t i, const int64_t *last, const bool *needed)
{
    const net_node *n = &net->nodes[i];
    if (!(n->flags & GOP_OP_INPLACE) || n->in[0] < 0)
        return false;
    const net_var *x = &net->vars[n->in[0]];
    if (x->kind != VAR_RESULT ||
        gop_shape_size(x->shape) != gop_shape_size(net->vars[n->out].shape))
        return false;
    for (int32_t v = 0; v < n->out; v++) {
        const net_var *o = &net->vars[v];
        if (o->vbase == x->vbase &&
            (o->kind != VAR_RESULT || o->keep || o->stays || needed[v] || last[v] > (int64_t)i))
            return false;
    }
    return gop_net_leader_spares(net, i, x->vbase);
}

/* Whether the gradient of node i's first input may be written over that of its result: no other
 * node accumulates into it, and neither is kept. */
static bool may_overwrite_gradient(const gop_net *net, size_t i, const uint32_t *readers)
{
    const net_node *n = &net->nodes[i];
    if (!(n->flags & GOP_OP_INPLACE_GRAD) || n->op->rows_back == NULL || n->in[0] < 0)
        return false;
    const net_var *x = &net->vars[n->in[0]], *y = &net->vars[n->out];
    return x->kind == VAR_RESULT && x->wants_grad && y->wants_grad && !x->keep && !y->keep &&
           x->gbase == n->in[0] && y->gbase == n->out && readers[n->in[0]] == 1 &&
           gop_shape_size(x->shape) == gop_shape_size(y->shape) && gop_shape_size(x->shape) > 1;
}

/* From the last node to the first, so that a whole chain shares one buffer. */
static gop_status share_gradients(gop_net *net, gop_error *err)
{
    uint32_t *readers = calloc(net->n_vars, sizeof *readers);
    bool *viewed = calloc(net->n_vars, sizeof *viewed);
    if (readers == NULL || viewed == NULL) {
        free(readers);
        free(viewed);
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    }
    for (size_t i = 0; i < net->n_nodes; i++)
        for (size_t k = 0; k < net->nodes[i].n_in; k++)
            if (net->nodes[i].in[k] >= 0) {
                readers[net->nodes[i].in[k]]++;
                viewed[net->nodes[i].in[k]] |= (net->nodes[i].flags & GOP_OP_VIEW) != 0;
            }
    for (size_t i = net->n_nodes; i-- > 0;) {
        const net_node *n = &net->nodes[i];
        if (may_overwrite_gradient(net, i, readers) && !viewed[n->out])
            net->vars[n->in[0]].gplace = net->vars[n->out].gplace;
    }
    free(readers);
    free(viewed);
    return GOP_OK;
}

static void share_memory(gop_net *net, const int64_t *last, const bool *needed)
{
    for (size_t i = 0; i < net->n_nodes; i++) {
        const net_node *n = &net->nodes[i];
        net_var *out = &net->vars[n->out];
        if (n->flags & GOP_OP_VIEW) {
            out->vbase = net->vars[n->in[0]].vbase;
            out->gbase = net->vars[n->in[0]].gbase;
        } else if (may_overwrite(net, i, last, needed)) {
            out->vbase = net->vars[n->in[0]].vbase;
        }
    }
}

static bool in_params(const net_var *v)
{
    return v->kind == VAR_PARAM || v->kind == VAR_STAT;
}

static void find_spans(const gop_net *net, const int64_t *last, const bool *needed, span *value,
                       span *grad, span *saved)
{
    const uint32_t n = (uint32_t)net->n_nodes, end = 2 * n;
    for (size_t i = 0; i < net->n_vars; i++) {
        const net_var *v = &net->vars[i];
        if (in_params(v))
            continue;
        span *s = &value[v->vbase];
        if (in_params(&net->vars[v->vbase])) {
            /* a view of a parameter: the params own its memory */
        } else if (v->kind != VAR_RESULT || v->keep || v->stays) {
            include(s, 0);
            include(s, end);
        } else {
            include(s, (uint32_t)net->nodes[v->node].first);
            include(s, (uint32_t)net->nodes[last[i]].last);
            if (needed[i])
                include(s, end);
        }
        if (!v->wants_grad || in_params(&net->vars[v->gbase]))
            continue;
        span *g = &grad[net->vars[v->gbase].gplace];
        /* A scalar's gradient may hold the caller's seed: it must stay alive and in place. */
        if (v->keep || v->kind == VAR_INPUT || gop_shape_size(v->shape) == 1) {
            include(g, 0);
            include(g, end);
        } else {
            include(g, end - 1 - (uint32_t)net->nodes[last[i]].back_last);
            include(g, end - 1 - (uint32_t)net->nodes[v->node].back_first);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const net_node *d = &net->nodes[i];
        if (d->saved == 0)
            continue;
        include(&saved[i], (uint32_t)d->first);
        include(&saved[i], (uint32_t)d->last);
        if (net->vars[d->out].wants_grad)
            include(&saved[i], end);
    }
}

static gop_status place_all(gop_net *net, const span *value, const span *grad, const span *saved,
                            size_t *total, gop_error *err)
{
    size_t n = 2 * net->n_vars + net->n_nodes + net->packing.n + 2, used = 0;
    const uint32_t end = 2 * (uint32_t)net->n_nodes; /* when values that are not kept have died */
    size_t *size = calloc(n + 1, sizeof *size), *at = calloc(n + 1, sizeof *at);
    size_t **place = calloc(n + 1, sizeof *place);
    uint32_t *from = calloc(n + 1, sizeof *from), *to = calloc(n + 1, sizeof *to);
    gop_status status;
    if (size == NULL || at == NULL || place == NULL || from == NULL || to == NULL) {
        status = gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    } else {
        for (size_t i = 0; i < net->n_vars; i++) {
            net_var *v = &net->vars[i];
            const span *s[2] = {&value[i], &grad[i]};
            size_t *where[2] = {&v->value_at, &v->grad_at};
            for (int k = 0; k < 2; k++)
                if (s[k]->used) {
                    size[used] = gop_shape_size(v->shape);
                    from[used] = s[k]->from;
                    to[used] = s[k]->to;
                    place[used++] = where[k];
                }
        }
        for (size_t i = 0; i < net->n_nodes; i++)
            if (saved[i].used) {
                size[used] = net->nodes[i].saved;
                from[used] = saved[i].from;
                to[used] = saved[i].to;
                place[used++] = &net->nodes[i].saved_at;
            }
        for (size_t i = 0; i < net->packing.n; i++) {
            size[used] = net->packing.slots[i].size;
            from[used] = 0;
            to[used] = end;
            place[used++] = &net->packing.slots[i].at;
        }
        for (size_t i = 0; i < net->n_nodes; i++)
            if (net->nodes[i].work > size[used])
                size[used] = net->nodes[i].work;
        if (size[used] > 0) {
            from[used] = 0;
            to[used] = end - 1;
            place[used++] = &net->layout.work_at;
        }
        if (net->folding.scratch > 0) {
            size[used] = net->folding.scratch;
            from[used] = to[used] = end;
            place[used++] = &net->folding.scratch_at;
        }
        status = gop_place(used, size, from, to, at, total, err);
        for (size_t i = 0; i < used && status == GOP_OK; i++)
            *place[i] = at[i];
        for (size_t i = 0; i < net->n_vars; i++)
            if (net->vars[i].gplace != (int32_t)i)
                net->vars[i].grad_at = net->vars[net->vars[i].gplace].grad_at;
    }
    free(size);
    free(at);
    free(place);
    free(from);
    free(to);
    return status;
}

static gop_status take_memory(gop_net *net, size_t total, gop_error *err)
{
    const size_t limit = net->ctx->memory_limit;
    if (total > SIZE_MAX / 2 / sizeof(gop_real))
        return gop_fail(err, GOP_ENOMEM, "the net needs more memory than can be addressed");
    const size_t bytes = total * sizeof(gop_real), all = bytes + net->recording.bytes;
    net->layout.bytes = bytes;
    if (net->sizing)
        return GOP_OK;
    if (limit != 0 && (all > limit || all < bytes))
        return gop_fail(err, GOP_ENOMEM, "the net needs %zu MiB, above the limit of %zu MiB",
                        all >> 20, limit >> 20);
    net->running.bound = calloc(net->n_nodes + 1, sizeof *net->running.bound);
    if (net->running.bound == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    /* Zeroed, so that no undefined value is ever read. */
    gop_try(gop_block_zeroed(&net->layout.block, &net->ctx->allocator, bytes,
                             "the buffers of a net", err));
    net->layout.memory = net->layout.block.memory;
    for (size_t i = 0; i < net->n_vars; i++) {
        const net_var *v = &net->vars[i];
        if (v->kind == VAR_CONSTANT)
            memcpy(net->layout.memory + v->value_at, v->constant,
                   gop_shape_size(v->shape) * sizeof(gop_real));
    }
    return GOP_OK;
}

gop_status gop_net_plan(gop_net *net, gop_error *err)
{
    if (net == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_plan: no net");
    if (net->err.status != GOP_OK)
        return gop_fail(err, net->err.status, "%s", net->err.message);
    if (net->planned)
        return gop_fail(err, GOP_ESTATE, "gop_net_plan: the net is already planned");
    if (net->n_vars == 0)
        return gop_fail(err, GOP_ESTATE, "gop_net_plan: nothing was recorded");

    gop_error own;
    if (err == NULL)
        err = &own; /* the net keeps the sentence */
    gop_status status = gop_net_complete(net, err);
    if (status != GOP_OK) {
        gop_net_fail(net, status, "%s", err->message);
        return status;
    }
    size_t n = net->n_vars;
    int64_t *last = calloc(n, sizeof *last);
    bool *needed = calloc(n, sizeof *needed);
    span *value = calloc(n, sizeof *value), *grad = calloc(n, sizeof *grad);
    span *saved = calloc(net->n_nodes + 1, sizeof *saved);
    size_t total = 0;
    if (last == NULL || needed == NULL || value == NULL || grad == NULL || saved == NULL) {
        status = gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    } else {
        status = gop_net_fold(net, err);
        if (status == GOP_OK) {
            find_settled(net);
            find_wanted_gradients(net);
            find_uses(net, last, needed);
            gop_net_find_chains(net);
            share_memory(net, last, needed);
            status = share_gradients(net, err);
        }
        if (status == GOP_OK)
            status = gop_net_find_slots(net, err);
        if (status == GOP_OK) {
            find_spans(net, last, needed, value, grad, saved);
            status = place_all(net, value, grad, saved, &total, err);
        }
        if (status == GOP_OK)
            status = take_memory(net, total, err);
    }
    free(last);
    free(needed);
    free(value);
    free(grad);
    free(saved);
    if (status != GOP_OK) {
        gop_net_fail(net, status, "%s", err->message);
        return status;
    }
    net->planned = true;
    if (net->sizing)
        return GOP_OK;
    gop_net_bind_runs(net);
    /* Open parameters will probably be written before the first run, which packs them then. */
    if (gop_params_closed(net->params))
        gop_net_pack_settled(net);
    return GOP_OK;
}
