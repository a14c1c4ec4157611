/*
 * array.c: reads numbers of an array of numpy.  Touches its arguments only.
 *
 * Where the elements of an entry lie together and in order, they are read in place.  Otherwise a
 * window holds some neighbouring entries as they lie in the file.  The axes slower than the
 * counted one cut each entry into `outer` pieces, and those of neighbouring entries lie side by
 * side, so the window is read in `outer` runs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/numpy/array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW ((uint64_t)16 << 20) /* bytes, or one entry */
#define PIECE  2048                 /* elements that are converted at once */

static bool big_endian(void)
{
    const uint16_t one = 1;
    return *(const unsigned char *)&one == 0;
}

gop_status zoo_array_type(zoo_array *a, const char *type, const char *name, gop_error *err)
{
    static const char *const known[] = {"f2", "f4", "f8", "i1", "i2", "i4", "i8",
                                        "u1", "u2", "u4", "u8", "b1", "?"};
    const char order = *type != '\0' && strchr("<>|=", *type) != NULL ? *type : '=';
    const char *plain = type + (order == *type);
    if (*plain == 'O')
        return gop_fail(err, GOP_EFORMAT, "%s: an array of objects (%s), not of numbers", name,
                        type);
    if (*plain == 'S' || *plain == 'U' || *plain == 'a')
        return gop_fail(err, GOP_EFORMAT, "%s: an array of texts (%s), not of numbers", name, type);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(plain, known[i]) == 0) {
            a->kind = *plain == '?' ? 'b' : *plain;
            a->width = *plain == '?' ? 1 : (size_t)(plain[1] - '0');
            a->swapped = a->width > 1 &&
                         ((order == '<' && big_endian()) || (order == '>' && !big_endian()));
            return GOP_OK;
        }
    return gop_fail(
        err, GOP_EFORMAT,
        "%s: an array of type %.40s, which must be f2, f4, f8, i1 to i8, u1 to u8 or b1", name,
        type);
}

gop_status zoo_array_shape(zoo_array *a, const uint64_t *shape, size_t rank, uint64_t bytes,
                           const char *name, gop_error *err)
{
    uint64_t elements = 1;
    bool empty = false;
    if (rank > ZOO_ARRAY_RANK)
        return gop_fail(err, GOP_EFORMAT, "%s: an array of %zu axes; at most %d are possible", name,
                        rank, ZOO_ARRAY_RANK);
    for (size_t i = 0; i < rank; i++)
        empty = empty || shape[i] == 0;
    for (size_t i = 0; i < rank; i++) {
        if (!empty && shape[i] > UINT64_MAX / 16 / elements)
            return gop_fail(err, GOP_EFORMAT, "%s: an array of too many elements", name);
        elements = empty ? 0 : elements * shape[i];
        a->shape[i] = shape[i];
    }
    if (elements * a->width != bytes)
        return gop_fail(err, GOP_EFORMAT, "%s: the array needs %llu bytes and has %llu", name,
                        (unsigned long long)(elements * a->width), (unsigned long long)bytes);
    a->rank = rank;
    zoo_array_along(a, 0);
    return GOP_OK;
}

void zoo_array_along(zoo_array *a, size_t axis)
{
    a->axis = axis;
    a->entries = a->rank > 0 ? a->shape[axis] : 1;
    a->entry = a->entries > 0;
    for (size_t i = 0; i < a->rank; i++)
        a->entry *= i == axis ? 1 : a->shape[i];
    a->holds = 0;
}

static void let_go(zoo_array *a)
{
    free(a->window);
    a->window = NULL;
    a->room = 0;
    a->holds = 0;
}

void zoo_array_clear(zoo_array *a)
{
    let_go(a);
    if (a->owned)
        zoo_blob_close(a->blob);
    a->blob = NULL;
}

/* ---------------------------------------------------------------- conversion */

