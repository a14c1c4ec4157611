/*
 * test_places.c: positions of joints and the protocols that measure them, on made-up files of
 * Human3.6M and CMU Mocap, against the numbers of tests/numpy/make-places.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include <math.h>

#include "numpy_sets.h"
#include "prepare_run.h"
#include "zoo/metric/evaluate.h"
#include "zoo/metric/feedback.h"

#define STEP   10   /* frames that the model predicts */
#define SHIFT  0.03 /* metres in x from the last pose */
#define FRAMES 8

/* The files of tests/numpy/make-places, and one for training of each action. */
static const struct file {
    const char *set, *path;
    size_t lines, columns;
    double salt;
} files[] = {
    {"h36m", "h36m/S5/eating_1.txt", 420, 99, 0},
    {"h36m", "h36m/S5/eating_2.txt", 500, 99, 1},
    {"h36m", "h36m/S5/walking_1.txt", 440, 99, 3},
    {"h36m", "h36m/S5/walking_2.txt", 380, 99, 4},
    {"h36m", "h36m/S1/eating_1.txt", 160, 99, 5},
    {"h36m", "h36m/S1/walking_1.txt", 160, 99, 6},
    {"cmu", "cmu/test/running/running_1.txt", 180, 117, 0},
    {"cmu", "cmu/test/walking/walking_1.txt", 250, 117, 3},
    {"cmu", "cmu/train/running/running_1.txt", 160, 117, 5},
    {"cmu", "cmu/train/walking/walking_1.txt", 160, 117, 6},
};

static bool is_still(const struct file *file, size_t c)
{
    return file->columns == 117 && ((c >= 6 && c < 9) || (c >= 24 && c < 27));
}

static void write_file(const struct file *file)
{
    FILE *f = fopen(scratch_path(file->path), "w");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < file->lines; t++)
        for (size_t c = 0; c < file->columns; c++)
            fprintf(f, "%.7f%s",
                    is_still(file, c) ? 0
                                      : 0.4 * sin(0.011 * (double)t * (1 + (double)(c % 5)) +
                                                  0.7 * (double)c + file->salt),
                    c + 1 < file->columns ? "," : "\n");
    ck_assert_int_eq(fclose(f), 0);
}

/* The set in the layout of positions or of angles. */
static zoo_dataset *make_set(const char *set, bool positions)
{
    static const char *const folder[] = {"h36m",
                                         "h36m/S1",
                                         "h36m/S5",
                                         "cmu",
                                         "cmu/test",
                                         "cmu/train",
                                         "cmu/test/running",
                                         "cmu/test/walking",
                                         "cmu/train/running",
                                         "cmu/train/walking"};
    struct stat st;
    if (stat(scratch_path("h36m"), &st) != 0) {
        for (size_t i = 0; i < COUNT(folder); i++)
            scratch_mkdir(folder[i]);
        for (size_t i = 0; i < COUNT(files); i++)
            write_file(&files[i]);
    }
    char dir[SCRATCH_PATH];
    snprintf(dir, sizeof dir, "%s", scratch_path(set));
    return prepared((zoo_raw){.source = set, .dir = dir, .positions = positions}, NULL);
}

/* ---------------------------------------------------------------------- positions */

static size_t sequence_of(const zoo_dataset *data, const char *name)
{
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].split == ZOO_TEST && strstr(data->sequence[i].name, name) != NULL)
            return i;
    ck_abort_msg("no sequence %s", name);
    return 0;
}

static FILE *open_answers(void)
{
    FILE *f = fopen(numpy_set("places"), "r");
    ck_assert_ptr_nonnull(f);
    return f;
}

START_TEST(positions_are_those_of_numpy)
{
    static const char *const sets[] = {"h36m", "cmu"};
    char line[1024], set[16], name[64];
    zoo_dataset *data = make_set(sets[_i], true);
    const size_t columns = data->domain.layout.columns;
    size_t t, joint, compared = 0;
    double p[3];
    FILE *f = open_answers();
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "place %15s %63s %zu %zu %lf %lf %lf", set, name, &t, &joint, &p[0], &p[1],
                   &p[2]) != 7 ||
            strcmp(set, sets[_i]) != 0)
            continue;
        const float *v = data->sequence[sequence_of(data, name)].data + 2 * t * columns;
        for (size_t k = 0; k < 3; k++)
            ck_assert_double_eq_tol(1000 * v[3 * joint + k], p[k], 1e-3);
        compared++;
    }
    fclose(f);
    ck_assert_uint_eq(compared, _i == 0 ? 2 * 4 * 32 : 2 * 2 * 38);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------------------- errors */

/* Repeats the last pose, SHIFT further in x. */
typedef struct shifting {
    const zoo_domain *domain;
    size_t batch, observed, runs, scored;
} shifting;

