/*
 * test_dataset.c: layouts, the procedural set, data set files, normalisation,
 * training windows.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include "zoo/dataset/sampler.h"

#include <math.h>

#include "scratch.h"
#include "zoo/dataset/store/store.h"

/* ------------------------------------------------------------------- layouts */

START_TEST(built_in_layouts_make_sense)
{
    gop_error err = {GOP_OK, ""};
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL; l++) {
        ck_assert_msg(zoo_layout_check(*l, &err) == GOP_OK, "%s", err.message);
        ck_assert_ptr_eq(zoo_layout_find((*l)->name), *l);
        zoo_layout copy;
        ck_assert_int_eq(zoo_layout_copy(&copy, *l, &err), GOP_OK);
        ck_assert(zoo_layout_equal(&copy, *l));
        ck_assert_str_eq(copy.node_name[copy.nodes - 1], (*l)->node_name[copy.nodes - 1]);
        zoo_layout_clear(&copy);
    }
    ck_assert_ptr_null(zoo_layout_find("nobody"));
}
END_TEST

START_TEST(cmu26_uses_the_columns_of_the_literature)
{
    static const uint32_t range[][2] = {{9, 20},  {27, 38},  {42, 59},  {66, 80},
                                        {84, 86}, {93, 107}, {111, 113}};
    const zoo_layout *l = zoo_layout_find("cmu26");
    size_t n = 0;
    for (size_t k = 0; k < sizeof range / sizeof range[0]; k++)
        for (uint32_t c = range[k][0]; c <= range[k][1]; c++)
            ck_assert_uint_eq(l->column[n++], c);
    ck_assert_uint_eq(n, l->nodes * l->channels);
}
END_TEST

/* Each function breaks a copy of tiny5 in one way. */
/* Channels of whole joints, contiguous from column `first` on. */
static void columns_are(const char *name, const uint32_t *joint, uint32_t first)
{
    const zoo_layout *l = zoo_layout_find(name);
    ck_assert_ptr_nonnull(l);
    for (uint32_t i = 0; i < l->nodes; i++)
        for (uint32_t c = 0; c < l->channels; c++)
            ck_assert_uint_eq(l->column[i * l->channels + c], first + 3 * joint[i] + c);
}

/* 60 of 99 columns: joints 1 to 4, 6 to 9, 11 to 14, 16 to 19 and 24 to 27 of 32; h36m21 has the
 * root before them. 54 columns: 18 joints. */
START_TEST(new_layouts_have_their_columns)
{
    static const uint32_t h36m[] = {0,  1,  2,  3,  4,  6,  7,  8,  9,  11, 12,
                                    13, 14, 16, 17, 18, 19, 24, 25, 26, 27};
    columns_are("h36m20", h36m + 1, 3);
    columns_are("h36m21", h36m, 3);
    uint32_t all[18];
    for (uint32_t i = 0; i < 18; i++)
        all[i] = i;
    columns_are("kinetics18", all, 0);
    ck_assert_uint_eq(zoo_layout_find("h36m20")->columns, 99);
    ck_assert_uint_eq(zoo_layout_find("h36m20")->nodes, 20);
    ck_assert_uint_eq(zoo_layout_find("h36m21")->columns, 99);
    ck_assert_uint_eq(zoo_layout_find("h36m21")->nodes, 21);
    ck_assert_uint_eq(zoo_layout_find("kinetics18")->columns, 54);
    ck_assert_uint_eq(zoo_layout_find("kinetics18")->nodes, 18);
    ck_assert_int_eq((int)zoo_layout_find("kinetics18")->feature, ZOO_SCORED);
    ck_assert_int_eq((int)zoo_layout_find("h36m20")->feature, ZOO_EXPMAP);
}
END_TEST

