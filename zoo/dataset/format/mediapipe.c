/*
 * mediapipe.c: landmarks of MediaPipe as programs write them to JSON.
 *
 * An entry is a frame: an array of landmarks, {"x", "y", "z", "visibility"} or [x, y, z, visibility],
 * an array of such arrays, or an object that has them under a name of MediaPipe, as
 * "poseLandmarks" or "pose_world_landmarks"; null and an empty array are frames without a body.
 * What is named "world" is in metres, other names of poses and hands are in an image; an array
 * without a name, or "landmarks" alone, may be either (people.c).  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "zoo/dataset/format/people.h"

static const struct {
    const char *key;
    enum zoo_space space;
} names[] = {
    {"poseLandmarks", ZOO_SPACE_IMAGE},
    {"pose_landmarks", ZOO_SPACE_IMAGE},
    {"handLandmarks", ZOO_SPACE_IMAGE},
    {"hand_landmarks", ZOO_SPACE_IMAGE},
    {"multiHandLandmarks", ZOO_SPACE_IMAGE},
    {"multi_hand_landmarks", ZOO_SPACE_IMAGE},
    {"imageLandmarks", ZOO_SPACE_IMAGE},
    {"image_landmarks", ZOO_SPACE_IMAGE},
    {"normalizedLandmarks", ZOO_SPACE_IMAGE},
    {"normalized_landmarks", ZOO_SPACE_IMAGE},
    {"keypoints", ZOO_SPACE_IMAGE},
    {"landmarks", ZOO_SPACE_OPEN},
    {"landmark", ZOO_SPACE_OPEN},
    {"poseWorldLandmarks", ZOO_SPACE_WORLD},
    {"pose_world_landmarks", ZOO_SPACE_WORLD},
    {"worldLandmarks", ZOO_SPACE_WORLD},
    {"world_landmarks", ZOO_SPACE_WORLD},
    {"handWorldLandmarks", ZOO_SPACE_WORLD},
    {"hand_world_landmarks", ZOO_SPACE_WORLD},
    {"multiHandWorldLandmarks", ZOO_SPACE_WORLD},
    {"multi_hand_world_landmarks", ZOO_SPACE_WORLD},
    {"keypoints3D", ZOO_SPACE_WORLD},
};
#define NAMES (sizeof names / sizeof *names)

static size_t name_of(const char *key)
{
    size_t k = 0;
    while (k < NAMES && strcmp(names[k].key, key) != 0)
        k++;
    return k;
}

/* What an array holds: 'l' landmarks, 'b' bodies, '0' nothing, 0 something else. */
static char holds(zoo_json j)
{
    char key[16];
    if (zoo_json_kind(&j) != '[')
        return 0;
    zoo_json_enter(&j, '[');
    if (!zoo_json_item(&j))
        return j.fault == NULL ? '0' : 0;
    const char kind = zoo_json_kind(&j);
    if (kind == '[') {
        zoo_json_enter(&j, '[');
        if (!zoo_json_item(&j))
            return j.fault == NULL ? 'b' : 0;
        const char inner = zoo_json_kind(&j);
        return inner == '0' ? 'l' : inner == '[' || inner == '{' ? 'b' : 0;
    }
    if (kind != '{')
        return 0;
    for (zoo_json_enter(&j, '{'); zoo_json_entry(&j, key, sizeof key); zoo_json_skip(&j))
        if (strcmp(key, "x") == 0)
            return 'l';
        else if (name_of(key) < NAMES)
            return 'b';
    return 0;
}

static bool knows(zoo_json entry, const char *list)
{
    char key[32];
    (void)list;
    const char kind = zoo_json_kind(&entry);
    if (kind == '[') {
        const char what = holds(entry);
        return what == 'l' || what == 'b';
    }
    if (kind == '{')
        for (zoo_json_enter(&entry, '{'); zoo_json_entry(&entry, key, sizeof key);
             zoo_json_skip(&entry))
            if (name_of(key) < NAMES)
                return true;
    return false;
}

