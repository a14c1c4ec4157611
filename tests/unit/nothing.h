/*
 * nothing.h: how tests give a function nothing and hold it to an error or to no harm.
 */
#ifndef TESTS_UNIT_NOTHING_H
#define TESTS_UNIT_NOTHING_H

#include "graphop.h"

#include <check.h>
#include <string.h>

/* A number that no enumeration has; through a volatile, so that no compiler knows. */
static volatile int no_such = 99;

/* Twice: with and without a place for the sentence, which must be there. */
#define FAILS(want, call)                         \
    do {                                          \
        gop_error e_ = {GOP_OK, ""}, *err = &e_;  \
        ck_assert_int_eq((call), want);           \
        ck_assert_int_eq(e_.status, want);        \
        ck_assert_uint_gt(strlen(e_.message), 8); \
        err = NULL;                               \
        ck_assert_int_eq((call), want);           \
    } while (0)

#endif
