/*
 * train_log.h: the log that `graphop train` writes beside a model: a JSON object on a line for
 * the run, then one for every step.  Touches only that file.
 */
#ifndef APPS_TRAIN_LOG_H
#define APPS_TRAIN_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "lengths.h"
#include "report.h"
#include "zoo/zoo.h"

/* Lines wait in `file`, in memory, until trainlog_flush writes them: none is lost or cut when a
 * write fails and a later one succeeds. */
typedef struct trainlog {
    FILE *file;
    char *text;        /* of `file` */
    size_t size, done; /* bytes in `file`, and how many of them are written */
    int fd;
    char *path;
    gop_file *beside;      /* what `fd` writes while a former run's log is at `path` */
    int (*stopping)(void); /* nonzero: do not wait for a pipe that nobody reads */
} trainlog;

/* Whether a file with this beginning is a log. */
bool trainlog_begins(const char *head);
/* Starts an empty log at `path`.  With `keep`, a former log stays there until trainlog_replace. */
gop_status trainlog_new(trainlog *log, const char *path, bool keep, gop_error *err);
/* Replaces the former log.  Call it after the new run's model was saved. */
gop_status trainlog_replace(trainlog *log, gop_error *err);
/* Continues a log: cuts off the lines after step `done`, which a killed run wrote after its last
 * save. */
gop_status trainlog_continue(trainlog *log, const char *path, uint64_t done, gop_error *err);
/* Whether lines are left that could not be written. */
bool trainlog_pending(const trainlog *log);
void trainlog_close(trainlog *log);

/* {"event":"start",...}: the settings of the run and, with --init-from, the file and the tensors
 * that are not in it. */
void trainlog_run(trainlog *log, const zoo_model *model, const zoo_dataset *data, const lengths *l,
                  const zoo_training *training, const char *init_from, const zoo_model *from);
/* {"event":"resume","at":...}. */
void trainlog_resumed(trainlog *log, uint64_t step);
/* {"step":...}; without the prediction loss and lambda if the model predicts nothing. */
void trainlog_step(trainlog *log, const zoo_progress *p, double samples_per_second);
/* {"step":...,"event":"validation",...}, after the line of the step. */
void trainlog_validation(trainlog *log, const zoo_validation *v, bool best);
/* Writes all lines and reports whether that failed; those that are left are tried again next time.
 * If the run stops and nobody reads the log, they are left without a failure. */
gop_status trainlog_flush(trainlog *log, gop_error *err);

/* The value of a setting as text.  Returns false if it is unset, if it is a number of steps that
 * is not fixed yet, or if it is lambda and the model has only one loss. */
bool trainlog_setting(char *buf, size_t size, const zoo_setting *setting, const zoo_training *t,
                      const zoo_model *model);
/* Writes all these settings as members of an object. */
void trainlog_settings(report_json *json, const zoo_training *t, const zoo_model *model);

#endif
