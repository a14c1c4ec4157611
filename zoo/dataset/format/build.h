/*
 * build.h: what the readers of raw formats share.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_BUILD_H
#define ZOO_DATASET_FORMAT_BUILD_H

#include "zoo/dataset/dataset.h"

/* A domain with mean 0, std 1, no constant columns; to be cleared. */
gop_status zoo_domain_create(zoo_domain *d, const char *name, const zoo_layout *layout, double rate,
                             uint32_t factor, const char *const *action, size_t actions,
                             gop_error *err);
/* Gives the domain other classes. */
gop_status zoo_domain_classes(zoo_domain *d, const char *const *action, size_t actions,
                              gop_error *err);
/* Mean, std and constant columns of the training frames. */
gop_status zoo_domain_measure(zoo_dataset *data, gop_error *err);

/* Appends a sequence, whose data pass to the set (also on failure). */
gop_status zoo_dataset_add(zoo_dataset *data, const char *name, size_t action, zoo_split split,
                           float *frames, size_t n, gop_error *err);

/* A set's file, piece by piece: the head, then every sequence of data->sequences. */
void zoo_set_write_head(gop_writer *w, const zoo_dataset *data);
void zoo_set_write_sequence(gop_writer *w, const zoo_sequence *q, const float *frames,
                            size_t columns);

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
