/*
 * test_scores.c: files of scores are written, read and fused; bad ones are refused with their line.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "scratch.h"
#include "suite.h"

#include "zoo/metric/saved_scores.h"

#include <math.h>
#include <string.h>

#define HEAD "protocol,sequence,start,truth,nod,bow\n"

/* Writes a text to a file of the scratch folder and opens it. */
static gop_status open_text(zoo_scores **s, const char *name, const char *text, gop_error *err)
{
    scratch_text(name, text);
    return zoo_scores_open(s, scratch_path(name), err);
}

static zoo_scores *opened(const char *name, const char *text)
{
    gop_error err = {GOP_OK, ""};
    zoo_scores *s;
    ck_assert_msg(open_text(&s, name, text, &err) == GOP_OK, "%s", err.message);
    return s;
}

START_TEST(what_is_written_is_read)
{
    static char name[2][ZOO_NAME_SIZE] = {"nod, \"deep\"", "bow\r\nlow"};
    const zoo_domain domain = {.actions = 2, .action = name}, *classes;
    const gop_real p[2] = {(gop_real)0.1, (gop_real)0.9};
    const zoo_scored clip = {zoo_protocol_find("clips"), "a,b\"c\"", 41, 1, p}, *found;
    gop_error err = {GOP_OK, ""};
    zoo_scores *s;
    FILE *file = fopen(scratch_path("own"), "wb");
    ck_assert_ptr_nonnull(file);
    zoo_scores_heading(file, &domain);
    zoo_scores_line(file, &clip, &domain);
    fclose(file);
    ck_assert_msg(zoo_scores_open(&s, scratch_path("own"), &err) == GOP_OK, "%s", err.message);
    classes = zoo_scores_domain(s);
    ck_assert_uint_eq(classes->actions, 2);
    ck_assert_str_eq(classes->action[0], name[0]);
    ck_assert_str_eq(classes->action[1], "bow\nlow"); /* ends of lines are one byte */
    ck_assert_msg(zoo_scores_next(&found, s, &err) == GOP_OK, "%s", err.message);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->sequence, clip.sequence);
    ck_assert(found->protocol == clip.protocol && found->start == 41 && found->label == 1);
    ck_assert(found->score[0] == p[0] && found->score[1] == p[1]);
    ck_assert(zoo_scores_next(&found, s, &err) == GOP_OK && found == NULL);
    ck_assert(zoo_scores_next(&found, s, &err) == GOP_OK && found == NULL);
    zoo_scores_close(s);
}
END_TEST

/* Another program's table: a byte order mark, ends of lines of two bytes, none after the last. */
START_TEST(other_programs_write_them_too)
{
    const zoo_scored *clip;
    zoo_scores *s = opened("other", "\xef\xbb\xbfprotocol,sequence,start,truth,\"nod\",bow\r\n"
                                    "dense,\"x\",1,\"bow\",0.25,.75\r\n"
                                    "dense,y,2,nod,1,0e0");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(zoo_scores_next(&clip, s, NULL), GOP_OK);
        ck_assert(clip != NULL && clip->label == (i == 0) && clip->start == (size_t)i);
        ck_assert(clip->score[0] == (i == 0 ? (gop_real)0.25 : 1));
    }
    ck_assert(zoo_scores_next(&clip, s, NULL) == GOP_OK && clip == NULL);
    zoo_scores_close(s);
}
END_TEST

static const struct {
    const char *text, *message;
} bad[] = {
    {"", "no file of scores"},
    {"protocol,truth,nod\n", "no file of scores"},
    {"protocol,sequence,start,truth\n", "no file of scores"},
    {"protocol,sequence,start,truth,\n", "bad:1: a class has no name"},
    {"protocol,sequence,start,truth,nod,nod\n", "bad:1: a class has no name or that of another"},
    {"protocol,sequence,start,truth,\"nod\n", "bad:1: a quote is never closed"},
    {"protocol,sequence,start,truth,n\"od\n", "bad:1: a quote or a zero byte"},
    {"protocol,sequence,start,truth,"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
     "bad:1: a field is too long"},
    {HEAD "windows,x,1,nod,1,0\n", "bad:2: the first field is no protocol of recognition"},
    {HEAD "\n", "bad:2: the first field is no protocol of recognition"},
    {HEAD "clips,x,1,nod,1,0\nclips,x,0,nod,1,0\n", "bad:3: the start must be a whole number"},
    {HEAD "clips,x,-1,nod,1,0\n", "bad:2: the start must be a whole number"},
    {HEAD "clips,x,11111111111111111111,nod,1,0\n", "bad:2: a field is too long"},
    {HEAD "clips,x,1,wave,1,0\n", "bad:2: the heading lacks the true class"},
    {HEAD "clips,x,1,nod,1\n", "bad:2: the line has fewer fields"},
    {HEAD "clips,x\n", "bad:2: the line has fewer fields"},
    {HEAD "clips,x,1,nod,1,0,0\n", "bad:2: the line has more fields"},
    {HEAD "clips,x,1,nod,nan,0\n", "bad:2: a probability must be a number"},
    {HEAD "clips,x,1,nod,1.5,0\n", "bad:2: a probability must be a number"},
    {HEAD "clips,x,1,nod,,1\n", "bad:2: a probability must be a number"},
    {HEAD "clips,x,1,nod,0.5,0.4\n", "bad:2: the sum of the probabilities is not 1"},
};

