"""DG-STGCN (H. Duan, J. Wang, K. Chen, D. Lin, DG-STGCN: Dynamic Spatial-Temporal Modeling for
Skeleton-based Action Recognition, arXiv 2210.05895, 2022).  golden_layers.py states layouts.  Used
by make_recognisers.py; touches no file.

    H    = relu(bn(W_pre x)), K groups of `mid` channels       section 3.2
    S_c  = tanh(mean_t theta(x)_ic - mean_t phi(x)_jc)         a graph for each group's channel
    P    = softmax over j of sum_c mean_t theta(x)_ic mean_t phi(x)_jc     a graph for each group
    Y    = relu(bn(W_post [(A + alpha S + beta P) H]) + down(X))
    X'   = relu(tcn(Y) + res(X))                               tcn: mixed_branches with gamma

Parameters of block i, after "block.i.":

    gcn.A                   [K, V, V]      [group, to, from], begins normal: mean 0.04, std 0.02
    gcn.alpha, gcn.beta     [1]            begin at 0; one for all groups
    gcn.pre, gcn.pre_bn     linear to K mid channels (group-major), batch norm
    gcn.theta, gcn.phi      linear to K mid channels
    gcn.post                linear, K mid to out
    gcn.bn, gcn.down.conv, .bn             as in ST-GCN++
    tcn.gamma               [V]            begins at 0
    tcn.(all of ST-GCN++), res.conv, res.bn

and data_bn (channels [V, C]), fc.  K = 8 groups, mid = out / K.

What the text leaves open, as published (pyskl): theta of the node that takes and phi of the one
that gives are shared by S and P; alpha and beta have K elements there, of which the first is used,
so K - 1 are never trained; pyskl writes giver minus taker, so the sign of alpha changes where its
weights come in; pooling over the nodes comes before the branches and enters their statistics.
"""
import torch
import torch.nn.functional as F

from golden_layers import mixed_branches, residual, stack


def dynamic_graphs(net, name, x, groups, mid):
    """alpha S + beta P: [N, K, mid, V, V]."""
    shape = (x.shape[0], groups, mid, x.shape[3])
    theta = net.linear(name + "theta", x, groups * mid).mean(2).view(shape)
    phi = net.linear(name + "phi", x, groups * mid).mean(2).view(shape)
    s = torch.tanh(theta.unsqueeze(-1) - phi.unsqueeze(-2))
    p = torch.softmax(torch.einsum("nkci,nkcj->nkij", theta, phi), -1).unsqueeze(2)
    return net.p(name + "alpha", 1) * s + net.p(name + "beta", 1) * p


def graph_conv(net, name, x, out, groups):
    """The spatial part, and the dynamic graphs that it made."""
    n, _, t, v = x.shape
    mid = out // groups
    h = F.relu(net.bn(name + "pre_bn", net.linear(name + "pre", x, groups * mid)))
    dynamic = dynamic_graphs(net, name, x, groups, mid)
    graph = net.p(name + "A", groups, v, v)[None, :, None] + dynamic
    y = torch.einsum("nkcij,nkctj->nkcti", graph, h.reshape(n, groups, mid, t, v))
    y = net.bn(name + "bn", net.linear(name + "post", y.reshape(n, groups * mid, t, v), out))
    return F.relu(y + net.project(name + "down", x, out)), dynamic


def dgstgcn(net, c, x):
    def block(name, x, out, stride, first):
        y, _ = graph_conv(net, name + "gcn.", x, out, c["groups"])
        y = mixed_branches(net, name + "tcn", y, out, stride, gamma=True)
        return residual(net, name, y, x, out, stride, first)
    x = stack(net, c, net.data_bn("data_bn", x), block)
    return [net.linear("fc", net.pooled(x), c["classes"])]
