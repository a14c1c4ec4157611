/*
 * npz.c: data sets whose clips are one array of numpy: archives with x_train, y_train, x_test and
 * y_test, and folders with arrays in files of their own and pickles of labels.  Touches files by
 * reading them.
 *
 * One clip is in memory at a time.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/axes.h"
#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/names.h"
#include "zoo/numpy/npy.h"
#include "zoo/numpy/pickled.h"
#include "zoo/numpy/zip.h"

#define RATE   30 /* of NTU RGB+D and Kinetics */
#define MEMORY ((size_t)1 << 30)

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    const zoo_layout *layout;
    zoo_classes classes;
    zoo_entry entry;
    zoo_split split;
} reading;

/* The labels of a set's clips, in the clips' order: an array of numbers or of rows with a single 1,
 * or a pickle of two lists, names and labels, or of labels alone. */
typedef struct labels {
    zoo_blob *blob;
    zoo_array a;
    zoo_pickle *pickle;
    zoo_value names, list;
    uint32_t name_at, at;
    uint64_t n;
    float *row; /* one-hot */
} labels;

static void close_labels(labels *l)
{
    free(l->row);
    zoo_array_clear(&l->a);
    zoo_pickle_free(l->pickle);
    zoo_blob_close(l->blob);
    memset(l, 0, sizeof *l);
}

static gop_status open_array(labels *l, gop_error *err)
{
    gop_try(zoo_npy_read(&l->a, l->blob, err));
    l->n = l->a.entries;
    if (l->a.rank == 1)
        return GOP_OK;
    if (l->a.rank != 2 || l->a.entry < 1 || l->a.entry > ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: labels must be numbers, or rows of up to %d shares with a single 1",
                        l->blob->name, ZOO_MAX_ACTIONS);
    l->row = malloc((size_t)l->a.entry * sizeof *l->row);
    return l->row != NULL ? GOP_OK
                          : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", l->blob->name);
}

static gop_status open_pickle(labels *l, gop_error *err)
{
    gop_try(zoo_pickle_read(&l->pickle, l->blob, MEMORY, err));
    const zoo_value root = zoo_pickle_root(l->pickle), first = zoo_value_item(l->pickle, root, 0);
    const bool two = zoo_value_count(l->pickle, root) == 2 &&
                     zoo_value_kind_of(l->pickle, first) == ZOO_VALUE_LIST;
    l->names = two ? first : 0;
    l->list = two ? zoo_value_item(l->pickle, root, 1) : root;
    if (zoo_pickled_is_array(l->pickle, l->list)) {
        gop_try(zoo_pickled_array(&l->a, l->pickle, l->list, "labels", err));
        l->list = 0;
        l->n = l->a.entries;
        if (l->a.rank != 1)
            return gop_fail(err, GOP_EFORMAT, "%s: its array of labels has %zu axes instead of one",
                            l->blob->name, l->a.rank);
    } else {
        const zoo_value_kind kind = zoo_value_kind_of(l->pickle, l->list);
        if (kind != ZOO_VALUE_LIST && kind != ZOO_VALUE_TUPLE)
            return gop_fail(err, GOP_EFORMAT, "%s: its labels are %s instead of a list",
                            l->blob->name, zoo_value_kind_name(kind));
        l->n = zoo_value_count(l->pickle, l->list);
    }
    if (two && zoo_value_count(l->pickle, l->names) != l->n)
        return gop_fail(err, GOP_EFORMAT, "%s has %zu names and %llu labels", l->blob->name,
                        zoo_value_count(l->pickle, l->names), (unsigned long long)l->n);
    return GOP_OK;
}

/* A label as a number, or as a text: "" if it is none. */
typedef struct label {
    size_t number; /* SIZE_MAX: none */
    char text[ZOO_NAME_SIZE], name[ZOO_SEQUENCE_NAME_SIZE];
    gop_error bad; /* why there is none */
} label;

static void number_of(label *to, int64_t v, const char *path)
{
    if (v >= 0 && v < ZOO_MAX_ACTIONS)
        to->number = (size_t)v;
    else
        gop_fail(&to->bad, GOP_EFORMAT, "%s: label %lld is not from 0 to %d", path, (long long)v,
                 ZOO_MAX_ACTIONS - 1);
}

