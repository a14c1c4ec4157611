/*
 * names.c: see names.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/names.h"

#include <string.h>

const char *zoo_name_fault(const char *name, size_t size)
{
    if (name[0] == '\0')
        return "is empty";
    if (!gop_is_text(name, strlen(name)))
        return "is not UTF-8 or has control characters";
    return strlen(name) < size     ? NULL
           : size == ZOO_NAME_SIZE ? "is longer than 63 bytes"
                                   : "is too long";
}

bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split)
{
    const char *fault = zoo_name_fault(name, ZOO_SEQUENCE_NAME_SIZE);
    if (fault != NULL)
        zoo_report_drop(store->report, ZOO_DROP_NAME, "%s: the name %s", path, fault);
    else if (zoo_store_has(store, name, split))
        zoo_report_drop(store->report, ZOO_DROP_TWICE, "%s: there was a sequence %s before", path,
                        name);
    else
        return true;
    return false;
}
