/*
 * plugins.c: loads shared objects with types of models.  Code of theirs runs in this process.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "plugins.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* dlopen would search the system's folders for a name without a slash. */
static char *as_path(const char *name)
{
    const size_t size = strlen(name) + 3;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s%s", strchr(name, '/') ? "" : "./", name);
    return path;
}

static int load(const app_usage *usage, app_plugins *plugins, const char *name)
{
    gop_error err = {GOP_OK, ""};
    char *path = as_path(name);
    void *object = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;

    free(path);
    if (!path)
        return app_fail(usage, APP_DATA, "out of memory");
    if (!object)
        return app_fail(usage, APP_DATA, "cannot load the plugin %s: %s", name, dlerror());
    const zoo_plugin *plugin = dlsym(object, ZOO_PLUGIN_SYMBOL);
    if (!plugin)
        return app_fail(usage, APP_DATA,
                        "%s is not a plugin: it does not define %s (see zoo_plugin(3))", name,
                        ZOO_PLUGIN_SYMBOL);
    if (zoo_plugin_add(plugins->type, APP_MAX_TYPES + 1, plugin, &err))
        return app_fail(usage, APP_DATA, "cannot use the plugin %s: %s", name, err.message);
    return APP_OK;
}

int app_load_plugins(const app_usage *usage, void *settings)
{
    int status = APP_OK;

    for (const app_option *o = usage->options; o->name && status == APP_OK; o++) {
        if (o->kind != APP_PLUGINS)
            continue;
        app_plugins *plugins = (app_plugins *)(void *)((char *)settings + o->offset);
        size_t n = 0;
        for (const zoo_model_type *const *t = zoo_model_types(); *t && n < APP_MAX_TYPES; t++)
            plugins->type[n++] = *t;
        for (size_t i = 0; i < plugins->count && status == APP_OK; i++)
            status = load(usage, plugins, plugins->path[i]);
    }
    return status;
}

const zoo_model_type *const *app_types(const app_plugins *plugins)
{
    return plugins->count ? plugins->type : NULL;
}