static gop_status one_hot(label *to, labels *l, uint64_t i, const char *path, gop_error *err)
{
    size_t ones = 0, others = 0;
    gop_try(zoo_array_floats(l->row, &l->a, i, 1, err));
    for (size_t k = 0; k < l->a.entry; k++) {
        others += l->row[k] != 0 && l->row[k] != 1;
        if (l->row[k] == 1 && ones++ == 0)
            to->number = k;
    }
    if (ones == 1 && others == 0)
        return GOP_OK;
    to->number = SIZE_MAX;
    gop_fail(&to->bad, GOP_EFORMAT, "%s: its row of labels has not a single 1 between zeros", path);
    return GOP_OK;
}

static gop_status pickled_label(label *to, labels *l, const char *path, gop_error *err)
{
    const zoo_value v = zoo_value_next(l->pickle, l->list, &l->at);
    int64_t number;
    gop_status s;
    if (zoo_value_kind_of(l->pickle, v) == ZOO_VALUE_TEXT) {
        s = zoo_value_text(to->text, sizeof to->text, l->pickle, v, "label", &to->bad);
        if (s == GOP_OK && to->text[0] == '\0')
            gop_fail(&to->bad, GOP_EFORMAT, "%s: its label is an empty text", path);
    } else {
        s = zoo_pickled_integer(&number, l->pickle, v, "label", &to->bad);
        if (s == GOP_OK)
            number_of(to, number, path);
    }
    return s == GOP_OK || s == GOP_EFORMAT ? GOP_OK : gop_fail(err, s, "%s", to->bad.message);
}

/* The label and the name of clip i, which follows clip i - 1. */
static gop_status next_label(label *to, labels *l, uint64_t i, const char *path, gop_error *err)
{
    *to = (label){.number = SIZE_MAX, .bad = {GOP_OK, ""}};
    if (l->blob == NULL)
        return GOP_OK;
    if (l->names != 0) {
        const zoo_value v = zoo_value_next(l->pickle, l->names, &l->name_at);
        gop_try(zoo_value_text(to->name, sizeof to->name, l->pickle, v, "a clip's name", err));
    }
    if (l->list != 0)
        return pickled_label(to, l, path, err);
    if (l->row != NULL)
        return one_hot(to, l, i, path, err);
    int64_t number;
    const gop_status s = zoo_array_integers(&number, &l->a, i, 1, &to->bad);
    if (s == GOP_OK)
        number_of(to, number, path);
    return s == GOP_OK || s == GOP_EFORMAT ? GOP_OK : gop_fail(err, s, "%s", to->bad.message);
}

/* ------------------------------------------------------------------------- clips */

/* A clip's name: that of its file without an ending, or the split and its number. */
static void name_clip(label *l, zoo_split split, uint64_t i)
{
    static const char *const endings[] = {".skeleton", ".json"};
    if (l->name[0] == '\0')
        snprintf(l->name, sizeof l->name, "%s-%06llu", split == ZOO_TRAIN ? "train" : "test",
                 (unsigned long long)i);
    for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++)
        if (zoo_ends_in(l->name, endings[k])) {
            l->name[strlen(l->name) - strlen(endings[k])] = '\0';
            return;
        }
}

static gop_status find_class(size_t *action, reading *r, const label *l, const char *path,
                             gop_error *err)
{
    bool clash;
    const char *text = l->text[0] != '\0' ? l->text : NULL;
    return zoo_class_add(action, &r->classes, text, l->number, &clash, path, err);
}

static gop_status take_clip(reading *r, const zoo_axes *axes, zoo_array *x, labels *y, uint64_t i,
                            gop_error *err)
{
    char path[600];
    label l;
    zoo_name_texts texts;
    zoo_clip c = {.path = path, .padded = true};
    snprintf(path, sizeof path, "%s: clip %llu", x->blob->name, (unsigned long long)i);
    gop_try(next_label(&l, y, i, path, err));
    name_clip(&l, r->split, i);
    if (!zoo_name_new(r->store, path, l.name, r->split))
        return GOP_OK;
    gop_status s = zoo_axes_read(&c, axes, x, i, r->layout, &r->entry, err);
    const bool classes = !zoo_store_names_classes(r->store); /* are the labels here */
    if (s == GOP_OK && classes && l.bad.status != GOP_OK) {
        /* An array may have places for clips that are not there. */
        bool empty = true;
        for (size_t k = 0; k < c.bodies * c.frames * c.columns && empty; k++)
            empty = c.values[k] == 0;
        if (!empty)
            return zoo_clip_drop(r->store, &c, ZOO_DROP_LABEL, &l.bad, err);
    }
    zoo_sequence q = {.name = l.name, .file = zoo_base_name(r->raw->dir), .split = r->split};
    size_t action = 0;
    if (s == GOP_OK && classes && l.bad.status == GOP_OK)
        s = find_class(&action, r, &l, path, err);
    q.action = (uint32_t)action;
    zoo_name_fields(&q, &texts, l.name);
    if (s == GOP_OK)
        return zoo_clip_add(r->store, &c, &q, err);
    zoo_clip_clear(&c);
    return s;
}

