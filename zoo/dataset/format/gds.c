/*
 * gds.c: the source of data sets: one or several are joined, some of their sequences taken, and
 * these split anew.
 *
 * The sets' transformations were applied to their clips, and further ones follow them.  The origin
 * of the sets stays, so that a model reads raw files as theirs.  Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/files.h"

#define ENDING ".gds"
#define NONE   UINT32_MAX

typedef struct joining {
    zoo_store *store;
    const zoo_raw *raw;
    bool choose;
    zoo_choice choice;
    size_t sets;
    char path[ZOO_SEQUENCE_NAME_SIZE]; /* of the first set, for messages */
    zoo_domain first;                  /* its domain, owned */
    size_t classes;
    char (*action)[ZOO_NAME_SIZE]; /* [classes], in the order in which they came */
    uint64_t *sum;                 /* [sums] of the store's sequences, as they were in their sets */
    size_t sums, room;
} joining;

/* A set that is being added. */
typedef struct adding {
    joining *join;
    const char *path;
    const zoo_dataset *set;
    uint32_t map[ZOO_MAX_ACTIONS]; /* of the set's classes, in the result; NONE: not taken */
    bool *known;                   /* [sequences]: an earlier set has the name */
} adding;

/* --------------------------------------------------------------------- domains */

static bool same_list(const zoo_steps *a, const zoo_steps *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++)
        same = strcmp(a->step[i], b->step[i]) == 0;
    return same;
}

/* Checks that the set's clips can stand beside those of the first one. */
static gop_status check_domain(const adding *a, gop_error *err)
{
    const zoo_domain *d = &a->set->domain, *first = &a->join->first;
    char differs[256] = "";
    const char *what = NULL;
    zoo_layout_difference(differs, sizeof differs, &first->layout, &d->layout);
    if (differs[0] == '\0' && !zoo_layout_equal(zoo_domain_recorded(first), zoo_domain_recorded(d)))
        what = "layouts of their files";
    else if (d->rate != first->rate || zoo_recorded_rate(d) != zoo_recorded_rate(first))
        what = "rates";
    else if (d->factor != first->factor)
        what = "factors";
    else if (!same_list(&d->steps, &first->steps))
        what = "transformations";
    if (differs[0] != '\0')
        return gop_fail(err, GOP_EFORMAT, "%s cannot be joined with %s: their layouts differ in %s",
                        a->path, a->join->path, differs);
    return what == NULL ? GOP_OK
                        : gop_fail(err, GOP_EFORMAT, "%s cannot be joined with %s: their %s differ",
                                   a->path, a->join->path, what);
}

