/*
 * train_options.c: the options of `graphop train`, and how they apply to a model and a run.
 * Writes lists to stdout and errors to stderr.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "train_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "number.h"
#include "option_table.h"
#include "plugins.h"
#include "report.h"

/* Default of --validate-every. */
enum { VALIDATE_EVERY = 100 };

#define AT(field) offsetof(train_settings, field)

static const app_option options[] = {
    {"data", 'd', APP_INPUT, AT(data), "FILE", "The data set (.gds) to train on.", 0, 0, NULL,
     false, NULL},
    {"output", 'o', APP_OUT_RUN, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     false, NULL},
    {"preset", 'p', APP_TEXT, AT(preset), "NAME", "A named configuration of the model.", 0, 0, NULL,
     false, NULL},
    {"variant", 'v', APP_TEXT, AT(variant), "NAME",
     "A variant of the model, such as an ablation, applied to the preset; separate several by "
     "commas.",
     0, 0, NULL, false, NULL},
    {"set", 's', APP_PAIRS, AT(set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false, NULL},
    {"list", 0, APP_FLAG, AT(list), NULL,
     "List the model's presets, variants and options with their defaults, and exit.", 0, 0, NULL,
     false, "!*"},
    {"recipe", 0, APP_TEXT, AT(recipe), "NAME",
     "How to train: {recipes} (default auto).  Its values go before the defaults in graphop-train(1), "
     "and options before its values.",
     0, 0, NULL, false, NULL},
    {"steps", 'n', APP_SETTING, AT(given), NULL, NULL, 0, 0, NULL, false, NULL},
    {"epochs", 'e', APP_COUNT, AT(epochs), "N",
     "Train for N epochs; an epoch has as many windows as there are training sequences.", 1, 1e6,
     NULL, false, NULL},
    {"time", 't', APP_SECONDS, AT(time), "TIME",
     "Train for about this long (90s, 20m, 1.5h); the number of steps is fixed once the speed is "
     "known.",
     1, 1e7, NULL, false, NULL},
    {"batch", 'b', APP_SETTING, AT(given), NULL, NULL, 0, 0, NULL, false, NULL},
    {"lr", 'l', APP_SETTING, AT(given), NULL, NULL, 0, 0, NULL, false, NULL},
    {"lambda", 'L', APP_SETTING, AT(given), NULL, NULL, 0, 0, NULL, false, NULL},
    {"*", 0, APP_SETTING, AT(given), NULL, NULL, 0, 0, NULL, false, NULL},
    {"seeds", 0, APP_COUNT, AT(seeds), "N",
     "Train N times, with the seeds from --seed on, and compare the runs; names of outputs get the "
     "seed before their ending.",
     1, 100, NULL, false, NULL},
    {"observe", 0, APP_REAL, AT(observe), "X",
     "Observe this share of each clip, from its beginning.  A clip has as many frames as the "
     "preset and --set observe and predict together.",
     1e-3, 1, NULL, false, NULL},
    {"predict", 0, APP_TEXT, AT(predict), "N",
     "Frames to predict after the observed ones: a number, all (the rest of the clip) or none.", 0,
     0, NULL, false, NULL},
    {"init-from", 'i', APP_INPUT, AT(init_from), "MODEL",
     "Copy the initial parameters from this model (.gop), where names and shapes are the same.", 0,
     0, NULL, false, NULL},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use; 0 (default) is one per processor.  Results do not depend on it.", 0, 1024,
     NULL, false, NULL},
    {"save-every", 0, APP_SECONDS, AT(save_every), "TIME", "Time between saves (default 300s).", 0,
     1e7, NULL, false, NULL},
    {"profile", 0, APP_FLAG, AT(profile), NULL,
     "At the end, print the time of each kind of operator to standard error.", 0, 0, NULL, false,
     NULL},
    {"log", 0, APP_OUT_LOG, AT(log), "FILE",
     "Where to write the log (default: the model's name "
     "with .jsonl added).",
     0, 0, NULL, false, NULL},
    {"resume", 'r', APP_FLAG, AT(resume), NULL,
     "Continue the run in the output file as if it had never stopped.", 0, 0, NULL, false, NULL},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

const app_usage train_usage = {
    "train",
    "MODEL --data FILE --output FILE [OPTION]...",
    "Trains a model ({models}) on the training sequences of a data set.  The same data, options "
    "and seed give the same bytes with any number of threads and after any number of "
    "interruptions, on CPUs of one kind.",
    options,
    1,
    1,
    1};

/* Prints "  what" and its explanation from column 28. */
static void list_entry(const char *what, const char *text)
{
    enum { COLUMN = 28 };
    int at = printf("  %s", what);

    if (at > COLUMN - 2)
        at = printf("\n") - 1;
    printf("%*s", COLUMN - at, "");
    report_paragraph(stdout, text, COLUMN, COLUMN);
}

static void list_presets(const char *title, const zoo_preset *p)
{
    char text[512];

    printf("\n%s:\n", title);
    for (; p->name; p++) {
        snprintf(text, sizeof text, "%s%s%s", p->text, *p->settings ? ": " : "", p->settings);
        list_entry(p->name, text);
    }
}

void train_list_model(const zoo_model_type *type)
{
    char what[128], text[512];

    report_paragraph(stdout, type->text, printf("%s: ", type->name), 0);
    report_paragraph(stdout, type->reference, 0, 0);
    list_presets("Presets", type->presets);
    if (type->variants)
        list_presets("Variants", type->variants);
    printf("\nOptions for --set and their defaults:\n");
    for (const zoo_setting *o = type->options; o->key; o++) {
        snprintf(what, sizeof what, "%s=%s", o->key, o->standard ? o->standard : "");
        if (o->kind == ZOO_SETTING_SET)
            snprintf(text, sizeof text, "%s (some of %s)", o->text, o->choices);
        else if (o->choices)
            snprintf(text, sizeof text, "%s (%s)", o->text, o->choices);
        else if (o->kind == ZOO_SETTING_SWITCH)
            snprintf(text, sizeof text, "%s (0 or 1)", o->text);
        else
            snprintf(text, sizeof text, "%s (%g to %g)", o->text, o->low, o->high);
        option_add_needs(text, sizeof text, o->needs, false);
        list_entry(what, text);
    }
}

const zoo_model_type *train_find_model(const app_usage *usage, const zoo_model_type *const *types,
                                       const char *name)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    const zoo_model_type *type = zoo_model_type_find(types, name);
    size_t n = 0;

    if (type)
        return type;
    for (const zoo_model_type *const *t = types ? types : zoo_model_types(); *t && n < MAX; t++)
        names[n++] = (*t)->name;
    names[n] = NULL;
    app_fail_unknown(usage, "model", name, names);
    return NULL;
}

