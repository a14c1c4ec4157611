"""CTR-GCN (Y. Chen, Z. Zhang, C. Yuan, B. Li, Y. Deng, W. Hu, Channel-wise Topology Refinement
Graph Convolution for Skeleton-Based Action Recognition, ICCV 2021), section 3.2.  golden_layers.py
states layouts.  Used by make_recognisers.py; touches no file.

    q_ij = tanh(mean_t theta(x)_i - mean_t phi(x)_j)           M_1; i takes, j gives
    R_c  = A + alpha (W_xi q + b_xi)_c                         a graph for each channel c
    z_ic = sum_j R_cij (W_c x_j + b_c)                         for each of three A
    Y    = relu(bn(sum of three z) + down(X))
    X'   = relu(tcn(Y) + res(X))

Parameters of block i, after "block.i.":

    gcn.A                   [3, V, V]      [subset, to, from], begins as spatial_graphs(columns)
    gcn.alpha               [1]            begins at 0; one for the three subsets
    gcn.K.theta, .phi       linear         to R channels: 8 if `in` is at most 16, else in / 8
    gcn.K.relate            linear         xi, R to out
    gcn.K.value             linear         in to out
    gcn.bn, gcn.down.conv, .bn             as in ST-GCN++
    tcn.branch.B.in, .bn1                  B = 0, 1, 2
    tcn.branch.B.conv                      tc: B = 0, 1 five taps, dilations 1, 2; B = 3 one tap
    tcn.branch.B.bn2                       of all four
    res.conv, res.bn                       none in block 0

and data_bn (channels [B, V, C]: each body has its own), fc.

What the text leaves open, as published: the mean over time comes after theta and phi (the same, as
they are linear); R (of narrow blocks as in pyskl: the authors give 8 to 3 or 9 channels only,
which is the same from a width of 64 on); one alpha a block, beginning at 0; the order of
theta and phi (the paper's M_1 is anti-symmetric in them).  pyskl differs: it applies a ReLU to the
temporal part before the residual is added (`inner_relu=1`; the authors do not), lets node u give
where the authors let it take (so A is transposed, theta and phi change places and W_xi changes its
sign: tanh is odd; the same function of other names), and begins as spatial_graphs without columns.
"""
import torch
import torch.nn.functional as F

from golden_layers import branches, residual, stack, widths_of


def graph_conv(net, name, x, out):
    v, channels = x.shape[3], x.shape[1]
    a, alpha = net.p(name + "A", 3, v, v), net.p(name + "alpha", 1)
    rel = 8 if channels <= 16 else channels // 8
    y = 0
    for k in range(3):
        one = "%s%d." % (name, k)
        theta = net.linear(one + "theta", x, rel).mean(2)
        phi = net.linear(one + "phi", x, rel).mean(2)
        q = torch.tanh(theta.unsqueeze(-1) - phi.unsqueeze(-2))
        graph = a[k] + alpha * net.linear(one + "relate", q, out)
        y = y + torch.einsum("ncij,nctj->ncti", graph, net.linear(one + "value", x, out))
    return F.relu(net.bn(name + "bn", y) + net.project(name + "down", x, out))


def ctrgcn(net, c, x):
    def block(name, x, out, stride, first):
        y = graph_conv(net, name + "gcn.", x, out)
        y = branches(net, name + "tcn", y, widths_of(out, 4, False), 5, (1, 2), stride, True)
        return residual(net, name, F.relu(y) if c.get("inner_relu") else y, x, out, stride, first)
    x = stack(net, c, net.data_bn("data_bn", x, mvc=True), block)
    return [net.linear("fc", net.pooled(x), c["classes"])]
