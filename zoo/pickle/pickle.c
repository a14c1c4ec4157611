/*
 * pickle.c: runs the instructions of a pickle, which make a tree of values.  Touches its arguments
 * only.
 *
 * A pickle is a program for a machine with a stack, marks on the stack, and a memory of values by
 * number (memo).  Instructions that call something only record the call, and those that would
 * reach outside of the file are refused.
 *
 * Source: the comments of Python's pickletools, protocols 0 to 5.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/pickle/pickle_tree.h"
#include "zoo/numeral.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 1024 /* integers below have one node each */

typedef struct reading {
    zoo_pickle *p;
    uint64_t at;     /* of the next byte */
    uint64_t begin;  /* of the instruction */
    int kind, width; /* of the instruction's row */
    bool stopped;
    bool references;             /* are taken */
    zoo_pool stack, marks, memo; /* of zoo_value, heights of the stack, zoo_value */
    zoo_value small[SMALL], none, truth[2];
    gop_error *err;
} reading;

static gop_status bad(const reading *r, const char *fault)
{
    return gop_fail(r->err, GOP_EFORMAT, "%s: byte %llu: %s", r->p->blob->name,
                    (unsigned long long)r->begin, fault);
}

/* ----------------------------------------------------------------------- bytes */

static gop_status take(reading *r, unsigned char *c)
{
    gop_try(zoo_pickle_byte(c, r->p, r->at, r->err));
    r->at++;
    return GOP_OK;
}

/* A little-endian number. */
static gop_status take_number(reading *r, uint64_t *v, int width)
{
    *v = 0;
    for (int i = 0; i < width; i++) {
        unsigned char c;
        gop_try(take(r, &c));
        *v |= (uint64_t)c << 8 * i;
    }
    return GOP_OK;
}

/* Passes n bytes. */
static gop_status pass(reading *r, uint64_t n)
{
    if (n > r->p->blob->size - r->at)
        return gop_fail(r->err, GOP_EFORMAT, "%s: ends too early", r->p->blob->name);
    if (n >= UINT32_MAX)
        return bad(r, "a value of 4 GiB or more");
    r->at += n;
    return GOP_OK;
}

/* Passes a line; *n is its length without the line feed. */
static gop_status pass_line(reading *r, uint64_t *n)
{
    *n = 0;
    const uint64_t from = r->at;
    for (unsigned char c = 0; c != '\n';)
        gop_try(take(r, &c));
    *n = r->at - 1 - from;
    return *n < UINT32_MAX ? GOP_OK : bad(r, "a value of 4 GiB or more");
}

/* Reads a line; one that does not fit becomes "". */
static gop_status take_line(reading *r, char *buf, size_t size)
{
    const uint64_t from = r->at;
    uint64_t n;
    gop_try(pass_line(r, &n));
    for (uint64_t i = 0; n < size && i < n; i++)
        gop_try(zoo_pickle_byte((unsigned char *)&buf[i], r->p, from + i, r->err));
    buf[n < size ? n : 0] = '\0';
    return GOP_OK;
}

/* ----------------------------------------------------------------------- stack */

static zoo_value *slot(const reading *r, size_t i)
{
    return zoo_pool_at(&r->stack, i);
}

/* The height below which the last mark protects the stack. */
static size_t fence(const reading *r)
{
    return r->marks.n == 0 ? 0 : *(size_t *)zoo_pool_at(&r->marks, r->marks.n - 1);
}

static gop_status push(reading *r, zoo_value v)
{
    gop_try(zoo_pool_grow(&r->stack, r->p, 1, r->err));
    *slot(r, r->stack.n - 1) = v;
    return GOP_OK;
}

static gop_status top(const reading *r, zoo_value *v)
{
    *v = 0;
    if (r->stack.n <= fence(r))
        return bad(r, "it takes a value where none is");
    *v = *slot(r, r->stack.n - 1);
    return GOP_OK;
}

static gop_status pop(reading *r, zoo_value *v)
{
    gop_try(top(r, v));
    r->stack.n--;
    return GOP_OK;
}

/* Removes the last mark; *from is the height at which it was. */
static gop_status unmark(reading *r, size_t *from)
{
    *from = 0;
    if (r->marks.n == 0)
        return bad(r, "it takes a mark where none is");
    *from = fence(r);
    r->marks.n--;
    return GOP_OK;
}

