"""Golden cases of what is made of the network: networks of bones and of motions, several of them
fused before the softmax, and the ablations of the paper's tables.  The reference's modules are put
together otherwise here.  `cases` names them.  Used by make_golden.py.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

import skeletons as sk
import symgnn_torch as S
from golden_case import nctm, ntmc, our_shape, parameter, projections, to_ours, to_torch, walk
from golden_network import TINY, model_attrs

BONES = ("bone", "bone-motion")
MOTIONS = ("joint-motion", "bone-motion")


class Graph(nn.Module):
    """Eq. (5) with either sum alone, or (7) on the parts' means; in the place of S.Jgc."""

    def __init__(self, c_in, c_out, cfg, skel, kind):
        super().__init__()
        t = lambda a: torch.as_tensor(a).to(torch.get_default_dtype())
        self.kind, self.lam, self.c_in = kind, cfg.lambda_act, c_in
        g, m, p = cfg.gamma, skel.num_joints, skel.num_parts
        if kind == "structural":
            self.register_buffer("a", t(skel.powers(g)), persistent=False)
            self.mask = nn.Parameter(torch.ones(g, m, m))
            self.w_str = nn.Parameter(torch.empty(g, c_out, c_in))
        elif kind == "actional":
            self.w_act = nn.Parameter(torch.empty(c_out, c_in))
        else:
            self.register_buffer("pool", t(skel.pool_matrix()), persistent=False)
            self.j2p, self.pgc = skel.joint_to_part(), S.Pgc(c_in, c_out, t(skel.part_normalized()))

    def forward(self, x, a_act):
        if self.kind == "structural":
            return sum(torch.einsum("nctv,wv,dc->ndtw", x, self.a[k] * self.mask[k], self.w_str[k])
                       for k in range(len(self.a)))
        if self.kind == "actional":
            return self.lam * torch.einsum("nctv,nwv,dc->ndtw", x, a_act, self.w_act)
        return self.pgc(x @ self.pool.t())[..., self.j2p]

    # as S.Decoder calls it
    def stacked(self, a_act):
        return a_act

    def weight(self):
        return torch.zeros(self.c_in)

    def nodes(self, h, a, _):
        return self.forward(h.transpose(1, 2).unsqueeze(2), a)[:, :, 0].transpose(1, 2)


class OneScale(nn.Module):
    """A branch of joints or of parts alone."""

    def __init__(self, cfg, skel, scale, kind):
        super().__init__()
        t = lambda a: torch.as_tensor(a).to(torch.get_default_dtype())
        blocks, c = nn.ModuleList(), cfg.in_dim
        for b, spec in enumerate(cfg.blocks):
            if scale == "part":
                gc = S.Pgc(c, spec[0], t(skel.part_normalized()))
            elif kind == "both":
                gc = S.Jgc(c, spec[0], t(skel.powers(cfg.gamma)), cfg.lambda_act)
            else:
                gc = Graph(c, spec[0], cfg, skel, kind)
            blocks.append(S.GtcBlock(gc, c, spec, cfg, residual=b > 0))
            c = spec[1]
        setattr(self, scale, blocks)
        self.scale, self.skel = scale, skel
        self.register_buffer("pool", t(skel.pool_matrix()), persistent=False)

    def forward(self, x, a_act):
        if self.scale == "joint":
            for block in self.joint:
                x = block(x, a_act)
            return x.mean(2).transpose(1, 2)
        x = x @ self.pool.t()
        for block in self.part:
            x = block(x)
        return x.mean(2)[..., self.skel.joint_to_part()].transpose(1, 2)


