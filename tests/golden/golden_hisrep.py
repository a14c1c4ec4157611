"""HisRep (W. Mao, M. Liu, M. Salzmann, History Repeats Itself: Human Motion Prediction via Motion
Attention, ECCV 2020).  golden_motion.py states layouts.  Used by make_predictors.py; touches no
file.

Of a history of L frames, with K = the sum of both kernels - 1 and T' = `predicted`:

    q = f_q(the last K frames)
    k_i = f_k(frames i .. i + K - 1)                               i = 0 .. L - K - T'
    v_i = frames i .. i + K + T' - 1, times D^T                    D of K + T' frames, k rows
    a_i = (q . k_i + 1e-15) / sum_j (q . k_j + 1e-15)
    U = sum_i a_i v_i
    X = [the last K frames, the last frame T' times] D^T
    y = ([X, U] + GCN([X, U])), its first k coefficients, times D  K + T' frames
    loss = as LTD's, over the K + T' frames

f is two times (convolution over the frames without padding or bias, ReLU), all V trajectories its
channels.  The GCN is LTD's, with 2 k coefficients.

Parameters: query.conv1, key.conv1 (.weight [hidden, kernel, V]), query.conv2, key.conv2 (.weight
[hidden, kernel, hidden]); in.gc and so on as LTD's.

As the published program has it: poses go into f in metres, and into all else in millimetres
(`unit`, 0.001; without biases it matters for the 1e-15 alone); dropout 0.3.  More frames than T'
are predicted by steps: the history grows by the T' predicted frames, of which it is then made as
above.  The program requires K = 10, and K = T' for steps.
"""
import torch
import torch.nn.functional as F

from golden_motion import (cosines, padded, poses, residual_gcn, trajectories, trajectory_loss)


def embedded(net, name, x, c):
    """[N, V, frames] to [N, hidden, frames - K + 1]."""
    for i, kernel in enumerate(c["kernels"]):
        w = net.p("%s.conv%d.weight" % (name, i + 1), c["hidden"], kernel, x.shape[1])
        x = F.relu(F.conv1d(x, w.permute(0, 2, 1).contiguous()))
    return x


def step(net, c, x):
    """Trajectories of the history to those of the last K frames and the next T'."""
    n, v, frames = x.shape
    future, count, k = c["predicted"], c["coefficients"], sum(c["kernels"]) - 1
    d = cosines(k + future, count, x)
    q = embedded(net, "query", x[..., -k:] * c["unit"], c)
    keys = embedded(net, "key", x[..., :frames - future] * c["unit"], c)
    values = x.unfold(2, k + future, 1) @ d.t()              # [N, V, windows, count]
    a = torch.einsum("nhi,nhj->nj", q, keys) + 1e-15
    u = torch.einsum("nj,nvjc->nvc", a / a.sum(1, keepdim=True), values)
    y = torch.cat([padded(x[..., -k:], future) @ d.t(), u], 2)
    return residual_gcn(net, "", y, c["hidden"], c["blocks"])[..., :count] @ d


def hisrep(net, c, x, target):
    seen, truth = trajectories(x), trajectories(target)
    k = sum(c["kernels"]) - 1
    y = step(net, c, seen)
    loss = trajectory_loss(c, y, torch.cat([seen[..., -k:], truth], 2))
    frames, history = [y[..., k:]], torch.cat([seen, y[..., k:]], 2)
    for _ in range(c["steps"] - 1):                          # of an inference run
        frames.append(step(net, c, history)[..., k:])
        history = torch.cat([history, frames[-1]], 2)
    return poses(torch.cat(frames, 2), c["channels"]), loss
