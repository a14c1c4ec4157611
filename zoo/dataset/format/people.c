/*
 * people.c: collects the bodies of a recording by frames, in the columns of a layout.  Touches memory
 * only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/people.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/decimal.h"

/* World landmarks have their origin amid the body; so near are its means, in metres. */
#define NEAR 0.02

void zoo_people_begin(zoo_people *p, const char *path, const zoo_layout *layout)
{
    const zoo_people kept = *p;
    memset(p, 0, sizeof *p);
    p->path = path;
    p->layout = layout;
    p->given = layout != NULL;
    p->room = 0;
    free(kept.found);
    free(kept.values);
    free(kept.frame);
    free(kept.slot);
    p->uniform = true;
    p->now = UINT32_MAX;
    p->why = ZOO_DROP_FORMAT;
}

void zoo_people_clear(zoo_people *p)
{
    free(p->found);
    free(p->values);
    free(p->frame);
    free(p->slot);
    p->found = NULL;
    p->values = NULL;
    p->frame = NULL;
    p->slot = NULL;
}

static gop_status no_memory(const zoo_people *p, gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", p->path);
}

/* ---------------------------------------------------------------------- frames */

static size_t slot_of(const zoo_people *p, uint64_t key)
{
    size_t k = (size_t)gop_hash(GOP_HASH_START, &key, sizeof key) & (p->slots - 1);
    while (p->slot[k] != UINT32_MAX && p->frame[p->slot[k]].key != key)
        k = (k + 1) & (p->slots - 1);
    return k;
}

/* Grows the table so that it stays at most half full with one more frame. */
static bool more_slots(zoo_people *p)
{
    if (2 * (p->frames + 1) <= p->slots)
        return true;
    const size_t n = p->slots == 0 ? 64 : 2 * p->slots;
    uint32_t *grown = malloc(n * sizeof *grown);
    if (grown == NULL)
        return false;
    free(p->slot);
    p->slot = grown;
    p->slots = n;
    memset(grown, 0xff, n * sizeof *grown);
    for (size_t i = 0; i < p->frames; i++)
        grown[slot_of(p, p->frame[i].key)] = (uint32_t)i;
    return true;
}

static gop_status frame_by(zoo_people *p, uint32_t *frame, uint64_t key, uint64_t number,
                           gop_error *err)
{
    if (p->last < p->frames && p->frame[p->last].key == key) {
        *frame = (uint32_t)p->last;
        return GOP_OK;
    }
    if (!more_slots(p))
        return no_memory(p, err);
    const size_t k = slot_of(p, key);
    if (p->slot[k] != UINT32_MAX) {
        p->last = *frame = p->slot[k];
        return GOP_OK;
    }
    if (p->frames == ZOO_PEOPLE_FRAMES)
        return gop_fail(err, GOP_EFORMAT, "%s: more than %zu frames", p->path, ZOO_PEOPLE_FRAMES);
    if (p->frames == p->frame_room) {
        const size_t room = p->frame_room == 0 ? 64 : 2 * p->frame_room;
        zoo_people_frame *grown = realloc(p->frame, room * sizeof *grown);
        if (grown == NULL)
            return no_memory(p, err);
        p->frame = grown;
        p->frame_room = room;
    }
    p->back += p->frames > 0 && number < p->latest;
    p->latest = p->frames == 0 || number > p->latest ? number : p->latest;
    p->slot[k] = (uint32_t)p->frames;
    p->last = p->frames;
    *frame = (uint32_t)p->frames;
    p->frame[p->frames++] = (zoo_people_frame){.key = key, .number = number};
    return GOP_OK;
}

gop_status zoo_people_frame_at(zoo_people *p, uint32_t *frame, uint64_t number, gop_error *err)
{
    return frame_by(p, frame, number, number, err);
}

gop_status zoo_people_frame_next(zoo_people *p, uint32_t *frame, gop_error *err)
{
    p->uniform = false;
    p->last = SIZE_MAX;
    return frame_by(p, frame, p->frames, p->frames, err);
}

gop_status zoo_people_frame_now(zoo_people *p, uint32_t *frame, gop_error *err)
{
    if (p->now == UINT32_MAX)
        gop_try(zoo_people_frame_at(p, &p->now, 0, err));
    *frame = p->now;
    return GOP_OK;
}

