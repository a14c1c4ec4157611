/*
 * test_gradients.c: the gradient of every case of every operator against
 * central differences, in double precision (built with GOP_REAL_IS_DOUBLE).
 * Prints the worst relative error of each.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "graphop.h"
#include "roll_case.h"

#include <check.h>
#include <math.h>
#include <stdio.h>

#ifndef GOP_REAL_IS_DOUBLE
#  error "central differences need the library in double precision"
#endif

#define TOLERANCE 1e-6

static void check_case(const char *op, const gop_case *c)
{
    for (uint64_t seed = 1; seed <= 2; seed++) {
        gop_error err = {GOP_OK, ""};
        double worst = NAN;
        gop_status s = gop_gradcheck(&worst, c, seed, &err);
        ck_assert_msg(s == GOP_OK, "%s, %s: %s", op, c->name, err.message);
        if (seed == 1)
            printf("%-20s %-40s %.1e\n", op, c->name, worst);
        ck_assert_msg(worst <= TOLERANCE, "%s, %s, seed %d: off by %g", op, c->name, (int)seed,
                      worst);
    }
}

START_TEST(gradients_are_those_of_central_differences)
{
    size_t checked = 0;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++) {
        if ((*op)->backward == NULL && (*op)->rows_back == NULL &&
            !((*op)->flags & GOP_OP_VIEW))
            continue;
        const gop_case *c = (*op)->cases;
        ck_assert_msg(c != NULL && c->name != NULL, "%s has a backward and no case", (*op)->name);
        for (; c->name != NULL; c++)
            check_case((*op)->name, c);
        checked++;
    }
    ck_assert_uint_ge(checked, 20);
}
END_TEST

START_TEST(gradients_go_back_through_a_roll_out)
{
    for (const gop_case *c = roll_cases; c->name != NULL; c++)
        check_case("roll_out", c);
}
END_TEST

/* y = x^2 with half of its gradient: what a wrong backward looks like. */
static gop_status half_plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return GOP_OK;
}

static void half_forward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->out[i] = r->in[0][i] * r->in[0][i];
}

static void half_backward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) + r->in[0][i] * r->dout[i];
}

static const gop_op half_op = {
    .name = "half", .flags = GOP_OP_NEEDS_IN, .plan = half_plan, .forward = half_forward,
    .backward = half_backward,
};

static gop_var half_build(gop_net *net, const gop_var *in)
{
    return gop_apply(net, &half_op, NULL, in, 1);
}

START_TEST(a_wrong_gradient_is_found)
{
    const gop_case c = {.name = "half", .n_in = 1, .in = {{2, {3, 5, 1, 1}}}, .build = half_build};
    gop_error err = {GOP_OK, ""};
    double worst = 0;
    ck_assert_msg(gop_gradcheck(&worst, &c, 1, &err) == GOP_OK, "%s", err.message);
    ck_assert_double_gt(worst, 0.01);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradients");
    TCase *t = tcase_create("central differences");
    tcase_add_test(t, gradients_are_those_of_central_differences);
    tcase_add_test(t, gradients_go_back_through_a_roll_out);
    tcase_add_test(t, a_wrong_gradient_is_found);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
