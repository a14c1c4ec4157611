/*
 * backward.c: gradients of a net that has run forward, and which parameters a pass reaches.
 * Runs allocate nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/ctx.h"
#include "net/net.h"
#include "net/params.h"

#include <stdlib.h>
#include <string.h>

/* Where the gradient of var id goes; *add is set if the gradient already holds something. */
static gop_real *gradient_target(gop_net *net, int32_t id, gop_real *grads, bool *add)
{
    *add = false;
    if (id < 0 || !net->vars[id].wants_grad)
        return NULL;
    net_var *b = &net->vars[net->vars[id].gbase];
    if (b->kind == VAR_PARAM) {
        *add = true;
        return grads == NULL ? NULL : grads + gop_params_info(net->params, b->param).offset;
    }
    *add = b->ready;
    b->ready = true;
    return b->grad_at == NO_PLACE ? NULL : net->layout.memory + b->grad_at;
}

/* For an operator with the same input twice, the gradient is zeroed and accumulated twice. */
static void join_repeated(const net_node *n, net_bound *b)
{
    for (size_t i = 0; i < n->n_in; i++)
        for (size_t k = i + 1; k < n->n_in; k++)
            if (b->din[i] != NULL && b->din[i] == b->din[k] && !b->add[i]) {
                memset(b->din[i], 0, gop_shape_size(n->in_shape[i]) * sizeof(gop_real));
                b->add[i] = b->add[k] = true;
            }
}

/* Points node i's bound run at the gradients of its inputs; false if none is wanted. */
static bool start(gop_net *net, size_t i, gop_real *grads)
{
    const net_node *n = &net->nodes[i];
    net_bound *b = &net->running.bound[i];
    bool any = false;
    for (size_t k = 0; k < n->n_in; k++) {
        b->din[k] = gradient_target(net, n->in[k], grads, &b->add[k]);
        any = any || b->din[k] != NULL;
    }
    b->run.chain = NULL;
    join_repeated(n, b);
    return any;
}

/* Whether gradients stop at var id or at another var that shares its gradient. */
static bool is_stop(const gop_net *net, int32_t id, const gop_pass *pass)
{
    for (size_t k = 0; k < pass->n_stop; k++)
        if (net->vars[pass->stop[k].id].gbase == net->vars[id].gbase)
            return true;
    return false;
}

/* Whether a gradient has reached node i's result and does not stop there. */
static bool reached(const gop_net *net, size_t i, const gop_pass *pass)
{
    const net_node *n = &net->nodes[i];
    const net_var *out = &net->vars[n->out];
    return out->wants_grad && net->vars[out->gbase].ready && !(n->flags & GOP_OP_VIEW) &&
           !is_stop(net, n->out, pass);
}