static int unknown_preset(const app_usage *usage, const zoo_preset *p, const char *what,
                          const char *typed)
{
    enum { MAX = 64 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (; p->name && n < MAX; p++)
        names[n++] = p->name;
    names[n] = NULL;
    return app_fail_unknown(usage, what, typed, names);
}

static bool listed(const zoo_preset *p, const char *name)
{
    while (p->name && strcmp(p->name, name))
        p++;
    return p->name != NULL;
}

/* Applies "NAME,NAME,...". */
static int apply_variants(const app_usage *usage, zoo_model *model, const char *names)
{
    const zoo_preset *variants = model->type->variants;
    gop_error err = {GOP_OK, ""};
    char name[ZOO_NAME_SIZE];

    if (!variants)
        return app_fail(usage, APP_USE, "%s has no variants", model->type->name);
    for (;;) {
        size_t n = strcspn(names, ",");
        snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), names);
        if (!listed(variants, name))
            return unknown_preset(usage, variants, "variant", name);
        if (zoo_model_variant(model, name, &err))
            return app_fail_error(usage, APP_USE, &err);
        if (names[n] == '\0')
            return APP_OK;
        names += n + 1;
    }
}

const zoo_recipe *train_find_recipe(const app_usage *usage, const char *name)
{
    enum { MAX = 16 };
    const char *names[MAX + 1];
    const zoo_recipe *r = zoo_recipes();
    size_t n = 0;

    for (; r->name && strcmp(r->name, name); r++) {
        if (n < MAX)
            names[n++] = r->name;
    }
    names[n] = NULL;
    if (!r->name)
        app_fail_unknown(usage, "recipe", name, names);
    return r->name ? r : NULL;
}

