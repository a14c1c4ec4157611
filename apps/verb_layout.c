/*
 * verb_layout.c: graphop layout: describes, checks, draws or writes a layout.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout_draw.h"
#include "options.h"
#include "report.h"
#include "verbs.h"
#include "zoo/zoo.h"

struct settings {
    bool check, json;
    const char *draw, *output;
};

#define AT(field) offsetof(struct settings, field)

static const app_option options[] = {
    {"check", 'c', APP_FLAG, AT(check), NULL,
     "Only check the layout, and report all errors and oddities instead of the first error.", 0, 0,
     NULL, false, NULL},
    {"draw", 'd', APP_OUT_DRAWING, AT(draw), "FILE",
     "Draw the nodes, edges and parts to FILE (.svg).", 0, 0, NULL, false, NULL},
    {"output", 'o', APP_OUT_LAYOUT, AT(output), "FILE",
     "Write the layout to FILE (.json) in canonical form.", 0, 0, NULL, false, NULL},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false,
     NULL},
    {0},
};

static const app_usage usage = {
    "layout",
    "[NAME|FILE] [OPTION]...",
    "Describes a layout: a built-in one, by its name, or one in a file, whose name has a slash or "
    "ends in .json.  Without an argument, lists the built-in layouts.",
    options,
    0,
    1,
    0};

/* ------------------------------------------------------------------ findings */

typedef struct findings {
    size_t count, wrong, room;
    struct finding {
        bool wrong;
        char text[GOP_MESSAGE_SIZE];
    } * item;
    bool full; /* memory ran out */
} findings;

static void hear(void *user, bool wrong, const char *sentence)
{
    findings *f = user;

    if (f->count == f->room) {
        size_t room = 2 * f->room + 16;
        struct finding *more = realloc(f->item, room * sizeof *more);
        if (!more) {
            f->full = true;
            return;
        }
        f->item = more;
        f->room = room;
    }
    f->wrong += wrong;
    f->item[f->count].wrong = wrong;
    snprintf(f->item[f->count++].text, GOP_MESSAGE_SIZE, "%s", sentence);
}

/* Text from a file may hold control characters. */
static void print_plain(const char *text)
{
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static void print_findings(const findings *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        printf("%s: ", f->item[i].wrong ? "wrong" : "odd");
        print_plain(f->item[i].text);
        putchar('\n');
    }
    print_plain(name);
    printf(f->count ? ": %zu wrong, %zu odd\n" : ": sound\n", f->wrong, f->count - f->wrong);
}

static void json_findings(report_json *json, const findings *f)
{
    report_bool(json, "sound", f->wrong == 0);
    report_array(json, "findings");
    for (size_t i = 0; i < f->count; i++) {
        report_object(json, NULL);
        report_bool(json, "wrong", f->item[i].wrong);
        report_text(json, "text", f->item[i].text);
        report_end_object(json);
    }
    report_end_array(json);
}

/* ------------------------------------------------------------------- layouts */

static void json_layout(report_json *json, const zoo_layout *l)
{
    report_text(json, "layout", l->name);
    report_text(json, "feature", zoo_feature_name(l->feature));
    report_text(json, "up", layout_axis_name(zoo_layout_up(l)));
    report_text(json, "ahead", layout_axis_name(zoo_layout_ahead(l)));
    report_count(json, "nodes", l->nodes);
    report_count(json, "channels", l->channels);
    report_count(json, "columns", l->columns);
    report_text(json, "centre", l->node_name[l->centre]);
    report_count(json, "edges", l->n_edges);
    report_count(json, "parts", l->parts);
    report_count(json, "part_edges", l->n_part_edges);
    report_count(json, "pairs", l->n_pairs);
}

/* The name of the other node of a node's pair, or NULL. */
static const char *counterpart(const zoo_layout *l, uint32_t node)
{
    for (uint32_t i = 0; i < l->n_pairs; i++) {
        if (l->pairs[i].a == node)
            return l->node_name[l->pairs[i].b];
        if (l->pairs[i].b == node)
            return l->node_name[l->pairs[i].a];
    }
    return NULL;
}

static void cell_columns(report_table *table, const zoo_layout *l, uint32_t node)
{
    char text[16 * ZOO_MAX_CHANNELS] = "";
    size_t used = 0;

    for (uint32_t c = 0; c < l->channels; c++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", c ? " " : "",
                                 (unsigned)l->column[node * l->channels + c]);
    report_cell(table, "%s", text);
}