static gop_status push_new(reading *r, zoo_node node)
{
    zoo_value v;
    gop_try(zoo_node_new(&v, r->p, node, r->err));
    return push(r, v);
}

static gop_status push_integer(reading *r, int64_t integer)
{
    const bool small = integer >= 0 && integer < SMALL;
    zoo_value v = small ? r->small[integer] : 0;
    if (v == 0) {
        const zoo_node x = {.kind = ZOO_VALUE_INTEGER, .is.integer = integer};
        gop_try(zoo_node_new(&v, r->p, x, r->err));
    }
    if (small)
        r->small[integer] = v;
    return push(r, v);
}

/* --------------------------------------------------------------------- constants */

static gop_status put_none(reading *r)
{
    if (r->none == 0)
        gop_try(zoo_node_new(&r->none, r->p, (zoo_node){.kind = ZOO_VALUE_NONE}, r->err));
    return push(r, r->none);
}

static gop_status push_truth(reading *r, bool truth)
{
    if (r->truth[truth] == 0)
        gop_try(zoo_node_new(&r->truth[truth], r->p,
                             (zoo_node){.kind = ZOO_VALUE_BOOLEAN, .is.integer = truth}, r->err));
    return push(r, r->truth[truth]);
}

static gop_status put_truth(reading *r)
{
    return push_truth(r, r->kind != 0);
}

/* An integer of `width` bytes; four have a sign. */
static gop_status put_integer(reading *r)
{
    uint64_t v;
    gop_try(take_number(r, &v, r->width));
    return push_integer(r, r->width == 4 ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v);
}

/* An integer with a sign and of as many bytes as a number of `width` bytes says. */
static gop_status put_long(reading *r)
{
    uint64_t n = 0, v = 0;
    gop_try(take_number(r, &n, r->width));
    if (n > 8) {
        gop_try(pass(r, n));
        return push_new(r, (zoo_node){.kind = ZOO_VALUE_OTHER});
    }
    gop_try(take_number(r, &v, (int)n));
    if (n > 0 && n < 8 && v >> (8 * n - 1) != 0)
        v |= ~(uint64_t)0 << 8 * n;
    return push_integer(r, (int64_t)v);
}

/* A line with an integer; protocols 0 and 1 write 00 and 01 for false and true. */
static gop_status put_decimal(reading *r)
{
    char text[24];
    uint64_t v = 0;
    bool fits = true;
    gop_try(take_line(r, text, sizeof text));
    if (strcmp(text, "00") == 0 || strcmp(text, "01") == 0)
        return push_truth(r, text[1] == '1');
    const bool negative = *text == '-';
    const uint64_t most = (uint64_t)INT64_MAX + negative;
    const char *digits = text + negative, *p = digits;
    for (; *p >= '0' && *p <= '9' && fits; p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        fits = v <= (most - digit) / 10;
        v = 10 * v + digit;
    }
    if (*text == '\0' || !fits) /* too long, also for `text` */
        return push_new(r, (zoo_node){.kind = ZOO_VALUE_OTHER});
    if (p == digits || strcmp(p, *p == 'L' ? "L" : "") != 0)
        return bad(r, "an integer is no number");
    return push_integer(r, negative ? (int64_t)(0 - v) : (int64_t)v);
}

static gop_status push_real(reading *r, double v)
{
    return push_new(r, (zoo_node){.kind = ZOO_VALUE_REAL, .is.real = v});
}

/* A line with a number. */
static gop_status put_numeral(reading *r)
{
    static const struct {
        const char *text;
        double v;
    } words[] = {{"nan", NAN}, {"-nan", NAN}, {"inf", INFINITY}, {"-inf", -INFINITY}};
    char text[64];
    double v;
    gop_try(take_line(r, text, sizeof text));
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(text, words[i].text) == 0)
            return push_real(r, words[i].v);
    return zoo_numeral_read(&v, text, strlen(text)) ? push_real(r, v)
                                                    : bad(r, "a real number is no number");
}

/* A big-endian double. */
static gop_status put_real(reading *r)
{
    uint64_t bits = 0;
    double v;
    for (int i = 0; i < r->width; i++) {
        unsigned char c;
        gop_try(take(r, &c));
        bits = bits << 8 | c;
    }
    memcpy(&v, &bits, sizeof v);
    return push_real(r, v);
}

