/*
 * protocol.c: the table of protocols, and the description of a row as a sentence.  Touches its
 * arguments only.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "zoo/metric/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "zoo/metric/clips.h"
#include "zoo/metric/metric.h"

#define CMU_COLUMNS  117
#define H36M_COLUMNS 99
#define CSM          25

/* Subject 5 of Human3.6M has two takes of each action. */
static const zoo_test_files files[] = {{"cmu", "", 1},
                                       {"cmu-partial", "", 0},
                                       {"h36m", "S5_", 2},
                                       {"h36m-clean", "S5_", 2},
                                       {NULL, NULL, 0}};

static const zoo_protocol protocols[] = {
    {"cmu-dmgnn", ZOO_PREDICTION, ZOO_EXPMAP, 0, ZOO_COUNT_FUTURE_ANGLES, NULL, ZOO_CUT_DRAWN,
     .aligned = false, .files = files},
    {"cmu-csm", ZOO_PREDICTION, ZOO_EXPMAP, 0, ZOO_COUNT_CLIP_ANGLES, NULL, ZOO_CUT_DRAWN,
     .least_predicted = CSM, .files = files},
    {"cmu-3d", ZOO_PREDICTION, ZOO_EXPMAP, CMU_COLUMNS, ZOO_COUNT_JOINTS, "cmu38", ZOO_CUT_DRAWN,
     .least_predicted = CSM, .aligned = true, .files = files},
    {"cmu-3d-38", ZOO_PREDICTION, ZOO_EXPMAP, CMU_COLUMNS, ZOO_COUNT_ALL_JOINTS, "cmu38",
     ZOO_CUT_DRAWN, .least_predicted = CSM, .aligned = true, .on_request = true, .files = files},
    {"h36m-dmgnn", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_FUTURE_ANGLES, NULL,
     ZOO_CUT_DRAWN, .first = 16, .reserve = 150, .aligned = true, .files = files},
    {"h36m-csm", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_CLIP_ANGLES, NULL,
     ZOO_CUT_DRAWN, .least_predicted = CSM, .first = 16, .reserve = 150, .aligned = true,
     .files = files},
    {"h36m-3d", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_JOINTS, "h36m32", ZOO_CUT_DRAWN,
     .first = 16, .reserve = 150, .aligned = true, .files = files},
    {"h36m-3d-32", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .first = 16, .reserve = 150, .aligned = true, .on_request = true,
     .files = files},
    /* Each as its program evaluates, in its own default. */
    {"h36m-ltd", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .least_predicted = CSM, .horizon = CSM, .first = 16, .reserve = 150,
     .aligned = true, .on_request = true, .files = files},
    {"h36m-hisrep", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .clips = 256, .least_predicted = CSM, .horizon = CSM, .first = 16,
     .reserve = 150, .aligned = true, .on_request = true, .files = files},
    {"h36m-simlpe", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .clips = 256, .least_predicted = CSM, .horizon = CSM, .first = 16,
     .reserve = 150, .aligned = true, .on_request = true, .files = files},
    {"h36m-msrgcn", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .clips = ZOO_EVERY_START, .rest = 100, .least_predicted = CSM, .horizon = CSM,
     .first = 16, .reserve = 150, .aligned = true, .on_request = true, .files = files},
    {"h36m-pgbig", ZOO_PREDICTION, ZOO_EXPMAP, H36M_COLUMNS, ZOO_COUNT_ALL_JOINTS, "h36m32",
     ZOO_CUT_DRAWN, .clips = ZOO_EVERY_START, .least_predicted = CSM, .horizon = CSM, .first = 16,
     .reserve = 150, .aligned = true, .on_request = true, .files = files},
    {"cmu-ltd", ZOO_PREDICTION, ZOO_EXPMAP, CMU_COLUMNS, ZOO_COUNT_ALL_JOINTS, "cmu38",
     ZOO_CUT_DRAWN, .least_predicted = CSM, .horizon = CSM, .aligned = true, .on_request = true,
     .files = files},
    {"cmu-msrgcn", ZOO_PREDICTION, ZOO_EXPMAP, CMU_COLUMNS, ZOO_COUNT_ALL_JOINTS, "cmu38",
     ZOO_CUT_DRAWN, .clips = ZOO_EVERY_START, .least_predicted = CSM, .horizon = CSM,
     .aligned = true, .on_request = true, .files = files},
    {"cmu-pgbig", ZOO_PREDICTION, ZOO_EXPMAP, CMU_COLUMNS, ZOO_COUNT_ALL_JOINTS, "cmu38",
     ZOO_CUT_DRAWN, .clips = ZOO_EVERY_START, .least_predicted = CSM, .horizon = CSM,
     .aligned = true, .on_request = true, .files = files},
    {"windows", ZOO_PREDICTION, ZOO_POSITION, 0, ZOO_COUNT_POSITIONS, NULL, ZOO_CUT_WINDOWS,
     .stride = 10},
    {"8-seed", ZOO_RECOGNITION, (zoo_feature)0, 0, ZOO_COUNT_LABELS, NULL, ZOO_CUT_EIGHT,
     .least_predicted = CSM, .files = files},
    {"dense", ZOO_RECOGNITION, (zoo_feature)0, 0, ZOO_COUNT_LABELS, NULL, ZOO_CUT_WINDOWS,
     .stride = 5, .files = files},
    {"beginning", ZOO_RECOGNITION, (zoo_feature)0, 0, ZOO_COUNT_LABELS, NULL, ZOO_CUT_FIRST,
     .stride = 0},
    {"clips", ZOO_RECOGNITION, (zoo_feature)0, 0, ZOO_COUNT_LABELS, NULL, ZOO_CUT_WHOLE,
     .stride = 0},
    {.name = NULL},
};

