/*
 * train_options.c: the table of `graphop train`'s options, and their meaning.
 * Writes to stdout (lists) and stderr (sentences) only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "train_options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

/* "Not given": outside of what any option takes. */
#define NO_COUNT  UINT64_MAX
#define NO_REAL   -1.0
#define NO_CHOICE -1

/* Steps between measurements where only --validate is given. */
enum { VALIDATE_EVERY = 100 };

static const char *const optimisers[] = {"adam", "sgd", NULL};
static const char *const recipe_names[] = {"paper-ntu", "paper-light", NULL};
static const char *const schedules[] = {"constant", "step", "cosine", NULL};

#define AT(field) offsetof(train_settings, field)

static const app_option options[] = {
    {"data", 'd', APP_TEXT, AT(data), "FILE", "The data set (.gds) to train on.", 0, 0, NULL,
     false},
    {"output", 'o', APP_OUTPUT, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     false},
    {"preset", 'p', APP_TEXT, AT(preset), "NAME", "A named configuration of the model.", 0, 0, NULL,
     false},
    {"variant", 'v', APP_TEXT, AT(variant), "NAME",
     "A variant of the model, such as an ablation, over the preset; several separated by commas.",
     0, 0, NULL, false},
    {"set", 's', APP_PAIRS, AT(set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false},
    {"list", 0, APP_FLAG, AT(list), NULL,
     "List the model's presets, variants and options with their defaults, and exit.", 0, 0, NULL,
     false},
    {"recipe", 0, APP_CHOICE, AT(recipe), "NAME",
     "Settings as the paper of Sym-GNN trains; each may still be given.", 0, 0, recipe_names,
     false},
    {"steps", 'n', APP_COUNT, AT(steps), "N", "Train for N steps.", 1, 1e9, NULL, false},
    {"epochs", 'e', APP_COUNT, AT(epochs), "N",
     "Train for N epochs, each of as many windows as there are training sequences.", 1, 1e6, NULL,
     false},
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
    {"warmup", 0, APP_TEXT, AT(warmup), "N",
     "Steps over which the learning rate first rises, or epochs: 5e.", 0, 0, NULL, false},
    {"decay-every", 0, APP_TEXT, AT(decay_every), "N",
     "Steps between decays (step), or epochs: 30e.", 0, 0, NULL, false},
    {"decay", 0, APP_REAL, AT(decay), "X", "Factor of a decay (step).", 0, 1, NULL, false},
    {"floor", 0, APP_REAL, AT(floor), "X", "Last learning rate as a share of the first (cosine).",
     0, 1, NULL, false},
    {"observe", 0, APP_REAL, AT(observe), "X",
     "The model sees this share of a clip from its beginning; the clip has the frames that preset "
     "and --set observe and predict.",
     1e-3, 1, NULL, false},
    {"predict", 0, APP_TEXT, AT(predict), "N",
     "How many frames behind those the model predicts: a number, all of the clip, or none.", 0, 0,
     NULL, false},
    {"noisy-labels", 0, APP_REAL, AT(noisy_labels), "X",
     "This share of the training sequences exchange their labels.", 0, 1, NULL, false},
    {"noisy-targets", 0, APP_REAL, AT(noisy_targets), "X",
     "This share of the training sequences exchange the poses to be predicted.", 0, 1, NULL, false},
    {"validate", 0, APP_REAL, AT(validate), "X",
     "Hold this share of the training sequences out, measure the model on them every now and then, "
     "and keep the best one beside the model as its name with .best.",
     1e-6, 0.9, NULL, false},
    {"validate-every", 0, APP_TEXT, AT(validate_every), "N",
     "Steps between measurements on what is held out, or epochs: 1e.", 0, 0, NULL, false},
    {"init-from", 'i', APP_TEXT, AT(init_from), "MODEL",
     "Begin with the parameters of a model (.gop) that have the same name and shape.", 0, 0, NULL,
     false},
    {"freeze", 0, APP_TEXT, AT(freeze), "NAMES",
     "Leave the parameters of these names, with commas between, and those under them as they "
     "are, and batch norms' statistics there.",
     0, 0, NULL, false},
    {"seed", 0, APP_COUNT, AT(seed), "N", "Seed of initial values, sampling and dropout.", 0, 9e15,
     NULL, false},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use, 0 for one per processor; results do not depend on it.", 0, 1024, NULL, false},
    {"save-every", 0, APP_SECONDS, AT(save_every), "TIME", "Time between saves.", 0, 1e7, NULL,
     false},
    {"profile", 0, APP_FLAG, AT(profile), NULL,
     "Say at the end, on standard error, which operators took the time.", 0, 0, NULL, false},
    {"log", 0, APP_OUTPUT, AT(log), "FILE", "The log, instead of the model's name with .jsonl.", 0,
     0, NULL, false},
    {"resume", 'r', APP_FLAG, AT(resume), NULL,
     "Go on with the run in the output file, as if it had never stopped.", 0, 0, NULL, false},
    {0},
};

const app_usage train_usage = {
    "train",
    "MODEL --data FILE --output FILE [OPTION]...",
    "Trains a model ({models}) on the training sequences of a data set.  The same data, options "
    "and seed give the same bytes on one kind of CPU with any number of threads, and after any "
    "number of interruptions.",
    options,
    1,
    1};

train_settings train_settings_none(void)
{
    train_settings s = {.steps = NO_COUNT,
                        .epochs = NO_COUNT,
                        .batch = NO_COUNT,
                        .seed = NO_COUNT,
                        .time = NO_REAL,
                        .lr = NO_REAL,
                        .weight_decay = NO_REAL,
                        .momentum = NO_REAL,
                        .decay = NO_REAL,
                        .floor = NO_REAL,
                        .clip = NO_REAL,
                        .observe = NO_REAL,
                        .noisy_labels = NO_REAL,
                        .noisy_targets = NO_REAL,
                        .validate = NO_REAL,
                        .save_every = 300,
                        .optimiser = NO_CHOICE,
                        .schedule = NO_CHOICE,
                        .recipe = NO_CHOICE};
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
    for (const zoo_option *o = type->options; o->key; o++) {
        snprintf(what, sizeof what, "%s=%s", o->key, o->standard);
        if (o->kind == ZOO_OPTION_SET)
            snprintf(text, sizeof text, "%s (some of %s)", o->text, o->choices);
        else if (o->choices)
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

/* What the paper says in 6.1.2; what it leaves open keeps to what it implies: no warm-up, no
 * clipping, no weight decay, lambda as eq. (15) reads. */
typedef struct recipe {
    int optimiser, schedule;
    uint64_t batch, epochs, steps;
    double lr, momentum, decay;
    const char *decay_every;
} recipe;

static const recipe recipes[] = {
    {1, 1, 48, 100, NO_COUNT, 0.1, 0.9, 0.1, "30e"},
    {0, 0, 64, NO_COUNT, 100000, 1e-4, NO_REAL, NO_REAL, NULL},
};

static void fill_count(uint64_t *v, uint64_t from)
{
    if (*v == NO_COUNT)
        *v = from;
}

static void fill_real(double *v, double from)
{
    if (*v < 0)
        *v = from;
}

static void fill_choice(int *v, int from)
{
    if (*v < 0)
        *v = from;
}

static void fill_text(const char **v, const char *from)
{
    if (!*v)
        *v = from;
}

void train_follow_recipe(train_settings *s)
{
    if (s->recipe < 0)
        return;
    const recipe *r = &recipes[s->recipe];
    if (s->steps == NO_COUNT && s->epochs == NO_COUNT && s->time <= 0) {
        s->steps = r->steps;
        s->epochs = r->epochs;
    }
    fill_count(&s->batch, r->batch);
    fill_choice(&s->optimiser, r->optimiser);
    fill_choice(&s->schedule, r->schedule);
    fill_real(&s->lr, r->lr);
    fill_real(&s->momentum, r->momentum);
    fill_real(&s->decay, r->decay);
    fill_real(&s->weight_decay, 0);
    fill_real(&s->clip, 0);
    fill_text(&s->warmup, "0");
    fill_text(&s->decay_every, r->decay_every);
    s->recipe_lambda = "exact";
}

/* A count of steps, or of epochs with an e behind it. */
static bool read_steps(uint64_t *count, bool *epochs, const char *text)
{
    char digits[24];
    size_t n = strlen(text);

    *epochs = n > 0 && text[n - 1] == 'e';
    n -= *epochs;
    if (n == 0 || n >= sizeof digits)
        return false;
    memcpy(digits, text, n);
    digits[n] = '\0';
    return app_count(count, digits) && *count <= 1000000000;
}

static int check_steps(const app_usage *usage, const char *name, const char *text, uint64_t least)
{
    uint64_t count;
    bool epochs;

    if (!text || (read_steps(&count, &epochs, text) && count >= least))
        return APP_OK;
    return app_fail(usage, APP_USE,
                    "--%s takes a whole number of steps from %d to 1000000000, or of epochs with "
                    "an e behind it, not '%.64s'",
                    name, (int)least, text);
}

/* Steps as given, which may be epochs of `sequences` windows. */
static void set_steps(uint64_t *steps, const char *text, size_t sequences, uint32_t batch)
{
    bool epochs;

    if (text && read_steps(steps, &epochs, text) && epochs)
        *steps = zoo_epoch_steps(*steps, sequences, batch);
}

void train_overlay_epochs(zoo_training *t, const train_settings *s, size_t sequences)
{
    set_steps(&t->warmup, s->warmup, sequences, t->batch);
    set_steps(&t->decay_every, s->decay_every, sequences, t->batch);
    set_steps(&t->validate_every, s->validate_every, sequences, t->batch);
    if (s->epochs != NO_COUNT)
        t->steps = zoo_epoch_steps(s->epochs, sequences, t->batch);
}

int train_overlay_model(const app_usage *usage, zoo_training *t, const train_settings *s,
                        const zoo_model *model)
{
    const bool predicts = zoo_model_predicted(model) > 0, names = zoo_model_recognises(model);
    const char *lacks = predicts ? "recognises no actions" : "predicts no poses";

    if (s->lambda && !(predicts && names))
        return app_fail(usage, APP_USE, "%s %s, so that --lambda has no second loss to weigh",
                        model->type->name, lacks);
    if ((s->noisy_targets > 0 && !predicts) || (s->noisy_labels > 0 && !names))
        return app_fail(usage, APP_USE, "%s %s, so that --noisy-%s has nothing to exchange",
                        model->type->name, lacks, predicts ? "labels" : "targets");
    if (predicts && names && !s->lambda && s->recipe_lambda)
        return set_lambda(usage, t, s->recipe_lambda);
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
    if (s->noisy_labels >= 0)
        t->noisy_labels = s->noisy_labels;
    if (s->noisy_targets >= 0)
        t->noisy_targets = s->noisy_targets;
    if (s->validate > 0)
        t->validation = s->validate;
    if (s->validate > 0 && t->validate_every == 0)
        t->validate_every = VALIDATE_EVERY;
    if (s->validate_every && !(t->validation > 0))
        return app_fail(usage, APP_USE,
                        "--validate-every needs --validate, the share to measure "
                        "on");
    if (s->freeze && strlen(s->freeze) >= sizeof t->frozen)
        return app_fail(usage, APP_USE, "--freeze takes at most %zu bytes", sizeof t->frozen - 1);
    if (s->freeze)
        snprintf(t->frozen, sizeof t->frozen, "%s", s->freeze);
    if (s->optimiser >= 0)
        t->optimiser = s->optimiser == 0 ? ZOO_ADAM : ZOO_SGD;
    if (s->schedule >= 0)
        t->schedule = s->schedule == 0 ? ZOO_CONSTANT : s->schedule == 1 ? ZOO_STEP : ZOO_COSINE;
    if (check_steps(usage, "warmup", s->warmup, 0) ||
        check_steps(usage, "decay-every", s->decay_every, 1) ||
        check_steps(usage, "validate-every", s->validate_every, 1))
        return APP_USE;
    return s->lambda ? set_lambda(usage, t, s->lambda) : APP_OK;
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
        {"noisy-labels", a->noisy_labels != b->noisy_labels},
        {"noisy-targets", a->noisy_targets != b->noisy_targets},
        {"observe", a->clip_frames != b->clip_frames},
        {"validate", a->validation != b->validation},
        {"validate-every", a->validate_every != b->validate_every},
        {"freeze", strcmp(a->frozen, b->frozen) != 0},
    };
    for (size_t i = 0; i < sizeof check / sizeof *check; i++) {
        if (check[i].differs)
            return check[i].name;
    }
    return NULL;
}

int train_overlay_options(const app_usage *usage, zoo_model *model, const train_settings *s)
{
    gop_error err = {GOP_OK, ""};
    int status = s->variant ? apply_variants(usage, model, s->variant) : APP_OK;

    for (size_t i = 0; i < s->set.count && status == APP_OK; i++) {
        if (zoo_model_set(model, s->set.item[i].key, s->set.item[i].value, &err))
            status = app_fail_error(usage, APP_USE, &err);
    }
    return status;
}

int train_build_model(const app_usage *usage, zoo_model **model, const train_settings *s,
                      const zoo_model_type *type, const zoo_domain *domain, uint64_t seed)
{
    gop_error err = {GOP_OK, ""};

    if (s->preset && !listed(type->presets, s->preset))
        return unknown_preset(usage, type->presets, "preset", s->preset);
    if (zoo_model_new(model, type, s->preset, domain, seed, &err))
        return app_fail_error(usage, APP_DATA, &err);
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

static bool has_option(const zoo_model *model, const char *key)
{
    const zoo_option *o = model->type->options;

    while (o->key && strcmp(o->key, key))
        o++;
    return o->key != NULL;
}

/* No prediction is a network without that head, not one of no frames. */
static int set_predicted(const app_usage *usage, zoo_model *model, size_t frames)
{
    int status = APP_OK;

    if (frames == zoo_model_predicted(model))
        return APP_OK;
    if (frames == 0 && has_option(model, "heads"))
        status = set_text(usage, model, "heads", "recognition");
    else if (has_option(model, "predicted"))
        status = set_frames(usage, model, "predicted", frames);
    if (status == APP_OK && zoo_model_predicted(model) != frames)
        status = app_fail(usage, APP_USE,
                          "%s as it is set predicts no poses, which --predict "
                          "does not change",
                          model->type->name);
    return status;
}

/* Frames to predict, of those that are left. */
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

size_t train_share(double share, size_t frames)
{
    return (size_t)(share * (double)frames + 0.5);
}

int train_set_frames(const app_usage *usage, zoo_model *model, uint64_t *clip,
                     const train_settings *s)
{
    size_t observed = zoo_model_observed(model), predicted = zoo_model_predicted(model);
    size_t frames = *clip > 0 ? (size_t)*clip : observed + predicted;
    int status = APP_OK;

    if (s->observe > 0) {
        observed = train_share(s->observe, frames);
        status = set_frames(usage, model, model->type->frames, observed);
    }
    if (s->predict && !read_predict(&predicted, s->predict, frames - observed))
        return app_fail(usage, APP_USE,
                        "--predict takes a number of frames, all or none, not '%.64s'", s->predict);
    if (status == APP_OK)
        status = set_predicted(usage, model, predicted);
    if (s->observe > 0 || s->predict)
        *clip = frames > observed + predicted ? frames : 0;
    return status;
}
