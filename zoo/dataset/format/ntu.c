/*
 * ntu.c: the source NTU RGB+D 60 and 120 as .skeleton files, at 30 frames a second.
 *
 * The name says setup, camera, performer, repetition and action: S001C002P003R002A013.  A body is
 * followed by its index in the frame, as the preparation of two-stream networks does, or by what
 * identifies it, if bodies are ordered as pyskl does.  Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/ntu_samples.h"
#include "zoo/dataset/format/skeleton.h"

#define RATE 30.0

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    const zoo_ntu_split *split;
    zoo_ntu_bodies how;
    zoo_ntu_skip_list skip;
    zoo_bytes bytes;
    zoo_ntu_clip clip;
} reading;

/* How bodies are followed for the store's steps. */
static zoo_ntu_bodies followed(const zoo_store *store)
{
    const char *step = zoo_steps_find(&store->steps, "bodies");
    return step != NULL && zoo_ends_in(step, ":pyskl") ? ZOO_NTU_BY_NAME : ZOO_NTU_BY_INDEX;
}

/* ----------------------------------------------------------------------- clips */

static void count_missing(zoo_report *report, const zoo_ntu_clip *clip, size_t body)
{
    if (report == NULL || report->missing == NULL)
        return;
    for (size_t t = 0; t < clip->frames; t++) {
        const zoo_ntu_joints *joints = zoo_ntu_joints_of(clip, t, body);
        for (size_t j = 0; j < ZOO_NTU_JOINTS && joints != NULL; j++)
            report->missing[j] += !joints->tracked[j];
    }
}

