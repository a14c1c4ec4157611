/*
 * test_prepare_failures.c: when memory or the system fails, zoo_prepare fails with it; what it
 * writes with GOP_OK is what it writes undisturbed.  When memory fails, so do the other functions
 * that read files or make something of what was read, with GOP_ENOMEM.  Interposes the allocator and open, read and
 * stat.  Under a sanitizer, which interposes the allocator itself, and without glibc nothing fails.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "prepare_run.h"
#include "zoo/zoo.h"

#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAILS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define FAILS 0
#endif
#endif
#ifndef FAILS
#define FAILS 1
#endif

/* ------------------------------------------------------------ standing in front */

typedef enum call { ALLOCATION, OPEN, READ, STAT, CALLS } call;

static call failing = CALLS;
static int code;         /* the errno of the failure */
static long until, from; /* calls before the failure; whether all later ones fail too */
static bool failed;

#if FAILS

/* Whether this call is to fail. */
static bool due(call which)
{
    if (which != failing || (--until > 0) || (until < 0 && !from))
        return false;
    failed = true;
    errno = code;
    return true;
}

extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *p, size_t bytes);

GOP_API void *malloc(size_t bytes)
{
    return due(ALLOCATION) ? NULL : __libc_malloc(bytes);
}

GOP_API void *calloc(size_t n, size_t bytes)
{
    return due(ALLOCATION) ? NULL : __libc_calloc(n, bytes);
}

GOP_API void *realloc(void *p, size_t bytes)
{
    return due(ALLOCATION) ? NULL : __libc_realloc(p, bytes);
}

GOP_API int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return due(OPEN) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

GOP_API ssize_t read(int fd, void *to, size_t n)
{
    return due(READ) ? -1 : (ssize_t)syscall(SYS_read, fd, to, n);
}

GOP_API int stat(const char *path, struct stat *st)
{
    return due(STAT) ? -1 : fstatat(AT_FDCWD, path, st, 0);
}

#endif

/* ---------------------------------------------------------------------- sources */

static zoo_raw make_csv(void)
{
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/nod");
    scratch_mkdir("train/bow");
    scratch_mkdir("test/nod");
    make_rows("train/nod/a.csv", 4, 15, 1, "\n");
    make_rows("train/bow/b.csv", 3, 15, 2, "\n");
    make_rows("train/bow/thin.csv", 3, 14, 2, "\n");
    make_rows("test/nod/c.csv", 4, 15, 1, "\n"); /* equals a.csv */
    scratch_text("train/notes", "x");
    return (zoo_raw){.source = "csv", .layout = zoo_layout_find("tiny5"), .rate = 30};
}

static zoo_raw make_filled(void)
{
    zoo_raw raw = make_csv();
    raw.fill = 6;
    return raw;
}

static zoo_raw make_table(void)
{
    static char table[256];
    zoo_raw raw = make_csv();
    scratch_text("table", "a,nod\nb,bow\nc,nod\nd,bow\n");
    snprintf(table, sizeof table, "%s", scratch_path("table"));
    raw.labels = table;
    return raw;
}

static zoo_raw make_h36m(void)
{
    scratch_mkdir("S1");
    scratch_mkdir("S5");
    make_rows("S1/walking_1.txt", 4, 99, 1, "\n");
    make_rows("S5/walking_1.txt", 4, 99, 2, "\n");
    return (zoo_raw){.source = "h36m"};
}

static zoo_raw make_cmu(void)
{
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/walking");
    scratch_mkdir("test/walking");
    make_rows("train/walking/a.txt", 120, 117, 1, "\n");
    make_rows("test/walking/b.txt", 120, 117, 2, "\n");
    return (zoo_raw){.source = "cmu"};
}

static zoo_raw make_partial(void)
{
    zoo_raw raw = make_cmu();
    scratch_mkdir("test/washwindow");
    make_rows("test/washwindow/c.txt", 240, 117, 3, "\n");
    make_rows("train/walking/d.txt", 120, 117, 4, "\n"); /* the half is a fifth sequence */
    raw.split = "partial";
    return raw;
}