class Network(S.SymGNN):
    """One network of a stream, with the scales, graphs and heads of `o`."""

    def __init__(self, cfg, o, stream, predicts):
        super().__init__(S.replace(cfg, bone=stream in BONES, yhat_input=o["heads"] == "both"))
        c, o = self.cfg, dict(o, stream=stream)
        self.o, self.predicts = o, predicts
        if o["scales"] != "both":
            self.branch = nn.ModuleList([OneScale(c, self.skel, o["scales"], o["joint_graphs"])
                                         for _ in range(c.branches)])
            h = c.hidden
            if o["scales"] == "part":
                self.dec.jgc = Graph(h, h, c, self.skel, "part")
            elif o["joint_graphs"] != "both":
                self.dec.jgc = Graph(h, h, c, self.skel, o["joint_graphs"])
        self.infers = o["scales"] != "part" and o["joint_graphs"] != "structural"
        if not self.infers:
            del self.agim
        if o["heads"] == "prediction":
            del self.mlp_recg, self.cls
        if not predicts:
            del self.mlp_pred, self.dec

    def look(self, x):
        x = S.bone_vectors(x, self.skel) if self.o["stream"] in BONES else x
        return S.difference(x, 2)[1] if self.o["stream"] in MOTIONS else x

    def features(self, poses):
        x = self.look(poses)
        a = self.agim(x) if self.infers else x.new_zeros(1)
        xs = [d.permute(0, 3, 1, 2).contiguous() for d in S.difference(x, self.cfg.branches)]
        return x, a, torch.cat([b(z, a) for b, z in zip(self.branch, xs)], -1)

    def futures(self, x, a, h, logits):
        if logits is not None:
            return self.predict(h, a, x, logits, self.cfg.t_pred)
        y = x.new_zeros(len(x), 0)
        return self.dec(F.relu(self.mlp_pred(h)), x[:, -3:], y, a, self.cfg.t_pred)


class Model(nn.Module):
    def __init__(self, cfg, o):
        super().__init__()
        order = ("joint", "bone", "joint-motion", "bone-motion")
        self.o, self.streams = o, [s for s in order if s in o["stream"].split("+")]
        for s in self.streams:
            first = s == self.streams[0] and s not in MOTIONS
            setattr(self, s, Network(cfg, o, s, first and o["heads"] != "recognition"))

    def fused(self, logits):
        w, m = self.o["bone_weight"], self.o["motion_weight"]
        half = []
        for kind in ("joint", "bone"):
            a, b = logits.get(kind), logits.get(kind + "-motion")
            half.append(b if a is None else a if b is None else (1 - m) * a + m * b)
        a, b = half
        return b if a is None else a if b is None else (1 - w) * a + w * b

    def forward(self, poses):
        nets = {s: getattr(self, s) for s in self.streams}
        seen = {s: n.features(poses) for s, n in nets.items()}
        logits = None
        if self.o["heads"] != "prediction":
            logits = self.fused({s: n.recognise(seen[s][2]) for s, n in nets.items()})
        first = self.streams[0]
        n = nets[first]
        return logits, n.futures(*seen[first], logits) if n.predicts else None

    def named(self):
        """Parameters and statistics with the zoo's names."""
        every = list(self.named_parameters())
        every += [(k, b) for k, b in self.named_buffers() if "running" in k]
        for k, t in every:
            if len(self.streams) == 1:
                k = k.split(".", 1)[1]
            yield k.replace("dec.jgc.pgc.", "dec.pgc."), t


def joints(bones, x, skel):
    """Poses from bones outwards from the centre of the last pose, [N, T, M, D]."""
    at = {skel.center: x[:, -1:, skel.center].expand(-1, bones.shape[1], -1)}
    found = list(enumerate(sk.oriented_bones(skel)))
    while found:
        e, (inner, outer) = found.pop(0)
        if inner in at:
            at[outer] = at[inner] + bones[:, :, e]
        else:
            found.append((e, (inner, outer)))
    return torch.stack([at[j] for j in range(skel.num_joints)], 2)