uint64_t zoo_people_number(uint64_t *around, const char *name)
{
    const char *slash = strrchr(name, '/');
    name = slash == NULL ? name : slash + 1;
    const char *end = strrchr(name, '.');
    uint64_t v = 0;
    end = end == NULL || end == name || end[1 + strspn(end + 1, "0123456789")] == '\0'
              ? name + strlen(name)
              : end;
    while (end > name && !isdigit((unsigned char)end[-1]))
        end--;
    const char *from = end;
    while (from > name && isdigit((unsigned char)from[-1]))
        from--;
    *around = gop_hash(gop_hash(GOP_HASH_START, name, (size_t)(from - name)), end, strlen(end));
    for (const char *c = from; c < end; c++) {
        if (v > (UINT64_MAX - 9) / 10)
            return UINT64_MAX;
        v = 10 * v + (uint64_t)(*c - '0');
    }
    return from < end ? v : UINT64_MAX;
}

gop_status zoo_people_frame_of(zoo_people *p, uint32_t *frame, const char *name, gop_error *err)
{
    uint64_t around;
    const uint64_t number = zoo_people_number(&around, name);
    if (p->frames == 0)
        p->around = around;
    p->named = true;
    p->uniform &= number != UINT64_MAX && around == p->around;
    return frame_by(p, frame, gop_hash(GOP_HASH_START, name, strlen(name)), number, err);
}

/* ---------------------------------------------------------------------- bodies */

