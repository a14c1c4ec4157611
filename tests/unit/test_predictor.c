/*
 * test_predictor.c: the losses and steps of models that predict, by their definitions; every such
 * model with missing values and two bodies, and with a layout of one node.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"
#include "scratch.h"
#include "trainer_fixture.h"

#include <math.h>
#include <stdlib.h>

enum { N = 2, T = 3, S = 4, M = 22, C = 3 };

/* ------------------------------------------------------------------------ losses */

typedef struct poses {
    double y[N][M][S][C], want[N][M][S][C], there[N][M][S][C], weight[M], unit[M][C];
} poses;

/* The distance of y and want, or of their velocities, in plain loops. */
static double plain(const poses *p, uint32_t kind, bool velocity)
{
    double sum = 0, share = 0, each;
    const size_t frames = velocity ? S - 1 : S;
    for (size_t n = 0; n < N; n++)
        for (size_t m = 0; m < M; m++)
            for (size_t t = 0; t < frames; t++) {
                double square = 0;
                for (size_t c = 0; c < C; c++) {
                    double d = p->y[n][m][t][c] - p->want[n][m][t][c], w = p->there[n][m][t][c];
                    if (velocity) {
                        d = p->y[n][m][t + 1][c] - p->want[n][m][t + 1][c] - d;
                        w *= p->there[n][m][t + 1][c];
                    }
                    if (kind == ZOO_DISTANCE_POSITION || kind == ZOO_DISTANCE_ANGLE)
                        d *= p->unit[m][c];
                    square += w * d * d;
                    sum += kind == ZOO_DISTANCE_POSITION
                               ? 0
                               : p->weight[m] * w *
                                     (kind == ZOO_DISTANCE_SQUARED ? d * d : fabs(d));
                    share += w * p->weight[m] / (N * M * C) / (double)frames;
                }
                if (kind == ZOO_DISTANCE_POSITION)
                    sum += p->weight[m] * sqrt(square);
            }
    each = kind == ZOO_DISTANCE_SUM ? N : kind == ZOO_DISTANCE_ANGLE ? N * frames : N * M * frames;
    if (kind == ZOO_DISTANCE_ABSOLUTE || kind == ZOO_DISTANCE_SQUARED)
        each *= C;
    return sum / each / (kind == ZOO_DISTANCE_SUM ? 1 : share);
}

static gop_real draw(size_t k)
{
    return (gop_real)sin(1.7 * (double)k + 0.3 * (double)(k % 7));
}

/* Bit 0 of i: values are missing; bit 1: weights; bit 2: units. */
START_TEST(losses_are_as_defined)
{
    const uint32_t kind = (uint32_t)_i / 8;
    const bool gaps = (_i & 1) != 0, weighed = (_i & 2) != 0, units = (_i & 4) != 0;
    zoo_loss loss = {.distance = kind, .velocity = 0.5};
    const zoo_horizon h = {T, 3, 1};
    const zoo_view view = zoo_view_default();
    zoo_domain *d = &data->domain;
    const zoo_use use = {.domain = d, .view = &view, .batch = N};
    zoo_ports p = zoo_ports_none();
    fixture f = fixture_new(true);
    poses v;

    d->missing = gaps;
    loss.joint_weights.n = weighed ? M : 0;
    for (size_t m = 0; m < M; m++) {
        loss.joint_weights.v[m] = (uint32_t)(m % 4);
        v.weight[m] = weighed ? (double)(m % 4) : 1;
        for (size_t c = 0; c < C; c++) {
            const uint32_t column = d->layout.column[m * C + c];
            d->std[column] = units ? (float)(1 + column % 5) : 1;
            d->constant[column] = units && column == 7;
            v.unit[m][c] = d->constant[column] ? 0 : (double)d->std[column];
        }
    }
    assert_ok(f, zoo_check_loss(&loss, &d->layout, &f.err));
    p.x = zoo_observe(f.net, &use, T, &p);
    gop_var y = gop_input(f.net, "y", gop_shape4(N, M, S, C));
    zoo_learn_poses(f.net, &use, &h, &loss, y, &p);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert(gaps == (p.mask.id >= 0));
    gop_real *x = gop_net_value(f.net, p.x), *to = gop_net_value(f.net, y);
    gop_real *target = gop_net_value(f.net, p.target), *mask = gop_net_value(f.net, p.mask);
    for (size_t n = 0; n < N; n++)
        for (size_t m = 0; m < M; m++)
            for (size_t t = 0; t < S; t++)
                for (size_t c = 0; c < C; c++) { /* frame 0 is the last one observed */
                    const size_t row = n * M + m, at = (row * 3 + t - 1) * C + c;
                    const bool there = t == 0 || !gaps || (m + t + n) % 3 != 0;
                    const gop_real want = draw(((row * S) + t) * C + c);
                    v.there[n][m][t][c] = there;
                    v.want[n][m][t][c] = (double)want;
                    to[(row * S + t) * C + c] = draw(1000 + ((row * S) + t) * C + c);
                    v.y[n][m][t][c] = (double)to[(row * S + t) * C + c];
                    if (t == 0)
                        x[(row * T + T - 1) * C + c] = want;
                    else
                        target[at] = want;
                    if (t > 0 && gaps)
                        mask[at] = there;
                }
    assert_ok(f, gop_net_forward(f.net, &f.err));
    const double want = plain(&v, kind, false) + 0.5 * plain(&v, kind, true);
    ck_assert_double_eq_tol((double)*gop_net_value(f.net, p.loss_prediction), want, 1e-5 * want);
    fixture_free(&f);
}
END_TEST

