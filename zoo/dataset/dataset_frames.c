/*
 * dataset_frames.c: the frames of data sets, in memory or in a file that stays open, and the texts of their
 * sequences.  Reads files through gop_data.
 *
 * Frames are read by pread, not mapped: a file that shrinks then gives an error, not a signal, and
 * the page cache serves as the cache.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/dataset_frames.h"
#include "zoo/fingerprint.h"

/* Floats of a piece that is read at once, an even number for the hash. */
#define PIECE      16384
/* Bytes of texts that are allocated at once; more than the longest text. */
#define TEXT_BLOCK 16384

struct zoo_text_block {
    zoo_text_block *next;
    size_t used;
    char text[TEXT_BLOCK];
};

struct zoo_span_block {
    zoo_span_block *next;
    zoo_span span[];
};

/* ----------------------------------------------------------------------- texts */

gop_status zoo_frames_keep(zoo_dataset *data, gop_error *err)
{
    if (data->kept == NULL)
        data->kept = calloc(1, sizeof *data->kept);
    return data->kept != NULL ? GOP_OK : gop_fail(err, GOP_ENOMEM, "out of memory for a data set");
}

void zoo_frames_free(zoo_frames *kept)
{
    if (kept == NULL)
        return;
    while (kept->texts != NULL) {
        zoo_text_block *next = kept->texts->next;
        free(kept->texts);
        kept->texts = next;
    }
    while (kept->spans != NULL) {
        zoo_span_block *next = kept->spans->next;
        free(kept->spans);
        kept->spans = next;
    }
    gop_data_free(kept->own);
    free(kept->checked);
    free(kept);
}

const char *zoo_frames_text(zoo_frames *kept, size_t k, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return "";
    if (kept->last[k] != NULL && strcmp(kept->last[k], text) == 0)
        return kept->last[k];
    const size_t n = strnlen(text, ZOO_SEQUENCE_NAME_SIZE - 1);
    if (kept->texts == NULL || TEXT_BLOCK - kept->texts->used <= n) {
        zoo_text_block *block = malloc(sizeof *block);
        if (block == NULL)
            return NULL;
        block->next = kept->texts;
        block->used = 0;
        kept->texts = block;
    }
    char *copy = kept->texts->text + kept->texts->used;
    memcpy(copy, text, n);
    copy[n] = '\0';
    kept->texts->used += n + 1;
    return kept->last[k] = copy;
}

const zoo_span *zoo_frames_spans(zoo_frames *kept, const zoo_span *span, size_t n)
{
    zoo_span_block *block = n > 0 ? malloc(sizeof *block + n * sizeof *span) : NULL;
    if (block == NULL)
        return NULL;
    memcpy(block->span, span, n * sizeof *span);
    block->next = kept->spans;
    kept->spans = block;
    return block->span;
}

/* ---------------------------------------------------------------------- checks */

bool zoo_frames_room(zoo_frames *kept, size_t n)
{
    if (n <= kept->room)
        return true;
    atomic_uchar *grown = realloc(kept->checked, n * sizeof *grown);
    if (grown == NULL)
        return false;
    for (size_t i = kept->room; i < n; i++)
        atomic_init(&grown[i], 0);
    kept->checked = grown;
    kept->room = n;
    return true;
}

void zoo_frames_trust(zoo_dataset *data, size_t i)
{
    atomic_store_explicit(&data->kept->checked[i], 1, memory_order_relaxed);
}

size_t zoo_sequence_size(const zoo_dataset *data, size_t i)
{
    const zoo_sequence *q = &data->sequence[i];
    return q->bodies * q->frames * data->domain.layout.columns;
}

uint64_t zoo_sequence_sum(const zoo_dataset *data, size_t i)
{
    const zoo_sequence *q = &data->sequence[i];
    return q->data == NULL ? q->sum
                           : zoo_hash_floats(GOP_HASH_START, q->data, zoo_sequence_size(data, i));
}

/* Refuses values that no set has; `at` is the index of the first of them. */
static gop_status check_values(const zoo_dataset *data, size_t i, const float *v, size_t at,
                               size_t n, gop_error *err)
{
    const zoo_sequence *q = &data->sequence[i];
    for (size_t k = 0; k < n; k++)
        if (!isfinite(v[k]) && !(isnan(v[k]) && data->domain.missing))
            return gop_fail(err, GOP_EFORMAT,
                            "%s: frame %zu of sequence %s holds a NaN or an infinity",
                            gop_data_path(data->kept->file),
                            (at + k) / data->domain.layout.columns % q->frames, q->name);
    return GOP_OK;
}

