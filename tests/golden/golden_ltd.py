"""LTD (W. Mao, M. Liu, M. Salzmann, H. Li, Learning Trajectory Dependencies for Human Motion
Prediction, ICCV 2019).  golden_motion.py states layouts.  Used by make_predictors.py; touches no
file.

    X = [x_1 .. x_T, x_T .. x_T] D^T                 D of T + T' frames, k rows
    Z = tanh(bn(A X W + b))                          the first layer
    Z = Z + two times tanh(bn(A Z W + b))            `blocks` times
    y = (X + A Z W + b) D                            T + T' frames, the last T' are predicted
    loss = the mean over all T + T' frames of the joints' distance, or, of angles, the mean over
           these of the sum over the angles of the absolute difference

Parameters: in.gc, in.bn, block.i.gc1, .bn1, .gc2, .bn2, out.gc.

As the published program has it: the bias is added after A; each feature of each node has batch
norm of its own; dropout 0.5 after each tanh (none here); the loss also covers the observed frames.
"""
import torch

from golden_motion import (cosines, padded, poses, residual_gcn, trajectories, trajectory_loss)


def ltd(net, c, x, target):
    seen, truth = trajectories(x), trajectories(target)
    t = seen.shape[2]
    d = cosines(t + c["predicted"], c["coefficients"], seen)
    y = padded(seen, c["predicted"]) @ d.t()
    y = residual_gcn(net, "", y, c["hidden"], c["blocks"]) @ d
    loss = trajectory_loss(c, y, torch.cat([seen, truth], 2))
    return poses(y[..., t:], c["channels"]), loss
