/*
 * held_out.c: chooses the training sequences that are held out to measure a run.  Touches memory
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>

#include "zoo/dataset/sampler.h"

/* An action's sequences not visited yet, and how many of them to hold out. */
typedef struct tally {
    size_t left, wanted;
} tally;

static bool counts(const zoo_dataset *data, size_t i, size_t frames)
{
    return data->sequence[i].split == ZOO_TRAIN && zoo_sequence_length(data, i) >= frames;
}

/* A share of n, rounded, at least 1 and at most n - 1. */
static size_t share_of(size_t n, double share)
{
    const size_t k = (size_t)floor(share * (double)n + 0.5);
    if (n < 2)
        return 0;
    return k < 1 ? 1 : k > n - 1 ? n - 1 : k;
}

gop_status zoo_dataset_hold_out(size_t *n, bool *held, const zoo_dataset *data, size_t frames,
                                double share, uint64_t seed, gop_error *err)
{
    if (n == NULL || data == NULL || !(share >= 0 && share < 1))
        return gop_fail(err, GOP_EINVAL,
                        "zoo_dataset_hold_out: an argument is missing, or the "
                        "share %g is not in [0, 1)",
                        share);
    *n = 0;
    tally *of = calloc(data->domain.actions + 1, sizeof *of);
    if (of == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for what is held out");
    for (size_t i = 0; i < data->sequences; i++)
        of[data->sequence[i].action].left += counts(data, i, frames);
    for (size_t a = 0; a < data->domain.actions; a++)
        of[a].wanted = share > 0 ? share_of(of[a].left, share) : 0;
    /* Taking each sequence with probability wanted / left takes exactly the wanted number. */
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, "held out", 8));
    for (size_t i = 0; i < data->sequences; i++) {
        tally *t = &of[data->sequence[i].action];
        const bool out = counts(data, i, frames) && gop_rng_below(&rng, t->left--) < t->wanted;
        t->wanted -= out;
        *n += out;
        if (held != NULL)
            held[i] = out;
    }
    free(of);
    return GOP_OK;
}
