/*
 * import.c: makes a model of the weights of another program.  Touches files by reading them.
 *
 * The table that knows most tensors is chosen; the domain follows from the options and the number of
 * classes, the configuration from the shapes.  Recording the model then makes its parameters, and
 * each takes the tensor that a row names.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/blob.h"
#include "zoo/bom.h"
#include "zoo/weights/import_parts.h"

#define MOST_LABELS ((uint64_t)1 << 20) /* bytes of a file of classes */
#define SHOWN       5                   /* names in a message */

typedef struct import {
    const zoo_model_type *type;
    const zoo_import_options *how;
    const char *path;
    zoo_weights *w;
    const zoo_import *table;
    zoo_imported *report;
    zoo_model *model;
    const zoo_layout *layout;
    uint64_t bodies;              /* with statistics of their own; 0: unknown */
    bool any_classes;             /* the network has none; those of the list, if any, are taken */
    size_t classes;               /* with any_classes: at most, until the list is read */
    char (*label)[ZOO_NAME_SIZE]; /* [classes] */
    bool *used;                   /* [tensors of the file] */
    gop_error *err;
} import;

/* ----------------------------------------------------------------------- tables */

/* Whether a row of the table has the name. */
static bool knows(const zoo_import *table, const char *name)
{
    zoo_numbers v;
    const char *rest;
    for (const zoo_import_row *r = table->rows; r->theirs != NULL; r++)
        if (r->ours == NULL ? gop_name_matches(r->theirs, name)
                            : zoo_import_matches(&v, &rest, r->theirs, name, table))
            return true;
    return false;
}

/* The first names of the file, for a message. */
static void first_names(char *text, size_t size, const zoo_weights *w)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < zoo_weights_count(w) && i < SHOWN && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "",
                                 zoo_weights_at(w, i)->name);
}

static gop_status choose_table(import *m)
{
    char known[256] = "", names[512];
    size_t most = 0, length = 0;
    if (m->type->imports == NULL)
        return gop_fail(m->err, GOP_EINVAL, "%s has no tables of other programs' names",
                        m->type->name);
    for (const zoo_import *t = m->type->imports; t->name != NULL; t++) {
        size_t n = 0;
        for (size_t i = 0; i < zoo_weights_count(m->w); i++)
            n += knows(t, zoo_weights_at(m->w, i)->name);
        const bool asked = m->how->table != NULL && strcmp(m->how->table, t->name) == 0;
        if (asked || (m->how->table == NULL && n > most)) {
            most = n;
            m->table = t;
        }
        if (length < sizeof known)
            length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
                                       length > 0 ? ", " : "", t->name);
    }
    if (m->table != NULL)
        return GOP_OK;
    if (m->how->table != NULL)
        return gop_fail(m->err, GOP_EINVAL, "%s has no table %s; it has %s", m->type->name,
                        m->how->table, known);
    first_names(names, sizeof names, m->w);
    return gop_fail(m->err, GOP_EINVAL,
                    "%s: no tensor has a name of %s (%s); its first ones are %s", m->path,
                    m->type->name, known, names);
}

/* The file's tensor for a parameter of ours; SIZE_MAX without one. */
static size_t find_tensor(const import *m, const char *ours, const zoo_import_row **row,
                          const char **rest)
{
    char name[ZOO_WEIGHT_NAME];
    for (const zoo_import_row *r = m->table->rows; r->theirs != NULL; r++) {
        zoo_numbers v;
        if (r->ours == NULL || !zoo_import_matches(&v, rest, r->ours, ours, NULL) ||
            !zoo_import_name(name, sizeof name, r->theirs, &v, *rest, m->table))
            continue;
        const size_t i = zoo_weights_find(m->w, name);
        *row = r;
        if (i != SIZE_MAX)
            return i;
    }
    return SIZE_MAX;
}

/* The file's tensor for one of ours, or NULL. */
static const zoo_weight *tensor_of(const import *m, const char *ours)
{
    const zoo_import_row *row;
    const char *rest;
    return zoo_weights_at(m->w, find_tensor(m, ours, &row, &rest));
}

