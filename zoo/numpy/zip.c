/*
 * zip.c: reads zip archives by libzip.  Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/numpy/zip.h"

#ifdef HAVE_LIBZIP

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

struct zoo_zip {
    zip_t *archive;
    char *path;
    size_t members;
};

/* Libzip's error as ours: its memory, the system, or else the file. */
static gop_status fail(const char *name, zip_error_t *e, gop_error *err)
{
    const int code = zip_error_code_zip(e), system = zip_error_code_system(e);
    if (code == ZIP_ER_MEMORY || system == ENOMEM)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", name);
    if (code == ZIP_ER_OPEN || code == ZIP_ER_READ || code == ZIP_ER_SEEK || code == ZIP_ER_TELL)
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", name, strerror(system));
    return gop_fail(err, GOP_EFORMAT, "%s: %s", name, zip_error_strerror(e));
}

static gop_status open_archive(zoo_zip *z, gop_error *err)
{
    struct stat st;
    int code = 0;
    const int fd = open(z->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        const gop_status s = gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", z->path,
                                      fd >= 0 && !S_ISREG(st.st_mode) ? "not a regular file"
                                                                      : strerror(errno));
        if (fd >= 0)
            close(fd);
        return s;
    }
    z->archive = zip_fdopen(fd, 0, &code);
    if (z->archive == NULL) {
        zip_error_t e;
        zip_error_init_with_code(&e, code);
        const gop_status s = fail(z->path, &e, err);
        zip_error_fini(&e);
        close(fd);
        return s;
    }
    const zip_int64_t n = zip_get_num_entries(z->archive, 0);
    z->members = n > 0 ? (size_t)n : 0;
    return GOP_OK;
}

gop_status zoo_zip_open(zoo_zip **zip, const char *path, gop_error *err)
{
    zoo_zip *z = calloc(1, sizeof *z);
    *zip = NULL;
    if (z != NULL)
        z->path = strdup(path);
    const gop_status s = z != NULL && z->path != NULL
                             ? open_archive(z, err)
                             : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    if (s == GOP_OK)
        *zip = z;
    else
        zoo_zip_close(z);
    return s;
}

void zoo_zip_close(zoo_zip *zip)
{
    if (zip == NULL)
        return;
    if (zip->archive != NULL)
        zip_discard(zip->archive);
    free(zip->path);
    free(zip);
}

size_t zoo_zip_members(const zoo_zip *zip)
{
    return zip->members;
}

const char *zoo_zip_name(const zoo_zip *zip, size_t i)
{
    const char *name = zip_get_name(zip->archive, i, ZIP_FL_ENC_RAW);
    return name != NULL ? name : "";
}

/* --------------------------------------------------------------------- members */

typedef struct member {
    zoo_blob base;
    zoo_zip *zip;
    size_t index;
    zip_file_t *file;
    bool stored;
    uint64_t at; /* of the next byte */
} member;

static gop_status reopen(member *m, gop_error *err)
{
    if (m->file != NULL)
        zip_fclose(m->file);
    m->at = 0;
    m->file = zip_fopen_index(m->zip->archive, m->index, 0);
    return m->file != NULL ? GOP_OK : fail(m->base.name, zip_get_error(m->zip->archive), err);
}

static gop_status read_on(member *m, void *to, size_t n, gop_error *err)
{
    for (size_t done = 0; done < n;) {
        const zip_int64_t k = zip_fread(m->file, (char *)to + done, n - done);
        if (k < 0)
            return fail(m->base.name, zip_file_get_error(m->file), err);
        if (k == 0)
            return gop_fail(err, GOP_EFORMAT, "%s: ends too early", m->base.name);
        done += (size_t)k;
        m->at += (uint64_t)k;
    }
    return GOP_OK;
}

static gop_status pass(member *m, uint64_t to, gop_error *err)
{
    char unused[8192];
    if (m->stored) {
        if (zip_fseek(m->file, (zip_int64_t)to, SEEK_SET) != 0)
            return fail(m->base.name, zip_file_get_error(m->file), err);
        m->at = to;
        return GOP_OK;
    }
    if (to < m->at)
        gop_try(reopen(m, err));
    while (m->at < to)
        gop_try(read_on(m, unused,
                        to - m->at < sizeof unused ? (size_t)(to - m->at) : sizeof unused, err));
    return GOP_OK;
}

static gop_status read_member(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err)
{
    member *m = (member *)b;
    char more;
    if (m->file == NULL)
        gop_try(reopen(m, err));
    if (at != m->at)
        gop_try(pass(m, at, err));
    gop_try(read_on(m, to, n, err));
    /* Libzip compares the checksum when a read finds the end. */
    if (m->at == m->base.size && zip_fread(m->file, &more, 1) < 0)
        return fail(m->base.name, zip_file_get_error(m->file), err);
    return GOP_OK;
}