/* "--decay needs --schedule step, not cosine", "--set gru_carry needs heads=both or prediction, not
 * recognition".  `what` is "--" or "--set ". */
static int check_effect(const app_usage *usage, const char *what, const zoo_setting *table,
                        const zoo_setting *s, const void *values)
{
    const bool typed = strcmp(what, "--") == 0;
    char name[64], needs[256], other[ZOO_VALUE_SIZE];
    size_t n;
    const char *unmet = zoo_setting_unmet(table, s, values, &n);

    if (!unmet)
        return APP_OK;
    snprintf(name, sizeof name, "%s", s->key);
    snprintf(other, sizeof other, "%.*s", (int)strcspn(unmet, "=!| "), unmet);
    zoo_setting_get(zoo_setting_find(table, other), values, other, sizeof other);
    return app_fail(usage, APP_USE, "%s%s needs %s%s%s", what,
                    typed ? app_option_name(name, sizeof name, s->key) : name,
                    option_condition(needs, sizeof needs, unmet, n, typed), *other ? ", not " : "",
                    other);
}

int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s,
                  const train_plan *plan)
{
    const zoo_setting *table = zoo_training_settings();
    const zoo_recipe *recipe = &plan->choice.recipe;
    const uint64_t steps = t->steps;
    gop_error err = {GOP_OK, ""};

    if (recipe->name && zoo_settings_apply(table, t, recipe->name, recipe->settings, &err))
        return app_fail_error(usage, APP_DATA, &err);
    if (recipe->name)
        snprintf(t->recipe, sizeof t->recipe, "%s%s", plan->automatic ? "auto: " : "",
                 recipe->name);
    if (plan->choice.bodies > 0)
        t->view.bodies = plan->choice.bodies;
    if (s->time > 0)
        t->steps = steps;
    for (size_t i = 0; table[i].key; i++) {
        if (s->given.text[i] &&
            zoo_settings_set(table, t, "a run", table[i].key, s->given.text[i], &err))
            return app_fail_error(usage, APP_USE, &err);
    }
    if (s->epochs > 0)
        t->steps = ZOO_EPOCHS + s->epochs;
    int status = APP_OK;
    for (size_t i = 0; table[i].key && status == APP_OK; i++) {
        if (s->given.text[i])
            status = check_effect(usage, "--", table, &table[i], t);
    }
    if (t->validate > 0 && t->validate_every == 0)
        t->validate_every = VALIDATE_EVERY;
    return status;
}

int train_check_losses(const app_usage *usage, const zoo_training *t, const train_settings *s,
                       const zoo_model *model)
{
    const bool predicts = zoo_model_predicted(model) > 0, names = zoo_model_recognises(model);
    const char *lacks = predicts ? "recognises no actions" : "predicts no poses";
    static const char *const of_scores[] = {"smoothing", "class_weights", "test_clips",
                                            "average_bodies", NULL};
    char option[64];

    for (const char *const *key = of_scores; *key && !names; key++) {
        if (app_given_text(&s->given, *key))
            return app_fail(usage, APP_USE, "--%s cannot be used: %s %s",
                            app_option_name(option, sizeof option, *key), model->type->name, lacks);
    }
    if (app_given_text(&s->given, "lambda") && !(predicts && names))
        return app_fail(usage, APP_USE, "--lambda needs two losses to weigh, and %s %s",
                        model->type->name, lacks);
    if ((t->noisy_targets > 0 && !predicts) || (t->noisy_labels > 0 && !names))
        return app_fail(usage, APP_USE, "--noisy-%s cannot be used: %s %s",
                        predicts ? "labels" : "targets", model->type->name, lacks);
    return APP_OK;
}

/* The variant whose name begins a list, which then begins with the next; NULL at the end. */
static const zoo_preset *next_variant(const zoo_preset *variants, const char **names)
{
    const size_t n = *names ? strcspn(*names, ",") : 0;

    if (n == 0)
        return NULL;
    while (strncmp(variants->name, *names, n) != 0 || variants->name[n] != '\0')
        variants++;
    *names += n + ((*names)[n] == ',');
    return variants;
}

