/*
 * test_missing.c: values that are missing count in no loss and no metric.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <math.h>

#include "trainer_fixture.h"
#include "zoo/metric/evaluate.h"
#include "zoo/metric/metric.h"

enum { BATCH = 4, COLUMNS = 66 };

/* Every seventh value of every third frame is missing, and one node in whole sequences. */
static void punch(void)
{
    for (size_t i = 0; i < data->sequences; i++)
        for (size_t t = 0; t < data->sequence[i].frames; t++)
            for (size_t c = 0; c < COLUMNS; c++)
                if ((t % 3 == 0 && (c / 3 + t + i) % 7 == 0) || (i % 5 == 0 && c / 3 == 8))
                    data->sequence[i].data[t * COLUMNS + c] = NAN;
    data->domain.missing = true;
}

/* Draws a batch for a training net of the model. */
static void fill(gop_net *net, const zoo_ports *p, const zoo_model *m)
{
    zoo_sampler *sampler;
    CHECK(zoo_sampler_new(&sampler, data,
                          &(zoo_windows){.observed = zoo_model_observed(m),
                                         .predicted = zoo_model_predicted(m),
                                         .seed = 3},
                          &err));
    const zoo_batch to = {.x = gop_net_value(net, p->x),
                          .target = gop_net_value(net, p->target),
                          .labels = gop_net_value(net, p->labels),
                          .mask = gop_net_value(net, p->mask)};
    ck_assert_ptr_nonnull(to.mask);
    CHECK(zoo_sampler_next(sampler, BATCH, &to, &err));
    zoo_sampler_free(sampler);
}

START_TEST(the_loss_counts_what_is_there)
{
    static const char *const stream[] = {"joint", "bone", "joint"};
    static const char *const reduction[] = {"mean", "mean", "sum"};
    gop_ctx *ctx;
    gop_net *net;
    zoo_ports p;
    punch();
    zoo_model *m = tiny_model(1);
    CHECK(zoo_model_set(m, "stream", stream[_i], &err));
    CHECK(zoo_model_set(m, "pred_reduction", reduction[_i], &err));
    CHECK(gop_ctx_new(&ctx, 1, 0, &err));
    CHECK(gop_net_new(&net, ctx, m->params, GOP_TRAINING, &err));
    CHECK(zoo_model_record(m, net, &(zoo_use){.batch = BATCH}, &p, &err));
    fill(net, &p, m);
    const size_t n = gop_shape_size(gop_net_shape(net, p.target));
    gop_real *target = gop_net_value(net, p.target);
    const gop_real *mask = gop_net_value(net, p.mask);
    CHECK(gop_net_forward(net, &err));
    const double loss = (double)*gop_net_value(net, p.loss_prediction);
    double off = 0, there = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = fabs((double)gop_net_value(net, p.poses)[i] - (double)target[i]);
        ck_assert(mask[i] == 1 || (mask[i] == 0 && target[i] == 0));
        off += mask[i] == 1 ? d : 0;
        there += (double)mask[i];
    }
    ck_assert(there > 0.5 * (double)n && there < 0.97 * (double)n);
    if (_i == 0)
        ck_assert_double_eq_tol(loss, off / there, 1e-5 * loss);
    if (_i == 2)
        ck_assert_double_eq_tol(loss, off / BATCH, 1e-5 * loss);
    /* What stands at missing values does not matter. */
    for (size_t i = 0; i < n; i++)
        target[i] += mask[i] == 0 ? 5 : 0;
    CHECK(gop_net_forward(net, &err));
    ck_assert_double_eq_tol((double)*gop_net_value(net, p.loss_prediction), loss, 1e-6 * loss);
    gop_net_free(net);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

START_TEST(training_with_missing_values_is_finite)
{
    gop_ctx *ctx;
    zoo_trainer *t;
    zoo_progress progress;
    zoo_training c = short_run(GOP_MGDA_UB_NORMALISED);
    punch();
    c.validate = 0.2;
    c.validate_every = 3;
    zoo_model *m = tiny_model(c.seed);
    CHECK(gop_ctx_new(&ctx, 2, 0, &err));
    CHECK(zoo_trainer_new(&t, ctx, m, data, &c, &err));
    for (int k = 0; k < 6; k++) {
        CHECK(zoo_trainer_step(t, &progress, &err));
        ck_assert(isfinite(progress.loss_prediction) && isfinite(progress.loss_recognition));
    }
    zoo_validation v;
    bool best;
    CHECK(zoo_trainer_validate(t, &v, &best, &err));
    ck_assert(isfinite(v.loss_prediction) && v.loss_prediction > 0);
    zoo_trainer_free(t);
    zoo_model_free(m);
    gop_ctx_free(ctx);
}
END_TEST

/* The numbers of a protocol are those of the joints that are there. */
START_TEST(errors_are_of_the_joints_that_are_there)
{
    const double p[9] = {0, 0, 0, 1, 1, 1, 5, 5, 5}, q[9] = {3, 4, 0, NAN, NAN, NAN, 5, 5, 5};
    const double none[3] = {NAN, NAN, NAN};
    ck_assert(zoo_mean_distance(p, q, 3) == 2.5);
    ck_assert(zoo_pck(p, q, 3, 1) == 0.5);
    ck_assert(isnan(zoo_mean_distance(p, none, 1)) && isnan(zoo_pck(p, none, 1, 1)));
    ck_assert(zoo_box_side(q, 3) == 5);

    const zoo_predictor still = {.batch = 1, .observed = 10, .predicted = 10};
    const zoo_protocol *dense = zoo_protocol_list();
    while (dense->task != ZOO_PREDICTION || !zoo_protocol_suits(dense, &data->domain))
        dense++;
    zoo_table *whole, *part;
    CHECK(zoo_evaluate(&whole, dense, data, &still, NULL, &err));
    punch();
    for (size_t i = 0; i < data->sequences; i++) /* nothing is there in a whole sequence */
        for (size_t k = 0; i == 165 && k < data->sequence[i].frames * COLUMNS; k++)
            data->sequence[i].data[k] = NAN;
    CHECK(zoo_evaluate(&part, dense, data, &still, NULL, &err));
    ck_assert_uint_eq(whole->rows, part->rows);
    for (size_t i = 0; i < whole->rows; i++)
        for (size_t h = 0; h < whole->horizons; h++) {
            const double a = whole->row[i].result[0].still[h], b = part->row[i].result[0].still[h];
            ck_assert_msg(isfinite(b) && fabs(a - b) < 0.25 * a + 1, "%g and %g mm", a, b);
            ck_assert(isfinite(part->row[i].result[0].still_std[h]));
        }
    zoo_table_free(whole);
    zoo_table_free(part);
}
END_TEST

TEST_MAIN("missing")
{
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, the_loss_counts_what_is_there, 0, 3);
    tcase_add_test(t, training_with_missing_values_is_finite);
    tcase_add_test(t, errors_are_of_the_joints_that_are_there);
}