START_TEST(losses_that_cannot_be_are_named)
{
    const zoo_layout *l = &data->domain.layout;
    zoo_loss loss = {.distance = ZOO_DISTANCE_POSITION, .joint_weights = {.n = 3, .v = {1, 1, 1}}};
    ck_assert_int_eq(recorded(zoo_check_loss(&loss, l, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "needs 22 weights, not all 0, or none; there are 3"));
    loss.joint_weights.n = M;
    loss.joint_weights.v[0] = loss.joint_weights.v[1] = loss.joint_weights.v[2] = 0;
    ck_assert_int_eq(recorded(zoo_check_loss(&loss, l, &err), &err), GOP_EINVAL);
    fixture f = fixture_new(true);
    loss.distance = 9;
    gop_var y = gop_zeros(f.net, "y", gop_shape4(N, M, S, C));
    zoo_prediction_loss(f.net, &loss, y, (zoo_truth){y, gop_none(), gop_none(), gop_none()});
    ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_EINVAL);
    assert_says(&f, "no distance has the number 9");
    fixture_free(&f);
    /* An inference net has no truth, and more frames than are observed have none either. */
    for (int training = 0; training < 2; training++) {
        const zoo_horizon h = {T, 3, 1};
        const zoo_view view = zoo_view_default();
        const zoo_use use = {.domain = &data->domain, .view = &view, .batch = N};
        zoo_ports p = zoo_ports_none();
        f = fixture_new(training);
        loss.distance = 0;
        zoo_observe(f.net, &use, T, &p);
        zoo_expect_poses(f.net, &use, &h, &loss, 7, &p);
        ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err),
                         training ? GOP_ESHAPE : GOP_EINVAL);
        fixture_free(&f);
    }
}
END_TEST

/* A network of bones compares bones; its nodes are no joints. */
START_TEST(symgnn_has_the_same_losses)
{
    zoo_ports p;
    gop_ctx *ctx;
    gop_net *net;
    zoo_model *m = tiny_model(1);
    CHECK(zoo_model_set(m, "loss", "position", &err));
    CHECK(zoo_model_set(m, "velocity", "1", &err));
    if (_i == 1)
        CHECK(zoo_model_set(m, "stream", "bone", &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err));
    CHECK(zoo_model_record(m, net, &(zoo_use){.batch = N}, &p, &err));
    CHECK(gop_net_forward(net, &err));
    ck_assert(*gop_net_value(net, p.loss_prediction) > 0);
    gop_net_free(net);
    CHECK(zoo_model_set(m, "joint_weights",
                        "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,0", &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err));
    ck_assert_int_eq(zoo_model_record(m, net, &(zoo_use){.batch = N}, &p, &err),
                     _i == 1 ? GOP_EINVAL : GOP_OK);
    ck_assert(_i == 0 || strstr(err.message, "a network of bones predicts bones") != NULL);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}
