/*
 * golden.h: reads the text files of tests/golden (README there) and compares with them.  Every
 * function fails the running test, naming file, line or tensor; none returns an error.  For Check
 * programs.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "graphop.h"

typedef struct golden_tensor {
    char kind[8], name[96];
    gop_shape shape;
    size_t size;
    double *v; /* [size] */
} golden_tensor;

typedef struct golden_attr {
    char name[48], value[192];
} golden_attr;

typedef struct golden {
    char name[64];
    golden_tensor *tensor;
    size_t n_tensors;
    golden_attr *attr;
    size_t n_attrs;
} golden;

/* The case `name`, from NAME.txt in $top_srcdir/tests/golden ("." when unset). */
golden *golden_open(const char *name);
void golden_close(golden *g);

const char *golden_text(const golden *g, const char *attr);
double golden_number(const golden *g, const char *attr);
/* Of an attribute that not every case has. */
const char *golden_text_or(const golden *g, const char *attr, const char *otherwise);
double golden_number_or(const golden *g, const char *attr, double otherwise);
/* A tensor, or NULL. */
const golden_tensor *golden_find(const golden *g, const char *kind, const char *name);
/* A tensor; fails without it. */
const golden_tensor *golden_get(const golden *g, const char *kind, const char *name);
/* The tensor's values as gop_real; the caller frees them. */
gop_real *golden_reals(const golden_tensor *t);
/* Copies the tensor's values to `to`, which must have the same shape. */
void golden_copy(gop_real *to, gop_shape shape, const golden *g, const char *kind,
                 const char *name);

/* The number of tensors of a kind. */
size_t golden_count(const golden *g, const char *kind);

/* max |got - want| / max |want|, relative to the tensor; max |got| if the tensor is zero by algebra
 * (a bias that a softmax cancels). */
double golden_error(const gop_real *got, const double *want, size_t n);
/* The error against a tensor; fails when `got` is NULL or of another shape. */
double golden_compare(const golden *g, const char *kind, const char *name, const gop_real *got,
                      gop_shape shape);

/* u(name, 0 .. n-1) of README, in [-1, 1). */
void golden_uniform(double *u, const char *name, size_t n);

#endif
