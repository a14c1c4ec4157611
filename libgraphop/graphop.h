/*
 * graphop.h: everything a user of libgraphop includes.
 *
 * libgraphop is a library of trainable operators on batches of small dense
 * graphs.  A network is recorded once as a sequence of operators (gop_net),
 * planned once (shapes, memory), and run many times, forward and backward,
 * without allocating.  Values are laid out [N, M, T, C]: batch, nodes, frames,
 * channels; the last axis is contiguous.
 *
 * Conventions
 *   - A function that can fail returns a gop_status and, where it takes a
 *     gop_error, leaves one sentence there that names what was wrong.
 *   - Recording functions return a gop_var.  The first one that fails makes the
 *     net's status sticky; later ones do nothing; gop_plan reports it.
 *   - Results come first in parameter lists, inputs are const, every type with
 *     a _new or _open has one _free that accepts NULL.
 *   - NULL for a pointer, an index out of range, a size of zero and a call out of
 *     order are errors where a function can report one, and harmless elsewhere:
 *     nothing is done, and zero, NULL or SIZE_MAX comes back.  Exceptions, which trust
 *     their caller, say so.
 *   - The library never prints, exits, aborts or keeps global state.
 *   - The same seed, data, build and CPU give the same bytes at any number of
 *     threads.
 *
 * Threads
 *   Functions may be called from several threads at the same time on different objects.
 *   On one object, functions that take it as const may run at the same time (gop_upstream,
 *   which leaves marks in its net, excepted), others one after another.  A net belongs to
 *   its context, which serves one thread at a time, whichever that is (for another one
 *   OpenMP makes its threads again), and to its params:
 *   - Inference nets over params that are closed (gop_params_close; a model read from a
 *     file is) only read them.  Any number may be made, recorded, planned, run and freed
 *     at the same time, each with a context of its own, as long as nobody writes the
 *     params, takes gop_params_values or gop_params_stats or calls gop_params_changed.
 *   - Recording into params that are not closed, forward runs of a training net, steps of
 *     an optimiser and reading a file into params write them: nothing else may use the
 *     same params then.
 *   A context of one thread starts no other, and runs with it take no lock.
 *
 * The constructors of the operators are in graphop-ops.h, which is generated
 * from libgraphop/op/ and included at the end of this file.
 */
#ifndef GRAPHOP_H
#define GRAPHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef GOP_API
#  if defined(__GNUC__)
#    define GOP_API __attribute__((visibility("default")))
#  else
#    define GOP_API
#  endif
#endif
#if defined(__GNUC__)
#  define GOP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#  define GOP_PRINTF(f, a)
#endif

/* The number type.  The installed library computes in float; the same sources
 * compiled with GOP_REAL_IS_DOUBLE are what the gradient tests run on. */
#ifdef GOP_REAL_IS_DOUBLE
typedef double gop_real;
#else
typedef float gop_real;
#endif

/* ------------------------------------------------------------------ status */

typedef enum gop_status {
    GOP_OK = 0,
    GOP_EINVAL,   /* an argument has a value that makes no sense */
    GOP_ESHAPE,   /* shapes do not fit each other */
    GOP_ENOMEM,   /* out of memory, or over the context's limit */
    GOP_ESYSTEM,  /* the operating system refused (open, write, fsync, ...) */
    GOP_EFORMAT,  /* a file is not what it should be: truncated, foreign, damaged */
    GOP_ENUMERIC, /* a NaN or an infinity where there must be none */
    GOP_ESTATE    /* a call out of order, such as running before planning */
} gop_status;

#define GOP_MESSAGE_SIZE 512

/* Where a function says what was wrong.  All functions accept NULL instead. */
typedef struct gop_error {
    gop_status status;
    char message[GOP_MESSAGE_SIZE];
} gop_error;

/* A constant phrase for a status, such as "out of memory". */
GOP_API const char *gop_status_string(gop_status status);

/* Records `status` and the formatted sentence in `err` (which may be NULL) and
 * returns `status`, so that a caller can `return gop_fail(err, ...)`. */
GOP_API gop_status gop_fail(gop_error *err, gop_status status, const char *format, ...)
    GOP_PRINTF(3, 4);

/* The library's version, "MAJOR.MINOR.PATCH". */
GOP_API const char *gop_version(void);

/* ----------------------------------------------------------------- context */

/* Threads, limits and the scratch memory that runs share.  One context serves
 * one thread of the caller at a time. */
typedef struct gop_ctx gop_ctx;

/* `threads` 0 takes the number of processors; `memory_limit` in bytes, 0 for
 * none, bounds what one gop_plan may ask for. */
GOP_API gop_status gop_ctx_new(gop_ctx **ctx, int threads, size_t memory_limit, gop_error *err);
GOP_API void gop_ctx_free(gop_ctx *ctx);
GOP_API int gop_ctx_threads(const gop_ctx *ctx);
/* Which matrix kernel was chosen on this CPU, for reports: "blis/zen3 6x16". */
GOP_API const char *gop_ctx_kernel(const gop_ctx *ctx);

/* ------------------------------------------------------------------- shape */

#define GOP_MAX_RANK 4

typedef struct gop_shape {
    int rank; /* 0 for a scalar */
    size_t dim[GOP_MAX_RANK];
} gop_shape;

static inline gop_shape gop_shape0(void)
{
    gop_shape s = {0, {1, 1, 1, 1}};
    return s;
}
static inline gop_shape gop_shape1(size_t a)
{
    gop_shape s = {1, {a, 1, 1, 1}};
    return s;
}
static inline gop_shape gop_shape2(size_t a, size_t b)
{
    gop_shape s = {2, {a, b, 1, 1}};
    return s;
}
static inline gop_shape gop_shape3(size_t a, size_t b, size_t c)
{
    gop_shape s = {3, {a, b, c, 1}};
    return s;
}
static inline gop_shape gop_shape4(size_t a, size_t b, size_t c, size_t d)
{
    gop_shape s = {4, {a, b, c, d}};
    return s;
}
/* Number of elements. */
GOP_API size_t gop_shape_size(gop_shape s);
GOP_API bool gop_shape_equal(gop_shape a, gop_shape b);
/* Writes "[2, 26, 50, 3]" into buf, truncated to `size`; returns buf. */
GOP_API char *gop_shape_text(char *buf, size_t size, gop_shape s);

/* ------------------------------------------------------------------ random */

/* A counter-based generator (Philox 4x32-10, Salmon et al. 2011): the value at
 * a position depends on the key and the position only, so that any thread can
 * draw any element.  `stream` separates uses of one seed. */
typedef struct gop_rng {
    uint64_t key, stream, counter;
} gop_rng;

