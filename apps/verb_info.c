/*
 * verb_info.c: graphop info: describes a data set or a model.
 * Reads one file and writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <string.h>

#include "info.h"
#include "plugins.h"
#include "verbs.h"

struct settings {
    bool json, sequences, tensors;
    app_plugins plugins;
};

static const app_option options[] = {
    {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
     "Write one JSON object on one line.", 0, 0, NULL, false, NULL},
    {"sequences", 's', APP_FLAG, offsetof(struct settings, sequences), NULL,
     "List every sequence of a data set with its action, split and frames.", 0, 0, NULL, false,
     NULL},
    {"tensors", 't', APP_FLAG, offsetof(struct settings, tensors), NULL,
     "List every tensor of a model with its shape and the range of its values.", 0, 0, NULL, false,
     NULL},
    APP_PLUGIN_ROW(offsetof(struct settings, plugins), NULL),
    {0},
};

static const app_usage usage = {
    "info",
    "FILE [OPTION]...",
    "Describes a data set (.gds) or a model (.gop): its layout, actions, configuration, "
    "parameters and origin.",
    options,
    1,
    1,
    0};

static int run(int argc, char **argv)
{
    struct settings set = {.json = false};
    gop_error err = {GOP_OK, ""};
    app_operands operands;
    char kind[5];

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    const char *path = operands.item[0];
    if (gop_file_kind(kind, NULL, path, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    const bool dataset = strcmp(kind, ZOO_DATASET_KIND) == 0;
    const bool model = strcmp(kind, ZOO_MODEL_KIND) == 0;
    if (dataset && set.tensors)
        return app_fail(&usage, APP_USE, "%s is a data set, which has no tensors", path);
    if (model && set.sequences)
        return app_fail(&usage, APP_USE, "%s is a model, which has no sequences", path);
    if (dataset)
        return info_dataset(&usage, path, set.json, set.sequences);
    if (model)
        return info_model(&usage, path, app_types(&set.plugins), set.json, set.tensors);
    return app_fail(&usage, APP_DATA, "%s: unknown kind of file '%s'", path, kind);
}

const app_verb app_verb_info = {"info", "Describe a data set or a model.", run};
