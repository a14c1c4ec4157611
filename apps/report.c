/*
 * report.c: writes tables and JSON lines to the stream it is given.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

/* -------------------------------------------------------------------- JSON */

report_json report_json_on(FILE *out)
{
    report_json json = {.out = out};
    return json;
}

static void put_string(FILE *out, const char *s)
{
    putc('"', out);
    while (*s != '\0') {
        size_t n = gop_character(s, strnlen(s, 4));
        if (*s == '"' || *s == '\\') {
            fprintf(out, "\\%c", *s);
        } else if (*s == '\n') {
            fputs("\\n", out);
        } else if (*s == '\t') {
            fputs("\\t", out);
        } else if ((unsigned char)*s < 0x20 || *s == 0x7f) {
            fprintf(out, "\\u%04x", (unsigned)*s);
        } else if (n == 0) {
            fputs("\\ufffd", out);
        } else {
            fwrite(s, 1, n, out);
        }
        s += n == 0 ? 1 : n;
    }
    putc('"', out);
}

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    else
        fputs("null", out);
}

static void before_value(report_json *json, const char *key)
{
    if (json->some[json->depth] && json->depth > 0)
        putc(',', json->out);
    json->some[json->depth] = true;
    if (key) {
        put_string(json->out, key);
        putc(':', json->out);
    }
}

static void after_value(report_json *json)
{
    if (json->depth == 0)
        putc('\n', json->out);
}

static void open_value(report_json *json, const char *key, char bracket)
{
    before_value(json, key);
    putc(bracket, json->out);
    if (json->depth < REPORT_MAX_DEPTH)
        json->depth++;
    json->some[json->depth] = false;
}

static void close_value(report_json *json, char bracket)
{
    putc(bracket, json->out);
    if (json->depth > 0)
        json->depth--;
    after_value(json);
}

void report_object(report_json *json, const char *key)
{
    open_value(json, key, '{');
}

void report_array(report_json *json, const char *key)
{
    open_value(json, key, '[');
}

void report_end_object(report_json *json)
{
    close_value(json, '}');
}

void report_end_array(report_json *json)
{
    close_value(json, ']');
}

void report_text(report_json *json, const char *key, const char *text)
{
    before_value(json, key);
    put_string(json->out, text);
    after_value(json);
}

void report_number(report_json *json, const char *key, double value)
{
    before_value(json, key);
    put_number(json->out, value);
    after_value(json);
}

void report_numbers(report_json *json, const char *key, const double *value, size_t n)
{
    report_array(json, key);
    for (size_t i = 0; i < n; i++)
        report_number(json, NULL, value[i]);
    report_end_array(json);
}

void report_count(report_json *json, const char *key, uint64_t value)
{
    before_value(json, key);
    fprintf(json->out, "%" PRIu64, value);
    after_value(json);
}

void report_time(report_json *json, const char *key, double value)
{
    before_value(json, key);
    fprintf(json->out, "%.15g", value);
    after_value(json);
}

void report_null(report_json *json, const char *key)
{
    before_value(json, key);
    fputs("null", json->out);
    after_value(json);
}

void report_bool(report_json *json, const char *key, bool value)
{
    before_value(json, key);
    fputs(value ? "true" : "false", json->out);
    after_value(json);
}

/* ------------------------------------------------------------------- tables */

static void *must(void *memory)
{
    if (!memory) {
        fputs("graphop: out of memory for a table of standard output.\n", stderr);
        exit(APP_DATA);
    }
    return memory;
}

report_table report_table_new(const char *align)
{
    report_table table = {.align = align, .columns = strlen(align)};
    return table;
}

