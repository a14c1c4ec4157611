/*
 * train-options.h: the options of `graphop train` and what they make of a
 * model and a run.  Shared by train.c and by bench*.c, which has some of the same
 * options: `usage` is the verb that complains.
 */
#ifndef GRAPHOP_APPS_TRAIN_OPTIONS_H
#define GRAPHOP_APPS_TRAIN_OPTIONS_H

#include "options.h"
#include "zoo/zoo.h"

/* As given; what was not given is UINT64_MAX, negative or NULL. */
typedef struct train_settings {
    const char *data, *output, *preset, *variant, *log, *lambda;
    app_pairs set;
    uint64_t steps, batch, warmup, decay_every, seed, threads;
    double time, lr, weight_decay, momentum, decay, floor, clip, save_every;
    int optimiser, schedule;
    bool resume, list, profile;
} train_settings;

extern const app_usage train_usage;

/* Nothing given. */
train_settings train_settings_none(void);
/* The type called `name`; NULL after saying that there is none. */
const zoo_model_type *train_find_model(const app_usage *usage, const char *name);
/* Prints the presets and options of a model. */
void train_list_model(const zoo_model_type *type);
/* Overlays what was given on a run's settings.  Returns an exit status. */
int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s);
/* Refuses a weight of losses where the model has one loss only.  Returns an exit status. */
int train_check_lambda(const app_usage *usage, const train_settings *s, const zoo_model *model);
/* The first option in which two runs differ, or NULL. */
const char *train_difference(const zoo_training *a, const zoo_training *b);
/* A model as asked for.  Returns an exit status. */
int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const zoo_model_type *type, const zoo_domain *domain, uint64_t seed);

#endif
