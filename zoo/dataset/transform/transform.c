/*
 * transform.c: the table of kinds of steps; parses, prints, checks and applies lists of them.
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/prepare.h"
#include "zoo/dataset/transform/transform.h"

#define MOST_WORDS 8

/* In the order in which they are applied.  Steps of coordinates need positions.  Joints that a detector
 * doubts count for no box and no body.  Bodies are chosen before image takes their box, and before
 * frames are dropped for lack of them.  No step behind joints changes the layout, so that a domain's
 * layout is the one that joints names (zoo_plan_new). */
static const zoo_transform *const kinds[] = {
    &zoo_transform_positions, &zoo_transform_units,  &zoo_transform_min_score,
    &zoo_transform_bodies,    &zoo_transform_image,  &zoo_transform_missing,
    &zoo_transform_align,     &zoo_transform_centre, &zoo_transform_middle,
    &zoo_transform_scale,     &zoo_transform_scores, &zoo_transform_joints,
    &zoo_transform_rate,      &zoo_transform_fill,   &zoo_transform_standardise,
};
#define KINDS (sizeof kinds / sizeof *kinds)

const char *zoo_transform_at(size_t i, const char **form, const char **text)
{
    if (i >= KINDS)
        return NULL;
    if (form != NULL)
        *form = kinds[i]->form;
    if (text != NULL)
        *text = kinds[i]->text;
    return kinds[i]->name;
}

static size_t rank_of(const char *name, size_t n)
{
    for (size_t k = 0; k < KINDS; k++)
        if (strlen(kinds[k]->name) == n && memcmp(kinds[k]->name, name, n) == 0)
            return k;
    return KINDS;
}

/* The length of a list's first word. */
static size_t first_word(const char *text)
{
    return strcspn(text, " ");
}

/* --------------------------------------------------------------------- parsing */

/* Cuts a text into the kind and its parameters.  The last word is NULL. */
static size_t cut(const char *word[MOST_WORDS + 1], char *text)
{
    char *p = text + strcspn(text, " :");
    size_t n = 0;
    if (p > text)
        word[n++] = text;
    if (*p != '\0')
        *p++ = '\0';
    const char *between = strchr(p, ':') != NULL ? ":" : " ";
    while (*p != '\0' && n < MOST_WORDS) {
        p += strspn(p, " :");
        if (*p == '\0')
            break;
        word[n++] = p;
        p += strcspn(p, between);
        if (*p != '\0')
            *p++ = '\0';
    }
    word[n] = NULL;
    return n;
}

gop_status zoo_step_parse(zoo_step *step, const char *text, gop_error *err)
{
    char copy[ZOO_STEP_SIZE];
    const char *word[MOST_WORDS + 1];
    memset(step, 0, sizeof *step);
    if (strlen(text) >= sizeof copy)
        return gop_fail(err, GOP_EINVAL, "a transformation of more than %zu bytes",
                        sizeof copy - 1);
    snprintf(copy, sizeof copy, "%s", text);
    const size_t n = cut(word, copy);
    const size_t kind = n == 0 ? KINDS : rank_of(word[0], strlen(word[0]));
    if (kind == KINDS)
        return gop_fail(err, GOP_EINVAL, "unknown transformation '%s'", text);
    step->kind = kinds[kind];
    gop_error why = {GOP_OK, ""};
    if (step->kind->parse(step, word + 1, n - 1, &why) != GOP_OK)
        return gop_fail(err, GOP_EINVAL, "transformation '%s' must be '%s %s'%s%s", text,
                        step->kind->name, step->kind->form, why.message[0] != '\0' ? ": " : "",
                        why.message);
    return GOP_OK;
}

void zoo_step_print(const zoo_step *step, char text[ZOO_STEP_SIZE])
{
    char rest[ZOO_STEP_SIZE] = "";
    step->kind->print(step, rest, sizeof rest);
    snprintf(text, ZOO_STEP_SIZE, "%s %.*s", step->kind->name,
             (int)(ZOO_STEP_SIZE - strlen(step->kind->name) - 2), rest);
}

/* ----------------------------------------------------------------------- lists */

const char *zoo_steps_find(const zoo_steps *list, const char *kind)
{
    for (size_t i = 0; i < list->n; i++)
        if (first_word(list->step[i]) == strlen(kind) &&
            memcmp(list->step[i], kind, strlen(kind)) == 0)
            return list->step[i];
    return NULL;
}

void zoo_steps_remove(zoo_steps *list, const char *kind)
{
    const char *at = zoo_steps_find(list, kind);
    if (at == NULL)
        return;
    const size_t i = (size_t)(at - list->step[0]) / sizeof list->step[0];
    memmove(list->step[i], list->step[i + 1], (list->n - i - 1) * sizeof list->step[0]);
    memset(list->step[--list->n], 0, sizeof list->step[0]);
}

