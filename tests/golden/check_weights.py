#!/usr/bin/python3
"""Whether the networks of this folder are those of other programs: reads checkpoints with what the
program answered and compares.

    check_weights.py FOLDER

FOLDER has NAME.pth, NAME.input.txt (numbers in C order), NAME.logits.txt and index.json (a list of
{name, shape: [clips, bodies, frames, joints, channels]}).  Prints the largest difference of a logit
for each, and exits with 1 if one is above 1e-5.  Of siMLPe it has simlpe.pth, simlpe.input.txt and
simlpe.output.txt, clips of 50 frames of 22 joints, metres; the difference is that of a coordinate,
relative to the largest.  Touches no file.
"""
import json
import os
import sys

import numpy as np
import torch

sys.dont_write_bytecode = True
from golden_aagcn import aagcn  # noqa: E402
from golden_ctrgcn import ctrgcn  # noqa: E402
from golden_dgstgcn import dgstgcn  # noqa: E402
from golden_layers import BODY, Net  # noqa: E402
from golden_names import translated  # noqa: E402
from golden_recognisers import stgcn  # noqa: E402
from golden_simlpe import future  # noqa: E402
from golden_stgcnpp import stgcnpp  # noqa: E402

FOUR = dict(widths=(16, 16, 32, 32), strides=(1, 1, 2, 1))
SIX = dict(widths=(64,) * 5 + (128,), strides=(1,) * 5 + (2,))
CHECKS = {"hagrid": ("stgcnpp/pyskl", stgcnpp, SIX),
          "pyskl-stgcn": ("stgcn/pyskl", stgcn, dict(FOUR, taps=9, importance=1)),
          "pyskl-stgcnpp": ("stgcnpp/pyskl", stgcnpp, FOUR),
          "pyskl-dgstgcn": ("dgstgcn/pyskl", dgstgcn, dict(FOUR, groups=8)),
          "pyskl-aagcn": ("aagcn/pyskl", aagcn, dict(FOUR, shrink=4, taps=9)),
          "pyskl-ctrgcn": ("ctrgcn/pyskl", ctrgcn, dict(FOUR, inner_relu=1))}


def numbers(folder, name):
    return np.loadtxt(os.path.join(folder, name + ".txt")).astype(np.float32)


def opened(folder, name, program, nodes, bodies):
    """The checkpoint, a network of it, its weights, and the set of those that were used."""
    state = torch.load(os.path.join(folder, name + ".pth"), weights_only=True)
    state = state.get("state_dict", state)
    weights, used = translated(program, state), set()

    def make(key, s):
        if tuple(weights[key].shape) != tuple(s):
            raise ValueError("%s is %s, not %s" % (key, tuple(weights[key].shape), tuple(s)))
        used.add(key)
        return weights[key].float()

    BODY["weights"] = (nodes, 0, [])
    return state, Net("weights", False, bodies, make), weights, used


def all_used(weights, used):
    if used != set(weights):
        raise ValueError("not used: %s" % sorted(set(weights) - used))


def difference_of_poses(folder, name):
    _, net, weights, used = opened(folder, name, "simlpe/authors", 22, 1)
    x = torch.tensor(numbers(folder, name + ".input")).reshape(-1, 50, 66)
    with torch.no_grad():
        y = future(net, dict(blocks=48, predicted=10), x.permute(0, 2, 1)).permute(0, 2, 1)
    all_used(weights, used)
    told = numbers(folder, name + ".output").reshape(y.shape)
    return float(np.abs(y.numpy() - told).max() / np.abs(told).max())


def difference(folder, name, shape):
    program, model, config = CHECKS[name]
    n, m, t, v, c = shape
    state, net, weights, used = opened(folder, name, program, v, m)
    x = torch.tensor(numbers(folder, name + ".input"))
    x = x.reshape(n * m, t, v, c).permute(0, 3, 1, 2)
    classes = weights["fc.bias"].shape[0]
    config = dict(config, classes=classes)
    if program == "stgcn/pyskl":     # its graph is constant and in the file; the farther ones first
        config["graphs"] = state["backbone.gcn.0.gcn.A"][[0, 2, 1]]
    with torch.no_grad():
        logits = model(net, config, x)[0]
    all_used(weights, used)
    told = numbers(folder, name + ".logits").reshape(n, classes)
    return float(np.abs(logits.numpy() - told).max()), float(np.abs(told).max())


def main():
    worst = 0
    for entry in json.load(open(os.path.join(sys.argv[1], "index.json"))):
        if entry["name"] in CHECKS:
            e, largest = difference(sys.argv[1], entry["name"], entry["shape"])
            worst = max(worst, e)
            print("%-14s off by %.1e, largest logit %.2f" % (entry["name"], e, largest))
        else:
            print("%-14s has no network here" % entry["name"])
    if os.path.exists(os.path.join(sys.argv[1], "simlpe.pth")):
        e = difference_of_poses(sys.argv[1], "simlpe")
        worst = max(worst, e)
        print("%-14s off by %.1e of the largest coordinate" % ("simlpe", e))
    return worst > 1e-5


if __name__ == "__main__":
    sys.exit(main())