static void make_skeleton(const char *name)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "2\n");
    for (int t = 0; t < 2; t++) {
        fprintf(f, "1\n1 0 1 1 1 1 0 0.02 -0.2 2\n25\n");
        for (int j = 0; j < 25; j++)
            fprintf(f, "%g %g %g 2 1 9 5 0.1 0.2 0.9 0.05 2\n", 0.1 * j, 0.2 * t, sin(j));
    }
    ck_assert_int_eq(fclose(f), 0);
}

static zoo_raw make_ntu(void)
{
    make_skeleton("S001C001P001R001A001.skeleton");
    make_skeleton("S001C001P003R001A001.skeleton");
    scratch_text("notes", "x");
    return (zoo_raw){.source = "ntu"};
}

static zoo_raw make_skipped(void)
{
    static char skip[256];
    zoo_raw raw = make_ntu();
    scratch_text("skip", "S001C001P001R001A002\nS001C001P001R001A003\n");
    snprintf(skip, sizeof skip, "%s", scratch_path("skip"));
    raw.skip_list = skip;
    return raw;
}

static void make_clip(const char *name, double x, const char *label)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "{\"data\": [{\"frame_index\": 1, \"skeleton\": [{\"pose\": [");
    for (int i = 0; i < 36; i++)
        fprintf(f, "%s%g", i > 0 ? ", " : "", x + 0.01 * i);
    fprintf(f, "], \"score\": [");
    for (int i = 0; i < 18; i++)
        fprintf(f, "%s0.5", i > 0 ? ", " : "");
    fprintf(f, "]}]}], \"label\": \"%s\"}", label);
    ck_assert_int_eq(fclose(f), 0);
}

static zoo_raw make_kinetics(void)
{
    scratch_mkdir("train");
    scratch_mkdir("val");
    make_clip("train/a.json", 0.1, "nod");
    make_clip("train/b.json", 0.2, "bow");
    make_clip("val/c.json", 0.3, "nod");
    scratch_text("train/bad.json", "{\"data\": 1}");
    return (zoo_raw){.source = "kinetics", .bodies = 2};
}

/* ------------------------------------------------------------------------ runs */

typedef struct run {
    gop_status status;
    size_t findings, n;
    unsigned char *bytes;
    char message[GOP_MESSAGE_SIZE];
} run;

static void arm(call which, int number, long k, bool all)
{
    failed = false;
    code = number;
    until = k;
    from = all;
    failing = which;
}

/* Prepares `raw` while the k-th call of a kind fails, and with `all` the later ones, too. */
static run prepare(zoo_raw raw, call which, int number, long k, bool all)
{
    zoo_dataset *index;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    char file[256];
    run r = {.n = 0};
    snprintf(file, sizeof file, "%s.gds", scratch_folder);
    raw.dir = scratch_folder;
    arm(which, number, k, all);
    r.status = zoo_prepare(&index, &report, &raw, file, &err);
    failing = CALLS;
    snprintf(r.message, sizeof r.message, "%s", err.message);
    r.findings = report.findings;
    if (r.status == GOP_OK)
        r.bytes = scratch_read(file, &r.n);
    unlink(file);
    zoo_report_clear(&report);
    zoo_dataset_free(index);
    return r;
}

static const struct {
    zoo_raw (*make)(void);
    call which;
    int number;
    gop_status status;
} kind[] = {
    {make_csv, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_csv, OPEN, EMFILE, GOP_ESYSTEM},
    {make_csv, READ, EIO, GOP_ESYSTEM},
    {make_csv, STAT, EIO, GOP_ESYSTEM},
    {make_csv, STAT, ENOMEM, GOP_ESYSTEM},
    {make_table, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_filled, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_table, OPEN, ENFILE, GOP_ESYSTEM},
    {make_h36m, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_h36m, STAT, EIO, GOP_ESYSTEM},
    {make_cmu, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_cmu, STAT, EIO, GOP_ESYSTEM},
    {make_partial, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_ntu, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_skipped, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_kinetics, ALLOCATION, ENOMEM, GOP_ENOMEM},
    {make_kinetics, READ, EIO, GOP_ESYSTEM},
    {make_ntu, OPEN, EMFILE, GOP_ESYSTEM},
    {make_ntu, READ, EIO, GOP_ESYSTEM},
};

