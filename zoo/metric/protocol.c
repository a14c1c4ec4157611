/*
 * protocol.c: the table of protocols.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/metric/protocol.h"

#include <string.h>

static const zoo_protocol protocols[] = {
    {"cmu-dmgnn", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, the predicted length in its"
     " bound; mean Euclidean distance of Euler angles in radians over columns that move in the"
     " predicted frames and in the training data"},
    {"cmu-csm", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, 25 predicted frames in its"
     " bound; mean Euclidean distance of Euler angles in radians over columns that move in the"
     " whole clip; columns that no node carries repeat the last observed frame"},
    {"windows", ZOO_PREDICTION, ZOO_POSITION,
     "windows of the test sequences every 10 frames; mean distance of the joints in millimetres"},
    {"8-seed", ZOO_RECOGNITION, (zoo_feature)0,
     "the observed frames of 8 clips an action by the legacy generator with seed 1234567890, 25"
     " predicted frames in its bound; ties count against the model"},
    {"dense", ZOO_RECOGNITION, (zoo_feature)0,
     "every window of observed frames of the test sequences, every 5 frames, averaged within an"
     " action, then over actions; ties count against the model"},
    {NULL, ZOO_PREDICTION, (zoo_feature)0, NULL},
};

const zoo_protocol *zoo_protocol_list(void)
{
    return protocols;
}

const zoo_protocol *zoo_protocol_find(const char *name)
{
    for (const zoo_protocol *p = protocols; name != NULL && p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain)
{
    if (protocol == NULL || domain == NULL)
        return false;
    return protocol->feature == 0 || protocol->feature == domain->layout.feature;
}
