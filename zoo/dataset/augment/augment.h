/*
 * augment.h: random changes of training windows: rotations, other speeds, missing nodes.
 *
 * A list of changes is text, "rotate:0.3,scale:0.1".  A kind of change is a row of the table in
 * augment.c; its function stands in the file of its topic.  A window's draws depend on its key and
 * the change's name, so that observed and predicted frames change alike.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_AUGMENT_AUGMENT_H
#define ZOO_DATASET_AUGMENT_AUGMENT_H

#include "zoo/dataset/dataset.h"

struct zoo_change;

#define ZOO_MAX_CHANGES 12

/* A list of changes, parsed for a layout. */
typedef struct zoo_augment {
    const zoo_layout *layout;
    size_t n;
    const struct zoo_change *kind[ZOO_MAX_CHANGES];
    double amount[ZOO_MAX_CHANGES];
} zoo_augment;

/* Frames of a window, which a change may write. */
typedef struct zoo_scene {
    float *raw; /* [bodies, frames, columns] */
    size_t bodies, frames;
    double middle[3]; /* about which coordinates change: that of the observed frames, for those that
                       * follow too; 0 for three coordinates */
} zoo_scene;

/* The times of a window, in frames from the clip's beginning; below 0: a missing frame. */
typedef struct zoo_times {
    double *time;
    size_t n;
    double first, span; /* of the window with the frames that follow */
    size_t clip;        /* frames of the whole clip */
} zoo_times;

typedef struct zoo_change {
    const char *name; /* "rotate" */
    const char *text; /* what its number is, for messages */
    double least, most;
    bool places;   /* it needs coordinates of points */
    bool observed; /* only observed frames change, not those that follow */
    void (*frames)(const zoo_layout *l, double amount, zoo_scene *scene, gop_rng *rng);
    void (*times)(double amount, zoo_times *times, gop_rng *rng);
} zoo_change;

/* Parses a list; empty or NULL: no change.  GOP_EINVAL names the kinds, or the layout that lacks what
 * a kind needs. */
gop_status zoo_augment_read(zoo_augment *a, const char *text, const zoo_layout *layout,
                            gop_error *err);
/* Changes the times of a window, before its frames are read. */
void zoo_augment_times(const zoo_augment *a, uint64_t key, zoo_times *times);
/* Changes frames: those that are observed, whose middle it sets, or those that follow, whose middle
 * the caller sets to the former. */
void zoo_augment_frames(const zoo_augment *a, uint64_t key, bool observed, zoo_scene *scene);

/* Sets scene->middle: of two coordinates, which are places in an image, the means. */
void zoo_scene_find_middle(zoo_scene *scene, const zoo_layout *l);

/* The columns of node i's channels. */
static inline const uint32_t *zoo_columns_of(const zoo_layout *l, size_t i)
{
    return l->column + i * l->channels;
}

/* A number uniform in [-most, most]. */
static inline double zoo_draw_about(gop_rng *rng, double most)
{
    return (2 * gop_rng_uniform(rng) - 1) * most;
}

extern const zoo_change zoo_change_rotate, zoo_change_scale, zoo_change_shear, zoo_change_mirror,
    zoo_change_speed, zoo_change_crop, zoo_change_reverse, zoo_change_joints, zoo_change_bodies,
    zoo_change_noise;

#endif
