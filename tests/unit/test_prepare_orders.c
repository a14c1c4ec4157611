/*
 * test_prepare_orders.c: clips of NTU RGB+D with several bodies in the orders of both published
 * preparations, against arrays of tests/numpy/make-orders; a single sample; the larger set.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include <math.h>

#include "numpy_sets.h"
#include "prepare_run.h"

#define JOINTS    25
#define MOST_BODY 4
#define SAMPLE    "S018C002P001R001A106.skeleton"

/* A line of tests/numpy/orders-cases. */
typedef struct body {
    int id, first, last, wide_from, wide_to;
    double sway, aside, phase;
} body;

static size_t read_case(body *bodies, const char *name)
{
    char line[256], word[32];
    size_t n = 0;
    FILE *f = fopen(numpy_set("orders-cases"), "r");
    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof line, f) != NULL) {
        body b;
        if (sscanf(line, "%31s %d %d %d %lf %lf %lf %d %d", word, &b.id, &b.first, &b.last, &b.sway,
                   &b.aside, &b.phase, &b.wide_from, &b.wide_to) == 9 &&
            strcmp(word, name) == 0) {
            ck_assert_uint_lt(n, MOST_BODY);
            bodies[n++] = b;
        }
    }
    fclose(f);
    ck_assert_uint_gt(n, 0);
    return n;
}

static void write_joints(FILE *f, const body *b, int t)
{
    const double stretch = t >= b->wide_from && t < b->wide_to ? 16 : 1;
    fprintf(f, "%d 0 0 0 0 0 0 0 0 2\n%d\n", b->id, JOINTS);
    for (int j = 0; j < JOINTS; j++)
        fprintf(f, "%.4f %.4f %.4f 0 0 0 0 0 0 0 0 2\n",
                0.25 * sin(1.7 * j + b->phase) * stretch + b->aside +
                    b->sway * sin(0.4 * t + j + b->phase),
                0.06 * j - 0.7 + 0.1 * cos(2.1 * j) + b->sway * cos(0.3 * t + 2 * j + b->phase),
                3 + 0.1 * sin(0.9 * j + 2 * b->phase) + 0.5 * b->sway * sin(0.2 * t + b->phase));
}

static void write_clip(const char *file, const char *name)
{
    body bodies[MOST_BODY];
    const size_t n = read_case(bodies, name);
    int frames = 0;
    FILE *f = fopen(scratch_path(file), "w");
    ck_assert_ptr_nonnull(f);
    for (size_t b = 0; b < n; b++)
        frames = bodies[b].last > frames ? bodies[b].last : frames;
    fprintf(f, "%d\n", frames);
    for (int t = 0; t < frames; t++) {
        int there = 0;
        for (size_t b = 0; b < n; b++)
            there += t >= bodies[b].first && t < bodies[b].last;
        fprintf(f, "%d\n", there);
        for (size_t b = 0; b < n; b++)
            if (t >= bodies[b].first && t < bodies[b].last)
                write_joints(f, &bodies[b], t);
    }
    ck_assert_int_eq(fclose(f), 0);
}

/* The values of an array that numpy.save wrote; the caller frees them. */
static float *expected(size_t *n, const char *name, const char *way)
{
    char file[64];
    unsigned char head[10];
    snprintf(file, sizeof file, "orders-%s-%s.npy", name, way);
    FILE *f = fopen(numpy_set(file), "rb");
    ck_assert_msg(f != NULL, "%s", file);
    ck_assert_uint_eq(fread(head, 1, sizeof head, f), sizeof head);
    ck_assert_int_eq(fseek(f, 10 + head[8] + 256 * head[9], SEEK_SET), 0);
    float *v = malloc(65536);
    ck_assert_ptr_nonnull(v);
    unsigned char b[4];
    for (*n = 0; fread(b, 1, 4, f) == 4; ++*n) {
        const uint32_t bits = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
                              (uint32_t)b[3] << 24;
        ck_assert_uint_lt(*n, 16384);
        memcpy(&v[*n], &bits, 4);
    }
    fclose(f);
    return v;
}

static const char *const cases[] = {"one",    "gap",    "two",  "noise",
                                    "partly", "joined", "late", "short"};

static void compare(const char *name, const char *way, zoo_raw raw)
{
    zoo_dataset *data = prepared(raw, NULL);
    const zoo_sequence *q = &data->sequence[0];
    size_t n;
    float *want = expected(&n, name, way);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_msg(q->bodies * q->frames * 75 == n, "%s, %s: %u bodies, %zu frames; %zu values",
                  name, way, (unsigned)q->bodies, q->frames, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(isnan(want[i]) ? isnan(q->data[i])
                                     : fabsf(q->data[i] - want[i]) < 2e-6f * (1 + fabsf(want[i])),
                      "%s, %s: body %zu, frame %zu, column %zu: %g, not %g", name, way,
                      i / 75 / q->frames, i / 75 % q->frames, i % 75, (double)q->data[i],
                      (double)want[i]);
    free(want);
    zoo_dataset *one;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, &data->domain, scratch_path(SAMPLE), &err) ==
                      GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(one->sequence[0].bodies, q->bodies);
    ck_assert_uint_eq(one->sequence[0].frames, q->frames);
    ck_assert_mem_eq(one->sequence[0].data, q->data, n * sizeof *q->data);
    zoo_dataset_free(one);
    zoo_dataset_free(data);
}

START_TEST(bodies_have_the_orders_of_both_preparations)
{
    const zoo_raw raw = {.source = "ntu", .split = "cross-setup"};
    zoo_raw as_pyskl = raw;
    write_clip(SAMPLE, cases[_i]);
    compare(cases[_i], "two-stream", raw);
    as_pyskl.steps = "align pyskl";
    compare(cases[_i], "pyskl", as_pyskl);
}
END_TEST

