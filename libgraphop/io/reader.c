/*
 * reader.c: a bounded cursor over a file (format.h, payload.h).
 *
 * Header and checksum are verified first, and values are then decoded one by
 * one; nothing is ever allocated from a count that the file declares.  The first
 * failure is sticky and names file, key and offset.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "io/crc32.h"
#include "io/data.h"
#include "io/format.h"
#include "io/open.h"
#include "io/payload.h"
#include "io/reader.h"

#define KEY_SIZE  48
#define PATH_SIZE 200
#define CHUNK     4096

/* An open map or array. */
typedef struct level {
    uint64_t left;  /* values still to come, keys count */
    uint64_t index; /* values seen */
    bool map;
    char key[KEY_SIZE]; /* the last one, in a map */
} level;

struct gop_reader {
    char *path;
    gop_error error;
    gop_payload payload;
    size_t length, at, item; /* item: where the current value begins */
    level levels[GOP_MAX_DEPTH + 1];
    int depth;
};

/* ------------------------------------------------------------------ failures */

/* Whether the reader has not failed; NULL counts as failed. */
static bool good(const gop_reader *r)
{
    return r != NULL && r->error.status == GOP_OK;
}

/* "domain.action[3]": the keys on the way to the current value. */
static void place_text(const gop_reader *r, char *buf, size_t size)
{
    size_t n = 0;
    buf[0] = '\0';
    for (int d = 1; d <= r->depth && n + 1 < size; d++) {
        const level *l = &r->levels[d];
        int k;
        if (l->map)
            k = snprintf(buf + n, size - n, "%s%s", n > 0 && l->key[0] ? "." : "", l->key);
        else
            k = snprintf(buf + n, size - n, "[%llu]",
                         (unsigned long long)(l->index > 0 ? l->index - 1 : 0));
        n += k > 0 ? (size_t)k : 0;
    }
}

static void fail_here(gop_reader *r, gop_status status, const char *text)
{
    char place[PATH_SIZE];
    if (!good(r))
        return;
    place_text(r, place, sizeof place);
    gop_fail(&r->error, status, "%s: %s%s%sbyte %zu: %.*s", r->path, place[0] ? "key " : "", place,
             place[0] ? ", " : "", (size_t)r->payload.base + r->item, GOP_MESSAGE_SIZE / 2 - 1,
             text);
}

void gop_reader_fail(gop_reader *r, const char *format, ...)
{
    char text[GOP_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format != NULL ? format : "no reason given", args);
    va_end(args);
    fail_here(r, GOP_EFORMAT, text);
}

void gop_reader_refuse(gop_reader *r, const gop_error *why)
{
    if (why == NULL)
        gop_reader_fail(r, NULL);
    else
        fail_here(r, why->status == GOP_ENOMEM ? GOP_ENOMEM : GOP_EFORMAT, why->message);
}

gop_status gop_reader_status(const gop_reader *r, gop_error *err)
{
    if (r == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_reader_status: the reader is NULL");
    if (r->error.status != GOP_OK)
        gop_fail(err, r->error.status, "%s", r->error.message);
    return r->error.status;
}

/* -------------------------------------------------------------------- opening */

/* Opens the file; head gets its header, whose kind and version are right. */
static gop_status open_file(gop_reader *r, uint8_t head[GOP_HEADER_SIZE], const gop_crc32 *crc,
                            const char kind[4], uint32_t version, gop_error *err)
{
    gop_try(gop_open_header(&r->payload.fd, head, r->path, crc, err));
    if (memcmp(head + 8, kind, 4) != 0)
        return gop_fail(err, GOP_EFORMAT, "%s: a graphop file of another kind, not %.4s", r->path,
                        kind);
    const uint32_t found = (uint32_t)gop_get_le(head + 12, 4);
    if (found != version)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: has format version %lu, but this program reads version %lu", r->path,
                        (unsigned long)found, (unsigned long)version);
    return GOP_OK;
}

/* Opens the payload of `length` bytes from `base` on. */
static gop_status open_payload(gop_reader *r, uint64_t base, uint64_t length, const gop_crc32 *crc,
                               uint32_t sum, gop_error *err)
{
    if (length > SIZE_MAX / 2)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", r->path);
    r->length = (size_t)length;
    return gop_payload_open(&r->payload, r->payload.fd, base, r->length, crc, sum, r->path, err);
}

static gop_status load(gop_reader *r, const char kind[4], uint32_t version, gop_error *err)
{
    gop_crc32 crc;
    gop_crc32_init(&crc);
    uint8_t head[GOP_HEADER_SIZE];
    gop_try(open_file(r, head, &crc, kind, version, err));
    return open_payload(r, GOP_HEADER_SIZE, gop_get_le(head + 16, 8), &crc,
                        (uint32_t)gop_get_le(head + 24, 4), err);
}