GOP_API gop_rng gop_rng_new(uint64_t seed, uint64_t stream);
GOP_API uint32_t gop_rng_u32(gop_rng *rng);
/* Uniform in [0, 1) with 53 bits. */
GOP_API double gop_rng_uniform(gop_rng *rng);
/* Standard normal (Box-Muller, one draw a call). */
GOP_API double gop_rng_normal(gop_rng *rng);
/* Uniform integer in [0, n), without bias; n > 0. */
GOP_API uint64_t gop_rng_below(gop_rng *rng, uint64_t n);
/* A 64-bit hash of a string (FNV-1a), for naming streams. */
GOP_API uint64_t gop_hash(const char *text);

/* ------------------------------------------------------------------- graph */

/* Edges have no direction: {a, b} and {b, a} are the same. */
typedef struct gop_edge {
    uint32_t a, b;
} gop_edge;

/* Most nodes, and most edges, of a graph: 2^24, for their numbers travel through nets
 * as reals (gop_pool, gop_edge_gather), and a float holds integers up to there. */
#define GOP_MAX_NODES 16777216

/* Functions on plain arrays.  Those that return a status fail with GOP_EINVAL for NULL,
 * a graph without nodes or one with more than GOP_MAX_NODES nodes or edges; the others
 * leave everything as it is. */

/* Binary adjacency with self loops, A [n, n]: A[a,b] = A[b,a] = A[i,i] = 1.
 * GOP_EINVAL names an edge whose end is not below n. */
GOP_API gop_status gop_adjacency(gop_real *A, size_t n, const gop_edge *edges, size_t n_edges,
                                 gop_error *err);
/* Row normalisation D^-1 A in place; a row of zeros stays. */
GOP_API void gop_normalise_rows(gop_real *A, size_t n);
/* Column normalisation A D^-1 in place, D the sums of columns; a column of zeros stays. */
GOP_API void gop_normalise_columns(gop_real *A, size_t n);
/* Symmetric normalisation D^-1/2 A D^-1/2 in place (Kipf & Welling 2017), D the sums
 * of rows; a row and column of zeros stay.  GOP_EINVAL names a row whose sum is
 * negative, GOP_ENOMEM; A is then as it was. */
GOP_API gop_status gop_normalise_symmetric(gop_real *A, size_t n, gop_error *err);
/* Matrix powers P [hops, n, n] of A [n, n]: P[g] = A^(g+1), g = 0..hops-1. */
GOP_API void gop_hop_powers(gop_real *P, const gop_real *A, size_t n, size_t hops);
/* Hop distances d [n, n]; UINT32_MAX where there is no path. */
GOP_API void gop_hop_distances(uint32_t *d, size_t n, const gop_edge *edges, size_t n_edges);
/* Which nodes are k hops apart, H [hops, n, n], from hop distances d [n, n]:
 * H[g][i,j] = 1 where d = g+1 (exact) or d <= g+1 (the nodes themselves too), else 0,
 * g = 0..hops-1. */
GOP_API void gop_hop_indicators(gop_real *H, const uint32_t *d, size_t n, size_t hops, bool exact);
/* Each node's neighbours parted by their hop distance from a centre, A [3, n, n], so that
 * y_i = sum_j A[k][i,j] x_j gathers from subset k of the neighbours j of node i:
 *   k = 0  as far from the centre as i: i itself (root), and neighbours at i's distance
 *   k = 1  nearer to the centre (centripetal)
 *   k = 2  farther from it (centrifugal)
 * An entry is 1 / (1 + the degree of i), so the sum over k is D^-1 (adjacency with self
 * loops) of gop_adjacency and gop_normalise_rows.  gop_normalise_rows on each A[k] makes
 * of it the three graphs of 2s-AGCN, where every subset has weights of its own (A[0] is
 * then the identity, on a tree).
 * GOP_EINVAL names what gop_check_graph finds, pieces included, or a centre that there is
 * not; GOP_ENOMEM.
 * Source: spatial configuration partitioning, ST-GCN, Yan et al. 2018, section 3.3;
 * 2s-AGCN, Shi et al. 2019.  Their programs write x A: their matrices are the transposes
 * of these, with columns that sum to 1.  ST-GCN's program has the subsets in the order
 * 0, 2, 1, puts neighbours at the same distance into the centrifugal one, and takes all
 * nodes two or more hops from the centre as equally far. */
GOP_API gop_status gop_spatial_partition(gop_real *A, size_t n, const gop_edge *edges,
                                         size_t n_edges, size_t centre, gop_error *err);
/* The line graph (dual): its nodes are the edges, and {e, f}, e < f, is one of its edges
 * where edges e and f have an end in common.  Writes the first `room` of them in order
 * (out may be NULL for 0) and returns how many there are. */
GOP_API size_t gop_line_graph(gop_edge *out, size_t room, const gop_edge *edges, size_t n_edges);
/* Part numbers part [n], as gop_pool takes them, from lists of nodes: part p has the next
 * sizes[p] of `nodes`.  GOP_EINVAL names a part that is empty or has a node that there
 * is not, a node in two parts, a node in none. */
GOP_API gop_status gop_partition(gop_real *part, size_t n, const uint32_t *nodes,
                                 const size_t *sizes, size_t parts, gop_error *err);
/* GOP_EINVAL names an edge whose end is not below n, one from a node to itself, one that
 * is there twice, and with `connected` a node that no path joins to node 0.  Time and memory
 * grow with nodes + edges. */
GOP_API gop_status gop_check_graph(size_t n, const gop_edge *edges, size_t n_edges, bool connected,
                                   gop_error *err);

/* A graph as an object: nodes 0..nodes-1, edges without direction, and where they are
 * given, names of nodes, parts (each node in one), names of parts and a centre.  Once it
 * is made and named, several threads may read it at once.
 *
 * Functions with a status fail with GOP_EINVAL for NULL, and with GOP_ENOMEM; then the
 * graph and what is to be written are as they were, or the latter holds nothing of use.
 * Sentences have names of nodes and parts once those are known. */
typedef struct gop_graph gop_graph;

/* Copies the edges.  GOP_EINVAL as gop_check_graph finds, without `connected`; *graph is
 * then NULL.  Time and memory grow with nodes + edges. */
GOP_API gop_status gop_graph_new(gop_graph **graph, size_t nodes, const gop_edge *edges,
                                 size_t n_edges, gop_error *err);
GOP_API void gop_graph_free(gop_graph *g);
/* Copies the names [nodes].  GOP_EINVAL names a node without one, or a name that two have. */
GOP_API gop_status gop_graph_name_nodes(gop_graph *g, const char *const *names, gop_error *err);
/* Parts from each node's part number, part [nodes]; replaces parts that were there, and
 * drops their names.  GOP_EINVAL names a node whose number is not below `parts`, a part
 * without nodes. */
GOP_API gop_status gop_graph_set_parts(gop_graph *g, const uint32_t *part, size_t parts,
                                       gop_error *err);
