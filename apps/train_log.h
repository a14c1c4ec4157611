/*
 * train_log.h: the JSON-lines log that `graphop train` writes beside a model: a
 * line for the run, then a line for every step.  Touches that one file.
 */
#ifndef APPS_TRAIN_LOG_H
#define APPS_TRAIN_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "report.h"
#include "zoo/zoo.h"

typedef struct trainlog {
    FILE *file;
    char *path;
    gop_file *beside; /* what `file` is the stream of as long as another run's log is at `path` */
} trainlog;

/* Whether a file that begins so is a log. */
bool trainlog_begins(const char *head);
/* Starts an empty log at `path`; with `keep`, what is there stays until trainlog_replace. */
gop_status trainlog_new(trainlog *log, const char *path, bool keep, gop_error *err);
/* Once the new run's model is saved: its log takes the place of the former one. */
gop_status trainlog_replace(trainlog *log, gop_error *err);
/* Goes on with a log: lines after step `done`, which a run that was killed has
 * left behind its last checkpoint, are cut off. */
gop_status trainlog_continue(trainlog *log, const char *path, uint64_t done, gop_error *err);
void trainlog_close(trainlog *log);

/* {"event":"start",...}: what was asked for; where the run begins with a model, its file
 * and which tensors it did not give. */
void trainlog_run(trainlog *log, const zoo_model *model, const zoo_dataset *data,
                  const zoo_training *training, const char *init_from, const zoo_model *from);
/* {"event":"resume","at":...}. */
void trainlog_resumed(trainlog *log, uint64_t step);
/* {"step":...}; without a prediction loss and lambda where the model predicts nothing. */
void trainlog_step(trainlog *log, const zoo_progress *p, double samples_per_second);
/* {"step":...,"event":"validation",...}, behind the line of the step. */
void trainlog_validation(trainlog *log, const zoo_validation *v, bool best);
/* Whether all lines so far have been written. */
gop_status trainlog_flush(trainlog *log, gop_error *err);

/* A setting of a model's run as text; false where it is unset, is a length that is not known
 * yet, or weighs two losses of which the model has one. */
bool trainlog_setting(char *buf, size_t size, const zoo_setting *setting, const zoo_training *t,
                      const zoo_model *model);
/* All of these, as members of an object. */
void trainlog_settings(report_json *json, const zoo_training *t, const zoo_model *model);

#endif
