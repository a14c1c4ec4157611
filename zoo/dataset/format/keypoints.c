/*
 * keypoints.c: recordings as pose tools write them: OpenPose, COCO, AlphaPose, MMPose, MediaPipe.
 *
 * A recording is a file, or a folder of OpenPose with a file for each frame, whose number is the last
 * one in the file's name.  people.h has the forms, tracks.h how bodies are followed.  Touches files
 * by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "zoo/dataset/format/class_folders.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/landmarks_text.h"
#include "zoo/dataset/format/text.h"
#include "zoo/dataset/format/tracks.h"

#define NAME       "keypoints"
#define JSON       ".json"
#define TEXT       ".csv .tsv .txt"
#define ENDINGS    JSON " " TEXT
#define RATE       30
#define MOST_SHARE 10 /* positions beyond this many images are pixels */
#define PEEK       16 /* keys of a file that may be a frame */

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    const zoo_layout *layout; /* NULL: that of the first recording */
    zoo_json_feed feed;
    zoo_people people;
    size_t pixels;   /* recordings with pixels */
    char first[256]; /* the first of them */
    float farthest;
    bool one; /* a file for a model */
} reading;

/* ------------------------------------------------------------------------ files */

static gop_status read_json(reading *r, const char *path, zoo_drop *why, gop_error *err)
{
    int fd;
    gop_try(zoo_regular_open(&fd, why, path, err));
    const gop_status s = zoo_people_read(&r->people, &r->feed, fd, err);
    *why = s == GOP_ESYSTEM ? zoo_drop_of(r->feed.code) : r->people.why;
    close(fd);
    return s;
}

/* Whether a file is one frame: an object with "people" or "bodies" among its first keys. */
static gop_status is_frame(bool *is, const char *path, gop_error *err)
{
    zoo_json_feed f = {.fd = -1};
    zoo_drop why;
    char key[16];
    int fd, n = 0;
    *is = false;
    const gop_status s = zoo_regular_open(&fd, &why, path, err);
    if (s != GOP_OK)
        return why == ZOO_NO_DROP || s == GOP_ENOMEM ? s : GOP_OK;
    zoo_feed_begin(&f, fd);
    if (zoo_feed_kind(&f) == '{') {
        zoo_feed_enter(&f);
        for (; !*is && n < PEEK && zoo_feed_entry(&f, key, sizeof key); n++) {
            *is = (strcmp(key, "people") == 0 || strcmp(key, "bodies") == 0) &&
                  zoo_feed_kind(&f) == '[';
            if (!*is && (zoo_feed_kind(&f) == '{' || zoo_feed_kind(&f) == '['))
                break;
            if (!*is)
                zoo_feed_pass(&f);
        }
    }
    const int code = f.code;
    const bool no_memory = f.no_memory;
    zoo_feed_clear(&f);
    close(fd);
    if (no_memory)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    return code == 0 ? GOP_OK
                     : gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(code));
}

/* A folder whose first file of JSON is a frame is one recording. */
static gop_status is_one(bool *one, const char *path, gop_error *err)
{
    zoo_folder folder;
    *one = false;
    gop_status s = zoo_folder_read(&folder, path, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        uint64_t around;
        if (!zoo_ends_in(folder.name[i], JSON))
            continue;
        char *file = zoo_path_join(path, folder.name[i]);
        *one = zoo_ends_in(folder.name[i], "_keypoints.json");
        if (file == NULL)
            s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        else if (!*one && zoo_people_number(&around, folder.name[i]) != UINT64_MAX)
            s = is_frame(one, file, err);
        free(file);
        break;
    }
    zoo_folder_clear(&folder);
    return s;
}

