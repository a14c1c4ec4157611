/*
 * prepare_report.h: what a preparation writes down.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_PREPARE_REPORT_H
#define ZOO_DATASET_STORE_PREPARE_REPORT_H

#include "zoo/dataset/prepare.h"

/* Appends a finding; a report of NULL, or one that cannot grow, loses it. */
void zoo_report_add(zoo_report *report, zoo_finding_kind kind, const char *format, ...)
    GOP_PRINTF(3, 4);
/* A finding of kind ZOO_DROPPED, counted by its reason. */
void zoo_report_drop(zoo_report *report, zoo_drop why, const char *format, ...) GOP_PRINTF(3, 4);
/* Room to count missing joints; false without memory. */
bool zoo_report_nodes(zoo_report *report, size_t nodes);
/* Counts, and classes without data. */
void zoo_report_finish(zoo_report *report, const zoo_dataset *data);

#endif
