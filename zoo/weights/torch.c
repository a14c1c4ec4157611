/*
 * torch.c: the tensors of an archive of PyTorch.  Touches its arguments only.
 *
 * The archive has a folder with data.pkl, a pickle whose tensors are calls of
 * _rebuild_tensor_v2(storage, offset, shape, strides, ...), a storage being a reference ("storage",
 * type, key, device, elements); the storage's numbers are the member data/KEY, and the member
 * byteorder, if it is there, has their order.
 *
 * Of nested dictionaries, such as {"state_dict": {...}, "epoch": 3}, one is taken: "state_dict" if
 * it has tensors, or the first of those that have the most.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/pickle/pickle.h"
#include "zoo/weights/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY     ((size_t)64 << 20) /* of the pickle's values */
#define LEVELS     4                  /* of dictionaries */
#define MOST_SEEN  200000             /* entries looked at while a dictionary is chosen */
#define PARAMETERS 4                  /* nested calls around a tensor */

typedef struct member {
    const char *name;
    size_t index;
} member;

typedef struct archive {
    zoo_weights *w;
    const char *path;
    zoo_pickle *p;
    member *member; /* [members], by name */
    size_t members;
    char root[ZOO_WEIGHT_NAME]; /* the folder, with a slash at its end, or "" */
    bool big;                   /* the numbers are big-endian */
    /* Of the search for a dictionary: */
    zoo_value chosen;
    size_t tensors; /* of the chosen */
    bool named;     /* it is "state_dict" */
    size_t seen;
} archive;

/* --------------------------------------------------------------------- members */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const member *)a)->name, ((const member *)b)->name);
}

