/*
 * learn.c: options of a model that follow from the training data (zoo_model_type.learn).  Reads the
 * data set; writes the model's configuration.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <stdlib.h>
#include <string.h>

enum { TOGETHER = 16 }; /* windows of a call */

typedef struct learner {
    zoo_model *model;
    union {
        unsigned char bytes[ZOO_CONFIG_MAX];
        double align;
    } asked; /* the configuration as it was set */
    const zoo_dataset *data;
    const zoo_windows *windows;
    zoo_viewer *viewer;
    size_t frames, rows; /* of a window; windows of a read: the view's bodies */
    double *time;        /* [frames] */
    gop_real *x;         /* [TOGETHER + rows, M, frames, D] */
    size_t n;            /* windows in x */
} learner;

static gop_status pass_on(learner *l, gop_error *err)
{
    zoo_model *m = l->model;
    const size_t n = l->n;
    l->n = 0;
    return n == 0 ? GOP_OK
                  : m->type->learn(m->config.bytes, l->asked.bytes, &m->domain, l->x, n, err);
}

/* Every window of a sequence, from one of its bodies on. */
static gop_status take(learner *l, size_t sequence, size_t body, gop_error *err)
{
    const zoo_layout *layout = &l->model->domain.layout;
    const size_t size = (size_t)layout->nodes * layout->channels * l->frames;
    const size_t n = zoo_sequence_length(l->data, sequence);
    for (size_t start = 0; start + l->frames <= n; start++) {
        gop_try(gop_stopped(l->windows->stop, "zoo_trainer_new", err));
        for (size_t t = 0; t < l->frames; t++)
            l->time[t] = (double)(start + t);
        gop_try(zoo_viewer_read(l->viewer, sequence, body, 0, l->time, NULL, err));
        zoo_viewer_show(l->viewer, l->x + l->n * size, NULL, NULL);
        l->n += l->rows;
        if (l->n >= TOGETHER)
            gop_try(pass_on(l, err));
    }
    return GOP_OK;
}

/* Like the mean and the deviation of values, what is learnt does not depend on what is held out:
 * runs of all seeds have the same options. */
static gop_status take_all(learner *l, gop_error *err)
{
    for (size_t i = 0; i < l->data->sequences; i++) {
        const zoo_sequence *s = &l->data->sequence[i];
        const size_t bodies = l->rows > 1 ? 1 : s->bodies;
        for (size_t b = 0; b < bodies && s->split == ZOO_TRAIN; b++)
            gop_try(take(l, i, b, err));
    }
    return pass_on(l, err);
}

gop_status zoo_trainer_learn(zoo_model *model, const zoo_dataset *data, const zoo_windows *w,
                             gop_error *err)
{
    const zoo_layout *layout = &model->domain.layout;
    learner l = {.model = model,
                 .data = data,
                 .windows = w,
                 .frames = w->observed + w->predicted,
                 .rows = w->view.bodies > 1 ? w->view.bodies : 1};
    /* The sampler reports a set without windows. */
    if (model->type->learn == NULL || zoo_dataset_count(NULL, data, ZOO_TRAIN, l.frames) == 0)
        return GOP_OK;
    memcpy(l.asked.bytes, model->config.bytes, sizeof l.asked.bytes);
    l.time = calloc(l.frames + 1, sizeof *l.time);
    l.x = calloc((TOGETHER + l.rows) * layout->nodes * layout->channels * l.frames + 1,
                 sizeof *l.x);
    gop_status s = l.time != NULL && l.x != NULL
                       ? zoo_viewer_new(&l.viewer, data, &model->domain, &w->view, l.frames, err)
                       : gop_fail(err, GOP_ENOMEM, "out of memory for the training windows");
    if (s == GOP_OK)
        s = take_all(&l, err);
    if (s == GOP_OK && model->type->check != NULL) /* what was learnt may not suit what was set */
        s = model->type->check(model->config.bytes, &model->domain, err);
    zoo_viewer_free(l.viewer);
    free(l.time);
    free(l.x);
    return s;
}
