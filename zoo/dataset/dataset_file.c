/*
 * dataset_file.c: data sets as files of kind "GDS1": the frames of all sequences, then the index,
 * through graphop's writer and reader.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>

#include "zoo/dataset/build.h"
#include "zoo/dataset/dataset_frames.h"
#include "zoo/zoo_file.h"

#define ENTRIES          3
#define SEQUENCE_ENTRIES 8 /* without spans */
#define SPAN_NUMBERS     3
#define ORIGINS          5
#define ALIGN            64 /* of a sequence's frames */

/* --------------------------------------------------------------------- writing */

static void write_sequence(gop_writer *w, const zoo_sequence *q)
{
    const char *const origin[ORIGINS] = {q->subject, q->camera, q->setup, q->repetition, q->file};
    gop_write_map(w, SEQUENCE_ENTRIES + (q->spans > 0));
    gop_write_key(w, "name");
    gop_write_text(w, q->name);
    gop_write_key(w, "action");
    gop_write_uint(w, q->action);
    gop_write_key(w, "split");
    gop_write_uint(w, (uint64_t)q->split);
    gop_write_key(w, "bodies");
    gop_write_uint(w, q->bodies);
    gop_write_key(w, "frames");
    gop_write_uint(w, q->frames);
    gop_write_key(w, "at");
    gop_write_uint(w, q->at);
    gop_write_key(w, "sum");
    gop_write_uint(w, q->sum);
    gop_write_key(w, "origin");
    gop_write_array(w, ORIGINS);
    for (size_t k = 0; k < ORIGINS; k++)
        gop_write_text(w, origin[k]);
    if (q->spans == 0)
        return;
    gop_write_key(w, "spans");
    gop_write_array(w, SPAN_NUMBERS * q->spans);
    for (size_t k = 0; k < q->spans; k++) {
        gop_write_uint(w, q->span[k].action);
        gop_write_uint(w, q->span[k].first);
        gop_write_uint(w, q->span[k].frames);
    }
}

static void write_head(gop_writer *w, const zoo_dataset *data)
{
    gop_write_map(w, ENTRIES);
    gop_write_key(w, "domain");
    zoo_domain_write(w, &data->domain);
    gop_write_key(w, "source");
    gop_write_text(w, data->source);
    gop_write_key(w, "sequences");
    gop_write_array(w, data->sequences);
}

void zoo_set_write_index(gop_writer *w, const zoo_dataset *data)
{
    write_head(w, data);
    for (size_t i = 0; i < data->sequences; i++)
        write_sequence(w, &data->sequence[i]);
}

/* Copies the frames of sequence i to the file; at[i] gets their place. */
static gop_status write_frames(gop_writer *w, zoo_pieces *p, uint64_t *at, size_t i, gop_error *err)
{
    const size_t columns = p->data->domain.layout.columns;
    at[i] = gop_write_data_begin(w);
    for (zoo_pieces_begin(p, i);;) {
        gop_try(zoo_pieces_next(p, err));
        if (p->n == 0)
            return gop_writer_status(w, err);
        gop_write_data(w, p->frames, p->n * columns);
    }
}

static gop_status write_set(gop_writer *w, zoo_pieces *p, uint64_t *at, gop_error *err)
{
    const zoo_dataset *data = p->data;
    for (size_t i = 0; i < data->sequences; i++)
        gop_try(write_frames(w, p, at, i, err));
    write_head(w, data);
    for (size_t i = 0; i < data->sequences; i++) {
        zoo_sequence q = data->sequence[i];
        q.at = at[i];
        q.sum = zoo_sequence_sum(data, i);
        write_sequence(w, &q);
    }
    return GOP_OK;
}

