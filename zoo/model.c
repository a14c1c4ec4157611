/*
 * model.c: the registry of models, and what all models share: making, recording, writing and
 * reading.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/members.h"
#include "zoo/zoo_file.h"
#include "zoo/model.h"
#include "zoo/fingerprint.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const zoo_model_type *const built_in[] = {
    &symgnn_type, &stgcn_type,   &stgcnpp_type,  &agcn_type,   &aagcn_type, &ctrgcn_type,
    &msg3d_type,  &dgstgcn_type, &protogcn_type, &simlpe_type, &ltd_type,   &ressup_type,
    &hisrep_type, &msrgcn_type,  &template_type, NULL};

const zoo_model_type *const *zoo_model_types(void)
{
    return built_in;
}

const zoo_model_type *zoo_model_type_find(const zoo_model_type *const *types, const char *name)
{
    const zoo_model_type *const *t = types == NULL ? built_in : types;
    while (name != NULL && *t != NULL && strcmp((*t)->name, name) != 0)
        t++;
    return name == NULL ? NULL : *t;
}

/* Checks that a list of presets applies to the options' defaults. */
static gop_status check_presets(const zoo_model_type *type, const zoo_preset *p, gop_error *err)
{
    union {
        unsigned char bytes[ZOO_CONFIG_MAX];
        double align;
    } scratch;
    for (; p != NULL && p->name != NULL; p++) {
        memset(&scratch, 0, sizeof scratch);
        if (p->settings == NULL || p->text == NULL)
            return gop_fail(err, GOP_EINVAL, "type %s: preset %s has no settings or no text",
                            type->name, p->name);
        gop_try(zoo_settings_default(type->options, scratch.bytes, err));
        gop_try(zoo_settings_apply(type->options, scratch.bytes, type->name, p->settings, err));
    }
    return GOP_OK;
}

gop_status zoo_model_type_check(const zoo_model_type *type, gop_error *err)
{
    if (type == NULL || type->name == NULL || *type->name == '\0' ||
        strlen(type->name) >= ZOO_NAME_SIZE)
        return gop_fail(err, GOP_EINVAL, "a type needs a name of 1 to %d bytes", ZOO_NAME_SIZE - 1);
    if (type->text == NULL || type->reference == NULL || type->record == NULL ||
        type->options == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "type %s needs a text, a reference, options and a record function",
                        type->name);
    if (type->config_size > ZOO_CONFIG_MAX)
        return gop_fail(err, GOP_EINVAL, "type %s: the configuration has %zu bytes, at most %d fit",
                        type->name, type->config_size, ZOO_CONFIG_MAX);
    size_t n = 0;
    for (const zoo_setting *o = type->options; o->key != NULL && n <= ZOO_SETTINGS_MAX; o++, n++) {
        if (o->kind == ZOO_SETTING_TEXT && !(o->high >= 0 && o->high < ZOO_VALUE_SIZE))
            return gop_fail(err, GOP_EINVAL, "type %s: option %s has more than %d bytes",
                            type->name, o->key, ZOO_VALUE_SIZE - 1);
        const size_t size = zoo_setting_size(o);
        if (size > type->config_size || o->offset > type->config_size - size)
            return gop_fail(err, GOP_EINVAL, "type %s: option %s lies outside the configuration",
                            type->name, o->key);
    }
    if (n > ZOO_SETTINGS_MAX)
        return gop_fail(err, GOP_EINVAL, "type %s has more than %d options", type->name,
                        ZOO_SETTINGS_MAX);
    const zoo_setting *observed = zoo_setting_find(type->options, "observed");
    if (observed == NULL || observed->kind != ZOO_SETTING_COUNT)
        return gop_fail(err, GOP_EINVAL, "type %s needs a COUNT option 'observed'", type->name);
    if (type->presets == NULL || type->presets->name == NULL)
        return gop_fail(err, GOP_EINVAL, "type %s has no presets", type->name);
    if (type->fusion != NULL && type->fusion->fuse == NULL)
        return gop_fail(err, GOP_EINVAL, "type %s: its fusion has no function", type->name);
    gop_try(check_presets(type, type->presets, err));
    gop_try(zoo_imports_check(type, err));
    return check_presets(type, type->variants, err);
}

