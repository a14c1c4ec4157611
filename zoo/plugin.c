/*
 * plugin.c: checks a plugin and adds its types to a list.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/plugin.h"

/* Whether a plugin was built with this library's structs. */
static bool fits(const zoo_plugin *p)
{
    return p->abi == ZOO_PLUGIN_ABI && p->size == sizeof *p && p->real == sizeof(gop_real) &&
           p->setting == sizeof(zoo_setting) && p->type == sizeof(zoo_model_type) &&
           p->domain == sizeof(zoo_domain) && p->ports == sizeof(zoo_ports);
}

static gop_status refuse_version(const zoo_plugin *p, gop_error *err)
{
    if (p->abi != ZOO_PLUGIN_ABI || p->size != sizeof *p)
        return gop_fail(err, GOP_EINVAL,
                        "it was built for plugin ABI %lu (a table of %lu bytes), but this is "
                        "ABI %d (%zu bytes); build it again with this version's headers",
                        (unsigned long)p->abi, (unsigned long)p->size, ZOO_PLUGIN_ABI, sizeof *p);
    if (p->real != sizeof(gop_real))
        return gop_fail(err, GOP_EINVAL,
                        "it was built for numbers of %lu bytes, but here they have %zu",
                        (unsigned long)p->real, sizeof(gop_real));
    return gop_fail(err, GOP_EINVAL,
                    "it was built with headers of version %lu.%lu.%lu, whose structs have other "
                    "sizes than those of version %s; build it again with this version's headers",
                    (unsigned long)p->version / 10000, (unsigned long)p->version / 100 % 100,
                    (unsigned long)p->version % 100, gop_version());
}

gop_status zoo_plugin_add(const zoo_model_type **list, size_t size, const zoo_plugin *plugin,
                          gop_error *err)
{
    if (list == NULL || plugin == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_plugin_add: a list and a plugin are needed");
    if (!fits(plugin))
        return refuse_version(plugin, err);
    if (plugin->types == NULL || plugin->types[0] == NULL)
        return gop_fail(err, GOP_EINVAL, "it has no types of models");
    size_t n = 0;
    while (n < size && list[n] != NULL)
        n++;
    if (n == size)
        return gop_fail(err, GOP_EINVAL, "zoo_plugin_add: the list has no end");
    gop_status s = GOP_OK;
    size_t k = n;
    for (const zoo_model_type *const *t = plugin->types; *t != NULL && s == GOP_OK; t++) {
        s = zoo_model_type_check(*t, err);
        if (s == GOP_OK && zoo_model_type_find(list, (*t)->name) != NULL)
            s = gop_fail(err, GOP_EINVAL, "there already is a type of models called %s",
                         (*t)->name);
        else if (s == GOP_OK && k + 1 == size)
            s = gop_fail(err, GOP_EINVAL, "the list has room for %zu types", size - 1);
        if (s == GOP_OK) {
            list[k++] = *t;
            list[k] = NULL;
        }
    }
    if (s != GOP_OK)
        list[n] = NULL;
    return s;
}
