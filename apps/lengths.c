/*
 * lengths.c: counts and reports the sequences that are too short for a window.
 * Writes to stdout, and to the log through report.h.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "lengths.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN 8 /* classes in a sentence */

void lengths_list(char *list, const zoo_domain *d, const size_t *n, const size_t *of)
{
    size_t used = 0, classes = 0;

    list[0] = '\0';
    for (size_t a = 0; a < d->actions; a++) {
        if (!n[a] || classes++ >= SHOWN)
            continue;
        used += (size_t)snprintf(list + used, LENGTHS_SIZE - used, "%s%s", used ? ", " : "",
                                 d->action[a]);
        if (of)
            used += (size_t)snprintf(list + used, LENGTHS_SIZE - used, " %zu of %zu", n[a], of[a]);
    }
    if (classes > SHOWN)
        used += (size_t)snprintf(list + used, LENGTHS_SIZE - used, " and %zu more classes",
                                 classes - SHOWN);
    snprintf(list + used, LENGTHS_SIZE - used, ".");
}

void lengths_json(report_json *json, const char *key, const zoo_domain *d, const size_t *n)
{
    report_object(json, key);
    for (size_t a = 0; a < d->actions; a++) {
        if (n[a])
            report_count(json, d->action[a], n[a]);
    }
    report_end_object(json);
}

bool lengths_count(lengths *l, const zoo_dataset *data, size_t frames, double share, zoo_hold by,
                   uint64_t seed)
{
    const size_t actions = data->domain.actions;
    bool *held = calloc(data->sequences + 1, sizeof *held);

    *l = (lengths){.frames = frames};
    l->all = calloc(3 * (actions + 1), sizeof *l->all);
    const bool done = held && l->all &&
                      !zoo_dataset_hold_out(&l->n_held, held, data, frames, share, by, seed, NULL);
    if (done) {
        l->usable = l->all + actions + 1;
        l->held = l->usable + actions + 1;
        l->n_all = zoo_dataset_count(l->all, data, ZOO_TRAIN, 0);
        l->n_usable = zoo_dataset_count(l->usable, data, ZOO_TRAIN, frames);
        for (size_t i = 0; i < data->sequences; i++)
            l->held[data->sequence[i].action] += held[i];
    }
    free(held);
    return done;
}

void lengths_clear(lengths *l)
{
    free(l->all);
    *l = (lengths){.frames = 0};
}

/* Prints a sentence that ends with the classes whose n is not 0, if there are any. */
static void print_classes(const char *before, const zoo_domain *d, const size_t *n)
{
    char list[LENGTHS_SIZE];

    lengths_list(list, d, n, NULL);
    if (list[1] != '\0')
        report_paragraph(stdout, list, printf("%s: ", before), 0);
}

static void print_short(const lengths *l, const zoo_domain *d, const size_t *missing)
{
    char list[LENGTHS_SIZE], window[64] = "";

    if (d->factor > 1)
        snprintf(window, sizeof window, " (a window of %zu, one in %u)", l->frames,
                 (unsigned)d->factor);
    lengths_list(list, d, missing, l->all);
    int at = printf("%zu of %zu training sequences have fewer than %zu frames%s and are not used: ",
                    l->n_all - l->n_usable, l->n_all, zoo_raw_frames(d, l->frames), window);
    report_paragraph(stdout, list, at, 0);
}

void lengths_print(const lengths *l, const zoo_domain *d, bool validates)
{
    size_t n[ZOO_MAX_ACTIONS];

    for (size_t a = 0; a < d->actions; a++)
        n[a] = l->all[a] - l->usable[a];
    if (l->n_usable < l->n_all) {
        print_short(l, d, n);
        for (size_t a = 0; a < d->actions; a++)
            n[a] = l->usable[a] == 0 ? l->all[a] : 0;
        print_classes(validates ? "Neither learned nor held out" : "Not learned", d, n);
    }
    for (size_t a = 0; a < d->actions; a++)
        n[a] = validates && l->held[a] == 0 ? l->usable[a] : 0;
    print_classes("Learned from a single sequence, so not held out", d, n);
}

void lengths_log(report_json *json, const lengths *l, const zoo_domain *d)
{
    report_object(json, "sequences");
    report_count(json, "frames", zoo_raw_frames(d, l->frames));
    report_count(json, "all", l->n_all);
    report_count(json, "too_short", l->n_all - l->n_usable);
    report_count(json, "held_out", l->n_held);
    report_object(json, "actions");
    for (size_t a = 0; a < d->actions; a++) {
        if (!l->all[a])
            continue;
        report_object(json, d->action[a]);
        report_count(json, "all", l->all[a]);
        report_count(json, "too_short", l->all[a] - l->usable[a]);
        report_count(json, "held_out", l->held[a]);
        report_end_object(json);
    }
    report_end_object(json);
    report_end_object(json);
}
