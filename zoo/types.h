/*
 * types.h: the models of the zoo, one per folder.  A new model is declared here and added to the
 * list in model.c.  Also reads models of older versions.  Internal to the zoo.
 */
#ifndef ZOO_TYPES_H
#define ZOO_TYPES_H

#include "zoo/model.h"

extern const zoo_model_type agcn_type;
extern const zoo_model_type stgcn_type;
extern const zoo_model_type symgnn_type;
extern const zoo_model_type template_type;

/* As zoo_model_read, for a model whose domain `read_domain` reads. */
gop_status zoo_model_read_by(zoo_model **model, gop_reader *r,
                             void (*read_domain)(gop_reader *r, zoo_domain *domain),
                             gop_error *err);

#endif
