/*
 * optimiser.c: the common part of all algorithms: the state over the flat vector of trained
 * parameters, the frozen elements, and the pass over memory.  Contains no algorithm.
 *
 * A step is one pass, in chunks of a fixed size on the context's threads.  Elements are
 * independent, so that any number of threads gives the same bytes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/ctx.h"
#include "core/tuning.h"
#include "train/optimiser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

gop_status gop_check_below_one(const char *name, double x, gop_error *err)
{
    if (!(x >= 0 && x < 1))
        return gop_fail(err, GOP_EINVAL, "%s must be in [0, 1), not %g", name, x);
    return GOP_OK;
}

gop_status gop_check_decay(double weight_decay, gop_error *err)
{
    if (!(weight_decay >= 0) || !isfinite(weight_decay))
        return gop_fail(err, GOP_EINVAL, "weight decay must be 0 or positive, not %g",
                        weight_decay);
    return GOP_OK;
}

static gop_status allocate(gop_optimiser *o, const void *options, gop_error *err)
{
    const gop_algorithm *a = o->algorithm;

    for (size_t k = 0; k < a->moments; k++) {
        gop_try(gop_block_zeroed(&o->block[k], &o->ctx->allocator, o->size * sizeof *o->moment[k],
                                 "an optimiser", err));
        o->moment[k] = o->block[k].memory;
    }
    o->options = malloc(a->options);
    if (o->options == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the optimiser of %zu parameters",
                        o->size);
    memcpy(o->options, options, a->options);
    return GOP_OK;
}

gop_status gop_optimiser_new(gop_optimiser **opt, const gop_algorithm *algorithm,
                             const void *options, gop_ctx *ctx, gop_params *params, gop_error *err)
{
    if (opt == NULL)
        return gop_fail(err, GOP_EINVAL, "the result pointer is NULL");
    *opt = NULL;
    if (ctx == NULL || params == NULL)
        return gop_fail(err, GOP_EINVAL, "the context or the params are NULL");
    gop_try(algorithm->check(options, err));
    gop_optimiser *o = calloc(1, sizeof *o);
    if (o == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for an optimiser");
    *o = (gop_optimiser){
        .algorithm = algorithm, .ctx = ctx, .params = params, .size = gop_params_size(params)};
    const gop_status s = allocate(o, options, err);
    if (s == GOP_OK)
        *opt = o;
    else
        gop_optimiser_free(o);
    return s;
}

GOP_API void gop_optimiser_free(gop_optimiser *opt)
{
    if (opt == NULL)
        return;
    for (size_t k = 0; k < GOP_MAX_MOMENTS; k++)
        gop_block_free(&opt->block[k]);
    free(opt->options);
    free(opt->frozen);
    free(opt->factored);
    free(opt);
}

/* ------------------------------------------------------------------- frozen */

