/*
 * decimal.h: decimal text to float.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_DECIMAL_H
#define ZOO_DATASET_FORMAT_DECIMAL_H

#include <stddef.h>

/* Bytes past `end` that zoo_decimals may read. */
#define ZOO_DECIMAL_PAD 32

/* Sets *value to the float nearest to the decimal that begins [text, end) ("-1.5e-3", ties to
 * even).  Returns the decimal's end, or NULL without a decimal.  Overflows become infinite; "nan"
 * and "inf" are no decimals.  Does not depend on the locale. */
const char *zoo_decimal(float *value, const char *text, const char *end);

/* The end of the "nan", "inf" or "infinity" that begins [text, end), in any case and with or
 * without a sign, or NULL. "info" does not match. */
const char *zoo_non_finite(const char *text, const char *end);

/* Reads at most n decimals, each followed by a comma, from [*at, end) into `row`, as zoo_decimal
 * does.  Returns their number and moves *at to the next entry.  Stops early at an entry that is not
 * in plain form; zoo_decimal may still read it.  ZOO_DECIMAL_PAD bytes past `end` must be
 * readable. */
size_t zoo_decimals(float *row, size_t n, const char **at, const char *end);

#endif
