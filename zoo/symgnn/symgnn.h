/*
 * symgnn.h: Symbiotic Graph Neural Networks (M. Li, S. Chen, X. Chen, Y. Zhang, Y. Wang, Q. Tian),
 * one network that recognises an action and predicts the next poses.  Shared by the files of this
 * folder and by callers that need the configuration as a struct; most users go through zoo/model.h.
 *
 *   stream.c    the input of a network: joints or bones (5.5), poses or their motion
 *   agim.c      actional graph inference, eqs. (1), (2), Table 16
 *   blocks.c    J-GTC and P-GTC blocks, eqs. (3)-(8)
 *   backbone.c  branches, scales, bidirectional fusion, eq. (9), Tables 17, 18
 *   heads.c     recognition; prediction, eq. (10)
 *   symgnn.c    one network, or several fused before the softmax (5.5)
 *   config.c    which parts a configuration has
 *   type.c      options, presets, variants, checks, fusion
 */
#ifndef ZOO_SYMGNN_SYMGNN_H
#define ZOO_SYMGNN_SYMGNN_H

#include "zoo/predictor.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SYMGNN_CARRY_JGC, SYMGNN_CARRY_HIDDEN };
enum { SYMGNN_REDUCE_MEAN, SYMGNN_REDUCE_SUM };
enum { SYMGNN_BOTH_HEADS, SYMGNN_RECOGNITION, SYMGNN_PREDICTION };
enum { SYMGNN_BOTH_GRAPHS, SYMGNN_STRUCTURAL, SYMGNN_ACTIONAL };
enum { SYMGNN_BOTH_SCALES, SYMGNN_JOINTS, SYMGNN_PARTS };
enum { SYMGNN_PER_NETWORK, SYMGNN_PER_BRANCH };
enum { SYMGNN_POWERS, SYMGNN_EXACT, SYMGNN_WITHIN };
enum { SYMGNN_MASK_LAYER, SYMGNN_MASK_NETWORK, SYMGNN_MASK_NONE };
enum { SYMGNN_RUNNING, SYMGNN_RESTART, SYMGNN_FROZEN, SYMGNN_NO_DIFFERENCES };
enum { SYMGNN_EDGE_ZERO, SYMGNN_EDGE_ZEROS, SYMGNN_EDGE_POSE, SYMGNN_EDGE_COPY };
enum { SYMGNN_FUSED_LABEL, SYMGNN_OWN_LABEL };
enum { SYMGNN_MEAN_AFTER, SYMGNN_MEAN_BEFORE };
enum { SYMGNN_FROM_BLOCK, SYMGNN_FROM_INPUT };
enum { SYMGNN_FUSE_BEFORE, SYMGNN_FUSE_AFTER };
enum { SYMGNN_JOIN_ADD, SYMGNN_JOIN_CONCAT };
enum { SYMGNN_SHARE_BOTH, SYMGNN_SHARE_FEATURES };
enum { SYMGNN_FRAMES, SYMGNN_COSINES };
enum { SYMGNN_STEPS, SYMGNN_AT_ONCE };
enum { SYMGNN_TO_PREVIOUS, SYMGNN_TO_LAST };
/* Streams.  The first one present predicts. */
enum { SYMGNN_JOINT, SYMGNN_BONE, SYMGNN_JOINT_MOTION, SYMGNN_BONE_MOTION, SYMGNN_STREAMS };

typedef struct symgnn_config {
    uint32_t observed, predicted; /* frames */
    uint32_t gamma;               /* Gamma, hops of the structural graphs */
    uint32_t agim_k;              /* K, iterations of AGIM */
    uint32_t agim_dim;            /* D_v = D_e = D_emb */
    double lambda_act;            /* eq. (5) */
    zoo_list widths;              /* channels out of each block */
    zoo_list graph_widths;        /* between JGC and TC; empty: min(in, out), block 1: out */
    zoo_list strides, kernels;    /* of each block's temporal convolution */
    zoo_list fuse_after;          /* blocks (from 1) that bidirectional fusion follows */
    zoo_list orders;              /* differences, one branch each */
    uint32_t hidden;              /* of the heads, the GRU and f_pred */
    uint32_t out_hidden_layers;   /* of f_pred */
    uint32_t first_residual;
    uint32_t gru_carry;
    uint32_t yhat_input, detach_yhat;
    uint32_t pred_reduction;
    zoo_loss loss;
    double p_tc, p_agim, p_out; /* dropout */
    double bn_eps, bn_momentum;
    uint32_t stream;      /* bit k: stream k has a network */
    double bone_weight;   /* of bones in the class scores; joints have the rest */
    double motion_weight; /* of motions; poses have the rest */
    uint32_t heads;
    uint32_t joint_graphs; /* which sums of eq. (5) are used */
    uint32_t scales;
    uint32_t recg_mean; /* the mean over nodes, after or before MLP_recg */
    uint32_t gc_repeat; /* JGCs in a row in each block */
    uint32_t gc_bias;
    uint32_t agim_per;    /* network or branch */
    uint32_t agim_shared; /* all iterations share f_e and f_v */
    uint32_t agim_bn;
    uint32_t agim_frames;     /* 0: all */
    uint32_t hop_graphs;      /* definition of a structural graph of g hops */
    uint32_t edge_masks;      /* per layer, per network, or none */
    uint32_t dec_differences; /* Delta X, Delta^2 X in eq. (10b) */
    uint32_t difference_edge; /* eq. (9) at the first frames */
    uint32_t residual_bn;
    uint32_t yhat_from;      /* of several networks */
    uint32_t head_layers;    /* of MLP_recg and of MLP_pred */
    uint32_t residual_after; /* add the residual after the block's last relu, not before */
    uint32_t part_from;      /* block 1's features or the input */
    uint32_t fuse_from;      /* parts take joints before or after the joints' own fusion */
    uint32_t join;           /* how the two scales are joined at the end */
    uint32_t shared;         /* by the two losses, for MGDA's upper bound */
    uint32_t input;          /* of the branches: frames or their cosine transform */
    uint32_t decoder;        /* eq. (10), or all predicted frames at once by their transform */
    uint32_t coefficients;   /* of that transform; 0: as many as frames */
    uint32_t dec_trajectory; /* the prediction head takes all observed poses too */
    uint32_t residual;       /* the pose that eq. (10c) adds to */
} symgnn_config;