END_TEST

/* ------------------------------------------------------------------------- steps */

/* The mean of the frames that it sees, after an account of the last one. */
static gop_var average(gop_net *net, void *user, gop_var x)
{
    size_t *seen = user;
    const size_t frames = gop_net_dim(net, x, 2);
    *seen = frames;
    gop_var mean = gop_reshape(net, gop_mean(net, x, 2), gop_shape4(1, M, 1, C));
    return gop_concat(net, (gop_var[]){gop_slice(net, x, 2, frames - 1, 1), mean}, 2, 2);
}

START_TEST(steps_see_what_was_predicted)
{
    const bool grow = _i == 1;
    const zoo_horizon h = {T, 1, 3};
    const zoo_view view = zoo_view_default();
    const zoo_use use = {.domain = &data->domain, .view = &view, .batch = 1};
    zoo_ports p = zoo_ports_none();
    size_t seen = 0;
    fixture f = fixture_new(false);
    ck_assert_uint_eq(zoo_horizon_frames(&h), 3);
    ck_assert(!zoo_only_predicts(NULL));
    gop_var first = zoo_predict(f.net, &use, &h, grow, average, &seen, &p);
    ck_assert_uint_eq(gop_net_dim(f.net, first, 2), 2);
    ck_assert_uint_eq(seen, grow ? T + 2 : T);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_real *x = gop_net_value(f.net, p.x);
    for (size_t i = 0; i < M * T * C; i++)
        x[i] = draw(i);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    const gop_real *y = gop_net_value(f.net, p.poses);
    for (size_t m = 0; m < M; m++)
        for (size_t c = 0; c < C; c++) {
            double all[T + 3], sum;
            for (size_t t = 0; t < T; t++)
                all[t] = (double)x[(m * T + t) * C + c];
            for (size_t k = 0; k < 3; k++) {
                const size_t from = grow ? 0 : k;
                sum = 0;
                for (size_t t = from; t < T + k; t++)
                    sum += all[t];
                all[T + k] = sum / (double)(T + k - from);
                ck_assert_double_eq_tol((double)y[(m * 3 + k) * C + c], all[T + k], 1e-6);
            }
        }
    fixture_free(&f);
    /* Training has the first step, and targets of all. */
    f = fixture_new(true);
    p = zoo_ports_none();
    first = zoo_predict(f.net, &use, &h, grow, average, &seen, &p);
    ck_assert_uint_eq(seen, T);
    ck_assert_int_lt(p.poses.id, 0);
    zoo_learn_poses(f.net, &use, &h, &(zoo_loss){.distance = ZOO_DISTANCE_SUM}, first, &p);
    ck_assert_uint_eq(gop_net_dim(f.net, p.target, 2), 3);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    fixture_free(&f);
}
END_TEST

/* ------------------------------------------------------------------------ models */

static const struct {
    const char *type, *settings;
} small[] = {
    {"simlpe", "observed=12 predicted=3 blocks=2"},
    {"ltd", "observed=12 predicted=3 coefficients=15 hidden=6 blocks=1"},
    {"ressup", "observed=12 predicted=3 hidden=6 actions=1"},
    {"ressup", "observed=12 predicted=3 hidden=6 reset=after"},
    {"hisrep", "observed=12 predicted=3 coefficients=5 hidden=6 blocks=1 kernels=3,2"},
    {"msrgcn", "observed=12 predicted=3 coefficients=9 widths=4,5,6 blocks=1 extra=1,1,0"},
};
enum { MODELS = sizeof small / sizeof *small };

static zoo_model *network(size_t i)
{
    zoo_model *m;
    const zoo_model_type *type = zoo_model_type_find(NULL, small[i].type);
    CHECK(zoo_model_new(&m, type, NULL, &data->domain, 1, &err));
    CHECK(zoo_settings_apply(type->options, m->config.bytes, type->name, small[i].settings, &err));
    return m;
}

