/*
 * dataset.h: motion sequences with labels, where they come from, and windows of them.
 *
 * A data set holds raw frames as read; normalising and taking every factor-th
 * frame happen when windows are cut.  May use graphop.h and zoo/skeleton.
 */
#ifndef ZOO_DATASET_DATASET_H
#define ZOO_DATASET_DATASET_H

#include "zoo/dataset/domain.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_SEQUENCES 1048576

typedef enum zoo_split { ZOO_TRAIN = 0, ZOO_TEST = 1 } zoo_split;

typedef struct zoo_sequence {
    char name[ZOO_NAME_SIZE]; /* "walking_1" */
    uint32_t action;          /* index into the domain's actions */
    zoo_split split;
    size_t frames; /* at the raw rate */
    float *data;   /* [frames, columns] */
} zoo_sequence;

typedef struct zoo_dataset {
    zoo_domain domain;
    char source[256]; /* one sentence: where it came from and how it was split */
    size_t sequences;
    zoo_sequence *sequence; /* [sequences], in a fixed order */
} zoo_dataset;

GOP_API void zoo_dataset_free(zoo_dataset *data);
/* Frames of a sequence that a model sees: ceil(frames / factor). */
GOP_API size_t zoo_sequence_length(const zoo_dataset *data, size_t sequence);
/* Whether a class has at least one sequence in a split. */
GOP_API bool zoo_dataset_has(const zoo_dataset *data, size_t action, zoo_split split);
/* Sequences of a split of which a model sees at least `frames` frames. */
GOP_API size_t zoo_dataset_count(const zoo_dataset *data, zoo_split split, size_t frames);

/* Files of data sets. */
#define ZOO_DATASET_KIND    "GDS1"
#define ZOO_DATASET_VERSION 1
GOP_API gop_status zoo_dataset_save(const zoo_dataset *data, const char *path, gop_error *err);
GOP_API gop_status zoo_dataset_load(zoo_dataset **data, const char *path, gop_error *err);

/* ------------------------------------------------------------ what was found */

typedef enum zoo_finding_kind {
    ZOO_DROPPED,   /* not taken, and why */
    ZOO_ABSENT,    /* a class without training or test data */
    ZOO_MOVED,     /* put into another split than its folder says */
    ZOO_IDENTICAL, /* the same frames in training and in test data */
    ZOO_ALTERED    /* taken, but not as it is in the file */
} zoo_finding_kind;
#define ZOO_KINDS 5

/* Why something was not taken. */
typedef enum zoo_drop {
    ZOO_DROP_KIND,       /* another kind of file */
    ZOO_DROP_UNREADABLE, /* missing, closed, or no regular file */
    ZOO_DROP_FORMAT,     /* what is in it is not of the format */
    ZOO_DROP_NAME,       /* its name does not say what the source needs */
    ZOO_DROP_TWICE,      /* its name was there before */
    ZOO_DROP_LISTED,     /* on the skip list */
    ZOO_DROP_LABEL,      /* its class is not known */
    ZOO_DROP_JOINTS,     /* a number of joints other than the layout's */
    ZOO_DROP_EMPTY,      /* no body in any frame */
    ZOO_DROP_NON_FINITE, /* NaN or infinity */
    ZOO_DROP_SHORT,      /* fewer frames than wanted */
    ZOO_DROP_SPLIT       /* in neither part of the split */
} zoo_drop;
#define ZOO_DROPS 12

/* "unreadable" and so on, or NULL. */
GOP_API const char *zoo_drop_name(zoo_drop why);

/* Findings of each kind that are kept; all are counted. */
#define ZOO_MAX_FINDINGS 1000

typedef struct zoo_finding {
    zoo_finding_kind kind;
    char text[GOP_MESSAGE_SIZE];
} zoo_finding;

typedef struct zoo_report {
    size_t files;        /* read */
    size_t sequences[2]; /* by zoo_split */
    size_t frames[2];
    size_t actions;
    size_t constant;           /* columns that do not change in the training data */
    size_t non_finite;         /* NaN, infinity or too large, in files dropped for it */
    size_t empty_frames;       /* of files that were taken, without the body */
    size_t filled;             /* frames that repeat others, of those counted above */
    size_t other_bodies;       /* of files that were taken, left out */
    size_t missing_nodes;      /* nodes that can be missing, 0 where the format has no such */
    size_t *missing;           /* [missing_nodes]: frames that were taken without the node */
    size_t dropped[ZOO_DROPS]; /* by reason */
    size_t found[ZOO_KINDS];   /* findings of each kind */
    size_t findings;
    zoo_finding *finding;
} zoo_report;

GOP_API void zoo_report_clear(zoo_report *report);

/* ------------------------------------------------------------------- sources */

/* CMU Mocap as text: DIR/{train,test}/ACTION/ANY.txt, a frame a line, 117
 * comma-separated decimals, 120 Hz.  Files are taken in sorted order.  `split`
 * "literature" takes the folders as they are; "partial" is a stand-in while
 * files of the literature's set are missing: the last training file of
 * basketball_signal and of directing_traffic (not the only one) becomes their
 * test file, and the first half of washwindow's only test file is training
 * data.  GOP_EFORMAT names file and line.  `report` may be NULL. */
GOP_API gop_status zoo_cmu_read(zoo_dataset **data, zoo_report *report, const char *dir,
                                const char *split, gop_error *err);

