/*
 * test_pickle.c: pickles of Python 2 and 3 in all protocols, the instructions that they do not
 * have, and hostile ones: other names, cut files, bombs, and values where none belong.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "scratch.h"
#include "zoo/numpy/pickled.h"

#define MEMORY   ((size_t)4 << 20)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

typedef struct opened {
    zoo_blob *blob;
    zoo_pickle *p;
    gop_error err;
} opened;

static gop_status open_with(opened *o, const char *path, size_t memory)
{
    o->p = NULL;
    ck_assert_msg(zoo_blob_open(&o->blob, path, &o->err) == GOP_OK, "%s", o->err.message);
    return recorded(zoo_pickle_read(&o->p, o->blob, memory, &o->err), &o->err);
}

typedef struct memory_blob {
    zoo_blob base;
    const char *bytes;
} memory_blob;

static gop_status read_memory(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err)
{
    (void)err;
    memcpy(to, ((const memory_blob *)b)->bytes + at, n);
    return GOP_OK;
}

static void close_memory(zoo_blob *b)
{
    free(b);
}

/* Of the n bytes themselves, so that a read behind their end is seen. */
static gop_status open_bytes(opened *o, const void *bytes, size_t n)
{
    memory_blob *b = malloc(sizeof *b);
    ck_assert_ptr_nonnull(b);
    *b = (memory_blob){{strdup("a.pkl"), n, read_memory, close_memory}, bytes};
    o->blob = &b->base;
    return recorded(zoo_pickle_read(&o->p, o->blob, MEMORY, &o->err), &o->err);
}

static void close_pickle(opened *o)
{
    zoo_pickle_free(o->p);
    zoo_blob_close(o->blob);
}

/* ------------------------------------------------------------- files of Python's */

static const char *const python[] = {"py2-0", "py2-1", "py2-2", "np1-0", "np1-1",
                                     "np1-2", "np1-3", "np1-4", "np1-5", "np2-0",
                                     "np2-1", "np2-2", "np2-3", "np2-4", "np2-5"};

static const char *python_file(int i)
{
    static char path[SCRATCH_PATH];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/numpy/values-%s.pkl", top != NULL ? top : ".", python[i]);
    return path;
}

static void expect_array(zoo_pickle *p, const char *key, size_t rank, const uint64_t *shape,
                         int modulus)
{
    zoo_array a;
    gop_error err = {GOP_OK, ""};
    float v[256];
    ck_assert_msg(zoo_pickled_array(&a, p, zoo_value_get(p, zoo_pickle_root(p), key), key, &err) ==
                      GOP_OK,
                  "%s", err.message);
    ck_assert_uint_eq(a.rank, rank);
    for (size_t i = 0; i < rank; i++)
        ck_assert_uint_eq(a.shape[i], shape[i]);
    ck_assert_msg(zoo_array_floats(v, &a, 0, a.entries, &err) == GOP_OK, "%s", err.message);
    for (size_t i = 0; i < a.entries * a.entry; i++)
        ck_assert_msg(v[i] == (float)((int)i % modulus), "%s: %zu: %g", key, i, (double)v[i]);
    /* Backwards too. */
    for (size_t i = a.entries; i-- > 0;) {
        ck_assert(zoo_array_floats(v, &a, i, 1, &err) == GOP_OK);
        ck_assert(a.entry == 0 || v[0] == (float)((int)(i * a.entry) % modulus));
    }
    zoo_array_clear(&a);
}

static void expect_text(zoo_pickle *p, zoo_value v, const char *text)
{
    char buf[64];
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_value_text(buf, sizeof buf, p, v, "text", &err) == GOP_OK, "%s", err.message);
    ck_assert_str_eq(buf, text);
}

