"""The first two networks that only recognise, ST-GCN and 2s-AGCN, from the papers (Yan et al. 2018,
Shi et al. 2019) and from how the authors' published programs are built: values are [N, C, T, V],
graphs are [from, to], subsets are in the authors' order.  Parameters have the zoo's names and
shapes.  Used by make_recognisers.py; touches no file.
"""
import numpy as np
import torch
import torch.nn.functional as F

# ------------------------------------------------------------------------- ST-GCN

def distance_graphs(net):
    """Root, close, further: entry [j, i] is what i takes of j, one over i's column of the whole
    adjacency.  `close` are the j farther from the centre than i, as published."""
    v = net.nodes
    hop = np.where(np.eye(v) > 0, 0, np.inf)
    for a, b in net.inward:
        hop[a, b] = hop[b, a] = 1
    for k in range(v):
        hop = np.minimum(hop, hop[:, k:k + 1] + hop[k:k + 1])
    near = (hop <= 1).astype(float)
    near /= near.sum(0, keepdims=True)
    d = hop[net.centre]
    same, close = d[:, None] == d[None], d[:, None] > d[None]
    return torch.tensor(np.stack([near * same, near * close, near * ~(same | close)]))


def stgcn_block(net, name, x, a, c, i):
    out, stride = c["widths"][i], c["strides"][i]
    order = (0, 2, 1)   # the zoo has those nearer to the centre first
    if c["importance"]:
        a = a * net.p(name + "importance", *a.shape)[list(order)].transpose(1, 2)
    z = net.subsets(name + "gcn", x, out, order)
    y = F.relu(net.bn(name + "bn1", torch.einsum("nkctv,kvw->nctw", z, a)))
    y = net.bn(name + "bn2", net.tc(name + "tcn", y, out, c["taps"], stride))
    if i == 0:
        return F.relu(y)
    if x.shape[1] != out or stride != 1:
        x = net.bn(name + "res_bn", net.tc(name + "res", x, out, 1, stride))
    return F.relu(y + x)


def stgcn(net, c, x):
    a = c["graphs"] if "graphs" in c else net.fixed("A", lambda: distance_graphs(net))
    a = a.to(x.dtype)
    x = net.data_bn("data_bn", x)
    for i in range(len(c["widths"])):
        x = stgcn_block(net, "block.%d." % i, x, a, c, i)
    return [net.linear("fc", net.pooled(x), c["classes"])]


# ------------------------------------------------------------------------ 2s-AGCN

def directed_graphs(net):
    """Self, inward, outward, [from, to]; each column of each sums to 1 or is nought."""
    v = net.nodes
    inward = np.zeros((v, v))
    for child, parent in net.inward:
        inward[parent, child] = 1
    a = np.stack([np.eye(v), inward, inward.T])
    return torch.tensor(a / np.maximum(a.sum(1, keepdims=True), 1))


def agcn_gcn(net, name, x, a, c, out):
    n, _, t, v = x.shape
    a = a + net.p(name + "B", 3, v, v).transpose(1, 2)
    wide, y = out // c["shrink"], 0
    for k in range(3):
        theta = net.linear(name + "graph.%d.theta" % k, x, wide).permute(0, 3, 1, 2)
        phi = net.linear(name + "graph.%d.phi" % k, x, wide)
        s = theta.reshape(n, v, -1) @ phi.reshape(n, -1, v) / (wide * t)
        mixed = torch.einsum("nctv,nvw->nctw", x, torch.softmax(s, -2) + a[k])
        y = y + net.linear(name + "conv.%d" % k, mixed, out)
    y = net.bn(name + "bn1", y)
    x = x.contiguous()
    if x.shape[1] != out:
        x = net.bn(name + "down.bn", net.tc(name + "down.conv", x, out, 1, 1))
    return F.relu(y + x)


def agcn_stream(net, name, c, x):
    a = directed_graphs(net).to(x.dtype)
    x = net.data_bn(name + "data_bn", x, mvc=True)
    for i, (out, stride) in enumerate(zip(c["widths"], c["strides"])):
        block = "%sblock.%d." % (name, i)
        y = agcn_gcn(net, block, x, a, c, out)
        y = net.bn(block + "bn2", net.tc(block + "tcn", y, out, c["taps"], stride))
        if i > 0 and (x.shape[1] != out or stride != 1):
            x = net.bn(block + "res.bn", net.tc(block + "res.conv", x, out, 1, stride))
        x = F.relu(y + x if i > 0 else y)
    return net.linear(name + "fc", net.pooled(x), c["classes"])


def bones(net, x):
    y = torch.zeros_like(x)
    for node, towards in net.inward:
        y[..., node] = x[..., node] - x[..., towards]
    return y


def agcn(net, c, x):
    logits = []
    if c["stream"] != "bone":
        logits.append(agcn_stream(net, "joint.", c, x))
    if c["stream"] != "joint":
        logits.append(agcn_stream(net, "bone.", c, bones(net, x)))
    return logits
