/*
 * test_allocator.c: an allocator of the caller's gets every block back, whole and with its size;
 * its memory gives the same bytes, and its failures are errors that leave nothing behind.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "suite.h"

#include <stdint.h>

#include "trainer_fixture.h"

/* ------------------------------------------------------------------ the allocator */

enum { GUARD = 64, MOST = 256, FILLING = 0xff };

#define NEVER (-1)

/* Blocks with guards on both sides, filled with bytes that are no zeros.  Call `fails` returns NULL,
 * call `skews` memory that is not aligned. */
typedef struct heap {
    long calls, freed, fails, skews;
    struct live {
        unsigned char *start; /* from malloc */
        unsigned char *p;
        size_t bytes;
    } live[MOST];
} heap;

static void *heap_alloc(size_t bytes, size_t alignment, void *user)
{
    heap *h = user;
    size_t k = 0;
    const long call = h->calls++;

    ck_assert_uint_gt(bytes, 0);
    ck_assert(alignment >= GOP_ALIGNMENT && (alignment & (alignment - 1)) == 0);
    if (call == h->fails)
        return NULL;
    while (k < MOST && h->live[k].p != NULL)
        k++;
    ck_assert_uint_lt(k, MOST);
    struct live *l = &h->live[k];
    l->start = malloc(bytes + 2 * alignment + GUARD);
    ck_assert_ptr_nonnull(l->start);
    l->p = l->start + alignment;
    l->p += alignment - (uintptr_t)l->p % alignment;
    if (call == h->skews)
        l->p -= sizeof(gop_real);
    l->bytes = bytes;
    memset(l->p - GUARD + sizeof(gop_real), FILLING, bytes + 2 * GUARD - sizeof(gop_real));
    return l->p;
}

static void check_guards(const struct live *l)
{
    for (size_t i = 0; i < GUARD - sizeof(gop_real); i++)
        ck_assert(l->p[-1 - (ptrdiff_t)i] == FILLING);
    for (size_t i = 0; i < GUARD; i++)
        ck_assert(l->p[l->bytes + i] == FILLING);
}

static void heap_free(void *memory, size_t bytes, void *user)
{
    heap *h = user;
    size_t k = 0;

    while (k < MOST && h->live[k].p != memory)
        k++;
    ck_assert_uint_lt(k, MOST);
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_eq(h->live[k].bytes, bytes);
    check_guards(&h->live[k]);
    free(h->live[k].start);
    h->live[k] = (struct live){NULL, NULL, 0};
    h->freed++;
}

static gop_allocator of(heap *h, long fails, long skews)
{
    *h = (heap){.fails = fails, .skews = skews};
    return (gop_allocator){heap_alloc, heap_free, h};
}

static void assert_empty(const heap *h)
{
    for (size_t k = 0; k < MOST; k++)
        ck_assert_ptr_null(h->live[k].p);
}

/* ------------------------------------------------------------------------- a run */

enum { RESULTS = 1024 };

typedef struct parts {
    gop_ctx *ctx;
    gop_params *params;
    gop_net *net, *inference;
    gop_optimiser *opt;
    gop_mgda *mgda;
    gop_ema *ema;
    gop_real grads[RESULTS], result[RESULTS];
} parts;

static gop_var record(gop_net *n, gop_var *x)
{
    *x = gop_input(n, "x", gop_shape2(16, 24));
    gop_var h = gop_layer_batch_norm(n, "bn", gop_layer_linear(n, "a", *x, 12, true), 1e-5, 0.1);
    h = gop_relu(n, h);
    gop_net_keep(n, h);
    return h;
}

static gop_var loss_of(gop_net *n, const char *name, gop_var h)
{
    gop_var l = gop_sum(n, gop_sum(n, gop_layer_linear(n, name, h, 3, true), 1), 0);
    l = gop_mul(n, l, l);
    gop_net_keep(n, l);
    return l;
}

static void fill(gop_net *n, gop_var x)
{
    gop_rng rng = gop_rng_new(1, 2);
    for (size_t i = 0; i < 16 * 24; i++)
        gop_net_value(n, x)[i] = (gop_real)gop_rng_normal(&rng);
}

