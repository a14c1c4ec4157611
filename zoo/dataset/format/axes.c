/*
 * axes.c: takes clips from arrays whose axes may have any order.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/axes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_VALUES ((uint64_t)1 << 26) /* of a clip in the array */

static size_t *axis_of(zoo_axes *x, char letter)
{
    switch (letter) {
    case 'N':
        return &x->clip;
    case 'C':
        return &x->channel;
    case 'T':
        return &x->frame;
    case 'V':
        return &x->node;
    case 'M':
        return &x->body;
    default:
        return NULL;
    }
}

static gop_status set_letters(zoo_axes *x, const zoo_array *a, const char *letters, gop_error *err)
{
    static const char *const usual[] = {[2] = "TV", [3] = "NTV", [5] = "NCTVM"};
    const char *text = letters;
    *x = (zoo_axes){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0, 0, 0};
    if (text == NULL)
        text = a->rank < sizeof usual / sizeof usual[0] ? usual[a->rank] : NULL;
    if (text == NULL)
        return gop_fail(err, GOP_EINVAL, "%s has %zu axes, whose order must be given, as in NCTV",
                        a->blob->name, a->rank);
    for (size_t i = 0; text[i] != '\0'; i++) {
        size_t *axis = axis_of(x, text[i]);
        if (axis == NULL || *axis != SIZE_MAX)
            return gop_fail(err, GOP_EINVAL,
                            "axes %s: each must be one of the letters N, C, T, V and M, once",
                            letters);
        *axis = i;
    }
    if (x->frame == SIZE_MAX || x->node == SIZE_MAX)
        return gop_fail(err, GOP_EINVAL, "axes %s: T and V must be among them", letters);
    if (strlen(text) != a->rank)
        return gop_fail(err, GOP_EFORMAT, "%s has %zu axes, not %zu as %s", a->blob->name, a->rank,
                        strlen(text), text);
    return GOP_OK;
}

static uint64_t length(const zoo_array *a, size_t axis)
{
    return axis == SIZE_MAX ? 1 : a->shape[axis];
}

gop_status zoo_axes_set(zoo_axes *x, zoo_array *a, const char *letters, const zoo_layout *layout,
                        gop_error *err)
{
    gop_try(set_letters(x, a, letters, err));
    const bool columns = x->channel == SIZE_MAX;
    const uint64_t one = columns ? layout->columns : layout->nodes;
    const uint64_t nodes = length(a, x->node), split = nodes / one;
    if (!columns && length(a, x->channel) != layout->channels)
        return gop_fail(err, GOP_EFORMAT, "%s has %llu channels; layout %s has %u", a->blob->name,
                        (unsigned long long)length(a, x->channel), layout->name,
                        (unsigned)layout->channels);
    if (nodes == 0 || nodes % one != 0 || (x->body != SIZE_MAX && split != 1))
        return gop_fail(err, GOP_EFORMAT, "%s has %llu %s; layout %s has %llu%s", a->blob->name,
                        (unsigned long long)nodes, columns ? "columns" : "nodes", layout->name,
                        (unsigned long long)one, x->body != SIZE_MAX ? "" : " a body");
    const uint64_t bodies = split * length(a, x->body);
    if (bodies < 1 || bodies > ZOO_MAX_BODIES)
        return gop_fail(err, GOP_EFORMAT, "%s has %llu bodies; 1 to %d are allowed", a->blob->name,
                        (unsigned long long)bodies, ZOO_MAX_BODIES);
    x->bodies = (size_t)bodies;
    x->clips = length(a, x->clip);
    x->frames = length(a, x->frame);
    if (x->frames > MOST_VALUES / nodes / length(a, x->channel) / length(a, x->body))
        return gop_fail(err, GOP_EFORMAT, "%s: clips of %llu frames are too large", a->blob->name,
                        (unsigned long long)x->frames);
    if (x->clip != SIZE_MAX)
        zoo_array_along(a, x->clip);
    return GOP_OK;
}

/* Values from one place of an axis to the next in a clip of the array. */
static size_t stride(const zoo_axes *x, const zoo_array *a, size_t axis)
{
    size_t step = 1;
    if (axis == SIZE_MAX)
        return 0;
    for (size_t i = axis + 1; i < a->rank; i++)
        step *= i == x->clip ? 1 : (size_t)a->shape[i];
    return step;
}

static void place(zoo_clip *c, const zoo_axes *x, const zoo_array *a, const zoo_layout *layout,
                  const float *v)
{
    const bool columns = x->channel == SIZE_MAX;
    const size_t body = stride(x, a, x->body), frame = stride(x, a, x->frame),
                 node = stride(x, a, x->node), channel = stride(x, a, x->channel);
    const size_t nodes = columns ? layout->columns : layout->nodes,
                 channels = columns ? 1 : layout->channels;
    for (size_t b = 0; b < c->bodies; b++) {
        const float *from = v + (x->body != SIZE_MAX ? b * body : b * nodes * node);
        for (size_t t = 0; t < c->frames; t++) {
            float *to = c->values + (b * c->frames + t) * c->columns;
            for (size_t m = 0; m < nodes; m++)
                for (size_t k = 0; k < channels; k++)
                    to[columns ? m : layout->column[m * channels + k]] =
                        from[t * frame + m * node + k * channel];
        }
    }
}

gop_status zoo_axes_read(zoo_clip *c, const zoo_axes *x, zoo_array *a, uint64_t i,
                         const zoo_layout *layout, zoo_entry *entry, gop_error *err)
{
    const bool one = x->clip == SIZE_MAX;
    const size_t n = (size_t)(one ? a->entries * a->entry : a->entry);
    if (entry->room < n) {
        free(entry->values);
        entry->values = malloc(n * sizeof *entry->values);
        entry->room = entry->values == NULL ? 0 : n;
        if (entry->values == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", a->blob->name);
    }
    gop_try(zoo_array_floats(entry->values, a, one ? 0 : i, one ? a->entries : 1, err));
    gop_try(zoo_clip_new(c, x->bodies, (size_t)x->frames, layout->columns, err));
    place(c, x, a, layout, entry->values);
    return GOP_OK;
}
