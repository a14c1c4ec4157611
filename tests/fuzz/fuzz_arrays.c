/*
 * fuzz_arrays.c: arrays of numpy: a .npy file, an archive of them, or a pickle with them, by what
 * the input begins with.
 */
#include "fuzz.h"

#include <string.h>

#include "zoo/numpy/npy.h"
#include "zoo/numpy/pickled.h"
#include "zoo/numpy/zip.h"

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {"\x93NUMPY\x01",
                                  "'descr': '<f4'",
                                  "'>f2'",
                                  "'|O'",
                                  "'fortran_order': True",
                                  "'shape': (2, 3)",
                                  "PK\x03\x04",
                                  "PK\x01\x02",
                                  "PK\x05\x06",
                                  ".npy",
                                  "cnumpy\nndarray\n",
                                  "cnumpy\ndtype\n",
                                  "cbuiltins\nlist\n",
                                  "c_codecs\nencode\n",
                                  "cposix\nsystem\n",
                                  "\x85R",
                                  "\x87R",
                                  "tb",
                                  "(lp1\n",
                                  "]q\x01",
                                  "h\x01",
                                  "2",
                                  NULL};

#define MOST   4096 /* elements that are read at once */
#define LEVELS 6

static void read_array(zoo_array *a)
{
    static float floats[MOST];
    static int64_t integers[MOST];
    gop_error err;
    for (size_t axis = 0; axis < (a->rank > 0 ? a->rank : 1); axis++) {
        zoo_array_along(a, axis);
        if (a->entries == 0 || a->entry > MOST)
            continue;
        const uint64_t first = a->entries < 3 ? 0 : a->entries - 3;
        const uint64_t n = a->entry == 0 || MOST / a->entry > a->entries - first
                               ? a->entries - first
                               : MOST / a->entry;
        (void)zoo_array_floats(floats, a, first, n, &err);
        (void)zoo_array_integers(integers, a, 0, 1, &err);
    }
}

static void read_npy(zoo_blob *b)
{
    zoo_array a;
    gop_error err;
    if (zoo_npy_read(&a, b, &err) == GOP_OK)
        read_array(&a);
    zoo_array_clear(&a);
}

static void read_zip(const char *path)
{
    zoo_zip *zip;
    gop_error err;
    if (zoo_zip_open(&zip, path, &err) != GOP_OK)
        return;
    for (size_t i = 0; i < zoo_zip_members(zip) && i < 50; i++) {
        zoo_blob *b;
        if (zoo_zip_member(&b, zip, zoo_zip_name(zip, i), &err) == GOP_OK) {
            read_npy(b);
            zoo_blob_close(b);
        }
    }
    zoo_zip_close(zip);
}

/* A tree of shared parts has no end of values. */
static int values;

static void read_value(zoo_pickle *p, zoo_value v, int level)
{
    if (values-- <= 0)
        return;
    zoo_array a;
    zoo_blob *b;
    gop_error err;
    char text[64];
    int64_t integer;
    double real;
    uint32_t place = 0;
    (void)zoo_value_integer(p, v, &integer);
    (void)zoo_value_real(p, v, &real);
    (void)zoo_value_get(p, v, "label");
    (void)zoo_value_text(text, sizeof text, p, v, "text", &err);
    (void)zoo_pickled_integer(&integer, p, v, "integer", &err);
    if (zoo_value_blob(&b, p, v, "bytes", &err) == GOP_OK) {
        if (b->size > sizeof text)
            (void)zoo_blob_read(b, text, b->size - sizeof text, sizeof text, &err);
        zoo_blob_close(b);
    }
    if (zoo_pickled_array(&a, p, v, "array", &err) == GOP_OK) {
        read_array(&a);
        zoo_array_clear(&a);
    }
    if (zoo_value_kind_of(p, v) == ZOO_VALUE_OBJECT && level > 0) {
        read_value(p, zoo_value_arguments(p, v), level - 1);
        read_value(p, zoo_value_state(p, v), level - 1);
    }
    if (level > 0)
        for (zoo_value item; (item = zoo_value_next(p, v, &place)) != 0;)
            read_value(p, item, level - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    zoo_blob *b;
    zoo_pickle *p;
    gop_error err;
    const char *path = fuzz_write("a", bytes, size);
    fuzz_allow((size_t)24 << 20); /* the window of an array and the limit of a pickle */
    if (size > 1 && bytes[0] == 'P' && bytes[1] == 'K') {
        read_zip(path);
        return 0;
    }
    if (zoo_blob_open(&b, path, &err) != GOP_OK)
        fuzz_fault("%s", err.message);
    if (size > 0 && bytes[0] == 0x93) {
        read_npy(b);
    } else if (zoo_pickle_read(&p, b, (size_t)4 << 20, &err) == GOP_OK) {
        values = 1000;
        read_value(p, zoo_pickle_root(p), LEVELS);
        zoo_pickle_free(p);
    }
    zoo_blob_close(b);
    return 0;
}
