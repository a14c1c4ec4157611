/*
 * strip.c: draws poses as SVG.  Writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "strip.h"

#include <math.h>
#include <stdio.h>

#include "svg.h"

/* Number of poses of each kind, and sizes in SVG units. */
#define SHOWN   5
#define CELL    108.0
#define TALLEST 200.0
#define MARGIN  24.0
#define TOP     64.0

#define GREY    "#8b929a"
#define GREEN   "#2a9d5c"
#define ORANGE  "#f0802a"

/* Seen from the front left, so that steps ahead and arms at the side both show. */
#define TURN    (55.0 * 3.14159265358979 / 180.0)

/* Maps metres to the page; `floor` is the page coordinate of the lowest point. */
typedef struct view {
    double scale, ground, floor;
} view;

static double coordinate(const strip *s, const float *frame, uint32_t node, uint32_t channel)
{
    if (channel >= s->layout->channels)
        return 0;
    return (double)frame[s->layout->column[node * s->layout->channels + channel]];
}

/* Coordinate of a point along an axis. */
static double along(const strip *s, const float *frame, uint32_t node, zoo_axis axis)
{
    double v = coordinate(s, frame, node, (uint32_t)(axis - 1) % 3);

    return axis > ZOO_PLUS_Z ? -v : v;
}

/* Coordinate towards the subject's left: up x ahead. */
static zoo_axis leftwards(zoo_axis up, zoo_axis ahead)
{
    int u = (int)(up - 1) % 3, a = (int)(ahead - 1) % 3;
    bool against = (up > ZOO_PLUS_Z) != (ahead > ZOO_PLUS_Z);

    return (zoo_axis)(3 - u - a + (against != ((u + 1) % 3 != a) ? ZOO_MINUS_X : ZOO_PLUS_X));
}

/* Horizontal coordinate on the page before scaling; an image is not rotated. */
static double across(const strip *s, const float *frame, uint32_t node)
{
    zoo_axis up = zoo_layout_up(s->layout), ahead = zoo_layout_ahead(s->layout);

    if (ahead == ZOO_AXIS_UNSET)
        return along(s, frame, node, (up - 1) % 3 == 0 ? ZOO_PLUS_Y : ZOO_PLUS_X);
    return along(s, frame, node, leftwards(up, ahead)) * cos(TURN) +
           along(s, frame, node, ahead) * sin(TURN);
}

static double up(const strip *s, const float *frame, uint32_t node)
{
    return along(s, frame, node, zoo_layout_up(s->layout));
}

/* Standard deviations on the page before scaling.  Those of a joint's coordinates count as
 * independent. */
static double across_deviation(const strip *s, const float *deviation, uint32_t node)
{
    zoo_axis up = zoo_layout_up(s->layout), ahead = zoo_layout_ahead(s->layout);

    if (ahead == ZOO_AXIS_UNSET)
        return fabs(along(s, deviation, node, (up - 1) % 3 == 0 ? ZOO_PLUS_Y : ZOO_PLUS_X));
    return hypot(along(s, deviation, node, leftwards(up, ahead)) * cos(TURN),
                 along(s, deviation, node, ahead) * sin(TURN));
}

static double up_deviation(const strip *s, const float *deviation, uint32_t node)
{
    return fabs(up(s, deviation, node));
}

/* A coordinate that is missing counts as 0. */
static double known(double v)
{
    return isnan(v) ? 0 : v;
}

/* A joint that the detector did not find, or that is missing, has no position. */
static bool missing(const strip *s, const float *frame, uint32_t node)
{
    for (uint32_t k = 0; k < s->layout->channels; k++)
        if (isnan(coordinate(s, frame, node, k)))
            return true;
    return s->layout->feature == ZOO_SCORED && coordinate(s, frame, node, 2) <= 0;
}

/* Index, among n frames, of the i-th of `shown` evenly spaced frames that end at the last one. */
static size_t pick(size_t n, size_t shown, size_t i)
{
    return n - 1 - (shown - 1 - i) * n / shown;
}

/* Observed poses have the spacing of the predicted ones, as far as there are frames.  Without
 * predicted poses, they are spread over all observed frames. */
static size_t pick_observed(const strip *s, size_t shown, size_t i)
{
    if (s->predicted == 0 || shown < 2)
        return pick(s->observed, shown, i);
    size_t step = s->predicted / SHOWN > 0 ? s->predicted / SHOWN : 1;
    const size_t most = (s->observed - 1) / (shown - 1);

    step = step < most ? step : most;
    return s->observed - 1 - (shown - 1 - i) * step;
}