START_TEST(pythons_values_are_read)
{
    opened o;
    int64_t i;
    double d;
    ck_assert_msg(open_with(&o, python_file(_i), MEMORY) == GOP_OK, "%s", o.err.message);
    const zoo_value root = zoo_pickle_root(o.p);
    ck_assert_int_eq(zoo_value_kind_of(o.p, root), ZOO_VALUE_DICT);
    ck_assert_uint_eq(zoo_value_count(o.p, root), 20);
    expect_text(o.p, zoo_value_get(o.p, root, "name"), "S001C001P001R001A001");
    ck_assert(zoo_value_integer(o.p, zoo_value_get(o.p, root, "label"), &i) && i == 7);
    ck_assert(zoo_value_real(o.p, zoo_value_get(o.p, root, "share"), &d) && d == 0.25);
    ck_assert(!zoo_value_integer(o.p, zoo_value_get(o.p, root, "share"), &i));
    ck_assert_int_eq(zoo_value_kind_of(o.p, zoo_value_get(o.p, root, "flag")), ZOO_VALUE_BOOLEAN);
    ck_assert(zoo_value_real(o.p, zoo_value_get(o.p, root, "flag"), &d) && d == 1);
    ck_assert_int_eq(zoo_value_kind_of(o.p, zoo_value_get(o.p, root, "none")), ZOO_VALUE_NONE);
    ck_assert(zoo_value_integer(o.p, zoo_value_get(o.p, root, "wide"), &i) && i == -(1ll << 40));
    ck_assert_int_eq(zoo_value_kind_of(o.p, zoo_value_get(o.p, root, "huge")), ZOO_VALUE_OTHER);
    expect_array(o.p, "half", 4, (uint64_t[]){2, 3, 4, 3}, 1000);
    expect_array(o.p, "single", 3, (uint64_t[]){2, 3, 4}, 1000);
    expect_array(o.p, "swapped", 2, (uint64_t[]){2, 3}, 1000);
    expect_array(o.p, "fortran", 2, (uint64_t[]){3, 4}, 1000);
    expect_array(o.p, "empty", 2, (uint64_t[]){0, 3}, 1000);
    expect_array(o.p, "truth", 1, (uint64_t[]){5}, 2);
    expect_array(o.p, "bytes", 1, (uint64_t[]){256}, 1000);
    expect_array(o.p, "again", 4, (uint64_t[]){2, 3, 4, 3}, 1000);
    ck_assert_int_eq(zoo_pickled_integer(&i, o.p, zoo_value_get(o.p, root, "scalar"), "x", &o.err),
                     GOP_OK);
    ck_assert_int_eq(i, 12);
    const zoo_value list = zoo_value_get(o.p, root, "list");
    ck_assert_int_eq(zoo_value_kind_of(o.p, list), ZOO_VALUE_LIST);
    expect_text(o.p, zoo_value_item(o.p, list, 0), "a");
    expect_text(o.p, zoo_value_item(o.p, list, 1), "\xc3\xa4\\u\xe6\xbc\xa2'\"");
    ck_assert_uint_eq(zoo_value_item(o.p, list, 2), 0);
    static const int64_t four[] = {1, -2, 300, 70000};
    const zoo_value tuple = zoo_value_get(o.p, root, "tuple");
    ck_assert_int_eq(zoo_value_kind_of(o.p, tuple), ZOO_VALUE_TUPLE);
    for (size_t k = 0; k < 4; k++)
        ck_assert(zoo_value_integer(o.p, zoo_value_item(o.p, tuple, k), &i) && i == four[k]);
    const zoo_value set = zoo_value_get(o.p, root, "set");
    ck_assert_int_eq(zoo_value_kind_of(o.p, set), ZOO_VALUE_SET);
    ck_assert(zoo_value_integer(o.p, zoo_value_item(o.p, set, 0), &i) && i == 5);
    const zoo_value groups = zoo_value_get(o.p, root, "groups");
    expect_text(o.p, zoo_value_item(o.p, zoo_value_get(o.p, groups, "train"), 0),
                "S001C001P001R001A001");
    close_pickle(&o);
}
END_TEST

/* Cut anywhere or with any byte changed, a file is refused or gives other values. */
START_TEST(damaged_files_are_no_harm)
{
    size_t n;
    unsigned char *data = scratch_read(python_file(_i), &n);
    opened o;
    for (size_t cut = 0; cut < n; cut++) {
        unsigned char *copy = malloc(cut + !cut);
        memcpy(copy, data, cut);
        ck_assert_int_eq(open_bytes(&o, copy, cut), GOP_EFORMAT);
        ck_assert_ptr_null(o.p);
        close_pickle(&o);
        free(copy);
    }
    for (size_t at = 0; at < n; at++) {
        static const unsigned char to[] = {0, 0xff, '(', 'R', 'b', 'u', '.'};
        const unsigned char was = data[at];
        data[at] = to[at % COUNT(to)];
        if (open_bytes(&o, data, n) == GOP_OK) {
            static const char *const keys[] = {"half", "single", "fortran", "scalar", "truth"};
            for (size_t k = 0; k < COUNT(keys); k++) {
                zoo_array a;
                float v[512];
                if (zoo_pickled_array(&a, o.p, zoo_value_get(o.p, zoo_pickle_root(o.p), keys[k]),
                                      keys[k], &o.err) == GOP_OK) {
                    if (a.entries * a.entry < COUNT(v))
                        (void)zoo_array_floats(v, &a, 0, a.entries, &o.err);
                    zoo_array_clear(&a);
                }
            }
        }
        close_pickle(&o);
        data[at] = was;
    }
    free(data);
}
END_TEST

/* ------------------------------------------------------------------ instructions */

#define P(text) text, sizeof text - 1

