/*
 * test_together.c: what must not show when operators run together (net/chain.c)
 * and keep what they prepared from weights (net/prepare.c); and operators of
 * one's own that cannot run.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "net_fixture.h"
#include "scratch.h"

enum { ROWS = 3, IN = 4, OUT = 5 };

static gop_real weight_of(size_t i)
{
    return (gop_real)(1 + (int)(i % 7));
}

/* y[r, o] = k sum_c w[o, c], for x of ones. */
static void assert_scaled(fixture *f, gop_var y, gop_real k, const char *when)
{
    assert_ok(*f, gop_forward(f->net, &f->err));
    for (size_t o = 0; o < OUT; o++) {
        gop_real want = 0;
        for (size_t c = 0; c < IN; c++)
            want += k * weight_of(o * IN + c);
        ck_assert_msg(gop_value(f->net, y)[o] == want, "%s: %g, not %g", when,
                      (double)gop_value(f->net, y)[o], (double)want);
    }
}

START_TEST(prepared_weights_follow_the_params)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape2(ROWS, IN));
    gop_var w = gop_param(f.net, "w", gop_shape2(OUT, IN), gop_init_constant(0));
    gop_var y = gop_linear(f.net, x, w, gop_none());
    gop_keep(f.net, y);
    assert_ok(f, gop_plan(f.net, &f.err));
    for (size_t i = 0; i < ROWS * IN; i++)
        gop_value(f.net, x)[i] = 1;
    gop_real *values = gop_params_values(f.params), grads[OUT * IN];
    for (size_t i = 0; i < OUT * IN; i++)
        values[i] = weight_of(i);
    assert_scaled(&f, y, 1, "at first");

    gop_writer *out;
    gop_reader *in;
    const char *path = scratch_path("params");
    assert_ok(f, gop_writer_open(&out, path, "TST1", 1, &f.err));
    gop_write_params(out, f.params);
    assert_ok(f, gop_writer_commit(out, &f.err));

    for (size_t i = 0; i < OUT * IN; i++)
        values[i] = 2 * weight_of(i);
    gop_params_changed(f.params);
    assert_scaled(&f, y, 2, "written and said so");

    assert_ok(f, gop_reader_open(&in, path, "TST1", 1, &f.err));
    gop_read_params(in, f.params);
    assert_ok(f, gop_reader_status(in, &f.err));
    gop_reader_free(in);
    assert_scaled(&f, y, 1, "read from a file");

    gop_optimiser *opt;
    assert_ok(f, gop_sgd_new(&opt, f.ctx, f.params, 0, false, 0, &f.err));
    for (size_t i = 0; i < OUT * IN; i++)
        grads[i] = -2 * weight_of(i);
    gop_optimiser_step(opt, grads, 1);
    gop_optimiser_free(opt);
    assert_scaled(&f, y, 3, "after a step");
    fixture_free(&f);
}
END_TEST

/* With one row of values, a row of weights is as long as they are, and the operator
 * that makes it could be taken for their leader. */
START_TEST(a_computed_row_of_weights_is_there_in_time)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape2(1, OUT)), q = gop_input(f.net, "q", gop_shape1(IN));
    gop_var mean = gop_stat(f.net, "mean", gop_shape1(OUT), 0);
    gop_var var = gop_stat(f.net, "var", gop_shape1(OUT), 1);
    gop_var w = gop_linear(f.net, q, gop_param(f.net, "w", gop_shape2(OUT, IN), gop_init_constant(1)),
                           gop_none());
    gop_var y = gop_batch_norm(f.net, x, w, gop_none(), mean, var, 0, 0.1);
    gop_keep(f.net, y);
    assert_ok(f, gop_plan(f.net, &f.err));
    for (size_t i = 0; i < OUT; i++)
        gop_value(f.net, x)[i] = (gop_real)i;
    for (int run = 1; run <= 3; run++) {
        for (size_t i = 0; i < IN; i++)
            gop_value(f.net, q)[i] = (gop_real)run;
        assert_ok(f, gop_forward(f.net, &f.err));
        for (size_t i = 0; i < OUT; i++)
            ck_assert_msg(gop_value(f.net, y)[i] == (gop_real)((size_t)run * IN * i),
                          "run %d: element %zu is %g", run, i, (double)gop_value(f.net, y)[i]);
    }
    fixture_free(&f);
}
END_TEST

/* ------------------------------------------------------------ operators of one's own */

static gop_status plan_whole(gop_op_plan *p)
{
    p->out = p->in[0];
    return GOP_OK;
}

static gop_status plan_rows(gop_op_plan *p)
{
    p->ways = GOP_BY_ROWS;
    return plan_whole(p);
}

static void twice(const gop_run *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        r->out[i] = 2 * r->in[0][i];
}

static void twice_whole(const gop_run *r)
{
    twice(r, 0, gop_shape_size(r->out_shape));
}

START_TEST(an_operator_needs_what_it_says)
{
    static const struct {
        gop_op op;
        bool works;
    } cases[] = {
        {{.name = "rows", .plan = plan_rows, .rows = twice}, true},
        {{.name = "whole", .plan = plan_whole, .forward = twice_whole}, true},
        {{.name = "rows_unsaid", .plan = plan_whole, .rows = twice}, false},
        {{.name = "rows_missing", .plan = plan_rows, .forward = twice_whole}, false},
        {{.name = "nothing", .plan = plan_whole}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f = fixture_new(false);
        gop_var x = gop_input(f.net, "x", gop_shape1(3));
        gop_var y = gop_apply(f.net, &cases[i].op, NULL, &x, 1);
        gop_keep(f.net, y);
        gop_status s = gop_plan(f.net, &f.err);
        ck_assert_int_eq(s, cases[i].works ? GOP_OK : GOP_EINVAL);
        if (cases[i].works) {
            gop_value(f.net, x)[2] = 4;
            assert_ok(f, gop_forward(f.net, &f.err));
            ck_assert(gop_value(f.net, y)[2] == 8);
        } else {
            assert_says(&f, cases[i].op.name);
        }
        fixture_free(&f);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("together");
    TCase *t = tcase_create("together");
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, prepared_weights_follow_the_params);
    tcase_add_test(t, a_computed_row_of_weights_is_there_in_time);
    tcase_add_test(t, an_operator_needs_what_it_says);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
