/*
 * labels.c: reads tables of classes.  Touches the table's file and memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/dataset/format/labels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/names.h"

static int by_label_name(const void *a, const void *b)
{
    const zoo_label *s = a, *t = b;
    return strcmp(s->name, t->name);
}

/* The next entry of a line without blanks around it; *p moves past it. */
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
    if (action != NULL && action[0] != '\0' && zoo_name_fault(action, ZOO_NAME_SIZE) != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: the class's name %s", path, number,
                        zoo_name_fault(action, ZOO_NAME_SIZE));
    if (name[0] == '\0' || action == NULL || action[0] == '\0' || rest != NULL || which == -2)
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
    zoo_drop why;
    *labels = (zoo_labels){0, NULL};
    gop_status s = zoo_bytes_read(&bytes, path, &why, err);
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
        s = gop_fail(err, GOP_EFORMAT, "%s: not a text file", path);
    if (s == GOP_OK && labels->n == 0)
        s = gop_fail(err, GOP_EFORMAT, "%s: the table is empty", path);
    zoo_bytes_clear(&bytes);
    if (labels->n > 0)
        qsort(labels->item, labels->n, sizeof *labels->item, by_label_name);
    for (size_t i = 1; i < labels->n && s == GOP_OK; i++)
        if (strcmp(labels->item[i - 1].name, labels->item[i].name) == 0)
            s = gop_fail(err, GOP_EFORMAT, "%s: %s has two lines", path, labels->item[i].name);
    return s;
}

static zoo_label *look_up(const zoo_labels *labels, const char *name)
{
    size_t low = 0, high = labels->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(labels->item[middle].name, name);
        if (order == 0)
            return &labels->item[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

gop_status zoo_labels_find(zoo_label **label, const zoo_labels *labels, const char *name,
                           const char *path, const char *file, gop_error *err)
{
    *label = look_up(labels, name);
    if (*label == NULL && look_up(labels, file) != NULL)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: the table of classes must have %s, without the ending, instead of %s",
                        path, name, file);
    if (*label == NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: not in the table of classes", path);
    (*label)->used = true;
    return GOP_OK;
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
