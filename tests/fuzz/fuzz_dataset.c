/*
 * fuzz_dataset.c: a data set's file is loaded, measured by every protocol, trained on for a step,
 * saved again, and joined with itself.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

const char fuzz_kind[] = "GDS1";
const char *const fuzz_words[] = {"",     "nod",  "walk", "x",        "h36m",     "tiny5",  "joint",
                                  "a\nb", "\xff", "left", "position", "rotation", "metres", NULL};

#define MOST_NODES 64
#define MEMORY     ((size_t)16 << 20)

static void measure(const zoo_dataset *data)
{
    const zoo_predictor none = {.batch = 1, .observed = 4, .predicted = 2};
    gop_error err;
    for (const zoo_protocol *p = zoo_protocol_list(); p->name != NULL; p++) {
        zoo_table *table = NULL;
        if (zoo_protocol_suits(p, &data->domain) &&
            zoo_evaluate(&table, p, data, &none, NULL, &err) == GOP_OK)
            zoo_table_free(table);
    }
}

static void train(const zoo_dataset *data)
{
    gop_error err;
    gop_ctx *ctx = NULL;
    zoo_model *model = NULL;
    zoo_trainer *trainer = NULL;
    zoo_training training = zoo_training_default();
    zoo_progress progress;
    training.batch = 2;
    training.steps = 1;
    training.validate = 0.3;
    training.validate_every = 1;
    if (gop_ctx_new(&ctx, 1, MEMORY, &err) == GOP_OK &&
        zoo_model_new(&model, zoo_model_type_find(NULL, "template"), NULL, &data->domain, 1,
                      &err) == GOP_OK &&
        zoo_model_set(model, "observed", "4", &err) == GOP_OK &&
        zoo_trainer_new(&trainer, ctx, model, data, &training, &err) == GOP_OK)
        (void)zoo_trainer_step(trainer, &progress, &err);
    zoo_trainer_free(trainer);
    zoo_model_free(model);
    gop_ctx_free(ctx);
}

/* Whether the frames of all sequences are whole. */
static bool is_whole(const zoo_dataset *data)
{
    float *frame = malloc(data->domain.layout.columns * sizeof *frame);
    gop_error err;
    bool whole = frame != NULL;
    for (size_t i = 0; i < data->sequences && whole; i++)
        for (size_t b = 0; b < data->sequence[i].bodies && whole; b++)
            whole = zoo_dataset_read(frame, data, i, b, data->sequence[i].frames - 1, 1, &err) ==
                    GOP_OK;
    free(frame);
    return whole;
}

static void save(const zoo_dataset *data)
{
    zoo_dataset *again = NULL;
    gop_error err;
    const char *path = fuzz_path("again.gds");
    if (!is_whole(data))
        return;
    if (zoo_dataset_save(data, path, &err) != GOP_OK)
        fuzz_fault("a data set that was loaded is not saved: %s", err.message);
    if (zoo_dataset_load(&again, path, &err) != GOP_OK)
        fuzz_fault("a data set that was saved is not loaded: %s", err.message);
    zoo_dataset_free(again);
}

/* The set with itself, in other splits, with a further transformation. */
static void join(const char *path)
{
    const char *const also[] = {path, NULL};
    const zoo_raw raw = {.source = "gds",
                         .dir = path,
                         .also = also,
                         .only = "class:*",
                         .split_rule = "random:0.5",
                         .steps = "standardise no"};
    zoo_dataset *index = NULL, *again = NULL;
    zoo_report report;
    gop_error err;
    const char *out = fuzz_path("joined.gds");
    if (zoo_prepare(&index, &report, &raw, out, &err) != GOP_OK)
        return;
    if (zoo_dataset_load(&again, out, &err) != GOP_OK)
        fuzz_fault("a data set that was joined is not loaded: %s", err.message);
    zoo_dataset_free(again);
    zoo_dataset_free(index);
    zoo_report_clear(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    zoo_dataset *data = NULL;
    gop_error err;
    if (zoo_dataset_load(&data, fuzz_write("a.gds", bytes, size), &err) != GOP_OK)
        return 0;
    for (size_t i = 0; i < data->sequences; i++)
        (void)zoo_sequence_length(data, i);
    measure(data);
    if (data->domain.layout.nodes <= MOST_NODES) {
        gop_graph *graph = NULL;
        fuzz_allow(MEMORY);
        train(data);
        if (zoo_layout_part_graph(&graph, &data->domain.layout, &err) == GOP_OK)
            gop_graph_free(graph);
    }
    save(data);
    zoo_dataset_free(data);
    join(fuzz_path("a.gds"));
    return 0;
}
