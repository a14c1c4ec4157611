/*
 * test_graph.c: adjacency, normalisation, powers, hop distances and what is made of
 * them, line graphs, parts and checks.
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

START_TEST(symmetric_normalisation_by_definition)
{
    gop_real A[N * N], B[N * N];
    double degree[N];
    gop_error err = {GOP_OK, ""};

    gop_adjacency(A, N, path, EDGES, NULL);
    for (size_t j = 0; j < N; j++)
        A[4 * N + j] = 0;
    memcpy(B, A, sizeof A);
    for (size_t i = 0; i < N; i++) {
        degree[i] = 0;
        for (size_t j = 0; j < N; j++)
            degree[i] += (double)A[i * N + j];
    }
    ck_assert_int_eq(gop_normalise_symmetric(B, N, &err), GOP_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double want = A[i * N + j] == 0 ? 0 : 1 / sqrt(degree[i] * degree[j]);
            ck_assert_double_eq_tol((double)B[i * N + j], want, 1e-6);
        }
    memcpy(B, A, sizeof A);
    B[1 * N + 0] = -4;
    ck_assert_int_eq(gop_normalise_symmetric(B, N, &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "node 1 "));
    ck_assert(B[0] == A[0] && B[1 * N + 0] == -4);
}
END_TEST

START_TEST(indicators_follow_the_distances)
{
    enum { HOPS = 3 };
    gop_real exact[HOPS * N * N], upto[HOPS * N * N];
    uint32_t d[N * N];

    gop_hop_distances(d, N, path, EDGES);
    gop_hop_indicators(exact, d, N, HOPS, true);
    gop_hop_indicators(upto, d, N, HOPS, false);
    for (int g = 0; g < HOPS; g++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                bool joined = (i < 4 && j < 4) || i == j;
                size_t at = (size_t)((g * N + i) * N + j);
                ck_assert(exact[at] == (gop_real)(joined && abs(i - j) == g + 1));
                ck_assert(upto[at] == (gop_real)(joined && abs(i - j) <= g + 1));
            }
}
END_TEST

START_TEST(line_graph_of_a_star_and_a_path)
{
    static const gop_edge star[] = {{0, 1}, {2, 0}, {0, 3}};
    static const gop_edge of_star[] = {{0, 1}, {0, 2}, {1, 2}}, of_path[] = {{0, 1}, {1, 2}};
    gop_edge out[4] = {{9, 9}, {9, 9}, {9, 9}, {9, 9}};

    ck_assert_uint_eq(gop_line_graph(NULL, 0, star, 3), 3);
    ck_assert_uint_eq(gop_line_graph(out, 4, star, 3), 3);
    ck_assert_int_eq(memcmp(out, of_star, sizeof of_star), 0);
    ck_assert_uint_eq(out[3].a, 9);
    ck_assert_uint_eq(gop_line_graph(out, 4, path, EDGES), 2);
    ck_assert_int_eq(memcmp(out, of_path, sizeof of_path), 0);
    out[1].a = 9;
    ck_assert_uint_eq(gop_line_graph(out, 1, path, EDGES), 2);
    ck_assert_uint_eq(out[1].a, 9);
    ck_assert_uint_eq(gop_line_graph(NULL, 0, path, 1), 0);
}
END_TEST

START_TEST(partition_is_complete_and_without_overlap)
{
    static const uint32_t good[] = {4, 0, 2, 1, 3}, twice[] = {4, 0, 2, 0, 3};
    static const uint32_t foreign[] = {4, 0, N, 1, 3};
    static const size_t sizes[] = {2, 3}, fewer[] = {2, 2}, empty[] = {0, 5};
    static const gop_real want[N] = {0, 1, 1, 1, 0};
    gop_real part[N];
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_partition(part, N, good, sizes, 2, &err), GOP_OK);
    ck_assert_int_eq(memcmp(part, want, sizeof want), 0);
    ck_assert_int_eq(gop_partition(part, N, twice, sizes, 2, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "node 0 is in parts 0 and 1");
    ck_assert_int_eq(gop_partition(part, N, foreign, sizes, 2, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "part 1 has node 5 of a graph of 5");
    ck_assert_int_eq(gop_partition(part, N, good, fewer, 2, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "node 3 is in none of 2 parts");
    ck_assert_int_eq(gop_partition(part, N, good, empty, 2, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "part 0 has no nodes");
}
END_TEST

START_TEST(checks_name_what_is_wrong)
{
    static const struct {
        gop_edge edges[3];
        bool connected;
        const char *says; /* NULL: nothing is wrong */
    } graphs[] = {
        {{{0, 1}, {2, 1}, {2, 3}}, true, NULL},
        {{{2, 3}, {2, 1}, {0, 1}}, true, NULL},
        {{{0, 1}, {1, 2}, {2, 0}}, false, NULL},
        {{{0, 1}, {1, 2}, {2, 0}}, true, "no path joins nodes 0 and 3"},
        {{{3, 2}, {1, 3}, {2, 1}}, true, "no path joins nodes 0 and 1"},
        {{{0, 1}, {1, 4}, {2, 3}}, false, "edge 1 joins nodes 1 and 4 of a graph of 4"},
        {{{0, 1}, {2, 2}, {2, 3}}, false, "edge 1 joins node 2 to itself"},
        {{{0, 1}, {2, 3}, {1, 0}}, false, "edges 0 and 2 both join nodes 1 and 0"},
    };

    for (size_t k = 0; k < sizeof graphs / sizeof *graphs; k++) {
        gop_error err = {GOP_OK, ""};
        gop_status s = gop_check_graph(4, graphs[k].edges, 3, graphs[k].connected, &err);
        ck_assert_int_eq(s, graphs[k].says == NULL ? GOP_OK : GOP_EINVAL);
        ck_assert_msg(graphs[k].says == NULL || strstr(err.message, graphs[k].says) != NULL,
                      "graph %zu: %s", k, err.message);
    }
    ck_assert_int_eq(gop_check_graph(1, NULL, 0, true, NULL), GOP_OK);
    ck_assert_int_eq(gop_check_graph(0, NULL, 0, false, NULL), GOP_EINVAL);
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
    tcase_add_test(t, symmetric_normalisation_by_definition);
    tcase_add_test(t, indicators_follow_the_distances);
    tcase_add_test(t, line_graph_of_a_star_and_a_path);
    tcase_add_test(t, partition_is_complete_and_without_overlap);
    tcase_add_test(t, checks_name_what_is_wrong);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
