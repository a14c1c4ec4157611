/*
 * json_tree.h: a JSON text as a tree of values.  Internal to the zoo.
 */
#ifndef ZOO_JSON_TREE_H
#define ZOO_JSON_TREE_H

#include "zoo/json.h"

typedef enum zoo_json_type {
    ZOO_JSON_OBJECT,
    ZOO_JSON_ARRAY,
    ZOO_JSON_STRING,
    ZOO_JSON_INTEGER, /* without a decimal point and an exponent */
    ZOO_JSON_REAL,
    ZOO_JSON_NULL,
    ZOO_JSON_BOOLEAN
} zoo_json_type;

typedef struct zoo_json_value zoo_json_value;
struct zoo_json_value {
    zoo_json_type type;
    uint32_t n; /* entries of an object, items of an array, bytes of a string */
    union {
        zoo_json_value *first; /* of the entries or items, in the order of the text, or NULL */
        const char *string;    /* ends with a NUL and contains none */
        int64_t integer;
        double real;
    };
    const char *key;           /* of an entry, as `string`; NULL for an item */
    zoo_json_value *next;      /* the next entry or item, or NULL */
    zoo_json_value *branch[2]; /* the tree by which zoo_json_get finds an object's keys */
};

/* Reads the text at whose beginning `j` is, of at most 16 MiB.  Returns its value, which the caller
 * frees, one block; or NULL: j->fault is set, or is NULL if memory failed.  Faults are also: two
 * equal keys in an object, \u0000, an integer outside int64_t, another number that is not a finite
 * double or has ZOO_NUMERAL_SIZE bytes or more. */
zoo_json_value *zoo_json_parse(zoo_json *j);

/* The entry of an object; NULL without it, and for a value of another type. */
const zoo_json_value *zoo_json_get(const zoo_json_value *object, const char *key);
/* The item of an array, found in i steps; NULL without it, and for a value of another type. */
const zoo_json_value *zoo_json_at(const zoo_json_value *array, size_t i);

#endif
