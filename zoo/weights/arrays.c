/*
 * arrays.c: an archive of numpy's arrays as tensors, each named as its member without ".npy".
 * Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/numpy/npy.h"
#include "zoo/weights/collect.h"

#include <stdio.h>
#include <string.h>

/* The strides of an array whose first axis is the fastest. */
static void turn(zoo_place *p)
{
    uint64_t step = 1;
    for (size_t i = 0; i < p->is.rank; i++) {
        p->stride[i] = step;
        if (p->is.shape[i] > 0 && step <= UINT64_MAX / p->is.shape[i])
            step *= p->is.shape[i];
    }
}

static gop_status add(zoo_weights *w, zoo_array *a, size_t member, const char *name,
                      const char *path, gop_error *err)
{
    zoo_place p = {.member = member,
                   .begin = a->at,
                   .kind = a->kind,
                   .width = a->width,
                   .swapped = a->swapped,
                   .is = {.rank = a->rank}};
    snprintf(p.is.type, sizeof p.is.type, "%c%zu", a->kind, a->width);
    memcpy(p.is.shape, a->shape, sizeof p.is.shape);
    zoo_place_packed(&p);
    if (a->fortran)
        turn(&p);
    return zoo_weights_add(w, &p, name, (a->blob->size - a->at) / a->width, path, err);
}

gop_status zoo_weights_arrays(zoo_weights *w, const char *path, gop_error *err)
{
    w->format = "npz";
    for (size_t i = 0; i < zoo_zip_members(w->zip); i++) {
        const char *name = zoo_zip_name(w->zip, i);
        const size_t n = strlen(name);
        char plain[ZOO_WEIGHT_NAME] = "";
        zoo_blob *blob;
        zoo_array a;
        if (n < 4 || strcmp(name + n - 4, ".npy") != 0)
            return gop_fail(err, GOP_EFORMAT,
                            "%s: member %s is neither data.pkl of PyTorch nor an array (.npy)",
                            path, gop_is_text(name, n) ? name : "?");
        if (n - 4 < sizeof plain)
            memcpy(plain, name, n - 4);
        gop_try(zoo_zip_open_member(&blob, w->zip, i, err));
        gop_status s = zoo_npy_read(&a, blob, err);
        if (s == GOP_OK)
            s = add(w, &a, i, plain, path, err);
        zoo_array_clear(&a);
        zoo_blob_close(blob);
        gop_try(s);
    }
    return GOP_OK;
}
