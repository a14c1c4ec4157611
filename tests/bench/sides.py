"""The sides of side-by-side as processes: starts each, runs its turns of timed calls, and
stops it during the other's turn.  Starts processes and reads /proc; prints nothing.
"""
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER = os.path.join(HERE, "torch_worker.py")
# Each network as `graphop bench` takes it, and what its training step needs besides.
NETWORKS = {"light": ("symgnn --preset light --layout cmu26 --classes 8", "--lambda ub"),
            "full": ("symgnn --preset full --layout ntu25 --classes 60", "--lambda ub")}
RECOGNISERS = {"stgcn": " --set dropout=0", "stgcnpp": "", "ctrgcn": "", "dgstgcn": "",
               "aagcn": "", "msg3d": "", "protogcn": " --set memory_dropout=0"}
for _name, _more in RECOGNISERS.items():
    NETWORKS[_name] = (_name + " --preset published --layout ntu25 --classes 60 --bodies 2"
                       " --set observed=100" + _more, "--optimiser sgd")
# Predictors: the layout has the joints of Human3.6M; training has Adam, as graphop's default.
PREDICTORS = {"simlpe": "", "ltd": " --set dropout=0", "hisrep": " --set dropout=0",
              "msrgcn": " --set dropout=0", "ressup": ""}
for _name, _more in PREDICTORS.items():
    NETWORKS[_name] = (_name + " --preset published --layout h36m22 --classes 1" + _more, "")

# PyTorch's environments.  A malloc that keeps its pages avoids page faults for large tensors;
# sleeping OpenMP workers leave the processor to others.
KEEP_PAGES = {"MALLOC_MMAP_THRESHOLD_": "8589934592", "MALLOC_TRIM_THRESHOLD_": "17179869184",
              "MALLOC_TOP_PAD_": "268435456"}
ENVIRONMENTS = {"tuned": {**KEEP_PAGES, "OMP_WAIT_POLICY": "passive"}, "malloc": KEEP_PAGES,
                "default": {}}


