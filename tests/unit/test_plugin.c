/*
 * test_plugin.c: lists of types of models: what is refused, and files of types that no list has.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "zoo/zoo.h"

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

typedef struct config {
    uint32_t observed, kind;
    double rate;
    char note[16];
} config;

static const zoo_setting options[] = {
    {"note", ZOO_SETTING_TEXT, offsetof(config, note), 0, 15, NULL, "", "text", NULL},
    {"observed", ZOO_SETTING_COUNT, offsetof(config, observed), 1, 99, NULL, "7", "frames", NULL},
    {"kind", ZOO_SETTING_CHOICE, offsetof(config, kind), 0, 0, "one|two", "two", "kind", NULL},
    {"rate", ZOO_SETTING_NUMBER, offsetof(config, rate), 0, 1, NULL, "0.5", "a number", NULL},
    {0},
};

static const zoo_preset presets[] = {
    {"plain", "", "the defaults"}, {"other", "kind=one", "another"}, {NULL, NULL, NULL}};

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;
    *ports = zoo_ports_none();
    zoo_observe(net, use, c->observed, ports);
    gop_var mean = zoo_mean_clip(net, use, ports, ports->x);
    gop_var logits = gop_layer_linear(net, "scores", mean, use->domain->actions, true);
    ports->scores = gop_softmax(net, logits, -1);
    gop_net_keep(net, ports->scores);
}

/* A sound type's `record`, and what it does to its ports afterwards. */
static void (*spoil)(gop_net *net, zoo_ports *ports);
static void spoiled(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    record(net, configuration, use, ports);
    spoil(net, ports);
}
static void sets_no_x(gop_net *net, zoo_ports *ports)
{
    (void)net;
    ports->x = gop_none();
}
static void takes_other_poses(gop_net *net, zoo_ports *ports)
{
    ports->x = gop_input(net, "poses", gop_shape4(2, 3, 7, 3));
}
static void takes_a_result(gop_net *net, zoo_ports *ports)
{
    ports->x = gop_relu(net, ports->x);
}
static void scores_too_many(gop_net *net, zoo_ports *ports)
{
    ports->scores = gop_concat(net, (gop_var[]){ports->scores, ports->scores}, 2, 1);
}
static void sets_no_scores(gop_net *net, zoo_ports *ports)
{
    (void)net;
    ports->scores = gop_none();
}
static void has_features_of_nodes(gop_net *net, zoo_ports *ports)
{
    (void)net;
    ports->features = ports->x;
}
static void has_a_loss_of_rows(gop_net *net, zoo_ports *ports)
{
    ports->loss_recognition = gop_sum(net, ports->scores, 1);
}
static void labels_no_window(gop_net *net, zoo_ports *ports)
{
    ports->labels = gop_input(net, "labels", gop_shape1(1));
}
static void shares_too_many(gop_net *net, zoo_ports *ports)
{
    (void)net;
    ports->n_shared = ZOO_SHARED_MAX + 1;
}
static void leaves_garbage(gop_net *net, zoo_ports *ports)
{
    (void)net;
    memset(ports, 0x7f, sizeof *ports);
}
static void keeps_nothing(gop_net *net, zoo_ports *ports)
{
    ports->scores = gop_scale(net, ports->scores, 1);
}

static zoo_model_type sound(void)
{
    return (zoo_model_type){.name = "sound",
                            .text = "text",
                            .reference = "reference",
                            .config_size = sizeof(config),
                            .options = options,
                            .presets = presets,
                            .record = record};
}

/* What zoo_model_type_check says of a type. */
static const char *complaint(zoo_model_type type)
{
    static gop_error err;
    err.message[0] = '\0';
    const gop_status s = zoo_model_type_check(&type, &err);
    ck_assert_int_eq(s, *err.message == '\0' ? GOP_OK : GOP_EINVAL);
    return err.message;
}

START_TEST(incomplete_types_are_refused)
{
    static const zoo_fusion empty = {NULL};
    static const zoo_preset wrong[] = {{"plain", "", ""}, {"odd", "kind=three", ""}, {0}};
    static const zoo_setting none[] = {{0}};
    zoo_model_type t = sound();
    ck_assert_str_eq(complaint(t), "");
    t.name = "";
    ck_assert_ptr_nonnull(strstr(complaint(t), "a type needs a name"));
    t = sound(), t.text = NULL;
    ck_assert_ptr_nonnull(strstr(complaint(t), "type sound needs a text"));
    t = sound(), t.record = NULL;
    ck_assert_ptr_nonnull(strstr(complaint(t), "and a record function"));
    t = sound(), t.config_size = ZOO_CONFIG_MAX + 1;
    ck_assert_ptr_nonnull(strstr(complaint(t), "at most 4096 fit"));
    t = sound(), t.config_size = sizeof(config) - 1;
    ck_assert_str_eq(complaint(t), "type sound: option note lies outside the configuration");
    t = sound(), t.options = none;
    ck_assert_str_eq(complaint(t), "type sound needs a COUNT option 'observed'");
    t = sound(), t.presets = presets + 2;
    ck_assert_str_eq(complaint(t), "type sound has no presets");
    t = sound(), t.presets = wrong;
    ck_assert_ptr_nonnull(strstr(complaint(t), "kind"));
    t = sound(), t.variants = wrong;
    ck_assert_ptr_nonnull(strstr(complaint(t), "kind"));
    t = sound(), t.fusion = &empty;
    ck_assert_str_eq(complaint(t), "type sound: its fusion has no function");
    for (size_t i = 0; zoo_model_types()[i] != NULL; i++)
        ck_assert_str_eq(complaint(*zoo_model_types()[i]), "");
}
END_TEST

