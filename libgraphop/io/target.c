/*
 * target.c: the names of a file to write and of the files beside it, and whether two names lead to
 * one file.  Touches the file system only by following symbolic links and by stat.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "io/target.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/crc32.h"

/* A name of at most 255 bytes: a dot, a base, a hyphen and a checksum of 8 digits, the suffix. */
#define BASE_KEPT  200
/* The most successive symbolic links, as in Linux. */
#define MOST_LINKS 40

gop_status gop_target_failure(gop_error *err, const char *what, const char *path, int code)
{
    return gop_fail(err, code == ENOMEM ? GOP_ENOMEM : GOP_ESYSTEM, "cannot %s %s: %s", what, path,
                    strerror(code));
}

const char *gop_target_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* `link` relative to the folder of `path`, or alone if it begins with a slash. */
static char *beside(const char *path, const char *link)
{
    const size_t folder = *link == '/' ? 0 : (size_t)(gop_target_base(path) - path);
    char *joined = malloc(folder + strlen(link) + 1);
    if (joined != NULL) {
        memcpy(joined, path, folder);
        strcpy(joined + folder, link);
    }
    return joined;
}

/* NULL on failure, with errno. */
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

gop_status gop_target_new(char **target, const char *path, gop_error *err)
{
    *target = NULL;
    if (*gop_target_base(path) == '\0')
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a file name",
                        *path ? path : "a file without a name");
    *target = follow(path);
    return *target == NULL ? gop_target_failure(err, "write", path, errno) : GOP_OK;
}

char *gop_target_folder(const char *target)
{
    return beside(target, gop_target_base(target) == target ? "." : "");
}

/* Where a file would be created. */
typedef struct place {
    char *target;
    bool known; /* the folder exists */
    struct stat folder;
} place;

/* A link that leads in a circle leads to no place. */
static gop_status find_place(place *p, const char *path, gop_error *err)
{
    p->target = follow(path);
    char *folder = p->target == NULL ? NULL : gop_target_folder(p->target);
    if (folder == NULL && errno == ENOMEM)
        return gop_target_failure(err, "examine", path, ENOMEM);
    p->known = folder != NULL && stat(folder, &p->folder) == 0;
    free(folder);
    return GOP_OK;
}

static bool is_one(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

GOP_API gop_status gop_file_same(bool *same, const char *a, const char *b, gop_error *err)
{
    if (same == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_same: the result pointer is NULL");
    *same = false;
    if (a == NULL || b == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_same: a path is NULL");
    struct stat sa, sb;
    const bool is_a = stat(a, &sa) == 0, is_b = stat(b, &sb) == 0;
    if (is_a || is_b || strcmp(a, b) == 0) {
        *same = strcmp(a, b) == 0 || (is_a && is_b && S_ISREG(sa.st_mode) && is_one(&sa, &sb));
        return GOP_OK;
    }
    place pa = {.known = false}, pb = {.known = false};
    gop_status s = find_place(&pa, a, err);
    if (s == GOP_OK)
        s = find_place(&pb, b, err);
    *same = s == GOP_OK && pa.known && pb.known && is_one(&pa.folder, &pb.folder) &&
            strcmp(gop_target_base(pa.target), gop_target_base(pb.target)) == 0;
    free(pa.target);
    free(pb.target);
    return s;
}

char *gop_target_beside(const char *target, const char *suffix)
{
    const char *base = gop_target_base(target);
    const int folder = (int)(base - target);
    const size_t n = strlen(base), size = strlen(target) + 2 + 9 + GOP_SUFFIX;
    char *name = malloc(size);
    if (name == NULL)
        return NULL;
    if (n <= BASE_KEPT) {
        snprintf(name, size, "%.*s.%s%s", folder, target, base, suffix);
    } else {
        gop_crc32 crc;
        gop_crc32_init(&crc);
        snprintf(name, size, "%.*s.%.*s-%08lx%s", folder, target, BASE_KEPT, base,
                 (unsigned long)gop_crc32_add(&crc, 0, base, n), suffix);
    }
    return name;
}

char *gop_target_stem(const char *target, size_t *end)
{
    char suffix[GOP_SUFFIX];
    snprintf(suffix, sizeof suffix, ".%ld-", (long)getpid());
    char *stem = gop_target_beside(target, suffix);
    *end = stem == NULL ? 0 : strlen(stem);
    return stem;
}

void gop_target_number(char *end, unsigned n)
{
    unsigned unit = 1;
    while (n / unit >= 10)
        unit *= 10;
    for (; unit > 0; unit /= 10)
        *end++ = (char)('0' + n / unit % 10);
    memcpy(end, ".tmp", 5);
}
