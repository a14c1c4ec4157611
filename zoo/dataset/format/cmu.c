/*
 * cmu.c: the eight-action subset of CMU Mocap as text.
 *
 * DIR/{train,test}/ACTION/ANY.txt; a line is a frame of 117 comma-separated decimals: the root's
 * position, then 38 joints as exponential maps.  120 frames a second; models see every second
 * frame.  The first line of every file is an artificial T-pose, kept as in the literature.
 *
 * Data: mocap.cs.cmu.edu, created with funding from NSF EIA-0196217.
 * Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/names.h"
#include "zoo/dataset/format/text.h"

#define RATE        120.0
#define FACTOR      2
/* The shortest window of the literature: 50 observed and 10 predicted frames. */
#define SHORTEST    60
/* Of an action: ACTION_1.txt and so on. */
#define TRAIN_TAKES 5
#define TEST_TAKES  1
/* The name of a set of the partial split. */
#define PARTIAL     "cmu-partial"

static const char *const action_name[] = {"basketball", "basketball_signal", "directing_traffic",
                                          "jumping",    "running",           "soccer",
                                          "walking",    "washwindow"};
#define ACTIONS (sizeof action_name / sizeof action_name[0])

/* --------------------------------------------------------------------- files */

/* Adds all frames of a test file but those of its first half, which then become training data. */
static gop_status add_halves(zoo_store *store, zoo_sequence *q, float *frames, gop_error *err)
{
    const size_t half = q->frames / 2, columns = zoo_domain_recorded(&store->data->domain)->columns;
    float *first = malloc((half + 1) * columns * sizeof *first);
    if (first == NULL) {
        free(frames);
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    }
    memcpy(first, frames, half * columns * sizeof *first);
    memmove(frames, frames + half * columns, (q->frames - half) * columns * sizeof *frames);
    zoo_report_add(store->report, ZOO_MOVED, "%s: lines 1-%zu from test to training", q->name,
                   half);
    q->frames -= half;
    const gop_status s = zoo_store_add(store, q, frames, err);
    if (s != GOP_OK) {
        free(first);
        return s;
    }
    q->frames = half;
    q->split = ZOO_TRAIN;
    return zoo_store_add(store, q, first, err);
}

static gop_status read_file(zoo_store *store, const char *path, const char *file, size_t action,
                            zoo_split split, bool halve, gop_error *err)
{
    float *frames;
    size_t n;
    char name[ZOO_SEQUENCE_NAME_SIZE];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".txt")), file);
    if (zoo_name_fault(name, ZOO_SEQUENCE_NAME_SIZE) != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: the name %s", path,
                        zoo_name_fault(name, ZOO_SEQUENCE_NAME_SIZE));
    zoo_text exact = {.exact = true};
    gop_try(zoo_text_read(&frames, &n, zoo_domain_recorded(&store->data->domain)->columns, path,
                          &exact, err));
    if ((n + FACTOR - 1) / FACTOR < SHORTEST) {
        free(frames);
        return gop_fail(err, GOP_EFORMAT,
                        "%s:%zu: the file ends after %zu frames; a window needs %d", path, n, n,
                        (SHORTEST - 1) * FACTOR + 1);
    }
    if (store->report != NULL)
        store->report->files++;
    zoo_sequence q = {
        .name = name, .file = file, .action = (uint32_t)action, .split = split, .frames = n};
    return halve ? add_halves(store, &q, frames, err) : zoo_store_add(store, &q, frames, err);
}

/* Whether the only file of the folder takes both parts: "washwindow" has no training file in the
 * partial split.  Training data are read first. */
static bool is_halved(const zoo_store *store, const zoo_folder *folder, size_t action,
                      zoo_split split)
{
    const zoo_domain *d = &store->data->domain;
    size_t texts = 0;
    for (size_t i = 0; i < folder->n; i++)
        texts += zoo_ends_in(folder->name[i], ".txt");
    return strcmp(d->name, PARTIAL) == 0 && strcmp(d->action[action], "washwindow") == 0 &&
           split == ZOO_TEST && texts == 1 && !zoo_dataset_has(store->data, action, ZOO_TRAIN);
}

