/*
 * test_golden_model.c: the whole Sym-GNN at small dimensions against
 * tests/golden, through the zoo's public interface: what it answers, all
 * gradients for every way to choose lambda, ten training steps, the light
 * network's answers, and a narrow full network's answers and gradients.  Prints
 * the largest errors at the end.
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

/* In double, what float32 text holds.  In float, what the reference itself reaches in float32
 * (make_golden.py prints it), times a few; DEEP_GRADIENT through nine blocks; SHARP_STEPS with
 * Adam's usual epsilon, where the sign of a rounding error can move a parameter. */
#ifdef GOP_REAL_IS_DOUBLE
#  define FORWARD 2e-7
#  define GRADIENT 2e-7
#  define DEEP_GRADIENT 2e-7
#  define STEPS 2e-7
#  define SHARP_STEPS 2e-7
#else
#  define FORWARD 2e-5
#  define GRADIENT 1e-4
#  define DEEP_GRADIENT 5e-4
#  define STEPS 5e-5
#  define SHARP_STEPS 2e-3
#endif

static golden_worst worst;

static void keep_worst(const char *what, const golden_worst *w)
{
    golden_report(what, w);
    golden_keep(&worst, w);
}

/* A model in a net for a batch, its parameters set from tiny_params (rule: by rule). */
typedef struct recorded {
    zoo_model *model;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    gop_real *grads;
} recorded;

#define OK(err, call) ck_assert_msg((call) == GOP_OK, "%s", (err).message)

static recorded record(const char *config, size_t batch, bool training, bool rule)
{
    gop_error err = {GOP_OK, ""};
    golden *g = golden_open(config);
    recorded r = {.model = golden_model(g)};
    OK(err, gop_ctx_new(&r.ctx, 2, 0, &err));
    OK(err, gop_net_new(&r.net, r.ctx, r.model->params, training, &err));
    OK(err, zoo_model_record(r.model, r.net, batch, &r.ports, &err));
    if (rule)
        golden_rule_params(r.model->params);
    else
        golden_set_params(g, r.model->params, "");
    r.grads = calloc(gop_params_size(r.model->params), sizeof *r.grads);
    ck_assert_ptr_nonnull(r.grads);
    golden_close(g);
    return r;
}

static void release(recorded *r)
{
    free(r->grads);
    gop_net_free(r->net);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->model);
}

static void set(recorded *r, gop_var v, const golden *g, const char *name)
{
    golden_copy(gop_value(r->net, v), gop_shape_of(r->net, v), g, "in", name);
}

static void rule_poses(recorded *r, gop_var v, const char *name)
{
    golden_rule_poses(gop_value(r->net, v), gop_shape_of(r->net, v), name);
}

static void expect(const recorded *r, const golden *g, const char *name, gop_var v,
                   golden_worst *w)
{
    golden_expect_worst(g, "out", name, gop_value(r->net, v), gop_shape_of(r->net, v), FORWARD, w);
}

/* The softmax of the case's logits against the scores. */
static void expect_scores(const recorded *r, const golden *g, golden_worst *w)
{
    const golden_tensor *logits = golden_get(g, "out", "logits");
    gop_shape s = gop_shape_of(r->net, r->ports.scores);
    ck_assert(gop_shape_equal(s, logits->shape));
    size_t C = s.dim[1];
    double *p = malloc(logits->size * sizeof *p);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < logits->size; i += C) {
        double sum = 0;
        for (size_t k = i; k < i + C; k++)
            sum += p[k] = exp(logits->v[k]);
        for (size_t k = i; k < i + C; k++)
            p[k] /= sum;
    }
    double e = golden_error(gop_value(r->net, r->ports.scores), p, logits->size);
    ck_assert_msg(e <= FORWARD, "%s: the scores are off by %.2g", g->name, e);
    if (e > w->forward) {
        w->forward = e;
        snprintf(w->forward_at, sizeof w->forward_at, "%s: scores", g->name);
    }
    free(p);
}

