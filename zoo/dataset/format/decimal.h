/*
 * decimal.h: decimal text to float.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_DECIMAL_H
#define ZOO_DATASET_FORMAT_DECIMAL_H

#include <stddef.h>

/* How far behind its end zoo_decimals may look. */
#define ZOO_DECIMAL_PAD 32

/* The float nearest to the decimal that begins [text, end) ("-1.5e-3", ties to
 * even), and where it stops, or NULL when there is none.  Overflows become
 * infinite; "nan" and "inf" are not numbers.  Does not depend on the locale. */
const char *zoo_decimal(float *value, const char *text, const char *end);

/* Behind the "nan", "inf" or "infinity" that [text, end) begins with, in any case and with
 * or without a sign, or NULL: "info" is none. */
const char *zoo_non_finite(const char *text, const char *end);

/* At most n decimals, a comma after each, from [*at, end) into `row`, as
 * zoo_decimal reads them; returns how many, with *at where the next entry begins.
 * Stops, also before that, at what is not of the plain kind, which zoo_decimal
 * may still know.  ZOO_DECIMAL_PAD bytes behind `end` are readable. */
size_t zoo_decimals(float *row, size_t n, const char **at, const char *end);

#endif
