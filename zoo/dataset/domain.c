/*
 * domain.c: copies, compares and stores domains; normalises poses.  Touches memory; files through
 * graphop's writer and reader.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/dataset/build.h"
#include "zoo/dataset/transform/transform.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES    13 /* without `reading`, which only some have */
#define MAX_FACTOR 1000
#define MAX_RATE   1e6

/* Allocates arrays for the counts in *d. */
static bool allocate(zoo_domain *d)
{
    size_t columns = d->layout.columns;
    d->action = calloc(d->actions, sizeof *d->action);
    d->mean = calloc(columns, sizeof *d->mean);
    d->std = calloc(columns, sizeof *d->std);
    d->constant = calloc(columns, sizeof *d->constant);
    return d->action != NULL && d->mean != NULL && d->std != NULL && d->constant != NULL;
}

gop_status zoo_domain_create(zoo_domain *d, const char *name, const zoo_layout *layout, double rate,
                             uint32_t factor, const char *const *action, size_t actions,
                             gop_error *err)
{
    memset(d, 0, sizeof *d);
    strncpy(d->name, name, ZOO_NAME_SIZE - 1);
    d->rate = d->recorded_rate = rate;
    d->factor = factor;
    d->actions = actions;
    gop_status s = zoo_layout_copy(&d->layout, layout, err);
    if (s == GOP_OK && !allocate(d))
        s = gop_fail(err, GOP_ENOMEM, "out of memory for data set %s", name);
    for (size_t i = 0; i < actions && s == GOP_OK; i++)
        strncpy(d->action[i], action[i], ZOO_NAME_SIZE - 1);
    for (size_t c = 0; c < layout->columns && s == GOP_OK; c++)
        d->std[c] = 1;
    if (s != GOP_OK)
        zoo_domain_clear(d);
    return s;
}

gop_status zoo_domain_room(zoo_domain *d, gop_error *err)
{
    const size_t columns = d->layout.columns;
    float *mean = calloc(columns, sizeof *mean), *std = calloc(columns, sizeof *std);
    uint8_t *constant = calloc(columns, sizeof *constant);
    if (mean == NULL || std == NULL || constant == NULL) {
        free(mean);
        free(std);
        free(constant);
        return gop_fail(err, GOP_ENOMEM, "out of memory for data set %s", d->name);
    }
    for (size_t c = 0; c < columns; c++)
        std[c] = 1;
    free(d->mean);
    free(d->std);
    free(d->constant);
    d->mean = mean;
    d->std = std;
    d->constant = constant;
    return GOP_OK;
}

