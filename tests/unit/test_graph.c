/*
 * test_graph.c: adjacency, normalisation, powers, hop distances and what is made of
 * them, line graphs, parts and checks.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "graphop.h"

#include <math.h>
#include <stdio.h>
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

/* A random tree with a few edges more; returns how many edges there are. */
static size_t random_connected(gop_edge *e, uint32_t n, size_t more, gop_rng *rng)
{
    size_t count = 0;

    for (uint32_t i = 1; i < n; i++)
        e[count++] = (gop_edge){(uint32_t)gop_rng_below(rng, i), i};
    for (size_t k = 0; k < more; k++) {
        gop_edge f = {(uint32_t)gop_rng_below(rng, n), (uint32_t)gop_rng_below(rng, n)};
        bool there = f.a == f.b;
        for (size_t i = 0; i < count; i++)
            there = there || (e[i].a == f.a && e[i].b == f.b) || (e[i].a == f.b && e[i].b == f.a);
        if (!there)
            e[count++] = f;
    }
    return count;
}

/* By the definition, entry by entry; half of the graphs are trees. */
START_TEST(spatial_partition_by_definition)
{
    enum { M = 17, MORE = 14 };
    gop_rng rng = gop_rng_new(5, (uint64_t)_i);
    gop_edge e[M - 1 + MORE];
    const size_t n_edges = random_connected(e, M, _i % 2 ? MORE : 0, &rng);
    const size_t centre = (size_t)gop_rng_below(&rng, M);
    gop_real A[3 * M * M], B[M * M];
    uint32_t d[M * M];

    ck_assert_int_eq(gop_adjacency(B, M, e, n_edges, NULL), GOP_OK);
    gop_normalise_rows(B, M);
    gop_hop_distances(d, M, e, n_edges);
    memset(A, 0xff, sizeof A);
    ck_assert_int_eq(gop_spatial_partition(A, M, e, n_edges, centre, NULL), GOP_OK);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++) {
            const uint32_t di = d[i * M + centre], dj = d[j * M + centre];
            const size_t k = dj == di ? 0 : dj < di ? 1 : 2;
            for (size_t g = 0; g < 3; g++)
                ck_assert(A[(g * M + i) * M + j] == (g == k ? B[i * M + j] : 0));
        }
}
END_TEST

/* The tree 1 - 0 - 2, 2 - 3, 2 - 4 from 0: what each node gathers, written out. */
START_TEST(spatial_partition_of_a_small_tree)
{
    static const gop_edge tree[] = {{0, 1}, {2, 0}, {2, 3}, {4, 2}};
    gop_real A[3 * N * N], want[3 * N * N] = {0};

    for (size_t i = 0; i < N; i++)
        want[i * N + i] = 1;                           /* root */
    want[(N + 1) * N + 0] = want[(N + 2) * N + 0] = 1; /* nearer: each node's parent */
    want[(N + 3) * N + 2] = want[(N + 4) * N + 2] = 1;
    want[2 * N * N + 1] = want[2 * N * N + 2] = (gop_real)0.5; /* farther: children */
    want[(2 * N + 2) * N + 3] = want[(2 * N + 2) * N + 4] = (gop_real)0.5;
    ck_assert_int_eq(gop_spatial_partition(A, N, tree, 4, 0, NULL), GOP_OK);
    ck_assert_double_eq_tol((double)A[2 * N + 2], 1.0 / 4, 1e-7);
    ck_assert_double_eq_tol((double)A[(2 * N + 0) * N + 2], 1.0 / 3, 1e-7);
    for (size_t k = 0; k < 3; k++) /* as 2s-AGCN has them */
        gop_normalise_rows(A + k * N * N, N);
    for (size_t i = 0; i < 3 * N * N; i++)
        ck_assert_double_eq_tol((double)A[i], (double)want[i], 1e-7);
}
END_TEST

