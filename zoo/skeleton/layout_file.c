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
/* Entries that were added to the form later, left out where they hold nothing new: the axes if
 * they are +y and +z, the numbers of edges and parents if these are nodes - 1 and 0. */
#define AXES    "axes"
#define COUNTS  "graph"
#define NAMES   "node_names"

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
    return zoo_feature_in_image(feature) ? ZOO_AXIS_UNSET : ZOO_PLUS_Z;
}

void zoo_layout_write(gop_writer *w, const zoo_layout *l)
{
    if (l == NULL)
        return;
    bool axes = zoo_layout_up(l) != ZOO_PLUS_Y || zoo_layout_ahead(l) != ahead_unsaid(l->feature);
    bool counts = l->n_edges + 1 != l->nodes || l->n_parents > 0;
    gop_write_map(w, ENTRIES + (size_t)axes + (size_t)counts);
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
    if (counts) {
        const uint32_t n[2] = {l->n_edges, l->n_parents};
        write_numbers(w, COUNTS, n, 2);
    }
    write_names(w, NAMES, l->node_name, l->nodes);
    write_names(w, "part_names", l->part_name, l->parts);
    write_numbers(w, "node_columns", l->column, (size_t)l->nodes * l->channels);
    write_numbers(w, "node_parts", l->part, l->nodes);
    gop_write_key(w, "links");
    gop_write_map(w, l->n_parents > 0 ? 4 : 3);
    write_edges(w, "edges", l->edges, l->n_edges);
    if (l->n_parents > 0)
        write_edges(w, "parents", l->parents, l->n_parents);
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

static void read_items(gop_reader *r, size_t n)
{
    size_t found = gop_read_array(r);
    if (found != n)
        gop_reader_fail(r, "%zu entries instead of %zu", found, n);
}

static void read_numbers(gop_reader *r, const char *key, uint32_t *v, size_t n)
{
    gop_read_key(r, key);
    read_items(r, n);
    for (size_t i = 0; i < n && good(r); i++)
        v[i] = (uint32_t)gop_read_uint(r, UINT32_MAX);
}

static void read_edges(gop_reader *r, const char *key, gop_edge *e, uint32_t n)
{
    gop_read_key(r, key);
    read_items(r, 2 * (size_t)n);
    for (uint32_t i = 0; i < n && good(r); i++) {
        e[i].a = (uint32_t)gop_read_uint(r, UINT32_MAX);
        e[i].b = (uint32_t)gop_read_uint(r, UINT32_MAX);
    }
}

/* The key has been read. */
static void read_names(gop_reader *r, char (*text)[ZOO_NAME_SIZE], uint32_t n)
{
    read_items(r, n);
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

/* The entry COUNTS, if it is the next; else the next key, that of the nodes' names, has been read. */
static bool read_counts(gop_reader *r, zoo_layout *l)
{
    char key[16];
    gop_read_any_key(r, key, sizeof key);
    if (strcmp(key, COUNTS) != 0) {
        if (good(r) && strcmp(key, NAMES) != 0)
            gop_reader_fail(r, "expected the key %s", NAMES);
        return false;
    }
    if (gop_read_array(r) != 2)
        gop_reader_fail(r, "expected two numbers");
    l->n_edges = (uint32_t)gop_read_uint(r, ZOO_MAX_EDGES);
    l->n_parents = (uint32_t)gop_read_uint(r, ZOO_MAX_NODES);
    gop_read_key(r, NAMES);
    return true;
}

/* The key of the nodes' names has been read. */
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
    read_names(r, m.text + 1, l->nodes);
    gop_read_key(r, "part_names");
    read_names(r, m.text + 1 + l->nodes, l->parts);
    read_numbers(r, "node_columns", m.column, (size_t)l->nodes * l->channels);
    read_numbers(r, "node_parts", m.part, l->nodes);
    gop_read_key(r, "links");
    const size_t lists = l->n_parents > 0 ? 4 : 3;
    if (gop_read_map(r) != lists)
        gop_reader_fail(r, "expected %zu lists of links", lists);
    read_edges(r, "edges", m.edges, l->n_edges);
    if (l->n_parents > 0)
        read_edges(r, "parents", m.parents, l->n_parents);
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
    if (entries < ENTRIES || entries > ENTRIES + 2)
        gop_reader_fail(r, "a layout must have %d entries", ENTRIES);
    gop_read_key(r, "name");
    gop_read_text(r, name, sizeof name);
    l.feature = (zoo_feature)read_number(r, "feature", 255);
    l.nodes = read_number(r, "nodes", ZOO_MAX_NODES);
    l.channels = read_number(r, "channels", ZOO_MAX_CHANNELS);
    l.columns = read_number(r, "columns", ZOO_MAX_COLUMNS);
    l.parts = read_number(r, "parts", ZOO_MAX_NODES);
    l.n_pairs = read_number(r, "pairs", ZOO_MAX_NODES);
    l.n_part_edges = read_number(r, "part_edges", ZOO_MAX_EDGES);
    l.centre = read_number(r, "centre", ZOO_MAX_NODES);
    l.n_edges = l.nodes > 0 ? l.nodes - 1 : 0;
    const size_t known = ENTRIES + (size_t)read_counts(r, &l);
    if (good(r))
        read_rest(r, &l, name, entries > known);
    if (!good(r))
        zoo_layout_clear(&l);
    *layout = l;
}
