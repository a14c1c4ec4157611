/*
 * cmu26.c: 26 of the 38 joints of CMU Mocap as exponential maps.
 *
 * A raw frame has 117 columns: the root's position (3), then 38 joints of three.
 * The nodes are the joints that the prediction literature keeps (78 columns);
 * edges come from the 38-joint tree with the other joints contracted, so that
 * both arms hang on Spine1.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {
    "LUpLeg",   "LLeg",      "LFoot",       "LToe",        "RUpLeg",      "RLeg",   "RFoot",
    "RToe",     "LowerBack", "Spine",       "Spine1",      "Neck",        "Neck1",  "Head",
    "LArm",     "LForeArm",  "LHand",       "LFingerBase", "LHandIndex1", "LThumb", "RArm",
    "RForeArm", "RHand",     "RFingerBase", "RHandIndex1", "RThumb"};

static const uint32_t column[] = {
    9,  10, 11, 12, 13, 14, 15, 16,  17,  18,  19,  20, /* left leg */
    27, 28, 29, 30, 31, 32, 33, 34,  35,  36,  37,  38, /* right leg */
    42, 43, 44, 45, 46, 47, 48, 49,  50,                /* back */
    51, 52, 53, 54, 55, 56, 57, 58,  59,                /* neck and head */
    66, 67, 68, 69, 70, 71, 72, 73,  74,  75,  76,  77,  78,  79,  80,  84,  85,  86,
    93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 111, 112, 113};

static const gop_edge edges[] = {
    {0, 1},   {1, 2},   {2, 3},   {4, 5},   {5, 6},   {6, 7},   {0, 8},   {4, 8},   {8, 9},
    {9, 10},  {10, 11}, {11, 12}, {12, 13}, {10, 14}, {14, 15}, {15, 16}, {16, 17}, {17, 18},
    {16, 19}, {10, 20}, {20, 21}, {21, 22}, {22, 23}, {23, 24}, {22, 25}};

static const char *const part_name[] = {"head",      "torso",     "l_upper_arm", "r_upper_arm",
                                        "l_forearm", "r_forearm", "l_thigh",     "r_thigh",
                                        "l_crus",    "r_crus"};

static const uint32_t part[] = {6, 6, 8, 8, 7, 7, 9, 9, 1, 1, 1, 0, 0,
                                0, 2, 2, 4, 4, 4, 4, 3, 3, 5, 5, 5, 5};

static const gop_edge part_edges[] = {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5},
                                      {1, 6}, {1, 7}, {6, 8}, {7, 9}};

static const gop_edge pairs[] = {{0, 4},   {1, 5},   {2, 6},   {3, 7},   {14, 20},
                                 {15, 21}, {16, 22}, {17, 23}, {18, 24}, {19, 25}};

static const float draw[] = {0.1F,  0.9F,   0.13F, 0.5F,   0.15F,  0.1F,   0.24F, 0.02F, -0.1F,
                             0.9F,  -0.13F, 0.5F,  -0.15F, 0.1F,   -0.24F, 0.02F, 0,     1,
                             0,     1.1F,   0,     1.28F,  0,      1.5F,   0,     1.57F, 0,
                             1.68F, 0.17F,  1.42F, 0.3F,   1.18F,  0.42F,  0.95F, 0.47F, 0.85F,
                             0.53F, 0.74F,  0.33F, 0.77F,  -0.17F, 1.42F,  -0.3F, 1.18F, -0.42F,
                             0.95F, -0.47F, 0.85F, -0.53F, 0.74F,  -0.33F, 0.77F};

const zoo_layout zoo_layout_cmu26 = {
    .name = "cmu26",
    .feature = ZOO_EXPMAP,
    .nodes = 26,
    .channels = 3,
    .columns = 117,
    .centre = 9,
    .node_name = node_name,
    .column = column,
    .n_edges = ZOO_COUNT(edges),
    .edges = edges,
    .parts = 10,
    .part_name = part_name,
    .part = part,
    .n_part_edges = ZOO_COUNT(part_edges),
    .part_edges = part_edges,
    .n_pairs = ZOO_COUNT(pairs),
    .pairs = pairs,
    .draw = draw,
    .memory = NULL,
};
