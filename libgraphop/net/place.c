/*
 * place.c: offsets for buffers that live in intervals of time.  Pure arithmetic, independent of
 * nets.
 *
 * Largest first, each buffer gets the lowest offset that is free during its whole life: simple, and
 * within a few per cent of the lower bound on our nets.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"

#include <stdlib.h>

#define ALIGN 32 /* elements; at least a cache line, so that no two buffers share one */

typedef struct item {
    size_t size, index;
} item;

static int larger_first(const void *pa, const void *pb)
{
    const item *a = pa, *b = pb;
    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return a->index > b->index ? 1 : -1;
}

gop_status gop_place(size_t n, const size_t *size, const uint32_t *from, const uint32_t *to,
                     size_t *at, size_t *total, gop_error *err)
{
    *total = 0;
    if (n == 0)
        return GOP_OK;
    item *order = calloc(n, sizeof *order);
    size_t *by_offset = calloc(n, sizeof *by_offset);
    if (order == NULL || by_offset == NULL) {
        free(order);
        free(by_offset);
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    }
    gop_status status = GOP_OK;
    for (size_t i = 0; i < n; i++) {
        if (size[i] > SIZE_MAX / 16)
            status = gop_fail(err, GOP_ENOMEM, "a buffer of %zu elements is too large", size[i]);
        order[i].size = (size[i] + ALIGN - 1) / ALIGN * ALIGN;
        order[i].index = i;
    }
    qsort(order, n, sizeof *order, larger_first);

    /* by_offset holds the placed items' indices in ascending order of offset. */
    for (size_t k = 0; k < n && status == GOP_OK; k++) {
        size_t i = order[k].index, need = order[k].size, free_from = 0, slot = k;
        for (size_t j = 0; j < k; j++) {
            size_t o = by_offset[j];
            if (to[o] < from[i] || to[i] < from[o])
                continue;
            if (at[o] >= free_from && at[o] - free_from >= need)
                break;
            size_t end = at[o] + (size[o] + ALIGN - 1) / ALIGN * ALIGN;
            if (end > free_from)
                free_from = end;
        }
        at[i] = free_from;
        if (free_from > SIZE_MAX / 16 - need)
            status = gop_fail(err, GOP_ENOMEM, "the net's buffers are too large together");
        else if (free_from + need > *total)
            *total = free_from + need;
        while (slot > 0 && at[by_offset[slot - 1]] > free_from) {
            by_offset[slot] = by_offset[slot - 1];
            slot--;
        }
        by_offset[slot] = i;
    }
    free(order);
    free(by_offset);
    return status;
}
