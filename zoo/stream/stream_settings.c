/*
 * stream_settings.c: the table of a stream's options, and the class that probabilities name.  Touches
 * its arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/stream/stream.h"

#include <stddef.h>
#include <string.h>

#define AT(field)    offsetof(zoo_stream_options, field)
#define LONGEST      3600.0 /* s */
#define LONGEST_MEAN 60.0

static const zoo_setting settings[] = {
    {"hop", ZOO_SETTING_NUMBER, AT(hop), 0, LONGEST, NULL, "0.1",
     "Seconds between answers; 0: one for every frame that the model sees.", NULL},
    {"window", ZOO_SETTING_NUMBER, AT(window), 0, LONGEST, NULL, "0",
     "Seconds of a window, for models that see whole clips; 0: as many frames as they observe.",
     NULL},
    {"smooth", ZOO_SETTING_NUMBER, AT(smooth), 0, LONGEST_MEAN, NULL, "0.5",
     "Seconds over which probabilities are averaged.", NULL},
    {"on", ZOO_SETTING_NUMBER, AT(on), 0, 1, NULL, "0.6",
     "Probability from which an action begins.", NULL},
    {"off", ZOO_SETTING_NUMBER, AT(off), 0, 1, NULL, "0.4",
     "Probability below which an action ends.", NULL},
    {"hold", ZOO_SETTING_NUMBER, AT(hold), 0, LONGEST, NULL, "0.5",
     "Least seconds between two events of a body.", NULL},
    {"reject", ZOO_SETTING_NUMBER, AT(reject), 0, 1, NULL, "0",
     "Least probability of an answer; below it, the answer is none.", NULL},
    {"none", ZOO_SETTING_TEXT, AT(none), 0, ZOO_NAME_SIZE - 1, NULL, NULL,
     "The class that stands for no action.", NULL},
    {"horizon", ZOO_SETTING_NUMBER, AT(horizon), 0, LONGEST, NULL, "0",
     "Seconds to predict: the model goes on from its own predictions; 0: what it predicts at once.",
     NULL},
    {"gap", ZOO_SETTING_NUMBER, AT(gap), 0, LONGEST_MEAN, NULL, "0.5",
     "Seconds for which missing joints and bodies are bridged.", NULL},
    {"bodies", ZOO_SETTING_COUNT, AT(bodies), 1, ZOO_STREAM_BODIES, NULL, "8",
     "Bodies that are followed at a time, at most.", NULL},
    {"reach", ZOO_SETTING_NUMBER, AT(reach), 0, 100, NULL, "0.5",
     "How far a body without an id moves between frames, in sizes of the body, at most.", NULL},
    {"prepared", ZOO_SETTING_SWITCH, AT(prepared), 0, 1, NULL, "0", NULL, NULL},
    {0},
};

const zoo_setting *zoo_stream_settings(void)
{
    return settings;
}

zoo_stream_options zoo_stream_default(void)
{
    zoo_stream_options o;
    memset(&o, 0, sizeof o);
    zoo_settings_default(settings, &o, NULL);
    return o;
}

size_t zoo_stream_choose(const zoo_domain *domain, const char *none, double reject,
                         const gop_real *probabilities)
{
    size_t best = 0;
    if (domain == NULL || probabilities == NULL || domain->actions == 0)
        return SIZE_MAX;
    for (size_t i = 1; i < domain->actions; i++)
        best = probabilities[i] > probabilities[best] ? i : best;
    const bool is_none = none != NULL && strcmp(domain->action[best], none) == 0;
    return is_none || !((double)probabilities[best] >= reject) ? SIZE_MAX : best;
}
