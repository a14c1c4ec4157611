/*
 * test_set_file.c: files of data sets that are read in place: damage, lies, shrinking, sets larger
 * than memory.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/sampler.h"
#include "zoo/dataset/store/store.h"

enum { COLUMNS = 15, SEQUENCES = 5 };

static const size_t length[SEQUENCES] = {40, 7, 2000, 12, 30};
static const uint32_t bodies[SEQUENCES] = {1, 2, 1, 3, 8};

/* The value of a column says where it comes from. */
static float value(size_t i, size_t body, size_t frame, size_t column)
{
    return (float)(i * 10 + body) + (float)frame * 0.125f + (float)column / 64;
}

/* A set in memory; sequence i has bodies[i] bodies. */
static zoo_dataset *made(void)
{
    static const char *const action[] = {"a", "b"};
    static const char *const name[] = {"one", "two", "three", "four", "five"};
    zoo_domain domain;
    zoo_dataset *data;
    gop_error err;
    ck_assert_int_eq(
        zoo_domain_create(&domain, "tiny", zoo_layout_find("tiny5"), 50, 2, action, 2, NULL),
        GOP_OK);
    ck_assert_msg(zoo_dataset_new(&data, &domain, &err) == GOP_OK, "%s", err.message);
    zoo_domain_clear(&domain);
    snprintf(data->source, sizeof data->source, "made up");
    for (size_t i = 0; i < SEQUENCES; i++) {
        const zoo_sequence q = {.name = name[i],
                                .subject = i < 3 ? "P001" : "P002",
                                .camera = i == 1 ? NULL : "C\xc3\xa4",
                                .file = "walk.txt",
                                .action = i % 2,
                                .split = i == 1 ? ZOO_TEST : ZOO_TRAIN,
                                .frames = length[i],
                                .bodies = bodies[i]};
        float *v = malloc(bodies[i] * length[i] * COLUMNS * sizeof *v), *to = v;
        ck_assert_ptr_nonnull(v);
        for (size_t b = 0; b < bodies[i]; b++)
            for (size_t t = 0; t < length[i]; t++)
                for (size_t c = 0; c < COLUMNS; c++)
                    *to++ = value(i, b, t, c);
        ck_assert_msg(zoo_dataset_add(data, &q, v, &err) == GOP_OK, "%s", err.message);
    }
    ck_assert_int_eq(zoo_domain_measure(data, NULL), GOP_OK);
    return data;
}

/* The set in a file; *place gets where the file has the frames of sequence i. */
static zoo_dataset *opened(size_t i, long *place)
{
    zoo_dataset *data = made(), *file;
    gop_error err;
    ck_assert_msg(zoo_dataset_save(data, scratch_path("a.gds"), &err) == GOP_OK, "%s", err.message);
    zoo_dataset_free(data);
    ck_assert_msg(zoo_dataset_load(&file, scratch_path("a.gds"), &err) == GOP_OK, "%s",
                  err.message);
    if (place != NULL)
        *place = 64 + (long)file->sequence[i].at;
    return file;
}

