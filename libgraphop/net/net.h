/*
 * net.h: the inside of a gop_net, shared by the files of net/.  Nothing outside net/ includes it.
 *
 * A net is a list of nodes (operators) in the order of recording, which is the
 * order of running, and a list of vars (values).  Node i runs forward at time i
 * and backward at time 2n-1-i; the planner places every buffer by the interval
 * of those times in which it is alive.
 *
 * Each file writes its own part of the net and reads the others:
 *
 *   record.c    the status, the recording, vars
 *   apply.c     nodes, and vars for their results
 *   plan.c      the layout, and in vars and nodes what shares memory and where it lies
 *   fold.c      the folding, and in nodes what is folded
 *   chain.c     in nodes which of them run together
 *   pack.c      the packing
 *   bind.c      the bound runs
 *   run.c       the running; in a bound run the chain and the key of random draws
 *   backward.c  in a bound run the chain and the gradients; in vars what is ready
 *   profile.c   the profile
 *   stepper.c   in the running of a stepper's own net, which nodes are due; step_derive.c records it
 *
 * Order of calls: plan.c, run.c and backward.c call pack.c, which calls fold.c; all of these call
 * chain.c, profile.c, place.c and bind.c.  apply.c calls record.c.
 */
#ifndef GOP_NET_NET_H
#define GOP_NET_NET_H

#include "core/memory.h"
#include "graphop.h"

#include <string.h>

/* An offset, a slot: none. */
#define NO_PLACE SIZE_MAX
#define NO_SLOT  SIZE_MAX

typedef enum net_var_kind { VAR_INPUT, VAR_CONSTANT, VAR_PARAM, VAR_STAT, VAR_RESULT } net_var_kind;

typedef struct net_var {
    net_var_kind kind;
    gop_shape shape;
    char *name;         /* with its scope */
    int32_t node;       /* that computes it; -1 for leaves */
    size_t param;       /* index in the params (VAR_PARAM, VAR_STAT) */
    gop_real *constant; /* copy of a constant's data */
    gop_real *outside;  /* on a vbase: the caller's memory for the value, or NULL */
    bool keep;
    bool drawn; /* depends on random draws */
    bool stays; /* computed with the settled nodes, and read by others: its memory is its own */
    bool wants_grad;          /* has a gradient */
    int32_t vbase, gbase;     /* the var whose memory holds the value, the gradient */
    int32_t gplace;           /* on a gbase: the gbase whose memory its gradient shares */
    size_t value_at, grad_at; /* offsets in elements, valid on the bases */
    bool ready;               /* backward: the gradient holds something (on gbase) */
} net_var;

typedef struct net_node {
    const gop_op *op;
    void *attr;
    size_t n_in;
    int32_t in[GOP_MAX_INPUTS];
    int32_t out;
    size_t saved, saved_at, work;
    uint64_t madds;
    gop_shape in_shape[GOP_MAX_INPUTS];
    unsigned flags; /* the operator's, as `plan` left them */
    bool settled;   /* depends on parameters, statistics and constants alone (plan.c) */
    size_t prepared;
    unsigned prepared_from;
    size_t slot;                         /* of its prepared memory, or NO_SLOT */
    int channels[GOP_MAX_INPUTS], added; /* as in gop_op_plan */
    const gop_op *folded;                /* the recorded operator, if fold.c replaced it */
    int32_t fold;                        /* that it leads or ends; -1 */
    int32_t first, last;                 /* nodes that run together forward (chain.c) */
    int32_t back_first, back_last;       /* and backward */
} net_node;

/* ------------------------------------------------------------------ parts of a net */

enum { SCOPE_SIZE = 256, SCOPE_DEPTH = 16 };

typedef struct net_recording {
    char scope[SCOPE_SIZE];
    size_t scope_end[SCOPE_DEPTH];
    size_t scope_depth;
    char **fixed; /* patterns of the names of fixed statistics */
    size_t n_fixed;
    struct net_first {
        char *pattern; /* of the names of parameters */
        gop_init init;
        bool used; /* a parameter has matched */
    } * first;     /* their first values */
    size_t n_first;
    size_t cap_vars, cap_nodes;
    size_t bytes; /* of constants and of parameters that this net created */
} net_recording;

/* Nodes folded into the weights of their leader, in order. */
enum { FOLD_MAX = 8 };

typedef struct net_fold {
    int32_t lead, node[FOLD_MAX];
    size_t n;
    bool adds;   /* the leader adds the shift */
    size_t size; /* elements of the leader's prepared memory, including the inputs kept after it */
    /* Offsets of the leader's inputs that are kept, and of those that exist only while it prepares;
     * else NO_PLACE. */
    size_t copy_at[GOP_MAX_INPUTS], scratch_at[GOP_MAX_INPUTS];
} net_fold;

typedef struct net_folding {
    net_fold *folds;
    size_t n;
    size_t scratch, scratch_at; /* scratch for preparing folds: elements and offset */
} net_folding;

/* Prepared memory, shared by all nodes that would compute the same. */
typedef struct net_slot {
    size_t size, at;
    size_t node; /* the first of them */
    /* It depends on parameters, statistics and constants; on results of settled nodes, too; or on
     * other values. */
    enum { MADE_AT_START, MADE_WITH_SETTLED, MADE_EVERY_RUN } when;
    uint64_t version; /* version of the parameters, or the run, that it was made in; 0: none yet */
} net_slot;

typedef struct net_packing {
    net_slot *slots;
    size_t n;
} net_packing;

typedef struct net_layout {
    gop_block block;
    gop_real *memory; /* of it: values, gradients, saved, prepared, scratch; NULL if sizing */
    size_t work_at;   /* scratch of one call */
    size_t bytes;
} net_layout;

