/*
 * number.c: see number.h.  Touches only its arguments.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Takes decimal digits, sign, point and exponent only: strtod would also take "nan", "inf",
 * hexadecimal numbers and leading blanks. */
static bool decimal_prefix(double *value, const char *text, char **end)
{
    if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
        return false;
    if (strcspn(text, "xXnNiI") != strlen(text))
        return false;
    errno = 0;
    *value = strtod(text, end);
    return *end != text && isfinite(*value);
}

bool app_real(double *value, const char *text)
{
    char *end;
    return *text && decimal_prefix(value, text, &end) && *end == '\0';
}

bool app_count(uint64_t *value, const char *text)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    *value = v;
    return *end == '\0' && errno == 0;
}

bool app_seconds(double *value, const char *text)
{
    char *end;

    if (!*text || !decimal_prefix(value, text, &end))
        return false;
    switch (*end) {
    case 'h':
        *value *= 3600;
        end++;
        break;
    case 'm':
        *value *= 60;
        end++;
        break;
    case 's':
        end++;
        break;
    default:
        break;
    }
    return *end == '\0';
}
