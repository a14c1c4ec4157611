/*
 * test_io.c: files of MessagePack: written values read back; altered files are refused; a failed
 * write leaves the target unchanged.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "graphop.h"

#include <signal.h>
#include <sys/resource.h>

#include "io/crc32.h"
#include "io/format.h"
#include "io/reader.h"
#include "io/writer.h"
#include "scratch.h"

/* --------------------------------------------------------------- what is kept */

START_TEST(checksum_is_the_standard_one)
{
    gop_crc32 crc;
    gop_crc32_init(&crc);
    ck_assert_uint_eq(gop_crc32_add(&crc, 0, "123456789", 9), 0xCBF43926u);
    const char text[] = "a text that is longer than two times eight bytes";
    uint32_t whole = gop_crc32_add(&crc, 0, text, sizeof text);
    for (size_t k = 0; k <= sizeof text; k++) {
        uint32_t sum = gop_crc32_add(&crc, 0, text, k);
        ck_assert_uint_eq(gop_crc32_add(&crc, sum, text + k, sizeof text - k), whole);
    }
}
END_TEST

/* The sum of a long piece at once equals the sum bit by bit by the polynomial. */
START_TEST(checksum_of_long_pieces)
{
    static unsigned char data[1500];
    gop_crc32 crc;
    uint32_t right[sizeof data + 1], c = ~0u;
    gop_rng rng = gop_rng_new(3, 4);
    gop_crc32_init(&crc);
    right[0] = 0;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (unsigned char)gop_rng_u32(&rng);
        c ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? (c >> 1) ^ 0xEDB88320u : c >> 1;
        right[i + 1] = ~c;
    }
    for (int width = crc.width; width >= 0; width = width == 4 ? 1 : width - 1) {
        crc.width = width;
        for (size_t n = 0; n <= sizeof data; n++)
            if (gop_crc32_add(&crc, 0, data, n) != right[n] ||
                gop_crc32_add(&crc, right[n / 3], data + n / 3, n - n / 3) != right[n])
                ck_abort_msg("wrong for %zu bytes, width %d", n, width);
    }
}
END_TEST

static const uint64_t uints[] = {0,     1,     127,        128,        255,       256,
                                 65535, 65536, 4294967295, 4294967296, UINT64_MAX};
static const int64_t ints[] = {0,      -1,     -32,   -33,         -128,      -129,
                               -32768, -32769, 32767, -2147483648, INT64_MIN, INT64_MAX};
#define UINTS  (sizeof uints / sizeof uints[0])
#define INTS   (sizeof ints / sizeof ints[0])
#define FLOATS 40000 /* more than the writer's buffer */

static void fill(float *v)
{
    for (size_t i = 0; i < FLOATS; i++)
        v[i] = (float)i * 0.37f - 5e3f;
}

static gop_status write_all(const char *path, gop_error *err)
{
    static float v[FLOATS];
    const gop_real reals[3] = {1, -2.5, (gop_real)0.125};
    char text[301];
    gop_writer *w;
    gop_status s = gop_writer_open(&w, path, "TST1", 3, err);
    if (s != GOP_OK)
        return s;
    memset(text, 'x', 300);
    text[300] = '\0';
    fill(v);
    gop_write_map(w, 9);
    gop_write_key(w, "uints");
    gop_write_array(w, UINTS);
    for (size_t i = 0; i < UINTS; i++)
        gop_write_uint(w, uints[i]);
    gop_write_key(w, "ints");
    gop_write_array(w, INTS);
    for (size_t i = 0; i < INTS; i++)
        gop_write_int(w, ints[i]);
    gop_write_key(w, "bools");
    gop_write_array(w, 2);
    gop_write_bool(w, true);
    gop_write_bool(w, false);
    gop_write_key(w, "double");
    gop_write_double(w, 0.1);
    gop_write_key(w, "texts");
    gop_write_array(w, 2);
    gop_write_text(w, "");
    gop_write_text(w, text);
    gop_write_key(w, "floats");
    gop_write_floats(w, v, FLOATS);
    gop_write_key(w, "reals");
    gop_write_reals(w, reals, 3);
    gop_write_key(w, "bytes");
    gop_write_bytes(w, "\0\1\2", 3);
    gop_write_key(w, "empty");
    gop_write_array(w, 0);
    return gop_writer_commit(w, err);
}

