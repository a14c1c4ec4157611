/*
 * layout_json.h: what the reader and the writer of layout files share.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_LAYOUT_JSON_H
#define ZOO_SKELETON_LAYOUT_JSON_H

#include "zoo/skeleton/findings.h"

/* "graphop_layout" in the file. */
#define ZOO_JSON_VERSION 1

/* Axes by their number less one; ends with NULL. */
extern const char *const zoo_json_axis[];

/* Reads f->path.  *layout is zero where something was found to be wrong. */
void zoo_json_read(zoo_layout *layout, zoo_findings *f);

#endif