/* ----------------------------------------------------------------------- domain */

static gop_status bad_label(const import *m, size_t line, const char *fault)
{
    return gop_fail(m->err, GOP_EFORMAT, "%s: line %zu: %s", m->how->labels, line, fault);
}

/* Takes the classes of a text. */
static gop_status take_labels(import *m, const char *text, const char *end)
{
    size_t n = 0;
    for (const char *p = text; p < end; n++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((stop == NULL ? end : stop) - p);
        const char *next = stop == NULL ? end : stop + 1;
        length -= length > 0 && p[length - 1] == '\r';
        if (length == 0 || length >= ZOO_NAME_SIZE || !gop_is_text(p, length))
            return bad_label(m, n + 1, "a class needs a name of 1 to 63 printable bytes");
        if (n < m->classes)
            memcpy(m->label[n], p, length);
        for (size_t i = 0; i < n && n < m->classes; i++)
            if (strcmp(m->label[i], m->label[n]) == 0)
                return bad_label(m, n + 1, "the class occurs twice");
        p = next;
    }
    if (m->any_classes && n > 0 && n < m->classes)
        m->classes = n;
    return n == m->classes
               ? GOP_OK
               : gop_fail(m->err, GOP_EFORMAT, "%s has %zu classes, and the network %zu",
                          m->how->labels, n, m->classes);
}

static gop_status read_labels(import *m)
{
    zoo_blob *b;
    gop_try(zoo_blob_open(&b, m->how->labels, m->err));
    char *text = b->size <= MOST_LABELS ? malloc((size_t)b->size + 1) : NULL;
    gop_status s = b->size > MOST_LABELS
                       ? gop_fail(m->err, GOP_EFORMAT, "%s is too long for a list of classes",
                                  m->how->labels)
                   : text == NULL
                       ? gop_fail(m->err, GOP_ENOMEM, "out of memory reading %s", m->how->labels)
                       : zoo_blob_read(b, text, 0, (size_t)b->size, m->err);
    if (s == GOP_OK)
        s = take_labels(m, text + zoo_bom(text, (size_t)b->size), text + b->size);
    free(text);
    zoo_blob_close(b);
    return s;
}

/* Whether models of the type, as its options begin, give class scores. */
static gop_status has_classes(const import *m, bool *has)
{
    union {
        unsigned char bytes[ZOO_CONFIG_MAX];
        double align;
    } config = {{0}};
    gop_try(zoo_settings_default(m->type->options, config.bytes, m->err));
    *has = m->type->recognises == NULL || m->type->recognises(config.bytes);
    return GOP_OK;
}

/* The number of classes that the classifier has; at most, of a network without one. */
static gop_status count_classes(import *m)
{
    bool has;
    gop_try(has_classes(m, &has));
    m->any_classes = !has;
    if (!has) {
        m->classes = m->how->labels != NULL ? ZOO_MAX_ACTIONS : 1;
        return GOP_OK;
    }
    const char *ours = m->table->classes != NULL ? m->table->classes : "fc.weight";
    const zoo_weight *t = tensor_of(m, ours);
    if (t == NULL || t->rank == 0 || t->shape[0] == 0 || t->shape[0] > ZOO_MAX_ACTIONS)
        return gop_fail(
            m->err, GOP_EFORMAT,
            "%s: no tensor is %s of %s, by the names of %s, with 1 to %d classes; it is "
            "another network, or has no classifier",
            m->path, ours, m->type->name, m->table->name, ZOO_MAX_ACTIONS);
    m->classes = (size_t)t->shape[0];
    return GOP_OK;
}

/* The number of classes, and their names. */
static gop_status find_classes(import *m)
{
    gop_try(count_classes(m));
    m->label = calloc(m->classes, sizeof *m->label);
    if (m->label == NULL)
        return gop_fail(m->err, GOP_ENOMEM, "out of memory for %zu classes", m->classes);
    if (m->how->labels != NULL)
        return read_labels(m);
    for (size_t i = 0; i < m->classes; i++)
        snprintf(m->label[i], ZOO_NAME_SIZE, "class_%zu", i);
    if (m->any_classes)
        return zoo_texts_add(&m->report->assumed, m->err,
                             "one class, class_0, that no verb needs; --labels FILE has others");
    return zoo_texts_add(&m->report->assumed, m->err,
                         "classes class_0 to class_%zu; --labels FILE has their names",
                         m->classes - 1);
}

