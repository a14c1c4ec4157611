/*
 * test_null_zoo.c: the zoo's public functions with NULL for each pointer, sizes of zero, and
 * invalid indices and kinds.  Each is an error or harmless.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "zoo/zoo.h"

#include "nothing.h"
#include "scratch.h"

#include <math.h>
#include <string.h>

/* A writer to a scratch folder; its file is discarded. */
static gop_writer *open_writer(void)
{
    gop_writer *w;
    ck_assert_int_eq(gop_writer_open(&w, scratch_path("w"), "TEST", 1, NULL), GOP_OK);
    return w;
}

/* A reader of a file with one number. */
static gop_reader *open_reader(void)
{
    gop_reader *r;
    gop_writer *w = open_writer();
    gop_write_uint(w, 1);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
    ck_assert_int_eq(gop_reader_open(&r, scratch_path("w"), "TEST", 1, NULL), GOP_OK);
    return r;
}

START_TEST(layouts)
{
    const zoo_layout *l = zoo_layout_find("tiny5");
    zoo_layout copy, empty;
    memset(&empty, 0, sizeof empty);
    ck_assert_ptr_null(zoo_layout_find(NULL));
    ck_assert_ptr_null(zoo_layout_find(""));
    ck_assert_ptr_nonnull(zoo_layout_list()[0]);
    FAILS(GOP_EINVAL, zoo_layout_check(NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_check(&empty, err));
    copy = *l;
    copy.part_edges = NULL;
    FAILS(GOP_EINVAL, zoo_layout_check(&copy, err));
    copy = *l;
    copy.node_name = NULL;
    FAILS(GOP_EINVAL, zoo_layout_check(&copy, err));
    copy = *l;
    copy.feature = (zoo_feature)no_such;
    FAILS(GOP_EINVAL, zoo_layout_check(&copy, err));
    FAILS(GOP_EINVAL, zoo_layout_copy(NULL, l, err));
    FAILS(GOP_EINVAL, zoo_layout_copy(&copy, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_copy(&copy, &empty, err));
    FAILS(GOP_EINVAL, zoo_layout_drop_scores(NULL, err));
    copy = *l; /* of positions */
    FAILS(GOP_EINVAL, zoo_layout_drop_scores(&copy, err));
    FAILS(GOP_EINVAL, zoo_layout_open(NULL, "tiny5", err));
    FAILS(GOP_EINVAL, zoo_layout_open(&copy, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_load(NULL, "tiny5.json", err));
    FAILS(GOP_EINVAL, zoo_layout_load(&copy, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_inspect(NULL, "tiny5", NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_inspect(&copy, NULL, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_save(NULL, "tiny5.json", err));
    FAILS(GOP_EINVAL, zoo_layout_save(l, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_save(&empty, "tiny5.json", err));
    ck_assert_ptr_null(zoo_feature_name((zoo_feature)0));
    ck_assert_ptr_null(zoo_feature_name((zoo_feature)no_such));
    ck_assert_uint_eq(zoo_feature_channels((zoo_feature)no_such), 0);
    ck_assert(!zoo_feature_in_image((zoo_feature)no_such));
    gop_graph *tree = NULL;
    FAILS(GOP_EINVAL, zoo_layout_bones(NULL, l, err));
    FAILS(GOP_EINVAL, zoo_layout_bones(&tree, NULL, err));
    FAILS(GOP_EINVAL, zoo_layout_bones(&tree, &empty, err));
    ck_assert_int_eq((int)zoo_layout_up(NULL), ZOO_AXIS_UNSET);
    ck_assert_int_eq((int)zoo_layout_ahead(NULL), ZOO_AXIS_UNSET);
    copy = *l;
    copy.up = (zoo_axis)no_such;
    FAILS(GOP_EINVAL, zoo_layout_check(&copy, err));
    memset(&copy, 0, sizeof copy);
    zoo_layout_clear(NULL);
    zoo_layout_clear(&copy);
    ck_assert(!zoo_layout_equal(NULL, l) && !zoo_layout_equal(l, NULL));
    char differs[8] = "x";
    zoo_layout_difference(NULL, 8, l, l);
    zoo_layout_difference(differs, 0, l, NULL);
    ck_assert_str_eq(differs, "x");
    zoo_layout_difference(differs, sizeof differs, l, NULL);
    ck_assert_str_eq(differs, "");

    scratch_open();
    zoo_layout_write(NULL, l);
    zoo_layout_write(NULL, NULL);
    gop_writer *w = open_writer();
    zoo_layout_write(w, NULL);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_ESTATE);
    w = open_writer();
    zoo_layout_write(w, &empty);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_EINVAL);
    zoo_layout_read(NULL, &copy);
    ck_assert_ptr_null(copy.name);
    zoo_layout_read(NULL, NULL);
    gop_reader *r = open_reader();
    zoo_layout_read(r, NULL);
    FAILS(GOP_EFORMAT, gop_reader_status(r, err));
    gop_reader_free(r);
    scratch_close();
}
END_TEST

START_TEST(domains)
{
    zoo_domain copy, empty;
    gop_real x[1] = {7};
    float raw[1] = {7};
    zoo_dataset *data;
    memset(&empty, 0, sizeof empty);
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_domain_copy(NULL, &data->domain, err));
    FAILS(GOP_EINVAL, zoo_domain_copy(&copy, NULL, err));
    FAILS(GOP_EINVAL, zoo_domain_copy(&copy, &empty, err));
    zoo_domain_clear(NULL);
    zoo_domain_clear(&copy);
    ck_assert_uint_eq(zoo_domain_action(NULL, "walk"), SIZE_MAX);
    ck_assert_uint_eq(zoo_domain_action(&data->domain, NULL), SIZE_MAX);
    ck_assert_uint_eq(zoo_domain_action(&empty, ""), SIZE_MAX);
    FAILS(GOP_EINVAL, zoo_domain_observes(NULL, &data->domain, err));
    FAILS(GOP_EINVAL, zoo_domain_observes(&data->domain, NULL, err));
    zoo_dataset *one = data;
    FAILS(GOP_EINVAL, zoo_read_one(&one, NULL, "nosource", &data->domain, "x", err));
    ck_assert_ptr_null(one);
    FAILS(GOP_EINVAL, zoo_read_one(NULL, NULL, NULL, &data->domain, "x", err));
    FAILS(GOP_EINVAL, zoo_read_one(&one, NULL, NULL, NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_read_one(&one, NULL, NULL, &data->domain, NULL, err));
    FAILS(GOP_EINVAL, zoo_read_one(&one, NULL, "synth", &data->domain, "x", err));
    FAILS(GOP_ESYSTEM, zoo_read_one(&one, NULL, NULL, &data->domain, "nowhere", err));
    FAILS(GOP_EINVAL, zoo_domain_fits(NULL, &data->domain, err));
    FAILS(GOP_EINVAL, zoo_domain_fits(&data->domain, NULL, err));
    zoo_normalise(NULL, raw, 1, x, 1);
    zoo_normalise(&data->domain, NULL, 1, x, 1);
    zoo_normalise(&data->domain, raw, 1, NULL, 1);
    zoo_normalise(&data->domain, raw, 0, x, 0);
    zoo_denormalise(NULL, x, 1, raw);
    zoo_denormalise(&data->domain, NULL, 1, raw);
    zoo_denormalise(&data->domain, x, 1, NULL);
    zoo_denormalise(&data->domain, x, 0, raw);
    ck_assert(x[0] == 7 && raw[0] == 7);

    scratch_open();
    zoo_domain_write(NULL, &data->domain);
    zoo_domain_write(NULL, NULL);
    gop_writer *w = open_writer();
    zoo_domain_write(w, NULL);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_ESTATE);
    zoo_domain_read(NULL, &copy);
    ck_assert_uint_eq(copy.actions, 0);
    zoo_domain_read(NULL, NULL);
    gop_reader *r = open_reader();
    zoo_domain_read(r, NULL);
    FAILS(GOP_EFORMAT, gop_reader_status(r, err));
    gop_reader_free(r);
    scratch_close();
    zoo_dataset_free(data);
}
END_TEST

START_TEST(data_sets)
{
    zoo_dataset *data, empty;
    zoo_report report;
    zoo_sampler *sampler;
    float *raw;
    size_t frames;
    zoo_dataset_free(NULL);
    zoo_report_clear(NULL);
    memset(&empty, 0, sizeof empty);
    ck_assert_uint_eq(zoo_sequence_length(NULL, 0), 0);
    ck_assert_uint_eq(zoo_sequence_length(&empty, 0), 0);
    ck_assert_uint_eq(zoo_raw_frames(NULL, 3), 0);
    ck_assert_uint_eq(zoo_raw_frames(&empty.domain, 0), 0);
    ck_assert(!zoo_dataset_has(NULL, 0, ZOO_TRAIN));
    ck_assert(!zoo_dataset_has(&empty, 0, (zoo_split)no_such));
    float pose[3];
    FAILS(GOP_EINVAL, zoo_dataset_new(NULL, &empty.domain, err));
    FAILS(GOP_EINVAL, zoo_dataset_new(&data, NULL, err));
    ck_assert_ptr_null(data);
    FAILS(GOP_EINVAL, zoo_dataset_add(NULL, &(zoo_sequence){.name = "a"}, NULL, err));
    FAILS(GOP_EINVAL, zoo_dataset_add(&empty, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_dataset_read(pose, NULL, 0, 0, 0, 1, err));
    FAILS(GOP_EINVAL, zoo_dataset_read(NULL, &empty, 0, 0, 0, 1, err));
    FAILS(GOP_EINVAL, zoo_dataset_read(pose, &empty, 0, 0, 0, 1, err));
    FAILS(GOP_EINVAL, zoo_dataset_save(NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_dataset_save(&empty, NULL, err));
    FAILS(GOP_EINVAL, zoo_dataset_load(NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_dataset_load(&data, NULL, err));
    ck_assert_ptr_null(data);
    zoo_raw raw_data = {.source = "ntu", .dir = "x"};
    FAILS(GOP_EINVAL, zoo_prepare(NULL, &report, &raw_data, "y", err));
    FAILS(GOP_EINVAL, zoo_prepare(&data, &report, NULL, "y", err));
    FAILS(GOP_EINVAL, zoo_prepare(&data, NULL, &raw_data, NULL, err));
    raw_data.dir = NULL;
    FAILS(GOP_EINVAL, zoo_prepare(&data, NULL, &raw_data, "y", err));
    raw_data = (zoo_raw){.dir = "x"};
    FAILS(GOP_EINVAL, zoo_prepare(&data, NULL, &raw_data, "y", err));
    ck_assert_ptr_null(data);
    ck_assert(zoo_source_takes(zoo_source_list()[0], "split"));
    ck_assert(!zoo_source_takes(zoo_source_list()[0], "spli"));
    ck_assert(!zoo_source_takes(zoo_source_list()[0], ""));
    ck_assert(!zoo_source_takes(zoo_source_list()[0], NULL) && !zoo_source_takes(NULL, "split"));
    ck_assert_ptr_null(zoo_drop_name((zoo_drop)no_such));
    FAILS(GOP_EINVAL, zoo_synth(NULL, &report, 1, err));
    FAILS(GOP_EINVAL, zoo_poses_read(NULL, &frames, 3, "x", NULL, err));
    FAILS(GOP_EINVAL, zoo_poses_read(&raw, NULL, 3, "x", NULL, err));
    FAILS(GOP_EINVAL, zoo_poses_read(&raw, &frames, 0, "x", NULL, err));
    FAILS(GOP_EINVAL, zoo_poses_read(&raw, &frames, 3, NULL, NULL, err));

    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    ck_assert_uint_eq(zoo_sequence_length(data, SIZE_MAX), 0);
    FAILS(GOP_EINVAL,
          zoo_sampler_new(NULL, data, &(zoo_windows){.observed = 10, .predicted = 10, .seed = 1},
                          err));
    FAILS(GOP_EINVAL,
          zoo_sampler_new(&sampler, NULL,
                          &(zoo_windows){.observed = 10, .predicted = 10, .seed = 1}, err));
    ck_assert_ptr_null(sampler);
    FAILS(GOP_EINVAL,
          zoo_sampler_new(&sampler, data, &(zoo_windows){.observed = 0, .predicted = 10, .seed = 1},
                          err));
    FAILS(GOP_EINVAL,
          zoo_sampler_new(&sampler, data,
                          &(zoo_windows){.observed = SIZE_MAX, .predicted = SIZE_MAX, .seed = 1},
                          err));
    FAILS(GOP_EFORMAT,
          zoo_sampler_new(&sampler, &empty,
                          &(zoo_windows){.observed = 10, .predicted = 10, .seed = 1}, err));
    zoo_sampler_free(NULL);
    FAILS(GOP_EINVAL, zoo_sampler_next(NULL, 1, &(zoo_batch){.x = NULL}, err));
    FAILS(GOP_EINVAL, zoo_sampler_next(NULL, 1, NULL, err));
    zoo_viewer *viewer;
    const zoo_view view = zoo_view_default();
    FAILS(GOP_EINVAL, zoo_viewer_new(NULL, data, &data->domain, &view, 5, err));
    FAILS(GOP_EINVAL, zoo_viewer_new(&viewer, NULL, &data->domain, &view, 5, err));
    FAILS(GOP_EINVAL, zoo_viewer_new(&viewer, data, NULL, &view, 5, err));
    FAILS(GOP_EINVAL, zoo_viewer_new(&viewer, data, &data->domain, NULL, 5, err));
    FAILS(GOP_EINVAL, zoo_viewer_new(&viewer, data, &data->domain, &view, 0, err));
    FAILS(GOP_EINVAL, zoo_viewer_read(NULL, 0, 0, 0, NULL, NULL, err));
    zoo_viewer_show(NULL, NULL, NULL, NULL);
    zoo_viewer_free(NULL);
    zoo_view_draw(NULL, 1, &view, 1, 1, NULL);
    zoo_view_place(NULL, 1, &view, 1, 0, 1);
    ck_assert(!zoo_view_by_clip(NULL));
    zoo_choice choice;
    FAILS(GOP_EINVAL, zoo_recipe_choose(NULL, data, NULL, err));
    FAILS(GOP_EINVAL, zoo_recipe_choose(&choice, data, NULL, err));
    ck_assert_str_eq(zoo_view_settings()->key, "bodies");
    ck_assert(!zoo_folder_is_one(NULL, NULL));
    ck_assert_uint_eq(zoo_view_least(NULL, 7), 7);
    ck_assert(!zoo_protocol_sees(NULL, &view));
    ck_assert(!zoo_protocol_sees(zoo_protocol_list(), NULL));
    ck_assert_uint_eq(zoo_sampler_state(NULL).drawn, 0);
    zoo_sampler_restore(NULL, (zoo_sampler_place){.drawn = 1});
    ck_assert_int_eq(
        zoo_sampler_new(&sampler, data, &(zoo_windows){.observed = 10, .seed = 1}, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_next(sampler, 3, &(zoo_batch){.x = NULL}, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_next(sampler, 0, &(zoo_batch){.x = NULL}, NULL), GOP_OK);
    ck_assert_uint_gt(zoo_sampler_state(sampler).rng.counter, 0);
    zoo_sampler_free(sampler);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(measures)
{
    double e[3] = {7, 7, 7};
    const double r[3] = {1, 0, 0};
    float raw[3] = {1, 0, 0};
    uint8_t counted[3] = {7, 7, 7};
    gop_real score[2] = {1, 2};
    zoo_euler(NULL, r, ZOO_AXIS_PLUS_EPS);
    zoo_euler(e, NULL, ZOO_AXIS_PLUS_EPS);
    zoo_euler_frames(NULL, raw, 1, 3, ZOO_AXIS_MAX_EPS);
    zoo_euler_frames(e, NULL, 1, 3, ZOO_AXIS_MAX_EPS);
    zoo_euler_frames(e, raw, 0, 3, ZOO_AXIS_MAX_EPS);
    zoo_euler_frames(e, raw, 1, 0, ZOO_AXIS_MAX_EPS);
    ck_assert(e[0] == 7);
    zoo_euler(e, r, (zoo_axis_rule)no_such);
    ck_assert(isfinite(e[0]));
    zoo_angle_columns(NULL, e, 1, 3, NULL);
    zoo_angle_columns(counted, NULL, 1, 3, NULL);
    ck_assert_uint_eq(counted[0], 7);
    zoo_angle_columns(counted, e, 0, 3, NULL);
    ck_assert_uint_eq(counted[0], 0);
    ck_assert(zoo_angle_error(NULL, e, counted, 3) == 0);
    ck_assert(zoo_angle_error(e, NULL, counted, 3) == 0);
    ck_assert(zoo_angle_error(e, e, NULL, 3) == 0);
    ck_assert(zoo_mean_distance(NULL, e, 1) == 0 && zoo_mean_distance(e, NULL, 1) == 0);
    ck_assert(zoo_mean_distance(e, e, 0) == 0);
    ck_assert(zoo_pck(NULL, e, 1, 1) == 0 && zoo_pck(e, NULL, 1, 1) == 0);
    ck_assert(zoo_pck(e, e, 0, 1) == 0);
    ck_assert(zoo_box_side(NULL, 1) == 0 && zoo_box_side(e, 0) == 0);
    const zoo_chain *chain = zoo_chain_find("cmu38");
    zoo_chain large = *chain;
    large.joints = ZOO_MAX_JOINTS + 1;
    double untouched = 7;
    zoo_chain_positions(NULL, chain, raw);
    zoo_chain_positions(&untouched, NULL, raw);
    zoo_chain_positions(&untouched, chain, NULL);
    zoo_chain_positions(&untouched, &large, raw);
    ck_assert(untouched == 7);
    ck_assert_ptr_null(zoo_chain_find(NULL));
    ck_assert_uint_eq(zoo_answer(NULL, 2, 0), 2);
    ck_assert_uint_eq(zoo_answer(score, 2, 2), 2);
    ck_assert_uint_eq(zoo_answer(score, 0, 0), 0);
    zoo_calibration counts = {{0}, {0}, {0}, 0};
    zoo_calibration_add(NULL, score, 2, 0);
    zoo_calibration_join(NULL, &counts);
    zoo_calibration_join(&counts, NULL);
    ck_assert(isnan(zoo_calibration_error(NULL)));
    zoo_calibration_add(&counts, NULL, 2, 0);
    zoo_calibration_add(&counts, score, 2, 2);
    ck_assert_uint_eq(counts.others, 2);
    ck_assert(!zoo_top_k(NULL, 2, 0, 1));
    ck_assert(!zoo_top_k(score, 2, 2, 5));
    ck_assert(!zoo_top_k(score, 0, 0, 1));
    ck_assert(!zoo_top_k(score, 2, 1, 0));
}
END_TEST

START_TEST(scores)
{
    zoo_scores *s = NULL;
    const zoo_scored *clip, bad = {.label = 1};
    static char name[1][ZOO_NAME_SIZE] = {"a"};
    const zoo_domain domain = {.actions = 1, .action = name};
    zoo_table *table[ZOO_MAX_TABLES];
    size_t n = 7;
    ck_assert_int_eq(zoo_scores_open(NULL, "a", NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_open(&s, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_open(&s, "no/such", NULL), GOP_ESYSTEM);
    ck_assert_int_eq(zoo_scores_open(&s, ".", NULL), GOP_ESYSTEM);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(zoo_scores_next(&clip, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_next(NULL, s, NULL), GOP_EINVAL);
    ck_assert_ptr_null(zoo_scores_domain(NULL));
    zoo_scores_heading(NULL, &domain);
    zoo_scores_heading(stderr, NULL);
    zoo_scores_line(NULL, &bad, &domain);
    zoo_scores_line(stderr, NULL, &domain);
    zoo_scores_line(stderr, &bad, NULL);
    zoo_scores_line(stderr, &bad, &domain);
    ck_assert(!zoo_scores_begin(NULL));
    ck_assert_int_eq(zoo_scores_fuse(NULL, &n, &s, 1, NULL, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_fuse(table, NULL, &s, 1, NULL, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_fuse(table, &n, &s, 1, NULL, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_fuse(table, &n, NULL, 1, NULL, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_fuse(table, &n, NULL, 0, NULL, NULL, NULL), GOP_EINVAL);
    zoo_scores_close(NULL);
}
END_TEST

START_TEST(protocols)
{
    const zoo_protocol *p = zoo_protocol_find("dense"), last = {.name = NULL};
    zoo_predictor nobody = {.run = NULL};
    zoo_dataset *data;
    zoo_table *table;
    ck_assert_ptr_nonnull(zoo_protocol_list()[0].name);
    ck_assert_ptr_null(zoo_protocol_find(NULL));
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    ck_assert(!zoo_protocol_suits(NULL, &data->domain));
    ck_assert(!zoo_protocol_suits(p, NULL));
    ck_assert(!zoo_protocol_usual(NULL, &data->domain));
    ck_assert(!zoo_protocol_usual(p, NULL));
    FAILS(GOP_EINVAL, zoo_evaluate(NULL, p, data, &nobody, NULL, err));
    FAILS(GOP_EINVAL, zoo_evaluate(&table, NULL, data, &nobody, NULL, err));
    ck_assert_ptr_null(table);
    FAILS(GOP_EINVAL, zoo_evaluate(&table, &last, data, &nobody, NULL, err));
    FAILS(GOP_EINVAL, zoo_evaluate(&table, p, NULL, &nobody, NULL, err));
    FAILS(GOP_EINVAL, zoo_evaluate(&table, p, data, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_evaluate(&table, p, data, &nobody, NULL, err));
    char text[4] = "abc";
    ck_assert_ptr_null(zoo_table_result(NULL, 0, "error"));
    zoo_protocol_describe(NULL, 4, p, NULL);
    zoo_protocol_describe(text, 0, p, NULL);
    ck_assert_str_eq(text, "abc");
    zoo_protocol_describe(text, sizeof text, &last, NULL);
    ck_assert_str_eq(text, "");
    zoo_table_free(NULL);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(models)
{
    const zoo_model_type *type = zoo_model_types()[0];
    zoo_model *m;
    zoo_ports ports;
    zoo_dataset *data;
    char text[8] = "before";
    gop_ctx *ctx;
    gop_net *net;
    ck_assert_ptr_null(zoo_model_type_find(NULL, NULL));
    ck_assert_ptr_null(zoo_model_type_find(NULL, ""));
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_model_new(NULL, type, NULL, &data->domain, 1, err));
    FAILS(GOP_EINVAL, zoo_model_new(&m, NULL, NULL, &data->domain, 1, err));
    ck_assert_ptr_null(m);
    FAILS(GOP_EINVAL, zoo_model_new(&m, type, NULL, NULL, 1, err));
    FAILS(GOP_EINVAL, zoo_model_new(&m, type, "", &data->domain, 1, err));
    zoo_model_free(NULL);
    ck_assert_uint_eq(zoo_model_observed(NULL), 0);
    ck_assert_uint_eq(zoo_model_predicted(NULL), 0);
    ck_assert(!zoo_model_recognises(NULL));
    FAILS(GOP_EINVAL, zoo_model_variant(NULL, "no-pred", err));
    FAILS(GOP_EINVAL, zoo_model_save(NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_model_fuse(NULL, NULL, 0, NULL, err));
    ck_assert_uint_eq(zoo_edit_distance(NULL, "a"), SIZE_MAX);
    ck_assert_uint_eq(zoo_edit_distance("a", NULL), SIZE_MAX);
    ck_assert_uint_eq(zoo_edit_distance("", ""), 0);

    ck_assert_int_eq(zoo_model_new(&m, type, NULL, &data->domain, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_model_set(NULL, type->options[0].key, "1", err));
    FAILS(GOP_EINVAL, zoo_model_set(m, NULL, "1", err));
    FAILS(GOP_EINVAL, zoo_model_set(m, type->options[0].key, NULL, err));
    FAILS(GOP_EINVAL, zoo_model_set(m, "", "1", err));
    zoo_model_get(m, NULL, text, sizeof text);
    ck_assert_str_eq(text, "");
    zoo_model_get(NULL, &type->options[0], text, sizeof text);
    zoo_model_get(m, &type->options[0], NULL, 8);
    text[0] = 'x';
    zoo_model_get(m, &type->options[0], text, 0);
    ck_assert_int_eq(text[0], 'x');
    for (const zoo_setting *o = type->options; o->key != NULL; o++)
        zoo_model_get(m, o, text, 1);
    ck_assert_str_eq(text, "");
    ck_assert_int_eq(zoo_model_variant(m, "joint-bone", NULL), GOP_OK);

    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
    ck_assert_int_eq(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_model_record(NULL, net, &(zoo_use){.batch = 1}, &ports, err));
    FAILS(GOP_EINVAL, zoo_model_record(m, NULL, &(zoo_use){.batch = 1}, &ports, err));
    FAILS(GOP_EINVAL, zoo_model_record(m, net, &(zoo_use){.batch = 0}, &ports, err));
    FAILS(GOP_EINVAL, zoo_model_record(m, net, &(zoo_use){.batch = 1}, NULL, err));
    gop_net_free(net);
    gop_ctx_free(ctx);

    scratch_open();
    zoo_model_write(NULL, m);
    zoo_model_write(NULL, NULL);
    gop_writer *w = open_writer();
    zoo_model_write(w, NULL);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_ESTATE);
    zoo_model_free(m);
    FAILS(GOP_EINVAL, zoo_model_read(&m, NULL, NULL, err));
    ck_assert_ptr_null(m);
    gop_reader *r = open_reader();
    FAILS(GOP_EINVAL, zoo_model_read(NULL, NULL, r, err));
    FAILS(GOP_EFORMAT, zoo_model_read(&m, NULL, r, err));
    gop_reader_free(r);
    scratch_close();
    FAILS(GOP_EINVAL, zoo_model_load(NULL, NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_model_load(&m, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_model_inspect(NULL, NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_model_inspect(&m, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_model_type_check(NULL, err));
    FAILS(GOP_EINVAL, zoo_check_blocks(NULL, NULL, 9, err));
    ck_assert_int_lt(zoo_spatial_partition(NULL, NULL, true).id, 0);
    ck_assert_int_lt(zoo_trained_partition(NULL, NULL, NULL, true).id, 0);
    ck_assert_int_lt(zoo_subset_conv(NULL, NULL, gop_none(), gop_none(), 1).id, 0);
    ck_assert_int_lt(zoo_temporal_conv(NULL, NULL, gop_none(), 1, 1, (gop_conv){0}, ZOO_HE).id, 0);
    ck_assert_int_lt(zoo_project(NULL, NULL, gop_none(), 1, 1, ZOO_FAN_IN).id, 0);
    ck_assert_int_lt(zoo_temporal_branches(NULL, NULL, gop_none(), NULL).id, 0);
    ck_assert_int_lt(zoo_bones(NULL, NULL, gop_none()).id, 0);
    ck_assert_int_lt(zoo_node_batch_norm(NULL, NULL, gop_none(), 1).id, 0);
    ck_assert_int_lt(zoo_classifier(NULL, NULL, NULL, NULL, gop_none()).id, 0);
    zoo_classify(NULL, NULL, NULL, 0, NULL, NULL);
    zoo_expect_labels(NULL, NULL, NULL);
    FAILS(GOP_EINVAL, zoo_check_streams(NULL, err));
    FAILS(GOP_EINVAL, zoo_weigh_streams(NULL, NULL, NULL, err));
    ck_assert_ptr_null(zoo_stream_name(0));
    ck_assert_int_lt(zoo_stream_of(NULL, NULL, ZOO_BONE, gop_none()).id, 0);
    zoo_record_streams(NULL, NULL, NULL, NULL, 1, NULL, NULL);
    ck_assert_int_lt(zoo_observe(NULL, NULL, 1, NULL).id, 0);
    ck_assert_int_lt(zoo_mean_bodies(NULL, NULL, NULL, gop_none()).id, 0);
    ck_assert_int_lt(zoo_mean_clip(NULL, NULL, NULL, gop_none()).id, 0);
    ck_assert_int_lt(zoo_recognition_loss(NULL, NULL, NULL, gop_none()).id, 0);
    FAILS(GOP_EINVAL, zoo_check_loss(NULL, NULL, err));
    ck_assert_uint_eq(zoo_horizon_frames(NULL), 0);
    ck_assert(!zoo_only_predicts(NULL));
    ck_assert_int_lt(zoo_predict(NULL, NULL, NULL, false, NULL, NULL, NULL).id, 0);
    const zoo_truth truth = zoo_expect_poses(NULL, NULL, NULL, NULL, 0, NULL);
    ck_assert_int_lt(truth.poses.id, 0);
    ck_assert_int_lt(zoo_prediction_loss(NULL, NULL, gop_none(), truth).id, 0);
    zoo_learn_poses(NULL, NULL, NULL, NULL, gop_none(), NULL);
    ck_assert_int_lt(zoo_trajectories(NULL, gop_none()).id, 0);
    ck_assert_int_lt(zoo_poses(NULL, gop_none(), 0).id, 0);
    ck_assert_int_lt(zoo_hold_last(NULL, gop_none(), 0).id, 0);
    ck_assert_int_lt(zoo_cosines(NULL, 0, 0).id, 0);
    ck_assert_int_lt(zoo_inverse_cosines(NULL, 0, 0).id, 0);
    ck_assert_int_lt(zoo_dense_gc(NULL, NULL, gop_none(), 0).id, 0);
    ck_assert_int_lt(zoo_feature_norm(NULL, NULL, gop_none()).id, 0);
    ck_assert_int_lt(zoo_gc_block(NULL, NULL, gop_none(), NULL).id, 0);
    ck_assert_int_lt(zoo_residual_gcn(NULL, gop_none(), 0, 0, 0).id, 0);
    FAILS(GOP_EINVAL, zoo_plugin_add(NULL, 0, NULL, err));
    FAILS(GOP_EINVAL, zoo_plugin_add(&type, 1, NULL, err));
    ck_assert_uint_eq(zoo_setting_size(NULL), 0);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(inferences)
{
    zoo_inference *inf;
    zoo_dataset *data;
    zoo_model *m;
    gop_ctx *ctx;
    gop_real x = 0;
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
    ck_assert_int_eq(zoo_model_new(&m, zoo_model_types()[0], NULL, &data->domain, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_inference_new(NULL, ctx, m, 1, err));
    FAILS(GOP_EINVAL, zoo_inference_new(&inf, NULL, m, 1, err));
    ck_assert_ptr_null(inf);
    FAILS(GOP_EINVAL, zoo_inference_new(&inf, ctx, NULL, 1, err));
    FAILS(GOP_EINVAL, zoo_inference_new(&inf, ctx, m, 0, err));
    FAILS(GOP_EINVAL, zoo_inference_new_for(&inf, ctx, m, NULL, err));
    zoo_inference_free(NULL);
    FAILS(GOP_EINVAL, zoo_inference_run(NULL, &x, NULL, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_inference_predictor(NULL).run(NULL, &x, NULL, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_inference_features(NULL, &x, err));
    FAILS(GOP_EINVAL, zoo_inference_classes(NULL, &x, err));
    FAILS(GOP_EINVAL, zoo_inference_seed(NULL, 1, err));
    FAILS(GOP_EINVAL, zoo_sample(NULL, 1, 1, &x, NULL, NULL, NULL, NULL, err));
    ck_assert(!zoo_inference_draws(NULL));
    ck_assert_uint_eq(zoo_inference_n_features(NULL), 0);
    ck_assert_uint_eq(zoo_inference_stats(NULL).ops, 0);
    ck_assert_ptr_null(zoo_inference_net(NULL));
    gop_stepper *stepper = (gop_stepper *)1;
    const zoo_use one = {.batch = 1};
    FAILS(GOP_EINVAL, zoo_inference_stepper(NULL, NULL, NULL, NULL, &one, 0, err));
    FAILS(GOP_EINVAL, zoo_inference_stepper(&stepper, NULL, NULL, NULL, NULL, 0, err));
    ck_assert_ptr_null(stepper);
    ck_assert_int_lt(zoo_crop(NULL, gop_none(), 0, 0).id, 0);
    ck_assert_int_lt(zoo_beside(NULL, gop_none(), 1, ZOO_UNPADDED).id, 0);
    ck_assert_uint_eq(zoo_branches_span(NULL), 0);
    FAILS(GOP_EINVAL, zoo_check_padding(ZOO_CENTRED, NULL, 9, 1, err));
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

/* A run with one invalid setting. */
static void refuse_run(gop_ctx *ctx, zoo_model *m, const zoo_dataset *data, zoo_training c)
{
    zoo_trainer *t;
    FAILS(GOP_EINVAL, zoo_trainer_new(&t, ctx, m, data, &c, err));
    ck_assert_ptr_null(t);
}

START_TEST(runs)
{
    const zoo_training good = zoo_training_default();
    zoo_training c = good;
    zoo_trainer *t;
    zoo_dataset *data;
    zoo_model *m, *other;
    gop_ctx *ctx;
    zoo_progress progress;
    zoo_provenance provenance;
    ck_assert_int_eq(zoo_synth(&data, NULL, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, 0, NULL), GOP_OK);
    ck_assert_int_eq(zoo_model_new(&m, zoo_model_types()[0], NULL, &data->domain, 1, NULL), GOP_OK);
    FAILS(GOP_EINVAL, zoo_trainer_new(NULL, ctx, m, data, &good, err));
    FAILS(GOP_EINVAL, zoo_trainer_new(&t, NULL, m, data, &good, err));
    ck_assert_ptr_null(t);
    FAILS(GOP_EINVAL, zoo_trainer_new(&t, ctx, NULL, data, &good, err));
    FAILS(GOP_EINVAL, zoo_trainer_new(&t, ctx, m, NULL, &good, err));
    FAILS(GOP_EINVAL, zoo_trainer_new(&t, ctx, m, data, NULL, err));
    c.batch = 0;
    refuse_run(ctx, m, data, c);
    c = good;
    c.steps = 0;
    refuse_run(ctx, m, data, c);
    c = good;
    c.noisy_labels = NAN;
    refuse_run(ctx, m, data, c);
    c = good;
    c.noisy_targets = 1.5;
    refuse_run(ctx, m, data, c);
    c = good;
    c.noisy_labels = 1e-9; /* fewer than two sequences */
    refuse_run(ctx, m, data, c);
    c = good;
    c.warmup = ZOO_EPOCHS + 5; /* not counted in steps */
    refuse_run(ctx, m, data, c);
    c = good;
    memset(c.freeze, 'a', sizeof c.freeze); /* not terminated */
    refuse_run(ctx, m, data, c);
    c = good;
    c.lr = NAN;
    refuse_run(ctx, m, data, c);
    c = good;
    c.optimiser = (zoo_optimiser)no_such;
    refuse_run(ctx, m, data, c);
    c = good;
    c.schedule = (zoo_schedule)no_such;
    refuse_run(ctx, m, data, c);
    c = good;
    c.lambda.choice = (uint32_t)no_such;
    refuse_run(ctx, m, data, c);

    FAILS(GOP_EINVAL, zoo_trainer_resume(NULL, &other, NULL, ctx, "x", data, &c, err));
    FAILS(GOP_EINVAL, zoo_trainer_resume(&t, NULL, NULL, ctx, "x", data, &c, err));
    FAILS(GOP_EINVAL, zoo_trainer_resume(&t, &other, NULL, NULL, "x", data, &c, err));
    FAILS(GOP_EINVAL, zoo_trainer_resume(&t, &other, NULL, ctx, NULL, data, &c, err));
    FAILS(GOP_EINVAL, zoo_trainer_resume(&t, &other, NULL, ctx, "x", NULL, &c, err));
    ck_assert(t == NULL && other == NULL);
    zoo_trainer_free(NULL);
    ck_assert_str_eq(zoo_trainer_kernel(NULL), "");
    ck_assert_uint_eq(zoo_trainer_steps(NULL), 0);
    zoo_trainer_set_length(NULL, 1);
    FAILS(GOP_EINVAL, zoo_trainer_init_from(NULL, m, NULL, err));
    ck_assert_uint_eq(zoo_epoch_steps(0, 0, 0), 0);
    ck_assert_uint_eq(zoo_training_windows(NULL), 0);
    ck_assert_uint_eq(zoo_model_match(NULL, 0, m), SIZE_MAX);
    ck_assert_uint_eq(zoo_model_match(m, 0, NULL), SIZE_MAX);
    ck_assert_uint_eq(zoo_model_match(m, SIZE_MAX, m), SIZE_MAX);
    ck_assert_uint_ne(zoo_model_fingerprint(NULL), 0);
    FAILS(GOP_EINVAL, zoo_trainer_step(NULL, &progress, err));
    FAILS(GOP_EINVAL, zoo_trainer_save(NULL, "x", err));
    ck_assert_uint_eq(zoo_trainer_stats(NULL).ops, 0);
    ck_assert_ptr_null(zoo_trainer_net(NULL));
    FAILS(GOP_EINVAL, zoo_convert(NULL, "x", NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_convert("x", NULL, NULL, NULL, err));
    FAILS(GOP_ESYSTEM, zoo_convert("", "x", NULL, NULL, err));
    const zoo_model_type *stgcn = zoo_model_type_find(NULL, "stgcn");
    const zoo_import_options none = {.labels = NULL};
    const zoo_raw no_layout = {.rate = 30};
    zoo_domain domain;
    FAILS(GOP_EINVAL, zoo_model_import(NULL, NULL, stgcn, "x", &none, err));
    FAILS(GOP_EINVAL, zoo_model_import(&other, NULL, NULL, "x", &none, err));
    FAILS(GOP_EINVAL, zoo_model_import(&other, NULL, stgcn, NULL, &none, err));
    FAILS(GOP_EINVAL, zoo_model_import(&other, NULL, stgcn, "x", NULL, err));
    FAILS(GOP_ESYSTEM, zoo_model_import(&other, NULL, stgcn, "", &none, err));
    ck_assert_ptr_null(other);
    zoo_imported_clear(NULL);
    FAILS(GOP_EINVAL, zoo_imports_check(NULL, err));
    FAILS(GOP_EINVAL, zoo_raw_domain(NULL, "x", &no_layout, NULL, 0, err));
    FAILS(GOP_EINVAL, zoo_raw_domain(&domain, "x", NULL, NULL, 0, err));
    FAILS(GOP_EINVAL, zoo_raw_domain(&domain, "x", &no_layout, NULL, 0, err));
    FAILS(GOP_EINVAL, zoo_provenance_load(NULL, NULL, "x", err));
    FAILS(GOP_EINVAL, zoo_provenance_load(&provenance, NULL, NULL, err));
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(streams)
{
    const zoo_stream_item *item;
    const zoo_frame *frame;
    zoo_frame_lines *lines;
    zoo_stream *s;
    size_t size;

    FAILS(GOP_EINVAL, zoo_stream_new(NULL, NULL, NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_stream_new(&s, NULL, NULL, NULL, err));
    ck_assert_ptr_null(s);
    zoo_stream_free(NULL);
    FAILS(GOP_EINVAL, zoo_stream_push(NULL, &(zoo_frame){.time = 0}, err));
    FAILS(GOP_EINVAL, zoo_stream_next(NULL, &item, err));
    FAILS(GOP_EINVAL, zoo_stream_next(NULL, NULL, err));
    FAILS(GOP_EINVAL, zoo_stream_finish(NULL, err));
    zoo_stream_reset(NULL);
    ck_assert_uint_eq(zoo_stream_count(NULL).frames, 0);
    ck_assert(zoo_stream_rate(NULL) == 0);
    ck_assert_uint_eq(zoo_stream_window(NULL), 0);
    ck_assert_uint_eq(zoo_stream_choose(NULL, "", 0, NULL), SIZE_MAX);
    FAILS(GOP_EINVAL, zoo_frame_lines_new(NULL, zoo_layout_find("tiny5"), 30, err));
    FAILS(GOP_EINVAL, zoo_frame_lines_new(&lines, NULL, 30, err));
    FAILS(GOP_EINVAL, zoo_frame_lines_new(&lines, zoo_layout_find("tiny5"), 0, err));
    ck_assert_ptr_null(lines);
    zoo_frame_lines_free(NULL);
    ck_assert_ptr_null(zoo_frame_lines_room(NULL, &size));
    zoo_frame_lines_add(NULL, 1);
    FAILS(GOP_EINVAL, zoo_frame_lines_next(NULL, &frame, err));
    FAILS(GOP_EINVAL, zoo_frame_lines_file(NULL, "x", &frame, err));
    ck_assert_uint_eq(zoo_frame_lines_bad(NULL), 0);
}
END_TEST

TEST_MAIN("null zoo")
{
    tcase_add_test(t, streams);
    tcase_add_test(t, layouts);
    tcase_add_test(t, domains);
    tcase_add_test(t, data_sets);
    tcase_add_test(t, measures);
    tcase_add_test(t, scores);
    tcase_add_test(t, protocols);
    tcase_add_test(t, models);
    tcase_add_test(t, inferences);
    tcase_add_test(t, runs);
}
