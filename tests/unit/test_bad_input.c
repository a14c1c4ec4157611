/*
 * test_bad_input.c: operators with invalid inputs.  Each case of each operator is recorded with an
 * input left out, with a dimension or a rank changed, and with dimensions too large for any memory;
 * then the composites and numbers that no case has.  Nothing may crash or hang; an error names the
 * operator and its arguments, and everything after it is harmless.  Every accepted input must also
 * run.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"
#include "case_run.h"
#include "net_fixture.h"

#include <limits.h>
#include <stdio.h>

/* A net whose plan may take this much memory. */
static fixture small_fixture(bool training)
{
    fixture f;
    memset(&f, 0, sizeof f);
    ck_assert_int_eq(gop_ctx_new(&f.ctx, 2, (size_t)16 << 20, &f.err), GOP_OK);
    ck_assert_int_eq(gop_params_new(&f.params, 1, &f.err), GOP_OK);
    ck_assert_int_eq(
        gop_net_new(&f.net, f.ctx, f.params, training ? GOP_TRAINING : GOP_INFERENCE, &f.err),
        GOP_OK);
    return f;
}

/* Whether the message begins with an operator's call, "name(". */
static bool names_an_operator(const char *message)
{
    static const char *const composite[] = {"lstm_cell",  "lstm_hidden", "lstm_state",
                                            "match_soft", "pool_soft",   NULL};
    const size_t n = strcspn(message, "(");
    if (message[n] == '\0')
        return false;
    for (const gop_op *const *op = gop_op_list(); *op != NULL; op++)
        if (strlen((*op)->name) == n && strncmp((*op)->name, message, n) == 0)
            return true;
    for (size_t k = 0; composite[k] != NULL; k++)
        if (strlen(composite[k]) == n && strncmp(composite[k], message, n) == 0)
            return true;
    return false;
}

/* A net with an error keeps it, its message is complete, and the net does nothing more. */
static void assert_harmless(fixture *f, gop_var before, gop_var out, const char *what)
{
    char first[GOP_MESSAGE_SIZE];
    gop_real one = 1;
    gop_var list[2] = {before, before};
    const gop_status s = recorded(gop_net_plan(f->net, &f->err), &f->err);
    ck_assert_msg(s == gop_net_status(f->net) && s != GOP_OK, "%s: status %d", what, (int)s);
    ck_assert_msg(out.id < 0, "%s: a value in spite of: %s", what, f->err.message);
    memcpy(first, f->err.message, sizeof first);
    ck_assert_msg(names_an_operator(first), "%s: no operator is named: %s", what, first);
    ck_assert_msg(strchr(first, '[') != NULL || strstr(first, "none") != NULL ||
                      strstr(first, "missing") != NULL || strstr(first, "is NULL") != NULL,
                  "%s: no shape is named: %s", what, first);

    ck_assert_int_lt(gop_relu(f->net, before).id, 0);
    ck_assert_int_lt(gop_dropout(f->net, before, 0, GOP_DROP_ELEMENTS).id, 0);
    ck_assert_int_lt(gop_concat(f->net, list, 2, 0).id, 0);
    ck_assert_int_lt(gop_softmax(f->net, before, 0).id, 0);
    ck_assert_int_lt(gop_mask_adjacency(f->net, before, before).id, 0);
    ck_assert_int_lt(gop_pool_soft(f->net, before, before).id, 0);
    ck_assert_int_lt(gop_gru(f->net, before, before, before, before, before, before).id, 0);
    ck_assert_int_lt(gop_input(f->net, "late", gop_shape1(1)).id, 0);
    ck_assert_int_lt(gop_apply(f->net, *gop_op_list(), &one, list, 1).id, 0);
    ck_assert_int_eq(gop_net_forward(f->net, NULL), s);
    ck_assert_int_eq(gop_net_forward_finite(f->net, NULL), s);
    ck_assert_int_eq(
        gop_net_backward(f->net, &(gop_pass){.from = list, .seed = &one, .n_from = 1}, NULL, NULL),
        s);
    ck_assert_ptr_null(gop_net_value(f->net, before));
    ck_assert_ptr_null(gop_net_grad(f->net, before));
    ck_assert_ptr_null(gop_net_value(f->net, out));
    ck_assert_int_eq(gop_net_plan(f->net, &f->err), s);
    ck_assert_str_eq(f->err.message, first);
}

/* Runs what was recorded, with the values that the case draws. */
static void assert_runs(fixture *f, const gop_case *c, const gop_var *in, gop_var out,
                        const char *what)
{
    const bool training = gop_net_training(f->net);
    ck_assert_msg(out.id >= 0, "%s: no value and no error", what);
    gop_net_keep(f->net, out);
    ck_assert_msg(gop_net_plan(f->net, &f->err) == GOP_OK, "%s: %s", what, f->err.message);
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        if (in[i].id >= 0 && gop_net_value(f->net, in[i]) != NULL)
            case_draw(gop_net_value(f->net, in[i]), c, i, 3);
    ck_assert_msg(gop_net_forward(f->net, &f->err) == GOP_OK, "%s: %s", what, f->err.message);
    gop_real *g = training ? gop_net_grad(f->net, out) : NULL;
    if (g == NULL)
        return;
    for (size_t k = 0; k < gop_shape_size(gop_net_shape(f->net, out)); k++)
        g[k] = 1;
    ck_assert_msg(gop_net_backward(f->net, &(gop_pass){.from = &out, .n_from = 1}, NULL, &f->err) ==
                      GOP_OK,
                  "%s: %s", what, f->err.message);
}

