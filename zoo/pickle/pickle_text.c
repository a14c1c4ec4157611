/*
 * pickle_text.c: texts and bytes of a pickle, which stay in its file.  Touches its arguments only.
 *
 * Protocols 3 to 5 have bytes as they are.  Earlier ones have none: Python 3 writes a text whose
 * characters' numbers are the bytes, and Python 2 a string.  Protocol 0 escapes both.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/pickle/pickle_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

gop_status zoo_pickle_byte(unsigned char *c, zoo_pickle *p, uint64_t at, gop_error *err)
{
    if (at < p->buffered || at - p->buffered >= p->buffers) {
        const uint64_t left = at < p->blob->size ? p->blob->size - at : 1;
        const size_t n = left < sizeof p->buffer ? (size_t)left : sizeof p->buffer;
        p->buffers = 0;
        gop_try(zoo_blob_read(p->blob, p->buffer, at, n, err));
        p->buffered = at;
        p->buffers = n;
    }
    *c = p->buffer[at - p->buffered];
    return GOP_OK;
}

/* ------------------------------------------------------------------- characters */

static gop_status bad_text(const zoo_pickle *p, const zoo_node *x, const char *fault,
                           gop_error *err)
{
    return gop_fail(err, GOP_EFORMAT, "%s: byte %llu: %s", p->blob->name,
                    (unsigned long long)x->is.at, fault);
}

/* Takes the next byte of the text; *more is false at its end. */
static gop_status next_byte(unsigned char *c, bool *more, zoo_decoder *d, zoo_pickle *p,
                            const zoo_node *x, gop_error *err)
{
    *more = d->at < x->n;
    if (!*more)
        return GOP_OK;
    const uint64_t at = x->is.at + d->at++;
    if (x->coding != ZOO_CODING_KEPT)
        return zoo_pickle_byte(c, p, at, err);
    *c = *(unsigned char *)zoo_pool_at(&p->kept, (size_t)at);
    return GOP_OK;
}

/* A number of `digits` digits. */
static gop_status take_digits(uint32_t *v, int digits, int base, zoo_decoder *d, zoo_pickle *p,
                              const zoo_node *x, gop_error *err)
{
    *v = 0;
    for (int i = 0; i < digits; i++) {
        unsigned char c = 0;
        bool more;
        gop_try(next_byte(&c, &more, d, p, x, err));
        const int digit = c >= '0' && c <= '9'                 ? c - '0'
                          : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                               : 16;
        if (!more || digit >= base)
            return bad_text(p, x, "a text has an incomplete escape", err);
        *v = *v * (uint32_t)base + (uint32_t)digit;
    }
    return GOP_OK;
}

/* What follows a backslash of a string of Python 2. */
static gop_status take_repr(uint32_t *v, zoo_decoder *d, zoo_pickle *p, const zoo_node *x,
                            gop_error *err)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    unsigned char c = 0;
    bool more;
    gop_try(next_byte(&c, &more, d, p, x, err));
    const char *found = more && c != '\0' ? strchr(from, c) : NULL;
    if (found != NULL) {
        *v = (unsigned char)to[found - from];
        return GOP_OK;
    }
    if (more && c == 'x')
        return take_digits(v, 2, 16, d, p, x, err);
    return bad_text(p, x, "a text has an unknown escape", err);
}

/* The next character: of UTF-8, or a byte of a string of Python 2. */
static gop_status next_character(uint32_t *v, bool *more, zoo_decoder *d, zoo_pickle *p,
                                 const zoo_node *x, gop_error *err)
{
    unsigned char c = 0, low = 0;
    const uint64_t from = d->at;
    gop_try(next_byte(&c, more, d, p, x, err));
    *v = c;
    if (!*more)
        return GOP_OK;
    if (x->coding == ZOO_CODING_REPR)
        return c == '\\' ? take_repr(v, d, p, x, err) : GOP_OK;
    if (x->coding == ZOO_CODING_ESCAPED) {
        if (c != '\\')
            return GOP_OK;
        gop_try(next_byte(&low, more, d, p, x, err));
        if (*more && (low == 'u' || low == 'U'))
            return take_digits(v, low == 'u' ? 4 : 8, 16, d, p, x, err);
        *more = true;
        d->at = from + 1; /* a backslash that begins no escape */
        return GOP_OK;
    }
    if (c < 0x80)
        return GOP_OK;
    gop_try(next_byte(&low, more, d, p, x, err));
    if ((c != 0xc2 && c != 0xc3) || !*more || (low & 0xc0) != 0x80)
        return bad_text(p, x, "a text that stands for bytes has other characters", err);
    *v = (uint32_t)(c & 3) << 6 | (low & 0x3f);
    return GOP_OK;
}

/* Writes a character as UTF-8; returns its length, or 0. */
static size_t encode(unsigned char out[4], uint32_t code)
{
    static const unsigned char mark[] = {0, 0, 0xc0, 0xe0, 0xf0};
    const size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (code > 0x10ffff)
        return 0;
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
    out[0] = (unsigned char)(mark[n] | code);
    return n;
}

/* Whether the file has the bytes as they are. */
static bool is_plain(const zoo_node *x)
{
    return x->coding == ZOO_CODING_PLAIN && !x->latin;
}

