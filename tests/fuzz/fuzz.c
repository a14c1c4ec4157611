/*
 * fuzz.c: scratch files and the bound on memory of all fuzz targets.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)

static char scratch[256];

void fuzz_fault(const char *format, ...)
{
    va_list list;
    fflush(NULL);
    fputs("fuzz: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    abort();
}

const char *fuzz_path(const char *name)
{
    static char path[4][512];
    static unsigned next;
    if (scratch[0] == '\0') {
        const char *tmp = getenv("TMPDIR");
        snprintf(scratch, sizeof scratch, "%s/graphop-fuzz.XXXXXX", tmp != NULL ? tmp : "/tmp");
        if (mkdtemp(scratch) == NULL)
            fuzz_fault("cannot make %s: %s", scratch, strerror(errno));
    }
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", scratch, name);
    return p;
}

void fuzz_folder(const char *name)
{
    const char *path = fuzz_path(name);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        fuzz_fault("cannot make %s: %s", path, strerror(errno));
}

const char *fuzz_write(const char *name, const void *data, size_t size)
{
    const char *path = fuzz_path(name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size) || close(fd) != 0)
        fuzz_fault("cannot write %s: %s", path, strerror(errno));
    return path;
}

/* --------------------------------------------------------------------- memory */

/* Of the sanitizers' runtime. */
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
                                              void (*freed)(const volatile void *))
    __attribute__((weak));
size_t __sanitizer_get_allocated_size(const volatile void *p) __attribute__((weak));

/* Bytes since the input began, less than 0 if it frees older ones. */
static atomic_long used;
static long limit = LONG_MAX;
static size_t allowed;

static void allocated(const volatile void *p, size_t size)
{
    (void)p;
    if (atomic_fetch_add(&used, (long)size) + (long)size <= limit)
        return;
    limit = LONG_MAX;
    fuzz_fault("%ld bytes are in use at once", (long)used);
}

static void freed(const volatile void *p)
{
    if (p != NULL)
        atomic_fetch_sub(&used, (long)__sanitizer_get_allocated_size(p));
}

void fuzz_begin(size_t size)
{
    static bool begun;
    if (!begun) {
        begun = true;
        if (__sanitizer_install_malloc_and_free_hooks != NULL &&
            __sanitizer_get_allocated_size != NULL) {
            __sanitizer_install_malloc_and_free_hooks(allocated, freed);
        } else {
            const struct rlimit most = {256 * MIB, 256 * MIB};
            setrlimit(RLIMIT_DATA, &most);
        }
    }
    allowed = 0;
    used = 0;
    limit = (long)(16 * MIB + 16 * size);
}

void fuzz_allow(size_t bytes)
{
    const size_t more = bytes < 64 * MIB - allowed ? bytes : 64 * MIB - allowed;
    allowed += more;
    limit += (long)more;
}
