/*
 * weights.c: opens a file of tensors by its content, finds tensors and reads their numbers.  Touches
 * files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "zoo/weights/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE     4096                /* elements that are read at once */
#define MOST_SPAN ((uint64_t)1 << 28) /* elements among which those of a view lie */
#define TAR_MARK  257                 /* where a tar archive has the word "ustar" */

/* --------------------------------------------------------------------- opening */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const zoo_place *)a)->is.name, ((const zoo_place *)b)->is.name);
}

/* Sorts the tensors by their names, which must differ. */
static gop_status sort(zoo_weights *w, const char *path, gop_error *err)
{
    static const char wrapper[] = "module."; /* of a network that was trained on several devices */
    const size_t n = sizeof wrapper - 1;
    bool all = w->count > 0;
    for (size_t i = 0; i < w->count && all; i++)
        all = strncmp(w->place[i].name, wrapper, n) == 0 && w->place[i].name[n] != '\0';
    for (size_t i = 0; i < w->count && all; i++)
        w->place[i].is.name += n;
    if (w->count > 0)
        qsort(w->place, w->count, sizeof *w->place, by_name);
    for (size_t i = 1; i < w->count; i++)
        if (strcmp(w->place[i - 1].is.name, w->place[i].is.name) == 0)
            return gop_fail(err, GOP_EFORMAT, "%s has two tensors %s", path, w->place[i].is.name);
    return w->count > 0 ? GOP_OK : gop_fail(err, GOP_EFORMAT, "%s has no tensors", path);
}

/* What PyTorch wrote before version 1.6: a pickle of its mark, or a tar archive. */
static bool is_old(const unsigned char *head, size_t n)
{
    static const char mark[] = "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.";
    return (n >= sizeof mark - 1 && memcmp(head, mark, sizeof mark - 1) == 0) ||
           (n >= TAR_MARK + 5 && memcmp(head + TAR_MARK, "ustar", 5) == 0);
}

static gop_status open_archive(zoo_weights *w, const char *path, gop_error *err)
{
    zoo_blob_close(w->file);
    w->file = NULL;
    gop_try(zoo_zip_open(&w->zip, path, err));
    for (size_t i = 0; i < zoo_zip_members(w->zip); i++) {
        const char *name = zoo_zip_name(w->zip, i);
        const size_t n = strlen(name);
        if (n >= 8 && strcmp(name + n - 8, "data.pkl") == 0)
            return zoo_weights_torch(w, path, err);
    }
    return zoo_weights_arrays(w, path, err);
}

static gop_status open_file(zoo_weights *w, const char *path, gop_error *err)
{
    unsigned char head[TAR_MARK + 5] = {0};
    gop_try(zoo_blob_open(&w->file, path, err));
    const size_t n = w->file->size < sizeof head ? (size_t)w->file->size : sizeof head;
    gop_try(zoo_blob_read(w->file, head, 0, n, err));
    if (n >= 4 && memcmp(head, "PK", 2) == 0)
        return open_archive(w, path, err);
    if (is_old(head, n))
        return gop_fail(err, GOP_EFORMAT,
                        "%s is a file of PyTorch before 1.6, which is not read; "
                        "torch.save(torch.load('%s', weights_only=True), 'NEW.pth') of a present "
                        "PyTorch converts it",
                        path, path);
    if (n >= 9 && head[8] == '{')
        return zoo_weights_safetensors(w, err);
    return gop_fail(err, GOP_EFORMAT,
                    "%s is no file of weights: an archive of PyTorch (.pth, .pt), .safetensors or "
                    ".npz",
                    path);
}

gop_status zoo_weights_open(zoo_weights **result, const char *path, gop_error *err)
{
    *result = NULL;
    zoo_weights *w = calloc(1, sizeof *w);
    if (w == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
    gop_status s = open_file(w, path, err);
    if (s == GOP_OK)
        s = sort(w, path, err);
    if (s == GOP_OK)
        *result = w;
    else
        zoo_weights_close(w);
    return s;
}

void zoo_weights_close(zoo_weights *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->count; i++)
        free(w->place[i].name);
    free(w->place);
    zoo_blob_close(w->file);
    zoo_zip_close(w->zip);
    free(w);
}

