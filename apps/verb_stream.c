/*
 * verb_stream.c: graphop stream: runs a model on frames as they come.  Reads a model and frames,
 * writes events to stdout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "graphop.h"
#include "options.h"
#include "plugins.h"
#include "sequence.h"
#include "signals.h"
#include "stream_print.h"
#include "stream_source.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *data, *source;
    double rate, replay;
    bool follow, probabilities, poses;
    app_given given;
    uint64_t threads;
    app_plugins plugins;
};

#define AT(field) offsetof(struct settings, field)
#define SETTING(name, value)                                                         \
    {                                                                                \
        name, 0, APP_STREAM_SETTING, AT(given), value, NULL, 0, 0, NULL, false, NULL \
    }

static const app_option options[] = {
    {"data", 'd', APP_INPUT, AT(data), "FILE",
     "Take the frames from this data set (.gds); FRAMES is then the name of a sequence.", 0, 0,
     NULL, false, NULL},
    {"source", 0, APP_TEXT, AT(source), "NAME",
     "FRAMES is a recording in this format: {sources}.  By default a file is lines of frames, if "
     "its first line is one, else a recording.",
     0, 0, NULL, false, "!data"},
    {"rate", 0, APP_REAL, AT(rate), "HZ",
     "Frames a second of frames without a time.  By default that of the model's data.", 1e-3, 1e6,
     NULL, false, NULL},
    {"follow", 'f', APP_FLAG, AT(follow), NULL,
     "Wait for more at the end of FRAMES: a file that grows, a folder that fills.", 0, 0, NULL,
     false, "!data !source"},
    {"replay", 0, APP_REAL, AT(replay), "SPEED",
     "Take frames when their time has come, so many times as fast as they were recorded; 0 "
     "(default): at once.",
     0, 1e6, NULL, false, NULL},
    SETTING("hop", "S"),
    SETTING("window", "S"),
    SETTING("smooth", "S"),
    SETTING("on", "P"),
    SETTING("off", "P"),
    SETTING("hold", "S"),
    SETTING("reject", "P"),
    SETTING("none", "CLASS"),
    SETTING("horizon", "S"),
    SETTING("gap", "S"),
    SETTING("bodies", "N"),
    SETTING("reach", "X"),
    {"probabilities", 0, APP_FLAG, AT(probabilities), NULL,
     "Also print each answer, with the probabilities of all classes.", 0, 0, NULL, false, NULL},
    {"poses", 0, APP_FLAG, AT(poses), NULL, "Also print each answer, with the predicted poses.", 0,
     0, NULL, false, NULL},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use (default 1); 0 is one per processor.  Results do not depend on it.", 0, 1024,
     NULL, false, NULL},
    APP_PLUGIN_ROW(AT(plugins), NULL),
    {0},
};

static const app_usage usage = {
    "stream",
    "MODEL FRAMES [OPTION]...",
    "Reads frames as they come, from standard input (-), a file or pipe, a folder with a file for "
    "each frame, or a recording of any format that prepare reads.  Prints a line of JSON when an "
    "action of a body begins and when it ends.",
    options,
    2,
    2,
    0};

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&usage, status, err);
}

/* What a run needs. */
struct run {
    zoo_model *model;
    gop_ctx *ctx;
    zoo_stream *stream;
    stream_source source;
    stream_shown shown;
    double replay, time; /* time: of the last frame */
    struct timespec begun;
    double first;
    bool any;
};

/* Waits until the time of a frame has come. */
static void wait_for(struct run *r, double time)
{
    struct timespec now;

    if (!r->any) {
        clock_gettime(CLOCK_MONOTONIC, &r->begun);
        r->first = time;
        r->any = true;
    }
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        const double passed = (double)(now.tv_sec - r->begun.tv_sec) +
                              1e-9 * (double)(now.tv_nsec - r->begun.tv_nsec);
        const double left = (time - r->first) / r->replay - passed;
        if (!(left > 0) || app_signal_noted())
            return;
        const double most = left < 1 ? left : 1;
        nanosleep(&(struct timespec){.tv_sec = (time_t)most,
                                     .tv_nsec = (long)(1e9 * (most - (double)(time_t)most))},
                  NULL);
    }
}

