#!/usr/bin/python3
"""Golden values of the networks that only recognise, for tests/unit/test_golden_recognisers.c.

    make_recognisers.py [OUTPUT_DIR] [CASE...]

torch and numpy are needed.  Writes one text file per case to OUTPUT_DIR (this folder unless told)
and prints, per case, how far the reference itself drifts when it computes in float32.  README
describes the files.  Touches nothing but OUTPUT_DIR.  Parameters and poses are by rule, so that a
file holds results only; the computation is in float64; what comes out is rounded once.
"""
import os
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
from golden_aagcn import aagcn  # noqa: E402
from golden_case import Case, drift, projections, text, walk  # noqa: E402
from golden_ctrgcn import ctrgcn  # noqa: E402
from golden_dgstgcn import dgstgcn  # noqa: E402
from golden_layers import BODY, Net, spatial_graphs  # noqa: E402
from golden_msg3d import msg3d, scales, skeleton  # noqa: E402
from golden_protogcn import protogcn  # noqa: E402
from golden_recognisers import agcn, stgcn  # noqa: E402
from golden_stgcnpp import stgcnpp  # noqa: E402

MODELS = {f.__name__: f for f in (stgcn, agcn, stgcnpp, ctrgcn, dgstgcn, aagcn, msg3d, protogcn)}


def labels(model, config, make, x, batch):
    """Where the loss asks which clips the network gets right, every other clip is one of them."""
    if model != "protogcn":
        return torch.arange(batch) * 3 % 4
    net = make(True)
    first = MODELS[model](net, config, x)[0].argmax(1)
    return (first + torch.arange(batch) % 2) % 4


def case(name, model, skeleton, batch, whole, bodies=1, **config):
    """Scores of an inference run; of a training run scores, loss, gradients (whole, or projections
    of them) and the statistics afterwards.  Of several bodies, the logits as well."""
    config["classes"] = 4
    options = ["%s=%s" % (k, ",".join(map(str, v)) if isinstance(v, tuple) else v)
               for k, v in config.items() if k != "classes"]
    attrs = {"bodies": bodies} if bodies > 1 else {}
    c = Case(name, model=model, skeleton=skeleton, classes=4, batch=batch, **attrs,
             options=" ".join(options))
    nodes = BODY[skeleton][0]
    x = walk(name + "/x", (batch * bodies, nodes, config["observed"], 3)).permute(0, 3, 2, 1)
    y = c.add("in", "labels", labels(model, config, lambda t: Net(skeleton, t, bodies), x, batch))
    for training in (False, True):
        net, run = Net(skeleton, training, bodies), "train_" if training else ""
        logits = MODELS[model](net, config, x)
        scores = sum(torch.softmax(v, 1) for v in logits) / len(logits)
        if bodies > 1:
            c.add("out", run + "logits", torch.cat(logits))
        c.add("out", run + "scores", scores)
    loss = sum(F.cross_entropy(v, y) for v in logits)
    if net.further_loss is not None:
        c.add("out", "loss_first", loss)
        loss = loss + net.further_loss(y)
    c.add("out", "loss", loss)
    for k, g in zip(net.par, torch.autograd.grad(loss, list(net.par.values()))):
        c.add(*(("gpar", k, g) if whole else ("gdot", k, projections(k, g))))
    for k, t in net.stat.items():
        c.add("aft", k, t)
    return c


def initial_graphs(name, body):
    """The graphs that trained graphs begin as, and MS-G3D's, which are constant."""
    c, net = Case(name, skeleton=body), Net(body, False)
    near = skeleton(net)
    c.add("out", "spatial_rows", spatial_graphs(body))
    c.add("out", "spatial_columns", spatial_graphs(body, columns=True))
    for norm in ("symmetric", "rows"):
        c.add("out", "scales_" + norm, scales(near, 4, norm))
        if body == "tiny5":
            c.add("out", "window3_" + norm, scales(np.tile(near, (3, 3)), 3, norm))
    return c