/* Reads the file of one frame; a bad one is dropped, and the frame has no body. */
static gop_status read_frame(reading *r, const char *path, uint64_t number, gop_error *err)
{
    gop_error bad = {GOP_OK, ""};
    zoo_people *p = &r->people;
    zoo_drop why;
    const size_t before = p->n;
    const char *whole = p->path;
    gop_try(zoo_people_frame_at(p, &p->now, number, err));
    p->path = path;
    const gop_status s = read_json(r, path, &why, &bad);
    p->path = whole;
    if (s == GOP_OK)
        return GOP_OK;
    zoo_people_take_back(p, before);
    return zoo_store_drop(r->store, why, s, &bad, err);
}

static gop_status read_entry(reading *r, const char *dir, const char *name, uint64_t *around,
                             const char **first, gop_error *err)
{
    uint64_t rest;
    const uint64_t number = zoo_people_number(&rest, name);
    const bool json = zoo_ends_in(name, JSON);
    if (!json || number == UINT64_MAX) {
        zoo_report_drop(r->store->report, json ? ZOO_DROP_NAME : ZOO_DROP_KIND, "%s/%s: %s", dir,
                        name, json ? "no number of a frame in the name" : "not a .json file");
        return GOP_OK;
    }
    *around = *first == NULL ? rest : *around;
    *first = *first == NULL ? name : *first;
    if (rest != *around)
        return gop_fail(err, GOP_EFORMAT,
                        "%s holds frames of several recordings, %s and %s; each needs a folder of "
                        "its own",
                        dir, *first, name);
    char *path = zoo_path_join(dir, name);
    const gop_status s = path != NULL ? read_frame(r, path, number, err)
                                      : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", dir);
    free(path);
    return s;
}

static gop_status read_folder(reading *r, const char *dir, zoo_drop *why, gop_error *err)
{
    zoo_folder folder;
    uint64_t around = 0;
    const char *first = NULL;
    *why = ZOO_NO_DROP; /* is_one has read it */
    gop_status s = zoo_folder_read(&folder, dir, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        *why = ZOO_DROP_FORMAT;
        s = gop_stopped(r->store->stop, "zoo_prepare", err);
        if (s == GOP_OK)
            s = read_entry(r, dir, folder.name[i], &around, &first, err);
        if (s == GOP_ESYSTEM) /* not the file's fault, which drops a frame alone */
            *why = ZOO_NO_DROP;
    }
    zoo_folder_clear(&folder);
    return s;
}

/* --------------------------------------------------------------------- recordings */

static void report_frames(const reading *r, const zoo_tracks *t, const zoo_clip *c)
{
    const zoo_people *p = &r->people;
    zoo_report *report = r->store->report;
    if (t->by_order)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: the names of images differ in more than a number; frames follow each "
                       "other in the order of the file",
                       p->path);
    if (t->sparse)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: %zu frames have numbers too far apart to be those of a video; they "
                       "follow each other",
                       p->path, c->frames);
    if (p->back > 0 && !t->by_order)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: %zu frames come after later ones; they were put in the order of their "
                       "numbers",
                       p->path, p->back);
}

static void report_bodies(const reading *r, const zoo_tracks *t)
{
    const zoo_people *p = &r->people;
    zoo_report *report = r->store->report;
    if (t->by_overlap)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: bodies of a frame share an id; they are followed by overlap", p->path);
    if (t->repeats > 0)
        zoo_report_add(report, ZOO_ALTERED,
                       "%s: %zu bodies share the id of another in their frame; they are followed "
                       "by overlap",
                       p->path, t->repeats);
    if (p->crowd > 0)
        zoo_report_add(report, ZOO_ALTERED, "%s: %zu bodies beyond %d of a frame were left out",
                       p->path, p->crowd, ZOO_PEOPLE_CROWD);
}

/* Counts the nodes that the first body lacks where it is. */
static void count_missing(zoo_report *report, const zoo_clip *c, const zoo_layout *layout)
{
    for (size_t t = 0; report != NULL && report->missing != NULL && t < c->frames; t++)
        for (size_t m = 0; m < layout->nodes; m++) {
            const float v = c->values[t * c->columns + layout->column[m * layout->channels]];
            report->missing[m] += isnan(v) || v == 0;
        }
}

