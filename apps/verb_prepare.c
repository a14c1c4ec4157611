/*
 * verb_prepare.c: graphop prepare: makes a data set from raw motion data or the procedural set,
 * and reports what it found.  Reads a folder, writes one file and stdout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphop.h"
#include "lengths.h"
#include "number.h"
#include "options.h"
#include "report.h"
#include "step_options.h"
#include "verbs.h"
#include "zoo/zoo.h"

#define DEFAULT_SEED 1
#define NOT_GIVEN    UINT64_MAX
#define MOST_DIRS    256
#define SHOWN        20 /* findings of a kind in the report for people */
#define MANY         20 /* with more classes than this, those without data have no line */
#define WORST        5  /* number of joints listed as missing most often */

struct settings {
    const char *step[APP_STEPS];
    const char *output, *split, *only, *labels, *skip_list, *layout, *joints, *axes, *columns;
    const char *segments, *background, *pattern;
    uint64_t seed, bodies, factor, shortest, fill;
    double rate;
    bool positions, as_recorded, uncut, strict, json;
};

static const app_option options[] = {
    {"output", 'o', APP_OUT_DATASET, offsetof(struct settings, output), "FILE",
     "Where to write the data set (.gds).", 0, 0, NULL, true, NULL},
    {"split", 's', APP_TEXT, offsetof(struct settings, split), "NAME",
     "{splits}.  For every source: random:SHARE, the share of test data; FIELD:LIST, the training "
     "data, as in subject:1,3,5-9; leave-out:FIELD:LIST, the test data.",
     0, 0, NULL, false, NULL},
    {"only", 0, APP_TEXT, offsetof(struct settings, only), "RULE",
     "{only}: FIELD:LIST; take only sequences whose class, subject, camera, setup or repetition is in the list, "
     "as in 'class:walking,run*'.",
     0, 0, NULL, false, NULL},
    {"layout", 'l', APP_TEXT, offsetof(struct settings, layout), "LAYOUT",
     "{layout}: the layout of the columns, by name or file.", 0, 0, NULL, false, NULL},
    {"rate", 0, APP_REAL, offsetof(struct settings, rate), "HZ",
     "Frames per second of the files, for {rate}; for other sources the rate to resample to.", 1e-3,
     1e6, NULL, false, NULL},
    {"factor", 0, APP_COUNT, offsetof(struct settings, factor), "N",
     "{factor}: a model sees every N-th frame (default 1).", 1, 1000, NULL, false, NULL},
    {"labels", 0, APP_INPUT, offsetof(struct settings, labels), "FILE",
     "{labels}: the classes, as lines of NAME,CLASS or NAME,CLASS,train or NAME,CLASS,test.", 0, 0,
     NULL, false, NULL},
    {"segments", 0, APP_INPUT, offsetof(struct settings, segments), "FILE",
     "Cut recordings into clips with a class: lines of NAME,CLASS,FIRST,LAST, by the numbers of "
     "frames.",
     0, 0, NULL, false, NULL},
    {"background", 0, APP_TEXT, offsetof(struct settings, background), "NAME",
     "The class of frames outside of segments, which become clips of at most 4 and at least 0.5 "
     "seconds, or as in NAME:6:1.",
     0, 0, NULL, false, "segments"},
    {"uncut", 0, APP_FLAG, offsetof(struct settings, uncut), NULL,
     "Keep test recordings whole, with their segments.", 0, 0, NULL, false, "background"},
    {"pattern", 0, APP_TEXT, offsetof(struct settings, pattern), "FIELD=REGEX",
     "Find subject, camera, setup or repetition in names: 'subject=s(\\d+) camera=c(\\d+)'.", 0, 0,
     NULL, false, NULL},
    {"bodies", 0, APP_COUNT, offsetof(struct settings, bodies), "N",
     "{bodies}: the most bodies of a sequence, the best ones (default 2 for ntu, else 1).", 1,
     ZOO_MAX_BODIES, NULL, false, NULL},
    {"positions", 0, APP_FLAG, offsetof(struct settings, positions), NULL,
     "{positions}: turn joint angles into positions by forward kinematics, the root at 0 and not "
     "rotated.",
     0, 0, NULL, false, NULL},
    {"as-recorded", 0, APP_FLAG, offsetof(struct settings, as_recorded), NULL,
     "{as_recorded}: keep positions as recorded, without the usual normalisation.", 0, 0, NULL,
     false, NULL},
    {"skip-list", 0, APP_INPUT, offsetof(struct settings, skip_list), "FILE",
     "{skip_list}: samples to leave out, one name a line.", 0, 0, NULL, false, NULL},
    {"shortest", 0, APP_COUNT, offsetof(struct settings, shortest), "N",
     "{shortest}: drop sequences of fewer frames (default 1).", 1, 1e9, NULL, false, NULL},
    {"fill", 0, APP_COUNT, offsetof(struct settings, fill), "N",
     "{fill}: repeat shorter sequences from their beginning until they have N frames; 300 is "
     "usual for NTU RGB+D.",
     1, 1e6, NULL, false, NULL},
    APP_STEP_ROWS(offsetof(struct settings, step)),
    {"joints", 0, APP_TEXT, offsetof(struct settings, joints), "LAYOUT",
     "Take the nodes of another layout, found by their names, and leave out all others.", 0, 0,
     NULL, false, NULL},
    {"strict", 0, APP_FLAG, offsetof(struct settings, strict), NULL,
     "{strict}: stop at the first bad file instead of dropping it.", 0, 0, NULL, false, NULL},
    {"seed", 0, APP_COUNT, offsetof(struct settings, seed), "N",
     "{seed}: seed of the set; every seed gives a different one (default 1).", 0, 1e15, NULL, false,
     NULL},
    {"axes", 0, APP_TEXT, offsetof(struct settings, axes), "LETTERS",
     "{axes}: the axes of the arrays in their order, of N clips, C channels, T frames, V nodes and "
     "M bodies (default NTV for three axes, NCTVM for five).",
     0, 0, NULL, false, NULL},
    {"columns", 0, APP_TEXT, offsetof(struct settings, columns), "LIST",
     "{columns}: what the columns of a text are, if the files leave doubt: frame, time, body, joint, "
     "x, y, z, score, - to skip one, * for those of the layout, ... to repeat channels.",
     0, 0, NULL, false, NULL},
    {"json", 'j', APP_FLAG, offsetof(struct settings, json), NULL,
     "Report as one JSON object on one line.", 0, 0, NULL, false, NULL},
    {0},
};

