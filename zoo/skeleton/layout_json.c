/*
 * layout_json.c: reads layouts from JSON files that people write.  Everything is checked first;
 * messages name the place.  Touches memory, and files by reading them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/bom.h"
#include "zoo/json_tree.h"
#include "zoo/skeleton/findings.h"
#include "zoo/skeleton/layout_json.h"
#include "zoo/skeleton/layout_memory.h"

/* Size of the text of a place in the file. */
#define PLACE     64
/* More entries than any list may have. */
#define MAX_ITEMS ZOO_MAX_EDGES
#define MAX_DRAW  1e6

typedef zoo_json_value value;

typedef struct source {
    zoo_findings *f;
    value *root;
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

static value *parse(zoo_findings *f)
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
    value *root = NULL;
    char *text = read_bytes(f, file, &n);
    if (text != NULL) {
        const char *begin = text + zoo_bom(text, n);
        zoo_json j = {.p = begin, .begin = begin, .end = text + n};
        root = zoo_json_parse(&j);
        if (j.fault != NULL)
            zoo_findings_add(&bare, GOP_EFORMAT, "%s:%zu:%zu: %s", f->path, zoo_json_line(&j),
                             zoo_json_column(&j), j.fault);
        else if (root == NULL)
            zoo_findings_add(&bare, GOP_ENOMEM, "out of memory reading %s", f->path);
        f->status = bare.status;
    }
    free(text);
    fclose(file);
    return root;
}

/* ------------------------------------------------------------------------ types */

static const char *type_name(const value *j)
{
    switch (j->type) {
    case ZOO_JSON_OBJECT:
        return "an object";
    case ZOO_JSON_ARRAY:
        return "an array";
    case ZOO_JSON_STRING:
        return "a string";
    case ZOO_JSON_INTEGER:
        return "an integer";
    case ZOO_JSON_REAL:
        return "a number with a decimal point";
    case ZOO_JSON_NULL:
        return "null";
    default:
        return "true or false";
    }
}

/* The value of `key` in `object`; NULL and a finding if it is missing or not of `type`. */
static const value *get(source *s, const value *object, const char *place, const char *key,
                        zoo_json_type type, const char *wanted)
{
    const value *j = zoo_json_get(object, key);
    if (j == NULL) {
        WRONG("%s%s%s is missing", place, *place ? "." : "", key);
        return NULL;
    }
    if (j->type != type) {
        WRONG("%s%s%s is %s, not %s", place, *place ? "." : "", key, type_name(j), wanted);
        return NULL;
    }
    return j;
}

/* Checks that j is an array of at most `most` entries. */
static bool is_list(source *s, const value *j, const char *place, size_t most)
{
    if (j->type != ZOO_JSON_ARRAY)
        WRONG("%s is %s, not an array", place, type_name(j));
    else if (j->n > most)
        WRONG("%s has %zu entries; at most %zu are allowed", place, (size_t)j->n, most);
    else
        return true;
    return false;
}

/* An optional list; *n is 0 without it. */
static const value *optional_list(source *s, const char *key, size_t most, uint32_t *n)
{
    const value *j = zoo_json_get(s->root, key);
    *n = 0;
    if (j == NULL || !is_list(s, j, key, most))
        return NULL;
    *n = j->n;
    return j;
}

static const value *list(source *s, const char *key, size_t most, uint32_t *n)
{
    if (zoo_json_get(s->root, key) == NULL)
        WRONG("%s is missing", key);
    return optional_list(s, key, most, n);
}

/* Reports unknown keys; they are probably misspelt. */
static void check_keys(source *s, const value *object, const char *place, const char *const *known)
{
    for (const value *v = object->first; v != NULL; v = v->next) {
        const char *const *k = known;
        while (*k != NULL && strcmp(*k, v->key) != 0)
            k++;
        if (*k == NULL)
            WRONG("%s%sunknown key '%.64s'", place, *place ? ": " : "", v->key);
    }
}

