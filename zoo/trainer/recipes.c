/*
 * recipes.c: named ways to train, and the choice among them by kind of data and model.  Touches its
 * arguments only.
 *
 * graphop-train(1) states which rows of `choices` were validated, and on which training data.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The published recipes for NTU RGB+D.  `paper-*` is section 6.1.2 of the Sym-GNN paper; where that is
 * silent: no warm-up, no clipping, no weight decay, lambda by eq. (15). */
static const zoo_recipe recipes[] = {
    {"auto", "", "", "what suits the model and the data"},
    {"plain", "", "", "the defaults of all settings"},
    {"pyskl",
     "steps=80e batch=128 optimiser=sgd lr=0.1 momentum=0.9 weight_decay=5e-4 schedule=cosine "
     "warmup=0 floor=0 clip=0 draw=shuffled bodies=2 sample=uniform short=loop test_clips=10",
     "observed=100 dropout=0", "PYSKL (Duan et al., 2022): uniform samples of 100 frames"},
    {"agcn",
     "steps=50e batch=64 optimiser=sgd lr=0.1 momentum=0.9 weight_decay=1e-4 schedule=step warmup=0 "
     "decay_at=30e,40e decay=0.1 clip=0 draw=shuffled bodies=2 sample=whole short=loop",
     "observed=300", "2s-AGCN (Shi et al., 2019): whole clips, repeated to 300 frames"},
    {"ctrgcn",
     "steps=65e batch=64 optimiser=sgd lr=0.1 momentum=0.9 weight_decay=4e-4 schedule=step "
     "warmup=5e decay_at=35e,55e decay=0.1 clip=0 draw=shuffled bodies=2 sample=resize crop=0.5 "
     "augment=rotate:0.3",
     "observed=64", "CTR-GCN (Chen et al., 2021): parts of clips, resized to 64 frames"},
    {"paper-ntu",
     "steps=100e batch=48 optimiser=sgd lr=0.1 weight_decay=0 momentum=0.9 schedule=step warmup=0 "
     "decay_every=30e decay=0.1 clip=0 lambda=exact",
     "", "Sym-GNN (Li et al., 2022) on NTU RGB+D and Kinetics"},
    {"paper-light",
     "steps=100000 batch=64 optimiser=adam lr=1e-4 weight_decay=0 schedule=constant warmup=0 "
     "clip=0 lambda=exact",
     "", "Sym-GNN (Li et al., 2022) on Human3.6M and CMU Mocap"},
    {NULL, NULL, NULL, NULL},
};

const zoo_recipe *zoo_recipes(void)
{
    return recipes;
}

/* ------------------------------------------------------------------------ choices */

/* For models that only recognise, clips, sequences of about one action each, or recordings, few and
 * long; for models that only predict, poses of any data. */
typedef enum kind { CLIPS = 1, RECORDINGS = 2, POSES = 3 } kind;