static gop_status shift(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                        gop_real *poses, gop_error *err)
{
    shifting *s = user;
    const zoo_layout *l = &s->domain->layout;
    (void)bodies;
    (void)err;
    s->runs++;
    s->scored += scores != NULL;
    for (size_t i = 0; i < s->batch * l->nodes; i++)
        for (size_t t = 0; t < STEP; t++)
            for (size_t k = 0; k < 3; k++) {
                const size_t c = l->column[i % l->nodes * 3 + k];
                poses[(i * STEP + t) * 3 + k] = x[(i * s->observed + s->observed - 1) * 3 + k] +
                                                (gop_real)(k == 0 ? SHIFT / s->domain->std[c] : 0);
            }
    return GOP_OK;
}

typedef struct answer {
    char set[16], protocol[32], form[16], action[32];
    size_t observed, clips, frame[FRAMES];
    double still[FRAMES], steady[FRAMES], model[FRAMES];
} answer;

static bool read_answer(answer *a, char *line)
{
    int used = 0;
    if (sscanf(line, "error %15s %31s %15s %zu %31s %zu%n", a->set, a->protocol, a->form,
               &a->observed, a->action, &a->clips, &used) != 6)
        return false;
    for (size_t i = 0; i < FRAMES; i++) {
        int more = 0;
        ck_assert_int_eq(sscanf(line + used, " %zu %lf %lf %lf%n", &a->frame[i], &a->still[i],
                                &a->steady[i], &a->model[i], &more),
                         4);
        used += more;
    }
    return true;
}

static void compare(const zoo_table *table, const answer *a)
{
    size_t i = 0;
    while (i < table->rows && strcmp(table->row[i].action, a->action) != 0)
        i++;
    ck_assert_uint_lt(i, table->rows);
    ck_assert_uint_eq(table->row[i].clips, a->clips);
    const zoo_result *r = zoo_table_result(table, i, "error");
    ck_assert_uint_eq(table->horizons, FRAMES);
    for (size_t h = 0; h < FRAMES; h++) {
        ck_assert_uint_eq(table->frame[h], a->frame[h]);
        ck_assert_double_eq_tol(table->ms[h], 40.0 * (double)a->frame[h], 1e-9);
        ck_assert_msg(fabs(r->still[h] - a->still[h]) < 2e-3, "%s %s %s: %g, not %g", a->protocol,
                      a->form, a->action, r->still[h], a->still[h]);
        ck_assert_msg(fabs(r->steady[h] - a->steady[h]) < 1e-2, "%s %s %s: %g, not %g", a->protocol,
                      a->form, a->action, r->steady[h], a->steady[h]);
        if (table->predicted)
            ck_assert_msg(fabs(r->model[h] - a->model[h]) < 5e-3, "%s %s %s: %g, not %g",
                          a->protocol, a->form, a->action, r->model[h], a->model[h]);
    }
}

/* Measures the answer's protocol; a protocol without a horizon of its own gets it from a feedback. */
static zoo_table *measure(const answer *a, const zoo_dataset *data)
{
    const bool positions = strcmp(a->form, "positions") == 0;
    const zoo_protocol *p = zoo_protocol_find(a->protocol);
    shifting s = {&data->domain, 3, a->observed, 0, 0};
    zoo_predictor model = {.run = positions ? shift : NULL,
                           .user = &s,
                           .view = zoo_view_default(),
                           .batch = 3,
                           .observed = a->observed,
                           .predicted = positions ? STEP : 25};
    zoo_feedback *longer = NULL;
    zoo_table *table;
    gop_error err = {GOP_OK, ""};
    ck_assert_ptr_nonnull(p);
    ck_assert(zoo_protocol_suits(p, &data->domain));
    if (positions && p->horizon == 0) {
        ck_assert_int_eq(zoo_feedback_new(&longer, &model, &data->domain, 25, &err), GOP_OK);
        model = zoo_feedback_predictor(longer);
        ck_assert_uint_eq(model.predicted, 25);
    }
    ck_assert_msg(zoo_evaluate(&table, p, data, &model, NULL, &err) == GOP_OK, "%s", err.message);
    zoo_feedback_free(longer);
    ck_assert_uint_eq(s.runs, 3 * s.scored); /* 25 frames are three runs of 10 */
    return table;
}