/* The domain of the first recording is that of the set. */
static gop_status create_domain(reading *r, gop_error *err)
{
    zoo_dataset *data = r->store->data;
    const char *none = "";
    const double rate = r->raw->rate == 0 ? RATE : r->raw->rate;
    if (data->domain.layout.nodes > 0)
        return GOP_OK;
    r->layout = r->people.layout;
    snprintf(data->source, sizeof data->source, "keypoints of pose tools, layout %s at %g Hz",
             r->layout->name, rate);
    gop_try(zoo_domain_create(&data->domain, NAME, r->layout, rate, r->raw->factor, &none, 1, err));
    return zoo_report_nodes(r->store->report, r->layout->nodes)
               ? GOP_OK
               : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", r->people.path);
}

/* Notes pixels where nothing makes shares of them. */
static gop_status look_at_units(reading *r, gop_error *err)
{
    const zoo_people *p = &r->people;
    if (!zoo_feature_in_image(p->layout->feature) || !(p->farthest > MOST_SHARE) ||
        zoo_steps_find(&r->store->steps, "image") != NULL)
        return GOP_OK;
    const zoo_domain *d = &r->store->data->domain;
    if (r->one && (strcmp(d->origin, NAME) != 0 || strcmp(d->name, ZOO_IMPORTED) == 0))
        return gop_fail(err, GOP_EFORMAT,
                        "%s: positions up to %g are pixels; the model takes shares of the image's "
                        "width and height",
                        p->path, (double)p->farthest);
    if (r->pixels++ == 0)
        snprintf(r->first, sizeof r->first, "%s", p->path);
    r->farthest = fmaxf(r->farthest, p->farthest);
    return GOP_OK;
}

static gop_status add(reading *r, zoo_clip *c, zoo_tracks *t, const zoo_sequence *like,
                      gop_error *err)
{
    zoo_report *report = r->store->report;
    report_frames(r, t, c);
    report_bodies(r, t);
    count_missing(report, c, r->people.layout);
    if (report != NULL) {
        report->tracks += t->n;
        report->other_bodies += t->left;
    }
    r->store->numbers = t->numbers;
    const gop_status s = zoo_clip_add(r->store, c, like, err);
    r->store->numbers = NULL;
    return s;
}

/* -------------------------------------------------------------------------- text */

/* Reads all bodies of a text by a list of columns. */
static gop_status read_columns(zoo_clip *c, zoo_tracks *t, const zoo_layout *layout,
                               const char *list, zoo_drop *why, gop_error *err)
{
    zoo_text found = {.counts = true, .layout = layout, .list = list, .bodies = 1};
    gop_status s = zoo_text_read(&c->values, &c->frames, layout->columns, c->path, &found, err);
    *why = found.other_width ? ZOO_DROP_JOINTS : found.why;
    if (s == GOP_EINVAL) /* the list is not the caller's */
        s = gop_fail(err, GOP_EFORMAT, "%s: unlike layout %s", c->path, layout->name);
    if (s == GOP_OK && found.non_finite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        s = gop_fail(err, GOP_EFORMAT, "%s: %zu values are not finite", c->path, found.non_finite);
    }
    c->bodies = found.bodies;
    c->columns = layout->columns;
    t->n = found.bodies;
    t->numbers = found.number;
    return s;
}

/* Whether most bodies of a clip in space look like world landmarks. */
static bool is_world(zoo_points *q, const zoo_clip *c, const zoo_layout *layout)
{
    size_t n = 0, like = 0;
    q->n = layout->nodes;
    q->depth = true;
    for (size_t i = 0; i < c->bodies * c->frames; i++) {
        bool there = false;
        for (size_t m = 0; m < q->n; m++)
            for (size_t k = 0; k < 3; k++) {
                const float v = c->values[i * c->columns + layout->column[3 * m + k]];
                q->v[m][k] = isnan(v) ? 0 : v;
                there |= q->v[m][k] != 0;
            }
        n += there;
        like += there && zoo_points_like_world(q);
    }
    return 2 * like > n;
}

