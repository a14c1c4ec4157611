"""The networks that recognise in PyTorch, at their published widths, for torch_worker.py: those of
tests/golden, whose results the unit tests compare with the zoo's.  Touches no file.

Clips have 25 joints (ntu25), 3 channels, 2 bodies, 100 frames and one of 60 classes.  A network has
two forms: `linear` is the golden program as it stands, whose maps of channels are torch's linear;
`conv` makes each map of channels a convolution of one tap and keeps weights in the shapes that
convolutions take.  Both have the same parameters, by the rule of tests/golden/README, and the
same statistics, those of two random clips.
"""
import os
import sys

import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "golden"))
from count_parameters import NETWORKS  # noqa: E402
from golden_case import parameter  # noqa: E402
from golden_layers import Net  # noqa: E402
from make_recognisers import MODELS  # noqa: E402

CHANNELS, FRAMES, NODES, BODIES, CLASSES = 3, 100, 25, 2, 60


def made(name, shape):
    return parameter(name, shape).to(torch.float32)


class ConvNet(Net):
    """The form `conv`."""

    def shaped(self, view, name, *shape):
        """The parameter of this name and shape, stored as `view` changes it."""
        if name not in self.par:
            self.par[name] = view(self.make(name, shape)).contiguous().requires_grad_()
        return self.par[name]

    def tc(self, name, x, out, taps, stride, dilation=1):
        w = self.shaped(lambda w: w.permute(0, 2, 1).unsqueeze(-1), name + ".weight", out, taps,
                        x.shape[1])
        return F.conv2d(x, w, self.p(name + ".bias", out), (stride, 1),
                        (dilation * (taps - 1) // 2, 0), (dilation, 1))

    def linear(self, name, x, out, bias=True):
        if x.dim() != 4:
            return super().linear(name, x, out, bias)
        w = self.shaped(lambda w: w[..., None, None], name + ".weight", out, x.shape[1])
        return F.conv2d(x, w, self.p(name + ".bias", out) if bias else None)

    def subsets(self, name, x, out, order=(0, 1, 2)):
        order = list(order)
        w = self.shaped(lambda w: w[order].flatten(0, 1)[..., None, None], name + ".conv.weight",
                        3, out, x.shape[1])
        b = self.shaped(lambda b: b.t()[order].flatten(), name + ".bias", out, 3)
        return F.conv2d(x, w, b).unflatten(1, (3, out))


FORMS = {"linear": Net, "conv": ConvNet}


class Recogniser(torch.nn.Module):
    """The first network of this name in NETWORKS.  Its answer is the scores of the classes."""

    def __init__(self, name, form, training):
        super().__init__()
        config = next(c for n, _, c in NETWORKS if n == name)
        self.function, self.config = MODELS[name], dict(config, classes=CLASSES)
        x, y = poses(2), torch.zeros(2, dtype=torch.int64)
        with torch.no_grad():  # makes the parameters
            self.net = other = FORMS[form]("ntu25", True, BODIES, made)
            other.momentum = 1  # the statistics of x, so that values stay near 1
            self.loss(x, y)
            self.net = FORMS[form]("ntu25", training, BODIES, made)
            self.loss(x, y)
        self.net.stat.update({k: other.stat[k] for k in self.net.stat})
        for key, value in self.net.par.items():
            value = torch.nn.Parameter(value.detach())
            self.net.par[key] = value
            self.register_parameter(key.replace(".", "_"), value)

    def forward(self, x):
        return self.function(self.net, self.config, x)[0]

    def loss(self, x, y):
        first = F.cross_entropy(self(x), y)
        further = self.net.further_loss
        return first if further is None else first + further(y)


def poses(clips):
    random = torch.Generator().manual_seed(1)
    return torch.randn(clips * BODIES, CHANNELS, FRAMES, NODES, generator=random)
