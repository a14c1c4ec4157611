/*
 * svg.h: the common parts of SVG drawings.
 */
#ifndef APPS_SVG_H
#define APPS_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* Starts a white page of `width` x `height` with the given CSS rules. */
void svg_begin(FILE *out, double width, double height, const char *style);
/* Writes the text of an element; bytes that are not ASCII become '?'. */
void svg_text(FILE *out, const char *text);
void svg_end(FILE *out);

/* Whether a file with this beginning was started by svg_begin. */
bool svg_begins(const char *head);

#endif
