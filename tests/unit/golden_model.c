/*
 * golden_model.c: models for the golden cases.  Uses the public interface of
 * libgraphop and of the zoo.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "golden_model.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ACTIONS = 16, MAX_COLUMNS = 128 };

static void set_domain(zoo_domain *d, const golden *g, char (*actions)[ZOO_NAME_SIZE],
                       float *numbers, uint8_t *constant)
{
    const zoo_layout *layout = zoo_layout_find(golden_text(g, "skeleton"));
    ck_assert_msg(layout != NULL, "no layout is called %s", golden_text(g, "skeleton"));
    ck_assert_uint_le(layout->columns, MAX_COLUMNS);
    memset(d, 0, sizeof *d);
    snprintf(d->name, sizeof d->name, "golden");
    d->layout = *layout;
    d->rate = 25;
    d->factor = 1;
    d->actions = (size_t)golden_number(g, "classes");
    ck_assert_uint_le(d->actions, MAX_ACTIONS);
    for (size_t i = 0; i < d->actions; i++)
        snprintf(actions[i], ZOO_NAME_SIZE, "action%zu", i);
    d->action = actions;
    for (size_t i = 0; i < layout->columns; i++) {
        numbers[i] = 0;
        numbers[MAX_COLUMNS + i] = 1;
        constant[i] = 0;
    }
    d->mean = numbers;
    d->std = numbers + MAX_COLUMNS;
    d->constant = constant;
}

void golden_model_set(zoo_model *m, const char *key, const char *value)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_model_set(m, key, value, &err) == GOP_OK, "%s", err.message);
}

/* blocks is [[graph width, width, stride, kernel], ...]. */
static void set_blocks(zoo_model *m, const char *blocks)
{
    static const char *const key[4] = {"graph_widths", "widths", "strides", "kernels"};
    char list[4][64] = {"", "", "", ""};
    const char *p = blocks + strcspn(blocks, "0123456789");
    for (int column = 0; *p != '\0'; column = (column + 1) % 4) {
        char *l = list[column], *end;
        size_t used = strlen(l);
        snprintf(l + used, sizeof list[0] - used, "%s%lu", used > 0 ? "," : "",
                 strtoul(p, &end, 10));
        p = end + strcspn(end, "0123456789");
    }
    for (int i = 0; i < 4; i++)
        golden_model_set(m, key[i], list[i]);
}

static zoo_model *new_model(const char *type, const golden *g)
{
    char actions[MAX_ACTIONS][ZOO_NAME_SIZE];
    float numbers[2 * MAX_COLUMNS];
    uint8_t constant[MAX_COLUMNS];
    gop_error err = {GOP_OK, ""};
    zoo_domain domain;
    zoo_model *m = NULL;
    set_domain(&domain, g, actions, numbers, constant);
    ck_assert_msg(zoo_model_new(&m, zoo_model_type_find(NULL, type), NULL, &domain, 1, &err) ==
                      GOP_OK,
                  "%s", err.message);
    return m;
}

void golden_model_set_all(zoo_model *m, const char *settings)
{
    char options[512], *value;
    ck_assert_uint_lt(strlen(settings), sizeof options);
    snprintf(options, sizeof options, "%s", settings);
    for (char *key = strtok(options, " "); key != NULL; key = strtok(NULL, " ")) {
        value = strchr(key, '=');
        ck_assert_ptr_nonnull(value);
        *value = '\0';
        golden_model_set(m, key, value + 1);
    }
}

void golden_model_options(zoo_model *m, const golden *g)
{
    golden_model_set_all(m, golden_text(g, "options"));
}

zoo_model *golden_network(const golden *g)
{
    zoo_model *m = new_model(golden_text(g, "model"), g);
    m->view.bodies = (uint32_t)golden_number_or(g, "bodies", 1);
    m->view.average = ZOO_ALL_BODIES;
    golden_model_options(m, g);
    return m;
}