static void take_name(source *s, char *to, const value *j, const char *place)
{
    if (j == NULL)
        return;
    if (j->type != ZOO_JSON_STRING)
        WRONG("%s is %s, not a string", place, type_name(j));
    else if (j->n == 0)
        WRONG("%s is empty", place);
    else if (j->n >= ZOO_NAME_SIZE)
        WRONG("%s is longer than %d bytes", place, ZOO_NAME_SIZE - 1);
    else if (!gop_is_text(j->string, j->n))
        WRONG("%s has control characters", place);
    else
        strcpy(to, j->string);
}

/* Reads a number from 0 to `most`. */
static uint32_t take_count(source *s, const value *j, const char *place, uint32_t most)
{
    if (j == NULL)
        return 0;
    if (j->type != ZOO_JSON_INTEGER) {
        WRONG("%s is %s, not an integer", place, type_name(j));
        return 0;
    }
    int64_t v = j->integer;
    if (v < 0 || v > (int64_t)most) {
        WRONG("%s is %" PRId64 "; 0 to %u are allowed", place, v, (unsigned)most);
        return 0;
    }
    return (uint32_t)v;
}

/* The index of a name among n names; n and a finding if unknown. */
static uint32_t look_up(source *s, const value *j, const char *place, const char *what,
                        const char *const *name, uint32_t n)
{
    if (j->type != ZOO_JSON_STRING) {
        WRONG("%s is %s, not the name of a %s", place, type_name(j), what);
        return n;
    }
    uint32_t i = 0;
    while (i < n && strcmp(name[i], j->string) != 0)
        i++;
    if (i == n)
        WRONG("%s: no %s is called '%.64s'", place, what, j->string);
    return i;
}

/* ------------------------------------------------------------------------- head */

static void take_version(source *s)
{
    const value *j = get(s, s->root, "", "graphop_layout", ZOO_JSON_INTEGER, "an integer");
    if (j != NULL && j->integer != ZOO_JSON_VERSION)
        WRONG("graphop_layout is %" PRId64 "; this version reads %d", j->integer, ZOO_JSON_VERSION);
}

static void wrong_feature(source *s, const char *found)
{
    char all[128] = "";
    size_t used = 0;
    const char *name;
    for (int i = 1; (name = zoo_feature_name((zoo_feature)i)) != NULL && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i > 1 ? ", " : "", name);
    WRONG("feature is '%.64s'; it must be one of %s", found, all);
}

/* Of a feature with any number of channels. */
static void take_channels(source *s, const value *j)
{
    s->l.channels = 1;
    if (j == NULL)
        WRONG("channels is missing; feature %s needs it", zoo_feature_name(s->l.feature));
    else
        s->l.channels = take_count(s, j, "channels", ZOO_MAX_CHANNELS);
    if (s->l.channels == 0) {
        WRONG("channels is 0; 1 to %d are allowed", ZOO_MAX_CHANNELS);
        s->l.channels = 1;
    }
}

static void take_feature(source *s)
{
    const value *j = get(s, s->root, "", "feature", ZOO_JSON_STRING, "a string");
    for (int i = 1; j != NULL && zoo_feature_name((zoo_feature)i) != NULL; i++)
        if (strcmp(zoo_feature_name((zoo_feature)i), j->string) == 0)
            s->l.feature = (zoo_feature)i;
    if (j != NULL && s->l.feature == 0)
        wrong_feature(s, j->string);
    s->l.channels = zoo_feature_channels(s->l.feature);
    const value *channels = zoo_json_get(s->root, "channels");
    if (channels != NULL && s->l.channels > 0)
        WRONG("channels is set, but feature %s has %u", zoo_feature_name(s->l.feature),
              (unsigned)s->l.channels);
    else if (s->l.channels == 0 && s->l.feature != 0)
        take_channels(s, channels);
}

static zoo_axis take_axis(source *s, const value *axes, const char *key)
{
    const value *j = zoo_json_get(axes, key);
    if (j == NULL)
        return ZOO_AXIS_UNSET;
    for (int i = 0; j->type == ZOO_JSON_STRING && zoo_json_axis[i] != NULL; i++)
        if (strcmp(j->string, zoo_json_axis[i]) == 0)
            return (zoo_axis)(i + 1);
    WRONG("axes.%s is not one of +x, +y, +z, -x, -y, -z", key);
    return ZOO_AXIS_UNSET;
}

