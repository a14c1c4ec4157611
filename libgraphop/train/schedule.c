/*
 * schedule.c: learning rates as functions of the step.
 *
 * Pure functions.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"

#include <math.h>

/* lr = base factor^floor(step / every); `every` 0 never changes it. */
GOP_API double gop_schedule_step(double base, uint64_t step, uint64_t every, double factor)
{
    if (every == 0)
        return base;
    return base * pow(factor, (double)(step / every));
}

/* With s the step, w = warmup, T = total:
 *     s < w:  lr = base (s + 1) / (w + 1)
 *     else    lr = base (floor + (1 - floor) (1 + cos(pi t)) / 2),
 *             t = min(1, (s - w) / (T - w))
 * The first step has a rate above zero, and the rise reaches the start of the cosine in equal
 * steps. */
GOP_API double gop_schedule_cosine(double base, uint64_t step, uint64_t warmup, uint64_t total,
                                   double floor)
{
    const double pi = 3.14159265358979323846;
    double t = 1;

    if (step < warmup)
        return base * (double)(step + 1) / ((double)warmup + 1);
    if (step < total)
        t = (double)(step - warmup) / (double)(total - warmup);
    return base * (floor + (1 - floor) * 0.5 * (1 + cos(pi * t)));
}
