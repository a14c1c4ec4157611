/*
 * net_fixture.h: a context, params and a net for one test, made and freed in
 * one line each.  Static inline only; fails through Check's assertions.
 */
#ifndef GOP_TESTS_NET_FIXTURE_H
#define GOP_TESTS_NET_FIXTURE_H

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

typedef struct fixture {
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net;
    gop_error err;
    int inputs; /* given so far */
} fixture;

static inline fixture fixture_new(bool training)
{
    fixture f;
    memset(&f, 0, sizeof f);
    ck_assert_int_eq(gop_ctx_new(&f.ctx, 1, 0, &f.err), GOP_OK);
    ck_assert_int_eq(gop_params_new(&f.params, 1, &f.err), GOP_OK);
    ck_assert_int_eq(
        gop_net_new(&f.net, f.ctx, f.params, training ? GOP_TRAINING : GOP_INFERENCE, &f.err),
        GOP_OK);
    return f;
}

static inline void fixture_free(fixture *f)
{
    gop_net_free(f->net);
    gop_params_free(f->params);
    gop_ctx_free(f->ctx);
}

#define assert_ok(f, call)                                                               \
    ck_assert_msg(recorded((call), &(f).err) == GOP_OK, "%s:%d: %s", __FILE__, __LINE__, \
                  (f).err.message)

static inline void assert_says(const fixture *f, const char *part)
{
    ck_assert_msg(strstr(f->err.message, part) != NULL, "\"%s\" does not say \"%s\"",
                  f->err.message, part);
}

/* A kept input with the given data, for tests of a few numbers: "x", "x1", ...  fixture_run copies
 * the data. */
typedef struct given {
    gop_var var;
    const gop_real *data;
} given;

static inline given give(fixture *f, gop_shape shape, const gop_real *data)
{
    char name[16] = "x";
    if (f->inputs++ > 0)
        snprintf(name, sizeof name, "x%d", f->inputs - 1);
    given g = {gop_input(f->net, name, shape), data};
    if (gop_net_training(f->net))
        gop_net_keep(f->net, g.var);
    return g;
}

static inline gop_status fixture_run(fixture *f, const given *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(gop_net_value(f->net, in[i].var), in[i].data,
               gop_shape_size(gop_net_shape(f->net, in[i].var)) * sizeof(gop_real));
    return recorded(gop_net_forward_finite(f->net, &f->err), &f->err);
}

#endif