START_TEST(spatial_partition_names_what_is_wrong)
{
    static const gop_edge twice[] = {{0, 1}, {1, 2}, {1, 0}};
    gop_real A[3 * N * N];
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_spatial_partition(A, 4, path, EDGES, 4, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "the centre is node 4 of a graph of 4");
    ck_assert_int_eq(gop_spatial_partition(A, N, path, EDGES, 0, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "the graph is in pieces: no path joins nodes 0 and 4");
    ck_assert_int_eq(gop_spatial_partition(A, 3, twice, 3, 0, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "edges 0 and 2 both join nodes 1 and 0");
    ck_assert_int_eq(gop_spatial_partition(NULL, 4, path, EDGES, 0, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "no memory is given for a spatial partition");
    ck_assert_int_eq(gop_spatial_partition(A, 4, NULL, 3, 0, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "3 edges of a graph are NULL");
    ck_assert_int_eq(gop_spatial_partition(A, 0, NULL, 0, 0, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "a graph without nodes");
    ck_assert_int_eq(gop_spatial_partition(A, 1, NULL, 0, 0, &err), GOP_OK);
    ck_assert(A[0] == 1 && A[1] == 0 && A[2] == 0);
}
END_TEST

START_TEST(columns_sum_to_one)
{
    gop_real A[N * N], rows[N * N], columns[N * N];

    for (size_t i = 0; i < N * N; i++)
        A[i] = (gop_real)(i % N == 3 ? 0 : 1 + i * i % 7);
    memcpy(columns, A, sizeof A);
    gop_normalise_columns(columns, N);
    for (size_t i = 0; i < N; i++) /* the rows of the transpose */
        for (size_t j = 0; j < N; j++)
            rows[i * N + j] = A[j * N + i];
    gop_normalise_rows(rows, N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            ck_assert(columns[i * N + j] == rows[j * N + i]);
    ck_assert(columns[3] == 0);
}
END_TEST

/* Compares all pairs of edges, as the definition of "twice" does. */
static bool slow_twice(size_t *e, size_t *f, const gop_edge *edges, size_t n)
{
    for (*f = 0; *f < n; ++*f)
        for (*e = 0; *e < *f; ++*e)
            if ((edges[*e].a == edges[*f].a && edges[*e].b == edges[*f].b) ||
                (edges[*e].a == edges[*f].b && edges[*e].b == edges[*f].a))
                return true;
    return false;
}

START_TEST(check_finds_the_first_edge_that_is_there_twice)
{
    enum { M = 9, MOST = 16 };
    gop_rng rng = gop_rng_new(6, (uint64_t)_i);
    gop_error err = {GOP_OK, ""};
    gop_edge edges[MOST];
    char want[80];
    size_t e, f;

    for (size_t i = 0; i < MOST; i++) {
        edges[i].a = (uint32_t)gop_rng_below(&rng, M);
        edges[i].b = (uint32_t)(edges[i].a + 1 + gop_rng_below(&rng, M - 1)) % M;
    }
    if (slow_twice(&e, &f, edges, MOST)) {
        snprintf(want, sizeof want, "edges %zu and %zu both join nodes %u and %u", e, f,
                 (unsigned)edges[f].a, (unsigned)edges[f].b);
        ck_assert_int_eq(gop_check_graph(M, edges, MOST, false, &err), GOP_EINVAL);
        ck_assert_str_eq(err.message, want);
    } else {
        ck_assert_int_eq(gop_check_graph(M, edges, MOST, false, &err), GOP_OK);
    }
}
END_TEST

/* All pairs of edges would be 2 * 10^12: half an hour. */
START_TEST(a_long_list_of_edges_is_checked_at_once)
{
    enum { M = 2000001 };
    gop_edge *chain = malloc(M * sizeof *chain);
    gop_error err = {GOP_OK, ""};

    ck_assert_ptr_nonnull(chain);
    for (uint32_t i = 0; i < M; i++) /* backwards, so that each pass would reach one node */
        chain[i] = (gop_edge){M - i - 1, (M - i) % M};
    ck_assert_int_eq(gop_check_graph(M, chain, M, true, &err), GOP_OK);
    chain[M - 1] = (gop_edge){M - 2, M - 1};
    ck_assert_int_eq(gop_check_graph(M, chain, M, true, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "edges 1 and 2000000 both join nodes 1999999 and 2000000");
    free(chain);
}
END_TEST

START_TEST(nothing_is_not_a_graph)
{
    static const gop_edge edge = {0, 1};
    gop_real A[4] = {5, 5, 5, 5};
    const size_t sizes[] = {2}, most = GOP_MAX_NODES;
    const uint32_t nodes[] = {0, 1};
    uint32_t d[4] = {7, 7, 7, 7};
    gop_error err = {GOP_OK, ""};

    ck_assert_int_eq(gop_adjacency(NULL, 2, &edge, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_adjacency(A, 2, NULL, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_adjacency(A, 0, NULL, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_adjacency(A, SIZE_MAX, &edge, 1, &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "at most 16777216 are possible"));
    ck_assert_int_eq(gop_check_graph(2, NULL, 1, false, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_check_graph(most + 1, &edge, 1, false, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_check_graph(2, &edge, SIZE_MAX, false, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_spatial_partition(A, SIZE_MAX, &edge, 1, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_normalise_symmetric(NULL, 2, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_normalise_symmetric(A, 0, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_partition(NULL, 2, nodes, sizes, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_partition(A, 2, NULL, sizes, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_partition(A, 2, nodes, NULL, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_partition(A, 0, nodes, sizes, 1, NULL), GOP_EINVAL);
    ck_assert_int_eq(gop_partition(A, 2, nodes, sizes, 0, NULL), GOP_EINVAL);
    gop_normalise_rows(NULL, 2);
    gop_normalise_columns(NULL, 2);
    gop_hop_powers(NULL, A, 2, 1);
    gop_hop_powers(A, NULL, 2, 1);
    gop_hop_distances(NULL, 2, &edge, 1);
    gop_hop_distances(d, 2, NULL, 1);
    gop_hop_indicators(NULL, d, 2, 1, true);
    gop_hop_indicators(A, NULL, 2, 1, true);
    ck_assert_uint_eq(gop_line_graph(NULL, 9, NULL, 3), 0);
    ck_assert_uint_eq(gop_line_graph(NULL, 9, path, EDGES), 2);
    for (size_t i = 0; i < 4; i++)
        ck_assert(A[i] == 5 && d[i] == 7);
}
END_TEST

TEST_MAIN("graph")
{
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
    tcase_add_loop_test(t, spatial_partition_by_definition, 0, 20);
    tcase_add_test(t, spatial_partition_of_a_small_tree);
    tcase_add_test(t, spatial_partition_names_what_is_wrong);
    tcase_add_test(t, columns_sum_to_one);
    tcase_add_loop_test(t, check_finds_the_first_edge_that_is_there_twice, 0, 40);
    tcase_add_test(t, a_long_list_of_edges_is_checked_at_once);
    tcase_add_test(t, nothing_is_not_a_graph);
}
