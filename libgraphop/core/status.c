/*
 * status.c: status phrases, error sentences and the library's version.
 *
 * Reads and writes only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP  "..."
#define TAIL 200 /* bytes of a long sentence's end: its reason */

GOP_API const char *gop_status_string(gop_status status)
{
    switch (status) {
    case GOP_OK:
        return "no error";
    case GOP_EINVAL:
        return "invalid argument";
    case GOP_ESHAPE:
        return "shapes do not fit";
    case GOP_ENOMEM:
        return "out of memory";
    case GOP_ESYSTEM:
        return "system error";
    case GOP_EFORMAT:
        return "bad file format";
    case GOP_ENUMERIC:
        return "not a finite number";
    case GOP_ESTATE:
        return "call out of order";
    case GOP_ESTOPPED:
        return "stopped by the caller";
    }
    return "unknown status";
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Writes the beginning and the end of a text of n bytes, between characters of UTF-8. */
static void shorten(char message[GOP_MESSAGE_SIZE], const char *text, size_t n)
{
    const char *tail = text + n - TAIL;
    while (continues(*tail))
        tail++;
    size_t head = GOP_MESSAGE_SIZE - 1 - TAIL - strlen(GAP);
    while (head > 0 && continues(text[head]))
        head--;
    memcpy(message, text, head);
    strcpy(message + head, GAP);
    strcpy(message + head + strlen(GAP), tail);
}

GOP_API gop_status gop_fail(gop_error *err, gop_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args, again;
        err->status = status;
        if (format == NULL)
            format = gop_status_string(status);
        va_start(args, format);
        va_copy(again, args);
        const int n = vsnprintf(err->message, sizeof err->message, format, args);
        char *whole = n >= GOP_MESSAGE_SIZE ? malloc((size_t)n + 1) : NULL;
        if (whole != NULL && vsnprintf(whole, (size_t)n + 1, format, again) == n)
            shorten(err->message, whole, (size_t)n);
        free(whole); /* without memory the end is lost */
        va_end(again);
        va_end(args);
    }
    return status;
}

GOP_API const char *gop_version(void)
{
    return PACKAGE_VERSION;
}
