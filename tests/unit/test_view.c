/*
 * test_view.c: what a model sees of a clip, and how windows change and are drawn.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/zoo.h"

enum { M = 5, D = 3, COLUMNS = M * D, CLASSES = 3, FRAMES = 8 };

static gop_error err;
#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

/* Of the sets that make_data makes. */
static zoo_feature feature = ZOO_POSITION;

/* A value that names its body, frame, node and channel. */
static float value_of(size_t body, size_t t, size_t i, size_t k)
{
    return (float)(1000 * body + 10 * t) + (float)i + (float)k / 8;
}

/* Sequences of 3, 8, 20 and 41 frames; those of the last two have two bodies. */
static zoo_dataset *make_data(void)
{
    static const size_t length[] = {3, 8, 20, 41};
    static const char *const action[] = {"a", "b", "c"};
    static const char *const subject[] = {"s1", "s2", "s1", "s3"};
    zoo_dataset *data = NULL;
    zoo_domain d;
    memset(&d, 0, sizeof d);
    float mean[COLUMNS] = {0}, std[COLUMNS];
    uint8_t constant[COLUMNS] = {0};
    char names[CLASSES][ZOO_NAME_SIZE];
    for (size_t c = 0; c < COLUMNS; c++)
        std[c] = 1;
    for (size_t a = 0; a < CLASSES; a++)
        snprintf(names[a], sizeof names[a], "%s", action[a]);
    d.layout = *zoo_layout_find("tiny5");
    d.layout.feature = feature;
    snprintf(d.name, sizeof d.name, "views");
    d.rate = 10;
    d.factor = 1;
    d.actions = CLASSES;
    d.action = names;
    d.mean = mean;
    d.std = std;
    d.constant = constant;
    CHECK(zoo_dataset_new(&data, &d, &err));
    for (size_t i = 0; i < 4; i++) {
        const size_t bodies = i < 2 ? 1 : 2;
        float *frames = malloc(bodies * length[i] * COLUMNS * sizeof *frames);
        char name[16];
        for (size_t b = 0; b < bodies; b++)
            for (size_t t = 0; t < length[i]; t++)
                for (size_t c = 0; c < COLUMNS; c++)
                    frames[(b * length[i] + t) * COLUMNS + c] = value_of(b, t, c / D, c % D);
        snprintf(name, sizeof name, "clip%zu", i);
        CHECK(zoo_dataset_add(data,
                              &(zoo_sequence){.name = name,
                                              .subject = subject[i],
                                              .action = (uint32_t)(i == 3 ? 0 : i),
                                              .frames = length[i],
                                              .bodies = (uint32_t)bodies},
                              frames, &err));
    }
    return data;
}

static zoo_view view_of(zoo_sampling sample, zoo_short shorter)
{
    zoo_view v = zoo_view_default();
    v.sample = sample;
    v.shorter = shorter;
    return v;
}

/* ------------------------------------------------------------------------- times */

START_TEST(uniform_takes_a_frame_of_each_segment)
{
    static const size_t lengths[] = {3, 7, 8, 9, 15, 16, 100, 1001};
    const zoo_view v = view_of(ZOO_SAMPLE_UNIFORM, ZOO_SHORT_STRETCH);
    gop_rng rng = gop_rng_new(3, 1);
    double time[FRAMES];
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (int round = 0; round < 50; round++) {
            const double n = (double)lengths[k];
            zoo_view_draw(time, FRAMES, &v, lengths[k], FRAMES, &rng);
            for (size_t i = 0; i < FRAMES; i++) {
                ck_assert_double_eq(time[i], floor(time[i]));
                ck_assert_double_ge(time[i], floor((double)i * n / FRAMES));
                ck_assert_double_le(time[i], floor((double)(i + 1) * n / FRAMES));
                ck_assert_double_lt(time[i], n);
            }
        }
}
END_TEST

