/*
 * test_transform.c: lists of transformations; for each kind its numbers, and that a set prepared
 * with it holds what a model with its domain reads from the file, to the byte.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"
#include "steps_run.h"
#include "zoo/dataset/store/store.h"

/* ----------------------------------------------------------------------- lists */

START_TEST(lists_are_ordered_and_replaced)
{
    zoo_steps list = {.n = 0};
    gop_error err = {GOP_OK, ""};
    const char *form, *text;
    ck_assert_int_eq(zoo_steps_put(&list, "fill 30; centre Hips each;units mm ; bodies 2", &err),
                     GOP_OK);
    ck_assert_uint_eq(list.n, 4);
    ck_assert_str_eq(list.step[0], "units 0.001");
    ck_assert_str_eq(list.step[1], "bodies 2:as-read");
    ck_assert_str_eq(list.step[2], "centre Hips:each");
    ck_assert_str_eq(list.step[3], "fill 30");
    ck_assert_int_eq(zoo_steps_put(&list, "centre left hand:first; fill none;align none", &err),
                     GOP_OK);
    ck_assert_uint_eq(list.n, 3);
    ck_assert_str_eq(list.step[2], "centre left hand:first");
    ck_assert_str_eq(zoo_steps_find(&list, "units"), "units 0.001");
    ck_assert_ptr_null(zoo_steps_find(&list, "unit"));
    ck_assert_ptr_null(zoo_steps_find(&list, "fill"));
    for (size_t i = 0; i < list.n; i++) { /* the texts are canonical */
        zoo_step step;
        char again[ZOO_STEP_SIZE];
        ck_assert_int_eq(zoo_step_parse(&step, list.step[i], &err), GOP_OK);
        zoo_step_print(&step, again);
        ck_assert_str_eq(again, list.step[i]);
    }
    size_t kinds = 0;
    while (zoo_transform_at(kinds, &form, &text) != NULL) {
        ck_assert(strlen(form) > 0 && strlen(text) > 0);
        kinds++;
    }
    ck_assert(kinds >= 11 && zoo_transform_at(0, NULL, NULL) != NULL);
    ck_assert_ptr_null(zoo_transform_at(SIZE_MAX, NULL, NULL));
}
END_TEST

static const struct {
    const char *text, *words;
} bad[] = {{"centre", "transformation 'centre' must be 'centre NODE:each|first'"},
           {"centre Hips:often", "unknown 'often'"},
           {"units furlong", "'furlong' is no number from"},
           {"units 0", "'0' is no number from"},
           {"units nan", "'nan' is no number from"},
           {"bodies 9", "'9' is no number from 1 to 8"},
           {"bodies 1.5:motion", "'1.5' is no whole number"},
           {"fill 1000001", "'1000001' is no number from"},
           {"missing", "must be 'missing keep|interpolate|drop|zero'"},
           {"joints", "must be 'joints LAYOUT'"},
           {"rate 0", "'0' is no number from 0.001 to 1e+06"},
           {"image 640", "must be 'image WIDTH:HEIGHT|clip|box'"},
           {"image boxes", "unknown 'boxes'"},
           {"image 640x0", "'0' is no number from 1 to 1e+06"},
           {"image x480", "'' is no number from"},
           {"min-score", "must be 'min-score SCORE'"},
           {"min-score -1", "'-1' is no number from 0"},
           {"scores keep", "must be 'scores drop'"},
           {"standardise yes", "must be 'standardise no'"},
           {"rotate 90", "unknown transformation 'rotate 90'"},
           {"rotate none", "unknown transformation 'rotate none'"},
           {":each", "unknown transformation ':each'"}};

