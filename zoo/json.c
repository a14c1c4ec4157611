/*
 * json.c: reads JSON (RFC 8259) value by value.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/json.h"

#include <string.h>

static bool fail(zoo_json *j, const char *fault)
{
    if (j->fault == NULL)
        j->fault = fault;
    return false;
}

static void skip_space(zoo_json *j)
{
    while (j->p < j->end && (*j->p == ' ' || *j->p == '\n' || *j->p == '\r' || *j->p == '\t'))
        j->p++;
}

/* Passes white space and the character c, if it is next. */
static bool take(zoo_json *j, char c)
{
    skip_space(j);
    if (j->fault != NULL || j->p == j->end || *j->p != c)
        return false;
    j->p++;
    return true;
}

char zoo_json_kind(zoo_json *j)
{
    skip_space(j);
    if (j->fault != NULL)
        return 0;
    if (j->p == j->end) {
        fail(j, "the file ends too early");
        return 0;
    }
    switch (*j->p) {
    case '{':
    case '[':
    case '"':
        return *j->p;
    case 't':
    case 'f':
    case 'n':
        return 't';
    default:
        if (j->wide && (*j->p == 'N' || *j->p == 'I'))
            return '0';
        if (*j->p == '-' || (*j->p >= '0' && *j->p <= '9'))
            return '0';
        fail(j, "a value is expected here");
        return 0;
    }
}

void zoo_json_enter(zoo_json *j, char open)
{
    if (!take(j, open))
        fail(j, open == '[' ? "an array is expected here" : "an object is expected here");
    else if (j->depth == ZOO_JSON_DEPTH)
        fail(j, "maximum parsing depth reached");
    else
        j->first[++j->depth] = true;
}

/* Passes the comma before the next entry, or the end of the level. */
static bool next(zoo_json *j, char close)
{
    if (j->fault != NULL)
        return false;
    if (take(j, close)) {
        j->depth--;
        return false;
    }
    if (!j->first[j->depth] && !take(j, ','))
        return fail(j, close == ']' ? "a comma or ] is expected here"
                                    : "a comma or } is expected here");
    j->first[j->depth] = false;
    j->entries++;
    return true;
}

bool zoo_json_item(zoo_json *j)
{
    return next(j, ']');
}

bool zoo_json_entry(zoo_json *j, char *key, size_t size)
{
    if (!next(j, '}'))
        return false;
    skip_space(j);
    if (j->p == j->end || *j->p != '"')
        return fail(j, "a key is expected here");
    if (!zoo_json_text(j, key, size))
        key[0] = '\0';
    if (j->fault == NULL && !take(j, ':'))
        fail(j, "a colon is expected here");
    return j->fault == NULL;
}

/* ----------------------------------------------------------------------- texts */

/* Reads four hexadecimal digits. */
static bool take_hex(zoo_json *j, uint32_t *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++, j->p++) {
        char c = j->p < j->end ? *j->p : ' ';
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
                             ? (uint32_t)((c | 0x20) - 'a' + 10)
                             : 16;
        if (digit == 16)
            return fail(j, "\\u needs four hexadecimal digits");
        *code = *code << 4 | digit;
    }
    return true;
}

/* Writes a code point as UTF-8; returns its length. */
static size_t encode(char out[4], uint32_t code)
{
    static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(mark[n] | code);
    return n;
}

/* Reads what follows a backslash as UTF-8; returns its length, 0 after a failure. */
static size_t take_escape(zoo_json *j, char out[4])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = j->p < j->end && *j->p != '\0' ? strchr(from, *j->p) : NULL;
    uint32_t code, low;
    if (found != NULL) {
        j->p++;
        out[0] = to[found - from];
        return 1;
    }
    if (j->p == j->end || *j->p != 'u')
        return fail(j, "an unknown escape");
    j->p++;
    if (!take_hex(j, &code))
        return 0;
    if (code >= 0xd800 && code < 0xdc00) {
        if (j->end - j->p < 2 || j->p[0] != '\\' || j->p[1] != 'u')
            return fail(j, "half of a surrogate pair");
        j->p += 2;
        if (!take_hex(j, &low))
            return 0;
        if (low < 0xdc00 || low >= 0xe000)
            return fail(j, "half of a surrogate pair");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
        return fail(j, "half of a surrogate pair");
    }
    return encode(out, code);
}

/* Whether a control character that JSON allows is next: U+007F to U+009F. */
static bool is_control(const char *p, size_t n)
{
    return *p == 0x7f || (n > 1 && (unsigned char)p[0] == 0xc2 && (p[1] & 0xe0) == 0x80);
}

