/*
 * heads.c: the recognition head (5.2) and the prediction head (5.3, eq. 10).  Records operators;
 * computes nothing.
 *
 * The prediction head has a second form, which is not the paper's.  As LTD and siMLPe do, it gives
 * all S predicted frames at once, by k coefficients of their cosine transform D [k, S]:
 *
 *     F = [h, X^(T), Delta X^(T), Delta^2 X^(T), yhat]           h = MLP_pred(H)
 *     C = f_pred([JGC(F), F])                                    [M, k, D_x]
 *     X^(T+t) = X^(T) + sum_k D[k, t] C_k                        (10')
 *
 * Both forms can take all observed poses besides, as coefficients of X^(1..T) - X^(T).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"
#include "zoo/trajectory.h"

#include <math.h>
#include <stdio.h>

/* An affine layer to the hidden width, named by its number in the present scope. */
static gop_var numbered_layer(const symgnn *s, uint32_t i, gop_var h)
{
    char name[12];
    snprintf(name, sizeof name, "%u", (unsigned)i);
    return gop_layer_linear(s->net, name, h, s->c->hidden, true);
}

/* MLP_recg or MLP_pred: affine - relu, head_layers times. */
static gop_var head_mlp(const symgnn *s, const char *name, gop_var h)
{
    gop_net *net = s->net;
    h = gop_relu(net, gop_layer_linear(net, name, h, s->c->hidden, true));
    gop_net_push(net, "%s", name);
    for (uint32_t i = 1; i < s->c->head_layers; i++)
        h = gop_relu(net, numbered_layer(s, i, h));
    gop_net_pop(net);
    return h;
}

/* h_recg = mean over joints and bodies of MLP_recg(H), or MLP_recg of the joints' mean; scores by one
 * more affine layer. */
gop_var symgnn_recognise(const symgnn *s)
{
    gop_net *net = s->net;
    const bool before = s->c->recg_mean == SYMGNN_MEAN_BEFORE;
    gop_var h = head_mlp(s, "mlp_recg", before ? gop_mean(net, s->H, 1) : s->H);
    h = zoo_mean_bodies(net, s->use, s->ports, before ? h : gop_mean(net, h, 1));
    return zoo_classifier(net, s->use, s->ports, "cls", h);
}

/* The inputs of a prediction step besides pose and state. */
typedef struct decoder {
    const symgnn *s;
    symgnn_gc gc;
    gop_var w_ih, w_hh, b_ih, b_hh;
    gop_var last;            /* X^(T) */
    gop_var seen;            /* all observed poses, [N, M, 1, T D], or none */
    gop_var yhat;            /* [N, M, 1, classes], or none */
    gop_var before, before2; /* X^(t-1), X^(t-2) */
    gop_var v, a;            /* Delta X, Delta^2 X */
} decoder;

/* The last layer of f_pred.  (10') begins with the last pose. */
static gop_var out(const symgnn *s, gop_var h, size_t width)
{
    gop_net *net = s->net;
    if (s->c->decoder == SYMGNN_STEPS)
        return gop_layer_linear(net, "out", h, width, true);
    gop_net_push(net, "out");
    const gop_init zero = gop_init_constant(0);
    const gop_var W = gop_param(net, "weight", gop_shape2(width, gop_net_dim(net, h, -1)), zero);
    const gop_var b = gop_param(net, "bias", gop_shape1(width), zero);
    gop_net_pop(net);
    return gop_linear(net, h, W, b);
}

/* f_pred: affine - relu - dropout, out_hidden_layers times, and an affine layer. */
static gop_var f_pred(const symgnn *s, gop_var h, size_t width)
{
    gop_net *net = s->net;
    for (uint32_t i = 0; i < s->c->out_hidden_layers; i++) {
        gop_net_push(net, "hidden_fc");
        h = numbered_layer(s, i, h);
        gop_net_pop(net);
        h = gop_dropout(net, gop_relu(net, h), s->c->p_out, GOP_DROP_ELEMENTS);
    }
    return out(s, h, width);
}

/* (10a) H~ = JGC(H); without a joint scale PGC of the parts' means, for each of their nodes. */
static gop_var message(const decoder *d, gop_var h)
{
    const symgnn *s = d->s;
    if (symgnn_has_joints(s->c))
        return symgnn_gc_apply(s, &d->gc, h);
    h = symgnn_gc_apply(s, &d->gc, gop_pool(s->net, h, s->part, s->P, GOP_REDUCE_MEAN));
    return gop_match(s->net, h, s->part);
}

/* Delta X^(t) and Delta^2 X^(t) */
static void differ(decoder *d, gop_var x)
{
    gop_net *net = d->s->net;
    d->v = gop_sub(net, x, d->before);
    d->a = gop_sub(net, d->v, gop_sub(net, d->before, d->before2));
}

/* What a step takes at the pose x, behind `first` if it is there. */
static gop_var inputs(decoder *d, gop_var first, gop_var x)
{
    const symgnn_config *c = d->s->c;
    gop_var features[6];
    size_t n = 0;
    if (first.id >= 0)
        features[n++] = first;
    features[n++] = x;
    if (c->dec_differences != SYMGNN_NO_DIFFERENCES) {
        if (c->dec_differences != SYMGNN_FROZEN)
            differ(d, x);
        features[n++] = d->v;
        features[n++] = d->a;
    }
    if (d->seen.id >= 0)
        features[n++] = d->seen;
    if (d->yhat.id >= 0)
        features[n++] = d->yhat;
    return gop_concat(d->s->net, features, n, 3);
}

