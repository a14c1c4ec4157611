/*
 * step.h: the inside of a stepper, shared by step_derive.c, step_ring.c and stepper.c.
 *
 * A stepper has an inference net of its own in which every value is one frame.  step_derive.c
 * records it from the net for windows, operator by operator, and puts a ring before an operator that
 * reads several frames, and where a branch must wait.  A value's frames appear at the pushes first +
 * every t; a node runs at a push at which its inputs or its result appear.
 */
#ifndef GOP_NET_STEP_H
#define GOP_NET_STEP_H

#include "net/net.h"

/* The pushes at which something appears: first, first + every, ...; every 0: at all. */
typedef struct step_times {
    uint64_t first, every;
} step_times;

/* Whether something appears at push `now`; *t is then its frame. */
static inline bool gop_step_due(step_times s, uint64_t now, uint64_t *t)
{
    if (s.every == 0 || now < s.first || (now - s.first) % s.every != 0)
        return false;
    *t = (now - s.first) / s.every;
    return true;
}

/* A ring or a sum: an input of the stepper's net that its operator writes. */
typedef struct step_state {
    gop_var v;
    size_t size; /* elements */
} step_state;

typedef struct step_out {
    gop_var v;
    step_times times;
    int64_t from; /* as in gop_step_reach */
} step_out;

/* An input of the recorded net. */
typedef struct step_input {
    int32_t id;
    gop_var v;
} step_input;

struct gop_stepper {
    gop_net *net;
    uint32_t mark; /* of the recorded net */
    gop_var x;
    size_t frame;           /* elements of a frame of x */
    uint64_t now;           /* frames pushed: the push that runs or comes next */
    step_times (*times)[2]; /* of each node: of its inputs, of its result */
    bool *due;              /* of each node, at this push */
    size_t n_nodes, cap_nodes;
    step_state *states;
    size_t n_states;
    step_out *out;
    size_t n_out;
    step_input *inputs;
    size_t n_inputs;
    uint64_t plan; /* a hash of all this: equal plans have equal states */
};

/* ---------------------------------------------------------------------- step_ring.c */

/* How frames are kept and given on: frame t of the result is made of the frames stride t + dilation
 * k - pad, k < taps, of x. */
typedef struct step_ring {
    const uint64_t *now;
    step_times in, out;
    size_t before, after; /* x is [before, 1, after] */
    size_t length;        /* frames that are kept */
    size_t taps, stride, dilation, pad;
    bool reduces, whole; /* else the frames stand side by side; of all frames so far */
    gop_reduce reduce;
    gop_shape shape; /* of the result */
} step_ring;

/* Elements of the state; GOP_MOST_ELEMENTS + 1 if they are too many. */
size_t gop_step_ring_size(const step_ring *r);
/* x and the state [gop_step_ring_size]. */
extern const gop_op gop_step_ring;

/* -------------------------------------------------------------------- step_derive.c */

/* Records s->net and fills in what belongs to it; nothing is planned. */
gop_status gop_step_derive(gop_stepper *s, const gop_net *net, const gop_stepping *stepping,
                           gop_error *err);

#endif