/* A text or bytes whose length is a number of `width` bytes.  A string of Python 2 has the kind
 * ZOO_VALUE_ABSENT. */
static gop_status put_counted(reading *r)
{
    uint64_t n;
    gop_try(take_number(r, &n, r->width));
    const zoo_node x = {
        .kind = (uint8_t)(r->kind == ZOO_VALUE_ABSENT ? ZOO_VALUE_TEXT : r->kind),
        .either = r->kind == ZOO_VALUE_ABSENT,
        .n = (uint32_t)n,
        .is.at = r->at,
    };
    gop_try(pass(r, n));
    return push_new(r, x);
}

/* A line with a text of Python 3, or a string of Python 2 with quotes. */
static gop_status put_line(reading *r)
{
    zoo_node x = {.kind = ZOO_VALUE_TEXT, .coding = (uint8_t)r->kind, .is.at = r->at};
    uint64_t n;
    unsigned char first, last;
    gop_try(pass_line(r, &n));
    if (r->kind == ZOO_CODING_REPR) {
        if (n < 2)
            return bad(r, "a text without quotes");
        gop_try(zoo_pickle_byte(&first, r->p, x.is.at, r->err));
        gop_try(zoo_pickle_byte(&last, r->p, x.is.at + n - 1, r->err));
        if (first != last || (first != '\'' && first != '"'))
            return bad(r, "a text without quotes");
        x.is.at++;
        n -= 2;
        x.either = true;
    }
    x.n = (uint32_t)n;
    return push_new(r, x);
}

/* -------------------------------------------------------------------- containers */

static gop_status put_mark(reading *r)
{
    gop_try(zoo_pool_grow(&r->marks, r->p, 1, r->err));
    *(size_t *)zoo_pool_at(&r->marks, r->marks.n - 1) = r->stack.n;
    return GOP_OK;
}

static gop_status put_empty(reading *r)
{
    return push_new(r, (zoo_node){.kind = (uint8_t)r->kind});
}

/* Appends the stack from `from` on to a container, and removes it.  A dictionary takes pairs. */
static gop_status append(reading *r, zoo_value to, size_t from)
{
    const size_t n = r->stack.n - from;
    zoo_node *x = zoo_node_of(r->p, to);
    const bool dict = x->kind == ZOO_VALUE_DICT;
    if (dict && n % 2 != 0)
        return bad(r, "a key without a value");
    if (n > UINT32_MAX - x->n)
        return bad(r, "more values than can be counted");
    for (size_t i = 0; i < n; i++) {
        const zoo_value v = *slot(r, from + i);
        if (dict && i % 2 == 0)
            gop_try(zoo_node_keep(r->p, v, r->err));
        gop_try(zoo_node_append(r->p, to, v, r->err));
    }
    x->n += (uint32_t)(dict ? n / 2 : n);
    r->stack.n = from;
    return GOP_OK;
}

/* A new container of the stack from `from` on. */
static gop_status gather(reading *r, int kind, size_t from)
{
    zoo_value v;
    gop_try(zoo_node_new(&v, r->p, (zoo_node){.kind = (uint8_t)kind}, r->err));
    gop_try(append(r, v, from));
    return push(r, v);
}

static gop_status put_marked(reading *r)
{
    size_t from;
    gop_try(unmark(r, &from));
    return gather(r, r->kind, from);
}

static gop_status put_tuple(reading *r)
{
    if (r->stack.n - fence(r) < (size_t)r->kind)
        return bad(r, "it takes a value where none is");
    return gather(r, ZOO_VALUE_TUPLE, r->stack.n - (size_t)r->kind);
}

/* Appends what follows the mark, or the last `items` values, to the container before it. */
static gop_status add(reading *r)
{
    size_t from = r->stack.n - (size_t)r->width;
    zoo_value to;
    if (r->width == 0)
        gop_try(unmark(r, &from));
    else if (r->stack.n - fence(r) < (size_t)r->width)
        return bad(r, "it takes a value where none is");
    if (from <= fence(r))
        return bad(r, "it takes a value where none is");
    to = *slot(r, from - 1);
    if (zoo_value_kind_of(r->p, to) != (zoo_value_kind)r->kind)
        return bad(r, "it adds to a value of another kind");
    return append(r, to, from);
}

