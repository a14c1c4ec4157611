/*
 * bind.c: the addresses of a planned net's values, and the gop_run of each node, made once.  Runs,
 * packing and folding use them.  Looks up parameters; calls no other file of net/.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"
#include "net/params.h"

gop_status gop_net_check(const gop_net *net, const char *what, gop_error *err)
{
    if (net == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: no net", what);
    if (net->err.status != GOP_OK)
        return gop_fail(err, net->err.status, "%s", net->err.message);
    if (!net->planned)
        return gop_fail(err, GOP_ESTATE, "%s: the net is not planned yet", what);
    if (net->sizing)
        return gop_fail(err, GOP_ESTATE, "%s: a sizing net does not run", what);
    return GOP_OK;
}

gop_real *gop_net_value_ptr(const gop_net *net, int32_t id)
{
    const net_var *v = gop_net_at(net, id);
    if (v == NULL)
        return NULL;
    const net_var *b = &net->vars[v->vbase];
    if (b->kind == VAR_PARAM || b->kind == VAR_STAT)
        return gop_params_info(net->params, b->param).data;
    if (b->outside != NULL)
        return b->outside;
    return b->value_at == NO_PLACE || net->sizing ? NULL : net->layout.memory + b->value_at;
}

gop_real *gop_net_grad_ptr(const gop_net *net, int32_t id)
{
    const net_var *v = gop_net_at(net, id);
    if (v == NULL || !v->wants_grad)
        return NULL;
    const net_var *b = &net->vars[v->gbase];
    return b->grad_at == NO_PLACE ? NULL : net->layout.memory + b->grad_at;
}

gop_real *gop_net_value(const gop_net *net, gop_var v)
{
    const net_var *x = gop_net_var(net, v);
    if (x == NULL || !net->planned || (x->kind == VAR_RESULT && !x->keep))
        return NULL;
    return gop_net_value_ptr(net, v.id);
}

gop_real *gop_net_grad(const gop_net *net, gop_var v)
{
    const net_var *x = gop_net_var(net, v);
    if (x == NULL || !net->planned || !x->keep)
        return NULL;
    return gop_net_grad_ptr(net, v.id);
}

gop_status gop_net_bind(gop_net *net, gop_var v, gop_real *memory, gop_error *err)
{
    gop_try(gop_net_check(net, "gop_net_bind", err));
    const net_var *x = gop_net_var(net, v);
    if (x == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_bind: this is not a value of this net");
    net_var *base = &net->vars[x->vbase];
    if (x->kind != VAR_INPUT && (x->kind != VAR_RESULT || !x->keep))
        return gop_fail(err, GOP_EINVAL, "gop_net_bind: %s is neither an input nor a kept result",
                        x->name);
    if (base != x && base->kind != VAR_RESULT)
        return gop_fail(err, GOP_EINVAL, "gop_net_bind: %s is a view of %s: bind that", x->name,
                        base->name);
    if ((uintptr_t)memory % GOP_ALIGNMENT != 0)
        return gop_fail(err, GOP_EINVAL,
                        "gop_net_bind: the memory for %s is not aligned to %d bytes", x->name,
                        GOP_ALIGNMENT);
    base->outside = memory;
    net->running.moves = net->running.settled = 0;
    net->running.ran = false;
    return GOP_OK;
}

bool gop_net_same_value(const gop_net *net, int32_t a, int32_t b)
{
    if (a == b || a < 0 || b < 0)
        return a == b;
    const net_var *v = &net->vars[a], *w = &net->vars[b];
    return v->kind == w->kind && (v->kind == VAR_PARAM || v->kind == VAR_STAT) &&
           v->param == w->param;
}

/* The prepared memory of node n, or NULL. */
static gop_real *prepared(const gop_net *net, const net_node *n)
{
    return n->slot == NO_SLOT ? NULL : net->layout.memory + net->packing.slots[n->slot].at;
}

/* The data that node n reads as input k: the value, or the scaled copy after its prepared
 * memory. */
static gop_real *input(const gop_net *net, const net_node *n, size_t k)
{
    const size_t copy_at = gop_net_leads(n) ? net->folding.folds[n->fold].copy_at[k] : NO_PLACE;
    return copy_at == NO_PLACE ? gop_net_value_ptr(net, n->in[k]) : prepared(net, n) + copy_at;
}

static void bind(const gop_net *net, size_t i)
{
    const net_node *n = &net->nodes[i];
    net_bound *b = &net->running.bound[i];
    for (size_t k = 0; k < n->n_in; k++)
        b->in[k] = input(net, n, k);
    b->op = n->op;
    b->run = (gop_run){
        .ctx = net->ctx,
        .attr = n->attr,
        .n_in = n->n_in,
        .in_shape = n->in_shape,
        .out_shape = net->vars[n->out].shape,
        .in = b->in,
        .out = gop_net_value_ptr(net, n->out),
        .saved = n->saved_at == NO_PLACE ? NULL : net->layout.memory + n->saved_at,
        .work = net->layout.memory + net->layout.work_at,
        .prepared = prepared(net, n),
        .training = net->training,
        .draws = net->draws,
        .random_key = b->run.random_key,
        .din = b->din,
        .add = b->add,
        .dout = gop_net_grad_ptr(net, n->out),
    };
}

void gop_net_bind_runs(gop_net *net)
{
    const uint64_t moves = gop_params_moves(net->params);
    if (net->running.moves == moves)
        return;
    for (size_t i = 0; i < net->n_nodes; i++)
        bind(net, i);
    net->running.moves = moves;
}
