/*
 * analyse.h: included before every file that build-aux/analyse reads.  An analyser reads one
 * file at a time; this is what it cannot see in the others.
 */
#include "graphop/status.h"

/* gop_fail returns its status. */
#define gop_fail(err, status, ...) (gop_fail((err), (status), __VA_ARGS__), (status))
