/*
 * verb_train.c: graphop train: trains a model of the zoo on a data set, once or with several seeds.
 * Reads the data set, with --resume the model and with --init-from another one; writes the model
 * and its log.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <signal.h>
#include <stdio.h>

#include "plugins.h"
#include "signals.h"
#include "train_run.h"
#include "verbs.h"

static int run_verb(int argc, char **argv)
{
    train_run run = {.set = {.save_every = 300}};

    if (app_parse(&train_usage, &run.set, argc, argv, &run.operands))
        return app_parse_status(&run.operands);
    const zoo_model_type *type = train_find_model(&train_usage, app_types(&run.set.plugins),
                                                  run.operands.item[0]);
    if (!type)
        return APP_USE;
    if (run.set.list) {
        train_list_model(type);
        return APP_OK;
    }
    if (!run.set.data || !run.set.output)
        return app_fail(&train_usage, APP_USE, "--%s FILE is missing",
                        run.set.data ? "output" : "data");
    const bool steps = app_given_text(&run.set.given, "steps"), epochs = run.set.epochs > 0;
    if (steps + epochs + (run.set.time > 0) > 1)
        return app_fail(&train_usage, APP_USE, "--%s and --%s exclude each other",
                        steps ? "steps" : "epochs", run.set.time > 0 ? "time" : "epochs");
    if (run.set.recipe && !train_find_recipe(&train_usage, run.set.recipe))
        return APP_USE;
    gop_error err = {GOP_OK, ""};
    int status = APP_OK;
    if (run.set.seeds == 0)
        status = train_place_log(&run);
    if (status == APP_OK &&
        (gop_ctx_new(&run.ctx, (int)run.set.threads, gop_memory_available(), &err) ||
         zoo_dataset_load(&run.data, run.set.data, &err)))
        status = app_fail_error(&train_usage, APP_DATA, &err);
    if (status == APP_OK)
        status = run.set.seeds > 0 ? train_seeds(&run, type) : train_once(&run, type);
    train_end(&run);
    train_free_names(&run);
    zoo_dataset_free(run.data);
    gop_ctx_free(run.ctx);
    if (status == APP_OK && app_signal_noted()) {
        fflush(stdout);
        raise(app_signal_noted());
    }
    return status;
}

const app_verb app_verb_train = {"train", "Train a model on a data set.", run_verb};