/* Puts one step behind those of kinds that come before it in the table. */
static gop_status put(zoo_steps *list, const zoo_step *step, gop_error *err)
{
    const size_t rank = rank_of(step->kind->name, strlen(step->kind->name));
    size_t i = 0;
    zoo_steps_remove(list, step->kind->name);
    if (list->n == ZOO_MAX_STEPS)
        return gop_fail(err, GOP_EINVAL, "more than %d transformations", ZOO_MAX_STEPS);
    while (i < list->n && rank_of(list->step[i], first_word(list->step[i])) < rank)
        i++;
    memmove(list->step[i + 1], list->step[i], (list->n - i) * sizeof list->step[0]);
    list->n++;
    zoo_step_print(step, list->step[i]);
    return GOP_OK;
}

/* Whether the text is "KIND none"; the kind's name is then its first `n` bytes. */
static bool is_none(const char *text, size_t *n)
{
    *n = strcspn(text, " :");
    const char *rest = text + *n;
    rest += strspn(rest, " :");
    return strcmp(rest, "none") == 0 && rank_of(text, *n) < KINDS;
}

gop_status zoo_steps_put(zoo_steps *list, const char *text, gop_error *err)
{
    while (*text != '\0') {
        char one[ZOO_STEP_SIZE];
        size_t n = strcspn(text, ";"), kind;
        const char *next = text + n + (text[n] == ';');
        while (n > 0 && *text == ' ') {
            text++;
            n--;
        }
        while (n > 0 && text[n - 1] == ' ')
            n--;
        if (n >= sizeof one)
            return gop_fail(err, GOP_EINVAL, "a transformation of more than %zu bytes",
                            sizeof one - 1);
        snprintf(one, sizeof one, "%.*s", (int)n, text);
        text = next;
        if (n == 0)
            continue;
        zoo_step step;
        if (is_none(one, &kind)) {
            one[kind] = '\0';
            zoo_steps_remove(list, one);
            continue;
        }
        gop_try(zoo_step_parse(&step, one, err));
        gop_try(put(list, &step, err));
    }
    return GOP_OK;
}

gop_status zoo_steps_follow(zoo_steps *list, const zoo_steps *done, const char *text,
                            gop_error *err)
{
    zoo_steps all = *done;
    gop_try(zoo_steps_put(&all, text, err));
    memset(list, 0, sizeof *list);
    for (size_t i = 0; i < done->n; i++)
        if (i >= all.n || strcmp(all.step[i], done->step[i]) != 0)
            return gop_fail(err, GOP_EINVAL,
                            "'%s' cannot be applied: the clips have undergone '%s'; prepare them"
                            " from the raw data",
                            text, done->step[i]);
    for (size_t i = done->n; i < all.n; i++)
        memcpy(list->step[list->n++], all.step[i], ZOO_STEP_SIZE);
    return GOP_OK;
}

/* ----------------------------------------------------------------------- plans */

static gop_status plan_steps(zoo_plan *p, const zoo_steps *list, const zoo_layout *named,
                             gop_error *err)
{
    for (size_t i = 0; i < list->n; i++) {
        zoo_setting_of_clips *next = &p->setting[i + 1];
        gop_try(zoo_step_parse(&p->step[i], list->step[i], err));
        p->step[i].named = named;
        next->rate = p->setting[i].rate;
        gop_try(zoo_layout_copy(&next->layout, &p->setting[i].layout, err));
        p->n++;
        if (p->step[i].kind->plan != NULL)
            gop_try(p->step[i].kind->plan(&p->step[i], next, err));
    }
    return GOP_OK;
}

gop_status zoo_plan_new(zoo_plan **out, const zoo_steps *list, const zoo_layout *layout,
                        double rate, const zoo_layout *named, gop_error *err)
{
    *out = NULL;
    zoo_plan *p = calloc(1, sizeof *p);
    if (p == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for transformations");
    p->setting[0].rate = rate;
    gop_status s = zoo_layout_copy(&p->setting[0].layout, layout, err);
    if (s == GOP_OK)
        s = plan_steps(p, list, named, err);
    if (s == GOP_OK)
        *out = p;
    else
        zoo_plan_free(p);
    return s;
}

gop_status zoo_plan_apply(const zoo_plan *p, zoo_recording *clip, gop_error *err)
{
    for (size_t i = 0; i < p->n && clip->frames > 0; i++)
        if (p->step[i].kind->apply != NULL)
            gop_try(p->step[i].kind->apply(&p->step[i], &p->setting[i], clip, err));
    return GOP_OK;
}

double zoo_plan_given_rate(const zoo_plan *p)
{
    return p->setting[0].rate;
}

const zoo_setting_of_clips *zoo_plan_result(const zoo_plan *p)
{
    return &p->setting[p->n];
}

void zoo_plan_free(zoo_plan *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i <= ZOO_MAX_STEPS; i++)
        zoo_layout_clear(&p->setting[i].layout);
    for (size_t i = 0; i < ZOO_MAX_STEPS; i++)
        free(p->step[i].from);
    free(p);
}
