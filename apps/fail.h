/*
 * fail.h: exit statuses, and sentences on standard error.
 */
#ifndef APPS_FAIL_H
#define APPS_FAIL_H

#include "graphop.h"

/* Exit status: success; wrong usage; bad data or a failure. */
enum { APP_OK = 0, APP_USE = 1, APP_DATA = 2 };

/* Defined in options.h. */
typedef struct app_usage app_usage;

/* Prints "graphop VERB: sentence" on stderr, adds a full stop if needed, and returns `status`.
 * With usage NULL nothing is printed; use this to try something silently.  The same holds for
 * the functions below. */
int app_fail(const app_usage *usage, int status, const char *format, ...) GOP_PRINTF(3, 4);
/* The same for an error of a library; the caller chooses APP_USE or APP_DATA. */
int app_fail_error(const app_usage *usage, int status, const gop_error *err);

/* Replaces each byte that is not part of a printable character by a question mark: names of files
 * may contain any byte. */
void app_printable(char *text);

/* The word of `words` (ends with NULL) nearest to `typed`, or NULL if none is near enough. */
const char *app_nearest(const char *typed, const char *const *words);
/* Fails as APP_USE with "unknown WHAT 'typed'" and the nearest word or, if none is near, all
 * words. */
int app_fail_unknown(const app_usage *usage, const char *what, const char *typed,
                     const char *const *words);

/* Fails with the error of zoo_layout_open for `name`, or suggests the nearest built-in name. */
int app_fail_layout(const app_usage *usage, const char *name, const gop_error *err);

#endif
