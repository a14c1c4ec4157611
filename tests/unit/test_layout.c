/*
 * test_layout.c: reads, writes and refuses layout files, with file and place; compares the
 * installed files with the built-in tables.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <locale.h>
#include <math.h>

#include "scratch.h"
#include "zoo/dataset/store/store.h"

#define OK(err, call) ck_assert_msg(recorded((call), &(err)) == GOP_OK, "%s", (err).message)

/* A figure of seven nodes that no table has, written with required keys only. */
#define NODES                                                                                   \
    "\"nodes\": [{\"name\": \"belly\", \"part\": \"body\"},"                                    \
    " {\"name\": \"head\", \"part\": \"body\"},"                                                \
    " {\"name\": \"l_hand\", \"part\": \"arms\"}, {\"name\": \"r_hand\", \"part\": \"right\"}," \
    " {\"name\": \"l_foot\", \"part\": \"legs\"}, {\"name\": \"r_foot\", \"part\": \"lower\"}," \
    " {\"name\": \"tail\", \"part\": \"body\"}]"
#define PARTS "\"parts\": [\"body\", \"arms\", \"right\", \"legs\", \"lower\"]"
#define EDGES                                                                              \
    "\"edges\": [[\"belly\", \"head\"], [\"belly\", \"l_hand\"], [\"belly\", \"r_hand\"]," \
    " [\"belly\", \"l_foot\"], [\"r_foot\", \"belly\"], [\"belly\", \"tail\"]]"
#define PAIRS  "\"pairs\": [[\"l_hand\", \"r_hand\"], [\"l_foot\", \"r_foot\"]]"
#define HEAD   "\"graphop_layout\": 1, \"name\": \"imp7\", \"feature\": \"position\""
#define CENTRE "\"centre\": \"belly\""
#define WITH(head, centre, parts, nodes, edges, rest) \
    "{" head ", " centre ", " parts ", " nodes ", " edges rest "}"
#define IMP WITH(HEAD, CENTRE, PARTS, NODES, EDGES, ", " PAIRS)

static gop_status load(zoo_layout *l, const char *text, gop_error *err)
{
    const char *path = scratch_path("imp.json");
    scratch_write(path, text, strlen(text));
    return zoo_layout_load(l, path, err);
}

static void same_bytes(const char *a, const char *b)
{
    size_t n, m;
    unsigned char *x = scratch_read(a, &n), *y = scratch_read(b, &m);
    ck_assert_msg(n == m && memcmp(x, y, n) == 0, "%s and %s differ", a, b);
    free(x);
    free(y);
}

/* ------------------------------------------------------------------------ whole files */

START_TEST(installed_files_are_the_tables)
{
    const char *folder = getenv("top_srcdir");
    char path[SCRATCH_PATH];
    gop_error err = {GOP_OK, ""};
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL; l++) {
        zoo_layout read;
        snprintf(path, sizeof path, "%s/zoo/skeleton/layouts/%s.json", folder ? folder : ".",
                 (*l)->name);
        OK(err, zoo_layout_open(&read, path, &err));
        ck_assert(zoo_layout_equal(&read, *l));
        ck_assert_int_eq((int)read.up, (int)(*l)->up);
        ck_assert_int_eq((int)read.ahead, (int)(*l)->ahead);
        for (uint32_t i = 0; i < read.nodes; i++)
            ck_assert_str_eq(read.node_name[i], (*l)->node_name[i]);
        for (uint32_t i = 0; i < read.parts; i++)
            ck_assert_str_eq(read.part_name[i], (*l)->part_name[i]);
        ck_assert_int_eq(read.draw == NULL, (*l)->draw == NULL);
        for (uint32_t i = 0; read.draw != NULL && i < 2 * read.nodes; i++)
            ck_assert(read.draw[i] == (*l)->draw[i]);
        OK(err, zoo_layout_save(*l, scratch_path("table.json"), &err));
        same_bytes(scratch_path("table.json"), path);
        zoo_layout_clear(&read);
    }
}
END_TEST

