/*
 * test_features.c: the features of every type of models that recognises: multiplied by hand with the
 * layer of class scores, they give the model's scores.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "model_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/zoo.h"

enum { N = 2, B = 2, OBSERVED = 12, CLASSES = 8, NETWORKS = 3, F_MAX = 256 };

#define SMALL "widths=4,6 strides=1,2 taps=3"
#define SYMGNN                                                                                     \
    "preset=small widths=4,6 strides=2,2 kernels=3,3 hidden=6 predicted=4 fuse_after= agim_dim=4 " \
    "agim_k=1"

/* A model, the layers of its networks' class scores and the weights of these. */
static const struct recogniser {
    const char *type, *options, *layer[NETWORKS + 1];
    double weight[NETWORKS];
    bool logits; /* class scores are mixed before the softmax */
} recognisers[] = {
    {"stgcn", SMALL, {"fc"}, {1}, false},
    {"agcn", SMALL, {"joint.fc"}, {1}, false},
    {"agcn", SMALL " stream=bone", {"bone.fc"}, {1}, false},
    {"aagcn", SMALL, {"fc"}, {1}, false},
    {"ctrgcn", "widths=4,6 strides=1,2", {"fc"}, {1}, false},
    {"msg3d", "widths=6,8 strides=1,2 scales=3 g3d_scales=2 windows=3", {"fc"}, {1}, false},
    {"stgcnpp", "widths=6,8 strides=1,2", {"fc"}, {1}, false},
    {"dgstgcn", "widths=6,8 strides=1,2 groups=2", {"fc"}, {1}, false},
    {"protogcn", "widths=6,8 strides=1,2 groups=2 prototypes=4 hidden=3", {"fc"}, {1}, false},
    {"template", "width=4 taps=3", {"scores"}, {1}, false},
    {"symgnn", SYMGNN, {"cls"}, {1}, true},
    {"symgnn", SYMGNN " heads=recognition recg_mean=before", {"cls"}, {1}, true},
    {"symgnn",
     SYMGNN " stream=joint+bone bone_weight=0.25",
     {"joint.cls", "bone.cls"},
     {0.75, 0.25},
     true},
    {"stgcn",
     SMALL " stream=joint+bone+joint_motion stream_weights=1,2,1",
     {"joint.fc", "bone.fc", "joint_motion.fc"},
     {0.25, 0.5, 0.25},
     false},
};

static gop_error err;

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

/* A model of a type with options KEY=VALUE, separated by blanks. */
static zoo_model *model(const char *type, const char *options, const zoo_domain *domain)
{
    const char *preset = strncmp(options, "preset=", 7) == 0 ? "small" : NULL;
    char text[256];
    zoo_model *m;

    CHECK(zoo_model_new(&m, zoo_model_type_find(NULL, type), preset, domain, 5, &err));
    CHECK(zoo_model_set(m, "observed", "12", &err));
    ck_assert_uint_lt(strlen(options), sizeof text);
    snprintf(text, sizeof text, "%s", preset ? strchr(options, ' ') + 1 : options);
    for (char *next, *key = text; key != NULL; key = next) {
        char *value = strchr(key, '=');
        if ((next = strchr(key, ' ')) != NULL)
            *next++ = '\0';
        *value++ = '\0';
        CHECK(zoo_model_set(m, key, value, &err));
    }
    return m;
}

/* First values of 0, such as those of biases and of some norms, would hide errors. */
static void draw_params(gop_params *params)
{
    gop_rng rng = gop_rng_new(7, 0);
    for (size_t i = 0; i < gop_params_count(params); i++) {
        const gop_param_info p = gop_params_info(params, i);
        for (size_t k = 0; k < gop_shape_size(p.shape) && p.trained; k++)
            p.data[k] += (gop_real)(0.4 * gop_rng_uniform(&rng) - 0.2);
    }
    gop_params_changed(params);
    model_draw_stats(params);
}