gop_status zoo_dataset_save(const zoo_dataset *data, const char *path, gop_error *err)
{
    gop_writer *w = NULL;
    zoo_pieces p = {.frames = NULL};
    if (data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_save: the data set is NULL");
    gop_try(gop_writer_open_data(&w, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    uint64_t *at = malloc((data->sequences + 1) * sizeof *at);
    gop_status s = at != NULL ? zoo_pieces_open(&p, data, err)
                              : gop_fail(err, GOP_ENOMEM, "out of memory writing %s", path);
    if (s == GOP_OK)
        s = write_set(w, &p, at, err);
    zoo_pieces_close(&p);
    free(at);
    if (s == GOP_OK)
        return gop_writer_commit(w, err);
    gop_writer_abandon(w);
    return s;
}

/* --------------------------------------------------------------------- reading */

static bool good(const gop_reader *r)
{
    return gop_reader_status(r, NULL) == GOP_OK;
}

/* Reads where the frames are.  They are inside of the data and behind those of the sequence before,
 * which end at *end. */
static void read_place(gop_reader *r, zoo_sequence *q, size_t columns, uint64_t *end, uint64_t size)
{
    const uint64_t pose = columns * sizeof(float);
    gop_read_key(r, "bodies");
    q->bodies = (uint32_t)gop_read_uint(r, ZOO_MAX_BODIES);
    gop_read_key(r, "frames");
    q->frames = (size_t)gop_read_uint(r, size / pose);
    if (good(r) && (q->frames == 0 || q->bodies == 0))
        gop_reader_fail(r, "sequence %s has no frames", q->name);
    gop_read_key(r, "at");
    q->at = gop_read_uint(r, size);
    gop_read_key(r, "sum");
    q->sum = gop_read_uint(r, UINT64_MAX);
    if (good(r) &&
        (q->at % ALIGN != 0 || q->at < *end || q->frames > (size - q->at) / pose / q->bodies))
        gop_reader_fail(r, "the frames of sequence %s are not in the file's data", q->name);
    *end = q->at + q->bodies * (uint64_t)q->frames * pose;
}

/* Reads the spans of a sequence to *span, which the caller frees. */
static void read_spans(gop_reader *r, zoo_sequence *q, zoo_span **span, size_t actions)
{
    gop_read_key(r, "spans");
    const size_t n = gop_read_array(r);
    if (good(r) && (n == 0 || n % SPAN_NUMBERS != 0 || n / SPAN_NUMBERS > ZOO_MAX_SPANS))
        gop_reader_fail(r, "the spans of sequence %s are not 1 to %d times %d numbers", q->name,
                        ZOO_MAX_SPANS, SPAN_NUMBERS);
    if (!good(r))
        return;
    q->spans = n / SPAN_NUMBERS;
    q->span = *span = malloc(q->spans * sizeof **span);
    for (size_t k = 0; k < q->spans && *span != NULL; k++) {
        (*span)[k].action = (uint32_t)gop_read_uint(r, actions - 1);
        (*span)[k].first = (size_t)gop_read_uint(r, q->frames - 1);
        (*span)[k].frames = (size_t)gop_read_uint(r, q->frames);
    }
    gop_error e = {GOP_OK, ""};
    if (*span == NULL && gop_fail(&e, GOP_ENOMEM, "out of memory for spans") != GOP_OK)
        gop_reader_refuse(r, &e);
}

static void read_sequence(gop_reader *r, zoo_dataset *data, uint64_t *end)
{
    char name[ZOO_SEQUENCE_NAME_SIZE], origin[ORIGINS][ZOO_SEQUENCE_NAME_SIZE];
    zoo_sequence q = {.name = name,
                      .subject = origin[0],
                      .camera = origin[1],
                      .setup = origin[2],
                      .repetition = origin[3],
                      .file = origin[4]};
    zoo_span *span = NULL;
    const size_t entries = gop_read_map(r);
    if (entries != SEQUENCE_ENTRIES && entries != SEQUENCE_ENTRIES + 1)
        gop_reader_fail(r, "a sequence must have %d or %d entries", SEQUENCE_ENTRIES,
                        SEQUENCE_ENTRIES + 1);
    gop_read_key(r, "name");
    gop_read_text(r, name, sizeof name);
    gop_read_key(r, "action");
    q.action = (uint32_t)gop_read_uint(r, data->domain.actions - 1);
    gop_read_key(r, "split");
    q.split = (zoo_split)gop_read_uint(r, ZOO_TEST);
    read_place(r, &q, data->domain.layout.columns, end, gop_data_size(data->kept->file));
    gop_read_key(r, "origin");
    if (gop_read_array(r) != ORIGINS)
        gop_reader_fail(r, "the origin of a sequence must have %d texts", ORIGINS);
    for (size_t k = 0; k < ORIGINS; k++)
        gop_read_text(r, origin[k], sizeof origin[k]);
    if (good(r) && entries > SEQUENCE_ENTRIES)
        read_spans(r, &q, &span, data->domain.actions);
    gop_error e;
    if (good(r) && zoo_dataset_add(data, &q, NULL, &e) != GOP_OK)
        gop_reader_refuse(r, &e);
    free(span);
}

/* Reads the index of a set whose file is set. */
static void read_index(gop_reader *r, zoo_dataset *data)
{
    uint64_t end = 0;
    if (gop_read_map(r) != ENTRIES)
        gop_reader_fail(r, "a data set must have three entries");
    gop_read_key(r, "domain");
    zoo_domain_read(r, &data->domain);
    gop_read_key(r, "source");
    gop_read_text(r, data->source, sizeof data->source);
    gop_read_key(r, "sequences");
    const size_t n = gop_read_array(r);
    for (size_t i = 0; i < n && good(r); i++)
        read_sequence(r, data, &end);
}

gop_status zoo_dataset_load(zoo_dataset **out, const char *path, gop_error *err)
{
    gop_reader *r;
    gop_data *file;
    if (out == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_load: the result pointer is NULL");
    *out = NULL;
    gop_try(zoo_file_open(&r, &file, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, err));
    zoo_dataset *data = calloc(1, sizeof *data);
    gop_status s = data != NULL ? zoo_frames_keep(data, err)
                                : gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
    if (s == GOP_OK) {
        data->kept->file = data->kept->own = file;
        file = NULL;
        read_index(r, data);
        s = gop_reader_status(r, err);
    }
    gop_reader_free(r);
    gop_data_free(file);
    if (s == GOP_OK)
        *out = data;
    else
        zoo_dataset_free(data);
    return s;
}
