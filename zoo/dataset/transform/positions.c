/*
 * positions.c: the step that turns joint angles into positions by forward kinematics: every joint of
 * a chain, its root at 0 and not rotated, in metres.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/skeleton/chain.h"

#define MM 1000.0 /* in a metre */

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    if (words != 1)
        return GOP_EINVAL;
    if (zoo_chain_find(word[0]) == NULL)
        return gop_fail(err, GOP_EINVAL, "unknown chain %s", word[0]);
    return zoo_step_word(step, 0, word[0], err);
}

static void print(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s", step->word[0]);
}

static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    const zoo_chain *chain = zoo_chain_find(step->word[0]);
    zoo_layout changed;
    if (setting->layout.feature != ZOO_EXPMAP || setting->layout.columns != chain->columns)
        return gop_fail(err, GOP_EINVAL,
                        "transformation positions: chain %s needs exponential maps in %u columns, "
                        "not layout %s",
                        chain->name, (unsigned)chain->columns, setting->layout.name);
    gop_try(zoo_layout_copy(&changed, zoo_layout_find(chain->layout), err));
    zoo_layout_clear(&setting->layout);
    setting->layout = changed;
    return GOP_OK;
}

/* A frame in which an angle is missing has no positions. */
static void place(float *to, const zoo_chain *chain, const float *frame)
{
    double p[3 * ZOO_MAX_JOINTS];
    bool whole = true;
    for (uint32_t c = 3; c < chain->columns; c++)
        whole = whole && !isnan(frame[c]);
    if (whole)
        zoo_chain_positions(p, chain, frame);
    for (uint32_t c = 0; c < 3 * chain->joints; c++)
        to[c] = whole ? (float)(p[c] / MM) : NAN;
}

static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    const zoo_chain *chain = zoo_chain_find(step->word[0]);
    const size_t rows = clip->bodies * clip->frames, columns = 3 * (size_t)chain->joints;
    float *placed = zoo_recording_room(clip, columns);
    (void)before;
    if (placed == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the positions of joints");
    for (size_t t = 0; t < rows; t++)
        place(placed + t * columns, chain, clip->values + t * clip->columns);
    zoo_recording_take(clip, placed, columns);
    return GOP_OK;
}

const zoo_transform zoo_transform_positions = {
    .name = "positions",
    .form = "cmu38|h36m32",
    .text = "turns joint angles into positions in metres, the root at 0 and not rotated",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};
