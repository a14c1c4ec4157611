/*
 * h36m.c: Human3.6M as exponential maps in text.
 *
 * DIR/S1 ... S11/ACTION_TAKE.txt; a line is a frame of 99 comma-separated decimals: the root's
 * shift and turn since the frame before, then 31 joints as exponential maps.  50 frames a second;
 * models see every second frame.  Subject 5 is the test data, the others are training data.
 * Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/text.h"

#define RATE    50.0
#define FACTOR  2
#define COLUMNS 99
#define ENDING  ".txt"
#define TAKES   2 /* of each action by each subject */

static const char *const action_name[] = {"directions",  "discussion", "eating",         "greeting",
                                          "phoning",     "posing",     "purchases",      "sitting",
                                          "sittingdown", "smoking",    "takingphoto",    "waiting",
                                          "walking",     "walkingdog", "walkingtogether"};
#define ACTIONS (sizeof action_name / sizeof action_name[0])

/* In numerical order; each subject's files are in the order of their names. */
static const struct subject {
    const char *name;
    zoo_split split;
    const char *copied; /* an action that one circulating distribution copies from S5 */
} subject[] = {{"S1", ZOO_TRAIN, NULL},          {"S5", ZOO_TEST, NULL},
               {"S6", ZOO_TRAIN, "posing"},      {"S7", ZOO_TRAIN, NULL},
               {"S8", ZOO_TRAIN, "smoking"},     {"S9", ZOO_TRAIN, "discussion"},
               {"S11", ZOO_TRAIN, "sittingdown"}};
#define SUBJECTS (sizeof subject / sizeof subject[0])

typedef struct reading {
    zoo_store *store;
    const struct subject *who;
    bool clean;
    bool present[SUBJECTS]; /* subjects with a folder */
} reading;

/* The action of "walking_1.txt", or SIZE_MAX. */
static size_t action_of(const char *file)
{
    for (size_t a = 0; a < ACTIONS; a++) {
        size_t n = strlen(action_name[a]);
        if (strncmp(file, action_name[a], n) == 0 && file[n] == '_' &&
            isdigit((unsigned char)file[n + 1]) && strcmp(file + n + 2, ENDING) == 0)
            return a;
    }
    return SIZE_MAX;
}

/* Whether the clean split leaves out the subject's files of an action. */
static bool is_left_out(const reading *r, const struct subject *who, size_t action)
{
    return r->clean && who->copied != NULL && strcmp(action_name[action], who->copied) == 0;
}

static gop_status visit(void *user, const char *path, const char *folder, const char *file,
                        gop_error *err)
{
    reading *r = user;
    (void)folder;
    char name[ZOO_NAME_SIZE];
    gop_error bad = {GOP_OK, ""};
    size_t action = action_of(file);
    if (r->store->report != NULL)
        r->store->report->files++;
    if (action == SIZE_MAX) {
        gop_fail(&bad, GOP_EFORMAT, "%s: not ACTION_TAKE.txt, such as walking_1.txt", path);
        return zoo_store_drop(r->store, ZOO_DROP_NAME, bad.status, &bad, err);
    }
    if (is_left_out(r, r->who, action)) {
        zoo_report_drop(
            r->store->report, ZOO_DROP_SPLIT,
            "%s: left out by the clean split, since a copy of S5's file circulates under this name",
            path);
        return GOP_OK;
    }
    snprintf(name, sizeof name, "%s_%.*s", r->who->name, (int)(strlen(file) - strlen(ENDING)),
             file);
    return zoo_text_take(r->store, path,
                         &(zoo_sequence){.name = name,
                                         .subject = r->who->name,
                                         .action = (uint32_t)action,
                                         .split = r->who->split},
                         &(zoo_text){.counts = true}, err);
}

static gop_status read_subject(reading *r, const char *dir, gop_error *err)
{
    const char *const name[] = {r->who->name, NULL};
    char *path;
    gop_status s = zoo_folder_find(&path, dir, name, err);
    r->present[r->who - subject] = path != NULL;
    if (path != NULL)
        s = zoo_files_visit(r->store, path, ENDING, false, visit, r, err);
    else if (s == GOP_OK)
        zoo_report_add(r->store->report, ZOO_ABSENT, "%s/%s: no such folder", dir, r->who->name);
    free(path);
    return s;
}

/* Reports which files of the literature's set are missing in the folders of the subjects. */
static void expect(reading *r, zoo_split split)
{
    for (size_t a = 0; a < ACTIONS; a++) {
        char text[SUBJECTS][8];
        const char *before[SUBJECTS + 1];
        size_t n = 0;
        for (size_t i = 0; i < SUBJECTS; i++) {
            if (subject[i].split != split || !r->present[i] || is_left_out(r, &subject[i], a))
                continue;
            snprintf(text[n], sizeof text[n], "%s_", subject[i].name);
            before[n] = text[n];
            n++;
        }
        before[n] = NULL;
        zoo_store_expect(r->store, a, split, before, TAKES);
    }
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    const char *folder[SUBJECTS + 1] = {NULL};
    const zoo_layout *layout = raw->layout == NULL ? zoo_layout_find("h36m20") : raw->layout;
    zoo_dataset *data = store->data;
    reading r = {.store = store, .clean = strcmp(raw->split, "clean") == 0};
    if (layout->columns != COLUMNS)
        return gop_fail(err, GOP_EINVAL, "layout %s has %u columns, Human3.6M %d", layout->name,
                        (unsigned)layout->columns, COLUMNS);
    snprintf(data->source, sizeof data->source, "Human3.6M, exponential maps, %s",
             r.clean ? "S5 tests, training without the copies of its files" : "literature's split");
    gop_status s = zoo_domain_create(&data->domain, r.clean ? "h36m-clean" : "h36m", layout, RATE,
                                     FACTOR, action_name, ACTIONS, err);
    for (size_t i = 0; i < SUBJECTS; i++)
        folder[i] = subject[i].name;
    if (s == GOP_OK)
        s = zoo_files_strangers(store, raw->dir, folder, "the folder of a subject", err);
    for (size_t i = 0; i < SUBJECTS && s == GOP_OK; i++) {
        r.who = &subject[i];
        s = read_subject(&r, raw->dir, err);
    }
    if (s == GOP_OK && data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, "file", err);
    if (s == GOP_OK) {
        expect(&r, ZOO_TRAIN);
        expect(&r, ZOO_TEST);
    }
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    (void)raw;
    return zoo_text_one(store, COLUMNS, path, &(zoo_text){.counts = false}, err);
}

static const zoo_way splits[] = {
    {"literature", "tests on subject 5"},
    {"clean", "also leaves out training files that are copies of its files"},
    {NULL, NULL}};

const zoo_source zoo_source_h36m = {.name = "h36m",
                                    .text = "Human3.6M as exponential maps",
                                    .needs = "dir",
                                    .takes = "split layout shortest fill strict steps positions",
                                    .splits = splits,
                                    .chain = "h36m32",
                                    .take = take,
                                    .read_one = read_one,
                                    .ending = ".txt",
                                    .pipe = true};
