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
import json
import os
import sys
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call

sys.path.insert(0, sys.argv[1] if len(sys.argv) > 1 else ".")
import skeletons as sk
import symgnn_torch as S

FLOAT, INTEGER = torch.float64, torch.int64
PREFIX = "p/"


# -------------------------------------------------------------------------------- drawing and layout
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
    return torch.as_tensor(t).detach().to(torch.float32).to(FLOAT)


def drawn(name, shape, scale=1.0, shift=0.0):
    u = torch.tensor(uniform(name, int(np.prod(shape))))
    return rounded((shift + scale * u).reshape(shape))


def parameter(name, shape):
    """A parameter or statistic from its name and shape alone.  README states the rule; it keeps
    the activations of the adjacency's perceptrons on both sides of nought and the adjacency itself
    away from both uniform and one-hot, where gradients would be noise."""
    part, last = name.split(".")[0], name.rsplit(".", 1)[-1]
    agim, seed = part == "agim", PREFIX + name
    if last == "running_mean":
        return drawn(seed, shape, 0.2, 0.6 if agim else 0.0)
    if last == "running_var":
        return drawn(seed, shape, 0.04 if agim else 0.4, 0.1 if agim else 1.0)
    if last == "mask" or (last == "weight" and len(shape) == 1):
        return drawn(seed, shape, 0.3, 1.0)
    if len(shape) == 1:
        return drawn(seed, shape, 0.2, 0.6 if agim and ".fc" in name else 0.0)
    fan = shape[-1] if last == "w_str" else int(np.prod(shape[1:]))
    if "emb_out" in name:
        return drawn(seed, shape, 1.2 / fan ** 0.75)
    return drawn(seed, shape, 1.4 / fan ** 0.5)


def our_shape(name, shape):
    if ("." + name).endswith(".tc.weight"):          # [C', C, tau, 1] -> [C', tau, C]
        return (shape[0], shape[2], shape[1])
    if ("." + name).endswith(".res.weight"):         # [C', C, 1, 1] -> [C', C]
        return tuple(shape[:2])
    return tuple(shape)


def to_torch(name, t):
    if ("." + name).endswith(".tc.weight"):
        return t.permute(0, 2, 1).unsqueeze(-1)
    if ("." + name).endswith(".res.weight"):
        return t[:, :, None, None]
    return t


def to_ours(name, t):
    if ("." + name).endswith(".tc.weight"):
        return t[..., 0].permute(0, 2, 1)
    if ("." + name).endswith(".res.weight"):
        return t[:, :, 0, 0]
    return t


def nctm(x):
    """[N, M, T, C] <-> [N, C, T, M]"""
    return x.permute(0, 3, 2, 1)


def ntmc(x):
    """[N, M, T, C] <-> [N, T, M, C]"""
    return x.permute(0, 2, 1, 3)


def settle(module):
    """Constants of a module as a float program holds them."""
    for b in module.buffers():
        if b.is_floating_point():
            b.copy_(rounded(b))
    return module


# ---------------------------------------------------------------------------------------------- cases
class Case:
    """Collects a case's tensors in order.  `values(kind, name)` may give what goes in instead of
    drawing it (None to draw)."""

    def __init__(self, name, draws=None, values=None, **attrs):
        self.name, self.draws, self.attrs = name, draws or name, attrs
        self.values, self.items, self.leaves, self.loss = values, [], [], 0

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
        settle(m).train(training)
        held = {}
        for k, b in m.named_buffers():
            if "running" in k:
                held[k] = self.take("buf", k, lambda: parameter(prefix + k, b.shape)).clone()
                self.add("buf", k, held[k])
        for k, p in m.named_parameters():
            s = our_shape(k, p.shape)
            t = self.add("par", k, self.take("par", k, lambda: parameter(prefix + k, s))).requires_grad_()
            self.leaves.append(("gpar", k, t))
            held[k] = to_torch(k, t)
        self.held = held
        return lambda *args: functional_call(m, held, args)

    def after(self):
        for k, t in self.held.items():
            if "running" in k:
                self.add("aft", k, t)

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
        g = torch.autograd.grad(self.loss, [t for _, _, t in self.leaves], allow_unused=True)
        for (kind, name, t), v in zip(self.leaves, g):
            self.add(kind, name, torch.zeros_like(t) if v is None else v)
        return self


