/*
 * layout_open.c: opens a layout by the name of a built-in one or of a file.  Touches memory, and
 * files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "zoo/skeleton/layout_json.h"

static bool is_path(const char *name)
{
    size_t n = strlen(name);
    return strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".json") == 0);
}

static gop_status copy_built_in(zoo_layout *layout, const char *name, gop_error *err)
{
    char all[GOP_MESSAGE_SIZE] = "";
    size_t used = 0;
    const zoo_layout *found = zoo_layout_find(name);
    if (found != NULL)
        return zoo_layout_copy(layout, found, err);
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL && used < sizeof all; l++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "",
                                 (*l)->name);
    return gop_fail(err, GOP_EINVAL,
                    "unknown layout '%.64s'; built-in layouts are %s"
                    "; a file's name has a slash or ends with .json",
                    name, all);
}

static gop_status open_layout(zoo_layout *layout, const char *name, zoo_findings *f)
{
    zoo_layout none;
    if (layout == NULL)
        layout = &none;
    memset(layout, 0, sizeof *layout);
    if (layout == &none || name == NULL) {
        zoo_findings_add(f, GOP_EINVAL, "the layout's name or the result pointer is NULL");
    } else if (is_path(name)) {
        f->path = name;
        zoo_json_read(layout, f);
    } else {
        gop_error e = {GOP_OK, ""};
        if (copy_built_in(layout, name, &e) != GOP_OK)
            zoo_findings_add(f, e.status, "%s", e.message);
        else
            zoo_layout_examine_file(f, layout);
    }
    return f->status;
}

gop_status zoo_layout_open(zoo_layout *layout, const char *name, gop_error *err)
{
    zoo_findings f = {.err = err};
    return open_layout(layout, name, &f);
}

gop_status zoo_layout_inspect(zoo_layout *layout, const char *name, zoo_layout_finding tell,
                              void *user, gop_error *err)
{
    zoo_findings f = {.tell = tell, .user = user, .err = err};
    return open_layout(layout, name, &f);
}

gop_status zoo_layout_load(zoo_layout *layout, const char *path, gop_error *err)
{
    zoo_findings f = {.path = path, .err = err};
    if (layout == NULL || path == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_layout_load: the path or the result pointer is NULL");
    zoo_json_read(layout, &f);
    return f.status;
}
