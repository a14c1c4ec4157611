/*
 * kinetics.c: Kinetics-skeleton: clips of OpenPose bodies as JSON.
 *
 * DIR/{kinetics_train,kinetics_val}/ANY.json, or train and val or test; a folder in them is the
 * class of files that name none.  A file is an object: "data" is an array of frames, each with
 * "frame_index" (from 1) and "skeleton", an array of bodies with "pose" (x and y of 18 joints, in
 * widths and heights of the image; 0, 0: not found) and "score" (18); "label" and "label_index" are
 * the class.  30 frames a second.  A frame's position is its index; a frame without a body is all
 * zeros.  Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/labels.h"
#include "zoo/dataset/format/names.h"

#define RATE        30.0
#define JOINTS      18
#define COLUMNS     (3 * JOINTS)
#define MOST_FRAMES 100000
#define MOST_BODIES 2
#define MOST_SHARE  10 /* positions beyond this many widths or heights are no shares */

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    zoo_classes classes;
    zoo_labels labels;
    zoo_split split;
    const char *folder; /* the present folder's name if it may be a class */
    zoo_bytes bytes;
} reading;

/* A clip as read: the bodies of each frame, sorted by falling mean score. */
typedef struct clip {
    const char *path;
    size_t frames;
    float *body[MOST_BODIES]; /* [frames, COLUMNS], zeros without a body */
    size_t empty;             /* frames without any body */
    size_t left;              /* bodies not taken */
    size_t twice;             /* frames that repeat an index */
    size_t most;              /* bodies in one frame */
    size_t non_finite;
    float farthest; /* largest x or y */
    bool scored;    /* a body taken has a score that is not 0 */
} clip;

/* ---------------------------------------------------------------------- bodies */

static gop_status not_of_the_format(const clip *c, zoo_drop *why, size_t frame, const char *what,
                                    gop_error *err)
{
    *why = ZOO_DROP_FORMAT;
    return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: %s", c->path, frame, what);
}

static gop_status take_numbers(float *v, json_t *array, size_t n, const char *what, clip *c,
                               size_t frame, zoo_drop *why, gop_error *err)
{
    if (!json_is_array(array) || json_array_size(array) != n) {
        *why = json_is_array(array) ? ZOO_DROP_JOINTS : ZOO_DROP_FORMAT;
        return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: \"%s\" is not an array of %zu numbers",
                        c->path, frame, what, n);
    }
    for (size_t i = 0; i < n; i++) {
        json_t *item = json_array_get(array, i);
        if (!json_is_number(item)) {
            *why = ZOO_DROP_FORMAT;
            return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: entry %zu of \"%s\" is not a number",
                            c->path, frame, i + 1, what);
        }
        double value = json_number_value(item);
        v[i] = (float)value;
        c->non_finite += !(fabs(value) <= 1e30);
    }
    return GOP_OK;
}

/* A body's columns, and the mean of its scores. */
static gop_status take_body(float *out, double *mean, json_t *body, clip *c, size_t frame,
                            zoo_drop *why, gop_error *err)
{
    float pose[2 * JOINTS], score[JOINTS];
    *mean = 0;
    if (!json_is_object(body))
        return not_of_the_format(c, why, frame, "a body is not an object", err);
    gop_status s = take_numbers(pose, json_object_get(body, "pose"), 2 * JOINTS, "pose", c, frame,
                                why, err);
    if (s == GOP_OK)
        s = take_numbers(score, json_object_get(body, "score"), JOINTS, "score", c, frame, why,
                         err);
    for (size_t j = 0; j < JOINTS && s == GOP_OK; j++) {
        out[3 * j] = pose[2 * j];
        out[3 * j + 1] = pose[2 * j + 1];
        out[3 * j + 2] = score[j];
        *mean += score[j] / JOINTS;
    }
    return s;
}

/* Keeps the best bodies of a frame; ties go to the first. */
static gop_status take_bodies(clip *c, json_t *bodies, size_t t, size_t wanted, zoo_drop *why,
                              gop_error *err)
{
    double best[MOST_BODIES];
    size_t n = json_array_size(bodies), have = 0;
    gop_status s = GOP_OK;
    for (size_t i = 0; i < n && s == GOP_OK; i++) {
        float one[COLUMNS];
        double mean = 0;
        s = take_body(one, &mean, json_array_get(bodies, i), c, t + 1, why, err);
        size_t k = have < wanted ? have++ : wanted - 1;
        if (s != GOP_OK || (i >= wanted && best[k] >= mean))
            continue;
        for (; k > 0 && best[k - 1] < mean; k--) {
            best[k] = best[k - 1];
            memcpy(c->body[k] + t * COLUMNS, c->body[k - 1] + t * COLUMNS, sizeof one);
        }
        best[k] = mean;
        memcpy(c->body[k] + t * COLUMNS, one, sizeof one);
    }
    c->left += n - have;
    c->most = n > c->most ? n : c->most;
    return s;
}