/* (10): from X^(t) and H^(t) to X^(t+1) and H^(t+1). */
static void step(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                 gop_var *h_next)
{
    (void)t;
    decoder *d = user;
    const symgnn *s = d->s;

    gop_var msg = message(d, h);

    /* (10b)  H^(t+1) = GRU([X, Delta X, Delta^2 X, yhat], H~) */
    gop_var in = inputs(d, gop_none(), x);
    gop_var carry = s->c->gru_carry == SYMGNN_CARRY_JGC ? msg : h;
    *h_next = gop_gru_step(net, in, msg, carry, d->w_ih, d->w_hh, d->b_ih, d->b_hh);

    /* (10c)  X^(t+1) = X^(t) + f_pred(H^(t+1)), or X^(T) + f_pred(H^(t+1)) */
    gop_var base = s->c->residual == SYMGNN_TO_LAST ? d->last : x;
    *x_next = gop_add(net, base, f_pred(s, *h_next, s->D));
    d->before2 = d->before;
    d->before = x;
}

/* The graph convolution of `message`, of `in` features. */
static symgnn_gc message_params(const symgnn *s, size_t in)
{
    const bool joints = symgnn_has_joints(s->c);
    gop_net_push(s->net, joints ? "jgc" : "pgc");
    symgnn_gc g = joints ? symgnn_jgc_params(s, in, s->c->hidden)
                         : symgnn_pgc_params(s, in, s->c->hidden);
    gop_net_pop(s->net);
    return g;
}

/* The parameters of (10a) and (10b). */
static void step_params(decoder *d, size_t width)
{
    gop_net *net = d->s->net;
    const size_t hid = d->s->c->hidden;
    gop_init g = gop_init_uniform(1 / sqrt((double)hid));
    d->gc = message_params(d->s, hid);
    gop_net_push(net, "cell");
    d->w_ih = gop_param(net, "weight_ih", gop_shape2(3 * hid, width), g);
    d->w_hh = gop_param(net, "weight_hh", gop_shape2(3 * hid, hid), g);
    d->b_ih = gop_param(net, "bias_ih", gop_shape1(3 * hid), g);
    d->b_hh = gop_param(net, "bias_hh", gop_shape1(3 * hid), g);
    gop_net_pop(net);
}

/* (10'), all poses at once. */
static gop_var at_once(decoder *d, gop_var h)
{
    const symgnn *s = d->s;
    gop_net *net = s->net;
    const size_t S = s->c->predicted, k = s->c->coefficients > 0 ? s->c->coefficients : S;
    const gop_var F = inputs(d, h, d->last);
    d->gc = message_params(s, gop_net_dim(net, F, -1));
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    gop_var C = f_pred(s, gop_concat(net, (gop_var[]){message(d, F), F}, 2, 3), s->D * k);
    C = gop_reshape(net, C, gop_shape4(s->batch, s->M * s->D, 1, k));
    C = gop_linear(net, C, zoo_inverse_cosines(net, S, k), gop_none());
    return gop_add(net, zoo_poses(net, C, s->D), d->last);
}

/* The class probabilities of each node, [N, M, 1, classes]. */
static gop_var probabilities(const symgnn *s, gop_var logits)
{
    gop_net *net = s->net;
    const size_t N = s->batch, M = s->M, C = s->domain->actions, bodies = s->use->view->bodies;
    if (s->c->detach_yhat)
        logits = gop_detach(net, logits);
    gop_var y = gop_softmax(net, logits, -1);
    if (bodies > 1) /* of a clip, for each of its bodies */
        y = gop_repeat(net, gop_reshape(net, y, gop_shape3(N / bodies, 1, C)), 1, bodies);
    return gop_repeat(net, gop_reshape(net, y, gop_shape4(N, 1, 1, C)), 1, M);
}

/* The coefficients of X^(1..T) - X^(T), [N, M, 1, T D]. */
static gop_var trajectory(const symgnn *s, gop_var last)
{
    gop_var x = symgnn_transform(s, gop_sub(s->net, s->x, last));
    return gop_reshape(s->net, x, gop_shape4(s->batch, s->M, 1, s->c->observed * s->D));
}

gop_var symgnn_predict(const symgnn *s, gop_var logits)
{
    gop_net *net = s->net;
    const symgnn_config *c = s->c;
    const size_t T = c->observed;
    const bool told = c->yhat_input && symgnn_recognises(c);

    gop_var h0 = head_mlp(s, "mlp_pred", s->H);
    h0 = gop_reshape(net, h0, gop_shape4(s->batch, s->M, 1, c->hidden));

    gop_net_push(net, "dec");
    decoder d = {.s = s};
    size_t width = (c->dec_differences == SYMGNN_NO_DIFFERENCES ? 1 : 3) * s->D;
    width += (c->dec_trajectory ? T * s->D : 0) + (told ? s->domain->actions : 0);
    if (c->decoder == SYMGNN_STEPS)
        step_params(&d, width);
    d.yhat = told ? probabilities(s, logits) : gop_none();
    d.before2 = gop_slice(net, s->x, 2, T - 3, 1);
    d.before = gop_slice(net, s->x, 2, T - 2, 1);
    d.last = gop_slice(net, s->x, 2, T - 1, 1);
    if (c->dec_differences == SYMGNN_RESTART)
        d.before = d.before2 = d.last; /* as if the body had stood still */
    if (c->dec_differences == SYMGNN_FROZEN)
        differ(&d, d.last);
    d.seen = c->dec_trajectory ? trajectory(s, d.last) : gop_none();
    gop_var poses = c->decoder == SYMGNN_STEPS
                        ? gop_roll_out(net, d.last, h0, c->predicted, step, &d)
                        : at_once(&d, h0);
    gop_net_pop(net);
    return poses;
}
