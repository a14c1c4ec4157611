/*
 * profile.h: the time and work of each operator of a net.
 */
#ifndef GRAPHOP_PROFILE_H
#define GRAPHOP_PROFILE_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The work of one recorded operator while the profile was on: totals over its calls. */
typedef struct gop_profile_work {
    uint64_t calls;
    size_t fused;   /* how many operators, this one first, its longest call ran.  0: it had no call
                       of its own, because it is a view or ran in the call of an earlier row, which
                       then counts its work */
    double seconds; /* of CLOCK_MONOTONIC, on the calling thread */
    uint64_t madds; /* multiply-adds of the formula (products only) */
    uint64_t bytes; /* of its inputs, result, kept values and gradients, each counted once.  For
                       values too large for a cache this is a lower bound on memory traffic, except
                       for slices, which read only part of their input, and for values that pass
                       between operators that run together */
} gop_profile_work;

typedef struct gop_profile_row {
    /* The operator's name, and its result's name with the scope; both live as long as the net.  The
     * second row of a result's name has " (2)" behind it, and so on.  In
     * an inference net the operator is named "shift" if its scale was folded into earlier weights
     * and only an addition is left, and "folded" if nothing is left. */
    const char *op;
    const char *name;
    gop_profile_work forward, backward;
} gop_profile_row;

/* Switches the profile on, with all figures zero, or off.  The figures stay until it is switched on
 * again.  While on, it reads the clock twice for each call of an operator; while off, it costs
 * nothing.  Memory is allocated here and never during a run.  GOP_EINVAL for NULL, GOP_ESTATE
 * before gop_net_plan, GOP_ENOMEM. */
GOP_API gop_status gop_net_profile(gop_net *net, bool on, gop_error *err);
/* The number of rows, one for each recorded operator in the order of running; 0 if the profile was
 * never on.  A row out of range is all zeros. */
GOP_API size_t gop_net_profile_rows(const gop_net *net);
GOP_API gop_profile_row gop_net_profile_row(const gop_net *net, size_t index);

#ifdef __cplusplus
}
#endif
#endif