gop_status zoo_domain_classes(zoo_domain *d, const char *const *action, size_t actions,
                              gop_error *err)
{
    char(*name)[ZOO_NAME_SIZE] = calloc(actions, sizeof *name);
    if (name == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for data set %s", d->name);
    for (size_t i = 0; i < actions; i++)
        strncpy(name[i], action[i], ZOO_NAME_SIZE - 1);
    free(d->action);
    d->action = name;
    d->actions = actions;
    return GOP_OK;
}

gop_status zoo_domain_copy(zoo_domain *copy, const zoo_domain *domain, gop_error *err)
{
    if (copy == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_domain_copy: the result pointer is NULL");
    if (domain == NULL) {
        memset(copy, 0, sizeof *copy);
        return gop_fail(err, GOP_EINVAL, "zoo_domain_copy: the domain is NULL");
    }
    zoo_domain d = *domain;
    memset(copy, 0, sizeof *copy);
    if (d.mean == NULL || d.std == NULL || d.constant == NULL ||
        (d.actions > 0 && d.action == NULL))
        return gop_fail(err, GOP_EINVAL, "zoo_domain_copy: the domain is incomplete");
    d.action = NULL;
    d.mean = d.std = NULL;
    d.constant = NULL;
    memset(&d.layout, 0, sizeof d.layout);
    memset(&d.recorded, 0, sizeof d.recorded);
    gop_status s = zoo_layout_copy(&d.layout, &domain->layout, err);
    if (s == GOP_OK && domain->recorded.nodes > 0)
        s = zoo_layout_copy(&d.recorded, &domain->recorded, err);
    if (s == GOP_OK && !allocate(&d))
        s = gop_fail(err, GOP_ENOMEM, "out of memory for data set %s", domain->name);
    if (s != GOP_OK) {
        zoo_domain_clear(&d);
        return s;
    }
    size_t columns = d.layout.columns;
    if (d.actions > 0)
        memcpy(d.action, domain->action, d.actions * sizeof *d.action);
    memcpy(d.mean, domain->mean, columns * sizeof *d.mean);
    memcpy(d.std, domain->std, columns * sizeof *d.std);
    memcpy(d.constant, domain->constant, columns);
    *copy = d;
    return GOP_OK;
}

void zoo_domain_clear(zoo_domain *d)
{
    if (d == NULL)
        return;
    zoo_layout_clear(&d->layout);
    zoo_layout_clear(&d->recorded);
    free(d->action);
    free(d->mean);
    free(d->std);
    free(d->constant);
    memset(d, 0, sizeof *d);
}

double zoo_recorded_rate(const zoo_domain *d)
{
    return d->recorded_rate > 0 ? d->recorded_rate : d->rate;
}

const zoo_layout *zoo_domain_recorded(const zoo_domain *d)
{
    return d == NULL ? NULL : d->recorded.nodes > 0 ? &d->recorded : &d->layout;
}

size_t zoo_domain_action(const zoo_domain *d, const char *name)
{
    const size_t actions = d == NULL || name == NULL ? 0 : d->actions;
    for (size_t i = 0; i < actions; i++)
        if (strcmp(d->action[i], name) == 0)
            return i;
    return SIZE_MAX;
}

/* Whether a step changes only the length of clips or the number of bodies, or what is compared by
 * itself: the layout's nodes, the rate. */
static bool changes_size(const char *step)
{
    static const char *const kind[] = {"fill ", "bodies ", "joints ", "rate "};
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++)
        if (strncmp(step, kind[k], strlen(kind[k])) == 0)
            return true;
    return false;
}

static bool same_steps(const zoo_steps *a, const zoo_steps *b)
{
    for (size_t i = 0, k = 0;; i++, k++) {
        while (i < a->n && changes_size(a->step[i]))
            i++;
        while (k < b->n && changes_size(b->step[k]))
            k++;
        if (i == a->n || k == b->n)
            return i == a->n && k == b->n;
        if (strcmp(a->step[i], b->step[k]) != 0)
            return false;
    }
}

static void list_steps(char *text, size_t size, const zoo_steps *steps)
{
    size_t used = 0;
    snprintf(text, size, "nothing");
    for (size_t i = 0; i < steps->n && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "; " : "",
                                 steps->step[i]);
}

gop_status zoo_domain_observes(const zoo_domain *model, const zoo_domain *data, gop_error *err)
{
    if (model == NULL || data == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_domain_observes: two domains are needed");
    char differs[256];
    zoo_layout_difference(differs, sizeof differs, &model->layout, &data->layout);
    if (differs[0] != '\0')
        return gop_fail(err, GOP_ESHAPE,
                        "the data have layout %s (%u nodes, %u columns), the model was made for %s"
                        " (%u nodes, %u columns); they differ in: %s",
                        data->layout.name, (unsigned)data->layout.nodes,
                        (unsigned)data->layout.columns, model->layout.name,
                        (unsigned)model->layout.nodes, (unsigned)model->layout.columns, differs);
    if (model->rate != data->rate || model->factor != data->factor)
        return gop_fail(err, GOP_ESHAPE,
                        "the data have %g frames a second (every %u taken), the"
                        " model was made for %g (every %u)",
                        data->rate, (unsigned)data->factor, model->rate, (unsigned)model->factor);
    if (strcmp(model->origin, data->origin) == 0 && !same_steps(&model->steps, &data->steps)) {
        char of_data[256], of_model[256];
        list_steps(of_data, sizeof of_data, &data->steps);
        list_steps(of_model, sizeof of_model, &model->steps);
        return gop_fail(err, GOP_ESHAPE,
                        "the data are transformed by '%s', the model was made for '%s'", of_data,
                        of_model);
    }
    return GOP_OK;
}

gop_status zoo_domain_fits(const zoo_domain *model, const zoo_domain *data, gop_error *err)
{
    gop_try(zoo_domain_observes(model, data, err));
    if (model->actions != data->actions)
        return gop_fail(err, GOP_ESHAPE, "the data have %zu actions, the model has %zu",
                        data->actions, model->actions);
    for (size_t i = 0; i < model->actions; i++)
        if (strcmp(model->action[i], data->action[i]) != 0)
            return gop_fail(err, GOP_ESHAPE, "action %zu of the data is %s, the model's is %s", i,
                            data->action[i], model->action[i]);
    return GOP_OK;
}

void zoo_normalise(const zoo_domain *d, const float *raw, size_t frames, gop_real *x,
                   size_t node_stride)
{
    if (d != NULL && raw != NULL && x != NULL)
        zoo_normalise_each(d, raw, frames, d->factor, x, node_stride);
}

void zoo_normalise_each(const zoo_domain *d, const float *raw, size_t frames, size_t every,
                        gop_real *x, size_t node_stride)
{
    const zoo_layout *l = &d->layout;
    const size_t step = every * l->columns;
    for (size_t i = 0; i < l->nodes; i++)
        for (size_t k = 0; k < l->channels; k++) {
            size_t c = l->column[i * l->channels + k];
            float mean = d->mean[c], std = d->std[c];
            gop_real *to = x + i * node_stride + k;
            for (size_t t = 0; t < frames; t++) {
                const float v = raw[t * step + c];
                to[t * l->channels] = d->constant[c] || isnan(v) ? 0 : (v - mean) / std;
            }
        }
}

void zoo_denormalise(const zoo_domain *d, const gop_real *x, size_t frames, float *raw)
{
    if (d == NULL || raw == NULL || x == NULL)
        return;
    const zoo_layout *l = &d->layout;
    for (size_t i = 0; i < l->nodes; i++)
        for (size_t k = 0; k < l->channels; k++) {
            size_t c = l->column[i * l->channels + k];
            const gop_real *from = x + i * frames * l->channels + k;
            for (size_t t = 0; t < frames && !d->constant[c]; t++)
                raw[t * l->columns + c] = (float)from[t * l->channels] * d->std[c] + d->mean[c];
        }
}

void zoo_domain_write(gop_writer *w, const zoo_domain *d)
{
    if (d == NULL)
        return;
    gop_write_map(w, ENTRIES + (d->reading[0] != '\0'));
    gop_write_key(w, "name");
    gop_write_text(w, d->name);
    gop_write_key(w, "layout");
    zoo_layout_write(w, &d->layout);
    gop_write_key(w, "rate");
    gop_write_double(w, d->rate);
    gop_write_key(w, "factor");
    gop_write_uint(w, d->factor);
    gop_write_key(w, "actions");
    gop_write_array(w, d->actions);
    for (size_t i = 0; i < d->actions; i++)
        gop_write_text(w, d->action[i]);
    gop_write_key(w, "mean");
    gop_write_floats(w, d->mean, d->layout.columns);
    gop_write_key(w, "std");
    gop_write_floats(w, d->std, d->layout.columns);
    gop_write_key(w, "constant");
    gop_write_bytes(w, d->constant, d->layout.columns);
    gop_write_key(w, "origin");
    gop_write_text(w, d->origin);
    gop_write_key(w, "steps");
    gop_write_array(w, d->steps.n);
    for (size_t i = 0; i < d->steps.n; i++)
        gop_write_text(w, d->steps.step[i]);
    gop_write_key(w, "recorded");
    gop_write_array(w, d->recorded.nodes > 0);
    if (d->recorded.nodes > 0)
        zoo_layout_write(w, &d->recorded);
    gop_write_key(w, "recorded_rate");
    gop_write_double(w, zoo_recorded_rate(d));
    gop_write_key(w, "missing");
    gop_write_bool(w, d->missing);
    if (d->reading[0] != '\0') {
        gop_write_key(w, "reading");
        gop_write_text(w, d->reading);
    }
}

static bool good(const gop_reader *r)
{
    return gop_reader_status(r, NULL) == GOP_OK;
}

static void read_actions(gop_reader *r, zoo_domain *d)
{
    gop_read_key(r, "actions");
    d->actions = gop_read_array(r);
    if (d->actions == 0 || d->actions > ZOO_MAX_ACTIONS)
        gop_reader_fail(r, "%zu actions; 1 to %d are allowed", d->actions, ZOO_MAX_ACTIONS);
    if (good(r) && !allocate(d)) {
        gop_error e;
        gop_fail(&e, GOP_ENOMEM, "out of memory for data set %s", d->name);
        gop_reader_refuse(r, &e);
    }
    for (size_t i = 0; i < d->actions && good(r); i++) {
        gop_read_text(r, d->action[i], ZOO_NAME_SIZE);
        if (d->action[i][0] == '\0')
            gop_reader_fail(r, "action %zu has no name", i);
        else if (zoo_domain_action(d, d->action[i]) < i)
            gop_reader_fail(r, "two actions are named %s", d->action[i]);
    }
}

static void read_statistics(gop_reader *r, zoo_domain *d)
{
    size_t columns = d->layout.columns;
    gop_read_key(r, "mean");
    gop_read_floats(r, d->mean, columns);
    gop_read_key(r, "std");
    gop_read_floats(r, d->std, columns);
    gop_read_key(r, "constant");
    gop_read_bytes(r, d->constant, columns);
    for (size_t c = 0; c < columns && good(r); c++)
        if (!isfinite(d->mean[c]) || !isfinite(d->std[c]) || !(d->std[c] > 0) || d->constant[c] > 1)
            gop_reader_fail(r, "the statistics of column %zu are invalid", c);
}

void zoo_domain_read_common(gop_reader *r, zoo_domain *d)
{
    gop_read_key(r, "name");
    gop_read_text(r, d->name, sizeof d->name);
    gop_read_key(r, "layout");
    zoo_layout_read(r, &d->layout);
    gop_read_key(r, "rate");
    d->rate = gop_read_double(r);
    if (!(d->rate > 0 && d->rate <= MAX_RATE))
        gop_reader_fail(r, "a rate of %g frames a second is out of range", d->rate);
    gop_read_key(r, "factor");
    d->factor = (uint32_t)gop_read_uint(r, MAX_FACTOR);
    if (d->factor == 0)
        gop_reader_fail(r, "the factor is 0");
    if (good(r))
        read_actions(r, d);
    if (good(r))
        read_statistics(r, d);
}

/* Reads the transformations, which must turn what was recorded into the layout and the rate. */
static void read_steps(gop_reader *r, zoo_domain *d)
{
    zoo_plan *plan = NULL;
    gop_error e;
    gop_read_key(r, "steps");
    const size_t n = gop_read_array(r);
    if (n > ZOO_MAX_STEPS)
        gop_reader_fail(r, "%zu transformations; at most %d are allowed", n, ZOO_MAX_STEPS);
    for (; d->steps.n < n && good(r); d->steps.n++)
        gop_read_text(r, d->steps.step[d->steps.n], ZOO_STEP_SIZE);
    gop_read_key(r, "recorded");
    const size_t layouts = gop_read_array(r);
    if (layouts > 1)
        gop_reader_fail(r, "data can be recorded in one layout only");
    if (layouts == 1 && good(r))
        zoo_layout_read(r, &d->recorded);
    gop_read_key(r, "recorded_rate");
    d->recorded_rate = gop_read_double(r);
    if (!(d->recorded_rate > 0 && d->recorded_rate <= MAX_RATE))
        gop_reader_fail(r, "a rate of %g frames a second is out of range", d->recorded_rate);
    if (!good(r))
        return;
    if (zoo_plan_new(&plan, &d->steps, zoo_domain_recorded(d), d->recorded_rate, &d->layout, &e) !=
        GOP_OK)
        gop_reader_refuse(r, &e);
    else if (!zoo_layout_equal(&zoo_plan_result(plan)->layout, &d->layout) ||
             zoo_plan_result(plan)->rate != d->rate)
        gop_reader_fail(r, "the transformations do not give the layout and the rate");
    zoo_plan_free(plan);
}

void zoo_domain_read(gop_reader *r, zoo_domain *domain)
{
    zoo_domain d;
    memset(&d, 0, sizeof d);
    if (domain == NULL) {
        gop_reader_fail(r, "the result pointer is NULL");
        return;
    }
    const size_t entries = gop_read_map(r);
    if (entries != ENTRIES && entries != ENTRIES + 1)
        gop_reader_fail(r, "a domain must have %d or %d entries", ENTRIES, ENTRIES + 1);
    zoo_domain_read_common(r, &d);
    gop_read_key(r, "origin");
    gop_read_text(r, d.origin, sizeof d.origin);
    read_steps(r, &d);
    gop_read_key(r, "missing");
    d.missing = gop_read_bool(r);
    if (good(r) && entries > ENTRIES) {
        gop_read_key(r, "reading");
        gop_read_text(r, d.reading, sizeof d.reading);
        if (good(r) && d.reading[0] == '\0')
            gop_reader_fail(r, "the text of how files are read is empty");
    }
    if (!good(r))
        zoo_domain_clear(&d);
    *domain = d;
}
