/*
 * verb_eval.c: graphop eval: measures a model on the test sequences of a data set.
 * Reads both, writes to stdout and with --confusion one file.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confusion.h"
#include "graphop.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    const char *data, *protocol, *clips, *confusion;
    uint64_t observed, predicted, batch, threads, top;
    double pck;
    int pck_of;
    bool json, std;
};

static const char *const pck_scales[] = {"box", "std", "metre", NULL};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"data", 'd', APP_TEXT, AT(data), "FILE", "The data set (.gds) to measure on.", 0, 0, NULL,
     true},
    {"protocol", 'p', APP_TEXT, AT(protocol), "NAME",
     "How to measure; without it, every way that suits the data: cmu-dmgnn, cmu-csm, cmu-3d, "
     "h36m-dmgnn, h36m-csm, h36m-3d, windows (prediction), 8-seed, dense, beginning (recognition).  "
     "Only by name: cmu-3d-38, h36m-3d-32; beginning, where frames are rotations.",
     0, 0, NULL, false},
    {"clips", 0, APP_TEXT, AT(clips), "LIST",
     "Where clips are drawn for prediction: how many of an action, 8 unless given, or 'all' for "
     "every window; several, with commas, are measured one after the other.",
     0, 0, NULL, false},
    {"std", 0, APP_FLAG, AT(std), NULL, "Show standard deviations across clips.", 0, 0, NULL,
     false},
    {"top", 0, APP_COUNT, AT(top), "K",
     "Show the share of clips whose action is among the first K, too.", 1, ZOO_MAX_ACTIONS, NULL,
     false},
    {"confusion", 0, APP_OUTPUT, AT(confusion), "FILE",
     "Write confusion matrices: as text, values or a picture, as FILE ends in .txt, .csv or .svg.",
     0, 0, NULL, false},
    {"pck", 0, APP_REAL, AT(pck), "LIMIT",
     "Show the share of joints that are not farther off than this; 0.05 in JSON unless given.",
     1e-6, 1e6, NULL, false},
    {"pck-of", 0, APP_CHOICE, AT(pck_of), "WHAT",
     "What the limit is a share of: the longest side of the box around the true pose, each "
     "column's standard deviation, or a metre.",
     0, 0, pck_scales, false},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false},
    {"observed", 0, APP_COUNT, AT(observed), "N",
     "Without a model: frames observed, 50 unless given.", 1, 4096, NULL, false},
    {"predicted", 0, APP_COUNT, AT(predicted), "N",
     "Without a model: frames predicted, 25 unless given.", 2, 256, NULL, false},
    {"batch", 'b', APP_COUNT, AT(batch), "N", "Clips in a run.", 1, 65536, NULL, false},
    {"threads", 'T', APP_COUNT, AT(threads), "N",
     "Threads to use, 0 for one per processor; results do not depend on it.", 0, 1024, NULL, false},
    {0},
};

static const app_usage usage = {
    "eval",
    "[MODEL] --data FILE [OPTION]...",
    "Measures a model on the test sequences of a data set: errors of the predicted poses beside "
    "those of zero velocity (the last observed pose, repeated), and the share of clips whose "
    "action is recognised.  Without a model, zero velocity alone.",
    options,
    0,
    1};

/* ------------------------------------------------------------------- tables */

static const char *const pck_what[] = {"of the longest side of the box around the true pose",
                                       "standard deviations of the training data", "m"};

/* Fills a row up: of horizons, n of them, or a sign for what is not there. */
static void cells(report_table *table, const double *value, size_t n, double by, int digits)
{
    for (size_t h = 0; h < n; h++) {
        if (isnan(value[h]))
            report_cell(table, "-");
        else
            report_cell(table, "%.*f", digits, by * value[h]);
    }
}

static void table_prediction(report_table *table, const struct settings *set, const zoo_row *row)
{
    const double *numbers[2] = {row->error, row->zero_velocity};
    const double *spread[2] = {row->error_std, row->zero_velocity_std};
    const double *near[2] = {row->pck, row->zero_velocity_pck};
    static const char *const what[2] = {"model", "zero velocity"};
    bool mm = strcmp(row->unit, "mm") == 0;

    for (int i = row->predicted ? 0 : 1; i < 2; i++) {
        bool first = i == (row->predicted ? 0 : 1);
        report_cell(table, "%s%s", first ? row->action : "", first && row->untrained ? " *" : "");
        report_cell(table, "%s", what[i]);
        cells(table, numbers[i], row->horizons, 1, mm ? 1 : 3);
        if (first)
            report_cell(table, "%zu", row->clips);
        report_row_end(table);
        if (set->std) {
            report_cell(table, "%s", "");
            report_cell(table, "  std");
            cells(table, spread[i], row->horizons, 1, mm ? 1 : 3);
            report_row_end(table);
        }
        if (set->pck > 0 && mm) {
            report_cell(table, "%s", "");
            report_cell(table, "  PCK@%g, %%", set->pck);
            cells(table, near[i], row->horizons, 100, 1);
            report_row_end(table);
        }
    }
}

