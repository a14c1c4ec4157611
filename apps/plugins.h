/*
 * plugins.h: the option --plugin, which adds types of models from shared objects (zoo/plugin.h).
 */
#ifndef APPS_PLUGINS_H
#define APPS_PLUGINS_H

#include "options.h"

/* The row of the option in a verb's table; `at` is the offset of its app_plugins, and
 * `condition` what it needs. */
#define APP_PLUGIN_ROW(at, condition)                                                            \
    {                                                                                            \
        "plugin", 0, APP_PLUGINS, at, "FILE",                                                    \
            "Add the types of models of this shared object (.so); may be repeated.", 0, 0, NULL, \
            false, condition                                                                     \
    }

/* Loads the plugins of every row of kind APP_PLUGINS, which stay until the process ends.  Returns an
 * exit status. */
int app_load_plugins(const app_usage *usage, void *settings);
/* The list of types of loaded plugins and of the zoo; NULL, for the zoo's, if there are none. */
const zoo_model_type *const *app_types(const app_plugins *plugins);

#endif
