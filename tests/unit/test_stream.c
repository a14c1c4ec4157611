/*
 * test_stream.c: streams of frames: answers equal those of zoo_inference on the same windows, frames
 * at odd times are counted, text gives the same frames in any pieces, memory does not grow.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "model_file.h"
#include "scratch.h"
#include "zoo/zoo.h"

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

enum { COLUMNS = 15, FRAMES = 50 };

static gop_error err;

typedef struct ready {
    gop_ctx *ctx;
    zoo_model *model;
    zoo_stream *stream;
} ready;

static ready open_with(const zoo_stream_options *o)
{
    ready r;
    const char *path = scratch_path("stream.gop");
    model_write(path);
    CHECK(zoo_model_load(&r.model, NULL, path, &err));
    CHECK(gop_ctx_new(&r.ctx, 1, 0, &err));
    CHECK(zoo_stream_new(&r.stream, r.ctx, r.model, o, &err));
    return r;
}

static void close_all(ready *r)
{
    zoo_stream_free(r->stream);
    gop_ctx_free(r->ctx);
    zoo_model_free(r->model);
}

/* Any motion: frame t of body b. */
static void fill(float *values, size_t t, size_t b)
{
    for (size_t c = 0; c < COLUMNS; c++)
        values[c] = (float)sin(0.1 * (double)t * (double)(1 + c % 4) + (double)(c + 7 * b));
}

/* Pushes a frame of n bodies, of which `at[b]` is the number of body b. */
static void push(zoo_stream *s, double time, size_t t, size_t n)
{
    float values[60 * COLUMNS];
    int64_t id[60];
    for (size_t b = 0; b < n; b++) {
        fill(values + b * COLUMNS, t, b);
        id[b] = (int64_t)b;
    }
    CHECK(zoo_stream_push(s, &(zoo_frame){.time = time, .bodies = n, .id = id, .values = values},
                          &err));
}

/* Passes all items; returns the number of answers. */
static size_t pass(zoo_stream *s)
{
    const zoo_stream_item *item;
    size_t n = 0;
    for (;;) {
        CHECK(zoo_stream_next(s, &item, &err));
        if (item == NULL)
            return n;
        n += item->kind == ZOO_STREAM_ANSWER;
    }
}

START_TEST(answers_are_those_of_windows)
{
    zoo_stream_options o = zoo_stream_default();
    o.hop = o.smooth = 0;
    ready r = open_with(&o);
    const size_t window = MODEL_OBSERVED;
    float raw[FRAMES * COLUMNS];
    float poses[MODEL_PREDICTED * COLUMNS];
    gop_real *x = calloc(model_window(r.model), sizeof *x), scores[MODEL_CLASSES];
    gop_real *normal = calloc(model_poses(r.model), sizeof *normal);
    const zoo_stream_item *item;
    zoo_inference *inference;
    size_t answers = 0;

    ck_assert_uint_eq(zoo_stream_window(r.stream), window);
    ck_assert(zoo_stream_rate(r.stream) == 25);
    CHECK(zoo_inference_new(&inference, r.ctx, r.model, 1, &err));
    for (size_t t = 0; t < FRAMES; t++) {
        fill(raw + t * COLUMNS, t, 0);
        push(r.stream, (double)t / 25, t, 1);
        for (;;) {
            CHECK(zoo_stream_next(r.stream, &item, &err));
            if (item == NULL)
                break;
            if (item->kind != ZOO_STREAM_ANSWER)
                continue;
            answers++;
            ck_assert_uint_ge(t + 1, window);
            ck_assert(fabs(item->time - (double)t / 25) < 1e-9);
            zoo_normalise(&r.model->domain, raw + (t + 1 - window) * COLUMNS, window, x,
                          window * r.model->domain.layout.channels);
            CHECK(zoo_inference_run(inference, x, NULL, scores, normal, &err));
            ck_assert_mem_eq(item->probabilities, scores, sizeof scores);
            for (size_t k = 0; k < MODEL_PREDICTED; k++)
                memcpy(poses + k * COLUMNS, raw + t * COLUMNS, COLUMNS * sizeof *poses);
            zoo_denormalise(&r.model->domain, normal, MODEL_PREDICTED, poses);
            ck_assert_uint_eq(item->frames, MODEL_PREDICTED);
            ck_assert_mem_eq(item->poses, poses, sizeof poses);
            ck_assert_int_eq(item->body, 0);
            ck_assert(item->bodies == 1 && item->ids[0] == 0);
        }
    }
    ck_assert_uint_eq(answers, FRAMES - window + 1);
    ck_assert_uint_eq(zoo_stream_count(r.stream).answers, answers);
    zoo_inference_free(inference);
    free(x);
    free(normal);
    close_all(&r);
}
END_TEST

