/*
 * symgnn.h: Symbiotic Graph Neural Networks (M. Li, S. Chen, X. Chen, Y. Zhang,
 * Y. Wang, Q. Tian), one network that recognises an action and predicts the
 * next poses.  Shared by the files of this folder and by those who want the
 * configuration as a struct; most users go through zoo/model.h.
 *
 *   agim.c      actional graph inference, eqs. (1), (2), Table 16
 *   blocks.c    J-GTC and P-GTC blocks, eqs. (3)-(8)
 *   backbone.c  branches, scales, bidirectional fusion, eq. (9), Tables 17, 18
 *   heads.c     recognition; prediction, eq. (10); losses, eqs. (11), (12)
 *   config.c    options, presets, checks
 */
#ifndef ZOO_SYMGNN_SYMGNN_H
#define ZOO_SYMGNN_SYMGNN_H

#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SYMGNN_CARRY_JGC, SYMGNN_CARRY_HIDDEN };
enum { SYMGNN_REDUCE_MEAN, SYMGNN_REDUCE_SUM };

typedef struct symgnn_config {
    uint32_t observed, predicted; /* frames */
    uint32_t gamma;               /* Gamma, hops of the structural graphs */
    uint32_t agim_k;              /* K, iterations of AGIM */
    uint32_t agim_dim;            /* D_v = D_e = D_emb */
    double lambda_act;            /* eq. (5) */
    zoo_list widths;              /* channels out of each block */
    zoo_list graph_widths;        /* between JGC and TC; empty: min(in, out), block 1: out */
    zoo_list strides, kernels;    /* of each block's temporal convolution */
    zoo_list fuse_after;          /* blocks (from 1) followed by bidirectional fusion */
    zoo_list orders;              /* differences, one branch each */
    uint32_t hidden;              /* of the heads, the GRU and f_pred */
    uint32_t out_hidden_layers;   /* of f_pred */
    uint32_t first_residual;
    uint32_t gru_carry;
    uint32_t yhat_input, detach_yhat;
    uint32_t pred_reduction;
    double p_tc, p_agim, p_out;   /* dropout */
    double bn_eps, bn_momentum;
} symgnn_config;

/* What the parts of the network have in common while it is recorded. */
typedef struct symgnn {
    gop_net *net;
    const symgnn_config *c;
    const zoo_domain *domain;
    size_t batch, M, P, D;
    gop_var hops;      /* A~^g, g = 1..Gamma: [Gamma, M, M] */
    gop_var part_norm; /* D_p^-1 A_p: [P, P] */
    gop_var part;      /* part of each joint: [M] */
    gop_var A_act;     /* actional adjacency: [N, M, M] */
} symgnn;

/* Batch norm with the configuration's numbers. */
gop_var symgnn_batch_norm(const symgnn *s, const char *name, gop_var x);

/* A_act from positions x [N, M, T, D]: eqs. (1), (2). */
gop_var symgnn_agim(const symgnn *s, gop_var x);

/* The parameters of a JGC, recorded once and applied any number of times. */
typedef struct symgnn_jgc {
    gop_var A[2], W[2];
    double scale[2];
} symgnn_jgc;
symgnn_jgc symgnn_jgc_params(const symgnn *s, size_t in, size_t out);
/* JGC(x), eq. (5). */
gop_var symgnn_jgc_apply(const symgnn *s, const symgnn_jgc *g, gop_var x);

/* Blocks 1.. of a branch: eq. (6) with joints, eq. (8) with parts. */
gop_var symgnn_joint_block(const symgnn *s, size_t block, gop_var x);
gop_var symgnn_part_block(const symgnn *s, size_t block, gop_var x);

/* H = [H_0, H_1, H_2] [N, M, branches * width], from x. */
gop_var symgnn_backbone(const symgnn *s, gop_var x);

/* Class scores before the softmax, [N, classes]. */
gop_var symgnn_recognise(const symgnn *s, gop_var H);
/* The next poses [N, M, predicted, D], eq. (10). */
gop_var symgnn_predict(const symgnn *s, gop_var H, gop_var x, gop_var logits);

void symgnn_record(gop_net *net, const void *config, const zoo_domain *domain, size_t batch,
                   zoo_ports *ports);

#ifdef __cplusplus
}
#endif
#endif
