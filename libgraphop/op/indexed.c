/*
 * indexed.c: moving rows by an index, see indexed.h.  Internal to the operators; reads and writes
 * only its arguments.
 *
 * A chunk is a block of columns of several samples.  It processes the items in order, so that sums
 * have a fixed order.
 * Kept for backward: the index, and for a maximum the item that holds it, one number per element.
 * Computed from the index in each run: for a mean the factor of each place's sum, for a maximum the
 * first item of each place.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "op/indexed.h"

#include "op/moves.h"
#include "op/partial.h"
#include "op/rows.h"

/* Columns of a block, such that a sample's places stay in a near cache; the number of blocks into
 * which few samples are cut, and their least number of columns. */
enum { COLUMNS = 2048, CUTS = 16, LEAST = 32 };

/* Items whose places are computed together, for all samples of a chunk that share a list. */
enum { TOGETHER = 256 };

typedef struct job {
    const gop_indexed *x;
    const gop_real *index;
    gop_real *per_place;
    gop_real *holder; /* the item that holds each maximum; may be NULL */
    gop_real *to;
    const gop_real *from;
    bool add;
    size_t at_once, blocks;
} job;

static size_t lists_of(const gop_indexed *x)
{
    return gop_size_max(x->lists, 1);
}

/* The list of a sample. */
static size_t list_of(const gop_indexed *x, size_t sample)
{
    return x->lists > 1 ? sample / (x->samples / x->lists) : 0;
}

gop_edge_list gop_edge_list_of(gop_shape index)
{
    return (gop_edge_list){.edges = index.dim[index.rank == 3 ? 1 : 0],
                           .step = index.rank == 1 ? 1 : index.dim[index.rank - 1],
                           .lists = index.rank == 3 ? index.dim[0] : 1};
}

gop_status gop_edge_list_check(const gop_op_plan *p, size_t i, size_t of, bool both)
{
    char a[80], b[80];
    const gop_shape index = p->in[i], x = p->in[of];
    bool fits = index.rank >= (both ? 2 : 1) && index.rank <= 3;
    if (fits) {
        const gop_edge_list list = gop_edge_list_of(index);
        fits = list.step <= 2 && (!both || list.step == 2) && (index.rank != 2 || list.step == 2) &&
               (both || list.edges == x.dim[1]) && (index.rank != 3 || list.lists == x.dim[0]);
    }
    if (fits)
        return GOP_OK;
    if (both)
        return gop_fail(p->err, GOP_ESHAPE, "index %s must be [E, 2] or [N, E, 2] for x %s",
                        gop_shape_text(a, sizeof a, index), gop_shape_text(b, sizeof b, x));
    return gop_fail(p->err, GOP_ESHAPE,
                    "index %s must be [E], [E, 2], [N, E, 1] or [N, E, 2] for q %s = [N, E, C]",
                    gop_shape_text(a, sizeof a, index), gop_shape_text(b, sizeof b, x));
}

static size_t index_size(const gop_indexed *x)
{
    return lists_of(x) * x->items * x->step;
}

gop_status gop_indexed_plan(gop_op_plan *p, gop_indexed x)
{
    if (x.kind != GOP_REDUCE_SUM && x.items > 1 << 24)
        return gop_fail(p->err, GOP_ESHAPE, "%zu items of a %s are too many", x.items,
                        x.kind == GOP_REDUCE_MEAN ? "mean" : "maximum");
    if (x.kind != GOP_REDUCE_SUM)
        p->work = gop_times(lists_of(&x), x.places);
    if (p->training)
        p->saved = index_size(&x) + (x.kind == GOP_REDUCE_MAX ? gop_shape_size(p->out) : 0);
    return gop_op_size(p, p->out);
}

/* The place of an item; `places` means none. */
static size_t place_of(const job *j, size_t sample, size_t item)
{
    const gop_indexed *x = j->x;
    const gop_real v = j->index[(list_of(x, sample) * x->items + item) * x->step];
    return x->mask ? (v != 0 ? 0 : x->places) : gop_index(v, x->places);
}

/* The places of n items from `first` on. */
static void find_places(const job *j, size_t sample, size_t first, size_t n, size_t *place)
{
    for (size_t i = 0; i < n; i++)
        place[i] = place_of(j, sample, first + i);
}

static gop_real *of_list(const job *j, size_t list)
{
    return j->per_place + list * j->x->places;
}

static gop_real *of_sample(const job *j, size_t sample)
{
    return of_list(j, list_of(j->x, sample));
}

