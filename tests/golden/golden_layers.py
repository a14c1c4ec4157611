"""What the networks that only recognise are made of: a store of parameters by name, the layers that
they share, the graphs of a skeleton.  Values are [N B, C, T, V], the B bodies of a clip together.
Graphs of this file are [.., to, from].  Used by golden_<model>.py; touches no file.

Names and shapes of the layers, after the layer's own name:

    linear       .weight [out, in], .bias [out]
    tc           .weight [out, taps, in], .bias [out]
    bn           .weight, .bias, .running_mean, .running_var [channels]
    data_bn      the same, channels [V, C] or, of `mvc`, [B, V, C]
    project      .conv (tc with one tap), .bn
    branches     .branch.B.in (linear), .bn1, .conv (tc), .bn2; see `branches`
"""
import numpy as np
import torch
import torch.nn.functional as F

from golden_case import parameter

# nodes, centre, and (node, its neighbour towards the centre), NTU's as published, from 1.
NTU = [(1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9),
       (11, 10), (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18),
       (20, 19), (22, 23), (23, 8), (24, 25), (25, 12)]
BODY = {"tiny5": (5, 2, [(0, 1), (1, 2), (3, 2), (4, 3)]),
        "ntu25": (25, 20, [(a - 1, b - 1) for a, b in NTU]),
        "hand21": (21, 0, [(i, i - 1 if i % 4 != 1 else 0) for i in range(1, 21)])}


