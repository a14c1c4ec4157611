/*
 * prepare.c: what operators prepare from their weights before they run.
 *
 * Nodes with the same operator, attributes and weights share it: the steps of a
 * roll-out do.  It is made when the first of them runs and then kept until the
 * parameters change; in a training net that is every run.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "net/net.h"
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

static bool made_from(const node *n, size_t input)
{
    return input < n->n_in && n->in[input] >= 0 && (n->prepared_from >> input & 1) != 0;
}

static bool same(const node *a, const node *b)
{
    if (a->op != b->op || a->prepared != b->prepared || a->prepared_from != b->prepared_from ||
        a->n_in != b->n_in ||
        (a->op->attr_size > 0 && memcmp(a->attr, b->attr, a->op->attr_size) != 0))
        return false;
    for (size_t i = 0; i < a->n_in; i++)
        if ((a->prepared_from >> i & 1) != 0 && a->in[i] != b->in[i])
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
        if (n->prepared == 0)
            continue;
        for (size_t j = 0; j < i && n->slot == NO_SLOT; j++)
            if (net->nodes[j].slot != NO_SLOT && same(&net->nodes[j], n))
                n->slot = net->nodes[j].slot;
        if (n->slot == NO_SLOT) {
            prep s = {.size = n->prepared, .every_run = changes_between_runs(net, n)};
            n->slot = net->n_slots;
            net->slots[net->n_slots++] = s;
        }
    }
    return GOP_OK;
}

void gop_net_prepare(gop_net *net, const node *n, const gop_run *r)
{
    if (n->slot == NO_SLOT)
        return;
    prep *s = &net->slots[n->slot];
    const uint64_t now = s->every_run ? net->runs : gop_params_version(net->params);
    if (s->version == now)
        return;
    n->op->prepare(r);
    s->version = now;
}
