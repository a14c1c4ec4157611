/*
 * units.c: steps that multiply coordinates: units and scale.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/numeral.h"

static void multiply(zoo_recording *clip, const zoo_layout *layout, double factor)
{
    const size_t n = zoo_coordinates(layout);
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++)
            for (size_t k = 0; k < n; k++) {
                float *v = clip->values + t * clip->columns +
                           layout->column[i * layout->channels + k];
                *v = (float)(*v * factor);
            }
}

/* ----------------------------------------------------------------------- units */

static const struct {
    const char *name;
    double metres;
} unit[] = {{"m", 1}, {"dm", 0.1}, {"cm", 0.01}, {"mm", 0.001}, {"inch", 0.0254}, {"foot", 0.3048}};

static gop_status parse_units(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words != 1)
        return GOP_EINVAL;
    for (size_t k = 0; k < sizeof unit / sizeof *unit; k++)
        if (strcmp(word[0], unit[k].name) == 0) {
            step->number = unit[k].metres;
            return GOP_OK;
        }
    return zoo_step_number(step, word[0], 1e-9, 1e9, err);
}

static void print_number(const zoo_step *step, char *text, size_t size)
{
    zoo_numeral_write(text, size, step->number, false);
}

static gop_status plan_units(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    return zoo_needs_coordinates(step, &setting->layout, err);
}

static gop_status apply_units(const zoo_step *step, const zoo_setting_of_clips *before,
                              zoo_recording *clip, gop_error *err)
{
    (void)err;
    multiply(clip, &before->layout, step->number);
    return GOP_OK;
}

const zoo_transform zoo_transform_units = {
    .name = "units",
    .form = "m|dm|cm|mm|inch|foot|FACTOR",
    .text = "multiplies coordinates by a factor, so that they are in metres",
    .parse = parse_units,
    .print = print_number,
    .plan = plan_units,
    .apply = apply_units};

/* ----------------------------------------------------------------------- scale */

static gop_status parse_scale(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words != 2)
        return GOP_EINVAL;
    gop_try(zoo_step_word(step, 0, word[0], err));
    return zoo_step_word(step, 1, word[1], err);
}

static void print_scale(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s:%s", step->word[0], step->word[1]);
}

static gop_status plan_scale(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    gop_try(zoo_needs_coordinates(step, &setting->layout, err));
    gop_try(zoo_step_node(step, 0, &setting->layout, err));
    gop_try(zoo_step_node(step, 1, &setting->layout, err));
    return step->node[0] != step->node[1]
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "transformation scale needs two different nodes");
}

/* Divides by the mean distance of two nodes of the first body. */
static gop_status apply_scale(const zoo_step *step, const zoo_setting_of_clips *before,
                              zoo_recording *clip, gop_error *err)
{
    double sum = 0, a[3], b[3];
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++) {
        const float *frame = zoo_frame_of(clip, 0, t);
        if (!zoo_place_of(a, frame, &before->layout, step->node[0]) ||
            !zoo_place_of(b, frame, &before->layout, step->node[1]))
            continue;
        sum += sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                    (a[2] - b[2]) * (a[2] - b[2]));
        n++;
    }
    if (!(sum > 0))
        return gop_fail(err, GOP_EFORMAT,
                        "%s and %s are never apart, so that nothing can be scaled", step->word[0],
                        step->word[1]);
    multiply(clip, &before->layout, (double)n / sum);
    return GOP_OK;
}

const zoo_transform zoo_transform_scale = {
    .name = "scale",
    .form = "NODE:NODE",
    .text = "divides coordinates by the mean distance of two nodes of the first body",
    .parse = parse_scale,
    .print = print_scale,
    .plan = plan_scale,
    .apply = apply_scale};
