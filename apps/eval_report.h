/*
 * eval_report.h: what graphop eval has measured, for people and for machines.
 */
#ifndef APPS_EVAL_REPORT_H
#define APPS_EVAL_REPORT_H

#include "zoo/zoo.h"

/* Words for zoo_pck_scale; ends with NULL. */
extern const char *const eval_pck_scales[];

/* With `std`, standard deviations across clips as well. */
void eval_print(const zoo_table *t, bool std);
/* A JSON object a row. */
void eval_json(const zoo_table *t, const zoo_domain *domain);

#endif
