/*
 * words.h: fills lists into the command's texts from the zoo's tables.
 */
#ifndef APPS_WORDS_H
#define APPS_WORDS_H

#include <stddef.h>

/* Copies `from` to `text`, of `size` bytes, and replaces words in braces by lists: "{models}"
 * and "{protocols}" by names, "{sources}" by names and descriptions, "{splits}" by the splits of
 * all sources and their descriptions, and a field of zoo_raw by the sources that take it: "csv
 * or h36m". */
void words_expand(char *text, size_t size, const char *from);

#endif
