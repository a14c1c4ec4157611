/*
 * profile.h: what each operator of a net costs while it runs.
 */
#ifndef GRAPHOP_PROFILE_H
#define GRAPHOP_PROFILE_H

#include "graphop/net.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What one recorded operator did while the profile was on: totals over its calls. */
typedef struct gop_profile_work {
    uint64_t calls;
    size_t fused;   /* operators, from this one on, that its longest call ran: 1 is itself
                            alone, 0 that it had no call of its own (a view, or one that ran in
                            the call of an earlier row, where its work is then counted) */
    double seconds; /* of CLOCK_MONOTONIC, on the calling thread */
    uint64_t madds; /* multiply-adds that its mathematics needs (products only) */
    uint64_t bytes; /* of what it is given and gives: values, kept values, gradients.  With
                            values too large for a cache it is a lower bound on the traffic to
                            memory, for nothing counts twice (slices, which read a part of what
                            they are given, and what operators that run together hand on,
                            excepted) */
} gop_profile_work;

typedef struct gop_profile_row {
    /* The operator's name, and that of its result with its scope; both live as long as the
     * net.  An inference net calls the operator "shift" where its scale went into the weights
     * of one before it and a row to add is left, and "folded" where nothing is left. */
    const char *op;
    const char *name;
    gop_profile_work forward, backward;
} gop_profile_row;

/* Switches the profile on, from zero, or off; the figures stay until it is switched
 * on again.  Costs two readings of the clock for each call of an operator while it is
 * on and nothing while it is off; memory is taken here and never during a run.
 * GOP_ESTATE before gop_net_plan. */
GOP_API gop_status gop_net_profile(gop_net *net, bool on, gop_error *err);
/* One row for each recorded operator, in the order of running; 0 while the profile has
 * never been on.  A row out of range is all zeros. */
GOP_API size_t gop_net_profile_rows(const gop_net *net);
GOP_API gop_profile_row gop_net_profile_row(const gop_net *net, size_t index);

#ifdef __cplusplus
}
#endif
#endif
