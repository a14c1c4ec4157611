/*
 * prepare.c: the list of sources; converts raw data of any source to a data set's file.  Touches
 * files through the sources and the store.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "zoo/dataset/store/store.h"

#define MOST_FACTOR 1000
#define MOST_RATE   1e6
#define MOST_FILL   1000000

extern const zoo_source zoo_source_cmu, zoo_source_csv, zoo_source_h36m, zoo_source_kinetics,
    zoo_source_ntu, zoo_source_synth;

static const zoo_source *const sources[] = {&zoo_source_cmu,
                                            &zoo_source_csv,
                                            &zoo_source_h36m,
                                            &zoo_source_kinetics,
                                            &zoo_source_ntu,
                                            &zoo_source_synth,
                                            NULL};

const zoo_source *const *zoo_source_list(void)
{
    return sources;
}

/* Whether `word` is one of `words`, separated by blanks. */
static bool is_among(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = words; n > 0 && at != NULL && (at = strstr(at, word)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

bool zoo_source_takes(const zoo_source *source, const char *field)
{
    return source != NULL && field != NULL &&
           (is_among(source->needs, field) || is_among(source->takes, field));
}

/* Reports a field that the source does not take, or a missing field that it needs. */
static gop_status check_fields(const zoo_raw *raw, const zoo_source *from, gop_error *err)
{
    const struct {
        bool given;
        const char *field, *what;
    } all[] = {{raw->dir != NULL, "dir", "folder of raw data"},
               {raw->split != NULL, "split", "way of splitting"},
               {raw->labels != NULL, "labels", "table of classes"},
               {raw->skip_list != NULL, "skip_list", "skip list"},
               {raw->layout != NULL, "layout", "layout"},
               {raw->rate != 0, "rate", "rate"},
               {raw->factor != 0, "factor", "factor"},
               {raw->bodies != 0, "bodies", "number of bodies"},
               {raw->as_recorded, "as_recorded", "positions as recorded"},
               {raw->shortest != 0, "shortest", "least length"},
               {raw->fill != 0, "fill", "length to fill"},
               {raw->strict, "strict", "strictness"},
               {raw->seed != 0, "seed", "seed"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].given && !zoo_source_takes(from, all[i].field))
            return gop_fail(err, GOP_EINVAL, "%s takes no %s", from->name, all[i].what);
        if (!all[i].given && is_among(from->needs, all[i].field))
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
    if (raw->bodies > 2)
        return gop_fail(err, GOP_EINVAL, "bodies must be 1 or 2, not %u", (unsigned)raw->bodies);
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
    full.bodies = raw->bodies == 0 ? 1 : raw->bodies;
    full.factor = raw->factor == 0 ? 1 : raw->factor;
    if (raw->split == NULL && from->splits != NULL)
        full.split = from->splits[0].name;
    gop_status s = zoo_store_open(&store, report, file, err);
    store.strict = raw->strict;
    store.shortest = raw->shortest == 0 ? 1 : raw->shortest;
    store.fill = raw->fill;
    if (s == GOP_OK)
        s = from->take(&store, &full, err);
    if (s == GOP_OK)
        s = zoo_store_finish(&store, err);
    zoo_store_close(&store, s == GOP_OK ? index : NULL);
    if (s != GOP_OK)
        zoo_report_clear(report);
    return s;
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
    const zoo_source *const *from = sources;
    while (*from != NULL && strcmp((*from)->name, raw->source) != 0)
        from++;
    if (*from == NULL)
        return gop_fail(err, GOP_EINVAL, "unknown source %s", raw->source);
    gop_try(check_fields(raw, *from, err));
    gop_try(check_values(raw, err));
    if (raw->split != NULL)
        gop_try(check_split(raw->split, (*from)->splits, err));
    return run(index, report, raw, *from, file, err);
}