static void print_prediction(const struct settings *set, const zoo_table *t)
{
    static const char aligned[] = "llrrrrrrrrr";
    const zoo_row *head = &t->row[0];
    char align[sizeof aligned];
    size_t columns = 3 + head->horizons;

    snprintf(align, sizeof align, "%.*s", (int)columns, aligned);
    report_table table = report_table_new(align);
    report_cell(&table, "action");
    report_cell(&table, "%s", head->unit);
    for (size_t h = 0; h < head->horizons; h++)
        report_cell(&table, "%.0f ms", head->ms[h]);
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++)
        table_prediction(&table, set, &t->row[i]);
    report_table_print(&table, stdout);
    if (set->pck > 0 && strcmp(head->unit, "mm") == 0)
        printf("PCK: the share of joints within %g %s.\n", set->pck, pck_what[set->pck_of]);
    if (head->true_ms[0] == head->ms[0])
        return;
    printf("The times are the literature's labels; here they are");
    for (size_t h = 0; h < head->horizons; h++)
        printf("%s %.0f", h ? "," : "", head->true_ms[h]);
    printf(" ms.\n");
}

/* Whether the k that was asked for is not in the table anyway. */
static bool extra_top(const struct settings *set)
{
    return set->top && set->top != 1 && set->top != 5;
}

static void print_recognition(const struct settings *set, const zoo_table *t)
{
    report_table table = report_table_new(extra_top(set) ? "lrrrr" : "lrrr");

    report_cell(&table, "action");
    report_cell(&table, "top-1");
    report_cell(&table, "top-5");
    if (extra_top(set))
        report_cell(&table, "top-%zu", (size_t)set->top);
    report_cell(&table, "clips");
    for (size_t i = 0; i < t->rows; i++) {
        const zoo_row *row = &t->row[i];
        report_cell(&table, "%s%s", row->action, row->untrained ? " *" : "");
        report_cell(&table, "%.1f %%", 100 * row->top1);
        report_cell(&table, "%.1f %%", 100 * row->top5);
        if (extra_top(set))
            report_cell(&table, "%.1f %%", 100 * row->topk);
        report_cell(&table, "%zu", row->clips);
    }
    report_table_print(&table, stdout);
}

static void print_table(const struct settings *set, const zoo_protocol *protocol, size_t clips,
                        const zoo_table *t)
{
    bool untrained = false, averaged = false;
    char text[1024];
    size_t named = (size_t)snprintf(text, sizeof text, "%s: ", protocol->name);

    zoo_protocol_describe(text + named, sizeof text - named - 1, protocol, clips);
    strcat(text, ".");
    report_paragraph(stdout, text, 0, 0);
    putchar('\n');
    if (protocol->task == ZOO_PREDICTION)
        print_prediction(set, t);
    else
        print_recognition(set, t);
    for (size_t i = 0; i < t->rows; i++) {
        untrained |= t->row[i].untrained;
        if (t->row[i].average) {
            printf("The average is over %zu action%s.\n", t->row[i].actions,
                   t->row[i].actions == 1 ? "" : "s");
            if (protocol->task == ZOO_RECOGNITION)
                printf("Mean class accuracy %.1f %%, overall accuracy %.1f %% of %zu clips.\n",
                       100 * t->row[i].top1, 100 * t->row[i].accuracy, t->row[i].clips);
            averaged = true;
        }
    }
    if (t->left_out)
        printf("Left out: %zu test sequence%s, too short for a clip.\n", t->left_out,
               t->left_out == 1 ? "" : "s");
    if (untrained)
        printf("* has no training data%s.\n", averaged ? " and is left out of the average" : "");
    putchar('\n');
}

/* --------------------------------------------------------------------- JSON */

