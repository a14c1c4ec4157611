/*
 * spatial.c: the neighbours of each node, parted by their distance from a centre.
 *
 * Source: spatial configuration partitioning, ST-GCN, Yan et al. 2018, section 3.3.
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graph/neighbours.h"

#include <stdlib.h>
#include <string.h>

/* Row i of all three from the distances d to the centre. */
static void fill_row(gop_real *A, const gop_neighbours *of, const uint32_t *d, size_t i)
{
    const size_t n = of->nodes, begin = of->begin[i], end = of->begin[i + 1];
    const gop_real share = (gop_real)(1.0 / (double)(end - begin + 1));

    A[i * n + i] = share;
    for (size_t k = begin; k < end; k++) {
        const size_t j = of->node[k], subset = d[j] == d[i] ? 0 : d[j] < d[i] ? 1 : 2;
        A[(subset * n + i) * n + j] = share;
    }
}

GOP_API gop_status gop_spatial_partition(gop_real *A, size_t n, const gop_edge *edges,
                                         size_t n_edges, size_t centre, gop_error *err)
{
    gop_neighbours of;
    uint32_t *scratch;
    gop_try(gop_check_graph(n, edges, n_edges, true, err));
    if (A == NULL)
        return gop_fail(err, GOP_EINVAL, "no memory is given for a spatial partition");
    if (centre >= n)
        return gop_fail(err, GOP_EINVAL, "the centre is node %zu of a graph of %zu", centre, n);
    gop_status s = gop_neighbours_new(&of, n, edges, n_edges, err);
    if (s != GOP_OK)
        return s;
    scratch = malloc(2 * n * sizeof *scratch);
    if (scratch == NULL) {
        s = gop_fail(err, GOP_ENOMEM, "out of memory to part a graph of %zu nodes", n);
    } else {
        gop_spread(&of, centre, scratch, NULL, scratch + n);
        memset(A, 0, 3 * n * n * sizeof *A);
        for (size_t i = 0; i < n; i++)
            fill_row(A, &of, scratch, i);
    }
    free(scratch);
    gop_neighbours_clear(&of);
    return s;
}