/* -------------------------------------------------------------------------- memo */

static gop_status discard(reading *r)
{
    zoo_value v;
    size_t from;
    return r->marks.n > 0 && fence(r) == r->stack.n ? unmark(r, &from) : pop(r, &v);
}

static gop_status discard_marked(reading *r)
{
    size_t from;
    gop_try(unmark(r, &from));
    r->stack.n = from;
    return GOP_OK;
}

static gop_status duplicate(reading *r)
{
    zoo_value v;
    gop_try(top(r, &v));
    return push(r, v);
}

/* A place in the memo: a number of `width` bytes, or a line if width is 0. */
static gop_status take_place(reading *r, uint64_t *place, int width)
{
    *place = 0;
    char text[24];
    if (width > 0)
        return take_number(r, place, width);
    gop_try(take_line(r, text, sizeof text));
    const char *p = text;
    for (; *p >= '0' && *p <= '9' && *place < UINT32_MAX; p++)
        *place = 10 * *place + (uint64_t)(*p - '0');
    return p > text && *p == '\0' ? GOP_OK : bad(r, "a place in the memo is no number");
}

static gop_status memoise(reading *r, uint64_t place)
{
    zoo_value v;
    gop_try(top(r, &v));
    if (place > r->p->blob->size) /* every value in the memo has an instruction */
        return bad(r, "a place in the memo is too large");
    while (r->memo.n <= place)
        gop_try(zoo_pool_grow(&r->memo, r->p, 1, r->err));
    *(zoo_value *)zoo_pool_at(&r->memo, (size_t)place) = v;
    return GOP_OK;
}

static gop_status put_in_memo(reading *r)
{
    uint64_t place;
    gop_try(take_place(r, &place, r->width));
    return memoise(r, place);
}

static gop_status put_next(reading *r)
{
    return memoise(r, r->memo.n);
}

static gop_status get_from_memo(reading *r)
{
    uint64_t place;
    gop_try(take_place(r, &place, r->width));
    const zoo_value v = place < r->memo.n ? *(zoo_value *)zoo_pool_at(&r->memo, (size_t)place) : 0;
    return v != 0 ? push(r, v) : bad(r, "a place in the memo is empty");
}

/* ------------------------------------------------------------------------- calls */

#define NAME_SIZE 96

static gop_status put_name(reading *r, const char *module, const char *name)
{
    const zoo_name_row *row = zoo_name_find(module, name);
    const bool torch = row != NULL && strncmp(row->module, "torch", 5) == 0;
    if (row == NULL || (torch && !r->references)) /* its tensors refer to members */
        return gop_fail(r->err, GOP_EFORMAT,
                        "%s: byte %llu: the pickle names %s.%s, which is not read; only numbers, "
                        "texts, containers and %s are",
                        r->p->blob->name, (unsigned long long)r->begin,
                        gop_is_text(module, strlen(module)) && *module != '\0' ? module : "?",
                        gop_is_text(name, strlen(name)) && *name != '\0' ? name : "?",
                        r->references ? "tensors" : "arrays of numpy");
    return push_new(r, (zoo_node){.kind = ZOO_VALUE_NAME, .n = (uint32_t)(row - zoo_name_rows)});
}

static gop_status name_lines(reading *r)
{
    char module[NAME_SIZE], name[NAME_SIZE];
    gop_try(take_line(r, module, sizeof module));
    gop_try(take_line(r, name, sizeof name));
    return put_name(r, module, name);
}

static gop_status name_stack(reading *r)
{
    char module[NAME_SIZE], name[NAME_SIZE];
    zoo_value m, n;
    gop_try(pop(r, &n));
    gop_try(pop(r, &m));
    gop_try(zoo_value_text(module, sizeof module, r->p, m, "a module's name", r->err));
    gop_try(zoo_value_text(name, sizeof name, r->p, n, "a function's name", r->err));
    return put_name(r, module, name);
}

