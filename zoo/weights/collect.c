/*
 * collect.c: the list of a file's tensors while it is read: types, places and checks.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/weights/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gop_status zoo_place_type(zoo_place *p, const char *type, bool swapped, const char *name,
                          gop_error *err)
{
    const uint16_t one = 1;
    const bool big = *(const unsigned char *)&one == 0;
    zoo_array a = {.blob = NULL};
    if (strcmp(type, "bf2") == 0) {
        a.kind = 'B';
        a.width = 2;
    } else {
        gop_try(zoo_array_type(&a, type, name, err));
    }
    p->kind = a.kind;
    p->width = a.width;
    p->swapped = a.width > 1 && swapped != big;
    snprintf(p->is.type, sizeof p->is.type, "%s", type);
    return GOP_OK;
}

void zoo_place_packed(zoo_place *p)
{
    uint64_t step = 1;
    for (size_t i = p->is.rank; i-- > 0;) {
        p->stride[i] = step;
        if (p->is.shape[i] > 0 && step <= UINT64_MAX / p->is.shape[i])
            step *= p->is.shape[i];
    }
}

bool zoo_place_spans(uint64_t *span, const zoo_place *p)
{
    *span = p->is.elements > 0;
    for (size_t i = 0; i < p->is.rank && p->is.elements > 0; i++) {
        const uint64_t steps = p->is.shape[i] - 1;
        if (steps > 0 && p->stride[i] > (UINT64_MAX / 2 - *span) / steps)
            return false;
        *span += steps * p->stride[i];
    }
    return true;
}

static bool count_elements(zoo_weight *t)
{
    bool empty = false;
    t->elements = 1;
    for (size_t i = 0; i < t->rank; i++)
        empty = empty || t->shape[i] == 0;
    for (size_t i = 0; i < t->rank && !empty; i++) {
        if (t->shape[i] > UINT64_MAX / 16 / t->elements)
            return false;
        t->elements *= t->shape[i];
    }
    t->elements = empty ? 0 : t->elements;
    return true;
}

static gop_status more_room(zoo_weights *w, const char *path, gop_error *err)
{
    if (w->count < w->room)
        return GOP_OK;
    if (w->count >= ZOO_WEIGHTS_MAX)
        return gop_fail(err, GOP_EFORMAT, "%s has more than %d tensors", path, ZOO_WEIGHTS_MAX);
    const size_t room = w->room == 0 ? 64 : 2 * w->room;
    zoo_place *grown = realloc(w->place, room * sizeof *grown);
    if (grown == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    w->place = grown;
    w->room = room;
    return GOP_OK;
}

gop_status zoo_weights_add(zoo_weights *w, zoo_place *p, const char *name, uint64_t stored,
                           const char *path, gop_error *err)
{
    uint64_t span;
    const size_t length = strlen(name);
    if (length == 0 || length >= ZOO_WEIGHT_NAME || !gop_is_text(name, length))
        return gop_fail(err, GOP_EFORMAT, "%s: a tensor's name must have 1 to %d printable bytes",
                        path, ZOO_WEIGHT_NAME - 1);
    if (!count_elements(&p->is) || !zoo_place_spans(&span, p))
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s has more elements than can be counted",
                        path, name);
    if (span > stored)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: tensor %s reaches over %llu elements, and %llu are stored", path, name,
                        (unsigned long long)span, (unsigned long long)stored);
    gop_try(more_room(w, path, err));
    p->name = strdup(name);
    if (p->name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    p->is.name = p->name;
    w->place[w->count++] = *p;
    return GOP_OK;
}