static void json_prediction(report_json *json, const struct settings *set, const zoo_row *row)
{
    size_t n = row->horizons;

    report_numbers(json, "ms", row->ms, n);
    report_numbers(json, "true_ms", row->true_ms, n);
    if (row->predicted)
        report_numbers(json, "error", row->error, n);
    report_numbers(json, "zero_velocity", row->zero_velocity, n);
    if (row->predicted)
        report_numbers(json, "error_std", row->error_std, n);
    report_numbers(json, "zero_velocity_std", row->zero_velocity_std, n);
    if (strcmp(row->unit, "mm") == 0) {
        report_number(json, "pck_limit", set->pck > 0 ? set->pck : ZOO_PCK_LIMIT);
        report_text(json, "pck_of", pck_scales[set->pck_of]);
        if (row->predicted)
            report_numbers(json, "pck", row->pck, n);
        report_numbers(json, "zero_velocity_pck", row->zero_velocity_pck, n);
    }
    if (row->drawn == ZOO_EVERY_CLIP)
        report_text(json, "clip_set", "all");
    else if (row->drawn) {
        char number[24];
        snprintf(number, sizeof number, "%zu", row->drawn);
        report_text(json, "clip_set", number);
    }
}

static void json_recognition(report_json *json, const struct settings *set, const zoo_table *t,
                             const zoo_row *row, const zoo_domain *domain)
{
    char key[24];

    report_number(json, "top1", row->top1);
    report_number(json, "top5", row->top5);
    if (extra_top(set)) {
        snprintf(key, sizeof key, "top%zu", (size_t)set->top);
        report_number(json, key, row->topk);
    }
    if (row->average) {
        report_number(json, "mean_class_accuracy", row->top1);
        report_number(json, "overall_accuracy", row->accuracy);
        return;
    }
    /* Answers that were never given are left out. */
    report_object(json, "confusion");
    for (size_t k = 0; k < t->actions; k++) {
        size_t count = t->confusion[row->class_index * t->actions + k];
        if (count)
            report_count(json, domain->action[k], count);
    }
    report_end_object(json);
}

static void json_row(const struct settings *set, const zoo_table *t, const zoo_row *row,
                     const zoo_domain *domain)
{
    report_json json = report_json_on(stdout);
    bool prediction = row->task == ZOO_PREDICTION;

    report_object(&json, NULL);
    report_text(&json, "task", prediction ? "prediction" : "recognition");
    report_text(&json, "protocol", row->protocol);
    report_text(&json, "action", row->action);
    if (prediction)
        json_prediction(&json, set, row);
    else
        json_recognition(&json, set, t, row, domain);
    report_count(&json, "clips", row->clips);
    if (prediction)
        report_text(&json, "unit", row->unit);
    if (row->average) {
        report_count(&json, "actions", row->actions);
        report_count(&json, "left_out", t->left_out);
    } else {
        report_bool(&json, "trained", !row->untrained);
    }
    report_end_object(&json);
}

/* --------------------------------------------------------------------- runs */

static int fail(int status, const gop_error *err)
{
    return app_fail_error(&usage, status, err);
}

/* What a run measures, and what it keeps for the end. */
#define MAX_SETS 16
#define MAX_KEPT 8

typedef struct measuring {
    const struct settings *set;
    const zoo_dataset *data;
    const zoo_predictor *model;
    size_t sets, clips[MAX_SETS]; /* numbers of clips, where they are drawn */
    bool unasked;      /* a protocol that no sequence is long enough for is passed over */
    size_t measured;   /* protocols with a result */
    gop_error first;   /* why the first one has none */
    char without[256]; /* the names of those */
    size_t kept;
    zoo_table *table[MAX_KEPT]; /* with confusion matrices that are to be written */
} measuring;

/* Notes a protocol that the data have nothing for. */
static void pass_over(measuring *m, const zoo_protocol *protocol, const gop_error *err)
{
    size_t used = strlen(m->without);

    if (m->first.status == GOP_OK)
        m->first = *err;
    if (strstr(m->without, protocol->name) == NULL)
        snprintf(m->without + used, sizeof m->without - used, "%s%s", used ? ", " : "",
                 protocol->name);
}

static int measure_clips(measuring *m, const zoo_protocol *protocol, size_t clips)
{
    const struct settings *set = m->set;
    zoo_measure measure = {.clips = clips,
                           .top = set->top,
                           .pck_limit = set->pck,
                           .pck_scale = (zoo_pck_scale)set->pck_of};
    gop_error err = {GOP_OK, ""};
    progress bar = progress_start(0);
    zoo_table *table;

    progress_show(&bar, -1, "measuring %s", protocol->name);
    gop_status status = zoo_evaluate_with(&table, protocol, m->data, m->model, &measure, &err);
    progress_clear(&bar);
    if (status == GOP_EFORMAT && m->unasked) {
        pass_over(m, protocol, &err);
        return APP_OK;
    }
    m->measured++;
    if (status)
        return fail(err.status == GOP_EINVAL ? APP_USE : APP_DATA, &err);
    if (set->json) {
        for (size_t i = 0; i < table->rows; i++)
            json_row(set, table, &table->row[i], &m->data->domain);
    } else if (table->rows) {
        print_table(set, protocol, clips, table);
    }
    fflush(stdout);
    if (set->confusion && table->confusion && table->rows && m->kept < MAX_KEPT)
        m->table[m->kept++] = table;
    else
        zoo_table_free(table);
    return APP_OK;
}

