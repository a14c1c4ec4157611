/*
 * centre.c: steps that move clips: centre on a node, middle of the image.  Touches its arguments
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

/* Subtracts `from` from all nodes of a frame. */
static void shift(float *frame, const zoo_layout *layout, const double from[3])
{
    const size_t n = zoo_coordinates(layout);
    for (size_t i = 0; i < layout->nodes; i++)
        for (size_t k = 0; k < n; k++) {
            float *v = &frame[layout->column[i * layout->channels + k]];
            *v = (float)(*v - from[k]);
        }
}

/* ---------------------------------------------------------------------- centre */

enum { EACH, FIRST };
static const char *const when_name[] = {"each", "first", NULL};

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words != 2)
        return GOP_EINVAL;
    gop_try(zoo_step_word(step, 0, word[0], err));
    return zoo_step_choice(step, word[1], when_name, err);
}

static void print(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s:%s", step->word[0], when_name[step->choice]);
}

static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    gop_try(zoo_needs_coordinates(step, &setting->layout, err));
    return zoo_step_node(step, 0, &setting->layout, err);
}

/* Moves the node of the first body to the origin; the bodies keep their distances.  Where the node
 * is missing, its last place counts; before its first frame, its first. */
static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    double from[3], now[3];
    size_t t = 0;
    while (t < clip->frames && !zoo_place_of(from, zoo_frame_of(clip, 0, t), layout, step->node[0]))
        t++;
    if (t == clip->frames)
        return gop_fail(err, GOP_EFORMAT, "%s is missing in every frame", step->word[0]);
    for (t = 0; t < clip->frames; t++) {
        if (step->choice == EACH &&
            zoo_place_of(now, zoo_frame_of(clip, 0, t), layout, step->node[0]))
            memcpy(from, now, sizeof from);
        for (size_t b = 0; b < clip->bodies; b++)
            shift(zoo_frame_of(clip, b, t), layout, from);
    }
    return GOP_OK;
}

const zoo_transform zoo_transform_centre = {
    .name = "centre",
    .form = "NODE:each|first",
    .text = "moves the first body's node to the origin, in each frame or in the first",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};

/* ---------------------------------------------------------------------- middle */

enum { IMAGE, HALVES };
static const char *const middle_name[] = {"image", "halves", NULL};

static gop_status parse_middle(zoo_step *step, const char *const *word, size_t words,
                               gop_error *err)
{
    return words == 1 ? zoo_step_choice(step, word[0], middle_name, err) : GOP_EINVAL;
}

static void print_middle(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s", middle_name[step->choice]);
}

static gop_status plan_middle(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    (void)step;
    return zoo_coordinates(&setting->layout) == 2
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL,
                          "transformation middle needs positions in an image; layout %s has none",
                          setting->layout.name);
}

/* x' = x - 1/2, or 2 x - 1. */
static gop_status apply_middle(const zoo_step *step, const zoo_setting_of_clips *before,
                               zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    const double unit = step->choice == HALVES ? 2 : 1;
    (void)err;
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++)
            for (size_t k = 0; k < 2; k++) {
                float *v = clip->values + t * clip->columns +
                           layout->column[i * layout->channels + k];
                *v = (float)((*v - 0.5) * unit);
            }
    return GOP_OK;
}

const zoo_transform zoo_transform_middle = {
    .name = "middle",
    .form = "image|halves",
    .text = "makes x and y, shares of the image's size, relative to its middle, or from -1 to 1 in "
            "halves of the size",
    .parse = parse_middle,
    .print = print_middle,
    .plan = plan_middle,
    .apply = apply_middle};