START_TEST(test_views_are_spread)
{
    double time[FRAMES];
    const zoo_view window = view_of(ZOO_SAMPLE_WINDOW, 0),
                   uniform = view_of(ZOO_SAMPLE_UNIFORM, ZOO_SHORT_LOOP),
                   whole = view_of(ZOO_SAMPLE_WHOLE, ZOO_SHORT_MISSING);
    zoo_view resize = view_of(ZOO_SAMPLE_RESIZE, 0);
    for (size_t k = 0; k < 3; k++) { /* windows: the first, the middle, the last */
        zoo_view_place(time, FRAMES, &window, 20, k, 3);
        ck_assert_double_eq(time[0], (double)(6 * k));
        ck_assert_double_eq(time[FRAMES - 1], (double)(6 * k + 7));
    }
    zoo_view_place(time, FRAMES, &window, 20, 0, 1);
    ck_assert_double_eq(time[0], 6);
    zoo_view_place(time, FRAMES, &uniform, 80, 2, 5); /* u = 1/2 */
    for (size_t i = 0; i < FRAMES; i++)
        ck_assert_double_eq(time[i], (double)(10 * i + 5));
    zoo_view_place(time, FRAMES, &uniform, 5, 3, 5); /* from frame 3 on, again and again */
    for (size_t i = 0; i < FRAMES; i++)
        ck_assert_double_eq(time[i], (double)((3 + i) % 5));
    resize.crop = 1;
    zoo_view_place(time, FRAMES, &resize, 15, 0, 1);
    for (size_t i = 0; i < FRAMES; i++)
        ck_assert_double_eq_tol(time[i], 2.0 * (double)i, 1e-12);
    zoo_view_place(time, FRAMES, &whole, 5, 0, 1);
    ck_assert_double_eq(time[4], 4);
    ck_assert_double_eq(time[5], -1);
}
END_TEST

START_TEST(draws_stay_in_the_clip)
{
    static const zoo_sampling all[] = {ZOO_SAMPLE_WINDOW, ZOO_SAMPLE_UNIFORM, ZOO_SAMPLE_UNIFORM,
                                       ZOO_SAMPLE_RESIZE, ZOO_SAMPLE_WHOLE};
    zoo_view v = view_of(all[_i], _i == 2   ? ZOO_SHORT_STRETCH
                                  : _i == 4 ? ZOO_SHORT_MISSING
                                            : ZOO_SHORT_LOOP);
    gop_rng rng = gop_rng_new(5, 2);
    double time[FRAMES], latest = 0;
    for (size_t n = 1; n < 40; n++)
        for (int round = 0; round < 20; round++) {
            zoo_view_draw(time, FRAMES, &v, n, FRAMES, &rng);
            for (size_t i = 0; i < FRAMES; i++) {
                ck_assert(time[i] == -1 || (time[i] >= 0 && time[i] <= (double)(n - 1)));
                ck_assert(time[i] >= 0 || v.sample == ZOO_SAMPLE_WINDOW ||
                          v.sample == ZOO_SAMPLE_WHOLE);
                latest = fmax(latest, time[i]);
            }
        }
    ck_assert_double_gt(latest, v.sample == ZOO_SAMPLE_WHOLE ? 6 : 36);
}
END_TEST

/* Every start of a window is drawn, the first and the last as often as the others. */
START_TEST(windows_begin_anywhere)
{
    enum { STARTS = 4, DRAWS = 4000 };
    const zoo_view v = view_of(ZOO_SAMPLE_WINDOW, 0);
    gop_rng rng = gop_rng_new(6, 3);
    double time[FRAMES];
    size_t drawn[STARTS] = {0};
    for (int i = 0; i < DRAWS; i++) {
        zoo_view_draw(time, FRAMES, &v, FRAMES + STARTS - 1, FRAMES, &rng);
        ck_assert_double_lt(time[0], STARTS);
        ck_assert_double_eq(time[FRAMES - 1], time[0] + FRAMES - 1);
        drawn[(size_t)time[0]]++;
    }
    for (size_t i = 0; i < STARTS; i++)
        ck_assert_uint_gt(drawn[i], DRAWS / STARTS * 9 / 10);
}
END_TEST

/* ------------------------------------------------------------------------- bodies */

