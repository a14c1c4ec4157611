/*
 * params.h: how nets and checkpoints add parameters.
 */
#ifndef GOP_NET_PARAMS_H
#define GOP_NET_PARAMS_H

#include "graphop.h"

/* Finds the parameter `name`, which must have this shape and kind, or creates it with values drawn
 * by `init` (NULL: the caller writes them at once).  *index is its index. */
gop_status gop_params_add(gop_params *params, const char *name, gop_shape shape,
                          const gop_init *init, bool trained, size_t *index, gop_error *err);
/* Reserves memory for that many trained elements (at most some million), so that they need not move
 * as they are added.  This is a hint: it may do nothing. */
void gop_params_expect(gop_params *params, size_t elements);

/* Whether gop_params_close was called. */
bool gop_params_closed(const gop_params *params);
/* Increases whenever the values move in memory; never 0. */
uint64_t gop_params_moves(const gop_params *params);
/* Increases whenever a value may have changed; never 0. */
uint64_t gop_params_version(const gop_params *params);

#endif
