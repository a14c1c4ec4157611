/*
 * record.c: building a net: leaves, scopes, operators, the sticky status.
 * Touches the params (to create parameters) and nothing that runs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/sizes.h"
#include "net/net.h"
#include "net/params.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gop_status gop_net_new(gop_net **out, gop_ctx *ctx, gop_params *params, gop_net_mode mode,
                       gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_new: the result pointer is NULL");
    *out = NULL;
    if (ctx == NULL || params == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_net_new: a net needs a context and params");
    if (mode != GOP_INFERENCE && mode != GOP_TRAINING)
        return gop_fail(err, GOP_EINVAL, "gop_net_new: no such mode");
    gop_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_net_new: out of memory");
    net->ctx = ctx;
    net->params = params;
    net->training = mode == GOP_TRAINING;
    *out = net;
    return GOP_OK;
}

void gop_net_free(gop_net *net)
{
    if (net == NULL)
        return;
    for (size_t i = 0; i < net->n_vars; i++) {
        free(net->vars[i].name);
        free(net->vars[i].constant);
    }
    for (size_t i = 0; i < net->n_nodes; i++)
        free(net->nodes[i].attr);
    for (size_t i = 0; i < net->recording.n_fixed; i++)
        free(net->recording.fixed[i]);
    free(net->recording.fixed);
    free(net->vars);
    free(net->nodes);
    free(net->layout.memory);
    free(net->packing.slots);
    free(net->folding.folds);
    free(net->running.bound);
    free(net->profile.rows);
    free(net);
}

bool gop_net_training(const gop_net *net)
{
    return net != NULL && net->training;
}

size_t gop_net_params_size(const gop_net *net)
{
    return net == NULL ? 0 : gop_params_size(net->params);
}

gop_status gop_net_status(const gop_net *net)
{
    return net == NULL ? GOP_EINVAL : net->err.status;
}

gop_var gop_net_fail(gop_net *net, gop_status status, const char *format, ...)
{
    if (net != NULL && net->err.status == GOP_OK) {
        va_list ap;
        va_start(ap, format);
        net->err.status = status;
        vsnprintf(net->err.message, sizeof net->err.message,
                  format != NULL ? format : gop_status_string(status), ap);
        va_end(ap);
    }
    return gop_none();
}

void gop_net_push(gop_net *net, const char *format, ...)
{
    if (net == NULL || net->err.status != GOP_OK)
        return;
    if (net->recording.scope_depth == SCOPE_DEPTH) {
        gop_net_fail(net, GOP_EINVAL, "%s: names nest deeper than %d", net->recording.scope,
                     SCOPE_DEPTH);
        return;
    }
    if (format == NULL) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_push: the name is missing", net->recording.scope);
        return;
    }
    size_t end = strlen(net->recording.scope);
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(net->recording.scope + end, SCOPE_SIZE - end, format, ap);
    va_end(ap);
    if (n < 0 || end + (size_t)n + 2 > SCOPE_SIZE) {
        net->recording.scope[end] = '\0';
        gop_net_fail(net, GOP_EINVAL, "%s: the name of a scope is too long", net->recording.scope);
        return;
    }
    net->recording.scope_end[net->recording.scope_depth++] = end;
    strcat(net->recording.scope, ".");
}

void gop_net_pop(gop_net *net)
{
    if (net == NULL || net->err.status != GOP_OK)
        return;
    if (net->recording.scope_depth == 0) {
        gop_net_fail(net, GOP_ESTATE, "gop_net_pop without a gop_net_push");
        return;
    }
    net->recording.scope[net->recording.scope_end[--net->recording.scope_depth]] = '\0';
}

static char *scoped(const gop_net *net, const char *name)
{
    size_t a = strlen(net->recording.scope), b = strlen(name);
    char *s = malloc(a + b + 1);
    if (s != NULL) {
        memcpy(s, net->recording.scope, a);
        memcpy(s + a, name, b + 1);
    }
    return s;
}

/* A new var with everything but kind and name at rest; NULL when out of memory. */
static net_var *new_var(gop_net *net, net_var_kind kind, const char *name, gop_shape shape)
{
    if (net->n_vars == net->recording.cap_vars) {
        size_t cap = net->recording.cap_vars ? 2 * net->recording.cap_vars : 64;
        net_var *v = cap > INT32_MAX ? NULL : realloc(net->vars, cap * sizeof *v);
        if (v == NULL) {
            gop_net_fail(net, GOP_ENOMEM, "out of memory for the net's values");
            return NULL;
        }
        net->vars = v;
        net->recording.cap_vars = cap;
    }
    char *full = scoped(net, name);
    if (full == NULL) {
        gop_net_fail(net, GOP_ENOMEM, "out of memory for a name");
        return NULL;
    }
    net_var *v = &net->vars[net->n_vars];
    memset(v, 0, sizeof *v);
    v->kind = kind;
    v->shape = shape;
    v->name = full;
    v->node = -1;
    v->vbase = v->gbase = v->gplace = (int32_t)net->n_vars;
    v->value_at = v->grad_at = NO_PLACE;
    net->n_vars++;
    return v;
}