START_TEST(answers)
{
    recorded r = record("tiny_params", 2, false, false);
    golden *g = golden_open("model_eval");
    golden_worst w = {0, 0, "", ""};
    set(&r, r.ports.x, g, "x");
    ck_assert_int_eq(gop_forward_checked(r.net, NULL), GOP_OK);
    expect_scores(&r, g, &w);
    expect(&r, g, "pred", r.ports.poses, &w);
    keep_worst("answers", &w);
    golden_close(g);
    release(&r);
}
END_TEST

/* Poses of every fifth node only are in the file. */
START_TEST(light_answers)
{
    recorded r = record("light_digest", 2, false, true);
    golden *g = golden_open("light_digest");
    golden_worst w = {0, 0, "", ""};
    const golden_tensor *pred = golden_get(g, "out", "pred");
    gop_shape s = gop_shape_of(r.net, r.ports.poses);
    size_t every = (size_t)golden_number(g, "pred_nodes_every"), row = s.dim[2] * s.dim[3], n = 0;
    rule_poses(&r, r.ports.x, "light/x");
    ck_assert_int_eq(gop_forward_checked(r.net, NULL), GOP_OK);
    expect_scores(&r, g, &w);
    gop_real *some = malloc(pred->size * sizeof *some);
    ck_assert_ptr_nonnull(some);
    for (size_t i = 0; i < s.dim[0] * s.dim[1]; i++)
        if (i % s.dim[1] % every == 0) {
            ck_assert_uint_le((n + 1) * row, pred->size);
            memcpy(some + n++ * row, gop_value(r.net, r.ports.poses) + i * row,
                   row * sizeof *some);
        }
    s.dim[1] = (s.dim[1] + every - 1) / every;
    golden_expect_worst(g, "out", "pred", some, s, FORWARD, &w);
    keep_worst("light network", &w);
    free(some);
    golden_close(g);
    release(&r);
}
END_TEST

/* What the preset and the narrow network have in common: everything but sizes. */
START_TEST(full_is_the_preset)
{
    static const char *const same[] = {"gamma", "agim_k", "lambda_act", "strides", "kernels",
                                       "fuse_after", "orders", "out_hidden_layers"};
    gop_error err = {GOP_OK, ""};
    golden *g = golden_open("full_digest");
    zoo_model *narrow = golden_model(g), *full;
    OK(err, zoo_model_new(&full, narrow->type, "full", &narrow->domain, 1, &err));
    for (const zoo_option *o = full->type->options; o->key != NULL; o++) {
        char a[256], b[256];
        zoo_model_get(full, o, a, sizeof a);
        zoo_model_get(narrow, o, b, sizeof b);
        for (size_t i = 0; i < sizeof same / sizeof *same; i++)
            if (strcmp(o->key, same[i]) == 0)
                ck_assert_str_eq(a, b);
    }
    zoo_model_free(full);
    zoo_model_free(narrow);
    golden_close(g);
}
END_TEST

START_TEST(full_answers)
{
    recorded r = record("full_digest", 2, false, true);
    golden *g = golden_open("full_digest");
    golden_worst w = {0, 0, "", ""};
    rule_poses(&r, r.ports.x, "full/x120");
    ck_assert_int_eq(gop_forward_checked(r.net, NULL), GOP_OK);
    expect_scores(&r, g, &w);
    expect(&r, g, "pred", r.ports.poses, &w);
    keep_worst("full network", &w);
    golden_close(g);
    release(&r);
}
END_TEST