START_TEST(steps_that_cannot_be_are_named)
{
    zoo_steps list = {.n = 0};
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(recorded(zoo_steps_put(&list, bad[_i].text, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, bad[_i].words) != NULL, "%s", err.message);
    ck_assert_uint_eq(list.n, 0);
}
END_TEST

START_TEST(steps_that_do_not_suit_a_layout_are_named)
{
    static const struct {
        const char *text, *layout, *words;
    } unfit[] = {{"centre Nose:each", "tiny5", "layout tiny5 has no node Nose"},
                 {"units mm", "cmu26", "transformation units needs positions; layout cmu26"},
                 {"middle image", "tiny5", "needs positions in an image; layout tiny5"},
                 {"image 4:3", "tiny5", "image needs positions in an image; layout tiny5"},
                 {"min-score 1", "tiny5", "min-score needs scores; layout tiny5 has none"},
                 {"scores drop", "tiny5", "needs a detector's scores; layout tiny5 has none"},
                 {"align two-stream", "tiny5", "has no node SpineBase"},
                 {"bodies 1:score", "tiny5", "only in a layout with scores"},
                 {"scale a:a", "tiny5", "two different nodes"}};
    for (size_t i = 0; i < COUNT(unfit); i++) {
        zoo_steps list = {.n = 0};
        zoo_plan *plan;
        gop_error err = {GOP_OK, ""};
        ck_assert_int_eq(zoo_steps_put(&list, unfit[i].text, &err), GOP_OK);
        ck_assert_int_eq(
            recorded(zoo_plan_new(&plan, &list, zoo_layout_find(unfit[i].layout), 30, NULL, &err),
                     &err),
            GOP_EINVAL);
        ck_assert_msg(strstr(err.message, unfit[i].words) != NULL, "%s", err.message);
        ck_assert_ptr_null(plan);
    }
}
END_TEST

/* --------------------------------------------------------------- numbers of a kind */

START_TEST(kinds_compute_what_they_say)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    gop_error err = {GOP_OK, ""};
    char text[ZOO_STEP_SIZE];
    zoo_recording clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "units cm", &err), GOP_OK);
    ck_assert(zoo_frame_of(&clip, 0, 2)[4] == (float)(7 * 0.01));
    ck_assert(isnan(zoo_frame_of(&clip, 1, 1)[4]));
    free(clip.values);

    clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "bodies 1:motion", &err), GOP_OK);
    ck_assert(clip.bodies == 1 && clip.frames == 3 && clip.other_bodies == 1);
    ck_assert(zoo_frame_of(&clip, 0, 2)[0] == 17 && isnan(zoo_frame_of(&clip, 0, 1)[0]));
    ck_assert_int_eq(transformed(&clip, "missing drop", &err), GOP_OK);
    ck_assert(clip.frames == 2 && clip.dropped_frames == 1 && zoo_frame_of(&clip, 0, 1)[0] == 17);
    free(clip.values);

    clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "bodies 8", &err), GOP_OK);
    ck_assert(clip.bodies == 2 && zoo_frame_of(&clip, 0, 2)[0] == 3);
    ck_assert_int_eq(transformed(&clip, "missing drop", &err), GOP_OK);
    ck_assert_uint_eq(clip.frames, 3); /* one body is there */
    ck_assert_int_eq(transformed(&clip, "missing interpolate", &err), GOP_OK);
    ck_assert(zoo_frame_of(&clip, 1, 1)[0] == 9);
    free(clip.values);

    clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "missing zero", &err), GOP_OK);
    ck_assert(zoo_frame_of(&clip, 1, 1)[0] == 0 && zoo_frame_of(&clip, 1, 2)[0] == 17);
    free(clip.values);

    /* The centre is the first body's, also for the second. */
    for (int each = 0; each < 2; each++) {
        clip = two_bodies();
        snprintf(text, sizeof text, "centre %s:%s", tiny->node_name[1], each ? "each" : "first");
        const size_t c = tiny->column[1 * 3];
        ck_assert_int_eq(transformed(&clip, text, &err), GOP_OK);
        ck_assert(zoo_frame_of(&clip, 0, 0)[c] == 0 && zoo_frame_of(&clip, 1, 0)[c] == 0);
        ck_assert(zoo_frame_of(&clip, 0, 2)[c] == (each ? 0 : 2));
        ck_assert(zoo_frame_of(&clip, 1, 2)[c] == (each ? 14 : 16));
        ck_assert(isnan(zoo_frame_of(&clip, 1, 1)[c]));
        free(clip.values);
    }

    clip = two_bodies();
    snprintf(text, sizeof text, "scale %s:%s", tiny->node_name[0], tiny->node_name[1]);
    const double span = sqrt(3) * fabs((double)tiny->column[3] - (double)tiny->column[0]);
    ck_assert_int_eq(transformed(&clip, text, &err), GOP_OK);
    ck_assert_double_eq_tol(zoo_frame_of(&clip, 0, 2)[4], 7 / span, 1e-6);
    free(clip.values);

    clip = two_bodies();
    ck_assert_int_eq(transformed(&clip, "fill 7", &err), GOP_OK);
    ck_assert(clip.frames == 7 && clip.filled == 4);
    for (size_t t = 3; t < 7; t++)
        for (size_t b = 0; b < 2; b++)
            ck_assert_mem_eq(zoo_frame_of(&clip, b, t), zoo_frame_of(&clip, b, t % 3),
                             ROW * sizeof(float));
    free(clip.values);

    clip = two_bodies();
    for (size_t t = 0; t < 3; t++)
        for (size_t k = 0; k < 3; k++)
            zoo_frame_of(&clip, 0, t)[tiny->column[3 + k]] = NAN;
    snprintf(text, sizeof text, "centre %s:each", tiny->node_name[1]);
    ck_assert_int_eq(recorded(transformed(&clip, text, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "is missing in every frame"));
    free(clip.values);
}
END_TEST

