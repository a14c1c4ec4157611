/*
 * words.c: see words.h.  Touches only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "zoo/zoo.h"

typedef struct words {
    char *text;
    size_t used, size;
} words;

static void add(words *w, const char *format, ...) GOP_PRINTF(2, 3);
static void add(words *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(w->text + w->used, w->size - w->used, format, args);
    va_end(args);
    if (n > 0)
        w->used += (size_t)n < w->size - w->used ? (size_t)n : w->size - w->used - 1;
}

/* The separator in front of an item of a list. */
static const char *between(bool first, bool last)
{
    return first ? "" : last ? " or " : ", ";
}

static void add_models(words *w)
{
    for (const zoo_model_type *const *t = zoo_model_types(); *t; t++)
        add(w, "%s%s", between(t == zoo_model_types(), !t[1]), (*t)->name);
}

static void add_protocols(words *w)
{
    for (const zoo_protocol *p = zoo_protocol_list(); p->name; p++)
        add(w, "%s%s", between(p == zoo_protocol_list(), !p[1].name), p->name);
}

static void add_sources(words *w)
{
    for (const zoo_source *const *s = zoo_source_list(); *s; s++)
        add(w, "%s'%s' (%s)", between(s == zoo_source_list(), !s[1]), (*s)->name, (*s)->text);
}

static void add_recipes(words *w)
{
    for (const zoo_recipe *r = zoo_recipes(); r->name; r++)
        add(w, "%s'%s' (%s%s)", between(r == zoo_recipes(), !r[1].name), r->name, r->text,
            r == zoo_recipes() ? ", the default" : "");
}

static void add_splits(words *w)
{
    const char *before = "";

    for (const zoo_source *const *s = zoo_source_list(); *s; s++) {
        const zoo_way *way = (*s)->splits;
        if (!zoo_source_takes(*s, "split"))
            continue;
        add(w, "%s%s: ", before, (*s)->name);
        if (!way)
            add(w, "what the names of two of its lists have in common, such as 'xsub'");
        for (; way && way->name; way++)
            add(w, "%s'%s'%s %s", way == (*s)->splits ? "" : "; ", way->name,
                way == (*s)->splits ? " (default)" : "", way->text);
        before = ". ";
    }
}

static void add_sources_that_take(words *w, const char *field)
{
    const zoo_source *before = NULL;
    bool first = true;

    for (const zoo_source *const *s = zoo_source_list(); *s; s++) {
        if (!zoo_source_takes(*s, field))
            continue;
        if (before) {
            add(w, "%s%s", between(first, false), before->name);
            first = false;
        }
        before = *s;
    }
    if (before)
        add(w, "%s%s", between(first, true), before->name);
}

void words_expand(char *text, size_t size, const char *from)
{
    words w = {text, 0, size};
    char what[24];

    text[0] = '\0';
    while (*from) {
        size_t plain = strcspn(from, "{");
        add(&w, "%.*s", (int)plain, from);
        from += plain;
        if (sscanf(from, "{%23[a-z_]}", what) != 1)
            break;
        from += strlen(what) + 2;
        if (strcmp(what, "models") == 0)
            add_models(&w);
        else if (strcmp(what, "protocols") == 0)
            add_protocols(&w);
        else if (strcmp(what, "sources") == 0)
            add_sources(&w);
        else if (strcmp(what, "recipes") == 0)
            add_recipes(&w);
        else if (strcmp(what, "splits") == 0)
            add_splits(&w);
        else
            add_sources_that_take(&w, what);
    }
}
