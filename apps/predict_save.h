/*
 * predict_save.h: the data set of predicted poses that graphop predict writes.
 */
#ifndef APPS_PREDICT_SAVE_H
#define APPS_PREDICT_SAVE_H

#include "predict_print.h"

/* Adds the predicted poses of an answer, as the sequence NAME-predicted, and those of the same frames
 * that are known, as NAME-true.  *set NULL becomes a new set at the rate of the predictions.
 * Errors: those of zoo_dataset_new and zoo_dataset_add; GOP_ENOMEM. */
gop_status predict_save_add(zoo_dataset **set, const predict_answer *a, gop_error *err);

#endif
