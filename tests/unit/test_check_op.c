/*
 * test_check_op.c: custom operators through gop_gradcheck, gop_check_op and gop_bench_case: a
 * correct one passes, each kind of wrong one is found, mistakes get a sentence.  In float, as an
 * installed library is, and in double.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "graphop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------- y = x^2, right and wrong in many ways */

static gop_status square_plan(gop_op_plan *p)
{
    p->out = p->in[0];
    return GOP_OK;
}

static void square_rows(const gop_run *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        r->out[i] = r->in[0][i] * r->in[0][i];
}

static void square_rows_back(const gop_run *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) + 2 * r->in[0][i] * r->dout[i];
}

static void square_forward(const gop_run *r)
{
    square_rows(r, 0, gop_shape_size(r->out_shape));
}

static void square_backward(const gop_run *r)
{
    square_rows_back(r, 0, gop_shape_size(r->out_shape));
}

static void backward_times(const gop_run *r, gop_real factor)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) + factor * r->in[0][i] * r->dout[i];
}

static void half_backward(const gop_run *r)
{
    backward_times(r, 1);
}

static void close_backward(const gop_run *r)
{
    backward_times(r, (gop_real)2.02);
}

static void nan_backward(const gop_run *r)
{
    backward_times(r, (gop_real)NAN);
}

static void overwriting_backward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->din[0][i] = 2 * r->in[0][i] * r->dout[i];
}

static void spoiling_backward(const gop_run *r)
{
    square_backward(r);
    r->in[0][0] = 0;
}

static void wrong_forward(const gop_run *r)
{
    square_forward(r);
    r->out[gop_shape_size(r->out_shape) - 1] += (gop_real)0.001;
}

static void threads_forward(const gop_run *r)
{
    square_forward(r);
    r->out[0] += (gop_real)(GOP_FORMULA_TOLERANCE / 10) * (gop_real)gop_ctx_threads(r->ctx);
}

/* Calls gop_run_produced twice for its first elements and never for its last ones. */
static void misled_forward(const gop_run *r)
{
    size_t n = gop_shape_size(r->out_shape), last = r->out_shape.dim[r->out_shape.rank - 1];
    square_forward(r);
    gop_run_produced(r, 0, n - last);
}

/* Writes to out, which may be the input's memory, before it has read the neighbour. */
static void backwards_forward(const gop_run *r)
{
    size_t n = gop_shape_size(r->out_shape);
    for (size_t i = 0; i < n; i++)
        r->out[i] = r->in[0][n - 1 - i];
}

static void reversed_backward(const gop_run *r)
{
    size_t n = gop_shape_size(r->out_shape);
    for (size_t i = 0; i < n; i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) + r->dout[n - 1 - i];
}

static void square_naive(gop_tensor out, const gop_tensor *in, const void *attr)
{
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(out.shape); i++)
        out.v[i] = in[0].v[i] * in[0].v[i];
}

/* Wrong only if work is cut into chunks. */
static void late_forward(const gop_run *r)
{
    square_forward(r);
    if (gop_shape_size(r->out_shape) > 10000)
        r->out[10000] += (gop_real)0.001;
}

static void late_backward(const gop_run *r)
{
    const size_t n = gop_shape_size(r->out_shape);
    square_backward(r);
    for (size_t i = 10000; i < n; i++)
        r->din[0][i] -= r->dout[i] * r->in[0][i];
}

/* A kink in each element, and steps over many of them. */
static void fold_forward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->out[i] = (gop_real)fabs((double)r->in[0][i]);
}

static void fold_backward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) +
                       (r->in[0][i] < 0 ? -r->dout[i] : r->dout[i]);
}

static const gop_case cases[] = {
    {"square", .in = {{2, {3, 5}}}, .naive = square_naive},
    {0},
};

static const gop_case no_naive[] = {
    {"no naive", .in = {{2, {3, 5}}}},
    {0},
};

/* Already large enough, with too many rows to enlarge. */
static const gop_case timed[] = {
    {"timed", .in = {{1, {1}}}, .bench = {{2, {300, 50}}}, .naive = square_naive},
    {0},
};

/* Correct except for the caller's change. */
static gop_op square(void)
{
    gop_op op = {.name = "square",
                 .flags = GOP_OP_NEEDS_IN,
                 .plan = square_plan,
                 .forward = square_forward,
                 .backward = square_backward,
                 .cases = cases};
    return op;
}

