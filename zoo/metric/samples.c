/*
 * samples.c: see samples.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/metric/samples.h"

#include <math.h>
#include <stdlib.h>

/* Values of one kind over the runs (Welford 1962): the mean, and the sum of squared distances from
 * it. */
typedef struct moments {
    size_t size;
    gop_real *y; /* of one run */
    double *mean, *squares;
} moments;

static gop_status open_moments(moments *m, size_t size, gop_error *err)
{
    m->size = size;
    m->y = calloc(size > 0 ? size : 1, sizeof *m->y);
    m->mean = calloc(size > 0 ? size : 1, sizeof *m->mean);
    m->squares = calloc(size > 0 ? size : 1, sizeof *m->squares);
    return m->y == NULL || m->mean == NULL || m->squares == NULL
               ? gop_fail(err, GOP_ENOMEM, "out of memory for the mean of predictions")
               : GOP_OK;
}

static void clear(moments *m)
{
    free(m->y);
    free(m->mean);
    free(m->squares);
}

/* Adds the n-th run, counted from 1. */
static void add(moments *m, size_t n)
{
    for (size_t i = 0; i < m->size; i++) {
        const double y = (double)m->y[i], before = y - m->mean[i];
        m->mean[i] += before / (double)n;
        m->squares[i] += before * (y - m->mean[i]);
    }
}

static void put(const moments *m, size_t n, gop_real *mean, gop_real *deviation)
{
    for (size_t i = 0; i < m->size; i++) {
        if (mean != NULL)
            mean[i] = (gop_real)m->mean[i];
        if (deviation != NULL)
            deviation[i] = (gop_real)sqrt(m->squares[i] / (double)n);
    }
}

/* Elements of the poses, and of the scores, of a run. */
static size_t n_poses(const zoo_predictor *p)
{
    const zoo_layout *l = &p->domain->layout;
    return p->batch * (p->view.bodies > 0 ? p->view.bodies : 1) * l->nodes * p->predicted *
           l->channels;
}

static size_t n_scores(const zoo_predictor *p)
{
    return p->recognises ? p->batch * p->domain->actions : 0;
}

static gop_status check(const zoo_predictor *by, size_t n_by, size_t n, gop_error *err)
{
    if (n == 0 || n > ZOO_MAX_SAMPLES)
        return gop_fail(err, GOP_EINVAL, "zoo_sample: runs must be 1 to %d, not %zu",
                        ZOO_MAX_SAMPLES, n);
    for (size_t i = 0; i < n_by; i++) {
        if (by[i].run == NULL || by[i].domain == NULL || by[i].predicted == 0)
            return gop_fail(err, GOP_EINVAL,
                            "zoo_sample: predictor %zu has no domain or predicts no poses", i + 1);
        if (n_poses(&by[i]) != n_poses(&by[0]) || n_scores(&by[i]) != n_scores(&by[0]))
            return gop_fail(err, GOP_EINVAL,
                            "zoo_sample: predictor %zu has other sizes than the first", i + 1);
    }
    return GOP_OK;
}

gop_status zoo_sample(const zoo_predictor *by, size_t n_by, size_t n, const gop_real *x,
                      const gop_real *bodies, gop_real *scores, gop_real *poses,
                      gop_real *deviation, gop_error *err)
{
    moments score = {.size = 0}, pose = {.size = 0};
    if (by == NULL || n_by == 0 || x == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_sample: predictors and poses are needed");
    gop_try(check(by, n_by, n, err));
    gop_status s = open_moments(&score, n_scores(by), err);
    if (s == GOP_OK)
        s = open_moments(&pose, n_poses(by), err);
    for (size_t i = 0; i < n && s == GOP_OK; i++) {
        const zoo_predictor *p = &by[i % n_by];
        s = p->run(p->user, x, bodies, score.size > 0 ? score.y : NULL, pose.y, err);
        add(&score, i + 1);
        add(&pose, i + 1);
    }
    if (s == GOP_OK) {
        put(&score, n, scores, NULL);
        put(&pose, n, poses, deviation);
    }
    clear(&score);
    clear(&pose);
    return s;
}
