/*
 * layout_json.c: reads layouts from JSON files that people write.  Everything is checked first;
 * messages name the place.
 *
 * Jansson refuses invalid JSON, deep nesting and duplicate keys.  Touches memory, and files by
 * reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/bom.h"
#include "zoo/json.h"
#include "zoo/skeleton/findings.h"
#include "zoo/skeleton/layout_json.h"
#include "zoo/skeleton/layout_memory.h"

/* Size of the text of a place in the file. */
#define PLACE     64
/* More entries than any list may have. */
#define MAX_ITEMS (8 * ZOO_MAX_NODES)
#define MAX_DRAW  1e6

typedef struct source {
    zoo_findings *f;
    json_t *root;
    zoo_layout l;
    zoo_layout_memory m;
} source;

#define WRONG(...) zoo_findings_add(s->f, GOP_EFORMAT, __VA_ARGS__)

static bool fine(const source *s)
{
    return s->f->status == GOP_OK;
}

/* ------------------------------------------------------------------------ bytes */

static char *read_bytes(zoo_findings *f, FILE *file, size_t *n)
{
    const char *path = f->path;
    zoo_findings bare = *f; /* these messages already name the file */
    char *text = malloc(ZOO_LAYOUT_FILE_SIZE + 1);
    bare.path = NULL;
    errno = 0;
    *n = text == NULL ? 0 : fread(text, 1, ZOO_LAYOUT_FILE_SIZE + 1, file);
    if (text == NULL)
        zoo_findings_add(&bare, GOP_ENOMEM, "out of memory reading %s", path);
    else if (ferror(file))
        zoo_findings_add(&bare, GOP_ESYSTEM, "cannot read %s: %s", path, strerror(errno));
    else if (*n > ZOO_LAYOUT_FILE_SIZE)
        zoo_findings_add(&bare, GOP_EFORMAT,
                         "%s: larger than %d bytes, the maximum of a layout file", path,
                         ZOO_LAYOUT_FILE_SIZE);
    f->status = bare.status;
    if (f->status != GOP_OK) {
        free(text);
        return NULL;
    }
    return text;
}

/* Whether a text is JSON.  Where Jansson finds an invalid token in one, its memory has failed; most
 * often it then finds no place, and its line is -1. */
static bool is_json(const char *text, size_t n)
{
    zoo_json j = {.p = text, .begin = text, .end = text + n};
    zoo_json_skip(&j);
    zoo_json_finish(&j);
    return j.fault == NULL;
}

static json_t *parse(zoo_findings *f)
{
    zoo_findings bare = *f;
    bare.path = NULL;
    FILE *file = fopen(f->path, "rb");
    if (file == NULL) {
        zoo_findings_add(&bare, GOP_ESYSTEM, "cannot open %s: %s", f->path, strerror(errno));
        f->status = bare.status;
        return NULL;
    }
    size_t n;
    json_error_t e;
    json_t *root = NULL;
    char *text = read_bytes(f, file, &n);
    if (text != NULL) {
        size_t mark = zoo_bom(text, n);
        root = json_loadb(text + mark, n - mark, JSON_REJECT_DUPLICATES, &e);
        if (root == NULL) {
            if (e.line < 0 || (strncmp(e.text, "invalid token", strlen("invalid token")) == 0 &&
                               is_json(text + mark, n - mark)))
                zoo_findings_add(&bare, GOP_ENOMEM, "out of memory reading %s", f->path);
            else
                zoo_findings_add(&bare, GOP_EFORMAT, "%s:%d:%d: %s", f->path, e.line, e.column,
                                 e.text);
            f->status = bare.status;
        }
    }
    free(text);
    fclose(file);
    return root;
}

/* ------------------------------------------------------------------------ types */

