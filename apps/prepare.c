/*
 * prepare.c: graphop prepare: raw motion data, or the procedural set, into a
 * data set, and what was found on the way.  Reads a folder, writes one file and
 * stdout.
 */
#ifdef HAVE_CONFIG_H
#  include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "graphop.h"
#include "options.h"
#include "report.h"
#include "verbs.h"
#include "zoo/zoo.h"

#define DEFAULT_SEED 1
#define NOT_GIVEN UINT64_MAX

struct settings {
    const char *output;
    int split; /* place in split_name, -1: not given */
    uint64_t seed;
    bool json;
};

static const char *const split_name[] = {"literature", "partial", NULL};
static const char *const source_name[] = {"cmu", "synth", NULL};

static const app_option options[] = {
    {"output", 'o', APP_TEXT, offsetof(struct settings, output), "FILE",
     "Where to write the data set (.gds).", 0, 0, NULL, true},
    {"split", 's', APP_CHOICE, offsetof(struct settings, split), "NAME",
     "cmu: 'literature' (default) takes the train and test folders as they are; 'partial' stands"
     " in for test files that are missing.",
     0, 0, split_name, false},
    {"seed", 0, APP_COUNT, offsetof(struct settings, seed), "N",
     "synth: draws another set for every number (default 1).", 0, 1e15, NULL, false},
    {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
     "Report as one JSON object on one line.", 0, 0, NULL, false},
    {0},
};

static const app_usage usage = {
    "prepare", "cmu DIR -o FILE [OPTION]...\n       graphop prepare synth -o FILE [OPTION]...",
    "Turns raw motion data into a data set. 'cmu' reads DIR/{train,test}/ACTION/*.txt, frames of "
    "CMU Mocap as exponential maps; 'synth' draws the procedural motion set.",
    options, 1, 2};

/* ------------------------------------------------------------------- report */

static const char *kind_name(zoo_finding_kind kind)
{
    switch (kind) {
    case ZOO_DROPPED: return "dropped";
    case ZOO_ABSENT: return "absent";
    case ZOO_MOVED: return "moved";
    case ZOO_IDENTICAL: return "identical";
    }
    return "other";
}

static void count_action(const zoo_dataset *data, size_t action, size_t sequences[2],
                         size_t frames[2])
{
    sequences[0] = sequences[1] = frames[0] = frames[1] = 0;
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        if (s->action == action) {
            sequences[s->split]++;
            frames[s->split] += s->frames;
        }
    }
}

static void print_report(const zoo_dataset *data, const zoo_report *report, const char *file)
{
    const zoo_domain *d = &data->domain;
    report_table table = report_table_new("lrrrr");
    size_t sequences[2], frames[2];

    printf("%s: %s\n", file, data->source);
    printf("%u columns at %g Hz, %zu of them constant in training, %zu non-finite values\n\n",
           (unsigned)d->layout.columns, d->rate, report->constant, report->non_finite);
    report_cell(&table, "action");
    report_cell(&table, "training");
    report_cell(&table, "frames");
    report_cell(&table, "test");
    report_cell(&table, "frames");
    for (size_t a = 0; a < d->actions; a++) {
        count_action(data, a, sequences, frames);
        report_cell(&table, "%s", d->action[a]);
        for (int split = 0; split < 2; split++) {
            report_cell(&table, "%zu", sequences[split]);
            report_cell(&table, "%zu", frames[split]);
        }
    }
    report_cell(&table, "all");
    for (int split = 0; split < 2; split++) {
        report_cell(&table, "%zu", report->sequences[split]);
        report_cell(&table, "%zu", report->frames[split]);
    }
    report_table_print(&table, stdout);
    if (report->findings > 0)
        putchar('\n');
    for (size_t i = 0; i < report->findings; i++)
        printf("%s: %s\n", kind_name(report->finding[i].kind), report->finding[i].text);
}

