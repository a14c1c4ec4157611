/*
 * sequence.h: what operands and options of a verb name: a sequence of a data set, a source of files.
 */
#ifndef APPS_SEQUENCE_H
#define APPS_SEQUENCE_H

#include "fail.h"
#include "zoo/zoo.h"

/* Finds the sequence called `name`, or train/NAME or test/NAME.  Without a prefix, a test sequence
 * takes precedence.  Returns data->sequences if there is no such sequence. */
size_t app_sequence(const zoo_dataset *data, const char *name);
/* Rejects a source that is unknown or has no files, as APP_USE, and suggests the nearest name. */
int app_check_source(const app_usage *usage, const char *source);

#endif