START_TEST(a_users_layout_is_read)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l, again;
    OK(err, load(&l, IMP, &err));
    ck_assert_str_eq(l.name, "imp7");
    ck_assert_uint_eq(l.nodes, 7);
    ck_assert_uint_eq(l.columns, 21);
    ck_assert_uint_eq(l.column[20], 20);
    ck_assert_str_eq(l.node_name[l.edges[4].a], "r_foot");
    ck_assert_str_eq(l.part_name[l.part[3]], "right");
    ck_assert_uint_eq(l.centre, 0);
    ck_assert_ptr_null(l.draw);
    /* Parts are joined if their nodes are. */
    ck_assert_uint_eq(l.n_part_edges, 4);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(l.part_edges[i].a + l.part_edges[i].b, i + 1);
    ck_assert_int_eq((int)zoo_layout_up(&l), ZOO_PLUS_Y);
    ck_assert_int_eq((int)zoo_layout_ahead(&l), ZOO_PLUS_Z);
    OK(err, zoo_layout_save(&l, scratch_path("a.json"), &err));
    OK(err, zoo_layout_load(&again, scratch_path("a.json"), &err));
    ck_assert(zoo_layout_equal(&l, &again));
    OK(err, zoo_layout_save(&again, scratch_path("b.json"), &err));
    same_bytes(scratch_path("a.json"), scratch_path("b.json"));
    zoo_layout_clear(&l);
    zoo_layout_clear(&again);
}
END_TEST