/* Whether a layout's channels of nodes are as many as the network sees, and for how many bodies;
 * *scores: without the layout's scores. */
static bool layout_fits(const import *m, const zoo_layout *l, const zoo_weight *t, uint64_t *bodies,
                        bool *scores)
{
    const uint64_t all = (uint64_t)l->nodes * l->channels, places = (uint64_t)l->nodes * 2;
    const uint64_t most = m->table->each_body ? ZOO_MAX_BODIES : 1;
    const uint64_t n = t->rank > 0 ? t->shape[0] : 0;
    *scores = n % all != 0 && l->feature == ZOO_SCORED;
    const uint64_t each = *scores ? places : all;
    *bodies = n / each;
    return n % each == 0 && *bodies > 0 && *bodies <= most;
}

/* The only built-in layout that fits. */
static gop_status choose_layout(import *m, const zoo_weight *t)
{
    char names[256] = "none";
    size_t n = 0, used = 0;
    uint64_t bodies;
    bool scores;
    for (const zoo_layout *const *l = zoo_layout_list(); *l != NULL && t != NULL; l++) {
        if (!layout_fits(m, *l, t, &bodies, &scores))
            continue;
        m->layout = *l;
        if (used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", n > 0 ? ", " : "",
                                     (*l)->name);
        n++;
    }
    if (n == 1)
        return zoo_texts_add(
            &m->report->assumed, m->err,
            "the nodes are those of layout %s, the only one with as many; --layout "
            "has others",
            m->layout->name);
    return gop_fail(m->err, GOP_EINVAL,
                    "%s: a layout is needed (--layout) with the nodes of the network's input; of "
                    "the built-in ones %s could be it",
                    m->path, names);
}

/* Finds the layout, and the number of bodies where each has its own statistics. */
static gop_status find_nodes(import *m, bool *scores)
{
    const zoo_weight *t = tensor_of(m,
                                    m->table->nodes != NULL ? m->table->nodes : "data_bn.weight");
    *scores = false;
    m->layout = m->how->raw.layout;
    if (m->layout == NULL)
        gop_try(choose_layout(m, t));
    const zoo_layout *l = m->layout;
    if (t == NULL || layout_fits(m, l, t, &m->bodies, scores))
        return GOP_OK;
    return gop_fail(m->err, GOP_ESHAPE,
                    "layout %s has %u nodes of %u channels, and tensor %s has %llu rows; "
                    "--layout has the layout of the network's input",
                    l->name, (unsigned)l->nodes, (unsigned)l->channels, t->name,
                    (unsigned long long)(t->rank > 0 ? t->shape[0] : 0));
}

/* The domain, and a model with the type's defaults. */
static gop_status make_model(import *m)
{
    zoo_raw raw = m->how->raw;
    zoo_domain d;
    bool scores;
    char steps[ZOO_MAX_STEPS * ZOO_STEP_SIZE];
    const char *names[ZOO_MAX_ACTIONS];
    gop_try(find_nodes(m, &scores));
    raw.layout = m->layout;
    if (scores) {
        snprintf(steps, sizeof steps, "scores drop%s%s", raw.steps != NULL ? "; " : "",
                 raw.steps != NULL ? raw.steps : "");
        raw.steps = steps;
        gop_try(zoo_texts_add(&m->report->assumed, m->err,
                              "two channels a node: the scores of layout %s are left out",
                              raw.layout->name));
    }
    for (size_t i = 0; i < m->classes; i++)
        names[i] = m->label[i];
    gop_try(zoo_raw_domain(&d, ZOO_IMPORTED, &raw, names, m->classes, m->err));
    const gop_status s = zoo_model_new(&m->model, m->type, NULL, &d, raw.seed, m->err);
    zoo_domain_clear(&d);
    return s;
}

