/*
 * test_stream_parts.c: the parts of a stream, against values computed by hand: resampling, the
 * following of bodies, events.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <string.h>

#include "zoo/skeleton/layout.h"
#include "zoo/stream/events.h"
#include "zoo/stream/matching.h"
#include "zoo/stream/resample.h"

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

enum { COLUMNS = 15 }; /* of tiny5 */

static gop_error err;

/* ------------------------------------------------------------------- resampling */

/* Every column of a frame. */
static const float *all(float v)
{
    static float frame[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++)
        frame[c] = v;
    return frame;
}

/* Writes the frames of the grid up to a time. */
static void write_to(zoo_ring *r, zoo_grid *g, double time)
{
    for (; zoo_grid_reached(g, g->next, time); g->next++)
        zoo_ring_write(r, g);
}

static double at(const zoo_ring *r, uint64_t k, size_t c)
{
    return (double)zoo_ring_frame(r, k)[c];
}

static void assert_near(double a, double b)
{
    ck_assert_msg(fabs(a - b) < 1e-6, "%.9g is not %.9g", a, b);
}

START_TEST(times_between_frames_are_on_lines)
{
    zoo_grid g = {.origin = 10, .step = 0.1};
    zoo_ring r;
    CHECK(zoo_ring_open(&r, zoo_layout_find("tiny5"), 16, 0.5, &err));
    zoo_ring_clear(&r, 0);
    zoo_ring_observe(&r, &g, 10, all(0));
    write_to(&r, &g, 10);
    ck_assert_uint_eq(g.next, 1);
    ck_assert(at(&r, 0, 3) == 0);
    /* 10.1 and 10.2 lie at 2/5 and 4/5 of the way from 0 to 5. */
    zoo_ring_observe(&r, &g, 10.25, all(5));
    write_to(&r, &g, 10.25);
    ck_assert_uint_eq(g.next, 3);
    assert_near(at(&r, 1, 0), 2);
    assert_near(at(&r, 2, 14), 4);
    /* A frame on the grid is taken as it is, also if its time is rounded. */
    zoo_ring_observe(&r, &g, 10.30005, all(7.5F));
    write_to(&r, &g, 10.30005);
    ck_assert_uint_eq(g.next, 4);
    ck_assert(at(&r, 3, 0) == 7.5);
    ck_assert_ptr_null(zoo_ring_frame(&(zoo_ring){.first = 2, .length = 4}, 1));
    zoo_ring_close(&r);
}
END_TEST

START_TEST(missing_joints_are_bridged)
{
    zoo_grid g = {.origin = 0, .step = 1};
    float lack[COLUMNS];
    zoo_ring r;
    CHECK(zoo_ring_open(&r, zoo_layout_find("tiny5"), 16, 3, &err));
    zoo_ring_clear(&r, 0);
    zoo_ring_observe(&r, &g, 0, all(6));
    write_to(&r, &g, 0);
    memcpy(lack, all(8), sizeof lack);
    lack[2] = NAN;
    lack[4] = INFINITY;
    for (int t = 1; t < 3; t++) {
        zoo_ring_observe(&r, &g, t, lack);
        write_to(&r, &g, t);
    }
    /* Held until it is known again, then on the line. */
    ck_assert(at(&r, 2, 2) == 6 && at(&r, 2, 4) == 6 && at(&r, 2, 1) == 8);
    zoo_ring_observe(&r, &g, 3, all(9));
    write_to(&r, &g, 3);
    assert_near(at(&r, 1, 2), 7);
    assert_near(at(&r, 2, 2), 8);
    assert_near(at(&r, 2, 4), 8);
    ck_assert(at(&r, 1, 1) == 8 && at(&r, 2, 1) == 8 && at(&r, 3, 2) == 9);
    /* For no longer than the gap: the value is missing from the fourth frame on. */
    for (int t = 4; t < 9; t++) {
        zoo_ring_observe(&r, &g, t, lack);
        write_to(&r, &g, t);
        ck_assert_msg(isnan(at(&r, (uint64_t)t, 2)) == (t > 6), "frame %d: %g", t,
                      at(&r, (uint64_t)t, 2));
    }
    zoo_ring_observe(&r, &g, 9, all(1));
    write_to(&r, &g, 9);
    ck_assert(isnan(at(&r, 8, 2)) && at(&r, 9, 2) == 1);
    zoo_ring_close(&r);
}
END_TEST

