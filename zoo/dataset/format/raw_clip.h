/*
 * raw_clip.h: a clip of one or more bodies on its way from a source to the store.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_RAW_CLIP_H
#define ZOO_DATASET_FORMAT_RAW_CLIP_H

#include "zoo/dataset/store/store.h"

typedef struct zoo_clip {
    const char *path; /* for messages: "x.npz: x_train.npy: clip 3" */
    size_t bodies, frames, columns;
    float
        *values; /* [bodies, frames, columns]; NaN: missing; a body with 0 or NaN only is absent */
    double width, height; /* of its image, pixels; 0: unknown */
    bool padded;          /* frames at the end without any body are no frames */
} zoo_clip;

/* Makes room for values, which are 0.  GOP_EFORMAT if they are too many, GOP_ENOMEM. */
gop_status zoo_clip_new(zoo_clip *clip, size_t bodies, size_t frames, size_t columns,
                        gop_error *err);
/* Adds the clip to the store as a sequence with the fields of `like`, whose frames and bodies are
 * set here, or drops it.  Bodies that are never there are left out.  Clears the clip. */
gop_status zoo_clip_add(zoo_store *store, zoo_clip *clip, const zoo_sequence *like, gop_error *err);
void zoo_clip_clear(zoo_clip *clip);

/* Drops the clip, for the reason in `bad`, and clears it. */
gop_status zoo_clip_drop(zoo_store *store, zoo_clip *clip, zoo_drop why, const gop_error *bad,
                         gop_error *err);

/* Fills a sequence's texts of subject, camera, setup and repetition from a name that has them as
 * those of NTU RGB+D do, S001C002P003R002A013; others stay empty.  `texts` is their memory. */
typedef struct zoo_name_texts {
    char text[4][5];
} zoo_name_texts;
void zoo_name_fields(zoo_sequence *q, zoo_name_texts *texts, const char *name);

#endif