const zoo_protocol *zoo_protocol_list(void)
{
    return protocols;
}

const zoo_protocol *zoo_protocol_find(const char *name)
{
    for (const zoo_protocol *p = protocols; name != NULL && p->name != NULL; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static bool is_listed(const zoo_protocol *p)
{
    return p != NULL && zoo_protocol_find(p->name) == p;
}

/* The protocol's chain if the data are positions of its joints, or NULL. */
static const zoo_chain *places_of(const zoo_protocol *p, const zoo_domain *domain)
{
    const zoo_chain *chain = zoo_chain_find(p->chain);
    return chain != NULL && domain->layout.feature == ZOO_POSITION &&
                   zoo_layout_equal(&domain->layout, zoo_layout_find(chain->layout))
               ? chain
               : NULL;
}

bool zoo_protocol_suits(const zoo_protocol *protocol, const zoo_domain *domain)
{
    if (!is_listed(protocol) || domain == NULL)
        return false;
    if (protocol->feature == 0)
        return true;
    if (protocol->feature != domain->layout.feature)
        return places_of(protocol, domain) != NULL;
    if (protocol->feature == ZOO_EXPMAP && protocol->columns == 0)
        return domain->layout.columns != H36M_COLUMNS;
    return protocol->columns == 0 || protocol->columns == domain->layout.columns;
}

zoo_measure zoo_protocol_clips(const zoo_protocol *protocol, const zoo_measure *measure)
{
    zoo_measure m = measure != NULL ? *measure : (zoo_measure){.clips = 0};
    if (protocol->cut != ZOO_CUT_DRAWN)
        m.every_clip = false;
    else if (m.clips == 0 && protocol->clips == ZOO_EVERY_START)
        m.every_clip = true;
    if (protocol->cut != ZOO_CUT_DRAWN || (m.clips == 0 && m.every_clip))
        m.clips = ZOO_DRAWN_CLIPS;
    else if (m.clips == 0)
        m.clips = protocol->clips == 0 ? ZOO_DRAWN_CLIPS : protocol->clips;
    return m;
}

bool zoo_protocol_usual(const zoo_protocol *protocol, const zoo_domain *domain)
{
    if (!zoo_protocol_suits(protocol, domain) || protocol->on_request)
        return false;
    /* Sets of rotations are recordings; their beginnings are not special. */
    return protocol->cut != ZOO_CUT_FIRST || domain->layout.feature != ZOO_EXPMAP;
}

bool zoo_protocol_sees(const zoo_protocol *protocol, const zoo_view *view)
{
    if (!is_listed(protocol) || view == NULL)
        return false;
    return protocol->cut == ZOO_CUT_WHOLE ? zoo_view_by_clip(view)
                                          : view->sample == ZOO_SAMPLE_WINDOW;
}

/* ----------------------------------------------------------------------- sentences */

typedef struct sentence {
    char *text;
    size_t used, size;
} sentence;

static void say(sentence *s, const char *format, ...) GOP_PRINTF(2, 3);
static void say(sentence *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(s->text + s->used, s->size - s->used, format, args);
    va_end(args);
    if (n > 0)
        s->used += (size_t)n < s->size - s->used ? (size_t)n : s->size - s->used - 1;
}

static void write_drawn(sentence *s, const zoo_protocol *p, size_t clips)
{
    say(s, "%s%zu clips an action%s by the legacy generator with seed 1234567890, ",
        p->task == ZOO_RECOGNITION ? "the observed frames of " : "", clips,
        p->reserve > 0 ? " from its test sequences in turn" : "");
    if (p->reserve > 0)
        say(s, "starts in [%zu, n - %zu)", p->first, p->reserve);
    else if (p->least_predicted > 0)
        say(s, "%zu predicted frames in its bound", p->least_predicted);
    else
        say(s, "the predicted length in its bound");
    if (p->aligned && p->reserve == 0)
        say(s, ", observed frames ending with the 50th");
}

/* A clip at every start. */
static void write_every(sentence *s, const zoo_protocol *p)
{
    say(s, "every window of the test sequences");
    if (p->rest > 0)
        say(s, " that starts in [0, n - %zu)", p->rest);
}

static void write_clips(sentence *s, const zoo_protocol *p, const zoo_measure *m)
{
    const zoo_measure full = zoo_protocol_clips(p, m);
    if (full.every_clip)
        write_every(s, p);
    else if (p->cut == ZOO_CUT_DRAWN || p->cut == ZOO_CUT_EIGHT)
        write_drawn(s, p, full.clips);
    else if (p->cut == ZOO_CUT_FIRST)
        say(s, "the first observed frames of each test sequence");
    else if (p->cut == ZOO_CUT_WHOLE)
        say(s, "each test sequence once, the mean of the model's views of it");
    else if (p->task == ZOO_RECOGNITION)
        say(s, "every window of observed frames of the test sequences, every %zu frames",
            p->stride);
    else
        say(s, "windows of the test sequences every %zu frames", p->stride);
    if (p->cut == ZOO_CUT_FIRST || p->cut == ZOO_CUT_WHOLE ||
        (p->cut == ZOO_CUT_WINDOWS && p->task == ZOO_RECOGNITION))
        say(s, ", averaged within an action, then over actions");
}

/* The joints that count and, if p counts all joints, the protocol that counts these. */
static void write_joints(sentence *s, const zoo_protocol *p)
{
    const zoo_chain *chain = zoo_chain_find(p->chain);
    const zoo_protocol *usual = protocols;
    size_t counted = 0;
    for (size_t j = 0; j < chain->joints; j++)
        counted += chain->counted[j];
    while (usual->count != ZOO_COUNT_JOINTS || strcmp(usual->chain, p->chain) != 0)
        usual++;
    if (p->count == ZOO_COUNT_ALL_JOINTS) {
        say(s, "as %s over all %u joints, as the published evaluation takes the mean", usual->name,
            (unsigned)chain->joints);
        return;
    }
    say(s,
        "mean distance in millimetres of the %zu joints that move and lie apart, by forward"
        " kinematics without the root's rotation",
        counted);
    if (chain->unit != 1)
        say(s, ", a unit being %g mm", chain->unit);
}

static void write_count(sentence *s, const zoo_protocol *p)
{
    static const char angles[] = "mean Euclidean distance of Euler angles in radians over columns"
                                 " that move in the";
    switch (p->count) {
    case ZOO_COUNT_LABELS:
        say(s, "ties count against the model");
        break;
    case ZOO_COUNT_POSITIONS:
        say(s, "mean distance of the joints in millimetres");
        break;
    case ZOO_COUNT_FUTURE_ANGLES:
        say(s, "%s predicted frames and in the training data", angles);
        break;
    case ZOO_COUNT_CLIP_ANGLES:
        say(s, "%s whole clip; columns that no node carries repeat the last observed frame",
            angles);
        break;
    case ZOO_COUNT_JOINTS:
    case ZOO_COUNT_ALL_JOINTS:
        write_joints(s, p);
        break;
    }
}

void zoo_protocol_describe(char *text, size_t size, const zoo_protocol *protocol,
                           const zoo_measure *measure)
{
    sentence s = {text, 0, size};
    if (text == NULL || size == 0)
        return;
    text[0] = '\0';
    if (!is_listed(protocol))
        return;
    write_clips(&s, protocol, measure);
    say(&s, "; ");
    write_count(&s, protocol);
    if (protocol->horizon > 0)
        say(&s, "; a model that predicts fewer than %zu frames goes on from its own predictions",
            protocol->horizon);
}