/* The clip as recorded.  A joint at the origin is one that was not found. */
static gop_status add_frames(reading *r, const zoo_ntu_sample *who, gop_error *err)
{
    const zoo_ntu_clip *clip = &r->clip;
    const size_t row = 3 * ZOO_NTU_JOINTS;
    float *frames = malloc(clip->slots * clip->frames * row * sizeof *frames), *to = frames;
    if (frames == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", who->name);
    for (size_t b = 0; b < clip->slots; b++)
        for (size_t t = 0; t < clip->frames; t++) {
            const zoo_ntu_joints *of = zoo_ntu_joints_of(clip, t, b);
            for (size_t j = 0; j < ZOO_NTU_JOINTS; j++, to += 3) {
                const float *xyz = of == NULL ? NULL : of->xyz + 3 * j;
                const bool there = of != NULL && (xyz[0] != 0 || xyz[1] != 0 || xyz[2] != 0);
                for (size_t k = 0; k < 3; k++)
                    to[k] = there ? xyz[k] : NAN;
            }
        }
    return zoo_store_add(r->store,
                         &(zoo_sequence){.name = who->name,
                                         .subject = who->part[2],
                                         .camera = who->part[1],
                                         .setup = who->part[0],
                                         .repetition = who->part[3],
                                         .file = who->file,
                                         .action = who->action - 1,
                                         .split = zoo_ntu_split_of(r->split, who),
                                         .frames = clip->frames,
                                         .bodies = (uint32_t)clip->slots},
                         frames, err);
}

static void report_changes(reading *r, const char *path)
{
    zoo_report *report = r->store->report;
    const zoo_ntu_clip *clip = &r->clip;
    if (clip->frames < clip->declared)
        zoo_report_add(report, ZOO_ALTERED, "%s: the file is incomplete; took %zu of %zu frames",
                       path, clip->frames, clip->declared);
    if (clip->more)
        zoo_report_add(report, ZOO_ALTERED, "%s: ignored what follows the last of %zu frames", path,
                       clip->declared);
    if (clip->left_out > 0 && r->how == ZOO_NTU_BY_INDEX)
        zoo_report_add(report, ZOO_ALTERED, "%s: %zu bodies; read the first %d", path,
                       clip->most_bodies, ZOO_NTU_BODIES);
    else if (clip->left_out > 0)
        zoo_report_add(report, ZOO_ALTERED, "%s: %zu bodies; read those of the most frames, %d",
                       path, clip->slots + clip->left_out, ZOO_MAX_BODIES);
}

static gop_status add_clip(reading *r, const zoo_ntu_sample *who, const char *path, gop_error *err)
{
    for (size_t b = 0; b < r->clip.slots; b++)
        count_missing(r->store->report, &r->clip, b);
    report_changes(r, path);
    return add_frames(r, who, err);
}

static gop_status read_clip(reading *r, const char *path, zoo_drop *why, gop_error *err)
{
    gop_try(zoo_ntu_read(&r->clip, &r->bytes, path, r->how, why, err));
    if (r->clip.non_finite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        if (r->store->report != NULL)
            r->store->report->non_finite += r->clip.non_finite;
        return gop_fail(err, GOP_EFORMAT, "%s: %zu values are not finite or too large", path,
                        r->clip.non_finite);
    }
    if (r->clip.slots == 0) {
        *why = ZOO_DROP_EMPTY;
        return gop_fail(err, GOP_EFORMAT, "%s: no body in any of %zu frames", path, r->clip.frames);
    }
    return GOP_OK;
}

/* ----------------------------------------------------------------------- files */

static gop_status visit(void *user, const char *path, const char *folder, const char *file,
                        gop_error *err)
{
    reading *r = user;
    (void)folder; /* the name has all */
    gop_error bad = {GOP_OK, ""};
    zoo_ntu_sample who = {0};
    zoo_drop why = ZOO_NO_DROP;
    if (r->store->report != NULL)
        r->store->report->files++;
    if (!zoo_ntu_sample_parse(&who, file)) {
        why = ZOO_DROP_NAME;
        gop_fail(&bad, GOP_EFORMAT, "%s: not a name such as S001C002P003R002A013.skeleton", path);
    } else if (who.action > r->split->actions && !zoo_store_names_classes(r->store)) {
        why = ZOO_DROP_SPLIT;
        gop_fail(&bad, GOP_EFORMAT, "%s: action %u is not among the split's %u", path, who.action,
                 r->split->actions);
    } else if (zoo_ntu_listed(&r->skip, who.name)) {
        zoo_report_drop(r->store->report, ZOO_DROP_LISTED, "%s: on the skip list", path);
        return GOP_OK;
    } else if (zoo_store_has(r->store, who.name, zoo_ntu_split_of(r->split, &who))) {
        why = ZOO_DROP_TWICE;
        gop_fail(&bad, GOP_EFORMAT, "%s: an earlier file has the same name", path);
    } else {
        bad.status = read_clip(r, path, &why, &bad);
    }
    if (bad.status != GOP_OK)
        return zoo_store_drop(r->store, why, bad.status, &bad, err);
    return add_clip(r, &who, path, err);
}

/* Visits a folder, or one file. */
static gop_status visit_all(reading *r, gop_error *err)
{
    const char *dir = r->raw->dir;
    bool folder;
    gop_try(zoo_is_folder(&folder, dir, err));
    if (!folder && zoo_ends_in(dir, ZOO_NTU_ENDING))
        return visit(r, dir, NULL, zoo_base_name(dir), err);
    return zoo_files_visit(r->store, dir, ZOO_NTU_ENDING, true, visit, r, err);
}

static void clear(reading *r)
{
    zoo_ntu_skip_list_clear(&r->skip);
    zoo_ntu_clip_clear(&r->clip);
    zoo_bytes_clear(&r->bytes);
}

/* ----------------------------------------------------------------------- whole */

static gop_status create(zoo_dataset *data, const zoo_ntu_split *split, const char *way,
                         gop_error *err)
{
    char name[ZOO_NTU_ACTIONS][ZOO_NAME_SIZE], title[ZOO_NAME_SIZE];
    const char *action[ZOO_NTU_ACTIONS];
    for (unsigned a = 0; a < split->actions; a++) {
        zoo_ntu_class(name[a], a + 1);
        action[a] = name[a];
    }
    snprintf(title, sizeof title, "ntu-%s", way);
    snprintf(data->source, sizeof data->source, "%s, %s split", split->set, way);
    return zoo_domain_create(&data->domain, title, zoo_layout_find("ntu25"), RATE, 1, action,
                             split->actions, err);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store,
                 .raw = raw,
                 .split = zoo_ntu_split_find(raw->split),
                 .how = followed(store)};
    gop_status s = create(store->data, r.split, raw->split, err);
    if (s == GOP_OK && !zoo_report_nodes(store->report, ZOO_NTU_JOINTS))
        s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", raw->dir);
    if (s == GOP_OK && raw->skip_list != NULL)
        s = zoo_ntu_skip_list_read(&r.skip, &r.bytes, raw->skip_list, err);
    if (s == GOP_OK)
        s = visit_all(&r, err);
    if (s == GOP_OK && store->data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, ".skeleton file", err);
    clear(&r);
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    reading r = {.store = store, .raw = raw, .split = zoo_ntu_split_find("")};
    zoo_ntu_sample who = {.action = 1, .file = zoo_base_name(path)};
    zoo_drop why;
    gop_try(zoo_store_from(store, zoo_layout_find("ntu25"), "NTU RGB+D", err));
    r.how = followed(store);
    snprintf(who.name, sizeof who.name, "%s", who.file);
    gop_status s = read_clip(&r, path, &why, err);
    if (s == GOP_OK)
        s = add_clip(&r, &who, path, err);
    clear(&r);
    return s;
}

const zoo_source zoo_source_ntu = {
    .name = "ntu",
    .text = "NTU RGB+D 60 and 120",
    .needs = "dir",
    .takes = "split skip_list bodies as_recorded shortest fill strict steps",
    .splits = zoo_ntu_ways,
    .steps = "bodies 2:motion; missing drop",
    .normal = "align two-stream",
    .take = take,
    .read_one = read_one,
    .ending = ZOO_NTU_ENDING};
