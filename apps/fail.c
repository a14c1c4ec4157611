/*
 * fail.c: error messages.  Writes to stderr only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "zoo/zoo.h"

void app_printable(char *text)
{
    while (*text) {
        const size_t n = gop_character(text, strnlen(text, 4));
        if (n == 0)
            *text = '?';
        text += n ? n : 1;
    }
}

int app_fail(const app_usage *usage, int status, const char *format, ...)
{
    char text[2 * GOP_MESSAGE_SIZE];
    va_list args;

    if (!usage)
        return status;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    app_printable(text);
    size_t length = strlen(text);
    bool ended = length && strchr(".?!", text[length - 1]);
    fprintf(stderr, "graphop%s%s: %s%s\n", *usage->verb ? " " : "", usage->verb, text,
            ended ? "" : ".");
    return status;
}

int app_fail_error(const app_usage *usage, int status, const gop_error *err)
{
    return app_fail(usage, status, "%s",
                    err->message[0] ? err->message : gop_status_string(err->status));
}

const char *app_nearest(const char *typed, const char *const *words)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX, length = strlen(typed);

    for (; *words; words++) {
        size_t distance = zoo_edit_distance(typed, *words);
        if (length >= 3 && strncmp(typed, *words, length) == 0)
            distance = 1;
        if (distance < least) {
            least = distance;
            nearest = *words;
        }
    }
    size_t allowed = length < 4 ? 1 : length < 8 ? 2 : 3;
    return least <= allowed ? nearest : NULL;
}

int app_fail_unknown(const app_usage *usage, const char *what, const char *typed,
                     const char *const *words)
{
    const char *nearest = app_nearest(typed, words);
    char list[GOP_MESSAGE_SIZE] = "";

    if (nearest)
        return app_fail(usage, APP_USE, "unknown %s '%.64s'; did you mean '%s'?", what, typed,
                        nearest);
    for (size_t used = 0; *words && used < sizeof list; words++) {
        int n = snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", *words);
        used += (size_t)n;
    }
    return app_fail(usage, APP_USE, "unknown %s '%.64s'; the choices are %s", what, typed, list);
}

int app_fail_layout(const app_usage *usage, const char *name, const gop_error *err)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    for (const zoo_layout *const *l = zoo_layout_list(); *l && n < MAX; l++)
        names[n++] = (*l)->name;
    names[n] = NULL;
    if (err->status != GOP_EINVAL) /* of a file */
        return app_fail_error(usage, APP_DATA, err);
    if (app_nearest(name, names))
        return app_fail_unknown(usage, "layout", name, names);
    return app_fail_error(usage, APP_USE, err);
}