/* Takes all clips of an array.  Labels without a blob: the store's table has the classes. */
static gop_status take_clips(reading *r, zoo_blob *blob, labels *y, gop_error *err)
{
    zoo_array x;
    zoo_axes axes;
    bool clash;
    size_t last;
    gop_status s = zoo_npy_read(&x, blob, err);
    if (s == GOP_OK)
        s = zoo_axes_set(&axes, &x, r->raw->axes, r->layout, err);
    if (s == GOP_OK && y->blob != NULL && axes.clips != y->n)
        s = gop_fail(err, GOP_EFORMAT, "%s has %llu clips, %s %llu labels", blob->name,
                     (unsigned long long)axes.clips, y->blob->name, (unsigned long long)y->n);
    if (s == GOP_OK && y->row != NULL) /* all classes of one-hot rows exist */
        s = zoo_class_add(&last, &r->classes, NULL, (size_t)y->a.entry - 1, &clash, blob->name,
                          err);
    if (s == GOP_OK && r->store->report != NULL)
        r->store->report->files++;
    for (uint64_t i = 0; s == GOP_OK && i < axes.clips; i++)
        s = take_clip(r, &axes, &x, y, i, err);
    zoo_array_clear(&x);
    return s;
}

/* Makes the domain, and fails if nothing was taken. */
static gop_status begin(reading *r, gop_error *err)
{
    const char *none = "";
    r->layout = r->raw->layout;
    return zoo_domain_create(&r->store->data->domain, "numpy", r->layout,
                             r->raw->rate == 0 ? RATE : r->raw->rate, r->raw->factor, &none, 1,
                             err);
}

static gop_status finish(reading *r, gop_status s, const char *what, gop_error *err)
{
    if (s == GOP_OK && r->store->data->sequences == 0)
        s = zoo_store_nothing(r->store, r->raw->dir, what, err);
    if (s == GOP_OK)
        s = zoo_classes_finish(&r->classes, r->store, err);
    zoo_classes_clear(&r->classes);
    free(r->entry.values);
    return s;
}

/* ----------------------------------------------------------------- one clip alone */

/* The axes of a single clip: those of the model's data, of which N may be missing. */
static const char *single_axes(char letters[ZOO_READING_SIZE], const char *axes, size_t rank)
{
    if (axes == NULL || strlen(axes) != rank + 1 || strchr(axes, 'N') == NULL)
        return axes;
    snprintf(letters, ZOO_READING_SIZE, "%s", axes);
    char *n = strchr(letters, 'N');
    memmove(n, n + 1, strlen(n));
    return letters;
}

/* The single clip of an array, for a model. */
static gop_status read_single(zoo_store *store, const zoo_raw *raw, zoo_blob *blob,
                              const char *path, gop_error *err)
{
    char letters[ZOO_READING_SIZE];
    zoo_array x = {0};
    zoo_axes axes;
    zoo_entry entry = {NULL, 0};
    zoo_clip c = {.path = path, .padded = true};
    const zoo_layout *layout = zoo_domain_recorded(&store->data->domain);
    const zoo_sequence q = {.name = zoo_base_name(path), .split = ZOO_TEST};
    gop_status s = zoo_npy_read(&x, blob, err);
    if (s == GOP_OK && raw->axes == NULL && x.rank != 2 && x.rank != 3 && x.rank != 5)
        s = gop_fail(err, GOP_EFORMAT, "%s has %zu axes; 2, 3 or 5 are read", blob->name, x.rank);
    if (s == GOP_OK)
        s = zoo_axes_set(&axes, &x, single_axes(letters, raw->axes, x.rank), layout, err);
    if (s == GOP_OK && axes.clips != 1)
        s = gop_fail(err, GOP_EFORMAT, "%s has %llu clips instead of one", blob->name,
                     (unsigned long long)axes.clips);
    if (s == GOP_OK)
        s = zoo_axes_read(&c, &axes, &x, 0, layout, &entry, err);
    if (s == GOP_OK)
        s = zoo_clip_add(store, &c, &q, err);
    zoo_clip_clear(&c);
    free(entry.values);
    zoo_array_clear(&x);
    return s;
}

