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
#include "zoo/skeleton/chain.h"

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

/* The places of all joints, the root at 0, in metres; a model reads a file of angles. */
START_TEST(h36m_becomes_positions)
{
    const zoo_chain *chain = zoo_chain_find("h36m32");
    const zoo_layout *layout = zoo_layout_find(chain->layout);
    const zoo_raw raw = {.source = "h36m", .positions = true};
    zoo_dataset *data, *one;
    float *rows;
    size_t n;
    double p[3 * ZOO_MAX_JOINTS];
    gop_error err = {GOP_OK, ""};
    scratch_mkdir("S1");
    make_rows("S1/walking_1.txt", 130, 99, 3, "\n");
    data = prepared(raw, NULL);
    const zoo_domain *d = &data->domain;
    ck_assert(zoo_layout_equal(&d->layout, layout) && strcmp(d->layout.name, "h36m22") == 0);
    ck_assert_uint_eq(zoo_domain_recorded(d)->columns, chain->columns);
    ck_assert_uint_eq(d->steps.n, 1);
    ck_assert_str_eq(d->steps.step[0], "positions h36m32");
    const char *path = scratch_path("S1/walking_1.txt");
    ck_assert_int_eq(zoo_poses_read(&rows, &n, 99, path, NULL, &err), GOP_OK);
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, d, path, &err) == GOP_OK, "%s", err.message);
    for (size_t t = 0; t < n; t += 43) {
        zoo_chain_positions(p, chain, rows + 99 * t);
        for (size_t c = 0; c < 96; c++) {
            ck_assert_double_eq_tol(data->sequence[0].data[96 * t + c], p[c] / 1000, 1e-6);
            ck_assert(one->sequence[0].data[96 * t + c] == data->sequence[0].data[96 * t + c]);
        }
    }
    free(rows);
    zoo_dataset_free(one);
    zoo_dataset_free(data);
    refused((zoo_raw){.source = "csv", .positions = true, .layout = layout, .rate = 1}, GOP_EINVAL,
            "csv takes no conversion to positions");
    refused((zoo_raw){.source = "h36m", .steps = "positions cmu38"}, GOP_EINVAL,
            "chain cmu38 needs exponential maps in 117 columns, not layout h36m20");
    refused((zoo_raw){.source = "h36m", .steps = "positions h36m"}, GOP_EINVAL,
            "must be 'positions cmu38|h36m32': unknown chain h36m");
}
END_TEST

/* Nodes of a layout of positions are the joints that count, in the order of their columns. */
START_TEST(layouts_have_the_counted_joints)
{
    static const char *const name[] = {"cmu38", "h36m32"};
    const zoo_chain *chain = zoo_chain_find(name[_i]);
    const zoo_layout *layout = zoo_layout_find(chain->layout);
    size_t node = 0;
    ck_assert_uint_eq(layout->columns, 3 * chain->joints);
    for (uint32_t j = 0; j < chain->joints; j++) {
        ck_assert(chain->counted[j] ? chain->twin[j] == j
                                    : chain->counted[chain->twin[j]] || chain->twin[j] == j);
        for (uint32_t k = 0; k < 3 && chain->counted[j]; k++)
            ck_assert_uint_eq(layout->column[3 * node + k], 3 * j + k);
        node += chain->counted[j];
    }
    ck_assert_uint_eq(node, layout->nodes);
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, h36m_tests_on_subject_five);
    tcase_add_test(t, h36m_becomes_positions);
    tcase_add_loop_test(t, layouts_have_the_counted_joints, 0, 2);
}
