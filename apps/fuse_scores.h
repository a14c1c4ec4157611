/*
 * fuse_scores.h: graphop fuse of files of scores.
 */
#ifndef APPS_FUSE_SCORES_H
#define APPS_FUSE_SCORES_H

#include <stdbool.h>

#include "options.h"

/* Finds out whether a file holds scores.  Returns an exit status. */
int fuse_is_scores(const app_usage *usage, bool *is, const char *path);
/* Measures the mean of the probabilities in n files, 2 to ZOO_FUSE_MAX, by weights (NULL: equal
 * ones), prints the results and writes the mean to `output`, if it is not NULL. */
int fuse_scores(const app_usage *usage, char *const *path, size_t n, const zoo_list *weights,
                const char *output, bool json);

#endif
