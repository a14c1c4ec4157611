"""ProtoGCN (H. Liu, Y. Liu, M. Ren, H. Wang, Y. Wang, Z. Sun, Revealing Key Details to See
Differences: A Novel Prototypical Perspective for Skeleton-based Action Recognition, CVPR 2025):
DG-STGCN's spatial part, ST-GCN++'s temporal part, and in training a loss on the last block's
dynamic graphs, rebuilt from prototypes.  golden_layers.py states layouts.  Used by
make_recognisers.py; touches no file.

    G   = mean over bodies of (alpha S + beta P) of the last block       [N, V V, C], C = K mid
    R   = softmax(G W_query^T) W_memory^T                                prototypes' answer
    z   = mean_c relu(bn(W_post R + b))                                  [N, V V]
    f   = W_f z + b_f                                                    [N, H]
    m_y = 0.9 m_y + 0.1 mean of the f of the clips of class y that the classifier gets right
    L   = cross-entropy(scores) + weight cross-entropy(cos(f, m) / 0.125)

Parameters: those of dgstgcn without tcn.gamma, data_bn (channels [V, C]), fc; of training only

    proto.query             [P, C]         no bias
    proto.memory            [C, P]         no bias
    proto.post, proto.bn    linear, batch norm
    contrast                linear, V V to H
    contrast.running_mean   [classes, H]   m, a statistic; begins standard normal

What the text leaves open, as published: the temporal part has no gamma; dropout of 0.1 after the
memory (here 0); m takes its step before it is compared, and its gradient flows into f through the
step (0.1 times the mean), not into m's past; a class without such clips keeps its m; the classifier
gets a clip right if its largest score is the label's; weight is 0.2 (the classifier's scores get no
gradient from the second term).  There, m is no part of a checkpoint, and node pairs count [from,
to]; here [to, from].
"""
import torch
import torch.nn.functional as F

from golden_dgstgcn import graph_conv
from golden_layers import mixed_branches, residual, stack


def rebuilt(net, c, dynamic):
    """z from the last block's dynamic graphs [N B, K, mid, V, V]; node pairs count [to, from]."""
    g = dynamic.flatten(1, 2).flatten(2)
    g = g.reshape(-1, net.bodies, *g.shape[1:]).mean(1)                    # [N, C, V V]
    channels = g.shape[1]
    q = torch.softmax(net.linear("proto.query", g, c["prototypes"], bias=False), 1)
    r = net.linear("proto.post", net.linear("proto.memory", q, channels, bias=False), channels)
    return F.relu(net.bn("proto.bn", r)).mean(1)


def contrast(net, c, z, scores, labels):
    f = net.linear("contrast", z, c["hidden"])
    m = net.s("contrast.running_mean", c["classes"], c["hidden"])
    right = F.one_hot(labels, c["classes"]).to(f.dtype) * (scores.argmax(1) == labels)[:, None]
    count = right.sum(0)[:, None]
    step = (right.t() @ f) / count.clamp(min=1)
    moved = torch.where(count > 0, 0.9 * m + 0.1 * step, m)
    if net.training:
        net.stat["contrast.running_mean"] = moved.detach()
    cosine = F.normalize(f, dim=1, eps=1e-12) @ F.normalize(moved, dim=1, eps=1e-12).t()
    return F.cross_entropy(cosine / 0.125, labels)


def protogcn(net, c, x):
    last = []

    def block(name, x, out, stride, first):
        y, dynamic = graph_conv(net, name + "gcn.", x, out, c["groups"])
        last[:] = [dynamic]
        y = mixed_branches(net, name + "tcn", y, out, stride)
        return residual(net, name, y, x, out, stride, first)
    x = stack(net, c, net.data_bn("data_bn", x), block)
    logits = net.linear("fc", net.pooled(x), c["classes"])
    if net.training:
        z = rebuilt(net, c, last[0])
        net.further_loss = lambda y: c["weight"] * contrast(net, c, z, logits.detach(), y)
    return [logits]
