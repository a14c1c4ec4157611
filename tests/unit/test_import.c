/*
 * test_import.c: models made of the weights of other programs answer as these do: small networks
 * with the names of every table (tests/weights/make-models) and, where they are available
 * ($GRAPHOP_WEIGHTS, or ../shared/data/weights beside the source), files of other programs; what the
 * report says; what is refused.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "scratch.h"
#include "zoo/zoo.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
/* Of the largest logit.  The programs computed in float. */
#ifdef GOP_REAL_IS_DOUBLE
#define PARITY 1e-6
#else
#define PARITY 1e-4
#endif

typedef struct file {
    const char *name, *type, *layout;
    size_t clips, bodies, frames; /* of the input */
    const char *table, *settings;
} file;

static const char *top(void)
{
    const char *path = getenv("top_srcdir");
    return path != NULL ? path : ".";
}

/* Numbers of a text file; *n is their number. */
static double *read_numbers(const char *path, size_t *n)
{
    size_t room = 1024;
    double *v = malloc(room * sizeof *v);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL && v != NULL, "%s", path);
    for (*n = 0; fscanf(f, "%lf", &v[*n]) == 1; (*n)++)
        if (*n + 1 == room) {
            room *= 2;
            v = realloc(v, room * sizeof *v);
            ck_assert_ptr_nonnull(v);
        }
    fclose(f);
    return v;
}

static zoo_model *imported(const file *t, const char *path, zoo_imported *report)
{
    char view[64];
    zoo_model *m = NULL;
    gop_error err = {GOP_OK, ""};
    const zoo_import_options how = {.raw = {.layout = zoo_layout_find(t->layout)},
                                    .frames = (uint32_t)t->frames,
                                    .settings = t->settings,
                                    .view = view};
    const zoo_model_type *type = zoo_model_type_find(NULL, t->type);
    ck_assert_msg(type != NULL, "%s", t->type);
    snprintf(view, sizeof view, "bodies=%zu%s", t->bodies,
             type->predicted != NULL ? "" : " sample=uniform");
    ck_assert_msg(recorded(zoo_model_import(&m, report, type, path, &how, &err), &err) == GOP_OK,
                  "%s", err.message);
    return m;
}

/* The logits, but for a number of their own for each clip: the mean over classes is taken off. */
static void centre(double *v, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        v[i] -= mean;
}

/* [clips, bodies, frames, nodes, channels] -> [clips, bodies, nodes, frames, channels] */
static void by_node(gop_real *to, const double *from, size_t all, const zoo_layout *l,
                    size_t frames)
{
    const size_t body = l->nodes * frames * l->channels;
    for (size_t i = 0; i < all; i++) {
        const size_t b = i / body, c = i % l->channels, v = i / l->channels % l->nodes;
        const size_t f = i / l->channels / l->nodes % frames;
        to[b * body + (v * frames + f) * l->channels + c] = (gop_real)from[i];
    }
}

/* Runs the model on the input. */
static void answer(const zoo_model *m, const file *t, const double *input, gop_real *scores,
                   gop_real *poses)
{
    const zoo_layout *l = &m->domain.layout;
    const size_t all = t->clips * t->bodies * l->nodes * t->frames * l->channels;
    gop_real *x = malloc(all * sizeof *x);
    gop_ctx *ctx = NULL;
    zoo_inference *inf = NULL;
    gop_error err = {GOP_OK, ""};
    ck_assert_ptr_nonnull(x);
    by_node(x, input, all, l, t->frames);
    ck_assert_int_eq(gop_ctx_new(&ctx, 1, gop_memory_available(), &err), GOP_OK);
    ck_assert_msg(zoo_inference_new(&inf, ctx, m, t->clips, &err) == GOP_OK, "%s", err.message);
    ck_assert_msg(zoo_inference_run(inf, x, NULL, scores, poses, &err) == GOP_OK, "%s",
                  err.message);
    zoo_inference_free(inf);
    gop_ctx_free(ctx);
    free(x);
}

