/*
 * own_operator.c: what somebody else writes who has graphop installed: an operator of their
 * own, a small skeleton network with it, training, and the trained network from a file.
 * Uses graphop.h alone.  tests/outside/run.sh compiles and runs it.
 */
#include <graphop.h>

#include <stdio.h>
#include <string.h>

#define TRY(call)                                                            \
    do {                                                                     \
        if ((call) != GOP_OK) {                                              \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, err.message); \
            return 1;                                                        \
        }                                                                    \
    } while (0)

#define MUST(condition)                                                             \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            return 1;                                                               \
        }                                                                           \
    } while (0)

/* ------------------------------------------------------------------ the operator
 *
 * Softsign (Bergstra et al. 2009) with a trained steepness for each channel:
 *
 *     y[r, c] = x[r, c] / (1 + a[c] |x[r, c]|)
 *     dx = dy / (1 + a |x|)^2
 *     da = -sum_r dy x |x| / (1 + a |x|)^2
 *
 * x [..., C], a [C] >= 0; y has x's shape.
 */
static gop_status softsign_plan(gop_op_plan *p)
{
    if (p->n_in != 2 || p->in[0].rank < 1 || p->in[1].rank != 1)
        return gop_fail(p->err, GOP_ESHAPE, "x [..., C] and a [C] are needed");
    if (p->in[1].dim[0] != p->in[0].dim[p->in[0].rank - 1])
        return gop_fail(p->err, GOP_ESHAPE, "x has %zu channels, a has %zu",
                        p->in[0].dim[p->in[0].rank - 1], p->in[1].dim[0]);
    p->out = p->in[0];
    return GOP_OK;
}

static gop_real size_of(gop_real x)
{
    return x < 0 ? -x : x;
}

static void softsign_forward(const gop_run *r)
{
    const size_t channels = r->in_shape[1].dim[0], rows = gop_shape_size(r->out_shape) / channels;
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < channels; c++) {
            const gop_real x = r->in[0][i * channels + c];
            r->out[i * channels + c] = x / (1 + r->in[1][c] * size_of(x));
        }
}

static void softsign_backward(const gop_run *r)
{
    const size_t channels = r->in_shape[1].dim[0], rows = gop_shape_size(r->out_shape) / channels;
    gop_real *dx = r->din[0], *da = r->din[1];
    if (da != NULL && !r->add[1])
        memset(da, 0, channels * sizeof *da);
    for (size_t i = 0; i < rows; i++)
        for (size_t c = 0; c < channels; c++) {
            const size_t at = i * channels + c;
            const gop_real x = r->in[0][at], below = 1 + r->in[1][c] * size_of(x);
            const gop_real d = r->dout[at] / (below * below);
            if (dx != NULL)
                dx[at] = (r->add[0] ? dx[at] : 0) + d;
            if (da != NULL)
                da[c] -= d * x * size_of(x);
        }
}

static void softsign_naive(gop_tensor out, const gop_tensor *in, const void *attr)
{
    const size_t channels = in[1].shape.dim[0];
    (void)attr;
    for (size_t i = 0; i < gop_shape_size(out.shape); i++) {
        const gop_real x = in[0].v[i], a = in[1].v[i % channels];
        out.v[i] = x > 0 ? x / (1 + a * x) : x / (1 - a * x);
    }
}

static const gop_case softsign_cases[] = {
    {"rank 3", .in = {{3, {3, 4, 5}}, {1, {5}}}, .range = {[1] = {0.5, 2}}},
    {0},
};

static const gop_op softsign_op = {
    .name = "softsign",
    .flags = GOP_OP_NEEDS_IN,
    .plan = softsign_plan,
    .forward = softsign_forward,
    .backward = softsign_backward,
    .cases = softsign_cases,
    .naive = softsign_naive,
};

static gop_var softsign(gop_net *net, gop_var x, gop_var a)
{
    const gop_var in[] = {x, a};
    return gop_apply(net, &softsign_op, NULL, in, 2);
}

