/*
 * model.c: the registry of models, and what all models share: making, recording, writing and
 * reading.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/zoo_file.h"
#include "zoo/model.h"
#include "zoo/fingerprint.h"
#include "zoo/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const zoo_model_type *const types[] = {&symgnn_type, &stgcn_type, &agcn_type, &template_type,
                                              NULL};

const zoo_model_type *const *zoo_model_types(void)
{
    return types;
}

const zoo_model_type *zoo_model_type_find(const char *name)
{
    for (size_t i = 0; name != NULL && types[i] != NULL; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

static gop_status check_options(const zoo_model *model, gop_error *err)
{
    if (model->type->check == NULL)
        return GOP_OK;
    return model->type->check(model->config.bytes, &model->domain, err);
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
    if (type == NULL || domain == NULL || type->config_size > ZOO_CONFIG_MAX)
        return gop_fail(err, GOP_EINVAL, "zoo_model_new: a type and a domain are needed");
    zoo_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a model");
    m->type = type;
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

gop_status zoo_model_record(const zoo_model *model, gop_net *net, size_t batch, zoo_ports *ports,
                            gop_error *err)
{
    if (model == NULL || net == NULL || ports == NULL || batch == 0)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_model_record: a model, a net and a batch of at "
                        "least one are needed");
    gop_try(check_options(model, err));
    model->type->record(net, model->config.bytes, &model->domain, batch, ports);
    return gop_net_plan(net, err);
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
    gop_write_map(w, 5);
    gop_write_key(w, "type");
    gop_write_text(w, model->type->name);
    gop_write_key(w, "preset");
    gop_write_text(w, model->preset);
    gop_write_key(w, "config");
    zoo_settings_write(w, model->type->options, model->config.bytes);
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
        s = gop_ctx_new(&ctx, 1, gop_memory_available(), err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, model->params, GOP_SIZING, err);
    if (s == GOP_OK) {
        model->type->record(net, model->config.bytes, &model->domain, 1, &ports);
        if (gop_net_status(net) != GOP_OK)
            s = gop_net_plan(net, err); /* reports the failure */
    }
    gop_net_free(net);
    gop_ctx_free(ctx);
    return s;
}

gop_status zoo_model_read(zoo_model **out, gop_reader *r, gop_error *err)
{
    return zoo_model_read_by(out, r, zoo_domain_read, err);
}

gop_status zoo_model_read_by(zoo_model **out, gop_reader *r,
                             void (*read_domain)(gop_reader *r, zoo_domain *domain), gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_read: the result pointer is NULL");
    *out = NULL;
    char type[ZOO_NAME_SIZE];
    zoo_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a model");
    gop_status s = gop_params_new(&m->params, 0, err);
    if (s == GOP_OK) {
        if (gop_read_map(r) != 5)
            gop_reader_fail(r, "a model must have five entries");
        gop_read_key(r, "type");
        gop_read_text(r, type, sizeof type);
        s = gop_reader_status(r, err);
    }
    if (s == GOP_OK) {
        m->type = zoo_model_type_find(type);
        if (m->type == NULL)
            gop_reader_fail(r, "unknown model type '%s'", type);
        s = gop_reader_status(r, err);
    }
    if (s == GOP_OK) {
        gop_read_key(r, "preset");
        gop_read_text(r, m->preset, sizeof m->preset);
        gop_read_key(r, "config");
        zoo_settings_read(r, m->type->options, m->config.bytes);
        gop_read_key(r, "domain");
        read_domain(r, &m->domain);
        gop_read_key(r, "params");
        gop_read_params(r, m->params);
        gop_params_close(m->params);
        s = gop_reader_status(r, err);
    }
    gop_error why;
    if (s == GOP_OK && check_params(m, &why) != GOP_OK) {
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

gop_status zoo_model_load(zoo_model **out, const char *path, gop_error *err)
{
    gop_reader *r = NULL;
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_load: the result pointer is NULL");
    *out = NULL;
    gop_try(zoo_file_open(&r, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, err));
    if (gop_read_map(r) != 2)
        gop_reader_fail(r, "a model file must have two entries");
    gop_read_key(r, "model");
    gop_status s = zoo_model_read(out, r, err);
    gop_reader_free(r);
    return s;
}
