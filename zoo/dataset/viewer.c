/*
 * viewer.c: reads views of sequences: the frames at given times, of several bodies.  Touches memory,
 * and the set's file through zoo_dataset_read.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/build.h"
#include "zoo/dataset/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A range of frames with more than this many for each frame wanted is read frame by frame. */
enum { SPARSE = 4 };

struct zoo_viewer {
    const zoo_dataset *data;
    const zoo_domain *domain;
    zoo_view view;
    size_t frames;
    size_t from; /* the raw frame that times are counted from */
    float *raw;  /* [bodies, frames, columns], the present view */
    float *read; /* [room, columns], as in the set */
    size_t room;
};

gop_status zoo_viewer_new(zoo_viewer **out, const zoo_dataset *data, const zoo_domain *domain,
                          const zoo_view *view, size_t frames, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_viewer_new: the result pointer is NULL");
    *out = NULL;
    if (data == NULL || domain == NULL || view == NULL || frames == 0 || view->bodies == 0 ||
        view->bodies > ZOO_MAX_BODIES)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_viewer_new: data, a domain, and a view of 1 to %d bodies and at least "
                        "one frame are needed",
                        ZOO_MAX_BODIES);
    const size_t columns = domain->layout.columns;
    zoo_viewer *v = calloc(1, sizeof *v);
    if (v != NULL && frames <= SIZE_MAX / sizeof(float) / view->bodies / columns)
        v->raw = malloc(view->bodies * frames * columns * sizeof *v->raw);
    if (v == NULL || v->raw == NULL) {
        free(v);
        return gop_fail(err, GOP_ENOMEM, "out of memory for a view of %zu frames", frames);
    }
    v->data = data;
    v->domain = domain;
    v->view = *view;
    v->frames = frames;
    *out = v;
    return GOP_OK;
}

void zoo_viewer_free(zoo_viewer *v)
{
    if (v == NULL)
        return;
    free(v->raw);
    free(v->read);
    free(v);
}

static gop_status make_room(zoo_viewer *v, size_t frames, gop_error *err)
{
    const size_t columns = v->domain->layout.columns;
    if (frames <= v->room)
        return GOP_OK;
    float *grown = frames <= SIZE_MAX / sizeof(float) / columns
                       ? realloc(v->read, frames * columns * sizeof *grown)
                       : NULL;
    if (grown == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu frames", frames);
    v->read = grown;
    v->room = frames;
    return GOP_OK;
}

/* Makes n values missing. */
static void lack(float *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = NAN;
}

/* to = (1 - share) a + share b, and a itself without a share. */
static void between(float *to, const float *a, const float *b, double share, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        to[c] = share > 0 ? (float)((1 - share) * (double)a[c] + share * (double)b[c]) : a[c];
}

/* Reads each frame by itself. */
static gop_status read_sparse(zoo_viewer *v, float *to, size_t sequence, size_t body,
                              const double *time, gop_error *err)
{
    const size_t columns = v->domain->layout.columns, factor = v->domain->factor;
    gop_try(make_room(v, 2, err));
    for (size_t i = 0; i < v->frames; i++) {
        if (time[i] < 0) {
            lack(to + i * columns, columns);
            continue;
        }
        const size_t first = (size_t)floor(time[i]);
        const double share = time[i] - (double)first;
        for (size_t k = 0; k < 1 + (size_t)(share > 0); k++)
            gop_try(zoo_dataset_read(v->read + k * columns, v->data, sequence, body,
                                     v->from + (first + k) * factor, 1, err));
        between(to + i * columns, v->read, v->read + columns, share, columns);
    }
    return GOP_OK;
}

/* Reads the range of frames from `first` to `last` at once. */
static gop_status read_range(zoo_viewer *v, float *to, size_t sequence, size_t body,
                             const double *time, size_t first, size_t last, gop_error *err)
{
    const size_t columns = v->domain->layout.columns, factor = v->domain->factor;
    const size_t n = (last - first) * factor + 1;
    gop_try(make_room(v, n, err));
    gop_try(zoo_dataset_read(v->read, v->data, sequence, body, v->from + first * factor, n, err));
    for (size_t i = 0; i < v->frames; i++) {
        float *frame = to + i * columns;
        if (time[i] < 0) {
            lack(frame, columns);
            continue;
        }
        const size_t at = (size_t)floor(time[i]);
        const double share = time[i] - (double)at;
        const float *a = v->read + (at - first) * factor * columns;
        between(frame, a, a + (share > 0 ? factor * columns : 0), share, columns);
    }
    return GOP_OK;
}

static gop_status read_body(zoo_viewer *v, float *to, size_t sequence, size_t body,
                            const double *time, gop_error *err)
{
    size_t first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < v->frames; i++) {
        if (time[i] < 0)
            continue;
        const size_t low = (size_t)floor(time[i]), high = (size_t)ceil(time[i]);
        first = low < first ? low : first;
        last = high > last ? high : last;
    }
    if (first == SIZE_MAX) {
        lack(to, v->frames * v->domain->layout.columns);
        return GOP_OK;
    }
    if (last - first >= SPARSE * v->frames)
        return read_sparse(v, to, sequence, body, time, err);
    return read_range(v, to, sequence, body, time, first, last, err);
}

