/*
 * protocol.h: named protocols for measuring a model on a data set.
 *
 * A protocol fixes the test clips, what is predicted, and how errors are counted.
 * May use graphop.h and zoo/dataset.
 *
 * graphop-eval(1) lists the protocols, graphop-protocols(7) has their formulas.
 *
 * Clips are cut from sequences reduced to every factor-th frame.  If an action has several test
 * sequences, the i-th clip comes from the (i mod count)-th.  An action without training data, or
 * with other test files than the protocol's, is marked and left out of averages.
 *
 * Protocols of angles: columns 0-5 (the root) never count, constant columns
 * are at the training mean in truth and prediction, angles are not wrapped.
 * Two references need no model: zero velocity repeats the last observed frame in all columns, constant
 * velocity adds the difference of the last two to it again and again.
 *
 * Protocols of a chain measure its joints' positions: joint angles through forward kinematics, and data
 * in the layout of the chain's positions as they are.  Joints that always coincide with a counted one
 * have that one's position; joints that cannot move have no error.
 *
 * zoo_measure can change the number of clips drawn for prediction; the first eight stay the same.
 * It can also request a clip at every start.
 */
#ifndef ZOO_METRIC_PROTOCOL_H
#define ZOO_METRIC_PROTOCOL_H

#include "zoo/dataset/view.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Clips drawn per action unless zoo_measure sets another number. */
#define ZOO_DRAWN_CLIPS 8
#define ZOO_PCK_LIMIT   0.05
/* zoo_protocol.clips: a clip at every start. */
#define ZOO_EVERY_START SIZE_MAX

typedef enum zoo_task { ZOO_PREDICTION, ZOO_RECOGNITION } zoo_task;

/* What is compared with the truth. */
typedef enum zoo_count {
    ZOO_COUNT_LABELS,
    ZOO_COUNT_POSITIONS,     /* of the layout's nodes */
    ZOO_COUNT_FUTURE_ANGLES, /* columns that move in the predicted frames and in training */
    ZOO_COUNT_CLIP_ANGLES,   /* columns that move anywhere in the clip */
    ZOO_COUNT_JOINTS,        /* the joints that a chain counts */
    ZOO_COUNT_ALL_JOINTS     /* all joints of a chain */
} zoo_count;

/* Where the clips are. */
typedef enum zoo_cut {
    ZOO_CUT_DRAWN,   /* at drawn starts, zoo_measure sets how many */
    ZOO_CUT_EIGHT,   /* always at the first ZOO_DRAWN_CLIPS of these */
    ZOO_CUT_WINDOWS, /* at every `stride`-th frame */
    ZOO_CUT_FIRST,   /* at the beginning of each sequence */
    ZOO_CUT_WHOLE    /* a sequence is one clip, of which the model's view takes what it sees */
} zoo_cut;

/* The test files that a protocol's clips come from, for data sets of one name.  An action's files
 * are BEFORE ACTION _ K, with K from 1 to `takes`. */
typedef struct zoo_test_files {
    const char *set;    /* the data set's name: "h36m" */
    const char *before; /* "S5_" */
    size_t takes;       /* 0: the set has substitutes for these files; no action is marked */
} zoo_test_files;

typedef struct zoo_protocol {
    const char *name;
    zoo_task task;
    zoo_feature feature; /* of the data; 0: any */
    uint32_t columns;    /* of a raw frame; 0: any that no other protocol claims */
    zoo_count count;
    const char *chain; /* name of the chain whose joints are compared */
    zoo_cut cut;
    size_t stride;
    size_t clips; /* for ZOO_CUT_DRAWN, unless zoo_measure sets them; 0: ZOO_DRAWN_CLIPS */
    size_t least_predicted; /* minimum predicted frames of a clip */
    /* Frames that are measured: a model that predicts fewer is fed its own predictions (feedback.h).
     * 0: those that it predicts. */
    size_t horizon;
    size_t first;   /* the lowest start that is drawn */
    size_t reserve; /* starts are below n - reserve; 0: a clip's length */
    size_t rest;  /* with a clip at every start, starts are below n - rest; 0: wherever one fits */
    bool aligned; /* the observed frames end with frame 50 */
    bool on_request; /* a variant, measured only by name */
    /* By data set, ends with a NULL set; data sets without a row may have any test files.  NULL:
     * all may. */
    const zoo_test_files *files;
} zoo_protocol;

/* The scale of a limit of zoo_pck. */
typedef enum zoo_pck_scale {
    ZOO_PCK_BOX,  /* of the longest side of the box around the true pose */
    ZOO_PCK_STD,  /* of each column's standard deviation in the training data */
    ZOO_PCK_METRE /* of one metre */
} zoo_pck_scale;

/* A clip to which a model has given scores. */
typedef struct zoo_scored {
    const zoo_protocol *protocol;
    const char *sequence;  /* its name */
    size_t start;          /* the raw frame at which the clip begins */
    size_t label;          /* the true class */
    const gop_real *score; /* [classes] */
} zoo_scored;

/* The choices that a protocol leaves open; all zeros: the defaults. */
typedef struct zoo_measure {
    size_t clips;     /* per action, for ZOO_CUT_DRAWN; 0: the protocol's */
    bool every_clip;  /* for ZOO_CUT_DRAWN: a clip at every start instead */
    size_t top;       /* also measure top-`top` accuracy; 0: 1 */
    double pck_limit; /* 0: ZOO_PCK_LIMIT */
    zoo_pck_scale pck_scale;
    /* For ZOO_CUT_WHOLE and ZOO_CUT_FIRST: the share of each clip that is observed, from its beginning,
     * rounded up to frames; 0: all of it.  A window is then the last frames of that part, and an
     * answer that would need more frames than it has is wrong. */
    double share;
    /* Gets `user` and each clip of recognition as soon as it is measured; an error ends the call.
     * NULL: nothing does. */
    gop_status (*seen)(void *user, const zoo_scored *clip, gop_error *err);
    void *user;
} zoo_measure;

/* All protocols, ends with a NULL name. */
GOP_API const zoo_protocol *zoo_protocol_list(void);
GOP_API const zoo_protocol *zoo_protocol_find(const char *name);
/* Whether a protocol can measure this data. */
GOP_API bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain);
/* Whether the protocol is measured on this data by default. */
GOP_API bool zoo_protocol_usual(const zoo_protocol *protocol, const zoo_domain *domain);

/* Whether a protocol suits what a model sees of a clip: protocols of windows need a view of windows,
 * and ZOO_CUT_WHOLE one that is about whole sequences (zoo_view_by_clip). */
GOP_API bool zoo_protocol_sees(const zoo_protocol *protocol, const zoo_view *view);

/* Writes one sentence without a full stop, at most `size` bytes, that describes how the protocol's
 * numbers are computed.  `measure` NULL stands for all zeros.  Empty without a protocol. */
GOP_API void zoo_protocol_describe(char *text, size_t size, const zoo_protocol *protocol,
                                   const zoo_measure *measure);

#ifdef __cplusplus
}
#endif
#endif
