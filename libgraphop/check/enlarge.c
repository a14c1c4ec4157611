/*
 * enlarge.c: a case of an operator at a size for timing, or at one that is cut into chunks.
 * Records nets to try shapes; runs none.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "check/trial.h"

/* Elements of the result of a case, 0 if it cannot be recorded; *madds of one run. */
static size_t records(const subject *s, uint64_t *madds)
{
    gop_ctx *ctx = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_var in[GOP_MAX_INPUTS];
    bool yes = gop_ctx_new(&ctx, 1, gop_memory_available(), NULL) == GOP_OK &&
               gop_params_new(&params, 1, NULL) == GOP_OK &&
               gop_net_new(&net, ctx, params, GOP_TRAINING, NULL) == GOP_OK;

    for (size_t i = 0; yes && i < s->n_in; i++) {
        const char name[] = {(char)('a' + i), '\0'};
        in[i] = s->in[i].rank < 0 ? gop_none() : gop_input(net, name, s->in[i]);
    }
    const gop_var out = yes ? gop_case_record(net, s->op, s->c, in) : gop_none();
    const bool recorded = out.id >= 0 && gop_net_status(net) == GOP_OK;
    const size_t size = recorded ? gop_shape_size(gop_net_shape(net, out)) : 0;
    *madds = recorded ? gop_net_costs(net).madds : 0;
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return size;
}

/* Changes input 0, and as few others as the operator requires, to up * dim[0] / down. */
static bool stretch(subject *to, const subject *from, size_t up, size_t down, uint64_t *madds)
{
    for (unsigned mask = 1; mask < 1u << from->n_in; mask += 2) {
        bool possible = true;
        *to = *from;
        for (size_t i = 0; i < from->n_in; i++)
            if (mask >> i & 1) {
                size_t *dim = &to->in[i].dim[0];
                possible = possible && from->in[i].rank > 0;
                *dim = *dim * up / down > 0 ? *dim * up / down : 1;
            }
        if (possible && records(to, madds) > 0)
            return true;
    }
    *to = *from;
    return false;
}

bool gop_enlarge(subject *big, const subject *s, size_t elements)
{
    const size_t factor = elements / gop_shape_size(s->in[0]);
    uint64_t madds;

    *big = *s;
    return factor >= 2 && stretch(big, s, factor, 1, &madds);
}

bool gop_shorten(subject *small, const subject *s, uint64_t most)
{
    uint64_t madds;

    *small = *s;
    if (records(s, &madds) == 0 || madds <= most)
        return false;
    for (size_t down = (size_t)(madds / most) + 1; down / 2 < s->in[0].dim[0]; down *= 2)
        if (stretch(small, s, 1, down, &madds) && madds <= most)
            return true;
    *small = *s;
    return false;
}

subject gop_timed_shapes(const subject *s)
{
    enum { ELEMENTS = 1 << 20 };
    uint64_t madds;
    subject big;

    if (!gop_bench_shapes(&big, s)) {
        const size_t in = gop_shape_size(s->in[0]), out = records(s, &madds);
        gop_enlarge(&big, s,
                    out > in ? (size_t)((double)ELEMENTS * (double)in / (double)out) : ELEMENTS);
    }
    return big;
}
