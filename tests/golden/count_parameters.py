#!/usr/bin/python3
"""The published networks on NTU RGB+D (25 joints, 3 channels, 60 classes, two bodies), NETWORKS, and
their parameters without statistics: prints README's table.  Touches no file.
"""
import sys

import torch

sys.dont_write_bytecode = True
from golden_layers import Net  # noqa: E402
from make_recognisers import MODELS  # noqa: E402

TEN = dict(widths=(64,) * 4 + (128,) * 3 + (256,) * 3, strides=(1, 1, 1, 1, 2, 1, 1, 2, 1, 1))
WIDER = dict(TEN, widths=(96,) * 4 + (192,) * 3 + (384,) * 3)
NINE = dict(widths=(64,) * 3 + (128,) * 3 + (256,) * 3, strides=(1, 1, 1, 2, 1, 1, 2, 1, 1))
NETWORKS = [
    ("stgcn", "ten blocks, as published and in pyskl", dict(TEN, taps=9, importance=1)),
    ("stgcn", "nine blocks, the paper's text", dict(NINE, taps=9, importance=1)),
    ("agcn", "as published, one stream", dict(TEN, taps=9, shrink=4, stream="joint")),
    ("stgcnpp", "pyskl", TEN),
    ("ctrgcn", "as published and in pyskl", TEN),
    ("dgstgcn", "pyskl", dict(TEN, groups=8)),
    ("aagcn", "as published and in pyskl, one stream", dict(TEN, taps=9, shrink=4)),
    ("msg3d", "as published and in pyskl", dict(widths=(96, 192, 384), strides=(1, 2, 2), scales=13,
                                                g3d_scales=6, windows=(3, 5), norm="symmetric")),
    ("protogcn", "as published", dict(WIDER, groups=8, prototypes=400, hidden=256, weight=0.2)),
]


def count(model, config):
    """In all, and those of an inference run."""
    counts = []
    for training in (True, False):
        net = Net("ntu25", training, 2, lambda name, shape: torch.zeros(shape))
        with torch.no_grad():
            MODELS[model](net, dict(config, classes=60), torch.zeros(4, 3, 8, 25))
            if training and net.further_loss is not None:
                net.further_loss(torch.zeros(2, dtype=torch.int64))
        counts.append(sum(p.numel() for p in net.par.values()))
    return counts


if __name__ == "__main__":
    for model, what, config in NETWORKS:
        print("%-9s %10d %10d  %s" % (model, *count(model, config), what))
