"""What every golden case is made of: values drawn from hashes of names, the layout of this
project against the reference's, the collection of a case's tensors, and their text.  Used by
make_golden.py; touches no file.
"""
import numpy as np
import torch
from torch.func import functional_call

INTEGER = torch.int64
PREFIX = "p/"     # of the names that parameters are drawn by
AROUND_ONE = ("mask", "importance", "alpha", "beta", "gamma")


def uniform(name, n):
    """n numbers in [-1, 1): splitmix64 at the positions after the FNV-1a hash of the name."""
    h = 0xcbf29ce484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001b3 % 2 ** 64
    with np.errstate(over="ignore"):
        z = np.uint64(h) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9e3779b97f4a7c15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xbf58476d1ce4e5b9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94d049bb133111eb)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) * 2.0 ** -52 - 1


def rounded(t):
    return torch.as_tensor(t).detach().to(torch.float32).to(torch.get_default_dtype())


def drawn(name, shape, scale=1.0, shift=0.0):
    u = torch.tensor(uniform(name, int(np.prod(shape))))
    return rounded((shift + scale * u).reshape(shape))


def parameter(name, shape):
    """A parameter or statistic from its name and shape alone.  README states the rule; it keeps
    the activations of the adjacency's perceptrons on both sides of nought and the adjacency itself
    away from both uniform and one-hot, where gradients would be noise."""
    last = name.rsplit(".", 1)[-1]
    agim, seed = "agim" in name.split("."), PREFIX + name
    if last == "running_mean":
        return drawn(seed, shape, 0.2, 0.6 if agim else 0.0)
    if last == "running_var":
        return drawn(seed, shape, 0.04 if agim else 0.4, 0.1 if agim else 1.0)
    if last in AROUND_ONE or (last == "weight" and len(shape) == 1):
        return drawn(seed, shape, 0.3, 1.0)
    if len(shape) == 1:
        return drawn(seed, shape, 0.2, 0.6 if agim and ".fc" in name else 0.0)
    fan = shape[-1] if last == "w_str" else int(np.prod(shape[1:]))
    if "emb_out" in name:
        return drawn(seed, shape, 1.2 / fan ** 0.75)
    return drawn(seed, shape, 1.4 / fan ** 0.5)


def is_convolution(name):
    return ("." + name).endswith((".tc.weight", ".res.weight"))


def our_shape(name, shape):
    """[C', C, tau, 1] -> [C', tau, C]"""
    return (shape[0], shape[2], shape[1]) if is_convolution(name) else tuple(shape)


def to_torch(name, t):
    return t.permute(0, 2, 1).unsqueeze(-1) if is_convolution(name) else t


def to_ours(name, t):
    return t[..., 0].permute(0, 2, 1) if is_convolution(name) else t


def nctm(x):
    """[N, M, T, C] <-> [N, C, T, M]"""
    return x.permute(0, 3, 2, 1)


def ntmc(x):
    """[N, M, T, C] <-> [N, T, M, C]"""
    return x.permute(0, 2, 1, 3)


class Case:
    """Collects a case's tensors in order.  `values(kind, name)` may give what goes in instead of
    drawing it (None to draw)."""

    def __init__(self, name, draws=None, values=None, **attrs):
        self.name, self.draws, self.attrs = name, draws or name, attrs
        self.values, self.items, self.leaves, self.held, self.loss = values, [], [], {}, 0

    def add(self, kind, name, t):
        self.items.append((kind, name, torch.as_tensor(t).detach().clone()))
        return t

    def take(self, kind, name, make):
        v = self.values(kind, name) if self.values else None
        return rounded(make() if v is None else v)

    def const(self, kind, name, t):
        return self.add(kind, name, self.take(kind, name, lambda: torch.as_tensor(t)))

    def leaf(self, name, *shape, scale=1.0, shift=0.0, rows=False, kind="in"):
        """A differentiated value; rows: a softmax of draws, so that rows sum to one."""
        def make():
            t = drawn(self.draws + "/" + name, shape, scale, shift)
            return torch.softmax(3 * t, -1) if rows else t
        t = self.add(kind, name, self.take(kind, name, make)).requires_grad_()
        self.leaves.append(("gin" if kind == "in" else "gpar", name, t))
        return t

    def module(self, m, training=False, prefix=""):
        """Parameters and statistics of a module by the rule; returns how to call it."""
        m.train(training)
        held = {}
        for k, b in m.named_buffers():
            if "running" in k:
                held[k] = self.take("buf", k, lambda: parameter(prefix + k, b.shape)).clone()
                self.add("buf", k, held[k])
        for k, p in m.named_parameters():
            s = our_shape(k, p.shape)
            t = self.take("par", k, lambda: parameter(prefix + k, s))
            self.add("par", k, t).requires_grad_()
            self.leaves.append(("gpar", k, t))
            held[k] = to_torch(k, t)
        self.held = held
        return lambda *args: functional_call(m, held, args)

    def out(self, name, t):
        """A result; where it is differentiable, the sum of it weighted by `gout` is."""
        self.add("out", name, t)
        if t.requires_grad:
            def make():
                return drawn(self.draws + "/gout " + name, t.shape) if t.dim() else torch.ones(())
            w = self.take("gout", name, make)
            if t.dim():
                self.add("gout", name, w)
            self.loss = self.loss + (t * w).sum()

    def done(self):
        """Adds the statistics after a training run and the gradients on all leaves."""
        for k, t in self.held.items():
            if "running" in k:
                self.add("aft", k, t)
        g = torch.autograd.grad(self.loss, [t for _, _, t in self.leaves], allow_unused=True)
        for (kind, name, t), v in zip(self.leaves, g):
            self.add(kind, name, torch.zeros_like(t) if v is None else v)
        return self


def number(v):
    """A float32 as C99's %a writes it, without the zeros at the end."""
    s = float(v).hex()
    head, exponent = s.split("p")
    return head.rstrip("0").rstrip(".") + "p" + exponent if "." in head else s


def text(c):
    lines = ["attr %s %s" % kv for kv in c.attrs.items()]
    for kind, name, t in c.items:
        lines.append(" ".join(["tensor", kind, name, str(t.dim())] + [str(d) for d in t.shape]))
        if t.dtype == INTEGER:
            v = ["%d" % i for i in t.reshape(-1).tolist()]
        else:
            v = [number(i) for i in t.to(torch.float32).reshape(-1).tolist()]
        lines += [" ".join(v[i:i + 8]) for i in range(0, len(v), 8)]
    return "\n".join(lines) + "\n"


def walk(name, shape):
    """A random walk over the frames."""
    return rounded(drawn(name, shape, 0.25).cumsum(2))


def projections(name, grad):
    """Four sums over all elements of a gradient, weighted by rule."""
    g = grad.reshape(-1)
    return torch.stack([(g * drawn("%d/%s" % (j, name), g.shape)).sum() for j in range(4)])


def drift(a, b):
    """Worst |a - b| / max |a| over the tensors of two runs, and whose it is."""
    worst, which = 0.0, ""
    for (kind, name, s), (_, _, t) in zip(a.items, b.items):
        s, t = s.double(), t.double()
        if float(s.abs().max()) < 1e-9:   # nought by algebra
            continue
        e = float((s - t).abs().max() / s.abs().max())
        if e > worst:
            worst, which = e, kind + " " + name
    return worst, which
