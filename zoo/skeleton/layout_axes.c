/*
 * layout_axes.c: the names of features, and the axes up and ahead.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/skeleton/layout.h"

/* What is known of each feature; 0 channels: any number. */
static const struct {
    const char *name;
    uint32_t channels;
    bool image;
} features[] = {
    {NULL, 0, false},
    [ZOO_EXPMAP] = {"expmap", 3, false},
    [ZOO_POSITION] = {"position", 3, false},
    [ZOO_SCORED] = {"scored", 3, true},
    [ZOO_IMAGE] = {"image", 2, true},
    [ZOO_QUATERNION] = {"quaternion", 4, false},
    [ZOO_ROTATION6D] = {"rotation6d", 6, false},
    [ZOO_FREE] = {"free", 0, false},
};

/* The feature's row; the first for no such feature. */
static size_t row_of(zoo_feature feature)
{
    return (size_t)feature < sizeof features / sizeof *features ? (size_t)feature : 0;
}

const char *zoo_feature_name(zoo_feature feature)
{
    return features[row_of(feature)].name;
}

uint32_t zoo_feature_channels(zoo_feature feature)
{
    return features[row_of(feature)].channels;
}

bool zoo_feature_in_image(zoo_feature feature)
{
    return features[row_of(feature)].image;
}

zoo_axis zoo_layout_up(const zoo_layout *l)
{
    return l == NULL ? ZOO_AXIS_UNSET : l->up == ZOO_AXIS_UNSET ? ZOO_PLUS_Y : l->up;
}

zoo_axis zoo_layout_ahead(const zoo_layout *l)
{
    if (l == NULL)
        return ZOO_AXIS_UNSET;
    return l->ahead == ZOO_AXIS_UNSET && !zoo_feature_in_image(l->feature) ? ZOO_PLUS_Z : l->ahead;
}
