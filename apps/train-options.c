/*
 * train-options.c: the table of `graphop train`'s options, and their meaning.
 * Writes to stdout (lists) and stderr (sentences) only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "train-options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* "Not given": outside of what any option takes. */
#define NO_COUNT UINT64_MAX
#define NO_REAL -1.0
#define NO_CHOICE -1

static const char *const optimisers[] = {"adam", "sgd", NULL};
static const char *const schedules[] = {"constant", "step", "cosine", NULL};

#define AT(field) offsetof(train_settings, field)

static const app_option options[] = {
    {"data", 'd', APP_TEXT, AT(data), "FILE", "The data set (.gds) to train on.", 0, 0, NULL,
     false},
    {"output", 'o', APP_TEXT, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     false},
    {"preset", 'p', APP_TEXT, AT(preset), "NAME", "A named configuration of the model.", 0, 0,
     NULL, false},
    {"set", 's', APP_PAIRS, AT(set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false},
    {"list", 0, APP_FLAG, AT(list), NULL,
     "List the model's presets and options with their defaults, and exit.", 0, 0, NULL, false},
    {"steps", 'n', APP_COUNT, AT(steps), "N", "Train for N steps.", 1, 1e9, NULL, false},
    {"time", 't', APP_SECONDS, AT(time), "TIME",
     "Train for about this long (90s, 20m, 1.5h): the number of steps is fixed once the speed is "
     "known.",
     1, 1e7, NULL, false},
    {"batch", 'b', APP_COUNT, AT(batch), "N", "Windows in a step.", 2, 65536, NULL, false},
    {"lr", 'l', APP_REAL, AT(lr), "X", "Learning rate.", 1e-12, 1e3, NULL, false},
    {"lambda", 'L', APP_TEXT, AT(lambda), "HOW",
     "Weight of the recognition loss against the prediction loss, where a model has both: a number "
     "from 0 to 1, or found at every step by multiple-gradient descent: exact, ub (upper bound) or "
     "ub-normalised.",
     0, 0, NULL, false},
    {"optimiser", 0, APP_CHOICE, AT(optimiser), "NAME", "How parameters move.", 0, 0, optimisers,
     false},
    {"momentum", 0, APP_REAL, AT(momentum), "X", "Momentum of sgd.", 0, 0.9999, NULL, false},
    {"weight-decay", 0, APP_REAL, AT(weight_decay), "X", "Added to gradients, times the weights.",
     0, 1, NULL, false},
    {"clip", 0, APP_REAL, AT(clip), "X", "Longest gradient, 0 for any.", 0, 1e9, NULL, false},
    {"schedule", 0, APP_CHOICE, AT(schedule), "NAME", "How the learning rate falls.", 0, 0,
     schedules, false},
    {"warmup", 0, APP_COUNT, AT(warmup), "N", "Steps over which the learning rate first rises.",
     0, 1e9, NULL, false},
    {"decay-every", 0, APP_COUNT, AT(decay_every), "N", "Steps between decays (step).", 1, 1e9,
     NULL, false},
    {"decay", 0, APP_REAL, AT(decay), "X", "Factor of a decay (step).", 0, 1, NULL, false},
    {"floor", 0, APP_REAL, AT(floor), "X", "Last learning rate as a share of the first (cosine).",
     0, 1, NULL, false},
    {"seed", 0, APP_COUNT, AT(seed), "N", "Seed of initial values, sampling and dropout.", 0,
     9e15, NULL, false},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use, 0 for one per processor; results do not depend on it.", 0, 1024, NULL,
     false},
    {"save-every", 0, APP_SECONDS, AT(save_every), "TIME", "Time between saves.", 0, 1e7, NULL,
     false},
    {"profile", 0, APP_FLAG, AT(profile), NULL,
     "Say at the end, on standard error, which operators took the time.", 0, 0, NULL, false},
    {"log", 0, APP_TEXT, AT(log), "FILE", "The log, instead of the model's name with .jsonl.", 0,
     0, NULL, false},
    {"resume", 'r', APP_FLAG, AT(resume), NULL,
     "Go on with the run in the output file, as if it had never stopped.", 0, 0, NULL, false},
    {0},
};

const app_usage train_usage = {
    "train", "MODEL --data FILE --output FILE [OPTION]...",
    "Trains a model ({models}) on the training sequences of a data set.  The same data, options "
    "and seed give the same bytes on one kind of CPU with any number of threads, and after any "
    "number of interruptions.",
    options, 1, 1};

train_settings train_settings_none(void)
{
    train_settings s = {
        .steps = NO_COUNT, .batch = NO_COUNT, .warmup = NO_COUNT, .decay_every = NO_COUNT,
        .seed = NO_COUNT, .time = NO_REAL, .lr = NO_REAL, .weight_decay = NO_REAL,
        .momentum = NO_REAL, .decay = NO_REAL, .floor = NO_REAL, .clip = NO_REAL,
        .save_every = 300, .optimiser = NO_CHOICE, .schedule = NO_CHOICE};
    return s;
}

/* "  what" and its explanation from column 28. */
static void list_entry(const char *what, const char *text)
{
    enum { COLUMN = 28 };
    int at = printf("  %s", what);

    if (at > COLUMN - 2)
        at = printf("\n") - 1;
    printf("%*s", COLUMN - at, "");
    report_paragraph(stdout, text, COLUMN, COLUMN);
}

