/*
 * saved_scores.h: files of the probabilities that models give to clips, a line a clip, and their fusion.
 * May use zoo/metric/evaluate.h.
 *
 * Such a file is a table of comma-separated values with a heading,
 *
 *     protocol,sequence,start,truth,CLASS,CLASS,...
 *
 * whose lines have a recognition protocol, a test sequence, the frame at which the clip begins in it,
 * counted from 1, the name of the true class, and the probability of each class.  A field may be
 * in quotes, as in RFC 4180.
 */
#ifndef ZOO_METRIC_SAVED_SCORES_H
#define ZOO_METRIC_SAVED_SCORES_H

#include <stdio.h>

#include "zoo/metric/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct zoo_scores zoo_scores;

/* Opens a file of scores and reads its heading.  GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM; *scores is
 * then NULL. */
GOP_API gop_status zoo_scores_open(zoo_scores **scores, const char *path, gop_error *err);
GOP_API void zoo_scores_close(zoo_scores *scores);
/* Reads the next clip, valid until the next call; NULL at the end.  GOP_EFORMAT names the line: for
 * another number of fields, an unknown protocol or class, a start that is no whole number from 1 on,
 * and probabilities that are not in [0, 1] or whose sum is not 1. */
GOP_API gop_status zoo_scores_next(const zoo_scored **clip, zoo_scores *scores, gop_error *err);
/* A domain with the classes of the file as its actions, and nothing else. */
GOP_API const zoo_domain *zoo_scores_domain(const zoo_scores *scores);

/* Write the heading, and a clip's line, with the actions of a domain as classes. */
GOP_API void zoo_scores_heading(FILE *out, const zoo_domain *domain);
GOP_API void zoo_scores_line(FILE *out, const zoo_scored *clip, const zoo_domain *domain);
/* Whether a file with this beginning is one of scores. */
GOP_API bool zoo_scores_begin(const char *head);

/* Most recognition protocols in a file. */
#define ZOO_MAX_TABLES 8

/* Reads the rest of n files and measures the mean of their probabilities by weights (NULL: equal
 * ones), one table for each protocol, in the order of the first file.  The files must have the same
 * classes and clips in the same order.  A row counts clips of whatever data: nothing is known about
 * training sequences, and no action is marked.  measure->seen gets the fused clips.
 * Errors: those of zoo_scores_next; GOP_EINVAL for weights below 0 or with the sum 0; GOP_ESHAPE for
 * other classes or clips, of which the first is named; GOP_EFORMAT without any clip, for a clip that
 * occurs twice by a protocol that draws none, and for more than ZOO_MAX_TABLES protocols; those of measure->seen.  *tables is then 0. */
GOP_API gop_status zoo_scores_fuse(zoo_table *table[ZOO_MAX_TABLES], size_t *tables,
                                   zoo_scores *const *scores, size_t n, const double *weights,
                                   const zoo_measure *measure, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
