/*
 * file.c: writing a file beside its target and renaming it into place.
 * Touches the file system, by POSIX calls only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Leaves room for the suffix in a name of at most 255 bytes. */
#define BASE_KEPT 200
#define ATTEMPTS  1000

static gop_status system_failure(gop_error *err, const char *what, const char *path, int code)
{
    return gop_fail(err, GOP_ESYSTEM, "cannot %s %s: %s", what, path, strerror(code));
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static gop_status find_target(gop_file *f, const char *path, gop_error *err)
{
    struct stat st;
    if (*base_of(path) == '\0')
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not the name of a file",
                        *path ? path : "a file without a name");
    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a regular file", path);
        f->target = realpath(path, NULL);
    } else {
        f->target = strdup(path);
    }
    if (f->target == NULL)
        return system_failure(err, "write", path, errno);
    return GOP_OK;
}

gop_status gop_file_create(gop_file *f, const char *path, gop_error *err)
{
    f->fd = -1;
    f->target = NULL;
    f->temporary = NULL;
    gop_status s = find_target(f, path, err);
    if (s != GOP_OK)
        return s;
    const char *base = base_of(f->target);
    int folder = (int)(base - f->target);
    size_t size = strlen(f->target) + 64;
    f->temporary = malloc(size);
    if (f->temporary == NULL) {
        gop_file_discard(f);
        return gop_fail(err, GOP_ENOMEM, "out of memory writing %s", path);
    }
    int code = EEXIST;
    for (int i = 0; i < ATTEMPTS && f->fd < 0 && code == EEXIST; i++) {
        snprintf(f->temporary, size, "%.*s.%.*s.%ld-%d.tmp", folder, f->target, BASE_KEPT, base,
                 (long)getpid(), i);
        f->fd = open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        code = errno;
    }
    if (f->fd < 0) {
        free(f->temporary);
        f->temporary = NULL;
        gop_file_discard(f);
        return system_failure(err, "create a file beside", path, code);
    }
    return GOP_OK;
}

gop_status gop_file_write(gop_file *f, const void *data, size_t n, gop_error *err)
{
    const char *p = data;
    while (n > 0) {
        ssize_t k = write(f->fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return system_failure(err, "write", f->target, k < 0 ? errno : ENOSPC);
        p += k;
        n -= (size_t)k;
    }
    return GOP_OK;
}

gop_status gop_file_patch(gop_file *f, uint64_t offset, const void *data, size_t n, gop_error *err)
{
    if (lseek(f->fd, (off_t)offset, SEEK_SET) < 0)
        return system_failure(err, "write", f->target, errno);
    return gop_file_write(f, data, n, err);
}

/* A folder that cannot be opened or synced (some network file systems) has
 * already been renamed in; only real write errors count. */
static gop_status sync_folder(const char *target, gop_error *err)
{
    const char *base = base_of(target);
    char *folder = base == target ? strdup(".") : strndup(target, (size_t)(base - target));
    if (folder == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory writing %s", target);
    gop_status s = GOP_OK;
    int fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (fsync(fd) != 0 && (errno == EIO || errno == ENOSPC))
            s = system_failure(err, "sync the folder of", target, errno);
        close(fd);
    }
    free(folder);
    return s;
}

gop_status gop_file_commit(gop_file *f, gop_error *err)
{
    gop_status s = GOP_OK;
    if (fsync(f->fd) != 0)
        s = system_failure(err, "sync", f->target, errno);
    int fd = f->fd;
    f->fd = -1;
    if (close(fd) != 0 && s == GOP_OK)
        s = system_failure(err, "close", f->target, errno);
    if (s == GOP_OK && rename(f->temporary, f->target) != 0)
        s = system_failure(err, "put into place", f->target, errno);
    if (s == GOP_OK) {
        free(f->temporary);
        f->temporary = NULL;
        s = sync_folder(f->target, err);
    }
    gop_file_discard(f);
    return s;
}

void gop_file_discard(gop_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    if (f->temporary != NULL)
        unlink(f->temporary);
    free(f->temporary);
    free(f->target);
    f->fd = -1;
    f->temporary = NULL;
    f->target = NULL;
}
