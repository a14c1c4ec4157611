/*
 * words.h: lists in the command's texts, from the tables that they are about.
 */
#ifndef APPS_WORDS_H
#define APPS_WORDS_H

#include <stddef.h>

/* A text, up to `size` bytes, with lists in place of words in braces: "{models}" and
 * "{protocols}" by name, "{sources}" with what they are, "{splits}" of all sources with what
 * they do, and by the name of a field of zoo_raw the sources that take it: "csv or h36m". */
void words_expand(char *text, size_t size, const char *from);

#endif
