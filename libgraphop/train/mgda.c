/*
 * mgda.c: the multiple-gradient descent algorithm for two losses: their weights in a step, and the
 * gradient of the weighted sum.  Uses only the public functions of nets.
 *
 *     lambda = argmin over [0,1] of |lambda g1 + (1 - lambda) g2|^2       (eq. 15)
 *            = clip( (g2.g2 - g1.g2) / (g1.g1 - 2 g1.g2 + g2.g2), 0, 1 )
 *
 * Exact: g are the gradients on the parameters that both losses share, which
 * costs two passes through them.  Upper bound (Sener & Koltun 2018, sec. 3.3):
 * g are the gradients on the shared representation, and because the weighted sum is known before
 * the pass upstream, one pass suffices.  Normalised: the upper bound with both gradients scaled to
 * unit length first; the minimum-norm point of two unit vectors weights them equally, which for the
 * unscaled losses means lambda = |g2| / (|g1| + |g2|).
 *
 * Sources: J.-A. Desideri, C. R. Acad. Sci. Paris I 350 (2012) 313; O. Sener,
 * V. Koltun, NeurIPS 2018; Li et al., Symbiotic Graph Neural Networks, app. B.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/ctx.h"
#include "core/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SHARED 8
#define CHUNK      65536

struct gop_mgda {
    gop_ctx *ctx;
    gop_net *net;             /* that holds the `shared` values */
    const gop_optimiser *opt; /* its frozen parameters are excluded; or NULL */
    size_t size;              /* trained elements */
    uint8_t *upstream;        /* of the shared representation */
    gop_real *second;         /* the second loss's gradient on the parameters */
    gop_var shared[MAX_SHARED];
    size_t n_shared, shared_size[MAX_SHARED];
    gop_real *first_shared[MAX_SHARED]; /* the first loss's gradient there */
    gop_block block[1 + MAX_SHARED];    /* of `second` and of these */
    double *partial;                    /* three sums per chunk */
    /* The elements that the losses reach without the shared representation, in pieces of at most
     * CHUNK: the rest of both gradients is zero before the pass through it. */
    gop_var own_of[2];
    struct piece {
        size_t from, n;
    } * own;
    size_t n_own;
};

double gop_mgda_lambda(double s11, double s12, double s22)
{
    double den = s11 - 2 * s12 + s22;
    if (!(den > 0))
        return 0.5; /* equal gradients: any lambda is optimal */
    double l = (s22 - s12) / den;
    return l < 0 ? 0 : l > 1 ? 1 : l;
}

static size_t chunks(size_t n)
{
    return (n + CHUNK - 1) / CHUNK;
}

/* Zeros in block k. */
static gop_status take(gop_mgda *m, gop_real **to, size_t k, size_t n, gop_error *err)
{
    gop_try(gop_block_zeroed(&m->block[k], &m->ctx->allocator, n * sizeof **to,
                             "gradients of gop_mgda", err));
    *to = m->block[k].memory;
    return GOP_OK;
}

