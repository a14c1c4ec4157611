/*
 * split_rule.c: see split_rule.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/store/split_rule.h"
#include "zoo/numeral.h"

/* Bounds the work of a search. */
#define MOST_TRIES 1000000

static const char *const field_name[ZOO_FIELDS] = {"subject", "camera", "setup", "repetition"};

static const char *field_of(const zoo_sequence *q, size_t field)
{
    const char *const value[ZOO_FIELDS] = {q->subject, q->camera, q->setup, q->repetition};
    return value[field] == NULL ? "" : value[field];
}

/* The field with a name of n bytes, or ZOO_FIELDS. */
static size_t find_field(const char *name, size_t n)
{
    size_t k = 0;
    while (k < ZOO_FIELDS && (strlen(field_name[k]) != n || memcmp(field_name[k], name, n) != 0))
        k++;
    return k;
}

/* ----------------------------------------------------------------------- rules */

bool zoo_split_is_rule(const char *text)
{
    return text != NULL && strchr(text, ':') != NULL;
}

gop_status zoo_split_rule_read(zoo_split_rule *rule, const char *text, uint64_t seed,
                               gop_error *err)
{
    static const char leave[] = "leave-out:", draw[] = "random:";
    const bool out = strncmp(text, leave, sizeof leave - 1) == 0;
    const char *p = text + (out ? sizeof leave - 1 : 0), *colon = strchr(p, ':');
    *rule = (zoo_split_rule){.kind = out ? ZOO_RULE_LEAVE_OUT : ZOO_RULE_TRAIN, .seed = seed};
    if (!out && strncmp(text, draw, sizeof draw - 1) == 0) {
        p += sizeof draw - 1;
        rule->kind = ZOO_RULE_RANDOM;
        return zoo_numeral_read(&rule->share, p, strlen(p)) && rule->share > 0 && rule->share < 1
                   ? GOP_OK
                   : gop_fail(err, GOP_EINVAL, "split %s: the share must be between 0 and 1", text);
    }
    rule->field = colon == NULL ? ZOO_FIELDS : find_field(p, (size_t)(colon - p));
    if (rule->field == ZOO_FIELDS || colon[1] == '\0' || strlen(colon + 1) >= sizeof rule->list)
        return gop_fail(err, GOP_EINVAL,
                        "split %s: must be random:SHARE, FIELD:LIST or leave-out:FIELD:LIST, with"
                        " the field subject, camera, setup or repetition",
                        text);
    snprintf(rule->list, sizeof rule->list, "%s", colon + 1);
    return GOP_OK;
}

/* The number that a value ends with, such as 3 of "P003"; -1: none. */
static long number_of(const char *text, size_t n)
{
    size_t k = n;
    while (k > 0 && text[k - 1] >= '0' && text[k - 1] <= '9')
        k--;
    return k == n || n - k > 9 ? -1 : strtol(text + k, NULL, 10);
}

/* Whether an entry of n bytes, with * or ?, is a pattern of the value. */
static bool is_like(const char *entry, size_t n, const char *value)
{
    char pattern[ZOO_NAME_SIZE];
    if (n >= sizeof pattern || (memchr(entry, '*', n) == NULL && memchr(entry, '?', n) == NULL))
        return false;
    memcpy(pattern, entry, n);
    pattern[n] = '\0';
    return gop_name_matches(pattern, value);
}

/* Whether the list has the value, as a text, by a pattern or by its number; "1-9" are numbers. */
static bool is_listed(const char *list, const char *value)
{
    const long v = number_of(value, strlen(value));
    for (const char *p = list; p != NULL;) {
        const size_t n = strcspn(p, ",");
        const char *dash = memchr(p, '-', n);
        if ((strlen(value) == n && memcmp(value, p, n) == 0) || is_like(p, n, value))
            return true;
        const size_t before = dash == NULL ? n : (size_t)(dash - p);
        const long low = number_of(p, before);
        const long high = dash == NULL ? low : number_of(dash + 1, n - before - 1);
        if (v >= 0 && low >= 0 && v >= low && v <= high)
            return true;
        p = p[n] == ',' ? p + n + 1 : NULL;
    }
    return false;
}

