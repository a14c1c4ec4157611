/*
 * checkpoint.c: parameters and an optimiser's state in a file (io/).
 *
 * Parameters: an array with a map for each tensor, in the order of the flat
 * vectors: name, trained, shape, data.  Optimiser: a map of kind, steps, size
 * and the moments.  Average: a map of size and average.  Reading reports failures to the reader; values read before a failure stay set.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "core/vector.h"
#include "io/reader.h"
#include "io/writer.h"
#include "net/params.h"
#include "train/ema.h"
#include "train/optimiser.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_SIZE = 512,
    FILE_REAL = 4, /* bytes of a real in a file */
    MOST_TENSORS = 65536
};

/* x - x is zero except for infinities and NaN. */
GOP_VECTOR static int count_odd(const gop_real *restrict v, size_t n, gop_real least)
{
    int odd = 0;

    for (size_t i = 0; i < n; i++)
        odd += !(v[i] - v[i] == 0) || v[i] < least;
    return odd;
}

/* Values that reading would refuse are not written, so that a readable file is not replaced. */
static void write_finite(gop_writer *w, const gop_real *v, size_t n, const char *what,
                         const char *name)
{
    if (count_odd(v, n, -INFINITY) > 0)
        gop_writer_fail(w, GOP_ENUMERIC, "%s%s holds a NaN or an infinity", what, name);
    gop_write_reals(w, v, n);
}

GOP_API void gop_write_params(gop_writer *w, const gop_params *params)
{
    const size_t n = gop_params_count(params);

    if (params == NULL)
        return;
    gop_write_array(w, n);
    for (size_t i = 0; i < n; i++) {
        const gop_param_info p = gop_params_info(params, i);
        gop_write_map(w, 4);
        gop_write_key(w, "name");
        gop_write_text(w, p.name);
        gop_write_key(w, "trained");
        gop_write_bool(w, p.trained);
        gop_write_key(w, "shape");
        gop_write_array(w, (size_t)p.shape.rank);
        for (int d = 0; d < p.shape.rank; d++)
            gop_write_uint(w, p.shape.dim[d]);
        gop_write_key(w, "data");
        write_finite(w, p.data, gop_shape_size(p.shape), "parameter ", p.name);
    }
}

static bool good(const gop_reader *r)
{
    return gop_reader_status(r, NULL) == GOP_OK;
}

static gop_shape read_shape(gop_reader *r)
{
    gop_shape shape = gop_shape0();
    const size_t rank = gop_read_array(r);

    if (rank > GOP_MAX_RANK) {
        gop_reader_fail(r, "a tensor has %zu axes, more than %d", rank, GOP_MAX_RANK);
        return shape;
    }
    shape.rank = (int)rank;
    for (size_t d = 0; d < rank; d++)
        shape.dim[d] = (size_t)gop_read_uint(r, SIZE_MAX);
    if (good(r) && gop_shape_size(shape) > gop_reader_left(r) / FILE_REAL)
        gop_reader_fail(r, "a tensor is larger than the rest of the file");
    return shape;
}

/* The fields of one tensor in a file, except its data. */
typedef struct header {
    char name[NAME_SIZE];
    bool trained;
    gop_shape shape;
} header;

static void read_header(gop_reader *r, header *h)
{
    const size_t pairs = gop_read_map(r);

    if (pairs != 4)
        gop_reader_fail(r, "a parameter has %zu fields, not 4", pairs);
    gop_read_key(r, "name");
    gop_read_text(r, h->name, sizeof h->name);
    gop_read_key(r, "trained");
    h->trained = gop_read_bool(r);
    gop_read_key(r, "shape");
    h->shape = read_shape(r);
    gop_read_key(r, "data");
}

/* The index of tensor i, added with `fill`; SIZE_MAX if it does not fit. */
static size_t place(gop_reader *r, gop_params *params, const header *h, size_t i, bool fill)
{
    char have[96], want[96];
    gop_error err = {GOP_OK, ""};
    gop_param_info p;
    size_t index = i;

    if (fill) {
        if (gop_params_find(params, h->name) != SIZE_MAX)
            gop_reader_fail(r, "parameter %s is listed twice", h->name);
        else if (gop_params_add(params, h->name, h->shape, NULL, h->trained, &index, &err) !=
                 GOP_OK)
            gop_reader_refuse(r, &err);
        return good(r) ? index : SIZE_MAX;
    }
    p = gop_params_info(params, i);
    if (strcmp(p.name, h->name) != 0)
        gop_reader_fail(r, "parameter %zu is %s, but the model has %s", i + 1, h->name, p.name);
    else if (p.trained != h->trained)
        gop_reader_fail(r, "parameter %s is %strained, unlike the model's", h->name,
                        h->trained ? "" : "not ");
    else if (!gop_shape_equal(p.shape, h->shape))
        gop_reader_fail(r, "parameter %s has shape %s, but the model has %s", h->name,
                        gop_shape_text(have, sizeof have, h->shape),
                        gop_shape_text(want, sizeof want, p.shape));
    return good(r) ? index : SIZE_MAX;
}

/* Whether all values are finite and at least `least`, or the reader has already failed. */
static bool sound_or_failed(const gop_reader *r, const gop_real *v, size_t n, gop_real least)
{
    enum { PART = 4096 };

    for (size_t i = 0; i < n && good(r); i += PART)
        if (count_odd(v + i, n - i < PART ? n - i : PART, least) > 0)
            return false;
    return true;
}

