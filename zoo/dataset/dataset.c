/*
 * dataset.c: builds, queries and frees data sets.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/build.h"
#include "zoo/dataset/dataset_frames.h"

gop_status zoo_dataset_new(zoo_dataset **out, const zoo_domain *domain, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_new: the result pointer is NULL");
    *out = NULL;
    zoo_dataset *data = calloc(1, sizeof *data);
    if (data == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    gop_status s = zoo_domain_copy(&data->domain, domain, err);
    if (s == GOP_OK)
        *out = data;
    else
        zoo_dataset_free(data);
    return s;
}

void zoo_dataset_free(zoo_dataset *data)
{
    if (data == NULL)
        return;
    for (size_t i = 0; i < data->sequences; i++)
        free(data->sequence[i].data);
    free(data->sequence);
    zoo_frames_free(data->kept);
    zoo_domain_clear(&data->domain);
    free(data);
}

bool zoo_dataset_has(const zoo_dataset *data, size_t action, zoo_split split)
{
    for (size_t i = 0; data != NULL && i < data->sequences; i++) {
        const zoo_sequence *q = &data->sequence[i];
        bool has = q->action == action;
        for (size_t k = 0; k < q->spans && !has; k++)
            has = q->span[k].action == action;
        if (has && q->split == split)
            return true;
    }
    return false;
}

size_t zoo_dataset_whole(const zoo_dataset *data, zoo_split split)
{
    for (size_t i = 0; data != NULL && i < data->sequences; i++)
        if (data->sequence[i].spans > 0 && data->sequence[i].split == split)
            return i;
    return SIZE_MAX;
}

/* Makes room for another sequence. */
static bool more_room(zoo_dataset *data)
{
    const size_t have = data->sequences;
    if ((have & (have - 1)) != 0)
        return true;
    const size_t room = have == 0 ? 1 : 2 * have;
    zoo_sequence *grown = have < ZOO_MAX_SEQUENCES ? realloc(data->sequence, room * sizeof *grown)
                                                   : NULL;
    if (grown != NULL)
        data->sequence = grown;
    return grown != NULL && zoo_frames_room(data->kept, room);
}

/* Copies the texts and spans of *q to the set. */
static bool keep_texts(zoo_dataset *data, zoo_sequence *q)
{
    const char **const text[] = {&q->name,  &q->subject,    &q->camera,
                                 &q->setup, &q->repetition, &q->file};
    bool all = true;
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        *text[k] = zoo_frames_text(data->kept, k, *text[k]);
        all = all && *text[k] != NULL;
    }
    q->span = zoo_frames_spans(data->kept, q->span, q->spans);
    return all && (q->spans == 0 || q->span != NULL);
}

/* GOP_EINVAL unless the spans are in order, in the sequence and without common frames. */
static gop_status check_spans(const zoo_sequence *q, gop_error *err)
{
    size_t end = 0;
    if (q->spans > ZOO_MAX_SPANS || (q->spans > 0 && q->span == NULL))
        return gop_fail(err, GOP_EINVAL, "%zu spans of a sequence; at most %d are allowed",
                        q->spans, ZOO_MAX_SPANS);
    for (size_t k = 0; k < q->spans; k++) {
        const zoo_span *s = &q->span[k];
        if (s->frames == 0 || s->first < end || s->first > q->frames ||
            s->frames > q->frames - s->first)
            return gop_fail(err, GOP_EINVAL,
                            "span %zu of a sequence, %zu frames from frame %zu on: spans lie one "
                            "behind the other in its %zu frames",
                            k, s->frames, s->first, q->frames);
        end = s->first + s->frames;
    }
    return GOP_OK;
}

gop_status zoo_dataset_add(zoo_dataset *data, const zoo_sequence *like, float *frames,
                           gop_error *err)
{
    gop_status s = GOP_OK;
    if (data == NULL || like == NULL)
        s = gop_fail(err, GOP_EINVAL, "zoo_dataset_add: an argument is NULL");
    else if (like->bodies > ZOO_MAX_BODIES)
        s = gop_fail(err, GOP_EINVAL, "%u bodies; at most %d are allowed", (unsigned)like->bodies,
                     ZOO_MAX_BODIES);
    if (s == GOP_OK)
        s = check_spans(like, err);
    if (s == GOP_OK)
        s = zoo_frames_keep(data, err);
    if (s == GOP_OK && !more_room(data))
        s = gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", like->name);
    zoo_sequence q = s == GOP_OK ? *like : (zoo_sequence){.name = ""};
    if (s == GOP_OK && !keep_texts(data, &q))
        s = gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", like->name);
    if (s != GOP_OK) {
        free(frames);
        return s;
    }
    q.bodies = q.bodies == 0 ? 1 : q.bodies;
    q.data = frames;
    const size_t size = q.bodies * q.frames * data->domain.layout.columns;
    for (size_t i = 0; frames != NULL && i < size && !data->domain.missing; i++)
        data->domain.missing = isnan(frames[i]);
    data->sequence[data->sequences++] = q;
    return GOP_OK;
}
