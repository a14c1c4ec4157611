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
    }
    return "unknown status";
}

GOP_API gop_status gop_fail(gop_error *err, gop_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        err->status = status;
        va_start(args, format);
        vsnprintf(err->message, sizeof err->message,
                  format != NULL ? format : gop_status_string(status), args);
        va_end(args);
    }
    return status;
}

GOP_API const char *gop_version(void)
{
    return PACKAGE_VERSION;
}
