/*
 * types.h: the models of the zoo, one per folder.  A new model is declared here and added to the
 * list in model.c.  Also reads models of older versions.  Internal to the zoo.
 */
#ifndef ZOO_TYPES_H
#define ZOO_TYPES_H

#include "zoo/model.h"
#include "zoo/zoo_file.h"

extern const zoo_model_type aagcn_type;
extern const zoo_model_type agcn_type;
extern const zoo_model_type ctrgcn_type;
extern const zoo_model_type dgstgcn_type;
extern const zoo_model_type hisrep_type;
extern const zoo_model_type ltd_type;
extern const zoo_model_type msg3d_type;
extern const zoo_model_type msrgcn_type;
extern const zoo_model_type protogcn_type;
extern const zoo_model_type ressup_type;
extern const zoo_model_type simlpe_type;
extern const zoo_model_type stgcn_type;
extern const zoo_model_type stgcnpp_type;
extern const zoo_model_type symgnn_type;
extern const zoo_model_type template_type;

/* How a model is read. */
typedef struct zoo_reading {
    const zoo_model_type *const *types; /* NULL: the built-in types */
    bool inspect;                       /* the type may be missing in the list */
    bool no_view;                       /* the file has none; the model gets the default */
    void (*read_domain)(gop_reader *r, zoo_domain *domain); /* NULL: the present form */
    zoo_amend *amend; /* of options; NULL: they have the present values */
} zoo_reading;

/* As zoo_model_read. */
gop_status zoo_model_read_by(zoo_model **model, gop_reader *r, const zoo_reading *how,
                             gop_error *err);

#endif