/* Instructions and values that the files above do not have, and what they make. */
static const struct {
    const char *bytes;
    size_t n;
    zoo_value_kind kind;
    size_t count; /* or an integer */
} good[] = {
    {P("N."), ZOO_VALUE_NONE, 0},
    {P("I-12\n."), ZOO_VALUE_INTEGER, (size_t)-12},
    {P("L5L\n."), ZOO_VALUE_INTEGER, 5},
    {P("I9223372036854775807\n."), ZOO_VALUE_INTEGER, (size_t)INT64_MAX},
    {P("L-9223372036854775808L\n."), ZOO_VALUE_INTEGER, (size_t)INT64_MIN},
    {P("L9223372036854775808L\n."), ZOO_VALUE_OTHER, 0},
    {P("L99999999999999999999999999999999999L\n."), ZOO_VALUE_OTHER, 0},
    {P("I01\n."), ZOO_VALUE_BOOLEAN, 1},
    {P("I00\n."), ZOO_VALUE_BOOLEAN, 0},
    {P("\x8a\x00."), ZOO_VALUE_INTEGER, 0},
    {P("\x8a\x01\xff."), ZOO_VALUE_INTEGER, (size_t)-1},
    {P("\x8b\x02\x00\x00\x00\x00\x01."), ZOO_VALUE_INTEGER, 256},
    {P("F-inf\n."), ZOO_VALUE_REAL, 0},
    {P("F1e3\n."), ZOO_VALUE_REAL, 0},
    {P("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi."), ZOO_VALUE_TEXT, 0},
    {P("\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi."), ZOO_VALUE_BYTES, 0},
    {P("(I1\nI2\nl."), ZOO_VALUE_LIST, 2},
    {P("(I1\nI2\nd."), ZOO_VALUE_DICT, 1},
    {P("(K\x01K\x02\x91."), ZOO_VALUE_SET, 2},
    {P("]K\x01"
       "a(K\x02K\x03"
       "e."),
     ZOO_VALUE_LIST, 3},
    {P("K\x01K\x02"
       "02\x86."),
     ZOO_VALUE_TUPLE, 2},
    {P("K\x05(K\x01K\x02"
       "1."),
     ZOO_VALUE_INTEGER, 5},
    {P("K\x05(0."), ZOO_VALUE_INTEGER, 5},
    {P("K\x05p200\n0g200\n." /* 200 is more than the bytes */), ZOO_VALUE_ABSENT, 0},
    {P("K\x05p3\n0g3\n."), ZOO_VALUE_INTEGER, 5},
    {P("K\x05r\x02\x00\x00\x00"
       "0j\x02\x00\x00\x00."),
     ZOO_VALUE_INTEGER, 5},
    {P("(i__builtin__\ndict\n."), ZOO_VALUE_DICT, 0},
    {P("(c__builtin__\nlist\n(K\x01K\x02lo."), ZOO_VALUE_LIST, 2},
    {P("cbuiltins\ntuple\n](K\x01K\x02"
       "e\x85R."),
     ZOO_VALUE_TUPLE, 2},
    {P("ccollections\nOrderedDict\n((K\x01K\x02tl\x85R."), ZOO_VALUE_DICT, 1},
    {P("cbuiltins\ndict\n}K\x01K\x02s\x85\x81."), ZOO_VALUE_DICT, 1},
    {P("cbuiltins\nfrozenset\n)}\x92."), ZOO_VALUE_SET, 0},
    {P("cbuiltins\nbytes\n)R."), ZOO_VALUE_BYTES, 0},
    {P("cbuiltins\nbytearray\nX\x01\x00\x00\x00"
       "aX\x07\x00\x00\x00latin-1\x86R."),
     ZOO_VALUE_BYTES, 0},
    {P("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x05numpy\x8c\x07ndarray\x93."),
     ZOO_VALUE_NAME, 0},
    {P("cbuiltins\ncomplex\nG?\xf0\x00\x00\x00\x00\x00\x00G?\xf0\x00\x00\x00\x00\x00\x00\x86R."),
     ZOO_VALUE_OBJECT, 0},
};

START_TEST(each_instruction_does_its_work)
{
    opened o;
    const gop_status s = open_bytes(&o, good[_i].bytes, good[_i].n);
    if (good[_i].kind == ZOO_VALUE_ABSENT) {
        ck_assert_int_eq(s, GOP_EFORMAT);
    } else {
        ck_assert_msg(s == GOP_OK, "%s", o.err.message);
        const zoo_value root = zoo_pickle_root(o.p);
        int64_t i;
        ck_assert_int_eq(zoo_value_kind_of(o.p, root), good[_i].kind);
        if (zoo_value_integer(o.p, root, &i))
            ck_assert_int_eq(i, (int64_t)good[_i].count);
        else
            ck_assert_uint_eq(zoo_value_count(o.p, root), good[_i].count);
    }
    close_pickle(&o);
}
END_TEST

