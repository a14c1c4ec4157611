/*
 * layout_file.c: layouts inside data sets and models, through graphop's writer
 * and reader.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/skeleton/layout_memory.h"

#define ENTRIES 14
/* The axes, an optional entry if they are not +y and +z; added to the form later. */
#define AXES    "axes"

static void write_names(gop_writer *w, const char *key, const char *const *name, uint32_t n)
{
    gop_write_key(w, key);
    gop_write_array(w, n);
    for (uint32_t i = 0; i < n; i++)
        gop_write_text(w, name[i]);
}

static void write_number(gop_writer *w, const char *key, uint32_t v)
{
    gop_write_key(w, key);
    gop_write_uint(w, v);
}

static void write_numbers(gop_writer *w, const char *key, const uint32_t *v, size_t n)
{
    gop_write_key(w, key);
    gop_write_array(w, n);
    for (size_t i = 0; i < n; i++)
        gop_write_uint(w, v[i]);
}

static void write_edges(gop_writer *w, const char *key, const gop_edge *e, uint32_t n)
{
    gop_write_key(w, key);
    gop_write_array(w, 2 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        gop_write_uint(w, e[i].a);
        gop_write_uint(w, e[i].b);
    }
}

static zoo_axis ahead_unsaid(zoo_feature feature)
{
    return feature == ZOO_SCORED ? ZOO_AXIS_UNSET : ZOO_PLUS_Z;
}

void zoo_layout_write(gop_writer *w, const zoo_layout *l)
{
    if (l == NULL)
        return;
    bool axes = zoo_layout_up(l) != ZOO_PLUS_Y || zoo_layout_ahead(l) != ahead_unsaid(l->feature);
    gop_write_map(w, ENTRIES + axes);
    gop_write_key(w, "name");
    gop_write_text(w, l->name);
    write_number(w, "feature", (uint32_t)l->feature);
    write_number(w, "nodes", l->nodes);
    write_number(w, "channels", l->channels);
    write_number(w, "columns", l->columns);
    write_number(w, "parts", l->parts);
    write_number(w, "pairs", l->n_pairs);
    write_number(w, "part_edges", l->n_part_edges);
    write_number(w, "centre", l->centre);
    write_names(w, "node_names", l->node_name, l->nodes);
    write_names(w, "part_names", l->part_name, l->parts);
    write_numbers(w, "node_columns", l->column, (size_t)l->nodes * l->channels);
    write_numbers(w, "node_parts", l->part, l->nodes);
    gop_write_key(w, "links");
    gop_write_map(w, 3);
    write_edges(w, "edges", l->edges, l->n_edges);
    write_edges(w, "part_edges", l->part_edges, l->n_part_edges);
    write_edges(w, "pairs", l->pairs, l->n_pairs);
    if (axes) {
        const uint32_t way[2] = {(uint32_t)l->up, (uint32_t)l->ahead};
        write_numbers(w, AXES, way, 2);
    }
}

static bool good(const gop_reader *r)
{
    return gop_reader_status(r, NULL) == GOP_OK;
}

static uint32_t read_number(gop_reader *r, const char *key, uint32_t max)
{
    gop_read_key(r, key);
    return (uint32_t)gop_read_uint(r, max);
}

static void read_count(gop_reader *r, const char *key, size_t n)
{
    gop_read_key(r, key);
    size_t found = gop_read_array(r);
    if (found != n)
        gop_reader_fail(r, "%zu entries instead of %zu", found, n);
}

static void read_numbers(gop_reader *r, const char *key, uint32_t *v, size_t n)
{
    read_count(r, key, n);
    for (size_t i = 0; i < n && good(r); i++)
        v[i] = (uint32_t)gop_read_uint(r, UINT32_MAX);
}

static void read_edges(gop_reader *r, const char *key, gop_edge *e, uint32_t n)
{
    read_count(r, key, 2 * (size_t)n);
    for (uint32_t i = 0; i < n && good(r); i++) {
        e[i].a = (uint32_t)gop_read_uint(r, UINT32_MAX);
        e[i].b = (uint32_t)gop_read_uint(r, UINT32_MAX);
    }
}

static void read_names(gop_reader *r, const char *key, char (*text)[ZOO_NAME_SIZE], uint32_t n)
{
    read_count(r, key, n);
    for (uint32_t i = 0; i < n && good(r); i++)
        gop_read_text(r, text[i], ZOO_NAME_SIZE);
}

static void read_axes(gop_reader *r, zoo_layout *l)
{
    uint32_t way[2] = {0, 0};
    read_numbers(r, AXES, way, 2);
    if (way[0] > ZOO_MINUS_Z || way[1] > ZOO_MINUS_Z) {
        gop_reader_fail(r, "an axis must be at most %d", (int)ZOO_MINUS_Z);
        return;
    }
    l->up = (zoo_axis)way[0];
    l->ahead = (zoo_axis)way[1];
}

static void read_rest(gop_reader *r, zoo_layout *l, const char *name, bool axes)
{
    zoo_layout_memory m;
    gop_error e;
    if (!zoo_layout_allocate(l, &m)) {
        gop_fail(&e, GOP_ENOMEM, "out of memory for layout %s", name);
        gop_reader_refuse(r, &e);
        return;
    }
    memcpy(m.text[0], name, ZOO_NAME_SIZE);
    read_names(r, "node_names", m.text + 1, l->nodes);
    read_names(r, "part_names", m.text + 1 + l->nodes, l->parts);
    read_numbers(r, "node_columns", m.column, (size_t)l->nodes * l->channels);
    read_numbers(r, "node_parts", m.part, l->nodes);
    gop_read_key(r, "links");
    if (gop_read_map(r) != 3)
        gop_reader_fail(r, "expected three lists of links");
    read_edges(r, "edges", m.edges, l->n_edges);
    read_edges(r, "part_edges", m.part_edges, l->n_part_edges);
    read_edges(r, "pairs", m.pairs, l->n_pairs);
    if (axes)
        read_axes(r, l);
    if (good(r) && zoo_layout_check(l, &e) != GOP_OK)
        gop_reader_refuse(r, &e);
}

void zoo_layout_read(gop_reader *r, zoo_layout *layout)
{
    zoo_layout l = {0};
    char name[ZOO_NAME_SIZE] = "";
    if (layout == NULL) {
        gop_reader_fail(r, "the result pointer is NULL");
        return;
    }
    size_t entries = gop_read_map(r);
    if (entries != ENTRIES && entries != ENTRIES + 1)
        gop_reader_fail(r, "a layout must have %d entries", ENTRIES);
    gop_read_key(r, "name");
    gop_read_text(r, name, sizeof name);
    l.feature = (zoo_feature)read_number(r, "feature", 255);
    l.nodes = read_number(r, "nodes", ZOO_MAX_NODES);
    l.channels = read_number(r, "channels", ZOO_MAX_CHANNELS);
    l.columns = read_number(r, "columns", ZOO_MAX_COLUMNS);
    l.parts = read_number(r, "parts", ZOO_MAX_NODES);
    l.n_pairs = read_number(r, "pairs", ZOO_MAX_NODES);
    l.n_part_edges = read_number(r, "part_edges", 8 * ZOO_MAX_NODES);
    l.centre = read_number(r, "centre", ZOO_MAX_NODES);
    l.n_edges = l.nodes > 0 ? l.nodes - 1 : 0;
    if (good(r))
        read_rest(r, &l, name, entries > ENTRIES);
    if (!good(r))
        zoo_layout_clear(&l);
    *layout = l;
}