START_TEST(memory_and_file_give_the_same_frames)
{
    zoo_dataset *memory = made(), *file = opened(0, NULL);
    gop_error err = {GOP_OK, ""};
    float a[9 * COLUMNS], b[9 * COLUMNS];
    for (size_t i = SEQUENCES; i-- > 0;) {
        const zoo_sequence *q = &file->sequence[i], *p = &memory->sequence[i];
        ck_assert_ptr_null(q->data);
        ck_assert_uint_eq(q->at % 64, 0);
        ck_assert_uint_eq(q->bodies, bodies[i]);
        ck_assert_str_eq(q->name, p->name);
        ck_assert_str_eq(q->subject, i < 3 ? "P001" : "P002");
        ck_assert_str_eq(q->camera, i == 1 ? "" : "C\xc3\xa4");
        ck_assert_str_eq(q->setup, "");
        ck_assert_str_eq(q->file, "walk.txt");
        for (size_t body = 0; body < bodies[i]; body++)
            for (size_t first = 0; first < length[i]; first += 9) {
                const size_t n = length[i] - first < 9 ? length[i] - first : 9;
                ck_assert_int_eq(zoo_dataset_read(a, memory, i, body, first, n, &err), GOP_OK);
                ck_assert_int_eq(zoo_dataset_read(b, file, i, body, first, n, &err), GOP_OK);
                ck_assert_mem_eq(a, b, n * COLUMNS * sizeof *a);
                ck_assert(a[COLUMNS * n - 1] == value(i, body, first + n - 1, COLUMNS - 1));
            }
    }
    ck_assert_int_eq(zoo_dataset_read(a, file, 0, 0, 40, 0, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_read(a, file, 0, 0, 40, 1, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_dataset_read(a, file, 0, 0, 41, 0, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_dataset_read(a, file, 0, 1, 0, 1, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_dataset_read(a, file, SEQUENCES, 0, 0, 1, &err), GOP_EINVAL);
    /* A copy of the file has its bytes. */
    size_t n, m;
    ck_assert_int_eq(zoo_dataset_save(file, scratch_path("b.gds"), &err), GOP_OK);
    unsigned char *x = scratch_read(scratch_path("a.gds"), &n);
    unsigned char *y = scratch_read(scratch_path("b.gds"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(x, y, n);
    free(x);
    free(y);
    zoo_dataset_free(memory);
    zoo_dataset_free(file);
}
END_TEST

START_TEST(frames_are_little_endian)
{
    long place;
    size_t n;
    zoo_dataset *data = opened(2, &place);
    unsigned char *bytes = scratch_read(scratch_path("a.gds"), &n);
    const float want = value(2, 0, 3, 4);
    uint32_t bits = 0;
    float found;
    for (int k = 3; k >= 0; k--)
        bits = bits << 8 | bytes[(size_t)place + (3 * COLUMNS + 4) * 4 + (size_t)k];
    memcpy(&found, &bits, sizeof found);
    ck_assert(found == want);
    free(bytes);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_damaged_sequence_is_named_when_it_is_used)
{
    long place;
    zoo_dataset *data = opened(3, &place);
    gop_error err = {GOP_OK, ""};
    float v[COLUMNS];
    FILE *f = fopen(scratch_path("a.gds"), "r+b");
    ck_assert(f != NULL && fseek(f, place + 4 * 100, SEEK_SET) == 0);
    fputc(0x55, f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(zoo_dataset_read(v, data, 2, 0, 0, 1, &err), GOP_OK);
    for (int twice = 0; twice < 2; twice++) { /* frame 0 is whole, but the sequence is not */
        ck_assert_int_eq(recorded(zoo_dataset_read(v, data, 3, 0, 0, 1, &err), &err), GOP_EFORMAT);
        ck_assert_msg(strstr(err.message, "a.gds: sequence four is damaged") != NULL, "%s",
                      err.message);
    }
    zoo_sampler *s;
    gop_real x[4 * COLUMNS];
    ck_assert_int_eq(zoo_sampler_new(&s, data, &(zoo_windows){.observed = 4, .seed = 1}, &err),
                     GOP_OK);
    gop_status status = GOP_OK;
    for (int k = 0; k < 100 && status == GOP_OK; k++)
        status = zoo_sampler_next(s, 1, &(zoo_batch){.x = x}, &err);
    ck_assert_int_eq(status, GOP_EFORMAT);
    zoo_sampler_free(s);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_file_that_shrinks_is_an_error)
{
    long place;
    zoo_dataset *data = opened(4, &place);
    gop_error err = {GOP_OK, ""};
    float v[COLUMNS];
    ck_assert_int_eq(zoo_dataset_read(v, data, 4, 7, 29, 1, &err), GOP_OK);
    ck_assert_int_eq(truncate(scratch_path("a.gds"), place), 0);
    ck_assert_int_eq(zoo_dataset_read(v, data, 0, 0, 0, 1, &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_dataset_read(v, data, 4, 7, 29, 1, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "a.gds: ends too early") != NULL, "%s", err.message);
    zoo_dataset_free(data);
    ck_assert_int_eq(recorded(zoo_dataset_load(&data, scratch_path("a.gds"), &err), &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "truncated") != NULL, "%s", err.message);
}
END_TEST

/* Files that graphop does not write, with correct checksums. */
START_TEST(places_that_lie_are_refused)
{
    static const struct {
        size_t sequence;
        uint64_t at, frames;
        uint32_t bodies;
        const char *words;
    } lie[] = {{1, 4, 7, 2, "of sequence two are not in"},
               {1, 0, 7, 2, "of sequence two are not in"}, /* on those of the first */
               {4, UINT64_C(1) << 40, 30, 8, "a number from 0 to"},
               {4, 0, 0, 8, "sequence five has no frames"},
               {4, 0, 30, 0, "sequence five has no frames"},
               {4, 0, 30, 9, "a number from 0 to 8"},
               {0, 0, UINT64_C(1) << 60, 1, "a number from 0 to"},
               {4, UINT64_MAX, 100, 8, "are not in the file's data"}};
    zoo_dataset *data = opened(0, NULL), *none;
    gop_error err = {GOP_OK, ""};
    gop_writer *w;
    float v[64] = {0};
    zoo_sequence *q = &data->sequence[lie[_i].sequence];
    const uint64_t size = gop_data_size(NULL) + data->sequence[4].at + 4 * COLUMNS * 30 * 8;
    q->at = lie[_i].at == UINT64_MAX ? q->at : lie[_i].at;
    q->frames = lie[_i].frames;
    q->bodies = lie[_i].bodies;
    ck_assert_int_eq(
        gop_writer_open_data(&w, scratch_path("lie"), ZOO_DATASET_KIND, ZOO_DATASET_VERSION, &err),
        GOP_OK);
    for (uint64_t n = 0; n < size; n += sizeof v)
        gop_write_data(w, v, 64);
    zoo_set_write_index(w, data);
    ck_assert_msg(gop_writer_commit(w, &err) == GOP_OK, "%s", err.message);
    ck_assert_int_eq(recorded(zoo_dataset_load(&none, scratch_path("lie"), &err), &err),
                     GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, lie[_i].words) != NULL, "%s", err.message);
    zoo_dataset_free(data);
}
END_TEST

/* -------------------------------------------------------------- larger than memory */

enum { BIG = 16, BIG_FRAMES = 60000 }; /* 57.6 MB */

/* Draws windows from the big set and returns their hash; 0 after a failure. */
static uint64_t draw(void)
{
    zoo_dataset *data;
    zoo_sampler *s;
    gop_error err;
    gop_real x[32 * COLUMNS * 10];
    uint64_t h = GOP_HASH_START;
    if (zoo_dataset_load(&data, scratch_path("big.gds"), &err) != GOP_OK)
        return 0;
    gop_status status = zoo_sampler_new(&s, data, &(zoo_windows){.observed = 10, .seed = 4}, &err);
    for (int k = 0; k < 20 && status == GOP_OK; k++) {
        status = zoo_sampler_next(s, 32, &(zoo_batch){.x = x}, &err);
        h = gop_hash(h, x, sizeof x);
    }
    zoo_sampler_free(s);
    zoo_dataset_free(data);
    return status == GOP_OK ? h : 0;
}

static size_t pages_in_use(void)
{
    size_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL || fscanf(f, "%zu", &pages) != 1)
        pages = 0;
    if (f != NULL)
        fclose(f);
    return pages;
}

/* A third of the set's size may be allocated; both making the set and drawing from it succeed. */
START_TEST(a_set_larger_than_memory_is_made_and_drawn_from)
{
    static const char *const action[] = {"a"};
    const size_t pages = pages_in_use();
    uint64_t plain = 0, limited = 0;
    int ends[2];
    if (pages == 0 || pages > (size_t)1 << 30) /* a sanitizer's shadow */
        return;
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        const rlim_t room = pages * (rlim_t)sysconf(_SC_PAGESIZE) +
                            BIG * BIG_FRAMES * COLUMNS * 4 / 3;
        zoo_store store;
        gop_error err;
        uint64_t h = 0;
        gop_status s = setrlimit(RLIMIT_AS, &(struct rlimit){room, room}) == 0 ? GOP_OK
                                                                               : GOP_EINVAL;
        if (s == GOP_OK)
            s = zoo_store_open(&store, NULL, scratch_path("big.gds"), &err);
        if (s == GOP_OK)
            s = zoo_domain_create(&store.data->domain, "big", zoo_layout_find("tiny5"), 50, 1,
                                  action, 1, &err);
        for (size_t i = 0; i < BIG && s == GOP_OK; i++) {
            char name[8];
            float *v = malloc(BIG_FRAMES * COLUMNS * sizeof *v);
            for (size_t k = 0; v != NULL && k < BIG_FRAMES * COLUMNS; k++)
                v[k] = (float)(k * (i + 7) % 1013);
            snprintf(name, sizeof name, "%zu", i);
            s = v == NULL
                    ? GOP_ENOMEM
                    : zoo_store_add(&store, &(zoo_sequence){.name = name, .frames = BIG_FRAMES}, v,
                                    &err);
        }
        if (s == GOP_OK)
            s = zoo_store_finish(&store, &err);
        zoo_store_close(&store, NULL);
        h = s == GOP_OK ? draw() : 0;
        _exit(write(ends[1], &h, sizeof h) == sizeof h ? 0 : 1);
    }
    int state;
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_int_eq(state, 0);
    ck_assert_int_eq(read(ends[0], &limited, sizeof limited), sizeof limited);
    close(ends[0]);
    close(ends[1]);
    plain = draw();
    ck_assert(plain != 0);
    ck_assert_uint_eq(plain, limited);
}
END_TEST

TEST_MAIN("set_file")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, memory_and_file_give_the_same_frames);
    tcase_add_test(t, frames_are_little_endian);
    tcase_add_test(t, a_damaged_sequence_is_named_when_it_is_used);
    tcase_add_test(t, a_file_that_shrinks_is_an_error);
    tcase_add_loop_test(t, places_that_lie_are_refused, 0, 8);
    tcase_add_test(t, a_set_larger_than_memory_is_made_and_drawn_from);
}