/* A container of the items of another, or of none. */
static gop_status copy(reading *r, int kind, zoo_value from)
{
    const size_t height = r->stack.n;
    const zoo_value_kind has = zoo_value_kind_of(r->p, from);
    uint32_t place = 0;
    if (from != 0 && has != ZOO_VALUE_LIST && has != ZOO_VALUE_TUPLE && has != ZOO_VALUE_SET &&
        has != ZOO_VALUE_DICT)
        return bad(r, "a container is made from a value of another kind");
    for (zoo_value v; (v = zoo_value_next(r->p, from, &place)) != 0;) {
        const bool pair = kind == ZOO_VALUE_DICT && has != ZOO_VALUE_DICT;
        if (pair && zoo_value_count(r->p, v) != 2)
            return bad(r, "a dictionary is made from something else than pairs");
        gop_try(push(r, pair ? zoo_value_item(r->p, v, 0) : v));
        if (pair)
            gop_try(push(r, zoo_value_item(r->p, v, 1)));
    }
    return gather(r, kind, height);
}

/* Bytes of another value: bytes, a text of Latin-1, or none. */
static gop_status make_bytes(reading *r, zoo_value arguments)
{
    const zoo_value from = zoo_value_item(r->p, arguments, 0);
    const zoo_value coding = zoo_value_item(r->p, arguments, 1);
    char name[16] = "";
    if (from == 0)
        return push_new(r, (zoo_node){.kind = ZOO_VALUE_BYTES});
    zoo_node x = *zoo_node_of(r->p, from);
    if (x.kind == ZOO_VALUE_TEXT && coding != 0) {
        gop_try(zoo_value_text(name, sizeof name, r->p, coding, "the name of a coding", r->err));
        if (strcmp(name, "latin1") != 0 && strcmp(name, "latin-1") != 0)
            return bad(r, "bytes are made from a text by another coding than latin1");
        x.latin = !x.either;
    } else if (x.kind != ZOO_VALUE_BYTES && !x.either) {
        return bad(r, "bytes are made from a value of another kind");
    }
    x.kind = ZOO_VALUE_BYTES;
    x.either = false;
    return push_new(r, x);
}

/* Calls what is named, as far as its row goes. */
static gop_status call(reading *r, zoo_value function, zoo_value arguments)
{
    static const uint8_t kinds[] = {
        [ZOO_MADE_LIST] = ZOO_VALUE_LIST,
        [ZOO_MADE_TUPLE] = ZOO_VALUE_TUPLE,
        [ZOO_MADE_SET] = ZOO_VALUE_SET,
        [ZOO_MADE_DICT] = ZOO_VALUE_DICT,
    };
    if (zoo_value_kind_of(r->p, function) != ZOO_VALUE_NAME)
        return bad(r, "it calls what is no function");
    if (zoo_value_kind_of(r->p, arguments) != ZOO_VALUE_TUPLE)
        return bad(r, "it calls a function without a tuple of arguments");
    const zoo_node *x = zoo_node_of(r->p, function);
    const zoo_name_row *row = &zoo_name_rows[x->n];
    zoo_value first = zoo_value_item(r->p, arguments, 0);
    switch (row->made) {
    case ZOO_MADE_NOTHING:
        return gop_fail(r->err, GOP_EFORMAT,
                        "%s: byte %llu: the pickle calls %s.%s, which is not "
                        "read",
                        r->p->blob->name, (unsigned long long)r->begin, row->module, row->name);
    case ZOO_MADE_OBJECT:
        return push_new(
            r, (zoo_node){.kind = ZOO_VALUE_OBJECT, .n = x->n, .is.call.arguments = arguments});
    case ZOO_MADE_BYTES:
        return make_bytes(r, arguments);
    default:
        /* defaultdict(list) */
        if (zoo_value_kind_of(r->p, first) == ZOO_VALUE_NAME ||
            zoo_value_kind_of(r->p, first) == ZOO_VALUE_NONE)
            first = zoo_value_item(r->p, arguments, 1);
        return copy(r, kinds[row->made], first);
    }
}

/* The function and its arguments are on the stack; `names` more values are arguments by name. */
static gop_status call_stack(reading *r)
{
    zoo_value function, arguments, named = 0;
    if (r->kind > 0)
        gop_try(pop(r, &named));
    if (r->kind > 0 &&
        (zoo_value_kind_of(r->p, named) != ZOO_VALUE_DICT || zoo_value_count(r->p, named) > 0))
        return bad(r, "it calls a function with arguments by name");
    gop_try(pop(r, &arguments));
    gop_try(pop(r, &function));
    return call(r, function, arguments);
}

