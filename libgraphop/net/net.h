/*
 * net.h: the inside of a gop_net, shared by the files of net/.  Nothing outside net/ includes it.
 *
 * A net is a list of nodes (operators) in the order of recording, which is the
 * order of running, and a list of vars (values).  Node i runs forward at time i
 * and backward at time 2n-1-i; the planner places every buffer by the interval
 * of those times in which it is alive.
 */
#ifndef GOP_NET_NET_H
#define GOP_NET_NET_H

#include "graphop.h"

typedef enum var_kind { VAR_INPUT, VAR_CONSTANT, VAR_PARAM, VAR_STAT, VAR_RESULT } var_kind;

typedef struct var {
    var_kind kind;
    gop_shape shape;
    char *name;         /* with its scope */
    int32_t node;       /* that computes it; -1 for leaves */
    size_t param;       /* index in the params (VAR_PARAM, VAR_STAT) */
    gop_real *constant; /* copy of a constant's data */
    bool keep;
    bool wants_grad;          /* a gradient reaches it */
    int32_t vbase, gbase;     /* the var whose memory holds the value, the gradient */
    int32_t gplace;           /* on a gbase: the gbase whose memory its gradient shares */
    size_t value_at, grad_at; /* offsets in elements, valid on the bases */
    bool ready;               /* backward: the gradient holds something (on gbase) */
} var;

typedef struct node {
    const gop_op *op;
    void *attr;
    size_t n_in;
    int32_t in[GOP_MAX_INPUTS];
    int32_t out;
    size_t saved, saved_at, work;
    uint64_t madds;
    gop_shape in_shape[GOP_MAX_INPUTS];
    unsigned flags; /* the operator's, as plan left them */
    size_t prepared;
    unsigned prepared_from;
    size_t slot;                         /* of what is prepared; NO_SLOT */
    int channels[GOP_MAX_INPUTS], added; /* as in gop_op_plan */
    const gop_op *folded;          /* the operator that was recorded, where fold.c put another */
    int32_t fold;                  /* that it leads, or is what is left of; -1 */
    int32_t first, last;           /* the nodes run together forward, chain.c */
    int32_t back_first, back_last; /* and backward */
} node;

#define NO_SLOT SIZE_MAX

/* Nodes folded into the weights of the one that leads them, in their order. */
enum { FOLD_MAX = 8 };

typedef struct fold {
    int32_t lead, node[FOLD_MAX];
    size_t n;
    bool adds;   /* the leader adds what is left itself */
    size_t size; /* elements that the leader prepares, with the inputs kept behind them */
    /* The leader's inputs: offsets of those kept, and of those that are there only while it
     * prepares; else NO_PLACE. */
    size_t copy_at[GOP_MAX_INPUTS], scratch_at[GOP_MAX_INPUTS];
} fold;

/* Something prepared, shared by all nodes that would make the same. */
typedef struct prep {
    size_t size, at;
    size_t node;      /* the first of them */
    bool every_run;   /* made from more than parameters and constants */
    uint64_t version; /* of the parameters it was made from; 0: not made yet */
} prep;

/* Most nodes run together. */
enum { CHAIN_MAX = 8 };

/* One node of a chain, ready to run. */
typedef struct link {
    const gop_op *op;
    gop_run run;
    gop_real *in[GOP_MAX_INPUTS], *din[GOP_MAX_INPUTS];
    bool add[GOP_MAX_INPUTS];
} link;

typedef struct gop_chain {
    size_t n;
    bool back;
    link links[CHAIN_MAX];
} gop_chain;

#define SCOPE_SIZE  256
#define SCOPE_DEPTH 16

struct gop_net {
    gop_ctx *ctx;
    gop_params *params;
    bool training, planned, ran;
    gop_error err; /* sticky */

    char scope[SCOPE_SIZE];
    size_t scope_end[SCOPE_DEPTH];
    size_t scope_depth;

    char **fixed; /* names of statistics, and of what holds some, that operators leave alone */
    size_t n_fixed;

    var *vars;
    size_t n_vars, cap_vars;
    node *nodes;
    size_t n_nodes, cap_nodes;

    prep *slots;
    size_t n_slots;

    fold *folds;
    size_t n_folds;
    size_t scratch, scratch_at; /* elements for preparing what is folded, and where */

    gop_real *memory; /* values, gradients, saved, prepared, scratch */
    size_t work_at;   /* scratch of one call */
    gop_chain *chain; /* of the node that runs */
    size_t bytes;
    uint64_t runs; /* forward, so far */
    uint64_t random_key;

    struct profile *profile; /* profile.c's; NULL until it was on once */
    bool profiling;
};

#define NO_PLACE SIZE_MAX

/* Pointers as they are now (parameters may move while other nets record). */
gop_real *gop_net_value_ptr(const gop_net *net, int32_t id);
gop_real *gop_net_grad_ptr(const gop_net *net, int32_t id);
/* Node i's run; its inputs go to in[GOP_MAX_INPUTS]. */
gop_run gop_net_start_run(const gop_net *net, size_t i, gop_real **in);
/* The key of a node's random draws at this step. */
uint64_t gop_net_node_key(const gop_net *net, size_t index);

/* chain.c: finds which nodes run together. */
void gop_net_find_chains(gop_net *net);
/* Whether node i's result may be written over `base`, as far as the node that
 * leads it is concerned. */
bool gop_net_leader_spares(const gop_net *net, size_t i, int32_t base);
/* Runs one node: the whole of it, or all its ranges. */
void gop_net_run_forward(const node *n, const gop_run *r);
void gop_net_run_backward(const node *n, const gop_run *r);

/* prepare.c: finds who shares what is prepared; makes what is stale: all that changes
 * with the parameters alone, and what node n needs in each run. */
gop_status gop_net_find_slots(gop_net *net, gop_error *err);
bool gop_net_same_value(const gop_net *net, int32_t a, int32_t b); /* one parameter, perhaps */
void gop_net_prepare_settled(gop_net *net);
void gop_net_prepare(gop_net *net, const node *n, const gop_run *r);

/* fold.c: finds what can be folded into weights; whether two nodes lead or end the same;
 * whether node n reads a scaled input k; and prepares what node n then needs. */
gop_status gop_net_fold(gop_net *net, gop_error *err);
bool gop_net_same_fold(const gop_net *net, const node *a, const node *b);
bool gop_net_folds_input(const node *n, size_t k);
void gop_net_prepare_folded(const gop_net *net, const node *n, const gop_run *r);

/* Around a call that runs `count` operators from node i on: the time before, and what
 * to note after.  `backward`: 0, or 1 without and 2 with the parameters' gradients. */
double gop_profile_clock(void);
void gop_profile_note(gop_net *net, size_t i, size_t count, int backward, double before);
static inline double gop_profile_start(const gop_net *net)
{
    return net->profiling ? gop_profile_clock() : 0;
}
static inline void gop_profile_stop(gop_net *net, size_t i, size_t count, int backward,
                                    double before)
{
    if (net->profiling)
        gop_profile_note(net, i, count, backward, before);
}
/* Of node i's backward. */
uint64_t gop_net_madds_backward(const gop_net *net, size_t i, bool params);

/* Offsets for n buffers of size[i] elements alive in [from[i], to[i]], such that
 * no two that are alive together overlap; *total is the extent. */
gop_status gop_place(size_t n, const size_t *size, const uint32_t *from, const uint32_t *to,
                     size_t *at, size_t *total, gop_error *err);

#endif