/* The largest difference of a logit, as a share of the largest logit. */
static double score_difference(const zoo_model *m, const file *t, const double *input,
                               const double *told)
{
    const size_t K = m->domain.actions;
    gop_real *scores = malloc(t->clips * K * sizeof *scores);
    double worst = 0, largest = 0;
    ck_assert_ptr_nonnull(scores);
    answer(m, t, input, scores, NULL);
    for (size_t n = 0; n < t->clips; n++) {
        double ours[256], theirs[256];
        ck_assert_uint_le(K, COUNT(ours));
        for (size_t k = 0; k < K; k++) {
            ours[k] = log((double)scores[n * K + k]);
            theirs[k] = told[n * K + k];
            largest = fmax(largest, fabs(theirs[k]));
        }
        centre(ours, K);
        centre(theirs, K);
        for (size_t k = 0; k < K; k++)
            worst = fmax(worst, fabs(ours[k] - theirs[k]));
    }
    free(scores);
    return worst / largest;
}

/* The largest difference of a coordinate, as a share of the largest coordinate. */
static double pose_difference(const zoo_model *m, const file *t, const double *input,
                              const double *told, size_t n)
{
    gop_real *poses = malloc(n * sizeof *poses), *want = malloc(n * sizeof *want);
    double worst = 0, largest = 0;
    ck_assert(poses != NULL && want != NULL);
    answer(m, t, input, NULL, poses);
    by_node(want, told, n, &m->domain.layout, zoo_model_predicted(m));
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, fabs((double)poses[i] - (double)want[i]));
        largest = fmax(largest, fabs((double)want[i]));
    }
    free(poses);
    free(want);
    return worst / largest;
}

static void compare(const file *t, const char *folder, const char *ending)
{
    char path[SCRATCH_PATH + 64];
    size_t inputs, n;
    zoo_imported report;
    snprintf(path, sizeof path, "%s/%s.%s", folder, t->name, ending);
    zoo_model *m = imported(t, path, &report);
    for (size_t i = 0; i < report.left.n; i++)
        ck_abort_msg("%s: %s is left over", t->name, report.left.text[i]);
    ck_assert_uint_eq(report.missing.n, 0);
    ck_assert_str_eq(report.table, t->table);
    ck_assert_uint_gt(report.taken, 0);
    snprintf(path, sizeof path, "%s/%s.input.txt", folder, t->name);
    double *x = read_numbers(path, &inputs);
    const size_t predicted = zoo_model_predicted(m);
    snprintf(path, sizeof path, "%s/%s.%s.txt", folder, t->name,
             predicted > 0 ? "output" : "logits");
    double *told = read_numbers(path, &n);
    const zoo_layout *l = &m->domain.layout;
    const size_t frame = t->clips * t->bodies * l->nodes * l->channels;
    ck_assert_uint_eq(inputs, t->frames * frame);
    ck_assert_uint_eq(n, predicted > 0 ? predicted * frame : t->clips * m->domain.actions);
    const double off = predicted > 0 ? pose_difference(m, t, x, told, n)
                                     : score_difference(m, t, x, told);
    printf("%-16s %-8s off by %.1e of the largest value\n", t->name, report.table, off);
    ck_assert_msg(off <= PARITY, "%s: off by %g", t->name, off);
    free(x);
    free(told);
    zoo_imported_clear(&report);
    zoo_model_free(m);
}

static const file others[] = {
    {"hagrid", "stgcnpp", "hand21", 3, 1, 10, "pyskl", NULL},
    {"pyskl-stgcn", "stgcn", "ntu25", 2, 2, 20, "pyskl", NULL},
    {"pyskl-stgcnpp", "stgcnpp", "ntu25", 2, 2, 20, "pyskl", NULL},
    {"pyskl-aagcn", "aagcn", "ntu25", 2, 2, 20, "pyskl", NULL},
    {"pyskl-ctrgcn", "ctrgcn", "ntu25", 2, 2, 20, "pyskl", NULL},
    {"pyskl-dgstgcn", "dgstgcn", "ntu25", 2, 2, 20, "pyskl", NULL},
    {"simlpe", "simlpe", "h36m22", 2, 1, 50, "authors-transformer", NULL},
};

