/*
 * fold.c: batch norms folded into the weights before them, in inference nets.
 *
 * An operator that declares its weights and their channel axes (gop_op_plan.channels) is the leader
 * of the operators directly after it that scale and shift each channel (gop_op.affine):
 *
 *     z[..., c] = scale[c] y[..., c] + shift[c]
 *
 * Planning folds scale into the weights.  `shift` is folded into the leader's added input, if it
 * has one; otherwise the last follower adds it.  The other followers become views of their input.
 * Scaled weights exist only while the leader packs them; inputs that forward reads directly get a
 * scaled copy, which is kept after the prepared memory.  No operator is treated by name.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "core/sizes.h"
#include "core/vector.h"
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------ what the followers become */

GOP_VECTOR static void add_row(gop_real *y, const gop_real *x, const gop_real *restrict shift,
                               size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n)
        GOP_INDEPENDENT
    for (size_t c = 0; c < n; c++)
        y[c] = x[c] + shift[c];
}

static size_t channels_of(gop_shape s)
{
    return s.dim[s.rank - 1];
}

static void add_shift(const gop_run *r, size_t from, size_t to)
{
    const size_t n = channels_of(r->out_shape);
    add_row(r->out + from, r->in[0] + from, r->prepared, (to - from) / n, n);
}

static const gop_op op_shift = {
    .name = "shift", .flags = GOP_OP_INPLACE | GOP_OP_ELEMENTWISE, .rows = add_shift};
static const gop_op op_folded = {.name = "folded", .flags = GOP_OP_VIEW};

/* ------------------------------------------------------------------ while planning */

/* Whether var id, through views, changes only when parameters do. */
static bool settled(const gop_net *net, int32_t id)
{
    while (net->vars[id].kind == VAR_RESULT) {
        const net_node *n = &net->nodes[net->vars[id].node];
        if (!(n->flags & GOP_OP_VIEW))
            return false;
        id = n->in[0];
    }
    return net->vars[id].kind != VAR_INPUT;
}

/* Whether input k of a leader is a weight or the added input. */
static bool is_weight(const net_node *n, size_t k)
{
    return n->in[k] >= 0 && n->channels[k] >= 0;
}

static bool is_added(const net_node *n, size_t k)
{
    return n->added == (int)k;
}

bool gop_net_folds_input(const net_node *n, size_t k)
{
    return gop_net_leads(n) && (n->channels[k] >= 0 || is_added(n, k));
}

static bool can_lead(const gop_net *net, const net_node *n)
{
    const gop_shape out = net->vars[n->out].shape;
    bool any = false;
    if (out.rank == 0)
        return false;
    for (size_t k = 0; k < n->n_in; k++) {
        const bool weight = is_weight(n, k), prepared = (n->prepared_from >> k & 1) != 0;
        if (n->in[k] < 0)
            continue;
        if ((weight || prepared || is_added(n, k)) && !settled(net, n->in[k]))
            return false;
        if (weight && (n->channels[k] >= n->in_shape[k].rank ||
                       n->in_shape[k].dim[n->channels[k]] != channels_of(out)))
            return false;
        any = any || weight;
    }
    return any;
}

/* Whether node n can be folded into the node that computes its first input. */
static bool can_follow(const gop_net *net, const net_node *n)
{
    if (!(n->flags & GOP_OP_AFFINE) || !gop_shape_equal(n->in_shape[0], net->vars[n->out].shape))
        return false;
    for (size_t k = 1; k < n->n_in; k++)
        if (n->in[k] >= 0 && !settled(net, n->in[k]))
            return false;
    return true;
}

/* The only reader of each var; NONE or SEVERAL otherwise. */
enum { NONE = -1, SEVERAL = -2 };

static int32_t *find_readers(const gop_net *net)
{
    int32_t *reader = malloc((net->n_vars + 1) * sizeof *reader);
    if (reader == NULL)
        return NULL;
    for (size_t i = 0; i < net->n_vars; i++)
        reader[i] = net->vars[i].keep ? SEVERAL : NONE;
    for (size_t i = 0; i < net->n_nodes; i++)
        for (size_t k = 0; k < net->nodes[i].n_in; k++) {
            const int32_t v = net->nodes[i].in[k];
            if (v >= 0)
                reader[v] = reader[v] == NONE ? (int32_t)i : SEVERAL;
        }
    return reader;
}