static const char *type_name(const json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a number with a decimal point";
    case JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

/* The value of `key` in `object`; NULL and a finding if it is missing or not of `type`. */
static json_t *get(source *s, const json_t *object, const char *place, const char *key,
                   json_type type, const char *wanted)
{
    json_t *j = json_object_get(object, key);
    if (j == NULL) {
        WRONG("%s%s%s is missing", place, *place ? "." : "", key);
        return NULL;
    }
    if (json_typeof(j) != type) {
        WRONG("%s%s%s is %s, not %s", place, *place ? "." : "", key, type_name(j), wanted);
        return NULL;
    }
    return j;
}

/* Checks that j is an array of at most `most` entries. */
static bool is_list(source *s, const json_t *j, const char *place, size_t most)
{
    if (!json_is_array(j))
        WRONG("%s is %s, not an array", place, type_name(j));
    else if (json_array_size(j) > most)
        WRONG("%s has %zu entries; at most %zu are allowed", place, json_array_size(j), most);
    else
        return true;
    return false;
}

/* An optional list; *n is 0 without it. */
static json_t *optional_list(source *s, const char *key, size_t most, uint32_t *n)
{
    json_t *j = json_object_get(s->root, key);
    *n = 0;
    if (j == NULL || !is_list(s, j, key, most))
        return NULL;
    *n = (uint32_t)json_array_size(j);
    return j;
}

static json_t *list(source *s, const char *key, size_t most, uint32_t *n)
{
    if (json_object_get(s->root, key) == NULL)
        WRONG("%s is missing", key);
    return optional_list(s, key, most, n);
}

/* Reports unknown keys; they are probably misspelt. */
static void check_keys(source *s, json_t *object, const char *place, const char *const *known)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *const *k = known;
        while (*k != NULL && strcmp(*k, key) != 0)
            k++;
        if (*k == NULL)
            WRONG("%s%sunknown key '%.64s'", place, *place ? ": " : "", key);
    }
}

static void take_name(source *s, char *to, const json_t *j, const char *place)
{
    if (j == NULL)
        return;
    if (!json_is_string(j))
        WRONG("%s is %s, not a string", place, type_name(j));
    else if (json_string_length(j) == 0)
        WRONG("%s is empty", place);
    else if (json_string_length(j) >= ZOO_NAME_SIZE)
        WRONG("%s is longer than %d bytes", place, ZOO_NAME_SIZE - 1);
    else if (!gop_is_text(json_string_value(j), json_string_length(j)))
        WRONG("%s has control characters", place);
    else
        strcpy(to, json_string_value(j));
}

/* Reads a number from 0 to `most`. */
static uint32_t take_count(source *s, const json_t *j, const char *place, uint32_t most)
{
    if (j == NULL)
        return 0;
    if (!json_is_integer(j)) {
        WRONG("%s is %s, not an integer", place, type_name(j));
        return 0;
    }
    json_int_t v = json_integer_value(j);
    if (v < 0 || v > (json_int_t)most) {
        WRONG("%s is %" JSON_INTEGER_FORMAT "; 0 to %u are allowed", place, v, (unsigned)most);
        return 0;
    }
    return (uint32_t)v;
}

/* The index of a name among n names; n and a finding if unknown. */
static uint32_t look_up(source *s, const json_t *j, const char *place, const char *what,
                        const char *const *name, uint32_t n)
{
    if (!json_is_string(j)) {
        WRONG("%s is %s, not the name of a %s", place, type_name(j), what);
        return n;
    }
    uint32_t i = 0;
    while (i < n && strcmp(name[i], json_string_value(j)) != 0)
        i++;
    if (i == n)
        WRONG("%s: no %s is called '%.64s'", place, what, json_string_value(j));
    return i;
}

/* ------------------------------------------------------------------------- head */

static void take_version(source *s)
{
    const json_t *j = get(s, s->root, "", "graphop_layout", JSON_INTEGER, "an integer");
    if (j != NULL && json_integer_value(j) != ZOO_JSON_VERSION)
        WRONG("graphop_layout is %" JSON_INTEGER_FORMAT "; this version reads %d",
              json_integer_value(j), ZOO_JSON_VERSION);
}

static void take_feature(source *s)
{
    const json_t *j = get(s, s->root, "", "feature", JSON_STRING, "a string");
    for (int i = 1; j != NULL && zoo_feature_name((zoo_feature)i) != NULL; i++)
        if (strcmp(zoo_feature_name((zoo_feature)i), json_string_value(j)) == 0)
            s->l.feature = (zoo_feature)i;
    if (j != NULL && s->l.feature == 0)
        WRONG("feature is '%.64s'; it must be expmap, position or scored", json_string_value(j));
    s->l.channels = 3;
}

static zoo_axis take_axis(source *s, const json_t *axes, const char *key)
{
    const json_t *j = json_object_get(axes, key);
    if (j == NULL)
        return ZOO_AXIS_UNSET;
    for (int i = 0; json_is_string(j) && zoo_json_axis[i] != NULL; i++)
        if (strcmp(json_string_value(j), zoo_json_axis[i]) == 0)
            return (zoo_axis)(i + 1);
    WRONG("axes.%s is not one of +x, +y, +z, -x, -y, -z", key);
    return ZOO_AXIS_UNSET;
}