gop_status zoo_decode(unsigned char *out, size_t n, size_t *got, zoo_decoder *d, zoo_pickle *p,
                      const zoo_node *x, gop_error *err)
{
    *got = 0;
    if (is_plain(x) || (x->coding == ZOO_CODING_KEPT && !x->latin)) {
        for (bool more = true; *got < n && more; *got += more)
            gop_try(next_byte(&out[*got], &more, d, p, x, err));
        d->done += *got;
        return GOP_OK;
    }
    while (*got < n) {
        unsigned char one[4];
        uint32_t v;
        bool more;
        const uint64_t from = d->at;
        gop_try(next_character(&v, &more, d, p, x, err));
        if (!more)
            break;
        const bool text = x->coding == ZOO_CODING_ESCAPED && !x->latin;
        const size_t length = text ? encode(one, v) : v < 256;
        if (!text)
            one[0] = (unsigned char)v;
        if (length == 0)
            return bad_text(p, x, "a text has a character that cannot be", err);
        if (length > n - *got) {
            d->at = from; /* a character stays whole */
            break;
        }
        memcpy(out + *got, one, length);
        *got += length;
    }
    d->done += *got;
    return GOP_OK;
}

gop_status zoo_node_keep(zoo_pickle *p, zoo_value text, gop_error *err)
{
    zoo_node *x = zoo_node_of(p, text);
    unsigned char bytes[ZOO_VALUE_KEY + 1];
    size_t n;
    zoo_decoder d = {0, 0};
    if (x->kind != ZOO_VALUE_TEXT || x->coding == ZOO_CODING_KEPT || x->n > 6 * ZOO_VALUE_KEY)
        return GOP_OK;
    gop_try(zoo_decode(bytes, sizeof bytes, &n, &d, p, x, err));
    if (n > ZOO_VALUE_KEY)
        return GOP_OK;
    gop_try(zoo_pool_grow(&p->kept, p, n + 1, err));
    x->is.at = p->kept.n - (n + 1);
    memcpy(zoo_pool_at(&p->kept, (size_t)x->is.at), bytes, n);
    x->n = (uint32_t)n;
    x->coding = ZOO_CODING_KEPT;
    return GOP_OK;
}

/* ------------------------------------------------------------------------ texts */

gop_status zoo_value_text(char *buf, size_t size, zoo_pickle *p, zoo_value v, const char *what,
                          gop_error *err)
{
    const zoo_node *x = zoo_node_of(p, v);
    zoo_decoder d = {0, 0};
    size_t n;
    buf[0] = '\0';
    if (zoo_value_kind_of(p, v) != ZOO_VALUE_TEXT)
        return gop_fail(err, GOP_EFORMAT, "%s: %s must be a text, not %s", p->blob->name, what,
                        zoo_value_kind_name(zoo_value_kind_of(p, v)));
    gop_try(zoo_decode((unsigned char *)buf, size - 1, &n, &d, p, x, err));
    buf[n] = '\0';
    if (d.at < x->n) {
        buf[0] = '\0';
        return gop_fail(err, GOP_EFORMAT, "%s: %s is longer than %zu bytes", p->blob->name, what,
                        size - 1);
    }
    if (gop_is_text(buf, n))
        return GOP_OK;
    buf[0] = '\0';
    return gop_fail(err, GOP_EFORMAT, "%s: %s is not UTF-8 or has a control character",
                    p->blob->name, what);
}

/* ------------------------------------------------------------------------ bytes */

typedef struct value_blob {
    zoo_blob base;
    zoo_pickle *p;
    zoo_value v;
    zoo_decoder d;
} value_blob;

static gop_status read_value(zoo_blob *b, void *to, uint64_t at, size_t n, gop_error *err)
{
    value_blob *f = (value_blob *)b;
    const zoo_node *x = zoo_node_of(f->p, f->v);
    unsigned char unused[512];
    size_t got;
    if (is_plain(x))
        return zoo_blob_read(f->p->blob, to, x->is.at + at, n, err);
    if (at < f->d.done)
        f->d = (zoo_decoder){0, 0};
    while (f->d.done < at) {
        const uint64_t left = at - f->d.done;
        gop_try(zoo_decode(unused, left < sizeof unused ? (size_t)left : sizeof unused, &got, &f->d,
                           f->p, x, err));
    }
    return zoo_decode(to, n, &got, &f->d, f->p, x, err);
}

static void close_value(zoo_blob *b)
{
    free(b);
}

/* The bytes that the value has when it is decoded. */
static gop_status measure(uint64_t *size, zoo_pickle *p, const zoo_node *x, gop_error *err)
{
    unsigned char unused[512];
    zoo_decoder d = {0, 0};
    *size = x->n;
    if (is_plain(x))
        return GOP_OK;
    for (size_t got = 1; got > 0;)
        gop_try(zoo_decode(unused, sizeof unused, &got, &d, p, x, err));
    *size = d.done;
    return GOP_OK;
}

gop_status zoo_value_blob(zoo_blob **b, zoo_pickle *p, zoo_value v, const char *what,
                          gop_error *err)
{
    const zoo_node *x = zoo_node_of(p, v);
    uint64_t size;
    *b = NULL;
    if (zoo_value_kind_of(p, v) != ZOO_VALUE_BYTES && !(x != NULL && x->either))
        return gop_fail(err, GOP_EFORMAT, "%s: %s must be bytes, not %s", p->blob->name, what,
                        zoo_value_kind_name(zoo_value_kind_of(p, v)));
    gop_try(measure(&size, p, x, err));
    const size_t length = strlen(p->blob->name) + strlen(what) + 3;
    value_blob *f = malloc(sizeof *f);
    char *name = malloc(length);
    if (f == NULL || name == NULL) {
        free(f);
        free(name);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", p->blob->name);
    }
    snprintf(name, length, "%s: %s", p->blob->name, what);
    *f = (value_blob){{name, size, read_value, close_value}, p, v, {0, 0}};
    *b = &f->base;
    return GOP_OK;
}
