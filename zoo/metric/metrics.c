/*
 * metrics.c: the table of metrics, one row each: what `graphop eval` measures and how it shows it.
 * A protocol measures, in this order, the metrics whose needs its clips meet.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/metrics.h"

#include <math.h>
#include <stdio.h>

#include "zoo/metric/metric.h"

#define MM 1000.0 /* in a metre */

static double angle_error(const zoo_comparison *c)
{
    return zoo_angle_error(c->true_angle, c->angle, c->counted, c->columns);
}

static double place_error(const zoo_comparison *c)
{
    return MM / c->metre * zoo_mean_distance(c->place, c->true_place, c->joints);
}

/* -------------------------------------------------------------------- near joints */

/* Divides both poses by the standard deviations of their columns; NaN for joints without a
 * column. */
static double pck_by_std(const zoo_comparison *c)
{
    double *p = c->work, *q = p + 3 * c->joints;
    const zoo_domain *d = c->domain;
    if (!c->nodes)
        return NAN;
    for (size_t i = 0; i < 3 * c->joints; i++) {
        p[i] = c->place[i] / d->std[d->layout.column[i]];
        q[i] = c->true_place[i] / d->std[d->layout.column[i]];
    }
    return zoo_pck(p, q, c->joints, c->measure->pck_limit);
}

static double pck(const zoo_comparison *c)
{
    if (c->measure->pck_scale == ZOO_PCK_STD)
        return pck_by_std(c);
    double of = c->measure->pck_scale == ZOO_PCK_BOX ? zoo_box_side(c->true_place, c->joints)
                                                     : c->metre;
    return zoo_pck(c->place, c->true_place, c->joints, c->measure->pck_limit * of);
}

static bool fit_pck(zoo_column *column, const zoo_measure *asked)
{
    column->aside = asked->pck_limit == 0;
    snprintf(column->label, sizeof column->label, "PCK@%g, %%", asked->pck_limit);
    return true;
}

/* ------------------------------------------------------------------------- labels */

static double top_1(const zoo_comparison *c)
{
    return zoo_top_k(c->score, c->classes, c->label, 1);
}

static double top_5(const zoo_comparison *c)
{
    return zoo_top_k(c->score, c->classes, c->label, 5);
}

static double top_k(const zoo_comparison *c)
{
    return zoo_top_k(c->score, c->classes, c->label, c->measure->top);
}

/* Measured only for k other than 1 and 5. */
static bool fit_top_k(zoo_column *column, const zoo_measure *asked)
{
    snprintf(column->key, sizeof column->key, "top%zu", asked->top);
    snprintf(column->label, sizeof column->label, "top-%zu", asked->top);
    return asked->top > 1 && asked->top != 5;
}

static const zoo_metric metrics[] = {
    {{.key = "error",
      .still_key = "zero_velocity",
      .steady_key = "constant_velocity",
      .unit = "rad",
      .digits = 3,
      .spread = true},
     ZOO_NEEDS_ANGLES,
     angle_error,
     NULL,
     NULL},
    {{.key = "error",
      .still_key = "zero_velocity",
      .steady_key = "constant_velocity",
      .unit = "mm",
      .digits = 1,
      .spread = true},
     ZOO_NEEDS_PLACES,
     place_error,
     NULL,
     NULL},
    {{.key = "pck",
      .still_key = "zero_velocity_pck",
      .steady_key = "constant_velocity_pck",
      .unit = "%",
      .digits = 1,
      .limited = true},
     ZOO_NEEDS_PLACES,
     pck,
     fit_pck,
     NULL},
    {{.key = "top1", .label = "top-1", .unit = "%", .digits = 1},
     ZOO_NEEDS_SCORES,
     top_1,
     NULL,
     NULL},
    {{.key = "top5", .label = "top-5", .unit = "%", .digits = 1},
     ZOO_NEEDS_SCORES,
     top_5,
     NULL,
     NULL},
    {{.key = "", .unit = "%", .digits = 1}, ZOO_NEEDS_SCORES, top_k, fit_top_k, NULL},
    {.column = {.key = "ece",
                .label = "Expected calibration error",
                .unit = "%",
                .digits = 1,
                .pooled = true},
     .needs = ZOO_NEEDS_SCORES,
     .pool = zoo_calibration_error},
    {.column = {.unit = NULL}},
};

const zoo_metric *zoo_metric_list(void)
{
    return metrics;
}
