#!/usr/bin/python3
"""Golden values of the networks that only predict.

    make_predictors.py [OUTPUT_DIR] [CASE...]

torch and numpy are needed.  Writes one text file per case to OUTPUT_DIR (this folder unless told)
and prints, per case, the parameters and how far the reference itself drifts when it computes in
float32.  README describes the files.  Touches nothing but OUTPUT_DIR.  Parameters and poses are by
rule; the computation is in float64; what comes out is rounded once.
"""
import os
import sys

import torch

sys.dont_write_bytecode = True
from golden_case import Case, drift, projections, text, walk  # noqa: E402
from golden_hisrep import hisrep  # noqa: E402
from golden_layers import BODY, Net  # noqa: E402
from golden_ltd import ltd  # noqa: E402
from golden_msrgcn import msrgcn  # noqa: E402
from golden_ressup import ressup  # noqa: E402
from golden_simlpe import simlpe  # noqa: E402

MODELS = {f.__name__: f for f in (simlpe, ltd, hisrep, msrgcn, ressup)}
EVERY = 5       # of the large cases, the nodes whose poses are in the file
GIVEN = 5000    # parameters above which a file leaves them to the rule
BODY.update(smpl22=(22, 0, []), kinetics18=(18, 0, []))

# Human3.6M's 22 joints to 12, to 7, to 4 (the program of MSR-GCN), and five to 3, to 2, to 1.
H36M = ([[0], [1, 2, 3], [4], [5, 6, 7], [8, 9], [10, 11], [12], [13], [14, 15, 16], [17], [18],
         [19, 20, 21]],
        [[0, 1], [2, 3], [4, 5], [6, 7], [7, 8], [9, 10], [10, 11]],
        [[0, 2], [1, 2], [3, 4], [5, 6]])
FIVE = ([[0, 1], [2], [3, 4]], [[0, 1], [1, 2]], [[0, 1]])


def written(value):
    """Lists by commas; groups by "/", within a scale by ",", scales by ";"."""
    if isinstance(value, tuple) and isinstance(value[0], list):
        return ";".join(",".join("/".join(map(str, g)) for g in scale) for scale in value)
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def gradients(loss, par):
    """By name.  Those that are nought by algebra, the biases before a norm, are rounding errors."""
    g = dict(zip(par, torch.autograd.grad(loss, list(par.values()))))
    largest = max(t.abs().max() for t in g.values())
    nought = {k for k, t in g.items() if k.endswith("bias") and t.abs().max() < 1e-9 * largest}
    return {k: torch.zeros_like(t) if k in nought else t for k, t in g.items()}


def case(name, model, skeleton, batch, whole, classes=4, channels=3, **config):
    """Poses of an inference run; of a training run poses, loss, gradients and the statistics
    afterwards.  `whole`: with what goes in and, of small networks, the parameters; otherwise
    gradients and statistics are projections."""
    nodes = BODY[skeleton][0]
    options = " ".join("%s=%s" % (k, written(v)) for k, v in config.items() if k != "groups")
    groups = {"groups": written(config["groups"])} if "groups" in config else {}
    c = Case(name, model=model, skeleton=skeleton, classes=classes, batch=batch, options=options,
             **groups)
    config.update(classes=classes, channels=channels)
    x = walk(name + "/x", (batch, nodes, config["observed"], channels))
    target = walk(name + "/target", (batch, nodes, config["predicted"], channels))
    more = {}
    if config.get("actions"):
        more["labels"] = c.add("in", "labels", torch.arange(batch) * 3 % classes)
    if whole:
        c.add("in", "x", x)
        c.add("in", "target", target)
    for training in (False, True):
        net = Net(skeleton, training)
        run = dict(config, steps=1 if training else config.get("steps", 1))
        poses, loss = MODELS[model](net, run, x, target, **more)
        count = sum(p.numel() for p in net.par.values())
        if whole and not training and count <= GIVEN:
            for k, t in net.par.items():
                c.add("par", k, t)
            for k, t in net.stat.items():
                c.add("buf", k, t)
        poses = poses if nodes <= EVERY else poses[:, ::EVERY]
        c.add("out", "train_poses" if training else "poses", poses)
    c.add("out", "loss", loss)
    for k, g in gradients(loss, net.par).items():
        c.add(*(("gpar", k, g) if whole else ("gdot", k, projections(k, g))))
    for k, t in net.stat.items():
        c.add(*(("aft", k, t) if whole else ("adot", k, projections(k, t))))
    c.attrs["parameters"] = count
    if not whole and nodes > EVERY:
        c.attrs["pred_nodes_every"] = EVERY
    return c


