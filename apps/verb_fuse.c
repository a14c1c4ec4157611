/*
 * verb_fuse.c: graphop fuse: merges models that were trained separately into one, or the scores
 * that models gave to clips.  Reads files of either, writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "fuse_scores.h"
#include "graphop.h"
#include "options.h"
#include "plugins.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *output, *scores;
    double weight, motion_weight;
    const char *weights;
    bool json;
    app_plugins plugins;
};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"output", 'o', APP_OUT_MODEL, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     false, NULL},
    {"weight", 'w', APP_REAL, AT(weight), "X",
     "Weight of the bones' class scores; the joints' have the rest.  By default, the bone_weight "
     "of the network that predicts.",
     0, 1, NULL, false, NULL},
    {"motion-weight", 0, APP_REAL, AT(motion_weight), "X",
     "Weight of the motions' class scores; the poses' have the rest.  By default, the "
     "motion_weight of the network that predicts.",
     0, 1, NULL, false, NULL},
    {"weights", 0, APP_TEXT, AT(weights), "LIST",
     "Weights of the files' probabilities, whole numbers separated by commas, in the order of the "
     "files.  By default, equal ones.",
     0, 0, NULL, false, NULL},
    {"scores", 0, APP_OUT_SCORES, AT(scores), "FILE",
     "Of files of scores: write the fused ones, as comma-separated values.", 0, 0, NULL, false,
     "!output"},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Of files of scores: write one JSON object a line.", 0,
     0, NULL, false, "!output"},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

static const app_usage usage = {
    "fuse",
    "FILE FILE... [--output FILE] [OPTION]...",
    "Merges models that were trained separately into one.  Models that predict by equal options "
    "become an ensemble, whose prediction is the mean of theirs.  Of networks of joints, bones or "
    "their motion, the class scores are fused.  With symgnn, the network of joints, or without one "
    "that of bones, predicts the poses, with the fused scores as an input.  Use the new file like "
    "any other model.  Of files of scores (eval --scores), measures the mean of their "
    "probabilities.",
    options,
    2,
    ZOO_FUSE_MAX,
    0};

static int set_weight(zoo_model *model, const char *option, const char *key, double weight)
{
    char text[64], streams[ZOO_VALUE_SIZE] = "";
    gop_error err = {GOP_OK, ""};

    if (weight < 0)
        return APP_OK;
    snprintf(text, sizeof text, "%.15g", weight);
    if (zoo_model_set(model, key, text, &err))
        return app_fail_error(&usage, APP_USE, &err);
    const zoo_setting *table = model->type->options;
    if (!zoo_setting_unmet(table, zoo_setting_find(table, key), model->config.bytes, NULL))
        return APP_OK;
    zoo_model_get(model, zoo_setting_find(table, "stream"), streams, sizeof streams);
    return app_fail(&usage, APP_USE,
                    "--%s needs a stream on each of its sides, and the model has "
                    "%s",
                    option, streams);
}

static gop_status parse_weights(zoo_list *weights, const char *text, gop_error *err)
{
    static const zoo_setting row[] = {{"weights", ZOO_SETTING_LIST, 0, 0, 1000, NULL, "", "", NULL},
                                      {0}};
    return zoo_settings_set(row, weights, "graphop fuse", "weights", text, err);
}

/* Weights of streams, in the order of the models that they are fused from. */
static int set_weights(zoo_model *model, const zoo_model *const *of, const char *text)
{
    gop_error err = {GOP_OK, ""};
    zoo_list weights = {0};
    if (text == NULL)
        return APP_OK;
    if (parse_weights(&weights, text, &err) != GOP_OK ||
        zoo_weigh_streams(model, of, &weights, &err) != GOP_OK)
        return app_fail(&usage, APP_USE, "--weights: %s", err.message);
    return APP_OK;
}

static int write_model(zoo_model *model, const zoo_model *const *of, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};
    int status = set_weight(model, "weight", "bone_weight", set->weight);

    if (status == APP_OK)
        status = set_weight(model, "motion-weight", "motion_weight", set->motion_weight);
    if (status == APP_OK)
        status = set_weights(model, of, set->weights);
    if (status == APP_OK && zoo_model_save(model, set->output, &err))
        status = app_fail_error(&usage, APP_DATA, &err);
    return status;
}

static int fuse(const struct settings *set, char **file, size_t n)
{
    zoo_model *model[ZOO_FUSE_MAX] = {NULL}, *fused = NULL;
    const zoo_model *of[ZOO_FUSE_MAX];
    gop_error err = {GOP_OK, ""};
    size_t which;
    int status = APP_OK;

    for (size_t i = 0; i < n && status == APP_OK; i++) {
        if (zoo_model_load(&model[i], app_types(&set->plugins), file[i], &err))
            status = app_fail_error(&usage, APP_DATA, &err);
        of[i] = model[i];
    }
    if (status == APP_OK && zoo_model_fuse(&fused, of, n, &which, &err))
        status = app_fail(&usage, APP_DATA, "%s: %s", file[which], err.message);
    if (status == APP_OK)
        status = write_model(fused, of, set);
    zoo_model_free(fused);
    for (size_t i = 0; i < n; i++)
        zoo_model_free(model[i]);
    return status;
}

/* Fuses files of scores, to which options of models do not apply. */
static int fuse_files(const struct settings *set, char **file, size_t n)
{
    gop_error err = {GOP_OK, ""};
    zoo_list weights = {0};
    const char *odd = set->output               ? "output"
                      : set->weight >= 0        ? "weight"
                      : set->motion_weight >= 0 ? "motion-weight"
                                                : NULL;

    if (odd)
        return app_fail(&usage, APP_USE, "--%s cannot be used with %s, which holds scores", odd,
                        file[0]);
    if (set->weights && parse_weights(&weights, set->weights, &err) != GOP_OK)
        return app_fail(&usage, APP_USE, "--weights: %s", err.message);
    return fuse_scores(&usage, file, n, set->weights ? &weights : NULL, set->scores, set->json);
}

static int run(int argc, char **argv)
{
    struct settings set = {.weight = -1, .motion_weight = -1};
    app_operands operands;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    bool scores;
    const int status = fuse_is_scores(&usage, &scores, operands.item[0]);
    if (status != APP_OK)
        return status;
    if (scores)
        return fuse_files(&set, operands.item, operands.count);
    if (set.scores || set.json)
        return app_fail(&usage, APP_USE, "--%s needs files of scores, and %s is none",
                        set.scores ? "scores" : "json", operands.item[0]);
    if (!set.output)
        return app_fail(&usage, APP_USE, "--output FILE is missing");
    return fuse(&set, operands.item, operands.count);
}

const app_verb app_verb_fuse = {"fuse", "Merge several networks into one model.", run};