static const app_usage usage = {
    "prepare",
    "SOURCE [DIR]... -o FILE [OPTION]...",
    "Turns raw motion data in DIR, or in one file, into a data set.  SOURCE is {sources}.  Memory use does not "
    "grow with the size of the set.",
    options,
    1,
    1 + MOST_DIRS,
    1};

/* ------------------------------------------------------------------- report */

static const char *kind_name(zoo_finding_kind kind)
{
    switch (kind) {
    case ZOO_DROPPED:
        return "dropped";
    case ZOO_ABSENT:
        return "absent";
    case ZOO_MOVED:
        return "moved";
    case ZOO_IDENTICAL:
        return "identical";
    case ZOO_ALTERED:
        return "altered";
    case ZOO_DOUBTFUL:
        return "doubtful";
    }
    return "other";
}

/* The sequences of a class, or of all for SIZE_MAX, in each split. */
typedef struct tally {
    size_t sequences[2], frames[2], shortest[2];
} tally;

static tally count_action(const zoo_dataset *data, size_t action)
{
    tally n = {{0, 0}, {0, 0}, {0, 0}};

    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i];
        if (action != SIZE_MAX && s->action != action)
            continue;
        if (n.sequences[s->split]++ == 0 || s->frames < n.shortest[s->split])
            n.shortest[s->split] = s->frames;
        n.frames[s->split] += s->frames;
    }
    return n;
}

static void print_tally(report_table *table, const char *action, const tally *n)
{
    report_cell(table, "%s", action);
    for (int split = 0; split < 2; split++) {
        report_cell(table, "%zu", n->sequences[split]);
        report_cell(table, "%zu", n->frames[split]);
        report_cell(table, n->sequences[split] ? "%zu" : "-", n->shortest[split]);
    }
}

