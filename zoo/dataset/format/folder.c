/*
 * folder.c: lists a folder in an order independent of the file system.  Touches folders by reading
 * them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/dataset/format/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_NAMES 1000000

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool append(zoo_folder *f, const char *name)
{
    if ((f->n & (f->n - 1)) == 0) {
        char **grown = realloc(f->name, (f->n == 0 ? 1 : 2 * f->n) * sizeof *grown);
        if (grown == NULL)
            return false;
        f->name = grown;
    }
    f->name[f->n] = strdup(name);
    return f->name[f->n] != NULL && ++f->n <= MOST_NAMES;
}

gop_status zoo_folder_read(zoo_folder *folder, const char *path, gop_error *err)
{
    folder->n = 0;
    folder->name = NULL;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return gop_fail(err, GOP_ESYSTEM, "cannot open folder %s: %s", path, strerror(errno));
    gop_status s = GOP_OK;
    while (s == GOP_OK) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            if (errno != 0)
                s = gop_fail(err, GOP_ESYSTEM, "cannot read folder %s: %s", path, strerror(errno));
            break;
        }
        if (entry->d_name[0] != '.' && !append(folder, entry->d_name))
            s = gop_fail(err, GOP_ENOMEM, "out of memory reading folder %s", path);
    }
    closedir(dir);
    if (s != GOP_OK)
        zoo_folder_clear(folder);
    else if (folder->n > 0)
        qsort(folder->name, folder->n, sizeof *folder->name, by_bytes);
    return s;
}

void zoo_folder_clear(zoo_folder *folder)
{
    for (size_t i = 0; i < folder->n; i++)
        free(folder->name[i]);
    free(folder->name);
    folder->n = 0;
    folder->name = NULL;
}

char *zoo_path_join(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    while (n > 1 && a[n - 1] == '/')
        n--;
    char *path = malloc(n + m + 2);
    if (path == NULL)
        return NULL;
    memcpy(path, a, n);
    path[n] = '/';
    memcpy(path + n + 1, b, m + 1);
    return path;
}