START_TEST(sizes_of_settings)
{
    ck_assert_uint_eq(zoo_setting_size(&options[0]), 16);
    ck_assert_uint_eq(zoo_setting_size(&options[1]), sizeof(uint32_t));
    ck_assert_uint_eq(zoo_setting_size(&options[3]), sizeof(double));
}
END_TEST

/* zoo_plugin_add to a list with room for `room` types; the list must stay as it is. */
static const char *refused(zoo_plugin plugin, size_t room)
{
    static gop_error err;
    const zoo_model_type *list[8] = {zoo_model_types()[0], NULL};
    ck_assert_int_eq(zoo_plugin_add(list, room, &plugin, &err), GOP_EINVAL);
    ck_assert(list[0] == zoo_model_types()[0] && list[1] == NULL);
    return err.message;
}

static zoo_model_type a, b, c;
static const zoo_model_type *const types[] = {&b, &a, NULL}, *const twice[] = {&a, &b, &c, NULL},
                                   *const empty[] = {NULL};
ZOO_PLUGIN(types);

START_TEST(plugins_that_do_not_fit_are_refused)
{
    a = b = c = sound();
    b.name = "b";
    zoo_plugin p = graphop_plugin;
    gop_error err;
    const zoo_model_type *list[4] = {zoo_model_types()[0], NULL};
    ck_assert_int_eq(zoo_plugin_add(list, 4, &p, &err), GOP_OK);
    ck_assert(list[1] == &b && list[2] == &a && list[3] == NULL);
    ck_assert_ptr_eq(zoo_model_type_find(list, "sound"), &a);
    ck_assert_ptr_null(zoo_model_type_find(list, "template"));
    ck_assert_ptr_null(zoo_model_type_find(NULL, "sound"));

    p.abi++;
    ck_assert_ptr_nonnull(strstr(refused(p, 8), "it was built for plugin ABI 2"));
    p = graphop_plugin, p.size--;
    ck_assert_ptr_nonnull(strstr(refused(p, 8), "but this is ABI 1"));
    p = graphop_plugin, p.real++;
    ck_assert_ptr_nonnull(strstr(refused(p, 8), "built for numbers of"));
    p = graphop_plugin, p.type -= 8, p.version = 12345;
    ck_assert_ptr_nonnull(strstr(refused(p, 8), "headers of version 1.23.45"));
    p = graphop_plugin, p.types = NULL;
    ck_assert_str_eq(refused(p, 8), "it has no types of models");
    p.types = empty;
    ck_assert_str_eq(refused(p, 8), "it has no types of models");
    p.types = twice;
    ck_assert_str_eq(refused(p, 8), "there already is a type of models called sound");
    p.types = types;
    ck_assert_str_eq(refused(p, 3), "the list has room for 2 types");
    ck_assert_str_eq(refused(p, 1), "zoo_plugin_add: the list has no end");
    a.presets = NULL;
    ck_assert_str_eq(refused(p, 8), "type sound has no presets");
}
END_TEST