static float half(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h >> 15) << 31, exponent = h >> 10 & 31, mantissa = h & 1023;
    const float small = (float)mantissa * 0x1p-24f;
    uint32_t bits;
    float v;
    if (exponent == 0)
        memcpy(&bits, &small, sizeof bits);
    else
        bits = (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    bits |= sign;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static float brain(uint16_t h)
{
    const uint32_t bits = (uint32_t)h << 16;
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void swap(unsigned char *p, size_t n, size_t width)
{
    for (; n > 0; n--, p += width)
        for (size_t i = 0; i < width / 2; i++) {
            const unsigned char c = p[i];
            p[i] = p[width - 1 - i];
            p[width - 1 - i] = c;
        }
}

/* Both share the list of types: TYPE is C's, `v` the element. */
#define EACH(TYPE, EXPRESSION)                    \
    for (size_t i = 0; i < n; i++) {              \
        TYPE v;                                   \
        memcpy(&v, raw + i * sizeof v, sizeof v); \
        out[i] = EXPRESSION;                      \
    }                                             \
    break
#define KIND(kind, width) ((kind) << 4 | (int)(width))

static void to_floats(float *out, const zoo_array *a, const unsigned char *raw, size_t n)
{
    switch (KIND(a->kind, a->width)) {
    case KIND('f', 2):
        EACH(uint16_t, half(v));
    case KIND('B', 2):
        EACH(uint16_t, brain(v));
    case KIND('f', 4):
        EACH(float, v);
    case KIND('f', 8):
        EACH(double, (float)v);
    case KIND('i', 1):
        EACH(int8_t, v);
    case KIND('i', 2):
        EACH(int16_t, v);
    case KIND('i', 4):
        EACH(int32_t, (float)v);
    case KIND('i', 8):
        EACH(int64_t, (float)v);
    case KIND('u', 2):
        EACH(uint16_t, v);
    case KIND('u', 4):
        EACH(uint32_t, (float)v);
    case KIND('u', 8):
        EACH(uint64_t, (float)v);
    default:
        EACH(uint8_t, v);
    }
}

/* Whether all are whole and fit; *bad is the first that is not. */
static bool to_integers(int64_t *out, const zoo_array *a, const unsigned char *raw, size_t n,
                        double *bad)
{
    if (a->kind == 'f' || (a->kind == 'u' && a->width == 8)) {
        for (size_t i = 0; i < n; i++) {
            double v;
            float single;
            uint64_t large;
            if (a->kind == 'u') {
                memcpy(&large, raw + 8 * i, 8);
                out[i] = (int64_t)large;
                v = large > INT64_MAX ? (double)large : 0;
            } else {
                if (a->width == 8)
                    memcpy(&v, raw + 8 * i, 8);
                else
                    to_floats(&single, a, raw + a->width * i, 1), v = single;
                out[i] = fabs(v) < 9e15 ? (int64_t)v : 0;
            }
            if ((a->kind == 'u' && v != 0) || (a->kind == 'f' && (double)out[i] != v)) {
                *bad = v;
                return false;
            }
        }
        return true;
    }
    switch (KIND(a->kind, a->width)) {
    case KIND('i', 1):
        EACH(int8_t, v);
    case KIND('i', 2):
        EACH(int16_t, v);
    case KIND('i', 4):
        EACH(int32_t, v);
    case KIND('i', 8):
        EACH(int64_t, v);
    case KIND('u', 2):
        EACH(uint16_t, v);
    case KIND('u', 4):
        EACH(uint32_t, v);
    default:
        EACH(uint8_t, v);
    }
    return true;
}

/* ------------------------------------------------------------------ places */

/* Elements of the file from one place of each axis to the next. */
static void strides(const zoo_array *a, uint64_t *stride)
{
    uint64_t step = 1;
    for (size_t i = 0; i < a->rank; i++) {
        const size_t axis = a->fortran ? i : a->rank - 1 - i;
        stride[axis] = step;
        step *= a->shape[axis];
    }
}

static gop_status hold(zoo_array *a, uint64_t first, uint64_t inner, uint64_t outer, gop_error *err)
{
    const uint64_t bytes = a->entry * a->width, most = bytes >= WINDOW ? 1 : WINDOW / bytes;
    const uint64_t n = most < a->entries - first ? most : a->entries - first;
    if (n * bytes > SIZE_MAX / 2)
        return gop_fail(err, GOP_EFORMAT, "%s: an entry of %llu bytes is too large", a->blob->name,
                        (unsigned long long)bytes);
    if (a->room < n * bytes) {
        let_go(a);
        a->window = malloc((size_t)(n * bytes));
        if (a->window == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", a->blob->name);
        a->room = (size_t)(n * bytes);
    }
    a->holds = 0;
    const uint64_t run = n * inner * a->width;
    for (uint64_t o = 0; o < outer; o++)
        gop_try(zoo_blob_read(a->blob, a->window + o * run,
                              a->at + (o * a->entries + first) * inner * a->width, (size_t)run,
                              err));
    a->held = first;
    a->holds = n;
    return GOP_OK;
}

/* Where the elements of an entry are read next: a place of each axis but the counted one. */
typedef struct walk {
    uint64_t entry; /* that is read */
    uint64_t place[ZOO_ARRAY_RANK];
} walk;

/* Copies n elements, or up to the end of the window, in order; returns how many. */
static size_t gather(unsigned char *raw, const zoo_array *a, walk *w, size_t n,
                     const uint64_t *stride, uint64_t inner)
{
    uint64_t step[ZOO_ARRAY_RANK], at = (w->entry - a->held) * inner;
    for (size_t i = 0; i < a->rank; i++) {
        step[i] = stride[i] < inner || a->entries == 0 ? stride[i]
                                                       : stride[i] / a->entries * a->holds;
        at += i == a->axis ? 0 : w->place[i] * step[i];
    }
    for (size_t done = 0; done < n; done++) {
        memcpy(raw + done * a->width, a->window + at * a->width, a->width);
        size_t i = a->rank;
        while (i-- > 0) {
            if (i == a->axis)
                continue;
            at += step[i];
            if (++w->place[i] < a->shape[i])
                break;
            at -= a->shape[i] * step[i];
            w->place[i] = 0;
        }
        if (i != SIZE_MAX)
            continue;
        w->entry++;
        at += inner;
        if (w->entry == a->held + a->holds)
            return done + 1;
    }
    return n;
}

/* Reads up to PIECE elements, from element `done` of entry `first` on. */
static gop_status fetch(unsigned char *raw, size_t *n, zoo_array *a, uint64_t first, uint64_t done,
                        walk *w, gop_error *err)
{
    if (a->rank <= 1 || (!a->fortran && a->axis == 0)) {
        const uint64_t element = first * a->entry + done;
        return zoo_blob_read(a->blob, raw, a->at + element * a->width, *n * a->width, err);
    }
    uint64_t stride[ZOO_ARRAY_RANK] = {0};
    strides(a, stride);
    const uint64_t inner = stride[a->axis];
    if (a->holds == 0 || w->entry < a->held || w->entry >= a->held + a->holds)
        gop_try(hold(a, w->entry, inner, a->entry / inner, err));
    *n = gather(raw, a, w, *n, stride, inner);
    return GOP_OK;
}

/* Reads entries into one of the two. */
static gop_status read_entries(float *floats, int64_t *integers, zoo_array *a, uint64_t first,
                               uint64_t n, gop_error *err)
{
    unsigned char raw[PIECE * 8];
    if (first > a->entries || n > a->entries - first)
        return gop_fail(err, GOP_EINVAL, "%s: entries %llu to %llu of %llu", a->blob->name,
                        (unsigned long long)first, (unsigned long long)(first + n),
                        (unsigned long long)a->entries);
    const uint64_t all = n * a->entry;
    walk w = {.entry = first};
    for (uint64_t done = 0; done < all;) {
        size_t k = all - done < PIECE ? (size_t)(all - done) : PIECE;
        double bad = 0;
        gop_try(fetch(raw, &k, a, first, done, &w, err));
        if (a->swapped)
            swap(raw, k, a->width);
        if (floats != NULL)
            to_floats(floats + done, a, raw, k);
        else if (!to_integers(integers + done, a, raw, k, &bad))
            return gop_fail(err, GOP_EFORMAT, "%s: %g is not a whole number, or too large",
                            a->blob->name, bad);
        done += k;
    }
    return GOP_OK;
}

gop_status zoo_array_floats(float *out, zoo_array *a, uint64_t first, uint64_t n, gop_error *err)
{
    const bool plain = a->kind == 'f' && a->width == 4 && !a->swapped && !a->fortran &&
                       a->axis == 0 && first <= a->entries && n <= a->entries - first;
    if (plain) /* in place */
        return zoo_blob_read(a->blob, out, a->at + first * a->entry * 4, (size_t)(n * a->entry * 4),
                             err);
    return read_entries(out, NULL, a, first, n, err);
}

gop_status zoo_array_integers(int64_t *out, zoo_array *a, uint64_t first, uint64_t n,
                              gop_error *err)
{
    return read_entries(NULL, out, a, first, n, err);
}