/* Parts from lists of nodes, as gop_partition takes them: part p has the next sizes[p] of
 * `nodes`.  GOP_EINVAL names a part that is empty or has a node that there is not, a node
 * in two parts, a node in none. */
GOP_API gop_status gop_graph_set_part_lists(gop_graph *g, const uint32_t *nodes,
                                            const size_t *sizes, size_t parts, gop_error *err);
/* As gop_graph_name_nodes, for [parts] names.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_name_parts(gop_graph *g, const char *const *names, gop_error *err);
/* GOP_EINVAL for a node that there is not. */
GOP_API gop_status gop_graph_set_centre(gop_graph *g, size_t node, gop_error *err);

/* How many there are; 0 of NULL. */
GOP_API size_t gop_graph_nodes(const gop_graph *g);
GOP_API size_t gop_graph_edges(const gop_graph *g);
GOP_API size_t gop_graph_parts(const gop_graph *g);
/* All edges, as they were given; NULL where there are none. */
GOP_API const gop_edge *gop_graph_edge_list(const gop_graph *g);
/* The name, which lives until it is replaced; NULL where there is none. */
GOP_API const char *gop_graph_node_name(const gop_graph *g, size_t node);
GOP_API const char *gop_graph_part_name(const gop_graph *g, size_t part);
/* The number of a name, SIZE_MAX where there is none. */
GOP_API size_t gop_graph_find_node(const gop_graph *g, const char *name);
GOP_API size_t gop_graph_find_part(const gop_graph *g, const char *name);
/* The part of a node, SIZE_MAX where there is none. */
GOP_API size_t gop_graph_part_of(const gop_graph *g, size_t node);
/* How many edges a node has. */
GOP_API size_t gop_graph_degree(const gop_graph *g, size_t node);
/* The centre that was set, else the first node whose farthest node is nearest (the
 * graph's centre), which takes time of nodes times edges; of a graph in pieces GOP_EINVAL
 * as gop_graph_connected. */
GOP_API gop_status gop_graph_centre(size_t *node, const gop_graph *g, gop_error *err);
/* GOP_EINVAL names a node that no path joins to node 0. */
GOP_API gop_status gop_graph_connected(const gop_graph *g, gop_error *err);

/* Below, a root or a centre that there is not, and a graph in pieces where a root or a
 * centre counts, are GOP_EINVAL; sizes are M nodes, E edges. */

/* The tree of shortest ways from `root`: parent [M], for each node the neighbour that is
 * next on a shortest way to it; the root is its own.  Where several are, it is the one
 * that is met first from the root, neighbours in the order of the edges. */
GOP_API gop_status gop_graph_parents(uint32_t *parent, const gop_graph *g, size_t root,
                                     gop_error *err);

/* How an adjacency matrix A is divided: not; each row by its sum (D^-1 A, a mean over
 * neighbours); each column by its sum (A D^-1); both by the square roots of the sums
 * (D^-1/2 A D^-1/2, Kipf & Welling 2017).  Rows and columns of zeros stay. */
typedef enum gop_graph_norm {
    GOP_GRAPH_BINARY,
    GOP_GRAPH_ROWS,
    GOP_GRAPH_COLUMNS,
    GOP_GRAPH_SYMMETRIC
} gop_graph_norm;

/* Adjacency A [M, M], with or without self loops, normalised. */
GOP_API gop_status gop_graph_adjacency(gop_real *A, const gop_graph *g, bool loops,
                                       gop_graph_norm norm, gop_error *err);
/* Powers P [hops, M, M] of the normalised adjacency with self loops: P[k] = A^(k+1).
 * GOP_EINVAL for 0 hops. */
GOP_API gop_status gop_graph_powers(gop_real *P, const gop_graph *g, gop_graph_norm norm,
                                    size_t hops, gop_error *err);
/* Hop distances d [M, M]; UINT32_MAX where there is no path. */
GOP_API gop_status gop_graph_distances(uint32_t *d, const gop_graph *g, gop_error *err);
/* H [hops, M, M]: 1 for nodes k+1 hops apart (exact), or at most k+1 hops (themselves
 * too), as gop_hop_indicators.  GOP_EINVAL for 0 hops. */
GOP_API gop_status gop_graph_indicators(gop_real *H, const gop_graph *g, size_t hops, bool exact,
                                        gop_error *err);
/* A [3, M, M], as gop_spatial_partition. */
GOP_API gop_status gop_graph_spatial(gop_real *A, const gop_graph *g, size_t centre,
                                     gop_error *err);
/* Bones B [E, M], for gop_graph_product: (B x)_e = x_outer - x_inner, where the outer end
 * of edge e is the one farther from `root`, the second of the list where both are as far.
 * Without signs it is the incidence matrix. */
GOP_API gop_status gop_graph_bones(gop_real *B, const gop_graph *g, size_t root, gop_error *err);
/* Bones at nodes B [M, M]: (B x)_i = x_i - x_parent(i) by gop_graph_parents, 0 at the
 * root (2s-AGCN's second stream, Shi et al. 2019). */
GOP_API gop_status gop_graph_node_bones(gop_real *B, const gop_graph *g, size_t root,
                                        gop_error *err);
/* Part numbers [M], as gop_pool and gop_match take them.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_part_numbers(gop_real *part, const gop_graph *g, gop_error *err);
/* Edges as gop_edge_gather and gop_edge_scatter take them, rows [a, b]: those of the list,
 * with `both` then all of them as [b, a], with `self` then [i, i] for each node.  Writes
 * the first `room` rows (index may be NULL) and returns how many there are. */
GOP_API size_t gop_graph_edge_index(gop_real *index, size_t room, const gop_graph *g, bool both,
                                    bool self);

/* The graph of parts: its nodes are the parts, with their names, and two are joined where
 * an edge of g joins nodes of both; edges sorted, each {p, q} with p < q.  Its centre is
 * the part of the centre that was set.  GOP_ESTATE without parts. */
GOP_API gop_status gop_graph_of_parts(gop_graph **parts, const gop_graph *g, gop_error *err);
/* The dual (line graph), as gop_line_graph: node e is edge e of g, named "INNER-OUTER"
 * where nodes have names, and in the part of its outer node, as gop_graph_bones tells it,
 * where there are parts.  GOP_EINVAL for a graph without edges, for a part that is then
 * without any (give a graph without parts, and parts to the result), and for more than
 * GOP_MAX_NODES edges. */
GOP_API gop_status gop_graph_dual(gop_graph **dual, const gop_graph *g, size_t root,
                                  gop_error *err);

/* ------------------------------------------------------------------ params */

/* The trained values of a model: named tensors in one flat vector, in the
 * order in which nets first asked for them.  Statistics (such as a batch
 * norm's running mean) are kept apart and are not trained. */