/* Raw data into a data set's file, sequence by sequence, with memory that does not grow
 * with the frames.  What is not given (0, NULL) takes the source's default. */
typedef struct zoo_raw {
    const char *source;       /* a name of zoo_raw_list */
    const char *dir;          /* the folder */
    const char *split;        /* cmu, h36m, ntu: a way of splitting by name */
    const char *labels;       /* csv, kinetics: a table, lines of NAME,CLASS[,SPLIT] */
    const char *skip_list;    /* ntu: a file of names to leave out, one a line */
    const zoo_layout *layout; /* csv: needed; h36m: h36m20 or another one of 99 columns */
    double rate;              /* csv: frames a second, Hz; needed */
    uint32_t factor;          /* csv: a model sees every factor-th frame */
    uint32_t bodies;          /* kinetics, ntu: 1 or 2, each a sequence */
    bool as_recorded;         /* kinetics, ntu: positions as they are in the files */
    size_t shortest;          /* frames at the raw rate that a sequence must have */
    size_t fill;              /* a shorter one is repeated from its beginning to as many */
    bool strict;              /* a bad file is an error instead of a finding */
} zoo_raw;

/* "cmu", "csv", "h36m", "kinetics", "ntu", NULL at the end. */
GOP_API const char *const *zoo_raw_list(void);
/* Writes `file` (zoo_dataset_load reads it).  *index is the set without its frames: domain,
 * source and the sequences, whose data are NULL; to be freed.  Folders are taken in sorted
 * order, and equal folders give equal bytes.  `report` may be NULL.  GOP_EINVAL: a source
 * that is not known, an option missing or not the source's.  GOP_EFORMAT, GOP_ESYSTEM: nothing
 * to take, the folder cannot be read, the file not be written, or, for cmu and with `strict`,
 * a bad file. */
GOP_API gop_status zoo_prepare(zoo_dataset **index, zoo_report *report, const zoo_raw *raw,
                               const char *file, gop_error *err);

/* The procedural motion set: 22 joints in metres at 25 Hz, eight actions, twenty
 * training subjects (80 frames of each action) and six test subjects (100), all
 * from one seed.  Subjects stay on the spot. */
GOP_API gop_status zoo_synth(zoo_dataset **data, zoo_report *report, uint64_t seed, gop_error *err);

/* Raw frames [*frames, columns] from a text file of comma-separated decimals, or
 * standard input for "-"; to be freed.  GOP_EFORMAT names file and line. */
GOP_API gop_status zoo_poses_read(float **raw, size_t *frames, size_t columns, const char *path,
                                  gop_error *err);

/* ------------------------------------------------------------------- windows */

/* Draws training windows: a sequence uniformly at random, then the start
 * uniformly in [0, n - observed - predicted), n being its length (0 when that
 * is empty but the window fits).  Sequences too short are not drawn. */
typedef struct zoo_sampler zoo_sampler;

/* Fails with GOP_EFORMAT when no training sequence is long enough. */
GOP_API gop_status zoo_sampler_new(zoo_sampler **sampler, const zoo_dataset *data, size_t observed,
                                   size_t predicted, uint64_t seed, gop_error *err);

/* Windows at the beginning of longer clips, and noise in what is learned from them. */
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

/* Which training sequences of at least `frames` frames that a model sees are kept from
 * training: of each action the nearest number to its share in [0, 1), but at least one is
 * held out and one is left; none of an action that has but one, nor with a share of 0.  The
 * seed chooses.  *n counts them; held[i], for each sequence of the set, may be NULL. */
GOP_API gop_status zoo_dataset_hold_out(size_t *n, bool *held, const zoo_dataset *data,
                                        size_t frames, double share, uint64_t seed, gop_error *err);

/* GOP_EINVAL for sizes and shares out of range, for noise in a share above 0 that is less than
 * two sequences, which have nothing to exchange, and where no sequence can be held out. */
GOP_API gop_status zoo_sampler_new_windows(zoo_sampler **sampler, const zoo_dataset *data,
                                           const zoo_windows *windows, gop_error *err);
GOP_API void zoo_sampler_free(zoo_sampler *sampler);
/* The next n windows, normalised: x [n, M, observed, D], target [n, M,
 * predicted, D], labels [n] (class numbers).  Any of them may be NULL. */
GOP_API void zoo_sampler_next(zoo_sampler *sampler, size_t n, gop_real *x, gop_real *target,
                              gop_real *labels);
/* All there is to save and to restore. */
GOP_API gop_rng zoo_sampler_state(const zoo_sampler *sampler);
GOP_API void zoo_sampler_restore(zoo_sampler *sampler, gop_rng state);

/* The legacy generator of the published test clips: numpy's RandomState(seed)
 * with randint(low, high): MT19937 seeded by init_genrand, masked rejection on
 * 32-bit draws. */
typedef struct zoo_legacy_random {
    uint32_t state[624];
    uint32_t position;
} zoo_legacy_random;

GOP_API void zoo_legacy_seed(zoo_legacy_random *random, uint32_t seed);
GOP_API uint32_t zoo_legacy_u32(zoo_legacy_random *random);
/* Uniform in [low, high); high - low in 1 .. 2^32. */
GOP_API uint64_t zoo_legacy_randint(zoo_legacy_random *random, uint64_t low, uint64_t high);

#ifdef __cplusplus
}
#endif
#endif