/* -------------------------------------------------------------------- following */

/* A body whose joints lie on a diagonal of 4 from x on: its size is 4 sqrt(3). */
static void put(float *values, size_t i, float x)
{
    const zoo_layout *l = zoo_layout_find("tiny5");
    for (size_t n = 0; n < l->nodes; n++)
        for (size_t k = 0; k < 3; k++)
            values[i * COLUMNS + l->column[3 * n + k]] = (float)n + (k == 0 ? x : 0);
}

typedef struct scene {
    zoo_matching m;
    float last[3][COLUMNS], values[8 * COLUMNS];
    int64_t id[8];
    bool begun[3];
    uint64_t dropped;
} scene;

static void scene_open(scene *s)
{
    memset(s, 0, sizeof *s);
    CHECK(zoo_matching_open(&s->m, zoo_layout_find("tiny5"), 3, 0.5, &err));
    for (size_t k = 0; k < 3; k++)
        s->m.track[k].last = s->last[k];
}

/* Takes a frame of n bodies at these places, and keeps the followed ones' values. */
static void take(scene *s, size_t n, const float *x, const int64_t *id)
{
    for (size_t i = 0; i < n; i++)
        put(s->values, i, x[i]);
    const zoo_frame f = {.time = 1, .bodies = n, .id = id, .values = s->values};
    zoo_matching_take(&s->m, &f, s->begun, &s->dropped);
    for (size_t k = 0; k < 3; k++)
        if (s->m.track[k].alive && s->m.track[k].now != SIZE_MAX)
            memcpy(s->last[k], s->values + s->m.track[k].now * COLUMNS, sizeof s->last[k]);
}

START_TEST(bodies_without_ids_are_followed_by_place)
{
    scene s;
    scene_open(&s);
    take(&s, 2, (const float[]){0, 10}, NULL);
    ck_assert(s.begun[0] && s.begun[1] && !s.begun[2]);
    ck_assert_int_eq(s.m.track[0].number, 1);
    ck_assert_int_eq(s.m.track[1].number, 2);
    /* In another order, each 3 on: within half of 6.93. */
    take(&s, 2, (const float[]){13, 3}, NULL);
    ck_assert(!s.begun[0] && !s.begun[1]);
    ck_assert_uint_eq(s.m.track[0].now, 1);
    ck_assert_uint_eq(s.m.track[1].now, 0);
    /* The nearest pair goes first, and 4 is too far. */
    take(&s, 2, (const float[]){7, 12}, NULL);
    ck_assert_uint_eq(s.m.track[0].now, SIZE_MAX);
    ck_assert_uint_eq(s.m.track[1].now, 1);
    ck_assert(s.begun[2]);
    ck_assert_int_eq(s.m.track[2].number, 3);
    /* No place is left for a fourth one. */
    take(&s, 4, (const float[]){3, 12, 7, 100}, NULL);
    ck_assert_uint_eq(s.dropped, 1);
    ck_assert_uint_eq(s.m.track[0].now, 0);
    zoo_matching_close(&s.m);
}
END_TEST

START_TEST(bodies_with_ids_are_followed_by_them)
{
    scene s;
    scene_open(&s);
    take(&s, 2, (const float[]){0, 50}, (const int64_t[]){9, 4});
    ck_assert_int_eq(s.m.track[0].number, 9);
    take(&s, 3, (const float[]){0, 50, 0}, (const int64_t[]){4, 9, 9});
    ck_assert_uint_eq(s.dropped, 1); /* the second 9 */
    ck_assert_uint_eq(s.m.track[0].now, 1);
    ck_assert_uint_eq(s.m.track[1].now, 0);
    /* A body without an id is neither of them; its number is free. */
    s.m.next = 4;
    take(&s, 2, (const float[]){50, 0}, (const int64_t[]){-1, 4});
    ck_assert(s.begun[2]);
    ck_assert_int_eq(s.m.track[2].number, 5);
    zoo_matching_close(&s.m);
}
END_TEST

