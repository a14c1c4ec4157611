/*
 * test_prepare_h36m.c: converts folders of Human3.6M to a data set's file: training and test
 * subjects, identical sequences, files dropped and absent.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include <math.h>

#include "prepare_run.h"

START_TEST(h36m_tests_on_subject_five)
{
    zoo_report report;
    for (int i = 0; i < 4; i++) {
        static const char *const who[] = {"S1", "S5", "S6", "S11"};
        char name[64];
        scratch_mkdir(who[i]);
        snprintf(name, sizeof name, "%s/walking_1.txt", who[i]);
        make_rows(name, 130, 99, i, "\n");
        snprintf(name, sizeof name, "%s/posing_2.txt", who[i]);
        make_rows(name, 40, 99, i == 2 ? 11 : 10 + i, "\r\n"); /* S6's is S5's */
    }
    scratch_text("S5/notes.txt", "x");
    scratch_text("readme", "x");
    zoo_dataset *data = prepared((zoo_raw){.source = "h36m"}, &report);
    static const char *const order[] = {"S1_posing_2",  "S1_walking_1", "S5_posing_2",
                                        "S5_walking_1", "S6_posing_2",  "S6_walking_1",
                                        "S11_posing_2", "S11_walking_1"};
    ck_assert_uint_eq(data->sequences, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++) {
        ck_assert_str_eq(data->sequence[i].name, order[i]);
        ck_assert_int_eq(data->sequence[i].split, i / 2 == 1 ? ZOO_TEST : ZOO_TRAIN);
    }
    ck_assert_uint_eq(data->domain.actions, 15);
    ck_assert_uint_eq(data->domain.layout.columns, 99);
    ck_assert_uint_eq(data->domain.layout.nodes, 20);
    ck_assert(data->domain.rate == 50 && data->domain.factor == 2);
    ck_assert(fabs(data->sequence[3].data[99 * 3 + 5] - sin(1 + 3 * 31 + 5 * 7.0)) < 1e-6);
    ck_assert(found(&report, ZOO_IDENTICAL, "S6_posing_2 and test sequence S5_posing_2"));
    ck_assert_uint_eq(report.found[ZOO_IDENTICAL], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NAME], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_KIND], 1);
    ck_assert(found(&report, ZOO_ABSENT, "S9: no such folder"));
    ck_assert(found(&report, ZOO_ABSENT,
                    "walking lacks 3 of its 6 training files: S1_walking_2, S6_walking_2, "
                    "S11_walking_2"));
    ck_assert(found(&report, ZOO_ABSENT, "posing lacks 1 of its 2 test files: S5_posing_1"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
    data = prepared(
        (zoo_raw){.source = "h36m", .split = "clean", .layout = zoo_layout_find("h36m21")},
        &report);
    ck_assert_uint_eq(data->sequences, COUNT(order) - 1);
    ck_assert_uint_eq(report.found[ZOO_IDENTICAL], 0);
    ck_assert_uint_eq(data->domain.layout.nodes, 21);
    ck_assert_str_eq(data->domain.name, "h36m-clean");
    ck_assert(found(&report, ZOO_ABSENT,
                    "posing lacks 2 of its 4 training files: S1_posing_1, S11_posing_1"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, h36m_tests_on_subject_five);
}
