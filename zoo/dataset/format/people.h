/*
 * people.h: what a pose tool found in one recording: bodies in numbered frames, as they are read.
 *
 * Each tool's form has a file of its own, which passes every body it reads to zoo_people_add.
 * tracks.h then makes a clip of them.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_PEOPLE_H
#define ZOO_DATASET_FORMAT_PEOPLE_H

#include "zoo/dataset/store/store.h"
#include "zoo/json_feed.h"

/* Values of all bodies of a recording, and the most of one frame that are kept. */
#define ZOO_PEOPLE_VALUES ((size_t)1 << 25)
#define ZOO_PEOPLE_FRAMES ((size_t)1 << 22)
#define ZOO_PEOPLE_CROWD  256
#define ZOO_NO_ID         INT64_MIN

/* The joints of one body, as a tool writes them. */
typedef struct zoo_points {
    size_t n;
    bool depth, scored; /* whether z and scores are there */
    enum zoo_space {
        ZOO_SPACE_OPEN, /* unmarked: the values show it */
        ZOO_SPACE_IMAGE,
        ZOO_SPACE_WORLD
    } space;
    float v[ZOO_MAX_NODES][4]; /* x, y, z, score; NaN: missing */
} zoo_points;

/* A body in a frame. */
typedef struct zoo_found {
    uint32_t frame; /* index in `frame` */
    uint32_t track; /* set by tracks.c */
    int64_t id;     /* ZOO_NO_ID: none */
} zoo_found;

typedef struct zoo_people_frame {
    uint64_t key;    /* the number itself, or a hash of the name */
    uint64_t number; /* in the name; UINT64_MAX: none */
    uint32_t bodies;
} zoo_people_frame;

typedef struct zoo_people {
    const char *path;         /* for messages */
    const zoo_layout *layout; /* given, or that of the first body */
    bool given;
    zoo_points points; /* room for the body that is being read */
    size_t n, room;
    zoo_found *found; /* [n], in the order of the file */
    float *values;    /* [n, layout->columns] */
    uint32_t now;     /* the frame of a list of bodies; UINT32_MAX: none */
    size_t frames, frame_room, slots;
    zoo_people_frame *frame; /* [frames], in the order of the file */
    uint32_t *slot;          /* hash table of frames by key; UINT32_MAX: free */
    size_t last;             /* the frame that was looked up last */
    uint64_t around;         /* hash of what surrounds the number in the first name */
    bool named, uniform;     /* frames have names; the names differ in their numbers alone */
    size_t back;             /* frames that come after later ones */
    uint64_t latest;
    size_t crowd;      /* bodies beyond ZOO_PEOPLE_CROWD of a frame */
    size_t open, like; /* bodies without a mark of their space, and those like world landmarks */
    float farthest;    /* largest x or y */
    zoo_drop why;      /* the reason to drop the recording, after a failure */
} zoo_people;

/* Empties it for the next recording.  `layout` is that of the bodies, or NULL. */
void zoo_people_begin(zoo_people *p, const char *path, const zoo_layout *layout);
void zoo_people_clear(zoo_people *p);

/* The frame of a number, of a name, or the next one.  GOP_ENOMEM; GOP_EFORMAT for too many. */
gop_status zoo_people_frame_at(zoo_people *p, uint32_t *frame, uint64_t number, gop_error *err);
gop_status zoo_people_frame_of(zoo_people *p, uint32_t *frame, const char *name, gop_error *err);
gop_status zoo_people_frame_next(zoo_people *p, uint32_t *frame, gop_error *err);
/* That of a list of bodies without a frame: p->now. */
gop_status zoo_people_frame_now(zoo_people *p, uint32_t *frame, gop_error *err);
/* Adds the body in p->points.  GOP_EFORMAT for a number of joints other than the layout's. */
gop_status zoo_people_add(zoo_people *p, uint32_t frame, int64_t id, gop_error *err);
/* Takes back the bodies from the n-th on, which are all of one frame. */
void zoo_people_take_back(zoo_people *p, size_t n);
/* The usual layout of a number of joints, in space or in an image, or NULL. */
const zoo_layout *zoo_people_layout(size_t joints, bool world);
/* Whether a body in p->points looks like world landmarks: the hips of 33 joints, or all 21 of a hand,
 * are around the origin. */
bool zoo_points_like_world(const zoo_points *points);
/* Checks what only the whole recording shows. */
gop_status zoo_people_check(zoo_people *p, gop_error *err);

/* The last number in a name without its ending: 12 in "a_012_keypoints.json".  UINT64_MAX: none.
 * *around gets a hash of the rest of the name. */
uint64_t zoo_people_number(uint64_t *around, const char *name);

/* ----------------------------------------------------------------- parts of JSON */

/* GOP_EFORMAT with a fault in JSON, at its line. */
gop_status zoo_people_not_json(zoo_people *p, const zoo_json *j, gop_error *err);
/* Reads an array of numbers into points: `width` values of each joint, x and y and, for 3, a score.
 * A null is missing. */
gop_status zoo_people_flat(zoo_people *p, zoo_json *j, size_t width, gop_error *err);
/* Reads an array of joints into points: {"x", "y", "z", "visibility" or "score"}, or an array of x, y
 * and more, where the third is z if `depth`, else the score.  A null is missing. */
gop_status zoo_people_points(zoo_people *p, zoo_json *j, bool depth, gop_error *err);
/* Reads a number or null: NaN.  Other values are passed; false. */
bool zoo_people_value(zoo_json *j, float *v);
/* Reads an id: a whole number, in a text or in an array, whose first counts.  ZOO_NO_ID for others. */
int64_t zoo_people_id(zoo_json *j);

/* ----------------------------------------------------------------------- forms */

/* How a tool writes its results as JSON: entries of an array or an object. */
typedef struct zoo_form {
    const char *name;
    const char *const
        *lists; /* keys of an object that hold the array of entries; NULL at the end */
    /* Whether an entry is of this form; `list` is the key of its array, or NULL. */
    bool (*knows)(zoo_json entry, const char *list);
    /* Reads an entry; `name` is its key in an object, or NULL. */
    gop_status (*read)(zoo_people *p, zoo_json *entry, const char *list, const char *name,
                       gop_error *err);
} zoo_form;

/* Reads all of a file of JSON that is open, in whatever form it is. */
gop_status zoo_people_read(zoo_people *p, zoo_json_feed *feed, int fd, gop_error *err);

extern const zoo_form zoo_form_openpose, zoo_form_coco, zoo_form_mmpose, zoo_form_mediapipe;

#endif
