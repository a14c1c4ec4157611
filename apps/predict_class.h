/*
 * predict_class.h: the class of the poses, for models that take it as an input, in graphop predict.
 */
#ifndef APPS_PREDICT_CLASS_H
#define APPS_PREDICT_CLASS_H

#include "options.h"
#include "predict_print.h"

/* Gives the opened runner of an answer the class `name` (of --action) or, with NULL, that of its
 * sequence.  Returns APP_OK or reports a class that is missing or unknown, and a name for a model
 * that takes none. */
int predict_class_give(predict_answer *a, const app_usage *usage, const char *name);

#endif