/* Chooses the layout of a text, which is given or found by its values. */
static gop_status choose_text_layout(reading *r, zoo_clip *c, zoo_tracks *t, const zoo_landmarks *l,
                                     zoo_drop *why, gop_error *err)
{
    const zoo_layout *space = zoo_people_layout(l->nodes, true);
    bool world = l->world;
    if (l->depth && space != NULL && !world) {
        gop_try(read_columns(c, t, space, l->space, why, err));
        world = is_world(&r->people.points, c, space);
        zoo_clip_clear(c);
        zoo_tracks_clear(t);
    }
    *why = ZOO_DROP_JOINTS;
    if (r->layout == NULL)
        r->people.layout = zoo_people_layout(l->nodes, world);
    const zoo_layout *layout = r->people.layout;
    if (layout == NULL || layout->nodes != l->nodes)
        return gop_fail(err, GOP_EFORMAT, "%s: %zu landmarks%s%s", c->path, l->nodes,
                        layout == NULL ? "; their layout must be given" : ", unlike layout ",
                        layout == NULL ? "" : layout->name);
    if (layout->feature == ZOO_POSITION && !l->depth)
        return gop_fail(err, GOP_EFORMAT, "%s: landmarks without z; layout %s is in space", c->path,
                        layout->name);
    if (world != (layout->feature == ZOO_POSITION) && l->depth && space != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: its landmarks look like %s, unlike layout %s",
                        c->path, world ? "world landmarks" : "image landmarks", layout->name);
    return GOP_OK;
}

/* Landmarks without scores have 1. */
static void add_scores(reading *r, zoo_clip *c, bool scored)
{
    const zoo_layout *l = r->people.layout;
    for (size_t i = 0; i < c->bodies * c->frames; i++)
        for (size_t m = 0; m < l->nodes; m++) {
            const uint32_t *at = l->column + m * l->channels;
            float *v = c->values + i * c->columns;
            const float x = v[at[0]], y = v[at[1]];
            if (!isnan(x) && !isnan(y))
                r->people.farthest = fmaxf(r->people.farthest, fmaxf(fabsf(x), fabsf(y)));
            if (!scored && l->feature == ZOO_SCORED)
                v[at[2]] = isnan(x) || isnan(y) ? NAN : x != 0 || y != 0;
        }
}

/* Puts frames without a body where numbers of frames are absent, as far as those can be of a video. */
static gop_status fill_gaps(zoo_clip *c, zoo_tracks *t, gop_error *err)
{
    const size_t n = c->frames;
    bool rises = t->numbers != NULL && n > 0;
    for (size_t i = 0; i + 1 < n && rises; i++)
        rises = t->numbers[i] < t->numbers[i + 1];
    const size_t span = rises ? (size_t)(t->numbers[n - 1] - t->numbers[0]) + 1 : n;
    if (span == n || !zoo_tracks_dense(span, n))
        return GOP_OK;
    zoo_clip whole = {.path = c->path};
    uint32_t *numbers = malloc(span * sizeof *numbers);
    gop_status s = numbers != NULL ? zoo_clip_new(&whole, c->bodies, span, c->columns, err)
                                   : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", c->path);
    if (s != GOP_OK) {
        free(numbers);
        return s;
    }
    for (size_t i = 0; i < span * c->bodies * c->columns; i++)
        whole.values[i] = NAN;
    for (size_t i = 0; i < span; i++)
        numbers[i] = t->numbers[0] + (uint32_t)i;
    for (size_t b = 0; b < c->bodies; b++)
        for (size_t i = 0; i < n; i++)
            memcpy(whole.values + (b * span + t->numbers[i] - t->numbers[0]) * c->columns,
                   c->values + (b * n + i) * c->columns, c->columns * sizeof *c->values);
    zoo_clip_clear(c);
    zoo_tracks_clear(t);
    *c = whole;
    t->numbers = numbers;
    return GOP_OK;
}

