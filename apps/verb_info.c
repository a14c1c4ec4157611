/*
 * verb_info.c: graphop info: what a data set is; info_model.c says it of models.
 * Reads one file and writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "info_model.h"
#include "verbs.h"

struct settings {
    bool json, sequences, tensors;
};

static const app_option options[] = {
    {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
     "Write one JSON object on one line.", 0, 0, NULL, false},
    {"sequences", 's', APP_FLAG, offsetof(struct settings, sequences), NULL,
     "List every sequence of a data set with its action, split and frames.", 0, 0, NULL, false},
    {"tensors", 't', APP_FLAG, offsetof(struct settings, tensors), NULL,
     "List every tensor of a model with its shape and the range of its values.", 0, 0, NULL, false},
    {0},
};

const app_usage info_usage = {
    "info",
    "FILE [OPTION]...",
    "Says what a data set (.gds) or a model (.gop) is: layout, actions, configuration, "
    "parameters and where it came from.",
    options,
    1,
    1};

/* ------------------------------------------------------------------ domains */

static const char *feature_name(zoo_feature feature)
{
    return feature == ZOO_EXPMAP ? "rotation" : feature == ZOO_SCORED ? "scored" : "position";
}

static size_t constant_columns(const zoo_domain *d)
{
    size_t n = 0;
    for (uint32_t c = 0; c < d->layout.columns; c++)
        n += d->constant[c];
    return n;
}

void info_print_domain(const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    printf("layout     %s: %u nodes of %u %s channels, %u edges, %u parts\n", l->name,
           (unsigned)l->nodes, (unsigned)l->channels, feature_name(l->feature),
           (unsigned)l->n_edges, (unsigned)l->parts);
    printf("columns    %u a frame, %zu of them constant in training\n", (unsigned)l->columns,
           constant_columns(d));
    printf("rate       %g Hz", d->rate);
    if (d->factor > 1)
        printf(", of which every %u. frame is used (%g Hz)", (unsigned)d->factor,
               d->rate / d->factor);
    putchar('\n');
}

void info_json_domain(report_json *json, const zoo_domain *d)
{
    const zoo_layout *l = &d->layout;

    report_object(json, "layout");
    report_text(json, "name", l->name);
    report_text(json, "feature", feature_name(l->feature));
    report_count(json, "nodes", l->nodes);
    report_count(json, "channels", l->channels);
    report_count(json, "columns", l->columns);
    report_count(json, "edges", l->n_edges);
    report_count(json, "parts", l->parts);
    report_end_object(json);
    report_number(json, "rate", d->rate);
    report_count(json, "factor", d->factor);
    report_count(json, "constant_columns", constant_columns(d));
}

/* ---------------------------------------------------------------- data sets */

struct amount {
    size_t sequences, frames;
};

/* amount[action][split] */
static struct amount (*count_actions(const zoo_dataset *data))[2]
{
    struct amount(*amount)[2] = calloc(data->domain.actions, sizeof *amount);

    for (size_t s = 0; amount && s < data->sequences; s++) {
        struct amount *a = &amount[data->sequence[s].action][data->sequence[s].split];
        a->sequences++;
        a->frames += data->sequence[s].frames;
    }
    return amount;
}

static const char *split_name(zoo_split split)
{
    return split == ZOO_TRAIN ? "train" : "test";
}

static void json_sequences(report_json *json, const zoo_dataset *data)
{
    report_array(json, "sequences");
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        report_object(json, NULL);
        report_text(json, "name", s->name);
        report_text(json, "action", data->domain.action[s->action]);
        report_text(json, "split", split_name(s->split));
        report_count(json, "frames", s->frames);
        report_end_object(json);
    }
    report_end_array(json);
}

static void print_sequences(const zoo_dataset *data)
{
    report_table table = report_table_new("lllr");

    report_cell(&table, "sequence");
    report_cell(&table, "action");
    report_cell(&table, "split");
    report_cell(&table, "frames");
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        report_cell(&table, "%s", s->name);
        report_cell(&table, "%s", data->domain.action[s->action]);
        report_cell(&table, "%s", split_name(s->split));
        report_cell(&table, "%zu", s->frames);
    }
    putchar('\n');
    report_table_print(&table, stdout);
}

