/*
 * class_folders.h: recordings in folders of splits and classes.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_CLASS_FOLDERS_H
#define ZOO_DATASET_FORMAT_CLASS_FOLDERS_H

#include "zoo/dataset/store/store.h"

/* Takes one recording into the store, with the name, class and split of `like`. */
typedef gop_status zoo_take_recording(void *user, const char *path, const zoo_sequence *like,
                                      gop_error *err);

/* Visits raw->dir/{train,test}/CLASS/NAME, or with a table of classes also NAME in these folders and
 * in raw->dir; without train and test all is training data, except for names that the table puts
 * elsewhere.  raw->dir may be one recording.  NAME is a file that ends in one of `endings`, or a
 * folder that the store's source takes as one recording.  Afterwards the store's domain, which `take`
 * may create, gets the classes.  GOP_EFORMAT if nothing was taken: no `what`. */
gop_status zoo_class_folders(zoo_store *store, const zoo_raw *raw, const char *endings,
                             const char *what, zoo_take_recording *take, void *user,
                             gop_error *err);

#endif