/* In the order of their tables; names that a table shares with another model's are told apart by the
 * model. */
static const file own[] = {
    {"stgcn-pyskl", "stgcn", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"stgcn-authors", "stgcn", "tiny5", 2, 2, 9, "authors", NULL},
    {"stgcn-mmaction", "stgcn", "tiny5", 2, 2, 9, "mmaction", NULL},
    {"agcn-authors", "agcn", "tiny5", 2, 2, 9, "authors", NULL},
    {"stgcnpp-pyskl", "stgcnpp", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"stgcnpp-pyskl-hand", "stgcnpp", "hand21", 2, 1, 10, "pyskl", NULL},
    {"ctrgcn-pyskl", "ctrgcn", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"ctrgcn-authors", "ctrgcn", "tiny5", 2, 2, 9, "authors", NULL},
    {"aagcn-pyskl", "aagcn", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"aagcn-authors", "aagcn", "tiny5", 2, 2, 9, "authors", NULL},
    {"dgstgcn-pyskl", "dgstgcn", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"protogcn-authors", "protogcn", "tiny5", 2, 2, 9, "authors", NULL},
    {"msg3d-authors", "msg3d", "tiny5", 2, 2, 9, "authors", NULL},
    {"msg3d-pyskl", "msg3d", "tiny5", 2, 2, 9, "pyskl", NULL},
    {"simlpe-authors", "simlpe", "tiny5", 2, 2, 9, "authors", "predicted=4"},
    {"ltd-authors", "ltd", "tiny5", 2, 2, 9, "authors", "predicted=4"},
    {"hisrep-authors", "hisrep", "tiny5", 2, 2, 9, "authors",
     "predicted=4 kernels=3,2 coefficients=6"},
    {"msrgcn-authors", "msrgcn", "tiny5", 2, 2, 9, "authors",
     "predicted=4 low=-2 high=3 groups=0/1,2,3/4;0/1,1/2;0/1"},
    {"ressup-pytorch", "ressup", "tiny5", 2, 2, 9, "pytorch", "predicted=4"},
};

START_TEST(every_table_gives_the_network)
{
    char folder[SCRATCH_PATH];
    snprintf(folder, sizeof folder, "%s/tests/weights/models", top());
    compare(&own[_i], folder, "safetensors");
}
END_TEST

START_TEST(networks_of_other_programs_answer_as_there)
{
    char folder[SCRATCH_PATH];
    const char *given = getenv("GRAPHOP_WEIGHTS");
    snprintf(folder, sizeof folder, "%s%s", given != NULL ? given : top(),
             given != NULL ? "" : "/../shared/data/weights");
    if (access(folder, R_OK) != 0) {
        printf("skipped: %s is absent\n", folder);
        return;
    }
    compare(&others[_i], folder, "pth");
}
END_TEST

/* Names and shapes do not show whether pyskl's second graph is multiplied or added: that with A (P - 1)
 * added is that with P multiplied. */
START_TEST(edges_may_be_added)
{
    const file f = {"stgcn-pyskl", "stgcn", "tiny5", 2, 2, 9, "pyskl", "importance=offset"};
    char path[SCRATCH_PATH], name[64];
    size_t inputs, n, blocks = 0;
    zoo_imported report;
    snprintf(path, sizeof path, "%s/tests/weights/models/%s.safetensors", top(), f.name);
    zoo_model *m = imported(&f, path, &report);
    for (size_t i = 0; i < report.assumed.n; i++)
        ck_assert_ptr_null(strstr(report.assumed.text[i], "importance"));
    for (;; blocks++) {
        snprintf(name, sizeof name, "block.%zu.importance", blocks);
        const size_t p = gop_params_find(m->params, name);
        snprintf(name, sizeof name, "block.%zu.gcn.A", blocks);
        const size_t a = gop_params_find(m->params, name);
        if (p == SIZE_MAX || a == SIZE_MAX)
            break;
        const gop_param_info P = gop_params_info(m->params, p), A = gop_params_info(m->params, a);
        for (size_t i = 0; i < gop_shape_size(P.shape); i++)
            P.data[i] = A.data[i] * (P.data[i] - 1);
    }
    ck_assert_uint_eq(blocks, 3);
    gop_params_changed(m->params);
    snprintf(path, sizeof path, "%s/tests/weights/models/%s.input.txt", top(), f.name);
    double *x = read_numbers(path, &inputs);
    snprintf(path, sizeof path, "%s/tests/weights/models/%s.logits.txt", top(), f.name);
    double *told = read_numbers(path, &n);
    ck_assert_double_le(score_difference(m, &f, x, told), PARITY);
    free(x);
    free(told);
    zoo_imported_clear(&report);
    zoo_model_free(m);
}
END_TEST