START_TEST(a_viewer_reads_bodies_side_by_side)
{
    zoo_dataset *data = make_data();
    zoo_view v = view_of(ZOO_SAMPLE_UNIFORM, 0);
    double time[FRAMES];
    gop_real x[3 * M * FRAMES * D], mask[3 * M * FRAMES * D], weight[3];
    zoo_viewer *viewer;
    v.bodies = 3;
    v.average = _i == 0 ? ZOO_ALL_BODIES : ZOO_PRESENT_BODIES;
    CHECK(zoo_viewer_new(&viewer, data, &data->domain, &v, FRAMES, &err));
    for (size_t i = 0; i < FRAMES; i++)
        time[i] = i == 5 ? -1 : 2.0 * (double)i + (i == 3 ? 0.25 : 0);
    CHECK(zoo_viewer_read(viewer, 2, 0, 0, time, NULL, &err));
    zoo_viewer_show(viewer, x, mask, weight);
    for (size_t b = 0; b < 3; b++)
        for (size_t i = 0; i < M; i++)
            for (size_t t = 0; t < FRAMES; t++)
                for (size_t k = 0; k < D; k++) {
                    const size_t at = ((b * M + i) * FRAMES + t) * D + k;
                    const bool there = b < 2 && t != 5;
                    const double want = (double)value_of(b, 2 * t, i, k) + (t == 3 ? 2.5 : 0);
                    ck_assert_double_eq((double)mask[at], there);
                    ck_assert_double_eq_tol((double)x[at], there ? want : 0, 1e-4);
                }
    ck_assert_double_eq_tol((double)weight[0], _i == 0 ? 1 / 3.0 : 0.5, 1e-6);
    ck_assert_double_eq_tol((double)weight[2], _i == 0 ? 1 / 3.0 : 0, 1e-6);
    /* Far frames are read one by one, and give the same. */
    for (size_t i = 0; i < FRAMES; i++)
        time[i] = i < 7 ? (double)i : 40;
    CHECK(zoo_viewer_read(viewer, 3, 1, 0, time, NULL, &err));
    zoo_viewer_show(viewer, x, NULL, NULL);
    ck_assert_double_eq((double)x[7 * D], (double)value_of(1, 40, 0, 0));
    ck_assert_int_eq(recorded(zoo_viewer_read(viewer, 4, 0, 0, time, NULL, &err), &err),
                     GOP_EINVAL);
    time[0] = 41;
    ck_assert_int_eq(recorded(zoo_viewer_read(viewer, 3, 0, 0, time, NULL, &err), &err),
                     GOP_EINVAL);
    zoo_viewer_free(viewer);
    zoo_dataset_free(data);
}
END_TEST

/* The mean over the bodies of a clip: plain, or of those that are there. */
START_TEST(features_are_averaged_over_bodies)
{
    enum { N = 2, B = 3, C = 2 };
    static const gop_real x[N * B * C] = {1, 2, 3, 4, 5, 12, -1, 0, 7, 8, 9, 4};
    static const gop_real weight[N * B] = {0.5, 0.5, 0, 1, 0, 0};
    static const double want[2][N * C] = {{3, 6, 5, 4}, {2, 3, -1, 0}};
    const zoo_view v = {.bodies = B, .average = _i == 0 ? ZOO_ALL_BODIES : ZOO_PRESENT_BODIES};
    const zoo_use use = {.view = &v, .batch = N};
    gop_params *params;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports p = zoo_ports_none();
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(gop_params_new(&params, 1, &err));
    CHECK(gop_net_new(&net, ctx, params, GOP_INFERENCE, &err));
    gop_var in = gop_input(net, "x", gop_shape2(N * B, C));
    if (_i == 1)
        p.bodies = gop_input(net, "bodies", gop_shape2(N, B));
    gop_var y = zoo_mean_bodies(net, &use, &p, in);
    gop_net_keep(net, y);
    CHECK(gop_net_plan(net, &err));
    memcpy(gop_net_value(net, in), x, sizeof x);
    if (_i == 1)
        memcpy(gop_net_value(net, p.bodies), weight, sizeof weight);
    CHECK(gop_net_forward(net, &err));
    for (size_t i = 0; i < N * C; i++)
        ck_assert_double_eq_tol((double)gop_net_value(net, y)[i], want[_i][i], 1e-6);
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
}
END_TEST

/* ------------------------------------------------------------------------ sampler */

static zoo_sampler *sampler_of(const zoo_dataset *data, const zoo_windows *w)
{
    zoo_sampler *s;
    CHECK(zoo_sampler_new(&s, data, w, &err));
    return s;
}

