/*
 * model.h: what every model of the zoo is to a user: a name, options, a way to
 * record it into a net, and a file.
 *
 * A zoo_model is a type, a configuration, a domain (layout, actions,
 * normalisation) and parameters.  It is recorded into as many nets as needed
 * (training, inference, other batch sizes), which share the parameters.
 * May use graphop.h, zoo/settings.h, zoo/dataset/domain.h and the models' own folders.
 */
#ifndef ZOO_MODEL_H
#define ZOO_MODEL_H

#include "zoo/dataset/domain.h"
#include "zoo/settings.h"

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

/* Models of several networks, each of another stream. */
typedef struct zoo_fusion {
    /* Merges 2 to ZOO_FUSE_MAX configurations, each of one network, into that of a model which
     * holds them all.  prefix[i] is what the names of the i-th one's parameters begin with in
     * it; *which is the one whose preset the model has.  GOP_EINVAL where they do not go
     * together; *which is then one that does not go with those before. */
    gop_status (*fuse)(void *config, char (*prefix)[ZOO_NAME_SIZE], const void *const *configs,
                       size_t n, size_t *which, gop_error *err);
    /* Whether a configuration's networks have the class scores that the option `key` weighs
     * against each other.  NULL: there are no such options. */
    bool (*weighs)(const void *config, const char *key);
} zoo_fusion;

typedef struct zoo_model_type {
    const char *name;      /* "symgnn" */
    const char *text;      /* one line */
    const char *reference; /* the paper */
    size_t config_size;    /* at most ZOO_CONFIG_MAX */
    /* Settings of the configuration.  A COUNT called "observed", the frames that the model
     * observes, is among them. */
    const zoo_setting *options;
    const zoo_preset
        *presets; /* over the defaults; ends with a NULL name; the first is the default */
    /* Ablations and the like, over a preset; ends with a NULL name.  NULL: none. */
    const zoo_preset *variants;
    /* Whether the options go together and with the domain; NULL: they always do. */
    gop_status (*check)(const void *config, const zoo_domain *domain, gop_error *err);
    /* Records the network for a batch; losses in training nets. */
    void (*record)(gop_net *net, const void *config, const zoo_domain *domain, size_t batch,
                   zoo_ports *ports);
    /* Frames predicted; NULL: none. */
    size_t (*predicted)(const void *config);
    /* Whether it gives class scores; NULL: always. */
    bool (*recognises)(const void *config);
    /* The options that widen the network together, separated by blanks: for measuring how
     * cost grows. */
    const char *widths;
    const zoo_fusion *fusion; /* NULL: the type has no models of several networks */
} zoo_model_type;

/* All models, NULL at the end; and one by its name, or NULL. */
GOP_API const zoo_model_type *const *zoo_model_types(void);
GOP_API const zoo_model_type *zoo_model_type_find(const char *name);

#define ZOO_CONFIG_MAX 4096

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
/* An option's value as text. */
GOP_API void zoo_model_get(const zoo_model *model, const zoo_setting *option, char *buf,
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
#define ZOO_MODEL_VERSION 2
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
