/*
 * h36m20.c: 20 of the 32 joints of Human3.6M as exponential maps.
 *
 * A raw frame has 99 columns: the root's shift (3), then 32 joints of three.  The nodes are
 * the joints that the prediction literature keeps (60 columns, without the root); edges
 * come from the 32-joint tree with the other joints contracted, so that both legs hang on
 * the spine and both arms on Spine1.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {"RUpLeg", "RLeg",      "RFoot",     "RToeBase", "LUpLeg",
                                        "LLeg",   "LFoot",     "LToeBase",  "Spine",    "Spine1",
                                        "Neck",   "Head",      "LShoulder", "LArm",     "LForeArm",
                                        "LHand",  "RShoulder", "RArm",      "RForeArm", "RHand"};

static const uint32_t column[] = {6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 21, 22, 23,
                                  24, 25, 26, 27, 28, 29, 30, 31, 32, 36, 37, 38, 39, 40, 41,
                                  42, 43, 44, 45, 46, 47, 51, 52, 53, 54, 55, 56, 57, 58, 59,
                                  60, 61, 62, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86};

static const gop_edge edges[] = {{0, 1},   {1, 2},  {2, 3},   {4, 5},   {5, 6},  {6, 7},   {0, 8},
                                 {4, 8},   {8, 9},  {9, 10},  {10, 11}, {9, 12}, {12, 13}, {13, 14},
                                 {14, 15}, {9, 16}, {16, 17}, {17, 18}, {18, 19}};

static const char *const part_name[] = {"head",      "torso",     "l_upper_arm", "r_upper_arm",
                                        "l_forearm", "r_forearm", "l_thigh",     "r_thigh",
                                        "l_crus",    "r_crus"};

static const uint32_t part[] = {7, 7, 9, 9, 6, 6, 8, 8, 1, 1, 0, 0, 2, 2, 4, 4, 3, 3, 5, 5};

static const gop_edge part_edges[] = {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5},
                                      {1, 6}, {1, 7}, {6, 8}, {7, 9}};

static const gop_edge pairs[] = {{4, 0},   {5, 1},   {6, 2},   {7, 3},
                                 {12, 16}, {13, 17}, {14, 18}, {15, 19}};

static const float draw[] = {-0.1F,  0.9F,  -0.13F, 0.5F,  -0.15F, 0.1F,  -0.24F, 0.02F,
                             0.1F,   0.9F,  0.13F,  0.5F,  0.15F,  0.1F,  0.24F,  0.02F,
                             0,      1.1F,  0,      1.28F, 0,      1.5F,  0,      1.68F,
                             0.08F,  1.43F, 0.19F,  1.4F,  0.3F,   1.18F, 0.42F,  0.95F,
                             -0.08F, 1.43F, -0.19F, 1.4F,  -0.3F,  1.18F, -0.42F, 0.95F};

const zoo_layout zoo_layout_h36m20 = {
    .name = "h36m20",
    .feature = ZOO_EXPMAP,
    .nodes = 20,
    .channels = 3,
    .columns = 99,
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
