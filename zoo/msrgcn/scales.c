/*
 * scales.c: see scales.h.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/msrgcn/scales.h"

#include <stdlib.h>
#include <string.h>

void msrgcn_scales_free(msrgcn_scale *scale, size_t n)
{
    for (size_t s = 0; s + 1 < n; s++)
        free(scale[s].mean);
}

static gop_status make(msrgcn_scale *s, size_t from, size_t to, gop_error *err)
{
    *s = (msrgcn_scale){from, to, calloc(from * to, sizeof(gop_real))};
    return s->mean != NULL ? GOP_OK
                           : gop_fail(err, GOP_ENOMEM, "out of memory for the scales of joints");
}

/* Rows of ones become rows that sum to 1. */
static void average(msrgcn_scale *s)
{
    for (size_t i = 0; i < s->to; i++) {
        gop_real *row = s->mean + i * s->from, n = 0;
        for (size_t j = 0; j < s->from; j++)
            n += row[j];
        for (size_t j = 0; j < s->from && n > 0; j++)
            row[j] /= n;
    }
}

static gop_status bad_group(size_t i, size_t number, size_t from, gop_error *err)
{
    return gop_fail(err, GOP_EINVAL,
                    "groups: joint %zu of scale %zu needs joints 0 to %zu of the scale before it, "
                    "separated by '/'",
                    i, number, from - 1);
}

/* Reads the groups of scale `number`, text[0 .. length). */
static gop_status read_groups(msrgcn_scale *s, size_t from, const char *text, size_t length,
                              size_t number, gop_error *err)
{
    const char *end = text + length;
    size_t groups = 1, i = 0;
    for (const char *p = text; p < end; p++)
        groups += *p == ',';
    gop_try(make(s, from, groups, err));
    for (;; text++) {
        char *stop = NULL;
        const bool digit = *text >= '0' && *text <= '9';
        const unsigned long j = digit ? strtoul(text, &stop, 10) : from;
        if (j >= from || (stop < end && *stop != '/' && *stop != ','))
            return bad_group(i, number, from, err);
        s->mean[i * from + j] = 1;
        text = stop;
        if (text == end)
            break;
        i += *text == ',';
    }
    average(s);
    return GOP_OK;
}

static gop_status from_text(msrgcn_scale *scale, size_t n, const char *text, size_t nodes,
                            gop_error *err)
{
    size_t given = 1;
    for (const char *p = text; *p != '\0'; p++)
        given += *p == ';';
    if (given != n - 1)
        return gop_fail(err, GOP_EINVAL,
                        "groups has %zu coarser scales, and widths %zu entries; each scale needs "
                        "one",
                        given, n);
    for (size_t s = 0; s + 1 < n; s++) {
        const size_t length = strcspn(text, ";");
        gop_try(read_groups(&scale[s], nodes, text, length, s + 1, err));
        nodes = scale[s].to;
        text += length + (text[length] == ';');
    }
    return GOP_OK;
}

static gop_status from_layout(msrgcn_scale *scale, size_t n, const zoo_layout *l, gop_error *err)
{
    for (size_t s = 0; s + 1 < n; s++) {
        const size_t from = s == 0 ? l->nodes : scale[s - 1].to;
        gop_try(make(&scale[s], from, s == 0 ? l->parts : (from + 1) / 2, err));
        for (size_t j = 0; j < from; j++)
            scale[s].mean[(s == 0 ? l->part[j] : j / 2) * from + j] = 1;
        average(&scale[s]);
    }
    return GOP_OK;
}

/* The published groups of the joints that remain of Human3.6M and CMU Mocap. */
static const struct {
    const char *layout;
    uint32_t nodes;
    const char *groups;
} published[] = {
    {"h36m22", 22,
     "0,1/2/3,4,5/6/7,8/9,10/11,12,13,14/15/16,17,18,19/20/21;"
     "0/1,2/3,4/5,6/7,7/8,9/10,10/11;0/2,1/2,3/4,5/6"},
    {"cmu25", 25,
     "0,1/2/3,4,5/6/7,8/9,10/11/12,13,14/15,16/17/18,19,20/21,22/23/24;"
     "0/1,2/3,4/5,6/7,7/8,9/10,10/11;0/2,1/2,3/4,5/6"},
};
enum { PUBLISHED_SCALES = 4 };

static const char *default_groups(const zoo_layout *l, size_t n)
{
    for (size_t i = 0; n == PUBLISHED_SCALES && i < sizeof published / sizeof *published; i++)
        if (strcmp(l->name, published[i].layout) == 0 && l->nodes == published[i].nodes)
            return published[i].groups;
    return "";
}

gop_status msrgcn_scales(msrgcn_scale *scale, size_t n, const char *text, const zoo_layout *l,
                         gop_error *err)
{
    memset(scale, 0, MSRGCN_SCALES * sizeof *scale);
    if (*text == '\0')
        text = default_groups(l, n);
    const gop_status s = *text != '\0' ? from_text(scale, n, text, l->nodes, err)
                                       : from_layout(scale, n, l, err);
    if (s != GOP_OK)
        msrgcn_scales_free(scale, n);
    return s;
}
