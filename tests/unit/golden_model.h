/*
 * golden_model.h: models as the golden cases configure them, and their parameters
 * and poses by the rule of tests/golden/README.  For Check programs.
 */
#ifndef TESTS_GOLDEN_MODEL_H
#define TESTS_GOLDEN_MODEL_H

#include "golden.h"
#include "zoo/model.h"

/* Sym-GNN on the case's layout with the options that its attributes give, without
 * dropout. */
zoo_model *golden_model(const golden *g);
/* Sets options, "KEY=VALUE KEY=VALUE ...". */
void golden_model_set_all(zoo_model *m, const char *settings);
/* Sets the case's `options`, "KEY=VALUE KEY=VALUE ...". */
void golden_model_options(zoo_model *m, const golden *g);
/* The case's `model` on its layout with its `options`. */
zoo_model *golden_recogniser(const golden *g);
/* Four projections of a parameter's gradient, as README has them. */
void golden_project(gop_real to[4], const char *name, const gop_real *grad, size_t size);
/* Sets an option, failing the test when it is refused. */
void golden_model_set(zoo_model *m, const char *key, const char *value);

/* Every parameter and statistic by the rule. */
void golden_rule_params(gop_params *params);
/* x [N, M, T, C], poses by the rule: sums over the frames of u(name, ..). */
void golden_rule_poses(gop_real *x, gop_shape shape, const char *name);

#endif
