/*
 * findings.c: collects the faults of a layout.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/findings.h"

#include <stdarg.h>
#include <stdio.h>

/* Formats the message after its file's name, in GOP_MESSAGE_SIZE bytes. */
static void compose(char *text, const zoo_findings *f, const char *format, va_list args)
{
    int n = f->path == NULL ? 0 : snprintf(text, GOP_MESSAGE_SIZE, "%s: ", f->path);
    if (n >= 0 && n < GOP_MESSAGE_SIZE)
        vsnprintf(text + n, (size_t)(GOP_MESSAGE_SIZE - n), format, args);
}

void zoo_findings_add(zoo_findings *f, gop_status status, const char *format, ...)
{
    char text[GOP_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    compose(text, f, format, args);
    va_end(args);
    if (f->status == GOP_OK)
        f->status = gop_fail(f->err, status, "%s", text);
    if (f->tell != NULL)
        f->tell(f->user, true, text);
}

void zoo_findings_odd(zoo_findings *f, const char *format, ...)
{
    char text[GOP_MESSAGE_SIZE];
    va_list args;
    if (f->tell == NULL)
        return;
    va_start(args, format);
    compose(text, f, format, args);
    va_end(args);
    f->tell(f->user, false, text);
}
