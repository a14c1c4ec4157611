/*
 * synth_body.c: forward kinematics of the procedural skeleton.
 *
 * x points to the subject's left, y up, z ahead.  Each joint rotates the joints below it.  The body
 * is then moved up or down until the lowest foot joint is at the flight height.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "zoo/dataset/synth/synth.h"

enum {
    HIPS,
    SPINE,
    CHEST,
    NECK,
    HEAD,
    HEAD_TOP,
    SHOULDER,
    ELBOW,
    WRIST,
    HAND,
    HIP = 14,
    KNEE,
    ANKLE,
    TOE,
    PER_LIMB = 4
};

typedef struct turn {
    double m[3][3];
} turn;

static turn multiply(turn a, turn b)
{
    turn c;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c.m[i][j] = a.m[i][0] * b.m[0][j] + a.m[i][1] * b.m[1][j] + a.m[i][2] * b.m[2][j];
    return c;
}

/* Rotation by `angle` about x (0), y (1) or z (2), right-handed. */
static turn about(int axis, double angle)
{
    double c = cos(angle), s = sin(angle);
    int i = (axis + 1) % 3, j = (axis + 2) % 3;
    turn t;
    memset(&t, 0, sizeof t);
    t.m[axis][axis] = 1;
    t.m[i][i] = t.m[j][j] = c;
    t.m[i][j] = -s;
    t.m[j][i] = s;
    return t;
}

static turn turned(turn t, double x, double y, double z)
{
    t = multiply(t, about(1, y));
    t = multiply(t, about(0, x));
    return multiply(t, about(2, z));
}

/* to = from + t (x, y, z) */
static void hang(double *out, int to, int from, turn t, double x, double y, double z)
{
    for (int i = 0; i < 3; i++)
        out[3 * to + i] = out[3 * from + i] + t.m[i][0] * x + t.m[i][1] * y + t.m[i][2] * z;
}

static void place_arm(double *out, const synth_body *b, const synth_arm *a, turn chest, int side)
{
    int first = SHOULDER + side * PER_LIMB;
    double sign = side == LEFT ? 1 : -1;
    hang(out, first, CHEST, chest, sign * b->shoulder, 0.55 * b->neck, 0);
    turn t = multiply(chest, about(2, sign * a->abduct));
    t = multiply(t, about(0, -a->flex));
    t = multiply(t, about(1, -sign * a->twist));
    hang(out, first + 1, first, t, 0, -b->upper_arm, 0);
    t = multiply(t, about(0, -a->elbow));
    hang(out, first + 2, first + 1, t, 0, -b->forearm, 0);
    t = multiply(t, about(2, sign * a->wrist));
    hang(out, first + 3, first + 2, t, 0, -b->hand, 0);
}

static void place_leg(double *out, const synth_body *b, const synth_leg *l, turn hips, int side)
{
    int first = HIP + side * PER_LIMB;
    double sign = side == LEFT ? 1 : -1;
    hang(out, first, HIPS, hips, sign * b->hip, -0.03, 0);
    turn t = multiply(hips, about(2, sign * l->abduct));
    t = multiply(t, about(0, -l->flex));
    hang(out, first + 1, first, t, 0, -b->thigh, 0);
    t = multiply(t, about(0, l->knee));
    hang(out, first + 2, first + 1, t, 0, -b->shank, 0);
    t = multiply(t, about(0, -l->ankle));
    hang(out, first + 3, first + 2, t, 0, -0.05, b->foot);
}

static void put_on_ground(double *out, double flight)
{
    double lowest = INFINITY;
    for (int side = LEFT; side <= RIGHT; side++) {
        double ankle = out[3 * (ANKLE + side * PER_LIMB) + 1] - 0.05;
        double toe = out[3 * (TOE + side * PER_LIMB) + 1];
        lowest = fmin(lowest, fmin(ankle, toe));
    }
    for (int i = 0; i < SYNTH_NODES; i++)
        out[3 * i + 1] += flight - lowest;
}

void zoo_synth_place(double *out, const synth_body *b, const synth_pose *p)
{
    out[0] = out[1] = out[2] = 0;
    turn hips = turned(about(0, 0), p->pitch, p->yaw, p->roll);
    turn spine = turned(hips, p->bend / 2, p->turn / 2, -p->lean / 2);
    turn chest = turned(spine, p->bend / 2, p->turn / 2, -p->lean / 2);
    turn head = turned(chest, p->nod, p->look, 0);
    hang(out, SPINE, HIPS, hips, 0, 0.4 * b->back, 0);
    hang(out, CHEST, SPINE, spine, 0, 0.6 * b->back, 0);
    hang(out, NECK, CHEST, chest, 0, b->neck, 0);
    hang(out, HEAD, NECK, head, 0, 0.4 * b->head, 0.1 * b->head);
    hang(out, HEAD_TOP, HEAD, head, 0, 0.6 * b->head, 0);
    for (int side = LEFT; side <= RIGHT; side++) {
        place_arm(out, b, &p->arm[side], chest, side);
        place_leg(out, b, &p->leg[side], hips, side);
    }
    put_on_ground(out, p->flight);
    for (int i = 0; i < SYNTH_NODES; i++)
        out[3 * i] += p->shift;
}
