/*
 * write_file.c: see write_file.h.  Writes one file, by way of another beside it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "write_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens a new file beside `path`, whose name comes back in *temporary. */
static gop_status begin(FILE **out, char **temporary, const char *path, gop_error *err)
{
    struct stat st;
    *temporary = NULL;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return gop_fail(err, GOP_ESYSTEM, "cannot write %s: not a regular file", path);
    size_t size = strlen(path) + 32;
    *temporary = malloc(size);
    if (!*temporary)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    snprintf(*temporary, size, "%s.%ld.tmp", path, (long)getpid());
    *out = fopen(*temporary, "wx");
    return *out ? GOP_OK : gop_fail(err, GOP_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
}

gop_status write_file(const char *path, void (*put)(FILE *out, const void *what), const void *what,
                      gop_error *err)
{
    FILE *out;
    char *temporary;
    gop_status status = begin(&out, &temporary, path, err);
    if (!status) {
        put(out, what);
        bool failed = fflush(out) || ferror(out);
        if (fclose(out) || failed || rename(temporary, path))
            status = gop_fail(err, GOP_ESYSTEM, "cannot write %s: %s", path, strerror(errno));
        if (status)
            remove(temporary);
    }
    free(temporary);
    return status;
}

gop_status write_file_try(const char *path, gop_error *err)
{
    FILE *out;
    char *temporary;
    gop_status status = begin(&out, &temporary, path, err);
    if (!status) {
        fclose(out);
        remove(temporary);
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