static void take_axes(source *s)
{
    static const char *const keys[] = {"up", "ahead", NULL};
    json_t *j = json_object_get(s->root, "axes");
    if (j == NULL)
        return;
    if (!json_is_object(j)) {
        WRONG("axes is %s, not an object", type_name(j));
        return;
    }
    check_keys(s, j, "axes", keys);
    s->l.up = take_axis(s, j, "up");
    s->l.ahead = take_axis(s, j, "ahead");
}

/* ------------------------------------------------------------------------ nodes */

/* A key that all nodes have or none; the first node decides. */
static bool expected(source *s, const json_t *node, const char *place, const char *key, bool all)
{
    bool there = json_object_get(node, key) != NULL;
    if (there != all)
        WRONG("%s.%s is %s, but the first node's is %s", place, key, there ? "present" : "missing",
              all ? "present" : "missing");
    return there && all;
}

static void take_columns(source *s, const json_t *node, const char *place, uint32_t i)
{
    char at[PLACE + 16];
    const json_t *j = json_object_get(node, "columns");
    snprintf(at, sizeof at, "%s.columns", place);
    if (!json_is_array(j) || json_array_size(j) != s->l.channels) {
        WRONG("%s is not an array of %u numbers", at, (unsigned)s->l.channels);
        return;
    }
    for (uint32_t c = 0; c < s->l.channels; c++)
        s->m.column[i * s->l.channels + c] = take_count(s, json_array_get(j, c), at,
                                                        ZOO_MAX_COLUMNS - 1);
}

static void take_draw(source *s, const json_t *node, const char *place, uint32_t i)
{
    const json_t *j = json_object_get(node, "draw");
    for (uint32_t c = 0; c < 2; c++) {
        const json_t *v = json_is_array(j) && json_array_size(j) == 2 ? json_array_get(j, c) : NULL;
        if (!json_is_number(v) || !(fabs(json_number_value(v)) <= MAX_DRAW)) {
            WRONG("%s.draw is not two numbers of at most %g", place, MAX_DRAW);
            return;
        }
        s->m.draw[2 * i + c] = (float)json_number_value(v);
    }
}

static void take_node(source *s, json_t *node, uint32_t i, bool columns, bool draw)
{
    static const char *const keys[] = {"name", "part", "columns", "draw", NULL};
    char place[PLACE], at[PLACE + 16];
    snprintf(place, sizeof place, "nodes[%u]", (unsigned)i);
    if (!json_is_object(node)) {
        WRONG("%s is %s, not an object", place, type_name(node));
        return;
    }
    check_keys(s, node, place, keys);
    snprintf(at, sizeof at, "%s.name", place);
    take_name(s, s->m.text[1 + i], get(s, node, place, "name", JSON_STRING, "a string"), at);
    const json_t *part = get(s, node, place, "part", JSON_STRING, "the name of a part");
    snprintf(at, sizeof at, "%s.part", place);
    if (part != NULL)
        s->m.part[i] = look_up(s, part, at, "part", s->l.part_name, s->l.parts);
    if (expected(s, node, place, "columns", columns))
        take_columns(s, node, place, i);
    if (expected(s, node, place, "draw", draw))
        take_draw(s, node, place, i);
}

static void take_nodes(source *s, const json_t *nodes)
{
    const json_t *first = json_array_get(nodes, 0);
    bool columns = json_object_get(first, "columns") != NULL;
    bool draw = json_object_get(first, "draw") != NULL;
    for (uint32_t i = 0; i < s->l.nodes; i++)
        take_node(s, json_array_get(nodes, i), i, columns, draw);
    for (uint32_t i = 0; i < s->l.nodes * s->l.channels && !columns; i++)
        s->m.column[i] = i;
    if (draw)
        s->l.draw = s->m.draw;
    if (json_object_get(s->root, "columns") == NULL) {
        s->l.columns = s->l.nodes * s->l.channels;
        if (columns)
            WRONG("columns, the count of numbers in a raw frame, is missing");
    }
}

/* ------------------------------------------------------------------------ links */

static void take_links(source *s, const json_t *j, const char *key, gop_edge *to, uint32_t n,
                       const char *what, const char *const *name, uint32_t names)
{
    for (uint32_t i = 0; i < n; i++) {
        char place[PLACE];
        const json_t *ends = json_array_get(j, i);
        snprintf(place, sizeof place, "%s[%u]", key, (unsigned)i);
        if (!json_is_array(ends) || json_array_size(ends) != 2) {
            WRONG("%s is not an array of two names", place);
            continue;
        }
        to[i].a = look_up(s, json_array_get(ends, 0), place, what, name, names);
        to[i].b = look_up(s, json_array_get(ends, 1), place, what, name, names);
        if (to[i].a == to[i].b && to[i].a < names)
            WRONG("%s joins %s with itself", place, name[to[i].a]);
    }
}

