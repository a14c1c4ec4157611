/*
 * import.h: models made of the weights of other programs.  A type states the names that a program
 * gives its tensors in tables (zoo_model_type.imports), and what their shapes say about the
 * configuration; the rest is done here for every type, also those of plugins.
 * May use zoo/model.h and zoo/dataset/prepare.h.
 */
#ifndef ZOO_WEIGHTS_IMPORT_H
#define ZOO_WEIGHTS_IMPORT_H

#include "zoo/dataset/prepare.h"
#include "zoo/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A row names a tensor, or the beginning of names up to a point: "fc" is also "fc.weight" and
 * "fc.bias", and a batch norm's four.  In both names # stands for the number of a block and $ for
 * another number; theirs may lack #, for a tensor that all blocks have.  The change concerns tensors whose whole name the row has, and weights:
 *
 *     NULL         none; axes of size 1 do not count
 *     "-"          the sign
 *     "first"      the first element is taken; "-first" changes its sign, too
 *     "tc"         a convolution's [out, in, taps] becomes [out, taps, in]
 *     "graph"      the last two axes are exchanged: [.., from, to] becomes [.., to, from]
 *     "stack"      [K M, ..] becomes [K, M, ..]
 *     "stack bias" [K M] becomes [M, K]
 *     "scales"     [out, K in] becomes [K, out, in]
 *     "by node"    [F V] becomes [V F], also of what is no weight; the bias beside the norm has V
 */
typedef struct zoo_import_row {
    const char *theirs; /* NULL ends the table */
    const char *ours;   /* NULL: left out, and `theirs` is a pattern of gop_name_matches */
    const char *change;
} zoo_import_row;

typedef enum zoo_import_kind {
    /* The size of axis `axis` of tensor `theirs`; a list gets that of each block (or $), other
     * options that of the first block that has the tensor. */
    ZOO_IMPORT_SIZE,
    ZOO_IMPORT_RATIO, /* that size divided by the one of axis `by_axis` of tensor `by`, rounded */
    /* 1 if there is such a tensor, else 0; a choice: its second or first.  A choice of more words
     * makes the second an assumption. */
    ZOO_IMPORT_PRESENT,
    /* A list like "widths": 2 where a width grows, or where block `theirs` has a tensor although its
     * width does not change; else 1. */
    ZOO_IMPORT_STRIDES,
    ZOO_IMPORT_VALUE, /* the text `theirs` */
    /* The number of blocks, from the first on, that have tensor `theirs`; a list gets that of each
     * $. */
    ZOO_IMPORT_BLOCKS
} zoo_import_kind;

/* How an option of the model follows from the file; an option without a rule keeps its default. */
typedef struct zoo_import_rule {
    const char *option; /* NULL ends the list */
    zoo_import_kind kind;
    const char *theirs;
    size_t axis;
    const char *by;
    size_t by_axis;
} zoo_import_rule;

/* The names of one program. */
typedef struct zoo_import {
    const char *name; /* "pyskl"; NULL ends the list of a type */
    const zoo_import_row *rows;
    const zoo_import_rule *rules;
    /* Our names of the tensor whose first axis has the classes (of a type that only predicts: not
     * read), and of one whose first axis has each channel of each node.  NULL: "fc.weight" and
     * "data_bn.weight". */
    const char *classes, *nodes;
    bool each_body; /* and of each body */
    unsigned first; /* their number of block 0 */
    /* Words for $ in their names instead of numbers, with a NULL at the end: "first", "second". */
    const char *const *words;
    /* What neither names nor shapes show and the table takes for granted, as sentences, NULL at the
     * end; NULL: nothing. */
    const char *const *assumes;
} zoo_import;

/* Checks a type's list: each table has names, rows, rules for options of the type, changes that are
 * known, and # and $ at most once in a name, and in theirs only if ours has them, too.
 * GOP_EINVAL. */
GOP_API gop_status zoo_imports_check(const zoo_model_type *type, gop_error *err);

typedef struct zoo_import_options {
    /* How clips become what the model sees: layout, rate, factor, source, steps, joints, bodies,
     * as_recorded, axes and columns count.  Without a layout, it is the only built-in one with the
     * nodes of the network's input. */
    zoo_raw raw;
    const char *labels;   /* a file of classes, one a line; NULL: class_0, class_1, ... */
    const char *table;    /* the name of a zoo_import; NULL: the one that knows most tensors */
    uint32_t frames;      /* observed; 0: the type's default */
    const char *settings; /* options of the model, "key=value key=value", or NULL */
    const char *view;     /* settings of its view, likewise */
    bool partial;         /* tensors that the file lacks keep their initial values */
} zoo_import_options;

/* A list of texts. */
typedef struct zoo_texts {
    size_t n;
    char **text;
} zoo_texts;

typedef struct zoo_imported {
    const char *table;  /* the table that was used */
    const char *format; /* "PyTorch" */
    char part[256];     /* the dictionary of the file, "state_dict"; "" for the outermost */
    size_t taken;       /* tensors of the file */
    zoo_texts assumed;  /* sentences: what the file does not show */
    zoo_texts missing;  /* tensors of the model that the file lacks */
    zoo_texts left;     /* tensors of the file that the model lacks */
} zoo_imported;

GOP_API void zoo_imported_clear(zoo_imported *report);

/* Makes a model of this type with the weights of a file: an archive of PyTorch (.pth, .pt),
 * .safetensors or .npz.  Nothing in it is executed.  `report` may be NULL.
 * Errors: GOP_EINVAL for a type without tables, for options, and for names that no table knows;
 * GOP_ESHAPE for a tensor of another shape and, without `partial`, for missing tensors; GOP_EFORMAT,
 * GOP_ESYSTEM for files that cannot be read. */
GOP_API gop_status zoo_model_import(zoo_model **model, zoo_imported *report,
                                    const zoo_model_type *type, const char *path,
                                    const zoo_import_options *options, gop_error *err);

#ifdef __cplusplus
}
#endif
#endif
