/*
 * pickle_tree.c: the values of a pickle in memory, and how they are looked up.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/pickle/pickle_tree.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------- pools */

void *zoo_pool_at(const zoo_pool *q, size_t i)
{
    return q->block[i / ZOO_POOL_BLOCK] + i % ZOO_POOL_BLOCK * q->width;
}

static gop_status count(zoo_pickle *p, size_t bytes, gop_error *err)
{
    if (bytes > p->memory - p->used)
        return gop_fail(err, GOP_EFORMAT, "%s: its values need more than %zu MiB of memory",
                        p->blob->name, p->memory >> 20);
    p->used += bytes;
    return GOP_OK;
}

static gop_status add_block(zoo_pool *q, zoo_pickle *p, gop_error *err)
{
    if (q->blocks == q->room) {
        const size_t room = q->room == 0 ? 4 : 2 * q->room;
        gop_try(count(p, (room - q->room) * sizeof *q->block, err));
        unsigned char **grown = realloc(q->block, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", p->blob->name);
        q->block = grown;
        q->room = room;
    }
    gop_try(count(p, ZOO_POOL_BLOCK * q->width, err));
    q->block[q->blocks] = malloc(ZOO_POOL_BLOCK * q->width);
    if (q->block[q->blocks] == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", p->blob->name);
    q->blocks++;
    return GOP_OK;
}

gop_status zoo_pool_grow(zoo_pool *q, zoo_pickle *p, size_t n, gop_error *err)
{
    const size_t left = ZOO_POOL_BLOCK - q->n % ZOO_POOL_BLOCK;
    if (n < ZOO_POOL_BLOCK && left < n) /* the rest of the block stays unused */
        q->n += left;
    for (; n > 0; n--, q->n++) {
        if (q->n / ZOO_POOL_BLOCK == q->blocks)
            gop_try(add_block(q, p, err));
        memset(zoo_pool_at(q, q->n), 0, q->width);
    }
    return GOP_OK;
}

void zoo_pool_clear(zoo_pool *q, zoo_pickle *p)
{
    for (size_t i = 0; i < q->blocks; i++)
        free(q->block[i]);
    free(q->block);
    p->used -= q->room * sizeof *q->block + q->blocks * ZOO_POOL_BLOCK * q->width;
    q->block = NULL;
    q->blocks = q->room = q->n = 0;
}

/* ----------------------------------------------------------------------- nodes */

zoo_node *zoo_node_of(const zoo_pickle *p, zoo_value v)
{
    return v == 0 ? NULL : zoo_pool_at(&p->nodes, v - 1);
}

gop_status zoo_node_new(zoo_value *v, zoo_pickle *p, zoo_node node, gop_error *err)
{
    if (p->nodes.n >= UINT32_MAX - 1)
        return gop_fail(err, GOP_EFORMAT, "%s: more values than can be counted", p->blob->name);
    gop_try(zoo_pool_grow(&p->nodes, p, 1, err));
    *v = (zoo_value)p->nodes.n;
    *zoo_node_of(p, *v) = node;
    return GOP_OK;
}

/* Cells are numbered from 1 too. */
static zoo_cell *cell_of(const zoo_pickle *p, uint32_t cell)
{
    return zoo_pool_at(&p->cells, cell - 1);
}

gop_status zoo_node_append(zoo_pickle *p, zoo_value container, zoo_value item, gop_error *err)
{
    zoo_node *x = zoo_node_of(p, container);
    if (p->cells.n >= UINT32_MAX - 1)
        return gop_fail(err, GOP_EFORMAT, "%s: more values than can be counted", p->blob->name);
    gop_try(zoo_pool_grow(&p->cells, p, 1, err));
    const uint32_t cell = (uint32_t)p->cells.n;
    cell_of(p, cell)->value = item;
    if (x->is.chain.last != 0)
        cell_of(p, x->is.chain.last)->next = cell;
    else
        x->is.chain.first = cell;
    x->is.chain.last = cell;
    return GOP_OK;
}

/* ---------------------------------------------------------------------- lookup */

zoo_value zoo_pickle_root(const zoo_pickle *p)
{
    return p->root;
}

const char *zoo_pickle_file(const zoo_pickle *p)
{
    return p->blob->name;
}

zoo_value_kind zoo_value_kind_of(const zoo_pickle *p, zoo_value v)
{
    return v == 0 ? ZOO_VALUE_ABSENT : (zoo_value_kind)zoo_node_of(p, v)->kind;
}

const char *zoo_value_kind_name(zoo_value_kind kind)
{
    static const char *const names[] = {
        "nothing",      "None",   "true or false", "an integer",     "a number",
        "a text",       "bytes",  "a list",        "a tuple",        "a set",
        "a dictionary", "a name", "an object",     "a long integer", "a reference"};
    return names[kind];
}

static const zoo_node *container(const zoo_pickle *p, zoo_value v)
{
    const zoo_value_kind kind = zoo_value_kind_of(p, v);
    return kind == ZOO_VALUE_LIST || kind == ZOO_VALUE_TUPLE || kind == ZOO_VALUE_SET ||
                   kind == ZOO_VALUE_DICT
               ? zoo_node_of(p, v)
               : NULL;
}

size_t zoo_value_count(const zoo_pickle *p, zoo_value v)
{
    const zoo_node *x = container(p, v);
    return x == NULL ? 0 : x->n;
}

zoo_value zoo_value_next(const zoo_pickle *p, zoo_value v, uint32_t *place)
{
    const zoo_node *x = container(p, v);
    if (x == NULL)
        return 0;
    const uint32_t cell = *place == 0 ? x->is.chain.first : cell_of(p, *place)->next;
    if (cell == 0)
        return 0;
    *place = cell;
    return cell_of(p, cell)->value;
}

zoo_value zoo_value_item(const zoo_pickle *p, zoo_value v, size_t i)
{
    uint32_t place = 0;
    zoo_value item = zoo_value_next(p, v, &place);
    for (; i > 0 && item != 0; i--)
        item = zoo_value_next(p, v, &place);
    return item;
}

zoo_value zoo_value_get(const zoo_pickle *p, zoo_value dict, const char *key)
{
    const size_t n = strlen(key);
    uint32_t place = 0;
    zoo_value found = 0;
    if (zoo_value_kind_of(p, dict) != ZOO_VALUE_DICT)
        return 0;
    for (zoo_value k; (k = zoo_value_next(p, dict, &place)) != 0;) {
        const zoo_node *x = zoo_node_of(p, k);
        const zoo_value value = zoo_value_next(p, dict, &place);
        if (x->kind == ZOO_VALUE_TEXT && x->coding == ZOO_CODING_KEPT && x->n == n &&
            memcmp(zoo_pool_at(&p->kept, (size_t)x->is.at), key, n) == 0)
            found = value; /* the last counts, as in Python */
    }
    return found;
}

bool zoo_value_integer(const zoo_pickle *p, zoo_value v, int64_t *integer)
{
    const zoo_value_kind kind = zoo_value_kind_of(p, v);
    if (kind != ZOO_VALUE_INTEGER && kind != ZOO_VALUE_BOOLEAN)
        return false;
    *integer = zoo_node_of(p, v)->is.integer;
    return true;
}

bool zoo_value_real(const zoo_pickle *p, zoo_value v, double *real)
{
    int64_t integer;
    if (zoo_value_integer(p, v, &integer))
        *real = (double)integer;
    else if (zoo_value_kind_of(p, v) == ZOO_VALUE_REAL)
        *real = zoo_node_of(p, v)->is.real;
    else
        return false;
    return true;
}

zoo_name zoo_value_name(const zoo_pickle *p, zoo_value v)
{
    const zoo_value_kind kind = zoo_value_kind_of(p, v);
    return kind == ZOO_VALUE_NAME || kind == ZOO_VALUE_OBJECT
               ? zoo_name_rows[zoo_node_of(p, v)->n].meaning
               : ZOO_NAME_UNKNOWN;
}

zoo_value zoo_value_arguments(const zoo_pickle *p, zoo_value v)
{
    const zoo_value_kind kind = zoo_value_kind_of(p, v);
    return kind == ZOO_VALUE_OBJECT || kind == ZOO_VALUE_REFERENCE
               ? zoo_node_of(p, v)->is.call.arguments
               : 0;
}

zoo_value zoo_value_state(const zoo_pickle *p, zoo_value v)
{
    return zoo_value_kind_of(p, v) == ZOO_VALUE_OBJECT ? zoo_node_of(p, v)->is.call.state : 0;
}
