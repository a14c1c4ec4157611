/*
 * dataset_file.c: data sets as files of kind "GDS1", through graphop's writer
 * and reader.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>

#include "zoo/dataset/build.h"
#include "zoo/zoo_file.h"

#define SEQUENCE_ENTRIES 5

void zoo_set_write_head(gop_writer *w, const zoo_dataset *data)
{
    gop_write_map(w, 3);
    gop_write_key(w, "domain");
    zoo_domain_write(w, &data->domain);
    gop_write_key(w, "source");
    gop_write_text(w, data->source);
    gop_write_key(w, "sequences");
    gop_write_array(w, data->sequences);
}

void zoo_set_write_sequence(gop_writer *w, const zoo_sequence *q, const float *frames,
                            size_t columns)
{
    gop_write_map(w, SEQUENCE_ENTRIES);
    gop_write_key(w, "name");
    gop_write_text(w, q->name);
    gop_write_key(w, "action");
    gop_write_uint(w, q->action);
    gop_write_key(w, "split");
    gop_write_uint(w, (uint64_t)q->split);
    gop_write_key(w, "frames");
    gop_write_uint(w, q->frames);
    gop_write_key(w, "data");
    gop_write_floats(w, frames, q->frames * columns);
}

gop_status zoo_dataset_save(const zoo_dataset *data, const char *path, gop_error *err)
{
    gop_writer *w;
    if (data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_save: the data set is NULL");
    gop_try(gop_writer_open(&w, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    zoo_set_write_head(w, data);
    for (size_t i = 0; i < data->sequences; i++)
        zoo_set_write_sequence(w, &data->sequence[i], data->sequence[i].data,
                               data->domain.layout.columns);
    return gop_writer_commit(w, err);
}

static bool good(const gop_reader *r)
{
    return gop_reader_status(r, NULL) == GOP_OK;
}

static void read_sequence(gop_reader *r, zoo_dataset *data)
{
    char name[ZOO_SEQUENCE_NAME_SIZE];
    size_t columns = data->domain.layout.columns;
    if (gop_read_map(r) != SEQUENCE_ENTRIES)
        gop_reader_fail(r, "a sequence must have %d entries", SEQUENCE_ENTRIES);
    gop_read_key(r, "name");
    gop_read_text(r, name, sizeof name);
    gop_read_key(r, "action");
    size_t action = (size_t)gop_read_uint(r, data->domain.actions - 1);
    gop_read_key(r, "split");
    zoo_split split = (zoo_split)gop_read_uint(r, ZOO_TEST);
    gop_read_key(r, "frames");
    size_t n = (size_t)gop_read_uint(r, gop_reader_left(r) / (columns * sizeof(float)));
    if (good(r) && n == 0)
        gop_reader_fail(r, "sequence %s has no frames", name);
    gop_read_key(r, "data");
    if (!good(r))
        return;
    float *frames = malloc(n * columns * sizeof *frames);
    gop_error e;
    if (frames == NULL) {
        gop_fail(&e, GOP_ENOMEM, "out of memory for sequence %s", name);
        gop_reader_refuse(r, &e);
        return;
    }
    gop_read_floats(r, frames, n * columns);
    for (size_t i = 0; i < n * columns && good(r); i++)
        if (!isfinite(frames[i]))
            gop_reader_fail(r, "frame %zu of sequence %s holds a NaN or an infinity", i / columns,
                            name);
    if (!good(r))
        free(frames);
    else if (zoo_dataset_add(data, name, action, split, frames, n, &e) != GOP_OK)
        gop_reader_refuse(r, &e);
}

gop_status zoo_set_read(zoo_dataset **out, gop_reader *r,
                        void (*read_domain)(gop_reader *r, zoo_domain *domain), gop_error *err)
{
    zoo_dataset *data = calloc(1, sizeof *data);
    if (data == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    if (gop_read_map(r) != 3)
        gop_reader_fail(r, "a data set must have three entries");
    gop_read_key(r, "domain");
    read_domain(r, &data->domain);
    gop_read_key(r, "source");
    gop_read_text(r, data->source, sizeof data->source);
    gop_read_key(r, "sequences");
    size_t n = gop_read_array(r);
    for (size_t i = 0; i < n && good(r); i++)
        read_sequence(r, data);
    gop_status s = gop_reader_status(r, err);
    if (s == GOP_OK)
        *out = data;
    else
        zoo_dataset_free(data);
    return s;
}

gop_status zoo_dataset_load(zoo_dataset **out, const char *path, gop_error *err)
{
    gop_reader *r;
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_load: the result pointer is NULL");
    *out = NULL;
    gop_try(zoo_file_open(&r, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    gop_status s = zoo_set_read(out, r, zoo_domain_read, err);
    gop_reader_free(r);
    return s;
}
