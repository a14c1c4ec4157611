/*
 * writer.c: a MessagePack payload streamed into an atomic file (format.h, file.h).
 *
 * msgpack-c packs.  Its output goes through a buffer that is added to the checksum and written when
 * full; larger pieces bypass the buffer.  The header is written last, when length and checksum are
 * known.  Failures are sticky and reported by gop_writer_commit.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <msgpack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "core/sizes.h"
#include "io/crc32.h"
#include "io/data.h"
#include "io/file.h"
#include "io/format.h"
#include "io/writer.h"

#define BUFFER_SIZE 65536
#define PIECE       262144
#define CHUNK       4096

struct gop_writer {
    gop_file *file;
    gop_error error;
    msgpack_packer packer;
    gop_crc32 crc;
    uint32_t sum;
    uint64_t length;
    bool begun; /* a byte of the payload is written */
    uint8_t head[GOP_HEADER_SIZE];
    gop_data *data; /* what is before the payload; NULL: nothing can be */
    /* Remaining values of each open map (keys count) and array; [0] is the payload itself. */
    uint64_t left[GOP_MAX_DEPTH + 1];
    int depth;
    size_t used;
    uint8_t buffer[BUFFER_SIZE];
};

/* Whether the writer has not failed; NULL counts as failed. */
static bool good(const gop_writer *w)
{
    return w != NULL && w->error.status == GOP_OK;
}

void gop_writer_fail(gop_writer *w, gop_status status, const char *format, ...)
{
    char message[GOP_MESSAGE_SIZE];
    va_list args;
    if (!good(w))
        return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    gop_fail(&w->error, status, "%s: %s", gop_file_target(w->file), message);
}

static void emit(gop_writer *w, const void *bytes, size_t n)
{
    w->sum = gop_crc32_add(&w->crc, w->sum, bytes, n);
    w->length += n;
    w->begun = true;
    gop_file_write(w->file, bytes, n, &w->error);
}

static void flush(gop_writer *w)
{
    emit(w, w->buffer, w->used);
    w->used = 0;
}

/* The callback of msgpack-c for packed bytes. */
static int accept_bytes(void *data, const char *bytes, size_t n)
{
    gop_writer *w = data;
    if (n >= BUFFER_SIZE && good(w))
        flush(w);
    /* Pieces small enough to be still in the cache when they are written. */
    while (n >= BUFFER_SIZE && good(w)) {
        size_t k = n < PIECE ? n : PIECE;
        emit(w, bytes, k);
        bytes += k;
        n -= k;
    }
    while (n > 0 && good(w)) {
        size_t k = BUFFER_SIZE - w->used < n ? BUFFER_SIZE - w->used : n;
        memcpy(w->buffer + w->used, bytes, k);
        w->used += k;
        bytes += k;
        n -= k;
        if (w->used == BUFFER_SIZE)
            flush(w);
    }
    return good(w) ? 0 : -1;
}

static void close_full(gop_writer *w)
{
    while (w != NULL && w->depth > 0 && w->left[w->depth] == 0)
        w->depth--;
}

/* Counts one value of the open map or array. */
static bool begin_value(gop_writer *w)
{
    if (!good(w))
        return false;
    if (w->left[w->depth] == 0) {
        gop_writer_fail(w, GOP_ESTATE, "more values written than announced");
        return false;
    }
    w->left[w->depth]--;
    return true;
}

static bool begin_nest(gop_writer *w, size_t count, uint64_t values)
{
    if (!begin_value(w))
        return false;
    if (w->depth == GOP_MAX_DEPTH || count > UINT32_MAX) {
        gop_writer_fail(w, GOP_EINVAL, "a map or array is too large or too deep");
        return false;
    }
    w->left[++w->depth] = values;
    return true;
}

static void put_float(uint8_t *p, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    gop_put_le(p, bits, 4);
}

static gop_status open_writer(gop_writer **out, const char *path, const char kind[4],
                              uint32_t version, bool with_data, gop_error *err)
{
    gop_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory writing %s", path);
    memcpy(w->head, GOP_MAGIC, GOP_MAGIC_SIZE);
    memcpy(w->head + 8, kind, 4);
    gop_put_le(w->head + 12, version, 4);
    gop_crc32_init(&w->crc);
    msgpack_packer_init(&w->packer, w, accept_bytes);
    w->left[0] = 1;
    static const uint8_t blank[GOP_DATA_START];
    gop_status s = gop_file_new(&w->file, path, err);
    if (s == GOP_OK)
        s = gop_file_write(w->file, blank, with_data ? GOP_DATA_START : GOP_HEADER_SIZE, err);
    if (s == GOP_OK && with_data)
        s = gop_data_new(&w->data, fileno(gop_file_stream(w->file)), 0, path, err);
    if (s != GOP_OK) {
        gop_writer_abandon(w);
        return s;
    }
    *out = w;
    return GOP_OK;
}

