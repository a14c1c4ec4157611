/*
 * freeze.c: freezes parameters and statistics of a run, and initialises a run from another model.
 * Touches the trainer's model and memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

#include <string.h>

/* Whether a name in `list` selects the parameter `name` at this step. */
static bool is_frozen(const char *name, const char *list, uint64_t step)
{
    char pattern[ZOO_FREEZE_SIZE];
    uint64_t until;
    while (list != NULL) {
        list = zoo_next_frozen(pattern, &until, list);
        if (until > step && gop_name_matches(pattern, name))
            return true;
    }
    return false;
}

/* The prefixes of all names up to their first point, for a message. */
static void beginnings(char *text, size_t size, const gop_params *params)
{
    size_t used = 0;
    const char *last = "";
    *text = '\0';
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const char *name = gop_params_info(params, i).name;
        size_t n = strcspn(name, ".");
        if ((strncmp(last, name, n) == 0 && last[n] == '.') || used + n + 3 > size)
            continue;
        memcpy(text + used, used > 0 ? ", " : "", used > 0 ? 2 : 0);
        used += used > 0 ? 2 : 0;
        memcpy(text + used, name, n);
        used += n;
        text[used] = '\0';
        last = name;
    }
}

gop_status zoo_trainer_selects(const zoo_trainer *t, const char *what, const char *name,
                               gop_error *err)
{
    const gop_params *params = t->model->params;
    char known[200];
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        if (p.trained && gop_name_matches(name, p.name))
            return GOP_OK;
    }
    beginnings(known, sizeof known, params);
    return gop_fail(err, GOP_EINVAL,
                    "no parameter to %s has the name or prefix '%.64s'; the model has %s", what,
                    name, known);
}

void zoo_trainer_fix_stats(zoo_trainer *t)
{
    char name[ZOO_FREEZE_SIZE];
    uint64_t until;
    for (const char *list = t->training.freeze; list != NULL;) {
        list = zoo_next_frozen(name, &until, list);
        if (*name != '\0' && until == UINT64_MAX) /* zoo_trainer_freeze reports an empty name */
            gop_net_fix_stats(t->net, name);
    }
}

gop_status zoo_trainer_freeze(zoo_trainer *t, gop_error *err)
{
    const gop_params *params = t->model->params;
    char name[ZOO_FREEZE_SIZE];
    uint64_t until;
    size_t elements = 0;
    t->thaw = UINT64_MAX;
    gop_optimiser_thaw(t->optimiser);
    if (*t->training.freeze == '\0')
        return GOP_OK;
    for (const char *list = t->training.freeze; list != NULL;) {
        list = zoo_next_frozen(name, &until, list);
        gop_try(zoo_trainer_selects(t, "freeze", name, err));
        if (until > t->step && until < t->thaw)
            t->thaw = until;
    }
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        if (!p.trained || !is_frozen(p.name, t->training.freeze, t->step))
            continue;
        gop_try(gop_optimiser_freeze(t->optimiser, p.offset, gop_shape_size(p.shape), err));
        elements += gop_shape_size(p.shape);
    }
    if (elements == gop_params_size(params))
        return gop_fail(err, GOP_EINVAL, "all parameters are frozen; nothing is left to train");
    return GOP_OK;
}

gop_status zoo_trainer_init_from(zoo_trainer *t, const zoo_model *from, size_t *taken,
                                 gop_error *err)
{
    size_t n = 0;
    if (taken != NULL)
        *taken = 0;
    if (t == NULL || from == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_trainer_init_from: a trainer and a model are "
                        "needed");
    if (t->step > 0)
        return gop_fail(err, GOP_ESTATE,
                        "the run has already begun; it can no longer begin with another model");
    if (from->type != t->model->type)
        return gop_fail(err, GOP_EINVAL, "%s cannot begin with the parameters of %s",
                        t->model->type->name, from->type->name);
    char differs[256];
    zoo_layout_difference(differs, sizeof differs, &from->domain.layout, &t->model->domain.layout);
    if (differs[0] != '\0')
        return gop_fail(err, GOP_ESHAPE,
                        "the data have layout %s, but the initial model was made for %s; they"
                        " differ in: %s",
                        t->model->domain.layout.name, from->domain.layout.name, differs);
    for (size_t i = 0; i < gop_params_count(t->model->params); i++) {
        size_t at = zoo_model_match(t->model, i, from);
        if (at == SIZE_MAX)
            continue;
        gop_param_info to = gop_params_info(t->model->params, i);
        memcpy(to.data, gop_params_info(from->params, at).data,
               gop_shape_size(to.shape) * sizeof *to.data);
        n++;
    }
    gop_params_changed(t->model->params);
    if (n == 0)
        return gop_fail(
            err, GOP_EINVAL,
            "no parameter of the initial model matches one of this model in name and shape");
    gop_try(zoo_trainer_start_average(t, err));
    t->training.init = zoo_model_fingerprint(from);
    if (taken != NULL)
        *taken = n;
    return GOP_OK;
}
