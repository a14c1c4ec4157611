/*
 * predict_save.c: see predict_save.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "predict_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A model that neither gives nor takes classes knows none: the set has those of the sequence. */
static gop_status take_actions(zoo_domain *d, const predict_answer *a, gop_error *err)
{
    const zoo_domain *from = &a->data->domain;

    if (!a->labelled || a->classes ||
        zoo_inference_predictor(a->runner.inference[0]).classes != NULL)
        return GOP_OK;
    void *grown = realloc(d->action, (from->actions + 1) * sizeof *d->action);
    if (!grown)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    d->action = grown;
    d->actions = from->actions;
    memcpy(d->action, from->action, from->actions * sizeof *d->action);
    return GOP_OK;
}

/* The model's domain without a source file, and with every frame used. */
static gop_status new_set(zoo_dataset **set, const predict_answer *a, gop_error *err)
{
    const zoo_domain *model = &a->model->domain;
    zoo_domain d;
    gop_status status = zoo_domain_copy(&d, model, err);

    if (status)
        return status;
    status = take_actions(&d, a, err);
    if (status) {
        zoo_domain_clear(&d);
        return status;
    }
    snprintf(d.name, sizeof d.name, "predicted");
    d.rate = d.recorded_rate = model->rate / model->factor;
    d.factor = 1;
    d.origin[0] = d.reading[0] = '\0';
    d.steps.n = 0;
    zoo_layout_clear(&d.recorded);
    status = zoo_dataset_new(set, &d, err);
    zoo_domain_clear(&d);
    if (!status)
        snprintf((*set)->source, sizeof(*set)->source, "predicted by a model of %.64s",
                 model->name);
    return status;
}

/* The action of the sequence or, if the set has none of its name, the one that the model
 * recognises. */
static uint32_t action_of(const predict_answer *a, const zoo_dataset *set)
{
    const zoo_domain *d = &a->data->domain;
    size_t action = SIZE_MAX;

    if (a->labelled)
        action = zoo_domain_action(&set->domain, d->action[a->data->sequence[a->sequence].action]);
    return (uint32_t)(action != SIZE_MAX ? action : a->classes ? a->order[0] : 0);
}

static gop_status add(zoo_dataset *set, const predict_answer *a, const char *what,
                      const float *poses, size_t n, gop_error *err)
{
    const zoo_sequence *from = &a->data->sequence[a->sequence];
    char name[ZOO_SEQUENCE_NAME_SIZE];
    const int size = (int)(sizeof name - strlen(what) - 2);
    float *frames = malloc((n * a->columns + 1) * sizeof *frames);

    if (!frames)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    memcpy(frames, poses, n * a->columns * sizeof *frames);
    snprintf(name, sizeof name, "%.*s-%s", size, from->name, what);
    return zoo_dataset_add(set,
                           &(zoo_sequence){.name = name,
                                           .subject = from->subject,
                                           .action = action_of(a, set),
                                           .split = from->split,
                                           .frames = n},
                           frames, err);
}

/* The poses behind the observed ones that the sequence has. */
static gop_status add_truth(zoo_dataset *set, const predict_answer *a, gop_error *err)
{
    const size_t factor = a->model->domain.factor, begin = a->first + a->observed * factor;
    const size_t known = begin < a->frames ? (a->frames - begin + factor - 1) / factor : 0;
    const size_t n = known < a->predicted ? known : a->predicted;

    if (n == 0)
        return GOP_OK;
    float *truth = malloc(n * a->columns * sizeof *truth);
    if (!truth)
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    for (size_t t = 0; t < n; t++)
        memcpy(truth + t * a->columns, a->raw + (begin + t * factor) * a->columns,
               a->columns * sizeof *truth);
    const gop_status status = add(set, a, "true", truth, n, err);
    free(truth);
    return status;
}

gop_status predict_save_add(zoo_dataset **set, const predict_answer *a, gop_error *err)
{
    gop_status status = *set ? GOP_OK : new_set(set, a, err);

    if (!status)
        status = add(*set, a, "predicted", a->future, a->predicted, err);
    return status ? status : add_truth(*set, a, err);
}