static const struct {
    const char *bytes;
    size_t n;
    const char *words;
} bad[] = {
    {P(""), "ends too early"},
    {P("{\"a\": 1}"), "byte 0: it is no pickle"},
    {P("cposix\nsystem\n(S'true'\ntR."), "names posix.system, which is not read"},
    {P("(ios\nsystem\n."), "names os.system"},
    {P("\x80\x04\x8c\x08"
       "builtins\x8c\x04"
       "eval\x93."),
     "names builtins.eval"},
    {P("cnumpy.testing\nrun\x01\n."), "names numpy.testing.?"},
    {P("c\xff\nsystem\n."), "names ?.system"},
    {P("cbuiltins\nint\nK\x01\x85R."), "calls builtins.int"},
    {P("ctorch._utils\n_rebuild_tensor_v2\n."), "names torch._utils._rebuild_tensor_v2"},
    {P("\x80\x06N."), "protocol must be 0 to 5"},
    {P("P1\n."), "outside of the file"},
    {P("K\x01Q."), "outside of the file"},
    {P("\x82\x01."), "outside of the file"},
    {P("\x97."), "outside of the file"},
    {P("."), "byte 0: it takes a value where none is"},
    {P("0."), "takes a value where none is"},
    {P("2."), "takes a value where none is"},
    {P("K\x01(\x85."), "takes a value where none is"},
    {P("K\x01(a."), "takes a value where none is"},
    {P("(e."), "takes a value where none is"},
    {P("(o."), "takes a value where none is"},
    {P("l."), "takes a mark where none is"},
    {P("1."), "takes a mark where none is"},
    {P("K\x01K\x02"
       "a."),
     "adds to a value of another kind"},
    {P("]K\x01K\x02s."), "adds to a value of another kind"},
    {P("(K\x01"
       "d."),
     "a key without a value"},
    {P("h\x05."), "a place in the memo is empty"},
    {P("gx\n."), "a place in the memo is no number"},
    {P("Nr\xff\xff\xff\x7f."), "a place in the memo is too large"},
    {P("Ix\n."), "an integer is no number"},
    {P("I-\n."), "an integer is no number"},
    {P("Fx\n."), "a real number is no number"},
    {P("S'a\n."), "a text without quotes"},
    {P("Sa\n."), "a text without quotes"},
    {P("X\xff\x00\x00\x00"
       "a."),
     "ends too early"},
    {P("\x8e\xff\xff\xff\xff\xff\xff\xff\xff"
       "a."),
     "ends too early"},
    {P("K\x01)R."), "calls what is no function"},
    {P("cbuiltins\nlist\nNR."), "without a tuple of arguments"},
    {P("cbuiltins\nlist\nK\x01\x85R."), "from a value of another kind"},
    {P("cbuiltins\ndict\n(K\x01l\x85R."), "something else than pairs"},
    {P("cbuiltins\nlist\n)}K\x01K\x01s\x92."), "with arguments by name"},
    {P("cbuiltins\nbytes\nK\x01\x85R."), "from a value of another kind"},
    {P("c_codecs\nencode\nX\x01\x00\x00\x00"
       "aX\x05\x00\x00\x00"
       "utf-8\x86R."),
     "another coding"},
    {P("c_codecs\nencode\nX\x01\x00\x00\x00"
       "aK\x01\x86R."),
     "must be a text, not an integer"},
    {P("]Nb."), "sets the state of a value"},
    {P("K\x01K\x02."), "ends with several values"},
    {P("(K\x01."), "ends with several values"},
    {P("N.N."), "byte 2: something follows"},
};

START_TEST(what_is_wrong_is_said)
{
    opened o;
    ck_assert_int_eq(open_bytes(&o, bad[_i].bytes, bad[_i].n), GOP_EFORMAT);
    ck_assert_msg(strstr(o.err.message, bad[_i].words) != NULL, "%s", o.err.message);
    ck_assert_msg(strstr(o.err.message, "a.pkl") != NULL, "%s", o.err.message);
    close_pickle(&o);
}
END_TEST

/* ------------------------------------------------------------------------- texts */

static const struct {
    const char *bytes;
    size_t n;
    const char *text; /* or, after "!", words of the error */
} texts[] = {
    {P("S'a\\n\\x41\\\\\\''\n."), "!control character"},
    {P("S'b\\x41\\\\\\''\n."), "bA\\'"},
    {P("S\"it's\"\n."), "it's"},
    {P("S'\\q'\n."), "!unknown escape"},
    {P("S'\\x4'\n."), "!incomplete escape"},
    {P("V\\u00e4\\u6f22\\\\x\\\n."), "\xc3\xa4\xe6\xbc\xa2\\\\x\\"},
    {P("V\\U0001f3c3\xe4\n."), "\xf0\x9f\x8f\x83\xc3\xa4"},
    {P("V\\u00g4\n."), "!incomplete escape"},
    {P("V\\Uffffffff\n."), "!cannot be"},
    {P("V\\ud800\n."), "!not UTF-8"},
    {P("U\x02\xc3\xa4."), "\xc3\xa4"},
    {P("U\x01\xe4."), "!not UTF-8"},
    {P("X\x03\x00\x00\x00"
       "a\x00"
       "b."),
     "!control character"},
    {P("X\x20\x00\x00\x00"
       "0123456789abcdef0123456789abcdef."),
     "!longer than 31 bytes"},
    {P("V0123456789abcdef0123456789abcd\\u00e4\n."), "!longer than 31 bytes"},
    {P("K\x01."), "!must be a text, not an integer"},
};

START_TEST(texts_are_decoded)
{
    opened o;
    char buf[32];
    ck_assert_msg(open_bytes(&o, texts[_i].bytes, texts[_i].n) == GOP_OK, "%s", o.err.message);
    const gop_status s = recorded(
        zoo_value_text(buf, sizeof buf, o.p, zoo_pickle_root(o.p), "it", &o.err), &o.err);
    if (texts[_i].text[0] == '!') {
        ck_assert_int_eq(s, GOP_EFORMAT);
        ck_assert_str_eq(buf, "");
        ck_assert_msg(strstr(o.err.message, texts[_i].text + 1) != NULL, "%s", o.err.message);
    } else {
        ck_assert_msg(s == GOP_OK, "%s", o.err.message);
        ck_assert_str_eq(buf, texts[_i].text);
    }
    close_pickle(&o);
}
END_TEST