class Net:
    """Parameters and statistics by name, made on first use: `make(name, shape)`."""

    def __init__(self, skeleton, training, bodies=1, make=parameter):
        self.nodes, self.centre, self.inward = BODY[skeleton]
        self.training, self.bodies, self.make = training, bodies, make
        self.momentum = 0.1     # of batch norms' statistics
        self.par, self.stat, self.constants = {}, {}, {}
        self.further_loss = None    # of the labels; a training run may set it

    def p(self, name, *shape):
        if name not in self.par:
            self.par[name] = self.make(name, shape).requires_grad_()
        return self.par[name]

    def s(self, name, *shape):
        if name not in self.stat:
            self.stat[name] = self.make(name, shape)
        return self.stat[name]

    def fixed(self, name, make):
        """A constant that depends on the skeleton and the configuration alone."""
        if name not in self.constants:
            self.constants[name] = make()
        return self.constants[name]

    def bn(self, name, x):
        """Channels are axis 1."""
        n = x.shape[1]
        w, b = self.p(name + ".weight", n), self.p(name + ".bias", n)
        mean, var = self.s(name + ".running_mean", n), self.s(name + ".running_var", n)
        return F.batch_norm(x, mean, var, w, b, self.training, self.momentum, 1e-5)

    def data_bn(self, name, x, mvc=False):
        """Each channel of each node, and of `mvc` of each body, is a channel."""
        n, c, t, v = x.shape
        rows = n // self.bodies if mvc else n
        x = self.bn(name, x.permute(0, 3, 1, 2).reshape(rows, n // rows * v * c, t))
        return x.view(n, v, c, t).permute(0, 2, 3, 1)

    def tc(self, name, x, out, taps, stride, dilation=1):
        w = self.p(name + ".weight", out, taps, x.shape[1]).permute(0, 2, 1).unsqueeze(-1)
        b, pad = self.p(name + ".bias", out), (dilation * (taps - 1) // 2, 0)
        return F.conv2d(x, w.contiguous(), b, (stride, 1), pad, (dilation, 1))

    def linear(self, name, x, out, bias=True):
        """Of axis 1."""
        w = self.p(name + ".weight", out, x.shape[1])
        b = self.p(name + ".bias", out) if bias else None
        return F.linear(x.movedim(1, -1), w, b).movedim(-1, 1)

    def subsets(self, name, x, out, order=(0, 1, 2)):
        """W_k X + b_k for each k: [N, K, out, T, V]."""
        w = self.p(name + ".conv.weight", 3, out, x.shape[1])[list(order)]
        b = self.p(name + ".bias", out, 3)[:, list(order)]
        return torch.einsum("koc,nctv->nkotv", w, x) + b.t()[None, :, :, None, None]

    def pooled(self, x):
        """The mean over nodes and frames, then over the bodies of a clip: [N, C]."""
        return x.mean((2, 3)).view(-1, self.bodies, x.shape[1]).mean(1)

    def project(self, name, x, out, stride=1):
        """x, or a 1x1 convolution with batch norm if channels or frames change."""
        if x.shape[1] == out and stride == 1:
            return x
        return self.bn(name + ".bn", self.tc(name + ".conv", x, out, 1, stride))


def widths_of(out, n, first=True):
    """Channels of n branches; the first (or the last) takes what the division leaves over."""
    each = out // n
    rest = out - each * (n - 1)
    return [rest] + [each] * (n - 1) if first else [each] * (n - 1) + [rest]


def branches(net, name, x, widths, taps, dilations, stride, closing):
    """One convolution for each dilation, a maximum over three frames, a 1x1 convolution, side by
    side: all but the last begin with linear, bn1, ReLU; the stride is that of the second half.
    `closing`: each ends with bn2.  The last has no linear map before its `conv`."""
    out = []
    for b, width in enumerate(widths):
        branch = "%s.branch.%d." % (name, b)
        y, last = x, b == len(widths) - 1
        if not last:
            y = F.relu(net.bn(branch + "bn1", net.linear(branch + "in", y, width)))
        if b < len(dilations):
            y = net.tc(branch + "conv", y, width, taps, stride, dilations[b])
        elif last:
            y = net.tc(branch + "conv", y, width, 1, stride)
        else:
            y = F.max_pool2d(y, (3, 1), (stride, 1), (1, 0))
        out.append(net.bn(branch + "bn2", y) if closing else y)
    return torch.cat(out, 1)


def mixed_branches(net, name, x, out, stride, gamma=False):
    """ST-GCN++'s temporal part (Duan et al. 2022, figure 3): six branches, dilations 1 to 4; their
    concatenation through batch norm, ReLU, a linear map; a batch norm.  `gamma`: DG-STGCN's
    dynamic joint-skeleton fusion: the mean over nodes goes through the branches as one more node
    (and counts in the statistics of their batch norms), then to node v times gamma[v]."""
    v = x.shape[3]
    if gamma:
        x = torch.cat([x, x.mean(3, keepdim=True)], 3)
    y = branches(net, name, x, widths_of(out, 6), 3, (1, 2, 3, 4), stride, False)
    if gamma:
        y = y[..., :v] + y[..., v:] * net.p(name + ".gamma", v)
    y = net.linear(name + ".mix", F.relu(net.bn(name + ".mix_bn", y)), out)
    return net.bn(name + ".bn", y)


def stack(net, c, x, block):
    """The blocks one after another: block(name, x, width, stride, whether it is the first)."""
    for i, (out, stride) in enumerate(zip(c["widths"], c["strides"])):
        x = block("block.%d." % i, x, out, stride, i == 0)
    return x


def residual(net, name, y, x, out, stride, first):
    """relu(y + what the block got); the first block has no residual."""
    return F.relu(y if first else y + net.project(name + "res", x, out, stride))


# -------------------------------------------------------------------------- graphs

def spatial_graphs(body, columns=False):
    """The graphs that A begins as, [to, from]: self, the neighbour towards the centre, the mean of
    the others.  Rows sum to 1 or are nought.  `columns`, of CTR-GCN's authors, who apply the same
    matrices transposed: self, the sum of the nodes farther out, and the nearer one over the number
    of its neighbours farther out; columns sum to 1 or are nought."""
    nodes, _, inward = BODY[body]
    a = np.zeros((nodes, nodes))
    for child, parent in inward:
        a[child, parent] = 1
    rows = np.stack([m / np.maximum(m.sum(1, keepdims=True), 1) for m in (np.eye(nodes), a, a.T)])
    return torch.tensor(rows.transpose(0, 2, 1) if columns else rows)
