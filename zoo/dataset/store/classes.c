/*
 * classes.c: classes that are met file by file, and tables of labels.  Touches memory, and a
 * table by reading it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/sources.h"

/* --------------------------------------------------------------------- classes */

/* The class of this name, or NULL. */
static struct zoo_class *named(const zoo_classes *c, const char *name)
{
    for (size_t i = 0; i < c->n && name != NULL; i++)
        if (strcmp(c->item[i].name, name) == 0)
            return &c->item[i];
    return NULL;
}

/* That of this number, rather one with a name; or NULL. */
static struct zoo_class *numbered(const zoo_classes *c, size_t number)
{
    struct zoo_class *found = NULL;
    for (size_t i = 0; i < c->n && number != SIZE_MAX; i++)
        if (c->item[i].number == number && (found == NULL || found->name[0] == '\0'))
            found = &c->item[i];
    return found;
}

static struct zoo_class *append(zoo_classes *c, size_t number)
{
    if (c->n == ZOO_MAX_ACTIONS)
        return NULL;
    if ((c->n & (c->n - 1)) == 0) {
        void *grown = realloc(c->item, (c->n == 0 ? 1 : 2 * c->n) * sizeof *c->item);
        if (grown == NULL)
            return NULL;
        c->item = grown;
    }
    struct zoo_class *k = &c->item[c->n++];
    memset(k, 0, sizeof *k);
    k->number = number;
    return k;
}

size_t zoo_class_add(zoo_classes *c, const char *name, size_t number, bool *clash)
{
    struct zoo_class *k = named(c, name), *other = numbered(c, number);
    *clash = false;
    if (k == NULL && other == NULL)
        k = append(c, number);
    else if (k == NULL)
        k = other;
    else if (k->number == SIZE_MAX && (other == NULL || other->name[0] == '\0'))
        k->number = number; /* both of them, where the number came before the name */
    *clash = k != NULL && number != SIZE_MAX && k->number != number;
    if (k != NULL && name != NULL && k->name[0] == '\0')
        strncpy(k->name, name, ZOO_NAME_SIZE - 1);
    *clash |= k != NULL && name != NULL && strcmp(k->name, name) != 0;
    return k == NULL ? SIZE_MAX : (size_t)(k - c->item);
}

bool zoo_class_fits(const char *name)
{
    return name[0] != '\0' && strlen(name) < ZOO_NAME_SIZE && zoo_printable(name);
}

static int by_class_name(const void *a, const void *b)
{
    const struct zoo_class *const *s = a, *const *t = b;
    return strcmp((*s)->name, (*t)->name);
}

/* Numbers for those that have none; returns how many classes there are. */
static size_t number_all(zoo_classes *c, struct zoo_class **sorted)
{
    size_t classes = 0;
    for (size_t i = 0; i < c->n; i++) {
        sorted[i] = &c->item[i];
        if (c->item[i].number != SIZE_MAX && c->item[i].number >= classes)
            classes = c->item[i].number + 1;
    }
    qsort(sorted, c->n, sizeof *sorted, by_class_name);
    for (size_t i = 0; i < c->n; i++)
        if (sorted[i]->number == SIZE_MAX)
            sorted[i]->number = classes++;
    return classes;
}

