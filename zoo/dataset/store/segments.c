/*
 * segments.c: reads tables of segments.  Touches the table's file and memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "zoo/bom.h"
#include "zoo/dataset/store/segments.h"
#include "zoo/numeral.h"

#define MOST_BYTES    (64 << 20)
/* Seconds of a clip of background. */
#define MOST_SECONDS  4
#define LEAST_SECONDS 0.5

/* --------------------------------------------------------------------- a line */

/* Cuts blanks from both ends. */
static char *trim(char *p)
{
    p += strspn(p, " \t");
    size_t n = strlen(p);
    while (n > 0 && strchr(" \t\r\n", p[n - 1]) != NULL)
        p[--n] = '\0';
    return p;
}

/* Cuts the line at commas; returns the number of entries, at most `most`. */
static size_t cut(char *entry[], size_t most, char *line)
{
    size_t n = 0;
    for (char *p = line; p != NULL && n < most;) {
        char *comma = strchr(p, ',');
        if (comma != NULL)
            *comma = '\0';
        entry[n++] = trim(p);
        p = comma == NULL ? NULL : comma + 1;
        if (n == most && p != NULL)
            return most + 1;
    }
    return n;
}

static bool take_number(uint32_t *v, const char *text)
{
    uint64_t sum = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || sum > UINT32_MAX / 10)
            return false;
        sum = 10 * sum + (uint64_t)(*text - '0');
    }
    *v = (uint32_t)sum;
    return sum <= UINT32_MAX;
}

static bool is_nan(const char *text)
{
    return strcasecmp(text, "nan") == 0;
}

static bool take_split(int *split, const char *text)
{
    *split = strcmp(text, "train") == 0 ? ZOO_TRAIN : strcmp(text, "test") == 0 ? ZOO_TEST : -1;
    return *split >= 0;
}

/* A segment as read; name, class, first and last are parts of the line. */
typedef struct entry {
    const char *name, *action, *first, *last;
    int split;
} entry;

/* Reads NAME,CLASS and what follows. */
static bool take_table(entry *e, char *line, bool whole)
{
    char *part[4];
    const size_t n = cut(part, 4, line);
    if (n < 2 || n > 4)
        return false;
    *e = (entry){part[0], part[1], "0", "4294967295", -1};
    if (whole)
        return n == 2 || (n == 3 && take_split(&e->split, part[2]));
    e->first = n == 4 ? part[2] : "";
    e->last = n == 4 ? part[3] : "";
    return n == 4;
}

/* Reads CLASS: FIRST LAST. */
static bool take_indented(entry *e, const char *name, char *line)
{
    char *colon = strchr(line, ':'), *rest = trim(colon + 1);
    char *blank = strpbrk(rest, " \t");
    *colon = '\0';
    if (blank == NULL || name == NULL)
        return false;
    *blank = '\0';
    *e = (entry){name, trim(line), rest, trim(blank + 1), -1};
    return true;
}

/* ------------------------------------------------------------------- the table */

