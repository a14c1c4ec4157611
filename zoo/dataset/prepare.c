/*
 * prepare.c: the list of sources; converts raw data of any source to a data set's file.  Touches
 * files through the sources and the store.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "zoo/dataset/format/files.h"
#include "zoo/dataset/store/reading.h"
#include "zoo/dataset/store/store.h"

#define MOST_FACTOR 1000
#define MOST_RATE   1e6
#define MOST_FILL   1000000

extern const zoo_source zoo_source_cmu, zoo_source_csv, zoo_source_gds, zoo_source_h36m,
    zoo_source_keypoints, zoo_source_kinetics, zoo_source_npy, zoo_source_npz, zoo_source_ntu,
    zoo_source_pyskl, zoo_source_synth;

static const zoo_source *const sources[] = {
    &zoo_source_cmu,       &zoo_source_csv,      &zoo_source_gds,   &zoo_source_h36m,
    &zoo_source_keypoints, &zoo_source_kinetics, &zoo_source_npy,   &zoo_source_npz,
    &zoo_source_ntu,       &zoo_source_pyskl,    &zoo_source_synth, NULL};

const zoo_source *const *zoo_source_list(void)
{
    return sources;
}

/* Reports a field that the source does not take, or a missing field that it needs. */
static gop_status check_fields(const zoo_raw *raw, const zoo_source *from, gop_error *err)
{
    /* The rate of files that have one themselves is a transformation. */
    const bool knows_rate = !zoo_source_takes(from, "rate") && zoo_source_takes(from, "steps");
    const struct {
        bool given;
        const char *field, *what;
    } all[] = {
        {raw->dir != NULL, "dir", "folder of raw data"},
        {raw->also != NULL, "also", "further folder"},
        {raw->split != NULL, "split", "way of splitting"},
        {raw->only != NULL, "only", "choice of sequences"},
        {raw->labels != NULL && zoo_source_takes(from, "labels"), "labels", "table of classes"},
        {raw->skip_list != NULL, "skip_list", "skip list"},
        {raw->layout != NULL, "layout", "layout"},
        {raw->rate != 0, knows_rate ? "steps" : "rate", "rate"},
        {raw->factor != 0, "factor", "factor"},
        {raw->bodies != 0, "bodies", "number of bodies"},
        {raw->positions, "positions", "conversion to positions"},
        {raw->as_recorded, "as_recorded", "positions as recorded"},
        {raw->steps != NULL || raw->joints != NULL, "steps", "transformations"},
        {raw->shortest != 0, "shortest", "least length"},
        {raw->fill != 0, "fill", "length to fill"},
        {raw->strict, "strict", "strictness"},
        {raw->seed != 0 && raw->split_rule == NULL, "seed", "seed"},
        {raw->axes != NULL, "axes", "order of axes"},
        {raw->columns != NULL, "columns", "names of columns"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].given && !zoo_source_takes(from, all[i].field))
            return gop_fail(err, GOP_EINVAL, "%s takes no %s", from->name, all[i].what);
        if (!all[i].given && zoo_source_needs(from, all[i].field))
            return gop_fail(err, GOP_EINVAL, "%s needs a %s", from->name, all[i].what);
    }
    return GOP_OK;
}

static gop_status check_split(const char *split, const zoo_way *ways, gop_error *err)
{
    char known[256] = "";
    size_t used = 0;
    for (const zoo_way *w = ways; w->name != NULL && used < sizeof known; w++) {
        if (strcmp(w->name, split) == 0)
            return GOP_OK;
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s",
                                 w == ways           ? ""
                                 : w[1].name != NULL ? ", "
                                                     : " or ",
                                 w->name);
    }
    return gop_fail(err, GOP_EINVAL, "unknown split %s: %s", split, known);
}

static gop_status check_values(const zoo_raw *raw, gop_error *err)
{
    if (raw->background != NULL && raw->segments == NULL)
        return gop_fail(err, GOP_EINVAL, "a background needs segments");
    if (raw->uncut && raw->background == NULL)
        return gop_fail(err, GOP_EINVAL,
                        "recordings that stay whole need a background, the class of the frames "
                        "outside of their segments");
    if (raw->bodies > ZOO_MAX_BODIES)
        return gop_fail(err, GOP_EINVAL, "bodies must be from 1 to %d, not %u", ZOO_MAX_BODIES,
                        (unsigned)raw->bodies);
    if (raw->fill > MOST_FILL)
        return gop_fail(err, GOP_EINVAL,
                        "sequences cannot be filled to %zu frames; the maximum is %d", raw->fill,
                        MOST_FILL);
    if (raw->factor > MOST_FACTOR || !(raw->rate >= 0 && raw->rate <= MOST_RATE))
        return gop_fail(err, GOP_EINVAL, "factor %u and rate %g Hz; the maxima are %d and %g Hz",
                        (unsigned)raw->factor, raw->rate, MOST_FACTOR, MOST_RATE);
    return GOP_OK;
}

