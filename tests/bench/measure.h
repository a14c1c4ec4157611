/*
 * measure.h: what the programs of `builders` share: inputs that fill themselves, timing, a check of
 * gradients, and the two ways to run a program:
 *
 *     PROGRAM            prints a report and the operators by time
 *     PROGRAM serve WAY  for `builders`: prints facts as JSON, then for each line "infer N" or
 *                        "train N" of standard input the seconds of N calls, and for "ceiling 1"
 *                        the GFLOP/s of a product
 *
 * A program consists of its record functions and a list of ways; it uses the installed library
 * alone.
 */
#include <graphop.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A way to build a network.  `record` takes a net and the number of samples, and returns the loss,
 * or in an inference net the answer. */
typedef struct way {
    const char *name;
    gop_var (*record)(gop_net *net, size_t n);
} way;

/* How a network is measured.  adam is its learning rate, or 0 for SGD with a Nesterov momentum. */
typedef struct program {
    const char *name;
    size_t infer, train; /* samples of a call */
    double adam;
    way ways[4];
} program;

/* ------------------------------------------------------------------------- inputs */

enum { MOST_INPUTS = 8 };

typedef struct filled {
    const gop_net *net;
    gop_var v;
    unsigned kinds;
} filled;
static filled inputs[MOST_INPUTS * 2];
static size_t n_inputs;

/* An input of normal numbers, or with `kinds` of integers below it. */
static gop_var input(gop_net *net, const char *name, gop_shape shape, unsigned kinds)
{
    const gop_var v = gop_input(net, name, shape);
    inputs[n_inputs++] = (filled){net, v, kinds};
    return v;
}

static void fill(const gop_net *net)
{
    gop_rng rng = gop_rng_new(1, 2);
    for (size_t i = 0; i < n_inputs; i++)
        for (size_t k = 0;
             inputs[i].net == net && k < gop_shape_size(gop_net_shape(net, inputs[i].v)); k++)
            gop_net_value(net, inputs[i].v)[k] = inputs[i].kinds ? (gop_real)gop_rng_below(
                                                                       &rng, inputs[i].kinds)
                                                                 : (gop_real)gop_rng_normal(&rng);
}

/* ---------------------------------------------------------------------------- runs */

typedef struct run {
    const program *p;
    gop_ctx *ctx;
    gop_params *params;
    gop_net *infer, *train;
    gop_var loss;
    gop_optimiser *opt;
    gop_real *grads;
} run;

static void must(gop_status status, const gop_error *err)
{
    if (status == GOP_OK)
        return;
    fprintf(stderr, "%s: %s\n", gop_status_string(status), err->message);
    exit(1);
}

/* Of the processor: there is one thread, and other processes do not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The training net creates the parameters; the inference net reads them when they are closed. */
static run open_way(const program *p, const way *w)
{
    run r = {.p = p};
    gop_error err;
    must(gop_ctx_new(&r.ctx, 1, 0, &err), &err);
    must(gop_params_new(&r.params, 1, &err), &err);
    must(gop_net_new(&r.train, r.ctx, r.params, GOP_TRAINING, &err), &err);
    gop_net_keep(r.train, r.loss = w->record(r.train, p->train));
    must(gop_net_plan(r.train, &err), &err);
    gop_params_close(r.params);
    must(gop_net_new(&r.infer, r.ctx, r.params, GOP_INFERENCE, &err), &err);
    gop_net_keep(r.infer, w->record(r.infer, p->infer));
    must(gop_net_plan(r.infer, &err), &err);
    if (p->adam > 0)
        must(gop_adam_new(&r.opt, r.ctx, r.params, NULL, &err), &err);
    else
        must(gop_sgd_new(&r.opt, r.ctx, r.params, NULL, &err), &err);
    r.grads = calloc(gop_params_size(r.params), sizeof *r.grads);
    fill(r.train);
    fill(r.infer);
    return r;
}

static void close_way(run *r)
{
    free(r->grads);
    gop_optimiser_free(r->opt);
    gop_net_free(r->infer);
    gop_net_free(r->train);
    gop_params_free(r->params);
    gop_ctx_free(r->ctx);
    n_inputs = 0;
}

static void infer(run *r)
{
    gop_error err;
    must(gop_net_forward(r->infer, &err), &err);
}

