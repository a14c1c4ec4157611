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

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/decimal.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/labels.h"
#include "zoo/dataset/format/names.h"
#include "zoo/json.h"

#define RATE        30.0
#define JOINTS      18
#define COLUMNS     (3 * JOINTS)
#define MOST_FRAMES 100000
#define MOST_BODIES ZOO_MAX_BODIES
#define MOST_VALUE  1e30f
#define LABEL_SIZE  256 /* of a label that is read; a class has less */
#define MOST_SHARE  10  /* positions beyond this many widths or heights are no shares */

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    zoo_classes classes;
    zoo_labels labels;
    zoo_split split;
    bool unlabelled;    /* files need no class */
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

/* ------------------------------------------------------------------------ JSON */

static gop_status not_json(const clip *c, const zoo_json *j, zoo_drop *why, gop_error *err)
{
    *why = ZOO_DROP_FORMAT;
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: not JSON: %s", c->path, zoo_json_line(j), j->fault);
}

/* Notes a key of an object in *seen; it must not occur twice. */
static void once(zoo_json *j, unsigned *seen, unsigned key)
{
    if (j->fault == NULL && (*seen & key) != 0)
        j->fault = "duplicate object key";
    *seen |= key;
}

/* Reads a whole number from 0 to `most`; SIZE_MAX for another value, which is passed. */
static size_t take_whole(zoo_json *j, size_t most)
{
    const char *end, *p;
    size_t v = 0;
    if (zoo_json_kind(j) != '0') {
        zoo_json_skip(j);
        return SIZE_MAX;
    }
    for (p = zoo_json_number(j, &end); p < end && *p >= '0' && *p <= '9' && v <= most; p++)
        v = 10 * v + (size_t)(*p - '0');
    return p == end && v <= most ? v : SIZE_MAX;
}

/* The head of a file. */
typedef struct head {
    bool data, index; /* "data" is an array, the file has a "label_index" */
    bool index_text;  /* which is a text */
    bool label_fits;
    char text[LABEL_SIZE];
    size_t number; /* SIZE_MAX: none */
    zoo_json at;   /* before the data */
} head;

/* Reads all of a file but the data, which must be JSON too. */
static void read_head(head *h, zoo_json *j)
{
    char key[16];
    unsigned seen = 0;
    *h = (head){.number = SIZE_MAX, .label_fits = true};
    if (zoo_json_kind(j) != '{')
        zoo_json_skip(j);
    else
        for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
            if (strcmp(key, "data") == 0) {
                once(j, &seen, 1);
                h->data = zoo_json_kind(j) == '[';
                h->at = *j;
                zoo_json_skip(j);
            } else if (strcmp(key, "label") == 0 && zoo_json_kind(j) == '"') {
                once(j, &seen, 2);
                h->label_fits = zoo_json_text(j, h->text, sizeof h->text);
            } else if (strcmp(key, "label_index") == 0) {
                once(j, &seen, 4);
                h->index = true;
                h->index_text = zoo_json_kind(j) == '"';
                h->number = take_whole(j, ZOO_MAX_ACTIONS - 1);
            } else {
                zoo_json_skip(j);
            }
    zoo_json_finish(j);
}

/* A frame's index from 1, or 0 without a valid one, and its bodies. */
typedef struct json_frame {
    size_t index;
    bool bodies; /* "skeleton" is an array */
    zoo_json at; /* before the array */
} json_frame;

static void read_frame(json_frame *f, zoo_json *j)
{
    char key[16];
    unsigned seen = 0;
    f->index = 0;
    f->bodies = false;
    if (zoo_json_kind(j) != '{') {
        zoo_json_skip(j);
        return;
    }
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "frame_index") == 0) {
            once(j, &seen, 1);
            f->index = take_whole(j, MOST_FRAMES);
            f->index = f->index == SIZE_MAX ? 0 : f->index;
        } else {
            if (strcmp(key, "skeleton") == 0) {
                once(j, &seen, 2);
                f->bodies = zoo_json_kind(j) == '[';
                f->at = *j;
            }
            zoo_json_skip(j);
        }
}

