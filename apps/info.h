/*
 * info.h: the parts of graphop info for data sets and for models.
 */
#ifndef APPS_INFO_H
#define APPS_INFO_H

#include <stdbool.h>

#include "options.h"
#include "report.h"
#include "zoo/zoo.h"

/* Layout, columns and rate. */
void info_print_domain(const zoo_domain *d);
void info_json_domain(report_json *json, const zoo_domain *d);

/* Describe a file on stdout.  Return an exit status. */
int info_dataset(const app_usage *usage, const char *path, bool json, bool sequences);
int info_model(const app_usage *usage, const char *path, const zoo_model_type *const *types,
               bool json, bool tensors);

#endif