/* State shared by the parts of one network while it is recorded.  Its nodes are joints or bones. */
typedef struct symgnn {
    gop_net *net;
    const symgnn_config *c;
    const zoo_use *use;
    zoo_ports *ports;
    const zoo_domain *domain; /* the use's */
    unsigned stream;
    size_t batch; /* bodies of all clips, N */
    size_t M, P, D;
    gop_var bones;     /* bones from joints: [M, joints]; none in a network of joints */
    gop_var hops;      /* A~^g, g = 1..Gamma: [Gamma, M, M]; with the network's mask, if any */
    gop_var part_norm; /* D_p^-1 A_p: [P, P]; with the network's mask, if any */
    gop_var part;      /* part of each node: [M] */
    gop_var x;         /* the network's input: [N, M, T, D] */
    gop_var A_act;     /* actional adjacency: [N, M, M]; none without inference;
                        * the first branch's if each has its own */
    gop_var H;         /* the backbone's features, [N, M, branches * width] */
} symgnn;

/* Whether the network has the joint scale, the part scale, structural graphs. */
bool symgnn_has_joints(const symgnn_config *c);
bool symgnn_has_parts(const symgnn_config *c);
bool symgnn_has_hops(const symgnn_config *c);
/* The part scale's first block.  Beside joints it is the second, because the part scale begins with
 * the first block's features; it is the first if the part scale begins with the input. */
size_t symgnn_first_part_block(const symgnn_config *c);
/* Whether the scales are fused after this block, counted from 0. */
bool symgnn_fused_after(const symgnn_config *c, size_t block);
/* Whether the network infers A_act, recognises, predicts. */
bool symgnn_infers(const symgnn_config *c);
bool symgnn_recognises(const symgnn_config *c);
bool symgnn_predicts(const symgnn_config *c);
/* The lowest stream: its network predicts, and its names come first. */
unsigned symgnn_first_stream(const symgnn_config *c);
/* Names of the streams.  With several streams they are also the prefixes of parameter names. */
extern const char *const symgnn_stream_name[SYMGNN_STREAMS];

/* Delta^order x, eq. (9), of x [N, M, T, D]. */
gop_var symgnn_difference(const symgnn *s, gop_var x, uint32_t order);
/* The orthonormal cosine transform of x [N, M, T, D] along its frames, [N, M, T, D]. */
gop_var symgnn_transform(const symgnn *s, gop_var x);
/* A stream's graphs and s->x from observed poses [N, joints, T, D]. */
void symgnn_observe(symgnn *s, gop_var poses);
/* The target of the prediction head, from the poses that follow. */
gop_var symgnn_aim(const symgnn *s, gop_var poses);
/* Which values of the aim are there, from the mask of poses. */
gop_var symgnn_aim_mask(const symgnn *s, gop_var mask);
/* Poses from the output of the prediction head.  Bones are joined from the centre outwards; the
 * centre stays where it was in the last observed pose. */
gop_var symgnn_poses(const symgnn *s, gop_var predicted, gop_var observed);

/* Batch norm with the configuration's bn_eps and bn_momentum. */
gop_var symgnn_batch_norm(const symgnn *s, const char *name, gop_var x);

/* A_act from x [N, M, T, D], the input or a branch's differences: eqs. (1), (2). */
gop_var symgnn_agim(const symgnn *s, gop_var x);

/* The parameters of a JGC or PGC, recorded once and applied any number of times. */
typedef struct symgnn_gc {
    gop_var A[2], W[2];
    double scale[2];
    size_t n;
    gop_var bias; /* [out], or none */
} symgnn_gc;
/* A (.) M, elementwise, with a trained M that starts at 1. */
gop_var symgnn_masked(const symgnn *s, gop_var A);
symgnn_gc symgnn_jgc_params(const symgnn *s, size_t in, size_t out);
symgnn_gc symgnn_pgc_params(const symgnn *s, size_t in, size_t out);
/* JGC(x), eq. (5), or PGC(x), eq. (7). */
gop_var symgnn_gc_apply(const symgnn *s, const symgnn_gc *g, gop_var x);

/* A block of a branch: eq. (6) with joints, eq. (8) with parts. */
gop_var symgnn_joint_block(const symgnn *s, size_t block, gop_var x);
gop_var symgnn_part_block(const symgnn *s, size_t block, gop_var x);

/* H = [H_0, H_1, H_2] [N, M, branches * width], from s->x.  Sets s->A_act if branches infer their
 * own graphs. */
gop_var symgnn_backbone(symgnn *s);

/* Class scores before the softmax, [N, classes], from s->H. */
gop_var symgnn_recognise(const symgnn *s);
/* The next poses or bones [N, M, predicted, D], eq. (10) or (10'); logits may be none. */
gop_var symgnn_predict(const symgnn *s, gop_var logits);

void symgnn_record(gop_net *net, const void *config, const zoo_use *use, zoo_ports *ports);

#ifdef __cplusplus
}
#endif
#endif