static size_t at_most(size_t n)
{
    return n < SHOWN ? n : SHOWN;
}

/* Scales the tallest and the widest pose, with its deviations if it has them, to fit into a cell. */
static void widen(const strip *s, const float *frame, const float *deviation, const float *centre,
                  double *low, double *high, double *wide)
{
    double middle = known(across(s, centre, s->layout->centre));

    for (uint32_t n = 0; n < s->layout->nodes; n++) {
        if (missing(s, frame, n))
            continue;
        double y = up(s, frame, n), x = fabs(across(s, frame, n) - middle);
        double dx = deviation ? known(across_deviation(s, deviation, n)) : 0;
        double dy = deviation ? known(up_deviation(s, deviation, n)) : 0;
        if (y - dy < *low)
            *low = y - dy;
        if (y + dy > *high)
            *high = y + dy;
        if (x + dx > *wide)
            *wide = x + dx;
    }
}

static view fit(const strip *s)
{
    size_t columns = s->layout->columns;
    const float *last = s->past + (s->observed - 1) * columns;
    double low = known(up(s, last, 0)), high = low, wide = 1e-6;

    for (size_t i = 0; i < at_most(s->observed); i++) {
        const float *f = s->past + pick_observed(s, at_most(s->observed), i) * columns;
        widen(s, f, NULL, f, &low, &high, &wide);
    }
    for (size_t i = 0; i < at_most(s->predicted); i++) {
        size_t k = pick(s->predicted, at_most(s->predicted), i);
        const float *f = s->future + k * columns, *t = s->truth ? s->truth + k * columns : f;
        widen(s, f, s->deviation ? s->deviation + k * columns : NULL, t, &low, &high, &wide);
        widen(s, t, NULL, t, &low, &high, &wide);
    }
    /* Neighbours spread out at different times, so they may reach into each other's cells. */
    double tall = TALLEST / (high - low > 1e-6 ? high - low : 1);
    double broad = 1.3 * CELL / (2 * wide);
    double scale = tall < broad ? tall : broad;
    view v = {.scale = scale, .ground = low, .floor = TOP + scale * (high - low) + 10};
    return v;
}

/* ------------------------------------------------------------------ drawing */

/* Draws one pose into the cell that begins at `left`.  The centre of frame `centre` is put in
 * the middle of the cell, so that a prediction that has drifted appears beside the truth. */
static void put_pose(FILE *out, const strip *s, const view *v, const float *frame,
                     const float *centre, double left, const char *class)
{
    const zoo_layout *l = s->layout;
    double middle = known(across(s, centre, l->centre));
    bool on = false; /* whether the previous edge was drawn */

    fprintf(out, "  <path class=\"%s\" d=\"", class);
    for (uint32_t e = 0; e < l->n_edges; e++) {
        const uint32_t ends[2] = {l->edges[e].a, l->edges[e].b};
        if (missing(s, frame, ends[0]) || missing(s, frame, ends[1])) {
            on = false;
            continue;
        }
        /* A bone that begins where the last one ended continues its line. */
        for (int i = on && l->edges[e - 1].b == ends[0]; i < 2; i++)
            fprintf(out, "%s%.1f %.1f", i ? "L" : "M",
                    left + CELL / 2 + v->scale * (across(s, frame, ends[i]) - middle),
                    v->floor - v->scale * (up(s, frame, ends[i]) - v->ground));
        on = true;
    }
    fputs("\"/>\n", out);
}

/* Draws an ellipse around each joint of a predicted pose, placed as put_pose places the pose. */
static void put_spread(FILE *out, const strip *s, const view *v, const float *frame,
                       const float *deviation, const float *centre, double left)
{
    double middle = known(across(s, centre, s->layout->centre));

    for (uint32_t n = 0; n < s->layout->nodes; n++) {
        double rx = v->scale * across_deviation(s, deviation, n);
        double ry = v->scale * up_deviation(s, deviation, n);
        if (!missing(s, frame, n) && rx + ry >= 0.1)
            fprintf(out, "  <ellipse cx=\"%.1f\" cy=\"%.1f\" rx=\"%.2f\" ry=\"%.2f\"/>\n",
                    left + CELL / 2 + v->scale * (across(s, frame, n) - middle),
                    v->floor - v->scale * (up(s, frame, n) - v->ground), rx, ry);
    }
}

static void put_time(FILE *out, const view *v, double left, double milliseconds)
{
    fprintf(out, "  <text class=\"t\" x=\"%.1f\" y=\"%.1f\">%s%.0f ms</text>\n", left + CELL / 2,
            v->floor + 22, milliseconds > 0 ? "+" : "", milliseconds);
}