/* Uses everything that takes blocks; with a heap its runs must take none. */
static gop_status use(parts *p, const gop_allocator *a, const heap *h, gop_error *e)
{
    gop_var x, z, shared, first, second, y;
    double lambda = 0.3;
    const gop_adam adam = gop_adam_default();

    gop_try(gop_ctx_new(&p->ctx, 2, 0, e));
    gop_try(gop_ctx_allocator(p->ctx, a, e));
    gop_try(gop_params_new(&p->params, 3, e));
    gop_try(gop_params_allocator(p->params, a, e));
    gop_try(gop_net_new(&p->net, p->ctx, p->params, GOP_TRAINING, e));
    shared = record(p->net, &x);
    first = loss_of(p->net, "first", shared);
    second = loss_of(p->net, "second", shared);
    gop_try(gop_net_plan(p->net, e));
    gop_try(gop_adam_new(&p->opt, p->ctx, p->params, &adam, e));
    gop_try(gop_mgda_new(&p->mgda, p->ctx, p->net, p->opt, &shared, 1, e));
    gop_try(gop_ema_new(&p->ema, p->ctx, p->params, 0.9, e));
    gop_try(gop_net_new(&p->inference, p->ctx, p->params, GOP_INFERENCE, e));
    y = record(p->inference, &z);
    gop_try(gop_net_plan(p->inference, e));
    const long calls = h != NULL ? h->calls : 0;
    ck_assert_uint_lt(gop_params_size(p->params), RESULTS);
    for (int step = 0; step < 3; step++) {
        fill(p->net, x);
        gop_try(gop_net_forward(p->net, e));
        gop_try(gop_mgda_backward(p->mgda, step == 0 ? GOP_MGDA_EXACT : GOP_MGDA_UB, first, second,
                                  &lambda, p->grads, e));
        gop_optimiser_step(p->opt, p->grads, 1, 1e-2);
        gop_ema_update(p->ema);
    }
    gop_ema_swap(p->ema);
    fill(p->inference, z);
    gop_try(gop_net_forward(p->inference, e));
    memcpy(p->result, gop_net_value(p->inference, y), 16 * 12 * sizeof *p->result);
    memcpy(p->result + 16 * 12, gop_params_values(p->params),
           gop_params_size(p->params) * sizeof *p->result);
    if (h != NULL)
        ck_assert_int_eq(calls, h->calls);
    return GOP_OK;
}

static void drop(parts *p)
{
    gop_ema_free(p->ema);
    gop_mgda_free(p->mgda);
    gop_optimiser_free(p->opt);
    gop_net_free(p->net);
    gop_net_free(p->inference);
    gop_params_free(p->params);
    gop_ctx_free(p->ctx);
}

static gop_status run(parts *p, const gop_allocator *a, const heap *h)
{
    memset(p, 0, sizeof *p);
    const gop_status s = use(p, a, h, &err);
    recorded(s, &err);
    drop(p);
    return s;
}

START_TEST(memory_of_the_caller_gives_the_same_bytes)
{
    static parts own, given;
    static heap h;
    gop_allocator a = of(&h, NEVER, NEVER);

    ck_assert_int_eq(run(&own, NULL, NULL), GOP_OK);
    ck_assert_int_eq(run(&given, &a, &h), GOP_OK);
    ck_assert_mem_eq(own.result, given.result, sizeof own.result);
    ck_assert_int_eq(h.calls, h.freed);
    ck_assert_int_gt(h.calls, 9);
    assert_empty(&h);
    /* An arena gives nothing back before its end. */
    a = of(&h, NEVER, NEVER);
    a.free = NULL;
    ck_assert_int_eq(run(&given, &a, &h), GOP_OK);
    ck_assert_mem_eq(own.result, given.result, sizeof own.result);
    ck_assert_int_eq(h.freed, 0);
    for (long k = 0; k < h.calls; k++) {
        check_guards(&h.live[k]);
        free(h.live[k].start);
    }
}
END_TEST

