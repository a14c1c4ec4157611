/*
 * chains.c: the skeletons from which published evaluations compute positions.  Constant data only.
 *
 * The numbers are facts:
 *
 * cmu38 bones of CMU Mocap's subject 02 (direction times length of its .asf file), as in the
 * published evaluations: the bones of the thorax (2.068) and the wrists (1.678, 1.682) have length
 * 0, and a unit is 70 mm.  In the recording a unit is 1 / 0.45 inch, 56.44 mm.
 * h36m32 bones of Human3.6M in mm, as in the published evaluations.
 *
 * Both from the evaluations of Martinez et al., CVPR 2017 (h36m32) and Mao et al., ICCV 2019.
 * Joints that never move against the root or coincide with another joint are not counted.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/skeleton/chain.h"

static const uint32_t cmu_parent[38] = {
    0,  0,  1,  2,  3,  4,  5,           /* left leg: LHipJoint to the toes' end */
    0,  7,  8,  9,  10, 11,              /* right leg */
    0,  13, 14, 15, 16, 17, 18,          /* LowerBack, Spine, Spine1, Neck, Neck1, Head, end */
    15, 20, 21, 22, 23, 24, 25, 23, 27,  /* left arm, its thumb last */
    15, 29, 30, 31, 32, 33, 34, 32, 36}; /* right arm */

static const double cmu_offset[38 * 3] = {
    0,        0,        0,                                      /* Hips */
    0,        0,        0,                                      /* LHipJoint */
    1.65674,  -1.80282, 0.62477,  2.59720,  -7.13576, 0,        /* LUpLeg, LLeg */
    2.49236,  -6.84770, 0,        0.19704,  -0.54136, 2.14581,  /* LFoot, LToeBase */
    0,        0,        1.11249,                                /* end */
    0,        0,        0,                                      /* RHipJoint */
    -1.61070, -1.80282, 0.62476,  -2.59502, -7.12977, 0,        /* RUpLeg, RLeg */
    -2.46780, -6.78024, 0,        -0.23024, -0.63258, 2.13368,  /* RFoot, RToeBase */
    0,        0,        1.11569,                                /* end */
    0,        0,        0,                                      /* LowerBack */
    0.01961,  2.05450,  -0.14112, 0.01021,  2.06436,  -0.05921, /* Spine, Spine1 */
    0,        0,        0,        0.00713,  1.56711,  0.14968,  /* Neck, Neck1 */
    0.03429,  1.56041,  -0.10006, 0.01305,  1.62560,  -0.05265, /* Head, end */
    0,        0,        0,        3.54205,  0.90436,  -0.17364, /* LShoulder, LArm */
    4.86513,  0,        0,        3.35554,  0,        0,        /* LForeArm, LHand */
    0,        0,        0,        0.66117,  0,        0,        /* LFingerBase, LHandIndex1 */
    0.53306,  0,        0,                                      /* end */
    0,        0,        0,        0.54120,  0,        0.54120,  /* LThumb, end */
    0,        0,        0,        -3.49802, 0.75994,  -0.32616, /* RShoulder, RArm */
    -5.02649, 0,        0,        -3.36431, 0,        0,        /* RForeArm, RHand */
    0,        0,        0,        -0.73041, 0,        0,        /* RFingerBase, RHandIndex1 */
    -0.58887, 0,        0,                                      /* end */
    0,        0,        0,        -0.59786, 0,        0.59786}; /* RThumb, end */

static const uint8_t cmu_counted[38] = {0, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1,
                                        1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1};

static const uint32_t cmu_twin[38] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                      13, 14, 15, 15, 17, 18, 19, 15, 21, 22, 23, 23, 25,
                                      26, 23, 28, 15, 30, 31, 32, 32, 34, 35, 32, 37};

static const uint32_t h36m_parent[32] = {
    0,  0,  1,  2,  3,  4,           /* right leg, ToeBase, end */
    0,  6,  7,  8,  9,               /* left leg */
    0,  11, 12, 13, 14,              /* Spine, Spine1, Neck, Head, end */
    12, 16, 17, 18, 19, 20, 19, 22,  /* left arm, LThumb, end, LWristEnd, end */
    12, 24, 25, 26, 27, 28, 27, 30}; /* right arm */

static const double h36m_offset[32 * 3] = {
    0,           0,           0,                                     /* Hips */
    -132.948591, 0,           0,         0, -442.894612, 0,          /* RUpLeg, RLeg */
    0,           -454.206447, 0,         0, 0,           162.767078, /* RFoot, RToeBase */
    0,           0,           74.999437,                             /* end */
    132.948826,  0,           0,         0, -442.894413, 0,          /* LUpLeg, LLeg */
    0,           -454.206590, 0,         0, 0,           162.767426, /* LFoot, LToeBase */
    0,           0,           74.999948,                             /* end */
    0,           0.1,         0,         0, 233.383263,  0,          /* Spine, Spine1 */
    0,           257.077681,  0,         0, 121.134938,  0,          /* Neck, Head */
    0,           115.002227,  0,                                     /* end */
    0,           257.077681,  0,         0, 151.034226,  0,          /* LShoulder, LArm */
    0,           278.882773,  0,         0, 251.733451,  0,          /* LForeArm, LHand */
    0,           0,           0,         0, 0,           99.999627,  /* LThumb, end */
    0,           100.000188,  0,         0, 0,           0,          /* LWristEnd, end */
    0,           257.077681,  0,         0, 151.031437,  0,          /* RShoulder, RArm */
    0,           278.892924,  0,         0, 251.728680,  0,          /* RForeArm, RHand */
    0,           0,           0,         0, 0,           99.999888,  /* RThumb, end */
    0,           137.499922,  0,         0, 0,           0};         /* RWristEnd, end */

static const uint8_t h36m_counted[32] = {0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1,
                                         0, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 0};

static const uint32_t h36m_twin[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                       11, 12, 13, 14, 15, 13, 17, 18, 19, 19, 21,
                                       22, 22, 13, 25, 26, 27, 27, 29, 30, 30};

static const zoo_chain chains[] = {
    {"cmu38", 38, 117, 70.0, cmu_parent, cmu_offset, cmu_counted, cmu_twin, "cmu25"},
    {"h36m32", 32, 99, 1.0, h36m_parent, h36m_offset, h36m_counted, h36m_twin, "h36m22"},
};

const zoo_chain *zoo_chain_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof chains / sizeof chains[0]; i++)
        if (strcmp(chains[i].name, name) == 0)
            return &chains[i];
    return NULL;
}