/* ---------------------------------------------------------------------- archives */

static bool has_member(const zoo_zip *zip, const char *name)
{
    for (size_t i = 0; i < zoo_zip_members(zip); i++)
        if (strcmp(zoo_zip_name(zip, i), name) == 0)
            return true;
    return false;
}

static gop_status take_members(reading *r, zoo_zip *zip, gop_error *err)
{
    static const char *const x_name[] = {"x_train.npy", "x_test.npy"};
    static const char *const y_name[] = {"y_train.npy", "y_test.npy"};
    const bool none = !has_member(zip, x_name[0]) && !has_member(zip, x_name[1]);
    gop_status s = GOP_OK;
    for (int k = 0; k < 2 && s == GOP_OK; k++) {
        zoo_blob *x = NULL;
        labels y = {0};
        if (!none && !has_member(zip, x_name[k])) {
            zoo_report_add(r->store->report, ZOO_ABSENT, "%s: no member %s", r->raw->dir,
                           x_name[k]);
            continue;
        }
        r->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
        s = zoo_zip_member(&x, zip, x_name[k], err);
        if (s == GOP_OK && (has_member(zip, y_name[k]) || !zoo_store_names_classes(r->store)))
            s = zoo_zip_member(&y.blob, zip, y_name[k], err);
        if (s == GOP_OK && y.blob != NULL)
            s = open_array(&y, err);
        if (s == GOP_OK)
            s = take_clips(r, x, &y, err);
        close_labels(&y);
        zoo_blob_close(x);
    }
    for (size_t i = 0; i < zoo_zip_members(zip) && s == GOP_OK; i++) {
        const char *name = zoo_zip_name(zip, i);
        if (strcmp(name, x_name[0]) != 0 && strcmp(name, x_name[1]) != 0 &&
            strcmp(name, y_name[0]) != 0 && strcmp(name, y_name[1]) != 0)
            zoo_report_drop(r->store->report, ZOO_DROP_KIND,
                            "%s: %s: not x_train, y_train, x_test "
                            "or y_test",
                            r->raw->dir, gop_is_text(name, strlen(name)) ? name : "a member");
    }
    return s;
}

static gop_status take_npz(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .raw = raw};
    zoo_zip *zip = NULL;
    snprintf(store->data->source, sizeof store->data->source, "%.100s, an archive of numpy",
             zoo_base_name(raw->dir));
    gop_status s = begin(&r, err);
    if (s == GOP_OK)
        s = zoo_zip_open(&zip, raw->dir, err);
    if (s == GOP_OK)
        s = take_members(&r, zip, err);
    zoo_zip_close(zip);
    return finish(&r, s, "clip", err);
}

/* The only array of an archive, or x_test. */
static gop_status read_npz(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    zoo_zip *zip;
    zoo_blob *b = NULL;
    gop_try(zoo_zip_open(&zip, path, err));
    gop_status s = zoo_zip_member(
        &b, zip, zoo_zip_members(zip) == 1 ? zoo_zip_name(zip, 0) : "x_test.npy", err);
    if (s == GOP_OK)
        s = read_single(store, raw, b, path, err);
    zoo_blob_close(b);
    zoo_zip_close(zip);
    return s;
}

const zoo_source zoo_source_npz = {
    .name = "npz",
    .text = "an archive of numpy with x_train, y_train, x_test, y_test",
    .needs = "dir layout",
    .takes = "rate factor axes shortest fill strict steps",
    .take = take_npz,
    .read_one = read_npz,
    .ending = ".npz",
    .family = "npy npz"};

/* ----------------------------------------------------------------------- folders */

/* The files of a split in a folder: an array and its labels; a later name is another's. */
static const char *const data_names[2][5] = {
    {"train_data_joint.npy", "train_data.npy", NULL},
    {"val_data_joint.npy", "val_data.npy", "test_data_joint.npy", "test_data.npy", NULL}};
static const char *const label_names[2][5] = {
    {"train_label.pkl", "train_label.npy", NULL},
    {"val_label.pkl", "val_label.npy", "test_label.pkl", "test_label.npy", NULL}};

static bool is_in(const zoo_folder *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->name[i], name) == 0)
            return true;
    return false;
}

