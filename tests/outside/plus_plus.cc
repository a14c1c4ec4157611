/*
 * plus_plus.cc: the headers from C++: a net is built and run, and a layout of the zoo read.
 * tests/outside/run.sh compiles and runs it.
 */
#include <graphop.h>
#include <zoo/zoo.h>

#include <cstdio>

int main()
{
    const zoo_layout *layout = zoo_layout_find("tiny5");
    gop_error err = gop_error();
    gop_ctx *ctx = 0;
    gop_params *params = 0;
    gop_net *net = 0;

    if (!layout || zoo_layout_check(layout, &err) || gop_ctx_new(&ctx, 1, 0, &err) ||
        gop_params_new(&params, 1, &err) || gop_net_new(&net, ctx, params, GOP_INFERENCE, &err)) {
        std::fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    gop_var x = gop_input(net, "x", gop_shape4(1, layout->nodes, 2, layout->channels));
    gop_var W = gop_param(net, "W", gop_shape2(1, layout->channels), gop_init_constant(0.5));
    gop_var y = gop_relu(net, gop_linear(net, x, W, gop_none()));
    gop_net_keep(net, y);
    if (gop_net_plan(net, &err)) {
        std::fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const std::size_t n = gop_shape_size(gop_net_shape(net, x));
    for (std::size_t i = 0; i < n; i++)
        gop_net_value(net, x)[i] = 2;
    if (gop_net_forward(net, &err)) {
        std::fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const bool right = gop_net_value(net, y)[0] == gop_real(layout->channels);
    gop_net_free(net);
    gop_params_free(params);
    gop_ctx_free(ctx);
    return right ? 0 : 1;
}