def model_attrs(cfg):
    return dict(skeleton=cfg.skeleton, t_obs=cfg.t_obs, t_pred=cfg.t_pred, classes=cfg.classes,
                gamma=cfg.gamma, agim_k=cfg.agim_k, agim_dim=cfg.agim_dim, hidden=cfg.hidden,
                lambda_act=cfg.lambda_act, blocks=json.dumps(cfg.blocks).replace(" ", ""),
                fuse_after=",".join(map(str, cfg.fuse_after)), branches=cfg.branches,
                out_hidden_layers=cfg.out_hidden_layers)


TINY = S.tiny(p_tc=0.0, p_agim=0.0, p_out=0.0)
TAIL = ("eval", "train")


def powers(n):
    return rounded(torch.tensor(sk.tiny(5).powers(n)))


def graph_cmu26(c):
    s = sk.cmu26()
    c.attrs.update(joints=s.num_joints, parts=s.num_parts, center=s.center)
    c.add("buf", "edges", torch.tensor(s.edges))
    c.add("buf", "part_edges", torch.tensor(s.part_edges))
    c.add("buf", "joint_to_part", torch.tensor(s.joint_to_part()))
    c.add("out", "adjacency", torch.tensor(s.adjacency()).to(INTEGER))
    c.add("out", "powers", torch.tensor(s.powers(4)))
    c.add("out", "part_normalized", torch.tensor(s.part_normalized()))
    return c


def linear(c):
    x = c.leaf("x", 2, 5, 7, 4)
    w, b = c.leaf("w", 6, 4, kind="par"), c.leaf("b", 6, kind="par")
    c.out("y", F.linear(x, w, b))
    return c.done()


def edge(c):
    """Pairs (i, j), i-major, j != i: W [x_i, x_j] + b, then the mean over j (eq. 1)."""
    x, w, b = c.leaf("x", 2, 5, 4), c.leaf("w", 6, 8, kind="par"), c.leaf("b", 6, kind="par")
    i = torch.tensor([i for i in range(5) for j in range(5) if j != i])
    j = torch.tensor([j for i in range(5) for j in range(5) if j != i])
    q = F.linear(torch.cat([x[:, i], x[:, j]], -1), w, b)
    c.out("q", q)
    c.out("mean", q.view(2, 5, 4, 6).mean(2))
    return c.done()


def softmax_adjacency(c):
    f, g = c.leaf("f", 2, 5, 6), c.leaf("g", 2, 5, 6)
    c.out("A", S.softmax_adjacency(f, g))
    return c.done()


def graph_product(c):
    x = c.leaf("x", 2, 5, 7, 4)
    a, b = c.leaf("shared", 3, 5), c.leaf("sample", 2, 5, 5)
    c.out("y_shared", torch.einsum("im,nmtc->nitc", a, x))
    c.out("y_sample", torch.einsum("nim,nmtc->nitc", b, x))
    return c.done()


def jgc(c, lam):
    call = c.module(S.Jgc(4, 6, powers(3), lam))
    c.const("buf", "a_pow", powers(3))
    x, a = c.leaf("x", 2, 5, 7, 4), c.leaf("a_act", 2, 5, 5, rows=True)
    c.attrs.update(gamma=3, lambda_act=lam)
    c.out("y", nctm(call(nctm(x), a)))
    return c.done()


def agc(c):
    """The actional part alone: the structural weights are zero."""
    given = c.values
    c.values = lambda kind, name: torch.zeros(3, 6, 4) if name == "w_str" else \
        (given(kind, name) if given else None)
    return jgc(c, 1.0)


def pgc(c):
    part = rounded(torch.tensor(sk.tiny(5).part_normalized()))
    call = c.module(S.Pgc(4, 6, part))
    c.const("buf", "a_part", part)
    x = c.leaf("x", 2, 3, 7, 4)
    c.out("y", nctm(call(nctm(x))))
    return c.done()