/* By default two parts are joined if an edge leads from one to the other. */
static void join_parts(source *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->l.n_edges; i++) {
        gop_edge e = {s->m.part[s->l.edges[i].a], s->m.part[s->l.edges[i].b]};
        uint32_t k = 0;
        while (k < n && !(s->m.part_edges[k].a == e.a && s->m.part_edges[k].b == e.b) &&
               !(s->m.part_edges[k].a == e.b && s->m.part_edges[k].b == e.a))
            k++;
        if (e.a != e.b && k == n)
            s->m.part_edges[n++] = e;
    }
    s->l.n_part_edges = n;
}

/* ------------------------------------------------------------------------ whole */

static void take_parts(source *s, const json_t *parts)
{
    for (uint32_t i = 0; i < s->l.parts; i++) {
        char place[PLACE];
        snprintf(place, sizeof place, "parts[%u]", (unsigned)i);
        take_name(s, s->m.text[1 + s->l.nodes + i], json_array_get(parts, i), place);
    }
}

static void take_rest(source *s, const char *name, const json_t *nodes, const json_t *parts,
                      const json_t *edges, const json_t *part_edges, const json_t *pairs)
{
    zoo_layout *l = &s->l;
    bool joined = part_edges == NULL;
    if (joined)
        l->n_part_edges = l->n_edges; /* at most */
    if (!zoo_layout_allocate(l, &s->m)) {
        zoo_findings_add(s->f, GOP_ENOMEM, "out of memory for a layout");
        return;
    }
    strcpy(s->m.text[0], name);
    take_parts(s, parts);
    take_nodes(s, nodes);
    zoo_layout_examine_names(s->f, l); /* before links refer to names */
    take_links(s, edges, "edges", s->m.edges, l->n_edges, "node", l->node_name, l->nodes);
    take_links(s, part_edges, "part_edges", s->m.part_edges, joined ? 0 : l->n_part_edges, "part",
               l->part_name, l->parts);
    take_links(s, pairs, "pairs", s->m.pairs, l->n_pairs, "node", l->node_name, l->nodes);
    const json_t *centre = get(s, s->root, "", "centre", JSON_STRING, "the name of a node");
    if (centre != NULL)
        l->centre = look_up(s, centre, "centre", "node", l->node_name, l->nodes);
    if (fine(s) && joined)
        join_parts(s);
}

static void take(source *s)
{
    static const char *const keys[] = {"graphop_layout", "name",       "feature", "axes",
                                       "columns",        "centre",     "parts",   "nodes",
                                       "edges",          "part_edges", "pairs",   NULL};
    zoo_layout *l = &s->l;
    char name[ZOO_NAME_SIZE] = "";
    if (!json_is_object(s->root)) {
        WRONG("a layout is an object, not %s", type_name(s->root));
        return;
    }
    take_version(s);
    if (!fine(s))
        return; /* other versions may differ in meaning */
    check_keys(s, s->root, "", keys);
    take_name(s, name, get(s, s->root, "", "name", JSON_STRING, "a string"), "name");
    take_feature(s);
    take_axes(s);
    l->columns = take_count(s, json_object_get(s->root, "columns"), "columns", ZOO_MAX_COLUMNS);
    const json_t *nodes = list(s, "nodes", ZOO_MAX_NODES, &l->nodes);
    const json_t *parts = list(s, "parts", ZOO_MAX_NODES, &l->parts);
    const json_t *edges = list(s, "edges", MAX_ITEMS, &l->n_edges);
    const json_t *part_edges = optional_list(s, "part_edges", MAX_ITEMS, &l->n_part_edges);
    const json_t *pairs = optional_list(s, "pairs", MAX_ITEMS, &l->n_pairs);
    if (nodes != NULL && l->nodes == 0)
        WRONG("nodes is empty");
    if (nodes != NULL && parts != NULL && edges != NULL)
        take_rest(s, name, nodes, parts, edges, part_edges, pairs);
}

void zoo_json_read(zoo_layout *layout, zoo_findings *f)
{
    source s = {.f = f, .root = parse(f)};
    memset(layout, 0, sizeof *layout);
    if (s.root == NULL)
        return;
    take(&s);
    json_decref(s.root);
    if (fine(&s))
        zoo_layout_examine(f, &s.l);
    if (fine(&s))
        zoo_layout_examine_file(f, &s.l);
    if (fine(&s))
        *layout = s.l;
    else
        zoo_layout_clear(&s.l);
}
