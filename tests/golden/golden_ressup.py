"""Residual sup. (J. Martinez, M. J. Black, J. Romero, On human motion prediction using recurrent
neural networks, CVPR 2017), with encoder and decoder tied.  Used by make_predictors.py; touches no
file.

    r, z = sigmoid(W x + U h + b)                           the gates, h = 0 before the first frame
    n = tanh(W x + U (r h) + b)                             the reset gate before the product
    h' = (1 - z) n + z h
    y = x + V h' + c                                        a residual: the network gives velocities

The encoder runs through all observed frames but the last, and its y are not used.  The decoder
continues with the last observed frame, then with its own y (also in training,
and gradients flow through them).  x has the pose, M C numbers (joint m's channel c at m C + c), and
with `actions` the class, one-hot; y has the same width, and the decoder's own classes go in as
they come out.

    loss = the mean over clips, frames and the width of x of (y - true)^2

Parameters: gru.weight_ih [3 hidden, width], gru.weight_hh [3 hidden, hidden], gru.bias [3 hidden]
(gates r, z, n); out.weight [width, hidden], out.bias.  With reset=after, of ports to PyTorch,
n = tanh(W x + b_ih + r (U h + b_hh)), and gru.bias_ih and gru.bias_hh are in place of gru.bias.
"""
import torch


def cell(net, c, x, h):
    k, after = c["hidden"], c["reset"] == "after"
    wi = net.p("gru.weight_ih", 3 * k, x.shape[1])
    wh = net.p("gru.weight_hh", 3 * k, k)
    bi = net.p("gru.bias_ih" if after else "gru.bias", 3 * k)
    i = x @ wi.t() + bi
    if after:
        m = h @ wh.t() + net.p("gru.bias_hh", 3 * k)
        gates, n = torch.sigmoid(i + m)[:, :2 * k], m[:, 2 * k:]
        n = torch.tanh(i[:, 2 * k:] + gates[:, :k] * n)
    else:
        gates = torch.sigmoid(i[:, :2 * k] + h @ wh[:2 * k].t())
        n = torch.tanh(i[:, 2 * k:] + (gates[:, :k] * h) @ wh[2 * k:].t())
    return (1 - gates[:, k:]) * n + gates[:, k:] * h


def ressup(net, c, x, target, labels=None):
    n, m, t, ch = x.shape
    seen = x.permute(2, 0, 1, 3).reshape(t, n, m * ch)
    truth = target.permute(2, 0, 1, 3).reshape(-1, n, m * ch)
    if c["actions"]:
        one = torch.eye(c["classes"], dtype=x.dtype)[labels]
        seen, truth = (torch.cat([p, one.expand(len(p), *one.shape)], 2) for p in (seen, truth))
    h = torch.zeros(n, c["hidden"], dtype=x.dtype)
    for frame in seen[:-1]:
        h = cell(net, c, frame, h)
    y, frames = seen[-1], []
    for _ in range(c["predicted"]):
        h = cell(net, c, y, h)
        y = y + net.linear("out", h, y.shape[1])
        frames.append(y)
    y = torch.stack(frames)
    loss = (y - truth).square().mean()
    return y[..., :m * ch].reshape(-1, n, m, ch).permute(1, 2, 0, 3), loss