static gop_status check_options(const zoo_model *model, gop_error *err)
{
    if (model->type->check == NULL)
        return GOP_OK;
    return model->type->check(model->config.bytes, &model->domain, err);
}

/* Frames that follow observed ones exist for windows only. */
static gop_status check_view(const zoo_model *model, gop_error *err)
{
    gop_try(zoo_settings_check(zoo_view_settings(), &model->view, err));
    return model->view.sample == ZOO_SAMPLE_WINDOW || zoo_model_predicted(model) == 0
               ? GOP_OK
               : gop_fail(err, GOP_EINVAL,
                          "a model that predicts poses needs sample=window; %s predicts %zu frames",
                          model->type->name, zoo_model_predicted(model));
}

static gop_status apply(zoo_model *model, const zoo_preset *p, gop_error *err)
{
    return zoo_settings_apply(model->type->options, model->config.bytes, model->type->name,
                              p->settings, err);
}

static gop_status apply_preset(zoo_model *model, const char *name, gop_error *err)
{
    const zoo_preset *p = model->type->presets;
    gop_try(zoo_settings_default(model->type->options, model->config.bytes, err));
    while (name != NULL && p->name != NULL && strcmp(p->name, name) != 0)
        p++;
    if (p->name == NULL)
        return gop_fail(err, GOP_EINVAL, "%s has no preset '%s'", model->type->name, name);
    snprintf(model->preset, sizeof model->preset, "%s", p->name);
    return apply(model, p, err);
}