static gop_var last_var(const gop_net *net)
{
    gop_var v = {(int32_t)net->n_vars - 1};
    return v;
}

/* May something be recorded?  What is wrong with it is made sticky. */
static bool recordable(gop_net *net, const char *what)
{
    if (net == NULL || net->err.status != GOP_OK)
        return false;
    if (net->planned) {
        gop_net_fail(net, GOP_ESTATE, "%s%s: recorded after gop_net_plan", net->recording.scope,
                     what);
        return false;
    }
    return true;
}

static bool leaf_ok(gop_net *net, const char *kind, const char *name, gop_shape shape)
{
    if (!recordable(net, name ? name : kind))
        return false;
    if (name == NULL || *name == '\0') {
        gop_net_fail(net, GOP_EINVAL, "%s%s: the name is missing or empty", net->recording.scope,
                     kind);
        return false;
    }
    char text[80];
    bool ok = shape.rank >= 0 && shape.rank <= GOP_MAX_RANK;
    size_t size = 1;
    for (int i = 0; ok && i < shape.rank; i++) {
        ok = shape.dim[i] > 0 && size <= GOP_MOST_ELEMENTS / shape.dim[i];
        if (ok)
            size *= shape.dim[i];
    }
    if (!ok)
        gop_net_fail(net, GOP_EINVAL, "%s%s: the shape %s of this %s is empty or too large",
                     net->recording.scope, name, gop_shape_text(text, sizeof text, shape), kind);
    return ok;
}

gop_var gop_input(gop_net *net, const char *name, gop_shape shape)
{
    if (!leaf_ok(net, "input", name, shape) || new_var(net, VAR_INPUT, name, shape) == NULL)
        return gop_none();
    return last_var(net);
}

gop_var gop_constant(gop_net *net, const char *name, gop_shape shape, const gop_real *data)
{
    if (!leaf_ok(net, "constant", name, shape))
        return gop_none();
    if (data == NULL)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: a constant without data", net->recording.scope,
                            name);
    size_t bytes = gop_shape_size(shape) * sizeof *data;
    gop_real *copy = malloc(bytes);
    net_var *v = copy ? new_var(net, VAR_CONSTANT, name, shape) : NULL;
    if (v == NULL) {
        free(copy);
        return gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
    }
    memcpy(copy, data, bytes);
    v->constant = copy;
    return last_var(net);
}

static gop_var params_leaf(gop_net *net, const char *name, gop_shape shape, gop_init init,
                           bool trained)
{
    if (!leaf_ok(net, trained ? "parameter" : "statistic", name, shape))
        return gop_none();
    char *full = scoped(net, name);
    size_t index = 0;
    gop_error err = {GOP_OK, ""};
    gop_status s = full == NULL
                       ? gop_fail(&err, GOP_ENOMEM, "%s: out of memory", name)
                       : gop_params_add(net->params, full, shape, &init, trained, &index, &err);
    free(full);
    if (s != GOP_OK)
        return gop_net_fail(net, s, "%s", err.message);
    net_var *v = new_var(net, trained ? VAR_PARAM : VAR_STAT, name, shape);
    if (v == NULL)
        return gop_none();
    v->param = index;
    return last_var(net);
}

gop_var gop_param(gop_net *net, const char *name, gop_shape shape, gop_init init)
{
    return params_leaf(net, name, shape, init, true);
}

gop_var gop_stat(gop_net *net, const char *name, gop_shape shape, double value)
{
    return params_leaf(net, name, shape, gop_init_constant(value), false);
}

void gop_net_fix_stats(gop_net *net, const char *name)
{
    if (!recordable(net, name != NULL ? name : "gop_net_fix_stats"))
        return;
    if (name == NULL || *name == '\0') {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_fix_stats: the name is missing or empty",
                     net->recording.scope);
        return;
    }
    char *full = scoped(net, name);
    char **fixed = full
                       ? realloc(net->recording.fixed, (net->recording.n_fixed + 1) * sizeof *fixed)
                       : NULL;
    if (fixed == NULL) {
        free(full);
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
        return;
    }
    net->recording.fixed = fixed;
    net->recording.fixed[net->recording.n_fixed++] = full;
}