static void json_report(const zoo_dataset *data, const zoo_report *report, const char *file)
{
    const zoo_domain *d = &data->domain;
    report_json json = report_json_on(stdout);
    size_t sequences[2], frames[2];

    report_object(&json, NULL);
    report_text(&json, "file", file);
    report_text(&json, "name", d->name);
    report_text(&json, "source", data->source);
    report_text(&json, "layout", d->layout.name);
    report_number(&json, "rate", d->rate);
    report_count(&json, "columns", d->layout.columns);
    report_count(&json, "constant_columns", report->constant);
    report_count(&json, "non_finite", report->non_finite);
    report_count(&json, "files", report->files);
    report_array(&json, "actions");
    for (size_t a = 0; a < d->actions; a++) {
        count_action(data, a, sequences, frames);
        report_object(&json, NULL);
        report_text(&json, "action", d->action[a]);
        report_count(&json, "train_sequences", sequences[ZOO_TRAIN]);
        report_count(&json, "train_frames", frames[ZOO_TRAIN]);
        report_count(&json, "test_sequences", sequences[ZOO_TEST]);
        report_count(&json, "test_frames", frames[ZOO_TEST]);
        report_end_object(&json);
    }
    report_end_array(&json);
    report_array(&json, "findings");
    for (size_t i = 0; i < report->findings; i++) {
        report_object(&json, NULL);
        report_text(&json, "kind", kind_name(report->finding[i].kind));
        report_text(&json, "text", report->finding[i].text);
        report_end_object(&json);
    }
    report_end_array(&json);
    report_end_object(&json);
}

/* --------------------------------------------------------------------- verb */

static int prepare(gop_status made, zoo_dataset *data, zoo_report *report,
                   const struct settings *set, const gop_error *made_err)
{
    gop_error err = {GOP_OK, ""};
    int status = APP_OK;

    if (made != GOP_OK)
        status = app_fail_error(&usage, APP_DATA, made_err);
    else if (zoo_dataset_save(data, set->output, &err) != GOP_OK)
        status = app_fail_error(&usage, APP_DATA, &err);
    else if (set->json)
        json_report(data, report, set->output);
    else
        print_report(data, report, set->output);
    zoo_report_clear(report);
    zoo_dataset_free(data);
    return status;
}

static int prepare_cmu(const struct settings *set, const app_operands *operands)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data = NULL;
    zoo_report report = {0};

    if (operands->count < 2)
        return app_fail(&usage, APP_USE, "cmu wants a folder that holds train and test");
    if (set->seed != NOT_GIVEN)
        return app_fail(&usage, APP_USE, "--seed is for synth");
    const char *split = split_name[set->split < 0 ? 0 : set->split];
    gop_status made = zoo_cmu_read(&data, &report, operands->item[1], split, &err);
    return prepare(made, data, &report, set, &err);
}

static int prepare_synth(const struct settings *set, const app_operands *operands)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data = NULL;
    zoo_report report = {0};

    if (operands->count > 1)
        return app_fail(&usage, APP_USE, "synth reads nothing, '%s' is too much",
                        operands->item[1]);
    if (set->split >= 0)
        return app_fail(&usage, APP_USE, "--split is for cmu");
    uint64_t seed = set->seed == NOT_GIVEN ? DEFAULT_SEED : set->seed;
    gop_status made = zoo_synth(&data, &report, seed, &err);
    return prepare(made, data, &report, set, &err);
}

static int run(int argc, char **argv)
{
    struct settings set = {.split = -1, .seed = NOT_GIVEN};
    app_operands operands;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    if (strcmp(operands.item[0], "cmu") == 0)
        return prepare_cmu(&set, &operands);
    if (strcmp(operands.item[0], "synth") == 0)
        return prepare_synth(&set, &operands);
    return app_fail_unknown(&usage, "source", operands.item[0], source_name);
}

const app_verb app_verb_prepare = {"prepare", "Turn raw motion data into a data set.", run};
