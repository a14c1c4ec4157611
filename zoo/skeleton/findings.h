/*
 * findings.h: collects the faults of a layout; checking continues after each.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_FINDINGS_H
#define ZOO_SKELETON_FINDINGS_H

#include "zoo/skeleton/layout.h"

typedef struct zoo_findings {
    const char *path;        /* prefix of each message, or NULL */
    zoo_layout_finding tell; /* gets all findings, or NULL */
    void *user;
    gop_error *err;    /* gets the first error, or NULL */
    gop_status status; /* of the first error; GOP_OK without one */
} zoo_findings;

/* Adds an error. */
void zoo_findings_add(zoo_findings *f, gop_status status, const char *format, ...) GOP_PRINTF(3, 4);
/* Adds a warning about an oddity. */
void zoo_findings_odd(zoo_findings *f, const char *format, ...) GOP_PRINTF(2, 3);

/* Everything that zoo_layout_check checks. */
void zoo_layout_examine(zoo_findings *f, const zoo_layout *layout);
/* Finds two nodes or two parts with the same name. */
void zoo_layout_examine_names(zoo_findings *f, const zoo_layout *layout);
/* The further rules for files, and oddities, in a layout without errors so far. */
void zoo_layout_examine_file(zoo_findings *f, const zoo_layout *layout);

#endif
