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

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/target.h"

#define ATTEMPTS 1000

struct gop_file {
    FILE *stream;    /* of the temporary */
    char *target;    /* with symbolic links followed */
    char *temporary; /* NULL: there is none, or no longer */
    int held;        /* another descriptor of the temporary, whose lock shows that it is in use */
    int folder;      /* the target's, for syncing it; -1: it cannot be opened */
};

/* Sets the target, and *old to the status of the file there, if any. */
static gop_status find_target(gop_file *f, const char *path, struct stat *old, bool *found,
                              gop_error *err)
{
    gop_try(gop_target_new(&f->target, path, err));
    *found = stat(f->target, old) == 0;
    if (*found && !S_ISREG(old->st_mode))
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a regular file", path);
    if (*found && access(f->target, W_OK) != 0)
        return gop_target_failure(err, "write", path, errno);
    return GOP_OK;
}

/* Whether `name` is ".NAME.PID-N.tmp"; `stem` is ".NAME." */
static bool is_temporary(const char *name, const char *stem)
{
    const size_t n = strlen(stem);
    if (strncmp(name, stem, n) != 0)
        return false;
    name += n;
    const size_t pid = strspn(name, "0123456789");
    if (pid == 0 || name[pid] != '-')
        return false;
    name += pid + 1;
    const size_t number = strspn(name, "0123456789");
    return number > 0 && strcmp(name + number, ".tmp") == 0;
}

/* Removes a temporary that no process has locked.  Once it is locked here, the name cannot pass
 * to another file. */
static void remove_dead(int folder, const char *name)
{
    const int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st, now;
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        fstatat(folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == now.st_dev &&
        st.st_ino == now.st_ino)
        (void)!unlinkat(folder, name, 0);
    close(fd);
}

/* Removes the temporaries of this target that processes left when they were killed. */
static void remove_leftovers(const gop_file *f)
{
    char *path = gop_target_folder(f->target), *stem = gop_target_beside(f->target, ".");
    DIR *folder = path != NULL && stem != NULL ? opendir(path) : NULL;
    if (folder != NULL) {
        for (struct dirent *e = readdir(folder); e != NULL; e = readdir(folder))
            if (is_temporary(e->d_name, gop_target_base(stem)))
                remove_dead(dirfd(folder), e->d_name);
        closedir(folder);
    }
    free(stem);
    free(path);
}

/* Locks a new temporary.  False if remove_dead of another process came first.  Where the file
 * system has no locks, temporaries are never removed. */
static bool lock(int fd)
{
    struct stat st;
    return (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && fstat(fd, &st) == 0 &&
           st.st_nlink > 0;
}

/* Creates a file beside the target, with `mode` less the umask. */
static int open_temporary(gop_file *f, mode_t mode)
{
    size_t end;
    f->temporary = gop_target_stem(f->target, &end);
    for (unsigned i = 0; f->temporary != NULL && i < ATTEMPTS; i++) {
        gop_target_number(f->temporary + end, i);
        const int fd = open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd >= 0 && lock(fd))
            return fd;
        if (fd < 0 && errno != EEXIST)
            return fd;
        if (fd >= 0) {
            const int code = errno;
            close(fd);
            unlink(f->temporary);
            errno = code;
        }
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

/* Opens everything that committing needs, so that nothing but syncing the folder can fail after
 * the renaming. */
static gop_status open_all(gop_file *f, const char *path, gop_error *err)
{
    struct stat old;
    bool found;
    gop_try(find_target(f, path, &old, &found, err));
    remove_leftovers(f);
    f->held = open_temporary(f, found ? 0600 : 0666);
    if (f->held < 0) {
        const int code = errno;
        free(f->temporary);
        f->temporary = NULL;
        return gop_target_failure(err, "create a file beside", path, code);
    }
    if (found)
        keep_mode(f->held, &old);
    const int fd = fcntl(f->held, F_DUPFD_CLOEXEC, 0);
    f->stream = fd < 0 ? NULL : fdopen(fd, "w+");
    if (f->stream == NULL) {
        const int code = errno;
        if (fd >= 0)
            close(fd);
        return gop_target_failure(err, "write", path, code);
    }
    char *folder = gop_target_folder(f->target);
    f->folder = folder == NULL ? -1 : open(folder, O_RDONLY | O_CLOEXEC);
    const int code = folder == NULL ? ENOMEM : errno;
    free(folder);
    /* A folder that cannot be read is not synced. */
    return f->folder < 0 && (code == ENOMEM || code == EMFILE || code == ENFILE)
               ? gop_target_failure(err, "write", path, code)
               : GOP_OK;
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
    f->held = f->folder = -1;
    const gop_status s = open_all(f, path, err);
    if (s != GOP_OK)
        gop_file_discard(f);
    else
        *out = f;
    return s;
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
            return gop_target_failure(err, "write", f->target, k < 0 ? errno : ENOSPC);
        p += k;
        n -= (size_t)k;
    }
    return GOP_OK;
}

gop_status gop_file_patch(gop_file *f, uint64_t offset, const void *data, size_t n, gop_error *err)
{
    if (lseek(fileno(f->stream), (off_t)offset, SEEK_SET) < 0)
        return gop_target_failure(err, "write", f->target, errno);
    return gop_file_write(f, data, n, err);
}

/* Some network file systems cannot sync a folder; the rename is already done, so only real
 * write errors count. */
static gop_status sync_folder(const gop_file *f, gop_error *err)
{
    if (f->folder < 0 || fsync(f->folder) == 0 || (errno != EIO && errno != ENOSPC))
        return GOP_OK;
    return gop_fail(err, GOP_ESYSTEM,
                    "%s was replaced, but its folder cannot be synced, so a power failure may "
                    "undo that: %s",
                    f->target, strerror(errno));
}

/* Writes all bytes to the disk and closes the stream. */
static gop_status finish(gop_file *f, gop_error *err)
{
    gop_status s = GOP_OK;
    FILE *stream = f->stream;
    errno = EIO; /* the errno of an earlier failed write is lost */
    if (fflush(stream) != 0 || ferror(stream))
        s = gop_target_failure(err, "write", f->target, errno);
    else if (fsync(fileno(stream)) != 0)
        s = gop_target_failure(err, "sync", f->target, errno);
    f->stream = NULL;
    if (fclose(stream) != 0 && s == GOP_OK)
        s = gop_target_failure(err, "close", f->target, errno);
    return s;
}

gop_status gop_file_commit(gop_file *f, gop_error *err)
{
    if (f == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_commit: the file is NULL");
    gop_status s = finish(f, err);
    if (s == GOP_OK && rename(f->temporary, f->target) != 0)
        s = gop_target_failure(err, "put into place", f->target, errno);
    if (s == GOP_OK) {
        free(f->temporary);
        f->temporary = NULL;
        s = sync_folder(f, err);
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
    if (f->held >= 0)
        close(f->held); /* after the temporary has gone, or its lock would be free */
    if (f->folder >= 0)
        close(f->folder);
    free(f->temporary);
    free(f->target);
    free(f);
}
