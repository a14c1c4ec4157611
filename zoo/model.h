/*
 * model.h: the interface of every model of the zoo: a name, options, a function that records it
 * into a net, and a file.
 *
 * A zoo_model is a type, a configuration, a domain (layout, actions, normalisation) and parameters.
 * It may be recorded into any number of nets (training, inference, other batch sizes); they share
 * the parameters.
 * May use graphop.h, zoo/settings.h, zoo/dataset/view.h and the models' own folders.
 */
#ifndef ZOO_MODEL_H
#define ZOO_MODEL_H

#include "zoo/dataset/view.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ZOO_SHARED_MAX 8

/* The values of a recorded model that its user fills or reads.  zoo_model_record checks their shapes
 * and keeps the results. */
typedef struct zoo_ports {
    gop_var x;      /* observed poses [N B, M, T, D], normalised, the B bodies of a clip together */
    gop_var bodies; /* [N, B]: the weights of bodies; none for equal weights */
    gop_var scores; /* class probabilities [N, classes]; none if it does not recognise */
    gop_var poses;  /* predicted poses [N B, M, T', D]; none if it does not predict, and in training
                     * nets that need not */
    gop_var features; /* [N, F]: what the layer of the class scores reads, for several networks one
                       * after the other; only if the use asks for it */
    gop_var labels; /* class numbers [N]; in inference nets only of models that take the class as an
                     * input: another number than a class stands for an unknown one */
    /* Recorded in training nets only: */
    gop_var target; /* true poses [N B, M, T', D] */
    gop_var mask;   /* [N B, M, T', D]: 1 where the target is there, 0 where it is missing; only if
                   * values may be missing */
    gop_var loss_recognition, loss_prediction; /* scalars; none without that head */
    gop_var shared[ZOO_SHARED_MAX]; /* values that both heads read, for MGDA's upper bound */
    size_t n_shared;
} zoo_ports;

/* Ports that are all unset; a model fills in the ones it has. */
static inline zoo_ports zoo_ports_none(void)
{
    const gop_var none = gop_none();
    zoo_ports p = {none, none, none, none, none, none, none, none, none, none, {none}, 0};
    for (size_t i = 0; i < ZOO_SHARED_MAX; i++)
        p.shared[i] = none;
    return p;
}

/* What a model is recorded for. */
typedef struct zoo_use {
    const zoo_domain *domain; /* the model's, set by zoo_model_record */
    const zoo_view *view;     /* likewise */
    size_t batch;             /* clips, N */
    bool features;            /* ports->features is needed */
    /* In an ensemble: only the network of this number, from 1; 0: the means of all. */
    size_t member;
    /* For zoo_inference_new_for: dropout draws, as in training (zoo_inference_seed). */
    bool samples;
    /* In an ensemble: the ports of the networks recorded before; their inputs are this one's too.
     * Set by zoo_model_record, used by zoo_observe and zoo_expect_labels. */
    const zoo_ports *inputs;
    /* Of the recognition loss in training nets (gop_cross_entropy). */
    double smoothing;
    const float *class_weight; /* [classes]; NULL: 1 */
} zoo_use;

/* Models of several networks, one for each stream. */
struct zoo_model_type;
typedef struct zoo_fusion {
    /* Merges 2 to ZOO_FUSE_MAX single-network configurations into the configuration of a fused
     * model.  prefix[i] becomes the prefix of the i-th network's parameter names; *which is the
     * index of the configuration whose preset the fused model gets.  GOP_EINVAL if they cannot be
     * fused; *which is then one that does not fit those before it. */
    gop_status (*fuse)(const struct zoo_model_type *type, void *config,
                       char (*prefix)[ZOO_NAME_SIZE], const void *const *configs, size_t n,
                       size_t *which, gop_error *err);
} zoo_fusion;

struct zoo_import;

