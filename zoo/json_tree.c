/*
 * json_tree.c: makes a tree from a JSON text.  Touches its arguments and memory.
 *
 * The keys of an object form a digital search tree (Coffman and Eve 1970): an entry on level d
 * branches by bit d of the key.  Its depth is at most the number of bits of a key, so that no
 * choice of keys makes it slow.  The first entry is its root.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/json_tree.h"

#include <stdlib.h>
#include <string.h>

#include "zoo/numeral.h"

typedef struct builder {
    zoo_json *j;
    zoo_json_value *value; /* the next unused one */
    char *text, *end;      /* unused memory for texts */
} builder;

static void fail(builder *b, const char *at, const char *fault)
{
    if (b->j->fault == NULL) {
        b->j->p = at;
        b->j->fault = fault;
    }
}

/* Where the tree at *root has the key, or where it would be. */
static zoo_json_value **find(zoo_json_value **root, const char *key)
{
    const size_t n = strlen(key);
    zoo_json_value **at = root;
    for (size_t bit = 0; *at != NULL && strcmp((*at)->key, key) != 0; bit++)
        at = &(*at)->branch[bit / 8 < n && ((unsigned char)key[bit / 8] >> bit % 8 & 1)];
    return at;
}

/* Passes the memory of a text or key that was read and ends with `quote`. */
static const char *keep_text(builder *b, const char *quote)
{
    const char *text = b->text;
    const size_t n = strlen(text);
    if (n < b->j->length)
        fail(b, quote, "a text contains \\u0000");
    b->text += n + 1;
    return text;
}

/* ---------------------------------------------------------------------- values */

static bool take_integer(int64_t *v, const char *p, const char *end)
{
    const bool negative = *p == '-';
    const uint64_t most = (uint64_t)INT64_MAX + negative;
    uint64_t u = 0;
    for (p += negative; p < end; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        if (u > (most - digit) / 10)
            return false;
        u = 10 * u + digit;
    }
    *v = !negative || u == 0 ? (int64_t)u : -1 - (int64_t)(u - 1);
    return true;
}

static void take_number(builder *b, zoo_json_value *v)
{
    const char *end, *p = zoo_json_number(b->j, &end);
    const size_t n = (size_t)(end - p);
    if (memchr(p, '.', n) == NULL && memchr(p, 'e', n) == NULL && memchr(p, 'E', n) == NULL) {
        v->type = ZOO_JSON_INTEGER;
        if (!take_integer(&v->integer, p, end))
            fail(b, p, "an integer is too big");
    } else {
        v->type = ZOO_JSON_REAL;
        if (n >= ZOO_NUMERAL_SIZE)
            fail(b, p, "a number is too long");
        else if (!zoo_numeral_read(&v->real, p, n))
            fail(b, p, "a number is too big");
    }
}

static zoo_json_value *take_value(builder *b);

static void take_items(builder *b, zoo_json_value *array)
{
    zoo_json_value **last = &array->first;
    for (zoo_json_enter(b->j, '['); zoo_json_item(b->j); array->n++) {
        *last = take_value(b);
        last = &(*last)->next;
    }
}

static void take_entries(builder *b, zoo_json_value *object)
{
    zoo_json_value **last = &object->first;
    for (zoo_json_enter(b->j, '{'); zoo_json_entry(b->j, b->text, (size_t)(b->end - b->text));) {
        const char *quote = b->j->p;
        while (*--quote != '"') { /* back over the colon */
        }
        const char *key = keep_text(b, quote);
        zoo_json_value **place = find(&object->first, key);
        if (*place != NULL)
            fail(b, quote, "duplicate object key");
        if (b->j->fault != NULL)
            return;
        zoo_json_value *v = take_value(b);
        v->key = key;
        *place = *last = v;
        last = &v->next;
        object->n++;
    }
}

/* Recurses to ZOO_JSON_DEPTH levels. */
static zoo_json_value *take_value(builder *b)
{
    zoo_json_value *v = b->value++;
    memset(v, 0, sizeof *v);
    switch (zoo_json_kind(b->j)) {
    case '{':
        v->type = ZOO_JSON_OBJECT;
        take_entries(b, v);
        break;
    case '[':
        v->type = ZOO_JSON_ARRAY;
        take_items(b, v);
        break;
    case '"':
        v->type = ZOO_JSON_STRING;
        zoo_json_text(b->j, b->text, (size_t)(b->end - b->text));
        v->n = (uint32_t)b->j->length;
        v->string = keep_text(b, b->j->p - 1);
        break;
    case '0':
        take_number(b, v);
        break;
    default:
        v->type = *b->j->p == 'n' ? ZOO_JSON_NULL : ZOO_JSON_BOOLEAN;
        zoo_json_skip(b->j);
    }
    return v;
}

/* ----------------------------------------------------------------------- tree */

zoo_json_value *zoo_json_parse(zoo_json *j)
{
    zoo_json all = *j; /* counts the values; after it only the faults of this file remain */
    zoo_json_skip(&all);
    zoo_json_finish(&all);
    if (all.fault != NULL) {
        *j = all;
        return NULL;
    }
    /* A text in memory is shorter than in the file. */
    const size_t values = all.entries + 1, texts = (size_t)(j->end - j->p);
    zoo_json_value *root = malloc(values * sizeof *root + texts);
    if (root == NULL)
        return NULL;
    char *text = (char *)(root + values);
    builder b = {.j = j, .value = root, .text = text, .end = text + texts};
    take_value(&b);
    if (j->fault != NULL) {
        free(root);
        return NULL;
    }
    return root;
}

const zoo_json_value *zoo_json_get(const zoo_json_value *object, const char *key)
{
    if (object == NULL || object->type != ZOO_JSON_OBJECT)
        return NULL;
    zoo_json_value *root = object->first;
    return *find(&root, key);
}

const zoo_json_value *zoo_json_at(const zoo_json_value *array, size_t i)
{
    if (array == NULL || array->type != ZOO_JSON_ARRAY || i >= array->n)
        return NULL;
    const zoo_json_value *v = array->first;
    while (i-- > 0)
        v = v->next;
    return v;
}
