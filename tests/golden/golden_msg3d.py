"""MS-G3D (Z. Liu, H. Zhang, Z. Chen, Z. Wang, W. Ouyang, Disentangling and Unifying Graph
Convolutions for Skeleton-Based Action Recognition, CVPR 2020).  golden_layers.py states layouts.
Used by make_recognisers.py; touches no file.

    A~_k   ij is 1 where the distance of i and j is k, or i = j                      eq. 3
    GCN(X)   = relu(bn(sum_k (norm(A~_k) + B_k) X W_k^T + b))                        eq. 4
    window   node (w, v) is joint v, w frames into a window; its graph is w x w copies of the
             skeleton with loops, its scales as above                                eq. 5, 6
    G3D_w(X) = bn(sum over the window of relu(GCN of the windows) W_out[w] + b)      section 3.3
    Y  = relu(TCN(TCN(GCN(X))) + sum over window sizes of G3D(X)),   X' = TCN(Y)     figure 3

A TCN is `branches` (dilations 1 to 4, three taps, each closed by bn2) plus its residual, then ReLU;
the second TCN of a block has none.

Parameters of block i, after "block.i.":

    gcn.B                   [K, V, V]      [scale, to, from], begins uniform within 1e-6
    gcn.conv.weight, .bias  [K, out, in], [out]         scales are summed
    gcn.bn
    tcn.J.branch.B.in, .bn1, .conv, .bn2                J = 0, 1 after gcn; J = 2 after the sum
    tcn.J.res.conv, .bn                    tc of one tap, where the width or the stride changes
    g3d.W.B                 [K', w V, w V]              W: which of the window sizes
    g3d.W.conv.weight, .bias               [K', mid, in], [mid]; mid: out in block 0, else in
    g3d.W.bn
    g3d.W.out               tc of w taps, mid to out, over the frames of a window: [out, w, mid]
    g3d.W.out_bn

and data_bn (channels [B, V, C]: each body has its own), fc.

What the text leaves open, as published: gcn of the second and third block keeps its width, and
their first TCN makes the block's width and stride; windows have the block's stride and are padded
with zeros; scales have loops; mid is as above (the width changes as windows collapse); ReLU twice
on a window's graph convolution is one.  norm is D^-1/2 A D^-1/2 (`norm=symmetric`); pyskl
normalises what a node takes (`norm=rows`).
"""
import numpy as np
import torch
import torch.nn.functional as F

from golden_layers import branches, widths_of


def scales(near, n, norm):
    """[n, V, V] of a graph with loops: distance exactly k, and loops."""
    eye, out, reach = np.eye(len(near)), [], np.eye(len(near))
    for k in range(n):
        grown = ((reach @ near) > 0).astype(float) if k > 0 else reach
        a = grown - reach + eye
        d = a.sum(1)
        out.append(a / np.sqrt(d[:, None] * d[None]) if norm == "symmetric" else a / d[:, None])
        reach = grown
    return torch.tensor(np.stack(out))


def skeleton(net):
    near = np.eye(net.nodes)
    for a, b in net.inward:
        near[a, b] = near[b, a] = 1
    return near


def graph_conv(net, name, x, near, n, norm, out):
    """Without the ReLU."""
    a = net.fixed(name + "A", lambda: scales(near, n, norm).to(x.dtype))
    a = a + net.p(name + "B", n, len(near), len(near))
    w, b = net.p(name + "conv.weight", n, out, x.shape[1]), net.p(name + "conv.bias", out)
    y = torch.einsum("koc,nkcti->noti", w, torch.einsum("kij,nctj->nkcti", a, x))
    return net.bn(name + "bn", y + b[:, None, None])


def tcn(net, name, x, out, stride, act=True):
    y = branches(net, name, x, widths_of(out, 6, False), 3, (1, 2, 3, 4), stride, True)
    y = y + net.project(name + ".res", x, out, stride)
    return F.relu(y) if act else y


def windows(x, size, stride):
    """[N, C, T, V] -> [N, C, T', size V], zeros before the first frame and after the last."""
    pad = (size - 1) // 2
    x = F.pad(x, (0, 0, pad, pad)).unfold(2, size, stride)           # [N, C, T', V, size]
    return x.permute(0, 1, 2, 4, 3).flatten(3)


def g3d(net, name, x, c, size, out, stride, first):
    n, mid = x.shape[0], out if first else x.shape[1]
    near = np.tile(skeleton(net), (size, size))
    x = windows(x, size, stride)
    y = F.relu(graph_conv(net, name, x, near, c["g3d_scales"], c["norm"], mid))
    y = y.view(n, mid, -1, size, net.nodes)
    w, b = net.p(name + "out.weight", out, size, mid), net.p(name + "out.bias", out)
    return net.bn(name + "out_bn", torch.einsum("owc,nctwv->notv", w, y) + b[:, None, None])


def msg3d(net, c, x):
    x = net.data_bn("data_bn", x, mvc=True)
    for i, (out, stride) in enumerate(zip(c["widths"], c["strides"])):
        name = "block.%d." % i
        y = F.relu(graph_conv(net, name + "gcn.", x, skeleton(net), c["scales"], c["norm"],
                              out if i == 0 else x.shape[1]))
        y = tcn(net, name + "tcn.0", y, out, stride)
        y = tcn(net, name + "tcn.1", y, out, 1, act=False)
        for w, size in enumerate(c["windows"]):
            y = y + g3d(net, "%sg3d.%d." % (name, w), x, c, size, out, stride, i == 0)
        x = tcn(net, name + "tcn.2", F.relu(y), out, 1)
    return [net.linear("fc", net.pooled(x), c["classes"])]
