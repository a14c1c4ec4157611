/*
 * sweep.c: runs a command once for every fault that interpose.c can make in it, and checks how
 * each run ends.
 *
 *     sweep [-s STRIDE] [-r SEED] [-j JOBS] [-t SCRIPT] [-l] [-m] MODE NAME COMMAND [ARGUMENT]...
 *
 * MODE is alloc, alloc+, io, io+ or kill.  The folder `before` has the files from which every run
 * starts; a run works in a copy of it.  INTERPOSE is the object, in the environment.
 *
 * A run that fails must end with status 2 (1 is wrong usage) and a sentence, and leave every file
 * as it was, or new if only standard output, the syncing of a folder or the log fails.  A run that
 * succeeds must print and write what an undisturbed one does.  No run may end by a signal, hang, or
 * leave a file that an undisturbed run does not leave.  After kill, a file is the old or the new
 * one, and only graphop's temporary may be beside it; then SCRIPT, or else the command again, must
 * reach the undisturbed files.  -l: a failing run must free every block (for programs that do so
 * when nothing fails).  -m: the run saves more than once, so that after a failure its files are not
 * compared.
 *
 * With a stride only every STRIDE-th number is tried, from one that depends on the seed.  Files
 * and output in which two undisturbed runs differ are not compared; files that end in .jsonl are
 * logs, to which runs append.  Status 0: all is well; 1: a line for every failure was printed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 256
#define SECONDS    30

typedef struct file {
    char name[256];
    char *bytes; /* NULL: no such file */
    size_t size;
    bool varies;
} file;

typedef struct folder {
    file file[MOST_FILES];
    int n;
} folder;

typedef struct count {
    long runs, same, failed, killed, bad;
} count;

static const char *name, *mode, *script, *interpose;
static char **command;
static bool leaks, many;
static char work[64]; /* the folder of this process; its output is beside it */
static folder before, after;
static file said; /* standard output of an undisturbed run */
static long blocks;
static count counted;

static void die(const char *what, const char *on)
{
    fprintf(stderr, "sweep: %s: cannot %s %s: %s\n", name, what, on, strerror(errno));
    exit(99);
}

static void read_file(file *f, const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        die("read", path);
    f->size = (size_t)st.st_size;
    f->bytes = malloc(f->size + 1);
    if (f->bytes == NULL || read(fd, f->bytes, f->size) != (ssize_t)f->size)
        die("read", path);
    f->bytes[f->size] = '\0';
    close(fd);
}

static void read_folder(folder *d, const char *path)
{
    DIR *dir = opendir(path);
    d->n = 0;
    if (dir == NULL)
        die("read", path);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char full[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (d->n == MOST_FILES)
            die("hold all files of", path);
        file *f = &d->file[d->n++];
        snprintf(f->name, sizeof f->name, "%s", e->d_name);
        snprintf(full, sizeof full, "%s/%s", path, e->d_name);
        f->varies = false;
        read_file(f, full);
    }
    closedir(dir);
}

static void clear_folder(folder *d)
{
    for (int i = 0; i < d->n; i++)
        free(d->file[i].bytes);
    d->n = 0;
}

static file *find(folder *d, const char *which)
{
    for (int i = 0; i < d->n; i++)
        if (strcmp(d->file[i].name, which) == 0)
            return &d->file[i];
    return NULL;
}

