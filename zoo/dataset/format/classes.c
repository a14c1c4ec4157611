/*
 * classes.c: collects classes file by file.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/classes.h"

/* The class of this name, or NULL. */
static struct zoo_class *named(const zoo_classes *c, const char *name)
{
    for (size_t i = 0; i < c->n && name != NULL; i++)
        if (strcmp(c->item[i].name, name) == 0)
            return &c->item[i];
    return NULL;
}

/* The class of this number, preferably one with a name, or NULL. */
static struct zoo_class *numbered(const zoo_classes *c, size_t number)
{
    struct zoo_class *found = NULL;
    for (size_t i = 0; i < c->n && number != SIZE_MAX; i++)
        if (c->item[i].number == number && (found == NULL || found->name[0] == '\0'))
            found = &c->item[i];
    return found;
}

static gop_status append(struct zoo_class **k, zoo_classes *c, size_t number, const char *path,
                         gop_error *err)
{
    if (c->n == ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT, "%s: more than %d classes", path, ZOO_MAX_ACTIONS);
    if ((c->n & (c->n - 1)) == 0) {
        void *grown = realloc(c->item, (c->n == 0 ? 1 : 2 * c->n) * sizeof *c->item);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", c->n + 1);
        c->item = grown;
    }
    *k = &c->item[c->n++];
    memset(*k, 0, sizeof **k);
    (*k)->number = number;
    return GOP_OK;
}

gop_status zoo_class_add(size_t *index, zoo_classes *c, const char *name, size_t number,
                         bool *clash, const char *path, gop_error *err)
{
    struct zoo_class *k = named(c, name), *other = numbered(c, number);
    if (k == NULL && other == NULL)
        gop_try(append(&k, c, number, path, err));
    else if (k == NULL)
        k = other;
    else if (k->number == SIZE_MAX && (other == NULL || other->name[0] == '\0'))
        k->number = number; /* for both entries, if the number came before the name */
    *clash = number != SIZE_MAX && k->number != number;
    if (name != NULL && k->name[0] == '\0')
        strncpy(k->name, name, ZOO_NAME_SIZE - 1);
    *clash |= name != NULL && strcmp(k->name, name) != 0;
    *index = (size_t)(k - c->item);
    return GOP_OK;
}

static int by_class_name(const void *a, const void *b)
{
    const struct zoo_class *const *s = a, *const *t = b;
    return strcmp((*s)->name, (*t)->name);
}

/* Numbers the classes without a number; returns the number of classes. */
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
    if (zoo_store_names_classes(store))
        return GOP_OK;
    zoo_dataset *data = store->data;
    struct zoo_class **sorted = malloc((c->n + 1) * sizeof *sorted);
    if (sorted == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", c->n);
    size_t classes = number_all(c, sorted);
    free(sorted);
    if (classes == 0 || classes > ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT, "%zu classes; 1 to %d are allowed", classes,
                        ZOO_MAX_ACTIONS);
    char(*made)[ZOO_NAME_SIZE] = malloc(classes * sizeof *made);
    const char **name = malloc(classes * sizeof *name);
    gop_status s = GOP_OK;
    if (made == NULL || name == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", classes);
    for (size_t k = 0; k < classes && s == GOP_OK; k++) {
        int n = snprintf(made[k], sizeof *made, "class_%zu", k);
        for (size_t i = 1; named(c, made[k]) != NULL; i++) /* a name of another class */
            snprintf(made[k] + n, sizeof *made - (size_t)n, "_%zu", i);
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