typedef enum outcome { REFUSED, ACCEPTED } outcome;

/* Records the case without input `none`; SIZE_MAX leaves out none. */
static outcome try_case(const gop_op *op, const gop_case *c, size_t none, bool training,
                        const char *what)
{
    fixture f = small_fixture(training);
    gop_var in[GOP_MAX_INPUTS], some = gop_none();
    for (size_t i = 0; i < GOP_MAX_INPUTS; i++)
        in[i] = gop_none();
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        if (i != none && c->in[i].rank >= 0) {
            char name[32];
            snprintf(name, sizeof name, "x%zu", i);
            some = in[i] = gop_input(f.net, name, c->in[i]);
            if (training && !((c->fixed | c->integers) >> i & 1))
                gop_net_keep(f.net, in[i]);
        }
    ck_assert_msg(gop_net_status(f.net) == GOP_OK, "%s: an input was refused", what);
    if (some.id < 0)
        some = gop_input(f.net, "some", gop_shape1(2));
    const gop_var out = gop_case_record(f.net, op, c, in);
    const outcome o = gop_net_status(f.net) == GOP_OK ? ACCEPTED : REFUSED;
    if (o == REFUSED)
        assert_harmless(&f, some, out, what);
    else
        assert_runs(&f, c, in, out, what);
    fixture_free(&f);
    return o;
}

/* Skips cases that are too large to be worth their time. */
static bool is_small(const gop_case *c)
{
    size_t size = 0;
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        size += gop_shape_size(c->in[i]);
    return size <= 20000;
}

