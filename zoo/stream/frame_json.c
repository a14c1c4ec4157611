/*
 * frame_json.c: reads a frame from a line of JSON.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/frame_build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/json.h"
#include "zoo/numeral.h"

gop_status zoo_frame_build_body(zoo_frame_build *b, int64_t id, float **values, gop_error *err)
{
    const size_t columns = b->layout->columns, n = b->frame.bodies;
    if (n == ZOO_FRAME_BODIES)
        return gop_fail(err, GOP_EFORMAT, "more than %d bodies", ZOO_FRAME_BODIES);
    if (n == b->room) {
        const size_t room = b->room == 0 ? 1 : 2 * b->room;
        int64_t *ids = realloc(b->id, room * sizeof *ids);
        if (ids != NULL)
            b->id = ids;
        float *grown = ids != NULL ? realloc(b->values, room * columns * sizeof *grown) : NULL;
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory for a frame");
        b->values = grown;
        b->room = room;
    }
    b->id[n] = id;
    *values = b->values + n * columns;
    for (size_t c = 0; c < columns; c++)
        (*values)[c] = NAN;
    b->frame.id = b->id;
    b->frame.values = b->values;
    b->frame.bodies++;
    return GOP_OK;
}

/* Reads a number; false for any other value, which is passed. */
static bool take_number(zoo_json *j, double *v)
{
    const char *end;
    if (zoo_json_kind(j) != '0') {
        zoo_json_skip(j);
        return false;
    }
    const char *begin = zoo_json_number(j, &end);
    return begin != NULL && zoo_numeral_read(v, begin, (size_t)(end - begin));
}

/* Reads a number, or null and NaN: missing.  Numbers too large for a float are missing, too. */
static bool take_value(zoo_json *j, float *v)
{
    zoo_json before = *j;
    double number = 0;
    *v = NAN;
    if (take_number(j, &number)) {
        *v = (float)number;
        return true;
    }
    const char kind = zoo_json_kind(&before);
    return j->fault == NULL && (kind == '0' || (kind == 't' && *before.p == 'n'));
}

static gop_status take_pose(zoo_frame_build *b, zoo_json *j, float *values, gop_error *err)
{
    const size_t columns = b->layout->columns;
    size_t n = 0;
    float v;
    for (zoo_json_enter(j, '['); zoo_json_item(j); n++) {
        const bool number = take_value(j, &v);
        if (j->fault == NULL && !number)
            return gop_fail(err, GOP_EFORMAT, "entry %zu of a pose is not a number", n + 1);
        if (n < columns)
            values[n] = v;
    }
    return j->fault != NULL || n == columns
               ? GOP_OK
               : gop_fail(err, GOP_EFORMAT, "a pose of %zu columns instead of %zu", n, columns);
}

static gop_status take_body(zoo_frame_build *b, zoo_json *j, gop_error *err)
{
    char key[8];
    float *values;
    double id;
    bool pose = false;
    gop_try(zoo_frame_build_body(b, -1, &values, err));
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "pose") == 0 && !pose) {
            gop_try(take_pose(b, j, values, err));
            pose = true;
        } else if (strcmp(key, "id") == 0 && zoo_json_kind(j) == '0') {
            if (!take_number(j, &id) || id < 0 || id > 9e15 || id != floor(id))
                return gop_fail(err, GOP_EFORMAT, "an id is not a whole number from 0 to 9e15");
            b->id[b->frame.bodies - 1] = (int64_t)id;
        } else {
            zoo_json_skip(j);
        }
    return j->fault != NULL || pose ? GOP_OK : gop_fail(err, GOP_EFORMAT, "a body has no \"pose\"");
}

static gop_status take_frame(zoo_frame_build *b, zoo_json *j, gop_error *err)
{
    char key[8];
    bool bodies = false;
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);)
        if (strcmp(key, "t") == 0) {
            if (!take_number(j, &b->frame.time) && j->fault == NULL)
                return gop_fail(err, GOP_EFORMAT, "\"t\" is not a number");
        } else if (strcmp(key, "bodies") == 0 && !bodies) {
            bodies = true;
            for (zoo_json_enter(j, '['); zoo_json_item(j);)
                gop_try(take_body(b, j, err));
        } else {
            zoo_json_skip(j);
        }
    return j->fault != NULL || bodies ? GOP_OK
                                      : gop_fail(err, GOP_EFORMAT, "a frame has no \"bodies\"");
}

gop_status zoo_frame_build_json(zoo_frame_build *b, const char *text, const char *end,
                                gop_error *err)
{
    zoo_json j = {.p = text, .begin = text, .end = end, .wide = true};
    b->frame.time = b->time;
    gop_try(take_frame(b, &j, err));
    zoo_json_finish(&j);
    return j.fault == NULL ? GOP_OK
                           : gop_fail(err, GOP_EFORMAT, "not JSON at byte %zu: %s",
                                      (size_t)(j.p - text) + 1, j.fault);
}
