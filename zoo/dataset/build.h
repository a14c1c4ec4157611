/*
 * build.h: functions that build and read a data set piece by piece.  Private to zoo/dataset and
 * zoo/convert.
 */
#ifndef ZOO_DATASET_BUILD_H
#define ZOO_DATASET_BUILD_H

#include "zoo/dataset/dataset.h"

/* Makes a domain with mean 0, std 1 and no constant columns.  Free it with zoo_domain_clear. */
gop_status zoo_domain_create(zoo_domain *d, const char *name, const zoo_layout *layout, double rate,
                             uint32_t factor, const char *const *action, size_t actions,
                             gop_error *err);
/* Replaces the domain's classes. */
gop_status zoo_domain_classes(zoo_domain *d, const char *const *action, size_t actions,
                              gop_error *err);
/* Appends a sequence.  The set takes its data, also on failure. */
gop_status zoo_dataset_add(zoo_dataset *data, const char *name, size_t action, zoo_split split,
                           float *frames, size_t n, gop_error *err);

/* Read the entries that domains have in every version, and a set whose domain `read_domain` reads;
 * errors as for zoo_dataset_load. */
void zoo_domain_read_common(gop_reader *r, zoo_domain *d);
gop_status zoo_set_read(zoo_dataset **data, gop_reader *r,
                        void (*read_domain)(gop_reader *r, zoo_domain *domain), gop_error *err);

/* Write a set's file piece by piece: the head, then every sequence of data->sequences. */
void zoo_set_write_head(gop_writer *w, const zoo_dataset *data);
void zoo_set_write_sequence(gop_writer *w, const zoo_sequence *q, const float *frames,
                            size_t columns);

#endif
