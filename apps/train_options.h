/*
 * train_options.h: the options of `graphop train` and what they make of a
 * model and a run.  Shared by train.c and by bench*.c, which has some of the same
 * options: `usage` is the verb that complains.
 */
#ifndef APPS_TRAIN_OPTIONS_H
#define APPS_TRAIN_OPTIONS_H

#include "options.h"
#include "zoo/zoo.h"

/* As given; what was not given is UINT64_MAX, negative or NULL. */
typedef struct train_settings {
    const char *data, *output, *preset, *variant, *log, *lambda;
    const char *warmup, *decay_every, *validate_every; /* steps, or epochs with an e */
    const char *predict, *freeze, *init_from;
    const char *recipe_lambda; /* unless lambda is given, of models that predict */
    app_pairs set;
    uint64_t steps, epochs, batch, seed, threads;
    double time, lr, weight_decay, momentum, decay, floor, clip, save_every;
    double observe, noisy_labels, noisy_targets, validate;
    int optimiser, schedule, recipe;
    bool resume, list, profile;
} train_settings;

extern const app_usage train_usage;

/* Nothing given. */
train_settings train_settings_none(void);
/* The type called `name`; NULL after saying that there is none. */
const zoo_model_type *train_find_model(const app_usage *usage, const char *name);
/* Prints the presets and options of a model. */
void train_list_model(const zoo_model_type *type);
/* Fills in what a recipe says and was not given. */
void train_follow_recipe(train_settings *s);
/* Overlays what was given on a run's settings, but for what train_overlay_model does.
 * Returns an exit status. */
int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s);
/* What depends on the model: a recipe's lambda, and refusals of what would weigh or change
 * a second loss where there is one loss only.  Returns an exit status. */
int train_overlay_model(const app_usage *usage, zoo_training *t, const train_settings *s,
                        const zoo_model *model);
/* What is counted in epochs, of `sequences` windows each. */
void train_overlay_epochs(zoo_training *t, const train_settings *s, size_t sequences);
/* The first option in which two runs differ, or NULL. */
const char *train_difference(const zoo_training *a, const zoo_training *b);
/* A model as asked for.  Returns an exit status. */
int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const zoo_model_type *type, const zoo_domain *domain, uint64_t seed);
/* What was given of variants and options, on a model as it is.  Returns an exit status. */
int train_overlay_options(const app_usage *usage, zoo_model *model, const train_settings *s);
/* A share of a clip's frames, as --observe has it: rounded. */
size_t train_share(double share, size_t frames);
/* How many frames it sees and predicts of a clip of *clip frames, or where that is 0 of as many
 * as the model sees and predicts so far.  In *clip comes back the clip's length where it is
 * longer than both, else 0.  Returns an exit status. */
int train_set_frames(const app_usage *usage, zoo_model *model, uint64_t *clip,
                     const train_settings *s);

#endif
