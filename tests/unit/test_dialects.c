/*
 * test_dialects.c: one motion written in many dialects of text gives the same frames; columns by
 * option; files that leave doubt or are wrong; recordings as those of UTKinect, cut into clips.
 * Files of Kinects and UTKinect itself are read where they are available ($GRAPHOP_FORMATS and
 * $GRAPHOP_UTKINECT, or ../shared/data beside the source).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "prepare_run.h"
#include "zoo/dataset/build.h"
#include "zoo/dataset/format/columns.h"

enum { NODES = 5, CHANNELS = 3, ROW = NODES * CHANNELS, FRAMES = 12 };

static zoo_raw csv(const char *columns)
{
    return (zoo_raw){
        .source = "csv", .layout = zoo_layout_find("tiny5"), .rate = 30, .columns = columns};
}

/* --------------------------------------------------------------------- one motion */

/* How a text is written. */
typedef struct form {
    const char *name, *heading, *separator, *end;
    bool comma, quotes, frame, time, nodes, joint, names, score, first, last;
    size_t base; /* of joints */
    const char *columns;
} form;

static const form forms[] = {
    {"plain", NULL, ",", "\n", .columns = NULL},
    {"semicolons", NULL, ";", "\n", .columns = NULL},
    {"tabs and a byte order mark",
     "\xef\xbb\xbf"
     "a\tb",
     "\t", "\r\n", .columns = NULL},
    {"blanks", NULL, "   ", "\n", .columns = NULL},
    {"commas and blanks", NULL, ", ", "\n", .columns = NULL},
    {"decimal commas", "a;b;c", ";", "\r\n", .comma = true},
    {"decimal commas, blanks", NULL, " ", "\n", .comma = true},
    {"decimal commas, tabs", NULL, "\t", "\n", .comma = true},
    {"quotes", "\"a\",\"b\"", ",", "\n", .quotes = true},
    {"quotes around commas", NULL, ",", "\n", .quotes = true, .comma = true},
    {"a comment", "# a b c", " ", "\n", .quotes = false},
    {"separators at the end", NULL, ",", ",\n", .quotes = false},
    {"tabs at the end", NULL, "\t", "\t\r\n", .quotes = false},
    {"frames", NULL, " ", "\n", .frame = true},
    {"frames by name", "Frame#;a", ";", "\n", .frame = true, .comma = true},
    {"times", NULL, "\t", "\n", .time = true},
    {"frames and times", "frame_number,Timestamp (ms),a,b,c,d,e,f,g,h,i,j,k,l,m,n,o", ",", "\n",
     .frame = true, .time = true},
    {"scores", NULL, ",", "\n", .score = true},
    {"frames and scores", NULL, ";", "\n", .frame = true, .score = true},
    {"a text first", NULL, ";", "\n", .comma = true, .first = true, .columns = "-,*"},
    {"another column", NULL, ",", "\n", .last = true, .columns = "*,-"},
    {"blocks", NULL, " ", "\n", .nodes = true},
    {"blocks with scores", NULL, "  ", "\r\n", .nodes = true, .score = true},
    {"blocks with a heading", "X,Y,Z,Conf.", ",", "\n", .nodes = true, .score = true},
    {"blocks with frames", NULL, ",", "\n", .nodes = true, .frame = true},
    {"blocks with joints", NULL, ",", "\n", .nodes = true, .joint = true},
    {"blocks with frames and scores", NULL, ";", "\n", .nodes = true, .frame = true, .score = true},
    {"a table", "Frame,LandmarkID,X,Y,Z", ",", "\n", .nodes = true, .frame = true, .joint = true},
    {"a table from 1", "frame joint x y z", " ", "\n", .nodes = true, .frame = true, .joint = true,
     .base = 1},
    {"a table of names", "frame;bodypart;x;y;z;likelihood", ";", "\n", .nodes = true, .frame = true,
     .joint = true, .names = true, .score = true, .comma = true},
    {"a table of times", "time\tjoint\tx\ty\tz", "\t", "\n", .nodes = true, .time = true,
     .joint = true},
    {"a table without a heading", NULL, ",", "\n", .nodes = true, .frame = true, .joint = true},
    {"a table by option", "a,b,c,d,e,f", ",", "\n", .nodes = true, .frame = true, .joint = true,
     .score = true, .columns = "frame,joint,x,y,z,score"},
};