START_TEST(full_gradients)
{
    gop_error err = {GOP_OK, ""};
    recorded r = record("full_digest", 2, true, true);
    golden *g = golden_open("full_digest");
    golden_worst w = {0, 0, "", ""};
    gop_mgda_work *mgda = NULL;
    double lambda = golden_number(g, "lam");
    size_t n = 0, all = 0;
    OK(err, gop_mgda_new(&mgda, r.ctx, r.net, r.ports.shared, r.ports.n_shared, &err));
    rule_poses(&r, r.ports.x, "full/x120");
    rule_poses(&r, r.ports.target, "full/target120");
    set(&r, r.ports.labels, g, "labels");
    OK(err, gop_forward_checked(r.net, &err));
    OK(err, gop_mgda_backward(mgda, r.net, GOP_MGDA_FIXED, r.ports.loss_recognition,
                              r.ports.loss_prediction, &lambda, r.grads, &err));
    expect(&r, g, "loss_recg", r.ports.loss_recognition, &w);
    expect(&r, g, "loss_pred", r.ports.loss_prediction, &w);
    for (size_t i = 0; i < gop_params_count(r.model->params); i++) {
        gop_param_info p = gop_params_get(r.model->params, i);
        gop_real got[4];
        if (!p.trained)
            continue;
        golden_project(got, p.name, r.grads + p.offset, gop_shape_size(p.shape));
        golden_expect_worst(g, "gdot", p.name, got, gop_shape1(4), DEEP_GRADIENT, &w);
        n++;
    }
    for (size_t i = 0; i < g->n_tensors; i++)
        all += strcmp(g->tensor[i].kind, "gdot") == 0;
    ck_assert_uint_eq(n, all);
    keep_worst("full network's gradients", &w);
    gop_mgda_free(mgda);
    golden_close(g);
    release(&r);
}
END_TEST

static const struct {
    const char *name;
    gop_mgda mode;
} modes[] = {{"fixed", GOP_MGDA_FIXED},
             {"exact", GOP_MGDA_EXACT},
             {"ub", GOP_MGDA_UB},
             {"ub-normalised", GOP_MGDA_UB_NORMALISED}};

/* Both losses, lambda and the gradient on every parameter. */
START_TEST(gradients)
{
    char name[64];
    gop_error err = {GOP_OK, ""};
    snprintf(name, sizeof name, "train_grads_%s", modes[_i].name);
    recorded r = record("tiny_params", 4, true, false);
    golden *g = golden_open(name);
    golden_worst w = {0, 0, "", ""};
    gop_mgda_work *mgda = NULL;
    double lambda = 0.25;
    OK(err, gop_mgda_new(&mgda, r.ctx, r.net, r.ports.shared, r.ports.n_shared, &err));
    set(&r, r.ports.x, g, "x");
    set(&r, r.ports.labels, g, "labels");
    set(&r, r.ports.target, g, "target");
    OK(err, gop_forward_checked(r.net, &err));
    OK(err, gop_mgda_backward(mgda, r.net, modes[_i].mode, r.ports.loss_recognition,
                              r.ports.loss_prediction, &lambda, r.grads, &err));
    gop_real l = (gop_real)lambda;
    golden_expect_worst(g, "out", "lambda", &l, gop_shape0(), GRADIENT, &w);
    expect(&r, g, "loss_recg", r.ports.loss_recognition, &w);
    expect(&r, g, "loss_pred", r.ports.loss_prediction, &w);
    if (golden_find(g, "out", "H") != NULL) {
        expect_scores(&r, g, &w);
        expect(&r, g, "pred", r.ports.poses, &w);
        expect(&r, g, "H", r.ports.shared[0], &w);
        expect(&r, g, "A_act", r.ports.shared[1], &w);
    }
    size_t n = golden_expect_params(g, r.model->params, "", r.grads, FORWARD, GRADIENT, &w);
    size_t all = 0;
    for (size_t i = 0; i < g->n_tensors; i++)
        all += strcmp(g->tensor[i].kind, "gpar") == 0 || strcmp(g->tensor[i].kind, "aft") == 0;
    ck_assert_uint_eq(n, all);
    keep_worst(g->name, &w);
    gop_mgda_free(mgda);
    golden_close(g);
    release(&r);
}
END_TEST

