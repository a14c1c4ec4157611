"""Golden cases of single operators, losses and optimisers.  Each function fills a Case and returns
it; `cases` names them.  Used by make_golden.py.
"""
import torch
import torch.nn.functional as F

import skeletons as sk
import symgnn_torch as S
from golden_case import INTEGER, drawn, nctm, ntmc, parameter, rounded


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
    with torch.set_grad_enabled(training):
        c.out("y", nctm(F.batch_norm(nctm(x), mean, var, w, b, training, 0.1, 1e-5)))
    if not training:
        return c
    c.add("aft", "running_mean", mean)
    c.add("aft", "running_var", var)
    return c.done()


def joint2part(c):
    c.add("buf", "joint_to_part", torch.tensor(sk.tiny(5).joint_to_part()))
    h = c.leaf("h", 2, 5, 4, 3)
    pool = torch.tensor(sk.tiny(5).pool_matrix()).to(torch.get_default_dtype())
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
    d = S.Decoder(S.tiny(gru_carry="hidden"), sk.tiny(5))
    x, h, carry = c.leaf("x", 2, 5, 7), c.leaf("h", 2, 5, 6), c.leaf("carry", 2, 5, 6)
    d.cell = torch.nn.GRUCell(7, 6)
    c.module(d.cell)
    for k in list(d.cell._parameters):
        d.cell._parameters[k] = c.held[k]
    c.out("h", d.gru(x, h, carry))
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
    b = drawn("mgda_lambda/b", (12, 6)) * torch.linspace(1 / 6, 2, 12)[:, None]
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
            g = drawn("%s/g%d%s" % (c.draws, step, k), p.shape)
            p.grad = c.const("in", "g%d.%s" % (step, k), g)
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


def cases():
    """name -> (function, arguments)"""
    t = {f.__name__: (f, ()) for f in (
        graph_cmu26, linear, edge, softmax_adjacency, graph_product, agc, pgc, joint2part,
        part2joint, difference, gru_step, gru_step_carry, loss_recg, mgda_lambda, adam)}
    t["sgc"], t["jgc"] = (jgc, (0.0,)), (jgc, (0.7,))
    t["sgd"], t["sgd_nesterov"] = (sgd, (False,)), (sgd, (True,))
    for s in ((12, 9, 1), (12, 9, 2), (13, 9, 2), (13, 7, 2), (3, 9, 1), (1, 9, 2)):
        t["tc_t%d_k%d_s%d" % s] = (temporal, s)
    t["batchnorm_eval"], t["batchnorm_train"] = (batchnorm, (False,)), (batchnorm, (True,))
    t["loss_pred_sum"], t["loss_pred_mean"] = (loss_pred, ("sum",)), (loss_pred, ("mean",))
    return t
