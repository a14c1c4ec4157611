/*
 * window.c: see window.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FRAMES 100000

/* ------------------------------------------------------------------------ open */

/* The domain's transformations without those that a stream replaces: its bodies are followed, its
 * frames resampled, its windows are full. */
static gop_status plan_steps(zoo_window *w, gop_error *err)
{
    static const char *const replaced[] = {"bodies", "rate", "fill", "standardise", "missing drop"};
    const zoo_domain *d = &w->model->domain;
    zoo_steps steps = {.n = 0};
    for (size_t i = 0; i < d->steps.n; i++) {
        bool kept = true;
        if (strcmp(d->steps.step[i], "image clip") == 0)
            return gop_fail(err, GOP_EINVAL,
                            "the model's data were scaled by the size of each clip's image, which "
                            "a stream does not know; prepare them with the size itself");
        for (size_t k = 0; k < sizeof replaced / sizeof *replaced; k++)
            kept = kept && strncmp(d->steps.step[i], replaced[k], strlen(replaced[k])) != 0;
        if (kept)
            memcpy(steps.step[steps.n++], d->steps.step[i], ZOO_STEP_SIZE);
    }
    if (steps.n == 0)
        return GOP_OK;
    return zoo_plan_new(&w->plan, &steps, w->layout, d->rate, &d->layout, err);
}

/* The most columns of a frame between the transformations. */
static size_t most_columns(const zoo_window *w)
{
    size_t most = w->layout->columns > w->domain.layout.columns ? w->layout->columns
                                                                : w->domain.layout.columns;
    for (size_t i = 0; w->plan != NULL && i <= w->plan->n; i++)
        most = w->plan->setting[i].layout.columns > most ? w->plan->setting[i].layout.columns
                                                         : most;
    return most;
}

static gop_status find_sizes(zoo_window *w, const zoo_stream_options *o, gop_error *err)
{
    const zoo_domain *d = &w->model->domain;
    const double rate = d->rate / d->factor;
    w->bodies = w->model->view.bodies;
    w->observed = zoo_model_observed(w->model);
    w->predicted = zoo_model_predicted(w->model);
    w->classes = zoo_model_recognises(w->model) ? d->actions : 0;
    w->views = zoo_view_by_clip(&w->model->view) && w->model->view.test_clips > 1
                   ? w->model->view.test_clips
                   : 1;
    w->frames = w->observed;
    if (o->window > 0 && !zoo_view_by_clip(&w->model->view))
        return gop_fail(err, GOP_EINVAL,
                        "a window can be set only for models that see whole clips; this one sees "
                        "windows of %zu frames",
                        w->observed);
    if (o->window > 0)
        w->frames = (size_t)fmax(round(o->window * rate), 1);
    if (w->frames > MOST_FRAMES || w->frames < zoo_view_least(&w->model->view, w->observed))
        return gop_fail(err, GOP_EINVAL, "a window of %zu frames; %zu to %d are allowed", w->frames,
                        zoo_view_least(&w->model->view, w->observed), MOST_FRAMES);
    if (o->horizon > 0 && w->predicted == 0)
        return gop_fail(err, GOP_EINVAL, "a horizon needs a model that predicts poses");
    if (o->horizon > 0)
        w->predicted = (size_t)fmax(round(o->horizon * rate), 1);
    return GOP_OK;
}

static gop_status open_model(zoo_window *w, gop_ctx *ctx, const zoo_stream_options *o,
                             gop_error *err)
{
    gop_try(zoo_inference_new(&w->inference, ctx, w->model, 1, err));
    if (!(o->horizon > 0))
        return GOP_OK;
    const zoo_predictor once = zoo_inference_predictor(w->inference);
    return zoo_feedback_new(&w->longer, &once, &w->model->domain, w->predicted, err);
}

/* Reads view v of the window. */
static gop_status read_view(zoo_window *w, size_t v, gop_error *err)
{
    const size_t n = w->set->sequence[0].frames;
    if (zoo_view_by_clip(&w->model->view))
        zoo_view_place(w->time, w->observed, &w->model->view, n, v, w->views);
    else
        for (size_t t = 0; t < w->observed; t++)
            w->time[t] = (double)(n - w->observed + t);
    return zoo_viewer_read(w->viewer, 0, 0, 0, w->time, NULL, err);
}

