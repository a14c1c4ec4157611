/*
 * output.c: decides which files a verb may overwrite, and locks them.  Reads the beginning of such
 * files.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "output.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confusion.h"
#include "svg.h"
#include "train_log.h"
#include "zoo/zoo.h"

/* -------------------------------------------------------------------- kinds */

static const char *what_of(app_kind kind)
{
    switch (kind) {
    case APP_OUT_DATASET:
        return "data set";
    case APP_OUT_MODEL:
    case APP_OUT_RUN:
        return "model";
    case APP_OUT_LAYOUT:
        return "layout";
    case APP_OUT_DRAWING:
        return "drawing by graphop";
    case APP_OUT_CONFUSION:
        return "confusion matrix by graphop";
    case APP_OUT_SCORES:
        return "table of scores";
    case APP_OUT_LOG:
        return "log of a training run";
    case APP_OUT_SAME:
        return "file of the input's kind";
    default:
        return "file";
    }
}

static gop_status find_container(bool *found, const char *kind, const char *path, gop_error *err)
{
    char is[5];
    gop_status status = gop_file_kind(is, NULL, path, err);

    *found = status == GOP_OK && strcmp(is, kind) == 0;
    return status == GOP_EFORMAT ? GOP_OK : status;
}

static gop_status find_layout(bool *found, const char *path, gop_error *err)
{
    zoo_layout layout;
    gop_status status = zoo_layout_load(&layout, path, err);

    zoo_layout_clear(&layout);
    *found = status == GOP_OK;
    return status == GOP_EFORMAT ? GOP_OK : status;
}

