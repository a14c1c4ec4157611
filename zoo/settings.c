/*
 * settings.c: reads, writes, checks and compares named values as text.  Touches only the values'
 * bytes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/numeral.h"

/* Size of a number's longest text with the terminator. */
enum { DIGITS = 64 };

/* ZOO_OPEN as text. */
#define OPEN "4611686018427387904"

/* A copy of a value of any kind; the bytes of the structs are untyped. */
typedef union value {
    uint32_t word;
    uint64_t wide;
    double number;
    zoo_mixed mixed;
    zoo_list list;
    char text[ZOO_VALUE_SIZE];
} value;

size_t zoo_setting_size(const zoo_setting *s)
{
    if (s == NULL)
        return 0;
    switch (s->kind) {
    case ZOO_SETTING_LONG:
    case ZOO_SETTING_STEPS:
    case ZOO_SETTING_HASH:
        return sizeof(uint64_t);
    case ZOO_SETTING_NUMBER:
        return sizeof(double);
    case ZOO_SETTING_MIXED:
        return sizeof(zoo_mixed);
    case ZOO_SETTING_LIST:
        return sizeof(zoo_list);
    case ZOO_SETTING_TEXT:
        return (size_t)s->high + 1;
    default:
        return sizeof(uint32_t);
    }
}

static value take(const zoo_setting *s, const void *values)
{
    value v;
    memset(&v, 0, sizeof v);
    memcpy(&v, (const char *)values + s->offset, zoo_setting_size(s));
    return v;
}

/* ---------------------------------------------------------------------- keys */

