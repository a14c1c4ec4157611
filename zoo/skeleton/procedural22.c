/*
 * procedural22.c: 22 joints of the procedural motion set, positions in metres.
 *
 * x points to the subject's left, y up, z ahead; columns are x, y, z of node 0,
 * then of node 1, and so on.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {
    "hips",    "spine",  "chest",      "neck",    "head",    "head_top", "l_shoulder", "l_elbow",
    "l_wrist", "l_hand", "r_shoulder", "r_elbow", "r_wrist", "r_hand",   "l_hip",      "l_knee",
    "l_ankle", "l_toe",  "r_hip",      "r_knee",  "r_ankle", "r_toe"};

static const uint32_t column[] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65};

static const gop_edge edges[] = {{0, 1},   {1, 2},   {2, 3},   {3, 4},   {4, 5},   {2, 6},
                                 {6, 7},   {7, 8},   {8, 9},   {2, 10},  {10, 11}, {11, 12},
                                 {12, 13}, {0, 14},  {14, 15}, {15, 16}, {16, 17}, {0, 18},
                                 {18, 19}, {19, 20}, {20, 21}};

static const char *const part_name[] = {"head",      "torso",     "l_upper_arm", "r_upper_arm",
                                        "l_forearm", "r_forearm", "l_thigh",     "r_thigh",
                                        "l_crus",    "r_crus"};

static const uint32_t part[] = {1, 1, 1, 0, 0, 0, 2, 2, 4, 4, 3, 3, 5, 5, 6, 6, 8, 8, 7, 7, 9, 9};

static const gop_edge part_edges[] = {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5},
                                      {1, 6}, {1, 7}, {6, 8}, {7, 9}};

static const gop_edge pairs[] = {{6, 10},  {7, 11},  {8, 12},  {9, 13},
                                 {14, 18}, {15, 19}, {16, 20}, {17, 21}};

static const float draw[] = {0,     0.95F, 0,      1.1F,  0,      1.28F, 0,      1.5F,  0,
                             1.68F, 0,     1.82F,  0.17F, 1.42F,  0.3F,  1.18F,  0.42F, 0.95F,
                             0.47F, 0.85F, -0.17F, 1.42F, -0.3F,  1.18F, -0.42F, 0.95F, -0.47F,
                             0.85F, 0.1F,  0.9F,   0.13F, 0.5F,   0.15F, 0.1F,   0.24F, 0.02F,
                             -0.1F, 0.9F,  -0.13F, 0.5F,  -0.15F, 0.1F,  -0.24F, 0.02F};

const zoo_layout zoo_layout_procedural22 = {
    .name = "procedural22",
    .feature = ZOO_POSITION,
    .up = ZOO_PLUS_Y,
    .ahead = ZOO_PLUS_Z,
    .nodes = 22,
    .channels = 3,
    .columns = 66,
    .centre = 1,
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
