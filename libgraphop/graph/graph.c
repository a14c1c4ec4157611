/*
 * graph.c: adjacency matrices, hop distances, line graphs and parts of small
 * graphs.
 *
 * Pure functions of their arguments; what they allocate they free.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

GOP_API gop_status gop_adjacency(gop_real *A, size_t n, const gop_edge *edges, size_t n_edges,
                                 gop_error *err)
{
    gop_try(gop_graph_sizes(n, edges, n_edges, err));
    gop_try(gop_graph_ends(n, edges, n_edges, err));
    if (A == NULL)
        return gop_fail(err, GOP_EINVAL, "no memory is given for an adjacency matrix");
    memset(A, 0, n * n * sizeof *A);
    for (size_t i = 0; i < n; i++)
        A[i * n + i] = 1;
    for (size_t e = 0; e < n_edges; e++) {
        A[edges[e].a * n + edges[e].b] = 1;
        A[edges[e].b * n + edges[e].a] = 1;
    }
    return GOP_OK;
}

GOP_API void gop_normalise_rows(gop_real *A, size_t n)
{
    if (A == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += (double)A[i * n + j];
        if (sum == 0)
            continue;
        for (size_t j = 0; j < n; j++)
            A[i * n + j] = (gop_real)((double)A[i * n + j] / sum);
    }
}

GOP_API void gop_normalise_columns(gop_real *A, size_t n)
{
    if (A == NULL)
        return;
    for (size_t j = 0; j < n; j++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)A[i * n + j];
        if (sum == 0)
            continue;
        for (size_t i = 0; i < n; i++)
            A[i * n + j] = (gop_real)((double)A[i * n + j] / sum);
    }
}

GOP_API gop_status gop_normalise_symmetric(gop_real *A, size_t n, gop_error *err)
{
    double *by;

    if (A == NULL || n == 0)
        return gop_fail(err, GOP_EINVAL, "no matrix is given to normalise");
    by = calloc(n, sizeof *by);
    if (by == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory to normalise a graph of %zu nodes", n);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += (double)A[i * n + j];
        if (sum < 0) {
            free(by);
            return gop_fail(err, GOP_EINVAL, "the row of node %zu sums to %g, which has no root", i,
                            sum);
        }
        by[i] = sum == 0 ? 0 : 1 / sqrt(sum);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            A[i * n + j] = (gop_real)((double)A[i * n + j] * by[i] * by[j]);
    free(by);
    return GOP_OK;
}

/* out = A B, all n x n; the zeros of A, which is sparse, cost nothing. */
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

GOP_API void gop_hop_powers(gop_real *P, const gop_real *A, size_t n, size_t hops)
{
    const size_t size = n * n;

    if (P == NULL || A == NULL || hops == 0 || n == 0)
        return;
    memmove(P, A, size * sizeof *P);
    for (size_t g = 1; g < hops; g++)
        multiply(P + g * size, P, P + (g - 1) * size, n);
}

/* Edges with an end that is not below n are passed over. */
GOP_API void gop_hop_distances(uint32_t *d, size_t n, const gop_edge *edges, size_t n_edges)
{
    if (d == NULL || (edges == NULL && n_edges > 0))
        return;
    for (size_t i = 0; i < n * n; i++)
        d[i] = UINT32_MAX;
    for (size_t i = 0; i < n; i++) {
        uint32_t *from_i = d + i * n;
        bool grown = true;
        from_i[i] = 0;
        for (uint32_t hop = 0; grown; hop++) {
            grown = false;
            for (size_t e = 0; e < n_edges; e++) {
                const uint32_t a = edges[e].a, b = edges[e].b;
                if (a >= n || b >= n)
                    continue;
                if (from_i[a] == hop && from_i[b] == UINT32_MAX) {
                    from_i[b] = hop + 1;
                    grown = true;
                } else if (from_i[b] == hop && from_i[a] == UINT32_MAX) {
                    from_i[a] = hop + 1;
                    grown = true;
                }
            }
        }
    }
}

GOP_API void gop_hop_indicators(gop_real *H, const uint32_t *d, size_t n, size_t hops, bool exact)
{
    if (H == NULL || d == NULL)
        return;
    for (size_t g = 0; g < hops; g++)
        for (size_t i = 0; i < n * n; i++)
            H[g * n * n + i] = exact ? d[i] == g + 1 : d[i] <= g + 1;
}

static bool meet(gop_edge e, gop_edge f)
{
    return e.a == f.a || e.a == f.b || e.b == f.a || e.b == f.b;
}

GOP_API size_t gop_line_graph(gop_edge *out, size_t room, const gop_edge *edges, size_t n_edges)
{
    size_t found = 0;

    if (edges == NULL)
        return 0;
    for (size_t e = 0; e < n_edges; e++)
        for (size_t f = e + 1; f < n_edges; f++)
            if (meet(edges[e], edges[f])) {
                if (out != NULL && found < room) {
                    out[found].a = (uint32_t)e;
                    out[found].b = (uint32_t)f;
                }
                found++;
            }
    return found;
}

GOP_API gop_status gop_partition(gop_real *part, size_t n, const uint32_t *nodes,
                                 const size_t *sizes, size_t parts, gop_error *err)
{
    if (part == NULL || nodes == NULL || sizes == NULL || n == 0 || parts == 0)
        return gop_fail(err, GOP_EINVAL, "%zu nodes and %zu parts, or a list of them is NULL", n,
                        parts);
    for (size_t i = 0; i < n; i++)
        part[i] = -1;
    for (size_t p = 0; p < parts; p++) {
        if (sizes[p] == 0)
            return gop_fail(err, GOP_EINVAL, "part %zu has no nodes", p);
        for (size_t k = 0; k < sizes[p]; k++, nodes++) {
            if (*nodes >= n)
                return gop_fail(err, GOP_EINVAL, "part %zu has node %lu of a graph of %zu", p,
                                (unsigned long)*nodes, n);
            if (part[*nodes] >= 0)
                return gop_fail(err, GOP_EINVAL, "node %lu is in parts %zu and %zu",
                                (unsigned long)*nodes, (size_t)part[*nodes], p);
            part[*nodes] = (gop_real)p;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (part[i] < 0)
            return gop_fail(err, GOP_EINVAL, "node %zu is in none of %zu parts", i, parts);
    return GOP_OK;
}
