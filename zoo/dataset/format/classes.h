/*
 * classes.h: classes that are met on the way.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_CLASSES_H
#define ZOO_DATASET_FORMAT_CLASSES_H

#include "zoo/dataset/store/store.h"

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
/* Gives classes without a number one, by name behind the others, and the store's domain and
 * sequences, whose action was the place, the classes by number. */
gop_status zoo_classes_finish(zoo_classes *classes, zoo_store *store, gop_error *err);
void zoo_classes_clear(zoo_classes *classes);

#endif
