/*
 * fusion.c: fuses models into one: those of several streams by their type, and those that predict
 * into an ensemble.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checks that the models share type, domain and normalisation. */
static gop_status same_domain(const zoo_domain *a, const zoo_domain *b, gop_error *err)
{
    gop_status s = zoo_domain_fits(a, b, err);
    const size_t n = a->layout.columns;
    if (s == GOP_OK && (memcmp(a->mean, b->mean, n * sizeof *a->mean) != 0 ||
                        memcmp(a->std, b->std, n * sizeof *a->std) != 0 ||
                        memcmp(a->constant, b->constant, n) != 0))
        s = gop_fail(err, GOP_ESHAPE,
                     "it was trained on other data: its means and standard deviations"
                     " differ from the first model's");
    return s;
}

/* Checks that the models see alike. */
static gop_status same_view(const zoo_view *a, const zoo_view *b, gop_error *err)
{
    const zoo_setting *other = zoo_settings_difference(zoo_view_settings(), a, b, "test_clips");
    return other == NULL ? GOP_OK
                         : gop_fail(err, GOP_ESHAPE,
                                    "its setting %s differs from the first model's", other->key);
}

/* The first option in which a model differs from the first one, and *which model; NULL if all have
 * equal options. */
static const zoo_setting *difference(const zoo_model *const *models, size_t n, size_t *which)
{
    const zoo_setting *other = NULL;
    for (size_t i = 1; i < n && other == NULL; i++) {
        *which = i;
        other = zoo_settings_difference(models[0]->type->options, models[0]->config.bytes,
                                        models[i]->config.bytes, "");
    }
    return other;
}

static gop_status check_models(const zoo_model *const *models, size_t n, size_t *which,
                               gop_error *err)
{
    gop_status s = GOP_OK;
    if (models == NULL || n < 2 || n > ZOO_FUSE_MAX)
        return gop_fail(err, GOP_EINVAL, "2 to %d models can be fused", ZOO_FUSE_MAX);
    for (size_t i = 0; i < n && s == GOP_OK; i++) {
        *which = i;
        if (models[i] == NULL)
            s = gop_fail(err, GOP_EINVAL, "model %zu is NULL", i + 1);
        else if (models[i]->members > 1)
            s = gop_fail(err, GOP_EINVAL, "it already is an ensemble");
        else if (models[i]->type->fusion == NULL && zoo_model_predicted(models[i]) == 0)
            s = gop_fail(err, GOP_EINVAL, "models of type %s cannot be fused",
                         models[i]->type->name);
        else if (models[i]->type != models[0]->type)
            s = gop_fail(err, GOP_EINVAL, "its type is %s, the first model's is %s",
                         models[i]->type->name, models[0]->type->name);
        else
            s = same_view(&models[0]->view, &models[i]->view, err);
        if (s == GOP_OK)
            s = same_domain(&models[0]->domain, &models[i]->domain, err);
    }
    return s;
}

/* Records the model once to make its parameters. */
static gop_status make_params(zoo_model *m, gop_error *err)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    gop_status s = gop_ctx_new(&ctx, 1, gop_memory_available(), err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, m->params, GOP_SIZING, err);
    if (s == GOP_OK)
        s = zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, err);
    gop_net_free(net);
    gop_ctx_free(ctx);
    return s;
}

/* The model from which parameter `name` of the fused model comes, and in *own its name there.  A
 * name without a prefix comes from the first model that has it. */
static const zoo_model *owner(const zoo_model *const *models, char (*prefix)[ZOO_NAME_SIZE],
                              size_t n, const char *name, size_t *index)
{
    for (size_t i = 0; i < n; i++) {
        const size_t k = strlen(prefix[i]);
        if (strncmp(name, prefix[i], k) != 0)
            continue;
        *index = gop_params_find(models[i]->params, name + k);
        if (*index != SIZE_MAX)
            return models[i];
    }
    return NULL;
}

static gop_status copy_params(zoo_model *to, const zoo_model *const *models,
                              char (*prefix)[ZOO_NAME_SIZE], size_t n, gop_error *err)
{
    for (size_t i = 0; i < gop_params_count(to->params); i++) {
        const gop_param_info p = gop_params_info(to->params, i);
        size_t k = 0;
        const zoo_model *from = owner(models, prefix, n, p.name, &k);
        const gop_param_info q = gop_params_info(from == NULL ? NULL : from->params, k);
        if (from == NULL || !gop_shape_equal(p.shape, q.shape))
            return gop_fail(err, GOP_ESHAPE, "parameter %s is in none of the models", p.name);
        if (p.data != NULL)
            memcpy(p.data, q.data, gop_shape_size(p.shape) * sizeof *p.data);
    }
    gop_params_changed(to->params);
    gop_params_close(to->params);
    return GOP_OK;
}

/* The configuration and the prefixes of an ensemble.  A model that occurs twice would count twice. */
static gop_status join_members(zoo_model *m, char (*prefix)[ZOO_NAME_SIZE],
                               const zoo_model *const *models, size_t n, size_t *which,
                               gop_error *err)
{
    for (size_t i = 0; i < n; i++) {
        *which = i;
        for (size_t k = 0; k < i; k++)
            if (zoo_model_fingerprint(models[i]) == zoo_model_fingerprint(models[k]))
                return gop_fail(err, GOP_EINVAL, "it has the same parameters as model %zu", k + 1);
        snprintf(prefix[i], sizeof prefix[i], "%zu.", i + 1);
    }
    *which = 0;
    m->members = (uint32_t)n;
    memcpy(m->config.bytes, models[0]->config.bytes, m->type->config_size);
    return GOP_OK;
}

/* Models that predict by equal options are an ensemble; their type fuses others. */
static gop_status join(zoo_model *m, char (*prefix)[ZOO_NAME_SIZE], const zoo_model *const *models,
                       size_t n, size_t *which, gop_error *err)
{
    const void *configs[ZOO_FUSE_MAX];
    const zoo_setting *other = difference(models, n, which);
    if (other == NULL && zoo_model_predicted(models[0]) > 0)
        return join_members(m, prefix, models, n, which, err);
    if (m->type->fusion == NULL)
        return gop_fail(err, GOP_EINVAL, "%s differs from the first model's",
                        other == NULL ? "an option" : other->key);
    for (size_t i = 0; i < n; i++)
        configs[i] = models[i]->config.bytes;
    return m->type->fusion->fuse(m->type, m->config.bytes, prefix, configs, n, which, err);
}

gop_status zoo_model_fuse(zoo_model **fused, const zoo_model *const *models, size_t n,
                          size_t *which, gop_error *err)
{
    char prefix[ZOO_FUSE_MAX][ZOO_NAME_SIZE];
    size_t at = 0;
    zoo_model *m = NULL;
    if (fused == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_model_fuse: the result pointer is NULL");
    *fused = NULL;
    gop_status s = check_models(models, n, &at, err);
    if (s == GOP_OK)
        s = zoo_model_new(&m, models[0]->type, NULL, &models[0]->domain, 0, err);
    if (s == GOP_OK) {
        m->view = models[0]->view;
        s = join(m, prefix, models, n, &at, err);
    }
    if (s == GOP_OK) {
        memcpy(m->preset, models[at]->preset, sizeof m->preset);
        memcpy(m->domain.name, models[at]->domain.name, sizeof m->domain.name);
        s = make_params(m, err);
    }
    if (s == GOP_OK)
        s = copy_params(m, models, prefix, n, err);
    if (which != NULL)
        *which = at;
    if (s != GOP_OK) {
        zoo_model_free(m);
        return s;
    }
    *fused = m;
    return GOP_OK;
}
