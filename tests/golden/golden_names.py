"""The names of published checkpoints beside ours: for each program a table of rows (their name,
ours, how a tensor changes).  `#` is a block, counted from 0 in our names.
Used by check_weights.py; touches no file.
"""
import re
from math import isqrt

# How a tensor changes.  Theirs are PyTorch's: convolutions [out, in, taps, 1].
CHANGE = {
    "same": lambda t: t,
    "linear": lambda t: t.reshape(t.shape[0], t.shape[1]),      # 1x1 -> [out, in]
    "-linear": lambda t: -t.reshape(t.shape[0], t.shape[1]),
    "tc": lambda t: t[..., 0].permute(0, 2, 1),                 # -> [out, taps, in]
    "tc1": lambda t: t.permute(0, 2, 1),                        # Conv1d's -> [out, taps, in]
    "graph": lambda t: t.transpose(-1, -2),                     # [.., from, to] -> [.., to, from]
    "subsets": lambda t: t.reshape(3, -1, t.shape[1]),          # [3 out, in, 1, 1] -> [3, out, in]
    "subset bias": lambda t: t.reshape(3, -1).t(),              # [3 out] -> [out, 3]
    "first": lambda t: t[:1],
    "-first": lambda t: -t[:1],
    "flat": lambda t: t.flatten(),
    "window": lambda t: t[:, :, 0, :, 0].permute(0, 2, 1),      # Conv3d's -> [out, taps, in]
    "pairs": lambda t: t.reshape(len(t), isqrt(t.shape[1]), -1).transpose(1, 2).flatten(1),
}


def change(how, t):
    """`scales K`, `graphs K`: K maps or graphs that lie one after another."""
    kind, _, k = how.partition(" ")
    if kind == "scales":                                        # [out, K in, 1, 1] -> [K, out, in]
        return t.reshape(len(t), int(k), -1).permute(1, 0, 2)
    if kind == "graphs":                                        # [K to, from] -> [K, to, from]
        return t.reshape(int(k), -1, t.shape[1])
    if kind == "nodes":                                         # [F V] -> [V F]
        return t.reshape(-1, int(k)).t().flatten()
    return CHANGE[how](t)


BN = (".weight", ".bias", ".running_mean", ".running_var")


def bn(theirs, ours):
    return [(theirs + k, ours + k, "same") for k in BN]


def layer(theirs, ours, change):
    weight = (theirs + ".weight", ours + ".weight", change)
    return [weight, (theirs + ".bias", ours + ".bias", "same")]


def project(theirs, ours):
    """Their 1x1 convolution with batch norm: names .conv, .bn or .0, .1."""
    a, b = theirs
    return layer(a, ours + ".conv", "tc") + bn(b, ours + ".bn")


def ends(fc):
    return layer(fc, "fc", "same")


def mixed(t, o):
    """pyskl's mstcn."""
    rows = []
    for b in range(5):
        rows += layer("%sbranches.%d.0" % (t, b), "%sbranch.%d.in" % (o, b), "linear")
        rows += bn("%sbranches.%d.1" % (t, b), "%sbranch.%d.bn1" % (o, b))
    for b in range(4):
        rows += layer("%sbranches.%d.3.conv" % (t, b), "%sbranch.%d.conv" % (o, b), "tc")
    return (rows + layer(t + "branches.5", o + "branch.5.conv", "tc")
            + bn(t + "transform.0", o + "mix_bn") + layer(t + "transform.2", o + "mix", "linear")
            + bn(t + "bn", o + "bn"))


def multi(t, o, n):
    """The multi-scale convolution of MS-G3D and CTR-GCN, n dilations."""
    rows = []
    for b in range(n + 1):
        rows += layer("%sbranches.%d.0" % (t, b), "%sbranch.%d.in" % (o, b), "linear")
        rows += bn("%sbranches.%d.1" % (t, b), "%sbranch.%d.bn1" % (o, b))
    for b in range(n):
        rows += layer("%sbranches.%d.3.conv" % (t, b), "%sbranch.%d.conv" % (o, b), "tc")
        rows += bn("%sbranches.%d.3.bn" % (t, b), "%sbranch.%d.bn2" % (o, b))
    rows += bn("%sbranches.%d.4" % (t, n), "%sbranch.%d.bn2" % (o, n))
    rows += layer("%sbranches.%d.0" % (t, n + 1), "%sbranch.%d.conv" % (o, n + 1), "tc")
    return rows + bn("%sbranches.%d.1" % (t, n + 1), "%sbranch.%d.bn2" % (o, n + 1))


