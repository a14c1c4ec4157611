/*
 * names.c: see names.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/names.h"

#include <string.h>

bool zoo_class_fits(const char *name)
{
    return name[0] != '\0' && strlen(name) < ZOO_NAME_SIZE && zoo_printable(name);
}

bool zoo_printable(const char *p)
{
    for (; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split)
{
    bool plain = zoo_printable(name), there = plain && zoo_store_has(store, name, split);
    if (!plain)
        zoo_report_drop(store->report, ZOO_DROP_NAME, "%s: the name has a control character", path);
    if (there)
        zoo_report_drop(store->report, ZOO_DROP_TWICE,
                        "%s: there was a sequence %.63s before"
                        "%s",
                        path, name,
                        strlen(name) < ZOO_NAME_SIZE ? "" : "; names are cut to 63 bytes");
    return plain && !there;
}