/* A set of one sequence whose frames are written for each window. */
static gop_status open_set(zoo_window *w, gop_error *err)
{
    const size_t columns = w->domain.layout.columns, n = w->bodies * w->frames * columns;
    gop_try(zoo_dataset_new(&w->set, &w->domain, err));
    float *frames = malloc(n * sizeof *frames);
    if (frames == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a window");
    for (size_t i = 0; i < n; i++)
        frames[i] = NAN;
    const zoo_sequence like = {
        .name = "window", .split = ZOO_TEST, .frames = w->frames, .bodies = (uint32_t)w->bodies};
    gop_try(zoo_dataset_add(w->set, &like, frames, err));
    gop_try(zoo_viewer_new(&w->viewer, w->set, &w->domain, &w->model->view, w->observed, err));
    /* The viewer makes room for what it reads now: later calls read no more. */
    for (size_t v = 0; v < w->views; v++)
        gop_try(read_view(w, v, err));
    return GOP_OK;
}

static gop_status make_room(zoo_window *w, gop_error *err)
{
    const zoo_layout *l = &w->domain.layout;
    const size_t pose = w->bodies * l->nodes * l->channels, rows = w->bodies * w->frames + 1;
    const size_t columns = most_columns(w);
    if (rows <= SIZE_MAX / sizeof(float) / columns) {
        w->values = calloc(rows * columns, sizeof *w->values);
        w->spare = calloc(rows * columns, sizeof *w->spare);
    }
    w->time = calloc(w->observed, sizeof *w->time);
    w->x = calloc(w->observed * pose, sizeof *w->x);
    w->weight = calloc(w->bodies, sizeof *w->weight);
    w->one = calloc(w->classes + 1, sizeof *w->one);
    w->scores = calloc(w->classes + 1, sizeof *w->scores);
    w->normal = calloc(w->predicted * pose + 1, sizeof *w->normal);
    w->poses = calloc(w->bodies * w->predicted * l->columns + 1, sizeof *w->poses);
    return w->values != NULL && w->spare != NULL && w->time != NULL && w->x != NULL &&
                   w->weight != NULL && w->one != NULL && w->scores != NULL && w->normal != NULL &&
                   w->poses != NULL
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory for windows of %zu frames", w->frames);
}

gop_status zoo_window_open(zoo_window *w, gop_ctx *ctx, const zoo_model *model,
                           const zoo_stream_options *o, gop_error *err)
{
    *w = (zoo_window){.model = model};
    w->layout = o->prepared ? &model->domain.layout : zoo_domain_recorded(&model->domain);
    gop_try(zoo_domain_copy(&w->domain, &model->domain, err));
    w->domain.factor = 1;
    gop_try(find_sizes(w, o, err));
    if (!o->prepared)
        gop_try(plan_steps(w, err));
    gop_try(make_room(w, err));
    gop_try(open_model(w, ctx, o, err));
    return open_set(w, err);
}

void zoo_window_close(zoo_window *w)
{
    zoo_viewer_free(w->viewer);
    zoo_dataset_free(w->set);
    zoo_feedback_free(w->longer);
    zoo_inference_free(w->inference);
    zoo_plan_free(w->plan);
    zoo_domain_clear(&w->domain);
    free(w->values);
    free(w->spare);
    free(w->time);
    free(w->x);
    free(w->weight);
    free(w->one);
    free(w->scores);
    free(w->normal);
    free(w->poses);
    *w = (zoo_window){.model = NULL};
}

/* ------------------------------------------------------------------------- run */

/* Copies the frames up to k. */
static void copy_frames(zoo_window *w, const zoo_ring *const *ring, uint64_t k)
{
    const size_t row = w->layout->columns;
    float *to = w->values;
    for (size_t b = 0; b < w->bodies; b++)
        for (size_t t = 0; t < w->frames; t++, to += row) {
            const uint64_t before = w->frames - 1 - t;
            const float *from = ring[b] != NULL && before <= k ? zoo_ring_frame(ring[b], k - before)
                                                               : NULL;
            for (size_t c = 0; c < row; c++)
                to[c] = from != NULL ? from[c] : NAN;
        }
}

/* Transforms the window into the set's sequence; false if that is not possible. */
static bool transform(zoo_window *w)
{
    zoo_sequence *q = &w->set->sequence[0];
    zoo_recording clip = {.bodies = w->bodies,
                          .frames = w->frames,
                          .columns = w->layout->columns,
                          .values = w->values,
                          .spare = w->spare};
    const gop_status s = w->plan != NULL ? zoo_plan_apply(w->plan, &clip, NULL) : GOP_OK;
    w->values = clip.values;
    w->spare = clip.spare;
    if (s != GOP_OK || clip.frames < zoo_view_least(&w->model->view, w->observed))
        return false;
    q->frames = clip.frames;
    memcpy(q->data, clip.values, w->bodies * clip.frames * clip.columns * sizeof *q->data);
    return true;
}

/* Runs the model on view v. */
static gop_status run_view(zoo_window *w, size_t v, gop_error *err)
{
    gop_try(read_view(w, v, err));
    zoo_viewer_show(w->viewer, w->x, NULL, w->weight);
    const zoo_predictor by = w->longer != NULL ? zoo_feedback_predictor(w->longer)
                                               : zoo_inference_predictor(w->inference);
    return by.run(by.user, w->x, w->weight, w->classes > 0 ? w->one : NULL,
                  w->predicted > 0 ? w->normal : NULL, err);
}

/* Converts the poses to the units of the data; columns that the model does not predict keep their
 * last values. */
static void take_poses(zoo_window *w)
{
    const zoo_layout *l = &w->domain.layout;
    const zoo_sequence *q = &w->set->sequence[0];
    for (size_t b = 0; b < w->bodies; b++) {
        float *to = w->poses + b * w->predicted * l->columns;
        const float *last = q->data + ((b + 1) * q->frames - 1) * l->columns;
        for (size_t t = 0; t < w->predicted; t++)
            memcpy(to + t * l->columns, last, l->columns * sizeof *to);
        zoo_denormalise(&w->domain, w->normal + b * l->nodes * w->predicted * l->channels,
                        w->predicted, to);
    }
}

gop_status zoo_window_run(zoo_window *w, const zoo_ring *const *ring, uint64_t k, bool *blind,
                          gop_error *err)
{
    copy_frames(w, ring, k);
    *blind = !transform(w);
    if (*blind)
        return GOP_OK;
    for (size_t c = 0; c < w->classes; c++)
        w->scores[c] = 0;
    for (size_t v = 0; v < w->views; v++) {
        gop_try(run_view(w, v, err));
        for (size_t c = 0; c < w->classes; c++)
            w->scores[c] += w->one[c];
    }
    for (size_t c = 0; c < w->classes && w->views > 1; c++)
        w->scores[c] /= (gop_real)w->views;
    take_poses(w);
    return GOP_OK;
}