/* Numbers keep their value and their decimal point in every locale. */
START_TEST(drawings_are_exact)
{
    gop_error err = {GOP_OK, ""};
    float draw[10] = {0.1F, 1.0F / 3, -2e-7F, 12345.678F, 0, -0.5F, 1e6F, 3, 0.2F, 1e-30F};
    zoo_layout l = *zoo_layout_find("tiny5"), read;
    l.draw = draw;
    const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8"};
    for (int i = 0; i < 3; i++) {
        if (setlocale(LC_ALL, locales[i]) == NULL)
            continue;
        OK(err, zoo_layout_save(&l, scratch_path("draw.json"), &err));
        OK(err, zoo_layout_load(&read, scratch_path("draw.json"), &err));
        ck_assert_mem_eq(read.draw, draw, sizeof draw);
        zoo_layout_clear(&read);
    }
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(names_are_found_in_order)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    OK(err, zoo_layout_open(&l, "ntu25", &err));
    ck_assert(zoo_layout_equal(&l, zoo_layout_find("ntu25")));
    ck_assert_ptr_nonnull(l.memory);
    zoo_layout_clear(&l);
    ck_assert_int_eq(recorded(zoo_layout_open(&l, "ntu", &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(
        strstr(err.message, "unknown layout 'ntu'; built-in layouts are cmu25, "));
    ck_assert_ptr_null(l.memory);
    ck_assert_int_eq(recorded(zoo_layout_open(&l, "ntu25.json", &err), &err), GOP_ESYSTEM);
    ck_assert_str_eq(err.message, "cannot open ntu25.json: No such file or directory");
    ck_assert_int_eq(recorded(zoo_layout_open(&l, "./ntu25", &err), &err), GOP_ESYSTEM);
}
END_TEST

/* Data sets keep axes other than +y and +z; data sets without axes are read too. */
START_TEST(axes_are_kept)
{
    static const char *const names[] = {"kinetics18", "ntu25", "procedural22", "cmu26"};
    for (int i = 0; i < 4; i++) {
        gop_error err = {GOP_OK, ""};
        const zoo_layout *l = zoo_layout_find(names[i]);
        const char *path = scratch_path("axes");
        gop_writer *w;
        gop_reader *r;
        zoo_layout read;
        OK(err, gop_writer_open(&w, path, "TEST", 1, &err));
        zoo_layout_write(w, l);
        OK(err, gop_writer_commit(w, &err));
        OK(err, gop_reader_open(&r, path, "TEST", 1, &err));
        zoo_layout_read(r, &read);
        OK(err, gop_reader_status(r, &err));
        gop_reader_free(r);
        ck_assert(zoo_layout_equal(&read, l));
        ck_assert_int_eq((int)zoo_layout_up(&read), (int)zoo_layout_up(l));
        ck_assert_int_eq((int)zoo_layout_ahead(&read), (int)zoo_layout_ahead(l));
        /* Values equal to the default are not written. */
        ck_assert_int_eq((int)read.up, i < 2 ? (int)l->up : 0);
        read.up = ZOO_PLUS_X;
        ck_assert(!zoo_layout_equal(&read, l));
        zoo_layout_clear(&read);
    }
}
END_TEST

/* ------------------------------------------------------------------------ bad files */

#define REPLACE_PARTS(parts) WITH(HEAD, CENTRE, parts, NODES, EDGES, "")
#define REPLACE_NODES(nodes) WITH(HEAD, CENTRE, PARTS, nodes, EDGES, "")
#define REPLACE_EDGES(edges) WITH(HEAD, CENTRE, PARTS, NODES, edges, "")
#define REPLACE_HEAD(head)   WITH(head, CENTRE, PARTS, NODES, EDGES, "")
#define ADD(rest)            WITH(HEAD, CENTRE, PARTS, NODES, EDGES, ", " rest)
#define LONG8                "12345678"
#define LONG64               LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8 LONG8

static const struct {
    const char *text, *says;
} bad[] = {
    {"", "imp.json:1:0: "},
    {"{\n  \"name\" 3}", "imp.json:2:10: "},
    {"[1, 2]", "a layout is an object, not an array"},
    {"3", "a layout is an object, not an integer"},
    {"\xef\xbb\xbf{}\n{}", "imp.json:2:1: something follows the value"},
    {"{\n \"n\xc3\xa4\": [1 2]}", "imp.json:2:11: a comma or ] is expected here"},
    {"{\"a\": \"\\ud83c\"}", "half of a surrogate pair"},
    {"{\"na\\u006de\": 1,\n \"name\": 2}", "imp.json:2:7: duplicate object key"},
    {"{\"a\": {\"b\": 1, \"b\": 1}}", "imp.json:1:18: duplicate object key"},
    {"{}", "graphop_layout is missing"},
    {REPLACE_HEAD("\"graphop_layout\": 2, \"name\": \"a\", \"feature\": \"position\""),
     "graphop_layout is 2; this version reads 1"},
    {REPLACE_HEAD("\"graphop_layout\": \"1\", \"name\": \"a\", \"feature\": \"position\""),
     "graphop_layout is a string, not an integer"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"feature\": \"position\""), "name is missing"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"\", \"feature\": \"position\""),
     "name is empty"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"" LONG64 "\", \"feature\": \"position\""),
     "name is longer than 63 bytes"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\\u001b[1m\", \"feature\": \"position\""),
     "name has control characters"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\\u0000b\", \"feature\": \"position\""),
     "a text contains \\u0000"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"\xff\", \"feature\": \"position\""),
     "imp.json:1:32: a text is not UTF-8"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\", \"feature\": \"angle\""),
     "feature is 'angle'; it must be one of expmap, position, scored, image, quaternion, rotation6d, "
     "free"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\", \"feature\": \"free\""),
     "channels is missing; feature free needs it"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\", \"feature\": \"free\", \"channels\": 0"),
     "channels is 0; 1 to 16 are allowed"},
    {REPLACE_HEAD(
         "\"graphop_layout\": 1, \"name\": \"a\", \"feature\": \"free\", \"channels\": 17"),
     "channels is 17; 0 to 16 are allowed"},
    {ADD("\"channels\": 3"), "channels is set, but feature position has 3"},
    {ADD("\"parents\": [[\"head\", \"belly\"]]"),
     "layout imp7 has 1 parents; each of its 7 nodes but the centre has one"},
    {ADD("\"parents\": [[\"head\", \"belly\"], [\"l_hand\", \"belly\"], [\"r_hand\", \"belly\"],"
         " [\"l_foot\", \"belly\"], [\"r_foot\", \"belly\"], [\"r_foot\", \"tail\"]]"),
     "node r_foot has two parents"},
    {ADD("\"parents\": [[\"head\", \"belly\"], [\"l_hand\", \"belly\"], [\"r_hand\", \"belly\"],"
         " [\"l_foot\", \"belly\"], [\"r_foot\", \"tail\"], [\"tail\", \"r_foot\"]]"),
     "the parents do not lead to the centre from all nodes"},
    {ADD("\"parents\": [[\"head\", \"belly\"], [\"l_hand\", \"belly\"], [\"r_hand\", \"belly\"],"
         " [\"l_foot\", \"belly\"], [\"r_foot\", \"tail\"], [\"belly\", \"tail\"]]"),
     "the centre belly has a parent"},
    {REPLACE_HEAD("\"graphop_layout\": 1, \"name\": \"a\", \"feature\": 2"),
     "feature is an integer, not a string"},
    {ADD("\"name\": \"b\""), "duplicate"},
    {ADD("\"centres\": 1"), "unknown key 'centres'"},
    {ADD("\"axes\": [1]"), "axes is an array, not an object"},
    {ADD("\"axes\": {\"up\": \"y\"}"), "axes.up is not one of +x, +y"},
    {ADD("\"axes\": {\"ahead\": 3}"), "axes.ahead is not one of"},
    {ADD("\"axes\": {\"left\": \"+x\"}"), "axes: unknown key 'left'"},
    {ADD("\"axes\": {\"up\": \"+z\"}"), "up and ahead are both along z"},
    {ADD("\"columns\": 20"), "column 20 of node tail does not exist"},
    {ADD("\"columns\": 70000"), "columns is 70000; 0 to 65536 are allowed"},
    {ADD("\"columns\": -1"), "columns is -1"},
    {ADD("\"columns\": 21.0"), "columns is a number with a decimal point, not an integer"},
    {ADD("\"columns\": 99999999999999999999"), "an integer is too big"},
    {ADD("\"columns\": -9223372036854775809"), "an integer is too big"},
    {ADD("\"columns\": -9223372036854775808"), "columns is -9223372036854775808"},
    {ADD("\"columns\": 9223372036854775807"), "columns is 9223372036854775807"},
    {ADD("\"columns\": -0"), "layout imp7 has 0 columns"},
    {ADD("\"columns\": 1e999"), "a number is too big"},
    {ADD("\"columns\": null"), "columns is null, not an integer"},
    {ADD("\"columns\": true"), "columns is true or false, not an integer"},
    {WITH(HEAD, "\"centre\": \"navel\"", PARTS, NODES, EDGES, ""),
     "centre: no node is called 'navel'"},
    {WITH(HEAD, "\"centre\": 0", PARTS, NODES, EDGES, ""), "centre is an integer"},
    {WITH(HEAD, "\"name2\": 0", PARTS, NODES, EDGES, ""), "unknown key 'name2'"},
    {REPLACE_PARTS("\"parts\": []"), "nodes[0].part: no part is called 'body'"},
    {REPLACE_PARTS("\"parts\": {}"), "parts is an object, not an array"},
    {REPLACE_PARTS("\"parts\": [\"body\", 7, \"right\", \"legs\", \"lower\"]"),
     "parts[1] is an integer, not a string"},
    {REPLACE_PARTS("\"parts\": [\"body\", \"arms\", \"right\", \"legs\", \"lower\", \"x\"]"),
     "part x has no node"},
    {REPLACE_PARTS("\"parts\": [\"body\", \"arms\", \"right\", \"legs\", \"lower\", \"body\"]"),
     "parts 0 and 5 are both called body"},
    {WITH(HEAD, "\"centre\": \"a\"", "\"parts\": [\"p\"]",
          "\"nodes\": [{\"name\": \"a\", \"part\": \"p\"}, {\"name\": \"a\", \"part\": \"p\"}]",
          "\"edges\": [[\"a\", \"a\"]]", ""),
     "nodes 0 and 1 are both called a"},
    {REPLACE_NODES("\"nodes\": []"), "nodes is empty"},
    {REPLACE_NODES("\"nodes\": [3]"), "nodes[0] is an integer, not an object"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"belly\"}]"), "nodes[0].part is missing"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"belly\", \"part\": \"bdy\"}]"),
     "nodes[0].part: no part is called 'bdy'"},
    {REPLACE_NODES("\"nodes\": [{\"part\": \"body\"}]"), "nodes[0].name is missing"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"belly\", \"part\": \"body\", \"weight\": 3}]"),
     "nodes[0]: unknown key 'weight'"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"a\", \"part\": \"body\", \"columns\": [0, 1]}]"),
     "nodes[0].columns is not an array of 3 numbers"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"a\", \"part\": \"body\", \"columns\": [0, 1, 1e2]}]"),
     "nodes[0].columns is a number with a decimal point"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"a\", \"part\": \"body\", \"columns\": [0, 1, 2]},"
                   " {\"name\": \"b\", \"part\": \"body\"}]"),
     "nodes[1].columns is missing, but the first node's is present"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"a\", \"part\": \"body\", \"draw\": [0, \"1\"]}]"),
     "nodes[0].draw is not two numbers"},
    {REPLACE_NODES("\"nodes\": [{\"name\": \"a\", \"part\": \"body\", \"draw\": [0, 1e9]}]"),
     "nodes[0].draw is not two numbers"},
    {WITH(HEAD, "\"centre\": \"a\"", "\"parts\": [\"p\"]",
          "\"nodes\": [{\"name\": \"a\", \"part\": \"p\", \"columns\": [0, 1, 2]}]",
          "\"edges\": []", ""),
     "columns, the count of numbers in a raw frame, is missing"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", \"hand\"]]"), "edges[0]: no node is called 'hand'"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", \"head\", \"tail\"]]"),
     "edges[0] is not an array of two names"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", 2]]"),
     "edges[0] is an integer, not the name of a node"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", \"belly\"]]"), "edges[0] joins belly with itself"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", \"head\"], [\"belly\", \"l_hand\"],"
                   " [\"belly\", \"r_hand\"], [\"belly\", \"l_foot\"], [\"r_foot\", \"belly\"],"
                   " [\"belly\", \"l_foot\"]]"),
     "edges 3 and 5 both join belly and l_foot"},
    {REPLACE_EDGES("\"edges\": [[\"belly\", \"head\"], [\"belly\", \"l_hand\"],"
                   " [\"belly\", \"r_hand\"], [\"belly\", \"l_foot\"], [\"r_foot\", \"belly\"],"
                   " [\"l_hand\", \"tail\"]]"),
     "part body is not connected: its edges do not lead from belly to tail"},
    {ADD("\"part_edges\": [[\"body\", \"arms\"]]"), "the part edges do not connect all parts"},
    {ADD("\"part_edges\": [[\"body\", \"leg\"]]"), "part_edges[0]: no part is called 'leg'"},
    {ADD("\"part_edges\": [[\"body\", \"arms\"], [\"body\", \"right\"], [\"body\", \"legs\"],"
         " [\"body\", \"lower\"], [\"legs\", \"body\"]]"),
     "part edges 2 and 4 both join legs and body"},
    {ADD("\"pairs\": [[\"l_hand\", \"l_hand\"]]"), "pairs[0] joins l_hand with itself"},
    {ADD("\"pairs\": 3"), "pairs is an integer, not an array"},
    {WITH("\"graphop_layout\": 1, \"name\": \"imp\", \"feature\": \"scored\"", CENTRE, PARTS, NODES,
          EDGES, ", \"axes\": {\"ahead\": \"+z\"}"),
     "positions in an image have no axis ahead"},
};

