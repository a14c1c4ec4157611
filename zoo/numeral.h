/*
 * numeral.h: numbers as text in files, with a decimal point in every locale.  Internal to the zoo.
 */
#ifndef ZOO_NUMERAL_H
#define ZOO_NUMERAL_H

#include <stdbool.h>
#include <stddef.h>

/* More than a numeral's longest text; each finite double has shorter ones. */
#define ZOO_NUMERAL_SIZE 512

/* Reads n bytes that are one finite decimal number ("-1.5e-3") of fewer than ZOO_NUMERAL_SIZE
 * bytes; false for any other text: blanks, hexadecimal digits, "nan" and "inf" too. */
bool zoo_numeral_read(double *v, const char *text, size_t n);
/* Writes the text with the fewest significant digits that reads back as v, or as the same float if
 * `single`; cut to `size` bytes. */
void zoo_numeral_write(char *buf, size_t size, double v, bool single);

#endif