/* ---------------------------------------------------------------- configuration */

static gop_status set_view(import *m)
{
    zoo_view *view = &m->model->view;
    const bool each = m->table->each_body && m->bodies > 0;
    view->bodies = each ? (uint32_t)m->bodies : 1;
    if (m->how->view != NULL)
        gop_try(zoo_settings_apply(zoo_view_settings(), view, "the view", m->how->view, m->err));
    if (each && view->bodies != m->bodies)
        return gop_fail(m->err, GOP_EINVAL, "bodies=%u, and the network has statistics of %llu",
                        (unsigned)view->bodies, (unsigned long long)m->bodies);
    if (each || zoo_import_given(m->how->view, "bodies"))
        return GOP_OK;
    return zoo_texts_add(&m->report->assumed, m->err,
                         "bodies=%u: no shape shows how many bodies a clip has",
                         (unsigned)view->bodies);
}

static gop_status configure(import *m)
{
    char frames[16];
    gop_try(zoo_import_configure(m->model, m->table, m->w, m->how->settings, &m->report->assumed,
                                 m->err));
    snprintf(frames, sizeof frames, "%lu", (unsigned long)m->how->frames);
    if (m->how->frames > 0)
        gop_try(zoo_model_set(m->model, "observed", frames, m->err));
    else if (!zoo_import_rules(m->table, "observed"))
        gop_try(zoo_texts_add(&m->report->assumed, m->err,
                              "observed=%zu: no shape shows the frames; --frames has others",
                              zoo_model_observed(m->model)));
    gop_try(set_view(m));
    if (m->how->raw.rate == 0)
        gop_try(zoo_texts_add(&m->report->assumed, m->err, "%g frames a second; --rate has others",
                              m->model->domain.rate));
    if (m->how->raw.source == NULL)
        gop_try(zoo_texts_add(&m->report->assumed, m->err,
                              "values come as the network takes them; --source and the "
                              "transformations have how files become these"));
    return GOP_OK;
}

/* ------------------------------------------------------------------- parameters */

/* Records the model, which makes its parameters. */
static gop_status record(import *m)
{
    gop_ctx *ctx = NULL;
    gop_net *net = NULL;
    zoo_ports ports;
    const zoo_use one = {.batch = 1};
    gop_status s = gop_ctx_new(&ctx, 1, gop_memory_available(), m->err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, m->model->params, GOP_SIZING, m->err);
    if (s == GOP_OK)
        s = zoo_model_record(m->model, net, &one, &ports, m->err);
    gop_net_free(net);
    gop_ctx_free(ctx);
    if (s == GOP_OK)
        gop_params_close(m->model->params);
    return s;
}

/* The shape of a parameter as its change needs it: of a norm by node [V, F], where the bias beside
 * the norm has V elements. */
static gop_shape shape_for(const import *m, const gop_param_info *p, const char *change)
{
    char bias[ZOO_WEIGHT_NAME];
    const size_t all = gop_shape_size(p->shape);
    if (!zoo_change_by_node(change))
        return p->shape;
    snprintf(bias, sizeof bias, "%s", p->name);
    for (int level = 0; level < 2; level++)
        if (strrchr(bias, '.') != NULL)
            *strrchr(bias, '.') = '\0';
    snprintf(bias + strlen(bias), sizeof bias - strlen(bias), ".bias");
    for (size_t i = 0; i < gop_params_count(m->model->params); i++) {
        const gop_param_info b = gop_params_info(m->model->params, i);
        const size_t nodes = gop_shape_size(b.shape);
        if (strcmp(b.name, bias) == 0 && nodes > 0 && all % nodes == 0)
            return gop_shape2(nodes, all / nodes);
    }
    return p->shape;
}