/* Prints the share of missing joints, and the nodes that are missing most often. */
static void print_missing(const zoo_domain *d, const zoo_report *r)
{
    const double frames = (double)r->recorded;
    uint64_t all = 0;
    bool shown[ZOO_MAX_NODES] = {false};
    for (size_t i = 0; i < r->missing_nodes; i++)
        all += r->missing[i];
    printf("missing joints: %.2f %%", 100 * (double)all / (frames * (double)r->missing_nodes));
    for (int k = 0; k < WORST && all > 0; k++) {
        size_t worst = SIZE_MAX;
        for (size_t i = 0; i < r->missing_nodes && i < ZOO_MAX_NODES; i++)
            if (!shown[i] && r->missing[i] > 0 &&
                (worst == SIZE_MAX || r->missing[i] > r->missing[worst]))
                worst = i;
        if (worst == SIZE_MAX)
            break;
        shown[worst] = true;
        printf(", %s %.2f %%", zoo_domain_recorded(d)->node_name[worst],
               100 * (double)r->missing[worst] / frames);
    }
    putchar('\n');
}

/* Prints the first findings of one kind. */
static void print_findings(const zoo_report *r, zoo_finding_kind kind)
{
    size_t shown = 0;
    for (size_t i = 0; i < r->findings && shown < SHOWN; i++)
        if (r->finding[i].kind == kind) {
            printf("%s: %s\n", kind_name(kind), r->finding[i].text);
            shown++;
        }
    if (r->found[kind] > shown)
        printf("%s: and %zu more\n", kind_name(kind), r->found[kind] - shown);
}

/* Prints how many files were dropped, by reason. */
static void print_dropped(const zoo_report *r)
{
    const char *between = ": ";
    if (r->found[ZOO_DROPPED] == 0)
        return;
    printf("%zu dropped", r->found[ZOO_DROPPED]);
    for (int why = 0; why < ZOO_DROPS; why++)
        if (r->dropped[why] > 0) {
            printf("%s%zu %s", between, r->dropped[why], zoo_drop_name((zoo_drop)why));
            between = ", ";
        }
    putchar('\n');
}

/* The sequences of a split with fewer frames than the models observe by default, by class. */
typedef struct too_short {
    size_t frames, total, all; /* frames at the raw rate; sequences that are short, and all */
    size_t n[ZOO_MAX_ACTIONS], of[ZOO_MAX_ACTIONS]; /* likewise of each class */
} too_short;

/* The least default of the models' option "observed". */
static size_t least_observed(void)
{
    uint64_t least = UINT64_MAX, n;

    for (const zoo_model_type *const *t = zoo_model_types(); *t; t++) {
        const zoo_setting *o = zoo_setting_find((*t)->options, "observed");
        if (o && app_count(&n, o->standard) && n < least)
            least = n;
    }
    return (size_t)least;
}

static void count_short(too_short *s, const zoo_dataset *data, zoo_split split)
{
    const size_t observed = least_observed();

    s->frames = zoo_raw_frames(&data->domain, observed);
    s->all = zoo_dataset_count(s->of, data, split, 0);
    s->total = s->all - zoo_dataset_count(s->n, data, split, observed);
    for (size_t a = 0; a < data->domain.actions; a++)
        s->n[a] = s->of[a] - s->n[a];
}

static void print_short(const zoo_dataset *data)
{
    char list[LENGTHS_SIZE];
    too_short s;

    for (int split = 0; split < 2; split++) {
        count_short(&s, data, (zoo_split)split);
        if (s.total > 0) {
            lengths_list(list, &data->domain, s.n, s.of);
            int at = printf("%zu of %zu %s sequences have fewer than %zu frames, which models "
                            "observe by default: ",
                            s.total, s.all, split == ZOO_TRAIN ? "training" : "test", s.frames);
            report_paragraph(stdout, list, at, 0);
        }
    }
}

static void json_short(report_json *json, const zoo_dataset *data)
{
    too_short s;

    report_object(json, "short");
    for (int split = 0; split < 2; split++) {
        count_short(&s, data, (zoo_split)split);
        if (split == 0)
            report_count(json, "frames", s.frames);
        lengths_json(json, split == ZOO_TRAIN ? "train" : "test", &data->domain, s.n);
    }
    report_end_object(json);
}

