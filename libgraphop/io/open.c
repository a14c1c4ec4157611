/*
 * open.c: opening a file and checking its header (format.h).  Reads files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "io/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gop_status gop_read_at(int fd, void *data, size_t n, uint64_t offset, const char *path,
                       gop_error *err)
{
    uint8_t *p = data;
    while (n > 0) {
        ssize_t k = pread(fd, p, n, (off_t)offset);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
        if (k == 0)
            return gop_fail(err, GOP_EFORMAT, "%s: ends too early", path);
        p += k;
        offset += (uint64_t)k;
        n -= (size_t)k;
    }
    return GOP_OK;
}

gop_status gop_open_header(int *fd, uint8_t head[GOP_HEADER_SIZE], const char *path,
                           const gop_crc32 *crc, gop_error *err)
{
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot open %s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(*fd, &st) != 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return gop_fail(err, GOP_EFORMAT, "%s: not a regular file", path);
    uint64_t size = (uint64_t)st.st_size;
    if (size == 0)
        return gop_fail(err, GOP_EFORMAT, "%s: empty file", path);
    size_t n = size < GOP_HEADER_SIZE ? (size_t)size : GOP_HEADER_SIZE;
    gop_try(gop_read_at(*fd, head, n, 0, path, err));
    if (memcmp(head, GOP_MAGIC, n < GOP_MAGIC_SIZE ? n : GOP_MAGIC_SIZE) != 0)
        return gop_fail(err, GOP_EFORMAT, "%s: not a graphop file", path);
    if (n < GOP_HEADER_SIZE)
        return gop_fail(err, GOP_EFORMAT, "%s: truncated in the header", path);
    if (gop_crc32_add(crc, 0, head, 28) != gop_get_le(head + 28, 4))
        return gop_fail(err, GOP_EFORMAT, "%s: the header is damaged", path);
    uint64_t length = gop_get_le(head + 16, 8);
    if (length > size - GOP_HEADER_SIZE)
        return gop_fail(err, GOP_EFORMAT, "%s: truncated: has %llu of %llu bytes", path,
                        (unsigned long long)size, (unsigned long long)length + GOP_HEADER_SIZE);
    if (length < size - GOP_HEADER_SIZE)
        return gop_fail(err, GOP_EFORMAT, "%s: %llu bytes follow the end of the data", path,
                        (unsigned long long)(size - GOP_HEADER_SIZE - length));
    return GOP_OK;
}

gop_status gop_file_kind(char kind[5], uint32_t *version, const char *path, gop_error *err)
{
    if (kind == NULL || path == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_file_kind: an argument is NULL");
    gop_crc32 crc;
    gop_crc32_init(&crc);
    uint8_t head[GOP_HEADER_SIZE];
    int fd;
    gop_status s = gop_open_header(&fd, head, path, &crc, err);
    if (fd >= 0)
        close(fd);
    kind[0] = '\0';
    gop_try(s);
    for (int i = 0; i < 4; i++)
        kind[i] = head[8 + i] > 0x20 && head[8 + i] < 0x7f ? (char)head[8 + i] : '?';
    kind[4] = '\0';
    if (version != NULL)
        *version = (uint32_t)gop_get_le(head + 12, 4);
    return GOP_OK;
}
