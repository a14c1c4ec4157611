/*
 * test_graph_object.c: gop_graph: what it refuses, what it knows, and its matrices and
 * graphs against definitions in plain loops; layouts as graphs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "graphop.h"
#include "net_fixture.h"
#include "zoo/skeleton/layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hand: wrist 0, palm 1, thumb 2-3, finger 4-5-6. */
enum { HAND = 7 };
static const gop_edge hand_edges[] = {{0, 1}, {2, 1}, {2, 3}, {1, 4}, {5, 4}, {5, 6}};
enum { BONES = sizeof hand_edges / sizeof *hand_edges };
static const char *const hand_names[] = {"wrist", "palm", "t1", "t2", "f1", "f2", "f3"};
static const uint32_t hand_parts[] = {0, 0, 1, 1, 2, 2, 2};
static const char *const hand_part_names[] = {"root", "thumb", "finger"};

static gop_graph *hand(void)
{
    gop_graph *g;
    ck_assert_int_eq(gop_graph_new(&g, HAND, hand_edges, BONES, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_name_nodes(g, hand_names, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_set_parts(g, hand_parts, 3, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_name_parts(g, hand_part_names, NULL), GOP_OK);
    return g;
}

/* The call, which passes &err, fails with this status and this sentence. */
#define refused(call, code, says)              \
    do {                                       \
        gop_error err = {GOP_OK, ""};          \
        ck_assert_int_eq((call), (code));      \
        ck_assert_int_eq(err.status, (code));  \
        ck_assert_str_eq(err.message, (says)); \
    } while (0)

/* ------------------------------------------------------- random graphs, slow ways */

enum { M = 13, MORE = 9, MOST = M - 1 + MORE };

/* A connected graph: a tree, and for odd seeds a few edges more. */
typedef struct sample {
    gop_rng rng;
    gop_edge edges[MOST];
    size_t n_edges;
    uint32_t d[M][M]; /* by Floyd's algorithm */
    gop_graph *g;
} sample;

static void fill_distances(sample *s)
{
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++)
            s->d[i][j] = i == j ? 0 : 2 * M;
    for (size_t e = 0; e < s->n_edges; e++)
        s->d[s->edges[e].a][s->edges[e].b] = s->d[s->edges[e].b][s->edges[e].a] = 1;
    for (size_t k = 0; k < M; k++)
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < M; j++)
                if (s->d[i][k] + s->d[k][j] < s->d[i][j])
                    s->d[i][j] = s->d[i][k] + s->d[k][j];
}

static void draw(sample *s, int seed)
{
    static bool there[M][M];

    memset(there, 0, sizeof there);
    s->rng = gop_rng_new(7, (uint64_t)seed);
    s->n_edges = 0;
    for (uint32_t k = 1; k < M + (seed % 2 ? MORE : 0); k++) {
        uint32_t b = k < M ? k : (uint32_t)gop_rng_below(&s->rng, M);
        uint32_t a = (uint32_t)gop_rng_below(&s->rng, k < M ? k : M);
        if (a == b || there[a][b])
            continue;
        there[a][b] = there[b][a] = true;
        s->edges[s->n_edges++] = gop_rng_below(&s->rng, 2) ? (gop_edge){a, b} : (gop_edge){b, a};
    }
    fill_distances(s);
    ck_assert_int_eq(gop_graph_new(&s->g, M, s->edges, s->n_edges, NULL), GOP_OK);
}

static bool joined(const sample *s, size_t i, size_t j)
{
    return s->d[i][j] == 1;
}

/* ---------------------------------------------------------------- making and asking */

START_TEST(a_graph_knows_what_it_was_given)
{
    gop_graph *g = hand();

    ck_assert_uint_eq(gop_graph_nodes(g), HAND);
    ck_assert_uint_eq(gop_graph_edges(g), BONES);
    ck_assert_uint_eq(gop_graph_parts(g), 3);
    ck_assert_ptr_ne(gop_graph_edge_list(g), hand_edges);
    ck_assert_int_eq(memcmp(gop_graph_edge_list(g), hand_edges, sizeof hand_edges), 0);
    for (size_t i = 0; i < HAND; i++) {
        ck_assert_str_eq(gop_graph_node_name(g, i), hand_names[i]);
        ck_assert_ptr_ne(gop_graph_node_name(g, i), hand_names[i]);
        ck_assert_uint_eq(gop_graph_find_node(g, hand_names[i]), i);
        ck_assert_uint_eq(gop_graph_part_of(g, i), hand_parts[i]);
    }
    for (size_t p = 0; p < 3; p++) {
        ck_assert_str_eq(gop_graph_part_name(g, p), hand_part_names[p]);
        ck_assert_uint_eq(gop_graph_find_part(g, hand_part_names[p]), p);
    }
    ck_assert_uint_eq(gop_graph_find_node(g, "thumb"), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_find_part(g, "wrist"), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_degree(g, 1), 3);
    ck_assert_uint_eq(gop_graph_degree(g, 6), 1);
    ck_assert_int_eq(gop_graph_connected(g, NULL), GOP_OK);
    gop_graph_free(g);
}
END_TEST

START_TEST(without_names_and_parts_there_are_none)
{
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, HAND, hand_edges, BONES, NULL), GOP_OK);
    ck_assert_ptr_null(gop_graph_node_name(g, 0));
    ck_assert_ptr_null(gop_graph_part_name(g, 0));
    ck_assert_uint_eq(gop_graph_find_node(g, "wrist"), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_part_of(g, 0), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_parts(g), 0);
    gop_graph_free(g);
    ck_assert_int_eq(gop_graph_new(&g, 3, NULL, 0, NULL), GOP_OK);
    ck_assert_ptr_null(gop_graph_edge_list(g));
    ck_assert_uint_eq(gop_graph_degree(g, 2), 0);
    gop_graph_free(g);
}
END_TEST

