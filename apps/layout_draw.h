/*
 * layout_draw.h: a layout as SVG: nodes, edges, parts.
 */
#ifndef APPS_LAYOUT_DRAW_H
#define APPS_LAYOUT_DRAW_H

#include "zoo/zoo.h"

/* Draws a sound layout to `path`; on failure the file is unchanged.  Nodes are drawn at the
 * positions in the layout or, if it has none, in rings around its centre by their distance from
 * it. */
gop_status layout_draw(const char *path, const zoo_layout *layout, gop_error *err);
/* "+y" for an axis, "" for none. */
const char *layout_axis_name(zoo_axis axis);

#endif
