/*
 * layout_check.c: checks layouts.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "zoo/skeleton/findings.h"

/* Wrong entries of a layout in memory are GOP_EINVAL, those of a file GOP_EFORMAT. */
#define WRONG(...) zoo_findings_add(f, f->path == NULL ? GOP_EINVAL : GOP_EFORMAT, __VA_ARGS__)

static void check_name(zoo_findings *f, const char *what, uint32_t i, const char *name)
{
    if (name == NULL || name[0] == '\0')
        WRONG("%s %u of the layout has no name", what, (unsigned)i);
    else if (strlen(name) >= ZOO_NAME_SIZE)
        WRONG("the name of %s %u of the layout is longer than %d bytes", what, (unsigned)i,
              ZOO_NAME_SIZE - 1);
}

static void check_counts(zoo_findings *f, const zoo_layout *l)
{
    if (zoo_feature_name(l->feature) == NULL)
        WRONG("layout %s has an unknown feature", l->name);
    const uint32_t channels = zoo_feature_channels(l->feature);
    if (channels > 0 && l->channels != channels)
        WRONG("layout %s has %u channels; its feature needs %u", l->name, (unsigned)l->channels,
              (unsigned)channels);
    if (l->channels == 0 || l->channels > ZOO_MAX_CHANNELS)
        WRONG("layout %s has %u channels; 1 to %d are allowed", l->name, (unsigned)l->channels,
              ZOO_MAX_CHANNELS);
    if (l->nodes == 0 || l->nodes > ZOO_MAX_NODES)
        WRONG("layout %s has %u nodes; 1 to %d are allowed", l->name, (unsigned)l->nodes,
              ZOO_MAX_NODES);
    if (l->columns == 0 || l->columns > ZOO_MAX_COLUMNS)
        WRONG("layout %s has %u columns; 1 to %d are allowed", l->name, (unsigned)l->columns,
              ZOO_MAX_COLUMNS);
    if (l->parts == 0 || l->parts > l->nodes)
        WRONG("layout %s has %u parts for %u nodes", l->name, (unsigned)l->parts,
              (unsigned)l->nodes);
    if (l->centre >= l->nodes)
        WRONG("layout %s has centre %u of %u nodes", l->name, (unsigned)l->centre,
              (unsigned)l->nodes);
    if (l->n_parents != 0 && l->n_parents + 1 != l->nodes)
        WRONG("layout %s has %u parents; each of its %u nodes but the centre has one", l->name,
              (unsigned)l->n_parents, (unsigned)l->nodes);
    if (l->n_edges > ZOO_MAX_EDGES || l->n_part_edges > ZOO_MAX_EDGES || l->n_pairs > l->nodes)
        WRONG("layout %s has too many edges, part edges or pairs", l->name);
}

/* Checks that every table that the counts require is set. */
static void check_pointers(zoo_findings *f, const zoo_layout *l)
{
    if (l->node_name == NULL || l->column == NULL || l->part_name == NULL || l->part == NULL ||
        (l->n_edges > 0 && l->edges == NULL) || (l->n_parents > 0 && l->parents == NULL) ||
        (l->n_part_edges > 0 && l->part_edges == NULL) || (l->n_pairs > 0 && l->pairs == NULL))
        WRONG("layout %s: one of its tables is NULL", l->name);
}

/* 0, 1, 2 for x, y, z; 3 if unset. */
static int along(zoo_axis axis)
{
    return axis == ZOO_AXIS_UNSET ? 3 : ((int)axis - 1) % 3;
}

static void check_axes(zoo_findings *f, const zoo_layout *l)
{
    zoo_axis up = zoo_layout_up(l), ahead = zoo_layout_ahead(l);
    if ((unsigned)up > ZOO_MINUS_Z || (unsigned)ahead > ZOO_MINUS_Z)
        WRONG("layout %s has axis %d; the largest is %d", l->name,
              (int)((unsigned)up > ZOO_MINUS_Z ? up : ahead), (int)ZOO_MINUS_Z);
    else if (zoo_feature_in_image(l->feature) && ahead != ZOO_AXIS_UNSET)
        WRONG("layout %s: positions in an image have no axis ahead", l->name);
    else if (zoo_feature_in_image(l->feature) && along(up) == 2)
        WRONG("layout %s: up is along z, but an image has only x and y", l->name);
    else if (along(up) == along(ahead))
        WRONG("layout %s: up and ahead are both along %c", l->name, "xyz"[along(up)]);
}

