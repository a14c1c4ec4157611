/*
 * bench_data.h: random domains and data sets in memory, for measuring speed.
 */
#ifndef APPS_BENCH_DATA_H
#define APPS_BENCH_DATA_H

#include "zoo/zoo.h"

/* Makes a domain with the given layout, `classes` actions, mean 0 and deviation 1.  The caller
 * clears it. */
gop_status bench_domain(zoo_domain *domain, const zoo_layout *layout, size_t classes,
                        gop_error *err);
/* The same for a chain of `nodes` nodes, 2 to ZOO_MAX_NODES, in parts of two or three. */
gop_status bench_chain(zoo_domain *domain, size_t nodes, size_t classes, gop_error *err);
/* Makes one training sequence for each action of the domain, for at most 16 actions.  The values
 * are standard normal, and a sequence holds several windows of `frames` frames of each body. */
gop_status bench_data(zoo_dataset **data, const zoo_domain *domain, size_t frames, size_t bodies,
                      gop_error *err);

#endif
