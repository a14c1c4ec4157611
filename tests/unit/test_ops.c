/*
 * test_ops.c: every case of every operator: against its naive reference, with
 * one thread and with several, added to a gradient and written over one.  What
 * single operators promise beyond that is in test_op_promises.c.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif
#include "case_run.h"

#define EACH_CASE(op, c)                                                            \
    for (const gop_op *const *op##_at = gop_op_list(); *op##_at != NULL; op##_at++) \
        for (const gop_case *c = (*op##_at)->cases; c != NULL && c->name != NULL; c++)

START_TEST(every_operator_is_listed_once)
{
    const gop_op *const *list = gop_op_list();
    size_t n = 0;
    for (; list[n] != NULL; n++) {
        ck_assert_ptr_nonnull(list[n]->name);
        ck_assert(list[n]->plan != NULL);
        ck_assert((list[n]->flags & GOP_OP_VIEW) != 0 || list[n]->forward != NULL ||
                  list[n]->rows != NULL);
        for (size_t k = 0; k < n; k++)
            ck_assert_str_ne(list[k]->name, list[n]->name);
    }
    ck_assert_uint_ge(n, 20);
}
END_TEST

/* Float against plain loops: a few hundred roundings at most. */
#define TOLERANCE 1e-5

START_TEST(results_are_those_of_the_formula)
{
    size_t compared = 0;
    EACH_CASE(op, c)
    {
        const char *name = (*op_at)->name;
        if (c->naive == NULL)
            continue;
        case_run r;
        case_open(&r, name, c, 1, c->training, 1, 3);
        /* Twice: the second finds what the first left in memory. */
        case_forward(&r);
        case_forward(&r);
        gop_real *want = reals(r.size);
        const gop_real *in[GOP_MAX_INPUTS];
        for (size_t i = 0; i < c->n_in; i++)
            in[i] = r.values[i];
        c->naive(want, in);
        const gop_real *got = gop_value(r.net, r.out[0]);
        double worst = 0;
        for (size_t i = 0; i < r.size; i++) {
            double e = relative((double)got[i], (double)want[i]);
            worst = e > worst ? e : worst;
        }
        ck_assert_msg(worst <= TOLERANCE, "%s, %s: off by %g", name, c->name, worst);
        printf("%-20s %-28s %.1e\n", name, c->name, worst);
        free(want);
        case_close(&r);
        compared++;
    }
    ck_assert_uint_ge(compared, 20);
}
END_TEST

/* Result and gradients of a case at two thread counts, byte for byte. */
static void same_bytes(const char *name, const gop_case *c)
{
    case_run one, many;
    case_open(&one, name, c, 1, true, 1, 3);
    case_open(&many, name, c, 3, true, 1, 3);
    case_forward(&one);
    case_forward(&many);
    ck_assert_msg(memcmp(gop_value(one.net, one.out[0]), gop_value(many.net, many.out[0]),
                         one.size * sizeof(gop_real)) == 0,
                  "%s, %s: the result depends on the threads", name, c->name);
    if (case_differentiable(&one)) {
        case_backward(&one, 0, 1);
        case_backward(&many, 0, 1);
    }
    for (size_t i = 0; i < c->n_in; i++) {
        const gop_real *a = gop_grad(one.net, one.in[i]), *b = gop_grad(many.net, many.in[i]);
        ck_assert_int_eq(a == NULL, b == NULL);
        ck_assert_msg(a == NULL || !case_differentiable(&one) ||
                          memcmp(a, b, gop_shape_size(c->in[i]) * sizeof *a) == 0,
                      "%s, %s: the gradient of input %zu depends on the threads", name, c->name,
                      i + 1);
    }
    case_close(&one);
    case_close(&many);
}

START_TEST(threads_do_not_matter)
{
    EACH_CASE(op, c)
    same_bytes((*op_at)->name, c);
}
END_TEST

