/*
 * vector.h: vector code for inner loops.
 *
 * GOP_VECTOR in front of a function has the compiler build it for several
 * generations of the CPU and pick one when the program is loaded, so that one
 * portable binary runs wide vectors.  Put it on functions that are one loop
 * over restrict pointers; static helpers that they inline come along.
 */
#ifndef GOP_CORE_VECTOR_H
#define GOP_CORE_VECTOR_H

#include "graphop.h"

/* Whole levels, selected by CPU features.  "avx512f" alone has no 256-bit FMA, so GCC would round a
 * loop's tail differently from its body, and "arch=haswell" matches only that one CPU. */
#ifdef HAVE_TARGET_CLONES
#define GOP_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GOP_VECTOR
#endif

/* In front of a GOP_VECTOR function that is a matrix product: the compiler may fuse products and
 * sums.  All elements of the result must take the same path. */
#if defined(__GNUC__) && !defined(__clang__)
#define GOP_FUSED __attribute__((optimize("fp-contract=fast")))
#else
#define GOP_FUSED
#endif

/* In front of a loop whose iterations touch only their own index: the compiler
 * may use vectors although operands may be the same memory (GOP_OP_INPLACE,
 * one value used twice), which rules out restrict. */
#if defined(__clang__)
#define GOP_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define GOP_INDEPENDENT _Pragma("GCC ivdep")
#else
#define GOP_INDEPENDENT
#endif

/* Eight reals and four doubles that the compiler keeps in vectors, for sums along a row: it does not
 * find them in loops over an array.  They have + - * by lane. */
#ifdef __GNUC__
#define GOP_REALS8
typedef gop_real gop_reals8 __attribute__((vector_size(8 * sizeof(gop_real))));
#define GOP_DOUBLES4
typedef double gop_doubles4 __attribute__((vector_size(4 * sizeof(double))));
#define GOP_FOUR(p) ((gop_doubles4){(double)(p)[0], (double)(p)[1], (double)(p)[2], (double)(p)[3]})
#endif

#ifdef GOP_REAL_IS_DOUBLE
#define GOP_FABS fabs
#define GOP_SQRT sqrt
#define GOP_EXP  exp
#define GOP_TANH tanh
#define GOP_LOG  log
#else
#define GOP_FABS fabsf
#define GOP_SQRT sqrtf
#define GOP_EXP  expf
#define GOP_TANH tanhf
#define GOP_LOG  logf
#endif

#endif
