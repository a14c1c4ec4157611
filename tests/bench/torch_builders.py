#!/usr/bin/env python3
"""torch_builders.py NETWORK VARIANT: the networks of ctrgcn.c, simlpe.c, dcrnn.c and gat.c in
PyTorch, one thread, for `builders`.

It prints a line of facts as JSON, then for each line "infer N" or "train N" of standard input the
processor seconds of N calls.  Variants: eager; trace (torch.jit, for inference alone); pyg (gat by
torch_geometric's GATConv).  Samples, losses, optimisers and numbers of parameters are those of the
C programs; data are random.
"""
import json
import math
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(1)


# ---------------------------------------------------------------------------------- CTR-GCN

class CTRGC(nn.Module):
    """x [N, C, T, V]; the three subsets in one: their 1x1 convolutions side by side."""

    def __init__(self, c, out, v=25, k=3):
        super().__init__()
        self.r, self.k, self.out = 8 if c == 3 else c // 8, k, out
        self.A = nn.Parameter(torch.rand(k, v, v) / v)
        self.alpha = nn.Parameter(torch.zeros(1))
        self.m = nn.Conv1d(c, k * self.r, 1)
        self.n = nn.Conv1d(c, k * self.r, 1, bias=False)
        self.w4 = nn.Conv2d(k * self.r, k * out, 1, groups=k)
        self.w3 = nn.Conv2d(c, k * out, 1)

    def forward(self, x):
        n, _, t, v = x.shape
        mean = x.mean(2)
        q = torch.tanh(self.m(mean).unsqueeze(3) - self.n(mean).unsqueeze(2))
        a = self.w4(q).view(n, self.k, self.out, v, v) * self.alpha + self.A.unsqueeze(1)
        y = self.w3(x).view(n, self.k, self.out, t, v)
        a = a.permute(0, 2, 1, 4, 3).reshape(n, self.out, self.k * v, v)
        y = y.permute(0, 2, 3, 1, 4).reshape(n, self.out, t, self.k * v)
        return y @ a


class MSTCN(nn.Module):
    def __init__(self, c, s):
        super().__init__()
        b = c // 4

        def first(stride=1):
            return [nn.Conv2d(c, b, 1, stride=(stride, 1)), nn.BatchNorm2d(b)]

        self.branches = nn.ModuleList(
            [nn.Sequential(*first(), nn.ReLU(),
                           nn.Conv2d(b, b, (5, 1), stride=(s, 1), padding=(2 * d, 0),
                                     dilation=(d, 1)), nn.BatchNorm2d(b)) for d in (1, 2)] +
            [nn.Sequential(*first(), nn.ReLU(), nn.MaxPool2d((3, 1), (s, 1), (1, 0)),
                           nn.BatchNorm2d(b)),
             nn.Sequential(*first(s))])

    def forward(self, x):
        return torch.cat([b(x) for b in self.branches], 1)


class Block(nn.Module):
    def __init__(self, c, out, s, residual):
        super().__init__()
        self.gcn, self.bn = CTRGC(c, out), nn.BatchNorm2d(out)
        self.down = None if c == out else nn.Sequential(nn.Conv2d(c, out, 1), nn.BatchNorm2d(out))
        self.tcn, self.residual = MSTCN(out, s), residual
        self.res = None if not residual or (c == out and s == 1) else nn.Sequential(
            nn.Conv2d(c, out, 1, stride=(s, 1)), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.bn(self.gcn(x)) + (x if self.down is None else self.down(x)))
        y = self.tcn(y)
        if self.residual:
            y = y + (x if self.res is None else self.res(x))
        return F.relu(y)


class CTRGCN(nn.Module):
    """x [N, 3, T, 25, 2 bodies]."""

    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm1d(150)
        widths = [3, 64, 64, 64, 64, 128, 128, 128, 256, 256, 256]
        self.blocks = nn.Sequential(*[Block(widths[i], widths[i + 1], 2 if i in (4, 7) else 1, i > 0)
                                      for i in range(10)])
        self.fc = nn.Linear(256, 60)

    def forward(self, x):
        n, c, t, v, m = x.shape
        x = self.bn(x.permute(0, 4, 3, 1, 2).reshape(n, m * v * c, t))
        x = x.view(n, m, v, c, t).permute(0, 1, 3, 4, 2).reshape(n * m, c, t, v)
        return self.fc(self.blocks(x).view(n, m, 256, -1).mean((1, 3)))


