/*
 * ressup.c: Residual sup. (J. Martinez, M. J. Black, J. Romero, On Human Motion Prediction Using
 * Recurrent Neural Networks, CVPR 2017): one gated recurrent unit that reads the observed poses and
 * continues them, and gives velocities.
 *
 *     r, z = sigmoid(W x + U h + b)                h = 0 before the first frame
 *     n    = tanh(W x + U (r h) + b)
 *     h'   = (1 - z) n + z h
 *     y    = x + V h' + c                          residual connection
 *     L    = mean (y - true)^2
 *
 * x and y have all channels of all nodes.  The unit reads frames 1 .. T - 1 without an answer, then
 * frame T and its own y, in training, too (the sampling-based loss); encoder and decoder are the
 * same unit.  Where the text is silent, this file follows the authors' published code: the reset
 * gate is applied before the product, as in TensorFlow's GRUCell; with reset=after, as in ports to
 * PyTorch, n = tanh(W x + b + r (U h + b')).  With `actions`, x and y also have the class, one-hot:
 * the decoder takes the classes as they come out, and the loss includes them. Records operators of
 * libgraphop; computes nothing but the classes.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/predictor.h"
#include "zoo/types.h"
#include "zoo/weights/import.h"

#include <math.h>
#include <stdlib.h>

enum { BEFORE, AFTER };

typedef struct config {
    zoo_horizon horizon;
    uint32_t hidden;
    uint32_t actions; /* the class is an input */
    uint32_t reset;   /* BEFORE or AFTER the product */
    zoo_loss loss;
} config;

/* What the steps share while the network is recorded. */
typedef struct ressup {
    const config *c;
    const zoo_use *use;
    gop_var labels;           /* [N]; none without classes */
    gop_var W, U, b, b_after; /* of the unit; b_after: with reset=after, b' */
    gop_var U_gates, U_n;     /* rows of U */
    gop_var V, bias;          /* of the velocities */
    size_t channels, classes; /* of x: all channels of all nodes; 0 classes without them */
    gop_var classes_out;      /* [N B, 1, T', classes] */
} ressup;

static gop_init glorot(size_t in, size_t out)
{
    return gop_init_uniform(sqrt(6 / (double)(in + out)));
}

