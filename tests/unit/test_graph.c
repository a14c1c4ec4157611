/*
 * test_graph.c: gop_graph: errors, contents, and its matrices and graphs against definitions in
 * plain loops; normalisation of plain matrices; layouts as graphs.
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

/* A path 0-1-2-3 and node 4 on its own. */
enum { N = 5 };
static const gop_edge path[] = {{0, 1}, {2, 1}, {2, 3}};
enum { EDGES = sizeof path / sizeof *path };

static gop_graph *hand(void)
{
    gop_graph *g;
    ck_assert_int_eq(gop_graph_new(&g, HAND, hand_edges, BONES, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_name_nodes(g, hand_names, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_set_parts(g, hand_parts, 3, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_name_parts(g, hand_part_names, NULL), GOP_OK);
    return g;
}

/* The call, which passes &err, must fail with this status and this message. */
#define refused(call, code, says)              \
    do {                                       \
        gop_error err = {GOP_OK, ""};          \
        ck_assert_int_eq((call), (code));      \
        ck_assert_int_eq(err.status, (code));  \
        ck_assert_str_eq(err.message, (says)); \
    } while (0)

/* ------------------------------------------------------------------- which data */

static gop_graph_data adjacency(gop_graph_norm norm, bool loops)
{
    return (gop_graph_data){GOP_GRAPH_ADJACENCY, .norm = norm, .loops = loops};
}

static gop_graph_data powers(gop_graph_norm norm, size_t hops)
{
    return (gop_graph_data){GOP_GRAPH_POWERS, .norm = norm, .loops = true, .hops = hops};
}

static gop_graph_data hops_exact(size_t hops)
{
    return (gop_graph_data){GOP_GRAPH_EXACT_HOPS, .hops = hops};
}

static gop_graph_data hops_within(size_t hops)
{
    return (gop_graph_data){GOP_GRAPH_WITHIN_HOPS, .hops = hops};
}

static gop_graph_data spatial(size_t root)
{
    return (gop_graph_data){GOP_GRAPH_SPATIAL, .norm = GOP_GRAPH_ROWS, .loops = true, .root = root};
}

static gop_graph_data bones_from(size_t root)
{
    return (gop_graph_data){GOP_GRAPH_BONES, .root = root};
}

static gop_graph_data node_bones(size_t root)
{
    return (gop_graph_data){GOP_GRAPH_NODE_BONES, .root = root};
}

static gop_graph_data part_numbers(void)
{
    return (gop_graph_data){.kind = GOP_GRAPH_PART_NUMBERS};
}

static gop_graph_data edge_index(bool both, bool loops)
{
    return (gop_graph_data){GOP_GRAPH_EDGE_INDEX, .both = both, .loops = loops};
}

/* ------------------------------------------------------- random graphs, slow ways */

enum { M = 13, MORE = 9, MOST = M - 1 + MORE };

/* A connected graph: a tree and, for odd seeds, a few more edges. */
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

    refused(gop_graph_new(NULL, 3, NULL, 0, &err), GOP_EINVAL, "the result pointer is NULL");
    refused(gop_graph_new(&g, 0, NULL, 0, &err), GOP_EINVAL, "a graph must have at least one node");
    ck_assert_ptr_null(g);
    refused(gop_graph_new(&g, 3, NULL, 2, &err), GOP_EINVAL, "the list of 2 edges is NULL");
    refused(gop_graph_new(&g, 3, foreign, 2, &err), GOP_EINVAL,
            "edge 1 joins nodes 1 and 3, but the graph has 3 nodes");
    refused(gop_graph_new(&g, 3, self, 2, &err), GOP_EINVAL, "edge 1 joins node 2 to itself");
    refused(gop_graph_new(&g, 3, twice, 3, &err), GOP_EINVAL,
            "edges 0 and 2 both join nodes 1 and 0");
    refused(gop_graph_new(&g, (size_t)GOP_MAX_NODES + 1, foreign, 1, &err), GOP_EINVAL,
            "a graph can have at most 16777216 nodes, not 16777217");
    refused(gop_graph_new(&g, 2, foreign, (size_t)GOP_MAX_NODES + 1, &err), GOP_EINVAL,
            "a graph can have at most 16777216 edges, not 16777217");
    ck_assert_int_eq(gop_graph_new(&g, SIZE_MAX, foreign, SIZE_MAX, NULL), GOP_EINVAL);
    ck_assert_ptr_null(g);
    gop_graph_free(NULL);
}
END_TEST

START_TEST(checks_name_what_is_wrong)
{
    static const struct {
        gop_edge edges[3];
        bool connected;
        const char *says; /* NULL: no error */
    } graphs[] = {
        {{{0, 1}, {2, 1}, {2, 3}}, true, NULL},
        {{{2, 3}, {2, 1}, {0, 1}}, true, NULL},
        {{{0, 1}, {1, 2}, {2, 0}}, false, NULL},
        {{{0, 1}, {1, 2}, {2, 0}}, true, "no path joins node 0 and node 3"},
        {{{3, 2}, {1, 3}, {2, 1}}, true, "no path joins node 0 and node 1"},
        {{{0, 1}, {1, 4}, {2, 3}}, false, "edge 1 joins nodes 1 and 4, but the graph has 4 nodes"},
        {{{0, 1}, {2, 2}, {2, 3}}, false, "edge 1 joins node 2 to itself"},
        {{{0, 1}, {2, 3}, {1, 0}}, false, "edges 0 and 2 both join nodes 1 and 0"},
    };
    gop_graph *g;

    for (size_t k = 0; k < sizeof graphs / sizeof *graphs; k++) {
        gop_error err = {GOP_OK, ""};
        gop_status s = recorded(gop_graph_new(&g, 4, graphs[k].edges, 3, &err), &err);
        if (s == GOP_OK && graphs[k].connected)
            s = gop_graph_connected(g, &err);
        ck_assert_int_eq(s, graphs[k].says == NULL ? GOP_OK : GOP_EINVAL);
        ck_assert_msg(graphs[k].says == NULL || strstr(err.message, graphs[k].says) != NULL,
                      "graph %zu: %s", k, err.message);
        gop_graph_free(g);
    }
    ck_assert_int_eq(gop_graph_new(&g, 1, NULL, 0, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_connected(g, NULL), GOP_OK);
    gop_graph_free(g);
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

START_TEST(the_first_edge_that_is_there_twice_is_found)
{
    enum { NODES = 9, LIST = 16 };
    gop_rng rng = gop_rng_new(6, (uint64_t)_i);
    gop_edge edges[LIST];
    gop_graph *g;
    char want[80];
    size_t e, f;

    for (size_t i = 0; i < LIST; i++) {
        edges[i].a = (uint32_t)gop_rng_below(&rng, NODES);
        edges[i].b = (uint32_t)(edges[i].a + 1 + gop_rng_below(&rng, NODES - 1)) % NODES;
    }
    if (slow_twice(&e, &f, edges, LIST)) {
        snprintf(want, sizeof want, "edges %zu and %zu both join nodes %u and %u", e, f,
                 (unsigned)edges[f].a, (unsigned)edges[f].b);
        refused(gop_graph_new(&g, NODES, edges, LIST, &err), GOP_EINVAL, want);
    } else {
        ck_assert_int_eq(gop_graph_new(&g, NODES, edges, LIST, NULL), GOP_OK);
    }
    gop_graph_free(g);
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

    refused(gop_graph_set_parts(g, foreign, 3, &err), GOP_EINVAL,
            "the part of node f2 must be below 3, not 3");
    refused(gop_graph_set_parts(g, empty, 3, &err), GOP_EINVAL, "part 1 has no nodes");
    refused(gop_graph_set_parts(g, empty, 0, &err), GOP_EINVAL,
            "a graph of 7 nodes must have 1 to 7 parts, not 0");
    refused(gop_graph_set_parts(g, empty, 8, &err), GOP_EINVAL,
            "a graph of 7 nodes must have 1 to 7 parts, not 8");
    ck_assert_int_eq(gop_graph_set_parts(g, empty, SIZE_MAX, NULL), GOP_EINVAL);
    ck_assert_str_eq(gop_graph_part_name(g, 1), "thumb"); /* as it was */
    ck_assert_int_eq(gop_graph_fill(part, g, part_numbers(), NULL), GOP_OK);
    for (size_t i = 0; i < HAND; i++)
        ck_assert(part[i] == (gop_real)hand_parts[i]);
    ck_assert_int_eq(gop_graph_set_parts(g, foreign, 4, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_parts(g), 4);
    ck_assert_ptr_null(gop_graph_part_name(g, 1)); /* names of other parts */
    gop_graph_free(g);
}
END_TEST

START_TEST(parts_are_complete_and_without_overlap)
{
    static const uint32_t good[] = {4, 0, 2, 1, 3}, twice[] = {4, 0, 2, 0, 3};
    static const uint32_t foreign[] = {4, 0, N, 1, 3};
    static const size_t sizes[] = {2, 3}, fewer[] = {2, 2}, empty[] = {0, 5};
    static const gop_real want[N] = {0, 1, 1, 1, 0};
    gop_real part[N];
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, N, path, EDGES, NULL), GOP_OK);
    refused(gop_graph_set_part_lists(g, twice, sizes, 2, &err), GOP_EINVAL,
            "node 0 is in parts 0 and 1");
    refused(gop_graph_set_part_lists(g, foreign, sizes, 2, &err), GOP_EINVAL,
            "part 1 lists node 5, but the graph has 5 nodes");
    refused(gop_graph_set_part_lists(g, good, fewer, 2, &err), GOP_EINVAL,
            "node 3 is in none of the 2 parts");
    refused(gop_graph_set_part_lists(g, good, empty, 2, &err), GOP_EINVAL, "part 0 has no nodes");
    refused(gop_graph_fill(part, g, part_numbers(), &err), GOP_ESTATE, "the graph has no parts");
    ck_assert_int_eq(gop_graph_set_part_lists(g, good, sizes, 2, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(part, g, part_numbers(), NULL), GOP_OK);
    ck_assert_int_eq(memcmp(part, want, sizeof want), 0);
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
            "part 1 lists node 7, but the graph has 7 nodes");
    refused(gop_graph_set_part_lists(g, good, fewer, 3, &err), GOP_EINVAL,
            "node f1 is in none of the 3 parts");
    refused(gop_graph_set_part_lists(g, good, empty, 3, &err), GOP_EINVAL, "part 1 has no nodes");
    refused(gop_graph_set_part_lists(g, good, sizes, 8, &err), GOP_EINVAL,
            "a graph of 7 nodes must have 1 to 7 parts, not 8");
    for (size_t i = 0; i < HAND; i++)
        ck_assert_uint_eq(gop_graph_part_of(g, i), hand_parts[i]);
    ck_assert_int_eq(gop_graph_set_part_lists(g, good, sizes, 3, NULL), GOP_OK);
    for (size_t i = 0; i < HAND; i++)
        ck_assert_uint_eq(gop_graph_part_of(g, i), want[i]);
    gop_graph_free(g);
}
END_TEST

/* Messages have numbers until nodes have names. */
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
            "the graph is not connected: no path joins node 0 and node 3");
    ck_assert_int_eq(gop_graph_name_nodes(g, names, NULL), GOP_OK);
    refused(gop_graph_connected(g, &err), GOP_EINVAL,
            "the graph is not connected: no path joins node a and node d");
    refused(gop_graph_parents(parent, g, 3, &err), GOP_EINVAL,
            "the graph is not connected: no path joins node d and node a");
    refused(gop_graph_centre(&centre, g, &err), GOP_EINVAL,
            "the graph is not connected: no path joins node a and node d");
    refused(gop_graph_fill(A, g, spatial(0), &err), GOP_EINVAL,
            "the graph is not connected: no path joins node a and node d");
    refused(gop_graph_fill(A, g, bones_from(0), &err), GOP_EINVAL,
            "the graph is not connected: no path joins node a and node d");
    refused(gop_graph_fill(A, g, node_bones(4), &err), GOP_EINVAL,
            "the graph is not connected: no path joins node e and node a");
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL,
            "the graph is not connected: no path joins node a and node d");
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
            "the centre is node 13, but the graph has 13 nodes");
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

