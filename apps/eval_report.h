/*
 * eval_report.h: prints the results of graphop eval as tables or as JSON.
 */
#ifndef APPS_EVAL_REPORT_H
#define APPS_EVAL_REPORT_H

#include "zoo/zoo.h"

/* Words for zoo_pck_scale; ends with NULL. */
extern const char *const eval_pck_scales[];

/* Prints a table; with `std`, standard deviations across clips too. */
void eval_print(const zoo_table *t, const zoo_domain *domain, bool std);
/* Prints one JSON object per row. */
void eval_json(const zoo_table *t, const zoo_domain *domain);

#endif
