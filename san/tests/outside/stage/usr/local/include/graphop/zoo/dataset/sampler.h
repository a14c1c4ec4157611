/*
 * sampler.h: draws random training windows from a data set and holds sequences out.
 * May use zoo/dataset/view.h.
 */
#ifndef ZOO_DATASET_SAMPLER_H
#define ZOO_DATASET_SAMPLER_H

#include "zoo/dataset/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The order of draws. */
typedef enum zoo_draws {
    ZOO_DRAW_RANDOM,   /* each sequence with the same probability, every time */
    ZOO_DRAW_SHUFFLED, /* all sequences in a random order, then in another one */
    ZOO_DRAW_BALANCED, /* a class with the same probability, then a sequence of it */
    ZOO_DRAW_EACH      /* all sequences in the set's order, by zoo_view_place: to measure */
} zoo_draws;

/* What sequences are held out by. */
typedef enum zoo_hold { ZOO_HOLD_SEQUENCES, ZOO_HOLD_SUBJECTS } zoo_hold;

/* The windows to draw, and noise in their labels and targets. */
typedef struct zoo_windows {
    size_t observed, predicted;
    zoo_view view; /* all zeros: zoo_view_default */
    zoo_draws draw;
    /* Random changes of windows, "rotate:0.3,mirror:0.5" (graphop-train(1)); NULL: none.  Sequences
     * that are held out do not change. */
    const char *augment;
    /* Frames of a clip, at least observed + predicted.  A clip is drawn inside its sequence and the
     * window is its beginning.  0: observed + predicted. */
    size_t clip;
    /* Shares in [0, 1] of the training sequences that exchange their labels, and their targets.
     * The seed chooses the sequences and permutes them in one cycle, the same in every draw.  A
     * target begins at the same relative position in the other sequence. */
    double noisy_labels, noisy_targets;
    uint64_t seed;
    /* Share in [0, 1) of the training sequences that is held out (zoo_dataset_hold_out).  These are
     * never drawn or, with only_held_out, are the only ones drawn, without noise. */
    double held_out;
    zoo_hold hold;
    bool only_held_out;
    const gop_stop *stop; /* can end zoo_sampler_new between two sequences; NULL: nothing does */
} zoo_windows;

/* Where windows go; each may be NULL, which does not change the draws. */
typedef struct zoo_batch {
    gop_real *x;      /* [n B, M, observed, D], normalised, for the view's B bodies */
    gop_real *target; /* [n B, M, predicted, D], normalised */
    gop_real *labels; /* [n], class numbers */
    gop_real *mask; /* [n B, M, predicted, D]: 1 where the target is there, 0 where it is missing */
    gop_real *bodies; /* [n, B]: the weights of bodies (zoo_viewer_show) */
} zoo_batch;

/* Draws training windows: a sequence uniformly at random, or one of its bodies if the view has one
 * body, then frames by zoo_view_draw, where a window has a clip's length.  Sequences with fewer
 * frames than zoo_view_least are not drawn. */
typedef struct zoo_sampler zoo_sampler;

/* The sampler reads frames of `data` when it draws them, so that the set must outlive it.
 * Errors: GOP_EINVAL for sizes and shares out of range, for a share of noise above 0 that amounts
 * to fewer than two sequences, and if no sequence can be held out; GOP_EFORMAT if no training
 * sequence is long enough; GOP_ESTOPPED. */
GOP_API gop_status zoo_sampler_new(zoo_sampler **sampler, const zoo_dataset *data,
                                   const zoo_windows *windows, gop_error *err);
GOP_API void zoo_sampler_free(zoo_sampler *sampler);
/* Writes the next n windows.  Errors: those of zoo_dataset_read; GOP_EINVAL for NULL. */
GOP_API gop_status zoo_sampler_next(zoo_sampler *sampler, size_t n, const zoo_batch *to,
                                    gop_error *err);
/* The sampler's whole state, to save and restore. */
typedef struct zoo_sampler_place {
    gop_rng rng;
    uint64_t drawn; /* windows */
} zoo_sampler_place;
GOP_API zoo_sampler_place zoo_sampler_state(const zoo_sampler *sampler);
GOP_API void zoo_sampler_restore(zoo_sampler *sampler, zoo_sampler_place state);
/* The number of sequences that are drawn, or of their bodies if the view has one.  of [classes] gets
 * the number of each class; it may be NULL. */
GOP_API size_t zoo_sampler_count(const zoo_sampler *sampler, size_t *of);

/* Chooses by the seed the training sequences to hold out, among those of which a model sees at
 * least `frames` frames.  Per action, `share` in [0, 1) of the sequences is rounded to the nearest
 * count, with at least one held out and one kept.  Actions with a single sequence are never held
 * out, and a share of 0 holds out nothing.  By subjects, a share of the subjects, rounded likewise,
 * is held out with all of their sequences.  *n gets the count of sequences, held[i] a flag for each
 * sequence of the set; `held` may be NULL. */
GOP_API gop_status zoo_dataset_hold_out(size_t *n, bool *held, const zoo_dataset *data,
                                        size_t frames, double share, zoo_hold by, uint64_t seed,
                                        gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