gop_status gop_writer_open(gop_writer **out, const char *path, const char kind[4], uint32_t version,
                           gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_open: the result pointer is NULL");
    *out = NULL;
    if (path == NULL || kind == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_open: the path or the kind is NULL");
    return open_writer(out, path, kind, version, false, err);
}

gop_status gop_writer_open_data(gop_writer **out, const char *path, const char kind[4],
                                uint32_t version, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_open_data: the result pointer is NULL");
    *out = NULL;
    if (path == NULL || kind == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_open_data: the path or the kind is NULL");
    return open_writer(out, path, kind, version, true, err);
}

/* ---------------------------------------------------------------------- data */

/* Whether data can be written now. */
static bool takes_data(gop_writer *w)
{
    if (!good(w))
        return false;
    if (w->data == NULL || w->begun || w->used > 0)
        gop_writer_fail(w, GOP_ESTATE, "data stand before the payload, in a file opened for data");
    return good(w);
}

static void put_data(gop_writer *w, const void *bytes, size_t n)
{
    if (gop_file_write(w->file, bytes, n, &w->error) == GOP_OK)
        w->data->size += n;
}

uint64_t gop_write_data_begin(gop_writer *w)
{
    static const uint8_t blank[GOP_DATA_ALIGN];
    if (!takes_data(w))
        return 0;
    put_data(w, blank, (size_t)(-w->data->size % GOP_DATA_ALIGN));
    return w->data->size;
}

void gop_write_data(gop_writer *w, const float *v, size_t n)
{
    uint8_t chunk[CHUNK];
    if (!takes_data(w))
        return;
    if (v == NULL && n > 0) {
        gop_writer_fail(w, GOP_EINVAL, "the list of %zu values is NULL", n);
        return;
    }
    if (gop_as_in_files() && n > 0) {
        put_data(w, v, n * sizeof *v);
        return;
    }
    while (n > 0 && good(w)) {
        size_t k = n < CHUNK / 4 ? n : CHUNK / 4;
        for (size_t i = 0; i < k; i++)
            put_float(chunk + 4 * i, v[i]);
        put_data(w, chunk, 4 * k);
        v += k;
        n -= k;
    }
}

const gop_data *gop_writer_data(const gop_writer *w)
{
    return w == NULL ? NULL : w->data;
}

gop_status gop_writer_status(const gop_writer *w, gop_error *err)
{
    if (w == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_status: the writer is NULL");
    if (w->error.status != GOP_OK)
        gop_fail(err, w->error.status, "%s", w->error.message);
    return w->error.status;
}

/* -------------------------------------------------------------------- values */

void gop_write_map(gop_writer *w, size_t pairs)
{
    if (begin_nest(w, pairs, 2 * (uint64_t)pairs))
        msgpack_pack_map(&w->packer, pairs);
    close_full(w);
}

void gop_write_array(gop_writer *w, size_t items)
{
    if (begin_nest(w, items, items))
        msgpack_pack_array(&w->packer, items);
    close_full(w);
}

void gop_write_text(gop_writer *w, const char *text)
{
    if (text == NULL) {
        gop_writer_fail(w, GOP_EINVAL, "the text is NULL");
        return;
    }
    if (begin_value(w)) {
        size_t n = strlen(text);
        if (!gop_is_text(text, n)) {
            gop_writer_fail(w, GOP_EINVAL, "the text holds a control character or is not UTF-8");
            return;
        }
        msgpack_pack_str(&w->packer, n);
        msgpack_pack_str_body(&w->packer, text, n);
    }
    close_full(w);
}

void gop_write_key(gop_writer *w, const char *key)
{
    gop_write_text(w, key);
}

void gop_write_uint(gop_writer *w, uint64_t v)
{
    if (begin_value(w))
        msgpack_pack_uint64(&w->packer, v);
    close_full(w);
}

void gop_write_int(gop_writer *w, int64_t v)
{
    if (begin_value(w))
        msgpack_pack_int64(&w->packer, v);
    close_full(w);
}

void gop_write_bool(gop_writer *w, bool v)
{
    if (begin_value(w)) {
        if (v)
            msgpack_pack_true(&w->packer);
        else
            msgpack_pack_false(&w->packer);
    }
    close_full(w);
}

void gop_write_double(gop_writer *w, double v)
{
    if (begin_value(w))
        msgpack_pack_double(&w->packer, v);
    close_full(w);
}

static bool begin_bytes(gop_writer *w, const void *v, size_t n, size_t size)
{
    if (!begin_value(w))
        return false;
    if (v == NULL && n > 0) {
        gop_writer_fail(w, GOP_EINVAL, "the list of %zu values is NULL", n);
        return false;
    }
    if (n > gop_size_min(UINT32_MAX, PTRDIFF_MAX) / size) {
        gop_writer_fail(w, GOP_EINVAL, "%zu values of %zu bytes do not fit one entry", n, size);
        return false;
    }
    msgpack_pack_bin(&w->packer, n * size);
    return true;
}

void gop_write_floats(gop_writer *w, const float *v, size_t n)
{
    uint8_t chunk[CHUNK];
    bool ready = begin_bytes(w, v, n, 4);
    if (ready && gop_as_in_files() && n > 0) {
        msgpack_pack_bin_body(&w->packer, v, 4 * n);
        n = 0;
    }
    while (ready && n > 0 && good(w)) {
        size_t k = n < CHUNK / 4 ? n : CHUNK / 4;
        for (size_t i = 0; i < k; i++)
            put_float(chunk + 4 * i, v[i]);
        msgpack_pack_bin_body(&w->packer, chunk, 4 * k);
        v += k;
        n -= k;
    }
    close_full(w);
}

void gop_write_reals(gop_writer *w, const gop_real *v, size_t n)
{
#ifdef GOP_REAL_IS_DOUBLE
    uint8_t chunk[CHUNK];
    bool ready = begin_bytes(w, v, n, 4);
    while (ready && n > 0 && good(w)) {
        size_t k = n < CHUNK / 4 ? n : CHUNK / 4;
        for (size_t i = 0; i < k; i++)
            put_float(chunk + 4 * i, (float)v[i]);
        msgpack_pack_bin_body(&w->packer, chunk, 4 * k);
        v += k;
        n -= k;
    }
    close_full(w);
#else
    gop_write_floats(w, v, n);
#endif
}

void gop_write_bytes(gop_writer *w, const void *v, size_t n)
{
    if (begin_bytes(w, v, n, 1) && n > 0)
        msgpack_pack_bin_body(&w->packer, v, n);
    close_full(w);
}

gop_status gop_writer_commit(gop_writer *w, gop_error *err)
{
    if (w == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_writer_commit: the writer is NULL");
    if (w->depth != 0 || w->left[0] != 0)
        gop_writer_fail(w, GOP_ESTATE, "fewer values written than announced");
    if (good(w))
        flush(w);
    uint8_t front[GOP_DATA_START] = {0}, *block = front + GOP_HEADER_SIZE;
    memcpy(front, w->head, GOP_HEADER_SIZE);
    gop_put_le(front + 16, w->length, 8);
    gop_put_le(front + 24, w->sum, 4);
    if (w->data != NULL) {
        gop_put_le(block, GOP_DATA_START + w->data->size, 8);
        gop_put_le(block + 8, w->length, 8);
        gop_put_le(block + 16, w->sum, 4);
        gop_put_le(front + 16, GOP_BLOCK_SIZE + w->data->size + w->length, 8);
        gop_put_le(front + 24, gop_crc32_add(&w->crc, 0, block, GOP_BLOCK_SIZE), 4);
    }
    gop_put_le(front + 28, gop_crc32_add(&w->crc, 0, front, 28), 4);
    if (good(w))
        gop_file_patch(w->file, 0, front, w->data != NULL ? GOP_DATA_START : GOP_HEADER_SIZE,
                       &w->error);
    if (good(w)) {
        gop_file_commit(w->file, &w->error);
        w->file = NULL;
    }
    gop_status s = w->error.status;
    if (s != GOP_OK)
        gop_fail(err, s, "%s", w->error.message);
    gop_writer_abandon(w);
    return s;
}

void gop_writer_abandon(gop_writer *w)
{
    if (w == NULL)
        return;
    gop_data_free(w->data);
    gop_file_discard(w->file);
    free(w);
}
