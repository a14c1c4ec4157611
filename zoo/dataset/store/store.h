/*
 * store.h: builds a data set sequence by sequence, in memory or in a file.
 *
 * In a set's file the statistics and the number of sequences precede the sequences, but both are
 * known only at the end.  The frames therefore go to a nameless file beside the target first, and
 * from there to the target.  Memory is bounded by the longest sequence, and the result has the
 * bytes of a set made in memory.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_STORE_H
#define ZOO_DATASET_STORE_STORE_H

#include "zoo/dataset/build.h"
#include "zoo/dataset/store/prepare_report.h"

/* Where the frames of a sequence are. */
typedef struct zoo_place {
    uint64_t at;   /* offset in the file */
    uint64_t hash; /* of the frames, set by zoo_store_finish */
} zoo_place;

typedef struct zoo_store {
    zoo_dataset *data;  /* owned; with a file its sequences have no frames */
    zoo_report *report; /* may be NULL */
    bool strict;        /* a bad file is an error, not a finding */
    bool broken;        /* memory or the file failed, or the caller stops: always an error */
    size_t shortest;    /* minimum frames of a sequence */
    size_t fill;        /* shorter sequences repeat to this many frames; 0: they do not */
    const gop_stop *stop;
    const char *path;   /* of the target, NULL: frames stay in memory; the caller's */
    gop_writer *writer; /* of the target, or NULL */
    int fd;             /* the nameless file, or -1 */
    uint64_t end;       /* its length */
    zoo_place *place;   /* [data->sequences] */
    size_t *name;       /* hash table of sequences by name: indices, SIZE_MAX for none */
    size_t names;       /* its length, a power of two, or 0 */
    float *back;        /* the frames read back last */
    size_t back_room;
} zoo_store;

/* Opens an empty set for the file `path`, or in memory if path is NULL, and clears `report`.  The
 * caller closes the store, also on failure. */
gop_status zoo_store_open(zoo_store *store, zoo_report *report, const char *path, gop_error *err);
/* Frees the store.  *data, unless NULL, gets the set; its frames are there if the store kept them
 * in memory. */
void zoo_store_close(zoo_store *store, zoo_dataset **data);

/* Fills the store by a source, and the domain's origin. */
gop_status zoo_store_take(zoo_store *store, const zoo_source *from, const zoo_raw *raw,
                          gop_error *err);
/* Appends a sequence; the store takes its frames, also on failure.  A sequence shorter than `fill`
 * is repeated from its beginning. */
gop_status zoo_store_add(zoo_store *store, const char *name, size_t action, zoo_split split,
                         float *frames, size_t n, gop_error *err);
/* Whether the split has a sequence of this name; false also without memory. */
bool zoo_store_has(const zoo_store *store, const char *name, zoo_split split);
/* Sequence i's frames, valid until the next call. */
gop_status zoo_store_frames(const float **frames, zoo_store *store, size_t i, gop_error *err);
/* Cuts sequence i of a set with a file in two: its first `n` frames become a new last sequence of
 * split `split`, the others stay. */
gop_status zoo_store_cut(zoo_store *store, size_t i, size_t n, zoo_split split, gop_error *err);

/* No reason to drop a file: memory or the system has failed. */
#define ZOO_NO_DROP ((zoo_drop)ZOO_DROPS)
/* Handles a file that cannot be taken: adds a finding and returns GOP_OK.  Returns the error if the
 * store is strict or the file is not the cause: `why` is ZOO_NO_DROP, or `s` is GOP_ENOMEM or
 * GOP_ESTOPPED. */
gop_status zoo_store_drop(zoo_store *store, zoo_drop why, gop_status s, const gop_error *bad,
                          gop_error *err);

/* GOP_EFORMAT because no `what` in `dir` can be taken; the message names the first dropped file. */
gop_status zoo_store_nothing(const zoo_store *store, const char *dir, const char *what,
                             gop_error *err);

/* Reports files of a published set that an action with other files of the split lacks: BEFORE ACTION
 * _ K, K from 1 to `takes`, for each of `before`, which ends with NULL. */
void zoo_store_expect(zoo_store *store, size_t action, zoo_split split, const char *const *before,
                      size_t takes);

/* Computes the domain's statistics, completes the report and writes the file, if any. */
gop_status zoo_store_finish(zoo_store *store, gop_error *err);
/* Computes the domain's mean, std and constant columns from the training frames of a set in
 * memory. */
gop_status zoo_domain_measure(zoo_dataset *data, gop_error *err);

#endif
