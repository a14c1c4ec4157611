/*
 * image.c: steps for places in an image: image makes shares of its size, min-score leaves out joints
 * that a detector doubts, scores leaves out the scores.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/numeral.h"

#define MOST_SIZE  1e6
#define MOST_SCORE 1e6

/* ----------------------------------------------------------------------- image */

enum { SIZE, CLIP };

static gop_status parse_image(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    char width[ZOO_STEP_SIZE];
    const char *x = words == 1 ? strchr(word[0], 'x') : NULL, *height = NULL;
    if (words == 1 && strcmp(word[0], "clip") == 0) {
        step->choice = CLIP;
        return GOP_OK;
    }
    if (x != NULL) {
        snprintf(width, sizeof width, "%.*s", (int)(x - word[0]), word[0]);
        height = x + 1;
    } else if (words == 2) {
        snprintf(width, sizeof width, "%s", word[0]);
        height = word[1];
    } else {
        return GOP_EINVAL;
    }
    step->choice = SIZE;
    gop_try(zoo_step_number(step, height, 1, MOST_SIZE, err));
    step->second = step->number;
    return zoo_step_number(step, width, 1, MOST_SIZE, err);
}

/* Whole numbers without an exponent. */
static void print_size(char *text, size_t size, double v)
{
    if (v == floor(v))
        snprintf(text, size, "%.0f", v);
    else
        zoo_numeral_write(text, size, v, false);
}

static void print_image(const zoo_step *step, char *text, size_t size)
{
    char width[ZOO_NUMERAL_SIZE], height[ZOO_NUMERAL_SIZE];
    print_size(width, sizeof width, step->number);
    print_size(height, sizeof height, step->second);
    if (step->choice == CLIP)
        snprintf(text, size, "clip");
    else
        snprintf(text, size, "%.40s:%.40s", width, height);
}

static gop_status plan_image(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    (void)step;
    return zoo_feature_in_image(setting->layout.feature)
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL,
                          "transformation image needs positions in an image; layout %s has none",
                          setting->layout.name);
}

static gop_status apply_image(const zoo_step *step, const zoo_setting_of_clips *before,
                              zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    const double size[2] = {step->choice == CLIP ? clip->width : step->number,
                            step->choice == CLIP ? clip->height : step->second};
    if (!(size[0] > 0 && size[1] > 0))
        return gop_fail(err, GOP_EFORMAT, "the size of its image is unknown");
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++)
            for (size_t k = 0; k < 2; k++) {
                float *v = clip->values + t * clip->columns +
                           layout->column[i * layout->channels + k];
                *v = (float)(*v / size[k]);
            }
    return GOP_OK;
}

const zoo_transform zoo_transform_image = {
    .name = "image",
    .form = "WIDTH:HEIGHT|clip",
    .text =
        "divides x and y, in pixels, by the image's width and height, given or known of the clip",
    .parse = parse_image,
    .print = print_image,
    .plan = plan_image,
    .apply = apply_image};

/* ------------------------------------------------------------------- min-score */

static gop_status parse_score(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    return words == 1 ? zoo_step_number(step, word[0], 0, MOST_SCORE, err) : GOP_EINVAL;
}

static void print_score(const zoo_step *step, char *text, size_t size)
{
    zoo_numeral_write(text, size, step->number, false);
}

static gop_status plan_score(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    (void)step;
    return setting->layout.feature == ZOO_SCORED
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL,
                          "transformation min-score needs scores; layout %s has none",
                          setting->layout.name);
}

static gop_status apply_score(const zoo_step *step, const zoo_setting_of_clips *before,
                              zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    (void)err;
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++) {
            const uint32_t *at = layout->column + i * layout->channels;
            float *v = clip->values + t * clip->columns;
            if (v[at[2]] < step->number)
                v[at[0]] = v[at[1]] = v[at[2]] = NAN;
        }
    return GOP_OK;
}

const zoo_transform zoo_transform_min_score = {.name = "min-score",
                                               .form = "SCORE",
                                               .text = "makes joints with a smaller score missing",
                                               .parse = parse_score,
                                               .print = print_score,
                                               .plan = plan_score,
                                               .apply = apply_score};

/* ---------------------------------------------------------------------- scores */

static gop_status parse_drop(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    (void)step;
    (void)err;
    return words == 1 && strcmp(word[0], "drop") == 0 ? GOP_OK : GOP_EINVAL;
}

static void print_drop(const zoo_step *step, char *text, size_t size)
{
    (void)step;
    snprintf(text, size, "drop");
}

/* The columns stay; those of scores belong to no node then. */
static gop_status plan_drop(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    (void)step;
    if (setting->layout.feature != ZOO_SCORED)
        return gop_fail(err, GOP_EINVAL,
                        "transformation scores needs a detector's scores; layout %s has none",
                        setting->layout.name);
    return zoo_layout_drop_scores(&setting->layout, err);
}

const zoo_transform zoo_transform_scores = {
    .name = "scores",
    .form = "drop",
    .text = "leaves the detector's scores out, so that a node has x and y",
    .parse = parse_drop,
    .print = print_drop,
    .plan = plan_drop};