static float motion(size_t t, size_t c)
{
    char text[32];
    snprintf(text, sizeof text, "%.6f", 3 * sin((double)(t * 31 + c * 7)));
    return strtof(text, NULL);
}

static void put_number(FILE *f, const form *w, double v, int digits)
{
    char text[32];
    snprintf(text, sizeof text, "%.*f", digits, v);
    if (w->comma && strchr(text, '.') != NULL)
        *strchr(text, '.') = ',';
    fprintf(f, w->quotes ? "\"%s\"" : "%s", text);
}

/* Writes what stands before the numbers of a line. */
static void put_keys(FILE *f, const form *w, size_t t, size_t m)
{
    if (w->frame) {
        put_number(f, w, (double)(3 * t + 7), 0);
        fputs(w->separator, f);
    }
    if (w->time) {
        put_number(f, w, 1700000000 + (double)t / 30, 3);
        fputs(w->separator, f);
    }
    if (w->joint && w->names)
        fprintf(f, "%s%s", zoo_layout_find("tiny5")->node_name[m], w->separator);
    else if (w->joint)
        fprintf(f, "%zu%s", m + w->base, w->separator);
}

static void put_motion(const char *name, const form *w)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    if (w->heading != NULL)
        fprintf(f, "%s%s", w->heading, w->end);
    for (size_t t = 0; t < FRAMES; t++) {
        if (w->first)
            fprintf(f, "walk%s", w->separator);
        if (!w->nodes)
            put_keys(f, w, t, 0);
        for (size_t m = 0; m < NODES; m++) {
            if (w->nodes)
                put_keys(f, w, t, m);
            for (size_t k = 0; k < CHANNELS; k++) {
                put_number(f, w, 3 * sin((double)(t * 31 + (m * CHANNELS + k) * 7)), 6);
                if (k + 1 < CHANNELS || w->score || (!w->nodes && m + 1 < NODES) || w->last)
                    fputs(w->separator, f);
            }
            if (w->score)
                put_number(f, w, 0.5 * (double)(m % 2), 2);
            if (w->score && !w->nodes && m + 1 < NODES)
                fputs(w->separator, f);
            if (w->nodes)
                fputs(w->end, f);
        }
        if (w->last)
            fputs("walk", f);
        if (!w->nodes)
            fputs(w->end, f);
    }
    ck_assert_int_eq(fclose(f), 0);
}

static void hold_motion(const zoo_sequence *q)
{
    ck_assert_uint_eq(q->frames, FRAMES);
    ck_assert_uint_eq(q->bodies, 1);
    for (size_t t = 0; t < FRAMES; t++)
        for (size_t c = 0; c < ROW; c++)
            ck_assert_msg(q->data[t * ROW + c] == motion(t, c), "frame %zu, column %zu: %g not %g",
                          t, c, (double)q->data[t * ROW + c], (double)motion(t, c));
}

/* A model of the set's domain reads the file of its only clip as the set was made. */
static void hold_model(const zoo_dataset *data, const char *name)
{
    const zoo_sequence *q = &data->sequence[0];
    zoo_dataset *one;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_read_one(&one, NULL, NULL, &data->domain, scratch_path(name), &err) == GOP_OK,
                  "%s: %s", data->domain.reading, err.message);
    ck_assert(one->sequence[0].bodies == q->bodies && one->sequence[0].frames == q->frames);
    ck_assert_mem_eq(one->sequence[0].data, q->data,
                     q->bodies * q->frames * data->domain.layout.columns * sizeof *q->data);
    zoo_dataset_free(one);
}

