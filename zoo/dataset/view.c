/*
 * view.c: the settings of a view, and which frames it takes.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/view.h"
#include "zoo/dataset/view_rows.h"

#include <math.h>
#include <string.h>

static const zoo_setting settings[] = {ZOO_VIEW_ROWS(zoo_view, ), {0}};

const zoo_setting *zoo_view_settings(void)
{
    return settings;
}

zoo_view zoo_view_default(void)
{
    zoo_view v;
    memset(&v, 0, sizeof v);
    zoo_settings_default(settings, &v, NULL);
    return v;
}

bool zoo_view_by_clip(const zoo_view *v)
{
    return v != NULL && (v->sample != ZOO_SAMPLE_WINDOW || v->test_clips > 0);
}

size_t zoo_view_least(const zoo_view *v, size_t window)
{
    return v == NULL || v->sample == ZOO_SAMPLE_WINDOW ? window : 1;
}

/* Consecutive frames from `start` on; those of a clip that ends before are missing. */
static void consecutive(double *time, size_t frames, size_t n, size_t start)
{
    for (size_t i = 0; i < frames; i++)
        time[i] = start + i < n ? (double)(start + i) : -1;
}

/* Frames that repeat a clip from `start` on. */
static void loop(double *time, size_t frames, size_t n, size_t start)
{
    for (size_t i = 0; i < frames; i++)
        time[i] = (double)((start + i) % n);
}

/* The frame of segment i at the share u of its length. */
static double segment(size_t i, double u, size_t frames, size_t n)
{
    const double at = floor(((double)i + u) * (double)n / (double)frames);
    return at < (double)n ? at : (double)(n - 1);
}

/* Times that divide a share of the clip evenly; `place` in [0, 1] moves it from the beginning to the
 * end. */
static void resize(double *time, size_t frames, size_t n, double share, double place)
{
    const double length = fmax(share * (double)n, 1) - 1;
    const double start = place * ((double)(n - 1) - length);
    for (size_t i = 0; i < frames; i++) {
        const double at = frames > 1 ? (double)i / (double)(frames - 1) : 0.5;
        time[i] = fmin(fmax(start + at * length, 0), (double)(n - 1));
    }
}

/* UNIFORM and WHOLE: `start` is where a repeated clip begins; u(i) is drawn from rng, or `u`. */
static void take(double *time, size_t frames, const zoo_view *v, size_t n, size_t start, double u,
                 gop_rng *rng)
{
    const bool all = v->sample == ZOO_SAMPLE_WHOLE;
    if (n < frames && v->shorter == ZOO_SHORT_LOOP) {
        loop(time, frames, n, all ? 0 : start);
    } else if ((all && n >= frames) || (n < frames && v->shorter == ZOO_SHORT_MISSING)) {
        consecutive(time, frames, n, 0);
    } else {
        for (size_t i = 0; i < frames; i++)
            time[i] = segment(i, rng != NULL ? gop_rng_uniform(rng) : u, frames, n);
    }
}

void zoo_view_draw(double *time, size_t frames, const zoo_view *v, size_t n, size_t window,
                   gop_rng *rng)
{
    if (time == NULL || v == NULL || rng == NULL || n == 0)
        return;
    if (v->sample == ZOO_SAMPLE_WINDOW) {
        consecutive(time, frames, n, (size_t)gop_rng_below(rng, n > window ? n - window + 1 : 1));
    } else if (v->sample == ZOO_SAMPLE_RESIZE) {
        const double share = v->crop + (1 - v->crop) * gop_rng_uniform(rng);
        resize(time, frames, n, share, gop_rng_uniform(rng));
    } else {
        const bool loops = n < frames && v->shorter == ZOO_SHORT_LOOP;
        take(time, frames, v, n, loops ? (size_t)gop_rng_below(rng, n) : 0, 0, rng);
    }
}

void zoo_view_place(double *time, size_t frames, const zoo_view *v, size_t n, size_t k,
                    size_t views)
{
    if (time == NULL || v == NULL || n == 0 || k >= views)
        return;
    const double place = views > 1 ? (double)k / (double)(views - 1) : 0.5;
    if (v->sample == ZOO_SAMPLE_WINDOW) {
        const double last = n > frames ? (double)(n - frames) : 0;
        consecutive(time, frames, n, (size_t)floor(place * last + 0.5));
    } else if (v->sample == ZOO_SAMPLE_RESIZE) {
        resize(time, frames, n, (1 + v->crop) / 2, place);
    } else {
        take(time, frames, v, n, k * n / views, ((double)k + 0.5) / (double)views, NULL);
    }
}
