/*
 * kinetics18.c: the 18 joints of a body in Kinetics-skeleton: x, y, score.
 *
 * Joints are numbered as OpenPose gives them, from 0; columns are x, y and score of
 * joint 0, then of joint 1, and so on.  x and y grow to the right of and down the image,
 * from 0 to 1.  Hips hang on shoulders, as in the edge list that the literature shares;
 * thighs hang on the torso all the same, as in the other layouts.  The torso's part is the
 * neck, the head's has nose, eyes and ears.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {
    "Nose",  "Neck",   "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "RHip",
    "RKnee", "RAnkle", "LHip",      "LKnee",  "LAnkle", "REye",      "LEye",   "REar",   "LEar"};

static const uint32_t column[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                  14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                  28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41,
                                  42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53};

static const gop_edge edges[] = {{4, 3},  {3, 2},  {7, 6},  {6, 5},   {13, 12}, {12, 11},
                                 {10, 9}, {9, 8},  {11, 5}, {8, 2},   {5, 1},   {2, 1},
                                 {0, 1},  {15, 0}, {14, 0}, {17, 15}, {16, 14}};

static const char *const part_name[] = {"head",      "torso",     "l_upper_arm", "r_upper_arm",
                                        "l_forearm", "r_forearm", "l_thigh",     "r_thigh",
                                        "l_crus",    "r_crus"};

static const uint32_t part[] = {0, 1, 3, 3, 5, 2, 2, 4, 7, 7, 9, 6, 6, 8, 0, 0, 0, 0};

static const gop_edge part_edges[] = {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5},
                                      {1, 6}, {1, 7}, {6, 8}, {7, 9}};

static const gop_edge pairs[] = {{5, 2},  {6, 3},   {7, 4},   {11, 8},
                                 {12, 9}, {13, 10}, {15, 14}, {17, 16}};

static const float draw[] = {0,      1.62F,  0,      1.42F, -0.2F, 1.42F, -0.3F, 1.16F,  -0.36F,
                             0.9F,   0.2F,   1.42F,  0.3F,  1.16F, 0.36F, 0.9F,  -0.11F, 0.9F,
                             -0.12F, 0.5F,   -0.13F, 0.08F, 0.11F, 0.9F,  0.12F, 0.5F,   0.13F,
                             0.08F,  -0.05F, 1.67F,  0.05F, 1.67F, -0.1F, 1.64F, 0.1F,   1.64F};

const zoo_layout zoo_layout_kinetics18 = {
    .name = "kinetics18",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .nodes = 18,
    .channels = 3,
    .columns = 54,
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
