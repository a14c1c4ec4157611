/*
 * bench_data.c: see bench_data.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "bench_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gop_status out_of_memory(gop_error *err)
{
    return gop_fail(err, GOP_ENOMEM, "out of memory for the benchmark's data");
}

gop_status bench_domain(zoo_domain *domain, const zoo_layout *layout, size_t classes,
                        gop_error *err)
{
    zoo_domain d = {
        .name = "random", .layout = *layout, .rate = 25, .factor = 1, .actions = classes};
    size_t columns = layout->columns;
    gop_status status = GOP_OK;

    d.action = calloc(classes, sizeof *d.action);
    d.mean = calloc(columns, sizeof *d.mean);
    d.std = calloc(columns, sizeof *d.std);
    d.constant = calloc(columns, sizeof *d.constant);
    if (!d.action || !d.mean || !d.std || !d.constant)
        status = out_of_memory(err);
    for (size_t i = 0; i < classes && !status; i++)
        snprintf(d.action[i], sizeof d.action[i], "action%zu", i + 1);
    for (size_t i = 0; i < columns && !status; i++)
        d.std[i] = 1;
    if (!status)
        status = zoo_domain_copy(domain, &d, err);
    free(d.action);
    free(d.mean);
    free(d.std);
    free(d.constant);
    return status;
}

/* Arrays that the layout of a chain points to. */
typedef struct chain {
    char text[ZOO_MAX_NODES][16];
    const char *name[ZOO_MAX_NODES];
    uint32_t column[3 * ZOO_MAX_NODES], part[ZOO_MAX_NODES];
    gop_edge edge[ZOO_MAX_NODES];
} chain;

gop_status bench_chain(zoo_domain *domain, size_t nodes, size_t classes, gop_error *err)
{
    chain *c = calloc(1, sizeof *c);
    size_t parts = nodes < 5 ? 1 : 2 * nodes / 5;
    char name[ZOO_NAME_SIZE];

    if (!c)
        return out_of_memory(err);
    for (uint32_t i = 0; i < nodes; i++) {
        snprintf(c->text[i], sizeof c->text[i], "n%u", (unsigned)i + 1);
        c->name[i] = c->text[i];
        c->part[i] = (uint32_t)(i * parts / nodes);
        c->edge[i].a = i;
        c->edge[i].b = i + 1;
        for (uint32_t k = 3 * i; k < 3 * i + 3; k++)
            c->column[k] = k;
    }
    snprintf(name, sizeof name, "chain%zu", nodes);
    zoo_layout l = {.name = name,
                    .feature = ZOO_POSITION,
                    .nodes = (uint32_t)nodes,
                    .channels = 3,
                    .columns = 3 * (uint32_t)nodes,
                    .node_name = c->name,
                    .column = c->column,
                    .n_edges = (uint32_t)nodes - 1,
                    .edges = c->edge,
                    .parts = (uint32_t)parts,
                    .part_name = c->name,
                    .part = c->part,
                    .n_part_edges = (uint32_t)parts - 1,
                    .part_edges = c->edge};
    gop_status status = bench_domain(domain, &l, classes, err);
    free(c);
    return status;
}

/* Adds a sequence of random frames. */
static gop_status add(zoo_dataset *data, size_t action, size_t frames, size_t bodies,
                      gop_error *err)
{
    gop_rng rng = gop_rng_new(action + 1, gop_hash(GOP_HASH_START, "bench", 5));
    size_t values = bodies * frames * data->domain.layout.columns;
    float *v = malloc(values * sizeof *v);
    char name[32];

    if (!v)
        return out_of_memory(err);
    for (size_t i = 0; i < values; i++)
        v[i] = (float)gop_rng_normal(&rng);
    snprintf(name, sizeof name, "random_%zu", action + 1);
    return zoo_dataset_add(
        data, &(zoo_sequence){.name = name, .action = (uint32_t)action, .frames = frames}, v, err);
}

gop_status bench_data(zoo_dataset **out, const zoo_domain *domain, size_t frames, size_t bodies,
                      gop_error *err)
{
    enum { MOST = 16, PLACES = 16 };
    zoo_dataset *data;
    size_t count = domain->actions < MOST ? domain->actions : MOST;
    gop_status status = zoo_dataset_new(&data, domain, err);

    for (size_t i = 0; i < count && !status; i++)
        status = add(data, i, (frames + PLACES) * domain->factor, bodies, err);
    if (status)
        zoo_dataset_free(data);
    else
        *out = data;
    return status;
}
