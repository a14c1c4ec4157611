/*
 * profile_table.h: where the time of a net's runs went, gathered from its profile and
 * shown as a table or as JSON.  Shared by bench and train.
 */
#ifndef APPS_PROFILE_TABLE_H
#define APPS_PROFILE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "graphop.h"

/* One kind of operator, or one operator, forward or backward; sums over all runs. */
typedef struct profile_line {
    char op[96];      /* the kind; several with '+' between where one call runs them */
    const char *name; /* of the operator's result; NULL for a kind */
    bool backward;
    size_t operators; /* of the net, that its calls ran */
    gop_profile_work sum;
} profile_line;

typedef struct profile_table {
    profile_line *line; /* the longest first */
    size_t lines;
    uint64_t runs;
    double wall;       /* seconds of all runs */
    double rest;       /* of that, outside of operators */
    uint64_t madds[2]; /* forward, backward */
} profile_table;

/* What the profile of a net holds after `runs` runs of the net, with all that
 * belongs to them, took `wall` seconds.  By kinds of operators, or each by
 * itself.  Running out of memory ends the command. */
profile_table profile_gather(const gop_net *net, uint64_t runs, double wall, bool each);
void profile_free(profile_table *table);

void profile_print(const profile_table *table, FILE *out);
/* A line is an object with "operator", the last one has "rest" for it. */
void profile_print_json(const profile_table *table, FILE *out);

/* 1e-9 times twice the multiply-adds, a second. */
double profile_gflops(uint64_t madds, double seconds);

#endif
