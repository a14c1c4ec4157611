/*
 * npy.c: reads the head of a .npy file: a magic number, a version, a length, and a dictionary in
 * Python's notation, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.  Touches its
 * arguments only.
 *
 * Source: numpy.lib.format, versions 1.0, 2.0 (a longer length) and 3.0 (UTF-8).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/numpy/npy.h"

#include <string.h>

#define MOST_HEAD 16384

typedef struct head {
    const char *p, *end;
    char type[64];
    bool fortran;
    uint64_t shape[ZOO_ARRAY_RANK];
    size_t rank;
} head;

static void skip_space(head *h)
{
    while (h->p < h->end && (*h->p == ' ' || *h->p == '\n' || *h->p == '\t'))
        h->p++;
}

/* Passes white space and the word, if it is next. */
static bool take(head *h, const char *word)
{
    const size_t n = strlen(word);
    skip_space(h);
    if ((size_t)(h->end - h->p) < n || memcmp(h->p, word, n) != 0)
        return false;
    h->p += n;
    return true;
}

/* A text between quotes, without escapes. */
static bool take_text(head *h, char *buf, size_t size)
{
    const bool single = take(h, "'");
    if (!single && !take(h, "\""))
        return false;
    size_t n = 0;
    while (h->p < h->end && *h->p != (single ? '\'' : '"') && *h->p != '\\' && n < size - 1)
        buf[n++] = *h->p++;
    buf[n] = '\0';
    return take(h, single ? "'" : "\"");
}

/* A whole number; Python 2 marks long ones by an L. */
static bool take_number(head *h, uint64_t *v)
{
    skip_space(h);
    const char *from = h->p;
    *v = 0;
    for (; h->p < h->end && *h->p >= '0' && *h->p <= '9'; h->p++) {
        if (*v > (UINT64_MAX >> 1) / 10 - 1)
            return false;
        *v = 10 * *v + (uint64_t)(*h->p - '0');
    }
    const bool found = h->p > from;
    h->p += found && h->p < h->end && *h->p == 'L';
    return found;
}

static bool take_shape(head *h)
{
    h->rank = 0;
    if (!take(h, "("))
        return false;
    while (!take(h, ")")) {
        if (h->rank == ZOO_ARRAY_RANK || !take_number(h, &h->shape[h->rank]))
            return false;
        h->rank++;
        if (!take(h, ","))
            return take(h, ")");
    }
    return true;
}

/* What is wrong, or NULL. */
static const char *take_head(head *h)
{
    static const char no_head[] = "its head is no dictionary";
    bool type = false, order = false, shape = false, more = true;
    char key[16];
    if (!take(h, "{"))
        return no_head;
    while (more && !take(h, "}")) {
        if (!take_text(h, key, sizeof key) || !take(h, ":"))
            return no_head;
        if (strcmp(key, "descr") == 0 && !type) {
            type = take_text(h, h->type, sizeof h->type);
            if (!type)
                return "its elements are structures, not numbers";
        } else if (strcmp(key, "fortran_order") == 0 && !order) {
            h->fortran = take(h, "True");
            order = h->fortran || take(h, "False");
            if (!order)
                return "its order is neither True nor False";
        } else if (strcmp(key, "shape") == 0 && !shape) {
            shape = take_shape(h);
            if (!shape)
                return "its shape is not a tuple of up to 8 whole numbers";
        } else {
            return "its head has an unknown key, or one twice";
        }
        more = take(h, ",");
        if (!more && !take(h, "}"))
            return no_head;
    }
    skip_space(h);
    return !type || !order || !shape ? "its head lacks descr, fortran_order or shape"
           : h->p < h->end           ? "its head has something after the dictionary"
                                     : NULL;
}

/* The bytes of the head, from `begin` on. */
static gop_status find_head(size_t *begin, size_t *n, zoo_blob *blob, gop_error *err)
{
    unsigned char front[12] = {0};
    const size_t most = blob->size < sizeof front ? (size_t)blob->size : sizeof front;
    gop_try(zoo_blob_read(blob, front, 0, most, err));
    if (most < 10 || memcmp(front, "\x93NUMPY", 6) != 0)
        return gop_fail(err, GOP_EFORMAT, "%s is not a .npy file", blob->name);
    if (front[6] < 1 || front[6] > 3 || front[7] != 0)
        return gop_fail(err, GOP_EFORMAT, "%s has version %d.%d of .npy; 1.0, 2.0 and 3.0 are read",
                        blob->name, front[6], front[7]);
    *begin = front[6] == 1 ? 10 : 12;
    *n = (size_t)front[8] | (size_t)front[9] << 8;
    if (*begin == 12)
        *n |= (size_t)front[10] << 16 | (size_t)front[11] << 24;
    if (*n > MOST_HEAD)
        return gop_fail(err, GOP_EFORMAT, "%s: a head of %zu bytes is too long", blob->name, *n);
    return GOP_OK;
}

gop_status zoo_npy_read(zoo_array *a, zoo_blob *blob, gop_error *err)
{
    char text[MOST_HEAD];
    size_t begin = 0, n = 0;
    memset(a, 0, sizeof *a);
    gop_try(find_head(&begin, &n, blob, err));
    gop_try(zoo_blob_read(blob, text, begin, n, err));
    head h = {.p = text, .end = text + n};
    const char *fault = take_head(&h);
    if (fault != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: %s", blob->name, fault);
    a->blob = blob;
    a->at = begin + n;
    a->fortran = h.fortran && h.rank > 1;
    gop_try(zoo_array_type(a, h.type, blob->name, err));
    return zoo_array_shape(a, h.shape, h.rank, blob->size - a->at, blob->name, err);
}
