/*
 * roll_case.h: gop_roll_out as a case.  It is a composite, which the list of
 * operators does not hold.
 *
 *     h' = h - 0.5 x h,   x' = x + 0.25 h'     three times, all [2, 3, 5]
 */
#ifndef GOP_TESTS_ROLL_CASE_H
#define GOP_TESTS_ROLL_CASE_H

#include "graphop.h"

#include <string.h>

enum { ROLL_STEPS = 3, ROLL_ROWS = 2 * 3, ROLL_WIDTH = 5 };

static void roll_step(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                      gop_var *h_next)
{
    const double *factor = user;
    (void)t;
    *h_next = gop_axpby(net, 1, h, factor[0], gop_mul(net, x, h));
    *x_next = gop_axpby(net, 1, x, factor[1], *h_next);
}

static gop_var roll_build(gop_net *net, const gop_var *in)
{
    double factor[2] = {-0.5, 0.25};
    return gop_roll_out(net, in[0], in[1], ROLL_STEPS, roll_step, factor);
}

static void roll_naive(gop_real *out, const gop_real *const *in)
{
    for (int row = 0; row < ROLL_ROWS; row++)
        for (int c = 0; c < ROLL_WIDTH; c++) {
            gop_real x = in[0][row * ROLL_WIDTH + c], h = in[1][row * ROLL_WIDTH + c];
            for (int t = 0; t < ROLL_STEPS; t++) {
                h = h - (gop_real)0.5 * x * h;
                x = x + (gop_real)0.25 * h;
                out[(row * ROLL_STEPS + t) * ROLL_WIDTH + c] = x;
            }
        }
}

static const gop_case roll_cases[] = {
    {.name = "three steps",
     .n_in = 2,
     .in = {{3, {2, 3, 5, 1}}, {3, {2, 3, 5, 1}}},
     .build = roll_build,
     .naive = roll_naive},
    {.name = "with a frame axis",
     .n_in = 2,
     .in = {{4, {2, 3, 1, 5}}, {4, {2, 3, 1, 5}}},
     .build = roll_build,
     .naive = roll_naive},
    {.name = NULL},
};

#endif