static void count(const job *j)
{
    const gop_indexed *x = j->x;
    const bool mean = x->kind == GOP_REDUCE_MEAN;
    for (size_t k = 0; k < lists_of(x); k++) {
        const size_t n = k * (x->samples / lists_of(x)); /* the list's first sample */
        gop_real *v = of_list(j, k);
        for (size_t p = 0; p < x->places; p++)
            v[p] = mean ? 0 : -1;
        for (size_t i = x->items; i-- > 0;) {
            const size_t p = place_of(j, n, i);
            if (p < x->places)
                v[p] = mean ? v[p] + 1 : (gop_real)i;
        }
        for (size_t p = 0; p < x->places && mean; p++)
            v[p] = v[p] > 0 ? 1 / v[p] : 0;
    }
}

GOP_VECTOR static void accumulate(gop_real *restrict to, const gop_real *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

GOP_VECTOR static void multiply(gop_real *restrict to, gop_real by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] *= by;
}

GOP_VECTOR static void put_scaled(gop_real *restrict to, const gop_real *restrict from, gop_real by,
                                  size_t n, bool add)
{
    if (add)
        for (size_t i = 0; i < n; i++)
            to[i] += by * from[i];
    else
        for (size_t i = 0; i < n; i++)
            to[i] = by * from[i];
}

GOP_VECTOR static void put_held(gop_real *restrict to, const gop_real *restrict from,
                                const gop_real *restrict holder, gop_real item, size_t n, bool add)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (add ? to[i] : 0) + (holder[i] == item ? from[i] : 0);
}

static void keep_larger(gop_real *place, gop_real *holder, const gop_real *from, gop_real item,
                        bool first, size_t n)
{
    if (first)
        memcpy(place, from, n * sizeof *place);
    for (size_t i = 0; i < n && first && holder != NULL; i++)
        holder[i] = item;
    if (!first)
        gop_row_larger(place, holder, from, item, n);
}

/* Some items of a sample with places of their own, and n columns of it. */
typedef struct block {
    size_t sample, first, items, column, n;
    const size_t *place;
} block;

/* Elements, or rows of a few. */
GOP_VECTOR static void add_elements(gop_real *restrict places, const gop_real *restrict items,
                                    const size_t *place, size_t count, size_t none)
{
    for (size_t i = 0; i < count; i++)
        if (place[i] != none)
            places[place[i]] += items[i];
}

static void add_short(gop_real *restrict places, const gop_real *restrict items, size_t row,
                      const size_t *place, size_t count, size_t none, size_t n)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < n && place[i] != none; k++)
            places[place[i] * row + k] += items[i * row + k];
}

static void scatter(const job *j, const block *b)
{
    const gop_indexed *x = j->x;
    const size_t n = b->n, row = x->row;
    const gop_real *items = j->from + (b->sample * x->items + b->first) * row + b->column;
    const size_t at = b->sample * x->places * row + b->column;
    gop_real *places = j->to + at;
    if (b->first == 0 && !j->add && n == row)
        memset(places, 0, x->places * n * sizeof *places);
    else
        for (size_t p = 0; p < x->places && b->first == 0 && !j->add; p++)
            memset(places + p * row, 0, n * sizeof *places);
    if (x->kind != GOP_REDUCE_MAX && row == 1)
        add_elements(places, items, b->place, b->items, x->places);
    else if (x->kind != GOP_REDUCE_MAX && n < GOP_SHORT)
        add_short(places, items, row, b->place, b->items, x->places, n);
    else
        for (size_t i = 0; i < b->items; i++) {
            const size_t p = b->place[i];
            if (p == x->places)
                continue;
            if (x->kind == GOP_REDUCE_MAX)
                keep_larger(places + p * row, j->holder ? j->holder + at + p * row : NULL,
                            items + i * row, (gop_real)(b->first + i),
                            of_sample(j, b->sample)[p] == (gop_real)(b->first + i), n);
            else
                accumulate(places + p * row, items + i * row, n);
        }
    if (b->first + b->items < x->items)
        return;
    for (size_t p = 0; p < x->places && x->kind == GOP_REDUCE_MEAN; p++)
        if (of_sample(j, b->sample)[p] != 1)
            multiply(places + p * row, of_sample(j, b->sample)[p], n);
}

static void take_elements(gop_real *restrict items, const gop_real *restrict places,
                          const size_t *place, size_t count, size_t none)
{
    for (size_t i = 0; i < count; i++)
        items[i] = place[i] != none ? places[place[i]] : 0;
}

