/*
 * plugin.h: types of models in shared objects that are built outside of graphop.  A plugin exports
 * one constant, ZOO_PLUGIN_SYMBOL, of type zoo_plugin; the macro ZOO_PLUGIN defines it.  The
 * library opens no plugins: a program finds the constant with dlsym, and zoo_plugin_add checks it.
 * May use zoo/model.h.
 */
#ifndef ZOO_PLUGIN_H
#define ZOO_PLUGIN_H

#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The name of the exported constant. */
#define ZOO_PLUGIN_SYMBOL "graphop_plugin"
/* Rises when the meaning of a struct or function that plugins use changes while its size does
 * not. */
#define ZOO_PLUGIN_ABI    1

/* What a plugin was built with, and its types.  The first two fields never change. */
typedef struct zoo_plugin {
    uint32_t abi;  /* ZOO_PLUGIN_ABI */
    uint32_t size; /* sizeof(zoo_plugin) */
    /* Sizes of a number of graphop.h and of the structs that a plugin has in common with the
     * library. */
    uint32_t real, setting, type, domain, ports;
    uint32_t version;                   /* GOP_VERSION_NUMBER, for messages */
    const zoo_model_type *const *types; /* NULL at the end */
} zoo_plugin;

/* A plugin defines it; the libraries do not. */
GOP_API extern const zoo_plugin graphop_plugin;

/* Defines it for a list of types, which ends with NULL: at file scope, once in a shared object, with
 * a semicolon. */
#define ZOO_PLUGIN(list)                                                 \
    const zoo_plugin graphop_plugin = {                                  \
        ZOO_PLUGIN_ABI,      sizeof(zoo_plugin),     sizeof(gop_real),   \
        sizeof(zoo_setting), sizeof(zoo_model_type), sizeof(zoo_domain), \
        sizeof(zoo_ports),   GOP_VERSION_NUMBER,     list}

/* Adds a plugin's types to the end of `list`, an array of `size` pointers that ends with NULL.  The
 * plugin must outlive the list and the models whose types it has.  The list is unchanged on
 * failure.
 * Errors: GOP_EINVAL if the plugin was built with another ABI or other sizes, has no types, a type
 * that zoo_model_type_check refuses or one whose name the list already has, and if `size` is too
 * small. */
GOP_API gop_status zoo_plugin_add(const zoo_model_type **list, size_t size,
                                  const zoo_plugin *plugin, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
