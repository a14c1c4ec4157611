/*
 * choose_steps.c: the transformations of a set: its source's own, changed by the options.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "zoo/dataset/store/store.h"
#include "zoo/numeral.h"

static gop_status put_count(zoo_steps *steps, const char *kind, size_t n, const char *rest,
                            gop_error *err)
{
    char text[2 * ZOO_STEP_SIZE];
    snprintf(text, sizeof text, "%s %zu%s", kind, n, rest);
    return zoo_steps_put(steps, text, err);
}

static gop_status put_positions(zoo_steps *steps, const char *chain, gop_error *err)
{
    char text[ZOO_STEP_SIZE];
    snprintf(text, sizeof text, "positions %s", chain);
    return zoo_steps_put(steps, text, err);
}

/* The step of another layout, whose name must be readable in a list. */
static gop_status put_joints(zoo_steps *steps, const char *name, gop_error *err)
{
    char text[ZOO_STEP_SIZE];
    snprintf(text, sizeof text, "joints %s", name);
    const bool good = strpbrk(name, ":;") == NULL && zoo_steps_put(steps, text, NULL) == GOP_OK;
    const char *put = good ? zoo_steps_find(steps, "joints") : NULL;
    if (put != NULL && strcmp(put, text) == 0)
        return GOP_OK;
    return gop_fail(err, GOP_EINVAL,
                    "layout '%s' cannot be named by a transformation; its name must have no ':', "
                    "no ';', and blanks only between words",
                    name);
}

/* A rate that the source's files have themselves is the one to resample to. */
static gop_status put_rate(zoo_steps *steps, const zoo_source *from, const zoo_raw *raw,
                           const zoo_steps *named, gop_error *err)
{
    char number[ZOO_NUMERAL_SIZE], text[ZOO_STEP_SIZE];
    if (raw->rate == 0 || zoo_source_takes(from, "rate"))
        return GOP_OK;
    if (zoo_steps_find(named, "rate") != NULL)
        return gop_fail(err, GOP_EINVAL,
                        "source %s is resampled to its rate; give no transformation rate as well",
                        from->name);
    zoo_numeral_write(number, sizeof number, raw->rate, false);
    snprintf(text, sizeof text, "rate %.100s", number);
    return zoo_steps_put(steps, text, err);
}

/* Bodies that are aligned as pyskl does are also ordered so, unless the steps `named` say how. */
static gop_status order_bodies(zoo_steps *steps, const zoo_steps *named, gop_error *err)
{
    char text[ZOO_STEP_SIZE];
    const char *align = zoo_steps_find(steps, "align"), *bodies = zoo_steps_find(steps, "bodies");
    const char *order = bodies == NULL ? NULL : strstr(bodies, ":motion");
    if (align == NULL || strcmp(align, "align pyskl") != 0 || order == NULL ||
        zoo_steps_find(named, "bodies") != NULL)
        return GOP_OK;
    snprintf(text, sizeof text, "%.*s:pyskl", (int)(order - bodies), bodies);
    return zoo_steps_put(steps, text, err);
}

gop_status zoo_choose_steps(zoo_steps *steps, const zoo_source *from, const zoo_raw *raw,
                            gop_error *err)
{
    zoo_steps named = {.n = 0};
    if (raw->steps != NULL)
        gop_try(zoo_steps_put(&named, raw->steps, err));
    if (from->steps != NULL)
        gop_try(zoo_steps_put(steps, from->steps, err));
    if (from->normal != NULL && !raw->as_recorded)
        gop_try(zoo_steps_put(steps, from->normal, err));
    if (raw->positions && from->chain != NULL)
        gop_try(put_positions(steps, from->chain, err));
    const char *bodies = zoo_steps_find(steps, "bodies");
    if (raw->bodies > 0 && bodies != NULL) {
        const char *order = strchr(bodies, ':');
        char rest[ZOO_STEP_SIZE];
        snprintf(rest, sizeof rest, "%s", order == NULL ? "" : order);
        gop_try(put_count(steps, "bodies", raw->bodies, rest, err));
    }
    if (raw->fill > 0)
        gop_try(put_count(steps, "fill", raw->fill, "", err));
    if (raw->joints != NULL)
        gop_try(put_joints(steps, raw->joints->name, err));
    gop_try(put_rate(steps, from, raw, &named, err));
    if (raw->steps != NULL)
        gop_try(zoo_steps_put(steps, raw->steps, err));
    return order_bodies(steps, &named, err);
}

gop_status zoo_store_needs(zoo_store *store, const zoo_raw *raw, const char *steps, gop_error *err)
{
    gop_try(zoo_steps_put(&store->steps, steps, err));
    return raw->steps == NULL ? GOP_OK : zoo_steps_put(&store->steps, raw->steps, err);
}