/* Prints how many recordings are whole. */
static void print_whole(const zoo_dataset *data)
{
    size_t whole = 0, spans = 0;

    for (size_t i = 0; i < data->sequences; i++) {
        whole += data->sequence[i].spans > 0;
        spans += data->sequence[i].spans;
    }
    if (whole > 0)
        printf("%zu recording%s kept whole, with %zu segment%s\n", whole,
               whole == 1 ? " is" : "s are", spans, spans == 1 ? "" : "s");
}

static void print_report(const zoo_dataset *data, const zoo_report *report, const char *file)
{
    const zoo_domain *d = &data->domain;
    report_table table = report_table_new("lrrrrrr");
    tally n;

    printf("%s: %s\n", file, data->source);
    printf("%u columns at %g Hz, %zu of them constant in training, %zu non-finite values\n\n",
           (unsigned)d->layout.columns, d->rate, report->constant, report->non_finite);
    report_cell(&table, "action");
    for (int split = 0; split < 2; split++) {
        report_cell(&table, split == ZOO_TRAIN ? "training" : "test");
        report_cell(&table, "frames");
        report_cell(&table, "shortest");
    }
    for (size_t a = 0; a < d->actions; a++) {
        n = count_action(data, a);
        if (d->actions <= MANY || n.sequences[0] + n.sequences[1] > 0)
            print_tally(&table, d->action[a], &n);
    }
    n = count_action(data, SIZE_MAX);
    print_tally(&table, "all", &n);
    report_table_print(&table, stdout);
    print_whole(data);
    print_short(data);
    if (report->missing_nodes > 0) {
        printf("\n%zu files; %zu frames without the body, %zu other bodies left out\n",
               report->files, report->empty_frames, report->other_bodies);
        if (report->tracks > 0)
            printf("%zu bodies were followed from frame to frame\n", report->tracks);
        print_missing(d, report);
    }
    if (report->filled > 0)
        printf("%s%zu frames were added by repeating sequences that were too short\n",
               report->missing_nodes > 0 ? "" : "\n", report->filled);
    if (report->findings > 0)
        putchar('\n');
    print_dropped(report);
    for (int kind = 0; kind < ZOO_KINDS; kind++)
        print_findings(report, (zoo_finding_kind)kind);
}

static void json_counts(report_json *json, const zoo_domain *d, const zoo_report *r)
{
    report_count(json, "empty_frames", r->empty_frames);
    report_count(json, "tracks", r->tracks);
    report_count(json, "other_bodies", r->other_bodies);
    report_count(json, "filled_frames", r->filled);
    report_object(json, "missing_joints");
    for (size_t i = 0; i < r->missing_nodes; i++)
        report_count(json, zoo_domain_recorded(d)->node_name[i], r->missing[i]);
    report_end_object(json);
    report_object(json, "dropped");
    for (int why = 0; why < ZOO_DROPS; why++)
        if (r->dropped[why] > 0)
            report_count(json, zoo_drop_name((zoo_drop)why), r->dropped[why]);
    report_end_object(json);
    report_object(json, "found");
    for (int kind = 0; kind < ZOO_KINDS; kind++)
        report_count(json, kind_name((zoo_finding_kind)kind), r->found[kind]);
    report_end_object(json);
}

