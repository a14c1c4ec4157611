/*
 * ntu.c: NTU RGB+D as .skeleton files.
 *
 * The number of frames; for each frame the number of bodies; for each body a line of ten numbers,
 * the number of joints (25) and a line of twelve for each joint: x, y, z in metres, eight that are
 * not used here, and whether it was tracked (0: not).  30 frames a second.  The name says setup,
 * camera, performer, repetition and action: S001C002P003R002A013.  A body is identified by its
 * index in the frame, as in the usual preparation; the first four are read.  Touches files by
 * reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/decimal.h"
#include "zoo/dataset/format/files.h"

#define ZOO_NTU_JOINTS 25
#define ZOO_NTU_BODIES 4 /* of a frame that are read */

#define RATE           30.0
#define ACTIONS        60
#define MOST_FRAMES    100000
#define MOST_POSITION  1e30f /* differences stay finite */
#define MOST_BODIES    1000
#define ENTRIES        12 /* of a joint's line */
#define BODY_ENTRIES   10
#define NAME_LENGTH    20
#define ENDING         ".skeleton"

/* A clip as read. */
typedef struct zoo_ntu_joints {
    float xyz[3 * ZOO_NTU_JOINTS];
    uint8_t tracked[ZOO_NTU_JOINTS];
} zoo_ntu_joints;

typedef struct zoo_ntu_frame {
    uint32_t bodies; /* number of bodies, at most ZOO_NTU_BODIES */
    uint32_t first;  /* index of the first in the clip's bodies */
} zoo_ntu_frame;

typedef struct zoo_ntu_clip {
    size_t declared, frames, room;
    zoo_ntu_frame *frame; /* [frames] */
    size_t bodies, bodies_room;
    zoo_ntu_joints *body; /* [bodies] of all frames */
    size_t most_bodies;   /* in one frame */
    size_t non_finite;
    bool more; /* something follows the last frame */
} zoo_ntu_clip;

/* ----------------------------------------------------------------------- lines */

/* A cursor in a file. */
typedef struct cursor {
    const char *p, *end, *path;
    const char *line, *stop; /* the present line, without its end */
    size_t number;
    bool last;    /* the file ends in the present line */
    bool ended;   /* the file ended where a line was expected, or in a bad line: it was cut */
    zoo_drop why; /* of a failure */
} cursor;

/* Moves to the next line that is not empty. */
static bool next_line(cursor *c)
{
    do {
        if (c->p == c->end) {
            c->number++;
            c->ended = true;
            return false;
        }
        const char *eol = memchr(c->p, '\n', (size_t)(c->end - c->p));
        c->number++;
        c->last = eol == NULL;
        c->line = c->p;
        c->stop = eol != NULL ? eol : c->end;
        c->p = eol != NULL ? eol + 1 : c->end;
        while (c->stop > c->line && isspace((unsigned char)c->stop[-1]))
            c->stop--;
    } while (c->stop == c->line);
    return true;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

static const char *skip_word(const char *p, const char *end)
{
    while (p < end && *p != ' ' && *p != '\t')
        p++;
    return p;
}

static gop_status bad_line(cursor *c, zoo_drop why, gop_error *err, const char *what)
{
    char shown[25];
    int n = 0;
    const char *p = skip_blanks(c->line, c->stop);
    for (; p < c->stop && n < 24 && *p != '\t'; p++)
        shown[n++] = *p >= 0x20 && *p < 0x7f ? *p : '?';
    shown[n] = '\0';
    c->ended = c->last;
    c->why = why;
    return gop_fail(err, GOP_EFORMAT, "%s:%zu: %s (%s)", c->path, c->number, what, shown);
}

static gop_status take_count(cursor *c, size_t *count, size_t most, const char *what,
                             gop_error *err)
{
    size_t v = 0;
    if (!next_line(c))
        return gop_fail(err, GOP_EFORMAT,
                        "%s:%zu: the file ends where the number of %s is"
                        " expected",
                        c->path, c->number, what);
    const char *p = skip_blanks(c->line, c->stop);
    bool digits = p < c->stop;
    for (; p < c->stop && digits; p++) {
        digits = *p >= '0' && *p <= '9' && v <= most;
        v = 10 * v + (size_t)(*p - '0');
    }
    if (!digits || v > most) {
        char text[64];
        snprintf(text, sizeof text, "not a count of %s", what);
        return bad_line(c, ZOO_DROP_FORMAT, err, text);
    }
    *count = v;
    return GOP_OK;
}

static gop_status take_joint(cursor *c, float xyz[3], uint8_t *tracked, size_t *non_finite,
                             gop_error *err)
{
    if (!next_line(c))
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: the file ends inside a frame", c->path,
                        c->number);
    const char *p = c->line;
    for (int k = 0; k < 3; k++) {
        p = skip_blanks(p, c->stop);
        const char *after = zoo_decimal(&xyz[k], p, c->stop), *word = skip_word(p, c->stop);
        if (after != word && zoo_non_finite(p, word) != word)
            return bad_line(c, ZOO_DROP_FORMAT, err, "the joint's position is not three numbers");
        if (after != word || !(fabsf(xyz[k]) <= MOST_POSITION)) {
            ++*non_finite;
            xyz[k] = 0;
        }
        p = word;
    }
    int words = 3;
    const char *last = p;
    while ((p = skip_blanks(p, c->stop)) < c->stop) {
        last = p;
        p = skip_word(p, c->stop);
        words++;
    }
    if (words != ENTRIES)
        return bad_line(c, ZOO_DROP_FORMAT, err, "a joint's line has twelve entries");
    if (p - last != 1 || *last < '0' || *last > '9')
        return bad_line(c, ZOO_DROP_FORMAT, err, "the joint's state is not a digit");
    *tracked = *last != '0';
    return GOP_OK;
}

