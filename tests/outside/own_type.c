/*
 * own_type.c: a type of models of somebody else's, as a plugin: a recogniser of poses or of their
 * motion, and of both once two are fused.
 *
 *     p = softmax(W_2 mean(relu(W_1 x + b_1)) + b_2)
 *
 * x are the poses or the differences of successive ones; the mean is over frames and nodes.
 * tests/outside/run.sh makes a shared object of it, for `graphop VERB --plugin`, and links it with
 * own_list.c.  With OLD_ABI or BAD_TYPE it is a plugin that graphop must refuse.
 */
#include <zoo/zoo.h>

#include <stddef.h>
#include <stdio.h>

enum { POSE, MOTION, BOTH };

typedef struct config {
    uint32_t observed, width, stream;
} config;

#define AT(field) offsetof(config, field)

static const zoo_setting options[] = {
    {"observed", ZOO_SETTING_COUNT, AT(observed), 2, 4096, NULL, "30", "frames observed", NULL},
    {"width", ZOO_SETTING_COUNT, AT(width), 1, 4096, NULL, "16", "channels", NULL},
    {"stream", ZOO_SETTING_CHOICE, AT(stream), 0, 0, "pose|motion|both", "pose",
     "what the network sees", NULL},
    {NULL, ZOO_SETTING_COUNT, 0, 0, 0, NULL, NULL, NULL, NULL},
};

static const zoo_preset presets[] = {
    {"plain", "", "the defaults of all options"},
    {"motion", "stream=motion", "a network of motion"},
    {NULL, NULL, NULL},
};

/* The logits of one stream. */
static gop_var network(gop_net *net, const zoo_use *use, zoo_ports *ports, const char *prefix,
                       gop_var x, const config *c)
{
    char name[ZOO_NAME_SIZE];
    snprintf(name, sizeof name, "%shidden", prefix);
    x = gop_relu(net, gop_layer_linear(net, name, x, c->width, true));
    snprintf(name, sizeof name, "%sscores", prefix);
    return zoo_classifier(net, use, ports, name, zoo_mean_clip(net, use, ports, x));
}

static void record(gop_net *net, const void *configuration, const zoo_use *use, zoo_ports *ports)
{
    const config *c = (const config *)configuration;
    const bool both = c->stream == BOTH;
    gop_var logits[2];
    size_t n = 0;

    zoo_ports p = zoo_ports_none();
    zoo_observe(net, use, c->observed, &p);
    if (c->stream != MOTION)
        logits[n++] = network(net, use, &p, both ? "pose." : "", p.x, c);
    if (c->stream != POSE)
        logits[n++] = network(net, use, &p, both ? "motion." : "", gop_difference(net, p.x), c);
    zoo_classify(net, use, logits, n, NULL, &p);
    *ports = p;
}

/* A network of poses and one of motion become a model of both. */
static gop_status fuse(const zoo_model_type *type, void *configuration,
                       char (*prefix)[ZOO_NAME_SIZE], const void *const *configurations, size_t n,
                       size_t *which, gop_error *err)
{
    (void)type;
    const config *first = (const config *)configurations[0];
    config *c = (config *)configuration;
    *c = *first;
    c->stream = BOTH;
    *which = n - 1;
    if (n != 2)
        return gop_fail(err, GOP_EINVAL, "two networks are needed, not %zu", n);
    const config *second = (const config *)configurations[1];
    if (first->stream == BOTH || second->stream == BOTH || first->stream == second->stream)
        return gop_fail(err, GOP_EINVAL, "one network of poses and one of motion are needed");
    if (first->observed != second->observed || first->width != second->width)
        return gop_fail(err, GOP_EINVAL, "its observed or width is not that of the first");
    snprintf(prefix[0], ZOO_NAME_SIZE, "%s", first->stream == POSE ? "pose." : "motion.");
    snprintf(prefix[1], ZOO_NAME_SIZE, "%s", first->stream == POSE ? "motion." : "pose.");
    *which = first->stream == POSE ? 0 : 1;
    return GOP_OK;
}

static const zoo_fusion fusion = {fuse};

static const zoo_model_type pulse = {
    .name = "pulse",
    .text = "The mean of one hidden layer over frames and nodes",
    .reference = "an example, not from the literature",
    .config_size = sizeof(config),
    .options = options,
#ifdef BAD_TYPE
    .presets = presets + 2,
#else
    .presets = presets,
#endif
    .record = record,
    .widths = "width",
    .fusion = &fusion,
};

static const zoo_model_type *const types[] = {&pulse, NULL};

#ifdef OLD_ABI
const zoo_plugin graphop_plugin = {0, 8, 0, 0, 0, 0, 0, 0, types};
#else
ZOO_PLUGIN(types);
#endif
