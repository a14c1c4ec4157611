/*
 * step_options.h: the options that are transformations of clips, which prepare and import have in
 * common.  Each names a kind of zoo_transform_at and gives its parameters.
 */
#ifndef APPS_STEP_OPTIONS_H
#define APPS_STEP_OPTIONS_H

#include "options.h"

/* The options, in the order of the array of their values. */
enum {
    APP_STEP_UNITS,
    APP_STEP_IMAGE,
    APP_STEP_MIN_SCORE,
    APP_STEP_SCORES,
    APP_STEP_MISSING,
    APP_STEP_ALIGN,
    APP_STEP_CENTRE,
    APP_STEP_MIDDLE,
    APP_STEP_SCALE,
    APP_STEP_RATE,
    APP_STEP_STANDARDISE,
    APP_STEPS
};

#define APP_STEP_AT(at, k) (at) + (k) * sizeof(const char *)

/* Their rows in a verb's table; `at` is the offset of an array of APP_STEPS texts. */
#define APP_STEP_ROWS(at)                                                                           \
    {"units",  0,                                                                                   \
     APP_TEXT, APP_STEP_AT(at, APP_STEP_UNITS),                                                     \
     "UNIT",   "Unit of the positions: m, dm, cm, mm, inch, foot, or a factor to metres.",          \
     0,        0,                                                                                   \
     NULL,     false,                                                                               \
     NULL},                                                                                         \
        {"image",                                                                                   \
         0,                                                                                         \
         APP_TEXT,                                                                                  \
         APP_STEP_AT(at, APP_STEP_IMAGE),                                                           \
         "SIZE",                                                                                    \
         "What pixels become shares of: 640x480, clip (its own size) or box (of all joints).",      \
         0,                                                                                         \
         0,                                                                                         \
         NULL,                                                                                      \
         false,                                                                                     \
         NULL},                                                                                     \
        {"min-score", 0,                                                                            \
         APP_TEXT,    APP_STEP_AT(at, APP_STEP_MIN_SCORE),                                          \
         "SCORE",     "Joints with a smaller score are missing.",                                   \
         0,           0,                                                                            \
         NULL,        false,                                                                        \
         NULL},                                                                                     \
        {"scores", 0,                                                                               \
         APP_TEXT, APP_STEP_AT(at, APP_STEP_SCORES),                                                \
         "HOW",    "drop: leave a detector's scores out; a node then has x and y.",                 \
         0,        0,                                                                               \
         NULL,     false,                                                                           \
         NULL},                                                                                     \
        {"missing",                                                                                 \
         0,                                                                                         \
         APP_TEXT,                                                                                  \
         APP_STEP_AT(at, APP_STEP_MISSING),                                                         \
         "HOW",                                                                                     \
         "What becomes of missing values: keep, interpolate, drop (frames without a body), zero.",  \
         0,                                                                                         \
         0,                                                                                         \
         NULL,                                                                                      \
         false,                                                                                     \
         NULL},                                                                                     \
        {"align",  0,                                                                               \
         APP_TEXT, APP_STEP_AT(at, APP_STEP_ALIGN),                                                 \
         "HOW",    "Turn bodies upright: two-stream, pyskl or none.",                               \
         0,        0,                                                                               \
         NULL,     false,                                                                           \
         NULL},                                                                                     \
        {"centre", 0,                                                                               \
         APP_TEXT, APP_STEP_AT(at, APP_STEP_CENTRE),                                                \
         "WHERE",  "Move a node of the first body to the origin: NODE:each (frame) or NODE:first.", \
         0,        0,                                                                               \
         NULL,     false,                                                                           \
         NULL},                                                                                     \
        {"middle", 0,                                                                               \
         APP_TEXT, APP_STEP_AT(at, APP_STEP_MIDDLE),                                                \
         "HOW",    "Shares begin in the middle: image, halves (from -1 to 1) or none.",             \
         0,        0,                                                                               \
         NULL,     false,                                                                           \
         NULL},                                                                                     \
        {"scale",  0,                                                                               \
         APP_TEXT, APP_STEP_AT(at, APP_STEP_SCALE),                                                 \
         "NODES",  "NODE:NODE: divide positions by the mean distance of two nodes.",                \
         0,        0,                                                                               \
         NULL,     false,                                                                           \
         NULL},                                                                                     \
        {"resample", 0,                                                                             \
         APP_TEXT,   APP_STEP_AT(at, APP_STEP_RATE),                                                \
         "HZ",       "Resample to this rate: on straight lines in time, rotations on arcs.",        \
         0,          0,                                                                             \
         NULL,       false,                                                                         \
         NULL},                                                                                     \
    {                                                                                               \
        "standardise", 0, APP_TEXT, APP_STEP_AT(at, APP_STEP_STANDARDISE), "HOW",                   \
            "no: leave values as they are, without subtracting means and dividing by deviations.",  \
            0, 0, NULL, false, NULL                                                                 \
    }

/* The transformations of the options, as one text for zoo_raw.steps; NULL for none. */
const char *app_steps(char *text, size_t size, const char *const step[APP_STEPS]);

#endif