/* Gates begin with a bias of 1. */
static gop_var gate_bias(gop_net *net, size_t H)
{
    gop_real *v = malloc(3 * H * sizeof *v);
    if (v == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for %zu biases", 3 * H);
    for (size_t i = 0; i < 3 * H; i++)
        v[i] = i < 2 * H ? 1 : 0;
    const gop_var b = gop_param(net, "bias", gop_shape1(3 * H), gop_init_data(v));
    free(v);
    return b;
}

static void parameters(gop_net *net, ressup *s)
{
    const size_t H = s->c->hidden, in = s->channels + s->classes;
    const gop_init begin = glorot(in + H, 2 * H), small = gop_init_uniform(0.04);
    gop_net_push(net, "gru");
    s->W = gop_param(net, "weight_ih", gop_shape2(3 * H, in), begin);
    s->U = gop_param(net, "weight_hh", gop_shape2(3 * H, H), begin);
    if (s->c->reset == BEFORE) {
        s->b = gate_bias(net, H);
        s->U_gates = gop_slice(net, s->U, 0, 0, 2 * H);
        s->U_n = gop_slice(net, s->U, 0, 2 * H, H);
    } else {
        s->b = gop_param(net, "bias_ih", gop_shape1(3 * H), begin);
        s->b_after = gop_param(net, "bias_hh", gop_shape1(3 * H), begin);
    }
    gop_net_pop(net);
    gop_net_push(net, "out");
    s->V = gop_param(net, "weight", gop_shape2(in, H), small);
    s->bias = gop_param(net, "bias", gop_shape1(in), small);
    gop_net_pop(net);
}

/* h' from x and h. */
static gop_var unit(gop_net *net, const ressup *s, gop_var x, gop_var h)
{
    const size_t H = s->c->hidden;
    if (s->c->reset == AFTER)
        return gop_gru_step(net, x, h, h, s->W, s->U, s->b, s->b_after);
    const gop_var i = gop_linear(net, x, s->W, s->b);
    const gop_var gates = gop_sigmoid(net, gop_add(net, gop_slice(net, i, -1, 0, 2 * H),
                                                   gop_linear(net, h, s->U_gates, gop_none())));
    const gop_var r = gop_slice(net, gates, -1, 0, H), z = gop_slice(net, gates, -1, H, H);
    const gop_var n = gop_tanh(net,
                               gop_add(net, gop_slice(net, i, -1, 2 * H, H),
                                       gop_linear(net, gop_mul(net, r, h), s->U_n, gop_none())));
    return gop_add(net, n, gop_mul(net, z, gop_sub(net, h, n)));
}

static void step(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                 gop_var *h_next)
{
    const ressup *s = user;
    (void)t;
    *h_next = unit(net, s, x, h);
    *x_next = gop_add(net, x, gop_linear(net, *h_next, s->V, s->bias));
}

/* The classes of the clips for each of their bodies, [N B, 1, T, classes]; unknown ones, labels
 * that are no class, are zeros. */
static gop_var one_hot(gop_net *net, const ressup *s, size_t T)
{
    const size_t n = s->classes, B = s->use->view->bodies, N = s->use->batch;
    gop_real *eye = calloc(n * n, sizeof *eye);
    if (eye == NULL)
        return gop_net_fail(net, GOP_ENOMEM, "out of memory for %zu classes", n);
    for (size_t i = 0; i < n; i++)
        eye[i * n + i] = 1;
    gop_var y = gop_embedding(net, gop_constant(net, "classes", gop_shape2(n, n), eye), s->labels);
    free(eye);
    y = gop_repeat(net, gop_reshape(net, y, gop_shape3(N, 1, n)), 1, B);
    return gop_repeat(net, gop_reshape(net, y, gop_shape4(N * B, 1, 1, n)), 2, T);
}

static gop_var network(gop_net *net, void *user, gop_var poses)
{
    static const int by_frame[4] = {0, 2, 1, 3};
    ressup *s = user;
    const gop_shape p = gop_net_shape(net, poses);
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    const size_t N = p.dim[0], M = p.dim[1], T = p.dim[2], C = p.dim[3];
    const size_t future = s->c->horizon.predicted;
    parameters(net, s);
    gop_var x = gop_reshape(net, gop_permute(net, poses, by_frame), gop_shape4(N, 1, T, M * C));
    if (s->classes > 0)
        x = gop_concat(net, (gop_var[]){x, one_hot(net, s, T)}, 2, -1);
    gop_var h = gop_zeros(net, "h", gop_shape4(N, 1, 1, s->c->hidden));
    for (size_t t = 0; t + 1 < T; t++)
        h = unit(net, s, gop_slice(net, x, 2, t, 1), h);
    gop_var y = gop_roll_out(net, gop_slice(net, x, 2, T - 1, 1), h, future, step, s);
    if (s->classes > 0) {
        s->classes_out = gop_slice(net, y, -1, M * C, s->classes);
        y = gop_slice(net, y, -1, 0, M * C);
    }
    return gop_permute(net, gop_reshape(net, y, gop_shape4(N, future, M, C)), by_frame);
}

/* The squares of the classes' differences have their share of the mean. */
static void learn_classes(gop_net *net, const ressup *s, zoo_ports *p)
{
    const double all = (double)(s->channels + s->classes);
    const gop_var d = gop_l2(net, s->classes_out, one_hot(net, s, s->c->horizon.predicted),
                             GOP_PER_ELEMENT);
    p->loss_prediction = gop_axpby(net, (double)s->channels / all, p->loss_prediction,
                                   (double)s->classes / all, d);
    gop_net_keep(net, p->loss_prediction);
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = configuration;
    const zoo_layout *l = &use->domain->layout;
    ressup s = {.c = c, .use = use, .channels = (size_t)l->nodes * l->channels};
    s.labels = s.b_after = gop_none();
    if (c->actions) {
        zoo_expect_labels(net, use, ports);
        s.labels = ports->labels;
        s.classes = use->domain->actions;
    }
    const gop_var y = zoo_predict(net, use, &c->horizon, false, network, &s, ports);
    zoo_learn_poses(net, use, &c->horizon, &c->loss, y, ports);
    if (c->actions && gop_net_training(net) && gop_net_status(net) == GOP_OK)
        learn_classes(net, &s, ports);
}

/* ---------------------------------------------------------------------- options */

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    ZOO_HORIZON_OPTIONS(config, horizon, "50", "10"),
    {"hidden", ZOO_SETTING_COUNT, AT(hidden), 1, 8192, NULL, "1024", "features of the unit", NULL},
    {"actions", ZOO_SETTING_SWITCH, AT(actions), 0, 1, NULL, "0",
     "the class is an input; one that is not known is zeros", NULL},
    {"reset", ZOO_SETTING_CHOICE, AT(reset), 0, 0, "before|after", "before",
     "where the reset gate acts: before the product with the state, or after it", NULL},
    ZOO_LOSS_OPTIONS(config, loss, "squared", "0", NULL),
    {0},
};

static const zoo_preset presets[] = {
    {"published", "", "the unit of the paper, without classes"},
    {"supervised", "actions=1", "with the class of each clip"},
    {"small", "hidden=256", "for small data"},
    {NULL, NULL, NULL},
};

static gop_status check(const void *configuration, const zoo_domain *domain, gop_error *err)
{
    return zoo_check_loss(&((const config *)configuration)->loss, &domain->layout, err);
}

/* ---------------------------------------------------------------------- imports */

/* The port to PyTorch. */
static const zoo_import_row port_rows[] = {
    {"cell.weight_ih", "gru.weight_ih", NULL},
    {"cell.weight_hh", "gru.weight_hh", NULL},
    {"cell.bias_ih", "gru.bias_ih", NULL},
    {"cell.bias_hh", "gru.bias_hh", NULL},
    {"fc1", "out", NULL},
    {NULL, NULL, NULL},
};

static const zoo_import_rule port_rules[] = {
    {"hidden", ZOO_IMPORT_SIZE, "cell.weight_hh", 1, NULL, 0},
    {"reset", ZOO_IMPORT_VALUE, "after", 0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0},
};

static const char *const assumes[] = {
    ZOO_ASSUMES_PREDICTED,
    "actions=0: no shape shows classes beside the pose; --set actions=1 and --labels FILE have "
    "them",
    NULL};

static const zoo_import imports[] = {
    {.name = "pytorch", .rows = port_rows, .rules = port_rules, .assumes = assumes},
    {.name = NULL},
};

const zoo_model_type ressup_type = {
    .name = "ressup",
    .text = "Residual sup., a recurrent unit that gives velocities: predicts poses",
    .reference = "J. Martinez, M. J. Black, J. Romero, On Human Motion Prediction Using Recurrent "
                 "Neural Networks, CVPR 2017",
    .config_size = sizeof(config),
    .options = options,
    .presets = presets,
    .check = check,
    .record = record,
    .predicted = zoo_horizon_frames,
    .recognises = zoo_only_predicts,
    .widths = "hidden",
    .imports = imports,
};