/* Reads the whole sequence in pieces and compares its checksum. */
static gop_status check(const zoo_dataset *data, size_t i, gop_error *err)
{
    const zoo_sequence *q = &data->sequence[i];
    const size_t size = zoo_sequence_size(data, i);
    float *piece = malloc((size < PIECE ? size : PIECE) * sizeof *piece);
    uint64_t sum = GOP_HASH_START;
    gop_status s = GOP_OK;
    if (piece == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", q->name);
    for (size_t at = 0; at < size && s == GOP_OK; at += PIECE) {
        const size_t n = size - at < PIECE ? size - at : PIECE;
        s = gop_data_read(data->kept->file, piece, q->at + at * sizeof *piece, n, err);
        if (s == GOP_OK) {
            sum = zoo_hash_floats(sum, piece, n);
            s = check_values(data, i, piece, at, n, err);
        }
    }
    free(piece);
    if (s == GOP_OK && sum != q->sum)
        s = gop_fail(err, GOP_EFORMAT, "%s: sequence %s is damaged: the checksum does not match",
                     gop_data_path(data->kept->file), q->name);
    if (s == GOP_OK)
        atomic_store_explicit(&data->kept->checked[i], 1, memory_order_relaxed);
    return s;
}

gop_status zoo_dataset_read(float *frames, const zoo_dataset *data, size_t sequence, size_t body,
                            size_t first, size_t n, gop_error *err)
{
    if (data == NULL || (frames == NULL && n > 0))
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_read: an argument is NULL");
    if (sequence >= data->sequences)
        return gop_fail(err, GOP_EINVAL, "zoo_dataset_read: sequence %zu of %zu", sequence,
                        data->sequences);
    const zoo_sequence *q = &data->sequence[sequence];
    if (body >= q->bodies || first > q->frames || n > q->frames - first)
        return gop_fail(
            err, GOP_EINVAL,
            "zoo_dataset_read: frames %zu to %zu of body %zu; sequence %s has %zu frames"
            " of %u bodies",
            first, first + n, body, q->name, q->frames, (unsigned)q->bodies);
    const size_t columns = data->domain.layout.columns, at = (body * q->frames + first) * columns;
    if (q->data != NULL) {
        memcpy(frames, q->data + at, n * columns * sizeof *frames);
        return GOP_OK;
    }
    if (data->kept == NULL || data->kept->file == NULL)
        return gop_fail(err, GOP_ESTATE, "the frames of sequence %s are not in memory", q->name);
    if (atomic_load_explicit(&data->kept->checked[sequence], memory_order_relaxed) == 0)
        gop_try(check(data, sequence, err));
    return gop_data_read(data->kept->file, frames, q->at + at * sizeof *frames, n * columns, err);
}

/* ---------------------------------------------------------------------- pieces */

gop_status zoo_pieces_open(zoo_pieces *p, const zoo_dataset *data, gop_error *err)
{
    const size_t columns = data->domain.layout.columns;
    /* An even number of frames, so that the pieces' hash is that of the whole. */
    *p = (zoo_pieces){.data = data, .room = 2 * (columns < PIECE / 4 ? PIECE / columns / 2 : 1)};
    p->frames = malloc(p->room * columns * sizeof *p->frames);
    return p->frames != NULL ? GOP_OK : gop_fail(err, GOP_ENOMEM, "out of memory for frames");
}

void zoo_pieces_begin(zoo_pieces *p, size_t sequence)
{
    p->sequence = sequence;
    p->body = p->first = p->n = 0;
}

gop_status zoo_pieces_next(zoo_pieces *p, gop_error *err)
{
    const zoo_sequence *q = &p->data->sequence[p->sequence];
    p->first += p->n;
    if (p->first == q->frames) {
        p->first = 0;
        p->body++;
    }
    p->n = 0;
    if (p->body >= q->bodies)
        return GOP_OK;
    const size_t left = q->frames - p->first, n = left < p->room ? left : p->room;
    gop_try(zoo_dataset_read(p->frames, p->data, p->sequence, p->body, p->first, n, err));
    p->n = n;
    return GOP_OK;
}

void zoo_pieces_close(zoo_pieces *p)
{
    free(p->frames);
    p->frames = NULL;
}