def cases():
    """name -> (model, layout, batch, whether values are whole, options)"""
    t = {}

    def add(name, layout, batch, **config):
        t[name] = (name.split("_")[0], layout, batch, name.endswith("_two"), config)

    add("simlpe_two", "tiny5", 3, observed=10, predicted=4, blocks=2)
    add("simlpe_full", "smpl22", 2, observed=50, predicted=10, blocks=48)

    small = dict(observed=6, predicted=4, coefficients=8, hidden=6, blocks=2)
    add("ltd_two", "tiny5", 6, **small, loss="position")
    add("ltd_angle", "tiny5", 6, **small, loss="angle")
    add("ltd_full", "smpl22", 8, observed=10, predicted=25, coefficients=35, hidden=256, blocks=12,
        loss="position")

    small = dict(small, observed=13, coefficients=6, kernels=(3, 2), unit=0.001)
    add("hisrep_two", "tiny5", 6, **small, loss="position", steps=1)
    add("hisrep_steps", "tiny5", 6, **small, loss="position", steps=3)
    add("hisrep_angle", "tiny5", 6, **small, loss="angle", steps=1)
    add("hisrep_full", "smpl22", 8, observed=50, predicted=10, coefficients=20, hidden=256,
        blocks=12, kernels=(6, 5), unit=0.001, loss="position", steps=1)

    # Of a few sizes, the ones that float32 follows best: leaky ReLUs have kinks.
    small = dict(observed=7, predicted=3, low=-2, high=3)
    add("msrgcn_two", "tiny5", 8, **small, coefficients=8, widths=(3, 4, 5, 6), blocks=1,
        extra=(1, 1, 1, 1), groups=FIVE)
    add("msrgcn_three", "tiny5", 10, **small, coefficients=6, widths=(4, 6, 8), blocks=2,
        extra=(2, 1, 1), groups=FIVE[:2])
    add("msrgcn_full", "smpl22", 8, observed=10, predicted=25, coefficients=35,
        widths=(64, 128, 256, 512), blocks=3, extra=(6, 1, 1, 1), low=-12, high=15, groups=H36M)

    small = dict(observed=7, predicted=5, hidden=8)
    add("ressup_two", "tiny5", 3, **small, actions=0, reset="before")
    add("ressup_action", "tiny5", 3, **small, actions=1, reset="before")
    add("ressup_after", "tiny5", 3, **small, actions=0, reset="after")
    add("ressup_full", "kinetics18", 2, classes=15, observed=50, predicted=10, hidden=1024,
        actions=1, reset="before")
    return t


def run(name, dtype=torch.float64):
    torch.set_default_dtype(dtype)
    model, skeleton, batch, whole, config = cases()[name]
    return case(name, model, skeleton, batch, whole, **config)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    for name in sys.argv[2:] or cases():
        c = run(name)
        e, which = drift(c, run(name, torch.float32))
        body = text(c)
        with open(os.path.join(out, name + ".txt"), "w") as f:
            f.write(body)
        print("%-14s %9d parameters %7d bytes   float32 reference off by %.1e  %s"
              % (name, c.attrs["parameters"], len(body), e, which), flush=True)


if __name__ == "__main__":
    main()
