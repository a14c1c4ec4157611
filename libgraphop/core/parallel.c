/*
 * parallel.c: the only file that uses threads.
 *
 * Writes the context's `in_parallel` mark.  Without OpenMP everything here is a plain loop.
 *
 * libgomp ends the process where it cannot start a thread, and waits forever for its threads in a
 * child of fork().  gop_team therefore limits each team before libgomp makes it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* nanosleep */
#endif

#include "core/ctx.h"
#include "core/parallel.h"

#ifdef _OPENMP
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Without the model, a thread's first access to `mine` might allocate. */
#ifdef __ELF__
#define GOP_STATIC_TLS __attribute__((tls_model("initial-exec")))
#else
#define GOP_STATIC_TLS
#endif

/* The team that the OpenMP runtime keeps for the calling thread. */
static _Thread_local GOP_STATIC_TLS struct team {
    pid_t process;   /* that made it; 0 before the first */
    int asked, size; /* wanted threads, possible threads */
} mine;

/* Memory left for the runtime, which ends the process if it cannot allocate either. */
enum { RUNTIME_MEMORY = 4194304 };

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool open;
} gate;

static void *wait_at(void *arg)
{
    gate *g = arg;
    pthread_mutex_lock(&g->lock);
    while (!g->open)
        pthread_cond_wait(&g->opened, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* The number of threads of this process, 0 if unknown. */
static size_t threads_of_process(void)
{
    struct stat st;
    return stat("/proc/self/task", &st) == 0 ? (size_t)st.st_nlink : 0;
}

/* How many of `n` further threads can exist at the same time: starts and joins them. */
static int startable(int n)
{
    gate g = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    const size_t before = threads_of_process();
    pthread_t *thread = malloc((size_t)n * sizeof *thread);
    void *volatile held = malloc(RUNTIME_MEMORY);
    int started = 0;

    while (thread != NULL && held != NULL && started < n &&
           pthread_create(&thread[started], NULL, wait_at, &g) == 0)
        started++;
    pthread_mutex_lock(&g.lock);
    g.open = true;
    pthread_cond_broadcast(&g.opened);
    pthread_mutex_unlock(&g.lock);
    for (int i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    free(held);
    free(thread);
    /* The kernel counts a joined thread against the limits for another moment. */
    for (int i = 0; i < 100 && threads_of_process() > before; i++)
        nanosleep(&(struct timespec){0, 100000}, NULL);
    return started;
}
#endif

int gop_team(int threads)
{
#ifdef _OPENMP
    if (threads <= 1 || omp_in_parallel())
        return threads;
    const pid_t process = getpid();
    if (mine.process != 0 && mine.process != process)
        return 1; /* fork() did not copy the threads */
    if (threads != mine.asked) {
        const int have = mine.size > 1 ? mine.size : 1;
        mine.process = process;
        mine.asked = threads;
        mine.size = threads <= have ? threads : have + startable(threads - have);
    }
    return mine.size;
#else
    return threads;
#endif
}

int gop_processors(void)
{
#ifdef _OPENMP
    return omp_get_num_procs();
#else
    return 1;
#endif
}

static void run_here(size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
    for (size_t i = 0; i < n; i++)
        fn(arg, i);
}

GOP_API size_t gop_ctx_thread(const gop_ctx *ctx)
{
#ifdef _OPENMP
    if (ctx != NULL && ctx->in_parallel)
        return (size_t)omp_get_thread_num();
#endif
    (void)ctx;
    return 0;
}

GOP_API void gop_parallel(gop_ctx *ctx, size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
    if (fn == NULL)
        return;
#ifdef _OPENMP
    /* A call from inside a chunk stays on the chunk's thread and keeps its number. */
    if (ctx != NULL && n > 1 && ctx->threads > 1 && !ctx->in_parallel && !omp_in_parallel()) {
        /* All threads, even for fewer chunks: whenever the size of a team changes, OpenMP allocates
         * memory and may end and start threads. */
        const int threads = gop_team(ctx->threads);
        ctx->in_parallel = true;
        if (threads > 1) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
            for (size_t i = 0; i < n; i++)
                fn(arg, i);
        } else {
            run_here(n, fn, arg);
        }
        ctx->in_parallel = false;
        return;
    }
#else
    (void)ctx;
#endif
    run_here(n, fn, arg);
}
