/*
 * streams.h: models of one or several networks that recognise, each on its own stream of the poses:
 * joints, bones, and their motion.  Models of plugins use it, too.
 * May use zoo/recogniser.h.
 *
 * A type whose options contain ZOO_STREAM_OPTIONS records itself by zoo_record_streams, and its
 * zoo_fusion is zoo_stream_fusion.  With several streams each network's parameters have the
 * stream's name before theirs, "bone.fc.weight".
 */
#ifndef ZOO_STREAMS_H
#define ZOO_STREAMS_H

#include "zoo/recogniser.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum zoo_pose_stream {
    ZOO_JOINT,
    ZOO_BONE, /* each node minus its neighbour towards the centre; the centre is 0 */
    ZOO_JOINT_MOTION,
    ZOO_BONE_MOTION,
    ZOO_LONG_BONE, /* each node minus the neighbour's neighbour towards the centre, or the centre */
    ZOO_LONG_BONE_MOTION,
    ZOO_STREAMS
} zoo_pose_stream;

/* The choices of a SET option of streams, in this order. */
#define ZOO_STREAM_CHOICES "joint|bone|joint_motion|bone_motion|long_bone|long_bone_motion"

/* The streams of a model's networks, a field of its configuration. */
typedef struct zoo_stream_set {
    uint32_t streams; /* bit k: stream k has a network */
    zoo_list weights; /* of their scores, in the order of streams; none: equal ones */
} zoo_stream_set;

/* The rows of the options `stream` and `stream_weights` of a configuration of this type, whose field
 * `set` is a zoo_stream_set. */
#define ZOO_STREAM_OPTIONS(type, set)                                                       \
    {"stream",                                                                              \
     ZOO_SETTING_SET,                                                                       \
     offsetof(type, set.streams),                                                           \
     0,                                                                                     \
     0,                                                                                     \
     ZOO_STREAM_CHOICES,                                                                    \
     "joint",                                                                               \
     "the input of the network; several: a network for each",                               \
     NULL},                                                                                 \
    {                                                                                       \
        "stream_weights", ZOO_SETTING_LIST, offsetof(type, set.weights), 0, 1000, NULL, "", \
            "weights of the streams' probabilities; none: equal ones", NULL                 \
    }

/* The name of the only stream of a set's `streams`; NULL for none and for several. */
GOP_API const char *zoo_stream_name(uint32_t streams);
/* Checks that there are as many weights as streams, or none.  GOP_EINVAL. */
GOP_API gop_status zoo_check_streams(const zoo_stream_set *set, gop_error *err);

/* A stream of normalised poses x [N B, M, T, D], the same shape.  Motion is x(t+1) - x(t), and 0 in
 * the last frame. */
GOP_API gop_var zoo_stream_of(gop_net *net, const zoo_use *use, zoo_pose_stream stream, gop_var x);

/* Records one network: class scores before the softmax [N, classes] from x [N B, M, T, D].  It may
 * add a loss of its own to ports->loss_recognition in a training net. */
typedef gop_var (*zoo_stream_network)(gop_net *net, const void *config, const zoo_use *use,
                                      zoo_ports *ports, gop_var x);
/* Records the inputs, a network for each stream, and what zoo_classify adds, with the weighted mean
 * of the networks' probabilities as scores. */
GOP_API void zoo_record_streams(gop_net *net, const void *config, const zoo_use *use,
                                const zoo_stream_set *set, size_t observed,
                                zoo_stream_network network, zoo_ports *ports);

/* Fuses models of different streams; all options but the streams' must be equal. */
extern GOP_API const zoo_fusion zoo_stream_fusion;
/* Sets the weights of a model that zoo_model_fuse made of `models`, one weight for each of them, in
 * their order.  GOP_EINVAL for a type without ZOO_STREAM_OPTIONS, for a model that is not one of the
 * fused, and for weights whose number differs from that of the models or that are all 0; the weights
 * are then as before. */
GOP_API gop_status zoo_weigh_streams(zoo_model *fused, const zoo_model *const *models,
                                     const zoo_list *weights, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
