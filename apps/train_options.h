/*
 * train_options.h: the options of `graphop train` and what they make of a
 * model and a run.  Shared by train.c and by bench*.c, which has some of the same
 * options: `usage` is the verb that complains.
 */
#ifndef APPS_TRAIN_OPTIONS_H
#define APPS_TRAIN_OPTIONS_H

#include "options.h"
#include "zoo/zoo.h"

/* As given; what was not given is 0 or NULL. */
typedef struct train_settings {
    const char *data, *output, *preset, *variant, *recipe, *log, *predict, *init_from;
    app_pairs set;
    app_given given; /* of the run's settings */
    uint64_t epochs, threads;
    double time, observe, save_every;
    bool resume, list, profile;
} train_settings;

extern const app_usage train_usage;

/* The type called `name`; NULL after saying that there is none. */
const zoo_model_type *train_find_model(const app_usage *usage, const char *name);
/* Prints the presets and options of a model. */
void train_list_model(const zoo_model_type *type);
/* The recipe called `name`; NULL after saying that there is none. */
const zoo_preset *train_find_recipe(const app_usage *usage, const char *name);
/* Overlays the recipe, then what was given, on a run's settings.  Returns an exit status. */
int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s);
/* Refuses what would weigh or change a second loss where there is one loss only.  Returns an
 * exit status. */
int train_check_losses(const app_usage *usage, const zoo_training *t, const train_settings *s,
                       const zoo_model *model);
/* A model as asked for.  Returns an exit status. */
int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const zoo_model_type *type, const zoo_domain *domain, uint64_t seed);
/* What was given of variants and options, on a model as it is.  Returns an exit status. */
int train_overlay_options(const app_usage *usage, zoo_model *model, const train_settings *s);
/* Sets how many frames a model sees and predicts of a clip of *clip frames, or where that is 0
 * of as many as it sees and predicts so far.  In *clip comes back the clip's length, or 0 where
 * the model sees and predicts just these.  Returns an exit status. */
int train_set_frames(const app_usage *usage, zoo_model *model, uint64_t *clip,
                     const train_settings *s);

#endif
