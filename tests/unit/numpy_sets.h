/*
 * numpy_sets.h: what the data sets of tests/numpy/make-sets have.  Static inline only.
 */
#ifndef TESTS_UNIT_NUMPY_SETS_H
#define TESTS_UNIT_NUMPY_SETS_H

#include "prepare_run.h"

/* A pickled array of bytes, in protocol 0. */
#define ARRAY(shape, bytes)                                                             \
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n" shape \
    "cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'" bytes "'\ntb"

/* A file of tests/numpy; the last two results stay valid. */
static inline const char *numpy_set(const char *name)
{
    static char path[2][SCRATCH_PATH];
    static int next;
    const char *top = getenv("top_srcdir");
    next = !next;
    snprintf(path[next], SCRATCH_PATH, "%s/tests/numpy/%s", top != NULL ? top : ".", name);
    return path[next];
}

static inline float set_value(size_t clip, size_t body, size_t frame, size_t node, size_t channel)
{
    return (float)(1 + (clip * 7 + body * 5 + frame * 3 + node * 2 + channel) % 100);
}

/* Sequence `sequence` has the values of clip `clip`, in channels that are divided by `unit`. */
static inline void expect_clip(const zoo_dataset *data, size_t sequence, size_t clip,
                               const double *unit, size_t channels)
{
    const zoo_sequence *q = &data->sequence[sequence];
    const zoo_layout *layout = &data->domain.layout;
    float v[128];
    gop_error err = {GOP_OK, ""};
    ck_assert_uint_eq(q->frames, 4 + clip % 3);
    ck_assert_uint_eq(q->bodies, 1 + clip % 2);
    ck_assert_uint_le(layout->columns, COUNT(v));
    for (size_t b = 0; b < q->bodies; b++)
        for (size_t t = 0; t < q->frames; t++) {
            ck_assert_msg(zoo_dataset_read(v, data, sequence, b, t, 1, &err) == GOP_OK, "%s",
                          err.message);
            for (size_t m = 0; m < layout->nodes; m++)
                for (size_t k = 0; k < channels; k++) {
                    const float got = v[layout->column[m * layout->channels + k]];
                    const bool absent = clip == 2 && t == 1;
                    const double want = (double)set_value(clip, b, t, m, k) / unit[k];
                    ck_assert_msg(absent ? isnan(got) : got == (float)want,
                                  "clip %zu, body %zu, frame %zu, node %zu: %g, not %g", clip, b, t,
                                  m, (double)got, want);
                }
        }
}

static inline size_t find_sequence(const zoo_dataset *data, const char *name)
{
    for (size_t i = 0; i < data->sequences; i++)
        if (strcmp(data->sequence[i].name, name) == 0)
            return i;
    ck_abort_msg("no sequence %s", name);
    return 0;
}

#endif
