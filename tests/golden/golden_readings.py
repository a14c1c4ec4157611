"""Golden cases of the named variants and of the other readings of what the paper leaves open, at
small dimensions, many in one file.  `Program` is the whole network once more, written as functions
of named tensors and independent of the reference's modules and of the zoo; where the reference has
a case too, both must agree before a file is written.  `cases` names the files.  Used by
make_golden.py.
"""
import numpy as np
import torch
import torch.nn.functional as F

import golden_streams
import skeletons as sk
import symgnn_torch as S
from golden_case import drawn, ntmc, our_shape, parameter, to_ours, to_torch, walk
from golden_network import TINY, model_attrs

CFG = S.replace(TINY, blocks=((4, 4, 1, 3), (4, 6, 2, 3), (12, 8, 2, 3)), fuse_after=(2,))
BATCH, LAMBDA = 2, 0.25

STANDARD = dict(
    gamma="2", agim_k="2", lambda_act="0.7", orders="0,1,2", stream="joint", bone_weight="0.5",
    motion_weight="0.5", heads="both", joint_graphs="both", scales="both", recg_mean="after",
    head_layers="1", gc_repeat="1", gc_bias="0", agim_per="network", agim_shared="0", agim_bn="1",
    agim_frames="0", hop_graphs="powers", edge_masks="layer", dec_differences="running",
    difference_edge="zero", residual_bn="1", yhat_from="fused", residual_after="0",
    part_from="block", fuse_from="before", join="add", shared="both")


def tensor(a):
    return torch.as_tensor(a).to(torch.get_default_dtype())


