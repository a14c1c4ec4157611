/*
 * fuzz_poses.c: a text of poses of fifteen columns.
 */
#include "fuzz.h"

#include <stdlib.h>

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {",", "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14\n", "x,y,z", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { COLUMNS = 15 };
    float *raw = NULL;
    size_t frames = 0;
    gop_error err;
    if (zoo_poses_read(&raw, &frames, COLUMNS, fuzz_write("poses.csv", bytes, size), NULL, &err) ==
        GOP_OK) {
        double sum = 0;
        for (size_t i = 0; i < frames * COLUMNS; i++)
            sum += raw[i];
        if (!(sum == sum))
            fuzz_fault("poses that are no numbers");
    }
    free(raw);
    return 0;
}
