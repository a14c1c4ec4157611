/*
 * broadcast.c: see broadcast.h.  Reads and writes only its arguments.
 *
 * The result is seen as up to four axes; neighbours along which the inputs repeat alike are one
 * axis.  A row is the last of them, a tile is rows of the last but one.
 *
 * The gradient of a repeated input is summed in double in the scratch memory.  A piece of the
 * result is a range of one axis.  If the input repeats along the first axis and is small, the pieces
 * are ranges of that axis, each with sums of its own, which are added in the order of the pieces.
 * Otherwise they are ranges of the first axis along which it does not repeat, and write to different
 * elements.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "op/broadcast.h"

#include "op/partial.h"
#include "op/rows.h"

/* Elements of a gradient that are summed at a time; the most pieces; elements of a small input. */
enum { BLOCK = 4096, PIECES = 16, SMALL = GOP_CHUNK };

typedef struct axes {
    int rank; /* at least 2 */
    size_t dim[GOP_MAX_RANK];
    size_t step[2][GOP_MAX_RANK]; /* 0: the input repeats along the axis */
} axes;

/* ----------------------------------------------------------------------- shapes */

static size_t dim_from_end(gop_shape s, int i)
{
    return i < s.rank ? s.dim[s.rank - 1 - i] : 1;
}

static bool broadcast(gop_shape *out, gop_shape a, gop_shape b)
{
    out->rank = a.rank > b.rank ? a.rank : b.rank;
    for (int i = 0; i < out->rank; i++) {
        const size_t x = dim_from_end(a, i), y = dim_from_end(b, i);
        if (x != y && x != 1 && y != 1)
            return false;
        out->dim[out->rank - 1 - i] = x == 1 ? y : x;
    }
    return true;
}

/* With one input, the second is the result itself. */
static axes measure(gop_shape out, const gop_shape *inputs, size_t n_in)
{
    const gop_shape in[2] = {inputs[0], n_in == 2 ? inputs[1] : out};
    axes v = {.rank = 0};
    size_t step[2] = {1, 1};
    bool repeats[2][GOP_MAX_RANK] = {{false}};
    /* From the last axis to the first, which is turned around below. */
    for (int i = 0; i < out.rank; i++) {
        const size_t d = dim_from_end(out, i);
        bool same = v.rank > 0, now[2] = {false, false};
        if (d == 1)
            continue;
        for (size_t k = 0; k < 2; k++) {
            now[k] = dim_from_end(in[k], i) == 1;
            same = same && now[k] == repeats[k][v.rank - 1];
        }
        if (same) {
            v.dim[v.rank - 1] *= d;
        } else {
            for (size_t k = 0; k < 2; k++) {
                repeats[k][v.rank] = now[k];
                v.step[k][v.rank] = now[k] ? 0 : step[k];
            }
            v.dim[v.rank++] = d;
        }
        for (size_t k = 0; k < 2; k++)
            step[k] *= now[k] ? 1 : d;
    }
    for (; v.rank < 2; v.rank++) {
        v.dim[v.rank] = 1;
        v.step[0][v.rank] = v.step[1][v.rank] = v.rank == 0;
    }
    for (int i = 0; i < v.rank / 2; i++) {
        const int j = v.rank - 1 - i;
        const axes w = v;
        v.dim[i] = w.dim[j];
        v.dim[j] = w.dim[i];
        for (size_t k = 0; k < 2; k++) {
            v.step[k][i] = w.step[k][j];
            v.step[k][j] = w.step[k][i];
        }
    }
    return v;
}

static bool is_whole(gop_shape in, gop_shape out)
{
    return gop_shape_size(in) == gop_shape_size(out);
}

/* How the gradient of input k is cut. */
typedef struct cut {
    int axis;
    size_t pieces, sums; /* pieces of the axis; sums of their own, or 1 */
} cut;

