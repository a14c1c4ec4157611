#!/usr/bin/env python3
"""The opponent of side-by-side: one variant of a PyTorch network, built once and timed on request.

    torch_worker.py serve PEER PRESET WHAT BATCH THREADS VARIANT CHECK
    torch_worker.py save PEER PRESET DIR
    torch_worker.py answer PEER PRESET KIND FILE POSES

PEER is a folder with symgnn_torch.py and skeletons.py; PRESET is light or full; WHAT is train or
infer.  side-by-side starts this program and sets its environment.

`serve` builds the network on random poses, compares an inference variant's results with the plain
network's (if CHECK is 1: that needs memory), and writes a JSON object.  Then it reads requests from
standard input, `time WARM-UP REPEAT` with the numbers of untimed and of timed calls, replies to
each with the seconds of every timed call as a JSON object, and waits without using the processor.

VARIANT is the form of the joint graph convolution (agg, sib) and these options, joined by '+':
    cl       convolutions in channels_last
    trace    torch.jit.trace and freeze;  ofi  then optimize_for_inference
    compile  torch.compile (inductor);    freeze  with the weights as constants
    fused    Adam in one kernel
A training call draws dropout, runs forward, computes lambda by MGDA's upper bound, runs backward and
takes a step of Adam, as `graphop bench --what train --lambda ub` does.

`save` writes a network's state_dict and its frozen trace to DIR.  `answer` reads one of them (KIND
state or trace) and the poses, gives one result, and ends.
"""
import json
import os
import sys
import time


def import_peer(folder):
    sys.dont_write_bytecode = True
    sys.path.insert(0, folder)
    import symgnn_torch
    return symgnn_torch


def configuration(S, preset, impl="agg"):
    return {"light": S.light, "full": S.full, "tiny": S.tiny}[preset](jgc_impl=impl)


def poses(torch, S, cfg, n):
    nodes = S.sk.get(cfg.skeleton).num_joints
    x = torch.randn(n, cfg.t_obs, nodes, cfg.in_dim)
    return x, torch.randint(cfg.classes, (n,)), x[:, -1:].expand(-1, cfg.t_pred, -1, -1).clone()


def channels_last(torch, model):
    for m in model.modules():
        if isinstance(m, torch.nn.Conv2d):
            m.to(memory_format=torch.channels_last)


def size(model):
    return sum(p.numel() for p in model.parameters())


def inference_call(torch, S, cfg, batch, marks, check):
    """A function without arguments that runs inference on a batch, and the number of parameters."""
    model = S.SymGNN(cfg).eval()
    parameters, x = size(model), poses(torch, S, cfg, batch)[0]
    if check:
        plain = S.SymGNN(S.replace(cfg, jgc_impl="agg")).eval()
        plain.load_state_dict(model.state_dict())
        with torch.no_grad():
            want = plain(x)
        del plain
    if "cl" in marks:
        channels_last(torch, model)
    with torch.no_grad():
        if "trace" in marks:
            model = torch.jit.freeze(torch.jit.trace(model, x, check_trace=False))
        if "ofi" in marks:
            model = torch.jit.optimize_for_inference(model)
    if "compile" in marks:
        if "freeze" in marks:
            import torch._inductor.config
            torch._inductor.config.freezing = True
        model = torch.compile(model, fullgraph=True, dynamic=False)
    # a trace and a compiled network need the mode in which they were made
    mode = torch.no_grad if marks & {"trace", "compile"} else torch.inference_mode

    def call():
        with mode():
            return model(x)

    for _ in range(3):  # a trace is optimised in its first calls
        got = call()
    if check:
        off = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(got, want))
        if not off < 1e-3:
            raise RuntimeError("its results differ by %.1g" % off)
    return call, parameters


def training_call(torch, S, cfg, batch, marks, check):
    """A function without arguments that takes a training step, and the number of parameters.
    Results are not compared, since dropout draws differ."""
    model = S.SymGNN(cfg).train()
    x, y, target = poses(torch, S, cfg, batch)
    if "cl" in marks:
        channels_last(torch, model)
    optimiser = torch.optim.Adam(model.parameters(), 1e-4, fused=True if "fused" in marks else None)
    if "compile" in marks:
        import torch._functorch.config
        torch._functorch.config.donated_buffer = False  # both losses run backward through the heads
        for part in ("backbone", "recognise", "predict"):
            setattr(model, part, torch.compile(getattr(model, part), dynamic=False))

    def call():
        S.train_grads(model, x, y, target, "ub")
        optimiser.step()

    call()
    return call, size(model)


MAKERS = {"infer": (inference_call, {"cl", "trace", "ofi", "compile", "freeze"}),
          "train": (training_call, {"cl", "compile", "fused"})}


def serve(peer, preset, what, batch, threads, variant, check):
    import torch
    S = import_peer(peer)
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    impl, *marks = variant.split("+")
    make, known = MAKERS[what]
    if not known.issuperset(marks):
        raise RuntimeError("no such variant of %s" % what)
    cfg = configuration(S, preset, impl)
    call, parameters = make(torch, S, cfg, int(batch), set(marks), check == "1")
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(),
                      "parameters": parameters,
                      "madds": S.mac_count(cfg, cfg.agim_factored)["total"]}), flush=True)
    for line in sys.stdin:
        _, warm_up, repeat = line.split()
        seconds = []
        for i in range(int(warm_up) + int(repeat)):
            t = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - t)
        print(json.dumps({"seconds": seconds[int(warm_up):]}), flush=True)


def save(peer, preset, folder):
    import torch
    S = import_peer(peer)
    torch.manual_seed(0)
    model = S.SymGNN(configuration(S, preset)).eval()
    torch.save(model.state_dict(), os.path.join(folder, "state"))
    with torch.no_grad():
        x = poses(torch, S, model.cfg, 1)[0]
        trace = torch.jit.freeze(torch.jit.trace(model, x, check_trace=False))
        torch.jit.save(trace, os.path.join(folder, "trace"))


def answer(peer, preset, kind, path, text):
    """Every second line of `text` and the columns of CMU's 26 joints."""
    import torch
    if kind == "trace":
        model = torch.jit.load(path)
        sys.path.insert(0, peer)
        sys.dont_write_bytecode = True
        from skeletons import CMU_DIM_USE as columns
    else:
        S = import_peer(peer)
        columns = S.sk.CMU_DIM_USE
        model = S.SymGNN(configuration(S, preset)).eval()
        model.load_state_dict(torch.load(path, mmap=True, weights_only=True))
    with open(text) as f:
        frames = [[float(v) for v in line.split(",")] for line in f]
    x = torch.tensor([[f[c] for c in columns] for f in frames[::2]])
    with torch.no_grad():
        logits, pred = model(x.view(1, x.shape[0], len(columns) // 3, 3))
    out = [torch.softmax(logits, 1)[0].tolist()] + pred[0].flatten(1).tolist()
    print("\n".join(",".join("%g" % v for v in row) for row in out), flush=True)


def main():
    verbs = {"serve": serve, "save": save, "answer": answer}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    try:
        verbs[sys.argv[1]](*sys.argv[2:])
    except Exception as e:  # a variant that does not work is a result
        if sys.argv[1] != "serve":
            raise
        line = (str(e).strip() or type(e).__name__).splitlines()[0]
        print(json.dumps({"error": line[:120]}), flush=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