const zoo_layout *zoo_people_layout(size_t joints, bool world)
{
    static const struct {
        size_t joints;
        const char *name, *world;
    } usual[] = {{17, "coco17", NULL},           {18, "openpose18", NULL},
                 {25, "openpose25", NULL},       {26, "halpe26", NULL},
                 {21, "hand21", "hand21_world"}, {33, "mediapipe33", "mediapipe33_world"}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (usual[i].joints == joints && (!world || usual[i].world != NULL))
            return zoo_layout_find(world ? usual[i].world : usual[i].name);
    return NULL;
}

bool zoo_points_like_world(const zoo_points *q)
{
    double x = 0, y = 0, far = 0;
    const size_t first = q->n == 33 ? 23 : 0, last = q->n == 33 ? 25 : q->n;
    if (!q->depth || (q->n != 33 && q->n != 21))
        return false;
    for (size_t i = first; i < last; i++) {
        x += q->v[i][0] / (double)(last - first);
        y += q->v[i][1] / (double)(last - first);
    }
    for (size_t i = 0; i < q->n; i++)
        far = fmax(far, fabs((double)q->v[i][0]));
    return fabs(x) < NEAR && fabs(y) < NEAR && far > 0;
}

static bool make_room(zoo_people *p)
{
    if (p->n < p->room)
        return true;
    const size_t room = p->room == 0 ? 16 : 2 * p->room;
    zoo_found *found = realloc(p->found, room * sizeof *found);
    if (found == NULL)
        return false;
    p->found = found;
    float *values = realloc(p->values, room * p->layout->columns * sizeof *values);
    if (values == NULL)
        return false;
    p->values = values;
    p->room = room;
    return true;
}

/* Whether a body has no joint: tools write 0 for what they did not find. */
static bool is_nobody(const zoo_points *q)
{
    for (size_t i = 0; i < q->n; i++)
        for (size_t k = 0; k < 4; k++)
            if (q->v[i][k] != 0 && !isnan(q->v[i][k]) && (k != 2 || q->depth) &&
                (k != 3 || q->scored))
                return false;
    return true;
}

static void copy_joints(float *to, const zoo_points *q, const zoo_layout *layout)
{
    const bool world = layout->feature == ZOO_POSITION;
    for (size_t c = 0; c < layout->columns; c++)
        to[c] = NAN;
    for (size_t i = 0; i < q->n; i++) {
        const uint32_t *at = layout->column + i * layout->channels;
        const float score = q->scored ? q->v[i][3] : isnan(q->v[i][0]) ? NAN : 1;
        const float row[3] = {q->v[i][0], q->v[i][1], world ? q->v[i][2] : score};
        bool missing = false;
        for (size_t k = 0; k < layout->channels; k++)
            missing |= isnan(row[k]) != 0;
        missing |= row[0] == 0 && row[1] == 0 && (world ? row[2] : score) == 0;
        for (size_t k = 0; k < layout->channels && !missing; k++)
            to[at[k]] = row[k];
    }
}

static gop_status choose_layout(zoo_people *p, bool world, gop_error *err)
{
    const zoo_points *q = &p->points;
    p->why = ZOO_DROP_JOINTS;
    if (p->layout == NULL)
        p->layout = zoo_people_layout(q->n, world);
    if (p->layout == NULL)
        return gop_fail(err, GOP_EFORMAT, "%s: bodies of %zu joints%s; their layout must be given",
                        p->path, q->n, world ? " in space" : "");
    const zoo_feature feature = p->layout->feature;
    if (feature != ZOO_SCORED && feature != ZOO_IMAGE && feature != ZOO_POSITION)
        return gop_fail(err, GOP_EINVAL, "keypoints are places; layout %s has none",
                        p->layout->name);
    if (q->n != p->layout->nodes)
        return gop_fail(err, GOP_EFORMAT, "%s: a body of %zu joints; layout %s has %u", p->path,
                        q->n, p->layout->name, (unsigned)p->layout->nodes);
    if (feature == ZOO_POSITION && (!q->depth || q->space == ZOO_SPACE_IMAGE))
        return gop_fail(err, GOP_EFORMAT, "%s: joints in an image; layout %s has them in space",
                        p->path, p->layout->name);
    if (feature != ZOO_POSITION && q->space == ZOO_SPACE_WORLD)
        return gop_fail(err, GOP_EFORMAT, "%s: joints in space; layout %s has them in an image",
                        p->path, p->layout->name);
    p->why = ZOO_DROP_FORMAT;
    return GOP_OK;
}

gop_status zoo_people_add(zoo_people *p, uint32_t frame, int64_t id, gop_error *err)
{
    const zoo_points *q = &p->points;
    const bool like = q->space == ZOO_SPACE_OPEN && zoo_points_like_world(q);
    if (q->n == 0 || is_nobody(q))
        return GOP_OK;
    gop_try(choose_layout(p, like || q->space == ZOO_SPACE_WORLD, err));
    if (p->frame[frame].bodies == ZOO_PEOPLE_CROWD) {
        p->crowd++;
        return GOP_OK;
    }
    if ((p->n + 1) * p->layout->columns > ZOO_PEOPLE_VALUES)
        return gop_fail(err, GOP_EFORMAT, "%s: a recording of more than %zu bodies is too large",
                        p->path, p->n);
    if (!make_room(p))
        return no_memory(p, err);
    p->open += q->space == ZOO_SPACE_OPEN;
    p->like += like;
    for (size_t i = 0; i < q->n; i++)
        p->farthest = fmaxf(p->farthest, fmaxf(fabsf(q->v[i][0]), fabsf(q->v[i][1])));
    copy_joints(p->values + p->n * p->layout->columns, q, p->layout);
    p->found[p->n++] = (zoo_found){.frame = frame, .id = id};
    p->frame[frame].bodies++;
    return GOP_OK;
}

void zoo_people_take_back(zoo_people *p, size_t n)
{
    while (p->n > n)
        p->frame[p->found[--p->n].frame].bodies--;
}

gop_status zoo_people_check(zoo_people *p, gop_error *err)
{
    p->why = ZOO_DROP_EMPTY;
    if (p->n == 0)
        return gop_fail(err, GOP_EFORMAT, "%s: no body in any of %zu frames", p->path, p->frames);
    const bool world = p->layout->feature == ZOO_POSITION;
    const size_t wrong = world ? p->open - p->like : p->like;
    p->why = ZOO_DROP_JOINTS;
    if (2 * wrong > p->n)
        return gop_fail(err, GOP_EFORMAT, "%s: %zu of %zu bodies look like %s, unlike layout %s",
                        p->path, wrong, p->n, world ? "image landmarks" : "world landmarks",
                        p->layout->name);
    return GOP_OK;
}

/* ----------------------------------------------------------------- parts of JSON */

gop_status zoo_people_not_json(zoo_people *p, const zoo_json *j, gop_error *err)
{
    p->why = ZOO_DROP_FORMAT;
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: not JSON: %s", p->path, zoo_json_line(j), j->fault);
}

bool zoo_people_value(zoo_json *j, float *v)
{
    const char *end, *p, *after;
    *v = NAN;
    if (zoo_json_kind(j) != '0') {
        const bool null = j->p < j->end && *j->p == 'n';
        zoo_json_skip(j);
        return null;
    }
    p = zoo_json_number(j, &end);
    after = zoo_decimal(v, p, end);
    if (after == NULL && p < end) /* NaN, Infinity */
        *v = end[-1] == 'N' ? NAN : INFINITY;
    return true;
}

gop_status zoo_people_flat(zoo_people *p, zoo_json *j, size_t width, gop_error *err)
{
    zoo_points *q = &p->points;
    size_t n = 0;
    float ignored;
    if (zoo_json_kind(j) != '[')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a body's joints are no array of numbers",
                        p->path, zoo_json_line(j));
    for (zoo_json_enter(j, '['); zoo_json_item(j); n++) {
        const size_t i = n / width, k = n % width;
        if (!zoo_people_value(j, i < ZOO_MAX_NODES ? &q->v[i][k + (width == 3 && k == 2)]
                                                   : &ignored) &&
            j->fault == NULL)
            return gop_fail(err, GOP_EFORMAT,
                            "%s:%zu: entry %zu of a body's joints is not a number", p->path,
                            zoo_json_line(j), n + 1);
    }
    if (j->fault != NULL)
        return zoo_people_not_json(p, j, err);
    p->why = ZOO_DROP_JOINTS;
    if (n % width != 0 || n / width > ZOO_MAX_NODES)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a body of %zu numbers; each joint has %zu",
                        p->path, zoo_json_line(j), n, width);
    p->why = ZOO_DROP_FORMAT;
    q->n = n / width;
    q->depth = width == 4;
    q->scored = width > 2;
    q->space = ZOO_SPACE_IMAGE;
    return GOP_OK;
}

