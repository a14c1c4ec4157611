/*
 * ntu25.c: the 25 joints of a body in NTU RGB+D, positions in metres.
 *
 * Joints are numbered as the Kinect v2 sensor gives them, from 0; columns are
 * x, y, z of joint 0, then of joint 1, and so on, as the camera sees them: y up, and
 * the subject looks at it.  A hand's tip hangs on its thumb, as in the edge list that the
 * literature shares.  The head's part has the neck, the torso the three joints of the
 * spine.  Constant data only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/skeleton/tables.h"

static const char *const node_name[] = {
    "SpineBase",     "SpineMid",    "Neck",      "Head",          "ShoulderLeft",
    "ElbowLeft",     "WristLeft",   "HandLeft",  "ShoulderRight", "ElbowRight",
    "WristRight",    "HandRight",   "HipLeft",   "KneeLeft",      "AnkleLeft",
    "FootLeft",      "HipRight",    "KneeRight", "AnkleRight",    "FootRight",
    "SpineShoulder", "HandTipLeft", "ThumbLeft", "HandTipRight",  "ThumbRight"};

static const uint32_t column[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                                  15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                                  30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
                                  45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
                                  60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74};

static const gop_edge edges[] = {{0, 1},   {1, 20},  {2, 20},  {3, 2},   {4, 20},  {5, 4},
                                 {6, 5},   {7, 6},   {8, 20},  {9, 8},   {10, 9},  {11, 10},
                                 {12, 0},  {13, 12}, {14, 13}, {15, 14}, {16, 0},  {17, 16},
                                 {18, 17}, {19, 18}, {21, 22}, {22, 7},  {23, 24}, {24, 11}};

static const char *const part_name[] = {"head",      "torso",     "l_upper_arm", "r_upper_arm",
                                        "l_forearm", "r_forearm", "l_thigh",     "r_thigh",
                                        "l_crus",    "r_crus"};

static const uint32_t part[] = {1, 1, 0, 0, 2, 2, 4, 4, 3, 3, 5, 5, 6,
                                6, 8, 8, 7, 7, 9, 9, 1, 4, 4, 5, 5};

static const gop_edge part_edges[] = {{0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5},
                                      {1, 6}, {1, 7}, {6, 8}, {7, 9}};

static const gop_edge pairs[] = {{4, 8},   {5, 9},   {6, 10},  {7, 11},  {12, 16},
                                 {13, 17}, {14, 18}, {15, 19}, {21, 23}, {22, 24}};

static const float draw[] = {
    0,     0.95F, 0,     1.15F,  0,     1.5F,  0,     1.68F,  0.17F,  1.42F,  0.3F,   1.18F, 0.42F,
    0.95F, 0.47F, 0.85F, -0.17F, 1.42F, -0.3F, 1.18F, -0.42F, 0.95F,  -0.47F, 0.85F,  0.1F,  0.9F,
    0.13F, 0.5F,  0.15F, 0.1F,   0.24F, 0.02F, -0.1F, 0.9F,   -0.13F, 0.5F,   -0.15F, 0.1F,  -0.24F,
    0.02F, 0,     1.35F, 0.53F,  0.74F, 0.33F, 0.77F, -0.53F, 0.74F,  -0.33F, 0.77F};

const zoo_layout zoo_layout_ntu25 = {
    .name = "ntu25",
    .feature = ZOO_POSITION,
    .up = ZOO_PLUS_Y,
    .ahead = ZOO_MINUS_Z,
    .nodes = 25,
    .channels = 3,
    .columns = 75,
    .centre = 20,
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