static void print_nodes(const zoo_layout *l)
{
    report_table table = report_table_new("rllll");

    report_cell(&table, "node");
    report_cell(&table, "name");
    report_cell(&table, "part");
    report_cell(&table, "columns");
    report_cell(&table, "counterpart");
    for (uint32_t i = 0; i < l->nodes; i++) {
        const char *other = counterpart(l, i);
        report_cell(&table, "%u", (unsigned)i);
        report_cell(&table, "%s", l->node_name[i]);
        report_cell(&table, "%s", l->part_name[l->part[i]]);
        cell_columns(&table, l, i);
        report_cell(&table, "%s", other ? other : "");
    }
    report_table_print(&table, stdout);
}

static void print_layout(const zoo_layout *l)
{
    const char *ahead = layout_axis_name(zoo_layout_ahead(l));

    printf("layout     %s: %u nodes, %u edges, %u parts\n", l->name, (unsigned)l->nodes,
           (unsigned)l->n_edges, (unsigned)l->parts);
    printf("feature    %s\n", zoo_feature_name(l->feature));
    printf("columns    %u a frame, %u of them in nodes\n", (unsigned)l->columns,
           (unsigned)(l->nodes * l->channels));
    printf("axes       up %s%s%s\n", layout_axis_name(zoo_layout_up(l)), *ahead ? ", ahead " : "",
           ahead);
    printf("centre     %s\n\n", l->node_name[l->centre]);
    print_nodes(l);
}

static void list_built_in(bool json)
{
    report_table table = report_table_new("llrrr");

    if (!json) {
        report_cell(&table, "layout");
        report_cell(&table, "feature");
        report_cell(&table, "nodes");
        report_cell(&table, "parts");
        report_cell(&table, "columns");
    }
    for (const zoo_layout *const *l = zoo_layout_list(); *l; l++) {
        if (json) {
            report_json out = report_json_on(stdout);
            report_object(&out, NULL);
            json_layout(&out, *l);
            report_end_object(&out);
            continue;
        }
        report_cell(&table, "%s", (*l)->name);
        report_cell(&table, "%s", zoo_feature_name((*l)->feature));
        report_cell(&table, "%u", (unsigned)(*l)->nodes);
        report_cell(&table, "%u", (unsigned)(*l)->parts);
        report_cell(&table, "%u", (unsigned)(*l)->columns);
    }
    if (!json)
        report_table_print(&table, stdout);
}

/* ---------------------------------------------------------------------- verb */

static int write_files(const zoo_layout *l, const struct settings *set)
{
    gop_error err = {GOP_OK, ""};

    if (set->draw && layout_draw(set->draw, l, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    if (set->output && zoo_layout_save(l, set->output, &err))
        return app_fail_error(&usage, APP_DATA, &err);
    return APP_OK;
}

static void report(const zoo_layout *l, const findings *f, const char *name,
                   const struct settings *set)
{
    report_json json = report_json_on(stdout);

    if (set->json) {
        report_object(&json, NULL);
        if (f->wrong)
            report_text(&json, "layout", name);
        else
            json_layout(&json, l);
        if (set->check)
            json_findings(&json, f);
        report_end_object(&json);
    } else if (set->check) {
        print_findings(f, name);
    } else if (!set->draw && !set->output) {
        print_layout(l);
    }
}

static int show(const char *name, const struct settings *set, findings *f)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    gop_status status = zoo_layout_inspect(&l, name, set->check ? hear : NULL, f, &err);

    if (status && (!set->check || status != GOP_EFORMAT))
        return app_fail_layout(&usage, name, &err);
    if (f->full) {
        zoo_layout_clear(&l);
        return app_fail(&usage, APP_DATA, "out of memory");
    }
    int result = status ? APP_DATA : write_files(&l, set);
    if (status || !result)
        report(&l, f, name, set);
    zoo_layout_clear(&l);
    return result;
}

static int run(int argc, char **argv)
{
    struct settings set = {.check = false};
    app_operands operands;
    findings f = {.count = 0};

    if (app_parse(&usage, &set, argc, argv, &operands))
        return app_parse_status(&operands);
    if (operands.count == 0) {
        if (set.check || set.draw || set.output)
            return app_fail(&usage, APP_USE, "the name or the file of a layout is missing");
        list_built_in(set.json);
        return APP_OK;
    }
    int status = show(operands.item[0], &set, &f);
    free(f.item);
    return status;
}

const app_verb app_verb_layout = {"layout", "Describe, check or draw a layout.", run};
