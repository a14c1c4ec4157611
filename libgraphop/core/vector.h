/*
 * vector.h: how inner loops ask for vector code.
 *
 * GOP_VECTOR in front of a function has the compiler build it for several
 * generations of the CPU and pick one when the program is loaded, so that one
 * portable binary runs wide vectors.  Put it on functions that are one loop
 * over restrict pointers; static helpers that they inline come along.
 */
#ifndef GOP_CORE_VECTOR_H
#define GOP_CORE_VECTOR_H

#include "graphop.h"

#ifdef HAVE_TARGET_CLONES
#  define GOP_VECTOR __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#  define GOP_VECTOR
#endif

#ifdef GOP_REAL_IS_DOUBLE
#  define GOP_FABS fabs
#  define GOP_SQRT sqrt
#  define GOP_EXP exp
#  define GOP_TANH tanh
#  define GOP_LOG log
#else
#  define GOP_FABS fabsf
#  define GOP_SQRT sqrtf
#  define GOP_EXP expf
#  define GOP_TANH tanhf
#  define GOP_LOG logf
#endif

#endif
