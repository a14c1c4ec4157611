/*
 * test_prepare_csv.c: converts rows of numbers to a data set's file: classes by folders and by a
 * table, headings, byte order marks and line ends, short sequences filled, and files dropped.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "prepare_run.h"
#include "zoo/dataset/format/classes.h"

static zoo_raw csv(void)
{
    return (zoo_raw){.source = "csv", .layout = zoo_layout_find("tiny5"), .rate = 60, .factor = 3};
}

START_TEST(csv_by_folders)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char text[512] = "time,left,right\r\n", *p = text + strlen(text);
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/walk");
    scratch_mkdir("train/jump");
    scratch_mkdir("test/walk");
    make_rows("train/walk/a.csv", 5, columns, 1, "\n");
    make_rows("train/jump/a.csv", 6, columns, 2, "\r\n");
    make_rows("test/walk/a.csv", 7, columns, 3, "\n");
    make_rows("train/walk/wide.csv", 5, columns + 1, 1, "\n");
    make_rows("train/walk/thin.csv", 5, columns - 1, 1, "\n");
    for (int t = 0; t < 2; t++)
        for (size_t c = 0; c < columns; c++)
            p += sprintf(p, "%d%s", t, c + 1 < columns ? "," : "\r\n");
    strcpy(p, "\r\n1,2"); /* an empty line, and an incomplete one */
    scratch_text("train/jump/heading.csv", text);
    p = text;
    for (size_t c = 0; c < columns; c++)
        p += sprintf(p, "%s%s",
                     c == 0   ? "NaN"
                     : c == 1 ? "-inf"
                              : "1",
                     c + 1 < columns ? "," : "\n");
    scratch_text("train/jump/nan.csv", text);
    p = text;
    for (size_t c = 0; c < 2 * columns; c++)
        p += sprintf(p, "%s%s", c == columns ? "walk" : "1",
                     c % columns + 1 < columns ? "," : "\n");
    scratch_text("train/jump/word.csv", text);
    scratch_text("train/loose.csv", "1,2\n");
    scratch_text("train/walk/notes", "x");
    zoo_dataset *data = prepared(csv(), &report);
    static const char *const order[] = {"jump/a", "jump/heading", "walk/a", "walk/a"};
    ck_assert_uint_eq(data->sequences, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++)
        ck_assert_str_eq(data->sequence[i].name, order[i]);
    ck_assert_uint_eq(data->domain.actions, 2);
    ck_assert_str_eq(data->domain.action[0], "jump");
    ck_assert_uint_eq(data->sequence[2].action, 1);
    ck_assert_int_eq(data->sequence[3].split, ZOO_TEST);
    ck_assert(data->domain.rate == 60 && data->domain.factor == 3);
    ck_assert_uint_eq(data->sequence[1].frames, 2);
    ck_assert(data->sequence[1].data[columns] == 1);
    ck_assert_uint_eq(report.files, 9);
    ck_assert_uint_eq(report.non_finite, 1); /* NaN is a missing value */
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NON_FINITE], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_JOINTS], 2);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_FORMAT], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_DROPPED, "word.csv:2: column 1 is not a number (walk)"));
    ck_assert(found(&report, ZOO_ALTERED, "heading.csv: skipped the first line, a heading"));
    ck_assert(
        found(&report, ZOO_ALTERED, "heading.csv: the last line is incomplete; took 2 frames"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Byte order marks, words that begin like nan and inf, lines without an end. */
START_TEST(csv_as_others_write_it)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char text[512], *p = text;
    scratch_mkdir("train");
    scratch_mkdir("val");
    scratch_mkdir("train/walk");
    scratch_mkdir("train/" LONG);
    make_rows("train/" LONG "/a.csv", 5, columns, 1, "\n");
    p += sprintf(p, "\xef\xbb\xbf");
    for (size_t c = 0; c < 2 * columns; c++)
        p += sprintf(p, "%zu%s", c + 1, c % columns + 1 < columns ? "," : "\n");
    scratch_text("train/walk/mark.csv", text);
    memcpy(text, "inf", 3); /* "inf1,2,...": not finite would be "inf,2,..." */
    scratch_text("train/walk/word.csv", text);
    snprintf(text, sizeof text, "info,nano,nan_1,0_x,0.y,e-1\n%zu", (size_t)1);
    p = text + strlen(text);
    for (size_t c = 1; c < columns; c++)
        p += sprintf(p, ",%zu", c);
    scratch_text("train/walk/heading.csv", text);
    FILE *f = fopen(scratch_path("train/walk/endless.csv"), "wb");
    ck_assert_ptr_nonnull(f);
    for (int i = 0; i < 1000000; i++)
        fputc(' ', f);
    fclose(f);
    zoo_dataset *data = prepared(csv(), &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_uint_eq(data->domain.actions, 1);
    ck_assert_str_eq(data->sequence[1].name, "walk/mark");
    ck_assert_uint_eq(data->sequence[1].frames, 2);
    ck_assert(data->sequence[1].data[columns] == (float)(columns + 1));
    ck_assert(found(&report, ZOO_ALTERED, "heading.csv: skipped the first line, a heading"));
    ck_assert(found(&report, ZOO_DROPPED, "word.csv:1: column 1 is not a number (inf1)"));
    ck_assert(found(&report, ZOO_DROPPED, "endless.csv:1: the line has more than"));
    ck_assert(found(&report, ZOO_DROPPED, "a.csv: the class's name is longer than 63 bytes"));
    ck_assert(found(&report, ZOO_DROPPED, "val: not train or test"));
    ck_assert_uint_eq(report.non_finite, 0);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A short sequence repeats its frames in order, the last time in part.  A longer sequence stays as
 * it is, and one too short to be taken is not filled. */
START_TEST(csv_short_sequences_are_filled)
{
    static const size_t rows[] = {7, 10, 11, 2};
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    scratch_mkdir("train");
    scratch_mkdir("train/walk");
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[32];
        snprintf(name, sizeof name, "train/walk/%zu.csv", i);
        make_rows(name, rows[i], columns, (double)i, "\n");
    }
    zoo_raw raw = csv();
    raw.shortest = 3;
    raw.fill = 10;
    zoo_dataset *data = prepared(raw, &report), *plain;
    ck_assert_uint_eq(data->sequences, 3);
    ck_assert_uint_eq(report.filled, 3);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 31);
    zoo_report_clear(&report);
    raw.fill = 0;
    plain = prepared(raw, &report);
    ck_assert_uint_eq(report.filled, 0);
    for (size_t i = 0; i < 3; i++) {
        const zoo_sequence *f = &data->sequence[i], *p = &plain->sequence[i];
        ck_assert_uint_eq(p->frames, rows[i]);
        ck_assert_uint_eq(f->frames, rows[i] < 10 ? 10 : rows[i]);
        for (size_t t = 0; t < f->frames; t++)
            ck_assert_int_eq(memcmp(f->data + t * columns, p->data + t % rows[i] * columns,
                                    columns * sizeof *f->data),
                             0);
    }
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    zoo_dataset_free(plain);
}
END_TEST

START_TEST(csv_by_a_table)
{
    zoo_report report;
    const size_t columns = zoo_layout_find("tiny5")->columns;
    char table[SCRATCH_PATH];
    snprintf(table, sizeof table, "%s", scratch_path("table"));
    make_rows("a.csv", 5, columns, 1, "\n");
    make_rows("b.csv", 6, columns, 2, "\n");
    make_rows("c.csv", 6, columns, 2, "\n");
    scratch_mkdir("deeper");
    make_rows("deeper/a.csv", 6, columns, 3, "\n");
    scratch_text("table", "\xef\xbb\xbf"
                          "a,walk\r\n\r\nb, a long walk ,test\r\nx,walk,train\r\n");
    zoo_raw raw = csv();
    raw.labels = table;
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 2);
    ck_assert_str_eq(data->sequence[1].name, "b");
    ck_assert_str_eq(data->domain.action[data->sequence[1].action], "a long walk");
    ck_assert_int_eq(data->sequence[1].split, ZOO_TEST);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_LABEL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_TWICE], 1);
    ck_assert(found(&report, ZOO_ABSENT, "1 of 3 names have no file"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    static const char *const wrong[][2] = {
        {"a\n", "table:1: not NAME,CLASS"},
        {"a,b,c\n", "table:1: not"},
        {",b\n", "table:1: not"},
        {"a,b\na,c\n", "a has two lines"},
        {"a,b,test,more\n", "table:1: not"},
        {"\n \n", "the table is empty"},
        {"a,b\nb," LONG "\n", "table:2: the class's name is longer"},
        {"a.csv,b\n", "must have a, without the ending, instead of a.csv"}};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        scratch_text("table", wrong[i][0]);
        refused(raw, GOP_EFORMAT, wrong[i][1]);
    }
    scratch_write(scratch_path("table"), "a,b\n\0c,d\n", 9);
    refused(raw, GOP_EFORMAT, "table: not a text file");
    raw.labels = scratch_folder;
    refused(raw, GOP_ESYSTEM, "not a regular file");
}
END_TEST

