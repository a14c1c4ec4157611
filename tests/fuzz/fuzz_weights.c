/*
 * fuzz_weights.c: files of weights: an archive of PyTorch or of numpy's arrays, or .safetensors.
 */
#include "fuzz.h"

#include "zoo/weights/weights.h"

const char fuzz_kind[] = "";
const char *const fuzz_words[] = {"PK\x03\x04",
                                  "PK\x01\x02",
                                  "PK\x05\x06",
                                  "data.pkl",
                                  "data/0",
                                  "byteorder",
                                  "ctorch._utils\n_rebuild_tensor_v2\n",
                                  "ctorch\nFloatStorage\n",
                                  "ctorch\nBFloat16Storage\n",
                                  "ccollections\nOrderedDict\n",
                                  "cposix\nsystem\n",
                                  "storage",
                                  "state_dict",
                                  "Q",
                                  "tR",
                                  "K\x03K\x01\x86",
                                  "\"dtype\":\"F32\"",
                                  "\"shape\":[2,3]",
                                  "\"data_offsets\":[0,24]",
                                  "BF16",
                                  NULL};

#define MOST 4096 /* elements of a tensor that is read */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static gop_real out[MOST];
    zoo_weights *w;
    gop_error err;
    fuzz_allow((size_t)64 << 20); /* the limit of a pickle */
    if (zoo_weights_open(&w, fuzz_write("a", bytes, size), &err) != GOP_OK)
        return 0;
    for (size_t i = 0; i < zoo_weights_count(w); i++) {
        const zoo_weight *t = zoo_weights_at(w, i);
        if (zoo_weights_find(w, t->name) != i)
            fuzz_fault("tensor %s is not found", t->name);
        if (t->elements <= MOST && i < 50)
            (void)zoo_weights_read(out, w, i, &err);
    }
    zoo_weights_close(w);
    return 0;
}
