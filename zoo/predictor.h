/*
 * predictor.h: what models that predict poses have in common: the ports of a prediction, also by
 * several steps, and the losses, which are options of every such model.
 * May use zoo/model.h and zoo/recogniser.h.
 */
#ifndef ZOO_PREDICTOR_H
#define ZOO_PREDICTOR_H

#include "zoo/recogniser.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Functions that return a gop_var or a zoo_truth record operators.  Errors are sticky, as for all
 * recording functions: GOP_EINVAL for NULL, GOP_ESHAPE for shapes that do not fit. */

/* How predicted poses are compared with the true ones. */
typedef enum zoo_distance {
    ZOO_DISTANCE_POSITION, /* of each node, root of the sum of squares over its channels; the mean
                            * over bodies, nodes and frames, in the unit of the data */
    ZOO_DISTANCE_ANGLE,    /* |.| summed over nodes and channels; the mean over bodies and frames,
                            * in the unit of the data */
    ZOO_DISTANCE_ABSOLUTE, /* the mean of |.| of normalised values */
    ZOO_DISTANCE_SQUARED,  /* the mean of (.)^2 of normalised values */
    ZOO_DISTANCE_SUM       /* ABSOLUTE, summed over nodes, frames and channels; no choice of
                            * ZOO_LOSS_OPTIONS */
} zoo_distance;

/* Options of a loss: distance(y, true) + velocity distance(differences of y, those of true). */
typedef struct zoo_loss {
    uint32_t distance;      /* a zoo_distance */
    double velocity;        /* weight of the velocities' distance */
    zoo_list joint_weights; /* of each node in the means; empty: equal ones */
} zoo_loss;

/* The rows of a zoo_loss in a table of options: the configuration's type, its field, the defaults
 * of loss and velocity, and what the options need. */
#define ZOO_LOSS_OPTIONS(config, field, loss_default, velocity_default, needs)                 \
    {"loss",                                                                                   \
     ZOO_SETTING_CHOICE,                                                                       \
     offsetof(config, field) + offsetof(zoo_loss, distance),                                   \
     0,                                                                                        \
     0,                                                                                        \
     "position|angle|absolute|squared",                                                        \
     loss_default,                                                                             \
     "prediction loss: mean distance of nodes, sum of angles' differences, mean absolute "     \
     "or squared difference of normalised values",                                             \
     needs},                                                                                   \
        {"velocity",                                                                           \
         ZOO_SETTING_NUMBER,                                                                   \
         offsetof(config, field) + offsetof(zoo_loss, velocity),                               \
         0,                                                                                    \
         1000,                                                                                 \
         NULL,                                                                                 \
         velocity_default,                                                                     \
         "weight of the same distance of velocities, the differences of successive frames",    \
         needs},                                                                               \
    {                                                                                          \
        "joint_weights", ZOO_SETTING_LIST,                                                     \
            offsetof(config, field) + offsetof(zoo_loss, joint_weights), 0, 1000000, NULL, "", \
            "weight of each node in the prediction loss; empty: equal weights", needs          \
    }

/* Checks that there are as many weights as nodes, or none, and that one is above 0: GOP_EINVAL. */
GOP_API gop_status zoo_check_loss(const zoo_loss *loss, const zoo_layout *layout, gop_error *err);

/* How far a model sees and predicts: options of every model that only predicts. */
typedef struct zoo_horizon {
    uint32_t observed;  /* frames */
    uint32_t predicted; /* frames that the network predicts at once */
    uint32_t steps;     /* times that it predicts, each from what it predicted before */
} zoo_horizon;

/* The rows of a zoo_horizon: the configuration's type, its field, the defaults of frames observed
 * and predicted. */
#define ZOO_HORIZON_OPTIONS(config, field, observed_default, predicted_default)                \
    {"observed",                                                                               \
     ZOO_SETTING_COUNT,                                                                        \
     offsetof(config, field) + offsetof(zoo_horizon, observed),                                \
     1,                                                                                        \
     4096,                                                                                     \
     NULL,                                                                                     \
     observed_default,                                                                         \
     "frames observed",                                                                        \
     NULL},                                                                                    \
        {"predicted",                                                                          \
         ZOO_SETTING_COUNT,                                                                    \
         offsetof(config, field) + offsetof(zoo_horizon, predicted),                           \
         1,                                                                                    \
         4096,                                                                                 \
         NULL,                                                                                 \
         predicted_default,                                                                    \
         "frames predicted at once",                                                           \
         NULL},                                                                                \
    {                                                                                          \
        "steps", ZOO_SETTING_COUNT, offsetof(config, field) + offsetof(zoo_horizon, steps), 1, \
            256, NULL, "1",                                                                    \
            "times that the network predicts, each from what it predicted before; training "   \
            "has the first",                                                                   \
            NULL                                                                               \
    }

/* The frames of all steps, of a zoo_horizon or of a configuration that begins with one: for
 * zoo_model_type.predicted. */
GOP_API size_t zoo_horizon_frames(const void *horizon);
/* For zoo_import.assumes. */
#define ZOO_ASSUMES_PREDICTED "no shape shows the frames predicted; --set predicted=N has others"
/* For zoo_model_type.recognises of a model that only predicts: false. */
GOP_API bool zoo_only_predicts(const void *config);

/* A network that predicts: from x [N B, M, T, D] the poses [N B, M, S, D], S >= predicted.  The
 * last `predicted` frames follow x; those before, if any, are the network's account of the last
 * frames of x.  It is called again for each step and must then record the same parameters. */
typedef gop_var (*zoo_network)(gop_net *net, void *user, gop_var x);

/* Records ports->x, the network and ports->poses [N B, M, predicted steps, D], and returns what the
 * network gives in the first step.  With `grow` a step observes all frames before it, else the last
 * `observed`.  A training net has only the first step, and ports->poses only if it is the only
 * one. */
GOP_API gop_var zoo_predict(gop_net *net, const zoo_use *use, const zoo_horizon *horizon, bool grow,
                            zoo_network network, void *user, zoo_ports *ports);

/* What a network is trained to give.  Values that are none count as 1. */
typedef struct zoo_truth {
    gop_var poses;   /* [N B, M, S, D] */
    gop_var there;   /* [N B, M, S, D]: 1, or 0 where a value is missing */
    gop_var weights; /* [1, M, 1, 1]: of nodes */
    gop_var unit;    /* [1, M, 1, D]: of a normalised value, in the unit of the data */
} zoo_truth;

/* In training nets: records ports->target for the horizon and, if values may be missing,
 * ports->mask, and returns the truth of the first step, with as many of the last frames of ports->x
 * before it that there are S = `frames` frames.  Observed values count as there. */
GOP_API zoo_truth zoo_expect_poses(gop_net *net, const zoo_use *use, const zoo_horizon *horizon,
                                   const zoo_loss *loss, size_t frames, zoo_ports *ports);
/* The loss of poses y.  Means are over the values that are there, a velocity is there if both of
 * its frames are, and weights enter by their share. */
GOP_API gop_var zoo_prediction_loss(gop_net *net, const zoo_loss *loss, gop_var y, zoo_truth truth);
/* In training nets: sets the ports of the truth and ports->loss_prediction, the loss of y, the
 * result of zoo_predict. */
GOP_API void zoo_learn_poses(gop_net *net, const zoo_use *use, const zoo_horizon *horizon,
                             const zoo_loss *loss, gop_var y, zoo_ports *ports);

#ifdef __cplusplus
}
#endif
#endif
