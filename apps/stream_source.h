/*
 * stream_source.h: where the frames of graphop stream come from: lines of text, a folder with a file
 * for each frame, a recording, or a sequence of a data set.
 */
#ifndef APPS_STREAM_SOURCE_H
#define APPS_STREAM_SOURCE_H

#include <dirent.h>

#include "fail.h"
#include "zoo/zoo.h"

typedef struct stream_input {
    const char *path;   /* "-" is standard input; with `data` the name of a sequence */
    const char *data;   /* a data set, or NULL */
    const char *source; /* the format of a recording, or NULL */
    double rate;        /* of frames without a time; 0: the model's */
    bool follow;        /* wait for more at the end */
} stream_input;

typedef struct stream_source {
    const app_usage *usage;
    stream_input in;
    const zoo_layout *layout; /* of the frames */
    double rate;
    zoo_frame_lines *lines; /* of a text or a folder */
    int fd;                 /* of a text, or -1 */
    bool ended;
    struct dirent **entry; /* of a folder, from `at` on to be read */
    int entries, at;
    char *last;       /* the name of the last file of the folder that was read */
    char *path;       /* of a file of the folder */
    unsigned tries;   /* to read a file that may be half written */
    zoo_dataset *set; /* of a recording or a sequence */
    size_t sequence, next;
    float *values; /* [bodies, columns] */
    int64_t id[ZOO_MAX_BODIES];
    zoo_frame frame;
    uint64_t bad; /* lines or files that were no frame */
} stream_source;

/* Opens the input of a model.  Its frames are prepared if it is a sequence of a data set. */
int stream_source_open(stream_source *s, const app_usage *usage, const zoo_model *model,
                       const stream_input *in);
/* The next frame; *frame is NULL at the end, and when a signal was noted.  What is no frame is
 * reported and counted.  An exit status other than APP_OK ends the input. */
int stream_source_next(stream_source *s, const zoo_frame **frame);
void stream_source_close(stream_source *s);

#endif
