"""siMLPe (W. Guo, Y. Du, X. Shen, V. Lepetit, X. Alameda-Pineda, F. Moreno-Noguer, Back to MLP: A
Simple Baseline for Human Motion Prediction, WACV 2023).  golden_motion.py states layouts.  Used by
make_predictors.py and check_weights.py; touches no file.

    z = W_in D x + b_in                              D over all frames, W_in over V
    z = z + LN(z W_i^T + b_i)        i = 1 .. blocks; W_i over the coefficients, LN over V
    y = x_T + D^-1 (W_out z + b_out)                 its first `predicted` frames
    loss = mean distance of joints + mean distance of their velocities

Parameters: in, out (.weight [V, V], .bias [V]); block.i.time (.weight [T, T], .bias [T]);
block.i.norm (.weight, .bias [V]), epsilon 1e-5, variance over V.

As the published program has it: velocities are differences of the predicted frames alone, so that
there is none from the last observed frame; x is in metres.  Versions of the program add a residual
around all blocks; the published weights are without.
"""
import torch

from golden_motion import cosines, distance, poses, trajectories


def norm(net, name, x):
    """Over the nodes."""
    w, b = net.p(name + ".weight", x.shape[1]), net.p(name + ".bias", x.shape[1])
    y = x - x.mean(1, keepdim=True)
    y = y / (y.square().mean(1, keepdim=True) + 1e-5).sqrt()
    return y * w[:, None] + b[:, None]


def future(net, c, x):
    """Trajectories [N, V, T] to [N, V, predicted]."""
    v, t = x.shape[1:]
    d = cosines(t, t, x)
    z = net.linear("in", x @ d.t(), v)
    for i in range(c["blocks"]):
        w = net.p("block.%d.time.weight" % i, t, t)
        z = z + norm(net, "block.%d.norm" % i, z @ w.t() + net.p("block.%d.time.bias" % i, t))
    y = net.linear("out", z, v) @ d
    return x[..., -1:] + y[..., :c["predicted"]]


def simlpe(net, c, x, target):
    y, truth = future(net, c, trajectories(x)), trajectories(target)
    loss = distance(y, truth, c["channels"])
    loss = loss + distance(torch.diff(y), torch.diff(truth), c["channels"])
    return poses(y, c["channels"]), loss
