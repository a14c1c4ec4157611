/*
 * bodies_pyskl.c: chooses, joins and orders the bodies of a clip as the preparation of pyskl
 * (Duan et al. 2022) does.
 *
 * A body's motion is the sum of the variances of its coordinates over nodes and frames.  One body is
 * taken as it is.  Of several, those are noise that are there in at most 11 frames, and then those
 * that in at least 69.754 % of their frames are wider (x) than 0.8 of their height (y); where fewer
 * frames are so wide, motion is the lesser of that in all frames and that in the others.  If all
 * would be noise, none is.  The bodies that remain, by falling motion, take places: the first takes
 * the first place, each other one the first place whose frames end before it begins or begin after
 * it ends, and none if there is no such place.  The frames of a place reach from the first to the
 * last frame of its bodies, those of all places but the first from the begin of the clip.  If the
 * first frame with any body has only the second, they change places.
 *
 * Bodies keep their frames: pyskl moves those behind a gap.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/bodies_pyskl.h"

#define NOISE_FRAMES 11
#define NOISE_WIDTH  0.8
#define NOISE_SHARE  0.69754

/* A body of the clip. */
typedef struct candidate {
    size_t body, first, end; /* its frames are in [first, end) */
    size_t frames;           /* in which it is there */
    double motion;
} candidate;

static double motion_of(const zoo_recording *clip, const zoo_layout *layout, size_t body,
                        const bool *taken)
{
    double sum = 0;
    for (size_t k = 0; k < zoo_coordinates(layout); k++)
        sum += zoo_body_variance(clip, layout, body, k, taken);
    return sum;
}

/* Sorts by falling motion; equal ones keep their order. */
static void sort(candidate *c, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const candidate one = c[i];
        size_t k = i;
        for (; k > 0 && c[k - 1].motion < one.motion; k--)
            c[k] = c[k - 1];
        c[k] = one;
    }
}

static size_t find_candidates(candidate *c, const zoo_recording *clip, const zoo_layout *layout)
{
    size_t n = 0;
    for (size_t b = 0; b < clip->bodies && n < ZOO_MAX_BODIES; b++) {
        candidate one = {.body = b};
        for (size_t t = 0; t < clip->frames; t++) {
            if (!zoo_is_there(clip, b, t))
                continue;
            one.first = one.frames++ == 0 ? t : one.first;
            one.end = t + 1;
        }
        one.motion = motion_of(clip, layout, b, NULL);
        if (one.frames > 0)
            c[n++] = one;
    }
    sort(c, n);
    return n;
}

/* ----------------------------------------------------------------------- noise */

static size_t without_short(candidate *c, size_t n)
{
    size_t kept = 0, longer = 0;
    for (size_t i = 0; i < n; i++)
        longer += c[i].frames > NOISE_FRAMES;
    for (size_t i = 0; i < n; i++)
        if (longer == 0 || c[i].frames > NOISE_FRAMES)
            c[kept++] = c[i];
    return kept;
}

/* The difference of the greatest and the least coordinate of a frame. */
static double extent(const float *frame, const zoo_layout *layout, size_t axis)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < layout->nodes; i++) {
        const double v = frame[layout->column[i * layout->channels + axis]];
        least = v < least ? v : least; /* false for NaN */
        most = v > most ? v : most;
    }
    return most < least ? 0 : most - least;
}

/* Whether the body is noise; else its motion may become less. */
static bool is_wide(candidate *c, const zoo_recording *clip, const zoo_layout *layout, bool *taken)
{
    size_t narrow = 0;
    for (size_t t = 0; t < clip->frames; t++) {
        const float *frame = zoo_frame_of(clip, c->body, t);
        taken[t] = zoo_is_there(clip, c->body, t) &&
                   extent(frame, layout, 0) <= NOISE_WIDTH * extent(frame, layout, 1);
        narrow += taken[t];
    }
    if (narrow == c->frames)
        return false;
    if (1 - (double)narrow / (double)c->frames >= NOISE_SHARE)
        return true;
    const double motion = motion_of(clip, layout, c->body, taken);
    c->motion = motion < c->motion ? motion : c->motion;
    return false;
}

static size_t without_wide(candidate *c, size_t n, const zoo_recording *clip,
                           const zoo_layout *layout, bool *taken)
{
    bool wide[ZOO_MAX_BODIES];
    size_t kept = 0, noise = 0;
    for (size_t i = 0; i < n; i++) {
        wide[i] = is_wide(&c[i], clip, layout, taken);
        noise += wide[i];
    }
    for (size_t i = 0; i < n; i++)
        if (noise == n || !wide[i])
            c[kept++] = c[i];
    sort(c, kept);
    return kept;
}

/* ---------------------------------------------------------------------- places */

/* Copies the frames in which the body is there. */
static void put(zoo_recording *to, size_t place, const zoo_recording *clip, const candidate *c)
{
    for (size_t t = c->first; t < c->end; t++)
        if (zoo_is_there(clip, c->body, t))
            memcpy(zoo_frame_of(to, place, t), zoo_frame_of(clip, c->body, t),
                   clip->columns * sizeof(float));
}

/* Fills the places of *to; returns the number of bodies that have one. */
static size_t fill_places(zoo_recording *to, const zoo_recording *clip, const candidate *c,
                          size_t n)
{
    size_t first[ZOO_MAX_BODIES] = {0}, end[ZOO_MAX_BODIES] = {0}, used = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (i > 0 && k < to->bodies && c[i].first < end[k] && first[k] < c[i].end)
            k++;
        if (k == to->bodies)
            continue;
        put(to, k, clip, &c[i]);
        used++;
        first[k] = i == 0 || c[i].first < first[k] ? c[i].first : first[k];
        end[k] = c[i].end > end[k] ? c[i].end : end[k];
    }
    return used;
}

/* Exchanges the first two bodies if only the second is there when the clip begins. */
static void begin_with_first(zoo_recording *clip)
{
    size_t t = 0;
    while (t < clip->frames && !zoo_is_there(clip, 0, t) && !zoo_is_there(clip, 1, t))
        t++;
    if (t < clip->frames && !zoo_is_there(clip, 0, t))
        zoo_bodies_exchange(clip);
}

gop_status zoo_bodies_as_pyskl(zoo_recording *clip, const zoo_layout *layout, size_t most,
                               gop_error *err)
{
    candidate c[ZOO_MAX_BODIES];
    size_t n = find_candidates(c, clip, layout);
    const size_t all = n, row = clip->frames * clip->columns;
    bool *taken = malloc(clip->frames * sizeof *taken + 1);
    if (taken == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory choosing bodies");
    if (n > 1)
        n = without_short(c, n);
    if (n > 1)
        n = without_wide(c, n, clip, layout, taken);
    free(taken);
    zoo_recording to = *clip;
    to.bodies = n < most ? n : most;
    to.values = malloc((to.bodies * row + 1) * sizeof *to.values);
    if (to.values == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory choosing bodies");
    for (size_t i = 0; i < to.bodies * row; i++)
        to.values[i] = NAN;
    to.other_bodies += all - fill_places(&to, clip, c, n);
    while (to.bodies > 1 && !zoo_is_ever_there(&to, to.bodies - 1))
        to.bodies--;
    if (to.bodies > 1)
        begin_with_first(&to);
    if (to.bodies == 0)
        to.frames = 0;
    free(clip->values);
    *clip = to;
    return GOP_OK;
}
