/*
 * suite.h: the main function of a test program.
 *
 *     TEST_MAIN("name")
 *     {
 *         tcase_add_test(t, one);
 *     }
 *
 * is a program with one test case t.  It fails if one of its tests does.  Calls that are to
 * fail go through `recorded`:
 *
 *     ck_assert_int_eq(recorded(gop_net_plan(net, &err), &err), GOP_ESHAPE);
 */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include "graphop.h"

#include <check.h>

/* The status of a call; it must equal the status in the error. */
static inline gop_status recorded(gop_status returned, const gop_error *err)
{
    ck_assert_msg(returned == GOP_OK || returned == err->status,
                  "\"%s\" was returned and \"%s\" recorded: %s", gop_status_string(returned),
                  gop_status_string(err->status), err->message);
    return returned;
}

static inline int suite_run(const char *name, void (*add_tests)(TCase *t))
{
    Suite *suite = suite_create(name);
    TCase *t = tcase_create(name);
    add_tests(t);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

#define TEST_MAIN(name)                    \
    static void add_tests(TCase *t);       \
    int main(void)                         \
    {                                      \
        return suite_run(name, add_tests); \
    }                                      \
    static void add_tests(TCase *t)

#endif
