/*
 * members.h: the networks of an ensemble, for model.c.  May use zoo/model.h.
 */
#ifndef ZOO_MEMBERS_H
#define ZOO_MEMBERS_H

#include "zoo/model.h"

/* Records the model's network or, of an ensemble, those that the use asks for, with common inputs,
 * and the means of their results.  GOP_EINVAL (sticky) for a member that the model lacks, for an
 * ensemble in a training net, and for a type that does not record its input by zoo_observe. */
void zoo_record_members(gop_net *net, const zoo_model *model, const zoo_use *use, zoo_ports *ports);

#endif
