#!/usr/bin/python3
"""Golden values for the tests, from a PyTorch reference of the same mathematics.

    make_golden.py REFERENCE_DIR [OUTPUT_DIR] [CASE...]

REFERENCE_DIR holds symgnn_torch.py and skeletons.py; torch and numpy are needed.  Writes one text
file per case to OUTPUT_DIR (this folder unless told) and prints, per case, how far the reference
itself drifts when it computes in float32: what a float test can be held to.  README describes the
files.  Touches nothing but OUTPUT_DIR.

Values that go in come from a hash of their names (no generator whose stream a new version may
change), rounded to float32; the computation is in float64; what comes out is rounded once.
"""
import os
import sys
import warnings

import torch

if len(sys.argv) < 2:
    sys.exit("usage: make_golden.py REFERENCE_DIR [OUTPUT_DIR] [CASE...]")
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import golden_network  # noqa: E402
import golden_ops  # noqa: E402
import golden_readings  # noqa: E402
import golden_streams  # noqa: E402
from golden_case import Case, drift, text  # noqa: E402


def all_cases():
    return {**golden_ops.cases(), **golden_network.cases(), **golden_streams.cases(),
            **golden_readings.cases()}


def run(name, dtype=torch.float64, values=None):
    """A case computed in `dtype`; its draws are named without _eval and _train."""
    torch.set_default_dtype(dtype)
    f, args, *named = all_cases()[name]
    c = Case(name, name.split("_eval")[0].split("_train")[0], values)
    return f(c, *args, **(named[0] if named else {}))


def main():
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    total = 0
    for name in sys.argv[3:] or all_cases():
        c = run(name)
        e, which = drift(c, run(name, torch.float32))
        body = text(c)
        total += len(body)
        with open(os.path.join(out, name + ".txt"), "w") as f:
            f.write(body)
        print("%-28s %7d bytes   float32 reference off by %.1e  %s" % (name, len(body), e, which))
    print("%d bytes" % total)


if __name__ == "__main__":
    main()