/* Reads a body, or an array of bodies. */
static gop_status read_bodies(zoo_people *p, zoo_json *j, uint32_t frame, enum zoo_space space,
                              int levels, gop_error *err)
{
    char key[32];
    const char kind = zoo_json_kind(j), what = kind == '[' ? holds(*j) : 0;
    if (what == 'l') {
        gop_try(zoo_people_points(p, j, true, err));
        p->points.space = space;
        return zoo_people_add(p, frame, ZOO_NO_ID, err);
    }
    if (kind == '{' && levels > 0)
        for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
            if (name_of(key) < NAMES)
                gop_try(read_bodies(p, j, frame, space, levels - 1, err));
            else
                zoo_json_skip(j);
    else if (what == 'b' && levels > 0)
        for (zoo_json_enter(j, '['); zoo_json_item(j);)
            gop_try(read_bodies(p, j, frame, space, levels - 1, err));
    else
        zoo_json_skip(j);
    return j->fault != NULL ? zoo_people_not_json(p, j, err) : GOP_OK;
}

static bool is_number(const char *key)
{
    static const char *const keys[] = {"frame",      "frame_id",     "frameId",     "frame_index",
                                       "frameIndex", "frame_number", "frameNumber", "frame_idx",
                                       "frameNo",    "frame_no",     NULL};
    for (const char *const *k = keys; *k != NULL; k++)
        if (strcmp(*k, key) == 0)
            return true;
    return false;
}

/* Where an object has landmarks of each space. */
typedef struct parts {
    zoo_json at[3];
    bool has[3];
    double number; /* of the frame, -1: none */
} parts;

static void find_parts(parts *found, zoo_json *j)
{
    char key[32];
    float v;
    *found = (parts){.number = -1};
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);) {
        const size_t k = name_of(key);
        if (is_number(key) && zoo_json_kind(j) == '0') {
            if (zoo_people_value(j, &v) && v >= 0 && v < 1e7f && v == floorf(v))
                found->number = (double)v;
            continue;
        }
        if (k < NAMES && !found->has[names[k].space]) {
            found->has[names[k].space] = true;
            found->at[names[k].space] = *j;
        }
        zoo_json_skip(j);
    }
}

/* Which of the spaces of an object is wanted: that of the layout, or the image. */
static enum zoo_space choose_space(const zoo_people *p, const parts *found)
{
    const bool world = p->layout != NULL && p->layout->feature == ZOO_POSITION;
    if (world && found->has[ZOO_SPACE_WORLD])
        return ZOO_SPACE_WORLD;
    if (found->has[ZOO_SPACE_IMAGE])
        return ZOO_SPACE_IMAGE;
    return found->has[ZOO_SPACE_OPEN] ? ZOO_SPACE_OPEN : ZOO_SPACE_WORLD;
}

static enum zoo_space space_of_list(const char *list)
{
    const size_t k = list == NULL ? NAMES : name_of(list);
    return k < NAMES ? names[k].space : ZOO_SPACE_OPEN;
}

static gop_status read(zoo_people *p, zoo_json *entry, const char *list, const char *name,
                       gop_error *err)
{
    uint32_t frame;
    parts found = {.number = -1};
    const bool object = zoo_json_kind(entry) == '{';
    if (object) {
        find_parts(&found, entry);
        if (entry->fault != NULL)
            return zoo_people_not_json(p, entry, err);
    }
    gop_try(found.number >= 0 ? zoo_people_frame_at(p, &frame, (uint64_t)found.number, err)
            : name != NULL    ? zoo_people_frame_of(p, &frame, name, err)
                              : zoo_people_frame_next(p, &frame, err));
    if (!object)
        return read_bodies(p, entry, frame, space_of_list(list), 2, err);
    enum zoo_space space = choose_space(p, &found);
    if (!found.has[space])
        return GOP_OK;
    /* "landmarks" beside "worldLandmarks" are those of the image. */
    const bool marked = space == ZOO_SPACE_OPEN && found.has[ZOO_SPACE_WORLD];
    return read_bodies(p, &found.at[space], frame, marked ? ZOO_SPACE_IMAGE : space, 3, err);
}

static const char *const lists[] = {"frames",         "landmarks",
                                    "poseLandmarks",  "pose_landmarks",
                                    "worldLandmarks", "poseWorldLandmarks",
                                    "data",           "pose_world_landmarks",
                                    "results",        NULL};

const zoo_form zoo_form_mediapipe = {
    .name = "MediaPipe", .lists = lists, .knows = knows, .read = read};
