/*
 * layout-check.c: whether a layout makes sense.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "zoo/skeleton/layout.h"

static gop_status check_name(const char *what, uint32_t i, const char *name, gop_error *err)
{
    if (name == NULL || name[0] == '\0')
        return gop_fail(err, GOP_EINVAL, "%s %u of the layout has no name", what, (unsigned)i);
    if (strlen(name) >= ZOO_NAME_SIZE)
        return gop_fail(err, GOP_EINVAL, "the name of %s %u of the layout is longer than %d bytes",
                        what, (unsigned)i, ZOO_NAME_SIZE - 1);
    return GOP_OK;
}

static gop_status check_counts(const zoo_layout *l, gop_error *err)
{
    if (l->feature != ZOO_EXPMAP && l->feature != ZOO_POSITION && l->feature != ZOO_SCORED)
        return gop_fail(err, GOP_EINVAL, "layout %s has an unknown feature", l->name);
    if (l->channels != 3)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u channels, its feature has 3", l->name,
                        (unsigned)l->channels);
    if (l->nodes == 0 || l->nodes > ZOO_MAX_NODES)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u nodes, 1 to %d are possible", l->name,
                        (unsigned)l->nodes, ZOO_MAX_NODES);
    if (l->columns == 0 || l->columns > ZOO_MAX_COLUMNS)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u columns, 1 to %d are possible", l->name,
                        (unsigned)l->columns, ZOO_MAX_COLUMNS);
    if (l->parts == 0 || l->parts > l->nodes)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u parts for %u nodes", l->name,
                        (unsigned)l->parts, (unsigned)l->nodes);
    if (l->centre >= l->nodes)
        return gop_fail(err, GOP_EINVAL, "layout %s has centre %u of %u nodes", l->name,
                        (unsigned)l->centre, (unsigned)l->nodes);
    if (l->n_edges != l->nodes - 1)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u edges, a tree of %u nodes has %u",
                        l->name, (unsigned)l->n_edges, (unsigned)l->nodes,
                        (unsigned)(l->nodes - 1));
    if (l->n_part_edges > 8 * ZOO_MAX_NODES || l->n_pairs > l->nodes)
        return gop_fail(err, GOP_EINVAL, "layout %s has too many part edges or pairs", l->name);
    return GOP_OK;
}

/* Whether what the counts promise is there. */
static gop_status check_pointers(const zoo_layout *l, gop_error *err)
{
    if (l->node_name == NULL || l->column == NULL || l->part_name == NULL || l->part == NULL ||
        (l->n_edges > 0 && l->edges == NULL) || (l->n_part_edges > 0 && l->part_edges == NULL) ||
        (l->n_pairs > 0 && l->pairs == NULL))
        return gop_fail(err, GOP_EINVAL, "layout %s: one of its tables is missing", l->name);
    return GOP_OK;
}

static gop_status check_ends(const zoo_layout *l, const char *what, const gop_edge *e, uint32_t n,
                             uint32_t below, gop_error *err)
{
    for (uint32_t i = 0; i < n; i++)
        if (e[i].a >= below || e[i].b >= below || e[i].a == e[i].b)
            return gop_fail(err, GOP_EINVAL, "layout %s: %s %u joins %u and %u of %u", l->name,
                            what, (unsigned)i, (unsigned)e[i].a, (unsigned)e[i].b,
                            (unsigned)below);
    return GOP_OK;
}

/* Number of groups left after joining the ends of all edges; `group` has n. */
static uint32_t join(uint32_t *group, uint32_t n, const gop_edge *e, uint32_t n_edges)
{
    uint32_t groups = n;
    for (uint32_t i = 0; i < n; i++)
        group[i] = i;
    for (uint32_t k = 0; k < n_edges; k++) {
        uint32_t a = group[e[k].a], b = group[e[k].b];
        if (a == b)
            continue;
        for (uint32_t i = 0; i < n; i++)
            if (group[i] == b)
                group[i] = a;
        groups--;
    }
    return groups;
}

static gop_status check_columns(const zoo_layout *l, uint8_t *used, gop_error *err)
{
    for (uint32_t i = 0; i < l->nodes * l->channels; i++) {
        uint32_t c = l->column[i];
        if (c >= l->columns || used[c])
            return gop_fail(err, GOP_EINVAL, "layout %s: column %u of node %s %s", l->name,
                            (unsigned)c, l->node_name[i / l->channels],
                            c >= l->columns ? "does not exist" : "is used twice");
        used[c] = 1;
    }
    return GOP_OK;
}

static gop_status check_parts(const zoo_layout *l, uint32_t *count, gop_error *err)
{
    memset(count, 0, l->parts * sizeof *count);
    for (uint32_t i = 0; i < l->nodes; i++) {
        if (l->part[i] >= l->parts)
            return gop_fail(err, GOP_EINVAL, "layout %s: node %s is in part %u of %u", l->name,
                            l->node_name[i], (unsigned)l->part[i], (unsigned)l->parts);
        count[l->part[i]]++;
    }
    for (uint32_t p = 0; p < l->parts; p++)
        if (count[p] == 0)
            return gop_fail(err, GOP_EINVAL, "layout %s: part %s has no node", l->name,
                            l->part_name[p]);
    return GOP_OK;
}

static gop_status check_arrays(const zoo_layout *l, uint32_t *scratch, uint8_t *used,
                               gop_error *err)
{
    gop_status s = GOP_OK;
    for (uint32_t i = 0; i < l->nodes && s == GOP_OK; i++)
        s = check_name("node", i, l->node_name[i], err);
    for (uint32_t i = 0; i < l->parts && s == GOP_OK; i++)
        s = check_name("part", i, l->part_name[i], err);
    if (s == GOP_OK)
        s = check_columns(l, used, err);
    if (s == GOP_OK)
        s = check_ends(l, "edge", l->edges, l->n_edges, l->nodes, err);
    if (s == GOP_OK)
        s = check_ends(l, "part edge", l->part_edges, l->n_part_edges, l->parts, err);
    if (s == GOP_OK)
        s = check_ends(l, "pair", l->pairs, l->n_pairs, l->nodes, err);
    if (s == GOP_OK)
        s = check_parts(l, scratch, err);
    if (s == GOP_OK && join(scratch, l->nodes, l->edges, l->n_edges) != 1)
        s = gop_fail(err, GOP_EINVAL, "layout %s: the edges do not connect all nodes", l->name);
    if (s == GOP_OK && join(scratch, l->parts, l->part_edges, l->n_part_edges) != 1)
        s = gop_fail(err, GOP_EINVAL, "layout %s: the part edges do not connect all parts",
                     l->name);
    return s;
}

gop_status zoo_layout_check(const zoo_layout *layout, gop_error *err)
{
    if (layout == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_layout_check: no layout");
    gop_status s = check_name("table", 0, layout->name, err);
    if (s == GOP_OK)
        s = check_counts(layout, err);
    if (s == GOP_OK)
        s = check_pointers(layout, err);
    if (s != GOP_OK)
        return s;
    uint32_t *scratch = malloc(layout->nodes * sizeof *scratch);
    uint8_t *used = calloc(layout->columns, 1);
    if (scratch == NULL || used == NULL)
        s = gop_fail(err, GOP_ENOMEM, "out of memory checking layout %s", layout->name);
    else
        s = check_arrays(layout, scratch, used, err);
    free(scratch);
    free(used);
    return s;
}
