/*
 * saved_scores_fusion.c: measures the mean of saved scores (saved_scores.h).  Reads files through
 * saved_scores.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/saved_scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/metric/table.h"

/* What a clip is told by. */
typedef struct mark {
    const zoo_protocol *protocol;
    size_t at;        /* of its sequence's name among the names */
    const char *name; /* set when all clips are known */
    size_t start;
} mark;

/* The clips that were read. */
typedef struct marks {
    size_t n, room;
    mark *mark;
    size_t size, names_room;
    char *names; /* with their terminators; sequences follow each other */
} marks;

typedef struct fusion {
    zoo_scores *const *scores;
    size_t n, classes;
    const zoo_domain *domain; /* of the first file */
    const double *weights;
    const zoo_measure *measure;
    double *sum; /* [classes] */
    gop_real *p; /* [classes] */
    zoo_tally tally[ZOO_MAX_TABLES];
    size_t tables;
    marks marks;
} fusion;

/* ------------------------------------------------------------------- checks */

static gop_status check_classes(const fusion *f, size_t i, gop_error *err)
{
    const zoo_domain *d = zoo_scores_domain(f->scores[i]);
    for (size_t k = 0; k < d->actions && k < f->classes; k++)
        if (strcmp(d->action[k], f->domain->action[k]) != 0)
            return gop_fail(err, GOP_ESHAPE,
                            "files 1 and %zu have other classes: class %zu is %s in one and %s in "
                            "the other",
                            i + 1, k + 1, f->domain->action[k], d->action[k]);
    if (d->actions != f->classes)
        return gop_fail(err, GOP_ESHAPE, "files 1 and %zu have %zu and %zu classes", i + 1,
                        f->classes, d->actions);
    return GOP_OK;
}

static gop_status check_weights(const double *weights, size_t n, gop_error *err)
{
    double sum = 0;
    for (size_t i = 0; weights != NULL && i < n; i++) {
        if (!(weights[i] >= 0 && isfinite(weights[i])))
            return gop_fail(err, GOP_EINVAL, "weights of scores must be at least 0, not %g",
                            weights[i]);
        sum += weights[i];
    }
    return weights == NULL || sum > 0
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL, "one weight of scores must be above 0");
}

/* Checks that file i has the clip of the first file. */
static gop_status check_clip(size_t i, const zoo_scored *first, const zoo_scored *clip,
                             const zoo_domain *domain, gop_error *err)
{
    const zoo_scored *there = first != NULL ? first : clip;
    if (first == NULL && clip == NULL)
        return GOP_OK;
    if (first == NULL || clip == NULL)
        return gop_fail(err, GOP_ESHAPE,
                        "the clip of %s at frame %zu by protocol %s is in file %zu and not in file "
                        "%zu",
                        there->sequence, there->start + 1, there->protocol->name,
                        first != NULL ? 1 : i + 1, first != NULL ? i + 1 : 1);
    if (first->protocol != clip->protocol || strcmp(first->sequence, clip->sequence) != 0 ||
        first->start != clip->start)
        return gop_fail(err, GOP_ESHAPE,
                        "the files differ: the clip of %s at frame %zu by protocol %s in file 1 is "
                        "that of %s at frame %zu by protocol %s in file %zu",
                        first->sequence, first->start + 1, first->protocol->name, clip->sequence,
                        clip->start + 1, clip->protocol->name, i + 1);
    if (first->label != clip->label)
        return gop_fail(err, GOP_ESHAPE,
                        "the clip of %s at frame %zu by protocol %s is %s in file 1 and %s in file "
                        "%zu",
                        clip->sequence, clip->start + 1, clip->protocol->name,
                        domain->action[first->label], domain->action[clip->label], i + 1);
    return GOP_OK;
}

/* ------------------------------------------------------------ clips read twice */

/* Doubles an array until it has room for `n` elements of a size. */
static void *grow(void *array, size_t *room, size_t n, size_t size)
{
    size_t want = *room > 0 ? *room : 64;
    while (want < n)
        want *= 2;
    void *grown = want == *room             ? array
                  : want <= SIZE_MAX / size ? realloc(array, want * size)
                                            : NULL;
    *room = grown != NULL ? want : *room;
    return grown;
}

static gop_status no_room(gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory for the names of clips");
}

/* Remembers a clip, unless its protocol draws clips, which may coincide. */
static gop_status remember(marks *m, const zoo_scored *clip, gop_error *err)
{
    const size_t length = strlen(clip->sequence) + 1;
    if (clip->protocol->cut == ZOO_CUT_EIGHT || clip->protocol->cut == ZOO_CUT_DRAWN)
        return GOP_OK;
    void *grown = grow(m->mark, &m->room, m->n + 1, sizeof *m->mark);
    if (grown == NULL)
        return no_room(err);
    m->mark = grown;
    mark *new = &m->mark[m->n];
    *new = (mark){.protocol = clip->protocol, .start = clip->start};
    if (m->n > 0 && strcmp(m->names + new[-1].at, clip->sequence) == 0) {
        new->at = new[-1].at;
    } else {
        grown = grow(m->names, &m->names_room, m->size + length, 1);
        if (grown == NULL)
            return no_room(err);
        m->names = grown;
        new->at = m->size;
        memcpy(m->names + m->size, clip->sequence, length);
        m->size += length;
    }
    m->n++;
    return GOP_OK;
}

static int by_clip(const void *a, const void *b)
{
    const mark *x = a, *y = b;
    const int names = strcmp(x->name, y->name);
    if (names != 0)
        return names;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return strcmp(x->protocol->name, y->protocol->name);
}