static void gradient(run *r)
{
    gop_error err;
    const gop_real one = 1;
    const gop_pass pass = {&r->loss, &one, 1, NULL, 0};
    memset(r->grads, 0, gop_params_size(r->params) * sizeof *r->grads);
    must(gop_net_forward(r->train, &err), &err);
    must(gop_net_backward(r->train, &pass, r->grads, &err), &err);
}

static void train(run *r)
{
    gradient(r);
    gop_optimiser_step(r->opt, r->grads, 1, r->p->adam > 0 ? r->p->adam : 0.01);
}

static double timed(run *r, void (*call)(run *))
{
    const double start = now();
    call(r);
    return now() - start;
}

/* The least time of calls for about a second, and at least three. */
static double least(run *r, void (*call)(run *))
{
    double best = timed(r, call), sum = 0;
    for (int i = 0; i < 3 || sum < 1; i++) {
        const double t = timed(r, call);
        best = fmin(best, t);
        sum += t;
    }
    return best;
}

/* ---------------------------------------------------------------------------- report */

/* GFLOP/s of a product 512 x 512 x 512, the best of 20. */
static double ceiling(gop_ctx *ctx)
{
    enum { N = 512 };
    gop_real *m = calloc((size_t)3 * N * N, sizeof *m);
    double best = INFINITY;
    for (int i = 0; i < 20; i++) {
        const double start = now();
        gop_gemm(ctx, N, N, N, m, N, 1, m + N * N, N, 1, false, m + 2 * N * N, N);
        best = fmin(best, now() - start);
    }
    free(m);
    return 2e-9 * N * N * N / best;
}

typedef struct total {
    const char *op;
    size_t n;
    gop_profile_work f, b;
} total;

static int by_time(const void *a, const void *b)
{
    const total *x = a, *y = b;
    const double s = x->f.seconds + x->b.seconds, t = y->f.seconds + y->b.seconds;
    return (s < t) - (s > t);
}

static void add_work(gop_profile_work *to, const gop_profile_work *w)
{
    to->seconds += w->seconds;
    to->madds += w->madds;
    to->bytes += w->bytes;
}

static void print_work(const gop_profile_work *w)
{
    printf(" %9.3f %7.1f %6.1f", 1e3 * w->seconds,
           w->seconds > 0 ? 2e-9 * (double)w->madds / w->seconds : 0,
           w->seconds > 0 ? 1e-9 * (double)w->bytes / w->seconds : 0);
}

/* The kinds of operators, the most expensive first; each operator with its least time of some
 * calls. */
static void profile(run *r, gop_net *net, void (*call)(run *), int calls)
{
    enum { MOST = 64 };
    total sum[MOST] = {{0}};
    size_t kinds = 0, rows = 0;
    gop_profile_row *least = NULL;
    gop_error err;
    for (int i = 0; i < calls; i++) {
        must(gop_net_profile(net, true, &err), &err);
        call(r);
        rows = gop_net_profile_rows(net);
        if (i == 0)
            least = calloc(rows, sizeof *least);
        for (size_t k = 0; k < rows; k++) {
            const gop_profile_row row = gop_net_profile_row(net, k);
            if (i == 0 || row.forward.seconds < least[k].forward.seconds)
                least[k].forward = row.forward;
            if (i == 0 || row.backward.seconds < least[k].backward.seconds)
                least[k].backward = row.backward;
            least[k].op = row.op;
        }
    }
    must(gop_net_profile(net, false, &err), &err);
    for (size_t i = 0; i < rows; i++) {
        size_t k = 0;
        while (k < kinds && strcmp(sum[k].op, least[i].op) != 0)
            k++;
        if (k == MOST)
            continue;
        kinds += k == kinds;
        sum[k].op = least[i].op;
        sum[k].n++;
        add_work(&sum[k].f, &least[i].forward);
        add_work(&sum[k].b, &least[i].backward);
    }
    free(least);
    qsort(sum, kinds, sizeof *sum, by_time);
    printf("  %-22s %4s %9s %7s %6s %9s %7s %6s\n", "operator", "n", "forw. ms", "GFLOP/s", "GB/s",
           "backw. ms", "GFLOP/s", "GB/s");
    for (size_t k = 0; k < kinds && k < 14; k++) {
        printf("  %-22s %4zu", sum[k].op, sum[k].n);
        print_work(&sum[k].f);
        print_work(&sum[k].b);
        puts("");
    }
}

/* The loss's slope along a random direction of all parameters, by the gradient and by central
 * differences. */
