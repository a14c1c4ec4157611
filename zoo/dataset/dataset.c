/*
 * dataset.c: builds, queries and frees data sets.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/build.h"

void zoo_dataset_free(zoo_dataset *data)
{
    if (data == NULL)
        return;
    for (size_t i = 0; i < data->sequences; i++)
        free(data->sequence[i].data);
    free(data->sequence);
    zoo_domain_clear(&data->domain);
    free(data);
}

bool zoo_dataset_has(const zoo_dataset *data, size_t action, zoo_split split)
{
    for (size_t i = 0; data != NULL && i < data->sequences; i++)
        if (data->sequence[i].action == action && data->sequence[i].split == split)
            return true;
    return false;
}

gop_status zoo_dataset_add(zoo_dataset *data, const char *name, size_t action, zoo_split split,
                           float *frames, size_t n, gop_error *err)
{
    size_t have = data->sequences;
    if ((have & (have - 1)) == 0) {
        size_t room = have == 0 ? 1 : 2 * have;
        zoo_sequence *grown = have < ZOO_MAX_SEQUENCES
                                  ? realloc(data->sequence, room * sizeof *grown)
                                  : NULL;
        if (grown == NULL) {
            free(frames);
            return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", name);
        }
        data->sequence = grown;
    }
    zoo_sequence *s = &data->sequence[data->sequences++];
    memset(s, 0, sizeof *s);
    strncpy(s->name, name, ZOO_SEQUENCE_NAME_SIZE - 1);
    s->action = (uint32_t)action;
    s->split = split;
    s->frames = n;
    s->data = frames;
    return GOP_OK;
}