typedef struct zoo_model_type {
    const char *name;      /* "symgnn" */
    const char *text;      /* one line */
    const char *reference; /* the paper */
    size_t config_size;    /* at most ZOO_CONFIG_MAX */
    /* Settings of the configuration.  They include a COUNT "observed", the number of frames that
     * the model observes. */
    const zoo_setting *options;
    const zoo_preset
        *presets; /* over the defaults; ends with a NULL name; the first is the default */
    /* Ablations and the like, over a preset; ends with a NULL name.  NULL: none. */
    const zoo_preset *variants;
    /* Checks that the options fit each other and the domain; NULL: they always do. */
    gop_status (*check)(const void *config, const zoo_domain *domain, gop_error *err);
    /* Records the network for a use, in training nets with its losses. */
    void (*record)(gop_net *net, const void *config, const zoo_use *use, zoo_ports *ports);
    /* Frames predicted; NULL: none. */
    size_t (*predicted)(const void *config);
    /* Whether the model gives class scores; NULL: always. */
    bool (*recognises)(const void *config);
    /* The options that together scale the network's width, separated by blanks; used to measure how
     * cost grows. */
    const char *widths;
    const zoo_fusion *fusion; /* NULL: the type has no models of several networks */
    /* Tables of the names that other programs give its tensors (zoo/weights/import.h), with a NULL
     * name at the end; NULL: none. */
    const struct zoo_import *imports;
    /* Whether the network distinguishes missing values from means; without, a missing value is 0
     * after normalisation, like the mean.  graphop info shows it. */
    bool masks;
    /* Learns options from training data.  A new run calls it before it records the model, until each
     * window of the training sequences was among x [n, M, observed + predicted, D], normalised: every start
     * in every sequence and body, in any order.  `config` has the options learnt so far, `asked`
     * those that the user has set.  NULL: no option follows from data. */
    gop_status (*learn)(void *config, const void *asked, const zoo_domain *domain,
                        const gop_real *x, size_t n, gop_error *err);
} zoo_model_type;

/* A list of types is an array of pointers, NULL at the end, that its caller owns.  It must outlive
 * the models whose types it has.  Functions that read models take such a list; NULL stands for the
 * built-in types. */

/* The list of the built-in types. */
GOP_API const zoo_model_type *const *zoo_model_types(void);
/* The first type of that name in a list, or NULL. */
GOP_API const zoo_model_type *zoo_model_type_find(const zoo_model_type *const *types,
                                                  const char *name);
/* Checks that a type's table is complete: name, text, reference and record are there, each option
 * lies in the configuration, "observed" is one of them, its tables of names are zoo_imports_check's, and defaults, presets and variants are
 * values that the options take.  GOP_EINVAL names what is missing. */
GOP_API gop_status zoo_model_type_check(const zoo_model_type *type, gop_error *err);

#define ZOO_CONFIG_MAX 4096

typedef struct zoo_model {
    const zoo_model_type *type;
    char preset[ZOO_NAME_SIZE];
    union {
        unsigned char bytes[ZOO_CONFIG_MAX];
        double align;
    } config;
    uint32_t members;   /* networks of an ensemble, each with its own parameters "1.", ..; or 1 */
    zoo_view view;      /* what it sees of a clip; zoo_view_default in a new model */
    zoo_domain domain;  /* owned copy */
    gop_params *params; /* owned */
    /* Owned; the type of a model that zoo_model_inspect read without knowing its type.  NULL: the
     * type is of a list. */
    zoo_model_type *unknown;
} zoo_model;

/* A model with a preset's configuration (NULL: the type's first preset).  Its parameters are made
 * when it is recorded; `seed` gives their initial values. */
GOP_API gop_status zoo_model_new(zoo_model **model, const zoo_model_type *type, const char *preset,
                                 const zoo_domain *domain, uint64_t seed, gop_error *err);
GOP_API void zoo_model_free(zoo_model *model);
/* Sets one option from text.  GOP_EINVAL names the key and the values it takes or, for an unknown
 * key, the nearest one. */