static gop_status take_body(cursor *c, zoo_ntu_joints *to, size_t *non_finite, gop_error *err)
{
    size_t joints = 0, words = 0;
    if (!next_line(c))
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: the file ends inside a frame", c->path,
                        c->number);
    for (const char *p = skip_blanks(c->line, c->stop); p < c->stop; words++)
        p = skip_blanks(skip_word(p, c->stop), c->stop);
    if (words != BODY_ENTRIES)
        return bad_line(c, ZOO_DROP_FORMAT, err, "a body's line has ten entries");
    gop_try(take_count(c, &joints, ZOO_MAX_NODES, "joints", err));
    if (joints != ZOO_NTU_JOINTS)
        return bad_line(c, ZOO_DROP_JOINTS, err, "the number of joints is not 25");
    for (size_t j = 0; j < ZOO_NTU_JOINTS; j++)
        gop_try(take_joint(c, to->xyz + 3 * j, &to->tracked[j], non_finite, err));
    return GOP_OK;
}

/* ---------------------------------------------------------------------- frames */

/* Makes room for a frame and its bodies. */
static gop_status more_room(zoo_ntu_clip *clip, const char *path, gop_error *err)
{
    if (clip->frames == clip->room) {
        size_t room = clip->room == 0 ? 128 : 2 * clip->room;
        zoo_ntu_frame *grown = realloc(clip->frame, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        clip->frame = grown;
        clip->room = room;
    }
    if (clip->bodies + ZOO_NTU_BODIES > clip->bodies_room) {
        size_t room = clip->bodies_room == 0 ? 128 : 2 * clip->bodies_room;
        zoo_ntu_joints *grown = realloc(clip->body, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        clip->body = grown;
        clip->bodies_room = room;
    }
    return GOP_OK;
}

static gop_status take_frame(cursor *c, zoo_ntu_clip *clip, gop_error *err)
{
    size_t bodies = 0, ignored = 0;
    gop_try(more_room(clip, c->path, err));
    gop_try(take_count(c, &bodies, MOST_BODIES, "bodies", err));
    zoo_ntu_frame *f = &clip->frame[clip->frames];
    zoo_ntu_joints spare;
    f->bodies = bodies < ZOO_NTU_BODIES ? (uint32_t)bodies : ZOO_NTU_BODIES;
    f->first = (uint32_t)clip->bodies;
    for (size_t b = 0; b < bodies; b++)
        gop_try(b < f->bodies ? take_body(c, &clip->body[f->first + b], &clip->non_finite, err)
                              : take_body(c, &spare, &ignored, err));
    clip->bodies += f->bodies;
    clip->most_bodies = bodies > clip->most_bodies ? bodies : clip->most_bodies;
    clip->frames++;
    return GOP_OK;
}

/* Reads all complete frames; *why is the reason of a failure. */
static gop_status parse(zoo_ntu_clip *clip, const zoo_bytes *bytes, const char *path, zoo_drop *why,
                        gop_error *err)
{
    cursor c = {
        .p = bytes->data, .end = bytes->data + bytes->n, .path = path, .why = ZOO_DROP_FORMAT};
    clip->frames = clip->bodies = clip->non_finite = clip->most_bodies = clip->declared = 0;
    clip->more = false;
    gop_status s = take_count(&c, &clip->declared, MOST_FRAMES, "frames", err);
    while (s == GOP_OK && clip->frames < clip->declared)
        s = take_frame(&c, clip, err);
    *why = c.why;
    if (s == GOP_EFORMAT && c.ended && clip->frames > 0)
        s = GOP_OK;
    while (s == GOP_OK && c.p < c.end && !clip->more)
        clip->more = !isspace((unsigned char)*c.p++);
    return s;
}

/* ----------------------------------------------------------------------- names */

typedef struct sample {
    char name[NAME_LENGTH + 1];
    const char *file;
    char part[4][5]; /* "S001", "C002", "P003", "R002"; empty: unknown */
    unsigned setup, camera, performer, repetition, action;
} sample;

/* Parses a letter and three digits: "C002". */
static bool take_number(unsigned *v, const char *p, char letter)
{
    if (*p != letter || !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]) ||
        !isdigit((unsigned char)p[3]))
        return false;
    *v = (unsigned)(100 * (p[1] - '0') + 10 * (p[2] - '0') + (p[3] - '0'));
    return true;
}