gop_status gop_mgda_new(gop_mgda **out, gop_ctx *ctx, gop_net *net, const gop_optimiser *opt,
                        const gop_var *shared, size_t n_shared, gop_error *err)
{
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_mgda_new: the result pointer is NULL");
    *out = NULL;
    if (ctx == NULL || net == NULL || shared == NULL || n_shared == 0 || n_shared > MAX_SHARED)
        return gop_fail(err, GOP_EINVAL,
                        "gop_mgda_new: an argument is NULL, or there are not 1 to %d shared values",
                        MAX_SHARED);
    gop_mgda *m = calloc(1, sizeof *m);
    if (m == NULL)
        return gop_fail(err, GOP_ENOMEM, "gop_mgda_new: out of memory");
    m->ctx = ctx;
    m->net = net;
    m->opt = opt;
    m->n_shared = n_shared;
    m->own_of[0] = m->own_of[1] = gop_none();
    size_t longest = 0;
    gop_status s = GOP_OK;
    for (size_t i = 0; i < n_shared && s == GOP_OK; i++) {
        m->shared[i] = shared[i];
        m->shared_size[i] = gop_net_grad(net, shared[i]) == NULL
                                ? 0
                                : gop_shape_size(gop_net_shape(net, shared[i]));
        if (m->shared_size[i] == 0) {
            gop_mgda_free(m);
            return gop_fail(err, GOP_EINVAL,
                            "gop_mgda_new: shared value %zu is not kept in a "
                            "planned training net",
                            i + 1);
        }
        s = take(m, &m->first_shared[i], 1 + i, m->shared_size[i], err);
        if (m->shared_size[i] > longest)
            longest = m->shared_size[i];
    }
    m->size = gop_net_params_size(net);
    if (m->size > longest)
        longest = m->size;
    m->upstream = calloc(m->size + 1, 1);
    m->partial = calloc(3 * chunks(longest) + 3, sizeof *m->partial);
    if (s == GOP_OK && (m->upstream == NULL || m->partial == NULL))
        s = gop_fail(err, GOP_ENOMEM, "gop_mgda_new: out of memory");
    if (s == GOP_OK)
        s = take(m, &m->second, 0, m->size, err);
    if (s == GOP_OK)
        s = gop_net_upstream(m->upstream, net, &(gop_pass){.from = shared, .n_from = n_shared},
                             err);
    if (s != GOP_OK) {
        gop_mgda_free(m);
        return s;
    }
    *out = m;
    return GOP_OK;
}

void gop_mgda_free(gop_mgda *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n_shared; i++)
        gop_block_free(&m->block[1 + i]);
    free(m->upstream);
    gop_block_free(&m->block[0]);
    free(m->partial);
    free(m->own);
    free(m);
}

/* ---- passes over vectors, in fixed chunks so that sums have one order ---- */

typedef struct pass {
    const gop_real *a, *b;
    gop_real *out;
    const uint8_t *mask;
    double wa, wb;
    size_t n;
    double *partial;
    const struct piece *own;
} pass;

static void dot_chunk(void *arg, size_t i)
{
    const pass *p = arg;
    size_t end = (i + 1) * CHUNK < p->n ? (i + 1) * CHUNK : p->n;
    double s11 = 0, s12 = 0, s22 = 0;
    for (size_t k = i * CHUNK; k < end; k++) {
        double m = p->mask == NULL ? 1.0 : p->mask[k], a = m * p->a[k], b = m * p->b[k];
        s11 += a * a;
        s12 += a * b;
        s22 += b * b;
    }
    p->partial[3 * i] = s11;
    p->partial[3 * i + 1] = s12;
    p->partial[3 * i + 2] = s22;
}

static void add_dots(gop_mgda *m, const gop_real *a, const gop_real *b, const uint8_t *mask,
                     size_t n, double s[3])
{
    pass p = {.a = a, .b = b, .mask = mask, .n = n, .partial = m->partial};
    gop_parallel(m->ctx, chunks(n), dot_chunk, &p);
    for (size_t i = 0; i < chunks(n); i++)
        for (int k = 0; k < 3; k++)
            s[k] += m->partial[3 * i + (size_t)k];
}

/* Memory bandwidth limits this loop, so that wider vectors would gain nothing. */
static void mix(gop_real *out, const gop_real *a, gop_real wa, const gop_real *b, gop_real wb,
                size_t n)
{
    GOP_INDEPENDENT
    for (size_t k = 0; k < n; k++)
        out[k] = wa * a[k] + wb * b[k];
}

static void mix_chunk(void *arg, size_t i)
{
    const pass *p = arg;
    const size_t from = i * CHUNK, n = p->n - from < CHUNK ? p->n - from : CHUNK;
    mix(p->out + from, p->a + from, (gop_real)p->wa, p->b + from, (gop_real)p->wb, n);
}