START_TEST(orders_of_draws)
{
    enum { ROUNDS = 300 };
    static const zoo_draws order[] = {ZOO_DRAW_SHUFFLED, ZOO_DRAW_BALANCED, ZOO_DRAW_EACH};
    zoo_dataset *data = make_data();
    zoo_windows w = {.observed = FRAMES, .draw = order[_i], .seed = 2};
    w.view = view_of(ZOO_SAMPLE_UNIFORM, 0);
    w.view.bodies = 2;
    zoo_sampler *s = sampler_of(data, &w);
    size_t of[CLASSES], n[CLASSES] = {0};
    gop_real label;
    ck_assert_uint_eq(zoo_sampler_count(s, of), 4);
    ck_assert_uint_eq(of[0], 2);
    for (size_t k = 0; k < ROUNDS; k++) {
        if (k == 101) { /* in the midst of an epoch */
            zoo_sampler *t = sampler_of(data, &w);
            zoo_sampler_restore(t, zoo_sampler_state(s));
            zoo_sampler_free(s);
            s = t;
        }
        CHECK(zoo_sampler_next(s, 1, &(zoo_batch){.labels = &label}, &err));
        n[(size_t)label]++;
        if (order[_i] == ZOO_DRAW_EACH)
            ck_assert_double_eq((double)label, k % 4 == 3 ? 0 : (double)(k % 4));
    }
    if (order[_i] == ZOO_DRAW_BALANCED)
        ck_assert(n[0] > 75 && n[0] < 125 && n[1] > 75 && n[1] < 125);
    else
        ck_assert(n[0] == 150 && n[1] == 75 && n[2] == 75);
    zoo_sampler_free(s);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(subjects_are_held_out_whole)
{
    zoo_dataset *data = make_data();
    bool held[4];
    size_t n;
    for (uint64_t seed = 1; seed < 9; seed++) {
        CHECK(zoo_dataset_hold_out(&n, held, data, 1, 0.34, ZOO_HOLD_SUBJECTS, seed, &err));
        ck_assert(held[0] == held[2]);
        ck_assert_uint_eq(n, held[0] ? 2 : 1);
    }
    zoo_dataset_free(data);
}
END_TEST

/* Draws one window of clip 2 with changes; `plain` gets it without. */
static void change(gop_real *changed, gop_real *plain, const char *augment, uint64_t seed)
{
    zoo_dataset *data = make_data();
    zoo_windows w = {.observed = FRAMES, .seed = seed};
    w.view = view_of(ZOO_SAMPLE_WHOLE, 0);
    w.view.bodies = 2;
    for (size_t i = 0; i < 4; i++)
        data->sequence[i].split = i == 2 ? ZOO_TRAIN : ZOO_TEST;
    for (int k = 0; k < 2; k++) {
        w.augment = k == 0 ? NULL : augment;
        zoo_sampler *s = sampler_of(data, &w);
        CHECK(zoo_sampler_next(s, 1, &(zoo_batch){.x = k == 0 ? plain : changed}, &err));
        zoo_sampler_free(s);
    }
    zoo_dataset_free(data);
}

static const gop_real *node(const gop_real *x, size_t b, size_t i, size_t t)
{
    return x + ((b * M + i) * FRAMES + t) * D;
}

static double length_of(const gop_real *x)
{
    return sqrt((double)(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]));
}

START_TEST(windows_change)
{
    gop_real x[2 * M * FRAMES * D], y[2 * M * FRAMES * D];
    size_t changed = 0;
    change(y, x, "rotate:0.5", 3); /* lengths stay, and angles between nodes */
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; i < M; i++)
            for (size_t t = 0; t < FRAMES; t++)
                ck_assert_double_eq_tol(length_of(node(y, b, i, t)), length_of(node(x, b, i, t)),
                                        1e-2);
    ck_assert_double_gt(fabs((double)(node(x, 1, 2, 3)[0] - node(y, 1, 2, 3)[0])), 1);
    change(y, x, "scale:0.5", 4); /* one factor for each axis */
    for (size_t k = 0; k < D; k++)
        ck_assert_double_eq_tol((double)(node(y, 0, 1, 2)[k] / node(x, 0, 1, 2)[k]),
                                (double)(node(y, 1, 3, 5)[k] / node(x, 1, 3, 5)[k]), 1e-4);
    change(y, x, "reverse:1", 5); /* all frames of the clip, backwards */
    for (size_t t = 0; t < FRAMES; t++)
        ck_assert_double_eq((double)node(y, 0, 0, t)[0], (double)value_of(0, 19 - t, 0, 0));
    change(y, x, "drop_bodies:1", 6); /* missing is 0; the first body stays */
    ck_assert_double_eq((double)node(y, 1, 0, 0)[0], 0);
    ck_assert_double_eq((double)node(y, 0, 2, 3)[1], (double)node(x, 0, 2, 3)[1]);
    change(y, x, "drop_joints:0.5", 7);
    for (size_t i = 0; i < M; i++) {
        const bool gone = node(y, 0, i, 4)[0] == 0;
        changed += gone;
        for (size_t t = 1; t < FRAMES; t++)
            ck_assert((node(y, 0, i, t)[0] == 0) == gone);
    }
    ck_assert(changed > 0 && changed < M);
    change(y, x, "noise:0.001", 8);
    ck_assert_double_eq_tol((double)node(y, 1, 1, 1)[2], (double)node(x, 1, 1, 1)[2], 0.01);
    ck_assert(node(y, 1, 1, 1)[2] != node(x, 1, 1, 1)[2]);
    feature = ZOO_SCORED;
    change(y, x, "noise:1", 8); /* scores stay */
    for (size_t i = 0; i < 2 * M * FRAMES; i++) {
        ck_assert(y[D * i] != x[D * i] && y[D * i + 1] != x[D * i + 1]);
        ck_assert_double_eq((double)y[D * i + 2], (double)x[D * i + 2]);
    }
    change(y, x, "rotate:1,scale:0.5,shear:0.5", 9);
    for (size_t i = 0; i < 2 * M * FRAMES; i++) {
        ck_assert(y[D * i] != x[D * i]);
        ck_assert_double_eq((double)y[D * i + 2], (double)x[D * i + 2]);
    }
    feature = ZOO_POSITION;
    change(y, x, "speed:0.5", 9); /* time stretches from the first frame on */
    ck_assert_double_eq((double)node(y, 0, 0, 0)[0], (double)node(x, 0, 0, 0)[0]);
    ck_assert_double_eq_tol((double)(node(y, 0, 0, 2)[0] / node(y, 0, 0, 1)[0]), 2, 1e-3);
}
END_TEST