static size_t whole_lines(size_t n)
{
    return gop_round_up(n, 16);
}

/* Elements of a row of n doubles. */
static size_t doubles(size_t n)
{
    return whole_lines(n * (sizeof(double) / sizeof(gop_real)));
}

/* Rows of doubles at the start of the scratch: scale and shift of all followers combined, and of
 * one. */
enum { ROWS = 4 };

/* Places the leader's scaled inputs: after its prepared memory, or in scratch. */
static void find_places(gop_net *net, net_fold *f)
{
    const net_node *lead = &net->nodes[f->lead];
    const size_t c = channels_of(net->vars[lead->out].shape);
    size_t kept = whole_lines(lead->prepared), scratch = ROWS * doubles(c);
    for (size_t k = 0; k < GOP_MAX_INPUTS; k++)
        f->copy_at[k] = f->scratch_at[k] = NO_PLACE;
    for (size_t k = 0; k < lead->n_in; k++) {
        const size_t size = is_added(lead, k) ? c : gop_shape_size(lead->in_shape[k]);
        if (!is_added(lead, k) && !is_weight(lead, k))
            continue;
        if (lead->prepared > 0 && (lead->prepared_from >> k & 1) != 0) {
            f->scratch_at[k] = scratch;
            scratch += whole_lines(size);
        } else {
            f->copy_at[k] = kept;
            kept += whole_lines(size);
        }
    }
    f->size = kept;
    if (scratch > net->folding.scratch)
        net->folding.scratch = scratch;
}

static void become_view(net_node *n)
{
    n->folded = n->op;
    n->op = &op_folded;
    n->flags = op_folded.flags;
    n->work = n->prepared = 0;
    n->prepared_from = 0;
}

static void fold_into(gop_net *net, int32_t lead, const int32_t *reader)
{
    net_fold f = {.lead = lead};
    net_node *l = &net->nodes[lead];
    for (int32_t at = reader[l->out]; at >= 0 && f.n < FOLD_MAX; at = reader[net->nodes[at].out]) {
        /* The only reader, through its first input, can follow. */
        if (!can_follow(net, &net->nodes[at]))
            break;
        f.node[f.n++] = at;
    }
    if (f.n == 0)
        return;
    for (size_t i = 0; i < f.n; i++)
        become_view(&net->nodes[f.node[i]]);
    f.adds = l->added >= 0 && (size_t)l->added < l->n_in;
    find_places(net, &f);
    l->fold = (int32_t)net->folding.n;
    if (!f.adds) {
        net_node *last = &net->nodes[f.node[f.n - 1]];
        last->op = &op_shift;
        last->flags = op_shift.flags;
        last->prepared = whole_lines(channels_of(net->vars[l->out].shape));
        last->fold = l->fold;
    }
    net->folding.folds[net->folding.n++] = f;
}

gop_status gop_net_fold(gop_net *net, gop_error *err)
{
    if (net->training)
        return GOP_OK;
    int32_t *reader = find_readers(net);
    net->folding.folds = calloc(net->n_nodes + 1, sizeof *net->folding.folds);
    if (reader == NULL || net->folding.folds == NULL) {
        free(reader);
        return gop_fail(err, GOP_ENOMEM, "out of memory while planning");
    }
    for (size_t i = 0; i < net->n_nodes; i++)
        if (net->nodes[i].folded == NULL && can_lead(net, &net->nodes[i]))
            fold_into(net, (int32_t)i, reader);
    free(reader);
    return GOP_OK;
}

