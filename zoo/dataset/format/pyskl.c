/*
 * pyskl.c: the annotations of pyskl and mmaction2: a pickle of a dictionary with splits, lists of
 * identifiers, and annotations, each a clip.  Touches files by reading them.
 *
 * One clip is in memory at a time, beside the tree of the pickle, whose arrays stay in the file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/raw_clip.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/names.h"
#include "zoo/numpy/pickled.h"

#define RATE      30 /* of NTU RGB+D and Kinetics */
#define MEMORY    ((size_t)1 << 30)
#define CLIP_SIZE "clip" /* of step image: img_shape */
#define SPLITS    32     /* lists of identifiers, at most */

/* An identifier in a split's list. */
typedef struct entry {
    char *name;
    bool in[2], used;
} entry;

/* A pair of lists for training and test: "xsub" of xsub_train and xsub_val. */
typedef struct pair {
    char name[ZOO_NAME_SIZE];
    zoo_value list[2];
} pair;

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    zoo_pickle *p;
    zoo_value annotations;
    size_t pairs;
    pair pair[SPLITS];
    size_t entries;
    entry *entry; /* sorted by name */
    const zoo_layout *layout;
    zoo_classes classes;
    float *values, *scores; /* [frames, nodes, channels] and [frames, nodes] of one body */
    bool unlabelled;        /* a file for a model */
} reading;

/* ------------------------------------------------------------------------ splits */

/* The pair to which the name of a list belongs, and the side: xsub_train, train1, test. */
static bool parse_split(char *pair_name, int *side, const char *name)
{
    static const struct {
        const char *word;
        int side;
    } words[] = {{"train", 0}, {"val", 1}, {"test", 1}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *at = strstr(name, words[i].word);
        if (at == NULL)
            continue;
        size_t before = (size_t)(at - name);
        const char *after = at + strlen(words[i].word);
        while (before > 0 && name[before - 1] == '_')
            before--;
        after += *after == '_';
        snprintf(pair_name, ZOO_NAME_SIZE, "%.*s%s", (int)before, name, after);
        if (pair_name[0] == '\0')
            strcpy(pair_name, "all");
        *side = words[i].side;
        return true;
    }
    return false;
}

static gop_status find_pairs(reading *r, zoo_value splits, gop_error *err)
{
    uint32_t place = 0;
    for (zoo_value key; (key = zoo_value_next(r->p, splits, &place)) != 0;) {
        const zoo_value list = zoo_value_next(r->p, splits, &place);
        char name[ZOO_NAME_SIZE], pair_name[ZOO_NAME_SIZE];
        int side;
        size_t k = 0;
        gop_try(zoo_value_text(name, sizeof name, r->p, key, "a split's name", err));
        if (!parse_split(pair_name, &side, name)) {
            zoo_report_add(r->store->report, ZOO_ALTERED,
                           "%s: left out split %s, which is neither train nor val nor test",
                           zoo_pickle_file(r->p), name);
            continue;
        }
        while (k < r->pairs && strcmp(r->pair[k].name, pair_name) != 0)
            k++;
        if (k == SPLITS)
            return gop_fail(err, GOP_EFORMAT, "%s: more than %d splits", zoo_pickle_file(r->p),
                            SPLITS);
        if (k == r->pairs) {
            r->pair[r->pairs++] = (pair){.list = {0, 0}};
            strcpy(r->pair[k].name, pair_name);
        }
        if (r->pair[k].list[side] != 0)
            zoo_report_add(r->store->report, ZOO_ALTERED,
                           "%s: left out split %s; an earlier one has the test data",
                           zoo_pickle_file(r->p), name);
        else
            r->pair[k].list[side] = list;
    }
    return GOP_OK;
}

