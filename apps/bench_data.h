/*
 * bench_data.h: domains and data sets made up in memory, for measuring speed.
 */
#ifndef APPS_BENCH_DATA_H
#define APPS_BENCH_DATA_H

#include "zoo/zoo.h"

/* A domain with a layout, `classes` actions, and statistics that leave numbers as
 * they are; to be cleared. */
gop_status bench_domain(zoo_domain *domain, const zoo_layout *layout, size_t classes,
                        gop_error *err);
/* The same with a chain of `nodes` nodes, 2 to ZOO_MAX_NODES, in parts of two to three. */
gop_status bench_chain(zoo_domain *domain, size_t nodes, size_t classes, gop_error *err);
/* A training sequence of each action of the domain, 16 at most, each of standard
 * normal numbers and long enough for windows of `frames` frames at several places. */
gop_status bench_data(zoo_dataset **data, const zoo_domain *domain, size_t frames, gop_error *err);

#endif