gop_status zoo_viewer_read(zoo_viewer *v, size_t sequence, size_t body, size_t from,
                           const double *time, float **raw, gop_error *err)
{
    if (raw != NULL)
        *raw = NULL;
    if (v == NULL || time == NULL || sequence >= v->data->sequences)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_viewer_read: a viewer, times and a sequence of the set are needed");
    v->from = from;
    const size_t size = v->frames * v->domain->layout.columns;
    const size_t bodies = v->data->sequence[sequence].bodies;
    for (size_t b = 0; b < v->view.bodies; b++)
        if (body + b < bodies)
            gop_try(read_body(v, v->raw + b * size, sequence, body + b, time, err));
        else
            lack(v->raw + b * size, size);
    if (raw != NULL)
        *raw = v->raw;
    return GOP_OK;
}

/* mask [M, frames, D] of one body. */
static void fill_mask(gop_real *mask, const zoo_layout *l, const float *raw, size_t frames)
{
    for (size_t i = 0; i < l->nodes; i++)
        for (size_t t = 0; t < frames; t++)
            for (size_t k = 0; k < l->channels; k++)
                *mask++ = isnan(raw[t * l->columns + l->column[i * l->channels + k]]) ? 0 : 1;
}

static bool is_there(const float *raw, size_t n)
{
    size_t i = 0;
    while (i < n && isnan(raw[i]))
        i++;
    return i < n;
}

/* Equal weights, or those of the bodies that are there unless none is. */
static void weigh(const zoo_viewer *v, gop_real *weight)
{
    const size_t size = v->frames * v->domain->layout.columns, n = v->view.bodies;
    size_t there = 0;
    for (size_t b = 0; b < n; b++) {
        const bool counts = v->view.average == ZOO_ALL_BODIES || is_there(v->raw + b * size, size);
        weight[b] = counts;
        there += counts;
    }
    for (size_t b = 0; b < n; b++)
        weight[b] = (gop_real)(there == 0 ? 1 / (double)n : (double)weight[b] / (double)there);
}

void zoo_viewer_show(const zoo_viewer *v, gop_real *x, gop_real *mask, gop_real *weight)
{
    if (v == NULL)
        return;
    const zoo_layout *l = &v->domain->layout;
    const size_t size = v->frames * l->columns;
    const size_t pose = (size_t)l->nodes * v->frames * l->channels;
    for (size_t b = 0; b < v->view.bodies; b++) {
        if (x != NULL)
            zoo_normalise_each(v->domain, v->raw + b * size, v->frames, 1, x + b * pose,
                               v->frames * l->channels);
        if (mask != NULL)
            fill_mask(mask + b * pose, l, v->raw + b * size, v->frames);
    }
    if (weight != NULL)
        weigh(v, weight);
}
