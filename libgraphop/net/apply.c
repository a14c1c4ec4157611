/*
 * apply.c: recording an operator, and on failure the sentence that names it and its inputs.  Runs
 * only its `plan`.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/sizes.h"
#include "net/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of a value for a message of this scope: without the scope if it is the same, else with
 * it, or always without. */
static const char *seen_name(const gop_net *net, const char *name, bool scopes)
{
    const size_t here = strlen(net->recording.scope);
    const char *dot = strrchr(name, '.');
    if (!scopes)
        return dot != NULL ? dot + 1 : name;
    return strncmp(name, net->recording.scope, here) == 0 ? name + here : name;
}

/* "linear(x [2, 5], head.weight [3, 4])", for errors; false if it does not fit. */
static bool write_call(char *buf, size_t size, const gop_net *net, const char *op,
                       const gop_var *in, size_t n_in, bool scopes)
{
    char shape[80];
    size_t at = 0;
    int n = snprintf(buf, size, "%s%s(", net->recording.scope, op);
    for (size_t i = 0; i < n_in && n >= 0 && (at += (size_t)n) < size; i++) {
        const net_var *v = gop_net_var(net, in[i]);
        if (v == NULL) {
            n = snprintf(buf + at, size - at, "%s%s", i ? ", " : "",
                         in[i].id < 0 ? "none" : "a value of another net");
            continue;
        }
        n = snprintf(buf + at, size - at, "%s%s %s", i ? ", " : "", seen_name(net, v->name, scopes),
                     gop_shape_text(shape, sizeof shape, v->shape));
    }
    if (n < 0 || (at += (size_t)n) + 1 >= size)
        return false;
    snprintf(buf + at, size - at, ")");
    return true;
}

static void describe_call(char *buf, size_t size, const gop_net *net, const char *op,
                          const gop_var *in, size_t n_in)
{
    if (!write_call(buf, size, net, op, in, n_in, true))
        write_call(buf, size, net, op, in, n_in, false);
}

gop_var gop_net_refuse(gop_net *net, const char *name, const gop_var *in, size_t n_in,
                       gop_status status, const char *format, ...)
{
    char call[256], what[GOP_MESSAGE_SIZE];
    if (net == NULL || net->err.status != GOP_OK)
        return gop_none();
    describe_call(call, sizeof call, net, name != NULL ? name : "operator", in,
                  in != NULL ? n_in : 0);
    va_list ap;
    va_start(ap, format);
    vsnprintf(what, sizeof what, format != NULL ? format : gop_status_string(status), ap);
    va_end(ap);
    return gop_net_fail(net, status, "%s: %s", call, what);
}

/* The function that an operator with these flags needs but lacks; NULL if none. */
static const char *missing_part(const gop_op *op, unsigned flags)
{
    if (flags & GOP_OP_VIEW)
        return NULL;
    if ((flags & GOP_OP_AFFINE) && op->affine == NULL)
        return "`affine`, which GOP_OP_AFFINE needs";
    if (flags & GOP_OP_ELEMENTWISE)
        return op->rows == NULL ? "`rows`, which GOP_OP_ELEMENTWISE needs" : NULL;
    return op->forward == NULL ? "`forward`" : NULL;
}

/* Whether v, through views, is a fixed statistic. */
static bool is_fixed(const gop_net *net, gop_var v)
{
    if (net->recording.n_fixed == 0 || v.id < 0)
        return false;
    const net_var *x = &net->vars[v.id];
    while (x->kind == VAR_RESULT && (net->nodes[x->node].flags & GOP_OP_VIEW) != 0)
        x = &net->vars[net->nodes[x->node].in[0]];
    for (size_t i = 0; i < net->recording.n_fixed && x->kind == VAR_STAT; i++)
        if (gop_name_matches(net->recording.fixed[i], x->name))
            return true;
    return false;
}

/* Fills the inputs of a plan; false, with the net's status set, if they are wrong. */
static bool begin_plan(gop_op_plan *p, gop_net *net, const gop_op *op, const gop_var *in)
{
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++)
        p->channels[i] = -1;
    for (size_t i = 0; i < p->n_in; i++) {
        if (in[i].id >= 0 && gop_net_var(net, in[i]) == NULL) {
            gop_net_fail(net, GOP_EINVAL, "%s%s: input %zu is not a value of this net%s",
                         net->recording.scope, op->name, i + 1,
                         in[i].net == 0 ? ": it was never set (gop_none() is an absent value)"
                                        : ", but of another");
            return false;
        }
        p->in[i] = gop_net_shape(net, in[i]);
        p->fixed |= is_fixed(net, in[i]) ? 1u << i : 0;
    }
    if (in[0].id < 0)
        gop_net_refuse(net, op->name, in, p->n_in, GOP_EINVAL, "the first input is missing");
    else if (op->attr_size > 0 && p->attr == NULL)
        gop_net_refuse(net, op->name, in, p->n_in, GOP_EINVAL, "the attributes are missing");
    return net->err.status == GOP_OK;
}