static cut cut_for(const axes *v, size_t k, size_t in_size)
{
    size_t size = 1;
    cut c = {.axis = 0};
    for (int i = 0; i < v->rank; i++)
        size *= v->dim[i];
    while (c.axis + 1 < v->rank && v->dim[c.axis] == 1)
        c.axis++;
    if (in_size > SMALL)
        while (c.axis + 1 < v->rank && v->step[k][c.axis] == 0)
            c.axis++;
    c.pieces = gop_size_min(gop_parts(size, GOP_CHUNK, PIECES), v->dim[c.axis]);
    c.sums = v->step[k][c.axis] == 0 ? c.pieces : 1;
    return c;
}

gop_status gop_broadcast_plan(gop_op_plan *p)
{
    char a[80], b[80];
    if (p->n_in == 2 && !broadcast(&p->out, p->in[0], p->in[1]))
        return gop_fail(
            p->err, GOP_ESHAPE,
            "the shapes %s and %s cannot be broadcast: counted from the last axis, sizes "
            "must be equal or 1",
            gop_shape_text(a, sizeof a, p->in[0]), gop_shape_text(b, sizeof b, p->in[1]));
    gop_try(gop_op_size(p, p->out));
    if (!gop_shape_equal(p->in[0], p->out))
        p->flags &= ~(unsigned)GOP_OP_INPLACE;
    const axes v = measure(p->out, p->in, p->n_in);
    for (size_t k = 0; k < p->n_in; k++) {
        const size_t size = gop_shape_size(p->in[k]);
        if (gop_shape_equal(p->in[k], p->out))
            continue;
        p->flags &= ~(unsigned)GOP_OP_INPLACE_GRAD;
        p->flags |= GOP_OP_WHOLE_GRAD;
        if (p->training && !is_whole(p->in[k], p->out))
            p->work = gop_size_max(p->work, gop_times(cut_for(&v, k, size).sums, size) *
                                                GOP_REALS_PER_DOUBLE);
    }
    return GOP_OK;
}

/* ------------------------------------------------------------------------ loops */

/* The tiles of some elements of the result, in order. */
typedef struct walk {
    const axes *v;
    size_t at[GOP_MAX_RANK], left; /* the next element by its axes; elements to do */
    size_t from[2];                /* its place in the inputs */
    size_t most;                   /* elements of a tile */
} walk;

static walk begin(const axes *v, size_t from, size_t to, size_t most)
{
    walk w = {.v = v, .left = to - from, .most = most};
    for (int i = v->rank - 1; i >= 0; from /= v->dim[i], i--)
        w.at[i] = from % v->dim[i];
    return w;
}

/* Sets t and w->from for the next tile; returns its elements. */
static size_t next(walk *w, gop_tile *t)
{
    const axes *v = w->v;
    const int row = v->rank - 2, column = v->rank - 1;
    const size_t n = v->dim[column];
    const bool part = w->at[column] > 0 || w->left < n || n > w->most;
    t->rows = part ? 1 : gop_size_min(gop_size_min(w->left, w->most) / n, v->dim[row] - w->at[row]);
    t->n = part ? gop_size_min(gop_size_min(n - w->at[column], w->left), w->most) : n;
    t->a = v->step[0][row];
    t->b = v->step[1][row];
    t->a_one = v->step[0][column] == 0;
    t->b_one = v->step[1][column] == 0;
    for (size_t k = 0; k < 2; k++) {
        w->from[k] = 0;
        for (int i = 0; i < v->rank; i++)
            w->from[k] += w->at[i] * v->step[k][i];
    }
    w->at[column] += part ? t->n : 0;
    w->at[row] += part ? 0 : t->rows;
    for (int i = column; i > 0; i--)
        if (w->at[i] == v->dim[i]) {
            w->at[i] = 0;
            w->at[i - 1]++;
        }
    w->left -= t->rows * t->n;
    return t->rows * t->n;
}

/* Rows shorter than this are processed several at a time; elements of such a group, at most. */
enum { SHORT = 48, WIDE = 192 };

/* Calls fn for a tile.  Where an input repeats from row to row and rows are short, copies of its row
 * side by side make long rows. */
