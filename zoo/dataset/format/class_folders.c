/*
 * class_folders.c: see class_folders.h.  Touches files by listing folders and reading the table.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/class_folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/labels.h"
#include "zoo/dataset/format/names.h"

typedef struct visiting {
    zoo_store *store;
    const zoo_raw *raw;
    zoo_classes classes;
    zoo_labels labels;
    bool table;
    const char *endings;
    zoo_split split; /* of the present folder */
    zoo_take_recording *take;
    void *user;
} visiting;

static gop_status add(visiting *v, const char *path, const char *name, const char *action,
                      zoo_split split, gop_error *err)
{
    bool clash;
    size_t k = 0;
    if (!zoo_name_new(v->store, path, name, split))
        return GOP_OK;
    if (action != NULL)
        gop_try(zoo_class_add(&k, &v->classes, action, SIZE_MAX, &clash, path, err));
    return v->take(v->user, path,
                   &(zoo_sequence){.name = name, .action = (uint32_t)k, .split = split}, err);
}

/* Whether a path is that of a table of the command. */
static bool is_table(const char *path, const char *table)
{
    struct stat a, b;
    return table != NULL && stat(path, &a) == 0 && stat(table, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Without a table the folder's name is the class. */
static gop_status visit(void *user, const char *path, const char *folder, const char *file,
                        gop_error *err)
{
    visiting *v = user;
    char name[ZOO_SEQUENCE_NAME_SIZE];
    const int n = (int)(strlen(file) - zoo_ending(file, v->endings));
    if (is_table(path, v->raw->labels) || is_table(path, v->raw->segments))
        return GOP_OK;
    if (v->store->report != NULL)
        v->store->report->files++;
    snprintf(name, sizeof name, "%.*s", n, file);
    if (zoo_store_names_classes(v->store))
        return add(v, path, name, NULL, v->split, err);
    if (v->table) {
        zoo_label *label;
        gop_error bad;
        if (zoo_labels_find(&label, &v->labels, name, path, file, &bad) == GOP_OK)
            return add(v, path, name, label->action,
                       label->split < 0 ? v->split : (zoo_split)label->split, err);
        return zoo_store_drop(v->store, ZOO_DROP_LABEL, bad.status, &bad, err);
    } else if (folder != NULL && zoo_name_fault(folder, ZOO_NAME_SIZE) != NULL) {
        zoo_report_drop(v->store->report, ZOO_DROP_LABEL, "%s: the class's name %s", path,
                        zoo_name_fault(folder, ZOO_NAME_SIZE));
        return GOP_OK;
    } else if (folder != NULL) {
        snprintf(name, sizeof name, "%s/%.*s", folder, n, file);
        return add(v, path, name, folder, v->split, err);
    }
    zoo_report_drop(v->store->report, ZOO_DROP_LABEL, "%s: in no folder of a class", path);
    return GOP_OK;
}

static gop_status visit_all(visiting *v, const char *dir, gop_error *err)
{
    static const char *const name[2][2] = {{"train", NULL}, {"test", NULL}};
    static const char *const both[] = {"train", "test", NULL};
    bool split = false;
    gop_status s = zoo_folder_misspelt(dir, both, err);
    for (int k = 0; k < 2 && s == GOP_OK; k++) {
        char *path;
        s = zoo_folder_find(&path, dir, name[k], err);
        v->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
        split |= path != NULL;
        if (path != NULL)
            s = zoo_files_visit(v->store, path, v->endings, true, visit, v, err);
        free(path);
    }
    v->split = ZOO_TRAIN;
    if (s != GOP_OK || !split)
        return s != GOP_OK ? s : zoo_files_visit(v->store, dir, v->endings, true, visit, v, err);
    return zoo_files_strangers(v->store, dir, both, "train or test", err);
}

/* The folder, or the one recording that it is. */
static gop_status visit_dir(visiting *v, const char *dir, gop_error *err)
{
    bool folder, one;
    gop_try(zoo_is_folder(&folder, dir, err));
    one = !folder && zoo_ends_in(dir, v->endings);
    if (folder)
        gop_try(zoo_files_is_one(&one, v->store, dir, err));
    if (one) {
        v->split = ZOO_TRAIN;
        return visit(v, dir, NULL, zoo_base_name(dir), err);
    }
    return visit_all(v, dir, err);
}

gop_status zoo_class_folders(zoo_store *store, const zoo_raw *raw, const char *endings,
                             const char *what, zoo_take_recording *take, void *user, gop_error *err)
{
    visiting v = {.store = store,
                  .raw = raw,
                  .table = raw->labels != NULL,
                  .endings = endings,
                  .take = take,
                  .user = user};
    gop_status s = v.table ? zoo_labels_read(&v.labels, raw->labels, err) : GOP_OK;
    if (s == GOP_OK)
        s = visit_dir(&v, raw->dir, err);
    if (s == GOP_OK && store->data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, what, err);
    if (s == GOP_OK)
        s = zoo_classes_finish(&v.classes, store, err);
    if (s == GOP_OK && v.table)
        zoo_labels_unused(&v.labels, store->report, raw->labels);
    zoo_labels_clear(&v.labels);
    zoo_classes_clear(&v.classes);
    return s;
}