START_TEST(bad_files_are_named)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    gop_status s = load(&l, bad[_i].text, &err);
    ck_assert_msg(s == GOP_EFORMAT, "%s: %s", bad[_i].says, err.message);
    ck_assert_msg(strstr(err.message, bad[_i].says) != NULL, "'%s' does not say '%s'", err.message,
                  bad[_i].says);
    ck_assert_ptr_nonnull(strstr(err.message, "imp.json:"));
    ck_assert_ptr_null(l.memory);
    ck_assert_uint_eq(l.nodes, 0);
}
END_TEST

/* The file cut at every length, and with each byte changed. */
START_TEST(broken_files_do_no_harm)
{
    static const char other[] = "\"{}[]:,x0\\\xc3\n";
    char text[sizeof IMP];
    zoo_layout l;
    for (size_t n = 0; n + 1 < sizeof IMP; n++) {
        scratch_write(scratch_path("cut.json"), IMP, n);
        ck_assert_int_eq(zoo_layout_load(&l, scratch_path("cut.json"), NULL), GOP_EFORMAT);
    }
    for (size_t i = 0; i + 1 < sizeof IMP; i++) {
        memcpy(text, IMP, sizeof text);
        text[i] = other[i % (sizeof other - 1)];
        if (load(&l, text, NULL) == GOP_OK)
            ck_assert_int_eq(zoo_layout_check(&l, NULL), GOP_OK);
        zoo_layout_clear(&l);
    }
}
END_TEST