START_TEST(failures_at_every_call_leave_nothing)
{
    static parts p;
    static heap h;
    gop_allocator a = of(&h, NEVER, NEVER);

    ck_assert_int_eq(run(&p, &a, &h), GOP_OK);
    const long calls = h.calls;
    for (long k = 0; k < calls; k++) {
        a = of(&h, k, NEVER);
        ck_assert_int_eq(run(&p, &a, &h), GOP_ENOMEM);
        ck_assert_ptr_nonnull(strstr(err.message, "out of memory"));
        ck_assert_int_eq(h.calls, h.freed + 1);
        assert_empty(&h);
        a = of(&h, NEVER, k);
        ck_assert_int_eq(run(&p, &a, &h), GOP_EINVAL);
        ck_assert_ptr_nonnull(strstr(err.message, "the caller's allocator"));
        ck_assert_ptr_nonnull(strstr(err.message, "is not aligned to"));
        ck_assert_int_eq(h.calls, h.freed);
        assert_empty(&h);
    }
}
END_TEST

/* ------------------------------------------------------------------------ setting */

START_TEST(an_allocator_is_set_first)
{
    static heap h, other;
    gop_allocator a = of(&h, NEVER, NEVER), b = of(&other, 1, NEVER);
    parts p;

    memset(&p, 0, sizeof p);
    CHECK(gop_ctx_new(&p.ctx, 2, 0, &err));
    CHECK(gop_params_new(&p.params, 1, &err));
    CHECK(gop_ctx_allocator(p.ctx, &a, &err));
    const int threads = gop_ctx_threads(p.ctx);
    ck_assert_int_eq(h.calls, threads);
    if (threads > 1) { /* the second one fails: the context keeps the first allocator */
        ck_assert_int_eq(recorded(gop_ctx_allocator(p.ctx, &b, &err), &err), GOP_ENOMEM);
        assert_empty(&other);
        ck_assert_int_eq(h.freed, 0);
    }
    CHECK(gop_ctx_allocator(p.ctx, NULL, &err));
    assert_empty(&h);
    CHECK(gop_ctx_allocator(p.ctx, &a, &err));
    CHECK(gop_params_allocator(p.params, &a, &err));
    CHECK(gop_params_allocator(p.params, NULL, &err));
    CHECK(gop_params_allocator(p.params, &a, &err));
    a.alloc = NULL; /* there are copies */
    CHECK(gop_net_new(&p.net, p.ctx, p.params, GOP_INFERENCE, &err));
    ck_assert_int_eq(recorded(gop_ctx_allocator(p.ctx, NULL, &err), &err), GOP_ESTATE);
    ck_assert_str_eq(err.message, "gop_ctx_allocator: the context already has nets");
    gop_param(p.net, "w", gop_shape1(3), gop_init_constant(1));
    ck_assert_int_eq(recorded(gop_params_allocator(p.params, NULL, &err), &err), GOP_ESTATE);
    ck_assert_str_eq(err.message, "gop_params_allocator: there already are parameters");
    ck_assert_int_eq(h.calls, 2 * threads + 1);
    drop(&p);
    assert_empty(&h);
}
END_TEST

START_TEST(a_run_of_the_zoo_in_memory_of_the_caller)
{
    static heap h;

    setup();
    for (int given = 0; given < 2; given++) {
        const gop_allocator a = of(&h, NEVER, NEVER);
        const zoo_training settings = short_run(GOP_MGDA_UB);
        zoo_model *m = tiny_model(1);
        zoo_trainer *t;
        gop_ctx *ctx;
        CHECK(gop_ctx_new(&ctx, 2, 0, &err));
        CHECK(gop_ctx_allocator(ctx, given ? &a : NULL, &err));
        CHECK(zoo_trainer_new(&t, ctx, m, data, &settings, &err));
        train_to(t, 3);
        CHECK(zoo_trainer_save(t, given ? "given.gop" : "own.gop", &err));
        zoo_trainer_free(t);
        zoo_model_free(m);
        gop_ctx_free(ctx);
        ck_assert(given ? h.calls > 4 : h.calls == 0);
        assert_empty(&h);
    }
    assert_same_file("given.gop", "own.gop");
    remove("given.gop");
    remove("own.gop");
    teardown();
}
END_TEST

TEST_MAIN("allocator")
{
    tcase_set_timeout(t, 600);
    tcase_add_test(t, memory_of_the_caller_gives_the_same_bytes);
    tcase_add_test(t, failures_at_every_call_leave_nothing);
    tcase_add_test(t, an_allocator_is_set_first);
    tcase_add_test(t, a_run_of_the_zoo_in_memory_of_the_caller);
}
