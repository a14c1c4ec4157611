/*
 * store.h: a set in the making: its sequences one by one, in memory or in a file.
 *
 * Statistics stand in front of the sequences in a set's file, and how many sequences
 * there are is known at the end.  So frames go to a nameless file beside the target as
 * they come, and from there to the target: memory is bounded by the longest sequence,
 * and what is written has the bytes of a set that was made in memory.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_STORE_H
#define ZOO_DATASET_STORE_STORE_H

#include "zoo/dataset/build.h"
#include "zoo/dataset/store/prepare_report.h"

/* What is kept of a sequence's frames. */
typedef struct zoo_place {
    uint64_t at;   /* byte of the file where they begin */
    uint64_t hash; /* of the frames, once zoo_store_finish has seen them */
} zoo_place;

typedef struct zoo_store {
    zoo_dataset *data;  /* owned; with a file its sequences have no frames */
    zoo_report *report; /* NULL: nobody wants to know */
    bool strict;        /* a bad file is an error, not a finding */
    bool broken;        /* memory or the file failed: not to be passed over */
    size_t shortest;    /* frames that a sequence needs, at least */
    size_t fill;        /* frames that a shorter one is repeated to, 0: it is not */
    gop_writer *writer; /* of the target, NULL: frames stay in memory */
    int fd;             /* the nameless file, or -1 */
    uint64_t end;       /* its length */
    zoo_place *place;   /* [data->sequences] */
    size_t *name;       /* places of sequences by name, SIZE_MAX: none */
    size_t names;       /* its length, a power of two, or 0 */
    float *back;        /* the frames that were read back last */
    size_t back_room;
} zoo_store;

/* An empty set for the file `path`, or in memory where path is NULL; to be closed, also
 * on failure.  `report` is cleared. */
gop_status zoo_store_open(zoo_store *store, zoo_report *report, const char *path, gop_error *err);
/* Releases all; `*data`, where wanted, is the set, with its frames where they were kept
 * in memory. */
void zoo_store_close(zoo_store *store, zoo_dataset **data);

/* Appends a sequence, whose frames pass to the store (also on failure), repeated from
 * its beginning where it is shorter than `fill`. */
gop_status zoo_store_add(zoo_store *store, const char *name, size_t action, zoo_split split,
                         float *frames, size_t n, gop_error *err);
/* Whether a sequence of this name is in the split; false also without memory. */
bool zoo_store_has(const zoo_store *store, const char *name, zoo_split split);
/* Sequence i's frames, valid until the next call. */
gop_status zoo_store_frames(const float **frames, zoo_store *store, size_t i, gop_error *err);
/* Cuts sequence i of a set with a file in two: the first `n` frames become a sequence at the
 * end, of split `split`, the others stay. */
gop_status zoo_store_cut(zoo_store *store, size_t i, size_t n, zoo_split split, gop_error *err);

/* What becomes of a file that cannot be taken: a finding, and GOP_OK, unless the store is
 * strict or it is not the file's fault. */
gop_status zoo_store_drop(zoo_store *store, zoo_drop why, gop_status s, const gop_error *bad,
                          gop_error *err);

/* No `what` in `dir` can be taken: GOP_EFORMAT, with the first file that was dropped. */
gop_status zoo_store_nothing(const zoo_store *store, const char *dir, const char *what,
                             gop_error *err);

/* Statistics of the domain, the report's numbers, and the file, where there is one. */
gop_status zoo_store_finish(zoo_store *store, gop_error *err);
/* The domain's mean, std and constant columns, of the training frames of a set in memory. */
gop_status zoo_domain_measure(zoo_dataset *data, gop_error *err);

#endif