/* `n` times `open`, which nests. */
static gop_status nested(const char *open, size_t n, gop_error *err)
{
    size_t k = strlen(open);
    char *text = malloc(n * k);
    zoo_layout l;
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * k, open, k);
    scratch_write(scratch_path("deep.json"), text, n * k);
    free(text);
    return zoo_layout_load(&l, scratch_path("deep.json"), err);
}

START_TEST(large_and_deep_files_are_refused)
{
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(nested("[", 100000, &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "depth"));
    ck_assert_int_eq(nested("{\"a\":", 100000, &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "depth"));
    ck_assert_int_eq(nested(" ", ZOO_LAYOUT_FILE_SIZE + 1, &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "larger than 1048576 bytes"));
    zoo_layout l;
    ck_assert_int_eq(recorded(zoo_layout_open(&l, "/dev/zero", &err), &err), GOP_EFORMAT);
    ck_assert_int_eq(recorded(zoo_layout_open(&l, "./", &err), &err), GOP_ESYSTEM);
}
END_TEST

/* ------------------------------------------------------------------------ findings */

static char heard[8][GOP_MESSAGE_SIZE];
static int n_heard, n_wrong;

static void hear(void *user, bool wrong, const char *sentence)
{
    ck_assert_ptr_eq(user, &n_heard);
    if (n_heard < 8)
        strcpy(heard[n_heard], sentence);
    n_heard++;
    n_wrong += wrong;
}