START_TEST(a_failure_ends_the_preparation)
{
    zoo_raw raw = kind[_i].make();
    run whole = prepare(raw, CALLS, 0, 0, false);
    ck_assert_msg(whole.status == GOP_OK, "%s", whole.message);
    for (int all = 0; all < 2; all++)
        for (long k = 1;; k++) {
            run r = prepare(raw, kind[_i].which, kind[_i].number, k, all);
            bool same = r.status == GOP_OK && r.findings == whole.findings && r.n == whole.n &&
                        memcmp(r.bytes, whole.bytes, r.n) == 0;
            free(r.bytes);
            ck_assert_msg(same || r.status == kind[_i].status || r.status == GOP_ESYSTEM,
                          "failure %ld of kind %d: status %d: %s", k, _i, r.status, r.message);
            ck_assert(same || r.message[0] != '\0');
            if (!failed)
                break;
        }
    free(whole.bytes);
}
END_TEST

/* ----------------------------------------------------------------------- calls */

static zoo_dataset *set;

/* A set and a model for it in files. */
static void make_files(void)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;
    zoo_model *model;
    zoo_inference *inference;
    zoo_raw raw = make_csv();
    raw.dir = scratch_folder;
    scratch_text("poses", "a heading,of text\n1,2\n");
    ck_assert_int_eq(zoo_prepare(&set, NULL, &raw, scratch_path("set.gds"), &err), GOP_OK);
    zoo_dataset_free(set);
    ck_assert_int_eq(zoo_dataset_load(&set, scratch_path("set.gds"), &err), GOP_OK);
    ck_assert_int_eq(
        zoo_model_new(&model, zoo_model_type_find(NULL, "template"), NULL, &set->domain, 1, &err),
        GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, &err), GOP_OK);
    ck_assert_int_eq(zoo_inference_new(&inference, ctx, model, 1, &err), GOP_OK);
    zoo_inference_free(inference);
    gop_ctx_free(ctx);
    ck_assert_int_eq(zoo_model_save(model, scratch_path("model.gop"), &err), GOP_OK);
    zoo_model_free(model);
    ck_assert_int_eq(zoo_layout_save(zoo_layout_find("cmu26"), scratch_path("read.json"), &err),
                     GOP_OK);
}

static gop_status load_set(gop_error *err)
{
    zoo_dataset *data;
    gop_status s = zoo_dataset_load(&data, scratch_path("set.gds"), err);
    zoo_dataset_free(data);
    return s;
}

static gop_status load_model(gop_error *err)
{
    zoo_model *model;
    gop_status s = zoo_model_load(&model, NULL, scratch_path("model.gop"), err);
    zoo_model_free(model);
    return s;
}

static gop_status make_model(gop_error *err)
{
    zoo_model *model;
    gop_status s = zoo_model_new(&model, zoo_model_type_find(NULL, "template"), NULL, &set->domain,
                                 1, err);
    zoo_model_free(model);
    return s;
}

static gop_status make_graphs(gop_error *err)
{
    gop_graph *graph = NULL;
    gop_status s = zoo_layout_graph(&graph, zoo_layout_find("tiny5"), err);
    gop_graph_free(graph);
    if (s == GOP_OK)
        s = zoo_layout_part_graph(&graph, zoo_layout_find("tiny5"), err);
    if (s == GOP_OK)
        gop_graph_free(graph);
    if (s == GOP_OK)
        s = zoo_layout_bone_graph(&graph, zoo_layout_find("tiny5"), err);
    if (s == GOP_OK)
        gop_graph_free(graph);
    return s;
}

