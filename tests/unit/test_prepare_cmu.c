/*
 * test_prepare_cmu.c: converts folders of CMU Mocap to a data set's file: the same bytes however it
 * is made, and no blocking on what is no regular file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "prepare_run.h"

/* Every way to make a set gives the same file. */
START_TEST(streamed_and_kept_sets_have_the_same_bytes)
{
    static const char *const split[] = {"literature", "partial"};
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/walking");
    scratch_mkdir("train/basketball_signal");
    scratch_mkdir("test/washwindow");
    make_rows("train/walking/a.txt", 130, 117, 1, "\n");
    make_rows("train/basketball_signal/a.txt", 140, 117, 2, "\n");
    make_rows("train/basketball_signal/b.txt", 141, 117, 3, "\n");
    make_rows("test/washwindow/w.txt", 301, 117, 4, "\n");
    for (size_t i = 0; i < COUNT(split); i++) {
        zoo_dataset *kept, *index;
        gop_error err = {GOP_OK, ""};
        zoo_raw raw = {.source = "cmu", .dir = scratch_folder, .split = split[i]};
        size_t n, m;
        ck_assert_msg(zoo_prepare(&index, NULL, &raw, scratch_path("out.gds"), &err) == GOP_OK,
                      "%s", err.message);
        zoo_dataset_free(index);
        ck_assert_int_eq(zoo_dataset_load(&kept, scratch_path("out.gds"), &err), GOP_OK);
        ck_assert_int_eq(zoo_dataset_save(kept, scratch_path("kept.gds"), &err), GOP_OK);
        zoo_dataset_free(kept);
        unsigned char *a = scratch_read(scratch_path("kept.gds"), &n);
        unsigned char *b = scratch_read(scratch_path("out.gds"), &m);
        ck_assert_uint_eq(n, m);
        ck_assert_int_eq(memcmp(a, b, n), 0);
        free(a);
        free(b);
    }
}
END_TEST

START_TEST(cmu_does_not_wait_for_a_pipe)
{
    scratch_mkdir("train");
    scratch_mkdir("test");
    scratch_mkdir("train/walking");
    make_rows("train/walking/a.txt", 130, 117, 1, "\n");
    ck_assert_int_eq(mkfifo(scratch_path("train/walking/b.txt"), 0666), 0);
    refused((zoo_raw){.source = "cmu"}, GOP_ESYSTEM, "b.txt: not a regular file");
}
END_TEST

TEST_MAIN("prepare")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, streamed_and_kept_sets_have_the_same_bytes);
    tcase_add_test(t, cmu_does_not_wait_for_a_pipe);
}
