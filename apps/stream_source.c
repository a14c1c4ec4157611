/*
 * stream_source.c: see stream_source.h.  Reads files and standard input, waits for them, and writes
 * what is wrong with them to stderr.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include "stream_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "options.h"
#include "sequence.h"
#include "signals.h"

#define PAUSE 20 /* ms between two looks at a file that is followed */
#define TRIES 50 /* of a file of a folder that is followed: it may be half written */
#define SHOWN 10 /* faults that are printed */

static int fail(const stream_source *s, int status, const gop_error *err)
{
    return app_fail_error(s->usage, status, err);
}

/* Reports what is no frame. */
static void report(stream_source *s, const gop_error *err)
{
    if (++s->bad <= SHOWN)
        fail(s, APP_OK, err);
    if (s->bad == SHOWN)
        app_fail(s->usage, APP_OK, "further lines that are no frames are only counted");
}

static void pause_a_little(void)
{
    const struct timespec time = {.tv_nsec = PAUSE * 1000000L};

    nanosleep(&time, NULL);
}

/* ------------------------------------------------------------------------- text */

/* Reads more of the text; s->ended is set at its end, and when a signal was noted. */
static int read_more(stream_source *s)
{
    for (;;) {
        size_t size;
        char *room = zoo_frame_lines_room(s->lines, &size);
        const ssize_t n = read(s->fd, room, size);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return app_fail(s->usage, APP_DATA, "cannot read %s: %s", s->in.path, strerror(errno));
        if (app_signal_noted()) { /* a line may have no end yet */
            s->ended = true;
            return APP_OK;
        }
        if (n > 0 || (n == 0 && !s->in.follow)) {
            zoo_frame_lines_add(s->lines, n > 0 ? (size_t)n : 0);
            s->ended = n == 0;
            return APP_OK;
        }
        if (n == 0 || errno == EAGAIN)
            pause_a_little();
    }
}

static int next_line(stream_source *s, const zoo_frame **frame)
{
    gop_error err = {GOP_OK, ""};

    for (;;) {
        const gop_status status = zoo_frame_lines_next(s->lines, frame, &err);
        if (status && status != GOP_EFORMAT)
            return fail(s, APP_DATA, &err);
        if (status) {
            report(s, &err);
        } else if (*frame || s->ended) {
            return APP_OK;
        } else {
            const int failed = read_more(s);
            if (failed)
                return failed;
        }
    }
}

/* Whether the beginning of a regular file is lines of frames. */
static bool begins_with_line(const stream_source *s)
{
    zoo_frame_lines *lines = NULL;
    const zoo_frame *frame = NULL;
    size_t size;

    if (zoo_frame_lines_new(&lines, s->layout, s->rate, NULL))
        return false;
    char *room = zoo_frame_lines_room(lines, &size);
    const ssize_t n = pread(s->fd, room, size, 0);
    if (n > 0)
        zoo_frame_lines_add(lines, (size_t)n);
    if (n > 0 && (size_t)n < size)
        zoo_frame_lines_add(lines, 0);
    const bool is = zoo_frame_lines_next(lines, &frame, NULL) == GOP_OK && frame != NULL;
    zoo_frame_lines_free(lines);
    return is;
}

/* ----------------------------------------------------------------------- folder */

