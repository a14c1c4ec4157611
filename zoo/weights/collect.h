/*
 * collect.h: how the formats give their tensors.  Private to zoo/weights.
 */
#ifndef ZOO_WEIGHTS_COLLECT_H
#define ZOO_WEIGHTS_COLLECT_H

#include "zoo/numpy/array.h"
#include "zoo/numpy/zip.h"
#include "zoo/weights/weights.h"

typedef struct zoo_place {
    zoo_weight is;
    char *name;                       /* owned; is.name is the part that counts */
    size_t member;                    /* of the archive */
    uint64_t begin;                   /* bytes before the first element, in the member or file */
    uint64_t stride[ZOO_WEIGHT_RANK]; /* elements from one place of each axis to the next */
    char kind;                        /* of zoo_array */
    size_t width;
    bool swapped;
} zoo_place;

struct zoo_weights {
    const char *format;
    char part[ZOO_WEIGHT_NAME];
    zoo_blob *file; /* or: */
    zoo_zip *zip;
    zoo_place *place; /* [count], room for `room` */
    size_t count, room;
};

/* Each fills a struct that has its file or archive open. */
gop_status zoo_weights_torch(zoo_weights *w, const char *path, gop_error *err);
gop_status zoo_weights_safetensors(zoo_weights *w, gop_error *err);
gop_status zoo_weights_arrays(zoo_weights *w, const char *path, gop_error *err);

/* Sets kind, width and order from a type as in zoo_weight. */
gop_status zoo_place_type(zoo_place *p, const char *type, bool swapped, const char *name,
                          gop_error *err);
/* Sets the strides of an array that lies in order. */
void zoo_place_packed(zoo_place *p);
/* The elements of the file from the first of a tensor to its last; false if there are too many to
 * count. */
bool zoo_place_spans(uint64_t *span, const zoo_place *p);
/* Adds a tensor: sets the number of elements and checks that all of them lie among the first
 * `stored` elements behind p->begin.  The name is copied. */
gop_status zoo_weights_add(zoo_weights *w, zoo_place *p, const char *name, uint64_t stored,
                           const char *path, gop_error *err);

#endif