typedef struct gop_params gop_params;

typedef enum gop_init_kind { GOP_INIT_CONSTANT, GOP_INIT_UNIFORM, GOP_INIT_NORMAL } gop_init_kind;
typedef struct gop_init {
    gop_init_kind kind;
    double a; /* the constant; the bound of [-a, a); the standard deviation */
} gop_init;
static inline gop_init gop_init_constant(double v)
{
    gop_init i = {GOP_INIT_CONSTANT, v};
    return i;
}
static inline gop_init gop_init_uniform(double bound)
{
    gop_init i = {GOP_INIT_UNIFORM, bound};
    return i;
}
static inline gop_init gop_init_normal(double std)
{
    gop_init i = {GOP_INIT_NORMAL, std};
    return i;
}

typedef struct gop_param_info {
    const char *name; /* such as "agim.f_v0.fc1.weight" */
    gop_shape shape;
    bool trained;     /* false: a statistic */
    size_t offset;    /* of its first element in gop_params_values or _stats */
    gop_real *data;
} gop_param_info;

/* Initial values depend on `seed` and the parameter's name only. */
GOP_API gop_status gop_params_new(gop_params **params, uint64_t seed, gop_error *err);
GOP_API void gop_params_free(gop_params *params);
/* How many tensors there are, trained and statistics together. */
GOP_API size_t gop_params_count(const gop_params *params);
GOP_API gop_param_info gop_params_get(const gop_params *params, size_t index);
/* Index of a name, or SIZE_MAX. */
GOP_API size_t gop_params_find(const gop_params *params, const char *name);
/* Number of trained elements, and of statistics' elements. */
GOP_API size_t gop_params_size(const gop_params *params);
GOP_API size_t gop_params_stats_size(const gop_params *params);
/* From now on a net that asks for a parameter that is not there fails: for
 * parameters read from a file. */
GOP_API void gop_params_close(gop_params *params);
/* The flat vectors.  Adding a parameter (recording) may move them. */
GOP_API gop_real *gop_params_values(gop_params *params);
GOP_API gop_real *gop_params_stats(gop_params *params);
/* To be called after values or statistics were written through a pointer that was
 * got earlier, or by gop_params_get or gop_value: inference nets keep packed copies of
 * them.  gop_params_values, gop_params_stats, optimisers, training runs and
 * gop_read_params imply it. */
GOP_API void gop_params_changed(gop_params *params);

/* --------------------------------------------------------------------- net */

typedef struct gop_net gop_net;

/* A value in a net.  id < 0 stands for "none" or, after an error, "invalid". */
typedef struct gop_var {
    int32_t id;
} gop_var;
static inline gop_var gop_none(void)
{
    gop_var v = {-1};
    return v;
}

/* A training net keeps what backward needs, draws dropout and updates
 * statistics; an inference net reuses buffers and does neither.  The context
 * and the params must outlive the net.  Several nets may share params; inference
 * nets over closed ones may do so in several threads (see Threads above). */
GOP_API gop_status gop_net_new(gop_net **net, gop_ctx *ctx, gop_params *params, bool training,
                               gop_error *err);
GOP_API void gop_net_free(gop_net *net);
GOP_API bool gop_net_training(const gop_net *net);

/* Names inside push("agim") ... pop() are prefixed "agim.". */
GOP_API void gop_push(gop_net *net, const char *format, ...) GOP_PRINTF(2, 3);
GOP_API void gop_pop(gop_net *net);

/* Leaves.  An input is filled by the caller through gop_value before a run; a
 * constant's data are copied now. */
GOP_API gop_var gop_input(gop_net *net, const char *name, gop_shape shape);
GOP_API gop_var gop_constant(gop_net *net, const char *name, gop_shape shape,
                             const gop_real *data);
/* A graph's data as a constant, in one call: as gop_graph_adjacency [M, M], _powers
 * [hops, M, M], _indicators [hops, M, M], _spatial [3, M, M], _bones [E, M], _node_bones
 * [M, M], _part_numbers [M] and _edge_index [rows, 2] give them, with their errors, which
 * stick to the net.  The graph may be freed afterwards. */
GOP_API gop_var gop_constant_adjacency(gop_net *net, const char *name, const gop_graph *g,
                                       bool loops, gop_graph_norm norm);
GOP_API gop_var gop_constant_powers(gop_net *net, const char *name, const gop_graph *g,
                                    gop_graph_norm norm, size_t hops);
GOP_API gop_var gop_constant_indicators(gop_net *net, const char *name, const gop_graph *g,
                                        size_t hops, bool exact);
GOP_API gop_var gop_constant_spatial(gop_net *net, const char *name, const gop_graph *g,
                                     size_t centre);
GOP_API gop_var gop_constant_bones(gop_net *net, const char *name, const gop_graph *g,
                                   size_t root);
GOP_API gop_var gop_constant_node_bones(gop_net *net, const char *name, const gop_graph *g,
                                        size_t root);
GOP_API gop_var gop_constant_part_numbers(gop_net *net, const char *name, const gop_graph *g);
GOP_API gop_var gop_constant_edge_index(gop_net *net, const char *name, const gop_graph *g,
                                        bool both, bool self);
/* A trained tensor, created by the first net that names it, found by the next
 * (whose shape must be the same). */
GOP_API gop_var gop_param(gop_net *net, const char *name, gop_shape shape, gop_init init);
/* A statistic: updated by training runs, never differentiated. */
GOP_API gop_var gop_stat(gop_net *net, const char *name, gop_shape shape, double value);
/* Operators recorded from here on leave statistics of this name and under it ("branch.0"
 * holds "branch.0.bn.running_mean") as they are, in training too: batch norms normalise
 * by them, as in an inference net, and do not move them.  Names have the scope before
 * them; one that no statistic has does nothing.  GOP_EINVAL (sticky) without a name. */
GOP_API void gop_fix_stats(gop_net *net, const char *name);

GOP_API gop_shape gop_shape_of(const gop_net *net, gop_var v);
/* Makes a value, and in a training net its gradient, readable after a run. */
GOP_API void gop_keep(gop_net *net, gop_var v);
/* Gives an operator's result a name (with its scope) for messages and profiles; until
 * then it is called as its operator.  GOP_EINVAL (sticky) for leaves, which have names. */
GOP_API void gop_name(gop_net *net, gop_var v, const char *format, ...) GOP_PRINTF(3, 4);
/* The sticky status, for recorders of composite operators. */
GOP_API gop_status gop_net_status(const gop_net *net);
/* Makes the net's status sticky with a sentence; the first one stays. */
GOP_API gop_var gop_net_fail(gop_net *net, gop_status status, const char *format, ...)
    GOP_PRINTF(3, 4);