static gop_status take_all(import *m)
{
    for (size_t k = 0; k < gop_params_count(m->model->params); k++) {
        const gop_param_info p = gop_params_info(m->model->params, k);
        const zoo_import_row *row = NULL;
        const char *rest = "";
        const size_t i = find_tensor(m, p.name, &row, &rest);
        if (i == SIZE_MAX) {
            gop_try(zoo_texts_add(&m->report->missing, m->err, "%s", p.name));
            continue;
        }
        gop_try(zoo_change(p.data, shape_for(m, &p, row->change), row->change, rest, m->w, i,
                           p.name, m->err));
        for (size_t e = 0; e < gop_shape_size(p.shape); e++)
            if (!(p.data[e] - p.data[e] == 0))
                return gop_fail(m->err, GOP_EFORMAT,
                                "%s: tensor %s has an element that is not finite", m->path,
                                zoo_weights_at(m->w, i)->name);
        m->report->taken += !m->used[i];
        m->used[i] = true;
    }
    gop_params_changed(m->model->params);
    return GOP_OK;
}

/* Whether a tensor that no parameter took is left out without a word. */
static bool is_left_out(const zoo_import *table, const char *name)
{
    if (gop_name_matches("*num_batches_tracked", name)) /* a counter of PyTorch's batch norms */
        return true;
    for (const zoo_import_row *r = table->rows; r->theirs != NULL; r++)
        if (r->ours == NULL && gop_name_matches(r->theirs, name))
            return true;
    return false;
}

static gop_status list_left(import *m)
{
    for (size_t i = 0; i < zoo_weights_count(m->w); i++) {
        const char *name = zoo_weights_at(m->w, i)->name;
        if (!m->used[i] && !is_left_out(m->table, name))
            gop_try(zoo_texts_add(&m->report->left, m->err, "%s", name));
    }
    return GOP_OK;
}

static gop_status check_missing(const import *m)
{
    const zoo_texts *t = &m->report->missing;
    char names[512] = "";
    size_t used = 0;
    if (t->n == 0 || m->how->partial)
        return GOP_OK;
    for (size_t i = 0; i < t->n && i < SHOWN && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 t->text[i]);
    return gop_fail(m->err, GOP_ESHAPE,
                    "%s lacks %zu tensors of %s: %s%s; --partial leaves them "
                    "as a new model has them",
                    m->path, t->n, m->type->name, names, t->n > SHOWN ? ", ..." : "");
}

/* ----------------------------------------------------------------------- import */

static gop_status import_file(import *m)
{
    gop_try(zoo_model_type_check(m->type, m->err));
    gop_try(zoo_weights_open(&m->w, m->path, m->err));
    gop_try(choose_table(m));
    m->report->table = m->table->name;
    m->report->format = zoo_weights_format(m->w);
    snprintf(m->report->part, sizeof m->report->part, "%s", zoo_weights_part(m->w));
    m->used = calloc(zoo_weights_count(m->w), sizeof *m->used);
    if (m->used == NULL)
        return gop_fail(m->err, GOP_ENOMEM, "out of memory for the tensors of %s", m->path);
    gop_try(find_classes(m));
    gop_try(make_model(m));
    gop_try(configure(m));
    gop_try(record(m));
    gop_try(take_all(m));
    gop_try(list_left(m));
    return check_missing(m);
}

gop_status zoo_model_import(zoo_model **model, zoo_imported *report, const zoo_model_type *type,
                            const char *path, const zoo_import_options *how, gop_error *err)
{
    zoo_imported own = {.table = NULL};
    if (report != NULL)
        *report = own;
    if (model != NULL)
        *model = NULL;
    if (model == NULL || type == NULL || path == NULL || how == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_model_import: a result, a type, a file and options are needed");
    struct import m = {
        .type = type,
        .how = how,
        .path = path,
        .report = report != NULL ? report : &own,
        .err = err,
    };
    const gop_status s = import_file(&m);
    zoo_weights_close(m.w);
    free(m.used);
    free(m.label);
    if (s == GOP_OK)
        *model = m.model;
    else
        zoo_model_free(m.model);
    if (s != GOP_OK || report == NULL)
        zoo_imported_clear(m.report);
    return s;
}

void zoo_imported_clear(zoo_imported *report)
{
    if (report == NULL)
        return;
    zoo_texts_clear(&report->assumed);
    zoo_texts_clear(&report->missing);
    zoo_texts_clear(&report->left);
    *report = (zoo_imported){.table = NULL};
}
