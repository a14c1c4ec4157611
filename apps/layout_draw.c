/*
 * layout_draw.c: draws layouts as SVG.  Writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "layout_draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "svg.h"

/* Sizes in SVG units: the longer side of the figure, and the room for names beside it, for the
 * title above it and for the names of parts on the right. */
#define FIGURE       620.0
#define NAMES        130.0
#define TOP          76.0
#define MARGIN       24.0
#define LEGEND       150.0
#define LINE         18.0
#define LEGEND_PARTS 30

#define TURN         6.283185307179586

typedef struct drawing {
    const zoo_layout *layout;
    double *x, *y;        /* [nodes], on the page once placed */
    bool *right;          /* [nodes]: whether it is the right node of a pair */
    double width, height; /* of the page */
} drawing;

const char *layout_axis_name(zoo_axis axis)
{
    static const char *const names[] = {"", "+x", "+y", "+z", "-x", "-y", "-z"};
    return names[axis];
}

/* ------------------------------------------------------------------ placing */

/* Orders the nodes by distance from the centre, each with its predecessor.  The first node of a
 * piece without the centre follows the centre. */
static void walk(const zoo_layout *l, uint32_t *order, uint32_t *from)
{
    uint32_t n = 0, piece = l->centre;

    for (uint32_t i = 0; i < l->nodes; i++)
        from[i] = l->nodes; /* not reached */
    for (uint32_t i = 0; i < l->nodes; i++) {
        if (i == n) {
            for (uint32_t k = 0; n > 0 && from[piece] < l->nodes; k++)
                piece = k;
            from[piece] = l->centre;
            order[n++] = piece;
        }
        for (uint32_t e = 0; e < l->n_edges; e++) {
            uint32_t a = l->edges[e].a, b = l->edges[e].b;
            uint32_t next = a == order[i] ? b : b == order[i] ? a : l->nodes;
            if (next < l->nodes && from[next] == l->nodes) {
                from[next] = order[i];
                order[n++] = next;
            }
        }
    }
}

/* Places nodes in rings; a node's share of its ring is proportional to its number of leaves. */
static gop_status place_in_rings(drawing *d, gop_error *err)
{
    const zoo_layout *l = d->layout;
    uint32_t *order = calloc(4 * (size_t)l->nodes, sizeof *order);
    double *begin = calloc(l->nodes, sizeof *begin);

    if (!order || !begin) {
        free(order);
        free(begin);
        return gop_fail(err, GOP_ENOMEM, "out of memory");
    }
    uint32_t *from = order + l->nodes, *leaves = from + l->nodes, *ring = leaves + l->nodes;
    walk(l, order, from);
    for (uint32_t i = l->nodes; i-- > 1;) {
        uint32_t n = order[i];
        leaves[n] += leaves[n] == 0;
        leaves[from[n]] += leaves[n];
    }
    for (uint32_t i = 1; i < l->nodes; i++) {
        uint32_t n = order[i];
        double share = TURN / leaves[l->centre], middle;
        ring[n] = ring[from[n]] + 1;
        middle = begin[from[n]] + share * leaves[n] / 2;
        d->x[n] = ring[n] * sin(middle);
        d->y[n] = ring[n] * cos(middle);
        /* The sector of a node's leaves starts with its own; its siblings' sectors follow. */
        begin[n] = begin[from[n]];
        begin[from[n]] += share * leaves[n];
    }
    free(order);
    free(begin);
    return GOP_OK;
}

static gop_status place(drawing *d, gop_error *err)
{
    const zoo_layout *l = d->layout;

    for (uint32_t i = 0; i < l->n_pairs; i++)
        d->right[l->pairs[i].b] = true;
    if (!l->draw)
        return place_in_rings(d, err);
    for (uint32_t i = 0; i < l->nodes; i++) {
        d->x[i] = (double)l->draw[2 * i];
        d->y[i] = (double)l->draw[2 * i + 1];
    }
    return GOP_OK;
}