START_TEST(a_new_graph_is_refused_with_a_sentence)
{
    static const gop_edge foreign[] = {{0, 1}, {1, 3}}, self[] = {{0, 1}, {2, 2}};
    static const gop_edge twice[] = {{0, 1}, {1, 2}, {1, 0}};
    gop_graph *g = (gop_graph *)&g;

    refused(gop_graph_new(NULL, 3, NULL, 0, &err), GOP_EINVAL, "no place is given for a new graph");
    refused(gop_graph_new(&g, 0, NULL, 0, &err), GOP_EINVAL, "a graph without nodes");
    ck_assert_ptr_null(g);
    refused(gop_graph_new(&g, 3, NULL, 2, &err), GOP_EINVAL, "2 edges of a graph are NULL");
    refused(gop_graph_new(&g, 3, foreign, 2, &err), GOP_EINVAL,
            "edge 1 joins nodes 1 and 3 of a graph of 3");
    refused(gop_graph_new(&g, 3, self, 2, &err), GOP_EINVAL, "edge 1 joins node 2 to itself");
    refused(gop_graph_new(&g, 3, twice, 3, &err), GOP_EINVAL,
            "edges 0 and 2 both join nodes 1 and 0");
    refused(gop_graph_new(&g, (size_t)GOP_MAX_NODES + 1, foreign, 1, &err), GOP_EINVAL,
            "a graph of 16777217 nodes, at most 16777216 are possible");
    refused(gop_graph_new(&g, 2, foreign, (size_t)GOP_MAX_NODES + 1, &err), GOP_EINVAL,
            "a graph of 16777217 edges, at most 16777216 are possible");
    ck_assert_int_eq(gop_graph_new(&g, SIZE_MAX, foreign, SIZE_MAX, NULL), GOP_EINVAL);
    ck_assert_ptr_null(g);
    gop_graph_free(NULL);
}
END_TEST

START_TEST(names_are_there_and_different)
{
    static const char *const gap[] = {"a", "b", NULL, "d", "e", "f", "g"};
    static const char *const empty[] = {"a", "", "c", "d", "e", "f", "g"};
    static const char *const twice[] = {"a", "b", "c", "d", "b", "f", "g"};
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, HAND, hand_edges, BONES, NULL), GOP_OK);
    refused(gop_graph_name_parts(g, gap, &err), GOP_ESTATE, "the graph has no parts to name");
    ck_assert_int_eq(gop_graph_name_nodes(g, hand_names, NULL), GOP_OK);
    refused(gop_graph_name_nodes(g, gap, &err), GOP_EINVAL, "node 2 of the graph has no name");
    refused(gop_graph_name_nodes(g, empty, &err), GOP_EINVAL, "node 1 of the graph has no name");
    refused(gop_graph_name_nodes(g, twice, &err), GOP_EINVAL,
            "two nodes of the graph have the name b");
    ck_assert_str_eq(gop_graph_node_name(g, 4), "f1"); /* as it was */
    ck_assert_int_eq(gop_graph_set_parts(g, hand_parts, 3, NULL), GOP_OK);
    refused(gop_graph_name_parts(g, gap, &err), GOP_EINVAL, "part 2 of the graph has no name");
    ck_assert_int_eq(gop_graph_name_parts(g, twice + 2, NULL), GOP_OK);
    gop_graph_free(g);
}
END_TEST

