/*
 * train_start.c: starts a run of graphop train: a new one, one from another model's parameters,
 * or one that is resumed.  Reads models.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins.h"
#include "train_run.h"

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&train_usage, status, err);
}

/* An invalid value came from an option, so it is wrong usage. */
static int blame(const gop_error *err)
{
    return err->status == GOP_EINVAL ? APP_USE : APP_DATA;
}

/* Least number of frames of a training sequence. */
static size_t clip_frames(const train_run *run, const zoo_training *t)
{
    const size_t window = zoo_model_observed(run->model) + zoo_model_predicted(run->model);

    return zoo_view_least(&t->view, t->clip_frames > window ? (size_t)t->clip_frames : window);
}

/* Counts the sequences of a run and converts epochs of `asked` to steps.  An epoch has a window for
 * each training sequence that is long enough and not held out. */
static int count_epochs(train_run *run, zoo_training *asked, const zoo_training *t)
{
    lengths *l = &run->lengths;

    if (!lengths_count(l, run->data, clip_frames(run, t), t->validate, (zoo_hold)t->validate_by,
                       t->seed))
        return app_fail(&train_usage, APP_DATA, "out of memory");
    zoo_training_count_epochs(asked, l->n_usable - l->n_held);
    return APP_OK;
}

/* Copies the parameters of --init-from into a new run. */
static int begin_with(train_run *run)
{
    gop_error err = {GOP_OK, ""};

    if (!run->set.init_from)
        return APP_OK;
    if (zoo_model_load(&run->from, app_types(&run->set.plugins), run->set.init_from, &err) ||
        zoo_trainer_init_from(run->trainer, run->from, NULL, &err))
        return fail(APP_DATA, &err);
    return APP_OK;
}

int train_start_new(train_run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};
    zoo_training *t = &run->training;

    *t = zoo_training_default();
    int status = train_choose(&train_usage, &run->plan, &run->set, type, run->data);
    if (status == APP_OK)
        status = train_overlay(&train_usage, t, &run->set, &run->plan);
    if (status == APP_OK)
        status = train_build_model(&train_usage, &run->model, &run->set, &run->plan, type,
                                   &run->data->domain, t);
    if (status == APP_OK)
        status = train_set_frames(&train_usage, run->model, &t->clip_frames, &run->set);
    if (status == APP_OK)
        status = train_check_losses(&train_usage, t, &run->set, run->model);
    if (status == APP_OK)
        status = count_epochs(run, t, t);
    if (status)
        return status;
    if (run->set.time > 0) {
        if (t->schedule == ZOO_COSINE && t->warmup == 0)
            return app_fail(&train_usage, APP_USE,
                            "--time with schedule cosine needs a --warmup of at least one step: "
                            "the length must be known when the cosine begins");
        t->steps = ZOO_OPEN;
    }
    if (zoo_trainer_new(&run->trainer, run->ctx, run->model, run->data, t, &err))
        return fail(blame(&err), &err);
    return begin_with(run);
}

/* Checks that a resumed run was initialised from the model of --init-from. */
static int check_beginning(train_run *run)
{
    gop_error err = {GOP_OK, ""};
    zoo_model *from;

    if (!run->set.init_from)
        return APP_OK;
    if (zoo_model_load(&from, app_types(&run->set.plugins), run->set.init_from, &err))
        return fail(APP_DATA, &err);
    uint64_t fingerprint = zoo_model_fingerprint(from);
    zoo_model_free(from);
    if (fingerprint != run->training.init)
        return app_fail(&train_usage, APP_USE, "%s was not initialised from %s", run->set.output,
                        run->set.init_from);
    return APP_OK;
}

/* Checks that the given model options do not change those of the run.  --observe and --predict
 * refer to the run's clip. */
static int check_model(const train_run *run, uint64_t *clip)
{
    const train_settings *set = &run->set;
    zoo_model *model = NULL;
    gop_error err = {GOP_OK, ""};
    char have[ZOO_VALUE_SIZE];

    if (set->preset && strcmp(set->preset, run->model->preset))
        return app_fail(&train_usage, APP_USE,
                        "%s was trained with preset %s; --resume cannot "
                        "change it",
                        set->output, run->model->preset);
    if (zoo_model_new(&model, run->model->type, NULL, &run->data->domain, 0, &err))
        return fail(APP_DATA, &err);
    model->config = run->model->config;
    model->view = run->model->view;
    int status = train_overlay_options(&train_usage, model, set);
    if (status == APP_OK)
        status = train_set_frames(&train_usage, model, clip, set);
    const zoo_setting *o = zoo_settings_difference(model->type->options, model->config.bytes,
                                                   run->model->config.bytes, NULL);
    if (status == APP_OK && o) {
        zoo_model_get(run->model, o, have, sizeof have);
        status = app_fail(&train_usage, APP_USE,
                          "%s was trained with %s=%s; --resume cannot "
                          "change it",
                          set->output, o->key, have);
    }
    zoo_model_free(model);
    return status;
}

/* Checks that options given again with --resume change nothing. */
static int check_unchanged(train_run *run, const zoo_model_type *type)
{
    zoo_training asked = run->training;
    char name[64];

    if (run->model->type != type)
        return app_fail(&train_usage, APP_USE, "%s is a model of type %s, not %s", run->set.output,
                        run->model->type->name, type->name);
    train_plan plan = {.automatic = false};
    int status = run->set.recipe ? train_choose(&train_usage, &plan, &run->set, type, run->data)
                                 : APP_OK;
    if (status == APP_OK)
        status = train_overlay(&train_usage, &asked, &run->set, &plan);
    if (status == APP_OK)
        status = train_check_losses(&train_usage, &asked, &run->set, run->model);
    if (status == APP_OK)
        status = count_epochs(run, &asked, &run->training);
    if (status)
        return status;
    const zoo_setting *other = zoo_settings_difference(zoo_training_settings(), &asked,
                                                       &run->training, NULL);
    if (other)
        return app_fail(&train_usage, APP_USE,
                        "%s was trained with another --%s; --resume cannot change it",
                        run->set.output, app_option_name(name, sizeof name, other->key));
    status = check_model(run, &asked.clip_frames);
    if (status == APP_OK && asked.clip_frames != run->training.clip_frames)
        status = app_fail(&train_usage, APP_USE,
                          "%s was trained with another --observe; --resume cannot change it",
                          run->set.output);
    return status == APP_OK ? check_beginning(run) : status;
}

int train_start_resumed(train_run *run, const zoo_model_type *type)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_trainer_resume(&run->trainer, &run->model, app_types(&run->set.plugins), run->ctx,
                           run->set.output, run->data, &run->training, &err))
        return fail(APP_DATA, &err);
    if (strcmp(zoo_trainer_kernel(run->trainer), gop_ctx_kernel(run->ctx)))
        fprintf(stderr,
                "graphop train: %s was trained with kernel %s; this machine uses %s, so the "
                "results will differ in their last digits.\n",
                run->set.output, zoo_trainer_kernel(run->trainer), gop_ctx_kernel(run->ctx));
    int status = check_unchanged(run, type);
    if (status)
        return status;
    if (run->training.steps == ZOO_OPEN && run->set.time <= 0)
        return app_fail(&train_usage, APP_USE,
                        "%s stopped before its length was fixed; give --time again",
                        run->set.output);
    return APP_OK;
}
