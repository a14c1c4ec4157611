/*
 * sources.c: raw data of any source into a data set's file.  Touches files through the
 * readers and the store.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "zoo/dataset/format/sources.h"

#define MOST_FACTOR 1000
#define MOST_RATE   1e6
#define MOST_FILL   1000000

typedef gop_status take(zoo_store *store, const zoo_raw *raw, gop_error *err);

/* Which options a source has. */
enum {
    SPLIT = 1,
    LABELS = 2,
    SKIP_LIST = 4,
    LAYOUT = 8,
    RATE = 16,
    BODIES = 32,
    POSES = 64,
    FACTOR = 128,
    LENIENT = 256
};

static const struct source {
    take *take;
    unsigned options;
} source[] = {{zoo_cmu_take, SPLIT},
              {zoo_csv_take, LABELS | LAYOUT | RATE | FACTOR | LENIENT},
              {zoo_h36m_take, SPLIT | LAYOUT | LENIENT},
              {zoo_kinetics_take, LABELS | BODIES | POSES | LENIENT},
              {zoo_ntu_take, SPLIT | SKIP_LIST | BODIES | POSES | LENIENT}};

static const char *const source_name[] = {"cmu", "csv", "h36m", "kinetics", "ntu", NULL};

const char *const *zoo_raw_list(void)
{
    return source_name;
}

/* Says which option is given that the source does not have. */
static gop_status check_options(const zoo_raw *raw, unsigned has, gop_error *err)
{
    const struct {
        bool given;
        unsigned option;
        const char *what;
    } all[] = {{raw->split != NULL, SPLIT, "way of splitting"},
               {raw->labels != NULL, LABELS, "table of classes"},
               {raw->skip_list != NULL, SKIP_LIST, "skip list"},
               {raw->layout != NULL, LAYOUT, "layout"},
               {raw->rate != 0, RATE, "rate"},
               {raw->factor != 0, FACTOR, "factor"},
               {raw->bodies != 0, BODIES, "number of bodies"},
               {raw->as_recorded, POSES, "positions as recorded"},
               {raw->shortest != 0, LENIENT, "least length"},
               {raw->fill != 0, LENIENT, "length to fill"},
               {raw->strict, LENIENT, "strictness"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].given && (has & all[i].option) == 0)
            return gop_fail(err, GOP_EINVAL, "%s takes no %s", raw->source, all[i].what);
    if (raw->bodies > 2)
        return gop_fail(err, GOP_EINVAL, "%u bodies, 1 or 2 are possible", (unsigned)raw->bodies);
    if (raw->fill > MOST_FILL)
        return gop_fail(err, GOP_EINVAL, "sequences filled to %zu frames, up to %d are possible",
                        raw->fill, MOST_FILL);
    if (raw->factor > MOST_FACTOR || !(raw->rate >= 0 && raw->rate <= MOST_RATE))
        return gop_fail(err, GOP_EINVAL,
                        "every %u-th frame at %g Hz: up to %d and %g are"
                        " possible",
                        (unsigned)raw->factor, raw->rate, MOST_FACTOR, MOST_RATE);
    return GOP_OK;
}

static gop_status run(zoo_dataset **index, zoo_report *report, const zoo_raw *raw,
                      const struct source *from, const char *file, gop_error *err)
{
    zoo_raw full = *raw;
    zoo_store store;
    full.bodies = raw->bodies == 0 ? 1 : raw->bodies;
    full.factor = raw->factor == 0 ? 1 : raw->factor;
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
        return gop_fail(err, GOP_EINVAL, "zoo_prepare: no place for the data set");
    *index = NULL;
    if (report != NULL)
        memset(report, 0, sizeof *report);
    if (raw == NULL || raw->source == NULL || raw->dir == NULL || file == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_prepare: a source, a folder and a file are needed");
    for (size_t i = 0; source_name[i] != NULL; i++)
        if (strcmp(source_name[i], raw->source) == 0) {
            gop_status s = check_options(raw, source[i].options, err);
            return s == GOP_OK ? run(index, report, raw, &source[i], file, err) : s;
        }
    return gop_fail(err, GOP_EINVAL, "unknown source %s: cmu, csv, h36m, kinetics or ntu",
                    raw->source);
}
