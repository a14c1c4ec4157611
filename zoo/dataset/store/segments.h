/*
 * segments.h: a table that cuts long recordings into clips with classes, or gives whole ones a
 * class, for any source.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_SEGMENTS_H
#define ZOO_DATASET_STORE_SEGMENTS_H

#include "zoo/dataset/dataset.h"

typedef struct zoo_segment {
    char *name; /* of the recording, owned */
    char action[ZOO_NAME_SIZE];
    uint32_t class_index; /* into the table's classes */
    uint32_t first, last; /* numbers of frames */
    int split;            /* a zoo_split, or -1: the recording's */
    size_t line;
    bool used;
} zoo_segment;

typedef struct zoo_segments {
    char *path;
    size_t n;
    zoo_segment *item;   /* [n], by name, then by line */
    size_t classes;      /* 0: there is no table */
    const char **action; /* [classes], sorted */
    /* Frames outside of all segments are of this class, NULL: of none.  They are cut into clips of at
     * most and at least so many seconds. */
    char *background;
    uint32_t background_class;
    double most, least;
} zoo_segments;

/* Reads lines NAME,CLASS,FIRST,LAST, or NAME,CLASS[,train|test] if `whole`; or, as UTKinect has
 * them, a line with a name and then lines "CLASS: FIRST LAST".  Lines whose numbers are NaN are
 * skipped.  `background` is NULL or NAME[:MOST[:LEAST]], a class of the table or a further one; the
 * segments of a recording may then have a first and a last frame in common, but no others.
 * GOP_EFORMAT names file and line; GOP_EINVAL for another `background`; GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_segments_read(zoo_segments *s, const char *path, bool whole, const char *background,
                             gop_error *err);
/* The segments of a recording: *n of them from the returned one on, or NULL.  A name also has those
 * of its end behind an underscore: joints_s01_e01 those of s01_e01. */
zoo_segment *zoo_segments_find(const zoo_segments *s, const char *name, size_t *n);
void zoo_segments_clear(zoo_segments *s);

#endif
