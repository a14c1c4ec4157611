/*
 * model.h: what every model of the zoo is to a user: a name, options, a way to
 * record it into a net, and a file.
 *
 * A zoo_model is a type, a configuration, a domain (layout, actions,
 * normalisation) and parameters.  It is recorded into as many nets as needed
 * (training, inference, other batch sizes), which share the parameters.
 * May use graphop.h, zoo/dataset/domain.h and the models' own folders.
 */
#ifndef ZOO_MODEL_H
#define ZOO_MODEL_H

#include "zoo/dataset/domain.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_SHARED_MAX 8

/* The values of a recorded model that its user fills or reads; all are kept. */
typedef struct zoo_ports {
    gop_var x;      /* observed poses [N, M, T, D], normalised */
    gop_var scores; /* class probabilities [N, classes]; none if it does not recognise */
    gop_var poses;  /* predicted poses [N, M, T', D]; none if it does not predict */
    /* Recorded in training nets only: */
    gop_var labels;                            /* class numbers [N] */
    gop_var target;                            /* true poses [N, M, T', D] */
    gop_var loss_recognition, loss_prediction; /* scalars; none where there is no such head */
    gop_var shared[ZOO_SHARED_MAX];            /* what both heads read, for MGDA's upper bound */
    size_t n_shared;
} zoo_ports;

/* Ports that lead nowhere, for a model to fill in those that it has. */
static inline zoo_ports zoo_ports_none(void)
{
    const gop_var none = gop_none();
    zoo_ports p = {none, none, none, none, none, none, none, {none}, 0};
    for (size_t i = 0; i < ZOO_SHARED_MAX; i++)
        p.shared[i] = none;
    return p;
}

typedef enum zoo_option_kind {
    ZOO_OPTION_COUNT,  /* a whole number in [low, high] */
    ZOO_OPTION_NUMBER, /* a finite number in [low, high] */
    ZOO_OPTION_SWITCH, /* 0 or 1 */
    ZOO_OPTION_CHOICE, /* one of `choices`, separated by '|' */
    ZOO_OPTION_LIST,   /* whole numbers in [low, high], separated by commas */
    ZOO_OPTION_SET     /* one or more of `choices`, separated by '+'; bit i for choice i */
} zoo_option_kind;

#define ZOO_LIST_MAX 64
typedef struct zoo_list {
    uint32_t n, v[ZOO_LIST_MAX];
} zoo_list;

/* One `--set key=value`; its value lives at `offset` of the configuration, as
 * uint32_t (COUNT, SWITCH, CHOICE: the index, SET), double (NUMBER) or zoo_list. */
typedef struct zoo_option {
    const char *key;
    zoo_option_kind kind;
    size_t offset;
    double low, high;
    const char *choices;
    const char *standard; /* the default, as text */
    const char *text;     /* one line of help */
} zoo_option;

typedef struct zoo_preset {
    const char *name;
    const char *settings; /* "key=value key=value ..." over the defaults */
    const char *text;
} zoo_preset;

typedef struct zoo_model_type {
    const char *name;          /* "symgnn" */
    const char *text;          /* one line */
    const char *reference;     /* the paper */
    size_t config_size;        /* at most ZOO_CONFIG_MAX */
    const zoo_option *options; /* ends with a NULL key */
    const zoo_preset *presets; /* ends with a NULL name; the first is the default */
    /* Whether the options go together and with the domain; NULL: they always do. */
    gop_status (*check)(const void *config, const zoo_domain *domain, gop_error *err);
    /* Records the network for a batch; losses in training nets. */
    void (*record)(gop_net *net, const void *config, const zoo_domain *domain, size_t batch,
                   zoo_ports *ports);
    /* Frames observed and predicted. */
    size_t (*observed)(const void *config);
    size_t (*predicted)(const void *config);
    /* Whether it gives class scores; NULL: always. */
    bool (*recognises)(const void *config);
    /* Ablations and the like by name, applied over a preset; ends with a NULL name.
     * NULL: there are none. */
    const zoo_preset *variants;
    /* How many options, from the first, are in every file; 0: all.  Those that were added
     * later are written only as far as the last that is not at its standard (whose text
     * is then as zoo_model_get gives it), so that models without use of them keep their
     * bytes. */
    size_t options_always;
    /* Makes of 2 to ZOO_FUSE_MAX configurations, each of one network, that of a model which
     * holds them all, and says what their parameters' names begin with in it; *which is the
     * one whose preset the model has.  GOP_EINVAL where they do not go together; *which is
     * then one that does not go with those before.  NULL: the type has no such models. */
    gop_status (*fuse)(void *config, char (*prefix)[ZOO_NAME_SIZE], const void *const *configs,
                       size_t n, size_t *which, gop_error *err);
    /* For measuring how cost grows: the option that says how many frames are observed,
     * and those that widen the network together, separated by blanks. */
    const char *frames, *widths;
    /* Whether a configuration's networks have the class scores that the option `key` weighs
     * against each other.  NULL: there are no such options. */
    bool (*weighs)(const void *config, const char *key);
} zoo_model_type;

