/*
 * json_feed.c: see json_feed.h.  Touches its file by reading it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/json_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo/bom.h"

#define PIECE ((size_t)1 << 16)
/* Bytes of a read, but at the end of the file: a byte order mark, or null, is not cut. */
#define LEAST ((size_t)8)

static bool fail(zoo_json_feed *f, const char *fault)
{
    if (f->fault == NULL)
        f->fault = fault;
    return false;
}

void zoo_feed_begin(zoo_json_feed *f, int fd)
{
    char *data = f->data;
    const size_t room = f->room;
    *f = (zoo_json_feed){.fd = fd, .data = data, .room = room, .line = 1};
}

void zoo_feed_clear(zoo_json_feed *f)
{
    free(f->data);
    *f = (zoo_json_feed){.fd = -1};
}

/* ----------------------------------------------------------------------- bytes */

/* Passes the bytes before `at`. */
static void pass_to(zoo_json_feed *f, size_t at)
{
    const char *p = f->data + f->from, *end = f->data + at;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        f->line++;
        p++;
    }
    f->from = at;
}

/* Makes room behind what was read. */
static bool make_room(zoo_json_feed *f)
{
    if (f->from > 0 && f->data != NULL) {
        memmove(f->data, f->data + f->from, f->to - f->from);
        f->to -= f->from;
        f->from = 0;
    }
    if (f->room - f->to >= PIECE)
        return true;
    if (f->to > ZOO_FEED_VALUE)
        return fail(f, "a value is longer than 16 MiB");
    const size_t room = f->room == 0 ? 2 * PIECE : 2 * f->room;
    char *grown = realloc(f->data, room);
    if (grown == NULL) {
        f->no_memory = true;
        return fail(f, "out of memory");
    }
    f->data = grown;
    f->room = room;
    return true;
}

/* Reads more; *at stays at its byte.  False at the end of the file and after a failure. */
static bool more(zoo_json_feed *f, size_t *at)
{
    const bool begins = f->room == 0 || (f->from == 0 && f->to == 0 && f->line == 1);
    const size_t ahead = *at - f->from;
    if (f->ended || f->fault != NULL || !make_room(f))
        return false;
    *at = f->from + ahead;
    ssize_t n;
    const size_t before = f->to;
    do {
        n = read(f->fd, f->data + f->to, f->room - f->to);
        f->to += n > 0 ? (size_t)n : 0;
    } while ((n < 0 && errno == EINTR) || (n > 0 && f->to - before < LEAST));
    if (n < 0) {
        f->code = errno;
        return fail(f, strerror(errno));
    }
    f->ended = n == 0;
    if (begins && *at == f->from) {
        f->from = zoo_bom(f->data, f->to);
        *at = f->from;
    }
    return f->to > before;
}

/* The next byte that is no white space, or 0 at the end. */
static char look(zoo_json_feed *f)
{
    size_t at = f->from;
    while (f->fault == NULL) {
        while (at < f->to && (f->data[at] == ' ' || f->data[at] == '\n' || f->data[at] == '\r' ||
                              f->data[at] == '\t'))
            at++;
        pass_to(f, at);
        if (at < f->to)
            return f->data[at];
        if (!more(f, &at))
            break;
    }
    return 0;
}

/* Passes white space and the character, if it is next. */
static bool take(zoo_json_feed *f, char c)
{
    if (look(f) != c || f->from == f->to)
        return false;
    f->from++;
    return true;
}

/* ---------------------------------------------------------------------- values */