/* Prints all items that wait. */
static int print_items(struct run *r)
{
    gop_error err = {GOP_OK, ""};
    const zoo_stream_item *item;

    for (;;) {
        if (zoo_stream_next(r->stream, &item, &err))
            return fail(APP_DATA, &err);
        if (!item)
            return APP_OK;
        if (!stream_print_item(item, &r->model->domain, r->shown))
            return app_fail(&usage, APP_DATA, "cannot write to standard output");
    }
}

static int take_frames(struct run *r)
{
    gop_error err = {GOP_OK, ""};
    const zoo_frame *frame;

    while (!app_signal_noted()) {
        int status = stream_source_next(&r->source, &frame);
        if (status || !frame)
            return status;
        if (r->replay > 0)
            wait_for(r, frame->time);
        if (zoo_stream_push(r->stream, frame, &err)) {
            fail(APP_DATA, &err);
            r->source.bad++;
            continue;
        }
        r->time = frame->time;
        status = print_items(r);
        if (status)
            return status;
    }
    return APP_OK;
}

/* Ends the actions that last, and prints the counts. */
static int end(struct run *r)
{
    gop_error err = {GOP_OK, ""};

    if (zoo_stream_finish(r->stream, &err))
        return fail(APP_DATA, &err);
    const int status = print_items(r);
    if (status)
        return status;
    const zoo_stream_counts counts = zoo_stream_count(r->stream);
    if (!stream_print_end(&counts, r->source.bad, r->time))
        return app_fail(&usage, APP_DATA, "cannot write to standard output");
    if (r->source.bad > 0)
        return app_fail(&usage, APP_DATA, "%s: %llu lines or files are no frames",
                        r->source.in.path, (unsigned long long)r->source.bad);
    return APP_OK;
}

static int open_stream(struct run *r, const struct settings *set, char **operand)
{
    zoo_stream_options o = zoo_stream_default();
    gop_error err = {GOP_OK, ""};

    if (zoo_model_load(&r->model, app_types(&set->plugins), operand[0], &err))
        return fail(APP_DATA, &err);
    const bool recognises = zoo_model_recognises(r->model);
    if (app_given_apply(&set->given, zoo_stream_settings(), &o, &err))
        return fail(APP_USE, &err);
    if (set->probabilities && !recognises)
        return app_fail(&usage, APP_USE,
                        "--probabilities cannot be used with %s, which recognises no actions",
                        operand[0]);
    if (set->poses && zoo_model_predicted(r->model) == 0)
        return app_fail(&usage, APP_USE, "--poses cannot be used with %s, which predicts no poses",
                        operand[0]);
    o.prepared = set->data != NULL;
    r->shown.probabilities = set->probabilities;
    r->shown.poses = set->poses || o.horizon > 0 || !recognises;
    r->replay = set->replay;
    if (gop_ctx_new(&r->ctx, (int)set->threads, gop_memory_available(), &err))
        return fail(APP_DATA, &err);
    if (zoo_stream_new(&r->stream, r->ctx, r->model, &o, &err))
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    return stream_source_open(&r->source, &usage, r->model,
                              &(stream_input){.path = operand[1],
                                              .data = set->data,
                                              .source = set->source,
                                              .rate = set->rate,
                                              .follow = set->follow});
}

static int run(int argc, char **argv)
{
    struct settings set = {.threads = 1};
    struct run r = {.source = {.fd = -1}};
    app_operands operands;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    int status = set.source ? app_check_source(&usage, set.source) : APP_OK;
    if (!status)
        status = open_stream(&r, &set, operands.item);
    if (!status) {
        app_signals_note(true);
        status = take_frames(&r);
        const int ended = end(&r);
        status = ended > status ? ended : status;
        app_signals_note(false);
    }
    stream_source_close(&r.source);
    zoo_stream_free(r.stream);
    gop_ctx_free(r.ctx);
    zoo_model_free(r.model);
    return status;
}

const app_verb app_verb_stream = {"stream", "Recognise and predict on frames as they come.", run};
