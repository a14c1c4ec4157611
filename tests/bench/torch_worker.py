#!/usr/bin/env python3
"""The opponent of side-by-side: one variant of a PyTorch network, built once and timed on request.

    torch_worker.py serve NETWORK PEER WHAT BATCH THREADS VARIANT CHECK
    torch_worker.py save NETWORK PEER DIR
    torch_worker.py answer NETWORK PEER KIND FILE POSES

NETWORK is Sym-GNN's light or full, or a model that recognises (torch_recognisers.py) or predicts
(torch_predictors.py).  PEER is a
folder with symgnn_torch.py and skeletons.py, which the others ignore.  WHAT is train or infer.
side-by-side starts this program and sets its environment.

`serve` builds the network on random poses, compares an inference variant's results with the plain
network's (if CHECK is 1: that needs memory), and writes a JSON object.  Then it reads requests from
standard input, `time WARM-UP REPEAT` with the numbers of untimed and of timed calls, replies to
each with the seconds of every timed call, and those of the processor, as a JSON object, and waits
without using the processor.

VARIANT is a form of the network (of Sym-GNN's joint graph convolution: agg, sib; of those that
recognise: conv, linear; of those that predict: golden) and these options, joined by '+':
    cl       convolutions, and poses that are images, in channels_last
    trace    torch.jit.trace and freeze;  ofi  then optimize_for_inference
    compile  torch.compile (inductor);    freeze  with the weights as constants
    fused    the optimiser in one kernel
    onnx     exported by torch.onnx and run by ONNX Runtime;  script  exported from a trace
A training call draws dropout, runs forward and backward and takes a step, as `graphop bench --what
train` does: of Sym-GNN with lambda by MGDA's upper bound and Adam, of those that recognise with SGD, of those that
predict with Adam.

`save` writes a network's state_dict and its frozen trace to DIR.  `answer` reads one of them (KIND
state or trace) and the poses, gives one result, and ends.
"""
import json
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True


class SymGNN:
    """Networks of PEER."""

    def __init__(self, network, peer):
        sys.path.insert(0, peer)
        import symgnn_torch
        self.S = symgnn_torch
        self.preset = {"light": self.S.light, "full": self.S.full, "tiny": self.S.tiny}[network]
        self.cfg = self.preset()

    def model(self, form, training):
        return self.S.SymGNN(self.preset(jgc_impl=form)).train(training)

    def plain_of(self, model):
        plain = self.model("agg", False)
        plain.load_state_dict(model.state_dict())
        return plain

    def poses(self, n):
        nodes = self.S.sk.get(self.cfg.skeleton).num_joints
        return torch.randn(n, self.cfg.t_obs, nodes, self.cfg.in_dim)

    def optimiser(self, parameters, fused):
        return torch.optim.Adam(parameters, 1e-4, fused=fused)

    def compile(self, model):
        from torch._functorch import config
        config.donated_buffer = False  # both losses run backward through the heads
        for part in ("backbone", "recognise", "predict"):
            setattr(model, part, torch.compile(getattr(model, part), dynamic=False))

    def gradients(self, model, n):
        """A function without arguments that computes the gradients of a batch."""
        x, y = self.poses(n), torch.randint(self.cfg.classes, (n,))
        target = x[:, -1:].expand(-1, self.cfg.t_pred, -1, -1).clone()
        return lambda: self.S.train_grads(model, x, y, target, "ub")


class Recognisers:
    """Networks of torch_recognisers.py."""

    def __init__(self, network, peer):
        import torch_recognisers
        self.R, self.network = torch_recognisers, network

    def model(self, form, training):
        return self.R.Recogniser(self.network, form, training)

    def plain_of(self, model):
        return self.model("linear", False)  # parameters are by rule

    def poses(self, n):
        return self.R.poses(n)

    def example(self, n):
        """What the loss of a batch takes."""
        return self.poses(n), torch.randint(self.R.CLASSES, (n,))

    def optimiser(self, parameters, fused):
        return torch.optim.SGD(parameters, 1e-4, momentum=0.9, fused=fused)

    def compile(self, model):
        model.forward = torch.compile(model.forward, dynamic=False)

    def gradients(self, model, n):
        batch = self.example(n)

        def call():
            model.zero_grad(set_to_none=True)
            model.loss(*batch).backward()
        return call


class Predictors(Recognisers):
    """Networks of torch_predictors.py."""

    def __init__(self, network, peer):
        import torch_predictors
        self.R, self.network = torch_predictors, network

    def model(self, form, training):
        made = self.R.Predictor(self.network, training)
        self.observed, self.predicted = made.observed, made.predicted
        return made

    def plain_of(self, model):
        return model

    def poses(self, n):
        return self.R.poses(n, self.observed)

    def example(self, n):
        return self.poses(n), self.R.poses(n, self.predicted)

    def optimiser(self, parameters, fused):
        return torch.optim.Adam(parameters, 1e-4, fused=fused)

    def compile(self, model):
        model.loss = torch.compile(model.loss, dynamic=False)


def family(network, peer):
    kind = (SymGNN if network in ("light", "full", "tiny")
            else Predictors if network in ("simlpe", "ltd", "hisrep", "msrgcn", "ressup")
            else Recognisers)
    return kind(network, peer)