static void range(const double *v, uint32_t n, double *low, double *high)
{
    *low = *high = v[0];
    for (uint32_t i = 1; i < n; i++) {
        *low = fmin(*low, v[i]);
        *high = fmax(*high, v[i]);
    }
}

static void put_on_page(drawing *d)
{
    uint32_t nodes = d->layout->nodes;
    double left, right, low, high;

    range(d->x, nodes, &left, &right);
    range(d->y, nodes, &low, &high);
    double longest = fmax(right - left, high - low);
    double scale = longest > 0 ? FIGURE / longest : 1;
    double across = fmax(scale * (right - left), 120),
           shift = (across - scale * (right - left)) / 2;
    for (uint32_t i = 0; i < nodes; i++) {
        d->x[i] = MARGIN + NAMES + shift + scale * (d->x[i] - left);
        d->y[i] = TOP + MARGIN + scale * (high - d->y[i]);
    }
    uint32_t parts = d->layout->parts < LEGEND_PARTS ? d->layout->parts : LEGEND_PARTS + 1;
    d->width = 2 * (MARGIN + NAMES) + across + LEGEND;
    d->height = TOP + 2 * MARGIN + fmax(scale * (high - low), LINE * (parts + 2));
}

/* ------------------------------------------------------------------ drawing */

/* Distinct hues for any number of parts. */
static void put_colour(FILE *out, uint32_t part)
{
    fprintf(out, "hsl(%u,62%%,44%%)", (unsigned)((uint64_t)part * 1375 / 10 % 360));
}

/* Draws lines between the middles of connected parts. */
static void put_part_edges(FILE *out, const drawing *d)
{
    const zoo_layout *l = d->layout;

    for (uint32_t e = 0; e < l->n_part_edges; e++) {
        double x[2] = {0, 0}, y[2] = {0, 0};
        uint32_t n[2] = {0, 0};
        for (uint32_t i = 0; i < l->nodes; i++) {
            for (int k = 0; k < 2; k++) {
                if (l->part[i] != (k ? l->part_edges[e].b : l->part_edges[e].a))
                    continue;
                x[k] += d->x[i];
                y[k] += d->y[i];
                n[k]++;
            }
        }
        fprintf(out, "  <path class=\"q\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", x[0] / n[0], y[0] / n[0],
                x[1] / n[1], y[1] / n[1]);
    }
}

static void put_edges(FILE *out, const drawing *d)
{
    const zoo_layout *l = d->layout;

    for (uint32_t e = 0; e < l->n_edges; e++) {
        uint32_t a = l->edges[e].a, b = l->edges[e].b;
        fprintf(out, "  <path class=\"e\" d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"", d->x[a], d->y[a],
                d->x[b], d->y[b]);
        if (l->part[a] == l->part[b])
            put_colour(out, l->part[a]);
        else
            fputs("#8b929a", out);
        fputs("\"/>\n", out);
    }
}

static void put_nodes(FILE *out, const drawing *d)
{
    const zoo_layout *l = d->layout;
    double middle = d->x[l->centre];

    fprintf(out, "  <circle class=\"r\" cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/>\n", d->x[l->centre],
            d->y[l->centre]);
    for (uint32_t i = 0; i < l->nodes; i++) {
        bool before = d->x[i] < middle - 0.5;
        fprintf(out, "  <circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" stroke-width=\"1.8\" stroke=\"",
                d->x[i], d->y[i]);
        put_colour(out, l->part[i]);
        fputs("\" fill=\"", out);
        if (d->right[i])
            fputs("#ffffff", out);
        else
            put_colour(out, l->part[i]);
        fprintf(out, "\"/>\n  <text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%u ", before ? "b" : "n",
                d->x[i] + (before ? -9 : 9), d->y[i] + 3.5, (unsigned)i);
        svg_text(out, l->node_name[i]);
        fputs("</text>\n", out);
    }
}

