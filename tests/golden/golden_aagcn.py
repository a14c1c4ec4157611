"""AAGCN, the network of MS-AAGCN (L. Shi, Y. Zhang, J. Cheng, H. Lu, Skeleton-Based Action
Recognition with Multi-Stream Adaptive Graph Convolutional Networks, IEEE TIP 2020), section III:
2s-AGCN with a trained graph that begins as the skeleton's, a gate on the inferred one and three
attentions.  golden_layers.py states layouts.  Used by make_recognisers.py; touches no file.

    C_k = tanh(phi_k(x)_i . theta_k(x)_j / (C_e T))            i takes and j gives
    Z   = sum_k (B_k + alpha C_k) X W_k^T + b_k
    Y   = relu(bn(Z) + down(X))
    Y   = Y + Y sigmoid(g_s(mean_t Y))                         joints
    Y   = Y + Y sigmoid(g_t(mean_v Y))                         frames
    Y   = Y + Y sigmoid(W_2 relu(W_1 mean_tv Y))               channels
    X'  = relu(bn(TC(Y)) + res(X))

Parameters of block i, after "block.i.", the names of agcn where it has them:

    B                       [3, V, V]      [subset, to, from], begins as spatial_graphs
    alpha                   [1]            begins at 0; one for the three subsets
    graph.K.theta, .phi     linear, in to out / 4
    conv.K                  linear, in to out
    bn1, down.conv, down.bn                as in agcn
    att.joint               tc over the joints, [1, taps, out], taps: V, or V - 1 if V is even
    att.frame               tc over the frames, [1, 9, out]
    att.squeeze, .excite    linear, out to out / 2 and back
    tcn, bn2, res.conv, res.bn             as in agcn

and data_bn (channels [B, V, C]: each body has its own), fc.

What the text leaves open, as published: tanh where 2s-AGCN has a softmax; one alpha a block; the
order of the attentions (joints, frames, channels) and that each adds to its input; they come before
the temporal part, in every block.  pyskl's network is the same.
"""
import torch
import torch.nn.functional as F

from golden_layers import residual, stack


def graph_conv(net, name, x, out, shrink):
    n, _, _, v = x.shape
    fixed, alpha = net.p(name + "B", 3, v, v), net.p(name + "alpha", 1)
    y = 0
    for k in range(3):
        theta = net.linear(name + "graph.%d.theta" % k, x, out // shrink).reshape(n, -1, v)
        phi = net.linear(name + "graph.%d.phi" % k, x, out // shrink).reshape(n, -1, v)
        inferred = torch.tanh(torch.einsum("ndj,ndi->nij", theta, phi) / theta.shape[1])
        graph = fixed[k] + alpha * inferred
        y = y + net.linear(name + "conv.%d" % k, torch.einsum("nij,nctj->ncti", graph, x), out)
    return F.relu(net.bn(name + "bn1", y) + net.project(name + "down", x, out))


def attention(net, name, y):
    c, v = y.shape[1], y.shape[3]
    joints = y.mean(2).unsqueeze(-1)                     # as frames: [N, C, V, 1]
    gate = torch.sigmoid(net.tc(name + "joint", joints, 1, v - 1 + v % 2, 1))
    if gate.shape[2] != v:
        raise ValueError("the kernel over the joints does not keep their number")
    y = y + y * gate.permute(0, 1, 3, 2)
    y = y + y * torch.sigmoid(net.tc(name + "frame", y.mean(3, keepdim=True), 1, 9, 1))
    z = F.relu(net.linear(name + "squeeze", y.mean((2, 3), keepdim=True), c // 2))
    return y + y * torch.sigmoid(net.linear(name + "excite", z, c))


def aagcn(net, c, x):
    def block(name, x, out, stride, first):
        y = attention(net, name + "att.", graph_conv(net, name, x, out, c["shrink"]))
        y = net.bn(name + "bn2", net.tc(name + "tcn", y, out, c["taps"], stride))
        return residual(net, name, y, x, out, stride, first)
    x = stack(net, c, net.data_bn("data_bn", x, mvc=True), block)
    return [net.linear("fc", net.pooled(x), c["classes"])]
