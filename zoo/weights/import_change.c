/*
 * import_change.c: how a tensor of another program becomes one of ours.  Touches its arguments only.
 *
 * Every change is an order of axes: theirs has the axes of ours in another order, and may have
 * neighbouring ones joined to one.  Axes of size 1 do not count.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zoo/weights/import_parts.h"

#define MOST_FIRST 4096 /* elements of a tensor of which the first is taken */

enum { FIRST = 1, NEGATIVE = 2, LAST_TWO = 4, BY_NODE = 8 };

typedef struct change {
    const char *name;
    const char *order; /* our axes in the order of theirs; NULL: as ours */
    int join;          /* the place in that order that is joined with the next one; -1: none */
    unsigned how;
} change;

static const change plain = {NULL, NULL, -1, 0};
static const change changes[] = {
    {"-", NULL, -1, NEGATIVE},
    {"first", NULL, -1, FIRST},
    {"-first", NULL, -1, FIRST | NEGATIVE},
    {"tc", "021", -1, 0},
    {"graph", NULL, -1, LAST_TWO},
    {"stack", NULL, 0, 0},
    {"stack bias", "10", 0, 0},
    {"scales", "102", 1, 0},
    {"by node", "10", 0, BY_NODE},
};

static const change *find(const char *name)
{
    if (name == NULL)
        return &plain;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (strcmp(changes[i].name, name) == 0)
            return &changes[i];
    return NULL;
}

bool zoo_change_known(const char *name)
{
    return find(name) != NULL;
}

bool zoo_change_by_node(const char *name)
{
    const change *c = find(name);
    return c != NULL && (c->how & BY_NODE) != 0;
}

/* Our axes in the order of theirs. */
typedef struct axes {
    size_t n;
    size_t size[GOP_MAX_RANK], step[GOP_MAX_RANK]; /* step: in ours, of one place */
} axes;

static bool arrange(axes *a, gop_shape shape, const change *c)
{
    size_t step[GOP_MAX_RANK], at = 1;
    a->n = shape.rank < 0 ? 0 : (size_t)shape.rank;
    for (size_t i = a->n; i-- > 0; at *= shape.dim[i])
        step[i] = at;
    if ((c->order != NULL && strlen(c->order) != a->n) || ((c->how & LAST_TWO) != 0 && a->n < 2) ||
        (c->join >= 0 && (size_t)c->join + 1 >= a->n))
        return false;
    for (size_t i = 0; i < a->n; i++) {
        const bool turned = (c->how & LAST_TWO) != 0 && i + 2 >= a->n;
        const size_t from = c->order != NULL ? (size_t)(c->order[i] - '0')
                            : turned         ? 2 * a->n - 3 - i
                                             : i;
        a->size[i] = shape.dim[from];
        a->step[i] = step[from];
    }
    return true;
}

/* The next size that is not 1; 0 behind the last. */
static uint64_t next(const uint64_t *size, size_t n, size_t *i)
{
    while (*i < n && size[*i] == 1)
        (*i)++;
    return *i < n ? size[(*i)++] : 0;
}

/* Whether theirs has these axes. */
static bool same(const axes *a, const change *c, const zoo_weight *t)
{
    uint64_t joined[GOP_MAX_RANK] = {0};
    size_t n = 0, i = 0, k = 0;
    for (size_t j = 0; j < a->n; j++)
        if (c->join >= 0 && j == (size_t)c->join + 1)
            joined[n - 1] *= a->size[j];
        else
            joined[n++] = a->size[j];
    for (;;) {
        const uint64_t x = next(joined, n, &i), y = next(t->shape, t->rank, &k);
        if (x != y)
            return false;
        if (x == 0)
            return true;
    }
}

static gop_status unfit(const zoo_weight *t, const char *ours, gop_shape shape, gop_error *err)
{
    char theirs[160] = "[", want[80];
    size_t used = 1;
    for (size_t i = 0; i < t->rank && used < sizeof theirs; i++)
        used += (size_t)snprintf(theirs + used, sizeof theirs - used, i > 0 ? ", %llu" : "%llu",
                                 (unsigned long long)t->shape[i]);
    return gop_fail(err, GOP_ESHAPE, "tensor %s %s] does not fit %s %s of the model", t->name,
                    theirs, ours, gop_shape_text(want, sizeof want, shape));
}

static void place(gop_real *out, const gop_real *from, const axes *a, uint64_t n, double sign)
{
    size_t index[GOP_MAX_RANK] = {0}, at = 0;
    for (uint64_t i = 0; i < n; i++) {
        out[at] = (gop_real)(sign * (double)from[i]);
        for (size_t k = a->n; k-- > 0;) {
            at += a->step[k];
            if (++index[k] < a->size[k])
                break;
            at -= a->size[k] * a->step[k];
            index[k] = 0;
        }
    }
}

gop_status zoo_change(gop_real *out, gop_shape shape, const char *how, const char *rest,
                      zoo_weights *w, size_t tensor, const char *ours, gop_error *err)
{
    const zoo_weight *t = zoo_weights_at(w, tensor);
    const bool weight = *rest == '\0' || strcmp(rest, ".weight") == 0;
    const change *c = weight || zoo_change_by_node(how) ? find(how) : &plain;
    const uint64_t size = gop_shape_size(shape);
    const bool first = (c->how & FIRST) != 0;
    axes a = {.n = 0};
    if (first ? size != 1 || t->elements == 0 || t->elements > MOST_FIRST
              : !arrange(&a, shape, c) || !same(&a, c, t) || t->elements != size)
        return unfit(t, ours, shape, err);
    gop_real *from = malloc((size_t)(t->elements + 1) * sizeof *from);
    if (from == NULL)
        return gop_fail(err, GOP_ENOMEM, "out of memory for tensor %s", t->name);
    const gop_status s = zoo_weights_read(from, w, tensor, err);
    const double sign = (c->how & NEGATIVE) != 0 ? -1 : 1;
    if (s == GOP_OK && first)
        out[0] = (gop_real)(sign * (double)from[0]);
    else if (s == GOP_OK)
        place(out, from, &a, t->elements, sign);
    free(from);
    return s;
}
