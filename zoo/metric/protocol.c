/*
 * protocol.c: the table of protocols.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/protocol.h"

#include <stdio.h>
#include <string.h>

#include "zoo/metric/rules.h"

#define CSM          25
#define CMU_COLUMNS  117
#define H36M_COLUMNS 99

static const zoo_protocol protocols[] = {
    {"cmu-dmgnn", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, the predicted length in"
     " its bound; mean Euclidean distance of Euler angles in radians over columns that move"
     " in the predicted frames and in the training data",
     true, false},
    {"cmu-csm", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, 25 predicted frames in"
     " its bound; mean Euclidean distance of Euler angles in radians over columns that move"
     " in the whole clip; columns that no node carries repeat the last observed frame",
     true, false},
    {"cmu-3d", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, 25 predicted frames in"
     " its bound, observed frames ending with the 50th; mean distance in millimetres of the"
     " 25 joints that move and lie apart, by forward kinematics without the root's rotation,"
     " a unit being 70 mm",
     true, false},
    {"cmu-3d-38", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action by the legacy generator with seed 1234567890, 25 predicted frames in"
     " its bound, observed frames ending with the 50th; as cmu-3d over all 38 joints, as the"
     " published evaluation takes the mean",
     true, true},
    {"h36m-dmgnn", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action from its test sequences in turn by the legacy generator with seed"
     " 1234567890, starts in [16, n - 150); mean Euclidean distance of Euler angles in"
     " radians over columns that move in the predicted frames and in the training data",
     true, false},
    {"h36m-csm", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action from its test sequences in turn by the legacy generator with seed"
     " 1234567890, starts in [16, n - 150); mean Euclidean distance of Euler angles in"
     " radians over columns that move in the whole clip; columns that no node carries repeat"
     " the last observed frame",
     true, false},
    {"h36m-3d", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action from its test sequences in turn by the legacy generator with seed"
     " 1234567890, starts in [16, n - 150); mean distance in millimetres of the 22 joints"
     " that move and lie apart, by forward kinematics without the root's rotation",
     true, false},
    {"h36m-3d-32", ZOO_PREDICTION, ZOO_EXPMAP,
     "8 clips an action from its test sequences in turn by the legacy generator with seed"
     " 1234567890, starts in [16, n - 150); as h36m-3d over all 32 joints, as the published"
     " evaluation takes the mean",
     true, true},
    {"windows", ZOO_PREDICTION, ZOO_POSITION,
     "windows of the test sequences every 10 frames; mean distance of the joints in"
     " millimetres",
     false, false},
    {"8-seed", ZOO_RECOGNITION, (zoo_feature)0,
     "the observed frames of 8 clips an action by the legacy generator with seed 1234567890,"
     " 25 predicted frames in its bound; ties count against the model",
     false, false},
    {"dense", ZOO_RECOGNITION, (zoo_feature)0,
     "every window of observed frames of the test sequences, every 5 frames, averaged within"
     " an action, then over actions; ties count against the model",
     false, false},
    {"beginning", ZOO_RECOGNITION, (zoo_feature)0,
     "the first observed frames of each test sequence, averaged within an action, then over"
     " actions; ties count against the model",
     false, false},
    {NULL, ZOO_PREDICTION, (zoo_feature)0, NULL, false, false},
};

/* In the order of the protocols: what is counted, columns, stride, least predicted, first
 * start, reserve, aligned, chain. */
static const zoo_rules rules[] = {
    {ZOO_COUNT_FUTURE_ANGLES, 0, 0, 0, 0, 0, false, NULL},               /* cmu-dmgnn */
    {ZOO_COUNT_CLIP_ANGLES, 0, 0, CSM, 0, 0, false, NULL},               /* cmu-csm */
    {ZOO_COUNT_JOINTS, CMU_COLUMNS, 0, CSM, 0, 0, true, "cmu38"},        /* cmu-3d */
    {ZOO_COUNT_ALL_JOINTS, CMU_COLUMNS, 0, CSM, 0, 0, true, "cmu38"},    /* cmu-3d-38 */
    {ZOO_COUNT_FUTURE_ANGLES, H36M_COLUMNS, 0, 0, 16, 150, true, NULL},  /* h36m-dmgnn */
    {ZOO_COUNT_CLIP_ANGLES, H36M_COLUMNS, 0, CSM, 16, 150, true, NULL},  /* h36m-csm */
    {ZOO_COUNT_JOINTS, H36M_COLUMNS, 0, 0, 16, 150, true, "h36m32"},     /* h36m-3d */
    {ZOO_COUNT_ALL_JOINTS, H36M_COLUMNS, 0, 0, 16, 150, true, "h36m32"}, /* h36m-3d-32 */
    {ZOO_COUNT_POSITIONS, 0, 10, 0, 0, 0, false, NULL},                  /* windows */
    {ZOO_COUNT_LABELS, 0, 0, CSM, 0, 0, false, NULL},                    /* 8-seed */
    {ZOO_COUNT_LABELS, 0, 5, 0, 0, 0, false, NULL},                      /* dense */
    {ZOO_COUNT_LABELS, 0, ZOO_FIRST_ONLY, 0, 0, 0, false, NULL},         /* beginning */
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

const zoo_rules *zoo_protocol_rules(const zoo_protocol *protocol)
{
    const zoo_protocol *known = protocol == NULL ? NULL : zoo_protocol_find(protocol->name);
    return known == NULL ? NULL : &rules[known - protocols];
}

bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain)
{
    const zoo_rules *rule = zoo_protocol_rules(protocol);
    if (rule == NULL || domain == NULL)
        return false;
    if (protocol->feature == 0)
        return true;
    if (protocol->feature != domain->layout.feature)
        return false;
    if (protocol->feature == ZOO_EXPMAP && rule->columns == 0)
        return domain->layout.columns != H36M_COLUMNS;
    return rule->columns == 0 || rule->columns == domain->layout.columns;
}

bool zoo_protocol_usual(const zoo_protocol *protocol, const zoo_domain *domain)
{
    if (!zoo_protocol_suits(protocol, domain) || protocol->on_request)
        return false;
    /* Sets of rotations are recordings, in whose beginning there is nothing special. */
    return zoo_protocol_rules(protocol)->stride != ZOO_FIRST_ONLY ||
           domain->layout.feature != ZOO_EXPMAP;
}

void zoo_protocol_describe(char *text, size_t size, const zoo_protocol *protocol, size_t clips)
{
    if (text == NULL || size == 0)
        return;
    text[0] = '\0';
    if (protocol == NULL || protocol->text == NULL)
        return;
    const char *rest = protocol->text;
    if (!protocol->drawn || clips == 0 || clips == ZOO_DRAWN_CLIPS)
        snprintf(text, size, "%s", rest);
    else if (clips == ZOO_EVERY_CLIP)
        snprintf(text, size, "every window of the test sequences%s", strchr(rest, ';'));
    else
        snprintf(text, size, "%zu%s", clips, rest + 1);
}