static gop_param_info tensor(const zoo_model *m, const char *layer, const char *what)
{
    char name[ZOO_NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", layer, what);
    const size_t at = gop_params_find(m->params, name);
    ck_assert_msg(at != SIZE_MAX, "%s has no %s", m->type->name, name);
    return gop_params_info(m->params, at);
}

/* Adds weight (W f + b), or its softmax, to sum. */
static void add_scores(double *sum, const zoo_model *m, const char *layer, const gop_real *f,
                       double weight, bool logits)
{
    const gop_param_info W = tensor(m, layer, "weight"), b = tensor(m, layer, "bias");
    double y[CLASSES], all = 0;

    for (size_t c = 0; c < CLASSES; c++) {
        y[c] = (double)b.data[c];
        for (size_t k = 0; k < W.shape.dim[1]; k++)
            y[c] += (double)W.data[c * W.shape.dim[1] + k] * (double)f[k];
        all += exp(y[c]);
    }
    for (size_t c = 0; c < CLASSES; c++)
        sum[c] += weight * (logits ? y[c] : exp(y[c]) / all);
}

/* Logits and the logarithms of probabilities differ by the same number for all classes. */
START_TEST(the_last_layer_of_features_is_the_scores)
{
    const struct recogniser *r = &recognisers[_i];
    static gop_real x[N * B * 22 * OBSERVED * 3];
    const gop_real bodies[N * B] = {(gop_real)0.5, (gop_real)0.5, 1, 0};
    gop_real scores[N * CLASSES], plain[N * CLASSES], features[N * F_MAX];
    zoo_inference *inf, *without;
    zoo_dataset *data;
    gop_ctx *ctx;

    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    zoo_model *m = model(r->type, r->options, &data->domain);
    m->view.bodies = B;
    m->view.average = ZOO_PRESENT_BODIES;
    model_fill(x, sizeof x / sizeof *x, 3);
    CHECK(zoo_inference_new_for(&inf, ctx, m, &(zoo_use){.batch = N, .features = true}, &err));
    draw_params(m->params);
    const size_t F = zoo_inference_n_features(inf);
    ck_assert(F > 0 && F <= F_MAX);
    ck_assert_int_eq(zoo_inference_features(inf, features, &err), GOP_ESTATE);
    CHECK(zoo_inference_run(inf, x, bodies, scores, NULL, &err));
    CHECK(zoo_inference_features(inf, features, &err));
    for (size_t n = 0; n < N; n++) {
        double sum[CLASSES] = {0};
        size_t at = 0;
        for (size_t k = 0; r->layer[k] != NULL; k++) {
            add_scores(sum, m, r->layer[k], features + n * F + at, r->weight[k], r->logits);
            at += tensor(m, r->layer[k], "weight").shape.dim[1];
        }
        ck_assert_uint_eq(at, F);
        for (size_t c = 0; c < CLASSES; c++) {
            const double p = (double)scores[n * CLASSES + c], q = (double)scores[n * CLASSES];
            const double want = r->logits ? sum[c] - sum[0] : log(sum[c] / sum[0]);
            ck_assert_double_eq_tol(log(p / q), want, 1e-5);
        }
    }

    /* Scores are the same without features. */
    CHECK(zoo_inference_new(&without, ctx, m, N, &err));
    CHECK(zoo_inference_run(without, x, bodies, plain, NULL, &err));
    for (size_t i = 0; i < N * CLASSES; i++)
        ck_assert_double_eq_tol((double)plain[i], (double)scores[i], 1e-6);
    ck_assert_uint_eq(zoo_inference_n_features(without), 0);
    ck_assert_int_eq(zoo_inference_features(without, features, &err), GOP_ESTATE);
    ck_assert_str_eq(err.message, "the inference was made without features");
    zoo_inference_free(without);
    zoo_inference_free(inf);
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_model_that_only_predicts_has_none)
{
    zoo_inference *inf;
    zoo_dataset *data;
    gop_ctx *ctx;

    CHECK(zoo_synth(&data, NULL, 1, &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    zoo_model *m = model("symgnn", SYMGNN " heads=prediction", &data->domain);
    ck_assert_int_eq(
        zoo_inference_new_for(&inf, ctx, m, &(zoo_use){.batch = N, .features = true}, &err),
        GOP_EINVAL);
    ck_assert_ptr_null(inf);
    ck_assert_str_eq(err.message,
                     "the model only predicts poses; features are what a layer of class "
                     "scores reads");
    zoo_model_free(m);
    gop_ctx_free(ctx);
    zoo_dataset_free(data);
}
END_TEST

TEST_MAIN("features")
{
    tcase_add_loop_test(t, the_last_layer_of_features_is_the_scores, 0,
                        sizeof recognisers / sizeof recognisers[0]);
    tcase_add_test(t, a_model_that_only_predicts_has_none);
}
