/*
 * ceiling.c: see ceiling.h.  Touches only its own memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "ceiling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

enum { LONGEST = 512, TRIALS = 5 };
#define TRIAL_SECONDS 0.01

typedef struct job {
    gop_ctx *ctx;
    gop_real *memory; /* A, B and C of each thread */
    size_t m, n, k, times;
} job;

static void multiply(void *arg, size_t i)
{
    const job *j = arg;
    const size_t square = (size_t)LONGEST * LONGEST;
    gop_real *a = j->memory + 3 * i * square, *b = a + square, *c = b + square;

    for (size_t t = 0; t < j->times; t++)
        gop_gemm(j->ctx, j->m, j->n, j->k, a, (ptrdiff_t)j->k, 1, b, (ptrdiff_t)j->n, 1, false, c,
                 j->n);
}

/* From the thread's first CEILING_COPY bytes to the next ones. */
static void copy(void *arg, size_t i)
{
    const job *j = arg;
    char *to = (char *)j->memory + 2 * i * CEILING_COPY;

    for (size_t t = 0; t < j->times; t++)
        memcpy(to, to + CEILING_COPY, CEILING_COPY);
}

static double trial(job *j, void (*each)(void *arg, size_t i), size_t threads, size_t times)
{
    j->times = times;
    double start = progress_clock();
    gop_parallel(j->ctx, threads, each, j);
    return progress_clock() - start;
}

/* The fastest of several trials, each of so many runs that the clock is exact; in seconds. */
static double fastest(job *j, void (*each)(void *arg, size_t i), size_t threads)
{
    trial(j, each, threads, 1);
    const double once = trial(j, each, threads, 1);
    const size_t times = once < TRIAL_SECONDS ? (size_t)(TRIAL_SECONDS / (once + 1e-6)) + 1 : 1;
    double least = once;

    for (int t = 0; t < TRIALS; t++)
        least = fmin(least, trial(j, each, threads, times) / (double)times);
    return least;
}

gop_status ceiling_measure(ceiling *best, gop_ctx *ctx, gop_error *err)
{
    static const size_t sizes[][3] = {
        {256, 256, 256}, {384, 384, 384}, {512, 256, 512}, {512, 512, 512}};
    size_t threads = (size_t)gop_ctx_threads(ctx);
    size_t copied = 2 * CEILING_COPY / sizeof(gop_real), squares = 3 * (size_t)LONGEST * LONGEST;
    size_t elements = threads * (copied > squares ? copied : squares);
    job j = {.ctx = ctx, .memory = malloc(elements * sizeof(gop_real))};

    if (!j.memory)
        return gop_fail(err, GOP_ENOMEM, "out of memory for the matrices of the ceiling");
    for (size_t i = 0; i < elements; i++)
        j.memory[i] = (gop_real)(i % 1021) / 1021 - (gop_real)0.5;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        j.m = sizes[s][0];
        j.n = sizes[s][1];
        j.k = sizes[s][2];
        double flops = 2.0 * (double)(threads * j.m * j.n * j.k);
        double rate = 1e-9 * flops / fastest(&j, multiply, threads);
        if (rate > best->gflops) {
            best->gflops = rate;
            best->m = j.m;
            best->n = j.n;
            best->k = j.k;
        }
    }
    best->gbs = fmax(best->gbs,
                     2e-9 * (double)(threads * CEILING_COPY) / fastest(&j, copy, threads));
    free(j.memory);
    return GOP_OK;
}