/* The arguments follow a mark, after the function unless lines name it. */
static gop_status call_marked(reading *r)
{
    zoo_value function = 0, arguments;
    size_t from;
    const bool lines = r->kind != 0;
    if (lines) {
        gop_try(name_lines(r));
        gop_try(pop(r, &function));
    }
    gop_try(unmark(r, &from));
    if (!lines && r->stack.n == from)
        return bad(r, "it takes a value where none is");
    if (!lines)
        function = *slot(r, from);
    gop_try(gather(r, ZOO_VALUE_TUPLE, lines ? from : from + 1));
    gop_try(pop(r, &arguments));
    r->stack.n = from;
    return call(r, function, arguments);
}

/* The attributes of a dictionary say nothing about its entries. */
static gop_status set_state(reading *r)
{
    zoo_value state, object;
    gop_try(pop(r, &state));
    gop_try(top(r, &object));
    if (zoo_value_kind_of(r->p, object) == ZOO_VALUE_DICT &&
        zoo_value_kind_of(r->p, state) == ZOO_VALUE_DICT)
        return GOP_OK;
    if (zoo_value_kind_of(r->p, object) != ZOO_VALUE_OBJECT || zoo_value_state(r->p, object) != 0)
        return bad(r, "it sets the state of a value that has none");
    zoo_node_of(r->p, object)->is.call.state = state;
    return GOP_OK;
}

/* ------------------------------------------------------------------ instructions */

static gop_status protocol(reading *r)
{
    uint64_t version;
    gop_try(take_number(r, &version, r->width));
    return version <= 5 ? GOP_OK : bad(r, "its protocol must be 0 to 5");
}

static gop_status frame(reading *r)
{
    uint64_t length;
    return take_number(r, &length, r->width);
}

static gop_status stop(reading *r)
{
    gop_try(pop(r, &r->p->root));
    if (r->stack.n > 0 || r->marks.n > 0)
        return bad(r, "it ends with several values");
    r->stopped = true;
    return GOP_OK;
}

static gop_status outside(reading *r)
{
    return bad(r, "it refers to something outside of the file");
}

/* A value by a name that the reader must know. */
static gop_status refer(reading *r)
{
    zoo_value to;
    if (!r->references)
        return outside(r);
    gop_try(pop(r, &to));
    return push_new(r, (zoo_node){.kind = ZOO_VALUE_REFERENCE, .is.call.arguments = to});
}

typedef struct instruction {
    unsigned char code;
    gop_status (*run)(reading *r);
    int kind, width;
} instruction;

static const instruction instructions[] = {
    {'N', put_none, 0, 0},
    {0x88, put_truth, 1, 0},
    {0x89, put_truth, 0, 0},
    {'K', put_integer, 0, 1},
    {'M', put_integer, 0, 2},
    {'J', put_integer, 0, 4},
    {0x8a, put_long, 0, 1},
    {0x8b, put_long, 0, 4},
    {'I', put_decimal, 0, 0},
    {'L', put_decimal, 0, 0},
    {'F', put_numeral, 0, 0},
    {'G', put_real, 0, 8},
    {'U', put_counted, ZOO_VALUE_ABSENT, 1},
    {'T', put_counted, ZOO_VALUE_ABSENT, 4},
    {0x8c, put_counted, ZOO_VALUE_TEXT, 1},
    {'X', put_counted, ZOO_VALUE_TEXT, 4},
    {0x8d, put_counted, ZOO_VALUE_TEXT, 8},
    {'C', put_counted, ZOO_VALUE_BYTES, 1},
    {'B', put_counted, ZOO_VALUE_BYTES, 4},
    {0x8e, put_counted, ZOO_VALUE_BYTES, 8},
    {0x96, put_counted, ZOO_VALUE_BYTES, 8},
    {'S', put_line, ZOO_CODING_REPR, 0},
    {'V', put_line, ZOO_CODING_ESCAPED, 0},
    {'(', put_mark, 0, 0},
    {']', put_empty, ZOO_VALUE_LIST, 0},
    {')', put_empty, ZOO_VALUE_TUPLE, 0},
    {'}', put_empty, ZOO_VALUE_DICT, 0},
    {0x8f, put_empty, ZOO_VALUE_SET, 0},
    {'l', put_marked, ZOO_VALUE_LIST, 0},
    {'t', put_marked, ZOO_VALUE_TUPLE, 0},
    {'d', put_marked, ZOO_VALUE_DICT, 0},
    {0x91, put_marked, ZOO_VALUE_SET, 0},
    {0x85, put_tuple, 1, 0},
    {0x86, put_tuple, 2, 0},
    {0x87, put_tuple, 3, 0},
    {'a', add, ZOO_VALUE_LIST, 1},
    {'e', add, ZOO_VALUE_LIST, 0},
    {'s', add, ZOO_VALUE_DICT, 2},
    {'u', add, ZOO_VALUE_DICT, 0},
    {0x90, add, ZOO_VALUE_SET, 0},
    {'0', discard, 0, 0},
    {'1', discard_marked, 0, 0},
    {'2', duplicate, 0, 0},
    {'p', put_in_memo, 0, 0},
    {'q', put_in_memo, 0, 1},
    {'r', put_in_memo, 0, 4},
    {0x94, put_next, 0, 0},
    {'g', get_from_memo, 0, 0},
    {'h', get_from_memo, 0, 1},
    {'j', get_from_memo, 0, 4},
    {'c', name_lines, 0, 0},
    {0x93, name_stack, 0, 0},
    {'R', call_stack, 0, 0},
    {0x81, call_stack, 0, 0},
    {0x92, call_stack, 1, 0},
    {'o', call_marked, 0, 0},
    {'i', call_marked, 1, 0},
    {'b', set_state, 0, 0},
    {0x80, protocol, 0, 1},
    {0x95, frame, 0, 8},
    {'.', stop, 0, 0},
    {'Q', refer, 0, 0},
    {'P', outside, 0, 0},  /* the same in protocol 0 */
    {0x82, outside, 0, 0}, /* a registry of the program's */
    {0x83, outside, 0, 0},
    {0x84, outside, 0, 0},
    {0x97, outside, 0, 0}, /* buffers beside the pickle */
    {0x98, outside, 0, 0},
};