static gop_status read_action(zoo_store *store, const char *path, size_t action, zoo_split split,
                              gop_error *err)
{
    zoo_folder folder;
    size_t before = store->data->sequences;
    gop_status s = zoo_folder_read(&folder, path, err);
    const bool halve = s == GOP_OK && is_halved(store, &folder, action, split);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        if (!zoo_ends_in(folder.name[i], ".txt")) {
            zoo_report_drop(store->report, ZOO_DROP_KIND, "%s/%s: not a .txt file", path,
                            folder.name[i]);
            continue;
        }
        char *file = zoo_path_join(path, folder.name[i]);
        s = file != NULL ? read_file(store, file, folder.name[i], action, split, halve, err)
                         : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        free(file);
    }
    zoo_folder_clear(&folder);
    if (s == GOP_OK && store->data->sequences == before)
        s = gop_fail(err, GOP_EFORMAT, "%s: the folder has no .txt files", path);
    return s;
}

static gop_status unknown_action(const char *path, const char *name, gop_error *err)
{
    char known[256];
    size_t n = 0;
    known[0] = '\0';
    for (size_t a = 0; a < ACTIONS && n < sizeof known; a++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", a > 0 ? ", " : "",
                              action_name[a]);
    return gop_fail(err, GOP_EFORMAT, "%s: unknown action %s (known: %s)", path, name, known);
}

/* Reads an entry of a split's folder: the folder of an action; other files are dropped. */
static gop_status read_entry(zoo_store *store, const char *path, const char *name, zoo_split split,
                             gop_error *err)
{
    size_t action = zoo_domain_action(&store->data->domain, name);
    bool folder;
    gop_try(zoo_is_folder(&folder, path, err));
    if (action != SIZE_MAX)
        return read_action(store, path, action, split, err);
    if (folder)
        return unknown_action(path, name, err);
    zoo_report_drop(store->report, ZOO_DROP_KIND, "%s: not the folder of an action", path);
    return GOP_OK;
}

/* Lists the folder of a split, which must not be empty. */
static gop_status list_split(zoo_folder *folder, const char *path, gop_error *err)
{
    gop_try(zoo_folder_read(folder, path, err));
    return folder->n > 0 ? GOP_OK : gop_fail(err, GOP_EFORMAT, "%s: the folder is empty", path);
}

/* Whether the folder of training data is missing or empty, but that of test data is not. */
static gop_status tests_alone(bool *alone, zoo_store *store, const char *const path[2],
                              gop_error *err)
{
    zoo_folder train = {0, NULL}, test = {0, NULL};
    bool there = false;
    *alone = false;
    gop_try(zoo_is_folder(&there, path[ZOO_TRAIN], err));
    gop_status s = there ? zoo_folder_read(&train, path[ZOO_TRAIN], err) : GOP_OK;
    if (s == GOP_OK && train.n == 0)
        *alone = list_split(&test, path[ZOO_TEST], NULL) == GOP_OK;
    if (s == GOP_OK && *alone)
        zoo_report_add(store->report, ZOO_ABSENT, "%s: %s", path[ZOO_TRAIN],
                       there ? "the folder is empty" : "no such folder");
    zoo_folder_clear(&train);
    zoo_folder_clear(&test);
    return s;
}

static gop_status read_split(zoo_store *store, const char *path, zoo_split split, gop_error *err)
{
    zoo_folder folder = {0, NULL};
    gop_status s = list_split(&folder, path, err);
    for (size_t i = 0; i < folder.n && s == GOP_OK; i++) {
        char *inner = zoo_path_join(path, folder.name[i]);
        s = inner != NULL ? read_entry(store, inner, folder.name[i], split, err)
                          : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        free(inner);
    }
    zoo_folder_clear(&folder);
    return s;
}

