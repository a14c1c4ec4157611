/*
 * files.c: visits folders of raw data in a fixed order and reads files into memory.  Touches files
 * by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zoo/bom.h"
#include "zoo/dataset/format/decimal.h"
#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/files.h"

/* A file is in memory as a whole while it is read. */
#define MOST_BYTES (64 << 20)

const char *zoo_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

size_t zoo_ending(const char *name, const char *endings)
{
    const size_t n = strlen(name);
    while (*endings != '\0') {
        const size_t m = strcspn(endings, " ");
        if (n > m && m > 0 && memcmp(name + n - m, endings, m) == 0)
            return m;
        endings += m + (endings[m] == ' ');
    }
    return 0;
}

bool zoo_ends_in(const char *name, const char *endings)
{
    return zoo_ending(name, endings) > 0;
}

zoo_drop zoo_drop_of(int code)
{
    static const int own[] = {ENOENT, ENOTDIR, EACCES, EPERM,        ELOOP,
                              EISDIR, ENXIO,   ENODEV, ENAMETOOLONG, EOVERFLOW};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i] == code)
            return ZOO_DROP_UNREADABLE;
    return ZOO_NO_DROP;
}

gop_status zoo_is_folder(bool *folder, const char *path, gop_error *err)
{
    struct stat st;
    *folder = stat(path, &st) == 0;
    if (!*folder && zoo_drop_of(errno) == ZOO_NO_DROP)
        return gop_fail(err, GOP_ESYSTEM, "cannot examine %s: %s", path, strerror(errno));
    *folder = *folder && S_ISDIR(st.st_mode);
    return GOP_OK;
}

static gop_status open_file(int *fd, struct stat *st, zoo_drop *why, const char *path,
                            gop_error *err)
{
    gop_status s = GOP_OK;
    *why = ZOO_DROP_UNREADABLE;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
    if (*fd < 0 || fstat(*fd, st) != 0) {
        *why = zoo_drop_of(errno);
        s = gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    } else if (!S_ISREG(st->st_mode)) {
        s = gop_fail(err, GOP_ESYSTEM, "cannot open %s: not a regular file", path);
    }
    if (s != GOP_OK && *fd >= 0)
        close(*fd);
    return s;
}

gop_status zoo_regular_open(int *fd, zoo_drop *why, const char *path, gop_error *err)
{
    struct stat st;
    return open_file(fd, &st, why, path, err);
}

/* --------------------------------------------------------------------- folders */

/* Drops a file for its ending. */
static void drop_stranger(zoo_report *report, const char *path, const char *endings)
{
    char list[80] = "";
    size_t used = 0;
    while (*endings != '\0' && used < sizeof list) {
        const size_t m = strcspn(endings, " ");
        const bool last = endings[m] == '\0';
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%.*s",
                                 used == 0 ? ""
                                 : last    ? " or "
                                           : ", ",
                                 (int)m, endings);
        endings += m + !last;
    }
    zoo_report_drop(report, ZOO_DROP_KIND, "%s: not a %s file", path, list);
}

typedef struct visiting {
    zoo_store *store;
    const char *endings;
    bool inner;
    zoo_visit *visit;
    void *user;
} visiting;

static gop_status visit_folder(const visiting *v, const char *dir, const char *inside,
                               gop_error *err);

static gop_status visit_entry(const visiting *v, const char *path, const char *inside,
                              const char *name, gop_error *err)
{
    bool folder, one;
    gop_try(zoo_is_folder(&folder, path, err));
    one = !folder && zoo_ends_in(name, v->endings);
    if (folder)
        gop_try(zoo_files_is_one(&one, v->store, path, err));
    if (one)
        return v->visit(v->user, path, inside, name, err);
    if (folder && v->inner && inside == NULL)
        return visit_folder(v, path, name, err);
    drop_stranger(v->store->report, path, v->endings);
    return GOP_OK;
}

static gop_status visit_folder(const visiting *v, const char *dir, const char *inside,
                               gop_error *err)
{
    zoo_folder folder;
    gop_status s = zoo_folder_read(&folder, dir, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        char *path = zoo_path_join(dir, folder.name[i]);
        s = path != NULL ? visit_entry(v, path, inside, folder.name[i], err)
                         : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", dir);
        free(path);
    }
    zoo_folder_clear(&folder);
    return s;
}