/* The frames of `steps` are those that --horizon makes of a model of one step, but for HisRep, whose
 * history grows; and a horizon goes on from the frames of all steps. */
START_TEST(steps_are_a_horizon)
{
    enum { FRAMES = 10, TWO = 6, ALL = M * FRAMES * C };
    const bool grows = strcmp(small[_i].type, "hisrep") == 0;
    gop_real *y[2], *x = malloc(sizeof(gop_real) * M * 12 * C);
    ck_assert_ptr_nonnull(x);
    memset(data->domain.constant, 0, data->domain.layout.columns);
    for (size_t i = 0; i < M * 12 * C; i++)
        x[i] = draw(i);
    for (int k = 0; k < 2; k++) {
        gop_ctx *ctx;
        zoo_inference *inf;
        zoo_feedback *f;
        zoo_model *m = network((size_t)_i);
        CHECK(zoo_model_set(m, "steps", k == 0 ? "1" : "2", &err));
        CHECK(gop_ctx_new(&ctx, 1, 0, &err));
        CHECK(zoo_inference_new(&inf, ctx, m, 1, &err));
        zoo_predictor once = zoo_inference_predictor(inf);
        ck_assert_uint_eq(once.predicted, k == 0 ? 3 : TWO);
        CHECK(zoo_feedback_new(&f, &once, &m->domain, FRAMES, &err));
        zoo_predictor far = zoo_feedback_predictor(f);
        y[k] = malloc(sizeof(gop_real) * ALL);
        ck_assert_ptr_nonnull(y[k]);
        CHECK(far.run(far.user, x, NULL, NULL, y[k], &err));
        zoo_feedback_free(f);
        zoo_inference_free(inf);
        gop_ctx_free(ctx);
        zoo_model_free(m);
    }
    double off = 0;
    for (size_t i = 0; i < ALL; i++)
        off = fmax(off, fabs((double)(y[0][i] - y[1][i])));
    ck_assert_msg(grows ? off > 1e-6 : off < 1e-4, "%s: off by %g", small[_i].type, off);
    free(y[0]);
    free(y[1]);
    free(x);
}
END_TEST

/* ------------------------------------------------------------------------- bounds */

static void widen(double *low, double *high, double v)
{
    *low = fmin(*low, v);
    *high = fmax(*high, v);
}

/* All places of a trajectory of 15 frames, and the coefficients of 12 of them with the last one
 * held. */
static void widen_by(double *low, double *high, const double *v, size_t coefficients)
{
    enum { SEEN = 12, FRAMES = 15 };
    for (size_t t = 0; t < FRAMES; t++)
        widen(low, high, v[t]);
    for (size_t k = 0; k < coefficients; k++) {
        double sum = 0;
        for (size_t t = 0; t < FRAMES; t++)
            sum += sqrt((k > 0 ? 2.0 : 1.0) / FRAMES) * v[t < SEEN ? t : SEEN - 1] *
                   cos(acos(-1) * (double)k * ((double)t + 0.5) / FRAMES);
        widen(low, high, sum);
    }
}

/* msrgcn's bounds are those of every training window, in joints, pairs of joints and their
 * coefficients. */
