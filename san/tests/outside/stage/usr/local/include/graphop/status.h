/*
 * status.h: the number type, statuses and errors.
 */
#ifndef GRAPHOP_STATUS_H
#define GRAPHOP_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef GOP_API
#if defined(__GNUC__)
#define GOP_API __attribute__((visibility("default")))
#else
#define GOP_API
#endif
#endif
#if defined(__GNUC__)
#define GOP_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define GOP_PRINTF(f, a)
#endif

/* The number type.  The installed library computes in float; the gradient tests compile the same
 * sources with GOP_REAL_IS_DOUBLE. */
#ifdef GOP_REAL_IS_DOUBLE
typedef double gop_real;
#else
typedef float gop_real;
#endif

typedef enum gop_status {
    GOP_OK = 0,
    GOP_EINVAL,   /* an invalid argument */
    GOP_ESHAPE,   /* shapes do not fit each other */
    GOP_ENOMEM,   /* out of memory, or above the context's memory limit */
    GOP_ESYSTEM,  /* a system call failed (open, write, fsync, ...) */
    GOP_EFORMAT,  /* a file is truncated, damaged or of another format */
    GOP_ENUMERIC, /* a NaN or an infinity where none is allowed */
    GOP_ESTATE,   /* a call out of order, such as running before planning */
    GOP_ESTOPPED  /* the caller's gop_stop has stopped the call */
} gop_status;

#define GOP_MESSAGE_SIZE 512

/* A failed function's status and a sentence that names what was wrong.  All functions accept NULL
 * instead. */
typedef struct gop_error {
    gop_status status;
    char message[GOP_MESSAGE_SIZE];
} gop_error;

/* A constant phrase for a status, such as "out of memory". */
GOP_API const char *gop_status_string(gop_status status);

/* Writes `status` and the formatted sentence to `err` (may be NULL) and returns `status`, so that a
 * function can `return gop_fail(err, ...)`. */
GOP_API gop_status gop_fail(gop_error *err, gop_status status, const char *format, ...)
    GOP_PRINTF(3, 4);

/* Returns from the calling function with the status of `call` if that fails. */
#define gop_try(call)                 \
    do {                              \
        const gop_status s_ = (call); \
        if (s_ != GOP_OK)             \
            return s_;                \
    } while (0)

/* The version of these headers, for the preprocessor: GOP_VERSION_NUMBER rises with each version. */
#define GOP_VERSION_MAJOR  0
#define GOP_VERSION_MINOR  1
#define GOP_VERSION_PATCH  0
#define GOP_VERSION_NUMBER (10000 * GOP_VERSION_MAJOR + 100 * GOP_VERSION_MINOR + GOP_VERSION_PATCH)

/* The library's version, "MAJOR.MINOR.PATCH". */
GOP_API const char *gop_version(void);

#ifdef __cplusplus
}
#endif
#endif