# ----------------------------------------------------------------------------------- siMLPe

class MLPBlock(nn.Module):
    """x [N, C, T]: a map along time, a norm over the channels."""

    def __init__(self):
        super().__init__()
        self.fc, self.norm = nn.Linear(50, 50), nn.LayerNorm(66)

    def forward(self, x):
        return x + self.norm(self.fc(x).transpose(1, 2)).transpose(1, 2)


class SiMLPe(nn.Module):
    def __init__(self):
        super().__init__()
        k, t = torch.arange(50.)[:, None], torch.arange(50.)[None]
        d = torch.cos(math.pi * (t + 0.5) * k / 50) * math.sqrt(2 / 50)
        d[0] /= math.sqrt(2)
        self.register_buffer("d", d)
        self.a, self.b = nn.Linear(66, 66), nn.Linear(66, 66)
        self.blocks = nn.Sequential(*[MLPBlock() for _ in range(48)])

    def forward(self, x):
        y = self.blocks(self.a(self.d @ x).transpose(1, 2)).transpose(1, 2)
        return (self.d.t() @ self.b(y))[:, :10] + x[:, -1:]


def joint_loss(y, truth):
    def distance(a, b):
        return (a - b).reshape(-1, 3).norm(dim=1).mean()
    return distance(y, truth) + distance(y[:, 1:] - y[:, :-1], truth[:, 1:] - truth[:, :-1])


# ------------------------------------------------------------------------------------ DCRNN

class Diffusion(nn.Module):
    """All supports applied to x [N, V, C] as one product, then one linear map."""

    def __init__(self, c, out, a):
        super().__init__()
        self.register_buffer("a", a.flatten(0, 1), persistent=False)
        self.w = nn.Linear((1 + a.shape[0]) * c, out)

    def forward(self, x):
        n, v, c = x.shape
        y = (self.a @ x).view(n, -1, v, c).transpose(1, 2).reshape(n, v, -1)
        return self.w(torch.cat([x, y], 2))


class Cell(nn.Module):
    def __init__(self, c, a, h=64):
        super().__init__()
        self.gates, self.candidate = Diffusion(c + h, 2 * h, a), Diffusion(c + h, h, a)

    def forward(self, x, h):
        r, u = torch.sigmoid(self.gates(torch.cat([x, h], 2))).chunk(2, 2)
        c = torch.tanh(self.candidate(torch.cat([x, r * h], 2)))
        return c + u * (h - c)


class DCRNN(nn.Module):
    def __init__(self, v=207):
        super().__init__()
        w = torch.where(torch.rand(v, v) < 8 / v, torch.exp(-2 * torch.rand(v, v)), torch.zeros(1))
        w.fill_diagonal_(1)
        f, b = w / w.sum(1, True), w.t() / w.t().sum(1, True)
        a = torch.stack([f, f @ f, b, b @ b])  # the identity needs no product
        self.encoder = nn.ModuleList([Cell(2, a), Cell(64, a)])
        self.decoder = nn.ModuleList([Cell(1, a), Cell(64, a)])
        self.out = nn.Linear(64, 1)

    def forward(self, x, truth=None, fed=None):
        h = [x.new_zeros(x.shape[0], x.shape[1], 64) for _ in range(2)]
        for t in range(12):
            v = x[:, :, t]
            for layer in range(2):
                v = h[layer] = self.encoder[layer](v, h[layer])
        last, y = x.new_zeros(x.shape[0], x.shape[1], 1), []
        for t in range(12):
            v = last
            for layer in range(2):
                v = h[layer] = self.decoder[layer](v, h[layer])
            last = self.out(v)
            y.append(last)
            if truth is not None:
                last = last + fed[:, :, t] * (truth[:, :, t] - last)
        return torch.stack(y, 2)


