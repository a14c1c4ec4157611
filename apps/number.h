/*
 * number.h: numbers as they are typed.
 */
#ifndef APPS_NUMBER_H
#define APPS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Strict numbers: the whole text, finite, in decimal.  False otherwise. */
bool app_real(double *value, const char *text);
bool app_count(uint64_t *value, const char *text);
bool app_seconds(double *value, const char *text);

#endif