gop_status zoo_split_rule_apply(zoo_split *split, const zoo_split_rule *rule, const zoo_sequence *q,
                                gop_error *err)
{
    if (rule->kind == ZOO_RULE_NONE)
        return GOP_OK;
    if (rule->kind == ZOO_RULE_RANDOM) { /* by the name, so that other files do not matter */
        gop_rng rng = gop_rng_new(rule->seed, gop_hash(GOP_HASH_START, q->name, strlen(q->name)));
        *split = gop_rng_uniform(&rng) < rule->share ? ZOO_TEST : ZOO_TRAIN;
        return GOP_OK;
    }
    const char *value = field_of(q, rule->field);
    if (value[0] == '\0')
        return gop_fail(err, GOP_EFORMAT, "%s: its %s is unknown", q->name,
                        field_name[rule->field]);
    const bool listed = is_listed(rule->list, value);
    *split = listed == (rule->kind == ZOO_RULE_TRAIN) ? ZOO_TRAIN : ZOO_TEST;
    return GOP_OK;
}

gop_status zoo_choice_read(zoo_choice *choice, const char *text, gop_error *err)
{
    const char *colon = strchr(text, ':');
    const size_t n = colon == NULL ? 0 : (size_t)(colon - text);
    const bool of_class = n == 5 && memcmp(text, "class", n) == 0;
    choice->field = of_class ? ZOO_FIELDS : find_field(text, n);
    if ((choice->field == ZOO_FIELDS && !of_class) || colon[1] == '\0' ||
        strlen(colon + 1) >= sizeof choice->list)
        return gop_fail(
            err, GOP_EINVAL,
            "choice %s: must be FIELD:LIST, with the field class, subject, camera, setup"
            " or repetition",
            text);
    snprintf(choice->list, sizeof choice->list, "%s", colon + 1);
    return GOP_OK;
}

bool zoo_choice_has(const zoo_choice *choice, const zoo_sequence *q, const char *action)
{
    return is_listed(choice->list,
                     choice->field == ZOO_FIELDS ? action : field_of(q, choice->field));
}

/* -------------------------------------------------------------------- patterns */

static void put(unsigned char set[32], unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to; c++)
        set[c / 8] |= (unsigned char)(1u << c % 8);
}

/* Reads a class behind its bracket; returns its length, 0 without an end. */
static size_t take_class(unsigned char set[32], const char *p, size_t n)
{
    const bool not = n > 0 && p[0] == '^';
    size_t i = not ;
    for (; i < n && (p[i] != ']' || i == (size_t) not ); i++) {
        const unsigned char from = (unsigned char)p[i];
        if (i + 2 < n && p[i + 1] == '-' && p[i + 2] != ']') {
            put(set, from, (unsigned char)p[i + 2]);
            i += 2;
        } else {
            put(set, from, from);
        }
    }
    for (size_t k = 0; not &&k < 32; k++)
        set[k] = (unsigned char)~set[k];
    return i < n ? i + 1 : 0;
}

/* Reads one token; returns its length, 0 if it is none. */
static size_t take_token(struct zoo_token *t, const char *p, size_t n)
{
    size_t used = 1;
    memset(t, 0, sizeof *t);
    if (p[0] == '.') {
        put(t->set, 1, 255);
    } else if (p[0] == '[') {
        const size_t inside = take_class(t->set, p + 1, n - 1);
        used = inside == 0 ? 0 : inside + 1;
    } else if (p[0] == '\\' && n > 1) {
        if (p[1] == 'd')
            put(t->set, '0', '9');
        else
            put(t->set, (unsigned char)p[1], (unsigned char)p[1]);
        used = 2;
    } else if (strchr("?*+\\{}|()", p[0]) == NULL) {
        put(t->set, (unsigned char)p[0], (unsigned char)p[0]);
    } else {
        used = 0;
    }
    if (used > 0 && used < n && strchr("?*+", p[used]) != NULL) {
        t->optional = p[used] != '+';
        t->repeats = p[used] != '?';
        used++;
    }
    return used;
}