static gop_status run(zoo_dataset **index, zoo_report *report, const zoo_raw *raw,
                      const zoo_source *from, const char *file, gop_error *err)
{
    zoo_raw full = *raw;
    zoo_store store;
    full.factor = raw->factor == 0 ? 1 : raw->factor;
    if (raw->split == NULL && from->splits != NULL)
        full.split = from->splits[0].name;
    gop_status s = zoo_store_open(&store, report, file, err);
    store.strict = raw->strict;
    store.shortest = raw->shortest == 0 ? 1 : raw->shortest;
    store.stop = raw->stop;
    if (s == GOP_OK)
        s = zoo_store_take(&store, from, &full, err);
    if (s == GOP_OK)
        s = zoo_store_finish(&store, err);
    zoo_store_close(&store, s == GOP_OK ? index : NULL);
    if (s != GOP_OK)
        zoo_report_clear(report);
    return s;
}

static gop_status find_source(const zoo_source **source, const char *name, gop_error *err)
{
    for (const zoo_source *const *s = sources; *s != NULL; s++)
        if (strcmp((*s)->name, name) == 0) {
            *source = *s;
            return GOP_OK;
        }
    return gop_fail(err, GOP_EINVAL, "unknown source %s", name);
}

gop_status zoo_prepare(zoo_dataset **index, zoo_report *report, const zoo_raw *raw,
                       const char *file, gop_error *err)
{
    if (index == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_prepare: the result pointer is NULL");
    *index = NULL;
    if (report != NULL)
        memset(report, 0, sizeof *report);
    if (raw == NULL || raw->source == NULL || file == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_prepare: a source and a file are needed");
    const zoo_source *from = NULL;
    gop_try(find_source(&from, raw->source, err));
    gop_try(check_fields(raw, from, err));
    gop_try(check_values(raw, err));
    if (raw->split != NULL && from->splits != NULL)
        gop_try(check_split(raw->split, from->splits, err));
    return run(index, report, raw, from, file, err);
}

/* ---------------------------------------------------------------------- no files */

#define USUAL_RATE 30 /* Hz, of cameras and sensors */

/* Sets layout, rate and steps to those of clips recorded in d->layout. */
static gop_status plan_domain(zoo_domain *d, const zoo_source *from, const zoo_raw *raw,
                              gop_error *err)
{
    zoo_plan *plan = NULL;
    zoo_layout result;
    gop_try(zoo_choose_steps(&d->steps, from, raw, err));
    gop_try(zoo_plan_new(&plan, &d->steps, &d->layout, d->rate, raw->joints, err));
    d->rate = zoo_plan_result(plan)->rate;
    gop_status s = zoo_layout_copy(&result, &zoo_plan_result(plan)->layout, err);
    zoo_plan_free(plan);
    gop_try(s);
    if (zoo_layout_equal(&result, &d->layout)) {
        zoo_layout_clear(&result);
        return GOP_OK;
    }
    d->recorded = d->layout;
    d->layout = result;
    return zoo_domain_room(d, err);
}

gop_status zoo_raw_domain(zoo_domain *domain, const char *name, const zoo_raw *raw,
                          const char *const *action, size_t actions, gop_error *err)
{
    static const zoo_source none = {.name = "", .takes = "rate"};
    const zoo_source *from = &none;
    if (domain != NULL)
        memset(domain, 0, sizeof *domain);
    if (domain == NULL || name == NULL || raw == NULL || raw->layout == NULL ||
        (actions > 0 && action == NULL) || actions > ZOO_MAX_ACTIONS)
        return gop_fail(err, GOP_EINVAL,
                        "zoo_raw_domain: a result, a name, a layout and at most %d classes are "
                        "needed",
                        ZOO_MAX_ACTIONS);
    if (raw->source != NULL)
        gop_try(find_source(&from, raw->source, err));
    gop_try(check_values(raw, err));
    gop_try(zoo_domain_create(domain, name, raw->layout, raw->rate > 0 ? raw->rate : USUAL_RATE,
                              raw->factor > 0 ? raw->factor : 1, action, actions, err));
    snprintf(domain->origin, sizeof domain->origin, "%s", from->name);
    gop_status s = zoo_reading_write(domain->reading, raw, err);
    if (s == GOP_OK)
        s = plan_domain(domain, from, raw, err);
    if (s != GOP_OK)
        zoo_domain_clear(domain);
    return s;
}

/* ------------------------------------------------------------------- one file */

/* The source of the domain's data, or csv if it has no files. */
static const zoo_source *origin_of(const zoo_domain *domain)
{
    const zoo_source *from = NULL;
    return find_source(&from, domain->origin, NULL) == GOP_OK && from->read_one != NULL
               ? from
               : &zoo_source_csv;
}

/* Whether a folder is one recording of a source, or fails as such. */
static bool takes_folder(const zoo_source *s, const char *path)
{
    bool one = false;
    return s->is_one != NULL && (s->is_one(&one, path, NULL) != GOP_OK || one);
}

bool zoo_folder_is_one(const char *source, const char *path)
{
    struct stat st;
    if (path == NULL || stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    for (const zoo_source *const *s = sources; *s != NULL; s++)
        if ((source == NULL || strcmp((*s)->name, source) == 0) && takes_folder(*s, path))
            return true;
    return false;
}

static gop_status read_by(zoo_dataset **data, zoo_report *report, const zoo_source *from,
                          const zoo_domain *domain, const char *path, gop_error *err)
{
    zoo_raw one = {.source = from->name};
    char memory[ZOO_READING_SIZE];
    zoo_store store;
    gop_status s = zoo_store_open(&store, report, NULL, err);
    store.strict = true;
    store.source = from;
    store.named = &domain->layout;
    if (s == GOP_OK)
        s = zoo_domain_copy(&store.data->domain, domain, err);
    const bool own = zoo_source_is_of(from, domain);
    if (s == GOP_OK && own)
        s = zoo_reading_read(&one, memory, domain->reading, err);
    if (s == GOP_OK && own)
        store.steps = domain->steps;
    else if (s == GOP_OK) { /* another source's values are those of the model */
        zoo_layout_clear(&store.data->domain.recorded);
        store.data->domain.recorded_rate = domain->rate;
    }
    if (s == GOP_OK)
        s = from->read_one(&store, &one, path, err);
    zoo_store_close(&store, s == GOP_OK ? data : NULL);
    if (s != GOP_OK)
        zoo_report_clear(report);
    return s;
}

/* Whether a status says that a file is not what the source reads. */
static bool unfit(gop_status s)
{
    return s == GOP_EFORMAT || s == GOP_ESHAPE;
}

/* Tries all sources but `first`, whose error is in *err; the error of the source whose ending the
 * file has takes precedence. */
static gop_status read_by_content(zoo_dataset **data, zoo_report *report, const zoo_source *first,
                                  const zoo_domain *domain, const char *path, bool folder,
                                  gop_error *err)
{
    const zoo_source *found = NULL;
    bool named = zoo_ends_in(path, first->ending);
    for (const zoo_source *const *at = sources; *at != NULL; at++) {
        gop_error why = {GOP_OK, ""};
        zoo_dataset *one = NULL;
        if (*at == first || (*at)->read_one == NULL || (first->pipe && (*at)->pipe) ||
            (folder && !takes_folder(*at, path)))
            continue; /* what one source of text refuses, another must not take differently */
        gop_status s = read_by(&one, NULL, *at, domain, path, &why);
        zoo_dataset_free(one);
        if (s != GOP_OK && !unfit(s))
            return gop_fail(err, s, "%s", why.message);
        if (s != GOP_OK && !named && (zoo_ends_in(path, (*at)->ending) || *at == &zoo_source_csv)) {
            named = zoo_ends_in(path, (*at)->ending);
            gop_fail(err, s, "%s", why.message);
        }
        if (s == GOP_OK && found != NULL)
            return gop_fail(err, GOP_EFORMAT,
                            "%s can be a file of source %s or %s; name the source", path,
                            found->name, (*at)->name);
        if (s == GOP_OK)
            found = *at;
    }
    return found == NULL ? GOP_EFORMAT : read_by(data, report, found, domain, path, err);
}

gop_status zoo_read_one(zoo_dataset **data, zoo_report *report, const char *source,
                        const zoo_domain *domain, const char *path, gop_error *err)
{
    if (data != NULL)
        *data = NULL;
    if (report != NULL)
        memset(report, 0, sizeof *report);
    if (data == NULL || domain == NULL || path == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_read_one: an argument is missing");
    const bool standard = strcmp(path, "-") == 0;
    const zoo_source *from = standard ? &zoo_source_csv : origin_of(domain);
    gop_error first = {GOP_OK, ""};
    struct stat st;
    if (source != NULL)
        gop_try(find_source(&from, source, err));
    if (from->read_one == NULL)
        return gop_fail(err, GOP_EINVAL, "source %s has no files", from->name);
    if (standard && !from->pipe)
        return gop_fail(err, GOP_EINVAL, "source %s cannot be read from standard input",
                        from->name);
    const bool there = !standard && stat(path, &st) == 0;
    const bool folder = there && S_ISDIR(st.st_mode);
    /* A folder is not tried by a source of files. */
    gop_status s = folder && source == NULL && from->is_one == NULL
                       ? gop_fail(&first, GOP_EFORMAT, "%s: not a regular file", path)
                       : read_by(data, report, from, domain, path, &first);
    if (unfit(s) && source == NULL && there && (folder || S_ISREG(st.st_mode)))
        s = read_by_content(data, report, from, domain, path, folder, &first);
    return s == GOP_OK ? GOP_OK : gop_fail(err, s, "%s", first.message);
}
