/*
 * synth_motion.c: eight actions as joint angles over a phase.
 *
 * Amplitudes are in radians, chosen to look human.  Every action passes through poses of others (a
 * wave begins as a reach, a jump as a squat, a kick as a stride), so that a single frame does not
 * reveal the action.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "zoo/dataset/synth/synth.h"

#define TWO_PI 6.28318530717958647692

double zoo_synth_frequency(synth_action action)
{
    static const double cycles[SYNTH_ACTIONS] = {
        [SYNTH_JUMP] = 0.55, [SYNTH_KICK] = 0.55,  [SYNTH_PUNCH] = 0.85, [SYNTH_REACH] = 0.40,
        [SYNTH_RUN] = 1.45,  [SYNTH_SQUAT] = 0.42, [SYNTH_WALK] = 0.85,  [SYNTH_WAVE] = 0.28};
    return cycles[action];
}

static double part_of(double phase)
{
    return phase - floor(phase);
}

/* 0 outside (from, to), 1 in the middle, smooth. */
static double bump(double s, double from, double to)
{
    return s <= from || s >= to ? 0 : 0.5 - 0.5 * cos(TWO_PI * (s - from) / (to - from));
}

/* 0 before `from`, 1 after `to`, smooth. */
static double rise(double s, double from, double to)
{
    double u = (s - from) / (to - from);
    return u <= 0 ? 0 : u >= 1 ? 1 : u * u * (3 - 2 * u);
}

/* Both legs bent by `depth` (0 standing, 1 thighs level), soles on the ground. */
static void crouch(synth_pose *p, double depth)
{
    for (int side = LEFT; side <= RIGHT; side++) {
        p->leg[side].flex += 1.45 * depth;
        p->leg[side].knee += 2.0 * depth;
        p->leg[side].ankle += 0.55 * depth;
        p->leg[side].abduct += 0.12 * depth;
    }
    p->bend += 0.55 * depth;
    p->nod -= 0.3 * depth;
}

/* A gait: thighs swing, knees lift in the swing, arms move opposite to the legs. */
static void stride(synth_pose *p, const synth_style *y, double phase, double swing, double knee,
                   double arms, double elbow)
{
    for (int side = LEFT; side <= RIGHT; side++) {
        double a = TWO_PI * (phase + (side == RIGHT ? 0.5 : 0));
        double lift = fmax(0, cos(a + 0.35));
        synth_leg *leg = &p->leg[side];
        synth_arm *arm = &p->arm[side];
        leg->flex += swing * sin(a) + 0.25 * swing;
        leg->knee += 0.12 + knee * y->bounce * lift * lift;
        leg->ankle += 0.25 * swing * cos(a - 0.8);
        arm->flex -= arms * sin(a + 0.15);
        arm->elbow = fmax(arm->elbow, elbow * y->bounce) - 0.25 * arms * sin(a);
    }
    p->yaw += 0.16 * swing * sin(TWO_PI * phase);
    p->turn -= 0.32 * swing * sin(TWO_PI * phase);
    p->shift += 0.02 * cos(TWO_PI * phase);
}

static void jump(synth_pose *p, double s, double k)
{
    double down = bump(s, 0.02, 0.46), up = rise(s, 0.28, 0.40) * (1 - rise(s, 0.55, 0.70));
    crouch(p, 0.62 * k * down + 0.45 * k * bump(s, 0.54, 0.86));
    for (int side = LEFT; side <= RIGHT; side++) {
        p->arm[side].flex += k * (2.3 * up - 0.9 * bump(s, 0.02, 0.36));
        p->arm[side].elbow += 0.3 * up;
        p->leg[side].ankle -= 0.7 * bump(s, 0.34, 0.60);
    }
    double air = (s - 0.36) / 0.2;
    if (air > 0 && air < 1)
        p->flight += 4 * 0.30 * k * air * (1 - air);
}

static void kick(synth_pose *p, const synth_style *y, double s, double k)
{
    int side = y->side, other = 1 - side;
    double back = bump(s, 0.05, 0.45), ahead = bump(s, 0.30, 0.75);
    double tuck = bump(s, 0.12, 0.50);
    synth_leg *leg = &p->leg[side];
    leg->flex += k * (1.35 * ahead - 0.5 * back);
    leg->knee += k * 1.3 * tuck + 0.1;
    leg->ankle -= 0.4 * ahead;
    p->leg[other].knee += 0.3 * (ahead + back);
    p->leg[other].flex += 0.15 * (ahead + back);
    p->bend -= 0.2 * k * ahead;
    p->arm[other].flex += k * 0.9 * ahead - 0.4 * back;
    p->arm[side].flex += k * (0.6 * back - 0.5 * ahead);
    p->arm[LEFT].abduct += 0.35 * k * ahead;
    p->arm[RIGHT].abduct += 0.35 * k * ahead;
    p->turn += (side == LEFT ? -0.35 : 0.35) * k * ahead;
}

