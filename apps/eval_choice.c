/*
 * eval_choice.c: which protocols measure a model on data.  Writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "eval_choice.h"

#include <stdio.h>

bool eval_lacks(const zoo_protocol *p, const zoo_predictor *model)
{
    return model->run && zoo_protocol_sees(p, &model->view) &&
           (p->task == ZOO_PREDICTION ? model->predicted == 0 : !model->recognises);
}

void eval_print_left_out(const zoo_dataset *data, const zoo_predictor *model)
{
    char text[256];
    size_t used = 0;

    for (const zoo_protocol *p = zoo_protocol_list(); p->name && used < sizeof text; p++) {
        if (zoo_protocol_usual(p, &data->domain) && eval_lacks(p, model))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                     p->name);
    }
    if (used)
        printf("The model %s; left out: %s.\n",
               model->recognises ? "predicts no poses" : "recognises no actions", text);
}

bool eval_applies(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model)
{
    return zoo_protocol_usual(p, &data->domain) &&
           (!model->run || zoo_protocol_sees(p, &model->view)) &&
           (p->task == ZOO_PREDICTION ? model->predicted > 1
                                      : model->run != NULL && model->recognises &&
                                            zoo_dataset_whole(data, ZOO_TEST) == SIZE_MAX);
}
