/*
 * test_class_contrast.c: promises of gop_class_contrast beyond its formula: which samples move a
 * class's mean, labels out of range, features of length 0, wrong shapes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"

#include <math.h>

enum { N = 5, H = 2, CLASSES = 3 };

/* The loss of five samples, with the means (1, 0), (0, 1), (1, 1). */
typedef struct contrast {
    fixture f;
    gop_var features, scores, labels, loss;
    gop_real *means;
} contrast;

static contrast contrast_new(bool training)
{
    static const gop_real begin[CLASSES * H] = {1, 0, 0, 1, 1, 1};
    contrast c = {.f = fixture_new(training)};
    gop_net *net = c.f.net;
    c.features = gop_input(net, "f", gop_shape2(N, H));
    c.scores = gop_input(net, "scores", gop_shape2(N, CLASSES));
    c.labels = gop_input(net, "labels", gop_shape1(N));
    gop_net_first_values(net, "means", gop_init_data(begin));
    gop_var m = gop_stat(net, "means", gop_shape2(CLASSES, H), 0);
    c.loss = gop_class_contrast(net, c.features, c.scores, c.labels, m, 0.5, 1);
    gop_net_keep(net, c.features);
    gop_net_keep(net, c.loss);
    assert_ok(c.f, gop_net_plan(net, &c.f.err));
    c.means = gop_params_info(c.f.params, gop_params_find(c.f.params, "means")).data;
    return c;
}

static void fill(contrast *c, gop_var v, const gop_real *from)
{
    memcpy(gop_net_value(c->f.net, v), from,
           gop_shape_size(gop_net_shape(c->f.net, v)) * sizeof *from);
}

/* Samples 0 and 1 are right, of class 0; sample 2 is of class 1, but its score is largest at 0; the
 * scores of sample 3, of class 1, are equal, which counts for class 0; those of sample 4, of class
 * 2, are NaN. */
static const gop_real features[N * H] = {4, 2, 0, 2, 7, 7, 9, 9, 5, 5};
static const gop_real labels[N] = {0, 0, 1, 1, 2};
static const gop_real scores[N * CLASSES] = {
    2, 1, 0, 3, 3, 1, 5, 1, 0, 1, 1, 1, (gop_real)NAN, (gop_real)NAN, (gop_real)NAN};

START_TEST(right_samples_move_the_mean)
{
    const bool training = _i == 1;
    static const gop_real moved[CLASSES * H] = {1.5f, 1, 0, 1, 1, 1};
    static const gop_real still[CLASSES * H] = {1, 0, 0, 1, 1, 1};
    contrast c = contrast_new(training);
    fill(&c, c.features, features);
    fill(&c, c.labels, labels);
    fill(&c, c.scores, scores);
    assert_ok(c.f, gop_net_forward(c.f.net, &c.f.err));
    for (size_t i = 0; i < CLASSES * H; i++)
        ck_assert_double_eq_tol((double)c.means[i], (double)(training ? moved : still)[i], 1e-6);
    ck_assert(isfinite(gop_net_value(c.f.net, c.loss)[0]));
    fixture_free(&c.f);
}
END_TEST

START_TEST(a_label_out_of_range_makes_the_loss_nan)
{
    const gop_real wrong[] = {-1, CLASSES, 0.5f, (gop_real)NAN};
    contrast c = contrast_new(true);
    fill(&c, c.features, features);
    fill(&c, c.labels, labels);
    fill(&c, c.scores, scores);
    gop_net_value(c.f.net, c.labels)[2] = wrong[_i];
    assert_ok(c.f, gop_net_forward(c.f.net, &c.f.err));
    ck_assert(isnan(gop_net_value(c.f.net, c.loss)[0]));
    for (size_t i = 0; i < CLASSES * H; i++)
        ck_assert(isfinite(c.means[i]));
    fixture_free(&c.f);
}
END_TEST

/* Features of length 0 are equally near to all classes. */
START_TEST(no_length_is_no_direction)
{
    static const gop_real none[N * H] = {0};
    contrast c = contrast_new(true);
    fill(&c, c.features, none);
    fill(&c, c.labels, labels);
    fill(&c, c.scores, scores);
    assert_ok(c.f, gop_net_forward(c.f.net, &c.f.err));
    ck_assert_double_eq_tol((double)gop_net_value(c.f.net, c.loss)[0], log(CLASSES), 1e-6);
    const gop_real one = 1;
    assert_ok(c.f,
              gop_net_backward(c.f.net, &(gop_pass){.from = &c.loss, .seed = &one, .n_from = 1},
                               NULL, &c.f.err));
    for (size_t i = 0; i < N * H; i++)
        ck_assert(isfinite(gop_net_grad(c.f.net, c.features)[i]));
    fixture_free(&c.f);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    static const struct {
        gop_shape f, scores, labels, means;
        double momentum, temperature;
        gop_status status;
        const char *says;
    } all[] = {
        {{2, {4, 2}}, {2, {4, 3}}, {1, {4}}, {2, {3, 5}}, 0.1, 1, GOP_ESHAPE, "means [3, 5]"},
        {{2, {4, 2}}, {2, {5, 3}}, {1, {4}}, {2, {3, 2}}, 0.1, 1, GOP_ESHAPE, "scores [5, 3]"},
        {{2, {4, 2}}, {2, {4, 3}}, {1, {3}}, {2, {3, 2}}, 0.1, 1, GOP_ESHAPE, "labels [3]"},
        {{3, {4, 2, 1}}, {2, {4, 3}}, {1, {4}}, {2, {3, 2}}, 0.1, 1, GOP_ESHAPE, "rank 3"},
        {{2, {4, 2}}, {2, {4, 3}}, {1, {4}}, {2, {3, 2}}, 1.5, 1, GOP_EINVAL, "momentum"},
        {{2, {4, 2}}, {2, {4, 3}}, {1, {4}}, {2, {3, 2}}, 0.1, 0, GOP_EINVAL, "temperature"},
    };
    fixture f = fixture_new(true);
    gop_class_contrast(
        f.net, gop_input(f.net, "f", all[_i].f), gop_input(f.net, "scores", all[_i].scores),
        gop_input(f.net, "labels", all[_i].labels), gop_stat(f.net, "means", all[_i].means, 0),
        all[_i].momentum, all[_i].temperature);
    ck_assert_int_eq(gop_net_plan(f.net, &f.err), all[_i].status);
    assert_says(&f, all[_i].says);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("class contrast")
{
    tcase_add_loop_test(t, right_samples_move_the_mean, 0, 2);
    tcase_add_loop_test(t, a_label_out_of_range_makes_the_loss_nan, 0, 4);
    tcase_add_test(t, no_length_is_no_direction);
    tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, 6);
}
