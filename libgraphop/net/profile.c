/*
 * profile.c: the cost of each operator of a net: calls, time, products, bytes.  Runs nothing, and
 * allocates memory only when it is switched on.
 *
 * Time is measured by CLOCK_MONOTONIC around an operator's call, on the calling thread: it includes
 * waiting for other threads and excludes the work of a run between calls.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/clock.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The planned cost of one call of an operator alone: [0] forward, [1] backward without and [2] with
 * the parameters' gradients. */
typedef struct cost {
    uint64_t madds[3], bytes[3];
} cost;

typedef struct net_cost {
    const char *name;
    cost one;
    gop_profile_work sum[2]; /* forward, backward */
} net_cost;

/* Whether backward computes the gradient of input k. */
static bool wanted(const gop_net *net, const net_node *n, size_t k, bool params)
{
    if (n->in[k] < 0 || !net->vars[n->in[k]].wants_grad)
        return false;
    return params || net->vars[net->vars[n->in[k]].gbase].kind != VAR_PARAM;
}

static bool runs_backward(const gop_net *net, const net_node *n, bool params)
{
    if (n->flags & GOP_OP_VIEW || !net->planned || !net->vars[n->out].wants_grad)
        return false;
    for (size_t k = 0; k < n->n_in; k++)
        if (wanted(net, n, k, params))
            return true;
    return false;
}

static uint64_t madds_backward(const gop_net *net, size_t i, bool params)
{
    const net_node *n = &net->nodes[i];
    bool want[GOP_MAX_INPUTS];
    uint64_t sum = 0;
    if (!runs_backward(net, n, params))
        return 0;
    for (size_t k = 0; k < n->n_in; k++) {
        want[k] = wanted(net, n, k, params);
        if (want[k] && n->in_shape[k].rank >= 2)
            sum += n->madds;
    }
    if (n->op->madds_backward == NULL)
        return sum;
    gop_op_plan p = {.ctx = net->ctx,
                     .attr = n->attr,
                     .n_in = n->n_in,
                     .training = net->training,
                     .flags = n->flags,
                     .out = net->vars[n->out].shape,
                     .saved = n->saved,
                     .work = n->work,
                     .madds = n->madds,
                     .err = NULL};
    memcpy(p.in, n->in_shape, n->n_in * sizeof *p.in);
    return n->op->madds_backward(&p, want);
}

/* Elements that a call of node n reads and writes. */
static uint64_t elements(const gop_net *net, const net_node *n, int backward)
{
    uint64_t out = gop_shape_size(net->vars[n->out].shape), sum = out + n->saved;
    if (backward && (n->flags & GOP_OP_NEEDS_OUT))
        sum += out;
    for (size_t k = 0; k < n->n_in; k++) {
        uint64_t in = n->in[k] < 0 ? 0 : gop_shape_size(n->in_shape[k]);
        if (!backward || (n->flags & GOP_OP_NEEDS_IN))
            sum += in;
        if (backward && wanted(net, n, k, backward == 2))
            sum += in;
    }
    return sum;
}

static cost cost_of(const gop_net *net, size_t i)
{
    const net_node *n = &net->nodes[i];
    cost c;
    memset(&c, 0, sizeof c);
    if (n->flags & GOP_OP_VIEW)
        return c;
    c.madds[0] = n->madds;
    c.bytes[0] = elements(net, n, 0) * sizeof(gop_real);
    for (int b = 1; b <= 2; b++)
        if (runs_backward(net, n, b == 2)) {
            c.madds[b] = madds_backward(net, i, b == 2);
            c.bytes[b] = elements(net, n, b) * sizeof(gop_real);
        }
    return c;
}

typedef struct label {
    const char *name;
    size_t node;
} label;

static int by_name(const void *a, const void *b)
{
    const label *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->node > y->node) - (x->node < y->node);
}

