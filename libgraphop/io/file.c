/*
 * file.c: writing a file beside its target and renaming it into place.
 *
 * Bytes go to a new temporary in the target's folder (so that renaming stays on one file
 * system); committing syncs it, renames it over the target and syncs the folder.  Until then the
 * target is unchanged.  Touches the file system, by POSIX calls only.
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
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Leaves room for the suffix in a name of at most 255 bytes. */
#define BASE_KEPT  200
#define ATTEMPTS   1000
/* The most successive symbolic links, as in Linux. */
#define MOST_LINKS 40

struct gop_file {
    FILE *stream;    /* of the temporary */
    char *target;    /* with symbolic links followed */
    char *temporary; /* NULL: there is none, or no longer */
};

static gop_status system_failure(gop_error *err, const char *what, const char *path, int code)
{
    return gop_fail(err, code == ENOMEM ? GOP_ENOMEM : GOP_ESYSTEM, "cannot %s %s: %s", what, path,
                    strerror(code));
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* `link` relative to the folder of `path`, or alone if it begins with a slash. */
static char *beside(const char *path, const char *link)
{
    const size_t folder = *link == '/' ? 0 : (size_t)(base_of(path) - path);
    char *joined = malloc(folder + strlen(link) + 1);
    if (joined != NULL) {
        memcpy(joined, path, folder);
        strcpy(joined + folder, link);
    }
    return joined;
}

/* `path` with symbolic links followed; the file need not exist.  NULL on failure, with errno. */
static char *follow(const char *path)
{
    char *at = strdup(path), link[PATH_MAX];
    for (int i = 0; at != NULL; i++) {
        const ssize_t n = readlink(at, link, sizeof link - 1);
        if (n < 0)
            return at;
        link[n] = '\0';
        char *next = i < MOST_LINKS ? beside(at, link) : NULL;
        free(at);
        at = next;
        errno = i < MOST_LINKS ? ENOMEM : ELOOP;
    }
    return NULL;
}

/* Sets the target, and *old to the status of the file there, if any. */
static gop_status find_target(gop_file *f, const char *path, struct stat *old, bool *found,
                              gop_error *err)
{
    if (*base_of(path) == '\0')
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a file name",
                        *path ? path : "a file without a name");
    f->target = follow(path);
    if (f->target == NULL)
        return system_failure(err, "write", path, errno);
    *found = stat(f->target, old) == 0;
    if (*found && !S_ISREG(old->st_mode))
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a regular file", path);
    if (*found && access(f->target, W_OK) != 0)
        return system_failure(err, "write", path, errno);
    return GOP_OK;
}

/* Creates a file beside the target, with `mode` less the umask. */
static int open_temporary(gop_file *f, mode_t mode)
{
    const char *base = base_of(f->target);
    const int folder = (int)(base - f->target);
    const size_t size = strlen(f->target) + 64;
    f->temporary = malloc(size);
    if (f->temporary == NULL)
        return -1;
    for (int i = 0; i < ATTEMPTS; i++) {
        snprintf(f->temporary, size, "%.*s.%.*s.%ld-%d.tmp", folder, f->target, BASE_KEPT, base,
                 (long)getpid(), i);
        const int fd = open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* The new file gets the access rights of the old one; if the group cannot be kept, the new group
 * has no access. */
static void keep_mode(int fd, const struct stat *old)
{
    const bool group = fchown(fd, (uid_t)-1, old->st_gid) == 0;
    (void)!fchown(fd, old->st_uid, (gid_t)-1);
    (void)!fchmod(fd, old->st_mode & (mode_t)(group ? 0777 : 0707));
}

gop_status gop_file_new(gop_file **out, const char *path, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_new: the result pointer is NULL");
    *out = NULL;
    if (path == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_new: the path is NULL");
    gop_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory writing %s", path);
    struct stat old;
    bool found;
    gop_status s = find_target(f, path, &old, &found, err);
    if (s != GOP_OK) {
        gop_file_discard(f);
        return s;
    }
    const int fd = open_temporary(f, found ? 0600 : 0666);
    if (fd < 0) {
        s = system_failure(err, "create a file beside", path, errno);
        free(f->temporary);
        f->temporary = NULL;
        gop_file_discard(f);
        return s;
    }
    if (found)
        keep_mode(fd, &old);
    f->stream = fdopen(fd, "w+");
    if (f->stream == NULL) {
        s = system_failure(err, "write", path, errno);
        close(fd);
        gop_file_discard(f);
        return s;
    }
    *out = f;
    return GOP_OK;
}

FILE *gop_file_stream(gop_file *f)
{
    return f == NULL ? NULL : f->stream;
}

const char *gop_file_target(const gop_file *f)
{
    return f->target;
}

gop_status gop_file_write(gop_file *f, const void *data, size_t n, gop_error *err)
{
    const char *p = data;
    while (n > 0) {
        ssize_t k = write(fileno(f->stream), p, n);
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
    if (lseek(fileno(f->stream), (off_t)offset, SEEK_SET) < 0)
        return system_failure(err, "write", f->target, errno);
    return gop_file_write(f, data, n, err);
}

/* Some network file systems cannot open or sync a folder; the rename is already done, so only real
 * write errors count. */
static gop_status sync_folder(const char *target, gop_error *err)
{
    char *folder = beside(target, base_of(target) == target ? "." : "");
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

/* Writes all bytes to the disk and closes the stream. */
static gop_status finish(gop_file *f, gop_error *err)
{
    gop_status s = GOP_OK;
    FILE *stream = f->stream;
    errno = EIO; /* the errno of an earlier failed write is lost */
    if (fflush(stream) != 0 || ferror(stream))
        s = system_failure(err, "write", f->target, errno);
    else if (fsync(fileno(stream)) != 0)
        s = system_failure(err, "sync", f->target, errno);
    f->stream = NULL;
    if (fclose(stream) != 0 && s == GOP_OK)
        s = system_failure(err, "close", f->target, errno);
    return s;
}

gop_status gop_file_commit(gop_file *f, gop_error *err)
{
    if (f == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_commit: the file is NULL");
    gop_status s = finish(f, err);
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
    if (f == NULL)
        return;
    if (f->stream != NULL)
        fclose(f->stream);
    if (f->temporary != NULL)
        unlink(f->temporary);
    free(f->temporary);
    free(f->target);
    free(f);
}