/* Checks that all ends of edges exist. */
static bool check_ends(zoo_findings *f, const zoo_layout *l, const char *what, const gop_edge *e,
                       uint32_t n, uint32_t below)
{
    bool good = true;
    for (uint32_t i = 0; i < n; i++) {
        if (e[i].a < below && e[i].b < below && e[i].a != e[i].b)
            continue;
        WRONG("layout %s: %s %u joins %u and %u of %u", l->name, what, (unsigned)i,
              (unsigned)e[i].a, (unsigned)e[i].b, (unsigned)below);
        good = false;
    }
    return good;
}

/* Joins `n` nodes by all edges or, if `part` is given, by edges whose ends have the same part:
 * group[i] is the same for connected nodes.  Returns the number of groups. */
static uint32_t join(uint32_t *group, uint32_t n, const gop_edge *e, uint32_t n_edges,
                     const uint32_t *part)
{
    uint32_t groups = n;
    for (uint32_t i = 0; i < n; i++)
        group[i] = i;
    for (uint32_t k = 0; k < n_edges; k++) {
        uint32_t a = group[e[k].a], b = group[e[k].b];
        if (a == b || (part != NULL && part[e[k].a] != part[e[k].b]))
            continue;
        for (uint32_t i = 0; i < n; i++)
            if (group[i] == b)
                group[i] = a;
        groups--;
    }
    return groups;
}

static bool same_ends(gop_edge a, gop_edge b)
{
    return (a.a == b.a && a.b == b.b) || (a.a == b.b && a.b == b.a);
}

static void check_once(zoo_findings *f, const zoo_layout *l, const char *what, const gop_edge *e,
                       uint32_t n, const char *const *name)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (same_ends(e[i], e[k])) {
                WRONG("layout %s: %ss %u and %u both join %s and %s", l->name, what, (unsigned)k,
                      (unsigned)i, name[e[i].a], name[e[i].b]);
                break;
            }
}

/* Checks that each node but the centre has one parent, and that parents lead to the centre. */
static void check_parents(zoo_findings *f, const zoo_layout *l, uint32_t *scratch)
{
    if (l->n_parents == 0 || !check_ends(f, l, "parent", l->parents, l->n_parents, l->nodes))
        return;
    memset(scratch, 0, l->nodes * sizeof *scratch);
    for (uint32_t i = 0; i < l->n_parents; i++) {
        const uint32_t node = l->parents[i].a;
        if (node == l->centre)
            WRONG("layout %s: the centre %s has a parent", l->name, l->node_name[node]);
        else if (scratch[node]++ > 0)
            WRONG("layout %s: node %s has two parents", l->name, l->node_name[node]);
    }
    if (join(scratch, l->nodes, l->parents, l->n_parents, NULL) != 1)
        WRONG("layout %s: the parents do not lead to the centre from all nodes", l->name);
}

static void check_columns(zoo_findings *f, const zoo_layout *l, uint8_t *used)
{
    for (uint32_t i = 0; i < l->nodes * l->channels; i++) {
        uint32_t c = l->column[i];
        if (c >= l->columns || used[c])
            WRONG("layout %s: column %u of node %s %s", l->name, (unsigned)c,
                  l->node_name[i / l->channels],
                  c >= l->columns ? "does not exist" : "is used twice");
        else
            used[c] = 1;
    }
}

static void check_parts(zoo_findings *f, const zoo_layout *l, uint32_t *count)
{
    memset(count, 0, l->parts * sizeof *count);
    for (uint32_t i = 0; i < l->nodes; i++) {
        if (l->part[i] >= l->parts)
            WRONG("layout %s: node %s is in part %u of %u", l->name, l->node_name[i],
                  (unsigned)l->part[i], (unsigned)l->parts);
        else
            count[l->part[i]]++;
    }
    for (uint32_t p = 0; p < l->parts; p++)
        if (count[p] == 0)
            WRONG("layout %s: part %s has no node", l->name, l->part_name[p]);
}

static void check_arrays(zoo_findings *f, const zoo_layout *l, uint32_t *scratch, uint8_t *used)
{
    for (uint32_t i = 0; i < l->nodes; i++)
        check_name(f, "node", i, l->node_name[i]);
    for (uint32_t i = 0; i < l->parts; i++)
        check_name(f, "part", i, l->part_name[i]);
    if (f->status != GOP_OK)
        return; /* names may not be printable */
    check_columns(f, l, used);
    bool edges = check_ends(f, l, "edge", l->edges, l->n_edges, l->nodes);
    bool part_edges = check_ends(f, l, "part edge", l->part_edges, l->n_part_edges, l->parts);
    check_ends(f, l, "pair", l->pairs, l->n_pairs, l->nodes);
    check_parts(f, l, scratch);
    if (edges)
        check_once(f, l, "edge", l->edges, l->n_edges, l->node_name);
    check_parents(f, l, scratch);
    if (edges && part_edges && join(scratch, l->nodes, l->edges, l->n_edges, NULL) == 1 &&
        join(scratch, l->parts, l->part_edges, l->n_part_edges, NULL) != 1)
        WRONG("layout %s: the part edges do not connect all parts", l->name);
}

