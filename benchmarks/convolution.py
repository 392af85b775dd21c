"""Time the fast NumPy convolution against Paddle's, forward and forward with backward.

Run ``python benchmarks/convolution.py``. Each contender works in a process of its own, with one
thread, and the rounds of the contenders alternate; printed is the least time of each, and the ratio
of ours to theirs. "as set" is Paddle after `nndl.device.prepare_cpu_math`, which sets
``MKL_DEBUG_CPU_TYPE=5`` on AMD processors; "as installed" is Paddle without it. A ratio above the
goal has a ``!`` behind it. On a busy machine the ratios of the large shapes move by half; the last
line says how busy it was.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# batch, in_channels, size, out_channels, kernel_size, stride, padding
SHAPES = (
    (64, 1, 32, 6, 5, 1, 0),
    (64, 3, 32, 64, 3, 1, 1),
    (64, 64, 32, 64, 3, 1, 1),
    (32, 64, 56, 64, 3, 1, 1),
    (8, 3, 224, 64, 7, 2, 3),
)
CONTENDERS = ("nndl", "Paddle as set", "Paddle as installed")
# forward, forward and backward: the largest ratio to Paddle as installed that is good enough
GOALS = (0.5, 0.6)


def numpy_calls(x, weight, settings):
    """Return the two things to time, on NumPy."""
    from nndl import ops

    grad_y = ops.conv2d(x, weight, **settings)

    def forward():
        ops.conv2d(x, weight, **settings)

    def both():
        ops.conv2d(x, weight, **settings)
        ops.conv2d_backward(x, weight, grad_y, **settings)

    return forward, both


def paddle_calls(x, weight, settings):
    """Return the two things to time, on Paddle."""
    import paddle  # not from nndl.device, which would always set MKL's variable

    x, weight = paddle.to_tensor(x), paddle.to_tensor(weight)
    conv2d = paddle.nn.functional.conv2d
    grad_y = paddle.ones_like(conv2d(x, weight, **settings))

    def forward():
        with paddle.no_grad():
            conv2d(x, weight, **settings)  # on a CPU it is done when it returns

    def both():
        a, b = x.detach(), weight.detach()
        a.stop_gradient = b.stop_gradient = False
        conv2d(a, b, **settings).backward(grad_y)

    return forward, both


def work(name: str) -> None:
    """Answer each shape's number on standard input with two times in milliseconds."""
    import numpy as np

    if name == "Paddle as set":
        from nndl.device import prepare_cpu_math

        prepare_cpu_math()
    make = numpy_calls if name == "nndl" else paddle_calls
    calls = {}
    for line in sys.stdin:
        number = int(line)
        if number not in calls:
            batch, depth, size, outputs, kernel, stride, padding = SHAPES[number]
            rng = np.random.default_rng(0)
            x = rng.standard_normal((batch, depth, size, size), dtype=np.float32)
            weight = rng.standard_normal((outputs, depth, kernel, kernel), dtype=np.float32)
            calls[number] = make(x, weight, {"stride": stride, "padding": padding})
            for call in calls[number]:
                call()
        times = []
        for call in calls[number]:
            best = float("inf")
            for _ in range(3):
                start = time.perf_counter()
                call()
                best = min(best, time.perf_counter() - start)
            times.append(1e3 * best)
        print(json.dumps(times), flush=True)


def start(name: str) -> subprocess.Popen:
    """Start a contender's process."""
    threads = {f"{lib}_NUM_THREADS": "1" for lib in ("OPENBLAS", "OMP", "MKL")}
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT)}
    environment.pop("MKL_DEBUG_CPU_TYPE", None)
    command = [sys.executable, __file__, "--work", name]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def main() -> None:
    """Alternate the contenders and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--work", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    workers = {name: start(name) for name in CONTENDERS}
    best = {}
    for _ in range(options.rounds):
        for number in range(len(SHAPES)):
            for name, worker in workers.items():
                worker.stdin.write(f"{number}\n")
                worker.stdin.flush()
                for part, taken in enumerate(json.loads(worker.stdout.readline())):
                    key = number, part, name
                    best[key] = min(best.get(key, taken), taken)
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    for part, title in enumerate(("forward", "forward and backward")):
        print(f"\n{title}: milliseconds, and nndl : Paddle")
        print(f"{'B, D, M, P, U, S, padding':<34}" + "".join(f"{n:>20}" for n in CONTENDERS))
        for number, shape in enumerate(SHAPES):
            ours, *theirs = (best[number, part, name] for name in CONTENDERS)
            cells = f"{ours:20.2f}" + "".join(f"{t:12.2f} ({ours / t:.2f})" for t in theirs)
            print(f"{shape!s:<34}{cells}{'!' if ours / theirs[-1] > GOALS[part] else ''}")
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"\ngoals: {GOALS[0]} and {GOALS[1]} of Paddle as installed")
    print(f"{os.cpu_count()} processors, load of the last minute {load} (1.0 is this benchmark)")


if __name__ == "__main__":
    main()
