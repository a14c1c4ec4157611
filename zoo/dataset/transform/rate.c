/*
 * rate.c: the step that resamples clips in time.
 *
 * n frames at rate r become floor((n - 1) r' / r + e) + 1 at rate r'; frame k shows time k / r', so
 * place p = k r / r' among the frames as they were.  If p is within e of a whole number, it is that
 * frame, to the byte; else it lies between the frames around it: on the straight line, or on the arc
 * for rotations.  What one of them lacks is missing.  e = 1e-9, against rounding.  Touches memory
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/numeral.h"

#define LEAST_RATE  1e-3
#define MOST_RATE   1e6
#define CLOSE       1e-9
#define MOST_VALUES ((size_t)1 << 26) /* of a clip that grows */

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    return words == 1 ? zoo_step_number(step, word[0], LEAST_RATE, MOST_RATE, err) : GOP_EINVAL;
}

static void print(const zoo_step *step, char *text, size_t size)
{
    zoo_numeral_write(text, size, step->number, false);
}

static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    (void)err;
    setting->rate = step->number;
    return GOP_OK;
}

/* GOP_EFORMAT if the clip would be too large. */
static gop_status count_frames(size_t *n, const zoo_recording *clip, double faster, gop_error *err)
{
    const double all = floor((double)(clip->frames - 1) * faster + CLOSE) + 1;
    const double values = all * (double)clip->bodies * (double)clip->columns;
    if (all > (double)clip->frames && values > (double)MOST_VALUES)
        return gop_fail(err, GOP_EFORMAT,
                        "%zu frames become %.0f at the new rate, %.0f values; at most %zu are "
                        "allowed",
                        clip->frames, all, values, MOST_VALUES);
    *n = (size_t)all;
    return GOP_OK;
}

/* The frame at `share` of the way from a to b. */
static void between(float *out, const float *a, const float *b, double share,
                    const zoo_layout *layout, size_t columns)
{
    for (size_t c = 0; c < columns; c++)
        out[c] = isnan(a[c]) || isnan(b[c]) ? NAN
                                            : (float)((1 - share) * a[c] + share * (double)b[c]);
    for (size_t i = 0; i < layout->nodes && zoo_is_rotation(layout); i++)
        zoo_arc(out, a, b, share, layout, i);
}

static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    const size_t row = clip->columns, last = clip->frames - 1;
    size_t n = 0;
    if (step->number == before->rate)
        return GOP_OK;
    gop_try(count_frames(&n, clip, step->number / before->rate, err));
    float *values = malloc((clip->bodies * n * row + 1) * sizeof *values);
    uint32_t *mark = clip->mark != NULL ? malloc(n * sizeof *mark) : NULL;
    if (values == NULL || (mark == NULL && clip->mark != NULL)) {
        free(values);
        free(mark);
        return gop_fail(err, GOP_ENOMEM, "out of memory resampling a clip");
    }
    for (size_t k = 0; k < n; k++) {
        const double place = (double)k * before->rate / step->number;
        const double whole = floor(place + CLOSE);
        const size_t t = whole < (double)last ? (size_t)whole : last;
        if (mark != NULL)
            mark[k] = clip->mark[t + (t < last && place - whole >= 0.5)];
        for (size_t b = 0; b < clip->bodies; b++) {
            float *out = values + (b * n + k) * row;
            const float *at = zoo_frame_of(clip, b, t);
            if (t == last || place - whole <= CLOSE)
                memcpy(out, at, row * sizeof *out);
            else
                between(out, at, at + row, place - whole, &before->layout, row);
        }
    }
    free(clip->values);
    clip->values = values;
    free(clip->mark);
    clip->mark = mark;
    clip->frames = n;
    return GOP_OK;
}

const zoo_transform zoo_transform_rate = {
    .name = "rate",
    .form = "HZ",
    .text = "resamples clips to another rate, on straight lines in time, rotations on arcs",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};
