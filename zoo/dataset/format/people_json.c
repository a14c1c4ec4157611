/*
 * people_json.c: walks through a file of JSON, finds which tool wrote it, and has its entries read.
 *
 * The entries are those of the file's array, of the first array under a key that a form names, or
 * of an object whose keys have a digit: names or numbers of frames.  The first entry that is not
 * empty decides the form.  Touches its file by reading it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/dataset/format/people.h"
#include "zoo/json_feed.h"

static const zoo_form *const forms[] = {&zoo_form_openpose, &zoo_form_coco, &zoo_form_mmpose,
                                        &zoo_form_mediapipe, NULL};

typedef struct walk {
    zoo_people *p;
    zoo_json_feed *feed;
    const zoo_form *by;
    size_t blank; /* entries before the form was known */
    bool list;    /* an array of entries was read */
} walk;

static gop_status unknown(const walk *w, gop_error *err)
{
    w->p->why = ZOO_DROP_FORMAT;
    return gop_fail(err, GOP_EFORMAT,
                    "%s:%zu: not in a form of OpenPose, COCO, AlphaPose, MMPose or MediaPipe",
                    w->p->path, w->feed->line);
}

static gop_status finish(const walk *w, gop_error *err)
{
    if (w->feed->no_memory)
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", w->p->path);
    if (w->feed->code != 0)
        return gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", w->p->path, w->feed->fault);
    if (w->feed->fault != NULL)
        return gop_fail(err, GOP_EFORMAT, "%s:%zu: not JSON: %s", w->p->path, w->feed->line,
                        w->feed->fault);
    return GOP_OK;
}

/* Whether a value holds nothing: null, [], {}. */
static bool is_blank(zoo_json j)
{
    char key[1];
    const char kind = zoo_json_kind(&j);
    if (kind == 't')
        return *j.p == 'n';
    if (kind != '[' && kind != '{')
        return false;
    zoo_json_enter(&j, kind);
    return !(kind == '[' ? zoo_json_item(&j) : zoo_json_entry(&j, key, sizeof key)) &&
           j.fault == NULL;
}

/* Reads frames without a body, whose form was not known when they came. */
static gop_status read_blanks(walk *w, const char *list, gop_error *err)
{
    static const char null[] = "null";
    for (; w->blank > 0; w->blank--) {
        zoo_json j = {.p = null, .begin = null, .end = null + 4};
        if (w->by == &zoo_form_mediapipe)
            gop_try(w->by->read(w->p, &j, list, NULL, err));
    }
    return GOP_OK;
}

static gop_status read_entry(walk *w, const char *list, const char *name, gop_error *err)
{
    zoo_json j;
    if (!zoo_feed_value(w->feed, &j))
        return finish(w, err);
    if (w->by == NULL && is_blank(j)) {
        w->blank++;
        return GOP_OK;
    }
    for (const zoo_form *const *d = forms; w->by == NULL && *d != NULL; d++)
        if ((*d)->knows(j, list))
            w->by = *d;
    if (w->by == NULL) {
        zoo_json_skip(&j);
        return j.fault != NULL ? zoo_people_not_json(w->p, &j, err) : unknown(w, err);
    }
    gop_try(read_blanks(w, list, err));
    gop_try(w->by->read(w->p, &j, list, name, err));
    zoo_json_finish(&j);
    return j.fault != NULL ? zoo_people_not_json(w->p, &j, err) : GOP_OK;
}

static gop_status read_list(walk *w, const char *list, gop_error *err)
{
    char key[1];
    w->list = true;
    zoo_feed_enter(w->feed);
    while (zoo_feed_entry(w->feed, key, sizeof key))
        gop_try(read_entry(w, list, NULL, err));
    return finish(w, err);
}

static bool names_list(const char *key)
{
    for (const zoo_form *const *d = forms; *d != NULL; d++)
        for (const char *const *l = (*d)->lists; *l != NULL; l++)
            if (strcmp(*l, key) == 0)
                return true;
    return false;
}

static gop_status read_members(walk *w, gop_error *err)
{
    char key[1024];
    bool named = false;
    zoo_feed_enter(w->feed);
    while (zoo_feed_entry(w->feed, key, sizeof key)) {
        const char kind = zoo_feed_kind(w->feed);
        if (kind == '[' && !w->list && !named && names_list(key)) {
            gop_try(read_list(w, key, err));
        } else if ((kind == '[' || kind == '{') && !w->list && strpbrk(key, "0123456789") != NULL) {
            named = true;
            gop_try(read_entry(w, NULL, key, err));
        } else {
            zoo_feed_pass(w->feed);
        }
    }
    gop_try(finish(w, err));
    return named || w->list ? GOP_OK : unknown(w, err);
}

gop_status zoo_people_read(zoo_people *p, zoo_json_feed *feed, int fd, gop_error *err)
{
    walk w = {.p = p, .feed = feed};
    zoo_feed_begin(feed, fd);
    p->why = ZOO_DROP_FORMAT;
    const char kind = zoo_feed_kind(feed);
    if (kind == '[')
        gop_try(read_list(&w, NULL, err));
    else if (kind == '{')
        gop_try(read_members(&w, err));
    else if (kind != 0)
        return unknown(&w, err);
    zoo_feed_finish(feed);
    return finish(&w, err);
}
