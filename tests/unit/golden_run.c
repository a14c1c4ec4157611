/*
 * golden_run.c: golden cases through nets.  Uses the public interface of
 * libgraphop and Check only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

golden_run golden_run_open(const char *name, bool training)
{
    gop_error err = {GOP_OK, ""};
    golden_run r;
    memset(&r, 0, sizeof r);
    r.prefix = "";
    r.g = golden_open(name);
    OK(err, gop_ctx_new(&r.ctx, 2, 0, &err));
    OK(err, gop_params_new(&r.params, 1, &err));
    OK(err, gop_net_new(&r.net, r.ctx, r.params, training ? GOP_TRAINING : GOP_INFERENCE, &err));
    return r;
}

void golden_run_close(golden_run *r)
{
    gop_net_free(r->net);
    gop_params_free(r->params);
    gop_ctx_free(r->ctx);
    golden_close(r->g);
}

static gop_var add_port(golden_port *ports, size_t *n, const char *kind, const char *name,
                        gop_var var)
{
    ck_assert_uint_lt(*n, GOLDEN_RUN_MAX);
    golden_port p = {kind, name, var};
    ports[(*n)++] = p;
    return var;
}

gop_var golden_leaf(golden_run *r, const char *kind, const char *name)
{
    const golden_tensor *t = golden_get(r->g, kind, name);
    gop_var v = gop_input(r->net, name, t->shape);
    gop_net_keep(r->net, v);
    return add_port(r->leaf, &r->n_leaves, kind, name, v);
}

gop_var golden_constant(golden_run *r, const char *kind, const char *name)
{
    const golden_tensor *t = golden_get(r->g, kind, name);
    gop_real *v = golden_reals(t);
    gop_var c = gop_constant(r->net, name, t->shape, v);
    free(v);
    return c;
}

void golden_out(golden_run *r, const char *name, gop_var v)
{
    gop_net_keep(r->net, v);
    add_port(r->out, &r->n_outs, "out", name, v);
}

void golden_set_params(const golden *g, gop_params *params, const char *prefix)
{
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_info(params, i);
        size_t n = strlen(prefix);
        ck_assert_msg(strncmp(p.name, prefix, n) == 0, "parameter %s does not begin with %s",
                      p.name, prefix);
        golden_copy(p.data, p.shape, g, p.trained ? "par" : "buf", p.name + n);
    }
}

void golden_hold(const char *of, const char *kind, const char *name, double error, double tolerance,
                 golden_worst *worst)
{
    const bool gradient = kind[0] == 'g';
    ck_assert_msg(error <= tolerance, "%s: %s %s is off by %.2g, at most %.0g is allowed", of, kind,
                  name, error, tolerance);
    if (worst == NULL || error <= (gradient ? worst->gradient : worst->forward))
        return;
    *(gradient ? &worst->gradient : &worst->forward) = error;
    snprintf(gradient ? worst->gradient_at : worst->forward_at, sizeof worst->forward_at,
             "%.40s: %.110s", of, name);
}

void golden_expect(const golden *g, const char *kind, const char *name, const gop_real *got,
                   gop_shape shape, double tolerance, golden_worst *worst)
{
    golden_hold(g->name, kind, name, golden_compare(g, kind, name, got, shape), tolerance, worst);
}

void golden_project(gop_real to[4], const char *name, const gop_real *grad, size_t size)
{
    double *u = malloc(size * sizeof *u);
    ck_assert_ptr_nonnull(u);
    for (size_t j = 0; j < 4; j++) {
        char rule[128];
        double sum = 0;
        snprintf(rule, sizeof rule, "%zu/%s", j, name);
        golden_uniform(u, rule, size);
        for (size_t k = 0; k < size; k++)
            sum += (double)grad[k] * (double)(float)u[k];
        to[j] = (gop_real)sum;
    }
    free(u);
}

/* Compares the tensor `whole` of a parameter, or its projections `dots`. */
static void expect_either(const golden *g, const char *whole, const char *dots, const char *name,
                          gop_shape shape, const gop_real *got, double tolerance,
                          golden_worst *worst)
{
    gop_real some[4];
    if (golden_find(g, dots, name) == NULL) {
        golden_expect(g, whole, name, got, shape, tolerance, worst);
        return;
    }
    golden_project(some, name, got, gop_shape_size(shape));
    golden_expect(g, dots, name, some, gop_shape1(4), tolerance, worst);
}

size_t golden_expect_params(const golden *g, const gop_params *params, const char *prefix,
                            const gop_real *grads, double forward, double gradient,
                            golden_worst *worst)
{
    const bool statistics = golden_count(g, "aft") + golden_count(g, "adot") > 0;
    size_t compared = 0;
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_info(params, i);
        const char *name = p.name + strlen(prefix);
        if (p.trained)
            expect_either(g, "gpar", "gdot", name, p.shape, grads + p.offset, gradient, worst);
        else if (statistics)
            expect_either(g, "aft", "adot", name, p.shape, p.data, forward, worst);
        else
            continue;
        compared++;
    }
    return compared;
}