static bool parse_name(sample *s, const char *file)
{
    if (strlen(file) != NAME_LENGTH + strlen(ENDING))
        return false;
    memcpy(s->name, file, NAME_LENGTH);
    s->name[NAME_LENGTH] = '\0';
    s->file = file;
    for (size_t k = 0; k < 4; k++)
        memcpy(s->part[k], file + 4 * k, 4);
    return take_number(&s->setup, file, 'S') && take_number(&s->camera, file + 4, 'C') &&
           take_number(&s->performer, file + 8, 'P') &&
           take_number(&s->repetition, file + 12, 'R') && take_number(&s->action, file + 16, 'A') &&
           s->action > 0;
}

static zoo_split split_of(const sample *s, bool by_camera)
{
    static const unsigned char train[] = {1,  2,  4,  5,  8,  9,  13, 14, 15, 16,
                                          17, 18, 19, 25, 27, 28, 31, 34, 35, 38};
    if (by_camera)
        return s->camera == 2 || s->camera == 3 ? ZOO_TRAIN : ZOO_TEST;
    for (size_t i = 0; i < sizeof train; i++)
        if (train[i] == s->performer)
            return ZOO_TRAIN;
    return ZOO_TEST;
}

/* ------------------------------------------------------------------- skip list */

static int by_name(const void *a, const void *b)
{
    return memcmp(a, b, NAME_LENGTH);
}

typedef struct skip_list {
    size_t n;
    char (*name)[NAME_LENGTH];
} skip_list;

/* Lines that do not begin with a name, such as a heading, are skipped. */
static gop_status read_skip_list(skip_list *list, zoo_bytes *bytes, const char *path,
                                 gop_error *err)
{
    zoo_drop why;
    gop_status s = zoo_bytes_read(bytes, path, &why, err);
    if (s != GOP_OK)
        return s;
    cursor c = {.p = bytes->data, .end = bytes->data + bytes->n, .path = path};
    while (s == GOP_OK && next_line(&c)) {
        char file[NAME_LENGTH + sizeof ENDING];
        sample found;
        size_t n = (size_t)(skip_word(c.line, c.stop) - c.line);
        if (n < NAME_LENGTH || n >= sizeof file)
            continue;
        memcpy(file, c.line, NAME_LENGTH);
        strcpy(file + NAME_LENGTH, ENDING);
        if (!parse_name(&found, file))
            continue;
        if ((list->n & (list->n - 1)) == 0) {
            void *grown = realloc(list->name,
                                  (list->n == 0 ? 1 : 2 * list->n) * sizeof *list->name);
            if (grown == NULL)
                return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
            list->name = grown;
        }
        memcpy(list->name[list->n++], found.name, NAME_LENGTH);
    }
    if (list->n == 0)
        return gop_fail(err, GOP_EFORMAT,
                        "%s: not the name of a sample, such as S001C002P005R002A008", path);
    qsort(list->name, list->n, sizeof *list->name, by_name);
    return s;
}

static bool listed(const skip_list *list, const char *name)
{
    return list->n > 0 && bsearch(name, list->name, list->n, sizeof *list->name, by_name) != NULL;
}

/* ----------------------------------------------------------------------- files */

typedef struct reading {
    zoo_store *store;
    const zoo_raw *raw;
    bool by_camera;
    skip_list skip;
    zoo_bytes bytes;
    zoo_ntu_clip clip;
} reading;

