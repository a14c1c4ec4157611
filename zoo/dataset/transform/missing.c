/*
 * missing.c: the steps for missing values, for lengths and for normalisation: missing, fill,
 * standardise.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

#define MOST_FILL 1000000

/* --------------------------------------------------------------------- missing */

enum { KEEP, INTERPOLATE, DROP, ZERO };
static const char *const way_name[] = {"keep", "interpolate", "drop", "zero", NULL};

static gop_status parse_missing(zoo_step *step, const char *const *word, size_t words,
                                gop_error *err)
{
    return words == 1 ? zoo_step_choice(step, word[0], way_name, err) : GOP_EINVAL;
}

static void print_missing(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s", way_name[step->choice]);
}

void zoo_frames_drop(zoo_recording *clip, size_t bodies)
{
    const size_t row = clip->columns;
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++) {
        bool any = false;
        for (size_t b = 0; b < bodies && !any; b++)
            any = zoo_is_there(clip, b, t);
        if (!any)
            continue;
        /* Bodies keep their distance until all frames have moved. */
        for (size_t b = 0; b < clip->bodies && n < t; b++)
            memcpy(zoo_frame_of(clip, b, n), zoo_frame_of(clip, b, t), row * sizeof(float));
        if (clip->mark != NULL)
            clip->mark[n] = clip->mark[t];
        n++;
    }
    for (size_t b = 1; b < clip->bodies && n < clip->frames; b++)
        memmove(clip->values + b * n * row, clip->values + b * clip->frames * row,
                n * row * sizeof(float));
    clip->dropped_frames += clip->frames - n;
    clip->frames = n;
}

/* Fills the gaps of one column of a body: on the straight line between the values around them. */
static void bridge(float *v, size_t frames, size_t stride)
{
    size_t last = SIZE_MAX;
    for (size_t t = 0; t < frames; t++) {
        if (isnan(v[t * stride]))
            continue;
        for (size_t k = last + 1; last != SIZE_MAX && k < t; k++) {
            const double share = (double)(k - last) / (double)(t - last);
            v[k * stride] = (float)((1 - share) * v[last * stride] + share * v[t * stride]);
        }
        last = t;
    }
}

static gop_status apply_missing(const zoo_step *step, const zoo_setting_of_clips *before,
                                zoo_recording *clip, gop_error *err)
{
    (void)before;
    (void)err;
    const size_t n = clip->bodies * clip->frames * clip->columns;
    if (step->choice == DROP)
        zoo_frames_drop(clip, clip->bodies);
    for (size_t b = 0; b < clip->bodies && step->choice == INTERPOLATE; b++)
        for (size_t c = 0; c < clip->columns; c++)
            bridge(zoo_frame_of(clip, b, 0) + c, clip->frames, clip->columns);
    for (size_t i = 0; i < n && step->choice == ZERO; i++)
        clip->values[i] = isnan(clip->values[i]) ? 0 : clip->values[i];
    return GOP_OK;
}

const zoo_transform zoo_transform_missing = {
    .name = "missing",
    .form = "keep|interpolate|drop|zero",
    .text = "keeps missing values, fills gaps on straight lines in time, drops frames without any "
            "body, or writes 0",
    .parse = parse_missing,
    .print = print_missing,
    .apply = apply_missing};

/* ------------------------------------------------------------------------ fill */

static gop_status parse_fill(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words != 1)
        return GOP_EINVAL;
    gop_try(zoo_step_number(step, word[0], 1, MOST_FILL, err));
    return step->number == floor(step->number)
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "'%s' is no whole number", word[0]);
}

static void print_fill(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%.0f", step->number);
}

static gop_status apply_fill(const zoo_step *step, const zoo_setting_of_clips *before,
                             zoo_recording *clip, gop_error *err)
{
    (void)before;
    const size_t most = (size_t)step->number, have = clip->frames * clip->columns;
    const size_t want = most * clip->columns;
    if (clip->frames >= most)
        return GOP_OK;
    float *longer = malloc(clip->bodies * want * sizeof *longer);
    if (longer == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory filling a sequence");
    for (size_t b = 0; b < clip->bodies; b++)
        for (size_t k = 0; k < want; k++)
            longer[b * want + k] = clip->values[b * have + k % have];
    if (clip->mark != NULL) {
        uint32_t *mark = realloc(clip->mark, most * sizeof *mark);
        if (mark == NULL) {
            free(longer);
            return gop_fail(err, GOP_ENOMEM, "out of memory filling a sequence");
        }
        for (size_t t = clip->frames; t < most; t++)
            mark[t] = mark[t - clip->frames];
        clip->mark = mark;
    }
    free(clip->values);
    clip->values = longer;
    clip->filled += most - clip->frames;
    clip->frames = most;
    return GOP_OK;
}

const zoo_transform zoo_transform_fill = {
    .name = "fill",
    .form = "FRAMES",
    .text = "repeats a shorter clip from its beginning to so many frames",
    .parse = parse_fill,
    .print = print_fill,
    .apply = apply_fill};

/* ----------------------------------------------------------------- standardise */

static gop_status parse_standardise(zoo_step *step, const char *const *word, size_t words,
                                    gop_error *err)
{
    (void)step;
    (void)err;
    return words == 1 && strcmp(word[0], "no") == 0 ? GOP_OK : GOP_EINVAL;
}

static void print_standardise(const zoo_step *step, char *text, size_t size)
{
    (void)step;
    snprintf(text, size, "no");
}

/* The store does not measure such a set (store.c). */
const zoo_transform zoo_transform_standardise = {
    .name = "standardise",
    .form = "no",
    .text = "leaves values as they are: means are 0 and deviations 1",
    .parse = parse_standardise,
    .print = print_standardise};