/* All models, NULL at the end; and one by its name, or NULL. */
GOP_API const zoo_model_type *const *zoo_model_types(void);
GOP_API const zoo_model_type *zoo_model_type_find(const char *name);

#define ZOO_CONFIG_MAX 4096
/* Longest text of an option's value, with its terminator. */
#define ZOO_VALUE_SIZE 512

typedef struct zoo_model {
    const zoo_model_type *type;
    char preset[ZOO_NAME_SIZE];
    union {
        unsigned char bytes[ZOO_CONFIG_MAX];
        double align;
    } config;
    zoo_domain domain;  /* owned copy */
    gop_params *params; /* owned */
} zoo_model;

/* A model with a preset's configuration (NULL: the type's first) and parameters
 * still to be recorded; their initial values come from `seed`. */
GOP_API gop_status zoo_model_new(zoo_model **model, const zoo_model_type *type, const char *preset,
                                 const zoo_domain *domain, uint64_t seed, gop_error *err);
GOP_API void zoo_model_free(zoo_model *model);
/* Sets one option from text; GOP_EINVAL names the key, what is allowed, and the
 * nearest key when there is no such one. */
GOP_API gop_status zoo_model_set(zoo_model *model, const char *key, const char *value,
                                 gop_error *err);
/* Edits (insert, delete, replace, swap of neighbours) that make b of a, for
 * suggestions; SIZE_MAX where a word is longer than 32 bytes. */
GOP_API size_t zoo_edit_distance(const char *a, const char *b);
/* An option's value as text. */
GOP_API void zoo_model_get(const zoo_model *model, const zoo_option *option, char *buf,
                           size_t size);
/* Records into a net made with the model's params, and plans it. */
GOP_API gop_status zoo_model_record(const zoo_model *model, gop_net *net, size_t batch,
                                    zoo_ports *ports, gop_error *err);
/* The place in `from` of the tensor that parameter or statistic `index` of a model can
 * begin with: the same name, shape and kind.  SIZE_MAX where there is none. */
GOP_API size_t zoo_model_match(const zoo_model *model, size_t index, const zoo_model *from);
/* A number that tells a model's parameters and statistics from others. */
GOP_API uint64_t zoo_model_fingerprint(const zoo_model *model);
GOP_API size_t zoo_model_observed(const zoo_model *model);
GOP_API size_t zoo_model_predicted(const zoo_model *model);
/* Whether the model gives class scores. */
GOP_API bool zoo_model_recognises(const zoo_model *model);

/* Whether option `key` weighs class scores against each other that the model has. */
GOP_API bool zoo_model_weighs(const zoo_model *model, const char *key);

/* Applies a variant of the model's type by name; GOP_EINVAL where there is none. */
GOP_API gop_status zoo_model_variant(zoo_model *model, const char *name, gop_error *err);
#define ZOO_FUSE_MAX 8
/* Makes one model of n: a network for each stream, whose class scores are fused.  Parameters
 * are copied; heads that fusing has no use for are left out.  The result does not depend on
 * the models' order.
 * Errors: GOP_EINVAL for fewer than two or more than ZOO_FUSE_MAX, another type, a type
 * without such models, or
 * configurations that do not go together, GOP_ESHAPE for another domain, GOP_ENOMEM; *which
 * (may be NULL) is then the model that the sentence is about. */
GOP_API gop_status zoo_model_fuse(zoo_model **fused, const zoo_model *const *models, size_t n,
                                  size_t *which, gop_error *err);

/* The model's part of a file of kind "GOP1": type, configuration, domain,
 * parameters.  Reading gives a model whose parameters are complete and, by
 * recording it once, checked against its configuration. */
#define ZOO_MODEL_KIND    "GOP1"
#define ZOO_MODEL_VERSION 1
GOP_API void zoo_model_write(gop_writer *w, const zoo_model *model);
GOP_API gop_status zoo_model_read(zoo_model **model, gop_reader *r, gop_error *err);
/* A file of the model, without a training state; the previous one survives until it is
 * complete. */
GOP_API gop_status zoo_model_save(const zoo_model *model, const char *path, gop_error *err);
/* The model of a file, without its training state. */
GOP_API gop_status zoo_model_load(zoo_model **model, const char *path, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