class Failure(Exception):
    """A side failed; the text names it and the reason."""


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def median(values):
    v = sorted(values)
    return (v[(len(v) - 1) // 2] + v[len(v) // 2]) / 2


def percentile(values, share):
    """The smallest value that at least this share does not exceed, as in graphop bench."""
    v = sorted(values)
    return v[max(0, math.ceil(share * len(v)) - 1)]


def processor_seconds():
    """Processor time used by the whole machine since its start."""
    with open("/proc/stat") as f:
        n = [int(v) for v in f.readline().split()[1:9]]
    return (sum(n) - n[3] - n[4]) / os.sysconf("SC_CLK_TCK")


def pin(options, threads):
    """For preexec_fn: one thread stays on the core of the options."""
    if options.core is None or threads > 1:
        return None
    return lambda: os.sched_setaffinity(0, {options.core})


class Graphop:
    """A turn is a process of `graphop bench`."""

    name = "graphop"

    def __init__(self, options, network, what, batch, threads):
        always, training = NETWORKS[network]
        self.command = [options.graphop, "bench", *always.split(), "--batch", str(batch), "--what",
                        what, "--threads", str(threads), "--json"]
        if what == "train":
            self.command += training.split()
        self.pin = pin(options, threads)
        self.report = None      # of the last turn
        self.peak = 0           # bytes, of all turns
        self.used = 0.0         # seconds of processor

    def turn(self, warm_up, repeat):
        """The times of a turn's calls: {"p50": seconds, "p99": seconds}."""
        before = os.times()
        p = subprocess.run(self.command + ["--warm-up", str(warm_up), "--repeat", str(repeat)],
                           stdin=subprocess.DEVNULL, capture_output=True, text=True,
                           preexec_fn=self.pin)
        after = os.times()
        self.used += (after.children_user + after.children_system
                      - before.children_user - before.children_system)
        if p.returncode != 0:
            raise Failure("graphop bench: " + last_line(p.stderr))
        self.report = json.loads(p.stdout.splitlines()[0])
        self.peak = max(self.peak, self.report["peak_bytes"])
        return {key: self.report[key] for key in ("p50", "p99", "processor")}

    def close(self):
        pass


def opponent(variant):
    return "ONNX Runtime" if "onnx" in variant.split("+") else "PyTorch"


class Torch:
    """A process that lives from its first turn to close(), stopped between turns."""

    def __init__(self, options, network, what, batch, threads, variant, environment, check=True):
        self.name = opponent(variant)
        self.variant, self.environment = variant, environment
        n = str(threads)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MALLOC_"))}
        env.update(ENVIRONMENTS[environment], OMP_NUM_THREADS=n, MKL_NUM_THREADS=n,
                   OPENBLAS_NUM_THREADS=n, TORCHINDUCTOR_CACHE_DIR=options.cache)
        self.log = open(os.path.join(options.cache, "worker.log"), "w+")
        self.process = subprocess.Popen(
            [options.python, WORKER, "serve", network, options.peer, what, str(batch), n, variant,
             "%d" % check],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, env=env,
            start_new_session=True, preexec_fn=pin(options, threads))
        self.peak = 0
        self.rest = b""
        try:
            self.report = self._answer(options.limit)
            self._stop()
        except BaseException:
            self.close()
            raise

    def _answer(self, limit):
        """The next line of its output, parsed."""
        end = time.monotonic() + limit
        with selectors.DefaultSelector() as s:
            s.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                if not s.select(max(0, end - time.monotonic())):
                    raise Failure("no answer within %g s" % limit)
                more = os.read(self.process.stdout.fileno(), 65536)
                if not more:
                    self.log.seek(0)
                    raise Failure("the process ended: " + last_line(self.log.read())[:120])
                self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def _group(self, sig):
        try:
            os.killpg(self.process.pid, sig)  # a compiler's helpers are in its group
        except ProcessLookupError:
            pass

    def _stop(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmHWM:"):
                    self.peak = int(line.split()[1]) * 1024
        self._group(signal.SIGSTOP)

    @property
    def used(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            n = f.read().rsplit(")", 1)[1].split()
        return (int(n[11]) + int(n[12])) / os.sysconf("SC_CLK_TCK")

    def calls(self, warm_up, repeat, limit=3600):
        """Seconds of each timed call, and those of the processor."""
        self._group(signal.SIGCONT)
        self.process.stdin.write(b"time %d %d\n" % (warm_up, repeat))
        self.process.stdin.flush()
        answer = self._answer(limit)
        self._stop()
        return answer["seconds"], answer["processor"]

    def turn(self, warm_up, repeat):
        s, processor = self.calls(warm_up, repeat)
        return {"p50": median(s), "p99": percentile(s, 0.99), "processor": median(processor)}

    def close(self):
        self._group(signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()


class Start:
    """A turn is a whole process that gives one result; p50 is the time to its first byte, p99 to
    its end."""

    def __init__(self, name, command, environment):
        self.name, self.command, self.environment = name, command, environment
        self.used, self.peak, self.report = 0.0, 0, None

    def turn(self, warm_up, repeat):
        first, end = [], []
        for i in range(warm_up + repeat):
            before, t = os.times(), time.perf_counter()
            p = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env={**os.environ, **self.environment})
            said = os.read(p.stdout.fileno(), 1)
            a = time.perf_counter()
            error = p.communicate()[1].decode(errors="replace")
            b = time.perf_counter()
            after = os.times()
            self.used += (after.children_user + after.children_system
                          - before.children_user - before.children_system)
            if p.returncode != 0 or not said:
                raise Failure("%s: %s" % (" ".join(self.command[:2]), last_line(error)[:160]))
            first.append(a - t)
            end.append(b - t)
        return {"p50": median(first[warm_up:]), "p99": median(end[warm_up:])}

    def close(self):
        pass


def run(command, **kw):
    """Runs a preparing command to its end."""
    p = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **kw)
    if p.returncode != 0:
        raise Failure("%s: %s" % (" ".join(command[:3]), last_line(p.stderr)[:160]))
    return p.stdout


def python_executable():
    return sys.executable or "python3"
