/*
 * test_golden_streams.c: networks of bones and of motions, several of them fused before
 * the softmax, and the ablations of the paper's tables, at small dimensions against
 * tests/golden: what they answer; losses, all gradients and the statistics of a training
 * run.  Also graphs of bones against the reference's, and that models fused from files
 * answer as if they were fused by hand.  Prints the largest errors.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "golden_model.h"
#include "golden_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In double, what float32 text holds.  In float, what the reference itself reaches in
 * float32 (make_golden.py prints it), times a few. */
#ifdef GOP_REAL_IS_DOUBLE
#  define FORWARD 2e-7
#  define GRADIENT 2e-7
#else
#  define FORWARD 2e-5
#  define GRADIENT 1e-4
#endif

static golden_worst worst;

#define OK(err, call) ck_assert_msg((call) == GOP_OK, "%s", (err).message)

static const char *const cases[] = {
    "stream_bone",     "stream_joint_motion", "stream_bone_motion", "stream_fused",
    "stream_four",     "variant_only_js",     "variant_only_ja",    "variant_only_part",
    "variant_no_part", "variant_no_pred",     "variant_no_recg"};

typedef struct recorded {
    golden *g;
    zoo_model *model;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
} recorded;

static void rule_poses(recorded *r, gop_var v, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s/%s/%s", r->g->name, golden_text(r->g, "draw"), what);
    golden_rule_poses(gop_value(r->net, v), gop_shape_of(r->net, v), name);
}

/* The case's model in a net, parameters and poses by rule, run forward. */
static recorded forward(const char *name, bool training)
{
    gop_error err = {GOP_OK, ""};
    recorded r = {.g = golden_open(name)};
    r.model = golden_model(r.g);
    golden_model_options(r.model, r.g);
    OK(err, gop_ctx_new(&r.ctx, 2, 0, &err));
    OK(err, gop_net_new(&r.net, r.ctx, r.model->params, training, &err));
    OK(err, zoo_model_record(r.model, r.net, (size_t)golden_number(r.g, "batch"), &r.ports, &err));
    golden_rule_params(r.model->params);
    rule_poses(&r, r.ports.x, "x");
    if (r.ports.target.id >= 0)
        rule_poses(&r, r.ports.target, "target");
    if (r.ports.labels.id >= 0)
        golden_copy(gop_value(r.net, r.ports.labels), gop_shape_of(r.net, r.ports.labels), r.g,
                    "in", "labels");
    OK(err, gop_forward_checked(r.net, &err));
    return r;
}

static void release(recorded *r)
{
    gop_net_free(r->net);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->model);
    golden_close(r->g);
}

/* A result that the case has is there and equal; one that it has not is not there. */
static void expect(const recorded *r, const char *name, gop_var v, golden_worst *w)
{
    ck_assert_int_eq(v.id >= 0, golden_find(r->g, "out", name) != NULL);
    if (v.id >= 0)
        golden_expect_worst(r->g, "out", name, gop_value(r->net, v), gop_shape_of(r->net, v),
                            FORWARD, w);
}

static void keep_worst(const char *what, const golden_worst *w)
{
    golden_report(what, w);
    golden_keep(&worst, w);
}

START_TEST(answers)
{
    recorded r = forward(cases[_i], false);
    golden_worst w = {0, 0, "", ""};
    expect(&r, "scores", r.ports.scores, &w);
    expect(&r, "poses", r.ports.poses, &w);
    ck_assert_int_eq(zoo_model_recognises(r.model), r.ports.scores.id >= 0);
    ck_assert_uint_eq(zoo_model_predicted(r.model), r.ports.poses.id >= 0 ? 3 : 0);
    keep_worst(cases[_i], &w);
    release(&r);
}
END_TEST

/* lambda L_recg + (1 - lambda) L_pred where there are both, else the one there is. */
static gop_real *backward(const recorded *r)
{
    gop_error err = {GOP_OK, ""};
    const gop_var loss[2] = {r->ports.loss_recognition, r->ports.loss_prediction};
    const gop_real lambda = (gop_real)golden_number(r->g, "lam"), one = 1;
    const gop_real weight[2] = {lambda, 1 - lambda};
    gop_real *grads = calloc(gop_params_size(r->model->params), sizeof *grads);
    ck_assert_ptr_nonnull(grads);
    if (loss[0].id >= 0 && loss[1].id >= 0)
        OK(err, gop_backward(r->net, loss, weight, 2, NULL, 0, grads, &err));
    else
        OK(err, gop_backward(r->net, loss[0].id >= 0 ? &loss[0] : &loss[1], &one, 1, NULL, 0,
                             grads, &err));
    return grads;
}

static size_t count_params(const golden *g)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n_tensors; i++)
        n += strcmp(g->tensor[i].kind, "gdot") == 0 || strcmp(g->tensor[i].kind, "aft") == 0;
    return n;
}

START_TEST(gradients)
{
    recorded r = forward(cases[_i], true);
    golden_worst w = {0, 0, "", ""};
    gop_params *params = r.model->params;
    gop_real some[4], *grads = backward(&r);
    expect(&r, "loss_recg", r.ports.loss_recognition, &w);
    expect(&r, "loss_pred", r.ports.loss_prediction, &w);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_get(params, i);
        if (p.trained) {
            golden_project(some, p.name, grads + p.offset, gop_shape_size(p.shape));
            golden_expect_worst(r.g, "gdot", p.name, some, gop_shape1(4), GRADIENT, &w);
        } else {
            golden_expect_worst(r.g, "aft", p.name, p.data, p.shape, FORWARD, &w);
        }
    }
    ck_assert_uint_eq(gop_params_count(params), count_params(r.g)); /* none is there in vain */
    keep_worst(cases[_i], &w);
    free(grads);
    release(&r);
}
END_TEST

/* Every way to find lambda leaves a finite gradient on every network. */
START_TEST(lambda_of_several_networks)
{
    static const gop_mgda mode[] = {GOP_MGDA_EXACT, GOP_MGDA_UB, GOP_MGDA_UB_NORMALISED};
    gop_error err = {GOP_OK, ""};
    recorded r = forward("stream_four", true);
    const size_t n = gop_params_size(r.model->params);
    gop_real *grads = calloc(n, sizeof *grads);
    gop_mgda_work *mgda = NULL;
    ck_assert_ptr_nonnull(grads);
    OK(err, gop_mgda_new(&mgda, r.ctx, r.net, r.ports.shared, r.ports.n_shared, &err));
    for (size_t k = 0; k < sizeof mode / sizeof *mode; k++) {
        double lambda = 0.5, sum = 0;
        OK(err, gop_mgda_backward(mgda, r.net, mode[k], r.ports.loss_recognition,
                                  r.ports.loss_prediction, &lambda, grads, &err));
        ck_assert(lambda >= 0 && lambda <= 1);
        for (size_t i = 0; i < n; i++)
            sum += fabs((double)grads[i]);
        ck_assert(isfinite(sum) && sum > 0);
    }
    gop_mgda_free(mgda);
    free(grads);
    release(&r);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *s = suite_create("golden values of streams and variants");
    TCase *c = tcase_create("streams");
    tcase_add_loop_test(c, answers, 0, COUNT(cases));
    tcase_add_loop_test(c, gradients, 0, COUNT(cases));
    tcase_add_test(c, lambda_of_several_networks);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_set_fork_status(runner, CK_NOFORK); /* the largest error is kept in memory */
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    golden_report("streams, worst of all:", &worst);
    return failed == 0 ? 0 : 1;
}
