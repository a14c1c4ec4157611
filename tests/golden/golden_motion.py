"""What the networks that predict are made of: trajectories and their cosine transform, graph
convolutions with a dense trained graph, the losses.  golden_layers.Net stores the parameters.
Used by golden_<model>.py; touches no file.

Poses are [N, M, T, C].  The trajectories of a clip are [N, V, T], V = M C, with joint m's
coordinate c at m C + c.  Features are [N, V, F].  Names and shapes, after the layer's own name:

    gc           .A [V, V] (to, from), .weight [out, in], .bias [out]
    bn           .weight, .bias, .running_mean, .running_var [V F], node v's feature f at v F + f
"""
import math

import torch


def trajectories(x):
    n, m, t, c = x.shape
    return x.permute(0, 1, 3, 2).reshape(n, m * c, t)


def poses(x, channels):
    n, v, t = x.shape
    return x.reshape(n, v // channels, channels, t).permute(0, 1, 3, 2)


def cosines(frames, count, like):
    """The first `count` rows of the orthonormal transform (DCT-II), [count, frames]:

        D[k, t] = sqrt((1 + [k > 0]) / T) cos(pi k (t + 1/2) / T)

    The inverse is the transpose.
    """
    k = torch.arange(count, dtype=torch.float64)[:, None]
    t = torch.arange(frames, dtype=torch.float64)[None]
    d = torch.cos(math.pi * k * (t + 0.5) / frames) * math.sqrt(2 / frames)
    d[0] /= math.sqrt(2)
    return d.to(like.dtype)


def padded(x, frames):
    """x followed by its last frame, `frames` times."""
    return torch.cat([x, x[..., -1:].expand(*x.shape[:-1], frames)], -1)


def gc(net, name, x, out):
    """A (x W^T) + b, the graph trained and dense."""
    v, wide = x.shape[1:]
    a = net.p(name + ".A", v, v)
    w, b = net.p(name + ".weight", out, wide), net.p(name + ".bias", out)
    return torch.einsum("ij,njf->nif", a, x @ w.t()) + b


def node_norm(net, name, x):
    """Batch norm of each feature of each node, over the batch alone."""
    return net.bn(name, x.flatten(1)).view(x.shape)


def gc_block(net, name, x, activation):
    """x + two times (gc, batch norm, activation); dropout would follow each activation."""
    y = x
    for i in "12":
        y = gc(net, name + ".gc" + i, y, x.shape[2])
        y = activation(node_norm(net, name + ".bn" + i, y))
    return x + y


def residual_gcn(net, name, x, hidden, blocks):
    """The predictor of LTD and of its successor: [N, V, k] to the same shape."""
    y = torch.tanh(node_norm(net, name + "in.bn", gc(net, name + "in.gc", x, hidden)))
    for i in range(blocks):
        y = gc_block(net, "%sblock.%d" % (name, i), y, torch.tanh)
    return x + gc(net, name + "out.gc", y, x.shape[2])


# -------------------------------------------------------------------------- losses

def distance(a, b, channels):
    """The mean over clips, frames and joints of the joints' distance."""
    return (poses(a, channels) - poses(b, channels)).norm(dim=3).mean()


def angle_distance(a, b):
    """The mean over clips and frames of the sum over the angles of the absolute difference."""
    return (a - b).abs().sum(1).mean()


def trajectory_loss(c, a, b):
    return angle_distance(a, b) if c.get("loss") == "angle" else distance(a, b, c["channels"])
