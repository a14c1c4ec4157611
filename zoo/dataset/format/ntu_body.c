/*
 * ntu_body.c: chooses the bodies of a clip of NTU RGB+D and normalises them in the usual way.
 *
 * Bodies are ranked, centred and rotated as in the preparation of two-stream networks (Shi et al.
 * 2019).  One step differs: frames without the body are left out, not filled with zeros or by
 * repeating the clip, because sequences here may have any length.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/ntu.h"

#include <math.h>
#include <string.h>

/* Joints, from 0. */
enum { SPINE_BASE = 0, SPINE_MID = 1, SHOULDER_LEFT = 4, SHOULDER_RIGHT = 8 };

#define LEAST_ANGLE 1e-6

const zoo_ntu_joints *zoo_ntu_joints_of(const zoo_ntu_clip *clip, size_t t, size_t body)
{
    if (body >= clip->frame[t].bodies)
        return NULL;
    const zoo_ntu_joints *joints = &clip->body[clip->frame[t].first + body];
    for (size_t c = 0; c < 3 * ZOO_NTU_JOINTS; c++)
        if (joints->xyz[c] != 0)
            return joints;
    return NULL;
}

size_t zoo_ntu_frames(const zoo_ntu_clip *clip, size_t body)
{
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++)
        n += zoo_ntu_joints_of(clip, t, body) != NULL;
    return n;
}

/* The standard deviation of one axis over all joints and frames. */
static double deviation(const zoo_ntu_clip *clip, size_t body, size_t axis, size_t frames)
{
    double count = (double)(frames * ZOO_NTU_JOINTS), mean = 0, sum = 0;
    for (size_t t = 0; t < clip->frames; t++) {
        const zoo_ntu_joints *joints = zoo_ntu_joints_of(clip, t, body);
        for (size_t j = 0; j < ZOO_NTU_JOINTS && joints != NULL; j++)
            mean += joints->xyz[3 * j + axis];
    }
    mean /= count;
    for (size_t t = 0; t < clip->frames; t++) {
        const zoo_ntu_joints *joints = zoo_ntu_joints_of(clip, t, body);
        for (size_t j = 0; j < ZOO_NTU_JOINTS && joints != NULL; j++) {
            double v = joints->xyz[3 * j + axis] - mean;
            sum += v * v;
        }
    }
    return sqrt(sum / count);
}

size_t zoo_ntu_rank(size_t order[ZOO_NTU_BODIES], const zoo_ntu_clip *clip)
{
    double energy[ZOO_NTU_BODIES];
    size_t n = 0;
    for (size_t b = 0; b < ZOO_NTU_BODIES; b++) {
        size_t frames = zoo_ntu_frames(clip, b), k = n;
        if (frames == 0)
            continue;
        energy[b] = deviation(clip, b, 0, frames) + deviation(clip, b, 1, frames) +
                    deviation(clip, b, 2, frames);
        for (; k > 0 && energy[order[k - 1]] < energy[b]; k--)
            order[k] = order[k - 1];
        order[k] = b;
        n++;
    }
    return n;
}

/* --------------------------------------------------------------- normalisation */

static void turn(double v[3], const double R[3][3])
{
    double x = v[0], y = v[1], z = v[2];
    for (int i = 0; i < 3; i++)
        v[i] = R[i][0] * x + R[i][1] * y + R[i][2] * z;
}

/* The least rotation that turns `v` onto axis `to`; the identity if v is zero or points along or
 * against the axis. */
static void rotation(double R[3][3], const double v[3], int to)
{
    double target[3] = {to == 0, to == 1, to == 2};
    double k[3] = {v[1] * target[2] - v[2] * target[1], v[2] * target[0] - v[0] * target[2],
                   v[0] * target[1] - v[1] * target[0]};
    double sine = sqrt(k[0] * k[0] + k[1] * k[1] + k[2] * k[2]), angle = atan2(sine, v[to]);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            R[i][j] = i == j;
    if (sine < LEAST_ANGLE || angle < LEAST_ANGLE)
        return;
    for (int i = 0; i < 3; i++)
        k[i] /= sine;
    double s = sin(angle), c = cos(angle);
    const double cross[3][3] = {{0, -k[2], k[1]}, {k[2], 0, -k[0]}, {-k[1], k[0], 0}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            R[i][j] = (i == j ? c : 0) + s * cross[i][j] + (1 - c) * k[i] * k[j];
}

/* The position of joint `to` relative to joint `from`. */
static void between(double v[3], const float *pose, size_t from, size_t to)
{
    for (size_t k = 0; k < 3; k++)
        v[k] = (double)pose[3 * to + k] - pose[3 * from + k];
}

/* R = second first: turns the spine upright, then the shoulders sideways. */
static void upright(double R[3][3], const float *pose)
{
    double first[3][3], second[3][3], v[3];
    between(v, pose, SPINE_BASE, SPINE_MID);
    rotation(first, v, 2);
    between(v, pose, SHOULDER_LEFT, SHOULDER_RIGHT);
    turn(v, (const double(*)[3])first);
    rotation(second, v, 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            R[i][j] = 0;
            for (int k = 0; k < 3; k++)
                R[i][j] += second[i][k] * first[k][j];
        }
}

static void place(float *pose, const float *from, const float *origin, const double R[3][3])
{
    for (size_t j = 0; j < ZOO_NTU_JOINTS; j++) {
        const float *p = from + 3 * j;
        double v[3] = {0, 0, 0};
        bool there = p[0] != 0 || p[1] != 0 || p[2] != 0;
        for (int k = 0; k < 3 && there; k++)
            v[k] = (double)p[k] - origin[k];
        turn(v, R);
        for (size_t k = 0; k < 3; k++)
            pose[3 * j + k] = (float)v[k];
    }
}

void zoo_ntu_body(float *frames, const zoo_ntu_clip *clip, size_t main, size_t body, bool normal)
{
    const float *centre = NULL;
    double R[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (size_t t = 0; t < clip->frames && centre == NULL; t++) {
        const zoo_ntu_joints *first = zoo_ntu_joints_of(clip, t, main);
        if (first != NULL) {
            upright(R, first->xyz);
            centre = first->xyz + 3 * SPINE_MID;
        }
    }
    for (size_t t = 0; t < clip->frames; t++) {
        const zoo_ntu_joints *own = zoo_ntu_joints_of(clip, t, body);
        const zoo_ntu_joints *first = zoo_ntu_joints_of(clip, t, main);
        if (first != NULL)
            centre = first->xyz + 3 * SPINE_MID;
        if (own == NULL)
            continue;
        if (normal && centre != NULL)
            place(frames, own->xyz, centre, (const double(*)[3])R);
        else
            memcpy(frames, own->xyz, sizeof own->xyz);
        frames += 3 * ZOO_NTU_JOINTS;
    }
}
