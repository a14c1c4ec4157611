/*
 * columns.c: reads lists of the columns of a text, and finds them from its first lines.  Touches
 * memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/format/columns.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME        32   /* bytes of a name without case and marks, with its end */
#define MOST        64   /* columns that may have names */
#define MOST_BEFORE 8    /* columns before those of the layout */
#define LINES       2048 /* of a sample decide what its first columns are */
#define LEAST_TIMES 8    /* lines without names in which rising numbers are times */

/* ------------------------------------------------------------------------ names */

static const struct {
    const char *name;
    int32_t role;
} named[] = {{"-", ZOO_COLUMN_SKIP},
             {"frame", ZOO_COLUMN_FRAME},
             {"time", ZOO_COLUMN_TIME},
             {"body", ZOO_COLUMN_BODY},
             {"joint", ZOO_COLUMN_JOINT}};

static const char *const letters[] = {
    [ZOO_EXPMAP] = "x y z", [ZOO_POSITION] = "x y z",     [ZOO_SCORED] = "x y score",
    [ZOO_IMAGE] = "x y",    [ZOO_QUATERNION] = "w x y z", [ZOO_ROTATION6D] = "",
    [ZOO_FREE] = ""};

/* The name of a channel. */
static void name_channel(char name[NAME], const zoo_layout *l, size_t channel)
{
    const char *p = letters[l->feature];
    for (size_t k = 0; k < channel && *p != '\0'; k++)
        p += strcspn(p, " ") + (p[strcspn(p, " ")] == ' ');
    if (*p == '\0')
        snprintf(name, NAME, "v%zu", channel + 1);
    else
        snprintf(name, NAME, "%.*s", (int)strcspn(p, " "), p);
}

/* The channel with this name, or SIZE_MAX. */
static size_t find_channel(const zoo_layout *l, const char *name)
{
    char own[NAME];
    for (size_t k = 0; k < l->channels; k++) {
        name_channel(own, l, k);
        if (strcmp(own, name) == 0)
            return k;
    }
    return SIZE_MAX;
}

/* Takes a cell's letters and digits, in small letters. */
static void bare(char name[NAME], const zoo_cell *cell)
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n && n < NAME - 1; i++)
        if (isalnum((unsigned char)cell->text[i]) && (unsigned char)cell->text[i] < 0x80)
            name[n++] = (char)tolower((unsigned char)cell->text[i]);
    name[n] = '\0';
}

size_t zoo_columns_node(const zoo_layout *l, const zoo_cell *name)
{
    char wanted[NAME], own[NAME];
    bare(wanted, name);
    for (size_t m = 0; m < l->nodes && wanted[0] != '\0'; m++) {
        bare(own, &(zoo_cell){l->node_name[m], strlen(l->node_name[m])});
        if (strcmp(own, wanted) == 0)
            return m;
    }
    return SIZE_MAX;
}

/* ------------------------------------------------------------------------- a list */

/* Appends the role of a name. */
static gop_status append(zoo_columns *c, const char *name, const zoo_layout *l, gop_error *err)
{
    const size_t channel = find_channel(l, name);
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(named[i].name, name) != 0)
            continue;
        size_t *at = &c->at[-named[i].role];
        if (named[i].role != ZOO_COLUMN_SKIP && *at != SIZE_MAX)
            return gop_fail(err, GOP_EINVAL, "columns: two are named %s", name);
        *at = c->n;
        c->role[c->n++] = named[i].role;
        return GOP_OK;
    }
    if (channel == SIZE_MAX && strcmp(name, "score") == 0) {
        c->score = true;
        c->role[c->n++] = ZOO_COLUMN_SKIP;
        return GOP_OK;
    }
    if (channel == SIZE_MAX) {
        char first[NAME], last[NAME];
        name_channel(first, l, 0);
        name_channel(last, l, l->channels - 1);
        return gop_fail(err, GOP_EINVAL,
                        "columns: '%s' is none of frame, time, body, joint, score, -, * and, for "
                        "layout %s, %s to %s",
                        name, l->name, first, last);
    }
    c->role[c->n++] = (int32_t)channel;
    return GOP_OK;
}

/* Whether a channel or a score stands in the list; skipped columns are neither. */
static bool has_channels(const zoo_columns *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->role[i] >= 0)
            return true;
    return false;
}

