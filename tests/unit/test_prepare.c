/*
 * test_prepare.c: zoo_prepare with invalid sources and options; each test_prepare_*.c tests one
 * source.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "prepare_run.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/format/names.h"

START_TEST(options_that_a_source_does_not_have)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    refused((zoo_raw){.source = "cmd"}, GOP_EINVAL, "unknown source cmd");
    refused((zoo_raw){.source = "ntu", .labels = "nowhere"}, GOP_ESYSTEM, "cannot open nowhere");
    refused((zoo_raw){.source = "cmu", .strict = true}, GOP_EINVAL, "cmu takes no strictness");
    refused((zoo_raw){.source = "cmu", .shortest = 4}, GOP_EINVAL, "cmu takes no least length");
    refused((zoo_raw){.source = "cmu", .fill = 4}, GOP_EINVAL, "cmu takes no length to fill");
    refused((zoo_raw){.source = "ntu", .fill = 1000001}, GOP_EINVAL,
            "cannot be filled to 1000001 frames");
    refused((zoo_raw){.source = "csv", .split = "clean"}, GOP_EINVAL,
            "csv takes no way of splitting");
    refused((zoo_raw){.source = "h36m", .bodies = 2}, GOP_EINVAL, "h36m takes no number of bodies");
    refused((zoo_raw){.source = "ntu", .bodies = 9}, GOP_EINVAL,
            "bodies must be from 1 to 8, not 9");
    refused((zoo_raw){.source = "ntu", .split = "literature"}, GOP_EINVAL, "unknown split");
    refused((zoo_raw){.source = "h36m", .split = "partial"}, GOP_EINVAL, "unknown split");
    refused((zoo_raw){.source = "h36m", .layout = tiny}, GOP_EINVAL, "Human3.6M 99");
    refused((zoo_raw){.source = "csv", .layout = tiny}, GOP_EINVAL, "csv needs a rate");
    refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .factor = 2000}, GOP_EINVAL,
            "factor 2000");
    refused((zoo_raw){.source = "ntu", .dir = "nowhere"}, GOP_ESYSTEM,
            "cannot open folder nowhere");
    refused((zoo_raw){.source = "ntu"}, GOP_EFORMAT, "no usable .skeleton file");
    refused((zoo_raw){.source = "h36m"}, GOP_EFORMAT, "no usable file");
    refused((zoo_raw){.source = "kinetics"}, GOP_ESYSTEM, "no folder kinetics_train or train");
    for (const zoo_source *const *s = zoo_source_list(); *s != NULL; s++) {
        ck_assert_uint_gt(strlen((*s)->text), 0);
        ck_assert(s[1] == NULL || strcmp(s[0]->name, s[1]->name) < 0);
    }
    ck_assert_str_eq(zoo_drop_name(ZOO_DROP_TWICE), "duplicate name");
    ck_assert_ptr_null(zoo_drop_name((zoo_drop)ZOO_DROPS));
}
END_TEST

/* Poses for a model of another source are read by what fits them. */
START_TEST(files_are_read_by_content)
{
    static const char *const one[] = {"nod"};
    zoo_domain domain;
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(
        zoo_domain_create(&domain, "kinetics", zoo_layout_find("cmu26"), 30, 1, one, 1, &err),
        GOP_OK);
    strcpy(domain.origin, "kinetics");
    make_rows("poses", 2, 117, 1, "\n");
    ck_assert_int_eq(
        recorded(zoo_read_one(&data, NULL, NULL, &domain, scratch_path("poses"), &err), &err),
        GOP_EFORMAT);
    ck_assert_ptr_nonnull(
        strstr(err.message, "can be a file of source cmu or csv; name the source"));
    ck_assert_int_eq(
        recorded(zoo_read_one(&data, NULL, "cmd", &domain, scratch_path("poses"), &err), &err),
        GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "unknown source cmd"));
    zoo_domain_clear(&domain);
    ck_assert_int_eq(
        zoo_domain_create(&domain, "csv", zoo_layout_find("tiny5"), 30, 1, one, 1, &err), GOP_OK);
    strcpy(domain.origin, "csv");
    scratch_text("poses.skeleton", "1\n");
    ck_assert_int_eq(
        recorded(zoo_read_one(&data, NULL, NULL, &domain, scratch_path("poses.skeleton"), &err),
                 &err),
        GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "NTU RGB+D has layout ntu25, the model tiny5"));
    zoo_domain_clear(&domain);
}
END_TEST

START_TEST(names_have_faults)
{
    ck_assert_ptr_null(zoo_name_fault("nod", ZOO_NAME_SIZE));
    ck_assert_str_eq(zoo_name_fault("", ZOO_NAME_SIZE), "is empty");
    ck_assert_str_eq(zoo_name_fault("a\x7f", 9), "is not UTF-8 or has control characters");
    ck_assert_str_eq(zoo_name_fault(LONG, ZOO_NAME_SIZE), "is longer than 63 bytes");
    ck_assert_str_eq(zoo_name_fault("nod", 3), "is too long");
}
END_TEST

/* Findings are counted, but only the first are kept. */
START_TEST(findings_are_limited)
{
    zoo_report report = {0};
    for (int i = 0; i <= ZOO_MAX_FINDINGS; i++)
        zoo_report_add(&report, ZOO_ALTERED, "%d", i);
    ck_assert_uint_eq(report.found[ZOO_ALTERED], ZOO_MAX_FINDINGS + 1);
    ck_assert_uint_eq(report.findings, ZOO_MAX_FINDINGS);
    ck_assert(zoo_report_whole(&report));
    zoo_report_clear(&report);
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, options_that_a_source_does_not_have);
    tcase_add_test(t, files_are_read_by_content);
    tcase_add_test(t, names_have_faults);
    tcase_add_test(t, findings_are_limited);
}