/* Bytes are read from any place on, however the file has them. */
START_TEST(bytes_are_read_from_any_place_on)
{
    static const struct {
        const char *bytes;
        size_t n;
    } ways[] = {
        {P("C\x06"
           "a\xe4\\\n\x80\x00.")},
        {P("U\x06"
           "a\xe4\\\n\x80\x00.")},
        {P("S'a\\xe4\\\\\\n\\x80\\x00'\n.")},
        {P("c_codecs\nencode\nX\x08\x00\x00\x00"
           "a\xc3\xa4\\\n\xc2\x80\x00U\x06latin1\x86R.")},
        {P("c_codecs\nencode\nVa\xe4\\u005c\\u000a\x80\\u0000\nVlatin1\n\x86R.")},
    };
    static const char want[] = "a\xe4\\\n\x80\x00";
    opened o;
    zoo_blob *b;
    ck_assert_msg(open_bytes(&o, ways[_i].bytes, ways[_i].n) == GOP_OK, "%s", o.err.message);
    ck_assert_msg(zoo_value_blob(&b, o.p, zoo_pickle_root(o.p), "it", &o.err) == GOP_OK, "%s",
                  o.err.message);
    ck_assert_uint_eq(b->size, 6);
    for (size_t from = 6; from-- > 0;)
        for (size_t n = 0; from + n <= 6; n++) {
            char got[6];
            ck_assert_int_eq(zoo_blob_read(b, got, from, n, &o.err), GOP_OK);
            ck_assert_mem_eq(got, want + from, n);
        }
    ck_assert_int_eq(zoo_blob_read(b, (char[8]){0}, 3, 4, &o.err), GOP_EFORMAT);
    zoo_blob_close(b);
    close_pickle(&o);
}
END_TEST

/* A text of one character exists once in Python, so that a key may also stand for bytes. */
START_TEST(a_key_may_stand_for_bytes)
{
    opened o;
    zoo_blob *b;
    char got[2];
    ck_assert_msg(open_bytes(&o, P("}X\x02\x00\x00\x00\xc3\xa4q\x01K\x01s"
                                   "c_codecs\nencode\nh\x01U\x06latin1\x86R\x86.")) == GOP_OK,
                  "%s", o.err.message);
    const zoo_value root = zoo_pickle_root(o.p);
    ck_assert_uint_ne(zoo_value_get(o.p, zoo_value_item(o.p, root, 0), "\xc3\xa4"), 0);
    ck_assert_msg(zoo_value_blob(&b, o.p, zoo_value_item(o.p, root, 1), "it", &o.err) == GOP_OK,
                  "%s", o.err.message);
    ck_assert_uint_eq(b->size, 1);
    ck_assert_int_eq(zoo_blob_read(b, got, 0, 1, &o.err), GOP_OK);
    ck_assert(got[0] == '\xe4');
    zoo_blob_close(b);
    close_pickle(&o);
}
END_TEST

START_TEST(what_is_not_bytes_is_refused)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } wrong[] = {
        {P("X\x01\x00\x00\x00"
           "a."),
         "it must be bytes, not a text"},
        {P("N."), "not None"},
        {P("c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80U\x06latin1\x86R."), "other characters"},
        {P("c_codecs\nencode\nV\\u0100\nVlatin1\n\x86R."), "cannot be"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        opened o;
        zoo_blob *b;
        ck_assert_msg(open_bytes(&o, wrong[i].bytes, wrong[i].n) == GOP_OK, "%s", o.err.message);
        ck_assert_int_eq(
            recorded(zoo_value_blob(&b, o.p, zoo_pickle_root(o.p), "it", &o.err), &o.err),
            GOP_EFORMAT);
        ck_assert_ptr_null(b);
        ck_assert_msg(strstr(o.err.message, wrong[i].words) != NULL, "%s", o.err.message);
        close_pickle(&o);
    }
}
END_TEST

/* ------------------------------------------------------------------------- bombs */

/* 2^60 items, of which each level exists once. */
START_TEST(a_shared_tree_stays_small)
{
    char bytes[2048];
    size_t n = (size_t)sprintf(bytes, "N");
    for (int i = 0; i < 60; i++)
        n += (size_t)sprintf(bytes + n, "p%d\ng%d\n\x86", i, i);
    bytes[n++] = '.';
    opened o;
    ck_assert_msg(open_bytes(&o, bytes, n) == GOP_OK, "%s", o.err.message);
    zoo_value v = zoo_pickle_root(o.p);
    for (int i = 0; i < 60; i++) {
        ck_assert_uint_eq(zoo_value_count(o.p, v), 2);
        ck_assert_uint_eq(zoo_value_item(o.p, v, 0), zoo_value_item(o.p, v, 1));
        v = zoo_value_item(o.p, v, 1);
    }
    ck_assert_int_eq(zoo_value_kind_of(o.p, v), ZOO_VALUE_NONE);
    close_pickle(&o);
}
END_TEST

