/*
 * test_golden_model.c: the whole Sym-GNN at small dimensions against tests/golden, through the
 * zoo's public interface: results, all gradients for every way to choose lambda, ten training
 * steps, the light network's results, and a narrow full network's results and gradients.  Prints
 * the largest errors at the end.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As GOLDEN_FORWARD and GOLDEN_GRADIENT: gradients through nine blocks, ten training steps, and
 * SHARP_STEPS with Adam's usual epsilon, with which the sign of a rounding error can change a
 * parameter. */
#ifdef GOP_REAL_IS_DOUBLE
#define DEEP_GRADIENT 2e-7
#define STEPS         2e-7
#define SHARP_STEPS   2e-7
#else
#define DEEP_GRADIENT 5e-4
#define STEPS         5e-5
#define SHARP_STEPS   2e-3
#endif

static golden_worst worst;

/* The model of a file in a net, its parameters set from the file (rule: by rule). */
static golden_net record(const char *config, size_t batch, bool training, bool rule)
{
    golden *g = golden_open(config);
    golden_net n = golden_net_open(config, golden_model(g), batch, training);
    if (rule)
        golden_rule_params(n.model->params);
    else
        golden_set_params(g, n.model->params, "");
    golden_close(g);
    return n;
}

/* The softmax of the case's logits against the scores. */
static void expect_scores(const golden_net *r, const golden *g, golden_worst *w)
{
    const golden_tensor *logits = golden_get(g, "out", "logits");
    gop_shape s = gop_net_shape(r->net, r->ports.scores);
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
    golden_hold(g->name, "out", "scores",
                golden_error(gop_net_value(r->net, r->ports.scores), p, logits->size),
                GOLDEN_FORWARD, w);
    free(p);
}

