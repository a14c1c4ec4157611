/*
 * record.c: building a net: leaves, scopes, names, the sticky status.
 * Creates parameters in the params; runs nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/ctx.h"
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
        return gop_fail(err, GOP_EINVAL, "gop_net_new: the context or the params are NULL");
    if (mode != GOP_INFERENCE && mode != GOP_TRAINING && mode != GOP_SIZING && mode != GOP_SAMPLING)
        return gop_fail(err, GOP_EINVAL, "gop_net_new: no such mode");
    gop_net *net = calloc(1, sizeof *net);
    if (net == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_net_new: out of memory");
    /* A net in the place of a freed one has another mark. */
    net->mark = ((uint32_t)((uintptr_t)net >> 4) * 0x9e3779b1u ^ ++ctx->nets * 0x85ebca6bu) | 1;
    net->ctx = ctx;
    net->params = params;
    net->training = mode == GOP_TRAINING;
    net->sizing = mode == GOP_SIZING;
    net->draws = mode == GOP_TRAINING || mode == GOP_SAMPLING;
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
    for (size_t i = 0; i < net->recording.n_first; i++)
        free(net->recording.first[i].pattern);
    free(net->recording.first);
    free(net->vars);
    free(net->nodes);
    gop_block_free(&net->layout.block);
    free(net->packing.slots);
    free(net->folding.folds);
    free(net->running.bound);
    free(net->profile.rows);
    free(net->profile.numbered);
    free(net);
}

bool gop_net_training(const gop_net *net)
{
    return net != NULL && net->training;
}

bool gop_net_draws(const gop_net *net)
{
    return net != NULL && net->draws;
}

bool gop_net_drawn(const gop_net *net, gop_var v)
{
    const net_var *x = gop_net_var(net, v);
    return x != NULL && x->drawn;
}

size_t gop_net_params_size(const gop_net *net)
{
    return net == NULL ? 0 : gop_params_size(net->params);
}

gop_status gop_net_status(const gop_net *net)
{
    return net == NULL ? GOP_EINVAL : net->err.status;
}