def stream(c, batch=2, draw=0, skeleton="tiny5", **options):
    """Scores and poses of an inference run; losses and projections of all gradients of a training
    run, the losses' sum weighted with lambda 0.25 where there are two."""
    o = dict(stream="joint", heads="both", joint_graphs="both", scales="both", bone_weight=0.5,
             motion_weight=0.5)
    o.update(options)
    cfg = S.replace(TINY, skeleton=skeleton)
    skel = sk.get(skeleton)
    name = "%s/%d" % (c.name, draw)
    c.attrs.update(model_attrs(cfg), batch=batch, draw=draw, lam=0.25,
                   options=" ".join("%s=%s" % kv for kv in options.items()))
    m = Model(S.replace(cfg, fuse_after=cfg.fuse_after if o["scales"] == "both" else ()), o)
    with torch.no_grad():
        for k, t in m.named():
            t.copy_(to_torch(k, parameter(k, our_shape(k, t.shape))))
    x = ntmc(walk(name + "/x", (batch, skel.num_joints, cfg.t_obs, 3)))
    target = ntmc(walk(name + "/target", (batch, skel.num_joints, cfg.t_pred, 3)))
    y = c.add("in", "labels", torch.arange(batch) * 3 % 4)
    bones = m.streams[0] in BONES
    with torch.no_grad():
        logits, pred = m.eval()(x)
        if logits is not None:
            c.add("out", "scores", torch.softmax(logits, -1))
        if pred is not None:
            c.add("out", "poses", ntmc(joints(pred, x, skel) if bones else pred))
    logits, pred = m.train()(x)
    weight, total = {True: (0.25, 0.75)}.get(o["heads"] == "both" and pred is not None, (1, 1)), 0
    if logits is not None:
        total = weight[0] * c.add("out", "loss_recg", S.loss_recg(logits, y)) + total
    if pred is not None:
        aim = S.bone_vectors(target, skel) if bones else target
        total = weight[1] * c.add("out", "loss_pred", S.loss_pred(pred, aim)) + total
    params = [(k, p) for k, p in m.named() if isinstance(p, nn.Parameter)]
    for (k, _), g in zip(params, torch.autograd.grad(total, [p for _, p in params])):
        c.add("gdot", k, projections(k, to_ours(k, g)))
    for k, t in m.named():
        if not isinstance(t, nn.Parameter):
            c.add("aft", k, t)
    return c


def bone_graphs(c):
    """The dual of each skeleton: ends of its bones, their parts, their adjacency."""
    names = sorted(sk.SKELETONS)
    c.attrs.update(skeletons=",".join(names))
    for name in names:
        s = sk.get(name)
        d = s.dual()
        c.attrs[name + ".center"] = s.center
        c.add("in", name + ".edges", torch.tensor(s.edges))
        c.add("in", name + ".joint_to_part", torch.tensor(s.joint_to_part()))
        c.add("in", name + ".part_edges", torch.tensor(s.part_edges))
        c.add("out", name + ".bones", torch.tensor(d.bones))
        c.add("out", name + ".part", torch.tensor(d.joint_to_part()))
        c.add("out", name + ".adjacency", torch.tensor(d.adjacency()).to(torch.int64))
    return c


def cases():
    """name -> (function, arguments)"""
    t = {"stream_bone": dict(stream="bone"),
         "stream_joint_motion": dict(stream="joint-motion"),
         "stream_bone_motion": dict(stream="bone-motion"),
         "stream_fused": dict(stream="joint+bone", bone_weight=0.375),
         "stream_four": dict(stream="joint+bone+joint-motion+bone-motion", bone_weight=0.25,
                             motion_weight=0.375),
         "variant_only_js": dict(scales="joint", joint_graphs="structural"),
         "variant_only_ja": dict(scales="joint", joint_graphs="actional"),
         "variant_only_part": dict(scales="part"),
         "variant_no_part": dict(scales="joint"),
         "variant_no_pred": dict(heads="recognition"),
         "variant_no_recg": dict(heads="prediction")}
    t = {k: (stream, (2, DRAW.get(k, 0)), v) for k, v in t.items()}
    return dict(t, bone_graphs=(bone_graphs, ()))


# Of a dozen draws of the poses those that float32 follows best: see README.
DRAW = {"stream_bone": 3, "stream_joint_motion": 6, "stream_bone_motion": 6, "stream_fused": 7}
