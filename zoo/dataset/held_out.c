/*
 * held_out.c: chooses the training sequences that are held out to measure a run.  Touches memory
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Holds out a share of each action's sequences. */
static gop_status by_sequence(size_t *n, bool *held, const zoo_dataset *data, size_t frames,
                              double share, gop_rng *rng, gop_error *err)
{
    tally *of = calloc(data->domain.actions + 1, sizeof *of);
    if (of == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for what is held out");
    for (size_t i = 0; i < data->sequences; i++)
        of[data->sequence[i].action].left += counts(data, i, frames);
    for (size_t a = 0; a < data->domain.actions; a++)
        of[a].wanted = share > 0 ? share_of(of[a].left, share) : 0;
    /* Taking each sequence with probability wanted / left takes exactly the wanted number. */
    for (size_t i = 0; i < data->sequences; i++) {
        tally *t = &of[data->sequence[i].action];
        const bool out = counts(data, i, frames) && gop_rng_below(rng, t->left--) < t->wanted;
        t->wanted -= out;
        *n += out;
        if (held != NULL)
            held[i] = out;
    }
    free(of);
    return GOP_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Holds out a share of the subjects, all of their sequences.  Those without a subject stay. */
static gop_status by_subject(size_t *n, bool *held, const zoo_dataset *data, size_t frames,
                             double share, gop_rng *rng, gop_error *err)
{
    const char **name = malloc((data->sequences + 1) * sizeof *name);
    size_t subjects = 0, all = 0;
    if (name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for what is held out");
    for (size_t i = 0; i < data->sequences; i++)
        if (counts(data, i, frames) && data->sequence[i].subject[0] != '\0')
            name[all++] = data->sequence[i].subject;
    qsort(name, all, sizeof *name, by_name);
    for (size_t i = 0; i < all; i++)
        if (i == 0 || strcmp(name[i], name[subjects - 1]) != 0)
            name[subjects++] = name[i];
    tally t = {.left = subjects, .wanted = share > 0 ? share_of(subjects, share) : 0};
    size_t kept = 0;
    for (size_t i = 0; i < subjects; i++)
        if (gop_rng_below(rng, t.left--) < t.wanted) {
            name[kept++] = name[i];
            t.wanted--;
        }
    for (size_t i = 0; i < data->sequences; i++) {
        const char *subject = data->sequence[i].subject;
        const bool out = counts(data, i, frames) &&
                         bsearch(&subject, name, kept, sizeof *name, by_name) != NULL;
        *n += out;
        if (held != NULL)
            held[i] = out;
    }
    free(name);
    return GOP_OK;
}

gop_status zoo_dataset_hold_out(size_t *n, bool *held, const zoo_dataset *data, size_t frames,
                                double share, zoo_hold by, uint64_t seed, gop_error *err)
{
    if (n == NULL || data == NULL || !(share >= 0 && share < 1))
        return gop_fail(err, GOP_EINVAL,
                        "zoo_dataset_hold_out: an argument is missing, or the "
                        "share %g is not in [0, 1)",
                        share);
    *n = 0;
    gop_rng rng = gop_rng_new(seed, gop_hash(GOP_HASH_START, "held out", 8));
    return by == ZOO_HOLD_SUBJECTS ? by_subject(n, held, data, frames, share, &rng, err)
                                   : by_sequence(n, held, data, frames, share, &rng, err);
}