/* ---------------------------------------------------------------------- bodies */

static gop_status not_of_the_format(const clip *c, zoo_drop *why, size_t frame, const char *what,
                                    gop_error *err)
{
    *why = ZOO_DROP_FORMAT;
    return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: %s", c->path, frame, what);
}

static gop_status not_numbers(const clip *c, size_t frame, const char *what, size_t n,
                              gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: \"%s\" is not an array of %zu numbers",
                    c->path, frame, what, n);
}

static gop_status take_numbers(float *v, zoo_json *j, size_t n, const char *what, clip *c,
                               size_t frame, zoo_drop *why, gop_error *err)
{
    size_t have = 0, wrong = 0;
    *why = ZOO_DROP_FORMAT;
    if (zoo_json_kind(j) != '[')
        return not_numbers(c, frame, what, n, err);
    for (zoo_json_enter(j, '['); zoo_json_item(j); have++) {
        const char *p, *end, *after = NULL;
        float ignored;
        if (zoo_json_kind(j) != '0') {
            zoo_json_skip(j);
        } else {
            p = zoo_json_number(j, &end);
            after = zoo_decimal(have < n ? &v[have] : &ignored, p, end);
            after = after == end ? after : NULL;
        }
        if (after == NULL && wrong == 0)
            wrong = have + 1;
        else if (have < n)
            c->non_finite += !(fabsf(v[have]) <= MOST_VALUE);
    }
    if (have != n) {
        *why = ZOO_DROP_JOINTS;
        return not_numbers(c, frame, what, n, err);
    }
    if (wrong > 0)
        return gop_fail(err, GOP_EFORMAT, "%s: frame %zu: entry %zu of \"%s\" is not a number",
                        c->path, frame, wrong, what);
    return GOP_OK;
}

/* A body's columns, and the mean of its scores. */
static gop_status take_body(float *out, double *mean, zoo_json *j, clip *c, size_t frame,
                            zoo_drop *why, gop_error *err)
{
    static const char *const part[] = {"pose", "score"};
    static const size_t n[] = {2 * JOINTS, JOINTS};
    float v[2][2 * JOINTS];
    char key[16];
    unsigned seen = 0;
    *mean = 0;
    if (zoo_json_kind(j) != '{')
        return not_of_the_format(c, why, frame, "a body is not an object", err);
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);) {
        int k = strcmp(key, "pose") == 0 ? 0 : strcmp(key, "score") == 0 ? 1 : 2;
        if (k == 2) {
            zoo_json_skip(j);
            continue;
        }
        once(j, &seen, 1u << k);
        if (j->fault == NULL)
            gop_try(take_numbers(v[k], j, n[k], part[k], c, frame, why, err));
    }
    if (j->fault != NULL)
        return not_json(c, j, why, err);
    *why = ZOO_DROP_FORMAT;
    for (int k = 0; k < 2; k++)
        if ((seen & 1u << k) == 0)
            return not_numbers(c, frame, part[k], n[k], err);
    for (size_t i = 0; i < JOINTS; i++) {
        out[3 * i] = v[0][2 * i];
        out[3 * i + 1] = v[0][2 * i + 1];
        out[3 * i + 2] = v[1][i];
        *mean += v[1][i] / JOINTS;
    }
    return GOP_OK;
}