/* Reports the first recording error, or works out all buffers and allocates
 * them at once.  After it nothing can be recorded and runs allocate nothing, the first
 * one neither (OpenMP makes its threads in gop_ctx_new, and again for another thread of
 * the caller that uses the context).  An inference net folds batch norms into the weights
 * before them and packs weights once: here when the params are closed, else in the first
 * run; again in the run after the params have changed. */
GOP_API gop_status gop_plan(gop_net *net, gop_error *err);

/* The data of an input, constant, parameter or kept value (NULL otherwise),
 * and of its gradient after gop_backward. */
GOP_API gop_real *gop_value(const gop_net *net, gop_var v);
GOP_API gop_real *gop_grad(const gop_net *net, gop_var v);

/* Keys the random draws of the next forward run (dropout): the same seed and
 * step give the same draws. */
GOP_API void gop_net_random(gop_net *net, uint64_t seed, uint64_t step);
GOP_API gop_status gop_forward(gop_net *net, gop_error *err);
/* As gop_forward, but looks at every result and stops with GOP_ENUMERIC naming
 * the first operator and value that hold a NaN or an infinity. */
GOP_API gop_status gop_forward_checked(gop_net *net, gop_error *err);

/* Propagates gradients.  For each of the n_from vars, `seed[i]` (a scalar's
 * dL/dv) starts the gradient, or, where seed is NULL, what the caller wrote to
 * gop_grad(from[i]) (which must have been kept).  Propagation does not go past
 * the n_stop vars, whose gradients are left in gop_grad.  Gradients of trained
 * parameters are added to `grads` (gop_params_size elements; the caller zeroes
 * it; NULL leaves them out).  May be called several times after one forward. */
GOP_API gop_status gop_backward(gop_net *net, const gop_var *from, const gop_real *seed,
                                size_t n_from, const gop_var *stop, size_t n_stop,
                                gop_real *grads, gop_error *err);

/* Trained elements of the params the net records into. */
GOP_API size_t gop_net_params_size(const gop_net *net);
/* mask[i] = 1 for every trained element whose parameter lies upstream of one of
 * the n vars, else 0: the parameters that a representation depends on. */
GOP_API void gop_upstream(const gop_net *net, const gop_var *vars, size_t n, uint8_t *mask);
/* The same without what is reached only through one of the n_stop values of a
 * planned net: all elements that gop_backward with these arguments may add to. */
GOP_API void gop_upstream_between(const gop_net *net, const gop_var *vars, size_t n,
                                  const gop_var *stop, size_t n_stop, uint8_t *mask);

typedef struct gop_net_stats {
    size_t ops;          /* recorded operators */
    size_t bytes;        /* allocated by gop_plan: values, gradients, scratch */
    uint64_t madds;      /* multiply-adds of one forward run (products only) */
    uint64_t madds_backward; /* of one backward run that reaches every operator and is asked for
                                the parameters' gradients; 0 before gop_plan */
} gop_net_stats;
GOP_API gop_net_stats gop_net_get_stats(const gop_net *net);

/* What one recorded operator did while the profile was on: totals over its calls. */
typedef struct gop_profile_work {
    uint64_t calls;
    size_t fused;        /* operators, from this one on, that its longest call ran: 1 is itself
                            alone, 0 that it had no call of its own (a view, or one that ran in
                            the call of an earlier row, where its work is then counted) */
    double seconds;      /* of CLOCK_MONOTONIC, on the calling thread */
    uint64_t madds;      /* multiply-adds that its mathematics needs (products only) */
    uint64_t bytes;      /* of what it is given and gives: values, kept values, gradients.  With
                            values too large for a cache it is a lower bound on the traffic to
                            memory, for nothing counts twice (slices, which read a part of what
                            they are given, and what operators that run together hand on,
                            excepted) */
} gop_profile_work;

typedef struct gop_profile_row {
    /* The operator's name, and that of its result with its scope; both live as long as the
     * net.  An inference net calls the operator "shift" where its scale went into the weights
     * of one before it and a row to add is left, and "folded" where nothing is left. */
    const char *op;
    const char *name;
    gop_profile_work forward, backward;
} gop_profile_row;

/* Switches the profile on, from zero, or off; the figures stay until it is switched
 * on again.  Costs two readings of the clock for each call of an operator while it is
 * on and nothing while it is off; memory is taken here and never during a run.
 * GOP_ESTATE before gop_plan. */
GOP_API gop_status gop_net_profile(gop_net *net, bool on, gop_error *err);
/* One row for each recorded operator, in the order of running; 0 while the profile has
 * never been on.  A row out of range is all zeros. */
GOP_API size_t gop_net_profile_rows(const gop_net *net);
GOP_API gop_profile_row gop_net_profile_row(const gop_net *net, size_t index);

/* --------------------------------------------------- operators of one's own */

#define GOP_MAX_INPUTS 12

/* What an operator sees while the net is recorded. */
typedef struct gop_op_plan {
    const gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS];
    int threads;
    bool training;
    /* Bit i: input i is a statistic that this net leaves as it is (gop_fix_stats), which
     * the operator then has to read where it would have moved it. */
    unsigned fixed;
    gop_shape out;       /* to be set */
    size_t saved;        /* elements kept from forward to backward */
    size_t work;         /* elements of scratch for one call */
    /* Elements made by `prepare` from some inputs alone (bit i: input i) before
     * forward, and kept while those do not change: packed weights. */
    size_t prepared;
    unsigned prepared_from;
    unsigned ways;       /* GOP_BY_ROWS... below, of this use of the operator */
    /* What an inference net may fold those after it into (GOP_AFFINE).  channels[i]: 1 + the
     * axis of input i that runs over the channels of out (its last axis), 0 for what is no
     * weight: multiplying slice c of all inputs so marked by a number multiplies
     * out[..., c] by it.  added: 1 + the input b [C] that is added, out[..., c] + b[c], and
     * that a run may have although none was recorded; it is not marked; 0: there is none.
     * All 0: nothing is folded into this operator.  Its weights must be parameters,
     * statistics or constants; prepare and forward read scaled copies then. */
    int channels[GOP_MAX_INPUTS];
    int added;
    uint64_t madds;      /* multiply-adds of one forward */
    gop_error *err;
} gop_op_plan;

/* How an operator may be run together with its neighbours, so that values are
 * worked on while they are in a near cache. */
