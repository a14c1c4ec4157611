/*
 * stream.c: what a program does with the library, once through: a net of its own, steps, a data set, a
 * model that answers, is trained, saved and loaded.  For sweep.sh: ends with status 0, or with
 * status 2 and the library's sentence, and frees everything either way.
 *
 *     stream DATA.gds MODEL.gop OUT.gop
 */
#include <stdio.h>
#include <stdlib.h>

#include "graphop.h"
#include "zoo/zoo.h"

static gop_error err;

/* One step of y = W x on a path of three nodes. */
static gop_status own_net(gop_ctx *ctx)
{
    static const gop_edge edges[] = {{0, 1}, {1, 2}};
    gop_graph *graph = NULL;
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_status s = gop_graph_new(&graph, 3, edges, 2, &err);
    if (s == GOP_OK)
        s = gop_params_new(&params, 1, &err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, params, GOP_TRAINING, &err);
    if (s == GOP_OK) {
        const gop_var x = gop_input(net, "x", gop_shape3(2, 3, 4));
        const gop_var y = gop_layer_linear(net, "linear", x, 2, true);
        gop_net_keep(net, y);
        s = gop_net_plan(net, &err);
        if (s == GOP_OK) {
            for (int i = 0; i < 12; i++)
                gop_net_value(net, x)[i] = (gop_real)i;
            s = gop_net_forward(net, &err);
        }
    }
    gop_net_free(net);
    gop_params_free(params);
    gop_graph_free(graph);
    return s;
}

/* Three frames through a convolution, a residual that waits for it, and their mean. */
static gop_status steps(gop_ctx *ctx)
{
    gop_params *params = NULL;
    gop_net *net = NULL;
    gop_stepper *stepper = NULL;
    gop_status s = gop_params_new(&params, 1, &err);
    if (s == GOP_OK)
        s = gop_net_new(&net, ctx, params, GOP_INFERENCE, &err);
    if (s == GOP_OK) {
        const gop_var x = gop_input(net, "x", gop_shape4(1, 3, 9, 2));
        gop_var y = gop_layer_temporal_conv(net, "c", x, 2, 3, (gop_conv){.pad = 1}, true);
        y = gop_mean(net, gop_add(net, x, y), 2);
        s = gop_stepper_plan(&stepper, net, &(gop_stepping){x, &y, 1, 0}, &err);
    }
    for (int t = 0; t < 3 && s == GOP_OK; t++)
        s = gop_stepper_push(stepper, (const gop_real[6]){1, 2, 3}, 6, &err);
    gop_stepper_free(stepper);
    gop_net_free(net);
    gop_params_free(params);
    return s;
}

static gop_status answer(gop_ctx *ctx, const zoo_model *model, const zoo_dataset *data)
{
    zoo_inference *inference = NULL;
    zoo_table *table = NULL;
    gop_status s = zoo_inference_new(&inference, ctx, model, 2, &err);
    if (s == GOP_OK) {
        const zoo_predictor by = zoo_inference_predictor(inference);
        s = zoo_evaluate(&table, zoo_protocol_find("dense"), data, &by, NULL, &err);
    }
    zoo_table_free(table);
    zoo_inference_free(inference);
    return s;
}

static gop_status train(gop_ctx *ctx, const zoo_dataset *data, const char *path)
{
    zoo_model *model = NULL;
    zoo_trainer *trainer = NULL;
    zoo_training training = zoo_training_default();
    zoo_progress progress;
    training.batch = 2;
    training.steps = 2;
    gop_status s = zoo_model_new(&model, zoo_model_type_find(NULL, "template"), NULL, &data->domain,
                                 1, &err);
    if (s == GOP_OK)
        s = zoo_model_set(model, "observed", "4", &err);
    if (s == GOP_OK)
        s = zoo_trainer_new(&trainer, ctx, model, data, &training, &err);
    if (s == GOP_OK)
        s = zoo_trainer_step(trainer, &progress, &err);
    if (s == GOP_OK)
        s = zoo_trainer_save(trainer, path, &err);
    zoo_trainer_free(trainer);
    zoo_model_free(model);
    return s;
}

int main(int argc, char **argv)
{
    gop_ctx *ctx = NULL;
    zoo_dataset *data = NULL;
    zoo_model *model = NULL;
    if (argc != 4)
        return 1;
    gop_status s = gop_ctx_new(&ctx, 1, 0, &err);
    if (s == GOP_OK)
        s = own_net(ctx);
    if (s == GOP_OK)
        s = steps(ctx);
    if (s == GOP_OK)
        s = zoo_dataset_load(&data, argv[1], &err);
    if (s == GOP_OK)
        s = zoo_model_load(&model, NULL, argv[2], &err);
    if (s == GOP_OK)
        s = answer(ctx, model, data);
    if (s == GOP_OK)
        s = train(ctx, data, argv[3]);
    zoo_model_free(model);
    zoo_dataset_free(data);
    gop_ctx_free(ctx);
    if (s != GOP_OK) {
        fprintf(stderr, "graphop stream: %s.\n", err.message);
        return 2;
    }
    return 0;
}
