/*
 * graph_data.c: matrices and lists of a graph in the form that operators take.  A kind of data is
 * one row of `kinds`.
 *
 * Source of GOP_GRAPH_SPATIAL: spatial configuration partitioning, ST-GCN, Yan et al. 2018,
 * section 3.3.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

/* The members of a gop_graph_data that a kind reads. */
enum { NORM = 1, LOOPS = 2, HOPS = 4, ROOT = 8, APART = 16, BOTH = 32 };

typedef struct kind {
    const char *name;
    unsigned reads;
    gop_shape (*shape)(const gop_graph *g, const gop_graph_data *what);
    gop_status (*fill)(gop_real *out, const gop_graph *g, const gop_graph_data *what,
                       gop_error *err);
} kind;

/* -------------------------------------------------------------------------- shapes */

static gop_shape square(const gop_graph *g, const gop_graph_data *what)
{
    (void)what;
    return gop_shape2(g->nodes, g->nodes);
}

static gop_shape for_each_hop(const gop_graph *g, const gop_graph_data *what)
{
    return gop_shape3(what->hops, g->nodes, g->nodes);
}

static gop_shape subsets(const gop_graph *g, const gop_graph_data *what)
{
    (void)what;
    return gop_shape3(3, g->nodes, g->nodes);
}

static gop_shape edges_by_nodes(const gop_graph *g, const gop_graph_data *what)
{
    (void)what;
    return gop_shape2(g->n_edges, g->nodes);
}

static gop_shape for_each_node(const gop_graph *g, const gop_graph_data *what)
{
    (void)what;
    return gop_shape1(g->nodes);
}

static gop_shape pairs(const gop_graph *g, const gop_graph_data *what)
{
    return gop_shape2((what->both ? 2 : 1) * g->n_edges + (what->loops ? g->nodes : 0), 2);
}

/* ------------------------------------------------------------------------ matrices */

static void fill_binary(gop_real *A, const gop_graph *g, bool loops)
{
    const size_t n = g->nodes;

    memset(A, 0, n * n * sizeof *A);
    for (size_t i = 0; i < n && loops; i++)
        A[i * n + i] = 1;
    for (size_t e = 0; e < g->n_edges; e++) {
        A[g->edges[e].a * n + g->edges[e].b] = 1;
        A[g->edges[e].b * n + g->edges[e].a] = 1;
    }
}

static gop_status fill_adjacency(gop_real *A, const gop_graph *g, const gop_graph_data *what,
                                 gop_error *err)
{
    fill_binary(A, g, what->loops);
    return gop_graph_normalise(A, g->nodes, what->norm, err);
}

/* out = A B, all n x n; A is sparse, and its zeros are skipped. */
static void multiply(gop_real *restrict out, const gop_real *restrict A, const gop_real *restrict B,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            out[i * n + j] = 0;
        for (size_t k = 0; k < n; k++) {
            const gop_real a = A[i * n + k];
            if (a == 0)
                continue;
            for (size_t j = 0; j < n; j++)
                out[i * n + j] += a * B[k * n + j];
        }
    }
}

static gop_status fill_powers(gop_real *P, const gop_graph *g, const gop_graph_data *what,
                              gop_error *err)
{
    const size_t size = g->nodes * g->nodes;

    gop_try(fill_adjacency(P, g, what, err));
    for (size_t k = 1; k < what->hops; k++)
        multiply(P + k * size, P, P + (k - 1) * size, g->nodes);
    return GOP_OK;
}

static gop_status fill_hops(gop_real *H, const gop_graph *g, const gop_graph_data *what,
                            gop_error *err)
{
    const size_t n = g->nodes;
    const bool within = what->kind == GOP_GRAPH_WITHIN_HOPS;
    uint32_t *d = malloc(2 * n * sizeof *d);

    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", n);
    for (size_t i = 0; i < n; i++) {
        gop_spread(&g->at, i, d, NULL, d + n);
        for (size_t k = 0; k < what->hops; k++)
            for (size_t j = 0; j < n; j++)
                H[(k * n + i) * n + j] = d[j] == k + 1 || (within && d[j] <= k);
    }
    free(d);
    return GOP_OK;
}

