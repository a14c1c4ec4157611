/*
 * pack.h: access of check/ to a net's packed weights.
 */
#ifndef GOP_NET_PACK_H
#define GOP_NET_PACK_H

#include "graphop.h"

/* Whether an operator of a planned net prepares something from v. */
bool gop_net_packs(const gop_net *net, gop_var v);

#endif
