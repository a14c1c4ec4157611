/*
 * decimal.c: converts decimal text to the nearest float, fast for usual data. zoo_decimal reads any
 * decimal; zoo_decimals reads rows in plain form, eight digits at a time.
 *
 * Up to 19 digits make an integer m below 2^63; if m <= 2^53 and the power of ten is at most 22,
 * both are exact doubles, and one product or quotient is the decimal rounded once to double
 * (Clinger 1990).  Rounding that to float is correct unless the double lies exactly between two
 * floats, where the sign of the first rounding's error matters; strtof reads these, and long or
 * extreme numbers.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/decimal.h"

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 400 /* characters of a number; more is not a measurement */
#define AT_ONCE 128 /* entries of a row */

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
    if (width > 8) /* `text` has at most LONGEST bytes and one point */
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

/* Reads digits from *p into *m; digits that no longer fit are counted in *dropped. */
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

/* Whether a positive double is neither half-way between floats nor outside the
 * range of normal ones, 2^-126 <= d < 2^127. */
static inline bool rounds_once(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return (bits & 0x1fffffffu) != 0x10000000u && (bits >> 52) - (1023 - 126) < 126 + 127;
}

/* m times ten to the exponent, if rounding to double and then to float gives the nearest float. */
static inline bool exact(float *value, uint64_t m, int exponent)
{
    if (m > UINT64_C(1) << 53 || exponent < -22 || exponent > 22)
        return false;
    double d = exponent < 0 ? (double)m / power[-exponent] : (double)m * power[exponent];
    *value = (float)d;
    return rounds_once(d);
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
    if (dropped == 0 && lost == 0 && exact(value, m, exponent)) {
        *value = negative ? -*value : *value;
        return p;
    }
    return slow(value, text, p);
}

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || is_digit(c) || c == '_';
}

const char *zoo_non_finite(const char *text, const char *end)
{
    static const char *const word[] = {"infinity", "inf", "nan"};
    const char *p = text + (text < end && (*text == '-' || *text == '+'));
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++) {
        size_t n = strlen(word[i]), k = 0;
        while (k < n && p + k < end && (p[k] | 0x20) == word[i][k])
            k++;
        if (k == n && (p + n == end || !is_letter(p[n])))
            return p + n;
    }
    return NULL;
}

/* ------------------------------------------------------------- rows of decimals */

/* Loads eight characters, the first into the lowest byte. */
static inline uint64_t eight(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

/* The number of leading bytes, from the lowest on, that are at most 9. */
static inline int leading_digits(uint64_t x)
{
    const uint64_t high = UINT64_C(0x8080808080808080), one = UINT64_C(0x0101010101010101);
    uint64_t other = (((x & ~high) + 0x76 * one) | x) & high;
#ifdef __GNUC__
    return other == 0 ? 8 : __builtin_ctzll(other) >> 3;
#else
    other >>= 7;
    return (int)((((other & (0 - other)) - 1) & one) * one >> 56);
#endif
}

/* The number of eight digits, the first in the lowest byte: joins pairs, then fours, then both. */
static inline uint64_t join_eight(uint64_t x)
{
    const uint64_t mask = UINT64_C(0x000000ff000000ff);
    x = x * 10 + (x >> 8);
    return ((x & mask) * (100 + (UINT64_C(1000000) << 32)) +
            (x >> 16 & mask) * (1 + (UINT64_C(10000) << 32))) >>
           32;
}

/* Appends up to sixteen digits after a point to *m; returns their number. */
static inline int take_fraction(const char *p, uint64_t *m)
{
    static const uint32_t ten_to[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    uint64_t x = eight(p) ^ zeros;
    int n = leading_digits(x), taken = 0;
    if (n == 8) {
        *m = *m * 100000000 + join_eight(x);
        x = eight(p + 8) ^ zeros;
        n = leading_digits(x);
        taken = 8;
        if (n == 8) {
            *m = *m * 100000000 + join_eight(x);
            return 16;
        }
    }
    /* Puts zero digits in front of n others; a shift by 64 is undefined. */
    *m = *m * ten_to[n] + join_eight(x << 1 << (63 - 8 * n));
    return taken + n;
}

/* A parsed entry: (-1)^(sign's top bit) m 10^exponent, up to the comma before `next`. */
typedef struct entry {
    uint64_t m;
    uint32_t sign;
    int32_t exponent;
    const char *next;
} entry;

static inline bool take_entry(entry *e, const char *p, const char *end)
{
    uint32_t negative = *p == '-';
    p += negative;
    if (!is_digit(*p))
        return false;
    uint64_t m = (uint64_t)(*p++ - '0');
    for (int i = 0; i < 2 && is_digit(*p); i++)
        m = 10 * m + (uint64_t)(*p++ - '0');
    int exponent = 0;
    if (*p == '.') {
        int digits = take_fraction(++p, &m);
        p += digits;
        exponent = -digits;
    }
    if (*p != ',') {
        int shift = 0; /* separate, so that the other stays in a register */
        if ((*p | 0x20) != 'e' || (p = take_exponent(p, end, &shift)) == NULL || *p != ',')
            return false;
        exponent += shift;
    }
    e->m = m;
    e->sign = negative << 31;
    e->exponent = exponent;
    e->next = p + 1;
    return p < end;
}

/* The start of an entry depends on the entry before, its value does not.  Finding all starts first
 * keeps divisions off the critical path. */
size_t zoo_decimals(float *row, size_t n, const char **at, const char *end)
{
    entry read[AT_ONCE];
    size_t taken = 0, i = 0;
    do {
        const char *p = *at;
        size_t most = n - taken < AT_ONCE ? n - taken : AT_ONCE, some = 0;
        for (; some < most && p < end && take_entry(&read[some], p, end); some++)
            p = read[some].next;
        for (i = 0; i < some; i++) {
            float v = 0;
            if (read[i].m != 0 && !exact(&v, read[i].m, read[i].exponent))
                break;
            uint32_t bits;
            memcpy(&bits, &v, sizeof bits);
            bits |= read[i].sign;
            memcpy(&row[taken + i], &bits, sizeof bits);
            *at = read[i].next;
        }
        taken += i;
    } while (i == AT_ONCE && taken < n);
    return taken;
}
