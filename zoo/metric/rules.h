/*
 * rules.h: what the name of a protocol stands for.  Private to zoo/metric.
 */
#ifndef ZOO_METRIC_RULES_H
#define ZOO_METRIC_RULES_H

#include "zoo/metric/protocol.h"

typedef enum zoo_count {
    ZOO_COUNT_LABELS,
    ZOO_COUNT_POSITIONS,     /* of the layout's nodes */
    ZOO_COUNT_FUTURE_ANGLES, /* columns that move in the predicted frames and in training */
    ZOO_COUNT_CLIP_ANGLES,   /* columns that move anywhere in the clip */
    ZOO_COUNT_JOINTS,        /* of a chain, those that it counts */
    ZOO_COUNT_ALL_JOINTS     /* of a chain, every one */
} zoo_count;

/* A stride behind the end of any sequence. */
#define ZOO_FIRST_ONLY SIZE_MAX

typedef struct zoo_rules {
    zoo_count count;
    uint32_t columns; /* that a frame must have; 0: any that no other protocol claims */
    /* Which clips: every stride-th from the first on, or drawn where stride is 0. */
    size_t stride;
    size_t least_predicted; /* a clip has this many predicted frames or more */
    size_t first;           /* the lowest start that is drawn */
    size_t reserve;         /* frames behind the highest; 0: those of a clip */
    bool aligned;           /* the observed frames end where 50 would */
    const char *chain;
} zoo_rules;

/* NULL for a protocol that is not in the list. */
const zoo_rules *zoo_protocol_rules(const zoo_protocol *protocol);

#endif