static void close_member(zoo_blob *b)
{
    member *m = (member *)b;
    if (m->file != NULL)
        zip_fclose(m->file);
    free(m);
}

/* The only member of this name.  The error lists what the archive has. */
static gop_status find(size_t *index, const zoo_zip *z, const char *name, gop_error *err)
{
    char has[256] = "";
    size_t found = 0, used = 0;
    for (size_t i = 0; i < z->members; i++) {
        const char *n = zoo_zip_name(z, i);
        if (strcmp(n, name) == 0) {
            *index = i;
            found++;
        }
        const size_t length = strlen(n);
        if (length > 0 && used + length + 3 < sizeof has && gop_is_text(n, length))
            used += (size_t)snprintf(has + used, sizeof has - used, "%s%s", used > 0 ? ", " : "",
                                     n);
    }
    if (found > 1)
        return gop_fail(err, GOP_EFORMAT, "%s has %zu members %s", z->path, found, name);
    if (found == 0)
        return gop_fail(err, GOP_EFORMAT, "%s has no member %s; it has %s", z->path, name,
                        used > 0 ? has : "none");
    return GOP_OK;
}

bool zoo_zip_size(uint64_t *size, bool *stored, const zoo_zip *zip, size_t i)
{
    zip_stat_t st;
    *size = 0;
    *stored = false;
    if (zip_stat_index(zip->archive, i, 0, &st) != 0 || (st.valid & ZIP_STAT_SIZE) == 0)
        return false;
    *size = st.size;
    *stored = (st.valid & ZIP_STAT_COMP_METHOD) != 0 && st.comp_method == ZIP_CM_STORE;
    return true;
}

gop_status zoo_zip_open_member(zoo_blob **b, zoo_zip *zip, size_t index, gop_error *err)
{
    const char *name = zoo_zip_name(zip, index);
    *b = NULL;
    member *m = calloc(1, sizeof *m);
    const size_t length = strlen(zip->path) + strlen(name) + 3;
    char *full = malloc(length);
    if (m == NULL || full == NULL) {
        free(m);
        free(full);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", zip->path);
    }
    snprintf(full, length, "%s: %s", zip->path, name);
    m->base = (zoo_blob){full, 0, read_member, close_member};
    m->zip = zip;
    m->index = index;
    const gop_status s = zoo_zip_size(&m->base.size, &m->stored, zip, index)
                             ? reopen(m, err)
                             : fail(full, zip_get_error(zip->archive), err);
    if (s != GOP_OK) {
        zoo_blob_close(&m->base);
        return s;
    }
    *b = &m->base;
    return GOP_OK;
}

gop_status zoo_zip_member(zoo_blob **b, zoo_zip *zip, const char *name, gop_error *err)
{
    size_t index = 0;
    *b = NULL;
    gop_try(find(&index, zip, name, err));
    return zoo_zip_open_member(b, zip, index, err);
}

#else

gop_status zoo_zip_open(zoo_zip **zip, const char *path, gop_error *err)
{
    zoo_blob *b;
    char begin[2] = "";
    *zip = NULL;
    gop_try(zoo_blob_open(&b, path, err));
    const gop_status s = b->size < 4 ? GOP_OK : zoo_blob_read(b, begin, 0, 2, err);
    zoo_blob_close(b);
    gop_try(s);
    if (begin[0] != 'P' || begin[1] != 'K')
        return gop_fail(err, GOP_EFORMAT, "%s: Not a zip archive", path);
    return gop_fail(err, GOP_ESTATE,
                    "%s: zip archives (.npz, .pth) are not read, because graphop was built "
                    "without libzip",
                    path);
}

void zoo_zip_close(zoo_zip *zip)
{
    (void)zip;
}

size_t zoo_zip_members(const zoo_zip *zip)
{
    (void)zip;
    return 0;
}

const char *zoo_zip_name(const zoo_zip *zip, size_t i)
{
    (void)zip;
    (void)i;
    return "";
}

bool zoo_zip_size(uint64_t *size, bool *stored, const zoo_zip *zip, size_t i)
{
    (void)zip;
    (void)i;
    *size = 0;
    *stored = false;
    return false;
}

gop_status zoo_zip_open_member(zoo_blob **b, zoo_zip *zip, size_t i, gop_error *err)
{
    (void)i;
    return zoo_zip_member(b, zip, "an archive", err);
}

gop_status zoo_zip_member(zoo_blob **b, zoo_zip *zip, const char *name, gop_error *err)
{
    (void)zip;
    *b = NULL;
    return gop_fail(err, GOP_ESTATE, "%s: graphop was built without libzip", name);
}

#endif