/* The samples that step `step` takes of train_batches. */
static void set_batch(recorded *r, const golden *b, size_t step)
{
    static const char *const name[3] = {"x", "target", "labels"};
    gop_var port[3] = {r->ports.x, r->ports.target, r->ports.labels};
    const golden_tensor *order = golden_get(b, "in", "batches");
    size_t batch = order->shape.dim[1];
    for (int i = 0; i < 3; i++) {
        const golden_tensor *t = golden_get(b, "in", name[i]);
        size_t row = t->size / t->shape.dim[0];
        gop_real *to = gop_value(r->net, port[i]);
        for (size_t k = 0; k < batch * row; k++)
            to[k] = (gop_real)t->v[(size_t)order->v[step * batch + k / row] * row + k % row];
    }
}

static const struct {
    const char *name;
    gop_mgda mode;
    double tolerance;
} runs[] = {{"train_steps_fixed", GOP_MGDA_FIXED, STEPS},
            {"train_steps_ub", GOP_MGDA_UB, STEPS},
            {"train_steps_fixed_eps8", GOP_MGDA_FIXED, SHARP_STEPS},
            {"train_steps_ub_eps8", GOP_MGDA_UB, SHARP_STEPS}};

START_TEST(ten_steps)
{
    enum { STEP_COUNT = 10 };
    static const char *const what[3] = {"loss_recg", "loss_pred", "lambda"};
    gop_real got[3][STEP_COUNT];
    gop_error err = {GOP_OK, ""};
    recorded r = record("tiny_params", 4, true, false);
    golden *g = golden_open(runs[_i].name), *b = golden_open("train_batches");
    golden_worst w = {0, 0, "", ""};
    gop_mgda_work *mgda = NULL;
    gop_optimiser *adam = NULL;
    OK(err, gop_mgda_new(&mgda, r.ctx, r.net, r.ports.shared, r.ports.n_shared, &err));
    OK(err, gop_adam_new(&adam, r.ctx, r.model->params, golden_number(g, "beta1"),
                         golden_number(g, "beta2"), golden_number(g, "eps"), 0, &err));
    for (size_t step = 0; step < STEP_COUNT; step++) {
        double lambda = 0.5;
        set_batch(&r, b, step);
        OK(err, gop_forward_checked(r.net, &err));
        OK(err, gop_mgda_backward(mgda, r.net, runs[_i].mode, r.ports.loss_recognition,
                                  r.ports.loss_prediction, &lambda, r.grads, &err));
        got[0][step] = *gop_value(r.net, r.ports.loss_recognition);
        got[1][step] = *gop_value(r.net, r.ports.loss_prediction);
        got[2][step] = (gop_real)lambda;
        gop_optimiser_step(adam, r.grads, golden_number(g, "lr"));
    }
    for (int i = 0; i < 3; i++)
        golden_expect_worst(g, "out", what[i], got[i], gop_shape1(STEP_COUNT), runs[_i].tolerance,
                            &w);
    golden_report(g->name, &w);
    gop_optimiser_free(adam);
    gop_mgda_free(mgda);
    golden_close(b);
    golden_close(g);
    release(&r);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int main(void)
{
    Suite *s = suite_create("golden values of the network");
    TCase *c = tcase_create("network");
    tcase_add_test(c, answers);
    tcase_add_test(c, light_answers);
    tcase_add_test(c, full_is_the_preset);
    tcase_add_test(c, full_answers);
    tcase_add_test(c, full_gradients);
    tcase_add_loop_test(c, gradients, 0, COUNT(modes));
    tcase_add_loop_test(c, ten_steps, 0, COUNT(runs));
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_set_fork_status(runner, CK_NOFORK); /* the largest error is kept in memory */
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    golden_report("network, worst of all:", &worst);
    return failed == 0 ? 0 : 1;
}
