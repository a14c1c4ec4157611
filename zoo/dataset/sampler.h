/*
 * sampler.h: random training windows of a data set, and which sequences are kept from them.
 * May use zoo/dataset/dataset.h.
 */
#ifndef ZOO_DATASET_SAMPLER_H
#define ZOO_DATASET_SAMPLER_H

#include "zoo/dataset/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Windows, at the beginning of longer clips where it says so, and noise in what is learned
 * from them. */
typedef struct zoo_windows {
    size_t observed, predicted;
    /* Frames of a clip, drawn like a window and held by its sequence; the window is its
     * beginning.  0: just observed + predicted, of which it cannot be less. */
    size_t clip;
    /* Shares in [0, 1] of the training sequences that get their labels, and their targets,
     * from one another: chosen and permuted in one cycle by the seed, the same in every
     * draw.  Targets begin as far into the other sequence, in proportion to its length. */
    double noisy_labels, noisy_targets;
    uint64_t seed;
    /* Share in [0, 1) of the training sequences that is never drawn (zoo_dataset_hold_out);
     * with only_held_out those alone are, as they are in the data. */
    double held_out;
    bool only_held_out;
} zoo_windows;

/* Draws training windows: a sequence uniformly at random, then the start uniformly in
 * [0, n - clip), n being its length (0 when that is empty but the clip fits).  Sequences
 * too short are not drawn. */
typedef struct zoo_sampler zoo_sampler;

/* GOP_EINVAL for sizes and shares out of range, for noise in a share above 0 that is less than
 * two sequences, which have nothing to exchange, and where no sequence can be held out.
 * GOP_EFORMAT when no training sequence is long enough. */
GOP_API gop_status zoo_sampler_new(zoo_sampler **sampler, const zoo_dataset *data,
                                   const zoo_windows *windows, gop_error *err);
GOP_API void zoo_sampler_free(zoo_sampler *sampler);
/* The next n windows, normalised: x [n, M, observed, D], target [n, M,
 * predicted, D], labels [n] (class numbers).  Any of them may be NULL. */
GOP_API void zoo_sampler_next(zoo_sampler *sampler, size_t n, gop_real *x, gop_real *target,
                              gop_real *labels);
/* All there is to save and to restore. */
GOP_API gop_rng zoo_sampler_state(const zoo_sampler *sampler);
GOP_API void zoo_sampler_restore(zoo_sampler *sampler, gop_rng state);

/* Which training sequences of at least `frames` frames that a model sees are kept from
 * training: of each action the nearest number to its share in [0, 1), but at least one is
 * held out and one is left; none of an action that has but one, nor with a share of 0.  The
 * seed chooses.  *n counts them; held[i], for each sequence of the set, may be NULL. */
GOP_API gop_status zoo_dataset_hold_out(size_t *n, bool *held, const zoo_dataset *data,
                                        size_t frames, double share, uint64_t seed, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