START_TEST(each_dialect_gives_the_same_frames)
{
    const form *w = &forms[_i];
    zoo_report report;
    scratch_mkdir("nod");
    put_motion("nod/a.txt", w);
    zoo_dataset *data = prepared(csv(w->columns), &report);
    ck_assert_msg(data->sequences == 1, "%s", w->name);
    ck_assert_str_eq(data->sequence[0].name, "nod/a");
    ck_assert(!data->domain.missing);
    hold_motion(&data->sequence[0]);
    hold_model(data, "nod/a.txt");
    ck_assert_msg(found(&report, ZOO_ALTERED, "a.txt: left out the scores") == w->score, "%s",
                  w->name);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------------ missing, bodies */

START_TEST(what_is_missing_is_no_number)
{
    static const char *const word[] = {"", "NaN", "na", "N/A", "NULL", "none", "-", "-nan"};
    zoo_report report;
    scratch_mkdir("nod");
    FILE *f = fopen(scratch_path("nod/a.csv"), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < COUNT(word); t++)
        for (size_t c = 0; c < ROW; c++)
            fprintf(f, "%s%s", c == t ? word[t] : "1.5", c + 1 < ROW ? "," : "\n");
    fprintf(f, ",,,,,,,,,,,,,,\n");
    fclose(f);
    scratch_text("nod/empty.csv", ",,,,,,,,,,,,,,\n,,,,,,,,,,,,,,\n");
    scratch_text("nod/infinite.csv", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,inf\n");
    scratch_text("nod/large.csv", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,1e99\n");
    zoo_dataset *data = prepared(csv(NULL), &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert(data->domain.missing);
    for (size_t t = 0; t < COUNT(word) + 1; t++)
        for (size_t c = 0; c < ROW; c++) {
            const float v = data->sequence[0].data[t * ROW + c];
            ck_assert(c == t || t == COUNT(word) ? isnan(v) : v == 1.5f);
        }
    ck_assert_uint_eq(report.dropped[ZOO_DROP_EMPTY], 1);
    ck_assert_uint_eq(report.dropped[ZOO_DROP_NON_FINITE], 2);
    ck_assert_uint_eq(report.non_finite, 2);
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* What is left of a file is taken, in any dialect. */
START_TEST(a_last_line_may_be_cut)
{
    static const char row[] = "1,5;2;3;4;5;6;7;8;9;10;11;12;13;14;15\n";
    static const char *const end[] = {"1,5;2;3", "1,5;2;3;4;5;6;7;8;9;10;11;12;13;14;"};
    zoo_report report;
    char text[512];
    scratch_mkdir("nod");
    for (size_t i = 0; i < COUNT(end); i++) {
        snprintf(text, sizeof text, "%s%s%s", row, row, end[i]);
        scratch_text("nod/a.csv", text);
        zoo_dataset *data = prepared(csv(NULL), &report);
        /* An empty last cell is a missing value. */
        ck_assert_uint_eq(data->sequence[0].frames, 2 + i);
        ck_assert(data->sequence[0].data[0] == 1.5f && data->sequence[0].data[ROW + 14] == 15);
        ck_assert(i == 1 || found(&report, ZOO_ALTERED, "the last line is incomplete; took 2"));
        zoo_report_clear(&report);
        zoo_dataset_free(data);
    }
    scratch_text("nod/a.csv", "1 2 3\n4 5 6\n7 8 9\n1 2 3\n4 5 6\n7 8 9\n1 2 3\n");
    zoo_dataset *data = prepared(csv(NULL), &report);
    ck_assert_uint_eq(data->sequence[0].frames, 1);
    ck_assert(found(&report, ZOO_ALTERED, "the last frame is incomplete; took 1 frames"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* Two bodies, of which the second is there in the last frame only, and a frame is not there. */
START_TEST(bodies_have_ids)
{
    scratch_mkdir("nod");
    scratch_text("nod/a.csv", "frame,person,joint,x,y,z\n"
                              "2,ann,0,1,2,3\n2,ann,4,4,5,6\n"
                              "9,bob,4,7,8,9\n9,ann,1,1,1,1\n");
    zoo_dataset *data = prepared(csv(NULL), NULL);
    const zoo_sequence *q = &data->sequence[0];
    hold_model(data, "nod/a.csv");
    ck_assert(q->bodies == 2 && q->frames == 2);
    ck_assert(q->data[0] == 1 && q->data[14] == 6 && isnan(q->data[3]));
    ck_assert(q->data[ROW + 3] == 1 && isnan(q->data[ROW]));
    ck_assert(isnan(q->data[2 * ROW + 14]) && q->data[3 * ROW + 14] == 9);
    zoo_dataset_free(data);
    zoo_raw raw = csv("frame,body,*");
    scratch_text("nod/a.csv", "2 7 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
                              "2 8 2 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
                              "3 8 3 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n");
    data = prepared(raw, NULL);
    q = &data->sequence[0];
    ck_assert(q->bodies == 2 && q->frames == 2 && q->data[0] == 1 && isnan(q->data[ROW]));
    ck_assert(q->data[2 * ROW] == 2 && q->data[3 * ROW] == 3);
    ck_assert_str_eq(data->domain.reading, "columns frame,body,*");
    hold_model(data, "nod/a.csv");
    zoo_dataset_free(data);
}
END_TEST

/* --------------------------------------------------------------------------- wrong */

#define FOURTEEN "2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"

static const struct {
    const char *text, *columns;
    zoo_drop why;
    const char *words;
} wrong[] = {
    {"4,1," FOURTEEN "5,1," FOURTEEN "3,1," FOURTEEN "6,1," FOURTEEN, NULL, ZOO_DROP_TIME,
     "a.csv:3: frame 3 follows 5: frames go back in time"},
    {"1.5,1," FOURTEEN "1.25,1," FOURTEEN, "time,*", ZOO_DROP_TIME,
     "a.csv:2: time 1.25 follows 1.5: frames go back in time"},
    {"7,1," FOURTEEN "7,1," FOURTEEN, NULL, ZOO_DROP_JOINTS,
     "a.csv:1: 16 columns instead of 15; the option columns names others, as in 'frame,*'"},
    {"1," FOURTEEN, "frame,*", ZOO_DROP_JOINTS, "a.csv:1: 15 columns; the option columns has 16"},
    {"1," FOURTEEN "2," FOURTEEN "3,1\n", NULL, ZOO_DROP_JOINTS,
     "a.csv:3: 2 columns instead of 15"},
    {"1;2\n1;2\n1;2\n1;2\n1;2\n1;2;3\n", "x,y", ZOO_DROP_JOINTS, "a.csv:6: more than 2 columns"},
    {"1;2\n1;2\n1;2\n1;2\n1;2\n1,5;2\n1,5;one\n", "x,y", ZOO_DROP_FORMAT,
     "a.csv:7: column 2 is not a number (one)"},
    {"1," FOURTEEN "2,1," FOURTEEN, NULL, ZOO_DROP_JOINTS, "a.csv:2: more than 15 columns"},
    {"1.5,1," FOURTEEN, "frame,*", ZOO_DROP_FORMAT,
     "a.csv:1: column 1 is not the number of a frame (1.5)"},
    {"-1,1," FOURTEEN, "frame,*", ZOO_DROP_FORMAT,
     "a.csv:1: column 1 is not the number of a frame (-1)"},
    {"noon,1," FOURTEEN, "time,*", ZOO_DROP_FORMAT, "a.csv:1: column 1 is not a time (noon)"},
    {"1;" FOURTEEN, NULL, ZOO_DROP_JOINTS, "a.csv:1: 14 columns instead of 15"},
    {"1," FOURTEEN "1;" FOURTEEN, NULL, ZOO_DROP_FORMAT, "a.csv:2: column 1 is not a number (1;2)"},
    {"frame,joint,x,y,z\n1,0,1,1,1\n1,5,1,1,1\n", NULL, ZOO_DROP_JOINTS,
     "a.csv:3: column 2 is not a node of the layout (5)"},
    {"frame,joint,x,y,z\n1,0,1,1,1\n1,0,1,1,1\n", NULL, ZOO_DROP_FORMAT,
     "a.csv:3: the frame has a twice; a column named body must tell bodies apart"},
    {"frame,joint,x,y,z\n1,0,1,1,up\n", NULL, ZOO_DROP_FORMAT,
     "a.csv:2: column 5 is not a number (up)"},
    {"1,1,2,3\n1,1,2,3\n1,1,2,3\n2,1,2,3\n", "frame,x,y,z", ZOO_DROP_FORMAT,
     "a.csv:4: a frame has 3 lines instead of 5"},
    {"1,1,2,3\n1,1,2,3\n", "frame,x,y,z", ZOO_DROP_FORMAT, "a.csv: the first frame is incomplete"},
    {"x,y,z\n", "x,y,z", ZOO_DROP_FORMAT, "a.csv: no frames follow the heading"},
    {"1,a,0,1,1,1\n1,b,0,1,1,1\n1,c,0,1,1,1\n1,d,0,1,1,1\n1,e,0,1,1,1\n1,f,0,1,1,1\n1,g,0,1,1,1\n"
     "1,h,0,1,1,1\n1,i,0,1,1,1\n",
     "frame,body,joint,x,y,z", ZOO_DROP_FORMAT, "a.csv:9: bodies have more than 8 ids"},
};

START_TEST(wrong_files_are_dropped_with_a_reason)
{
    zoo_report report;
    scratch_mkdir("nod");
    scratch_text("nod/a.csv", wrong[_i].text);
    put_motion("nod/good.csv", wrong[_i].columns == NULL ? &forms[0]
                               : strchr(wrong[_i].columns, '*') == NULL
                                   ? &(form){.separator = ",",
                                             .end = "\n",
                                             .nodes = true,
                                             .frame = strstr(wrong[_i].columns, "frame") != NULL,
                                             .joint = strstr(wrong[_i].columns, "joint") != NULL}
                                   : &(form){.separator = ",",
                                             .end = "\n",
                                             .frame = wrong[_i].columns[0] == 'f',
                                             .time = wrong[_i].columns[0] == 't'});
    if (wrong[_i].columns != NULL && strcmp(wrong[_i].columns, "x,y") == 0)
        scratch_text("nod/good.csv", "1 2\n1 2\n1 2\n1 2\n1 2\n");
    zoo_raw raw = csv(wrong[_i].columns);
    refused((zoo_raw){.source = raw.source,
                      .layout = raw.layout,
                      .rate = 30,
                      .columns = raw.columns,
                      .strict = true},
            GOP_EFORMAT, wrong[_i].words);
    if (raw.columns != NULL && strstr(raw.columns, "body") != NULL)
        return;
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 1);
    ck_assert_uint_eq(report.dropped[wrong[_i].why], 1);
    ck_assert(found(&report, ZOO_DROPPED, wrong[_i].words));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(lists_that_cannot_be_are_named)
{
    static const struct {
        const char *list, *words;
    } bad[] = {{"", "columns: '' is none of"},
               {"frame", "columns: no channel is among them"},
               {"x,x,y", "columns: a channel occurs twice"},
               {"frame,frame,*", "columns: two are named frame"},
               {"*,*", "columns: * stands once"},
               {"x,*", "columns: * stands once"},
               {"*,x", "columns: x follows the channels of all nodes"},
               {"joint,*", "a line with all nodes has no joint"},
               {"*,...", "columns: * and ... cannot stand together"},
               {"...", "columns: no channel is among them"},
               {"frame,q", "columns: 'q' is none of frame, time, body, joint, score, -, * and, for "
                           "layout tiny5, x to z"}};
    char lengthy[2 * ZOO_COLUMNS_SIZE];
    scratch_mkdir("nod");
    put_motion("nod/a.csv", &forms[0]);
    for (size_t i = 0; i < COUNT(bad); i++)
        refused(csv(bad[i].list), GOP_EINVAL, bad[i].words);
    memset(lengthy, '-', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = '\0';
    refused(csv(lengthy), GOP_EINVAL, "the list has more than 255 bytes");
    for (size_t i = 1; i < 140; i += 2)
        lengthy[i] = ',';
    lengthy[140] = '\0';
    refused(csv(lengthy), GOP_EINVAL, "more than 64 names");
}
END_TEST

/* ------------------------------------------------------------------------- UTKinect */

/* A recording as UTKinect has them: numbers with gaps and repetitions, 20 joints, blanks. */
static void put_recording(const char *name, unsigned first, size_t frames)
{
    FILE *f = fopen(scratch_path(name), "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t t = 0; t < frames; t++) {
        fprintf(f, "%u  ", first + (unsigned)(t / 3 * 4 + t % 3 / 2 * 2));
        for (size_t c = 0; c < 60; c++)
            fprintf(f, " %.6f ", sin((double)(t + c) + first));
        fputs("\n", f);
    }
    ck_assert_int_eq(fclose(f), 0);
}

/* Frames of a segment by their numbers, each once. */
static size_t between(unsigned first, size_t frames, unsigned from, unsigned to)
{
    size_t n = 0;
    unsigned last = UINT32_MAX;
    for (size_t t = 0; t < frames; t++) {
        const unsigned k = first + (unsigned)(t / 3 * 4 + t % 3 / 2 * 2);
        n += k >= from && k <= to && k != last;
        last = k;
    }
    return n;
}

START_TEST(one_recording_gives_many_clips)
{
    zoo_report report;
    char table[SCRATCH_PATH];
    put_recording("joints_s01_e01.txt", 190, 120);
    put_recording("joints_s02_e01.txt", 7, 90);
    put_recording("joints_s03_e02.txt", 300, 60);
    scratch_text("README.md", "notes");
    scratch_text("labels.txt", "s01_e01\nwalk: 192 200\nsitDown: 210 250 \nwalk: 240 301\n"
                               "s02_e01\nwalk: 7 7\ncarry: NaN NaN\n\ns03_e02\nsitDown: 301 320\n");
    snprintf(table, sizeof table, "%s", scratch_path("labels.txt"));
    zoo_raw raw = {.source = "csv",
                   .layout = zoo_layout_find("kinect20"),
                   .rate = 15,
                   .segments = table,
                   .pattern = "subject=s(\\d+)",
                   .split_rule = "subject:1,3"};
    zoo_dataset *data = prepared(raw, &report);
    ck_assert_uint_eq(data->sequences, 5);
    static const struct {
        unsigned start, from, to;
        size_t frames;
    } part[] = {{190, 192, 200, 120},
                {190, 210, 250, 120},
                {190, 240, 301, 120},
                {7, 7, 7, 90},
                {300, 301, 320, 60}};
    for (size_t i = 0; i < 5; i++) {
        const zoo_sequence *q = &data->sequence[i];
        ck_assert_uint_eq(q->frames,
                          between(part[i].start, part[i].frames, part[i].from, part[i].to));
        ck_assert_int_eq(q->split, i == 3 ? ZOO_TEST : ZOO_TRAIN);
        ck_assert_str_eq(data->domain.action[q->action], i == 1 || i == 4 ? "sitDown" : "walk");
    }
    ck_assert_str_eq(data->sequence[2].name, "joints_s01_e01-3");
    ck_assert_str_eq(data->sequence[2].subject, "01");
    ck_assert_uint_eq(report.found[ZOO_DROPPED], 1); /* the README */
    ck_assert(found(&report, ZOO_ALTERED,
                    "joints_s01_e01.txt: left out 40 frames with the number of the frame before"));
    ck_assert(found(&report, ZOO_DROPPED, "not a .csv, .txt, .tsv, .dat or .skel file"));
    zoo_report_clear(&report);
    zoo_dataset_free(data);
}
END_TEST

/* A folder beside the source, or of the environment; false without one. */
static bool find_folder(char *folder, size_t size, const char *variable, const char *beside)
{
    const char *given = getenv(variable), *source = getenv("top_srcdir");
    struct stat st;
    if (given != NULL)
        snprintf(folder, size, "%s", given);
    else
        snprintf(folder, size, "%s/../shared/data/%s", source != NULL ? source : ".", beside);
    if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    printf("SKIP: no folder %s\n", folder);
    return false;
}

START_TEST(utkinect_gives_199_clips)
{
    char folder[1024], table[1100];
    size_t least = SIZE_MAX, most = 0, n[2] = {0, 0};
    if (!find_folder(folder, sizeof folder, "GRAPHOP_UTKINECT", "utkinect"))
        return;
    snprintf(table, sizeof table, "%s/actionLabel_modified.txt", folder);
    zoo_dataset *data = prepared((zoo_raw){.source = "csv",
                                           .dir = folder,
                                           .layout = zoo_layout_find("kinect20"),
                                           .rate = 15,
                                           .segments = table,
                                           .pattern = "subject=s(\\d+)",
                                           .split_rule = "subject:1,3,5,7,9"},
                                 NULL);
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *q = &data->sequence[i];
        least = q->frames < least ? q->frames : least;
        most = q->frames > most ? q->frames : most;
        n[q->split]++;
        ck_assert_int_eq(atoi(q->subject) % 2, q->split == ZOO_TRAIN);
    }
    ck_assert(data->sequences == 199 && n[ZOO_TRAIN] == 100 && n[ZOO_TEST] == 99);
    ck_assert(least == 5 && most == 110);
    ck_assert_uint_eq(data->domain.actions, 10);
    zoo_dataset_free(data);
}
END_TEST

/* What others wrote: the number of frames, and the first, the last and the sum of the values. */
START_TEST(files_of_others_have_their_values)
{
    static const struct {
        const char *file, *layout;
        size_t frames;
        double first, last, sum;
    } all[] = {
        {"kinect/gtu-25j-1.txt", "ntu25", 71, -0.130878, 2.40029, 3963.59808},
        {"kinect/msr-real3d-20j-1.txt", "kinect20", 43, -0.27055, 2.57539, 2611.74186 - 599.49928},
        {"kinect/msr-screen-20j-1.txt", "kinect20", 43, 132, 644, 809381.499 - 599.49928},
        {"mediapipe/mp-pose-long-xy-1.csv", "mediapipe33", 299, 0.18186557292938232,
         0.629554808139801, 5325.84267 + 4465.5831}};
    char folder[1024], path[1200];
    if (!find_folder(folder, sizeof folder, "GRAPHOP_FORMATS", "formats"))
        return;
    for (size_t i = 0; i < COUNT(all); i++) {
        const zoo_layout *layout = zoo_layout_find(all[i].layout);
        const char *none = "";
        zoo_domain domain;
        zoo_dataset *one;
        gop_error err = {GOP_OK, ""};
        double sum = 0, last = 0;
        snprintf(path, sizeof path, "%s/%s", folder, all[i].file);
        ck_assert_int_eq(zoo_domain_create(&domain, "x", layout, 30, 1, &none, 1, &err), GOP_OK);
        ck_assert_msg(zoo_read_one(&one, NULL, "csv", &domain, path, &err) == GOP_OK, "%s",
                      err.message);
        const zoo_sequence *q = &one->sequence[0];
        for (size_t k = 0; k < q->frames * layout->columns; k++)
            if (!isnan(q->data[k])) {
                sum += (double)q->data[k];
                last = (double)q->data[k];
            }
        ck_assert_uint_eq(q->frames, all[i].frames);
        ck_assert_double_eq_tol(q->data[0], all[i].first, 1e-5);
        ck_assert_double_eq_tol(last, all[i].last, 1e-5);
        printf("%s: sum %.5f, expected %.5f\n", all[i].file, sum, all[i].sum);
        ck_assert_double_eq_tol(sum, all[i].sum, 2e-7 * (fabs(sum) + 3000 * 860));
        zoo_dataset_free(one);
        zoo_domain_clear(&domain);
    }
}
END_TEST

TEST_MAIN("dialects")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_loop_test(t, each_dialect_gives_the_same_frames, 0, (int)COUNT(forms));
    tcase_add_test(t, what_is_missing_is_no_number);
    tcase_add_test(t, a_last_line_may_be_cut);
    tcase_add_test(t, bodies_have_ids);
    tcase_add_loop_test(t, wrong_files_are_dropped_with_a_reason, 0, (int)COUNT(wrong));
    tcase_add_test(t, lists_that_cannot_be_are_named);
    tcase_add_test(t, one_recording_gives_many_clips);
    tcase_add_test(t, utkinect_gives_199_clips);
    tcase_add_test(t, files_of_others_have_their_values);
}