/* The names of a pair's nodes, and of their parts, are left and right. */
START_TEST(pairs_are_left_and_right)
{
    for (const zoo_layout *const *k = zoo_layout_list(); *k != NULL; k++) {
        const zoo_layout *l = *k;
        if (strcmp(l->name, "tiny5") == 0)
            continue;
        for (uint32_t i = 0; i < l->n_pairs; i++) {
            char left[ZOO_NAME_SIZE], right[ZOO_NAME_SIZE];
            const char *name = l->node_name[l->pairs[i].a];
            const char *part = l->part_name[l->part[l->pairs[i].a]];
            const char *end = strstr(name, "Left"), *low = strstr(name, "left");
            strcpy(left, name);
            if (end != NULL)
                sprintf(left + (end - name), "Right%s", end + 4);
            else if (low != NULL)
                sprintf(left + (low - name), "right%s", low + 4);
            else
                left[0] = left[0] == 'L' ? 'R' : 'r';
            ck_assert_str_eq(left, l->node_name[l->pairs[i].b]);
            strcpy(right, part);
            if (right[0] == 'l')
                right[0] = 'r';
            ck_assert_str_eq(right, l->part_name[l->part[l->pairs[i].b]]);
        }
    }
}
END_TEST

static void break_name(zoo_layout *l)
{
    l->name = "";
}
static void break_column(zoo_layout *l)
{
    ((uint32_t *)l->column)[4] = 3;
}
static void break_columns(zoo_layout *l)
{
    l->columns = 14;
}
static void break_edge(zoo_layout *l)
{
    ((gop_edge *)l->edges)[1].b = 5;
}
static void break_tree(zoo_layout *l)
{
    ((gop_edge *)l->edges)[3] = l->edges[0];
}
static void break_count(zoo_layout *l)
{
    l->n_edges = ZOO_MAX_EDGES + 1;
}
static void break_part(zoo_layout *l)
{
    ((uint32_t *)l->part)[4] = 3;
}
static void break_empty(zoo_layout *l)
{
    ((uint32_t *)l->part)[4] = 1;
}
static void break_parts(zoo_layout *l)
{
    l->n_part_edges = 1;
}
static void break_centre(zoo_layout *l)
{
    l->centre = 5;
}
static void break_pair(zoo_layout *l)
{
    ((gop_edge *)l->pairs)[0].a = 9;
}
static void break_feature(zoo_layout *l)
{
    l->feature = (zoo_feature)9;
}
static void break_channels(zoo_layout *l)
{
    l->channels = 2;
}
static void break_nodes(zoo_layout *l)
{
    l->nodes = 0;
}
static void break_width(zoo_layout *l)
{
    l->columns = ZOO_MAX_COLUMNS + 1;
}
static void break_length(zoo_layout *l)
{
    ((const char **)l->node_name)[2] =
        "a name of sixty-four bytes, which is one more than a file can hold";
}
static void break_up(zoo_layout *l)
{
    l->feature = ZOO_SCORED;
    l->up = ZOO_PLUS_Z;
}

static const struct {
    void (*break_it)(zoo_layout *l);
    const char *words;
} broken[] = {
    {break_name, "no name"},
    {break_column, "column 3 of node b is used twice"},
    {break_columns, "column 14 of node e does not exist"},
    {break_edge, "edge 1 joins"},
    {break_tree, "both join"},
    {break_count, "too many edges"},
    {break_part, "node e is in part 3 of 3"},
    {break_empty, "part e has no node"},
    {break_parts, "do not connect all parts"},
    {break_centre, "centre 5"},
    {break_pair, "pair 0 joins 9"},
    {break_feature, "feature"},
    {break_channels, "2 channels"},
    {break_nodes, "0 nodes"},
    {break_width, "65537 columns"},
    {break_length, "the name of node 2 of the layout is longer than 63 bytes"},
    {break_up, "up is along z, but an image has only x and y"},
};

START_TEST(broken_layouts_are_named)
{
    gop_error err = {GOP_OK, ""};
    zoo_layout l;
    ck_assert_int_eq(zoo_layout_copy(&l, zoo_layout_find("tiny5"), NULL), GOP_OK);
    broken[_i].break_it(&l);
    ck_assert_int_eq(recorded(zoo_layout_check(&l, &err), &err), GOP_EINVAL);
    ck_assert_msg(strstr(err.message, broken[_i].words) != NULL, "%s", err.message);
    zoo_layout_clear(&l);
}
END_TEST

/* ------------------------------------------------------------- procedural set */

