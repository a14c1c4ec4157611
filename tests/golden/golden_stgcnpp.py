"""ST-GCN++ (H. Duan, J. Wang, K. Chen, D. Lin, PYSKL: Towards Good Practices for Skeleton Action
Recognition, ACM MM 2022): ST-GCN with trained graphs, a residual in the spatial part and branches
in time.  golden_layers.py states layouts.  Used by make_recognisers.py; touches no file.

    Z = sum_k A_k (X W_k^T + b_k)                       section 3.2; A_k is trained as it stands
    Y = relu(bn(Z) + down(X))                           a residual inside the spatial module
    X' = relu(tcn(Y) + res(X))                          tcn: mixed_branches, no ReLU at its end

Parameters of block i, after "block.i.":

    gcn.A                   [3, V, V]      [subset, to, from], begins as spatial_graphs
    gcn.conv.weight         [3, out, in]
    gcn.bias                [out, 3]
    gcn.bn                                 batch norm of Z
    gcn.down.conv, .bn                     tc of one tap, batch norm: where the width changes
    tcn.branch.B.in, .bn1                  linear, batch norm; B = 0 to 4
    tcn.branch.B.conv                      tc: B = 0 to 3 three taps, B = 5 one tap
    tcn.mix_bn, tcn.mix, tcn.bn            batch norm, linear, batch norm
    res.conv, res.bn                       where the width or the stride changes; none in block 0

and data_bn (channels [V, C], bodies share them), fc.

What the text leaves open, as the published program (pyskl) has it: the widths of the branches
(out / 6, the first takes the rest); the first block has a residual inside, none outside; the bias
of W_k is added before A_k; no dropout.
"""
import torch
import torch.nn.functional as F

from golden_layers import mixed_branches, residual, stack


def graph_conv(net, name, x, out):
    v = x.shape[3]
    a = net.p(name + "gcn.A", 3, v, v)
    z = torch.einsum("kij,nkotj->noti", a, net.subsets(name + "gcn", x, out))
    z = net.bn(name + "gcn.bn", z)
    return F.relu(z + net.project(name + "gcn.down", x, out))


def stgcnpp(net, c, x):
    def block(name, x, out, stride, first):
        y = mixed_branches(net, name + "tcn", graph_conv(net, name, x, out), out, stride)
        return residual(net, name, y, x, out, stride, first)
    x = stack(net, c, net.data_bn("data_bn", x), block)
    return [net.linear("fc", net.pooled(x), c["classes"])]
