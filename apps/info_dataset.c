/*
 * info_dataset.c: graphop info for a data set: actions and sequences.
 * Reads one file and writes to stdout only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>

#include "info.h"

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

/* The most bodies of a sequence; *several gets the number of sequences with two or more. */
static uint32_t most_bodies(size_t *several, const zoo_dataset *data)
{
    uint32_t most = 0;

    *several = 0;
    for (size_t i = 0; i < data->sequences; i++) {
        const uint32_t n = data->sequence[i].bodies;
        most = n > most ? n : most;
        *several += n > 1;
    }
    return most;
}

/* Segments of recordings that are whole; *whole gets the number of these. */
static size_t count_spans(size_t *whole, const zoo_dataset *data)
{
    size_t n = 0;

    *whole = 0;
    for (size_t i = 0; i < data->sequences; i++) {
        n += data->sequence[i].spans;
        *whole += data->sequence[i].spans > 0;
    }
    return n;
}

static const char *split_name(zoo_split split)
{
    return split == ZOO_TRAIN ? "train" : "test";
}

/* What is unknown is left out. */
static void json_text(report_json *json, const char *key, const char *text)
{
    if (text[0] != '\0')
        report_text(json, key, text);
}

static void json_spans(report_json *json, const zoo_dataset *data, const zoo_sequence *s)
{
    report_array(json, "segments");
    for (size_t k = 0; k < s->spans; k++) {
        report_object(json, NULL);
        report_text(json, "action", data->domain.action[s->span[k].action]);
        report_count(json, "first", s->span[k].first);
        report_count(json, "frames", s->span[k].frames);
        report_end_object(json);
    }
    report_end_array(json);
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
        report_count(json, "bodies", s->bodies);
        json_text(json, "subject", s->subject);
        json_text(json, "camera", s->camera);
        json_text(json, "setup", s->setup);
        json_text(json, "repetition", s->repetition);
        json_text(json, "file", s->file);
        if (s->spans > 0)
            json_spans(json, data, s);
        report_end_object(json);
    }
    report_end_array(json);
}

static void print_sequences(const zoo_dataset *data)
{
    size_t whole, spans = count_spans(&whole, data);
    report_table table = report_table_new(spans > 0 ? "lllrrr" : "lllrr");

    report_cell(&table, "sequence");
    report_cell(&table, "action");
    report_cell(&table, "split");
    report_cell(&table, "bodies");
    report_cell(&table, "frames");
    if (spans > 0)
        report_cell(&table, "segments");
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        report_cell(&table, "%s", s->name);
        report_cell(&table, "%s", data->domain.action[s->action]);
        report_cell(&table, "%s", split_name(s->split));
        report_cell(&table, "%u", (unsigned)s->bodies);
        report_cell(&table, "%zu", s->frames);
        if (spans > 0)
            report_cell(&table, "%zu", s->spans);
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
    size_t several;
    report_count(&json, "most_bodies", most_bodies(&several, data));
    report_count(&json, "several_bodies", several);
    size_t whole, spans = count_spans(&whole, data);
    report_count(&json, "whole_recordings", whole);
    report_count(&json, "segments", spans);
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
    size_t several;
    const uint32_t most = most_bodies(&several, data);
    if (most > 1)
        printf("bodies     up to %u a sequence, several in %zu of %zu\n", (unsigned)most, several,
               data->sequences);
    size_t whole, spans = count_spans(&whole, data);
    if (whole > 0)
        printf("whole      %zu recording%s, with %zu segment%s\n", whole, whole == 1 ? "" : "s",
               spans, spans == 1 ? "" : "s");
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

int info_dataset(const app_usage *usage, const char *path, bool json, bool sequences)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *data;

    if (zoo_dataset_load(&data, path, &err))
        return app_fail_error(usage, APP_DATA, &err);
    struct amount(*amount)[2] = count_actions(data);
    int status = APP_OK;
    if (!amount) {
        status = app_fail(usage, APP_DATA, "out of memory");
    } else if (json) {
        json_dataset(data, amount, sequences);
    } else {
        print_dataset(data, amount);
        if (sequences)
            print_sequences(data);
    }
    free(amount);
    zoo_dataset_free(data);
    return status;
}
