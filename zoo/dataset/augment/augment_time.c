/*
 * augment_time.c: changes of a window's times: speed, a part of the clip, direction.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/augment/augment.h"

#include <math.h>

/* The clip runs faster or slower by a factor uniform in [1 - amount, 1 + amount], about the window's
 * first frame; times stay in the clip. */
static void speed(double amount, zoo_times *times, gop_rng *rng)
{
    const double factor = 1 + zoo_draw_about(rng, amount);
    for (size_t t = 0; t < times->n; t++)
        if (times->time[t] >= 0)
            times->time[t] = times->first + (times->time[t] - times->first) * factor;
}

/* The window's times shrink to a part of its span: a share uniform in [amount, 1] at a uniform
 * place. */
static void crop(double amount, zoo_times *times, gop_rng *rng)
{
    const double share = amount + (1 - amount) * gop_rng_uniform(rng);
    const double start = times->first + gop_rng_uniform(rng) * (1 - share) * times->span;
    for (size_t t = 0; t < times->n; t++)
        if (times->time[t] >= 0)
            times->time[t] = floor(start + (times->time[t] - times->first) * share + 0.5);
}

/* With probability `amount` the window runs backwards, with the frames that follow.  Times that `speed`
 * moved behind the window's end come before its beginning, and stay in the clip. */
static void reverse(double amount, zoo_times *times, gop_rng *rng)
{
    if (gop_rng_uniform(rng) >= amount)
        return;
    for (size_t t = 0; t < times->n; t++)
        if (times->time[t] >= 0)
            times->time[t] = fmax(2 * times->first + times->span - times->time[t], 0);
}

const zoo_change zoo_change_speed = {
    .name = "speed", .text = "a share", .most = 0.9, .times = speed};
const zoo_change zoo_change_crop = {
    .name = "crop", .text = "the least share", .least = 0.05, .most = 1, .times = crop};
const zoo_change zoo_change_reverse = {
    .name = "reverse", .text = "a probability", .most = 1, .times = reverse};