/* ---------------------------------------------------------------------- frames */

/* The index of a frame, from 1, or 0 without a valid one. */
static size_t index_of(json_t *frame)
{
    json_t *index = json_object_get(frame, "frame_index");
    json_int_t v = json_is_integer(index) ? json_integer_value(index) : 0;
    return v >= 1 && v <= MOST_FRAMES ? (size_t)v : 0;
}

static gop_status measure_clip(clip *c, json_t *data, zoo_drop *why, gop_error *err)
{
    *why = ZOO_DROP_FORMAT;
    if (!json_is_array(data))
        return gop_fail(err, GOP_EFORMAT, "%s: \"data\" is not an array of frames", c->path);
    for (size_t i = 0; i < json_array_size(data); i++) {
        json_t *frame = json_array_get(data, i);
        size_t index = index_of(frame);
        if (index == 0)
            return gop_fail(err, GOP_EFORMAT,
                            "%s: entry %zu of \"data\" has no \"frame_index\""
                            " from 1 to %d",
                            c->path, i + 1, MOST_FRAMES);
        if (!json_is_array(json_object_get(frame, "skeleton")))
            return not_of_the_format(c, why, index, "\"skeleton\" is not an array of bodies", err);
        c->frames = index > c->frames ? index : c->frames;
    }
    return GOP_OK;
}

static gop_status take_frames(clip *c, json_t *data, size_t wanted, zoo_drop *why, gop_error *err)
{
    uint8_t *seen = calloc(c->frames + 1, 1);
    gop_status s = seen == NULL ? GOP_ENOMEM : GOP_OK;
    for (size_t b = 0; b < wanted && s == GOP_OK; b++) {
        c->body[b] = calloc(c->frames + 1, COLUMNS * sizeof **c->body);
        s = c->body[b] == NULL ? GOP_ENOMEM : GOP_OK;
    }
    if (s != GOP_OK) {
        free(seen);
        return gop_fail(err, s, "out of memory reading %s", c->path);
    }
    c->empty = c->frames;
    for (size_t i = 0; i < json_array_size(data) && s == GOP_OK; i++) {
        json_t *frame = json_array_get(data, i);
        json_t *bodies = json_object_get(frame, "skeleton");
        size_t t = index_of(frame) - 1;
        if (seen[t]) {
            c->twice++;
            continue;
        }
        seen[t] = 1;
        c->empty -= json_array_size(bodies) > 0;
        s = take_bodies(c, bodies, t, wanted, why, err);
    }
    free(seen);
    return s;
}

/* Moves x and y to the image's middle, and joints not found to 0.  If all scores of the clip are 0,
 * a joint at the origin is one not found. */
static void centre(clip *c, size_t body)
{
    for (size_t i = 0; i < c->frames * JOINTS; i++) {
        float *v = c->body[body] + 3 * i;
        bool found = c->scored ? v[2] != 0 : v[0] != 0 || v[1] != 0;
        v[0] = found ? v[0] - 0.5f : 0;
        v[1] = found ? v[1] - 0.5f : 0;
    }
}

/* -------------------------------------------------------------------- one file */

static size_t number_of(json_t *index)
{
    json_int_t v = json_is_integer(index) ? json_integer_value(index) : -1;
    return v >= 0 && v < ZOO_MAX_ACTIONS ? (size_t)v : SIZE_MAX;
}

static gop_status no_class(const char *path, const char *why, gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: %s", path, why);
}

/* Sets *k to the index of the class by table, by the file itself or by the folder. */
static gop_status class_of(size_t *k, reading *r, json_t *root, const char *name, const char *path,
                           gop_error *err)
{
    json_t *label = json_object_get(root, "label"), *index = json_object_get(root, "label_index");
    const char *text = json_is_string(label) ? json_string_value(label) : "";
    size_t number = number_of(index);
    bool clash, odd = index != NULL && number == SIZE_MAX && !json_is_string(index);
    if (r->raw->labels != NULL) {
        char file[ZOO_SEQUENCE_NAME_SIZE + 8];
        zoo_label *known;
        snprintf(file, sizeof file, "%s.json", name);
        gop_try(zoo_labels_find(&known, &r->labels, name, path, file, err));
        text = known->action;
        number = SIZE_MAX;
    } else if (text[0] == '\0' && number == SIZE_MAX && r->folder != NULL) {
        text = r->folder;
        zoo_report_add(r->store->report, ZOO_ALTERED, "%s: names no class; its folder gives %s",
                       path, text);
    } else if (text[0] != '\0' && odd) {
        zoo_report_add(r->store->report, ZOO_ALTERED,
                       "%s: \"label_index\" is not a number from 0 to %d; used the label", path,
                       ZOO_MAX_ACTIONS - 1);
    }
    if (text[0] == '\0' && number == SIZE_MAX)
        return no_class(path, "\"label\" and \"label_index\" name no class", err);
    if (text[0] != '\0' && zoo_name_fault(text, ZOO_NAME_SIZE) != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: the class's name %s", path,
                        zoo_name_fault(text, ZOO_NAME_SIZE));
    gop_try(
        zoo_class_add(k, &r->classes, text[0] == '\0' ? NULL : text, number, &clash, path, err));
    if (clash)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: class %zu is %s here, which contradicts another file", path, number,
                        text);
    return GOP_OK;
}