static int is_json(const struct dirent *entry)
{
    const size_t n = strlen(entry->d_name);

    return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void clear_entries(stream_source *s)
{
    for (int i = 0; i < s->entries; i++)
        free(s->entry[i]);
    free(s->entry);
    s->entry = NULL;
    s->entries = s->at = 0;
}

/* Lists the files behind the last one that was read. */
static int list_files(stream_source *s)
{
    clear_entries(s);
    const int n = scandir(s->in.path, &s->entry, is_json, by_bytes);
    if (n < 0)
        return app_fail(s->usage, APP_DATA, "cannot read folder %s: %s", s->in.path,
                        strerror(errno));
    s->entries = n;
    while (s->at < n && s->last && strcmp(s->entry[s->at]->d_name, s->last) <= 0)
        s->at++;
    return APP_OK;
}

/* Reads the file at s->at.  One that is followed is tried again, as it may be half written. */
static int read_file(stream_source *s, const zoo_frame **frame)
{
    const char *name = s->entry[s->at]->d_name;
    const size_t size = strlen(s->in.path) + strlen(name) + 2;
    gop_error err = {GOP_OK, ""};
    char *path = realloc(s->path, size);

    if (!path)
        return app_fail(s->usage, APP_DATA, "out of memory");
    s->path = path;
    snprintf(path, size, "%s/%s", s->in.path, name);
    const gop_status status = zoo_frame_lines_file(s->lines, path, frame, &err);
    if (status == GOP_EFORMAT && s->in.follow && ++s->tries < TRIES && !app_signal_noted()) {
        pause_a_little();
        return APP_OK;
    }
    if (status == GOP_EFORMAT || status == GOP_ESYSTEM)
        report(s, &err);
    else if (status)
        return fail(s, APP_DATA, &err);
    char *last = realloc(s->last, strlen(name) + 1);
    if (!last)
        return app_fail(s->usage, APP_DATA, "out of memory");
    s->last = strcpy(last, name);
    s->tries = 0;
    s->at++;
    return APP_OK;
}

static int next_file(stream_source *s, const zoo_frame **frame)
{
    int status = APP_OK;

    for (*frame = NULL; !status && !*frame && !app_signal_noted();) {
        if (s->at < s->entries) {
            status = read_file(s, frame);
            continue;
        }
        status = list_files(s);
        if (status || s->at < s->entries)
            continue;
        if (!s->in.follow)
            return APP_OK;
        pause_a_little();
    }
    return status;
}

/* ------------------------------------------------------------------- recordings */

static int next_recorded(stream_source *s, const zoo_frame **frame)
{
    const zoo_sequence *q = &s->set->sequence[s->sequence];
    gop_error err = {GOP_OK, ""};

    *frame = NULL;
    if (s->next == q->frames)
        return APP_OK;
    for (size_t b = 0; b < q->bodies; b++) {
        if (zoo_dataset_read(s->values + b * s->layout->columns, s->set, s->sequence, b, s->next, 1,
                             &err))
            return fail(s, APP_DATA, &err);
        s->id[b] = (int64_t)b + 1;
    }
    s->frame = (zoo_frame){
        .time = (double)s->next++ / s->rate, .bodies = q->bodies, .id = s->id, .values = s->values};
    *frame = &s->frame;
    return APP_OK;
}

static int open_set(stream_source *s)
{
    s->layout = &s->set->domain.layout;
    s->values = calloc((size_t)ZOO_MAX_BODIES * s->layout->columns, sizeof *s->values);
    return s->values ? APP_OK : app_fail(s->usage, APP_DATA, "out of memory");
}

/* A file as it was recorded, without the model's transformations, which the stream applies. */
static int open_recording(stream_source *s, const zoo_model *model)
{
    const zoo_domain *d = &model->domain;
    const zoo_raw raw = {.layout = s->layout, .rate = s->rate};
    const char *const action[] = {"none"};
    gop_error err = {GOP_OK, ""};
    zoo_domain recorded;
    zoo_report found;

    if (zoo_raw_domain(&recorded, d->name, &raw, action, 1, &err))
        return fail(s, APP_DATA, &err);
    memcpy(recorded.origin, d->origin, sizeof recorded.origin);
    memcpy(recorded.reading, d->reading, sizeof recorded.reading);
    const gop_status status = zoo_read_one(&s->set, &found, s->in.source, &recorded, s->in.path,
                                           &err);
    zoo_domain_clear(&recorded);
    if (status)
        return fail(s, status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    for (size_t i = 0; i < found.findings; i++)
        app_fail(s->usage, APP_OK, "%s", found.finding[i].text);
    zoo_report_clear(&found);
    return open_set(s);
}

static int open_sequence(stream_source *s, const zoo_model *model)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_dataset_load(&s->set, s->in.data, &err) ||
        zoo_domain_observes(&model->domain, &s->set->domain, &err))
        return fail(s, APP_DATA, &err);
    s->sequence = app_sequence(s->set, s->in.path);
    if (s->sequence == s->set->sequences)
        return app_fail(s->usage, APP_USE,
                        "%s has no sequence '%s'; 'graphop info --sequences' lists them",
                        s->in.data, s->in.path);
    s->rate = s->in.rate > 0 ? s->in.rate : model->domain.rate;
    return open_set(s);
}

/* ------------------------------------------------------------------------- open */

int stream_source_open(stream_source *s, const app_usage *usage, const zoo_model *model,
                       const stream_input *in)
{
    const zoo_domain *d = &model->domain;
    gop_error err = {GOP_OK, ""};
    struct stat st;

    *s = (stream_source){.usage = usage, .in = *in, .fd = -1, .layout = zoo_domain_recorded(d)};
    s->rate = in->rate > 0 ? in->rate : d->recorded_rate > 0 ? d->recorded_rate : d->rate;
    if (in->data)
        return open_sequence(s, model);
    const bool standard = strcmp(in->path, "-") == 0;
    if (!standard && stat(in->path, &st) != 0)
        return app_fail(usage, APP_DATA, "cannot open %s: %s", in->path, strerror(errno));
    const bool folder = !standard && S_ISDIR(st.st_mode);
    if (in->source)
        return open_recording(s, model);
    if (!folder)
        s->fd = standard ? STDIN_FILENO : open(in->path, O_RDONLY | O_CLOEXEC);
    if (!folder && s->fd < 0)
        return app_fail(usage, APP_DATA, "cannot open %s: %s", in->path, strerror(errno));
    if (!folder && !standard && S_ISREG(st.st_mode) && !in->follow && !begins_with_line(s))
        return open_recording(s, model);
    return zoo_frame_lines_new(&s->lines, s->layout, s->rate, &err) ? fail(s, APP_DATA, &err)
                                                                    : APP_OK;
}

int stream_source_next(stream_source *s, const zoo_frame **frame)
{
    return s->set ? next_recorded(s, frame) : s->fd < 0 ? next_file(s, frame) : next_line(s, frame);
}

void stream_source_close(stream_source *s)
{
    clear_entries(s);
    zoo_frame_lines_free(s->lines);
    zoo_dataset_free(s->set);
    if (s->fd > STDIN_FILENO)
        close(s->fd);
    free(s->values);
    free(s->path);
    free(s->last);
}