/* Finds the end of the next value, which begins at f->from.  Without `keep` it is passed meanwhile. */
static bool find_end(zoo_json_feed *f, size_t *end, bool keep)
{
    static const uint8_t marks[256] = {
        ['"'] = 1, ['\\'] = 1, ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1, [','] = 1};
    size_t at = f->from, depth = 0;
    bool text = false, nested = f->data[at] == '{' || f->data[at] == '[';
    bool quoted = f->data[at] == '"', escaped = false;
    for (;; at++) {
        if (at == f->to) {
            if (!keep)
                pass_to(f, at);
            if (!more(f, &at)) {
                *end = at;
                return f->fault == NULL &&
                       (!nested && !quoted ? true : fail(f, "the file ends too early"));
            }
        }
        const char c = f->data[at];
        if (escaped) {
            escaped = false;
        } else if (text) {
            text = c != '"';
            escaped = c == '\\';
            if (!text && depth == 0)
                break;
        } else if (!nested && !quoted) {
            if (c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' ||
                c == '\t') {
                *end = at;
                return true;
            }
        } else if (!marks[(unsigned char)c]) {
            continue;
        } else if (c == '"') {
            text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > ZOO_JSON_DEPTH)
                return fail(f, "maximum parsing depth reached");
        } else if (c == '}' || c == ']') {
            if (--depth == 0)
                break;
        }
    }
    *end = at + 1;
    return true;
}

char zoo_feed_kind(zoo_json_feed *f)
{
    const char c = look(f);
    if (f->fault != NULL)
        return 0;
    if (c == 0 && f->from == f->to) {
        fail(f, "the file ends too early");
        return 0;
    }
    size_t at = f->from;
    if (f->to - at < LEAST && !f->ended && !more(f, &at) && f->fault != NULL)
        return 0;
    zoo_json j = {.p = f->data + f->from, .end = f->data + f->to, .wide = true};
    const char kind = zoo_json_kind(&j);
    if (kind == 0)
        fail(f, j.fault);
    return kind;
}

void zoo_feed_enter(zoo_json_feed *f)
{
    const char kind = zoo_feed_kind(f);
    if (f->fault != NULL)
        return;
    if (kind != '{' && kind != '[') {
        fail(f, "an array or an object is expected here");
    } else if (f->level == ZOO_FEED_LEVELS) {
        fail(f, "maximum parsing depth reached");
    } else {
        f->from++;
        f->level++;
        f->object[f->level] = kind == '{';
        f->first[f->level] = true;
    }
}

bool zoo_feed_entry(zoo_json_feed *f, char *key, size_t size)
{
    zoo_json j;
    const bool object = f->object[f->level];
    if (size > 0)
        key[0] = '\0';
    if (f->fault != NULL)
        return false;
    if (take(f, object ? '}' : ']')) {
        f->level--;
        return false;
    }
    if (f->fault == NULL && !f->first[f->level] && !take(f, ','))
        return fail(f, object ? "a comma or } is expected here" : "a comma or ] is expected here");
    f->first[f->level] = false;
    if (!object)
        return zoo_feed_kind(f) != 0;
    if (zoo_feed_kind(f) != '"')
        return fail(f, "a key is expected here");
    if (!zoo_feed_value(f, &j))
        return false;
    if (!zoo_json_text(&j, key, size) && size > 0)
        key[0] = '\0';
    if (j.fault != NULL)
        return fail(f, j.fault);
    return take(f, ':') || fail(f, "a colon is expected here");
}

bool zoo_feed_value(zoo_json_feed *f, zoo_json *j)
{
    size_t end;
    if (zoo_feed_kind(f) == 0 || !find_end(f, &end, true))
        return false;
    *j = (zoo_json){
        .begin = f->data + f->from, .p = f->data + f->from, .end = f->data + end, .wide = true};
    j->line = f->line;
    pass_to(f, end);
    return true;
}

void zoo_feed_pass(zoo_json_feed *f)
{
    size_t end;
    if (zoo_feed_kind(f) != 0 && find_end(f, &end, false))
        pass_to(f, end);
}

void zoo_feed_finish(zoo_json_feed *f)
{
    if (f->fault == NULL && look(f) != 0)
        fail(f, "something follows the value");
    if (f->fault == NULL && f->from < f->to)
        fail(f, "something follows the value");
}