static int measure(measuring *m, const zoo_protocol *protocol)
{
    int status = APP_OK;

    for (size_t i = 0; i < m->sets && status == APP_OK; i++) {
        status = measure_clips(m, protocol, m->clips[i]);
        if (!protocol->drawn)
            break;
    }
    return status;
}

/* "8,256,all" into numbers. */
static int parse_clips(measuring *m, const char *list)
{
    const char *at = list;

    m->sets = 0;
    do {
        char word[24];
        size_t n = strcspn(at, ",");
        uint64_t count = 0;
        snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word - 1, at);
        if (strcmp(word, "all") == 0)
            m->clips[m->sets] = ZOO_EVERY_CLIP;
        else if (app_count(&count, word) && count >= 1 && count <= 1000000)
            m->clips[m->sets] = (size_t)count;
        else
            return app_fail(&usage, APP_USE,
                            "--clips wants numbers from 1 to 1000000 and 'all', with commas, not "
                            "'%.64s'",
                            list);
        m->sets++;
        at += n;
    } while (*at++ == ',' && m->sets < MAX_SETS);
    if (at[-1] != '\0')
        return app_fail(&usage, APP_USE, "--clips takes %d numbers at most", MAX_SETS);
    return APP_OK;
}

static int write_confusion(const measuring *m, const char *model)
{
    const zoo_domain *domain = &m->data->domain;
    confusion_matrix matrix[MAX_KEPT];
    confusion c = {.model = model, .classes = domain->actions, .n = m->kept, .matrix = matrix};
    const char **name = malloc((domain->actions + 1) * sizeof *name);
    gop_error err = {GOP_OK, ""};

    if (!name)
        return app_fail(&usage, APP_DATA, "out of memory");
    for (size_t i = 0; i < domain->actions; i++)
        name[i] = domain->action[i];
    for (size_t i = 0; i < m->kept; i++) {
        matrix[i].title = m->table[i]->row[0].protocol;
        matrix[i].count = m->table[i]->confusion;
    }
    c.name = name;
    gop_status status = confusion_write(m->set->confusion, &c, &err);
    free(name);
    return status ? fail(APP_DATA, &err) : APP_OK;
}

static int find_protocol(const zoo_protocol **protocol, const char *name)
{
    enum { MAX = 32 };
    const char *names[MAX + 1];
    size_t n = 0;

    *protocol = zoo_protocol_find(name);
    if (*protocol)
        return APP_OK;
    for (const zoo_protocol *p = zoo_protocol_list(); p->name && n < MAX; p++)
        names[n++] = p->name;
    names[n] = NULL;
    return app_fail_unknown(&usage, "protocol", name, names);
}

/* A model that only recognises, beside a protocol for predicted poses, or the other way
 * round. */
static bool lacks(const zoo_protocol *p, const zoo_predictor *model)
{
    return model->run && (p->task == ZOO_PREDICTION ? model->predicted == 0 : model->no_scores);
}

/* Says which of the ways to measure that suit the data were left out. */
static void print_left_out(const zoo_dataset *data, const zoo_predictor *model)
{
    char text[256];
    size_t used = 0;

    for (const zoo_protocol *p = zoo_protocol_list(); p->name && used < sizeof text; p++) {
        if (zoo_protocol_usual(p, &data->domain) && lacks(p, model))
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "",
                                     p->name);
    }
    if (used)
        printf("The model %s; left out: %s.\n",
               model->no_scores ? "recognises no actions" : "predicts no poses", text);
}

/* Whether a protocol is measured without being asked for by name. */
static bool applies(const zoo_protocol *p, const zoo_dataset *data, const zoo_predictor *model)
{
    return zoo_protocol_usual(p, &data->domain) &&
           (p->task == ZOO_PREDICTION ? model->predicted > 1
                                      : model->run != NULL && !model->no_scores);
}

static int measure_named(measuring *m, const zoo_protocol *one)
{
    if (lacks(one, m->model))
        return app_fail(&usage, APP_USE, "protocol %s measures %s", one->name,
                        m->model->no_scores ? "recognition, and the model only predicts"
                                            : "predicted poses, and the model predicts none");
    if (m->set->clips && !one->drawn)
        return app_fail(&usage, APP_USE, "protocol %s draws no clips for --clips to count",
                        one->name);
    if (m->set->confusion && one->task != ZOO_RECOGNITION)
        return app_fail(&usage, APP_USE,
                        "protocol %s recognises nothing that --confusion could show", one->name);
    return measure(m, one);
}