static void take_axes(source *s)
{
    static const char *const keys[] = {"up", "ahead", NULL};
    const value *j = zoo_json_get(s->root, "axes");
    if (j == NULL)
        return;
    if (j->type != ZOO_JSON_OBJECT) {
        WRONG("axes is %s, not an object", type_name(j));
        return;
    }
    check_keys(s, j, "axes", keys);
    s->l.up = take_axis(s, j, "up");
    s->l.ahead = take_axis(s, j, "ahead");
}

/* ------------------------------------------------------------------------ nodes */

/* A key that all nodes have or none; the first node decides. */
static bool expected(source *s, const value *node, const char *place, const char *key, bool all)
{
    bool there = zoo_json_get(node, key) != NULL;
    if (there != all)
        WRONG("%s.%s is %s, but the first node's is %s", place, key, there ? "present" : "missing",
              all ? "present" : "missing");
    return there && all;
}

static void take_columns(source *s, const value *node, const char *place, uint32_t i)
{
    char at[PLACE + 16];
    const value *j = zoo_json_get(node, "columns");
    snprintf(at, sizeof at, "%s.columns", place);
    if (j->type != ZOO_JSON_ARRAY || j->n != s->l.channels) {
        WRONG("%s is not an array of %u numbers", at, (unsigned)s->l.channels);
        return;
    }
    for (uint32_t c = 0; c < s->l.channels; c++)
        s->m.column[i * s->l.channels + c] = take_count(s, zoo_json_at(j, c), at,
                                                        ZOO_MAX_COLUMNS - 1);
}

/* NaN for a value that is not a number. */
static double number(const value *v)
{
    return v == NULL                     ? (double)NAN
           : v->type == ZOO_JSON_INTEGER ? (double)v->integer
           : v->type == ZOO_JSON_REAL    ? v->real
                                         : (double)NAN;
}

static void take_draw(source *s, const value *node, const char *place, uint32_t i)
{
    const value *j = zoo_json_get(node, "draw");
    for (uint32_t c = 0; c < 2; c++) {
        const double v = j->n == 2 ? number(zoo_json_at(j, c)) : (double)NAN;
        if (!(fabs(v) <= MAX_DRAW)) {
            WRONG("%s.draw is not two numbers of at most %g", place, MAX_DRAW);
            return;
        }
        s->m.draw[2 * i + c] = (float)v;
    }
}

static void take_node(source *s, const value *node, uint32_t i, bool columns, bool draw)
{
    static const char *const keys[] = {"name", "part", "columns", "draw", NULL};
    char place[PLACE], at[PLACE + 16];
    snprintf(place, sizeof place, "nodes[%u]", (unsigned)i);
    if (node->type != ZOO_JSON_OBJECT) {
        WRONG("%s is %s, not an object", place, type_name(node));
        return;
    }
    check_keys(s, node, place, keys);
    snprintf(at, sizeof at, "%s.name", place);
    take_name(s, s->m.text[1 + i], get(s, node, place, "name", ZOO_JSON_STRING, "a string"), at);
    const value *part = get(s, node, place, "part", ZOO_JSON_STRING, "the name of a part");
    snprintf(at, sizeof at, "%s.part", place);
    if (part != NULL)
        s->m.part[i] = look_up(s, part, at, "part", s->l.part_name, s->l.parts);
    if (expected(s, node, place, "columns", columns))
        take_columns(s, node, place, i);
    if (expected(s, node, place, "draw", draw))
        take_draw(s, node, place, i);
}

static void take_nodes(source *s, const value *nodes)
{
    const value *first = zoo_json_at(nodes, 0);
    bool columns = zoo_json_get(first, "columns") != NULL;
    bool draw = zoo_json_get(first, "draw") != NULL;
    const value *node = nodes->first;
    for (uint32_t i = 0; i < s->l.nodes; i++, node = node->next)
        take_node(s, node, i, columns, draw);
    for (uint32_t i = 0; i < s->l.nodes * s->l.channels && !columns; i++)
        s->m.column[i] = i;
    if (draw)
        s->l.draw = s->m.draw;
    if (zoo_json_get(s->root, "columns") == NULL) {
        s->l.columns = s->l.nodes * s->l.channels;
        if (columns)
            WRONG("columns, the count of numbers in a raw frame, is missing");
    }
}