START_TEST(a_list_may_contain_itself)
{
    opened o;
    ck_assert_int_eq(open_bytes(&o, P("]q\x00h\x00"
                                      "a.")),
                     GOP_OK);
    const zoo_value root = zoo_pickle_root(o.p);
    ck_assert_uint_eq(zoo_value_item(o.p, root, 0), root);
    close_pickle(&o);
}
END_TEST

/* Depth costs memory only, and memory is bounded. */
START_TEST(depth_and_number_are_bounded_by_memory)
{
    enum { LEVELS = 1000000 };
    char *bytes = malloc(2 * LEVELS + 2);
    memset(bytes, ']', LEVELS);
    memset(bytes + LEVELS, 'a', LEVELS - 1);
    bytes[2 * LEVELS - 1] = '.';
    scratch_write(scratch_path("a.pkl"), bytes, 2 * LEVELS);
    opened o;
    ck_assert_int_eq(open_with(&o, scratch_path("a.pkl"), MEMORY), GOP_EFORMAT);
    ck_assert_msg(strstr(o.err.message, "more than 4 MiB") != NULL, "%s", o.err.message);
    close_pickle(&o);
    ck_assert_msg(open_with(&o, scratch_path("a.pkl"), (size_t)64 << 20) == GOP_OK, "%s",
                  o.err.message);
    zoo_value v = zoo_pickle_root(o.p);
    size_t levels = 1;
    while ((v = zoo_value_item(o.p, v, 0)) != 0)
        levels++;
    ck_assert_uint_eq(levels, LEVELS);
    close_pickle(&o);
    /* Marks too, and copies of a list by a short instruction. */
    memset(bytes, '(', LEVELS);
    ck_assert_int_eq(open_bytes(&o, bytes, LEVELS), GOP_EFORMAT);
    ck_assert_msg(strstr(o.err.message, "more than 4 MiB") != NULL, "%s", o.err.message);
    close_pickle(&o);
    size_t n = (size_t)sprintf(bytes, "cbuiltins\nlist\np0\n(");
    memset(bytes + n, 'N', 10000);
    n += 10000;
    n += (size_t)sprintf(bytes + n, "l\x85p1\n");
    for (int i = 0; i < 1000; i++)
        n += (size_t)sprintf(bytes + n, "g0\ng1\nR");
    ck_assert_int_eq(open_bytes(&o, bytes, n), GOP_EFORMAT);
    ck_assert_msg(strstr(o.err.message, "more than 4 MiB") != NULL, "%s", o.err.message);
    close_pickle(&o);
    free(bytes);
}
END_TEST

/* ------------------------------------------------------------------------ arrays */

#define RECONSTRUCT                                                    \
    "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" \
    "C\x01"                                                            \
    "b\x87R"
#define TYPE(text)                       "cnumpy\ndtype\n" text "\x89\x88\x87R"
#define STATE(shape, type, order, bytes) RECONSTRUCT "(K\x01" shape type order bytes "tb."