static void put_legend(FILE *out, const drawing *d)
{
    const zoo_layout *l = d->layout;
    double x = d->width - LEGEND, y = TOP + MARGIN;

    for (uint32_t p = 0; p < l->parts && p < LEGEND_PARTS; p++, y += LINE) {
        fprintf(out, "  <path class=\"e\" d=\"M%.1f %.1fh16\" stroke=\"", x, y);
        put_colour(out, p);
        fprintf(out, "\"/>\n  <text class=\"n\" x=\"%.1f\" y=\"%.1f\">", x + 24, y + 3.5);
        svg_text(out, l->part_name[p]);
        fputs("</text>\n", out);
    }
    if (l->parts > LEGEND_PARTS) {
        fprintf(out, "  <text class=\"n\" x=\"%.1f\" y=\"%.1f\">and %u more</text>\n", x + 24,
                y + 3.5, (unsigned)(l->parts - LEGEND_PARTS));
        y += LINE;
    }
    fprintf(out,
            "  <path class=\"q\" d=\"M%.1f %.1fh16\"/>\n"
            "  <text class=\"n\" x=\"%.1f\" y=\"%.1f\">parts joined</text>\n",
            x, y, x + 24, y + 3.5);
    y += LINE;
    if (l->n_pairs > 0)
        fprintf(out,
                "  <circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" stroke-width=\"1.8\" "
                "stroke=\"#57606a\" fill=\"#ffffff\"/>\n"
                "  <text class=\"n\" x=\"%.1f\" y=\"%.1f\">right one of a pair</text>\n",
                x + 8, y, x + 24, y + 3.5);
}

static void put_title(FILE *out, const drawing *d)
{
    const zoo_layout *l = d->layout;

    fprintf(out, "  <text class=\"h\" x=\"%.0f\" y=\"27\">", MARGIN);
    svg_text(out, l->name);
    fprintf(out,
            "</text>\n  <text class=\"c\" x=\"%.0f\" y=\"46\">%u nodes, %u edges, %u parts, "
            "%u pairs; centre ",
            MARGIN, (unsigned)l->nodes, (unsigned)l->n_edges, (unsigned)l->parts,
            (unsigned)l->n_pairs);
    svg_text(out, l->node_name[l->centre]);
    fprintf(out,
            " (ringed)</text>\n  <text class=\"c\" x=\"%.0f\" y=\"62\">feature %s, %u columns "
            "a frame</text>\n",
            MARGIN, zoo_feature_name(l->feature), (unsigned)l->columns);
}

static void put_svg(FILE *out, const drawing *d)
{
    svg_begin(out, d->width, d->height,
              "path { fill: none; stroke-linecap: round }\n"
              "    .e { stroke-width: 3 } .q { stroke: #c4cad1; stroke-width: 1.4; "
              "stroke-dasharray: 1 4 }\n"
              "    .r { fill: none; stroke: #24292f; stroke-width: 1.4 }\n"
              "    .h { font-size: 15px; font-weight: bold; fill: #24292f }\n"
              "    .c { font-size: 12px; fill: #57606a }\n"
              "    .n, .b { font-size: 10px; fill: #24292f; stroke: #ffffff; stroke-width: 3px; "
              "paint-order: stroke }\n"
              "    .b { text-anchor: end }");
    put_title(out, d);
    put_legend(out, d);
    put_part_edges(out, d);
    put_edges(out, d);
    put_nodes(out, d);
    svg_end(out);
}

gop_status layout_draw(const char *path, const zoo_layout *layout, gop_error *err)
{
    drawing d = {.layout = layout};
    gop_file *file = NULL;
    gop_status status;

    d.x = calloc(layout->nodes, sizeof *d.x);
    d.y = calloc(layout->nodes, sizeof *d.y);
    d.right = calloc(layout->nodes, sizeof *d.right);
    if (!d.x || !d.y || !d.right)
        status = gop_fail(err, GOP_ENOMEM, "out of memory");
    else
        status = place(&d, err);
    if (!status)
        status = gop_file_new(&file, path, err);
    if (!status) {
        put_on_page(&d);
        put_svg(gop_file_stream(file), &d);
        status = gop_file_commit(file, err);
    }
    free(d.x);
    free(d.y);
    free(d.right);
    return status;
}
