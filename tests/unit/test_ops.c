/*
 * test_ops.c: the list of operators, and every case of each through gop_check_op; built in float,
 * and as test_ops_double in double, with gradients within 1e-6.  test_op_promises.c has further
 * tests of single operators.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "graphop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(every_operator_is_listed_once)
{
    const gop_op *const *list = gop_op_list();
    size_t n = 0;
    for (; list[n] != NULL; n++) {
        ck_assert_ptr_nonnull(list[n]->name);
        ck_assert((list[n]->flags & GOP_OP_COMPOSITE) != 0 || list[n]->plan != NULL);
        ck_assert((list[n]->flags & (GOP_OP_VIEW | GOP_OP_COMPOSITE)) != 0 ||
                  list[n]->forward != NULL || list[n]->rows != NULL);
        for (size_t k = 0; k < n; k++)
            ck_assert_str_ne(list[k]->name, list[n]->name);
    }
    ck_assert_uint_ge(n, 20);
}
END_TEST

/* gop_check_op checks naive references, threads, neighbours, flags, accumulation and gradients. */
START_TEST(every_operator_passes_its_checks)
{
    size_t operators = 0, enlarged = 0, naive = 0;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++, operators++) {
        gop_op_report r;
        gop_error err = {GOP_OK, ""};
        gop_status s = recorded(gop_check_op(&r, *op, &err), &err);
        ck_assert_msg(s == GOP_OK, "%s: %s", (*op)->name, err.message);
        printf("check %-24s cases %zu naive %zu gradient %.1e formula %.1e enlarged %zu "
               "large %zu reduced %zu formula %.1e\n",
               (*op)->name, r.cases, r.naive, r.gradient, r.formula, r.enlarged, r.large, r.reduced,
               r.formula_large);
        enlarged += r.enlarged > 0;
        naive += r.naive;
    }
    ck_assert_uint_ge(naive, 20);
    ck_assert_uint_ge(enlarged, operators * 3 / 4);
}
END_TEST

START_TEST(a_backward_has_cases_that_use_it)
{
    size_t checked = 0;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++) {
        if ((*op)->rows_back == NULL && (*op)->backward == NULL && !((*op)->flags & GOP_OP_VIEW))
            continue;
        bool used = false;
        for (const gop_case *c = (*op)->cases; c->name != NULL; c++)
            for (size_t i = 0; i < gop_case_inputs(c); i++)
                used |= !((c->fixed | c->integers) >> i & 1);
        ck_assert_msg(used, "%s has a backward and no case", (*op)->name);
        checked++;
    }
    ck_assert_uint_ge(checked, 20);
}
END_TEST

TEST_MAIN("operators")
{
    tcase_add_test(t, every_operator_is_listed_once);
    tcase_add_test(t, every_operator_passes_its_checks);
    tcase_add_test(t, a_backward_has_cases_that_use_it);
}