START_TEST(everything_comes_back)
{
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("all.tst");
    ck_assert_msg(write_all(path, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(scratch_entries(), 1);

    char kind[5], text[301];
    uint32_t version;
    ck_assert_int_eq(gop_file_kind(kind, &version, path, &err), GOP_OK);
    ck_assert_str_eq(kind, "TST1");
    ck_assert_uint_eq(version, 3);
    gop_reader *r;
    ck_assert_msg(gop_reader_open(&r, path, "TST1", 3, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(gop_read_map(r), 9);
    gop_read_key(r, "uints");
    ck_assert_uint_eq(gop_read_array(r), UINTS);
    for (size_t i = 0; i < UINTS; i++)
        ck_assert_uint_eq(gop_read_uint(r, UINT64_MAX), uints[i]);
    gop_read_any_key(r, text, sizeof text);
    ck_assert_str_eq(text, "ints");
    ck_assert_uint_eq(gop_read_array(r), INTS);
    for (size_t i = 0; i < INTS; i++)
        ck_assert_int_eq(gop_read_int(r), ints[i]);
    gop_read_key(r, "bools");
    ck_assert_uint_eq(gop_read_array(r), 2);
    ck_assert(gop_read_bool(r));
    ck_assert(!gop_read_bool(r));
    gop_read_key(r, "double");
    ck_assert(gop_read_double(r) == 0.1);
    gop_read_key(r, "texts");
    ck_assert_uint_eq(gop_read_array(r), 2);
    gop_read_text(r, text, 1);
    ck_assert_str_eq(text, "");
    gop_read_text(r, text, sizeof text);
    ck_assert_uint_eq(strspn(text, "x"), 300);
    static float v[FLOATS], back[FLOATS];
    fill(v);
    gop_read_key(r, "floats");
    gop_read_floats(r, back, FLOATS);
    ck_assert_mem_eq(v, back, sizeof v);
    gop_real reals[3];
    gop_read_key(r, "reals");
    gop_read_reals(r, reals, 3);
    ck_assert(reals[0] == 1 && reals[1] == -2.5 && reals[2] == (gop_real)0.125);
    char bytes[3];
    gop_read_key(r, "bytes");
    gop_read_bytes(r, bytes, 3);
    ck_assert_mem_eq(bytes, "\0\1\2", 3);
    gop_read_key(r, "empty");
    ck_assert_uint_eq(gop_read_array(r), 0);
    ck_assert_msg(gop_reader_status(r, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(gop_reader_left(r), 0);
    gop_reader_free(r);
}
END_TEST

/* ----------------------------------------------------------- what is refused */

static void write_small(const char *path)
{
    gop_writer *w;
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 1, NULL), GOP_OK);
    gop_write_map(w, 2);
    gop_write_key(w, "n");
    gop_write_uint(w, 300);
    gop_write_key(w, "name");
    gop_write_text(w, "graph");
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
}

static void refused(const char *path, const char *words)
{
    gop_reader *r;
    gop_error err = {GOP_OK, ""};
    gop_status s = recorded(gop_reader_open(&r, path, "TST1", 1, &err), &err);
    ck_assert_int_eq(s, GOP_EFORMAT);
    ck_assert_ptr_null(r);
    ck_assert_msg(strstr(err.message, path) != NULL, "no path in: %s", err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "%s", err.message);
}

START_TEST(truncation_at_every_byte_is_noticed)
{
    size_t n;
    write_small(scratch_path("whole"));
    unsigned char *data = scratch_read(scratch_path("whole"), &n);
    for (size_t k = 0; k < n; k++) {
        scratch_write(scratch_path("cut"), data, k);
        refused(scratch_path("cut"), k == 0 ? "empty" : "truncated");
    }
    data[n] = 0;
    scratch_write(scratch_path("cut"), data, n + 1);
    refused(scratch_path("cut"), "1 bytes follow the end of the data");
    free(data);
}
END_TEST

START_TEST(every_flipped_bit_is_noticed)
{
    size_t n;
    write_small(scratch_path("whole"));
    unsigned char *data = scratch_read(scratch_path("whole"), &n);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
        scratch_write(scratch_path("flipped"), data, n);
        refused(scratch_path("flipped"), bit / 8 < 8 ? "not a graphop file" : "damaged");
        data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    free(data);
}
END_TEST

START_TEST(foreign_files_are_refused)
{
    gop_reader *r;
    gop_error err;
    const char *path = scratch_path("foreign");
    scratch_write(path, "1.0,2.0,3.0\n4.0,5.0,6.0\n7.0,8.0,9.0\n", 36);
    refused(path, "not a graphop file");
    refused(scratch_folder, "not a regular file");
    ck_assert_int_eq(recorded(gop_reader_open(&r, scratch_path("none"), "TST1", 1, &err), &err),
                     GOP_ESYSTEM);
    ck_assert_ptr_nonnull(strstr(err.message, "No such file"));
    write_small(path);
    ck_assert_int_eq(recorded(gop_reader_open(&r, path, "GDS1", 1, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "another kind"));
    gop_writer *w;
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 2, NULL), GOP_OK);
    gop_write_map(w, 0);
    ck_assert_int_eq(gop_writer_commit(w, NULL), GOP_OK);
    refused(path, "version 2");
}
END_TEST

/* A file with a valid header around any payload. */
static gop_reader *forge(const char *payload, size_t n)
{
    gop_reader *r;
    gop_crc32 crc;
    uint8_t file[GOP_HEADER_SIZE + 256] = GOP_MAGIC "TST1";
    gop_crc32_init(&crc);
    ck_assert_uint_le(n, 256);
    gop_put_le(file + 12, 1, 4);
    gop_put_le(file + 16, n, 8);
    gop_put_le(file + 24, gop_crc32_add(&crc, 0, payload, n), 4);
    gop_put_le(file + 28, gop_crc32_add(&crc, 0, file, 28), 4);
    memcpy(file + GOP_HEADER_SIZE, payload, n);
    scratch_write(scratch_path("forged"), file, GOP_HEADER_SIZE + n);
    ck_assert_int_eq(gop_reader_open(&r, scratch_path("forged"), "TST1", 1, NULL), GOP_OK);
    return r;
}

static void read_map(gop_reader *r)
{
    ck_assert_uint_eq(gop_read_map(r), 0);
}
static void read_array(gop_reader *r)
{
    ck_assert_uint_eq(gop_read_array(r), 0);
}
static void read_key(gop_reader *r)
{
    gop_read_map(r);
    gop_read_key(r, "name");
}
static void read_uint(gop_reader *r)
{
    ck_assert_uint_eq(gop_read_uint(r, 9), 0);
}
static void read_int(gop_reader *r)
{
    ck_assert_int_eq(gop_read_int(r), 0);
}
static void read_bool(gop_reader *r)
{
    ck_assert(!gop_read_bool(r));
}
static void read_double(gop_reader *r)
{
    ck_assert(gop_read_double(r) == 0);
}

static void read_text(gop_reader *r)
{
    char text[4] = "abc";
    gop_read_text(r, text, sizeof text);
    ck_assert_str_eq(text, "");
}

static void read_two_floats(gop_reader *r)
{
    float v[2] = {1, 1};
    gop_read_floats(r, v, 2);
    ck_assert(v[0] == 0 && v[1] == 0);
}

static void read_depth(gop_reader *r)
{
    for (int i = 0; i < 20; i++)
        gop_read_array(r);
}

static void read_too_many(gop_reader *r)
{
    gop_read_array(r);
    gop_read_uint(r, 9);
    gop_read_uint(r, 9);
}

/* Inconsistent payloads and their messages. */
static const struct lie {
    const char *payload;
    size_t n;
    void (*read)(gop_reader *r);
    const char *words;
} lie[] = {
    {"\xdd\xff\xff\xff\xff", 5, read_array, "declares 4294967295 entries"},
    {"\xdc\xff\xff", 3, read_array, "declares 65535 entries"},
    {"\xdf\xff\xff\xff\xff", 5, read_map, "declares 4294967295 entries"},
    {"\xde\x00\x03\x01\x01\x01\x01\x01", 8, read_map, "declares 3 entries"},
    {"\x8f", 1, read_map, "declares 15 entries"},
    {"\xc6\xff\xff\xff\xf0", 5, read_two_floats, "4294967280 bytes are needed, 0 are left"},
    {"\xdb\xff\xff\xff\xff", 5, read_text, "ends too early"},
    {"\xdb\xff", 2, read_text, "ends too early"},
    {"\xc4\x04\x00\x00\x00\x00", 6, read_two_floats, "4 bytes of data where 2 times 4"},
    {"\xa4xyzw", 5, read_text, "at most 3 are allowed"},
    {"\xa2x\x00", 3, read_text, "zero byte"},
    {"\xa2x\x1b", 3, read_text, "control character"},
    {"\xa2x\x7f", 3, read_text, "control character"},
    {"\xa2\xc2\x9b", 3, read_text, "control character"},
    {"\xa2\xc3\x28", 3, read_text, "not UTF-8"},
    {"\xa2\xe5\x8a", 3, read_text, "not UTF-8"},
    {"\x93\x01", 2, read_array, "declares 3 entries"},
    {"\x01", 1, read_map, "a map was expected"},
    {"\x80", 1, read_array, "an array was expected"},
    {"\xc3", 1, read_uint, "an integer was expected"},
    {"\x0a", 1, read_uint, "a number from 0 to 9"},
    {"\xff", 1, read_uint, "a number from 0 to 9"},
    {"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, read_int, "does not fit"},
    {"\x01", 1, read_bool, "true or false"},
    {"\x01", 1, read_double, "floating-point"},
    {"\xca\x3f\xc0", 3, read_double, "ends too early"},
    {"\x01", 1, read_text, "a text was expected"},
    {"\xc1", 1, read_text, "a text was expected"},
    {"\x81\xa4nome\x01", 7, read_key, "key \"name\" was expected"},
    {"\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01", 21,
     read_depth, "too deeply"},
    {"\x01\x02", 2, read_uint, "1 bytes follow"},
    {"\x91\x01", 2, read_too_many, "a value is missing"},
    {"", 0, read_uint, "ends too early"},
};

START_TEST(lies_are_refused)
{
    gop_error err = {GOP_OK, ""};
    gop_reader *r = forge(lie[_i].payload, lie[_i].n);
    lie[_i].read(r);
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, lie[_i].words) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, "byte ") != NULL, "no offset in: %s", err.message);
    ck_assert_uint_eq(gop_reader_left(r), 0);
    gop_reader_free(r);
}
END_TEST

START_TEST(the_first_failure_stays_and_names_the_place)
{
    gop_error err = {GOP_OK, ""};
    gop_reader *r = forge("\x81\xa1m\x92\x01\xa1x", 7);
    gop_read_map(r);
    gop_read_key(r, "m");
    ck_assert_uint_eq(gop_read_array(r), 2);
    ck_assert_uint_eq(gop_read_uint(r, 9), 1);
    ck_assert_uint_eq(gop_read_uint(r, 9), 0);
    ck_assert_uint_eq(gop_read_array(r), 0);
    gop_reader_fail(r, "something else");
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "key m[1], byte 37: an integer") != NULL, "%s", err.message);
    gop_reader_free(r);
}
END_TEST

