/*
 * graph_data.c: matrices and lists of a graph in the form that operators take.  A kind of data is
 * one row of `kinds`.
 *
 * Source of GOP_GRAPH_SPATIAL: spatial configuration partitioning, ST-GCN, Yan et al. 2018,
 * section 3.3; of GOP_GRAPH_DIFFUSION: DCRNN, Li et al. 2018, eq. 2.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The members of a gop_graph_data that a kind reads. */
enum { NORM = 1, LOOPS = 2, HOPS = 4, ROOT = 8, APART = 16, BOTH = 32, SIDE = 64 };

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

static size_t count_pairs(const gop_graph *g, const gop_graph_data *what)
{
    return (what->both ? 2 : 1) * g->n_edges + (what->loops ? g->nodes : 0);
}

static gop_shape pairs(const gop_graph *g, const gop_graph_data *what)
{
    return gop_shape2(count_pairs(g, what), 2);
}

static gop_shape for_each_pair(const gop_graph *g, const gop_graph_data *what)
{
    return gop_shape1(count_pairs(g, what));
}

static gop_shape walks(const gop_graph *g, const gop_graph_data *what)
{
    return gop_shape3((g->directed ? 2 : 1) * what->hops + 1, g->nodes, g->nodes);
}

/* ------------------------------------------------------------------------ matrices */

static gop_real weight_of(const gop_graph *g, size_t e)
{
    return g->weights != NULL ? g->weights[e] : 1;
}

/* Edge e as {the node that gathers, the node it gathers from}.  An undirected edge keeps its
 * order. */
static gop_edge gathering(const gop_graph *g, size_t e, gop_graph_side side)
{
    const gop_edge f = g->edges[e];
    return g->directed && side == GOP_GRAPH_IN ? (gop_edge){f.b, f.a} : f;
}

static void fill_plain(gop_real *A, const gop_graph *g, bool loops, gop_graph_side side)
{
    const size_t n = g->nodes;

    memset(A, 0, n * n * sizeof *A);
    for (size_t i = 0; i < n && loops; i++)
        A[i * n + i] = 1;
    for (size_t e = 0; e < g->n_edges; e++) {
        const gop_edge f = gathering(g, e, side);
        A[f.a * n + f.b] = weight_of(g, e);
        if (!g->directed)
            A[f.b * n + f.a] = weight_of(g, e);
    }
}

