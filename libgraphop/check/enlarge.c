/*
 * enlarge.c: a case of an operator at a size that is worth timing or cut into chunks.
 * Records nets to try shapes and runs none.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

/* Elements of the result of a case as it is; 0 where it does not record. */
static size_t records(const gop_case *c)
{
    gop_ctx *ctx = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_var in[GOP_MAX_INPUTS];
    bool yes = gop_ctx_new(&ctx, 1, 0, NULL) == GOP_OK &&
               gop_params_new(&params, 1, NULL) == GOP_OK &&
               gop_net_new(&net, ctx, params, GOP_TRAINING, NULL) == GOP_OK;

    for (size_t i = 0; yes && i < c->n_in; i++)
        in[i] = gop_input(net, "x", c->in[i]);
    const gop_var out = yes ? c->build(net, in) : gop_none();
    const size_t size = out.id >= 0 && gop_net_status(net) == GOP_OK
                            ? gop_shape_size(gop_net_shape(net, out))
                            : 0;
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return size;
}

bool gop_enlarge(gop_case *big, const gop_case *c, size_t elements)
{
    size_t factor = elements / gop_shape_size(c->in[0]);

    *big = *c;
    if (factor < 2 || c->in[0].rank == 0)
        return false;
    for (unsigned mask = 1; mask < 1u << c->n_in; mask += 2) {
        *big = *c;
        for (size_t i = 0; i < c->n_in; i++)
            if (mask >> i & 1)
                big->in[i].dim[0] *= factor;
        if (records(big) > 0)
            return true;
    }
    *big = *c;
    return false;
}

gop_case gop_bench_shapes(const gop_case *c)
{
    enum { ELEMENTS = 1 << 20 };
    gop_case big = *c;

    if (c->bench[0].rank == 0) {
        const size_t in = gop_shape_size(c->in[0]), out = records(c);
        gop_enlarge(&big, c,
                    out > in ? (size_t)((double)ELEMENTS * (double)in / (double)out) : ELEMENTS);
        return big;
    }
    for (size_t i = 0; i < c->n_in; i++)
        big.in[i] = c->bench[i];
    return big;
}
