/*
 * prepare.h: converts raw motion data of all kinds to data sets and reports the findings.
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
    ZOO_ABSENT,    /* a class or a subject without data, or files of a published set */
    ZOO_MOVED,     /* put into another split than its folder's */
    ZOO_IDENTICAL, /* the same frames in training and test data */
    ZOO_ALTERED,   /* taken, but changed */
    ZOO_DOUBTFUL   /* taken, but hardly what was meant */
} zoo_finding_kind;
#define ZOO_KINDS 6

/* Why something was not taken. */
typedef enum zoo_drop {
    ZOO_DROP_KIND,       /* another kind of file */
    ZOO_DROP_UNREADABLE, /* missing, closed, or no regular file */
    ZOO_DROP_FORMAT,     /* not in the source's format */
    ZOO_DROP_NAME,       /* its name lacks what the source reads from names */
    ZOO_DROP_TWICE,      /* an earlier file has its name */
    ZOO_DROP_LISTED,     /* on the skip list */
    ZOO_DROP_LABEL,      /* its class is unknown */
    ZOO_DROP_JOINTS,     /* a number of joints other than the layout's */
    ZOO_DROP_EMPTY,      /* no body in any frame */
    ZOO_DROP_NON_FINITE, /* NaN or infinity */
    ZOO_DROP_SHORT,      /* fewer frames than required */
    ZOO_DROP_SPLIT,      /* in neither part of the split */
    ZOO_DROP_TIME        /* its frames go back in time */
} zoo_drop;
#define ZOO_DROPS 13

/* The name of a reason, such as "unreadable", or NULL. */
GOP_API const char *zoo_drop_name(zoo_drop why);

/* At most this many findings of a kind are kept; all are counted. */
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
    size_t constant;           /* columns that are constant in the training data */
    size_t non_finite;         /* values NaN, infinite or too large, in files dropped for them */
    size_t empty_frames;       /* frames without the body, in files taken */
    size_t recorded;           /* frames in files taken, without those left out */
    size_t filled;             /* of the frames by split, those that repeat others */
    size_t tracks;             /* bodies that were followed through files taken */
    size_t other_bodies;       /* bodies left out, in files taken */
    size_t missing_nodes;      /* nodes that can be missing, 0 if the format has none */
    size_t *missing;           /* [missing_nodes]: frames taken without the node */
    size_t dropped[ZOO_DROPS]; /* by reason */
    size_t found[ZOO_KINDS];   /* findings of each kind */
    size_t findings;
    zoo_finding *finding;
} zoo_report;

GOP_API void zoo_report_clear(zoo_report *report);

/* ------------------------------------------------------------------- sources */

/* What to convert to a data set, and how.  Conversion holds one sequence in memory at a time.  A
 * field that is 0 or NULL gets the source's default. */
typedef struct zoo_raw {
    const char *source; /* its name */
    const char *dir;    /* the folder, or the file of a source that has one */
    /* Further folders or files, which join those of dir, NULL at the end; NULL: none. */
    const char *const *also;
    const char *split;        /* name of one of the source's splits */
    const char *labels;       /* a file of classes, one NAME,CLASS[,SPLIT] a line */
    const char *skip_list;    /* a file of names to leave out, one a line */
    const zoo_layout *layout; /* the meaning of the columns */
    /* Frames a second of the files, Hz, if the source takes it; the rate of other files is known, and
     * they are resampled to this one. */
    double rate;
    uint32_t factor;  /* a model sees every factor-th frame */
    uint32_t bodies;  /* the most bodies of a sequence, up to ZOO_MAX_BODIES */
    bool positions;   /* joint angles become positions, by the source's chain */
    bool as_recorded; /* without the source's own normalisation */
    /* Transformations, separated by ';': "units mm; centre Hips:each".  One replaces the source's
     * own of its kind; "align none" removes it. */
    const char *steps;
    const zoo_layout *joints; /* take its nodes, by name; as the step "joints NAME" */
    /* For every source: a file that cuts recordings into clips, NAME,CLASS,FIRST,LAST a line, by the
     * numbers of frames; patterns that find fields in names, "subject=s(\d+)"; a rule that splits:
     * "random:SHARE", "subject:1,3,5" (training data) or "leave-out:subject:5". */
    const char *segments, *pattern, *split_rule;
    /* With segments: the class of the frames outside of them, NAME[:MOST[:LEAST]], which become clips
     * of at most MOST and at least LEAST seconds (4 and 0.5). */
    const char *background;
    bool uncut;       /* test recordings stay whole, with segments as spans; needs a background */
    const char *only; /* the sequences to take: "class:walking,run*", "subject:1-20" */
    size_t shortest;  /* minimum frames of a sequence, at the raw rate */
    size_t fill;      /* a shorter sequence repeats from its beginning to this many */
    bool strict;      /* a bad file is an error instead of a finding */
    uint64_t seed;    /* of random draws; 0 is a seed like any other */
    /* The meaning of an array's axes, in their order: N clips, C channels, T frames, V nodes, M
     * bodies, as in "NCTVM". */
    const char *axes;
    /* What the columns of a text hold, in their order: frame, time, body, joint, channels (x, y, z,
     * score), - for others; * for all columns of the layout, ... for the channels before it of every
     * node, as in "frame,*". */
    const char *columns;
    const gop_stop *stop; /* can end the call; every source takes it */
} zoo_raw;

/* A way of splitting sequences into training and test data. */
typedef struct zoo_way {
    const char *name;
    const char *text; /* its description: "tests on subject 5" */
} zoo_way;