#define EACH_SMALL_CASE(op, c)                                                         \
    for (const gop_op *const *op##_at = gop_op_list(); *op##_at != NULL; op##_at++)    \
        for (const gop_case *c = (*op##_at)->cases; c != NULL && c->name != NULL; c++) \
            if (is_small(c))

START_TEST(an_input_left_out)
{
    size_t refused = 0;
    EACH_SMALL_CASE(op, c)
    for (size_t i = 0; i < gop_case_inputs(c); i++) {
        char what[200];
        snprintf(what, sizeof what, "%s, %s: input %zu left out", (*op_at)->name, c->name, i + 1);
        const outcome o = try_case(*op_at, c, i, c->training, what);
        ck_assert_msg(i > 0 || o == REFUSED, "%s is accepted", what);
        refused += o == REFUSED;
    }
    ck_assert_uint_ge(refused, 100);
}
END_TEST

START_TEST(a_dimension_more)
{
    size_t refused = 0, accepted = 0;
    EACH_SMALL_CASE(op, c)
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        for (int k = 0; k < c->in[i].rank; k++) {
            gop_case changed = *c;
            char what[200];
            changed.in[i].dim[k]++;
            snprintf(what, sizeof what, "%s, %s: one more on axis %d of input %zu", (*op_at)->name,
                     c->name, k, i + 1);
            if (try_case(*op_at, &changed, SIZE_MAX, c->training, what) == REFUSED)
                refused++;
            else
                accepted++;
        }
    ck_assert_uint_ge(refused, 200);
    ck_assert_uint_ge(accepted, 200);
}
END_TEST

START_TEST(another_rank)
{
    size_t refused = 0;
    EACH_SMALL_CASE(op, c)
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        for (int step = -1; step <= 1; step += 2) {
            gop_case changed = *c;
            gop_shape *s = &changed.in[i];
            char what[200];
            if (s->rank < 0 || s->rank + step < 0 || s->rank + step > GOP_MAX_RANK)
                continue;
            s->rank += step;
            if (step > 0)
                s->dim[s->rank - 1] = 2;
            else
                s->dim[s->rank] = 1;
            snprintf(what, sizeof what, "%s, %s: input %zu of rank %d", (*op_at)->name, c->name,
                     i + 1, s->rank);
            refused += try_case(*op_at, &changed, SIZE_MAX, c->training, what) == REFUSED;
        }
    ck_assert_uint_ge(refused, 200);
}
END_TEST

/* Changes all dimensions equal to `from` to `to`, so that equal dimensions stay equal. */
static gop_case enlarged(const gop_case *c, size_t from, size_t to)
{
    gop_case big = *c;
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        for (int k = 0; k < c->in[i].rank; k++)
            if (big.in[i].dim[k] == from)
                big.in[i].dim[k] = to;
    return big;
}

/* The case is recorded or refused at once; if recorded, the plan refuses it. */
static void try_huge(const gop_op *op, const gop_case *c, bool training, const char *what)
{
    fixture f = small_fixture(training);
    gop_var in[GOP_MAX_INPUTS];
    bool inputs = true;
    for (size_t i = 0; i < gop_case_inputs(c); i++) {
        char name[32];
        snprintf(name, sizeof name, "x%zu", i);
        in[i] = c->in[i].rank < 0 ? gop_none() : gop_input(f.net, name, c->in[i]);
        inputs = inputs && (c->in[i].rank < 0 || in[i].id >= 0);
    }
    const gop_var out = inputs ? gop_case_record(f.net, op, c, in) : gop_none();
    if (gop_net_status(f.net) == GOP_OK) {
        const gop_status s = recorded(gop_net_plan(f.net, &f.err), &f.err);
        ck_assert_msg(s == GOP_ENOMEM, "%s: status %d of the plan: %s", what, (int)s,
                      f.err.message);
    } else if (inputs) {
        assert_harmless(&f, in[0], out, what);
    } else {
        ck_assert_msg(gop_net_status(f.net) == GOP_EINVAL, "%s: %d", what,
                      (int)gop_net_status(f.net));
    }
    fixture_free(&f);
}

START_TEST(more_than_any_memory_holds)
{
    static const size_t sizes[] = {(size_t)1 << 24, ((size_t)1 << 24) + 1, (size_t)1 << 31,
                                   SIZE_MAX > UINT32_MAX ? SIZE_MAX >> 24 : SIZE_MAX};
    EACH_SMALL_CASE(op, c)
    for (size_t i = 0; i < gop_case_inputs(c); i++)
        for (int k = 0; k < c->in[i].rank; k++)
            for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++)
                for (int training = c->training; training < 2; training++) {
                    char what[200];
                    /* A sequence is recorded step by step: its length is not memory. */
                    if (strncmp(c->name, "sequence", 8) == 0)
                        continue;
                    /* Its statistics are parameters, which are allocated when recorded. */
                    if (strcmp(c->name, "training, fixed statistics") == 0)
                        continue;
                    snprintf(what, sizeof what, "%s, %s: %zu for %zu", (*op_at)->name, c->name,
                             sizes[n], c->in[i].dim[k]);
                    gop_case big = enlarged(c, c->in[i].dim[k], sizes[n]);
                    try_huge(*op_at, &big, training, what);
                }
}
END_TEST

/* --------------------------------------------------------- by hand */

/* 2^40, NODES squared and, with 32 bits, their like: tensors that a size_t can count.  WIDE WIDER
 * is more elements than any tensor may have. */
#define WIDE  ((size_t)1 << sizeof(size_t) * 5)
#define WIDER ((size_t)1 << sizeof(size_t) * 5 / 2)
#define NODES (sizeof(size_t) > 4 ? 100000 : 8000)

/* Inputs: a [2, 3, 4, 5], b [7], x [2, 3, 5], w [6, 2], s [] and huge ones that are only
 * declared: nodes [1, NODES, 8], wide [1, WIDE]. */
typedef struct inputs {
    gop_var a, b, x, w, s, nodes, wide;
} inputs;

typedef struct wrong {
    const char *says;
    gop_status status;
    gop_var (*call)(gop_net *net, const inputs *i);
} wrong;

#define WRONG(name, expression)                        \
    static gop_var name(gop_net *net, const inputs *i) \
    {                                                  \
        (void)net, (void)i;                            \
        return expression;                             \
    }

#define NONE      gop_none()
#define LIST(...) ((const gop_var[]){__VA_ARGS__})

static void never(gop_net *net, void *user, size_t t, gop_var x, gop_var h, gop_var *x_next,
                  gop_var *h_next)
{
    (void)net, (void)user, (void)t, (void)x, (void)h, (void)x_next, (void)h_next;
}

WRONG(conv_no_A, gop_graph_conv(net, i->a, NULL, LIST(i->w), NULL, 1))
WRONG(conv_no_W, gop_graph_conv(net, i->a, LIST(i->w), NULL, NULL, 1))
WRONG(conv_no_terms, gop_graph_conv(net, i->a, LIST(i->w), LIST(i->w), NULL, 0))
WRONG(conv_many_terms, gop_graph_conv(net, i->a, LIST(i->w), LIST(i->w), NULL, 5))
WRONG(conv_none, gop_graph_conv(net, i->a, LIST(NONE), LIST(NONE), NULL, 1))
WRONG(terms_none, gop_graph_conv_terms(net, i->a, NULL, 1))
WRONG(terms_many, gop_graph_conv_terms(net, i->a, &(gop_graph_term){.scale = 1}, 5))
WRONG(terms_alpha, gop_graph_conv_terms(net, i->a, &(gop_graph_term){.alpha = i->b}, 1))
WRONG(terms_W, gop_graph_conv_terms(net, i->a, &(gop_graph_term){.W = i->b, .part = LIST(i->a)}, 1))
WRONG(grouped_beside, gop_grouped_product(net, LIST(i->a, NONE), LIST(i->a, i->a), 2, NONE, NONE))
WRONG(concat_null, gop_concat(net, NULL, 3, 0))
WRONG(concat_zero, gop_concat(net, LIST(i->a), 0, 0))
WRONG(concat_hole, gop_concat(net, LIST(i->a, NONE), 2, 0))
WRONG(permute_null, gop_permute(net, i->a, NULL))
WRONG(permute_twice, gop_permute(net, i->a, (const int[4]){0, 1, 1, 3}))
WRONG(permute_range, gop_permute(net, i->x, (const int[3]){0, 1, 3}))
WRONG(axis_negative, gop_softmax(net, i->a, -2))
WRONG(axis_scalar, gop_softmax(net, i->s, 0))
WRONG(soft_rank, gop_pool_soft(net, i->x, i->w))
WRONG(soft_nodes, gop_pool_soft(net, i->a, i->w))
WRONG(soft_none, gop_pool_soft(net, i->a, NONE))
WRONG(soft_back, gop_match_soft(net, i->a, i->w))
WRONG(state_shapes, gop_lstm_state(net, i->x, i->b))
WRONG(state_scalar, gop_lstm_state(net, i->s, i->s))
WRONG(hidden_odd, gop_lstm_hidden(net, i->x))
WRONG(cell_scalar, gop_lstm_cell(net, i->s))
WRONG(lstm_rank, gop_lstm(net, i->x, NONE, i->w, i->w, NONE, NONE))
WRONG(lstm_weights, gop_lstm(net, i->a, NONE, i->w, NONE, NONE, NONE))
WRONG(lstm_step_inside, gop_lstm(net, i->a, NONE, i->w, i->w, NONE, NONE))
WRONG(gru_rank, gop_gru(net, NONE, NONE, i->w, i->w, NONE, NONE))
WRONG(roll_steps, gop_roll_out(net, i->x, i->x, 0, never, NULL))
WRONG(roll_null, gop_roll_out(net, i->x, i->x, 3, NULL, NULL))
WRONG(roll_rank, gop_roll_out(net, i->w, i->x, 3, never, NULL))
WRONG(dropout_none, gop_dropout(net, NONE, 0.5, GOP_DROP_ELEMENTS))
WRONG(dropout_chance, gop_dropout(net, i->a, 1, GOP_DROP_ELEMENTS))
WRONG(dropout_nan, gop_dropout(net, i->a, NAN, GOP_DROP_FRAMES))
WRONG(dropout_first, gop_dropout(net, i->a, 0.5, 1))
WRONG(dropout_idle, gop_dropout(net, i->a, 0, 1 << 4))
WRONG(dropout_scalar, gop_dropout(net, i->s, 0.5, 1u << 31))
WRONG(norm_eps, gop_batch_norm(net, i->b, NONE, NONE, i->b, i->b, INFINITY, 0.1))
WRONG(axis_far, gop_softmax(net, i->s, INT_MAX))
WRONG(clamp_order, gop_clamp(net, i->b, 1, 0.5))
WRONG(clamp_nan, gop_clamp(net, i->b, NAN, 0.5))
WRONG(elu_alpha, gop_elu(net, i->b, -1))
WRONG(prelu_slope, gop_prelu(net, i->x, i->b))
WRONG(prelu_scalar, gop_prelu(net, i->s, i->b))
WRONG(mask_square, gop_mask_adjacency(net, i->x, i->b))
WRONG(mask_nodes, gop_mask_adjacency(net, gop_reshape(net, i->a, gop_shape3(30, 2, 2)), i->b))
WRONG(mask_edges, gop_mask(net, i->x, 1, i->b))
WRONG(mask_samples, gop_mask(net, i->w, 0, i->w))
WRONG(mask_scalar, gop_mask(net, i->s, 0, i->b))
WRONG(masked_none, gop_masked_mean(net, i->a, NONE))
WRONG(masked_long, gop_masked_mean(net, i->a, i->b))
WRONG(topk_none, gop_topk(net, i->x, 0))
WRONG(topk_many, gop_topk(net, i->x, 6))
WRONG(topk_scalar, gop_topk(net, i->s, 1))
WRONG(matmul_depth, gop_matmul(net, i->x, i->x, 0))
WRONG(matmul_rank, gop_matmul(net, i->x, i->a, GOP_TRANSPOSE_B))
WRONG(matmul_sides, gop_matmul(net, i->x, i->x, 4))
WRONG(grouped_none, gop_grouped_product(net, NULL, LIST(i->a), 1, NONE, NONE))
WRONG(grouped_no_terms, gop_grouped_product(net, LIST(i->a), LIST(i->a), 0, NONE, NONE))
WRONG(grouped_terms, gop_grouped_product(net, LIST(i->a), LIST(i->a), 5, i->b, NONE))
WRONG(grouped_P, gop_grouped_product(net, LIST(i->a), LIST(i->a), 1, NONE, NONE))
WRONG(grouped_x, gop_grouped_product(net, LIST(i->x), LIST(NONE), 1, NONE, NONE))
WRONG(grouped_A,
      gop_grouped_product(net, LIST(i->a), LIST(gop_slice(net, i->a, 2, 0, 3)), 1, i->w, NONE))
WRONG(grouped_alpha,
      gop_grouped_product(net, LIST(i->a), LIST(gop_slice(net, i->a, 2, 0, 3)), 1, NONE, i->b))
WRONG(sparse_index, gop_sparse_product(net, NONE, i->b, i->x, 3))
WRONG(sparse_x, gop_sparse_product(net, NONE, i->w, NONE, 3))
WRONG(sparse_weights, gop_sparse_product(net, i->b, i->w, i->x, 3))
WRONG(sparse_heads,
      gop_sparse_product(net, gop_reshape(net, gop_slice(net, i->a, 2, 0, 2), gop_shape3(2, 6, 5)),
                         i->w, gop_reshape(net, i->x, gop_shape3(2, 5, 3)), 3))
WRONG(sparse_none, gop_sparse_product(net, NONE, i->w, i->x, 0))
WRONG(sparse_many, gop_sparse_product(net, NONE, i->w, i->x, GOP_MAX_NODES + 1))
WRONG(edges_samples, gop_edge_softmax(net, i->x, gop_reshape(net, i->x, gop_shape3(3, 5, 2)), 3))
WRONG(edges_many, gop_edge_softmax(net, i->x, gop_slice(net, i->b, 0, 0, 3), GOP_MAX_NODES + 1))
WRONG(gather_first, gop_gather(net, i->x, 0, i->w))
WRONG(gather_samples, gop_gather(net, i->x, 1, i->w))
WRONG(product_frames, gop_graph_product(net, i->a, i->a))
WRONG(loss_delta, gop_huber(net, i->a, i->a, 0, GOP_PER_ELEMENT))
WRONG(loss_none, gop_l2(net, i->a, NONE, GOP_PER_ELEMENT))
WRONG(attention_heads, gop_attention_adjacency(net, i->x, i->x, 0, NONE, false))
WRONG(attention_many, gop_attention_adjacency(net, i->x, i->x, SIZE_MAX, NONE, false))
WRONG(pairs_none, gop_edge_reduce(net, i->x, 0, false, GOP_REDUCE_MEAN))
WRONG(pairs_many, gop_edge_reduce(net, i->x, SIZE_MAX, false, GOP_REDUCE_MEAN))
WRONG(pairs_sum, gop_edge_reduce(net, i->x, SIZE_MAX, true, GOP_REDUCE_SUM))
WRONG(pairs_one, gop_edge_reduce(net, gop_slice(net, i->x, 1, 0, 1), 1, false, GOP_REDUCE_MEAN))
WRONG(pairs_self, gop_edge_reduce(net, i->x, 3, true, GOP_REDUCE_MEAN))
WRONG(pairs_kind, gop_edge_reduce(net, i->x, 2, false, (gop_reduce)7))
WRONG(linear_one, gop_edge_linear(net, gop_slice(net, i->x, 1, 0, 1), i->w, NONE, false))

WRONG(repeat_most, gop_repeat(net, gop_slice(net, i->b, 0, 0, 1), 0, SIZE_MAX))
WRONG(repeat_again, gop_repeat(net, gop_reshape(net, i->wide, gop_shape2(WIDE, 1)), 1, WIDER))
WRONG(pool_most, gop_pool(net, i->a, gop_slice(net, i->b, 0, 0, 3), SIZE_MAX, GOP_REDUCE_MAX))
WRONG(pool_kind, gop_pool(net, i->a, gop_slice(net, i->b, 0, 0, 3), 2, (gop_reduce)-1))
WRONG(scatter_most,
      gop_edge_scatter(net, i->x, gop_slice(net, i->b, 0, 0, 3), SIZE_MAX, GOP_REDUCE_SUM))
WRONG(linear_most, gop_linear(net, gop_reshape(net, i->wide, gop_shape2(WIDE, 1)),
                              gop_reshape(net, i->wide, gop_shape2(WIDE, 1)), NONE))
WRONG(conv_pad, gop_temporal_conv(net, i->a, gop_reshape(net, i->x, gop_shape3(3, 2, 5)),
                                  (gop_conv){.pad = SIZE_MAX}))
WRONG(conv_dilation, gop_temporal_conv(net, i->a, gop_reshape(net, i->x, gop_shape3(3, 2, 5)),
                                       (gop_conv){.dilation = SIZE_MAX}))
WRONG(conv_groups, gop_temporal_conv(net, i->a, gop_reshape(net, i->x, gop_shape3(3, 2, 5)),
                                     (gop_conv){.groups = SIZE_MAX}))
WRONG(window_most, gop_temporal_pool(net, i->a, SIZE_MAX, 1, 0, GOP_REDUCE_MAX))
WRONG(window_pad, gop_temporal_pool(net, i->a, 3, 1, SIZE_MAX, GOP_REDUCE_MEAN))
WRONG(window_kind, gop_temporal_pool(net, i->a, 3, 1, 0, (gop_reduce)7))
WRONG(slice_most, gop_slice(net, i->a, 0, SIZE_MAX, SIZE_MAX))

/* Rows that can be recorded, but not what is made of them. */
#if SIZE_MAX > UINT32_MAX
#define LARGE "1099511627776"
#else
#define LARGE "1048576"
#endif

static const wrong wrongs[] = {
    {"graph_conv(a [2, 3, 4, 5])", GOP_EINVAL, conv_no_A},
    {"graph_conv(a [2, 3, 4, 5])", GOP_EINVAL, conv_no_W},
    {"graph_conv(a [2, 3, 4, 5])", GOP_EINVAL, conv_no_terms},
    {"graph_conv(a [2, 3, 4, 5])", GOP_EINVAL, conv_many_terms},
    {"graph_conv(a [2, 3, 4, 5], none, none)", GOP_ESHAPE, conv_none},
    {"concat()", GOP_EINVAL, concat_null},
    {"concat()", GOP_EINVAL, concat_zero},
    {"concat(a [2, 3, 4, 5], none)", GOP_EINVAL, concat_hole},
    {"permute(a [2, 3, 4, 5])", GOP_EINVAL, permute_null},
    {"permute(a [2, 3, 4, 5])", GOP_EINVAL, permute_twice},
    {"permute(x [2, 3, 5])", GOP_EINVAL, permute_range},
    {"softmax(a [2, 3, 4, 5])", GOP_EINVAL, axis_negative},
    {"softmax(s [])", GOP_EINVAL, axis_scalar},
    {"pool_soft(x [2, 3, 5], w [6, 2])", GOP_ESHAPE, soft_rank},
    {"pool_soft(a [2, 3, 4, 5], w [6, 2])", GOP_ESHAPE, soft_nodes},
    {"pool_soft(a [2, 3, 4, 5], none)", GOP_ESHAPE, soft_none},
    {"match_soft(a [2, 3, 4, 5], w [6, 2])", GOP_ESHAPE, soft_back},
    {"lstm_state(x [2, 3, 5], b [7])", GOP_ESHAPE, state_shapes},
    {"lstm_state(s [], s [])", GOP_ESHAPE, state_scalar},
    {"lstm_hidden(x [2, 3, 5])", GOP_ESHAPE, hidden_odd},
    {"lstm_cell(s [])", GOP_ESHAPE, cell_scalar},
    {"lstm(x [2, 3, 5], none, w [6, 2]", GOP_ESHAPE, lstm_rank},
    {"lstm(a [2, 3, 4, 5], none, w [6, 2], none", GOP_ESHAPE, lstm_weights},
    {"lstm_step(", GOP_ESHAPE, lstm_step_inside},
    {"gru(none, none, w [6, 2]", GOP_ESHAPE, gru_rank},
    {"roll_out(x [2, 3, 5], x [2, 3, 5])", GOP_EINVAL, roll_steps},
    {"roll_out(x [2, 3, 5], x [2, 3, 5])", GOP_EINVAL, roll_null},
    {"roll_out(w [6, 2], x [2, 3, 5])", GOP_ESHAPE, roll_rank},
    {"dropout(none)", GOP_EINVAL, dropout_none},
    {"dropout(a [2, 3, 4, 5])", GOP_EINVAL, dropout_chance},
    {"dropout(a [2, 3, 4, 5])", GOP_EINVAL, dropout_nan},
    {"dropout(a [2, 3, 4, 5]): axes 0x1 must", GOP_EINVAL, dropout_first},
    {"dropout(a [2, 3, 4, 5]): axes 0x10 must", GOP_EINVAL, dropout_idle},
    {"dropout(s []): axes 0x80000000 must", GOP_EINVAL, dropout_scalar},
    {"batch_norm(b [7], none, none, b [7], b [7]): eps must be finite", GOP_EINVAL, norm_eps},
    {"softmax(s []): axis 2147483647 is out of range for rank 0", GOP_EINVAL, axis_far},
    {"clamp(b [7]): min 1 must not be above max 0.5, and neither NaN", GOP_EINVAL, clamp_order},
    {"clamp(b [7]): min nan", GOP_EINVAL, clamp_nan},
    {"elu(b [7]): alpha must be finite and not negative, not -1", GOP_EINVAL, elu_alpha},
    {"prelu(x [2, 3, 5], b [7]): the slope [7] must be [1] or [C] for x [2, 3, 5] = [..., C]",
     GOP_ESHAPE, prelu_slope},
    {"prelu(s [], b [7]): the slope [7] must be", GOP_ESHAPE, prelu_scalar},
    {"mask_adjacency(x [2, 3, 5], b [7])", GOP_ESHAPE, mask_square},
    {"mask_adjacency(reshape [30, 2, 2], b [7])", GOP_ESHAPE, mask_nodes},
    {"mask(x [2, 3, 5], b [7])", GOP_ESHAPE, mask_edges},
    {"mask(w [6, 2], w [6, 2])", GOP_ESHAPE, mask_samples},
    {"mask(s [], b [7])", GOP_EINVAL, mask_scalar},
    {"masked_mean(a [2, 3, 4, 5], none)", GOP_EINVAL, masked_none},
    {"masked_mean(a [2, 3, 4, 5], b [7])", GOP_ESHAPE, masked_long},
    {"topk(x [2, 3, 5]): k must be 1 to 5, not 0", GOP_EINVAL, topk_none},
    {"topk(x [2, 3, 5]): k must be 1 to 5, not 6", GOP_EINVAL, topk_many},
    {"topk(s [])", GOP_ESHAPE, topk_scalar},
    {"matmul(x [2, 3, 5], x [2, 3, 5]): a [2, 3, 5] must be", GOP_ESHAPE, matmul_depth},
    {"matmul(x [2, 3, 5], a [2, 3, 4, 5]): a [2, 3, 5] must be", GOP_ESHAPE, matmul_rank},
    {"matmul(x [2, 3, 5], x [2, 3, 5]): no such sides: 4", GOP_EINVAL, matmul_sides},
    {"graph_conv_terms(a [2, 3, 4, 5]): the list is NULL", GOP_EINVAL, terms_none},
    {"graph_conv_terms(a [2, 3, 4, 5]): takes 1 to 4 terms, not 5", GOP_EINVAL, terms_many},
    {"graph_conv_terms(a [2, 3, 4, 5]): term 1 has alpha, which only", GOP_EINVAL, terms_alpha},
    {"graph_conv_terms(a [2, 3, 4, 5], none, b [7]): W [7] must be", GOP_ESHAPE, terms_W},
    {"grouped_product(a [2, 3, 4, 5], a [2, 3, 4, 5], none, a [2, 3, 4, 5], none, none): x [2, 3, "
     "4, 5] must be [N, M, T, 2 C]",
     GOP_ESHAPE, grouped_beside},
    {"grouped_product(none): the list of features is NULL", GOP_EINVAL, grouped_none},
    {"grouped_product(none): takes 1 to 4 terms, not 0", GOP_EINVAL, grouped_no_terms},
    {"grouped_product(b [7]): takes 1 to 4 terms, not 5", GOP_EINVAL, grouped_terms},
    {"grouped_product(a [2, 3, 4, 5], a [2, 3, 4, 5], none, none): P [2, 3, 4, 5] of term 1 must",
     GOP_ESHAPE, grouped_P},
    {"grouped_product(x [2, 3, 5], none, none, none): x [2, 3, 5] of term 1 must", GOP_ESHAPE,
     grouped_x},
    {"grouped_product(a [2, 3, 4, 5], slice [2, 3, 3, 5], w [6, 2], none): A [6, 2] must be",
     GOP_ESHAPE, grouped_A},
    {"grouped_product(a [2, 3, 4, 5], slice [2, 3, 3, 5], none, b [7]): alpha [7] must be",
     GOP_ESHAPE, grouped_alpha},
    {"sparse_product(x [2, 3, 5], none, b [7]): index [7] must be [E, 2]", GOP_ESHAPE,
     sparse_index},
    {"sparse_product(none, none, w [6, 2])", GOP_EINVAL, sparse_x},
    {"sparse_product(x [2, 3, 5], b [7], w [6, 2]): w [7] must be", GOP_ESHAPE, sparse_weights},
    {"sparse_product(reshape [2, 5, 3], reshape [2, 6, 5], w [6, 2]): 3 channels of x [2, 5, 3] are "
     "not divisible by 5 heads",
     GOP_ESHAPE, sparse_heads},
    {"sparse_product(x [2, 3, 5], none, w [6, 2]): nodes must be 1 to 16777216, not 0", GOP_EINVAL,
     sparse_none},
    {"sparse_product(x [2, 3, 5], none, w [6, 2]): nodes must be 1 to", GOP_EINVAL, sparse_many},
    {"edge_softmax(x [2, 3, 5], reshape [3, 5, 2]): index [3, 5, 2] must be", GOP_ESHAPE,
     edges_samples},
    {"edge_softmax(x [2, 3, 5], slice [3]): nodes must be 1 to", GOP_EINVAL, edges_many},
    {"gather(x [2, 3, 5], w [6, 2]): index [6, 2] must be [K]", GOP_ESHAPE, gather_first},
    {"gather(x [2, 3, 5], w [6, 2]): index [6, 2] must be [K]", GOP_ESHAPE, gather_samples},
    {"graph_product(a [2, 3, 4, 5], a [2, 3, 4, 5])", GOP_ESHAPE, product_frames},
    {"huber(a [2, 3, 4, 5], a [2, 3, 4, 5])", GOP_EINVAL, loss_delta},
    {"l2(a [2, 3, 4, 5], none)", GOP_EINVAL, loss_none},
    {"attention_adjacency(x [2, 3, 5], x [2, 3, 5], none)", GOP_EINVAL, attention_heads},
    {"attention_adjacency(x [2, 3, 5], x [2, 3, 5], none)", GOP_EINVAL, attention_many},
    {"edge_reduce(x [2, 3, 5])", GOP_EINVAL, pairs_none},
    {"edge_reduce(x [2, 3, 5])", GOP_EINVAL, pairs_many},
    {"edge_reduce(x [2, 3, 5])", GOP_EINVAL, pairs_sum},
    {"edge_reduce(slice [2, 1, 5])", GOP_EINVAL, pairs_one},
    {"edge_reduce(x [2, 3, 5])", GOP_ESHAPE, pairs_self},
    {"edge_reduce(x [2, 3, 5])", GOP_EINVAL, pairs_kind},
    {"edge_linear(slice [2, 1, 5], w [6, 2], none)", GOP_ESHAPE, linear_one},
    {"repeat(slice [1])", GOP_ENOMEM, repeat_most},
    {"repeat(reshape [" LARGE ", 1])", GOP_ENOMEM, repeat_again},
    {"pool(a [2, 3, 4, 5], slice [3])", GOP_ENOMEM, pool_most},
    {"pool(a [2, 3, 4, 5], slice [3])", GOP_EINVAL, pool_kind},
    {"edge_scatter(x [2, 3, 5], slice [3])", GOP_EINVAL, scatter_most},
    {"linear(reshape [" LARGE ", 1]", GOP_ENOMEM, linear_most},
    {"temporal_conv(a [2, 3, 4, 5], reshape [3, 2, 5])", GOP_EINVAL, conv_pad},
    {"temporal_conv(a [2, 3, 4, 5], reshape [3, 2, 5])", GOP_EINVAL, conv_dilation},
    {"temporal_conv(a [2, 3, 4, 5], reshape [3, 2, 5])", GOP_ESHAPE, conv_groups},
    {"temporal_pool(a [2, 3, 4, 5])", GOP_EINVAL, window_most},
    {"temporal_pool(a [2, 3, 4, 5])", GOP_EINVAL, window_pad},
    {"temporal_pool(a [2, 3, 4, 5])", GOP_EINVAL, window_kind},
    {"slice(a [2, 3, 4, 5])", GOP_ESHAPE, slice_most},
};

static inputs declare(gop_net *net)
{
    inputs i = {
        gop_input(net, "a", gop_shape4(2, 3, 4, 5)),
        gop_input(net, "b", gop_shape1(7)),
        gop_input(net, "x", gop_shape3(2, 3, 5)),
        gop_input(net, "w", gop_shape2(6, 2)),
        gop_input(net, "s", gop_shape0()),
        gop_input(net, "nodes", gop_shape3(1, NODES, 8)),
        gop_input(net, "wide", gop_shape2(1, WIDE)),
    };
    return i;
}

START_TEST(by_hand)
{
    for (size_t k = 0; k < sizeof wrongs / sizeof *wrongs; k++)
        for (int training = 0; training < 2; training++) {
            fixture f = small_fixture(training);
            const inputs i = declare(f.net);
            const gop_var out = wrongs[k].call(f.net, &i);
            assert_harmless(&f, i.a, out, wrongs[k].says);
            ck_assert_msg(strncmp(f.err.message, wrongs[k].says, strlen(wrongs[k].says)) == 0,
                          "\"%s\" does not begin with \"%s\"", f.err.message, wrongs[k].says);
            ck_assert_msg(f.err.status == wrongs[k].status, "%s: status %d", f.err.message,
                          (int)f.err.status);
            fixture_free(&f);
        }
}
END_TEST

/* The plan refuses sizes that fit a size_t but no memory. */
START_TEST(a_large_graph_is_the_plans_to_refuse)
{
    for (int training = 0; training < 2; training++) {
        fixture f = small_fixture(training);
        const inputs i = declare(f.net);
        for (int k = 0; k < 16; k++) {
            const gop_var all = gop_attention_adjacency(f.net, i.nodes, i.nodes, 2, gop_none(),
                                                        true);
            ck_assert_int_ge(all.id, 0);
            gop_net_keep(f.net, all);
        }
        ck_assert_int_eq(recorded(gop_net_plan(f.net, &f.err), &f.err), GOP_ENOMEM);
        ck_assert_int_ne(gop_net_forward(f.net, NULL), GOP_OK);
        fixture_free(&f);
    }
}
END_TEST

/* With a stride beyond the frames only the first window remains. */
START_TEST(a_long_stride_is_one_window)
{
    fixture f = small_fixture(true);
    gop_var x = gop_input(f.net, "x", gop_shape4(1, 1, 3, 1));
    gop_var w = gop_input(f.net, "w", gop_shape3(1, 2, 1));
    gop_net_keep(f.net, x);
    gop_net_keep(f.net, w);
    gop_var y = gop_temporal_conv(f.net, x, w, (gop_conv){.stride = SIZE_MAX, .pad = 1});
    gop_var z = gop_temporal_conv(f.net, x, w,
                                  (gop_conv){.stride = SIZE_MAX, .pad = 2, .dilation = 2});
    gop_var sum = gop_add(f.net, y, z);
    gop_net_keep(f.net, sum);
    assert_ok(f, gop_net_plan(f.net, &f.err));
    for (int t = 0; t < 3; t++)
        gop_net_value(f.net, x)[t] = (gop_real)(t + 2);
    gop_net_value(f.net, w)[0] = 3;
    gop_net_value(f.net, w)[1] = 5;
    assert_ok(f, gop_net_forward(f.net, &f.err));
    ck_assert_uint_eq(gop_shape_size(gop_net_shape(f.net, sum)), 1);
    ck_assert(gop_net_value(f.net, sum)[0] == 2 * 5 * 2);
    gop_net_grad(f.net, sum)[0] = 1;
    assert_ok(f, gop_net_backward(f.net, &(gop_pass){.from = &sum, .n_from = 1}, NULL, &f.err));
    ck_assert(gop_net_grad(f.net, x)[0] == 10 && gop_net_grad(f.net, x)[1] == 0);
    ck_assert(gop_net_grad(f.net, w)[0] == 0 && gop_net_grad(f.net, w)[1] == 4);
    fixture_free(&f);
}
END_TEST

TEST_MAIN("bad input")
{
    tcase_add_test(t, an_input_left_out);
    tcase_add_test(t, a_dimension_more);
    tcase_add_test(t, another_rank);
    tcase_add_test(t, more_than_any_memory_holds);
    tcase_add_test(t, by_hand);
    tcase_add_test(t, a_large_graph_is_the_plans_to_refuse);
    tcase_add_test(t, a_long_stride_is_one_window);
}
