/*
 * average.c: starts the average of a run's parameters.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/trainer/internal.h"

gop_status zoo_trainer_start_average(zoo_trainer *t, gop_error *err)
{
    gop_ema_free(t->ema);
    t->ema = NULL;
    if (t->training.average == 0)
        return GOP_OK;
    return gop_ema_new(&t->ema, t->ctx, t->model->params, t->training.average, err);
}
