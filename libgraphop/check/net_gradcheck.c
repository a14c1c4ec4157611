/*
 * net_gradcheck.c: compares the gradients of all trained parameters of a net with central
 * differences of its loss along random directions.
 *
 * For each parameter w all elements move at once, each by +h or -h at random (d_e = +-1):
 *
 *     D(h) = (L(w + h d) - L(w - h d)) / 2h        R(h) = (4 D(h/2) - D(h)) / 3
 *
 * are compared with the sum over e of g_e d_e, relative to the Euclidean norm of g.  Several steps
 * are tried, for the reasons in gradcheck.c.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net/net.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Steps, and the error at which no further one is tried. */
#ifdef GOP_REAL_IS_DOUBLE
static const double strides[] = {0x1p-14, 0x1p-19, 0x1p-24};
static const double ENOUGH = 1e-7;
#else
static const double strides[] = {0x1p-7, 0x1p-9, 0x1p-5, 0x1p-11, 0x1p-13};
static const double ENOUGH = 1e-3;
#endif
enum { STRIDES = sizeof strides / sizeof *strides };

/* The least norm of a parameter's gradient, as a share of that of the whole gradient: an error in
 * a smaller one is lost in the loss's rounding. */
static const double LEAST_SHARE = 1e-2;

typedef struct search {
    gop_net *net;
    gop_var loss;
    uint64_t seed;
    const gop_real *grads, *from; /* the gradient, and the first values of everything */
    double least;                 /* norm */
} search;

static gop_rng directions(const search *s, size_t param)
{
    return gop_rng_new(s->seed + param, gop_hash(GOP_HASH_START, "directions", 10));
}

static gop_status look(const search *s, size_t param, double h, double *value, gop_error *err)
{
    const gop_param_info p = gop_params_info(s->net->params, param);
    const size_t n = gop_shape_size(p.shape);
    gop_rng rng = directions(s, param);

    for (size_t e = 0; e < n; e++)
        p.data[e] = (gop_real)((double)s->from[p.offset + e] + (gop_rng_u32(&rng) & 1 ? h : -h));
    gop_params_changed(s->net->params);
    const gop_status status = gop_net_forward(s->net, err);
    *value = (double)*gop_net_value(s->net, s->loss);
    memcpy(p.data, s->from + p.offset, n * sizeof *p.data);
    gop_params_changed(s->net->params);
    return status;
}

static gop_status slope(const search *s, size_t param, double h, double *d, gop_error *err)
{
    double up, down;

    gop_try(look(s, param, h, &up, err));
    gop_try(look(s, param, -h, &down, err));
    *d = (up - down) / (2 * h);
    return GOP_OK;
}

static gop_status compare(const search *s, size_t param, double *error, gop_error *err)
{
    const gop_param_info p = gop_params_info(s->net->params, param);
    gop_rng rng = directions(s, param);
    double want = 0, norm = 0;

    for (size_t e = 0; e < gop_shape_size(p.shape); e++) {
        const double g = (double)s->grads[p.offset + e];
        want += gop_rng_u32(&rng) & 1 ? g : -g;
        norm += g * g;
    }
    norm = fmax(sqrt(norm), s->least);
    *error = INFINITY;
    for (size_t k = 0; k<STRIDES && * error> ENOUGH; k++) {
        double whole, half;
        gop_try(slope(s, param, strides[k], &whole, err));
        gop_try(slope(s, param, strides[k] / 2, &half, err));
        *error = fmin(*error, fmin(fabs(half - want), fabs((4 * half - whole) / 3 - want)) / norm);
    }
    return GOP_OK;
}

static gop_status search_all(search *s, gop_real *grads, size_t size, double *worst, size_t *param,
                             gop_error *err)
{
    const gop_real one = 1;
    double norm = 0;

    gop_try(gop_net_forward_finite(s->net, err));
    gop_try(gop_net_backward(s->net, &(gop_pass){.from = &s->loss, .seed = &one, .n_from = 1},
                             grads, err));
    for (size_t e = 0; e < size; e++)
        norm += (double)grads[e] * (double)grads[e];
    if (!(norm > 0) || !isfinite(norm))
        return gop_fail(err, GOP_ENUMERIC, "gop_net_gradcheck: the gradient's norm is %g",
                        sqrt(norm));
    s->least = LEAST_SHARE * sqrt(norm);
    for (size_t i = 0; i < gop_params_count(s->net->params); i++) {
        double error = 0;
        if (gop_params_info(s->net->params, i).trained)
            gop_try(compare(s, i, &error, err));
        if (!(error <= *worst)) {
            *worst = error;
            *param = i;
        }
    }
    return GOP_OK;
}

/* Running statistics move in each run of a training net. */
static void copy_stats(const gop_params *params, gop_real *copy, bool back)
{
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        const size_t n = gop_shape_size(p.shape);
        if (p.trained)
            continue;
        memcpy(back ? p.data : copy, back ? copy : p.data, n * sizeof *copy);
        copy += n;
    }
}

GOP_API gop_status gop_net_gradcheck(double *worst, size_t *param, gop_net *net, gop_var loss,
                                     uint64_t seed, gop_error *err)
{
    size_t size, all = 0, found = SIZE_MAX;
    gop_status status;

    if (worst == NULL || net == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "gop_net_gradcheck: the net or the result pointer is NULL");
    *worst = 0;
    if (gop_net_value(net, loss) == NULL || gop_shape_size(gop_net_shape(net, loss)) != 1)
        return gop_fail(err, GOP_EINVAL,
                        "gop_net_gradcheck: the loss must be a kept scalar of a planned net");
    size = gop_params_size(net->params);
    for (size_t i = 0; i < gop_params_count(net->params); i++)
        all += gop_shape_size(gop_params_info(net->params, i).shape);
    gop_real *grads = calloc(size + 1, sizeof *grads), *from = malloc((all + 1) * sizeof *from);
    if (grads == NULL || from == NULL) {
        status = gop_fail(err, GOP_ENOMEM, "gop_net_gradcheck: out of memory");
    } else {
        search s = {.net = net, .loss = loss, .seed = seed, .grads = grads, .from = from};
        if (size > 0)
            memcpy(from, gop_params_values(net->params), size * sizeof *from);
        copy_stats(net->params, from + size, false);
        status = search_all(&s, grads, size, worst, &found, err);
        copy_stats(net->params, from + size, true);
        gop_params_changed(net->params);
    }
    if (param != NULL)
        *param = found;
    free(grads);
    free(from);
    return status;
}