/* -------------------------------------------------------------------- questions */

const char *zoo_weights_format(const zoo_weights *w)
{
    return w->format;
}

const char *zoo_weights_part(const zoo_weights *w)
{
    return w->part;
}

size_t zoo_weights_count(const zoo_weights *w)
{
    return w->count;
}

const zoo_weight *zoo_weights_at(const zoo_weights *w, size_t i)
{
    return i < w->count ? &w->place[i].is : NULL;
}

size_t zoo_weights_find(const zoo_weights *w, const char *name)
{
    const zoo_place key = {.is = {.name = name}};
    const zoo_place *p = bsearch(&key, w->place, w->count, sizeof *w->place, by_name);
    return p == NULL ? SIZE_MAX : (size_t)(p - w->place);
}

/* ---------------------------------------------------------------------- numbers */

/* Reads n elements from `begin` on, as they lie. */
static gop_status read_run(gop_real *out, zoo_blob *blob, const zoo_place *p, uint64_t n,
                           gop_error *err)
{
    float piece[PIECE];
    zoo_array a = {
        .blob = blob, .at = p->begin, .kind = p->kind, .width = p->width, .swapped = p->swapped};
    gop_try(zoo_array_shape(&a, &n, 1, n * p->width, p->is.name, err));
    gop_status s = GOP_OK;
    for (uint64_t done = 0; done < n && s == GOP_OK; done += PIECE) {
        const size_t k = n - done < PIECE ? (size_t)(n - done) : PIECE;
        s = zoo_array_floats(piece, &a, done, k, err);
        for (size_t i = 0; i < k && s == GOP_OK; i++)
            out[done + i] = piece[i];
    }
    zoo_array_clear(&a);
    return s;
}

/* Takes the elements of a view out of those among which they lie. */
static void gather(gop_real *out, const gop_real *from, const zoo_place *p)
{
    uint64_t place[ZOO_WEIGHT_RANK] = {0}, at = 0;
    for (uint64_t i = 0; i < p->is.elements; i++) {
        out[i] = from[at];
        for (size_t k = p->is.rank; k-- > 0;) {
            at += p->stride[k];
            if (++place[k] < p->is.shape[k])
                break;
            at -= p->is.shape[k] * p->stride[k];
            place[k] = 0;
        }
    }
}

static bool is_packed(const zoo_place *p)
{
    uint64_t step = 1;
    for (size_t i = p->is.rank; i-- > 0;) {
        if (p->is.shape[i] > 1 && p->stride[i] != step)
            return false;
        step *= p->is.shape[i];
    }
    return true;
}

static gop_status read_view(gop_real *out, zoo_blob *blob, const zoo_place *p, gop_error *err)
{
    uint64_t span = 0;
    if (is_packed(p))
        return read_run(out, blob, p, p->is.elements, err);
    (void)zoo_place_spans(&span, p); /* counted before */
    if (span > MOST_SPAN)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: tensor %s lies among %llu elements, which are too many", blob->name,
                        p->is.name, (unsigned long long)span);
    gop_real *all = malloc((size_t)span * sizeof *all);
    if (all == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", blob->name);
    const gop_status s = read_run(all, blob, p, span, err);
    if (s == GOP_OK)
        gather(out, all, p);
    free(all);
    return s;
}

gop_status zoo_weights_read(gop_real *out, zoo_weights *w, size_t i, gop_error *err)
{
    const zoo_place *p = &w->place[i];
    zoo_blob *blob = w->file;
    if (p->is.elements == 0)
        return GOP_OK;
    if (w->zip != NULL)
        gop_try(zoo_zip_open_member(&blob, w->zip, p->member, err));
    const gop_status s = read_view(out, blob, p, err);
    if (w->zip != NULL)
        zoo_blob_close(blob);
    return s;
}
