/*
 * confusion.c: writes confusion matrices.  Touches only the file that it writes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "confusion.h"

#include <stdio.h>
#include <string.h>

#include "report.h"
#include "svg.h"
#include "zoo/zoo.h"

static size_t row_sum(const confusion *c, const confusion_matrix *m, size_t row)
{
    size_t sum = 0;
    for (size_t k = 0; k < c->classes; k++)
        sum += m->count[row * c->classes + k];
    return sum;
}

/* --------------------------------------------------------------------- text */

#define ROWS ": rows are the truth, columns the answer.\n"

/* Column heads are numbers: names would make the table too wide. */
static void put_text_matrix(FILE *out, const confusion *c, const confusion_matrix *m,
                            const char *align)
{
    report_table table = report_table_new(align);

    fprintf(out, "%s" ROWS "\n", m->title);
    for (int pass = 0; pass < 2; pass++) {
        report_table_by_row(&table, pass ? out : NULL);
        report_cell(&table, "%s", "");
        report_cell(&table, "action");
        for (size_t k = 0; k < c->classes; k++)
            report_cell(&table, "%zu", k + 1);
        report_cell(&table, "clips");
        for (size_t i = 0; i < c->classes; i++) {
            report_cell(&table, "%zu", i + 1);
            report_cell(&table, "%s", c->name[i]);
            for (size_t k = 0; k < c->classes; k++)
                report_cell(&table, "%zu", m->count[i * c->classes + k]);
            report_cell(&table, "%zu", row_sum(c, m, i));
        }
    }
    report_table_print(&table, out);
}

static void put_text(FILE *out, const confusion *c)
{
    size_t columns = c->classes + 3;
    char align[ZOO_MAX_ACTIONS + 4];

    memset(align, 'r', columns);
    align[1] = 'l';
    align[columns] = '\0';
    for (size_t i = 0; i < c->n; i++) {
        if (i)
            putc('\n', out);
        put_text_matrix(out, c, &c->matrix[i], align);
    }
}

/* ------------------------------------------------------------------- values */

/* A field of RFC 4180. */
static void put_field(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

#define HEADING "protocol,truth"

static void put_values(FILE *out, const confusion *c)
{
    fputs(HEADING, out);
    for (size_t k = 0; k < c->classes; k++) {
        putc(',', out);
        put_field(out, c->name[k]);
    }
    putc('\n', out);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t row = 0; row < c->classes; row++) {
            put_field(out, c->matrix[i].title);
            putc(',', out);
            put_field(out, c->name[row]);
            for (size_t k = 0; k < c->classes; k++)
                fprintf(out, ",%zu", c->matrix[i].count[row * c->classes + k]);
            putc('\n', out);
        }
    }
}

/* ------------------------------------------------------------------ picture */

/* Sizes in SVG's units. */
#define CELL         26.0
#define SMALL_CELL   12.0
#define LETTER       6.6
#define MARGIN       24.0
#define TOP          64.0
#define MANY_CLASSES 24 /* from here on cells are small and hold no numbers; no zeros are drawn */

typedef struct picture {
    double cell, names, block; /* side of a cell, room for names, height of a matrix */
} picture;

static picture measure(const confusion *c)
{
    picture p = {.cell = c->classes < MANY_CLASSES ? CELL : SMALL_CELL};
    size_t longest = 1;

    for (size_t i = 0; i < c->classes; i++)
        longest = strlen(c->name[i]) > longest ? strlen(c->name[i]) : longest;
    p.names = LETTER * (double)longest + 10;
    p.block = 30 + p.names + p.cell * (double)c->classes + MARGIN;
    return p;
}

/* Shades from white to deep blue by the share of the row; dark cells have white numbers. */
static void put_cell(FILE *out, const picture *p, double x, double y, size_t count, size_t of)
{
    double share = of ? (double)count / (double)of : 0;
    int red = (int)(247 - 214 * share), green = (int)(249 - 152 * share);
    int blue = (int)(252 - 92 * share);

    fprintf(out,
            "  <rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
            "fill=\"#%02x%02x%02x\"/>\n",
            x, y, p->cell - 1, p->cell - 1, (unsigned)red, (unsigned)green, (unsigned)blue);
    if (p->cell == CELL && count)
        fprintf(out, "  <text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%zu</text>\n",
                share > 0.5 ? "w" : "k", x + (p->cell - 1) / 2, y + p->cell / 2 + 3, count);
}

