/*
 * bodies.c: the step that chooses bodies and their order.
 *
 * "motion" is the order of the preparation of two-stream networks (Shi et al. 2019): by falling sum
 * of the standard deviations of the coordinates over all nodes and frames in which the body is
 * there, ties as read.  "pyskl" is that of pyskl (bodies_pyskl.c).  "score" chooses in each frame by
 * itself, by falling mean score.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/transform/bodies_pyskl.h"

enum { MOTION, SCORE, AS_READ, PYSKL };
static const char *const order_name[] = {"motion", "score", "as-read", "pyskl", NULL};

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words < 1 || words > 2)
        return GOP_EINVAL;
    gop_try(zoo_step_number(step, word[0], 1, ZOO_MAX_BODIES, err));
    if (step->number != floor(step->number))
        return gop_fail(err, GOP_EINVAL, "'%s' is no whole number", word[0]);
    step->choice = AS_READ;
    return words == 1 ? GOP_OK : zoo_step_choice(step, word[1], order_name, err);
}

static void print(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%.0f:%s", step->number, order_name[step->choice]);
}

static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    if (step->choice == MOTION || step->choice == PYSKL)
        return zoo_needs_coordinates(step, &setting->layout, err);
    if (step->choice == SCORE && setting->layout.feature != ZOO_SCORED)
        return gop_fail(err, GOP_EINVAL,
                        "bodies can be ordered by score only in a layout with scores");
    return GOP_OK;
}

/* --------------------------------------------------------------- order of a clip */

static double motion(const zoo_recording *clip, const zoo_layout *layout, size_t body)
{
    double sum = 0;
    for (size_t k = 0; k < zoo_coordinates(layout); k++)
        sum += sqrt(zoo_body_variance(clip, layout, body, k, NULL));
    return sum;
}

/* Keeps the first bodies of the order; absent ones are left out. */
static gop_status choose(const zoo_step *step, const zoo_layout *layout, zoo_recording *clip,
                         gop_error *err)
{
    const size_t most = (size_t)step->number, size = clip->frames * clip->columns;
    size_t order[ZOO_MAX_BODIES], n = 0;
    double value[ZOO_MAX_BODIES];
    for (size_t b = 0; b < clip->bodies; b++) {
        size_t k = n;
        if (!zoo_is_ever_there(clip, b))
            continue;
        value[b] = step->choice == MOTION ? motion(clip, layout, b) : 0;
        for (; k > 0 && value[order[k - 1]] < value[b]; k--)
            order[k] = order[k - 1];
        order[k] = b;
        n++;
    }
    const size_t kept = n < most ? n : most;
    float *chosen = malloc((kept * size + 1) * sizeof *chosen);
    if (chosen == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory choosing bodies");
    for (size_t k = 0; k < kept; k++)
        memcpy(chosen + k * size, clip->values + order[k] * size, size * sizeof *chosen);
    free(clip->values);
    clip->values = chosen;
    clip->bodies = kept;
    clip->other_bodies += n - kept;
    if (kept == 0)
        clip->frames = 0;
    return GOP_OK;
}

/* ------------------------------------------------------------- order of a frame */

static double mean_score(const float *frame, const zoo_layout *layout)
{
    double sum = 0;
    for (size_t i = 0; i < layout->nodes; i++) {
        const float v = frame[layout->column[i * layout->channels + layout->channels - 1]];
        sum += isnan(v) ? 0 : v;
    }
    return sum / layout->nodes;
}

/* Sorts the bodies of each frame by falling score, absent ones last, ties as read. */
static gop_status sort_frames(const zoo_layout *layout, zoo_recording *clip, gop_error *err)
{
    const size_t bytes = clip->columns * sizeof(float);
    float *kept = malloc(bytes);
    if (kept == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory choosing bodies");
    for (size_t t = 0; t < clip->frames; t++) {
        double score[ZOO_MAX_BODIES];
        for (size_t b = 0; b < clip->bodies; b++) {
            const double own = zoo_is_there(clip, b, t)
                                   ? mean_score(zoo_frame_of(clip, b, t), layout)
                                   : -INFINITY;
            size_t k = b;
            memcpy(kept, zoo_frame_of(clip, b, t), bytes);
            for (; k > 0 && score[k - 1] < own; k--) {
                score[k] = score[k - 1];
                memcpy(zoo_frame_of(clip, k, t), zoo_frame_of(clip, k - 1, t), bytes);
            }
            score[k] = own;
            memcpy(zoo_frame_of(clip, k, t), kept, bytes);
        }
    }
    free(kept);
    return GOP_OK;
}

static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    if (step->choice == PYSKL)
        return zoo_bodies_as_pyskl(clip, &before->layout, (size_t)step->number, err);
    if (step->choice != SCORE)
        return choose(step, &before->layout, clip, err);
    gop_try(sort_frames(&before->layout, clip, err));
    size_t left = 0;
    for (size_t b = (size_t)step->number; b < clip->bodies; b++)
        for (size_t t = 0; t < clip->frames; t++)
            left += zoo_is_there(clip, b, t);
    gop_try(
        choose(&(zoo_step){.number = step->number, .choice = AS_READ}, &before->layout, clip, err));
    clip->other_bodies = left;
    return GOP_OK;
}

const zoo_transform zoo_transform_bodies = {
    .name = "bodies",
    .form = "COUNT:motion|score|as-read|pyskl",
    .text =
        "keeps at most so many bodies: those that move most, those with the best scores in each "
        "frame, the first, or those that pyskl takes",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};
