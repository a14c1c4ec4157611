/*
 * layout.c: finds, copies, compares and clears layouts.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/skeleton/layout_memory.h"

const zoo_layout *zoo_layout_find(const char *name)
{
    if (name != NULL && strcmp(name, "openpose18") == 0)
        name = "kinetics18";
    for (const zoo_layout *const *l = zoo_layout_list(); name != NULL && *l != NULL; l++)
        if (strcmp((*l)->name, name) == 0)
            return *l;
    return NULL;
}

bool zoo_layout_allocate(zoo_layout *l, zoo_layout_memory *m)
{
    size_t names = 1 + (size_t)l->nodes + l->parts;
    size_t channels = (size_t)l->nodes * l->channels;
    size_t edges = (size_t)l->n_edges + l->n_parents + l->n_part_edges + l->n_pairs;
    size_t pointers = (names - 1) * sizeof(char *);
    size_t numbers = (channels + l->nodes) * sizeof(uint32_t) + edges * sizeof(gop_edge) +
                     2 * (size_t)l->nodes * sizeof(float);
    char *block = calloc(1, pointers + numbers + names * ZOO_NAME_SIZE);
    l->memory = block;
    if (block == NULL)
        return false;
    m->node_name = (const char **)(void *)block;
    m->part_name = m->node_name + l->nodes;
    m->column = (uint32_t *)(void *)(block + pointers);
    m->part = m->column + channels;
    m->edges = (gop_edge *)(void *)(m->part + l->nodes);
    m->parents = m->edges + l->n_edges;
    m->part_edges = m->parents + l->n_parents;
    m->pairs = m->part_edges + l->n_part_edges;
    m->draw = (float *)(void *)(m->pairs + l->n_pairs);
    m->text = (char(*)[ZOO_NAME_SIZE])(void *)(m->draw + 2 * (size_t)l->nodes);
    for (size_t i = 0; i + 1 < names; i++)
        m->node_name[i] = m->text[i + 1];
    l->name = m->text[0];
    l->node_name = m->node_name;
    l->part_name = m->part_name;
    l->column = m->column;
    l->part = m->part;
    l->edges = m->edges;
    l->parents = m->parents;
    l->part_edges = m->part_edges;
    l->pairs = m->pairs;
    l->draw = NULL;
    return true;
}

static void copy_edges(gop_edge *to, const gop_edge *from, uint32_t n)
{
    if (n > 0)
        memcpy(to, from, n * sizeof *to);
}

gop_status zoo_layout_copy(zoo_layout *copy, const zoo_layout *layout, gop_error *err)
{
    if (copy == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_layout_copy: the result pointer is NULL");
    memset(copy, 0, sizeof *copy);
    gop_try(zoo_layout_check(layout, err));
    zoo_layout l = *layout;
    zoo_layout_memory m;
    if (!zoo_layout_allocate(&l, &m))
        return gop_fail(err, GOP_ENOMEM, "out of memory copying layout %s", layout->name);
    strcpy(m.text[0], layout->name);
    for (uint32_t i = 0; i < l.nodes; i++)
        strcpy(m.text[1 + i], layout->node_name[i]);
    for (uint32_t i = 0; i < l.parts; i++)
        strcpy(m.text[1 + l.nodes + i], layout->part_name[i]);
    memcpy(m.column, layout->column, (size_t)l.nodes * l.channels * sizeof *m.column);
    memcpy(m.part, layout->part, l.nodes * sizeof *m.part);
    copy_edges(m.edges, layout->edges, l.n_edges);
    copy_edges(m.parents, layout->parents, l.n_parents);
    copy_edges(m.part_edges, layout->part_edges, l.n_part_edges);
    copy_edges(m.pairs, layout->pairs, l.n_pairs);
    if (layout->draw != NULL) {
        memcpy(m.draw, layout->draw, 2 * (size_t)l.nodes * sizeof *m.draw);
        l.draw = m.draw;
    }
    *copy = l;
    return GOP_OK;
}

gop_status zoo_layout_drop_scores(zoo_layout *layout, gop_error *err)
{
    zoo_layout places, old;
    if (layout == NULL || layout->feature != ZOO_SCORED || layout->channels != 3)
        return gop_fail(err, GOP_EINVAL, "zoo_layout_drop_scores: a layout with scores is needed");
    uint32_t *column = malloc(2 * (size_t)layout->nodes * sizeof *column);
    if (column == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory copying layout %s", layout->name);
    for (size_t i = 0; i < 2 * (size_t)layout->nodes; i++)
        column[i] = layout->column[i / 2 * 3 + i % 2];
    places = *layout;
    places.feature = ZOO_IMAGE;
    places.channels = 2;
    places.column = column;
    old = *layout;
    const gop_status s = zoo_layout_copy(layout, &places, err);
    if (s == GOP_OK)
        zoo_layout_clear(&old);
    else
        *layout = old;
    free(column);
    return s;
}

void zoo_layout_clear(zoo_layout *layout)
{
    if (layout == NULL)
        return;
    free(layout->memory);
    memset(layout, 0, sizeof *layout);
}

static bool same_edges(const gop_edge *a, uint32_t n, const gop_edge *b, uint32_t m)
{
    for (uint32_t i = 0; i < n && n == m; i++)
        if (a[i].a != b[i].a || a[i].b != b[i].b)
            return false;
    return n == m;
}

void zoo_layout_difference(char *text, size_t size, const zoo_layout *a, const zoo_layout *b)
{
    if (text == NULL || size == 0)
        return;
    text[0] = '\0';
    if (a == NULL || b == NULL)
        return;
    const bool nodes = a->nodes == b->nodes, channels = nodes && a->channels == b->channels;
    const size_t n = a->nodes;
    const struct {
        const char *what;
        bool same;
    } all[] = {
        {"feature", a->feature == b->feature},
        {"axis up", zoo_layout_up(a) == zoo_layout_up(b)},
        {"axis ahead", zoo_layout_ahead(a) == zoo_layout_ahead(b)},
        {"number of nodes", nodes},
        {"number of channels", a->channels == b->channels},
        {"number of columns", a->columns == b->columns},
        {"columns of the nodes",
         !channels || memcmp(a->column, b->column, n * a->channels * sizeof *a->column) == 0},
        {"edges", same_edges(a->edges, a->n_edges, b->edges, b->n_edges)},
        {"parents", same_edges(a->parents, a->n_parents, b->parents, b->n_parents)},
        {"centre", a->centre == b->centre},
        {"parts",
         a->parts == b->parts && (!nodes || memcmp(a->part, b->part, n * sizeof *a->part) == 0)},
        {"part edges", same_edges(a->part_edges, a->n_part_edges, b->part_edges, b->n_part_edges)},
        {"pairs", same_edges(a->pairs, a->n_pairs, b->pairs, b->n_pairs)},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0] && used < size; i++)
        if (!all[i].same)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     all[i].what);
}

bool zoo_layout_equal(const zoo_layout *a, const zoo_layout *b)
{
    char text[8];
    zoo_layout_difference(text, sizeof text, a, b);
    return a != NULL && b != NULL && text[0] == '\0';
}
