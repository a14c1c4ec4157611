/*
 * pickle_names.c: the table of functions and classes that a pickle may name.  Touches its arguments
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/pickle/pickle_names.h"

#include <string.h>

const zoo_name_row zoo_name_rows[] = {
    {"builtins", "list", ZOO_NAME_PLAIN, ZOO_MADE_LIST},
    {"builtins", "tuple", ZOO_NAME_PLAIN, ZOO_MADE_TUPLE},
    {"builtins", "set", ZOO_NAME_PLAIN, ZOO_MADE_SET},
    {"builtins", "frozenset", ZOO_NAME_PLAIN, ZOO_MADE_SET},
    {"builtins", "dict", ZOO_NAME_PLAIN, ZOO_MADE_DICT},
    {"builtins", "bytes", ZOO_NAME_PLAIN, ZOO_MADE_BYTES},
    {"builtins", "bytearray", ZOO_NAME_PLAIN, ZOO_MADE_BYTES},
    {"builtins", "complex", ZOO_NAME_PLAIN, ZOO_MADE_OBJECT},
    {"builtins", "str", ZOO_NAME_PLAIN, ZOO_MADE_NOTHING},
    {"builtins", "int", ZOO_NAME_PLAIN, ZOO_MADE_NOTHING},
    {"builtins", "long", ZOO_NAME_PLAIN, ZOO_MADE_NOTHING},
    {"builtins", "float", ZOO_NAME_PLAIN, ZOO_MADE_NOTHING},
    {"builtins", "bool", ZOO_NAME_PLAIN, ZOO_MADE_NOTHING},
    {"collections", "OrderedDict", ZOO_NAME_PLAIN, ZOO_MADE_DICT},
    {"collections", "defaultdict", ZOO_NAME_PLAIN, ZOO_MADE_DICT},
    {"_codecs", "encode", ZOO_NAME_PLAIN, ZOO_MADE_BYTES},
    {"numpy", "ndarray", ZOO_NAME_NDARRAY, ZOO_MADE_NOTHING},
    {"numpy", "dtype", ZOO_NAME_DTYPE, ZOO_MADE_OBJECT},
    {"numpy.core.multiarray", "_reconstruct", ZOO_NAME_RECONSTRUCT, ZOO_MADE_OBJECT},
    {"numpy.core.multiarray", "scalar", ZOO_NAME_SCALAR, ZOO_MADE_OBJECT},
    {"numpy.core.numeric", "_frombuffer", ZOO_NAME_FROMBUFFER, ZOO_MADE_OBJECT},
    {"torch._utils", "_rebuild_tensor_v2", ZOO_NAME_TENSOR, ZOO_MADE_OBJECT},
    {"torch._utils", "_rebuild_parameter", ZOO_NAME_PARAMETER, ZOO_MADE_OBJECT},
    {"torch", "DoubleStorage", ZOO_NAME_STORAGE_F8, ZOO_MADE_NOTHING},
    {"torch", "FloatStorage", ZOO_NAME_STORAGE_F4, ZOO_MADE_NOTHING},
    {"torch", "HalfStorage", ZOO_NAME_STORAGE_F2, ZOO_MADE_NOTHING},
    {"torch", "BFloat16Storage", ZOO_NAME_STORAGE_B2, ZOO_MADE_NOTHING},
    {"torch", "LongStorage", ZOO_NAME_STORAGE_I8, ZOO_MADE_NOTHING},
    {"torch", "IntStorage", ZOO_NAME_STORAGE_I4, ZOO_MADE_NOTHING},
    {"torch", "ShortStorage", ZOO_NAME_STORAGE_I2, ZOO_MADE_NOTHING},
    {"torch", "CharStorage", ZOO_NAME_STORAGE_I1, ZOO_MADE_NOTHING},
    {"torch", "ByteStorage", ZOO_NAME_STORAGE_U1, ZOO_MADE_NOTHING},
    {"torch", "BoolStorage", ZOO_NAME_STORAGE_TRUTH, ZOO_MADE_NOTHING},
    {"torch", "Size", ZOO_NAME_PLAIN, ZOO_MADE_TUPLE},
    {"torch", "device", ZOO_NAME_PLAIN, ZOO_MADE_OBJECT},
    {NULL, NULL, ZOO_NAME_UNKNOWN, ZOO_MADE_NOTHING},
};

/* Modules that have other names in other versions. */
static const char *const same[][2] = {
    {"__builtin__", "builtins"},                         /* Python 2 */
    {"numpy._core.multiarray", "numpy.core.multiarray"}, /* numpy 2 */
    {"numpy._core.numeric", "numpy.core.numeric"},
};

const zoo_name_row *zoo_name_find(const char *module, const char *name)
{
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(module, same[i][0]) == 0)
            module = same[i][1];
    for (const zoo_name_row *r = zoo_name_rows; r->module != NULL; r++)
        if (strcmp(r->module, module) == 0 && strcmp(r->name, name) == 0)
            return r;
    return NULL;
}
