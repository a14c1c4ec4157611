/*
 * transform.h: what is done to a clip between its file and a model: a list of steps that the domain
 * of a data set or model stores as text, such as "centre SpineMid:each".
 *
 * A kind of step is a row of the table in transform.c; its functions stand in the file of its
 * topic.  The store applies a domain's list to every clip of a source (store.h), so that preparing
 * and predicting do the same.  A stream applies it to every window.  Private to zoo/dataset and
 * zoo/stream.
 */
#ifndef ZOO_DATASET_TRANSFORM_TRANSFORM_H
#define ZOO_DATASET_TRANSFORM_TRANSFORM_H

#include "zoo/dataset/dataset.h"

/* A clip: bodies on one clock.  NaN: missing; a body that is absent in a frame lacks all. */
typedef struct zoo_recording {
    size_t bodies, frames, columns;
    float *values;         /* [bodies, frames, columns], owned */
    uint32_t *mark;        /* [frames], owned: numbers that go with the frames; NULL: none */
    size_t other_bodies;   /* left out by a step; for some orders, in each frame */
    size_t dropped_frames; /* left out by a step */
    size_t filled;         /* frames that repeat others */
    double width, height;  /* of its image, pixels; 0: unknown */
    /* Memory for the values behind each step that changes the columns, owned by the caller, with whom
     * it changes places; NULL: such a step allocates. */
    float *spare;
} zoo_recording;

/* What a step makes of the data's description. */
typedef struct zoo_setting_of_clips {
    zoo_layout layout; /* owned */
    double rate;       /* Hz */
} zoo_setting_of_clips;

struct zoo_transform;

/* One step, parsed. */
typedef struct zoo_step {
    const struct zoo_transform *kind;
    double number, second;       /* a factor, a count; a width and a height */
    uint32_t choice;             /* index of a word of the kind's list */
    char word[2][ZOO_NAME_SIZE]; /* names */
    uint32_t node[2];            /* of these names, set by plan */
    /* Before plan, the layout that a step may name besides the built-in ones, or NULL. */
    const zoo_layout *named;
    uint32_t *from; /* the node before the step of each node behind it, set by plan; owned by it */
} zoo_step;

/* A kind of step. */
typedef struct zoo_transform {
    const char *name; /* "centre" */
    const char *form; /* its parameters: "NODE each|first" */
    const char *text; /* its description, a sentence without an end */
    /* Sets the step from `words` parameters; GOP_EINVAL. */
    gop_status (*parse)(zoo_step *step, const char *const *word, size_t words, gop_error *err);
    /* Writes the parameters; NULL: there are none. */
    void (*print)(const zoo_step *step, char *text, size_t size);
    /* Checks the layout and changes *setting to that of the results; NULL: any, unchanged. */
    gop_status (*plan)(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err);
    /* Changes a clip of the layout before the step; NULL: nothing to do.  A clip may get 0 frames.
     * GOP_ENOMEM; GOP_EFORMAT for a clip that cannot be changed so. */
    gop_status (*apply)(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err);
} zoo_transform;

/* Parses a step, "KIND PARAMETER:PARAMETER"; blanks may stand for the colons if no name has any.
 * GOP_EINVAL names the kind and its form. */
gop_status zoo_step_parse(zoo_step *step, const char *text, gop_error *err);
/* The canonical text. */
void zoo_step_print(const zoo_step *step, char text[ZOO_STEP_SIZE]);

/* Puts the steps of `text`, separated by ';', into the list in the table's order; a step replaces
 * that of its kind, and "KIND none" removes it. */
gop_status zoo_steps_put(zoo_steps *list, const char *text, gop_error *err);
/* The step of a kind, or NULL. */
const char *zoo_steps_find(const zoo_steps *list, const char *kind);
/* Puts steps behind those of `done`, which were applied already: *list gets the new ones.
 * GOP_EINVAL for a step that would come before one of these, replace or remove it. */
gop_status zoo_steps_follow(zoo_steps *list, const zoo_steps *done, const char *text,
                            gop_error *err);
/* Removes the step of a kind. */
void zoo_steps_remove(zoo_steps *list, const char *kind);

/* A list that is ready to apply. */
typedef struct zoo_plan {
    size_t n;
    zoo_step step[ZOO_MAX_STEPS];
    zoo_setting_of_clips setting[ZOO_MAX_STEPS + 1]; /* before each step, and at the end */
} zoo_plan;