/* graphop writes numbers of eight bytes; other writers may use four. */
START_TEST(short_numbers_are_read)
{
    gop_reader *r = forge("\xca\x3f\xc0\x00\x00", 5);
    ck_assert(gop_read_double(r) == 1.5);
    ck_assert_int_eq(gop_reader_status(r, NULL), GOP_OK);
    gop_reader_free(r);
}
END_TEST

START_TEST(a_caller_can_judge_meaning)
{
    gop_error err = {GOP_OK, ""};
    gop_reader *r = forge("\x81\xa1m\x01", 4);
    gop_read_map(r);
    gop_read_key(r, "m");
    gop_reader_fail(r, "%d is not a month", 13);
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "13 is not a month"));
    gop_reader_free(r);
}
END_TEST

START_TEST(a_function_can_judge_meaning)
{
    const gop_error wrong = {GOP_EINVAL, "13 is not a month"}, full = {GOP_ENOMEM, "out of memory"};
    gop_error err = {GOP_OK, ""};
    gop_reader *r = forge("\x81\xa1m\x01", 4);
    gop_read_map(r);
    gop_read_key(r, "m");
    gop_reader_refuse(r, &wrong);
    gop_reader_refuse(r, &full);
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "key m, byte"));
    ck_assert_ptr_nonnull(strstr(err.message, ": 13 is not a month"));
    gop_reader_free(r);
    r = forge("\x81\xa1m\x01", 4);
    gop_reader_refuse(r, &full);
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_ENOMEM);
    gop_reader_free(r);
    r = forge("\x81\xa1m\x01", 4);
    gop_reader_refuse(r, NULL);
    ck_assert_int_eq(recorded(gop_reader_status(r, &err), &err), GOP_EFORMAT);
    gop_reader_free(r);
}
END_TEST