# -------------------------------------------------------------------------------------- GAT

class GAT(nn.Module):
    def __init__(self, pyg, m=1000):
        super().__init__()
        degree = torch.randint(1, 17, (m,))
        to = torch.arange(m).repeat_interleave(degree)
        k = torch.cat([torch.arange(d) for d in degree])
        source = torch.where(k == 0, to, (to + 1 + 61 * k + torch.randint(0, 60, k.shape)) % m)
        self.register_buffer("target", to)
        self.register_buffer("source", source)
        self.pyg = pyg
        if pyg:
            from torch_geometric.nn import GATConv
            self.conv = GATConv(64, 8, 8, add_self_loops=False, bias=False)
        else:
            self.w = nn.Linear(64, 64, bias=False)
            self.s, self.t = nn.Parameter(torch.rand(8, 8)), nn.Parameter(torch.rand(8, 8))
        self.out = nn.Linear(64, 7)

    def forward(self, x):
        if self.pyg:
            return self.out(self.conv(x, torch.stack([self.source, self.target])))
        z = self.w(x).view(-1, 8, 8)
        e = (z * self.s).sum(2)[self.target] + (z * self.t).sum(2)[self.source]
        e = F.leaky_relu(e, 0.2)
        index = self.target[:, None].expand(-1, 8)
        top = torch.full((len(x), 8), -1e30).scatter_reduce(0, index, e.detach(), "amax")
        e = torch.exp(e - top[self.target])
        e = e / torch.zeros(len(x), 8).index_add(0, self.target, e)[self.target]
        y = torch.zeros(len(x), 8, 8).index_add(0, self.target, e[:, :, None] * z[self.source])
        return self.out(y.flatten(1))


# ------------------------------------------------------------------------------------- runs

def network(name, variant):
    """The module, the input of an inference, a function that makes a training step's loss, and
    the optimiser."""
    if name == "ctrgcn":
        net = CTRGCN()
        x, label = torch.randn(8, 3, 64, 25, 2), torch.randint(0, 60, (8,))
        opt = torch.optim.SGD(net.parameters(), 0.01, 0.9, nesterov=True)
        return net, x[:1], lambda: F.cross_entropy(net(x), label), opt
    if name == "simlpe":
        net, x, truth = SiMLPe(), torch.randn(256, 50, 66), torch.randn(256, 10, 66)
        return net, x[:1], lambda: joint_loss(net(x), truth), torch.optim.Adam(net.parameters(), 3e-4)
    if name == "dcrnn":
        net, x, truth = DCRNN(), torch.randn(4, 207, 12, 2), torch.randn(4, 207, 12, 1)
        fed, there = torch.randint(0, 2, (2, 4, 207, 12, 1)).float()
        opt = torch.optim.Adam(net.parameters(), 1e-3)
        return net, x[:1], lambda: F.l1_loss(net(x, truth, fed) * there, truth * there), opt
    net, x, label = GAT(variant == "pyg"), torch.randn(1000, 64), torch.randint(0, 7, (1000,))
    opt = torch.optim.Adam(net.parameters(), 5e-3)
    return net, x, lambda: F.cross_entropy(net(x), label), opt


def main():
    name, variant = sys.argv[1:3]
    net, x, loss, opt = network(name, variant)
    infer_net = net.eval()
    if variant == "trace":
        with torch.no_grad():
            infer_net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))

    def infer():
        with torch.inference_mode():
            infer_net(x)

    def train():
        opt.zero_grad(set_to_none=True)
        loss().backward()
        opt.step()

    infer()
    print(json.dumps({"parameters": sum(p.numel() for p in net.parameters())}), flush=True)
    for line in sys.stdin:
        what, calls = line.split()
        if variant != "trace":
            net.train(what == "train")
        call = train if what == "train" else infer
        seconds = []
        for _ in range(int(calls)):
            start = time.process_time()
            call()
            seconds.append(time.process_time() - start)
        print(*("%.9f" % s for s in seconds), flush=True)


if __name__ == "__main__":
    main()
