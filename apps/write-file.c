/*
 * write-file.c: see write-file.h.  Writes one file, by way of another beside it.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "write-file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gop_status write_file(const char *path, void (*put)(FILE *out, const void *what),
                      const void *what, gop_error *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a regular file", path);
    size_t size = strlen(path) + 32;
    char *temporary = malloc(size);
    if (!temporary)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    snprintf(temporary, size, "%s.%ld.tmp", path, (long)getpid());
    FILE *out = fopen(temporary, "wx");
    gop_status status = GOP_OK;
    if (out) {
        put(out, what);
        bool failed = fflush(out) || ferror(out);
        if (fclose(out) || failed || rename(temporary, path))
            status = gop_fail(err, GOP_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
        if (status)
            remove(temporary);
    } else {
        status = gop_fail(err, GOP_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
    }
    free(temporary);
    return status;
}

void write_xml_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else
            putc(c < 0x20 || c >= 0x7f ? '?' : c, out);
    }
}