/* The same for a file with data. */
static gop_status load_data(gop_reader *r, gop_data **data, const char kind[4], uint32_t version,
                            gop_error *err)
{
    gop_crc32 crc;
    gop_crc32_init(&crc);
    uint8_t head[GOP_HEADER_SIZE], block[GOP_BLOCK_SIZE];
    gop_try(open_file(r, head, &crc, kind, version, err));
    const uint64_t length = gop_get_le(head + 16, 8);
    if (length < GOP_BLOCK_SIZE)
        return gop_fail(err, GOP_EFORMAT, "%s: truncated behind the header", r->path);
    gop_try(gop_read_at(r->payload.fd, block, sizeof block, GOP_HEADER_SIZE, r->path, err));
    if (gop_crc32_add(&crc, 0, block, sizeof block) != gop_get_le(head + 24, 4))
        return gop_fail(err, GOP_EFORMAT, "%s: damaged: the checksum does not match", r->path);
    const uint64_t place = gop_get_le(block, 8), size = gop_get_le(block + 8, 8);
    const uint64_t end = GOP_HEADER_SIZE + length;
    if (place < GOP_DATA_START || place > end || size != end - place)
        return gop_fail(err, GOP_EFORMAT, "%s: the index is not at the end of the file", r->path);
    gop_try(open_payload(r, place, size, &crc, (uint32_t)gop_get_le(block + 16, 4), err));
    return gop_data_new(data, r->payload.fd, place - GOP_DATA_START, r->path, err);
}

static gop_status new_reader(gop_reader **out, const char *path, gop_error *err)
{
    gop_reader *r = calloc(1, sizeof *r);
    if (r != NULL)
        r->payload.fd = -1;
    if (r == NULL || (r->path = strdup(path)) == NULL) {
        gop_reader_free(r);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    }
    r->levels[0].left = 1;
    *out = r;
    return GOP_OK;
}