/* Names that no file can hold, and a folder that is given with a slash. */
START_TEST(csv_names_that_cannot_be)
{
    const size_t columns = zoo_layout_find("tiny5")->columns;
    zoo_report report;
    zoo_dataset *index;
    gop_error err = {GOP_OK, ""};
    char dir[SCRATCH_PATH];
    zoo_raw raw = csv();
    scratch_mkdir("nod");
    scratch_mkdir("no\xff");
    make_rows("nod/1.csv", 5, columns, 1, "\n");
    make_rows("nod/\x01.csv", 5, columns, 2, "\n");
    make_rows("no\xff/1.csv", 5, columns, 2, "\n");
    snprintf(dir, sizeof dir, "%s//", scratch_folder);
    raw.dir = dir;
    ck_assert_msg(zoo_prepare(&index, &report, &raw, scratch_path("out.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_uint_eq(index->sequences, 1);
    ck_assert(found(&report, ZOO_DROPPED, "?.csv: the name is not UTF-8 or has control"));
    ck_assert(found(&report, ZOO_DROPPED, "/1.csv: the class's name is not UTF-8"));
    zoo_report_clear(&report);
    zoo_dataset_free(index);
}
END_TEST

/* As many classes as a data set can hold, and one more. */
START_TEST(classes_are_limited)
{
    zoo_classes classes = {0, NULL};
    zoo_dataset *data = calloc(1, sizeof *data);
    zoo_store store = {.data = data};
    gop_error err = {GOP_OK, ""};
    size_t index;
    bool clash;
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(zoo_class_add(&index, &classes, "class_0", 2, &clash, "a", &err), GOP_OK);
    ck_assert_int_eq(zoo_classes_finish(&classes, &store, &err), GOP_OK);
    ck_assert_str_eq(data->domain.action[0], "class_0_1"); /* another class has the name */
    ck_assert_str_eq(data->domain.action[1], "class_1");
    ck_assert_str_eq(data->domain.action[2], "class_0");
    ck_assert_int_eq(
        zoo_class_add(&index, &classes, "last", ZOO_MAX_ACTIONS - 1, &clash, "b", &err), GOP_OK);
    ck_assert_int_eq(zoo_class_add(&index, &classes, "more", SIZE_MAX, &clash, "c", &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_classes_finish(&classes, &store, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "classes; 1 to"));
    for (int i = 0; i < ZOO_MAX_ACTIONS - 3; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        ck_assert_int_eq(zoo_class_add(&index, &classes, name, SIZE_MAX, &clash, name, &err),
                         GOP_OK);
    }
    ck_assert_int_eq(
        recorded(zoo_class_add(&index, &classes, "none", SIZE_MAX, &clash, "d", &err), &err),
        GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "d: more than"));
    zoo_classes_clear(&classes);
    ck_assert_int_eq(recorded(zoo_classes_finish(&classes, &store, &err), &err), GOP_EFORMAT);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(csv_sets_that_cannot_be)
{
    refused(csv(), GOP_EFORMAT, "no usable text file");
    scratch_text("loose.csv", "1,2\n");
    refused(csv(), GOP_EFORMAT, "no usable text file, 1 dropped, first ");
    refused(csv(), GOP_EFORMAT, "loose.csv: in no folder of a class");
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, csv_by_folders);
    tcase_add_test(t, csv_as_others_write_it);
    tcase_add_test(t, csv_short_sequences_are_filled);
    tcase_add_test(t, csv_by_a_table);
    tcase_add_test(t, csv_names_that_cannot_be);
    tcase_add_test(t, classes_are_limited);
    tcase_add_test(t, csv_sets_that_cannot_be);
}