START_TEST(bounds_are_those_of_the_training_windows)
{
    enum { FRAMES = 15 };
    double low = INFINITY, high = -INFINITY;
    const zoo_domain *d = &data->domain;
    char groups[128] = "0/1", text[2][64];
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_training c = short_run(0);
    for (size_t j = 2; j < M; j += 2)
        snprintf(groups + strlen(groups), sizeof groups - strlen(groups), ",%zu/%zu", j, j + 1);
    zoo_model *m;
    const zoo_model_type *type = zoo_model_type_find(NULL, "msrgcn");
    CHECK(zoo_model_new(&m, type, NULL, d, 1, &err));
    CHECK(zoo_settings_apply(type->options, m->config.bytes, "msrgcn",
                             "observed=12 predicted=3 coefficients=9 widths=3,4 extra=1,1", &err));
    CHECK(zoo_model_set(m, "groups", groups, &err));
    if (_i == 1)
        CHECK(zoo_model_set(m, "high", "1234.5", &err));
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        for (size_t at = 0; s->split == ZOO_TRAIN && at + FRAMES <= zoo_sequence_length(data, i);
             at++)
            for (size_t k = 0; k < M * C; k++) {
                double v[2][FRAMES], pair[FRAMES]; /* joint k / C, and the next one */
                for (size_t other = 0; other < 2; other++)
                    for (size_t f = 0; f < FRAMES; f++) {
                        const size_t column = d->layout.column[(k + other * C) % (M * C)];
                        const float raw =
                            s->data[(at + f) * d->factor * d->layout.columns + column];
                        v[other][f] = d->constant[column]
                                          ? 0
                                          : (double)((raw - d->mean[column]) / d->std[column]);
                        pair[f] = (v[0][f] + v[other][f]) / 2;
                    }
                widen_by(&low, &high, v[0], 9);
                if (k / C % 2 == 0)
                    widen_by(&low, &high, pair, 9);
            }
    }
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    zoo_model_get(m, zoo_setting_find(type->options, "low"), text[0], sizeof text[0]);
    zoo_model_get(m, zoo_setting_find(type->options, "high"), text[1], sizeof text[1]);
    ck_assert_double_eq_tol(atof(text[0]), low, 1e-5 * fabs(low));
    ck_assert_double_eq_tol(atof(text[1]), _i == 1 ? 1234.5 : high, 1e-5 * fabs(high));
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

/* Every seventh node of every third frame is missing. */
static void punch(void)
{
    const size_t columns = data->domain.layout.columns;
    for (size_t i = 0; i < data->sequences; i++)
        for (size_t t = 0; t < data->sequence[i].frames; t++)
            for (size_t c = 0; c < columns; c++)
                if (t % 3 == 0 && (c / 3 + t + i) % 7 == 0)
                    data->sequence[i].data[t * columns + c] = NAN;
    data->domain.missing = true;
}

/* ----------------------------------------------------------------------- classes */

enum { CLASSES = 16, AHEAD = 4 };

typedef struct listener {
    size_t runs[CLASSES]; /* by class */
    gop_real now;
} listener;

static gop_status hear(void *user, const gop_real *classes, gop_error *e)
{
    (void)e;
    ((listener *)user)->now = classes[0];
    return GOP_OK;
}

static gop_status stay(void *user, const gop_real *x, const gop_real *bodies, gop_real *scores,
                       gop_real *y, gop_error *e)
{
    listener *l = user;
    (void)x;
    (void)bodies;
    (void)scores;
    (void)e;
    memset(y, 0, sizeof(gop_real) * M * AHEAD * C);
    ck_assert(l->now >= 0 && l->now < CLASSES);
    l->runs[(size_t)l->now]++;
    return GOP_OK;
}

/* Eval gives each clip's class to a model that takes it, also if its predictions are fed back. */
START_TEST(eval_gives_the_class)
{
    listener l = {.now = -1};
    zoo_predictor model = {.run = stay,
                           .user = &l,
                           .view = zoo_view_default(),
                           .batch = 1,
                           .observed = T,
                           .predicted = AHEAD,
                           .domain = &data->domain,
                           .classes = hear};
    zoo_feedback *longer = NULL;
    zoo_table *table;
    if (_i == 1) {
        CHECK(zoo_feedback_new(&longer, &model, &data->domain, 2 * AHEAD, &err));
        model = zoo_feedback_predictor(longer);
    }
    CHECK(zoo_evaluate(&table, zoo_protocol_find("windows"), data, &model, NULL, &err));
    ck_assert_uint_gt(table->rows, 2);
    for (size_t i = 0; i + 1 < table->rows; i++) {
        const zoo_row *row = &table->row[i];
        ck_assert_uint_eq(l.runs[row->class_index], row->clips * (_i == 1 ? 2 : 1));
    }
    zoo_table_free(table);
    zoo_feedback_free(longer);
}
END_TEST

