/*
 * simlpe.c: siMLPe (Guo et al., WACV 2023): 50 frames of 22 joints give the next 10.
 *
 *     y = D^-1 out(blocks(in(D x))) + last pose,  D the cosine transform along time
 *     block    x + norm(W x + b),  W [T, T] along time, norm over the channels     section 3.2
 *     loss     mean distance of joints, and of their velocities
 */
#include "measure.h"

enum { T = 50, C = 66, BLOCKS = 48, AHEAD = 10 };

/* A linear map along time, x [N, T, C]. */
static gop_var by_matmul(gop_net *n, gop_var x)
{
    gop_var W = gop_param(n, "fc.weight", gop_shape2(T, T), gop_init_uniform(1 / sqrt(T)));
    gop_var b = gop_param(n, "fc.bias", gop_shape2(T, 1), gop_init_uniform(1 / sqrt(T)));
    return gop_add(n, gop_matmul(n, W, x, 0), b);
}

/* The same with time on the last axis. */
static gop_var by_linear(gop_net *n, gop_var x)
{
    static const int swap[3] = {0, 2, 1};
    return gop_permute(n, gop_layer_linear(n, "fc", gop_permute(n, x, swap), T, true), swap);
}

static gop_var velocity(gop_net *n, gop_var x)
{
    return gop_sub(n, gop_slice(n, x, 1, 1, AHEAD - 1), gop_slice(n, x, 1, 0, AHEAD - 1));
}

static gop_var record(gop_net *n, size_t N, gop_var (*map)(gop_net *, gop_var))
{
    static gop_real D[T][T];
    for (int k = 0; k < T; k++)
        for (int t = 0; t < T; t++)
            D[k][t] = (gop_real)(sqrt((k ? 2.0 : 1.0) / T) * cos(acos(-1) * (t + 0.5) * k / T));
    gop_var cosines = gop_constant(n, "cosines", gop_shape2(T, T), &D[0][0]);
    gop_var x = input(n, "x", gop_shape3(N, T, C), 0);
    gop_var y = gop_layer_linear(n, "in", gop_matmul(n, cosines, x, 0), C, true);
    for (size_t i = 0; i < BLOCKS; i++) {
        gop_net_push(n, "blocks.%zu", i);
        y = gop_add(n, y, gop_layer_layer_norm(n, "norm", map(n, y), 1e-5));
        gop_net_pop(n);
    }
    y = gop_matmul(n, cosines, gop_layer_linear(n, "out", y, C, true), GOP_TRANSPOSE_A);
    y = gop_add(n, gop_slice(n, y, 1, 0, AHEAD), gop_slice(n, x, 1, T - 1, 1));
    if (!gop_net_training(n))
        return y;
    gop_var truth = input(n, "truth", gop_shape3(N, AHEAD, C), 0);
    const gop_shape P = gop_shape2(N * AHEAD * C / 3, 3),
                    Q = gop_shape2(N * (AHEAD - 1) * C / 3, 3);
    return gop_add(n, gop_joint_distance(n, gop_reshape(n, y, P), gop_reshape(n, truth, P)),
                   gop_joint_distance(n, gop_reshape(n, velocity(n, y), Q),
                                      gop_reshape(n, velocity(n, truth), Q)));
}

static gop_var record_matmul(gop_net *n, size_t N)
{
    return record(n, N, by_matmul);
}

static gop_var record_linear(gop_net *n, size_t N)
{
    return record(n, N, by_linear);
}

int main(int argc, char **argv)
{
    const program p = {
        "siMLPe", 1, 256, 3e-4, {{"matmul", record_matmul}, {"linear", record_linear}}};
    return measure(&p, argc, argv);
}
