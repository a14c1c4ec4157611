/*
 * evaluate.c: runs a model over the clips of a protocol and averages the results.
 *
 * Clips are sorted by action.  Each is added to its action's row.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/windows.h"
#include "zoo/metric/clips.h"
#include "zoo/metric/feedback.h"
#include "zoo/metric/score.h"

/* Observed frames of published clips. */
#define OBSERVED 50

/* Labelled 80, 160, 320, 400, 560, 720, 880 and 1000 ms in the literature, and further ones. */
static const size_t horizon_frame[] = {2, 4, 8, 10, 14, 18, 22, 25, 50, 75, 100, 150, 200, 250};
#define HORIZONS      (sizeof horizon_frame / sizeof horizon_frame[0])
#define LITERATURE    25   /* the last of the literature */
#define LITERATURE_MS 40.0 /* a frame at 25 Hz */

/* -------------------------------------------------------------------- clips */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Clips of Human3.6M are drawn in its own way for every kind of error. */
static const zoo_protocol *drawn_by(const zoo_protocol *p, const zoo_domain *domain)
{
    const zoo_protocol *h36m = zoo_protocol_find("h36m-3d");
    return zoo_protocol_suits(h36m, domain) ? h36m : p;
}

/* Sets *length to the length of a clip; a sequence must have more than *least frames. */
static gop_status find_clips(zoo_clips *clips, const zoo_protocol *p, const zoo_dataset *data,
                             const zoo_predictor *model, const zoo_measure *measure, size_t *length,
                             size_t *least, gop_error *err)
{
    size_t obs = model->observed, pred = larger(model->predicted, p->least_predicted);
    bool drawn = p->cut == ZOO_CUT_DRAWN || p->cut == ZOO_CUT_EIGHT;
    *length = p->count == ZOO_COUNT_LABELS && !drawn ? obs : obs + pred;
    *least = *length - 1;
    if (p->cut == ZOO_CUT_WHOLE) {
        *length = 1;
        *least = 0;
        return zoo_clips_dense(clips, data, 1, SIZE_MAX, err);
    }
    if (!drawn)
        return zoo_clips_dense(clips, data, *length, p->cut == ZOO_CUT_FIRST ? SIZE_MAX : p->stride,
                               err);
    if (measure->every_clip) {
        *least = larger(*length, p->rest > 0 ? p->rest + 1 : 0) - 1;
        return zoo_clips_dense(clips, data, *least + 1, 1, err);
    }
    size_t count = p->cut == ZOO_CUT_DRAWN ? measure->clips : ZOO_DRAWN_CLIPS;
    p = drawn_by(p, &data->domain);
    size_t seen = p->aligned ? larger(obs, OBSERVED) : obs;
    zoo_draw draw = {count, p->first, larger(p->reserve, seen + pred)};
    gop_status s = zoo_clips_draw(clips, data, &draw, err);
    for (size_t k = 0; k < clips->n; k++)
        clips->clip[k].start += seen - obs;
    *least = draw.first + draw.reserve;
    return s;
}

/* --------------------------------------------------------------------- rows */

static bool has_test(const zoo_dataset *data, const char *name, size_t least)
{
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST && strcmp(data->sequence[i].name, name) == 0)
            return zoo_sequence_length(data, i) >= least;
    return false;
}

/* Finds the first of the protocol's files that is missing, and files that are not the protocol's. */
static void check_files(const zoo_table *t, zoo_row *row, const zoo_dataset *data, size_t least)
{
    const size_t usable = t->tested[row->class_index] - t->left_out_of[row->class_index];
    bool whole = usable == t->files->takes;
    for (size_t k = 1; k <= t->files->takes && row->lacks[0] == '\0'; k++) {
        char name[ZOO_SEQUENCE_NAME_SIZE];
        snprintf(name, sizeof name, "%s%s_%zu", t->files->before, row->action, k);
        if (has_test(data, name, least))
            continue;
        memcpy(row->lacks, name, sizeof name);
        whole = false;
    }
    if (!whole)
        row->marks |= ZOO_OTHER_FILES;
}

