/*
 * lock.c: a lock on a target, held by one process.  It is a flock on an empty file beside the
 * target, which the holder removes; a file that a killed process left holds no lock.
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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graphop.h"
#include "io/target.h"

#define ATTEMPTS    1000
/* The most temporaries of one target that a handler removes. */
#define TEMPORARIES 16

struct gop_lock {
    int fd;     /* -1: not held, since the file system has no locks */
    char *name; /* of the locked file */
    char *stem; /* of this process's temporaries of the target */
    size_t end;
};

/* Opens the lock's file or creates it.  O_CREAT on a file of somebody else may be refused. */
static int open_file(const char *name)
{
    const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = open(name, O_RDWR | flags);
    if (fd < 0 && errno == EACCES)
        fd = open(name, O_RDONLY | flags);
    if (fd < 0 && errno == ENOENT)
        fd = open(name, O_RDWR | O_CREAT | O_EXCL | flags, 0666);
    return fd;
}

/* Whether an open file is still the one of that name: the last holder may have removed it. */
static bool is_named(const struct stat *opened, const char *name)
{
    struct stat named;
    return stat(name, &named) == 0 && opened->st_dev == named.st_dev &&
           opened->st_ino == named.st_ino;
}

/* Sets l->fd; -1 with GOP_OK if the file system has no locks. */
static gop_status take(gop_lock *l, const char *path, gop_error *err)
{
    for (int i = 0; i < ATTEMPTS; i++) {
        const int fd = open_file(l->name);
        if (fd < 0 && (errno == ENOENT || errno == EEXIST) && i + 1 < ATTEMPTS)
            continue; /* removed or created meanwhile */
        if (fd < 0)
            return gop_target_failure(err, "create a file beside", path, errno);
        struct stat opened;
        if (fstat(fd, &opened) != 0) {
            const int code = errno;
            if (flock(fd, LOCK_EX | LOCK_NB) == 0)
                unlink(l->name); /* nobody holds it */
            close(fd);
            return gop_target_failure(err, "lock", path, code);
        }
        if (!S_ISREG(opened.st_mode) || opened.st_size > 0) {
            close(fd);
            return gop_fail(err, GOP_ESYSTEM, "cannot lock %s: %s is not an empty file", path,
                            l->name);
        }
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            if (is_named(&opened, l->name)) {
                l->fd = fd;
                return GOP_OK;
            }
            close(fd);
            continue;
        }
        const int code = errno;
        if (code != EWOULDBLOCK)
            unlink(l->name);
        close(fd);
        return code != EWOULDBLOCK
                   ? GOP_OK
                   : gop_fail(err, GOP_ESYSTEM, "cannot write %s: another process is writing it",
                              path);
    }
    return gop_fail(err, GOP_ESYSTEM, "cannot lock %s", path);
}

gop_status gop_lock_new(gop_lock **out, const char *path, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_lock_new: the result pointer is NULL");
    *out = NULL;
    if (path == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_lock_new: the path is NULL");
    char *target;
    gop_try(gop_target_new(&target, path, err));
    gop_lock *l = calloc(1, sizeof *l);
    gop_status s = GOP_OK;
    if (l != NULL) {
        l->fd = -1;
        l->name = gop_target_beside(target, ".lock");
        l->stem = gop_target_stem(target, &l->end);
    }
    if (l == NULL || l->name == NULL || l->stem == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory writing %s", path);
    else
        s = take(l, path, err);
    free(target);
    if (s == GOP_OK)
        *out = l;
    else
        gop_lock_free(l);
    return s;
}

bool gop_lock_holds(const gop_lock *l)
{
    return l != NULL && l->fd >= 0;
}

void gop_lock_abort(gop_lock *l)
{
    if (l == NULL)
        return;
    for (unsigned i = 0; i < TEMPORARIES; i++) {
        gop_target_number(l->stem + l->end, i);
        unlink(l->stem);
    }
    if (l->fd >= 0)
        unlink(l->name);
}

void gop_lock_free(gop_lock *l)
{
    if (l == NULL)
        return;
    if (l->fd >= 0) {
        unlink(l->name); /* before the lock is free */
        close(l->fd);
    }
    free(l->name);
    free(l->stem);
    free(l);
}
