/*
 * layout_axes.c: the names of features, and the axes up and ahead.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/skeleton/layout.h"

const char *zoo_feature_name(zoo_feature feature)
{
    static const char *const names[] = {
        [ZOO_EXPMAP] = "expmap", [ZOO_POSITION] = "position", [ZOO_SCORED] = "scored"};
    size_t n = sizeof names / sizeof *names;
    return (size_t)feature < n ? names[feature] : NULL;
}

zoo_axis zoo_layout_up(const zoo_layout *l)
{
    return l == NULL ? ZOO_AXIS_UNSET : l->up == ZOO_AXIS_UNSET ? ZOO_PLUS_Y : l->up;
}

zoo_axis zoo_layout_ahead(const zoo_layout *l)
{
    if (l == NULL)
        return ZOO_AXIS_UNSET;
    return l->ahead == ZOO_AXIS_UNSET && l->feature != ZOO_SCORED ? ZOO_PLUS_Z : l->ahead;
}
