/*
 * own_list.c: a program with a type of models of its own (own_type.c) that is in no file: trained,
 * saved, resumed and used with a list of types that the program owns.
 * tests/outside/run.sh runs it in an empty folder.
 */
#include <zoo/zoo.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY(call)                                                            \
    do {                                                                     \
        if ((call) != GOP_OK) {                                              \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, err.message); \
            return 1;                                                        \
        }                                                                    \
    } while (0)

#define MUST(condition)                                                             \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            return 1;                                                               \
        }                                                                           \
    } while (0)

int main(void)
{
    gop_error err = {GOP_OK, ""};
    const zoo_model_type *list[64] = {NULL};
    gop_ctx *ctx;
    zoo_dataset *data;
    zoo_model *model, *again, *both[2], *fused;
    zoo_trainer *trainer;
    zoo_inference *inference;
    zoo_provenance run;
    zoo_training training = zoo_training_default();
    const char *const files[] = {"pose.gop", "motion.gop"}, *const preset[] = {"plain", "motion"};

    /* The list: the zoo's types and the plugin's.  A list of the plugin's alone is as good. */
    for (size_t i = 0; zoo_model_types()[i] != NULL; i++)
        list[i] = zoo_model_types()[i];
    TRY(zoo_plugin_add(list, sizeof list / sizeof *list, &graphop_plugin, &err));
    MUST(zoo_plugin_add(list, sizeof list / sizeof *list, &graphop_plugin, &err) == GOP_EINVAL);
    MUST(strcmp(err.message, "there already is a type of models called pulse") == 0);
    const zoo_model_type *type = zoo_model_type_find(list, "pulse");
    MUST(type == graphop_plugin.types[0] && zoo_model_type_find(NULL, "pulse") == NULL);

    training.steps = 6, training.batch = 4, training.warmup = 1;
    TRY(gop_ctx_new(&ctx, 1, 0, &err));
    TRY(zoo_synth(&data, NULL, 1, &err));
    for (size_t i = 0; i < 2; i++) {
        TRY(zoo_model_new(&model, type, preset[i], &data->domain, 1, &err));
        TRY(zoo_trainer_new(&trainer, ctx, model, data, &training, &err));
        for (int k = 0; k < 3; k++)
            TRY(zoo_trainer_step(trainer, NULL, &err));
        TRY(zoo_trainer_save(trainer, files[i], &err));
        zoo_trainer_free(trainer);
        zoo_model_free(model);

        TRY(zoo_trainer_resume(&trainer, &model, list, ctx, files[i], data, NULL, &err));
        MUST(zoo_trainer_steps(trainer) == 3 && model->type == type);
        while (zoo_trainer_steps(trainer) < training.steps)
            TRY(zoo_trainer_step(trainer, NULL, &err));
        TRY(zoo_trainer_save(trainer, files[i], &err));
        TRY(zoo_model_load(&again, graphop_plugin.types, files[i], &err));
        MUST(zoo_model_fingerprint(again) == zoo_model_fingerprint(model));
        zoo_model_free(again);
        zoo_trainer_free(trainer);
        zoo_model_free(model);
    }

    /* Without the list the file is refused, and described as far as it goes. */
    MUST(zoo_model_load(&model, NULL, files[0], &err) == GOP_EFORMAT && model == NULL);
    MUST(strstr(err.message, "a model of type pulse, which no list of types has") != NULL);
    TRY(zoo_model_inspect(&model, NULL, files[1], &err));
    char value[ZOO_VALUE_SIZE];
    zoo_model_get(model, zoo_setting_find(model->type->options, "stream"), value, sizeof value);
    MUST(strcmp(model->type->name, "pulse") == 0 && strcmp(value, "motion") == 0);
    MUST(zoo_model_observed(model) == 30 && gop_params_size(model->params) > 0);
    MUST(zoo_inference_new(&inference, ctx, model, 1, &err) != GOP_OK);
    zoo_model_free(model);
    TRY(zoo_provenance_load(&run, NULL, files[0], &err));
    MUST(run.trained && run.steps == 6);

    for (size_t i = 0; i < 2; i++)
        TRY(zoo_model_load(&both[i], list, files[i], &err));
    TRY(zoo_model_fuse(&fused, (const zoo_model *const *)both, 2, NULL, &err));
    TRY(zoo_inference_new(&inference, ctx, fused, 1, &err));
    MUST(gop_params_size(fused->params) ==
         gop_params_size(both[0]->params) + gop_params_size(both[1]->params));
    zoo_inference_free(inference);
    zoo_model_free(fused);
    zoo_model_free(both[0]);
    zoo_model_free(both[1]);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
    printf("a type in a list of one's own: trained, resumed, loaded, fused\n");
    return 0;
}