GOP_API gop_status gop_optimiser_freeze(gop_optimiser *opt, size_t from, size_t n, gop_error *err)
{
    struct gop_frozen *list;
    size_t k;

    if (opt == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_optimiser_freeze: the optimiser is NULL");
    if (from > opt->size || n > opt->size - from)
        return gop_fail(
            err, GOP_EINVAL,
            "gop_optimiser_freeze: %zu elements from %zu are not among the %zu trained ones", n,
            from, opt->size);
    list = realloc(opt->frozen, (opt->n_frozen + 1) * sizeof *list);
    if (list == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_optimiser_freeze: out of memory");
    for (k = opt->n_frozen; k > 0 && list[k - 1].from > from; k--)
        list[k] = list[k - 1];
    list[k] = (struct gop_frozen){from, n};
    opt->frozen = list;
    opt->n_frozen++;
    return GOP_OK;
}

GOP_API void gop_optimiser_thaw(gop_optimiser *opt)
{
    if (opt != NULL)
        opt->n_frozen = 0;
}

GOP_API void gop_optimiser_mask(const gop_optimiser *opt, gop_real *grads)
{
    if (opt == NULL || grads == NULL)
        return;
    for (size_t k = 0; k < opt->n_frozen; k++)
        memset(grads + opt->frozen[k].from, 0, opt->frozen[k].n * sizeof *grads);
}

/* ------------------------------------------------------------------ factors */

/* One entry for each trained parameter, with the factors 1. */
static gop_status start_factors(gop_optimiser *o, gop_error *err)
{
    const size_t count = gop_params_count(o->params);

    if (o->factored != NULL)
        return GOP_OK;
    o->factored = malloc((count + 1) * sizeof *o->factored);
    if (o->factored == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_optimiser_factor: out of memory");
    for (size_t i = 0; i < count; i++) {
        const gop_param_info p = gop_params_info(o->params, i);
        const size_t end = p.offset + gop_shape_size(p.shape);
        if (p.trained && end <= o->size)
            o->factored[o->n_factored++] = (struct gop_factored){end, {1, 1}};
    }
    return GOP_OK;
}

GOP_API gop_status gop_optimiser_factor(gop_optimiser *opt, const char *pattern, double rate,
                                        double decay, gop_error *err)
{
    size_t found = 0, k = 0;

    if (opt == NULL || pattern == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "gop_optimiser_factor: the optimiser or the pattern is NULL");
    if (!(rate >= 0) || !isfinite(rate) || !(decay >= 0) || !isfinite(decay))
        return gop_fail(err, GOP_EINVAL,
                        "gop_optimiser_factor: the factors of %s must be 0 or positive, not %g and "
                        "%g",
                        pattern, rate, decay);
    gop_try(start_factors(opt, err));
    for (size_t i = 0; k < opt->n_factored; i++) {
        const gop_param_info p = gop_params_info(opt->params, i);
        if (!p.trained)
            continue;
        if (gop_name_matches(pattern, p.name)) {
            opt->factored[k].by.rate *= rate;
            opt->factored[k].by.decay *= decay;
            found++;
        }
        k++;
    }
    if (found == 0)
        return gop_fail(err, GOP_EINVAL, "gop_optimiser_factor: no trained parameter matches %s",
                        pattern);
    return GOP_OK;
}

/* --------------------------------------------------------------------- step */

typedef struct pass {
    const gop_optimiser *opt;
    gop_optimiser_range *range;
    const void *step;
} pass;

/* Elements [at, end), none of them frozen, are cut where the factors change. */
static void run_range(const pass *p, size_t at, size_t end)
{
    const gop_optimiser *o = p->opt;
    const struct gop_factored *f = o->factored;
    if (f == NULL) {
        p->range(p->step, at, end - at, (gop_factors){1, 1});
        return;
    }
    for (; at < end; f++) {
        const size_t to = f->end < end ? f->end : end;
        if (to > at) {
            p->range(p->step, at, to - at, f->by);
            at = to;
        }
    }
}

/* The chunk is cut at frozen elements. */
static void run_chunk(void *arg, size_t chunk)
{
    const pass *p = arg;
    const gop_optimiser *o = p->opt;
    size_t at = chunk * GOP_CHUNK;
    const size_t end = o->size - at < GOP_CHUNK ? o->size : at + GOP_CHUNK;

    for (size_t k = 0; k < o->n_frozen && o->frozen[k].from < end; k++) {
        const struct gop_frozen f = o->frozen[k];
        if (f.from > at)
            run_range(p, at, f.from);
        if (f.from + f.n > at)
            at = f.from + f.n;
    }
    if (at < end)
        run_range(p, at, end);
}

void gop_optimiser_run(gop_optimiser *opt, gop_optimiser_range *range, const void *step)
{
    pass p = {opt, range, step};
    gop_parallel(opt->ctx, (opt->size + GOP_CHUNK - 1) / GOP_CHUNK, run_chunk, &p);
}

GOP_API void gop_optimiser_step(gop_optimiser *opt, const gop_real *grads, double scale, double lr)
{
    if (opt == NULL || grads == NULL)
        return;
    opt->steps++;
    opt->algorithm->step(opt, grads, scale, lr);
}

GOP_API uint64_t gop_optimiser_steps(const gop_optimiser *opt)
{
    return opt == NULL ? 0 : opt->steps;
}