static void gather(const job *j, const block *b)
{
    const gop_indexed *x = j->x;
    const size_t n = b->n, row = x->row;
    gop_real *items = j->to + (b->sample * x->items + b->first) * row + b->column;
    const size_t at = b->sample * x->places * row + b->column;
    if (x->kind == GOP_REDUCE_SUM && row == 1 && !j->add) {
        take_elements(items, j->from + at, b->place, b->items, x->places);
        return;
    }
    for (size_t i = 0; i < b->items; i++, items += row) {
        const size_t p = b->place[i];
        const gop_real *place = j->from + at + p * row;
        if (p == x->places && !j->add)
            memset(items, 0, n * sizeof *items);
        else if (p == x->places)
            continue;
        else if (x->kind == GOP_REDUCE_MAX)
            put_held(items, place, j->holder + at + p * row, (gop_real)(b->first + i), n, j->add);
        else if (x->kind == GOP_REDUCE_MEAN)
            put_scaled(items, place, of_sample(j, b->sample)[p], n, j->add);
        else if (n < GOP_SHORT && !j->add)
            gop_copy_short(items, place, n);
        else
            gop_move(items, place, n, j->add);
    }
}

static void chunk(const job *j, size_t i, void (*move)(const job *, const block *))
{
    const gop_indexed *x = j->x;
    size_t place[TOGETHER], some;
    block b = {.place = place, .column = gop_cut(x->row, j->blocks, i % j->blocks)};
    b.n = gop_cut(x->row, j->blocks, i % j->blocks + 1) - b.column;
    const size_t begin = i / j->blocks * j->at_once, shared = x->samples / lists_of(x);
    const size_t end = gop_size_min(begin + j->at_once, x->samples);
    for (size_t sample = begin; sample < end; sample += some) {
        some = gop_size_min(end - sample, shared - sample % shared);
        for (b.first = 0; b.first < x->items; b.first += b.items) {
            b.items = gop_size_min(TOGETHER, x->items - b.first);
            find_places(j, sample, b.first, b.items, place);
            for (b.sample = sample; b.sample < sample + some; b.sample++)
                move(j, &b);
        }
    }
}

static void scatter_chunk(void *arg, size_t i)
{
    chunk(arg, i, scatter);
}

static void gather_chunk(void *arg, size_t i)
{
    chunk(arg, i, gather);
}

static void run(const gop_run *r, job *j, void (*each)(void *arg, size_t i))
{
    const gop_indexed *x = j->x;
    const size_t sample = (x->items + x->places) * x->row;
    j->at_once = gop_rows(sample);
    const size_t pieces = gop_pieces(x->samples, j->at_once);
    j->blocks = gop_parts(x->row, LEAST,
                          gop_size_min(gop_pieces(sample, GOP_CHUNK), gop_pieces(CUTS, pieces)));
    j->blocks = gop_size_max(j->blocks, gop_pieces(x->row, COLUMNS));
    gop_parallel(r->ctx, pieces * j->blocks, each, j);
}

/* `saved`: the index, then the items that hold the maxima. */
static job start(const gop_run *r, const gop_indexed *x, bool forward)
{
    const size_t size = index_size(x);
    job j = {.x = x, .per_place = r->work};
    if (forward && r->saved != NULL)
        memcpy(r->saved, r->in[1], size * sizeof *r->saved);
    j.index = forward ? r->in[1] : r->saved;
    if (x->kind == GOP_REDUCE_MAX && r->saved != NULL)
        j.holder = r->saved + size;
    if (x->kind == GOP_REDUCE_MEAN || (x->kind == GOP_REDUCE_MAX && forward))
        count(&j);
    return j;
}

void gop_gather_forward(const gop_run *r, gop_indexed x)
{
    job j = start(r, &x, true);
    j.to = r->out;
    j.from = r->in[0];
    run(r, &j, gather_chunk);
}

void gop_scatter_forward(const gop_run *r, gop_indexed x)
{
    job j = start(r, &x, true);
    j.to = r->out;
    j.from = r->in[0];
    run(r, &j, scatter_chunk);
}

static void go_back(const gop_run *r, const gop_indexed *x, void (*each)(void *arg, size_t i))
{
    job j = start(r, x, false);
    j.to = r->din[0];
    j.from = r->dout;
    j.add = r->add[0];
    if (r->din[0] != NULL)
        run(r, &j, each);
    gop_no_gradient(r, 1);
}

void gop_gather_backward(const gop_run *r, gop_indexed x)
{
    go_back(r, &x, scatter_chunk);
}

void gop_scatter_backward(const gop_run *r, gop_indexed x)
{
    go_back(r, &x, gather_chunk);
}
