/*
 * kernel_tile.h: the body of our own micro-kernels, included once by each
 * core/kernel_*.c after it has defined
 *
 *   VEC, LANES           a vector of floats and how many it holds
 *   MASK, MASK_FIRST(n)  a mask and the one that takes the first n lanes
 *   UNMASKED(t)          whether a tile of whole vectors has a loop without masks
 *   TARGET               the function attribute for the CPU
 *   ZERO() BROADCAST(p) LOAD(p) MASKED_LOAD(p, m) STORE(p, v)
 *   STORE_FIRST(p, m, n, v)    stores the first n lanes; m is MASK_FIRST(n)
 *   ADD(a, b) FMADD(a, b, c)   a + b, a b + c
 *   ROWS                 the most rows that the registers hold, at most 14
 *
 * A tile of up to ROWS x 2 LANES stays in registers over the whole depth: each
 * step loads one or two vectors of B and broadcasts one element of A per row.
 * The number of rows and of vectors is a constant of each instance, so that
 * narrow tiles cost no idle work; the last vector is masked unless it is whole.
 */
/* Macros that write functions. */
/* clang-format off */

#define INLINE static inline __attribute__((always_inline)) TARGET

/* A pointer for every third row: x86 adds one or two row strides for nothing. */
#define EACH_ROW(X)                                                                               \
    X(0, p0, 0) X(1, p0, rs) X(2, p0, 2 * rs) X(3, p3, 0) X(4, p3, rs) X(5, p3, 2 * rs)           \
    X(6, p6, 0) X(7, p6, rs) X(8, p6, 2 * rs) X(9, p9, 0) X(10, p9, rs) X(11, p9, 2 * rs)         \
    X(12, p12, 0) X(13, p12, rs)

/* C is needed only at the end; prefetching it here hides the memory latency. */
#define DECLARE(i, p, o)                                                                          \
    VEC x##i = ZERO(), y##i = ZERO();                                                             \
    if (rows > i) {                                                                               \
        _mm_prefetch((const char *)(t->c + i * t->ldc), _MM_HINT_T0);                             \
        if (vecs > 1)                                                                             \
            _mm_prefetch((const char *)(t->c + i * t->ldc + LANES), _MM_HINT_T0);                 \
    }
#define STEP(i, p, o)                                                                             \
    if (rows > i) {                                                                               \
        const VEC a = BROADCAST((p) + (o));                                                       \
        x##i = FMADD(a, b0, x##i);                                                                \
        if (vecs > 1)                                                                             \
            y##i = FMADD(a, b1, y##i);                                                            \
    }
#define FINISH(i, p, o)                                                                           \
    if (rows > i) {                                                                               \
        finish(t->c + i * t->ldc, x##i, y##i, vecs, last, rest, whole, t->add);                            \
    }

INLINE void finish(float *c, VEC x, VEC y, const int vecs, MASK last, int rest, const bool whole,
                   bool add)
{
    float *d = c + (vecs - 1) * LANES;
    VEC z = vecs > 1 ? y : x;

    if (add) {
        if (vecs > 1)
            x = ADD(x, LOAD(c));
        z = ADD(z, whole ? LOAD(d) : MASKED_LOAD(d, last));
    }
    if (vecs > 1)
        STORE(c, x);
    if (whole)
        STORE(d, z);
    else
        STORE_FIRST(d, last, rest, z);
}

/* With `whole`, the last vector has all its lanes. */
INLINE void tile(const gop_tile *t, const int rows, const int vecs, const bool whole)
{
    const ptrdiff_t rs = t->rsa, cs = t->csa, ldb = t->ldb;
    const int rest = (int)t->cols - (vecs - 1) * LANES;
    const MASK last = MASK_FIRST(rest);
    const float *p0 = t->a;
    const float *p3 = rows > 3 ? p0 + 3 * rs : p0, *p6 = rows > 6 ? p0 + 6 * rs : p0;
    const float *p9 = rows > 9 ? p0 + 9 * rs : p0, *p12 = rows > 12 ? p0 + 12 * rs : p0;
    const float *b = t->b;
    EACH_ROW(DECLARE)

    for (size_t g = t->more;; g--) {
        for (size_t k = t->k; k > 0; k--) {
            const float *d = b + (vecs - 1) * LANES;
            const VEC b1 = whole ? LOAD(d) : MASKED_LOAD(d, last);
            const VEC b0 = vecs > 1 ? LOAD(b) : b1;
            _mm_prefetch((const char *)(b + 16 * ldb), _MM_HINT_T0);
            if (vecs > 1)
                _mm_prefetch((const char *)(b + 16 * ldb + LANES), _MM_HINT_T0);
            EACH_ROW(STEP)
            p0 += cs;
            p3 += cs;
            p6 += cs;
            p9 += cs;
            p12 += cs;
            b += ldb;
        }
        if (g == 0)
            break;
        p0 += t->a_gap;
        p3 += t->a_gap;
        p6 += t->a_gap;
        p9 += t->a_gap;
        p12 += t->a_gap;
        b += t->b_gap;
    }
    EACH_ROW(FINISH)
}

#define SIZE(n, vecs)                                                                             \
    TARGET static void tile_##n##_##vecs(const gop_tile *t)                                       \
    {                                                                                             \
        if (UNMASKED(t))                                                                          \
            tile(t, n, vecs, true);                                                               \
        else                                                                                      \
            tile(t, n, vecs, false);                                                              \
    }
#define INSTANCE(n) SIZE(n, 1) SIZE(n, 2)
