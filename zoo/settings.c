/*
 * settings.c: `key=value` of a model's configuration.  Touches nothing but the
 * configuration's bytes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/model.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest text of a number, with its terminator, and bytes of a decimal point. */
enum { DIGITS = 64, POINT = 8 };

size_t zoo_edit_distance(const char *a, const char *b)
{
    enum { MAX = 32 };
    size_t d[MAX + 1][MAX + 1], n, m;

    if (a == NULL || b == NULL || (n = strlen(a)) > MAX || (m = strlen(b)) > MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[n][m];
}

static gop_status unknown_key(const zoo_model_type *type, const char *key, gop_error *err)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (const zoo_option *o = type->options; o->key != NULL; o++) {
        size_t d = zoo_edit_distance(key, o->key);
        if (d < best) {
            best = d;
            nearest = o->key;
        }
    }
    if (nearest != NULL)
        return gop_fail(err, GOP_EINVAL, "%s has no option '%s'; did you mean '%s'?", type->name,
                        key, nearest);
    return gop_fail(err, GOP_EINVAL, "%s has no option '%s'", type->name, key);
}

/* Copies: the configuration's bytes have no type of their own. */
static void put(zoo_model *m, const zoo_option *o, const void *v, size_t size)
{
    memcpy(m->config.bytes + o->offset, v, size);
}

static void take(const zoo_model *m, const zoo_option *o, void *v, size_t size)
{
    memcpy(v, m->config.bytes + o->offset, size);
}

static bool whole(const char *text, char **end, const zoo_option *o, uint32_t *v)
{
    errno = 0;
    unsigned long u = strtoul(text, end, 10);
    bool digits = *text >= '0' && *text <= '9';
    *v = (uint32_t)u;
    return digits && errno == 0 && (double)u >= o->low && (double)u <= o->high;
}

/* A host program may have set a locale with another decimal point; options are
 * written into files, which must not depend on it. */
static void swap_point(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    size_t n = strlen(from), m = strlen(to);
    if (at == NULL)
        return;
    memmove(at + m, at + n, strlen(at + n) + 1);
    memcpy(at, to, m);
}

/* A decimal number and nothing else: no blanks, hexadecimals, "nan" or "inf". */
static bool number(const char *text, double *v)
{
    char copy[DIGITS + POINT], *end;
    const char *point = localeconv()->decimal_point;
    size_t n = strlen(text);
    if (n == 0 || n >= DIGITS || strspn(text, "0123456789+-.eE") != n || strlen(point) > POINT)
        return false;
    memcpy(copy, text, n + 1);
    swap_point(copy, ".", point);
    *v = strtod(copy, &end);
    return end != copy && *end == '\0' && isfinite(*v);
}

static bool set_list(zoo_model *m, const zoo_option *o, const char *text)
{
    zoo_list list;
    memset(&list, 0, sizeof list);
    while (*text != '\0') {
        char *end;
        if (list.n == ZOO_LIST_MAX || !whole(text, &end, o, &list.v[list.n]))
            return false;
        list.n++;
        if (*end == ',' && end[1] != '\0')
            end++;
        else if (*end != '\0')
            return false;
        text = end;
    }
    put(m, o, &list, sizeof list);
    return true;
}

/* The index of the choice that text [n] is, or UINT32_MAX. */
static uint32_t find_choice(const zoo_option *o, const char *text, size_t n)
{
    uint32_t index = 0;
    for (const char *c = o->choices; c != NULL; index++) {
        const size_t k = strcspn(c, "|");
        if (k == n && memcmp(c, text, n) == 0)
            return index;
        c = c[k] == '|' ? c + k + 1 : NULL;
    }
    return UINT32_MAX;
}

static bool set_choice(zoo_model *m, const zoo_option *o, const char *text)
{
    const uint32_t index = find_choice(o, text, strlen(text));
    if (index == UINT32_MAX)
        return false;
    put(m, o, &index, sizeof index);
    return true;
}

static bool set_several(zoo_model *m, const zoo_option *o, const char *text)
{
    uint32_t bits = 0;
    for (;; text++) {
        const size_t n = strcspn(text, "+");
        const uint32_t index = find_choice(o, text, n);
        if (index >= 32 || bits >> index & 1)
            return false;
        bits |= UINT32_C(1) << index;
        text += n;
        if (*text == '\0')
            break;
    }
    put(m, o, &bits, sizeof bits);
    return true;
}

