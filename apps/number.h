/*
 * number.h: parses numbers of the command line.
 */
#ifndef APPS_NUMBER_H
#define APPS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Return false unless the whole text is one finite decimal number. */
bool app_real(double *value, const char *text);
bool app_count(uint64_t *value, const char *text);
bool app_seconds(double *value, const char *text);

#endif
