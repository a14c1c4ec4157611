/*
 * seeds_report.h: the figures of the runs of `graphop train --seeds`, as tables and as a log.
 */
#ifndef APPS_SEEDS_REPORT_H
#define APPS_SEEDS_REPORT_H

#include "zoo/zoo.h"

/* What one run came to. */
typedef struct seed_result {
    uint64_t seed, steps;
    const char *model;
    zoo_validation last, best; /* step 0: nothing was held out */
} seed_result;

/* Prints the figures of n runs, their means and standard deviations. */
void seeds_print(const seed_result *result, size_t n);
/* Writes them to a log: an object on a line for each run, then one for all. */
gop_status seeds_log(const char *path, const seed_result *result, size_t n, gop_error *err);

#endif