static gop_status list_members(archive *a, gop_error *err)
{
    a->members = zoo_zip_members(a->w->zip);
    a->member = malloc((a->members + 1) * sizeof *a->member);
    if (a->member == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", a->path);
    for (size_t i = 0; i < a->members; i++)
        a->member[i] = (member){zoo_zip_name(a->w->zip, i), i};
    qsort(a->member, a->members, sizeof *a->member, by_name);
    return GOP_OK;
}

/* The archive's member "ROOT NAME"; false without it, and if there are two. */
static bool find_member(size_t *index, const archive *a, const char *name)
{
    char full[2 * ZOO_WEIGHT_NAME];
    snprintf(full, sizeof full, "%s%s", a->root, name);
    const member key = {full, 0};
    const member *m = bsearch(&key, a->member, a->members, sizeof *m, by_name);
    if (m == NULL)
        return false;
    const size_t at = (size_t)(m - a->member);
    if ((at > 0 && by_name(m - 1, m) == 0) || (at + 1 < a->members && by_name(m, m + 1) == 0))
        return false;
    *index = m->index;
    return true;
}

/* Finds the folder of the only data.pkl. */
static gop_status find_root(archive *a, size_t *index, gop_error *err)
{
    static const char wanted[] = "data.pkl";
    size_t found = 0;
    for (size_t i = 0; i < a->members; i++) {
        const char *name = a->member[i].name, *slash = strrchr(name, '/');
        const char *last = slash == NULL ? name : slash + 1;
        const size_t n = (size_t)(last - name);
        if (strcmp(last, wanted) != 0)
            continue;
        found++;
        *index = a->member[i].index;
        if (n < sizeof a->root) {
            memcpy(a->root, name, n);
            a->root[n] = '\0';
        }
        if (n >= sizeof a->root || found > 1)
            return gop_fail(err, GOP_EFORMAT,
                            "%s: its data.pkl lies too deep, or there are several", a->path);
    }
    size_t program;
    if (found == 1 && find_member(&program, a, "constants.pkl"))
        return gop_fail(err, GOP_EFORMAT,
                        "%s is a program (TorchScript); save the network's state_dict instead",
                        a->path);
    return found == 1 ? GOP_OK : gop_fail(err, GOP_EFORMAT, "%s has no member data.pkl", a->path);
}

static gop_status find_order(archive *a, gop_error *err)
{
    size_t index;
    char text[8] = "";
    zoo_blob *b;
    if (!find_member(&index, a, "byteorder"))
        return GOP_OK;
    gop_try(zoo_zip_open_member(&b, a->w->zip, index, err));
    const size_t n = b->size < sizeof text - 1 ? (size_t)b->size : sizeof text - 1;
    const gop_status s = zoo_blob_read(b, text, 0, n, err);
    zoo_blob_close(b);
    gop_try(s);
    a->big = strcmp(text, "big") == 0;
    return a->big || strcmp(text, "little") == 0
               ? GOP_OK
               : gop_fail(err, GOP_EFORMAT, "%s: its byteorder is neither little nor big", a->path);
}

/* The size of a member that must be stored, as PyTorch does: it is read from any place on. */
static gop_status stored_size(uint64_t *bytes, const archive *a, size_t index, gop_error *err)
{
    bool stored;
    if (zoo_zip_size(bytes, &stored, a->w->zip, index) && stored)
        return GOP_OK;
    return gop_fail(err, GOP_EFORMAT,
                    "%s: member %s is compressed; PyTorch stores its members as they are", a->path,
                    zoo_zip_name(a->w->zip, index));
}

/* --------------------------------------------------------------------- tensors */

/* The call that makes a tensor; 0 if the value is none. */
static zoo_value tensor_of(const zoo_pickle *p, zoo_value v)
{
    for (int i = 0; i < PARAMETERS && zoo_value_kind_of(p, v) == ZOO_VALUE_OBJECT &&
                    zoo_value_name(p, v) == ZOO_NAME_PARAMETER;
         i++)
        v = zoo_value_item(p, zoo_value_arguments(p, v), 0);
    return zoo_value_kind_of(p, v) == ZOO_VALUE_OBJECT && zoo_value_name(p, v) == ZOO_NAME_TENSOR
               ? v
               : 0;
}

static const char *type_of(const zoo_pickle *p, zoo_value storage)
{
    if (zoo_value_kind_of(p, storage) != ZOO_VALUE_NAME)
        return NULL;
    switch (zoo_value_name(p, storage)) {
    case ZOO_NAME_STORAGE_F8:
        return "f8";
    case ZOO_NAME_STORAGE_F4:
        return "f4";
    case ZOO_NAME_STORAGE_F2:
        return "f2";
    case ZOO_NAME_STORAGE_B2:
        return "bf2";
    case ZOO_NAME_STORAGE_I8:
        return "i8";
    case ZOO_NAME_STORAGE_I4:
        return "i4";
    case ZOO_NAME_STORAGE_I2:
        return "i2";
    case ZOO_NAME_STORAGE_I1:
        return "i1";
    case ZOO_NAME_STORAGE_U1:
        return "u1";
    case ZOO_NAME_STORAGE_TRUTH:
        return "b1";
    default:
        return NULL;
    }
}

/* Up to ZOO_WEIGHT_RANK whole numbers from 0 on. */
static bool take_numbers(uint64_t *v, size_t *n, const zoo_pickle *p, zoo_value tuple)
{
    uint32_t place = 0;
    *n = 0;
    if (zoo_value_kind_of(p, tuple) != ZOO_VALUE_TUPLE ||
        zoo_value_count(p, tuple) > ZOO_WEIGHT_RANK)
        return false;
    for (zoo_value item; (item = zoo_value_next(p, tuple, &place)) != 0;) {
        int64_t number;
        if (!zoo_value_integer(p, item, &number) || number < 0)
            return false;
        v[(*n)++] = (uint64_t)number;
    }
    return true;
}

/* Sets member, type and the number of elements of a storage. */
static gop_status take_storage(archive *a, zoo_place *p, uint64_t *elements, zoo_value reference,
                               const char *name, gop_error *err)
{
    char kind[16] = "", key[64] = "", path[80];
    const zoo_value about = zoo_value_arguments(a->p, reference);
    const char *type = type_of(a->p, zoo_value_item(a->p, about, 1));
    int64_t all = 0;
    uint64_t bytes;
    if (zoo_value_kind_of(a->p, reference) != ZOO_VALUE_REFERENCE || type == NULL ||
        zoo_value_count(a->p, about) != 5 ||
        !zoo_value_integer(a->p, zoo_value_item(a->p, about, 4), &all) || all < 0)
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s has no storage of numbers", a->path, name);
    gop_try(zoo_value_text(kind, sizeof kind, a->p, zoo_value_item(a->p, about, 0), name, err));
    gop_try(zoo_value_text(key, sizeof key, a->p, zoo_value_item(a->p, about, 2), name, err));
    snprintf(path, sizeof path, "data/%s", key);
    if (strcmp(kind, "storage") != 0 || !find_member(&p->member, a, path))
        return gop_fail(err, GOP_EFORMAT,
                        "%s: tensor %s lies in %s, and the archive has no one such "
                        "member",
                        a->path, name, path);
    gop_try(zoo_place_type(p, type, a->big, name, err));
    gop_try(stored_size(&bytes, a, p->member, err));
    if ((uint64_t)all > bytes / p->width)
        return gop_fail(err, GOP_EFORMAT, "%s: member %s has %llu bytes, too few for %lld elements",
                        a->path, path, (unsigned long long)bytes, (long long)all);
    *elements = (uint64_t)all;
    return GOP_OK;
}

static gop_status take_tensor(archive *a, zoo_value tensor, const char *name, gop_error *err)
{
    zoo_place p = {.member = 0};
    const zoo_value arguments = zoo_value_arguments(a->p, tensor);
    uint64_t elements = 0;
    size_t strides = 0;
    int64_t offset = 0;
    gop_try(take_storage(a, &p, &elements, zoo_value_item(a->p, arguments, 0), name, err));
    if (!zoo_value_integer(a->p, zoo_value_item(a->p, arguments, 1), &offset) || offset < 0 ||
        (uint64_t)offset > elements)
        return gop_fail(err, GOP_EFORMAT, "%s: tensor %s begins outside of its storage", a->path,
                        name);
    if (!take_numbers(p.is.shape, &p.is.rank, a->p, zoo_value_item(a->p, arguments, 2)) ||
        !take_numbers(p.stride, &strides, a->p, zoo_value_item(a->p, arguments, 3)) ||
        strides != p.is.rank)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: the shape and the strides of tensor %s must be as many whole numbers, "
                        "at most %d",
                        a->path, name, ZOO_WEIGHT_RANK);
    p.begin = (uint64_t)offset * p.width;
    return zoo_weights_add(a->w, &p, name, elements - (uint64_t)offset, a->path, err);
}

