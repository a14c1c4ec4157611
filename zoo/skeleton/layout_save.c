/*
 * layout_save.c: writes layouts to readable files in one canonical form: JSON, one node a line.
 * Writes one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/numeral.h"
#include "zoo/skeleton/layout_json.h"

const char *const zoo_json_axis[] = {"+x", "+y", "+z", "-x", "-y", "-z", NULL};

/* ------------------------------------------------------------------------- text */

static void put_text(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
    }
    putc('"', out);
}

/* Writes as many digits as a float needs, with a point or an exponent: 3.0, 1e-7. */
static bool put_number(FILE *out, float value)
{
    char text[ZOO_NUMERAL_SIZE];
    if (!isfinite(value))
        return false;
    zoo_numeral_write(text, sizeof text, (double)value, true);
    const size_t n = strcspn(text, "e");
    fwrite(text, 1, n, out);
    if (text[n] == 'e')
        fprintf(out, "e%d", atoi(text + n + 1));
    else if (strchr(text, '.') == NULL)
        fputs(".0", out);
    return true;
}

static void put_key(FILE *out, const char *key)
{
    fprintf(out, "  \"%s\": ", key);
}

/* ------------------------------------------------------------------------ layout */

static void put_axes(FILE *out, const zoo_layout *l)
{
    if (l->up == ZOO_AXIS_UNSET && l->ahead == ZOO_AXIS_UNSET)
        return;
    put_key(out, "axes");
    putc('{', out);
    if (l->up != ZOO_AXIS_UNSET)
        fprintf(out, "\"up\": \"%s\"", zoo_json_axis[l->up - 1]);
    if (l->ahead != ZOO_AXIS_UNSET)
        fprintf(out, "%s\"ahead\": \"%s\"", l->up == ZOO_AXIS_UNSET ? "" : ", ",
                zoo_json_axis[l->ahead - 1]);
    fputs("},\n", out);
}

static bool put_node(FILE *out, const zoo_layout *l, uint32_t i)
{
    bool good = true;
    fputs("    {\"name\": ", out);
    put_text(out, l->node_name[i]);
    fputs(", \"part\": ", out);
    put_text(out, l->part_name[l->part[i]]);
    fputs(", \"columns\": [", out);
    for (uint32_t c = 0; c < l->channels; c++)
        fprintf(out, "%s%u", c ? ", " : "", (unsigned)l->column[i * l->channels + c]);
    putc(']', out);
    if (l->draw != NULL) {
        fputs(", \"draw\": [", out);
        good = put_number(out, l->draw[2 * i]);
        fputs(", ", out);
        good = put_number(out, l->draw[2 * i + 1]) && good;
        putc(']', out);
    }
    fputs(i + 1 < l->nodes ? "},\n" : "}\n", out);
    return good;
}

static void put_links(FILE *out, const char *key, const gop_edge *e, uint32_t n,
                      const char *const *name, const char *end)
{
    put_key(out, key);
    fputs(n > 0 ? "[\n" : "[", out);
    for (uint32_t i = 0; i < n; i++) {
        fputs("    [", out);
        put_text(out, name[e[i].a]);
        fputs(", ", out);
        put_text(out, name[e[i].b]);
        fputs(i + 1 < n ? "],\n" : "]\n", out);
    }
    fprintf(out, "%s]%s\n", n > 0 ? "  " : "", end);
}

static bool put_layout(FILE *out, const zoo_layout *l)
{
    bool good = true;
    fprintf(out, "{\n  \"graphop_layout\": %d,\n", ZOO_JSON_VERSION);
    put_key(out, "name");
    put_text(out, l->name);
    fprintf(out, ",\n  \"feature\": \"%s\",\n", zoo_feature_name(l->feature));
    if (zoo_feature_channels(l->feature) == 0)
        fprintf(out, "  \"channels\": %u,\n", (unsigned)l->channels);
    put_axes(out, l);
    fprintf(out, "  \"columns\": %u,\n", (unsigned)l->columns);
    put_key(out, "centre");
    put_text(out, l->node_name[l->centre]);
    fputs(",\n", out);
    put_key(out, "parts");
    for (uint32_t i = 0; i < l->parts; i++) {
        fputs(i == 0 ? "[" : ", ", out);
        put_text(out, l->part_name[i]);
    }
    fputs("],\n  \"nodes\": [\n", out);
    for (uint32_t i = 0; i < l->nodes; i++)
        good = put_node(out, l, i) && good;
    fputs("  ],\n", out);
    put_links(out, "edges", l->edges, l->n_edges, l->node_name, ",");
    put_links(out, "part_edges", l->part_edges, l->n_part_edges, l->part_name,
              l->n_parents + l->n_pairs > 0 ? "," : "");
    if (l->n_parents > 0)
        put_links(out, "parents", l->parents, l->n_parents, l->node_name,
                  l->n_pairs > 0 ? "," : "");
    if (l->n_pairs > 0)
        put_links(out, "pairs", l->pairs, l->n_pairs, l->node_name, "");
    fputs("}\n", out);
    return good;
}

/* -------------------------------------------------------------------------- file */

static bool is_name(const char *text)
{
    return gop_is_text(text, strlen(text));
}

/* Refuses a layout that the reader would refuse. */
static gop_status check(const zoo_layout *l, gop_error *err)
{
    gop_try(zoo_layout_check(l, err));
    zoo_findings f = {.err = err};
    zoo_layout_examine_file(&f, l);
    for (uint32_t i = 0; i < l->nodes && f.status == GOP_OK; i++)
        if (!is_name(l->node_name[i]))
            zoo_findings_add(&f, GOP_EINVAL, "layout %s: the name of node %u is not plain UTF-8",
                             l->name, (unsigned)i);
    for (uint32_t i = 0; i < l->parts && f.status == GOP_OK; i++)
        if (!is_name(l->part_name[i]))
            zoo_findings_add(&f, GOP_EINVAL, "layout %s: the name of part %u is not plain UTF-8",
                             l->name, (unsigned)i);
    if (f.status == GOP_OK && !is_name(l->name))
        zoo_findings_add(&f, GOP_EINVAL, "the name of the layout is not plain UTF-8");
    return f.status;
}

gop_status zoo_layout_save(const zoo_layout *layout, const char *path, gop_error *err)
{
    gop_file *f;
    if (path == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_layout_save: the path is NULL");
    gop_status s = check(layout, err);
    if (s == GOP_OK)
        s = gop_file_new(&f, path, err);
    if (s != GOP_OK)
        return s;
    FILE *out = gop_file_stream(f);
    if (!put_layout(out, layout))
        s = gop_fail(err, GOP_EINVAL, "layout %s has a node without a finite drawing position",
                     layout->name);
    else if (ftell(out) > ZOO_LAYOUT_FILE_SIZE)
        s = gop_fail(err, GOP_EINVAL,
                     "layout %s needs more than %d bytes, the maximum of a layout file",
                     layout->name, ZOO_LAYOUT_FILE_SIZE);
    if (s == GOP_OK)
        return gop_file_commit(f, err);
    gop_file_discard(f);
    return s;
}