/* Actions matter only to a model that has to do with them. */
START_TEST(models_without_classes_fit_data_of_any)
{
    zoo_domain other;
    zoo_predictor model = {.run = stay, .domain = &other};
    CHECK(zoo_domain_copy(&other, &data->domain, &err));
    other.actions = 1;
    CHECK(zoo_predictor_fits(&model, &data->domain, &err));
    model.classes = hear;
    ck_assert_int_eq(recorded(zoo_predictor_fits(&model, &data->domain, &err), &err), GOP_ESHAPE);
    model.classes = NULL;
    model.recognises = true;
    ck_assert_int_eq(recorded(zoo_predictor_fits(&model, &data->domain, &err), &err), GOP_ESHAPE);
    model.recognises = false;
    other.rate = 3;
    ck_assert_int_eq(recorded(zoo_predictor_fits(&model, &data->domain, &err), &err), GOP_ESHAPE);
    model.domain = NULL;
    CHECK(zoo_predictor_fits(&model, &data->domain, &err));
    ck_assert_int_eq(recorded(zoo_predictor_fits(NULL, &data->domain, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_predictor_fits(&model, NULL, &err), &err), GOP_EINVAL);
    zoo_domain_clear(&other);
}
END_TEST

START_TEST(every_model_trains_with_gaps_and_bodies)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_progress first, p;
    zoo_training c = short_run(0);
    c.batch = 4;
    c.view.bodies = 2;
    c.lr = 0.01;
    c.steps = 4;
    c.warmup = 0;
    punch();
    zoo_model *m = network((size_t)_i);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    CHECK(zoo_trainer_step(t, &first, &err));
    ck_assert(isfinite(first.loss_prediction) && isnan(first.loss_recognition));
    while (zoo_trainer_steps(t) < 4)
        CHECK(zoo_trainer_step(t, &p, &err));
    ck_assert(isfinite(p.loss_prediction) && p.loss_prediction > 0);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

/* Where a target is missing, its value does not matter. */
START_TEST(every_model_ignores_what_is_missing)
{
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports p;
    data->domain.missing = true;
    zoo_model *m = network((size_t)_i);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err));
    CHECK(zoo_model_record(m, net, &(zoo_use){.batch = 3}, &p, &err));
    const size_t n = gop_shape_size(gop_net_shape(net, p.target)), row = 3 * C;
    gop_real *target = gop_net_value(net, p.target), *mask = gop_net_value(net, p.mask);
    gop_real *x = gop_net_value(net, p.x);
    for (size_t i = 0; i < gop_shape_size(gop_net_shape(net, p.x)); i++)
        x[i] = draw(i);
    for (size_t i = 0; i < n; i++) {
        mask[i] = i / row % 5 != 2;
        target[i] = mask[i] * draw(i);
    }
    gop_real loss[2];
    for (int k = 0; k < 2; k++) {
        CHECK(gop_net_forward(net, &err));
        loss[k] = *gop_net_value(net, p.loss_prediction);
        for (size_t i = 0; i < n; i++)
            target[i] += mask[i] == 0 ? 5 : 0;
    }
    ck_assert(isfinite(loss[0]) && loss[0] > 0);
    ck_assert_double_eq_tol((double)loss[0], (double)loss[1], 1e-6 * (double)loss[0]);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}
END_TEST

/* A saved model predicts as the one that was saved; a known class matters to ressup alone. */
START_TEST(every_model_is_saved_and_answers)
{
    gop_ctx *ctx;
    zoo_inference *inf;
    const gop_real classes[2] = {1, 0};
    zoo_model *m = network((size_t)_i);
    const size_t out = 2 * M * 3 * C, in = 2 * M * 12 * C;
    gop_real *x = malloc(in * sizeof *x), *y = malloc(3 * out * sizeof *y);
    ck_assert(x != NULL && y != NULL);
    for (size_t i = 0; i < in; i++)
        x[i] = draw(i);
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_inference_new(&inf, ctx, m, 2, &err));
    CHECK(zoo_inference_run(inf, x, NULL, NULL, y, &err));
    CHECK(zoo_inference_classes(inf, classes, &err));
    CHECK(zoo_inference_run(inf, x, NULL, NULL, y + out, &err));
    CHECK(zoo_inference_classes(inf, NULL, &err));
    CHECK(zoo_inference_run(inf, x, NULL, NULL, y + 2 * out, &err));
    const bool supervised = strstr(small[_i].settings, "actions=1") != NULL;
    ck_assert((memcmp(y, y + out, out * sizeof *y) != 0) == supervised);
    ck_assert(memcmp(y, y + 2 * out, out * sizeof *y) == 0);
    zoo_inference_free(inf);
    const char *path = scratch_path("saved.gop");
    CHECK(zoo_model_save(m, path, &err));
    zoo_model_free(m);
    CHECK(zoo_model_load(&m, NULL, path, &err));
    CHECK(zoo_inference_new(&inf, ctx, m, 2, &err));
    CHECK(zoo_inference_run(inf, x, NULL, NULL, y + out, &err));
    ck_assert(memcmp(y, y + out, out * sizeof *y) == 0);
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
    zoo_model_free(m);
    free(x);
    free(y);
}
END_TEST