/* ---------------------------------------------------------------------- the model */

enum { NODES = 5, FRAMES = 16, CHANNELS = 3, CLASSES = 3, WIDTH = 8, BATCH = 16 };

typedef struct model {
    gop_var x, labels, logits, loss;
} model;

/* Graph product, weights, a convolution along frames, twice; then the average of all. */
static gop_var block(gop_net *net, gop_var A, gop_var x, size_t in, const char *name)
{
    gop_net_push(net, "%s", name);
    gop_var W = gop_param(net, "weight", gop_shape2(WIDTH, in), gop_init_uniform(0.5));
    gop_var b = gop_param(net, "bias", gop_shape1(WIDTH), gop_init_constant(0));
    gop_var K = gop_param(net, "time", gop_shape3(WIDTH, 3, WIDTH), gop_init_uniform(0.25));
    gop_var a = gop_param(net, "steepness", gop_shape1(WIDTH), gop_init_constant(1));
    gop_var y = gop_linear(net, gop_graph_product(net, A, x), W, b);
    y = softsign(net, gop_temporal_conv(net, y, K, (gop_conv){.pad = 1}), a);
    gop_net_name(net, y, "bent");
    gop_net_pop(net);
    return y;
}

static model record(gop_net *net, size_t batch)
{
    static const gop_edge bones[] = {{0, 1}, {1, 2}, {2, 3}, {3, 4}};
    const gop_graph_data mean = {GOP_GRAPH_ADJACENCY, .norm = GOP_GRAPH_ROWS, .loops = true};
    gop_graph *g;
    model m;
    gop_error err;

    if (gop_graph_new(&g, NODES, bones, 4, &err) != GOP_OK)
        gop_net_fail(net, err.status, "%s", err.message);
    m.x = gop_input(net, "x", gop_shape4(batch, NODES, FRAMES, CHANNELS));
    gop_var A = gop_graph_constant(net, "A", g, mean);
    gop_graph_free(g);
    gop_var y = block(net, A, m.x, CHANNELS, "first");
    y = block(net, A, y, WIDTH, "second");
    y = gop_mean(net, gop_mean(net, y, 2), 1);
    m.logits = gop_linear(net, y,
                          gop_param(net, "head", gop_shape2(CLASSES, WIDTH), gop_init_uniform(0.3)),
                          gop_param(net, "head_bias", gop_shape1(CLASSES), gop_init_constant(0)));
    gop_net_keep(net, m.logits);
    m.labels = m.loss = gop_none();
    if (gop_net_training(net)) {
        m.labels = gop_input(net, "labels", gop_shape1(batch));
        m.loss = gop_cross_entropy(net, m.logits, m.labels, gop_none(), 0);
        gop_net_keep(net, m.loss);
    }
    return m;
}

/* An arm of five joints that swings slowly, at a medium pace or fast, with noise. */
static void draw(gop_rng *rng, size_t n, gop_real *x, gop_real *labels)
{
    static const double cosine[CLASSES] = {0.921, 0.622, 0.170};
    static const double sine[CLASSES] = {0.389, 0.783, 0.985};
    for (size_t i = 0; i < n; i++) {
        const uint64_t pace = gop_rng_below(rng, CLASSES);
        double u = 2 * gop_rng_uniform(rng) - 1, v = gop_rng_uniform(rng) < 0.5 ? -1 : 1;
        labels[i] = (gop_real)pace;
        for (int t = 0; t < FRAMES; t++) {
            const double turned = cosine[pace] * u - sine[pace] * v;
            v = sine[pace] * u + cosine[pace] * v;
            u = turned;
            for (int m = 0; m < NODES; m++) {
                gop_real *at = x + ((i * NODES + (size_t)m) * FRAMES + (size_t)t) * CHANNELS;
                at[0] = (gop_real)(0.3 * (m + 1) * u + 0.05 * gop_rng_normal(rng));
                at[1] = (gop_real)(0.3 * (m + 1) * v + 0.05 * gop_rng_normal(rng));
                at[2] = (gop_real)(0.05 * gop_rng_normal(rng));
            }
        }
    }
}

