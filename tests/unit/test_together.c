/*
 * test_together.c: running operators together (net/chain.c) and keeping prepared weights
 * (net/pack.c) must not change results; and custom operators that cannot run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
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
    assert_ok(*f, gop_net_forward(f->net, &f->err));
    for (size_t o = 0; o < OUT; o++) {
        gop_real want = 0;
        for (size_t c = 0; c < IN; c++)
            want += k * weight_of(o * IN + c);
        ck_assert_msg(gop_net_value(f->net, y)[o] == want, "%s: %g, not %g", when,
                      (double)gop_net_value(f->net, y)[o], (double)want);
    }
}

START_TEST(prepared_weights_follow_the_params)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape2(ROWS, IN));
    gop_var w = gop_param(f.net, "w", gop_shape2(OUT, IN), gop_init_constant(0));
    gop_var y = gop_linear(f.net, x, w, gop_none());
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < ROWS * IN; i++)
        gop_net_value(f.net, x)[i] = 1;
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
    assert_ok(f, gop_sgd_new(&opt, f.ctx, f.params, &(gop_sgd){.momentum = 0}, &f.err));
    for (size_t i = 0; i < OUT * IN; i++)
        grads[i] = -2 * weight_of(i);
    gop_optimiser_step(opt, grads, 1, 1);
    gop_optimiser_free(opt);
    assert_scaled(&f, y, 3, "after a step");
    fixture_free(&f);
}
END_TEST

/* With one row of values a row of weights has the same length, and the operator that makes it could
 * be mistaken for the leader. */
START_TEST(a_computed_row_of_weights_is_there_in_time)
{
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape2(1, OUT));
    gop_var q = gop_input(f.net, "q", gop_shape1(IN));
    gop_var mean = gop_stat(f.net, "mean", gop_shape1(OUT), 0);
    gop_var var = gop_stat(f.net, "var", gop_shape1(OUT), 1);
    gop_var ones = gop_param(f.net, "w", gop_shape2(OUT, IN), gop_init_constant(1));
    gop_var w = gop_linear(f.net, q, ones, gop_none());
    gop_var y = gop_batch_norm(f.net, x, w, gop_none(), mean, var, 0, 0.1);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < OUT; i++)
        gop_net_value(f.net, x)[i] = (gop_real)i;
    for (int run = 1; run <= 3; run++) {
        for (size_t i = 0; i < IN; i++)
            gop_net_value(f.net, q)[i] = (gop_real)run;
        assert_ok(f, gop_net_forward(f.net, &f.err));
        for (size_t i = 0; i < OUT; i++)
            ck_assert_msg(gop_net_value(f.net, y)[i] == (gop_real)((size_t)run * IN * i),
                          "run %d: element %zu is %g", run, i, (double)gop_net_value(f.net, y)[i]);
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
    p->flags |= GOP_OP_ELEMENTWISE;
    return plan_whole(p);
}

static gop_status plan_not_rows(gop_op_plan *p)
{
    p->flags &= ~(unsigned)GOP_OP_ELEMENTWISE;
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
        {{.name = "rows", .flags = GOP_OP_ELEMENTWISE, .plan = plan_whole, .rows = twice}, true},
        {{.name = "rows_added", .plan = plan_rows, .rows = twice}, true},
        {{.name = "rows_removed",
          .flags = GOP_OP_ELEMENTWISE,
          .plan = plan_not_rows,
          .rows = twice,
          .forward = twice_whole},
         true},
        {{.name = "whole", .plan = plan_whole, .forward = twice_whole}, true},
        {{.name = "rows_unsaid", .plan = plan_whole, .rows = twice}, false},
        {{.name = "rows_missing",
          .flags = GOP_OP_ELEMENTWISE,
          .plan = plan_whole,
          .forward = twice_whole},
         false},
        {{.name = "affine_missing",
          .flags = GOP_OP_ELEMENTWISE | GOP_OP_AFFINE,
          .plan = plan_whole,
          .rows = twice},
         false},
        {{.name = "nothing", .plan = plan_whole}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fixture f = fixture_new(false);
        gop_var x = gop_input(f.net, "x", gop_shape1(3));
        gop_var y = gop_apply(f.net, &cases[i].op, NULL, &x, 1);
        gop_net_keep(f.net, y);
        gop_status s = recorded(gop_net_plan(f.net, &f.err), &f.err);
        ck_assert_int_eq(s, cases[i].works ? GOP_OK : GOP_EINVAL);
        if (cases[i].works) {
            gop_net_value(f.net, x)[2] = 4;
            assert_ok(f, gop_net_forward(f.net, &f.err));
            ck_assert(gop_net_value(f.net, y)[2] == 8);
        } else {
            assert_says(&f, cases[i].op.name);
        }
        fixture_free(&f);
    }
}
END_TEST

/* Calls gop_run_produced for one row at a time, so that followers get ranges of any length. */
static void tell_rows(const gop_run *r)
{
    const size_t row = r->out_shape.dim[r->out_shape.rank - 1];
    twice_whole(r);
    for (size_t i = 0; i < gop_shape_size(r->out_shape); i += row)
        gop_run_produced(r, i, i + row);
}

