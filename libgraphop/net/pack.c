/*
 * pack.c: the memory that operators prepare from their weights before they run.
 *
 * Nodes with the same operator, attributes and weights, such as the steps of a roll-out, share it.
 * Memory that depends only on parameters, statistics and constants is prepared at the start of a
 * run after these have changed, and by gop_net_plan if the params are closed.  Memory that depends
 * on results is prepared before the first node that shares it runs: in every run, or in those that
 * compute the settled nodes if it depends on results of these alone.  In a training net all of it
 * is prepared in every run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"
#include "net/pack.h"
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

static bool made_from(const net_node *n, size_t input)
{
    return input < n->n_in && n->in[input] >= 0 && (n->prepared_from >> input & 1) != 0;
}

bool gop_net_packs(const gop_net *net, gop_var v)
{
    for (size_t i = 0; i < net->n_nodes; i++)
        for (size_t k = 0; k < net->nodes[i].n_in; k++)
            if (net->nodes[i].prepared > 0 && made_from(&net->nodes[i], k) &&
                net->vars[net->nodes[i].in[k]].vbase == v.id)
                return true;
    return false;
}

/* Whether the prepared memory of a node, folded or not, depends on the input. */
static bool matters(const net_node *n, size_t input)
{
    return (n->prepared_from >> input & 1) != 0 || gop_net_folds_input(n, input);
}

static bool same(const gop_net *net, const net_node *a, const net_node *b)
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

static void find_when(net_slot *s, const gop_net *net, const net_node *n)
{
    s->when = net->training ? MADE_EVERY_RUN : MADE_AT_START;
    for (size_t i = 0; i < n->n_in; i++)
        if (made_from(n, i)) {
            const net_var *v = &net->vars[net->vars[n->in[i]].vbase];
            if (v->kind == VAR_INPUT || (v->kind == VAR_RESULT && !net->nodes[v->node].settled))
                s->when = MADE_EVERY_RUN;
            else if (v->kind == VAR_RESULT && s->when == MADE_AT_START)
                s->when = MADE_WITH_SETTLED;
        }
}

gop_status gop_net_find_slots(gop_net *net, gop_error *err)
{
    net_packing *p = &net->packing;
    p->slots = calloc(net->n_nodes + 1, sizeof *p->slots);
    if (p->slots == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    for (size_t i = 0; i < net->n_nodes; i++) {
        net_node *n = &net->nodes[i];
        const size_t size = gop_net_leads(n) ? net->folding.folds[n->fold].size : n->prepared;
        if (size == 0)
            continue;
        for (size_t j = 0; j < i && n->slot == NO_SLOT; j++)
            if (net->nodes[j].slot != NO_SLOT && same(net, &net->nodes[j], n))
                n->slot = net->nodes[j].slot;
        if (n->slot == NO_SLOT) {
            n->slot = p->n;
            p->slots[p->n] = (net_slot){.size = size, .node = i};
            find_when(&p->slots[p->n++], net, n);
        }
    }
    return GOP_OK;
}

static void make(const gop_net *net, size_t i)
{
    if (net->nodes[i].fold >= 0)
        gop_net_prepare_folded(net, i);
    else
        net->nodes[i].op->prepare(&net->running.bound[i].run);
}

void gop_net_pack_settled(gop_net *net)
{
    const uint64_t now = gop_params_version(net->params);
    for (size_t i = 0; i < net->packing.n; i++) {
        net_slot *s = &net->packing.slots[i];
        if (s->when != MADE_AT_START || s->version == now)
            continue;
        make(net, s->node);
        s->version = now;
    }
}

void gop_net_pack(gop_net *net, size_t i)
{
    if (net->nodes[i].slot == NO_SLOT)
        return;
    net_slot *s = &net->packing.slots[net->nodes[i].slot];
    if (s->when == MADE_AT_START || s->version == net->running.runs ||
        (s->when == MADE_WITH_SETTLED && !net->running.settles))
        return;
    make(net, i);
    s->version = net->running.runs;
}