/* Frames of an image: 18 nodes with x, y, score. */
START_TEST(bodies_of_an_image_are_sorted_by_score)
{
    zoo_steps list = {.n = 0};
    zoo_plan *plan;
    gop_error err = {GOP_OK, ""};
    zoo_recording clip = {.bodies = 3, .frames = 2, .columns = 54};
    clip.values = malloc(3 * 2 * 54 * sizeof *clip.values);
    ck_assert_ptr_nonnull(clip.values);
    static const float score[3][2] = {{0.5f, 0.1f}, {0.9f, NAN}, {0.7f, 0.3f}};
    for (size_t b = 0; b < 3; b++)
        for (size_t t = 0; t < 2; t++)
            for (size_t c = 0; c < 54; c++)
                zoo_frame_of(&clip, b, t)[c] = isnan(score[b][t]) ? NAN
                                               : c % 3 == 2       ? score[b][t]
                                                                  : (float)b;
    ck_assert_int_eq(zoo_steps_put(&list, "bodies 2 score; middle image", &err), GOP_OK);
    ck_assert_int_eq(zoo_plan_new(&plan, &list, zoo_layout_find("kinetics18"), 30, NULL, &err),
                     GOP_OK);
    ck_assert_int_eq(zoo_plan_apply(plan, &clip, &err), GOP_OK);
    ck_assert(clip.bodies == 2 && clip.other_bodies == 1);
    ck_assert(zoo_frame_of(&clip, 0, 0)[0] == 0.5f && zoo_frame_of(&clip, 1, 0)[1] == 1.5f);
    ck_assert(zoo_frame_of(&clip, 0, 1)[0] == 1.5f && zoo_frame_of(&clip, 1, 1)[0] == -0.5f);
    ck_assert(zoo_frame_of(&clip, 0, 0)[2] == 0.9f);
    zoo_plan_free(plan);
    free(clip.values);
}
END_TEST