gop_var gop_none(void)
{
    return (gop_var){-1, 0};
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
        gop_net_fail(net, GOP_EINVAL, "%s: scopes nest deeper than %d", net->recording.scope,
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

net_var *gop_net_new_var(gop_net *net, net_var_kind kind, const char *name, gop_shape shape)
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
    return (gop_var){(int32_t)net->n_vars - 1, net->mark};
}

bool gop_net_recordable(gop_net *net, const char *what)
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
    if (!gop_net_recordable(net, name ? name : kind))
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

/* Counts the memory of a leaf against the context's limit. */
static bool leaf_fits(gop_net *net, const char *name, gop_shape shape)
{
    const size_t limit = net->ctx->memory_limit;
    const size_t bytes = gop_shape_size(shape) * sizeof(gop_real);
    net->recording.bytes += bytes;
    if (net->sizing || limit == 0 || net->recording.bytes <= limit)
        return true;
    gop_net_fail(net, GOP_ENOMEM,
                 "%s%s: up to here the net needs %zu MiB, above the limit of %zu MiB",
                 net->recording.scope, name, net->recording.bytes >> 20, limit >> 20);
    return false;
}

/* Whether no other input has the name of the last var. */
static bool input_is_new(gop_net *net)
{
    const char *name = net->vars[net->n_vars - 1].name;
    for (size_t i = 0; i + 1 < net->n_vars; i++)
        if (net->vars[i].kind == VAR_INPUT && strcmp(net->vars[i].name, name) == 0) {
            gop_net_fail(net, GOP_EINVAL, "two inputs are called %s", name);
            return false;
        }
    return true;
}

gop_var gop_input(gop_net *net, const char *name, gop_shape shape)
{
    if (!leaf_ok(net, "input", name, shape) ||
        gop_net_new_var(net, VAR_INPUT, name, shape) == NULL || !input_is_new(net))
        return gop_none();
    return last_var(net);
}

/* A constant whose data the caller writes; NULL where a sizing net keeps none, and on failure. */
static gop_real *constant_leaf(gop_net *net, const char *name, gop_shape shape)
{
    if (!leaf_fits(net, name, shape))
        return NULL;
    size_t bytes = gop_shape_size(shape) * sizeof(gop_real);
    gop_real *copy = net->sizing ? NULL : malloc(bytes);
    net_var *v = copy || net->sizing ? gop_net_new_var(net, VAR_CONSTANT, name, shape) : NULL;
    if (v == NULL) {
        free(copy);
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
        return NULL;
    }
    return v->constant = copy;
}

gop_var gop_constant(gop_net *net, const char *name, gop_shape shape, const gop_real *data)
{
    if (!leaf_ok(net, "constant", name, shape))
        return gop_none();
    if (data == NULL)
        return gop_net_fail(net, GOP_EINVAL, "%s%s: the data of the constant are NULL",
                            net->recording.scope, name);
    gop_real *copy = constant_leaf(net, name, shape);
    if (copy != NULL)
        memcpy(copy, data, gop_shape_size(shape) * sizeof *copy);
    return net->err.status == GOP_OK ? last_var(net) : gop_none();
}

gop_var gop_fill(gop_net *net, const char *name, gop_shape shape, double value)
{
    if (!leaf_ok(net, "constant", name, shape))
        return gop_none();
    gop_real *copy = constant_leaf(net, name, shape);
    for (size_t i = 0; copy != NULL && i < gop_shape_size(shape); i++)
        copy[i] = (gop_real)value;
    return net->err.status == GOP_OK ? last_var(net) : gop_none();
}

gop_var gop_zeros(gop_net *net, const char *name, gop_shape shape)
{
    return gop_fill(net, name, shape, 0);
}

/* The first values that were asked for last, or NULL. */
static const gop_init *find_first(gop_net *net, const char *full)
{
    const gop_init *found = NULL;
    for (size_t i = 0; i < net->recording.n_first; i++)
        if (gop_name_matches(net->recording.first[i].pattern, full)) {
            net->recording.first[i].used = true;
            found = &net->recording.first[i].init;
        }
    return found;
}

static gop_var params_leaf(gop_net *net, const char *name, gop_shape shape, gop_init init,
                           bool trained)
{
    if (!leaf_ok(net, trained ? "parameter" : "statistic", name, shape))
        return gop_none();
    char *full = scoped(net, name);
    if (full != NULL && gop_params_find(net->params, full) == SIZE_MAX &&
        !gop_params_closed(net->params) && !leaf_fits(net, name, shape)) {
        free(full);
        return gop_none();
    }
    size_t index = 0;
    gop_error err = {GOP_OK, ""};
    const gop_init *first = full != NULL ? find_first(net, full) : NULL;
    if (first != NULL)
        init = *first;
    gop_status s = full == NULL
                       ? gop_fail(&err, GOP_ENOMEM, "%s: out of memory", name)
                       : gop_params_add(net->params, full, shape, &init, trained, &index, &err);
    free(full);
    if (s != GOP_OK)
        return gop_net_fail(net, s, "%s", err.message);
    net_var *v = gop_net_new_var(net, trained ? VAR_PARAM : VAR_STAT, name, shape);
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

/* The name with its scope, for the function `what`; NULL after a failure. */
static char *given_name(gop_net *net, const char *what, const char *name)
{
    if (!gop_net_recordable(net, name != NULL ? name : what))
        return NULL;
    if (name == NULL || *name == '\0') {
        gop_net_fail(net, GOP_EINVAL, "%s%s: the name is missing or empty", net->recording.scope,
                     what);
        return NULL;
    }
    char *full = scoped(net, name);
    if (full == NULL)
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
    return full;
}

void gop_net_first_values(gop_net *net, const char *name, gop_init init)
{
    char *full = given_name(net, "gop_net_first_values", name);
    if (full == NULL)
        return;
    struct net_first *first = realloc(net->recording.first,
                                      (net->recording.n_first + 1) * sizeof *first);
    if (first == NULL) {
        free(full);
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
        return;
    }
    net->recording.first = first;
    net->recording.first[net->recording.n_first++] = (struct net_first){full, init, false};
}

gop_status gop_net_complete(const gop_net *net, gop_error *err)
{
    const net_recording *r = &net->recording;
    if (r->scope_depth > 0)
        return gop_fail(err, GOP_ESTATE,
                        "gop_net_plan: scope %.*s is still open; gop_net_pop is missing",
                        (int)strlen(r->scope) - 1, r->scope);
    for (size_t i = 0; i < r->n_first; i++)
        if (!r->first[i].used)
            return gop_fail(err, GOP_EINVAL,
                            "gop_net_first_values: no parameter or statistic that was recorded "
                            "after it has the name %s",
                            r->first[i].pattern);
    return GOP_OK;
}

void gop_net_fix_stats(gop_net *net, const char *name)
{
    char *full = given_name(net, "gop_net_fix_stats", name);
    if (full == NULL)
        return;
    char **fixed = realloc(net->recording.fixed, (net->recording.n_fixed + 1) * sizeof *fixed);
    if (fixed == NULL) {
        free(full);
        gop_net_fail(net, GOP_ENOMEM, "%s%s: out of memory", net->recording.scope, name);
        return;
    }
    net->recording.fixed = fixed;
    net->recording.fixed[net->recording.n_fixed++] = full;
}

gop_shape gop_net_shape(const gop_net *net, gop_var v)
{
    gop_shape none = gop_shape0();
    none.rank = -1;
    const net_var *x = gop_net_var(net, v);
    return x != NULL ? x->shape : none;
}

size_t gop_net_dim(gop_net *net, gop_var v, int axis)
{
    if (net == NULL || net->err.status != GOP_OK)
        return 1;
    const net_var *x = gop_net_var(net, v);
    if (x == NULL) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_dim: this is not a value of this net",
                     net->recording.scope);
        return 1;
    }
    const int i = axis < 0 ? axis + x->shape.rank : axis;
    if (i >= 0 && i < x->shape.rank)
        return x->shape.dim[i];
    char text[80];
    gop_net_fail(net, GOP_EINVAL, "%sgop_net_dim: %s %s has no axis %d", net->recording.scope,
                 x->name, gop_shape_text(text, sizeof text, x->shape), axis);
    return 1;
}

void gop_net_keep(gop_net *net, gop_var v)
{
    if (!gop_net_recordable(net, "gop_net_keep"))
        return;
    net_var *x = gop_net_var(net, v);
    if (x == NULL)
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_keep: this is not a value of this net",
                     net->recording.scope);
    else
        x->keep = true;
}

void gop_net_name(gop_net *net, gop_var v, const char *format, ...)
{
    if (!gop_net_recordable(net, "gop_net_name"))
        return;
    net_var *named = gop_net_var(net, v);
    if (named == NULL) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: this is not a value of this net",
                     net->recording.scope);
        return;
    }
    if (named->kind != VAR_RESULT) {
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: %s is a leaf and has its name",
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
        gop_net_fail(net, GOP_EINVAL, "%sgop_net_name: the name for %s is missing or too long",
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
