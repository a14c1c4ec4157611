/*
 * clips.c: draws and places test clips (clips.h).  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/clips.h"

#include <stdlib.h>

#include "zoo/metric/legacy_random.h"

#define SEED 1234567890u

static gop_status append(zoo_clips *clips, size_t sequence, size_t start, gop_error *err)
{
    if ((clips->n & (clips->n - 1)) == 0) {
        size_t room = clips->n == 0 ? 1 : 2 * clips->n;
        zoo_clip *grown = realloc(clips->clip, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for the test clips");
        clips->clip = grown;
    }
    clips->clip[clips->n].sequence = sequence;
    clips->clip[clips->n++].start = start;
    return GOP_OK;
}

/* Whether sequence i is a test sequence of the action and long enough. */
static bool tests(const zoo_dataset *data, size_t i, size_t action, size_t least)
{
    return data->sequence[i].split == ZOO_TEST && data->sequence[i].action == action &&
           zoo_sequence_length(data, i) >= least;
}

gop_status zoo_clips_draw(zoo_clips *clips, const zoo_dataset *data, const zoo_draw *draw,
                          gop_error *err)
{
    size_t *usable = malloc((data->sequences + 1) * sizeof *usable);
    gop_status s = usable != NULL ? GOP_OK
                                  : gop_fail(err, GOP_ENOMEM, "out of memory for the test clips");
    clips->n = 0;
    clips->clip = NULL;
    for (size_t action = 0; action < data->domain.actions && s == GOP_OK; action++) {
        size_t n = 0;
        zoo_legacy_random random;
        zoo_legacy_seed(&random, SEED);
        for (size_t i = 0; i < data->sequences; i++)
            if (tests(data, i, action, draw->reserve + draw->first + 1))
                usable[n++] = i;
        for (size_t k = 0; k < draw->count && n > 0 && s == GOP_OK; k++) {
            size_t i = usable[k % n];
            size_t bound = zoo_sequence_length(data, i) - draw->reserve;
            s = append(clips, i, (size_t)zoo_legacy_randint(&random, draw->first, bound), err);
        }
    }
    free(usable);
    if (s != GOP_OK)
        zoo_clips_clear(clips);
    return s;
}

gop_status zoo_clips_dense(zoo_clips *clips, const zoo_dataset *data, size_t frames, size_t stride,
                           gop_error *err)
{
    gop_status s = GOP_OK;
    clips->n = 0;
    clips->clip = NULL;
    for (size_t action = 0; action < data->domain.actions && s == GOP_OK; action++)
        for (size_t i = 0; i < data->sequences && s == GOP_OK; i++) {
            size_t n = zoo_sequence_length(data, i);
            if (!tests(data, i, action, frames))
                continue;
            size_t start = 0, last = n - frames;
            s = append(clips, i, start, err);
            while (last - start >= stride && s == GOP_OK)
                s = append(clips, i, start += stride, err);
        }
    if (s != GOP_OK)
        zoo_clips_clear(clips);
    return s;
}

void zoo_clips_clear(zoo_clips *clips)
{
    free(clips->clip);
    clips->clip = NULL;
    clips->n = 0;
}