/* Width in terminal columns: counts the bytes that do not continue a character. */
static int width_of(const char *text)
{
    int width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void measure_row(report_table *table, size_t row)
{
    if (!table->width)
        table->width = must(calloc(table->columns, sizeof *table->width));
    for (size_t c = 0; c < table->columns; c++) {
        int w = width_of(table->cell[row * table->columns + c]);
        if (w > table->width[c])
            table->width[c] = w;
    }
}

/* Prints a row, and a line below the first one. */
static void print_row(report_table *table, size_t row, FILE *out)
{
    int owed = 0; /* blanks not yet written, so that no line ends in blanks */
    int total = 2 * ((int)table->columns - 1);

    for (size_t c = 0; c < table->columns; c++) {
        const char *text = table->cell[row * table->columns + c];
        int pad = table->width[c] - width_of(text);
        bool right = table->align[c] == 'r';
        if (c)
            owed += 2;
        if (right)
            owed += pad;
        if (*text) {
            fprintf(out, "%*s%s", owed, "", text);
            owed = 0;
        }
        owed += right ? 0 : pad;
        total += table->width[c];
    }
    putc('\n', out);
    if (table->written++)
        return;
    for (int i = 0; i < total; i++)
        putc('-', out);
    putc('\n', out);
}

static void drop_cells(report_table *table)
{
    while (table->cells)
        free(table->cell[--table->cells]);
}

/* Measures or prints the row of a table that is written row by row. */
static void pass_row(report_table *table)
{
    if (table->cells && table->out)
        print_row(table, 0, table->out);
    else if (table->cells)
        measure_row(table, 0);
    drop_cells(table);
}

void report_cell(report_table *table, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    app_printable(text);
    if (table->by_row && table->cells == table->columns)
        pass_row(table);
    if (table->cells == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->cell = must(realloc(table->cell, table->room * sizeof *table->cell));
    }
    table->cell[table->cells++] = must(strdup(text));
}

void report_row_end(report_table *table)
{
    while (table->cells % table->columns)
        report_cell(table, "%s", "");
}

void report_table_by_row(report_table *table, FILE *out)
{
    report_row_end(table);
    pass_row(table);
    table->by_row = true;
    table->out = out;
}

void report_table_print(report_table *table, FILE *out)
{
    report_row_end(table);
    size_t rows = table->cells / table->columns;

    for (size_t row = 0; row < rows && !table->by_row; row++)
        measure_row(table, row);
    for (size_t row = 0; row < rows; row++)
        print_row(table, row, out);
    drop_cells(table);
    free(table->cell);
    free(table->width);
    *table = report_table_new(table->align);
}

/* --------------------------------------------------------------------- text */

void report_paragraph(FILE *out, const char *text, int at, int indent)
{
    bool begun = false; /* whether the line already holds a word of the text */

    while (*text) {
        int length = (int)strcspn(text, " ");
        if (begun && at + 1 + length > 79) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
            begun = false;
        }
        at += fprintf(out, "%s%.*s", begun ? " " : "", length, text);
        begun = true;
        text += length;
        text += strspn(text, " ");
    }
    putc('\n', out);
}

/* ------------------------------------------------------------------ numbers */

char *report_bytes(char *buf, size_t size, double bytes)
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB"};
    size_t i = 0;

    while (bytes >= 1000 && i < 4) {
        bytes /= 1000;
        i++;
    }
    snprintf(buf, size, i && bytes < 100 ? "%.1f %s" : "%.0f %s", bytes, unit[i]);
    return buf;
}

char *report_duration(char *buf, size_t size, double seconds)
{
    if (!(seconds >= 0 && seconds < 1e8)) {
        snprintf(buf, size, "-:--");
        return buf;
    }
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(buf, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(buf, size, "%lu:%02lu", s / 60, s % 60);
    return buf;
}

char *report_grouped(char *buf, size_t size, uint64_t value)
{
    char digits[32];
    size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, value), used = 0;

    for (size_t i = 0; i < n && used + 2 < size; i++) {
        if (i && (n - i) % 3 == 0)
            buf[used++] = ' ';
        buf[used++] = digits[i];
    }
    buf[used] = '\0';
    return buf;
}