static gop_status fill_adjacency(gop_real *A, const gop_graph *g, const gop_graph_data *what,
                                 gop_error *err)
{
    fill_plain(A, g, what->loops, what->side);
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

/* By squares, from the second-highest bit of `hops` down: the time grows with its logarithm. */
static gop_status fill_power(gop_real *P, const gop_graph *g, const gop_graph_data *what,
                             gop_error *err)
{
    const size_t size = g->nodes * g->nodes;
    size_t bit = 1;
    gop_real *A;

    gop_try(fill_adjacency(P, g, what, err));
    if (what->hops == 1)
        return GOP_OK;
    A = malloc(2 * size * sizeof *A);
    if (A == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    memcpy(A, P, size * sizeof *A);
    while (bit <= what->hops / 2)
        bit *= 2;
    while ((bit /= 2) > 0) {
        multiply(A + size, P, P, g->nodes);
        if (what->hops & bit)
            multiply(P, A, A + size, g->nodes);
        else
            memcpy(P, A + size, size * sizeof *P);
    }
    free(A);
    return GOP_OK;
}

/* The identity, then the powers of the transition matrix by out-edges, then by in-edges. */
static gop_status fill_diffusion(gop_real *P, const gop_graph *g, const gop_graph_data *what,
                                 gop_error *err)
{
    const size_t n = g->nodes;
    gop_graph_data walk = {
        .norm = GOP_GRAPH_ROWS, .loops = what->loops, .side = GOP_GRAPH_OUT, .hops = what->hops};

    memset(P, 0, n * n * sizeof *P);
    for (size_t i = 0; i < n; i++)
        P[i * n + i] = 1;
    gop_try(fill_powers(P + n * n, g, &walk, err));
    walk.side = GOP_GRAPH_IN;
    return g->directed ? fill_powers(P + (what->hops + 1) * n * n, g, &walk, err) : GOP_OK;
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
                H[(k * n + i) * n + j] = d[j] == k + 1 || (within && d[j] <= k) ||
                                         (what->loops && i == j);
    }
    free(d);
    gop_status s = GOP_OK;
    for (size_t k = 0; k < what->hops && s == GOP_OK; k++)
        s = gop_graph_normalise(H + k * n * n, n, what->norm, err);
    return s;
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
        fill_plain(A, g, what->loops, what->side);
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
    for (size_t e = 0; e < g->n_edges; e++) {
        const gop_edge f = gathering(g, e, what->side);
        index = put_pair(index, f.a, f.b);
    }
    for (size_t e = 0; e < g->n_edges && what->both; e++) {
        const gop_edge f = gathering(g, e, what->side);
        index = put_pair(index, f.b, f.a);
    }
    for (size_t i = 0; i < g->nodes && what->loops; i++)
        index = put_pair(index, i, i);
    return GOP_OK;
}

/* The sums of the rows of A, or with `columns` of its columns. */
static void sum_entries(double *sum, const gop_graph *g, const gop_graph_data *what, bool both,
                        bool columns)
{
    for (size_t i = 0; i < g->nodes; i++)
        sum[i] = what->loops ? 1 : 0;
    for (size_t e = 0; e < g->n_edges; e++) {
        const gop_edge f = gathering(g, e, what->side);
        sum[columns ? f.b : f.a] += (double)weight_of(g, e);
        if (both)
            sum[columns ? f.a : f.b] += (double)weight_of(g, e);
    }
}

static gop_status fill_degrees(gop_real *degree, const gop_graph *g, const gop_graph_data *what,
                               gop_error *err)
{
    double *sum = malloc(g->nodes * sizeof *sum);

    if (sum == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    sum_entries(sum, g, what, !g->directed, false);
    for (size_t i = 0; i < g->nodes; i++)
        degree[i] = (gop_real)sum[i];
    free(sum);
    return GOP_OK;
}

/* The normalised weight of the entry (i, j). */
static gop_real normal(double w, const double *sum, gop_graph_norm norm, size_t i, size_t j)
{
    if (norm == GOP_GRAPH_SYMMETRIC)
        w = sum[i] == 0 || sum[j] == 0 ? 0 : w / sqrt(sum[i] * sum[j]);
    else if (norm != GOP_GRAPH_BINARY && sum[norm == GOP_GRAPH_ROWS ? i : j] != 0)
        w /= sum[norm == GOP_GRAPH_ROWS ? i : j];
    return (gop_real)w;
}

static gop_status fill_edge_weights(gop_real *w, const gop_graph *g, const gop_graph_data *what,
                                    gop_error *err)
{
    char a[GOP_NODE_TEXT];
    gop_status s = GOP_OK;
    double *sum = malloc(g->nodes * sizeof *sum);

    if (sum == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a graph of %zu nodes", g->nodes);
    sum_entries(sum, g, what, what->both, what->norm == GOP_GRAPH_COLUMNS);
    for (size_t i = 0; i < g->nodes && what->norm == GOP_GRAPH_SYMMETRIC && s == GOP_OK; i++)
        if (sum[i] < 0)
            s = gop_fail(err, GOP_EINVAL,
                         "the weights of %s sum to %g: symmetric normalisation takes no negative "
                         "sums",
                         gop_node_text(a, g, i), sum[i]);
    for (size_t k = 0; k < (what->both ? 2 : 1) && s == GOP_OK; k++)
        for (size_t e = 0; e < g->n_edges; e++) {
            const gop_edge f = gathering(g, e, what->side);
            *w++ = normal((double)weight_of(g, e), sum, what->norm, k == 0 ? f.a : f.b,
                          k == 0 ? f.b : f.a);
        }
    for (size_t i = 0; i < g->nodes && what->loops && s == GOP_OK; i++)
        *w++ = normal(1, sum, what->norm, i, i);
    free(sum);
    return s;
}

/* --------------------------------------------------------------------------- kinds */

static const kind kinds[] = {
    [GOP_GRAPH_ADJACENCY] = {"ADJACENCY", NORM | LOOPS | SIDE, square, fill_adjacency},
    [GOP_GRAPH_POWERS] = {"POWERS", NORM | LOOPS | HOPS | SIDE, for_each_hop, fill_powers},
    [GOP_GRAPH_POWER] = {"POWER", NORM | LOOPS | HOPS | SIDE, square, fill_power},
    [GOP_GRAPH_DIFFUSION] = {"DIFFUSION", LOOPS | HOPS, walks, fill_diffusion},
    [GOP_GRAPH_EXACT_HOPS] = {"EXACT_HOPS", NORM | LOOPS | HOPS, for_each_hop, fill_hops},
    [GOP_GRAPH_WITHIN_HOPS] = {"WITHIN_HOPS", NORM | HOPS, for_each_hop, fill_hops},
    [GOP_GRAPH_SPATIAL] = {"SPATIAL", NORM | LOOPS | ROOT | APART | SIDE, subsets, fill_spatial},
    [GOP_GRAPH_BONES] = {"BONES", ROOT, edges_by_nodes, fill_bones},
    [GOP_GRAPH_NODE_BONES] = {"NODE_BONES", ROOT, square, fill_node_bones},
    [GOP_GRAPH_PART_NUMBERS] = {"PART_NUMBERS", 0, for_each_node, fill_part_numbers},
    [GOP_GRAPH_EDGE_INDEX] = {"EDGE_INDEX", LOOPS | BOTH | SIDE, pairs, fill_edge_index},
    [GOP_GRAPH_EDGE_WEIGHTS] = {"EDGE_WEIGHTS", NORM | LOOPS | BOTH | SIDE, for_each_pair,
                                fill_edge_weights},
    [GOP_GRAPH_DEGREES] = {"DEGREES", LOOPS | SIDE, for_each_node, fill_degrees},
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
        {SIDE, what->side != GOP_GRAPH_IN, "side"},
    };

    for (size_t i = 0; i < sizeof member / sizeof *member; i++)
        if (member[i].set && (k->reads & member[i].flag) == 0)
            return gop_fail(err, GOP_EINVAL, "GOP_GRAPH_%s does not use %s, which must be 0",
                            k->name, member[i].name);
    if ((unsigned)what->norm > GOP_GRAPH_SYMMETRIC)
        return gop_fail(err, GOP_EINVAL, "no such gop_graph_norm: %d", (int)what->norm);
    if ((unsigned)what->side > GOP_GRAPH_OUT)
        return gop_fail(err, GOP_EINVAL, "no such gop_graph_side: %d", (int)what->side);
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