/* ------------------------------------------------------- what happens to files */

START_TEST(an_abandoned_file_leaves_the_target)
{
    gop_writer *w;
    const char *path = scratch_path("target");
    scratch_write(path, "old", 3);
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 1, NULL), GOP_OK);
    gop_write_map(w, 0);
    ck_assert_uint_eq(scratch_entries(), 2);
    gop_writer_abandon(w);
    gop_writer_abandon(NULL);
    scratch_expect_old(path);
}
END_TEST

START_TEST(wrong_counts_are_noticed_at_commit)
{
    gop_writer *w;
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    scratch_write(path, "old", 3);
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 1, NULL), GOP_OK);
    gop_write_array(w, 2);
    gop_write_uint(w, 1);
    ck_assert_int_eq(recorded(gop_writer_commit(w, &err), &err), GOP_ESTATE);
    scratch_expect_old(path);
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 1, NULL), GOP_OK);
    gop_write_uint(w, 1);
    gop_write_uint(w, 2);
    ck_assert_int_eq(recorded(gop_writer_commit(w, &err), &err), GOP_ESTATE);
    scratch_expect_old(path);
}
END_TEST

START_TEST(texts_that_no_reader_takes_are_not_written)
{
    gop_writer *w;
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    scratch_write(path, "old", 3);
    ck_assert_int_eq(gop_writer_open(&w, path, "TST1", 1, NULL), GOP_OK);
    gop_write_text(w, "a\x1b[1m");
    ck_assert_int_eq(recorded(gop_writer_commit(w, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "control character"));
    scratch_expect_old(path);
}
END_TEST

START_TEST(a_full_disk_leaves_the_target)
{
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("target");
    struct rlimit limit, small;
    scratch_write(path, "old", 3);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t k = 0; k <= 150000; k += 50000) {
        small = limit;
        small.rlim_cur = k;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        gop_status s = write_all(path, &err);
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        ck_assert_int_eq(s, GOP_ESYSTEM);
        ck_assert_msg(strstr(err.message, path + strlen(scratch_folder)) != NULL, "%s",
                      err.message);
        scratch_expect_old(path);
    }
}
END_TEST