DOWN = (".gcn.down.0", ".gcn.down.1")
RES = (".residual.conv", ".residual.bn")
P, G, B = "backbone.", "backbone.gcn.#", "block.#."

def dynamic(gamma):
    """The spatial part of DG-STGCN and ProtoGCN."""
    return ([(G + ".gcn.A", B + "gcn.A", "graph"),
             (G + ".gcn.alpha", B + "gcn.alpha", "-first"),
             (G + ".gcn.beta", B + "gcn.beta", "first")]
            + ([(G + ".tcn.add_coeff", B + "tcn.gamma", "same")] if gamma else [])
            + layer(G + ".gcn.pre.0", B + "gcn.pre", "linear")
            + bn(G + ".gcn.pre.1", B + "gcn.pre_bn")
            + layer(G + ".gcn.conv2", B + "gcn.theta", "linear")
            + layer(G + ".gcn.conv1", B + "gcn.phi", "linear")
            + layer(G + ".gcn.post", B + "gcn.post", "linear")
            + bn(G + ".gcn.bn", B + "gcn.bn") + project((G + DOWN[0], G + DOWN[1]), B + "gcn.down")
            + mixed(G + ".tcn.", B + "tcn.") + project((G + RES[0], G + RES[1]), B + "res"))


STGCNPP = (bn(P + "data_bn", "data_bn") + [
    (G + ".gcn.A", B + "gcn.A", "graph"),
    (G + ".gcn.conv.weight", B + "gcn.conv.weight", "subsets"),
    (G + ".gcn.conv.bias", B + "gcn.bias", "subset bias")]
    + bn(G + ".gcn.bn", B + "gcn.bn") + project((G + DOWN[0], G + DOWN[1]), B + "gcn.down")
    + mixed(G + ".tcn.", B + "tcn.") + project((G + RES[0], G + RES[1]), B + "res")
    + ends("cls_head.fc_cls"))

STGCN = (bn(P + "data_bn", "data_bn") + [
    (G + ".gcn.PA", B + "importance", "graph"),
    (G + ".gcn.conv.weight", B + "gcn.conv.weight", "subsets"),
    (G + ".gcn.conv.bias", B + "gcn.bias", "subset bias")]
    + bn(G + ".gcn.bn", B + "bn1") + layer(G + ".tcn.conv", B + "tcn", "tc")
    + bn(G + ".tcn.bn", B + "bn2")
    + layer(G + RES[0], B + "res", "tc") + bn(G + RES[1], B + "res_bn") + ends("cls_head.fc_cls"))

DGSTGCN = bn(P + "data_bn", "data_bn") + dynamic(True) + ends("cls_head.fc_cls")
PROTOGCN = (bn(P + "data_bn", "data_bn") + dynamic(False) + ends("cls_head.fc_cls") + [
    (P + "prn.query_matrix.weight", "proto.query.weight", "same"),
    (P + "prn.memory_matrix.weight", "proto.memory.weight", "same"),
    ("cls_head.csc_loss.cl_fc.weight", "contrast.weight", "pairs"),
    ("cls_head.csc_loss.cl_fc.bias", "contrast.bias", "same")]
    + layer(P + "post", "proto.post", "linear") + bn(P + "bn", "proto.bn"))


def aagcn(pre, blocks, gcn, tcn, a, fc):
    rows = bn(pre + "data_bn", "data_bn")
    t = blocks + gcn
    rows += [(t + a, B + "B", "graph"), (t + "alpha", B + "alpha", "same")]
    for k in range(3):
        rows += layer("%sconv_d.%d" % (t, k), "%sconv.%d" % (B, k), "linear")
        rows += layer("%sconv_a.%d" % (t, k), "%sgraph.%d.theta" % (B, k), "linear")
        rows += layer("%sconv_b.%d" % (t, k), "%sgraph.%d.phi" % (B, k), "linear")
    rows += layer(t + "conv_sa", B + "att.joint", "tc1")
    rows += layer(t + "conv_ta", B + "att.frame", "tc1")
    rows += layer(t + "fc1c", B + "att.squeeze", "same")
    rows += layer(t + "fc2c", B + "att.excite", "same")
    rows += bn(t + "bn", B + "bn1") + project((t + "down.0", t + "down.1"), B + "down")
    t = blocks + tcn
    rows += layer(t + "conv", B + "tcn", "tc") + bn(t + "bn", B + "bn2")
    return rows + project((blocks + RES[0], blocks + RES[1]), B + "res") + ends(fc)