/* ------------------------------------------------------------------------- tables */

static const zoo_import_row good_rows[] = {{"a.#.b", "block.#.b", "tc"}, {NULL, NULL, NULL}};
static const zoo_import_rule good_rules[] = {
    {"widths", ZOO_IMPORT_SIZE, "a.#.b.weight", 0, NULL, 0},
    {NULL, ZOO_IMPORT_VALUE, NULL, 0, NULL, 0}};

static const struct {
    zoo_import_row row;
    zoo_import_rule rule;
    const char *words;
} bad_tables[] = {
    {{"a.#.b.#", "block.#", NULL}, {NULL}, "must have # and $ at most once"},
    {{"a.#", "block", NULL}, {NULL}, "must have # and $ at most once"},
    {{"a.$", "block.#", NULL}, {NULL}, "must have # and $ at most once"},
    {{"a.#", "block.#", "turned"}, {NULL}, "a.# of other has an unknown change, turned"},
    {{"a.#", "block.#", NULL},
     {"wdths", ZOO_IMPORT_SIZE, "a", 0, NULL, 0},
     "other sets option wdths, which the type lacks"},
    {{"a.#", "block.#", NULL},
     {"widths", ZOO_IMPORT_SIZE, NULL, 0, NULL, 0},
     "other sets option widths by no tensor"},
    {{"a.#", "block.#", NULL},
     {"taps", ZOO_IMPORT_RATIO, "a", 0, NULL, 0},
     "other sets option taps by no tensor"},
};

START_TEST(tables_that_cannot_be_are_named)
{
    const zoo_import_row rows[] = {good_rows[0], bad_tables[_i].row, {NULL, NULL, NULL}};
    const zoo_import_rule rules[] = {good_rules[0], bad_tables[_i].rule, good_rules[1]};
    zoo_import list[] = {{.name = "other", .rows = rows, .rules = rules}, {.name = NULL}};
    zoo_model_type type = *zoo_model_type_find(NULL, "stgcn");
    gop_error err = {GOP_OK, ""};
    type.imports = list;
    ck_assert_int_eq(recorded(zoo_imports_check(&type, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, bad_tables[_i].words) != NULL, "%s", err.message);
    ck_assert_int_eq(recorded(zoo_model_type_check(&type, &err), &err), GOP_EINVAL);
    list[0].rows = good_rows;
    list[0].rules = good_rules;
    ck_assert_int_eq(zoo_model_type_check(&type, &err), GOP_OK);
    list[0].rules = NULL;
    ck_assert_int_eq(recorded(zoo_imports_check(&type, &err), &err), GOP_EINVAL);
}
END_TEST

START_TEST(every_type_has_good_tables)
{
    gop_error err = {GOP_OK, ""};
    for (const zoo_model_type *const *t = zoo_model_types(); *t != NULL; t++)
        ck_assert_msg(zoo_imports_check(*t, &err) == GOP_OK, "%s", err.message);
}
END_TEST

TEST_MAIN("import")
{
    tcase_add_loop_test(t, tables_that_cannot_be_are_named, 0, (int)COUNT(bad_tables));
    tcase_add_test(t, every_type_has_good_tables);
    tcase_add_test(t, edges_may_be_added);
    tcase_add_loop_test(t, every_table_gives_the_network, 0, (int)COUNT(own));
    tcase_add_loop_test(t, networks_of_other_programs_answer_as_there, 0, (int)COUNT(others));
}