START_TEST(parts_by_numbers)
{
    static const uint32_t foreign[] = {0, 1, 2, 1, 0, 3, 0}, empty[] = {0, 0, 2, 2, 2, 2, 2};
    gop_graph *g = hand();
    gop_real part[HAND];

    refused(gop_graph_set_parts(g, foreign, 3, &err), GOP_EINVAL, "node f2 is in part 3 of 3");
    refused(gop_graph_set_parts(g, empty, 3, &err), GOP_EINVAL, "part 1 has no nodes");
    refused(gop_graph_set_parts(g, empty, 0, &err), GOP_EINVAL, "0 parts for a graph of 7 nodes");
    refused(gop_graph_set_parts(g, empty, 8, &err), GOP_EINVAL, "8 parts for a graph of 7 nodes");
    ck_assert_int_eq(gop_graph_set_parts(g, empty, SIZE_MAX, NULL), GOP_EINVAL);
    ck_assert_str_eq(gop_graph_part_name(g, 1), "thumb"); /* as it was */
    ck_assert_int_eq(gop_graph_part_numbers(part, g, NULL), GOP_OK);
    for (size_t i = 0; i < HAND; i++)
        ck_assert(part[i] == (gop_real)hand_parts[i]);
    ck_assert_int_eq(gop_graph_set_parts(g, foreign, 4, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_parts(g), 4);
    ck_assert_ptr_null(gop_graph_part_name(g, 1)); /* names of other parts */
    gop_graph_free(g);
}
END_TEST

START_TEST(parts_by_lists)
{
    static const uint32_t good[] = {6, 0, 2, 1, 3, 5, 4}, twice[] = {6, 0, 2, 1, 3, 5, 6};
    static const uint32_t foreign[] = {6, 0, 2, 1, 7, 5, 4}, want[HAND] = {0, 1, 1, 1, 2, 2, 0};
    static const size_t sizes[] = {2, 3, 2}, fewer[] = {2, 3, 1}, empty[] = {2, 0, 5};
    gop_graph *g = hand();

    refused(gop_graph_set_part_lists(g, twice, sizes, 3, &err), GOP_EINVAL,
            "node f3 is in parts 0 and 2");
    refused(gop_graph_set_part_lists(g, foreign, sizes, 3, &err), GOP_EINVAL,
            "part 1 has node 7 of a graph of 7");
    refused(gop_graph_set_part_lists(g, good, fewer, 3, &err), GOP_EINVAL,
            "node f1 is in none of 3 parts");
    refused(gop_graph_set_part_lists(g, good, empty, 3, &err), GOP_EINVAL, "part 1 has no nodes");
    refused(gop_graph_set_part_lists(g, good, sizes, 8, &err), GOP_EINVAL,
            "8 parts for a graph of 7 nodes");
    for (size_t i = 0; i < HAND; i++)
        ck_assert_uint_eq(gop_graph_part_of(g, i), hand_parts[i]);
    ck_assert_int_eq(gop_graph_set_part_lists(g, good, sizes, 3, NULL), GOP_OK);
    for (size_t i = 0; i < HAND; i++)
        ck_assert_uint_eq(gop_graph_part_of(g, i), want[i]);
    gop_graph_free(g);
}
END_TEST

/* Sentences say numbers until there are names. */
START_TEST(pieces_are_named)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    static const gop_edge edges[] = {{0, 2}, {2, 1}, {4, 3}};
    gop_real A[3 * 25];
    uint32_t parent[5];
    gop_graph *g, *dual;
    size_t centre;

    ck_assert_int_eq(gop_graph_new(&g, 5, edges, 3, NULL), GOP_OK);
    refused(gop_graph_connected(g, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node 0 and node 3");
    ck_assert_int_eq(gop_graph_name_nodes(g, names, NULL), GOP_OK);
    refused(gop_graph_connected(g, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node a and node d");
    refused(gop_graph_parents(parent, g, 3, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node d and node a");
    refused(gop_graph_centre(&centre, g, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node a and node d");
    refused(gop_graph_spatial(A, g, 0, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node a and node d");
    refused(gop_graph_bones(A, g, 0, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node a and node d");
    refused(gop_graph_node_bones(A, g, 4, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node e and node a");
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL,
            "the graph is in pieces: no path joins node a and node d");
    ck_assert_ptr_null(dual);
    gop_graph_free(g);
}
END_TEST

START_TEST(the_centre_is_near_to_all)
{
    sample s;
    size_t want = 0, centre = 99;
    uint32_t least = UINT32_MAX;

    draw(&s, _i);
    for (size_t i = 0; i < M; i++) {
        uint32_t most = 0;
        for (size_t j = 0; j < M; j++)
            most = s.d[i][j] > most ? s.d[i][j] : most;
        if (most < least) {
            least = most;
            want = i;
        }
    }
    ck_assert_int_eq(gop_graph_centre(&centre, s.g, NULL), GOP_OK);
    ck_assert_uint_eq(centre, want);
    refused(gop_graph_set_centre(s.g, M, &err), GOP_EINVAL,
            "the centre is node 13 of a graph of 13");
    ck_assert_int_eq(gop_graph_set_centre(s.g, M - 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_centre(&centre, s.g, NULL), GOP_OK);
    ck_assert_uint_eq(centre, M - 1);
    gop_graph_free(s.g);
}
END_TEST

START_TEST(parents_are_on_shortest_ways)
{
    sample s;
    uint32_t parent[M];
    size_t root;

    draw(&s, _i);
    root = (size_t)gop_rng_below(&s.rng, M);
    ck_assert_int_eq(gop_graph_parents(parent, s.g, root, NULL), GOP_OK);
    for (size_t i = 0; i < M; i++) {
        if (i == root) {
            ck_assert_uint_eq(parent[i], root);
            continue;
        }
        ck_assert(joined(&s, i, parent[i]));
        ck_assert_uint_eq(s.d[parent[i]][root] + 1, s.d[i][root]);
    }
    gop_graph_free(s.g);
}
END_TEST

START_TEST(of_several_ways_the_first_met_is_taken)
{
    static const gop_edge square[] = {{0, 2}, {0, 1}, {1, 3}, {2, 3}};
    uint32_t parent[4];
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, 4, square, 4, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_parents(parent, g, 0, NULL), GOP_OK);
    ck_assert_uint_eq(parent[3], 2);
    gop_graph_free(g);
}
END_TEST

/* ------------------------------------------------------------------------- matrices */

START_TEST(adjacency_by_definition)
{
    sample s;
    gop_real A[M * M];

    draw(&s, _i);
    for (int loops = 0; loops < 2; loops++)
        for (int norm = GOP_GRAPH_BINARY; norm <= GOP_GRAPH_SYMMETRIC; norm++) {
            memset(A, 0xff, sizeof A);
            ck_assert_int_eq(gop_graph_adjacency(A, s.g, loops, (gop_graph_norm)norm, NULL),
                             GOP_OK);
            for (size_t i = 0; i < M; i++)
                for (size_t j = 0; j < M; j++) {
                    double here = joined(&s, i, j) || (loops && i == j);
                    double di = (double)gop_graph_degree(s.g, i) + loops;
                    double dj = (double)gop_graph_degree(s.g, j) + loops;
                    double by = norm == GOP_GRAPH_BINARY    ? 1
                                : norm == GOP_GRAPH_ROWS    ? di
                                : norm == GOP_GRAPH_COLUMNS ? dj
                                                            : sqrt(di * dj);
                    ck_assert_double_eq_tol((double)A[i * M + j], here / by, 1e-7);
                }
        }
    refused(gop_graph_adjacency(A, s.g, true, (gop_graph_norm)4, &err), GOP_EINVAL,
            "4 is no way to normalise a graph");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(powers_by_definition)
{
    enum { HOPS = 3 };
    sample s;
    gop_real A[M * M], P[HOPS * M * M];
    double want[M * M], next[M * M];

    draw(&s, _i);
    ck_assert_int_eq(gop_graph_adjacency(A, s.g, true, GOP_GRAPH_COLUMNS, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_powers(P, s.g, GOP_GRAPH_COLUMNS, HOPS, NULL), GOP_OK);
    for (size_t i = 0; i < M * M; i++)
        want[i] = (double)A[i];
    for (size_t k = 0; k < HOPS; k++) {
        for (size_t i = 0; i < M * M; i++)
            ck_assert_double_eq_tol((double)P[k * M * M + i], want[i], 1e-6);
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < M; i++)
            for (size_t j = 0; j < M; j++)
                for (size_t l = 0; l < M; l++)
                    next[i * M + j] += want[i * M + l] * (double)A[l * M + j];
        memcpy(want, next, sizeof want);
    }
    refused(gop_graph_powers(P, s.g, GOP_GRAPH_ROWS, 0, &err), GOP_EINVAL,
            "graphs of 0 hops are asked for");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(hops_by_definition)
{
    enum { HOPS = 3 };
    sample s;
    gop_real H[HOPS * M * M];
    uint32_t d[M * M];

    draw(&s, _i);
    ck_assert_int_eq(gop_graph_distances(d, s.g, NULL), GOP_OK);
    for (size_t i = 0; i < M * M; i++)
        ck_assert_uint_eq(d[i], s.d[i / M][i % M]);
    for (int exact = 0; exact < 2; exact++) {
        ck_assert_int_eq(gop_graph_indicators(H, s.g, HOPS, exact, NULL), GOP_OK);
        for (size_t k = 0; k < HOPS; k++)
            for (size_t i = 0; i < M * M; i++) {
                const size_t far = s.d[i / M][i % M];
                ck_assert(H[k * M * M + i] == (gop_real)(exact ? far == k + 1 : far <= k + 1));
            }
    }
    refused(gop_graph_indicators(H, s.g, 0, true, &err), GOP_EINVAL,
            "graphs of 0 hops are asked for");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(spatial_is_the_partition_of_its_edges)
{
    sample s;
    gop_real A[3 * M * M], want[3 * M * M];

    draw(&s, _i);
    ck_assert_int_eq(gop_graph_spatial(A, s.g, 5, NULL), GOP_OK);
    ck_assert_int_eq(gop_spatial_partition(want, M, s.edges, s.n_edges, 5, NULL), GOP_OK);
    ck_assert_int_eq(memcmp(A, want, sizeof A), 0);
    refused(gop_graph_spatial(A, s.g, M, &err), GOP_EINVAL,
            "the centre is node 13 of a graph of 13");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(bones_are_differences)
{
    sample s;
    gop_real B[MOST * M], C[M * M];
    uint32_t parent[M];
    size_t root;

    draw(&s, _i);
    root = (size_t)gop_rng_below(&s.rng, M);
    memset(B, 0xff, sizeof B);
    memset(C, 0xff, sizeof C);
    ck_assert_int_eq(gop_graph_bones(B, s.g, root, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_node_bones(C, s.g, root, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_parents(parent, s.g, root, NULL), GOP_OK);
    for (size_t e = 0; e < s.n_edges; e++) {
        const gop_edge f = s.edges[e];
        const bool turned = s.d[f.a][root] > s.d[f.b][root];
        const size_t outer = turned ? f.a : f.b, inner = turned ? f.b : f.a;
        for (size_t i = 0; i < M; i++)
            ck_assert(B[e * M + i] == (gop_real)(i == outer ? 1 : i == inner ? -1 : 0));
    }
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++) {
            const int want = i == root ? 0 : i == j ? 1 : j == parent[i] ? -1 : 0;
            ck_assert(C[i * M + j] == (gop_real)want);
        }
    refused(gop_graph_bones(B, s.g, M, &err), GOP_EINVAL, "the root is node 13 of a graph of 13");
    refused(gop_graph_node_bones(C, s.g, M, &err), GOP_EINVAL,
            "the root is node 13 of a graph of 13");
    refused(gop_graph_parents(parent, s.g, M, &err), GOP_EINVAL,
            "the root is node 13 of a graph of 13");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(edges_as_operators_take_them)
{
    static const gop_edge edges[] = {{2, 0}, {1, 2}};
    static const gop_real want[] = {2, 0, 1, 2, 0, 2, 2, 1, 0, 0, 1, 1, 2, 2};
    gop_real index[16];
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, 3, edges, 2, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_edge_index(NULL, 0, g, false, false), 2);
    ck_assert_uint_eq(gop_graph_edge_index(NULL, 9, g, true, false), 4);
    ck_assert_uint_eq(gop_graph_edge_index(index, 8, g, true, true), 7);
    ck_assert_int_eq(memcmp(index, want, sizeof want), 0);
    ck_assert_uint_eq(gop_graph_edge_index(index, 8, g, false, true), 5);
    ck_assert_int_eq(memcmp(index, want, 4 * sizeof *want), 0);
    ck_assert_int_eq(memcmp(index + 4, want + 8, 6 * sizeof *want), 0);
    index[2] = 77;
    ck_assert_uint_eq(gop_graph_edge_index(index, 1, g, true, true), 7);
    ck_assert(index[2] == 77);
    gop_graph_free(g);
}
END_TEST

/* --------------------------------------------------------------- graphs of graphs */

START_TEST(the_graph_of_parts_by_definition)
{
    enum { P = 5 };
    sample s;
    uint32_t part[M];
    bool want[P][P] = {{false}};
    size_t found = 0;
    gop_graph *parts;
    gop_edge before = {0, 0};

    draw(&s, _i);
    for (size_t i = 0; i < M; i++)
        part[i] = (uint32_t)(i < P ? i : gop_rng_below(&s.rng, P));
    ck_assert_int_eq(gop_graph_set_parts(s.g, part, P, NULL), GOP_OK);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++)
            if (joined(&s, i, j) && part[i] != part[j])
                want[part[i]][part[j]] = true;
    ck_assert_int_eq(gop_graph_of_parts(&parts, s.g, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_nodes(parts), P);
    for (size_t e = 0; e < gop_graph_edges(parts); e++) {
        const gop_edge f = gop_graph_edge_list(parts)[e];
        ck_assert(f.a < f.b && want[f.a][f.b]);
        ck_assert(e == 0 || f.a > before.a || (f.a == before.a && f.b > before.b));
        before = f;
    }
    for (size_t p = 0; p < P * P; p++)
        found += want[p / P][p % P];
    ck_assert_uint_eq(2 * gop_graph_edges(parts), found);
    gop_graph_free(parts);
    gop_graph_free(s.g);
}
END_TEST

START_TEST(the_dual_is_the_line_graph)
{
    sample s;
    gop_edge want[MOST * MOST / 2];
    size_t n;
    gop_graph *dual;

    draw(&s, _i);
    n = gop_line_graph(want, MOST * MOST / 2, s.edges, s.n_edges);
    ck_assert_int_eq(gop_graph_dual(&dual, s.g, 3, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_nodes(dual), s.n_edges);
    ck_assert_uint_eq(gop_graph_edges(dual), n);
    ck_assert_int_eq(memcmp(gop_graph_edge_list(dual), want, n * sizeof *want), 0);
    ck_assert_uint_eq(gop_graph_parts(dual), 0);
    ck_assert_ptr_null(gop_graph_node_name(dual, 0));
    gop_graph_free(dual);
    gop_graph_free(s.g);
}
END_TEST

START_TEST(graphs_of_a_hand)
{
    static const char *const bones[] = {"wrist-palm", "palm-t1", "t1-t2",
                                        "palm-f1",    "f1-f2",   "f2-f3"};
    static const char *const inward[] = {"palm-wrist", "palm-t1", "t1-t2",
                                         "palm-f1",    "f1-f2",   "f2-f3"};
    static const uint32_t part[] = {0, 1, 1, 2, 2, 2};
    static const gop_edge part_edges[] = {{0, 1}, {0, 2}};
    static const uint32_t palm_only[] = {1, 0, 1, 1, 2, 2, 2};
    gop_graph *g = hand(), *dual, *parts;
    size_t centre = 99;

    ck_assert_int_eq(gop_graph_set_centre(g, 5, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_of_parts(&parts, g, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_edges(parts), 2);
    ck_assert_int_eq(memcmp(gop_graph_edge_list(parts), part_edges, sizeof part_edges), 0);
    ck_assert_str_eq(gop_graph_node_name(parts, 2), "finger");
    ck_assert_int_eq(gop_graph_centre(&centre, parts, NULL), GOP_OK);
    ck_assert_uint_eq(centre, 2);
    gop_graph_free(parts);

    ck_assert_int_eq(gop_graph_dual(&dual, g, 0, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_parts(dual), 3);
    for (size_t e = 0; e < BONES; e++) {
        ck_assert_str_eq(gop_graph_node_name(dual, e), bones[e]);
        ck_assert_uint_eq(gop_graph_part_of(dual, e), part[e]);
    }
    ck_assert_str_eq(gop_graph_part_name(dual, 1), "thumb");
    gop_graph_free(dual);
    ck_assert_int_eq(gop_graph_dual(&dual, g, 1, NULL), GOP_OK);
    for (size_t e = 0; e < BONES; e++)
        ck_assert_str_eq(gop_graph_node_name(dual, e), inward[e]);
    gop_graph_free(dual);

    ck_assert_int_eq(gop_graph_set_parts(g, palm_only, 3, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 1, &err), GOP_EINVAL,
            "part 0 has no edge in the dual: no edge's outer node is in it");
    ck_assert_ptr_null(dual);
    ck_assert_int_eq(gop_graph_name_parts(g, hand_part_names, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 1, &err), GOP_EINVAL,
            "part root has no edge in the dual: no edge's outer node is in it");
    gop_graph_free(g);
}
END_TEST

START_TEST(a_dual_that_is_none)
{
    enum { STAR = 5795 }; /* 5795 * 5794 / 2 > 2^24 */
    static gop_edge star[STAR];
    static const uint32_t part[] = {0, 1};
    gop_graph *g, *dual;

    ck_assert_int_eq(gop_graph_new(&g, 2, NULL, 0, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 2, &err), GOP_EINVAL, "the root is node 2 of a graph of 2");
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL, "a graph without edges has no dual");
    refused(gop_graph_of_parts(&dual, g, &err), GOP_ESTATE, "the graph has no parts");
    gop_graph_free(g);
    for (uint32_t i = 0; i < STAR; i++)
        star[i] = (gop_edge){0, i + 1};
    ck_assert_int_eq(gop_graph_new(&g, STAR + 1, star, STAR, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL, "the dual has more than 16777216 edges");
    gop_graph_free(g);
    ck_assert_int_eq(gop_graph_new(&g, 2, star, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_set_parts(g, part, 2, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL, "2 parts for a dual of 1 edges");
    gop_graph_free(g);
}
END_TEST

/* --------------------------------------------------------------- sizes and nothing */

/* All pairs of a million edges would take an hour. */
START_TEST(a_long_chain_takes_no_time)
{
    enum { LONG = 1000000 };
    gop_edge *chain = malloc(LONG * sizeof *chain);
    gop_graph *g, *dual;

    ck_assert_ptr_nonnull(chain);
    for (uint32_t i = 0; i < LONG; i++)
        chain[i] = (gop_edge){i, i + 1};
    ck_assert_int_eq(gop_graph_new(&g, LONG + 1, chain, LONG, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_connected(g, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_dual(&dual, g, LONG / 2, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_nodes(dual), LONG);
    ck_assert_uint_eq(gop_graph_edges(dual), LONG - 1);
    gop_graph_free(dual);
    gop_graph_free(g);
    free(chain);
}
END_TEST

START_TEST(null_is_refused)
{
    gop_graph *g = hand(), *none = NULL;
    const gop_graph *no = NULL;
    const char *is_null = "the graph is NULL";
    const char *nothing = "what is to be read or written for a graph is NULL";
    static const size_t sizes[] = {7};
    gop_real A[1];
    uint32_t d[1];
    size_t node;

    ck_assert_uint_eq(gop_graph_nodes(no) + gop_graph_edges(no) + gop_graph_parts(no), 0);
    ck_assert_ptr_null(gop_graph_edge_list(no));
    ck_assert_ptr_null(gop_graph_node_name(no, 0));
    ck_assert_ptr_null(gop_graph_part_name(no, 0));
    ck_assert_ptr_null(gop_graph_node_name(g, HAND));
    ck_assert_ptr_null(gop_graph_part_name(g, 3));
    ck_assert_uint_eq(gop_graph_find_node(no, "a"), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_find_part(no, "a"), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_find_node(g, NULL), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_part_of(no, 0), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_part_of(g, HAND), SIZE_MAX);
    ck_assert_uint_eq(gop_graph_degree(no, 0) + gop_graph_degree(g, HAND), 0);
    ck_assert_uint_eq(gop_graph_edge_index(A, 1, no, true, true), 0);

    refused(gop_graph_name_nodes(none, hand_names, &err), GOP_EINVAL, is_null);
    refused(gop_graph_name_nodes(g, NULL, &err), GOP_EINVAL, nothing);
    refused(gop_graph_name_parts(none, hand_names, &err), GOP_EINVAL, is_null);
    refused(gop_graph_name_parts(g, NULL, &err), GOP_EINVAL, nothing);
    refused(gop_graph_set_parts(none, hand_parts, 3, &err), GOP_EINVAL, is_null);
    refused(gop_graph_set_parts(g, NULL, 3, &err), GOP_EINVAL, nothing);
    refused(gop_graph_set_part_lists(none, d, sizes, 1, &err), GOP_EINVAL, is_null);
    refused(gop_graph_set_part_lists(g, NULL, sizes, 1, &err), GOP_EINVAL, nothing);
    refused(gop_graph_set_part_lists(g, d, NULL, 1, &err), GOP_EINVAL, nothing);
    refused(gop_graph_set_centre(none, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_centre(&node, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_centre(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_connected(no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_parents(d, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_parents(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(gop_graph_adjacency(A, no, true, GOP_GRAPH_ROWS, &err), GOP_EINVAL, is_null);
    refused(gop_graph_adjacency(NULL, g, true, GOP_GRAPH_ROWS, &err), GOP_EINVAL, nothing);
    refused(gop_graph_powers(A, no, GOP_GRAPH_ROWS, 1, &err), GOP_EINVAL, is_null);
    refused(gop_graph_powers(NULL, g, GOP_GRAPH_ROWS, 1, &err), GOP_EINVAL, nothing);
    refused(gop_graph_distances(d, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_distances(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_indicators(A, no, 1, true, &err), GOP_EINVAL, is_null);
    refused(gop_graph_indicators(NULL, g, 1, true, &err), GOP_EINVAL, nothing);
    refused(gop_graph_spatial(A, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_spatial(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(gop_graph_bones(A, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_bones(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(gop_graph_node_bones(A, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_node_bones(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(gop_graph_part_numbers(A, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_part_numbers(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_of_parts(&none, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_of_parts(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_dual(&none, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_dual(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(zoo_layout_graph(NULL, zoo_layout_find("tiny5"), &err), GOP_EINVAL,
            "a layout, or the place for its graph, is NULL");
    refused(zoo_layout_graph(&none, NULL, &err), GOP_EINVAL,
            "a layout, or the place for its graph, is NULL");
    refused(zoo_layout_bone_graph(NULL, zoo_layout_find("tiny5"), &err), GOP_EINVAL,
            "a layout, or the place for its graph, is NULL");
    refused(zoo_layout_bone_graph(&none, NULL, &err), GOP_EINVAL,
            "a layout, or the place for its graph, is NULL");
    gop_graph_free(g);
}
END_TEST

/* ------------------------------------------------------------------ in a net */

static void same(const fixture *f, gop_var v, gop_shape shape, const gop_real *want)
{
    ck_assert(gop_shape_equal(gop_net_shape(f->net, v), shape));
    ck_assert_int_eq(memcmp(gop_net_value(f->net, v), want, gop_shape_size(shape) * sizeof *want),
                     0);
}

START_TEST(constants_are_the_data)
{
    enum { HOPS = 2 };
    fixture f = fixture_new(false);
    gop_graph *g = hand();
    gop_real want[3 * HAND * HAND];
    gop_var v[8];

    v[0] = gop_constant_adjacency(f.net, "A", g, false, GOP_GRAPH_SYMMETRIC);
    v[1] = gop_constant_powers(f.net, "P", g, GOP_GRAPH_ROWS, HOPS);
    v[2] = gop_constant_indicators(f.net, "H", g, HOPS, true);
    v[3] = gop_constant_spatial(f.net, "S", g, 1);
    v[4] = gop_constant_bones(f.net, "B", g, 1);
    v[5] = gop_constant_node_bones(f.net, "C", g, 1);
    v[6] = gop_constant_part_numbers(f.net, "part", g);
    v[7] = gop_constant_edge_index(f.net, "index", g, true, true);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    gop_graph_adjacency(want, g, false, GOP_GRAPH_SYMMETRIC, NULL);
    same(&f, v[0], gop_shape2(HAND, HAND), want);
    gop_graph_powers(want, g, GOP_GRAPH_ROWS, HOPS, NULL);
    same(&f, v[1], gop_shape3(HOPS, HAND, HAND), want);
    gop_graph_indicators(want, g, HOPS, true, NULL);
    same(&f, v[2], gop_shape3(HOPS, HAND, HAND), want);
    gop_graph_spatial(want, g, 1, NULL);
    same(&f, v[3], gop_shape3(3, HAND, HAND), want);
    gop_graph_bones(want, g, 1, NULL);
    same(&f, v[4], gop_shape2(BONES, HAND), want);
    gop_graph_node_bones(want, g, 1, NULL);
    same(&f, v[5], gop_shape2(HAND, HAND), want);
    gop_graph_part_numbers(want, g, NULL);
    same(&f, v[6], gop_shape1(HAND), want);
    gop_graph_edge_index(want, SIZE_MAX, g, true, true);
    same(&f, v[7], gop_shape2(2 * BONES + HAND, 2), want);
    gop_graph_free(g);
    fixture_free(&f);
}
END_TEST

/* The operators read the data as they are meant: means of parts, bones, and each node's
 * mean over itself and its neighbours in two ways. */
START_TEST(operators_take_the_data)
{
    fixture f = fixture_new(false);
    gop_graph *g = hand();
    const gop_real in[HAND] = {1, 2, 4, 8, 16, 32, 64};
    const gop_real pooled[3] = {(gop_real)1.5, 6, (gop_real)(112.0 / 3)};
    const gop_real bones[BONES] = {-1, 2, 4, 14, 16, 32};
    given x = give(&f, gop_shape4(1, HAND, 1, 1), in);
    gop_var part = gop_constant_part_numbers(f.net, "part", g);
    gop_var B = gop_constant_bones(f.net, "B", g, 1);
    gop_var A = gop_constant_adjacency(f.net, "A", g, true, GOP_GRAPH_ROWS);
    gop_var index = gop_constant_edge_index(f.net, "index", g, true, true);
    gop_var p = gop_pool(f.net, x.var, part, 3, GOP_REDUCE_MEAN);
    gop_var b = gop_graph_product(f.net, B, x.var);
    gop_var y = gop_graph_product(f.net, A, x.var);
    gop_var ends = gop_edge_gather(f.net, gop_reshape(f.net, x.var, gop_shape3(1, HAND, 1)), index);
    gop_var z = gop_edge_scatter(f.net, gop_slice(f.net, ends, 2, 1, 1), index, HAND,
                                 GOP_REDUCE_MEAN);

    gop_net_keep(f.net, p);
    gop_net_keep(f.net, b);
    gop_net_keep(f.net, y);
    gop_net_keep(f.net, z);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    assert_ok(f, fixture_run(&f, &x, 1));
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq_tol((double)gop_net_value(f.net, p)[i], (double)pooled[i], 1e-5);
    for (size_t e = 0; e < BONES; e++)
        ck_assert(gop_net_value(f.net, b)[e] == bones[e]);
    for (size_t i = 0; i < HAND; i++)
        ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[i],
                                (double)gop_net_value(f.net, z)[i], 1e-5);
    ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[1], (1 + 2 + 4 + 16) / 4.0, 1e-5);
    gop_graph_free(g);
    fixture_free(&f);
}
END_TEST

START_TEST(a_constant_that_fails_sticks)
{
    static const struct {
        int kind;
        const char *says;
    } wrong[] = {
        {0, "block.A: the graph is NULL"},
        {1, "block.P: the shape [0, 7, 7] of this constant is empty or too large"},
        {2, "7, 7] of this constant is empty or too large"}, /* SIZE_MAX hops */
        {3, "block.S: the centre is node 7 of a graph of 7"},
        {4, "block.part: the graph has no parts"},
        {5, "block.A: 9 is no way to normalise a graph"},
    };

    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        fixture f = fixture_new(false);
        gop_graph *g = hand(), *bare;
        gop_var v = gop_none();
        ck_assert_int_eq(gop_graph_new(&bare, HAND, hand_edges, BONES, NULL), GOP_OK);
        gop_net_push(f.net, "block");
        switch (wrong[k].kind) {
        case 0:
            v = gop_constant_adjacency(f.net, "A", NULL, true, GOP_GRAPH_ROWS);
            break;
        case 1:
            v = gop_constant_powers(f.net, "P", g, GOP_GRAPH_ROWS, 0);
            break;
        case 2:
            v = gop_constant_powers(f.net, "P", g, GOP_GRAPH_ROWS, SIZE_MAX);
            break;
        case 3:
            v = gop_constant_spatial(f.net, "S", g, HAND);
            break;
        case 4:
            v = gop_constant_part_numbers(f.net, "part", bare);
            break;
        case 5:
            v = gop_constant_adjacency(f.net, "A", g, true, (gop_graph_norm)9);
            break;
        }
        ck_assert_int_lt(v.id, 0);
        v = gop_constant_bones(f.net, "later", g, 0);
        ck_assert_int_lt(v.id, 0);
        ck_assert_int_ne(gop_net_plan(f.net, &f.err), GOP_OK);
        assert_says(&f, wrong[k].says);
        gop_graph_free(bare);
        gop_graph_free(g);
        fixture_free(&f);
    }
    ck_assert_int_lt(gop_constant_edge_index(NULL, "index", NULL, true, true).id, 0);
}
END_TEST

/* -------------------------------------------------------------------------- layouts */

static bool has_edge(const gop_graph *g, gop_edge e)
{
    const gop_edge *f = gop_graph_edge_list(g);
    for (size_t k = 0; k < gop_graph_edges(g); k++)
        if ((f[k].a == e.a && f[k].b == e.b) || (f[k].a == e.b && f[k].b == e.a))
            return true;
    return false;
}

START_TEST(layouts_are_graphs)
{
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL; l++) {
        gop_graph *g, *parts, *of_parts;
        size_t centre = SIZE_MAX;
        ck_assert_int_eq(zoo_layout_graph(&g, *l, NULL), GOP_OK);
        ck_assert_int_eq(zoo_layout_part_graph(&parts, *l, NULL), GOP_OK);
        ck_assert_uint_eq(gop_graph_nodes(g), (*l)->nodes);
        ck_assert_uint_eq(gop_graph_edges(g), (*l)->n_edges);
        ck_assert_int_eq(
            memcmp(gop_graph_edge_list(g), (*l)->edges, (*l)->n_edges * sizeof *(*l)->edges), 0);
        ck_assert_uint_eq(gop_graph_parts(g), (*l)->parts);
        for (size_t i = 0; i < (*l)->nodes; i++) {
            ck_assert_str_eq(gop_graph_node_name(g, i), (*l)->node_name[i]);
            ck_assert_uint_eq(gop_graph_part_of(g, i), (*l)->part[i]);
        }
        ck_assert_int_eq(gop_graph_centre(&centre, g, NULL), GOP_OK);
        ck_assert_uint_eq(centre, (*l)->centre);
        ck_assert_int_eq(gop_graph_connected(g, NULL), GOP_OK);
        ck_assert_int_eq(gop_graph_of_parts(&of_parts, g, NULL), GOP_OK);
        ck_assert_uint_eq(gop_graph_nodes(parts), (*l)->parts);
        ck_assert_uint_eq(gop_graph_edges(parts), (*l)->n_part_edges);
        ck_assert_uint_eq(gop_graph_edges(of_parts), (*l)->n_part_edges);
        for (uint32_t e = 0; e < (*l)->n_part_edges; e++) {
            gop_edge between = (*l)->part_edges[e];
            ck_assert(has_edge(parts, between));
            /* There hips hang on shoulders, and the part graph is a body's all the same. */
            if (strcmp((*l)->name, "kinetics18") == 0 && between.a == 1 && between.b >= 6)
                between.a = between.b - 4;
            ck_assert_msg(has_edge(of_parts, between), "%s, part edge %u", (*l)->name, (unsigned)e);
        }
        for (size_t p = 0; p < (*l)->parts; p++) {
            ck_assert_str_eq(gop_graph_node_name(parts, p), (*l)->part_name[p]);
            ck_assert_str_eq(gop_graph_node_name(of_parts, p), (*l)->part_name[p]);
        }
        gop_graph_free(of_parts);
        gop_graph_free(parts);
        gop_graph_free(g);
    }
}
END_TEST

START_TEST(a_bad_layout_is_no_graph)
{
    zoo_layout l = *zoo_layout_find("tiny5");
    static const char *const names[] = {"a", "b", "c", "b", "e"};
    static const gop_edge twice[] = {{0, 1}, {1, 2}, {1, 0}};
    gop_graph *g = (gop_graph *)&l;

    l.centre = 5;
    refused(zoo_layout_graph(&g, &l, &err), GOP_EINVAL, "layout tiny5 has centre 5 of 5 nodes");
    ck_assert_ptr_null(g);
    l.centre = 0;
    l.node_name = names;
    refused(zoo_layout_graph(&g, &l, &err), GOP_EINVAL, "two nodes of the graph have the name b");
    ck_assert_ptr_null(g);
    l.part_edges = twice;
    l.n_part_edges = 3;
    refused(zoo_layout_part_graph(&g, &l, &err), GOP_EINVAL,
            "edges 0 and 2 both join nodes 1 and 0");
    ck_assert_ptr_null(g);
}
END_TEST

TEST_MAIN("graph object")
{
    tcase_add_test(t, a_graph_knows_what_it_was_given);
    tcase_add_test(t, without_names_and_parts_there_are_none);
    tcase_add_test(t, a_new_graph_is_refused_with_a_sentence);
    tcase_add_test(t, names_are_there_and_different);
    tcase_add_test(t, parts_by_numbers);
    tcase_add_test(t, parts_by_lists);
    tcase_add_test(t, pieces_are_named);
    tcase_add_loop_test(t, the_centre_is_near_to_all, 0, 12);
    tcase_add_loop_test(t, parents_are_on_shortest_ways, 0, 12);
    tcase_add_test(t, of_several_ways_the_first_met_is_taken);
    tcase_add_loop_test(t, adjacency_by_definition, 0, 6);
    tcase_add_loop_test(t, powers_by_definition, 0, 6);
    tcase_add_loop_test(t, hops_by_definition, 0, 6);
    tcase_add_loop_test(t, spatial_is_the_partition_of_its_edges, 0, 6);
    tcase_add_loop_test(t, bones_are_differences, 0, 12);
    tcase_add_test(t, edges_as_operators_take_them);
    tcase_add_loop_test(t, the_graph_of_parts_by_definition, 0, 12);
    tcase_add_loop_test(t, the_dual_is_the_line_graph, 0, 12);
    tcase_add_test(t, graphs_of_a_hand);
    tcase_add_test(t, a_dual_that_is_none);
    tcase_add_test(t, a_long_chain_takes_no_time);
    tcase_add_test(t, null_is_refused);
    tcase_add_test(t, constants_are_the_data);
    tcase_add_test(t, operators_take_the_data);
    tcase_add_test(t, a_constant_that_fails_sticks);
    tcase_add_test(t, layouts_are_graphs);
    tcase_add_test(t, a_bad_layout_is_no_graph);
}