START_TEST(answers)
{
    golden_net r = record("tiny_params", 2, false, false);
    golden *g = golden_open("model_eval");
    golden_worst w = {0, 0, "", ""};
    golden_net_set(&r, r.ports.x, g, "x");
    golden_net_forward(&r);
    expect_scores(&r, g, &w);
    golden_net_expect(&r, g, "pred", r.ports.poses, &w);
    golden_keep(&worst, "answers", &w);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

/* The file has the poses of every fifth node only. */
START_TEST(light_answers)
{
    golden_net r = record("light_digest", 2, false, true);
    golden *g = golden_open("light_digest");
    golden_worst w = {0, 0, "", ""};
    golden_net_pose(&r, r.ports.x, "light/x");
    golden_net_forward(&r);
    expect_scores(&r, g, &w);
    golden_net_expect_poses(&r, g, "pred", GOLDEN_FORWARD, &w);
    golden_keep(&worst, "light network", &w);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

/* The preset and the narrow network share everything but sizes. */
START_TEST(full_is_the_preset)
{
    static const char *const same[] = {"gamma",   "agim_k",     "lambda_act", "strides",
                                       "kernels", "fuse_after", "orders",     "out_hidden_layers"};
    gop_error err = {GOP_OK, ""};
    golden *g = golden_open("full_digest");
    zoo_model *narrow = golden_model(g), *full;
    OK(err, zoo_model_new(&full, narrow->type, "full", &narrow->domain, 1, &err));
    for (const zoo_setting *o = full->type->options; o->key != NULL; o++) {
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
    golden_net r = record("full_digest", 2, false, true);
    golden *g = golden_open("full_digest");
    golden_worst w = {0, 0, "", ""};
    golden_net_pose(&r, r.ports.x, "full/x120");
    golden_net_forward(&r);
    expect_scores(&r, g, &w);
    golden_net_expect(&r, g, "pred", r.ports.poses, &w);
    golden_keep(&worst, "full network", &w);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

START_TEST(full_gradients)
{
    golden_net r = record("full_digest", 2, true, true);
    golden *g = golden_open("full_digest");
    golden_worst w = {0, 0, "", ""};
    double lambda = golden_number(g, "lam");
    golden_net_pose(&r, r.ports.x, "full/x120");
    golden_net_pose(&r, r.ports.target, "full/target120");
    golden_net_set(&r, r.ports.labels, g, "labels");
    golden_net_forward(&r);
    golden_net_mgda(&r, GOP_MGDA_FIXED, &lambda);
    golden_net_expect(&r, g, "loss_recg", r.ports.loss_recognition, &w);
    golden_net_expect(&r, g, "loss_pred", r.ports.loss_prediction, &w);
    golden_net_expect_params(&r, g, DEEP_GRADIENT, &w);
    golden_keep(&worst, "full network's gradients", &w);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

static const struct {
    const char *name;
    gop_mgda_mode mode;
} modes[] = {{"fixed", GOP_MGDA_FIXED},
             {"exact", GOP_MGDA_EXACT},
             {"ub", GOP_MGDA_UB},
             {"ub-normalised", GOP_MGDA_UB_NORMALISED}};

/* Both losses, lambda and the gradient on every parameter. */
START_TEST(gradients)
{
    char name[64];
    snprintf(name, sizeof name, "train_grads_%s", modes[_i].name);
    golden_net r = record("tiny_params", 4, true, false);
    golden *g = golden_open(name);
    golden_worst w = {0, 0, "", ""};
    double lambda = 0.25;
    golden_net_set(&r, r.ports.x, g, "x");
    golden_net_set(&r, r.ports.labels, g, "labels");
    golden_net_set(&r, r.ports.target, g, "target");
    golden_net_forward(&r);
    golden_net_mgda(&r, modes[_i].mode, &lambda);
    gop_real l = (gop_real)lambda;
    golden_expect(g, "out", "lambda", &l, gop_shape0(), GOLDEN_GRADIENT, &w);
    golden_net_expect(&r, g, "loss_recg", r.ports.loss_recognition, &w);
    golden_net_expect(&r, g, "loss_pred", r.ports.loss_prediction, &w);
    if (golden_find(g, "out", "H") != NULL) {
        expect_scores(&r, g, &w);
        golden_net_expect(&r, g, "pred", r.ports.poses, &w);
        golden_net_expect(&r, g, "H", r.ports.shared[0], &w);
        golden_net_expect(&r, g, "A_act", r.ports.shared[1], &w);
    }
    golden_net_expect_params(&r, g, GOLDEN_GRADIENT, &w);
    golden_keep(&worst, g->name, &w);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

/* The samples of train_batches that step `step` takes. */
static void set_batch(golden_net *r, const golden *b, size_t step)
{
    static const char *const name[3] = {"x", "target", "labels"};
    gop_var port[3] = {r->ports.x, r->ports.target, r->ports.labels};
    const golden_tensor *order = golden_get(b, "in", "batches");
    size_t batch = order->shape.dim[1];
    for (int i = 0; i < 3; i++) {
        const golden_tensor *t = golden_get(b, "in", name[i]);
        size_t row = t->size / t->shape.dim[0];
        gop_real *to = gop_net_value(r->net, port[i]);
        for (size_t k = 0; k < batch * row; k++)
            to[k] = (gop_real)t->v[(size_t)order->v[step * batch + k / row] * row + k % row];
    }
}

static const struct {
    const char *name;
    gop_mgda_mode mode;
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
    golden_net r = record("tiny_params", 4, true, false);
    golden *g = golden_open(runs[_i].name), *b = golden_open("train_batches");
    golden_worst w = {0, 0, "", ""};
    gop_optimiser *adam = NULL;
    const gop_adam options = {.beta1 = golden_number(g, "beta1"),
                              .beta2 = golden_number(g, "beta2"),
                              .eps = golden_number(g, "eps")};
    OK(err, gop_adam_new(&adam, r.ctx, r.model->params, &options, &err));
    for (size_t step = 0; step < STEP_COUNT; step++) {
        double lambda = 0.5;
        set_batch(&r, b, step);
        golden_net_forward(&r);
        golden_net_mgda(&r, runs[_i].mode, &lambda);
        got[0][step] = *gop_net_value(r.net, r.ports.loss_recognition);
        got[1][step] = *gop_net_value(r.net, r.ports.loss_prediction);
        got[2][step] = (gop_real)lambda;
        gop_optimiser_step(adam, r.grads, 1, golden_number(g, "lr"));
    }
    for (int i = 0; i < 3; i++)
        golden_expect(g, "out", what[i], got[i], gop_shape1(STEP_COUNT), runs[_i].tolerance, &w);
    golden_report(g->name, &w);
    gop_optimiser_free(adam);
    golden_close(b);
    golden_close(g);
    golden_net_close(&r);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("network");
    tcase_add_test(c, answers);
    tcase_add_test(c, light_answers);
    tcase_add_test(c, full_is_the_preset);
    tcase_add_test(c, full_answers);
    tcase_add_test(c, full_gradients);
    tcase_add_loop_test(c, gradients, 0, COUNT(modes));
    tcase_add_loop_test(c, ten_steps, 0, COUNT(runs));
    return golden_main("the network", c, &worst);
}
