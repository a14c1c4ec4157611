/*
 * sources.h: the raw formats, one file each, and what they share.  Private to
 * zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_SOURCES_H
#define ZOO_DATASET_FORMAT_SOURCES_H

#include "zoo/dataset/store/store.h"

/* Domain, source and sequences of an empty store; the rest is zoo_store_finish's. */
gop_status zoo_cmu_take(zoo_store *store, const zoo_raw *raw, gop_error *err);
gop_status zoo_csv_take(zoo_store *store, const zoo_raw *raw, gop_error *err);
gop_status zoo_h36m_take(zoo_store *store, const zoo_raw *raw, gop_error *err);
gop_status zoo_kinetics_take(zoo_store *store, const zoo_raw *raw, gop_error *err);
gop_status zoo_ntu_take(zoo_store *store, const zoo_raw *raw, gop_error *err);

/* ----------------------------------------------------------------------- files */

/* Whether `name` ends in `ending` and has more than that. */
bool zoo_ends_in(const char *name, const char *ending);
bool zoo_is_folder(const char *path);
/* GOP_ESYSTEM unless it can be opened and is a regular file. */
gop_status zoo_file_check(const char *path, gop_error *err);

/* What is given each file of a folder; `file` is its name in the folder. */
typedef gop_status zoo_visit(void *user, const char *path, const char *file, gop_error *err);
/* Visits what is in the folder by sorted names; entries that do not end in `ending` and are
 * no folders are dropped.  With `inner` folders are visited too, one level deep, or dropped
 * where it is false. */
gop_status zoo_files_visit(zoo_store *store, const char *dir, const char *ending, bool inner,
                           zoo_visit *visit, void *user, gop_error *err);
/* Drops what lies in `dir` and is called by none of `names` (NULL at the end): "...: not
 * `what`". */
gop_status zoo_files_strangers(zoo_store *store, const char *dir, const char *const *names,
                               const char *what, gop_error *err);
/* The first of `names` (NULL at the end) that is a folder in `dir`, to be freed; NULL. */
char *zoo_folder_find(const char *dir, const char *const *names);

/* A file in memory, without its byte order mark, whose room is used again; ZOO_DECIMAL_PAD
 * zeros are behind it. */
typedef struct zoo_bytes {
    char *data;
    size_t n, room;
} zoo_bytes;

/* Regular files of up to 64 MiB; GOP_ESYSTEM, GOP_EFORMAT, GOP_ENOMEM. */
gop_status zoo_bytes_read(zoo_bytes *bytes, const char *path, gop_error *err);
void zoo_bytes_clear(zoo_bytes *bytes);

/* ------------------------------------------------------------------------ text */

/* What a text of frames had that zoo_poses_read refuses. */
typedef struct zoo_text {
    bool header;       /* a first line without a number: skipped */
    bool cut;          /* a last line that breaks off: left out */
    bool other_width;  /* why it failed: another number of columns */
    size_t non_finite; /* entries that are NaN or infinite, 0 in the frames */
} zoo_text;

/* As zoo_poses_read of a file, passing over what zoo_text says and empty lines. */
gop_status zoo_text_read(float **raw, size_t *frames, size_t columns, const char *path,
                         zoo_text *text, gop_error *err);
/* Reads one file into the store: text of the domain's columns.  Bad ones are dropped. */
gop_status zoo_text_take(zoo_store *store, const char *path, const char *name, size_t action,
                         zoo_split split, gop_error *err);
/* Whether a text is without control characters, which a set's file cannot hold. */
bool zoo_printable(const char *text);
/* Whether a file of this sequence's name may be taken; says so where not. */
bool zoo_name_new(zoo_store *store, const char *path, const char *name, zoo_split split);

/* --------------------------------------------------------------------- classes */

/* Classes in the order in which they came, some with a number of the source's own. */
typedef struct zoo_classes {
    size_t n;
    struct zoo_class {
        char name[ZOO_NAME_SIZE]; /* empty: none yet */
        size_t number;            /* SIZE_MAX: none */
    } * item;
} zoo_classes;

/* Place of the class, appended where it is new; SIZE_MAX without memory or where there are
 * ZOO_MAX_ACTIONS.  A number of SIZE_MAX: by name alone; a name of NULL: by number alone, and
 * what comes later may name it.  *clash: the name has another number, or the number another
 * name. */
size_t zoo_class_add(zoo_classes *classes, const char *name, size_t number, bool *clash);
/* Whether a class can be called so: 1 to 63 bytes, no control characters. */
bool zoo_class_fits(const char *name);
/* Gives classes without a number one, by name behind the others, and the store's domain and
 * sequences, whose action was the place, the classes by number. */
gop_status zoo_classes_finish(zoo_classes *classes, zoo_store *store, gop_error *err);
void zoo_classes_clear(zoo_classes *classes);

/* A table of labels: lines of NAME,CLASS[,SPLIT]. */
typedef struct zoo_label {
    char *name; /* owned */
    char action[ZOO_NAME_SIZE];
    int split; /* a zoo_split, or -1 */
    bool used;
} zoo_label;

typedef struct zoo_labels {
    size_t n;
    zoo_label *item; /* by name */
} zoo_labels;

/* GOP_EFORMAT names file and line. */
gop_status zoo_labels_read(zoo_labels *labels, const char *path, gop_error *err);
/* The label of a sequence, or NULL; marks it as used. */
zoo_label *zoo_labels_find(const zoo_labels *labels, const char *name);
/* Says how many names had no file. */
void zoo_labels_unused(const zoo_labels *labels, zoo_report *report, const char *path);
void zoo_labels_clear(zoo_labels *labels);

#endif