bool gop_net_same_fold(const gop_net *net, const net_node *a, const net_node *b)
{
    if (a->fold < 0 || b->fold < 0)
        return a->fold == b->fold;
    const net_fold *f = &net->folding.folds[a->fold], *g = &net->folding.folds[b->fold];
    if (f->n != g->n)
        return false;
    for (size_t i = 0; i < f->n; i++) {
        const net_node *x = &net->nodes[f->node[i]], *y = &net->nodes[g->node[i]];
        if (x->folded != y->folded || x->n_in != y->n_in ||
            (x->folded->attr_size > 0 && memcmp(x->attr, y->attr, x->folded->attr_size) != 0))
            return false;
        for (size_t k = 1; k < x->n_in; k++)
            if (!gop_net_same_value(net, x->in[k], y->in[k]))
                return false;
    }
    return true;
}

/* ------------------------------------------------------------------ while preparing */

/* row[0] and row[1] [C]: scale and shift of all followers combined. */
static void compose(const gop_net *net, const net_fold *f, double *const row[ROWS])
{
    const size_t c = channels_of(net->vars[net->nodes[f->lead].out].shape);
    double *scale = row[0], *shift = row[1], *a = row[2], *b = row[3];
    for (size_t k = 0; k < c; k++) {
        scale[k] = 1;
        shift[k] = 0;
    }
    for (size_t i = 0; i < f->n; i++) {
        net->nodes[f->node[i]].folded->affine(&net->running.bound[f->node[i]].run, a, b);
        for (size_t k = 0; k < c; k++) {
            scale[k] *= a[k];
            shift[k] = shift[k] * a[k] + b[k];
        }
    }
}

/* to = from [outer, C, inner] with slice c times scale[c]. */
typedef struct scaling {
    gop_real *to;
    const gop_real *from;
    const double *scale;
    size_t outer, c, inner;
} scaling;

static void scale_slice(void *arg, size_t c)
{
    const scaling *s = arg;
    for (size_t o = 0; o < s->outer; o++) {
        const size_t at = (o * s->c + c) * s->inner;
        for (size_t i = 0; i < s->inner; i++)
            s->to[at + i] = (gop_real)(s->scale[c] * (double)s->from[at + i]);
    }
}

/* Input k times `scale` along its channel axis. */
static void scale_weight(gop_ctx *ctx, gop_real *to, const gop_real *from, const net_node *n,
                         size_t k, const double *scale)
{
    const int axis = n->channels[k];
    const gop_shape w = n->in_shape[k];
    scaling s = {to, from, scale, 1, w.dim[axis], 1};
    for (int i = 0; i < w.rank; i++)
        if (i != axis)
            *(i < axis ? &s.outer : &s.inner) *= w.dim[i];
    gop_parallel(ctx, s.c, scale_slice, &s);
}

static void prepare_leader(const gop_net *net, const net_fold *f, const double *scale,
                           const double *shift, gop_real *scratch)
{
    const net_node *n = &net->nodes[f->lead];
    gop_real *in[GOP_MAX_INPUTS];
    gop_run run = net->running.bound[f->lead].run;

    for (size_t k = 0; k < n->n_in; k++) {
        const gop_real *from = gop_net_value_ptr(net, n->in[k]);
        in[k] = f->scratch_at[k] != NO_PLACE ? scratch + f->scratch_at[k] : run.in[k];
        if (is_weight(n, k))
            scale_weight(run.ctx, in[k], from, n, k, scale);
        for (size_t c = 0; c < channels_of(run.out_shape) && is_added(n, k); c++)
            in[k][c] = (gop_real)((from != NULL ? scale[c] * (double)from[c] : 0) + shift[c]);
    }
    run.in = in;
    if (n->op->prepare != NULL)
        n->op->prepare(&run);
}

void gop_net_prepare_folded(const gop_net *net, size_t i)
{
    const net_node *n = &net->nodes[i];
    const net_fold *f = &net->folding.folds[n->fold];
    const size_t c = channels_of(net->vars[n->out].shape);
    gop_real *scratch = net->layout.memory + net->folding.scratch_at;
    double *row[ROWS];

    for (size_t k = 0; k < ROWS; k++)
        row[k] = (double *)(void *)(scratch + k * doubles(c));
    compose(net, f, row);
    if (gop_net_leads(n))
        prepare_leader(net, f, row[0], row[1], scratch);
    for (size_t k = 0; k < c && !gop_net_leads(n); k++)
        net->running.bound[i].run.prepared[k] = (gop_real)row[1][k];
}
