/*
 * payload.c: see payload.h.  Reads files.
 *
 * The file is read twice, to check it and to decode it, and only one piece is kept in memory.  If
 * the file is overwritten in place in between, the checksum misses it, but the reader trusts no
 * value; graphop's own writer never overwrites in place.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "io/payload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/open.h"

/* Half of a usual second-level cache, so that the checksum reads the bytes from there. */
#define WINDOW 262144

/* Reads the piece from `at` on into memory. */
static gop_status slide(gop_payload *p, size_t at, const char *path, gop_error *err)
{
    const size_t n = p->length - at < WINDOW ? p->length - at : WINDOW;
    p->used = 0;
    gop_status s = gop_read_at(p->fd, p->window, n, p->base + (uint64_t)at, path, err);
    if (s == GOP_OK) {
        p->from = at;
        p->used = n;
    }
    return s;
}

gop_status gop_payload_open(gop_payload *p, int fd, uint64_t base, size_t length,
                            const gop_crc32 *crc, uint32_t sum, const char *path, gop_error *err)
{
    uint32_t found = 0;
    p->fd = fd;
    p->base = base;
    p->length = length;
    p->from = p->used = 0;
    p->window = malloc(length < WINDOW ? length + 1 : WINDOW);
    if (p->window == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    for (size_t at = 0; at < length; at += p->used) {
        gop_try(slide(p, at, path, err));
        found = gop_crc32_add(crc, found, p->window, p->used);
    }
    if (found != sum)
        return gop_fail(err, GOP_EFORMAT, "%s: damaged: the checksum does not match", path);
    return GOP_OK;
}

gop_status gop_payload_copy(gop_payload *p, void *to, size_t at, size_t n, const char *path,
                            gop_error *err)
{
    uint8_t *out = to;
    gop_status s = GOP_OK;
    while (n > 0 && s == GOP_OK) {
        if (at >= p->from && at - p->from < p->used) {
            const size_t left = p->used - (at - p->from), k = n < left ? n : left;
            memcpy(out, p->window + (at - p->from), k);
            out += k;
            at += k;
            n -= k;
        } else if (n >= WINDOW) {
            s = gop_read_at(p->fd, out, n, p->base + (uint64_t)at, path, err);
            n = 0;
        } else {
            s = slide(p, at, path, err);
        }
    }
    return s;
}

void gop_payload_close(gop_payload *p)
{
    if (p->fd >= 0)
        close(p->fd);
    free(p->window);
    p->fd = -1;
    p->window = NULL;
}
