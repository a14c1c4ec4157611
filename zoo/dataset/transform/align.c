/*
 * align.c: the step that turns bodies upright, as the preparations of published recognisers do.
 *
 * "two-stream" (Shi et al. 2019): positions are relative to the middle of the first body's spine in
 * the same frame, or, where it is missing, in its last frame before or its first, and rotated: in
 * the first body's first frame the spine points along +z and the line from the left to the right
 * shoulder along +x, by the least rotation to each in this order.
 *
 * "pyskl" (Duan et al. 2022): if the second body is there in more frames than the first, they change
 * places; frames without the first are left out; positions are relative to the middle of the first
 * body's spine in its first frame, and rotated as above.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoo/dataset/transform/transform.h"

#define LEAST_ANGLE 1e-6

enum { BASE, MIDDLE, LEFT, RIGHT, POINTS };
static const char *const point[POINTS] = {"SpineBase", "SpineMid", "ShoulderLeft", "ShoulderRight"};

enum { TWO_STREAM, PYSKL };
static const char *const way_name[] = {"two-stream", "pyskl", NULL};

static gop_status parse(zoo_step *step, const char *const *word, size_t words, gop_error *err)
{
    return words == 1 ? zoo_step_choice(step, word[0], way_name, err) : GOP_EINVAL;
}

static void print(const zoo_step *step, char *text, size_t size)
{
    snprintf(text, size, "%s", way_name[step->choice]);
}

/* The nodes by which bodies are turned. */
static gop_status find_points(uint32_t node[POINTS], const zoo_layout *layout, gop_error *err)
{
    for (size_t k = 0; k < POINTS; k++) {
        zoo_step one = {.kind = &zoo_transform_align};
        snprintf(one.word[0], sizeof one.word[0], "%s", point[k]);
        gop_try(zoo_step_node(&one, 0, layout, err));
        node[k] = one.node[0];
    }
    return GOP_OK;
}

static gop_status plan(zoo_step *step, zoo_setting_of_clips *setting, gop_error *err)
{
    uint32_t node[POINTS];
    zoo_layout *l = &setting->layout;
    if (zoo_coordinates(l) != 3)
        return gop_fail(err, GOP_EINVAL,
                        "transformation %s needs positions in space; layout %s has none",
                        step->kind->name, l->name);
    gop_try(find_points(node, l, err));
    l->up = ZOO_PLUS_Z; /* and x points right */
    l->ahead = ZOO_PLUS_Y;
    return GOP_OK;
}

/* ------------------------------------------------------------------- rotations */

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

/* The place of point `to` relative to point `from`; zero if one is missing. */
static void between(double v[3], double place[POINTS][3], const bool there[POINTS], int from,
                    int to)
{
    for (int k = 0; k < 3; k++)
        v[k] = there[from] && there[to] ? place[to][k] - place[from][k] : 0;
}

/* R = second first: turns the spine upright, then the shoulders sideways. */
static void upright(double R[3][3], double place[POINTS][3], const bool there[POINTS])
{
    double first[3][3], second[3][3], v[3];
    between(v, place, there, BASE, MIDDLE);
    rotation(first, v, 2);
    between(v, place, there, LEFT, RIGHT);
    turn(v, (const double(*)[3])first);
    rotation(second, v, 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            R[i][j] = 0;
            for (int k = 0; k < 3; k++)
                R[i][j] += second[i][k] * first[k][j];
        }
}

/* ------------------------------------------------------------------------ clips */

static void place_nodes(float *frame, const zoo_layout *layout, const double origin[3],
                        const double R[3][3])
{
    for (size_t i = 0; i < layout->nodes; i++) {
        const uint32_t *column = layout->column + i * layout->channels;
        double v[3];
        for (int k = 0; k < 3; k++)
            v[k] = (double)frame[column[k]] - origin[k];
        turn(v, R);
        for (int k = 0; k < 3; k++)
            frame[column[k]] = (float)v[k];
    }
}

/* Puts the body that is there in more frames first, and leaves out the frames without it. */
static void begin_with_body(zoo_recording *clip)
{
    size_t frames[2] = {0, 0};
    for (size_t b = 0; b < clip->bodies && b < 2; b++)
        for (size_t t = 0; t < clip->frames; t++)
            frames[b] += zoo_is_there(clip, b, t);
    if (frames[1] > frames[0])
        zoo_bodies_exchange(clip);
    zoo_frames_drop(clip, 1);
}

/* The rotation and the place of SpineMid by the first frames of the first body that have them. */
static gop_status find_frame(double R[3][3], double origin[3], const zoo_recording *clip,
                             const zoo_layout *layout, const uint32_t node[POINTS], gop_error *err)
{
    double place[POINTS][3];
    bool there[POINTS], any = false, known = false;
    for (size_t t = 0; t < clip->frames && !any; t++) {
        if (!zoo_is_there(clip, 0, t))
            continue;
        for (int k = 0; k < POINTS; k++)
            there[k] = zoo_place_of(place[k], zoo_frame_of(clip, 0, t), layout, node[k]);
        upright(R, place, there);
        any = true;
    }
    for (size_t t = 0; t < clip->frames && !known; t++)
        known = zoo_place_of(origin, zoo_frame_of(clip, 0, t), layout, node[MIDDLE]);
    return any && known ? GOP_OK
                        : gop_fail(err, GOP_EFORMAT,
                                   "%s of the first body is missing in every frame", point[MIDDLE]);
}

static gop_status apply(const zoo_step *step, const zoo_setting_of_clips *before,
                        zoo_recording *clip, gop_error *err)
{
    const zoo_layout *layout = &before->layout;
    uint32_t node[POINTS];
    double R[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, origin[3], now[3];
    gop_try(find_points(node, layout, err));
    if (step->choice == PYSKL)
        begin_with_body(clip);
    gop_try(find_frame(R, origin, clip, layout, node, err));
    for (size_t t = 0; t < clip->frames; t++) {
        if (step->choice == TWO_STREAM &&
            zoo_place_of(now, zoo_frame_of(clip, 0, t), layout, node[MIDDLE]))
            memcpy(origin, now, sizeof origin);
        for (size_t b = 0; b < clip->bodies; b++)
            place_nodes(zoo_frame_of(clip, b, t), layout, origin, (const double(*)[3])R);
    }
    return GOP_OK;
}

const zoo_transform zoo_transform_align = {
    .name = "align",
    .form = "two-stream|pyskl",
    .text = "turns bodies upright and puts the first body's spine at the origin, in each frame as "
            "the preparation of two-stream networks does, or in the first as pyskl does",
    .parse = parse,
    .print = print,
    .plan = plan,
    .apply = apply};
