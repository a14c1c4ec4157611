/*
 * dataset.h: motion sequences with labels, and their files.
 *
 * A data set holds raw frames as prepared.  They are normalised, and every factor-th frame is taken,
 * when windows are cut (sampler.h). prepare.h makes sets from raw data.
 *
 * A set read from a file keeps the file open and holds only its index: zoo_dataset_read reads
 * frames when they are needed, so that a set may be larger than memory.
 * May use graphop.h and zoo/skeleton.
 */
#ifndef ZOO_DATASET_DATASET_H
#define ZOO_DATASET_DATASET_H

#include "zoo/dataset/domain.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_SEQUENCES      1048576
/* Of a sequence. */
#define ZOO_MAX_BODIES         8
/* Of a sequence's name, with its end: a class, a slash and the longest name of a file. */
#define ZOO_SEQUENCE_NAME_SIZE 320

typedef enum zoo_split { ZOO_TRAIN = 0, ZOO_TEST = 1 } zoo_split;

/* A part of a recording that has a class of its own. */
typedef struct zoo_span {
    uint32_t action;      /* index into the domain's actions */
    size_t first, frames; /* at the raw rate */
} zoo_span;

/* Of a sequence. */
#define ZOO_MAX_SPANS 65536

/* One or more bodies on one clock.  Texts and spans belong to the set. */
typedef struct zoo_sequence {
    const char *name; /* "walking_1" */
    /* Where it came from, as far as that is known, else empty: "P003", "C002", "S001", "R002", the
     * name of its file. */
    const char *subject, *camera, *setup, *repetition, *file;
    uint32_t action; /* index into the domain's actions */
    zoo_split split;
    size_t frames;   /* at the raw rate */
    uint32_t bodies; /* 1 to ZOO_MAX_BODIES */
    /* [bodies, frames, columns] if the set is in memory.  NULL: the frames are in the set's file;
     * zoo_dataset_read reads both. */
    float *data;
    uint64_t at;  /* where they are in the file's data */
    uint64_t sum; /* checksum of frames in a file */
    /* Of a recording that was kept whole: [spans], in order, without common frames.  All frames
     * outside of them have the sequence's action.  0: a clip of one class. */
    size_t spans;
    const zoo_span *span;
} zoo_sequence;

typedef struct zoo_dataset {
    zoo_domain domain;
    char source[256]; /* one sentence: where it came from and how it was split */
    size_t sequences;
    zoo_sequence *sequence;  /* [sequences], in a fixed order */
    struct zoo_frames *kept; /* texts and the open file; private */
} zoo_dataset;

/* An empty set in memory with a copy of the domain. */
GOP_API gop_status zoo_dataset_new(zoo_dataset **data, const zoo_domain *domain, gop_error *err);
/* Appends a sequence with the fields of `like`, whose texts and spans are copied (NULL: empty) and
 * whose bodies may be 0 for one.  The set takes `frames` [bodies, frames, columns], also on failure.
 * GOP_EINVAL for NULL, too many bodies, and spans that are empty, out of order, have common frames
 * or end behind the sequence; GOP_ENOMEM. */
GOP_API gop_status zoo_dataset_add(zoo_dataset *data, const zoo_sequence *like, float *frames,
                                   gop_error *err);
GOP_API void zoo_dataset_free(zoo_dataset *data);
/* Reads frames [first, first + n) of a body at the raw rate: frames [n, columns].  The first use of a
 * sequence of a file checks all of its frames.  Safe in several threads at once.
 * GOP_EINVAL if there are no such frames; GOP_EFORMAT for a sequence that is damaged, or a file that
 * has become shorter; GOP_ESYSTEM, GOP_ENOMEM. */
GOP_API gop_status zoo_dataset_read(float *frames, const zoo_dataset *data, size_t sequence,
                                    size_t body, size_t first, size_t n, gop_error *err);
/* Number of frames of a sequence that a model sees: ceil(frames / factor). */
GOP_API size_t zoo_sequence_length(const zoo_dataset *data, size_t sequence);
/* The index of the first sequence of a split that is a whole recording with spans, or SIZE_MAX. */
GOP_API size_t zoo_dataset_whole(const zoo_dataset *data, zoo_split split);
/* The frames of raw data from the first to the last of `frames` frames that a model sees. */
GOP_API size_t zoo_raw_frames(const zoo_domain *domain, size_t frames);
/* Whether a class has at least one sequence, or span of one, in a split. */
GOP_API bool zoo_dataset_has(const zoo_dataset *data, size_t action, zoo_split split);
/* Number of sequences of a split of which a model sees at least `frames` frames.  of [actions] gets
 * the number of each class; it may be NULL. */
GOP_API size_t zoo_dataset_count(size_t *of, const zoo_dataset *data, zoo_split split,
                                 size_t frames);

/* Files of data sets. */
#define ZOO_DATASET_KIND    "GDS1"
#define ZOO_DATASET_VERSION 3
GOP_API gop_status zoo_dataset_save(const zoo_dataset *data, const char *path, gop_error *err);
/* Reads the index; the set keeps the file open. */
GOP_API gop_status zoo_dataset_load(zoo_dataset **data, const char *path, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
