/*
 * types.h: the models of the zoo, one per folder.  A new model is declared here and added to the
 * list in model.c.  Internal to the zoo.
 */
#ifndef ZOO_TYPES_H
#define ZOO_TYPES_H

#include "zoo/model.h"

extern const zoo_model_type agcn_type;
extern const zoo_model_type stgcn_type;
extern const zoo_model_type symgnn_type;
extern const zoo_model_type template_type;

#endif
