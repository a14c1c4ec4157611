/*
 * import_names.c: the names of other programs beside ours, by the rows of a table, and the check of
 * a type's tables.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/weights/import_parts.h"

#define MOST_NUMBER 100000

/* A number without needless zeros; its length, or 0. */
static size_t take_number(unsigned long *v, const char *text)
{
    size_t n = 0;
    *v = 0;
    while (text[n] >= '0' && text[n] <= '9' && *v < MOST_NUMBER)
        *v = 10 * *v + (unsigned long)(text[n++] - '0');
    return n > 1 && text[0] == '0' ? 0 : n;
}

/* The number of the word that `text` begins with, up to '_' or '.'; its length, or 0. */
static size_t take_word(unsigned long *v, const char *text, const char *const *words)
{
    const size_t n = strcspn(text, "._");
    for (*v = 0; words[*v] != NULL; (*v)++)
        if (strncmp(text, words[*v], n) == 0 && words[*v][n] == '\0')
            return n;
    return 0;
}

bool zoo_import_matches(zoo_numbers *v, const char **rest, const char *pattern, const char *name,
                        const zoo_import *theirs)
{
    const unsigned first = theirs != NULL ? theirs->first : 0;
    const char *const *words = theirs != NULL ? theirs->words : NULL;
    *v = (zoo_numbers){0, 0};
    for (; *pattern != '\0'; pattern++) {
        if (*pattern != '#' && *pattern != '$') {
            if (*pattern != *name++)
                return false;
            continue;
        }
        unsigned long number;
        const size_t n = *pattern == '$' && words != NULL ? take_word(&number, name, words)
                                                          : take_number(&number, name);
        if (n == 0 || (*pattern == '#' && number < first))
            return false;
        *(*pattern == '#' ? &v->block : &v->other) = *pattern == '#' ? number - first : number;
        name += n;
    }
    *rest = name;
    return *name == '\0' || *name == '.';
}

bool zoo_import_name(char *buf, size_t size, const char *pattern, const zoo_numbers *v,
                     const char *rest, const zoo_import *theirs)
{
    const unsigned first = theirs != NULL ? theirs->first : 0;
    const char *const *words = theirs != NULL ? theirs->words : NULL;
    size_t used = 0, n = 0;
    while (words != NULL && words[n] != NULL)
        n++;
    for (; *pattern != '\0' && used < size; pattern++)
        if (*pattern == '$' && words != NULL) {
            if (v->other >= n)
                return false;
            used += (size_t)snprintf(buf + used, size - used, "%s", words[v->other]);
        } else if (*pattern == '#' || *pattern == '$')
            used += (size_t)snprintf(buf + used, size - used, "%lu",
                                     *pattern == '#' ? v->block + first : v->other);
        else
            buf[used++] = *pattern;
    if (used >= size)
        return false;
    used += (size_t)snprintf(buf + used, size - used, "%s", rest);
    return used < size;
}

/* ----------------------------------------------------------------------- check */

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == c;
    return n;
}

static gop_status check_row(const zoo_import_row *r, const char *type, const char *table,
                            gop_error *err)
{
    if (r->ours == NULL)
        return GOP_OK;
    if (count(r->ours, '#') > 1 || count(r->theirs, '#') > count(r->ours, '#') ||
        count(r->ours, '$') > 1 || count(r->theirs, '$') > count(r->ours, '$'))
        return gop_fail(err, GOP_EINVAL,
                        "type %s: names %s and %s of %s must have # and $ at most once, and theirs "
                        "only what ours has",
                        type, r->theirs, r->ours, table);
    if (!zoo_change_known(r->change))
        return gop_fail(err, GOP_EINVAL, "type %s: %s of %s has an unknown change, %s", type,
                        r->theirs, table, r->change);
    return GOP_OK;
}

static gop_status check_rule(const zoo_import_rule *r, const zoo_model_type *type,
                             const char *table, gop_error *err)
{
    const zoo_setting *o = zoo_setting_find(type->options, r->option);
    if (o == NULL)
        return gop_fail(err, GOP_EINVAL, "type %s: %s sets option %s, which the type lacks",
                        type->name, table, r->option);
    if (r->theirs == NULL || (r->kind == ZOO_IMPORT_RATIO && r->by == NULL))
        return gop_fail(err, GOP_EINVAL, "type %s: %s sets option %s by no tensor", type->name,
                        table, r->option);
    if (r->kind == ZOO_IMPORT_STRIDES && zoo_setting_find(type->options, "widths") == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "type %s: %s sets option %s by the widths, and the type has no option "
                        "'widths'",
                        type->name, table, r->option);
    return GOP_OK;
}

gop_status zoo_imports_check(const zoo_model_type *type, gop_error *err)
{
    if (type == NULL || type->options == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_imports_check: a type with options is needed");
    for (const zoo_import *t = type->imports; t != NULL && t->name != NULL; t++) {
        if (t->rows == NULL || t->rules == NULL)
            return gop_fail(err, GOP_EINVAL, "type %s: %s needs rows and rules", type->name,
                            t->name);
        for (const zoo_import_row *r = t->rows; r->theirs != NULL; r++)
            gop_try(check_row(r, type->name, t->name, err));
        for (const zoo_import_rule *r = t->rules; r->option != NULL; r++)
            gop_try(check_rule(r, type, t->name, err));
    }
    return GOP_OK;
}

/* ----------------------------------------------------------------------- texts */

gop_status zoo_texts_add(zoo_texts *list, gop_error *err, const char *format, ...)
{
    char buf[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(buf, sizeof buf, format, args);
    va_end(args);
    char **grown = realloc(list->text, (list->n + 1) * sizeof *grown);
    if (grown != NULL)
        list->text = grown;
    char *text = grown == NULL ? NULL : strdup(buf);
    if (text == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the report of an import");
    list->text[list->n++] = text;
    return GOP_OK;
}

void zoo_texts_clear(zoo_texts *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->text[i]);
    free(list->text);
    *list = (zoo_texts){0, NULL};
}