START_TEST(bad_lines_are_named)
{
    gop_error err = {GOP_OK, ""};
    zoo_scores *s;
    const zoo_scored *clip = NULL;
    gop_status status = open_text(&s, "bad", bad[_i].text, &err);
    ck_assert((s == NULL) == (status != GOP_OK));
    while (status == GOP_OK) {
        status = zoo_scores_next(&clip, s, &err);
        ck_assert_msg(status != GOP_OK || clip != NULL, "nothing is wrong");
    }
    ck_assert_int_eq(status, GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, bad[_i].message) != NULL, "%s", err.message);
    zoo_scores_close(s);
}
END_TEST

typedef struct seen {
    size_t clips;
    double first[4];
} seen;

static gop_status see(void *user, const zoo_scored *clip, gop_error *err)
{
    seen *s = user;
    if (s->clips == 4)
        return gop_fail(err, GOP_ESTOPPED, "enough");
    s->first[s->clips++] = (double)clip->score[0];
    return GOP_OK;
}

/* Two files of three clips; the weights 3 and 1 turn the second answer round. */
START_TEST(the_mean_is_measured)
{
    const double weights[2] = {3, 1}, none[2] = {0, 0}, below[2] = {1, -1};
    seen log = {0, {0}};
    const zoo_measure measure = {.seen = see, .user = &log};
    zoo_table *table[ZOO_MAX_TABLES];
    size_t tables;
    gop_error err = {GOP_OK, ""};
    zoo_scores *of[2] = {opened("one", HEAD "clips,x,1,nod,0.75,0.25\n"
                                            "clips,y,1,bow,0.4,0.6\n"
                                            "clips,z,1,nod,0.5,0.5\n"),
                         opened("two", HEAD "clips,x,1,nod,0.25,0.75\n"
                                            "clips,y,1,bow,0.8,0.2\n"
                                            "clips,z,1,nod,1,0\n")};
    ck_assert_int_eq(zoo_scores_fuse(table, &tables, of, 2, none, NULL, NULL), GOP_EINVAL);
    ck_assert_int_eq(zoo_scores_fuse(table, &tables, of, 2, below, NULL, NULL), GOP_EINVAL);
    gop_status status = zoo_scores_fuse(table, &tables, of, 2, weights, &measure, &err);
    ck_assert_msg(status == GOP_OK, "%s", err.message);
    ck_assert_uint_eq(tables, 1);
    ck_assert_uint_eq(log.clips, 3);
    ck_assert_double_eq_tol(log.first[0], 0.625, 1e-6);
    ck_assert_double_eq_tol(log.first[1], 0.5, 1e-6);
    ck_assert_double_eq_tol(log.first[2], 0.625, 1e-6);
    ck_assert(table[0]->saved && table[0]->rows == 3 && table[0]->row[2].average);
    ck_assert(table[0]->row[0].clips == 2 && table[0]->row[0].accuracy == 1);
    ck_assert_double_eq_tol(table[0]->row[2].accuracy, 2.0 / 3, 1e-12); /* y: a tie */
    ck_assert(zoo_table_result(table[0], 2, "ece")->model[0] > 0);
    zoo_table_free(table[0]);
    /* Nothing is left to read. */
    status = zoo_scores_fuse(table, &tables, of, 2, weights, NULL, &err);
    ck_assert(status == GOP_EFORMAT && tables == 0);
    for (size_t i = 0; i < 2; i++)
        zoo_scores_close(of[i]);
}
END_TEST