/* Checks the list for data of this layout and rate.  A step may name the layout `named`, unless it is
 * NULL, and the built-in ones.  GOP_EINVAL names the step that does not suit.  Free *plan with
 * zoo_plan_free. */
gop_status zoo_plan_new(zoo_plan **plan, const zoo_steps *list, const zoo_layout *layout,
                        double rate, const zoo_layout *named, gop_error *err);
/* Applies the list to a clip. */
gop_status zoo_plan_apply(const zoo_plan *plan, zoo_recording *clip, gop_error *err);
/* The rate of clips before the steps. */
double zoo_plan_given_rate(const zoo_plan *plan);
/* The layout and rate of the results. */
const zoo_setting_of_clips *zoo_plan_result(const zoo_plan *plan);
void zoo_plan_free(zoo_plan *plan);

/* ------------------------------------------------------- for the files of the kinds */

/* How many of a node's channels, the first ones, are coordinates; 0: none are. */
size_t zoo_coordinates(const zoo_layout *layout);
/* The same; GOP_EINVAL if there are none. */
gop_status zoo_needs_coordinates(const zoo_step *step, const zoo_layout *layout, gop_error *err);
/* Finds word `k` of the step among the layout's nodes; GOP_EINVAL. */
gop_status zoo_step_node(zoo_step *step, size_t k, const zoo_layout *layout, gop_error *err);
/* The index of a word in a list that ends with NULL; GOP_EINVAL. */
gop_status zoo_step_choice(zoo_step *step, const char *word, const char *const *words,
                           gop_error *err);
/* A finite number in [least, most]; GOP_EINVAL. */
gop_status zoo_step_number(zoo_step *step, const char *word, double least, double most,
                           gop_error *err);
/* Copies a name; GOP_EINVAL if it is too long. */
gop_status zoo_step_word(zoo_step *step, size_t k, const char *word, gop_error *err);

/* Frame t of a body. */
static inline float *zoo_frame_of(const zoo_recording *clip, size_t body, size_t t)
{
    return clip->values + (body * clip->frames + t) * clip->columns;
}

/* Memory for values of so many columns: the spare or new one.  NULL: there is none. */
float *zoo_recording_room(const zoo_recording *clip, size_t columns);
/* Gives the clip the values that were written there. */
void zoo_recording_take(zoo_recording *clip, float *values, size_t columns);

/* Whether the body has a value in frame t. */
bool zoo_is_there(const zoo_recording *clip, size_t body, size_t t);
/* The variance of one coordinate of a body over nodes and frames, of those frames with `taken`
 * (NULL: all) in which the body is there; 0 without any. */
double zoo_body_variance(const zoo_recording *clip, const zoo_layout *layout, size_t body,
                         size_t axis, const bool *taken);
/* Whether the body has a value in any frame. */
bool zoo_is_ever_there(const zoo_recording *clip, size_t body);
/* Leaves out the frames in which each of the first `bodies` bodies is absent. */
void zoo_frames_drop(zoo_recording *clip, size_t bodies);
/* Lets the first two bodies of the clip change places. */
void zoo_bodies_exchange(zoo_recording *clip);
/* The coordinates of a node in a frame; false if one is missing. */
bool zoo_place_of(double place[3], const float *frame, const zoo_layout *layout, size_t node);

/* The node's value at `share` of the way from frame a to frame b of a layout of rotations, written to
 * frame `out`: on the shortest arc, as arc.c has it; NaN where a or b lack a channel of the node. */
void zoo_arc(float *out, const float *a, const float *b, double share, const zoo_layout *layout,
             size_t node);
/* Whether the layout's nodes are rotations, for zoo_arc. */
bool zoo_is_rotation(const zoo_layout *layout);

extern const zoo_transform zoo_transform_image, zoo_transform_min_score, zoo_transform_units,
    zoo_transform_bodies, zoo_transform_missing, zoo_transform_align, zoo_transform_centre,
    zoo_transform_middle, zoo_transform_scale, zoo_transform_scores, zoo_transform_joints,
    zoo_transform_positions, zoo_transform_rate, zoo_transform_fill, zoo_transform_standardise;

#endif