/* out = wa a + wb b */
static void weigh(gop_mgda *m, gop_real *out, const gop_real *a, double wa, const gop_real *b,
                  double wb, size_t n)
{
    pass p = {.a = a, .b = b, .out = out, .wa = wa, .wb = wb, .n = n};
    gop_parallel(m->ctx, chunks(n), mix_chunk, &p);
}

static void mix_own(void *arg, size_t i)
{
    const pass *p = arg;
    const size_t from = p->own[i].from;
    mix(p->out + from, p->a + from, (gop_real)p->wa, p->b + from, (gop_real)p->wb, p->own[i].n);
}

static void zero_own(void *arg, size_t i)
{
    const pass *p = arg;
    memset(p->out + p->own[i].from, 0, p->own[i].n * sizeof *p->out);
}

/* ----------------------------------------------------------------------- modes */

/* Counts the pieces of the marked elements, and writes them if `own` is not NULL. */
static size_t cut(const uint8_t *mask, size_t size, struct piece *own)
{
    size_t n = 0;
    for (size_t at = 0, end; at < size; at = end) {
        for (end = at + 1; end < size && mask[end] == mask[at] && end - at < CHUNK;)
            end++;
        if (mask[at] == 0)
            continue;
        if (own != NULL)
            own[n] = (struct piece){at, end - at};
        n++;
    }
    return n;
}

/* Runs once for each pair of losses. */
static gop_status find_own(gop_mgda *m, gop_var loss1, gop_var loss2, gop_error *err)
{
    const gop_var loss[2] = {loss1, loss2};
    if (m->own_of[0].id == loss1.id && m->own_of[1].id == loss2.id)
        return GOP_OK;
    uint8_t *mask = malloc(m->size + 1);
    gop_status s = mask == NULL ? gop_fail(err, GOP_ENOMEM, "gop_mgda_backward: out of memory")
                                : gop_net_upstream(mask, m->net,
                                                   &(gop_pass){.from = loss,
                                                               .n_from = 2,
                                                               .stop = m->shared,
                                                               .n_stop = m->n_shared},
                                                   err);
    if (s == GOP_OK) {
        const size_t n = cut(mask, m->size, NULL);
        struct piece *own = realloc(m->own, (n + 1) * sizeof *own);
        if (own == NULL) {
            s = gop_fail(err, GOP_ENOMEM, "gop_mgda_backward: out of memory");
        } else {
            cut(mask, m->size, own);
            m->own = own;
            m->n_own = n;
            m->own_of[0] = loss1;
            m->own_of[1] = loss2;
        }
    }
    free(mask);
    return s;
}

static gop_status one_loss(gop_mgda *m, gop_var loss, const gop_var *stop, size_t n_stop,
                           gop_real *grads, gop_error *err)
{
    const gop_real one = 1;
    memset(grads, 0, m->size * sizeof *grads);
    return gop_net_backward(
        m->net,
        &(gop_pass){.from = &loss, .seed = &one, .n_from = 1, .stop = stop, .n_stop = n_stop},
        grads, err);
}

static gop_status fixed(gop_mgda *m, gop_var loss1, gop_var loss2, double lambda, gop_real *grads,
                        gop_error *err)
{
    gop_var from[2] = {loss1, loss2};
    gop_real seed[2] = {(gop_real)lambda, (gop_real)(1 - lambda)};
    memset(grads, 0, m->size * sizeof *grads);
    return gop_net_backward(m->net, &(gop_pass){.from = from, .seed = seed, .n_from = 2}, grads,
                            err);
}