static void check_gradient(run *r)
{
    const size_t n = gop_params_size(r->params);
    const double h = 1e-3;
    gop_real *w = gop_params_values(r->params), *from = malloc(n * sizeof *from);
    double loss[2], slope = 0, norm = 0;
    gop_error err;
    gradient(r);
    memcpy(from, w, n * sizeof *from);
    for (size_t i = 0; i < n; i++)
        norm += (double)r->grads[i] * (double)r->grads[i];
    norm = sqrt(norm);
    for (int side = 0; side < 2; side++) {
        gop_rng rng = gop_rng_new(5, 6);
        slope = 0;
        for (size_t i = 0; i < n; i++) {
            /* half along the gradient, half at random */
            const double d = (double)r->grads[i] / norm + gop_rng_normal(&rng) / sqrt((double)n);
            slope += (double)r->grads[i] * d;
            w[i] = (gop_real)((double)from[i] + (side ? -h : h) * d);
        }
        gop_params_changed(r->params);
        must(gop_net_forward(r->train, &err), &err);
        loss[side] = (double)*gop_net_value(r->train, r->loss);
    }
    memcpy(w, from, n * sizeof *from);
    gop_params_changed(r->params);
    free(from);
    printf("  slope of the loss: %.5f by the gradient, %.5f by differences\n", slope,
           (loss[0] - loss[1]) / (2 * h));
}

static void report(const program *p, const way *w)
{
    run r = open_way(p, w);
    const gop_net_cost i = gop_net_costs(r.infer), t = gop_net_costs(r.train);
    const double top = ceiling(r.ctx);
    printf("%s, %s: %zu parameters, %zu operators; %s, one thread, ceiling %.1f GFLOP/s\n", p->name,
           w->name, gop_params_size(r.params), t.ops, gop_ctx_kernel(r.ctx), top);
    gradient(&r);
    printf("  first loss %.6f, norm of its gradient %.6f\n",
           (double)*gop_net_value(r.train, r.loss),
           gop_norm(r.ctx, r.grads, gop_params_size(r.params)));
    check_gradient(&r);
    const double si = least(&r, infer), st = least(&r, train);
    const double gi = 2e-9 * (double)i.madds / si;
    const double gt = 2e-9 * (double)(t.madds + t.madds_backward) / st;
    printf("  inference of %zu: %.3f M multiply-adds, %.1f MB, %.3f ms, %.1f GFLOP/s, %.0f %%\n",
           p->infer, 1e-6 * (double)i.madds, 1e-6 * (double)i.bytes, 1e3 * si, gi, 100 * gi / top);
    profile(&r, r.infer, infer, 20);
    printf(
        "  training step of %zu: %.3f M multiply-adds, %.1f MB, %.3f ms, %.1f GFLOP/s, %.0f %%\n",
        p->train, 1e-6 * (double)(t.madds + t.madds_backward), 1e-6 * (double)t.bytes, 1e3 * st, gt,
        100 * gt / top);
    profile(&r, r.train, train, 4);
    printf("  ceiling again: %.1f GFLOP/s\n", ceiling(r.ctx));
    close_way(&r);
}

static void serve(const program *p, const way *w)
{
    run r = open_way(p, w);
    const gop_net_cost i = gop_net_costs(r.infer), t = gop_net_costs(r.train);
    char what[9];
    int calls;
    printf("{\"parameters\": %zu, \"infer_madds\": %llu, \"train_madds\": %llu, \"infer\": %zu, "
           "\"train\": %zu}\n",
           gop_params_size(r.params), (unsigned long long)i.madds,
           (unsigned long long)(t.madds + t.madds_backward), p->infer, p->train);
    fflush(stdout);
    while (scanf("%8s %d", what, &calls) == 2) {
        if (strcmp(what, "ceiling") == 0)
            printf("%.2f", ceiling(r.ctx));
        else
            for (int k = 0; k < calls; k++)
                printf("%s%.9f", k ? " " : "",
                       timed(&r, strcmp(what, "infer") == 0 ? infer : train));
        puts("");
        fflush(stdout);
    }
    close_way(&r);
}

static int measure(const program *p, int argc, char **argv)
{
    for (const way *w = p->ways; w->name != NULL; w++)
        if (argc < 3)
            report(p, w);
        else if (strcmp(argv[2], w->name) == 0)
            serve(p, w);
    return 0;
}
