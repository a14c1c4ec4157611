/*
 * fail.h: exit statuses, and sentences on standard error.
 */
#ifndef APPS_FAIL_H
#define APPS_FAIL_H

#include "graphop.h"

/* Exit status: done; the command was used wrongly; the data are bad or the work failed. */
enum { APP_OK = 0, APP_USE = 1, APP_DATA = 2 };

/* Of options.h. */
typedef struct app_usage app_usage;

/* Prints "graphop VERB: sentence" on stderr, ended by a full stop if it has no
 * end, and returns `status`.  Without a verb (NULL) it prints nothing, nor do those that
 * fail through it: for what is only tried. */
int app_fail(const app_usage *usage, int status, const char *format, ...) GOP_PRINTF(3, 4);
/* The same for a library's error: APP_USE or APP_DATA as the caller knows. */
int app_fail_error(const app_usage *usage, int status, const gop_error *err);

/* The nearest of `words` (ends with NULL) to what was typed, or NULL when none
 * is near enough to be meant. */
const char *app_nearest(const char *typed, const char *const *words);
/* Fails as APP_USE with "unknown WHAT 'typed'", and the nearest word or, where
 * none is near, all of them. */
int app_fail_unknown(const app_usage *usage, const char *what, const char *typed,
                     const char *const *words);

/* Fails with what zoo_layout_open said of `name`, and the nearest name where it is near. */
int app_fail_layout(const app_usage *usage, const char *name, const gop_error *err);

#endif
