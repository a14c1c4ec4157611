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

#include "zoo/dataset/format/class_folders.h"
#include "zoo/dataset/format/text.h"

#define ENDINGS ".csv .txt .tsv .dat .skel"

typedef struct reading {
    zoo_store *store;
    zoo_text how;
} reading;

static gop_status take_file(void *user, const char *path, const zoo_sequence *like, gop_error *err)
{
    reading *r = user;
    return zoo_text_take(r->store, path, like, &r->how, err);
}

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .how = {.layout = raw->layout, .list = raw->columns}};
    const char *none = "";
    snprintf(store->data->source, sizeof store->data->source,
             "text files, layout %s at %g Hz, "
             "classes by %s",
             raw->layout->name, raw->rate,
             raw->labels != NULL || raw->segments != NULL ? "a table" : "folder");
    gop_try(zoo_domain_create(&store->data->domain, "csv", raw->layout, raw->rate, raw->factor,
                              &none, 1, err));
    return zoo_class_folders(store, raw, ENDINGS, "text file", take_file, &r, err);
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
