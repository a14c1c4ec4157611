/*
 * test_recogniser.c: the parts that models which recognise share, by their definitions.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "net_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "zoo/zoo.h"

enum { N = 2, T = 3, CLASSES = 3 };

START_TEST(partitions_and_bones)
{
    const zoo_layout *l = zoo_layout_find("cmu26");
    const size_t M = l->nodes, C = l->channels;
    fixture f = fixture_new(false);
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    gop_var A = zoo_spatial_partition(f.net, l, _i == 1), y = zoo_bones(f.net, l, x);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    const gop_real *a = gop_net_value(f.net, A);
    for (size_t i = 0; i < M; i++) {
        double all = 0;
        for (size_t k = 0; k < 3; k++) {
            double sum = 0;
            for (size_t j = 0; j < M; j++)
                sum += (double)a[(k * M + i) * M + j];
            ck_assert(_i == 0 || sum == 0 || fabs(sum - 1) < 1e-6);
            all += sum;
        }
        ck_assert(_i == 1 || fabs(all - 1) < 1e-6);
    }
    gop_real *v = gop_net_value(f.net, x);
    for (size_t i = 0; i < N * M * T * C; i++)
        v[i] = (gop_real)sin((double)i);
    assert_ok(f, gop_net_forward(f.net, &f.err));
    gop_graph *g;
    uint32_t *parent = calloc(M, sizeof *parent);
    assert_ok(f, zoo_layout_graph(&g, l, &f.err));
    assert_ok(f, gop_graph_parents(parent, g, l->centre, &f.err));
    for (size_t e = 0; e < N * M * T * C; e++) {
        const size_t i = e / C / T % M, up = e + (parent[i] - i) * T * C;
        ck_assert_double_eq_tol((double)gop_net_value(f.net, y)[e], (double)v[e] - (double)v[up],
                                1e-6);
    }
    free(parent);
    gop_graph_free(g);
    fixture_free(&f);
}
END_TEST

START_TEST(each_channel_of_each_node_is_normalised)
{
    enum { M = 4, C = 2 };
    fixture f = fixture_new(true);
    gop_real data[N * M * T * C];
    gop_var x = gop_input(f.net, "x", gop_shape4(N, M, T, C));
    gop_var y = zoo_node_batch_norm(f.net, "bn", x, 1);
    gop_net_keep(f.net, y);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (size_t i = 0; i < N * M * T * C; i++)
        data[i] = (gop_real)(sin((double)(i * i)) * (double)(i + 1));
    const given in = {x, data};
    assert_ok(f, fixture_run(&f, &in, 1));
    for (size_t k = 0; k < M * C; k++) {
        double sum = 0, squares = 0;
        for (size_t r = 0; r < N * T; r++) {
            const size_t at = ((r / T * M + k / C) * T + r % T) * C + k % C;
            sum += (double)gop_net_value(f.net, y)[at];
            squares += pow((double)gop_net_value(f.net, y)[at], 2);
        }
        ck_assert_double_eq_tol(sum, 0, 1e-5);
        ck_assert_double_eq_tol(squares / (N * T), 1, 1e-3);
    }
    fixture_free(&f);
}
END_TEST

START_TEST(scores_become_classes)
{
    static const gop_real logits[2][N * CLASSES] = {{1, 2, 3, 0, 0, 0}, {0, 1, 0, -1, 2, 1}};
    const bool training = _i == 1;
    fixture f = fixture_new(training);
    given in[2] = {give(&f, gop_shape2(N, CLASSES), logits[0]),
                   give(&f, gop_shape2(N, CLASSES), logits[1])};
    const gop_var both[2] = {in[0].var, in[1].var};
    zoo_ports p = zoo_ports_none();
    double loss = 0;
    zoo_classify(f.net, &(zoo_use){.batch = N}, both, 2, NULL, &p);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    ck_assert((p.labels.id >= 0) == training && (p.loss_recognition.id >= 0) == training);
    if (training)
        gop_net_value(f.net, p.labels)[0] = 2, gop_net_value(f.net, p.labels)[1] = 1;
    assert_ok(f, fixture_run(&f, in, 2));
    for (size_t n = 0; n < N; n++)
        for (size_t c = 0; c < CLASSES; c++) {
            double mean = 0;
            for (size_t k = 0; k < 2; k++) {
                double sum = 0;
                for (size_t d = 0; d < CLASSES; d++)
                    sum += exp((double)logits[k][n * CLASSES + d]);
                const double share = exp((double)logits[k][n * CLASSES + c]) / sum;
                mean += share / 2;
                if (c == (n == 0 ? 2 : 1))
                    loss -= log(share) / N;
            }
            ck_assert_double_eq_tol((double)gop_net_value(f.net, p.scores)[n * CLASSES + c], mean,
                                    1e-6);
        }
    if (training)
        ck_assert_double_eq_tol((double)gop_net_value(f.net, p.loss_recognition)[0], loss, 1e-5);
    fixture_free(&f);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    static const char *const says[] = {"the layout is NULL",       "the layout is NULL",
                                       "x must be [N B, M, T, C]", "zoo_classify: a use",
                                       "zoo_classify: a use",      "zoo_classify: a use",
                                       "zoo_classifier: a use"};
    fixture f = fixture_new(true);
    gop_var x = gop_input(f.net, "x", gop_shape3(2, 3, 4));
    zoo_ports p = zoo_ports_none();
    switch (_i) {
    case 0:
        zoo_spatial_partition(f.net, NULL, true);
        break;
    case 1:
        zoo_bones(f.net, NULL, x);
        break;
    case 2:
        zoo_node_batch_norm(f.net, "bn", x, 1);
        break;
    case 3:
        zoo_classify(f.net, &(zoo_use){.batch = 2}, NULL, 1, NULL, &p);
        break;
    case 4:
        zoo_classify(f.net, &(zoo_use){.batch = 2}, &x, 0, NULL, &p);
        break;
    case 5:
        zoo_classify(f.net, &(zoo_use){.batch = 2}, &x, 1, NULL, NULL);
        break;
    default:
        zoo_classifier(f.net, NULL, &p, "scores", x);
    }
    ck_assert_int_ne(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_OK);
    assert_says(&f, says[_i]);
    fixture_free(&f);
}
END_TEST

START_TEST(blocks_are_checked)
{
    const zoo_list two = {2, {8, 16}}, one = {1, {1}}, none = {0, {0}};
    gop_error err = {GOP_OK, ""};
    ck_assert_int_eq(zoo_check_blocks(&two, &two, 9, &err), GOP_OK);
    ck_assert_int_eq(zoo_check_blocks(&two, &one, 9, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message,
                     "widths and strides have 2 and 1 entries; each block needs one of each");
    ck_assert_int_eq(zoo_check_blocks(&none, &none, 9, &err), GOP_EINVAL);
    ck_assert_int_eq(zoo_check_blocks(&one, &one, 8, &err), GOP_EINVAL);
    ck_assert_str_eq(err.message, "taps must be odd, not 8");
}
END_TEST

TEST_MAIN("recogniser")
{
    tcase_add_loop_test(t, partitions_and_bones, 0, 2);
    tcase_add_test(t, each_channel_of_each_node_is_normalised);
    tcase_add_loop_test(t, scores_become_classes, 0, 2);
    tcase_add_loop_test(t, what_does_not_fit_is_refused, 0, 7);
    tcase_add_test(t, blocks_are_checked);
}
