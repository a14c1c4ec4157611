/*
 * blob.c: bytes of a file that can be read from any place on.  Touches files by reading them.
 *
 * Files are read by pread and not mapped: a file that shrinks is then an error, not a signal.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_blob {
    zoo_blob base;
    int fd;
} file_blob;

static gop_status read_file(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err)
{
    const file_blob *f = (const file_blob *)b;
    for (size_t done = 0; done < n;) {
        ssize_t k = pread(f->fd, (char *)to + done, n - done, (off_t)(at + done));
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", b->name, strerror(errno));
        if (k == 0)
            return gop_fail(err, GOP_ESYSTEM, "%s became shorter while it was read", b->name);
        done += (size_t)k;
    }
    return GOP_OK;
}

static void close_file(zoo_blob *b)
{
    file_blob *f = (file_blob *)b;
    if (f->fd >= 0)
        close(f->fd);
    free(f);
}

gop_status zoo_blob_open(zoo_blob **b, const char *path, gop_error *err)
{
    *b = NULL;
    file_blob *f = malloc(sizeof *f);
    char *name = strdup(path);
    if (f == NULL || name == NULL) {
        free(f);
        free(name);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    }
    struct stat st;
    gop_status s = GOP_OK;
    f->base = (zoo_blob){name, 0, read_file, close_file};
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
    if (f->fd < 0 || fstat(f->fd, &st) != 0)
        s = gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        s = gop_fail(err, GOP_ESYSTEM, "cannot open %s: not a regular file", path);
    else
        f->base.size = (uint64_t)st.st_size;
    *b = &f->base;
    if (s != GOP_OK) {
        zoo_blob_close(*b);
        *b = NULL;
    }
    return s;
}

gop_status zoo_blob_read(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err)
{
    if (at > b->size || n > b->size - at)
        return gop_fail(err, GOP_EFORMAT, "%s: ends too early", b->name);
    return n == 0 ? GOP_OK : b->read(b, to, at, n, err);
}

void zoo_blob_close(zoo_blob *b)
{
    if (b == NULL)
        return;
    char *name = b->name;
    b->close(b);
    free(name);
}