START_TEST(a_right_operator_passes)
{
    const gop_op whole = square();
    const gop_op rows = {.name = "square",
                         .flags = GOP_OP_NEEDS_IN | GOP_OP_ELEMENTWISE,
                         .plan = square_plan,
                         .rows = square_rows,
                         .rows_back = square_rows_back,
                         .cases = cases};
    const gop_op *both[2] = {&whole, &rows};
    for (int k = 0; k < 2; k++) {
        gop_op_report r;
        gop_error err = {GOP_OK, ""};
        ck_assert_msg(gop_check_op(&r, both[k], &err) == GOP_OK, "%s", err.message);
        ck_assert_uint_eq(r.cases, 1);
        ck_assert_uint_eq(r.naive, 1);
        ck_assert_uint_eq(r.enlarged, 1);
        ck_assert(r.large == 1 && r.reduced == 0);
        ck_assert(r.formula == 0 && r.formula_large == 0 && r.gradient <= GOP_GRADCHECK_TOLERANCE);
        ck_assert(r.gradient_large > 0 && r.gradient_large < 1e-4);
        ck_assert_int_eq(gop_check_op(NULL, both[k], NULL), GOP_OK);
    }
}
END_TEST

typedef struct wrong {
    const char *says;
    unsigned flags;
    gop_status (*plan)(gop_op_plan *p);
    void (*forward)(const gop_run *r);
    void (*backward)(const gop_run *r);
    const gop_case *cases;
} wrong;

static const wrong wrongs[] = {
    {"differs from its naive reference", GOP_OP_NEEDS_IN, square_plan, wrong_forward,
     square_backward, cases},
    {"differs from its naive reference", GOP_OP_NEEDS_IN, square_plan, late_forward,
     square_backward, cases},
    {"differs from its naive reference", GOP_OP_NEEDS_IN, square_plan, late_forward,
     square_backward, timed},
    {"differs from central differences", GOP_OP_NEEDS_IN, square_plan, square_forward,
     half_backward, cases},
    {"differs from central differences", GOP_OP_NEEDS_IN, square_plan, square_forward,
     close_backward, cases},
    {"of its norm", GOP_OP_NEEDS_IN, square_plan, square_forward, late_backward, cases},
    {"of its norm", GOP_OP_NEEDS_IN, square_plan, square_forward, late_backward, no_naive},
    {"is nan", GOP_OP_NEEDS_IN, square_plan, square_forward, nan_backward, cases},
    {"added to another", GOP_OP_NEEDS_IN, square_plan, square_forward, overwriting_backward, cases},
    {"changes input 1", GOP_OP_NEEDS_IN, square_plan, square_forward, spoiling_backward, cases},
    {"on three threads", GOP_OP_NEEDS_IN, square_plan, threads_forward, square_backward, cases},
    {"the values that the flags do not declare", 0, square_plan, square_forward, square_backward,
     cases},
    {"between other operators", GOP_OP_NEEDS_IN | GOP_OP_STREAMS_OUT, square_plan, misled_forward,
     square_backward, cases},
    {"between other operators", GOP_OP_INPLACE, square_plan, backwards_forward, reversed_backward,
     no_naive},
    {"the case has no gradient", GOP_OP_NEEDS_IN, square_plan, square_forward, NULL, cases},
    {"square has no plan", GOP_OP_NEEDS_IN, NULL, square_forward, square_backward, cases},
    {"square has no forward or rows", GOP_OP_NEEDS_IN, square_plan, NULL, square_backward, cases},
    {"square has no case", GOP_OP_NEEDS_IN, square_plan, square_forward, square_backward, NULL},
};

