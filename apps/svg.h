/*
 * svg.h: what drawings have in common.
 */
#ifndef APPS_SVG_H
#define APPS_SVG_H

#include <stdbool.h>
#include <stdio.h>

/* A white page of `width` x `height` with rules of CSS, one or more a line. */
void svg_begin(FILE *out, double width, double height, const char *style);
/* The content of an element: ASCII, other bytes as '?'. */
void svg_text(FILE *out, const char *text);
void svg_end(FILE *out);

/* Whether a file that begins so was begun by svg_begin. */
bool svg_begins(const char *head);

#endif