static const struct {
    const char *text, *message;
} other[] = {
    {HEAD "clips,x,1,nod,1,0\n", "the clip of y at frame 3 by protocol dense is in file 1 and not "
                                 "in file 2"},
    {HEAD "clips,x,1,nod,1,0\ndense,y,3,bow,1,0\ndense,z,3,bow,1,0\n",
     "the clip of z at frame 3 by protocol dense is in file 2 and not in file 1"},
    {HEAD "clips,w,1,nod,1,0\n", "that of w at frame 1"},
    {HEAD "dense,x,1,nod,1,0\n", "by protocol dense in file 2"},
    {HEAD "clips,x,2,nod,1,0\n", "that of x at frame 2"},
    {HEAD "clips,x,1,bow,1,0\n", "is nod in file 1 and bow in file 2"},
    {"protocol,sequence,start,truth,nod,wave\n", "class 2 is bow in one and wave in the other"},
    {"protocol,sequence,start,truth,nod,bow,wave\n", "2 and 3 classes"},
};

START_TEST(other_clips_are_refused)
{
    zoo_table *table[ZOO_MAX_TABLES];
    size_t tables = 9;
    gop_error err = {GOP_OK, ""};
    zoo_scores *of[2] = {opened("one", HEAD "clips,x,1,nod,0.75,0.25\ndense,y,3,bow,0,1\n"),
                         opened("two", other[_i].text)};
    ck_assert_int_eq(zoo_scores_fuse(table, &tables, of, 2, NULL, NULL, &err), GOP_ESHAPE);
    ck_assert_msg(strstr(err.message, other[_i].message) != NULL, "%s", err.message);
    ck_assert_uint_eq(tables, 0);
    for (size_t i = 0; i < 2; i++)
        zoo_scores_close(of[i]);
}
END_TEST

/* A clip that all files have twice; clips that are drawn may coincide. */
START_TEST(a_clip_counts_once)
{
    static const char *const text[2] = {
        HEAD "dense,x,6,nod,1,0\ndense,x,1,nod,1,0\nclips,y,1,nod,1,0\nclips,x,1,bow,0,1\n"
             "dense,y,1,bow,0,1\ndense,x,6,nod,0.5,0.5\n",
        HEAD "8-seed,x,6,nod,1,0\n8-seed,x,6,nod,1,0\n"};
    zoo_table *table[ZOO_MAX_TABLES];
    size_t tables = 9;
    gop_error err = {GOP_OK, ""};
    zoo_scores *of[2] = {opened("one", text[_i]), opened("two", text[_i])};
    const gop_status s = zoo_scores_fuse(table, &tables, of, 2, NULL, NULL, &err);
    ck_assert_int_eq(s, _i == 0 ? GOP_EFORMAT : GOP_OK);
    ck_assert_uint_eq(tables, _i == 0 ? 0 : 1);
    if (_i == 0)
        ck_assert_str_eq(err.message,
                         "the clip of x at frame 6 by protocol dense occurs twice in the files");
    else
        ck_assert_uint_eq(table[0]->row[0].clips, 2);
    for (size_t i = 0; i < tables; i++)
        zoo_table_free(table[i]);
    for (size_t i = 0; i < 2; i++)
        zoo_scores_close(of[i]);
}
END_TEST

START_TEST(an_error_of_the_callback_ends_the_call)
{
    seen log = {4, {0}};
    const zoo_measure measure = {.seen = see, .user = &log};
    zoo_table *table[ZOO_MAX_TABLES];
    size_t tables;
    zoo_scores *one = opened("one", HEAD "clips,x,1,nod,0.75,0.25\n");
    ck_assert_int_eq(zoo_scores_fuse(table, &tables, &one, 1, NULL, &measure, NULL), GOP_ESTOPPED);
    zoo_scores_close(one);
    ck_assert(zoo_scores_begin(HEAD) && !zoo_scores_begin("protocol,truth,nod"));
}
END_TEST

TEST_MAIN("scores")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, what_is_written_is_read);
    tcase_add_test(t, other_programs_write_them_too);
    tcase_add_loop_test(t, bad_lines_are_named, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(t, the_mean_is_measured);
    tcase_add_loop_test(t, other_clips_are_refused, 0, (int)(sizeof other / sizeof other[0]));
    tcase_add_loop_test(t, a_clip_counts_once, 0, 2);
    tcase_add_test(t, an_error_of_the_callback_ends_the_call);
}
