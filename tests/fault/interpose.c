/*
 * interpose.c: an object for LD_PRELOAD that makes one allocation or one system call of a process
 * fail, or kills the process before a system call.  For sweep.c, which runs a command once for
 * every number.
 *
 *     GOP_FAULT=alloc:K     the K-th allocation fails; alloc:K+ that one and all later ones
 *     GOP_FAULT=io:K:E      the K-th call of the table below fails by its E-th way, counted in a
 *                           circle; io:K+:E also all later calls of the same kind
 *     GOP_FAULT=kill:K      SIGKILL before the K-th call
 *     GOP_FAULT_COUNT=FILE  at the end, FILE gets the numbers of allocations, of calls that can
 *                           fail, of all calls, and of blocks that were not freed
 *
 * Allocation is replaced by name, on top of glibc's own.  System calls are trapped by a seccomp
 * filter, because stdio and malloc call the kernel without a name that could be replaced.  Error
 * messages (descriptor 2) never fail.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { NOTHING, ALLOCATION, CALL, DEATH };

static int what;
static long at, way;
static bool from_then_on, active, over;
static _Atomic long allocations, blocks, faults, calls;
static _Atomic int failing_kind = -1;

/* --------------------------------------------------------------- system calls */

/* Not an error number: half of the bytes. */
#define SHORT (-1)

/* The kinds of calls and the ways in which each fails; a kind without ways only counts for
 * kill. */
static const struct kind {
    int number, ways[3];
} kinds[] = {
#ifdef SYS_open
    {SYS_open, {EMFILE, ENFILE, EIO}},
#endif
    {SYS_openat, {EMFILE, ENFILE, EIO}},
    {SYS_read, {EIO, SHORT}},
    {SYS_pread64, {EIO, SHORT}},
    {SYS_write, {ENOSPC, EIO, SHORT}},
    {SYS_pwrite64, {ENOSPC, EIO, SHORT}},
    {SYS_writev, {ENOSPC, EIO}},
    {SYS_fsync, {EIO, ENOSPC}},
#ifdef SYS_rename
    {SYS_rename, {ENOSPC, EACCES}},
#endif
#ifdef SYS_renameat
    {SYS_renameat, {ENOSPC, EACCES}},
#endif
    {SYS_renameat2, {ENOSPC, EACCES}},
    {SYS_close, {EIO}},
    {SYS_ftruncate, {EIO, ENOSPC}},
    {SYS_mmap, {ENOMEM}},
    {SYS_getdents64, {EIO}},
    {SYS_lseek, {EIO}},
    {SYS_fstat, {EIO}},
    {SYS_newfstatat, {EIO}},
#ifdef SYS_unlink
    {SYS_unlink, {0}},
#endif
    {SYS_unlinkat, {0}},
    {SYS_fchmod, {0}},
    {SYS_fchown, {0}},
};
#define KINDS (int)(sizeof kinds / sizeof *kinds)

/* The only place whose system calls the filter lets through untested. */
long fault_call(long number, long a, long b, long c, long d, long e, long f);
extern const char fault_called[];
#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
__asm__(".text\n.globl fault_call, fault_called\n.hidden fault_call, fault_called\n"
        ".type fault_call, @function\n"
        "fault_call:\n"
        "mov %rdi, %rax\nmov %rsi, %rdi\nmov %rdx, %rsi\nmov %rcx, %rdx\n"
        "mov %r8, %r10\nmov %r9, %r8\nmov 8(%rsp), %r9\n"
        "syscall\n"
        "fault_called:\n"
        "ret\n");
#define RESULT(c)      (c)->uc_mcontext.gregs[REG_RAX]
#define ARGUMENT(c, i) (c)->uc_mcontext.gregs[argument[i]]
static const int argument[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
#elif defined __aarch64__
#define ARCH           AUDIT_ARCH_AARCH64
__asm__(".text\n.globl fault_call, fault_called\n.hidden fault_call, fault_called\n"
        ".type fault_call, %function\n"
        "fault_call:\n"
        "mov x8, x0\nmov x0, x1\nmov x1, x2\nmov x2, x3\nmov x3, x4\nmov x4, x5\nmov x5, x6\n"
        "svc 0\n"
        "fault_called:\n"
        "ret\n");
#define RESULT(c)      (c)->uc_mcontext.regs[0]
#define ARGUMENT(c, i) (c)->uc_mcontext.regs[i]
#else
#error "interpose.c has no system calls for this machine"
#endif

/* The error that the call shall have, 0 for none. */
static int planned_error(int kind, long descriptor)
{
    const struct kind *k = &kinds[kind];
    const long call = atomic_fetch_add(&calls, 1) + 1;
    if (what == DEATH && call == at)
        fault_call(SYS_kill, fault_call(SYS_getpid, 0, 0, 0, 0, 0, 0), SIGKILL, 0, 0, 0, 0);
    const bool message = (k->number == SYS_write || k->number == SYS_writev) && descriptor == 2;
    if (k->ways[0] == 0 || message)
        return 0;
    const long n = atomic_fetch_add(&faults, 1) + 1;
    if (what != CALL || n < at)
        return 0;
    if (n == at)
        failing_kind = kind;
    else if (!from_then_on || kind != failing_kind)
        return 0;
    int ways = 0;
    while (ways < 3 && k->ways[ways] != 0)
        ways++;
    return k->ways[way % ways];
}

/* Whether gcov begins to write its counts, which it does when the program is over. */
static bool opens_counts(int number, const long a[6])
{
    const char *path = "";
    if (number == SYS_openat)
        path = (const char *)a[1];
#ifdef SYS_open
    if (number == SYS_open)
        path = (const char *)a[0];
#endif
    const size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".gcda") == 0;
}