gop_status gop_reader_open(gop_reader **out, const char *path, const char kind[4], uint32_t version,
                           gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_reader_open: the result pointer is NULL");
    *out = NULL;
    if (path == NULL || kind == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_reader_open: the path or the kind is NULL");
    gop_reader *r = NULL;
    gop_status s = new_reader(&r, path, err);
    if (s == GOP_OK)
        s = load(r, kind, version, err);
    if (s != GOP_OK)
        gop_reader_free(r);
    else
        *out = r;
    return s;
}

gop_status gop_reader_open_data(gop_reader **out, gop_data **data, const char *path,
                                const char kind[4], uint32_t version, gop_error *err)
{
    if (out == NULL || data == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_reader_open_data: a result pointer is NULL");
    *out = NULL;
    *data = NULL;
    if (path == NULL || kind == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_reader_open_data: the path or the kind is NULL");
    gop_reader *r = NULL;
    gop_status s = new_reader(&r, path, err);
    if (s == GOP_OK)
        s = load_data(r, data, kind, version, err);
    if (s != GOP_OK)
        gop_reader_free(r);
    else
        *out = r;
    return s;
}

void gop_reader_free(gop_reader *r)
{
    if (r == NULL)
        return;
    gop_payload_close(&r->payload);
    free(r->path);
    free(r);
}

/* -------------------------------------------------------------------- values */

/* Advances by n bytes; false, with a failure, if there are fewer. */
static bool pass(gop_reader *r, uint64_t n)
{
    if (n > r->length - r->at) {
        gop_reader_fail(r, "ends too early: %llu bytes are needed, %zu are left",
                        (unsigned long long)n, r->length - r->at);
        return false;
    }
    r->at += (size_t)n;
    return true;
}

/* Copies n bytes that have been passed, starting `back` bytes before the current position. */
static bool copy(gop_reader *r, void *to, size_t back, size_t n)
{
    return gop_payload_copy(&r->payload, to, r->at - back, n, r->path, &r->error) == GOP_OK;
}

static bool take(gop_reader *r, void *to, size_t n)
{
    return pass(r, n) && copy(r, to, n, n);
}

size_t gop_reader_left(const gop_reader *r)
{
    return good(r) ? r->length - r->at : 0;
}

/* Starts the next value and returns its first byte, or -1. */
static int begin_value(gop_reader *r)
{
    if (!good(r))
        return -1;
    r->item = r->at;
    level *l = &r->levels[r->depth];
    if (l->left == 0) {
        gop_reader_fail(r, "a value is missing: the map or array has ended");
        return -1;
    }
    l->left--;
    l->index++;
    uint8_t tag;
    return take(r, &tag, 1) ? tag : -1;
}

/* Leaves complete maps and arrays; nothing may follow the last. */
static void end_value(gop_reader *r)
{
    while (r != NULL && r->depth > 0 && r->levels[r->depth].left == 0)
        r->depth--;
    if (good(r) && r->depth == 0 && r->levels[0].left == 0 && r->at != r->length) {
        r->item = r->at;
        gop_reader_fail(r, "%zu bytes follow the end of the data", r->length - r->at);
    }
}

static uint64_t take_be(gop_reader *r, int bytes)
{
    uint8_t p[8];
    return take(r, p, (size_t)bytes) ? gop_get_be(p, bytes) : 0;
}

static size_t begin_nest(gop_reader *r, int fix, int fix_mask, int wide, bool map)
{
    int tag = begin_value(r);
    uint64_t n = 0;
    if (tag < 0)
        return 0;
    if ((tag & ~fix_mask) == fix)
        n = (uint64_t)(tag & fix_mask);
    else if (tag == wide || tag == wide + 1)
        n = take_be(r, tag == wide ? 2 : 4);
    else
        gop_reader_fail(r, "%s was expected", map ? "a map" : "an array");
    uint64_t values = map ? 2 * n : n;
    if (good(r) && values > r->length - r->at)
        gop_reader_fail(r, "declares %llu entries, more than the %zu bytes that are left",
                        (unsigned long long)n, r->length - r->at);
    if (good(r) && r->depth == GOP_MAX_DEPTH)
        gop_reader_fail(r, "maps and arrays are nested too deeply");
    if (!good(r))
        return 0;
    level *l = &r->levels[++r->depth];
    l->left = values;
    l->index = 0;
    l->map = map;
    l->key[0] = '\0';
    end_value(r);
    return (size_t)n;
}

size_t gop_read_map(gop_reader *r)
{
    return begin_nest(r, 0x80, 0x0f, 0xde, true);
}

size_t gop_read_array(gop_reader *r)
{
    return begin_nest(r, 0x90, 0x0f, 0xdc, false);
}

/* Advances past a string or, with `bin`, a binary string of *n bytes. */
static bool pass_string(gop_reader *r, bool bin, uint64_t *n)
{
    int tag = begin_value(r);
    int wide = bin ? 0xc4 : 0xd9;
    *n = 0;
    if (tag < 0)
        return false;
    if (!bin && (tag & 0xe0) == 0xa0)
        *n = (uint64_t)(tag & 0x1f);
    else if (tag >= wide && tag <= wide + 2)
        *n = take_be(r, 1 << (tag - wide));
    else
        gop_reader_fail(r, "%s was expected", bin ? "binary data" : "a text");
    return good(r) && pass(r, *n);
}

/* Whether the last n bytes passed equal `text`. */
static bool equal(gop_reader *r, const char *text, size_t n)
{
    char part[KEY_SIZE];
    bool same = n == strlen(text);
    for (size_t left = n; left > 0 && same;) {
        size_t k = left < sizeof part ? left : sizeof part;
        same = copy(r, part, left, k) && memcmp(part, text + (n - left), k) == 0;
        left -= k;
    }
    return same;
}

void gop_read_key(gop_reader *r, const char *key)
{
    uint64_t n;
    if (key == NULL) {
        gop_reader_fail(r, "gop_read_key: the key is NULL");
        return;
    }
    if (pass_string(r, false, &n)) {
        if (!equal(r, key, (size_t)n))
            gop_reader_fail(r, "key \"%s\" was expected here", key);
        snprintf(r->levels[r->depth].key, KEY_SIZE, "%s", key);
    }
    end_value(r);
}

void gop_read_text(gop_reader *r, char *buf, size_t size)
{
    uint64_t n;
    if (buf == NULL || size == 0) {
        gop_reader_fail(r, "the buffer for a text is NULL");
        return;
    }
    if (pass_string(r, false, &n)) {
        if (n >= size)
            gop_reader_fail(r, "a text of %llu bytes is too long, at most %zu are allowed",
                            (unsigned long long)n, size - 1);
        else if (copy(r, buf, (size_t)n, (size_t)n)) {
            buf[n] = '\0';
            if (memchr(buf, 0, (size_t)n) != NULL)
                gop_reader_fail(r, "a text holds a zero byte");
            else if (!gop_is_text(buf, (size_t)n)) /* a terminal obeys control characters */
                gop_reader_fail(r, "a text holds a control character or is not UTF-8");
        }
    }
    if (!good(r))
        buf[0] = '\0';
    end_value(r);
}

void gop_read_any_key(gop_reader *r, char *buf, size_t size)
{
    gop_read_text(r, buf, size);
    if (good(r))
        snprintf(r->levels[r->depth].key, KEY_SIZE, "%s", buf);
}

/* Any integer: its bits, and whether it is negative. */
static uint64_t take_integer(gop_reader *r, bool *negative)
{
    int tag = begin_value(r);
    uint64_t v = 0;
    *negative = false;
    if (tag < 0)
        return 0;
    if (tag <= 0x7f) {
        v = (uint64_t)tag;
    } else if (tag >= 0xe0) {
        v = (uint64_t)(int64_t)(tag - 256);
        *negative = true;
    } else if (tag >= 0xcc && tag <= 0xcf) {
        v = take_be(r, 1 << (tag - 0xcc));
    } else if (tag >= 0xd0 && tag <= 0xd3) {
        int bytes = 1 << (tag - 0xd0);
        v = take_be(r, bytes);
        *negative = (v >> (8 * bytes - 1) & 1) != 0;
        if (*negative && bytes < 8)
            v |= ~(uint64_t)0 << 8 * bytes;
    } else {
        gop_reader_fail(r, "an integer was expected");
    }
    return good(r) ? v : 0;
}

uint64_t gop_read_uint(gop_reader *r, uint64_t max)
{
    bool negative;
    uint64_t v = take_integer(r, &negative);
    if (good(r) && (negative || v > max))
        gop_reader_fail(r, "a number from 0 to %llu was expected", (unsigned long long)max);
    end_value(r);
    return good(r) ? v : 0;
}

int64_t gop_read_int(gop_reader *r)
{
    bool negative;
    uint64_t v = take_integer(r, &negative);
    if (good(r) && !negative && v > INT64_MAX)
        gop_reader_fail(r, "a number does not fit into a signed 64-bit integer");
    end_value(r);
    return !good(r) ? 0 : negative ? -(int64_t)(~v) - 1 : (int64_t)v;
}

bool gop_read_bool(gop_reader *r)
{
    int tag = begin_value(r);
    if (tag >= 0 && tag != 0xc2 && tag != 0xc3)
        gop_reader_fail(r, "true or false was expected");
    end_value(r);
    return good(r) && tag == 0xc3;
}

double gop_read_double(gop_reader *r)
{
    int tag = begin_value(r);
    double v = 0;
    if (tag == 0xcb) {
        uint64_t bits = take_be(r, 8);
        memcpy(&v, &bits, sizeof v);
    } else if (tag == 0xca) {
        uint32_t bits = (uint32_t)take_be(r, 4);
        float f;
        memcpy(&f, &bits, sizeof f);
        v = f;
    } else if (tag >= 0) {
        gop_reader_fail(r, "a floating-point number was expected");
    }
    end_value(r);
    return good(r) ? v : 0;
}

/* Advances past exactly n entries of `size` bytes; true if they may be copied. */
static bool pass_binary(gop_reader *r, const void *to, size_t n, size_t size)
{
    uint64_t bytes;
    if (to == NULL && n > 0)
        gop_reader_fail(r, "the buffer for %zu numbers is NULL", n);
    if (pass_string(r, true, &bytes) && (n > SIZE_MAX / size || bytes != (uint64_t)n * size))
        gop_reader_fail(r, "%llu bytes of data where %zu times %zu were expected",
                        (unsigned long long)bytes, n, size);
    end_value(r);
    return good(r);
}

static float get_float(const uint8_t *p)
{
    uint32_t bits = (uint32_t)gop_get_le(p, 4);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

void gop_read_floats(gop_reader *r, float *v, size_t n)
{
    bool there = pass_binary(r, v, n, 4) && copy(r, v, 4 * n, 4 * n);
    for (size_t i = 0; i < n && there && !gop_as_in_files(); i++) {
        uint8_t bytes[4];
        memcpy(bytes, &v[i], sizeof bytes);
        v[i] = get_float(bytes);
    }
    for (size_t i = 0; i < n && !there && v != NULL; i++)
        v[i] = 0;
}

void gop_read_reals(gop_reader *r, gop_real *v, size_t n)
{
#ifdef GOP_REAL_IS_DOUBLE
    uint8_t chunk[CHUNK];
    bool there = pass_binary(r, v, n, 4);
    for (size_t i = 0; i < n && v != NULL;) {
        size_t k = n - i < CHUNK / 4 ? n - i : CHUNK / 4;
        there = there && copy(r, chunk, 4 * (n - i), 4 * k);
        for (size_t j = 0; j < k; j++)
            v[i + j] = there ? get_float(chunk + 4 * j) : 0;
        i += k;
    }
#else
    gop_read_floats(r, v, n);
#endif
}

void gop_read_bytes(gop_reader *r, void *v, size_t n)
{
    if (!(pass_binary(r, v, n, 1) && copy(r, v, n, n)) && n > 0 && v != NULL)
        memset(v, 0, n);
}
