/*
 * bench_options.c: the table of `graphop bench`'s options.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>

#include "bench_run.h"
#include "plugins.h"

const char *const bench_whats[] = {
    [BENCH_TRAIN] = "train", [BENCH_INFER] = "infer", [BENCH_STEP] = "step", NULL};

#define AT(field) offsetof(bench_settings, field)

static const app_option options[] = {
    {"what", 'w', APP_CHOICE, AT(what), "NAME",
     "What to measure: training steps, inferences, or steps of a frame beside windows (default "
     "train, or infer for a FILE).",
     0, 0, bench_whats, false, "!ops"},
    {"preset", 'p', APP_TEXT, AT(run.preset), "NAME", "A named configuration of the model.", 0, 0,
     NULL, false, "!ops"},
    {"variant", 'v', APP_TEXT, AT(run.variant), "NAME",
     "A variant of the model, applied to the preset; separate several by commas.", 0, 0, NULL,
     false, "!ops"},
    {"set", 's', APP_PAIRS, AT(run.set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false, "!ops"},
    {"layout", 'l', APP_TEXT, AT(layout), "NAME",
     "A built-in layout, or the file of a layout (default cmu26).", 0, 0, NULL, false,
     "!ops !nodes !data"},
    {"nodes", 0, APP_COUNT, AT(nodes), "N", "A chain of N nodes instead of a layout.", 2,
     ZOO_MAX_NODES, NULL, false, "!ops !data"},
    {"classes", 'c', APP_COUNT, AT(classes), "N", "Number of actions (default 8).", 1,
     ZOO_MAX_ACTIONS, NULL, false, "!ops !data"},
    {"data", 'd', APP_INPUT, AT(run.data), "FILE",
     "Use the layout, actions and windows of this data set (.gds) instead of random numbers.", 0, 0,
     NULL, false, "!ops !scaling"},
    {"batch", 'b', APP_SETTING, AT(run.given), NULL,
     "Windows in a run (default 32 for train, 1 for infer).", 0, 0, NULL, false, "!ops"},
    {"lambda", 'L', APP_SETTING, AT(run.given), NULL,
     "How training weighs two losses: a number from 0 to 1, exact, ub or ub-normalised.", 0, 0,
     NULL, false, "!ops !what=infer !what=step"},
    {"optimiser", 0, APP_SETTING, AT(run.given), NULL, "The optimiser of training steps.", 0, 0,
     NULL, false, "!ops !what=infer !what=step"},
    {"bodies", 0, APP_SETTING, AT(run.given), NULL, NULL, 0, 0, NULL, false, "!ops"},
    {"threads", 'T', APP_COUNT, AT(run.threads), "N",
     "Threads to use; 0 (default) is one per "
     "processor.",
     0, 1024, NULL, false, NULL},
    {"warm-up", 0, APP_COUNT, AT(warm_up), "N", "Runs before the timed ones (default 3).", 0, 1e6,
     NULL, false, "!ops"},
    {"repeat", 'n', APP_COUNT, AT(repeat), "N",
     "Timed runs (default: as many as fit in two seconds, from 5 to 1000).", 1, 1e6, NULL, false,
     "!ops"},
    {"per-node", 0, APP_FLAG, AT(each), NULL,
     "Break the time down by operator instead of by kind "
     "of operator.",
     0, 0, NULL, false, "!ops !scaling"},
    {"scaling", 0, APP_FLAG, AT(scaling), NULL,
     "Measure instead how the time grows with batch, frames, nodes and width, each from a quarter "
     "of its size to twice its size.",
     0, 0, NULL, false, "!ops !what=step"},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false,
     NULL},
    APP_PLUGIN_ROW(AT(run.plugins), "!ops"),
    {0},
};

const app_usage bench_usage = {
    "bench",
    "MODEL|FILE|ops [NAME]... [OPTION]...",
    "Measures the speed of a model ({models}), or of the trained one in FILE, on this machine and "
    "random data.  With ops, measures the library's operators: those named, or all.",
    options,
    1,
    SIZE_MAX,
    0};
