/*
 * graph.c: adjacency matrices and hop distances of small graphs.
 *
 * Pure functions of their arguments; they allocate nothing.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "graphop.h"

#include <string.h>

GOP_API gop_status gop_adjacency(gop_real *A, size_t n, const gop_edge *edges, size_t n_edges,
                                 gop_error *err)
{
    for (size_t e = 0; e < n_edges; e++)
        if (edges[e].a >= n || edges[e].b >= n)
            return gop_fail(err, GOP_EINVAL, "edge %zu joins nodes %lu and %lu of a graph of %zu",
                            e, (unsigned long)edges[e].a, (unsigned long)edges[e].b, n);
    for (size_t i = 0; i < n * n; i++)
        A[i] = 0;
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

/* out = A B, all n x n; the zeros of A, which is sparse, cost nothing. */
static void multiply(gop_real *restrict out, const gop_real *restrict A,
                     const gop_real *restrict B, size_t n)
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

    if (hops == 0 || n == 0)
        return;
    memmove(P, A, size * sizeof *P);
    for (size_t g = 1; g < hops; g++)
        multiply(P + g * size, P, P + (g - 1) * size, n);
}

/* Edges with an end that is not below n are passed over. */
GOP_API void gop_hop_distances(uint32_t *d, size_t n, const gop_edge *edges, size_t n_edges)
{
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