def temporal(c, t, k, s):
    c.attrs.update(kernel=k, stride=s, pad=(k - 1) // 2)
    x, w = c.leaf("x", 2, 5, t, 4), c.leaf("w", 6, k, 4, scale=0.4, kind="par")
    y = F.conv2d(nctm(x), w.permute(0, 2, 1).unsqueeze(-1), None, (s, 1), ((k - 1) // 2, 0))
    c.out("y", nctm(y))
    return c.done()


def batchnorm(c, training):
    c.attrs.update(eps=1e-5, momentum=0.1)
    mean = c.const("buf", "running_mean", parameter("batchnorm.running_mean", (4,))).clone()
    var = c.const("buf", "running_var", parameter("batchnorm.running_var", (4,))).clone()
    x = c.leaf("x", 3, 5, 6, 4, scale=3.0, shift=0.5)
    w, b = c.leaf("weight", 4, shift=1.0, kind="par"), c.leaf("bias", 4, kind="par")
    c.out("y", nctm(F.batch_norm(nctm(x), mean, var, w, b, training, 0.1, 1e-5)))
    if training:
        c.add("aft", "running_mean", mean)
        c.add("aft", "running_var", var)
    return c.done()


def joint2part(c):
    c.add("buf", "joint_to_part", torch.tensor(sk.tiny(5).joint_to_part()))
    h = c.leaf("h", 2, 5, 4, 3)
    pool = torch.tensor(sk.tiny(5).pool_matrix()).to(FLOAT)
    c.out("p", nctm(S.pool_joint2part(nctm(h), pool)))
    return c.done()


def part2joint(c):
    j2p = torch.tensor(sk.tiny(5).joint_to_part())
    c.add("buf", "joint_to_part", j2p)
    p = c.leaf("p", 2, 3, 4, 3)
    c.out("h", nctm(S.match_part2joint(nctm(p), j2p)))
    return c.done()


def difference(c):
    for k, d in enumerate(S.difference(ntmc(c.leaf("x", 2, 5, 6, 3)))):
        c.out("d%d" % k, ntmc(d))
    return c.done()


def gru_step(c):
    call = c.module(torch.nn.GRUCell(7, 6))
    c.out("h", call(c.leaf("x", 4, 7), c.leaf("h", 4, 6)))
    return c.done()


def gru_step_carry(c):
    """The state that is carried (`carry`) is not the one that the gates see (`h`)."""
    d = S.Decoder(S.replace(TINY, gru_carry="hidden"), sk.tiny(5))
    x, h, carry = c.leaf("x", 2, 5, 7), c.leaf("h", 2, 5, 6), c.leaf("carry", 2, 5, 6)
    d.cell = torch.nn.GRUCell(7, 6)
    c.module(d.cell)
    for k in list(d.cell._parameters):
        d.cell._parameters[k] = c.held[k]
    c.out("h", d.gru(x, h, carry))
    return c.done()


def agim(c, training):
    c.attrs.update(k=TINY.agim_k, dim=TINY.agim_dim, eps=TINY.bn_eps, momentum=TINY.bn_momentum)
    call = c.module(S.Agim(TINY, 5), training, "agim.")
    c.out("A", call(ntmc(c.leaf("x", 2, 5, 8, 3))))
    if training:
        c.after()
    return c.done()


def decoder(c, carry):
    c.attrs.update(t_pred=3, gamma=TINY.gamma, lambda_act=TINY.lambda_act, carry=carry)
    call = c.module(S.Decoder(S.replace(TINY, gru_carry=carry), sk.tiny(5)))
    c.const("buf", "a_pow", powers(TINY.gamma))
    h, last3 = c.leaf("h", 2, 5, 8), c.leaf("last3", 2, 5, 3, 3)
    y, a = c.leaf("yhat", 2, 4, rows=True), c.leaf("a_act", 2, 5, 5, rows=True)
    c.out("pred", ntmc(call(h, ntmc(last3), y, a, 3)))
    return c.done()


def loss_recg(c):
    y = torch.tensor([0, 3, 2, 2, 1])
    c.add("in", "labels", y)
    logits = c.leaf("logits", 5, 4, scale=4.0)
    c.out("loss", S.loss_recg(logits, y))
    c.out("prob", torch.softmax(logits, -1))
    return c.done()


def loss_pred(c, reduction):
    p, t = c.leaf("pred", 3, 5, 4, 3), c.leaf("target", 3, 5, 4, 3)
    c.out("loss", S.loss_pred(ntmc(p), ntmc(t), reduction))
    return c.done()


def mgda_lambda(c):
    a = c.const("in", "g_recg", drawn("mgda_lambda/a", (12, 6)))
    b = drawn("mgda_lambda/b", (12, 6)) * torch.arange(1, 13)[:, None].to(FLOAT) / 6
    b[10], b[11] = 3 * a[10], a[11]       # collinear, equal
    b = c.const("in", "g_pred", b)
    c.add("out", "lambda", torch.tensor([S.mgda_lambda([p], [q]) for p, q in zip(a, b)]))
    return c


def optimiser(c, make, **attrs):
    """Three steps of two parameters under given gradients."""
    c.attrs.update(lr=0.01, weight_decay=0.02, **attrs)
    w, b = c.leaf("w", 7, 5, kind="par"), c.leaf("b", 5, kind="par")
    ps = [w.detach().clone().requires_grad_(), b.detach().clone().requires_grad_()]
    opt = make(ps)
    for step in range(3):
        for k, p in zip("wb", ps):
            p.grad = c.const("in", "g%d.%s" % (step, k), drawn("%s/g%d%s" % (c.draws, step, k), p.shape))
        opt.step()
        for k, p in zip("wb", ps):
            c.add("aft", "%s%d" % (k, step), p)
    return c


def adam(c):
    return optimiser(c, lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.02),
                     beta1=0.9, beta2=0.999, eps=1e-8)


def sgd(c, nesterov):
    return optimiser(c, lambda p: torch.optim.SGD(p, 0.01, momentum=0.9, nesterov=nesterov,
                                                  weight_decay=0.02),
                     momentum=0.9, nesterov=int(nesterov))


def block_joint(c, training):
    c.attrs.update(stride=2, kernel=3, lambda_act=0.7)
    call = c.module(S.GtcBlock(S.Jgc(4, 4, powers(2), 0.7), 4, (4, 6, 2, 3), TINY), training)
    c.const("buf", "a_pow", powers(2))
    x, a = c.leaf("x", 2, 5, 8, 4), c.leaf("a_act", 2, 5, 5, rows=True)
    c.out("y", nctm(call(nctm(x), a)))
    if training:
        c.after()
    return c.done()


def branch(c, training):
    c.attrs.update(model_attrs(TINY))
    call = c.module(S.Branch(TINY, sk.tiny(5)), training)
    x, a = c.leaf("x", 2, 5, 8, 3), c.leaf("a_act", 2, 5, 5, rows=True)
    c.out("h", call(nctm(x), a))
    if training:
        c.after()
    return c.done()


# ---------------------------------------------------------------------------------- the whole network
def network(c, cfg=TINY):
    m = settle(S.SymGNN(cfg))
    with torch.no_grad():
        for k, b in m.named_buffers():
            if "running" in k:
                b.copy_(c.take("buf", k, lambda: parameter(k, b.shape)))
        for k, p in m.named_parameters():
            s = our_shape(k, p.shape)
            p.copy_(to_torch(k, c.take("par", k, lambda: parameter(k, s))))
    return m


def run_eval(c, m, x):
    with torch.no_grad():
        h, a = m.backbone(ntmc(x))
        logits = m.recognise(h)
        return dict(logits=logits, pred=ntmc(m.predict(h, a, ntmc(x), logits, m.cfg.t_pred)),
                    H=h, A_act=a)


def tiny_params(c):
    """The tiny network's parameters and statistics, for the cases below."""
    c.attrs.update(model_attrs(TINY))
    m = network(c)
    for k, b in m.named_buffers():
        if "running" in k:
            c.add("buf", k, b)
    for k, p in m.named_parameters():
        c.add("par", k, to_ours(k, p))
    return c


def model_eval(c):
    m = network(c).eval()
    x = c.const("in", "x", drawn("model_eval/x", (2, 5, 8, 3)))
    for k, t in run_eval(c, m, x).items():
        c.add("out", k, t)
    return c


def normalised(g1, g2):
    """Weight of the first raw loss at the minimum-norm point of the two unit gradients."""
    n1, n2 = (sum(float((t ** 2).sum()) for t in g if t is not None) ** 0.5 for g in (g1, g2))
    return n2 / (n1 + n2)


def train_grads(m, batch, mode, lam):
    x, y, target = batch
    plain = S.mgda_lambda
    try:
        if mode == "ub-normalised":
            S.mgda_lambda = normalised
        return S.train_grads(m, ntmc(x), y, ntmc(target), mode.split("-")[0], lam)
    finally:
        S.mgda_lambda = plain


def grads(c, mode):
    c.attrs.update(mode=mode)
    m = network(c).train()
    x = c.const("in", "x", drawn("train/x", (4, 5, 8, 3)))
    target = c.const("in", "target", drawn("train/target", (4, 5, 3, 3)))
    y = c.add("in", "labels", torch.tensor([0, 3, 1, 2]))
    lr, lp, lam = train_grads(m, (x, y, target), mode, 0.25)
    for k, v in (("loss_recg", lr), ("loss_pred", lp), ("lambda", lam)):
        c.add("out", k, torch.tensor(v))
    for k, p in m.named_parameters():
        c.add("gpar", k, to_ours(k, p.grad))
    if mode == "fixed":
        for k, b in m.named_buffers():
            if "running" in k:
                c.add("aft", k, b)
    return c


def batches(c):
    """Twelve samples, and which four of them each of ten steps takes."""
    return (c.const("in", "x", drawn("steps/x", (12, 5, 8, 3))),
            c.add("in", "labels", torch.arange(12) * 7 % 4),
            c.const("in", "target", drawn("steps/target", (12, 5, 3, 3))),
            c.add("in", "batches", torch.arange(40).view(10, 4) * 5 % 12))


def train_batches(c):
    batches(c)
    return c


def steps(c, mode, eps):
    """Ten Adam steps from tiny_params on train_batches; losses and lambda before each step."""
    c.attrs.update(mode=mode, lr=1e-3, beta1=0.9, beta2=0.999, eps=eps)
    m = network(c).train()
    x, y, target, order = batches(Case("inputs"))
    opt = torch.optim.Adam(m.parameters(), 1e-3, eps=eps)
    rows = []
    for b in order:
        rows.append(train_grads(m, (x[b], y[b], target[b]), mode, 0.5))
        opt.step()
    for k, v in zip(("loss_recg", "loss_pred", "lambda"), zip(*rows)):
        c.add("out", k, torch.tensor(v))
    return c


def light_input(n):
    """A random walk over the frames."""
    u = drawn("light/x", (n, 26, 50, 3), 0.25)
    return rounded(u.cumsum(2))


def light_digest(c):
    """The light network on parameters and poses made by rule: only results are in the file."""
    cfg = S.light(p_tc=0.0, p_agim=0.0, p_out=0.0)
    c.attrs.update(model_attrs(cfg))
    m = network(c, cfg).eval()
    out = run_eval(c, m, light_input(2))
    c.add("out", "logits", out["logits"])
    c.add("out", "pred", out["pred"][:, ::5])
    c.add("out", "A_act", out["A_act"][:, ::5])
    c.add("out", "H", out["H"][:, ::5, ::16])
    c.attrs.update(parameters=sum(p.numel() for p in m.parameters()), pred_nodes_every=5,
                   A_act_rows_every=5, H_nodes_every=5, H_channels_every=16)
    return c


def all_cases():
    """name -> (function, arguments)"""
    t = {f.__name__: (f, ()) for f in (
        graph_cmu26, linear, edge, softmax_adjacency, graph_product, agc, pgc, joint2part, part2joint,
        difference, gru_step, gru_step_carry, loss_recg, mgda_lambda, adam, tiny_params, model_eval,
        train_batches, light_digest)}
    t["sgc"], t["jgc"] = (jgc, (0.0,)), (jgc, (0.7,))
    t["sgd"], t["sgd_nesterov"] = (sgd, (False,)), (sgd, (True,))
    for s in ((12, 9, 1), (12, 9, 2), (13, 9, 2), (13, 7, 2), (3, 9, 1), (1, 9, 2)):
        t["tc_t%d_k%d_s%d" % s] = (temporal, s)
    for f in (batchnorm, agim, block_joint, branch):
        for training in (False, True):
            t["%s_%s" % (f.__name__, TAIL[training])] = (f, (training,))
    for carry in ("jgc", "hidden"):
        t["decoder_" + carry] = (decoder, (carry,))
    for r in ("sum", "mean"):
        t["loss_pred_" + r] = (loss_pred, (r,))
    for mode in ("fixed", "exact", "ub", "ub-normalised"):
        t["train_grads_" + mode] = (grads, (mode,))
    for mode in ("fixed", "ub"):
        t["train_steps_" + mode] = (steps, (mode, 1e-4))
        t["train_steps_%s_eps8" % mode] = (steps, (mode, 1e-8))
    return t


def run(name, dtype=torch.float64, values=None):
    global FLOAT
    FLOAT = dtype
    torch.set_default_dtype(dtype)
    torch.manual_seed(0)
    f, args = all_cases()[name]
    return f(Case(name, name.split("_eval")[0].split("_train")[0], values), *args)


# ------------------------------------------------------------------------------------------------ text
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


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: make_golden.py REFERENCE_DIR [OUTPUT_DIR] [CASE...]")
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