/* Marks the rows that are not in the average.  Clips have at least `least` frames. */
static void mark_rows(zoo_table *t, const zoo_dataset *data, size_t least)
{
    for (size_t i = 0; i < t->rows; i++) {
        zoo_row *row = &t->row[i];
        if (t->training > 0 && t->trained[row->class_index] == 0)
            row->marks |= ZOO_UNTRAINED;
        if (t->files != NULL && t->files->takes > 0)
            check_files(t, row, data, least);
    }
}

/* ---------------------------------------------------------------------- run */

/* Passes a clip's scores on. */
static gop_status report(const zoo_score *s, size_t i, const zoo_clip *clip, gop_error *err)
{
    const zoo_measure *measure = &s->tally.table->measure;
    const zoo_sequence *sequence = &s->data->sequence[clip->sequence];
    const zoo_scored scored = {.protocol = s->protocol,
                               .sequence = sequence->name,
                               .start = clip->start * s->data->domain.factor,
                               .label = sequence->action,
                               .score = s->scores + i * s->data->domain.actions};
    return s->protocol->task == ZOO_RECOGNITION && measure->seen != NULL
               ? measure->seen(measure->user, &scored, err)
               : GOP_OK;
}

static gop_status run_clips(zoo_score *score, const zoo_clips *clips, gop_error *err)
{
    zoo_table *table = score->tally.table;
    const zoo_dataset *data = score->data;
    const zoo_predictor *model = &score->model;
    const size_t batch = model->batch;
    uint32_t action = UINT32_MAX;
    for (size_t k = 0; k < clips->n; k++) {
        const zoo_clip *clip = &clips->clip[k];
        gop_try(gop_stopped(model->stop, "zoo_evaluate", err));
        if (k % batch == 0 && model->run != NULL)
            gop_try(zoo_score_run(score, clip, &clips->clip[clips->n - 1], err));
        if (data->sequence[clip->sequence].action != action) {
            if (table->rows > 0)
                zoo_tally_end_row(&score->tally, &table->row[table->rows - 1]);
            action = data->sequence[clip->sequence].action;
            zoo_tally_row(&score->tally, action, data->domain.action[action]);
        }
        zoo_row *row = &table->row[table->rows - 1];
        gop_try(zoo_score_clip(score, row, k % batch, clip, err));
        row->clips++;
        gop_try(report(score, k % batch, clip, err));
    }
    if (table->rows > 0)
        zoo_tally_end_row(&score->tally, &table->row[table->rows - 1]);
    return GOP_OK;
}

