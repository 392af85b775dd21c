"""Measure the peak memory of convolution and pooling on NumPy against Paddle's (Linux).

Run ``python benchmarks/memory.py``. Each number is taken in a process of its own: how far the
memory that Linux counts for it rises during one call, the output included, above what it was with
the inputs in place. A small call before loads what a library loads at its first call. Paddle keeps
freed memory in a store of its own and takes small tensors from there, which Linux cannot see;
Paddle's own count sees that, but not what its MKL takes. Of the two, the larger is printed. The
goal is the convolution's.
"""

import argparse
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import convolution
import pooling
from contenders import PADDLES, ROOT

CASES = [*convolution.CASES, *pooling.CASES]
TINY = {
    "nndl": lambda: convolution.numpy_calls((1, 1, 6, 1, 3, 1, 1)),
    PADDLES[1]: lambda: convolution.paddle_calls((1, 1, 6, 1, 3, 1, 1)),
}
PARTS = ("forward", "forward and backward")
GOAL = 2.0
MIB = 2**20


def status(field: str) -> int:
    """Return a size in bytes that Linux keeps of this process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def paddles_own_count() -> Callable[[], int]:
    """Return what tells by how many bytes Paddle's tensors have come to their peak from here."""
    from paddle.base import core

    core.host_memory_stat_reset_peak_value("Allocated", 0)
    before = core.host_memory_stat_current_value("Allocated", 0)
    return lambda: core.host_memory_stat_peak_value("Allocated", 0) - before


def work(name: str, number: int, part: int) -> None:
    """Print the peak memory of one call beyond what was there before it, in MiB."""
    for call in TINY[name]():
        call()
    case = CASES[number]
    call = (case.ours if name == "nndl" else case.paddles)()[part]
    gc.collect()
    own_count = (lambda: 0) if name == "nndl" else paddles_own_count()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak starts anew from here
    before = status("VmRSS")
    result = call()  # kept: the output counts
    print(max(status("VmHWM") - before, own_count()) / MIB)
    del result


def measure(*arguments: object) -> float:
    """Return what a process of its own prints."""
    threads = {f"{lib}_NUM_THREADS": "1" for lib in ("OPENBLAS", "OMP", "MKL")}
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, __file__, "--work", *map(str, arguments)]
    return float(subprocess.run(command, env=environment, check=True, stdout=-1).stdout)


def main() -> None:
    """Print a table for each part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        name, number, part = options.work
        work(name, int(number), int(part))
        return
    for part, title in enumerate(PARTS):
        print(f"\n{title}: MiB, and nndl : Paddle; the goal of a convolution is {GOAL}")
        for number, case in enumerate(CASES):
            ours, theirs = (measure(name, number, part) for name in TINY)
            missed = " !" if case in convolution.CASES and ours > GOAL * theirs else ""
            print(f"{case.title:<44}{ours:8.2f}{theirs:8.2f} ({ours / theirs:.2f}){missed}")


if __name__ == "__main__":
    main()