static zoo_dataset *synth(uint64_t seed)
{
    zoo_dataset *data;
    gop_error err = {GOP_OK, ""};
    ck_assert_msg(zoo_synth(&data, NULL, seed, &err) == GOP_OK, "%s", err.message);
    return data;
}

START_TEST(the_procedural_set_follows_its_seed)
{
    zoo_dataset *a = synth(5), *b = synth(5), *c = synth(6);
    size_t n, m;
    ck_assert_int_eq(zoo_dataset_save(a, scratch_path("a"), NULL), GOP_OK);
    ck_assert_int_eq(zoo_dataset_save(b, scratch_path("b"), NULL), GOP_OK);
    unsigned char *x = scratch_read(scratch_path("a"), &n);
    unsigned char *y = scratch_read(scratch_path("b"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(x, y, n);
    ck_assert_uint_eq(n > 2000000 && n < 8000000, 1);
    for (size_t i = 0; i < a->sequences; i++)
        ck_assert(memcmp(a->sequence[i].data, c->sequence[i].data, 66 * sizeof(float)) != 0);
    free(x);
    free(y);
    zoo_dataset_free(a);
    zoo_dataset_free(b);
    zoo_dataset_free(c);
}
END_TEST

static double distance(const float *frame, int a, int b)
{
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        double d = (double)frame[3 * a + k] - (double)frame[3 * b + k];
        sum += d * d;
    }
    return sqrt(sum);
}

/* Mean length of the left thigh over a sequence. */
static double thigh(const zoo_sequence *s)
{
    double sum = 0;
    for (size_t t = 0; t < s->frames; t++)
        sum += distance(s->data + t * 66, 14, 15);
    return sum / (double)s->frames;
}

START_TEST(procedural_people_are_people)
{
    zoo_dataset *data = synth(1);
    double least = 10, most = 0;
    ck_assert_uint_ge(data->domain.layout.nodes, 20);
    ck_assert_uint_ge(data->domain.actions, 6);
    for (size_t i = 0; i < data->sequences; i++) {
        const zoo_sequence *s = &data->sequence[i], *first = &data->sequence[i - i % 8];
        double length = thigh(s);
        least = fmin(least, length);
        most = fmax(most, length);
        ck_assert_double_eq_tol(length, thigh(first), 0.004);
        ck_assert_uint_eq(s->split, first->split);
        size_t odd = 0;
        for (size_t k = 0; k < s->frames * 66; k++)
            odd += !(fabsf(s->data[k]) < 4);
        for (size_t t = 0; t < s->frames; t++) {
            const float *f = s->data + t * 66;
            float lowest = fminf(f[3 * 17 + 1], f[3 * 21 + 1]);
            odd += !(lowest > -0.03f && lowest < 0.8f && f[3 * 5 + 1] > 0.5f);
        }
        ck_assert_uint_eq(odd, 0);
    }
    ck_assert(most > 1.1 * least);
    zoo_dataset_free(data);
}
END_TEST

/* ---------------------------------------------------------------- data set files */

START_TEST(data_sets_come_back)
{
    zoo_dataset *a = synth(2), *b;
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("set.gds");
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_msg(zoo_dataset_load(&b, path, &err) == GOP_OK, "%s", err.message);
    ck_assert_msg(zoo_domain_fits(&a->domain, &b->domain, &err) == GOP_OK, "%s", err.message);
    ck_assert_str_eq(a->source, b->source);
    ck_assert_str_eq(a->domain.name, b->domain.name);
    ck_assert_str_eq(b->domain.origin, "synth");
    ck_assert(b->domain.steps.n == 0 && !b->domain.missing);
    ck_assert_uint_eq(a->sequences, b->sequences);
    ck_assert_mem_eq(a->domain.mean, b->domain.mean, 66 * sizeof(float));
    ck_assert_mem_eq(a->domain.std, b->domain.std, 66 * sizeof(float));
    for (size_t i = 0; i < a->sequences; i++) {
        const zoo_sequence *s = &a->sequence[i], *t = &b->sequence[i];
        ck_assert_str_eq(s->name, t->name);
        ck_assert(s->action == t->action && s->split == t->split && s->frames == t->frames);
        float *frames = calloc(s->frames * 66, sizeof *frames);
        ck_assert_int_eq(zoo_dataset_read(frames, b, i, 0, 0, s->frames, &err), GOP_OK);
        ck_assert_mem_eq(s->data, frames, s->frames * 66 * sizeof(float));
        free(frames);
    }
    zoo_dataset_free(b);
    float one[66];
    a->sequence[3].data[70] = INFINITY;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(zoo_dataset_load(&b, path, &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_dataset_read(one, b, 3, 0, 0, 1, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "frame 1 of sequence reach_01") != NULL, "%s", err.message);
    zoo_dataset_free(b);
    a->sequence[3].data[70] = 0;
    a->sequence[2].action = 8;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_dataset_load(&b, path, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "key sequences[2].action") != NULL, "%s", err.message);
    a->sequence[2].action = 2;
    a->domain.std[9] = 0;
    ck_assert_int_eq(zoo_dataset_save(a, path, &err), GOP_OK);
    ck_assert_int_eq(recorded(zoo_dataset_load(&b, path, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, "column 9") != NULL, "%s", err.message);
    zoo_dataset_free(a);
}
END_TEST

/* Files that graphop's writer would not write, with correct checksums. */
START_TEST(sets_of_another_form_are_refused)
{
    static const char *const words[] = {"must have three entries", "must have 8 or 9 entries",
                                        "sequence jump_01 has no frames", "two actions are named",
                                        "an axis must be at most 6"};
    zoo_dataset *a = synth(2), *b;
    gop_error err = {GOP_OK, ""};
    const char *path = scratch_path("set.gds");
    if (_i < 2) {
        gop_writer *w;
        ck_assert_int_eq(
            gop_writer_open_data(&w, path, ZOO_DATASET_KIND, ZOO_DATASET_VERSION, &err), GOP_OK);
        gop_write_map(w, _i == 0 ? 2 : 3);
        gop_write_key(w, "domain");
        zoo_domain_write(w, &a->domain);
        gop_write_key(w, "source");
        gop_write_text(w, "nowhere");
        if (_i == 1) {
            gop_write_key(w, "sequences");
            gop_write_array(w, 1);
            gop_write_map(w, 1);
            gop_write_key(w, "name");
            gop_write_text(w, "a");
        }
        ck_assert_msg(gop_writer_commit(w, &err) == GOP_OK, "%s", err.message);
    } else {
        if (_i == 2)
            a->sequence[0].frames = 0;
        else if (_i == 3)
            strcpy(a->domain.action[1], a->domain.action[0]);
        else
            a->domain.layout.up = (zoo_axis)9;
        ck_assert_msg(zoo_dataset_save(a, path, &err) == GOP_OK, "%s", err.message);
    }
    ck_assert_int_eq(recorded(zoo_dataset_load(&b, path, &err), &err), GOP_EFORMAT);
    ck_assert_msg(strstr(err.message, words[_i]) != NULL, "%s", err.message);
    ck_assert_ptr_null(b);
    zoo_dataset_free(a);
}
END_TEST

START_TEST(other_data_do_not_fit)
{
    zoo_dataset *data = synth(2);
    zoo_domain other;
    gop_error err;
    ck_assert_int_eq(zoo_domain_copy(&other, &data->domain, NULL), GOP_OK);
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_OK);
    strcpy(other.steps.step[other.steps.n++], "bodies 1:motion"); /* changes no values */
    ck_assert_int_eq(zoo_domain_observes(&other, &data->domain, &err), GOP_OK);
    strcpy(other.steps.step[other.steps.n++], "centre Hips:each");
    strcpy(other.steps.step[other.steps.n++], "fill 300");
    ck_assert_int_eq(recorded(zoo_domain_observes(&other, &data->domain, &err), &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "the data are transformed by 'nothing', the model was"
                                              " made for 'bodies 1:motion; centre Hips:each; "));
    strcpy(other.origin, "csv"); /* another source's cannot be compared */
    ck_assert_int_eq(zoo_domain_fits(&other, &data->domain, &err), GOP_OK);
    strcpy(other.action[7], "fly");
    ck_assert_int_eq(recorded(zoo_domain_fits(&other, &data->domain, &err), &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "wave"));
    other.factor = 2;
    ck_assert_int_eq(recorded(zoo_domain_fits(&other, &data->domain, &err), &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "every 2"));
    zoo_layout_clear(&other.layout);
    ck_assert_int_eq(zoo_layout_copy(&other.layout, zoo_layout_find("cmu26"), NULL), GOP_OK);
    ck_assert_int_eq(recorded(zoo_domain_fits(&other, &data->domain, &err), &err), GOP_ESHAPE);
    ck_assert_ptr_nonnull(strstr(err.message, "cmu26"));
    zoo_domain_clear(&other);
    zoo_dataset_free(data);
}
END_TEST

/* ------------------------------------------------------------ windows */

/* Two tiny training sequences whose numbers encode their origin, a short one and a test one; every
 * second frame is taken. */
static zoo_dataset *tiny(void)
{
    static const size_t frames[] = {41, 60, 8, 50};
    static const char *const action[] = {"a", "b"};
    zoo_dataset *data = calloc(1, sizeof *data);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(
        zoo_domain_create(&data->domain, "tiny", zoo_layout_find("tiny5"), 50, 2, action, 2, NULL),
        GOP_OK);
    for (size_t i = 0; i < 4; i++) {
        float *v = malloc(frames[i] * 15 * sizeof *v);
        ck_assert_ptr_nonnull(v);
        for (size_t k = 0; k < frames[i] * 15; k++)
            v[k] = k % 15 == 7 ? 3 : (float)(1000 * i + k / 15) + (float)(k % 15) / 16;
        const zoo_sequence q = {.name = "s",
                                .action = i % 2,
                                .split = i == 3 ? ZOO_TEST : ZOO_TRAIN,
                                .frames = frames[i]};
        ck_assert_int_eq(zoo_dataset_add(data, &q, v, NULL), GOP_OK);
    }
    ck_assert_int_eq(zoo_domain_measure(data, NULL), GOP_OK);
    return data;
}

START_TEST(statistics_follow_their_formula)
{
    zoo_dataset *data = tiny();
    double sum = 0, square = 0, n = 41 + 60 + 8;
    for (size_t i = 0; i < 3; i++)
        for (size_t t = 0; t < data->sequence[i].frames; t++) {
            sum += data->sequence[i].data[t * 15 + 4];
            square += pow(data->sequence[i].data[t * 15 + 4], 2);
        }
    ck_assert_double_eq_tol(data->domain.mean[4], sum / n, 1e-4);
    ck_assert_double_eq_tol(data->domain.std[4], sqrt(square / n - sum * sum / n / n), 1e-3);
    for (size_t c = 0; c < 15; c++)
        ck_assert_uint_eq(data->domain.constant[c], c == 7);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(nothing_has_no_statistics)
{
    static const char *const action[] = {"a"};
    zoo_dataset *data = calloc(1, sizeof *data);
    gop_error err = {GOP_OK, ""};
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(
        zoo_domain_create(&data->domain, "empty", zoo_layout_find("tiny5"), 50, 1, action, 1, NULL),
        GOP_OK);
    ck_assert_int_eq(recorded(zoo_domain_measure(data, &err), &err), GOP_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "data set empty has no training frames"));
    zoo_dataset_free(data);
}
END_TEST

START_TEST(normalising_goes_there_and_back)
{
    zoo_dataset *data = tiny();
    const zoo_domain *d = &data->domain;
    gop_real x[5 * 6 * 3];
    float back[6 * 15];
    memset(back, 0, sizeof back);
    zoo_normalise(d, data->sequence[1].data + 3 * 15, 6, x, 6 * 3);
    zoo_denormalise(d, x, 6, back);
    for (size_t t = 0; t < 6; t++)
        for (size_t c = 0; c < 15; c++) {
            double raw = data->sequence[1].data[(3 + 2 * t) * 15 + c];
            double at = (double)x[(c / 3 * 6 + t) * 3 + c % 3];
            ck_assert_double_eq_tol(at, c == 7 ? 0 : (raw - d->mean[c]) / d->std[c], 1e-5);
            ck_assert_double_eq_tol(back[t * 15 + c], c == 7 ? 0 : raw, 1e-3);
        }
    zoo_dataset_free(data);
}
END_TEST

START_TEST(windows_are_cut_from_training_data)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s;
    enum { N = 400, OBS = 12, PRED = 4 };
    static gop_real x[N * 5 * OBS * 3], y[N * 5 * PRED * 3], label[N];
    ck_assert_int_eq(zoo_sampler_new(&s, data,
                                     &(zoo_windows){.observed = OBS, .predicted = PRED, .seed = 9},
                                     NULL),
                     GOP_OK);
    ck_assert_int_eq(
        zoo_sampler_next(s, N, &(zoo_batch){.x = x, .target = y, .labels = label}, NULL), GOP_OK);
    size_t seen[2] = {0, 0}, start_seen[2][16] = {{0}};
    for (size_t k = 0; k < N; k++) {
        size_t from = (size_t)label[k], n = zoo_sequence_length(data, from);
        ck_assert(from < 2);
        double first = (double)x[k * 5 * OBS * 3] * data->domain.std[0] + data->domain.mean[0];
        size_t start = (size_t)lround((first - 1000.0 * (double)from) / 2);
        ck_assert_uint_le(start, n - OBS - PRED);
        seen[from]++;
        start_seen[from][start]++;
        const float *raw = data->sequence[from].data + 2 * start * 15;
        gop_real wx[5 * OBS * 3], wy[5 * PRED * 3];
        zoo_normalise(&data->domain, raw, OBS, wx, OBS * 3);
        zoo_normalise(&data->domain, raw + 2 * OBS * 15, PRED, wy, PRED * 3);
        ck_assert_mem_eq(wx, x + k * 5 * OBS * 3, sizeof wx);
        ck_assert_mem_eq(wy, y + k * 5 * PRED * 3, sizeof wy);
    }
    ck_assert_uint_gt(seen[0], N / 3);
    ck_assert_uint_gt(seen[1], N / 3);
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k <= zoo_sequence_length(data, i) - OBS - PRED; k++)
            ck_assert_uint_gt(start_seen[i][k], 0);
    zoo_sampler_free(s);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(a_restored_sampler_goes_on_as_before)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s, *t;
    gop_real a[5 * 12 * 3 * 7], b[5 * 12 * 3 * 7], c[5 * 12 * 3 * 7];
    ck_assert_int_eq(
        zoo_sampler_new(&s, data, &(zoo_windows){.observed = 12, .predicted = 4, .seed = 1}, NULL),
        GOP_OK);
    ck_assert_int_eq(
        zoo_sampler_new(&t, data, &(zoo_windows){.observed = 12, .predicted = 4, .seed = 2}, NULL),
        GOP_OK);
    ck_assert_int_eq(zoo_sampler_next(s, 5, &(zoo_batch){.x = a}, NULL), GOP_OK);
    zoo_sampler_place state = zoo_sampler_state(s);
    ck_assert_int_eq(zoo_sampler_next(s, 7, &(zoo_batch){.x = a}, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_next(t, 7, &(zoo_batch){.x = c}, NULL), GOP_OK);
    zoo_sampler_restore(t, state);
    ck_assert_int_eq(zoo_sampler_next(t, 3, &(zoo_batch){.x = b}, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_next(t, 4, &(zoo_batch){.x = b + 3 * 5 * 12 * 3}, NULL), GOP_OK);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert(memcmp(a, c, sizeof a) != 0);
    zoo_sampler_free(s);
    zoo_sampler_free(t);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(windows_that_do_not_fit_are_refused)
{
    zoo_dataset *data = tiny();
    zoo_sampler *s;
    gop_error err;
    ck_assert_int_eq(
        recorded(zoo_sampler_new(&s, data,
                                 &(zoo_windows){.observed = 20, .predicted = 11, .seed = 1}, &err),
                 &err),
        GOP_EFORMAT);
    ck_assert_ptr_null(s);
    ck_assert_ptr_nonnull(
        strstr(err.message, "61 frames (31, one in 2: 20 observed and 11 predicted)"));
    ck_assert_int_eq(
        zoo_sampler_new(&s, data, &(zoo_windows){.observed = 20, .predicted = 10, .seed = 1}, &err),
        GOP_OK);
    gop_real label[20];
    ck_assert_int_eq(zoo_sampler_next(s, 20, &(zoo_batch){.labels = label}, NULL), GOP_OK);
    for (int i = 0; i < 20; i++)
        ck_assert(label[i] == 1);
    zoo_sampler_free(s);
    ck_assert_int_eq(
        recorded(zoo_sampler_new(&s, data,
                                 &(zoo_windows){.observed = 0, .predicted = 10, .seed = 1}, &err),
                 &err),
        GOP_EINVAL);
    zoo_dataset_free(data);
}
END_TEST

/* Clips of a whole sequence begin at its first frame, so that poses identify the sequence. */
enum { WHOLE = 80, SEEN = 6, AHEAD = 3, DRAWS = 3000 };

static size_t which(const zoo_dataset *data, const gop_real *x)
{
    for (size_t i = 0; i < data->sequences; i++) {
        gop_real own[22 * SEEN * 3];
        zoo_normalise(&data->domain, data->sequence[i].data, SEEN, own, SEEN * 3);
        if (data->sequence[i].split == ZOO_TRAIN && memcmp(own, x, sizeof own) == 0)
            return i;
    }
    ck_abort_msg("a window that no sequence begins with");
    return 0;
}

/* The sequence of these targets, which all begin after the observed frames. */
static size_t whose(const zoo_dataset *data, const gop_real *y)
{
    const size_t skip = SEEN * data->domain.layout.columns * data->domain.factor;
    for (size_t i = 0; i < data->sequences; i++) {
        gop_real own[22 * AHEAD * 3];
        zoo_normalise(&data->domain, data->sequence[i].data + skip, AHEAD, own, AHEAD * 3);
        if (data->sequence[i].split == ZOO_TRAIN && memcmp(own, y, sizeof own) == 0)
            return i;
    }
    ck_abort_msg("targets that are no sequence's");
    return 0;
}

/* A share of the sequences exchanges labels and targets, once for the whole run.  Each occurs as
 * often as before, and the windows are the same as without noise. */
START_TEST(noise_exchanges_labels_and_targets)
{
    static const double share[] = {0, 0.1, 0.5, 1};
    zoo_dataset *data;
    zoo_sampler *s, *clean;
    const zoo_windows plain = {.observed = SEEN, .predicted = AHEAD, .clip = WHOLE, .seed = 5};
    zoo_windows w = plain;
    static gop_real x[22 * SEEN * 3], y[22 * AHEAD * 3], x0[22 * SEEN * 3];
    ck_assert_int_eq(zoo_synth(&data, NULL, 3, NULL), GOP_OK);
    const size_t n = zoo_dataset_count(NULL, data, ZOO_TRAIN, WHOLE);
    ck_assert_uint_eq(n, 160);
    ck_assert_uint_eq(zoo_dataset_count(NULL, data, ZOO_TRAIN, WHOLE + 1), 0);
    ck_assert_uint_eq(zoo_dataset_count(NULL, data, ZOO_TEST, 1), 48);
    w.noisy_labels = share[_i];
    w.noisy_targets = share[3 - _i];
    ck_assert_int_eq(zoo_sampler_new(&s, data, &w, NULL), GOP_OK);
    ck_assert_int_eq(zoo_sampler_new(&clean, data, &plain, NULL), GOP_OK);
    size_t *label = calloc(data->sequences, sizeof *label);
    size_t *from = calloc(data->sequences, sizeof *from);
    for (size_t k = 0; k < DRAWS; k++) {
        gop_real got, own;
        ck_assert_int_eq(
            zoo_sampler_next(s, 1, &(zoo_batch){.x = x, .target = y, .labels = &got}, NULL),
            GOP_OK);
        ck_assert_int_eq(zoo_sampler_next(clean, 1, &(zoo_batch){.x = x0, .labels = &own}, NULL),
                         GOP_OK);
        ck_assert_mem_eq(x, x0, sizeof x);
        const size_t i = which(data, x), other = whose(data, y);
        ck_assert(own == (gop_real)data->sequence[i].action);
        ck_assert(label[i] == 0 || label[i] == (size_t)got + 1);
        ck_assert(from[i] == 0 || from[i] == other + 1);
        label[i] = (size_t)got + 1;
        from[i] = other + 1;
    }
    size_t exchanged = 0, relabelled = 0, given[8] = {0};
    bool *taken = calloc(data->sequences, sizeof *taken);
    for (size_t i = 0; i < data->sequences; i++) {
        if (data->sequence[i].split != ZOO_TRAIN)
            continue;
        ck_assert_uint_gt(label[i], 0); /* every sequence was drawn */
        ck_assert(!taken[from[i] - 1]);
        taken[from[i] - 1] = true;
        exchanged += from[i] - 1 != i;
        relabelled += label[i] - 1 != data->sequence[i].action;
        given[label[i] - 1]++;
    }
    ck_assert_uint_eq(exchanged, (size_t)lround(share[3 - _i] * (double)n));
    /* By chance an eighth of the labels stays the same. */
    ck_assert_uint_le(relabelled, (size_t)lround(share[_i] * (double)n));
    ck_assert_uint_ge(relabelled, (size_t)(0.6 * share[_i] * (double)n));
    for (size_t a = 0; a < 8; a++)
        ck_assert_uint_eq(given[a], 20);
    free(taken);
    free(label);
    free(from);
    zoo_sampler_free(s);
    zoo_sampler_free(clean);
    zoo_dataset_free(data);
}
END_TEST

START_TEST(windows_out_of_range_are_refused)
{
    const zoo_windows good = {.observed = 10, .predicted = 2, .seed = 1};
    const struct {
        zoo_windows w;
        const char *word;
    } bad[] = {
        {{.observed = 0}, "0 observed"},
        {{.observed = 10, .predicted = 2, .clip = 11}, "11 frames"},
        {{.observed = 10, .noisy_labels = -0.1}, "shares"},
        {{.observed = 10, .noisy_targets = 1.1}, "shares"},
        {{.observed = 10, .noisy_labels = NAN}, "shares"},
        {{.observed = 10, .noisy_targets = 0.5}, "targets"}, /* one of two */
    };
    zoo_dataset *data = tiny();
    zoo_sampler *s;
    gop_error err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, &bad[i].w, &err), &err), GOP_EINVAL);
        ck_assert_msg(strstr(err.message, bad[i].word), "%s", err.message);
        ck_assert_ptr_null(s);
    }
    ck_assert_int_eq(recorded(zoo_sampler_new(&s, data, NULL, &err), &err), GOP_EINVAL);
    ck_assert_int_eq(recorded(zoo_sampler_new(NULL, data, &good, &err), &err), GOP_EINVAL);
    ck_assert_uint_eq(zoo_dataset_count(NULL, NULL, ZOO_TRAIN, 0), 0);
    zoo_dataset_free(data);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof(a)[0])