/* The next key of a variant's settings; false at their end. */
static bool next_key(char key[ZOO_NAME_SIZE], const char **settings)
{
    *settings += strspn(*settings, " ");
    snprintf(key, ZOO_NAME_SIZE, "%.*s", (int)strcspn(*settings, "="), *settings);
    *settings += strcspn(*settings, " ");
    return key[0] != '\0';
}

/* Checks that the settings of a list of variants have an effect. */
static int check_variants(const app_usage *usage, const zoo_model *model, const char *names)
{
    const zoo_setting *table = model->type->options;
    const zoo_preset *v;
    int status = APP_OK;

    while ((v = next_variant(model->type->variants, &names)) != NULL) {
        char what[ZOO_NAME_SIZE + 16], key[ZOO_NAME_SIZE];
        snprintf(what, sizeof what, "--variant %s: ", v->name);
        for (const char *at = v->settings; status == APP_OK && next_key(key, &at);)
            status = check_effect(usage, what, table, zoo_setting_find(table, key),
                                  model->config.bytes);
    }
    return status;
}

/* Checks that the options of --set, except one, have an effect. */
static int check_set(const app_usage *usage, const zoo_model *model, const train_settings *s,
                     const char *except)
{
    const zoo_setting *table = model->type->options;
    int status = APP_OK;

    for (size_t i = 0; i < s->set.count && status == APP_OK; i++) {
        if (strcmp(s->set.item[i].key, except) != 0)
            status = check_effect(usage, "--set ", table,
                                  zoo_setting_find(table, s->set.item[i].key), model->config.bytes);
    }
    return status;
}

int train_overlay_options(const app_usage *usage, zoo_model *model, const train_settings *s)
{
    gop_error err = {GOP_OK, ""};
    int status = s->variant ? apply_variants(usage, model, s->variant) : APP_OK;

    for (size_t i = 0; i < s->set.count && status == APP_OK; i++) {
        if (zoo_model_set(model, s->set.item[i].key, s->set.item[i].value, &err))
            status = app_fail_error(usage, APP_USE, &err);
    }
    if (status == APP_OK)
        status = check_variants(usage, model, s->variant);
    /* With --predict, `predicted` is part of the clip's length. */
    return status == APP_OK ? check_set(usage, model, s, s->predict ? "predicted" : "") : status;
}

static int set_predicted(const app_usage *usage, zoo_model *model, size_t frames);

/* Sets the options of a recipe that the model's type has. */
static int set_recipe_options(const app_usage *usage, zoo_model *model, const char *list)
{
    gop_error err = {GOP_OK, ""};
    char key[64], value[ZOO_VALUE_SIZE];

    for (const char *at = list; at && *at; at += strspn(at, " ")) {
        const size_t n = strcspn(at, "="), all = strcspn(at, " ");
        snprintf(key, sizeof key, "%.*s", (int)n, at);
        snprintf(value, sizeof value, "%.*s", (int)(all - n - 1), at + n + 1);
        at += all;
        if (zoo_setting_find(model->type->options, key) && zoo_model_set(model, key, value, &err))
            return app_fail_error(usage, APP_DATA, &err);
    }
    return APP_OK;
}

static bool of_poses(const char *key)
{
    return strcmp(key, "predicted") == 0 || strcmp(key, "heads") == 0;
}

/* Whether --set or --variant names the prediction head's presence or length. */
static bool names_poses(const train_settings *s, const zoo_model_type *type)
{
    const char *names = s->variant;
    const zoo_preset *v;
    bool found = false;

    for (size_t i = 0; i < s->set.count; i++)
        found = found || of_poses(s->set.item[i].key);
    while ((v = next_variant(type->variants, &names)) != NULL) {
        char key[ZOO_NAME_SIZE];
        for (const char *at = v->settings; next_key(key, &at);)
            found = found || of_poses(key);
    }
    return found;
}

