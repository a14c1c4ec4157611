/*
 * nothing.h: calls functions with NULL and zeros; they must fail with an error or do no harm.
 */
#ifndef TESTS_UNIT_NOTHING_H
#define TESTS_UNIT_NOTHING_H

#include "graphop.h"

#include <check.h>
#include <string.h>

/* A number outside every enumeration; volatile hides it from the compiler. */
static volatile int no_such = 99;

/* Calls twice: with a gop_error, which must get a sentence, and without. */
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