static void punch(synth_pose *p, const synth_style *y, double phase, double k)
{
    for (int side = LEFT; side <= RIGHT; side++) {
        double s = part_of(phase + (side == y->side ? 0 : 0.5));
        double out = bump(s, 0.10, 0.52);
        out *= out * k;
        synth_arm *arm = &p->arm[side];
        arm->flex += 0.25 + 1.1 * out;
        arm->abduct += 0.15;
        arm->elbow = fmax(arm->elbow, 1.4) * (1 - 0.9 * fmin(out, 1.05));
        arm->twist += 0.3 * (1 - out);
        p->turn += (side == LEFT ? -0.4 : 0.4) * out;
        p->leg[side].knee += 0.3 * y->bounce;
    }
    p->leg[y->side].flex -= 0.15;
    p->leg[1 - y->side].flex += 0.40;
    p->bend += 0.12;
    p->shift += 0.015 * sin(2 * TWO_PI * phase);
}

/* Moves one arm from hanging to its aim. */
static void raise_arm(synth_pose *p, const synth_style *y, double e)
{
    synth_arm *arm = &p->arm[y->side];
    arm->flex = (1 - e) * arm->flex + e * (1.5 + 0.8 * y->aim[0]);
    arm->elbow *= 1 - 0.9 * fmin(e, 1.05);
    arm->abduct += e * (0.35 + 0.45 * y->aim[1]);
    p->turn += (y->side == LEFT ? -0.25 : 0.25) * e;
    p->look += (y->side == LEFT ? 0.2 : -0.2) * e;
}

static void reach(synth_pose *p, const synth_style *y, double s, double k)
{
    double e = k * (rise(s, 0.05, 0.40) - rise(s, 0.55, 0.90));
    raise_arm(p, y, e);
    p->arm[y->side].elbow += 1.5 * bump(s, 0.02, 0.40) + 1.2 * bump(s, 0.55, 0.95) + 0.1;
    p->bend += e * (0.30 - 0.35 * y->aim[0]);
    p->leg[LEFT].knee += 0.12 * e;
    p->leg[RIGHT].knee += 0.12 * e;
}

static void wave(synth_pose *p, const synth_style *y, double phase, double k)
{
    double s = part_of(phase);
    double e = rise(s, 0.02, 0.18) - rise(s, 0.84, 0.98);
    double beat = sin(TWO_PI * 6 * phase) * e * k;
    raise_arm(p, y, 0.95 * e);
    synth_arm *arm = &p->arm[y->side];
    arm->abduct += 0.5 * e + 0.20 * beat;
    arm->twist += 0.8 * beat;
    arm->elbow += 1.0 * e + 0.45 * beat;
    arm->wrist += 0.35 * beat;
    p->lean += (y->side == LEFT ? -0.08 : 0.08) * e;
}

void zoo_synth_move(synth_pose *p, synth_action action, const synth_style *y, double phase,
                    double strength)
{
    double k = y->strength * strength, s = part_of(phase);
    memset(p, 0, sizeof *p);
    p->bend = y->stoop;
    p->nod = -0.6 * y->stoop;
    for (int side = LEFT; side <= RIGHT; side++) {
        p->arm[side].abduct = y->spread;
        p->arm[side].flex = 0.6 * y->carry[side] - 0.25 * y->hold[side];
        p->arm[side].elbow = 0.1 + y->hold[side];
        p->leg[side].abduct = 0.05;
        p->leg[side].flex = (side == LEFT ? 1 : -1) * y->stance;
    }
    crouch(p, y->sink);
    p->bend -= 0.55 * y->sink;
    switch (action) {
    case SYNTH_JUMP:
        jump(p, s, k);
        break;
    case SYNTH_KICK:
        kick(p, y, s, k);
        break;
    case SYNTH_PUNCH:
        punch(p, y, phase, k);
        break;
    case SYNTH_REACH:
        reach(p, y, s, k);
        break;
    case SYNTH_RUN:
        stride(p, y, phase, 0.62 * k, 1.5 * k, 0.55 * k, 0.9);
        p->bend += 0.15;
        p->flight += 0.04 * k * fmax(0, cos(2 * TWO_PI * phase));
        break;
    case SYNTH_SQUAT: {
        double depth = k * bump(s, 0.04, 0.92);
        crouch(p, 0.85 * depth);
        p->arm[LEFT].flex += (0.7 + 0.7 * y->aim[0]) * depth;
        p->arm[RIGHT].flex += (0.7 + 0.7 * y->aim[0]) * depth;
        break;
    }
    case SYNTH_WALK:
        stride(p, y, phase, 0.42 * k, 0.85 * k, 0.38 * k, 0.25);
        break;
    case SYNTH_WAVE:
        wave(p, y, phase, k);
        break;
    case SYNTH_ACTIONS:
        break;
    }
}