def ctrgcn(pre, blocks, a, theta, phi, relate, graph, fc):
    rows = bn(pre + "data_bn", "data_bn")
    t = blocks + ".gcn1."
    rows += [(t + a, B + "gcn.A", graph), (t + "alpha", B + "gcn.alpha", "same")]
    for k in range(3):
        one, our = "%sconvs.%d." % (t, k), "%sgcn.%d." % (B, k)
        rows += layer(one + theta, our + "theta", "linear")
        rows += layer(one + phi, our + "phi", "linear")
        rows += layer(one + "conv4", our + "relate", relate)
        rows += layer(one + "conv3", our + "value", "linear")
    rows += bn(t + "bn", B + "gcn.bn") + project((t + "down.0", t + "down.1"), B + "gcn.down")
    rows += multi(blocks + ".tcn1.", B + "tcn.", 2)
    return rows + project((blocks + RES[0], blocks + RES[1]), B + "res") + ends(fc)


def msg3d(pre, graph, scales, scales3d, fc):
    """`graph`: their name and how it changes, of K scales."""
    rows = bn(pre + "data_bn", "data_bn")

    def conv(t, o, k):
        a, how = graph
        rows.append((t + a, o + "B", how % k if "%" in how else how))
        rows.append((t + "mlp.layers.0.weight", o + "conv.weight", "scales %d" % k))
        rows.append((t + "mlp.layers.0.bias", o + "conv.bias", "same"))
        rows.extend(bn(t + "mlp.layers.1", o + "bn"))
    conv(pre + "sgcn#.0.", B + "gcn.", scales)
    for w in range(2):
        t, o = "%sgcn3d#.gcn3d.%d." % (pre, w), "%sg3d.%d." % (B, w)
        conv(t + "gcn3d.1.", o, scales3d)
        rows += layer(t + "out_conv", o + "out", "window") + bn(t + "out_bn", o + "out_bn")
    for j, t in enumerate(("sgcn#.1.", "sgcn#.2.", "tcn#.")):
        o = "%stcn.%d." % (B, j)
        rows += multi(pre + t, o, 4)
        rows += project((pre + t + "residual.conv", pre + t + "residual.bn"), o + "res")
    return rows + ends(fc)


def simlpe():
    """Three names that the blocks have had; the norm is over axis 1 of [clips, V, coefficients]."""
    rows = layer("motion_fc_in", "in", "same") + layer("motion_fc_out", "out", "same")
    for t in ("motion_mlp.mlps.#", "motion_transformer.mlps.#", "motion_transformer.transformer.#"):
        rows += layer(t + ".fc0.fc", B + "time", "same")
        rows += [(t + ".norm0.alpha", B + "norm.weight", "flat"),
                 (t + ".norm0.beta", B + "norm.bias", "flat")]
    return rows


def mao(pre):
    """The graph convolutions of LTD and HisRep, whose weights are [in, out]."""
    rows = []
    pairs = [("gc1", "in.gc"), ("gcbs.#.gc1", B + "gc1"), ("gcbs.#.gc2", B + "gc2"),
             ("gc7", "out.gc")]
    for t, o in pairs:
        rows += [(pre + t + ".weight", o + ".weight", "graph"), (pre + t + ".att", o + ".A", "same"),
                 (pre + t + ".bias", o + ".bias", "same")]
    for t, o in [("bn1", "in.bn"), ("gcbs.#.bn1", B + "bn1"), ("gcbs.#.bn2", B + "bn2")]:
        rows += bn(pre + t, o)
    return rows


def hisrep():
    rows = mao("gcn.")
    for t, o in (("convQ", "query"), ("convK", "key")):
        for i in range(2):
            rows.append(("%s.%d.weight" % (t, 2 * i), "%s.conv%d.weight" % (o, i + 1), "tc1"))
    return rows


def gc(theirs, ours):
    """A graph convolution of `mao`."""
    return [(theirs + ".weight", ours + ".weight", "graph"), (theirs + ".att", ours + ".A", "same"),
            (theirs + ".bias", ours + ".bias", "same")]