class Program:
    """Poses [N, M, T, D] to logits and poses; P and R keep the tensors that were named."""

    def __init__(self, options, training):
        self.o, self.training = dict(STANDARD, **options), training
        self.P, self.R, self.scope = {}, {}, []

    ours = staticmethod(lambda name, t: t)

    # ---- tensors by name
    def name(self, name):
        return ".".join(self.scope + [name])

    def p(self, name, *shape):
        k = self.name(name)
        if k not in self.P:
            self.P[k] = parameter(k, shape).requires_grad_()
        return self.P[k]

    def within(self, scope, f, *args):
        self.scope.append(scope)
        y = f(*args)
        self.scope.pop()
        return y

    def linear(self, name, x, out):
        return x @ self.p(name + ".weight", out, x.shape[-1]).t() + self.p(name + ".bias", out)

    def bn(self, name, x):
        c, k = x.shape[-1], self.name(name)
        for s in ("running_mean", "running_var"):
            if k + "." + s not in self.R:
                self.R[k + "." + s] = parameter(k + "." + s, (c,))
        mean, var = self.R[k + ".running_mean"], self.R[k + ".running_var"]
        if self.training:
            rows = x.reshape(-1, c)
            mean, var = rows.mean(0), rows.var(0, unbiased=False)
            n = len(rows)
            for s, now in (("running_mean", mean), ("running_var", var * n / (n - 1))):
                old = self.R[k + "." + s]
                self.R[k + "." + s] = old + CFG.bn_momentum * (now.detach() - old)
        x = (x - mean) / torch.sqrt(var + CFG.bn_eps)
        return x * self.p(name + ".weight", c) + self.p(name + ".bias", c)

    # ---- actional graph inference
    def mlp(self, x):
        return self.tail(self.linear("fc1", x, CFG.agim_dim))

    def tail(self, h):
        h = F.relu(self.linear("fc2", F.relu(h), CFG.agim_dim))
        return self.bn("bn", h) if self.o["agim_bn"] == "1" else h

    def edges(self, p):
        n, m, d = p.shape
        pairs = torch.cat([p.unsqueeze(2).expand(n, m, m, d),
                           p.unsqueeze(1).expand(n, m, m, d)], -1)
        off = ~torch.eye(m, dtype=torch.bool)
        return self.mlp(pairs[:, off].view(n, m, m - 1, 2 * d))

    def agim(self, x):
        n, m, t, d = x.shape
        seen = int(self.o["agim_frames"]) or t
        p = self.within("f_v0", self.mlp, x[:, :, t - seen:].reshape(n, m, seen * d))
        for k in range(int(self.o["agim_k"])):
            at = "" if self.o["agim_shared"] == "1" else ".%d" % k
            q = self.within("f_e" + at, self.edges, p)
            p = self.within("f_v" + at, self.mlp, q.mean(2))
        f, g = (self.linear(e + "_out", self.within(e, self.mlp, p), CFG.agim_dim)
                for e in ("f_emb", "g_emb"))
        return torch.softmax(f @ g.transpose(1, 2), -1)

    # ---- graph convolutions
    def masked(self, name, a):
        return a * self.p(name, *a.shape)

    def hop_graphs(self):
        m, gamma = self.skel.num_joints, int(self.o["gamma"])
        if self.o["hop_graphs"] == "powers":
            return tensor(self.skel.powers(gamma))
        d = sk.hop_distance(m, self.skel.edges)
        a = [d == k if self.o["hop_graphs"] == "exact" else d <= k for k in range(1, gamma + 1)]
        a = np.stack(a).astype(float)
        return tensor(a / np.maximum(a.sum(-1, keepdims=True), 1))

    def has_hops(self):
        return self.o["scales"] != "part" and self.o["joint_graphs"] != "actional"

    def has_act(self):
        return self.o["scales"] != "part" and self.o["joint_graphs"] != "structural"

    def gc(self, x, out, joint, a_act):
        """x [N, M, ..., C]; one JGC or PGC."""
        each, c, y = self.o["edge_masks"] == "layer", x.shape[-1], 0
        if joint and self.has_hops():
            a = self.masked("mask", self.hops) if each else self.hops
            w = self.p("w_str", len(a), out, c)
            y = sum(torch.einsum("ij,nj...c,dc->ni...d", a[g], x, w[g]) for g in range(len(a)))
        if joint and self.has_act():
            y = y + float(self.o["lambda_act"]) * torch.einsum(
                "nij,nj...c,dc->ni...d", a_act, x, self.p("w_act", out, c))
        if not joint:
            a = self.masked("mask", self.part_norm) if each else self.part_norm
            y = torch.einsum("ij,nj...c,dc->ni...d", a, x, self.p("w", out, c))
        return y + self.p("bias", out) if self.o["gc_bias"] == "1" else y

    def tc(self, name, x, out, kernel, stride, pad):
        n, m, t, c = x.shape
        w = self.p(name + ".weight", out, kernel, c)
        y = F.conv1d(x.reshape(n * m, t, c).transpose(1, 2), w.permute(0, 2, 1), None, stride, pad)
        return y.transpose(1, 2).reshape(n, m, -1, out)

    def block(self, b, x, joint, a_act):
        mid, out, stride, kernel = CFG.blocks[b]
        y = self.within("gc", self.gc, x, mid, joint, a_act)
        for r in range(1, int(self.o["gc_repeat"]) if joint else 1):
            y = self.within("gc%d" % (r + 1), self.gc, y, mid, joint, a_act)
        y = F.relu(self.bn("bn1", y))
        y = self.bn("bn2", self.tc("tc", y, out, kernel, stride, (kernel - 1) // 2))
        if b > 0:
            if x.shape[-1] != out or stride != 1:
                x = self.tc("res", x, out, 1, stride, 0)
                x = self.bn("res_bn", x) if self.o["residual_bn"] == "1" else x
            y = F.relu(y) + x if self.o["residual_after"] == "1" else F.relu(y + x)
            return y
        return F.relu(y)

    # ---- backbone
    def pool(self, x):
        return torch.einsum("pj,nj...c->np...c", tensor(self.skel.pool_matrix()), x)

    def match(self, x):
        return x[:, torch.as_tensor(self.skel.joint_to_part())]

    def difference(self, x, order):
        """Delta^order of [N, M, T, D], by what is taken for the frames before the first."""
        edge = self.o["difference_edge"]
        for _ in range(order):
            before = torch.zeros_like(x[:, :, :1]) if edge == "pose" else x[:, :, :1]
            x = x - torch.cat([before, x[:, :, :-1]], 2)
        if edge in ("zeros", "copy") and order > 0:
            first = x[:, :, order:order + 1] * (edge == "copy")
            x = torch.cat([first.expand(-1, -1, order, -1), x[:, :, order:]], 2)
        return x

    def branch(self, x, a_act):
        both, scales = self.o["scales"] == "both", self.o["scales"]
        if self.o["agim_per"] == "branch" and self.has_act():
            a_act = self.within("agim", self.agim, x)
        block = lambda kind, at, b, y: self.within(
            "%s.%d" % (kind, at), self.block, b, y, kind == "joint", a_act)
        joint = part = None
        begins = int(both and self.o["part_from"] == "block")
        for b in range(len(CFG.blocks)):
            if scales != "part":
                joint = block("joint", b, b, x if b == 0 else joint)
            if b == 0 and scales != "joint":
                part = self.pool(joint if begins else x)
            if scales != "joint" and b >= begins:
                part = block("part", b - begins, b, part)
            if both and b + 1 in CFG.fuse_after:
                fused = torch.cat([joint, self.match(part)], -1)
                part = torch.cat([part, self.pool(fused if self.o["fuse_from"] == "after"
                                                  else joint)], -1)
                joint = fused
        ends = [joint.mean(2)] if joint is not None else []
        ends += [self.match(part).mean(2)] if part is not None else []
        return (torch.cat(ends, -1) if self.o["join"] == "concat" else sum(ends)), a_act

    # ---- heads
    def head(self, name, h):
        for i in range(int(self.o["head_layers"])):
            h = F.relu(self.linear(name + (".%d" % i if i else ""), h, CFG.hidden))
        return h

    def recognise(self, h):
        before = self.o["recg_mean"] == "before"
        h = self.head("mlp_recg", h.mean(1) if before else h)
        return self.linear("cls", h if before else h.mean(1), CFG.classes)

    def gru(self, x, h):
        k = CFG.hidden
        gi = x @ self.p("weight_ih", 3 * k, x.shape[-1]).t() + self.p("bias_ih", 3 * k)
        gh = h @ self.p("weight_hh", 3 * k, k).t() + self.p("bias_hh", 3 * k)
        r, z = (torch.sigmoid(gi[..., i * k:i * k + k] + gh[..., i * k:i * k + k]) for i in (0, 1))
        n = torch.tanh(gi[..., 2 * k:] + r * gh[..., 2 * k:])
        return (1 - z) * n + z * h

    def message(self, h, a_act):
        if self.o["scales"] == "part":
            return self.match(self.within("pgc", self.gc, self.pool(h), CFG.hidden, False, None))
        return self.within("jgc", self.gc, h, CFG.hidden, True, a_act)

    def roll_out(self, h, x, logits, a_act):
        kind, seen = self.o["dec_differences"], [x[:, :, t] for t in range(-3, 0)]
        if kind == "restart":
            seen = [seen[-1]] * 3
        last = list(seen)
        out = []
        for _ in range(CFG.t_pred):
            c, b, a = (last if kind == "frozen" else seen)[-3:]
            parts = [seen[-1]] + ([] if kind == "none" else [a - b, a - 2 * b + c])
            if logits is not None:
                y = torch.softmax(logits, -1).unsqueeze(1)
                parts.append(y.expand(-1, h.shape[1], -1))
            h = self.within("cell", self.gru, torch.cat(parts, -1), self.message(h, a_act))
            g = h
            for i in range(CFG.out_hidden_layers):
                g = F.relu(self.linear("hidden_fc.%d" % i, g, CFG.hidden))
            seen.append(seen[-1] + self.linear("out", g, x.shape[-1]))
            out.append(seen[-1])
        return torch.stack(out, 2)

    # ---- one network, and several
    def look(self, poses, stream):
        skel = sk.get(CFG.skeleton)
        bone = stream.startswith("bone")
        self.skel = skel.dual() if bone else skel
        x = ntmc(S.bone_vectors(ntmc(poses), self.skel)) if bone else poses
        return self.difference(x, 1) if "motion" in stream else x

    def graphs(self):
        shared = self.o["edge_masks"] == "network"
        if self.has_hops():
            self.hops = self.hop_graphs()
            if shared:
                self.hops = self.masked("hops.mask", self.hops)
        if self.o["scales"] != "joint":
            self.part_norm = tensor(self.skel.part_normalized())
            if shared:
                self.part_norm = self.masked("parts.mask", self.part_norm)

    def network(self, poses, stream):
        x = self.look(poses, stream)
        self.graphs()
        a = None
        if self.has_act() and self.o["agim_per"] == "network":
            a = self.within("agim", self.agim, x)
        h = [self.within("branch.%d" % i, self.branch, self.difference(x, int(order)), a)
             for i, order in enumerate(self.o["orders"].split(","))]
        a, h = h[0][1], torch.cat([b[0] for b in h], -1)
        logits = self.recognise(h) if self.o["heads"] != "prediction" else None
        return dict(x=x, a=a, h=h, logits=logits, skel=self.skel, hops=getattr(self, "hops", None),
                    part_norm=getattr(self, "part_norm", None))

    def common_masks(self, net):
        """The masked graph that the prediction head has in common with the backbone."""
        if self.o["edge_masks"] != "network":
            return None
        return net["part_norm"] if self.o["scales"] == "part" else net["hops"]

    def mixed(self, a, b, w):
        return b if a is None else a if b is None else (1 - w) * a + w * b

    def run(self, poses):
        order = ("joint", "bone", "joint-motion", "bone-motion")
        streams = [s for s in order if s in self.o["stream"].split("+")]
        net = {}
        for s in streams:
            self.scope = [s] if len(streams) > 1 else []
            net[s] = self.network(poses, s)
        of = lambda s: net[s]["logits"] if s in net else None
        m, w = float(self.o["motion_weight"]), float(self.o["bone_weight"])
        joint, bone = (self.mixed(of(k), of(k + "-motion"), m) for k in ("joint", "bone"))
        logits = self.mixed(joint, bone, w)
        first = net[streams[0]]
        self.features, self.graphs_too = [net[s]["h"] for s in streams], []
        if self.o["shared"] == "both":
            self.graphs_too = [t for t in (first["a"], self.common_masks(first)) if t is not None]
        if self.o["heads"] == "recognition" or "motion" in streams[0]:
            return logits, None
        self.scope = [streams[0]] if len(streams) > 1 else []
        self.skel, self.hops, self.part_norm = first["skel"], first["hops"], first["part_norm"]
        told = first["logits"] if self.o["yhat_from"] == "own" else logits
        h = self.head("mlp_pred", first["h"])
        return logits, self.within("dec", self.roll_out, h, first["x"], told, first["a"])


def digest(name, grad):
    """The norm and one projection; nought where algebra makes it so."""
    g = grad.reshape(-1)
    norm = g.norm()
    if float(norm) < 1e-12:
        return torch.zeros(2)
    return torch.stack([norm, (g * drawn("0/" + name, g.shape)).sum()])


def own_gradients(loss, features, graphs):
    """Of a loss on features and graphs as if these did not make those: one vector."""
    grad = lambda y, x, g=None: [torch.zeros_like(t) if d is None else d for t, d in zip(
        x, torch.autograd.grad(y, x, g, retain_graph=True, allow_unused=True))]
    of = grad(loss, features)
    if graphs:
        of = of + [t - u for t, u in zip(grad(loss, graphs), grad(features, graphs, of))]
    return torch.cat([t.reshape(-1) for t in of])


def upper_bound(loss1, loss2, features, graphs):
    """MGDA's lambda from the two losses' gradients on what they share."""
    a, b = (own_gradients(v, features, graphs) for v in (loss1, loss2))
    return (((b - a) @ b) / ((b - a) @ (b - a))).clamp(0, 1).reshape(1)


def results(name, draw, options, make=Program):
    """What an inference run and a training run on the poses NAME/DRAW say, as a dict."""
    skel = sk.get(CFG.skeleton)
    bones = options.get("stream", "joint").split("+")[0] == "bone"
    seed = "%s/%s" % (name, draw)
    x = walk(seed + "/x", (BATCH, skel.num_joints, CFG.t_obs, 3))
    target = walk(seed + "/target", (BATCH, skel.num_joints, CFG.t_pred, 3))
    y, r = torch.arange(BATCH) * 3 % 4, {}
    with torch.no_grad():
        logits, pred = make(options, False).run(x)
    if logits is not None:
        r["scores"] = torch.softmax(logits, -1)
    if pred is not None:
        r["poses"] = ntmc(golden_streams.joints(ntmc(pred), ntmc(x), skel)) if bones else pred
    m = make(options, True)
    logits, pred = m.run(x)
    loss = []
    if logits is not None:
        loss.append(("loss_recg", F.cross_entropy(logits, y)))
    if pred is not None:
        aim = ntmc(S.bone_vectors(ntmc(target), skel)) if bones else target
        loss.append(("loss_pred", (pred - aim).abs().mean()))
    r["losses"] = torch.stack([v for _, v in loss])
    weight = (LAMBDA, 1 - LAMBDA) if len(loss) == 2 else (1,)
    if len(loss) == 2 and make is Program:
        r["lambda"] = upper_bound(loss[0][1], loss[1][1], m.features, m.graphs_too)
    names = sorted(m.P)
    grads = torch.autograd.grad(sum(w * v for w, (_, v) in zip(weight, loss)),
                                [m.P[k] for k in names])
    r["grads"] = torch.stack([digest(k, m.ours(k, g)) for k, g in zip(names, grads)])
    r["stats"] = torch.stack([digest(k, m.R[k]) for k in sorted(m.R)])
    return {k: v.detach() for k, v in r.items()}


# ---------------------------------------------------------------------- the reference's side

VARIANTS = {"gamma-%d" % g: dict(gamma=str(g)) for g in (1, 2, 3, 4)}
VARIANTS.update({"k-%d" % k: dict(agim_k=str(k)) for k in range(5)})
VARIANTS.update({"act-" + w: dict(lambda_act=w)
                 for w in ("0.1", "0.3", "0.5", "0.7", "0.9", "1.0")})
VARIANTS.update({"diff-0": dict(orders="0"), "diff-01": dict(orders="0,1"),
                 "diff-012": dict(orders="0,1,2")})


class Reference:
    """The reference's network in the place of Program; of VARIANTS' options alone."""

    ours = staticmethod(to_ours)

    def __init__(self, options, training):
        o = dict(STANDARD, **options)
        cfg = S.replace(CFG, gamma=int(o["gamma"]), agim_k=int(o["agim_k"]),
                        lambda_act=float(o["lambda_act"]), branches=len(o["orders"].split(",")))
        streams = dict(heads="both", joint_graphs="both", scales="both", stream=o["stream"],
                       bone_weight=0.5, motion_weight=0.5)
        self.m = golden_streams.Model(cfg, streams).train(training)
        with torch.no_grad():
            for k, t in self.m.named():
                t.copy_(to_torch(k, parameter(k, our_shape(k, t.shape))))

    def run(self, x):
        logits, pred = self.m(ntmc(x))
        self.P = {k: t for k, t in self.m.named() if isinstance(t, torch.nn.Parameter)}
        self.R = {k: t for k, t in self.m.named() if k not in self.P}
        return logits, ntmc(pred)


def far(a, b):
    """The largest distance of two dicts of results; rows of digests relative to their norms."""
    worst, at = 0.0, ""
    for k in a.keys() & b.keys():
        s, t = a[k].double(), b[k].double()
        rows = k in ("grads", "stats")
        scale = s[:, :1].abs() if rows else s.abs().max()
        e = float(((s - t).abs() / torch.where(scale < 1e-12, torch.ones_like(scale), scale)).max())
        worst, at = (e, k) if e > worst else (worst, at)
    return worst, at


# ------------------------------------------------------------------------------------ files

READINGS = {
    "mean-before": "recg_mean=before",
    "two-layers": "head_layers=2",
    "two-graphs": "gc_repeat=2",
    "bias": "gc_bias=1",
    "two-graphs-bias-js": "gc_repeat=2 gc_bias=1 joint_graphs=structural scales=joint",
    "bias-parts": "gc_bias=1 scales=part",
    "agim-branch": "agim_per=branch",
    "agim-shared": "agim_shared=1",
    "agim-plain": "agim_bn=0",
    "agim-seven": "agim_frames=7",
    "agim-branch-shared-ja-bone": "agim_per=branch agim_shared=1 joint_graphs=actional "
        "stream=bone",
    "hops-exact": "hop_graphs=exact",
    "hops-within": "hop_graphs=within",
    "masks-network": "edge_masks=network",
    "masks-none": "edge_masks=none",
    "masks-network-parts": "edge_masks=network scales=part",
    "restart": "dec_differences=restart",
    "frozen": "dec_differences=frozen",
    "none": "dec_differences=none",
    "frozen-no-recg-bone": "dec_differences=frozen heads=prediction stream=bone",
    "edge-zeros": "difference_edge=zeros",
    "edge-pose": "difference_edge=pose",
    "edge-copy": "difference_edge=copy",
    "edge-copy-motion": "difference_edge=copy stream=joint-motion",
    "residual-plain": "residual_bn=0",
    "own-label": "yhat_from=own stream=joint+bone",
    "residual-after": "residual_after=1",
    "parts-from-input": "part_from=input",
    "parts-after-joints": "fuse_from=after",
    "side-by-side": "join=concat",
    "all-of-scales-bone": "residual_after=1 part_from=input fuse_from=after join=concat "
        "residual_bn=0 stream=bone",
    "features-shared": "shared=features",
    "several": "agim_per=branch edge_masks=network hop_graphs=exact recg_mean=before "
        "stream=joint+bone-motion difference_edge=zeros",
}
# Draws of the poses, of sixteen or fewer those that float32 follows best; where not 0.
DRAW = {"gamma-2": 2, "k-0": 1, "k-1": 2, "k-3": 1, "k-4": 2, "act-0.5": 2, "diff-012": 1,
        "two-graphs": 1, "two-graphs-bias-js": 1, "agim-branch": 9, "agim-shared": 3,
        "agim-plain": 7, "agim-seven": 1, "agim-branch-shared-ja-bone": 14, "hops-exact": 1,
        "hops-within": 1, "masks-network": 1, "masks-none": 1, "restart": 1, "frozen": 1,
        "edge-copy": 2, "edge-copy-motion": 1, "own-label": 6, "several": 11}


def fill(c, options):
    """All cases of a file; options: name -> what it sets."""
    c.attrs.update(model_attrs(CFG), batch=BATCH, lam=LAMBDA)
    for name, o in options.items():
        draw = DRAW.get(name, 0)
        c.attrs["case." + name] = "%d %s" % (draw, " ".join("%s=%s" % kv for kv in o.items()))
        r = results(name, draw, o)
        if set(o) <= {"gamma", "agim_k", "lambda_act", "orders", "stream"}:
            off, which = far(r, results(name, draw, o, Reference))
            assert torch.get_default_dtype() == torch.float32 or off < 1e-9, (name, off, which)
        for k, t in r.items():
            c.add("out", name + ":" + k, t[:, 1] if k in ("grads", "stats") else t)
    return c


def reading(text):
    return dict(kv.split("=", 1) for kv in text.split(" "))


def symgnn_variants(c):
    """The variants by name, which the test sets by name too."""
    return fill(c, VARIANTS)


def symgnn_readings(c):
    return fill(c, {k: reading(t) for k, t in READINGS.items()})


def cases():
    """name -> (function, arguments)"""
    return {f.__name__: (f, ()) for f in (symgnn_variants, symgnn_readings)}