/* Checks the results of `plan`; fails like begin_plan. */
static bool check_plan(const gop_op_plan *p, gop_net *net, const gop_op *op, const gop_var *in)
{
    char text[100];
    const char *missing = missing_part(op, p->flags);
    bool sized = p->out.rank >= 0 && p->out.rank <= GOP_MAX_RANK;
    for (int i = 0; sized && i < p->out.rank; i++)
        sized = p->out.dim[i] > 0;

    if (missing != NULL)
        gop_net_fail(net, GOP_EINVAL, "%s%s: the operator lacks %s", net->recording.scope, op->name,
                     missing);
    else if (!sized)
        gop_net_refuse(net, op->name, in, p->n_in, GOP_ESHAPE, "the result would be empty");
    else if (gop_shape_size(p->out) > GOP_MOST_ELEMENTS || p->saved > GOP_MOST_ELEMENTS ||
             p->work > GOP_MOST_ELEMENTS || p->prepared > GOP_MOST_ELEMENTS)
        gop_net_refuse(net, op->name, in, p->n_in, GOP_ENOMEM,
                       "the result %s, or the memory for computing it, is too large",
                       gop_shape_text(text, sizeof text, p->out));
    else if ((p->flags & GOP_OP_VIEW) && gop_shape_size(p->out) != gop_shape_size(p->in[0]))
        gop_net_refuse(net, op->name, in, p->n_in, GOP_ESHAPE,
                       "the view %s has another size than the input",
                       gop_shape_text(text, sizeof text, p->out));
    return net->err.status == GOP_OK;
}

/* Adds the planned node and its result; returns the result. */
static gop_var add_node(gop_net *net, const gop_op *op, const gop_op_plan *p, const gop_var *in)
{
    if (net->n_nodes == net->recording.cap_nodes) {
        size_t cap = net->recording.cap_nodes ? 2 * net->recording.cap_nodes : 64;
        net_node *n = realloc(net->nodes, cap * sizeof *n);
        if (n == NULL)
            return gop_net_fail(net, GOP_ENOMEM, "out of memory for the net's operators");
        net->nodes = n;
        net->recording.cap_nodes = cap;
    }
    void *attr = op->attr_size > 0 ? malloc(op->attr_size) : NULL;
    if (op->attr_size > 0 && attr == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, op->name);
    net_var *v = gop_net_new_var(net, VAR_RESULT, op->name, p->out);
    if (v == NULL) {
        free(attr);
        return gop_none();
    }
    if (attr != NULL)
        memcpy(attr, p->attr, op->attr_size);
    v->node = (int32_t)net->n_nodes;
    v->drawn = net->draws && (p->flags & GOP_OP_RANDOM) != 0;
    for (size_t i = 0; i < p->n_in; i++)
        v->drawn = v->drawn || (in[i].id >= 0 && net->vars[in[i].id].drawn);
    net_node *n = &net->nodes[net->n_nodes++];
    *n = (net_node){
        .op = op,
        .attr = attr,
        .n_in = p->n_in,
        .out = (int32_t)net->n_vars - 1,
        .saved = p->saved,
        .saved_at = NO_PLACE,
        .work = p->work,
        .madds = p->madds,
        .flags = p->flags,
        .prepared = op->prepare != NULL ? p->prepared : 0,
        .prepared_from = p->prepared_from,
        .slot = NO_SLOT,
        .added = p->added,
        .fold = -1,
    };
    memcpy(n->channels, p->channels, sizeof n->channels);
    for (size_t i = 0; i < p->n_in; i++) {
        n->in[i] = in[i].id < 0 ? -1 : in[i].id;
        n->in_shape[i] = p->in[i];
    }
    return (gop_var){n->out, net->mark};
}

gop_var gop_apply(gop_net *net, const gop_op *op, const void *attr, const gop_var *in, size_t n_in)
{
    if (op == NULL || op->name == NULL || op->plan == NULL)
        return gop_net_fail(net, GOP_EINVAL,
                            "gop_apply: the operator is NULL, or has no name or no `plan`");
    if (!gop_net_recordable(net, op->name))
        return gop_none();
    if (n_in == 0 || n_in > GOP_MAX_INPUTS)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: takes 1 to %d inputs, not %zu",
                            net->recording.scope, op->name, GOP_MAX_INPUTS, n_in);
    if (in == NULL)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: the list of inputs is NULL",
                            net->recording.scope, op->name);

    gop_error err = {GOP_OK, ""};
    gop_op_plan p = {.ctx = net->ctx,
                     .attr = attr,
                     .n_in = n_in,
                     .training = net->training,
                     .flags = op->flags,
                     .out = gop_shape0(),
                     .added = -1,
                     .err = &err};
    if (!begin_plan(&p, net, op, in))
        return gop_none();
    const gop_status s = op->plan(&p);
    if (s != GOP_OK)
        return gop_net_refuse(net, op->name, in, n_in, s, "%s",
                              err.message[0] ? err.message : gop_status_string(s));
    return check_plan(&p, net, op, in) ? add_node(net, op, &p, in) : gop_none();
}
