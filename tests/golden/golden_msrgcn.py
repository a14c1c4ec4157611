"""MSR-GCN (L. Dang, Y. Nie, C. Long, Q. Zhang, G. Li, MSR-GCN: Multi-Scale Residual Graph
Convolution Networks for Human Motion Prediction, ICCV 2021).  golden_motion.py states layouts.
Used by make_predictors.py; touches no file.

Scales s = 0 .. S - 1 have V_s trajectories and width F_s; scale 0 has all joints, and a joint of
scale s + 1 is the mean of a group of those of scale s (`groups`).  Of each scale's poses:

    X_s = 2 ([x_1 .. x_T, x_T .. x_T] D^T - low) / (high - low) - 1       D of T + T' frames, k rows

low and high are the least and the largest of all coefficients and coordinates of the training set.
With gcn_n(x) = x + n blocks (x) and leaky ReLUs of slope 0.2:

    L_0 = gcn_b(act(bn(gc(X_0))))                                         descending
    L_s = gcn_b(act(bn(gc(down(L_(s-1))))))
    R_(S-1) = gcn_b(L_(S-1))                                              ascending
    R_s = gcn_b(crop([L_s; up(R_(s+1))]))                                 2 V_s nodes
    Y_s = X_s + gc(gcn_e(R_s)), but Y_(S-1) = X_(S-1) + gc(gcn_e(L_(S-1)))
    y_s = ((Y_s + 1) / 2 (high - low) + low) D                            T + T' frames
    loss = the sum over the scales of the mean over T + T' frames of the joints' distance

down, crop and the first half of up are act(bn(W x + b)) over the nodes, the second half of up is
the same over the features.  b = 3 blocks; e = 6 at scale 0, 1 at the others.

Parameters: left.s.in.gc, .in.bn, .block.i (as LTD's), .down (.weight [V_(s+1), V_s], .bias, .bn);
right.s.block.i, .up.nodes, .up.width (.weight, .bias, .bn), .crop; out.s.block.i, .gc.

As the published program has it: the widths 64, 128, 256, 512 (for 25 frames; 256 at all scales for
10); coarser poses enter the coarser outputs alone, the network sees X_0; the coarsest output is of
L, not R; the loss also covers the observed frames; dropout 0.1 after each activation (none here).
Its batch norms behind maps over nodes count f V + v.
"""
import torch
import torch.nn.functional as F

from golden_motion import (cosines, distance, gc, gc_block, node_norm, padded, poses, trajectories)


def act(x):
    return F.leaky_relu(x, 0.2)


def gcn(net, name, x, blocks):
    y = x
    for i in range(blocks):
        y = gc_block(net, "%sblock.%d" % (name, i), y, act)
    return x + y


def over_nodes(net, name, x, out):
    w, b = net.p(name + ".weight", out, x.shape[1]), net.p(name + ".bias", out)
    return act(node_norm(net, name + ".bn", torch.einsum("ov,nvf->nof", w, x) + b[:, None]))


def over_features(net, name, x, out):
    w, b = net.p(name + ".weight", out, x.shape[2]), net.p(name + ".bias", out)
    return act(node_norm(net, name + ".bn", x @ w.t() + b))


def coarser(x, groups, channels):
    """Trajectories of the means of groups of joints."""
    p = poses(x, channels)
    return trajectories(torch.stack([p[:, g].mean(1) for g in groups], 1))


def msrgcn(net, c, x, target):
    t, future, wide, ch = x.shape[2], c["predicted"], c["widths"], c["channels"]
    low, span = c["low"], c["high"] - c["low"]
    seen, truth = [trajectories(x)], [trajectories(torch.cat([x, target], 2))]
    for groups in c["groups"]:
        seen.append(coarser(seen[-1], groups, ch))
        truth.append(coarser(truth[-1], groups, ch))
    d = cosines(t + future, c["coefficients"], x)
    into = [2 * (padded(s, future) @ d.t() - low) / span - 1 for s in seen]
    nodes, last = [s.shape[1] for s in seen], len(seen) - 1

    left, y = [], into[0]
    for s in range(last + 1):
        name = "left.%d." % s
        y = act(node_norm(net, name + "in.bn", gc(net, name + "in.gc", y, wide[s])))
        left.append(gcn(net, name, y, c["blocks"]))
        if s < last:
            y = over_nodes(net, name + "down", left[s], nodes[s + 1])

    right = list(left)
    for s in range(last, -1, -1):
        name = "right.%d." % s
        if s < last:
            up = "right.%d.up." % (s + 1)
            y = over_nodes(net, up + "nodes", right[s + 1], nodes[s])
            y = over_features(net, up + "width", y, wide[s])
            right[s] = over_nodes(net, name + "crop", torch.cat([left[s], y], 1), nodes[s])
        right[s] = gcn(net, name, right[s], c["blocks"])

    out, loss = [], 0
    for s in range(last + 1):
        name = "out.%d." % s
        y = gcn(net, name, left[s] if s == last else right[s], c["extra"][s])
        y = into[s] + gc(net, name + "gc", y, c["coefficients"])
        out.append(((y + 1) / 2 * span + low) @ d)
        loss = loss + distance(out[s], truth[s], ch)
    return poses(out[0][..., t:], ch), loss
