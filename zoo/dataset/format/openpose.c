/*
 * openpose.c: the results of OpenPose, and of AlphaPose in the forms of OpenPose and CMU.
 *
 * A frame is {"people": [...]}; a person has "person_id" [i], where -1 is none, and
 * "pose_keypoints_2d" (x, y, score of each joint), "pose_keypoints_3d" (x, y, z, score) and the same
 * of "hand_left" and "hand_right".  AlphaPose's form of CMU is {"bodies": [{"joints": [...]}]}; it
 * also keeps all frames in an object, by the names of the images.  A layout of 21 nodes takes both
 * hands, the left one first, a layout in space the values in 3-D.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/dataset/format/people.h"

#define HAND 21

static bool is_people(const char *key)
{
    return strcmp(key, "people") == 0 || strcmp(key, "bodies") == 0;
}

static bool knows(zoo_json entry, const char *list)
{
    char key[16];
    if (list != NULL)
        return is_people(list);
    if (zoo_json_kind(&entry) != '{')
        return false;
    for (zoo_json_enter(&entry, '{'); zoo_json_entry(&entry, key, sizeof key);
         zoo_json_skip(&entry))
        if (is_people(key) && zoo_json_kind(&entry) == '[')
            return true;
    return false;
}

/* Whether a key holds joints that are wanted, and how wide they are.  With no layout yet, the pose. */
static size_t width_of(const zoo_people *p, const char *key)
{
    const bool given = p->given && p->layout != NULL;
    const bool hand = given && p->layout->nodes == HAND;
    const bool space = given && p->layout->feature == ZOO_POSITION;
    const size_t n = strlen(key);
    if (strcmp(key, "joints") == 0 || strcmp(key, "pose_keypoints") == 0)
        return hand || space ? 0 : 3;
    if (n < 3 || strcmp(key + n - 3, space ? "_3d" : "_2d") != 0)
        return 0;
    return strncmp(key, hand ? "hand_" : "pose_", 5) == 0 && strstr(key, "_keypoints_") != NULL
               ? 3 + (size_t)space
               : 0;
}

static gop_status read_person(zoo_people *p, zoo_json *j, uint32_t frame, gop_error *err)
{
    char key[32];
    int64_t id = ZOO_NO_ID;
    zoo_json joints[2];
    size_t width[2], n = 0;
    if (zoo_json_kind(j) != '{') {
        zoo_json_skip(j);
        return j->fault != NULL ? zoo_people_not_json(p, j, err)
                                : gop_fail(err, GOP_EFORMAT, "%s:%zu: a person is not an object",
                                           p->path, zoo_json_line(j));
    }
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "person_id") == 0 || strcmp(key, "idx") == 0) {
            id = zoo_people_id(j);
        } else {
            const size_t w = width_of(p, key);
            if (w > 0 && n < 2) {
                width[n] = w;
                joints[n++] = *j;
            }
            zoo_json_skip(j);
        }
    if (j->fault != NULL)
        return zoo_people_not_json(p, j, err);
    for (size_t i = 0; i < n; i++) {
        gop_try(zoo_people_flat(p, &joints[i], width[i], err));
        /* A person's hands are bodies of their own. */
        if (id != ZOO_NO_ID && n == 2)
            gop_try(zoo_people_add(p, frame, 2 * (id % (INT64_MAX / 4)) + (int64_t)i, err));
        else
            gop_try(zoo_people_add(p, frame, id, err));
    }
    return GOP_OK;
}

static gop_status read(zoo_people *p, zoo_json *entry, const char *list, const char *name,
                       gop_error *err)
{
    char key[16];
    uint32_t frame;
    if (list != NULL) {
        gop_try(zoo_people_frame_now(p, &frame, err));
        return read_person(p, entry, frame, err);
    }
    gop_try(name != NULL ? zoo_people_frame_of(p, &frame, name, err)
                         : zoo_people_frame_next(p, &frame, err));
    if (zoo_json_kind(entry) != '{') {
        zoo_json_skip(entry);
        return entry->fault == NULL ? GOP_OK : zoo_people_not_json(p, entry, err);
    }
    for (zoo_json_enter(entry, '{'); zoo_json_entry(entry, key, sizeof key);)
        if (is_people(key) && zoo_json_kind(entry) == '[')
            for (zoo_json_enter(entry, '['); zoo_json_item(entry);)
                gop_try(read_person(p, entry, frame, err));
        else
            zoo_json_skip(entry);
    return entry->fault == NULL ? GOP_OK : zoo_people_not_json(p, entry, err);
}

static const char *const lists[] = {"people", "bodies", NULL};

const zoo_form zoo_form_openpose = {
    .name = "OpenPose", .lists = lists, .knows = knows, .read = read};
