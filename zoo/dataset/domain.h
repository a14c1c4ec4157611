/*
 * domain.h: what data sets and models share: layout, rate, actions, normalisation.
 *
 * A data set is a domain and sequences, a model is a domain and parameters.  A model's file
 * therefore is enough to classify raw poses and to predict the next ones.
 * May use graphop.h and zoo/skeleton.
 */
#ifndef ZOO_DATASET_DOMAIN_H
#define ZOO_DATASET_DOMAIN_H

#include "zoo/skeleton/layout.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_MAX_ACTIONS  4096
/* Of a list of transformations, and of the text of one with its end. */
#define ZOO_MAX_STEPS    16
#define ZOO_STEP_SIZE    160
/* Of the text of options that say how files are read, with its end. */
#define ZOO_READING_SIZE 512
/* The name of the domain of another program's weights. */
#define ZOO_IMPORTED     "imported"

/* What is done to a clip between its file and a model, in this order: "centre SpineMid:each". */
typedef struct zoo_steps {
    size_t n;
    char step[ZOO_MAX_STEPS][ZOO_STEP_SIZE];
} zoo_steps;

typedef struct zoo_domain {
    char name[ZOO_NAME_SIZE]; /* of the data set: "cmu", "cmu-partial", "synth"; or ZOO_IMPORTED */
    zoo_layout layout;        /* owned */
    double rate;              /* frames a second of the raw data, Hz */
    uint32_t factor;          /* a model sees every factor-th frame, from the first */
    /* Name of the zoo_source whose files the data came from: "kinetics"; empty: none. */
    char origin[ZOO_NAME_SIZE];
    /* The options with which that source read them: "axes NTVC; columns frame,*". */
    char reading[ZOO_READING_SIZE];
    zoo_steps steps;               /* between these files and the frames of `layout` */
    zoo_layout recorded;           /* of the files, owned; without nodes: it is `layout` */
    double recorded_rate;          /* of the files, Hz; 0: rate */
    bool missing;                  /* values may be missing: they are NaN */
    size_t actions;                /* classes */
    char (*action)[ZOO_NAME_SIZE]; /* [actions], the class is the index */
    /* Statistics of all training frames at the raw rate, one per column, over the values that are
     * not missing; std divides by their number.  A column with std < 1e-4 or without values is
     * constant: its std is set to 1. */
    float *mean, *std; /* [layout.columns] */
    uint8_t *constant; /* [layout.columns] */
} zoo_domain;

GOP_API gop_status zoo_domain_copy(zoo_domain *copy, const zoo_domain *domain, gop_error *err);
GOP_API void zoo_domain_clear(zoo_domain *domain);
/* The layout of the files that the data came from. */
GOP_API const zoo_layout *zoo_domain_recorded(const zoo_domain *domain);
/* Index of an action, or SIZE_MAX. */
GOP_API size_t zoo_domain_action(const zoo_domain *domain, const char *name);

/* Checks that a model made for `model` can observe `data`: same layout, rate and factor.
 * Values from one source must also have the same transformations, but for lengths.  GOP_ESHAPE names
 * what differs. */
GOP_API gop_status zoo_domain_observes(const zoo_domain *model, const zoo_domain *data,
                                       gop_error *err);
/* Checks that a model made for `model` accepts `data`: same layout, rate, factor and actions.
 * GOP_ESHAPE names the one that differs.  Normalisation is always the model's. */
GOP_API gop_status zoo_domain_fits(const zoo_domain *model, const zoo_domain *data, gop_error *err);

/* x [M, frames, D] = (raw - mean) / std of the layout's columns, 0 in constant columns and for
 * missing values.  Takes
 * `frames` frames, every `factor`-th of the raw frames [., columns] from `raw` on.  Node i's rows
 * begin at x + i * node_stride (frames * D when packed). */
GOP_API void zoo_normalise(const zoo_domain *domain, const float *raw, size_t frames, gop_real *x,
                           size_t node_stride);
/* raw [frames, columns] = x std + mean in columns that belong to a node's channel and are not
 * constant; other columns are not written. x is [M, frames, D]. */
GOP_API void zoo_denormalise(const zoo_domain *domain, const gop_real *x, size_t frames,
                             float *raw);

/* Write and read a domain as one map.  Reading checks every count.  After a failed read the domain
 * is zero and the reader keeps the error. */
GOP_API void zoo_domain_write(gop_writer *w, const zoo_domain *domain);
GOP_API void zoo_domain_read(gop_reader *r, zoo_domain *domain);

#ifdef __cplusplus
}
#endif
#endif