static void call(gop_tile_fn fn, gop_real *to, const gop_real *dy, const gop_real *a,
                 const gop_real *b, gop_tile t)
{
    gop_real wide[WIDE];
    const bool one = t.a_one || t.b_one, of_a = t.a == 0;
    const size_t n = t.n, k = gop_size_min(WIDE / n, t.rows);
    if (one || n >= SHORT || k < 2 || (t.a == 0) == (t.b == 0)) {
        fn(to, dy, a, b, &t);
        return;
    }
    for (size_t i = 0; i < k; i++)
        memcpy(wide + i * n, of_a ? a : b, n * sizeof *wide);
    for (size_t row = 0; row < t.rows; row += k) {
        const size_t at = row * n;
        gop_tile part = {.rows = 1, .n = gop_size_min(k, t.rows - row) * n, .add = t.add};
        fn(to + at, dy != NULL ? dy + at : NULL, of_a ? wide : a + at, of_a ? b + at : wide, &part);
    }
}

static void apply(const gop_run *r, const axes *v, gop_real *to, const gop_real *dy, size_t from,
                  size_t end, bool add, gop_tile_fn fn)
{
    walk w = begin(v, from, end, SIZE_MAX);
    gop_tile t = {.add = add};
    const gop_real *b = r->n_in == 2 ? r->in[1] : to;
    for (size_t at = from; w.left > 0;) {
        const size_t n = next(&w, &t);
        call(fn, to + at, dy != NULL ? dy + at : NULL, r->in[0] + w.from[0], b + w.from[1], t);
        at += n;
    }
}

void gop_broadcast_rows(const gop_run *r, size_t from, size_t to, gop_tile_fn value)
{
    const axes v = measure(r->out_shape, r->in_shape, r->n_in);
    apply(r, &v, r->out, NULL, from, to, false, value);
}

void gop_broadcast_rows_back(const gop_run *r, size_t from, size_t to, const gop_tile_fn *slope)
{
    const axes v = measure(r->out_shape, r->in_shape, r->n_in);
    /* If a and b are the same value, add[1] is set; else a's gradient comes last, because it may
     * overwrite dout. */
    const bool twice = r->n_in == 2 && r->din[0] == r->din[1];
    for (size_t k = 0; k < r->n_in; k++) {
        const size_t i = twice ? k : r->n_in - 1 - k;
        if (r->din[i] != NULL)
            apply(r, &v, r->din[i], r->dout, from, to, r->add[i], slope[i]);
    }
}

/* -------------------------------------------------------------------- gradients */

typedef struct job {
    const gop_run *r;
    axes v;
    cut c;
    size_t k, in_size; /* the input */
    gop_tile_fn slope;
    double *sums;
} job;

static void chunk_back(void *arg, size_t i)
{
    const job *j = arg;
    const size_t n = gop_shape_size(j->r->out_shape), from = i * GOP_CHUNK;
    apply(j->r, &j->v, j->r->din[j->k], j->r->dout, from, gop_size_min(n, from + GOP_CHUNK),
          j->r->add[j->k], j->slope);
}

/* sum[i] += the sum over the rows of g[row, i], as groups of rows side by side. */
GOP_VECTOR static void add_short_rows(double *restrict sum, const gop_real *restrict g, size_t rows,
                                      size_t n)
{
    double wide[WIDE] = {0};
    const size_t k = gop_size_min(WIDE / n, rows);
    for (size_t row = 0; row < rows; row += k) {
        const size_t m = gop_size_min(k, rows - row) * n;
        for (size_t i = 0; i < m; i++)
            wide[i] += (double)g[row * n + i];
    }
    for (size_t q = 0; q < k; q++)
        for (size_t i = 0; i < n; i++)
            sum[i] += wide[q * n + i];
}

/* sum[i] += the elements of a row. */
GOP_VECTOR static void add_row(double *restrict sum, const gop_real *restrict g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum[i] += (double)g[i];
}

/* sum[i] += the sum over the rows of g[row, i], and with `one` sum[row] += that of row's
 * elements; `step` from one row's sums to the next. */
