/*
 * dcrnn.c: DCRNN (Li et al., ICLR 2018): 207 sensors of a directed weighted graph, 12 steps give
 * the next 12, two layers of 64, scheduled sampling, missing readings.
 */
#include "measure.h"

enum { V = 207, DEGREE = 8, H = 64, LAYERS = 2, IN = 12, OUT = 12, STEPS = 2 };

static gop_graph *roads;

static gop_var record(gop_net *n, size_t N)
{
    const gop_graph_data diffusion = {.kind = GOP_GRAPH_DIFFUSION, .loops = true, .hops = STEPS};
    gop_var A = gop_graph_constant(n, "A", roads, diffusion), h[LAYERS], y[OUT];
    gop_var v = input(n, "x", gop_shape4(N, V, IN, 2), 0); /* speed and time of day */
    const bool training = gop_net_training(n);
    gop_var truth = gop_none(), fed = gop_none();
    if (training) {
        truth = input(n, "truth", gop_shape4(N, V, OUT, 1), 0);
        fed = input(n, "fed", gop_shape4(N, V, OUT, 1), 2);
    }
    gop_net_first_values(n, "encoder", gop_init_normal(0.05));
    gop_net_first_values(n, "decoder", gop_init_normal(0.05));
    for (int l = 0; l < LAYERS; l++) {
        v = gop_layer_graph_gru(n, l ? "encoder.1" : "encoder.0", v, gop_none(), A, H);
        h[l] = gop_reshape(n, gop_slice(n, v, 2, IN - 1, 1), gop_shape3(N, V, H));
    }
    gop_var last = gop_zeros(n, "go", gop_shape3(N, V, 1));
    for (size_t t = 0; t < OUT; t++) {
        v = last;
        for (int l = 0; l < LAYERS; l++)
            v = h[l] = gop_layer_graph_gru_step(n, l ? "decoder.1" : "decoder.0", v, h[l], A, H);
        y[t] = last = gop_layer_linear(n, "out", v, 1, true);
        if (training) {
            gop_var d = gop_sub(
                n, gop_reshape(n, gop_slice(n, truth, 2, t, 1), gop_shape3(N, V, 1)), last);
            last = gop_add(
                n, last,
                gop_mul(n, gop_reshape(n, gop_slice(n, fed, 2, t, 1), gop_shape3(N, V, 1)), d));
        }
    }
    v = gop_reshape(n, gop_concat(n, y, OUT, 2), gop_shape4(N, V, OUT, 1));
    if (!training)
        return v;
    gop_var there = input(n, "there", gop_shape4(N, V, OUT, 1), 2); /* 0: no reading */
    return gop_l1(n, gop_mul(n, v, there), gop_mul(n, truth, there), GOP_PER_ELEMENT);
}

/* Each sensor has an edge to about DEGREE others, with a Gaussian of their distance. */
int main(int argc, char **argv)
{
    static gop_edge edges[V * V];
    static gop_real weights[V * V];
    size_t E = 0;
    gop_rng rng = gop_rng_new(7, 2);
    gop_error err;
    for (uint32_t i = 0; i < V; i++)
        for (uint32_t j = 0; j < V; j++)
            if (i != j && gop_rng_uniform(&rng) < (double)DEGREE / V) {
                weights[E] = (gop_real)exp(-2 * gop_rng_uniform(&rng));
                edges[E++] = (gop_edge){i, j};
            }
    must(gop_graph_new_directed(&roads, V, edges, E, &err), &err);
    must(gop_graph_set_weights(roads, weights, &err), &err);
    measure(&(program){"DCRNN", 1, 4, 1e-3, {{"diffusion", record}}}, argc, argv);
    gop_graph_free(roads);
    return 0;
}
