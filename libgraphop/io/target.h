/*
 * target.h: the names of a file to write and of the files beside it.
 */
#ifndef GOP_IO_TARGET_H
#define GOP_IO_TARGET_H

#include "graphop.h"

/* GOP_ESYSTEM, or GOP_ENOMEM if `code` (an errno) is ENOMEM: "cannot WHAT PATH: reason". */
gop_status gop_target_failure(gop_error *err, const char *what, const char *path, int code);
/* Sets *target to a copy of `path` with symbolic links followed; the file need not exist. */
gop_status gop_target_new(char **target, const char *path, gop_error *err);
/* The folder of a target, for open.  NULL if memory runs out. */
char *gop_target_folder(const char *target);
/* A hidden name beside the target: ".NAME" and the suffix, of at most GOP_SUFFIX bytes.  A long
 * NAME is cut and gets a checksum.  NULL if memory runs out. */
enum { GOP_SUFFIX = 40 };
char *gop_target_beside(const char *target, const char *suffix);
/* The stem ".NAME.PID-" of the names of this process's temporary files, with room for the rest;
 * *end is its length.  NULL if memory runs out. */
char *gop_target_stem(const char *target, size_t *end);
/* Writes the rest, "N.tmp", to the end of a stem.  Safe in signal handlers. */
void gop_target_number(char *end, unsigned n);
/* The last component of a path. */
const char *gop_target_base(const char *path);

#endif