START_TEST(ranges_do_not_show)
{
    static const gop_op telling = {
        .name = "telling", .flags = GOP_OP_STREAMS_OUT, .plan = plan_whole, .forward = tell_rows};
    enum { N = 11, MOST = 40 };
    for (size_t c = 1; c <= MOST; c += 3) {
        fixture f = fixture_new(false);
        const gop_shape shape = gop_shape2(N, c), row = gop_shape1(c);
        gop_var a = gop_input(f.net, "a", shape), b = gop_input(f.net, "b", shape);
        gop_var y = gop_apply(f.net, &telling, NULL, &a, 1);
        y = gop_axpby(f.net, 0.7, y, -1.3, b);
        y = gop_mul(f.net, y, b);
        gop_var mean = gop_stat(f.net, "mean", row, 0.3), var = gop_stat(f.net, "var", row, 0.7);
        y = gop_batch_norm(f.net, y, gop_none(), mean, mean, var, 1e-3, 0.1);
        y = gop_sub(f.net, b, gop_scale(f.net, y, 1.1));
        gop_var z = gop_apply(f.net, &telling, NULL, &b, 1);
        z = gop_tanh(f.net, gop_gelu(f.net, gop_sigmoid(f.net, z)));
        gop_net_keep(f.net, y);
        gop_net_keep(f.net, z);
        assert_ok(f, gop_net_plan(f.net, &f.err));
        for (size_t i = 0; i < N * c; i++) {
            gop_net_value(f.net, a)[i] = (gop_real)(i * 7919 % 1009) / 1009;
            gop_net_value(f.net, b)[i] = (gop_real)(i * 104729 % 1013) / 1013;
        }
        gop_real alone[N * MOST], alone_too[N * MOST];
        assert_ok(f, gop_net_forward_finite(f.net, &f.err));
        memcpy(alone, gop_net_value(f.net, y), N * c * sizeof *alone);
        memcpy(alone_too, gop_net_value(f.net, z), N * c * sizeof *alone);
        assert_ok(f, gop_net_forward(f.net, &f.err));
        ck_assert_msg(memcmp(alone, gop_net_value(f.net, y), N * c * sizeof *alone) == 0 &&
                          memcmp(alone_too, gop_net_value(f.net, z), N * c * sizeof *alone) == 0,
                      "rows of %zu", c);
        fixture_free(&f);
    }
}
END_TEST

/* Calls gop_run_needs for its whole gradient, or row by row from the last to the first. */
typedef struct asking {
    bool rows;
} asking;

static void ask_rows(const gop_run *r)
{
    const asking *a = r->attr;
    const size_t n = gop_shape_size(r->out_shape);
    const size_t row = a->rows ? r->out_shape.dim[r->out_shape.rank - 1] : n;
    for (size_t i = n; i > 0; i -= row)
        gop_run_needs(r, i - row, i);
    for (size_t i = 0; i < n; i++)
        r->din[0][i] = 2 * r->dout[i];
}

/* Operators by rows that all read z, so that their gradients add up there, and the gradient of z's
 * input. */
static void ask_for(gop_real *dx, bool rows, size_t n, size_t c,
                    gop_var (*build)(gop_net *net, gop_var z))
{
    static const gop_op op = {.name = "asking",
                              .flags = GOP_OP_STREAMS_GRAD,
                              .attr_size = sizeof(asking),
                              .plan = plan_whole,
                              .forward = twice_whole,
                              .backward = ask_rows};
    const asking how = {rows};
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape2(n, c));
    gop_net_keep(f.net, x);
    gop_var y = build(f.net, gop_apply(f.net, &op, &how, &x, 1));
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < n * c; i++)
        gop_net_value(f.net, x)[i] = (gop_real)(i * 7919 % 1009) / 1009 - (gop_real)0.5;
    /* Runs twice: the second run finds the memory as the first left it. */
    for (int k = 0; k < 2; k++) {
        assert_ok(f, gop_net_forward(f.net, &f.err));
        for (size_t i = 0; i < n * c; i++)
            gop_net_grad(f.net, y)[i] = (gop_real)(i * 104729 % 1013) / 1013;
        assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &y, .n_from = 1}, NULL, &f.err));
    }
    memcpy(dx, gop_net_grad(f.net, x), n * c * sizeof *dx);
    fixture_free(&f);
}

static gop_var activations(gop_net *net, gop_var z)
{
    gop_var a = gop_tanh(net, z), b = gop_gelu(net, z), c = gop_sigmoid(net, z);
    return gop_mul(net, gop_axpby(net, 0.7, gop_mul(net, a, b), -1.3, c), z);
}

static gop_var masked_by_itself(gop_net *net, gop_var z)
{
    return gop_mask(net, gop_tanh(net, z), 1, z);
}

START_TEST(ranges_do_not_show_backward)
{
    static gop_var (*const builds[])(gop_net *, gop_var) = {activations, masked_by_itself};
    enum { N = 11, MOST = 40 };
    for (size_t k = 0; k < sizeof builds / sizeof *builds; k++)
        for (size_t c = 1; c <= MOST; c += 3) {
            gop_real whole[N * MOST], rows[N * MOST];
            ask_for(whole, false, N, c, builds[k]);
            ask_for(rows, true, N, c, builds[k]);
            ck_assert_msg(memcmp(whole, rows, N * c * sizeof *whole) == 0, "%zu: rows of %zu", k,
                          c);
        }
}
END_TEST

TEST_MAIN("together")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, prepared_weights_follow_the_params);
    tcase_add_test(t, a_computed_row_of_weights_is_there_in_time);
    tcase_add_test(t, ranges_do_not_show);
    tcase_add_test(t, ranges_do_not_show_backward);
    tcase_add_test(t, an_operator_needs_what_it_says);
}