enum {
    /* Element-wise: elements [from, to) of out need only those of the inputs that
     * have out's shape, and likewise backward.  `rows` and `rows_back` do it, without
     * scratch: `work` belongs to the operator that leads.  Ranges are whole rows of the
     * last axis.  `backward` stands in place of `rows_back` where a gradient is more than
     * that, such as a bias's sum. */
    GOP_BY_ROWS = 1,
    /* forward calls gop_done for every range of out as soon as it is final; what it does
     * not tell, those after it never do. */
    GOP_TELLS = 2,
    /* backward calls gop_ask for every range of dout before it first reads it, and for all
     * of dout before it first writes to din, where those after it may add as well. */
    GOP_ASKS = 4,
    /* With GOP_BY_ROWS: din[0] may be the memory of dout. */
    GOP_INPLACE_BACK = 8,
    /* Element-wise, and out[..., c] = scale[c] in[0][..., c] + shift[c], which `affine` works
     * out from the inputs after the first.  Where only parameters, statistics and constants
     * are among these and nothing else reads in[0], an inference net folds the operator
     * into the weights of what computes in[0] (see `channels`). */
    GOP_AFFINE = 16
};

/* What it sees while it runs.  Data pointers are to whole contiguous tensors. */
typedef struct gop_run {
    gop_ctx *ctx;
    const void *attr;
    size_t n_in;
    const gop_shape *in_shape;
    gop_shape out_shape;
    gop_real *const *in;   /* values; statistics may be written by forward */
    gop_real *out;
    gop_real *saved, *work;
    gop_real *prepared;
    bool training;
    uint64_t key;          /* of this operator at this step, for random draws */
    const struct gop_chain *chain; /* for gop_done and gop_ask */
    /* backward only */
    gop_real *const *din;  /* gradients to write; NULL where not wanted */
    const bool *add;       /* add to din[i] rather than overwrite it */
    const gop_real *dout;
} gop_run;

enum {
    GOP_OP_INPLACE = 1,      /* out may share memory with in[0] */
    GOP_OP_NEEDS_IN = 2,     /* backward reads in[] */
    GOP_OP_NEEDS_OUT = 4,    /* backward reads out */
    GOP_OP_VIEW = 8          /* out is in[0] under another shape; no forward or backward */
};

typedef struct gop_case gop_case;

typedef struct gop_op {
    const char *name;
    unsigned flags;
    size_t attr_size;
    /* Checks shapes, sets out and the sizes; its sentence need not name the
     * operator, the net does. */
    gop_status (*plan)(gop_op_plan *p);
    void (*forward)(const gop_run *r);  /* NULL: by `rows` */
    void (*backward)(const gop_run *r); /* NULL: by `rows_back`, or not differentiable */
    /* Fills `prepared`; out and work are not there yet. */
    void (*prepare)(const gop_run *r);
    /* Elements [from, to) of out, of din.  Several threads may be in it. */
    void (*rows)(const gop_run *r, size_t from, size_t to);
    void (*rows_back)(const gop_run *r, size_t from, size_t to);
    const gop_case *cases;              /* ends with a case without a name; may be NULL */
    /* Multiply-adds of one backward that is asked for the gradients wanted[i]; p is
     * as plan left it.  NULL: madds for each of rank 2 or more (a product of the
     * forward is one product for each factor's gradient; rank 1 is a bias). */
    uint64_t (*madds_backward)(const gop_op_plan *p, const bool *wanted);
    /* With GOP_AFFINE: fills scale and shift, for all channels of out. */
    void (*affine)(const gop_run *r, double *scale, double *shift);
} gop_op;

/* For operators that tell and ask: elements [from, to) of out are final; those of
 * dout are about to be read.  Ranges are whole rows of the last axis; they may come
 * in any order and from any thread, but each element once. */
GOP_API void gop_done(const gop_run *r, size_t from, size_t to);
GOP_API void gop_ask(const gop_run *r, size_t from, size_t to);

/* Records an operator; `attr` (attr_size bytes) is copied.  Inputs with id < 0
 * are passed as absent (shape of rank -1, data NULL). */
GOP_API gop_var gop_apply(gop_net *net, const gop_op *op, const void *attr, const gop_var *in,
                          size_t n_in);

/* One way of using an operator, for its tests: how to record it, what goes in,
 * and what comes out by the formula alone. */
struct gop_case {
    const char *name;
    size_t n_in;
    gop_shape in[GOP_MAX_INPUTS];
    /* Ranges the inputs are drawn from; lo = hi = 0 means [-1, 1). */
    struct {
        double lo, hi;
        bool fixed; /* not differentiated (labels, statistics) */
        bool integer;
    } range[GOP_MAX_INPUTS];
    gop_var (*build)(gop_net *net, const gop_var *in);
    /* out is zeroed before; NULL where a formula in plain loops says no more. */
    void (*naive)(gop_real *out, const gop_real *const *in);
    bool training; /* record in a training net (batch statistics) */
    /* Shapes of a size that is worth timing, for gop_bench_case; where bench[0] is not
     * given, in[] are made longer.  `naive` never sees them. */
    gop_shape bench[GOP_MAX_INPUTS];
};

/* All built-in operators, NULL at the end. */
GOP_API const gop_op *const *gop_op_list(void);

/* Compares gradients with central differences on a case: *worst is the largest
 * |analytic - numeric| / max(1, |analytic|, |numeric|) over all inputs that are not
 * fixed, of up to 300 elements each.  Inputs, and the weights of the sum of results that
 * is differentiated, are drawn by `seed`.  Steps are tried from long to short, for one
 * that is not spoilt by rounding, curvature or a kink: correct operators stay far below
 * GOP_GRADCHECK_TOLERANCE in both number types.
 * Errors: GOP_EINVAL for a case that cannot be recorded or through which no gradient
 * goes, GOP_ENUMERIC for a gradient that is not finite (*worst is then NaN), and what
 * recording and running may fail with. */
GOP_API gop_status gop_gradcheck(double *worst, const gop_case *c, uint64_t seed, gop_error *err);

#ifdef GOP_REAL_IS_DOUBLE
#  define GOP_GRADCHECK_TOLERANCE 1e-6
#  define GOP_FORMULA_TOLERANCE 1e-12
#else
#  define GOP_GRADCHECK_TOLERANCE 5e-4
#  define GOP_FORMULA_TOLERANCE 1e-5
#endif

/* What gop_check_op found on all cases of an operator. */
typedef struct gop_op_report {
    size_t cases, naive; /* cases, and those of them that have a naive reference */
    size_t enlarged;     /* cases that could also be run at a size that is cut into chunks */
    double formula;      /* worst |result - naive| / max(1, |result|, |naive|) */
    double gradient;     /* worst of gop_gradcheck with seeds 1 and 2 */
} gop_op_report;

/* All that the built-in operators are held to, for an operator of one's own.  Each of
 * its cases, as it is and made longer,
 *   - gives what its naive reference gives, to GOP_FORMULA_TOLERANCE, twice over
 *   - gives the same bytes, gradients too, on one thread and on three
 *   - gives the same bytes between neighbours that it may run together or share memory
 *     with, and where values that its flags do not ask for are gone in backward
 *   - leaves inputs alone that are not fixed
 *   - adds to a gradient where add[] says so
 *   - has the gradient of central differences, to GOP_GRADCHECK_TOLERANCE.
 * GOP_EINVAL where the table lacks something, GOP_ENUMERIC where a check fails, with a
 * sentence that names the case; r (may be NULL) then holds what was found so far. */