/* All cells whose count is zero. */
static void put_ground(FILE *out, const picture *p, double x, double y, size_t classes)
{
    const double side = p->cell * (double)classes - 1;

    fprintf(out,
            "  <rect class=\"ground\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
            "fill=\"#f7f9fc\"/>\n",
            x, y, side, side);
}

static void put_block(FILE *out, const confusion *c, const confusion_matrix *m, const picture *p,
                      double top)
{
    double left = MARGIN + p->names, first = top + 30 + p->names;

    fprintf(out, "  <text class=\"h\" x=\"%.1f\" y=\"%.1f\">", MARGIN, top + 14);
    svg_text(out, m->title);
    fputs("</text>\n", out);
    for (size_t i = 0; i < c->classes; i++) {
        double at = p->cell * (double)i + p->cell / 2 + 3;
        fprintf(out, "  <text class=\"r\" x=\"%.1f\" y=\"%.1f\">", left - 6, first + at);
        svg_text(out, c->name[i]);
        fprintf(out, "</text>\n  <text class=\"c\" transform=\"translate(%.1f %.1f) rotate(-90)\">",
                left + at, first - 6);
        svg_text(out, c->name[i]);
        fputs("</text>\n", out);
    }
    const bool many = c->classes >= MANY_CLASSES;
    if (many)
        put_ground(out, p, left, first, c->classes);
    for (size_t i = 0; i < c->classes; i++) {
        size_t of = row_sum(c, m, i);
        for (size_t k = 0; k < c->classes; k++) {
            const size_t count = m->count[i * c->classes + k];
            if (count > 0 || !many)
                put_cell(out, p, left + p->cell * (double)k, first + p->cell * (double)i, count,
                         of);
        }
    }
}

static void put_picture(FILE *out, const confusion *c)
{
    picture p = measure(c);
    double width = 2 * MARGIN + p.names + p.cell * (double)c->classes;
    double height = TOP + p.block * (double)c->n;

    if (width < 470)
        width = 470;
    svg_begin(out, width, height,
              "text { font-size: 11px; fill: #24292f }\n"
              "    .h { font-size: 14px; font-weight: bold }\n"
              "    .s { font-size: 12px; fill: #57606a } .r { text-anchor: end }\n"
              "    .k { font-size: 10px; text-anchor: middle }\n"
              "    .w { font-size: 10px; text-anchor: middle; fill: #ffffff }");
    fprintf(out, "  <text class=\"h\" x=\"%.0f\" y=\"27\">", MARGIN);
    svg_text(out, c->model);
    fprintf(out,
            "</text>\n  <text class=\"s\" x=\"%.0f\" y=\"46\">Clips: rows are the truth, columns "
            "the answer; shades are shares of the row.</text>\n",
            MARGIN);
    for (size_t i = 0; i < c->n; i++)
        put_block(out, c, &c->matrix[i], &p, TOP + p.block * (double)i);
    svg_end(out);
}

/* -------------------------------------------------------------------- forms */

static const struct form {
    const char *ending;
    void (*put)(FILE *out, const confusion *c);
} forms[] = {{".txt", put_text}, {".csv", put_values}, {".svg", put_picture}};

static const struct form *find_form(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t n = strlen(forms[i].ending);
        if (length > n && strcmp(path + length - n, forms[i].ending) == 0)
            return &forms[i];
    }
    return NULL;
}

bool confusion_can_write(const char *path)
{
    return find_form(path) != NULL;
}

bool confusion_begins(const char *head)
{
    const char *rows = strstr(head, ROWS);

    return (rows && rows < strchr(head, '\n')) || svg_begins(head) ||
           strncmp(head, HEADING ",", sizeof HEADING) == 0;
}

gop_status confusion_write(const char *path, const confusion *c, gop_error *err)
{
    const struct form *form = find_form(path);
    gop_file *file;

    if (!form)
        return gop_fail(err, GOP_EINVAL, "%s does not end in .txt, .csv or .svg", path);
    gop_status status = gop_file_new(&file, path, err);
    if (status)
        return status;
    form->put(gop_file_stream(file), c);
    return gop_file_commit(file, err);
}
