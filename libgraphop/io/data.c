/*
 * data.c: reading the plain numbers before the payload of a file (format.h), in any order.  Reads
 * files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graphop.h"
#include "io/data.h"
#include "io/format.h"
#include "io/open.h"

gop_status gop_data_new(gop_data **out, int fd, uint64_t size, const char *path, gop_error *err)
{
    gop_data *d = calloc(1, sizeof *d);
    if (d != NULL)
        d->fd = -1;
    if (d == NULL || (d->path = strdup(path)) == NULL) {
        gop_data_free(d);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    }
    d->size = size;
    d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (d->fd < 0) {
        const int code = errno;
        gop_data_free(d);
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(code));
    }
    *out = d;
    return GOP_OK;
}

uint64_t gop_data_size(const gop_data *d)
{
    return d == NULL ? 0 : d->size;
}

const char *gop_data_path(const gop_data *d)
{
    return d == NULL ? "" : d->path;
}

gop_status gop_data_read(const gop_data *d, float *v, uint64_t at, size_t n, gop_error *err)
{
    if (d == NULL || (v == NULL && n > 0))
        return gop_fail(err, GOP_EINVAL, "gop_data_read: an argument is NULL");
    if (at > d->size || n > (d->size - at) / sizeof *v)
        return gop_fail(err, GOP_EINVAL,
                        "gop_data_read: %zu numbers from byte %llu on; %s has %llu bytes of data",
                        n, (unsigned long long)at, d->path, (unsigned long long)d->size);
    gop_try(gop_read_at(d->fd, v, n * sizeof *v, GOP_DATA_START + at, d->path, err));
    for (size_t i = 0; i < n && !gop_as_in_files(); i++) {
        uint8_t bytes[4];
        memcpy(bytes, &v[i], sizeof bytes);
        const uint32_t bits = (uint32_t)gop_get_le(bytes, 4);
        memcpy(&v[i], &bits, sizeof bits);
    }
    return GOP_OK;
}

void gop_data_free(gop_data *d)
{
    if (d == NULL)
        return;
    if (d->fd >= 0)
        close(d->fd);
    free(d->path);
    free(d);
}
