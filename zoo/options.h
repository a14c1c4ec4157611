/*
 * options.h: text to a model's configuration and back; inside the zoo only.
 * zoo_model_set and zoo_model_get are declared in model.h.
 */
#ifndef ZOO_OPTIONS_H
#define ZOO_OPTIONS_H

#include "zoo/model.h"

/* How far apart two words are (Levenshtein), for suggestions; words longer than
 * 63 bytes are far from everything. */
size_t zoo_word_distance(const char *a, const char *b);

#endif