/* ------------------------------------------------------------------------ a file */

static gop_status save(const gop_params *params, const char *path, gop_error *err)
{
    gop_writer *w;
    if (gop_writer_open(&w, path, "OWN1", 1, err) != GOP_OK)
        return err->status;
    gop_write_params(w, params);
    return gop_writer_commit(w, err);
}

static gop_status load(gop_params *params, const char *path, gop_error *err)
{
    gop_reader *r;
    if (gop_reader_open(&r, path, "OWN1", 1, err) != GOP_OK)
        return err->status;
    gop_read_params(r, params);
    gop_params_close(params);
    const gop_status s = gop_reader_status(r, err);
    gop_reader_free(r);
    return s;
}

/* ------------------------------------------------------------------------- steps */

/* Held to all that the built-in operators are held to, and timed as they are. */
static int check_operator(void)
{
    gop_error err = {GOP_OK, ""};
    gop_op_report report;
    gop_bench bench;
    double worst;
    for (const gop_case *c = softsign_cases; c->name != NULL; c++) {
        TRY(gop_gradcheck(&worst, &softsign_op, c, 1, &err));
        printf("softsign, %s: gradients within %.1e\n", c->name, worst);
        MUST(worst <= GOP_GRADCHECK_TOLERANCE);
    }
    TRY(gop_check_op(&report, &softsign_op, &err));
    MUST(report.cases == 1 && report.naive == 1 && report.enlarged == 1 && report.large == 1);
    TRY(gop_bench_case(&bench, &softsign_op, &softsign_cases[0], 1, 0.05, &err));
    MUST(bench.forward > 0 && bench.backward > 0);
    printf("%.0f elements: %.2f GB/s forward, %.2f GB/s backward\n",
           (double)gop_shape_size(bench.out), 1e-9 * (double)bench.bytes / bench.forward,
           1e-9 * (double)bench.bytes_backward / bench.backward);
    return 0;
}

/* A shape that does not fit: the sentence names the operator, shapes and values. */
static int check_sentence(gop_ctx *ctx)
{
    gop_error err = {GOP_OK, ""};
    gop_params *params;
    gop_net *net;
    TRY(gop_params_new(&params, 1, &err));
    TRY(gop_net_new(&net, ctx, params, GOP_INFERENCE, &err));
    gop_var x = gop_input(net, "pose", gop_shape2(2, 3));
    gop_net_push(net, "arm");
    softsign(net, x, gop_param(net, "a", gop_shape1(4), gop_init_constant(1)));
    MUST(gop_net_plan(net, &err) == GOP_ESHAPE);
    printf("refused: %s\n", err.message);
    MUST(strstr(err.message, "arm.softsign(pose [2, 3], a [4])") != NULL);
    gop_net_free(net);
    gop_params_free(params);
    return 0;
}

static int report_time(gop_net *net)
{
    double seconds = 0;
    for (size_t i = 0; i < gop_net_profile_rows(net); i++) {
        const gop_profile_row row = gop_net_profile_row(net, i);
        if (strcmp(row.op, "softsign") != 0)
            continue;
        printf("%s: %.1f us forward, %.1f us backward, a step\n", row.name,
               1e6 * row.forward.seconds / (double)row.forward.calls,
               1e6 * row.backward.seconds / (double)row.backward.calls);
        MUST(strstr(row.name, ".bent") != NULL);
        MUST(row.forward.calls > 0 && row.backward.calls > 0);
        seconds += row.forward.seconds;
    }
    MUST(seconds > 0);
    return 0;
}

