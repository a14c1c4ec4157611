/*
 * streams.c: see streams.h.  Records operators; computes only the constant graphs of bones.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif
#include "zoo/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[ZOO_STREAMS] = {"joint",       "bone",      "joint_motion",
                                               "bone_motion", "long_bone", "long_bone_motion"};

static size_t count(uint32_t streams)
{
    size_t n = 0;
    for (unsigned k = 0; k < ZOO_STREAMS; k++)
        n += streams >> k & 1;
    return n;
}

const char *zoo_stream_name(uint32_t streams)
{
    for (unsigned k = 0; k < ZOO_STREAMS; k++)
        if (streams == UINT32_C(1) << k)
            return names[k];
    return NULL;
}

gop_status zoo_check_streams(const zoo_stream_set *set, gop_error *err)
{
    const size_t n = set == NULL ? 0 : count(set->streams);
    double sum = 0;
    if (n == 0)
        return gop_fail(err, GOP_EINVAL, "stream: at least one stream is needed");
    for (size_t i = 0; i < set->weights.n; i++)
        sum += set->weights.v[i];
    if (set->weights.n > 0 && (set->weights.n != n || !(sum > 0)))
        return gop_fail(err, GOP_EINVAL,
                        "stream_weights: %zu streams need as many weights, not all 0, or none; "
                        "there are %u",
                        n, (unsigned)set->weights.n);
    return GOP_OK;
}

/* B [M, M]: (B x)_i = x_i - x_j, where j is the parent's parent, or the centre. */
static gop_var long_bones(gop_net *net, const zoo_layout *l, gop_var x)
{
    gop_error err = {GOP_OK, ""};
    gop_graph *g = NULL;
    const size_t M = l->nodes;
    uint32_t *parent = malloc(M * sizeof *parent);
    gop_real *B = calloc(M * M, sizeof *B);
    gop_var b = gop_none();
    if (parent == NULL || B == NULL)
        gop_net_fail(net, GOP_ENOMEM, "out of memory for the bones of layout %s", l->name);
    else if (zoo_layout_bones(&g, l, &err) != GOP_OK ||
             gop_graph_parents(parent, g, l->centre, &err) != GOP_OK) {
        gop_net_fail(net, err.status, "%s", err.message);
    } else {
        parent[l->centre] = l->centre;
        for (size_t i = 0; i < M; i++) {
            B[i * M + i] += 1;
            B[i * M + parent[parent[i]]] -= 1;
        }
        b = gop_constant(net, "long_bones", gop_shape2(M, M), B);
    }
    gop_graph_free(g);
    free(parent);
    free(B);
    return gop_net_status(net) == GOP_OK ? gop_graph_product(net, b, x) : gop_none();
}

/* x(t+1) - x(t); 0 in the last frame. */
static gop_var motion(gop_net *net, gop_var x)
{
    const gop_shape s = gop_net_shape(net, x);
    gop_var d = gop_difference(net, x); /* x(t) - x(t-1); 0 in the first frame */
    if (gop_net_status(net) != GOP_OK || s.dim[2] < 2)
        return d;
    const gop_var parts[2] = {gop_slice(net, d, 2, 1, s.dim[2] - 1), gop_slice(net, d, 2, 0, 1)};
    return gop_concat(net, parts, 2, 2);
}

gop_var zoo_stream_of(gop_net *net, const zoo_use *use, zoo_pose_stream stream, gop_var x)
{
    if (use == NULL)
        return gop_net_fail(net, GOP_EINVAL, "zoo_stream_of: the use is NULL");
    if (gop_net_status(net) != GOP_OK)
        return gop_none();
    if (stream == ZOO_BONE || stream == ZOO_BONE_MOTION)
        x = zoo_bones(net, &use->domain->layout, x);
    if (stream == ZOO_LONG_BONE || stream == ZOO_LONG_BONE_MOTION)
        x = long_bones(net, &use->domain->layout, x);
    if (stream == ZOO_JOINT_MOTION || stream == ZOO_BONE_MOTION || stream == ZOO_LONG_BONE_MOTION)
        x = motion(net, x);
    return x;
}

