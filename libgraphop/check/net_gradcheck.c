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
    const char *what; /* the public function, for messages */
    gop_net *net;
    gop_var loss;
    uint64_t seed;
    const gop_real *grads, *from; /* the gradient, and the first values of everything */
    double least;                 /* norm */
    gop_param_check *each;        /* of each parameter, or NULL */
    double worst;
    size_t param; /* that has it */
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

static gop_status compare(const search *s, size_t param, gop_param_check *c, gop_error *err)
{
    const gop_param_info p = gop_params_info(s->net->params, param);
    gop_rng rng = directions(s, param);
    double norm = 0;

    *c = (gop_param_check){.name = p.name, .slope = NAN, .error = INFINITY};
    for (size_t e = 0; e < gop_shape_size(p.shape); e++) {
        const double g = (double)s->grads[p.offset + e];
        c->gradient += gop_rng_u32(&rng) & 1 ? g : -g;
        norm += g * g;
    }
    c->norm = fmax(sqrt(norm), s->least);
    for (size_t k = 0; k < STRIDES && c->error > ENOUGH; k++) {
        double whole, half;
        gop_try(slope(s, param, strides[k], &whole, err));
        gop_try(slope(s, param, strides[k] / 2, &half, err));
        const double found[2] = {half, (4 * half - whole) / 3};
        for (int i = 0; i < 2; i++) {
            const double error = fabs(found[i] - c->gradient) / c->norm;
            if (error < c->error) {
                c->error = error;
                c->slope = found[i];
            }
        }
    }
    return GOP_OK;
}

static gop_status search_all(search *s, gop_real *grads, size_t size, gop_error *err)
{
    const gop_real one = 1;
    double norm = 0;

    gop_try(gop_net_forward_finite(s->net, err));
    gop_try(gop_net_backward(s->net, &(gop_pass){.from = &s->loss, .seed = &one, .n_from = 1},
                             grads, err));
    for (size_t e = 0; e < size; e++)
        norm += (double)grads[e] * (double)grads[e];
    if (!(norm > 0) || !isfinite(norm))
        return gop_fail(err, GOP_ENUMERIC, "%s: the gradient's norm is %g", s->what, sqrt(norm));
    s->least = LEAST_SHARE * sqrt(norm);
    for (size_t i = 0; i < gop_params_count(s->net->params); i++) {
        gop_param_check c = {0};
        if (gop_params_info(s->net->params, i).trained)
            gop_try(compare(s, i, &c, err));
        if (s->each != NULL)
            s->each[i] = c;
        if (!(c.error <= s->worst)) {
            s->worst = c.error;
            s->param = i;
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

static gop_status check_net(search *s, gop_error *err)
{
    gop_net *net = s->net;
    size_t size, all = 0;
    gop_status status;

    if (!gop_net_training(net))
        return gop_fail(err, GOP_EINVAL,
                        "%s: the net does not train; record it into a net of mode GOP_TRAINING",
                        s->what);
    if (gop_net_value(net, s->loss) == NULL || gop_shape_size(gop_net_shape(net, s->loss)) != 1)
        return gop_fail(err, GOP_EINVAL, "%s: the loss must be a kept scalar of a planned net",
                        s->what);
    size = gop_params_size(net->params);
    for (size_t i = 0; i < gop_params_count(net->params); i++)
        all += gop_shape_size(gop_params_info(net->params, i).shape);
    gop_real *grads = calloc(size + 1, sizeof *grads), *from = malloc((all + 1) * sizeof *from);
    if (grads == NULL || from == NULL) {
        status = gop_fail(err, GOP_ENOMEM, "%s: out of memory", s->what);
    } else {
        s->grads = grads;
        s->from = from;
        if (size > 0)
            memcpy(from, gop_params_values(net->params), size * sizeof *from);
        copy_stats(net->params, from + size, false);
        status = search_all(s, grads, size, err);
        copy_stats(net->params, from + size, true);
        gop_params_changed(net->params);
    }
    free(grads);
    free(from);
    return status;
}

GOP_API gop_status gop_net_gradcheck(double *worst, size_t *param, gop_net *net, gop_var loss,
                                     uint64_t seed, gop_error *err)
{
    search s = {.what = "gop_net_gradcheck", .net = net, .loss = loss, .seed = seed};

    if (worst == NULL || net == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: the net or the result pointer is NULL", s.what);
    s.param = SIZE_MAX;
    const gop_status status = check_net(&s, err);
    *worst = s.worst;
    if (param != NULL)
        *param = s.param;
    return status;
}

GOP_API gop_status gop_net_gradcheck_each(gop_param_check *each, gop_net *net, gop_var loss,
                                          uint64_t seed, gop_error *err)
{
    search s = {
        .what = "gop_net_gradcheck_each", .net = net, .loss = loss, .seed = seed, .each = each};

    if (each == NULL || net == NULL)
        return gop_fail(err, GOP_EINVAL, "%s: the net or the result pointer is NULL", s.what);
    for (size_t i = 0; i < gop_params_count(net->params); i++)
        each[i] = (gop_param_check){0};
    return check_net(&s, err);
}