START_TEST(errors_are_those_of_numpy)
{
    static const struct {
        const char *set, *form;
        size_t answers;
    } part[] = {{"h36m", "positions", 14},
                {"h36m", "angles", 14},
                {"cmu", "positions", 10},
                {"cmu", "angles", 10}};
    char line[1024];
    answer a;
    size_t compared = 0;
    zoo_dataset *data = make_set(part[_i].set, strcmp(part[_i].form, "positions") == 0);
    FILE *f = open_answers();
    while (fgets(line, sizeof line, f) != NULL) {
        if (!read_answer(&a, line) || strcmp(a.set, part[_i].set) != 0 ||
            strcmp(a.form, part[_i].form) != 0)
            continue;
        zoo_table *table = measure(&a, data);
        compare(table, &a);
        zoo_table_free(table);
        compared++;
    }
    fclose(f);
    ck_assert_uint_eq(compared, part[_i].answers);
    zoo_dataset_free(data);
}
END_TEST

/* Appended predictions are what the next run observes; columns that are constant stay 0. */
START_TEST(predictions_are_fed_back)
{
    enum { FAR = 23, OBSERVED = 4 };
    zoo_dataset *data = make_set("h36m", true);
    zoo_domain *d = &data->domain;
    const size_t pose = (size_t)d->layout.nodes * 3;
    shifting s = {d, 1, OBSERVED, 0, 0};
    zoo_predictor model = {.run = shift,
                           .user = &s,
                           .view = zoo_view_default(),
                           .batch = 1,
                           .observed = OBSERVED,
                           .predicted = STEP};
    gop_real *x = calloc(pose * OBSERVED, sizeof *x), *y = calloc(pose * FAR, sizeof *y);
    zoo_feedback *f;
    gop_error err = {GOP_OK, ""};
    d->constant[d->layout.column[3]] = 1; /* x of node 1 */
    ck_assert_int_eq(zoo_feedback_new(&f, &model, d, FAR, &err), GOP_OK);
    zoo_predictor far = zoo_feedback_predictor(f);
    ck_assert(far.predicted == FAR && far.observed == OBSERVED);
    ck_assert_int_eq(far.run(far.user, x, NULL, NULL, y, &err), GOP_OK);
    ck_assert_uint_eq(s.runs, 3);
    for (size_t t = 0; t < FAR; t++) {
        const double step = SHIFT / d->std[d->layout.column[0]];
        ck_assert_double_eq_tol((double)y[t * 3], step * (double)(t / STEP + 1), 1e-5);
        ck_assert_double_eq((double)y[t * 3 + 1], 0);
        ck_assert_double_eq_tol((double)y[(FAR + t) * 3], SHIFT / d->std[d->layout.column[3]],
                                1e-5);
    }
    zoo_feedback_free(f);
    ck_assert_int_eq(zoo_feedback_new(&f, &model, d, 3, &err), GOP_OK); /* fewer than it predicts */
    far = zoo_feedback_predictor(f);
    ck_assert_int_eq(far.run(far.user, x, NULL, NULL, y, &err), GOP_OK);
    ck_assert_uint_eq(s.runs, 4);
    ck_assert_double_eq((double)y[2 * 3 + 1], 0);
    ck_assert_int_eq(far.run(far.user, x, NULL, NULL, NULL, &err), GOP_OK);
    zoo_feedback_free(f);
    free(x);
    free(y);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(what_cannot_be_fed_back_is_refused)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, &err), GOP_OK);
    const zoo_predictor good = {.run = shift, .batch = 1, .observed = 10, .predicted = 10};
    zoo_predictor model = good;
    zoo_feedback *f;
    ck_assert_int_eq(recorded(zoo_feedback_new(NULL, &model, &data->domain, 9, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_feedback_new(&f, NULL, &data->domain, 9, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_feedback_new(&f, &model, NULL, 9, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_feedback_new(&f, &model, &data->domain, 0, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(
        recorded(zoo_feedback_new(&f, &model, &data->domain, ZOO_MAX_FEEDBACK + 1, &err), &err),
        GOP_EINVAL);
    model.predicted = 0;
    ck_assert_int_eq(recorded(zoo_feedback_new(&f, &model, &data->domain, 9, &err), &err),
                     GOP_EINVAL);
    model = good;
    model.batch = SIZE_MAX / 8;
    ck_assert_int_eq(recorded(zoo_feedback_new(&f, &model, &data->domain, 9, &err), &err),
                     GOP_ENOMEM);
    ck_assert_ptr_null(f);
    zoo_feedback_free(NULL);
    model = zoo_feedback_predictor(NULL);
    ck_assert_int_eq(recorded(model.run(model.user, NULL, NULL, NULL, NULL, &err), &err),
                     GOP_EINVAL);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("places")
{
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, positions_are_those_of_numpy, 0, 2);
    tcase_add_loop_test(t, errors_are_those_of_numpy, 0, 4);
    tcase_add_test(t, predictions_are_fed_back);
    tcase_add_test(t, what_cannot_be_fed_back_is_refused);
}