GOP_API void gop_read_params(gop_reader *r, gop_params *params)
{
    if (params == NULL)
        gop_reader_fail(r, "gop_read_params: params is NULL");
    const size_t have = gop_params_count(params), n = gop_read_array(r);

    gop_params_changed(params);
    if (have > 0 && n != have)
        gop_reader_fail(r, "the file has %zu parameters, but the model has %zu", n, have);
    if (n > MOST_TENSORS)
        gop_reader_fail(r, "the file can have at most %d parameters, not %zu", (int)MOST_TENSORS,
                        n);
    if (have == 0 && good(r))
        gop_params_expect(params, gop_reader_left(r) / FILE_REAL);
    for (size_t i = 0; i < n && good(r); i++) {
        header h;
        size_t index;
        read_header(r, &h);
        index = good(r) ? place(r, params, &h, i, have == 0) : SIZE_MAX;
        if (index != SIZE_MAX) {
            const gop_param_info p = gop_params_info(params, index);
            const size_t size = gop_shape_size(p.shape);
            gop_read_reals(r, p.data, size);
            if (!sound_or_failed(r, p.data, size, -INFINITY))
                gop_reader_fail(r, "parameter %s holds a NaN or an infinity", h.name);
        }
    }
}

/* The keys of moments in a file, and their names in sentences. */
static const char *const moment_key[GOP_MAX_MOMENTS] = {"first", "second"};
static const char *const moment_name[GOP_MAX_MOMENTS] = {"the optimiser's first moment",
                                                         "the optimiser's second moment"};

GOP_API void gop_write_optimiser(gop_writer *w, const gop_optimiser *opt)
{
    if (opt == NULL)
        return;
    gop_write_map(w, 3 + opt->algorithm->moments);
    gop_write_key(w, "kind");
    gop_write_text(w, opt->algorithm->name);
    gop_write_key(w, "steps");
    gop_write_uint(w, opt->steps);
    gop_write_key(w, "size");
    gop_write_uint(w, opt->size);
    for (size_t k = 0; k < opt->algorithm->moments; k++) {
        gop_write_key(w, moment_key[k]);
        write_finite(w, opt->moment[k], opt->size, moment_name[k], "");
    }
}

GOP_API void gop_read_optimiser(gop_reader *r, gop_optimiser *opt)
{
    if (opt == NULL) {
        gop_reader_fail(r, "gop_read_optimiser: the optimiser is NULL");
        return;
    }
    const gop_algorithm *a = opt->algorithm;
    const size_t pairs = gop_read_map(r);
    char kind[16];
    uint64_t steps, size;

    gop_read_key(r, "kind");
    gop_read_text(r, kind, sizeof kind);
    if (good(r) && strcmp(kind, a->name) != 0)
        gop_reader_fail(r, "the state belongs to the optimiser %s, not %s", kind, a->name);
    if (good(r) && pairs != 3 + a->moments)
        gop_reader_fail(r, "the state of the optimiser %s has %zu fields, not %zu", kind, pairs,
                        3 + a->moments);
    gop_read_key(r, "steps");
    steps = gop_read_uint(r, UINT64_MAX);
    gop_read_key(r, "size");
    size = gop_read_uint(r, UINT64_MAX);
    if (good(r) && size != opt->size)
        gop_reader_fail(r, "the optimiser's state is for %llu parameters, not %zu",
                        (unsigned long long)size, opt->size);
    for (size_t k = 0; good(r) && k < a->moments; k++) {
        gop_read_key(r, moment_key[k]);
        gop_read_reals(r, opt->moment[k], opt->size);
        if (!sound_or_failed(r, opt->moment[k], opt->size, a->least[k]))
            gop_reader_fail(r, "%s holds a NaN%s", moment_name[k],
                            a->least[k] < 0 ? " or an infinity"
                                            : ", an infinity or a number below zero");
    }
    if (good(r))
        opt->steps = steps;
}

GOP_API void gop_write_ema(gop_writer *w, const gop_ema *ema)
{
    if (ema == NULL)
        return;
    gop_write_map(w, 2);
    gop_write_key(w, "size");
    gop_write_uint(w, ema->size);
    gop_write_key(w, "average");
    write_finite(w, ema->average, ema->size, "the average of the parameters", "");
}

GOP_API void gop_read_ema(gop_reader *r, gop_ema *ema)
{
    if (ema == NULL)
        gop_reader_fail(r, "gop_read_ema: the average is NULL");
    const size_t pairs = gop_read_map(r);

    if (good(r) && pairs != 2)
        gop_reader_fail(r, "an average has %zu fields, not 2", pairs);
    gop_read_key(r, "size");
    const uint64_t size = gop_read_uint(r, UINT64_MAX);
    if (good(r) && size != ema->size)
        gop_reader_fail(r, "the average is of %llu parameters, not %zu", (unsigned long long)size,
                        ema->size);
    gop_read_key(r, "average");
    if (good(r)) {
        gop_read_reals(r, ema->average, ema->size);
        if (!sound_or_failed(r, ema->average, ema->size, -INFINITY))
            gop_reader_fail(r, "the average of the parameters holds a NaN or an infinity");
    }
}