static int measure_all(measuring *m)
{
    const zoo_protocol *one;
    int status = APP_OK;

    if (m->set->protocol) {
        status = find_protocol(&one, m->set->protocol);
        return status ? status : measure_named(m, one);
    }
    m->unasked = true;
    for (const zoo_protocol *p = zoo_protocol_list(); p->name && status == APP_OK; p++) {
        if (applies(p, m->data, m->model))
            status = measure(m, p);
    }
    if (status == APP_OK && m->measured == 0 && m->first.status != GOP_OK)
        return fail(APP_DATA, &m->first);
    if (status == APP_OK && !m->set->json) {
        print_left_out(m->data, m->model);
        if (m->without[0] != '\0')
            printf("No test sequence is long enough; left out: %s.\n", m->without);
    }
    return status;
}

static int run_measuring(const struct settings *set, const zoo_dataset *data,
                         const zoo_predictor *model, const char *path)
{
    measuring m = {.set = set, .data = data, .model = model, .sets = 1, .clips = {ZOO_DRAWN_CLIPS}};
    int status = set->clips ? parse_clips(&m, set->clips) : APP_OK;

    if (status == APP_OK)
        status = measure_all(&m);
    if (status == APP_OK && set->confusion)
        status = write_confusion(&m, path);
    for (size_t i = 0; i < m.kept; i++)
        zoo_table_free(m.table[i]);
    return status;
}

static int with_model(const struct settings *set, const zoo_dataset *data, const char *path)
{
    gop_error err = {GOP_OK, ""};
    gop_ctx *ctx = NULL;
    zoo_model *model = NULL;
    zoo_inference *inference = NULL;
    int status = APP_OK;

    if (zoo_model_load(&model, path, &err) ||
        zoo_domain_fits(&model->domain, &data->domain, &err) ||
        gop_ctx_new(&ctx, (int)set->threads, 0, &err) ||
        zoo_inference_new(&inference, ctx, model, set->batch, &err)) {
        status = fail(APP_DATA, &err);
    } else {
        zoo_predictor predictor = zoo_inference_predictor(inference);
        status = run_measuring(set, data, &predictor, path);
    }
    zoo_inference_free(inference);
    gop_ctx_free(ctx);
    zoo_model_free(model);
    return status;
}

static int check_confusion(const struct settings *set, const app_operands *operands)
{
    gop_error err = {GOP_OK, ""};
    gop_file *file;

    if (!confusion_can_write(set->confusion))
        return app_fail(&usage, APP_USE,
                        "--confusion wants a file that ends in .txt, .csv or "
                        ".svg, not %s",
                        set->confusion);
    if (!operands->count)
        return app_fail(&usage, APP_USE, "--confusion needs a model");
    if (app_same_file(set->confusion, operands->item[0]) ||
        app_same_file(set->confusion, set->data))
        return app_fail(&usage, APP_USE, "--confusion would overwrite %s", set->confusion);
    /* Before it takes long to make. */
    gop_status status = gop_file_new(&file, set->confusion, &err);
    gop_file_discard(file);
    return status ? fail(APP_DATA, &err) : APP_OK;
}

static int run(int argc, char **argv)
{
    struct settings set = {.batch = 16};
    gop_error err = {GOP_OK, ""};
    app_operands operands;
    zoo_dataset *data;
    const zoo_protocol *protocol;
    int status;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    if (operands.count && (set.observed || set.predicted))
        return app_fail(&usage, APP_USE,
                        "--%s is for runs without a model, which knows its own number of frames",
                        set.observed ? "observed" : "predicted");
    if (set.confusion && (status = check_confusion(&set, &operands)))
        return status;
    if (set.protocol && (status = find_protocol(&protocol, set.protocol)))
        return status;
    if (zoo_dataset_load(&data, set.data, &err))
        return fail(APP_DATA, &err);
    if (operands.count) {
        status = with_model(&set, data, operands.item[0]);
    } else {
        zoo_predictor none = {.batch = 1,
                              .observed = set.observed ? set.observed : 50,
                              .predicted = set.predicted ? set.predicted : 25};
        status = run_measuring(&set, data, &none, NULL);
    }
    zoo_dataset_free(data);
    return status;
}

const app_verb app_verb_eval = {"eval", "Measure a model on test sequences.", run};
