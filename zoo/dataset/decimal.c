/*
 * decimal.c: decimal text to the nearest float, fast for what data files hold.
 *
 * Up to 19 digits make an integer m below 2^63; where m <= 2^53 and the power
 * of ten is at most 22 both are exact doubles, so one product or quotient is the
 * decimal rounded once to double (Clinger 1990).  Rounding that to float is
 * right unless the double lies exactly between two floats, where the sign of
 * the first rounding's error would matter; those, and long or extreme numbers,
 * go to strtof.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/dataset/decimal.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 400 /* characters of a number; more is not a measurement */

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* strtof reads the locale's decimal point. */
static const char *slow(float *value, const char *text, const char *past)
{
    char copy[LONGEST + 16];
    const char *point = localeconv()->decimal_point;
    size_t k = 0, width = strlen(point);
    if (past - text > LONGEST || width > 8)
        return NULL;
    for (const char *p = text; p < past; p++) {
        if (*p == '.') {
            memcpy(copy + k, point, width);
            k += width;
        } else {
            copy[k++] = *p;
        }
    }
    copy[k] = '\0';
    char *stop;
    *value = strtof(copy, &stop);
    return stop == copy + k ? past : NULL;
}

/* Digits from *p on into *m; those that no longer fit only count in *dropped. */
static int take_digits(const char **p, const char *end, uint64_t *m, int *dropped)
{
    const char *begin = *p, *q = begin;
    for (; q < end && is_digit(*q); q++) {
        if (*m < UINT64_C(1000000000000000000))
            *m = 10 * *m + (uint64_t)(*q - '0');
        else
            ++*dropped;
    }
    *p = q;
    return (int)(q - begin);
}

static const char *take_exponent(const char *p, const char *end, int *exponent)
{
    const char *q = p + 1;
    bool negative = q < end && *q == '-';
    int v = 0;
    if (q < end && (*q == '-' || *q == '+'))
        q++;
    if (q == end || !is_digit(*q))
        return NULL;
    for (; q < end && is_digit(*q); q++)
        v = v < 10000 ? 10 * v + (*q - '0') : v;
    *exponent += negative ? -v : v;
    return q;
}

/* Whether the double is neither half-way between floats nor outside the range
 * of normal ones. */
static bool rounds_once(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return (bits & 0x1fffffffu) != 0x10000000u && d >= 0x1p-126 && d <= 0x1p127;
}

const char *zoo_decimal(float *value, const char *text, const char *end)
{
    const char *p = text;
    uint64_t m = 0;
    int exponent = 0, dropped = 0, lost = 0;
    bool negative = p < end && *p == '-';
    if (end - text > LONGEST)
        end = text + LONGEST;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    int digits = take_digits(&p, end, &m, &dropped);
    if (p < end && *p == '.') {
        p++;
        int n = take_digits(&p, end, &m, &lost);
        exponent = lost - n;
        digits += n;
    }
    if (digits == 0)
        return NULL;
    if (p < end && (*p == 'e' || *p == 'E') && (p = take_exponent(p, end, &exponent)) == NULL)
        return NULL;
    if (m == 0) {
        *value = negative ? -0.0f : 0.0f;
        return p;
    }
    if (dropped == 0 && lost == 0 && m <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        double d = exponent < 0 ? (double)m / power[-exponent] : (double)m * power[exponent];
        if (rounds_once(d)) {
            *value = negative ? -(float)d : (float)d;
            return p;
        }
    }
    return slow(value, text, p);
}