static gop_status compile(zoo_pattern *to, const char *text, size_t n, gop_error *err)
{
    size_t i = 0;
    memset(to, 0, sizeof *to);
    to->open = to->close = SIZE_MAX;
    to->begin = n > 0 && text[0] == '^';
    for (i = to->begin; i < n;) {
        if (text[i] == '(' && to->open == SIZE_MAX) {
            to->open = to->n;
            i++;
        } else if (text[i] == ')' && to->open < to->n && to->close == SIZE_MAX) {
            to->close = to->n;
            i++;
        } else if (text[i] == '$' && i + 1 == n) {
            to->end = true;
            i++;
        } else {
            const size_t used = to->n < ZOO_MOST_TOKENS
                                    ? take_token(&to->token[to->n], text + i, n - i)
                                    : 0;
            if (used == 0)
                return gop_fail(err, GOP_EINVAL, "pattern %.*s is no regular expression",
                                (int)(n < 80 ? n : 80), text);
            to->n++;
            i += used;
        }
    }
    return to->close != SIZE_MAX
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "pattern %.*s has no group in parentheses",
                          (int)(n < 80 ? n : 80), text);
}

/* Tries token k and those behind it at place `at`, the longest first.  group gets the group's begin
 * and end.  `left` bounds the work. */
static bool match(const zoo_pattern *p, size_t k, const char *text, size_t at, size_t group[2],
                  size_t *left)
{
    if (*left == 0)
        return false;
    --*left;
    if (k == p->n)
        return !p->end || text[at] == '\0';
    const struct zoo_token *t = &p->token[k];
    size_t most = 0;
    while (text[at + most] != '\0' && (most == 0 || t->repeats)) {
        const unsigned char c = (unsigned char)text[at + most];
        if ((t->set[c / 8] >> c % 8 & 1) == 0)
            break;
        most++;
    }
    for (size_t c = most + 1; c-- > (t->optional ? 0u : 1u);)
        if (match(p, k + 1, text, at + c, group, left)) {
            if (k == p->open)
                group[0] = at;
            if (k + 1 == p->close)
                group[1] = at + c;
            return true;
        }
    return false;
}

/* The first match in the text. */
static bool search(const zoo_pattern *p, const char *text, size_t group[2])
{
    size_t left = MOST_TRIES;
    for (size_t at = 0; at == 0 || (!p->begin && text[at - 1] != '\0'); at++)
        if (match(p, 0, text, at, group, &left))
            return true;
    return false;
}

gop_status zoo_patterns_read(zoo_patterns *p, const char *text, gop_error *err)
{
    memset(p, 0, sizeof *p);
    for (const char *at = text; at != NULL && *at != '\0';) {
        at += strspn(at, " ");
        const size_t n = strcspn(at, " ");
        const char *equals = memchr(at, '=', n);
        if (n == 0)
            break;
        const size_t k = equals == NULL ? ZOO_FIELDS : find_field(at, (size_t)(equals - at));
        if (k == ZOO_FIELDS || p->set[k])
            return gop_fail(
                err, GOP_EINVAL,
                "pattern %.*s: must be FIELD=EXPRESSION, with the field subject, camera,"
                " setup or repetition, each once",
                (int)(n < 80 ? n : 80), at);
        gop_try(compile(&p->pattern[k], equals + 1, n - (size_t)(equals + 1 - at), err));
        p->set[k] = true;
        at += n;
    }
    return GOP_OK;
}

void zoo_patterns_apply(zoo_patterns *p, zoo_sequence *q)
{
    const char **const field[ZOO_FIELDS] = {&q->subject, &q->camera, &q->setup, &q->repetition};
    for (size_t k = 0; k < ZOO_FIELDS; k++) {
        size_t group[2];
        if (!p->set[k] || !search(&p->pattern[k], q->name, group))
            continue;
        const size_t n = group[1] - group[0];
        if (n >= sizeof p->value[k])
            continue;
        memcpy(p->value[k], q->name + group[0], n);
        p->value[k][n] = '\0';
        *field[k] = p->value[k];
    }
}