struct zoo_store;

/* A source of raw data.  Each source's file defines its own row. */
typedef struct zoo_source {
    const char *name; /* "cmu" */
    const char *text; /* "CMU Mocap as exponential maps" */
    /* Fields of zoo_raw that it requires, and fields that are optional; separated by blanks. */
    const char *needs, *takes;
    /* Default first, ends with a NULL name.  NULL: none, or those of the data. */
    const zoo_way *splits;
    /* Its own transformations, and those that normalise, which as_recorded leaves out; as
     * zoo_raw.steps, or NULL. */
    const char *steps, *normal;
    const char *chain; /* of its joint angles (zoo_chain_find), or NULL */
    /* Fills an empty store's domain, source and sequences; zoo_prepare does the rest. */
    gop_status (*take)(struct zoo_store *store, const zoo_raw *raw, gop_error *err);
    /* Reads one file, with or without a class, into an empty store whose domain is a model's; the
     * sequences have class 0.  NULL: the source has no files. */
    gop_status (*read_one)(struct zoo_store *store, const zoo_raw *raw, const char *path,
                           gop_error *err);
    const char *ending; /* of its files: ".skeleton"; several are separated by blanks */
    /* Names of sources, separated by blanks, that read single clips alike, so that each reads those of
     * a model whose data came from another; NULL: none does. */
    const char *family;
    bool pipe; /* read_one also reads standard input, "-" */
    /* Whether a folder is one recording, which read_one takes as a file; NULL: none is.
     * GOP_ESYSTEM, GOP_ENOMEM. */
    gop_status (*is_one)(bool *one, const char *path, gop_error *err);
} zoo_source;

/* All sources, NULL at the end. */
GOP_API const zoo_source *const *zoo_source_list(void);
/* The i-th kind of transformation, in the order in which they are applied: its name, its parameters
 * ("NODE:each|first") and a description, of which each pointer may be NULL.  NULL behind the last. */
GOP_API const char *zoo_transform_at(size_t i, const char **form, const char **text);
/* Whether it requires or accepts the field of zoo_raw with this name. */
GOP_API bool zoo_source_takes(const zoo_source *source, const char *field);
/* Whether the folder is one recording of the source with this name, or of any source for NULL; also
 * if that cannot be found out, so that reading it reports why. */
GOP_API bool zoo_folder_is_one(const char *source, const char *path);
/* Writes the data set `file`, which zoo_dataset_load reads.  *index gets the set without its
 * frames: domain, source and sequences whose data are NULL.  Free it with zoo_dataset_free.  Files
 * are read in sorted order; equal folders give equal bytes.  `report` may be NULL.
 * Errors: GOP_EINVAL for an unknown source, a required field that is missing, or a field that the
 * source does not take; GOP_EFORMAT, GOP_ESYSTEM if there is nothing to take, the folder cannot be
 * read, the file cannot be written or, for cmu and with `strict`, a file is bad; GOP_ESTOPPED by
 * raw->stop, with nothing written. */
GOP_API gop_status zoo_prepare(zoo_dataset **index, zoo_report *report, const zoo_raw *raw,
                               const char *file, gop_error *err);

/* Reads one file for a model with this domain.  *data gets a set in memory with that domain and
 * one test sequence of class 0.  `source` is the name of a source.  If it is NULL, the one that the
 * domain's data came from is tried (csv if there is none), then the only one that can read the file.
 * The domain's transformations are applied if its data came from this source, else those that the
 * source applies without options, if they give the domain's layout.  `path` "-" is standard input,
 * as text.  `report` may be NULL; free it with zoo_report_clear.
 * Errors: GOP_EINVAL for an unknown source, one without files, or one whose files are no text, with
 * "-"; GOP_ESHAPE if its files do not
 * have the domain's layout; GOP_EFORMAT if no source can read the file or several can;
 * GOP_ESYSTEM. */
GOP_API gop_status zoo_read_one(zoo_dataset **data, zoo_report *report, const char *source,
                                const zoo_domain *domain, const char *path, gop_error *err);

/* The domain of clips with these classes that zoo_prepare would make of files in raw->layout by the
 * same layout, rate, factor, bodies, positions, as_recorded, steps, joints, axes and columns: mean 0, standard
 * deviation 1.  Without a source they have no origin.  A rate of 0 is 30.  Free it with
 * zoo_domain_clear.  Errors: GOP_EINVAL for a missing layout, an unknown source, values out of
 * range, and steps that do not suit the layout; GOP_ENOMEM. */
GOP_API gop_status zoo_raw_domain(zoo_domain *domain, const char *name, const zoo_raw *raw,
                                  const char *const *action, size_t actions, gop_error *err);

/* The procedural motion set: 22 joints in metres at 25 Hz, eight actions, twenty
 * training subjects (80 frames of each action) and six test subjects (100), all
 * from one seed.  Subjects stay on the spot. */
GOP_API gop_status zoo_synth(zoo_dataset **data, zoo_report *report, uint64_t seed, gop_error *err);

/* Reads raw frames [*frames, columns] from a text file of comma-separated decimals, or from
 * standard input for "-".  The caller frees *raw.  A heading and an incomplete last line are left
 * out and become findings of `report`, which may be NULL; free it with zoo_report_clear.
 * GOP_EFORMAT names file and line. */
GOP_API gop_status zoo_poses_read(float **raw, size_t *frames, size_t columns, const char *path,
                                  zoo_report *report, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