gop_status zoo_predictor_fits(const zoo_predictor *model, const zoo_domain *data, gop_error *err)
{
    if (model == NULL || data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_predictor_fits: a model and a domain are needed");
    if (model->domain == NULL)
        return GOP_OK;
    return model->recognises || model->classes != NULL
               ? zoo_domain_fits(model->domain, data, err)
               : zoo_domain_observes(model->domain, data, err);
}

static gop_status check(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model,
                        gop_error *err)
{
    if (zoo_protocol_find(p->name) != p)
        return gop_fail(err, GOP_EINVAL, "protocol %s is not in the list", p->name);
    if (!zoo_protocol_suits(p, &data->domain) && p->feature == data->domain.layout.feature)
        return gop_fail(err, GOP_EINVAL,
                        "protocol %s does not suit data set %s with its %u columns", p->name,
                        data->domain.name, (unsigned)data->domain.layout.columns);
    if (!zoo_protocol_suits(p, &data->domain) && p->chain != NULL)
        return gop_fail(err, GOP_EINVAL,
                        "protocol %s does not suit data set %s: it needs exponential maps in %u "
                        "columns, or positions in layout %s",
                        p->name, data->domain.name, (unsigned)p->columns,
                        zoo_chain_find(p->chain)->layout);
    if (!zoo_protocol_suits(p, &data->domain))
        return gop_fail(err, GOP_EINVAL, "protocol %s does not suit data set %s: it needs %s",
                        p->name, data->domain.name,
                        p->feature == ZOO_EXPMAP ? "exponential maps" : "positions");
    if (data->domain.layout.feature == ZOO_EXPMAP && p->feature == ZOO_EXPMAP &&
        data->domain.layout.columns % 3 != 0)
        return gop_fail(err, GOP_EINVAL, "protocol %s needs a multiple of 3 columns, not %u",
                        p->name, (unsigned)data->domain.layout.columns);
    if (p->task == ZOO_RECOGNITION && model->run == NULL)
        return gop_fail(err, GOP_EINVAL, "protocol %s measures recognition and needs a model",
                        p->name);
    if (p->task == ZOO_RECOGNITION && !model->recognises)
        return gop_fail(err, GOP_EINVAL,
                        "protocol %s measures recognition, but the model gives no class scores",
                        p->name);
    if (p->task == ZOO_RECOGNITION && zoo_dataset_whole(data, ZOO_TEST) != SIZE_MAX)
        return gop_fail(err, GOP_EINVAL,
                        "protocol %s measures clips of one class, but test sequence %s is a whole "
                        "recording of several",
                        p->name, data->sequence[zoo_dataset_whole(data, ZOO_TEST)].name);
    if (model->batch == 0 || model->observed == 0)
        return gop_fail(
            err, GOP_EINVAL,
            "a model with a batch of %zu and %zu observed frames: both must be at least 1",
            model->batch, model->observed);
    if (p->task == ZOO_PREDICTION && model->predicted < horizon_frame[0])
        return gop_fail(
            err, GOP_EINVAL,
            "protocol %s measures from predicted frame %zu on, but the model predicts %zu", p->name,
            horizon_frame[0], model->predicted);
    if (model->run != NULL && !zoo_protocol_sees(p, &model->view))
        return gop_fail(err, GOP_EINVAL,
                        p->cut == ZOO_CUT_WHOLE
                            ? "protocol %s measures models whose answers are about whole sequences "
                              "(test_clips); this model sees windows"
                            : "protocol %s measures windows, which this model does not see",
                        p->name);
    return zoo_predictor_fits(model, &data->domain, err);
}

/* Fills in defaults. */
static gop_status check_measure(zoo_measure *m, const zoo_protocol *p, gop_error *err)
{
    if (m->top == 0)
        m->top = 1;
    if (!(m->pck_limit >= 0) || isinf(m->pck_limit))
        return gop_fail(err, GOP_EINVAL,
                        "the PCK limit must be a finite number of at least 0, not %g",
                        m->pck_limit);
    if (m->pck_scale != ZOO_PCK_BOX && m->pck_scale != ZOO_PCK_STD && m->pck_scale != ZOO_PCK_METRE)
        return gop_fail(err, GOP_EINVAL, "unknown scale %d of the PCK limit", (int)m->pck_scale);
    if (!(m->share >= 0 && m->share <= 1))
        return gop_fail(err, GOP_EINVAL, "the observed share of clips must be from 0 to 1, not %g",
                        m->share);
    if (m->share > 0 && p->cut != ZOO_CUT_WHOLE && p->cut != ZOO_CUT_FIRST)
        return gop_fail(err, GOP_EINVAL, "protocol %s does not measure shares of clips", p->name);
    if (m->pck_limit == 0)
        m->pck_limit = ZOO_PCK_LIMIT;
    return GOP_OK;
}

static void add_horizon(zoo_table *t, size_t frame, const zoo_domain *d)
{
    t->frame[t->horizons] = frame;
    const double ms = 1000.0 * d->factor / d->rate; /* of a frame */
    /* Published results label frames as if every set had 25 a second. */
    t->ms[t->horizons] = (t->files != NULL ? LITERATURE_MS : ms) * (double)frame;
    t->true_ms[t->horizons++] = ms * (double)frame;
}

/* The frames at which errors are given; published errors of angles lack two. */
static void find_horizons(zoo_table *t, const zoo_predictor *model, const zoo_domain *d)
{
    if (t->protocol->task == ZOO_RECOGNITION) {
        t->horizons = 1;
        return;
    }
    const bool angles = zoo_needs_of(t->protocol) == ZOO_NEEDS_ANGLES;
    for (size_t h = 0; h < HORIZONS && horizon_frame[h] <= model->predicted; h++)
        if (!angles || (horizon_frame[h] != 18 && horizon_frame[h] != 22))
            add_horizon(t, horizon_frame[h], d);
    if (model->predicted > LITERATURE && t->frame[t->horizons - 1] < model->predicted)
        add_horizon(t, model->predicted, d);
}

static const zoo_test_files *find_files(const zoo_protocol *p, const zoo_domain *domain)
{
    for (const zoo_test_files *f = p->files; f != NULL && f->set != NULL; f++)
        if (strcmp(f->set, domain->name) == 0)
            return f;
    return NULL;
}

/* Counts the sequences that training and the clips of at least `least` frames can use. */
static void count_sequences(zoo_table *t, const zoo_dataset *data, size_t least)
{
    t->training = zoo_dataset_count(NULL, data, ZOO_TRAIN, 0);
    zoo_dataset_count(t->trained, data, ZOO_TRAIN, t->window);
    t->left_out = zoo_dataset_count(t->tested, data, ZOO_TEST, 0) -
                  zoo_dataset_count(t->left_out_of, data, ZOO_TEST, least);
    for (size_t a = 0; a < t->actions; a++)
        t->left_out_of[a] = t->tested[a] - t->left_out_of[a];
}

static gop_status run(zoo_table *table, const zoo_dataset *data, const zoo_predictor *model,
                      const zoo_measure *asked, gop_error *err)
{
    const zoo_protocol *p = table->protocol;
    zoo_score score = {.data = data,
                       .model = *model,
                       .protocol = p,
                       .chain = zoo_chain_find(p->chain),
                       .tally = {.table = table}};
    zoo_clips clips = {0, NULL};
    size_t least = 0;
    gop_status s = find_clips(&clips, p, data, model, &table->measure, &score.length, &least, err);
    if (s == GOP_OK && clips.n == 0)
        s = zoo_too_short(data, ZOO_TEST, least + 1, "for a clip", err);
    if (s == GOP_OK)
        count_sequences(table, data, least + 1);
    if (s == GOP_OK)
        s = zoo_score_open(&score, asked, err);
    if (s == GOP_OK)
        s = run_clips(&score, &clips, err);
    if (s == GOP_OK) {
        mark_rows(table, data, least + 1);
        zoo_tally_end(&score.tally);
    }
    zoo_score_close(&score);
    zoo_clips_clear(&clips);
    return s;
}

gop_status zoo_evaluate(zoo_table **out, const zoo_protocol *protocol, const zoo_dataset *data,
                        const zoo_predictor *model, const zoo_measure *measure, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: the result pointer is NULL");
    *out = NULL;
    if (protocol == NULL || protocol->name == NULL || data == NULL || model == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_evaluate: a protocol, data and a model are needed");
    const zoo_measure asked = measure != NULL ? *measure : (zoo_measure){0};
    zoo_predictor seeing = *model;
    if (seeing.view.bodies == 0)
        seeing.view = zoo_view_default();
    model = &seeing;
    zoo_measure full = zoo_protocol_clips(protocol, &asked);
    zoo_table *t = NULL;
    zoo_feedback *longer = NULL;
    gop_status s = check_measure(&full, protocol, err);
    if (s == GOP_OK)
        s = check(protocol, data, model, err);
    if (s == GOP_OK && model->run != NULL && model->predicted < protocol->horizon) {
        s = zoo_feedback_new(&longer, model, model->domain != NULL ? model->domain : &data->domain,
                             protocol->horizon, err);
        seeing = zoo_feedback_predictor(longer);
    }
    if (s == GOP_OK)
        s = zoo_table_new(&t, protocol, data->domain.actions, err);
    if (s == GOP_OK) {
        t->measure = full;
        t->predicted = model->run != NULL;
        t->window = model->window;
        t->files = find_files(protocol, &data->domain);
        find_horizons(t, model, &data->domain);
        s = run(t, data, model, &asked, err);
    }
    zoo_feedback_free(longer);
    if (s != GOP_OK) {
        zoo_table_free(t);
        return s;
    }
    *out = t;
    return GOP_OK;
}
