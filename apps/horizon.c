/*
 * horizon.c: see horizon.h.  Touches its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "horizon.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "number.h"

int app_horizon(size_t *frames, const app_usage *usage, const char *text, const zoo_domain *domain)
{
    const double rate = domain->rate / domain->factor;
    const size_t n = strlen(text), digits = strspn(text, "0123456789.");
    const bool ms = strcmp(text + digits, "ms") == 0, s = strcmp(text + digits, "s") == 0;
    char number[32];
    uint64_t count;
    double time = 0;

    if (app_count(&count, text) && count >= 1 && count <= ZOO_MAX_FEEDBACK) {
        *frames = (size_t)count;
        return APP_OK;
    }
    if ((ms || s) && digits > 0 && digits < sizeof number) {
        memcpy(number, text, digits);
        number[digits] = '\0';
        if (app_real(&time, number))
            time = round(time * rate / (ms ? 1000 : 1));
        if (time >= 1 && time <= ZOO_MAX_FEEDBACK) {
            *frames = (size_t)time;
            return APP_OK;
        }
    }
    return app_fail(usage, APP_USE,
                    "--horizon takes a number of frames from 1 to %d or a time of as many, as in "
                    "50, 2s or 400ms, not '%.*s'",
                    ZOO_MAX_FEEDBACK, (int)(n < 64 ? n : 64), text);
}
