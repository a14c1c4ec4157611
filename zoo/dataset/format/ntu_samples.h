/*
 * ntu_samples.h: what the names of samples say in NTU RGB+D 60 and 120, the splits, and lists of
 * samples to leave out.  Private to zoo/dataset.
 */
#ifndef ZOO_DATASET_FORMAT_NTU_SAMPLES_H
#define ZOO_DATASET_FORMAT_NTU_SAMPLES_H

#include "zoo/dataset/format/files.h"

#define ZOO_NTU_ENDING      ".skeleton"
#define ZOO_NTU_NAME_LENGTH 20
#define ZOO_NTU_ACTIONS     120 /* of the larger set */

typedef struct zoo_ntu_sample {
    char name[ZOO_NTU_NAME_LENGTH + 1];
    const char *file;
    char part[4][5]; /* "S001", "C002", "P003", "R002"; empty: unknown */
    unsigned setup, camera, performer, repetition, action;
} zoo_ntu_sample;

/* Parses the name of a file, which *s refers to; false if it is not that of a sample. */
bool zoo_ntu_sample_parse(zoo_ntu_sample *s, const char *file);

/* A split: its set has the actions from 1 to `actions`. */
typedef struct zoo_ntu_split {
    const char *set; /* "NTU RGB+D 120" */
    unsigned actions;
    enum { ZOO_NTU_BY_SUBJECT, ZOO_NTU_BY_CAMERA, ZOO_NTU_BY_SETUP } by;
} zoo_ntu_split;

/* The names of the splits, for the source's table. */
extern const zoo_way zoo_ntu_ways[];
const zoo_ntu_split *zoo_ntu_split_find(const char *name);
zoo_split zoo_ntu_split_of(const zoo_ntu_split *split, const zoo_ntu_sample *s);

/* The class of an action, from 1: "A001_drink_water". */
void zoo_ntu_class(char name[ZOO_NAME_SIZE], unsigned action);

/* Names to leave out, sorted. */
typedef struct zoo_ntu_skip_list {
    size_t n;
    char (*name)[ZOO_NTU_NAME_LENGTH];
} zoo_ntu_skip_list;

/* Reads the lines that begin with the name of a sample; others, such as a heading, are skipped.
 * GOP_EFORMAT if there are none; GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_ntu_skip_list_read(zoo_ntu_skip_list *list, zoo_bytes *bytes, const char *path,
                                  gop_error *err);
bool zoo_ntu_listed(const zoo_ntu_skip_list *list, const char *name);
void zoo_ntu_skip_list_clear(zoo_ntu_skip_list *list);

#endif