/* Checks the kind of a text file by its beginning. */
static gop_status find_text(bool *found, bool (*is)(const char *head), const char *path,
                            gop_error *err)
{
    char head[1024];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(head, 1, sizeof head - 1, file) : 0;

    if (!file || ferror(file)) {
        gop_status status = gop_fail(err, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
        if (file)
            fclose(file);
        return status;
    }
    fclose(file);
    head[n] = '\0';
    *found = is(head);
    return GOP_OK;
}

/* Whether the existing file is of the output's kind. */
static gop_status find_kind(bool *found, const app_output *out, const app_operands *operands,
                            gop_error *err)
{
    char kind[5];

    switch (out->kind) {
    case APP_OUT_DATASET:
        return find_container(found, ZOO_DATASET_KIND, out->path, err);
    case APP_OUT_MODEL:
    case APP_OUT_RUN:
        return find_container(found, ZOO_MODEL_KIND, out->path, err);
    case APP_OUT_SAME:
        gop_try(gop_file_kind(kind, NULL, operands->item[0], err));
        return find_container(found, kind, out->path, err);
    case APP_OUT_LAYOUT:
        return find_layout(found, out->path, err);
    case APP_OUT_CONFUSION:
        return find_text(found, confusion_begins, out->path, err);
    case APP_OUT_SCORES:
        return find_text(found, zoo_scores_begin, out->path, err);
    case APP_OUT_LOG:
        return find_text(found, trainlog_begins, out->path, err);
    default:
        return find_text(found, svg_begins, out->path, err);
    }
}

/* -------------------------------------------------------------------- locks */

/* The outputs of this process, the last first; a handler reads them.  The list only grows until the
 * process ends. */
typedef struct held {
    gop_lock *lock;
    char *path;
    struct held *next;
} held;
static held *volatile outputs;

static void free_held(held *h)
{
    gop_lock_free(h->lock);
    free(h->path);
    free(h);
}

static void free_outputs(void)
{
    while (outputs) {
        held *const last = outputs;
        outputs = last->next;
        free_held(last);
    }
}

bool app_has_outputs(void)
{
    return outputs != NULL;
}

void app_abort_outputs(void)
{
    for (const held *h = outputs; h; h = h->next)
        gop_lock_abort(h->lock);
}

/* Fails if the output is one that the command already has. */
static int check_new(const app_usage *usage, const app_output *out)
{
    gop_error err = {GOP_OK, ""};
    bool same = false;

    for (const held *h = outputs; h; h = h->next) {
        if (gop_file_same(&same, out->path, h->path, &err))
            return app_fail_error(usage, APP_DATA, &err);
        if (same)
            return app_fail(usage, APP_USE,
                            "%s would overwrite %s, which the command also writes; name another "
                            "file",
                            out->name, h->path);
    }
    return APP_OK;
}

/* Locks an output until the process ends. */
static int lock_output(const app_usage *usage, const app_output *out)
{
    static bool warned;
    gop_error err = {GOP_OK, ""};
    held *h;

    const int status = check_new(usage, out);
    if (status != APP_OK)
        return status;
    h = calloc(1, sizeof *h);
    if (!h || !(h->path = strdup(out->path)) || (!outputs && atexit(free_outputs))) {
        if (h)
            free_held(h);
        return app_fail(usage, APP_DATA, "out of memory");
    }
    if (gop_lock_new(&h->lock, out->path, &err)) {
        free_held(h);
        return app_fail_error(usage, APP_DATA, &err);
    }
    h->next = outputs;
    atomic_signal_fence(memory_order_release);
    outputs = h;
    if (!gop_lock_holds(h->lock) && !warned) {
        warned = true;
        app_fail(usage, APP_OK,
                 "the file system of %s has no locks; another process that writes it will not be "
                 "noticed",
                 out->path);
    }
    return APP_OK;
}

/* ------------------------------------------------------------------- checks */

/* The plugins that an option gives; NULL if it gives none. */
static const app_plugins *plugins_of(const app_option *o, const void *settings)
{
    return o->kind == APP_PLUGINS
               ? (const app_plugins *)(const void *)((const char *)settings + o->offset)
               : NULL;
}

/* The path that an option gives, NULL if it names no file or is unset. */
static const char *value_of(const app_option *o, const void *settings)
{
    if (o->kind != APP_INPUT && !app_is_output(o->kind))
        return NULL;
    return *(const char *const *)(const void *)((const char *)settings + o->offset);
}

static int check_apart(const app_usage *usage, const void *settings, const app_operands *operands,
                       const app_output *out)
{
    bool before = true; /* of two outputs, the one in the later row is blamed */

    gop_error err = {GOP_OK, ""};
    bool same = false;

    for (const app_option *o = usage->options; o->name; o++) {
        const char *other = value_of(o, settings);
        before = before && other != out->path;
        if (!other || other == out->path || (!before && o->kind != APP_INPUT))
            continue;
        if (gop_file_same(&same, out->path, other, &err))
            return app_fail_error(usage, APP_DATA, &err);
        if (same)
            return app_fail(usage, APP_USE,
                            "%s would overwrite %s, which --%s %s; name another file", out->name,
                            other, o->name, o->kind == APP_INPUT ? "reads" : "writes");
    }
    for (const app_option *o = usage->options; o->name; o++) {
        const app_plugins *plugins = plugins_of(o, settings);
        for (size_t i = 0; plugins && i < plugins->count; i++) {
            if (gop_file_same(&same, out->path, plugins->path[i], &err))
                return app_fail_error(usage, APP_DATA, &err);
            if (same)
                return app_fail(usage, APP_USE,
                                "%s would overwrite %s, which --%s reads; name another file",
                                out->name, plugins->path[i], o->name);
        }
    }
    for (size_t i = usage->words; i < operands->count; i++) {
        if (gop_file_same(&same, out->path, operands->item[i], &err))
            return app_fail_error(usage, APP_DATA, &err);
        if (same)
            return app_fail(usage, APP_USE,
                            "%s would overwrite %s, which is read; name another file", out->name,
                            operands->item[i]);
    }
    return APP_OK;
}

/* Whether --resume reads the output before writing it. */
static bool is_read(const app_usage *usage, const void *settings, const app_option *output)
{
    for (const app_option *o = usage->options; output->kind == APP_OUT_RUN && o->name; o++)
        if (strcmp(o->name, "resume") == 0)
            return *(const bool *)(const void *)((const char *)settings + o->offset);
    return false;
}

/* Checks the kind of an existing file. */
static int check_kind(const app_usage *usage, const app_operands *operands, const app_output *out)
{
    gop_error err = {GOP_OK, ""};
    bool found = true;

    if (find_kind(&found, out, operands, &err))
        return app_fail_error(usage, APP_DATA, &err);
    if (found)
        return APP_OK;
    return app_fail(usage, APP_USE,
                    "%s would overwrite %s, which is not a %s; name another file or remove this "
                    "one",
                    out->name, out->path, what_of(out->kind));
}

int app_check_output(const app_usage *usage, const void *settings, const app_operands *operands,
                     const app_output *out)
{
    struct stat st;
    const bool old = stat(out->path, &st) == 0;
    int status = check_apart(usage, settings, operands, out);

    if (status != APP_OK || (old && !S_ISREG(st.st_mode)))
        return status; /* the writer takes or refuses a device or a folder */
    if (old && st.st_size > 0 && !out->read)
        status = check_kind(usage, operands, out);
    return status == APP_OK ? lock_output(usage, out) : status;
}

int app_check_outputs(const app_usage *usage, const void *settings, const app_operands *operands)
{
    int status = APP_OK;

    for (const app_option *o = usage->options; o->name && status == APP_OK; o++) {
        char name[64];
        const app_output out = {name, value_of(o, settings), o->kind, is_read(usage, settings, o)};
        snprintf(name, sizeof name, "--%s", o->name);
        if (app_is_output(o->kind) && out.path)
            status = app_check_output(usage, settings, operands, &out);
    }
    return status;
}
