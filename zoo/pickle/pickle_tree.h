/*
 * pickle_tree.h: how the values of a pickle lie in memory.  Private to zoo/pickle.
 *
 * Nodes of 16 bytes are numbered from 1, and a container's items are a chain of cells.  Both lie in
 * blocks, so that nothing moves and nothing is copied while they grow.
 */
#ifndef ZOO_PICKLE_TREE_H
#define ZOO_PICKLE_TREE_H

#include "zoo/pickle/pickle.h"

/* Items of equal width, by number. */
typedef struct zoo_pool {
    size_t width, n;
    unsigned char **block;
    size_t blocks, room;
} zoo_pool;

/* How the characters of a text lie in the file. */
typedef enum zoo_coding {
    ZOO_CODING_PLAIN,   /* UTF-8, or bytes */
    ZOO_CODING_ESCAPED, /* Latin-1 with \uXXXX */
    ZOO_CODING_REPR,    /* bytes with Python's escapes */
    ZOO_CODING_KEPT     /* in memory */
} zoo_coding;

typedef struct zoo_node {
    uint8_t kind;   /* a zoo_value_kind */
    uint8_t coding; /* of a text or bytes */
    bool latin;     /* bytes whose file has a text: its characters' numbers */
    bool either;    /* a string of Python 2: text or bytes */
    uint32_t n;     /* bytes in the file; items; the row of a name or of an object's */
    union {
        int64_t integer;
        double real;
        uint64_t at; /* in the file, or in `kept` */
        struct {
            uint32_t first, last;
        } chain;
        struct {
            zoo_value arguments, state;
        } call;
    } is;
} zoo_node;

typedef struct zoo_cell {
    zoo_value value;
    uint32_t next;
} zoo_cell;

#define ZOO_PICKLE_BUFFER 8192

struct zoo_pickle {
    zoo_blob *blob;
    size_t memory, used; /* bytes: the limit, and those of all pools */
    zoo_pool nodes, cells, kept;
    zoo_value root;
    uint64_t buffered; /* bytes of the file that are in `buffer` */
    size_t buffers;
    unsigned char buffer[ZOO_PICKLE_BUFFER];
};

/* The first byte of item i, i < q->n. */
void *zoo_pool_at(const zoo_pool *q, size_t i);
/* Appends `n` items of zeros, within one block if n is less than ZOO_POOL_BLOCK.  GOP_EFORMAT above
 * the pickle's limit, GOP_ENOMEM. */
#define ZOO_POOL_BLOCK 4096
gop_status zoo_pool_grow(zoo_pool *q, zoo_pickle *p, size_t n, gop_error *err);
void zoo_pool_clear(zoo_pool *q, zoo_pickle *p);

/* NULL for 0. */
zoo_node *zoo_node_of(const zoo_pickle *p, zoo_value v);
gop_status zoo_node_new(zoo_value *v, zoo_pickle *p, zoo_node node, gop_error *err);
/* Appends an item to a list, tuple, set or dictionary, whose n the caller increases. */
gop_status zoo_node_append(zoo_pickle *p, zoo_value container, zoo_value item, gop_error *err);

/* Where a text or bytes is read next. */
typedef struct zoo_decoder {
    uint64_t at;   /* in the file, from the beginning of the text */
    uint64_t done; /* bytes decoded before */
} zoo_decoder;

/* The byte of the file at `at`. */
gop_status zoo_pickle_byte(unsigned char *c, zoo_pickle *p, uint64_t at, gop_error *err);
/* Decodes up to n bytes; *got is less only at the end. */
gop_status zoo_decode(unsigned char *out, size_t n, size_t *got, zoo_decoder *d, zoo_pickle *p,
                      const zoo_node *x, gop_error *err);

/* Keeps a short text in memory, so that it is found fast as a key. */
gop_status zoo_node_keep(zoo_pickle *p, zoo_value text, gop_error *err);

#endif