/* Moves entries of the first of three matrices that are not in the root subset to the other two. */
static void part_subsets(gop_real *A, const uint32_t *d, size_t n)
{
    memset(A + n * n, 0, 2 * n * n * sizeof *A);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (d[j] != d[i]) {
                A[((d[j] < d[i] ? 1 : 2) * n + i) * n + j] = A[i * n + j];
                A[i * n + j] = 0;
            }
}

static gop_status fill_spatial(gop_real *A, const gop_graph *g, const gop_graph_data *what,
                               gop_error *err)
{
    const size_t n = g->nodes;
    uint32_t *d = malloc(n * sizeof *d);
    gop_status s;

    if (d == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", n);
    s = gop_graph_spread(g, what->root, d, NULL, err);
    if (s == GOP_OK) {
        fill_binary(A, g, what->loops);
        if (!what->apart)
            s = gop_graph_normalise(A, n, what->norm, err);
        part_subsets(A, d, n);
    }
    for (size_t k = 0; k < 3 && what->apart && s == GOP_OK; k++)
        s = gop_graph_normalise(A + k * n * n, n, what->norm, err);
    free(d);
    return s;
}

static gop_status fill_bones(gop_real *B, const gop_graph *g, const gop_graph_data *what,
                             gop_error *err)
{
    gop_edge *outward = malloc((g->n_edges + 1) * sizeof *outward);
    gop_status s;

    if (outward == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bones of %zu edges", g->n_edges);
    s = gop_graph_outward(outward, g, what->root, err);
    if (s == GOP_OK)
        memset(B, 0, g->n_edges * g->nodes * sizeof *B);
    for (size_t e = 0; e < g->n_edges && s == GOP_OK; e++) {
        B[e * g->nodes + outward[e].b] = 1;
        B[e * g->nodes + outward[e].a] = -1;
    }
    free(outward);
    return s;
}

static gop_status fill_node_bones(gop_real *B, const gop_graph *g, const gop_graph_data *what,
                                  gop_error *err)
{
    uint32_t *parent = malloc(g->nodes * sizeof *parent);
    gop_status s;

    if (parent == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the bones of %zu nodes", g->nodes);
    s = gop_graph_parents(parent, g, what->root, err);
    if (s == GOP_OK)
        memset(B, 0, g->nodes * g->nodes * sizeof *B);
    for (size_t i = 0; i < g->nodes && s == GOP_OK; i++) {
        B[i * g->nodes + i] += 1; /* the root is its own parent: 1 - 1 */
        B[i * g->nodes + parent[i]] -= 1;
    }
    free(parent);
    return s;
}

/* --------------------------------------------------------------------------- lists */

static gop_status fill_part_numbers(gop_real *part, const gop_graph *g, const gop_graph_data *what,
                                    gop_error *err)
{
    (void)what;
    if (g->parts == 0)
        return gop_fail(err, GOP_ESTATE, "the graph has no parts");
    for (size_t i = 0; i < g->nodes; i++)
        part[i] = (gop_real)g->part[i];
    return GOP_OK;
}

static gop_real *put_pair(gop_real *index, size_t a, size_t b)
{
    *index++ = (gop_real)a;
    *index++ = (gop_real)b;
    return index;
}

static gop_status fill_edge_index(gop_real *index, const gop_graph *g, const gop_graph_data *what,
                                  gop_error *err)
{
    (void)err;
    for (size_t e = 0; e < g->n_edges; e++)
        index = put_pair(index, g->edges[e].a, g->edges[e].b);
    for (size_t e = 0; e < g->n_edges && what->both; e++)
        index = put_pair(index, g->edges[e].b, g->edges[e].a);
    for (size_t i = 0; i < g->nodes && what->loops; i++)
        index = put_pair(index, i, i);
    return GOP_OK;
}

/* --------------------------------------------------------------------------- kinds */

static const kind kinds[] = {
    [GOP_GRAPH_ADJACENCY] = {"ADJACENCY", NORM | LOOPS, square, fill_adjacency},
    [GOP_GRAPH_POWERS] = {"POWERS", NORM | LOOPS | HOPS, for_each_hop, fill_powers},
    [GOP_GRAPH_EXACT_HOPS] = {"EXACT_HOPS", HOPS, for_each_hop, fill_hops},
    [GOP_GRAPH_WITHIN_HOPS] = {"WITHIN_HOPS", HOPS, for_each_hop, fill_hops},
    [GOP_GRAPH_SPATIAL] = {"SPATIAL", NORM | LOOPS | ROOT | APART, subsets, fill_spatial},
    [GOP_GRAPH_BONES] = {"BONES", ROOT, edges_by_nodes, fill_bones},
    [GOP_GRAPH_NODE_BONES] = {"NODE_BONES", ROOT, square, fill_node_bones},
    [GOP_GRAPH_PART_NUMBERS] = {"PART_NUMBERS", 0, for_each_node, fill_part_numbers},
    [GOP_GRAPH_EDGE_INDEX] = {"EDGE_INDEX", LOOPS | BOTH, pairs, fill_edge_index},
};

/* A member that is set but not read by the kind is a mistake. */
static gop_status check_members(const kind *k, const gop_graph_data *what, gop_error *err)
{
    const struct {
        unsigned flag;
        bool set;
        const char *name;
    } member[] = {
        {NORM, what->norm != GOP_GRAPH_BINARY, "norm"},
        {LOOPS, what->loops, "loops"},
        {HOPS, what->hops != 0, "hops"},
        {ROOT, what->root != 0, "root"},
        {APART, what->apart, "apart"},
        {BOTH, what->both, "both"},
    };

    for (size_t i = 0; i < sizeof member / sizeof *member; i++)
        if (member[i].set && (k->reads & member[i].flag) == 0)
            return gop_fail(err, GOP_EINVAL, "GOP_GRAPH_%s does not use %s, which must be 0",
                            k->name, member[i].name);
    if ((unsigned)what->norm > GOP_GRAPH_SYMMETRIC)
        return gop_fail(err, GOP_EINVAL, "no such gop_graph_norm: %d", (int)what->norm);
    if ((k->reads & HOPS) != 0 && what->hops == 0)
        return gop_fail(err, GOP_EINVAL, "GOP_GRAPH_%s: hops must be at least 1", k->name);
    return GOP_OK;
}

static gop_status check(const gop_graph *g, const void *result, const gop_graph_data *what,
                        gop_error *err)
{
    gop_try(gop_graph_given(g, result, err));
    if ((unsigned)what->kind >= sizeof kinds / sizeof *kinds)
        return gop_fail(err, GOP_EINVAL, "no such gop_graph_kind: %d", (int)what->kind);
    gop_try(check_members(&kinds[what->kind], what, err));
    return gop_graph_given_node(g, g, "root", what->root, err);
}

GOP_API gop_status gop_graph_shape(gop_shape *shape, const gop_graph *g, gop_graph_data what,
                                   gop_error *err)
{
    char text[80];

    gop_try(check(g, shape, &what, err));
    *shape = kinds[what.kind].shape(g, &what);
    if (gop_shape_size(*shape) > SIZE_MAX / 2 / sizeof(gop_real))
        return gop_fail(err, GOP_EINVAL, "GOP_GRAPH_%s is too large: %s", kinds[what.kind].name,
                        gop_shape_text(text, sizeof text, *shape));
    return GOP_OK;
}

GOP_API gop_status gop_graph_fill(gop_real *data, const gop_graph *g, gop_graph_data what,
                                  gop_error *err)
{
    gop_try(check(g, data, &what, err));
    return kinds[what.kind].fill(data, g, &what, err);
}