static gop_status read_poses(gop_error *err)
{
    float *raw = NULL;
    size_t n;
    zoo_report report;
    gop_status s = zoo_poses_read(&raw, &n, 2, scratch_path("poses"), &report, err);
    zoo_report_clear(&report);
    free(raw);
    return s;
}

static gop_status read_one(gop_error *err)
{
    zoo_dataset *data;
    gop_status s = zoo_read_one(&data, NULL, NULL, &set->domain, scratch_path("train/nod/a.csv"),
                                err);
    zoo_dataset_free(data);
    return s;
}

/* The model's own source does not fit the file, another does. */
static gop_status read_by_content(gop_error *err)
{
    zoo_domain domain = set->domain;
    zoo_dataset *data;
    strcpy(domain.origin, "kinetics");
    gop_status s = zoo_read_one(&data, NULL, NULL, &domain, scratch_path("train/nod/a.csv"), err);
    zoo_dataset_free(data);
    return s;
}

static gop_status open_layout(gop_error *err)
{
    zoo_layout layout;
    gop_status s = zoo_layout_open(&layout, "tiny5", err);
    zoo_layout_clear(&layout);
    return s;
}

static gop_status load_layout(gop_error *err)
{
    zoo_layout layout;
    gop_status s = zoo_layout_load(&layout, scratch_path("read.json"), err);
    zoo_layout_clear(&layout);
    return s;
}

static gop_status save_layout(gop_error *err)
{
    return zoo_layout_save(zoo_layout_find("cmu26"), scratch_path("written.json"), err);
}

static gop_status draw_windows(gop_error *err)
{
    const zoo_windows windows = {
        .observed = 2, .predicted = 1, .noisy_labels = 1, .noisy_targets = 1};
    zoo_sampler *sampler;
    gop_status s = zoo_sampler_new(&sampler, set, &windows, err);
    zoo_sampler_free(sampler);
    return s;
}

static gop_status (*const calls[])(gop_error *) = {
    load_set,        load_model,  make_model,  make_graphs, read_poses,   read_one,
    read_by_content, open_layout, load_layout, save_layout, draw_windows,
};

START_TEST(a_failure_of_memory_is_named)
{
    make_files();
    for (int all = 0; all < 2; all++)
        for (long k = 1;; k++) {
            gop_error err = {GOP_OK, ""};
            arm(ALLOCATION, ENOMEM, k, all);
            const gop_status s = calls[_i](&err);
            failing = CALLS;
            ck_assert_int_eq(s, err.status);
            ck_assert_msg(failed || s == GOP_OK, "call %d: %s", _i, err.message);
            ck_assert_msg(s == GOP_OK || s == GOP_ENOMEM ||
                              (s == GOP_ESYSTEM && strstr(err.message, strerror(ENOMEM)) != NULL),
                          "failure %ld of call %d: status %d: %s", k, _i, (int)s, err.message);
            if (!failed)
                break;
        }
    zoo_dataset_free(set);
}
END_TEST

START_TEST(the_procedural_set_needs_memory)
{
    for (long k = 1; k <= 3; k++) {
        zoo_dataset *data;
        zoo_report report;
        gop_error err = {GOP_OK, ""};
        arm(ALLOCATION, ENOMEM, k, false);
        const gop_status s = zoo_synth(&data, &report, 1, &err);
        failing = CALLS;
        ck_assert_int_eq(s, failed ? GOP_ENOMEM : GOP_OK);
        ck_assert_uint_eq(report.findings, 0);
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
}
END_TEST

TEST_MAIN("prepare_failures")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, a_failure_ends_the_preparation, 0, (int)COUNT(kind));
    tcase_add_loop_test(t, a_failure_of_memory_is_named, 0, (int)COUNT(calls));
    tcase_add_test(t, the_procedural_set_needs_memory);
}
