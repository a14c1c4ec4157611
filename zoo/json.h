/*
 * json.h: reads JSON in memory value by value, without allocating.  Internal to the zoo.
 *
 * A reader fails once, at the first fault; reads after it return nothing.
 */
#ifndef ZOO_JSON_H
#define ZOO_JSON_H

#include "graphop.h"

#define ZOO_JSON_DEPTH 64 /* levels of arrays and objects, at most */

typedef struct zoo_json {
    const char *p, *begin, *end;
    const char *fault; /* what is wrong at p, or NULL */
    size_t depth;
    size_t entries; /* of all arrays and objects so far */
    size_t length;  /* bytes of the last text or key, whether or not it fitted */
    size_t line;    /* of `begin`; 0: 1 */
    bool wide;      /* NaN, Infinity and -Infinity are numbers, as Python writes them */
    bool first[ZOO_JSON_DEPTH + 1]; /* whether no entry of the level was read yet */
} zoo_json;

/* The kind of the next value: '{', '[', '"', '0' for a number, 't' for true, false and null, or 0
 * after a failure. */
char zoo_json_kind(zoo_json *j);
/* Enters the array or object that is next; `open` is '[' or '{'.  Fails for another value. */
void zoo_json_enter(zoo_json *j, char open);
/* Whether the array has another entry, which is then next; leaves the array otherwise. */
bool zoo_json_item(zoo_json *j);
/* The same for an object.  `key` gets the entry's key, or "" for one that does not fit. */
bool zoo_json_entry(zoo_json *j, char *key, size_t size);
/* Reads a text into `buf`; false if it does not fit, holds a NUL or is no text. */
bool zoo_json_text(zoo_json *j, char *buf, size_t size);
/* The bytes of the number that is next, which it passes. */
const char *zoo_json_number(zoo_json *j, const char **end);
/* Passes the next value, whatever it is. */
void zoo_json_skip(zoo_json *j);
/* Fails unless only white space follows. */
void zoo_json_finish(zoo_json *j);
/* The line of the present place, from 1. */
size_t zoo_json_line(const zoo_json *j);
/* Its character in the line, from 1; at the end of the text, that of the last character, or 0. */
size_t zoo_json_column(const zoo_json *j);

#endif
