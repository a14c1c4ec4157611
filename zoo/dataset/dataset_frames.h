/*
 * dataset_frames.h: what a data set keeps besides its fields: the texts and spans of its sequences, and
 * the open file with their frames.  Private to zoo/dataset and zoo/trainer.
 */
#ifndef ZOO_DATASET_DATASET_FRAMES_H
#define ZOO_DATASET_DATASET_FRAMES_H

#include <stdatomic.h>

#include "zoo/dataset/dataset.h"

typedef struct zoo_text_block zoo_text_block;
typedef struct zoo_span_block zoo_span_block;

typedef struct zoo_frames {
    const gop_data *file;  /* NULL: frames are in memory */
    gop_data *own;         /* the same if the set closes it, else NULL */
    atomic_uchar *checked; /* [room]: whether a sequence's checksum has been compared */
    size_t room;
    zoo_text_block *texts;
    zoo_span_block *spans;
    const char *last[6]; /* texts of the last sequence: many have the same origin */
} zoo_frames;

/* Makes data->kept if there is none. */
gop_status zoo_frames_keep(zoo_dataset *data, gop_error *err);
void zoo_frames_free(zoo_frames *kept);
/* Makes room for the flags of `n` sequences. */
bool zoo_frames_room(zoo_frames *kept, size_t n);
/* A copy of the text that lives as long as the set; `k` is the field's index.  NULL without
 * memory. */
const char *zoo_frames_text(zoo_frames *kept, size_t k, const char *text);
/* A copy of spans that lives as long as the set; NULL for none and without memory. */
const zoo_span *zoo_frames_spans(zoo_frames *kept, const zoo_span *span, size_t n);
/* Notes that a sequence needs no check: its checksum comes from this process. */
void zoo_frames_trust(zoo_dataset *data, size_t i);

/* The number of floats that a sequence has. */
size_t zoo_sequence_size(const zoo_dataset *data, size_t i);
/* A hash of a sequence's frames, of those in memory as they are now. */
uint64_t zoo_sequence_sum(const zoo_dataset *data, size_t i);

/* Frames of one sequence, piece by piece, so that memory does not depend on its length. */
typedef struct zoo_pieces {
    const zoo_dataset *data;
    size_t sequence, body, first; /* of the present piece */
    size_t n;                     /* its frames, 0 at the end */
    float *frames;                /* [n, columns] */
    size_t room;                  /* frames of a piece */
} zoo_pieces;

/* The caller closes the pieces, also on failure. */
gop_status zoo_pieces_open(zoo_pieces *p, const zoo_dataset *data, gop_error *err);
/* Begins with another sequence; zoo_pieces_next then reads its first piece. */
void zoo_pieces_begin(zoo_pieces *p, size_t sequence);
gop_status zoo_pieces_next(zoo_pieces *p, gop_error *err);
void zoo_pieces_close(zoo_pieces *p);

#endif