void zoo_layout_examine(zoo_findings *f, const zoo_layout *l)
{
    if (l == NULL) {
        zoo_findings_add(f, GOP_EINVAL, "zoo_layout_check: the layout is NULL");
        return;
    }
    check_name(f, "table", 0, l->name);
    if (f->status == GOP_OK) {
        check_counts(f, l);
        check_axes(f, l);
    }
    if (f->status == GOP_OK)
        check_pointers(f, l);
    if (f->status != GOP_OK)
        return;
    uint32_t *scratch = malloc(l->nodes * sizeof *scratch);
    uint8_t *used = calloc(l->columns, 1);
    if (scratch == NULL || used == NULL)
        zoo_findings_add(f, GOP_ENOMEM, "out of memory checking layout %s", l->name);
    else
        check_arrays(f, l, scratch, used);
    free(scratch);
    free(used);
}

gop_status zoo_layout_check(const zoo_layout *layout, gop_error *err)
{
    zoo_findings f = {.err = err};
    zoo_layout_examine(&f, layout);
    return f.status;
}

/* --------------------------------------------------------------- what files keep */

static void check_twice(zoo_findings *f, const zoo_layout *l, const char *what,
                        const char *const *name, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < i; k++)
            if (name[i][0] != '\0' && strcmp(name[i], name[k]) == 0) {
                WRONG("layout %s: %ss %u and %u are both called %s", l->name, what, (unsigned)k,
                      (unsigned)i, name[i]);
                break;
            }
}

void zoo_layout_examine_names(zoo_findings *f, const zoo_layout *l)
{
    check_twice(f, l, "node", l->node_name, l->nodes);
    check_twice(f, l, "part", l->part_name, l->parts);
}

/* Checks that the nodes of a part are connected. */
static void check_pieces(zoo_findings *f, const zoo_layout *l, uint32_t *group)
{
    join(group, l->nodes, l->edges, l->n_edges, l->part);
    for (uint32_t i = 0; i < l->nodes; i++) {
        uint32_t first = 0;
        while (l->part[first] != l->part[i])
            first++;
        if (group[i] == group[first])
            continue;
        uint32_t told = first;
        while (group[told] != group[i])
            told++;
        if (told == i)
            WRONG("layout %s: part %s is not connected: its edges do not lead from %s to %s",
                  l->name, l->part_name[l->part[i]], l->node_name[first], l->node_name[i]);
    }
}

/* The counterpart of each node in a pair, or the node itself. */
static void mirror_nodes(zoo_findings *f, const zoo_layout *l, uint32_t *mirror)
{
    for (uint32_t i = 0; i < l->nodes; i++)
        mirror[i] = i;
    for (uint32_t i = 0; i < l->n_pairs; i++) {
        const uint32_t a = l->pairs[i].a, b = l->pairs[i].b;
        const uint32_t twice = mirror[a] != a ? a : b;
        if (mirror[twice] != twice)
            zoo_findings_odd(f, "layout %s: node %s is in two pairs", l->name, l->node_name[twice]);
        mirror[a] = b;
        mirror[b] = a;
    }
}

/* Finds edges between paired nodes whose mirror image is missing. */
static void check_pairs(zoo_findings *f, const zoo_layout *l, uint32_t *mirror)
{
    mirror_nodes(f, l, mirror);
    for (uint32_t i = 0; i < l->n_edges; i++) {
        const gop_edge image = {mirror[l->edges[i].a], mirror[l->edges[i].b]};
        uint32_t k = 0;
        while (k < l->n_edges && !same_ends(image, l->edges[k]))
            k++;
        if (k == l->n_edges)
            zoo_findings_odd(
                f, "layout %s: %s and %s are joined, but their counterparts %s and %s are not",
                l->name, l->node_name[l->edges[i].a], l->node_name[l->edges[i].b],
                l->node_name[image.a], l->node_name[image.b]);
    }
}

void zoo_layout_examine_file(zoo_findings *f, const zoo_layout *l)
{
    uint32_t *scratch = malloc(l->nodes * sizeof *scratch);
    if (scratch == NULL) {
        zoo_findings_add(f, GOP_ENOMEM, "out of memory checking layout %s", l->name);
        return;
    }
    zoo_layout_examine_names(f, l);
    check_once(f, l, "part edge", l->part_edges, l->n_part_edges, l->part_name);
    check_pieces(f, l, scratch);
    if (l->n_pairs > 0)
        check_pairs(f, l, scratch);
    free(scratch);
}
