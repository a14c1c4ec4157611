/*
 * eval_choice.h: which protocols measure a model on data.
 */
#ifndef APPS_EVAL_CHOICE_H
#define APPS_EVAL_CHOICE_H

#include "zoo/zoo.h"

/* Whether the protocol measures poses but the model predicts none, or measures recognition but
 * the model does not recognise. */
bool eval_lacks(const zoo_protocol *p, const zoo_predictor *model);
/* Whether a protocol is measured when none is named. */
bool eval_applies(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model);
/* Prints the protocols that suit the data but not the model. */
void eval_print_left_out(const zoo_dataset *data, const zoo_predictor *model);

#endif
