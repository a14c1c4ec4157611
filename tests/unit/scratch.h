/*
 * scratch.h: a test's own folder, emptied afterwards, and small files in it.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_PATH 512

static char scratch_folder[64];

static inline void scratch_open(void)
{
    snprintf(scratch_folder, sizeof scratch_folder, "scratch-%ld.tmp", (long)getpid());
    ck_assert_int_eq(mkdir(scratch_folder, 0777), 0);
}

/* A path in the folder; the last four results stay valid. */
static inline const char *scratch_path(const char *name)
{
    static char path[4][SCRATCH_PATH];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], SCRATCH_PATH, "%s/%s", scratch_folder, name);
    return path[next];
}

static inline void scratch_write(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, n, f), n);
    ck_assert_int_eq(fclose(f), 0);
}

static inline void scratch_mkdir(const char *name)
{
    ck_assert_int_eq(mkdir(scratch_path(name), 0777), 0);
}

static inline void scratch_text(const char *name, const char *text)
{
    scratch_write(scratch_path(name), text, strlen(text));
}

/* The whole file; the caller frees it. */
static inline unsigned char *scratch_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    unsigned char *data = malloc(*n + 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, *n, f), *n);
    fclose(f);
    return data;
}

/* Replaces line `line` (from 1) of a file by `text`; NULL cuts the file there. */
static inline void scratch_spoil(const char *name, size_t line, const char *text)
{
    size_t n, at = 1;
    unsigned char *data = scratch_read(scratch_path(name), &n);
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < n && (text != NULL || at < line); i++) {
        if (at == line && (i == 0 || data[i - 1] == '\n'))
            fputs(text != NULL ? text : "", f);
        if (at != line)
            fputc(data[i], f);
        at += data[i] == '\n';
    }
    ck_assert_int_eq(fclose(f), 0);
    free(data);
}

static inline size_t scratch_entries(void)
{
    size_t n = 0;
    DIR *dir = opendir(scratch_folder);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* A file of the three bytes "old" is as it was, and nothing is beside it. */
static inline void scratch_expect_old(const char *path)
{
    size_t n;
    unsigned char *data = scratch_read(path, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert_mem_eq(data, "old", 3);
    free(data);
    ck_assert_uint_eq(scratch_entries(), 1);
}

static inline void scratch_remove(const char *path)
{
    DIR *dir = opendir(path);
    if (dir == NULL) {
        unlink(path);
        return;
    }
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char inner[2 * SCRATCH_PATH];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        struct stat st;
        if (snprintf(inner, sizeof inner, "%s/%s", path, e->d_name) >= (int)sizeof inner)
            continue;
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            scratch_remove(inner);
        else
            unlink(inner);
    }
    closedir(dir);
    rmdir(path);
}

static inline void scratch_close(void)
{
    scratch_remove(scratch_folder);
}

#endif
