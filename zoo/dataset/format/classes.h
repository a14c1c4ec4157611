/*
 * classes.h: collects classes while files are read.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_CLASSES_H
#define ZOO_DATASET_FORMAT_CLASSES_H

#include "zoo/dataset/store/store.h"

/* Classes in the order in which they were found.  The source may number them. */
typedef struct zoo_classes {
    size_t n;
    struct zoo_class {
        char name[ZOO_NAME_SIZE]; /* empty: none yet */
        size_t number;            /* SIZE_MAX: none */
    } * item;
} zoo_classes;

/* Sets *index to that of the class, which is appended if new.  With number SIZE_MAX the class is
 * found by its name alone, with name NULL by its number alone; a later call may add the name.
 * *clash is set if the name has another number, or the number another name.  GOP_ENOMEM;
 * GOP_EFORMAT, which names `path`, beyond ZOO_MAX_ACTIONS classes. */
gop_status zoo_class_add(size_t *index, zoo_classes *classes, const char *name, size_t number,
                         bool *clash, const char *path, gop_error *err);
/* Numbers the classes without a number, by name and after the others.  Then gives the store's
 * domain the classes by number and renumbers the actions of its sequences, which were indices in
 * `item`. */
gop_status zoo_classes_finish(zoo_classes *classes, zoo_store *store, gop_error *err);
void zoo_classes_clear(zoo_classes *classes);

#endif