/* The names of all rows: the second result of a name gets " (2)" behind it, and so on. */
static gop_status name_rows(gop_net *net, struct net_cost *rows, gop_error *err)
{
    enum { DIGITS = 24 };
    const size_t n = net->n_nodes;
    size_t size = 1, count = 1;
    label *labels = malloc((n + 1) * sizeof *labels);
    for (size_t i = 0; i < n && labels != NULL; i++) {
        labels[i] = (label){net->vars[net->nodes[i].out].name, i};
        size += strlen(labels[i].name) + DIGITS;
    }
    char *to = net->profile.numbered = labels != NULL ? malloc(size) : NULL;
    if (to == NULL) {
        free(labels);
        return gop_fail(err, GOP_ENOMEM, "gop_net_profile: out of memory");
    }
    qsort(labels, n, sizeof *labels, by_name);
    for (size_t i = 0; i < n; i++) {
        count = i > 0 && strcmp(labels[i].name, labels[i - 1].name) == 0 ? count + 1 : 1;
        rows[labels[i].node].name = count > 1 ? to : labels[i].name;
        if (count > 1)
            to += snprintf(to, strlen(labels[i].name) + DIGITS, "%s (%zu)", labels[i].name, count) +
                  1;
    }
    free(labels);
    return GOP_OK;
}

static gop_status make_rows(gop_net *net, gop_error *err)
{
    struct net_cost *rows = calloc(net->n_nodes + 1, sizeof *rows);
    const gop_status s = rows != NULL ? name_rows(net, rows, err)
                                      : gop_fail(err, GOP_ENOMEM, "gop_net_profile: out of memory");
    if (s == GOP_OK)
        net->profile.rows = rows;
    else
        free(rows);
    return s;
}

gop_status gop_net_profile(gop_net *net, bool on, gop_error *err)
{
    if (net == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_profile: no net");
    if (!net->planned)
        return gop_fail(err, GOP_ESTATE, "gop_net_profile: the net is not planned yet");
    net->profile.on = false;
    if (!on)
        return GOP_OK;
    if (net->profile.rows == NULL)
        gop_try(make_rows(net, err));
    for (size_t i = 0; i < net->n_nodes; i++)
        net->profile.rows[i] = (net_cost){.name = net->profile.rows[i].name,
                                          .one = cost_of(net, i)};
    net->profile.on = true;
    return GOP_OK;
}

double gop_profile_start(const gop_net *net)
{
    return net->profile.on ? gop_clock() : 0;
}

void gop_profile_stop(gop_net *net, size_t i, size_t count, int backward, double before)
{
    if (!net->profile.on)
        return;
    net_cost *e = &net->profile.rows[i];
    gop_profile_work *w = &e->sum[backward != 0];
    w->seconds += gop_clock() - before;
    w->calls++;
    if (count > w->fused)
        w->fused = count;
    for (size_t k = 0; k < count; k++) {
        w->madds += e[k].one.madds[backward];
        w->bytes += e[k].one.bytes[backward];
    }
}

size_t gop_net_profile_rows(const gop_net *net)
{
    return net == NULL || net->profile.rows == NULL ? 0 : net->n_nodes;
}

gop_profile_row gop_net_profile_row(const gop_net *net, size_t index)
{
    gop_profile_row r;
    memset(&r, 0, sizeof r);
    if (index >= gop_net_profile_rows(net))
        return r;
    const net_cost *e = &net->profile.rows[index];
    r.op = net->nodes[index].op->name;
    r.name = e->name;
    r.forward = e->sum[0];
    r.backward = e->sum[1];
    return r;
}

gop_net_cost gop_net_costs(const gop_net *net)
{
    gop_net_cost s = {0, 0, 0, 0};
    if (net == NULL)
        return s;
    s.ops = net->n_nodes;
    s.bytes = net->layout.bytes;
    for (size_t i = 0; i < net->n_nodes; i++) {
        s.madds += net->nodes[i].madds;
        s.madds_backward += madds_backward(net, i, true);
    }
    return s;
}
