/*
 * coco_results.c: results of keypoint detectors as COCO has them, and those of AlphaPose.
 *
 * A list of bodies: {"image_id": number or name, "keypoints": x, y, score of each joint, flat or an
 * array for each joint, "score", "category_id"}; AlphaPose adds "idx", the body's id, as a number, a
 * list or a list of lists.  "annotations" of COCO have the same, PoseTrack's a "track_id".  Touches
 * its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/dataset/format/people.h"

static bool knows(zoo_json entry, const char *list)
{
    char key[16];
    unsigned seen = 0;
    (void)list;
    if (zoo_json_kind(&entry) != '{')
        return false;
    for (zoo_json_enter(&entry, '{'); zoo_json_entry(&entry, key, sizeof key);
         zoo_json_skip(&entry))
        seen |= strcmp(key, "image_id") == 0 ? 1 : strcmp(key, "keypoints") == 0 ? 2 : 0;
    return seen == 3;
}

/* Whether the next value is an array whose first entry is of this kind. */
static bool begins_with(zoo_json j, char kind)
{
    if (zoo_json_kind(&j) != '[')
        return false;
    zoo_json_enter(&j, '[');
    return zoo_json_item(&j) && zoo_json_kind(&j) == kind;
}

/* Finds the frame of an image. */
static gop_status read_image(zoo_people *p, uint32_t *frame, zoo_json *j, gop_error *err)
{
    char name[1024];
    const char *end, *c;
    uint64_t v = 0;
    if (zoo_json_kind(j) == '"') {
        if (zoo_json_text(j, name, sizeof name))
            return zoo_people_frame_of(p, frame, name, err);
    } else if (zoo_json_kind(j) == '0') {
        for (c = zoo_json_number(j, &end); c < end && *c >= '0' && *c <= '9' && v < UINT32_MAX; c++)
            v = 10 * v + (uint64_t)(*c - '0');
        if (c == end)
            return zoo_people_frame_at(p, frame, v, err);
    }
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: \"image_id\" is neither a whole number nor a name",
                    p->path, zoo_json_line(j));
}

static gop_status read(zoo_people *p, zoo_json *j, const char *list, const char *name,
                       gop_error *err)
{
    char key[16];
    uint32_t frame = UINT32_MAX;
    int64_t id = ZOO_NO_ID;
    bool joints = false;
    (void)list;
    (void)name;
    p->points.n = 0;
    if (zoo_json_kind(j) != '{')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: an entry is not an object", p->path,
                        zoo_json_line(j));
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "image_id") == 0 && frame == UINT32_MAX) {
            gop_try(read_image(p, &frame, j, err));
        } else if (strcmp(key, "keypoints") == 0 && !joints) {
            joints = true;
            gop_try(begins_with(*j, '[') ? zoo_people_points(p, j, false, err)
                                         : zoo_people_flat(p, j, 3, err));
        } else if (strcmp(key, "idx") == 0 || strcmp(key, "track_id") == 0) {
            id = zoo_people_id(j);
        } else {
            zoo_json_skip(j);
        }
    if (j->fault != NULL)
        return zoo_people_not_json(p, j, err);
    if (!joints || frame == UINT32_MAX)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: an entry without \"image_id\" and \"keypoints\"",
                        p->path, zoo_json_line(j));
    p->points.space = ZOO_SPACE_IMAGE;
    return zoo_people_add(p, frame, id, err);
}

static const char *const lists[] = {"annotations", "results", "predictions", NULL};

const zoo_form zoo_form_coco = {.name = "COCO", .lists = lists, .knows = knows, .read = read};
