/*
 * sampler.c: random training windows, ready to be copied into a net's inputs.
 *
 * Training sequences are normalised and laid out [M, n, D] once, so that a
 * window is M copies of T*D numbers.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/dataset.h"

typedef struct source {
    gop_real *x; /* [M, n, D] */
    size_t n;
    uint32_t action;
} source;

struct zoo_sampler {
    size_t nodes, channels, observed, predicted;
    size_t sources;
    source *source;
    gop_rng rng;
};

static gop_status take(zoo_sampler *s, const zoo_dataset *data, size_t i, gop_error *err)
{
    size_t n = zoo_sequence_length(data, i), columns = s->nodes * s->channels;
    gop_real *x = malloc(n * columns * sizeof *x);
    if (x == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for training sequence %s",
                        data->sequence[i].name);
    zoo_normalise(&data->domain, data->sequence[i].data, n, x, n * s->channels);
    source *to = &s->source[s->sources++];
    to->x = x;
    to->n = n;
    to->action = data->sequence[i].action;
    return GOP_OK;
}

gop_status zoo_sampler_new(zoo_sampler **out, const zoo_dataset *data, size_t observed,
                           size_t predicted, uint64_t seed, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_new: no place for the sampler");
    *out = NULL;
    if (data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sampler_new: no data set");
    if (observed == 0 || observed > SIZE_MAX / 2 || predicted > SIZE_MAX / 2)
        return gop_fail(err, GOP_EINVAL, "windows of %zu observed and %zu predicted frames",
                        observed, predicted);
    zoo_sampler *s = calloc(1, sizeof *s);
    if (s != NULL)
        s->source = calloc(data->sequences + 1, sizeof *s->source);
    if (s == NULL || s->source == NULL) {
        zoo_sampler_free(s);
        return gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    }
    s->nodes = data->domain.layout.nodes;
    s->channels = data->domain.layout.channels;
    s->observed = observed;
    s->predicted = predicted;
    s->rng = gop_rng_new(seed, gop_hash("sampler"));
    gop_status status = GOP_OK;
    for (size_t i = 0; i < data->sequences && status == GOP_OK; i++)
        if (data->sequence[i].split == ZOO_TRAIN
            && zoo_sequence_length(data, i) >= observed + predicted)
            status = take(s, data, i, err);
    if (status == GOP_OK && s->sources == 0)
        status = gop_fail(err, GOP_EFORMAT, "data set %s has no training sequence of %zu frames"
                          " (%zu observed and %zu predicted)", data->domain.name,
                          observed + predicted, observed, predicted);
    if (status != GOP_OK)
        zoo_sampler_free(s);
    else
        *out = s;
    return status;
}

void zoo_sampler_free(zoo_sampler *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->sources; i++)
        free(s->source[i].x);
    free(s->source);
    free(s);
}

/* Frames [start, start + count) of all nodes into to [M, count, D]. */
static void copy_frames(gop_real *to, const zoo_sampler *s, const source *from, size_t start,
                        size_t count)
{
    size_t row = count * s->channels;
    for (size_t i = 0; i < s->nodes; i++)
        memcpy(to + i * row, from->x + (i * from->n + start) * s->channels, row * sizeof *to);
}

void zoo_sampler_next(zoo_sampler *s, size_t n, gop_real *x, gop_real *target, gop_real *labels)
{
    if (s == NULL)
        return;
    size_t pose = s->nodes * s->channels;
    for (size_t k = 0; k < n; k++) {
        const source *from = &s->source[gop_rng_below(&s->rng, s->sources)];
        size_t bound = from->n - s->observed - s->predicted;
        size_t start = (size_t)gop_rng_below(&s->rng, bound > 0 ? bound : 1);
        if (x != NULL)
            copy_frames(x + k * pose * s->observed, s, from, start, s->observed);
        if (target != NULL && s->predicted > 0)
            copy_frames(target + k * pose * s->predicted, s, from, start + s->observed,
                        s->predicted);
        if (labels != NULL)
            labels[k] = (gop_real)from->action;
    }
}

gop_rng zoo_sampler_state(const zoo_sampler *s)
{
    return s == NULL ? gop_rng_new(0, 0) : s->rng;
}

void zoo_sampler_restore(zoo_sampler *s, gop_rng state)
{
    if (s != NULL)
        s->rng = state;
}
