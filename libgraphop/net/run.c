/*
 * run.c: running a planned net forward, with or without checks.  Allocates nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/ctx.h"
#include "net/net.h"
#include "net/params.h"

#include <math.h>
#include <string.h>

/* Mixes three words into a key (the finaliser of MurmurHash3, public domain arithmetic). */
static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

void gop_net_random(gop_net *net, uint64_t seed, uint64_t step)
{
    if (net != NULL)
        net->running.random_key = mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15)) + step);
}

/* The key of a node's random draws at this step. */
static uint64_t node_key(const gop_net *net, size_t index)
{
    return mix(net->running.random_key + (uint64_t)index * UINT64_C(0x9e3779b97f4a7c15));
}

/* Index of the first element that is not finite, or `n`. */
static size_t first_not_finite(const gop_real *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return i;
    return n;
}

/* `op` computed it; NULL for an input or parameter. */
static gop_status check_var(const net_var *v, const gop_real *data, const gop_op *op,
                            gop_error *err)
{
    size_t n = gop_shape_size(v->shape), at = data == NULL ? n : first_not_finite(data, n);
    if (at == n)
        return GOP_OK;
    char shape[80];
    const char *dot = strrchr(v->name, '.'), *what;
    const bool named = op != NULL && strcmp(dot != NULL ? dot + 1 : v->name, op->name) != 0;
    if (op == NULL)
        what = v->kind == VAR_INPUT ? "input" : "parameter";
    else
        what = named ? "the result" : "the result of operator";
    return gop_fail(err, GOP_ENUMERIC, "%s %s %s%s%s holds %s at element %zu", what, v->name,
                    gop_shape_text(shape, sizeof shape, v->shape), named ? " of operator " : "",
                    named ? op->name : "", isnan(data[at]) ? "NaN" : "an infinity", at);
}

/* Sets up node i to run alone, and prepares its memory. */
static net_bound *start(gop_net *net, size_t i)
{
    net_bound *b = &net->running.bound[i];
    b->run.random_key = node_key(net, i);
    b->run.chain = NULL;
    gop_net_pack(net, i);
    return b;
}

/* Whether node i runs at this step of a stepper, and in any other net. */
static bool is_due(const gop_net *net, size_t i)
{
    return net->running.due == NULL || net->running.due[i];
}

/* Runs node i as the leader of the nodes up to `last`. */
static void forward_nodes(gop_net *net, size_t i, size_t last)
{
    gop_chain *chain = &net->running.chain;
    net_bound *lead = start(net, i);

    chain->n = 0;
    chain->back = false;
    for (size_t k = i + 1; k <= last; k++)
        if (!(net->nodes[k].flags & GOP_OP_VIEW) && is_due(net, k))
            chain->link[chain->n++] = start(net, k);
    if (chain->n > 0)
        lead->run.chain = chain;
    gop_net_run_forward(net, i);
}

static gop_status run_forward(gop_net *net, bool check, gop_error *err)
{
    gop_status s = gop_net_check(net, "gop_net_forward", err);
    if (s != GOP_OK)
        return s;
    gop_net_bind_runs(net);
    if (check)
        for (size_t i = 0; i < net->n_vars && s == GOP_OK; i++)
            if (net->vars[i].kind != VAR_RESULT)
                s = check_var(&net->vars[i], gop_net_value_ptr(net, (int32_t)i), NULL, err);
    const uint64_t version = gop_params_version(net->params);
    net->running.settles = check || !gop_params_closed(net->params) ||
                           net->running.settled != version;
    net->running.runs++;
    if (net->training)
        gop_params_changed(net->params);
    gop_net_pack_settled(net);
    net->running.ran = false; /* until the end: backward reads what this run overwrites */
    for (size_t i = 0; i < net->n_nodes && s == GOP_OK; i++) {
        const net_node *n = &net->nodes[i];
        if ((n->flags & GOP_OP_VIEW) || (n->settled && !net->running.settles) || !is_due(net, i))
            continue;
        s = gop_stopped(&net->ctx->stop, "gop_net_forward", err);
        if (s != GOP_OK)
            break;
        /* Each result is checked as its operator left it, so nothing runs together. */
        const size_t last = check ? i : (size_t)n->last;
        const double before = gop_profile_start(net);
        forward_nodes(net, i, last);
        gop_profile_stop(net, i, last - i + 1, 0, before);
        if (check)
            s = check_var(&net->vars[n->out], gop_net_value_ptr(net, n->out), n->op, err);
        i = last;
    }
    if (s == GOP_OK) {
        net->running.ran = true;
        net->running.settled = version;
    }
    return s;
}

gop_status gop_net_forward(gop_net *net, gop_error *err)
{
    return run_forward(net, false, err);
}

gop_status gop_net_forward_finite(gop_net *net, gop_error *err)
{
    return run_forward(net, true, err);
}