static void count_missing(zoo_report *report, const float *frames, size_t n)
{
    for (size_t t = 0; report != NULL && report->missing != NULL && t < n; t++)
        for (size_t j = 0; j < JOINTS; j++)
            report->missing[j] += frames[COLUMNS * t + 3 * j] == 0 &&
                                  frames[COLUMNS * t + 3 * j + 1] == 0;
}

static void report_changes(const clip *c, zoo_report *report)
{
    if (report == NULL)
        return;
    if (!c->scored)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: all scores are 0; took the first body of each frame and ignored scores",
                       c->path);
    if (c->twice > 0)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: %zu frames repeat an index; took the first frame of each", c->path,
                       c->twice);
    if (c->farthest > MOST_SHARE)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: positions up to %g are pixels, not shares of the image's width and "
                       "height; divide them by its size",
                       c->path, (double)c->farthest);
    report->empty_frames += c->empty;
    report->other_bodies += c->left;
}

static bool any_body(const clip *c, size_t body)
{
    for (size_t i = 0; i < c->frames * COLUMNS; i++)
        if (c->body[body][i] != 0)
            return true;
    return false;
}

static gop_status add_clip(reading *r, clip *c, const char *name, size_t action, gop_error *err)
{
    gop_status s = GOP_OK;
    report_changes(c, r->store->report);
    for (size_t b = 0; b < r->raw->bodies && s == GOP_OK; b++) {
        char title[ZOO_SEQUENCE_NAME_SIZE + 8];
        if (!any_body(c, b))
            continue;
        snprintf(title, sizeof title, "%s%s", name, b == 0 ? "" : "-2");
        const char *fault = zoo_name_fault(title, ZOO_SEQUENCE_NAME_SIZE);
        if (b > 0 && (fault != NULL || zoo_store_has(r->store, title, r->split))) {
            zoo_report_add(r->store->report, ZOO_ALTERED,
                           "%s: left out the second body; sequence %s %s", c->path, title,
                           fault != NULL ? fault : "exists already");
            continue;
        }
        count_missing(r->store->report, c->body[b], c->frames);
        if (!r->raw->as_recorded)
            centre(c, b);
        s = zoo_store_add(r->store, title, action, r->split, c->body[b], c->frames, err);
        c->body[b] = NULL;
    }
    return s;
}

static gop_status check_clip(clip *c, reading *r, zoo_drop *why, gop_error *err)
{
    for (size_t b = 0; b < r->raw->bodies; b++)
        for (size_t i = 0; i < c->frames * JOINTS; i++) {
            const float *v = c->body[b] + 3 * i;
            c->scored |= v[2] != 0;
            c->farthest = fmaxf(c->farthest, fmaxf(fabsf(v[0]), fabsf(v[1])));
        }
    if (c->non_finite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        if (r->store->report != NULL)
            r->store->report->non_finite += c->non_finite;
        return gop_fail(err, GOP_EFORMAT, "%s: %zu values are too large", c->path, c->non_finite);
    }
    *why = ZOO_DROP_EMPTY;
    if (!any_body(c, 0))
        return gop_fail(err, GOP_EFORMAT, "%s: no body in any of %zu frames", c->path, c->frames);
    *why = ZOO_DROP_SHORT;
    if (c->frames < r->store->shortest)
        return gop_fail(err, GOP_EFORMAT, "%s: %zu frames; at least %zu are needed", c->path,
                        c->frames, r->store->shortest);
    return GOP_OK;
}

static json_t *parse(reading *r, const char *path, zoo_drop *why, gop_error *bad)
{
    json_error_t at;
    if (zoo_bytes_read(&r->bytes, path, why, bad) != GOP_OK)
        return NULL;
    *why = ZOO_DROP_FORMAT;
    json_t *root = json_loadb(r->bytes.data, r->bytes.n, JSON_REJECT_DUPLICATES, &at);
    if (root == NULL && at.line < 0) /* Jansson has found no place: memory has failed */
        gop_fail(bad, GOP_ENOMEM, "out of memory reading %s", path);
    else if (root == NULL)
        gop_fail(bad, GOP_EFORMAT, "%s:%d: not JSON: %s", path, at.line, at.text);
    return root;
}

