/*
 * findings.h: what is wrong with a layout, gathered while the search goes on.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_FINDINGS_H
#define ZOO_SKELETON_FINDINGS_H

#include "zoo/skeleton/layout.h"

typedef struct zoo_findings {
    const char *path;     /* each sentence begins with it, or NULL */
    zoo_layout_tell tell; /* hears all of them, or NULL */
    void *user;
    gop_error *err;    /* holds the first that is wrong, or NULL */
    gop_status status; /* its status, GOP_OK while nothing is */
} zoo_findings;

/* Something that is wrong. */
void zoo_findings_add(zoo_findings *f, gop_status status, const char *format, ...) GOP_PRINTF(3, 4);
/* Something that is only odd. */
void zoo_findings_odd(zoo_findings *f, const char *format, ...) GOP_PRINTF(2, 3);

/* All that zoo_layout_check looks for. */
void zoo_layout_examine(zoo_findings *f, const zoo_layout *layout);
/* Two nodes or two parts with one name. */
void zoo_layout_examine_names(zoo_findings *f, const zoo_layout *layout);
/* What files must keep as well, and what is odd, of a layout with nothing wrong so far. */
void zoo_layout_examine_file(zoo_findings *f, const zoo_layout *layout);

#endif