/* Would the case record with these shapes? */
static bool records(const gop_case *c)
{
    gop_ctx *ctx = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_var in[GOP_MAX_INPUTS];
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
    ck_assert_int_eq(gop_params_new(&params, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, params, true, NULL), GOP_OK);
    for (size_t i = 0; i < c->n_in; i++)
        in[i] = gop_input(net, "x", c->in[i]);
    bool yes = c->build(net, in).id >= 0 && gop_net_status(net) == GOP_OK;
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return yes;
}

/* The case with the first dimension of the first input, and of as few others as
 * the operator asks for, made so long that work is cut into several chunks. */
static bool enlarge(gop_case *big, const gop_case *c)
{
    size_t factor = 50000 / gop_shape_size(c->in[0]);
    if (factor < 2 || c->in[0].rank == 0)
        return false;
    for (unsigned mask = 1; mask < 1u << c->n_in; mask += 2) {
        *big = *c;
        for (size_t i = 0; i < c->n_in; i++)
            if (mask >> i & 1)
                big->in[i].dim[0] *= factor;
        if (records(big))
            return true;
    }
    return false;
}

START_TEST(threads_do_not_matter_when_large)
{
    size_t enlarged = 0, operators = 0;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++, operators++) {
        bool any = false;
        for (const gop_case *c = (*op)->cases; c != NULL && c->name != NULL; c++) {
            gop_case big;
            if (enlarge(&big, c)) {
                same_bytes((*op)->name, &big);
                any = true;
            }
        }
        if (any)
            enlarged++;
        else
            printf("%-20s no case can be made larger\n", (*op)->name);
    }
    ck_assert_uint_ge(enlarged, operators * 3 / 4);
}
END_TEST

/* An input that two operators use gets the sum of the gradients that each alone
 * gives it: the second to come finds add[] set. */
START_TEST(gradients_are_added)
{
    EACH_CASE(op, c)
    {
        const char *name = (*op_at)->name;
        case_run r;
        case_open(&r, name, c, 1, true, 2, 3);
        case_forward(&r);
        gop_real *sum[GOP_MAX_INPUTS] = {NULL};
        for (size_t k = 0; k < 2 && case_differentiable(&r); k++) {
            case_backward(&r, k, k + 1);
            for (size_t i = 0; i < c->n_in; i++) {
                const gop_real *g = gop_grad(r.net, r.in[i]);
                size_t n = gop_shape_size(c->in[i]);
                if (g != NULL && sum[i] == NULL)
                    sum[i] = reals(n);
                for (size_t e = 0; g != NULL && e < n; e++)
                    sum[i][e] += g[e];
            }
        }
        if (case_differentiable(&r))
            case_backward(&r, 0, 2);
        for (size_t i = 0; i < c->n_in; i++) {
            size_t n = sum[i] != NULL ? gop_shape_size(c->in[i]) : 0;
            /* A weight's gradient may be a sum of thousands of terms that nearly
             * cancel: what can be asked for is relative to the largest. */
            double scale = 1;
            for (size_t e = 0; e < n; e++)
                scale = fmax(scale, fabs((double)sum[i][e]));
            for (size_t e = 0; e < n; e++) {
                double both = (double)gop_grad(r.net, r.in[i])[e];
                ck_assert_msg(fabs(both - (double)sum[i][e]) <= TOLERANCE * scale,
                              "%s, %s: gradient %zu of input %zu is %g, the sum is %g", name,
                              c->name, e, i + 1, both, (double)sum[i][e]);
            }
            free(sum[i]);
        }
        case_close(&r);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operators");
    TCase *t = tcase_create("cases");
    tcase_add_test(t, every_operator_is_listed_once);
    tcase_add_test(t, results_are_those_of_the_formula);
    tcase_add_test(t, threads_do_not_matter);
    tcase_add_test(t, threads_do_not_matter_when_large);
    tcase_add_test(t, gradients_are_added);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
