/*
 * factor.c: the factors of a run's learning rate and weight decay, by parameter names.  Touches the
 * trainer's optimiser only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/numeral.h"
#include "zoo/trainer/internal.h"

#include <string.h>

/* The largest factor. */
static const double MOST = 1e6;

static bool read_factor(double *v, const char *text, size_t n)
{
    return n > 0 && zoo_numeral_read(v, text, n) && *v >= 0 && *v <= MOST;
}

/* One of the list, text [n]: "NAME=RATE" or "NAME=RATE:DECAY". */
static gop_status set_factor(zoo_trainer *t, const char *text, size_t n, gop_error *err)
{
    char name[ZOO_FACTOR_SIZE];
    const char *number = memchr(text, '=', n), *end = text + n;
    double rate = 1, decay = 1;
    if (number == NULL)
        return gop_fail(err, GOP_EINVAL, "factor: '%.*s' must be NAME=RATE or NAME=RATE:DECAY",
                        (int)n, text);
    memcpy(name, text, (size_t)(number - text));
    name[number++ - text] = '\0';
    const char *colon = memchr(number, ':', (size_t)(end - number));
    if (!read_factor(&rate, number, (size_t)((colon != NULL ? colon : end) - number)) ||
        (colon != NULL && !read_factor(&decay, colon + 1, (size_t)(end - colon - 1))))
        return gop_fail(err, GOP_EINVAL, "factor: '%.*s' must have factors from 0 to %g", (int)n,
                        text, MOST);
    if (colon != NULL && t->training.weight_decay == 0)
        return gop_fail(err, GOP_EINVAL,
                        "factor: '%.*s' has a factor of the decay, but weight_decay is 0", (int)n,
                        text);
    gop_try(zoo_trainer_selects(t, "give a factor", name, err));
    return gop_optimiser_factor(t->optimiser, name, rate, decay, err);
}

gop_status zoo_trainer_factors(zoo_trainer *t, gop_error *err)
{
    const char *list = t->training.factor;
    while (*list != '\0') {
        const size_t n = strcspn(list, ",");
        gop_try(set_factor(t, list, n, err));
        list += n;
        if (*list == ',' && *++list == '\0')
            return gop_fail(err, GOP_EINVAL, "factor: a comma is the last character");
    }
    return GOP_OK;
}