const zoo_setting *zoo_setting_find(const zoo_setting *table, const char *key)
{
    for (const zoo_setting *s = table; s != NULL && key != NULL && s->key != NULL; s++)
        if (strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

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

static gop_status unknown_key(const zoo_setting *table, const char *owner, const char *key,
                              gop_error *err)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (const zoo_setting *s = table; s->key != NULL; s++) {
        size_t d = zoo_edit_distance(key, s->key);
        if (d < best) {
            best = d;
            nearest = s->key;
        }
    }
    if (nearest != NULL)
        return gop_fail(err, GOP_EINVAL, "%s has no option '%s'; did you mean '%s'?", owner, key,
                        nearest);
    return gop_fail(err, GOP_EINVAL, "%s has no option '%s'", owner, key);
}

/* Whether `key` is one of the words, separated by blanks. */
static bool among(const char *key, const char *words)
{
    const size_t n = strlen(key);
    while (words != NULL && *words != '\0') {
        const size_t k = strcspn(words, " ");
        if (k == n && memcmp(words, key, n) == 0)
            return true;
        words += k;
        words += strspn(words, " ");
    }
    return false;
}

/* ------------------------------------------------------------------- choices */

/* The i-th choice, of *n bytes; NULL past the last one. */
static const char *choice(const zoo_setting *s, uint32_t i, size_t *n)
{
    const char *c = s->choices;
    for (; c != NULL && i > 0; i--)
        c = c[strcspn(c, "|")] == '|' ? strchr(c, '|') + 1 : NULL;
    *n = c == NULL ? 0 : strcspn(c, "|");
    return c;
}

/* The index of the choice text [n], or UINT32_MAX. */
static uint32_t find_choice(const zoo_setting *s, const char *text, size_t n)
{
    size_t k;
    const char *c;
    for (uint32_t i = 0; (c = choice(s, i, &k)) != NULL; i++)
        if (k == n && memcmp(c, text, n) == 0)
            return i;
    return UINT32_MAX;
}

/* Appends "a, b or c" to `buf`, with `before` in front. */
static void name_choices(const zoo_setting *s, const char *before, char *buf, size_t size)
{
    size_t n, k, used = strlen(buf);
    const char *c;
    for (uint32_t i = 0; (c = choice(s, i, &n)) != NULL && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%.*s",
                                 i == 0                         ? before
                                 : choice(s, i + 1, &k) == NULL ? " or "
                                                                : ", ",
                                 (int)n, c);
}

/* ----------------------------------------------------------------- from text */

/* Parses a whole number within the range. */
static bool whole(const zoo_setting *s, const char *text, char **end, uint64_t *v)
{
    errno = 0;
    const unsigned long long u = strtoull(text, end, 10);
    *v = u;
    return *text >= '0' && *text <= '9' && errno == 0 && (double)u >= s->low &&
           (double)u <= s->high;
}

static bool number(const zoo_setting *s, const char *text, double *v)
{
    const size_t n = strlen(text);
    return n < DIGITS && zoo_numeral_read(v, text, n) && *v >= s->low && *v <= s->high;
}

static bool list(const zoo_setting *s, const char *text, zoo_list *v)
{
    while (*text != '\0') {
        char *end;
        uint64_t u;
        if (v->n == ZOO_LIST_MAX || !whole(s, text, &end, &u))
            return false;
        v->v[v->n++] = (uint32_t)u;
        if (*end == ',' && end[1] != '\0')
            end++;
        else if (*end != '\0')
            return false;
        text = end;
    }
    return true;
}

static bool several(const zoo_setting *s, const char *text, uint32_t *bits)
{
    for (*bits = 0;; text++) {
        const size_t n = strcspn(text, "+");
        const uint32_t i = find_choice(s, text, n);
        if (i >= 32 || *bits >> i & 1)
            return false;
        *bits |= UINT32_C(1) << i;
        text += n;
        if (*text == '\0')
            return true;
    }
}

static bool steps(const zoo_setting *s, const char *text, uint64_t *v)
{
    char *end;
    const bool in_range = whole(s, text, &end, v);
    if (in_range && strcmp(end, "e") == 0)
        *v += ZOO_EPOCHS;
    return *end == '\0' ? in_range || strcmp(text, OPEN) == 0 : in_range && *v >= ZOO_EPOCHS;
}

static bool hash(const char *text, uint64_t *v)
{
    *v = strtoull(text, NULL, 16);
    return strlen(text) == 16 && strspn(text, "0123456789abcdef") == 16;
}

/* Whether text is a valid value of the setting; *v gets the value. */
static bool parse(const zoo_setting *s, const char *text, value *v)
{
    char *end;
    if (s->standard == NULL && *text == '\0')
        return true; /* unset */
    switch (s->kind) {
    case ZOO_SETTING_COUNT:
    case ZOO_SETTING_SWITCH: {
        uint64_t u;
        const bool good = whole(s, text, &end, &u) && *end == '\0';
        v->word = (uint32_t)u;
        return good;
    }
    case ZOO_SETTING_LONG:
        return whole(s, text, &end, &v->wide) && *end == '\0';
    case ZOO_SETTING_STEPS:
        return steps(s, text, &v->wide);
    case ZOO_SETTING_HASH:
        return hash(text, &v->wide);
    case ZOO_SETTING_NUMBER:
        return number(s, text, &v->number);
    case ZOO_SETTING_CHOICE:
        v->word = find_choice(s, text, strlen(text));
        return v->word != UINT32_MAX;
    case ZOO_SETTING_SET:
        return several(s, text, &v->word);
    case ZOO_SETTING_MIXED:
        v->mixed.choice = find_choice(s, text, strlen(text)) + 1;
        return v->mixed.choice > 0 || number(s, text, &v->mixed.number);
    case ZOO_SETTING_LIST:
        return list(s, text, &v->list);
    case ZOO_SETTING_TEXT:
        if (strlen(text) >= zoo_setting_size(s))
            return false;
        memcpy(v->text, text, strlen(text) + 1);
        return true;
    }
    return false;
}

void zoo_setting_takes(const zoo_setting *s, char *buf, size_t size)
{
    const char *numbers = "";
    if (buf == NULL || size == 0)
        return;
    buf[0] = '\0';
    if (s == NULL)
        return;
    switch (s->kind) {
    case ZOO_SETTING_COUNT:
    case ZOO_SETTING_SWITCH:
    case ZOO_SETTING_LONG:
        numbers = "a whole number";
        break;
    case ZOO_SETTING_STEPS:
        snprintf(buf, size,
                 "a whole number of steps from %.10g to %.10g, or of epochs with an e behind it",
                 s->low, s->high);
        return;
    case ZOO_SETTING_HASH:
        snprintf(buf, size, "16 hexadecimal digits");
        return;
    case ZOO_SETTING_NUMBER:
    case ZOO_SETTING_MIXED:
        numbers = "a number";
        break;
    case ZOO_SETTING_LIST:
        snprintf(buf, size, "up to %d whole numbers from %.10g to %.10g, separated by commas",
                 ZOO_LIST_MAX, s->low, s->high);
        return;
    case ZOO_SETTING_CHOICE:
        name_choices(s, "", buf, size);
        return;
    case ZOO_SETTING_SET:
        name_choices(s, "", buf, size);
        snprintf(buf + strlen(buf), size - strlen(buf), ", or several joined by '+'");
        return;
    case ZOO_SETTING_TEXT:
        snprintf(buf, size, "at most %.0f bytes", s->high);
        return;
    }
    snprintf(buf, size, "%s from %.10g to %.10g", numbers, s->low, s->high);
    if (s->kind == ZOO_SETTING_MIXED)
        name_choices(s, ", ", buf, size);
}

static gop_status refuse(const zoo_setting *s, const char *text, gop_error *err)
{
    char takes[ZOO_VALUE_SIZE];
    if (s->kind == ZOO_SETTING_CHOICE || s->kind == ZOO_SETTING_SET)
        return gop_fail(err, GOP_EINVAL, "%s=%s: it must be one of %s%s", s->key, text, s->choices,
                        s->kind == ZOO_SETTING_SET ? ", or several joined by '+'" : "");
    zoo_setting_takes(s, takes, sizeof takes);
    return gop_fail(err, GOP_EINVAL, "%s=%s: %s%s needed", s->key, text, takes,
                    s->kind == ZOO_SETTING_LIST ? ", are" : " is");
}

static gop_status set(const zoo_setting *s, void *values, const char *text, gop_error *err)
{
    value v;
    memset(&v, 0, sizeof v);
    if (s->kind == ZOO_SETTING_MIXED)
        v = take(s, values); /* a choice keeps the number */
    if (!parse(s, text, &v))
        return refuse(s, text, err);
    memcpy((char *)values + s->offset, &v, zoo_setting_size(s));
    return GOP_OK;
}

/* ------------------------------------------------------------------- to text */

/* Writes a choice, or a number for an invalid choice; no choice reads as a number. */
static void choice_text(const zoo_setting *s, uint32_t i, char *buf, size_t size)
{
    size_t n;
    const char *c = choice(s, i, &n);
    if (c != NULL)
        snprintf(buf, size, "%.*s", (int)n, c);
    else
        snprintf(buf, size, "%" PRIu32, i);
}

static bool is_unset(const zoo_setting *s, const value *v)
{
    const char *p = (const char *)v;
    size_t n = s->standard == NULL ? zoo_setting_size(s) : 0;
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0)
            return false;
    return n > 0;
}

