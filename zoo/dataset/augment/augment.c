/*
 * augment.c: the table of changes; parses lists and applies them.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/augment/augment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"
#include "zoo/numeral.h"

static const zoo_change *const kinds[] = {&zoo_change_speed,
                                          &zoo_change_crop,
                                          &zoo_change_reverse,
                                          &zoo_change_mirror,
                                          &zoo_change_rotate,
                                          &zoo_change_scale,
                                          &zoo_change_shear,
                                          &zoo_change_noise,
                                          &zoo_change_joints,
                                          &zoo_change_bodies,
                                          NULL};

static gop_status unknown(const char *word, gop_error *err)
{
    char known[256] = "";
    size_t used = 0;
    for (size_t i = 0; kinds[i] != NULL && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                                 kinds[i]->name);
    return gop_fail(err, GOP_EINVAL,
                    "augment: '%.40s' is no KIND:NUMBER; the kinds are %s, separated by commas",
                    word, known);
}

/* Parses one change, "rotate:0.3". */
static gop_status parse(zoo_augment *a, const char *word, gop_error *err)
{
    const char *colon = strchr(word, ':');
    const size_t n = colon == NULL ? 0 : (size_t)(colon - word);
    size_t k = 0;
    double x = 0;
    while (kinds[k] != NULL &&
           (strlen(kinds[k]->name) != n || strncmp(kinds[k]->name, word, n) != 0))
        k++;
    if (kinds[k] == NULL || !zoo_numeral_read(&x, colon + 1, strlen(colon + 1)))
        return unknown(word, err);
    if (!(x >= kinds[k]->least && x <= kinds[k]->most))
        return gop_fail(err, GOP_EINVAL, "augment: %s takes %s, a number from %g to %g, not %.20s",
                        kinds[k]->name, kinds[k]->text, kinds[k]->least, kinds[k]->most, colon + 1);
    if (kinds[k]->places && zoo_coordinates(a->layout) == 0)
        return gop_fail(err, GOP_EINVAL,
                        "augment: %s needs coordinates of points, and layout %s "
                        "has none",
                        kinds[k]->name, a->layout->name);
    for (size_t i = 0; i < a->n; i++)
        if (a->kind[i] == kinds[k])
            return gop_fail(err, GOP_EINVAL, "augment: %s occurs twice", kinds[k]->name);
    a->kind[a->n] = kinds[k];
    a->amount[a->n++] = x;
    return GOP_OK;
}

gop_status zoo_augment_read(zoo_augment *a, const char *text, const zoo_layout *layout,
                            gop_error *err)
{
    char word[64];
    *a = (zoo_augment){.layout = layout};
    for (const char *at = text != NULL && *text != '\0' ? text : NULL; at != NULL;) {
        const size_t n = strcspn(at, ",");
        if (n == 0)
            return gop_fail(err, GOP_EINVAL,
                            "augment: a KIND:NUMBER is missing at a comma of '%.200s'", text);
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), at);
        gop_try(n < sizeof word ? parse(a, word, err) : unknown(word, err));
        at = at[n] == ',' ? at + n + 1 : NULL;
    }
    return GOP_OK;
}

/* The draws of a change of a window. */
static gop_rng draws(uint64_t key, const zoo_change *kind)
{
    return gop_rng_new(key, gop_hash(GOP_HASH_START, kind->name, strlen(kind->name)));
}

void zoo_augment_times(const zoo_augment *a, uint64_t key, zoo_times *times)
{
    for (size_t i = 0; i < a->n; i++) {
        gop_rng rng = draws(key, a->kind[i]);
        if (a->kind[i]->times != NULL)
            a->kind[i]->times(a->amount[i], times, &rng);
    }
    for (size_t t = 0; t < times->n; t++)
        times->time[t] = fmin(times->time[t], (double)(times->clip - 1));
}

void zoo_augment_frames(const zoo_augment *a, uint64_t key, bool observed, zoo_scene *scene)
{
    if (observed && a->n > 0)
        zoo_scene_find_middle(scene, a->layout);
    for (size_t i = 0; i < a->n; i++) {
        gop_rng rng = draws(key, a->kind[i]);
        if (a->kind[i]->frames != NULL && (observed || !a->kind[i]->observed))
            a->kind[i]->frames(a->layout, a->amount[i], scene, &rng);
    }
}