static int train(gop_ctx *ctx, gop_params *params)
{
    enum { STEPS = 200 };
    gop_error err = {GOP_OK, ""};
    gop_rng rng = gop_rng_new(1, gop_hash(GOP_HASH_START, "motion", 6));
    gop_net *net;
    gop_optimiser *opt;
    gop_real grads[4096], one = 1;
    double first = 0, last = 0;

    TRY(gop_net_new(&net, ctx, params, GOP_TRAINING, &err));
    const model m = record(net, BATCH);
    TRY(gop_net_plan(net, &err));
    const size_t size = gop_params_size(params);
    MUST(size <= sizeof grads / sizeof *grads);
    TRY(gop_adam_new(&opt, ctx, params, NULL, &err));
    TRY(gop_net_profile(net, true, &err));
    for (int step = 0; step < STEPS; step++) {
        draw(&rng, BATCH, gop_net_value(net, m.x), gop_net_value(net, m.labels));
        gop_net_random(net, 1, (uint64_t)step);
        TRY(gop_net_forward(net, &err));
        memset(grads, 0, size * sizeof *grads);
        TRY(gop_net_backward(net, &(gop_pass){.from = &m.loss, .seed = &one, .n_from = 1}, grads,
                             &err));
        gop_clip(ctx, grads, size, 1);
        gop_optimiser_step(opt, grads, 1, gop_schedule_cosine(0.01, (uint64_t)step, 10, STEPS, 0));
        if (step < 10)
            first += (double)*gop_net_value(net, m.loss) / 10;
        if (step >= STEPS - 10)
            last += (double)*gop_net_value(net, m.loss) / 10;
    }
    printf("%zu parameters, loss from %.3f to %.3f\n", size, first, last);
    MUST(last < first / 4);
    if (report_time(net) != 0)
        return 1;
    gop_optimiser_free(opt);
    gop_net_free(net);
    return 0;
}

/* The answers of an inference net with these parameters to fresh motion. */
static int answer(gop_ctx *ctx, gop_params *params, gop_real *logits, gop_real *labels)
{
    gop_error err = {GOP_OK, ""};
    gop_rng rng = gop_rng_new(2, gop_hash(GOP_HASH_START, "motion", 6));
    gop_net *net;
    TRY(gop_net_new(&net, ctx, params, GOP_INFERENCE, &err));
    const model m = record(net, BATCH);
    TRY(gop_net_plan(net, &err));
    draw(&rng, BATCH, gop_net_value(net, m.x), labels);
    TRY(gop_net_forward(net, &err));
    memcpy(logits, gop_net_value(net, m.logits), BATCH * CLASSES * sizeof *logits);
    gop_net_free(net);
    return 0;
}

static int right_answers(const gop_real *logits, const gop_real *labels)
{
    int right = 0;
    for (int i = 0; i < BATCH; i++) {
        int best = 0;
        for (int c = 1; c < CLASSES; c++)
            if (logits[CLASSES * i + c] > logits[CLASSES * i + best])
                best = c;
        right += best == (int)labels[i];
    }
    return right;
}

int main(int argc, char **argv)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx;
    gop_params *trained, *loaded;
    gop_real before[BATCH * CLASSES], after[BATCH * CLASSES], labels[BATCH];

    MUST(argc == 2);
    TRY(gop_ctx_new(&ctx, 2, 0, &err));
    TRY(gop_params_new(&trained, 1, &err));
    TRY(gop_params_new(&loaded, 99, &err));
    if (check_operator() != 0 || check_sentence(ctx) != 0 || train(ctx, trained) != 0)
        return 1;
    if (answer(ctx, trained, before, labels) != 0)
        return 1;
    printf("%d of %d right on fresh motion\n", right_answers(before, labels), (int)BATCH);
    MUST(right_answers(before, labels) >= BATCH * 3 / 4);
    TRY(save(trained, argv[1], &err));
    TRY(load(loaded, argv[1], &err));
    if (answer(ctx, loaded, after, labels) != 0)
        return 1;
    MUST(memcmp(before, after, sizeof before) == 0);
    printf("the same answers from %s\n", argv[1]);
    gop_params_free(loaded);
    gop_params_free(trained);
    gop_ctx_free(ctx);
    return 0;
}
