/*
 * info_model.h: what info.c and info_model.c share.
 */
#ifndef APPS_INFO_MODEL_H
#define APPS_INFO_MODEL_H

#include <stdbool.h>

#include "options.h"
#include "report.h"
#include "zoo/zoo.h"

extern const app_usage info_usage;

/* Layout, columns and rate. */
void info_print_domain(const zoo_domain *d);
void info_json_domain(report_json *json, const zoo_domain *d);

/* Says what a model is.  Returns an exit status. */
int info_model(const char *path, bool json, bool tensors);

#endif