gop_status zoo_classes_finish(zoo_classes *c, zoo_store *store, gop_error *err)
{
    zoo_dataset *data = store->data;
    struct zoo_class **sorted = malloc((c->n + 1) * sizeof *sorted);
    if (sorted == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", c->n);
    size_t classes = number_all(c, sorted);
    free(sorted);
    if (classes == 0 || classes > ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT, "%zu classes, 1 to %d are possible", classes,
                        ZOO_MAX_ACTIONS);
    char(*made)[ZOO_NAME_SIZE] = malloc(classes * sizeof *made);
    const char **name = malloc(classes * sizeof *name);
    gop_status s = GOP_OK;
    if (made == NULL || name == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", classes);
    for (size_t k = 0; k < classes && s == GOP_OK; k++) {
        snprintf(made[k], sizeof *made, "class_%zu", k);
        name[k] = made[k];
    }
    for (size_t i = 0; i < c->n && s == GOP_OK; i++)
        if (c->item[i].name[0] != '\0')
            name[c->item[i].number] = c->item[i].name;
    if (s == GOP_OK)
        s = zoo_domain_classes(&data->domain, name, classes, err);
    for (size_t i = 0; i < data->sequences && s == GOP_OK; i++)
        data->sequence[i].action = (uint32_t)c->item[data->sequence[i].action].number;
    free(made);
    free(name);
    return s;
}

void zoo_classes_clear(zoo_classes *c)
{
    free(c->item);
    *c = (zoo_classes){0, NULL};
}

/* ----------------------------------------------------------------------- table */

static int by_label_name(const void *a, const void *b)
{
    const zoo_label *s = a, *t = b;
    return strcmp(s->name, t->name);
}

/* The text of the next entry of a line, without blanks around it; *p moves behind. */
static char *next_entry(char **p)
{
    char *begin = *p, *end;
    if (begin == NULL)
        return NULL;
    while (*begin == ' ' || *begin == '\t')
        begin++;
    end = begin + strcspn(begin, ",");
    *p = *end == ',' ? end + 1 : NULL;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = '\0';
    return begin;
}

static gop_status take_label(zoo_labels *labels, char *line, const char *path, size_t number,
                             gop_error *err)
{
    char *rest = line, *name = next_entry(&rest), *action = next_entry(&rest);
    char *split = next_entry(&rest);
    int which = split == NULL                 ? -1
                : strcmp(split, "train") == 0 ? ZOO_TRAIN
                : strcmp(split, "test") == 0  ? ZOO_TEST
                                              : -2;
    if (action != NULL && strlen(action) >= ZOO_NAME_SIZE)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: the class's name has more than %d bytes", path,
                        number, ZOO_NAME_SIZE - 1);
    if (name[0] == '\0' || action == NULL || rest != NULL || which == -2 || !zoo_printable(name) ||
        !zoo_class_fits(action))
        return gop_fail(err, GOP_EFORMAT,
                        "%s:%zu: not NAME,CLASS or NAME,CLASS,train or"
                        " NAME,CLASS,test",
                        path, number);
    if ((labels->n & (labels->n - 1)) == 0) {
        void *grown = realloc(labels->item,
                              (labels->n == 0 ? 1 : 2 * labels->n) * sizeof *labels->item);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        labels->item = grown;
    }
    zoo_label *l = &labels->item[labels->n];
    memset(l, 0, sizeof *l);
    strncpy(l->action, action, ZOO_NAME_SIZE - 1);
    l->split = which;
    l->name = strdup(name);
    if (l->name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    labels->n++;
    return GOP_OK;
}

gop_status zoo_labels_read(zoo_labels *labels, const char *path, gop_error *err)
{
    zoo_bytes bytes = {0};
    *labels = (zoo_labels){0, NULL};
    gop_status s = zoo_bytes_read(&bytes, path, err);
    char *p = bytes.data;
    for (size_t number = 1; s == GOP_OK && *p != '\0'; number++) {
        char *line = p, *end = p + strcspn(p, "\n");
        p = *end == '\n' ? end + 1 : end;
        while (end > line && isspace((unsigned char)end[-1]))
            end--;
        *end = '\0';
        if (end > line)
            s = take_label(labels, line, path, number, err);
    }
    if (s == GOP_OK && p != bytes.data + bytes.n)
        s = gop_fail(err, GOP_EFORMAT, "%s: not a text", path);
    if (s == GOP_OK && labels->n == 0)
        s = gop_fail(err, GOP_EFORMAT, "%s: an empty table", path);
    zoo_bytes_clear(&bytes);
    if (labels->n > 0)
        qsort(labels->item, labels->n, sizeof *labels->item, by_label_name);
    for (size_t i = 1; i < labels->n && s == GOP_OK; i++)
        if (strcmp(labels->item[i - 1].name, labels->item[i].name) == 0)
            s = gop_fail(err, GOP_EFORMAT, "%s: %s has two lines", path, labels->item[i].name);
    return s;
}

zoo_label *zoo_labels_find(const zoo_labels *labels, const char *name)
{
    size_t low = 0, high = labels->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(labels->item[middle].name, name);
        if (order == 0) {
            labels->item[middle].used = true;
            return &labels->item[middle];
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void zoo_labels_unused(const zoo_labels *labels, zoo_report *report, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < labels->n; i++)
        n += !labels->item[i].used;
    if (n > 0)
        zoo_report_add(report, ZOO_ABSENT, "%s: %zu of %zu names have no file", path, n, labels->n);
}

void zoo_labels_clear(zoo_labels *labels)
{
    for (size_t i = 0; i < labels->n; i++)
        free(labels->item[i].name);
    free(labels->item);
    *labels = (zoo_labels){0, NULL};
}
