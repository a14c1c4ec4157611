/*
 * augment_drop.c: what detectors lose and add: nodes and bodies that are missing throughout a window,
 * noise.  Only observed frames change.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/augment/augment.h"

#include <math.h>

/* Each node of each body is missing with probability `amount`. */
static void drop_joints(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    for (size_t b = 0; b < s->bodies; b++)
        for (size_t i = 0; i < l->nodes; i++) {
            const bool gone = gop_rng_uniform(rng) < amount;
            for (size_t t = 0; gone && t < s->frames; t++)
                for (size_t k = 0; k < l->channels; k++)
                    s->raw[(b * s->frames + t) * l->columns + zoo_columns_of(l, i)[k]] = NAN;
        }
}

/* Each body but the first is missing with probability `amount`. */
static void drop_bodies(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    const size_t size = s->frames * l->columns;
    for (size_t b = 1; b < s->bodies; b++) {
        const bool gone = gop_rng_uniform(rng) < amount;
        for (size_t i = 0; gone && i < size; i++)
            s->raw[b * size + i] = NAN;
    }
}

/* Normal noise of standard deviation `amount`, in the data's units, on each channel of each node but
 * a detector's score. */
static void add_noise(const zoo_layout *l, double amount, zoo_scene *s, gop_rng *rng)
{
    const size_t channels = l->channels - (l->feature == ZOO_SCORED);
    for (size_t f = 0; f < s->bodies * s->frames; f++)
        for (size_t i = 0; i < l->nodes; i++)
            for (size_t k = 0; k < channels; k++)
                s->raw[f * l->columns + zoo_columns_of(l, i)[k]] += (float)(amount *
                                                                            gop_rng_normal(rng));
}

const zoo_change zoo_change_joints = {.name = "drop_joints",
                                      .text = "a probability",
                                      .most = 0.9,
                                      .observed = true,
                                      .frames = drop_joints};
const zoo_change zoo_change_bodies = {.name = "drop_bodies",
                                      .text = "a probability",
                                      .most = 1,
                                      .observed = true,
                                      .frames = drop_bodies};
const zoo_change zoo_change_noise = {.name = "noise",
                                     .text = "a standard deviation",
                                     .most = 1e6,
                                     .observed = true,
                                     .frames = add_noise};