START_TEST(a_faster_window_runs_backwards_within_its_clip)
{
    gop_real y[M * FRAMES * D];
    size_t fast = 0;
    for (uint64_t seed = 1; seed < 20; seed++) {
        zoo_dataset *data = make_data();
        zoo_windows w = {.observed = FRAMES, .seed = seed};
        w.view = view_of(ZOO_SAMPLE_RESIZE, 0);
        w.view.crop = 1; /* all of the clip: speed leads beyond its end */
        w.augment = "speed:0.9,reverse:1";
        for (size_t i = 0; i < 4; i++)
            data->sequence[i].split = i == 2 ? ZOO_TRAIN : ZOO_TEST;
        zoo_sampler *s = sampler_of(data, &w);
        CHECK(zoo_sampler_next(s, 1, &(zoo_batch){.x = y}, &err));
        for (size_t t = 0; t < FRAMES; t++) /* a missing frame would be 0 */
            ck_assert_double_ne((double)node(y, 0, 1, t)[1], 0);
        fast += node(y, 0, 1, FRAMES - 1)[1] == node(y, 0, 1, FRAMES - 2)[1];
        zoo_sampler_free(s);
        zoo_dataset_free(data);
    }
    ck_assert_uint_gt(fast, 0);
}
END_TEST

START_TEST(a_mirror_exchanges_sides)
{
    gop_real x[2 * M * FRAMES * D], y[2 * M * FRAMES * D];
    const zoo_layout *l = zoo_layout_find("tiny5");
    change(y, x, "mirror:1", 1);
    for (size_t i = 0; i < M; i++) {
        size_t other = i;
        for (size_t p = 0; p < l->n_pairs; p++)
            other = l->pairs[p].a == i ? l->pairs[p].b : l->pairs[p].b == i ? l->pairs[p].a : other;
        size_t opposite = 0;
        for (size_t k = 0; k < D; k++) {
            ck_assert_double_eq(fabs((double)node(y, 0, i, 3)[k]),
                                fabs((double)node(x, 0, other, 3)[k]));
            opposite += node(y, 0, i, 3)[k] == -node(x, 0, other, 3)[k];
        }
        ck_assert_uint_eq(opposite, 1);
    }
}
END_TEST

static const char *const together[] = {"reverse:1", "mirror:1", "rotate:0.5,scale:0.2",
                                       "mirror:1,reverse:1,shear:0.3"};

/* A window of six frames, and the same as four observed frames and two that follow, change alike.
 * In an image both have another middle, so that all places move by the same. */
