/*
 * run.c: running a planned net: forward, checked forward, backward, and access
 * to values.  Allocates nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"
#include "net/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const var *var_at(const gop_net *net, int32_t id)
{
    return net == NULL || id < 0 || (size_t)id >= net->n_vars ? NULL : &net->vars[id];
}

gop_real *gop_net_value_ptr(const gop_net *net, int32_t id)
{
    const var *v = var_at(net, id);
    if (v == NULL)
        return NULL;
    const var *b = &net->vars[v->vbase];
    if (b->kind == VAR_PARAM || b->kind == VAR_STAT)
        return gop_params_info(net->params, b->param).data;
    return b->value_at == NO_PLACE ? NULL : net->memory + b->value_at;
}

gop_real *gop_net_grad_ptr(const gop_net *net, int32_t id)
{
    const var *v = var_at(net, id);
    if (v == NULL || !v->wants_grad)
        return NULL;
    const var *b = &net->vars[v->gbase];
    return b->grad_at == NO_PLACE ? NULL : net->memory + b->grad_at;
}

gop_real *gop_net_value(const gop_net *net, gop_var id)
{
    const var *v = var_at(net, id.id);
    if (v == NULL || !net->planned || (v->kind == VAR_RESULT && !v->keep))
        return NULL;
    return gop_net_value_ptr(net, id.id);
}

gop_real *gop_net_grad(const gop_net *net, gop_var id)
{
    const var *v = var_at(net, id.id);
    if (v == NULL || !net->planned || !v->keep)
        return NULL;
    return gop_net_grad_ptr(net, id.id);
}

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
        net->random_key = mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15)) + step);
}

uint64_t gop_net_node_key(const gop_net *net, size_t index)
{
    return mix(net->random_key + (uint64_t)index * UINT64_C(0x9e3779b97f4a7c15));
}

gop_run gop_net_start_run(const gop_net *net, size_t i, gop_real **in)
{
    const node *n = &net->nodes[i];
    for (size_t k = 0; k < n->n_in; k++) {
        in[k] = gop_net_value_ptr(net, n->in[k]);
        if (gop_net_folds_input(n, k) && net->folds[n->fold].copy_at[k] != NO_PLACE)
            in[k] = net->memory + net->slots[n->slot].at + net->folds[n->fold].copy_at[k];
    }
    gop_run r = {
        .ctx = net->ctx,
        .attr = n->attr,
        .n_in = n->n_in,
        .in_shape = n->in_shape,
        .out_shape = net->vars[n->out].shape,
        .in = in,
        .out = gop_net_value_ptr(net, n->out),
        .saved = n->saved_at == NO_PLACE ? NULL : net->memory + n->saved_at,
        .work = net->memory + net->work_at,
        .prepared = n->slot == NO_SLOT ? NULL : net->memory + net->slots[n->slot].at,
        .training = net->training,
        .random_key = gop_net_node_key(net, i),
    };
    return r;
}

static gop_status ready_to_run(const gop_net *net, const char *what, gop_error *err)
{
    if (net == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: no net", what);
    if (net->err.status != GOP_OK)
        return gop_fail(err, net->err.status, "%s", net->err.message);
    if (!net->planned)
        return gop_fail(err, GOP_ESTATE, "%s: the net is not planned yet", what);
    return GOP_OK;
}

/* Index of the first element that is not finite, or `n`. */
static size_t first_not_finite(const gop_real *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return i;
    return n;
}

/* `op`: which computed it; NULL for what was given. */
static gop_status check_var(const var *v, const gop_real *data, const gop_op *op, gop_error *err)
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

/* Node i, which leads those up to `last`. */
static void forward_nodes(gop_net *net, size_t i, size_t last)
{
    gop_chain *chain = net->chain;
    gop_real *in[GOP_MAX_INPUTS];
    gop_run r = gop_net_start_run(net, i, in);

    gop_net_prepare(net, &net->nodes[i], &r);
    chain->n = 0;
    chain->back = false;
    for (size_t k = i + 1; k <= last; k++) {
        if (net->nodes[k].flags & GOP_OP_VIEW)
            continue;
        link *l = &chain->links[chain->n++];
        l->op = net->nodes[k].op;
        l->run = gop_net_start_run(net, k, l->in);
        gop_net_prepare(net, &net->nodes[k], &l->run);
    }
    r.chain = chain->n > 0 ? chain : NULL;
    gop_net_run_forward(&net->nodes[i], &r);
}