GOP_API gop_status gop_check_op(gop_op_report *r, const gop_op *op, gop_error *err);

/* What a run of a case costs. */
typedef struct gop_bench {
    gop_shape in[GOP_MAX_INPUTS], out;
    double forward;      /* seconds, medians: of an inference net, or of a training net where */
    double backward;     /* the case asks for one; of a training net, 0 where no gradient goes */
    size_t runs;         /* timed, of forward */
    uint64_t madds, madds_backward; /* multiply-adds, of products only */
    uint64_t bytes, bytes_backward; /* of what operators are given and give, see gop_profile_work */
} gop_bench;

/* Times a case, of a built-in operator or of one's own, on `threads` threads (0: one per
 * processor): forward and backward each for about `seconds` after warming up, at least
 * five runs.  It has the shapes c->bench, or c->in with first dimensions made longer,
 * where the operator allows it, up to about a million elements.  Inputs that an operator
 * packs beforehand (weights) are parameters.
 * Errors: GOP_EINVAL for a case that cannot be recorded, and what recording, planning
 * and running may fail with. */
GOP_API gop_status gop_bench_case(gop_bench *b, const gop_case *c, int threads, double seconds,
                                  gop_error *err);

/* Runs fn(arg, i, thread) for i in [0, n) on the context's threads; thread is
 * below gop_ctx_threads.  Chunks must not depend on the number of threads if
 * results are to be the same at any.  ctx NULL: all on the calling thread. */
GOP_API void gop_parallel(gop_ctx *ctx, size_t n, void (*fn)(void *arg, size_t i, int thread),
                          void *arg);

/* C [m, n] = A B (+ C when add), on one thread, for use inside gop_parallel.
 * A is m x k with strides (rsa, csa), B is k x n with (rsb, csb), C has rows of
 * ldc.  The order of summation depends on m, n, k and the CPU only.  Pointers,
 * strides and the thread are trusted; a size of zero is a sum over nothing. */
GOP_API void gop_gemm(gop_ctx *ctx, int thread, size_t m, size_t n, size_t k, const gop_real *A,
                      ptrdiff_t rsa, ptrdiff_t csa, const gop_real *B, ptrdiff_t rsb,
                      ptrdiff_t csb, bool add, gop_real *C, size_t ldc);

/* ------------------------------------------------------------------- train */

/* Optimisers.  grads and the parameters' flat vector have the same order. */
typedef struct gop_optimiser gop_optimiser;

/* Adam (Kingma & Ba 2015), bias-corrected; weight_decay is added to the
 * gradient. */
GOP_API gop_status gop_adam_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                                double beta1, double beta2, double eps, double weight_decay,
                                gop_error *err);
/* SGD: v = momentum v + g; p -= lr (nesterov ? g + momentum v : v). */
GOP_API gop_status gop_sgd_new(gop_optimiser **opt, gop_ctx *ctx, gop_params *params,
                               double momentum, bool nesterov, double weight_decay,
                               gop_error *err);
GOP_API void gop_optimiser_free(gop_optimiser *opt);
GOP_API void gop_optimiser_step(gop_optimiser *opt, const gop_real *grads, double lr);
/* A step on scale * grads, without a pass over memory for the product: with
 * scale = max / gop_clip(.., 0) it is clipping and stepping at once. */
GOP_API void gop_optimiser_step_scaled(gop_optimiser *opt, const gop_real *grads, double scale,
                                       double lr);
/* Steps taken so far. */
GOP_API uint64_t gop_optimiser_steps(const gop_optimiser *opt);

/* lr = base * factor^(step / every). */
GOP_API double gop_schedule_step(double base, uint64_t step, uint64_t every, double factor);
/* Linear rise over `warmup` steps, then a half cosine from base down to base * floor at
 * `total`. */
GOP_API double gop_schedule_cosine(double base, uint64_t step, uint64_t warmup, uint64_t total,
                                   double floor);
/* Scales g to the Euclidean norm `max_norm` when it is longer (0: only measures).
 * Returns the norm before. */
GOP_API double gop_clip(gop_ctx *ctx, gop_real *g, size_t n, double max_norm);

/* Multiple-gradient descent (Desideri 2012; Sym-GNN eq. 15; Sener & Koltun 2018
 * for the upper bound) for two losses:
 *   lambda = argmin over [0,1] of |lambda g1 + (1 - lambda) g2|^2. */
typedef enum gop_mgda {
    GOP_MGDA_FIXED,         /* the given lambda */
    GOP_MGDA_EXACT,         /* g: gradients on the parameters upstream of `shared` */
    GOP_MGDA_UB,            /* g: gradients on the shared representation itself */
    GOP_MGDA_UB_NORMALISED  /* as UB, each gradient scaled to unit length first */
} gop_mgda;

typedef struct gop_mgda_work gop_mgda_work;
GOP_API gop_status gop_mgda_new(gop_mgda_work **w, gop_ctx *ctx, const gop_net *net,
                                const gop_var *shared, size_t n_shared, gop_error *err);
GOP_API void gop_mgda_free(gop_mgda_work *w);
/* Elements [offset, offset + n) of the trained parameters do not count in mode EXACT, as
 * those that stay as they are should not; what is behind their end is ignored. */
GOP_API void gop_mgda_leave_out(gop_mgda_work *w, size_t offset, size_t n);
/* After a forward run: fills grads (gop_params_size elements) with the gradient
 * of lambda loss1 + (1 - lambda) loss2, and *lambda (which holds the given one
 * in mode FIXED).  The `shared` vars must have been kept. */
GOP_API gop_status gop_mgda_backward(gop_mgda_work *w, gop_net *net, gop_mgda mode, gop_var loss1,
                                     gop_var loss2, double *lambda, gop_real *grads,
                                     gop_error *err);
/* The minimum-norm point from the three dot products g1.g1, g1.g2, g2.g2. */
GOP_API double gop_mgda_lambda(double s11, double s12, double s22);

/* ---------------------------------------------------------------------- io */

/* Files: a magic of eight bytes, a kind of four ("GDS1"), a version, the length
 * and the CRC-32 of a payload, and the payload in MessagePack.  Written to a
 * temporary beside the target, synced and renamed at commit. */
typedef struct gop_writer gop_writer;
GOP_API gop_status gop_writer_open(gop_writer **w, const char *path, const char kind[4],
                                   uint32_t version, gop_error *err);