START_TEST(crowds_are_bounded)
{
    static float values[300 * COLUMNS];
    scene s;
    scene_open(&s);
    for (size_t i = 0; i < 300; i++)
        put(values, i, (float)(20 * i));
    const zoo_frame f = {.time = 1, .bodies = 300, .values = values};
    zoo_matching_take(&s.m, &f, s.begun, &s.dropped);
    ck_assert_uint_eq(s.dropped, 297);
    zoo_matching_close(&s.m);
}
END_TEST

/* ----------------------------------------------------------------------- events */

/* Answers a second apart, of the classes a, b and ten others, which share the rest: their
 * probabilities of a and b in percent, and the events, one letter for each answer: A and B begin, a
 * and b end, x and y change to b and to a. */
static const struct {
    double on, off, hold, reject;
    const char *none;
    size_t mean;
    int a[8], b[8];
    const char *events;
} cases[] = {
    /* hysteresis: between off and on nothing changes */
    {0.6, 0.4, 0, 0, "", 1, {50, 60, 50, 40, 39, 50, 70, 10}, {0}, ".A..a.Aa"},
    /* hold: no event for two seconds */
    {0.6, 0.4, 2, 0, "", 1, {70, 10, 10, 70, 70, 10, 70, 70}, {0}, "A.a.A..."},
    /* another class ends the one that lasts */
    {0.4,
     0.1,
     0,
     0,
     "",
     1,
     {60, 45, 20, 20, 70, 0, 0, 0},
     {0, 45, 60, 30, 20, 0, 0, 0},
     "A.x.ya.."},
    /* a class that stands for none, and answers that are too improbable */
    {0.3, 0.2, 0, 0, "a", 1, {90, 90, 0, 10, 10, 0, 0, 0}, {5, 10, 80, 90, 0, 0, 0, 0}, "..B.b..."},
    {0.3, 0.2, 0, 0.5, "", 1, {45, 50, 30, 30, 10, 0, 0, 0}, {0}, ".A..a..."},
    /* means of three answers: 80, 40, 60, 60, 60, 27, 0 */
    {0.6, 0.4, 0, 0, "", 3, {80, 0, 100, 80, 0, 0, 0, 0}, {0}, "A....a.."},
};

START_TEST(events_have_hysteresis_and_hold)
{
    enum { CLASSES = 12 };
    char action[CLASSES][ZOO_NAME_SIZE] = {"a", "b"};
    const zoo_domain d = {.actions = CLASSES, .action = action};
    zoo_stream_options o = zoo_stream_default();
    zoo_events e;
    char got[9] = "";

    for (int i = 2; i < CLASSES; i++)
        snprintf(action[i], sizeof action[i], "other %d", i);
    o.on = cases[_i].on;
    o.off = cases[_i].off;
    o.hold = cases[_i].hold;
    o.reject = cases[_i].reject;
    strcpy(o.none, cases[_i].none);
    CHECK(zoo_events_open(&e, &d, &o, cases[_i].mean, &err));
    for (int round = 0; round < 2; round++) {
        for (int t = 0; t < 8; t++) {
            gop_real p[CLASSES] = {(gop_real)cases[_i].a[t] / 100, (gop_real)cases[_i].b[t] / 100};
            for (int i = 2; i < CLASSES; i++)
                p[i] = (1 - p[0] - p[1]) / (CLASSES - 2);
            const zoo_change c = zoo_events_take(&e, t, p);
            ck_assert(c.on == SIZE_MAX || c.on < 2);
            got[t] = c.off == SIZE_MAX  ? c.on == SIZE_MAX ? '.' : "AB"[c.on]
                      : c.on == SIZE_MAX ? "ab"[c.off]
                                        : "yx"[c.on];
        }
        ck_assert_str_eq(got, cases[_i].events);
        zoo_events_clear(&e);
    }
    zoo_events_close(&e);
}
END_TEST

TEST_MAIN("stream parts")
{
    tcase_add_test(t, times_between_frames_are_on_lines);
    tcase_add_test(t, missing_joints_are_bridged);
    tcase_add_test(t, bodies_without_ids_are_followed_by_place);
    tcase_add_test(t, bodies_with_ids_are_followed_by_them);
    tcase_add_test(t, crowds_are_bounded);
    tcase_add_loop_test(t, events_have_hysteresis_and_hold, 0, sizeof cases / sizeof *cases);
}
