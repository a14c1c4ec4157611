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

#define MOST_PATTERN 512

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

/* Whether the list has the value, as a text or by its number; "1-9" are numbers. */
static bool is_listed(const char *list, const char *value)
{
    const long v = number_of(value, strlen(value));
    for (const char *p = list; p != NULL;) {
        const size_t n = strcspn(p, ",");
        const char *dash = memchr(p, '-', n);
        if (strlen(value) == n && memcmp(value, p, n) == 0)
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

/* -------------------------------------------------------------------- patterns */

/* Compiles one pattern of n bytes; \d becomes [0-9]. */
static gop_status compile(regex_t *regex, const char *text, size_t n, gop_error *err)
{
    char full[MOST_PATTERN];
    size_t used = 0;
    for (size_t i = 0; i < n && used + 6 < sizeof full; i++)
        if (text[i] == '\\' && i + 1 < n && text[i + 1] == 'd') {
            memcpy(full + used, "[0-9]", 5);
            used += 5;
            i++;
        } else {
            full[used++] = text[i];
        }
    full[used] = '\0';
    if (n >= MOST_PATTERN / 5 || regcomp(regex, full, REG_EXTENDED) != 0)
        return gop_fail(err, GOP_EINVAL, "pattern %.*s is no regular expression",
                        (int)(n < 80 ? n : 80), text);
    if (regex->re_nsub > 0)
        return GOP_OK;
    regfree(regex);
    return gop_fail(err, GOP_EINVAL, "pattern %.*s has no group in parentheses", (int)n, text);
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
        gop_try(compile(&p->regex[k], equals + 1, n - (size_t)(equals + 1 - at), err));
        p->set[k] = true;
        at += n;
    }
    return GOP_OK;
}

void zoo_patterns_apply(zoo_patterns *p, zoo_sequence *q)
{
    const char **const field[ZOO_FIELDS] = {&q->subject, &q->camera, &q->setup, &q->repetition};
    for (size_t k = 0; k < ZOO_FIELDS; k++) {
        regmatch_t group[2];
        if (!p->set[k] || regexec(&p->regex[k], q->name, 2, group, 0) != 0 || group[1].rm_so < 0)
            continue;
        const size_t n = (size_t)(group[1].rm_eo - group[1].rm_so);
        if (n >= sizeof p->value[k])
            continue;
        memcpy(p->value[k], q->name + group[1].rm_so, n);
        p->value[k][n] = '\0';
        *field[k] = p->value[k];
    }
}

void zoo_patterns_clear(zoo_patterns *p)
{
    for (size_t k = 0; k < ZOO_FIELDS; k++)
        if (p->set[k])
            regfree(&p->regex[k]);
    memset(p, 0, sizeof *p);
}