/* The joints of a body of frame t, or NULL if it is missing or has all of them at the origin. */
static const zoo_ntu_joints *joints_of(const zoo_ntu_clip *clip, size_t t, size_t body)
{
    if (body >= clip->frame[t].bodies)
        return NULL;
    const zoo_ntu_joints *joints = &clip->body[clip->frame[t].first + body];
    for (size_t c = 0; c < 3 * ZOO_NTU_JOINTS; c++)
        if (joints->xyz[c] != 0)
            return joints;
    return NULL;
}

/* One more than the index of the last body that is there in a frame. */
static size_t bodies_of(const zoo_ntu_clip *clip)
{
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++)
        for (size_t b = n; b < ZOO_NTU_BODIES; b++)
            if (joints_of(clip, t, b) != NULL)
                n = b + 1;
    return n;
}

static void count_missing(zoo_report *report, const zoo_ntu_clip *clip, size_t body)
{
    if (report == NULL || report->missing == NULL)
        return;
    for (size_t t = 0; t < clip->frames; t++) {
        const zoo_ntu_joints *joints = joints_of(clip, t, body);
        for (size_t j = 0; j < ZOO_NTU_JOINTS && joints != NULL; j++)
            report->missing[j] += !joints->tracked[j];
    }
}

/* The clip as recorded.  A joint at the origin is one that was not found. */
static gop_status add_frames(reading *r, const sample *who, size_t bodies, gop_error *err)
{
    const zoo_ntu_clip *clip = &r->clip;
    const size_t row = 3 * ZOO_NTU_JOINTS;
    float *frames = malloc(bodies * clip->frames * row * sizeof *frames), *to = frames;
    if (frames == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for sequence %s", who->name);
    for (size_t b = 0; b < bodies; b++)
        for (size_t t = 0; t < clip->frames; t++)
            for (size_t j = 0; j < ZOO_NTU_JOINTS; j++, to += 3) {
                const zoo_ntu_joints *of = joints_of(clip, t, b);
                const float *xyz = of == NULL ? NULL : of->xyz + 3 * j;
                const bool there = of != NULL && (xyz[0] != 0 || xyz[1] != 0 || xyz[2] != 0);
                for (size_t k = 0; k < 3; k++)
                    to[k] = there ? xyz[k] : NAN;
            }
    return zoo_store_add(r->store,
                         &(zoo_sequence){.name = who->name,
                                         .subject = who->part[2],
                                         .camera = who->part[1],
                                         .setup = who->part[0],
                                         .repetition = who->part[3],
                                         .file = who->file,
                                         .action = who->action - 1,
                                         .split = split_of(who, r->by_camera),
                                         .frames = clip->frames,
                                         .bodies = (uint32_t)bodies},
                         frames, err);
}

static void report_changes(reading *r, const char *path)
{
    zoo_report *report = r->store->report;
    const zoo_ntu_clip *clip = &r->clip;
    if (clip->frames < clip->declared)
        zoo_report_add(report, ZOO_ALTERED, "%s: the file is incomplete; took %zu of %zu frames",
                       path, clip->frames, clip->declared);
    if (clip->more)
        zoo_report_add(report, ZOO_ALTERED, "%s: ignored what follows the last of %zu frames", path,
                       clip->declared);
    if (clip->most_bodies > ZOO_NTU_BODIES)
        zoo_report_add(report, ZOO_ALTERED, "%s: %zu bodies; read the first %d", path,
                       clip->most_bodies, ZOO_NTU_BODIES);
}

static gop_status add_clip(reading *r, const sample *who, const char *path, gop_error *err)
{
    const size_t bodies = bodies_of(&r->clip);
    for (size_t b = 0; b < bodies; b++)
        count_missing(r->store->report, &r->clip, b);
    report_changes(r, path);
    return add_frames(r, who, bodies, err);
}

/* Reasons to drop a clip after reading. */
static gop_status check_clip(reading *r, const char *path, zoo_drop *why, gop_error *err)
{
    if (r->clip.non_finite > 0) {
        *why = ZOO_DROP_NON_FINITE;
        if (r->store->report != NULL)
            r->store->report->non_finite += r->clip.non_finite;
        return gop_fail(err, GOP_EFORMAT, "%s: %zu values are not finite or too large", path,
                        r->clip.non_finite);
    }
    if (bodies_of(&r->clip) == 0) {
        *why = ZOO_DROP_EMPTY;
        return gop_fail(err, GOP_EFORMAT, "%s: no body in any of %zu frames", path, r->clip.frames);
    }
    return GOP_OK;
}

static gop_status read_clip(reading *r, const char *path, zoo_drop *why, gop_error *err)
{
    gop_try(zoo_bytes_read(&r->bytes, path, why, err));
    gop_try(parse(&r->clip, &r->bytes, path, why, err));
    return check_clip(r, path, why, err);
}

static gop_status visit(void *user, const char *path, const char *folder, const char *file,
                        gop_error *err)
{
    reading *r = user;
    (void)folder; /* the name has all */
    gop_error bad = {GOP_OK, ""};
    sample who = {0};
    zoo_drop why = ZOO_NO_DROP;
    if (r->store->report != NULL)
        r->store->report->files++;
    if (!parse_name(&who, file)) {
        why = ZOO_DROP_NAME;
        gop_fail(&bad, GOP_EFORMAT, "%s: not a name such as S001C002P003R002A013.skeleton", path);
    } else if (who.action > ACTIONS) {
        why = ZOO_DROP_SPLIT;
        gop_fail(&bad, GOP_EFORMAT, "%s: action %u is not among the split's %d", path, who.action,
                 ACTIONS);
    } else if (listed(&r->skip, who.name)) {
        zoo_report_drop(r->store->report, ZOO_DROP_LISTED, "%s: on the skip list", path);
        return GOP_OK;
    } else if (zoo_store_has(r->store, who.name, split_of(&who, r->by_camera))) {
        why = ZOO_DROP_TWICE;
        gop_fail(&bad, GOP_EFORMAT, "%s: an earlier file has the same name", path);
    } else {
        bad.status = read_clip(r, path, &why, &bad);
    }
    if (bad.status != GOP_OK)
        return zoo_store_drop(r->store, why, bad.status, &bad, err);
    return add_clip(r, &who, path, err);
}

/* ----------------------------------------------------------------------- whole */

static gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err)
{
    reading r = {.store = store, .raw = raw, .by_camera = strcmp(raw->split, "cross-view") == 0};
    zoo_dataset *data = store->data;
    char name[ACTIONS][16], title[ZOO_NAME_SIZE];
    const char *action[ACTIONS];
    for (int a = 0; a < ACTIONS; a++) {
        snprintf(name[a], sizeof name[a], "A%03d", a + 1);
        action[a] = name[a];
    }
    snprintf(title, sizeof title, "ntu-%s", raw->split);
    snprintf(data->source, sizeof data->source, "NTU RGB+D, %s split", raw->split);
    gop_status s = zoo_domain_create(&data->domain, title, zoo_layout_find("ntu25"), RATE, 1,
                                     action, ACTIONS, err);
    if (s == GOP_OK && !zoo_report_nodes(store->report, ZOO_NTU_JOINTS))
        s = gop_fail(err, GOP_ENOMEM, "out of memory reading %s", raw->dir);
    if (s == GOP_OK && raw->skip_list != NULL)
        s = read_skip_list(&r.skip, &r.bytes, raw->skip_list, err);
    if (s == GOP_OK)
        s = zoo_files_visit(store, raw->dir, ENDING, true, visit, &r, err);
    if (s == GOP_OK && data->sequences == 0)
        s = zoo_store_nothing(store, raw->dir, ".skeleton file", err);
    free(r.skip.name);
    free(r.clip.frame);
    free(r.clip.body);
    zoo_bytes_clear(&r.bytes);
    return s;
}

static gop_status read_one(zoo_store *store, const zoo_raw *raw, const char *path, gop_error *err)
{
    reading r = {.store = store, .raw = raw};
    sample who = {.action = 1};
    zoo_drop why;
    gop_try(zoo_store_from(store, zoo_layout_find("ntu25"), "NTU RGB+D", err));
    who.file = zoo_base_name(path);
    snprintf(who.name, sizeof who.name, "%s", who.file);
    gop_status s = read_clip(&r, path, &why, err);
    if (s == GOP_OK)
        s = add_clip(&r, &who, path, err);
    free(r.clip.frame);
    free(r.clip.body);
    zoo_bytes_clear(&r.bytes);
    return s;
}

static const zoo_way splits[] = {{"cross-subject", "tests on other subjects"},
                                 {"cross-view", "tests on another camera's view"},
                                 {NULL, NULL}};

const zoo_source zoo_source_ntu = {
    .name = "ntu",
    .text = "NTU RGB+D",
    .needs = "dir",
    .takes = "split skip_list bodies as_recorded shortest fill strict steps",
    .splits = splits,
    .steps = "bodies 1:motion; missing drop",
    .normal = "align two-stream",
    .take = take,
    .read_one = read_one,
    .ending = ".skeleton"};