/* A node, ready to run. */
typedef struct net_bound {
    const gop_op *op;
    gop_run run;
    gop_real *in[GOP_MAX_INPUTS], *din[GOP_MAX_INPUTS];
    bool add[GOP_MAX_INPUTS];
} net_bound;

/* The most nodes that run together. */
enum { CHAIN_MAX = 8 };

/* Nodes that run in the call of another. */
typedef struct gop_chain {
    size_t n;
    bool back;
    const net_bound *link[CHAIN_MAX];
} gop_chain;

typedef struct net_running {
    net_bound *bound; /* of each node */
    uint64_t moves;   /* of the params when they were bound */
    gop_chain chain;  /* of the node that runs */
    uint64_t runs;    /* forward, so far */
    uint64_t settled; /* version of the params that the settled nodes were computed from */
    bool settles;     /* the present run computes them */
    const bool *due;  /* of a stepper's net: which nodes run at this step; else NULL */
    uint64_t random_key;
    bool ran; /* forward, to the end */
} net_running;

typedef struct net_profile {
    bool on;
    struct net_cost *rows; /* of each node; NULL before it is first on */
    char *numbered;        /* the names of rows whose names would repeat */
} net_profile;

struct gop_net {
    uint32_t mark; /* in its gop_vars; never 0 */
    gop_ctx *ctx;
    gop_params *params;
    bool training, sizing, draws, planned;
    gop_error err; /* sticky */
    net_var *vars;
    size_t n_vars;
    net_node *nodes;
    size_t n_nodes;
    net_recording recording;
    net_folding folding;
    net_packing packing;
    net_layout layout;
    net_running running;
    net_profile profile;
};

/* Whether node n leads a fold and so reads scaled weights. */
static inline bool gop_net_leads(const net_node *n)
{
    return n->fold >= 0 && n->folded == NULL;
}

/* Value `id`, or NULL. */
static inline net_var *gop_net_at(const gop_net *net, int32_t id)
{
    return net == NULL || id < 0 || (size_t)id >= net->n_vars ? NULL : &net->vars[id];
}

/* The value v of this net, or NULL if v is of none or another. */
static inline net_var *gop_net_var(const gop_net *net, gop_var v)
{
    return net == NULL || v.net != net->mark ? NULL : gop_net_at(net, v.id);
}

/* ------------------------------------------------------------------------- record.c */

/* Whether the net can still record; else its status is set. */
bool gop_net_recordable(gop_net *net, const char *what);
/* Whether the recording is complete: else what is missing. */
gop_status gop_net_complete(const gop_net *net, gop_error *err);
/* A new var with only kind, name and shape set; NULL out of memory. */
net_var *gop_net_new_var(gop_net *net, net_var_kind kind, const char *name, gop_shape shape);

/* --------------------------------------------------------------------------- bind.c */

/* GOP_OK for a planned net; else a sentence that begins with `what`. */
gop_status gop_net_check(const gop_net *net, const char *what, gop_error *err);
/* Current pointers; NULL if there is no memory. */
gop_real *gop_net_value_ptr(const gop_net *net, int32_t id);
gop_real *gop_net_grad_ptr(const gop_net *net, int32_t id);
/* Whether two vars are the same var, parameter or statistic. */
bool gop_net_same_value(const gop_net *net, int32_t a, int32_t b);
/* Fills all bound runs of a net that has its memory, again if parameters have moved since, because
 * another net recorded.  Allocates nothing. */
void gop_net_bind_runs(gop_net *net);

/* -------------------------------------------------------------------------- chain.c */

/* Finds which nodes run together. */
void gop_net_find_chains(gop_net *net);
/* Whether the leader of node i's chain allows its result to be written over `base`. */
bool gop_net_leader_spares(const gop_net *net, size_t i, int32_t base);
/* Runs node i, as a whole or as all its ranges. */
void gop_net_run_forward(const gop_net *net, size_t i);
void gop_net_run_backward(const gop_net *net, size_t i);

/* --------------------------------------------------------------------------- fold.c */

/* Finds the nodes that can be folded into weights. */
gop_status gop_net_fold(gop_net *net, gop_error *err);
/* Whether two nodes lead or end equal folds. */
bool gop_net_same_fold(const gop_net *net, const net_node *a, const net_node *b);
/* Whether node n reads a scaled input k. */
bool gop_net_folds_input(const net_node *n, size_t k);
/* Prepares the memory of node i, which leads or ends a fold. */
void gop_net_prepare_folded(const gop_net *net, size_t i);

/* --------------------------------------------------------------------------- pack.c */

/* Finds the nodes that share prepared memory. */
gop_status gop_net_find_slots(gop_net *net, gop_error *err);
/* Prepares all memory that depends only on parameters, statistics and constants, if these have
 * changed. */
void gop_net_pack_settled(gop_net *net);
/* Prepares the memory that node i needs in each run, unless an earlier node has. */
void gop_net_pack(gop_net *net, size_t i);

/* ------------------------------------------------------------------------ profile.c */

/* Called before and after a call that runs `count` operators from node i on: the first returns the
 * time, the second records the call.  `backward`: 0, or 1 without and 2 with the parameters'
 * gradients. */
double gop_profile_start(const gop_net *net);
void gop_profile_stop(gop_net *net, size_t i, size_t count, int backward, double before);

/* -------------------------------------------------------------------------- place.c */

/* Offsets for n buffers of size[i] elements that live in [from[i], to[i]], such that no two buffers
 * overlap in time and memory; *total is the extent. */
gop_status gop_place(size_t n, const size_t *size, const uint32_t *from, const uint32_t *to,
                     size_t *at, size_t *total, gop_error *err);

#endif
