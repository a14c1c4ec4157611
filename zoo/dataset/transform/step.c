/*
 * step.c: what the kinds of steps share: parameters, nodes, places.  Touches its arguments only.
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

/* ------------------------------------------------------------------ parameters */

gop_status zoo_step_choice(zoo_step *step, const char *word, const char *const *words,
                           gop_error *err)
{
    for (uint32_t k = 0; words[k] != NULL; k++)
        if (strcmp(words[k], word) == 0) {
            step->choice = k;
            return GOP_OK;
        }
    return gop_fail(err, GOP_EINVAL, "unknown '%s'", word);
}

gop_status zoo_step_number(zoo_step *step, const char *word, double least, double most,
                           gop_error *err)
{
    double v;
    if (!zoo_numeral_read(&v, word, strlen(word)) || !(v >= least && v <= most))
        return gop_fail(err, GOP_EINVAL, "'%s' is no number from %g to %g", word, least, most);
    step->number = v;
    return GOP_OK;
}

gop_status zoo_step_word(zoo_step *step, size_t k, const char *word, gop_error *err)
{
    if (strlen(word) >= sizeof step->word[k])
        return gop_fail(err, GOP_EINVAL, "a name is longer than %zu bytes",
                        sizeof step->word[k] - 1);
    snprintf(step->word[k], sizeof step->word[k], "%s", word);
    return GOP_OK;
}

/* ---------------------------------------------------------------------- clips */

size_t zoo_coordinates(const zoo_layout *layout)
{
    switch (layout->feature) {
    case ZOO_POSITION:
        return 3;
    case ZOO_SCORED:
    case ZOO_IMAGE:
        return 2;
    default:
        return 0;
    }
}

gop_status zoo_needs_coordinates(const zoo_step *step, const zoo_layout *layout, gop_error *err)
{
    return zoo_coordinates(layout) > 0
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "transformation %s needs positions; layout %s has none",
                          step->kind->name, layout->name);
}

gop_status zoo_step_node(zoo_step *step, size_t k, const zoo_layout *layout, gop_error *err)
{
    for (uint32_t i = 0; i < layout->nodes; i++)
        if (strcmp(layout->node_name[i], step->word[k]) == 0) {
            step->node[k] = i;
            return GOP_OK;
        }
    return gop_fail(err, GOP_EINVAL, "transformation %s: layout %s has no node %s",
                    step->kind->name, layout->name, step->word[k]);
}

float *zoo_recording_room(const zoo_recording *clip, size_t columns)
{
    const size_t rows = clip->bodies * clip->frames;
    if (clip->spare != NULL)
        return clip->spare;
    return rows >= SIZE_MAX / sizeof *clip->values / columns
               ? NULL
               : malloc((rows + 1) * columns * sizeof *clip->values);
}

void zoo_recording_take(zoo_recording *clip, float *values, size_t columns)
{
    if (clip->spare != NULL)
        clip->spare = clip->values;
    else
        free(clip->values);
    clip->values = values;
    clip->columns = columns;
}

bool zoo_is_there(const zoo_recording *clip, size_t body, size_t t)
{
    const float *v = zoo_frame_of(clip, body, t);
    for (size_t c = 0; c < clip->columns; c++)
        if (!isnan(v[c]))
            return true;
    return false;
}

bool zoo_is_ever_there(const zoo_recording *clip, size_t body)
{
    for (size_t t = 0; t < clip->frames; t++)
        if (zoo_is_there(clip, body, t))
            return true;
    return false;
}

void zoo_bodies_exchange(zoo_recording *clip)
{
    const size_t size = clip->frames * clip->columns;
    for (size_t i = 0; i < size; i++) {
        const float kept = clip->values[i];
        clip->values[i] = clip->values[size + i];
        clip->values[size + i] = kept;
    }
}

bool zoo_place_of(double place[3], const float *frame, const zoo_layout *layout, size_t node)
{
    const size_t n = zoo_coordinates(layout);
    bool there = n > 0;
    place[2] = 0;
    for (size_t k = 0; k < n; k++) {
        place[k] = frame[layout->column[node * layout->channels + k]];
        there = there && !isnan(place[k]);
    }
    return there;
}

double zoo_body_variance(const zoo_recording *clip, const zoo_layout *layout, size_t body,
                         size_t axis, const bool *taken)
{
    double count = 0, mean = 0, sum = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t t = 0; t < clip->frames; t++)
            for (size_t i = 0; i < layout->nodes && (taken == NULL || taken[t]); i++) {
                const float f = zoo_frame_of(clip, body,
                                             t)[layout->column[i * layout->channels + axis]];
                if (isnan(f))
                    continue;
                const double v = pass == 0 ? f : f - mean;
                count += pass == 0;
                *(pass == 0 ? &mean : &sum) += pass == 0 ? v : v * v;
            }
        if (pass == 0 && count > 0)
            mean /= count;
    }
    return count > 0 ? sum / count : 0;
}
