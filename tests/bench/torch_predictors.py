"""The networks that predict in PyTorch, at their published sizes, for torch_worker.py: those of
tests/golden, whose results the unit tests compare with the zoo's.  Touches no file.

Poses have the 22 joints of Human3.6M and 3 channels.  The one form is `golden`: the program as it stands,
whose layers are torch's linear, einsum, matmul and convolutions.  Parameters are by the rule of
tests/golden/README; the statistics are those of 16 random clips.
"""
import functools
import os
import sys

import torch

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "golden"))
import golden_hisrep  # noqa: E402
import golden_ltd  # noqa: E402
import golden_motion  # noqa: E402
import golden_msrgcn  # noqa: E402
import golden_simlpe  # noqa: E402
from golden_case import parameter  # noqa: E402
from golden_layers import Net  # noqa: E402
from make_predictors import MODELS, cases  # noqa: E402

NODES, CHANNELS = 22, 3


@functools.lru_cache(None)
def cosines(frames, count, dtype):
    return golden_motion.cosines(frames, count, torch.empty(0, dtype=dtype))


for _program in (golden_simlpe, golden_ltd, golden_hisrep, golden_msrgcn):  # made once, not each call
    _program.cosines = lambda frames, count, like: cosines(frames, count, like.dtype)


def made(name, shape):
    return parameter(name, shape).to(torch.float32)


class Predictor(torch.nn.Module):
    """The published network of this name.  Its answer is the predicted poses."""

    def __init__(self, name, training):
        super().__init__()
        self.function = MODELS[name]
        self.config = dict(cases()[name + "_full"][4], channels=CHANNELS, actions=0)
        clips = poses(16, self.observed), poses(16, self.predicted)
        with torch.no_grad():  # makes the parameters
            self.net = other = Net("smpl22", True, 1, made)
            other.momentum = 1  # the statistics of these clips, so that values stay near 1
            self.loss(*clips)
            self.net = Net("smpl22", training, 1, made)
            self.loss(*clips)
        self.net.stat.update({k: other.stat[k] for k in self.net.stat})
        for key, value in self.net.par.items():
            value = torch.nn.Parameter(value.detach())
            self.net.par[key] = value
            self.register_parameter(key.replace(".", "_"), value)

    @property
    def observed(self):
        return self.config["observed"]

    @property
    def predicted(self):
        return self.config["predicted"]

    def forward(self, x):
        target = x[:, :, -1:].expand(-1, -1, self.predicted, -1)  # for a loss that nobody takes
        return self.function(self.net, self.config, x, target)[0]

    def loss(self, x, target):
        return self.function(self.net, self.config, x, target)[1]


def poses(clips, frames):
    random = torch.Generator().manual_seed(frames)
    return torch.randn(clips, NODES, frames, CHANNELS, generator=random)
