/*
 * verb_convert.c: graphop convert: rewrites a file of an older version in the current one.
 * Reads one file, writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>

#include "graphop.h"
#include "options.h"
#include "plugins.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *output;
    app_plugins plugins;
};

static const app_option options[] = {
    {"output", 'o', APP_OUT_SAME, offsetof(struct settings, output), "NEW", "The file to write.", 0,
     0, NULL, true, NULL},
    APP_PLUGIN_ROW(offsetof(struct settings, plugins), NULL),
    {0},
};

static const app_usage usage = {
    "convert",
    "OLD --output NEW",
    "Rewrites a file of an older version, which the other verbs refuse, in the current one.  A "
    "model keeps its training run, and train --resume continues it.",
    options,
    1,
    1,
    0};

static int run(int argc, char **argv)
{
    struct settings set = {0};
    app_operands operands;
    gop_error err = {GOP_OK, ""};
    uint32_t version;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    const char *old = operands.item[0];
    if (zoo_convert(old, set.output, app_types(&set.plugins), &version, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    printf("%s had version %lu; %s has the current version.\n", old, (unsigned long)version,
           set.output);
    return APP_OK;
}

const app_verb app_verb_convert = {"convert",
                                   "Convert a file of an older version to the current "
                                   "one.",
                                   run};