/* Whether v, through views, is a statistic that was fixed. */
static bool is_fixed(const gop_net *net, gop_var v)
{
    if (net->recording.n_fixed == 0 || v.id < 0)
        return false;
    const net_var *x = &net->vars[v.id];
    while (x->kind == VAR_RESULT && (net->nodes[x->node].flags & GOP_OP_VIEW) != 0)
        x = &net->vars[net->nodes[x->node].in[0]];
    for (size_t i = 0; i < net->recording.n_fixed && x->kind == VAR_STAT; i++) {
        const size_t n = strlen(net->recording.fixed[i]);
        if (strncmp(x->name, net->recording.fixed[i], n) == 0 &&
            (x->name[n] == '\0' || x->name[n] == '.'))
            return true;
    }
    return false;
}

gop_shape gop_net_shape(const gop_net *net, gop_var v)
{
    gop_shape none = gop_shape0();
    none.rank = -1;
    if (net == NULL || v.id < 0 || (size_t)v.id >= net->n_vars)
        return none;
    return net->vars[v.id].shape;
}

void gop_net_keep(gop_net *net, gop_var v)
{
    if (!recordable(net, "gop_net_keep"))
        return;
    if (v.id < 0 || (size_t)v.id >= net->n_vars)
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_keep: no such value", net->recording.scope);
    else
        net->vars[v.id].keep = true;
}

void gop_net_name(gop_net *net, gop_var v, const char *format, ...)
{
    if (!recordable(net, "gop_net_name"))
        return;
    if (v.id < 0 || (size_t)v.id >= net->n_vars) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: no such value", net->recording.scope);
        return;
    }
    net_var *named = &net->vars[v.id];
    if (named->kind != VAR_RESULT) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: %s has its name already",
                     net->recording.scope, named->name);
        return;
    }
    char text[SCOPE_SIZE];
    int n = 0;
    if (format != NULL) {
        va_list ap;
        va_start(ap, format);
        n = vsnprintf(text, sizeof text, format, ap);
        va_end(ap);
    }
    if (n <= 0 || (size_t)n >= sizeof text) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: a name for %s is missing or too long",
                     net->recording.scope, named->name);
        return;
    }
    char *full = scoped(net, text);
    if (full == NULL) {
        gop_net_fail(net, GOP_ENOMEM, "out of memory for a name");
        return;
    }
    free(named->name);
    named->name = full;
}

/* A value as an operator of this scope sees it: names from here without their scope,
 * others with theirs, or all without. */
static const char *seen_name(const gop_net *net, const char *name, bool scopes)
{
    const size_t here = strlen(net->recording.scope);
    const char *dot = strrchr(name, '.');
    if (!scopes)
        return dot != NULL ? dot + 1 : name;
    return strncmp(name, net->recording.scope, here) == 0 ? name + here : name;
}

