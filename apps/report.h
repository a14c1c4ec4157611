/*
 * report.h: writes tables and JSON lines to a stream.
 */
#ifndef APPS_REPORT_H
#define APPS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "graphop.h"

/* -------------------------------------------------------------------- JSON */

#define REPORT_MAX_DEPTH 8

/* Values nest; the outermost one ends with a new line, so a stream holds one value a line.
 * `key` is NULL for the outermost value and inside arrays.  Numbers that are not finite become
 * null, since JSON cannot represent them; bytes that are not UTF-8 become U+FFFD. */
typedef struct report_json {
    FILE *out;
    int depth;
    bool some[REPORT_MAX_DEPTH + 1]; /* whether a value was written at a depth */
} report_json;

report_json report_json_on(FILE *out);
void report_object(report_json *json, const char *key);
void report_array(report_json *json, const char *key);
void report_end_object(report_json *json);
void report_end_array(report_json *json);
void report_text(report_json *json, const char *key, const char *text);
/* Nine significant digits: enough for a float. */
void report_number(report_json *json, const char *key, double value);
void report_numbers(report_json *json, const char *key, const double *value, size_t n);
void report_count(report_json *json, const char *key, uint64_t value);
/* A time in seconds: fifteen significant digits, enough for microseconds since 1970. */
void report_time(report_json *json, const char *key, double value);
void report_null(report_json *json, const char *key);
void report_bool(report_json *json, const char *key, bool value);

/* ------------------------------------------------------------------- tables */

/* Collects cells row by row and prints them in aligned columns.  Running out of memory ends the
 * command. */
typedef struct report_table {
    const char *align; /* 'l' or 'r' for each column */
    size_t columns, cells, room, written;
    char **cell;
    int *width;
    bool by_row;
    FILE *out;
} report_table;

report_table report_table_new(const char *align);
/* Adds the next cell, left to right, row by row. */
void report_cell(report_table *table, const char *format, ...) GOP_PRINTF(2, 3);
/* Fills the rest of the row with empty cells. */
void report_row_end(report_table *table);
/* For tables of many rows, of which memory holds one.  The caller adds all cells twice: after a call
 * with NULL they are measured, after another with `out` they are printed. */
void report_table_by_row(report_table *table, FILE *out);
/* Prints the first row as a heading, and frees the cells. */
void report_table_print(report_table *table, FILE *out);

/* --------------------------------------------------------------------- text */

/* Prints `text` from column `at` of the current line, wraps it at 80 columns, and indents
 * continuation lines by `indent`. */
void report_paragraph(FILE *out, const char *text, int at, int indent);

/* ------------------------------------------------------------------ numbers */

/* "3.2 MB" into buf; returns buf. */
char *report_bytes(char *buf, size_t size, double bytes);
/* "1:02:03" or "2:03" into buf; returns buf. */
char *report_duration(char *buf, size_t size, double seconds);
/* "6 871 051" into buf; returns buf. */
char *report_grouped(char *buf, size_t size, uint64_t value);

#endif