/* ------------------------------------------------------------------------ links */

static void take_links(source *s, const value *j, const char *key, gop_edge *to, uint32_t n,
                       const char *what, const char *const *name, uint32_t names)
{
    const value *ends = zoo_json_at(j, 0);
    for (uint32_t i = 0; i < n; i++, ends = ends->next) {
        char place[PLACE];
        snprintf(place, sizeof place, "%s[%u]", key, (unsigned)i);
        if (ends->type != ZOO_JSON_ARRAY || ends->n != 2) {
            WRONG("%s is not an array of two names", place);
            continue;
        }
        to[i].a = look_up(s, zoo_json_at(ends, 0), place, what, name, names);
        to[i].b = look_up(s, zoo_json_at(ends, 1), place, what, name, names);
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

static void take_parts(source *s, const value *parts)
{
    const value *part = parts->first;
    for (uint32_t i = 0; i < s->l.parts; i++, part = part->next) {
        char place[PLACE];
        snprintf(place, sizeof place, "parts[%u]", (unsigned)i);
        take_name(s, s->m.text[1 + s->l.nodes + i], part, place);
    }
}

static void take_rest(source *s, const char *name, const value *nodes, const value *parts,
                      const value *edges, const value *parents, const value *part_edges,
                      const value *pairs)
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
    take_links(s, parents, "parents", s->m.parents, l->n_parents, "node", l->node_name, l->nodes);
    take_links(s, part_edges, "part_edges", s->m.part_edges, joined ? 0 : l->n_part_edges, "part",
               l->part_name, l->parts);
    take_links(s, pairs, "pairs", s->m.pairs, l->n_pairs, "node", l->node_name, l->nodes);
    const value *centre = get(s, s->root, "", "centre", ZOO_JSON_STRING, "the name of a node");
    if (centre != NULL)
        l->centre = look_up(s, centre, "centre", "node", l->node_name, l->nodes);
    if (fine(s) && joined)
        join_parts(s);
}

static void take(source *s)
{
    static const char *const keys[] = {"graphop_layout", "name",    "feature", "channels", "axes",
                                       "columns",        "centre",  "parts",   "nodes",    "edges",
                                       "part_edges",     "parents", "pairs",   NULL};
    zoo_layout *l = &s->l;
    char name[ZOO_NAME_SIZE] = "";
    if (s->root->type != ZOO_JSON_OBJECT) {
        WRONG("a layout is an object, not %s", type_name(s->root));
        return;
    }
    take_version(s);
    if (!fine(s))
        return; /* other versions may differ in meaning */
    check_keys(s, s->root, "", keys);
    take_name(s, name, get(s, s->root, "", "name", ZOO_JSON_STRING, "a string"), "name");
    take_feature(s);
    take_axes(s);
    l->columns = take_count(s, zoo_json_get(s->root, "columns"), "columns", ZOO_MAX_COLUMNS);
    const value *nodes = list(s, "nodes", ZOO_MAX_NODES, &l->nodes);
    const value *parts = list(s, "parts", ZOO_MAX_NODES, &l->parts);
    const value *edges = list(s, "edges", MAX_ITEMS, &l->n_edges);
    const value *parents = optional_list(s, "parents", MAX_ITEMS, &l->n_parents);
    const value *part_edges = optional_list(s, "part_edges", MAX_ITEMS, &l->n_part_edges);
    const value *pairs = optional_list(s, "pairs", MAX_ITEMS, &l->n_pairs);
    if (nodes != NULL && l->nodes == 0)
        WRONG("nodes is empty");
    if (nodes != NULL && parts != NULL && edges != NULL)
        take_rest(s, name, nodes, parts, edges, parents, part_edges, pairs);
}

void zoo_json_read(zoo_layout *layout, zoo_findings *f)
{
    source s = {.f = f, .root = parse(f)};
    memset(layout, 0, sizeof *layout);
    if (s.root == NULL)
        return;
    take(&s);
    free(s.root);
    if (fine(&s))
        zoo_layout_examine(f, &s.l);
    if (fine(&s))
        zoo_layout_examine_file(f, &s.l);
    if (fine(&s))
        *layout = s.l;
    else
        zoo_layout_clear(&s.l);
}