void zoo_setting_get(const zoo_setting *s, const void *values, char *buf, size_t size)
{
    size_t at = 0, n;
    const char *c;
    if (buf == NULL || size == 0)
        return;
    buf[0] = '\0';
    if (s == NULL || values == NULL)
        return;
    const value v = take(s, values);
    if (is_unset(s, &v))
        return;
    switch (s->kind) {
    case ZOO_SETTING_COUNT:
    case ZOO_SETTING_SWITCH:
        snprintf(buf, size, "%" PRIu32, v.word);
        break;
    case ZOO_SETTING_LONG:
        snprintf(buf, size, "%" PRIu64, v.wide);
        break;
    case ZOO_SETTING_STEPS:
        snprintf(buf, size, "%" PRIu64 "%s", v.wide & ~ZOO_EPOCHS, v.wide & ZOO_EPOCHS ? "e" : "");
        break;
    case ZOO_SETTING_HASH:
        snprintf(buf, size, "%016" PRIx64, v.wide);
        break;
    case ZOO_SETTING_NUMBER:
        zoo_numeral_write(buf, size, v.number, false);
        break;
    case ZOO_SETTING_CHOICE:
        choice_text(s, v.word, buf, size);
        break;
    case ZOO_SETTING_SET:
        for (uint32_t i = 0; i < 32 && (c = choice(s, i, &n)) != NULL && at < size; i++)
            if (v.word >> i & 1)
                at += (size_t)snprintf(buf + at, size - at, "%s%.*s", at > 0 ? "+" : "", (int)n, c);
        break;
    case ZOO_SETTING_MIXED:
        if (v.mixed.choice > 0)
            choice_text(s, v.mixed.choice - 1, buf, size);
        else
            zoo_numeral_write(buf, size, v.mixed.number, false);
        break;
    case ZOO_SETTING_LIST:
        for (uint32_t i = 0; i < v.list.n && i < ZOO_LIST_MAX && at < size; i++)
            at += (size_t)snprintf(buf + at, size - at, "%s%" PRIu32, i ? "," : "", v.list.v[i]);
        break;
    case ZOO_SETTING_TEXT:
        snprintf(buf, size, "%.*s", (int)zoo_setting_size(s), v.text);
        break;
    }
}