static gop_status run_forward(gop_net *net, bool check, gop_error *err)
{
    gop_status s = ready_to_run(net, "gop_net_forward", err);
    if (s != GOP_OK)
        return s;
    if (check)
        for (size_t i = 0; i < net->n_vars && s == GOP_OK; i++)
            if (net->vars[i].kind != VAR_RESULT)
                s = check_var(&net->vars[i], gop_net_value_ptr(net, (int32_t)i), NULL, err);
    net->runs++;
    if (net->training)
        gop_params_changed(net->params);
    gop_net_prepare_settled(net);
    for (size_t i = 0; i < net->n_nodes && s == GOP_OK; i++) {
        const node *n = &net->nodes[i];
        if (n->flags & GOP_OP_VIEW)
            continue;
        /* Checks want each result as its operator left it, so nothing runs together. */
        const size_t last = check ? i : (size_t)n->last;
        const double before = gop_profile_start(net);
        forward_nodes(net, i, last);
        gop_profile_stop(net, i, last - i + 1, 0, before);
        if (check)
            s = check_var(&net->vars[n->out], gop_net_value_ptr(net, n->out), n->op, err);
        i = last;
    }
    if (s == GOP_OK)
        net->ran = true;
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

/* Where the gradient of var id goes; *add says whether something is there. */
static gop_real *gradient_target(gop_net *net, int32_t id, gop_real *grads, bool *add)
{
    *add = false;
    if (id < 0 || !net->vars[id].wants_grad)
        return NULL;
    var *b = &net->vars[net->vars[id].gbase];
    if (b->kind == VAR_PARAM) {
        *add = true;
        return grads == NULL ? NULL : grads + gop_params_info(net->params, b->param).offset;
    }
    *add = b->ready;
    b->ready = true;
    return b->grad_at == NO_PLACE ? NULL : net->memory + b->grad_at;
}

/* An operator that gets one value twice must find zeros there and add twice. */
static void join_repeated(gop_net *net, const node *n, gop_real **din, bool *add)
{
    for (size_t a = 0; a < n->n_in; a++)
        for (size_t b = a + 1; b < n->n_in; b++)
            if (din[a] != NULL && din[a] == din[b] && !add[a]) {
                memset(din[a], 0, gop_shape_size(net->vars[n->in[a]].shape) * sizeof(gop_real));
                add[a] = add[b] = true;
            }
}

/* Node i's backward run in l; false when nobody wants a gradient from it. */
static bool start_backward(gop_net *net, size_t i, gop_real *grads, link *l)
{
    const node *n = &net->nodes[i];
    bool any = false;
    for (size_t k = 0; k < n->n_in; k++) {
        l->din[k] = gradient_target(net, n->in[k], grads, &l->add[k]);
        any = any || l->din[k] != NULL;
    }
    if (!any)
        return false;
    join_repeated(net, n, l->din, l->add);
    l->op = n->op;
    l->run = gop_net_start_run(net, i, l->in);
    l->run.din = l->din;
    l->run.add = l->add;
    l->run.dout = gop_net_grad_ptr(net, n->out);
    return true;
}

/* Whether gradients stop at var id, under whichever name. */
static bool is_stop(const gop_net *net, int32_t id, const gop_pass *pass)
{
    for (size_t k = 0; k < pass->n_stop; k++)
        if (net->vars[pass->stop[k].id].gbase == net->vars[id].gbase)
            return true;
    return false;
}

/* Whether a gradient has reached node i's result and may go on. */
static bool reached(const gop_net *net, size_t i, const gop_pass *pass)
{
    const node *n = &net->nodes[i];
    const var *out = &net->vars[n->out];
    return out->wants_grad && net->vars[out->gbase].ready && !(n->flags & GOP_OP_VIEW) &&
           !is_stop(net, n->out, pass);
}

/* Nodes [i, last]: those after i wait until i asks for what they give. */
static void backward_nodes(gop_net *net, size_t i, size_t last, const gop_pass *pass,
                           gop_real *grads)
{
    gop_chain *chain = net->chain;
    const int how = grads == NULL ? 1 : 2;
    size_t which[CHAIN_MAX];
    link one;

    chain->n = 0;
    chain->back = true;
    for (size_t k = last; k > i; k--)
        if (reached(net, k, pass) && start_backward(net, k, grads, &chain->links[chain->n]))
            which[chain->n++] = k;
    if (reached(net, i, pass) && start_backward(net, i, grads, &one)) {
        const double before = gop_profile_start(net);
        one.run.chain = chain->n > 0 ? chain : NULL;
        gop_net_run_backward(&net->nodes[i], &one.run);
        /* With a gap in the chain its members cannot be told from the number. */
        gop_profile_stop(net, i, chain->n == last - i ? chain->n + 1 : 1, how, before);
        return;
    }
    for (size_t k = 0; k < chain->n; k++) {
        const double before = gop_profile_start(net);
        gop_net_run_backward(&net->nodes[which[k]], &chain->links[k].run);
        gop_profile_stop(net, which[k], 1, how, before);
    }
}

/* Whether all values of a pass exist. */
static gop_status check_pass(const gop_net *net, const char *what, const gop_pass *pass,
                             gop_error *err)
{
    if (pass == NULL || (pass->n_from > 0 && pass->from == NULL) ||
        (pass->n_stop > 0 && pass->stop == NULL))
        return gop_fail(err, GOP_EINVAL, "%s: a list of values is NULL", what);
    for (size_t i = 0; i < pass->n_from; i++)
        if (var_at(net, pass->from[i].id) == NULL)
            return gop_fail(err, GOP_EINVAL, "%s: no such value in from[%zu]", what, i);
    for (size_t i = 0; i < pass->n_stop; i++)
        if (var_at(net, pass->stop[i].id) == NULL)
            return gop_fail(err, GOP_EINVAL, "%s: no such value in stop[%zu]", what, i);
    return GOP_OK;
}

/* Starts the gradients of pass->from; *first is the last node that computes one of them. */
static gop_status seed_gradients(gop_net *net, const gop_pass *pass, int32_t *first, gop_error *err)
{
    *first = -1;
    for (size_t i = 0; i < pass->n_from; i++) {
        const var *v = &net->vars[pass->from[i].id];
        gop_real *g = gop_net_grad_ptr(net, pass->from[i].id);
        if (g == NULL)
            return gop_fail(err, GOP_EINVAL, "gop_net_backward: no parameter lies behind %s",
                            v->name);
        if (pass->seed != NULL ? gop_shape_size(v->shape) != 1 : !v->keep)
            return gop_fail(err, GOP_EINVAL, "gop_net_backward: %s is %s", v->name,
                            pass->seed != NULL ? "not a scalar" : "not kept");
        if (pass->seed != NULL)
            *g = net->vars[v->gbase].ready ? *g + pass->seed[i] : pass->seed[i];
        net->vars[v->gbase].ready = true;
        if (v->node > *first)
            *first = v->node;
    }
    return GOP_OK;
}

gop_status gop_net_backward(gop_net *net, const gop_pass *pass, gop_real *grads, gop_error *err)
{
    int32_t first;
    gop_status s = ready_to_run(net, "gop_net_backward", err);
    if (s != GOP_OK)
        return s;
    if (!net->training)
        return gop_fail(err, GOP_ESTATE, "gop_net_backward: an inference net keeps no gradients");
    if (!net->ran)
        return gop_fail(err, GOP_ESTATE, "gop_net_backward: the net has not run forward yet");
    if ((s = check_pass(net, "gop_net_backward", pass, err)) != GOP_OK)
        return s;
    for (size_t i = 0; i < pass->n_stop; i++)
        if (!net->vars[pass->stop[i].id].keep)
            return gop_fail(err, GOP_EINVAL,
                            "gop_net_backward: %s is not kept, so nothing can stop there",
                            net->vars[pass->stop[i].id].name);
    for (size_t i = 0; i < net->n_vars; i++)
        net->vars[i].ready = false;
    if ((s = seed_gradients(net, pass, &first, err)) != GOP_OK)
        return s;
    for (int32_t i = first; i >= 0; i--) {
        const int32_t last = i;
        i = net->nodes[i].back_first;
        backward_nodes(net, (size_t)i, (size_t)last, pass, grads);
    }
    /* What nothing reached has a gradient of zero, where the caller can see it. */
    for (size_t i = 0; i < net->n_vars; i++) {
        const var *v = &net->vars[i];
        gop_real *g = v->keep ? gop_net_grad_ptr(net, (int32_t)i) : NULL;
        if (g != NULL && !net->vars[v->gbase].ready)
            memset(g, 0, gop_shape_size(v->shape) * sizeof *g);
    }
    return GOP_OK;
}

size_t gop_net_params_size(const gop_net *net)
{
    return net == NULL ? 0 : gop_params_size(net->params);
}

gop_status gop_net_upstream(uint8_t *mask, const gop_net *net, const gop_pass *pass, gop_error *err)
{
    gop_status s = ready_to_run(net, "gop_net_upstream", err);
    if (s == GOP_OK)
        s = check_pass(net, "gop_net_upstream", pass, err);
    if (s != GOP_OK)
        return s;
    if (mask == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_upstream: the mask is NULL");
    bool *behind = calloc(net->n_vars, sizeof *behind);
    if (behind == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_net_upstream: out of memory");
    for (size_t i = 0; i < pass->n_from; i++)
        behind[pass->from[i].id] = true;
    for (size_t i = net->n_nodes; i-- > 0;) {
        const node *n = &net->nodes[i];
        const bool on = behind[n->out] && !is_stop(net, n->out, pass);
        for (size_t k = 0; k < n->n_in && on; k++)
            if (n->in[k] >= 0)
                behind[n->in[k]] = true;
    }
    memset(mask, 0, gop_params_size(net->params));
    for (size_t i = 0; i < net->n_vars; i++) {
        const var *v = &net->vars[i];
        if (behind[i] && v->kind == VAR_PARAM)
            memset(mask + gop_params_info(net->params, v->param).offset, 1,
                   gop_shape_size(v->shape));
    }
    free(behind);
    return GOP_OK;
}

gop_net_cost gop_net_costs(const gop_net *net)
{
    gop_net_cost s = {0, 0, 0, 0};
    if (net == NULL)
        return s;
    s.ops = net->n_nodes;
    s.bytes = net->bytes;
    for (size_t i = 0; i < net->n_nodes; i++) {
        s.madds += net->nodes[i].madds;
        s.madds_backward += gop_net_madds_backward(net, i, true);
    }
    return s;
}
