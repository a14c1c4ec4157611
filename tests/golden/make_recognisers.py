#!/usr/bin/python3
"""Golden values of ST-GCN and 2s-AGCN for tests/unit/test_golden_recognisers.c.

    make_recognisers.py [OUTPUT_DIR] [CASE...]

torch and numpy are needed.  Writes one text file per case to OUTPUT_DIR (this folder unless told)
and prints, per case, how far the reference itself drifts when it computes in float32.  README
describes the files.  Touches nothing but OUTPUT_DIR.  Parameters and poses are by rule, so that a
file holds results only; the computation is in float64; what comes out is rounded once.
"""
import os
import sys
import warnings

import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
import golden_recognisers  # noqa: E402
from golden_case import Case, drift, projections, text, walk  # noqa: E402


def case(name, model, skeleton, batch, whole, **config):
    """Scores of an inference run; of a training run scores, loss, gradients (whole, or projections
    of them) and the statistics afterwards."""
    config["classes"] = 4
    options = ["%s=%s" % (k, ",".join(map(str, v)) if isinstance(v, tuple) else v)
               for k, v in config.items() if k != "classes"]
    c = Case(name, model=model, skeleton=skeleton, classes=4, batch=batch,
             options=" ".join(options))
    nodes = golden_recognisers.BODY[skeleton][0]
    x = walk(name + "/x", (batch, nodes, config["observed"], 3)).permute(0, 3, 2, 1)
    y = c.add("in", "labels", torch.arange(batch) * 3 % 4)
    f = getattr(golden_recognisers, model)
    for training in (False, True):
        net = golden_recognisers.Net(skeleton, training)
        logits = f(net, config, x)
        scores = sum(torch.softmax(v, 1) for v in logits) / len(logits)
        c.add("out", "train_scores" if training else "scores", scores)
    loss = c.add("out", "loss", sum(F.cross_entropy(v, y) for v in logits))
    for k, g in zip(net.par, torch.autograd.grad(loss, list(net.par.values()))):
        c.add(*(("gpar", k, g) if whole else ("gdot", k, projections(k, g))))
    for k, t in net.stat.items():
        c.add("aft", k, t)
    return c


TINY = dict(observed=11, widths=(4, 8, 8), strides=(1, 2, 1), taps=5)
NARROW = dict(observed=16, widths=(8, 8, 16, 16), strides=(1, 1, 2, 1), taps=9)


def cases():
    """name -> (model, layout, batch, whether gradients are whole, options)"""
    t = {"stgcn_tiny": ("stgcn", "tiny5", 4, True, dict(TINY, importance=1)),
         "stgcn_plain": ("stgcn", "tiny5", 4, False, dict(TINY, importance=0)),
         "stgcn_ntu25": ("stgcn", "ntu25", 3, False, dict(NARROW, importance=1)),
         "agcn_ntu25": ("agcn", "ntu25", 3, False, dict(NARROW, shrink=4, stream="bone"))}
    for stream in ("joint", "bone", "both"):
        t["agcn_" + stream] = ("agcn", "tiny5", 4, stream != "both",
                               dict(TINY, shrink=4, stream=stream))
    return t


def run(name, dtype=torch.float64):
    torch.set_default_dtype(dtype)
    model, skeleton, batch, whole, config = cases()[name]
    return case(name, model, skeleton, batch, whole, **config)


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
        print("%-12s %7d bytes   float32 reference off by %.1e  %s" % (name, len(body), e, which))


if __name__ == "__main__":
    main()
