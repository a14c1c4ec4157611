/*
 * fuzz_options.c: a command line, one argument a line, for the program PROGRAM.  It must end with
 * status 0, 1 or 2.  Slashes become underscores, so that no file outside of the scratch folder is
 * named.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {"prepare\n",      "train\n",    "eval\n",   "predict\n", "info\n",
                                  "fuse\n",         "convert\n",  "layout\n", "synth\n",   "csv\n",
                                  "--help\n",       "--json\n",   "--data\n", "-o\n",      "-d",
                                  "--set\n",        "--steps\n",  "--batch=", "--seed",    "--lr",
                                  "--threads\n1\n", "--preset\n", "--",       "-",         "=",
                                  "--protocol\n",   "a.gop\n",    "b.gds\n",  "%s%n",      "\xff",
                                  "--resume\n",     "--split\n",  "--rate\n", NULL};

enum { MOST = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1), *words[MOST + 2], *end = NULL;
    int n = 0, status = 0;
    if (text == NULL)
        fuzz_fault("out of memory");
    memcpy(text, bytes, size);
    text[size] = '\0';
    for (size_t i = 0; i < size; i++)
        if (text[i] == '/')
            text[i] = '_';
    words[n++] = getenv("PROGRAM");
    for (char *w = strtok_r(text, "\n", &end); w != NULL && n < MOST;
         w = strtok_r(NULL, "\n", &end))
        words[n++] = w;
    words[n] = NULL;
    /* A benchmark takes its time. */
    if (n > 1 && strcmp(words[1], "bench") != 0) {
        const char *folder = fuzz_path("");
        const pid_t pid = fork();
        if (pid == 0) {
            const int null = open("/dev/null", O_RDWR);
            dup2(null, 0), dup2(null, 1);
            if (chdir(folder) != 0)
                _exit(99);
            execv(words[0], words);
            _exit(99);
        }
        if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
            WEXITSTATUS(status) > 2)
            fuzz_fault("the command ends with %d", status);
    }
    free(text);
    return 0;
}