/* Runs nodes [i, last]: those after i run when i needs their ranges. */
static void backward_nodes(gop_net *net, size_t i, size_t last, const gop_pass *pass,
                           gop_real *grads)
{
    gop_chain *chain = &net->running.chain;
    net_bound *bound = net->running.bound;
    const int how = grads == NULL ? 1 : 2;

    chain->n = 0;
    chain->back = true;
    for (size_t k = last; k > i; k--)
        if (reached(net, k, pass) && start(net, k, grads))
            chain->link[chain->n++] = &bound[k];
    if (reached(net, i, pass) && start(net, i, grads)) {
        const double before = gop_profile_start(net);
        if (chain->n > 0)
            bound[i].run.chain = chain;
        gop_net_run_backward(net, i);
        /* If the chain has a gap, its length does not determine its members. */
        gop_profile_stop(net, i, chain->n == last - i ? chain->n + 1 : 1, how, before);
        return;
    }
    for (size_t k = 0; k < chain->n; k++) {
        const size_t which = (size_t)(chain->link[k] - bound);
        const double before = gop_profile_start(net);
        gop_net_run_backward(net, which);
        gop_profile_stop(net, which, 1, how, before);
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
        if (gop_net_var(net, pass->from[i]) == NULL)
            return gop_fail(err, GOP_EINVAL, "%s: from[%zu] is not a value of this net", what, i);
    for (size_t i = 0; i < pass->n_stop; i++)
        if (gop_net_var(net, pass->stop[i]) == NULL)
            return gop_fail(err, GOP_EINVAL, "%s: stop[%zu] is not a value of this net", what, i);
    return GOP_OK;
}

/* Starts the gradients of pass->from; *first is the last node that computes one of them. */
static gop_status seed_gradients(gop_net *net, const gop_pass *pass, int32_t *first, gop_error *err)
{
    *first = -1;
    for (size_t i = 0; i < pass->n_from; i++) {
        const net_var *v = &net->vars[pass->from[i].id];
        gop_real *g = gop_net_grad_ptr(net, pass->from[i].id);
        if (g == NULL)
            return gop_fail(err, GOP_EINVAL,
                            "gop_net_backward: %s has no gradient, because it "
                            "depends on no parameter and no kept input",
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
    gop_try(gop_net_check(net, "gop_net_backward", err));
    if (!net->training)
        return gop_fail(err, GOP_ESTATE, "gop_net_backward: an inference net keeps no gradients");
    if (!net->running.ran)
        return gop_fail(err, GOP_ESTATE,
                        "gop_net_backward: the net has not run forward to the end");
    gop_try(check_pass(net, "gop_net_backward", pass, err));
    for (size_t i = 0; i < pass->n_stop; i++)
        if (!net->vars[pass->stop[i].id].keep)
            return gop_fail(err, GOP_EINVAL,
                            "gop_net_backward: %s is not kept, so nothing can stop there",
                            net->vars[pass->stop[i].id].name);
    gop_net_bind_runs(net);
    for (size_t i = 0; i < net->n_vars; i++)
        net->vars[i].ready = false;
    gop_try(seed_gradients(net, pass, &first, err));
    for (int32_t i = first; i >= 0; i--) {
        const int32_t last = i;
        i = net->nodes[i].back_first;
        gop_try(gop_stopped(&net->ctx->stop, "gop_net_backward", err));
        backward_nodes(net, (size_t)i, (size_t)last, pass, grads);
    }
    /* Kept values that no gradient reached get a gradient of zero. */
    for (size_t i = 0; i < net->n_vars; i++) {
        const net_var *v = &net->vars[i];
        gop_real *g = v->keep ? gop_net_grad_ptr(net, (int32_t)i) : NULL;
        if (g != NULL && !net->vars[v->gbase].ready)
            memset(g, 0, gop_shape_size(v->shape) * sizeof *g);
    }
    return GOP_OK;
}

gop_status gop_net_upstream(uint8_t *mask, const gop_net *net, const gop_pass *pass, gop_error *err)
{
    gop_try(gop_net_check(net, "gop_net_upstream", err));
    gop_try(check_pass(net, "gop_net_upstream", pass, err));
    if (mask == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_upstream: the mask is NULL");
    bool *behind = calloc(net->n_vars, sizeof *behind);
    if (behind == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_net_upstream: out of memory");
    for (size_t i = 0; i < pass->n_from; i++)
        behind[pass->from[i].id] = true;
    for (size_t i = net->n_nodes; i-- > 0;) {
        const net_node *n = &net->nodes[i];
        const bool on = behind[n->out] && !is_stop(net, n->out, pass);
        for (size_t k = 0; k < n->n_in && on; k++)
            if (n->in[k] >= 0)
                behind[n->in[k]] = true;
    }
    memset(mask, 0, gop_params_size(net->params));
    for (size_t i = 0; i < net->n_vars; i++) {
        const net_var *v = &net->vars[i];
        if (behind[i] && v->kind == VAR_PARAM)
            memset(mask + gop_params_info(net->params, v->param).offset, 1,
                   gop_shape_size(v->shape));
    }
    free(behind);
    return GOP_OK;
}