/* Opens the only file of the folder that has one of these names; *b is NULL if there is none. */
static gop_status open_one(zoo_blob **b, const char *dir, const zoo_folder *f,
                           const char *const *names, gop_error *err)
{
    const char *found = NULL;
    *b = NULL;
    for (; *names != NULL; names++) {
        if (is_in(f, *names) && found != NULL)
            return gop_fail(err, GOP_EFORMAT, "%s has both %s and %s", dir, found, *names);
        if (is_in(f, *names))
            found = *names;
    }
    if (found == NULL)
        return GOP_OK;
    char *path = zoo_path_join(dir, found);
    const gop_status s = path != NULL ? zoo_blob_open(b, path, err)
                                      : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", dir);
    free(path);
    return s;
}

static gop_status take_split(reading *r, const zoo_folder *f, int k, gop_error *err)
{
    zoo_blob *x = NULL;
    labels y = {0};
    r->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
    gop_status s = open_one(&x, r->raw->dir, f, data_names[k], err);
    if (s == GOP_OK && x != NULL)
        s = open_one(&y.blob, r->raw->dir, f, label_names[k], err);
    if (s == GOP_OK && x == NULL)
        zoo_report_add(r->store->report, ZOO_ABSENT, "%s: no file %s", r->raw->dir,
                       data_names[k][0]);
    else if (s == GOP_OK && y.blob == NULL && !zoo_store_names_classes(r->store))
        s = gop_fail(err, GOP_ESYSTEM, "%s: no file %s beside %s", r->raw->dir, label_names[k][0],
                     zoo_base_name(x->name));
    else if (s == GOP_OK && y.blob != NULL)
        s = zoo_ends_in(y.blob->name, ".npy") ? open_array(&y, err) : open_pickle(&y, err);
    if (s == GOP_OK && x != NULL)
        s = take_clips(r, x, &y, err);
    close_labels(&y);
    zoo_blob_close(x);
    return s;
}

static gop_status take_folder(reading *r, gop_error *err)
{
    zoo_folder f = {0, NULL};
    const char *known[20];
    size_t n = 0;
    gop_status s = zoo_folder_read(&f, r->raw->dir, err);
    for (int k = 0; k < 2; k++) {
        if (s == GOP_OK)
            s = take_split(r, &f, k, err);
        for (const char *const *name = data_names[k]; *name != NULL; name++)
            known[n++] = *name;
        for (const char *const *name = label_names[k]; *name != NULL; name++)
            known[n++] = *name;
    }
    known[n] = NULL;
    zoo_folder_clear(&f);
    return s != GOP_OK ? s
                       : zoo_files_strangers(r->store, r->raw->dir, known,
                                             "an array or labels of a split", err);
}

/* An array alone, whose clips a table classifies. */
static gop_status take_array(reading *r, gop_error *err)
{
    zoo_blob *x;
    labels none = {0};
    if (!zoo_store_names_classes(r->store))
        return gop_fail(err, GOP_EINVAL, "%s is an array alone: a table of classes is needed",
                        r->raw->dir);
    gop_try(zoo_blob_open(&x, r->raw->dir, err));
    r->split = strstr(zoo_base_name(r->raw->dir), "train") != NULL ? ZOO_TRAIN : ZOO_TEST;
    const gop_status s = take_clips(r, x, &none, err);
    zoo_blob_close(x);
    return s;
}

static gop_status take_npy(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .raw = raw};
    bool folder = false;
    snprintf(store->data->source, sizeof store->data->source, "%.100s, arrays of numpy",
             zoo_base_name(raw->dir));
    gop_status s = begin(&r, err);
    if (s == GOP_OK)
        s = zoo_is_folder(&folder, raw->dir, err);
    if (s == GOP_OK)
        s = folder || !zoo_ends_in(raw->dir, ".npy") ? take_folder(&r, err) : take_array(&r, err);
    return finish(&r, s, "train_data_joint.npy or val_data_joint.npy", err);
}

static gop_status read_npy(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    zoo_blob *b = NULL;
    gop_status s = zoo_blob_open(&b, path, err);
    if (s == GOP_OK)
        s = read_single(store, raw, b, path, err);
    zoo_blob_close(b);
    return s;
}

const zoo_source zoo_source_npy = {.name = "npy",
                                   .text = "arrays of numpy in files, with pickles of labels",
                                   .needs = "dir layout",
                                   .takes = "rate factor axes shortest fill strict steps",
                                   .take = take_npy,
                                   .read_one = read_npy,
                                   .ending = ".npy",
                                   .family = "npy npz"};
