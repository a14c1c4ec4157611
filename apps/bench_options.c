/*
 * bench_options.c: the table of `graphop bench`'s options.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stddef.h>

#include "bench_run.h"

const char *const bench_whats[] = {[BENCH_TRAIN] = "train", [BENCH_INFER] = "infer", NULL};

#define AT(field) offsetof(bench_settings, field)

static const app_option options[] = {
    {"what", 'w', APP_CHOICE, AT(what), "NAME",
     "What to measure: training steps or inferences (default train, or infer for a FILE).", 0, 0,
     bench_whats, false},
    {"preset", 'p', APP_TEXT, AT(run.preset), "NAME", "A named configuration of the model.", 0, 0,
     NULL, false},
    {"variant", 'v', APP_TEXT, AT(run.variant), "NAME",
     "A variant of the model, applied to the preset; separate several by commas.", 0, 0, NULL,
     false},
    {"set", 's', APP_PAIRS, AT(run.set), "KEY=VALUE",
     "Change one option of the model; may be repeated.", 0, 0, NULL, false},
    {"layout", 'l', APP_TEXT, AT(layout), "NAME",
     "A built-in layout, or the file of a layout (default cmu26).", 0, 0, NULL, false},
    {"nodes", 0, APP_COUNT, AT(nodes), "N", "A chain of N nodes instead of a layout.", 2,
     ZOO_MAX_NODES, NULL, false},
    {"classes", 'c', APP_COUNT, AT(classes), "N", "Number of actions (default 8).", 1,
     ZOO_MAX_ACTIONS, NULL, false},
    {"data", 'd', APP_INPUT, AT(run.data), "FILE",
     "Use the layout, actions and windows of this data set (.gds) instead of random numbers.", 0, 0,
     NULL, false},
    {"batch", 'b', APP_SETTING, AT(run.given), NULL,
     "Windows in a run (default 32 for train, 1 for infer).", 0, 0, NULL, false},
    {"lambda", 'L', APP_SETTING, AT(run.given), NULL,
     "How training weighs two losses: a number from 0 to 1, exact, ub or ub-normalised.", 0, 0,
     NULL, false},
    {"threads", 'T', APP_COUNT, AT(run.threads), "N",
     "Threads to use; 0 (default) is one per "
     "processor.",
     0, 1024, NULL, false},
    {"warm-up", 0, APP_COUNT, AT(warm_up), "N", "Runs before the timed ones (default 3).", 0, 1e6,
     NULL, false},
    {"repeat", 'n', APP_COUNT, AT(repeat), "N",
     "Timed runs (default: as many as fit in two seconds, from 5 to 1000).", 1, 1e6, NULL, false},
    {"per-node", 0, APP_FLAG, AT(each), NULL,
     "Break the time down by operator instead of by kind "
     "of operator.",
     0, 0, NULL, false},
    {"scaling", 0, APP_FLAG, AT(scaling), NULL,
     "Measure instead how the time grows with batch, frames, nodes and width, each from a quarter "
     "of its size to twice its size.",
     0, 0, NULL, false},
    {"json", 'j', APP_FLAG, AT(json), NULL, "Write one JSON object a line.", 0, 0, NULL, false},
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
