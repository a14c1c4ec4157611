/*
 * heads.c: the recognition head (5.2), the prediction head (5.3, eq. 10) and
 * the losses (5.4).  Records operators; computes nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/symgnn/symgnn.h"

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
    gop_var yhat;            /* [N, M, 1, classes], or none */
    gop_var before, before2; /* X^(t-1), X^(t-2) */
    gop_var v, a;            /* Delta X, Delta^2 X */
} decoder;

/* f_pred: affine - relu - dropout, out_hidden_layers times, and an affine layer to D. */
static gop_var f_pred(const symgnn *s, gop_var h)
{
    gop_net *net = s->net;
    for (uint32_t i = 0; i < s->c->out_hidden_layers; i++) {
        gop_net_push(net, "hidden_fc");
        h = numbered_layer(s, i, h);
        gop_net_pop(net);
        h = gop_dropout(net, gop_relu(net, h), s->c->p_out, GOP_DROP_ELEMENTS);
    }
    return gop_layer_linear(net, "out", h, s->D, true);
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

/* (10): from X^(t) and H^(t) to X^(t+1) and H^(t+1). */
static void step(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                 gop_var *h_next)
{
    (void)t;
    decoder *d = user;
    const symgnn *s = d->s;

    gop_var msg = message(d, h);

    /* (10b)  H^(t+1) = GRU([X, Delta X, Delta^2 X, yhat], H~) */
    gop_var features[4] = {x};
    size_t n = 1;
    if (s->c->dec_differences != SYMGNN_NO_DIFFERENCES) {
        if (s->c->dec_differences != SYMGNN_FROZEN)
            differ(d, x);
        features[n++] = d->v;
        features[n++] = d->a;
    }
    if (d->yhat.id >= 0)
        features[n++] = d->yhat;
    gop_var in = gop_concat(net, features, n, 3);
    gop_var carry = s->c->gru_carry == SYMGNN_CARRY_JGC ? msg : h;
    *h_next = gop_gru_step(net, in, msg, carry, d->w_ih, d->w_hh, d->b_ih, d->b_hh);

    /* (10c)  X^(t+1) = X^(t) + f_pred(H^(t+1)) */
    *x_next = gop_add(net, x, f_pred(s, *h_next));
    d->before2 = d->before;
    d->before = x;
}

gop_var symgnn_predict(const symgnn *s, gop_var logits)
{
    gop_net *net = s->net;
    const symgnn_config *c = s->c;
    size_t N = s->batch, M = s->M, hid = c->hidden, C = s->domain->actions;
    const bool told = c->yhat_input && symgnn_recognises(c);
    size_t inputs = (c->dec_differences == SYMGNN_NO_DIFFERENCES ? 1 : 3) * s->D + (told ? C : 0);
    gop_init g = gop_init_uniform(1 / sqrt((double)hid));

    gop_var h0 = head_mlp(s, "mlp_pred", s->H);
    h0 = gop_reshape(net, h0, gop_shape4(N, M, 1, hid));

    gop_net_push(net, "dec");
    decoder d = {.s = s};
    gop_net_push(net, symgnn_has_joints(c) ? "jgc" : "pgc");
    d.gc = symgnn_has_joints(c) ? symgnn_jgc_params(s, hid, hid) : symgnn_pgc_params(s, hid, hid);
    gop_net_pop(net);
    gop_net_push(net, "cell");
    d.w_ih = gop_param(net, "weight_ih", gop_shape2(3 * hid, inputs), g);
    d.w_hh = gop_param(net, "weight_hh", gop_shape2(3 * hid, hid), g);
    d.b_ih = gop_param(net, "bias_ih", gop_shape1(3 * hid), g);
    d.b_hh = gop_param(net, "bias_hh", gop_shape1(3 * hid), g);
    gop_net_pop(net);
    d.yhat = gop_none();
    if (told) {
        if (c->detach_yhat)
            logits = gop_detach(net, logits);
        const size_t bodies = s->use->view->bodies;
        gop_var y = gop_softmax(net, logits, -1);
        if (bodies > 1) /* of a clip, for each of its bodies */
            y = gop_repeat(net, gop_reshape(net, y, gop_shape3(N / bodies, 1, C)), 1, bodies);
        d.yhat = gop_repeat(net, gop_reshape(net, y, gop_shape4(N, 1, 1, C)), 1, M);
    }
    d.before2 = gop_slice(net, s->x, 2, c->observed - 3, 1);
    d.before = gop_slice(net, s->x, 2, c->observed - 2, 1);
    gop_var last = gop_slice(net, s->x, 2, c->observed - 1, 1);
    if (c->dec_differences == SYMGNN_RESTART)
        d.before = d.before2 = last; /* as if the body had stood still */
    if (c->dec_differences == SYMGNN_FROZEN)
        differ(&d, last);
    gop_var poses = gop_roll_out(net, last, h0, c->predicted, step, &d);
    gop_net_pop(net);
    return poses;
}
