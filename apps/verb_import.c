/*
 * verb_import.c: graphop import: makes a model of the weights of another program.  Reads a file of
 * weights and perhaps a list of classes, writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "plugins.h"
#include "report.h"
#include "step_options.h"
#include "verbs.h"
#include "zoo/zoo.h"

#define SETTINGS_SIZE 8192

struct settings {
    const char *step[APP_STEPS];
    const char *as, *output, *names, *layout, *joints, *labels, *source, *axes, *columns;
    const char *view[4];
    uint64_t frames, factor, bodies;
    double rate;
    bool as_recorded, partial;
    app_pairs set;
    app_plugins plugins;
};

#define AT(field) offsetof(struct settings, field)

/* The view's settings, in the order of `view`. */
static const char *const view_key[4] = {"average_bodies", "sample", "short", "test_clips"};

static const app_option options[] = {
    {"as", 0, APP_TEXT, AT(as), "MODEL", "The model whose network it is: {models}.", 0, 0, NULL,
     true, NULL},
    {"output", 'o', APP_OUT_MODEL, AT(output), "FILE", "The model (.gop) to write.", 0, 0, NULL,
     true, NULL},
    {"layout", 'l', APP_TEXT, AT(layout), "LAYOUT",
     "The layout of the data, by name or file: its nodes in the network's order (default the only "
     "built-in one that fits).",
     0, 0, NULL, false, NULL},
    {"names", 0, APP_TEXT, AT(names), "PROGRAM",
     "The program whose names the tensors have: pyskl, mmaction, authors.  By default the one that "
     "knows most of them.",
     0, 0, NULL, false, NULL},
    {"labels", 0, APP_INPUT, AT(labels), "FILE",
     "The classes, one a line (default class_0, class_1, ...).", 0, 0, NULL, false, NULL},
    {"frames", 'n', APP_COUNT, AT(frames), "N",
     "Frames that the model observes (default that of the model).", 1, 4096, NULL, false, NULL},
    {"set", 's', APP_PAIRS, AT(set), "KEY=VALUE",
     "Set an option of the model that the file does not show, such as strides; may be repeated.", 0,
     0, NULL, false, NULL},
    {"partial", 0, APP_FLAG, AT(partial), NULL,
     "Leave tensors that the file lacks as a new model has them.", 0, 0, NULL, false, NULL},
    {"bodies", 0, APP_COUNT, AT(bodies), "N",
     "Bodies of a clip that the model sees together (default 1, or those of the file).", 1,
     ZOO_MAX_BODIES, NULL, false, NULL},
    {"average-bodies", 0, APP_TEXT, AT(view[0]), "WHICH",
     "The bodies whose features are averaged: all or present.", 0, 0, NULL, false, NULL},
    {"sample", 0, APP_TEXT, AT(view[1]), "HOW",
     "How frames of a clip are chosen: window, uniform, resize or whole.", 0, 0, NULL, false, NULL},
    {"short", 0, APP_TEXT, AT(view[2]), "HOW",
     "What becomes of clips with too few frames: loop, stretch or missing.", 0, 0, NULL, false,
     NULL},
    {"test-clips", 0, APP_TEXT, AT(view[3]), "N",
     "Views of a test sequence that an answer averages.", 0, 0, NULL, false, NULL},
    {"source", 0, APP_TEXT, AT(source), "SOURCE",
     "The source of the files that the model is for: predict reads them with it, and its own "
     "transformations come first.",
     0, 0, NULL, false, NULL},
    {"rate", 0, APP_REAL, AT(rate), "HZ", "Frames per second of the data (default 30).", 1e-3, 1e6,
     NULL, false, NULL},
    {"factor", 0, APP_COUNT, AT(factor), "N", "The model sees every N-th frame (default 1).", 1,
     1000, NULL, false, NULL},
    {"as-recorded", 0, APP_FLAG, AT(as_recorded), NULL, "Leave the source's normalisation out.", 0,
     0, NULL, false, "source"},
    {"axes", 0, APP_TEXT, AT(axes), "LETTERS", "The axes of the source's arrays.", 0, 0, NULL,
     false, "source"},
    {"columns", 0, APP_TEXT, AT(columns), "LIST", "What the columns of the source's texts are.", 0,
     0, NULL, false, "source"},
    APP_STEP_ROWS(AT(step)),
    {"joints", 0, APP_TEXT, AT(joints), "LAYOUT",
     "Take the nodes of another layout, found by their names, and leave out all others.", 0, 0,
     NULL, false, NULL},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

static const app_usage usage = {
    "import",
    "WEIGHTS --as MODEL --output FILE [OPTION]...",
    "Makes a model of the weights of another program: an archive of PyTorch (.pth, .pt), "
    ".safetensors or .npz.  Nothing in the file is executed.  What it does not show is printed as "
    "an assumption.  Use the new file like any other model.",
    options,
    1,
    1,
    0};

/* ---------------------------------------------------------------------- report */

static void print_texts(const char *title, const zoo_texts *texts)
{
    for (size_t i = 0; i < texts->n; i++)
        printf("%s: %s\n", title, texts->text[i]);
}

static void print_report(const char *file, const zoo_model *m, const zoo_imported *r)
{
    char value[ZOO_VALUE_SIZE];

    printf("%s: %s%s%s, names of %s\n", file, r->format, r->part[0] ? ", " : "", r->part, r->table);
    printf("%zu tensors taken, %zu parameters, %zu classes\n%s", r->taken,
           gop_params_size(m->params), m->domain.actions, m->type->name);
    for (const zoo_setting *o = m->type->options; o->key; o++) {
        zoo_model_get(m, o, value, sizeof value);
        if (value[0] != '\0')
            printf(" %s=%s", o->key, value);
    }
    putchar('\n');
    print_texts("assumed", &r->assumed);
    print_texts("missing", &r->missing);
    print_texts("left over", &r->left);
}

/* ------------------------------------------------------------------------ verb */

/* Appends "key=value" to settings; false if they do not fit. */
static bool append(char *text, const char *key, const char *value)
{
    const size_t used = strlen(text);
    const int n = snprintf(text + used, SETTINGS_SIZE - used, "%s%s=%s", used > 0 ? " " : "", key,
                           value);
    return n >= 0 && (size_t)n < SETTINGS_SIZE - used && strchr(value, ' ') == NULL;
}

/* The options of the model and of its view, as texts. */
static int collect(const struct settings *set, char *model, char *view)
{
    char bodies[32];

    model[0] = view[0] = '\0';
    for (size_t i = 0; i < set->set.count; i++)
        if (!append(model, set->set.item[i].key, set->set.item[i].value))
            return app_fail(&usage, APP_USE, "--set %s: its value is too long or has blanks",
                            set->set.item[i].key);
    snprintf(bodies, sizeof bodies, "%u", (unsigned)set->bodies);
    bool fits = set->bodies == 0 || append(view, "bodies", bodies);
    for (size_t i = 0; i < 4; i++)
        fits = fits && (!set->view[i] || append(view, view_key[i], set->view[i]));
    return fits ? APP_OK : app_fail(&usage, APP_USE, "an option of the view is too long");
}

static int import(const struct settings *set, const zoo_model_type *type, const char *file,
                  const zoo_layout *layout, const zoo_layout *joints)
{
    char steps[ZOO_MAX_STEPS * ZOO_STEP_SIZE], model_settings[SETTINGS_SIZE], view[SETTINGS_SIZE];
    gop_error err = {GOP_OK, ""};
    zoo_model *model = NULL;
    zoo_imported report;
    const zoo_import_options how = {.raw = {.source = set->source,
                                            .layout = layout,
                                            .joints = joints,
                                            .rate = set->rate,
                                            .factor = (uint32_t)set->factor,
                                            .as_recorded = set->as_recorded,
                                            .axes = set->axes,
                                            .columns = set->columns,
                                            .steps = app_steps(steps, sizeof steps, set->step)},
                                    .labels = set->labels,
                                    .table = set->names,
                                    .frames = (uint32_t)set->frames,
                                    .settings = model_settings,
                                    .view = view,
                                    .partial = set->partial};

    int status = collect(set, model_settings, view);
    if (status)
        return status;
    gop_status s = zoo_model_import(&model, &report, type, file, &how, &err);
    if (s != GOP_OK)
        return app_fail_error(&usage, s == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    if (zoo_model_save(model, set->output, &err))
        status = app_fail_error(&usage, APP_DATA, &err);
    else
        print_report(file, model, &report);
    zoo_imported_clear(&report);
    zoo_model_free(model);
    return status;
}

static int fail_model(const char *typed, const zoo_model_type *const *types)
{
    const char *names[APP_MAX_TYPES + 1];
    size_t n = 0;

    for (; types[n] && n < APP_MAX_TYPES; n++)
        names[n] = types[n]->name;
    names[n] = NULL;
    return app_fail_unknown(&usage, "model", typed, names);
}

static int run(int argc, char **argv)
{
    struct settings set = {0};
    app_operands operands;
    gop_error err = {GOP_OK, ""};
    zoo_layout layout = {0}, joints = {0};

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    const zoo_model_type *const *types = app_types(&set.plugins);
    const zoo_model_type *type = zoo_model_type_find(types, set.as);
    if (!type)
        return fail_model(set.as, types ? types : zoo_model_types());
    int status = APP_OK;
    if (set.layout && zoo_layout_open(&layout, set.layout, &err))
        status = app_fail_layout(&usage, set.layout, &err);
    if (!status && set.joints && zoo_layout_open(&joints, set.joints, &err))
        status = app_fail_layout(&usage, set.joints, &err);
    if (!status)
        status = import(&set, type, operands.item[0], set.layout ? &layout : NULL,
                        set.joints ? &joints : NULL);
    zoo_layout_clear(&layout);
    zoo_layout_clear(&joints);
    return status;
}

const app_verb app_verb_import = {"import", "Make a model of the weights of another program.", run};
