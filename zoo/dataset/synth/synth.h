/*
 * synth.h: the three layers of the procedural motion set: body, motion, set.
 * Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_SYNTH_SYNTH_H
#define ZOO_DATASET_SYNTH_SYNTH_H

#include "graphop.h"

#define SYNTH_NODES 22

enum { LEFT, RIGHT };

/* Angles in radians; all 0: standing with arms hanging. */
typedef struct synth_arm {
    double flex;   /* upper arm ahead */
    double abduct; /* upper arm sideways */
    double twist;  /* about the upper arm, inwards */
    double elbow;
    double wrist;
} synth_arm;

typedef struct synth_leg {
    double flex; /* thigh ahead */
    double abduct;
    double knee;
    double ankle; /* toes up */
} synth_leg;

typedef struct synth_pose {
    double yaw, pitch, roll; /* of the hips; yaw to the left, pitch ahead */
    double bend, turn, lean; /* of the back: ahead, to the left, leftwards */
    double nod, look;        /* of the head */
    double shift, flight;    /* hips to the left; feet above ground, metres */
    synth_arm arm[2];
    synth_leg leg[2];
} synth_pose;

/* Limb lengths in metres. */
typedef struct synth_body {
    double back, neck, head, shoulder, upper_arm, forearm, hand;
    double hip, thigh, shank, foot;
} synth_body;

/* Forward kinematics over the procedural layout: node positions out [SYNTH_NODES, 3] in metres,
 * feet on the ground or `flight` above it. */
void zoo_synth_place(double *out, const synth_body *body, const synth_pose *pose);

typedef enum synth_action {
    SYNTH_JUMP,
    SYNTH_KICK,
    SYNTH_PUNCH,
    SYNTH_REACH,
    SYNTH_RUN,
    SYNTH_SQUAT,
    SYNTH_WALK,
    SYNTH_WAVE,
    SYNTH_ACTIONS
} synth_action;

/* How one subject performs one sequence. */
typedef struct synth_style {
    double tempo, strength;   /* factors */
    double stoop, spread;     /* posture: back ahead, arms off the body, radians */
    double bounce;            /* of elbows and knees, factor */
    int side;                 /* the arm or leg that acts */
    double carry[2], hold[2]; /* arms at rest: ahead, and bent at the elbow, radians */
    double stance;            /* left leg ahead, radians */
    double sink;              /* knees bent at rest, of a full squat */
    double aim[2];            /* of reaches and waves: how high, how far sideways, -1..1 */
} synth_style;

/* Cycles a second of an action at tempo 1. */
double zoo_synth_frequency(synth_action action);
/* The pose at `phase` cycles; a cycle begins at each whole number.  `strength` is this cycle's
 * factor, on top of the style's. */
void zoo_synth_move(synth_pose *pose, synth_action action, const synth_style *style, double phase,
                    double strength);

#endif
