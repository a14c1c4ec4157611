/*
 * mutate.c: changes inputs of fuzz targets so that they get behind the first check: values of a
 * container's MessagePack, with its length and checksums put right, or numbers, words and lines of
 * a text.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 32
#define BLOCK  32 /* behind the header of a file with data */

static uint64_t state;

static uint64_t draw(uint64_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

/* Replaces `old` bytes at `at`; leaves the data alone if there is no room. */
static size_t replace(uint8_t *d, size_t size, size_t room, size_t at, size_t old, const void *with,
                      size_t n)
{
    if (size - old + n > room)
        return size;
    memmove(d + at + n, d + at + old, size - at - old);
    memcpy(d + at, with, n);
    return size - old + n;
}

/* ---------------------------------------------------------------- MessagePack */

enum { NUMBER, WORD, BYTES, COUNT_MAP, COUNT_ARRAY, REAL, OTHER };

/* A value's first byte, the bytes before its contents, and those of its contents. */
typedef struct token {
    size_t at, head, body;
    int kind;
} token;

static size_t big_endian(const uint8_t *p, size_t n)
{
    size_t v = 0;
    while (n-- > 0)
        v = v << 8 | *p++;
    return v;
}

static bool next_token(token *t, const uint8_t *d, size_t size, size_t at)
{
    if (at >= size)
        return false;
    const uint8_t b = d[at];
    size_t wide = 0; /* bytes of a length or a number */
    *t = (token){at, 1, 0, OTHER};
    if (b < 0x80 || b >= 0xe0) {
        t->kind = NUMBER;
    } else if (b < 0xa0) {
        t->kind = b < 0x90 ? COUNT_MAP : COUNT_ARRAY;
    } else if (b < 0xc0) {
        t->kind = WORD;
        t->body = b & 31;
    } else if (b >= 0xc4 && b <= 0xc6) {
        t->kind = BYTES;
        wide = (size_t)1 << (b - 0xc4);
    } else if (b == 0xca || b == 0xcb) {
        t->kind = REAL;
        wide = b == 0xca ? 4 : 8;
    } else if (b >= 0xcc && b <= 0xd3) {
        t->kind = NUMBER;
        wide = (size_t)1 << (b & 3);
    } else if (b >= 0xd9 && b <= 0xdb) {
        t->kind = WORD;
        wide = (size_t)1 << (b - 0xd9);
    } else if (b >= 0xdc) {
        t->kind = b >= 0xde ? COUNT_MAP : COUNT_ARRAY;
        wide = b & 1 ? 4 : 2;
    }
    t->head += wide;
    if (at + t->head > size)
        return false;
    if ((t->kind == WORD || t->kind == BYTES) && wide > 0)
        t->body = big_endian(d + at + 1, wide);
    return t->body <= size - at - t->head;
}

static const uint64_t numbers[] = {
    0,          1,          2,          3,          5,          8,        16,
    31,         64,         255,        256,        300,        1023,     1024,
    4096,       65535,      65536,      1u << 20,   1u << 24,   1u << 31, 0xffffffff,
    1ull << 32, 1ull << 40, 1ull << 53, 1ull << 62, 1ull << 63, ~0ull};
static const double reals[] = {0, -1, 1, 0.5, 1e-300, 1e300, 1e38, 4e38, 1e-45, 3.5, 1e6};
#define ANY(a) (a)[draw(sizeof(a) / sizeof *(a))]

static size_t put_count(uint8_t *out, uint8_t first, uint64_t v, size_t wide)
{
    out[0] = first;
    for (size_t i = 0; i < wide; i++)
        out[1 + i] = (uint8_t)(v >> 8 * (wide - 1 - i));
    return 1 + wide;
}

static size_t mutate_token(uint8_t *d, size_t size, size_t room, token t)
{
    uint8_t out[300];
    size_t n = 0;
    switch (t.kind) {
    case NUMBER: {
        const uint64_t v = draw(3) == 0 ? draw(20) : ANY(numbers);
        n = v < 128 ? put_count(out, (uint8_t)v, 0, 0) : put_count(out, 0xcf, v, 8);
        break;
    }
    case WORD: {
        if (t.body > 0 && draw(3) == 0) {
            d[t.at + t.head + draw(t.body)] = (uint8_t)draw(256);
            return size;
        }
        size_t words = 0;
        while (fuzz_words[words] != NULL)
            words++;
        const char *word = fuzz_words[draw(words)];
        const size_t length = strlen(word);
        n = put_count(out, 0xd9, length, 1);
        memcpy(out + n, word, length);
        n += length;
        break;
    }
    case BYTES:
        if (t.body >= 4 && draw(4) > 0) {
            static const uint32_t floats[] = {0,           0x80000000u, 0x3f800000u, 0x7f7fffffu, 1,
                                              0x7f800000u, 0x7fc00000u, 0x4b000000u, 0xff7fffffu};
            const uint32_t v = ANY(floats);
            uint8_t *p = d + t.at + t.head + draw(t.body / 4) * 4;
            for (int i = 0; i < 4; i++)
                p[i] = (uint8_t)(v >> 8 * i);
            return size;
        }
        if (t.body > 256)
            return size;
        n = put_count(out, 0xc4, t.body / 2, 1);
        memcpy(out + n, d + t.at + t.head, t.body / 2);
        n += t.body / 2;
        break;
    case COUNT_MAP:
    case COUNT_ARRAY:
        n = put_count(out, t.kind == COUNT_MAP ? 0xdf : 0xdd,
                      draw(4) == 0 ? ANY(numbers) : draw(12), 4);
        break;
    case REAL: {
        const double v = ANY(reals);
        uint64_t bits;
        memcpy(&bits, &v, sizeof bits);
        n = put_count(out, 0xcb, bits, 8);
        break;
    }
    default:
        out[0] = (uint8_t)(0xc0 + draw(4));
        n = 1;
    }
    return replace(d, size, room, t.at, t.head + t.body, out, n);
}

static size_t mutate_values(uint8_t *d, size_t size, size_t room, const uint8_t *other,
                            size_t other_size)
{
    enum { MOST = 4096 };
    static token token_of[MOST];
    size_t tokens = 0;
    for (size_t at = 0; tokens < MOST && next_token(&token_of[tokens], d, size, at); tokens++)
        at += token_of[tokens].head + token_of[tokens].body;
    if (tokens == 0)
        return size;
    const token t = token_of[draw(tokens)];
    switch (draw(12)) {
    case 0: /* a value from another input */ {
        token from;
        size_t at = 0, n = 1 + draw(200);
        if (!next_token(&from, other, other_size, 0))
            return size;
        for (; n > 0 && next_token(&from, other, other_size, at); n--)
            at += from.head + from.body;
        return replace(d, size, room, t.at, t.head + t.body, other + from.at,
                       from.head + from.body);
    }
    case 1: /* without the value */
        return replace(d, size, room, t.at, t.head + t.body, "", 0);
    case 2: /* twice */ {
        uint8_t copy[4096];
        const size_t n = t.head + t.body;
        if (n > sizeof copy)
            return size;
        memcpy(copy, d + t.at, n);
        return replace(d, size, room, t.at, 0, copy, n);
    }
    case 3:
        d[draw(size)] = (uint8_t)draw(256);
        return size;
    default:
        return mutate_token(d, size, room, t);
    }
}

/* The CRC-32 of zlib. */
static uint32_t crc(const uint8_t *p, size_t n)
{
    uint32_t v = 0xffffffffu;
    while (n-- > 0) {
        v ^= *p++;
        for (int i = 0; i < 8; i++)
            v = v >> 1 ^ (v & 1 ? 0xedb88320u : 0);
    }
    return ~v;
}

static void little_endian(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* Where the payload begins: in a set of version 3 or later behind the data. */
static size_t payload_of(const uint8_t *d, size_t size)
{
    size_t at = 0;
    if (memcmp(d + 8, "GDS1", 4) != 0 || d[12] < 3 || size < HEADER + BLOCK)
        return HEADER;
    for (int i = 7; i >= 0; i--)
        at = at << 8 | d[HEADER + i];
    return at >= HEADER + BLOCK && at <= size ? at : HEADER;
}

/* The header's length and checksums fit the payload, which begins at `at`. */
static void repair(uint8_t *d, size_t size, size_t at)
{
    little_endian(d + 16, size - HEADER, 8);
    if (at > HEADER) {
        little_endian(d + HEADER + 8, size - at, 8);
        little_endian(d + HEADER + 16, crc(d + at, size - at), 4);
    }
    little_endian(d + 24, crc(d + HEADER, at > HEADER ? BLOCK : size - HEADER), 4);
    little_endian(d + 28, crc(d, 28), 4);
}

/* ----------------------------------------------------------------------- text */

static size_t mutate_text(uint8_t *d, size_t size, size_t room, const uint8_t *other,
                          size_t other_size)
{
    static const char *const texts[] = {"0",
                                        "-1",
                                        "1",
                                        "2",
                                        "3",
                                        "25",
                                        "1e38",
                                        "1e39",
                                        "-1e-50",
                                        "nan",
                                        "inf",
                                        "1e999999",
                                        "99999999999999999999",
                                        "4294967296",
                                        "2147483648",
                                        "0x1p3",
                                        "1.",
                                        ".5",
                                        "-",
                                        "",
                                        " ",
                                        ",",
                                        "\n",
                                        "\r\n",
                                        "\r",
                                        "\t",
                                        "\xef\xbb\xbf",
                                        "\xc3\xa9",
                                        "\xff",
                                        "[",
                                        "]",
                                        "{",
                                        "}",
                                        "\"",
                                        "\\u0000",
                                        "\\ud800",
                                        "null",
                                        "[[[[[[[[[[[[[[[[",
                                        "#",
                                        "/",
                                        ".."};
    if (size == 0)
        return replace(d, size, room, 0, 0, "1", 1);
    const size_t at = draw(size);
    size_t end = at, line = at, words = 0;
    switch (draw(10)) {
    case 0:
        d[at] = (uint8_t)draw(256);
        return size;
    case 1: /* cut */
        return draw(8) == 0 ? at : size;
    case 2: { /* a line again, or gone */
        while (line > 0 && d[line - 1] != '\n')
            line--;
        while (end < size && d[end] != '\n')
            end++;
        end += end < size;
        uint8_t copy[4096];
        if (draw(2) == 0 || end - line > sizeof copy)
            return replace(d, size, room, line, end - line, "", 0);
        memcpy(copy, d + line, end - line);
        return replace(d, size, room, end, 0, copy, end - line);
    }
    case 3: { /* a piece of another input */
        if (other_size == 0)
            return size;
        const size_t from = draw(other_size),
                     n = draw(other_size - from < 200 ? other_size - from : 200);
        return replace(d, size, room, at, draw(2) == 0 || at + n > size ? 0 : n, other + from, n);
    }
    case 4: { /* a word */
        while (fuzz_words[words] != NULL)
            words++;
        const char *word = fuzz_words[draw(words)];
        return replace(d, size, room, at, 0, word, strlen(word));
    }
    default: { /* a number or a sign */
        const char *text = ANY(texts);
        while (line > 0 && strchr("0123456789.-+eE", d[line - 1]) != NULL && d[line - 1] != '\0')
            line--;
        while (end < size && d[end] != '\0' && strchr("0123456789.-+eE", d[end]) != NULL)
            end++;
        return replace(d, size, room, line, end - line, text, strlen(text));
    }
    }
}

size_t fuzz_mutate(uint8_t *data, size_t size, size_t room, const uint8_t *other, size_t other_size,
                   unsigned seed)
{
    state = seed * 2654435761u + 12345;
    const bool container = fuzz_kind[0] != '\0';
    if (container && (size < HEADER || other_size < HEADER || memcmp(data + 8, fuzz_kind, 4) != 0))
        return size;
    const size_t at = container ? payload_of(data, size) : 0;
    const size_t from = container ? payload_of(other, other_size) : 0;
    for (uint64_t n = 1 + draw(4); n > 0; n--) {
        if (at > HEADER + BLOCK && draw(10) == 0)
            data[HEADER + BLOCK + draw(at - HEADER - BLOCK)] = (uint8_t)draw(256);
        else if (container)
            size = at +
                   mutate_values(data + at, size - at, room - at, other + from, other_size - from);
        else
            size = mutate_text(data, size, room, other, other_size);
    }
    if (container && draw(50) > 0)
        repair(data, size, at);
    return size;
}

/* libFuzzer's own way to call it. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    return fuzz_mutate(data, size, room, data, size, seed);
}
