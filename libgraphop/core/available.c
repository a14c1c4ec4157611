/*
 * available.c: the memory that this process can still take.  Reads /proc and /sys; a file that is
 * missing or unreadable sets no limit.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* _SC_PHYS_PAGES */
#endif

#include "core/available.h"
#include "graphop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, LINE_SIZE = 4352 };

#define UNKNOWN UINT64_MAX

static void lower(uint64_t *limit, uint64_t total, uint64_t used)
{
    const uint64_t left = total > used ? total - used : 0;
    if (total != UNKNOWN && left < *limit)
        *limit = left;
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[LINE_SIZE];
    const int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    return n < 0 || (size_t)n >= sizeof path ? NULL : fopen(path, "re");
}

/* The number after `key` at the start of a line, "" for the first line; UNKNOWN if there is none,
 * as for the word "max". */
static uint64_t number_in(const char *folder, const char *name, const char *key)
{
    char line[256], *end;
    uint64_t found = UNKNOWN;
    FILE *f = open_in(folder, name);
    while (f != NULL && found == UNKNOWN && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        const char *text = line + strlen(key);
        const unsigned long long n = strtoull(text, &end, 10);
        if (end != text)
            found = n;
    }
    if (f != NULL)
        fclose(f);
    return found;
}

static uint64_t or_zero(uint64_t n)
{
    return n == UNKNOWN ? 0 : n;
}

static void limit_by_machine(uint64_t *limit, const char *proc)
{
    const uint64_t left = number_in(proc, "meminfo", "MemAvailable:");
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
    if (left != UNKNOWN)
        lower(limit, 1024 * (left + or_zero(number_in(proc, "meminfo", "SwapFree:"))), 0);
    else if (pages > 0 && size > 0)
        lower(limit, (uint64_t)pages * (uint64_t)size, 0);
}

/* The names of a version's files. */
typedef struct cgroup_files {
    const char *mount, *most, *used, *inactive, *active;
} cgroup_files;

/* A group and all above it.  Cached files are not counted as used: they make way. */
static void limit_by_group(uint64_t *limit, const char *root, const cgroup_files *files, char *path)
{
    char folder[LINE_SIZE];
    for (;;) {
        const int n = snprintf(folder, sizeof folder, "%s%s%s", root, files->mount, path);
        if (n > 0 && (size_t)n < sizeof folder) {
            const uint64_t used = or_zero(number_in(folder, files->used, ""));
            const uint64_t cached = or_zero(number_in(folder, "memory.stat", files->inactive)) +
                                    or_zero(number_in(folder, "memory.stat", files->active));
            lower(limit, number_in(folder, files->most, ""), used > cached ? used - cached : 0);
        }
        char *end = strrchr(path, '/');
        if (end == NULL)
            return;
        *end = '\0';
    }
}

/* Whether `list`, "cpu,memory", has the word memory. */
static bool has_memory(const char *list)
{
    for (const char *at = strstr(list, "memory"); at != NULL; at = strstr(at + 1, "memory"))
        if ((at == list || at[-1] == ',') && (at[6] == '\0' || at[6] == ','))
            return true;
    return false;
}

/* A line of the file is "ID:CONTROLLERS:PATH"; version 2 has no controllers. */
static void limit_by_cgroups(uint64_t *limit, const char *root, const char *self)
{
    static const cgroup_files one = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                     "memory.usage_in_bytes", "total_inactive_file ",
                                     "total_active_file "};
    static const cgroup_files two = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                     "inactive_file ", "active_file "};
    char line[PATH_SIZE];
    FILE *f = open_in(self, "cgroup");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *list = strchr(line, ':'), *path = list == NULL ? NULL : strchr(list + 1, ':');
        if (path == NULL)
            continue;
        *path++ = '\0';
        if (list[1] == '\0')
            limit_by_group(limit, root, &two, path);
        else if (has_memory(list + 1))
            limit_by_group(limit, root, &one, path);
    }
    if (f != NULL)
        fclose(f);
}

static void limit_by_address_space(uint64_t *limit, const char *self)
{
    struct rlimit space;
    const long size = sysconf(_SC_PAGE_SIZE);
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && size > 0)
        lower(limit, space.rlim_cur, (uint64_t)size * or_zero(number_in(self, "statm", "")));
}

size_t gop_memory_available_at(const char *root)
{
    char proc[PATH_SIZE], self[PATH_SIZE];
    uint64_t limit = UNKNOWN;

    snprintf(proc, sizeof proc, "%s/proc", root);
    snprintf(self, sizeof self, "%s/proc/self", root);
    limit_by_machine(&limit, proc);
    limit_by_cgroups(&limit, root, self);
    limit_by_address_space(&limit, self);
    if (limit == UNKNOWN)
        return 0;
    if (limit == 0)
        return 1;
    return limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
}

GOP_API size_t gop_memory_available(void)
{
    return gop_memory_available_at("");
}
