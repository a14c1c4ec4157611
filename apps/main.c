/*
 * main.c: finds the verb of the command line and runs it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "verbs.h"
#include "waiting.h"

static const app_verb *const verbs[] = {
    &app_verb_prepare, &app_verb_train,  &app_verb_eval,  &app_verb_predict,
    &app_verb_stream,  &app_verb_info,   &app_verb_fuse,  &app_verb_import,
    &app_verb_convert, &app_verb_layout, &app_verb_bench, NULL,
};

static const app_usage top = {.verb = ""};

static void print_help(void)
{
    puts("Usage: graphop VERB [OPTION]... [FILE]...\n"
         "Trains graph networks on motion data, measures them and applies them.\n"
         "\n"
         "Verbs:");
    for (size_t i = 0; verbs[i]; i++)
        printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    puts("\n"
         "Options:\n"
         "  -h, --help       Print this text, or after a verb that verb's help, and exit.\n"
         "  -V, --version    Print the version and exit.\n"
         "\n"
         "Exit status: 0 success, 1 wrong usage, 2 bad data or a failure.");
}

static int print_version(void)
{
    gop_ctx *ctx;
    gop_error err = {GOP_OK, ""};

    printf("graphop %s\n", gop_version());
    if (gop_ctx_new(&ctx, 0, gop_memory_available(), &err))
        return app_fail_error(&top, APP_DATA, &err);
    printf("kernel %s, %d thread%s\n", gop_ctx_kernel(ctx), gop_ctx_threads(ctx),
           gop_ctx_threads(ctx) == 1 ? "" : "s");
    gop_ctx_free(ctx);
    return APP_OK;
}

static int fail_unknown_verb(const char *typed)
{
    const char *names[sizeof verbs / sizeof *verbs];
    size_t n = 0;

    for (; verbs[n]; n++)
        names[n] = verbs[n]->name;
    names[n] = NULL;
    return app_fail_unknown(&top, "verb", typed, names);
}

static int run(int argc, char **argv)
{
    static const char *const options[] = {"--help", "--version", NULL};

    if (argc < 2)
        return app_fail(&top, APP_USE, "a verb is missing; 'graphop --help' lists the verbs");
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_help();
        return APP_OK;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        return print_version();
    if (word[0] == '-')
        return app_fail_unknown(&top, "option", word, options);
    for (size_t i = 0; verbs[i]; i++) {
        if (strcmp(verbs[i]->name, word) == 0)
            return verbs[i]->run(argc - 1, argv + 1);
    }
    return fail_unknown_verb(word);
}

/* Opens /dev/null for every standard stream that the caller closed.  Otherwise the next file
 * that is opened would get its descriptor, and then the printed text.  Writing to the stream
 * still fails, since /dev/null is opened for reading. */
static void hold_streams(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)!open("/dev/null", O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    hold_streams();
    app_wait_politely(argv);
    app_signals_start();
    int status = run(argc, argv);

    /* A full disk is detected here at the latest. */
    bool failed = fflush(stdout) || ferror(stdout);
    if (fclose(stdout))
        failed = true;
    if (failed && status == APP_OK)
        return app_fail(&top, APP_DATA, "cannot write to standard output%s",
                        app_has_outputs() ? "; the output files were written" : "");
    return status;
}
