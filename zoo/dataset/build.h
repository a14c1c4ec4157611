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
/* Makes room for statistics of all columns of the layout: mean 0 and std 1. */
gop_status zoo_domain_room(zoo_domain *d, gop_error *err);
/* Replaces the domain's classes. */
gop_status zoo_domain_classes(zoo_domain *d, const char *const *action, size_t actions,
                              gop_error *err);
/* Reads the entries that domains have in every version. */
void zoo_domain_read_common(gop_reader *r, zoo_domain *d);

/* The rate of the files that the data came from. */
double zoo_recorded_rate(const zoo_domain *d);

/* As zoo_normalise, for every `every`-th of the raw frames. */
void zoo_normalise_each(const zoo_domain *d, const float *raw, size_t frames, size_t every,
                        gop_real *x, size_t node_stride);

struct zoo_source;
/* Whether a source requires the field of zoo_raw with this name. */
bool zoo_source_needs(const struct zoo_source *source, const char *field);
/* Whether the source reads files as the one from which the domain's data came. */
bool zoo_source_is_of(const struct zoo_source *source, const zoo_domain *domain);

/* Writes the index of a set whose frames are in the file already. */
void zoo_set_write_index(gop_writer *w, const zoo_dataset *data);

#endif
