/*
 * pickle.h: reads pickles of Python, protocols 0 to 5, without executing anything.  Internal to the
 * zoo.
 *
 * The result is a tree of values.  Long texts and bytes stay in the file and are read when they are
 * wanted; what is in memory is bounded by a limit.  A pickle names the functions and classes that
 * are to be called; only those of a table are taken (pickle_names.c), and the call itself becomes a
 * value, an object with arguments and a state, for its reader to interpret.  Parts of a tree may be
 * shared, and a list can contain itself, so a reader goes down a number of levels that it knows.
 */
#ifndef ZOO_PICKLE_H
#define ZOO_PICKLE_H

#include "zoo/blob.h"
#include "zoo/pickle/pickle_names.h"

typedef struct zoo_pickle zoo_pickle;
/* A value of a pickle; 0 for none, which every function takes. */
typedef uint32_t zoo_value;

typedef enum zoo_value_kind {
    ZOO_VALUE_ABSENT, /* of 0 */
    ZOO_VALUE_NONE,
    ZOO_VALUE_BOOLEAN,
    ZOO_VALUE_INTEGER,
    ZOO_VALUE_REAL,
    ZOO_VALUE_TEXT,
    ZOO_VALUE_BYTES,
    ZOO_VALUE_LIST,
    ZOO_VALUE_TUPLE,
    ZOO_VALUE_SET,
    ZOO_VALUE_DICT,
    ZOO_VALUE_NAME,     /* a function or class of the table */
    ZOO_VALUE_OBJECT,   /* what a call of one makes */
    ZOO_VALUE_OTHER,    /* an integer beyond 64 bits */
    ZOO_VALUE_REFERENCE /* to something outside of the pickle */
} zoo_value_kind;

/* Reads the pickle that a blob consists of; it may use `memory` bytes.  The blob stays the
 * caller's and is closed after the pickle.  GOP_EFORMAT for what is no pickle, names anything else,
 * or needs more memory than allowed; GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_pickle_read(zoo_pickle **p, zoo_blob *blob, size_t memory, gop_error *err);
/* The same for a pickle that refers to other members of its archive; other readers refuse it. */
gop_status zoo_pickle_read_member(zoo_pickle **p, zoo_blob *blob, size_t memory, gop_error *err);
/* NULL is harmless. */
void zoo_pickle_free(zoo_pickle *p);
zoo_value zoo_pickle_root(const zoo_pickle *p);
/* The blob's name, for messages. */
const char *zoo_pickle_file(const zoo_pickle *p);

zoo_value_kind zoo_value_kind_of(const zoo_pickle *p, zoo_value v);
/* "a list", for messages. */
const char *zoo_value_kind_name(zoo_value_kind kind);

/* The number of items of a list, tuple or set, or of entries of a dictionary. */
size_t zoo_value_count(const zoo_pickle *p, zoo_value v);
/* Its next item, 0 after the last.  *place is 0 at first.  A dictionary has keys and values in
 * turns. */
zoo_value zoo_value_next(const zoo_pickle *p, zoo_value v, uint32_t *place);
/* Item i, or 0. */
zoo_value zoo_value_item(const zoo_pickle *p, zoo_value v, size_t i);
/* A dictionary's value of a key of up to ZOO_VALUE_KEY bytes, or 0. */
#define ZOO_VALUE_KEY 63
zoo_value zoo_value_get(const zoo_pickle *p, zoo_value dict, const char *key);

/* Whether the value is an integer (or true or false); a number. */
bool zoo_value_integer(const zoo_pickle *p, zoo_value v, int64_t *integer);
bool zoo_value_real(const zoo_pickle *p, zoo_value v, double *real);

/* What a name, or an object's, means: ZOO_NAME_UNKNOWN for other values. */
zoo_name zoo_value_name(const zoo_pickle *p, zoo_value v);
/* An object's arguments, a tuple, or what a reference refers to; an object's state, or 0. */
zoo_value zoo_value_arguments(const zoo_pickle *p, zoo_value v);
zoo_value zoo_value_state(const zoo_pickle *p, zoo_value v);

/* Copies a text; `what` names it in messages.  GOP_EFORMAT if the value is none, does not fit, or
 * is not gop_is_text; GOP_ESYSTEM. */
gop_status zoo_value_text(char *buf, size_t size, zoo_pickle *p, zoo_value v, const char *what,
                          gop_error *err);
/* Opens bytes, or a string of Python 2.  The blob must be closed before the pickle is freed.
 * GOP_EFORMAT, GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_value_blob(zoo_blob **b, zoo_pickle *p, zoo_value v, const char *what,
                          gop_error *err);

#endif
