/*
 * step_options.c: see step_options.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "step_options.h"

#include <stdio.h>

static const char *const kind[APP_STEPS] = {"units",   "image", "min-score",  "scores",
                                            "missing", "align", "centre",     "middle",
                                            "scale",   "rate",  "standardise"};

const char *app_steps(char *text, size_t size, const char *const step[APP_STEPS])
{
    size_t used = 0;
    for (size_t i = 0; i < APP_STEPS; i++)
        if (step[i] && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s %s", used > 0 ? "; " : "",
                                     kind[i], step[i]);
    return used > 0 ? text : NULL;
}
