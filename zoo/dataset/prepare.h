/*
 * prepare.h: raw motion data of all kinds into data sets, and what was found on the way.
 * May use zoo/dataset/dataset.h.
 */
#ifndef ZOO_DATASET_PREPARE_H
#define ZOO_DATASET_PREPARE_H

#include "zoo/dataset/dataset.h"

#ifdef __cplusplus
extern "C" {
#endif

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

/* Raw data into a data set's file, sequence by sequence, with memory that does not grow
 * with the frames.  What is not given (0, NULL) takes the source's default. */
typedef struct zoo_raw {
    const char *source;       /* its name */
    const char *dir;          /* the folder */
    const char *split;        /* one of the source's ways of splitting by name */
    const char *labels;       /* a table of classes, lines of NAME,CLASS[,SPLIT] */
    const char *skip_list;    /* a file of names to leave out, one a line */
    const zoo_layout *layout; /* what the columns are */
    double rate;              /* frames a second, Hz */
    uint32_t factor;          /* a model sees every factor-th frame */
    uint32_t bodies;          /* 1 or 2, each a sequence */
    bool as_recorded;         /* positions as they are in the files */
    size_t shortest;          /* frames at the raw rate that a sequence must have */
    size_t fill;              /* a shorter one is repeated from its beginning to as many */
    bool strict;              /* a bad file is an error instead of a finding */
    uint64_t seed;            /* of what is drawn; 0 is one like any other */
} zoo_raw;

/* A way of splitting sequences into training and test data. */
typedef struct zoo_way {
    const char *name;
    const char *text; /* what it does, for people: "tests on subject 5" */
} zoo_way;

struct zoo_store;

/* Where raw data come from; a row for each is in the source's own file. */
typedef struct zoo_source {
    const char *name; /* "cmu" */
    const char *text; /* "CMU Mocap as exponential maps" */
    /* Fields of zoo_raw that it needs, and those that it can do with; blanks between. */
    const char *needs, *takes;
    const zoo_way *splits; /* the default first, ends with a NULL name; NULL: none */
    /* Domain, source and sequences of an empty store; the rest is zoo_prepare's. */
    gop_status (*take)(struct zoo_store *store, const zoo_raw *raw, gop_error *err);
} zoo_source;

/* All sources, NULL at the end. */
GOP_API const zoo_source *const *zoo_source_list(void);
/* Whether it needs or can do with a field of zoo_raw, by the field's name. */
GOP_API bool zoo_source_takes(const zoo_source *source, const char *field);
/* Writes `file` (zoo_dataset_load reads it).  *index is the set without its frames: domain,
 * source and the sequences, whose data are NULL; to be freed.  Folders are taken in sorted
 * order, and equal folders give equal bytes.  `report` may be NULL.  GOP_EINVAL: a source
 * that is not known, a field that it needs missing or one given that is not its.  GOP_EFORMAT, GOP_ESYSTEM: nothing
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

#ifdef __cplusplus
}
#endif
#endif
