/*
 * convert.h: files of older versions in the present form.
 */
#ifndef ZOO_CONVERT_CONVERT_H
#define ZOO_CONVERT_CONVERT_H

#include "graphop.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what the older file `path` holds to `to`, in the present form; *version, which may be
 * NULL, gets the older one.  Models of version 1 can be converted, with their runs: these go on
 * to the same numbers.  Data sets have one version so far.  Nothing is written on failure:
 * GOP_EINVAL where the file has the present form already, GOP_EFORMAT as gop_reader says, or
 * where no such version was written. */
GOP_API gop_status zoo_convert(const char *path, const char *to, uint32_t *version, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
