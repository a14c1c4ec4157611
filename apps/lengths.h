/*
 * lengths.h: reports sequences that are too short for a window, by class.
 */
#ifndef APPS_LENGTHS_H
#define APPS_LENGTHS_H

#include "report.h"
#include "zoo/zoo.h"

#define LENGTHS_SIZE 1024

/* "nod 1 of 4, wave 2 of 2." into list [LENGTHS_SIZE]: the classes whose n is not 0, at most a few;
 * without `of`, only their names. */
void lengths_list(char *list, const zoo_domain *domain, const size_t *n, const size_t *of);
/* An object with n of each class where it is not 0. */
void lengths_json(report_json *json, const char *key, const zoo_domain *domain, const size_t *n);

/* The training sequences of a run, by class. */
typedef struct lengths {
    size_t frames;               /* that a model sees of the shortest sequence it can use */
    size_t *all, *usable, *held; /* [actions] */
    size_t n_all, n_usable, n_held;
} lengths;

/* Counts the sequences for windows of `frames` frames; false without memory.  Free it with
 * lengths_clear. */
bool lengths_count(lengths *l, const zoo_dataset *data, size_t frames, double share, zoo_hold by,
                   uint64_t seed);
void lengths_clear(lengths *l);
/* Prints which training sequences a run does not use, and which classes it never sees or holds
 * out. */
void lengths_print(const lengths *l, const zoo_domain *domain, bool validates);
/* Writes the counts as the member "sequences". */
void lengths_log(report_json *json, const lengths *l, const zoo_domain *domain);

#endif