/* ------------------------------------------------------------------ all of them */

gop_status zoo_settings_set(const zoo_setting *table, void *values, const char *owner,
                            const char *key, const char *text, gop_error *err)
{
    if (table == NULL || values == NULL || owner == NULL || key == NULL || text == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_settings_set: an argument is missing");
    const zoo_setting *s = zoo_setting_find(table, key);
    return s == NULL ? unknown_key(table, owner, key, err) : set(s, values, text, err);
}

/* Whether the values meet "KEY=VALUE", "KEY!VALUE" or "KEY" [n]. */
static bool meets(const zoo_setting *table, const void *values, const char *what, size_t n)
{
    char text[ZOO_VALUE_SIZE], has[ZOO_VALUE_SIZE];
    snprintf(text, sizeof text, "%.*s", (int)n, what);
    const size_t k = strcspn(text, "=!");
    const char kind = text[k], *wanted = kind == '\0' ? "" : text + k + 1;
    text[k] = '\0';
    const zoo_setting *s = zoo_setting_find(table, text);
    zoo_setting_get(s, values, has, sizeof has);
    if (kind == '\0')
        return has[0] != '\0';
    if (kind == '=' && s != NULL && s->kind == ZOO_SETTING_SET)
        return (take(s, values).word >> (find_choice(s, wanted, strlen(wanted)) & 31) & 1) != 0;
    return (strcmp(has, wanted) == 0) == (kind == '=');
}

const char *zoo_setting_unmet(const zoo_setting *table, const zoo_setting *s, const void *values,
                              size_t *n)
{
    const char *needs = s == NULL || values == NULL ? NULL : s->needs;
    while (needs != NULL && *needs != '\0') {
        const size_t length = strcspn(needs, " ");
        bool met = false;
        for (size_t at = 0; at < length && !met; at++) {
            const size_t k = strcspn(needs + at, "| ");
            met = meets(table, values, needs + at, k);
            at += k;
        }
        if (!met) {
            if (n != NULL)
                *n = length;
            return needs;
        }
        needs += length;
        needs += strspn(needs, " ");
    }
    return NULL;
}

gop_status zoo_settings_default(const zoo_setting *table, void *values, gop_error *err)
{
    gop_status status = GOP_OK;
    if (table == NULL || values == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_settings_default: an argument is missing");
    for (const zoo_setting *s = table; s->key != NULL && status == GOP_OK; s++)
        status = set(s, values, s->standard != NULL ? s->standard : "", err);
    return status;
}

gop_status zoo_settings_apply(const zoo_setting *table, void *values, const char *owner,
                              const char *text, gop_error *err)
{
    char pair[256];
    if (table == NULL || values == NULL || owner == NULL || text == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_settings_apply: an argument is missing");
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        char *v = NULL;
        if (n < sizeof pair) {
            memcpy(pair, text, n);
            pair[n] = '\0';
            v = strchr(pair, '=');
        }
        if (v == NULL)
            return gop_fail(err, GOP_EINVAL, "'%.64s' is not key=value", text);
        *v++ = '\0';
        gop_try(zoo_settings_set(table, values, owner, pair, v, err));
        text += n;
        text += strspn(text, " ");
    }
    return GOP_OK;
}

gop_status zoo_settings_check(const zoo_setting *table, const void *values, gop_error *err)
{
    if (table == NULL || values == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_settings_check: an argument is missing");
    for (const zoo_setting *s = table; s->key != NULL; s++) {
        char text[ZOO_VALUE_SIZE + DIGITS];
        value v;
        memset(&v, 0, sizeof v);
        zoo_setting_get(s, values, text, sizeof text);
        if (!parse(s, text, &v))
            return refuse(s, text, err);
    }
    return GOP_OK;
}

const zoo_setting *zoo_settings_difference(const zoo_setting *table, const void *a, const void *b,
                                           const char *except)
{
    char ta[ZOO_VALUE_SIZE], tb[ZOO_VALUE_SIZE];
    for (const zoo_setting *s = table; s != NULL && a != NULL && b != NULL && s->key != NULL; s++) {
        zoo_setting_get(s, a, ta, sizeof ta);
        zoo_setting_get(s, b, tb, sizeof tb);
        if (strcmp(ta, tb) != 0 && !among(s->key, except))
            return s;
    }
    return NULL;
}