static gop_status append(zoo_segments *s, const entry *e, size_t line, gop_error *err)
{
    zoo_segment one = {.line = line, .split = e->split};
    if (is_nan(e->first) || is_nan(e->last))
        return GOP_OK;
    const size_t length = strlen(e->action);
    if (e->name[0] == '\0' || length == 0 || length >= ZOO_NAME_SIZE ||
        !gop_is_text(e->action, length))
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a name and a class of 1 to %d bytes are needed",
                        s->path, line, ZOO_NAME_SIZE - 1);
    if (!take_number(&one.first, e->first) || !take_number(&one.last, e->last) ||
        one.first > one.last)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: '%s' and '%s' are not the first and last frame",
                        s->path, line, e->first, e->last);
    if ((s->n & (s->n - 1)) == 0) {
        zoo_segment *grown = realloc(s->item, (s->n == 0 ? 1 : 2 * s->n) * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", s->path);
        s->item = grown;
    }
    memcpy(one.action, e->action, length + 1);
    one.name = strdup(e->name);
    if (one.name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", s->path);
    s->item[s->n++] = one;
    return GOP_OK;
}

static gop_status read_lines(zoo_segments *s, FILE *f, bool whole, gop_error *err)
{
    char *line = NULL, *name = NULL;
    size_t room = 0, number = 0;
    gop_status status = GOP_OK;
    for (ssize_t n; status == GOP_OK && (n = getline(&line, &room, f)) >= 0;) {
        entry e;
        char *p = trim(line + (number++ == 0 ? zoo_bom(line, (size_t)n) : 0));
        if (*p == '\0')
            continue;
        bool good = true, segment = true;
        if (strchr(p, ',') != NULL) {
            good = take_table(&e, p, whole);
        } else if (strchr(p, ':') != NULL && !whole) {
            good = take_indented(&e, name, p);
        } else {
            free(name);
            name = strdup(p);
            segment = false;
            good = !whole && name != NULL;
        }
        if (!good)
            status = gop_fail(err, GOP_EFORMAT, "%s:%zu: not %s", s->path, number,
                              whole ? "NAME,CLASS or NAME,CLASS,train or NAME,CLASS,test"
                                    : "NAME,CLASS,FIRST,LAST or CLASS: FIRST LAST below a name");
        else if (segment)
            status = append(s, &e, number, err);
    }
    if (status == GOP_OK && ferror(f))
        status = gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", s->path, strerror(errno));
    free(line);
    free(name);
    return status;
}

static int by_name(const void *a, const void *b)
{
    const zoo_segment *s = a, *t = b;
    const int order = strcmp(s->name, t->name);
    return order != 0 ? order : s->line < t->line ? -1 : s->line > t->line;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t class_of(const zoo_segments *s, const char *key)
{
    const char **at = bsearch(&key, s->action, s->classes, sizeof *s->action, by_text);
    return (uint32_t)(at - s->action);
}

static gop_status number_classes(zoo_segments *s, gop_error *err)
{
    const size_t all = s->n + (s->background != NULL);
    s->action = malloc((all + 1) * sizeof *s->action);
    if (s->action == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", s->path);
    for (size_t i = 0; i < s->n; i++)
        s->action[i] = s->item[i].action;
    if (s->background != NULL)
        s->action[s->n] = s->background;
    qsort(s->action, all, sizeof *s->action, by_text);
    for (size_t i = 0; i < all; i++)
        if (s->classes == 0 || strcmp(s->action[s->classes - 1], s->action[i]) != 0)
            s->action[s->classes++] = s->action[i];
    if (s->classes == 0 || s->classes > ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT, "%s: %zu classes; 1 to %d are allowed", s->path,
                        s->classes, ZOO_MAX_ACTIONS);
    for (size_t i = 0; i < s->n; i++)
        s->item[i].class_index = class_of(s, s->item[i].action);
    if (s->background != NULL)
        s->background_class = class_of(s, s->background);
    return GOP_OK;
}

/* ------------------------------------------------------------------ background */

/* Reads NAME[:MOST[:LEAST]]. */
static gop_status read_background(zoo_segments *s, const char *text, gop_error *err)
{
    double *const to[] = {&s->most, &s->least};
    const char *at = text + strcspn(text, ":");
    const size_t n = (size_t)(at - text);
    s->most = MOST_SECONDS;
    s->least = LEAST_SECONDS;
    if (n == 0 || n >= ZOO_NAME_SIZE || !gop_is_text(text, n))
        return gop_fail(err, GOP_EINVAL, "the background '%.80s' is no class of 1 to %d bytes",
                        text, ZOO_NAME_SIZE - 1);
    for (size_t k = 0; k < 2 && *at == ':'; k++) {
        const char *end = at + 1 + strcspn(at + 1, ":");
        if (!zoo_numeral_read(to[k], at + 1, (size_t)(end - at - 1)))
            break;
        at = end;
    }
    if (*at == '\0' && s->most < s->least && strchr(text + n + 1, ':') == NULL)
        s->least = s->most;
    if (*at != '\0' || !(s->least >= 0 && s->least <= s->most && s->most > 0 && s->most <= 1e6))
        return gop_fail(err, GOP_EINVAL,
                        "'%.80s' is not NAME:MOST:LEAST, a class and two lengths in seconds", text);
    s->background = strdup(text);
    if (s->background == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", s->path);
    s->background[n] = '\0';
    return GOP_OK;
}

static int by_place(const void *a, const void *b)
{
    const zoo_segment *const *s = a, *const *t = b;
    const int order = strcmp((*s)->name, (*t)->name);
    if (order != 0)
        return order;
    if ((*s)->first != (*t)->first)
        return (*s)->first < (*t)->first ? -1 : 1;
    return (*s)->line < (*t)->line ? -1 : (*s)->line > (*t)->line;
}

/* GOP_EFORMAT if two segments of a recording have more than an end in common. */
static gop_status check_order(const zoo_segments *s, gop_error *err)
{
    gop_status status = GOP_OK;
    const zoo_segment **in = malloc((s->n + 1) * sizeof *in);
    if (in == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", s->path);
    for (size_t i = 0; i < s->n; i++)
        in[i] = &s->item[i];
    qsort(in, s->n, sizeof *in, by_place);
    for (size_t i = 1; i < s->n && status == GOP_OK; i++) {
        const zoo_segment *a = in[i - 1], *b = in[i];
        if (strcmp(a->name, b->name) == 0 && (b->first < a->last || b->last == a->last))
            status = gop_fail(err, GOP_EFORMAT,
                              "%s:%zu: %s %u to %u of %s and %s %u to %u of line %zu overlap by "
                              "more than a frame, so no frames lie between them",
                              s->path, b->line, b->action, (unsigned)b->first, (unsigned)b->last,
                              b->name, a->action, (unsigned)a->first, (unsigned)a->last, a->line);
    }
    free(in);
    return status;
}

gop_status zoo_segments_read(zoo_segments *s, const char *path, bool whole, const char *background,
                             gop_error *err)
{
    struct stat st;
    *s = (zoo_segments){.path = strdup(path)};
    if (s->path == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    if (background != NULL)
        gop_try(read_background(s, background, err));
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    gop_status status = GOP_OK;
    if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MOST_BYTES)
        status = gop_fail(err, GOP_EFORMAT, "%s: not a regular file of at most 64 MiB", path);
    if (status == GOP_OK)
        status = read_lines(s, f, whole, err);
    fclose(f);
    if (status != GOP_OK)
        return status;
    if (s->n > 0)
        qsort(s->item, s->n, sizeof *s->item, by_name);
    if (background != NULL)
        gop_try(check_order(s, err));
    return number_classes(s, err);
}

static zoo_segment *find(const zoo_segments *s, const char *name, size_t *n)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(s->item[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*n = 0; low + *n < s->n && strcmp(s->item[low + *n].name, name) == 0;)
        ++*n;
    return *n > 0 ? &s->item[low] : NULL;
}

zoo_segment *zoo_segments_find(const zoo_segments *s, const char *name, size_t *n)
{
    zoo_segment *found = find(s, name, n);
    for (const char *p = name; found == NULL && (p = strchr(p, '_')) != NULL; p++)
        found = find(s, p + 1, n);
    return found;
}

void zoo_segments_clear(zoo_segments *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->item[i].name);
    free(s->item);
    free(s->action);
    free(s->background);
    free(s->path);
    *s = (zoo_segments){.n = 0};
}
