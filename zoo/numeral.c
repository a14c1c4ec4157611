/*
 * numeral.c: see numeral.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/numeral.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINT = 8 }; /* bytes of the longest decimal point */

/* The host program's locale may have another decimal point; files must not depend on it. */
static void swap_point(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    size_t n = strlen(from), m = strlen(to);
    if (at == NULL)
        return;
    memmove(at + m, at + n, strlen(at + n) + 1);
    memcpy(at, to, m);
}

bool zoo_numeral_read(double *v, const char *text, size_t n)
{
    char copy[ZOO_NUMERAL_SIZE + POINT], *end;
    const char *point = localeconv()->decimal_point;
    if (n == 0 || n >= ZOO_NUMERAL_SIZE || strlen(point) > POINT)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (strspn(copy, "0123456789+-.eE") != n)
        return false;
    swap_point(copy, ".", point);
    *v = strtod(copy, &end);
    return end != copy && *end == '\0' && isfinite(*v);
}

void zoo_numeral_write(char *buf, size_t size, double v, bool single)
{
    char text[ZOO_NUMERAL_SIZE];
    int digits = 1;
    if (buf == NULL || size == 0)
        return;
    for (double whole = fabs(v); whole >= 10 && whole < 1e6; whole /= 10)
        digits++; /* with fewer, 10 would be 1e+01 */
    for (; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        const double back = strtod(text, NULL);
        if (single ? (float)back == (float)v : back == v)
            break;
    }
    swap_point(text, localeconv()->decimal_point, ".");
    const size_t n = strnlen(text, size - 1);
    memcpy(buf, text, n);
    buf[n] = '\0';
}
