/*
 * fuzz_frames.c: frames as text, for a stream: lines of numbers and of JSON, of fifteen columns.
 */
#include "fuzz.h"

#include <string.h>

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {",",        "\n",         "{\"t\":", "\"bodies\":[",
                                  "{\"id\":", "\"pose\":[", "null",    "NaN",
                                  "1e99",     "]}]}\n",     NULL};

enum { COLUMNS = 15 };

typedef struct seen {
    uint64_t frames, bad;
    double sum;
} seen;

/* Reads the text in pieces of at most n bytes. */
static seen read_in(const uint8_t *bytes, size_t size, size_t n)
{
    seen s = {0, 0, 0};
    zoo_frame_lines *l;
    const zoo_frame *f;
    gop_error err;
    if (zoo_frame_lines_new(&l, zoo_layout_find("tiny5"), 30, &err) != GOP_OK)
        fuzz_fault("%s", err.message);
    for (size_t given = 0, k = 1; k > 0; given += k) {
        size_t room;
        char *at = zoo_frame_lines_room(l, &room);
        k = size - given < n ? size - given : n;
        k = k < room ? k : room;
        if (k > 0)
            memcpy(at, bytes + given, k);
        zoo_frame_lines_add(l, k);
        for (;;) {
            const gop_status status = zoo_frame_lines_next(l, &f, &err);
            if (status != GOP_OK && status != GOP_EFORMAT)
                fuzz_fault("%s", err.message);
            s.bad += status != GOP_OK;
            if (status == GOP_OK && f == NULL)
                break;
            s.frames += status == GOP_OK;
            for (size_t i = 0; status == GOP_OK && i < f->bodies * COLUMNS; i++)
                s.sum += f->values[i] > -1e9F && f->values[i] < 1e9F ? (double)f->values[i] : 1;
        }
    }
    if (s.bad != zoo_frame_lines_bad(l))
        fuzz_fault("bad lines are not counted");
    zoo_frame_lines_free(l);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const seen whole = read_in(bytes, size, size + 1), pieces = read_in(bytes, size, 1 + size % 13);
    if (whole.frames != pieces.frames || whole.bad != pieces.bad || whole.sum != pieces.sum)
        fuzz_fault("the frames depend on the pieces");
    return 0;
}