zoo_model *golden_model(const golden *g)
{
    static const char *const same[] = {"gamma",      "agim_k",     "agim_dim",         "hidden",
                                       "lambda_act", "fuse_after", "out_hidden_layers"};
    zoo_model *m = new_model("symgnn", g);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        golden_model_set(m, same[i], golden_text(g, same[i]));
    golden_model_set(m, "observed", golden_text(g, "t_obs"));
    golden_model_set(m, "predicted", golden_text(g, "t_pred"));
    ck_assert_str_eq(golden_text(g, "branches"), "3");
    golden_model_set(m, "orders", "0,1,2");
    set_blocks(m, golden_text(g, "blocks"));
    golden_model_set(m, "p_tc", "0");
    golden_model_set(m, "p_agim", "0");
    golden_model_set(m, "p_out", "0");
    return m;
}

static bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), k = strlen(with);
    return n >= k && strcmp(name + n - k, with) == 0;
}

/* Whether a parameter is AGIM's: its name begins with "agim.", perhaps after a network's or a
 * branch's. */
static bool of_agim(const char *name)
{
    return strncmp(name, "agim.", 5) == 0 || strstr(name, ".agim.") != NULL;
}

/* Whether a parameter is a weight of edges, or of a whole term. */
static bool around_one(const char *name)
{
    static const char *const last[] = {".mask", ".importance", ".alpha", ".beta", ".gamma"};
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        if (ends(name, last[i]))
            return true;
    return false;
}

/* shift + scale u for one parameter, as listed in README. */
static void rule(double *shift, double *scale, gop_param_info p)
{
    bool agim = of_agim(p.name);
    *shift = 0;
    *scale = 0.2;
    if (ends(p.name, ".running_mean")) {
        *shift = agim ? 0.6 : 0;
    } else if (ends(p.name, ".running_var")) {
        *shift = agim ? 0.1 : 1;
        *scale = agim ? 0.04 : 0.4;
    } else if (around_one(p.name) || (ends(p.name, ".weight") && p.shape.rank == 1)) {
        *shift = 1;
        *scale = 0.3;
    } else if (p.shape.rank == 1) {
        *shift = agim && strstr(p.name, ".fc") != NULL ? 0.6 : 0;
    } else {
        size_t fan = ends(p.name, ".w_str") ? p.shape.dim[p.shape.rank - 1]
                                            : gop_shape_size(p.shape) / p.shape.dim[0];
        bool out = strstr(p.name, "emb_out") != NULL;
        *scale = out ? 1.2 / pow((double)fan, 0.75) : 1.4 / sqrt((double)fan);
    }
}

void golden_rule_params(gop_params *params)
{
    for (size_t i = 0; i < gop_params_count(params); i++) {
        gop_param_info p = gop_params_info(params, i);
        size_t n = gop_shape_size(p.shape);
        double shift, scale, *u = malloc(n * sizeof *u);
        char seed[128];
        ck_assert_ptr_nonnull(u);
        snprintf(seed, sizeof seed, "p/%s", p.name);
        golden_uniform(u, seed, n);
        rule(&shift, &scale, p);
        for (size_t k = 0; k < n; k++)
            p.data[k] = (gop_real)(float)(shift + scale * u[k]);
        free(u);
    }
}

void golden_rule_poses(gop_real *x, gop_shape shape, const char *name)
{
    size_t channels = shape.dim[3], row = shape.dim[2] * channels, size = gop_shape_size(shape);
    double *u = malloc(size * sizeof *u);
    ck_assert_ptr_nonnull(x);
    ck_assert_ptr_nonnull(u);
    golden_uniform(u, name, size);
    for (size_t i = 0; i < size; i++) {
        u[i] = (double)(float)(0.25 * u[i]);
        if (i % row >= channels)
            u[i] += u[i - channels];
    }
    for (size_t i = 0; i < size; i++)
        x[i] = (gop_real)(float)u[i];
    free(u);
}

/* --------------------------------------------------------------- models in a net */

#define NET_OK(n, err, call) ck_assert_msg((call) == GOP_OK, "%s: %s", (n)->name, (err).message)

golden_net golden_net_open(const char *name, zoo_model *m, size_t batch, bool training)
{
    gop_error err = {GOP_OK, ""};
    golden_net n = {.name = name, .model = m};
    NET_OK(&n, err, gop_ctx_new(&n.ctx, 2, 0, &err));
    NET_OK(&n, err,
           gop_net_new(&n.net, n.ctx, m->params, training ? GOP_TRAINING : GOP_INFERENCE, &err));
    NET_OK(&n, err, zoo_model_record(m, n.net, &(zoo_use){.batch = batch}, &n.ports, &err));
    n.grads = calloc(gop_params_size(m->params), sizeof *n.grads);
    ck_assert_ptr_nonnull(n.grads);
    return n;
}

