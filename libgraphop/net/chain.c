/*
 * chain.c: operators that run together, range by range.
 *
 * Forward, an operator that streams its result (GOP_OP_STREAMS_OUT) or is element-wise leads
 * the element-wise operators after it: as soon as some of its rows are final, these run on them
 * while they are in a near cache.  Backward, before an operator that streams its gradient
 * (GOP_OP_STREAMS_GRAD) reads rows, the operators after it compute them.  Only the recorded order
 * decides which operators run together, and each computes the same as alone.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/tuning.h"
#include "net/net.h"

static size_t row_of(gop_shape s)
{
    return s.rank > 0 ? s.dim[s.rank - 1] : 1;
}

/* Whether node n reads results of the nodes [from, to), and only the range that it processes: no
 * row that is added to all others, no input to prepare from.  All nodes of a chain therefore have
 * the shape of the first. */
static bool reads_ranges_of(const gop_net *net, const net_node *n, int32_t from, int32_t to)
{
    bool any = false;
    for (size_t k = 0; k < n->n_in; k++) {
        if (n->in[k] < 0 || net->vars[n->in[k]].node < from || net->vars[n->in[k]].node >= to)
            continue;
        if ((n->prepared > 0 && (n->prepared_from >> k & 1) != 0) ||
            !gop_shape_equal(net->vars[n->in[k]].shape, net->vars[n->out].shape))
            return false;
        any = true;
    }
    return any;
}

/* Whether a node's gradients are computed range by range. */
static bool ranges_back(const gop_op *op, unsigned flags)
{
    return op->rows_back != NULL && (op->backward == NULL || !(flags & GOP_OP_WHOLE_GRAD));
}

/* Whether node i can join the nodes [lead, i). */
static bool joins(const gop_net *net, int32_t lead, int32_t i, bool back)
{
    const net_node *n = &net->nodes[i];
    const bool runs = (n->flags & GOP_OP_ELEMENTWISE) != 0 &&
                      (back ? ranges_back(n->op, n->flags) : n->op->rows != NULL);
    /* A view of the same shape needs no work on a range. */
    const bool passes = !back && (n->flags & GOP_OP_VIEW) != 0;
    return i - lead < CHAIN_MAX && (runs || passes) && n->settled == net->nodes[lead].settled &&
           reads_ranges_of(net, n, lead, i);
}

void gop_net_find_chains(gop_net *net)
{
    const int32_t n = (int32_t)net->n_nodes;
    for (int32_t i = 0; i < n; i++) {
        net_node *d = &net->nodes[i];
        d->first = d->last = d->back_first = d->back_last = i;
    }
    for (int32_t i = 0, j; i < n; i = j) {
        const unsigned flags = net->nodes[i].flags;
        for (j = i + 1; j < n && (flags & (GOP_OP_STREAMS_OUT | GOP_OP_ELEMENTWISE)) &&
                        joins(net, i, j, false);)
            j++;
        for (int32_t k = i; k < j; k++) {
            net->nodes[k].first = i;
            net->nodes[k].last = j - 1;
        }
    }
    for (int32_t i = 0, j; i < n && net->training; i = j) {
        for (j = i + 1;
             j < n && (net->nodes[i].flags & GOP_OP_STREAMS_GRAD) && joins(net, i, j, true);)
            j++;
        for (int32_t k = i; k < j; k++) {
            net->nodes[k].back_first = i;
            net->nodes[k].back_last = j - 1;
        }
    }
}

bool gop_net_leader_spares(const gop_net *net, size_t i, int32_t base)
{
    const net_node *lead = &net->nodes[net->nodes[i].first];
    if (net->nodes[i].first == (int32_t)i || (lead->flags & GOP_OP_ELEMENTWISE) != 0)
        return true;
    for (size_t k = 0; k < lead->n_in; k++)
        if (lead->in[k] >= 0 && net->vars[lead->in[k]].vbase == base)
            return false;
    return true;
}

static void run_links(const gop_chain *c, bool back, size_t from, size_t to)
{
    if (c == NULL || c->back != back)
        return;
    for (size_t i = 0; i < c->n; i++) {
        const net_bound *b = c->link[i];
        (back ? b->op->rows_back : b->op->rows)(&b->run, from, to);
    }
}

void gop_run_produced(const gop_run *r, size_t from, size_t to)
{
    if (r != NULL)
        run_links(r->chain, false, from, to);
}

void gop_run_needs(const gop_run *r, size_t from, size_t to)
{
    if (r != NULL)
        run_links(r->chain, true, from, to);
}

typedef struct job {
    const net_bound *b;
    size_t size, step;
} job;

static void forward_range(void *arg, size_t i)
{
    const job *j = arg;
    const size_t from = i * j->step, to = j->size - from < j->step ? j->size : from + j->step;
    j->b->op->rows(&j->b->run, from, to);
    gop_run_produced(&j->b->run, from, to);
}

static void backward_range(void *arg, size_t i)
{
    const job *j = arg;
    const size_t from = i * j->step, to = j->size - from < j->step ? j->size : from + j->step;
    j->b->op->rows_back(&j->b->run, from, to);
}

static void by_ranges(const net_bound *b, void (*range)(void *arg, size_t i))
{
    const size_t row = row_of(b->run.out_shape);
    job j = {b, gop_shape_size(b->run.out_shape), row < GOP_CHUNK ? GOP_CHUNK / row * row : row};
    gop_parallel(b->run.ctx, (j.size + j.step - 1) / j.step, range, &j);
}

void gop_net_run_forward(const gop_net *net, size_t i)
{
    const net_bound *b = &net->running.bound[i];
    if (net->nodes[i].flags & GOP_OP_ELEMENTWISE)
        by_ranges(b, forward_range);
    else
        b->op->forward(&b->run);
}

void gop_net_run_backward(const gop_net *net, size_t i)
{
    const net_bound *b = &net->running.bound[i];
    if (ranges_back(b->op, net->nodes[i].flags))
        by_ranges(b, backward_range);
    else
        b->op->backward(&b->run);
}
