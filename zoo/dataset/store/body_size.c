/*
 * body_size.c: finds positions that are not in metres, as those in millimetres that are a thousand
 * times too large.  Touches memory only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdio.h>

#include "zoo/dataset/store/body_size.h"

#define GREATEST 100.0 /* metres */
#define LEAST    0.01
#define LIKELY   10.0 /* a body is smaller, and larger than a tenth of its inverse */

void zoo_body_size_add(zoo_body_size *size, const zoo_layout *layout, const zoo_recording *clip)
{
    double most = 0;
    size_t t = 0;
    if (layout->feature != ZOO_POSITION)
        return;
    while (t < clip->frames && !zoo_is_there(clip, 0, t))
        t++;
    if (t == clip->frames)
        return;
    for (size_t k = 0; k < zoo_coordinates(layout); k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < layout->nodes; i++) {
            const double v = zoo_frame_of(clip, 0, t)[layout->column[i * layout->channels + k]];
            low = v < low ? v : low; /* false for NaN */
            high = v > high ? v : high;
        }
        most = high - low > most ? high - low : most;
    }
    size->sum += most;
    size->n += most > 0;
}

/* The unit in which such bodies would have a likely size; NULL: none. */
static const char *unit_of(double size)
{
    static const struct {
        const char *name;
        double metres;
    } unit[] = {{"dm", 0.1}, {"cm", 0.01}, {"mm", 0.001}, {"1000", 1000}};
    for (size_t i = 0; i < sizeof unit / sizeof *unit; i++)
        if (size * unit[i].metres < LIKELY && size * unit[i].metres > 1 / LIKELY)
            return unit[i].name;
    return NULL;
}

void zoo_body_size_report(const zoo_body_size *size, const zoo_domain *domain, zoo_report *report)
{
    const double mean = size->n > 0 ? size->sum / (double)size->n : 1;
    const char *unit = unit_of(mean);
    char hint[80] = "";
    if ((mean >= LEAST && mean <= GREATEST) || zoo_steps_find(&domain->steps, "scale") != NULL)
        return;
    if (unit == NULL || zoo_steps_find(&domain->steps, "units") != NULL)
        snprintf(hint, sizeof hint, "units (--units) may be others");
    else
        snprintf(hint, sizeof hint, "--units %s makes metres of them", unit);
    zoo_report_add(report, ZOO_DOUBTFUL,
                   "bodies have a size of %.3g on average, where positions should be in metres; %s",
                   mean, hint);
}