static void trapped(int sig, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    long a[6];
    int kind = 0;

    (void)sig;
    for (int i = 0; i < 6; i++)
        a[i] = (long)ARGUMENT(c, i);
    while (kind < KINDS && kinds[kind].number != info->si_syscall)
        kind++;
    over |= opens_counts(info->si_syscall, a);
    int error = kind < KINDS && active && !over ? planned_error(kind, a[0]) : 0;
    if (error == SHORT) {
        a[2] = a[2] > 1 ? a[2] / 2 : a[2];
        error = 0;
    }
    /* A close that fails has closed. */
    long result = 0;
    if (error == 0 || info->si_syscall == SYS_close)
        result = fault_call(info->si_syscall, a[0], a[1], a[2], a[3], a[4], a[5]);
    RESULT(c) = error != 0 ? -error : result;
}

static void trap(void)
{
    const uint64_t free_of_it = (uint64_t)(uintptr_t)fault_called;
    struct sock_filter f[8 + KINDS + 2], *p = f;
    const struct sigaction action = {.sa_sigaction = trapped,
                                     .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
#define LOAD(field) \
    (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, yes, no) \
    (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
    *p++ = LOAD(arch);
    *p++ = EQUAL(ARCH, 0, 5 + KINDS);
    *p++ = LOAD(instruction_pointer);
    *p++ = EQUAL((uint32_t)free_of_it, 0, 2);
    *p = LOAD(instruction_pointer);
    (p++)->k += 4;
    *p++ = EQUAL((uint32_t)(free_of_it >> 32), 1 + KINDS, 0);
    *p++ = LOAD(nr);
    for (int i = 0; i < KINDS; i++)
        *p++ = EQUAL((uint32_t)kinds[i].number, (uint8_t)(KINDS - i), 0);
    *p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    *p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    const struct sock_fprog program = {.len = (unsigned short)(p - f), .filter = f};
    if (sigaction(SIGSYS, &action, NULL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        static const char text[] = "interpose.c: this system takes no seccomp filter\n";
        (void)!write(2, text, sizeof text - 1);
        _exit(77);
    }
}

/* ----------------------------------------------------------------- allocation */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

/* The project's flags hide what is not declared otherwise. */
#pragma GCC visibility push(default)
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void *memalign(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **p, size_t alignment, size_t size);
void free(void *p);
#pragma GCC visibility pop

static bool refuse(void)
{
    if (!active || over)
        return false;
    const long n = atomic_fetch_add(&allocations, 1) + 1;
    if (what != ALLOCATION || !(n == at || (from_then_on && n > at)))
        return false;
    errno = ENOMEM;
    return true;
}

static void *count(void *p)
{
    blocks += p != NULL;
    return p;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return refuse() ? NULL : count(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
    if (refuse())
        return NULL;
    void *q = __libc_realloc(p, size);
    if (p == NULL)
        count(q);
    else if (q == NULL && size == 0)
        blocks--;
    return q;
}

void *memalign(size_t alignment, size_t size)
{
    return refuse() ? NULL : count(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
    void *q = memalign(alignment, size);
    if (q == NULL)
        return ENOMEM;
    *p = q;
    return 0;
}

void free(void *p)
{
    blocks -= p != NULL;
    __libc_free(p);
}

/* ------------------------------------------------------------ beginning and end */

__attribute__((constructor)) static void begin(void)
{
    const char *plan = getenv("GOP_FAULT");
    char word[8] = "", sign = 0;
    if (plan == NULL && getenv("GOP_FAULT_COUNT") == NULL)
        return;
    if (plan != NULL) {
        if (sscanf(plan, "%7[a-z]:%ld%c", word, &at, &sign) < 2)
            _exit(99);
        what = strcmp(word, "alloc") == 0 ? ALLOCATION : strcmp(word, "io") == 0 ? CALL : DEATH;
        from_then_on = sign == '+';
        const char *last = strrchr(plan, ':');
        way = what == CALL ? atol(last + 1) : 0;
    }
    trap();
    active = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("GOP_FAULT_COUNT");
    char text[120];
    if (!active || path == NULL)
        return;
    active = false;
    const int n = snprintf(text, sizeof text, "%ld %ld %ld %ld\n", (long)allocations, (long)faults,
                           (long)calls, (long)blocks);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd) != 0)
        _exit(99);
}