START_TEST(pixels_become_shares_and_doubtful_joints_are_missing)
{
    gop_error err = {GOP_OK, ""};
    for (int own = 0; own < 3; own++) {
        zoo_steps list = {.n = 0};
        zoo_plan *plan;
        zoo_recording clip = {.bodies = 1, .frames = 2, .columns = 51};
        clip.values = malloc(2 * 51 * sizeof *clip.values);
        ck_assert_ptr_nonnull(clip.values);
        for (size_t c = 0; c < 102; c++)
            clip.values[c] = c % 3 == 2 ? (float)(c % 51) / 100 : 10 * (float)c;
        clip.values[3] = NAN;
        clip.width = own == 1 ? 640 : 0;
        clip.height = own == 1 ? 480 : 0;
        ck_assert_int_eq(
            zoo_steps_put(&list,
                          own == 0 ? "min-score 0.05;image 640x480" : "image clip;min-score 0.05",
                          &err),
            GOP_OK);
        ck_assert_str_eq(list.step[0], "min-score 0.05");
        ck_assert_str_eq(list.step[1], own == 0 ? "image 640:480" : "image clip");
        ck_assert_int_eq(zoo_plan_new(&plan, &list, zoo_layout_find("coco17"), 30, NULL, &err),
                         GOP_OK);
        ck_assert_int_eq(zoo_plan_apply(plan, &clip, &err), own == 2 ? GOP_EFORMAT : GOP_OK);
        ck_assert(own < 2 || strstr(err.message, "size of its image is unknown") != NULL);
        if (own < 2) {
            const float *v = zoo_frame_of(&clip, 0, 0), *next = zoo_frame_of(&clip, 0, 1);
            ck_assert(isnan(v[0]) && isnan(v[1]) && isnan(v[2])); /* 0.02 */
            ck_assert(isnan(v[3]) && v[4] == (float)(40.0 / 480) && v[5] == 0.05f);
            ck_assert(v[6] == (float)(60.0 / 640) && v[7] == (float)(70.0 / 480));
            ck_assert(isnan(next[0]) && next[3] == (float)(540.0 / 640));
        }
        zoo_plan_free(plan);
        free(clip.values);
    }
}
END_TEST

/* Joints of two bodies in two frames, at (x, y) with a score.  Joint 3 is doubted, 4 lacks its y;
 * neither counts for the box, from (10, -20) to (30, 60). */
START_TEST(pixels_become_shares_of_their_box)
{
    static const float least[2] = {10, -20}, size[2] = {20, 80};
    gop_error err = {GOP_OK, ""};
    for (int flat = 0; flat < 2; flat++) {
        zoo_steps list = {.n = 0};
        zoo_plan *plan;
        zoo_recording clip = {.bodies = 2, .frames = 2, .columns = 51};
        clip.values = malloc(4 * 51 * sizeof *clip.values);
        ck_assert_ptr_nonnull(clip.values);
        for (size_t c = 0; c < 204; c++)
            clip.values[c] = c % 3 == 0 ? 15 : c % 3 == 1 ? 5 : 0.5f;
        float *v = clip.values, *last = zoo_frame_of(&clip, 1, 1);
        v[9] = 900, v[10] = 900, v[11] = 0.01f;
        v[12] = -900, v[13] = NAN;
        if (flat == 0)
            v[0] = 10, last[3] = 30;
        v[7] = 60, last[1] = -20;
        ck_assert_int_eq(
            zoo_steps_put(&list, "middle halves;image box;min-score 0.02;bodies 2", &err), GOP_OK);
        ck_assert_str_eq(list.step[2], "image box");
        ck_assert_str_eq(list.step[3], "middle halves");
        ck_assert_int_eq(zoo_plan_new(&plan, &list, zoo_layout_find("coco17"), 30, NULL, &err),
                         GOP_OK);
        ck_assert_int_eq(zoo_plan_apply(plan, &clip, &err), flat ? GOP_EFORMAT : GOP_OK);
        ck_assert(!flat || strstr(err.message, "has no width or no height") != NULL);
        if (!flat) {
            v = zoo_frame_of(&clip, 0, 0), last = zoo_frame_of(&clip, 1, 1);
            ck_assert(v[0] == -1 && last[3] == 1 && v[7] == 1 && last[1] == -1);
            ck_assert_double_eq_tol(v[3], 2 * (15 - least[0]) / size[0] - 1, 1e-6);
            ck_assert_double_eq_tol(v[4], 2 * (5 - least[1]) / size[1] - 1, 1e-6);
            ck_assert(v[2] == 0.5f && isnan(v[9]) && isnan(v[11]) && isnan(v[13]));
        }
        zoo_plan_free(plan);
        free(clip.values);
    }
}
END_TEST

