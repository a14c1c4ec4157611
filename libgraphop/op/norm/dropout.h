/*
 * dropout.h: what the kinds of dropout share: the probability, and elements in a row
 * that are each kept and scaled or put to zero.  Internal to dropout.c and
 * dropout_whole.c.
 */
#ifndef GOP_OP_NORM_DROPOUT_H
#define GOP_OP_NORM_DROPOUT_H

#include "op/op.h"

static inline gop_status gop_dropout_chance(const gop_op_plan *p, double chance)
{
    if (chance >= 0 && chance < 1)
        return GOP_OK;
    return gop_fail(p->err, GOP_EINVAL, "the probability %g is not in [0, 1)", chance);
}

/* Whether there is nothing to record: y is x. */
static inline bool gop_dropout_idle(const gop_net *net, gop_var x, double chance)
{
    return gop_net_status(net) == GOP_OK && gop_net_shape(net, x).rank >= 0 &&
           (chance == 0 || (chance > 0 && chance < 1 && !gop_net_training(net)));
}

/* What a run's draws are compared with, and what is kept is multiplied with. */
typedef struct gop_dropout_draw {
    gop_real scale;
    int32_t below;
    uint32_t k0, k1; /* of the draws that share a stream of the generator */
} gop_dropout_draw;

static inline gop_dropout_draw gop_dropout_take(const gop_run *r, double chance)
{
    const double p = r->training ? chance : 0;
    gop_dropout_draw d = {.scale = (gop_real)(1 / (1 - p)), .below = gop_draw_bound(p)};
    return d;
}

static inline void gop_dropout_stream(gop_dropout_draw *d, const gop_run *r, size_t stream)
{
    gop_rng rng = gop_rng_new(r->random_key, stream);
    d->k0 = gop_rng_u32(&rng);
    d->k1 = gop_rng_u32(&rng);
}

/* Elements `first` and after of the stream: y (+)= keep * x / (1 - p).  y may be x. */
void gop_dropout_mask(const gop_dropout_draw *d, gop_real *y, const gop_real *x, uint32_t first,
                      size_t n, bool add);

#endif
