/*
 * prepare_run.h: prepares raw data of the scratch folder to a file, or checks that it is refused,
 * for test_prepare_*.c.  Static inline only; fails through Check's assertions.
 */
#ifndef TESTS_UNIT_PREPARE_RUN_H
#define TESTS_UNIT_PREPARE_RUN_H

#include "zoo/dataset/prepare.h"

#include <math.h>

#include "hold_frames.h"
#include "scratch.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* 65 bytes. */
#define LONG     "a class whose name is longer than what a data set can hold of it "

/* Prepares `raw`, from the scratch folder unless it names another; this must succeed.  Loads the
 * file, with which the returned index must agree. */
static inline zoo_dataset *prepared(zoo_raw raw, zoo_report *report)
{
    zoo_dataset *index, *data;
    gop_error err = {GOP_OK, ""};
    raw.dir = raw.dir == NULL ? scratch_folder : raw.dir;
    ck_assert_msg(zoo_prepare(&index, report, &raw, scratch_path("out.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_msg(zoo_dataset_load(&data, scratch_path("out.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(index->sequences, data->sequences);
    for (size_t i = 0; i < data->sequences; i++) {
        ck_assert_str_eq(index->sequence[i].name, data->sequence[i].name);
        ck_assert_uint_eq(index->sequence[i].frames, data->sequence[i].frames);
        ck_assert_uint_eq(index->sequence[i].action, data->sequence[i].action);
        ck_assert_ptr_null(index->sequence[i].data);
    }
    hold_frames(data);
    ck_assert_str_eq(index->domain.name, data->domain.name);
    zoo_dataset_free(index);
    unlink(scratch_path("out.gds"));
    return data;
}

/* Prepares a folder of CMU Mocap to a file in the scratch folder, and loads that. */
static inline gop_status read_cmu(zoo_dataset **data, zoo_report *report, const char *dir,
                                  const char *split, gop_error *err)
{
    const zoo_raw raw = {.source = "cmu", .dir = dir, .split = split};
    gop_status s = zoo_prepare(data, report, &raw, scratch_path("cmu.gds"), err);
    if (s != GOP_OK)
        return s;
    zoo_dataset_free(*data);
    s = zoo_dataset_load(data, scratch_path("cmu.gds"), err);
    if (s == GOP_OK)
        hold_frames(*data);
    unlink(scratch_path("cmu.gds"));
    return s;
}

static inline bool found(const zoo_report *report, zoo_finding_kind kind, const char *words)
{
    for (size_t i = 0; i < report->findings; i++)
        if (report->finding[i].kind == kind && strstr(report->finding[i].text, words) != NULL)
            return true;
    return false;
}

/* Preparation must fail with these words and leave no file. */
static inline void refused(zoo_raw raw, gop_status status, const char *words)
{
    zoo_dataset *index;
    zoo_report report;
    gop_error err = {GOP_OK, ""};
    size_t before = scratch_entries();
    raw.dir = raw.dir == NULL ? scratch_folder : raw.dir;
    ck_assert_int_eq(zoo_prepare(&index, &report, &raw, scratch_path("out.gds"), &err), status);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
    ck_assert_ptr_null(index);
    ck_assert_uint_eq(report.findings, 0);
    ck_assert_uint_eq(scratch_entries(), before);
}

/* Writes one frame a line; each number depends on file, frame and column. */
static inline void make_rows(const char *name, size_t rows, size_t columns, double salt,
                             const char *end)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < rows; t++)
        for (size_t c = 0; c < columns; c++)
            fprintf(f, "%.7f%s", sin(salt + (double)(t * 31 + c * 7)), c + 1 < columns ? "," : end);
    ck_assert_int_eq(fclose(f), 0);
}

#endif