static void add_rows(double *sum, size_t step, bool one, const gop_real *g, size_t rows, size_t n)
{
    if (step == 0 && !one && n < SHORT && rows > 2) {
        add_short_rows(sum, g, rows, n);
        return;
    }
    for (size_t r = 0; r < rows; r++, g += n, sum += step) {
        if (one)
            *sum += gop_row_sum(g, n);
        else
            add_row(sum, g, n);
    }
}

/* Sums the elements [from, to) of the result. */
static void sum_range(const job *j, double *sums, size_t from, size_t to)
{
    const gop_run *r = j->r;
    const int row = j->v.rank - 2, column = row + 1;
    const gop_real *b = r->n_in == 2 ? r->in[1] : r->dout;
    walk w = begin(&j->v, from, to, BLOCK);
    gop_tile t = {.add = false};
    gop_real g[BLOCK];
    for (size_t at = from; w.left > 0;) {
        const size_t n = next(&w, &t);
        call(j->slope, g, r->dout + at, r->in[0] + w.from[0], b + w.from[1], t);
        add_rows(sums + w.from[j->k], j->v.step[j->k][row], j->v.step[j->k][column] == 0, g, t.rows,
                 t.n);
        at += n;
    }
}

static void sum_piece(void *arg, size_t i)
{
    const job *j = arg;
    const cut *c = &j->c;
    const size_t from = gop_cut(j->v.dim[c->axis], c->pieces, i);
    const size_t to = gop_cut(j->v.dim[c->axis], c->pieces, i + 1);
    double *sums = j->sums + (c->sums > 1 ? i * j->in_size : 0);
    size_t outer = 1, inner = 1;
    for (int k = 0; k < j->v.rank; k++) {
        outer *= k < c->axis ? j->v.dim[k] : 1;
        inner *= k > c->axis ? j->v.dim[k] : 1;
    }
    for (size_t o = 0; o < outer; o++) {
        const size_t base = o * j->v.dim[c->axis];
        sum_range(j, sums, (base + from) * inner, (base + to) * inner);
    }
}

static void put_sums(void *arg, size_t i)
{
    const job *j = arg;
    const gop_run *r = j->r;
    const size_t from = i * BLOCK, to = gop_size_min(j->in_size, from + BLOCK);
    for (size_t e = from; e < to; e++) {
        double sum = 0;
        for (size_t p = 0; p < j->c.sums; p++)
            sum += j->sums[p * j->in_size + e];
        gop_put_sum(r, j->k, e, sum);
    }
}

static void back_input(const gop_run *r, job *j)
{
    if (is_whole(r->in_shape[j->k], r->out_shape)) {
        gop_parallel(r->ctx, gop_pieces(gop_shape_size(r->out_shape), GOP_CHUNK), chunk_back, j);
        return;
    }
    j->in_size = gop_shape_size(r->in_shape[j->k]);
    j->c = cut_for(&j->v, j->k, j->in_size);
    memset(j->sums, 0, j->c.sums * j->in_size * sizeof *j->sums);
    gop_parallel(r->ctx, j->c.pieces, sum_piece, j);
    gop_parallel(r->ctx, gop_pieces(j->in_size, BLOCK), put_sums, j);
}

void gop_broadcast_backward(const gop_run *r, const gop_tile_fn *slope)
{
    job j = {.r = r, .v = measure(r->out_shape, r->in_shape, r->n_in)};
    j.sums = (double *)(void *)r->work;
    for (j.k = 0; j.k < r->n_in; j.k++) {
        j.slope = slope[j.k];
        if (r->din[j.k] != NULL)
            back_input(r, &j);
    }
}

size_t gop_broadcast_at(gop_shape in, gop_shape out, size_t k)
{
    size_t at = 0, step = 1;
    for (int i = 0; i < out.rank; i++) {
        const size_t d = dim_from_end(out, i), own = dim_from_end(in, i);
        at += own == 1 ? 0 : k % d * step;
        step *= own;
        k /= d;
    }
    return at;
}