START_TEST(frames_that_follow_change_as_the_observed_ones)
{
    enum { SEEN = 4, ALL = 6 };
    const bool image = _i % 2 == 1;
    for (uint64_t seed = 1; seed < 6; seed++) {
        gop_real whole[M * ALL * D], x[M * SEEN * D], y[M * (ALL - SEEN) * D];
        double apart[D] = {0};
        zoo_dataset *data = make_data();
        data->domain.layout.feature = image ? ZOO_SCORED : ZOO_POSITION;
        for (size_t i = 0; i < 4; i++)
            data->sequence[i].split = i == 3 ? ZOO_TRAIN : ZOO_TEST;
        zoo_windows w = {.observed = ALL, .seed = seed, .augment = together[_i / 2]};
        zoo_sampler *s = sampler_of(data, &w);
        CHECK(zoo_sampler_next(s, 1, &(zoo_batch){.x = whole}, &err));
        zoo_sampler_free(s);
        w.observed = SEEN;
        w.predicted = ALL - SEEN;
        for (int only = 0; only < 2; only++) { /* with the observed frames, and without */
            s = sampler_of(data, &w);
            CHECK(zoo_sampler_next(s, 1, &(zoo_batch){.x = only ? NULL : x, .target = y}, &err));
            zoo_sampler_free(s);
            for (size_t i = 0; i < M * ALL * D; i++) {
                const size_t k = i % D, t = i / D % ALL, n = i / D / ALL;
                const gop_real *at = t < SEEN ? &x[(n * SEEN + t) * D + k]
                                              : &y[(n * (ALL - SEEN) + t - SEEN) * D + k];
                if (i < D && !only)
                    apart[k] = (double)(*at - whole[i]);
                ck_assert_double_eq_tol((double)(*at - whole[i]), apart[k], 1e-2);
            }
        }
        for (size_t k = 0; k < D; k++)
            ck_assert(image || fabs(apart[k]) < 1e-2);
        zoo_dataset_free(data);
    }
}
END_TEST

START_TEST(bad_changes_are_refused)
{
    static const char *const bad[][2] = {{"turn:1", "'turn:1' is no KIND:NUMBER"},
                                         {"rotate", "'rotate' is no KIND:NUMBER"},
                                         {"rotate:x", "'rotate:x' is no KIND:NUMBER"},
                                         {"rotate:9", "rotate takes an angle in radians"},
                                         {"scale:0.1,scale:0.2", "scale occurs twice"},
                                         {"mirror:-1", "mirror takes a probability"},
                                         {"noise:0.100000000000000000000000000000000000000000000000"
                                          "000000000000e9",
                                          "is no KIND:NUMBER"},
                                         {"rotate:0.3,", "at a comma of 'rotate:0.3,'"},
                                         {"rotate:0.3,,scale:0.1", "KIND:NUMBER is missing"},
                                         {",", "KIND:NUMBER is missing"}};
    zoo_dataset *data = make_data();
    zoo_sampler *s;
    const zoo_windows w = {.observed = 3, .seed = 1, .augment = bad[_i][0]};
    ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, bad[_i][1]) != NULL, "%s", err.message);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(angles_have_no_mirror)
{
    static const char *const none[] = {"mirror:0.5", "rotate:0.1", "scale:0.1", "shear:0.1"};
    zoo_dataset *data = make_data();
    zoo_sampler *s;
    zoo_windows w = {.observed = 4, .predicted = 2, .seed = 1};
    data->domain.layout.feature = ZOO_EXPMAP;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        w.augment = none[i];
        ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &w, &err), &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, "needs coordinates of points, and layout tiny5 has none"),
                      "%s", err.message);
    }
    w.augment = "reverse:0.5"; /* angles run backwards */
    s = sampler_of(data, &w);
    zoo_sampler_free(s);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("view")
{
    tcase_add_test(t, uniform_takes_a_frame_of_each_segment);
    tcase_add_test(t, test_views_are_spread);
    tcase_add_loop_test(t, draws_stay_in_the_clip, 0, 5);
    tcase_add_test(t, windows_begin_anywhere);
    tcase_add_loop_test(t, a_viewer_reads_bodies_side_by_side, 0, 2);
    tcase_add_loop_test(t, features_are_averaged_over_bodies, 0, 2);
    tcase_add_loop_test(t, orders_of_draws, 0, 3);
    tcase_add_test(t, subjects_are_held_out_whole);
    tcase_add_test(t, windows_change);
    tcase_add_test(t, a_faster_window_runs_backwards_within_its_clip);
    tcase_add_test(t, a_mirror_exchanges_sides);
    tcase_add_loop_test(t, frames_that_follow_change_as_the_observed_ones, 0, 8);
    tcase_add_test(t, angles_have_no_mirror);
    tcase_add_loop_test(t, bad_changes_are_refused, 0, 10);
}