def channels_last(model):
    for p in model.parameters():
        if p.dim() == 4:
            p.data = p.data.contiguous(memory_format=torch.channels_last)


def size(model):
    return sum(p.numel() for p in model.parameters())


def off(got, want):
    """The greatest difference of several results, as a share of each result's greatest value."""
    if isinstance(want, torch.Tensor):
        got, want = [got], [want]
    return max(float((torch.as_tensor(a) - b).abs().max() / b.abs().max())
               for a, b in zip(got, want))


def onnx_call(model, x, marks, threads):
    import onnxruntime
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "network.onnx")
        torch.onnx.export(model, (x,), path, dynamo="script" not in marks, input_names=["x"],
                          verbose=False)
        o = onnxruntime.SessionOptions()
        o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
        session = onnxruntime.InferenceSession(path, o, providers=["CPUExecutionProvider"])
    array = x.numpy()
    return lambda: session.run(None, {"x": array})[0]


def inference_call(nets, batch, threads, form, marks, check):
    """A function without arguments that runs inference on a batch, and the number of parameters."""
    model = nets.model(form, False)
    parameters, x = size(model), nets.poses(batch)
    if check:
        plain = nets.plain_of(model)
        with torch.no_grad():
            want = plain(x)
        del plain
    if "cl" in marks:
        channels_last(model)
        if x.dim() == 4 and isinstance(nets, Recognisers):
            x = x.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        if "onnx" in marks:
            run = onnx_call(model, x, marks, threads)
        if "trace" in marks:
            model = torch.jit.freeze(torch.jit.trace(model.eval(), x, check_trace=False))
        if "ofi" in marks:
            model = torch.jit.optimize_for_inference(model)
    if "compile" in marks:
        if "freeze" in marks:
            from torch._inductor import config
            config.freezing = True
        model = torch.compile(model, fullgraph=True, dynamic=False)
    # a trace and a compiled network need the mode in which they were made
    mode = torch.no_grad if marks & {"trace", "compile"} else torch.inference_mode

    def call():
        if "onnx" in marks:
            return run()
        with mode():
            return model(x)

    for _ in range(3):  # a trace is optimised in its first calls
        got = call()
    if check and not off(got, want) < 1e-3:
        raise RuntimeError("its results differ by %.1g" % off(got, want))
    return call, parameters


def training_call(nets, batch, threads, form, marks, check):
    """A function without arguments that takes a training step, and the number of parameters.
    Results are not compared, since dropout draws differ."""
    model = nets.model(form, True)
    if "cl" in marks:
        channels_last(model)
    optimiser = nets.optimiser(model.parameters(), True if "fused" in marks else None)
    if "compile" in marks:
        nets.compile(model)
    gradients = nets.gradients(model, batch)

    def call():
        gradients()
        optimiser.step()

    call()
    return call, size(model)


MAKERS = {"infer": (inference_call, {"cl", "trace", "ofi", "compile", "freeze", "onnx", "script"}),
          "train": (training_call, {"cl", "compile", "fused"})}


def serve(network, peer, what, batch, threads, variant, check):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    form, *marks = variant.split("+")
    make, known = MAKERS[what]
    if not known.issuperset(marks):
        raise RuntimeError("no such variant of %s" % what)
    answers = os.dup(1)  # an exporter writes to standard output
    os.dup2(2, 1)
    try:
        call, parameters = make(family(network, peer), int(batch), int(threads), form, set(marks),
                                check == "1")
    finally:
        sys.stdout.flush()
        os.dup2(answers, 1)
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(),
                      "parameters": parameters}), flush=True)
    for line in sys.stdin:
        _, warm_up, repeat = line.split()
        seconds, processor = [], []
        for i in range(int(warm_up) + int(repeat)):
            t, p = time.perf_counter(), time.process_time()
            call()
            processor.append(time.process_time() - p)
            seconds.append(time.perf_counter() - t)
        print(json.dumps({"seconds": seconds[int(warm_up):],
                          "processor": processor[int(warm_up):]}), flush=True)


def save(network, peer, folder):
    torch.manual_seed(0)
    nets = SymGNN(network, peer)
    model = nets.model("agg", False)
    torch.save(model.state_dict(), os.path.join(folder, "state"))
    with torch.no_grad():
        trace = torch.jit.freeze(torch.jit.trace(model, nets.poses(1), check_trace=False))
        torch.jit.save(trace, os.path.join(folder, "trace"))


def answer(network, peer, kind, path, text):
    """Every second line of `text` and the columns of CMU's 26 joints."""
    if kind == "trace":
        model = torch.jit.load(path)
        sys.path.insert(0, peer)
        from skeletons import CMU_DIM_USE as columns
    else:
        nets = SymGNN(network, peer)
        columns = nets.S.sk.CMU_DIM_USE
        model = nets.model("agg", False)
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
    global torch
    try:
        import torch
        verbs[sys.argv[1]](*sys.argv[2:])
    except Exception as e:  # a variant that does not work is a result
        if sys.argv[1] != "serve":
            raise
        line = (str(e).strip() or type(e).__name__).splitlines()[0]
        print(json.dumps({"error": line[:120]}), flush=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