gop_status zoo_files_is_one(bool *one, const zoo_store *store, const char *dir, gop_error *err)
{
    *one = false;
    return store->source != NULL && store->source->is_one != NULL
               ? store->source->is_one(one, dir, err)
               : GOP_OK;
}

gop_status zoo_files_visit(zoo_store *store, const char *dir, const char *endings, bool inner,
                           zoo_visit *visit, void *user, gop_error *err)
{
    const visiting v = {store, endings, inner, visit, user};
    return visit_folder(&v, dir, NULL, err);
}

gop_status zoo_files_strangers(zoo_store *store, const char *dir, const char *const *names,
                               const char *what, gop_error *err)
{
    zoo_folder folder;
    gop_status s = zoo_folder_read(&folder, dir, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        const char *const *known = names;
        while (*known != NULL && strcmp(*known, folder.name[i]) != 0)
            known++;
        if (*known == NULL)
            zoo_report_drop(store->report, ZOO_DROP_KIND, "%s/%s: not %s", dir, folder.name[i],
                            what);
    }
    zoo_folder_clear(&folder);
    return s;
}

gop_status zoo_folder_misspelt(const char *dir, const char *const *names, gop_error *err)
{
    zoo_folder folder = {0, NULL};
    bool there;
    gop_status s = zoo_is_folder(&there, dir, err);
    if (s == GOP_OK && there)
        s = zoo_folder_read(&folder, dir, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++)
        for (const char *const *n = names; *n != NULL && s == GOP_OK; n++)
            if (strcasecmp(*n, folder.name[i]) == 0 && strcmp(*n, folder.name[i]) != 0)
                s = gop_fail(err, GOP_EFORMAT, "%s/%s: the folder's name must be %s", dir,
                             folder.name[i], *n);
    zoo_folder_clear(&folder);
    return s;
}

gop_status zoo_folder_find(char **found, const char *dir, const char *const *names, gop_error *err)
{
    gop_status s = GOP_OK;
    *found = NULL;
    for (; *names != NULL && *found == NULL && s == GOP_OK; names++) {
        bool folder = false;
        char *path = zoo_path_join(dir, *names);
        s = path != NULL ? zoo_is_folder(&folder, path, err)
                         : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", dir);
        if (folder)
            *found = path;
        else
            free(path);
    }
    return s;
}

/* ----------------------------------------------------------------------- bytes */

static bool more_room(zoo_bytes *b, size_t n)
{
    if (n + ZOO_DECIMAL_PAD <= b->room)
        return true;
    free(b->data);
    b->data = malloc(n + ZOO_DECIMAL_PAD);
    b->room = b->data == NULL ? 0 : n + ZOO_DECIMAL_PAD;
    return b->data != NULL;
}

gop_status zoo_bytes_read(zoo_bytes *b, const char *path, zoo_drop *why, gop_error *err)
{
    struct stat st;
    int fd;
    gop_try(open_file(&fd, &st, why, path, err));
    gop_status s = GOP_OK;
    b->n = 0;
    *why = ZOO_DROP_UNREADABLE;
    if (st.st_size > MOST_BYTES)
        s = gop_fail(err, GOP_EFORMAT, "%s: a file of %lld bytes is too large", path,
                     (long long)st.st_size);
    else if (!more_room(b, (size_t)st.st_size))
        s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    while (s == GOP_OK && b->n < (size_t)st.st_size) {
        ssize_t k = read(fd, b->data + b->n, (size_t)st.st_size - b->n);
        if (k < 0 && errno != EINTR) {
            *why = zoo_drop_of(errno);
            s = gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
        }
        if (k == 0)
            break;
        b->n += k > 0 ? (size_t)k : 0;
    }
    close(fd);
    size_t mark = s == GOP_OK ? zoo_bom(b->data, b->n) : 0;
    b->n -= mark;
    if (mark > 0)
        memmove(b->data, b->data + mark, b->n);
    if (s == GOP_OK)
        memset(b->data + b->n, 0, ZOO_DECIMAL_PAD);
    return s;
}

void zoo_bytes_clear(zoo_bytes *b)
{
    free(b->data);
    *b = (zoo_bytes){0};
}
