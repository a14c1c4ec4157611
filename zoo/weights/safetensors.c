/*
 * safetensors.c: the head of a .safetensors file: the number of its bytes, then JSON, an object of
 * {"dtype", "shape", "data_offsets": [from, to]} for each name; the numbers follow, little-endian.
 * Touches its arguments only.
 *
 * Source: the format's description by Hugging Face.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/json.h"
#include "zoo/weights/collect.h"

#include <stdlib.h>
#include <string.h>

#define MOST_HEAD ((uint64_t)16 << 20)

typedef struct entry {
    char type[16];
    uint64_t shape[ZOO_WEIGHT_RANK], offset[2];
    size_t rank, offsets;
    bool typed, shaped;
} entry;

/* Their type's name in ours, or NULL. */
static const char *find_type(const char *name)
{
    static const char *const types[][2] = {
        {"F64", "f8"}, {"F32", "f4"}, {"F16", "f2"}, {"BF16", "bf2"}, {"I64", "i8"},
        {"I32", "i4"}, {"I16", "i2"}, {"I8", "i1"},  {"U64", "u8"},   {"U32", "u4"},
        {"U16", "u2"}, {"U8", "u1"},  {"BOOL", "b1"}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i][0], name) == 0)
            return types[i][1];
    return NULL;
}

/* Reads an array of up to `most` whole numbers; false if it is something else. */
static bool take_numbers(zoo_json *j, uint64_t *v, size_t *n, size_t most)
{
    bool good = true;
    *n = 0;
    if (zoo_json_kind(j) != '[')
        return false;
    zoo_json_enter(j, '[');
    while (zoo_json_item(j)) {
        const char *end = NULL;
        if (zoo_json_kind(j) != '0' || *n == most)
            return false;
        const char *p = zoo_json_number(j, &end);
        uint64_t number = 0;
        for (; p != NULL && p < end; p++) {
            good = good && *p >= '0' && *p <= '9' && number < UINT64_MAX / 20;
            number = good ? 10 * number + (uint64_t)(*p - '0') : 0;
        }
        v[(*n)++] = number;
    }
    return good;
}

/* What is wrong with the entry, or NULL. */
static const char *take_entry(zoo_json *j, entry *e)
{
    char key[16];
    if (zoo_json_kind(j) != '{')
        return "is no object";
    zoo_json_enter(j, '{');
    while (zoo_json_entry(j, key, sizeof key)) {
        if (strcmp(key, "dtype") == 0) {
            e->typed = zoo_json_kind(j) == '"' && zoo_json_text(j, e->type, sizeof e->type);
            if (!e->typed)
                return "has a dtype that is no short text";
        } else if (strcmp(key, "shape") == 0) {
            e->shaped = take_numbers(j, e->shape, &e->rank, ZOO_WEIGHT_RANK);
            if (!e->shaped)
                return "has a shape that is no list of up to 8 whole numbers";
        } else if (strcmp(key, "data_offsets") == 0) {
            if (!take_numbers(j, e->offset, &e->offsets, 2) || e->offsets != 2)
                return "has data_offsets that are not two whole numbers";
        } else {
            zoo_json_skip(j);
        }
    }
    return j->fault == NULL && !(e->typed && e->shaped && e->offsets == 2)
               ? "lacks dtype, shape or data_offsets"
               : NULL;
}

static gop_status add(zoo_weights *w, const char *name, const entry *e, uint64_t data,
                      gop_error *err)
{
    const char *file = w->file->name, *type = find_type(e->type);
    zoo_place p = {.is = {.rank = e->rank}};
    if (type == NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s has type %s, which is not read", file,
                        name, e->type);
    if (e->offset[0] > e->offset[1] || e->offset[1] > w->file->size - data)
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s lies outside of the file", file, name);
    gop_try(zoo_place_type(&p, type, false, name, err));
    memcpy(p.is.shape, e->shape, sizeof p.is.shape);
    zoo_place_packed(&p);
    p.begin = data + e->offset[0];
    const uint64_t bytes = e->offset[1] - e->offset[0];
    gop_try(zoo_weights_add(w, &p, name, bytes / p.width, file, err));
    if (p.is.elements * p.width != bytes)
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s needs %llu bytes and has %llu", file, name,
                        (unsigned long long)(p.is.elements * p.width), (unsigned long long)bytes);
    return GOP_OK;
}

static gop_status take_head(zoo_weights *w, zoo_json *j, uint64_t data, gop_error *err)
{
    char name[ZOO_WEIGHT_NAME];
    zoo_json_enter(j, '{');
    while (zoo_json_entry(j, name, sizeof name)) {
        if (strcmp(name, "__metadata__") == 0) {
            zoo_json_skip(j);
            continue;
        }
        entry e = {.rank = 0};
        const char *fault = take_entry(j, &e);
        if (fault != NULL)
            return gop_fail(err, GOP_EFORMAT, "%s: tensor %s %s", w->file->name, name, fault);
        if (j->fault == NULL)
            gop_try(add(w, name, &e, data, err));
    }
    zoo_json_finish(j);
    return j->fault == NULL ? GOP_OK
                            : gop_fail(err, GOP_EFORMAT, "%s: character %zu of its head: %s",
                                       w->file->name, (size_t)(j->p - j->begin) + 1, j->fault);
}

gop_status zoo_weights_safetensors(zoo_weights *w, gop_error *err)
{
    unsigned char front[8] = {0};
    uint64_t n = 0;
    w->format = "safetensors";
    gop_try(zoo_blob_read(w->file, front, 0, sizeof front, err));
    for (size_t i = sizeof front; i-- > 0;)
        n = n << 8 | front[i];
    if (n > w->file->size - 8)
        return gop_fail(err, GOP_EFORMAT, "%s: its head of %llu bytes is longer than the file",
                        w->file->name, (unsigned long long)n);
    if (n > MOST_HEAD)
        return gop_fail(err, GOP_EFORMAT, "%s: a head of %llu bytes is too long", w->file->name,
                        (unsigned long long)n);
    char *text = malloc((size_t)n + 1);
    if (text == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", w->file->name);
    gop_status s = zoo_blob_read(w->file, text, 8, (size_t)n, err);
    zoo_json j = {.p = text, .begin = text, .end = text + n};
    if (s == GOP_OK)
        s = take_head(w, &j, 8 + n, err);
    free(text);
    return s;
}
