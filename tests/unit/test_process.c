/*
 * test_process.c: limits that the system sets to a process: contexts with fewer threads and in a
 * child of fork(), and the memory left.  Cases with limits run in a child, so that neither limits
 * nor threads reach the next case; it reports by its exit status.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* RLIMIT_NPROC */
#endif
#include "suite.h"
#include "core/available.h"
#include "scratch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/* -------------------------------------------------------------------------- BLIS */

/* Every number that BLIS_ARCH_TYPE may be.  A context reports a wrong one or works; a kernel of
 * this library does not depend on it. */
enum { ARCHITECTURES = 64 };

static int architecture; /* of the next child */

static int context_of_architecture(gop_ctx *inherited)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx = NULL;
    char text[16];
    (void)inherited;
    snprintf(text, sizeof text, "%d", architecture);
    if (setenv("BLIS_ARCH_TYPE", text, 1) != 0)
        return 1;
    const gop_status status = gop_ctx_new(&ctx, 1, 0, &err);
    gop_ctx_free(ctx);
    if (status == GOP_OK)
        return 0;
    return status == GOP_EINVAL && strncmp(err.message, "BLIS_ARCH_TYPE ", 15) == 0 ? 2 : 3;
}

START_TEST(no_architecture_of_blis_aborts)
{
    int refused = 0, status;
    for (architecture = -2; architecture < ARCHITECTURES; architecture++) {
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            _exit(context_of_architecture(NULL));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        /* A configuration for another processor ends by SIGILL in its first product. */
        ck_assert_msg(WIFEXITED(status) || WTERMSIG(status) == SIGILL,
                      "BLIS_ARCH_TYPE=%d: signal %d", architecture, WTERMSIG(status));
        if (WIFEXITED(status)) {
            ck_assert_msg(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2,
                          "BLIS_ARCH_TYPE=%d: %d", architecture, WEXITSTATUS(status));
            refused += WEXITSTATUS(status) == 2;
        }
    }
#ifdef GOP_REAL_IS_DOUBLE
    ck_assert_int_gt(refused, 1);
#else
    (void)refused;
#endif
}
END_TEST

/* ------------------------------------------------------------------------ memory */

enum { MIB = 1048576 };

/* Writes a file below the folder `root`, and the folders on the way. */
static void put(const char *root, const char *path, const char *text)
{
    char full[512];
    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *at = strchr(full + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(full, 0700);
        *at = '/';
    }
    FILE *f = fopen(full, "w");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_ge(fputs(text, f), 0);
    ck_assert_int_eq(fclose(f), 0);
}

START_TEST(memory_is_limited_by_machine_and_groups)
{
    scratch_open();
    const char *root = scratch_path("machine");
    put(root, "/proc/meminfo",
        "MemTotal: 8000000 kB\nMemAvailable:   2048 kB\nSwapFree: 1024 kB\n");
    put(root, "/proc/self/statm", "100 50 20 10 0 30 0\n");
    ck_assert_uint_eq(gop_memory_available_at(root), 3 * MIB);

    /* Version 2: the group above is tighter, and its cache makes way. */
    put(root, "/proc/self/cgroup", "0::/user/run\n");
    put(root, "/sys/fs/cgroup/user/run/memory.max", "max\n");
    ck_assert_uint_eq(gop_memory_available_at(root), 3 * MIB);
    put(root, "/sys/fs/cgroup/user/memory.max", "2097152\n");
    put(root, "/sys/fs/cgroup/user/memory.current", "1572864\n");
    ck_assert_uint_eq(gop_memory_available_at(root), MIB / 2);
    put(root, "/sys/fs/cgroup/user/memory.stat",
        "anon 7\ninactive_file 262144\nactive_file 262144\n");
    ck_assert_uint_eq(gop_memory_available_at(root), MIB);
    put(root, "/sys/fs/cgroup/user/memory.current", "9000000\n");
    ck_assert_uint_eq(gop_memory_available_at(root), 1);

    /* Version 1, in a container whose own path is not visible. */
    put(root, "/proc/self/cgroup", "9:name=memory:/\n8:cpu,memory:/docker/abc\n0::/\n");
    put(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "2097152\n");
    put(root, "/sys/fs/cgroup/memory/memory.usage_in_bytes", "1048576\n");
    put(root, "/sys/fs/cgroup/memory/memory.stat", "inactive_file 9\ntotal_inactive_file 1024\n");
    ck_assert_uint_eq(gop_memory_available_at(root), MIB + 1024);

    /* Files that are no such files set no limit. */
    put(root, "/proc/self/cgroup", "\n::\n0\n0:\nx");
    put(root, "/proc/meminfo", "MemAvailable: much\n");
    ck_assert_uint_gt(gop_memory_available_at(root), 3 * MIB);
    scratch_close();
}
END_TEST

static int limited_space(gop_ctx *inherited)
{
    const size_t before = gop_memory_available();
    struct rlimit space;
    (void)inherited;
    if (before == 0 || getrlimit(RLIMIT_AS, &space) != 0)
        return 1;
    space.rlim_cur = (rlim_t)1 << 36;
    if (sizeof(void *) < 8 || setrlimit(RLIMIT_AS, &space) != 0)
        return 0;
    if (gop_memory_available() > (size_t)space.rlim_cur)
        return 2;
    space.rlim_cur = 1;
    if (setrlimit(RLIMIT_AS, &space) != 0)
        return 3;
    return gop_memory_available() == 1 ? 0 : 4;
}

START_TEST(memory_is_limited_by_address_space)
{
    ck_assert_int_eq(in_child(limited_space, NULL), 0);
}
END_TEST

TEST_MAIN("process")
{
    tcase_add_test(t, memory_is_limited_by_machine_and_groups);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they map terabytes */
    tcase_add_test(t, memory_is_limited_by_address_space);
#else
    (void)limited_space;
    (void)memory_is_limited_by_address_space;
#endif
    tcase_add_test(t, fewer_threads_where_the_system_allows_no_more);
    tcase_add_test(t, a_child_of_fork_runs_alone);
    tcase_add_test(t, no_architecture_of_blis_aborts);
}
