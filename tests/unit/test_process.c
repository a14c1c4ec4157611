/*
 * test_process.c: contexts where the system allows fewer threads, and in a child of fork().  Each
 * case runs in a child, which reports by its exit status, so that neither limits nor threads reach
 * the next case.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* RLIMIT_NPROC */
#endif
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 512, WANTED = 4, SECONDS = 60 };

static gop_real sum[ROWS];

static void add_up(void *arg, size_t i)
{
    (void)arg;
    sum[i] = 0;
    for (size_t k = 0; k <= i; k++)
        sum[i] += 1 / (gop_real)(k + 1);
}

/* Whether a run with this context gives the bytes of a run without one. */
static bool runs_right(gop_ctx *ctx)
{
    gop_real alone[ROWS];
    gop_parallel(NULL, ROWS, add_up, NULL);
    memcpy(alone, sum, sizeof sum);
    memset(sum, 0, sizeof sum);
    gop_parallel(ctx, ROWS, add_up, NULL);
    return memcmp(alone, sum, sizeof sum) == 0;
}

/* What went wrong in a child; it ends without the handlers of the parent. */
static int in_child(int (*run)(gop_ctx *inherited), gop_ctx *inherited)
{
    int status;
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        alarm(SECONDS);
        _exit(run(inherited));
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "the child was ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int fresh(gop_ctx *inherited)
{
    gop_ctx *ctx;
    (void)inherited;
    if (gop_ctx_new(&ctx, WANTED, 0, NULL) != GOP_OK)
        return 1;
    const bool right = runs_right(ctx), again = runs_right(ctx);
    const int threads = gop_ctx_threads(ctx);
    gop_ctx_free(ctx);
    return right && again ? 10 + threads : 2;
}

/* Leaves room for `more` further threads, of root by becoming another user. */
static bool allow_threads(int more)
{
    const struct rlimit limit = {(rlim_t)(1 + more), (rlim_t)(1 + more)};
    if (geteuid() == 0 && setuid((uid_t)(1900000000 + getpid())) != 0)
        return false;
    return setrlimit(RLIMIT_NPROC, &limit) == 0;
}

static int no_more_threads(gop_ctx *inherited)
{
    return allow_threads(0) ? fresh(inherited) : 0;
}

static int two_more_threads(gop_ctx *inherited)
{
    /* Other processes of an ordinary user count, too. */
    const bool alone = geteuid() == 0;
    return alone && allow_threads(2) ? fresh(inherited) : 0;
}

/* Contexts of other sizes do not need threads that the team has. */
static int several_contexts(gop_ctx *inherited)
{
    if (geteuid() != 0 || !allow_threads(2))
        return 0;
    for (int i = 0; i < 20; i++) {
        const int threads = fresh(inherited);
        if (threads != 13)
            return threads;
    }
    return 13;
}

START_TEST(fewer_threads_where_the_system_allows_no_more)
{
#ifdef _OPENMP
    int got = in_child(no_more_threads, NULL);
    ck_assert_msg(got == 0 || got == 11, "%d", got);
    got = in_child(two_more_threads, NULL);
    ck_assert_msg(got == 0 || got == 13, "%d", got);
    got = in_child(several_contexts, NULL);
    ck_assert_msg(got == 0 || got == 13, "%d", got);
#endif
    ck_assert_int_eq(in_child(fresh, NULL), 10 + WANTED);
}
END_TEST

static int inherited_runs(gop_ctx *inherited)
{
    return runs_right(inherited) ? fresh(NULL) : 3;
}

static int child_of_a_team(gop_ctx *inherited)
{
    gop_ctx *ctx;
    (void)inherited;
    if (gop_ctx_new(&ctx, WANTED, 0, NULL) != GOP_OK || !runs_right(ctx))
        return 1;
    const int got = in_child(inherited_runs, ctx);
    if (!runs_right(ctx))
        return 4;
    gop_ctx_free(ctx);
    return got;
}

START_TEST(a_child_of_fork_runs_alone)
{
#ifdef _OPENMP
    ck_assert_int_eq(in_child(child_of_a_team, NULL), 11);
#endif
}
END_TEST

TEST_MAIN("process")
{
    tcase_add_test(t, fewer_threads_where_the_system_allows_no_more);
    tcase_add_test(t, a_child_of_fork_runs_alone);
}
