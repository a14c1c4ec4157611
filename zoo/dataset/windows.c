/*
 * windows.c: counts the sequences that are long enough for a window, and reports that none is.
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "zoo/dataset/windows.h"

size_t zoo_sequence_length(const zoo_dataset *data, size_t sequence)
{
    if (data == NULL || sequence >= data->sequences || data->domain.factor == 0)
        return 0;
    size_t factor = data->domain.factor, n = data->sequence[sequence].frames;
    return n / factor + (n % factor != 0);
}

size_t zoo_dataset_count(size_t *of, const zoo_dataset *data, zoo_split split, size_t frames)
{
    size_t n = 0;
    if (of != NULL && data != NULL)
        memset(of, 0, data->domain.actions * sizeof *of);
    for (size_t i = 0; data != NULL && i < data->sequences; i++) {
        const bool counts = data->sequence[i].split == split &&
                            zoo_sequence_length(data, i) >= frames;
        n += counts;
        if (of != NULL)
            of[data->sequence[i].action] += counts;
    }
    return n;
}

size_t zoo_raw_frames(const zoo_domain *d, size_t frames)
{
    return d == NULL || frames == 0 ? 0 : (frames - 1) * d->factor + 1;
}

gop_status zoo_too_short(const zoo_dataset *data, zoo_split split, size_t frames, const char *what,
                         gop_error *err)
{
    const zoo_domain *d = &data->domain;
    const char *kind = split == ZOO_TRAIN ? "training" : "test";
    size_t longest = 0;
    char span[256];
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == split && data->sequence[i].frames > longest)
            longest = data->sequence[i].frames;
    if (longest == 0)
        return gop_fail(err, GOP_EFORMAT, "data set %s has no %s sequences", d->name, kind);
    if (d->factor > 1)
        snprintf(span, sizeof span, "%zu, one in %u: %s", frames, (unsigned)d->factor, what);
    return gop_fail(err, GOP_EFORMAT,
                    "data set %s has no %s sequence of %zu frames (%s); the longest has %zu",
                    d->name, kind, zoo_raw_frames(d, frames), d->factor > 1 ? span : what, longest);
}
