/*
 * json_feed.h: walks through JSON in a file of any size; values are in memory one at a time.
 * Internal to the zoo.
 *
 * The levels that are entered are read from the file as they come.  A value is checked by the
 * zoo_json that gets it; one that is passed must only close what it opens.  A feed fails once; calls
 * after a failure return nothing.
 */
#ifndef ZOO_JSON_FEED_H
#define ZOO_JSON_FEED_H

#include "zoo/json.h"

#define ZOO_FEED_LEVELS 8
/* Of one value, in bytes. */
#define ZOO_FEED_VALUE  ((size_t)16 << 20)

typedef struct zoo_json_feed {
    int fd;
    char *data; /* of `room` bytes; [from, to) was read and not yet passed */
    size_t from, to, room;
    size_t line; /* of data[from], from 1 */
    bool ended;
    const char *fault; /* what is wrong, or NULL */
    int code;          /* errno of a failed read, or 0 */
    bool no_memory;
    size_t level;
    bool object[ZOO_FEED_LEVELS + 1], first[ZOO_FEED_LEVELS + 1];
} zoo_json_feed;

/* Begins with a file that is open for reading; the caller closes it.  A feed that was used before
 * keeps its memory. */
void zoo_feed_begin(zoo_json_feed *f, int fd);
void zoo_feed_clear(zoo_json_feed *f);
/* The kind of the next value, as zoo_json_kind. */
char zoo_feed_kind(zoo_json_feed *f);
/* Enters the array or object that is next. */
void zoo_feed_enter(zoo_json_feed *f);
/* Whether the level has another entry, which is then next; leaves the level otherwise.  `key` gets an
 * object's key, "" for one that does not fit, and for an array. */
bool zoo_feed_entry(zoo_json_feed *f, char *key, size_t size);
/* Takes the next value; *j reads it, until the next call.  False after a failure. */
bool zoo_feed_value(zoo_json_feed *f, zoo_json *j);
/* Passes the next value. */
void zoo_feed_pass(zoo_json_feed *f);
/* Fails unless only white space follows. */
void zoo_feed_finish(zoo_json_feed *f);

#endif
