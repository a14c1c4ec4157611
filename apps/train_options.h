/*
 * train_options.h: the options of `graphop train`, and how they apply to a model and a run.
 * Shared by train_*.c and bench*.c, which have options in common; `usage` is the verb named in
 * errors.
 */
#ifndef APPS_TRAIN_OPTIONS_H
#define APPS_TRAIN_OPTIONS_H

#include "options.h"
#include "zoo/zoo.h"

/* Options as given; 0 or NULL is unset. */
typedef struct train_settings {
    const char *data, *output, *preset, *variant, *recipe, *log, *predict, *init_from;
    app_pairs set;
    app_given given; /* settings of the run */
    uint64_t epochs, threads, seeds;
    double time, observe, save_every;
    bool resume, list, profile;
    app_plugins plugins;
} train_settings;

extern const app_usage train_usage;

/* Finds a type of model by name in a list (NULL: the zoo's).  Prints an error and returns NULL if there is none. */
const zoo_model_type *train_find_model(const app_usage *usage, const zoo_model_type *const *types,
                                       const char *name);
/* Prints the presets and options of a model. */
void train_list_model(const zoo_model_type *type);
/* Finds a recipe by name.  Prints an error and returns NULL if there is none. */
const zoo_recipe *train_find_recipe(const app_usage *usage, const char *name);
/* What a run's recipe asks for; all zeros: nothing. */
typedef struct train_plan {
    zoo_choice choice;
    bool automatic; /* the choice was made for the data */
} train_plan;
/* Finds the recipe of the settings; "auto" becomes a choice for the type and the data.
 * Returns an exit status. */
int train_choose(const app_usage *usage, train_plan *plan, const train_settings *s,
                 const zoo_model_type *type, const zoo_dataset *data);
/* Applies the plan, then the given settings, to a run's settings.  Returns an exit status. */
int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s,
                  const train_plan *plan);
/* Rejects options about a loss that the model does not have.  Returns an exit status. */
int train_check_losses(const app_usage *usage, const zoo_training *t, const train_settings *s,
                       const zoo_model *model);
/* Makes a model with preset, the plan's options, variants and options.  Returns an exit status. */
int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const train_plan *plan, const zoo_model_type *type, const zoo_domain *domain,
                      const zoo_training *t);
/* Applies the given variants and options to a model.  Returns an exit status. */
int train_overlay_options(const app_usage *usage, zoo_model *model, const train_settings *s);
/* Sets how many frames of a clip a model observes and predicts.  The clip has *clip frames or,
 * if that is 0, as many as the model observes and predicts so far.  Sets *clip to the length of
 * the clip, or to 0 if the model observes and predicts all of it.  Returns an exit status. */
int train_set_frames(const app_usage *usage, zoo_model *model, uint64_t *clip,
                     const train_settings *s);

#endif