static void json_report(const zoo_dataset *data, const zoo_report *report, const char *file)
{
    const zoo_domain *d = &data->domain;
    report_json json = report_json_on(stdout);

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
    json_counts(&json, d, report);
    report_array(&json, "actions");
    for (size_t a = 0; a < d->actions; a++) {
        const tally n = count_action(data, a);
        report_object(&json, NULL);
        report_text(&json, "action", d->action[a]);
        report_count(&json, "train_sequences", n.sequences[ZOO_TRAIN]);
        report_count(&json, "train_frames", n.frames[ZOO_TRAIN]);
        report_count(&json, "train_shortest", n.shortest[ZOO_TRAIN]);
        report_count(&json, "test_sequences", n.sequences[ZOO_TEST]);
        report_count(&json, "test_frames", n.frames[ZOO_TEST]);
        report_count(&json, "test_shortest", n.shortest[ZOO_TEST]);
        report_end_object(&json);
    }
    report_end_array(&json);
    json_short(&json, data);
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

/* Reports the data set that was written, or the error. */
static int report_on(gop_status made, zoo_dataset *data, zoo_report *report,
                     const struct settings *set, const gop_error *err)
{
    int status = APP_OK;
    if (made != GOP_OK)
        status = app_fail_error(&usage, made == GOP_EINVAL ? APP_USE : APP_DATA, err);
    else if (set->json)
        json_report(data, report, set->output);
    else
        print_report(data, report, set->output);
    zoo_report_clear(report);
    zoo_dataset_free(data);
    return status;
}

/* Rejects an unknown split and suggests the nearest name. */
static int check_split(const zoo_source *source, const char *split)
{
    enum { MAX = 16 };
    const char *names[MAX + 1];
    size_t n = 0;

    if (!split || !source->splits)
        return APP_OK;
    for (const zoo_way *w = source->splits; w->name && n < MAX; w++) {
        if (strcmp(w->name, split) == 0)
            return APP_OK;
        names[n++] = w->name;
    }
    names[n] = NULL;
    return app_fail_unknown(&usage, "split", split, names);
}

/* `dir` has the operands behind the source's name, NULL at the end. */
static int prepare(const struct settings *set, const zoo_source *source, const char *const *dir)
{
    gop_error err = {GOP_OK, ""};
    zoo_dataset *index = NULL;
    zoo_report report = {0};
    zoo_layout layout = {0}, joints = {0};
    char steps[ZOO_MAX_STEPS * ZOO_STEP_SIZE];
    const bool rule = set->split && strchr(set->split, ':'); /* for any source */
    zoo_raw raw = {.source = source->name,
                   .dir = dir[0],
                   .also = dir[0] && dir[1] ? dir + 1 : NULL,
                   .only = set->only,
                   .split = rule ? NULL : set->split,
                   .split_rule = rule ? set->split : NULL,
                   .segments = set->segments,
                   .background = set->background,
                   .uncut = set->uncut,
                   .pattern = set->pattern,
                   .labels = set->labels,
                   .skip_list = set->skip_list,
                   .rate = set->rate,
                   .factor = (uint32_t)set->factor,
                   .bodies = (uint32_t)set->bodies,
                   .positions = set->positions,
                   .as_recorded = set->as_recorded,
                   .steps = app_steps(steps, sizeof steps, set->step),
                   .shortest = (size_t)set->shortest,
                   .fill = (size_t)set->fill,
                   .strict = set->strict,
                   .axes = set->axes,
                   .columns = set->columns};

    int status = check_split(source, raw.split);
    if (status)
        return status;
    if (zoo_source_takes(source, "seed") || rule)
        raw.seed = set->seed == NOT_GIVEN ? DEFAULT_SEED : set->seed;
    else if (set->seed != NOT_GIVEN)
        return app_fail(&usage, APP_USE, "source %s takes no --seed", source->name);
    if (set->layout != NULL && zoo_layout_open(&layout, set->layout, &err) != GOP_OK)
        return app_fail_layout(&usage, set->layout, &err);
    raw.layout = set->layout == NULL ? NULL : &layout;
    if (set->joints != NULL && zoo_layout_open(&joints, set->joints, &err) != GOP_OK) {
        zoo_layout_clear(&layout);
        return app_fail_layout(&usage, set->joints, &err);
    }
    raw.joints = set->joints == NULL ? NULL : &joints;
    gop_status made = zoo_prepare(&index, &report, &raw, set->output, &err);
    zoo_layout_clear(&layout);
    zoo_layout_clear(&joints);
    return report_on(made, index, &report, set, &err);
}

static int run(int argc, char **argv)
{
    enum { MAX = 32 };
    const char *names[MAX + 1], *dir[MOST_DIRS + 1] = {NULL};
    struct settings set = {.seed = NOT_GIVEN};
    app_operands operands;
    size_t n = 0;

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    for (size_t i = 1; i < operands.count; i++)
        dir[i - 1] = operands.item[i];
    for (const zoo_source *const *s = zoo_source_list(); *s && n < MAX; s++) {
        if (strcmp(operands.item[0], (*s)->name) == 0)
            return prepare(&set, *s, dir);
        names[n++] = (*s)->name;
    }
    names[n] = NULL;
    return app_fail_unknown(&usage, "source", operands.item[0], names);
}

const app_verb app_verb_prepare = {"prepare", "Turn raw motion data into a data set.", run};
