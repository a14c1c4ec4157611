/*
 * mmpose.c: predictions of MMPose.
 *
 * {"instance_info": [{"frame_id": i, "instances": [...]}]} or a list of such frames; for an image a
 * list of instances alone.  An instance has "keypoints", an array of [x, y] or [x, y, z] for each
 * joint, "keypoint_scores", and where bodies were followed "track_id".  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <string.h>

#include "zoo/dataset/format/people.h"

static bool knows(zoo_json entry, const char *list)
{
    char key[24];
    unsigned seen = 0;
    (void)list;
    if (zoo_json_kind(&entry) != '{')
        return false;
    for (zoo_json_enter(&entry, '{'); zoo_json_entry(&entry, key, sizeof key);
         zoo_json_skip(&entry))
        seen |= strcmp(key, "instances") == 0         ? 1
                : strcmp(key, "keypoint_scores") == 0 ? 2
                : strcmp(key, "keypoints") == 0       ? 4
                                                      : 0;
    return (seen & 1) != 0 || seen == 6;
}

static gop_status read_scores(zoo_people *p, float *score, size_t *n, zoo_json *j, gop_error *err)
{
    float ignored;
    *n = 0;
    if (zoo_json_kind(j) != '[') {
        zoo_json_skip(j);
        return GOP_OK;
    }
    for (zoo_json_enter(j, '['); zoo_json_item(j); (*n)++)
        if (!zoo_people_value(j, *n < ZOO_MAX_NODES ? &score[*n] : &ignored) && j->fault == NULL)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: a score is not a number", p->path,
                            zoo_json_line(j));
    return GOP_OK;
}

static gop_status read_instance(zoo_people *p, zoo_json *j, uint32_t frame, gop_error *err)
{
    char key[24];
    float score[ZOO_MAX_NODES];
    int64_t id = ZOO_NO_ID;
    size_t n = 0;
    p->points.n = 0;
    if (zoo_json_kind(j) != '{') {
        zoo_json_skip(j);
        return j->fault != NULL ? zoo_people_not_json(p, j, err)
                                : gop_fail(err, GOP_EFORMAT, "%s:%zu: an instance is no object",
                                           p->path, zoo_json_line(j));
    }
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "keypoints") == 0)
            gop_try(zoo_people_points(p, j, true, err));
        else if (strcmp(key, "keypoint_scores") == 0)
            gop_try(read_scores(p, score, &n, j, err));
        else if (strcmp(key, "track_id") == 0 || strcmp(key, "instance_id") == 0)
            id = zoo_people_id(j);
        else
            zoo_json_skip(j);
    if (j->fault != NULL)
        return zoo_people_not_json(p, j, err);
    if (n > 0 && n != p->points.n)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: %zu joints with %zu scores", p->path,
                        zoo_json_line(j), p->points.n, n);
    for (size_t i = 0; i < n; i++)
        p->points.v[i][3] = score[i];
    p->points.scored = n > 0;
    p->points.space = p->points.depth ? ZOO_SPACE_WORLD : ZOO_SPACE_IMAGE;
    return zoo_people_add(p, frame, id, err);
}

static gop_status read(zoo_people *p, zoo_json *entry, const char *list, const char *name,
                       gop_error *err)
{
    char key[24];
    const zoo_json begin = *entry;
    zoo_json instances = {.p = NULL};
    uint32_t frame = UINT32_MAX;
    float v;
    (void)list;
    if (zoo_json_kind(entry) != '{') {
        zoo_json_skip(entry);
        return entry->fault != NULL ? zoo_people_not_json(p, entry, err)
                                    : zoo_people_frame_next(p, &frame, err);
    }
    for (zoo_json_enter(entry, '{'); zoo_json_entry(entry, key, sizeof key);)
        if (strcmp(key, "frame_id") == 0 && frame == UINT32_MAX) {
            if (zoo_people_value(entry, &v) && v >= 0 && v < 1e7f && v == floorf(v))
                gop_try(zoo_people_frame_at(p, &frame, (uint64_t)v, err));
        } else {
            if (strcmp(key, "instances") == 0)
                instances = *entry;
            zoo_json_skip(entry);
        }
    if (entry->fault != NULL)
        return zoo_people_not_json(p, entry, err);
    if (instances.p == NULL) { /* an instance of an image */
        *entry = begin;
        gop_try(zoo_people_frame_now(p, &frame, err));
        return read_instance(p, entry, frame, err);
    }
    if (frame == UINT32_MAX)
        gop_try(name != NULL ? zoo_people_frame_of(p, &frame, name, err)
                             : zoo_people_frame_next(p, &frame, err));
    if (zoo_json_kind(&instances) == '[')
        for (zoo_json_enter(&instances, '['); zoo_json_item(&instances);)
            gop_try(read_instance(p, &instances, frame, err));
    return instances.fault != NULL ? zoo_people_not_json(p, &instances, err) : GOP_OK;
}

static const char *const lists[] = {"instance_info", "predictions", NULL};

const zoo_form zoo_form_mmpose = {.name = "MMPose", .lists = lists, .knows = knows, .read = read};
