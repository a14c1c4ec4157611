/*
 * predict_class.c: see predict_class.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "predict_class.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"

enum { SHOWN = 32 };

static int unknown(const zoo_domain *d, const app_usage *usage, const char *name)
{
    const char *names[SHOWN + 1];
    size_t n = 0;

    while (n < d->actions && n < SHOWN) {
        names[n] = d->action[n];
        n++;
    }
    names[n] = NULL;
    return app_fail_unknown(usage, "action", name, names);
}

/* Neither the option nor the data have a class that the model knows. */
static int missing(const predict_answer *a, const app_usage *usage)
{
    const zoo_domain *d = &a->model->domain;
    char list[256] = "", of[ZOO_NAME_SIZE + 32] = "";

    for (size_t i = 0, used = 0; i < d->actions && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 d->action[i]);
    if (a->labelled)
        snprintf(of, sizeof of, " and does not know '%s'",
                 a->data->domain.action[a->data->sequence[a->sequence].action]);
    return app_fail(usage, APP_USE,
                    "the model takes the class of the poses as an input%s; --action has it, one "
                    "of %s",
                    of, list);
}

int predict_class_give(predict_answer *a, const app_usage *usage, const char *name)
{
    const zoo_domain *d = &a->model->domain;
    const bool takes = zoo_inference_predictor(a->runner.inference[0]).classes != NULL;
    gop_error err = {GOP_OK, ""};

    if (!takes && name)
        return app_fail(usage, APP_USE,
                        "--action cannot be used with a model of type %s that does not take the "
                        "class as an input",
                        a->model->type->name);
    if (!takes)
        return APP_OK;
    if (!name && a->labelled)
        name = a->data->domain.action[a->data->sequence[a->sequence].action];
    else if (name && zoo_domain_action(d, name) == SIZE_MAX)
        return unknown(d, usage, name);
    const size_t class = name ? zoo_domain_action(d, name) : SIZE_MAX;
    if (class == SIZE_MAX)
        return missing(a, usage);
    const gop_real number = (gop_real) class;
    for (size_t k = 0; k < a->runner.n; k++)
        if (zoo_inference_classes(a->runner.inference[k], &number, &err))
            return app_fail_error(usage, APP_DATA, &err);
    return APP_OK;
}
