"""Golden cases of the network: its modules, the whole of it at small dimensions, its gradients
and training steps, and the light network on values made by rule.  Each function fills a Case and
returns it; `cases` names them.  Used by make_golden.py.
"""
import copy
import json

import torch

import skeletons as sk
import symgnn_torch as S
from golden_case import (Case, drawn, nctm, ntmc, our_shape, parameter, projections, to_ours,
                         to_torch, walk)

TINY = S.tiny(p_tc=0.0, p_agim=0.0, p_out=0.0)


def model_attrs(cfg):
    return dict(skeleton=cfg.skeleton, t_obs=cfg.t_obs, t_pred=cfg.t_pred, classes=cfg.classes,
                gamma=cfg.gamma, agim_k=cfg.agim_k, agim_dim=cfg.agim_dim, hidden=cfg.hidden,
                lambda_act=cfg.lambda_act, blocks=json.dumps(cfg.blocks).replace(" ", ""),
                fuse_after=",".join(map(str, cfg.fuse_after)), branches=cfg.branches,
                out_hidden_layers=cfg.out_hidden_layers)


def agim(c, training):
    c.attrs.update(k=TINY.agim_k, dim=TINY.agim_dim, eps=TINY.bn_eps, momentum=TINY.bn_momentum)
    call = c.module(S.Agim(TINY, 5), training, "agim.")
    with torch.set_grad_enabled(training):
        c.out("A", call(ntmc(c.leaf("x", 2, 5, 8, 3))))
    return c.done() if training else c


class Head(torch.nn.Module):
    """The prediction head of a network, from the backbone's features to poses."""

    def __init__(self, cfg):
        super().__init__()
        m = S.SymGNN(cfg)
        self.cfg, self.mlp_pred, self.dec = cfg, m.mlp_pred, m.dec

    forward = S.SymGNN.predict


def decoder(c, carry):
    c.attrs.update(model_attrs(TINY), gru_carry=carry)
    call = c.module(Head(S.replace(TINY, gru_carry=carry)))
    h, x = c.leaf("H", 2, 5, 24), c.leaf("x", 2, 5, 8, 3)
    logits, a = c.leaf("logits", 2, 4, scale=2.0), c.leaf("a_act", 2, 5, 5, rows=True)
    c.out("pred", ntmc(call(h, a, ntmc(x), logits, TINY.t_pred)))
    return c.done()


def block_joint(c, training):
    c.attrs.update(stride=2, kernel=3, lambda_act=0.7)
    gc = S.Jgc(4, 4, torch.tensor(sk.tiny(5).powers(2)).to(torch.get_default_dtype()), 0.7)
    call = c.module(S.GtcBlock(gc, 4, (4, 6, 2, 3), TINY), training)
    x, a = c.leaf("x", 2, 5, 8, 4), c.leaf("a_act", 2, 5, 5, rows=True)
    with torch.set_grad_enabled(training):
        c.out("y", nctm(call(nctm(x), a)))
    return c.done() if training else c


def branch(c, training):
    c.attrs.update(model_attrs(TINY))
    call = c.module(S.Branch(TINY, sk.tiny(5)), training)
    x, a = c.leaf("x", 2, 5, 8, 3), c.leaf("a_act", 2, 5, 5, rows=True)
    with torch.set_grad_enabled(training):
        c.out("h", call(nctm(x), a))
    return c.done() if training else c


def network(c, cfg=TINY):
    m = S.SymGNN(cfg)
    with torch.no_grad():
        for k, b in m.named_buffers():
            if "running" in k:
                b.copy_(c.take("buf", k, lambda: parameter(k, b.shape)))
        for k, p in m.named_parameters():
            s = our_shape(k, p.shape)
            p.copy_(to_torch(k, c.take("par", k, lambda: parameter(k, s))))
    return m


def run_model(m, x):
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
    for k, t in run_model(m, x).items():
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
    if mode == "fixed":
        for k, t in run_model(copy.deepcopy(m), x).items():
            c.add("out", k, t)
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


def light_digest(c):
    """The light network on parameters and poses made by rule: only results are in the file."""
    cfg = S.light(p_tc=0.0, p_agim=0.0, p_out=0.0)
    c.attrs.update(model_attrs(cfg))
    m = network(c, cfg).eval()
    out = run_model(m, walk("light/x", (2, 26, 50, 3)))
    c.add("out", "logits", out["logits"])
    c.add("out", "pred", out["pred"][:, ::5])
    c.add("out", "A_act", out["A_act"][:, ::5])
    c.add("out", "H", out["H"][:, ::5, ::16])
    c.attrs.update(parameters=sum(p.numel() for p in m.parameters()), pred_nodes_every=5,
                   A_act_rows_every=5, H_nodes_every=5, H_channels_every=16)
    return c


def full_digest(c):
    """The full network's nine blocks at a sixteenth of the width, as light_digest; and a training
    batch, of whose gradients the file holds projections."""
    cfg = S.full()
    cfg = S.replace(cfg, t_obs=22, t_pred=3, classes=5, agim_dim=8, hidden=16, p_tc=0.0,
                    p_agim=0.0, p_out=0.0,
                    blocks=tuple((a // 16, b // 16, s, k) for a, b, s, k in cfg.blocks))
    c.attrs.update(model_attrs(cfg), lam=0.25)
    m = network(c, cfg).eval()
    x = walk("full/x120", (2, 25, 22, 3))
    for k, t in run_model(m, x).items():
        c.add("out", k, t)
    y = c.add("in", "labels", torch.tensor([3, 0]))
    lr, lp, _ = train_grads(m.train(), (x, y, walk("full/target120", (2, 25, 3, 3))), "fixed", 0.25)
    c.add("out", "loss_recg", torch.tensor(lr))
    c.add("out", "loss_pred", torch.tensor(lp))
    for k, p in m.named_parameters():
        c.add("gdot", k, projections(k, to_ours(k, p.grad)))
    return c


def cases():
    """name -> (function, arguments)"""
    t = {f.__name__: (f, ()) for f in (tiny_params, model_eval, train_batches, light_digest,
                                           full_digest)}
    for f in (agim, block_joint, branch):
        t[f.__name__ + "_eval"], t[f.__name__ + "_train"] = (f, (False,)), (f, (True,))
    for carry in ("jgc", "hidden"):
        t["decoder_" + carry] = (decoder, (carry,))
    for mode in ("fixed", "exact", "ub", "ub-normalised"):
        t["train_grads_" + mode] = (grads, (mode,))
    for mode in ("fixed", "ub"):
        t["train_steps_" + mode] = (steps, (mode, 1e-4))
        t["train_steps_%s_eps8" % mode] = (steps, (mode, 1e-8))
    return t