static gop_status check_channels(const zoo_columns *c, gop_error *err)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->role[i] < 0)
            continue;
        if (seen >> c->role[i] & 1)
            return gop_fail(err, GOP_EINVAL,
                            "columns: a channel occurs twice; ... repeats channels for all nodes");
        seen |= (uint32_t)1 << c->role[i];
    }
    return seen != 0 ? GOP_OK : gop_fail(err, GOP_EINVAL, "columns: no channel is among them");
}

/* Appends all columns of the layout. */
static gop_status append_all(zoo_columns *c, const zoo_layout *l, gop_error *err)
{
    if (!c->nodes || has_channels(c))
        return gop_fail(err, GOP_EINVAL, "columns: * stands once, and beside no channel");
    for (size_t k = 0; k < l->columns; k++)
        c->role[c->n++] = (int32_t)k;
    c->nodes = false;
    return GOP_OK;
}

/* Repeats the channels from the `first` on for every node. */
static gop_status repeat(zoo_columns *c, size_t first, const zoo_layout *l, gop_error *err)
{
    int32_t one[MOST];
    const size_t n = c->n - first;
    if (!c->nodes)
        return gop_fail(err, GOP_EINVAL, "columns: * and ... cannot stand together");
    gop_try(check_channels(c, err));
    memcpy(one, c->role + first, n * sizeof *one);
    c->n = first;
    for (size_t m = 0; m < l->nodes; m++)
        for (size_t k = 0; k < n; k++)
            c->role[c->n++] = one[k] < 0 ? one[k]
                                         : (int32_t)l->column[m * l->channels + (size_t)one[k]];
    c->nodes = false;
    return GOP_OK;
}

/* Reads one word; *first is where the channels of a node begin. */
static gop_status take_word(zoo_columns *c, const char *word, size_t *first, const zoo_layout *l,
                            gop_error *err)
{
    if (strcmp(word, "*") == 0)
        return append_all(c, l, err);
    if (strcmp(word, "...") == 0)
        return repeat(c, *first, l, err);
    const size_t before = c->n;
    const bool channels = has_channels(c);
    gop_try(append(c, word, l, err));
    if (c->role[before] <= ZOO_COLUMN_FRAME || (!channels && c->role[before] >= 0))
        *first = c->role[before] >= 0 ? before : c->n;
    return !c->nodes && c->role[before] >= 0
               ? gop_fail(err, GOP_EINVAL, "columns: %s follows the channels of all nodes", word)
               : GOP_OK;
}