GOP_API gop_status zoo_model_set(zoo_model *model, const char *key, const char *value,
                                 gop_error *err);
/* An option's value as text. */
GOP_API void zoo_model_get(const zoo_model *model, const zoo_setting *option, char *buf,
                           size_t size);
/* Records the model into a net made with the model's params, for the use's batch and loss, checks
 * the ports that the type has set, and plans the net.  Errors: GOP_EINVAL for options that do not fit, for a port that the type must
 * set and has not set, for one to fill that is not an input, for features of a model that does not
 * recognise, for a member that the model lacks, and for an ensemble in a training net; GOP_ESHAPE
 * for a port of another shape; those of recording and planning. */
GOP_API gop_status zoo_model_record(const zoo_model *model, gop_net *net, const zoo_use *use,
                                    zoo_ports *ports, gop_error *err);
/* The index in `from` of the tensor that can initialise parameter or statistic `index` of a model:
 * the one with the same name, shape and kind.  SIZE_MAX without one. */
GOP_API size_t zoo_model_match(const zoo_model *model, size_t index, const zoo_model *from);
/* A hash that identifies a model's parameters and statistics. */
GOP_API uint64_t zoo_model_fingerprint(const zoo_model *model);
GOP_API size_t zoo_model_observed(const zoo_model *model);
GOP_API size_t zoo_model_predicted(const zoo_model *model);
/* Whether the model gives class scores. */
GOP_API bool zoo_model_recognises(const zoo_model *model);

/* Applies a variant of the model's type by name; GOP_EINVAL for an unknown name. */
GOP_API gop_status zoo_model_variant(zoo_model *model, const char *name, gop_error *err);
#define ZOO_FUSE_MAX 8
/* Fuses n models into one.  Parameters are copied.
 * Models that predict and have equal options become an ensemble, in the models' order: its
 * probabilities, poses and features are the means of its members'.  It cannot be trained further.
 * Others become a model that has a network for each stream and fuses their class scores; heads that
 * it does not use are left out, and the result does not depend on the models' order.
 * Errors: GOP_EINVAL for fewer than two models or more than ZOO_FUSE_MAX, for models of different
 * types or of a type that cannot be fused, for configurations that do not fit each other, for an
 * ensemble among the models, and for two members of an ensemble with the same parameters;
 * GOP_ESHAPE for another domain; GOP_ENOMEM.  *which (may be NULL) is then the index of the model
 * that the message is about. */
GOP_API gop_status zoo_model_fuse(zoo_model **fused, const zoo_model *const *models, size_t n,
                                  size_t *which, gop_error *err);

/* The model's part of a file of kind "GOP1": type, configuration, view, domain, parameters.  The type is
 * found in a list by its name; GOP_EFORMAT if the list (NULL: the built-in types) has none of that
 * name.  Reading records the model once, so its parameters are complete and fit its
 * configuration. */
#define ZOO_MODEL_KIND    "GOP1"
#define ZOO_MODEL_VERSION 5
GOP_API void zoo_model_write(gop_writer *w, const zoo_model *model);
GOP_API gop_status zoo_model_read(zoo_model **model, const zoo_model_type *const *types,
                                  gop_reader *r, gop_error *err);
/* Writes a file of the model without a training state.  The previous file survives until the new
 * one is complete. */
GOP_API gop_status zoo_model_save(const zoo_model *model, const char *path, gop_error *err);
/* Loads the model of a file without its training state. */
GOP_API gop_status zoo_model_load(zoo_model **model, const zoo_model_type *const *types,
                                  const char *path, gop_error *err);
/* As zoo_model_load, but the type may be missing in the list.  Such a model (`unknown` is set) has
 * its domain, its parameters and, as texts, the options of the file; it cannot be recorded, and
 * what it predicts is not known. */
GOP_API gop_status zoo_model_inspect(zoo_model **model, const zoo_model_type *const *types,
                                     const char *path, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
