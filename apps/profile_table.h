/*
 * profile_table.h: summarises the profile of a net by operator, as a table or as JSON.  Shared
 * by bench and train.
 */
#ifndef APPS_PROFILE_TABLE_H
#define APPS_PROFILE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "graphop.h"

/* One kind of operator, or one operator, forward or backward; sums over all runs. */
typedef struct profile_line {
    char op[96];      /* the kind; kinds joined by '+' if one call runs several */
    const char *name; /* of the operator's result; NULL for a kind */
    bool backward;
    size_t operators; /* operators of the net that these calls run */
    gop_profile_work sum;
} profile_line;

typedef struct profile_table {
    profile_line *line; /* the longest first */
    size_t lines;
    uint64_t runs;
    double wall;       /* seconds of all runs */
    double rest;       /* the part of `wall` outside of operators */
    uint64_t madds[2]; /* forward, backward */
} profile_table;

/* Summarises the profile of a net after `runs` complete runs that took `wall` seconds, by kind
 * of operator or, with `each`, by operator.  Running out of memory ends the command. */
profile_table profile_gather(const gop_net *net, uint64_t runs, double wall, bool each);
void profile_free(profile_table *table);

void profile_print(const profile_table *table, FILE *out);
/* Each line is an object with "operator"; the last one has "rest" instead. */
void profile_print_json(const profile_table *table, FILE *out);

/* 2e-9 times the multiply-adds per second. */
double profile_gflops(uint64_t madds, double seconds);

#endif