/* The pair that --split names, or the only one. */
static gop_status choose(const pair **chosen, const reading *r, gop_error *err)
{
    char known[256] = "";
    size_t used = 0;
    *chosen = NULL;
    for (size_t k = 0; k < r->pairs; k++) {
        if (r->raw->split != NULL ? strcmp(r->pair[k].name, r->raw->split) == 0 : r->pairs == 1)
            *chosen = &r->pair[k];
        if (used + strlen(r->pair[k].name) + 3 < sizeof known)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", k > 0 ? ", " : "",
                                     r->pair[k].name);
    }
    if (*chosen != NULL)
        return GOP_OK;
    if (r->raw->split == NULL)
        return gop_fail(err, GOP_EINVAL, "%s has the splits %s; name one", zoo_pickle_file(r->p),
                        r->pairs > 0 ? known : "none");
    return gop_fail(err, GOP_EINVAL, "%s has no split %s; it has %s", zoo_pickle_file(r->p),
                    r->raw->split, r->pairs > 0 ? known : "none");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

static gop_status read_list(reading *r, size_t *n, zoo_value list, int side, gop_error *err)
{
    uint32_t place = 0;
    for (zoo_value v; (v = zoo_value_next(r->p, list, &place)) != 0; (*n)++) {
        char name[ZOO_SEQUENCE_NAME_SIZE];
        gop_try(zoo_value_text(name, sizeof name, r->p, v, "an identifier in a split", err));
        r->entry[*n].name = strdup(name);
        r->entry[*n].in[side] = true;
        if (r->entry[*n].name == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", zoo_pickle_file(r->p));
    }
    return GOP_OK;
}

/* Sorts the identifiers; one that occurs again is one. */
static void sort_entries(reading *r, size_t n)
{
    if (n > 0)
        qsort(r->entry, n, sizeof *r->entry, by_name);
    for (size_t i = 0; i < n; i++) {
        entry *last = r->entries > 0 ? &r->entry[r->entries - 1] : NULL;
        if (last != NULL && strcmp(last->name, r->entry[i].name) == 0) {
            last->in[0] |= r->entry[i].in[0];
            last->in[1] |= r->entry[i].in[1];
            free(r->entry[i].name);
        } else {
            r->entry[r->entries++] = r->entry[i];
        }
    }
}

static gop_status read_split(reading *r, const pair *chosen, gop_error *err)
{
    size_t n = 0;
    gop_status s = GOP_OK;
    const size_t most = zoo_value_count(r->p, chosen->list[0]) +
                        zoo_value_count(r->p, chosen->list[1]);
    if (most > ZOO_MAX_SEQUENCES)
        return gop_fail(err, GOP_EFORMAT, "%s: a split of %zu clips; at most %d are possible",
                        zoo_pickle_file(r->p), most, ZOO_MAX_SEQUENCES);
    r->entry = calloc(most + 1, sizeof *r->entry);
    if (r->entry == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", zoo_pickle_file(r->p));
    for (int side = 0; side < 2 && s == GOP_OK; side++) {
        s = read_list(r, &n, chosen->list[side], side, err);
        if (s == GOP_OK && zoo_value_count(r->p, chosen->list[side]) == 0)
            zoo_report_add(r->store->report, ZOO_ABSENT, "%s: split %s has no %s data",
                           zoo_pickle_file(r->p), chosen->name, side == 0 ? "training" : "test");
    }
    if (s != GOP_OK)
        r->entries = n + (r->entry[n].in[0] || r->entry[n].in[1]);
    else
        sort_entries(r, n);
    return s;
}

/* ---------------------------------------------------------------------- one clip */

typedef struct source {
    char name[ZOO_SEQUENCE_NAME_SIZE], what[ZOO_SEQUENCE_NAME_SIZE + 40];
    zoo_value annotation;
    zoo_array points, scores; /* keypoint, keypoint_score */
    bool scored;
    double width, height; /* of the image, 0: unknown */
} source;

static gop_status get_array(zoo_array *a, reading *r, const source *c, const char *key,
                            gop_error *err)
{
    char what[ZOO_SEQUENCE_NAME_SIZE + 80];
    snprintf(what, sizeof what, "%s, %s", c->what, key);
    return zoo_pickled_array(a, r->p, zoo_value_get(r->p, c->annotation, key), what, err);
}

static gop_status bad(reading *r, const source *c, const char *fault, gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: %s: %s", zoo_pickle_file(r->p), c->what, fault);
}

/* The layout that the first annotation's arrays have. */
static const zoo_layout *usual_layout(const source *c)
{
    const uint64_t nodes = c->points.shape[2], channels = c->points.shape[3] + c->scored;
    return nodes == 25 && channels == 3 && !c->scored ? zoo_layout_find("ntu25")
           : nodes == 17 && channels == 3             ? zoo_layout_find("coco17")
           : nodes == 18 && channels == 3             ? zoo_layout_find("kinetics18")
                                                      : NULL;
}

static gop_status open_arrays(reading *r, source *c, zoo_drop *why, gop_error *err)
{
    const zoo_value score = zoo_value_get(r->p, c->annotation, "keypoint_score");
    const zoo_value size = zoo_value_get(r->p, c->annotation, "img_shape");
    int64_t frames;
    *why = ZOO_DROP_FORMAT;
    gop_try(get_array(&c->points, r, c, "keypoint", err));
    if (c->points.rank != 4)
        return bad(r, c, "keypoint must have the axes bodies, frames, nodes and channels", err);
    c->scored = score != 0 && zoo_value_kind_of(r->p, score) != ZOO_VALUE_NONE;
    if (c->scored) {
        gop_try(get_array(&c->scores, r, c, "keypoint_score", err));
        if (c->scores.rank != 3 || memcmp(c->scores.shape, c->points.shape, 3 * sizeof(uint64_t)))
            return bad(r, c, "keypoint_score has another shape than keypoint", err);
    }
    if (zoo_value_integer(r->p, zoo_value_get(r->p, c->annotation, "total_frames"), &frames) &&
        (uint64_t)frames != c->points.shape[1])
        return gop_fail(err, GOP_EFORMAT, "%s: %s: %llu frames of keypoints, but total_frames %lld",
                        zoo_pickle_file(r->p), c->what, (unsigned long long)c->points.shape[1],
                        (long long)frames);
    if (!zoo_value_real(r->p, zoo_value_item(r->p, size, 0), &c->height) ||
        !zoo_value_real(r->p, zoo_value_item(r->p, size, 1), &c->width))
        c->height = c->width = 0;
    return GOP_OK;
}

static gop_status read_bodies(zoo_clip *z, reading *r, source *c, const zoo_layout *layout,
                              gop_error *err)
{
    const size_t channels = (size_t)c->points.shape[3], nodes = layout->nodes;
    r->values = malloc(z->frames * nodes * channels * sizeof *r->values + 1);
    r->scores = malloc(z->frames * nodes * sizeof *r->scores + 1);
    gop_status s = r->values != NULL && r->scores != NULL
                       ? GOP_OK
                       : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", z->path);
    for (size_t b = 0; b < z->bodies && s == GOP_OK; b++) {
        s = zoo_array_floats(r->values, &c->points, b, 1, err);
        if (s == GOP_OK && c->scored)
            s = zoo_array_floats(r->scores, &c->scores, b, 1, err);
        for (size_t i = 0; s == GOP_OK && i < z->frames * nodes; i++) {
            const uint32_t *at = layout->column + i % nodes * layout->channels;
            float *to = z->values + (b * z->frames + i / nodes) * z->columns;
            for (size_t k = 0; k < channels; k++)
                to[at[k]] = r->values[i * channels + k];
            if (channels < layout->channels)
                to[at[channels]] = r->scores[i];
        }
    }
    free(r->values);
    free(r->scores);
    return s;
}

/* Reads the clip's values. */
static gop_status read_clip(zoo_clip *z, reading *r, source *c, zoo_drop *why, gop_error *err)
{
    const zoo_layout *layout = zoo_domain_recorded(&r->store->data->domain);
    const uint64_t *n = c->points.shape;
    const char *image = zoo_steps_find(&r->store->steps, "image");
    *why = ZOO_DROP_JOINTS;
    if (n[2] != layout->nodes ||
        (n[3] != layout->channels && !(c->scored && n[3] + 1 == layout->channels)))
        return gop_fail(
            err, GOP_EFORMAT, "%s: %llu nodes of %llu channels%s; layout %s has %u of %u", z->path,
            (unsigned long long)n[2], (unsigned long long)n[3], c->scored ? " and a score" : "",
            layout->name, (unsigned)layout->nodes, (unsigned)layout->channels);
    *why = ZOO_DROP_FORMAT;
    if (image != NULL && strcmp(image, "image " CLIP_SIZE) == 0 && !(c->width > 0 && c->height > 0))
        return gop_fail(err, GOP_EFORMAT, "%s: img_shape must be the image's height and width",
                        z->path);
    if (n[1] > SIZE_MAX / 2)
        return gop_fail(err, GOP_EFORMAT, "%s: too many frames", z->path);
    const size_t bodies = n[0] < ZOO_MAX_BODIES ? (size_t)n[0] : ZOO_MAX_BODIES;
    if (r->store->report != NULL)
        r->store->report->other_bodies += (size_t)n[0] - bodies;
    gop_try(zoo_clip_new(z, bodies, (size_t)n[1], layout->columns, err));
    z->width = c->width;
    z->height = c->height;
    return read_bodies(z, r, c, layout, err);
}

static gop_status find_label(size_t *action, reading *r, const source *c, gop_error *err)
{
    const zoo_value v = zoo_value_get(r->p, c->annotation, "label");
    char text[ZOO_NAME_SIZE] = "", what[ZOO_SEQUENCE_NAME_SIZE + 80];
    int64_t number = -1;
    bool clash;
    snprintf(what, sizeof what, "%s, label", c->what);
    if (zoo_value_kind_of(r->p, v) == ZOO_VALUE_TEXT) {
        gop_try(zoo_value_text(text, sizeof text, r->p, v, what, err));
        if (text[0] == '\0')
            return bad(r, c, "its label is an empty text", err);
    } else {
        gop_try(zoo_pickled_integer(&number, r->p, v, what, err));
        if (number < 0 || number >= ZOO_MAX_ACTIONS)
            return gop_fail(err, GOP_EFORMAT, "%s: %s: label %lld is not from 0 to %d",
                            zoo_pickle_file(r->p), c->what, (long long)number, ZOO_MAX_ACTIONS - 1);
    }
    return zoo_class_add(action, &r->classes, text[0] != '\0' ? text : NULL,
                         text[0] != '\0' ? SIZE_MAX : (size_t)number, &clash, what, err);
}

static gop_status add_clip(reading *r, source *c, zoo_split split, gop_error *err)
{
    gop_error error = {GOP_OK, ""};
    char path[700];
    zoo_clip z = {.path = path};
    zoo_drop why = ZOO_DROP_FORMAT;
    zoo_name_texts texts;
    zoo_sequence q = {
        .name = c->name, .file = zoo_base_name(zoo_pickle_file(r->p)), .split = split};
    size_t action = 0;
    snprintf(path, sizeof path, "%.250s: %s", zoo_pickle_file(r->p), c->what);
    zoo_name_fields(&q, &texts, c->name);
    gop_status s = open_arrays(r, c, &why, &error);
    if (s == GOP_OK)
        s = read_clip(&z, r, c, &why, &error);
    if (s == GOP_OK && !r->unlabelled && !zoo_store_names_classes(r->store)) {
        why = ZOO_DROP_LABEL;
        s = find_label(&action, r, c, &error);
    }
    zoo_array_clear(&c->points);
    zoo_array_clear(&c->scores);
    q.action = (uint32_t)action;
    if (s == GOP_OK)
        return zoo_clip_add(r->store, &z, &q, err);
    return zoo_clip_drop(r->store, &z, s == GOP_EFORMAT ? why : ZOO_NO_DROP, &error, err);
}

/* Opens annotation i; *fault is set if it is none. */
static gop_status open_annotation(source *c, reading *r, zoo_value v, size_t i, gop_error *err)
{
    *c = (source){.annotation = v};
    snprintf(c->what, sizeof c->what, "annotation %zu", i);
    if (zoo_value_kind_of(r->p, v) != ZOO_VALUE_DICT)
        return bad(r, c, "it is no dictionary", err);
    const zoo_value name = zoo_value_get(r->p, v, "frame_dir");
    gop_try(zoo_value_text(c->name, sizeof c->name, r->p,
                           name != 0 ? name : zoo_value_get(r->p, v, "filename"), "frame_dir",
                           err));
    if (c->name[0] != '\0')
        snprintf(c->what, sizeof c->what, "annotation %zu, %s", i, c->name);
    return GOP_OK;
}

/* ------------------------------------------------------------------------- files */

static gop_status take_annotation(reading *r, zoo_value v, size_t i, zoo_split all, gop_error *err)
{
    gop_error error = {GOP_OK, ""};
    source c;
    zoo_split split = all;
    const gop_status s = open_annotation(&c, r, v, i, &error);
    if (s != GOP_OK)
        return zoo_store_drop(r->store, s == GOP_EFORMAT ? ZOO_DROP_FORMAT : ZOO_NO_DROP, s, &error,
                              err);
    if (r->entry != NULL) {
        const entry key = {.name = c.name};
        entry *found = r->entries > 0
                           ? bsearch(&key, r->entry, r->entries, sizeof *r->entry, by_name)
                           : NULL;
        if (found == NULL) {
            zoo_report_drop(r->store->report, ZOO_DROP_SPLIT,
                            "%s: %s: in neither list of the split", zoo_pickle_file(r->p), c.what);
            return GOP_OK;
        }
        if (found->in[0] && found->in[1] && !found->used)
            zoo_report_add(r->store->report, ZOO_ALTERED,
                           "%s: %s: in both lists of the split; taken for training",
                           zoo_pickle_file(r->p), c.what);
        found->used = true;
        split = found->in[0] ? ZOO_TRAIN : ZOO_TEST;
    }
    return zoo_name_new(r->store, zoo_pickle_file(r->p), c.name, split)
               ? add_clip(r, &c, split, err)
               : GOP_OK;
}

/* The layout is given, or that of the first annotation with points. */
static gop_status find_layout(reading *r, gop_error *err)
{
    uint32_t place = 0;
    size_t i = 0;
    r->layout = r->raw->layout;
    for (zoo_value v;
         r->layout == NULL && i < 1000 && (v = zoo_value_next(r->p, r->annotations, &place)) != 0;
         i++) {
        source c;
        zoo_drop why;
        gop_error error = {GOP_OK, ""};
        gop_status s = open_annotation(&c, r, v, i, &error);
        if (s == GOP_OK)
            s = open_arrays(r, &c, &why, &error);
        if (s == GOP_OK)
            r->layout = usual_layout(&c);
        if (s == GOP_OK && r->layout == NULL)
            s = gop_fail(err, GOP_EINVAL,
                         "%s has %llu nodes of %llu channels%s; their layout must be given",
                         zoo_pickle_file(r->p), (unsigned long long)c.points.shape[2],
                         (unsigned long long)c.points.shape[3], c.scored ? " and a score" : "");
        else if (s != GOP_OK && s != GOP_EFORMAT)
            gop_fail(err, s, "%s", error.message);
        else
            s = GOP_OK;
        zoo_array_clear(&c.points);
        zoo_array_clear(&c.scores);
        gop_try(s);
    }
    return r->layout != NULL ? GOP_OK
                             : gop_fail(err, GOP_EFORMAT, "%s: no annotation has keypoints",
                                        zoo_pickle_file(r->p));
}

/* Finds the list of annotations, in the dictionary or as the whole pickle. */
static gop_status open_file(reading *r, zoo_blob **b, const char *path, gop_error *err)
{
    gop_try(zoo_blob_open(b, path, err));
    gop_try(zoo_pickle_read(&r->p, *b, MEMORY, err));
    const zoo_value root = zoo_pickle_root(r->p);
    r->annotations = zoo_value_kind_of(r->p, root) == ZOO_VALUE_LIST
                         ? root
                         : zoo_value_get(r->p, root, "annotations");
    if (zoo_value_kind_of(r->p, r->annotations) != ZOO_VALUE_LIST)
        return gop_fail(err, GOP_EFORMAT, "%s is no pickle of annotations", path);
    return GOP_OK;
}

static void close_file(reading *r, zoo_blob *b)
{
    for (size_t i = 0; i < r->entries; i++)
        free(r->entry[i].name);
    free(r->entry);
    zoo_classes_clear(&r->classes);
    zoo_pickle_free(r->p);
    zoo_blob_close(b);
}

static gop_status take_file(reading *r, gop_error *err)
{
    const zoo_value splits = zoo_value_get(r->p, zoo_pickle_root(r->p), "split");
    const char *file = zoo_base_name(r->raw->dir), *none = "";
    const pair *chosen = NULL;
    uint32_t place = 0;
    size_t i = 0;
    gop_try(find_pairs(r, splits, err));
    if (r->raw->split != NULL || (splits != 0 && r->raw->split_rule == NULL)) {
        gop_try(choose(&chosen, r, err));
        gop_try(read_split(r, chosen, err));
    }
    snprintf(r->store->data->source, sizeof r->store->data->source,
             "%.100s, annotations of pyskl, %s%s", file,
             chosen == NULL ? "without splits" : "split ", chosen == NULL ? "" : chosen->name);
    gop_try(find_layout(r, err));
    if (zoo_feature_in_image(r->layout->feature))
        gop_try(zoo_store_needs(r->store, r->raw, "image " CLIP_SIZE, err));
    gop_try(zoo_domain_create(&r->store->data->domain, "pyskl", r->layout,
                              r->raw->rate == 0 ? RATE : r->raw->rate, r->raw->factor, &none, 1,
                              err));
    if (r->store->report != NULL)
        r->store->report->files++;
    const zoo_split all = strstr(file, "train") != NULL ? ZOO_TRAIN : ZOO_TEST;
    for (zoo_value v; (v = zoo_value_next(r->p, r->annotations, &place)) != 0; i++)
        gop_try(take_annotation(r, v, i, all, err));
    size_t unused = 0;
    for (size_t k = 0; k < r->entries; k++)
        unused += !r->entry[k].used;
    if (unused > 0)
        zoo_report_add(r->store->report, ZOO_ABSENT,
                       "%s: %zu identifiers of the split have no "
                       "annotation",
                       r->raw->dir, unused);
    if (r->store->data->sequences == 0)
        return zoo_store_nothing(r->store, r->raw->dir, "annotation", err);
    return zoo_classes_finish(&r->classes, r->store, err);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading *r = calloc(1, sizeof *r);
    zoo_blob *b = NULL;
    if (r == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", raw->dir);
    r->store = store;
    r->raw = raw;
    gop_status s = open_file(r, &b, raw->dir, err);
    if (s == GOP_OK)
        s = take_file(r, err);
    close_file(r, b);
    free(r);
    return s;
}

/* A single annotation for a model. */
static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    reading *r = calloc(1, sizeof *r);
    zoo_blob *b = NULL;
    source c;
    if (r == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    r->store = store;
    r->raw = raw;
    r->unlabelled = true;
    const zoo_domain *d = &store->data->domain;
    gop_status s = open_file(r, &b, path, err);
    /* A model of another source's data takes shares of the image. */
    if (s == GOP_OK && strcmp(d->origin, "pyskl") != 0 &&
        zoo_feature_in_image(zoo_domain_recorded(d)->feature))
        s = zoo_store_needs(store, raw, "image " CLIP_SIZE, err);
    if (s == GOP_OK && zoo_value_count(r->p, r->annotations) != 1)
        s = gop_fail(err, GOP_EFORMAT, "%s has %zu annotations instead of one", path,
                     zoo_value_count(r->p, r->annotations));
    if (s == GOP_OK)
        s = open_annotation(&c, r, zoo_value_item(r->p, r->annotations, 0), 0, err);
    if (s == GOP_OK)
        s = add_clip(r, &c, ZOO_TEST, err);
    close_file(r, b);
    free(r);
    return s;
}

const zoo_source zoo_source_pyskl = {.name = "pyskl",
                                     .text = "annotations of pyskl and mmaction2",
                                     .needs = "dir",
                                     .takes = "split layout rate factor shortest fill strict steps",
                                     .take = take,
                                     .read_one = read_one,
                                     .ending = ".pkl"};