gop_status zoo_model_set(zoo_model *m, const char *key, const char *value, gop_error *err)
{
    if (m == NULL || key == NULL || value == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_set: a model, a key and a value are needed");
    const zoo_option *o = m->type->options;
    while (o->key != NULL && strcmp(o->key, key) != 0)
        o++;
    if (o->key == NULL)
        return unknown_key(m->type, key, err);
    char *end = NULL;
    uint32_t u;
    double d;
    switch (o->kind) {
    case ZOO_OPTION_COUNT:
    case ZOO_OPTION_SWITCH:
        if (!whole(value, &end, o, &u) || *end != '\0')
            return gop_fail(err, GOP_EINVAL, "%s=%s: a whole number from %g to %g is needed", key,
                            value, o->low, o->high);
        put(m, o, &u, sizeof u);
        return GOP_OK;
    case ZOO_OPTION_NUMBER:
        if (!number(value, &d) || d < o->low || d > o->high)
            return gop_fail(err, GOP_EINVAL, "%s=%s: a number from %g to %g is needed", key, value,
                            o->low, o->high);
        put(m, o, &d, sizeof d);
        return GOP_OK;
    case ZOO_OPTION_CHOICE:
        if (!set_choice(m, o, value))
            return gop_fail(err, GOP_EINVAL, "%s=%s: it is one of %s", key, value, o->choices);
        return GOP_OK;
    case ZOO_OPTION_SET:
        if (!set_several(m, o, value))
            return gop_fail(err, GOP_EINVAL, "%s=%s: it is one of %s, or several joined by '+'",
                            key, value, o->choices);
        return GOP_OK;
    case ZOO_OPTION_LIST:
        if (!set_list(m, o, value))
            return gop_fail(err, GOP_EINVAL,
                            "%s=%s: up to %d whole numbers from %g to %g, "
                            "separated by commas, are needed",
                            key, value, ZOO_LIST_MAX, o->low, o->high);
        return GOP_OK;
    }
    return gop_fail(err, GOP_EINVAL, "%s: no such kind of option", key);
}

void zoo_model_get(const zoo_model *m, const zoo_option *o, char *buf, size_t size)
{
    uint32_t u;
    double d;
    zoo_list list;
    if (buf == NULL || size == 0)
        return;
    buf[0] = '\0';
    if (m == NULL || o == NULL)
        return;
    switch (o->kind) {
    case ZOO_OPTION_COUNT:
    case ZOO_OPTION_SWITCH:
        take(m, o, &u, sizeof u);
        snprintf(buf, size, "%lu", (unsigned long)u);
        break;
    case ZOO_OPTION_NUMBER:
        /* the shortest text that reads back to the same number */
        take(m, o, &d, sizeof d);
        for (int digits = 1; digits <= 17; digits++) {
            snprintf(buf, size, "%.*g", digits, d);
            if (strtod(buf, NULL) == d)
                break;
        }
        swap_point(buf, localeconv()->decimal_point, ".");
        break;
    case ZOO_OPTION_CHOICE: {
        take(m, o, &u, sizeof u);
        const char *c = o->choices;
        while (u-- > 0 && strchr(c, '|') != NULL)
            c = strchr(c, '|') + 1;
        snprintf(buf, size, "%.*s", (int)strcspn(c, "|"), c);
        break;
    }
    case ZOO_OPTION_SET: {
        take(m, o, &u, sizeof u);
        size_t at = 0;
        for (const char *c = o->choices; c != NULL && at < size; u >>= 1) {
            const size_t k = strcspn(c, "|");
            if (u & 1)
                at += (size_t)snprintf(buf + at, size - at, "%s%.*s", at > 0 ? "+" : "", (int)k, c);
            c = c[k] == '|' ? c + k + 1 : NULL;
        }
        break;
    }
    case ZOO_OPTION_LIST:
        take(m, o, &list, sizeof list);
        for (uint32_t i = 0, at = 0; i < list.n && at < size; i++) {
            int n = snprintf(buf + at, size - at, "%s%lu", i ? "," : "", (unsigned long)list.v[i]);
            at += n < 0 ? 0 : (uint32_t)n;
        }
        break;
    }
}