/* "linear(x [2, 5], head.weight [3, 4])", for errors; false when it does not fit. */
static bool write_call(char *buf, size_t size, const gop_net *net, const char *op,
                       const gop_var *in, size_t n_in, bool scopes)
{
    char shape[80];
    size_t at = 0;
    int n = snprintf(buf, size, "%s%s(", net->recording.scope, op);
    for (size_t i = 0; i < n_in && n >= 0 && (at += (size_t)n) < size; i++) {
        if (in[i].id < 0 || (size_t)in[i].id >= net->n_vars) {
            n = snprintf(buf + at, size - at, "%snone", i ? ", " : "");
            continue;
        }
        const net_var *v = &net->vars[in[i].id];
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

/* The function that an operator with these flags needs and does not have. */
static const char *missing_part(const gop_op *op, unsigned flags)
{
    if (flags & GOP_OP_VIEW)
        return NULL;
    if ((flags & GOP_OP_AFFINE) && op->affine == NULL)
        return "`affine` but with GOP_OP_AFFINE";
    if (flags & GOP_OP_ELEMENTWISE)
        return op->rows == NULL ? "`rows` but with GOP_OP_ELEMENTWISE" : NULL;
    return op->forward == NULL ? "`forward` and without GOP_OP_ELEMENTWISE" : NULL;
}

gop_var gop_apply(gop_net *net, const gop_op *op, const void *attr, const gop_var *in, size_t n_in)
{
    if (op == NULL || op->name == NULL || op->plan == NULL)
        return gop_net_fail(net, GOP_EINVAL, "gop_apply: not an operator");
    if (!recordable(net, op->name))
        return gop_none();
    if (n_in == 0 || n_in > GOP_MAX_INPUTS || in == NULL)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: takes 1 to %d inputs, not %zu",
                            net->recording.scope, op->name, GOP_MAX_INPUTS, n_in);

    char text[100];
    gop_error err = {GOP_OK, ""};
    gop_op_plan p = {.ctx = net->ctx,
                     .attr = attr,
                     .n_in = n_in,
                     .training = net->training,
                     .flags = op->flags,
                     .out = gop_shape0(),
                     .added = -1,
                     .err = &err};
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++)
        p.channels[i] = -1;
    for (size_t i = 0; i < n_in; i++) {
        if (in[i].id >= 0 && (size_t)in[i].id >= net->n_vars)
            return gop_net_fail(net, GOP_EINVAL, "%s%s: input %zu is not a value of this net",
                                net->recording.scope, op->name, i + 1);
        p.in[i] = gop_net_shape(net, in[i]);
        p.fixed |= is_fixed(net, in[i]) ? 1u << i : 0;
    }
    if (in[0].id < 0)
        return gop_net_refuse(net, op->name, in, n_in, GOP_EINVAL, "the first input is missing");
    if (op->attr_size > 0 && attr == NULL)
        return gop_net_refuse(net, op->name, in, n_in, GOP_EINVAL, "the attributes are missing");
    gop_status s = op->plan(&p);
    if (s != GOP_OK)
        return gop_net_refuse(net, op->name, in, n_in, s, "%s",
                              err.message[0] ? err.message : gop_status_string(s));
    const char *missing = missing_part(op, p.flags);
    if (missing != NULL)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: an operator without %s", net->recording.scope,
                            op->name, missing);
    bool sized = p.out.rank >= 0 && p.out.rank <= GOP_MAX_RANK;
    for (int i = 0; sized && i < p.out.rank; i++)
        sized = p.out.dim[i] > 0;
    if (!sized)
        return gop_net_refuse(net, op->name, in, n_in, GOP_ESHAPE, "the result would be empty");
    if (gop_shape_size(p.out) > GOP_MOST_ELEMENTS || p.saved > GOP_MOST_ELEMENTS ||
        p.work > GOP_MOST_ELEMENTS || p.prepared > GOP_MOST_ELEMENTS)
        return gop_net_refuse(net, op->name, in, n_in, GOP_ENOMEM,
                              "the result %s, or what it takes to make it, is too large",
                              gop_shape_text(text, sizeof text, p.out));

    if ((p.flags & GOP_OP_VIEW) && gop_shape_size(p.out) != gop_shape_size(p.in[0]))
        return gop_net_refuse(net, op->name, in, n_in, GOP_ESHAPE, "a view %s of another size",
                              gop_shape_text(text, sizeof text, p.out));

    if (net->n_nodes == net->recording.cap_nodes) {
        size_t cap = net->recording.cap_nodes ? 2 * net->recording.cap_nodes : 64;
        net_node *n = realloc(net->nodes, cap * sizeof *n);
        if (n == NULL)
            return gop_net_fail(net, GOP_ENOMEM, "out of memory for the net's operators");
        net->nodes = n;
        net->recording.cap_nodes = cap;
    }
    void *copy = NULL;
    if (op->attr_size > 0) {
        if ((copy = malloc(op->attr_size)) == NULL)
            return gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope,
                                op->name);
        memcpy(copy, attr, op->attr_size);
    }
    net_var *v = new_var(net, VAR_RESULT, op->name, p.out);
    if (v == NULL) {
        free(copy);
        return gop_none();
    }
    v->node = (int32_t)net->n_nodes;
    net_node *n = &net->nodes[net->n_nodes++];
    memset(n, 0, sizeof *n);
    n->op = op;
    n->attr = copy;
    n->n_in = n_in;
    n->out = (int32_t)net->n_vars - 1;
    n->saved = p.saved;
    n->work = p.work;
    n->madds = p.madds;
    n->flags = p.flags;
    n->prepared = op->prepare != NULL ? p.prepared : 0;
    n->prepared_from = p.prepared_from;
    n->slot = NO_SLOT;
    memcpy(n->channels, p.channels, sizeof n->channels);
    n->added = p.added;
    n->fold = -1;
    n->saved_at = NO_PLACE;
    for (size_t i = 0; i < n_in; i++) {
        n->in[i] = in[i].id < 0 ? -1 : in[i].id;
        n->in_shape[i] = p.in[i];
    }
    return last_var(net);
}