TEST_MAIN("dataset")
{
    tcase_add_checked_fixture(t, scratch_open, scratch_close);
    tcase_add_test(t, built_in_layouts_make_sense);
    tcase_add_test(t, new_layouts_have_their_columns);
    tcase_add_test(t, pairs_are_left_and_right);
    tcase_add_test(t, cmu26_uses_the_columns_of_the_literature);
    tcase_add_loop_test(t, broken_layouts_are_named, 0, COUNT(broken));
    tcase_add_test(t, the_procedural_set_follows_its_seed);
    tcase_add_test(t, procedural_people_are_people);
    tcase_add_test(t, data_sets_come_back);
    tcase_add_loop_test(t, sets_of_another_form_are_refused, 0, 5);
    tcase_add_test(t, other_data_do_not_fit);
    tcase_add_test(t, statistics_follow_their_formula);
    tcase_add_test(t, nothing_has_no_statistics);
    tcase_add_test(t, normalising_goes_there_and_back);
    tcase_add_test(t, windows_are_cut_from_training_data);
    tcase_add_test(t, a_restored_sampler_goes_on_as_before);
    tcase_add_test(t, windows_that_do_not_fit_are_refused);
    tcase_add_loop_test(t, noise_exchanges_labels_and_targets, 0, 4);
    tcase_add_test(t, windows_out_of_range_are_refused);
}