static gop_status exact(gop_mgda *m, gop_var loss1, gop_var loss2, double *lambda, gop_real *grads,
                        gop_error *err)
{
    gop_try(one_loss(m, loss1, NULL, 0, grads, err));
    gop_try(one_loss(m, loss2, NULL, 0, m->second, err));
    double d[3] = {0, 0, 0};
    gop_optimiser_mask(m->opt, grads);
    gop_optimiser_mask(m->opt, m->second);
    add_dots(m, grads, m->second, m->upstream, m->size, d);
    *lambda = gop_mgda_lambda(d[0], d[1], d[2]);
    weigh(m, grads, grads, *lambda, m->second, 1 - *lambda, m->size);
    return GOP_OK;
}

static gop_status upper_bound(gop_mgda *m, bool normalised, gop_var loss1, gop_var loss2,
                              double *lambda, gop_real *grads, gop_error *err)
{
    gop_try(find_own(m, loss1, loss2, err));
    gop_try(one_loss(m, loss1, m->shared, m->n_shared, grads, err));
    for (size_t i = 0; i < m->n_shared; i++)
        memcpy(m->first_shared[i], gop_net_grad(m->net, m->shared[i]),
               m->shared_size[i] * sizeof(gop_real));
    pass p = {.out = m->second, .own = m->own};
    gop_parallel(m->ctx, m->n_own, zero_own, &p);
    const gop_real one = 1;
    const gop_pass from_loss2 = {
        .from = &loss2, .seed = &one, .n_from = 1, .stop = m->shared, .n_stop = m->n_shared};
    gop_try(gop_net_backward(m->net, &from_loss2, m->second, err));
    double d[3] = {0, 0, 0};
    for (size_t i = 0; i < m->n_shared; i++)
        add_dots(m, m->first_shared[i], gop_net_grad(m->net, m->shared[i]), NULL, m->shared_size[i],
                 d);
    if (!normalised)
        *lambda = gop_mgda_lambda(d[0], d[1], d[2]);
    else if (d[0] + d[2] > 0)
        *lambda = sqrt(d[2]) / (sqrt(d[0]) + sqrt(d[2]));
    else
        *lambda = 0.5;
    p = (pass){
        .a = grads, .b = m->second, .out = grads, .wa = *lambda, .wb = 1 - *lambda, .own = m->own};
    gop_parallel(m->ctx, m->n_own, mix_own, &p);
    for (size_t i = 0; i < m->n_shared; i++) {
        gop_real *g = gop_net_grad(m->net, m->shared[i]);
        weigh(m, g, m->first_shared[i], *lambda, g, 1 - *lambda, m->shared_size[i]);
    }
    return gop_net_backward(m->net, &(gop_pass){.from = m->shared, .n_from = m->n_shared}, grads,
                            err);
}

static gop_status backward(gop_mgda *m, gop_mgda_mode mode, gop_var loss1, gop_var loss2,
                           double *lambda, gop_real *grads, gop_error *err)
{
    switch (mode) {
    case GOP_MGDA_FIXED:
        return fixed(m, loss1, loss2, *lambda, grads, err);
    case GOP_MGDA_EXACT:
        return exact(m, loss1, loss2, lambda, grads, err);
    case GOP_MGDA_UB:
    case GOP_MGDA_UB_NORMALISED:
        return upper_bound(m, mode == GOP_MGDA_UB_NORMALISED, loss1, loss2, lambda, grads, err);
    }
    return gop_fail(err, GOP_EINVAL, "gop_mgda_backward: no such mode");
}

gop_status gop_mgda_backward(gop_mgda *m, gop_mgda_mode mode, gop_var loss1, gop_var loss2,
                             double *lambda, gop_real *grads, gop_error *err)
{
    if (m == NULL || lambda == NULL || grads == NULL)
        return gop_fail(err, GOP_EINVAL, "gop_mgda_backward: an argument is NULL");
    if (gop_net_params_size(m->net) != m->size)
        return gop_fail(err, GOP_ESTATE,
                        "gop_mgda_backward: parameters were added after "
                        "gop_mgda_new");
    const gop_status s = backward(m, mode, loss1, loss2, lambda, grads, err);
    gop_optimiser_mask(m->opt, grads);
    return s;
}