def gc_block(theirs, ours):
    rows = []
    for k in "12":
        rows += gc(theirs + ".gc" + k, ours + ".gc" + k) + bn(theirs + ".bn" + k, ours + ".bn" + k)
    return rows


def msrgcn(nodes):
    """The trajectories of each scale.  Norms behind maps of them count features first."""
    words, rows = ("first", "second", "third", "fourth"), []

    def rowwise(t, o, n):
        rows.extend(layer(t + ".linear", o, "same"))
        rows.extend((t + ".bn" + k, o + ".bn" + k, "nodes %d" % n) for k in BN)
    for s, w in enumerate(words):
        rows += gc(w + "_enhance.gcn", "left.%d.in.gc" % s) + bn(w + "_enhance.bn1d",
                                                                 "left.%d.in.bn" % s)
        for t, o in (("left", "left"), ("right", "right"), ("extra", "out")):
            rows += gc_block("%s_%s.#" % (w, t), "%s.%d.block.#" % (o, s))
        rows += gc(w + "_out.gcn", "out.%d.gc" % s)
        if s + 1 < len(words):
            rowwise(w + "_down.0", "left.%d.down" % s, nodes[s + 1])
            rowwise(w + "_right_crop.0", "right.%d.crop" % s, nodes[s])
        if s > 0:
            rowwise(w + "_up.0", "right.%d.up.nodes" % s, nodes[s - 1])
            rows += layer(w + "_up.1.linear", "right.%d.up.width" % s, "same")
            rows += bn(w + "_up.1.bn", "right.%d.up.width.bn" % s)
    return rows


# Residual sup., a port to PyTorch.
RESSUP = ([("cell." + k, "gru." + k, "same")
           for k in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")] + layer("fc1", "out", "same"))

# pyskl's own counting starts at 0, the authors' at 1, and so does that of pyskl's msg3d.
FROM_1 = ("aagcn/authors", "ctrgcn/authors", "msg3d/authors", "msg3d/pyskl")
TABLE = {
    "stgcn/pyskl": STGCN,    # of graphs of mode `spatial`
    "stgcnpp/pyskl": STGCNPP,
    "dgstgcn/pyskl": DGSTGCN,
    "aagcn/pyskl": aagcn(P, G, ".gcn.", ".tcn.", "A", "cls_head.fc_cls"),
    "aagcn/authors": aagcn("", "l#", ".gcn1.", ".tcn1.", "PA", "fc"),
    "ctrgcn/pyskl": ctrgcn(P, P + "net.#", "A", "conv2", "conv1", "-linear", "graph",
                           "cls_head.fc_cls"),
    "protogcn/authors": PROTOGCN,
    "msg3d/authors": msg3d("", ("A_res", "graphs %d"), 13, 6, "fc"),
    "msg3d/pyskl": msg3d(P, ("PA", "graph"), 13, 6, "cls_head.fc_cls"),
    "simlpe/authors": simlpe(),
    "ltd/authors": mao(""),
    "hisrep/authors": hisrep(),
    "msrgcn/authors": msrgcn((66, 36, 21, 12)),
    "ressup/pytorch": RESSUP,
    "ctrgcn/authors": ctrgcn("", "l#", "PA", "conv1", "conv2", "linear", "same", "fc"),
}
# Theirs that are not ours: constants, counters.
LEFT_OUT = (r".*\.num_batches_tracked", r"backbone\.A", r"backbone\.gcn\.\d+\.gcn\.A",
            r"backbone\.(sgcn\d\.0|gcn3d\d\.gcn3d\.\d\.gcn3d\.1)\.A")


def translated(program, state):
    """A checkpoint by our names.  Every tensor has to be in the table or among LEFT_OUT."""
    rows = [(re.compile(re.escape(t).replace(r"\#", r"(\d+)") + "$"), o, c)
            for t, o, c in TABLE[program]]
    first = 1 if program in FROM_1 else 0
    ours = {}
    for name, tensor in state.items():
        for pattern, our, how in rows:
            m = pattern.match(name)
            if m:
                n = str(int(m.group(1)) - first) if m.groups() else ""
                ours[our.replace("#", n, 1)] = change(how, tensor.detach()).contiguous()
                break
        else:
            if not any(re.fullmatch(p, name) for p in LEFT_OUT):
                raise KeyError("%s is in no row of %s" % (name, program))
    return ours