TINY = dict(observed=11, widths=(4, 8, 8), strides=(1, 2, 1), taps=5)
NARROW = dict(observed=16, widths=(8, 8, 16, 16), strides=(1, 1, 2, 1), taps=9)


def cases():
    """name -> (model, layout, batch, whether gradients are whole, bodies, options)"""
    t = {"stgcn_tiny": ("stgcn", "tiny5", 4, True, dict(TINY, importance=1)),
         "stgcn_plain": ("stgcn", "tiny5", 4, False, dict(TINY, importance=0)),
         "stgcn_ntu25": ("stgcn", "ntu25", 3, False, dict(NARROW, importance=1)),
         "agcn_ntu25": ("agcn", "ntu25", 3, False, dict(NARROW, shrink=4, stream="bone"))}
    for stream in ("joint", "bone", "both"):
        t["agcn_" + stream] = ("agcn", "tiny5", 4, stream != "both",
                               dict(TINY, shrink=4, stream=stream.replace("both", "joint+bone")))
    # Of a few sizes for each, the ones that float32 follows best.
    def two(name, model, batch, whole, observed, c, **more):
        skeleton = "ntu25" if name.endswith("ntu25") else "tiny5"
        t[name] = (model, skeleton, batch, whole, dict(c, observed=observed, bodies=2, **more))

    small = dict(widths=(8, 8, 12), strides=(1, 2, 1))
    wide = dict(small, widths=(12, 12, 18))
    two("stgcn_two", "stgcn", 4, True, 11, TINY, importance=1)
    two("agcn_two", "agcn", 4, True, 11, TINY, shrink=4, stream="joint")
    two("stgcnpp_two", "stgcnpp", 5, True, 9, wide)
    two("ctrgcn_two", "ctrgcn", 3, True, 13, small, inner_relu=0)
    two("ctrgcn_pyskl", "ctrgcn", 4, False, 8, small, inner_relu=1)
    two("dgstgcn_two", "dgstgcn", 4, True, 11, wide, groups=2)
    two("aagcn_two", "aagcn", 3, True, 10, small, taps=5, shrink=4)
    msg = dict(small, scales=4, g3d_scales=3, windows=(3, 5))
    two("msg3d_two", "msg3d", 4, True, 12, msg, norm="symmetric")
    two("msg3d_pyskl", "msg3d", 5, False, 13, dict(msg, widths=(12, 12, 12)), norm="rows")
    two("protogcn_two", "protogcn", 5, True, 9, small, groups=2, prototypes=6, hidden=5, weight=0.2)
    wide = dict(wide, widths=(12, 12, 24))
    two("stgcnpp_ntu25", "stgcnpp", 2, False, 11, wide)
    two("ctrgcn_ntu25", "ctrgcn", 2, False, 14, dict(wide, widths=(8, 16, 16)), inner_relu=0)
    two("dgstgcn_ntu25", "dgstgcn", 2, False, 8, dict(wide, widths=(16, 16, 24)), groups=8)
    two("aagcn_ntu25", "aagcn", 3, False, 11, wide, taps=9, shrink=4)
    t["graphs_tiny5"] = ("tiny5",)
    t["graphs_ntu25"] = ("ntu25",)
    return t


def run(name, dtype=torch.float64):
    torch.set_default_dtype(dtype)
    first, *rest = cases()[name]
    if not rest:
        return initial_graphs(name, first)
    skeleton, batch, whole, config = rest
    return case(name, first, skeleton, batch, whole, **config)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for name in sys.argv[2:] or cases():
        c = run(name)
        e, which = drift(c, run(name, torch.float32))
        body = text(c)
        with open(os.path.join(out, name + ".txt"), "w") as f:
            f.write(body)
        print("%-14s %7d bytes   float32 reference off by %.1e  %s" % (name, len(body), e, which))


if __name__ == "__main__":
    main()