size_t golden_count_trained(const golden *g)
{
    return golden_count(g, "gin") + golden_count(g, "gpar") + golden_count(g, "gdot") +
           golden_count(g, "aft") + golden_count(g, "adot");
}

/* The start of backward: gout, or 1 for a scalar without one. */
static void seed_outs(golden_run *r, gop_var *from)
{
    for (size_t i = 0; i < r->n_outs; i++) {
        gop_real *d = gop_net_grad(r->net, r->out[i].var);
        gop_shape s = gop_net_shape(r->net, r->out[i].var);
        ck_assert_msg(d != NULL, "%s has no gradient", r->out[i].name);
        if (s.rank == 0 && golden_find(r->g, "gout", r->out[i].name) == NULL)
            d[0] = 1;
        else
            golden_copy(d, s, r->g, "gout", r->out[i].name);
        from[i] = r->out[i].var;
    }
}

static size_t check_gradients(golden_run *r, double forward, double gradient, golden_worst *worst)
{
    gop_error err = {GOP_OK, ""};
    gop_var from[GOLDEN_RUN_MAX];
    gop_real *grads = calloc(gop_params_size(r->params) + 1, sizeof *grads);
    ck_assert_ptr_nonnull(grads);
    seed_outs(r, from);
    OK(err, gop_net_backward(r->net, &(gop_pass){.from = from, .n_from = r->n_outs}, grads, &err));
    size_t compared = golden_expect_params(r->g, r->params, r->prefix, grads, forward, gradient,
                                           worst);
    for (size_t i = 0; i < r->n_leaves; i++) {
        const golden_port *p = &r->leaf[i];
        golden_expect(r->g, strcmp(p->kind, "in") == 0 ? "gin" : "gpar", p->name,
                      gop_net_grad(r->net, p->var), gop_net_shape(r->net, p->var), gradient, worst);
        compared++;
    }
    free(grads);
    return compared;
}

/* Prints the operators that the case is a reference for, for the table of operators. */
static void print_operators(const golden_run *r)
{
    gop_error err = {GOP_OK, ""};
    OK(err, gop_net_profile(r->net, true, &err));
    OK(err, gop_net_profile(r->net, false, &err));
    printf("golden %s:", r->g->name);
    for (size_t i = 0; i < gop_net_profile_rows(r->net); i++)
        printf(" %s", gop_net_profile_row(r->net, i).op);
    printf("\n");
}

void golden_run_check(golden_run *r, double forward, double gradient, golden_worst *worst)
{
    gop_error err = {GOP_OK, ""};
    bool training = gop_net_training(r->net);
    golden_worst mine;
    memset(&mine, 0, sizeof mine);
    OK(err, gop_net_plan(r->net, &err));
    golden_set_params(r->g, r->params, r->prefix);
    for (size_t i = 0; i < r->n_leaves; i++)
        golden_copy(gop_net_value(r->net, r->leaf[i].var), gop_net_shape(r->net, r->leaf[i].var),
                    r->g, r->leaf[i].kind, r->leaf[i].name);
    OK(err, gop_net_forward_finite(r->net, &err));
    size_t compared = r->n_outs;
    for (size_t i = 0; i < r->n_outs; i++)
        golden_expect(r->g, "out", r->out[i].name, gop_net_value(r->net, r->out[i].var),
                      gop_net_shape(r->net, r->out[i].var), forward, &mine);
    if (training)
        compared += check_gradients(r, forward, gradient, &mine);
    size_t all = golden_count(r->g, "out") + (training ? golden_count_trained(r->g) : 0);
    ck_assert_msg(compared == all, "%s holds %zu results, of which %zu were compared", r->g->name,
                  all, compared);
    golden_keep(worst, r->g->name, &mine);
    print_operators(r);
}

void golden_report(const char *what, const golden_worst *worst)
{
    printf("%-26s forward %.1e %s", what, worst->forward, worst->forward_at);
    if (worst->gradient > 0)
        printf("  gradient %.1e %s", worst->gradient, worst->gradient_at);
    printf("\n");
}

void golden_keep(golden_worst *all, const char *what, const golden_worst *w)
{
    golden_report(what, w);
    if (w->forward > all->forward) {
        all->forward = w->forward;
        memcpy(all->forward_at, w->forward_at, sizeof w->forward_at);
    }
    if (w->gradient > all->gradient) {
        all->gradient = w->gradient;
        memcpy(all->gradient_at, w->gradient_at, sizeof w->gradient_at);
    }
}

int golden_main(const char *of, TCase *tests, const golden_worst *worst)
{
    char text[96];
    snprintf(text, sizeof text, "golden values of %s", of);
    Suite *suite = suite_create(text);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    snprintf(text, sizeof text, "%s, worst of all:", of);
    golden_report(text, worst);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