static const struct {
    const char *bytes;
    size_t n;
    const char *words; /* NULL: two numbers */
} arrays[] = {
    {P(STATE("K\x02\x85", TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     NULL},
    {P(STATE("K\x02\x85", TYPE("U\x02u1"), "\x89",
             "U\x02"
             "ab")),
     NULL},
    {P(STATE("K\x02\x85", TYPE("U\x02u1"), "\x89",
             "C\x01"
             "a")),
     "needs 2 bytes and has 1"},
    {P(STATE("K\x02\x85", TYPE("U\x02O8"), "\x89", "(NNl")), "an array of objects"},
    {P(STATE("K\x02\x85", TYPE("U\x02V8"), "\x89",
             "C\x01"
             "a")),
     "of type =V8"},
    {P(STATE("K\x02\x85", TYPE("U\x02M8"), "\x89",
             "C\x01"
             "a")),
     "of type =M8"},
    {P(STATE("K\x02\x85", TYPE("U\x02S8"), "\x89",
             "C\x01"
             "a")),
     "an array of texts"},
    {P(STATE("K\x02\x85",
             TYPE("U\x02"
                  "f3"),
             "\x89",
             "C\x01"
             "a")),
     "of type =f3"},
    {P(STATE("K\x02\x85", "N", "\x89",
             "C\x02"
             "ab")),
     "an array without a type"},
    {P(STATE("K\x02\x85", TYPE("K\x01"), "\x89",
             "C\x02"
             "ab")),
     "must be a text, not an integer"},
    {P(STATE("K\x02", TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     "shape is no tuple"},
    {P(STATE("N\x85", TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     "something else than lengths"},
    {P(STATE("J\xff\xff\xff\xff\x85", TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     "something else than lengths"},
    {P(STATE("(K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01K\x01t", TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     "an array of 9 axes"},
    {P(STATE("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"
             "2\x86",
             TYPE("U\x02u1"), "\x89",
             "C\x02"
             "ab")),
     "too many elements"},
    {P(STATE("K\x02\x85", TYPE("U\x02u1"), "\x89", "(NNl")), "must be bytes, not a list"},
    {P(STATE("K\x02\x85", TYPE("U\x02u1"), "N",
             "C\x02"
             "ab")),
     "an array without its state"},
    {P(RECONSTRUCT "."), "an array without its state"},
    {P("cnumpy.core.multiarray\n_reconstruct\nNK\x00\x85N\x87R."), "other than numpy.ndarray"},
    {P("cnumpy.core.numeric\n_frombuffer\nN\x85R."), "wrong number of arguments"},
    {P("cnumpy.core.numeric\n_frombuffer\n(C\x02"
       "ab" TYPE("U\x02u1") "K\x02\x85U\x01"
                            "CtR."),
     NULL},
    {P("cnumpy.core.numeric\n_frombuffer\n(C\x02"
       "ab" TYPE("U\x02u1") "K\x02\x85U\x01"
                            "KtR."),
     "must be C or F"},
    {P("cnumpy.core.multiarray\nscalar\nN\x85R."), "wrong number of arguments"},
    {P("cnumpy.core.multiarray\nscalar\n" TYPE("U\x02u1") "(K\x03U\x01*tbC\x01"
                                                          "a\x86R."),
     "byte order"},
    {P("N."), "must be an array, not None"},
};

START_TEST(arrays_are_checked)
{
    opened o;
    zoo_array a;
    float v[2];
    ck_assert_msg(open_bytes(&o, arrays[_i].bytes, arrays[_i].n) == GOP_OK, "%s", o.err.message);
    const gop_status s = recorded(
        zoo_pickled_array(&a, o.p, zoo_pickle_root(o.p), "keypoint", &o.err), &o.err);
    if (arrays[_i].words != NULL) {
        ck_assert_int_eq(s, GOP_EFORMAT);
        ck_assert_msg(strstr(o.err.message, arrays[_i].words) != NULL, "%s", o.err.message);
        ck_assert_msg(strstr(o.err.message, "a.pkl: ") != NULL, "%s", o.err.message);
    } else {
        ck_assert_msg(s == GOP_OK, "%s", o.err.message);
        ck_assert_int_eq(zoo_array_floats(v, &a, 0, 2, &o.err), GOP_OK);
        ck_assert(v[0] == 'a' && v[1] == 'b');
        zoo_array_clear(&a);
    }
    close_pickle(&o);
}
END_TEST

START_TEST(whole_numbers_are_taken_from_what_has_one)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *words; /* NULL: 97 */
    } wrong[] = {
        {P("K\x61."), NULL},
        {P("cnumpy.core.multiarray\nscalar\n" TYPE("U\x02u1") "C\x01"
                                                              "a\x86R."),
         NULL},
        {P(STATE("K\x01\x85", TYPE("U\x02u1"), "\x89",
                 "C\x01"
                 "a")),
         NULL},
        {P(STATE("K\x02\x85", TYPE("U\x02u1"), "\x89",
                 "C\x02"
                 "ab")),
         "an array where a whole"},
        {P("U\x01"
           "7."),
         "must be a whole number, not a text"},
        {P("cnumpy.core.multiarray\nscalar\n" TYPE("U\x02"
                                                   "f4") "(K\x03U\x01>NtbC\x04?\x00\x00\x00"
                                                         "\x86R."),
         "0.5 is not a whole number"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        opened o;
        int64_t v = 0;
        ck_assert_msg(open_bytes(&o, wrong[i].bytes, wrong[i].n) == GOP_OK, "%s", o.err.message);
        const gop_status s = recorded(
            zoo_pickled_integer(&v, o.p, zoo_pickle_root(o.p), "label", &o.err), &o.err);
        if (wrong[i].words == NULL)
            ck_assert_msg(s == GOP_OK && v == 97, "%s", o.err.message);
        else
            ck_assert_msg(s == GOP_EFORMAT && strstr(o.err.message, wrong[i].words) != NULL, "%s",
                          o.err.message);
        close_pickle(&o);
    }
}
END_TEST

START_TEST(other_values_have_no_parts)
{
    opened o;
    int64_t i;
    double d;
    uint32_t place = 0;
    ck_assert_int_eq(open_bytes(&o, P("N.")), GOP_OK);
    for (zoo_value v = 0; v <= zoo_pickle_root(o.p); v++) {
        ck_assert_uint_eq(zoo_value_count(o.p, v), 0);
        ck_assert_uint_eq(zoo_value_next(o.p, v, &place), 0);
        ck_assert_uint_eq(zoo_value_get(o.p, v, "a"), 0);
        ck_assert_uint_eq(zoo_value_arguments(o.p, v), 0);
        ck_assert_uint_eq(zoo_value_state(o.p, v), 0);
        ck_assert_int_eq(zoo_value_name(o.p, v), ZOO_NAME_UNKNOWN);
        ck_assert(!zoo_value_integer(o.p, v, &i) && !zoo_value_real(o.p, v, &d));
    }
    close_pickle(&o);
    zoo_pickle_free(NULL);
    zoo_blob_close(NULL);
}
END_TEST

/* ------------------------------------------------------------ files of other people */

static char folder[SCRATCH_PATH];

static void open_real(opened *o, const char *name)
{
    char path[2 * SCRATCH_PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(open_with(o, path, MEMORY) == GOP_OK, "%s", o->err.message);
}

/* The values are those that numpy reads. */
START_TEST(real_files_have_the_known_values)
{
    opened o;
    uint32_t place = 0;
    double sum = 0, inds = 0, scores = 0;
    size_t frames = 0, arrays_read = 0;
    int64_t n, labels = 0, total = 0;
    static float v[8192];
    open_real(&o, "ddnet-jhmdb-test-1.pkl");
    const zoo_value pose = zoo_value_get(o.p, zoo_pickle_root(o.p), "pose");
    ck_assert_uint_eq(zoo_value_count(o.p, pose), 176);
    for (zoo_value x; (x = zoo_value_next(o.p, pose, &place)) != 0; arrays_read++) {
        zoo_array a;
        ck_assert_int_eq(zoo_pickled_array(&a, o.p, x, "pose", &o.err), GOP_OK);
        ck_assert(a.rank == 3 && a.shape[1] == 15 && a.shape[2] == 2);
        ck_assert_int_eq(zoo_array_floats(v, &a, 0, a.entries, &o.err), GOP_OK);
        frames += a.entries;
        for (size_t i = 0; i < a.entries * a.entry; i++)
            sum += (double)v[i];
        zoo_array_clear(&a);
    }
    ck_assert_uint_eq(frames, 5918);
    ck_assert_double_eq_tol(sum, 8546.603, 0.01);
    close_pickle(&o);

    open_real(&o, "pyskl-mmaction2-sample-1.pkl");
    const zoo_value list = zoo_value_get(o.p, zoo_pickle_root(o.p), "annotations");
    ck_assert_uint_eq(zoo_value_count(o.p, list), 100);
    place = 0;
    for (zoo_value x; (x = zoo_value_next(o.p, list, &place)) != 0;) {
        zoo_array a;
        ck_assert(zoo_value_integer(o.p, zoo_value_get(o.p, x, "label"), &n));
        labels += n;
        ck_assert(zoo_value_integer(o.p, zoo_value_get(o.p, x, "total_frames"), &n));
        total += n;
        for (int k = 0; k < 2; k++) {
            const char *key = k == 0 ? "frame_inds" : "box_score";
            ck_assert_int_eq(zoo_pickled_array(&a, o.p, zoo_value_get(o.p, x, key), key, &o.err),
                             GOP_OK);
            ck_assert_uint_lt(a.entries, COUNT(v));
            ck_assert_int_eq(zoo_array_floats(v, &a, 0, a.entries, &o.err), GOP_OK);
            for (size_t i = 0; i < a.entries; i++)
                *(k == 0 ? &inds : &scores) += (double)v[i];
            zoo_array_clear(&a);
        }
    }
    ck_assert_int_eq(labels, 19074);
    ck_assert_int_eq(total, 28957);
    ck_assert_double_eq(inds, 6756397);
    ck_assert_double_eq_tol(scores, 41059.38, 0.01);
    close_pickle(&o);

    open_real(&o, "label-op2sagcn-1.pkl");
    const zoo_value names = zoo_value_item(o.p, zoo_pickle_root(o.p), 0);
    expect_text(o.p, zoo_value_item(o.p, names, 0), "open_pose_skeleton.json");
    expect_text(o.p, zoo_value_item(o.p, zoo_value_item(o.p, zoo_pickle_root(o.p), 1), 0), "");
    close_pickle(&o);
}
END_TEST

static bool find_data(void)
{
    const char *given = getenv("GRAPHOP_FORMATS"), *source = getenv("top_srcdir");
    struct stat st;
    if (given != NULL && *given != '\0')
        snprintf(folder, sizeof folder, "%s/pkl", given);
    else
        snprintf(folder, sizeof folder, "%s/../shared/data/formats/pkl",
                 source != NULL ? source : ".");
    return stat(folder, &st) == 0;
}

TEST_MAIN("pickle")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, pythons_values_are_read, 0, (int)COUNT(python));
    tcase_add_loop_test(t, damaged_files_are_no_harm, 0, (int)COUNT(python));
    tcase_add_loop_test(t, each_instruction_does_its_work, 0, (int)COUNT(good));
    tcase_add_loop_test(t, what_is_wrong_is_said, 0, (int)COUNT(bad));
    tcase_add_loop_test(t, texts_are_decoded, 0, (int)COUNT(texts));
    tcase_add_loop_test(t, bytes_are_read_from_any_place_on, 0, 5);
    tcase_add_test(t, a_key_may_stand_for_bytes);
    tcase_add_test(t, what_is_not_bytes_is_refused);
    tcase_add_test(t, a_shared_tree_stays_small);
    tcase_add_test(t, a_list_may_contain_itself);
    tcase_add_test(t, depth_and_number_are_bounded_by_memory);
    tcase_add_loop_test(t, arrays_are_checked, 0, (int)COUNT(arrays));
    tcase_add_test(t, whole_numbers_are_taken_from_what_has_one);
    tcase_add_test(t, other_values_have_no_parts);
    if (find_data())
        tcase_add_test(t, real_files_have_the_known_values);
    else
        printf("test_pickle: files of other people are skipped, no data at %s (set "
               "GRAPHOP_FORMATS)\n",
               folder);
}
