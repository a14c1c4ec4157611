/*
 * store.h: builds a data set sequence by sequence, in memory or in a file.
 *
 * Frames go to the set's file as they come; its index, with the statistics, follows at the end
 * (gop_writer_open_data).  Memory is bounded by the longest sequence, one copy is on the disk, and
 * the result has the bytes of a set made in memory.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_STORE_H
#define ZOO_DATASET_STORE_STORE_H

#include "zoo/dataset/build.h"
#include "zoo/dataset/store/body_size.h"
#include "zoo/dataset/store/prepare_report.h"
#include "zoo/dataset/store/segments.h"
#include "zoo/dataset/store/split_rule.h"
#include "zoo/dataset/transform/transform.h"

typedef struct zoo_store {
    zoo_dataset *data;       /* owned; with a file its frames are read back from there */
    zoo_report *report;      /* may be NULL */
    bool strict;             /* a bad file is an error, not a finding */
    bool broken;             /* memory or the file failed, or the caller stops: always an error */
    bool uncut;              /* test recordings stay whole, with their segments as spans */
    size_t shortest;         /* minimum frames of a sequence */
    zoo_steps steps;         /* to apply to every clip */
    bool from_sets;          /* clips come from data sets: the domain, with its steps, is theirs */
    zoo_plan *plan;          /* the same, when the first clip has come */
    const zoo_layout *named; /* that the steps may name besides the built-in ones, or NULL */
    const zoo_source *source;
    const gop_stop *stop;
    zoo_segments segments;   /* cut recordings and name their classes */
    zoo_split_rule rule;     /* puts them into splits */
    zoo_patterns patterns;   /* find fields in their names */
    zoo_body_size size;      /* of bodies */
    double width, height;    /* of the next clip's image, pixels; 0: unknown */
    const uint32_t *numbers; /* of the next clip's frames, its source's; NULL: from 1 */
    gop_writer *writer;      /* of the target; NULL: frames stay in memory */
    size_t *name;            /* hash table of sequences by name: indices, SIZE_MAX for none */
    size_t names;            /* its length, a power of two, or 0 */
} zoo_store;

/* Opens an empty set for the file `path`, or in memory if path is NULL, and clears `report`.  The
 * caller closes the store, also on failure. */
gop_status zoo_store_open(zoo_store *store, zoo_report *report, const char *path, gop_error *err);
/* Frees the store.  *data, unless NULL, gets the set; its frames are there if the store kept them
 * in memory. */
void zoo_store_close(zoo_store *store, zoo_dataset **data);

/* The transformations of a source, changed by what `raw` says.  GOP_EINVAL. */
gop_status zoo_choose_steps(zoo_steps *steps, const zoo_source *from, const zoo_raw *raw,
                            gop_error *err);
/* Adds steps that a source finds itself in need of, unless an option replaces or removes them.
 * GOP_EINVAL. */
gop_status zoo_store_needs(zoo_store *store, const zoo_raw *raw, const char *steps, gop_error *err);
/* Fills the store by a source, and the domain's origin. */
gop_status zoo_store_take(zoo_store *store, const zoo_source *from, const zoo_raw *raw,
                          gop_error *err);
/* Checks that files of this layout, those of `title`, can be read for the store's domain, which is a
 * model's, and chooses the transformations: the domain's if its data came from this source, else
 * the source's own, or its own without those that normalise, if they give the domain's layout.
 * GOP_ESHAPE. */
gop_status zoo_store_from(zoo_store *store, const zoo_layout *own, const char *title,
                          gop_error *err);
/* Whether a table of the store names the classes, so that sources need none: they give class 0. */
bool zoo_store_names_classes(const zoo_store *store);
/* Appends a sequence with the fields of `like` and its frames as recorded [bodies, frames, columns],
 * which the store takes, also on failure.  The store finds fields in the name, cuts segments, gives
 * them their class and split, and transforms them.  A clip of which nothing is left, or too little,
 * is dropped. */
gop_status zoo_store_add(zoo_store *store, const zoo_sequence *like, float *frames, gop_error *err);
/* The parts of zoo_store_add, for cutting.c.  Plans the steps for the domain's layout, which becomes
 * that of the results, unless this was done. */
gop_status zoo_store_plan(zoo_store *store, gop_error *err);
/* The columns of clips as they are given, once the steps are planned. */
size_t zoo_store_columns(const zoo_store *store);
/* Chooses the split of a clip by the store's rule.  *good is false for a clip without one, which is
 * dropped. */
gop_status zoo_store_split(bool *good, zoo_store *store, zoo_sequence *q, gop_error *err);
/* Transforms and appends a clip of a split; takes the frames, also on failure. */
gop_status zoo_store_enter(zoo_store *store, const zoo_sequence *like, float *frames,
                           gop_error *err);
/* The sequence of this name in the split, valid until another is added; NULL: none, or no memory. */
const zoo_sequence *zoo_store_find(const zoo_store *store, const char *name, zoo_split split);
/* Whether there is one. */
bool zoo_store_has(const zoo_store *store, const char *name, zoo_split split);
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
/* Computes the domain's mean, std and constant columns from the set's training frames. */
gop_status zoo_domain_measure(zoo_dataset *data, gop_error *err);

#endif