void train_list_model(const zoo_model_type *type)
{
    char what[128], text[512];

    report_paragraph(stdout, type->text, printf("%s: ", type->name), 0);
    report_paragraph(stdout, type->reference, 0, 0);
    printf("\nPresets:\n");
    for (const zoo_preset *p = type->presets; p->name; p++) {
        snprintf(text, sizeof text, "%s%s%s", p->text, *p->settings ? ": " : "", p->settings);
        list_entry(p->name, text);
    }
    printf("\nOptions for --set and their defaults:\n");
    for (const zoo_option *o = type->options; o->key; o++) {
        snprintf(what, sizeof what, "%s=%s", o->key, o->standard);
        if (o->choices)
            snprintf(text, sizeof text, "%s (%s)", o->text, o->choices);
        else if (o->kind == ZOO_OPTION_SWITCH)
            snprintf(text, sizeof text, "%s (0 or 1)", o->text);
        else
            snprintf(text, sizeof text, "%s (%g to %g)", o->text, o->low, o->high);
        list_entry(what, text);
    }
}

const zoo_model_type *train_find_model(const app_usage *usage, const char *name)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    const zoo_model_type *type = zoo_model_type_find(name);
    size_t n = 0;

    if (type)
        return type;
    for (const zoo_model_type *const *t = zoo_model_types(); *t && n < MAX; t++)
        names[n++] = (*t)->name;
    names[n] = NULL;
    app_fail_unknown(usage, "model", name, names);
    return NULL;
}

static int unknown_preset(const app_usage *usage, const zoo_model_type *type, const char *typed)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (const zoo_preset *p = type->presets; p->name && n < MAX; p++)
        names[n++] = p->name;
    names[n] = NULL;
    return app_fail_unknown(usage, "preset", typed, names);
}

static int set_lambda(const app_usage *usage, zoo_training *t, const char *text)
{
    if (strcmp(text, "exact") == 0) {
        t->lambda_mode = GOP_MGDA_EXACT;
    } else if (strcmp(text, "ub") == 0) {
        t->lambda_mode = GOP_MGDA_UB;
    } else if (strcmp(text, "ub-normalised") == 0) {
        t->lambda_mode = GOP_MGDA_UB_NORMALISED;
    } else {
        double v;
        if (!app_real(&v, text) || v < 0 || v > 1)
            return app_fail(usage, APP_USE,
                            "--lambda takes a number from 0 to 1, exact, ub or ub-normalised, not "
                            "'%.64s'",
                            text);
        t->lambda_mode = GOP_MGDA_FIXED;
        t->lambda = v;
    }
    return APP_OK;
}

int train_overlay(const app_usage *usage, zoo_training *t, const train_settings *s)
{
    if (s->steps != NO_COUNT)
        t->steps = s->steps;
    if (s->batch != NO_COUNT)
        t->batch = (uint32_t)s->batch;
    if (s->seed != NO_COUNT)
        t->seed = s->seed;
    if (s->warmup != NO_COUNT)
        t->warmup = s->warmup;
    if (s->decay_every != NO_COUNT)
        t->decay_every = s->decay_every;
    if (s->lr >= 0)
        t->lr = s->lr;
    if (s->weight_decay >= 0)
        t->weight_decay = s->weight_decay;
    if (s->momentum >= 0)
        t->momentum = s->momentum;
    if (s->decay >= 0)
        t->decay = s->decay;
    if (s->floor >= 0)
        t->floor = s->floor;
    if (s->clip >= 0)
        t->clip = s->clip;
    if (s->optimiser >= 0)
        t->optimiser = s->optimiser == 0 ? ZOO_ADAM : ZOO_SGD;
    if (s->schedule >= 0)
        t->schedule = s->schedule == 0 ? ZOO_CONSTANT : s->schedule == 1 ? ZOO_STEP : ZOO_COSINE;
    return s->lambda ? set_lambda(usage, t, s->lambda) : APP_OK;
}

int train_check_lambda(const app_usage *usage, const train_settings *s, const zoo_model *model)
{
    if (s->lambda == NULL || zoo_model_predicted(model) > 0)
        return APP_OK;
    return app_fail(usage, APP_USE,
                    "%s predicts no poses, so that --lambda has no second loss to weigh",
                    model->type->name);
}

const char *train_difference(const zoo_training *a, const zoo_training *b)
{
    const struct {
        const char *name;
        bool differs;
    } check[] = {
        {"steps", a->steps != b->steps},
        {"batch", a->batch != b->batch},
        {"seed", a->seed != b->seed},
        {"optimiser", a->optimiser != b->optimiser},
        {"lr", a->lr != b->lr},
        {"weight-decay", a->weight_decay != b->weight_decay},
        {"momentum", a->momentum != b->momentum},
        {"schedule", a->schedule != b->schedule},
        {"warmup", a->warmup != b->warmup},
        {"decay-every", a->decay_every != b->decay_every},
        {"decay", a->decay != b->decay},
        {"floor", a->floor != b->floor},
        {"clip", a->clip != b->clip},
        {"lambda", a->lambda_mode != b->lambda_mode || a->lambda != b->lambda},
    };
    for (size_t i = 0; i < sizeof check / sizeof *check; i++) {
        if (check[i].differs)
            return check[i].name;
    }
    return NULL;
}

int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const zoo_model_type *type, const zoo_domain *domain, uint64_t seed)
{
    gop_error err = {GOP_OK, ""};

    if (s->preset) {
        const zoo_preset *p = type->presets;
        while (p->name && strcmp(p->name, s->preset))
            p++;
        if (!p->name)
            return unknown_preset(usage, type, s->preset);
    }
    if (zoo_model_new(model, type, s->preset, domain, seed, &err))
        return app_fail_error(usage, APP_DATA, &err);
    for (size_t i = 0; i < s->set.count; i++) {
        if (zoo_model_set(*model, s->set.item[i].key, s->set.item[i].value, &err))
            return app_fail_error(usage, APP_USE, &err);
    }
    return APP_OK;
}
