/*
 * members.c: see members.h.  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/members.h"

/* The mean of one result of all members; none if they lack it. */
static gop_var mean_of(gop_net *net, const gop_var *v, size_t n)
{
    gop_var sum = v[0];
    for (size_t i = 1; i < n && sum.id >= 0; i++)
        sum = gop_add(net, sum, v[i]);
    return sum.id < 0 ? sum : gop_scale(net, sum, 1 / (double)n);
}

/* Records network k, counted from 0, under its prefix. */
static void record_member(gop_net *net, const zoo_model *m, zoo_use use, size_t k, zoo_ports *p)
{
    gop_net_push(net, "%zu", k + 1);
    m->type->record(net, m->config.bytes, &use, p);
    gop_net_pop(net);
    if (use.inputs != NULL && gop_net_status(net) == GOP_OK && p->x.id != use.inputs->x.id)
        gop_net_fail(net, GOP_EINVAL,
                     "type %s cannot be in an ensemble: it does not record its input by "
                     "zoo_observe",
                     m->type->name);
}

void zoo_record_members(gop_net *net, const zoo_model *m, const zoo_use *use, zoo_ports *ports)
{
    zoo_ports p[ZOO_FUSE_MAX];
    gop_var scores[ZOO_FUSE_MAX], poses[ZOO_FUSE_MAX], features[ZOO_FUSE_MAX];
    const size_t n = m->members;
    zoo_use own = *use;
    if (use->member > (n > 1 ? n : 0)) {
        gop_net_fail(net, GOP_EINVAL, "the model has no member %zu", use->member);
    } else if (n < 2) {
        m->type->record(net, m->config.bytes, use, ports);
    } else if (gop_net_training(net)) {
        gop_net_fail(net, GOP_EINVAL,
                     "an ensemble cannot be trained; train its members and fuse them again");
    } else if (use->member > 0) {
        record_member(net, m, own, use->member - 1, ports);
    } else {
        for (size_t i = 0; i < n && gop_net_status(net) == GOP_OK; i++) {
            p[i] = zoo_ports_none();
            own.inputs = i > 0 ? &p[0] : NULL;
            record_member(net, m, own, i, &p[i]);
            scores[i] = p[i].scores;
            poses[i] = p[i].poses;
            features[i] = p[i].features;
        }
        if (gop_net_status(net) != GOP_OK)
            return;
        *ports = p[0];
        ports->scores = mean_of(net, scores, n);
        ports->poses = mean_of(net, poses, n);
        ports->features = mean_of(net, features, n);
    }
}