static gop_status inspect(zoo_layout *l, const char *text, gop_error *err)
{
    scratch_write(scratch_path("imp.json"), text, strlen(text));
    n_heard = n_wrong = 0;
    return zoo_layout_inspect(l, scratch_path("imp.json"), hear, &n_heard, err);
}

START_TEST(everything_is_told)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    OK(err, inspect(&l, IMP, &err));
    ck_assert_int_eq(n_heard, 0);
    zoo_layout_clear(&l);

    ck_assert_int_eq(inspect(&l,
                             WITH(HEAD, "\"centre\": \"navel\"", PARTS, NODES,
                                  "\"edges\": [[\"belly\", \"hand\"], [\"a\", \"b\"]]", ""),
                             &err),
                     GOP_EFORMAT);
    ck_assert_int_eq(n_wrong, 4);
    ck_assert_int_eq(n_heard, 4);
    ck_assert_str_eq(err.message, heard[0]);
    ck_assert_ptr_nonnull(strstr(heard[2], "edges[1]: no node is called 'b'"));
    ck_assert_ptr_nonnull(strstr(heard[3], "centre: no node is called 'navel'"));

    OK(err, inspect(&l,
                    ADD("\"pairs\": [[\"l_hand\", \"r_hand\"], [\"l_foot\", \"r_hand\"],"
                        " [\"head\", \"tail\"]]"),
                    &err));
    ck_assert_int_eq(n_wrong, 0);
    ck_assert_int_eq(n_heard, 1);
    ck_assert_ptr_nonnull(strstr(heard[0], "node r_hand is in two pairs"));
    zoo_layout_clear(&l);

    OK(err, inspect(&l, ADD("\"pairs\": [[\"belly\", \"tail\"]]"), &err));
    ck_assert_int_eq(n_wrong, 0);
    ck_assert_int_eq(n_heard, 5);
    ck_assert_ptr_nonnull(strstr(heard[0],
                                 "belly and head are joined, but their counterparts tail and "
                                 "head are not"));
    zoo_layout_clear(&l);
}
END_TEST

static const char *const abc[] = {"a", "b", "c"};

/* A ring of four and a pair of nodes: a cycle and two pieces. */
#define RING                                                                                          \
    "{\"graphop_layout\": 1, \"name\": \"ring\", \"feature\": \"image\", \"centre\": \"a\", "         \
    "\"parts\": [\"ring\", \"pair\"], \"nodes\": [{\"name\": \"a\", \"part\": \"ring\"}, {\"name\": " \
    "\"b\", \"part\": \"ring\"}, {\"name\": \"c\", \"part\": \"ring\"}, {\"name\": \"d\", \"part\": " \
    "\"ring\"}, {\"name\": \"e\", \"part\": \"pair\"}, {\"name\": \"f\", \"part\": \"pair\"}], "      \
    "\"edges\": [[\"a\", \"b\"], [\"b\", \"c\"], [\"c\", \"d\"], [\"d\", \"a\"], [\"e\", \"f\"]]"

START_TEST(cycles_and_pieces)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l, copy, back;
    gop_graph *graph;
    OK(err, load(&l, RING "}", &err));
    ck_assert_uint_eq(l.channels, 2);
    ck_assert_uint_eq(l.columns, 12);
    ck_assert_uint_eq(l.n_edges, 5);
    OK(err, zoo_layout_graph(&graph, &l, &err));
    gop_graph_free(graph);
    OK(err, zoo_layout_part_graph(&graph, &l, &err));
    ck_assert_uint_eq(gop_graph_edges(graph), 0);
    gop_graph_free(graph);
    ck_assert_int_eq(recorded(zoo_layout_bones(&graph, &l, &err), &err), GOP_EINVAL);
    ck_assert_str_eq(err.message,
                     "layout ring: its edges form no tree, so that bones need \"parents\"");
    ck_assert_int_eq(zoo_layout_bone_graph(&graph, &l, NULL), GOP_EINVAL);
    OK(err, zoo_layout_save(&l, scratch_path("ring.json"), &err));
    OK(err, zoo_layout_load(&back, scratch_path("ring.json"), &err));
    ck_assert(zoo_layout_equal(&back, &l));
    zoo_layout_clear(&back);
    OK(err, zoo_layout_copy(&copy, &l, &err));
    ck_assert(zoo_layout_equal(&copy, &l));
    zoo_layout_clear(&copy);
    zoo_layout_clear(&l);
}
END_TEST