/* Keeps the best bodies of a frame; ties go to the first. */
static gop_status take_bodies(clip *c, zoo_json *bodies, size_t t, size_t wanted, zoo_drop *why,
                              gop_error *err)
{
    double best[MOST_BODIES];
    size_t n = 0, have = 0;
    for (zoo_json_enter(bodies, '['); zoo_json_item(bodies); n++) {
        float one[COLUMNS];
        double mean = 0;
        gop_try(take_body(one, &mean, bodies, c, t + 1, why, err));
        size_t k = have < wanted ? have++ : wanted - 1;
        if (n >= wanted && best[k] >= mean)
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
    c->empty -= n > 0;
    return GOP_OK;
}

/* ---------------------------------------------------------------------- frames */

static gop_status measure_clip(clip *c, const head *h, zoo_drop *why, gop_error *err)
{
    zoo_json data = h->at;
    *why = ZOO_DROP_FORMAT;
    if (!h->data)
        return gop_fail(err, GOP_EFORMAT, "%s: \"data\" is not an array of frames", c->path);
    zoo_json_enter(&data, '[');
    for (size_t i = 1; zoo_json_item(&data); i++) {
        json_frame f;
        read_frame(&f, &data);
        if (data.fault != NULL)
            return not_json(c, &data, why, err);
        if (f.index == 0)
            return gop_fail(err, GOP_EFORMAT,
                            "%s: entry %zu of \"data\" has no \"frame_index\""
                            " from 1 to %d",
                            c->path, i, MOST_FRAMES);
        if (!f.bodies)
            return not_of_the_format(c, why, f.index, "\"skeleton\" is not an array of bodies",
                                     err);
        c->frames = f.index > c->frames ? f.index : c->frames;
    }
    return GOP_OK;
}

static gop_status take_frames(clip *c, const head *h, size_t wanted, zoo_drop *why, gop_error *err)
{
    zoo_json data = h->at;
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
    for (zoo_json_enter(&data, '['); s == GOP_OK && zoo_json_item(&data);) {
        json_frame f;
        read_frame(&f, &data);
        size_t t = f.index - 1;
        if (!seen[t])
            s = take_bodies(c, &f.at, t, wanted, why, err);
        c->twice += seen[t];
        seen[t] = 1;
    }
    free(seen);
    return s;
}

/* -------------------------------------------------------------------- one file */

static gop_status no_class(const char *path, const char *why, gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: %s", path, why);
}

/* Sets *k to the index of the class by table, by the file itself or by the folder. */
static gop_status class_of(size_t *k, reading *r, const head *h, const char *name, const char *path,
                           gop_error *err)
{
    const char *text = h->text;
    size_t number = h->number;
    bool clash, odd = h->index && number == SIZE_MAX && !h->index_text;
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
    if (text == h->text && !h->label_fits)
        return no_class(path, "the class's name is longer than 63 bytes or holds a NUL", err);
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

/* `sized`: a step makes shares of pixels. */
static void report_changes(const clip *c, zoo_report *report, bool sized)
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
    if (c->farthest > MOST_SHARE && !sized)
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

/* The bodies on one clock.  Joints that were not found are missing. */
static float *all_bodies(const clip *c, size_t bodies)
{
    float *all = malloc(bodies * c->frames * COLUMNS * sizeof *all), *to = all;
    for (size_t b = 0; all != NULL && b < bodies; b++)
        for (size_t i = 0; i < c->frames * JOINTS; i++, to += 3) {
            const float *v = c->body[b] + 3 * i;
            const bool found = c->scored ? v[2] != 0 : v[0] != 0 || v[1] != 0;
            for (size_t k = 0; k < 3; k++)
                to[k] = found ? v[k] : NAN;
        }
    return all;
}

static gop_status add_clip(reading *r, clip *c, const char *name, size_t action, gop_error *err)
{
    size_t bodies = MOST_BODIES;
    report_changes(c, r->store->report, zoo_steps_find(&r->store->steps, "image") != NULL);
    while (bodies > 1 && !any_body(c, bodies - 1))
        bodies--;
    count_missing(r->store->report, c->body[0], c->frames);
    float *all = all_bodies(c, bodies);
    if (all == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", c->path);
    return zoo_store_add(r->store,
                         &(zoo_sequence){.name = name,
                                         .file = zoo_base_name(c->path),
                                         .action = (uint32_t)action,
                                         .split = r->split,
                                         .frames = c->frames,
                                         .bodies = (uint32_t)bodies},
                         all, err);
}

static gop_status check_clip(clip *c, reading *r, zoo_drop *why, gop_error *err)
{
    for (size_t b = 0; b < MOST_BODIES; b++)
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

static gop_status parse(head *h, reading *r, const clip *c, zoo_drop *why, gop_error *err)
{
    gop_try(zoo_bytes_read(&r->bytes, c->path, why, err));
    zoo_json j = {.p = r->bytes.data, .begin = r->bytes.data, .end = r->bytes.data + r->bytes.n};
    read_head(h, &j);
    return j.fault == NULL ? GOP_OK : not_json(c, &j, why, err);
}

static gop_status read_file(reading *r, const char *path, const char *name, gop_error *err)
{
    gop_error bad = {GOP_OK, ""};
    clip c = {.path = path};
    zoo_drop why;
    size_t action = SIZE_MAX;
    head h;
    gop_status s = parse(&h, r, &c, &why, &bad);
    if (s == GOP_OK)
        s = measure_clip(&c, &h, &why, &bad);
    if (s == GOP_OK)
        s = take_frames(&c, &h, MOST_BODIES, &why, &bad);
    if (s == GOP_OK)
        s = check_clip(&c, r, &why, &bad);
    if (s == GOP_OK && (r->unlabelled || zoo_store_names_classes(r->store))) {
        action = 0;
    } else if (s == GOP_OK) {
        why = ZOO_DROP_LABEL;
        s = class_of(&action, r, &h, name, path, &bad);
    }
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
    char *path[2] = {NULL, NULL};
    gop_status s = GOP_OK;
    for (int k = 0; k < 2 && s == GOP_OK; k++) {
        s = zoo_folder_misspelt(dir, name[k], err);
        if (s == GOP_OK)
            s = zoo_folder_find(&path[k], dir, name[k], err);
    }
    /* A set of test data alone lacks the folder of training data. */
    const char *const *lacks = path[0] == NULL ? name[0] : name[1];
    if (s == GOP_OK && path[1] == NULL)
        s = gop_fail(err, GOP_ESYSTEM, "%s: no folder %s or %s", dir, lacks[0], lacks[1]);
    else if (s == GOP_OK && path[0] == NULL)
        zoo_report_add(r->store->report, ZOO_ABSENT, "%s: no folder %s or %s", dir, lacks[0],
                       lacks[1]);
    for (int k = 0; k < 2; k++) {
        r->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
        if (s == GOP_OK && path[k] != NULL)
            s = zoo_files_visit(r->store, path[k], ".json", true, visit, r, err);
        for (const char *const *n = name[k]; path[k] != NULL && *n != NULL; n++)
            if (strcmp(strrchr(path[k], '/') + 1, *n) == 0)
                known[n_known++] = *n;
        free(path[k]);
    }
    return s == GOP_OK ? zoo_files_strangers(r->store, dir, known, "a folder that is read", err)
                       : s;
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .raw = raw};
    const char *none = "";
    snprintf(store->data->source, sizeof store->data->source, "Kinetics-skeleton");
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

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    reading r = {.store = store, .raw = raw, .split = ZOO_TEST, .unlabelled = true};
    gop_try(zoo_store_from(store, zoo_layout_find("kinetics18"), "Kinetics-skeleton", err));
    gop_status s = read_file(&r, path, zoo_base_name(path), err);
    zoo_bytes_clear(&r.bytes);
    return s;
}

const zoo_source zoo_source_kinetics = {
    .name = "kinetics",
    .text = "Kinetics-skeleton",
    .needs = "dir",
    .takes = "labels bodies as_recorded shortest fill strict steps",
    .steps = "bodies 1:score",
    .normal = "middle image",
    .take = take,
    .read_one = read_one,
    .ending = ".json"};