START_TEST(odd_frames_are_counted)
{
    zoo_stream_options o = zoo_stream_default();
    o.bodies = 8;
    ready r = open_with(&o);
    zoo_stream *s = r.stream;
    size_t answers = 0;

    for (size_t t = 0; t < FRAMES; t++) {
        push(s, 100 + (double)t / 25, t, 50);
        answers += pass(s);
    }
    zoo_stream_counts c = zoo_stream_count(s);
    ck_assert_uint_eq(c.bodies, 8);
    ck_assert_uint_eq(c.dropped, 42 * FRAMES);
    ck_assert_uint_eq(answers % 8, 0);
    ck_assert_uint_gt(answers, 0);
    push(s, 100 + 49. / 25, 0, 1); /* again */
    ck_assert_uint_eq(pass(s), 0);
    push(s, 101.9, 0, 1); /* late */
    ck_assert_uint_eq(pass(s), 0);
    push(s, 102, 50, 2); /* the others are absent */
    pass(s);
    c = zoo_stream_count(s);
    ck_assert(c.repeated == 1 && c.late == 1 && c.restarts == 0 && c.missing == 6);
    ck_assert_uint_eq(c.frames, FRAMES + 1);
    push(s, 3, 0, 1); /* far back: anew */
    pass(s);
    push(s, 1e9, 0, 1); /* far ahead: all are gone, at once */
    pass(s);
    c = zoo_stream_count(s);
    ck_assert(c.restarts == 1 && c.bodies == 10);
    const zoo_frame bad[] = {{.time = NAN}, {.time = INFINITY}, {.time = 2e12}, {.bodies = 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_int_eq(recorded(zoo_stream_push(s, &bad[i], &err), &err), GOP_EINVAL);
    zoo_stream_reset(s);
    ck_assert_uint_eq(zoo_stream_count(s).frames, 0);
    /* The items of a frame come before the next one. */
    for (size_t t = 0; t < MODEL_OBSERVED; t++) {
        ck_assert_uint_eq(pass(s), 0);
        push(s, (double)t / 25, t, 1);
    }
    ck_assert_int_eq(recorded(zoo_stream_push(s, &(zoo_frame){.time = 9}, &err), &err), GOP_ESTATE);
    ck_assert_int_eq(recorded(zoo_stream_finish(s, &err), &err), GOP_ESTATE);
    ck_assert_uint_eq(pass(s), 1);
    close_all(&r);
}
END_TEST

/* A class that is on when the stream ends, or its body goes, ends. */
START_TEST(actions_end_with_their_bodies)
{
    zoo_stream_options o = zoo_stream_default();
    o.on = o.off = 0;
    ready r = open_with(&o);
    const zoo_stream_item *item;
    size_t on = 0, off = 0;

    for (size_t t = 0; t < FRAMES + 20; t++) {
        push(r.stream, (double)t / 25, t, t < FRAMES ? 2 : 1);
        for (;;) {
            CHECK(zoo_stream_next(r.stream, &item, &err));
            if (item == NULL)
                break;
            on += item->kind == ZOO_STREAM_ON && item->body == 1;
            if (item->kind == ZOO_STREAM_OFF && item->body == 1 && t >= FRAMES) {
                off++;
                ck_assert_uint_ge(t, FRAMES + 12); /* half a second */
            }
        }
    }
    ck_assert_uint_ge(on, 1);
    ck_assert_uint_eq(off, 1);
    CHECK(zoo_stream_finish(r.stream, &err));
    CHECK(zoo_stream_next(r.stream, &item, &err));
    ck_assert(item != NULL && item->kind == ZOO_STREAM_OFF && item->body == 0);
    ck_assert_uint_eq(pass(r.stream), 0);
    close_all(&r);
}
END_TEST

START_TEST(options_are_checked)
{
    zoo_stream_options o = zoo_stream_default();
    ready r = open_with(NULL);
    zoo_stream *s = r.stream;

    o.on = 0.3;
    ck_assert_int_eq(recorded(zoo_stream_new(&s, r.ctx, r.model, &o, &err), &err), GOP_EINVAL);
    ck_assert_ptr_null(s);
    o = zoo_stream_default();
    o.bodies = 65;
    ck_assert_int_eq(recorded(zoo_stream_new(&s, r.ctx, r.model, &o, &err), &err), GOP_EINVAL);
    o = zoo_stream_default();
    strcpy(o.none, "four");
    ck_assert_int_eq(recorded(zoo_stream_new(&s, r.ctx, r.model, &o, &err), &err), GOP_EINVAL);
    o = zoo_stream_default();
    o.window = 3; /* the model sees windows */
    ck_assert_int_eq(recorded(zoo_stream_new(&s, r.ctx, r.model, &o, &err), &err), GOP_EINVAL);
    o = zoo_stream_default();
    o.horizon = 0.4;
    CHECK(zoo_stream_new(&s, r.ctx, r.model, &o, &err));
    zoo_stream_free(s);
    ck_assert_ptr_nonnull(zoo_setting_find(zoo_stream_settings(), "hop"));
    const gop_real p[] = {(gop_real)0.2, (gop_real)0.5, (gop_real)0.3};
    const zoo_domain *d = &r.model->domain;
    ck_assert_uint_eq(zoo_stream_choose(d, "", 0, p), 1);
    ck_assert_uint_eq(zoo_stream_choose(d, "one", 0.5, p), 1);
    ck_assert_uint_eq(zoo_stream_choose(d, "two", 0, p), SIZE_MAX);
    ck_assert_uint_eq(zoo_stream_choose(d, NULL, 0.51, p), SIZE_MAX);
    close_all(&r);
}
END_TEST

/* Transformations that need no more than a window are applied to it. */
START_TEST(windows_are_transformed)
{
    static const char *const steps[] = {"units 0.5", "image clip"};
    const char *const action[] = {"one", "two"};
    zoo_stream_options o = zoo_stream_default();
    for (size_t i = 0; i < 2; i++) {
        const zoo_raw raw = {.layout = zoo_layout_find(i == 0 ? "tiny5" : "openpose25"),
                             .rate = 25,
                             .steps = steps[i]};
        ready r = {.stream = NULL};
        zoo_domain d;
        CHECK(zoo_raw_domain(&d, "own", &raw, action, 2, &err));
        CHECK(zoo_model_new(&r.model, zoo_model_type_find(NULL, "template"), NULL, &d, 1, &err));
        CHECK(zoo_model_set(r.model, "observed", "4", &err));
        CHECK(gop_ctx_new(&r.ctx, 1, 0, &err));
        o.hop = o.smooth = 0;
        if (i == 1) {
            ck_assert_int_eq(recorded(zoo_stream_new(&r.stream, r.ctx, r.model, &o, &err), &err),
                             GOP_EINVAL);
            ck_assert_ptr_nonnull(strstr(err.message, "the size of each clip's image"));
        } else {
            gop_real x[4 * COLUMNS], scores[2];
            float half[4 * COLUMNS];
            const zoo_stream_item *item;
            zoo_inference *inference;
            CHECK(zoo_stream_new(&r.stream, r.ctx, r.model, &o, &err));
            CHECK(zoo_inference_new(&inference, r.ctx, r.model, 1, &err));
            for (size_t t = 0; t < 4; t++) {
                fill(half + t * COLUMNS, t, 0);
                push(r.stream, (double)t / 25, t, 1);
                CHECK(zoo_stream_next(r.stream, &item, &err));
                ck_assert((item != NULL) == (t == 3));
            }
            for (size_t k = 0; k < 4 * COLUMNS; k++)
                half[k] *= 0.5F;
            zoo_normalise(&r.model->domain, half, 4, x, 12);
            CHECK(zoo_inference_run(inference, x, NULL, scores, NULL, &err));
            ck_assert_mem_eq(item->probabilities, scores, sizeof scores);
            zoo_inference_free(inference);
        }
        zoo_domain_clear(&d);
        close_all(&r);
    }
}
END_TEST

/* ------------------------------------------------------------------------- text */

static const char text[] =
    "\xef\xbb\xbfx1,y1,z1,x2,y2,z2,x3,y3,z3,x4,y4,z4,x5,y5,z5\r\n"
    "\r\n"
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\r\n"
    "1,2,3\n"
    "1,2,,nan,5,6,7,8,9,10,11,12,13,14,1e2\n"
    "# a comment\n"
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,x\n"
    "{\"t\":5.25,\"more\":[{}],\"bodies\":[{\"id\":3,\"pose\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,"
    "null]},{\"pose\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0.5]}]}\n"
    "{\"t\":6,\"bodies\":[]}\n"
    "{\"t\":6,\"bodies\":[{\"pose\":[1]}]}\n"
    "{\"t\":6,\"bodies\":[\n"
    "{\"t\":\"6\",\"bodies\":[]}\n"
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15";

/* Prints the frames of the text, given in pieces of n bytes, and what is wrong with it. */
static void read_text(char *to, size_t size, size_t n)
{
    const zoo_frame *f = NULL;
    zoo_frame_lines *l;
    size_t used = 0, room, given = 0;
    CHECK(zoo_frame_lines_new(&l, zoo_layout_find("tiny5"), 10, &err));
    for (bool ended = false; !ended;) {
        char *at = zoo_frame_lines_room(l, &room);
        size_t k = sizeof text - 1 - given < n ? sizeof text - 1 - given : n;
        k = k < room ? k : room;
        memcpy(at, text + given, k);
        given += k;
        zoo_frame_lines_add(l, k);
        ended = k == 0;
        for (;;) {
            const gop_status s = zoo_frame_lines_next(l, &f, &err);
            if (s == GOP_OK && f == NULL)
                break;
            used += (size_t)(s != GOP_OK
                                 ? snprintf(to + used, size - used, "%s\n", err.message)
                                 : snprintf(to + used, size - used, "%g: %zu", f->time, f->bodies));
            for (size_t b = 0; s == GOP_OK && b < f->bodies; b++)
                used += (size_t)snprintf(to + used, size - used, " %d[%g %g %g]", (int)f->id[b],
                                         (double)f->values[b * COLUMNS + 2],
                                         (double)f->values[b * COLUMNS + 3],
                                         (double)f->values[b * COLUMNS + 14]);
            if (s == GOP_OK)
                used += (size_t)snprintf(to + used, size - used, "\n");
            ck_assert_uint_lt(used, size);
        }
    }
    ck_assert_uint_eq(zoo_frame_lines_bad(l), 5);
    zoo_frame_lines_free(l);
}

START_TEST(text_is_read_in_any_pieces)
{
    char whole[4096], pieces[4096];
    read_text(whole, sizeof whole, sizeof text);
    ck_assert_str_eq(whole, "0: 1 1[3 4 15]\n"
                            "line 4: 3 columns instead of 15\n"
                            "0.2: 1 1[nan nan 100]\n"
                            "line 7: an entry is not a number\n"
                            "5.25: 2 3[3 4 nan] -1[0 0 0.5]\n"
                            "6: 0\n"
                            "line 10: a pose of 1 columns instead of 15\n"
                            "line 11: not JSON at byte 18: an object is expected here\n"
                            "line 12: \"t\" is not a number\n"
                            "0.9: 1 1[3 4 15]\n");
    for (size_t n = 1; n < 40; n += n < 4 ? 1 : 7) {
        read_text(pieces, sizeof pieces, n);
        ck_assert_str_eq(pieces, whole);
    }
}
END_TEST

START_TEST(long_lines_are_refused)
{
    const zoo_frame *f;
    zoo_frame_lines *l;
    size_t room, given = 0;
    CHECK(zoo_frame_lines_new(&l, zoo_layout_find("tiny5"), 10, &err));
    while (given < (size_t)1 << 22) {
        char *at = zoo_frame_lines_room(l, &room);
        memset(at, '1', room);
        zoo_frame_lines_add(l, room);
        given += room;
        CHECK(zoo_frame_lines_next(l, &f, &err));
        ck_assert_ptr_null(f);
    }
    strcpy(zoo_frame_lines_room(l, &room), "1\n1,1,1,1,1,1,1,1,1,1,1,1,1,1,2\n");
    zoo_frame_lines_add(l, 33);
    ck_assert_int_eq(recorded(zoo_frame_lines_next(l, &f, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "line 1: the line has more than "));
    CHECK(zoo_frame_lines_next(l, &f, &err));
    ck_assert(f != NULL && f->time == 0.1);
    zoo_frame_lines_free(l);
}
END_TEST

START_TEST(files_of_frames_are_read)
{
    char json[2048] = "{\"version\":1.3,\"people\":[{\"person_id\":[-1],\"pose_keypoints_2d\":[";
    const zoo_frame *f;
    zoo_frame_lines *l;
    for (int i = 0; i < 25; i++)
        snprintf(json + strlen(json), sizeof json - strlen(json), "%s%d,2,0.5", i ? "," : "",
                 i + 1);
    strcat(json, "]}]}");
    CHECK(zoo_frame_lines_new(&l, zoo_layout_find("openpose25"), 10, &err));
    const char *path = scratch_path("clip_000000000012_keypoints.json");
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL && fputs(json, file) >= 0 && fclose(file) == 0);
    CHECK(zoo_frame_lines_file(l, path, &f, &err));
    ck_assert(f->time == 1.2 && f->bodies == 1 && f->id[0] == -1);
    ck_assert(f->values[0] == 1 && f->values[1] == 2);
    file = fopen(path, "w");
    ck_assert(file != NULL && fputs("{\"people\":[", file) >= 0 && fclose(file) == 0);
    ck_assert_int_eq(recorded(zoo_frame_lines_file(l, path, &f, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_null(f);
    ck_assert_uint_eq(zoo_frame_lines_bad(l), 1);
    ck_assert_int_eq(recorded(zoo_frame_lines_file(l, "nowhere", &f, &err), &err), GOP_ESYSTEM);
    zoo_frame_lines_free(l);
}
END_TEST

/* A sanitizer keeps freed memory for a while, 256 MB of it by default. */
enum { SLACK = 256, SANITIZER_SLACK = 1 << 18 }; /* KB */

static long slack(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return SANITIZER_SLACK;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
    return SANITIZER_SLACK;
#endif
#endif
    return SLACK;
}

/* Kilobytes that the process has had at once. */
static long most_memory(void)
{
    struct rusage u;
    ck_assert_int_eq(getrusage(RUSAGE_SELF, &u), 0);
    return u.ru_maxrss;
}

START_TEST(memory_does_not_grow)
{
    zoo_stream_options o = zoo_stream_default();
    o.hop = 60; /* few answers: the test is short */
    ready r = open_with(&o);
    const zoo_frame *f;
    zoo_frame_lines *l;
    long before = 0;
    size_t room;

    CHECK(zoo_frame_lines_new(&l, &r.model->domain.layout, 25, &err));
    for (size_t t = 0; t < 20000; t++) {
        char *at = zoo_frame_lines_room(l, &room);
        const int n = snprintf(at, room, "1,2,3,4,5,6,7,8,9,%zu,11,12,13,14,15\n", t % 50);
        zoo_frame_lines_add(l, (size_t)n);
        CHECK(zoo_frame_lines_next(l, &f, &err));
        ck_assert_ptr_nonnull(f);
        zoo_frame one = *f;
        one.id = &(int64_t){(int64_t)(t / 7)}; /* bodies come and go */
        CHECK(zoo_stream_push(r.stream, &one, &err));
        pass(r.stream);
        if (t == 1000)
            before = most_memory();
    }
    ck_assert_int_le(most_memory() - before, slack());
    ck_assert_uint_eq(zoo_stream_count(r.stream).frames, 20000);
    zoo_frame_lines_free(l);
    close_all(&r);
}
END_TEST

TEST_MAIN("stream")
{
    tcase_add_test(t, answers_are_those_of_windows);
    tcase_add_test(t, odd_frames_are_counted);
    tcase_add_test(t, actions_end_with_their_bodies);
    tcase_add_test(t, options_are_checked);
    tcase_add_test(t, windows_are_transformed);
    tcase_add_test(t, text_is_read_in_any_pieces);
    tcase_add_test(t, long_lines_are_refused);
    tcase_add_test(t, files_of_frames_are_read);
    tcase_add_test(t, memory_does_not_grow);
}