START_TEST(only_regular_files_are_replaced)
{
    gop_writer *w;
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(recorded(gop_writer_open(&w, scratch_folder, "TST1", 1, &err), &err),
                     GOP_ESYSTEM);
    ck_assert_ptr_null(w);
    ck_assert_ptr_nonnull(strstr(err.message, "not a regular file"));
    ck_assert_int_eq(recorded(gop_writer_open(&w, "/dev/null", "TST1", 1, &err), &err),
                     GOP_ESYSTEM);
    ck_assert_int_eq(
        recorded(gop_writer_open(&w, scratch_path("none/file"), "TST1", 1, &err), &err),
        GOP_ESYSTEM);
    ck_assert_int_eq(recorded(gop_writer_open(&w, scratch_path("folder/"), "TST1", 1, &err), &err),
                     GOP_ESYSTEM);
    ck_assert_int_eq(recorded(gop_writer_open(&w, "", "TST1", 1, &err), &err), GOP_ESYSTEM);
    ck_assert_uint_eq(scratch_entries(), 0);
}
END_TEST

START_TEST(links_are_followed_and_the_umask_is_kept)
{
    struct stat st;
    mode_t before = umask(027);
    scratch_write(scratch_path("real"), "old", 3);
    ck_assert_int_eq(symlink("real", scratch_path("link")), 0);
    write_small(scratch_path("link"));
    umask(before);
    ck_assert_int_eq(lstat(scratch_path("link"), &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(lstat(scratch_path("real"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    char kind[5];
    ck_assert_int_eq(gop_file_kind(kind, NULL, scratch_path("real"), NULL), GOP_OK);
}
END_TEST

/* ------------------------------------------------------------------ texts */

START_TEST(texts_are_utf8_without_control_characters)
{
    static const struct {
        const char *text;
        size_t n, length;
    } one[] = {{"a", 1, 1},
               {"\x1f", 1, 0},
               {"\x7f", 1, 0},
               {"\xc2\x9f", 2, 0},
               {"\xc2\xa0", 2, 2},
               {"\xc1\xbf", 2, 0}, /* overlong */
               {"\xe0\x9f\xbf", 3, 0},
               {"\xe5\x8a\xa8", 3, 3},
               {"\xe5\x8a\xa8", 2, 0}, /* cut */
               {"\xed\xa0\x80", 3, 0}, /* a surrogate */
               {"\xf0\x9f\x8f\x83", 4, 4},
               {"\xf0\x8f\xbf\xbf", 4, 0},
               {"\xf4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
               {"\xf8\x88\x80\x80\x80", 5, 0},
               {"\x80", 1, 0},
               {"\xc3\x28", 2, 0},
               {"a", 0, 0}};
    for (size_t i = 0; i < sizeof one / sizeof one[0]; i++) {
        ck_assert_uint_eq(gop_character(one[i].text, one[i].n), one[i].length);
        ck_assert(gop_is_text(one[i].text, one[i].n) ==
                  (one[i].n == 0 || one[i].length == one[i].n));
    }
    ck_assert(gop_is_text("a\xc3\xa4z", 4) && !gop_is_text("a\xc3\xa4z", 2));
    ck_assert(!gop_is_text("a\nz", 3));
}
END_TEST

/* Numbers before the payload; a chunk and a buffer have fewer. */
START_TEST(data_stand_before_the_payload)
{
    static float v[FLOATS], back[FLOATS];
    const char *path = scratch_path("data.tst");
    gop_error err = {GOP_OK, ""};
    gop_writer *w;
    gop_reader *r;
    gop_data *d;
    uint64_t at[2];
    char kind[5];
    fill(v);
    ck_assert_int_eq(gop_writer_open_data(&w, path, "TST1", 1, &err), GOP_OK);
    at[0] = gop_write_data_begin(w);
    gop_write_data(w, v, 3);
    at[1] = gop_write_data_begin(w);
    gop_write_data(w, v, FLOATS / 2);
    gop_write_data(w, v + FLOATS / 2, FLOATS / 2);
    ck_assert(at[0] == 0 && at[1] == 64);
    ck_assert_uint_eq(gop_data_size(gop_writer_data(w)), 64 + 4 * FLOATS);
    ck_assert_int_eq(gop_data_read(gop_writer_data(w), back, at[1], FLOATS, &err), GOP_OK);
    ck_assert_mem_eq(back, v, sizeof v);
    gop_write_uint(w, 7);
    ck_assert_int_eq(gop_writer_status(w, &err), GOP_OK);
    ck_assert_msg(gop_writer_commit(w, &err) == GOP_OK, "%s", err.message);

    ck_assert_int_eq(gop_file_kind(kind, NULL, path, &err), GOP_OK);
    ck_assert_msg(gop_reader_open_data(&r, &d, path, "TST1", 1, &err) == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(gop_read_uint(r, 9), 7);
    gop_reader_free(r);
    ck_assert_str_eq(gop_data_path(d), path);
    memset(back, 0, sizeof back);
    ck_assert_int_eq(gop_data_read(d, back, at[1], FLOATS, &err), GOP_OK);
    ck_assert_mem_eq(back, v, sizeof v);
    ck_assert_int_eq(gop_data_read(d, back, 4, 1, &err), GOP_OK);
    ck_assert(back[0] == v[1]);
    ck_assert_int_eq(gop_data_read(d, back, gop_data_size(d), 0, &err), GOP_OK);
    ck_assert_int_eq(recorded(gop_data_read(d, back, gop_data_size(d) - 4, 2, &err), &err),
                     GOP_EINVAL);
    ck_assert_int_eq(gop_data_read(d, back, UINT64_MAX, 1, &err), GOP_EINVAL);
    gop_data_free(d);
}
END_TEST

/* Header, block and payload are checked; the data are not read. */
START_TEST(a_file_with_data_is_checked_but_for_the_data)
{
    const char *path = scratch_path("data.tst");
    gop_error err = {GOP_OK, ""};
    gop_writer *w;
    size_t n;
    const float v[4] = {1, 2, 3, 4};
    ck_assert_int_eq(gop_writer_open_data(&w, path, "TST1", 1, &err), GOP_OK);
    gop_write_data(w, v, 4);
    gop_write_text(w, "index");
    ck_assert_int_eq(gop_writer_commit(w, &err), GOP_OK);
    unsigned char *bytes = scratch_read(path, &n);
    for (size_t i = 0; i < n; i++) {
        gop_reader *r;
        gop_data *d;
        bytes[i] ^= 4;
        scratch_write(path, bytes, n);
        const gop_status s = gop_reader_open_data(&r, &d, path, "TST1", 1, &err);
        bytes[i] ^= 4;
        ck_assert_msg((s == GOP_OK) == (i >= 64 && i < 80), "byte %zu: %s", i, err.message);
        if (s != GOP_OK)
            continue;
        gop_reader_free(r);
        gop_data_free(d);
    }
    for (size_t cut = 0; cut < n; cut++) {
        gop_reader *r;
        gop_data *d;
        scratch_write(path, bytes, cut);
        ck_assert_int_eq(gop_reader_open_data(&r, &d, path, "TST1", 1, &err), GOP_EFORMAT);
        ck_assert(r == NULL && d == NULL);
    }
    free(bytes);
}
END_TEST

START_TEST(data_precede_the_payload)
{
    const char *path = scratch_path("data.tst");
    const float v = 1;
    gop_error err = {GOP_OK, ""};
    gop_writer *w;
    for (int k = 0; k < 3; k++) {
        ck_assert_int_eq(k == 0 ? gop_writer_open(&w, path, "TST1", 1, &err)
                                : gop_writer_open_data(&w, path, "TST1", 1, &err),
                         GOP_OK);
        if (k > 0)
            gop_write_uint(w, 1);
        if (k == 1)
            gop_write_data(w, &v, 1);
        else
            gop_write_data_begin(w);
        ck_assert_int_eq(recorded(gop_writer_status(w, &err), &err), GOP_ESTATE);
        ck_assert_int_eq(recorded(gop_writer_commit(w, &err), &err), GOP_ESTATE);
    }
    ck_assert_uint_eq(scratch_entries(), 0);
}
END_TEST

TEST_MAIN("io")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, checksum_is_the_standard_one);
    tcase_add_test(t, checksum_of_long_pieces);
    tcase_add_test(t, texts_are_utf8_without_control_characters);
    tcase_add_test(t, everything_comes_back);
    tcase_add_test(t, truncation_at_every_byte_is_noticed);
    tcase_add_test(t, every_flipped_bit_is_noticed);
    tcase_add_test(t, foreign_files_are_refused);
    tcase_add_loop_test(t, lies_are_refused, 0, (int)(sizeof lie / sizeof lie[0]));
    tcase_add_test(t, the_first_failure_stays_and_names_the_place);
    tcase_add_test(t, short_numbers_are_read);
    tcase_add_test(t, a_caller_can_judge_meaning);
    tcase_add_test(t, a_function_can_judge_meaning);
    tcase_add_test(t, an_abandoned_file_leaves_the_target);
    tcase_add_test(t, wrong_counts_are_noticed_at_commit);
    tcase_add_test(t, texts_that_no_reader_takes_are_not_written);
    tcase_add_test(t, a_full_disk_leaves_the_target);
    tcase_add_test(t, only_regular_files_are_replaced);
    tcase_add_test(t, links_are_followed_and_the_umask_is_kept);
    tcase_add_test(t, data_stand_before_the_payload);
    tcase_add_test(t, a_file_with_data_is_checked_but_for_the_data);
    tcase_add_test(t, data_precede_the_payload);
}
