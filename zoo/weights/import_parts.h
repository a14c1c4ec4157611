/*
 * import_parts.h: what the files of an import share.  Private to zoo/weights.
 */
#ifndef ZOO_WEIGHTS_IMPORT_PARTS_H
#define ZOO_WEIGHTS_IMPORT_PARTS_H

#include "zoo/weights/import.h"
#include "zoo/weights/weights.h"

/* The numbers of a name: # and $. */
typedef struct zoo_numbers {
    unsigned long block, other;
} zoo_numbers;

/* Whether the row's name stands for `name`; *rest is then what follows it: "" or ".weight".  `theirs`
 * is the table whose numbers of blocks and words a name of theirs has, NULL for one of ours. */
bool zoo_import_matches(zoo_numbers *v, const char **rest, const char *pattern, const char *name,
                        const zoo_import *theirs);
/* Writes the name with numbers; false if it does not fit. */
bool zoo_import_name(char *buf, size_t size, const char *pattern, const zoo_numbers *v,
                     const char *rest, const zoo_import *theirs);

/* Whether a change is known. */
bool zoo_change_known(const char *change);
/* Whether it needs the nodes of a norm: `shape` of zoo_change is then [V, F]. */
bool zoo_change_by_node(const char *change);
/* Changes a tensor of theirs into `out` [shape], which has all its elements.  `rest` is what follows
 * the row's name.  GOP_ESHAPE if the shapes do not fit, GOP_EFORMAT, GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_change(gop_real *out, gop_shape shape, const char *change, const char *rest,
                      zoo_weights *w, size_t tensor, const char *ours, gop_error *err);

/* Whether a rule of the table sets the option. */
bool zoo_import_rules(const zoo_import *table, const char *option);
/* Whether settings, "key=value key=value" or NULL, have the key. */
bool zoo_import_given(const char *settings, const char *key);
/* Applies `settings` ("key=value key=value", or NULL), then sets the other options that follow from
 * the file.  GOP_EINVAL; GOP_EFORMAT if the file does not show an option. */
gop_status zoo_import_configure(zoo_model *model, const zoo_import *table, const zoo_weights *w,
                                const char *settings, zoo_texts *assumed, gop_error *err);

/* Appends a text. */
gop_status zoo_texts_add(zoo_texts *list, gop_error *err, const char *format, ...) GOP_PRINTF(3, 4);
void zoo_texts_clear(zoo_texts *list);

#endif