static gop_status read_file(reading *r, const char *path, const char *name, gop_error *err)
{
    gop_error bad = {GOP_OK, ""};
    clip c = {.path = path};
    zoo_drop why;
    size_t action = SIZE_MAX;
    json_t *root = parse(r, path, &why, &bad), *data = json_object_get(root, "data");
    gop_status s = root == NULL ? bad.status : measure_clip(&c, data, &why, &bad);
    if (s == GOP_OK)
        s = take_frames(&c, data, r->raw->bodies, &why, &bad);
    if (s == GOP_OK)
        s = check_clip(&c, r, &why, &bad);
    if (s == GOP_OK) {
        why = ZOO_DROP_LABEL;
        s = class_of(&action, r, root, name, path, &bad);
    }
    json_decref(root);
    s = s == GOP_OK ? add_clip(r, &c, name, action, err)
                    : zoo_store_drop(r->store, why, s, &bad, err);
    for (size_t b = 0; b < MOST_BODIES; b++)
        free(c.body[b]);
    return s;
}

/* --------------------------------------------------------------------- folders */

static gop_status visit(void *user, const char *path, const char *folder, const char *file,
                        gop_error *err)
{
    reading *r = user;
    char name[ZOO_SEQUENCE_NAME_SIZE];
    r->folder = folder;
    if (r->store->report != NULL)
        r->store->report->files++;
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".json")), file);
    return zoo_name_new(r->store, path, name, r->split) ? read_file(r, path, name, err) : GOP_OK;
}

static gop_status read_all(reading *r, const char *dir, gop_error *err)
{
    static const char *const name[2][5] = {{"kinetics_train", "train", NULL},
                                           {"kinetics_val", "val", "kinetics_test", "test", NULL}};
    /* The set's own tables of labels repeat the files' labels. */
    const char *known[5] = {"kinetics_train_label.json", "kinetics_val_label.json"};
    size_t n_known = 2;
    gop_status s = zoo_folder_misspelt(dir, name[0], err);
    if (s == GOP_OK)
        s = zoo_folder_misspelt(dir, name[1], err);
    for (int k = 0; k < 2 && s == GOP_OK; k++) {
        char *path;
        s = zoo_folder_find(&path, dir, name[k], err);
        r->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
        if (path != NULL)
            s = zoo_files_visit(r->store, path, ".json", true, visit, r, err);
        else if (s == GOP_OK)
            s = gop_fail(err, GOP_ESYSTEM, "%s: no folder %s or %s", dir, name[k][0], name[k][1]);
        for (const char *const *n = name[k]; path != NULL && *n != NULL; n++)
            if (strcmp(strrchr(path, '/') + 1, *n) == 0)
                known[n_known++] = *n;
        free(path);
    }
    return s == GOP_OK ? zoo_files_strangers(r->store, dir, known, "a folder that is read", err)
                       : s;
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .raw = raw};
    const char *none = "";
    snprintf(store->data->source, sizeof store->data->source, "Kinetics-skeleton, %s, %s",
             raw->as_recorded ? "as recorded" : "centred on the image",
             raw->bodies == 1 ? "the body with the highest mean score in each frame"
                              : "the two best bodies of each frame, one by one");
    gop_status s = zoo_domain_create(&store->data->domain, "kinetics",
                                     zoo_layout_find("kinetics18"), RATE, 1, &none, 1, err);
    if (s == GOP_OK && !zoo_report_nodes(store->report, JOINTS))
        s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", raw->dir);
    if (s == GOP_OK && raw->labels != NULL)
        s = zoo_labels_read(&r.labels, raw->labels, err);
    if (s == GOP_OK)
        s = read_all(&r, raw->dir, err);
    if (s == GOP_OK && store->data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, ".json file", err);
    if (s == GOP_OK)
        s = zoo_classes_finish(&r.classes, store, err);
    if (s == GOP_OK && raw->labels != NULL)
        zoo_labels_unused(&r.labels, store->report, raw->labels);
    zoo_labels_clear(&r.labels);
    zoo_classes_clear(&r.classes);
    zoo_bytes_clear(&r.bytes);
    return s;
}

const zoo_source zoo_source_kinetics = {.name = "kinetics",
                                        .text = "Kinetics-skeleton",
                                        .needs = "dir",
                                        .takes = "labels bodies as_recorded shortest fill strict",
                                        .take = take};
