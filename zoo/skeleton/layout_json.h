/*
 * layout_json.h: shared by the reader and the writer of layout files.
 * Private to zoo/skeleton.
 */
#ifndef ZOO_SKELETON_LAYOUT_JSON_H
#define ZOO_SKELETON_LAYOUT_JSON_H

#include "zoo/skeleton/findings.h"

/* The value of "graphop_layout" in the file. */
#define ZOO_JSON_VERSION 1

/* Names of the axes from ZOO_PLUS_X on; ends with NULL. */
extern const char *const zoo_json_axis[];

/* Reads f->path.  *layout is zero after an error. */
void zoo_json_read(zoo_layout *layout, zoo_findings *f);

#endif