START_TEST(a_node_without_its_score_has_x_and_y)
{
    const zoo_layout *coco = zoo_layout_find("coco17");
    zoo_steps list = {.n = 0};
    zoo_plan *plan;
    zoo_recording clip = {.bodies = 1, .frames = 1, .columns = 51};
    gop_error err = {GOP_OK, ""};
    clip.values = calloc(51, sizeof *clip.values);
    ck_assert_ptr_nonnull(clip.values);
    clip.values[4] = 7;
    ck_assert_int_eq(zoo_steps_put(&list, "scores drop; image 10x10", &err), GOP_OK);
    ck_assert_int_eq(zoo_plan_new(&plan, &list, coco, 30, NULL, &err), GOP_OK);
    const zoo_layout *l = &zoo_plan_result(plan)->layout;
    ck_assert(l->feature == ZOO_IMAGE && l->channels == 2 && l->nodes == 17 && l->columns == 51);
    ck_assert(l->column[2] == 3 && l->column[3] == 4 && l->column[33] == 49);
    ck_assert_int_eq(zoo_layout_check(l, &err), GOP_OK);
    ck_assert(l->n_edges == coco->n_edges && l->centre == coco->centre);
    ck_assert_int_eq(zoo_plan_apply(plan, &clip, &err), GOP_OK);
    ck_assert(clip.columns == 51 && clip.values[4] == 0.7f);
    zoo_plan_free(plan);
    free(clip.values);
}
END_TEST

/* -------------------------------------------------- the same for sets and for models */

static const char *const each_kind[] = {
    "",
    "units mm",
    "centre %s:each",
    "centre %s:first",
    "scale %s:%s",
    "fill 40",
    "missing interpolate",
    "bodies 1:motion",
    "standardise no",
    "joints tiny5",
    "rate 45",
    "units 0.5; bodies 2; missing drop; centre %s:each; fill 50"};

/* A set prepared from a file, and the file read for a model of the set's domain, are equal. */
START_TEST(a_set_and_a_model_see_the_same)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    zoo_dataset *one;
    gop_error err = {GOP_OK, ""};
    char steps[256];
    scratch_mkdir("train");
    scratch_mkdir("train/a");
    make_rows("train/a/clip.csv", 23, ROW, 1, "\n");
    snprintf(steps, sizeof steps, each_kind[_i], tiny->node_name[2], tiny->node_name[0]);
    zoo_dataset *set = prepared(
        (zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .steps = steps}, NULL);
    ck_assert_uint_eq(set->sequences, 1);
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, &set->domain, scratch_path("train/a/clip.csv"),
                               &err) == GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(one->sequence[0].frames, set->sequence[0].frames);
    ck_assert_uint_eq(one->sequence[0].bodies, 1);
    ck_assert_mem_eq(one->sequence[0].data, set->sequence[0].data,
                     set->sequence[0].frames * ROW * sizeof(float));
    ck_assert_int_eq(zoo_domain_observes(&set->domain, &one->domain, &err), GOP_OK);
    ck_assert_ptr_eq(zoo_domain_recorded(&set->domain), &set->domain.layout);
    ck_assert_ptr_null(zoo_domain_recorded(NULL));
    if (strcmp(steps, "standardise no") == 0)
        for (size_t c = 0; c < ROW; c++)
            ck_assert(set->domain.mean[c] == 0 && set->domain.std[c] == 1 &&
                      set->domain.constant[c] == 0);
    zoo_dataset_free(one);
    zoo_dataset_free(set);
}
END_TEST