bool zoo_json_text(zoo_json *j, char *buf, size_t size)
{
    size_t used = 0;
    bool fits = true;
    if (!take(j, '"'))
        return fail(j, "a text is expected here");
    while (j->p < j->end && *j->p != '"' && j->fault == NULL) {
        char one[4];
        size_t n = gop_character(j->p, (size_t)(j->end - j->p));
        if (*j->p == '\\') {
            j->p++;
            n = take_escape(j, one);
        } else if (n == 0 && is_control(j->p, (size_t)(j->end - j->p))) {
            n = *j->p == 0x7f ? 1 : 2;
            memcpy(one, j->p, n);
            j->p += n;
        } else if (n == 0) {
            return fail(j, "a text is not UTF-8 or has a control character");
        } else {
            memcpy(one, j->p, n);
            j->p += n;
        }
        fits = fits && used + n < size && memchr(one, 0, n) == NULL;
        if (fits)
            memcpy(buf + used, one, n);
        used += n;
    }
    j->length = used;
    if (!take(j, '"'))
        return fail(j, "a text has no end");
    if (size > 0)
        buf[fits ? used : 0] = '\0';
    return fits;
}

/* --------------------------------------------------------------------- numbers */

static bool take_digits(zoo_json *j)
{
    const char *from = j->p;
    while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
        j->p++;
    return j->p > from;
}

/* Passes "NaN" or "Infinity", if it is next. */
static bool take_wide(zoo_json *j)
{
    static const char *const word[] = {"NaN", "Infinity"};
    for (size_t i = 0; i < 2 && j->wide; i++) {
        const size_t n = strlen(word[i]);
        if ((size_t)(j->end - j->p) >= n && memcmp(j->p, word[i], n) == 0) {
            j->p += n;
            return true;
        }
    }
    return false;
}

const char *zoo_json_number(zoo_json *j, const char **end)
{
    skip_space(j);
    const char *from = j->p;
    *end = from;
    if (j->fault != NULL)
        return from;
    j->p += j->p < j->end && *j->p == '-';
    bool good = take_wide(j);
    if (good) {
        *end = j->p;
        return from;
    }
    good = j->p < j->end && *j->p == '0' ? ++j->p > from : take_digits(j);
    if (good && j->p < j->end && *j->p == '.') {
        j->p++;
        good = take_digits(j);
    }
    if (good && j->p < j->end && (*j->p | 0x20) == 'e') {
        j->p++;
        j->p += j->p < j->end && (*j->p == '+' || *j->p == '-');
        good = take_digits(j);
    }
    if (!good)
        fail(j, "a number is expected here");
    *end = j->p;
    return from;
}

/* ---------------------------------------------------------------------- values */

static void skip_word(zoo_json *j)
{
    static const char *const word[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(word[i]);
        if ((size_t)(j->end - j->p) >= n && memcmp(j->p, word[i], n) == 0) {
            j->p += n;
            return;
        }
    }
    fail(j, "a value is expected here");
}

void zoo_json_skip(zoo_json *j)
{
    const size_t above = j->depth;
    bool closed[ZOO_JSON_DEPTH + 1]; /* by level: whether it is an object */
    const char *end;
    do {
        char kind = zoo_json_kind(j);
        if (kind == '{' || kind == '[') {
            zoo_json_enter(j, kind);
            if (j->fault == NULL)
                closed[j->depth] = kind == '{';
        } else if (kind == '"') {
            zoo_json_text(j, NULL, 0);
        } else if (kind == '0') {
            zoo_json_number(j, &end);
        } else if (kind == 't') {
            skip_word(j);
        }
        char key[1];
        while (j->fault == NULL && j->depth > above) {
            bool more = closed[j->depth] ? zoo_json_entry(j, key, sizeof key) : zoo_json_item(j);
            if (more)
                break;
        }
    } while (j->fault == NULL && j->depth > above);
}

void zoo_json_finish(zoo_json *j)
{
    if (j->fault == NULL)
        skip_space(j);
    if (j->p < j->end)
        fail(j, "something follows the value");
}

size_t zoo_json_line(const zoo_json *j)
{
    size_t line = j->line + (j->line == 0);
    for (const char *p = j->begin; p < j->p; p++)
        line += *p == '\n';
    return line;
}

size_t zoo_json_column(const zoo_json *j)
{
    size_t column = j->p < j->end;
    for (const char *p = j->p; p > j->begin && p[-1] != '\n'; p--)
        column += ((unsigned char)p[-1] & 0xc0) != 0x80; /* UTF-8: a character's first byte */
    return column;
}