static void put_legend(FILE *out, const strip *s, double width)
{
    static const char *const words[] = {"observed", "true", "predicted"};
    static const char *const class[] = {"o", "g", "p"};
    int kinds = s->predicted ? 3 : 1;
    double x = width - MARGIN - (kinds == 1 ? 87 : s->truth ? 252 : 182);

    if (s->deviation) {
        x -= 155;
        fprintf(out,
                "  <ellipse cx=\"%.0f\" cy=\"22\" rx=\"9\" ry=\"6\"/>\n"
                "  <text class=\"l\" x=\"%.0f\" y=\"26\">standard deviation</text>\n",
                x + 11, x + 28);
        x += 155;
    }
    for (int i = 0; i < kinds; i++) {
        if (i == 1 && !s->truth)
            continue;
        fprintf(out,
                "  <path class=\"%s\" d=\"M%.0f 22h22\"/>\n"
                "  <text class=\"l\" x=\"%.0f\" y=\"26\">%s</text>\n",
                class[i], x, x + 28, words[i]);
        x += i == 1 ? 70 : 95;
    }
}

static void put_poses(FILE *out, const strip *s, const view *v)
{
    size_t columns = s->layout->columns, n = at_most(s->observed), m = at_most(s->predicted);
    double frame_ms = 1000.0 / s->rate;

    for (size_t i = 0; i < n; i++) {
        size_t k = pick_observed(s, n, i);
        double left = MARGIN + (double)i * CELL;
        const float *f = s->past + k * columns;
        put_pose(out, s, v, f, f, left, "o");
        put_time(out, v, left, k + 1 < s->observed ? -(double)(s->observed - 1 - k) * frame_ms : 0);
    }
    double line = MARGIN + (double)n * CELL;
    if (m > 0)
        fprintf(out, "  <path class=\"d\" d=\"M%.1f %.1fV%.1f\"/>\n", line, TOP - 14,
                v->floor + 26);
    for (size_t i = 0; i < m; i++) {
        size_t k = pick(s->predicted, m, i);
        double left = line + (double)i * CELL;
        const float *f = s->future + k * columns, *t = s->truth ? s->truth + k * columns : f;
        if (s->truth)
            put_pose(out, s, v, t, t, left, "g");
        if (s->deviation)
            put_spread(out, s, v, f, s->deviation + k * columns, t, left);
        put_pose(out, s, v, f, t, left, "p");
        put_time(out, v, left, (double)(k + 1) * frame_ms);
    }
}

static void put_svg(FILE *out, const strip *s)
{
    view v = fit(s);
    double width = 2 * MARGIN + CELL * (double)(at_most(s->observed) + at_most(s->predicted));
    double height = v.floor + 36;

    svg_begin(out, width, height,
              "path { fill: none; stroke-linecap: round; stroke-linejoin: round }\n"
              "    .o { stroke: " GREY "; stroke-width: 2.4 }\n"
              "    .g { stroke: " GREEN "; stroke-width: 2.4 }\n"
              "    .p { stroke: " ORANGE "; stroke-width: 2.2; stroke-dasharray: 5 3.5 }\n"
              "    .d { stroke: #d5d9de; stroke-width: 1 }\n"
              "    ellipse { fill: " ORANGE "; fill-opacity: 0.2; stroke: #57606a; "
              "stroke-width: 0.7 }\n"
              "    .h { font-size: 15px; font-weight: bold; fill: #24292f }\n"
              "    .c { font-size: 12px; fill: #57606a } .l { font-size: 12px; fill: #57606a }\n"
              "    .t { font-size: 11px; fill: #57606a; text-anchor: middle }");
    fprintf(out, "  <text class=\"h\" x=\"%.0f\" y=\"27\">", MARGIN);
    svg_text(out, s->title);
    fprintf(out, "</text>\n  <text class=\"c\" x=\"%.0f\" y=\"46\">", MARGIN);
    svg_text(out, s->caption);
    fputs("</text>\n", out);
    put_legend(out, s, width);
    put_poses(out, s, &v);
    svg_end(out);
}

gop_status strip_write(const char *path, const strip *s, gop_error *err)
{
    gop_file *file;

    if (s->layout->feature == ZOO_EXPMAP || s->layout->channels < 2)
        return gop_fail(err, GOP_EINVAL,
                        "poses of layout %s cannot be drawn: they hold no positions",
                        s->layout->name);
    gop_status status = gop_file_new(&file, path, err);
    if (status)
        return status;
    put_svg(gop_file_stream(file), s);
    return gop_file_commit(file, err);
}