START_TEST(options_of_transformations_are_checked)
{
    const zoo_layout *tiny = zoo_layout_find("tiny5");
    scratch_mkdir("train");
    scratch_mkdir("train/a");
    make_rows("train/a/clip.csv", 3, ROW, 1, "\n");
    refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .steps = "centre nobody:each"},
            GOP_EINVAL, "layout tiny5 has no node nobody");
    refused((zoo_raw){.source = "csv", .layout = tiny, .rate = 30, .steps = "turn 3"}, GOP_EINVAL,
            "unknown transformation 'turn 3'");
}
END_TEST

/* ------------------------------------------------------------------ missing values */

START_TEST(missing_values_count_in_no_statistic)
{
    static const char *const action[] = {"a"};
    zoo_domain domain;
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    float *v = malloc(4 * ROW * sizeof *v);
    gop_real x[4 * ROW];
    ck_assert_int_eq(
        zoo_domain_create(&domain, "gaps", zoo_layout_find("tiny5"), 50, 1, action, 1, NULL),
        GOP_OK);
    ck_assert_int_eq(zoo_dataset_new(&data, &domain, &err), GOP_OK);
    zoo_domain_clear(&domain);
    for (size_t t = 0; t < 4; t++)
        for (size_t c = 0; c < ROW; c++)
            v[t * ROW + c] = c == 3 || (c == 4 && t == 2) ? NAN : (float)(t * t + c);
    ck_assert_int_eq(zoo_dataset_add(data, &(zoo_sequence){.name = "s", .frames = 4}, v, &err),
                     GOP_OK);
    ck_assert(data->domain.missing);
    ck_assert_int_eq(zoo_domain_measure(data, &err), GOP_OK);
    ck_assert(data->domain.mean[3] == 0 && data->domain.std[3] == 1 && data->domain.constant[3]);
    ck_assert_double_eq_tol(data->domain.mean[4], 4 + (0 + 1 + 9) / 3.0, 1e-6);
    ck_assert_double_eq_tol(data->domain.mean[5], 5 + (0 + 1 + 4 + 9) / 4.0, 1e-6);
    zoo_normalise(&data->domain, v, 4, x, 4 * 3);
    for (size_t i = 0; i < 4 * ROW; i++)
        ck_assert(isfinite(x[i]));
    zoo_dataset *again;
    ck_assert_int_eq(zoo_dataset_save(data, scratch_path("gaps.gds"), &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_load(&again, scratch_path("gaps.gds"), &err), GOP_OK);
    float back[4 * ROW];
    ck_assert_msg(zoo_dataset_read(back, again, 0, 0, 0, 4, &err) == GOP_OK, "%s", err.message);
    ck_assert(isnan(back[3]) && back[5] == 5);
    zoo_dataset_free(again);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("transform")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, lists_are_ordered_and_replaced);
    tcase_add_loop_test(t, steps_that_cannot_be_are_named, 0, (int)COUNT(bad));
    tcase_add_test(t, steps_that_do_not_suit_a_layout_are_named);
    tcase_add_test(t, kinds_compute_what_they_say);
    tcase_add_test(t, bodies_of_an_image_are_sorted_by_score);
    tcase_add_test(t, pixels_become_shares_of_their_box);
    tcase_add_test(t, a_node_without_its_score_has_x_and_y);
    tcase_add_test(t, pixels_become_shares_and_doubtful_joints_are_missing);
    tcase_add_loop_test(t, a_set_and_a_model_see_the_same, 0, (int)COUNT(each_kind));
    tcase_add_test(t, options_of_transformations_are_checked);
    tcase_add_test(t, missing_values_count_in_no_statistic);
}