static void json_dataset(const zoo_dataset *data, struct amount (*amount)[2], bool sequences)
{
    report_json json = report_json_on(stdout);

    report_object(&json, NULL);
    report_text(&json, "kind", "dataset");
    report_text(&json, "name", data->domain.name);
    report_text(&json, "source", data->source);
    info_json_domain(&json, &data->domain);
    report_array(&json, "actions");
    for (size_t i = 0; i < data->domain.actions; i++) {
        report_object(&json, NULL);
        report_text(&json, "action", data->domain.action[i]);
        report_count(&json, "train_sequences", amount[i][ZOO_TRAIN].sequences);
        report_count(&json, "train_frames", amount[i][ZOO_TRAIN].frames);
        report_count(&json, "test_sequences", amount[i][ZOO_TEST].sequences);
        report_count(&json, "test_frames", amount[i][ZOO_TEST].frames);
        report_end_object(&json);
    }
    report_end_array(&json);
    if (sequences)
        json_sequences(&json, data);
    report_end_object(&json);
}

static void table_row(report_table *table, const char *name, const struct amount amount[2])
{
    report_cell(table, "%s", name);
    for (int split = 0; split < 2; split++) {
        report_cell(table, "%zu", amount[split].sequences);
        report_cell(table, "%zu", amount[split].frames);
    }
}

static void print_dataset(const zoo_dataset *data, struct amount (*amount)[2])
{
    report_table table = report_table_new("lrrrr");
    struct amount sum[2] = {{0, 0}, {0, 0}};

    printf("data set   %s\nsource     %s\n", data->domain.name, data->source);
    info_print_domain(&data->domain);
    putchar('\n');
    report_cell(&table, "action");
    report_cell(&table, "training");
    report_cell(&table, "frames");
    report_cell(&table, "test");
    report_cell(&table, "frames");
    for (size_t i = 0; i < data->domain.actions; i++) {
        table_row(&table, data->domain.action[i], amount[i]);
        for (int split = 0; split < 2; split++) {
            sum[split].sequences += amount[i][split].sequences;
            sum[split].frames += amount[i][split].frames;
        }
    }
    table_row(&table, "all", sum);
    report_table_print(&table, stdout);
}

static int info_dataset(const char *path, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;

    if (zoo_dataset_load(&data, path, &err))
        return app_fail_error(&info_usage, APP_DATA, &err);
    struct amount(*amount)[2] = count_actions(data);
    int status = APP_OK;
    if (!amount) {
        status = app_fail(&info_usage, APP_DATA, "out of memory");
    } else if (set->json) {
        json_dataset(data, amount, set->sequences);
    } else {
        print_dataset(data, amount);
        if (set->sequences)
            print_sequences(data);
    }
    free(amount);
    zoo_dataset_free(data);
    return status;
}

static int run(int argc, char **argv)
{
    struct settings set = {.json = false};
    gop_error err = {GOP_OK, ""};
    app_operands operands;
    char kind[5];

    if (app_parse(&info_usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    const char *path = operands.item[0];
    if (gop_file_kind(kind, NULL, path, &err))
        return app_fail_error(&info_usage, APP_DATA, &err);
    const bool dataset = strcmp(kind, ZOO_DATASET_KIND) == 0;
    const bool model = strcmp(kind, ZOO_MODEL_KIND) == 0;
    if (dataset && set.tensors)
        return app_fail(&info_usage, APP_USE, "%s is a data set, which has no tensors", path);
    if (model && set.sequences)
        return app_fail(&info_usage, APP_USE, "%s is a model, which has no sequences", path);
    if (dataset)
        return info_dataset(path, &set);
    if (model)
        return info_model(path, set.json, set.tensors);
    return app_fail(&info_usage, APP_DATA,
                    "%s: a file of kind '%s', which this version does not know", path, kind);
}

const app_verb app_verb_info = {"info", "Say what a data set or a model is.", run};
