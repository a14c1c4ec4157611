/*
 * layouts.c: the built-in layouts, gathered from zoo/skeleton/layouts/ by
 * build-aux/collect-layouts.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include "zoo/skeleton/layout.h"

static const zoo_layout cmu26 = {
    .name = "cmu26",
    .feature = ZOO_EXPMAP,
    .columns = 117,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 26,
    .channels = 3,
    .node_name = (const char *const[]){
        "LUpLeg", "LLeg", "LFoot", "LToe", "RUpLeg", "RLeg", "RFoot", "RToe",
        "LowerBack", "Spine", "Spine1", "Neck", "Neck1", "Head", "LArm", "LForeArm",
        "LHand", "LFingerBase", "LHandIndex1", "LThumb", "RArm", "RForeArm", "RHand", "RFingerBase",
        "RHandIndex1", "RThumb"},
    .part = (const uint32_t[]){
        6, 6, 8, 8, 7, 7, 9, 9,
        1, 1, 1, 0, 0, 0, 2, 2,
        4, 4, 4, 4, 3, 3, 5, 5,
        5, 5},
    .column = (const uint32_t[]){
        9, 10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 27, 28, 29, 30,
        31, 32, 33, 34, 35, 36, 37, 38,
        42, 43, 44, 45, 46, 47, 48, 49,
        50, 51, 52, 53, 54, 55, 56, 57,
        58, 59, 66, 67, 68, 69, 70, 71,
        72, 73, 74, 75, 76, 77, 78, 79,
        80, 84, 85, 86, 93, 94, 95, 96,
        97, 98, 99, 100, 101, 102, 103, 104,
        105, 106, 107, 111, 112, 113},
    .draw = (const float[]){
        0.1F, 0.9F, 0.13F, 0.5F, 0.15F, 0.1F, 0.24F, 0.02F,
        -0.1F, 0.9F, -0.13F, 0.5F, -0.15F, 0.1F, -0.24F, 0.02F,
        0.0F, 1.0F, 0.0F, 1.1F, 0.0F, 1.28F, 0.0F, 1.5F,
        0.0F, 1.57F, 0.0F, 1.68F, 0.17F, 1.42F, 0.3F, 1.18F,
        0.42F, 0.95F, 0.47F, 0.85F, 0.53F, 0.74F, 0.33F, 0.77F,
        -0.17F, 1.42F, -0.3F, 1.18F, -0.42F, 0.95F, -0.47F, 0.85F,
        -0.53F, 0.74F, -0.33F, 0.77F},
    .centre = 9,
    .n_edges = 25,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {4, 5}, {5, 6}, {6, 7}, {0, 8}, {4, 8},
        {8, 9}, {9, 10}, {10, 11}, {11, 12}, {12, 13}, {10, 14}, {14, 15}, {15, 16},
        {16, 17}, {17, 18}, {16, 19}, {10, 20}, {20, 21}, {21, 22}, {22, 23}, {23, 24},
        {22, 25}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 10,
    .pairs = (const gop_edge[]){
        {0, 4}, {1, 5}, {2, 6}, {3, 7}, {14, 20}, {15, 21}, {16, 22}, {17, 23},
        {18, 24}, {19, 25}},
};

static const zoo_layout coco17 = {
    .name = "coco17",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 51,
    .parts = 9,
    .part_name = (const char *const[]){
        "head", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh", "l_crus",
        "r_crus"},
    .nodes = 17,
    .channels = 3,
    .node_name = (const char *const[]){
        "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
        "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
        "right_ankle"},
    .part = (const uint32_t[]){
        0, 0, 0, 0, 0, 1, 2, 1,
        2, 3, 4, 5, 6, 5, 6, 7,
        8},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50},
    .draw = (const float[]){
        0.0F, 1.62F, 0.05F, 1.67F, -0.05F, 1.67F, 0.1F, 1.64F,
        -0.1F, 1.64F, 0.2F, 1.42F, -0.2F, 1.42F, 0.3F, 1.16F,
        -0.3F, 1.16F, 0.36F, 0.9F, -0.36F, 0.9F, 0.11F, 0.9F,
        -0.11F, 0.9F, 0.12F, 0.5F, -0.12F, 0.5F, 0.13F, 0.08F,
        -0.13F, 0.08F},
    .centre = 0,
    .n_edges = 16,
    .edges = (const gop_edge[]){
        {15, 13}, {13, 11}, {16, 14}, {14, 12}, {11, 5}, {12, 6}, {9, 7}, {7, 5},
        {10, 8}, {8, 6}, {5, 0}, {6, 0}, {1, 0}, {3, 1}, {2, 0}, {4, 2}},
    .n_part_edges = 8,
    .part_edges = (const gop_edge[]){
        {7, 5}, {8, 6}, {5, 1}, {6, 2}, {3, 1}, {4, 2}, {1, 0}, {2, 0}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}, {15, 16}},
};

static const zoo_layout h36m20 = {
    .name = "h36m20",
    .feature = ZOO_EXPMAP,
    .columns = 99,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 20,
    .channels = 3,
    .node_name = (const char *const[]){
        "RUpLeg", "RLeg", "RFoot", "RToeBase", "LUpLeg", "LLeg", "LFoot", "LToeBase",
        "Spine", "Spine1", "Neck", "Head", "LShoulder", "LArm", "LForeArm", "LHand",
        "RShoulder", "RArm", "RForeArm", "RHand"},
    .part = (const uint32_t[]){
        7, 7, 9, 9, 6, 6, 8, 8,
        1, 1, 0, 0, 2, 2, 4, 4,
        3, 3, 5, 5},
    .column = (const uint32_t[]){
        6, 7, 8, 9, 10, 11, 12, 13,
        14, 15, 16, 17, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31, 32,
        36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 51, 52, 53, 54,
        55, 56, 57, 58, 59, 60, 61, 62,
        75, 76, 77, 78, 79, 80, 81, 82,
        83, 84, 85, 86},
    .draw = (const float[]){
        -0.1F, 0.9F, -0.13F, 0.5F, -0.15F, 0.1F, -0.24F, 0.02F,
        0.1F, 0.9F, 0.13F, 0.5F, 0.15F, 0.1F, 0.24F, 0.02F,
        0.0F, 1.1F, 0.0F, 1.28F, 0.0F, 1.5F, 0.0F, 1.68F,
        0.08F, 1.43F, 0.19F, 1.4F, 0.3F, 1.18F, 0.42F, 0.95F,
        -0.08F, 1.43F, -0.19F, 1.4F, -0.3F, 1.18F, -0.42F, 0.95F},
    .centre = 9,
    .n_edges = 19,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {4, 5}, {5, 6}, {6, 7}, {0, 8}, {4, 8},
        {8, 9}, {9, 10}, {10, 11}, {9, 12}, {12, 13}, {13, 14}, {14, 15}, {9, 16},
        {16, 17}, {17, 18}, {18, 19}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {4, 0}, {5, 1}, {6, 2}, {7, 3}, {12, 16}, {13, 17}, {14, 18}, {15, 19}},
};

static const zoo_layout h36m21 = {
    .name = "h36m21",
    .feature = ZOO_EXPMAP,
    .columns = 99,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 21,
    .channels = 3,
    .node_name = (const char *const[]){
        "Hips", "RUpLeg", "RLeg", "RFoot", "RToeBase", "LUpLeg", "LLeg", "LFoot",
        "LToeBase", "Spine", "Spine1", "Neck", "Head", "LShoulder", "LArm", "LForeArm",
        "LHand", "RShoulder", "RArm", "RForeArm", "RHand"},
    .part = (const uint32_t[]){
        1, 7, 7, 9, 9, 6, 6, 8,
        8, 1, 1, 0, 0, 2, 2, 4,
        4, 3, 3, 5, 5},
    .column = (const uint32_t[]){
        3, 4, 5, 6, 7, 8, 9, 10,
        11, 12, 13, 14, 15, 16, 17, 21,
        22, 23, 24, 25, 26, 27, 28, 29,
        30, 31, 32, 36, 37, 38, 39, 40,
        41, 42, 43, 44, 45, 46, 47, 51,
        52, 53, 54, 55, 56, 57, 58, 59,
        60, 61, 62, 75, 76, 77, 78, 79,
        80, 81, 82, 83, 84, 85, 86},
    .draw = (const float[]){
        0.0F, 0.95F, -0.1F, 0.9F, -0.13F, 0.5F, -0.15F, 0.1F,
        -0.24F, 0.02F, 0.1F, 0.9F, 0.13F, 0.5F, 0.15F, 0.1F,
        0.24F, 0.02F, 0.0F, 1.1F, 0.0F, 1.28F, 0.0F, 1.5F,
        0.0F, 1.68F, 0.08F, 1.43F, 0.19F, 1.4F, 0.3F, 1.18F,
        0.42F, 0.95F, -0.08F, 1.43F, -0.19F, 1.4F, -0.3F, 1.18F,
        -0.42F, 0.95F},
    .centre = 9,
    .n_edges = 20,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 5}, {5, 6}, {6, 7}, {7, 8},
        {0, 9}, {9, 10}, {10, 11}, {11, 12}, {10, 13}, {13, 14}, {14, 15}, {15, 16},
        {10, 17}, {17, 18}, {18, 19}, {19, 20}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {5, 1}, {6, 2}, {7, 3}, {8, 4}, {13, 17}, {14, 18}, {15, 19}, {16, 20}},
};

static const zoo_layout halpe26 = {
    .name = "halpe26",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 78,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh", "l_crus",
        "r_crus", "torso"},
    .nodes = 26,
    .channels = 3,
    .node_name = (const char *const[]){
        "Nose", "LEye", "REye", "LEar", "REar", "LShoulder", "RShoulder", "LElbow",
        "RElbow", "LWrist", "RWrist", "LHip", "RHip", "LKnee", "RKnee", "LAnkle",
        "RAnkle", "Head", "Neck", "Hip", "LBigToe", "RBigToe", "LSmallToe", "RSmallToe",
        "LHeel", "RHeel"},
    .part = (const uint32_t[]){
        0, 0, 0, 0, 0, 1, 2, 1,
        2, 3, 4, 5, 6, 5, 6, 7,
        8, 0, 9, 9, 7, 8, 7, 8,
        7, 8},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71,
        72, 73, 74, 75, 76, 77},
    .draw = (const float[]){
        0.0F, 1.62F, 0.05F, 1.67F, -0.05F, 1.67F, 0.1F, 1.64F,
        -0.1F, 1.64F, 0.2F, 1.42F, -0.2F, 1.42F, 0.3F, 1.16F,
        -0.3F, 1.16F, 0.36F, 0.9F, -0.36F, 0.9F, 0.11F, 0.9F,
        -0.11F, 0.9F, 0.12F, 0.5F, -0.12F, 0.5F, 0.13F, 0.08F,
        -0.13F, 0.08F, 0.0F, 1.78F, 0.0F, 1.42F, 0.0F, 0.92F,
        0.17F, 0.0F, -0.17F, 0.0F, 0.21F, 0.01F, -0.21F, 0.01F,
        0.12F, 0.02F, -0.12F, 0.02F},
    .centre = 18,
    .n_edges = 25,
    .edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {1, 3}, {2, 4}, {0, 17}, {17, 18}, {18, 5}, {18, 6},
        {5, 7}, {7, 9}, {6, 8}, {8, 10}, {18, 19}, {19, 11}, {19, 12}, {11, 13},
        {12, 14}, {13, 15}, {14, 16}, {15, 24}, {16, 25}, {24, 20}, {25, 21}, {24, 22},
        {25, 23}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 9}, {9, 1}, {9, 2}, {1, 3}, {2, 4}, {9, 5}, {9, 6}, {5, 7},
        {6, 8}},
    .n_pairs = 11,
    .pairs = (const gop_edge[]){
        {1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}, {15, 16},
        {20, 21}, {22, 23}, {24, 25}},
};

static const zoo_layout hand21 = {
    .name = "hand21",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 63,
    .parts = 6,
    .part_name = (const char *const[]){
        "palm", "thumb", "index", "middle", "ring", "little"},
    .nodes = 21,
    .channels = 3,
    .node_name = (const char *const[]){
        "wrist", "thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip", "index_mcp", "index_pip", "index_dip",
        "index_tip", "middle_mcp", "middle_pip", "middle_dip", "middle_tip", "ring_mcp", "ring_pip", "ring_dip",
        "ring_tip", "little_mcp", "little_pip", "little_dip", "little_tip"},
    .part = (const uint32_t[]){
        0, 1, 1, 1, 1, 2, 2, 2,
        2, 3, 3, 3, 3, 4, 4, 4,
        4, 5, 5, 5, 5},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62},
    .draw = (const float[]){
        0.0F, 0.0F, -0.25F, 0.25F, -0.5F, 0.5F, -0.75F, 0.75F,
        -1.0F, 1.0F, -0.28F, 0.9F, -0.322F, 1.15F, -0.364F, 1.4F,
        -0.406F, 1.65F, -0.02F, 0.95F, -0.023F, 1.2F, -0.026F, 1.45F,
        -0.029F, 1.7F, 0.22F, 0.9F, 0.253F, 1.15F, 0.286F, 1.4F,
        0.319F, 1.65F, 0.45F, 0.8F, 0.517F, 1.05F, 0.585F, 1.3F,
        0.652F, 1.55F},
    .centre = 0,
    .n_edges = 20,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 5}, {5, 6}, {6, 7}, {7, 8},
        {0, 9}, {9, 10}, {10, 11}, {11, 12}, {0, 13}, {13, 14}, {14, 15}, {15, 16},
        {0, 17}, {17, 18}, {18, 19}, {19, 20}},
    .n_part_edges = 5,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}},
};

static const zoo_layout hand21_world = {
    .name = "hand21_world",
    .feature = ZOO_POSITION,
    .up = ZOO_MINUS_Y,
    .ahead = ZOO_MINUS_Z,
    .columns = 63,
    .parts = 6,
    .part_name = (const char *const[]){
        "palm", "thumb", "index", "middle", "ring", "little"},
    .nodes = 21,
    .channels = 3,
    .node_name = (const char *const[]){
        "wrist", "thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip", "index_mcp", "index_pip", "index_dip",
        "index_tip", "middle_mcp", "middle_pip", "middle_dip", "middle_tip", "ring_mcp", "ring_pip", "ring_dip",
        "ring_tip", "little_mcp", "little_pip", "little_dip", "little_tip"},
    .part = (const uint32_t[]){
        0, 1, 1, 1, 1, 2, 2, 2,
        2, 3, 3, 3, 3, 4, 4, 4,
        4, 5, 5, 5, 5},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62},
    .draw = (const float[]){
        0.0F, 0.0F, -0.25F, 0.25F, -0.5F, 0.5F, -0.75F, 0.75F,
        -1.0F, 1.0F, -0.28F, 0.9F, -0.322F, 1.15F, -0.364F, 1.4F,
        -0.406F, 1.65F, -0.02F, 0.95F, -0.023F, 1.2F, -0.026F, 1.45F,
        -0.029F, 1.7F, 0.22F, 0.9F, 0.253F, 1.15F, 0.286F, 1.4F,
        0.319F, 1.65F, 0.45F, 0.8F, 0.517F, 1.05F, 0.585F, 1.3F,
        0.652F, 1.55F},
    .centre = 0,
    .n_edges = 20,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}, {0, 5}, {5, 6}, {6, 7}, {7, 8},
        {0, 9}, {9, 10}, {10, 11}, {11, 12}, {0, 13}, {13, 14}, {14, 15}, {15, 16},
        {0, 17}, {17, 18}, {18, 19}, {19, 20}},
    .n_part_edges = 5,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}},
};

static const zoo_layout kinect20 = {
    .name = "kinect20",
    .feature = ZOO_POSITION,
    .ahead = ZOO_MINUS_Z,
    .columns = 60,
    .parts = 10,
    .part_name = (const char *const[]){
        "torso", "head", "l_upper_arm", "l_forearm", "r_upper_arm", "r_forearm", "l_thigh", "l_crus",
        "r_thigh", "r_crus"},
    .nodes = 20,
    .channels = 3,
    .node_name = (const char *const[]){
        "HipCenter", "Spine", "ShoulderCenter", "Head", "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft",
        "ShoulderRight", "ElbowRight", "WristRight", "HandRight", "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft",
        "HipRight", "KneeRight", "AnkleRight", "FootRight"},
    .part = (const uint32_t[]){
        0, 0, 0, 1, 2, 2, 3, 3,
        4, 4, 5, 5, 6, 6, 7, 7,
        8, 8, 9, 9},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59},
    .draw = (const float[]){
        0.0F, 0.92F, 0.0F, 1.1F, 0.0F, 1.42F, 0.0F, 1.65F,
        0.2F, 1.4F, 0.3F, 1.16F, 0.36F, 0.92F, 0.38F, 0.82F,
        -0.2F, 1.4F, -0.3F, 1.16F, -0.36F, 0.92F, -0.38F, 0.82F,
        0.11F, 0.88F, 0.12F, 0.5F, 0.13F, 0.08F, 0.18F, 0.0F,
        -0.11F, 0.88F, -0.12F, 0.5F, -0.13F, 0.08F, -0.18F, 0.0F},
    .centre = 0,
    .n_edges = 19,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {2, 4}, {4, 5}, {5, 6}, {6, 7}, {2, 8},
        {8, 9}, {9, 10}, {10, 11}, {0, 12}, {12, 13}, {13, 14}, {14, 15}, {0, 16},
        {16, 17}, {17, 18}, {18, 19}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {2, 3}, {0, 4}, {4, 5}, {0, 6}, {6, 7}, {0, 8},
        {8, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {4, 8}, {5, 9}, {6, 10}, {7, 11}, {12, 16}, {13, 17}, {14, 18}, {15, 19}},
};

static const zoo_layout kinetics18 = {
    .name = "kinetics18",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 54,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 18,
    .channels = 3,
    .node_name = (const char *const[]){
        "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist",
        "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye", "LEye",
        "REar", "LEar"},
    .part = (const uint32_t[]){
        0, 1, 3, 3, 5, 2, 2, 4,
        7, 7, 9, 6, 6, 8, 0, 0,
        0, 0},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53},
    .draw = (const float[]){
        0.0F, 1.62F, 0.0F, 1.42F, -0.2F, 1.42F, -0.3F, 1.16F,
        -0.36F, 0.9F, 0.2F, 1.42F, 0.3F, 1.16F, 0.36F, 0.9F,
        -0.11F, 0.9F, -0.12F, 0.5F, -0.13F, 0.08F, 0.11F, 0.9F,
        0.12F, 0.5F, 0.13F, 0.08F, -0.05F, 1.67F, 0.05F, 1.67F,
        -0.1F, 1.64F, 0.1F, 1.64F},
    .centre = 1,
    .n_edges = 17,
    .edges = (const gop_edge[]){
        {4, 3}, {3, 2}, {7, 6}, {6, 5}, {13, 12}, {12, 11}, {10, 9}, {9, 8},
        {11, 5}, {8, 2}, {5, 1}, {2, 1}, {0, 1}, {15, 0}, {14, 0}, {17, 15},
        {16, 14}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {5, 2}, {6, 3}, {7, 4}, {11, 8}, {12, 9}, {13, 10}, {15, 14}, {17, 16}},
};

static const zoo_layout mediapipe33 = {
    .name = "mediapipe33",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 99,
    .parts = 9,
    .part_name = (const char *const[]){
        "head", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh", "l_crus",
        "r_crus"},
    .nodes = 33,
    .channels = 3,
    .node_name = (const char *const[]){
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear",
        "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
        "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
        "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index",
        "right_foot_index"},
    .part = (const uint32_t[]){
        0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 1, 2, 1, 2, 3,
        4, 3, 4, 3, 4, 3, 4, 5,
        6, 5, 6, 7, 8, 7, 8, 7,
        8},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71,
        72, 73, 74, 75, 76, 77, 78, 79,
        80, 81, 82, 83, 84, 85, 86, 87,
        88, 89, 90, 91, 92, 93, 94, 95,
        96, 97, 98},
    .draw = (const float[]){
        0.0F, 1.6F, 0.03F, 1.66F, 0.05F, 1.66F, 0.07F, 1.66F,
        -0.03F, 1.66F, -0.05F, 1.66F, -0.07F, 1.66F, 0.1F, 1.64F,
        -0.1F, 1.64F, 0.03F, 1.55F, -0.03F, 1.55F, 0.2F, 1.42F,
        -0.2F, 1.42F, 0.3F, 1.16F, -0.3F, 1.16F, 0.36F, 0.9F,
        -0.36F, 0.9F, 0.4F, 0.8F, -0.4F, 0.8F, 0.37F, 0.78F,
        -0.37F, 0.78F, 0.33F, 0.82F, -0.33F, 0.82F, 0.11F, 0.9F,
        -0.11F, 0.9F, 0.12F, 0.5F, -0.12F, 0.5F, 0.13F, 0.08F,
        -0.13F, 0.08F, 0.11F, 0.02F, -0.11F, 0.02F, 0.18F, 0.0F,
        -0.18F, 0.0F},
    .centre = 0,
    .n_edges = 32,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 7}, {0, 4}, {4, 5}, {5, 6}, {6, 8},
        {0, 9}, {0, 10}, {0, 11}, {0, 12}, {11, 13}, {13, 15}, {15, 17}, {15, 19},
        {15, 21}, {12, 14}, {14, 16}, {16, 18}, {16, 20}, {16, 22}, {11, 23}, {12, 24},
        {23, 25}, {24, 26}, {25, 27}, {26, 28}, {27, 29}, {28, 30}, {29, 31}, {30, 32}},
    .n_part_edges = 8,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {1, 3}, {2, 4}, {1, 5}, {2, 6}, {5, 7}, {6, 8}},
    .n_pairs = 16,
    .pairs = (const gop_edge[]){
        {1, 4}, {2, 5}, {3, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}, {15, 16},
        {17, 18}, {19, 20}, {21, 22}, {23, 24}, {25, 26}, {27, 28}, {29, 30}, {31, 32}},
};

static const zoo_layout mediapipe33_world = {
    .name = "mediapipe33_world",
    .feature = ZOO_POSITION,
    .up = ZOO_MINUS_Y,
    .ahead = ZOO_MINUS_Z,
    .columns = 99,
    .parts = 9,
    .part_name = (const char *const[]){
        "head", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh", "l_crus",
        "r_crus"},
    .nodes = 33,
    .channels = 3,
    .node_name = (const char *const[]){
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer", "left_ear",
        "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
        "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip",
        "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index",
        "right_foot_index"},
    .part = (const uint32_t[]){
        0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 1, 2, 1, 2, 3,
        4, 3, 4, 3, 4, 3, 4, 5,
        6, 5, 6, 7, 8, 7, 8, 7,
        8},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71,
        72, 73, 74, 75, 76, 77, 78, 79,
        80, 81, 82, 83, 84, 85, 86, 87,
        88, 89, 90, 91, 92, 93, 94, 95,
        96, 97, 98},
    .draw = (const float[]){
        0.0F, 1.6F, 0.03F, 1.66F, 0.05F, 1.66F, 0.07F, 1.66F,
        -0.03F, 1.66F, -0.05F, 1.66F, -0.07F, 1.66F, 0.1F, 1.64F,
        -0.1F, 1.64F, 0.03F, 1.55F, -0.03F, 1.55F, 0.2F, 1.42F,
        -0.2F, 1.42F, 0.3F, 1.16F, -0.3F, 1.16F, 0.36F, 0.9F,
        -0.36F, 0.9F, 0.4F, 0.8F, -0.4F, 0.8F, 0.37F, 0.78F,
        -0.37F, 0.78F, 0.33F, 0.82F, -0.33F, 0.82F, 0.11F, 0.9F,
        -0.11F, 0.9F, 0.12F, 0.5F, -0.12F, 0.5F, 0.13F, 0.08F,
        -0.13F, 0.08F, 0.11F, 0.02F, -0.11F, 0.02F, 0.18F, 0.0F,
        -0.18F, 0.0F},
    .centre = 0,
    .n_edges = 32,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 7}, {0, 4}, {4, 5}, {5, 6}, {6, 8},
        {0, 9}, {0, 10}, {0, 11}, {0, 12}, {11, 13}, {13, 15}, {15, 17}, {15, 19},
        {15, 21}, {12, 14}, {14, 16}, {16, 18}, {16, 20}, {16, 22}, {11, 23}, {12, 24},
        {23, 25}, {24, 26}, {25, 27}, {26, 28}, {27, 29}, {28, 30}, {29, 31}, {30, 32}},
    .n_part_edges = 8,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {1, 3}, {2, 4}, {1, 5}, {2, 6}, {5, 7}, {6, 8}},
    .n_pairs = 16,
    .pairs = (const gop_edge[]){
        {1, 4}, {2, 5}, {3, 6}, {7, 8}, {9, 10}, {11, 12}, {13, 14}, {15, 16},
        {17, 18}, {19, 20}, {21, 22}, {23, 24}, {25, 26}, {27, 28}, {29, 30}, {31, 32}},
};

static const zoo_layout ntu25 = {
    .name = "ntu25",
    .feature = ZOO_POSITION,
    .up = ZOO_PLUS_Y,
    .ahead = ZOO_MINUS_Z,
    .columns = 75,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 25,
    .channels = 3,
    .node_name = (const char *const[]){
        "SpineBase", "SpineMid", "Neck", "Head", "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft",
        "ShoulderRight", "ElbowRight", "WristRight", "HandRight", "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft",
        "HipRight", "KneeRight", "AnkleRight", "FootRight", "SpineShoulder", "HandTipLeft", "ThumbLeft", "HandTipRight",
        "ThumbRight"},
    .part = (const uint32_t[]){
        1, 1, 0, 0, 2, 2, 4, 4,
        3, 3, 5, 5, 6, 6, 8, 8,
        7, 7, 9, 9, 1, 4, 4, 5,
        5},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71,
        72, 73, 74},
    .draw = (const float[]){
        0.0F, 0.95F, 0.0F, 1.15F, 0.0F, 1.5F, 0.0F, 1.68F,
        0.17F, 1.42F, 0.3F, 1.18F, 0.42F, 0.95F, 0.47F, 0.85F,
        -0.17F, 1.42F, -0.3F, 1.18F, -0.42F, 0.95F, -0.47F, 0.85F,
        0.1F, 0.9F, 0.13F, 0.5F, 0.15F, 0.1F, 0.24F, 0.02F,
        -0.1F, 0.9F, -0.13F, 0.5F, -0.15F, 0.1F, -0.24F, 0.02F,
        0.0F, 1.35F, 0.53F, 0.74F, 0.33F, 0.77F, -0.53F, 0.74F,
        -0.33F, 0.77F},
    .centre = 20,
    .n_edges = 24,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 20}, {2, 20}, {3, 2}, {4, 20}, {5, 4}, {6, 5}, {7, 6},
        {8, 20}, {9, 8}, {10, 9}, {11, 10}, {12, 0}, {13, 12}, {14, 13}, {15, 14},
        {16, 0}, {17, 16}, {18, 17}, {19, 18}, {21, 22}, {22, 7}, {23, 24}, {24, 11}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 10,
    .pairs = (const gop_edge[]){
        {4, 8}, {5, 9}, {6, 10}, {7, 11}, {12, 16}, {13, 17}, {14, 18}, {15, 19},
        {21, 23}, {22, 24}},
};

static const zoo_layout openpose25 = {
    .name = "openpose25",
    .feature = ZOO_SCORED,
    .up = ZOO_MINUS_Y,
    .columns = 75,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "r_upper_arm", "r_forearm", "l_upper_arm", "l_forearm", "r_thigh", "r_crus",
        "l_thigh", "l_crus"},
    .nodes = 25,
    .channels = 3,
    .node_name = (const char *const[]){
        "Nose", "Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist",
        "MidHip", "RHip", "RKnee", "RAnkle", "LHip", "LKnee", "LAnkle", "REye",
        "LEye", "REar", "LEar", "LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe",
        "RHeel"},
    .part = (const uint32_t[]){
        0, 1, 2, 2, 3, 4, 4, 5,
        1, 6, 6, 7, 8, 8, 9, 0,
        0, 0, 0, 9, 9, 9, 7, 7,
        7},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65, 66, 67, 68, 69, 70, 71,
        72, 73, 74},
    .draw = (const float[]){
        0.0F, 1.62F, 0.0F, 1.42F, -0.2F, 1.42F, -0.3F, 1.16F,
        -0.36F, 0.9F, 0.2F, 1.42F, 0.3F, 1.16F, 0.36F, 0.9F,
        0.0F, 0.92F, -0.11F, 0.9F, -0.12F, 0.5F, -0.13F, 0.08F,
        0.11F, 0.9F, 0.12F, 0.5F, 0.13F, 0.08F, -0.05F, 1.67F,
        0.05F, 1.67F, -0.1F, 1.64F, 0.1F, 1.64F, 0.17F, 0.0F,
        0.21F, 0.01F, 0.12F, 0.02F, -0.17F, 0.0F, -0.21F, 0.01F,
        -0.12F, 0.02F},
    .centre = 1,
    .n_edges = 24,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}, {1, 5}, {5, 6}, {6, 7}, {1, 8},
        {8, 9}, {9, 10}, {10, 11}, {8, 12}, {12, 13}, {13, 14}, {0, 15}, {15, 17},
        {0, 16}, {16, 18}, {14, 19}, {19, 20}, {14, 21}, {11, 22}, {22, 23}, {11, 24}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {1, 4}, {4, 5}, {1, 6}, {6, 7}, {1, 8},
        {8, 9}},
    .n_pairs = 11,
    .pairs = (const gop_edge[]){
        {5, 2}, {6, 3}, {7, 4}, {12, 9}, {13, 10}, {14, 11}, {16, 15}, {18, 17},
        {19, 22}, {20, 23}, {21, 24}},
};

static const zoo_layout procedural22 = {
    .name = "procedural22",
    .feature = ZOO_POSITION,
    .up = ZOO_PLUS_Y,
    .ahead = ZOO_PLUS_Z,
    .columns = 66,
    .parts = 10,
    .part_name = (const char *const[]){
        "head", "torso", "l_upper_arm", "r_upper_arm", "l_forearm", "r_forearm", "l_thigh", "r_thigh",
        "l_crus", "r_crus"},
    .nodes = 22,
    .channels = 3,
    .node_name = (const char *const[]){
        "hips", "spine", "chest", "neck", "head", "head_top", "l_shoulder", "l_elbow",
        "l_wrist", "l_hand", "r_shoulder", "r_elbow", "r_wrist", "r_hand", "l_hip", "l_knee",
        "l_ankle", "l_toe", "r_hip", "r_knee", "r_ankle", "r_toe"},
    .part = (const uint32_t[]){
        1, 1, 1, 0, 0, 0, 2, 2,
        4, 4, 3, 3, 5, 5, 6, 6,
        8, 8, 7, 7, 9, 9},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65},
    .draw = (const float[]){
        0.0F, 0.95F, 0.0F, 1.1F, 0.0F, 1.28F, 0.0F, 1.5F,
        0.0F, 1.68F, 0.0F, 1.82F, 0.17F, 1.42F, 0.3F, 1.18F,
        0.42F, 0.95F, 0.47F, 0.85F, -0.17F, 1.42F, -0.3F, 1.18F,
        -0.42F, 0.95F, -0.47F, 0.85F, 0.1F, 0.9F, 0.13F, 0.5F,
        0.15F, 0.1F, 0.24F, 0.02F, -0.1F, 0.9F, -0.13F, 0.5F,
        -0.15F, 0.1F, -0.24F, 0.02F},
    .centre = 1,
    .n_edges = 21,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {2, 6}, {6, 7}, {7, 8},
        {8, 9}, {2, 10}, {10, 11}, {11, 12}, {12, 13}, {0, 14}, {14, 15}, {15, 16},
        {16, 17}, {0, 18}, {18, 19}, {19, 20}, {20, 21}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {1, 3}, {2, 4}, {3, 5}, {1, 6}, {1, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {6, 10}, {7, 11}, {8, 12}, {9, 13}, {14, 18}, {15, 19}, {16, 20}, {17, 21}},
};

static const zoo_layout smpl22 = {
    .name = "smpl22",
    .feature = ZOO_POSITION,
    .columns = 66,
    .parts = 10,
    .part_name = (const char *const[]){
        "torso", "l_thigh", "r_thigh", "l_crus", "r_crus", "head", "l_upper_arm", "r_upper_arm",
        "l_forearm", "r_forearm"},
    .nodes = 22,
    .channels = 3,
    .node_name = (const char *const[]){
        "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
        "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head",
        "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"},
    .part = (const uint32_t[]){
        0, 1, 2, 0, 1, 2, 0, 3,
        4, 0, 3, 4, 5, 6, 7, 5,
        6, 7, 8, 9, 8, 9},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14, 15,
        16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31,
        32, 33, 34, 35, 36, 37, 38, 39,
        40, 41, 42, 43, 44, 45, 46, 47,
        48, 49, 50, 51, 52, 53, 54, 55,
        56, 57, 58, 59, 60, 61, 62, 63,
        64, 65},
    .draw = (const float[]){
        0.0F, 0.95F, 0.1F, 0.9F, -0.1F, 0.9F, 0.0F, 1.05F,
        0.11F, 0.5F, -0.11F, 0.5F, 0.0F, 1.18F, 0.12F, 0.08F,
        -0.12F, 0.08F, 0.0F, 1.28F, 0.15F, 0.0F, -0.15F, 0.0F,
        0.0F, 1.48F, 0.08F, 1.4F, -0.08F, 1.4F, 0.0F, 1.65F,
        0.2F, 1.4F, -0.2F, 1.4F, 0.3F, 1.16F, -0.3F, 1.16F,
        0.36F, 0.92F, -0.36F, 0.92F},
    .centre = 0,
    .n_edges = 21,
    .edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 5}, {3, 6}, {4, 7}, {5, 8},
        {6, 9}, {7, 10}, {8, 11}, {9, 12}, {9, 13}, {9, 14}, {12, 15}, {13, 16},
        {14, 17}, {16, 18}, {17, 19}, {18, 20}, {19, 21}},
    .n_part_edges = 9,
    .part_edges = (const gop_edge[]){
        {0, 1}, {0, 2}, {1, 3}, {2, 4}, {0, 5}, {0, 6}, {0, 7}, {6, 8},
        {7, 9}},
    .n_pairs = 8,
    .pairs = (const gop_edge[]){
        {1, 2}, {4, 5}, {7, 8}, {10, 11}, {13, 14}, {16, 17}, {18, 19}, {20, 21}},
};

static const zoo_layout tiny5 = {
    .name = "tiny5",
    .feature = ZOO_POSITION,
    .columns = 15,
    .parts = 3,
    .part_name = (const char *const[]){
        "ab", "cd", "e"},
    .nodes = 5,
    .channels = 3,
    .node_name = (const char *const[]){
        "a", "b", "c", "d", "e"},
    .part = (const uint32_t[]){
        0, 0, 1, 1, 2},
    .column = (const uint32_t[]){
        0, 1, 2, 3, 4, 5, 6, 7,
        8, 9, 10, 11, 12, 13, 14},
    .centre = 2,
    .n_edges = 4,
    .edges = (const gop_edge[]){
        {0, 1}, {1, 2}, {2, 3}, {3, 4}},
    .n_part_edges = 2,
    .part_edges = (const gop_edge[]){
        {0, 1}, {1, 2}},
    .n_pairs = 2,
    .pairs = (const gop_edge[]){
        {0, 4}, {1, 3}},
};

static const zoo_layout *const layouts[] = {
    &cmu26,
    &coco17,
    &h36m20,
    &h36m21,
    &halpe26,
    &hand21,
    &hand21_world,
    &kinect20,
    &kinetics18,
    &mediapipe33,
    &mediapipe33_world,
    &ntu25,
    &openpose25,
    &procedural22,
    &smpl22,
    &tiny5,
    NULL
};

const zoo_layout *const *zoo_layout_list(void)
{
    return layouts;
}
