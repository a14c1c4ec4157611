/*
 * pickled.c: interprets the calls by which numpy pickles arrays.  Touches its arguments only.
 *
 * Source: numpy's array.__reduce_ex__ and dtype.__reduce__; protocol 5 has _frombuffer where the
 * elements lie together, the others and older ones have _reconstruct and a state.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/numpy/pickled.h"

#include <stdio.h>
#include <string.h>

#define NAME_SIZE 400

typedef struct parts {
    zoo_value shape, type, bytes; /* shape 0: a scalar's */
    bool fortran;
} parts;

/* What the functions below call `what` is "annotation 3, keypoint". */
static gop_status bad(const zoo_pickle *p, const char *what, const char *fault, gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: %s: %s", zoo_pickle_file(p), what, fault);
}

bool zoo_pickled_is_array(const zoo_pickle *p, zoo_value v)
{
    const zoo_name name = zoo_value_name(p, v);
    return zoo_value_kind_of(p, v) == ZOO_VALUE_OBJECT &&
           (name == ZOO_NAME_RECONSTRUCT || name == ZOO_NAME_FROMBUFFER || name == ZOO_NAME_SCALAR);
}

static gop_status find_parts(parts *f, zoo_pickle *p, zoo_value v, const char *what, gop_error *err)
{
    const zoo_value arguments = zoo_value_arguments(p, v), state = zoo_value_state(p, v);
    const size_t n = zoo_value_count(p, arguments), m = zoo_value_count(p, state);
    char order[4] = "C";
    int64_t fortran = 0;
    memset(f, 0, sizeof *f);
    switch (zoo_value_name(p, v)) {
    case ZOO_NAME_RECONSTRUCT:
        if (n != 3 || zoo_value_name(p, zoo_value_item(p, arguments, 0)) != ZOO_NAME_NDARRAY)
            return bad(p, what, "an array of a class other than numpy.ndarray", err);
        if ((m != 4 && m != 5) || !zoo_value_integer(p, zoo_value_item(p, state, m - 2), &fortran))
            return bad(p, what, "an array without its state", err);
        f->shape = zoo_value_item(p, state, m - 4); /* a version comes first */
        f->type = zoo_value_item(p, state, m - 3);
        f->bytes = zoo_value_item(p, state, m - 1);
        break;
    case ZOO_NAME_FROMBUFFER:
        if (n != 4)
            return bad(p, what, "an array with a wrong number of arguments", err);
        f->bytes = zoo_value_item(p, arguments, 0);
        f->type = zoo_value_item(p, arguments, 1);
        f->shape = zoo_value_item(p, arguments, 2);
        gop_try(zoo_value_text(order, sizeof order, p, zoo_value_item(p, arguments, 3),
                               "an array's order", err));
        if (strcmp(order, "C") != 0 && strcmp(order, "F") != 0)
            return bad(p, what, "an array's order must be C or F", err);
        fortran = order[0] == 'F';
        break;
    default: /* a scalar */
        if (n != 2)
            return bad(p, what, "a scalar with a wrong number of arguments", err);
        f->type = zoo_value_item(p, arguments, 0);
        f->bytes = zoo_value_item(p, arguments, 1);
    }
    f->fortran = fortran != 0;
    return GOP_OK;
}

/* The array's name in messages of array.h. */
static const char *full_name(char buf[NAME_SIZE], const zoo_pickle *p, const char *what)
{
    snprintf(buf, NAME_SIZE, "%s: %s", zoo_pickle_file(p), what);
    return buf;
}

static gop_status set_type(zoo_array *a, zoo_pickle *p, zoo_value type, const char *what,
                           gop_error *err)
{
    char text[16] = "=", order[4] = "", name[NAME_SIZE];
    const zoo_value state = zoo_value_state(p, type);
    if (zoo_value_kind_of(p, type) != ZOO_VALUE_OBJECT || zoo_value_name(p, type) != ZOO_NAME_DTYPE)
        return bad(p, what, "an array without a type", err);
    gop_try(zoo_value_text(text + 1, sizeof text - 1, p,
                           zoo_value_item(p, zoo_value_arguments(p, type), 0), "an array's type",
                           err));
    if (state != 0) {
        gop_try(zoo_value_text(order, sizeof order, p, zoo_value_item(p, state, 1),
                               "a type's byte order", err));
        if (strlen(order) != 1 || strchr("<>|=", order[0]) == NULL)
            return bad(p, what, "a type's byte order must be <, >, = or |", err);
        text[0] = order[0];
    }
    return zoo_array_type(a, text, full_name(name, p, what), err);
}

static gop_status set_shape(zoo_array *a, zoo_pickle *p, zoo_value shape, uint64_t bytes,
                            const char *what, gop_error *err)
{
    uint64_t length[ZOO_ARRAY_RANK] = {0};
    char name[NAME_SIZE];
    const size_t rank = zoo_value_count(p, shape);
    uint32_t place = 0;
    if (shape != 0 && zoo_value_kind_of(p, shape) != ZOO_VALUE_TUPLE)
        return bad(p, what, "an array's shape is no tuple", err);
    for (size_t i = 0; i < rank && i < ZOO_ARRAY_RANK; i++) {
        int64_t v;
        if (!zoo_value_integer(p, zoo_value_next(p, shape, &place), &v) || v < 0)
            return bad(p, what, "an array's shape has something else than lengths", err);
        length[i] = (uint64_t)v;
    }
    return zoo_array_shape(a, length, rank, bytes, full_name(name, p, what), err);
}

gop_status zoo_pickled_array(zoo_array *a, zoo_pickle *p, zoo_value v, const char *what,
                             gop_error *err)
{
    parts f;
    memset(a, 0, sizeof *a);
    if (!zoo_pickled_is_array(p, v))
        return gop_fail(err, GOP_EFORMAT, "%s: %s must be an array, not %s", zoo_pickle_file(p),
                        what, zoo_value_kind_name(zoo_value_kind_of(p, v)));
    gop_try(find_parts(&f, p, v, what, err));
    gop_try(set_type(a, p, f.type, what, err));
    gop_try(zoo_value_blob(&a->blob, p, f.bytes, what, err));
    a->owned = true;
    const gop_status s = set_shape(a, p, f.shape, a->blob->size, what, err);
    a->fortran = f.fortran && a->rank > 1;
    if (s != GOP_OK)
        zoo_array_clear(a);
    return s;
}

gop_status zoo_pickled_integer(int64_t *integer, zoo_pickle *p, zoo_value v, const char *what,
                               gop_error *err)
{
    zoo_array a;
    if (zoo_value_integer(p, v, integer))
        return GOP_OK;
    if (!zoo_pickled_is_array(p, v))
        return gop_fail(err, GOP_EFORMAT, "%s: %s must be a whole number, not %s",
                        zoo_pickle_file(p), what, zoo_value_kind_name(zoo_value_kind_of(p, v)));
    gop_try(zoo_pickled_array(&a, p, v, what, err));
    gop_status s = a.entries == 1 && a.entry == 1
                       ? zoo_array_integers(integer, &a, 0, 1, err)
                       : bad(p, what, "an array where a whole number must be", err);
    zoo_array_clear(&a);
    return s;
}