START_TEST(a_wrong_operator_is_found)
{
    for (size_t k = 0; k < sizeof wrongs / sizeof *wrongs; k++) {
        const wrong *w = &wrongs[k];
        const gop_op op = {.name = "square",
                           .flags = w->flags,
                           .plan = w->plan,
                           .forward = w->forward,
                           .backward = w->backward,
                           .cases = w->cases};
        gop_op_report r;
        gop_error err = {GOP_OK, ""};
        ck_assert_msg(gop_check_op(&r, &op, &err) != GOP_OK, "not found: %s", w->says);
        ck_assert_msg(strstr(err.message, w->says) != NULL, "\"%s\" does not say \"%s\"",
                      err.message, w->says);
    }
    gop_op nameless = square();
    gop_error err = {GOP_OK, ""};
    nameless.name = NULL;
    ck_assert_int_eq(recorded(gop_check_op(NULL, &nameless, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "gop_check_op: the operator has no name");
    ck_assert_int_eq(recorded(gop_check_op(NULL, NULL, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "gop_check_op: the operator has no table");
}
END_TEST

/* Wrong by a hundredth, which float differences can detect too. */
START_TEST(gradcheck_measures_how_wrong)
{
    gop_op half = square(), close = square(), nan = square();
    gop_error err = {GOP_OK, ""};
    double worst = 0;
    half.backward = half_backward;
    close.backward = close_backward;
    nan.backward = nan_backward;
    ck_assert_msg(gop_gradcheck(&worst, &half, &cases[0], 1, &err) == GOP_OK, "%s", err.message);
    ck_assert_double_gt(worst, 0.1);
    ck_assert_msg(gop_gradcheck(&worst, &close, &cases[0], 1, &err) == GOP_OK, "%s", err.message);
    ck_assert_double_gt(worst, 0.002);
    ck_assert_double_lt(worst, 0.03);
    ck_assert_int_eq(recorded(gop_gradcheck(&worst, &nan, &cases[0], 1, &err), &err), GOP_ENUMERIC);
    ck_assert(isnan(worst));
}
END_TEST

/* ------------------------------------------------------------------------ mistakes */

static gop_var build_none(gop_net *net, const gop_var *in, const void *attr)
{
    (void)net, (void)in, (void)attr;
    return gop_none();
}

static gop_var build_wrong(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_axpby(net, 1, in[0], 1, gop_mean(net, in[0], 0));
}

static gop_var build_relu(gop_net *net, const gop_var *in, const void *attr)
{
    (void)attr;
    return gop_relu(net, in[0]);
}

typedef struct mistake {
    gop_case c;
    gop_status status;
    const char *says;
} mistake;

static const mistake mistakes[] = {
    {{.in = {{2, {3, 5}}}, .build = build_relu}, GOP_EINVAL, "has no name"},
    {{"mine", .in = {{2, {3, 5}}}}, GOP_EINVAL, "\"mine\" has neither an operator nor `build`"},
    {{"mine", .build = build_relu}, GOP_EINVAL, "has no first input"},
    {{"mine", .in = {{.rank = -1}, {2, {3, 5}}}, .build = build_relu},
     GOP_EINVAL,
     "no first input"},
    {{"mine", .in = {{2, {3, 0}}}, .build = build_relu}, GOP_ESHAPE, "[3, 0]"},
    {{"mine", .in = {{5, {3, 1, 1, 1}}}, .build = build_relu}, GOP_ESHAPE, "the empty shape"},
    {{"mine", .in = {{1, {3}}, {0}, {1, {3}}}, .build = build_relu}, GOP_ESHAPE, "input 2"},
    {{"mine", .in = {{2, {3, 5}}}, .range = {{2, 1}}, .build = build_relu},
     GOP_EINVAL,
     "the invalid range 2 to 1"},
    {{"mine", .in = {{2, {3, 5}}}, .build = build_none}, GOP_EINVAL, "\"mine\" builds nothing"},
    {{"mine", .in = {{2, {3, 5}}}, .build = build_wrong}, GOP_ESHAPE, "axpby"},
};

START_TEST(mistakes_get_a_sentence)
{
    for (size_t k = 0; k < sizeof mistakes / sizeof *mistakes; k++) {
        const mistake *m = &mistakes[k];
        gop_error err[2] = {{GOP_OK, ""}, {GOP_OK, ""}};
        gop_bench b;
        double worst = 0;
        ck_assert_int_eq(gop_gradcheck(&worst, NULL, &m->c, 1, &err[0]), m->status);
        ck_assert_int_eq(gop_bench_case(&b, NULL, &m->c, 1, 0, &err[1]), m->status);
        for (int i = 0; i < 2; i++)
            ck_assert_msg(strstr(err[i].message, m->says) != NULL, "\"%s\" does not say \"%s\"",
                          err[i].message, m->says);
        ck_assert_int_eq(gop_gradcheck(&worst, NULL, &m->c, 1, NULL), m->status);
    }
    const gop_op op = square();
    gop_bench b;
    double worst;
    ck_assert_int_eq(gop_gradcheck(&worst, NULL, NULL, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_gradcheck(NULL, &op, &cases[0], 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_bench_case(&b, &op, NULL, 1, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_bench_case(NULL, &op, &cases[0], 1, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_bench_case(&b, &op, &cases[0], 1, -1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_bench_case(&b, &op, &cases[0], 1, (double)NAN, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_bench_case(&b, &op, &cases[0], -1, 0, NULL), GOP_EINVAL);
}
END_TEST

/* ------------------------------------------------------------------------- domains */

/* y = log x: long steps leave its domain. */
static void log_forward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->out[i] = (gop_real)log((double)r->in[0][i]);
}

static void log_backward(const gop_run *r)
{
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i++)
        r->din[0][i] = (r->add[0] ? r->din[0][i] : 0) + r->dout[i] / r->in[0][i];
}

START_TEST(steps_stay_in_the_domain)
{
    static const gop_case c[] = {
        {"log", .in = {{2, {30, 5}}}, .range = {{0.05, 2}}},
        {0},
    };
    const gop_op op = {.name = "log",
                       .flags = GOP_OP_NEEDS_IN,
                       .plan = square_plan,
                       .forward = log_forward,
                       .backward = log_backward,
                       .cases = c};
    gop_error err = {GOP_OK, ""};
    gop_op_report r;
    ck_assert_msg(gop_check_op(&r, &op, &err) == GOP_OK, "%s", err.message);
}
END_TEST

/* y = |x|, of which many elements are nearer to 0 than a step. */
START_TEST(kinks_do_not_disturb)
{
    const gop_op op = {.name = "fold",
                       .flags = GOP_OP_NEEDS_IN,
                       .plan = square_plan,
                       .forward = fold_forward,
                       .backward = fold_backward,
                       .cases = no_naive};
    gop_error err = {GOP_OK, ""};
    gop_op_report r;
    ck_assert_msg(gop_check_op(&r, &op, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(r.enlarged, 1);
}
END_TEST

/* ------------------------------------------------------------------------- speed */

START_TEST(an_operator_of_ones_own_is_timed)
{
    const gop_op op = square();
    gop_case c = cases[0];
    gop_error err = {GOP_OK, ""};
    gop_bench b;
    ck_assert_msg(gop_bench_case(&b, &op, &c, 1, 0.01, &err) == GOP_OK, "%s", err.message);
    ck_assert(b.forward > 0 && b.backward > 0 && b.runs >= 5);
    ck_assert_uint_gt(gop_shape_size(b.in[0]), 1000000);
    ck_assert_uint_eq(b.n_in, 1);
    ck_assert(gop_shape_equal(b.in[0], b.out));
    ck_assert_uint_eq(b.madds, 0);
    ck_assert_uint_eq(b.bytes, 2 * gop_shape_size(b.out) * sizeof(gop_real));
    ck_assert_uint_eq(b.bytes_backward, 3 * gop_shape_size(b.out) * sizeof(gop_real));

    c.bench[0] = gop_shape2(7, 11);
    ck_assert_int_eq(gop_bench_case(&b, &op, &c, 2, 0, NULL), GOP_OK);
    ck_assert(gop_shape_equal(b.in[0], c.bench[0]) && gop_shape_equal(b.out, c.bench[0]));
    c.bench[0] = gop_shape2(7, 0);
    ck_assert_int_eq(gop_bench_case(&b, &op, &c, 2, 0, NULL), GOP_ESHAPE);
}
END_TEST

START_TEST(what_is_not_differentiated_has_no_backward)
{
    gop_op op = square();
    gop_bench b;
    op.backward = NULL;
    ck_assert_int_eq(gop_bench_case(&b, &op, &cases[0], 1, 0, NULL), GOP_OK);
    ck_assert(b.forward > 0 && b.backward == 0);
    ck_assert_uint_eq(b.bytes_backward, 0);
}
END_TEST

/* Backward of a product takes twice the multiply-adds. */
START_TEST(every_operator_can_be_timed)
{
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++) {
        const gop_case *c = (*op)->cases;
        gop_error err = {GOP_OK, ""};
        gop_bench b;
        ck_assert_msg(gop_bench_case(&b, *op, c, 2, 0, &err) == GOP_OK, "%s, %s: %s", (*op)->name,
                      c->name, err.message);
        ck_assert_msg(b.forward > 0, "%s, %s", (*op)->name, c->name);
        if (strcmp((*op)->name, "linear") == 0) {
            ck_assert_uint_gt(b.madds, 0);
            ck_assert_uint_eq(b.madds_backward, 2 * b.madds);
        }
    }
}
END_TEST

TEST_MAIN("checks of operators")
{
    tcase_add_test(t, a_right_operator_passes);
    tcase_add_test(t, a_wrong_operator_is_found);
    tcase_add_test(t, gradcheck_measures_how_wrong);
    tcase_add_test(t, mistakes_get_a_sentence);
    tcase_add_test(t, steps_stay_in_the_domain);
    tcase_add_test(t, kinks_do_not_disturb);
    tcase_add_test(t, an_operator_of_ones_own_is_timed);
    tcase_add_test(t, what_is_not_differentiated_has_no_backward);
    tcase_add_test(t, every_operator_can_be_timed);
}
