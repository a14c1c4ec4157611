/*
 * model_file.h: a small Sym-GNN with both heads in a file, for tests of loaded models; and windows
 * for it.  Static inline only; fails through Check's assertions.
 */
#ifndef TESTS_UNIT_MODEL_FILE_H
#define TESTS_UNIT_MODEL_FILE_H

#include "suite.h"
#include "zoo/model.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define MODEL_OK(call)                                                                       \
    ck_assert_msg(recorded((call), &model_error) == GOP_OK, "%s:%d: %s", __FILE__, __LINE__, \
                  model_error.message)

static gop_error model_error;

enum { MODEL_CLASSES = 3, MODEL_OBSERVED = 20, MODEL_PREDICTED = 4, MODEL_COLUMNS = 64 };

/* Wide enough for Toom-Cook convolutions, whose weights take longest to prepare. */
static inline zoo_model *model_small(void)
{
    static const char *const set[][2] = {
        {"observed", "20"},     {"predicted", "4"}, {"widths", "64,64,96,96"},
        {"kernels", "9,9,7,5"}, {"hidden", "48"},   {"agim_dim", "24"},
    };
    static char action[MODEL_CLASSES][ZOO_NAME_SIZE] = {"one", "two", "three"};
    static float mean[MODEL_COLUMNS], std[MODEL_COLUMNS];
    static uint8_t constant[MODEL_COLUMNS];
    const zoo_layout *layout = zoo_layout_find("tiny5");
    zoo_domain domain = {.rate = 25,
                         .factor = 1,
                         .actions = MODEL_CLASSES,
                         .action = action,
                         .mean = mean,
                         .std = std,
                         .constant = constant};
    zoo_model *m;

    ck_assert_ptr_nonnull(layout);
    ck_assert_uint_le(layout->columns, MODEL_COLUMNS);
    for (size_t i = 0; i < MODEL_COLUMNS; i++)
        std[i] = 1;
    snprintf(domain.name, sizeof domain.name, "tests");
    domain.layout = *layout;
    MODEL_OK(
        zoo_model_new(&m, zoo_model_type_find(NULL, "symgnn"), "light", &domain, 3, &model_error));
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        MODEL_OK(zoo_model_set(m, set[i][0], set[i][1], &model_error));
    return m;
}

/* Batch norms that change values: means in [-1, 1), variances in [0.3, 1.3). */
static inline void model_draw_stats(gop_params *params)
{
    gop_rng rng = gop_rng_new(11, 0);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        const bool var = strstr(p.name, "running_var") != NULL;
        for (size_t k = 0; k < gop_shape_size(p.shape) && !p.trained; k++)
            p.data[k] = (gop_real)(var ? 0.3 + gop_rng_uniform(&rng)
                                       : 2 * gop_rng_uniform(&rng) - 1);
    }
    gop_params_changed(params);
}

static inline void model_write(const char *path)
{
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports ports;
    gop_writer *w;
    zoo_model *m = model_small();

    MODEL_OK(gop_ctx_new(&ctx, 1, 0, &model_error));
    MODEL_OK(gop_net_new(&net, ctx, m->params, GOP_INFERENCE, &model_error));
    MODEL_OK(zoo_model_record(m, net, &(zoo_use){.batch = 1}, &ports, &model_error));
    model_draw_stats(m->params);
    MODEL_OK(gop_writer_open(&w, path, ZOO_MODEL_KIND, ZOO_MODEL_VERSION, &model_error));
    gop_write_map(w, 2);
    gop_write_key(w, "model");
    zoo_model_write(w, m);
    gop_write_key(w, "run");
    gop_write_array(w, 0);
    MODEL_OK(gop_writer_commit(w, &model_error));
    gop_net_free(net);
    gop_ctx_free(ctx);
    zoo_model_free(m);
}

/* Elements of one window, of its scores, of its predicted poses. */
static inline size_t model_window(const zoo_model *m)
{
    return m->domain.layout.nodes * MODEL_OBSERVED * m->domain.layout.channels;
}

static inline size_t model_poses(const zoo_model *m)
{
    return m->domain.layout.nodes * MODEL_PREDICTED * m->domain.layout.channels;
}

static inline void model_fill(gop_real *x, size_t n, uint64_t seed)
{
    gop_rng rng = gop_rng_new(seed, 1);
    for (size_t i = 0; i < n; i++)
        x[i] = (gop_real)(2 * gop_rng_uniform(&rng) - 1);
}

#endif
