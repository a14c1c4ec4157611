/*
 * gat.c: a layer of graph attention (Velickovic et al., ICLR 2018), 1000 nodes of up to 16
 * neighbours, 8 heads of 8, and a classifier of nodes.
 *
 *     e_ij = leaky_relu(a . W x_i + b . W x_j),  y_i = sum over neighbours j of softmax_j(e_ij) W x_j
 *
 * "edges" has a list of edges, "table" 16 neighbours for each node, filled up with -1.
 */
#include "measure.h"

enum { M = 1000, C = 64, H = 8, D = 8, K = 16, CLASSES = 7 };

static size_t E;
static gop_real ends[M * K * 2], near[M * K], absent[M * K];

/* s, t [1, M, H] are the scores of a node as receiver and as sender; z [1, M, H D]. */
static gop_var by_edges(gop_net *n, gop_var z, gop_var s, gop_var t)
{
    gop_var index = gop_constant(n, "edges", gop_shape2(E, 2), ends);
    gop_var to = gop_reshape(n, gop_slice(n, index, 1, 0, 1), gop_shape1(E));
    gop_var from = gop_reshape(n, gop_slice(n, index, 1, 1, 1), gop_shape1(E));
    gop_var e = gop_add(n, gop_gather(n, s, 1, to), gop_gather(n, t, 1, from));
    gop_var a = gop_edge_softmax(n, gop_leaky_relu(n, e, 0.2), index, M);
    return gop_sparse_product(n, a, index, z, M);
}

static gop_var by_table(gop_net *n, gop_var z, gop_var s, gop_var t)
{
    static const int swap[4] = {0, 1, 3, 2};
    gop_var index = gop_constant(n, "neighbours", gop_shape1(M * K), near);
    gop_var mask = gop_constant(n, "absent", gop_shape4(1, M, K, 1), absent);
    gop_var from = gop_reshape(n, gop_gather(n, t, 1, index), gop_shape4(1, M, K, H));
    gop_var e = gop_leaky_relu(n, gop_add(n, gop_reshape(n, s, gop_shape4(1, M, 1, H)), from), 0.2);
    gop_var a = gop_softmax(n, gop_permute(n, gop_add(n, e, mask), swap), 3); /* [1, M, H, K] */
    gop_var v = gop_reshape(n, gop_gather(n, z, 1, index), gop_shape4(M, K, H, D));
    gop_var y = gop_graph_product(n, gop_reshape(n, a, gop_shape4(M, H, 1, K)), v);
    return gop_reshape(n, y, gop_shape3(1, M, H * D));
}

static gop_var score(gop_net *n, const char *name, gop_var z)
{
    gop_var a = gop_param(n, name, gop_shape2(H, D), gop_init_uniform(0.4));
    return gop_sum(n, gop_mul(n, gop_reshape(n, z, gop_shape4(1, M, H, D)), a), 3);
}

static gop_var record(gop_net *n, gop_var (*attend)(gop_net *, gop_var, gop_var, gop_var))
{
    gop_var z = gop_layer_linear(n, "W", input(n, "x", gop_shape3(1, M, C), 0), H * D, false);
    gop_var y = attend(n, z, score(n, "a.to", z), score(n, "a.from", z));
    y = gop_layer_linear(n, "out", gop_reshape(n, y, gop_shape2(M, H * D)), CLASSES, true);
    if (!gop_net_training(n))
        return y;
    return gop_cross_entropy(n, y, input(n, "labels", gop_shape1(M), CLASSES), gop_none(), 0);
}

static gop_var record_edges(gop_net *n, size_t N)
{
    (void)N;
    return record(n, by_edges);
}

static gop_var record_table(gop_net *n, size_t N)
{
    (void)N;
    return record(n, by_table);
}

int main(int argc, char **argv)
{
    gop_rng r = gop_rng_new(3, 3);
    for (size_t i = 0; i < M; i++)
        for (size_t k = 0, degree = 1 + gop_rng_below(&r, K); k < K; k++) {
            const size_t j = k ? (i + 1 + 61 * k + gop_rng_below(&r, 60)) % M : i;
            const bool there = k < degree;
            near[i * K + k] = there ? (gop_real)j : -1;
            absent[i * K + k] = there ? 0 : -1e9F;
            if (there) {
                ends[2 * E] = (gop_real)i;
                ends[2 * E++ + 1] = (gop_real)j;
            }
        }
    const program p = {"GAT", 1, 1, 5e-3, {{"edges", record_edges}, {"table", record_table}}};
    return measure(&p, argc, argv);
}
