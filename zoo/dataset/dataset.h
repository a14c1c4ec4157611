/*
 * dataset.h: motion sequences with labels, and their files.
 *
 * A data set holds raw frames as read.  They are normalised, and every factor-th frame is taken,
 * when windows are cut (sampler.h). prepare.h makes sets from raw data.
 * May use graphop.h and zoo/skeleton.
 */
#ifndef ZOO_DATASET_DATASET_H
#define ZOO_DATASET_DATASET_H

#include "zoo/dataset/domain.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_SEQUENCES      1048576
/* Of a sequence's name, with its end: a class, a slash and the longest name of a file. */
#define ZOO_SEQUENCE_NAME_SIZE 320

typedef enum zoo_split { ZOO_TRAIN = 0, ZOO_TEST = 1 } zoo_split;

typedef struct zoo_sequence {
    char name[ZOO_SEQUENCE_NAME_SIZE]; /* "walking_1" */
    uint32_t action;                   /* index into the domain's actions */
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
/* Number of frames of a sequence that a model sees: ceil(frames / factor). */
GOP_API size_t zoo_sequence_length(const zoo_dataset *data, size_t sequence);
/* The frames of raw data from the first to the last of `frames` frames that a model sees. */
GOP_API size_t zoo_raw_frames(const zoo_domain *domain, size_t frames);
/* Whether a class has at least one sequence in a split. */
GOP_API bool zoo_dataset_has(const zoo_dataset *data, size_t action, zoo_split split);
/* Number of sequences of a split of which a model sees at least `frames` frames.  of [actions] gets
 * the number of each class; it may be NULL. */
GOP_API size_t zoo_dataset_count(size_t *of, const zoo_dataset *data, zoo_split split,
                                 size_t frames);

/* Files of data sets. */
#define ZOO_DATASET_KIND    "GDS1"
#define ZOO_DATASET_VERSION 2
GOP_API gop_status zoo_dataset_save(const zoo_dataset *data, const char *path, gop_error *err);
GOP_API gop_status zoo_dataset_load(zoo_dataset **data, const char *path, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