START_TEST(rows_sum_to_one)
{
    gop_real A[N * N];

    for (size_t i = 0; i < N * N; i++)
        A[i] = i / N < 4 && i / N <= i % N + 1 && i % N <= i / N + 1;
    ck_assert_int_eq(gop_graph_normalise(A, N, GOP_GRAPH_ROWS, NULL), GOP_OK);
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

START_TEST(columns_sum_to_one)
{
    gop_real A[N * N], rows[N * N], columns[N * N];

    for (size_t i = 0; i < N * N; i++)
        A[i] = (gop_real)(i % N == 3 ? 0 : 1 + i * i % 7);
    memcpy(columns, A, sizeof A);
    ck_assert_int_eq(gop_graph_normalise(columns, N, GOP_GRAPH_COLUMNS, NULL), GOP_OK);
    for (size_t i = 0; i < N; i++) /* the rows of the transpose */
        for (size_t j = 0; j < N; j++)
            rows[i * N + j] = A[j * N + i];
    ck_assert_int_eq(gop_graph_normalise(rows, N, GOP_GRAPH_ROWS, NULL), GOP_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            ck_assert(columns[i * N + j] == rows[j * N + i]);
    ck_assert(columns[3] == 0);
}
END_TEST

START_TEST(symmetric_normalisation_by_definition)
{
    gop_real A[N * N], B[N * N];
    double degree[N];

    for (size_t i = 0; i < N * N; i++)
        A[i] = i / N < 4 && i % N < 4 && i / N <= i % N + 1 && i % N <= i / N + 1;
    memcpy(B, A, sizeof A);
    for (size_t i = 0; i < N; i++) {
        degree[i] = 0;
        for (size_t j = 0; j < N; j++)
            degree[i] += (double)A[i * N + j];
    }
    ck_assert_int_eq(gop_graph_normalise(B, N, GOP_GRAPH_SYMMETRIC, NULL), GOP_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double want = A[i * N + j] == 0 ? 0 : 1 / sqrt(degree[i] * degree[j]);
            ck_assert_double_eq_tol((double)B[i * N + j], want, 1e-6);
        }
    memcpy(B, A, sizeof A);
    B[1 * N + 0] = -4;
    refused(gop_graph_normalise(B, N, GOP_GRAPH_SYMMETRIC, &err), GOP_EINVAL,
            "row 1 sums to -2: symmetric normalisation takes no negative sums");
    ck_assert(B[0] == A[0] && B[1 * N + 0] == -4);
    ck_assert_int_eq(gop_graph_normalise(B, N, GOP_GRAPH_BINARY, NULL), GOP_OK);
    ck_assert(B[0] == A[0] && B[1 * N + 0] == -4);
    refused(gop_graph_normalise(B, N, (gop_graph_norm)4, &err), GOP_EINVAL,
            "no such gop_graph_norm: 4");
}
END_TEST

START_TEST(adjacency_is_symmetric_with_loops)
{
    static const int want[N][N] = {
        {1, 1, 0, 0, 0}, {1, 1, 1, 0, 0}, {0, 1, 1, 1, 0}, {0, 0, 1, 1, 0}, {0, 0, 0, 0, 1}};
    gop_real A[N * N];
    gop_graph *g;

    memset(A, 0xff, sizeof A);
    ck_assert_int_eq(gop_graph_new(&g, N, path, EDGES, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(A, g, adjacency(GOP_GRAPH_BINARY, true), NULL), GOP_OK);
    for (size_t i = 0; i < N * N; i++)
        ck_assert(A[i] == (gop_real)want[i / N][i % N]);
    gop_graph_free(g);
}
END_TEST

/* No path joins separate pieces. */
START_TEST(distances_and_hops_on_a_path)
{
    enum { HOPS = 3 };
    gop_real exact[HOPS * N * N], within[HOPS * N * N];
    uint32_t d[N * N];
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, N, path, EDGES, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_distances(d, g, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(exact, g, hops_exact(HOPS), NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(within, g, hops_within(HOPS), NULL), GOP_OK);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            const bool joined = (i < 4 && j < 4) || i == j;
            ck_assert_uint_eq(d[i * N + j], joined ? (uint32_t)abs(i - j) : UINT32_MAX);
            for (int k = 0; k < HOPS; k++) {
                const size_t at = (size_t)((k * N + i) * N + j);
                ck_assert(exact[at] == (gop_real)(joined && abs(i - j) == k + 1));
                ck_assert(within[at] == (gop_real)(joined && abs(i - j) <= k + 1));
            }
        }
    gop_graph_free(g);
}
END_TEST

/* Floyd's algorithm, which shares no step with the tested one; most of these graphs are in
 * pieces. */
START_TEST(distances_on_random_graphs)
{
    enum { NODES = 24, MAX_EDGES = 60 };
    gop_rng rng = gop_rng_new(4, (uint64_t)_i);
    const size_t draws = (size_t)gop_rng_below(&rng, MAX_EDGES);
    gop_edge e[MAX_EDGES];
    size_t edges = 0;
    uint32_t d[NODES * NODES];
    uint64_t f[NODES][NODES];
    gop_graph *g;

    for (size_t i = 0; i < NODES; i++)
        for (size_t j = 0; j < NODES; j++)
            f[i][j] = i == j ? 0 : UINT32_MAX;
    for (size_t i = 0; i < draws; i++) {
        e[edges].a = (uint32_t)gop_rng_below(&rng, NODES);
        e[edges].b = (uint32_t)gop_rng_below(&rng, NODES);
        if (f[e[edges].a][e[edges].b] <= 1)
            continue; /* a loop or a duplicate */
        f[e[edges].a][e[edges].b] = f[e[edges].b][e[edges].a] = 1;
        edges++;
    }
    for (size_t k = 0; k < NODES; k++)
        for (size_t i = 0; i < NODES; i++)
            for (size_t j = 0; j < NODES; j++)
                if (f[i][k] + f[k][j] < f[i][j])
                    f[i][j] = f[i][k] + f[k][j];
    ck_assert_int_eq(gop_graph_new(&g, NODES, e, edges, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_distances(d, g, NULL), GOP_OK);
    for (size_t i = 0; i < NODES * NODES; i++)
        ck_assert_uint_eq(d[i], (uint32_t)f[i / NODES][i % NODES]);
    gop_graph_free(g);
}
END_TEST

/* A member that the kind does not read is an error, as is an unknown kind. */
START_TEST(members_belong_to_kinds)
{
    enum { NORM = 1, LOOPS = 2, APART = 4, BOTH = 8, HOPS = 16, ROOT = 32, SIDE = 64, ALL = 127 };
    static const unsigned reads[] = {
        [GOP_GRAPH_ADJACENCY] = NORM | LOOPS | SIDE,
        [GOP_GRAPH_POWERS] = NORM | LOOPS | HOPS | SIDE,
        [GOP_GRAPH_POWER] = NORM | LOOPS | HOPS | SIDE,
        [GOP_GRAPH_DIFFUSION] = LOOPS | HOPS,
        [GOP_GRAPH_EXACT_HOPS] = NORM | LOOPS | HOPS,
        [GOP_GRAPH_WITHIN_HOPS] = NORM | HOPS,
        [GOP_GRAPH_SPATIAL] = NORM | LOOPS | APART | ROOT | SIDE,
        [GOP_GRAPH_BONES] = ROOT,
        [GOP_GRAPH_NODE_BONES] = ROOT,
        [GOP_GRAPH_PART_NUMBERS] = 0,
        [GOP_GRAPH_EDGE_INDEX] = LOOPS | BOTH | SIDE,
        [GOP_GRAPH_EDGE_WEIGHTS] = NORM | LOOPS | BOTH | SIDE,
        [GOP_GRAPH_DEGREES] = LOOPS | SIDE,
    };
    gop_graph *g = hand();
    gop_real A[3 * HAND * HAND];
    gop_shape shape;

    for (unsigned k = 0; k < sizeof reads / sizeof *reads; k++)
        for (unsigned set = 0; set <= ALL; set++) {
            const gop_graph_data what = {.kind = (gop_graph_kind)k,
                                         .norm = set & NORM ? GOP_GRAPH_ROWS : GOP_GRAPH_BINARY,
                                         .side = set & SIDE ? GOP_GRAPH_OUT : GOP_GRAPH_IN,
                                         .loops = set & LOOPS,
                                         .apart = set & APART,
                                         .both = set & BOTH,
                                         .hops = set & HOPS ? 2 : 0,
                                         .root = set & ROOT ? 1 : 0};
            const bool good = (set & ~reads[k]) == 0 && (reads[k] & HOPS) == (set & HOPS);
            ck_assert_int_eq(gop_graph_shape(&shape, g, what, NULL), good ? GOP_OK : GOP_EINVAL);
            ck_assert_int_eq(gop_graph_fill(A, g, what, NULL), good ? GOP_OK : GOP_EINVAL);
        }
    refused(gop_graph_fill(A, g, (gop_graph_data){GOP_GRAPH_BONES, .hops = 2}, &err), GOP_EINVAL,
            "GOP_GRAPH_BONES does not use hops, which must be 0");
    refused(gop_graph_fill(A, g, (gop_graph_data){.kind = (gop_graph_kind)13}, &err), GOP_EINVAL,
            "no such gop_graph_kind: 13");
    refused(gop_graph_shape(&shape, g, (gop_graph_data){.kind = (gop_graph_kind)-1}, &err),
            GOP_EINVAL, "no such gop_graph_kind: -1");
    gop_graph_free(g);
}
END_TEST

START_TEST(adjacency_by_definition)
{
    sample s;
    gop_real A[M * M];

    draw(&s, _i);
    for (int loops = 0; loops < 2; loops++)
        for (int norm = GOP_GRAPH_BINARY; norm <= GOP_GRAPH_SYMMETRIC; norm++) {
            memset(A, 0xff, sizeof A);
            ck_assert_int_eq(gop_graph_fill(A, s.g, adjacency((gop_graph_norm)norm, loops), NULL),
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
    refused(gop_graph_fill(A, s.g, adjacency((gop_graph_norm)4, true), &err), GOP_EINVAL,
            "no such gop_graph_norm: 4");
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
    ck_assert_int_eq(gop_graph_fill(A, s.g, adjacency(GOP_GRAPH_COLUMNS, true), NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(P, s.g, powers(GOP_GRAPH_COLUMNS, HOPS), NULL), GOP_OK);
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
    refused(gop_graph_fill(P, s.g, powers(GOP_GRAPH_ROWS, 0), &err), GOP_EINVAL,
            "GOP_GRAPH_POWERS: hops must be at least 1");
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
        ck_assert_int_eq(gop_graph_fill(H, s.g, exact ? hops_exact(HOPS) : hops_within(HOPS), NULL),
                         GOP_OK);
        for (size_t k = 0; k < HOPS; k++)
            for (size_t i = 0; i < M * M; i++) {
                const size_t far = s.d[i / M][i % M];
                ck_assert(H[k * M * M + i] == (gop_real)(exact ? far == k + 1 : far <= k + 1));
            }
    }
    /* With loops, each normalised by itself. */
    for (int norm = GOP_GRAPH_BINARY; norm <= GOP_GRAPH_SYMMETRIC; norm++) {
        gop_real hop[M * M];
        gop_graph_data what = hops_exact(HOPS);
        what.loops = true;
        what.norm = (gop_graph_norm)norm;
        ck_assert_int_eq(gop_graph_fill(H, s.g, what, NULL), GOP_OK);
        for (size_t k = 0; k < HOPS; k++) {
            for (size_t i = 0; i < M * M; i++)
                hop[i] = s.d[i / M][i % M] == k + 1 || i / M == i % M;
            ck_assert_int_eq(gop_graph_normalise(hop, M, what.norm, NULL), GOP_OK);
            ck_assert_mem_eq(H + k * M * M, hop, sizeof hop);
        }
        what = hops_within(HOPS);
        what.norm = (gop_graph_norm)norm;
        ck_assert_int_eq(gop_graph_fill(H, s.g, what, NULL), GOP_OK);
        for (size_t i = 0; i < M * M; i++)
            hop[i] = s.d[i / M][i % M] <= 2;
        ck_assert_int_eq(gop_graph_normalise(hop, M, what.norm, NULL), GOP_OK);
        ck_assert_mem_eq(H + M * M, hop, sizeof hop);
    }
    refused(gop_graph_fill(H, s.g, hops_exact(0), &err), GOP_EINVAL,
            "GOP_GRAPH_EXACT_HOPS: hops must be at least 1");
    gop_graph_free(s.g);
}
END_TEST

/* Entry by entry; normalised before partitioning, or each subset by itself. */
START_TEST(spatial_by_definition)
{
    sample s;
    gop_real A[3 * M * M], B[M * M], want[3 * M * M];

    draw(&s, _i);
    for (int norm = GOP_GRAPH_BINARY; norm <= GOP_GRAPH_SYMMETRIC; norm++)
        for (int way = 0; way < 4; way++) {
            const gop_graph_norm by = (gop_graph_norm)norm;
            const bool loops = way & 1, apart = way & 2;
            const size_t root = (size_t)gop_rng_below(&s.rng, M);
            gop_graph_data what = spatial(root);
            what.norm = by;
            what.loops = loops;
            what.apart = apart;
            memset(A, 0xff, sizeof A);
            memset(want, 0, sizeof want);
            ck_assert_int_eq(gop_graph_fill(A, s.g, what, NULL), GOP_OK);
            ck_assert_int_eq(
                gop_graph_fill(B, s.g, adjacency(apart ? GOP_GRAPH_BINARY : by, loops), NULL),
                GOP_OK);
            for (size_t i = 0; i < M; i++)
                for (size_t j = 0; j < M; j++) {
                    const uint32_t di = s.d[i][root], dj = s.d[j][root];
                    const size_t k = dj == di ? 0 : dj < di ? 1 : 2;
                    want[(k * M + i) * M + j] = B[i * M + j];
                }
            for (size_t k = 0; k < 3 && apart; k++)
                ck_assert_int_eq(gop_graph_normalise(want + k * M * M, M, by, NULL), GOP_OK);
            for (size_t i = 0; i < 3 * M * M; i++)
                ck_assert(A[i] == want[i]);
        }
    refused(gop_graph_fill(A, s.g, spatial(M), &err), GOP_EINVAL,
            "the root is node 13, but the graph has 13 nodes");
    gop_graph_free(s.g);
}
END_TEST

/* The tree 1 - 0 - 2, 2 - 3, 2 - 4 from 0: what each node gathers, written out. */
START_TEST(spatial_of_a_small_tree)
{
    static const gop_edge tree[] = {{0, 1}, {2, 0}, {2, 3}, {4, 2}};
    gop_real A[3 * N * N], want[3 * N * N] = {0};
    gop_graph_data what = spatial(0);
    gop_graph *g;

    for (size_t i = 0; i < N; i++)
        want[i * N + i] = 1;                           /* root */
    want[(N + 1) * N + 0] = want[(N + 2) * N + 0] = 1; /* nearer: each node's parent */
    want[(N + 3) * N + 2] = want[(N + 4) * N + 2] = 1;
    want[2 * N * N + 1] = want[2 * N * N + 2] = (gop_real)0.5; /* farther: children */
    want[(2 * N + 2) * N + 3] = want[(2 * N + 2) * N + 4] = (gop_real)0.5;
    ck_assert_int_eq(gop_graph_new(&g, N, tree, 4, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(A, g, what, NULL), GOP_OK);
    ck_assert_double_eq_tol((double)A[2 * N + 2], 1.0 / 4, 1e-7);
    ck_assert_double_eq_tol((double)A[(2 * N + 0) * N + 2], 1.0 / 3, 1e-7);
    what.apart = true; /* as in 2s-AGCN */
    ck_assert_int_eq(gop_graph_fill(A, g, what, NULL), GOP_OK);
    for (size_t i = 0; i < 3 * N * N; i++)
        ck_assert_double_eq_tol((double)A[i], (double)want[i], 1e-7);
    gop_graph_free(g);
    ck_assert_int_eq(gop_graph_new(&g, 1, NULL, 0, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(A, g, what, NULL), GOP_OK);
    ck_assert(A[0] == 1 && A[1] == 0 && A[2] == 0);
    gop_graph_free(g);
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
    ck_assert_int_eq(gop_graph_fill(B, s.g, bones_from(root), NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_fill(C, s.g, node_bones(root), NULL), GOP_OK);
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
    refused(gop_graph_fill(B, s.g, bones_from(M), &err), GOP_EINVAL,
            "the root is node 13, but the graph has 13 nodes");
    refused(gop_graph_fill(C, s.g, node_bones(M), &err), GOP_EINVAL,
            "the root is node 13, but the graph has 13 nodes");
    refused(gop_graph_parents(parent, s.g, M, &err), GOP_EINVAL,
            "the root is node 13, but the graph has 13 nodes");
    gop_graph_free(s.g);
}
END_TEST

START_TEST(edges_as_operators_take_them)
{
    static const gop_edge edges[] = {{2, 0}, {1, 2}};
    static const gop_real want[] = {2, 0, 1, 2, 0, 2, 2, 1, 0, 0, 1, 1, 2, 2};
    gop_real index[16];
    gop_shape shape;
    gop_graph *g;

    ck_assert_int_eq(gop_graph_new(&g, 3, edges, 2, NULL), GOP_OK);
    for (int way = 0; way < 4; way++) {
        const bool both = way & 1, loops = way & 2;
        const size_t rows = (both ? 4 : 2) + (loops ? 3 : 0);
        ck_assert_int_eq(gop_graph_shape(&shape, g, edge_index(both, loops), NULL), GOP_OK);
        ck_assert(gop_shape_equal(shape, gop_shape2(rows, 2)));
        index[2 * rows] = 77;
        ck_assert_int_eq(gop_graph_fill(index, g, edge_index(both, loops), NULL), GOP_OK);
        ck_assert_int_eq(memcmp(index, want, (both ? 8 : 4) * sizeof *want), 0);
        if (loops)
            ck_assert_int_eq(memcmp(index + (both ? 8 : 4), want + 8, 6 * sizeof *want), 0);
        ck_assert(index[2 * rows] == 77);
    }
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

static bool meet(gop_edge e, gop_edge f)
{
    return e.a == f.a || e.a == f.b || e.b == f.a || e.b == f.b;
}

/* Blocks of A + I, of weights if set; with a direction, if the graph has one. */
START_TEST(a_window_is_blocks)
{
    enum { FRAMES = 3, WINDOW = FRAMES * HAND };
    static const gop_real weights[BONES] = {2, 3, (gop_real)0.5};
    gop_graph *g = hand(), *window;
    gop_real A[HAND * HAND], W[WINDOW * WINDOW];
    if (_i & 1) {
        gop_graph_free(g);
        ck_assert_int_eq(gop_graph_new_directed(&g, HAND, hand_edges, BONES, NULL), GOP_OK);
    }
    if (_i & 2)
        ck_assert_int_eq(gop_graph_set_weights(g, weights, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_of_frames(&window, g, FRAMES, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_nodes(window), WINDOW);
    ck_assert(gop_graph_directed(window) == gop_graph_directed(g));
    for (int side = GOP_GRAPH_IN; side <= GOP_GRAPH_OUT; side++) {
        gop_graph_data what = adjacency(GOP_GRAPH_BINARY, true);
        what.side = (gop_graph_side)side;
        ck_assert_int_eq(gop_graph_fill(A, g, what, NULL), GOP_OK);
        ck_assert_int_eq(gop_graph_fill(W, window, what, NULL), GOP_OK);
        for (size_t i = 0; i < WINDOW; i++)
            for (size_t j = 0; j < WINDOW; j++)
                ck_assert(W[i * WINDOW + j] == A[i % HAND * HAND + j % HAND]);
    }
    for (size_t i = 0; i < WINDOW && !(_i & 1); i++) {
        char name[32];
        snprintf(name, sizeof name, "%s@%zu", hand_names[i % HAND], i / HAND);
        ck_assert_str_eq(gop_graph_node_name(window, i), name);
        ck_assert_uint_eq(gop_graph_part_of(window, i), hand_parts[i % HAND]);
    }
    if (!(_i & 1))
        ck_assert_str_eq(gop_graph_part_name(window, 1), hand_part_names[1]);
    gop_graph_free(window);
    ck_assert_int_eq(gop_graph_of_frames(&window, g, 1, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_edges(window), BONES);
    gop_graph_free(window);
    gop_graph_free(g);
}
END_TEST

START_TEST(windows_have_bounds)
{
    gop_graph *g = hand(), *window;
    char says[128];
    snprintf(says, sizeof says, "a window of 0 frames of %d nodes must have 1 to 16777216 nodes",
             HAND);
    refused(gop_graph_of_frames(&window, g, 0, &err), GOP_EINVAL, says);
    ck_assert_ptr_null(window);
    ck_assert_int_eq(gop_graph_of_frames(&window, g, SIZE_MAX, NULL), GOP_EINVAL);
    refused(gop_graph_of_frames(&window, g, 5000, &err), GOP_EINVAL,
            "a window of 5000 frames has more than 16777216 edges");
    refused(gop_graph_of_frames(&window, g, 50000, &err), GOP_EINVAL,
            "a window of 50000 frames has more than 16777216 edges");
    gop_graph_free(g);
}
END_TEST

START_TEST(the_dual_is_the_line_graph)
{
    sample s;
    gop_edge want[MOST * MOST / 2];
    size_t n = 0;
    gop_graph *dual;

    draw(&s, _i);
    for (uint32_t e = 0; e < s.n_edges; e++)
        for (uint32_t f = e + 1; f < s.n_edges; f++)
            if (meet(s.edges[e], s.edges[f]))
                want[n++] = (gop_edge){e, f};
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

static void expect_dual(size_t nodes, const gop_edge *edges, size_t n_edges, const gop_edge *want,
                        size_t n)
{
    gop_graph *g, *dual;

    ck_assert_int_eq(gop_graph_new(&g, nodes, edges, n_edges, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_dual(&dual, g, 0, NULL), GOP_OK);
    ck_assert_uint_eq(gop_graph_edges(dual), n);
    for (size_t k = 0; k < n; k++) {
        ck_assert_uint_eq(gop_graph_edge_list(dual)[k].a, want[k].a);
        ck_assert_uint_eq(gop_graph_edge_list(dual)[k].b, want[k].b);
    }
    gop_graph_free(dual);
    gop_graph_free(g);
}

START_TEST(duals_of_a_star_and_a_path)
{
    static const gop_edge star[] = {{0, 1}, {2, 0}, {0, 3}};
    static const gop_edge of_star[] = {{0, 1}, {0, 2}, {1, 2}}, of_path[] = {{0, 1}, {1, 2}};

    expect_dual(4, star, 3, of_star, 3);
    expect_dual(4, path, EDGES, of_path, 2);
    expect_dual(2, path, 1, NULL, 0);
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
            "part 0 would be empty in the dual: no edge has its outer node in it");
    ck_assert_ptr_null(dual);
    ck_assert_int_eq(gop_graph_name_parts(g, hand_part_names, NULL), GOP_OK);
    refused(gop_graph_dual(&dual, g, 1, &err), GOP_EINVAL,
            "part root would be empty in the dual: no edge has its outer node in it");
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
    refused(gop_graph_dual(&dual, g, 2, &err), GOP_EINVAL,
            "the root is node 2, but the graph has 2 nodes");
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
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL,
            "the dual of 1 edges has too few nodes for 2 parts");
    gop_graph_free(g);
}
END_TEST

/* --------------------------------------------------------------- sizes and nothing */

/* All pairs of edges would be 2 * 10^12: half an hour. */
START_TEST(a_long_list_of_edges_is_checked_at_once)
{
    enum { LONG = 2000001 };
    gop_edge *chain = malloc(LONG * sizeof *chain);
    gop_graph *g;

    ck_assert_ptr_nonnull(chain);
    for (uint32_t i = 0; i < LONG; i++) /* backwards, so that each pass would reach one node */
        chain[i] = (gop_edge){LONG - i - 1, (LONG - i) % LONG};
    ck_assert_int_eq(gop_graph_new(&g, LONG, chain, LONG, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_connected(g, NULL), GOP_OK);
    gop_graph_free(g);
    chain[LONG - 1] = (gop_edge){LONG - 2, LONG - 1};
    refused(gop_graph_new(&g, LONG, chain, LONG, &err), GOP_EINVAL,
            "edges 1 and 2000000 both join nodes 1999999 and 2000000");
    free(chain);
}
END_TEST

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
    const char *nothing = "an argument other than the graph is NULL";
    static const size_t sizes[] = {7};
    gop_shape shape;
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
    refused(gop_graph_fill(A, no, adjacency(GOP_GRAPH_ROWS, true), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, adjacency(GOP_GRAPH_ROWS, true), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, powers(GOP_GRAPH_ROWS, 1), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, powers(GOP_GRAPH_ROWS, 1), &err), GOP_EINVAL, nothing);
    refused(gop_graph_distances(d, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_distances(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, hops_exact(1), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, hops_exact(1), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, spatial(0), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, spatial(0), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, bones_from(0), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, bones_from(0), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, node_bones(0), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, node_bones(0), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, part_numbers(), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, part_numbers(), &err), GOP_EINVAL, nothing);
    refused(gop_graph_fill(A, no, edge_index(true, true), &err), GOP_EINVAL, is_null);
    refused(gop_graph_fill(NULL, g, edge_index(true, true), &err), GOP_EINVAL, nothing);
    refused(gop_graph_new_directed(NULL, 2, NULL, 0, &err), GOP_EINVAL,
            "the result pointer is NULL");
    refused(gop_graph_set_weights(NULL, A, &err), GOP_EINVAL, is_null);
    refused(gop_graph_set_weights(g, NULL, &err), GOP_EINVAL, nothing);
    ck_assert(!gop_graph_directed(NULL));
    ck_assert_ptr_null(gop_graph_weights(NULL));
    refused(gop_graph_shape(&shape, no, part_numbers(), &err), GOP_EINVAL, is_null);
    refused(gop_graph_shape(NULL, g, part_numbers(), &err), GOP_EINVAL, nothing);
    refused(gop_graph_normalise(NULL, 2, GOP_GRAPH_ROWS, &err), GOP_EINVAL,
            "gop_graph_normalise: the matrix is NULL or n is 0");
    refused(gop_graph_normalise(A, 0, GOP_GRAPH_ROWS, &err), GOP_EINVAL,
            "gop_graph_normalise: the matrix is NULL or n is 0");
    refused(gop_graph_of_frames(&none, no, 2, &err), GOP_EINVAL, is_null);
    refused(gop_graph_of_frames(NULL, g, 2, &err), GOP_EINVAL, nothing);
    refused(gop_graph_of_parts(&none, no, &err), GOP_EINVAL, is_null);
    refused(gop_graph_of_parts(NULL, g, &err), GOP_EINVAL, nothing);
    refused(gop_graph_dual(&none, no, 0, &err), GOP_EINVAL, is_null);
    refused(gop_graph_dual(NULL, g, 0, &err), GOP_EINVAL, nothing);
    refused(zoo_layout_graph(NULL, zoo_layout_find("tiny5"), &err), GOP_EINVAL,
            "the layout or the result pointer is NULL");
    refused(zoo_layout_graph(&none, NULL, &err), GOP_EINVAL,
            "the layout or the result pointer is NULL");
    refused(zoo_layout_bone_graph(NULL, zoo_layout_find("tiny5"), &err), GOP_EINVAL,
            "the layout or the result pointer is NULL");
    refused(zoo_layout_bone_graph(&none, NULL, &err), GOP_EINVAL,
            "the layout or the result pointer is NULL");
    gop_graph_free(g);
}
END_TEST

/* ------------------------------------------------------- directions and weights */

enum { ROADS = 5, TOWNS = 4 };
static const gop_edge road[ROADS] = {{0, 1}, {1, 0}, {1, 2}, {3, 1}, {0, 2}};
static const gop_real road_weight[ROADS] = {2, 3, (gop_real)0.5, 0, 4};

static gop_graph *roads(void)
{
    gop_graph *g;
    ck_assert_int_eq(gop_graph_new_directed(&g, TOWNS, road, ROADS, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_set_weights(g, road_weight, NULL), GOP_OK);
    return g;
}

/* The matrix by definition. */
static void road_matrix(double A[TOWNS][TOWNS], gop_graph_side side, bool loops)
{
    memset(A, 0, sizeof(double[TOWNS][TOWNS]));
    for (size_t e = 0; e < ROADS; e++)
        if (side == GOP_GRAPH_IN)
            A[road[e].b][road[e].a] = (double)road_weight[e];
        else
            A[road[e].a][road[e].b] = (double)road_weight[e];
    for (size_t i = 0; i < TOWNS && loops; i++)
        A[i][i] = 1;
}

static void divide_rows(double A[TOWNS][TOWNS])
{
    for (size_t i = 0; i < TOWNS; i++) {
        double sum = 0;
        for (size_t j = 0; j < TOWNS; j++)
            sum += A[i][j];
        for (size_t j = 0; j < TOWNS && sum != 0; j++)
            A[i][j] /= sum;
    }
}

START_TEST(directed_edges_have_two_sides)
{
    gop_graph *g = roads();
    const bool loops = _i % 2;
    const gop_graph_side side = (gop_graph_side)(_i / 2);
    double A[TOWNS][TOWNS], want[TOWNS][TOWNS], next[TOWNS][TOWNS];
    gop_real got[TOWNS * TOWNS], degree[TOWNS], index[(ROADS + TOWNS) * 2], w[ROADS + TOWNS];

    ck_assert(gop_graph_directed(g));
    ck_assert_mem_eq(gop_graph_weights(g), road_weight, sizeof road_weight);
    road_matrix(A, side, loops);
    const gop_graph_data degrees = {GOP_GRAPH_DEGREES, .side = side, .loops = loops};
    ck_assert_int_eq(gop_graph_fill(degree, g, degrees, NULL), GOP_OK);
    for (size_t i = 0; i < TOWNS; i++) {
        double sum = 0;
        for (size_t j = 0; j < TOWNS; j++)
            sum += A[i][j];
        ck_assert_double_eq_tol((double)degree[i], sum, 1e-6);
    }
    /* The lists hold the entries of the normalised matrices. */
    for (int norm = GOP_GRAPH_BINARY; norm <= GOP_GRAPH_SYMMETRIC; norm++) {
        gop_graph_data what = {GOP_GRAPH_ADJACENCY, .side = side, .loops = loops};
        what.norm = (gop_graph_norm)norm;
        ck_assert_int_eq(gop_graph_fill(got, g, what, NULL), GOP_OK);
        what.kind = GOP_GRAPH_EDGE_WEIGHTS;
        ck_assert_int_eq(gop_graph_fill(w, g, what, NULL), GOP_OK);
        what.kind = GOP_GRAPH_EDGE_INDEX;
        what.norm = GOP_GRAPH_BINARY;
        ck_assert_int_eq(gop_graph_fill(index, g, what, NULL), GOP_OK);
        for (size_t e = 0; e < ROADS + (loops ? TOWNS : 0); e++) {
            gop_real *at = &got[(size_t)index[2 * e] * TOWNS + (size_t)index[2 * e + 1]];
            ck_assert_double_eq_tol((double)*at, (double)w[e], 1e-6);
            *at = 0;
        }
        for (size_t k = 0; k < TOWNS * TOWNS; k++)
            ck_assert(got[k] == 0);
    }
    divide_rows(A);
    memcpy(want, A, sizeof want);
    for (size_t hops = 1; hops < 10; hops++) {
        const gop_graph_data power = {GOP_GRAPH_POWER, GOP_GRAPH_ROWS, side, loops, .hops = hops};
        ck_assert_int_eq(gop_graph_fill(got, g, power, NULL), GOP_OK);
        for (size_t k = 0; k < TOWNS * TOWNS; k++)
            ck_assert_double_eq_tol((double)got[k], want[k / TOWNS][k % TOWNS], 1e-6);
        memset(next, 0, sizeof next);
        for (size_t i = 0; i < TOWNS; i++)
            for (size_t j = 0; j < TOWNS; j++)
                for (size_t k = 0; k < TOWNS; k++)
                    next[i][j] += A[i][k] * want[k][j];
        memcpy(want, next, sizeof want);
    }
    /* A walk over 2^60 edges takes no longer than one over a thousand. */
    const gop_graph_data far = {GOP_GRAPH_POWER, GOP_GRAPH_ROWS, side, loops,
                                .hops = SIZE_MAX / 16};
    ck_assert_int_eq(gop_graph_fill(got, g, far, NULL), GOP_OK);
    gop_graph_free(g);
}
END_TEST

START_TEST(diffusion_is_powers_of_both_sides)
{
    enum { HOPS = 3, SIZE = TOWNS * TOWNS };
    const gop_graph_data what = {GOP_GRAPH_DIFFUSION, .loops = true, .hops = HOPS};
    gop_graph_data power = {GOP_GRAPH_POWER, GOP_GRAPH_ROWS, .loops = true};
    gop_graph *g = roads(), *plain;
    gop_real P[(2 * HOPS + 1) * SIZE], one[SIZE];
    gop_shape shape;

    ck_assert_int_eq(gop_graph_shape(&shape, g, what, NULL), GOP_OK);
    ck_assert(gop_shape_equal(shape, gop_shape3(2 * HOPS + 1, TOWNS, TOWNS)));
    ck_assert_int_eq(gop_graph_fill(P, g, what, NULL), GOP_OK);
    for (size_t k = 0; k < SIZE; k++)
        ck_assert(P[k] == (k % (TOWNS + 1) == 0));
    for (size_t k = 0; k < 2 * HOPS; k++) {
        power.side = k < HOPS ? GOP_GRAPH_OUT : GOP_GRAPH_IN;
        power.hops = k % HOPS + 1;
        ck_assert_int_eq(gop_graph_fill(one, g, power, NULL), GOP_OK);
        ck_assert_mem_eq(P + (k + 1) * SIZE, one, sizeof one);
    }
    gop_graph_free(g);
    ck_assert_int_eq(gop_graph_new(&plain, TOWNS, road + 1, ROADS - 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_shape(&shape, plain, what, NULL), GOP_OK);
    ck_assert(gop_shape_equal(shape, gop_shape3(HOPS + 1, TOWNS, TOWNS)));
    ck_assert_int_eq(gop_graph_fill(P, plain, what, NULL), GOP_OK);
    ck_assert(!gop_graph_directed(plain));
    gop_graph_free(plain);
}
END_TEST

START_TEST(directed_edges_are_checked)
{
    const gop_edge again[3] = {{0, 1}, {1, 0}, {0, 1}};
    const gop_real bad[3] = {1, (gop_real)NAN, 1}, minus[1] = {-2};
    gop_graph *g, *dual;
    gop_real w[2];

    refused(gop_graph_new_directed(&g, 2, again, 3, &err), GOP_EINVAL,
            "edges 0 and 2 both join nodes 0 and 1");
    ck_assert_ptr_null(g);
    refused(gop_graph_new(&g, 2, again, 2, &err), GOP_EINVAL,
            "edges 0 and 1 both join nodes 1 and 0");
    ck_assert_int_eq(gop_graph_new_directed(&g, 2, again, 2, NULL), GOP_OK);
    refused(gop_graph_set_weights(g, bad, &err), GOP_EINVAL,
            "the weight of edge 1 must be finite, not nan");
    ck_assert_ptr_null(gop_graph_weights(g));
    ck_assert_uint_eq(gop_graph_degree(g, 0), 2);
    refused(gop_graph_dual(&dual, g, 0, &err), GOP_EINVAL, "a directed graph has no dual");
    refused(
        gop_graph_fill(w, g, (gop_graph_data){GOP_GRAPH_DEGREES, .side = (gop_graph_side)2}, &err),
        GOP_EINVAL, "no such gop_graph_side: 2");
    gop_graph_free(g);
    ck_assert_int_eq(gop_graph_new(&g, 2, again, 1, NULL), GOP_OK);
    ck_assert_int_eq(gop_graph_set_weights(g, minus, NULL), GOP_OK);
    refused(gop_graph_fill(
                w, g, (gop_graph_data){GOP_GRAPH_EDGE_WEIGHTS, GOP_GRAPH_SYMMETRIC, .both = true},
                &err),
            GOP_EINVAL,
            "the weights of node 0 sum to -2: symmetric normalisation takes no negative sums");
    gop_graph_free(g);
}
END_TEST

/* ------------------------------------------------------------------ in a net */

START_TEST(constants_are_the_data)
{
    enum { HOPS = 2, KINDS = 9 };
    const struct {
        gop_graph_data what;
        gop_shape shape;
    } is[KINDS] = {
        {adjacency(GOP_GRAPH_SYMMETRIC, false), gop_shape2(HAND, HAND)},
        {powers(GOP_GRAPH_ROWS, HOPS), gop_shape3(HOPS, HAND, HAND)},
        {hops_exact(HOPS), gop_shape3(HOPS, HAND, HAND)},
        {hops_within(HOPS), gop_shape3(HOPS, HAND, HAND)},
        {spatial(1), gop_shape3(3, HAND, HAND)},
        {bones_from(1), gop_shape2(BONES, HAND)},
        {node_bones(1), gop_shape2(HAND, HAND)},
        {part_numbers(), gop_shape1(HAND)},
        {edge_index(true, true), gop_shape2(2 * BONES + HAND, 2)},
    };
    fixture f = fixture_new(false);
    gop_graph *g = hand();
    gop_real want[3 * HAND * HAND];
    gop_var v[KINDS];

    for (size_t k = 0; k < KINDS; k++)
        v[k] = gop_graph_constant(f.net, "data", g, is[k].what);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t k = 0; k < KINDS; k++) {
        gop_shape shape;
        ck_assert_int_eq(gop_graph_shape(&shape, g, is[k].what, NULL), GOP_OK);
        ck_assert(gop_shape_equal(shape, is[k].shape));
        ck_assert(gop_shape_equal(gop_net_shape(f.net, v[k]), shape));
        ck_assert_int_eq(gop_graph_fill(want, g, is[k].what, NULL), GOP_OK);
        ck_assert_mem_eq(gop_net_value(f.net, v[k]), want, gop_shape_size(shape) * sizeof *want);
    }
    gop_graph_free(g);
    fixture_free(&f);
}
END_TEST

/* Operators on the data give means of parts, bones, and in two ways each node's mean over itself
 * and its neighbours. */
START_TEST(operators_take_the_data)
{
    fixture f = fixture_new(false);
    gop_graph *g = hand();
    const gop_real in[HAND] = {1, 2, 4, 8, 16, 32, 64};
    const gop_real pooled[3] = {(gop_real)1.5, 6, (gop_real)(112.0 / 3)};
    const gop_real bones[BONES] = {-1, 2, 4, 14, 16, 32};
    given x = give(&f, gop_shape4(1, HAND, 1, 1), in);
    gop_var part = gop_graph_constant(f.net, "part", g, part_numbers());
    gop_var B = gop_graph_constant(f.net, "B", g, bones_from(1));
    gop_var A = gop_graph_constant(f.net, "A", g, adjacency(GOP_GRAPH_ROWS, true));
    gop_var index = gop_graph_constant(f.net, "index", g, edge_index(true, true));
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
    const struct {
        const char *name;
        bool no_graph;
        gop_graph_data what;
        const char *says;
    } wrong[] = {
        {"A", true, adjacency(GOP_GRAPH_ROWS, true), "block.A: the graph is NULL"},
        {"P", false, powers(GOP_GRAPH_ROWS, 0),
         "block.P: GOP_GRAPH_POWERS: hops must be at least 1"},
        {"P", false, powers(GOP_GRAPH_ROWS, SIZE_MAX), "block.P: GOP_GRAPH_POWERS is too large: ["},
        {"S", false, spatial(HAND), "block.S: the root is node 7, but the graph has 7 nodes"},
        {"part", false, part_numbers(), "block.part: the graph has no parts"},
        {"A", false, adjacency((gop_graph_norm)9, true), "block.A: no such gop_graph_norm: 9"},
    };

    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        fixture f = fixture_new(false);
        gop_graph *bare;
        gop_var v;
        ck_assert_int_eq(gop_graph_new(&bare, HAND, hand_edges, BONES, NULL), GOP_OK);
        gop_net_push(f.net, "block");
        v = gop_graph_constant(f.net, wrong[k].name, wrong[k].no_graph ? NULL : bare,
                               wrong[k].what);
        ck_assert_int_lt(v.id, 0);
        v = gop_graph_constant(f.net, "later", bare, bones_from(0));
        ck_assert_int_lt(v.id, 0);
        ck_assert_int_ne(gop_net_plan(f.net, &f.err), GOP_OK);
        assert_says(&f, wrong[k].says);
        gop_graph_free(bare);
        fixture_free(&f);
    }
    ck_assert_int_lt(gop_graph_constant(NULL, "index", NULL, edge_index(true, true)).id, 0);
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
            /* In this layout hips are attached to shoulders, but the part graph is still a
             * body's. */
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

TEST_MAIN("graph")
{
    tcase_add_test(t, a_graph_knows_what_it_was_given);
    tcase_add_test(t, without_names_and_parts_there_are_none);
    tcase_add_test(t, a_new_graph_is_refused_with_a_sentence);
    tcase_add_test(t, checks_name_what_is_wrong);
    tcase_add_loop_test(t, the_first_edge_that_is_there_twice_is_found, 0, 40);
    tcase_add_test(t, names_are_there_and_different);
    tcase_add_test(t, parts_by_numbers);
    tcase_add_test(t, parts_are_complete_and_without_overlap);
    tcase_add_test(t, parts_by_lists);
    tcase_add_test(t, pieces_are_named);
    tcase_add_loop_test(t, the_centre_is_near_to_all, 0, 12);
    tcase_add_loop_test(t, parents_are_on_shortest_ways, 0, 12);
    tcase_add_test(t, of_several_ways_the_first_met_is_taken);
    tcase_add_test(t, rows_sum_to_one);
    tcase_add_test(t, columns_sum_to_one);
    tcase_add_test(t, symmetric_normalisation_by_definition);
    tcase_add_test(t, adjacency_is_symmetric_with_loops);
    tcase_add_test(t, distances_and_hops_on_a_path);
    tcase_add_loop_test(t, distances_on_random_graphs, 0, 20);
    tcase_add_test(t, members_belong_to_kinds);
    tcase_add_loop_test(t, adjacency_by_definition, 0, 6);
    tcase_add_loop_test(t, powers_by_definition, 0, 6);
    tcase_add_loop_test(t, hops_by_definition, 0, 6);
    tcase_add_loop_test(t, spatial_by_definition, 0, 20);
    tcase_add_test(t, spatial_of_a_small_tree);
    tcase_add_loop_test(t, bones_are_differences, 0, 12);
    tcase_add_test(t, edges_as_operators_take_them);
    tcase_add_loop_test(t, the_graph_of_parts_by_definition, 0, 12);
    tcase_add_loop_test(t, a_window_is_blocks, 0, 4);
    tcase_add_test(t, windows_have_bounds);
    tcase_add_loop_test(t, the_dual_is_the_line_graph, 0, 12);
    tcase_add_test(t, duals_of_a_star_and_a_path);
    tcase_add_test(t, graphs_of_a_hand);
    tcase_add_test(t, a_dual_that_is_none);
    tcase_add_test(t, a_long_list_of_edges_is_checked_at_once);
    tcase_add_test(t, a_long_chain_takes_no_time);
    tcase_add_test(t, null_is_refused);
    tcase_add_test(t, constants_are_the_data);
    tcase_add_loop_test(t, directed_edges_have_two_sides, 0, 4);
    tcase_add_test(t, diffusion_is_powers_of_both_sides);
    tcase_add_test(t, directed_edges_are_checked);
    tcase_add_test(t, operators_take_the_data);
    tcase_add_test(t, a_constant_that_fails_sticks);
    tcase_add_test(t, layouts_are_graphs);
    tcase_add_test(t, a_bad_layout_is_no_graph);
}
