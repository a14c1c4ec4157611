/*
 * decimal.h: decimal text to float.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_DECIMAL_H
#define ZOO_DATASET_DECIMAL_H

/* The float nearest to the decimal that begins [text, end) ("-1.5e-3", ties to
 * even), and where it stops, or NULL when there is none.  Overflows become
 * infinite; "nan" and "inf" are not numbers.  Does not depend on the locale. */
const char *zoo_decimal(float *value, const char *text, const char *end);

#endif
