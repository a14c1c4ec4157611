/*
 * loop.c: runs a fuzz target without libFuzzer.
 *
 *     fuzz_NAME [-n RUNS] [-t SECONDS] [-s SEED] FILE...
 *
 * Reads every FILE as it is, then changed files until RUNS or SECONDS are over.  All of it
 * happens in a child; if that dies, the input goes to the file found-NAME and the status is 1.  An
 * input may take ten seconds.  libFuzzer's own main takes the place of this one.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOM    ((size_t)1 << 20)
#define SECONDS 10

typedef struct seed {
    uint8_t *data;
    size_t size;
} seed;

/* Shared with the child. */
static struct current {
    size_t size;
    long runs;
    uint8_t data[ROOM];
} * now;

static seed read_seed(const char *path)
{
    seed s = {malloc(ROOM), 0};
    FILE *f = fopen(path, "rb");
    if (s.data == NULL || f == NULL) {
        fprintf(stderr, "fuzz: cannot read %s\n", path);
        exit(99);
    }
    s.size = fread(s.data, 1, ROOM / 2, f);
    fclose(f);
    return s;
}

static void run(void)
{
    /* A copy of exactly this size, so that a read behind its end is seen. */
    uint8_t *copy = malloc(now->size + !now->size);
    memcpy(copy, now->data, now->size);
    alarm(SECONDS);
    fuzz_begin(now->size);
    LLVMFuzzerTestOneInput(copy, now->size);
    alarm(0);
    free(copy);
    now->runs++;
}

static void load(const seed *s)
{
    now->size = s->size;
    memcpy(now->data, s->data, s->size);
}

static void runs(const seed *s, size_t n, long most, double seconds, unsigned long number)
{
    const time_t begin = time(NULL);
    for (size_t i = 0; i < n; i++) {
        load(&s[i]);
        run();
    }
    for (unsigned i = 0; (long)i < most && difftime(time(NULL), begin) < seconds; i++) {
        const unsigned draw = (unsigned)number * 1000003u + i;
        const seed *other = &s[draw / 7 % n];
        load(&s[draw % n]);
        now->size = fuzz_mutate(now->data, now->size, ROOM, other->data, other->size, draw);
        run();
    }
}

__attribute__((weak)) int main(int argc, char **argv)
{
    long most = 1000000000;
    double seconds = 1e9;
    unsigned long number = 1;
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    if (strncmp(name, "lt-", 3) == 0)
        name += 3;
    for (int o; (o = getopt(argc, argv, "n:t:s:")) != -1;) {
        if (o == 'n')
            most = atol(optarg);
        else if (o == 't')
            seconds = atof(optarg);
        else if (o == 's')
            number = strtoul(optarg, NULL, 10);
        else
            return 99;
    }
    const size_t n = (size_t)(argc - optind);
    seed *s = calloc(n + 1, sizeof *s);
    now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (n == 0 || s == NULL || now == MAP_FAILED)
        return 99;
    for (size_t i = 0; i < n; i++)
        s[i] = read_seed(argv[optind + (int)i]);
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) {
        runs(s, n, most, seconds, number);
        for (size_t i = 0; i < n; i++)
            free(s[i].data);
        free(s);
        exit(0);
    }
    for (size_t i = 0; i < n; i++)
        free(s[i].data);
    free(s);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 99;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        printf("%s: %ld inputs\n", name, now->runs);
        return 0;
    }
    char path[300];
    snprintf(path, sizeof path, "found-%s", name);
    FILE *f = fopen(path, "wb");
    if (f != NULL) {
        fwrite(now->data, 1, now->size, f);
        fclose(f);
    }
    printf("%s: input %ld: %s %d; the input is in %s\n", name, now->runs,
           WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), path);
    return 1;
}
