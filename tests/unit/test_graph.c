/*
 * test_graph.c: adjacency, normalisation, powers and hop distances.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "graphop.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A path 0-1-2-3 and node 4 on its own. */
enum { N = 5 };
static const gop_edge path[] = {{0, 1}, {2, 1}, {2, 3}};
enum { EDGES = sizeof path / sizeof *path };

START_TEST(adjacency_is_symmetric_with_loops)
{
    static const int want[N][N] = {
        {1, 1, 0, 0, 0}, {1, 1, 1, 0, 0}, {0, 1, 1, 1, 0}, {0, 0, 1, 1, 0}, {0, 0, 0, 0, 1}};
    gop_real A[N * N];

    memset(A, 0xff, sizeof A);
    ck_assert_int_eq(gop_adjacency(A, N, path, EDGES, NULL), GOP_OK);
    for (size_t i = 0; i < N * N; i++)
        ck_assert(A[i] == (gop_real)want[i / N][i % N]);
}
END_TEST

START_TEST(adjacency_refuses_a_foreign_node)
{
    static const gop_edge bad[] = {{0, 1}, {1, N}};
    gop_real A[N * N];
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_adjacency(A, N, bad, 2, &err), GOP_EINVAL);
    ck_assert_int_eq(err.status, GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "edge 1 "));
}
END_TEST

START_TEST(rows_sum_to_one)
{
    gop_real A[N * N];

    gop_adjacency(A, N, path, EDGES, NULL);
    for (size_t j = 0; j < N; j++)
        A[4 * N + j] = 0;
    gop_normalise_rows(A, N);
    for (size_t i = 0; i < 4; i++) {
        double sum = 0;
        for (size_t j = 0; j < N; j++)
            sum += (double)A[i * N + j];
        ck_assert_double_eq_tol(sum, 1, 1e-6);
    }
    ck_assert_double_eq_tol((double)A[0], 1.0 / 2, 1e-7);
    ck_assert_double_eq_tol((double)A[1 * N + 2], 1.0 / 3, 1e-7);
    for (size_t j = 0; j < N; j++)
        ck_assert(A[4 * N + j] == 0);
}
END_TEST

START_TEST(powers_by_definition)
{
    enum { HOPS = 4 };
    gop_real A[N * N], P[HOPS * N * N];
    double want[N * N], next[N * N];

    gop_adjacency(A, N, path, EDGES, NULL);
    A[1] = (gop_real)0.25; /* no longer symmetric: the order of factors shows */
    gop_normalise_rows(A, N);
    gop_hop_powers(P, A, N, HOPS);
    for (size_t i = 0; i < N * N; i++)
        want[i] = (double)A[i];
    for (size_t g = 0; g < HOPS; g++) {
        for (size_t i = 0; i < N * N; i++)
            ck_assert_double_eq_tol((double)P[g * N * N + i], want[i], 1e-6);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                next[i * N + j] = 0;
                for (size_t k = 0; k < N; k++)
                    next[i * N + j] += want[i * N + k] * (double)A[k * N + j];
            }
        memcpy(want, next, sizeof want);
    }
}
END_TEST

START_TEST(distances_on_a_path)
{
    uint32_t d[N * N];

    gop_hop_distances(d, N, path, EDGES);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            ck_assert_uint_eq(d[i * N + j], (uint32_t)abs(i - j));
    for (size_t i = 0; i < 4; i++) {
        ck_assert_uint_eq(d[i * N + 4], UINT32_MAX);
        ck_assert_uint_eq(d[4 * N + i], UINT32_MAX);
    }
    ck_assert_uint_eq(d[4 * N + 4], 0);
}
END_TEST

/* Floyd's algorithm, which shares no step with the one tested. */
START_TEST(distances_on_random_graphs)
{
    enum { M = 24, MAX_EDGES = 60 };
    gop_rng rng = gop_rng_new(4, (uint64_t)_i);
    const size_t edges = (size_t)gop_rng_below(&rng, MAX_EDGES);
    gop_edge e[MAX_EDGES];
    uint32_t d[M * M];
    uint64_t f[M][M];

    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++)
            f[i][j] = i == j ? 0 : UINT32_MAX;
    for (size_t i = 0; i < edges; i++) {
        e[i].a = (uint32_t)gop_rng_below(&rng, M);
        e[i].b = (uint32_t)gop_rng_below(&rng, M);
        if (e[i].a != e[i].b)
            f[e[i].a][e[i].b] = f[e[i].b][e[i].a] = 1;
    }
    for (size_t k = 0; k < M; k++)
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < M; j++)
                if (f[i][k] + f[k][j] < f[i][j])
                    f[i][j] = f[i][k] + f[k][j];
    gop_hop_distances(d, M, e, edges);
    for (size_t i = 0; i < M * M; i++)
        ck_assert_uint_eq(d[i], (uint32_t)f[i / M][i % M]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph");
    TCase *t = tcase_create("graph");
    SRunner *runner;
    int failed;

    tcase_add_test(t, adjacency_is_symmetric_with_loops);
    tcase_add_test(t, adjacency_refuses_a_foreign_node);
    tcase_add_test(t, rows_sum_to_one);
    tcase_add_test(t, powers_by_definition);
    tcase_add_test(t, distances_on_a_path);
    tcase_add_loop_test(t, distances_on_random_graphs, 0, 20);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