static gop_status run(reading *r)
{
    const instruction *by_code[256] = {NULL};
    for (size_t i = 0; i < sizeof instructions / sizeof instructions[0]; i++)
        by_code[instructions[i].code] = &instructions[i];
    while (!r->stopped) {
        unsigned char code;
        r->begin = r->at;
        gop_try(take(r, &code));
        const instruction *i = by_code[code];
        if (i == NULL)
            return bad(r, "it is no pickle, or a damaged one");
        r->kind = i->kind;
        r->width = i->width;
        gop_try(i->run(r));
    }
    if (r->at < r->p->blob->size) {
        r->begin = r->at;
        return bad(r, "something follows the pickle");
    }
    return GOP_OK;
}

static gop_status read_pickle(zoo_pickle **result, zoo_blob *blob, size_t memory, bool references,
                              gop_error *err)
{
    *result = NULL;
    zoo_pickle *p = calloc(1, sizeof *p);
    reading *r = calloc(1, sizeof *r);
    if (p == NULL || r == NULL) {
        free(p);
        free(r);
        return gop_fail(err, GOP_ENOMEM, "out of memory reading %s", blob->name);
    }
    p->blob = blob;
    p->memory = memory;
    p->nodes.width = sizeof(zoo_node);
    p->cells.width = sizeof(zoo_cell);
    p->kept.width = 1;
    r->p = p;
    r->err = err;
    r->references = references;
    r->stack.width = r->memo.width = sizeof(zoo_value);
    r->marks.width = sizeof(size_t);
    const gop_status s = run(r);
    zoo_pool_clear(&r->stack, p);
    zoo_pool_clear(&r->marks, p);
    zoo_pool_clear(&r->memo, p);
    free(r);
    if (s == GOP_OK)
        *result = p;
    else
        zoo_pickle_free(p);
    return s;
}

gop_status zoo_pickle_read(zoo_pickle **p, zoo_blob *blob, size_t memory, gop_error *err)
{
    return read_pickle(p, blob, memory, false, err);
}

gop_status zoo_pickle_read_member(zoo_pickle **p, zoo_blob *blob, size_t memory, gop_error *err)
{
    return read_pickle(p, blob, memory, true, err);
}

void zoo_pickle_free(zoo_pickle *p)
{
    if (p == NULL)
        return;
    zoo_pool_clear(&p->nodes, p);
    zoo_pool_clear(&p->cells, p);
    zoo_pool_clear(&p->kept, p);
    free(p);
}
