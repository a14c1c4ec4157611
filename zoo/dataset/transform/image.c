/*
 * image.c: steps for places in an image: image makes shares of its size or of the joints' box,
 * min-score leaves out joints that a detector doubts, scores leaves out the scores.  Touches memory
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/numeral.h"

#define MOST_SIZE  1e6
#define MOST_SCORE 1e6

/* ----------------------------------------------------------------------- image */

enum { CLIP, BOX, SIZE };
static const char *const size_name[] = {"clip", "box", NULL};

static gop_status parse_image(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    char width[ZOO_STEP_SIZE];
    if (words == 1 && isalpha((unsigned char)word[0][0]) && strpbrk(word[0], "0123456789") == NULL)
        return zoo_step_choice(step, word[0], size_name, err);
    const char *x = words == 1 ? strchr(word[0], 'x') : NULL, *height = NULL;
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
    if (step->choice != SIZE)
        snprintf(text, size, "%s", size_name[step->choice]);
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

/* The least and the greatest x and y of all joints that are there. */
static void box_of(double least[2], double most[2], const zoo_layout *layout,
                   const zoo_recording *clip)
{
    least[0] = least[1] = INFINITY;
    most[0] = most[1] = -INFINITY;
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++) {
            const float *v = clip->values + t * clip->columns;
            const uint32_t *at = layout->column + i * layout->channels;
            for (size_t k = 0; k < 2 && !isnan(v[at[0]]) && !isnan(v[at[1]]); k++) {
                least[k] = fmin(least[k], v[at[k]]);
                most[k] = fmax(most[k], v[at[k]]);
            }
        }
}

static gop_status apply_image(const zoo_step *step, const zoo_setting_of_clips *before,
                              zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    double from[2] = {0, 0}, to[2] = {step->number, step->second};
    if (step->choice == CLIP) {
        to[0] = clip->width;
        to[1] = clip->height;
    } else if (step->choice == BOX) {
        box_of(from, to, layout, clip);
    }
    if (!(to[0] > from[0] && to[1] > from[1]))
        return gop_fail(err, GOP_EFORMAT, "%s",
                        step->choice == BOX ? "the box of its joints has no width or no height"
                                            : "the size of its image is unknown");
    for (size_t t = 0; t < clip->bodies * clip->frames; t++)
        for (size_t i = 0; i < layout->nodes; i++)
            for (size_t k = 0; k < 2; k++) {
                float *v = clip->values + t * clip->columns +
                           layout->column[i * layout->channels + k];
                *v = (float)((*v - from[k]) / (to[k] - from[k]));
            }
    return GOP_OK;
}

const zoo_transform zoo_transform_image = {
    .name = "image",
    .form = "WIDTH:HEIGHT|clip|box",
    .text =
        "makes x and y, in pixels, shares of the image's width and height, given or known of the "
        "clip, or of the box of all joints that are there",
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
