/*
 * trainer_fixture.h: shared by tests of training: a procedural data set, a tiny network, short
 * runs, comparison of files.
 */
#ifndef TRAINER_FIXTURE_H
#define TRAINER_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "zoo/zoo.h"

#define CHECK(call) ck_assert_msg(recorded((call), &err) == GOP_OK, "%s: %s", #call, err.message)

static gop_error err;
static zoo_dataset *data;

static inline void setup(void)
{
    zoo_report report = {0};
    memset(&err, 0, sizeof err);
    CHECK(zoo_synth(&data, &report, 7, &err));
    zoo_report_clear(&report);
}

static inline void teardown(void)
{
    zoo_dataset_free(data);
    data = NULL;
}

/* A network with every part of the light one, at a fraction of the size. */
static inline zoo_model *tiny_model(uint64_t seed)
{
    static const char *const set[][2] = {
        {"observed", "16"},     {"predicted", "3"}, {"widths", "4,6,8,8"},
        {"kernels", "5,5,3,3"}, {"hidden", "8"},    {"agim_dim", "6"},
    };
    zoo_model *m;
    CHECK(
        zoo_model_new(&m, zoo_model_type_find(NULL, "symgnn"), "small", &data->domain, seed, &err));
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        CHECK(zoo_model_set(m, set[i][0], set[i][1], &err));
    return m;
}

static inline zoo_training short_run(gop_mgda_mode mode)
{
    zoo_training t = zoo_training_default();
    t.steps = 6;
    t.batch = 5;
    t.warmup = 2;
    t.lambda.choice = mode;
    return t;
}

static inline void train_to(zoo_trainer *t, uint64_t steps)
{
    while (zoo_trainer_steps(t) < steps)
        CHECK(zoo_trainer_step(t, NULL, &err));
}

static inline unsigned char *slurp(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "%s is missing", path);
    ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
    long n = ftell(f);
    ck_assert_int_gt(n, 0);
    rewind(f);
    unsigned char *bytes = malloc((size_t)n);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)n, f), (size_t)n);
    fclose(f);
    *size = (size_t)n;
    return bytes;
}

/* CRC-32 bit by bit, as defined in graphop-files(5). */
static inline void put_sum(unsigned char *to, const unsigned char *bytes, size_t n)
{
    uint32_t sum = 0xffffffffu;
    for (size_t i = 0; i < 8 * n; i++) {
        if (i % 8 == 0)
            sum ^= bytes[i / 8];
        sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
    }
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(~sum >> 8 * i);
}

/* Corrects the sums of a file of n bytes whose payload was changed. */
static inline void put_sums(unsigned char *bytes, size_t n)
{
    put_sum(bytes + 24, bytes + 32, n - 32);
    put_sum(bytes + 28, bytes, 28);
}

static inline void spill(const char *path, const unsigned char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    ck_assert(f != NULL && fwrite(bytes, 1, n, f) == n && fclose(f) == 0);
}

static inline void assert_same_file(const char *a, const char *b)
{
    size_t na, nb;
    unsigned char *pa = slurp(a, &na), *pb = slurp(b, &nb);
    ck_assert_uint_eq(na, nb);
    for (size_t i = 0; i < na; i++)
        ck_assert_msg(pa[i] == pb[i], "%s and %s differ from byte %zu of %zu on", a, b, i, na);
    free(pa);
    free(pb);
}

#endif