/* Reads one joint of an array; *width gets the number of its values, as far as they are in order. */
static bool read_joint(zoo_json *j, float v[4], bool depth, size_t *width)
{
    static const char *const keys[] = {"x", "y", "z", "visibility", "score", "confidence"};
    char key[16];
    float ignored;
    const char kind = zoo_json_kind(j);
    v[0] = v[1] = v[2] = v[3] = NAN;
    *width = 0;
    if (kind == '[') {
        for (zoo_json_enter(j, '['); zoo_json_item(j); (*width)++) {
            const size_t k = *width == 2 && !depth ? 3 : *width;
            if (!zoo_people_value(j, k < 4 ? &v[k] : &ignored))
                return false;
        }
        *width = depth ? *width : *width == 3 ? 5 : *width;
        return *width >= 2 || j->fault != NULL;
    }
    if (kind != '{') {
        const bool null = kind == 't' && *j->p == 'n';
        zoo_json_skip(j);
        return null;
    }
    unsigned seen = 0;
    for (zoo_json_enter(j, '{'); zoo_json_entry(j, key, sizeof key);) {
        size_t k = 0;
        while (k < 6 && strcmp(keys[k], key) != 0)
            k++;
        if (k == 6)
            zoo_json_skip(j);
        else if (!zoo_people_value(j, &v[k < 3 ? k : 3]))
            return false;
        seen |= k < 3 ? 1u << k : k < 6 ? 8u : 0;
    }
    *width = (seen & 3) != 3   ? 0
             : (seen & 4) == 0 ? ((seen & 8) != 0 ? 5 : 2)
             : (seen & 8) != 0 ? 4
                               : 3;
    return *width > 0 || j->fault != NULL;
}

gop_status zoo_people_points(zoo_people *p, zoo_json *j, bool depth, gop_error *err)
{
    zoo_points *q = &p->points;
    size_t n = 0;
    float ignored[4];
    q->depth = q->scored = false;
    if (zoo_json_kind(j) != '[')
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a body's joints are no array", p->path,
                        zoo_json_line(j));
    for (zoo_json_enter(j, '['); zoo_json_item(j); n++) {
        size_t width;
        if (!read_joint(j, n < ZOO_MAX_NODES ? q->v[n] : ignored, depth, &width) &&
            j->fault == NULL)
            return gop_fail(err, GOP_EFORMAT, "%s:%zu: joint %zu of a body has no x and y", p->path,
                            zoo_json_line(j), n + 1);
        q->depth |= width == 3 || width == 4;
        q->scored |= width > 3;
    }
    if (j->fault != NULL)
        return zoo_people_not_json(p, j, err);
    p->why = ZOO_DROP_JOINTS;
    if (n > ZOO_MAX_NODES)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: a body of %zu joints", p->path, zoo_json_line(j),
                        n);
    p->why = ZOO_DROP_FORMAT;
    q->n = n;
    q->space = ZOO_SPACE_OPEN;
    return GOP_OK;
}

static int64_t whole(const char *p, const char *end)
{
    int64_t v = 0;
    const bool minus = p < end && *p == '-';
    const char *from = p + minus;
    for (p = from; p < end && *p >= '0' && *p <= '9'; p++) {
        if (v > INT64_MAX / 10 - 1)
            return ZOO_NO_ID;
        v = 10 * v + (*p - '0');
    }
    if (p == from)
        return ZOO_NO_ID;
    for (p += p < end && *p == '.'; p < end && *p == '0'; p++)
        ;
    return p == end && !minus ? v : ZOO_NO_ID; /* -1 is none */
}

int64_t zoo_people_id(zoo_json *j)
{
    char text[32];
    const char *end, *p;
    int64_t id = ZOO_NO_ID;
    const size_t above = j->depth;
    zoo_json inner = *j;
    while (zoo_json_kind(&inner) == '[') {
        zoo_json_enter(&inner, '[');
        if (!zoo_json_item(&inner))
            break;
    }
    if (inner.depth > above || zoo_json_kind(&inner) != '[') {
        const char kind = zoo_json_kind(&inner);
        if (kind == '0') {
            p = zoo_json_number(&inner, &end);
            id = whole(p, end);
        } else if (kind == '"' && zoo_json_text(&inner, text, sizeof text)) {
            id = whole(text, text + strlen(text));
        }
    }
    zoo_json_skip(j);
    return id;
}