void golden_net_close(golden_net *n)
{
    free(n->grads);
    gop_mgda_free(n->mgda);
    gop_net_free(n->net);
    gop_ctx_free(n->ctx);
    zoo_model_free(n->model);
}

void golden_net_set(golden_net *n, gop_var port, const golden *g, const char *name)
{
    golden_copy(gop_net_value(n->net, port), gop_net_shape(n->net, port), g, "in", name);
}

void golden_net_pose(golden_net *n, gop_var port, const char *name)
{
    golden_rule_poses(gop_net_value(n->net, port), gop_net_shape(n->net, port), name);
}

void golden_net_poses(golden_net *n, const char *of)
{
    char name[96];
    snprintf(name, sizeof name, "%s/x", of);
    golden_net_pose(n, n->ports.x, name);
    snprintf(name, sizeof name, "%s/target", of);
    if (n->ports.target.id >= 0)
        golden_net_pose(n, n->ports.target, name);
}

void golden_net_forward(golden_net *n)
{
    gop_error err = {GOP_OK, ""};
    NET_OK(n, err, gop_net_forward_finite(n->net, &err));
}

void golden_net_backward(golden_net *n, double lambda)
{
    gop_error err = {GOP_OK, ""};
    const gop_var both[2] = {n->ports.loss_recognition, n->ports.loss_prediction};
    const gop_real weights[2] = {(gop_real)lambda, 1 - (gop_real)lambda}, one = 1;
    if (both[0].id >= 0 && both[1].id >= 0)
        NET_OK(n, err,
               gop_net_backward(n->net, &(gop_pass){.from = both, .seed = weights, .n_from = 2},
                                n->grads, &err));
    else
        NET_OK(n, err,
               gop_net_backward(n->net,
                                &(gop_pass){.from = both[0].id >= 0 ? &both[0] : &both[1],
                                            .seed = &one,
                                            .n_from = 1},
                                n->grads, &err));
}

void golden_net_mgda(golden_net *n, gop_mgda_mode mode, double *lambda)
{
    gop_error err = {GOP_OK, ""};
    if (n->mgda == NULL)
        NET_OK(
            n, err,
            gop_mgda_new(&n->mgda, n->ctx, n->net, NULL, n->ports.shared, n->ports.n_shared, &err));
    NET_OK(n, err,
           gop_mgda_backward(n->mgda, mode, n->ports.loss_recognition, n->ports.loss_prediction,
                             lambda, n->grads, &err));
}

void golden_net_expect(const golden_net *n, const golden *g, const char *name, gop_var v,
                       golden_worst *worst)
{
    golden_expect(g, "out", name, gop_net_value(n->net, v), gop_net_shape(n->net, v),
                  GOLDEN_FORWARD, worst);
}

void golden_net_expect_poses(const golden_net *n, const golden *g, const char *name,
                             double tolerance, golden_worst *worst)
{
    gop_shape s = gop_net_shape(n->net, n->ports.poses);
    const size_t every = (size_t)golden_number_or(g, "pred_nodes_every", 1);
    const size_t row = s.dim[2] * s.dim[3], rows = s.dim[0] * s.dim[1];
    const gop_real *all = gop_net_value(n->net, n->ports.poses);
    gop_real *some = malloc(rows * row * sizeof *some), *to = some;
    ck_assert(some != NULL && all != NULL);
    for (size_t i = 0; i < rows; i++)
        if (i % s.dim[1] % every == 0) {
            memcpy(to, all + i * row, row * sizeof *to);
            to += row;
        }
    s.dim[1] = (s.dim[1] + every - 1) / every;
    golden_expect(g, "out", name, some, s, tolerance, worst);
    free(some);
}

size_t golden_net_expect_params(const golden_net *n, const golden *g, double gradient,
                                golden_worst *worst)
{
    size_t compared = golden_expect_params(g, n->model->params, "", n->grads, GOLDEN_FORWARD,
                                           gradient, worst);
    ck_assert_msg(compared == golden_count_trained(g),
                  "%s holds %zu gradients and statistics, of which %zu were compared", g->name,
                  golden_count_trained(g), compared);
    return compared;
}
