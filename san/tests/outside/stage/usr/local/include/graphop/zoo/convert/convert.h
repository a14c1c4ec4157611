/*
 * convert.h: conversion of files of older versions to the present form.
 */
#ifndef ZOO_CONVERT_CONVERT_H
#define ZOO_CONVERT_CONVERT_H

#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Converts the file `path` of an older version and writes it to `to` in the present form.  *version
 * (may be NULL) gets the older version.  A model's type is found in `types` as by zoo_model_load.
 * Models are converted together with their runs, which then continue to the same numbers.  A data
 * set is held in memory.  Nothing is written on failure: GOP_EINVAL if the file already has the
 * present form, GOP_EFORMAT as for gop_reader or for an unknown version. */
GOP_API gop_status zoo_convert(const char *path, const char *to, const zoo_model_type *const *types,
                               uint32_t *version, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