/* ---------------------------------------------------------------- dictionaries */

static bool is_key(const zoo_pickle *p, zoo_value v)
{
    return zoo_value_kind_of(p, v) == ZOO_VALUE_TEXT;
}

static size_t count_tensors(archive *a, zoo_value dict)
{
    uint32_t place = 0;
    size_t n = 0;
    for (zoo_value key; (key = zoo_value_next(a->p, dict, &place)) != 0; a->seen++) {
        const zoo_value v = zoo_value_next(a->p, dict, &place);
        n += is_key(a->p, key) && tensor_of(a->p, v) != 0;
    }
    return n;
}

/* Looks at the dictionaries of one level; `at` is where their names begin in `part`. */
static void choose(archive *a, zoo_value dict, char *part, size_t at, int levels)
{
    uint32_t place = 0;
    const size_t tensors = count_tensors(a, dict);
    const bool named = strcmp(part, "state_dict") == 0 && tensors > 0;
    if (tensors > 0 && !a->named && (named || tensors > a->tensors)) {
        a->chosen = dict;
        a->tensors = tensors;
        a->named = named;
        snprintf(a->w->part, sizeof a->w->part, "%s", part);
    }
    for (zoo_value key; levels > 1 && (key = zoo_value_next(a->p, dict, &place)) != 0;) {
        const zoo_value v = zoo_value_next(a->p, dict, &place);
        char name[ZOO_VALUE_KEY + 1];
        gop_error unused;
        if (zoo_value_kind_of(a->p, v) != ZOO_VALUE_DICT || a->seen++ > MOST_SEEN ||
            !is_key(a->p, key) ||
            zoo_value_text(name, sizeof name, a->p, key, "a key", &unused) != GOP_OK)
            continue;
        const size_t room = ZOO_WEIGHT_NAME - at;
        const int n = snprintf(part + at, room, "%s%s", at > 0 ? "." : "", name);
        if (n >= 0 && (size_t)n < room)
            choose(a, v, part, at + (size_t)n, levels - 1);
        part[at] = '\0';
    }
}

static gop_status take_tensors(archive *a, gop_error *err)
{
    char part[ZOO_WEIGHT_NAME] = "", name[ZOO_WEIGHT_NAME];
    const zoo_value root = zoo_pickle_root(a->p);
    uint32_t place = 0;
    if (zoo_value_kind_of(a->p, root) == ZOO_VALUE_DICT)
        choose(a, root, part, 0, LEVELS);
    if (a->chosen == 0)
        return gop_fail(err, GOP_EFORMAT,
                        "%s has %s without tensors by name; save the network's state_dict", a->path,
                        zoo_value_kind_name(zoo_value_kind_of(a->p, root)));
    for (zoo_value key; (key = zoo_value_next(a->p, a->chosen, &place)) != 0;) {
        const zoo_value v = tensor_of(a->p, zoo_value_next(a->p, a->chosen, &place));
        if (!is_key(a->p, key) || v == 0)
            continue;
        gop_try(zoo_value_text(name, sizeof name, a->p, key, "a tensor's name", err));
        gop_try(take_tensor(a, v, name, err));
    }
    return GOP_OK;
}

gop_status zoo_weights_torch(zoo_weights *w, const char *path, gop_error *err)
{
    archive a = {.w = w, .path = path};
    size_t index = 0;
    uint64_t bytes;
    zoo_blob *blob = NULL;
    w->format = "PyTorch";
    gop_status s = list_members(&a, err);
    if (s == GOP_OK)
        s = find_root(&a, &index, err);
    if (s == GOP_OK)
        s = find_order(&a, err);
    if (s == GOP_OK)
        s = stored_size(&bytes, &a, index, err);
    if (s == GOP_OK)
        s = zoo_zip_open_member(&blob, w->zip, index, err);
    if (s == GOP_OK)
        s = zoo_pickle_read_member(&a.p, blob, MEMORY, err);
    if (s == GOP_OK)
        s = take_tensors(&a, err);
    zoo_pickle_free(a.p);
    zoo_blob_close(blob);
    free(a.member);
    return s;
}
