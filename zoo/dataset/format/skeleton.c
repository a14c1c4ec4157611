/*
 * skeleton.c: reads .skeleton files of NTU RGB+D.
 *
 * The number of frames; for each frame the number of bodies; for each body a line of ten entries, of
 * which the first identifies it, the number of joints (25) and a line of twelve for each joint:
 * x, y, z in metres, eight that are not used here, and whether it was tracked (0: not).  Touches
 * files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/skeleton.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/dataset/format/decimal.h"

#define MOST_FRAMES   100000
#define MOST_POSITION 1e30f /* differences stay finite */
#define MOST_BODIES   1000
#define ENTRIES       12 /* of a joint's line */
#define BODY_ENTRIES  10
#define MOST_TRACKS   256 /* of a clip; its further bodies are left out */

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
    const char *name = skip_blanks(c->line, c->stop);
    to->id = gop_hash(GOP_HASH_START, name, (size_t)(skip_word(name, c->stop) - name));
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
    if (clip->bodies + ZOO_MAX_BODIES > clip->bodies_room) {
        size_t room = clip->bodies_room == 0 ? 128 : 2 * clip->bodies_room;
        zoo_ntu_joints *grown = realloc(clip->body, room * sizeof *grown);
        if (grown == NULL)
            return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", path);
        clip->body = grown;
        clip->bodies_room = room;
    }
    return GOP_OK;
}

/* Reads a frame, of which `most` bodies are kept. */
static gop_status take_frame(cursor *c, zoo_ntu_clip *clip, size_t most, gop_error *err)
{
    size_t bodies = 0, ignored = 0;
    gop_try(more_room(clip, c->path, err));
    gop_try(take_count(c, &bodies, MOST_BODIES, "bodies", err));
    zoo_ntu_frame *f = &clip->frame[clip->frames];
    zoo_ntu_joints spare;
    f->bodies = (uint32_t)(bodies < most ? bodies : most);
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
static gop_status parse(zoo_ntu_clip *clip, const zoo_bytes *bytes, const char *path, size_t most,
                        zoo_drop *why, gop_error *err)
{
    cursor c = {
        .p = bytes->data, .end = bytes->data + bytes->n, .path = path, .why = ZOO_DROP_FORMAT};
    clip->frames = clip->bodies = clip->non_finite = clip->most_bodies = clip->declared = 0;
    clip->more = false;
    gop_status s = take_count(&c, &clip->declared, MOST_FRAMES, "frames", err);
    while (s == GOP_OK && clip->frames < clip->declared)
        s = take_frame(&c, clip, most, err);
    *why = c.why;
    if (s == GOP_EFORMAT && c.ended && clip->frames > 0)
        s = GOP_OK;
    while (s == GOP_OK && c.p < c.end && !clip->more)
        clip->more = !isspace((unsigned char)*c.p++);
    return s;
}

/* ---------------------------------------------------------------------- bodies */

static bool is_there(const zoo_ntu_joints *joints)
{
    for (size_t c = 0; c < 3 * ZOO_NTU_JOINTS; c++)
        if (joints->xyz[c] != 0)
            return true;
    return false;
}

static void number_by_index(zoo_ntu_clip *clip)
{
    clip->slots = 0;
    clip->left_out = clip->most_bodies > ZOO_NTU_BODIES ? clip->most_bodies - ZOO_NTU_BODIES : 0;
    for (size_t t = 0; t < clip->frames; t++)
        for (size_t b = 0; b < clip->frame[t].bodies; b++) {
            zoo_ntu_joints *joints = &clip->body[clip->frame[t].first + b];
            joints->slot = (uint8_t)b;
            if (b >= clip->slots && is_there(joints))
                clip->slots = b + 1;
        }
}

/* A body followed by what identifies it.  In a frame with several of one identity, these are
 * different bodies, by their order. */
typedef struct track {
    uint64_t id;
    size_t nth, frames;
    uint8_t slot;
} track;

/* The track of body b of frame t, a new one if need be; MOST_TRACKS if there are too many. */
static size_t track_of(track *tracks, size_t *n, const zoo_ntu_clip *clip, size_t t, size_t b)
{
    const zoo_ntu_joints *joints = &clip->body[clip->frame[t].first];
    size_t nth = 0, k = 0;
    for (size_t a = 0; a < b; a++)
        nth += joints[a].id == joints[b].id;
    while (k < *n && (tracks[k].id != joints[b].id || tracks[k].nth != nth))
        k++;
    if (k == *n && k < MOST_TRACKS)
        tracks[(*n)++] = (track){.id = joints[b].id, .nth = nth, .slot = ZOO_NTU_NOBODY};
    return k;
}

/* Gives slots to the tracks of the most frames, in the order in which they begin. */
static void choose_tracks(zoo_ntu_clip *clip, track *tracks, size_t n)
{
    size_t kept = 0;
    for (; kept < ZOO_MAX_BODIES; kept++) {
        size_t best = n;
        for (size_t k = 0; k < n; k++)
            if (tracks[k].slot == ZOO_NTU_NOBODY && tracks[k].frames > 0 &&
                (best == n || tracks[k].frames > tracks[best].frames))
                best = k;
        if (best == n)
            break;
        tracks[best].slot = 0;
    }
    clip->slots = clip->left_out = 0;
    for (size_t k = 0; k < n; k++)
        if (tracks[k].slot != ZOO_NTU_NOBODY)
            tracks[k].slot = (uint8_t)clip->slots++;
        else
            clip->left_out += tracks[k].frames > 0;
}

static void number_by_name(zoo_ntu_clip *clip)
{
    track tracks[MOST_TRACKS + 1];
    size_t n = 0;
    for (size_t t = 0; t < clip->frames; t++)
        for (size_t b = 0; b < clip->frame[t].bodies; b++) {
            const size_t k = track_of(tracks, &n, clip, t, b);
            if (k < MOST_TRACKS)
                tracks[k].frames += is_there(&clip->body[clip->frame[t].first + b]);
        }
    choose_tracks(clip, tracks, n);
    for (size_t t = 0; t < clip->frames; t++)
        for (size_t b = 0; b < clip->frame[t].bodies; b++) {
            const size_t k = track_of(tracks, &n, clip, t, b);
            clip->body[clip->frame[t].first + b].slot = k < MOST_TRACKS ? tracks[k].slot
                                                                        : ZOO_NTU_NOBODY;
        }
}

/* ----------------------------------------------------------------------- clips */

gop_status zoo_ntu_read(zoo_ntu_clip *clip, zoo_bytes *bytes, const char *path, zoo_ntu_bodies how,
                        zoo_drop *why, gop_error *err)
{
    gop_try(zoo_bytes_read(bytes, path, why, err));
    gop_try(parse(clip, bytes, path, how == ZOO_NTU_BY_INDEX ? ZOO_NTU_BODIES : ZOO_MAX_BODIES, why,
                  err));
    if (how == ZOO_NTU_BY_INDEX)
        number_by_index(clip);
    else
        number_by_name(clip);
    return GOP_OK;
}

const zoo_ntu_joints *zoo_ntu_joints_of(const zoo_ntu_clip *clip, size_t t, size_t slot)
{
    const zoo_ntu_joints *joints = &clip->body[clip->frame[t].first];
    for (size_t b = 0; b < clip->frame[t].bodies; b++)
        if (joints[b].slot == slot)
            return is_there(&joints[b]) ? &joints[b] : NULL;
    return NULL;
}

void zoo_ntu_clip_clear(zoo_ntu_clip *clip)
{
    free(clip->frame);
    free(clip->body);
    *clip = (zoo_ntu_clip){.frame = NULL};
}