static gop_status read_text(reading *r, zoo_clip *c, zoo_tracks *t, zoo_drop *why, gop_error *err)
{
    zoo_landmarks l;
    /* Text for a model of other data has the model's columns: source csv. */
    *why = ZOO_DROP_FORMAT;
    if (r->one && strcmp(r->store->data->domain.origin, NAME) != 0)
        return gop_fail(err, GOP_EFORMAT, "%s: the model's data are no keypoints", c->path);
    gop_try(zoo_landmarks_look(&l, c->path, why, err));
    gop_try(choose_text_layout(r, c, t, &l, why, err));
    const bool space = r->people.layout->feature == ZOO_POSITION;
    gop_try(read_columns(c, t, r->people.layout, space ? l.space : l.image, why, err));
    add_scores(r, c, l.scored);
    return fill_gaps(c, t, err);
}

static gop_status take_recording(void *user, const char *path, const zoo_sequence *like,
                                 gop_error *err)
{
    reading *r = user;
    gop_error bad = {GOP_OK, ""};
    zoo_clip c = {.path = path};
    zoo_tracks t = {.numbers = NULL};
    zoo_drop why = ZOO_DROP_FORMAT;
    bool folder;
    zoo_sequence q = *like;
    q.file = zoo_base_name(path);
    gop_try(zoo_is_folder(&folder, path, err));
    zoo_people_begin(&r->people, path, r->layout);
    const bool text = !folder && zoo_ends_in(path, TEXT);
    gop_status s = folder ? read_folder(r, path, &why, &bad)
                   : text ? read_text(r, &c, &t, &why, &bad)
                          : read_json(r, path, &why, &bad);
    if (s == GOP_OK && !text) {
        s = zoo_people_check(&r->people, &bad);
        why = r->people.why;
    }
    if (s == GOP_OK && r->one)
        s = zoo_store_from(r->store, r->people.layout, path, &bad);
    else if (s == GOP_OK)
        s = create_domain(r, &bad);
    if (s == GOP_OK) {
        why = ZOO_DROP_FORMAT;
        s = look_at_units(r, &bad);
    }
    if (s == GOP_OK && !text)
        s = zoo_tracks_clip(&c, &t, &r->people, &bad);
    s = s == GOP_OK ? add(r, &c, &t, &q, err)
                    : zoo_clip_drop(r->store, &c, s == GOP_EINVAL ? ZOO_NO_DROP : why, &bad, err);
    zoo_tracks_clear(&t);
    return s;
}

static void close_reading(reading *r)
{
    zoo_people_clear(&r->people);
    zoo_feed_clear(&r->feed);
    free(r);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", raw->dir);
    r->store = store;
    r->raw = raw;
    r->layout = raw->layout;
    const gop_status s = zoo_class_folders(store, raw, ENDINGS, "recording", take_recording, r,
                                           err);
    if (s == GOP_OK && r->pixels > 0)
        zoo_report_add(store->report, ZOO_ALTERED,
                       "%s%s: positions up to %g are pixels and stay so; the image's size makes "
                       "shares of them",
                       r->first, r->pixels > 1 ? " and others" : "", (double)r->farthest);
    close_reading(r);
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    r->store = store;
    r->raw = raw;
    r->one = true;
    if (strcmp(store->data->domain.origin, NAME) == 0)
        r->layout = zoo_domain_recorded(&store->data->domain);
    const gop_status s = take_recording(
        r, path, &(zoo_sequence){.name = zoo_base_name(path), .split = ZOO_TEST}, err);
    close_reading(r);
    return s;
}

const zoo_source zoo_source_keypoints = {
    .name = NAME,
    .text = "results of OpenPose, COCO, AlphaPose, MMPose and MediaPipe",
    .needs = "dir",
    .takes = "layout rate factor labels bodies shortest fill strict steps",
    .steps = "bodies 1:as-read",
    .take = take,
    .read_one = read_one,
    .ending = ENDINGS,
    .is_one = is_one};
