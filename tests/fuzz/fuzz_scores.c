/*
 * fuzz_scores.c: a table of scores is read, and its clips are written and read again.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {"protocol,sequence,start,truth,",
                                  "clips,",
                                  "8-seed,",
                                  "\"",
                                  "\"\"",
                                  "\r\n",
                                  "\xef\xbb\xbf",
                                  ",1,",
                                  ",nan",
                                  ",1e-300",
                                  "99999999999999999999",
                                  NULL};

/* Reads all clips; with `out` writes them. */
static size_t read_all(zoo_scores *s, FILE *out)
{
    size_t clips = 0;
    const zoo_domain *domain = zoo_scores_domain(s);
    const zoo_scored *clip;
    if (out != NULL)
        zoo_scores_heading(out, domain);
    while (zoo_scores_next(&clip, s, NULL) == GOP_OK && clip != NULL) {
        if (clip->label >= domain->actions)
            fuzz_fault("a class that is not there");
        if (out != NULL)
            zoo_scores_line(out, clip, domain);
        clips++;
    }
    return clips;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    zoo_scores *s, *again;
    gop_error err;
    if (zoo_scores_open(&s, fuzz_write("a.csv", bytes, size), &err) != GOP_OK)
        return 0;
    FILE *out = fopen(fuzz_path("b.csv"), "wb");
    const size_t clips = read_all(s, out);
    zoo_scores_close(s);
    if (out == NULL || fclose(out) != 0)
        return 0;
    if (zoo_scores_open(&again, fuzz_path("b.csv"), &err) != GOP_OK)
        fuzz_fault("scores that were written are not read: %s", err.message);
    if (read_all(again, NULL) != clips)
        fuzz_fault("scores that were written are not all read");
    zoo_scores_close(again);
    return 0;
}
