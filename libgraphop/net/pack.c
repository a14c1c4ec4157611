/*
 * pack.c: what operators prepare from their weights before they run.
 *
 * Nodes with the same operator, attributes and weights share it: the steps of a
 * roll-out do.  What is made from parameters, statistics and constants alone is made at the
 * beginning of a run when these have changed, and by gop_net_plan for those of a file.  What
 * is made from other values, and in a training net all of it, is made in every run, when
 * the first of the nodes that share it is about to run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

static bool made_from(const node *n, size_t input)
{
    return input < n->n_in && n->in[input] >= 0 && (n->prepared_from >> input & 1) != 0;
}

bool gop_net_same_value(const gop_net *net, int32_t a, int32_t b)
{
    if (a == b || a < 0 || b < 0)
        return a == b;
    const var *v = &net->vars[a], *w = &net->vars[b];
    return v->kind == w->kind && (v->kind == VAR_PARAM || v->kind == VAR_STAT) &&
           v->param == w->param;
}

/* Whether what is prepared for a folded or usual node depends on the input. */
static bool matters(const node *n, size_t input)
{
    return (n->prepared_from >> input & 1) != 0 || gop_net_folds_input(n, input);
}

static bool same(const gop_net *net, const node *a, const node *b)
{
    if (!gop_net_same_fold(net, a, b))
        return false;
    if (a->op != b->op || a->prepared != b->prepared || a->prepared_from != b->prepared_from ||
        a->n_in != b->n_in ||
        (a->op->attr_size > 0 && memcmp(a->attr, b->attr, a->op->attr_size) != 0))
        return false;
    for (size_t i = 0; i < a->n_in; i++)
        if (matters(a, i) && !gop_net_same_value(net, a->in[i], b->in[i]))
            return false;
    return true;
}

static bool changes_between_runs(const gop_net *net, const node *n)
{
    for (size_t i = 0; i < n->n_in; i++)
        if (made_from(n, i)) {
            const var_kind kind = net->vars[net->vars[n->in[i]].vbase].kind;
            if (kind != VAR_PARAM && kind != VAR_STAT && kind != VAR_CONSTANT)
                return true;
        }
    return net->training;
}

gop_status gop_net_find_slots(gop_net *net, gop_error *err)
{
    net->slots = calloc(net->n_nodes + 1, sizeof *net->slots);
    if (net->slots == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    for (size_t i = 0; i < net->n_nodes; i++) {
        node *n = &net->nodes[i];
        const bool leads = n->fold >= 0 && n->folded == NULL;
        const size_t size = leads ? net->folds[n->fold].size : n->prepared;
        if (size == 0)
            continue;
        for (size_t j = 0; j < i && n->slot == NO_SLOT; j++)
            if (net->nodes[j].slot != NO_SLOT && same(net, &net->nodes[j], n))
                n->slot = net->nodes[j].slot;
        if (n->slot == NO_SLOT) {
            prep s = {.size = size, .node = i, .every_run = changes_between_runs(net, n)};
            n->slot = net->n_slots;
            net->slots[net->n_slots++] = s;
        }
    }
    return GOP_OK;
}

static void make(const gop_net *net, const node *n, const gop_run *r)
{
    if (n->fold >= 0)
        gop_net_prepare_folded(net, n, r);
    else
        n->op->prepare(r);
}

void gop_net_prepare_settled(gop_net *net)
{
    const uint64_t now = gop_params_version(net->params);
    for (size_t i = 0; i < net->n_slots; i++) {
        prep *s = &net->slots[i];
        if (s->every_run || s->version == now)
            continue;
        gop_real *in[GOP_MAX_INPUTS];
        const gop_run r = gop_net_start_run(net, s->node, in);
        make(net, &net->nodes[s->node], &r);
        s->version = now;
    }
}

void gop_net_prepare(gop_net *net, const node *n, const gop_run *r)
{
    if (n->slot == NO_SLOT)
        return;
    prep *s = &net->slots[n->slot];
    if (!s->every_run || s->version == net->runs)
        return;
    make(net, n, r);
    s->version = net->runs;
}