/* Bodies are ordered as they are aligned, unless the steps say how. */
START_TEST(alignment_brings_its_order)
{
    static const struct {
        const char *steps, *want;
        uint32_t bodies;
    } order[] = {
        {NULL, "bodies 2:motion", 0},
        {"align none", "bodies 2:motion", 0},
        {"align pyskl", "bodies 2:pyskl", 0},
        {"align pyskl", "bodies 1:pyskl", 1},
        {"align pyskl; bodies 3:motion", "bodies 3:motion", 0},
        {"bodies 2:pyskl", "bodies 2:pyskl", 0},
    };
    write_clip(SAMPLE, "two");
    for (size_t i = 0; i < COUNT(order); i++) {
        zoo_dataset *data = prepared((zoo_raw){.source = "ntu",
                                               .split = "cross-setup",
                                               .steps = order[i].steps,
                                               .bodies = order[i].bodies},
                                     NULL);
        ck_assert_str_eq(data->domain.steps.step[0], order[i].want);
        ck_assert_uint_eq(data->sequence[0].bodies, order[i].bodies == 1 ? 1 : 2);
        zoo_dataset_free(data);
    }
}
END_TEST

/* Two bodies of one identity, and more bodies than a clip can have. */
START_TEST(bodies_of_one_identity_and_many_bodies)
{
    zoo_report report;
    FILE *f = fopen(scratch_path(SAMPLE), "w");
    ck_assert_ptr_nonnull(f);
    fputs("24\n", f);
    for (int t = 0; t < 24; t++) {
        const body same[] = {{.id = 7, .sway = 0.1}, {.id = 7, .sway = 0.2, .aside = 1}};
        const body other = {.id = 100 + t / 2, .sway = 0.05, .aside = 3};
        fputs("3\n", f);
        write_joints(f, &same[0], t);
        write_joints(f, &same[1], t);
        write_joints(f, &other, t);
    }
    fclose(f);
    zoo_dataset *data = prepared(
        (zoo_raw){.source = "ntu", .split = "cross-setup", .steps = "align pyskl"}, &report);
    ck_assert_uint_eq(data->sequence[0].bodies, 2);
    ck_assert_uint_eq(data->sequence[0].frames, 24);
    ck_assert(fabsf(data->sequence[0].data[3]) < 1e-6f); /* SpineMid of the first */
    for (size_t i = 0; i < 2 * 24 * 75; i++)
        ck_assert(!isnan(data->sequence[0].data[i]));
    ck_assert(found(&report, ZOO_ALTERED, "14 bodies; read those of the most frames, 8"));
    ck_assert_uint_eq(report.other_bodies, 6);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* The larger set's splits, its classes, and one file in the place of the folder. */
START_TEST(splits_of_the_larger_set)
{
    static const struct {
        const char *file;
        zoo_split subject, setup;
    } sample[] = {
        {"S001C001P002R001A060.skeleton", ZOO_TRAIN, ZOO_TEST},
        {"S018C001P041R001A061.skeleton", ZOO_TEST, ZOO_TRAIN},
        {"S031C003P103R002A120.skeleton", ZOO_TRAIN, ZOO_TEST},
        {"S032C002P106R002A110.skeleton", ZOO_TEST, ZOO_TRAIN},
    };
    zoo_report report;
    for (size_t i = 0; i < COUNT(sample); i++)
        write_clip(sample[i].file, "two");
    for (int k = 0; k < 2; k++) {
        zoo_dataset *data = prepared(
            (zoo_raw){.source = "ntu", .split = k == 0 ? "cross-subject-120" : "cross-setup"},
            NULL);
        ck_assert_uint_eq(data->domain.actions, 120);
        ck_assert_str_eq(data->domain.action[0], "A001_drink_water");
        ck_assert_str_eq(data->domain.action[60], "A061_put_on_headphone");
        ck_assert_str_eq(data->domain.action[119], "A120_rock_paper_scissors");
        ck_assert_str_eq(data->source, k == 0 ? "NTU RGB+D 120, cross-subject-120 split"
                                              : "NTU RGB+D 120, cross-setup split");
        ck_assert_uint_eq(data->sequences, COUNT(sample));
        for (size_t i = 0; i < COUNT(sample); i++)
            ck_assert_int_eq(data->sequence[i].split, k == 0 ? sample[i].subject : sample[i].setup);
        ck_assert_str_eq(data->sequence[3].subject, "P106");
        ck_assert_str_eq(data->sequence[3].setup, "S032");
        ck_assert_uint_eq(data->sequence[3].action, 109);
        zoo_dataset_free(data);
    }
    zoo_dataset *data = prepared((zoo_raw){.source = "ntu"}, &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(data->domain.actions, 60);
    ck_assert(found(&report, ZOO_DROPPED, "action 61 is not among the split's 60"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    char path[SCRATCH_PATH];
    snprintf(path, sizeof path, "%s", scratch_path(sample[2].file));
    data = prepared((zoo_raw){.source = "ntu", .dir = path, .split = "cross-setup"}, NULL);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_str_eq(data->sequence[0].name, "S031C003P103R002A120");
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "ntu", .dir = path}, GOP_EFORMAT, "no usable .skeleton file");
    refused((zoo_raw){.source = "ntu", .dir = "nowhere.skeleton"}, GOP_EFORMAT, "no usable");
}
END_TEST

TEST_MAIN("prepare orders")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, bodies_have_the_orders_of_both_preparations, 0, (int)COUNT(cases));
    tcase_add_test(t, alignment_brings_its_order);
    tcase_add_test(t, bodies_of_one_identity_and_many_bodies);
    tcase_add_test(t, splits_of_the_larger_set);
}
