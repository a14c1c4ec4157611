/*
 * test_resample.c: the transformations that change what a frame is: joints and rate, their numbers
 * and errors.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"
#include "steps_run.h"

/* ------------------------------------------------------------- joints of a layout */

static const char joints_head[] =
    "{\"graphop_layout\": 1, \"name\": \"mine\", \"feature\": \"scored\", \"columns\": 9, "
    "\"centre\": \"neck\", \"axes\": {\"up\": \"+x\"}, \"parts\": [\"all\"], \"nodes\": ["
    "{\"name\": \"neck\", \"part\": \"all\", \"columns\": [8, 7, 6]}, "
    "{\"name\": \"%s\", \"part\": \"all\", \"columns\": [0, 1, 2]}], "
    "\"edges\": [[\"neck\", \"%s\"]]}";

/* A layout of the node Neck of kinetics18 and another one. */
static void joints_layout(zoo_layout *layout, const char *other)
{
    gop_error err = {GOP_OK, ""};
    FILE *f = fopen(scratch_path("mine.json"), "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, joints_head, other, other);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_msg(zoo_layout_load(layout, scratch_path("mine.json"), &err) == GOP_OK, "%s",
                  err.message);
}

START_TEST(joints_are_found_by_name)
{
    static const char *const spelling[] = {"RWrist",  "right_wrist", "WristRight",
                                           "r_wrist", "RIGHT WRIST", "wrist.R"};
    const zoo_layout *data = zoo_layout_find("kinetics18");
    zoo_layout mine;
    zoo_steps list = {.n = 0};
    zoo_plan *plan;
    gop_error err = {GOP_OK, ""};
    zoo_recording clip = {.bodies = 2, .frames = 2, .columns = 54};
    joints_layout(&mine, spelling[_i]);
    clip.values = malloc(2 * 2 * 54 * sizeof *clip.values);
    ck_assert_ptr_nonnull(clip.values);
    for (size_t i = 0; i < 2 * 2 * 54; i++)
        clip.values[i] = i / 54 == 2 ? NAN : (float)i;
    ck_assert_int_eq(zoo_steps_put(&list, "joints mine", &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_plan_new(&plan, &list, data, 30, NULL, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "transformation joints: unknown layout mine");
    ck_assert_msg(zoo_plan_new(&plan, &list, data, 30, &mine, &err) == GOP_OK, "%s", err.message);
    ck_assert_int_eq(zoo_plan_apply(plan, &clip, &err), GOP_OK);
    ck_assert(clip.columns == 9 && clip.bodies == 2 && clip.frames == 2);
    for (size_t k = 0; k < 3; k++) { /* Neck is node 1, RWrist node 4 */
        ck_assert(zoo_frame_of(&clip, 0, 1)[8 - k] == (float)(54 + 3 + k));
        ck_assert(zoo_frame_of(&clip, 0, 1)[k] == (float)(54 + 12 + k));
        ck_assert(zoo_frame_of(&clip, 0, 1)[3 + k] == 0);
        ck_assert(isnan(zoo_frame_of(&clip, 1, 0)[3 + k]));
    }
    /* The axes stay those of the data. */
    const zoo_layout *result = &zoo_plan_result(plan)->layout;
    ck_assert(result->nodes == 2 && zoo_layout_up(result) == zoo_layout_up(data));
    zoo_plan_free(plan);
    free(clip.values);
    zoo_layout_clear(&mine);
}
END_TEST

START_TEST(joints_that_cannot_be_found_are_named)
{
    const zoo_layout *data = zoo_layout_find("kinetics18");
    zoo_layout mine;
    zoo_steps list = {.n = 0};
    zoo_plan *plan;
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(zoo_steps_put(&list, "joints openpose18", &err), GOP_OK);
    ck_assert_str_eq(list.step[0], "joints kinetics18");
    ck_assert_int_eq(zoo_steps_put(&list, "joints mine", &err), GOP_OK);
    joints_layout(&mine, "tail");
    ck_assert_int_eq(recorded(zoo_plan_new(&plan, &list, data, 30, &mine, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message,
                     "transformation joints: layout kinetics18 of the data has no node "
                     "tail, which layout mine needs");
    ck_assert_int_eq(
        recorded(zoo_plan_new(&plan, &list, zoo_layout_find("ntu25"), 30, &mine, &err), &err),
        GOP_EINVAL);
    ck_assert_str_eq(err.message, "transformation joints: layout mine has 3 channels a node "
                                  "(scored), the data 3 (position)");
    zoo_layout_clear(&mine);
    joints_layout(&mine,
                  "LEFT_NECK"); /* and neck: two nodes of plain form neck, one of them left */
    list.n = 0;
    ck_assert_int_eq(zoo_steps_put(&list, "joints kinetics18", &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_plan_new(&plan, &list, &mine, 30, NULL, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "layout mine of the data has no node Nose"));
    zoo_layout_clear(&mine);
    joints_layout(&mine, "N_e c-k");
    ck_assert_int_eq(recorded(zoo_plan_new(&plan, &list, &mine, 30, NULL, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "no node Nose"));
    zoo_layout ambiguous = mine;
    ambiguous.name = "wanted";
    static const char *const names[] = {"NECK", "neck"};
    ambiguous.node_name = names;
    zoo_steps_put(&list, "joints wanted", &err);
    ck_assert_int_eq(recorded(zoo_plan_new(&plan, &list, &mine, 30, &ambiguous, &err), &err),
                     GOP_EINVAL);
    ck_assert_str_eq(err.message,
                     "transformation joints: node NECK of layout wanted may be neck or "
                     "N_e c-k of layout mine");
    zoo_layout_clear(&mine);
}
END_TEST

/* -------------------------------------------------------------------- other rates */

START_TEST(clips_are_resampled_on_straight_lines)
{
    static const struct {
        double rate;
        size_t frames, then;
    } row[] = {{30, 3, 3},   {15, 3, 2}, {15, 4, 2},   {10, 3, 1},    {60, 3, 5}, {45, 3, 4},
               {44.9, 3, 3}, {1, 1, 1},  {90.3, 3, 7}, {29.97, 3, 2}, {1e6, 1, 1}};
    gop_error err = {GOP_OK, ""};
    for (size_t i = 0; i < COUNT(row); i++) {
        char text[ZOO_STEP_SIZE];
        zoo_recording clip = {.bodies = 1, .frames = row[i].frames, .columns = ROW};
        clip.values = calloc(row[i].frames * ROW, sizeof *clip.values);
        ck_assert_ptr_nonnull(clip.values);
        for (size_t t = 0; t < row[i].frames; t++)
            zoo_frame_of(&clip, 0, t)[7] = (float)t;
        snprintf(text, sizeof text, "rate %g", row[i].rate);
        ck_assert_int_eq(transformed(&clip, text, &err), GOP_OK);
        ck_assert_msg(clip.frames == row[i].then, "%s: %zu", text, clip.frames);
        for (size_t t = 0; t < clip.frames; t++)
            ck_assert_double_eq_tol(zoo_frame_of(&clip, 0, t)[7], (double)t * 30 / row[i].rate,
                                    1e-6);
        free(clip.values);
    }
    zoo_recording clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "rate 60", &err), GOP_OK);
    ck_assert(clip.bodies == 2 && clip.frames == 5);
    for (size_t t = 0; t < 5; t++) { /* the second body is absent in the middle frame */
        ck_assert(zoo_frame_of(&clip, 0, t)[4] == 5 + (float)t / 2);
        ck_assert(t == 0 || t == 4 ? zoo_frame_of(&clip, 1, t)[4] == (t == 0 ? 5 : 21)
                                   : isnan(zoo_frame_of(&clip, 1, t)[4]));
    }
    ck_assert_int_eq(recorded(transformed(&clip, "rate 1e6", &err), &err), GOP_OK);
    ck_assert_int_eq(recorded(transformed(&clip, "rate 1e6", &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "are allowed"));
    free(clip.values);
}
END_TEST

/* A third of the way from a to b. */
static void third(float out[6], zoo_feature feature, uint32_t channels, const float *a,
                  const float *b)
{
    static const char *const name[] = {"node"};
    static const uint32_t column[] = {0, 1, 2, 3, 4, 5};
    const zoo_layout layout = {.name = "one",
                               .feature = feature,
                               .nodes = 1,
                               .channels = channels,
                               .columns = channels,
                               .node_name = name,
                               .column = column};
    ck_assert(zoo_is_rotation(&layout));
    zoo_arc(out, a, b, 1 / 3.0, &layout, 0);
}

static void near(const float *v, const double *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_double_eq_tol(v[i], expected[i], 1e-6);
}

START_TEST(rotations_take_the_shortest_arc)
{
    float v[6];
    /* About z, from 0.3 to 0.9 rad; across half a turn, from 3 to -3; along more than a turn. */
    third(v, ZOO_EXPMAP, 3, (float[]){0, 0, 0.3f}, (float[]){0, 0, 0.9f});
    near(v, (double[]){0, 0, 0.5}, 3);
    const double pi = acos(-1);
    third(v, ZOO_EXPMAP, 3, (float[]){0, 0, 3}, (float[]){0, 0, -3});
    near(v, (double[]){0, 0, 3 + (2 * pi - 6) / 3}, 3);
    third(v, ZOO_EXPMAP, 3, (float[]){0, 6.1f, 0}, (float[]){0, 6.7f, 0});
    near(v, (double[]){0, 6.3, 0}, 3);
    third(v, ZOO_EXPMAP, 3, (float[]){0, 0, 0}, (float[]){0, 0, 0});
    near(v, (double[]){0, 0, 0}, 3);
    third(v, ZOO_EXPMAP, 3, (float[]){0, 0, NAN}, (float[]){0, 0, 0});
    ck_assert(isnan(v[0]) && isnan(v[2]));
    /* Not on the chord: between a quarter turn about x and one about y. */
    third(v, ZOO_EXPMAP, 3, (float[]){(float)(pi / 2), 0, 0}, (float[]){0, (float)(pi / 2), 0});
    const double h = sqrt(0.5), w = sin(2 * pi / 9) / sin(pi / 3), u = sin(pi / 9) / sin(pi / 3);
    const double q[4] = {h * (w + u), h * w, h * u, 0};
    const double angle = 2 * acos(q[0]), s = sin(angle / 2);
    near(v, (double[]){angle * q[1] / s, angle * q[2] / s, 0}, 3);
    /* The same as quaternions, of any length and either sign. */
    third(v, ZOO_QUATERNION, 4, (float[]){(float)h, (float)h, 0, 0}, (float[]){-2, 0, -2, 0});
    near(v, q, 4);
    third(v, ZOO_QUATERNION, 4, (float[]){0, 0, 0, 0}, (float[]){3, 0, 0, 0}); /* no rotation */
    near(v, (double[]){1, 0, 0, 0}, 4);
    /* Columns: from the identity to each half of a turn, and a third of it. */
    for (int axis = 0; axis < 3; axis++) {
        const float to = 0.75f * (float)pi, c = cosf(to), d = sinf(to);
        const float all[3][6] = {{1, 0, 0, 0, c, d}, {c, 0, -d, 0, 1, 0}, {c, d, 0, -d, c, 0}};
        const double l = sqrt(0.5);
        const double expected[3][6] = {
            {1, 0, 0, 0, l, l}, {l, 0, -l, 0, 1, 0}, {l, l, 0, -l, l, 0}};
        third(v, ZOO_ROTATION6D, 6, (float[]){2, 0, 0, 1, 1, 0}, all[axis]); /* not orthonormal */
        near(v, expected[axis], 6);
    }
    third(v, ZOO_ROTATION6D, 6, (float[]){1, 0, 0, 2, 0, 0}, (float[]){1, 0, 0, 0, 3, 0});
    near(v, (double[]){1, 0, 0, 4.0 / 3, 1, 0}, 6); /* no rotation: a straight line */
    ck_assert(!zoo_is_rotation(zoo_layout_find("tiny5")));
}
END_TEST

/* ------------------------------------------------------------------ sets and models */

static const char *const letters[] = {"e", "d", "c", "b", "a"};

/* tiny5 with its names in another order. */
static zoo_layout turned(const char *name)
{
    zoo_layout mine = *zoo_layout_find("tiny5");
    mine.name = name;
    mine.node_name = letters;
    return mine;
}

/* A set with joints of a layout that is not built in stands alone: it is read back, and a file is read
 * for it as it was for the set. */
START_TEST(sets_keep_the_layout_of_their_joints)
{
    static const char *const name[] = {"mine", "tiny5", "my own layout"};
    const zoo_layout *tiny = zoo_layout_find("tiny5"), mine = turned(name[_i]);
    zoo_dataset *one, *again;
    gop_error err = {GOP_OK, ""};
    scratch_mkdir("train");
    scratch_mkdir("train/a");
    make_rows("train/a/clip.csv", 7, ROW, 1, "\n");
    zoo_dataset *set = prepared(
        (zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .joints = &mine, .steps = "rate 60"},
        NULL);
    const zoo_domain *d = &set->domain;
    ck_assert_str_eq(d->layout.name, name[_i]);
    ck_assert_str_eq(d->layout.node_name[0], "e");
    ck_assert_str_eq(zoo_domain_recorded(d)->node_name[0], "a");
    ck_assert(d->rate == 60 && d->recorded_rate == 30);
    ck_assert_int_eq(zoo_dataset_save(set, scratch_path("mine.gds"), &err), GOP_OK);
    ck_assert_msg(zoo_dataset_load(&again, scratch_path("mine.gds"), &err) == GOP_OK, "%s",
                  err.message);
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, &again->domain, scratch_path("train/a/clip.csv"),
                               &err) == GOP_OK,
                  "%s", err.message);
    ck_assert(one->sequence[0].frames == 13 && set->sequence[0].frames == 13);
    ck_assert_mem_eq(one->sequence[0].data, set->sequence[0].data, 13 * ROW * sizeof(float));
    ck_assert_double_eq_tol(one->sequence[0].data[0], sin(1 + 12 * 7), 1e-6);
    zoo_dataset_free(one);

    /* A set of these nodes, at this rate, suits as well; so does a file of another source. */
    zoo_dataset *plain = prepared((zoo_raw){.source = "csv", .layout = &mine, .rate = 60}, NULL);
    ck_assert_int_eq(zoo_domain_observes(d, &plain->domain, &err), GOP_OK);
    strcpy(again->domain.origin, "synth");
    ck_assert_int_eq(
        zoo_read_one(&one, NULL, "csv", &again->domain, scratch_path("train/a/clip.csv"), &err),
        GOP_OK);
    ck_assert(one->sequence[0].frames == 7); /* its frames are the model's */
    zoo_dataset_free(one);
    zoo_dataset_free(plain);
    zoo_dataset_free(again);
    zoo_dataset_free(set);
}
END_TEST

/* The step for which prepare has no option, before one that looks at the layout. */
START_TEST(clips_without_scores_are_the_same_for_a_model)
{
    const zoo_layout *image = zoo_layout_find("kinetics18");
    zoo_dataset *one;
    gop_error err = {GOP_OK, ""};
    scratch_mkdir("train");
    scratch_mkdir("train/a");
    make_rows("train/a/clip.csv", 7, 54, 1, "\n");
    zoo_dataset *set = prepared(
        (zoo_raw){.source = "csv", .layout = image, .rate = 30, .steps = "scores drop; rate 45"},
        NULL);
    ck_assert(set->domain.layout.channels == 2 && set->sequence[0].frames == 10);
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, &set->domain, scratch_path("train/a/clip.csv"),
                               &err) == GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(one->sequence[0].frames, 10);
    ck_assert_mem_eq(one->sequence[0].data, set->sequence[0].data, 10 * 54 * sizeof(float));
    zoo_dataset_free(one);
    zoo_dataset_free(set);
}
END_TEST

START_TEST(rates_and_joints_are_checked)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    static const char *const odd[] = {"a:b", "a;b", " a", "a  b", "a ", "none"};
    scratch_mkdir("train");
    scratch_mkdir("train/a");
    make_rows("train/a/clip.csv", 3, ROW, 1, "\n");
    for (size_t i = 0; i < COUNT(odd); i++) {
        const zoo_layout mine = turned(odd[i]);
        refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .joints = &mine}, GOP_EINVAL,
                "cannot be named by a transformation");
    }
    refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .steps = "joints ntu25"},
            GOP_EINVAL, "layout tiny5 of the data has no node SpineBase, which layout ntu25 needs");
    refused((zoo_raw){.source = "csv", .layout = tiny}, GOP_EINVAL, "csv needs a rate");
    zoo_dataset *index;
    gop_error err = {GOP_OK, ""};
    const zoo_raw twice = {.source = "synth", .rate = 5, .steps = "rate 50"};
    ck_assert_int_eq(zoo_prepare(&index, NULL, &twice, scratch_path("out.gds"), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "give no transformation rate as well"));
    zoo_report report;
    const zoo_raw slow = {.source = "synth", .rate = 5};
    ck_assert_int_eq(zoo_prepare(&index, &report, &slow, scratch_path("out.gds"), &err), GOP_OK);
    ck_assert(index->domain.rate == 5 && index->domain.recorded_rate == 25);
    ck_assert_uint_eq(report.frames[ZOO_TRAIN], 20 * 8 * 16); /* of 80 frames at 25 Hz */
    ck_assert_uint_eq(report.recorded, 20 * 8 * 80 + 6 * 8 * 100);
    zoo_report_clear(&report);
    zoo_dataset_free(index);
}
END_TEST

TEST_MAIN("resample")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, joints_are_found_by_name, 0, 6);
    tcase_add_test(t, joints_that_cannot_be_found_are_named);
    tcase_add_test(t, clips_are_resampled_on_straight_lines);
    tcase_add_test(t, rotations_take_the_shortest_arc);
    tcase_add_loop_test(t, sets_keep_the_layout_of_their_joints, 0, 3);
    tcase_add_test(t, clips_without_scores_are_the_same_for_a_model);
    tcase_add_test(t, rates_and_joints_are_checked);
}