START_TEST(declared_parents)
{
    static const uint32_t wanted[] = {0, 0, 1, 0, 0, 4};
    gop_error err = {GOP_OK, ""};
    zoo_layout l, ring, back;
    gop_graph *graph;
    gop_writer *w;
    gop_reader *r;
    char difference[64];
    uint32_t parent[6];
    OK(err, load(&ring, RING "}", &err));
    OK(err, load(&l,
                 RING ", \"parents\": [[\"b\", \"a\"], [\"c\", \"b\"], [\"d\", \"a\"], "
                      "[\"e\", \"a\"], [\"f\", \"e\"]]}",
                 &err));
    zoo_layout_difference(difference, sizeof difference, &l, &ring);
    ck_assert_str_eq(difference, "parents");
    OK(err, zoo_layout_bones(&graph, &l, &err));
    OK(err, gop_graph_parents(parent, graph, l.centre, &err));
    ck_assert_mem_eq(parent, wanted, sizeof wanted);
    gop_graph_free(graph);
    OK(err, zoo_layout_bone_graph(&graph, &l, &err));
    ck_assert_uint_eq(gop_graph_nodes(graph), 5);
    gop_graph_free(graph);
    OK(err, zoo_layout_save(&l, scratch_path("parents.json"), &err));
    OK(err, zoo_layout_load(&back, scratch_path("parents.json"), &err));
    ck_assert(zoo_layout_equal(&back, &l));
    zoo_layout_clear(&back);
    OK(err, gop_writer_open(&w, scratch_path("parents.bin"), "TEST", 1, &err));
    zoo_layout_write(w, &l);
    OK(err, gop_writer_commit(w, &err));
    OK(err, gop_reader_open(&r, scratch_path("parents.bin"), "TEST", 1, &err));
    zoo_layout_read(r, &back);
    OK(err, gop_reader_status(r, &err));
    gop_reader_free(r);
    ck_assert(zoo_layout_equal(&back, &l));
    zoo_layout_clear(&back);
    zoo_layout_clear(&ring);
    zoo_layout_clear(&l);
}
END_TEST

START_TEST(features)
{
    static const uint32_t channels[] = {0, 3, 3, 3, 2, 4, 6, 0, 0};
    for (int i = 0; i < 9; i++) {
        ck_assert_uint_eq(zoo_feature_channels((zoo_feature)i), channels[i]);
        ck_assert_int_eq(zoo_feature_in_image((zoo_feature)i), i == ZOO_SCORED || i == ZOO_IMAGE);
        ck_assert_int_eq(zoo_feature_name((zoo_feature)i) == NULL, i == 0 || i == 8);
    }
    ck_assert_ptr_eq(zoo_layout_find("openpose18"), zoo_layout_find("kinetics18"));
}
END_TEST

