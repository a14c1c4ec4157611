/*
 * graph_names.c: names of nodes and parts.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

gop_status gop_names_copy(char ***copy, const char *const *names, size_t n, const char *of,
                          gop_error *err)
{
    size_t bytes = n * sizeof **copy;
    char *at;

    for (size_t i = 0; i < n; i++) {
        if (names[i] == NULL || names[i][0] == '\0')
            return gop_fail(err, GOP_EINVAL, "%s %zu of the graph has no name", of, i);
        bytes += strlen(names[i]) + 1;
    }
    *copy = malloc(bytes);
    if (*copy == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu %ss", n, of);
    at = (char *)(*copy + n);
    for (size_t i = 0; i < n; i++) {
        const size_t size = strlen(names[i]) + 1;
        (*copy)[i] = memcpy(at, names[i], size);
        at += size;
    }
    return GOP_OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* After sorting, equal names are neighbours. */
static gop_status check_different(char *const *names, size_t n, const char *of, gop_error *err)
{
    gop_status s = GOP_OK;
    const char **sorted = malloc(n * sizeof *sorted);

    if (sorted == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the names of %zu %ss", n, of);
    for (size_t i = 0; i < n; i++)
        sorted[i] = names[i];
    qsort(sorted, n, sizeof *sorted, by_text);
    for (size_t i = 1; i < n && s == GOP_OK; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            s = gop_fail(err, GOP_EINVAL, "two %ss of the graph have the name %.200s", of,
                         sorted[i]);
    free(sorted);
    return s;
}

/* Replaces the names, or fails and leaves them unchanged. */
static gop_status set_names(char ***to, const char *const *names, size_t n, const char *of,
                            gop_error *err)
{
    char **copy;

    gop_try(gop_names_copy(&copy, names, n, of, err));
    const gop_status s = check_different(copy, n, of, err);
    if (s != GOP_OK) {
        free(copy);
        return s;
    }
    free(*to);
    *to = copy;
    return GOP_OK;
}

GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err)
{
    gop_try(gop_graph_given(g, names, err));
    return set_names(&g->node_name, names, g->nodes, "node", err);
}

GOP_API gop_status gop_graph_name_parts(gop_graph *g, const char *const *names, gop_error *err)
{
    gop_try(gop_graph_given(g, names, err));
    if (g->parts == 0)
        return gop_fail(err, GOP_ESTATE, "the graph has no parts to name");
    return set_names(&g->part_name, names, g->parts, "part", err);
}

static size_t find(char *const *names, size_t n, const char *name)
{
    if (names != NULL && name != NULL)
        for (size_t i = 0; i < n; i++)
            if (strcmp(names[i], name) == 0)
                return i;
    return SIZE_MAX;
}

GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name)
{
    return g == NULL ? SIZE_MAX : find(g->node_name, g->nodes, name);
}

GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name)
{
    return g == NULL ? SIZE_MAX : find(g->part_name, g->parts, name);
}

GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node)
{
    return g == NULL || g->node_name == NULL || node >= g->nodes ? NULL : g->node_name[node];
}

GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part)
{
    return g == NULL || g->part_name == NULL || part >= g->parts ? NULL : g->part_name[part];
}
