/*
 * pickled.h: arrays of numpy inside a pickle.  Internal to the zoo.
 */
#ifndef ZOO_NUMPY_PICKLED_H
#define ZOO_NUMPY_PICKLED_H

#include "zoo/numpy/array.h"
#include "zoo/pickle/pickle.h"

/* Whether a value is an array or a scalar of numpy. */
bool zoo_pickled_is_array(const zoo_pickle *p, zoo_value v);
/* Makes `a` read an array or a scalar, whose numbers stay in the file; clear it before the pickle
 * is freed.  `what` names it in messages.  GOP_EFORMAT, GOP_ESYSTEM, GOP_ENOMEM. */
gop_status zoo_pickled_array(zoo_array *a, zoo_pickle *p, zoo_value v, const char *what,
                             gop_error *err);
/* An integer of Python, or an array or scalar of one element.  GOP_EFORMAT, GOP_ESYSTEM,
 * GOP_ENOMEM. */
gop_status zoo_pickled_integer(int64_t *integer, zoo_pickle *p, zoo_value v, const char *what,
                               gop_error *err);

#endif