gop_status zoo_model_variant(zoo_model *model, const char *name, gop_error *err)
{
    if (model == NULL || name == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_variant: a model and a name are needed");
    for (const zoo_preset *v = model->type->variants; v != NULL && v->name != NULL; v++)
        if (strcmp(v->name, name) == 0)
            return apply(model, v, err);
    return gop_fail(err, GOP_EINVAL, "%s has no variant '%s'", model->type->name, name);
}

gop_status zoo_model_new(zoo_model **out, const zoo_model_type *type, const char *preset,
                         const zoo_domain *domain, uint64_t seed, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_new: the result pointer is NULL");
    *out = NULL;
    if (type == NULL || domain == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_new: a type and a domain are needed");
    gop_try(zoo_model_type_check(type, err));
    zoo_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a model");
    m->type = type;
    m->members = 1;
    m->view = zoo_view_default();
    gop_status s = zoo_domain_copy(&m->domain, domain, err);
    if (s == GOP_OK)
        s = gop_params_new(&m->params, seed, err);
    if (s == GOP_OK)
        s = apply_preset(m, preset, err);
    if (s != GOP_OK) {
        zoo_model_free(m);
        return s;
    }
    *out = m;
    return GOP_OK;
}

void zoo_model_free(zoo_model *model)
{
    if (model == NULL)
        return;
    gop_params_free(model->params);
    zoo_domain_clear(&model->domain);
    free(model->unknown);
    free(model);
}

gop_status zoo_model_set(zoo_model *m, const char *key, const char *value, gop_error *err)
{
    if (m == NULL || key == NULL || value == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_set: a model, a key and a value are needed");
    return zoo_settings_set(m->type->options, m->config.bytes, m->type->name, key, value, err);
}

void zoo_model_get(const zoo_model *m, const zoo_setting *option, char *buf, size_t size)
{
    zoo_setting_get(option, m == NULL ? NULL : m->config.bytes, buf, size);
}

size_t zoo_model_observed(const zoo_model *model)
{
    uint32_t frames = 0;
    const zoo_setting *o = model == NULL ? NULL
                                         : zoo_setting_find(model->type->options, "observed");
    if (o != NULL)
        memcpy(&frames, model->config.bytes + o->offset, sizeof frames);
    return frames;
}

size_t zoo_model_predicted(const zoo_model *model)
{
    return model == NULL || model->type->predicted == NULL
               ? 0
               : model->type->predicted(model->config.bytes);
}

bool zoo_model_recognises(const zoo_model *model)
{
    return model != NULL &&
           (model->type->recognises == NULL || model->type->recognises(model->config.bytes));
}

/* A port that is set, or must be, has the shape with which its users read or fill it. */
static gop_status check_port(const zoo_model *m, const gop_net *net, const char *name, gop_var v,
                             bool needed, gop_shape shape, gop_error *err)
{
    char want[80], have[80];
    const gop_shape s = gop_net_shape(net, v);

    if ((v.id < 0 && !needed) || (v.id >= 0 && gop_shape_equal(s, shape)))
        return GOP_OK;
    gop_shape_text(want, sizeof want, shape);
    if (v.id < 0)
        return gop_fail(err, GOP_EINVAL, "type %s sets no port %s %s", m->type->name, name, want);
    return gop_fail(err, GOP_ESHAPE, "type %s: port %s %s must be %s", m->type->name, name,
                    gop_shape_text(have, sizeof have, s), want);
}

/* Features may have any width. */
static gop_status check_features(const zoo_model *m, const gop_net *net, size_t batch, gop_var v,
                                 bool needed, gop_error *err)
{
    const gop_shape s = gop_net_shape(net, v);

    if (v.id < 0 && needed)
        return gop_fail(err, GOP_EINVAL,
                        "type %s has no features: it does not record its class scores by "
                        "zoo_classifier",
                        m->type->name);
    return check_port(m, net, "features", v, false, gop_shape2(batch, s.rank == 2 ? s.dim[1] : 1),
                      err);
}

/* Checks the ports that a type's `record` has set, and keeps those that are results: a type may come
 * from a plugin, and the sampler, the trainer and inferences copy by these shapes. */
static gop_status check_ports(const zoo_model *m, gop_net *net, const zoo_use *use,
                              const zoo_ports *p, gop_error *err)
{
    const size_t batch = use->batch, all = batch * m->view.bodies;
    const zoo_layout *l = &m->domain.layout;
    const size_t observed = zoo_model_observed(m), predicted = zoo_model_predicted(m);
    const gop_shape x = gop_shape4(all, l->nodes, observed, l->channels),
                    y = gop_shape4(all, l->nodes, predicted, l->channels),
                    bodies = gop_shape2(batch, m->view.bodies),
                    scores = gop_shape2(batch, m->domain.actions), labels = gop_shape1(batch);
    const gop_var results[] = {p->scores, p->poses, p->features, p->loss_recognition,
                               p->loss_prediction};

    gop_try(check_port(m, net, "x", p->x, true, x, err));
    gop_try(check_port(m, net, "bodies", p->bodies, false, bodies, err));
    gop_try(check_port(m, net, "scores", p->scores, zoo_model_recognises(m), scores, err));
    gop_try(check_port(m, net, "poses", p->poses, predicted > 0 && !gop_net_training(net), y, err));
    gop_try(check_features(m, net, batch, p->features, use->features, err));
    gop_try(check_port(m, net, "labels", p->labels, false, labels, err));
    gop_try(check_port(m, net, "target", p->target, false, y, err));
    gop_try(check_port(m, net, "mask", p->mask, false, y, err));
    gop_try(check_port(m, net, "loss_recognition", p->loss_recognition, false, gop_shape0(), err));
    gop_try(check_port(m, net, "loss_prediction", p->loss_prediction, false, gop_shape0(), err));
    if (p->n_shared > ZOO_SHARED_MAX)
        return gop_fail(err, GOP_EINVAL, "type %s shares %zu values, and at most %d fit",
                        m->type->name, p->n_shared, ZOO_SHARED_MAX);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (results[i].id >= 0)
            gop_net_keep(net, results[i]);
    for (size_t i = 0; i < p->n_shared; i++)
        gop_net_keep(net, p->shared[i]);
    return GOP_OK;
}

/* The ports that are filled must have memory, except in a sizing net. */
static gop_status check_inputs(const zoo_model *m, gop_net *net, const zoo_ports *p, gop_error *err)
{
    const gop_var inputs[] = {p->x, p->bodies, p->labels, p->target, p->mask};
    static const char *const name[] = {"x", "bodies", "labels", "target", "mask"};

    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (inputs[i].id >= 0 && gop_net_value(net, inputs[i]) == NULL &&
            gop_net_bind(net, inputs[i], NULL, NULL) != GOP_ESTATE)
            return gop_fail(err, GOP_EINVAL, "type %s: port %s must be an input", m->type->name,
                            name[i]);
    return GOP_OK;
}

gop_status zoo_model_record(const zoo_model *model, gop_net *net, const zoo_use *use,
                            zoo_ports *ports, gop_error *err)
{
    if (model == NULL || net == NULL || ports == NULL || use == NULL || use->batch == 0)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_model_record: a model, a net and a batch of at "
                        "least one are needed");
    gop_try(check_options(model, err));
    gop_try(check_view(model, err));
    if (use->features && !zoo_model_recognises(model))
        return gop_fail(err, GOP_EINVAL,
                        "the model only predicts poses; features are what a layer of class scores "
                        "reads");
    zoo_use full = *use;
    full.domain = &model->domain;
    full.view = &model->view;
    *ports = zoo_ports_none();
    zoo_record_members(net, model, &full, ports);
    if (gop_net_status(net) == GOP_OK)
        gop_try(check_ports(model, net, use, ports, err));
    gop_try(gop_net_plan(net, err));
    return check_inputs(model, net, ports, err);
}

size_t zoo_model_match(const zoo_model *model, size_t index, const zoo_model *from)
{
    if (model == NULL || from == NULL || index >= gop_params_count(model->params))
        return SIZE_MAX;
    gop_param_info want = gop_params_info(model->params, index);
    size_t at = gop_params_find(from->params, want.name);
    gop_param_info have = gop_params_info(from->params, at);
    return at != SIZE_MAX && have.trained == want.trained && gop_shape_equal(have.shape, want.shape)
               ? at
               : SIZE_MAX;
}

uint64_t zoo_model_fingerprint(const zoo_model *model)
{
    uint64_t h = GOP_HASH_START;
    for (size_t i = 0; model != NULL && i < gop_params_count(model->params); i++) {
        gop_param_info p = gop_params_info(model->params, i);
        h = (h ^ gop_hash(GOP_HASH_START, p.name, strlen(p.name))) * UINT64_C(0x100000001b3);
        for (size_t k = 0; k < gop_shape_size(p.shape); k++)
            h = zoo_hash_word(h, zoo_float_bits((float)p.data[k]));
    }
    return h;
}

void zoo_model_write(gop_writer *w, const zoo_model *model)
{
    if (model == NULL)
        return;
    gop_write_map(w, model->members > 1 ? 7 : 6);
    gop_write_key(w, "type");
    gop_write_text(w, model->type->name);
    gop_write_key(w, "preset");
    gop_write_text(w, model->preset);
    if (model->members > 1) {
        gop_write_key(w, "members");
        gop_write_uint(w, model->members);
    }
    gop_write_key(w, "config");
    zoo_settings_write(w, model->type->options, model->config.bytes);
    gop_write_key(w, "view");
    zoo_settings_write(w, zoo_view_settings(), &model->view);
    gop_write_key(w, "domain");
    zoo_domain_write(w, &model->domain);
    gop_write_key(w, "params");
    gop_write_params(w, model->params);
}

/* Records the model once to find parameters that are missing or do not fit. */
static gop_status check_params(const zoo_model *model, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    gop_status s = check_options(model, err);
    if (s == GOP_OK)
        s = check_view(model, err);
    if (s == GOP_OK)
        s = gop_ctx_new(&ctx, 1, gop_memory_available(), err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, model->params, GOP_SIZING, err);
    if (s == GOP_OK) {
        const zoo_use one = {.domain = &model->domain, .view = &model->view, .batch = 1};
        zoo_record_members(net, model, &one, &ports);
        if (gop_net_status(net) != GOP_OK)
            s = gop_net_plan(net, err); /* reports the failure */
    }
    gop_net_free(net);
    gop_ctx_free(ctx);
    return s;
}

/* ------------------------------------------------------------------ unknown types */

/* The type of a file that no list has, made from what the file has. */
typedef struct unknown_type {
    zoo_model_type type; /* first, so that both have one address */
    char name[ZOO_NAME_SIZE];
    zoo_setting option[ZOO_SETTINGS_MAX + 1];
    char key[ZOO_SETTINGS_MAX][64];
    zoo_preset preset[1];
} unknown_type;

static void record_unknown(gop_net *net, const void *config, const zoo_use *use, zoo_ports *ports)
{
    (void)config, (void)use;
    *ports = zoo_ports_none();
    gop_net_fail(net, GOP_EINVAL, "the model's type is in no list of types");
}

static zoo_model_type *make_unknown(const char *name)
{
    unknown_type *u = calloc(1, sizeof *u);
    if (u == NULL)
        return NULL;
    snprintf(u->name, sizeof u->name, "%s", name);
    u->type = (zoo_model_type){.name = u->name,
                               .text = "a type that is in no list",
                               .reference = "",
                               .config_size = ZOO_CONFIG_MAX,
                               .options = u->option,
                               .presets = u->preset,
                               .record = record_unknown};
    return &u->type;
}

/* Reads the options of a file as texts; "observed" as the number it is in every type. */
static void read_options(gop_reader *r, unknown_type *u, unsigned char *bytes)
{
    char value[ZOO_VALUE_SIZE];
    const size_t n = gop_read_map(r);
    size_t used = 0;
    if (n > ZOO_SETTINGS_MAX)
        gop_reader_fail(r, "a configuration has at most %d options", ZOO_SETTINGS_MAX);
    for (size_t i = 0; i < n && gop_reader_status(r, NULL) == GOP_OK; i++) {
        gop_read_any_key(r, u->key[i], sizeof u->key[i]);
        gop_read_text(r, value, sizeof value);
        if (gop_reader_status(r, NULL) != GOP_OK)
            return;
        const bool again = zoo_setting_find(u->option, u->key[i]) != NULL;
        zoo_setting *o = &u->option[i];
        *o = strcmp(u->key[i], "observed") == 0
                 ? (zoo_setting){.kind = ZOO_SETTING_COUNT, .low = 1, .high = UINT32_MAX}
                 : (zoo_setting){.kind = ZOO_SETTING_TEXT, .high = (double)strlen(value)};
        o->key = u->key[i];
        o->offset = used;
        gop_error err = {GOP_OK, ""};
        if (again || zoo_setting_size(o) > ZOO_CONFIG_MAX - used)
            gop_reader_fail(r, again ? "%s occurs twice" : "%s: the options are too long", o->key);
        else if (zoo_settings_set(u->option, bytes, "", o->key, value, &err) != GOP_OK)
            gop_reader_refuse(r, &err);
        used += zoo_setting_size(o);
    }
}

/* ------------------------------------------------------------------------- reading */

/* Finds the model's type by its name in the file. */
static void read_type(gop_reader *r, zoo_model *m, const zoo_reading *how)
{
    char name[ZOO_NAME_SIZE];
    gop_error err = {GOP_OK, ""};
    gop_read_key(r, "type");
    gop_read_text(r, name, sizeof name);
    if (gop_reader_status(r, NULL) != GOP_OK)
        return;
    m->type = zoo_model_type_find(how->types, name);
    if (m->type == NULL && how->inspect)
        m->type = m->unknown = make_unknown(name);
    if (m->type == NULL && how->inspect)
        gop_reader_fail(r, "out of memory for a model's type");
    else if (m->type == NULL)
        gop_reader_fail(r,
                        "a model of type %s, which no list of types has; give its plugin by "
                        "--plugin",
                        name);
    else if (m->unknown == NULL && zoo_model_type_check(m->type, &err) != GOP_OK)
        gop_reader_refuse(r, &err);
}

gop_status zoo_model_read(zoo_model **out, const zoo_model_type *const *types, gop_reader *r,
                          gop_error *err)
{
    return zoo_model_read_by(out, r, &(zoo_reading){.types = types}, err);
}

gop_status zoo_model_read_by(zoo_model **out, gop_reader *r, const zoo_reading *how, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_read: the result pointer is NULL");
    *out = NULL;
    zoo_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a model");
    gop_status s = gop_params_new(&m->params, 0, err);
    if (s == GOP_OK) {
        const size_t least = how->no_view ? 5 : 6, n = gop_read_map(r);
        m->view = zoo_view_default();
        m->members = n == least + 1 ? 2 : 1;
        if (n != least && n != least + 1)
            gop_reader_fail(r, "a model must have %zu entries, or %zu if it is an ensemble", least,
                            least + 1);
        read_type(r, m, how);
        s = gop_reader_status(r, err);
    }
    if (s == GOP_OK) {
        gop_read_key(r, "preset");
        gop_read_text(r, m->preset, sizeof m->preset);
        if (m->members > 1) {
            gop_read_key(r, "members");
            m->members = (uint32_t)gop_read_uint(r, ZOO_FUSE_MAX);
            if (m->members < 2)
                gop_reader_fail(r, "an ensemble must have at least two members");
        }
        gop_read_key(r, "config");
        if (m->unknown != NULL)
            read_options(r, (unknown_type *)m->unknown, m->config.bytes);
        else
            zoo_settings_read_by(r, m->type->options, m->config.bytes, m->type->name, how->amend);
        if (!how->no_view) {
            gop_read_key(r, "view");
            zoo_settings_read(r, zoo_view_settings(), &m->view);
        }
        gop_read_key(r, "domain");
        (how->read_domain == NULL ? zoo_domain_read : how->read_domain)(r, &m->domain);
        gop_read_key(r, "params");
        gop_read_params(r, m->params);
        gop_params_close(m->params);
        s = gop_reader_status(r, err);
    }
    gop_error why;
    if (s == GOP_OK && m->unknown == NULL && check_params(m, &why) != GOP_OK) {
        gop_reader_refuse(r, &why);
        s = gop_reader_status(r, err);
    }
    if (s != GOP_OK) {
        zoo_model_free(m);
        return s;
    }
    *out = m;
    return GOP_OK;
}

gop_status zoo_model_save(const zoo_model *model, const char *path, gop_error *err)
{
    gop_writer *w = NULL;
    if (model == NULL || path == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_save: a model and a file are needed");
    gop_try(gop_writer_open(&w, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err));
    gop_write_map(w, 2);
    gop_write_key(w, "model");
    zoo_model_write(w, model);
    gop_write_key(w, "run");
    gop_write_array(w, 0);
    return gop_writer_commit(w, err);
}

static gop_status load(zoo_model **out, const zoo_reading *how, const char *path, gop_error *err)
{
    gop_reader *r = NULL;
    *out = NULL;
    gop_try(zoo_file_open(&r, NULL, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err));
    if (gop_read_map(r) != 2)
        gop_reader_fail(r, "a model file must have two entries");
    gop_read_key(r, "model");
    gop_status s = zoo_model_read_by(out, r, how, err);
    gop_reader_free(r);
    return s;
}

gop_status zoo_model_load(zoo_model **out, const zoo_model_type *const *types, const char *path,
                          gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_load: the result pointer is NULL");
    return load(out, &(zoo_reading){.types = types}, path, err);
}

gop_status zoo_model_inspect(zoo_model **out, const zoo_model_type *const *types, const char *path,
                             gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_inspect: the result pointer is NULL");
    return load(out, &(zoo_reading){.types = types, .inspect = true}, path, err);
}