gop_status zoo_columns_read(zoo_columns *c, const char *list, const zoo_layout *l, gop_error *err)
{
    size_t words = 0, first = 0;
    *c = (zoo_columns){.nodes = true};
    for (size_t i = 0; i < sizeof c->at / sizeof c->at[0]; i++)
        c->at[i] = SIZE_MAX;
    c->role = malloc((l->columns + (size_t)l->nodes * MOST + MOST) * sizeof *c->role);
    if (c->role == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for a list of columns");
    gop_status s = strlen(list) < ZOO_COLUMNS_SIZE
                       ? GOP_OK
                       : gop_fail(err, GOP_EINVAL, "columns: the list has more than %d bytes",
                                  ZOO_COLUMNS_SIZE - 1);
    for (const char *p = list; s == GOP_OK; words++) {
        char word[NAME];
        while (*p == ' ')
            p++;
        const size_t n = strcspn(p, ",");
        snprintf(word, sizeof word, "%.*s", (int)n, p);
        word[strcspn(word, " ")] = '\0';
        s = words == MOST ? gop_fail(err, GOP_EINVAL, "columns: more than %d names", MOST)
                          : take_word(c, word, &first, l, err);
        p += n;
        if (*p++ == '\0')
            break;
    }
    if (s == GOP_OK && c->nodes)
        s = check_channels(c, err);
    if (s == GOP_OK && !c->nodes && c->at[-ZOO_COLUMN_JOINT] != SIZE_MAX)
        s = gop_fail(err, GOP_EINVAL, "columns: a line with all nodes has no joint");
    if (s != GOP_OK) {
        zoo_columns_clear(c);
        return s;
    }
    c->whole = !c->nodes && c->n == l->columns && c->role[0] >= 0 && strcmp(list, "*") == 0;
    return GOP_OK;
}

void zoo_columns_clear(zoo_columns *c)
{
    free(c->role);
    *c = (zoo_columns){.n = 0};
}

/* ------------------------------------------------------------------ names in headings */

/* What names of columns are called, without case and marks. */
static const struct {
    const char *name, *called;
} called[] = {
    {"frame", " frame frames frameid frameidx frameindex framenr framenum framenumber frameno fn "},
    {"time", " time times timems timesec timestamp timestampms timestamps timesecs seconds sec "
             "milliseconds t "},
    {"body", " body bodyid bodyindex person personid personidx personindex track trackid "
             "skeletonid "},
    {"joint", " joint jointid jointidx jointindex jointname jointtype joints landmark landmarkid "
              "landmarkidx landmarkindex landmarkname keypoint keypointid keypointidx "
              "keypointindex keypointname keypoints node nodeid marker markername bodypart "
              "bodypartname "},
    {"x", " x px posx positionx xpos coordx xcoord "},
    {"y", " y py posy positiony ypos coordy ycoord "},
    {"z", " z pz posz positionz zpos coordz zcoord "},
    {"w", " w qw "},
    {"score", " score confidence conf c likelihood visibility prob probability p "}};

/* The name of a column that a heading calls so, or NULL. */
static const char *find_name(const zoo_cell *cell)
{
    char word[NAME + 2] = " ";
    bare(word + 1, cell);
    const size_t n = strlen(word);
    word[n] = ' ';
    word[n + 1] = '\0';
    for (size_t i = 0; i < sizeof called / sizeof called[0] && n > 1; i++)
        if (strstr(called[i].called, word) != NULL)
            return called[i].name;
    return NULL;
}

/* Appends a name to a list. */
static void put(char list[ZOO_COLUMNS_SIZE], const char *name)
{
    const size_t n = strlen(list);
    snprintf(list + n, ZOO_COLUMNS_SIZE - n, "%s%s", n > 0 ? "," : "", name);
}

/* Appends the names of a node's channels, without the score or with one more. */
static void put_channels(char list[ZOO_COLUMNS_SIZE], const zoo_layout *l, bool score)
{
    char name[NAME];
    for (size_t k = 0; k < l->channels; k++) {
        name_channel(name, l, k);
        if (strcmp(name, "score") != 0)
            put(list, name);
    }
    if (score)
        put(list, "score");
}

/* -------------------------------------------------------------------------- guess */

/* What the numbers of a column are. */
typedef struct column {
    size_t n;                           /* lines */
    bool numbers, whole, falls, cycles; /* are all numbers; whole and not negative; does one
                                                   fall; 0, 1, 2, ... again and again, or from 1 */
    double first, last, most;
} column;

static void look_at(column *c, double v)
{
    c->whole = c->whole && v >= 0 && v == floor(v) && v <= UINT32_MAX;
    c->falls |= c->n > 0 && v < c->last;
    c->cycles = c->cycles && (c->n == 0 ? v == 0 || v == 1 : v == c->last + 1 || v == c->first);
    c->first = c->n == 0 ? v : c->first;
    c->most = c->n == 0 || v > c->most ? v : c->most;
    c->last = v;
    c->n++;
}

/* Looks at the first two columns. */
static void survey(column c[2], const zoo_sample *s)
{
    const char *p = s->text, *line, *past;
    c[0] = c[1] = (column){.numbers = true, .whole = true, .cycles = true};
    for (size_t i = 0; i < LINES && zoo_sample_line(&line, &past, &p, s->end); i++) {
        zoo_cell cell[2];
        double v;
        if (i == 0 && s->heading)
            continue;
        const size_t n = zoo_cells_cut(cell, 2, &s->dialect, line, past);
        for (size_t k = 0; k < 2 && k < n; k++) {
            c[k].numbers = c[k].numbers &&
                           zoo_cell_double(&v, &s->dialect, &cell[k]) == ZOO_CELL_NUMBER;
            if (c[k].numbers)
                look_at(&c[k], v);
        }
    }
}

/* Whether a column has numbers of frames: whole ones, which rise. */
static bool counts(const column *c)
{
    return c->numbers && c->whole && c->n > 1 && c->last > c->first;
}

static bool is_time(const column *c)
{
    return c->numbers && !c->falls && c->n >= LEAST_TIMES && c->first >= 0 && c->last > c->first;
}

static bool is_joint(const column *c, const zoo_layout *l)
{
    return c->numbers && c->cycles && c->most - c->first + 1 == l->nodes;
}

/* "frame" or "time" if the first column is one by its name or its numbers, or NULL. */
static const char *first_column(const zoo_cell *heading, const column *c)
{
    const char *name = heading == NULL ? NULL : find_name(heading);
    if (name != NULL && (strcmp(name, "frame") == 0 || strcmp(name, "time") == 0))
        return name;
    return counts(c) ? "frame" : is_time(c) ? "time" : NULL;
}

/* A line has one node, and its heading names the columns. */
static bool by_heading(char *list, const zoo_cell *heading, size_t n, const zoo_layout *l)
{
    bool joint = false, x = false, all = true;
    list[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const char *name = find_name(&heading[i]);
        if (name != NULL && strlen(name) == 1 && find_channel(l, name) == SIZE_MAX)
            name = NULL;
        all = all && name != NULL;
        joint |= name != NULL && strcmp(name, "joint") == 0;
        x |= name != NULL && find_channel(l, name) == 0;
        put(list, name == NULL ? "-" : name);
    }
    return x && (joint || all);
}

/* Columns with names stand before those of the layout. */
static bool before_all(char *list, const zoo_cell *heading, size_t before)
{
    list[0] = '\0';
    for (size_t i = 0; i < before; i++) {
        const char *name = find_name(&heading[i]);
        if (name == NULL && heading[i].n > 0)
            return false;
        if (name != NULL && strcmp(name, "frame") != 0 && strcmp(name, "time") != 0 &&
            strcmp(name, "body") != 0)
            return false;
        put(list, name == NULL ? "-" : name);
    }
    put(list, "*");
    return true;
}

/* A line has every node with another number of channels: with a score, or without the layout's. */
static bool all_nodes(char *list, size_t width, const char *first, const zoo_layout *l)
{
    const bool scored = l->feature == ZOO_SCORED;
    const size_t size = l->nodes * (l->channels + (scored ? (size_t)-1 : (size_t)1));
    list[0] = '\0';
    if (width != size && (width != size + 1 || first == NULL))
        return false;
    if (width == size + 1)
        put(list, first);
    put_channels(list, l, !scored);
    put(list, "...");
    return true;
}

/* A line has one node, by the number of columns and the numbers in the first ones. */
static bool one_node(char *list, size_t width, const column c[2], const zoo_layout *l)
{
    const size_t own = l->channels - (l->feature == ZOO_SCORED);
    const column *next = c;
    size_t more = width - own;
    list[0] = '\0';
    if (width < own || own == 0 || more > 3 || c->n < l->nodes)
        return false;
    if (more > 0 && !is_joint(next, l) && counts(next) && !next->falls) {
        put(list, "frame");
        more--;
        next++;
    }
    if (more > 0 && is_joint(next, l)) {
        put(list, "joint");
        more--;
    }
    put_channels(list, l, more == 1);
    return more <= 1;
}

bool zoo_columns_guess(char list[ZOO_COLUMNS_SIZE], const zoo_sample *s, const zoo_layout *l)
{
    zoo_cell heading[MOST];
    column c[2];
    const char *p = s->text, *line, *past;
    size_t names = 0;
    if (s->heading && zoo_sample_line(&line, &past, &p, s->end))
        names = zoo_cells_cut(heading, MOST, &s->dialect, line, past);
    const bool as_wide = names == s->width;
    if (as_wide && names <= MOST && s->width != l->columns && by_heading(list, heading, names, l))
        return true;
    snprintf(list, ZOO_COLUMNS_SIZE, "*");
    if (s->width == l->columns)
        return true;
    if (as_wide && s->width > l->columns && s->width - l->columns <= MOST_BEFORE &&
        before_all(list, heading, s->width - l->columns))
        return true;
    survey(c, s);
    const char *first = first_column(as_wide ? heading : NULL, c);
    if (s->width == l->columns + 1 && first != NULL) {
        snprintf(list, ZOO_COLUMNS_SIZE, "%s,*", first);
        return true;
    }
    return all_nodes(list, s->width, first, l) || one_node(list, s->width, c, l);
}
