/*
 * params.c: named tensors in two flat vectors, parameters and statistics.
 *
 * Owns the vectors and the names.  Independent of nets.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/memory.h"
#include "core/rng.h"
#include "net/params.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct vector {
    gop_block block;
    gop_real *data;    /* its memory */
    size_t size, room; /* elements */
    uint64_t moves;
} vector;

typedef struct entry {
    char *name;
    uint64_t hash;
    gop_shape shape;
    size_t offset, size;
    bool trained;
} entry;

struct gop_params {
    uint64_t seed;
    entry *entries;
    size_t count, room;
    /* An open hash table: 1 + the index of an entry, or 0.  A power of two, at most half full. */
    size_t *table, slots;
    vector values, stats;
    gop_allocator allocator; /* alloc NULL: the library's own */
    uint64_t version;
    bool closed;
};

GOP_API gop_status gop_params_new(gop_params **params, uint64_t seed, gop_error *err)
{
    if (params == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_params_new: the result pointer is NULL");
    *params = calloc(1, sizeof **params);
    if (*params == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for parameters");
    (*params)->seed = seed;
    (*params)->version = 1;
    return GOP_OK;
}

GOP_API gop_status gop_params_allocator(gop_params *params, const gop_allocator *allocator,
                                        gop_error *err)
{
    if (params == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_params_allocator: the params are NULL");
    gop_try(gop_allocator_check(allocator, "gop_params_allocator", err));
    if (params->count > 0)
        return gop_fail(err, GOP_ESTATE, "gop_params_allocator: there already are parameters");
    params->allocator = allocator != NULL ? *allocator : (gop_allocator){NULL, NULL, NULL};
    return GOP_OK;
}

GOP_API void gop_params_free(gop_params *params)
{
    if (params == NULL)
        return;
    for (size_t i = 0; i < params->count; i++)
        free(params->entries[i].name);
    free(params->entries);
    free(params->table);
    gop_block_free(&params->values.block);
    gop_block_free(&params->stats.block);
    free(params);
}

GOP_API size_t gop_params_count(const gop_params *params)
{
    return params == NULL ? 0 : params->count;
}

GOP_API gop_param_info gop_params_info(const gop_params *params, size_t index)
{
    gop_param_info info = {NULL, {-1, {0, 0, 0, 0}}, false, 0, NULL};

    if (index >= gop_params_count(params))
        return info;
    const entry *e = &params->entries[index];
    const vector *v = e->trained ? &params->values : &params->stats;
    info.name = e->name;
    info.shape = e->shape;
    info.trained = e->trained;
    info.offset = e->offset;
    if (e->size > 0)
        info.data = v->data + e->offset;
    return info;
}

/* The slot of the entry of this name, or the free slot where it would be. */
static size_t slot_of(const gop_params *params, const char *name, uint64_t hash)
{
    size_t at = (size_t)(hash ^ hash >> 32) & (params->slots - 1);

    for (; params->table[at] != 0; at = (at + 1) & (params->slots - 1)) {
        const entry *e = &params->entries[params->table[at] - 1];
        if (e->hash == hash && strcmp(e->name, name) == 0)
            break;
    }
    return at;
}

/* Room for one more entry. */
static bool table_grow(gop_params *params)
{
    const size_t slots = params->slots > 0 ? 2 * params->slots : 128;
    size_t *table;

    if (2 * (params->count + 1) <= params->slots)
        return true;
    table = calloc(slots, sizeof *table);
    if (table == NULL)
        return false;
    free(params->table);
    params->table = table;
    params->slots = slots;
    for (size_t i = 0; i < params->count; i++)
        table[slot_of(params, params->entries[i].name, params->entries[i].hash)] = i + 1;
    return true;
}

GOP_API size_t gop_params_find(const gop_params *params, const char *name)
{
    if (name == NULL || gop_params_count(params) == 0)
        return SIZE_MAX;
    const uint64_t hash = gop_hash(GOP_HASH_START, name, strlen(name));
    const size_t found = params->table[slot_of(params, name, hash)];
    return found > 0 ? found - 1 : SIZE_MAX;
}

GOP_API size_t gop_params_size(const gop_params *params)
{
    return params == NULL ? 0 : params->values.size;
}

GOP_API size_t gop_params_stats_size(const gop_params *params)
{
    return params == NULL ? 0 : params->stats.size;
}

GOP_API void gop_params_changed(gop_params *params)
{
    if (params != NULL)
        params->version++;
}

uint64_t gop_params_moves(const gop_params *params)
{
    return 1 + params->values.moves + params->stats.moves;
}

uint64_t gop_params_version(const gop_params *params)
{
    return params->version;
}

/* A caller that gets the vectors usually writes them. */
GOP_API gop_real *gop_params_values(gop_params *params)
{
    gop_params_changed(params);
    return params == NULL ? NULL : params->values.data;
}

GOP_API gop_real *gop_params_stats(gop_params *params)
{
    gop_params_changed(params);
    return params == NULL ? NULL : params->stats.data;
}

GOP_API void gop_params_close(gop_params *params)
{
    if (params != NULL)
        params->closed = true;
}

bool gop_params_closed(const gop_params *params)
{
    return params->closed;
}

static gop_status vector_move(vector *v, const gop_allocator *from, size_t room, gop_error *err)
{
    gop_block block;

    gop_try(gop_block_take(&block, from, room * sizeof *v->data, "parameters", err));
    if (v->size > 0)
        memcpy(block.memory, v->data, v->size * sizeof *v->data);
    gop_block_free(&v->block);
    v->block = block;
    v->data = block.memory;
    v->room = room;
    v->moves++;
    return GOP_OK;
}

/* Makes room for `more` elements after the existing ones. */
static gop_status vector_grow(vector *v, const gop_allocator *from, size_t more, gop_error *err)
{
    const size_t most = SIZE_MAX / 4 / sizeof *v->data;

    if (more > most || v->size > most - more)
        return gop_fail(err, GOP_ENOMEM, "more parameters than can be addressed");
    const size_t need = v->size + more;
    if (need <= v->room)
        return GOP_OK;
    return vector_move(v, from, v->room * 2 > need ? v->room * 2 : need, err);
}

void gop_params_expect(gop_params *params, size_t elements)
{
    const size_t most = GOP_MEMORY_PAGED / sizeof(gop_real);

    if (elements > most)
        elements = most;
    if (elements > params->values.room)
        (void)vector_move(&params->values, &params->allocator, elements, NULL);
}

gop_init gop_init_constant(double v)
{
    return (gop_init){GOP_INIT_CONSTANT, v, NULL, 0};
}

gop_init gop_init_uniform(double bound)
{
    return (gop_init){GOP_INIT_UNIFORM, bound, NULL, 0};
}

gop_init gop_init_normal(double std)
{
    return (gop_init){GOP_INIT_NORMAL, std, NULL, 0};
}

gop_init gop_init_data(const gop_real *data)
{
    return (gop_init){GOP_INIT_DATA, 0, data, 0};
}

static bool entries_grow(gop_params *params)
{
    entry *entries;
    size_t room;

    if (params->count < params->room)
        return true;
    room = params->room > 0 ? params->room * 2 : 64;
    entries = realloc(params->entries, room * sizeof *entries);
    if (entries == NULL)
        return false;
    params->entries = entries;
    params->room = room;
    return true;
}

/* Element i is draw i of the name's stream, independent of earlier parameters. */
static void fill(gop_real *x, size_t n, gop_init init, uint64_t seed, uint64_t hash)
{
    enum { AT_ONCE = 256 };
    gop_rng rng = gop_rng_new(seed, hash);
    double u[AT_ONCE], v[AT_ONCE];

    for (size_t from = 0; from < n; from += AT_ONCE, x += AT_ONCE) {
        const size_t k = n - from < AT_ONCE ? n - from : AT_ONCE;
        if (init.kind == GOP_INIT_UNIFORM || init.kind == GOP_INIT_NORMAL)
            gop_rng_units(u, v, k, &rng);
        for (size_t i = 0; i < k; i++)
            switch (init.kind) {
            case GOP_INIT_CONSTANT:
                x[i] = (gop_real)init.a;
                break;
            case GOP_INIT_UNIFORM:
                x[i] = (gop_real)(init.mean + init.a * (2.0 * u[i] - 1.0));
                break;
            case GOP_INIT_NORMAL:
                x[i] = (gop_real)(init.mean + init.a * gop_box_muller(u[i], v[i]));
                break;
            case GOP_INIT_DATA:
                x[i] = init.data[from + i];
                break;
            }
    }
}

static gop_status check_init(const char *name, const gop_init *init, size_t size, gop_error *err)
{
    if (init->kind != GOP_INIT_CONSTANT && init->kind != GOP_INIT_UNIFORM &&
        init->kind != GOP_INIT_NORMAL && init->kind != GOP_INIT_DATA)
        return gop_fail(err, GOP_EINVAL, "parameter %s: no such gop_init_kind: %d", name,
                        (int)init->kind);
    if (init->kind == GOP_INIT_DATA && init->data == NULL)
        return gop_fail(err, GOP_EINVAL, "parameter %s: the initial data are NULL", name);
    if (init->kind != GOP_INIT_DATA && !isfinite(init->a + init->mean))
        return gop_fail(err, GOP_EINVAL, "parameter %s: the initial value %g is not finite", name,
                        init->a + init->mean);
    for (size_t i = 0; init->kind == GOP_INIT_DATA && i < size; i++)
        if (!isfinite(init->data[i]))
            return gop_fail(err, GOP_EINVAL,
                            "parameter %s: element %zu of the initial data, %g, is "
                            "not finite",
                            name, i, (double)init->data[i]);
    return GOP_OK;
}

static gop_status check_found(const entry *e, gop_shape shape, bool trained, gop_error *err)
{
    char have[96], want[96];

    if (e->trained != trained)
        return gop_fail(err, GOP_EINVAL, "%s is both a trained parameter and a statistic", e->name);
    if (!gop_shape_equal(e->shape, shape))
        return gop_fail(err, GOP_ESHAPE, "parameter %s has shape %s, not %s", e->name,
                        gop_shape_text(have, sizeof have, e->shape),
                        gop_shape_text(want, sizeof want, shape));
    return GOP_OK;
}

gop_status gop_params_add(gop_params *params, const char *name, gop_shape shape,
                          const gop_init *init, bool trained, size_t *index, gop_error *err)
{
    vector *v = trained ? &params->values : &params->stats;
    const size_t found = gop_params_find(params, name), size = gop_shape_size(shape);
    entry *e;
    char *copy, text[96];

    if (found != SIZE_MAX) {
        *index = found;
        return check_found(&params->entries[found], shape, trained, err);
    }
    if (params->closed)
        return gop_fail(err, GOP_ESTATE, "parameter %s %s is missing", name,
                        gop_shape_text(text, sizeof text, shape));
    if (init != NULL)
        gop_try(check_init(name, init, size, err));
    gop_try(vector_grow(v, &params->allocator, size, err));
    copy = malloc(strlen(name) + 1);
    if (copy == NULL || !entries_grow(params) || !table_grow(params)) {
        free(copy);
        return gop_fail(err, GOP_ENOMEM, "parameter %s %s: out of memory", name,
                        gop_shape_text(text, sizeof text, shape));
    }
    strcpy(copy, name);

    e = &params->entries[params->count];
    e->name = copy;
    e->hash = gop_hash(GOP_HASH_START, name, strlen(name));
    e->shape = shape;
    e->offset = v->size;
    e->size = size;
    e->trained = trained;
    if (init != NULL)
        fill(v->data + v->size, size, *init, params->seed, e->hash);
    v->size += size;
    params->table[slot_of(params, name, e->hash)] = params->count + 1;
    *index = params->count++;
    return GOP_OK;
}