static gop_status check_once(marks *m, gop_error *err)
{
    for (size_t i = 0; i < m->n; i++)
        m->mark[i].name = m->names + m->mark[i].at;
    if (m->n > 0)
        qsort(m->mark, m->n, sizeof *m->mark, by_clip);
    for (size_t i = 1; i < m->n; i++)
        if (by_clip(&m->mark[i - 1], &m->mark[i]) == 0)
            return gop_fail(err, GOP_EFORMAT,
                            "the clip of %s at frame %zu by protocol %s occurs twice in the files",
                            m->mark[i].name, m->mark[i].start + 1, m->mark[i].protocol->name);
    return GOP_OK;
}

/* ------------------------------------------------------------------- tables */

static gop_status find_tally(zoo_tally **tally, fusion *f, const zoo_protocol *protocol,
                             gop_error *err)
{
    const zoo_measure *measure = f->measure;
    zoo_table *t = NULL;
    for (size_t i = 0; i < f->tables; i++)
        if (f->tally[i].table->protocol == protocol) {
            *tally = &f->tally[i];
            return GOP_OK;
        }
    if (f->tables == ZOO_MAX_TABLES)
        return gop_fail(err, GOP_EFORMAT, "the scores have more than %d protocols", ZOO_MAX_TABLES);
    gop_status s = zoo_table_new(&t, protocol, f->classes, err);
    if (s != GOP_OK) {
        zoo_table_free(t);
        return s;
    }
    t->measure = *measure;
    t->measure.top = measure->top > 0 ? measure->top : 1;
    t->predicted = t->saved = true;
    t->horizons = 1;
    *tally = &f->tally[f->tables++];
    zoo_tally_open(*tally, t, measure);
    return GOP_OK;
}

static gop_status add_clip(fusion *f, const zoo_scored *clip, gop_error *err)
{
    zoo_tally *tally = NULL;
    zoo_row *row = NULL;
    gop_try(find_tally(&tally, f, clip->protocol, err));
    for (size_t i = tally->table->rows; i > 0 && row == NULL; i--)
        if (tally->table->row[i - 1].class_index == clip->label)
            row = &tally->table->row[i - 1];
    if (row == NULL)
        row = zoo_tally_row(tally, clip->label, f->domain->action[clip->label]);
    zoo_tally_label(tally, row, clip->score);
    row->clips++;
    return f->measure->seen != NULL ? f->measure->seen(f->measure->user, clip, err) : GOP_OK;
}

/* Reads a clip of each file and adds their mean; *more is false at the end. */
static gop_status fuse_clip(fusion *f, bool *more, gop_error *err)
{
    zoo_scored fused = {.sequence = NULL};
    double weights = 0;
    const zoo_scored *first = NULL;
    memset(f->sum, 0, f->classes * sizeof *f->sum);
    for (size_t i = 0; i < f->n; i++) {
        const double w = f->weights != NULL ? f->weights[i] : 1;
        const zoo_scored *clip;
        gop_try(zoo_scores_next(&clip, f->scores[i], err));
        first = i == 0 ? clip : first;
        gop_try(check_clip(i, first, clip, f->domain, err));
        for (size_t k = 0; clip != NULL && k < f->classes; k++)
            f->sum[k] += w * (double)clip->score[k];
        weights += w;
    }
    *more = first != NULL;
    if (first == NULL)
        return GOP_OK;
    for (size_t k = 0; k < f->classes; k++)
        f->p[k] = (gop_real)(f->sum[k] / weights);
    gop_try(remember(&f->marks, first, err));
    fused = *first;
    fused.score = f->p;
    return add_clip(f, &fused, err);
}

static gop_status fuse_all(fusion *f, gop_error *err)
{
    bool more = true;
    for (size_t i = 0; i < f->n; i++)
        gop_try(check_classes(f, i, err));
    f->sum = calloc(f->classes + 1, sizeof *f->sum);
    f->p = calloc(f->classes + 1, sizeof *f->p);
    if (f->sum == NULL || f->p == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the scores of %zu classes", f->classes);
    while (more)
        gop_try(fuse_clip(f, &more, err));
    gop_try(check_once(&f->marks, err));
    return f->tables > 0 ? GOP_OK : gop_fail(err, GOP_EFORMAT, "the files have no clips");
}

gop_status zoo_scores_fuse(zoo_table *table[ZOO_MAX_TABLES], size_t *tables,
                           zoo_scores *const *scores, size_t n, const double *weights,
                           const zoo_measure *measure, gop_error *err)
{
    const zoo_measure none = {0};
    fusion f = {.scores = scores, .n = n, .weights = weights, .measure = measure};
    if (table == NULL || tables == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_scores_fuse: the result pointer is NULL");
    *tables = 0;
    for (size_t i = 0; i < n; i++)
        if (scores == NULL || scores[i] == NULL)
            return gop_fail(err, GOP_EINVAL, "zoo_scores_fuse: file %zu is NULL", i + 1);
    if (n == 0)
        return gop_fail(err, GOP_EINVAL, "zoo_scores_fuse: a file of scores is needed");
    gop_try(check_weights(weights, n, err));
    if (measure == NULL)
        f.measure = &none;
    f.domain = zoo_scores_domain(scores[0]);
    f.classes = f.domain->actions;
    gop_status s = fuse_all(&f, err);
    for (size_t i = 0; i < f.tables; i++) {
        if (s == GOP_OK) {
            zoo_tally_end(&f.tally[i]);
            table[(*tables)++] = f.tally[i].table;
        } else {
            zoo_table_free(f.tally[i].table);
        }
    }
    free(f.sum);
    free(f.p);
    free(f.marks.mark);
    free(f.marks.names);
    return s;
}
