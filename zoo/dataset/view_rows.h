/*
 * view_rows.h: the rows of a view's settings, for the table of a view and the table of a run, which
 * holds a view.  Internal to the zoo.
 */
#ifndef ZOO_DATASET_VIEW_ROWS_H
#define ZOO_DATASET_VIEW_ROWS_H

#include <stddef.h>

/* `type` is the struct, `at` the member path of the view in it, with its dot, or empty. */
#define ZOO_VIEW_ROWS(type, at)                                                                     \
    {"bodies",                                                                                      \
     ZOO_SETTING_COUNT,                                                                             \
     offsetof(type, at bodies),                                                                     \
     1,                                                                                             \
     ZOO_MAX_BODIES,                                                                                \
     NULL,                                                                                          \
     "1",                                                                                           \
     "Bodies of a clip that the model sees together; 1: each alone.",                               \
     NULL},                                                                                         \
        {"average_bodies",                                                                          \
         ZOO_SETTING_CHOICE,                                                                        \
         offsetof(type, at average),                                                                \
         0,                                                                                         \
         0,                                                                                         \
         "all|present",                                                                             \
         "all",                                                                                     \
         "The bodies whose features are averaged.",                                                 \
         "bodies!1"},                                                                               \
        {"sample",                                                                                  \
         ZOO_SETTING_CHOICE,                                                                        \
         offsetof(type, at sample),                                                                 \
         0,                                                                                         \
         0,                                                                                         \
         "window|uniform|resize|whole",                                                             \
         "window",                                                                                  \
         "How frames of a clip are chosen: consecutive ones; one of each of equal segments; a "     \
         "part, interpolated; all from the first.",                                                 \
         NULL},                                                                                     \
        {"short",                                                                                   \
         ZOO_SETTING_CHOICE,                                                                        \
         offsetof(type, at shorter),                                                                \
         0,                                                                                         \
         0,                                                                                         \
         "loop|stretch|missing",                                                                    \
         "loop",                                                                                    \
         "What becomes of clips with too few frames.",                                              \
         "sample=uniform|sample=whole"},                                                            \
        {"crop",                                                                                    \
         ZOO_SETTING_NUMBER,                                                                        \
         offsetof(type, at crop),                                                                   \
         0.01,                                                                                      \
         1,                                                                                         \
         NULL,                                                                                      \
         "0.5",                                                                                     \
         "Least share of a clip that a resized part covers.",                                       \
         "sample=resize"},                                                                          \
    {                                                                                               \
        "test_clips", ZOO_SETTING_COUNT, offsetof(type, at test_clips), 0, 1000, NULL, "0",         \
            "Views of a test sequence that an answer averages; 0: one, or for windows each alone.", \
            NULL                                                                                    \
    }

#endif