void zoo_record_streams(gop_net *net, const void *config, const zoo_use *use,
                        const zoo_stream_set *set, size_t observed, zoo_stream_network network,
                        zoo_ports *ports)
{
    if (use == NULL || set == NULL || network == NULL || ports == NULL) {
        gop_net_fail(net, GOP_EINVAL, "zoo_record_streams: an argument is missing");
        return;
    }
    zoo_ports p = zoo_ports_none();
    const size_t n = count(set->streams);
    gop_var x = zoo_observe(net, use, observed, &p), logits[ZOO_STREAMS];
    size_t i = 0;
    if (gop_net_training(net))
        zoo_expect_labels(net, use, &p);
    for (unsigned k = 0; k < ZOO_STREAMS; k++) {
        if (!(set->streams >> k & 1))
            continue;
        if (n > 1)
            gop_net_push(net, "%s", names[k]);
        logits[i++] = network(net, config, use, &p, zoo_stream_of(net, use, (zoo_pose_stream)k, x));
        if (n > 1)
            gop_net_pop(net);
    }
    zoo_classify(net, use, logits, n, set->weights.n > 0 ? &set->weights : NULL, &p);
    *ports = p;
}

/* ------------------------------------------------------------------------ fusion */

static const zoo_setting *find(const zoo_model_type *type, const char *key)
{
    return zoo_setting_find(type->options, key);
}

static gop_status fuse(const zoo_model_type *type, void *config, char (*prefix)[ZOO_NAME_SIZE],
                       const void *const *configs, size_t n, size_t *which, gop_error *err)
{
    const zoo_setting *stream = find(type, "stream"), *weights = find(type, "stream_weights");
    uint32_t all = 0, least = UINT32_MAX;
    size_t first = 0;
    if (stream == NULL || weights == NULL)
        return gop_fail(err, GOP_EINVAL, "type %s has no options of streams", type->name);
    for (size_t i = 0; i < n; i++) {
        uint32_t one;
        const zoo_setting *other = zoo_settings_difference(type->options, configs[0], configs[i],
                                                           "stream stream_weights");
        memcpy(&one, (const char *)configs[i] + stream->offset, sizeof one);
        *which = i;
        if (other != NULL)
            return gop_fail(err, GOP_EINVAL, "%s differs from the first model's", other->key);
        if (zoo_stream_name(one) == NULL)
            return gop_fail(err, GOP_EINVAL, "it already has several networks");
        if (all & one)
            return gop_fail(err, GOP_EINVAL, "another model has a network of its stream too");
        snprintf(prefix[i], sizeof prefix[i], "%s.", zoo_stream_name(one));
        all |= one;
        if (one < least) {
            least = one;
            first = i;
        }
    }
    memcpy(config, configs[first], type->config_size);
    memcpy((char *)config + stream->offset, &all, sizeof all);
    memset((char *)config + weights->offset, 0, zoo_setting_size(weights));
    *which = first;
    return GOP_OK;
}

const zoo_fusion zoo_stream_fusion = {fuse};

/* The streams of a model; 0 for a type without ZOO_STREAM_OPTIONS. */
static uint32_t streams_of(const zoo_model *m)
{
    uint32_t streams;
    const zoo_setting *s = m == NULL ? NULL : find(m->type, "stream");
    if (s == NULL || s->kind != ZOO_SETTING_SET || find(m->type, "stream_weights") == NULL)
        return 0;
    memcpy(&streams, m->config.bytes + s->offset, sizeof streams);
    return streams;
}

gop_status zoo_weigh_streams(zoo_model *fused, const zoo_model *const *models,
                             const zoo_list *weights, gop_error *err)
{
    if (fused == NULL || models == NULL || weights == NULL)
        return gop_fail(err, GOP_EINVAL, "zoo_weigh_streams: models and weights are needed");
    zoo_stream_set set = {.streams = streams_of(fused)};
    if (set.streams == 0)
        return gop_fail(err, GOP_EINVAL, "models of type %s have no weights of streams",
                        fused->type->name);
    if (weights->n != count(set.streams))
        return gop_fail(err, GOP_EINVAL, "%zu models need as many weights, not %u",
                        count(set.streams), (unsigned)weights->n);
    for (unsigned k = 0; k < ZOO_STREAMS; k++)
        for (size_t i = 0; set.streams >> k & 1 && i < weights->n; i++)
            if (streams_of(models[i]) == UINT32_C(1) << k)
                set.weights.v[set.weights.n++] = weights->v[i];
    gop_try(zoo_check_streams(&set, err));
    memcpy(fused->config.bytes + find(fused->type, "stream_weights")->offset, &set.weights,
           sizeof set.weights);
    return GOP_OK;
}