START_TEST(ports_are_checked)
{
    static const struct {
        void (*spoil)(gop_net *net, zoo_ports *ports);
        gop_status status;
        const char *message;
    } cases[] = {
        {sets_no_x, GOP_EINVAL, "type sound sets no port x [2, 22, 7, 3]"},
        {takes_other_poses, GOP_ESHAPE, "type sound: port x [2, 3, 7, 3] must be [2, 22, 7, 3]"},
        {takes_a_result, GOP_EINVAL, "type sound: port x must be an input"},
        {scores_too_many, GOP_ESHAPE, "type sound: port scores [2, 16] must be [2, 8]"},
        {sets_no_scores, GOP_EINVAL, "type sound sets no port scores [2, 8]"},
        {has_features_of_nodes, GOP_ESHAPE,
         "type sound: port features [2, 22, 7, 3] must be [2, 1]"},
        {has_a_loss_of_rows, GOP_ESHAPE, "type sound: port loss_recognition [2] must be []"},
        {labels_no_window, GOP_ESHAPE, "type sound: port labels [1] must be [2]"},
        {shares_too_many, GOP_EINVAL, "type sound shares 9 values, and at most 8 fit"},
        {leaves_garbage, GOP_ESHAPE, "type sound: port x none must be [2, 22, 7, 3]"},
        {keeps_nothing, GOP_OK, ""},
    };
    zoo_model_type type = sound();
    gop_error err = {GOP_OK, ""};
    zoo_training training = zoo_training_default();
    zoo_dataset *data;
    zoo_trainer *trainer;
    zoo_model *m;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;

    type.record = spoiled;
    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spoil = cases[i].spoil;
        err.message[0] = '\0';
        CHECK(zoo_model_new(&m, &type, NULL, &data->domain, 1, &err));
        CHECK(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err));
        ck_assert_int_eq(zoo_model_record(m, net, &(zoo_use){.batch = 2}, &ports, &err),
                         cases[i].status);
        ck_assert_str_eq(err.message, cases[i].message);
        if (cases[i].status == GOP_OK)
            ck_assert_ptr_nonnull(gop_net_value(net, ports.scores));
        gop_net_free(net);
        zoo_model_free(m);
    }
    CHECK(zoo_model_new(&m, &type, NULL, &data->domain, 1, &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err));
    ck_assert_int_eq(
        zoo_model_record(m, net, &(zoo_use){.batch = 2, .features = true}, &ports, &err),
        GOP_EINVAL);
    ck_assert_str_eq(err.message, "type sound has no features: it does not record its class scores "
                                  "by zoo_classifier");
    gop_net_free(net);
    ck_assert_int_eq(zoo_trainer_new(&trainer, ctx, m, data, &training, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "type sound sets no loss in a training net");
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(files_of_unknown_types)
{
    zoo_model_type type = sound();
    const zoo_model_type *const list[] = {&type, NULL};
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;
    zoo_model *m, *n;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    char value[ZOO_VALUE_SIZE];

    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(zoo_model_new(&m, &type, "other", &data->domain, 1, &err));
    CHECK(zoo_model_set(m, "note", "a b", &err));
    CHECK(zoo_model_set(m, "rate", "0.25", &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &err));
    CHECK(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, &err));
    CHECK(zoo_model_save(m, "sound.gop", &err));
    gop_net_free(net);

    CHECK(zoo_model_load(&n, list, "sound.gop", &err));
    ck_assert_ptr_eq(n->type, &type);
    ck_assert_ptr_null(n->unknown);
    zoo_model_free(n);
    ck_assert_int_eq(zoo_model_load(&n, NULL, "sound.gop", &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "sound.gop: "));
    ck_assert_ptr_nonnull(strstr(err.message, "a model of type sound, which no list of types has; "
                                              "give its plugin by --plugin"));

    CHECK(zoo_model_inspect(&n, NULL, "sound.gop", &err));
    ck_assert(n->unknown == n->type);
    ck_assert_str_eq(n->type->name, "sound");
    ck_assert_str_eq(n->preset, "other");
    ck_assert_uint_eq(zoo_model_observed(n), 7);
    for (const zoo_setting *o = options; o->key != NULL; o++) {
        char other[ZOO_VALUE_SIZE];
        zoo_model_get(m, o, value, sizeof value);
        zoo_model_get(n, zoo_setting_find(n->type->options, o->key), other, sizeof other);
        ck_assert_str_eq(other, value);
    }
    ck_assert_uint_eq(zoo_model_fingerprint(n), zoo_model_fingerprint(m));
    CHECK(gop_net_new(&net, ctx, n->params, GOP_INFERENCE, &err));
    ck_assert_int_eq(zoo_model_record(n, net, &(zoo_use){.batch = 1}, &ports, &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "the model's type is in no list of types"));
    gop_net_free(net);

    /* What was read is written again, and a list that has the type reads it. */
    CHECK(zoo_model_save(n, "again.gop", &err));
    zoo_model_free(n);
    CHECK(zoo_model_load(&n, list, "again.gop", &err));
    ck_assert_mem_eq(n->config.bytes, m->config.bytes, sizeof(config));
    zoo_model_free(n);

    type.presets = NULL;
    ck_assert_int_eq(zoo_model_load(&n, list, "sound.gop", &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "type sound has no presets"));
    zoo_model_free(m);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
}
END_TEST

TEST_MAIN("plugin")
{
    tcase_add_test(t, incomplete_types_are_refused);
    tcase_add_test(t, sizes_of_settings);
    tcase_add_test(t, plugins_that_do_not_fit_are_refused);
    tcase_add_test(t, ports_are_checked);
    tcase_add_test(t, files_of_unknown_types);
}
