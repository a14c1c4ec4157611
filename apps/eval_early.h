/*
 * eval_early.h: recognition from the first part of each clip.
 */
#ifndef APPS_EVAL_EARLY_H
#define APPS_EVAL_EARLY_H

#include "zoo/zoo.h"

/* Measures a model when the first 10, 20, ... 100 % of each test clip are observed, and prints a
 * table, or with `json` an object for each share. */
gop_status eval_early(const zoo_dataset *data, const zoo_predictor *model, bool json,
                      gop_error *err);

#endif
