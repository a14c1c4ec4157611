/*
 * steps_run.h: a clip of two bodies, and lists of transformations applied to it.  Static inline only;
 * fails through Check's assertions.
 */
#ifndef TESTS_UNIT_STEPS_RUN_H
#define TESTS_UNIT_STEPS_RUN_H

#include "zoo/dataset/transform/transform.h"

#include <math.h>

enum { NODES = 5, ROW = 15 };

/* Two bodies of tiny5 in three frames; the second is absent in the middle one, and moves more. */
static inline zoo_recording two_bodies(void)
{
    zoo_recording clip = {.bodies = 2, .frames = 3, .columns = ROW};
    clip.values = malloc(2 * 3 * ROW * sizeof *clip.values);
    ck_assert_ptr_nonnull(clip.values);
    for (size_t b = 0; b < 2; b++)
        for (size_t t = 0; t < 3; t++)
            for (size_t c = 0; c < ROW; c++)
                zoo_frame_of(&clip, b, t)[c] = b == 1 && t == 1
                                                   ? NAN
                                                   : (float)(c + 1) + (float)(t * (b == 0 ? 1 : 8));
    return clip;
}

static inline gop_status transformed(zoo_recording *clip, const char *text, gop_error *err)
{
    zoo_steps list = {.n = 0};
    zoo_plan *plan;
    ck_assert_int_eq(zoo_steps_put(&list, text, err), GOP_OK);
    ck_assert_msg(zoo_plan_new(&plan, &list, zoo_layout_find("tiny5"), 30, NULL, err) == GOP_OK,
                  "%s", err->message);
    const gop_status s = zoo_plan_apply(plan, clip, err);
    zoo_plan_free(plan);
    return s;
}

#endif