/* A way to train for data of a kind with at most so many training sequences (0: any number). */
static const struct {
    zoo_recipe recipe;
    kind kind;
    size_t most;
    bool places;        /* only for coordinates of points */
    const char *preset; /* if the type has it and the user names none; NULL: the type's first */
    const char *type;   /* only for this type of model; NULL: for all */
} choices[] = {
    {{"few clips, symgnn",
      "steps=100e batch=16 optimiser=adam lr=0.002 weight_decay=1e-4 schedule=cosine warmup=0 "
      "floor=0 clip=0 draw=shuffled sample=resize crop=0.7 test_clips=5 smoothing=0.1 "
      "augment=rotate:0.3,scale:0.1",
      "observed=20 stream=joint+bone", ""},
     CLIPS,
     2000,
     true,
     "small",
     "symgnn"},
    {{"few clips",
      "steps=70e batch=16 optimiser=sgd lr=0.05 momentum=0.9 weight_decay=5e-4 schedule=cosine "
      "warmup=0 floor=0 clip=0 draw=shuffled sample=uniform short=stretch test_clips=5 "
      "smoothing=0.1 augment=rotate:0.3,scale:0.1",
      "observed=40 dropout=0", ""},
     CLIPS,
     2000,
     true,
     "small",
     NULL},
    {{"few clips of angles",
      "steps=70e batch=16 optimiser=sgd lr=0.05 momentum=0.9 weight_decay=5e-4 schedule=cosine "
      "warmup=0 floor=0 clip=0 draw=shuffled sample=uniform short=stretch test_clips=5 "
      "smoothing=0.1",
      "observed=40 dropout=0", ""},
     CLIPS,
     2000,
     false,
     "small",
     NULL},
    {{"many clips",
      "steps=80e batch=64 optimiser=sgd lr=0.05 momentum=0.9 weight_decay=5e-4 schedule=cosine "
      "warmup=0 floor=0 clip=0 draw=shuffled sample=uniform short=loop test_clips=10",
      "observed=100 dropout=0", ""},
     CLIPS,
     0,
     false,
     NULL,
     NULL},
    {{"few recordings, symgnn",
      "steps=1000 batch=16 optimiser=adam lr=0.002 weight_decay=1e-4 schedule=cosine warmup=0 "
      "floor=0 clip=0 smoothing=0.1 draw=balanced",
      "observed=50 stream=joint+bone", ""},
     RECORDINGS,
     0,
     false,
     "small",
     "symgnn"},
    {{"few recordings",
      "steps=1000 batch=16 optimiser=sgd lr=0.05 momentum=0.9 weight_decay=5e-4 schedule=cosine "
      "warmup=0 floor=0 clip=0 smoothing=0.1 draw=balanced "
      "augment=speed:0.2,noise:0.03,drop_joints:0.1",
      "observed=50 dropout=0", ""},
     RECORDINGS,
     0,
     false,
     "small",
     NULL},
    {{"poses, symgnn", "steps=4000 batch=16 lr=0.004 augment=reverse:0.5", "", ""},
     POSES,
     0,
     false,
     NULL,
     "symgnn"},
    {{"poses", "steps=4000 lr=0.003 augment=reverse:0.5", "", ""}, POSES, 0, false, NULL, NULL},
};

static bool has_places(const zoo_layout *l)
{
    return l->feature == ZOO_POSITION || zoo_feature_in_image(l->feature);
}

static int by_length(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? -1 : x > y;
}

/* Recordings: half of the training sequences have two windows or more, and a class has fewer than
 * twenty sequences. */
static gop_status find_kind(kind *found, size_t *n, const zoo_dataset *data, size_t window,
                            gop_error *err)
{
    size_t *length = malloc((data->sequences + 1) * sizeof *length);
    *n = 0;
    if (length == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the lengths of sequences");
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TRAIN)
            length[(*n)++] = zoo_sequence_length(data, i);
    qsort(length, *n, sizeof *length, by_length);
    const size_t median = *n > 0 ? length[(*n - 1) / 2] : 0;
    *found = median >= 2 * window && *n < 20 * data->domain.actions ? RECORDINGS : CLIPS;
    free(length);
    return GOP_OK;
}

/* The most bodies of a training sequence. */
static uint32_t most_bodies(const zoo_dataset *data)
{
    uint32_t most = 1;
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TRAIN && data->sequence[i].bodies > most)
            most = data->sequence[i].bodies;
    return most;
}

gop_status zoo_recipe_choose(zoo_choice *choice, const zoo_dataset *data, const zoo_model *model,
                             gop_error *err)
{
    if (choice == NULL || data == NULL || model == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_recipe_choose: an argument is missing");
    kind found = CLIPS;
    size_t n;
    const size_t window = zoo_model_observed(model) + zoo_model_predicted(model);
    *choice = (zoo_choice){.recipe = recipes[1]};
    choice->no_poses = zoo_model_predicted(model) > 0 && zoo_model_recognises(model) &&
                       2 * zoo_dataset_count(NULL, data, ZOO_TRAIN, window) <
                           zoo_dataset_count(NULL, data, ZOO_TRAIN, 0);
    const bool predicts = zoo_model_predicted(model) > 0 && !choice->no_poses;
    if (predicts && zoo_model_recognises(model))
        return GOP_OK;
    gop_try(find_kind(&found, &n, data, zoo_model_observed(model), err));
    found = predicts ? POSES : found;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (choices[i].kind == found && (choices[i].most == 0 || n <= choices[i].most) &&
            (!choices[i].places || has_places(&data->domain.layout)) &&
            (choices[i].type == NULL || strcmp(choices[i].type, model->type->name) == 0)) {
            choice->recipe = choices[i].recipe;
            choice->preset = choices[i].preset;
            break;
        }
    choice->bodies = found == POSES ? 0 : found == CLIPS ? most_bodies(data) : 1;
    return GOP_OK;
}