/* A part that has only the centre takes a bone from one that has several. */
START_TEST(bones_of_odd_layouts)
{
    static const uint32_t column[] = {0, 1, 2, 3, 4, 5, 6, 7, 8}, part[] = {0, 1, 1};
    static const gop_edge edges[] = {{0, 1}, {1, 2}}, part_edges[] = {{0, 1}};
    zoo_layout l = {.name = "chain",
                    .feature = ZOO_POSITION,
                    .nodes = 3,
                    .channels = 3,
                    .columns = 9,
                    .parts = 2,
                    .centre = 0,
                    .n_edges = 2,
                    .n_part_edges = 1,
                    .node_name = abc,
                    .part_name = abc,
                    .column = column,
                    .part = part,
                    .edges = edges,
                    .part_edges = part_edges};
    gop_error err = {GOP_OK, ""};
    gop_graph *graph;
    OK(err, zoo_layout_bone_graph(&graph, &l, &err));
    gop_graph_free(graph);
    l.nodes = 2;
    l.n_edges = 1;
    ck_assert_int_eq(recorded(zoo_layout_bone_graph(&graph, &l, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "layout chain: part a has no bone"));
    l.nodes = l.parts = 1;
    l.n_edges = l.n_part_edges = 0;
    ck_assert_int_eq(recorded(zoo_layout_bone_graph(&graph, &l, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "layout chain has no bones"));
}
END_TEST

/* Quotes in names, and lists with more entries than any layout may have. */
START_TEST(odd_names_and_long_lists)
{
    static const char *const quoted[] = {"a\"b", "b\\", "c", "d", "e"};
    gop_error err = {GOP_OK, ""};
    zoo_layout l = *zoo_layout_find("tiny5"), read;
    l.node_name = quoted;
    OK(err, zoo_layout_save(&l, scratch_path("quoted.json"), &err));
    OK(err, zoo_layout_load(&read, scratch_path("quoted.json"), &err));
    ck_assert_str_eq(read.node_name[0], quoted[0]);
    ck_assert_str_eq(read.node_name[1], quoted[1]);
    zoo_layout_clear(&read);
    FILE *f = fopen(scratch_path("imp.json"), "wb");
    ck_assert_ptr_nonnull(f);
    fputs("{" HEAD ", " CENTRE ", " NODES ", " EDGES ", \"parts\": [", f);
    for (int i = 0; i <= ZOO_MAX_NODES; i++)
        fprintf(f, "\"%d\"%s", i, i < ZOO_MAX_NODES ? "," : "]}");
    ck_assert_int_eq(fclose(f), 0);
    ck_assert_int_eq(recorded(zoo_layout_load(&read, scratch_path("imp.json"), &err), &err),
                     GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "parts has 1025 entries; at most 1024 are allowed"));
}
END_TEST

/* A layout that could not be read back is not written, and the previous file stays. */
START_TEST(what_would_be_refused_is_not_written)
{
    static const char *const names[] = {"a", "b\n", "c", "\xff", "e"};
    static const char *const twice[] = {"a", "b", "a", "d", "e"};
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("kept.json");
    zoo_layout l = *zoo_layout_find("tiny5");
    OK(err, zoo_layout_save(&l, path, &err));
    l.node_name = names;
    ck_assert_int_eq(recorded(zoo_layout_save(&l, path, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "the name of node 1 is not plain UTF-8"));
    l.node_name = twice;
    ck_assert_int_eq(recorded(zoo_layout_save(&l, path, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "nodes 0 and 2 are both called a"));
    ck_assert_int_eq(
        recorded(zoo_layout_save(zoo_layout_find("tiny5"), scratch_folder, &err), &err),
        GOP_ESYSTEM);
    ck_assert_int_eq(
        recorded(zoo_layout_save(zoo_layout_find("tiny5"), "no/such/folder", &err), &err),
        GOP_ESYSTEM);
    l = *zoo_layout_find("tiny5");
    l.name = "a\xff";
    ck_assert_int_eq(recorded(zoo_layout_save(&l, path, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "the name of the layout is not plain UTF-8"));
    const char *parts[16] = {"\xff"};
    l = *zoo_layout_find("tiny5");
    for (uint32_t i = 1; i < l.parts; i++)
        parts[i] = l.part_name[i];
    l.part_name = parts;
    ck_assert_int_eq(recorded(zoo_layout_save(&l, path, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "the name of part 0 is not plain UTF-8"));
    l = *zoo_layout_find("tiny5");
    float draw[10] = {0};
    draw[3] = INFINITY;
    l.name = "drawn";
    l.draw = draw;
    ck_assert_int_eq(recorded(zoo_layout_save(&l, path, &err), &err), GOP_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "without a finite drawing position"));
    ck_assert_uint_eq(scratch_entries(), 1);
    zoo_layout read;
    OK(err, zoo_layout_load(&read, path, &err));
    zoo_layout_clear(&read);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

TEST_MAIN("layout files")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, installed_files_are_the_tables);
    tcase_add_test(t, a_users_layout_is_read);
    tcase_add_test(t, drawings_are_exact);
    tcase_add_test(t, names_are_found_in_order);
    tcase_add_test(t, axes_are_kept);
    tcase_add_loop_test(t, bad_files_are_named, 0, COUNT(bad));
    tcase_add_test(t, broken_files_do_no_harm);
    tcase_add_test(t, large_and_deep_files_are_refused);
    tcase_add_test(t, everything_is_told);
    tcase_add_test(t, cycles_and_pieces);
    tcase_add_test(t, declared_parents);
    tcase_add_test(t, features);
    tcase_add_test(t, bones_of_odd_layouts);
    tcase_add_test(t, odd_names_and_long_lists);
    tcase_add_test(t, what_would_be_refused_is_not_written);
}
