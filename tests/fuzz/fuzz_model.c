/*
 * fuzz_model.c: a model's file is loaded, answers, is fused with another, and its training is
 * resumed for a step.  FUZZ_DATA and FUZZ_MODEL, in the environment, are a data set and a model
 * that fit it.
 */
#include "fuzz.h"

#include <stdlib.h>

const char fuzz_kind[] = "GOP1";
const char *const fuzz_words[] = {"",
                                  "0",
                                  "1",
                                  "2",
                                  "3",
                                  "8",
                                  "64",
                                  "4096",
                                  "1,2",
                                  "2,2,2",
                                  "joint",
                                  "bone",
                                  "joint-motion",
                                  "part",
                                  "sum",
                                  "0.5",
                                  "x",
                                  "template",
                                  "symgnn",
                                  "stgcn",
                                  "agcn",
                                  "aagcn",
                                  "ctrgcn",
                                  "msg3d",
                                  "stgcnpp",
                                  "dgstgcn",
                                  "protogcn",
                                  "simlpe",
                                  "ltd",
                                  "ressup",
                                  "hisrep",
                                  "msrgcn",
                                  "joint+bone_motion",
                                  "hidden",
                                  "jgc",
                                  "1e300",
                                  NULL};

#define MEMORY ((size_t)16 << 20)
#define WORK   20000000

static zoo_dataset *data;
static zoo_model *donor;

static void answer(gop_ctx *ctx, const zoo_model *model)
{
    gop_error err;
    zoo_inference *inference = NULL;
    zoo_table *table = NULL;
    if (zoo_inference_new(&inference, ctx, model, 1, &err) == GOP_OK &&
        zoo_inference_stats(inference).madds < WORK &&
        zoo_domain_fits(&model->domain, &data->domain, &err) == GOP_OK) {
        const zoo_predictor by = zoo_inference_predictor(inference);
        if (zoo_evaluate(&table, zoo_protocol_find("dense"), data, &by, NULL, &err) == GOP_OK)
            zoo_table_free(table);
    }
    zoo_inference_free(inference);
}

static void fuse(const zoo_model *model)
{
    gop_error err;
    size_t which = 0;
    zoo_model *fused = NULL;
    const zoo_model *const both[2] = {model, donor};
    if (zoo_model_fuse(&fused, both, 2, &which, &err) == GOP_OK)
        (void)zoo_model_save(fused, fuzz_path("fused.gop"), &err);
    zoo_model_free(fused);
}

static void resume(gop_ctx *ctx, const char *path)
{
    gop_error err;
    zoo_model *model = NULL;
    zoo_trainer *trainer = NULL;
    zoo_training training;
    zoo_progress progress;
    zoo_validation validation;
    bool best;
    if (zoo_trainer_resume(&trainer, &model, NULL, ctx, path, data, &training, &err) == GOP_OK &&
        zoo_trainer_stats(trainer).madds < WORK &&
        zoo_trainer_step(trainer, &progress, &err) == GOP_OK) {
        if (training.validate > 0 && training.batch < 64)
            (void)zoo_trainer_validate(trainer, &validation, &best, &err);
        (void)zoo_trainer_save(trainer, fuzz_path("resumed.gop"), &err);
    }
    zoo_trainer_free(trainer);
    zoo_model_free(model);
}

static void load_fixed(void)
{
    gop_error err;
    if (data == NULL && (zoo_dataset_load(&data, getenv("FUZZ_DATA"), &err) != GOP_OK ||
                         zoo_model_load(&donor, NULL, getenv("FUZZ_MODEL"), &err) != GOP_OK))
        fuzz_fault("FUZZ_DATA and FUZZ_MODEL: %s", err.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gop_error err;
    gop_ctx *ctx = NULL;
    zoo_model *model = NULL;
    zoo_provenance provenance;
    const char *path = fuzz_write("a.gop", bytes, size);
    load_fixed();
    (void)zoo_provenance_load(&provenance, NULL, path, &err);
    if (gop_ctx_new(&ctx, 1, MEMORY, &err) != GOP_OK)
        fuzz_fault("%s", err.message);
    if (zoo_model_load(&model, NULL, path, &err) == GOP_OK) {
        fuzz_allow(MEMORY);
        answer(ctx, model);
        fuse(model);
        if (zoo_model_save(model, fuzz_path("again.gop"), &err) != GOP_OK)
            fuzz_fault("a model that was loaded is not saved: %s", err.message);
        fuzz_allow(MEMORY);
        resume(ctx, path);
    }
    zoo_model_free(model);
    gop_ctx_free(ctx);
    return 0;
}
