/*
 * csv.c: any motion as text, one file for each sequence.
 *
 * DIR/{train,test}/CLASS/ANY.csv, or DIR/{train,test}/ANY.csv with a table of classes; a folder
 * without train and test is training data, except for names that the table puts elsewhere.  text.c
 * reads the files, in any dialect.  Touches files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "zoo/dataset/format/folder.h"
#include "zoo/dataset/format/classes.h"
#include "zoo/dataset/format/files.h"
#include "zoo/dataset/format/labels.h"
#include "zoo/dataset/format/names.h"
#include "zoo/dataset/format/text.h"

#define ENDINGS ".csv .txt .tsv .dat .skel"

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    zoo_text how;
    zoo_classes classes;
    zoo_labels labels;
    bool table;
    zoo_split split; /* of the present folder */
} reading;

static gop_status add_file(reading *r, const char *path, const char *name, const char *action,
                           zoo_split split, gop_error *err)
{
    bool clash;
    size_t k = 0;
    if (!zoo_name_new(r->store, path, name, split))
        return GOP_OK;
    if (action != NULL)
        gop_try(zoo_class_add(&k, &r->classes, action, SIZE_MAX, &clash, path, err));
    return zoo_text_take(r->store, path,
                         &(zoo_sequence){.name = name, .action = (uint32_t)k, .split = split},
                         &r->how, err);
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
    reading *r = user;
    char name[ZOO_SEQUENCE_NAME_SIZE];
    const int n = (int)(strlen(file) - zoo_ending(file, ENDINGS));
    if (is_table(path, r->raw->labels) || is_table(path, r->raw->segments))
        return GOP_OK;
    if (r->store->report != NULL)
        r->store->report->files++;
    snprintf(name, sizeof name, "%.*s", n, file);
    if (zoo_store_names_classes(r->store))
        return add_file(r, path, name, NULL, r->split, err);
    if (r->table) {
        zoo_label *label;
        gop_error bad;
        if (zoo_labels_find(&label, &r->labels, name, path, file, &bad) == GOP_OK)
            return add_file(r, path, name, label->action,
                            label->split < 0 ? r->split : (zoo_split)label->split, err);
        return zoo_store_drop(r->store, ZOO_DROP_LABEL, bad.status, &bad, err);
    } else if (folder != NULL && zoo_name_fault(folder, ZOO_NAME_SIZE) != NULL) {
        zoo_report_drop(r->store->report, ZOO_DROP_LABEL, "%s: the class's name %s", path,
                        zoo_name_fault(folder, ZOO_NAME_SIZE));
        return GOP_OK;
    } else if (folder != NULL) {
        snprintf(name, sizeof name, "%s/%.*s", folder, n, file);
        return add_file(r, path, name, folder, r->split, err);
    }
    zoo_report_drop(r->store->report, ZOO_DROP_LABEL, "%s: in no folder of a class", path);
    return GOP_OK;
}

static gop_status read_all(reading *r, const char *dir, gop_error *err)
{
    static const char *const name[2][2] = {{"train", NULL}, {"test", NULL}};
    static const char *const both[] = {"train", "test", NULL};
    bool split = false;
    gop_status s = zoo_folder_misspelt(dir, both, err);
    for (int k = 0; k < 2 && s == GOP_OK; k++) {
        char *path;
        s = zoo_folder_find(&path, dir, name[k], err);
        r->split = k == 0 ? ZOO_TRAIN : ZOO_TEST;
        split |= path != NULL;
        if (path != NULL)
            s = zoo_files_visit(r->store, path, ENDINGS, true, visit, r, err);
        free(path);
    }
    r->split = ZOO_TRAIN;
    if (s != GOP_OK || !split)
        return s != GOP_OK ? s : zoo_files_visit(r->store, dir, ENDINGS, true, visit, r, err);
    return zoo_files_strangers(r->store, dir, both, "train or test", err);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store,
                 .raw = raw,
                 .how = {.layout = raw->layout, .list = raw->columns},
                 .table = raw->labels != NULL};
    const char *none = "";
    snprintf(store->data->source, sizeof store->data->source,
             "text files, layout %s at %g Hz, "
             "classes by %s",
             raw->layout->name, raw->rate, r.table || raw->segments != NULL ? "a table" : "folder");
    gop_status s = zoo_domain_create(&store->data->domain, "csv", raw->layout, raw->rate,
                                     raw->factor, &none, 1, err);
    if (s == GOP_OK && r.table)
        s = zoo_labels_read(&r.labels, raw->labels, err);
    if (s == GOP_OK)
        s = read_all(&r, raw->dir, err);
    if (s == GOP_OK && store->data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, "text file", err);
    if (s == GOP_OK)
        s = zoo_classes_finish(&r.classes, store, err);
    if (s == GOP_OK && r.table)
        zoo_labels_unused(&r.labels, store->report, raw->labels);
    zoo_labels_clear(&r.labels);
    zoo_classes_clear(&r.classes);
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    const zoo_layout *layout = zoo_domain_recorded(&store->data->domain);
    return zoo_text_one(store, layout->columns, path,
                        &(zoo_text){.layout = layout, .list = raw->columns}, err);
}

const zoo_source zoo_source_csv = {.name = "csv",
                                   .text = "text of any dialect with the columns of a layout",
                                   .needs = "dir layout rate",
                                   .takes = "factor labels columns shortest fill strict steps",
                                   .take = take,
                                   .read_one = read_one,
                                   .ending = ENDINGS,
                                   .pipe = true};
