/*
 * golden_model.h: models configured by golden cases, with parameters and poses by the rule of
 * tests/golden/README; runs whole models in a net and compares them with a case.  For Check
 * programs; every function fails the running test, none returns an error.
 */
#ifndef TESTS_GOLDEN_MODEL_H
#define TESTS_GOLDEN_MODEL_H

#include "golden_run.h"
#include "zoo/model.h"

/* Tolerances for whole models.  In double, the precision of float32 text.  In float, a few times
 * the error of the reference itself in float32 (printed by make_golden.py and
 * make_recognisers.py).  GOLDEN_CANCELLED is for gradients whose terms cancel. */
#ifdef GOP_REAL_IS_DOUBLE
#define GOLDEN_FORWARD   2e-7
#define GOLDEN_GRADIENT  2e-7
#define GOLDEN_CANCELLED 2e-7
#else
#define GOLDEN_FORWARD   2e-5
#define GOLDEN_GRADIENT  1e-4
#define GOLDEN_CANCELLED 3e-4
#endif

/* Sym-GNN on the case's layout with the options that its attributes give, without
 * dropout. */
zoo_model *golden_model(const golden *g);
/* Sets options, "KEY=VALUE KEY=VALUE ...". */
void golden_model_set_all(zoo_model *m, const char *settings);
/* Sets the case's `options`, "KEY=VALUE KEY=VALUE ...". */
void golden_model_options(zoo_model *m, const golden *g);
/* The case's `model` on its layout with its `options`, on clips of its `bodies`. */
zoo_model *golden_network(const golden *g);
/* Sets an option; fails the test if it is refused. */
void golden_model_set(zoo_model *m, const char *key, const char *value);

/* Sets every parameter and statistic by the rule. */
void golden_rule_params(gop_params *params);
/* x [N, M, T, C], poses by the rule: sums over the frames of u(name, ..). */
void golden_rule_poses(gop_real *x, gop_shape shape, const char *name);

/* A model recorded in its own net. */
typedef struct golden_net {
    const char *name; /* prefix of failure messages: the case's name, which must stay valid */
    zoo_model *model;
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    gop_mgda *mgda;  /* NULL until lambda is computed */
    gop_real *grads; /* [gop_params_size] */
} golden_net;

/* Takes the model, which golden_net_close frees with the net. */
golden_net golden_net_open(const char *name, zoo_model *m, size_t batch, bool training);
void golden_net_close(golden_net *n);

/* Sets a port to the values of the case's tensor in NAME, or to poses by the rule. */
void golden_net_set(golden_net *n, gop_var port, const golden *g, const char *name);
void golden_net_pose(golden_net *n, gop_var port, const char *name);
/* Sets poses by the rule: the observed ones by OF/x and, if the model has a port for them, the true
 * ones by OF/target. */
void golden_net_poses(golden_net *n, const char *of);

void golden_net_forward(golden_net *n);
/* Gradients of lambda L_recg + (1 - lambda) L_pred, or of the only loss. */
void golden_net_backward(golden_net *n, double lambda);
/* Gradients of both losses with the lambda that MGDA computes or is given. */
void golden_net_mgda(golden_net *n, gop_mgda_mode mode, double *lambda);

/* Compares a value with the case's tensor out NAME. */
void golden_net_expect(const golden_net *n, const golden *g, const char *name, gop_var v,
                       golden_worst *worst);
/* The same of poses, of which a case with an attribute pred_nodes_every has every n-th node. */
void golden_net_expect_poses(const golden_net *n, const golden *g, const char *name,
                             double tolerance, golden_worst *worst);
/* Compares all gradients and statistics of the case; each must be used.  Returns their number. */
size_t golden_net_expect_params(const golden_net *n, const golden *g, double gradient,
                                golden_worst *worst);

#endif