static const struct {
    const char *type, *settings, *words;
} bad[] = {
    {"simlpe", "observed=10 predicted=11", "predicted must be at most observed, 10, not 11"},
    {"ltd", "coefficients=36", "coefficients must be at most observed + predicted, 35, not 36"},
    {"hisrep", "kernels=6", "kernels: two are needed, not 1"},
    {"hisrep", "observed=19", "observed must be at least 20"},
    {"hisrep", "coefficients=21", "coefficients must be at most 20"},
    {"msrgcn", "coefficients=36", "coefficients must be at most observed + predicted, 35, not 36"},
    {"msrgcn", "extra=1", "widths and extra have 4 and 1 entries"},
    {"msrgcn", "widths=1,1,1,1,1,1,1,1,1", "widths: 1 to 8 scales are possible, not 9"},
    {"msrgcn", "low=2 high=2", "low must be below high"},
    {"msrgcn", "groups=0/1,2", "groups has 1 coarser scales, and widths 4 entries"},
    {"msrgcn", "groups=0/22,2;0;0", "joint 0 of scale 1 needs joints 0 to 21"},
    {"msrgcn", "groups=0,1;0/,1;0", "joint 0 of scale 2 needs joints 0 to 1"},
    {"msrgcn", "groups=0,1;;0", "joint 0 of scale 2 needs joints 0 to 1"},
    {"msrgcn", "groups=0,1;0x1,1;0", "joint 0 of scale 2 needs joints 0 to 1"},
    {"ressup", "joint_weights=1,2", "needs 22 weights"},
};

START_TEST(options_that_do_not_fit_are_named)
{
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports p;
    zoo_model *m;
    const zoo_model_type *type = zoo_model_type_find(NULL, bad[_i].type);
    CHECK(zoo_model_new(&m, type, NULL, &data->domain, 1, &err));
    CHECK(zoo_settings_apply(type->options, m->config.bytes, type->name, bad[_i].settings, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err));
    ck_assert_int_eq(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &p, &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, bad[_i].words) != NULL, "%s", err.message);
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}
END_TEST

TEST_MAIN("predictor")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, losses_are_as_defined, 0, 8 * 5);
    tcase_add_test(t, losses_that_cannot_be_are_named);
    tcase_add_loop_test(t, symgnn_has_the_same_losses, 0, 2);
    tcase_add_loop_test(t, steps_see_what_was_predicted, 0, 2);
    tcase_add_loop_test(t, steps_are_a_horizon, 0, MODELS);
    tcase_add_loop_test(t, bounds_are_those_of_the_training_windows, 0, 2);
    tcase_add_loop_test(t, eval_gives_the_class, 0, 2);
    tcase_add_test(t, models_without_classes_fit_data_of_any);
    tcase_add_loop_test(t, every_model_trains_with_gaps_and_bodies, 0, MODELS);
    tcase_add_loop_test(t, every_model_ignores_what_is_missing, 0, MODELS);
    tcase_add_loop_test(t, every_model_is_saved_and_answers, 0, MODELS);
    tcase_add_loop_test(t, options_that_do_not_fit_are_named, 0, (int)(sizeof bad / sizeof *bad));
}