/* Reports which files of a split of the literature's set are missing. */
static void expect(zoo_store *store, zoo_split split)
{
    static const char *const before[] = {"", NULL};
    for (size_t a = 0; a < ACTIONS; a++)
        zoo_store_expect(store, a, split, before, split == ZOO_TRAIN ? TRAIN_TAKES : TEST_TAKES);
}

static gop_status read_splits(zoo_store *store, const char *dir, gop_error *err)
{
    char *train = zoo_path_join(dir, "train"), *test = zoo_path_join(dir, "test");
    const char *const path[2] = {[ZOO_TRAIN] = train, [ZOO_TEST] = test};
    bool alone = false;
    gop_status s = train != NULL && test != NULL
                       ? tests_alone(&alone, store, path, err)
                       : gop_fail(err, GOP_ENOMEM, "out of memory reading %s", dir);
    if (s == GOP_OK && !alone)
        s = read_split(store, path[ZOO_TRAIN], ZOO_TRAIN, err);
    if (s == GOP_OK)
        expect(store, ZOO_TRAIN);
    if (s == GOP_OK)
        s = read_split(store, path[ZOO_TEST], ZOO_TEST, err);
    if (s == GOP_OK)
        expect(store, ZOO_TEST);
    free(train);
    free(test);
    return s;
}

/* -------------------------------------------------------------------- splits */

static size_t count(const zoo_dataset *data, size_t action, zoo_split split, size_t *last)
{
    size_t n = 0;
    for (size_t i = 0; i < data->sequences; i++)
        if (data->sequence[i].action == action && data->sequence[i].split == split) {
            *last = i;
            n++;
        }
    return n;
}

/* Without a test file the last training file becomes it, if another training file remains. */
static void lend_last(zoo_dataset *data, zoo_report *report, const char *name)
{
    size_t action = zoo_domain_action(&data->domain, name), last = 0;
    if (count(data, action, ZOO_TEST, &last) > 0 || count(data, action, ZOO_TRAIN, &last) < 2)
        return;
    data->sequence[last].split = ZOO_TEST;
    zoo_report_add(report, ZOO_MOVED, "%s: from training to test", data->sequence[last].name);
}

static void substitute(zoo_store *store)
{
    lend_last(store->data, store->report, "basketball_signal");
    lend_last(store->data, store->report, "directing_traffic");
}

/* ---------------------------------------------------------------------- whole */

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    static const char *const both[] = {"train", "test", NULL};
    zoo_dataset *data = store->data;
    bool partial = strcmp(raw->split, "partial") == 0;
    gop_status s = zoo_domain_create(&data->domain, partial ? PARTIAL : "cmu",
                                     zoo_layout_find("cmu26"), RATE, FACTOR, action_name, ACTIONS,
                                     err);
    snprintf(data->source, sizeof data->source,
             "CMU Mocap (mocap.cs.cmu.edu, NSF EIA-0196217),"
             " exponential maps, %s split",
             partial ? "partial stand-in" : "literature's");
    if (s == GOP_OK)
        s = zoo_folder_misspelt(raw->dir, both, err);
    if (s == GOP_OK)
        s = read_splits(store, raw->dir, err);
    if (s == GOP_OK)
        s = zoo_files_strangers(store, raw->dir, both, "train or test", err);
    if (s == GOP_OK && partial)
        substitute(store);
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    (void)raw;
    return zoo_text_one(store, zoo_layout_find("cmu26")->columns, path,
                        &(zoo_text){.counts = false}, err);
}

static const zoo_way splits[] = {{"literature", "takes the train and test folders as they are"},
                                 {"partial", "makes substitutes for missing files"},
                                 {NULL, NULL}};

const zoo_source zoo_source_cmu = {.name = "cmu",
                                   .text = "CMU Mocap as exponential maps",
                                   .needs = "dir",
                                   .takes = "split steps positions",
                                   .splits = splits,
                                   .chain = "cmu38",
                                   .take = take,
                                   .read_one = read_one,
                                   .ending = ".txt",
                                   .pipe = true};
