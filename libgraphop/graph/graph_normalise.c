/*
 * graph_normalise.c: divides rows, columns or both of a matrix by their sums.
 *
 * Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "graphop.h"

#include <math.h>
#include <stdlib.h>

/* Divides n elements, `step` apart, by their sum. */
static void divide(gop_real *v, size_t n, size_t step)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)v[i * step];
    for (size_t i = 0; i < n && sum != 0; i++)
        v[i * step] = (gop_real)((double)v[i * step] / sum);
}

static gop_status symmetric(gop_real *A, size_t n, gop_error *err)
{
    double *by = malloc(n * sizeof *by);

    if (by == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory to normalise a graph of %zu nodes", n);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < n; j++)
            sum += (double)A[i * n + j];
        if (sum < 0) {
            free(by);
            return gop_fail(err, GOP_EINVAL,
                            "row %zu sums to %g: symmetric normalisation takes no negative sums", i,
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

GOP_API gop_status gop_graph_normalise(gop_real *A, size_t n, gop_graph_norm norm, gop_error *err)
{
    if (A == NULL || n == 0)
        return gop_fail(err, GOP_EINVAL, "gop_graph_normalise: the matrix is NULL or n is 0");
    switch (norm) {
    case GOP_GRAPH_BINARY:
        return GOP_OK;
    case GOP_GRAPH_ROWS:
        for (size_t i = 0; i < n; i++)
            divide(A + i * n, n, 1);
        return GOP_OK;
    case GOP_GRAPH_COLUMNS:
        for (size_t j = 0; j < n; j++)
            divide(A + j, n, n);
        return GOP_OK;
    case GOP_GRAPH_SYMMETRIC:
        return symmetric(A, n, err);
    }
    return gop_fail(err, GOP_EINVAL, "no such gop_graph_norm: %d", (int)norm);
}