static bool equal(const file *a, const file *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool is_log(const char *which)
{
    const size_t n = strlen(which);
    return n > 6 && strcmp(which + n - 6, ".jsonl") == 0;
}

/* .NAME.PID-N.tmp and .NAME.lock, as graphop(1) names them. */
static bool is_temporary(const char *which)
{
    const size_t n = strlen(which);
    return which[0] == '.' && n > 5 &&
           (strcmp(which + n - 4, ".tmp") == 0 || strcmp(which + n - 5, ".lock") == 0);
}

/* Makes the working folder a copy of `before`. */
static void restore(void)
{
    folder now;
    char path[512];
    mkdir(work, 0777);
    read_folder(&now, work);
    for (int i = 0; i < now.n; i++) {
        snprintf(path, sizeof path, "%s/%s", work, now.file[i].name);
        if (!equal(find(&before, now.file[i].name), &now.file[i]) && unlink(path) != 0)
            die("remove", path);
    }
    for (int i = 0; i < before.n; i++) {
        const file *f = &before.file[i];
        if (equal(find(&now, f->name), f))
            continue;
        snprintf(path, sizeof path, "%s/%s", work, f->name);
        const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (fd < 0 || write(fd, f->bytes, f->size) != (ssize_t)f->size || close(fd) != 0)
            die("write", path);
    }
    clear_folder(&now);
}

static void beside(char path[80], const char *ending)
{
    snprintf(path, 80, "%s.%s", work, ending);
}

/* Runs words[] in the working folder and returns its wait status, or -1 if it hangs. */
static int run(char **words, const char *plan)
{
    char out[80], err[80], counts[96], here[4096];
    int status;
    beside(out, "out");
    beside(err, "err");
    if (getcwd(here, sizeof here - sizeof counts) == NULL)
        die("find", "the folder");
    const pid_t pid = fork();
    if (pid < 0)
        die("run", words[0]);
    if (pid == 0) {
        const int o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        const int e = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0666);
        const int i = open("/dev/null", O_RDONLY);
        dup2(i, 0), dup2(o, 1), dup2(e, 2);
        close(i), close(o), close(e);
        if (plan != NULL) {
            char path[5000];
            snprintf(path, sizeof path, "%s/%s.count", here, work);
            unlink(path);
            setenv("GOP_FAULT_COUNT", path, 1);
            if (*plan != '\0')
                setenv("GOP_FAULT", plan, 1);
            setenv("LD_PRELOAD", interpose, 1);
        }
        if (chdir(work) != 0)
            _exit(99);
        execv(words[0], words);
        _exit(99);
    }
    for (int ms = 0; ms < SECONDS * 1000; ms++) {
        const pid_t done = waitpid(pid, &status, WNOHANG);
        if (done == pid)
            return status;
        const struct timespec pause = {0, 1000000};
        nanosleep(&pause, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

static void tell(const char *plan, const char *format, ...)
{
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    counted.bad++;
    char line[800];
    const int n = snprintf(line, sizeof line, "FAIL: %s: %s: %s\n", name, plan, text);
    (void)!write(1, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
}

static bool read_counts(long v[4])
{
    char path[80];
    beside(path, "count");
    FILE *f = fopen(path, "r");
    const bool read = f && fscanf(f, "%ld %ld %ld %ld", &v[0], &v[1], &v[2], &v[3]) == 4;
    if (f)
        fclose(f);
    return read;
}

/* The last line of stderr, without its newline. */
static void last_words(char *text, size_t size)
{
    char path[80];
    file f = {0};
    beside(path, "err");
    read_file(&f, path);
    while (f.size > 0 && f.bytes[f.size - 1] == '\n')
        f.bytes[--f.size] = '\0';
    const char *line = strrchr(f.bytes, '\n');
    snprintf(text, size, "%s", line ? line + 1 : f.bytes);
    free(f.bytes);
}

/* The files after a run that may have replaced them (new) or not. */
static void check_files(const char *plan, bool may_old, bool may_new, const char *words)
{
    folder now;
    read_folder(&now, work);
    for (int i = 0; i < now.n; i++) {
        const char *which = now.file[i].name;
        const file *old = find(&before, which), *new = find(&after, which);
        const bool killed = strncmp(plan, "kill", 4) == 0;
        if (many && may_old && !is_temporary(which))
            continue;
        if (is_log(which) || (new &&new->varies &&may_new))
            continue;
        if (may_old && old && equal(old, &now.file[i]))
            continue;
        if (may_new && new &&equal(new, &now.file[i]))
            continue;
        if (killed && is_temporary(which))
            continue;
        tell(plan, "%s is %s; %s", which,
             !old && !new               ? "left behind"
             : equal(new, &now.file[i]) ? "the new file"
             : equal(old, &now.file[i]) ? "the old file"
                                        : "neither the old nor the new file",
             words);
    }
    for (int i = 0; i < before.n; i++)
        if (may_old && !find(&now, before.file[i].name))
            tell(plan, "%s is gone; %s", before.file[i].name, words);
    for (int i = 0; i < after.n; i++)
        if (!may_old && !find(&now, after.file[i].name))
            tell(plan, "%s was not written; %s", after.file[i].name, words);
    clear_folder(&now);
}

static void check_killed(const char *plan)
{
    check_files(plan, true, true, "killed");
    char *words[] = {"/bin/sh", "-eu", "-c", (char *)script, NULL};
    if (run(script != NULL ? words : command, NULL) != 0) {
        char text[300];
        last_words(text, sizeof text);
        tell(plan, "going on after the kill fails: %s", text);
        return;
    }
    folder now;
    read_folder(&now, work);
    for (int i = 0; i < after.n; i++) {
        file *f = &after.file[i];
        if (!f->varies && !is_log(f->name) && !equal(f, find(&now, f->name)))
            tell(plan, "%s is not what an undisturbed run writes, after going on", f->name);
    }
    clear_folder(&now);
}

static void check(const char *plan)
{
    char words[300], out[80];
    long v[4];
    restore();
    const int status = run(command, plan);
    last_words(words, sizeof words);
    counted.runs++;
    if (status == -1) {
        tell(plan, "it hangs; %s", words);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
               strncmp(plan, "kill", 4) == 0) {
        counted.killed++;
        check_killed(plan);
    } else if (WIFSIGNALED(status)) {
        tell(plan, "it ends by signal %d; %s", WTERMSIG(status), words);
    } else if (WEXITSTATUS(status) == 0) {
        file now = {0};
        counted.same++;
        check_files(plan, false, true, "status 0");
        beside(out, "out");
        read_file(&now, out);
        if (!said.varies && !equal(&now, &said))
            tell(plan, "status 0, but it prints something else");
        free(now.bytes);
    } else if (WEXITSTATUS(status) != 2) {
        tell(plan, "status %d; %s", WEXITSTATUS(status), words);
    } else {
        const size_t n = strlen(words);
        counted.failed++;
        if (strncmp(words, "graphop", 7) != 0 || strchr(words, ':') == NULL ||
            strchr(".?!", words[n ? n - 1 : 0]) == NULL)
            tell(plan, "status %d without a sentence: '%s'", WEXITSTATUS(status), words);
        /* Outputs stay if only what follows them fails: see EXIT STATUS in graphop(1). */
        const bool late = strstr(words, "standard output") ||
                          strstr(words, "folder cannot be synced") || strstr(words, ".jsonl");
        check_files(plan, true, late, words);
    }
    if (leaks && status >= 0 && WIFEXITED(status) && (!read_counts(v) || v[3] > blocks))
        tell(plan, "%ld blocks are not freed; %s", v[3] - blocks, words);
}

static void undisturbed(long v[4])
{
    char out[80];
    file again = {0};
    folder second;
    for (int i = 0; i < 2; i++) {
        restore();
        const int status = run(command, "");
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !read_counts(v)) {
            char words[300];
            last_words(words, sizeof words);
            fprintf(stderr, "sweep: %s: the undisturbed run fails (%d): %s\n", name, status, words);
            exit(WIFEXITED(status) && WEXITSTATUS(status) == 77 ? 77 : 99);
        }
        beside(out, "out");
        read_file(i == 0 ? &said : &again, out);
        read_folder(i == 0 ? &after : &second, work);
    }
    blocks = v[3];
    said.varies = !equal(&said, &again);
    for (int i = 0; i < after.n; i++)
        after.file[i].varies = !equal(&after.file[i], find(&second, after.file[i].name));
    clear_folder(&second);
    free(again.bytes);
}

/* A draw for the number at which a stride begins. */
static unsigned long draw(unsigned long seed)
{
    for (const char *p = name; *p; p++)
        seed = (seed ^ (unsigned char)*p) * 1099511628211ul;
    return seed >> 16;
}

int main(int argc, char **argv)
{
    long stride = 1, jobs = 1, v[4];
    unsigned long seed = 1;
    for (int o; (o = getopt(argc, argv, "+s:r:j:t:lm")) != -1;) {
        if (o == 's')
            stride = atol(optarg);
        else if (o == 'r')
            seed = strtoul(optarg, NULL, 10);
        else if (o == 'j')
            jobs = atol(optarg);
        else if (o == 't')
            script = optarg;
        else if (o == 'l')
            leaks = true;
        else if (o == 'm')
            many = true;
        else
            return 99;
    }
    interpose = getenv("INTERPOSE");
    if (argc - optind < 3 || stride < 1 || jobs < 1 || interpose == NULL)
        return 99;
    mode = argv[optind];
    name = argv[optind + 1];
    command = argv + optind + 2;
    snprintf(work, sizeof work, "work.0");
    read_folder(&before, "before");
    undisturbed(v);

    const bool io = strncmp(mode, "io", 2) == 0;
    const long most = strcmp(mode, "kill") == 0 ? v[2] : io ? v[1] : v[0];
    if (most == 0) {
        fprintf(stderr, "sweep: %s: nothing is counted that could fail\n", name);
        return 99;
    }
    const long ways = io && stride == 1 ? 3 : 1;
    const long within = stride < most ? stride : most;
    const long first = 1 + (long)(draw(seed) % (unsigned long)within);
    int pipes[2];
    if (pipe(pipes) != 0)
        die("make", "a pipe");
    for (long j = 0; j < jobs; j++) {
        const pid_t pid = fork();
        if (pid < 0)
            die("start", "a job");
        if (pid > 0)
            continue;
        snprintf(work, sizeof work, "work.%ld", j);
        long i = 0;
        for (long k = first; k <= most; k += stride) {
            for (long w = 0; w < ways; w++, i++) {
                char plan[64];
                if (i % jobs != j)
                    continue;
                if (io)
                    snprintf(plan, sizeof plan, "io:%ld%s:%ld", k, mode + 2,
                             ways > 1 ? w : (k / stride) % 3);
                else if (strncmp(mode, "alloc", 5) == 0)
                    snprintf(plan, sizeof plan, "alloc:%ld%s", k, mode + 5);
                else
                    snprintf(plan, sizeof plan, "kill:%ld", k);
                check(plan);
            }
        }
        _exit(write(pipes[1], &counted, sizeof counted) == sizeof counted ? 0 : 99);
    }
    close(pipes[1]);
    count all = {0};
    for (long j = 0; j < jobs; j++) {
        count one;
        if (read(pipes[0], &one, sizeof one) != sizeof one) {
            fprintf(stderr, "sweep: %s: a job fell over\n", name);
            return 99;
        }
        all.runs += one.runs, all.same += one.same, all.failed += one.failed;
        all.killed += one.killed, all.bad += one.bad;
    }
    while (wait(NULL) > 0)
        continue;
    printf(
        "%-6s %-16s %5ld of %ld places: %ld runs, %ld failed cleanly, %ld succeeded, %ld killed, "
        "%ld wrong\n",
        mode, name, (most - first) / stride + 1, most, all.runs, all.failed, all.same, all.killed,
        all.bad);
    return all.bad != 0;
}
