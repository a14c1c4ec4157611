/*
 * golden_model.h: Sym-GNN as the golden cases configure it, and its parameters
 * and poses by the rule of tests/golden/README.  For Check programs.
 */
#ifndef TESTS_GOLDEN_MODEL_H
#define TESTS_GOLDEN_MODEL_H

#include "golden.h"
#include "zoo/model.h"

/* A model on the case's layout with the options that its attributes give, without
 * dropout. */
zoo_model *golden_model(const golden *g);
/* Sets an option, failing the test when it is refused. */
void golden_model_set(zoo_model *m, const char *key, const char *value);

/* Every parameter and statistic by the rule. */
void golden_rule_params(gop_params *params);
/* x [N, M, T, C], poses by the rule: sums over the frames of u(name, ..). */
void golden_rule_poses(gop_real *x, gop_shape shape, const char *name);

#endif
