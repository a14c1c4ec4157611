/*
 * refuse.h: how composites, which record several operators, say that their own inputs do
 * not fit: in the words that gop_apply uses for one operator.  Internal to libgraphop.
 */
#ifndef GOP_NET_REFUSE_H
#define GOP_NET_REFUSE_H

#include "graphop.h"

/* Makes the net's status sticky: "scope.name(x [2, 5], none): sentence".  The first one
 * stays.  Always gop_none(). */
gop_var gop_refuse(gop_net *net, const char *name, const gop_var *in, size_t n_in,
                   gop_status status, const char *format, ...) GOP_PRINTF(6, 7);

#endif