GOP_API void gop_write_map(gop_writer *w, size_t pairs);
GOP_API void gop_write_array(gop_writer *w, size_t items);
GOP_API void gop_write_key(gop_writer *w, const char *key);
/* Without control characters, which gop_read_text would refuse. */
GOP_API void gop_write_text(gop_writer *w, const char *text);
GOP_API void gop_write_uint(gop_writer *w, uint64_t v);
GOP_API void gop_write_int(gop_writer *w, int64_t v);
GOP_API void gop_write_bool(gop_writer *w, bool v);
GOP_API void gop_write_double(gop_writer *w, double v);
/* As one binary string of little-endian float32. */
GOP_API void gop_write_reals(gop_writer *w, const gop_real *v, size_t n);
GOP_API void gop_write_floats(gop_writer *w, const float *v, size_t n);
GOP_API void gop_write_bytes(gop_writer *w, const void *v, size_t n);
/* Writes are checked here, at once: syncs, renames over the target, syncs the
 * folder, frees w.  On failure the target is as it was. */
GOP_API gop_status gop_writer_commit(gop_writer *w, gop_error *err);
GOP_API void gop_writer_abandon(gop_writer *w);

/* A bounded cursor over a whole file.  The first failure is sticky and names
 * the file, the key and the offset; reads after it return zeros. */
typedef struct gop_reader gop_reader;
GOP_API gop_status gop_reader_open(gop_reader **r, const char *path, const char kind[4],
                                   uint32_t max_version, gop_error *err);
GOP_API void gop_reader_free(gop_reader *r);
/* The kind of a file, for `info`: fails with GOP_EFORMAT for a foreign one. */
GOP_API gop_status gop_file_kind(char kind[5], const char *path, gop_error *err);
GOP_API uint32_t gop_reader_version(const gop_reader *r);
GOP_API gop_status gop_reader_status(const gop_reader *r, gop_error *err);
/* Makes the reader's status sticky with a sentence about meaning. */
GOP_API void gop_reader_fail(gop_reader *r, const char *format, ...) GOP_PRINTF(2, 3);
/* Bytes not read yet: a count that promises more is a lie.  Ask before allocating. */
GOP_API size_t gop_reader_left(const gop_reader *r);
GOP_API size_t gop_read_map(gop_reader *r);    /* pairs */
GOP_API size_t gop_read_array(gop_reader *r);  /* items */
/* Fails unless the next key is `key`: files are written in a fixed order. */
GOP_API void gop_read_key(gop_reader *r, const char *key);
/* Into buf, at most size - 1 bytes and a terminator; longer, or with a NUL or another control
 * character inside, fails. */
GOP_API void gop_read_text(gop_reader *r, char *buf, size_t size);
GOP_API uint64_t gop_read_uint(gop_reader *r, uint64_t max);
GOP_API int64_t gop_read_int(gop_reader *r);
GOP_API bool gop_read_bool(gop_reader *r);
GOP_API double gop_read_double(gop_reader *r);
/* Exactly n elements, else fails. */
GOP_API void gop_read_reals(gop_reader *r, gop_real *v, size_t n);
GOP_API void gop_read_floats(gop_reader *r, float *v, size_t n);
GOP_API void gop_read_bytes(gop_reader *r, void *v, size_t n);

/* Checkpoint parts: parameters with names and shapes, an optimiser's state.  What holds a NaN
 * or an infinity is not written: gop_writer_commit fails with GOP_ENUMERIC.
 * Reading parameters fills an empty gop_params or checks a recorded one. */
GOP_API void gop_write_params(gop_writer *w, const gop_params *params);
GOP_API void gop_read_params(gop_reader *r, gop_params *params);
GOP_API void gop_write_optimiser(gop_writer *w, const gop_optimiser *opt);
GOP_API void gop_read_optimiser(gop_reader *r, gop_optimiser *opt);

/* ------------------------------------------------------------------ layers */

/* Operators with parameters of their own, made under `name` in the present scope and
 * called as here.  Fan-in initial values are uniform in [-1/sqrt(n), 1/sqrt(n)) for n
 * inputs of a sum.  Errors, sticky as a constructor's: GOP_EINVAL for a missing name
 * or 0 channels, GOP_ESHAPE where x does not fit. */

/* y = gop_linear(x, weight [out, C], bias [out]), fan-in. */
GOP_API gop_var gop_layer_linear(gop_net *net, const char *name, gop_var x, size_t out,
                                 bool bias);
/* A multilayer perceptron: n linear layers of widths[i] channels, named "0", "1", ...,
 * with ReLU and dropout p between them. */
GOP_API gop_var gop_layer_mlp(gop_net *net, const char *name, gop_var x, const size_t *widths,
                              size_t n, double p);
/* y = gop_batch_norm(x, weight 1, bias 0, running_mean 0, running_var 1). */
GOP_API gop_var gop_layer_batch_norm(gop_net *net, const char *name, gop_var x, double eps,
                                     double momentum);
/* y = gop_temporal_conv(x, weight [out, taps, C], stride, pad) + bias [out]; weight
 * normal with variance 2 / (taps out) (He et al. 2015, fan-out), bias fan-in. */
GOP_API gop_var gop_layer_temporal_conv(gop_net *net, const char *name, gop_var x, size_t out,
                                        size_t taps, size_t stride, size_t pad, bool bias);
/* y = gop_graph_conv(x, A, weight) + bias [out]; A [M, M] with weight [out, C], or a
 * shared stack A [G, M, M] with [G, out, C]; weight normal with variance
 * 2 / (G (C + out)) (Glorot & Bengio 2010), bias 0. */
GOP_API gop_var gop_layer_graph_conv(gop_net *net, const char *name, gop_var x, gop_var A,
                                     size_t out, bool bias);
/* y = gop_gru(x, weight_ih, weight_hh, bias_ih, bias_hh) from a state of zeros; all
 * uniform in [-1/sqrt(hidden), 1/sqrt(hidden)). */
GOP_API gop_var gop_layer_gru(gop_net *net, const char *name, gop_var x, size_t hidden);
/* The same with gop_lstm. */
GOP_API gop_var gop_layer_lstm(gop_net *net, const char *name, gop_var x, size_t hidden);
/* y = gop_embedding(weight [rows, out], index), standard normal. */
GOP_API gop_var gop_layer_embedding(gop_net *net, const char *name, gop_var index, size_t rows,
                                    size_t out);

/* --------------------------------------------------- choices of operators */

/* How gop_khop_adjacency normalises. */
typedef enum gop_khop_kind { GOP_KHOP_ROWS, GOP_KHOP_SYMMETRIC } gop_khop_kind;

/* How gop_edge_scatter brings edges together. */
typedef enum gop_scatter_kind {
    GOP_SCATTER_SUM,
    GOP_SCATTER_MEAN,
    GOP_SCATTER_MAX
} gop_scatter_kind;

#include "graphop-ops.h"

#ifdef __cplusplus
}
#endif
#endif