int train_choose(const app_usage *usage, train_plan *plan, const train_settings *s,
                 const zoo_model_type *type, const zoo_dataset *data)
{
    const zoo_recipe *r = train_find_recipe(usage, s->recipe ? s->recipe : "auto");
    const train_plan none = {.automatic = false};
    const zoo_training plain = zoo_training_default();
    gop_error err = {GOP_OK, ""};
    zoo_model *model = NULL;
    uint64_t clip = 0;

    *plan = none;
    if (!r)
        return APP_USE;
    if (strcmp(r->name, "auto") != 0) {
        plan->choice.recipe = *r;
        return APP_OK;
    }
    int status = train_build_model(usage, &model, s, &none, type, &data->domain, &plain);
    if (status == APP_OK)
        status = train_set_frames(usage, model, &clip, s);
    if (status == APP_OK && zoo_recipe_choose(&plan->choice, data, model, &err))
        status = app_fail_error(usage, APP_DATA, &err);
    plan->choice.no_poses = plan->choice.no_poses && !s->predict && !names_poses(s, type);
    plan->automatic = true;
    zoo_model_free(model);
    return status;
}

int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const train_plan *plan, const zoo_model_type *type, const zoo_domain *domain,
                      const zoo_training *t)
{
    gop_error err = {GOP_OK, ""};
    const char *preset = s->preset;

    if (preset && !listed(type->presets, preset))
        return unknown_preset(usage, type->presets, "preset", preset);
    if (!preset && plan->choice.preset && listed(type->presets, plan->choice.preset))
        preset = plan->choice.preset;
    if (zoo_model_new(model, type, preset, domain, t->seed, &err))
        return app_fail_error(usage, APP_DATA, &err);
    (*model)->view = t->view;
    int status = set_recipe_options(usage, *model, plan->choice.recipe.options);
    if (status == APP_OK && plan->choice.no_poses)
        status = set_predicted(usage, *model, 0);
    if (status != APP_OK)
        return status;
    return train_overlay_options(usage, *model, s);
}

static int set_text(const app_usage *usage, zoo_model *model, const char *key, const char *text)
{
    gop_error err = {GOP_OK, ""};

    return zoo_model_set(model, key, text, &err) ? app_fail_error(usage, APP_USE, &err) : APP_OK;
}

static int set_frames(const app_usage *usage, zoo_model *model, const char *key, size_t frames)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", frames);
    return set_text(usage, model, key, text);
}

/* A model that predicts nothing is a network without the prediction head, not with 0 frames. */
static int set_predicted(const app_usage *usage, zoo_model *model, size_t frames)
{
    int status = APP_OK;

    if (frames == zoo_model_predicted(model))
        return APP_OK;
    if (frames == 0 && zoo_setting_find(model->type->options, "heads"))
        status = set_text(usage, model, "heads", "recognition");
    else if (zoo_setting_find(model->type->options, "predicted"))
        status = set_frames(usage, model, "predicted", frames);
    if (status == APP_OK && zoo_model_predicted(model) != frames)
        status = app_fail(usage, APP_USE,
                          "%s predicts no poses in this configuration, which --predict cannot "
                          "change",
                          model->type->name);
    return status;
}

/* Parses the number of frames to predict; `left` is what "all" stands for. */
static bool read_predict(size_t *frames, const char *text, size_t left)
{
    uint64_t count = 0;

    if (strcmp(text, "all") == 0)
        count = left;
    else if (strcmp(text, "none") != 0 && (!app_count(&count, text) || count > 1000000))
        return false;
    *frames = (size_t)count;
    return true;
}

int train_set_frames(const app_usage *usage, zoo_model *model, uint64_t *clip,
                     const train_settings *s)
{
    size_t observed = zoo_model_observed(model), predicted = zoo_model_predicted(model);
    size_t frames = *clip > 0 ? (size_t)*clip : observed + predicted;
    int status = APP_OK;

    if (s->observe > 0) {
        observed = (size_t)(s->observe * (double)frames + 0.5);
        status = set_frames(usage, model, "observed", observed);
    }
    if (s->predict && !read_predict(&predicted, s->predict, frames - observed))
        return app_fail(usage, APP_USE,
                        "--predict takes a number of frames, all or none, not '%.64s'", s->predict);
    if (status == APP_OK)
        status = set_predicted(usage, model, predicted);
    if (s->observe > 0 || s->predict)
        *clip = frames != observed + predicted ? frames : 0;
    if (status == APP_OK && s->predict)
        status = check_set(usage, model, s, "predicted");
    return status;
}