/* The first set gives the domain. */
static gop_status begin(const adding *a, gop_error *err)
{
    joining *j = a->join;
    zoo_store *store = j->store;
    zoo_domain *d = &store->data->domain;
    char text[ZOO_MAX_STEPS * ZOO_STEP_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < store->steps.n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s; ", store->steps.step[i]);
    text[used] = '\0';
    if (j->raw->steps != NULL) /* with those that are to be removed */
        snprintf(text + used, sizeof text - used, "%s", j->raw->steps);
    gop_try(zoo_domain_copy(&j->first, &a->set->domain, err));
    gop_try(zoo_domain_copy(d, &a->set->domain, err));
    gop_try(zoo_domain_room(d, err));
    d->missing = false;
    store->from_sets = true;
    snprintf(j->path, sizeof j->path, "%s", a->path);
    return zoo_steps_follow(&store->steps, &d->steps, text, err);
}

/* --------------------------------------------------------------------- classes */

static gop_status add_class(uint32_t *index, joining *j, const char *name, const char *path,
                            gop_error *err)
{
    for (*index = 0; *index < j->classes; ++*index)
        if (strcmp(j->action[*index], name) == 0)
            return GOP_OK;
    if (j->classes == ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT, "%s: more than %d classes", path, ZOO_MAX_ACTIONS);
    if ((j->classes & (j->classes - 1)) == 0) {
        void *grown = realloc(j->action,
                              (j->classes == 0 ? 1 : 2 * j->classes) * sizeof *j->action);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", j->classes + 1);
        j->action = grown;
    }
    snprintf(j->action[j->classes++], ZOO_NAME_SIZE, "%s", name);
    return GOP_OK;
}

/* Joins the classes of the set that can be taken. */
static gop_status add_classes(adding *a, gop_error *err)
{
    const joining *j = a->join;
    const zoo_domain *d = &a->set->domain;
    const zoo_sequence any = {.name = ""};
    for (size_t k = 0; k < d->actions; k++) {
        a->map[k] = NONE;
        if (!j->choose || j->choice.field != ZOO_FIELDS ||
            zoo_choice_has(&j->choice, &any, d->action[k]))
            gop_try(add_class(&a->map[k], a->join, d->action[k], a->path, err));
    }
    return GOP_OK;
}

/* The classes at the end: NULL-free names, in order. */
static gop_status name_classes(const joining *j, gop_error *err)
{
    const char **name = malloc((j->classes + 1) * sizeof *name);
    if (name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for %zu classes", j->classes);
    for (size_t k = 0; k < j->classes; k++)
        name[k] = j->action[k];
    const gop_status s = zoo_domain_classes(&j->store->data->domain, name, j->classes, err);
    free(name);
    return s;
}

/* ------------------------------------------------------------------- sequences */

/* Whether the sequence is among those that are wanted.  Its fields may come from its name. */
static bool is_wanted(const adding *a, const zoo_sequence *q)
{
    const joining *j = a->join;
    const char *split = j->raw->split;
    zoo_sequence found = *q;
    if ((strcmp(split, "train") == 0 && q->split != ZOO_TRAIN) ||
        (strcmp(split, "test") == 0 && q->split != ZOO_TEST) || a->map[q->action] == NONE)
        return false;
    zoo_patterns_apply(&j->store->patterns, &found);
    return !j->choose || zoo_choice_has(&j->choice, &found, a->set->domain.action[q->action]);
}

/* Whether an earlier set has a sequence of this name, in any split; *same is set if one of these has
 * the same frames. */
static bool find_earlier(bool *same, const joining *j, const zoo_sequence *q)
{
    const zoo_dataset *data = j->store->data;
    bool found = false;
    *same = false;
    for (int split = ZOO_TRAIN; split <= ZOO_TEST; split++) {
        const zoo_sequence *other = zoo_store_find(j->store, q->name, (zoo_split)split);
        if (other == NULL)
            continue;
        found = true;
        *same = *same || j->sum[other - data->sequence] == q->sum;
    }
    return found;
}

/* A name that no sequence has yet: NAME-2 and so on. */
static gop_status rename_sequence(char name[ZOO_SEQUENCE_NAME_SIZE], const adding *a,
                                  const zoo_sequence *q, gop_error *err)
{
    for (unsigned k = 2;; k++) {
        const int n = snprintf(name, ZOO_SEQUENCE_NAME_SIZE, "%s-%u", q->name, k);
        if (n >= ZOO_SEQUENCE_NAME_SIZE)
            return gop_fail(err, GOP_EFORMAT, "%s: an earlier set has a sequence %s too", a->path,
                            q->name);
        if (!zoo_store_has(a->join->store, name, ZOO_TRAIN) &&
            !zoo_store_has(a->join->store, name, ZOO_TEST))
            break;
    }
    zoo_report_add(a->join->store->report, ZOO_ALTERED,
                   "%s: %s is named %s, since an earlier set has another of its name", a->path,
                   q->name, name);
    return GOP_OK;
}

/* Remembers the sum for the sequences that the store has got. */
static gop_status note_sum(joining *j, uint64_t sum, gop_error *err)
{
    const size_t n = j->store->data->sequences;
    if (n > j->room) {
        const size_t room = 2 * n + 64;
        uint64_t *grown = realloc(j->sum, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for %zu sequences", n);
        j->sum = grown;
        j->room = room;
    }
    while (j->sums < n)
        j->sum[j->sums++] = sum;
    return GOP_OK;
}

static gop_status read_frames(float **frames, const zoo_dataset *set, size_t i, gop_error *err)
{
    const zoo_sequence *q = &set->sequence[i];
    const size_t row = set->domain.layout.columns;
    gop_status s = GOP_OK;
    *frames = malloc(q->bodies * q->frames * row * sizeof **frames);
    if (*frames == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    for (size_t b = 0; b < q->bodies && s == GOP_OK; b++)
        s = zoo_dataset_read(*frames + b * q->frames * row, set, i, b, 0, q->frames, err);
    if (s != GOP_OK)
        free(*frames);
    return s;
}

/* Gives the spans of *q, in *span, the classes of the result; those of classes that are not taken
 * become frames like any other. */
static gop_status map_spans(zoo_span **span, zoo_sequence *q, const adding *a, gop_error *err)
{
    const size_t n = q->spans;
    if (n == 0)
        return GOP_OK;
    *span = malloc(n * sizeof **span);
    if (*span == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    q->spans = 0;
    for (size_t k = 0; k < n; k++) {
        const zoo_span *s = &q->span[k];
        if (a->map[s->action] != NONE)
            (*span)[q->spans++] = (zoo_span){a->map[s->action], s->first, s->frames};
    }
    q->span = *span;
    return GOP_OK;
}

static gop_status add_sequence(const adding *a, size_t i, gop_error *err)
{
    joining *j = a->join;
    zoo_sequence q = a->set->sequence[i];
    char name[ZOO_SEQUENCE_NAME_SIZE];
    gop_error bad = {GOP_OK, ""};
    float *frames;
    bool same = false;
    if (a->known[i] && find_earlier(&same, j, &q) && same) {
        zoo_report_drop(j->store->report, ZOO_DROP_TWICE, "%s: %s is in an earlier set", a->path,
                        q.name);
        return GOP_OK;
    }
    if (read_frames(&frames, a->set, i, &bad) != GOP_OK)
        return zoo_store_drop(j->store, bad.status == GOP_EFORMAT ? ZOO_DROP_FORMAT : ZOO_NO_DROP,
                              bad.status, &bad, err);
    if (a->known[i]) {
        const gop_status s = rename_sequence(name, a, &q, &bad);
        if (s != GOP_OK) {
            free(frames);
            return zoo_store_drop(j->store, ZOO_DROP_NAME, s, &bad, err);
        }
        q.name = name;
    }
    q.action = a->map[q.action];
    zoo_span *span = NULL;
    gop_status s = map_spans(&span, &q, a, err);
    if (s == GOP_OK)
        s = zoo_store_add(j->store, &q, frames, err);
    else
        free(frames);
    free(span);
    return s == GOP_OK ? note_sum(j, q.sum, err) : s;
}

/* ------------------------------------------------------------------------ sets */

static gop_status add_sequences(adding *a, gop_error *err)
{
    const zoo_dataset *set = a->set;
    gop_status s = GOP_OK;
    bool same;
    a->known = calloc(set->sequences + 1, sizeof *a->known);
    if (a->known == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", a->path);
    for (size_t i = 0; i < set->sequences; i++)
        a->known[i] = find_earlier(&same, a->join, &set->sequence[i]);
    for (size_t i = 0; i < set->sequences && s == GOP_OK; i++)
        if (is_wanted(a, &set->sequence[i]))
            s = add_sequence(a, i, err);
    free(a->known);
    return s;
}

/* Extends the set's description. */
static void describe(joining *j, const zoo_dataset *set)
{
    char *to = j->store->data->source;
    const size_t size = sizeof j->store->data->source, used = strlen(to);
    if (j->store->report != NULL)
        j->store->report->files++;
    snprintf(to + used, size - used, "%s%s", used > 0 ? "; " : "", set->source);
    /* Without a common origin, no source's files are those of the set. */
    zoo_domain *d = &j->store->data->domain;
    if (strcmp(d->origin, set->domain.origin) != 0 || strcmp(d->reading, set->domain.reading) != 0)
        d->origin[0] = d->reading[0] = '\0';
}

static gop_status add_set(void *user, const char *path, const char *folder, const char *file,
                          gop_error *err)
{
    joining *j = user;
    adding a = {.join = j, .path = path};
    zoo_dataset *set;
    (void)folder;
    (void)file;
    gop_try(zoo_dataset_load(&set, path, err));
    a.set = set;
    gop_status s = j->sets++ == 0 ? begin(&a, err) : check_domain(&a, err);
    if (s == GOP_OK)
        s = add_classes(&a, err);
    if (s == GOP_OK) {
        describe(j, set);
        s = add_sequences(&a, err);
    }
    zoo_dataset_free(set);
    return s;
}

static gop_status add_path(joining *j, const char *path, gop_error *err)
{
    bool folder;
    gop_try(zoo_is_folder(&folder, path, err));
    return folder ? zoo_files_visit(j->store, path, ENDING, false, add_set, j, err)
                  : add_set(j, path, NULL, path, err);
}

/* What was done to the sets, behind their descriptions. */
static void describe_choice(const joining *j)
{
    const zoo_raw *raw = j->raw;
    char *to = j->store->data->source;
    const size_t size = sizeof j->store->data->source;
    size_t used = strlen(to);
    if (strcmp(raw->split, "all") != 0)
        used += (size_t)snprintf(to + used, size - used, ", %s sequences", raw->split);
    if (raw->only != NULL && used < size)
        used += (size_t)snprintf(to + used, size - used, ", only %s", raw->only);
    if (raw->split_rule != NULL && used < size)
        snprintf(to + used, size - used, ", split %s", raw->split_rule);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    joining j = {.store = store, .raw = raw, .choose = raw->only != NULL};
    gop_status s = j.choose ? zoo_choice_read(&j.choice, raw->only, err) : GOP_OK;
    if (s == GOP_OK)
        s = add_path(&j, raw->dir, err);
    for (const char *const *more = raw->also; more != NULL && *more != NULL && s == GOP_OK; more++)
        s = add_path(&j, *more, err);
    if (s == GOP_OK && store->data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, j.sets == 0 ? ENDING " file" : "sequence", err);
    if (s == GOP_OK && !zoo_store_names_classes(store))
        s = name_classes(&j, err);
    if (s == GOP_OK)
        describe_choice(&j);
    zoo_domain_clear(&j.first);
    free(j.action);
    free(j.sum);
    return s;
}

static const zoo_way splits[] = {{"all", "training and test data as they are in the sets"},
                                 {"train", "their training data alone"},
                                 {"test", "their test data alone"},
                                 {NULL, NULL}};

const zoo_source zoo_source_gds = {.name = "gds",
                                   .text = "data sets of graphop",
                                   .needs = "dir",
                                   .takes = "also split only shortest fill strict steps",
                                   .splits = splits,
                                   .take = take,
                                   .ending = ENDING};
