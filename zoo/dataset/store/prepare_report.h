/*
 * prepare_report.h: fills the report of a preparation.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_STORE_PREPARE_REPORT_H
#define ZOO_DATASET_STORE_PREPARE_REPORT_H

#include "zoo/dataset/prepare.h"

/* Appends a finding, if the report is not NULL.  It is lost if the report cannot grow. */
void zoo_report_add(zoo_report *report, zoo_finding_kind kind, const char *format, ...)
    GOP_PRINTF(3, 4);
/* Appends a finding of kind ZOO_DROPPED and counts it by its reason. */
void zoo_report_drop(zoo_report *report, zoo_drop why, const char *format, ...) GOP_PRINTF(3, 4);
/* Allocates the counts of missing nodes; false without memory. */
bool zoo_report_nodes(zoo_report *report, size_t nodes);
/* Whether no finding was lost. */
bool zoo_report_whole(const zoo_report *report);
/* Fills in the counts and adds the classes without data. */
void zoo_report_finish(zoo_report *report, const zoo_dataset *data);

#endif
